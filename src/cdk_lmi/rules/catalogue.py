"""Every rule there is, in the order of its id. A retired id stays retired."""

from __future__ import annotations

from . import arguments, capacity, compatibility, concurrency, network, publishing, scaling, sizing
from .facts import FunctionFacts

#: What goes before the id of a rule wherever CDK names it, so that every tool acknowledges it alike.
NAMESPACE = "cdk-lmi::"
#: All rules. Ids and slugs are public: none is used again or renumbered.
RULES = (
    # 0xx: what a construct was given
    arguments.wrong_argument_type,
    arguments.exclusive_arguments,
    arguments.empty_list,
    arguments.unusable_function,
    arguments.useless_acknowledgment,
    arguments.refused_by_cdk,
    arguments.used_twice,
    # 1xx: the size of one execution environment
    sizing.memory_below_minimum,
    sizing.memory_above_maximum,
    sizing.unsupported_memory_per_vcpu,
    sizing.memory_below_one_vcpu,
    sizing.memory_not_whole_vcpus,
    sizing.ephemeral_storage_out_of_range,
    sizing.too_little_memory_per_process,
    # 2xx: what one execution environment takes at once
    concurrency.concurrency_out_of_range,
    concurrency.concurrency_above_vcpu_cap,
    concurrency.concurrency_above_runtime_default,
    # 3xx: how many execution environments, how many vCPUs
    scaling.environments_out_of_range,
    scaling.min_environments_above_max,
    scaling.min_zero_with_max,
    scaling.one_scaling_bound_only,
    scaling.fewer_than_three_environments,
    scaling.minimum_fleet_above_max_vcpu,
    scaling.no_vcpu_headroom,
    scaling.max_vcpu_out_of_range,
    scaling.max_vcpu_below_twelve,
    scaling.manual_scaling_without_policy,
    scaling.scaling_target_out_of_range,
    scaling.schedule_scales_to_zero,
    scaling.scheduled_bounds_lost_by_deployment,
    scaling.schedule_without_version,
    # 4xx: the capacity provider, its subnets and instances
    capacity.subnet_count,
    capacity.security_group_count,
    capacity.single_availability_zone,
    capacity.several_architectures,
    capacity.architecture_mismatch,
    capacity.allowed_and_excluded_instances,
    capacity.unsupported_instance_type,
    capacity.unknown_instance_family,
    capacity.instance_type_architecture_mismatch,
    capacity.instance_family_ratio_mismatch,
    capacity.fixed_capacity_provider_name,
    capacity.log_group_name_reserved,
    capacity.too_many_propagated_tags,
    capacity.key_without_operator_grants,
    capacity.pool_per_function,
    capacity.instance_types_too_small,
    capacity.capacity_provider_not_by_arn,
    capacity.operator_role_not_for_lambda,
    capacity.operator_role_without_policy,
    capacity.subnets_of_several_vpcs,
    capacity.too_many_function_versions,
    capacity.invalid_capacity_provider_name,
    # 5xx: what the instances can reach
    network.no_route_for_logs,
    network.granted_service_unreachable,
    network.endpoint_without_private_dns,
    network.endpoint_refuses_instances,
    network.no_https_out,
    network.every_action_allowed,
    network.conflicting_endpoints,
    # 6xx: what is published, what serves, what calls it
    publishing.unqualified_target,
    publishing.scaling_on_unserved_version,
    publishing.second_fleet,
    publishing.nothing_published,
    publishing.provisioned_concurrency,
    publishing.retained_version,
    publishing.scaling_without_capacity_provider,
    publishing.invalid_alias_name,
    publishing.rollout_without_rollback,
    publishing.event_invoke_config_of_latest,
    publishing.alias_of_latest,
    publishing.alias_defined_twice,
    # 7xx: what a function on Managed Instances cannot be or have
    compatibility.unsupported_runtime,
    compatibility.snapstart,
    compatibility.file_system,
    compatibility.function_vpc_config,
    compatibility.reserved_concurrency,
    compatibility.tenant_isolation,
    compatibility.text_logs,
    compatibility.timeout_out_of_range,
    compatibility.accelerator_without_image,
    compatibility.visibility_timeout_too_short,
    compatibility.malformed_handler,
)

#: Those about the arguments of a construct, which cannot be acknowledged.
ARGUMENT_RULES = tuple(rule for rule in RULES if rule.id.startswith("LMI0"))
_IDS = frozenset(rule.id for rule in RULES)


def why_useless(id: str, reason: str) -> str | None:
    """Tell why acknowledging a rule has no effect; ``None`` where it has."""
    if id not in _IDS:
        return "which is not a rule"
    if any(rule.id == id for rule in ARGUMENT_RULES):
        return "which cannot be acknowledged"
    return None if reason.strip() else "without a reason"


#: Those that look at the function. The others were run where its capacity provider was judged.
FUNCTION_RULES = tuple(rule for rule in RULES if not set(FunctionFacts.__dataclass_fields__).isdisjoint(rule.needs))
#: Those for a function on a capacity provider that was judged before: what the function adds to it is told of both.
ADDED_FUNCTION_RULES = (*FUNCTION_RULES, capacity.too_many_function_versions)
#: Those for a function that is not on Managed Instances.
STANDARD_FUNCTION_RULES = tuple(rule for rule in RULES if "has_capacity_provider" in rule.needs)
#: Those about the bounds of the execution environments, which hold whether a version or a schedule sets them, and about
#: the version that a schedule names. That fewer than three are few is no news to whoever has a clock take them away for
#: some hours.
BOUND_RULES = tuple(
    rule
    for rule in RULES
    if {"min_execution_environments", "max_execution_environments", "schedule_qualifier"} & set(rule.needs)
    and rule is not scaling.fewer_than_three_environments
)
#: Those about ``$LATEST.PUBLISHED`` beside numbered versions: what AWS refuses. What its bounds are good for is no
#: question where it had better not be there (LMI603).
LATEST_PUBLISHED_RULES = (
    scaling.environments_out_of_range,
    scaling.min_environments_above_max,
    scaling.minimum_fleet_above_max_vcpu,
)
