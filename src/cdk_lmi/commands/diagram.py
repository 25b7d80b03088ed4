"""``cdk-lmi diagram``: draws the resources in templates as a Mermaid flowchart."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..terminal import CLEAN, UNUSABLE, Command, Done, WrongUseError, progress, tell, write, write_file
from .template_paths import add_template_paths, path_argument

if TYPE_CHECKING:
    from ..diagram.drawing import Subject
    from ..documents.assembly import AssembledTemplate
    from ..documents.source import UnreadableError

    Drawn = Sequence[tuple[Subject, Collection[str]]]

_EPILOG = """examples:
  cdk-lmi diagram cdk.out                            every function on Managed Instances, in every stack
  cdk-lmi diagram cdk.out --stack Shop --function ListOrders
  cdk-lmi diagram template.yaml --output shop.mmd    for mermaid-cli, or a mermaid block in Markdown

Red dashed arrows lead to what cannot be reached. Each names the rule that says why: cdk-lmi explain LMI502. Dotted
arrows depend on something that the template does not state.

exit codes:
  0  drawn
  2  incorrect usage, nothing to draw, or unreadable input
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
        help="draw only this stack, named after its template (may be given several times)",
    )
    parser.add_argument(
        "--function",
        action="append",
        default=[],
        metavar="NAME",
        help="draw only this function: its logical id, its name, or its construct path, whole or from the stack on "
        "(may be given several times)",
    )
    parser.add_argument(
        "--output", type=path_argument, metavar="FILE", help="write the diagram to this file instead of standard output"
    )


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
            f"the diagram has {len(picture.arrows)} arrows and {len(written)} characters, but Mermaid draws at most "
            f"{MOST_ARROWS} arrows and {MOST_CHARACTERS} characters; select a part with --stack or --function"
        )
    for note in picture.notes:
        tell(note)
    if arguments.output:
        write_file(arguments.output, written)
        written = ""
    return Done(written, UNUSABLE if unreadable else CLEAN)


def _read(paths: Iterable[str], watch: Callable[[int], None]) -> tuple[Sequence[Subject], Sequence[UnreadableError]]:
    """Read the templates. Also return the errors of those that cannot be read."""
    from ..diagram.drawing import Subject
    from ..documents.source import UnreadableError
    from ..inspection import read_templates, unread_parts
    from ..reports.printable import printable, shown
    from ..template.intrinsics import Template

    subjects: list[Subject] = []
    unreadable: list[UnreadableError] = []
    for found in read_templates(paths):
        if isinstance(found, UnreadableError):
            unreadable.append(found)
        else:
            template = Template(found.document.value)
            subjects.append(Subject(_title(found), template, found.constructs.paths, found.constructs.stack))
            watch(len(subjects))
            if unread := unread_parts(template):
                names = printable(", ".join(unread))
                tell(f"{printable(shown(found.path))}: not drawn: {names}; see cdk-lmi check")
    return subjects, unreadable


def _title(template: AssembledTemplate) -> str:
    """Return the name of the stack, taken from the name of its template."""
    name = Path(template.stack or template.path).name
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), "")
    return name.removesuffix(suffix) or name


def _chosen(subjects: Sequence[Subject], stacks: Sequence[str], functions: Sequence[str]) -> Drawn:
    """Return the selected functions; without a selection, all functions on Managed Instances.

    Raises:
        WrongUseError: Nothing matches the selection.
    """
    for stack in stacks:
        if stack not in (subject.title for subject in subjects):
            raise _no_stack(stack, [subject.title for subject in subjects])
    of_stacks = [subject for subject in subjects if not stacks or subject.title in stacks]
    chosen = _named(of_stacks, functions) if functions else [(subject, subject.functions) for subject in of_stacks]
    drawn = [(subject, ids) for subject, ids in chosen if ids or (not functions and subject.has_capacity_provider)]
    if not drawn:
        raise WrongUseError("there is nothing to draw: found no function on Managed Instances and no capacity provider")
    return drawn


def _named(subjects: Sequence[Subject], names: Sequence[str]) -> Drawn:
    """Return the functions that are called so.

    Raises:
        WrongUseError: There is none of a name.
    """
    from ..documents.functions import functions_called, hint_for, listed, named_functions
    from ..reports.printable import printable

    there = {
        each: subject
        for subject in subjects
        for each in named_functions(subject.template, subject.paths, subject.stack, subject.title)
    }
    functions = list(there)
    chosen: dict[Subject, list[str]] = {subject: [] for subject in subjects}
    for name in names:
        meant = functions_called(functions, name)
        if not meant:
            hint = hint_for(functions, name)
            raise WrongUseError(printable(f"there is no function {name!r} on Managed Instances; {hint}"))
        if len(meant) > 1:
            which = ", ".join(listed(meant, functions, name))
            tell(printable(f"{len(meant)} functions are named {name!r}, and all are drawn: {which}"))
        for each in meant:
            chosen[there[each]].append(each.id)
    return list(chosen.items())


def _no_stack(name: str, there: Sequence[str]) -> WrongUseError:
    """Return the error for an unknown stack, with those that exist."""
    from difflib import get_close_matches

    from ..reports.printable import printable

    near = get_close_matches(name, there, n=_MOST_NAMES) or there[:_MOST_NAMES]
    hint = f"; stacks: {', '.join(near)}" if near else ""
    more = ", …" if len(there) > len(near) else ""
    return WrongUseError(printable(f"there is no stack {name!r}{hint}{more}"))


COMMAND = Command("diagram", "draw the resources in templates as a Mermaid flowchart", _configure, _run)
