"""What an inspection found, as annotations of a GitHub workflow."""

from __future__ import annotations

from ..documents.source import Position
from ..inspection import Inspection, Result
from .printable import printable, printable_violation, relative, unread_problem


def report(inspection: Inspection, version: str, **_: object) -> str:
    """Report as GitHub's workflow commands, which become annotations of the files."""
    lines = [
        _command(result.violation.severity.value, template.path, result.position, _title(result), _body(result))
        for template in inspection.templates
        for result in template.results
        if result.acknowledged is None
    ]
    lines.extend(
        _command("warning", template.path, part.position, "cdk-lmi", unread_problem(part.name))
        for template in inspection.templates
        for part in template.unread
    )
    lines.extend(
        _command("error", error.path or "", error.position, "cdk-lmi", printable(error.problem))
        for error in inspection.unreadable
    )
    return "".join(f"{line}\n" for line in lines)


def _title(result: Result) -> str:
    return f"{result.violation.id} {printable(result.violation.resource)}"


def _body(result: Result) -> str:
    violation = printable_violation(result.violation)
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
