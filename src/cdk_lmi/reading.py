"""What arguments and resources say, as facts: values where there are values, what Lambda takes where there is nothing.

``UNKNOWN`` stands for tokens, and for arguments that do not fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import jsii
from aws_cdk import CfnResource, SizeRoundingBehavior, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from jsii.errors import JSIIError

from .rules.facts import (
    LATEST,
    LEFT_OUT,
    UNKNOWN,
    CapacityProviderFacts,
    Facts,
    Unknown,
    default_max_concurrency,
    v_cpu_count,
)
from .rules.limits import (
    ASYNCHRONOUS_EVENT_AGE_MAX,
    ASYNCHRONOUS_EVENT_AGE_MIN,
    ASYNCHRONOUS_RETRIES_MAX,
    DESCRIPTION_LENGTH_MAX,
    FUNCTION_NAME_LENGTH_MAX,
    LAYERS_MAX,
    RESERVED_VARIABLES,
    VARIABLE_NAME,
)
from .signature import Arguments, is_token, known, read, reference_to, written

_FROM_IMAGE = "FROM_IMAGE"
_FUNCTION_NAME = re.compile(f"[a-zA-Z0-9_-]{{1,{FUNCTION_NAME_LENGTH_MAX}}}")
_NAMES: dict[str, str] = {}
#: What CDK adds to a function for its callers: the type in a template, and the property there of each attribute.
_CALLERS: Mapping[type[CfnResource], tuple[str, Mapping[str, str]]] = {
    lambda_.CfnEventSourceMapping: ("AWS::Lambda::EventSourceMapping", {"function_name": "FunctionName"}),
    lambda_.CfnPermission: ("AWS::Lambda::Permission", {"function_name": "FunctionName"}),
    lambda_.CfnUrl: ("AWS::Lambda::Url", {"target_function_arn": "TargetFunctionArn", "qualifier": "Qualifier"}),
}
#: What CDK calls the version of a function below it, and the property of the function with the options for it.
_VERSION, _VERSION_OPTIONS = "CurrentVersion", "currentVersionOptions"
_BOUNDS = ("min_execution_environments", "max_execution_environments")
_FUNCTION = ("AWS::Lambda::Function", {"function_name": "FunctionName"})

#: What Lambda takes where a capacity provider states nothing. Where its instances are put, somebody must state.
CAPACITY_PROVIDER_DEFAULTS = CapacityProviderFacts(
    **{fact: LEFT_OUT[fact] for fact in CapacityProviderFacts.__dataclass_fields__}
)


def name_of(value: lambda_.Runtime | lambda_.Architecture) -> str:
    """Give what Lambda calls it. Kept, since CDK is asked in Node and the same few are used by every function."""
    reference = reference_to(value)
    if reference not in _NAMES:
        _NAMES[reference] = value.name
    return _NAMES[reference]


def function_facts(
    arguments: Arguments, provider: CapacityProviderFacts, *, by_default: lambda_.Architecture, **counted: Any
) -> Facts:
    """Read the arguments of a function.

    Args:
        arguments: Of ManagedInstanceFunction.
        provider: What is known of the capacity provider.
        by_default: What the function is built for where it does not say.
        counted: Facts that were counted elsewhere.
    """
    _check_what_cdk_checks(arguments)
    runtime, architecture = arguments.usable("runtime"), arguments.usable("architecture")
    if not arguments.given("architecture"):
        architecture = by_default
    return _join(
        arguments,
        provider,
        **counted,
        runtime=UNKNOWN if runtime is None else known(name_of(runtime)),
        handler=arguments.known("handler"),
        architecture=UNKNOWN if architecture is None else name_of(architecture),
        memory_size=arguments.known("memory_size"),
        ephemeral_storage_size=_mebibytes(arguments, "ephemeral_storage_size"),
        timeout=_seconds(arguments, "timeout"),
    )


def _check_what_cdk_checks(arguments: Arguments) -> None:
    """Note what CDK would refuse once it has granted things to a role that was passed in: nobody takes them back.

    That is what its Function and EventInvokeConfig check in aws-cdk-lib 2.263.0 and 2.275.0, as far as no call to Node
    is needed where nothing is given.
    """
    name, description = arguments.known("function_name"), arguments.known("description")
    if isinstance(name, str) and not _FUNCTION_NAME.fullmatch(name):
        expected = f"text of 1 to {FUNCTION_NAME_LENGTH_MAX} letters, digits, hyphens and underscores"
        arguments.note(keyword="function_name", given=name, expected=expected)
    if isinstance(description, str) and len(description) > DESCRIPTION_LENGTH_MAX:
        expected = f"text of at most {DESCRIPTION_LENGTH_MAX} characters"
        arguments.note(keyword="description", given=f"{len(description)} characters", expected=expected)
    layers = arguments.usable("layers") or ()
    if len(layers) > LAYERS_MAX:
        arguments.note(keyword="layers", given=f"{len(layers)} layers", expected=f"a list of at most {LAYERS_MAX}")
    _check_names_of_variables(arguments)
    arguments.check_seconds("max_event_age", ASYNCHRONOUS_EVENT_AGE_MIN, ASYNCHRONOUS_EVENT_AGE_MAX)
    arguments.check_range("retry_attempts", 0, ASYNCHRONOUS_RETRIES_MAX)


def _check_names_of_variables(arguments: Arguments) -> None:
    names = [name for name in arguments.usable("environment") or () if not is_token(name)]
    malformed = [name for name in names if name not in RESERVED_VARIABLES and not VARIABLE_NAME.fullmatch(name)]
    for refused, expected in (
        (sorted(RESERVED_VARIABLES.intersection(names)), "a dict without names that Lambda keeps for itself"),
        (malformed, "a dict of names of a letter, and at least one letter, digit or underscore after it"),
    ):
        if refused:
            arguments.note(keyword="environment", given=", ".join(refused), expected=expected)


def function_resource_facts(
    resource: lambda_.CfnFunction | None, arguments: Arguments, provider: CapacityProviderFacts, **counted: Any
) -> Facts:
    """Read the resource of a function that something else defines, and what ``from_function`` was given beside it."""
    if resource is None:
        _fill_bounds(arguments, None)
        return _join(arguments, provider, **counted, runtime=UNKNOWN, memory_size=UNKNOWN)
    function = arguments.usable("function")
    to_come = _version_to_come(function)
    _fill_bounds(arguments, _stated_bounds(function, to_come))
    architectures = read(resource, "architectures", (LEFT_OUT["architecture"],))
    snap_start = read(read(resource, "snap_start", None), "apply_on", "None")
    return _join(
        arguments,
        provider,
        **counted,
        runtime=read(resource, "runtime", UNKNOWN),
        handler=read(resource, "handler", UNKNOWN),
        architecture=UNKNOWN if architectures is UNKNOWN else architectures[0],
        memory_size=read(resource, "memory_size", LEFT_OUT["memory_size"]),
        ephemeral_storage_size=read(
            read(resource, "ephemeral_storage", None), "size", LEFT_OUT["ephemeral_storage_size"]
        ),
        timeout=read(resource, "timeout", LEFT_OUT["timeout"]),
        vpc=_is_stated(resource, "vpc_config"),
        snap_start=UNKNOWN if snap_start is UNKNOWN else snap_start != "None",
        filesystem=_is_stated(resource, "file_system_configs"),
        reserved_concurrent_executions=read(resource, "reserved_concurrent_executions", None),
        tenancy_config=_is_stated(resource, "tenancy_config"),
        logging_format=read(read(resource, "logging_config", None), "log_format", LEFT_OUT["logging_format"]),
        **_facts_of_what_was_added(function, to_come, resource, arguments.known("alias_name")),
    )


def _version_to_come(function: lambda_.Function) -> lambda_.VersionOptions | None:
    """Give the options of the version of a function, as long as there is none yet.

    CDK makes the version when it is asked for it. A function that is then refused would be left with it: taken out of
    the tree, CDK would still hand it out. The function keeps the options in a property that its class does not declare
    for jsii, but an interface does.
    """
    if function.node.try_find_child(_VERSION) is not None:
        return None
    try:
        return cast("lambda_.VersionOptions | None", jsii.get(_As(lambda_.FunctionOptions, function), _VERSION_OPTIONS))
    except (RuntimeError, JSIIError):
        # jsii before 1.142 does not tell Node of the interface. Then only the version itself tells what it has.
        _ = function.current_version
        return None


class _As:
    """An object in Node, seen as an interface of CDK's that its class does not state: jsii takes the caller's word."""

    def __init__(self, interface: Any, value: Any) -> None:
        reference = value.__jsii_ref__
        self.__jsii_ref__ = type(reference)(ref=reference.ref, interfaces=[interface.__jsii_type__])


def _stated_bounds(function: lambda_.Function, to_come: lambda_.VersionOptions | None) -> object:
    """Give what states the bounds of the version of a function, ``None`` where nothing does."""
    version = function.node.try_find_child(_VERSION)
    return to_come if version is None else read(version.node.default_child, "function_scaling_config", None)


def _fill_bounds(arguments: Arguments, stated: object) -> None:
    """Have what the version states count for the bounds that are not given beside it."""
    bounds = {keyword: None if stated is None else written(stated, keyword) for keyword in _BOUNDS}
    if UNKNOWN in bounds.values() and any(map(arguments.given, _BOUNDS)):
        # What cannot be read cannot be kept beside what is given.
        bounds = dict.fromkeys(_BOUNDS)
    for keyword, bound in bounds.items():
        arguments.fill(keyword, LEFT_OUT[keyword] if bound is None else bound)


def _facts_of_what_was_added(
    function: lambda_.Function,
    to_come: lambda_.VersionOptions | None,
    resource: lambda_.CfnFunction,
    alias_name: str | Unknown,
) -> dict[str, Any]:
    """Read what is below a function: callers, asynchronous invocation, aliases, provisioned concurrency."""
    paths = {each: each.node.path.removesuffix("/Resource") for each in function.node.find_all()}
    published = tuple(f"{path}/" for each, path in paths.items() if isinstance(each, (lambda_.Version, lambda_.Alias)))
    # What calls a version or an alias is below that.
    callers = {
        each: path
        for each, path in paths.items()
        if type(each) in _CALLERS and isinstance(each, CfnResource)
        if not path.startswith(published) and _invokes(each)
    }
    provisioned = to_come is not None and to_come.provisioned_concurrent_executions
    return {
        "called_function": function.node.path,
        "unqualified_callers": _unqualified(callers, resource) if callers else (),
        "publish_to_latest_published": False,
        "event_invoke_configs_of_latest": tuple(
            path
            for each, path in paths.items()
            if isinstance(each, lambda_.CfnEventInvokeConfig) and read(each, "qualifier", UNKNOWN) == LATEST
        ),
        "aliases_of_latest": tuple(
            path
            for each, path in paths.items()
            if isinstance(each, lambda_.CfnAlias) and read(each, "function_version", UNKNOWN) == LATEST
        ),
        "alias_of_same_name": next(
            (
                path
                for each, path in paths.items()
                if isinstance(each, lambda_.CfnAlias) and read(each, "name", UNKNOWN) == alias_name
            ),
            None,
        ),
        "provisioned": (
            *((f"{function.node.path}/{_VERSION}",) if provisioned else ()),
            *(
                path
                for each, path in paths.items()
                if isinstance(each, (lambda_.CfnVersion, lambda_.CfnAlias))
                and _is_stated(each, "provisioned_concurrency_config") is True
            ),
        ),
    }


def _invokes(resource: CfnResource) -> bool:
    """Whether it has the function run: a permission may be for something else that is done with a function."""
    action = read(resource, "action", UNKNOWN) if isinstance(resource, lambda_.CfnPermission) else UNKNOWN
    return action is UNKNOWN or "*" in action or action.startswith("lambda:Invoke")


def _unqualified(callers: Mapping[CfnResource, str], resource: lambda_.CfnFunction) -> tuple[str, ...]:
    """Give the paths of those that name the function and no version or alias of it, read as from a template."""
    from .template.intrinsics import Template
    from .template.publication import Publications

    found: list[tuple[Any, tuple[str, Mapping[str, str]]]] = [(resource, _FUNCTION)]
    found += [(each, _CALLERS[type(each)]) for each in callers]
    readable = [
        {name: None if (value := written(each, attribute)) is UNKNOWN else value for attribute, name in names.items()}
        for each, (_, names) in found
    ]
    ids, properties = Stack.of(resource).resolve([[each.logical_id for each, _ in found], readable])
    resources = {
        id: {"Type": kind, "Properties": {name: value for name, value in values.items() if value is not None}}
        for id, (_, (kind, _)), values in zip(ids, found, properties, strict=True)
    }
    unqualified = Publications(Template({"Resources": resources})).unqualified_callers(ids[0])
    return tuple(path for id, path in zip(ids[1:], callers.values(), strict=True) if id in unqualified)


def _join(
    arguments: Arguments, provider: CapacityProviderFacts, *, runtime: Any, memory_size: Any, **facts: Any
) -> Facts:
    """Join what is known of the function with what is known of its capacity provider."""
    ratio = arguments.known("execution_environment_memory_gib_per_v_cpu")
    concurrency = arguments.known("per_execution_environment_max_concurrency")
    if concurrency is None:
        concurrency = UNKNOWN
        if memory_size is not UNKNOWN and ratio is not UNKNOWN:
            concurrency = default_max_concurrency(runtime, v_cpu_count(memory_size, ratio))
    return Facts(
        **vars(provider),
        **facts,
        runtime=UNKNOWN if runtime == _FROM_IMAGE else runtime,
        memory_size=memory_size,
        execution_environment_memory_gib_per_v_cpu=ratio,
        per_execution_environment_max_concurrency=concurrency,
        min_execution_environments=arguments.known("min_execution_environments"),
        max_execution_environments=arguments.known("max_execution_environments"),
        alias_name=arguments.known("alias_name"),
    )


def _seconds(arguments: Arguments, keyword: str) -> int | Unknown:
    duration = arguments.usable(keyword)
    if duration is None:
        return UNKNOWN if arguments.given(keyword) else LEFT_OUT[keyword]
    if duration.is_unresolved():
        return UNKNOWN
    return _whole(arguments, keyword, duration.to_seconds(integral=False), "a Duration of whole seconds")


def _mebibytes(arguments: Arguments, keyword: str) -> int | Unknown:
    size = arguments.usable(keyword)
    if size is None:
        return UNKNOWN if arguments.given(keyword) else LEFT_OUT[keyword]
    if size.is_unresolved():
        return UNKNOWN
    return _whole(arguments, keyword, size.to_mebibytes(rounding=SizeRoundingBehavior.NONE), "a Size of whole MiB")


def _whole(arguments: Arguments, keyword: str, amount: float, expected: str) -> int | Unknown:
    if amount != int(amount):
        arguments.note(keyword=keyword, given=amount, expected=expected)
        return UNKNOWN
    return int(amount)


def _is_stated(resource: CfnResource, name: str) -> bool | Unknown:
    value = read(resource, name, False)
    return value if value is UNKNOWN else bool(value)


def capacity_provider_facts(arguments: Arguments) -> CapacityProviderFacts:
    """Read the arguments of a capacity provider, but where it is placed."""
    given: dict[str, Any] = {}
    if arguments.given("architecture"):
        architecture = arguments.usable("architecture")
        given["capacity_provider_architectures"] = UNKNOWN if architecture is None else (name_of(architecture),)
    for keyword in ("max_v_cpu_count", "capacity_provider_name"):
        if arguments.given(keyword):
            given[keyword] = arguments.known(keyword)
    if arguments.usable("kms_key") and arguments.given("operator_role"):
        given["actions_missing_on_key"] = UNKNOWN
    return replace(
        CAPACITY_PROVIDER_DEFAULTS,
        **given,
        **_facts_of_filter(arguments),
        **_facts_of_scaling(arguments.usable("scaling_options")),
        **_facts_of_tags(arguments.usable("propagate_tags")),
        **_facts_of_log_group(arguments.usable("log_group")),
    )


def _facts_of_filter(arguments: Arguments) -> dict[str, Any]:
    chosen = arguments.usable("instance_type_filter")
    if chosen is None:
        return {}
    allowed, excluded = chosen.allowed_instance_types, chosen.excluded_instance_types
    if not allowed and not excluded:
        arguments.note(keyword="instance_type_filter", empty_list_of="instance type")
    return {
        "allowed_instance_types": known(tuple(kind.to_string() for kind in allowed or ())),
        "excluded_instance_types": known(tuple(kind.to_string() for kind in excluded or ())),
    }


def _facts_of_scaling(options: lambda_.ScalingOptions | None) -> dict[str, Any]:
    if options is None:
        return {}
    targets = tuple(policy.target_value for policy in options.scaling_policies or ())
    return {"scaling_mode": options.scaling_mode, "scaling_targets": known(targets)}


def _facts_of_tags(tags: lambda_.PropagateTags | None) -> dict[str, Any]:
    return {} if tags is None else {"propagated_tags": len(tags.explicit_tags or {})}


def _facts_of_log_group(log_group: logs.ILogGroup | None) -> dict[str, Any]:
    """Read the name that the log group was defined with: CDK itself only tells a token of one that it defines."""
    if log_group is None:
        return {}
    resource = log_group.node.default_child if isinstance(log_group, logs.LogGroup) else None
    name = resource.log_group_name if isinstance(resource, logs.CfnLogGroup) else log_group.log_group_name
    return {"capacity_provider_log_group": None if name is None else known(name)}


def capacity_provider_resource_facts(resource: object) -> CapacityProviderFacts:
    """Read a capacity provider that CDK's own construct defines; of any other nothing is known."""
    if not isinstance(resource, lambda_.CfnCapacityProvider):
        return CapacityProviderFacts()
    instances = resource.instance_requirements or lambda_.CfnCapacityProvider.InstanceRequirementsProperty()
    scaling = (
        resource.capacity_provider_scaling_config or lambda_.CfnCapacityProvider.CapacityProviderScalingConfigProperty()
    )
    return CapacityProviderFacts(
        capacity_provider_architectures=_read_default(instances, "architectures", "capacity_provider_architectures"),
        allowed_instance_types=_read_default(instances, "allowed_instance_types"),
        excluded_instance_types=_read_default(instances, "excluded_instance_types"),
        max_v_cpu_count=_read_default(scaling, "max_v_cpu_count"),
        scaling_mode=_read_default(scaling, "scaling_mode"),
        scaling_targets=_targets(read(scaling, "scaling_policies", ())),
        capacity_provider_name=_read_default(resource, "capacity_provider_name"),
    )


def _targets(policies: Any) -> tuple[float, ...] | Unknown:
    targets = () if policies is UNKNOWN else tuple(read(policy, "target_value", UNKNOWN) for policy in policies)
    return UNKNOWN if policies is UNKNOWN or UNKNOWN in targets else targets


def _read_default(properties: object, name: str, fact: str | None = None) -> Any:
    return read(properties, name, LEFT_OUT[fact or name])
