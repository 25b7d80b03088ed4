"""What is known of one function on one capacity provider, and how its user writes it down."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, Final, Literal, TypeVar

from .limits import (
    EPHEMERAL_STORAGE_MIN,
    EXECUTION_ENVIRONMENTS_MAX,
    LANGUAGES,
    MAX_CONCURRENCY_MAX,
    MAX_V_CPU_COUNT_DEFAULT,
    MEMORY_GIB_PER_V_CPU,
    MEMORY_GIB_PER_V_CPU_DEFAULT,
    MEMORY_SIZE_DEFAULT,
    MIB_PER_GIB,
    MIN_EXECUTION_ENVIRONMENTS_DEFAULT,
    TIMEOUT_DEFAULT,
    VISIBILITY_TIMEOUT_DEFAULT,
    Language,
)

T = TypeVar("T")


class Unknown(Enum):
    """The type of :data:`UNKNOWN`."""

    UNKNOWN = "UNKNOWN"

    def __repr__(self) -> str:
        return self.value


#: What cannot be known when the configuration is judged: a CDK token, an imported resource, an intrinsic function
#: that cannot be followed. A rule that needs a fact which is unknown is skipped. What the user leaves out is not
#: unknown: it is AWS's documented default.
UNKNOWN: Final[Literal[Unknown.UNKNOWN]] = Unknown.UNKNOWN


def _literal(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)


def _enum_member(value: str) -> str:
    """Spell a value as CDK names it: ``python3.13`` is ``PYTHON_3_13``, ``arm64`` is ``ARM_64``."""
    return re.sub(r"^([a-z]{2,})(\d)", r"\1_\2", value).replace(".", "_").upper()


def _fact(written: str | None = None, spelled: Callable[[Any], str] = _literal, *, left_out: Any = UNKNOWN) -> Any:
    """Declare a fact: how its user writes it where that is not ``fact=value``, and what Lambda takes by default."""
    return field(default=UNKNOWN, metadata={"written": written, "spelled": spelled, "left_out": left_out})


# Records of this size take milliseconds to be made at import, and half of that are methods that nobody calls.
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FunctionFacts:
    """What the function decides."""

    #: Lambda's runtime identifier, as in ``python3.14``.
    runtime: str | Unknown = _fact("runtime=lambda_.Runtime.{}", _enum_member)
    #: What Lambda calls, as in ``index.handler``.
    handler: str | Unknown = _fact()
    #: ``x86_64`` or ``arm64``.
    architecture: str | Unknown = _fact("architecture=lambda_.Architecture.{}", _enum_member, left_out="x86_64")
    #: MiB of one execution environment.
    memory_size: int | Unknown = _fact(left_out=int(MEMORY_SIZE_DEFAULT))
    #: GiB of memory that come with one vCPU.
    execution_environment_memory_gib_per_v_cpu: float | Unknown = _fact(left_out=int(MEMORY_GIB_PER_V_CPU_DEFAULT))
    #: Invocations that one execution environment takes at once.
    per_execution_environment_max_concurrency: int | Unknown = _fact(left_out=None)
    #: Execution environments of the version that are always up.
    min_execution_environments: int | Unknown = _fact(left_out=int(MIN_EXECUTION_ENVIRONMENTS_DEFAULT))
    #: Execution environments that the version may grow to; ``None`` for no bound of its own.
    max_execution_environments: int | Unknown | None = _fact(left_out=None)
    #: MiB of ``/tmp``, which all invocations in an execution environment share.
    ephemeral_storage_size: int | Unknown = _fact(
        "ephemeral_storage_size=Size.mebibytes({})", left_out=int(EPHEMERAL_STORAGE_MIN)
    )
    #: Seconds.
    timeout: int | Unknown = _fact("timeout=Duration.seconds({})", left_out=int(TIMEOUT_DEFAULT))
    #: Seconds for which a queue hides the messages that it calls the function with: the shortest, if there are several.
    visibility_timeout: int | Unknown = _fact(
        "visibility_timeout=Duration.seconds({})", left_out=int(VISIBILITY_TIMEOUT_DEFAULT)
    )
    #: Whether the function itself is put into a VPC.
    vpc: bool | Unknown = _fact(left_out=False)
    #: Whether SnapStart is on.
    snap_start: bool | Unknown = _fact(left_out=False)
    #: Whether a file system is mounted.
    filesystem: bool | Unknown = _fact(left_out=False)
    #: Reserved concurrency; ``None`` for none.
    reserved_concurrent_executions: int | Unknown | None = _fact(left_out=None)
    #: Whether tenants are isolated.
    tenancy_config: bool | Unknown = _fact(left_out=False)
    #: ``JSON`` or ``Text``.
    logging_format: str | Unknown = _fact("logging_format=lambda_.LoggingFormat.{}", str.upper, left_out="JSON")
    #: Whether it is on a capacity provider at all.
    has_capacity_provider: bool | Unknown = _fact("capacity_provider", left_out=False)
    #: What names its capacity provider, as it is written: an ARN, or a name where it is none.
    capacity_provider_arn: str | Unknown = _fact("capacity_provider")
    #: Whether it is to have an accelerator, such as a GPU.
    accelerator: bool | Unknown = _fact(left_out=False)
    #: ``Zip`` or ``Image``.
    package_type: str | Unknown = _fact(left_out="Zip")
    #: How many numbered versions of it are published.
    published_versions: int | Unknown = _fact()
    #: Whether ``$LATEST.PUBLISHED`` is published beside them.
    publish_to_latest_published: bool | Unknown = _fact(left_out=True)
    #: The one bound of the execution environments that is stated where the other is not; ``None`` otherwise.
    lone_scaling_bound: str | Unknown | None = _fact(left_out=None)
    #: Whether scaling is stated for ``$LATEST.PUBLISHED``, on the function itself.
    scales_latest_published: bool | Unknown = _fact("latest_published_scaling_config", left_out=False)
    #: Whether that scaling deactivates ``$LATEST.PUBLISHED``: both its bounds are 0.
    latest_published_deactivated: bool | Unknown = _fact(left_out=False)
    #: Versions that have scaling of their own.
    scaled_versions: tuple[str, ...] | Unknown = _fact()
    #: Versions that an alias serves and that have no scaling of their own.
    unscaled_versions: tuple[str, ...] | Unknown = _fact()
    #: The name of its alias.
    alias_name: str | Unknown = _fact()
    #: Another alias of it that has this name; ``None`` where there is none.
    alias_of_same_name: str | Unknown | None = _fact()
    #: What calls the function itself, and no version of it.
    unqualified_callers: tuple[str, ...] | Unknown = _fact()
    #: What the function is called where they call it; unknown where it has no name yet.
    called_function: str | Unknown = _fact()
    #: Whether they call it as a hook of CodeDeploy's, which AWS documents to be named by the function's name alone.
    is_hook: bool | Unknown = _fact()
    #: Whether they name ``$LATEST``, which never serves.
    calls_latest: bool | Unknown = _fact()
    #: What configures asynchronous invocation of ``$LATEST``, and of no version of it.
    event_invoke_configs_of_latest: tuple[str, ...] | Unknown = _fact("configure_async_invoke")
    #: Aliases of it that serve ``$LATEST``.
    aliases_of_latest: tuple[str, ...] | Unknown = _fact("version")
    #: Versions and aliases of it for which concurrency is provisioned.
    provisioned: tuple[str, ...] | Unknown = _fact("provisioned_concurrent_executions")
    #: Versions of it that are kept when they leave the template, as on every publish by CDK.
    retained_versions: tuple[str, ...] | Unknown = _fact("removal_policy")
    #: Versions of it that are kept when another one takes their place under the same logical id.
    versions_retained_on_replacement: tuple[str, ...] | Unknown = _fact("removal_policy")
    #: AWS services that its role allows its code to call, by the names of their VPC endpoints, as in ``sqs``.
    called_services: tuple[str, ...] | Unknown = _fact("role")
    #: Whether its role allows its code every action there is.
    calls_anything: bool | Unknown = _fact("role")
    #: Capacity providers with a network of their own that functions of the same stack do not share, as far as they
    #: were made before this function's, which is included.
    default_capacity_providers: int | Unknown = _fact()
    #: vCPUs that the minimum fleets of other functions on the same capacity provider take.
    v_cpus_of_other_functions: int | Unknown = _fact()
    #: vCPUs that the minimum fleets of the function's other versions take, ``$LATEST.PUBLISHED`` among them.
    v_cpus_of_other_versions: int | Unknown = _fact()
    #: vCPUs that leave room for the next version of every function on the same capacity provider.
    max_v_cpu_count_for_all: int | Unknown = _fact()
    #: Which version the bounds are of, where the function has several; unknown where there is one.
    version: str | Unknown = _fact()
    #: Whether CodeDeploy shifts traffic to a new version, so that two of them keep a fleet for that long.
    shifts_traffic: bool | Unknown = _fact("deployment_config", left_out=False)
    #: How many alarms turn a rollout back that shifts traffic bit by bit; unknown of any other.
    rollback_triggers: int | Unknown = _fact("add_alarms")
    #: Minutes from the first traffic that such a rollout shifts to the last.
    shift_minutes: int | Unknown = _fact("deployment_config")
    #: The schedule that sets these bounds on a clock; unknown where they are the version's own.
    schedule: str | Unknown = _fact()
    #: The version whose bounds the schedule sets, by its number; ``None`` where it names none.
    schedule_qualifier: str | Unknown | None = _fact("Qualifier")
    #: The minimum that a new version starts with, where a schedule is judged.
    min_execution_environments_of_new_version: int | Unknown = _fact()
    #: The maximum that a new version starts with, where a schedule is judged; ``None`` for no bound.
    max_execution_environments_of_new_version: int | Unknown | None = _fact()


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class CapacityProviderFacts:
    """What the capacity provider decides for every function on it."""

    #: What instances it launches: ``("arm64",)``.
    capacity_provider_architectures: tuple[str, ...] | Unknown = _fact(
        "architecture=lambda_.Architecture.{}",
        lambda architectures: _enum_member(architectures[0]),
        left_out=("x86_64",),
    )
    #: vCPUs that all its instances may have together.
    max_v_cpu_count: int | Unknown = _fact(left_out=int(MAX_V_CPU_COUNT_DEFAULT))
    #: ``Auto`` or ``Manual``.
    scaling_mode: str | Unknown = _fact("scaling_options=lambda_.ScalingOptions.{}()", str.lower, left_out="Auto")
    #: The target of each scaling policy, in per cent.
    scaling_targets: tuple[float, ...] | Unknown = _fact("scaling_options", left_out=())
    #: Instance types it may launch; empty for any.
    allowed_instance_types: tuple[str, ...] | Unknown = _fact("instance_type_filter", left_out=())
    #: Instance types it may not launch.
    excluded_instance_types: tuple[str, ...] | Unknown = _fact("instance_type_filter", left_out=())
    #: How many subnets its instances are put into.
    subnets: int | Unknown = _fact("vpc_subnets")
    #: The VPCs that those subnets are in.
    vpcs: tuple[str, ...] | Unknown = _fact("vpc_subnets")
    #: How many Availability Zones those subnets are in.
    availability_zones: int | Unknown = _fact("vpc_subnets")
    #: How many security groups its instances carry.
    security_groups: int | Unknown = _fact()
    #: Whether every subnet has a default route out of the VPC.
    routes_out: bool | Unknown = _fact("network")
    #: AWS services that its VPC has endpoints for, as in ``logs``.
    endpoint_services: tuple[str, ...] | Unknown = _fact("network")
    #: Endpoints for services that are needed, which the services' own names do not lead to.
    endpoints_without_private_dns: tuple[str, ...] | Unknown = _fact("network")
    #: Endpoints for services that are needed, whose security groups do not let its instances in.
    endpoints_refusing_instances: tuple[str, ...] | Unknown = _fact("network")
    #: Endpoints in its VPC that EC2 refuses beside others.
    conflicting_endpoints: tuple[str, ...] | Unknown = _fact("network")
    #: Whether its security groups let HTTPS out.
    https_out: bool | Unknown = _fact("security_groups")
    #: The physical name; ``None`` where CloudFormation makes one up.
    capacity_provider_name: str | Unknown | None = _fact(left_out=None)
    #: The name of the log group for its system logs; ``None`` for Lambda's own.
    capacity_provider_log_group: str | Unknown | None = _fact("log_group", left_out=None)
    #: How many versions of functions are on it.
    function_versions: int | Unknown = _fact("capacity_provider")
    #: Of how many functions those are: each of them has one more while it is updated.
    published_functions: int | Unknown = _fact("capacity_provider")
    #: How many tags it gives to its instances, network interfaces and volumes.
    propagated_tags: int | Unknown = _fact("propagate_tags", left_out=0)
    #: The services that may assume its operator role.
    operator_trusts: tuple[str, ...] | Unknown = _fact("operator_role")
    #: The policies of its operator role: those of AWS by their names with their paths.
    operator_policies: tuple[str, ...] | Unknown = _fact("operator_role")
    #: What its operator role is not allowed on the customer-managed key; empty without such a key.
    actions_missing_on_key: tuple[str, ...] | Unknown = _fact("kms_key", left_out=())


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Facts(CapacityProviderFacts, FunctionFacts):
    """One function on one capacity provider, flat, each fact under the keyword that its user types.

    A fact that nobody stated is :data:`UNKNOWN`, so ``Facts()`` violates nothing.
    """


#: What Lambda calls the version that is not published, and so never serves on Managed Instances.
LATEST = "$LATEST"
#: The version that is published by no number, and which the function's own scaling is of.
LATEST_PUBLISHED = f"{LATEST}.PUBLISHED"
#: The next version has its minimum up before the version before it is deleted.
FLEETS_OF_UPDATE = 2
#: How many times in a row an alarm of this library sees its threshold exceeded before it goes off, by default.
ALARM_PERIODS = 2
#: What Lambda takes where nothing is stated; ``UNKNOWN`` for facts that somebody must state.
LEFT_OUT: Mapping[str, Any] = {fact.name: fact.metadata["left_out"] for fact in fields(Facts)}


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of a construct that does not fit, before there is a fact to judge."""

    #: The keyword.
    keyword: str | Unknown = UNKNOWN
    #: What was given.
    given: object = UNKNOWN
    #: What the keyword takes, in words, where ``given`` is of another type.
    expected: str | Unknown = UNKNOWN
    #: How one is made.
    example: str | Unknown = UNKNOWN
    #: The keyword that excludes this one.
    excluded_by: str | Unknown = UNKNOWN
    #: What an empty list was to hold, in words.
    empty_list_of: str | Unknown = UNKNOWN
    #: Why a function cannot be put on Managed Instances.
    unfit_because: str | Unknown = UNKNOWN
    #: What CDK refused, in its own words.
    refused_by_cdk: str | Unknown = UNKNOWN
    #: What can be used once and is used again: how it is, and what to do instead.
    used_again: str | Unknown = UNKNOWN
    instead: str | Unknown = UNKNOWN
    #: The entry of ``acknowledge`` that silences nothing, and why.
    acknowledged: str | Unknown = UNKNOWN
    useless_because: str | Unknown = UNKNOWN


