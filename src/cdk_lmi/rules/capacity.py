"""LMI4xx: the capacity provider, its subnets and its instances."""

from __future__ import annotations

import re
from collections.abc import Set

from .engine import Finding, Severity, change, rule
from .facts import v_cpu_count
from .instance_types import (
    GIB_PER_V_CPU_OF_FAMILY,
    GPU_FAMILIES,
    architecture_of_every,
    families_allowed,
    families_excluded,
    is_burstable,
    is_too_small,
    parse_instance_type,
    v_cpus_of_every,
)
from .instances import v_cpus_for_environments
from .limits import (
    ARCHITECTURES_MAX,
    AVAILABILITY_ZONES_DEFAULT,
    AVAILABILITY_ZONES_RESILIENT,
    CAPACITY_PROVIDER,
    CAPACITY_PROVIDER_NAME_LENGTH_MAX,
    CAPACITY_PROVIDER_VPC_CONFIG,
    CAPACITY_PROVIDERS,
    FUNCTION_CAPACITY_PROVIDER_CONFIG,
    FUNCTION_VERSIONS_MAX,
    INSTANCE_REQUIREMENTS,
    INSTANCE_V_CPU_RESERVED,
    MIB_PER_GIB,
    NETWORKING,
    OPERATOR_POLICY,
    OPERATOR_ROLE,
    OPERATOR_SERVICE,
    PERFORMANCE_POST,
    PROPAGATED_TAGS_MAX,
    SCALING,
    SECURITY,
    SECURITY_GROUPS_MAX,
    SUBNETS_MAX,
    SUBNETS_MIN,
)

_NAME = re.compile(r"(arn:[^:]+:lambda:[^:]+:\d{12}:capacity-provider:)?[a-zA-Z0-9_-]+", re.ASCII)


@rule("LMI401", severity=Severity.ERROR, source=SUBNETS_MAX.source)
def subnet_count(subnets: int) -> Finding | None:
    """The capacity provider has no subnet, or more subnets than Lambda accepts.

    A capacity provider has 1 to 16 subnets, all in one VPC. They cannot be changed without replacing it.
    """
    if SUBNETS_MIN <= subnets <= SUBNETS_MAX:
        return None
    nearest = int(SUBNETS_MIN if subnets < SUBNETS_MIN else SUBNETS_MAX)
    return Finding(
        subject="subnets",
        must=f"select between {SUBNETS_MIN} and {SUBNETS_MAX} subnets",
        got=str(subnets),
        fix=(change(f"select between {SUBNETS_MIN} and {SUBNETS_MAX} subnets of one VPC", subnets=nearest),),
    )


@rule("LMI402", severity=Severity.ERROR, source=SECURITY_GROUPS_MAX.source)
def security_group_count(security_groups: int) -> Finding | None:
    """The capacity provider has more security groups than Lambda accepts.

    A capacity provider has at most 5 security groups. They cannot be changed without replacing it.
    """
    if security_groups <= SECURITY_GROUPS_MAX:
        return None
    return Finding(
        subject="security_groups",
        must=f"name at most {SECURITY_GROUPS_MAX} security groups",
        got=str(security_groups),
        fix=(
            change(
                f"merge their rules into at most {SECURITY_GROUPS_MAX} security groups",
                security_groups=int(SECURITY_GROUPS_MAX),
            ),
        ),
    )


@rule("LMI403", severity=Severity.WARNING, source=NETWORKING)
def single_availability_zone(availability_zones: int) -> Finding | None:
    """All instances are in one Availability Zone.

    If the zone fails, so do all execution environments. AWS recommends three zones, one for each of the three instances
    that publishing launches by default.
    """
    if availability_zones >= AVAILABILITY_ZONES_RESILIENT or availability_zones < 1:
        return None
    return Finding(
        subject="availability_zones",
        must=f"span at least {AVAILABILITY_ZONES_RESILIENT} Availability Zones",
        got=str(availability_zones),
        fix=(
            change(
                f"put the subnets into at least {AVAILABILITY_ZONES_RESILIENT} Availability Zones, "
                f"better {AVAILABILITY_ZONES_DEFAULT}",
                availability_zones=int(AVAILABILITY_ZONES_DEFAULT),
            ),
        ),
    )


