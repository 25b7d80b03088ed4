"""The benchmarks still run, compare what is alike, and put what they find where it belongs."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

BENCH = Path(__file__).parent.parent / "bench"
SMALLEST = {
    "synthesis": ["--functions", "1", "--pairs", "1", "--processes", "1"],
    "importing": ["--processes", "1"],
    "inference": ["--services", "1", "--pairs", "1", "--processes", "1"],
    "checking": ["--runs", "1", "--many", "1", "--resources", "100"],
    "local": ["--turns", "1", "--events", "10"],
}


@pytest.fixture(autouse=True)
def _bench_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))


@pytest.fixture
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no processes to time what loads CDK, nor to synthesise the orders API: it takes seconds for each.

    One test does start one, and the orders API has tests of its own.
    """
    pairs, synthesis = import_module("pairs"), import_module("synthesis")

    def stand_in(way: Any, size: int) -> Any:
        return pairs.in_process(way, size)._replace(cpu=1.0)

    for name in ("synthesis", "inference"):
        monkeypatch.setattr(import_module(name), "in_process_of_its_own", stand_in)
    for name, attribute in (("peer", "in_process_of_its_own"), ("importing", "process")):
        monkeypatch.setattr(import_module(name), attribute, lambda *_, **__: pairs.Took(1.0, 1.0))

    def example(directory: Path) -> Path:
        directory.mkdir()
        file = directory / "Shop.template.json"
        file.write_text(json.dumps(pairs.template(synthesis.with_cdk_lmi, 1)), "utf-8")
        return file

    monkeypatch.setattr(import_module("checking"), "example", example)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return Path(shutil.copy(BENCH.parent / "docs" / "performance.md", tmp_path))


def section(page: Path, name: str) -> str:
    """Give what stands between the two marks."""
    found = _between(name).search(page.read_text("utf-8"))
    assert found
    return found[1]


def fill(page: Path, name: str, text: str) -> str:
    """Give the page with something else between the two marks."""
    whole = page.read_text("utf-8")
    found = _between(name).search(whole)
    assert found
    return whole[: found.start(1)] + text + whole[found.end(1) :]


def _between(name: str) -> re.Pattern[str]:
    return re.compile(rf"<!-- {name}: figures [^>]*-->(.*?)<!-- {name}: end -->", re.DOTALL)


