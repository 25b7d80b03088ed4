"""Any template, whoever wrote it, judged by the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rules.catalogue import BOUND_RULES, FUNCTION_RULES, LATEST_PUBLISHED_RULES, RULES, STANDARD_FUNCTION_RULES
from ..rules.engine import Violation, check
from ..rules.facts import UNKNOWN
from ..rules.publishing import unqualified_target
from ..rules.scaling import environments_out_of_range
from .api_calls import INPUT
from .cross_stack import NOTHING, Received
from .intrinsics import Template
from .properties import PROPERTIES, PropertyPaths
from .publication import FUNCTION
from .survey import Survey

_ON_PROVIDER = f"Properties.{PROPERTIES['has_capacity_provider']}"


def check_template(document: Mapping[str, Any], received: Received = NOTHING) -> list[Violation]:
    """Judge every capacity provider and every function on Managed Instances in a CloudFormation template.

    So are the bounds that schedules set for such a function.

    Args:
        document: The template, as parsed from JSON or YAML.
        received: What it gets of other templates, whose functions may be called in it. Default: nothing is known of
            them.

    Returns:
        The violations, with logical ids as resources and property paths as fields.

    Raises:
        TypeError: The document is no object.
    """
    if not isinstance(document, Mapping):
        raise TypeError(f"a template must be an object, got {type(document).__name__}")
    survey = Survey(Template(document, received.texts), received)
    violations: dict[Violation, None] = {}
    for id, provider in survey.capacity_providers.items():
        wording = PropertyPaths(survey.template, id, survey.capacity_provider_stands_on(id))
        violations.update(dict.fromkeys(check(provider, RULES, resource=id, wording=wording)))
    for id in survey.template.of_type(FUNCTION):
        for facts, stands_on in survey.function_facts(id):
            # Whether it is on Managed Instances may be what a macro decides.
            if facts.has_capacity_provider is UNKNOWN and not survey.template.may_state(id, _ON_PROVIDER):
                continue
            # What its capacity provider decides was told there; a standard function is only to have no scaling.
            rules = FUNCTION_RULES if facts.has_capacity_provider else STANDARD_FUNCTION_RULES
            wording = PropertyPaths(survey.template, id, stands_on)
            violations.update(dict.fromkeys(check(facts, rules, resource=id, wording=wording)))
        for facts, stands_on in survey.latest_published_facts(id):
            # Bounds of what is not published are held to the range of the property alone.
            is_published = facts.publish_to_latest_published is True
            rules = LATEST_PUBLISHED_RULES if is_published else (environments_out_of_range,)
            wording = PropertyPaths(survey.template, id, stands_on)
            violations.update(dict.fromkeys(check(facts, rules, resource=id, wording=wording)))
    for schedule in survey.schedules:
        facts, stands_on = survey.schedule_facts(schedule)
        within = dict.fromkeys(schedule.parameters, INPUT)
        wording = PropertyPaths(survey.template, schedule.id, stands_on, within)
        violations.update(dict.fromkeys(check(facts, BOUND_RULES, resource=schedule.id, wording=wording)))
    for caller, facts in survey.calls_of_foreign_functions():
        wording = PropertyPaths(survey.template, caller, {"unqualified_callers": (caller,)})
        violations.update(dict.fromkeys(check(facts, (unqualified_target,), resource=caller, wording=wording)))
    return list(violations)
