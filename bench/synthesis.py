"""Time synthesis with cdk-lmi against the same resources hand-written on aws-cdk-lib, in one run: make bench

1, 10 and 30 functions share a capacity provider. First both templates are held against each other, resource by
resource: if they differ, there is nothing to compare and the exit code is 1. Then each way defines and synthesises the
app again and again in this process, the two in turn. At last each does so in processes of its own, imports included.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from figures import arguments, progress
from pairs import Comparison, Pair, in_process, report, template, timed, whole_processes

import cdk_lmi  # loads its constructs at their first use, so that the other way never pays for them

SIZES = (1, 10, 30)
FEWEST, MOST = SIZES[0], SIZES[-1]
HANDLERS = str(Path(__file__).parent / "handlers")


def with_cdk_lmi(stack: cdk.Stack, functions: int) -> None:
    """Define the functions with this library."""
    network = cdk_lmi.ManagedInstanceNetwork(stack, "Network")
    pool = cdk_lmi.ManagedInstanceCapacityProvider(
        stack, "Pool", network=network, architecture=lambda_.Architecture.ARM_64, max_v_cpu_count=200
    )
    for number in range(functions):
        cdk_lmi.ManagedInstanceFunction(
            stack,
            f"Orders{number}",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="orders.handler",
            code=lambda_.Code.from_asset(HANDLERS),
            architecture=lambda_.Architecture.ARM_64,
            capacity_provider=pool,
            memory_size=4096,
            execution_environment_memory_gib_per_v_cpu=4,
            per_execution_environment_max_concurrency=16,
            min_execution_environments=3,
            max_execution_environments=12,
        )


def by_hand(stack: cdk.Stack, functions: int) -> None:
    """Define the same with the constructs of aws-cdk-lib, by somebody who knows what it takes."""
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        max_azs=3,
        nat_gateways=0,
        subnet_configuration=[ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
    )
    instances = ec2.SecurityGroup(
        stack,
        "Instances",
        vpc=vpc,
        description="Lambda Managed Instances: HTTPS out, nothing in",
        allow_all_outbound=False,
    )
    instances.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "AWS services, through VPC endpoints")
    endpoints = ec2.SecurityGroup(
        stack,
        "Endpoints",
        vpc=vpc,
        description="VPC endpoints: HTTPS in from Lambda Managed Instances",
        allow_all_outbound=False,
    )
    endpoints.add_ingress_rule(instances, ec2.Port.tcp(443), "Lambda Managed Instances")
    dynamodb = ec2.GatewayVpcEndpoint(stack, "DynamoDb", vpc=vpc, service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
    s3 = ec2.GatewayVpcEndpoint(stack, "S3", vpc=vpc, service=ec2.GatewayVpcEndpointAwsService.S3)
    cloudwatch_logs = ec2.InterfaceVpcEndpoint(
        stack,
        "CloudWatchLogs",
        vpc=vpc,
        service=ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
        security_groups=[endpoints],
        open=False,
    )
    operator = iam.Role(
        stack,
        "Operator",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        description="Lambda launches and terminates Managed Instances with it",
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AWSLambdaManagedEC2ResourceOperator")],
    )
    pool = lambda_.CapacityProvider(
        stack,
        "Pool",
        subnets=vpc.isolated_subnets,
        security_groups=[instances],
        operator_role=operator,
        architectures=[lambda_.Architecture.ARM_64],
        max_v_cpu_count=200,
    )
    pool.node.add_dependency(*vpc.isolated_subnets, endpoints, dynamodb, s3, cloudwatch_logs)
    for number in range(functions):
        function = lambda_.Function(
            stack,
            f"Orders{number}",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="orders.handler",
            code=lambda_.Code.from_asset(HANDLERS),
            architecture=lambda_.Architecture.ARM_64,
            memory_size=4096,
            log_group=logs.LogGroup(stack, f"Orders{number}Logs"),
            logging_format=lambda_.LoggingFormat.JSON,
            current_version_options=lambda_.VersionOptions(
                removal_policy=cdk.RemovalPolicy.DESTROY, min_execution_environments=3, max_execution_environments=12
            ),
        )
        pool.add_function(
            function,
            execution_environment_memory_gib_per_v_cpu=4,
            per_execution_environment_max_concurrency=16,
            publish_to_latest_published=False,
        )
        lambda_.Alias(stack, f"Orders{number}Live", alias_name="live", version=function.current_version)


def differences(functions: int) -> list[str]:
    """Tell by which resources the two templates differ. It also warms both ways up."""
    theirs, ours = (resources(template(way, functions)) for way in (by_hand, with_cdk_lmi))
    if theirs == ours:
        return []
    # A resource that differs changes the digests of all that refer to it: tell those only where all else is the same.
    plain = [[re.sub(r"#\w+", "", text) for text in texts] for texts in (theirs, ours)]
    theirs, ours = (theirs, ours) if plain[0] == plain[1] else map(sorted, plain)
    return list(difflib.unified_diff(theirs, ours, "by hand", "cdk-lmi", n=0, lineterm=""))


def resources(synthesised: Any) -> list[str]:
    """Give each resource as text that says all of it but how it is called here.

    In the place of a logical id stands a digest of the resource that has it, and so on down: two templates with the
    same list have the same resources, wired the same way. Left out are ``Metadata`` and the values of ``Name`` tags,
    which CDK makes of construct paths.
    """
    defined: Mapping[str, Mapping[str, Any]] = synthesised["Resources"]

    @cache
    def text(logical_id: str) -> str:
        resource = {key: value for key, value in defined[logical_id].items() if key != "Metadata"}
        resource["DependsOn"] = sorted(map(digest, resource.get("DependsOn", ())))
        return json.dumps(nameless(resource), sort_keys=True)

    def digest(logical_id: str) -> str:
        return f"{defined[logical_id]['Type']}#{hashlib.sha256(text(logical_id).encode()).hexdigest()[:16]}"

    def nameless(value: Any) -> Any:
        match value:
            case {"Ref": str(target)} if target in defined:
                return {"Ref": digest(target)}
            case {"Fn::GetAtt": [str(target), attribute]}:
                return {"Fn::GetAtt": [digest(target), attribute]}
            case {"Key": "Name", "Value": str()}:
                return {"Key": "Name"}
            case dict():
                return {key: nameless(item) for key, item in value.items()}
            case list():
                return [nameless(item) for item in value]
        return value

    return sorted(map(text, defined))


def main() -> int:
    given = arguments(
        __doc__,
        pairs=(20, "runs of each way in this process"),
        processes=(5, "processes of their own for each way"),
    )
    for functions in SIZES:
        if differing := differences(functions):
            progress("\n".join([f"{functions} functions: the templates differ", *differing, ""]))
            return 1
    progress("both ways define the same resources\nin this process ")
    pairs: dict[int, list[Pair]] = {functions: [] for functions in SIZES}
    for turn in range(given.pairs):
        for functions in SIZES:
            pairs[functions].append(timed(in_process, with_cdk_lmi, by_hand, functions, turn))
    progress("\nin processes of their own ")
    processes = whole_processes(with_cdk_lmi, by_hand, MOST, given.processes)
    progress("\n")

    more = [
        Pair(*((high - low) / (MOST - FEWEST) for low, high in zip(fewest, most, strict=True)))
        for fewest, most in zip(pairs[FEWEST], pairs[MOST], strict=True)
    ]
    report(
        *(Comparison.of(f"functions: {functions}", those) for functions, those in pairs.items()),
        Comparison.of("one more function", more),
        Comparison.of(f"functions: {MOST}, whole process", processes),
        as_json=given.json,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