@rule("LMI404", severity=Severity.ERROR, source=INSTANCE_REQUIREMENTS)
def several_architectures(capacity_provider_architectures: tuple[str, ...]) -> Finding | None:
    """A capacity provider names more than one architecture.

    Lambda's API and the CDK's construct take a list, but only one entry is allowed.
    """
    if len(capacity_provider_architectures) <= ARCHITECTURES_MAX:
        return None
    return Finding(
        subject="capacity_provider_architectures",
        must="name one architecture",
        got=", ".join(capacity_provider_architectures),
        fix=tuple(change(capacity_provider_architectures=(name,)) for name in capacity_provider_architectures),
    )


@rule("LMI405", severity=Severity.ERROR, source=CAPACITY_PROVIDERS)
def architecture_mismatch(architecture: str, capacity_provider_architectures: tuple[str, ...]) -> Finding | None:
    """The function is built for a different architecture from that of the instances.

    The default of both is x86_64. The CDK's construct does not compare them.
    """
    if len(capacity_provider_architectures) != 1 or architecture in capacity_provider_architectures:
        return None
    return Finding(
        subject="architecture",
        must=f"be {capacity_provider_architectures[0]}, as the instances of the capacity provider are",
        got=architecture,
        fix=(
            change(architecture=capacity_provider_architectures[0]),
            change(
                f"define the capacity provider with architecture {architecture}",
                capacity_provider_architectures=(architecture,),
            ),
        ),
    )


@rule("LMI406", severity=Severity.ERROR, source=CAPACITY_PROVIDERS)
def allowed_and_excluded_instances(
    allowed_instance_types: tuple[str, ...], excluded_instance_types: tuple[str, ...]
) -> Finding | None:
    """The capacity provider both allows and excludes instance types.

    Lambda accepts only one of the two lists. The CDK's construct can produce only one, but a template can state both.
    """
    if not (allowed_instance_types and excluded_instance_types):
        return None
    return Finding(
        subject="excluded_instance_types",
        must="be empty where instance types are allowed",
        got=f"{len(allowed_instance_types)} allowed and {len(excluded_instance_types)} excluded",
        fix=(
            change("drop the excluded instance types", excluded_instance_types=()),
            change("drop the allowed instance types", allowed_instance_types=()),
        ),
    )


@rule("LMI407", severity=Severity.ERROR, source=PERFORMANCE_POST)
def unsupported_instance_type(allowed_instance_types: tuple[str, ...]) -> Finding | None:
    """An allowed instance type is not available on Managed Instances.

    They run no burstable types (T families), and none of the sizes nano, micro, small and medium, although examples of
    the CDK and of the Serverless Framework show them.
    """
    unsupported = [name for name in allowed_instance_types if is_burstable(name) or is_too_small(name)]
    if not unsupported:
        return None
    kept = tuple(name for name in allowed_instance_types if name not in unsupported)
    return Finding(
        subject="allowed_instance_types",
        must="allow C, M or R types from large up, no T family and no size below large",
        got=", ".join(unsupported),
        fix=(
            change(f"drop {', '.join(unsupported)}", allowed_instance_types=kept)
            if kept
            else change("leave out the instance type filter", allowed_instance_types=()),
        ),
    )


@rule("LMI408", severity=Severity.WARNING, source=PERFORMANCE_POST)
def unknown_instance_family(allowed_instance_types: tuple[str, ...]) -> Finding | None:
    """AWS does not list the family of an allowed instance type for Managed Instances.

    AWS names the C, M and R families, and GPU types (G and P) for functions with an accelerator. The list grows and
    differs by Region, https://aws.amazon.com/lambda/pricing/, so this is only a warning.
    """
    unknown = [name for name in allowed_instance_types if not _may_be_known(name)]
    if not unknown:
        return None
    kept = tuple(name for name in allowed_instance_types if name not in unknown)
    return Finding(
        subject="allowed_instance_types",
        must="allow types of the C, M and R families, or GPU types",
        got=", ".join(unknown),
        fix=(
            change(f"drop {', '.join(unknown)}", allowed_instance_types=kept),
            change("acknowledge LMI408 where AWS lists the type for your Region"),
        ),
    )


