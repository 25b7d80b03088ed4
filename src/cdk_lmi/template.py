"""A CloudFormation template, read into facts and judged: any template, whoever wrote it.

What a template says by intrinsic functions is followed as far as it can be: parameters to their defaults, references
from one resource to another. The rest is ``UNKNOWN``, never a guess.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .connectivity import Connectivity
from .intrinsics import Template
from .permissions import Permissions
from .publication import EVENT_INVOKE_CONFIG, EVENT_SOURCE_MAPPING, FUNCTION, Publication, Publications, caller_paths
from .rules.catalogue import FUNCTION_RULES, RULES, STANDARD_FUNCTION_RULES
from .rules.engine import Violation, check
from .rules.facts import (
    LEFT_OUT,
    UNKNOWN,
    CapacityProviderFacts,
    Facts,
    FunctionFacts,
    Unknown,
    default_max_concurrency,
    v_cpu_count,
)
from .rules.network import LOGS

CAPACITY_PROVIDER = "AWS::Lambda::CapacityProvider"

_SCALING = "FunctionScalingConfig"
_BOUNDS = ("min_execution_environments", "max_execution_environments")

# Attributes of a resource that are not among its properties.
_OF_RESOURCE = ("DeletionPolicy",)
_ON_PROVIDER = "CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig"
_PROVIDER_ARN = f"{_ON_PROVIDER}.CapacityProviderArn"
#: Where each fact stands: read forwards for its value, backwards to say where a violation is.
PROPERTIES = {
    # of the function
    "runtime": "Runtime",
    "architecture": "Architectures",
    "memory_size": "MemorySize",
    "execution_environment_memory_gib_per_v_cpu": f"{_ON_PROVIDER}.ExecutionEnvironmentMemoryGiBPerVCpu",
    "per_execution_environment_max_concurrency": f"{_ON_PROVIDER}.PerExecutionEnvironmentMaxConcurrency",
    "ephemeral_storage_size": "EphemeralStorage.Size",
    "timeout": "Timeout",
    "vpc": "VpcConfig",
    "snap_start": "SnapStart",
    "filesystem": "FileSystemConfigs",
    "reserved_concurrent_executions": "ReservedConcurrentExecutions",
    "tenancy_config": "TenancyConfig",
    "logging_format": "LoggingConfig.LogFormat",
    "has_capacity_provider": "CapacityProviderConfig",
    "called_services": "Role",
    "publish_to_latest_published": "PublishToLatestPublished",
    "scales_latest_published": _SCALING,
    # of its versions and aliases
    "min_execution_environments": f"{_SCALING}.MinExecutionEnvironments",
    "max_execution_environments": f"{_SCALING}.MaxExecutionEnvironments",
    "provisioned": "ProvisionedConcurrencyConfig",
    "retained_versions": "DeletionPolicy",
    "lone_scaling_bound": _SCALING,
    "scaled_versions": _SCALING,
    "alias_name": "Name",
    # of the capacity provider
    "capacity_provider_architectures": "InstanceRequirements.Architectures",
    "allowed_instance_types": "InstanceRequirements.AllowedInstanceTypes",
    "excluded_instance_types": "InstanceRequirements.ExcludedInstanceTypes",
    "max_v_cpu_count": "CapacityProviderScalingConfig.MaxVCpuCount",
    "scaling_mode": "CapacityProviderScalingConfig.ScalingMode",
    "scaling_targets": "CapacityProviderScalingConfig.ScalingPolicies",
    "subnets": "VpcConfig.SubnetIds",
    "availability_zones": "VpcConfig.SubnetIds",
    "security_groups": "VpcConfig.SecurityGroupIds",
    "routes_out": "VpcConfig.SubnetIds",
    "endpoint_services": "VpcConfig.SubnetIds",
    "https_out": "VpcConfig.SecurityGroupIds",
    "capacity_provider_name": "CapacityProviderName",
    "capacity_provider_log_group": "TelemetryConfig.LoggingConfig.LogGroup",
    "propagated_tags": "PropagateTags.ExplicitTags",
    "actions_missing_on_key": "KmsKeyArn",
    # of the endpoints in its VPC
    "endpoints_without_private_dns": "PrivateDnsEnabled",
    "endpoints_refusing_instances": "SecurityGroupIds",
}


def check_template(document: Mapping[str, Any]) -> list[Violation]:
    """Judge every capacity provider and every function on Managed Instances in a CloudFormation template.

    Args:
        document: The template, as parsed from JSON or YAML.

    Returns:
        The violations, with logical ids as resources and property paths as fields.

    Raises:
        TypeError: The document is no object.
    """
    if not isinstance(document, Mapping):
        raise TypeError(f"a template must be an object, got {type(document).__name__}")
    survey = Survey(Template(document))
    violations: dict[Violation, None] = {}
    for id, provider in survey.capacity_providers.items():
        wording = PropertyPaths(survey.template, survey.capacity_provider_stands_on(id))
        violations.update(dict.fromkeys(check(provider, RULES, resource=id, wording=wording)))
    for id in survey.template.of_type(FUNCTION):
        for facts, stands_on in survey.function_facts(id):
            # What its capacity provider decides was told there; a standard function is only to have no scaling.
            rules = FUNCTION_RULES if facts.has_capacity_provider else STANDARD_FUNCTION_RULES
            wording = PropertyPaths(survey.template, stands_on)
            violations.update(dict.fromkeys(check(facts, rules, resource=id, wording=wording)))
    return list(violations)


class PropertyPaths:
    """How the author of a template writes a fact: as property of a resource.

    Args:
        template: The template.
        stands_on: The logical ids of the resources that each fact was read from.
    """

    def __init__(self, template: Template, stands_on: Mapping[str, Iterable[str]]) -> None:
        self._template = template
        self._stands_on = stands_on

    def name(self, fact: str) -> str:
        """Give the property path, as in ``EphemeralStorage.Size``."""
        return PROPERTIES.get(fact, fact.replace("_", " "))

    def setting(self, fact: str, value: object) -> str:
        """Give what to write, as in ``MemorySize: 4096``."""
        value = [value] if fact == "architecture" else list(value) if isinstance(value, tuple) else value
        written = json.dumps(value) if isinstance(value, (list, bool)) else value
        return f"{self.name(fact).rpartition('.')[2]}: {written}"

    def locations(self, fact: str) -> Iterable[str]:
        """Give the pointers to the property, also where it is left out."""
        for id in self._stands_on.get(fact, ()):
            path = PROPERTIES.get(fact) or next(iter(caller_paths(self._template.resources[id]["Type"])), "")
            steps = [id, *([] if path in _OF_RESOURCE else ["Properties"]), *filter(None, path.split("."))]
            yield "/Resources/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


class Survey:
    """What of a template belongs together: each function's capacity provider, versions, aliases and callers.

    Everything is gone through once, so that a template may be large.

    Args:
        template: The template.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        self._permissions = Permissions(template)
        self._publications = Publications(template)
        self._providers = {
            id: next(iter(template.targets(template.raw(id, f"Properties.{_PROVIDER_ARN}"), CAPACITY_PROVIDER)), None)
            for id in template.of_type(FUNCTION)
        }
        self._called_services = self._find_called_services()
        self._services_needed: dict[str, set[str]] = {}
        for id, services in self._called_services.items():
            known = () if isinstance(services, Unknown) else services
            self._services_needed.setdefault(str(self._providers[id]), {LOGS}).update(known)
        connectivity = Connectivity(template)
        self.capacity_providers = {
            id: self._capacity_provider_facts(id, connectivity) for id in template.of_type(CAPACITY_PROVIDER)
        }
        self._own_pools = self._find_own_pools(connectivity)
        self._v_cpus = {id: self._minimum_fleet(id) for id, provider in self._providers.items() if provider}
        self._v_cpus_of_provider: dict[str | None, int] = {}
        for id, v_cpus in self._v_cpus.items():
            provider = self._providers[id]
            self._v_cpus_of_provider[provider] = self._v_cpus_of_provider.get(provider, 0) + v_cpus

    def function_facts(self, id: str) -> Iterator[tuple[Facts, Mapping[str, Iterable[str]]]]:
        """Read a function: once for each version that an alias serves, or once where none does.

        What it leaves out is what Lambda takes. Each time with the resources that the facts were read from.
        """
        publication, provider = self._publications.of(id), self._providers[id]
        read = {fact: self._read(id, fact) for fact in FunctionFacts.__dataclass_fields__ if fact in PROPERTIES}
        if read["per_execution_environment_max_concurrency"] is None:
            read["per_execution_environment_max_concurrency"] = _default_max_concurrency(read)
        published = self._published_facts(publication)
        read["alias_name"] = (
            _text(self.template.property(publication.aliases[0], "Name")) if publication.aliases else UNKNOWN
        )
        read["published_versions"] = len(publication.versions)
        read["unqualified_callers"] = self._publications.unqualified_callers(id)
        read["called_services"] = self._called_services.get(id, UNKNOWN)
        if provider:
            read["default_capacity_providers"] = self._own_pools.get(provider, 0)
            read["v_cpus_of_other_functions"] = self._v_cpus_of_provider[provider] - self._v_cpus[id]
            read.update(vars(self.capacity_providers[provider]))
        stands_on: dict[str, Iterable[str]] = {
            **dict.fromkeys(FunctionFacts.__dataclass_fields__, (id,)),
            **(self.capacity_provider_stands_on(provider) if provider else {}),
            **published,
            "alias_name": publication.aliases[:1],
            "unqualified_callers": read["unqualified_callers"],
        }
        for scaled in publication.scaled(id):
            bounds = self._bounds(scaled)
            yield Facts(**{**read, **published, **bounds}), {**stands_on, **dict.fromkeys(bounds, (scaled,))}

    def _published_facts(self, publication: Publication) -> dict[str, tuple[str, ...]]:
        """Read what holds of some of the versions and aliases: which ones."""

        def having(ids: Iterable[str], *paths: str) -> tuple[str, ...]:
            return tuple(id for id in ids if any(self.template.raw(id, path) is not None for path in paths))

        scaled = having(publication.versions, f"Properties.{_SCALING}")
        return {
            "scaled_versions": scaled,
            "unscaled_versions": tuple(version for version in publication.served if version not in scaled),
            "provisioned": having(
                (*publication.versions, *publication.aliases), f"Properties.{PROPERTIES['provisioned']}"
            ),
            "retained_versions": tuple(id for id in publication.versions if self._is_retained(id)),
        }

    def _is_retained(self, id: str) -> bool:
        policies = (self.template.raw(id, policy) for policy in ("DeletionPolicy", "UpdateReplacePolicy"))
        return any(str(policy).startswith("Retain") for policy in policies)

    def capacity_provider_stands_on(self, id: str) -> Mapping[str, Iterable[str]]:
        """Give the resources that the facts of a capacity provider were read from."""
        facts = self.capacity_providers[id]
        endpoints = {
            fact: found
            for fact in ("endpoints_without_private_dns", "endpoints_refusing_instances")
            if not isinstance(found := getattr(facts, fact), Unknown)
        }
        return {**dict.fromkeys(CapacityProviderFacts.__dataclass_fields__, (id,)), **endpoints}

    def _capacity_provider_facts(self, id: str, connectivity: Connectivity) -> CapacityProviderFacts:
        template, needed = self.template, self._services_needed.get(id, {LOGS})
        found: dict[str, Any] = {
            fact: _count(template.raw(id, f"Properties.{PROPERTIES[fact]}")) for fact in ("subnets", "security_groups")
        }
        found["availability_zones"] = _availability_zones(template, id)
        found["capacity_provider_log_group"] = _log_group(template, id)
        found["actions_missing_on_key"] = self._permissions.missing_on_key(id)
        found["routes_out"] = connectivity.routes_out(id)
        found["endpoint_services"] = connectivity.endpoint_services(id)
        found["endpoints_without_private_dns"] = connectivity.endpoints_without_private_dns(id, needed)
        found["endpoints_refusing_instances"] = connectivity.endpoints_refusing_instances(id, needed)
        found["https_out"] = connectivity.https_out(id)
        stated = CapacityProviderFacts.__dataclass_fields__.keys() - found.keys()
        return CapacityProviderFacts(**found, **{fact: self._read(id, fact) for fact in stated})

    def _find_called_services(self) -> dict[str, tuple[str, ...] | Unknown]:
        """Find what each function on Managed Instances may call."""
        polled: set[str] = set()
        destinations = {id: [self.template.raw(id, "Properties.DeadLetterConfig")] for id in self._providers}
        for kind in (EVENT_SOURCE_MAPPING, EVENT_INVOKE_CONFIG):
            for id in self.template.of_type(kind):
                for function in self._publications.behind(id, "FunctionName"):
                    destinations[function].append(self.template.raw(id, "Properties.DestinationConfig"))
                    if kind == EVENT_SOURCE_MAPPING:
                        polled.add(function)
        return {
            id: self._permissions.services_called(id, polled=id in polled, destinations=destinations[id])
            for id, provider in self._providers.items()
            if provider
        }

    def _find_own_pools(self, connectivity: Connectivity) -> dict[str, int]:
        """Number the capacity providers that have one function and a VPC for themselves, in their order."""
        functions = Counter(self._providers.values())
        vpcs = {id: connectivity.vpc(id) for id in self.capacity_providers}
        shared = Counter(vpcs.values())
        alone = [id for id, vpc in vpcs.items() if vpc and shared[vpc] == 1 and functions[id] == 1]
        return {id: position for position, id in enumerate(alone, start=1)}

    def _minimum_fleet(self, id: str) -> int:
        """Count the vCPUs that the function's minimum fleets take, as far as they are known."""
        sizes = [self._read(id, fact) for fact in ("memory_size", "execution_environment_memory_gib_per_v_cpu")]
        publication = self._publications.of(id)
        minimums = [self._bounds(scaled)["min_execution_environments"] for scaled in publication.scaled(id)]
        return sum(minimum * v_cpu_count(*sizes) for minimum in minimums if UNKNOWN not in (*sizes, minimum))

    def _bounds(self, id: str) -> dict[str, Any]:
        """Read what a version, or the function where none is published, scales between."""
        stated = {fact: self.template.property(id, PROPERTIES[fact]) for fact in _BOUNDS}
        named = [PROPERTIES[fact].rpartition(".")[2] for fact, value in stated.items() if value is not None]
        lone = UNKNOWN if UNKNOWN in stated.values() else named[0] if len(named) == 1 else None
        return {**{fact: self._read(id, fact) for fact in _BOUNDS}, "lone_scaling_bound": lone}

    def _read(self, id: str, fact: str) -> Any:
        """Read one property as the fact that it is: what Lambda takes where it is left out."""
        value = self.template.property(id, PROPERTIES[fact])
        if value is UNKNOWN:
            return UNKNOWN
        return LEFT_OUT[fact] if value is None else _AS_FACT.get(fact, _text)(value)