class Keywords:
    """How the user of a construct writes a fact: its keyword, and the argument that can be pasted.

    Args:
        renamed: Facts that a construct takes under keywords of its own: what they are called, and how they are set.
    """

    _METADATA: ClassVar[Mapping[str, Mapping[str, Any]]] = {fact.name: fact.metadata for fact in fields(Facts)}

    def __init__(self, **renamed: tuple[str, str]) -> None:
        self._renamed = renamed

    def name(self, fact: str) -> str:
        """Give the keyword, as in ``memory_size``."""
        return self._renamed[fact][0] if fact in self._renamed else self._written(fact).partition("=")[0]

    def subject(self, fact: str) -> str:
        """Give the keyword: all of them are the construct's own."""
        return self.name(fact)

    def setting(self, fact: str, value: object) -> str:
        """Give the argument that sets it, as in ``timeout=Duration.seconds(900)``."""
        return self._written(fact).format(self._METADATA.get(fact, {}).get("spelled", _literal)(value))

    def locations(self, fact: str) -> Iterable[str]:
        """Give nothing: an argument stands in no template."""
        return ()

    def _written(self, fact: str) -> str:
        if fact in self._renamed:
            return self._renamed[fact][1]
        return self._METADATA.get(fact, {}).get("written") or f"{fact}={{}}"


