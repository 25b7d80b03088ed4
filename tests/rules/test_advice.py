"""What each finding advises: the values that it would set, in their order, and the numbers that it tells."""

import re
from dataclasses import replace
from typing import Any

import pytest

from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.engine import Severity
from cdk_lmi.rules.facts import UNKNOWN

from .conftest import SOUND

RULE = {rule.id: rule for rule in RULES}
RATIO = "execution_environment_memory_gib_per_v_cpu"
CONCURRENCY = "per_execution_environment_max_concurrency"
MIN, MAX = "min_execution_environments", "max_execution_environments"
NEW_MIN, NEW_MAX = f"{MIN}_of_new_version", f"{MAX}_of_new_version"
OTHERS = "v_cpus_of_other_functions"
VERSIONS = "v_cpus_of_other_versions"
VERSIONS_ON, FUNCTIONS_ON = "function_versions", "published_functions"
FOR_ALL = "max_v_cpu_count_for_all"
POOL_ARN = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"
OPERATOR_POLICY = "AWSLambdaManagedEC2ResourceOperator"
POOL = "capacity_provider_architectures"
ALLOWED, EXCLUDED = "allowed_instance_types", "excluded_instance_types"
ENDPOINTS = ("dynamodb", "logs", "sqs")
#: Three execution environments of 1 vCPU, each on an instance of 4, and one instance more.
SMALL_POOL = 16

