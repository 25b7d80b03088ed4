"""``cdk-lmi diagram``: draws what templates define, as a Mermaid flowchart."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..terminal import CLEAN, UNUSABLE, Command, Done, WrongUseError, progress, tell, write, write_file
from .template_paths import add_template_paths

if TYPE_CHECKING:
    from ..diagram.drawing import Subject
    from ..documents.assembly import AssembledTemplate
    from ..documents.source import UnreadableError

    Drawn = Sequence[tuple[Subject, Collection[str]]]

_EPILOG = """examples:
  cdk-lmi diagram cdk.out                            every function on Managed Instances, of every stack
  cdk-lmi diagram cdk.out --stack Shop --function ListOrders
  cdk-lmi diagram template.yaml --output shop.mmd    for mermaid-cli, or a block of Markdown called mermaid

Red and dashed is what cannot be reached, with the rule that says why: cdk-lmi explain LMI502. What the template does
not tell is dotted.

exit codes:
  0  drawn
  2  wrong use, nothing to draw, or input that cannot be read
"""
_SUFFIXES = (".template.json", ".json", ".yaml", ".yml", ".template")
_MOST_NAMES = 5


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    add_template_paths(parser)
    parser.add_argument(
        "--stack",
        action="append",
        default=[],
        metavar="NAME",
        help="draw this stack only, by the name of its template (may be given several times)",
    )
    parser.add_argument(
        "--function",
        action="append",
        default=[],
        metavar="NAME",
        help="draw this function only, by logical id, construct path or function name (may be given several times)",
    )
    parser.add_argument("--output", metavar="FILE", help="write the diagram to this file instead of standard output")


def _run(arguments: argparse.Namespace) -> Done:
    from ..diagram.drawing import draw
    from ..diagram.mermaid import MOST_ARROWS, MOST_CHARACTERS, flowchart
    from ..reports.text import unreadable_line

    with progress() as show:
        subjects, unreadable = _read(arguments.paths, lambda done: show(f"{done} templates read"))
        for error in unreadable:
            write(f"{unreadable_line(error)}\n", sys.stderr)
        if unreadable and not subjects:
            return Done("", UNUSABLE)
        picture = draw(_chosen(subjects, arguments.stack, arguments.function))
    written = flowchart(picture)
    if len(picture.arrows) > MOST_ARROWS or len(written) > MOST_CHARACTERS:
        raise WrongUseError(
            f"the diagram has {len(picture.arrows)} arrows in {len(written)} characters, and Mermaid draws "
            f"{MOST_ARROWS} in {MOST_CHARACTERS} at the most; choose with --stack or --function"
        )
    for note in picture.notes:
        tell(note)
    if arguments.output:
        write_file(arguments.output, written)
        written = ""
    return Done(written, UNUSABLE if unreadable else CLEAN)


def _read(paths: Iterable[str], watch: Callable[[int], None]) -> tuple[Sequence[Subject], Sequence[UnreadableError]]:
    """Read the templates, and why others cannot be read."""
    from ..diagram.drawing import Subject
    from ..documents.source import UnreadableError
    from ..inspection import is_untransformed, read_templates
    from ..reports.printable import printable, shown
    from ..template.intrinsics import Template

    subjects: list[Subject] = []
    unreadable: list[UnreadableError] = []
    for found in read_templates(paths):
        if isinstance(found, UnreadableError):
            unreadable.append(found)
        else:
            subjects.append(Subject(_title(found), Template(found.document.value), found.constructs.paths))
            watch(len(subjects))
            if is_untransformed(found):
                tell(f"{printable(shown(found.path))}: AWS::Serverless resources are not drawn, see cdk-lmi check")
    return subjects, unreadable


def _title(template: AssembledTemplate) -> str:
    """Give the name of the stack, by that of its template."""
    name = Path(template.stack or template.path).name
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), "")
    return name.removesuffix(suffix) or name


def _chosen(subjects: Sequence[Subject], stacks: Sequence[str], functions: Sequence[str]) -> Drawn:
    """Give what was asked for: all that is on Managed Instances where nothing in particular was.

    Raises:
        WrongUseError: There is none of it.
    """
    for stack in stacks:
        if stack not in (subject.title for subject in subjects):
            raise _none(f"stack {stack!r}", "stacks", [subject.title for subject in subjects])
    of_stacks = [subject for subject in subjects if not stacks or subject.title in stacks]
    there = {(subject, id) for subject in of_stacks for id in subject.functions}
    for function in functions:
        if not any(subject.is_called(id, function) for subject, id in there):
            names = sorted({subject.name(id) for subject, id in there})
            raise _none(f"function {function!r} on Managed Instances", "functions", names)
    chosen = [
        (
            subject,
            [id for id in subject.functions if not functions or any(map(partial(subject.is_called, id), functions))],
        )
        for subject in of_stacks
    ]
    drawn = [(subject, ids) for subject, ids in chosen if ids or (not functions and subject.has_capacity_provider)]
    if not drawn:
        raise WrongUseError("there is nothing to draw: no function on Managed Instances, and no capacity provider")
    return drawn


def _none(what: str, kind: str, there: Sequence[str]) -> WrongUseError:
    """Give the error for a name that nothing has, with those that there are."""
    from difflib import get_close_matches

    from ..reports.printable import printable

    name = what.partition("'")[2].rpartition("'")[0]
    near = get_close_matches(name, there, n=_MOST_NAMES) or there[:_MOST_NAMES]
    hint = f"; {kind}: {', '.join(map(printable, near))}" if near else ""
    more = ", …" if len(there) > len(near) else ""
    return WrongUseError(f"there is no {printable(what)}{hint}{more}")


COMMAND = Command("diagram", "draw what templates define, as a Mermaid flowchart", _configure, _run)