@pytest.mark.usefixtures("_in_this_process")
@pytest.mark.parametrize("name", SMALLEST)
def test_benchmark_runs_and_writes_its_section_only(
    name: str, page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes onto the page is what is printed, with the machine and the versions."""
    if name == "local":
        monkeypatch.setattr(import_module("local"), "CONCURRENCIES", (1,))
    page.write_text(fill(page, name, "stale"), "utf-8")
    before = fill(page, name, "")
    assert import_module(name).main([*SMALLEST[name], "--json", "--write", str(page)]) == 0
    told = json.loads(capsys.readouterr().out)
    written = section(page, name)
    assert "stale" not in written
    assert told["machine"] in written
    assert all(f"{package} {number}" in written for package, number in told["versions"].items())
    for aim in told["aims"]:
        assert re.search(rf"\| {re.escape(aim['what'])} \|.*\| {'yes' if aim['met'] else '[*][*]no[*][*]'} \|", written)
    assert fill(page, name, "") == before


def test_a_process_of_its_own_is_timed_from_its_start_to_its_end() -> None:
    """It loads CDK and starts Node, and what that takes of the processors counts."""
    synthesis, pairs = import_module("synthesis"), import_module("pairs")
    took = pairs.in_process_of_its_own(synthesis.by_hand, 1)
    here = pairs.in_process(synthesis.by_hand, 1)
    assert took.wall > 2 * here.wall
    assert took.cpu > here.wall


def test_every_benchmark_has_its_section(page: Path) -> None:
    """No figures without a place, no place without figures."""
    benchmarks = {file.stem for file in BENCH.glob("*.py") if "def main(" in file.read_text("utf-8")}
    assert set(re.findall(r"<!-- (\w+): figures", page.read_text("utf-8"))) == benchmarks


def test_a_page_without_the_section_is_left_alone(tmp_path: Path) -> None:
    """Rather than figures in a wrong place, there is an error that says what is missing."""
    page = tmp_path / "page.md"
    page.write_text("words", "utf-8")
    with pytest.raises(SystemExit, match="synthesis"):
        import_module("figures").write(page, "synthesis", "figures")
    assert page.read_text("utf-8") == "words"


@pytest.mark.parametrize(
    ("measured", "bound", "at_least", "met"),
    [(1.1, 1.1, False, True), (1.11, 1.1, False, False), (10, 10, True, True), (9.9, 10, True, False)],
)
def test_an_aim_that_is_missed_is_told(measured: float, bound: float, at_least: bool, met: bool) -> None:
    aim = import_module("figures").Aim("it", measured, bound, at_least=at_least)
    assert aim.is_met is met
    assert aim.as_row()[-1] == ("yes" if met else "**no**")


def test_ways_that_define_something_else_are_not_compared(
    page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    synthesis = import_module("synthesis")
    by_hand: Callable[[cdk.Stack, int], None] = synthesis.by_hand

    def with_more(stack: cdk.Stack, functions: int) -> None:
        by_hand(stack, functions)
        sqs.Queue(stack, "Queue")

    monkeypatch.setattr(synthesis, "by_hand", with_more)
    in_python = import_module("pairs").template(by_hand, 1)
    monkeypatch.setattr(import_module("peer"), "template", lambda *_: in_python)
    before = page.read_text("utf-8")
    assert synthesis.main([*SMALLEST["synthesis"], "--write", str(page)]) == 1
    assert "AWS::SQS::Queue" in capsys.readouterr().err
    assert page.read_text("utf-8") == before


def test_what_is_inferred_and_added_by_hand_is_the_same_for_all_services() -> None:
    """A service for which no endpoint is added any more would stop the benchmark."""
    inference = import_module("inference")
    assert inference.differences(len(inference.GRANTS)) == []


def test_a_function_costs_three_calls_to_node_more_than_by_hand() -> None:
    """The construct itself, what checkov is to skip, and the managed policies of the role."""
    program = """
import synthesis
from crossings import crossings
further = [crossings(way, 3) - crossings(way, 2) for way in (synthesis.with_cdk_lmi, synthesis.by_hand)]
assert further[0] - further[1] <= 3, further
"""
    # In a process of its own, as the bench counts them: others' constructs may leave something to be asked for.
    import_module("pairs").process([sys.executable, "-c", program], directory=BENCH)


def test_importing_loads_nothing_that_only_constructs_need() -> None:
    """Neither CDK's modules in Node, by a call to them, nor what jsii checks types with, by a structure of CDK's."""
    program = """
import sys
import jsii._runtime, aws_cdk
from aws_cdk import aws_ec2, aws_iam, aws_kms, aws_lambda, aws_logs, aws_sqs
from crossings import counting
import cdk_lmi
with counting() as calls:
    cdk_lmi.ManagedInstanceFunction, cdk_lmi.ManagedInstanceCapacityProvider, cdk_lmi.ManagedInstanceNetwork
assert not calls, calls
assert "typeguard" not in sys.modules
"""
    import_module("pairs").process([sys.executable, "-c", program], directory=BENCH)


def test_figures_of_the_orders_api_are_laid_out() -> None:
    """It takes an emulator and minutes to measure them; these are made up."""
    bench: Any = import_module("orders_api")
    ways: Sequence[str] = list(bench.WAYS)
    rows = [bench.Row(way, clients, bench.Load(1.0, 2.0, 3.0, 4.0)) for way in ways for clients in bench.CLIENTS]
    processes = [bench.Process(way, 10.0, 9.0, 1.0, 2.0) for way in ways]
    assert [len(table.rows) for table in bench.tables(rows, processes)] == [len(rows), len(processes), len(ways) - 1]
    assert [aim.is_met for aim in bench.aims(bench.ratios(rows, processes)["peer"])] == [False] * 4
