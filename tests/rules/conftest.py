"""A configuration that violates nothing, to be changed in one thing at a time."""

import pytest

from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.engine import check
from cdk_lmi.rules.facts import UNKNOWN, Facts

SOUND = Facts(
    runtime="python3.14",
    architecture="arm64",
    memory_size=4096,
    execution_environment_memory_gib_per_v_cpu=4,
    per_execution_environment_max_concurrency=16,
    min_execution_environments=3,
    max_execution_environments=12,
    ephemeral_storage_size=512,
    timeout=30,
    visibility_timeout=5400,
    vpc=False,
    snap_start=False,
    filesystem=False,
    reserved_concurrent_executions=None,
    tenancy_config=False,
    logging_format="JSON",
    has_capacity_provider=True,
    capacity_provider_arn="arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool",
    accelerator=False,
    package_type="Zip",
    published_versions=1,
    publish_to_latest_published=False,
    lone_scaling_bound=None,
    scales_latest_published=False,
    latest_published_deactivated=False,
    scaled_versions=("Version",),
    unscaled_versions=(),
    unqualified_callers=(),
    called_function="Function",
    is_hook=False,
    calls_latest=False,
    provisioned=(),
    retained_versions=(),
    versions_retained_on_replacement=(),
    alias_name="live",
    alias_of_same_name=None,
    called_services=("dynamodb", "sqs"),
    calls_anything=False,
    default_capacity_providers=1,
    v_cpus_of_other_functions=0,
    v_cpus_of_other_versions=0,
    max_v_cpu_count_for_all=0,
    shifts_traffic=False,
    # The bounds are the version's own.
    schedule=UNKNOWN,
    min_execution_environments_of_new_version=UNKNOWN,
    capacity_provider_architectures=("arm64",),
    max_v_cpu_count=400,
    scaling_mode="Auto",
    scaling_targets=(),
    allowed_instance_types=(),
    excluded_instance_types=(),
    subnets=3,
    vpcs=("Vpc",),
    availability_zones=3,
    security_groups=1,
    routes_out=False,
    endpoint_services=("dynamodb", "logs", "sqs"),
    endpoints_without_private_dns=(),
    endpoints_refusing_instances=(),
    conflicting_endpoints=(),
    https_out=True,
    capacity_provider_name=None,
    capacity_provider_log_group=None,
    function_versions=1,
    published_functions=1,
    propagated_tags=0,
    operator_trusts=("lambda.amazonaws.com",),
    operator_policies=("AWSLambdaManagedEC2ResourceOperator",),
    actions_missing_on_key=(),
)


@pytest.fixture(scope="session")
def sound():
    """Every fact known, nothing violated."""
    return SOUND


@pytest.fixture(scope="session")
def ids():
    """Give the ids that a changed configuration violates."""
    return lambda facts: [violation.id for violation in check(facts, RULES)]
