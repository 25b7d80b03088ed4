"""Each rule on its bound, just under it, just over it, and with what it needs unknown."""

from dataclasses import replace
from typing import Any

import pytest

from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.engine import Severity, check
from cdk_lmi.rules.facts import UNKNOWN, Argument, Facts

from .conftest import SOUND

TWELVE_TYPES = tuple(f"m{generation}g.large" for generation in range(6, 18))

#: Changes to the sound configuration, and the ids that then are violated: all of them, not only the one in question.
TABLE: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    # LMI101, LMI102: the range of the memory
    ({"memory_size": 2048, "execution_environment_memory_gib_per_v_cpu": 2}, []),
    ({"memory_size": 2047, "execution_environment_memory_gib_per_v_cpu": 2}, ["LMI101"]),
    ({"memory_size": 128}, ["LMI101"]),
    ({"memory_size": 0}, ["LMI101"]),
    ({"memory_size": 32768}, []),
    ({"memory_size": 32769}, ["LMI102"]),
    # LMI103: the memory per vCPU
    ({"execution_environment_memory_gib_per_v_cpu": 2}, []),
    ({"execution_environment_memory_gib_per_v_cpu": 8.0, "memory_size": 8192}, []),
    ({"execution_environment_memory_gib_per_v_cpu": 3}, ["LMI103"]),
    ({"execution_environment_memory_gib_per_v_cpu": 4.5}, ["LMI103"]),
    ({"execution_environment_memory_gib_per_v_cpu": 1}, ["LMI103"]),
    ({"execution_environment_memory_gib_per_v_cpu": 16}, ["LMI103"]),
    ({"execution_environment_memory_gib_per_v_cpu": 0}, ["LMI103"]),
    # LMI104, LMI105: whole vCPUs
    ({"memory_size": 2096}, ["LMI104"]),
    ({"memory_size": 4095}, ["LMI104"]),
    ({"memory_size": 4097}, ["LMI105"]),
    ({"memory_size": 6000}, ["LMI105"]),
    ({"memory_size": 8192}, []),
    ({"memory_size": 32767}, ["LMI105"]),
    # LMI106: /tmp
    ({"ephemeral_storage_size": 511}, ["LMI106"]),
    ({"ephemeral_storage_size": 10240}, []),
    ({"ephemeral_storage_size": 10241}, ["LMI106"]),
    # LMI107: 34 MiB for each Python process
    (
        {
            "memory_size": 2048,
            "execution_environment_memory_gib_per_v_cpu": 2,
            "per_execution_environment_max_concurrency": 60,
        },
        ["LMI203"],
    ),
    (
        {
            "memory_size": 2048,
            "execution_environment_memory_gib_per_v_cpu": 2,
            "per_execution_environment_max_concurrency": 61,
        },
        ["LMI107", "LMI203"],
    ),
    (
        {
            "memory_size": 2048,
            "execution_environment_memory_gib_per_v_cpu": 2,
            "per_execution_environment_max_concurrency": 64,
            "runtime": "nodejs24.x",
        },
        [],
    ),
    # LMI201, LMI202: concurrency, of any language
    ({"per_execution_environment_max_concurrency": 0}, ["LMI201"]),
    ({"per_execution_environment_max_concurrency": 1}, []),
    ({"per_execution_environment_max_concurrency": 64, "runtime": "nodejs22.x"}, []),
    ({"per_execution_environment_max_concurrency": 65, "runtime": "nodejs22.x"}, ["LMI202"]),
    ({"per_execution_environment_max_concurrency": 128, "memory_size": 8192, "runtime": "nodejs22.x"}, []),
    ({"per_execution_environment_max_concurrency": 129, "memory_size": 8192, "runtime": "nodejs22.x"}, ["LMI202"]),
    ({"per_execution_environment_max_concurrency": 1601, "runtime": "nodejs22.x"}, ["LMI201"]),
    # LMI203: AWS's figure for the language
    ({"per_execution_environment_max_concurrency": 17}, ["LMI203"]),
    ({"per_execution_environment_max_concurrency": 32, "memory_size": 8192}, []),
    ({"per_execution_environment_max_concurrency": 32, "runtime": "java21"}, []),
    ({"per_execution_environment_max_concurrency": 33, "runtime": "java21"}, ["LMI203"]),
    ({"per_execution_environment_max_concurrency": 33, "runtime": "dotnet8"}, ["LMI203"]),
    # LMI301, LMI302: the bounds of the execution environments
    ({"min_execution_environments": -1}, ["LMI301"]),
    ({"max_execution_environments": 15000}, []),
    ({"max_execution_environments": 15001}, ["LMI301"]),
    ({"max_execution_environments": None}, []),
    ({"min_execution_environments": 12}, []),
    ({"min_execution_environments": 13}, ["LMI302"]),
    # LMI303, LMI305: too few of them
    ({"min_execution_environments": 0}, ["LMI303"]),
    ({"min_execution_environments": 0, "max_execution_environments": None}, ["LMI303"]),
    ({"min_execution_environments": 0, "max_execution_environments": 0}, []),
    ({"min_execution_environments": 1}, ["LMI305"]),
    ({"min_execution_environments": 2}, ["LMI305"]),
    # LMI304: one bound without the other
    ({"lone_scaling_bound": "MaxExecutionEnvironments"}, ["LMI304"]),
    # LMI306: the minimum fleet over the cap
    ({"min_execution_environments": 100, "max_execution_environments": None, "max_v_cpu_count": 100}, ["LMI307"]),
    ({"min_execution_environments": 101, "max_execution_environments": None, "max_v_cpu_count": 100}, ["LMI306"]),
    ({"max_v_cpu_count": 100, "v_cpus_of_other_functions": 97}, ["LMI307"]),
    ({"max_v_cpu_count": 100, "v_cpus_of_other_functions": 98}, ["LMI306"]),
    (
        {
            "min_execution_environments": 0,
            "max_execution_environments": 0,
            "max_v_cpu_count": 12,
            "v_cpus_of_other_functions": 13,
        },
        [],
    ),
    # twice while traffic shifts
    ({"max_v_cpu_count": 5, "shifts_traffic": False}, ["LMI307", "LMI309"]),
    ({"max_v_cpu_count": 5, "shifts_traffic": True}, ["LMI306", "LMI309"]),
    ({"min_execution_environments": 36, "max_execution_environments": None, "max_v_cpu_count": 100}, []),
    # the next version beside it
    ({"min_execution_environments": 37, "max_execution_environments": None, "max_v_cpu_count": 100}, ["LMI307"]),
    (
        {
            "min_execution_environments": 50,
            "max_execution_environments": None,
            "max_v_cpu_count": 100,
            "shifts_traffic": True,
        },
        ["LMI307"],
    ),
    (
        {
            "min_execution_environments": 51,
            "max_execution_environments": None,
            "max_v_cpu_count": 100,
            "shifts_traffic": True,
        },
        ["LMI306"],
    ),
    # LMI307: no spare instance: three instances of 4 vCPU and one more are 16
    ({"max_v_cpu_count": 16}, []),
    ({"max_v_cpu_count": 15}, ["LMI307"]),
    ({"memory_size": 32768, "max_v_cpu_count": 80}, []),
    ({"memory_size": 32768, "max_v_cpu_count": 79}, ["LMI307"]),
    ({"max_v_cpu_count": 31, "allowed_instance_types": ("m7g.2xlarge",)}, ["LMI307"]),
    ({"max_v_cpu_count": 32, "allowed_instance_types": ("m7g.2xlarge",)}, []),
    ({"max_v_cpu_count": 19, "shifts_traffic": True, "min_execution_environments": 5}, ["LMI307"]),
    ({"max_v_cpu_count": 20, "shifts_traffic": True, "min_execution_environments": 5}, []),
    # LMI312: to nothing by a schedule
    ({"schedule": "Night", "min_execution_environments": 0, "max_execution_environments": 0}, ["LMI312"]),
    ({"schedule": "Night", "min_execution_environments": 0, "max_execution_environments": 1}, ["LMI303"]),
    # LMI314: the version of a schedule
    *(
        ({"schedule": "Night", "schedule_qualifier": qualifier}, [])
        for qualifier in ("7", "123", "$LATEST.PUBLISHED", UNKNOWN)
    ),
    *(
        ({"schedule": "Night", "schedule_qualifier": qualifier}, ["LMI314"])
        for qualifier in (None, "live", "7b", "$LATEST", "")
    ),
    # LMI313: above the minimum that a new version starts with
    ({"schedule": "Day", "min_execution_environments_of_new_version": 3}, []),
    ({"schedule": "Day", "min_execution_environments_of_new_version": 2}, ["LMI313"]),
    (
        {
            "schedule": "Day",
            "min_execution_environments_of_new_version": 3,
            "max_execution_environments_of_new_version": 12,
        },
        [],
    ),
    (
        {
            "schedule": "Day",
            "min_execution_environments_of_new_version": 3,
            "max_execution_environments_of_new_version": 11,
        },
        ["LMI313"],
    ),
    # LMI308, LMI309: the cap itself
    ({"max_v_cpu_count": 1, "min_execution_environments": 0, "max_execution_environments": 0}, ["LMI308"]),
    ({"max_v_cpu_count": 2, "min_execution_environments": 0, "max_execution_environments": 0}, ["LMI309"]),
    ({"max_v_cpu_count": 11, "min_execution_environments": 0, "max_execution_environments": 0}, ["LMI309"]),
    ({"max_v_cpu_count": 12, "min_execution_environments": 0, "max_execution_environments": 0}, []),
    ({"max_v_cpu_count": 15000}, []),
    ({"max_v_cpu_count": 15001}, ["LMI308"]),
    # LMI310, LMI311: scaling policies
    ({"scaling_mode": "Manual", "scaling_targets": ()}, ["LMI310"]),
    ({"scaling_mode": "Manual", "scaling_targets": (70.0,)}, []),
    ({"scaling_mode": "Manual", "scaling_targets": (70.0,) * 10}, []),
    ({"scaling_mode": "Manual", "scaling_targets": (70.0,) * 11}, ["LMI310"]),
    ({"scaling_mode": "Auto", "scaling_targets": (70.0,)}, ["LMI310"]),
    ({"scaling_mode": "Manual", "scaling_targets": (0, 100)}, []),
    ({"scaling_mode": "Manual", "scaling_targets": (100.5,)}, ["LMI311"]),
    ({"scaling_mode": "Manual", "scaling_targets": (70, -1)}, ["LMI311"]),
    # LMI401, LMI402, LMI403: subnets, security groups, zones
    ({"subnets": 0, "availability_zones": 0}, ["LMI401"]),
    ({"subnets": 1, "availability_zones": 1}, ["LMI403"]),
    ({"subnets": 2, "availability_zones": 2}, []),
    ({"subnets": 16}, []),
    ({"subnets": 17}, ["LMI401"]),
    ({"security_groups": 0}, []),
    ({"security_groups": 5}, []),
    ({"security_groups": 6}, ["LMI402"]),
    # LMI404, LMI405: architectures
    ({"capacity_provider_architectures": ("arm64", "x86_64")}, ["LMI404"]),
    ({"architecture": "x86_64"}, ["LMI405"]),
    ({"capacity_provider_architectures": ("x86_64",)}, ["LMI405"]),
    # LMI406 to LMI410: instance types
    ({"allowed_instance_types": ("m7g.large",), "excluded_instance_types": ("m7g.xlarge",)}, ["LMI406"]),
    ({"excluded_instance_types": ("t3.micro", "x2gd.medium")}, []),
    ({"allowed_instance_types": ("m7g.large",)}, []),
    ({"allowed_instance_types": ("m7g.*",)}, []),
    ({"allowed_instance_types": ("m7g.medium",)}, ["LMI407"]),
    ({"allowed_instance_types": ("m7g.large", "t4g.large")}, ["LMI407"]),
    ({"allowed_instance_types": ("t4g.*",)}, ["LMI407"]),
    ({"allowed_instance_types": ("m7g.large", "x2gd.large")}, ["LMI408"]),
    ({"allowed_instance_types": ("g5g.xlarge",)}, []),
    (
        {
            "allowed_instance_types": ("gr6.4xlarge",),
            "architecture": "x86_64",
            "capacity_provider_architectures": ("x86_64",),
        },
        [],
    ),
    ({"allowed_instance_types": ("*.large",)}, []),
    ({"allowed_instance_types": ("m7i.large",)}, ["LMI409"]),
    (
        {
            "allowed_instance_types": ("m7a.large", "m7i-flex.large"),
            "architecture": "x86_64",
            "capacity_provider_architectures": ("x86_64",),
        },
        [],
    ),
    (
        {
            "allowed_instance_types": ("m7gd.large",),
            "architecture": "x86_64",
            "capacity_provider_architectures": ("x86_64",),
        },
        ["LMI409"],
    ),
    ({"allowed_instance_types": ("m7i*", "m7g*")}, ["LMI409"]),
    ({"allowed_instance_types": ("m7*", "m*.large", "*")}, []),
    ({"allowed_instance_types": ("c7g.xlarge",)}, ["LMI410"]),
    # A pattern is judged by all that it may stand for.
    ({"allowed_instance_types": ("m7*.*", "c7g.xlarge")}, []),
    ({"allowed_instance_types": ("m*", "c7g.xlarge")}, []),
    ({"allowed_instance_types": ("*.large", "c7g.xlarge")}, []),
    ({"allowed_instance_types": ("c*", "r8*.*", "g*", "mac*.metal")}, ["LMI408", "LMI410"]),
    ({"allowed_instance_types": ("g*", "p5*")}, []),
    ({"allowed_instance_types": ("m7*", "t3*")}, ["LMI407"]),
    ({"allowed_instance_types": ("m*", "*.medium")}, ["LMI407"]),
    ({"allowed_instance_types": ("*medium", "m*.m*", "*t3*")}, []),
    # Trainium begins with a t as well, which AWS lists nowhere.
    ({"allowed_instance_types": ("m7*", "t*")}, ["LMI408"]),
    ({"allowed_instance_types": ("m7*", "x*")}, ["LMI408"]),
    # What is excluded, where it is all there is of the family with the memory.
    ({"excluded_instance_types": ("m*",)}, ["LMI410"]),
    ({"excluded_instance_types": ("m*.*", "c7g.large")}, ["LMI410"]),
    ({"excluded_instance_types": ("c*", "m*", "r*")}, ["LMI416"]),
    ({"excluded_instance_types": ("c*", "m*", "r*"), "accelerator": UNKNOWN}, ["LMI410"]),
    ({"excluded_instance_types": ("c*", "r*")}, []),
    ({"excluded_instance_types": ("m7*", "m*.large", "m7g.*", "m")}, []),
    ({"excluded_instance_types": ("*", "m*")}, ["LMI416"]),
    ({"excluded_instance_types": ("**.**",)}, ["LMI416"]),
    ({"excluded_instance_types": ("c*", "m*", "r*", "g*", "p*"), "accelerator": UNKNOWN}, ["LMI416"]),
    ({"excluded_instance_types": ("*.large", "*g.*", "*7*")}, []),
    ({"allowed_instance_types": ("m7g.large",), "excluded_instance_types": ("*",)}, ["LMI406"]),
    ({"allowed_instance_types": ("g5g.xlarge",), "excluded_instance_types": ("m*",)}, ["LMI406"]),
    ({"excluded_instance_types": UNKNOWN}, []),
    # LMI417: a name in the place of an ARN
    ({"capacity_provider_arn": "pool"}, ["LMI417"]),
    ({"capacity_provider_arn": "arn:aws-us-gov:lambda:a:1:capacity-provider:pool"}, []),
    # LMI418, LMI419: the operator role
    ({"operator_trusts": ()}, ["LMI418"]),
    ({"operator_trusts": ("ec2.amazonaws.com", "lambdas.example")}, ["LMI418"]),
    ({"operator_trusts": ("ec2.amazonaws.com", "lambda.amazonaws.com.cn")}, []),
    ({"operator_trusts": ("*",)}, []),
    ({"operator_policies": ()}, ["LMI419"]),
    ({"operator_policies": ("service-role/AWSLambdaManagedEC2ResourceOperator",)}, ["LMI419"]),
    ({"operator_policies": ("Ours",)}, []),
    # LMI420: one VPC
    ({"vpcs": ("Vpc", "OtherVpc")}, ["LMI420"]),
    ({"vpcs": ()}, []),
    # LMI416: types that are too small
    ({"allowed_instance_types": ("m7g.large",), "memory_size": 4096}, []),
    ({"allowed_instance_types": ("m7g.large",), "memory_size": 8192}, ["LMI416"]),
    ({"allowed_instance_types": ("m7g.large",), "memory_size": 12288}, ["LMI416"]),
    ({"allowed_instance_types": ("m7g.large", "m8g.xlarge"), "memory_size": 12288}, []),
    ({"allowed_instance_types": ("m7g.large", "m8g.*"), "memory_size": 12288}, []),
    ({"allowed_instance_types": ("*.large", "m7*.large"), "memory_size": 12288}, ["LMI416"]),
    ({"allowed_instance_types": ("*.large", "m7*large"), "memory_size": 12288}, []),
    ({"allowed_instance_types": ("m7g.large",), "memory_size": UNKNOWN}, []),
    ({"allowed_instance_types": ("c7g.xlarge", "m7g.xlarge")}, []),
    (
        {
            "allowed_instance_types": ("r7g.xlarge",),
            "execution_environment_memory_gib_per_v_cpu": 8,
            "memory_size": 8192,
        },
        [],
    ),
    ({"allowed_instance_types": TWELVE_TYPES}, []),
    # LMI411 to LMI415
    ({"capacity_provider_name": "pool"}, ["LMI411"]),
    ({"capacity_provider_log_group": "aws/pool"}, ["LMI412"]),
    ({"capacity_provider_log_group": "/aws/pool"}, []),
    ({"propagated_tags": 40}, []),
    ({"propagated_tags": 41}, ["LMI413"]),
    ({"actions_missing_on_key": ("kms:CreateGrant",)}, ["LMI414"]),
    ({"default_capacity_providers": 2}, ["LMI415"]),
    # LMI422: the name of a capacity provider, which is better left out
    ({"capacity_provider_name": "Orders_pool-1"}, ["LMI411"]),
    ({"capacity_provider_name": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:a"}, ["LMI411"]),
    ({"capacity_provider_name": "a" * 140}, ["LMI411"]),
    ({"capacity_provider_name": "a" * 141}, ["LMI422"]),
    ({"capacity_provider_name": ""}, ["LMI422"]),
    ({"capacity_provider_name": "orders pool"}, ["LMI422"]),
    ({"capacity_provider_name": "pool\n"}, ["LMI422"]),
    ({"capacity_provider_name": "arn:aws:lambda:eu-west-1:1:function:a"}, ["LMI422"]),
    # LMI421: function versions on one capacity provider
    ({"function_versions": 50, "published_functions": 50}, []),
    ({"function_versions": 51, "published_functions": 50}, ["LMI421"]),
    ({"function_versions": 99}, []),
    ({"function_versions": 100}, ["LMI421"]),
    ({"function_versions": 100, "published_functions": UNKNOWN}, []),
    ({"function_versions": 101, "published_functions": UNKNOWN}, ["LMI421"]),
    # LMI501 to LMI505: what the instances reach
    ({"endpoint_services": ("dynamodb", "sqs")}, ["LMI501"]),
    ({"endpoint_services": (), "routes_out": True}, []),
    ({"endpoint_services": ("logs", "sqs")}, ["LMI502"]),
    ({"called_services": ("kms",)}, ["LMI502"]),
    ({"called_services": ("kms",), "routes_out": True}, []),
    ({"called_services": ("route53",)}, ["LMI502"]),
    ({"called_services": ("iam",)}, ["LMI502"]),
    ({"called_services": ("logs",), "endpoint_services": ()}, ["LMI501"]),
    ({"called_services": ()}, []),
    ({"endpoints_without_private_dns": ("Endpoint",)}, ["LMI503"]),
    ({"endpoints_refusing_instances": ("Endpoint",)}, ["LMI504"]),
    ({"https_out": False}, ["LMI505"]),
    ({"calls_anything": True}, ["LMI506"]),
    ({"calls_anything": True, "routes_out": True}, []),
    ({"conflicting_endpoints": ("Endpoint",)}, ["LMI507"]),
    # LMI601 to LMI607: what is published and what serves
    ({"unqualified_callers": ("Method",)}, ["LMI601"]),
    ({"unqualified_callers": ("Method",), "publish_to_latest_published": True, "published_versions": 0}, ["LMI601"]),
    ({"unqualified_callers": ("Method",), "publish_to_latest_published": UNKNOWN}, []),
    ({"unqualified_callers": ("Method",), "publish_to_latest_published": UNKNOWN, "is_hook": True}, []),
    (
        {"unqualified_callers": ("Method",), "publish_to_latest_published": UNKNOWN, "calls_latest": True},
        ["LMI601"],
    ),
    ({"scales_latest_published": True}, []),
    ({"scales_latest_published": True, "unscaled_versions": ("Version",)}, ["LMI602"]),
    ({"unscaled_versions": ("Version",)}, []),
    (
        {"scales_latest_published": True, "unscaled_versions": ("Version",), "latest_published_deactivated": True},
        [],
    ),
    ({"publish_to_latest_published": True}, ["LMI603"]),
    ({"publish_to_latest_published": True, "latest_published_deactivated": True}, []),
    ({"publish_to_latest_published": True, "published_versions": 0}, []),
    ({"published_versions": 0}, ["LMI604"]),
    ({"provisioned": ("Alias",)}, ["LMI605"]),
    ({"retained_versions": ("Version",)}, ["LMI606"]),
    ({"versions_retained_on_replacement": ("Version",)}, ["LMI606"]),
    ({"has_capacity_provider": False}, ["LMI607"]),
    ({"has_capacity_provider": False, "scaled_versions": ()}, []),
    ({"has_capacity_provider": False, "scales_latest_published": True}, ["LMI607"]),
    # LMI608: the name of the alias
    ({"alias_name": "a" * 128}, []),
    ({"alias_name": "a" * 129}, ["LMI608"]),
    ({"alias_name": ""}, ["LMI608"]),
    ({"alias_name": "1"}, ["LMI608"]),
    ({"alias_name": "1a"}, []),
    ({"alias_name": "$LATEST"}, ["LMI608"]),
    # LMI609: rollouts
    ({"rollback_triggers": 0}, ["LMI609"]),
    ({"rollback_triggers": 0, "shift_minutes": 90}, ["LMI609"]),
    ({"rollback_triggers": 1}, []),
    ({"rollback_triggers": 1, "shift_minutes": 10}, []),
    ({"rollback_triggers": 1, "shift_minutes": 9}, ["LMI609"]),
    # LMI610: asynchronous invocation
    ({"event_invoke_configs_of_latest": ("Config",)}, ["LMI610"]),
    ({"event_invoke_configs_of_latest": ("Config",), "publish_to_latest_published": True}, ["LMI603"]),
    ({"event_invoke_configs_of_latest": ("Config",), "publish_to_latest_published": UNKNOWN}, []),
    ({"event_invoke_configs_of_latest": ()}, []),
    # LMI611: aliases
    ({"aliases_of_latest": ("Alias",)}, ["LMI611"]),
    ({"aliases_of_latest": ()}, []),
    # LMI612: two aliases of one name
    ({"alias_of_same_name": "Other"}, ["LMI612"]),
    ({"alias_of_same_name": "Other", "alias_name": UNKNOWN}, []),
    ({"alias_of_same_name": UNKNOWN}, []),
    # LMI701: runtimes
    ({"runtime": "python3.12"}, ["LMI701"]),
    ({"runtime": "python3.13"}, []),
    ({"runtime": "python4.0"}, []),
    ({"runtime": "nodejs20.x"}, ["LMI701"]),
    ({"runtime": "nodejs22.x"}, []),
    ({"runtime": "java17"}, ["LMI701"]),
    ({"runtime": "java25"}, []),
    ({"runtime": "dotnet6"}, ["LMI701"]),
    ({"runtime": "dotnet10"}, []),
    ({"runtime": "dotnetcore3.1"}, ["LMI701"]),
    ({"runtime": "provided.al2"}, ["LMI701"]),
    ({"runtime": "provided.al2023"}, ["LMI701"]),
    ({"runtime": "provided"}, ["LMI701"]),
    ({"runtime": "ruby3.4"}, ["LMI701"]),
    ({"runtime": "go1.x"}, ["LMI701"]),
    # LMI702 to LMI707: what cannot be combined
    ({"snap_start": True}, ["LMI702"]),
    ({"filesystem": True}, ["LMI703"]),
    ({"vpc": True}, ["LMI704"]),
    ({"reserved_concurrent_executions": 0}, ["LMI705"]),
    ({"tenancy_config": True}, ["LMI706"]),
    ({"logging_format": "Text"}, ["LMI707"]),
    # LMI708: the timeout
    ({"timeout": 0}, ["LMI708"]),
    ({"timeout": 1}, []),
    ({"timeout": 900}, []),
    ({"timeout": 901}, ["LMI708"]),
    ({"timeout": 5400}, ["LMI708"]),
    ({"timeout": 5401}, ["LMI708"]),
    # LMI710: queues
    ({"visibility_timeout": 31}, []),
    ({"visibility_timeout": 30}, []),
    ({"visibility_timeout": 29}, ["LMI710"]),
    ({"visibility_timeout": 0}, ["LMI710"]),
    ({"visibility_timeout": 5400, "timeout": 5401}, ["LMI708"]),
    ({"visibility_timeout": 0, "timeout": 0}, ["LMI708"]),
    ({"visibility_timeout": 5399, "timeout": 5400}, ["LMI708", "LMI710"]),
    ({"visibility_timeout": UNKNOWN}, []),
    # LMI711: handlers
    ({"handler": "index.handler"}, []),
    ({"handler": "src/orders/index.handler"}, []),
    ({"handler": "orders.index.handler"}, []),
    ({"handler": "index:handler"}, ["LMI711"]),
    ({"handler": "orders.index:handler"}, ["LMI711"]),
    ({"handler": "v1.2/handler"}, ["LMI711"]),
    ({"handler": "handler"}, ["LMI711"]),
    ({"handler": ".handler"}, ["LMI711"]),
    ({"handler": "index."}, ["LMI711"]),
    ({"handler": ""}, ["LMI711"]),
    ({"handler": "index:handler", "runtime": "nodejs24.x"}, ["LMI711"]),
    ({"handler": "example.Handler::handle", "runtime": "java25"}, []),
    ({"handler": "Orders::Orders.Function::Handle", "runtime": "dotnet10"}, []),
    ({"handler": "bootstrap", "runtime": "provided.al2023"}, ["LMI701"]),
    ({"handler": "handler", "runtime": UNKNOWN}, []),
    # LMI709: accelerators
    ({"accelerator": True}, ["LMI709"]),
    ({"accelerator": True, "package_type": "Image"}, ["LMI709"]),
    ({"accelerator": True, "package_type": UNKNOWN, "architecture": UNKNOWN}, []),
    (
        {
            "accelerator": True,
            "package_type": "Image",
            "architecture": "x86_64",
            "capacity_provider_architectures": ("x86_64",),
        },
        [],
    ),
    # several at once
    (
        {"memory_size": 2096, "per_execution_environment_max_concurrency": 65, "timeout": 5401},
        ["LMI104", "LMI107", "LMI202", "LMI708"],
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), TABLE, ids=[", ".join(f"{k}={v}" for k, v in c.items()) or "sound" for c, _ in TABLE]
)
def test_violates(changes, expected, ids):
    """A change to the sound configuration violates these rules and no other."""
    assert ids(replace(SOUND, **changes)) == expected


def test_every_rule_about_facts_is_in_the_table():
    """No rule lacks a configuration that violates it; those about arguments have none to show."""
    judged = {id for _, expected in TABLE for id in expected}
    assert {rule.id for rule in RULES if not rule.id.startswith("LMI0")} == judged


#: A function that is called itself, and serves such calls.
SERVED_BY_LATEST: dict[str, Any] = {
    "unqualified_callers": ("Method",),
    "publish_to_latest_published": True,
    "published_versions": 0,
}


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"runtime": "provided.al2023"}, Severity.WARNING),
        ({"runtime": "provided.al2"}, Severity.ERROR),
        ({"unqualified_callers": ("Method",)}, Severity.ERROR),
        (SERVED_BY_LATEST, Severity.WARNING),
        (
            {**SERVED_BY_LATEST, "calls_latest": True},
            Severity.ERROR,
        ),
        (
            {**SERVED_BY_LATEST, "calls_latest": UNKNOWN},
            Severity.WARNING,
        ),
        ({"allowed_instance_types": ("m7g.large",), "memory_size": 8192}, Severity.WARNING),
        ({"allowed_instance_types": ("m7g.large",), "memory_size": 12288}, Severity.ERROR),
        ({"excluded_instance_types": ("*",)}, Severity.ERROR),
        ({"timeout": 901}, Severity.WARNING),
        ({"timeout": 5401}, Severity.ERROR),
    ],
)
def test_weighs_what_only_may_hurt_as_a_warning(changes, severity):
    """A rule of two degrees warns of what may be meant and refuses what cannot work."""
    (violation,) = check(replace(SOUND, **changes), RULES)
    assert violation.severity is severity


