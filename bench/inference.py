"""Time synthesis with inferred endpoints against the same endpoints added by hand, in one run: make bench

A function is granted 10 and 30 services. In the one app its network finds out what that needs; in the other somebody
wrote ``add_endpoint`` for each, and the network has no function to look at. First both templates are held against each
other: if they differ, there is nothing to compare and the exit code is 1. Then each way defines and synthesises the app
again and again in this process, the two in turn. At last each does so in processes of its own, imports included.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct
from figures import Aim, Result, arguments, progress, show, versions
from pairs import Took, Way, compared, cpu, in_process, in_process_of_its_own, table, template, turns, wall

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction, ManagedInstanceNetwork
from cdk_lmi.acknowledgments import acknowledge_for_function
from cdk_lmi.caller import Caller

SIZES = (10, 30)
OURS, BY_HAND = "inferred", "added by hand"
#: What inferring may take of the time that it takes to synthesise what was written by hand.
AIM = 1.10

Grant = Callable[[cdk.Stack, ManagedInstanceFunction], object]


def allow(action: str) -> Grant:
    """Give how to grant an action that CDK has no method for."""
    return lambda stack, to: to.function.add_to_role_policy(iam.PolicyStatement(actions=[action], resources=["*"]))


def state_machine(stack: cdk.Stack) -> stepfunctions.StateMachine:
    body = stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(stack, "Pass"))
    return stepfunctions.StateMachine(stack, "Machine", definition_body=body)


def task(stack: cdk.Stack) -> ecs.FargateTaskDefinition:
    definition = ecs.FargateTaskDefinition(stack, "Task")
    definition.add_container("Container", image=ecs.ContainerImage.from_registry("nginx"))
    return definition


def assumed(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Assumed", assumed_by=iam.AccountRootPrincipal())


#: How a function is granted a service, by what CDK calls its endpoint. The last one is granted by tracing.
GRANTS: Mapping[str, Grant] = {
    "SQS": lambda stack, to: sqs.Queue(stack, "Queue").grant_send_messages(to),
    "SNS": lambda stack, to: sns.Topic(stack, "Topic").grant_publish(to),
    "SECRETS_MANAGER": lambda stack, to: secretsmanager.Secret(stack, "Secret").grant_read(to),
    "SSM": lambda stack, to: ssm.StringParameter(stack, "Parameter", string_value="1").grant_read(to),
    "KMS": lambda stack, to: kms.Key(stack, "Key").grant(to, "kms:Sign"),
    "EVENTBRIDGE": lambda stack, to: events.EventBus(stack, "Bus").grant_put_events_to(to),
    "STEP_FUNCTIONS": lambda stack, to: state_machine(stack).grant_start_execution(to),
    "BEDROCK_RUNTIME": allow("bedrock:InvokeModel"),
    "CLOUDWATCH_MONITORING": lambda stack, to: cloudwatch.Metric.grant_put_metric_data(to),
    "STS": lambda stack, to: assumed(stack).grant_assume_role(to.grant_principal),
    "KINESIS_STREAMS": lambda stack, to: kinesis.Stream(stack, "Stream").grant_write(to),
    "KINESIS_FIREHOSE": allow("firehose:PutRecord"),
    "STEP_FUNCTIONS_SYNC": allow("states:StartSyncExecution"),
    "LAMBDA_": lambda stack, to: lambda_.Function(stack, "Other", **LEAST).grant_invoke(to),
    "KENDRA": allow("kendra:Query"),
    "APPCONFIGDATA": allow("appconfig:GetLatestConfiguration"),
    "RDS_DATA": allow("rds-data:ExecuteStatement"),
    "ATHENA": allow("athena:StartQueryExecution"),
    "GLUE": allow("glue:GetTable"),
    "ECR": lambda stack, to: ecr.Repository(stack, "Repository").grant_pull(to),
    "COGNITO_IDP": lambda stack, to: cognito.UserPool(stack, "Users").grant(to, "cognito-idp:AdminGetUser"),
    "TEXTRACT": allow("textract:AnalyzeDocument"),
    "REKOGNITION": allow("rekognition:DetectLabels"),
    "COMPREHEND": allow("comprehend:DetectSentiment"),
    "POLLY": allow("polly:SynthesizeSpeech"),
    "CODEBUILD": allow("codebuild:StartBuild"),
    "BATCH": allow("batch:SubmitJob"),
    "ECS": lambda stack, to: task(stack).grant_run(to),
    "TRANSLATE": allow("translate:TranslateText"),
    "XRAY": lambda stack, to: None,
}
LEAST: dict[str, Any] = {
    "runtime": lambda_.Runtime.PYTHON_3_14,
    "handler": "index.handler",
    "code": lambda_.Code.from_inline("def handler(event, context): ..."),
}


class NetworkByHand(ManagedInstanceNetwork):
    """A network that is not told of any function."""

    def _serve(self, construct: Construct, caller: Caller) -> None:
        """Leave its endpoints to whoever wrote the app, and do what else is done for a function."""
        acknowledge_for_function(cast(cdk.CfnResource, caller.function.node.default_child))


def inferred(stack: cdk.Stack, services: int) -> None:
    """Have the network find out what the function needs."""
    grant(stack, ManagedInstanceNetwork(stack, "Network"), services)


def by_hand(stack: cdk.Stack, services: int) -> None:
    """Add the endpoint for each service that is granted."""
    network = NetworkByHand(stack, "Network")
    for name in granted(services):
        network.add_endpoint(getattr(ec2.InterfaceVpcEndpointAwsService, name))
    grant(stack, network, services)


def grant(stack: cdk.Stack, network: ManagedInstanceNetwork, services: int) -> None:
    """Define the function and grant it so many services."""
    names = granted(services)
    function = ManagedInstanceFunction(
        stack,
        "Orders",
        capacity_provider=ManagedInstanceCapacityProvider(stack, "Pool", network=network),
        tracing=lambda_.Tracing.ACTIVE if "XRAY" in names else None,
        **LEAST,
    )
    for name in names:
        GRANTS[name](stack, function)


def granted(services: int) -> list[str]:
    return list(islice(GRANTS, services))


def differences(services: int) -> list[str]:
    """Tell which resources of the two templates differ. It also warms both ways up."""
    theirs, ours = (template(way, services)["Resources"] for way in (by_hand, inferred))
    return sorted(id for id in {*theirs, *ours} if theirs.get(id) != ours.get(id))


def runs(time: Callable[[Way, int], Took], services: int) -> Mapping[str, Callable[[], Took]]:
    """Give both ways for so many services, ready to be timed."""
    return {OURS: partial(time, inferred, services), BY_HAND: partial(time, by_hand, services)}


def main(argv: Sequence[str] | None = None) -> int:
    given = arguments(
        __doc__,
        argv,
        pairs=(20, "runs of each way in this process"),
        processes=(5, "processes of their own for each way"),
        services=(SIZES[-1], "the most services to grant"),
    )
    sizes = [*(size for size in SIZES if size < given.services), given.services]
    for services in sizes:
        if differing := differences(services):
            progress("\n".join([f"{services} services: the templates differ", *differing, ""]))
            return 1
    progress("both ways define the same resources\nin this process ")
    inside = {services: turns(runs(in_process, services), given.pairs) for services in sizes}
    progress("\nin processes of their own ")
    whole = turns(runs(in_process_of_its_own, sizes[-1]), given.processes, warm_up=given.processes > 1)
    progress("\n")
    rows = [
        *(compared(f"services: {services}", gone, OURS, BY_HAND, of=wall) for services, gone in inside.items()),
        compared(f"services: {sizes[-1]}, whole process", whole, OURS, BY_HAND, of=wall),
        compared(f"services: {sizes[-1]}, whole process, CPU", whole, OURS, BY_HAND, of=cpu),
    ]
    result = Result(
        versions=versions("cdk-lmi", "aws-cdk-lib", "constructs", "jsii", node=True),
        tables=[table("Endpoints inferred, and added by hand; medians, and ratios of runs in the same turn", rows)],
        aims=[Aim(f"{row.what}, by the clock", row.ratio, AIM) for row in rows[:-1]],
        figures={"rows": [asdict(row) for row in rows]},
    )
    show("inference", result, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
