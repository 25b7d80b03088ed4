"""That the README is true: its code runs, its error is the error, its numbers are the numbers."""

import json
import re
import traceback
from pathlib import Path
from typing import Any

import pytest

from cdk_lmi import ManagedInstanceError
from cdk_lmi.cli import main
from cdk_lmi.rules import limits

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, flags=re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]


@pytest.fixture
def handler(tmp_path, monkeypatch):
    """Stand in a folder with the handler that the README has."""
    (tmp_path / "index.py").write_text("def handler(event, context): return 'hello'", encoding="utf-8")
    (tmp_path / "event.json").write_text('{"name": "Ada"}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_the_code_runs_and_the_error_is_the_one_shown(handler):
    """All that define something, as somebody would type them; the last is refused in the words of the README."""
    sound = [block for block in PYTHON if "check_template" not in block and "2096" not in block]
    (refused,) = (block for block in PYTHON if "2096" in block)
    names: dict[str, Any] = {}
    for block in sound:
        # Defining more after synthesis is not allowed, and each block is to stand for itself.
        exec(compile(block.replace("app.synth()\n", ""), "README.md", "exec"), names)
    with pytest.raises(ManagedInstanceError) as raised:
        exec(compile(refused, "README.md", "exec"), names)
    (shown,) = (text for language, text in BLOCKS if language == "" and "problems in" in text)
    assert "".join(traceback.format_exception_only(raised.type, raised.value)).strip() == shown.strip()
    names["app"].synth()


def test_templates_are_judged_as_shown(tmp_path, monkeypatch, capsys):
    """Each in cdk.out, with what is wrong and where."""
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "MemorySize": 1024,
            "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": "arn"}},
        },
    }
    (tmp_path / "cdk.out").mkdir()
    (tmp_path / "cdk.out" / "Shop.template.json").write_text(json.dumps({"Resources": {"Orders": function}}))
    monkeypatch.chdir(tmp_path)
    (block,) = (block for block in PYTHON if "check_template" in block)
    exec(compile(block, "README.md", "exec"), {})
    assert "Shop.template.json Orders LMI101" in capsys.readouterr().out


def test_the_commands_are_as_shown(handler, tmp_path, capsys):
    """Each call of the command, on files of the names that are shown."""
    template = json.dumps({"Resources": {}})
    (tmp_path / "template.json").write_text(template, encoding="utf-8")
    names: dict[str, Any] = {}
    # Node is where it was started, whatever the working directory is here.
    app = f"cdk.App(outdir={str(tmp_path / 'cdk.out')!r})"
    exec(compile(PYTHON[0].replace("cdk.App()", app), "README.md", "exec"), names)
    calls = [
        call.split("#")[0].split()[1:]
        for language, text in BLOCKS
        for line in text.splitlines()
        for call in line.split("&&")
        if language == "sh" and call.strip().startswith("cdk-lmi ")
    ]
    assert {call[0] for call in calls} == {"check", "diagram", "explain", "fit", "size"}
    for call in calls:
        assert main(call) == 0, capsys.readouterr()


def test_the_smallest_example_is_whole():
    """It synthesises by itself."""
    exec(compile(PYTHON[0], "README.md", "exec"), {})


@pytest.mark.parametrize(
    ("keyword", "numbers"),
    [
        ("memory_size", (limits.MEMORY_SIZE_MIN, limits.MEMORY_SIZE_MAX)),
        ("execution_environment_memory_gib_per_v_cpu", limits.MEMORY_GIB_PER_V_CPU),
        (
            "per_execution_environment_max_concurrency",
            (limits.MAX_CONCURRENCY_MIN, limits.MAX_CONCURRENCY_MAX, limits.MAX_CONCURRENCY_PER_V_CPU),
        ),
        (
            "min_execution_environments",
            (
                limits.EXECUTION_ENVIRONMENTS_MIN,
                limits.EXECUTION_ENVIRONMENTS_MAX,
                limits.MIN_EXECUTION_ENVIRONMENTS_DEFAULT,
            ),
        ),
        ("max_execution_environments", (limits.EXECUTION_ENVIRONMENTS_MIN, limits.EXECUTION_ENVIRONMENTS_MAX)),
        (
            "max_v_cpu_count",
            (limits.MAX_V_CPU_COUNT_MIN, limits.MAX_V_CPU_COUNT_MAX, limits.MAX_V_CPU_COUNT_DEFAULT),
        ),
        ("max_azs", (limits.AVAILABILITY_ZONES_RESILIENT, limits.AVAILABILITY_ZONES_DEFAULT)),
    ],
)
def test_the_knobs_have_the_limits_that_the_rules_have(keyword, numbers):
    """Each of the seven stands in the table, with the numbers of limits.py."""
    (row,) = (line for line in README.splitlines() if line.startswith(f"| `{keyword}`"))
    assert {int(number) for number in numbers} <= {int(number) for number in re.findall(r"\d+", row)}