@rule("LMI409", severity=Severity.ERROR, source=CAPACITY_PROVIDERS)
def instance_type_architecture_mismatch(
    allowed_instance_types: tuple[str, ...], capacity_provider_architectures: tuple[str, ...]
) -> Finding | None:
    """An allowed instance type has a different architecture from the capacity provider's.

    The "g" after the generation marks Graviton, which is arm64: m7g is arm64, m7i and m7a are x86_64. The rule is based
    on how EC2 names its types. No Lambda page states this check.
    """
    if len(capacity_provider_architectures) != 1:
        return None
    architectures = {name: architecture_of_every(name) for name in allowed_instance_types}
    other = [name for name, each in architectures.items() if each and each not in capacity_provider_architectures]
    if not other:
        return None
    kept = tuple(name for name in allowed_instance_types if name not in other)
    others_architecture = "arm64" if capacity_provider_architectures == ("x86_64",) else "x86_64"
    return Finding(
        subject="allowed_instance_types",
        must=f"allow {capacity_provider_architectures[0]} types only, as the capacity provider's architecture says",
        got=", ".join(f"{name} ({others_architecture})" for name in other),
        fix=(
            change(f"drop {', '.join(other)}", allowed_instance_types=kept)
            if kept
            else change(capacity_provider_architectures=(others_architecture,)),
        ),
    )


@rule("LMI410", severity=Severity.WARNING, source=PERFORMANCE_POST)
def instance_family_ratio_mismatch(
    allowed_instance_types: tuple[str, ...],
    execution_environment_memory_gib_per_v_cpu: float,
    excluded_instance_types: tuple[str, ...] = (),
    accelerator: bool = True,
) -> Finding | None:
    """No instance type that the capacity provider may use has the memory per vCPU that the function asks for.

    The C families have 2 GiB per vCPU, the M families 4, the R families 8. On another family, you pay for memory or
    vCPUs that stay unused, or the function cannot be placed.
    """
    ratio = execution_environment_memory_gib_per_v_cpu
    if ratio not in GIB_PER_V_CPU_OF_FAMILY.values():
        return None
    families = families_allowed(allowed_instance_types)
    ratios = {gib for family, gib in GIB_PER_V_CPU_OF_FAMILY.items() if family in families}
    family = next(name for name, gib in GIB_PER_V_CPU_OF_FAMILY.items() if gib == ratio)
    if not ratios:
        return None if allowed_instance_types else _ratio_excluded(family, excluded_instance_types, accelerator)
    if ratio in ratios:
        return None
    return Finding(
        subject="allowed_instance_types",
        must=f"allow a type with {ratio:g} GiB per vCPU ({family.upper()} families)",
        got=f"{', '.join(allowed_instance_types)} ({' and '.join(f'{gib:g} GiB' for gib in sorted(ratios))})",
        fix=(
            change("leave out the instance type filter", allowed_instance_types=()),
            *(change(execution_environment_memory_gib_per_v_cpu=int(gib)) for gib in sorted(ratios)),
        ),
    )


def _ratio_excluded(family: str, excluded_instance_types: tuple[str, ...], accelerator: bool) -> Finding | None:
    excluded = families_excluded(excluded_instance_types)
    if family not in excluded or _is_everything(excluded, accelerator):
        return None
    left = [gib for name, gib in GIB_PER_V_CPU_OF_FAMILY.items() if name not in excluded]
    return Finding(
        subject="excluded_instance_types",
        must=f"leave types with {GIB_PER_V_CPU_OF_FAMILY[family]:g} GiB per vCPU ({family.upper()} families)",
        got=", ".join(excluded_instance_types),
        fix=(
            change("leave out the instance type filter", excluded_instance_types=()),
            *(change(execution_environment_memory_gib_per_v_cpu=int(gib)) for gib in left),
        ),
    )