def config_name_of(routing: Mapping[str, Any]) -> str | Unknown:
    """Give how AWS would name a configuration of CodeDeploy that routes traffic like one of the app's own.

    Args:
        routing: Its ``TrafficRoutingConfig``, spelled as in CloudFormation.
    """
    kind = routing.get("Type")
    stated = routing.get(kind) if kind in ("TimeBasedCanary", "TimeBasedLinear") else None
    numbers = stated if isinstance(stated, Mapping) else {}
    if kind == "TimeBasedCanary":
        return f"Canary{numbers.get('CanaryPercentage')}Percent{numbers.get('CanaryInterval')}Minutes"
    if kind == "TimeBasedLinear":
        return f"Linear{numbers.get('LinearPercentage')}PercentEvery{numbers.get('LinearInterval')}Minutes"
    return kind if isinstance(kind, str) else UNKNOWN


def rollout_facts(config_name: str | Unknown, alarms: int | Unknown) -> Mapping[str, Any]:
    """Give the facts of a rollout, by the name of CodeDeploy's configuration; nothing where it shifts all at once."""
    name = "" if isinstance(config_name, Unknown) else config_name.removeprefix("CodeDeployDefault.Lambda")
    if name == "AllAtOnce":
        return {}
    minutes: int | Unknown = UNKNOWN
    if canary := re.fullmatch(r"Canary.+Percent(\d{1,9})Minutes?", name):
        minutes = int(canary[1])
    elif linear := re.fullmatch(r"Linear([1-9]\d{0,8})PercentEvery(\d{1,9})Minutes?", name):
        minutes = (math.ceil(100 / int(linear[1])) - 1) * int(linear[2])
    return {"rollback_triggers": alarms, "shift_minutes": minutes}