#: Changes to the sound configuration, the rule that is asked, and what each of the changes that it offers would set;
#: nothing where the rule finds nothing. An empty one is advice that facts cannot show.
ADVICE: list[tuple[dict[str, Any], str, list[dict[str, Any]]]] = [
    # to the nearest memory that is of whole vCPUs
    ({"memory_size": 128}, "LMI101", [{"memory_size": 4096}]),
    ({"memory_size": 2047, RATIO: 2}, "LMI101", [{"memory_size": 2048}]),
    ({"memory_size": 2047, RATIO: 3}, "LMI101", [{"memory_size": 2048}]),
    ({"memory_size": 2047, RATIO: UNKNOWN}, "LMI101", [{"memory_size": 2048}]),
    ({"memory_size": -9000, RATIO: 8}, "LMI101", [{"memory_size": 8192}]),
    ({"memory_size": 32769}, "LMI102", [{"memory_size": 32768}]),
    ({"memory_size": 99999, RATIO: 8}, "LMI102", [{"memory_size": 32768}]),
    ({"memory_size": 99999, RATIO: UNKNOWN}, "LMI102", [{"memory_size": 32768}]),
    # every ratio that the memory is a multiple of, else the smallest
    ({RATIO: 3}, "LMI103", [{RATIO: 2}, {RATIO: 4}]),
    ({RATIO: 3, "memory_size": 6144}, "LMI103", [{RATIO: 2}]),
    ({RATIO: 3, "memory_size": 32768}, "LMI103", [{RATIO: 2}, {RATIO: 4}, {RATIO: 8}]),
    ({RATIO: 3, "memory_size": UNKNOWN}, "LMI103", [{RATIO: 2}, {RATIO: 4}, {RATIO: 8}]),
    ({RATIO: 3, "memory_size": 2049}, "LMI103", [{RATIO: 2}]),
    ({RATIO: 3, "memory_size": 8193}, "LMI103", [{RATIO: 2}]),
    ({RATIO: 3, "memory_size": 0}, "LMI103", [{RATIO: 2}]),
    ({"memory_size": 2096}, "LMI104", [{"memory_size": 4096}, {RATIO: 2, "memory_size": 2048}]),
    ({"memory_size": 4095, RATIO: 8}, "LMI104", [{"memory_size": 8192}, {RATIO: 2, "memory_size": 2048}]),
    ({"memory_size": 4096, RATIO: 8}, "LMI104", [{"memory_size": 8192}, {RATIO: 4, "memory_size": 4096}]),
    ({"memory_size": 2048, RATIO: 4}, "LMI104", [{"memory_size": 4096}, {RATIO: 2, "memory_size": 2048}]),
    ({"memory_size": 2047, RATIO: 4}, "LMI104", []),
    ({"memory_size": 4097}, "LMI105", [{"memory_size": 8192}, {"memory_size": 4096}]),
    ({"memory_size": 6143, RATIO: 2}, "LMI105", [{"memory_size": 6144}, {"memory_size": 4096}]),
    ({"memory_size": 32767}, "LMI105", [{"memory_size": 32768}, {"memory_size": 28672}]),
    ({"memory_size": 32769}, "LMI105", []),
    ({"ephemeral_storage_size": 511}, "LMI106", [{"ephemeral_storage_size": 512}]),
    ({"ephemeral_storage_size": 10241}, "LMI106", [{"ephemeral_storage_size": 10240}]),
    # 34 MiB for each process
    ({"memory_size": 2048, RATIO: 2, CONCURRENCY: 61}, "LMI107", [{CONCURRENCY: 60}, {"memory_size": 4096}]),
    ({"memory_size": 2048, RATIO: UNKNOWN, CONCURRENCY: 61}, "LMI107", [{CONCURRENCY: 60}, {"memory_size": 4096}]),
    ({"memory_size": 2047, RATIO: 2, CONCURRENCY: 61}, "LMI107", []),
    ({"memory_size": 2108, CONCURRENCY: 62}, "LMI107", []),
    ({"memory_size": 2107, CONCURRENCY: 62}, "LMI107", [{CONCURRENCY: 61}, {"memory_size": 4096}]),
    ({"memory_size": 32768, CONCURRENCY: 1000}, "LMI107", [{CONCURRENCY: 963}]),
    # what the API takes, and what the vCPUs may
    ({CONCURRENCY: 0}, "LMI201", [{CONCURRENCY: 1}]),
    ({CONCURRENCY: 1600}, "LMI201", []),
    ({CONCURRENCY: 1601}, "LMI201", [{CONCURRENCY: 64}]),
    ({CONCURRENCY: 1601, "memory_size": 32768, RATIO: 2}, "LMI201", [{CONCURRENCY: 1024}]),
    ({CONCURRENCY: 1601, "memory_size": UNKNOWN, RATIO: UNKNOWN}, "LMI201", [{CONCURRENCY: 1024}]),
    ({CONCURRENCY: 65}, "LMI202", [{CONCURRENCY: 64}, {"memory_size": 8192}]),
    ({CONCURRENCY: 128}, "LMI202", [{CONCURRENCY: 64}, {"memory_size": 8192}]),
    ({CONCURRENCY: 512}, "LMI202", [{CONCURRENCY: 64}, {"memory_size": 32768}]),
    ({CONCURRENCY: 513}, "LMI202", [{CONCURRENCY: 64}]),
    ({CONCURRENCY: 1600}, "LMI202", [{CONCURRENCY: 64}]),
    ({CONCURRENCY: 1601}, "LMI202", []),
    ({CONCURRENCY: 65, RATIO: 3}, "LMI202", []),
    ({CONCURRENCY: 17}, "LMI203", [{CONCURRENCY: 16}]),
    ({CONCURRENCY: 64}, "LMI203", [{CONCURRENCY: 16}]),
    ({CONCURRENCY: 65}, "LMI203", []),
    ({CONCURRENCY: 33, "memory_size": 8192}, "LMI203", [{CONCURRENCY: 32}]),
    ({CONCURRENCY: 49, "memory_size": 12288}, "LMI203", [{CONCURRENCY: 48}]),
    # bounds
    ({MIN: -1}, "LMI301", [{MIN: 0}]),
    ({MAX: 15001}, "LMI301", [{MAX: 15000}]),
    ({MIN: 15001, MAX: -1}, "LMI301", [{MIN: 15000, MAX: 0}]),
    ({MIN: -1, MAX: UNKNOWN}, "LMI301", [{MIN: 0}]),
    ({MIN: 13}, "LMI302", [{MAX: 13}, {MIN: 12}]),
    ({MIN: 13, MAX: None}, "LMI302", []),
    ({MIN: 0}, "LMI303", [{MIN: 3}, {MAX: 0}]),
    ({MIN: 0, MAX: None}, "LMI303", [{MIN: 3}, {MAX: 0}]),
    ({MIN: 0, MAX: 3}, "LMI303", [{MIN: 3}, {MAX: 0}]),
    ({MIN: 0, MAX: 2}, "LMI303", [{MIN: 3, MAX: 3}, {MAX: 0}]),
    ({"lone_scaling_bound": "MinExecutionEnvironments"}, "LMI304", [{"lone_scaling_bound": None}]),
    ({MIN: 2}, "LMI305", [{MIN: 3}]),
    ({MIN: 2, MAX: None}, "LMI305", [{MIN: 3}]),
    ({MIN: 2, MAX: UNKNOWN}, "LMI305", [{MIN: 3}]),
    ({MIN: 2, MAX: 3}, "LMI305", [{MIN: 3}]),
    ({MIN: 2, MAX: 2}, "LMI305", [{MIN: 3, MAX: 3}]),
    # room for the minimum fleet and one instance to spare, or what there is room for
    ({"max_v_cpu_count": 2}, "LMI306", [{"max_v_cpu_count": SMALL_POOL}, {MIN: 2}]),
    ({"max_v_cpu_count": 3}, "LMI306", []),
    ({"max_v_cpu_count": 2, OTHERS: UNKNOWN}, "LMI306", [{"max_v_cpu_count": SMALL_POOL}, {MIN: 2}]),
    ({"max_v_cpu_count": 3, OTHERS: UNKNOWN, "shifts_traffic": UNKNOWN}, "LMI306", []),
    ({"max_v_cpu_count": 5, "shifts_traffic": True}, "LMI306", [{"max_v_cpu_count": SMALL_POOL}, {MIN: 2}]),
    (
        {"max_v_cpu_count": 2, ALLOWED: ("m7g.2xlarge",)},
        "LMI306",
        [{"max_v_cpu_count": 32}, {MIN: 2}],
    ),
    ({"max_v_cpu_count": 100, OTHERS: 98}, "LMI306", [{"max_v_cpu_count": 144}, {MIN: 2}]),
    ({OTHERS: 399}, "LMI306", [{"max_v_cpu_count": 544}, {MIN: 1}]),
    ({OTHERS: 400}, "LMI306", [{"max_v_cpu_count": 548}]),
    ({OTHERS: 400, MIN: 1}, "LMI306", [{"max_v_cpu_count": 540}]),
    ({OTHERS: 400, MIN: 0}, "LMI306", []),
    ({OTHERS: 500, MIN: -1}, "LMI306", []),
    ({MIN: 15000, MAX: None}, "LMI306", [{MIN: 400}]),
    ({MIN: 15000, MAX: None, "memory_size": 8192}, "LMI306", [{MIN: 200}]),
    ({MIN: 15000, MAX: None, "memory_size": 8192, "shifts_traffic": True}, "LMI306", [{MIN: 100}]),
    ({OTHERS: 11241}, "LMI306", [{"max_v_cpu_count": 15000}]),
    ({OTHERS: 11242}, "LMI306", [{OTHERS: 0, VERSIONS: 0, "max_v_cpu_count": 15000, MIN: 3}]),
    (
        {OTHERS: 20000, MIN: 15000, MAX: None, "memory_size": 32768, RATIO: 2},
        "LMI306",
        [{OTHERS: 0, VERSIONS: 0, "max_v_cpu_count": 15000, MIN: 937}],
    ),
    (
        {OTHERS: 20000, MIN: 15000, MAX: None, "memory_size": 32768, RATIO: 2, "shifts_traffic": True},
        "LMI306",
        [{OTHERS: 0, VERSIONS: 0, "max_v_cpu_count": 15000, MIN: 468}],
    ),
    # other versions of the function count as other functions do
    ({"max_v_cpu_count": 100, OTHERS: 90, VERSIONS: 8}, "LMI306", [{"max_v_cpu_count": 144}, {MIN: 2}]),
    ({"max_v_cpu_count": 15, OTHERS: 0, VERSIONS: 13}, "LMI306", [{"max_v_cpu_count": 32}, {MIN: 2}]),
    ({"max_v_cpu_count": 15, VERSIONS: 12}, "LMI307", [{"max_v_cpu_count": 28}]),
    ({"max_v_cpu_count": 36, VERSIONS: 12, OTHERS: 12}, "LMI307", [{"max_v_cpu_count": 44}]),
    # one cap for all functions, as far as Lambda takes it
    ({"max_v_cpu_count": 2, FOR_ALL: 48}, "LMI306", [{"max_v_cpu_count": 48}, {MIN: 2}]),
    ({"max_v_cpu_count": 2, FOR_ALL: 8}, "LMI306", [{"max_v_cpu_count": SMALL_POOL}, {MIN: 2}]),
    ({"max_v_cpu_count": 2, FOR_ALL: 20000}, "LMI306", [{"max_v_cpu_count": 15000}, {MIN: 2}]),
    ({"max_v_cpu_count": 15, FOR_ALL: 48}, "LMI307", [{"max_v_cpu_count": 48}]),
    ({"max_v_cpu_count": 15, FOR_ALL: UNKNOWN}, "LMI307", [{"max_v_cpu_count": SMALL_POOL}]),
    # a cap that Lambda does not take is told by itself
    ({"max_v_cpu_count": 1}, "LMI306", []),
    ({"max_v_cpu_count": 1, MIN: 1}, "LMI307", []),
    ({"max_v_cpu_count": 15001, OTHERS: 15001}, "LMI306", []),
    ({"max_v_cpu_count": 15}, "LMI307", [{"max_v_cpu_count": SMALL_POOL}]),
    ({"max_v_cpu_count": 3}, "LMI307", [{"max_v_cpu_count": SMALL_POOL}]),
    ({"max_v_cpu_count": 2}, "LMI307", []),
    ({"max_v_cpu_count": 11, "memory_size": 8192, MIN: 6}, "LMI307", []),
    ({"max_v_cpu_count": 11, MIN: 1}, "LMI307", [{"max_v_cpu_count": 12}]),
    ({"max_v_cpu_count": 7, MIN: 0}, "LMI307", []),
    ({"max_v_cpu_count": 3, MIN: -1}, "LMI307", []),
    ({"max_v_cpu_count": 35, "memory_size": 8192, MIN: 6}, "LMI307", [{"max_v_cpu_count": 36}]),
    ({"max_v_cpu_count": 79, "memory_size": 32768}, "LMI307", [{"max_v_cpu_count": 80}]),
    ({"max_v_cpu_count": 14999, OTHERS: 11241}, "LMI307", [{"max_v_cpu_count": 15000}]),
    ({"max_v_cpu_count": 14999, OTHERS: 11242}, "LMI307", []),
    ({"max_v_cpu_count": 1}, "LMI308", [{"max_v_cpu_count": 12}]),
    ({"max_v_cpu_count": 15001}, "LMI308", [{"max_v_cpu_count": 15000}]),
    ({"max_v_cpu_count": 2}, "LMI309", [{"max_v_cpu_count": 12}]),
    ({"max_v_cpu_count": 1}, "LMI309", []),
    # scaling policies
    ({"scaling_mode": "Manual"}, "LMI310", [{"scaling_mode": "Auto", "scaling_targets": ()}]),
    # Equal to the constant, as what a template says is, and not the same object.
    (
        {"scaling_mode": "".join(["Man", "ual"]), "scaling_targets": tuple(range(11))},
        "LMI310",
        [{"scaling_targets": tuple(range(10))}],
    ),
    # who wrote policies wants them, if there are not too many
    (
        {"scaling_targets": (70.0,)},
        "LMI310",
        [{"scaling_mode": "Manual"}, {"scaling_mode": "Auto", "scaling_targets": ()}],
    ),
    (
        {"scaling_targets": (70.0,) * 10},
        "LMI310",
        [{"scaling_mode": "Manual"}, {"scaling_mode": "Auto", "scaling_targets": ()}],
    ),
    ({"scaling_targets": (70.0,) * 11}, "LMI310", [{"scaling_mode": "Auto", "scaling_targets": ()}]),
    (
        {"scaling_mode": "Manual", "scaling_targets": tuple(range(50, 62))},
        "LMI310",
        [{"scaling_targets": tuple(range(50, 60))}],
    ),
    (
        {"scaling_mode": "Manual", "scaling_targets": (70, -1, 0, 100, 101)},
        "LMI311",
        [{"scaling_targets": (70, 0, 0, 100, 100)}],
    ),
    # schedules
    ({"schedule": "Night", MIN: 0, MAX: 0}, "LMI312", [{}, {MIN: 3, MAX: 3}]),
    ({"schedule": "Night", MAX: -1}, "LMI312", []),
    ({"schedule": "Day", "schedule_qualifier": "live"}, "LMI314", [{"schedule_qualifier": "1"}]),
    ({"schedule": "Day", "schedule_qualifier": None}, "LMI314", [{"schedule_qualifier": "1"}]),
    ({"schedule": "Day", NEW_MIN: 2}, "LMI313", [{NEW_MIN: 3}, {}]),
    ({"schedule": "Day", NEW_MIN: 2, NEW_MAX: 11}, "LMI313", [{NEW_MIN: 3, NEW_MAX: 12}, {}]),
    ({"schedule": "Day", NEW_MIN: 3, NEW_MAX: 11, MAX: None}, "LMI313", [{NEW_MAX: None}, {}]),
    ({"schedule": "Day", NEW_MIN: 3, NEW_MAX: 14999, MAX: None}, "LMI313", [{NEW_MAX: None}, {}]),
    ({"schedule": "Day", NEW_MIN: 3, NEW_MAX: 15000, MAX: None}, "LMI313", []),
    ({"schedule": "Day", NEW_MIN: 3, NEW_MAX: 15000, MAX: 20000}, "LMI313", []),
    ({"schedule": "Day", NEW_MIN: 3, NEW_MAX: 0, MAX: UNKNOWN}, "LMI313", []),
    ({"schedule": "Day", NEW_MIN: 3, NEW_MAX: UNKNOWN, MAX: None}, "LMI313", []),
    # the capacity provider
    ({"subnets": 0}, "LMI401", [{"subnets": 1}]),
    ({"subnets": 1}, "LMI401", []),
    ({"subnets": 17}, "LMI401", [{"subnets": 16}]),
    ({"security_groups": 6}, "LMI402", [{"security_groups": 5}]),
    ({"availability_zones": 1}, "LMI403", [{"availability_zones": 3}]),
    ({"availability_zones": 0}, "LMI403", []),
    ({POOL: ("arm64", "x86_64")}, "LMI404", [{POOL: ("arm64",)}, {POOL: ("x86_64",)}]),
    ({"architecture": "x86_64"}, "LMI405", [{"architecture": "arm64"}, {POOL: ("x86_64",)}]),
    ({"architecture": "x86_64", POOL: ()}, "LMI405", []),
    ({"architecture": "riscv", POOL: ("arm64", "x86_64")}, "LMI405", []),
    (
        {ALLOWED: ("m7g.large",), "excluded_instance_types": ("c7g.large",)},
        "LMI406",
        [{"excluded_instance_types": ()}, {ALLOWED: ()}],
    ),
    ({ALLOWED: ("m7g.medium",)}, "LMI407", [{ALLOWED: ()}]),
    ({ALLOWED: ("m7g.medium", "m7g.large", "t4g.large")}, "LMI407", [{ALLOWED: ("m7g.large",)}]),
    ({ALLOWED: ("x2gd.large", "p5.xlarge", "m7g.large")}, "LMI408", [{ALLOWED: ("p5.xlarge", "m7g.large")}, {}]),
    ({ALLOWED: ("m7i.large",)}, "LMI409", [{POOL: ("x86_64",)}]),
    ({ALLOWED: ("m7i.large", "m7g.large")}, "LMI409", [{ALLOWED: ("m7g.large",)}]),
    ({ALLOWED: ("m7g.large",), POOL: ("x86_64",)}, "LMI409", [{POOL: ("arm64",)}]),
    ({ALLOWED: ("m7i.large",), POOL: ()}, "LMI409", []),
    ({ALLOWED: ("m7i.large",), POOL: ("arm64", "arm64")}, "LMI409", []),
    ({ALLOWED: ("r7g.xlarge", "c7g.xlarge")}, "LMI410", [{ALLOWED: ()}, {RATIO: 2}, {RATIO: 8}]),
    ({ALLOWED: ("c7g.xlarge", "g5g.xlarge")}, "LMI410", [{ALLOWED: ()}, {RATIO: 2}]),
    ({ALLOWED: ("c7g.xlarge",), RATIO: 3}, "LMI410", []),
    ({ALLOWED: ("c*", "r7g*.*")}, "LMI410", [{ALLOWED: ()}, {RATIO: 2}, {RATIO: 8}]),
    ({ALLOWED: ("m*", "t3*", "*.nano")}, "LMI407", [{ALLOWED: ("m*",)}]),
    ({ALLOWED: ("m*", "t*")}, "LMI408", [{ALLOWED: ("m*",)}, {}]),
    ({ALLOWED: ("m7g.large",), "memory_size": 12288}, "LMI416", [{ALLOWED: ()}, {"memory_size": 4096}]),
    ({ALLOWED: ("m7g.large",), "memory_size": 8192}, "LMI416", [{ALLOWED: ()}, {"memory_size": 4096}]),
    ({ALLOWED: ("m7g.large", "m7g.xlarge"), "memory_size": 32768}, "LMI416", [{ALLOWED: ()}, {"memory_size": 12288}]),
    ({ALLOWED: ("m7g.large", "m7g.metal"), "memory_size": 32768}, "LMI416", []),
    ({ALLOWED: ("g5g.xlarge",)}, "LMI410", []),
    ({EXCLUDED: ("m*",)}, "LMI410", [{EXCLUDED: ()}, {RATIO: 2}, {RATIO: 8}]),
    ({EXCLUDED: ("m*", "c*.*")}, "LMI410", [{EXCLUDED: ()}, {RATIO: 8}]),
    ({EXCLUDED: ("m*", "c*", "r*"), "accelerator": UNKNOWN}, "LMI410", [{EXCLUDED: ()}]),
    ({EXCLUDED: ("m*",), RATIO: 3}, "LMI410", []),
    ({EXCLUDED: ("*",)}, "LMI416", [{EXCLUDED: ()}]),
    ({"capacity_provider_name": "pool"}, "LMI411", [{"capacity_provider_name": None}]),
    (
        {"capacity_provider_log_group": "aws/pool"},
        "LMI412",
        [{"capacity_provider_log_group": "/aws/pool"}, {"capacity_provider_log_group": None}],
    ),
    ({"propagated_tags": 41}, "LMI413", [{"propagated_tags": 40}]),
    ({"actions_missing_on_key": ("kms:Decrypt",)}, "LMI414", [{"actions_missing_on_key": ()}]),
    ({"capacity_provider_arn": "Pool"}, "LMI417", [{"capacity_provider_arn": POOL_ARN}]),
    ({"operator_trusts": ("ec2.amazonaws.com",)}, "LMI418", [{"operator_trusts": ("lambda.amazonaws.com",)}]),
    ({"operator_policies": ()}, "LMI419", [{"operator_policies": (OPERATOR_POLICY,)}]),
    (
        {"operator_policies": ("Ours", f"service-role/{OPERATOR_POLICY}")},
        "LMI419",
        [{"operator_policies": ("Ours", OPERATOR_POLICY)}],
    ),
    ({"vpcs": ("Vpc", "Other")}, "LMI420", [{"vpcs": ("Vpc",)}, {"vpcs": ("Other",)}]),
    ({"capacity_provider_name": "orders pool"}, "LMI422", [{"capacity_provider_name": None}]),
    ({"default_capacity_providers": 2}, "LMI415", [{"default_capacity_providers": 1}]),
    ({VERSIONS_ON: 101, FUNCTIONS_ON: 1}, "LMI421", [{VERSIONS_ON: 99}]),
    ({VERSIONS_ON: 100, FUNCTIONS_ON: 50}, "LMI421", [{VERSIONS_ON: 50, FUNCTIONS_ON: 50}, {VERSIONS_ON: 50}]),
    ({VERSIONS_ON: 51, FUNCTIONS_ON: 51}, "LMI421", [{VERSIONS_ON: 50, FUNCTIONS_ON: 50}]),
    ({VERSIONS_ON: 100, FUNCTIONS_ON: 2}, "LMI421", [{VERSIONS_ON: 50, FUNCTIONS_ON: 50}, {VERSIONS_ON: 98}]),
    ({VERSIONS_ON: 101, FUNCTIONS_ON: 0}, "LMI421", [{VERSIONS_ON: 100}]),
    # what the instances reach
    (
        {"endpoint_services": ("sqs",)},
        "LMI501",
        [{"endpoint_services": ("sqs", "logs")}, {"routes_out": True}],
    ),
    (
        {"called_services": ("logs", "kms", "dynamodb")},
        "LMI502",
        [{"endpoint_services": (*ENDPOINTS, "kms")}, {"routes_out": True}],
    ),
    ({"called_services": ("kms", "route53")}, "LMI502", [{"routes_out": True}]),
    # One that only one Region has an endpoint of: that is not the likeliest way.
    (
        {"called_services": ("iam", "kms")},
        "LMI502",
        [{"routes_out": True}, {"endpoint_services": (*ENDPOINTS, "iam", "kms")}],
    ),
    ({"called_services": ("iam", "route53")}, "LMI502", [{"routes_out": True}]),
    ({"endpoints_without_private_dns": ("Sqs",)}, "LMI503", [{"endpoints_without_private_dns": ()}]),
    ({"conflicting_endpoints": ("Sqs",)}, "LMI507", [{"conflicting_endpoints": ()}]),
    ({"endpoints_refusing_instances": ("Sqs",)}, "LMI504", [{"endpoints_refusing_instances": ()}]),
    ({"https_out": False}, "LMI505", [{"https_out": True}]),
    ({"calls_anything": True}, "LMI506", [{"calls_anything": False}, {"routes_out": True}]),
    # what is published
    ({"unqualified_callers": ("Method",)}, "LMI601", [{"unqualified_callers": ()}]),
    ({"unqualified_callers": ("Method",), "is_hook": UNKNOWN}, "LMI601", [{"unqualified_callers": ()}]),
    (
        {"scales_latest_published": True, "unscaled_versions": ("Version",)},
        "LMI602",
        [{"scales_latest_published": False, "unscaled_versions": ()}],
    ),
    ({"publish_to_latest_published": True}, "LMI603", [{"publish_to_latest_published": False}]),
    ({"published_versions": 0}, "LMI604", [{"published_versions": 1}]),
    ({"provisioned": ("Alias",)}, "LMI605", [{"provisioned": ()}]),
    ({"retained_versions": ("Version",)}, "LMI606", [{"retained_versions": ()}]),
    (
        {"retained_versions": ("Old", "Older"), "versions_retained_on_replacement": ("Old", "Oldest")},
        "LMI606",
        [{"retained_versions": (), "versions_retained_on_replacement": ()}],
    ),
    (
        {"has_capacity_provider": False},
        "LMI607",
        [{"scales_latest_published": False, "scaled_versions": ()}, {"has_capacity_provider": True}],
    ),
    ({"has_capacity_provider": False, "scaled_versions": UNKNOWN}, "LMI607", []),
    ({"alias_name": "1"}, "LMI608", [{"alias_name": "live"}]),
    ({"rollback_triggers": 0}, "LMI609", [{"rollback_triggers": 1, "shift_minutes": 10}]),
    ({"rollback_triggers": 0, "shift_minutes": 9}, "LMI609", [{"rollback_triggers": 1, "shift_minutes": 10}]),
    ({"rollback_triggers": 0, "shift_minutes": 90}, "LMI609", [{"rollback_triggers": 1, "shift_minutes": 90}]),
    ({"rollback_triggers": 1, "shift_minutes": 9}, "LMI609", [{"shift_minutes": 10}, {}]),
    ({"rollback_triggers": 2}, "LMI609", []),
    ({"event_invoke_configs_of_latest": ("Config",)}, "LMI610", [{"event_invoke_configs_of_latest": ()}]),
    ({"aliases_of_latest": ("Alias",)}, "LMI611", [{"aliases_of_latest": ()}]),
    ({"alias_of_same_name": "Other"}, "LMI612", [{"alias_of_same_name": None}] * 2),
    # what cannot be combined
    ({"runtime": "python3.12"}, "LMI701", [{"runtime": "python3.13"}]),
    ({"runtime": "java17"}, "LMI701", [{"runtime": "java21"}]),
    ({"runtime": "ruby3.4"}, "LMI701", [{"runtime": "python3.13"}]),
    ({"runtime": "provided.al2"}, "LMI701", [{"runtime": "python3.13"}]),
    ({"runtime": "provided.al2023"}, "LMI701", [{}]),
    ({"runtime": "provided.al2025"}, "LMI701", [{}]),
    ({"snap_start": True}, "LMI702", [{"snap_start": False}] * 2),
    ({"filesystem": True}, "LMI703", [{"filesystem": False}] * 2),
    ({"vpc": True}, "LMI704", [{"vpc": False}] * 2),
    ({"reserved_concurrent_executions": 5}, "LMI705", [{"reserved_concurrent_executions": None}]),
    ({"tenancy_config": True}, "LMI706", [{"tenancy_config": False}] * 2),
    ({"logging_format": "Text"}, "LMI707", [{"logging_format": "JSON"}]),
    ({"timeout": 0}, "LMI708", [{"timeout": 1}]),
    ({"timeout": 901}, "LMI708", [{"timeout": 900}, {}]),
    ({"timeout": 5400}, "LMI708", [{"timeout": 900}, {}]),
    ({"timeout": 5401}, "LMI708", [{"timeout": 900}]),
    ({"handler": "index:handler"}, "LMI711", [{"handler": "index.handler"}]),
    ({"handler": "orders/app:handler"}, "LMI711", [{"handler": "orders/app.handler"}]),
    ({"handler": "handler"}, "LMI711", [{"handler": "index.handler"}]),
    ({"handler": "index:"}, "LMI711", [{"handler": "index.handler"}]),
    ({"visibility_timeout": 29}, "LMI710", [{"visibility_timeout": 180}, {"timeout": 29}]),
    ({"visibility_timeout": 1}, "LMI710", [{"visibility_timeout": 180}, {"timeout": 1}]),
    ({"visibility_timeout": 0}, "LMI710", [{"visibility_timeout": 180}]),
    ({"visibility_timeout": 30, "timeout": 5400}, "LMI710", [{"visibility_timeout": 32400}, {"timeout": 30}]),
    (
        {"accelerator": True},
        "LMI709",
        [
            {
                "package_type": "Image",
                "architecture": "x86_64",
                "capacity_provider_architectures": ("x86_64",),
                ALLOWED: (),
            },
            {"accelerator": False},
        ],
    ),
]