@rule("LMI411", severity=Severity.WARNING, source=CAPACITY_PROVIDER)
def fixed_capacity_provider_name(capacity_provider_name: str | None) -> Finding | None:
    """The capacity provider has a fixed name.

    Subnets, security groups, architecture, instance types, key and role can be changed only by replacing the capacity
    provider. CloudFormation creates the replacement first, and with the same name it "already exists". Two branches or
    stages of an app in one account collide in the same way.
    """
    if capacity_provider_name is None or not _is_accepted(capacity_provider_name):
        return None
    return Finding(
        subject="capacity_provider_name",
        must="be left out, so that a replacement gets a name of its own",
        got=repr(capacity_provider_name),
        fix=(change(capacity_provider_name=None),),
    )


@rule("LMI412", severity=Severity.ERROR, source=CAPACITY_PROVIDERS)
def log_group_name_reserved(capacity_provider_log_group: str | None) -> Finding | None:
    """Lambda cannot create the log group for the system logs under its name.

    Names that begin with "aws/" are reserved. Lambda then silently drops the logs, which are the only place where it
    says why an instance failed to launch. "/aws/…" is allowed.
    """
    if capacity_provider_log_group is None or not capacity_provider_log_group.startswith("aws/"):
        return None
    return Finding(
        subject="capacity_provider_log_group",
        must='have a name that does not begin with "aws/"',
        got=repr(capacity_provider_log_group),
        fix=(
            change(
                f"name the log group {f'/{capacity_provider_log_group}'!r}",
                capacity_provider_log_group=f"/{capacity_provider_log_group}",
            ),
            change(capacity_provider_log_group=None),
        ),
    )


@rule("LMI413", severity=Severity.ERROR, source=PROPAGATED_TAGS_MAX.source)
def too_many_propagated_tags(propagated_tags: int) -> Finding | None:
    """The capacity provider propagates more tags to its instances than Lambda accepts.

    At most 40 tags are propagated to instances, network interfaces and volumes.
    """
    if propagated_tags <= PROPAGATED_TAGS_MAX:
        return None
    return Finding(
        subject="propagated_tags",
        must=f"give at most {PROPAGATED_TAGS_MAX} tags",
        got=str(propagated_tags),
        fix=(change(f"propagate at most {PROPAGATED_TAGS_MAX} tags", propagated_tags=int(PROPAGATED_TAGS_MAX)),),
    )


@rule("LMI414", severity=Severity.WARNING, source=SECURITY)
def key_without_operator_grants(actions_missing_on_key: tuple[str, ...]) -> Finding | None:
    """The operator role lacks permissions on the customer-managed key.

    Lambda encrypts the instances' volumes on behalf of the operator role. The role must be allowed to encrypt, decrypt,
    generate data keys, describe the key and create grants on it. Without these permissions, no instance starts.
    """
    if not actions_missing_on_key:
        return None
    return Finding(
        subject="actions_missing_on_key",
        must="be a key that the operator role may use",
        got=f"one that it may not use for {', '.join(actions_missing_on_key)}",
        fix=(
            change(
                f"grant the operator role {', '.join(actions_missing_on_key)} on the key, and deny none of them",
                actions_missing_on_key=(),
            ),
        ),
    )


@rule("LMI415", severity=Severity.WARNING, source=SCALING)
def pool_per_function(default_capacity_providers: int) -> Finding | None:
    """A second function of the stack has its own capacity provider and network.

    Each capacity provider has a minimum cost: three instances by default, and endpoints in every Availability Zone.
    Functions can share one. Later versions then start faster, on instances that already run.
    """
    if default_capacity_providers <= 1:
        return None
    return Finding(
        subject="capacity_provider",
        must="be shared by the functions of a stack, or given to each on purpose",
        got=f"{default_capacity_providers} capacity providers, each with one function and its own network",
        fix=(change("put the functions on one capacity provider", default_capacity_providers=1),),
    )


def _may_be_known(name: str) -> bool:
    """Whether the family may be one that AWS names; a name that cannot be read, or a T type, is left to other rules."""
    is_read = "*" in name or parse_instance_type(name) is not None
    return not is_read or is_burstable(name) or bool(families_allowed([name]))


