"""Schedules that set the bounds of execution environments, read from a template."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..rules.facts import LEFT_OUT, UNKNOWN, Unknown
from .intrinsics import Template
from .publication import VERSION, Publications

SCHEDULE = "AWS::Scheduler::Schedule"
#: What a schedule has as its target that calls Lambda's API. Its input, which is text, holds the parameters.
TARGET, INPUT = "Target.Arn", "Target.Input"
# EventBridge Scheduler begins actions with a small letter, AWS's examples for this one with a capital.
_PUT_FUNCTION_SCALING_CONFIG = ":aws-sdk:lambda:putfunctionscalingconfig"
_BOUNDS = {
    "min_execution_environments": "MinExecutionEnvironments",
    "max_execution_environments": "MaxExecutionEnvironments",
}


@dataclass(frozen=True, kw_only=True)
class ScalingSchedule:
    """A schedule, and the bounds that it sets."""

    #: Its logical id.
    id: str
    #: The logical id of the function.
    function: str
    #: The logical id of the version, where it is one of the template.
    version: str | None
    #: What it hands to Lambda, as facts: both bounds, and of which version.
    parameters: Mapping[str, Any]


def scaling_schedules(template: Template, publications: Publications) -> Iterator[ScalingSchedule]:
    """Give the schedules that set bounds for a function of the template."""
    for id in template.of_type(SCHEDULE):
        target = template.text(template.raw(id, f"Properties.{TARGET}")).lower()
        functions = set(publications.behind(id, INPUT))
        parameters = _parameters(template, id)
        if target.endswith(_PUT_FUNCTION_SCALING_CONFIG) and len(functions) == 1 and parameters is not None:
            versions = template.targets(template.raw(id, f"Properties.{INPUT}"), VERSION)
            yield ScalingSchedule(
                id=id,
                function=functions.pop(),
                version=versions[0] if len(set(versions)) == 1 else None,
                parameters={
                    **_bounds(parameters.get("FunctionScalingConfig")),
                    "schedule_qualifier": _qualifier(parameters.get("Qualifier")),
                },
            )


def _parameters(template: Template, id: str) -> Mapping[str, Any] | None:
    """Give what the input says, with references as text; ``None`` where that is not known."""
    written = template.raw(id, f"Properties.{INPUT}")
    try:
        read = json.loads(template.text(written)) if template.is_decided(written) else None
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, Mapping) else None


def _bounds(config: Any) -> dict[str, Any]:
    """Give both bounds: of what is left out, what Lambda takes."""
    stated = config if isinstance(config, Mapping) else {}
    return {
        fact: LEFT_OUT[fact] if (value := stated.get(name)) is None else value if _is_whole(value) else UNKNOWN
        for fact, name in _BOUNDS.items()
    }


def _qualifier(stated: Any) -> str | Unknown | None:
    """Give the version that is named: not known where it is a reference, as text has it."""
    return stated if stated is None or (isinstance(stated, str) and "${" not in stated) else UNKNOWN


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