#: The numbers that must and got tell, in their order.
NUMBERS: list[tuple[dict[str, Any], str, list[str], list[str]]] = [
    ({"memory_size": 128}, "LMI101", ["2048"], ["128"]),
    ({"memory_size": 32769}, "LMI102", ["32768"], ["32769"]),
    ({RATIO: 3.5}, "LMI103", ["2", "4", "8"], ["3.5"]),
    ({"memory_size": 2096}, "LMI104", ["4096", "1", "4"], ["2096"]),
    ({"memory_size": 4097}, "LMI105", ["4096", "4"], ["4097"]),
    ({"ephemeral_storage_size": 511}, "LMI106", ["512", "10240"], ["511"]),
    ({"memory_size": 2048, RATIO: 2, CONCURRENCY: 64}, "LMI107", ["34"], ["32.0", "2048", "64"]),
    ({"memory_size": 2048, RATIO: 2, CONCURRENCY: 63}, "LMI107", ["34"], ["32.5", "2048", "63"]),
    ({CONCURRENCY: 0}, "LMI201", ["1", "1600"], ["0"]),
    ({CONCURRENCY: 130, "memory_size": 8192}, "LMI202", ["128", "64", "2"], ["130"]),
    ({CONCURRENCY: 33, "memory_size": 8192}, "LMI203", ["32", "16", "2"], ["33"]),
    ({MIN: -1, MAX: 20000}, "LMI301", ["0", "15000"], ["-1", "20000"]),
    ({MIN: 13}, "LMI302", ["12"], ["13"]),
    ({MIN: 2}, "LMI305", ["3"], ["2"]),
    ({"max_v_cpu_count": 2}, "LMI306", ["3", "3", "1"], ["2"]),
    ({"max_v_cpu_count": 9, OTHERS: 4, "memory_size": 8192}, "LMI306", ["10", "3", "2", "4"], ["9"]),
    ({"max_v_cpu_count": 15}, "LMI307", ["16", "3", "4"], ["15"]),
    ({"max_v_cpu_count": 1}, "LMI308", ["2", "15000"], ["1"]),
    ({"max_v_cpu_count": 11}, "LMI309", ["12"], ["11"]),
    ({"scaling_mode": "Manual"}, "LMI310", ["1", "10"], ["0"]),
    ({"scaling_targets": (70, -1, 100.5)}, "LMI311", ["0", "100"], ["-1", "100.5"]),
    ({"schedule": "Day", NEW_MIN: 2, NEW_MAX: 11}, "LMI313", ["2", "11"], ["3", "12"]),
    ({"schedule": "Day", NEW_MIN: 2, NEW_MAX: 11, MAX: None}, "LMI313", ["2", "11"], ["3"]),
    ({"schedule": "Day", "schedule_qualifier": "-7"}, "LMI314", [], ["-7"]),
    ({"schedule": "Day", "schedule_qualifier": None}, "LMI314", [], []),
    ({"subnets": 17}, "LMI401", ["1", "16"], ["17"]),
    ({"security_groups": 6}, "LMI402", ["5"], ["6"]),
    ({"availability_zones": 1}, "LMI403", ["2"], ["1"]),
    ({ALLOWED: ("m7g.*",), "excluded_instance_types": ("c7g.*",) * 2}, "LMI406", [], ["1", "2"]),
    ({"propagated_tags": 41}, "LMI413", ["40"], ["41"]),
    ({"capacity_provider_name": "a b"}, "LMI422", ["1", "140"], []),
    ({"default_capacity_providers": 2}, "LMI415", [], ["2"]),
    ({VERSIONS_ON: 101, FUNCTIONS_ON: 1}, "LMI421", ["100"], ["101"]),
    ({VERSIONS_ON: 51, FUNCTIONS_ON: 50}, "LMI421", ["100"], ["51", "50"]),
    ({VERSIONS_ON: 100, FUNCTIONS_ON: 1}, "LMI421", ["100"], ["100", "1"]),
    ({ALLOWED: ("m7g.large",), "memory_size": 32768}, "LMI416", ["8", "1"], ["2"]),
    ({"rollback_triggers": 1, "shift_minutes": 9}, "LMI609", ["10"], ["9"]),
    ({"timeout": 901}, "LMI708", ["900"], ["901"]),
    ({"timeout": 5401}, "LMI708", ["1", "5400"], ["5401"]),
]