def _is_everything(families: Set[str], accelerator: bool) -> bool:
    """Whether these are all families that AWS names: those with GPUs are only for functions with an accelerator."""
    return families >= {*GIB_PER_V_CPU_OF_FAMILY, *(GPU_FAMILIES if accelerator else ())}


@rule("LMI416", severity=Severity.ERROR, source=CAPACITY_PROVIDERS)
def instance_types_too_small(
    allowed_instance_types: tuple[str, ...],
    memory_size: int,
    execution_environment_memory_gib_per_v_cpu: float,
    excluded_instance_types: tuple[str, ...] = (),
    accelerator: bool = True,
) -> Finding | None:
    """No instance type that the capacity provider may use is large enough for one execution environment.

    An execution environment runs on one instance. If all allowed types have fewer vCPUs than it needs, or every type is
    excluded, it cannot be placed, and publishing fails. If the largest has just as many, that is a warning: each
    instance keeps one vCPU for the operating system, but only AWS's skill for coding assistants says so, and no page of
    the guide. The vCPUs of an allowed type are read from its name; with a wildcard, nothing is reported.
    """
    needed = v_cpu_count(memory_size, execution_environment_memory_gib_per_v_cpu)
    if not allowed_instance_types and _is_everything(families_excluded(excluded_instance_types), accelerator):
        return Finding(
            subject="excluded_instance_types",
            must=f"leave a type with at least {needed} vCPUs, which one execution environment has",
            got=f"{', '.join(excluded_instance_types)}, which is every type",
            fix=(change("leave out the instance type filter", excluded_instance_types=()),),
        )
    sizes = [v_cpus_of_every(name) for name in allowed_instance_types]
    if not sizes or any(size is None or v_cpus_for_environments(size) >= needed for size in sizes):
        return None
    largest = max(size for size in sizes if size is not None)
    most = v_cpus_for_environments(largest)
    return Finding(
        subject="allowed_instance_types",
        must=f"allow a type with more than the {needed} vCPUs of one execution environment, since the operating system "
        f"keeps {INSTANCE_V_CPU_RESERVED}",
        got=f"{', '.join(allowed_instance_types)} ({largest} vCPUs at most)",
        fix=(
            change("allow a larger type, or leave out the instance type filter", allowed_instance_types=()),
            change(memory_size=int(most * execution_environment_memory_gib_per_v_cpu * MIB_PER_GIB)),
        ),
        severity=Severity.ERROR if largest < needed else Severity.WARNING,
        fields=("allowed_instance_types", "memory_size"),
    )


@rule("LMI417", severity=Severity.ERROR, source=FUNCTION_CAPACITY_PROVIDER_CONFIG)
def capacity_provider_not_by_arn(capacity_provider_arn: str) -> Finding | None:
    """The function names its capacity provider by something other than an ARN.

    Lambda accepts only the ARN, and refuses a name. In a template, ``Ref`` of a capacity provider is its name;
    ``Fn::GetAtt`` with ``Arn`` is its ARN.
    """
    if capacity_provider_arn.startswith("arn:"):
        return None
    return Finding(
        subject="capacity_provider_arn",
        must="be the ARN of a capacity provider",
        got=f"{capacity_provider_arn!r}, which is none",
        fix=(
            change(
                "write the ARN; for a capacity provider of the same template, Fn::GetAtt with Arn in place of Ref",
                capacity_provider_arn="arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool",
            ),
        ),
    )


@rule("LMI418", severity=Severity.ERROR, source=OPERATOR_ROLE)
def operator_role_not_for_lambda(operator_trusts: tuple[str, ...]) -> Finding | None:
    """Lambda may not assume the operator role of the capacity provider.

    Lambda launches the instances with this role, so its trust policy must name Lambda's service principal. The
    instances themselves do not use the role: to trust EC2 does not help.
    """
    if any("*" in each or each.startswith("lambda.") for each in operator_trusts):
        return None
    return Finding(
        subject="operator_trusts",
        must=f"let {OPERATOR_SERVICE} assume the operator role",
        got=", ".join(operator_trusts) or "no service",
        fix=(change(f"name {OPERATOR_SERVICE} as the principal", operator_trusts=(OPERATOR_SERVICE,)),),
    )


