"""Where in a template each fact stands: one table, read forwards for its value and backwards to say where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ..rules.facts import LEFT_OUT, UNKNOWN
from .intrinsics import Template
from .publication import FUNCTION, OF_RESOURCE, caller_paths

SCALING = "FunctionScalingConfig"
ON_PROVIDER = "CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig"
PROVIDER_ARN = f"{ON_PROVIDER}.CapacityProviderArn"
# Far above what any property takes, and held by a float to the last digit.
_LARGEST_NUMBER = 10**15

#: Where each fact stands: read forwards for its value, backwards to say where a violation is.
PROPERTIES = {
    # of the function
    "runtime": "Runtime",
    "handler": "Handler",
    "architecture": "Architectures",
    "memory_size": "MemorySize",
    "execution_environment_memory_gib_per_v_cpu": f"{ON_PROVIDER}.ExecutionEnvironmentMemoryGiBPerVCpu",
    "per_execution_environment_max_concurrency": f"{ON_PROVIDER}.PerExecutionEnvironmentMaxConcurrency",
    "ephemeral_storage_size": "EphemeralStorage.Size",
    "timeout": "Timeout",
    # of the queue that calls it
    "visibility_timeout": "VisibilityTimeout",
    "vpc": "VpcConfig",
    "snap_start": "SnapStart",
    "filesystem": "FileSystemConfigs",
    "reserved_concurrent_executions": "ReservedConcurrentExecutions",
    "tenancy_config": "TenancyConfig",
    "logging_format": "LoggingConfig.LogFormat",
    "has_capacity_provider": "CapacityProviderConfig",
    "capacity_provider_arn": PROVIDER_ARN,
    "accelerator": "AcceleratorConfig",
    "package_type": "PackageType",
    "called_services": "Role",
    "calls_anything": "Role",
    "publish_to_latest_published": "PublishToLatestPublished",
    "scales_latest_published": SCALING,
    # of its versions and aliases
    "min_execution_environments": f"{SCALING}.MinExecutionEnvironments",
    "max_execution_environments": f"{SCALING}.MaxExecutionEnvironments",
    "provisioned": "ProvisionedConcurrencyConfig",
    # of what configures their asynchronous invocation
    "event_invoke_configs_of_latest": "Qualifier",
    "retained_versions": "DeletionPolicy",
    "versions_retained_on_replacement": "UpdateReplacePolicy",
    "lone_scaling_bound": SCALING,
    "scaled_versions": SCALING,
    "alias_name": "Name",
    "aliases_of_latest": "FunctionVersion",
    "shifts_traffic": "UpdatePolicy",
    # of what a schedule hands to Lambda
    "schedule_qualifier": "Qualifier",
    # of the deployment group that shifts its traffic
    "rollback_triggers": "AlarmConfiguration.Alarms",
    "shift_minutes": "DeploymentConfigName",
    # of the capacity provider
    "capacity_provider_architectures": "InstanceRequirements.Architectures",
    "allowed_instance_types": "InstanceRequirements.AllowedInstanceTypes",
    "excluded_instance_types": "InstanceRequirements.ExcludedInstanceTypes",
    "max_v_cpu_count": "CapacityProviderScalingConfig.MaxVCpuCount",
    "scaling_mode": "CapacityProviderScalingConfig.ScalingMode",
    "scaling_targets": "CapacityProviderScalingConfig.ScalingPolicies",
    "subnets": "VpcConfig.SubnetIds",
    "vpcs": "VpcConfig.SubnetIds",
    "availability_zones": "VpcConfig.SubnetIds",
    "security_groups": "VpcConfig.SecurityGroupIds",
    "routes_out": "VpcConfig.SubnetIds",
    "endpoint_services": "VpcConfig.SubnetIds",
    "https_out": "VpcConfig.SecurityGroupIds",
    "capacity_provider_name": "CapacityProviderName",
    "capacity_provider_log_group": "TelemetryConfig.LoggingConfig.LogGroup",
    "propagated_tags": "PropagateTags.ExplicitTags",
    "actions_missing_on_key": "KmsKeyArn",
    # of its operator role
    "operator_trusts": "AssumeRolePolicyDocument",
    "operator_policies": "ManagedPolicyArns",
    # of the endpoints in its VPC
    "endpoints_without_private_dns": "PrivateDnsEnabled",
    "endpoints_refusing_instances": "SecurityGroupIds",
    "conflicting_endpoints": "ServiceName",
}


#: What facts are called that no property holds.
_OF_NO_PROPERTY = {"unqualified_callers": "callers"}


class PropertyPaths:
    """How the author of a template writes a fact: as property of a resource.

    Args:
        template: The template.
        judged: The logical id of the resource that violations are told of.
        stands_on: The logical ids of the resources that each fact was read from.
        within: The property whose text holds a fact, where it is no property of its own.
    """

    def __init__(
        self,
        template: Template,
        judged: str,
        stands_on: Mapping[str, Iterable[str]],
        within: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._template = template
        self._judged = judged
        self._stands_on = stands_on
        self._within = within

    def name(self, fact: str) -> str:
        """Give the property path, as in ``EphemeralStorage.Size``."""
        name = PROPERTIES.get(fact) or _OF_NO_PROPERTY.get(fact, fact.replace("_", " "))
        return f"{self._within[fact]}.{name}" if fact in self._within else name

    def subject(self, fact: str) -> str:
        """Give the property path, and whose property it is where that is another resource; of callers who they are."""
        if fact == "unqualified_callers":
            return ", ".join(self._stands_on.get(fact, ())) or self.name(fact)
        others = [id for id in self._stands_on.get(fact, ()) if id != self._judged]
        of = f" of {', '.join(others)}" if others and fact in PROPERTIES else ""
        return f"{self.name(fact)}{of}"

    def setting(self, fact: str, value: object) -> str:
        """Give what to write, as in ``MemorySize: 4096``."""
        value = [value] if fact == "architecture" else list(value) if isinstance(value, tuple) else value
        written = json.dumps(value) if isinstance(value, (list, bool)) else value
        return f"{self.name(fact).rpartition('.')[2]}: {written}"

    def locations(self, fact: str) -> Iterable[str]:
        """Give the pointers to the property, also where it is left out."""
        for id in self._stands_on.get(fact, ()):
            path = self._within.get(fact) or PROPERTIES.get(fact) or self._caller_path(id)
            path = path.partition("[")[0]
            steps = [
                *self._template.place(id),
                *([] if path.startswith(OF_RESOURCE) else ["Properties"]),
                *filter(None, path.split(".")),
            ]
            yield "/Resources/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)

    def _caller_path(self, id: str) -> str:
        """Give where a caller says what it calls: of several places the first that names a function, or is filled."""
        template, paths = self._template, caller_paths(self._template, id)
        places = ((path, path if path.startswith(OF_RESOURCE) else f"Properties.{path}") for path in paths)
        written = {path: template.raw(id, place.partition("[")[0]) for path, place in places}
        stated = [path for path in paths if written[path] is not None]
        naming = (path for path in stated if template.targets(written[path], FUNCTION))
        return next((each for found in (naming, stated, paths) for each in found), "")


def read_fact(template: Template, id: str, fact: str) -> Any:
    """Read one property of a resource as the fact that it is: what Lambda takes where it is left out."""
    value = template.property(id, PROPERTIES[fact])
    if value is UNKNOWN:
        return UNKNOWN
    if fact == "vpc" and isinstance(value, Mapping):
        return _is_in_vpc(template, id)
    return LEFT_OUT[fact] if value is None else _AS_FACT.get(fact, text_of)(value)


def count_at(template: Template, id: str, path: str) -> Any:
    """Count the entries of a list as it is written, since each is one, known or not, unless a condition decides.

    Of what is no list as it is written, those of the value. ``None`` where the list is left out.

    Args:
        template: The template.
        id: The logical id of the resource.
        path: The property's.
    """
    written = template.raw(id, f"Properties.{path}")
    if isinstance(written, list):
        return _count(template.entries(written))
    value = template.value(written)
    # Text with nothing in it comes to one entry with nothing in it, and whether that counts nobody says.
    return None if value is None else _count(value) if value != [""] else UNKNOWN


def _is_in_vpc(template: Template, id: str) -> Any:
    """Tell whether a function is in a VPC of its own: it is in none where both lists are empty or left out.

    https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html (read 2026-11-28)
    """
    counts = [count_at(template, id, f"{PROPERTIES['vpc']}.{name}") for name in ("SubnetIds", "SecurityGroupIds")]
    if any(count not in (None, 0, UNKNOWN) for count in counts):
        return True
    is_decided = template.is_decided(template.raw(id, f"Properties.{PROPERTIES['vpc']}"))
    return False if UNKNOWN not in counts else True if is_decided else UNKNOWN


def _count(value: Any) -> Any:
    return len(value) if isinstance(value, list) else UNKNOWN


def text_of(value: Any) -> Any:
    """Take a value for text, if it is."""
    return value if isinstance(value, str) else UNKNOWN


def _whole_number(value: Any) -> Any:
    return int(float(value)) if _is_number(value) and float(value).is_integer() else UNKNOWN


def _number(value: Any) -> Any:
    return float(value) if _is_number(value) else UNKNOWN


def _is_number(value: Any) -> bool:
    """Whether CloudFormation takes it for a number: it also takes text that says one."""
    if isinstance(value, (int, float)):
        return not isinstance(value, bool) and abs(value) < _LARGEST_NUMBER
    return isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", value) is not None


def _snap_start(value: Any) -> Any:
    applied = value.get("ApplyOn") if isinstance(value, Mapping) else UNKNOWN
    return UNKNOWN if applied is UNKNOWN else applied != "None"


def _flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(str(value).lower(), UNKNOWN)


def _texts(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else UNKNOWN


def _targets(value: Any) -> Any:
    policies = value if isinstance(value, list) else [None]
    found = [_number(policy.get("TargetValue")) if isinstance(policy, Mapping) else UNKNOWN for policy in policies]
    return UNKNOWN if UNKNOWN in found else tuple(found)


#: How the value of a property becomes the fact, where it is not taken as it is.
_AS_FACT: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        (
            "memory_size",
            "per_execution_environment_max_concurrency",
            "min_execution_environments",
            "max_execution_environments",
            "ephemeral_storage_size",
            "timeout",
            "visibility_timeout",
            "reserved_concurrent_executions",
            "max_v_cpu_count",
        ),
        _whole_number,
    ),
    **dict.fromkeys(
        ("vpc", "filesystem", "tenancy_config", "has_capacity_provider", "scales_latest_published", "accelerator"), bool
    ),
    **dict.fromkeys(("capacity_provider_architectures", "allowed_instance_types", "excluded_instance_types"), _texts),
    "propagated_tags": _count,
    "execution_environment_memory_gib_per_v_cpu": _number,
    "architecture": lambda value: value[0] if isinstance(value, list) and len(value) == 1 else UNKNOWN,
    "snap_start": _snap_start,
    "publish_to_latest_published": _flag,
    "scaling_targets": _targets,
}