def name_of(case):
    """Name a case by its rule and what is changed."""
    changes, id, *_ = case
    return f"{id} {', '.join(f'{fact}={value}' for fact, value in changes.items())}"


def finding_of(changes, id):
    return RULE[id].find(replace(SOUND, **changes))


@pytest.mark.parametrize(("changes", "id", "expected"), ADVICE, ids=map(name_of, ADVICE))
def test_advises(changes, id, expected):
    """These changes and no others, the likeliest first."""
    finding = finding_of(changes, id)
    assert [dict(change.values) for change in (finding.fix if finding else ())] == expected


def test_every_rule_about_facts_gives_advice():
    """No rule is missing from the table above."""
    assert {id for _, id, expected in ADVICE if expected} == {id for id in RULE if not id.startswith("LMI0")}


@pytest.mark.parametrize(
    ("changes", "severity"), [({VERSIONS_ON: 100}, Severity.WARNING), ({VERSIONS_ON: 101}, Severity.ERROR)]
)
def test_more_versions_than_there_may_be_are_an_error(changes, severity):
    """That there is no room for the next ones is a warning."""
    finding = finding_of({FUNCTIONS_ON: 1, **changes}, "LMI421")
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("changes", "id", "got"),
    [
        ({"operator_trusts": ("ec2.amazonaws.com", "ecs.amazonaws.com")}, "LMI418", ["ec2.amazonaws", "ecs.amazonaws"]),
        ({"operator_trusts": ()}, "LMI418", []),
        ({"operator_policies": (f"service-role/{OPERATOR_POLICY}",)}, "LMI419", [f"service-role/{OPERATOR_POLICY}"]),
        ({"operator_policies": (f"AA/{OPERATOR_POLICY}",)}, "LMI419", [f"AA/{OPERATOR_POLICY}"]),
        ({"operator_policies": ()}, "LMI419", []),
    ],
)
def test_tells_what_an_operator_role_has(changes, id, got):
    """Each of it, or that there is none."""
    finding = finding_of(changes, id)
    assert all(each in finding.got for each in got)
    assert bool(got) is not finding.got.startswith("no ")


