"""What came of the mutants, as a page of the documentation."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from equivalents import Equivalent
from mutants import Mutant

INTRODUCTION = """\
<!-- Written by mutation/measure.py from what it measured. Run `make mutation` to measure again. -->

# Mutation testing

Coverage tells which lines the tests run. Whether they would notice a mistake in these lines is another question, and
this page answers it for the core, `cdk_lmi.rules`: the engine, the facts, the numbers and every rule. Each mutant is
the core with one thing changed: a comparison turned round, a number one higher, a condition negated, a decorator
gone. A mutant is **killed** when a test of the core fails with it, and has **survived** when all pass.

The mutants are all that the operators of [cosmic-ray](https://cosmic-ray.readthedocs.io) make, but for those in type
annotations, which nothing evaluates. The tests are those in `tests/rules` that define nothing with CDK: no mutant
reaches Node.
"""
_CELL = str.maketrans({"|": "\\|"})


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant."""

    mutant: Mutant
    survived: bool
    #: Why it had to survive; ``None`` where nobody says that it had to.
    equivalent: Equivalent | None = None


def page(outcomes: Sequence[Outcome], every: int = 1) -> str:
    """Write the page, of all mutants or of every Nth."""
    survivors = [outcome for outcome in outcomes if outcome.survived]
    unexplained = [outcome for outcome in survivors if outcome.equivalent is None]
    killed = len(outcomes) - len(survivors)
    sample = f" (one in every {every}, a sample)" if every > 1 else ""
    paragraphs = [
        INTRODUCTION,
        f"**{_share(killed, len(outcomes))} of {len(outcomes)} mutants{sample} are killed**: "
        f"{len(survivors)} survive, {len(survivors) - len(unexplained)} of them because they change nothing that could "
        f"be seen. Measured on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d} with cosmic-ray "
        f"{version('cosmic-ray')} on Python {platform.python_version()}.\n",
        "\n".join(_modules(outcomes)) + "\n",
        "## What survives\n",
        "\n".join(_survivors(unexplained)) + "\n" if unexplained else "Nothing but what follows.\n",
        "## What changes nothing\n",
        "\n".join(_equivalents(survivors)) + "\n" if len(survivors) > len(unexplained) else "Nothing that survives.\n",
    ]
    return "\n".join(paragraphs)


def _modules(outcomes: Iterable[Outcome]) -> Iterable[str]:
    by_module: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_module.setdefault(outcome.mutant.module, []).append(outcome)
    yield "| Module | Mutants | Killed | Change nothing | Survive otherwise |"
    yield "| --- | --: | --: | --: | --: |"
    for module, of_module in sorted(by_module.items()):
        killed = sum(not outcome.survived for outcome in of_module)
        equivalent = sum(outcome.survived and outcome.equivalent is not None for outcome in of_module)
        yield (
            f"| `{module}` | {len(of_module)} | {killed} ({_share(killed, len(of_module))}) "
            f"| {equivalent} | {len(of_module) - killed - equivalent} |"
        )


def _survivors(outcomes: Iterable[Outcome]) -> Iterable[str]:
    yield "| Where | As it is | As the mutant has it |"
    yield "| --- | --- | --- |"
    for outcome in outcomes:
        before, after = outcome.mutant.change()
        yield f"| `{outcome.mutant.module}.{outcome.mutant.definition}` | {_code(before)} | {_code(after)} |"


def _equivalents(outcomes: Iterable[Outcome]) -> Iterable[str]:
    counts: dict[Equivalent, int] = {}
    for outcome in outcomes:
        if outcome.equivalent is not None:
            counts[outcome.equivalent] = counts.get(outcome.equivalent, 0) + 1
    yield "| Module | As it is | As the mutant has it | Mutants | Why nobody could tell |"
    yield "| --- | --- | --- | --: | --- |"
    for known, count in counts.items():
        yield (
            f"| `{known.module}` | {_code(known.before)} | {_code(known.after)} | {count} "
            f"| {known.reason.translate(_CELL)} |"
        )


def _share(part: int, whole: int) -> str:
    """Give a share in per cent, rounded down: 100 % is all of them."""
    return f"{1000 * part // whole / 10:.1f} %"


def _code(text: str) -> str:
    return f"``{text.translate(_CELL)}``" if "`" in text else f"`{text.translate(_CELL)}`"
