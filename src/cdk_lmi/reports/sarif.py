"""What an inspection found, as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/, read 2026-11-24."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..documents.source import Position
from ..inspection import Inspection, Result
from ..rules.catalogue import RULES
from ..rules.engine import Rule
from .json import dumped
from .printable import printable, relative, unread_problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RULE_INDEX = {rule.id: index for index, rule in enumerate(RULES)}
# GitHub makes its own beside it, from the text around the line, and warns of any other under the name of its own.
_FINGERPRINT = "cdkLmi/v1"


def report(inspection: Inspection, version: str, **_: object) -> str:
    """Report for code scanning: a log with one run.

    Args:
        inspection: What was found, acknowledged or not; what was acknowledged is suppressed.
        version: Of this package.
    """
    return dumped(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "cdk-lmi",
                            "version": version,
                            "semanticVersion": version,
                            "rules": [_rule(rule) for rule in RULES],
                        }
                    },
                    "invocations": [
                        {
                            "executionSuccessful": not inspection.unreadable,
                            "exitCode": inspection.exit_code,
                            "toolExecutionNotifications": list(_notifications(inspection)),
                        }
                    ],
                    "columnKind": "unicodeCodePoints",
                    "results": list(_results(inspection)),
                }
            ],
        }
    )


def _rule(rule: Rule) -> Mapping[str, Any]:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.slug.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": " ".join(rule.why.split())},
        "help": {
            "text": f"{rule.why}\n\nSee {rule.source}",
            "markdown": f"{rule.why}\n\n[{rule.source}]({rule.source})",
        },
        "helpUri": rule.source,
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _results(inspection: Inspection) -> Iterator[Mapping[str, Any]]:
    told: dict[str, int] = {}
    for template in inspection.templates:
        for result in template.results:
            fingerprint = _fingerprint(template.path, result)
            told[fingerprint] = told.get(fingerprint, 0) + 1
            yield _result(template.path, result, f"{fingerprint}:{told[fingerprint]}")


def _result(path: str, result: Result, fingerprint: str) -> Mapping[str, Any]:
    violation = result.violation
    return {
        "ruleId": violation.id,
        "ruleIndex": _RULE_INDEX[violation.id],
        "level": violation.severity.value,
        "message": {"text": printable(f"{violation.message}; fix: {violation.fix}")},
        "locations": [
            {
                "physicalLocation": _physical_location(path, result.position),
                "logicalLocations": list(_logical_locations(result)),
            }
        ],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
        "suppressions": [
            {"kind": "external", "status": "accepted", "justification": printable(reason)}
            for reason in [result.acknowledged]
            if reason is not None
        ],
    }


def _fingerprint(path: str, result: Result) -> str:
    """Give what stays the same when the template is written anew: no line, and no id of a version, which has a hash."""
    violation = result.violation
    parts = (violation.id, relative(path), violation.resource, *violation.fields)
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _logical_locations(result: Result) -> Iterator[Mapping[str, Any]]:
    yield {"name": printable(result.violation.resource), "kind": "resource"}
    if result.construct_path:
        path = printable(result.construct_path)
        yield {"name": path.rpartition("/")[2], "fullyQualifiedName": path, "kind": "module"}


def _physical_location(path: str, position: Position | None) -> Mapping[str, Any]:
    region = {"region": {"startLine": position.line, "startColumn": position.column}} if position else {}
    return {"artifactLocation": _artifact_location(path), **region}


def _artifact_location(path: str) -> Mapping[str, Any]:
    name = relative(path)
    if Path(path).is_absolute() and name == path.replace(os.sep, "/"):
        return {"uri": Path(path).as_uri()}
    return {"uri": quote(os.fsencode(name)), "uriBaseId": "%SRCROOT%"}


def _notifications(inspection: Inspection) -> Iterator[Mapping[str, Any]]:
    for error in inspection.unreadable:
        yield _notification("error", printable(error.problem), error.path or "", error.position)
    for template in inspection.templates:
        for part in template.unread:
            yield _notification("warning", unread_problem(part.name), template.path, part.position)


def _notification(level: str, text: str, path: str, position: Position | None) -> Mapping[str, Any]:
    return {
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": _physical_location(path, position)}],
    }