@pytest.mark.parametrize(("changes", "id", "must", "got"), NUMBERS, ids=map(name_of, NUMBERS))
def test_tells_the_numbers(changes, id, must, got):
    """What is allowed and what there is, as numbers: AWS's, and the user's own."""
    finding = finding_of(changes, id)
    assert re.findall(r"-?\d+(?:\.\d+)?", finding.must) == must
    assert re.findall(r"-?\b\d+(?:\.\d+)?\b", finding.got) == got


@pytest.mark.parametrize(("services", "endpoints"), [(("kms",), "endpoint"), (("kms", "sns"), "endpoints")])
def test_counts_the_endpoints_to_add(services, endpoints):
    """One is no plural."""
    finding = finding_of({"called_services": services}, "LMI502")
    assert re.findall(r"\bendpoints?\b", finding.fix[0].words) == [endpoints]


def test_tells_the_only_region_of_an_endpoint():
    """Elsewhere it cannot be made."""
    finding = finding_of({"called_services": ("iam", "kms")}, "LMI502")
    assert finding.fix[-1].words == "add VPC endpoints for iam (only in us-east-1), kms"


@pytest.mark.parametrize(
    ("stated", "other"),
    [
        ("MinExecutionEnvironments", "MaxExecutionEnvironments"),
        ("MaxExecutionEnvironments", "MinExecutionEnvironments"),
    ],
)
def test_names_the_bound_that_is_missing(stated, other):
    """And not the one that is there."""
    finding = finding_of({"lone_scaling_bound": stated}, "LMI304")
    assert (finding.got, finding.fix[0].words) == (f"only {stated}", f"state {other} too")