@rule("LMI419", severity=Severity.ERROR, source=OPERATOR_ROLE)
def operator_role_without_policy(operator_policies: tuple[str, ...]) -> Finding | None:
    """The operator role has no policy, or one that does not exist.

    Lambda launches the instances with what this role is allowed. Without a policy, no instance starts, and no version
    is published. AWS has a policy for it, AWSLambdaManagedEC2ResourceOperator, whose ARN has no "service-role" in it:
    IAM refuses to attach what is not there.
    """
    misspelt = [
        name for name in operator_policies if name.rpartition("/")[2] == OPERATOR_POLICY and name != OPERATOR_POLICY
    ]
    if operator_policies and not misspelt:
        return None
    right = f"arn:aws:iam::aws:policy/{OPERATOR_POLICY}"
    return Finding(
        subject="operator_policies",
        must=f"be {right}, or a policy that allows as much",
        got=" and ".join(f"policy/{name}, which does not exist" for name in misspelt) or "no policy",
        fix=(
            change(
                f"attach {right}",
                operator_policies=(*(name for name in operator_policies if name not in misspelt), OPERATOR_POLICY),
            ),
        ),
    )


@rule("LMI420", severity=Severity.ERROR, source=CAPACITY_PROVIDER_VPC_CONFIG)
def subnets_of_several_vpcs(vpcs: tuple[str, ...]) -> Finding | None:
    """The subnets of the capacity provider are in different VPCs.

    Its instances are in one VPC, as are the security groups that they carry: EC2 refuses a security group of another
    VPC than the subnet's.
    """
    if len(vpcs) <= 1:
        return None
    return Finding(
        subject="vpcs",
        must="be in one VPC",
        got=", ".join(vpcs),
        fix=tuple(change(f"select subnets of {vpc} only", vpcs=(vpc,)) for vpc in vpcs),
    )


@rule("LMI421", severity=Severity.ERROR, source=FUNCTION_VERSIONS_MAX.source)
def too_many_function_versions(function_versions: int, published_functions: int = 0) -> Finding | None:
    """The capacity provider has more function versions than Lambda accepts, or no room for the next ones.

    Lambda accepts 100 function versions on one capacity provider, and AWS does not raise this quota. CloudFormation
    publishes the next version of a function before it deletes the previous one. An update of all functions at once, for
    example to another runtime, therefore needs room for two versions of each.
    """
    most, functions = int(FUNCTION_VERSIONS_MAX), published_functions
    if function_versions + functions <= most:
        return None
    is_full = function_versions > most
    fewer = change("delete versions that nothing calls any more", function_versions=most - functions)
    spread = change(
        "put functions on another capacity provider", function_versions=most // 2, published_functions=most // 2
    )
    return Finding(
        subject="capacity_provider",
        must=f"have at most {most} function versions"
        + ("" if is_full else ", the next version of each function on it included"),
        got=f"{function_versions}" + ("" if is_full else f", and {functions} more while all functions are updated"),
        fix=(
            *([spread] if functions > 1 else []),
            *([fewer] if functions <= min(most // 2, function_versions) else []),
        ),
        severity=Severity.ERROR if is_full else Severity.WARNING,
    )


@rule("LMI422", severity=Severity.ERROR, source=CAPACITY_PROVIDER)
def invalid_capacity_provider_name(capacity_provider_name: str | None) -> Finding | None:
    """Lambda does not accept the name of the capacity provider.

    The name must have 1 to 140 letters, digits, hyphens and underscores; the ARN of a capacity provider does as well.
    """
    if capacity_provider_name is None or _is_accepted(capacity_provider_name):
        return None
    return Finding(
        subject="capacity_provider_name",
        must=f"have 1 to {CAPACITY_PROVIDER_NAME_LENGTH_MAX} letters, digits, hyphens and underscores",
        got=repr(capacity_provider_name),
        fix=(change(capacity_provider_name=None),),
    )


def _is_accepted(name: str) -> bool:
    return len(name) <= CAPACITY_PROVIDER_NAME_LENGTH_MAX and _NAME.fullmatch(name) is not None
