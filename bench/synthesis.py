"""Time synthesis with cdk-lmi against the same resources hand-written on aws-cdk-lib, in one run: make bench

1, 10 and 30 functions share a capacity provider. First both templates are held against each other, resource by
resource: if they differ, there is nothing to compare and the exit code is 1. Then each way defines and synthesises the
app again and again in this process, the two in turn. At last each does so in processes of its own, imports included.
"""

from __future__ import annotations

import argparse
import difflib
import gc
import hashlib
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

import cdk_lmi  # loads its constructs at their first use, so that the other way never pays for them

AIM = 1.10
SIZES = (1, 10, 30)
FEWEST, MOST = SIZES[0], SIZES[-1]
STACK = "Shop"
HANDLERS = str(Path(__file__).parent / "handlers")

Way = Callable[[cdk.Stack, int], None]


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


def synthesise(way: Way, functions: int, outdir: str) -> None:
    """Define the app in the one way or the other and write its template: what is timed."""
    app = cdk.App(outdir=outdir)
    way(cdk.Stack(app, STACK), functions)
    app.synth()


class Pair(NamedTuple):
    """What two runs took that came one after the other, in milliseconds."""

    ours: float
    by_hand: float


@dataclass(frozen=True)
class Comparison:
    """What pairs of runs add up to. Other work on the machine hits both runs of a pair: trust the ratio."""

    what: str
    pairs: int
    ours_ms: float
    by_hand_ms: float
    ratio: float
    ratio_min: float
    ratio_max: float

    @classmethod
    def of(cls, what: str, pairs: Sequence[Pair]) -> Comparison:
        ratios = [pair.ours / pair.by_hand for pair in pairs]
        ours, by_hand = (statistics.median(times) for times in zip(*pairs, strict=True))
        return cls(what, len(pairs), ours, by_hand, statistics.median(ratios), min(ratios), max(ratios))


def differences(functions: int) -> list[str]:
    """Tell by which resources the two templates differ. It also warms both ways up."""
    theirs, ours = (resources(template(way, functions)) for way in (by_hand, with_cdk_lmi))
    if theirs == ours:
        return []
    # A resource that differs changes the digests of all that refer to it: tell those only where all else is the same.
    plain = [[re.sub(r"#\w+", "", text) for text in texts] for texts in (theirs, ours)]
    theirs, ours = (theirs, ours) if plain[0] == plain[1] else map(sorted, plain)
    return list(difflib.unified_diff(theirs, ours, "by hand", "cdk-lmi", n=0, lineterm=""))


def template(way: Way, functions: int) -> Any:
    """Give what the app synthesises to."""
    with tempfile.TemporaryDirectory() as outdir:
        synthesise(way, functions, outdir)
        return json.loads(Path(outdir, f"{STACK}.template.json").read_text(encoding="utf-8"))


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


def in_process(way: Way, functions: int) -> float:
    """Time one run here. It pays for its own garbage, not for what jsii keeps of the runs before: that is frozen."""
    with tempfile.TemporaryDirectory() as outdir:
        gc.collect()
        gc.freeze()
        start = time.perf_counter()
        synthesise(way, functions, outdir)
        return (time.perf_counter() - start) * 1000


def in_process_of_its_own(way: Way, functions: int) -> float:
    """Time a whole process: the interpreter and Node starting, the imports, one run, the end."""
    with tempfile.TemporaryDirectory() as outdir:
        program = f"import synthesis as s; s.synthesise(s.{way.__name__}, {functions}, {outdir!r})"
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parent, check=True)
        return (time.perf_counter() - start) * 1000


def pair(timed: Callable[[Way, int], float], functions: int, turn: int) -> Pair:
    """Time both ways, one after the other; which one goes first changes from turn to turn."""
    progress(".")
    if turn % 2:
        theirs, ours = timed(by_hand, functions), timed(with_cdk_lmi, functions)
    else:
        ours, theirs = timed(with_cdk_lmi, functions), timed(by_hand, functions)
    return Pair(ours, theirs)


def progress(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


def versions() -> dict[str, str]:
    node = subprocess.run(
        [os.environ.get("JSII_NODE", "node"), "--version"], capture_output=True, text=True, check=True
    )
    packages = {name: version(name) for name in ("cdk-lmi", "aws-cdk-lib", "constructs", "jsii")}
    return {**packages, "python": platform.python_version(), "node": node.stdout.strip().removeprefix("v")}


def table(made_with: Mapping[str, str], rows: Sequence[Comparison]) -> str:
    """Lay the figures out for people."""
    line = "{:>28}  {:>10}  {:>10}  {:>6}  {:>13}  {:>5}".format
    lines = [
        ", ".join(f"{name} {number}" for name, number in made_with.items()),
        f"Medians; the ratio is that of pairs, cdk-lmi over hand-written. Aim: at most {AIM:.2f}.",
        "",
        line("", "cdk-lmi", "by hand", "ratio", "min … max", "pairs"),
    ]
    for row in rows:
        times = f"{row.ours_ms:.1f} ms", f"{row.by_hand_ms:.1f} ms"
        lines.append(
            line(row.what, *times, f"{row.ratio:.2f}", f"{row.ratio_min:.2f} … {row.ratio_max:.2f}", row.pairs)
        )
    return "\n".join(lines)


def count(text: str) -> int:
    """Read a number of repetitions."""
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=count, default=20, help="runs of each way in this process (default: 20)")
    parser.add_argument("--processes", type=count, default=3, help="processes of their own for each way (default: 3)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()

    for functions in SIZES:
        if differing := differences(functions):
            progress("\n".join([f"{functions} functions: the templates differ", *differing, ""]))
            return 1
    progress("both ways define the same resources\nin this process ")
    pairs: dict[int, list[Pair]] = {functions: [] for functions in SIZES}
    for turn in range(arguments.pairs):
        for functions in SIZES:
            pairs[functions].append(pair(in_process, functions, turn))
    progress("\nin processes of their own ")
    processes = [pair(in_process_of_its_own, MOST, turn) for turn in range(arguments.processes)]
    progress("\n")

    more = [
        Pair(*((high - low) / (MOST - FEWEST) for low, high in zip(fewest, most, strict=True)))
        for fewest, most in zip(pairs[FEWEST], pairs[MOST], strict=True)
    ]
    rows = [
        *(Comparison.of(f"functions: {functions}", those) for functions, those in pairs.items()),
        Comparison.of("one more function", more),
        Comparison.of(f"functions: {MOST}, whole process", processes),
    ]
    if arguments.json:
        print(json.dumps({"versions": versions(), "aim": AIM, "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        print(table(versions(), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