def test_names_each_retained_version_once():
    """By whichever policy it is retained."""
    finding = finding_of(
        {"retained_versions": ("Old", "Older"), "versions_retained_on_replacement": ("Old", "Oldest")}, "LMI606"
    )
    assert re.findall(r"\bOld\w*", finding.got) == ["Old", "Older", "Oldest"]
    assert finding.fix[0].words == "set DeletionPolicy and UpdateReplacePolicy to Delete"


def test_tells_what_a_hook_can_be():
    """CodeDeploy calls it by its name, and AWS documents nothing else."""
    finding = finding_of({"unqualified_callers": ("CodeDeploy",), "is_hook": True}, "LMI601")
    assert finding.must.startswith("be a standard function")
    assert finding.fix[0].words == "pass a standard function"
    assert "alias" in finding.fix[1].words


@pytest.mark.parametrize(("minutes", "got"), [(0, "0 minutes"), (1, "1 minute"), (2, "2 minutes")])
def test_tells_how_fast_traffic_shifts(minutes, got):
    """In words that go with the number."""
    facts = {"shifts_traffic": True, "rollback_triggers": 1, "shift_minutes": minutes}
    assert finding_of(facts, "LMI609").got == got


def test_names_the_function_that_is_called():
    """Where that is known."""
    assert "of Orders" in finding_of({"unqualified_callers": ("Api",), "called_function": "Orders"}, "LMI601").must
    assert "the function" in finding_of({"unqualified_callers": ("Api",), "called_function": UNKNOWN}, "LMI601").must
    assert "alias" in finding_of({"unqualified_callers": ("Api",), "is_hook": UNKNOWN}, "LMI601").must


