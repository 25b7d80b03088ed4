"""Mutation testing of the core: whether its tests notice when something in it is changed.

``python mutation/measure.py`` takes a quarter of an hour on two idle cores, tells what survives while it goes, and
writes ``docs/mutation.md``. It changes no file of the package: each mutant lives in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from equivalents import EQUIVALENTS, Equivalent
from mutants import Mutant, mutants
from page import Outcome, page
from trial import survives

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = "cdk_lmi.rules"
CORE: Final = ROOT / "src" / "cdk_lmi" / "rules"
PAGE: Final = ROOT / "docs" / "mutation.md"


def main() -> int:
    """Run the command; 1 where what is said to change nothing does change something."""
    arguments = _arguments()
    if not survives(None):
        sys.exit("The tests of the core fail as it is. What do they say? pytest tests/rules")
    found = [mutant for module in arguments.modules or _modules() for mutant in _of(module)][:: arguments.every]
    outcomes = list(_progress(_outcomes(found, arguments.jobs), len(found)))
    if not survives(None):
        sys.exit("The tests of the core passed and now fail, with nothing changed: what was measured tells nothing.")
    text = page(outcomes, arguments.every)
    if arguments.modules:
        # Of a part of the core, no page is written.
        print(text)
        return 0
    PAGE.write_text(text, encoding="utf-8")
    # A sample need not have met all of which something is said.
    return _complain(outcomes) if arguments.every == 1 else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="modules of the core, such as sizing (default: all)")
    parser.add_argument("--every", type=_count, default=1, metavar="N", help="try every Nth mutant only (default: 1)")
    parser.add_argument(
        "--jobs",
        type=_count,
        default=os.cpu_count(),
        metavar="N",
        help="how many to try at once (default: one per core)",
    )
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.modules) - set(_modules())):
        parser.error(f"no module of the core: {', '.join(unknown)}. There are {', '.join(_modules())}")
    return arguments


def _count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return int(text)


def _modules() -> list[str]:
    return sorted(path.stem for path in CORE.glob("*.py"))


def _of(module: str) -> Iterator[Mutant]:
    name = PACKAGE if module == "__init__" else f"{PACKAGE}.{module}"
    return mutants(name, CORE / f"{module}.py")


def _outcomes(found: Sequence[Mutant], jobs: int) -> Iterator[Outcome]:
    # Forked, so that each has loaded what the tests need and nothing of what is tested.
    # An interruption is for the one that started them, which ends them.
    ignore = (signal.SIGINT, signal.SIG_IGN)
    with multiprocessing.get_context("fork").Pool(jobs, signal.signal, ignore) as pool:
        for mutant, survived in zip(found, pool.imap(survives, found), strict=True):
            yield Outcome(mutant, survived, _equivalent(mutant))


def _equivalent(mutant: Mutant) -> Equivalent | None:
    before, after = mutant.change()
    matching = (
        known
        for known in EQUIVALENTS
        if mutant.module.endswith(f".{known.module}")
        and known.before in before
        and before.replace(known.before, known.after) == after
    )
    return next(matching, None)


def _progress(outcomes: Iterable[Outcome], total: int) -> Iterator[Outcome]:
    """Tell who waits how far it is, and what nobody expected to survive."""
    for count, outcome in enumerate(outcomes, start=1):
        if outcome.survived and outcome.equivalent is None:
            before, after = outcome.mutant.change()
            print(f"\r{outcome.mutant.module}: {before}\n  survives as: {after}", file=sys.stderr)
        if sys.stderr.isatty() or count % 100 == 0 or count == total:
            again = sys.stderr.isatty() and count < total
            print(f"\r{count} of {total} mutants", end="" if again else "\n", file=sys.stderr, flush=True)
        yield outcome


def _complain(outcomes: Iterable[Outcome]) -> int:
    """Name what is said to change nothing and was killed, or is no mutant any more."""
    surviving = {outcome.equivalent for outcome in outcomes if outcome.survived}
    killed = {outcome.equivalent for outcome in outcomes if not outcome.survived}
    wrong = [known for known in EQUIVALENTS if known in killed or known not in surviving]
    for known in wrong:
        print(f"mutation/equivalents.py is wrong about {known.module}: {known.before} → {known.after}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
