"""Time synthesis with cdk-lmi against the same resources hand-written on aws-cdk-lib, in one run: make bench

1, 10 and 30 functions share a capacity provider, in Python with this library, in Python by hand and in TypeScript by
hand. First the templates are held against each other, resource by resource: if they differ, there is nothing to compare
and the exit code is 1. Then the ways of Python define and synthesise the app again and again in this process, in turn,
by hand also with each function in a construct of its own: what any construct for functions takes that is written in
Python. Their calls to Node are counted. At last each of the three does it in processes of its own, imports included.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import peer
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct
from crossings import crossings
from figures import Aim, Result, Table, arguments, progress, show, versions
from pairs import (
    Comparison,
    Took,
    Turn,
    Way,
    compared,
    cpu,
    in_process,
    in_process_of_its_own,
    table,
    template,
    turns,
    wall,
)

import cdk_lmi  # loads its constructs at their first use, so that the other way never pays for them

SIZES = (1, 10, 30)
OURS, BY_HAND, IN_TYPESCRIPT = "cdk-lmi", "Python by hand", "TypeScript by hand"
IN_CONSTRUCTS = "Python by hand, each in a construct"
FURTHER = "one more function"
#: What this library may take of hand-written Python's time, as a whole process and for each further function.
AIM_WHOLE, AIM_FURTHER = 1.10, 1.25
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
    pool = _pool_by_hand(stack)
    for number in range(functions):
        _function_by_hand(stack, f"Orders{number}", pool)


class _OwnConstruct(Construct):
    """What somebody writes who puts a function and all that belongs to it into one construct."""


def in_constructs(stack: cdk.Stack, functions: int) -> None:
    """Define the same by hand, each function in a construct of its own."""
    pool = _pool_by_hand(stack)
    for number in range(functions):
        _function_by_hand(_OwnConstruct(stack, f"Orders{number}"), "Function", pool)


def _pool_by_hand(stack: cdk.Stack) -> lambda_.CapacityProvider:
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        max_azs=3,
        reserved_azs=1,
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
    return pool


def _function_by_hand(scope: Construct, id: str, pool: lambda_.CapacityProvider) -> None:
    function = lambda_.Function(
        scope,
        id,
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="orders.handler",
        code=lambda_.Code.from_asset(HANDLERS),
        architecture=lambda_.Architecture.ARM_64,
        memory_size=4096,
        log_group=logs.LogGroup(scope, f"{id}Logs"),
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
    lambda_.Alias(scope, f"{id}Live", alias_name="live", version=function.current_version)


def differences(functions: int) -> list[str]:
    """Tell by which resources the templates differ. It also warms the ways of Python up."""
    theirs = resources(template(by_hand, functions))
    others = {
        OURS: template(with_cdk_lmi, functions),
        IN_CONSTRUCTS: template(in_constructs, functions),
        IN_TYPESCRIPT: peer.template(functions, HANDLERS),
    }
    return [line for name, other in others.items() for line in _differences(theirs, resources(other), name)]


def _differences(theirs: Sequence[str], others: Sequence[str], name: str) -> list[str]:
    if theirs == others:
        return []
    # A resource that differs changes the digests of all that refer to it: tell those only where all else is the same.
    plain = [[re.sub(r"#\w+", "", text) for text in texts] for texts in (theirs, others)]
    theirs, others = (theirs, others) if plain[0] == plain[1] else map(sorted, plain)
    return list(difflib.unified_diff(theirs, others, BY_HAND, name, n=0, lineterm=""))


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


def further(gone: Mapping[int, Sequence[Turn]], to: str, *, of: Callable[[Took], float], how: str = "") -> Comparison:
    """Compare what one more function takes: the most functions less the fewest, turn by turn."""
    fewest, most = min(gone), max(gone)
    ours, theirs = (
        [(of(high[way]) - of(low[way])) / (most - fewest) for low, high in zip(gone[fewest], gone[most], strict=True)]
        for way in (OURS, to)
    )
    return Comparison.of(f"{FURTHER}{how}", to, ours, theirs)


def in_this_process(sizes: Sequence[int], number: int) -> list[Comparison]:
    """Time the ways of Python where everything is loaded."""
    ways: Mapping[str, Way] = {OURS: with_cdk_lmi, BY_HAND: by_hand, IN_CONSTRUCTS: in_constructs}
    gone = rounds({name: partial(in_process, way) for name, way in ways.items()}, sizes, number)
    rows = [compared(f"functions: {size}", those, OURS, BY_HAND, of=wall) for size, those in gone.items()]
    return [*rows, *(further(gone, to, of=wall) for to in (BY_HAND, IN_CONSTRUCTS))] if len(sizes) > 1 else rows


def rounds(
    timings: Mapping[str, Callable[[int], Took]], sizes: Sequence[int], number: int
) -> Mapping[int, Sequence[Turn]]:
    """Time all ways with all numbers of functions in each round.

    What one more function takes is then of runs that were close.
    """
    gone: dict[int, list[Turn]] = {functions: [] for functions in sizes}
    for turn in range(number):
        for place, functions in enumerate(sizes):
            order = _in_turn(list(timings), turn, place)
            gone[functions] += turns({name: partial(timings[name], functions) for name in order}, 1)
    return gone


def _in_turn(names: list[str], turn: int, place: int) -> list[str]:
    """Give the names in another order for each turn and size, so that each goes first, and after each other one."""
    first = (turn // 2 + place) % len(names)
    order = names[first:] + names[:first]
    return order[::-1] if turn % 2 else order


def whole_processes(sizes: Sequence[int], number: int) -> list[Comparison]:
    """Time all three ways from the start of the process to its end, by the clock and by the time of the processors."""
    timings: Mapping[str, Callable[[int], Took]] = {
        OURS: partial(in_process_of_its_own, with_cdk_lmi),
        BY_HAND: partial(in_process_of_its_own, by_hand),
        IN_TYPESCRIPT: partial(peer.in_process_of_its_own, handlers=HANDLERS),
    }
    if number > 1:
        rounds(timings, sizes[:1], 1)  # so that what Python compiles is there
    gone = rounds(timings, sizes, number)
    figures = (("by the clock", wall), ("CPU", cpu))
    rows = [
        compared(f"functions: {functions}, {what}", those, OURS, to, of=of)
        for functions, those in gone.items()
        for what, of in figures
        for to in (BY_HAND, IN_TYPESCRIPT)
    ]
    if len(sizes) > 1:
        rows += [further(gone, BY_HAND, of=of, how=f", {what}") for what, of in figures]
    return rows


def counted(sizes: Sequence[int]) -> Table:
    """Count the calls to Node of the two ways of Python."""
    counts = [(crossings(with_cdk_lmi, functions), crossings(by_hand, functions)) for functions in sizes]
    rows: list[Sequence[str]] = [
        (f"functions: {functions}", str(ours), str(theirs))
        for functions, (ours, theirs) in zip(sizes, counts, strict=True)
    ]
    if len(sizes) > 1:
        more = [(most - fewest) / (sizes[-1] - sizes[0]) for fewest, most in zip(counts[0], counts[-1], strict=True)]
        rows.append((FURTHER, *(f"{number:.1f}" for number in more)))
    return Table("Calls from Python to Node", ("", OURS, BY_HAND), rows)


def main(argv: Sequence[str] | None = None) -> int:
    given = arguments(
        __doc__,
        argv,
        pairs=(20, "runs of each way in this process"),
        processes=(5, "processes of their own for each way"),
        functions=(SIZES[-1], "the most functions to define"),
    )
    peer.install()
    sizes = [size for size in SIZES if size < given.functions] + [given.functions]
    for functions in sizes:
        if differing := differences(functions):
            progress("\n".join([f"{functions} functions: the templates differ", *differing, ""]))
            return 1
    progress("all ways define the same resources\nin this process ")
    inside = in_this_process(sizes, given.pairs)
    calls = counted(sizes)
    progress("\nin processes of their own ")
    processes = whole_processes(sizes, given.processes)
    progress("\n")
    by_clock = {row.what: row.ratio for row in processes if row.to == BY_HAND}
    largest = by_clock[f"functions: {sizes[-1]}, by the clock"]
    aims = [Aim(f"{sizes[-1]} functions as a whole process, by the clock, to {BY_HAND}", largest, AIM_WHOLE)]
    if len(sizes) > 1:
        (loaded,) = (row.ratio for row in inside if row.what == FURTHER and row.to == BY_HAND)
        aims += [
            Aim(f"{FURTHER} in a whole process, to {BY_HAND}", by_clock[f"{FURTHER}, by the clock"], AIM_FURTHER),
            Aim(f"{FURTHER} where everything is loaded, to {BY_HAND}", loaded, AIM_FURTHER),
        ]
    result = Result(
        versions=versions("cdk-lmi", "aws-cdk-lib", "constructs", "jsii", node=True),
        tables=[
            table("Whole processes, imports included; medians, and ratios of runs in the same turn", processes),
            table("In a process that has loaded everything", inside),
            calls,
        ],
        aims=aims,
        figures={"processes": [asdict(row) for row in processes], "inside": [asdict(row) for row in inside]},
    )
    show("synthesis", result, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