def v_cpu_count(memory_size: int, memory_gib_per_v_cpu: float) -> int:
    """Give the vCPUs of one execution environment of ``memory_size`` MiB: at least 1, and a part of one is none.

    A ratio below the smallest that there is (LMI103) counts as that.
    """
    ratio = max(float(MEMORY_GIB_PER_V_CPU[0]), memory_gib_per_v_cpu)
    return max(1, math.floor(memory_size / (ratio * MIB_PER_GIB)))


def fleets_at_once(shifts_traffic: bool | Unknown) -> int:
    """Give how many versions keep their minimum at the same time: two while traffic shifts between them."""
    return FLEETS_OF_UPDATE if shifts_traffic is True else 1


def written_maximum(max_execution_environments: T | None) -> T | int:
    """Give the upper bound to write down: without one of the function's own, the largest that there is.

    AWS's guide says that a bound which is left out goes back to its default, the acceptance tests of the Terraform
    provider that it stays as it was; both written down always mean the same.
    """
    return int(EXECUTION_ENVIRONMENTS_MAX) if max_execution_environments is None else max_execution_environments


def language_of(runtime: str) -> Language | None:
    """Give the language that the runtime identifier names, or ``None`` for one that Managed Instances do not run."""
    version = r"\d[a-z0-9._-]*"  # as in python3.14, nodejs22.x, java8.al2
    return next((each for each in LANGUAGES if re.fullmatch(each.prefix + version, runtime, re.ASCII)), None)


def default_max_concurrency(runtime: str | Unknown, v_cpus: int) -> int | Unknown:
    """Give what AWS takes for the concurrency of one execution environment where the function does not say."""
    language = None if runtime is UNKNOWN else language_of(runtime)
    return UNKNOWN if language is None else int(min(language.concurrency_per_v_cpu * v_cpus, MAX_CONCURRENCY_MAX))
