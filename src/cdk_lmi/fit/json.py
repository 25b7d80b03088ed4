"""The JSON report of a fit, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..reports.json import dumped
from ..reports.printable import printable
from .choice import Recommendation, Size
from .explanation import assumptions, reasons
from .measurement import Exhausted, Measurement, Outcome
from .outcome import Fit, Verdict

#: The version of the JSON report. It increases when a field is renamed or removed, or changes its meaning.
JSON_VERSION = 1


def report(fit: Fit, version: str) -> str:
    """Report for programs: one object, in which names end with their unit.

    ``version`` is that of this structure. ``outcomes`` has, by concurrency, the fields of a ``Measurement`` with
    ``holds_in``, its smallest size or null; or those of an ``Exhausted``, with ``memory_size``. ``declared`` is what
    was asked of a template, or null, with an outcome of its own. ``recommendation`` is the size with its reasons, or
    null.
    """
    return dumped(
        {
            "version": JSON_VERSION,
            "tool": {"name": "cdk-lmi", "version": version},
            "handler": printable(fit.handler),
            "task_root": printable(fit.task_root),
            "events": fit.events,
            "machine": asdict(fit.machine),
            "memory_size": fit.memory_size,
            "headroom_percent": fit.headroom,
            "outcomes": [_outcome_of(outcome, fit) for outcome in fit.outcomes],
            "not_tried": list(fit.not_tried),
            "declared": _verdict_of(fit.verdict, fit) if fit.verdict else None,
            "recommendation": _recommendation_of(fit.recommendation) if fit.recommendation else None,
            "assumptions": list(assumptions(fit)),
        }
    )


def _outcome_of(outcome: Outcome, fit: Fit) -> Mapping[str, Any]:
    if isinstance(outcome, Exhausted):
        return {**asdict(outcome), "reason": printable(outcome.reason)}
    fields = {name: getattr(outcome, name) for name in Measurement.__dataclass_fields__}
    fields["hazards"] = [
        {
            "kind": hazard.kind,
            "seen": printable(hazard.seen),
            "processes": len(hazard.processes),
            "count": hazard.count,
            "message": printable(hazard.message),
        }
        for hazard in outcome.hazards
    ]
    return {**fields, "holds_in": _size_of(fit.smallest_size(outcome))}


def _verdict_of(verdict: Verdict, fit: Fit) -> Mapping[str, Any]:
    return {
        "template": printable(verdict.declaration.path),
        "function": printable(verdict.declaration.function),
        "size": _size_of(verdict.declaration.size),
        "fits": verdict.fits,
        "errors": verdict.errors,
        "outcome": _outcome_of(verdict.outcome, fit) if verdict.outcome else None,
    }


def _recommendation_of(found: Recommendation) -> Mapping[str, Any]:
    return {
        "size": _size_of(found.size),
        "memory_needed_mib": found.memory_needed_mib,
        "holding": list(found.holding),
        "reasons": list(reasons(found)),
    }


def _size_of(size: Size | None) -> Mapping[str, Any] | None:
    return {**asdict(size), "v_cpus": size.v_cpus} if size else None
