"""Schedules that set the bounds of execution environments, read from a template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..rules.facts import LEFT_OUT, UNKNOWN, Unknown
from .api_calls import INPUT, PUT_FUNCTION_SCALING_CONFIG, SCHEDULE, action_of_lambda, parameters
from .intrinsics import Template
from .publication import ALIAS, VERSION, Publications

_BOUNDS = {
    "min_execution_environments": "MinExecutionEnvironments",
    "max_execution_environments": "MaxExecutionEnvironments",
}
# In Template.text: a resource and its attribute.
_REFERENCE = re.compile(r"\$\{(\w+)(?:\.(\w+))?\}")
# The attribute of a version that is its number. All else that refers to a version or an alias comes to an ARN.
_NUMBER = "Version"


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
        if action_of_lambda(template, id) != PUT_FUNCTION_SCALING_CONFIG:
            continue
        handed = parameters(template, id)
        functions = set(publications.behind(id, INPUT))
        if handed is not None and not functions:
            functions.update(publications.of_name(str(handed.get("FunctionName", ""))))
        if handed is not None and len(functions) == 1:
            versions = template.targets(template.raw(id, f"Properties.{INPUT}"), VERSION)
            yield ScalingSchedule(
                id=id,
                function=functions.pop(),
                version=versions[0] if len(set(versions)) == 1 else None,
                parameters={
                    **_bounds(handed.get("FunctionScalingConfig")),
                    "schedule_qualifier": _qualifier(template, handed.get("Qualifier")),
                },
            )


def _bounds(config: Any) -> dict[str, Any]:
    """Give both bounds: of what is left out, what Lambda takes."""
    stated = config if isinstance(config, Mapping) else {}
    return {
        fact: LEFT_OUT[fact] if (value := stated.get(name)) is None else value if _is_whole(value) else UNKNOWN
        for fact, name in _BOUNDS.items()
    }


def _qualifier(template: Template, stated: Any) -> str | Unknown | None:
    """Give the version that is named, with references as text: not known where one may come to a number."""
    if not isinstance(stated, str):
        return UNKNOWN if stated is not None else None
    return stated if "${" not in stated or _is_arn(template, stated) else UNKNOWN


def _is_arn(template: Template, text: str) -> bool:
    """Tell whether a text is a reference to an alias or a version, and not to the number of that."""
    found = _REFERENCE.fullmatch(text)
    return (
        found is not None
        and found[2] != _NUMBER
        and (found[1] in template.of_type(ALIAS) or found[1] in template.of_type(VERSION))
    )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
