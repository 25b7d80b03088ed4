"""What an inspection found, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..documents.source import UnreadableError
from ..inspection import InspectedTemplate, Inspection, Result
from ..rules.engine import Severity
from .printable import printable, printable_violation, shown, unread_problem

_COLOURS = {"error": "31", "warning": "33", "path": "1", "acknowledged": "2", "clean": "32"}


def report(inspection: Inspection, version: str, *, colour: bool = False) -> str:
    """Report for people: what is to be fixed, by template, then how much it is."""
    paint = _paint if colour else _plain
    blocks = []
    for template in inspection.templates:
        open_results = [result for result in template.results if result.acknowledged is None]
        if open_results:
            lines = [paint("path", printable(shown(template.path)))]
            lines.extend(line for result in open_results for line in _text_of(result, paint))
            blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, summary(inspection, colour=colour)]) + "\n"


def _text_of(result: Result, paint: Callable[[str, str], str]) -> Iterable[str]:
    violation = printable_violation(result.violation)
    construct = f" ({printable(result.construct_path)})" if result.construct_path else ""
    yield f"  {result.position.line}:{result.position.column} {violation.resource}{construct}"
    first, *others = str(violation).splitlines()
    yield f"    {paint(violation.severity.value, violation.id)}{first.removeprefix(violation.id)}"
    yield from (f"    {line}" for line in others)


def summary(inspection: Inspection, *, colour: bool = False) -> str:
    """Tell in one line how much was found."""
    paint = _paint if colour else _plain
    errors, warnings = inspection.count(Severity.ERROR), inspection.count(Severity.WARNING)
    counts = [
        paint("error" if errors else "clean", _counted(errors, "error")),
        paint("warning" if warnings else "clean", _counted(warnings, "warning")),
        f"{inspection.acknowledged} acknowledged",
        *([f"{inspection.ignored} ignored"] if inspection.ignored else []),
    ]
    in_part = f", {inspection.read_in_part} checked in part" if inspection.read_in_part else ""
    unreadable = f", {len(inspection.unreadable)} not readable" if inspection.unreadable else ""
    return f"{', '.join(counts)} in {_counted(len(inspection.templates), 'template')}{in_part}{unreadable}"


def unreadable_line(error: UnreadableError) -> str:
    """Tell in one line what could not be read."""
    return f"cdk-lmi: {printable(shown(error.path or ''))}: {printable(str(error))}"


def lookups_line(directory: str, kinds: Iterable[str]) -> str:
    """Tell in one line that the values of an assembly are not all those that will be deployed."""
    return (
        f"cdk-lmi: {printable(shown(directory))}: lookups were not made ({printable(', '.join(kinds))}), so CDK put "
        "placeholders in the place of their values: run cdk synth with credentials for the account, then check again"
    )


def unread_line(template: InspectedTemplate) -> str:
    """Tell in one line what of a template was not checked."""
    problem = unread_problem(*(part.name for part in template.unread))
    return f"cdk-lmi: {printable(shown(template.path))}: {problem}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _plain(kind: str, text: str) -> str:
    return text


def _paint(kind: str, text: str) -> str:
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m"