@pytest.mark.parametrize(("id", "cap"), [("LMI306", 2), ("LMI307", 15)])
def test_names_the_version_that_bounds_are_of(id, cap):
    """Where the function has several, or the same would be told of each."""
    assert "Version7" in finding_of({"max_v_cpu_count": cap, "version": "Version7"}, id).must
    assert "UNKNOWN" not in finding_of({"max_v_cpu_count": cap, "version": UNKNOWN}, id).must


def test_tells_other_versions_from_other_functions():
    """Which is which is what one needs to know to mend it."""
    must = finding_of({"max_v_cpu_count": 2, OTHERS: 7, VERSIONS: 5}, "LMI306").must
    assert "5 vCPU for other versions of it" in must
    assert "7 vCPU for other functions" in must


@pytest.mark.parametrize("shifts", [True, False])
def test_tells_that_a_fleet_counts_twice(shifts):
    """Where CodeDeploy shifts traffic, and nowhere else."""
    assert ("twice" in finding_of({"max_v_cpu_count": 2, "shifts_traffic": shifts}, "LMI306").must) is shifts


@pytest.mark.parametrize(
    ("changes", "id", "subject", "fields"),
    [
        ({MIN: -1}, "LMI301", MIN, (MIN,)),
        ({MAX: 15001}, "LMI301", MAX, (MAX,)),
        ({MIN: -1, MAX: 15001}, "LMI301", MIN, (MIN, MAX)),
        ({"schedule": "Day", NEW_MIN: 2}, "LMI313", MIN, (MIN,)),
        ({"schedule": "Day", NEW_MIN: 3, NEW_MAX: 11}, "LMI313", MAX, (MAX,)),
        ({"has_capacity_provider": False}, "LMI607", "scaled_versions", None),
        (
            {"has_capacity_provider": False, "scales_latest_published": True},
            "LMI607",
            "scales_latest_published",
            None,
        ),
    ],
)
def test_tells_of_the_fact_that_is_wrong(changes, id, subject, fields):
    """Where a rule looks at several facts, that which does not fit is named."""
    finding = finding_of(changes, id)
    assert (finding.subject, finding.fields) == (subject, fields)


