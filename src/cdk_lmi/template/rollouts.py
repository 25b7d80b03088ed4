"""How CodeDeploy shifts traffic to new versions, and what turns it back, read from a template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..rules.facts import UNKNOWN, Unknown, config_name_of, rollout_facts
from .intrinsics import Template
from .publication import SHIFT

DEPLOYMENT_GROUP = "AWS::CodeDeploy::DeploymentGroup"
DEPLOYMENT_CONFIG = "AWS::CodeDeploy::DeploymentConfig"


def read_rollout(template: Template, aliases: Iterable[str]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Read the deployment group that shifts the traffic of one of the aliases.

    Returns:
        Facts, none where the template has no such group, and the logical ids that they were read from.
    """
    for alias in aliases:
        groups = template.targets(template.raw(alias, f"{SHIFT}.DeploymentGroupName"), DEPLOYMENT_GROUP)
        for group in groups[:1]:
            return rollout_facts(_config_name(template, group), _alarms(template, group)), (group,)
    return {}, ()


def _config_name(template: Template, group: str) -> str | Unknown:
    """Give the name of the configuration; of one that the template defines, that of AWS's which it is like."""
    written = template.raw(group, "Properties.DeploymentConfigName")
    for config in template.targets(written, DEPLOYMENT_CONFIG):
        routing = template.property(config, "TrafficRoutingConfig")
        return config_name_of(routing) if isinstance(routing, Mapping) else UNKNOWN
    name = template.value(written)
    return name if isinstance(name, str) else UNKNOWN


def _alarms(template: Template, group: str) -> int | Unknown:
    """Count the alarms that stop a deployment, where all of them are written."""
    if template.property(group, "AlarmConfiguration.Enabled") in (False, "false"):
        return 0
    written = template.raw(group, "Properties.AlarmConfiguration.Alarms")
    if written is None:
        return 0 if template.is_decided(template.raw(group, "Properties")) else UNKNOWN
    return len(written) if isinstance(written, list) and template.is_decided(written) else UNKNOWN
