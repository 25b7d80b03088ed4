"""What an inspection found, for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..inspection import Inspection, Result
from ..rules.engine import Severity
from .printable import printable, printable_violation, shown

#: Of the JSON report. It grows when a field is renamed, removed, or comes to mean something else.
JSON_VERSION = 1


def report(inspection: Inspection, version: str, **_: object) -> str:
    """Report for programs: one object.

    ``version`` is that of this structure. ``templates`` has each template with its ``path`` and its ``results``, and of
    each result the fields of a ``Violation``, ``line``, ``column``, ``construct_path`` (or null) and ``acknowledged``,
    which is the reason, or null. ``unread`` of a template has what was not checked, since CloudFormation expands it at
    deployment: ``name``, ``line`` and ``column``. ``unreadable`` has ``path``, ``message``, and ``line`` and ``column``
    (or null).
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
                "checked_in_part": inspection.read_in_part,
                "unreadable": len(inspection.unreadable),
            },
            "templates": [
                {
                    "path": printable(shown(template.path)),
                    "results": [_json_of(result) for result in template.results],
                    "unread": [
                        {
                            "name": printable(part.name),
                            "line": part.position.line,
                            "column": part.position.column,
                        }
                        for part in template.unread
                    ],
                }
                for template in inspection.templates
            ],
            "unreadable": [
                {
                    "path": printable(shown(error.path or "")),
                    "message": printable(error.problem),
                    "line": error.position.line if error.position else None,
                    "column": error.position.column if error.position else None,
                }
                for error in inspection.unreadable
            ],
        }
    )


def _json_of(result: Result) -> Mapping[str, Any]:
    violation = printable_violation(result.violation)
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


def dumped(value: object) -> str:
    """Write JSON for whoever reads it, in ASCII only."""
    return json.dumps(value, indent=2) + "\n"