@pytest.mark.parametrize(
    ("ratio", "allowed", "families"), [(2, "m7g.large", "C"), (4, "c7g.large", "M"), (8, "c7g.large", "R")]
)
def test_names_the_families_that_have_the_memory(ratio, allowed, families):
    """That a vCPU of the function comes with."""
    finding = finding_of({ALLOWED: (allowed,), RATIO: ratio}, "LMI410")
    assert re.findall(r"\b[CMR]\b", finding.must) == [families]


def test_names_what_excluded_types_leave_to_be_had():
    """The family, and how many vCPUs one execution environment takes."""
    assert finding_of({EXCLUDED: ("m*", "c7g.large")}, "LMI410").got == "m*, c7g.large"
    assert re.findall(r"\d|\b[CMR]\b", finding_of({EXCLUDED: ("m*",)}, "LMI410").must) == ["4", "M"]
    finding = finding_of({EXCLUDED: ("*", "t*"), "memory_size": 8192}, "LMI416")
    assert finding.got == "*, t*, which is every type"
    assert "2 vCPUs" in finding.must


@pytest.mark.parametrize(
    ("allowed", "id", "named", "silent"),
    [
        (("m7g.medium", "m7g.large"), "LMI407", "m7g.medium", "m7g.large"),
        (("x2gd.large", "m7g.large"), "LMI408", "x2gd.large", "m7g.large"),
        (("m7i.large", "m7g.large"), "LMI409", "m7i.large (x86_64)", "m7g.large"),
        (("c7g.large", "g5g.large"), "LMI410", "2 GiB", "4 GiB"),
    ],
)
def test_names_the_instance_types_that_do_not_fit(allowed, id, named, silent):
    """And not those that do."""
    finding = finding_of({ALLOWED: allowed}, id)
    assert named in finding.got
    assert silent not in finding.got