@pytest.mark.parametrize("calls_latest", [False, True])
def test_says_which_of_the_two_is_called(calls_latest):
    """The function itself, or its $LATEST, which no publishing helps."""
    (violation,) = check(replace(SOUND, **SERVED_BY_LATEST, calls_latest=calls_latest), RULES)
    assert ("$LATEST" in violation.message.rpartition("got")[2]) == calls_latest


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.id.startswith("LMI0")], ids=lambda rule: rule.id)
def test_is_silent_without_a_fact_that_it_needs(rule):
    """A rule that needs a fact which is unknown says nothing, whatever the others are."""
    violating = next(replace(SOUND, **changes) for changes, expected in TABLE if rule.id in expected)
    assert rule.find(violating) is not None
    for fact in rule.needs:
        assert rule.find(replace(violating, **{fact: UNKNOWN})) is None


def test_nothing_known_violates_nothing(ids):
    """What nobody stated is unknown, not wrong."""
    assert ids(Facts()) == []


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (Argument(keyword="memory_size", given="much", expected="a whole number"), "LMI001"),
        (Argument(keyword="vpc", excluded_by="network"), "LMI002"),
        (Argument(keyword="security_groups", empty_list_of="security group"), "LMI003"),
        (Argument(keyword="function", given="'Shop/Old'", unfit_because="is imported"), "LMI004"),
        (Argument(refused_by_cdk="ValidationError: no"), "LMI006"),
        (Argument(keyword="id", used_again="'Night' again", instead="give it another id"), "LMI007"),
        (Argument(acknowledged="LMI999", useless_because="which is the id of no rule"), "LMI005"),
    ],
)
def test_tells_of_an_argument_that_does_not_fit(argument, expected):
    """Each way not to fit has one rule, which names the keyword."""
    (violation,) = check(argument, RULES)
    assert violation.id == expected
    assert set(violation.fields) <= {argument.keyword, argument.excluded_by, "acknowledge"}
