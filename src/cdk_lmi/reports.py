"""What an inspection found, for people, for programs and for GitHub's annotations.

Names in templates are anybody's. None of them reaches a terminal or a report with characters that do something.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from .documents import STANDARD_INPUT
from .inspection import Inspection, Result
from .rules.engine import Severity, Violation
from .source import Position, UnreadableError

#: Of the JSON report. It grows when a field is renamed, removed, or comes to mean something else.
JSON_VERSION = 1

# Control characters, lone surrogates, marks that change the direction of text, and line breaks of Unicode.
_ACTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_COLOURS = {"error": "31", "warning": "33", "path": "1", "acknowledged": "2", "clean": "32"}


def printable(text: str) -> str:
    """Give the text with each character that does something instead of showing something spelled out."""
    return _ACTIVE.sub(lambda match: match[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)


def text(inspection: Inspection, version: str, *, colour: bool = False) -> str:
    """Report for people: what is to be mended, by template, then how much it is."""
    paint = _paint if colour else _plain
    blocks = []
    for template in inspection.templates:
        open_results = [result for result in template.results if result.acknowledged is None]
        if open_results:
            lines = [paint("path", printable(_shown(template.path)))]
            lines.extend(line for result in open_results for line in _text_of(result, paint))
            blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, _summary(inspection, paint)]) + "\n"


def _text_of(result: Result, paint: Callable[[str, str], str]) -> Iterable[str]:
    violation = _made_printable(result.violation)
    construct = f" ({printable(result.construct_path)})" if result.construct_path else ""
    yield f"  {result.position.line}:{result.position.column} {violation.resource}{construct}"
    first, *others = str(violation).splitlines()
    yield f"    {paint(violation.severity.value, violation.id)}{first.removeprefix(violation.id)}"
    yield from (f"    {line}" for line in others)


def _summary(inspection: Inspection, paint: Callable[[str, str], str]) -> str:
    errors, warnings = inspection.count(Severity.ERROR), inspection.count(Severity.WARNING)
    counts = [
        paint("error" if errors else "clean", _counted(errors, "error")),
        paint("warning" if warnings else "clean", _counted(warnings, "warning")),
        f"{inspection.acknowledged} acknowledged",
        *([f"{inspection.ignored} ignored"] if inspection.ignored else []),
    ]
    unread = f", {len(inspection.unreadable)} not readable" if inspection.unreadable else ""
    return f"{', '.join(counts)} in {_counted(len(inspection.templates), 'template')}{unread}"


def json(inspection: Inspection, version: str) -> str:
    """Report for programs: one object.

    ``version`` is that of this structure. ``templates`` has each template with its ``path`` and its ``results``, and of
    each result the fields of a ``Violation``, ``line``, ``column``, ``construct_path`` (or null) and ``acknowledged``,
    which is the reason, or null. ``unreadable`` has ``path``, ``message``, and ``line`` and ``column`` (or null).
    ``summary`` counts.
    """
    return dumped(
        {
            "version": JSON_VERSION,
            "tool": {"name": "cdk-lmi", "version": version},
            "summary": {
                "templates": len(inspection.templates),
                "errors": inspection.count(Severity.ERROR),
                "warnings": inspection.count(Severity.WARNING),
                "acknowledged": inspection.acknowledged,
                "ignored": inspection.ignored,
                "unreadable": len(inspection.unreadable),
            },
            "templates": [
                {
                    "path": printable(_shown(template.path)),
                    "results": [_json_of(result) for result in template.results],
                }
                for template in inspection.templates
            ],
            "unreadable": [
                {
                    "path": printable(_shown(error.path or "")),
                    "message": printable(error.problem),
                    "line": error.position.line if error.position else None,
                    "column": error.position.column if error.position else None,
                }
                for error in inspection.unreadable
            ],
        }
    )


def _json_of(result: Result) -> Mapping[str, Any]:
    violation = _made_printable(result.violation)
    return {
        "id": violation.id,
        "severity": violation.severity.value,
        "resource": violation.resource,
        "construct_path": printable(result.construct_path) if result.construct_path else None,
        "line": result.position.line,
        "column": result.position.column,
        "fields": list(violation.fields),
        "locations": list(violation.locations),
        "message": violation.message,
        "fix": violation.fix,
        "source": violation.source,
        "acknowledged": None if result.acknowledged is None else printable(result.acknowledged),
    }


def github(inspection: Inspection, version: str) -> str:
    """Report as GitHub's workflow commands, which become annotations of the files."""
    lines = [
        _command(result.violation.severity.value, template.path, result.position, _title(result), _body(result))
        for template in inspection.templates
        for result in template.results
        if result.acknowledged is None
    ]
    lines.extend(
        _command("error", error.path or "", error.position, "cdk-lmi", printable(error.problem))
        for error in inspection.unreadable
    )
    return "".join(f"{line}\n" for line in lines)


def _title(result: Result) -> str:
    return f"{result.violation.id} {printable(result.violation.resource)}"


def _body(result: Result) -> str:
    violation = _made_printable(result.violation)
    return f"{violation.message}\nfix: {violation.fix}\nsee: {violation.source}"


def _command(level: str, path: str, position: Position | None, title: str, message: str) -> str:
    """Write one command, escaped as GitHub's own toolkit does.

    See https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts, read 2026-11-24.
    """
    properties = {
        "file": printable(relative(path)),
        **({"line": str(position.line), "col": str(position.column)} if position else {}),
        "title": title,
    }
    written = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
    return f"::{level} {written}::{_escaped(message)}"


def _escaped(value: str, more: str = "") -> str:
    for character in f"%\r\n{more}":
        value = value.replace(character, f"%{ord(character):02X}")
    return value


def relative(path: str) -> str:
    """Give a path from the working directory on, where it is below it; with slashes."""
    if path == STANDARD_INPUT:
        return "stdin"
    try:
        below = os.path.relpath(path)
    except ValueError:  # on another drive
        below = os.pardir
    return (path if below.startswith(os.pardir) else below).replace(os.sep, "/")


def unreadable_line(error: UnreadableError) -> str:
    """Tell in one line what could not be read."""
    return f"cdk-lmi: {printable(_shown(error.path or ''))}: {printable(str(error))}"


def _made_printable(violation: Violation) -> Violation:
    return replace(
        violation,
        resource=printable(violation.resource),
        message=printable(violation.message),
        fix=printable(violation.fix),
        fields=tuple(map(printable, violation.fields)),
        locations=tuple(map(printable, violation.locations)),
    )


def _shown(path: str) -> str:
    return "standard input" if path == STANDARD_INPUT else path


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _plain(kind: str, text: str) -> str:
    return text


def _paint(kind: str, text: str) -> str:
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m"


def dumped(value: object) -> str:
    """Write JSON for whoever reads it, in ASCII only."""
    from json import dumps

    return dumps(value, indent=2) + "\n"