def _default_max_concurrency(read: Mapping[str, Any]) -> Any:
    sizes = read["memory_size"], read["execution_environment_memory_gib_per_v_cpu"]
    return UNKNOWN if UNKNOWN in sizes else default_max_concurrency(read["runtime"], v_cpu_count(*sizes))


def _availability_zones(template: Template, id: str) -> int | Unknown:
    """Count the zones of the subnets, where the template defines all of them."""
    subnets = template.raw(id, f"Properties.{PROPERTIES['availability_zones']}")
    if not isinstance(subnets, list):
        return UNKNOWN
    zones = set()
    for subnet in subnets:
        targets = template.targets(subnet, "AWS::EC2::Subnet")
        zone = template.raw(targets[0], "Properties.AvailabilityZone") if len(targets) == 1 else None
        if zone is None:
            return UNKNOWN
        zones.add(template.text(zone))
    return len(zones)


def _log_group(template: Template, id: str) -> Any:
    """Read the name of the log group for system logs, also of one that the template defines."""
    written = template.raw(id, f"Properties.{PROPERTIES['capacity_provider_log_group']}")
    defined = template.targets(written, "AWS::Logs::LogGroup")
    value = template.property(defined[0], "LogGroupName") if defined else template.value(written)
    return value if value is None or isinstance(value, str) else UNKNOWN


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else UNKNOWN


