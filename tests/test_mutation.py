"""That the mutation testing of the core works: it finds what is changed, and tells what survives."""

import subprocess
import sys
from pathlib import Path

import pytest

MUTATION = Path(__file__).parent.parent / "mutation"


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Its modules stand beside each other, as those of a command do."""
    sys.path.insert(0, str(MUTATION))
    yield
    sys.path.remove(str(MUTATION))


def measure(*arguments):
    return subprocess.run(
        [sys.executable, MUTATION / "measure.py", *arguments], capture_output=True, text=True, check=False
    )


def mutants_of(source, tmp_path):
    from mutants import mutants

    path = tmp_path / "kettle.py"
    path.write_text(source, encoding="utf-8")
    return list(mutants("kettle", path))


def test_makes_mutants_of_what_is_executed(tmp_path):
    """Each with one line changed."""
    changes = {mutant.change() for mutant in mutants_of("def boil(heat):\n    return heat > 99\n", tmp_path)}
    assert ("return heat > 99", "return heat >= 99") in changes
    assert ("return heat > 99", "return heat > 100") in changes
    assert all(before == "return heat > 99" != after for before, after in changes)


def test_leaves_annotations_alone(tmp_path):
    """Nothing evaluates them."""
    assert mutants_of("heat: int | None\ndef boil(heat: int | None) -> str | None: ...\n", tmp_path) == []


def test_whoever_goes_on_writing_disturbs_nothing(tmp_path):
    """A mutant is one of the module as it was when the mutants were made."""
    mutants = mutants_of("heat = 1 + 2\n", tmp_path)
    mutants[0].path.write_text("heat = 1\n", encoding="utf-8")
    assert all(mutant.source() != "heat = 1 + 2\n" for mutant in mutants)


def test_tests_of_the_core_kill_mutants():
    """The command tries some of one module, and writes no page of a part."""
    page = MUTATION.parent / "docs" / "mutation.md"
    before = page.exists() and page.read_bytes()
    done = measure("instances", "--every", "50")
    assert done.returncode == 0, done.stderr
    assert "**100.0 % of " in done.stdout
    assert "| `cdk_lmi.rules.instances` |" in done.stdout
    assert (page.exists() and page.read_bytes()) == before


def test_a_mutant_that_nobody_notices_survives():
    """So that a score of 100 % would be one: here a change of which it is known that it changes nothing."""
    from equivalents import EQUIVALENTS
    from mutants import mutants
    from trial import survives

    known = next(each for each in EQUIVALENTS if each.module == "instance_types")
    path = MUTATION.parent / "src" / "cdk_lmi" / "rules" / "instance_types.py"
    (mutant,) = (
        mutant for mutant in mutants("cdk_lmi.rules.instance_types", path) if known.after in mutant.change()[1]
    )
    assert survives(mutant)


def test_the_page_counts(tmp_path):
    """What is killed, what survives, and what of that has a reason."""
    from equivalents import Equivalent
    from page import Outcome, page

    one, two, three, *_ = mutants_of("def boil(heat):\n    return heat > 99\n", tmp_path)
    known = Equivalent("kettle", "heat > 99", "heat > 100", "water | boils")
    text = page([Outcome(one, survived=False), Outcome(two, survived=True), Outcome(three, True, known)])
    assert "**33.3 % of 3 mutants are killed**: 2 survive, 1 of them" in text
    assert "| `kettle` | 3 | 1 (33.3 %) | 1 | 1 |" in text
    assert f"| `kettle.boil` | `{two.change()[0]}` | `{two.change()[1]}` |" in text
    assert "water \\| boils" in text


@pytest.mark.parametrize("arguments", [["kettle"], ["instances", "--every", "0"]])
def test_wrong_use_is_told(arguments):
    """And nothing is measured."""
    done = measure(*arguments)
    assert done.returncode == 2
    assert arguments[-1] in done.stderr
    assert "Traceback" not in done.stderr