def _whole_number(value: Any) -> Any:
    return int(value) if _is_number(value) and float(value).is_integer() else UNKNOWN


def _number(value: Any) -> Any:
    return float(value) if _is_number(value) else UNKNOWN


def _is_number(value: Any) -> bool:
    """Whether CloudFormation takes it for a number: it also takes text that says one."""
    return not isinstance(value, bool) and re.fullmatch(r"-?\d+(\.\d+)?", str(value)) is not None


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


def _count(written: Any) -> Any:
    """Count the entries of a list as it is written, since each is one, known or not, unless a condition decides."""
    conditional = isinstance(written, list) and any(isinstance(item, Mapping) and "Fn::If" in item for item in written)
    return len(written) if isinstance(written, list) and not conditional else UNKNOWN


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
            "reserved_concurrent_executions",
            "max_v_cpu_count",
        ),
        _whole_number,
    ),
    **dict.fromkeys(("vpc", "filesystem", "tenancy_config", "has_capacity_provider", "scales_latest_published"), bool),
    **dict.fromkeys(("capacity_provider_architectures", "allowed_instance_types", "excluded_instance_types"), _texts),
    **dict.fromkeys(("subnets", "security_groups", "propagated_tags"), _count),
    "execution_environment_memory_gib_per_v_cpu": _number,
    "architecture": lambda value: value[0] if isinstance(value, list) and len(value) == 1 else UNKNOWN,
    "snap_start": _snap_start,
    "publish_to_latest_published": _flag,
    "scaling_targets": _targets,
}
