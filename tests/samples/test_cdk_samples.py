"""Apps on aws-cdk-lib alone, written the way that public samples and hand-written stacks are.

Each sample defines a stack, and states what its templates are to be judged for: these rules on these types of
resource, each as often as there are such resources, and no other rule.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigatewayv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as alarm_actions
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_efs as efs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as elbv2_targets
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as events_targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_iot as iot
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as lambda_destinations
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_logs_destinations as logs_destinations
from aws_cdk import aws_pipes as pipes
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as s3_notifications
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as scheduler_targets
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as stepfunctions
from aws_cdk import aws_stepfunctions_tasks as tasks
from aws_cdk import custom_resources

FUNCTION = "AWS::Lambda::Function"
PROVIDER = "AWS::Lambda::CapacityProvider"
PROVIDER_ARN = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:shared"
OPERATOR_POLICY = "AWSLambdaManagedEC2ResourceOperator"

LOGS = ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS
XRAY = ec2.InterfaceVpcEndpointAwsService.XRAY
SQS = ec2.InterfaceVpcEndpointAwsService.SQS
HTTPS = ec2.Port.tcp(443)

Sample = Callable[[cdk.Stack], None]
SAMPLES: list[Any] = []


def violates(*, provider: Sequence[str] = (), function: Sequence[str] = ()) -> Callable[[Sample], Sample]:
    """Put a sample into the table: what its capacity providers and its functions are to be judged for."""

    def add(sample: Sample) -> Sample:
        expected = sorted([*((id, PROVIDER) for id in provider), *((id, FUNCTION) for id in function)])
        SAMPLES.append(pytest.param(sample, expected, id=sample.__name__))
        return sample

    return add


def synthesized(define: Sample, outdir: Path) -> list[dict[str, Any]]:
    """Give all templates of the app that a sample is, as they are deployed."""
    app = cdk.App(outdir=str(outdir))
    define(cdk.Stack(app, "Sample"))
    app.synth()
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(outdir.rglob("*.template.json"))]


# --- what samples have in common --------------------------------------------------------------------------------


def isolated_vpc(stack, *services, id="Vpc"):
    """A VPC with no way out, and with CDK's own endpoints for these services."""
    isolated = ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    vpc = ec2.Vpc(stack, id, nat_gateways=0, subnet_configuration=[isolated])
    for service in services:
        vpc.add_interface_endpoint(service.short_name, service=service)
    return vpc


def imported_vpc(stack):
    """A VPC that another team owns."""
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0a1b2c3d",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        private_subnet_ids=["subnet-0a", "subnet-0b"],
        vpc_cidr_block="10.0.0.0/16",
    )


def pool(stack, vpc, id="Pool", **properties):
    """A capacity provider in all subnets of a VPC that are not public, with a security group of its own."""
    properties.setdefault("security_groups", [ec2.SecurityGroup(stack, f"{id}SecurityGroup", vpc=vpc)])
    subnets = vpc.isolated_subnets or vpc.private_subnets
    return lambda_.CapacityProvider(stack, id, **{"subnets": subnets, **properties})


def function(stack, id="Function", **properties):
    """A function with the least that CDK asks for."""
    defaults: dict[str, Any] = {
        "runtime": lambda_.Runtime.PYTHON_3_14,
        "handler": "index.handler",
        "code": lambda_.Code.from_inline("def handler(event, context): ..."),
    }
    return lambda_.Function(stack, id, **{**defaults, **properties})


def built(stack, name):
    """The code of a function in a language that CDK takes no source of."""
    artifacts = s3.Bucket.from_bucket_name(stack, f"{name}Artifacts", "artifacts")
    return lambda_.Code.from_bucket(artifacts, f"{name}.jar")


def bounds(minimum=3, maximum=12):
    """Scaling of the version that CDK publishes."""
    return lambda_.VersionOptions(min_execution_environments=minimum, max_execution_environments=maximum)


def on(provider, hosted, **options):
    """Put a function on a capacity provider, with a version behind an alias and nothing beside it."""
    provider.add_function(hosted, **{"publish_to_latest_published": False, **options})
    return lambda_.Alias(hosted.stack, f"{hosted.node.id}Live", alias_name="live", version=hosted.current_version)


def sound(stack, vpc, **properties):
    """A function that nothing is wrong with, on a capacity provider in that VPC."""
    hosted = function(stack, current_version_options=bounds(), **properties)
    on(pool(stack, vpc), hosted)
    return hosted


# --- public samples ---------------------------------------------------------------------------------------------


@violates(provider=["LMI411"], function=["LMI602", "LMI603"])
def aws_lambda_handler_cookbook(stack):
    """Scaling on the function while API Gateway goes to the alias; endpoints by hand, no NAT."""
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        availability_zones=["us-east-1a", "us-east-1b"],
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
        ],
    )
    vpc.add_flow_log("FlowLog", traffic_type=ec2.FlowLogTrafficType.REJECT)
    instances = ec2.SecurityGroup(stack, "Instances", vpc=vpc, allow_all_outbound=True)
    endpoints = ec2.SecurityGroup(stack, "Endpoints", vpc=vpc, allow_all_outbound=False)
    endpoints.add_ingress_rule(instances, HTTPS, "HTTPS from the instances")
    vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
    for service in (LOGS, XRAY):
        vpc.add_interface_endpoint(
            service.short_name, service=service, security_groups=[endpoints], private_dns_enabled=True
        )
    operator = iam.Role(
        stack,
        "OperatorRole",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(OPERATOR_POLICY)],
    )
    provider = cdk.CfnResource(
        stack,
        "CapacityProvider",
        type=PROVIDER,
        properties={
            "CapacityProviderName": "ManagedInstanceCapacityProvider",
            "VpcConfig": {
                "SubnetIds": [subnet.subnet_id for subnet in vpc.isolated_subnets],
                "SecurityGroupIds": [instances.security_group_id],
            },
            "PermissionsConfig": {"CapacityProviderOperatorRoleArn": operator.role_arn},
            "InstanceRequirements": {"Architectures": ["arm64"]},
            "CapacityProviderScalingConfig": {"MaxVCpuCount": 100},
        },
    )
    table = dynamodb.TableV2(
        stack, "Orders", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    )
    role = iam.Role(
        stack,
        "ServiceRole",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={
            "dynamodb": iam.PolicyDocument(
                statements=[iam.PolicyStatement(actions=["dynamodb:Scan"], resources=[table.table_arn])]
            )
        },
        managed_policies=[
            iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaBasicExecutionRole"),
        ],
    )
    list_orders = function(
        stack,
        "ListOrders",
        runtime=lambda_.Runtime.PYTHON_3_14,
        architecture=lambda_.Architecture.ARM_64,
        memory_size=4096,
        tracing=lambda_.Tracing.ACTIVE,
        logging_format=lambda_.LoggingFormat.JSON,
        role=role,
        timeout=cdk.Duration.seconds(10),
    )
    resource = list_orders.node.default_child
    assert isinstance(resource, cdk.CfnResource)
    resource.add_property_override(
        "CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig",
        {
            "CapacityProviderArn": provider.get_att("Arn").to_string(),
            "ExecutionEnvironmentMemoryGiBPerVCpu": 4,
            "PerExecutionEnvironmentMaxConcurrency": 16,
        },
    )
    resource.add_property_override(
        "FunctionScalingConfig", {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 4}
    )
    live = lambda_.Alias(stack, "Live", alias_name="live", version=list_orders.current_version)
    api = apigateway.RestApi(stack, "Api")
    api.root.add_resource("orders").add_method("GET", apigateway.LambdaIntegration(live))


@violates(provider=["LMI411"])
def serverless_patterns_managed_instances(stack):
    """The L2 in CDK's default VPC, with fixed names, and without memory, scaling or alias."""
    name = "hello-world-managed-instances-cdk"
    hello_world = function(
        stack,
        "HelloWorldFunction",
        runtime=lambda_.Runtime.NODEJS_24_X,
        code=lambda_.Code.from_inline("exports.handler = async () => 'hello'"),
        architecture=lambda_.Architecture.ARM_64,
        function_name=name,
        logging_format=lambda_.LoggingFormat.JSON,
        log_group=logs.LogGroup(
            stack,
            "LogGroup",
            log_group_name=f"/demo/lambda/{name}",
            retention=logs.RetentionDays.TWO_WEEKS,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        ),
    )
    provider = pool(
        stack,
        ec2.Vpc(stack, "Vpc"),
        capacity_provider_name="lambda-capacity-provider-cdk",
        architectures=[lambda_.Architecture.ARM_64],
    )
    provider.add_function(hello_world)
    cdk.CfnOutput(stack, "FunctionArn", value=hello_world.function_arn)


@violates(provider=["LMI411"])
def serverless_patterns_durable_managed_instances(stack):
    """The same for a durable function."""
    durable = function(
        stack,
        "StepWaitStep",
        runtime=lambda_.Runtime.NODEJS_24_X,
        code=lambda_.Code.from_inline("exports.handler = async () => 'hello'"),
        architecture=lambda_.Architecture.ARM_64,
        function_name="step-wait-step-durable-function",
        durable_config=lambda_.DurableConfig(
            execution_timeout=cdk.Duration.hours(1), retention_period=cdk.Duration.days(30)
        ),
    )
    provider = pool(
        stack,
        ec2.Vpc(stack, "Vpc"),
        capacity_provider_name="lambda-capacity-provider",
        architectures=[lambda_.Architecture.ARM_64],
    )
    provider.add_function(durable)


@violates(provider=["LMI403"], function=["LMI307"])
def powertools_end_to_end_tests(stack):
    """Dual stack, egress over IPv6 only, one Availability Zone, the least vCPUs that CDK takes."""
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        ip_protocol=ec2.IpProtocol.DUAL_STACK,
        max_azs=1,
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC),
            ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        ],
    )
    vpc.add_interface_endpoint("Logs", service=LOGS)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc, allow_all_outbound=True, allow_all_ipv6_outbound=True)
    provider = pool(
        stack, vpc, security_groups=[group], architectures=[lambda_.Architecture.ARM_64], max_v_cpu_count=12
    )
    provider.add_function(
        function(
            stack,
            runtime=lambda_.Runtime.NODEJS_24_X,
            code=lambda_.Code.from_inline("exports.handler = async () => 'hello'"),
            architecture=lambda_.Architecture.ARM_64,
            memory_size=2048,
            tracing=lambda_.Tracing.ACTIVE,
        )
    )


@violates(function=["LMI305", "LMI307", "LMI305", "LMI307"])
def durable_execution_sdk_tests(stack):
    """Two functions of one test suite, each with one environment, on the smallest capacity provider."""
    provider = pool(stack, ec2.Vpc(stack, "Vpc"), max_v_cpu_count=12)
    for name in ("Wait", "Retry"):
        provider.add_function(
            function(stack, name, memory_size=8192, runtime=lambda_.Runtime.JAVA_21, code=built(stack, name)),
            latest_published_scaling_config=lambda_.LatestPublishedScalingConfig(
                min_execution_environments=1, max_execution_environments=1
            ),
        )


@violates()
def datadog_extension(stack):
    """A third party's extension: NAT in three zones, and a security group that lets out HTTPS only."""
    vpc = ec2.Vpc(stack, "Vpc", availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"])
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc, allow_all_outbound=False)
    group.add_egress_rule(ec2.Peer.any_ipv4(), HTTPS)
    api_key = secretsmanager.Secret(stack, "ApiKey")
    hosted = function(stack, memory_size=4096, current_version_options=bounds())
    api_key.grant_read(hosted)
    live = on(pool(stack, vpc, security_groups=[group]), hosted, execution_environment_memory_gib_per_v_cpu=4)
    apigateway.LambdaRestApi(stack, "Api", handler=live)


@violates(function=["LMI601", "LMI602", "LMI603", "LMI701", "LMI104"], provider=["LMI407", "LMI411"])
def the_readme_of_aws_cdk(stack):
    """Burstable types, no memory, scaling on the function, and an API that goes round the alias."""
    provider = pool(
        stack,
        ec2.Vpc(stack, "Vpc"),
        capacity_provider_name="my-capacity-provider",
        instance_type_filter=lambda_.InstanceTypeFilter.allow(
            [ec2.InstanceType("t3.large"), ec2.InstanceType("m5.large")]
        ),
        scaling_options=lambda_.ScalingOptions.manual(
            [lambda_.TargetTrackingScalingPolicy.cpu_utilization(70)],
        ),
    )
    hosted = function(stack, runtime=lambda_.Runtime.PYTHON_3_12)
    provider.add_function(
        hosted,
        execution_environment_memory_gib_per_v_cpu=4,
        per_execution_environment_max_concurrency=10,
        latest_published_scaling_config=lambda_.LatestPublishedScalingConfig(
            min_execution_environments=3, max_execution_environments=10
        ),
    )
    lambda_.Alias(stack, "Live", alias_name="live", version=hosted.current_version)
    apigateway.RestApi(stack, "Api").root.add_method("GET", apigateway.LambdaIntegration(hosted))


# --- one mistake each -------------------------------------------------------------------------------------------


@violates(function=["LMI603"])
def a_second_fleet(stack):
    """CloudFormation publishes $LATEST.PUBLISHED unless it is told not to, and CDK does not tell it."""
    hosted = function(stack, current_version_options=bounds())
    pool(stack, ec2.Vpc(stack, "Vpc")).add_function(hosted)
    lambda_.Alias(stack, "Live", alias_name="live", version=hosted.current_version)


@violates(function=["LMI606"])
def a_version_that_is_kept(stack):
    """As teams keep them on standard Lambda, to roll back."""
    options = lambda_.VersionOptions(
        removal_policy=cdk.RemovalPolicy.RETAIN, min_execution_environments=3, max_execution_environments=6
    )
    on(pool(stack, ec2.Vpc(stack, "Vpc")), function(stack, current_version_options=options))


@violates(function=["LMI606"])
def a_version_that_is_kept_unless_it_fails_at_first(stack):
    """CloudFormation's RetainExceptOnCreate keeps it as well."""
    options = lambda_.VersionOptions(
        removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        min_execution_environments=3,
        max_execution_environments=6,
    )
    on(pool(stack, ec2.Vpc(stack, "Vpc")), function(stack, current_version_options=options))


@violates(function=["LMI607"])
def scaling_on_the_version_of_a_standard_function(stack):
    """Where add_function was forgotten."""
    hosted = function(stack, current_version_options=bounds())
    pool(stack, ec2.Vpc(stack, "Vpc"))
    lambda_.Alias(stack, "Live", alias_name="live", version=hosted.current_version)


@violates(function=["LMI605"])
def provisioned_concurrency_carried_over(stack):
    """From the standard function that it was."""
    hosted = function(stack, current_version_options=bounds())
    pool(stack, ec2.Vpc(stack, "Vpc")).add_function(hosted, publish_to_latest_published=False)
    lambda_.Alias(stack, "Live", alias_name="live", version=hosted.current_version, provisioned_concurrent_executions=5)


@violates(provider=["LMI407", "LMI409"])
def burstable_types_of_both_architectures(stack):
    """On a capacity provider for x86_64."""
    types = [ec2.InstanceType(name) for name in ("t3.medium", "t3.large", "t4g.large")]
    hosted = function(stack, current_version_options=bounds())
    provider = pool(
        stack,
        ec2.Vpc(stack, "Vpc"),
        architectures=[lambda_.Architecture.X86_64],
        instance_type_filter=lambda_.InstanceTypeFilter.allow(types),
    )
    on(provider, hosted)


@violates(function=["LMI410"])
def general_purpose_types_at_the_default_ratio(stack):
    """M families have 4 GiB per vCPU, and a function that does not say asks for 2."""
    provider = pool(
        stack,
        ec2.Vpc(stack, "Vpc"),
        instance_type_filter=lambda_.InstanceTypeFilter.allow([ec2.InstanceType("m7i.xlarge")]),
    )
    on(provider, function(stack, current_version_options=bounds()))


@violates()
def excluded_burstable_types(stack):
    """Which says what Lambda does anyway."""
    provider = pool(
        stack,
        ec2.Vpc(stack, "Vpc"),
        instance_type_filter=lambda_.InstanceTypeFilter.exclude([ec2.InstanceType("t3.large")]),
    )
    on(provider, function(stack, current_version_options=bounds()))


@violates(function=["LMI701"])
def python_3_12(stack):
    """The last one that knows no Managed Instances."""
    sound(stack, ec2.Vpc(stack, "Vpc"), runtime=lambda_.Runtime.PYTHON_3_12)


@violates(function=["LMI704", "LMI705", "LMI702"])
def a_standard_function_moved_over(stack):
    """With all that it had."""
    vpc = ec2.Vpc(stack, "Vpc")
    hosted = function(
        stack,
        vpc=vpc,
        reserved_concurrent_executions=20,
        snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS,
        current_version_options=bounds(),
    )
    on(pool(stack, vpc), hosted)


@violates(function=["LMI405"])
def an_arm_pool_for_a_function_that_does_not_say(stack):
    """It is x86_64 then."""
    provider = pool(stack, ec2.Vpc(stack, "Vpc"), architectures=[lambda_.Architecture.ARM_64])
    on(provider, function(stack, current_version_options=bounds()))


@violates(function=["LMI306"] * 4)
def many_functions_under_one_cap(stack):
    """Each fits, all of them do not."""
    provider = pool(stack, ec2.Vpc(stack, "Vpc"), max_v_cpu_count=64)
    for name in ("Search", "Report", "Export", "Import"):
        on(provider, function(stack, name, memory_size=16384, current_version_options=bounds()))


@violates()
def many_functions_with_room(stack):
    """The same under the default cap."""
    provider = pool(stack, ec2.Vpc(stack, "Vpc"))
    for name in ("Search", "Report", "Export", "Import"):
        on(provider, function(stack, name, memory_size=16384, current_version_options=bounds()))


@violates(function=["LMI304"])
def a_minimum_alone_on_the_version(stack):
    """As the README of the AWS CDK has it."""
    options = lambda_.VersionOptions(min_execution_environments=3)
    on(pool(stack, ec2.Vpc(stack, "Vpc")), function(stack, current_version_options=options))


@violates(function=["LMI304"])
def a_maximum_alone_on_the_version(stack):
    """To bound what it costs."""
    options = lambda_.VersionOptions(max_execution_environments=6)
    on(pool(stack, ec2.Vpc(stack, "Vpc")), function(stack, current_version_options=options))


@violates(function=["LMI304"])
def a_maximum_alone_on_the_function(stack):
    """With nothing but $LATEST.PUBLISHED."""
    pool(stack, ec2.Vpc(stack, "Vpc")).add_function(
        function(stack),
        latest_published_scaling_config=lambda_.LatestPublishedScalingConfig(max_execution_environments=6),
    )


@violates(function=["LMI604"])
def nothing_published(stack):
    """$LATEST.PUBLISHED turned off, and no version either: currentVersion is only made when it is asked for."""
    pool(stack, ec2.Vpc(stack, "Vpc")).add_function(
        function(stack, current_version_options=bounds()), publish_to_latest_published=False
    )


@violates(function=["LMI415"])
def a_pool_and_a_network_for_each_function(stack):
    """A stack built of a construct that makes everything."""
    for name in ("Search", "Report"):
        provider = pool(stack, ec2.Vpc(stack, f"{name}Vpc"), f"{name}Pool")
        on(provider, function(stack, name, current_version_options=bounds()))


@violates(function=["LMI415"] * 2)
def three_pools_and_networks(stack):
    """Told of the second and of the third."""
    for name in ("Search", "Report", "Export"):
        provider = pool(stack, ec2.Vpc(stack, f"{name}Vpc"), f"{name}Pool")
        on(provider, function(stack, name, current_version_options=bounds()))


@violates()
def two_pools_in_one_network(stack):
    """One for each architecture: no network is paid for twice."""
    vpc = ec2.Vpc(stack, "Vpc")
    for architecture in (lambda_.Architecture.ARM_64, lambda_.Architecture.X86_64):
        provider = pool(stack, vpc, f"{architecture.name}Pool", architectures=[architecture])
        hosted = function(
            stack, f"{architecture.name}Function", architecture=architecture, current_version_options=bounds()
        )
        on(provider, hosted)


@violates()
def a_shared_pool_beside_one_of_its_own(stack):
    """Two functions on one, and one that is kept apart in a VPC of its own."""
    shared = pool(stack, ec2.Vpc(stack, "SharedVpc"), "Shared")
    for name in ("Search", "Report"):
        on(shared, function(stack, name, current_version_options=bounds()))
    apart = pool(stack, ec2.Vpc(stack, "ApartVpc"), "Apart")
    on(apart, function(stack, "Payments", current_version_options=bounds()))


@violates(function=["LMI601"])
def an_api_before_latest_published(stack):
    """It serves, and no version is kept to go back to."""
    hosted = function(stack)
    pool(stack, ec2.Vpc(stack, "Vpc")).add_function(hosted)
    apigateway.LambdaRestApi(stack, "Api", handler=hosted)


# --- the way out ------------------------------------------------------------------------------------------------


@violates(provider=["LMI501"])
def isolated_subnets_without_logs(stack):
    """The function works, and its logs are missing."""
    sound(stack, isolated_vpc(stack))


@violates(provider=["LMI501"])
def isolated_subnets_beside_public_ones(stack):
    """The route out is the other subnets'."""
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC),
            ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        ],
    )
    sound(stack, vpc)


@violates(provider=["LMI501"])
def an_endpoint_for_logs_in_another_vpc(stack):
    """Which the instances do not see."""
    isolated_vpc(stack, LOGS, id="Other")
    sound(stack, isolated_vpc(stack))


@violates()
def public_subnets(stack):
    """AWS's first option, for development."""
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        nat_gateways=0,
        subnet_configuration=[ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC)],
    )
    on(pool(stack, vpc, subnets=vpc.public_subnets), function(stack, current_version_options=bounds()))


@violates()
def isolated_subnets_with_logs(stack):
    """CDK's default endpoint is open to the VPC's addresses, with private DNS."""
    sound(stack, isolated_vpc(stack, LOGS))


@violates(provider=["LMI503"])
def an_endpoint_with_private_dns_off(stack):
    """The SDK still asks for the public name."""
    vpc = isolated_vpc(stack)
    vpc.add_interface_endpoint("Logs", service=LOGS, private_dns_enabled=False)
    sound(stack, vpc)


@violates()
def an_endpoint_with_private_dns_off_and_nat(stack):
    """The public name is reached through NAT."""
    vpc = ec2.Vpc(stack, "Vpc")
    vpc.add_interface_endpoint("Logs", service=LOGS, private_dns_enabled=False)
    sound(stack, vpc)


@violates()
def an_endpoint_with_private_dns_off_that_nothing_needs(stack):
    """Another team's, in the same VPC."""
    vpc = isolated_vpc(stack, LOGS)
    vpc.add_interface_endpoint("Batch", service=ec2.InterfaceVpcEndpointAwsService.BATCH, private_dns_enabled=False)
    sound(stack, vpc)


@violates(provider=["LMI503"])
def an_l1_endpoint_that_leaves_private_dns_out(stack):
    """Off is CloudFormation's default."""
    vpc = isolated_vpc(stack)
    endpoints = ec2.SecurityGroup(stack, "Endpoints", vpc=vpc)
    endpoints.add_ingress_rule(ec2.Peer.ipv4(vpc.vpc_cidr_block), HTTPS)
    ec2.CfnVPCEndpoint(
        stack,
        "Logs",
        vpc_id=vpc.vpc_id,
        vpc_endpoint_type="Interface",
        service_name=f"com.amazonaws.{stack.region}.logs",
        subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
        security_group_ids=[endpoints.security_group_id],
    )
    sound(stack, vpc)


@violates(provider=["LMI504"])
def a_closed_endpoint(stack):
    """CDK makes a security group with no rule in it."""
    vpc = isolated_vpc(stack)
    vpc.add_interface_endpoint("Logs", service=LOGS, open=False)
    sound(stack, vpc)


@violates(provider=["LMI504"])
def an_endpoint_open_to_others_only(stack):
    """To another security group, to another network and on another port."""
    vpc = isolated_vpc(stack)
    endpoints = ec2.SecurityGroup(stack, "Endpoints", vpc=vpc)
    endpoints.add_ingress_rule(ec2.SecurityGroup(stack, "Batch", vpc=vpc), HTTPS)
    endpoints.add_ingress_rule(ec2.Peer.ipv4("192.168.0.0/16"), HTTPS)
    endpoints.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(80))
    vpc.add_interface_endpoint("Logs", service=LOGS, open=False, security_groups=[endpoints])
    sound(stack, vpc)


@violates(provider=["LMI504"])
def a_closed_endpoint_and_nat(stack):
    """Private DNS sends the instances to the endpoint, whatever other way there is."""
    vpc = ec2.Vpc(stack, "Vpc")
    vpc.add_interface_endpoint("Logs", service=LOGS, open=False)
    sound(stack, vpc)


@violates()
def a_closed_endpoint_that_nothing_needs(stack):
    """Another team's, in the same VPC."""
    vpc = isolated_vpc(stack, LOGS)
    vpc.add_interface_endpoint("Batch", service=ec2.InterfaceVpcEndpointAwsService.BATCH, open=False)
    sound(stack, vpc)


def _closed_endpoint(stack):
    vpc = isolated_vpc(stack)
    endpoints = ec2.SecurityGroup(stack, "Endpoints", vpc=vpc)
    vpc.add_interface_endpoint("Logs", service=LOGS, open=False, security_groups=[endpoints])
    return vpc, endpoints


@violates()
def an_endpoint_open_to_the_instances(stack):
    """By CDK's connections, with the rule as a resource of its own."""
    vpc, endpoints = _closed_endpoint(stack)
    instances = ec2.SecurityGroup(stack, "Instances", vpc=vpc, allow_all_outbound=False)
    instances.connections.allow_to(endpoints, HTTPS)
    on(pool(stack, vpc, security_groups=[instances]), function(stack, current_version_options=bounds()))


@violates()
def an_endpoint_open_to_all_traffic_of_the_instances(stack):
    """443 is among it."""
    vpc, endpoints = _closed_endpoint(stack)
    instances = ec2.SecurityGroup(stack, "Instances", vpc=vpc)
    endpoints.add_ingress_rule(instances, ec2.Port.all_traffic())
    on(pool(stack, vpc, security_groups=[instances]), function(stack, current_version_options=bounds()))


@violates()
def an_endpoint_open_to_a_range_of_ports(stack):
    """443 is among them."""
    vpc, endpoints = _closed_endpoint(stack)
    endpoints.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp_range(400, 500))
    sound(stack, vpc)


@violates()
def an_endpoint_open_to_private_addresses(stack):
    """Those of the VPC are among them."""
    vpc, endpoints = _closed_endpoint(stack)
    endpoints.add_ingress_rule(ec2.Peer.ipv4("10.0.0.0/8"), HTTPS)
    sound(stack, vpc)


@violates()
def one_security_group_for_instances_and_endpoints(stack):
    """That admits itself."""
    vpc = isolated_vpc(stack)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    group.connections.allow_internally(HTTPS)
    vpc.add_interface_endpoint("Logs", service=LOGS, open=False, security_groups=[group])
    on(pool(stack, vpc, security_groups=[group]), function(stack, current_version_options=bounds()))


def _endpoint_in_the_default_group(stack, vpc):
    ec2.CfnVPCEndpoint(
        stack,
        "Logs",
        vpc_id=vpc.vpc_id,
        vpc_endpoint_type="Interface",
        service_name=f"com.amazonaws.{stack.region}.logs",
        subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
        private_dns_enabled=True,
    )


@violates(provider=["LMI504"])
def an_endpoint_in_the_default_security_group(stack):
    """Which admits its own members only."""
    vpc = isolated_vpc(stack)
    _endpoint_in_the_default_group(stack, vpc)
    sound(stack, vpc)


@violates()
def instances_and_endpoint_in_the_default_security_group(stack):
    """Which admits its own members."""
    vpc = isolated_vpc(stack)
    _endpoint_in_the_default_group(stack, vpc)
    group = ec2.SecurityGroup.from_security_group_id(stack, "Default", vpc.vpc_default_security_group)
    on(pool(stack, vpc, security_groups=[group]), function(stack, current_version_options=bounds()))


@violates(provider=["LMI505"])
def instances_that_let_nothing_out(stack):
    """CDK writes a rule that matches nothing."""
    vpc = isolated_vpc(stack, LOGS)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc, allow_all_outbound=False)
    on(pool(stack, vpc, security_groups=[group]), function(stack, current_version_options=bounds()))


@violates()
def instances_that_let_out_to_endpoints_only(stack):
    """By prefix list and by security group."""
    vpc, endpoints = _closed_endpoint(stack)
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc, allow_all_outbound=False)
    group.add_egress_rule(endpoints, HTTPS)
    group.add_egress_rule(ec2.Peer.prefix_list("pl-0a1b2c3d"), HTTPS)
    endpoints.add_ingress_rule(group, HTTPS)
    on(pool(stack, vpc, security_groups=[group]), function(stack, current_version_options=bounds()))


@violates(provider=["LMI501"])
def one_isolated_subnet_among_others(stack):
    """What starts there has no logs."""
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        subnet_configuration=[
            ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC),
            ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        ],
    )
    subnets = [vpc.private_subnets[0], vpc.isolated_subnets[1]]
    on(pool(stack, vpc, subnets=subnets), function(stack, current_version_options=bounds()))


@violates()
def a_transit_gateway(stack):
    """Whose other side has the endpoints, or the way out."""
    vpc = isolated_vpc(stack)
    ec2.CfnTransitGatewayAttachment(
        stack,
        "Attachment",
        transit_gateway_id="tgw-0a1b2c3d",
        vpc_id=vpc.vpc_id,
        subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
    )
    sqs.Queue(stack, "Queue").grant_send_messages(sound(stack, vpc))


# --- what a function may call -----------------------------------------------------------------------------------


@violates(function=["LMI502"])
def a_queue_and_a_secret_out_of_reach(stack):
    """One function, told once."""
    hosted = sound(stack, isolated_vpc(stack, LOGS))
    sqs.Queue(stack, "Queue").grant_send_messages(hosted)
    secretsmanager.Secret(stack, "Secret").grant_read(hosted)


@violates()
def a_queue_and_a_secret_through_nat(stack):
    """Everything is in reach."""
    hosted = sound(stack, ec2.Vpc(stack, "Vpc"), tracing=lambda_.Tracing.ACTIVE)
    sqs.Queue(stack, "Queue").grant_send_messages(hosted)
    secretsmanager.Secret(stack, "Secret").grant_read(hosted)


@violates()
def a_queue_through_its_endpoint(stack):
    """As AWS's guide has it."""
    hosted = sound(stack, isolated_vpc(stack, LOGS, SQS))
    sqs.Queue(stack, "Queue").grant_send_messages(hosted)


@violates(function=["LMI502"])
def a_table_without_an_endpoint(stack):
    """The gateway endpoint costs nothing, and is not there by itself."""
    hosted = sound(stack, isolated_vpc(stack, LOGS))
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    dynamodb.Table(stack, "Table", partition_key=key).grant_read_write_data(hosted)


@violates()
def a_table_and_a_bucket_through_gateways(stack):
    """Gateway endpoints are routes, and have no private DNS or security group."""
    vpc = isolated_vpc(stack, LOGS)
    vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
    vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
    hosted = sound(stack, vpc)
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    dynamodb.TableV2(stack, "Table", partition_key=key).grant_read_write_data(hosted)
    s3.Bucket(stack, "Bucket").grant_read_write(hosted)


@violates(function=["LMI502"])
def tracing_out_of_reach(stack):
    """Traces go out through the instance."""
    sound(stack, isolated_vpc(stack, LOGS), tracing=lambda_.Tracing.ACTIVE)


@violates()
def tracing_through_its_endpoint(stack):
    """As the guide has it."""
    sound(stack, isolated_vpc(stack, LOGS, XRAY), tracing=lambda_.Tracing.ACTIVE)


@violates()
def an_encrypted_queue_through_its_endpoint(stack):
    """SQS calls KMS, not the function."""
    hosted = sound(stack, isolated_vpc(stack, LOGS, SQS))
    sqs.Queue(stack, "Queue", encryption_master_key=kms.Key(stack, "Key")).grant_send_messages(hosted)


@violates()
def an_encrypted_secret_and_an_encrypted_bucket_through_endpoints(stack):
    """Secrets Manager and S3 call KMS, not the function."""
    vpc = isolated_vpc(stack, LOGS, ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER)
    vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
    hosted = sound(stack, vpc)
    key = kms.Key(stack, "Key")
    secretsmanager.Secret(stack, "Secret", encryption_key=key).grant_read(hosted)
    s3.Bucket(stack, "Bucket", encryption_key=key).grant_read_write(hosted)


@violates(function=["LMI502"])
def a_key_that_the_function_itself_uses(stack):
    """Nothing else is encrypted with it."""
    hosted = sound(stack, isolated_vpc(stack, LOGS))
    kms.Key(stack, "Key").grant_encrypt_decrypt(hosted)


@violates(function=["LMI506"])
def a_role_that_may_do_anything(stack):
    """Which says nothing of what it calls."""
    hosted = sound(stack, isolated_vpc(stack, LOGS))
    hosted.add_to_role_policy(iam.PolicyStatement(actions=["*"], resources=["*"]))


@violates()
def a_role_with_the_policy_for_vpc_functions(stack):
    """Lambda's own work on network interfaces."""
    hosted = sound(stack, isolated_vpc(stack, LOGS))
    policy = iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaVPCAccessExecutionRole")
    assert hosted.role is not None
    hosted.role.add_managed_policy(policy)


@violates()
def a_role_that_denies(stack):
    """What may not be called need not be reached."""
    hosted = sound(stack, isolated_vpc(stack, LOGS))
    hosted.add_to_role_policy(iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sqs:*"], resources=["*"]))


@violates(function=["LMI502"])
def a_service_that_goes_by_another_name(stack):
    """bedrock:InvokeModel is a call to bedrock-runtime; the endpoint is the other one's."""
    vpc = isolated_vpc(stack, LOGS, ec2.InterfaceVpcEndpointAwsService.BEDROCK)
    hosted = sound(stack, vpc)
    hosted.add_to_role_policy(iam.PolicyStatement(actions=["bedrock:InvokeModel"], resources=["*"]))


@violates()
def a_service_by_its_own_name(stack):
    """bedrock-runtime, which is what bedrock:InvokeModel calls."""
    vpc = isolated_vpc(stack, LOGS, ec2.InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME)
    hosted = sound(stack, vpc)
    hosted.add_to_role_policy(iam.PolicyStatement(actions=["bedrock:InvokeModel"], resources=["*"]))


@violates()
def a_queue_that_is_polled(stack):
    """Lambda polls it, not the function."""
    hosted = function(stack, current_version_options=bounds())
    live = on(pool(stack, isolated_vpc(stack, LOGS)), hosted)
    live.add_event_source(event_sources.SqsEventSource(sqs.Queue(stack, "Queue"), report_batch_item_failures=True))


@violates()
def an_encrypted_queue_that_is_polled(stack):
    """Nor does the function use the key."""
    hosted = function(stack, current_version_options=bounds())
    live = on(pool(stack, isolated_vpc(stack, LOGS)), hosted)
    queue = sqs.Queue(stack, "Queue", encryption_master_key=kms.Key(stack, "Key"))
    live.add_event_source(event_sources.SqsEventSource(queue))


@violates(function=["LMI502"])
def a_polled_queue_and_one_to_send_to(stack):
    """The poller sends nothing."""
    hosted = function(stack, current_version_options=bounds())
    live = on(pool(stack, isolated_vpc(stack, LOGS)), hosted)
    live.add_event_source(event_sources.SqsEventSource(sqs.Queue(stack, "Queue")))
    sqs.Queue(stack, "Results").grant_send_messages(hosted)


@violates()
def streams_that_are_polled(stack):
    """Of DynamoDB and of Kinesis."""
    hosted = function(stack, current_version_options=bounds())
    live = on(pool(stack, isolated_vpc(stack, LOGS)), hosted)
    table = dynamodb.Table(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        stream=dynamodb.StreamViewType.NEW_IMAGE,
    )
    start = lambda_.StartingPosition.LATEST
    live.add_event_source(event_sources.DynamoEventSource(table, starting_position=start))
    live.add_event_source(event_sources.KinesisEventSource(kinesis.Stream(stack, "Stream"), starting_position=start))


@violates()
def a_polled_stream_with_a_queue_for_failures(stack):
    """The poller sends to it, in the role's name."""
    hosted = function(stack, current_version_options=bounds())
    live = on(pool(stack, isolated_vpc(stack, LOGS)), hosted)
    live.add_event_source(
        event_sources.KinesisEventSource(
            kinesis.Stream(stack, "Stream"),
            starting_position=lambda_.StartingPosition.LATEST,
            on_failure=event_sources.SqsDlq(sqs.Queue(stack, "Failures")),
        )
    )


@violates()
def a_dead_letter_queue(stack):
    """Lambda sends to it, in the role's name."""
    sound(stack, isolated_vpc(stack, LOGS), dead_letter_queue=sqs.Queue(stack, "Failures"))


@violates(function=["LMI610"])
def destinations_of_asynchronous_calls(stack):
    """Lambda sends to them, in the role's name: nothing, since CDK configures $LATEST for them, which never serves."""
    sound(
        stack,
        isolated_vpc(stack, LOGS),
        on_success=lambda_destinations.SqsDestination(sqs.Queue(stack, "Results")),
        on_failure=lambda_destinations.EventBridgeDestination(),
    )


@violates(function=["LMI502"])
def a_policy_by_hand(stack):
    """In a managed policy of the stack, with wildcards."""
    hosted = sound(stack, isolated_vpc(stack, LOGS))
    assert hosted.role is not None
    iam.ManagedPolicy(
        stack,
        "Policy",
        roles=[hosted.role],
        statements=[iam.PolicyStatement(actions=["sqs:Send*"], resources=["*"])],
    )


@violates()
def leave_to_pass_a_role(stack):
    """No service is called for that."""
    hosted = sound(stack, isolated_vpc(stack, LOGS))
    iam.Role(stack, "Target", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com")).grant_pass_role(
        hosted.grant_principal
    )


@violates()
def an_encrypted_environment(stack):
    """Lambda decrypts it, in the role's name."""
    sound(
        stack,
        isolated_vpc(stack, LOGS),
        environment={"STAGE": "test"},
        environment_encryption=kms.Key(stack, "Key"),
    )


@violates()
def lambda_insights(stack):
    """Its layer writes logs and nothing else."""
    sound(stack, isolated_vpc(stack, LOGS), insights_version=lambda_.LambdaInsightsVersion.VERSION_1_0_333_0)


@violates()
def a_log_group_made_by_a_custom_resource(stack):
    """With a function of CDK's own, which is a standard one."""
    sound(stack, isolated_vpc(stack, LOGS), log_retention=logs.RetentionDays.ONE_WEEK)


@violates()
def a_container_image(stack):
    """Its runtime is inside."""
    repository = ecr.Repository.from_repository_name(stack, "Repository", "orders")
    hosted = lambda_.DockerImageFunction(
        stack,
        "Function",
        code=lambda_.DockerImageCode.from_ecr(repository),
        memory_size=4096,
        current_version_options=bounds(),
    )
    on(pool(stack, isolated_vpc(stack, LOGS)), hosted)


@violates(function=["LMI701"])
def an_os_only_runtime(stack):
    """Which may hold Rust, and may hold Go."""
    sound(stack, isolated_vpc(stack, LOGS), runtime=lambda_.Runtime.PROVIDED_AL2023, code=built(stack, "Rust"))


# --- keys -------------------------------------------------------------------------------------------------------


def _operator(stack):
    return iam.Role(
        stack,
        "OperatorRole",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(OPERATOR_POLICY)],
    )


def _on_encrypted_pool(stack, **properties):
    provider = pool(stack, ec2.Vpc(stack, "Vpc"), **properties)
    on(provider, function(stack, current_version_options=bounds()))


@violates(provider=["LMI414"])
def a_key_without_grants(stack):
    """CDK's own operator role may do nothing with it."""
    _on_encrypted_pool(stack, kms_key=kms.Key(stack, "Key"))


@violates(provider=["LMI414"])
def a_key_without_leave_to_grant(stack):
    """What CDK calls encrypt and decrypt has no CreateGrant and no DescribeKey in it."""
    key, operator = kms.Key(stack, "Key"), _operator(stack)
    key.grant_encrypt_decrypt(operator)
    _on_encrypted_pool(stack, kms_key=key, operator_role=operator)


@violates()
def a_key_with_grants(stack):
    """In a policy of the role."""
    key, operator = kms.Key(stack, "Key"), _operator(stack)
    key.grant_encrypt_decrypt(operator)
    key.grant(operator, "kms:DescribeKey", "kms:CreateGrant")
    _on_encrypted_pool(stack, kms_key=key, operator_role=operator)


@violates()
def a_key_whose_policy_admits_the_operator(stack):
    """In the policy of the key."""
    key, operator = kms.Key(stack, "Key"), _operator(stack)
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"]
    key.add_to_resource_policy(iam.PolicyStatement(actions=actions, principals=[operator], resources=["*"]))
    _on_encrypted_pool(stack, kms_key=key, operator_role=operator)


@violates()
def a_key_of_another_account(stack):
    """Nobody can tell from here what its policy says."""
    arn = "arn:aws:kms:eu-west-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    _on_encrypted_pool(stack, kms_key=kms.Key.from_key_arn(stack, "Key", arn))


# --- nothing may be guessed -------------------------------------------------------------------------------------


@violates()
def an_imported_vpc(stack):
    """Whoever owns it knows its routes and endpoints."""
    hosted = sound(stack, imported_vpc(stack), tracing=lambda_.Tracing.ACTIVE)
    sqs.Queue(stack, "Queue").grant_send_messages(hosted)


@violates()
def an_endpoint_added_to_an_imported_vpc(stack):
    """There may be others, and routes."""
    vpc = imported_vpc(stack)
    vpc.add_interface_endpoint("Sqs", service=SQS)
    hosted = sound(stack, vpc)
    secretsmanager.Secret(stack, "Secret").grant_read(hosted)


@violates()
def subnets_by_parameters(stack):
    """Of a template that is handed to others."""
    subnets = cdk.CfnParameter(stack, "Subnets", type="List<AWS::EC2::Subnet::Id>")
    groups = cdk.CfnParameter(stack, "Groups", type="List<AWS::EC2::SecurityGroup::Id>")
    memory = cdk.CfnParameter(stack, "Memory", type="Number")
    most = cdk.CfnParameter(stack, "MaxVCpuCount", type="Number")
    provider = lambda_.CfnCapacityProvider(
        stack,
        "Pool",
        vpc_config=lambda_.CfnCapacityProvider.CapacityProviderVpcConfigProperty(
            subnet_ids=subnets.value_as_list, security_group_ids=groups.value_as_list
        ),
        permissions_config=lambda_.CfnCapacityProvider.CapacityProviderPermissionsConfigProperty(
            capacity_provider_operator_role_arn=_operator(stack).role_arn
        ),
        capacity_provider_scaling_config=lambda_.CfnCapacityProvider.CapacityProviderScalingConfigProperty(
            max_v_cpu_count=most.value_as_number
        ),
    )
    hosted = function(stack, memory_size=memory.value_as_number, current_version_options=bounds(1000, 1000))
    _put_on(hosted, provider.attr_arn)
    lambda_.Alias(stack, "Live", alias_name="live", version=hosted.current_version)


def _put_on(hosted, provider_arn, **config):
    resource = hosted.node.default_child
    assert isinstance(resource, lambda_.CfnFunction)
    resource.capacity_provider_config = lambda_.CfnFunction.CapacityProviderConfigProperty(
        lambda_managed_instances_capacity_provider_config=(
            lambda_.CfnFunction.LambdaManagedInstancesCapacityProviderConfigProperty(
                capacity_provider_arn=provider_arn, **config
            )
        )
    )
    resource.publish_to_latest_published = False


@violates()
def a_provider_imported_by_arn(stack):
    """Its architecture, its cap and its network are somebody else's to know."""
    hosted = function(
        stack, architecture=lambda_.Architecture.ARM_64, memory_size=32768, current_version_options=bounds(1000, 1000)
    )
    _put_on(hosted, PROVIDER_ARN)
    lambda_.Alias(stack, "Live", alias_name="live", version=hosted.current_version)
    sqs.Queue(stack, "Queue").grant_send_messages(hosted)


@violates(function=["LMI103", "LMI708"])
def a_bad_function_on_a_provider_that_another_stack_exports(stack):
    """What is wrong with the function itself is wrong anywhere."""
    hosted = function(stack, memory_size=6144, timeout=cdk.Duration.minutes(20), current_version_options=bounds())
    _put_on(hosted, cdk.Fn.import_value("shared-capacity-provider"), execution_environment_memory_gib_per_v_cpu=3)
    lambda_.Alias(stack, "Live", alias_name="live", version=hosted.current_version)


@violates()
def a_role_that_is_imported(stack):
    """Its policies are not here."""
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/service")
    sound(stack, isolated_vpc(stack, LOGS), role=role)


@violates()
def a_function_that_is_on_managed_instances_in_production_only(stack):
    """By parameters that have no default, as its size is."""
    stage, size = (cdk.CfnParameter(stack, name, type="String") for name in ("Stage", "Size"))
    production = cdk.CfnCondition(stack, "Production", expression=cdk.Fn.condition_equals(stage, "production"))
    small = cdk.CfnCondition(stack, "Small", expression=cdk.Fn.condition_equals(size, "small"))
    hosted = function(stack)
    resource = hosted.node.default_child
    assert isinstance(resource, lambda_.CfnFunction)
    config = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER_ARN}}
    absent = {"Ref": "AWS::NoValue"}
    resource.add_property_override("CapacityProviderConfig", {"Fn::If": [production.logical_id, config, absent]})
    resource.add_property_override("MemorySize", {"Fn::If": [small.logical_id, 256, 2048]})


@violates()
def subnets_of_its_own_in_an_imported_vpc(stack):
    """The endpoints of that VPC serve them too."""
    vpc = imported_vpc(stack)
    subnets = [
        ec2.PrivateSubnet(
            stack, f"Subnet{zone}", vpc_id=vpc.vpc_id, cidr_block=f"10.0.{place}.0/24", availability_zone=zone
        )
        for place, zone in enumerate(vpc.availability_zones)
    ]
    hosted = function(stack, current_version_options=bounds())
    on(pool(stack, vpc, subnets=subnets), hosted)
    sqs.Queue(stack, "Queue").grant_send_messages(hosted)


@violates()
def nat_in_production_only(stack):
    """By a parameter that has no default."""
    vpc = isolated_vpc(stack)
    stage = cdk.CfnParameter(stack, "Stage", type="String")
    production = cdk.CfnCondition(stack, "Production", expression=cdk.Fn.condition_equals(stage, "production"))
    for subnet in vpc.isolated_subnets:
        route = ec2.CfnRoute(
            subnet,
            "Out",
            route_table_id=subnet.route_table.route_table_id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id="nat-0a1b2c3d",
        )
        route.cfn_options.condition = production
    sound(stack, vpc)


@violates()
def numbers_and_names_from_the_parameter_store(stack):
    """Known when it is deployed."""
    hosted = function(
        stack,
        memory_size=cdk.Token.as_number("{{resolve:ssm:/orders/memory}}"),
        current_version_options=bounds(),
    )
    _put_on(hosted, "{{resolve:ssm:/shared/capacity-provider}}")
    lambda_.Alias(stack, "Live", alias_name="{{resolve:ssm:/orders/alias}}", version=hosted.current_version)


# --- across stacks ----------------------------------------------------------------------------------------------


@violates(function=["LMI104"])
def a_function_in_another_stack_than_its_provider(stack):
    """The reference becomes an export; the function is judged alone."""
    provider = pool(stack, ec2.Vpc(stack, "Vpc"), architectures=[lambda_.Architecture.ARM_64], max_v_cpu_count=12)
    other = cdk.Stack(stack.node.root, "Functions")
    hosted = function(other, memory_size=2096, current_version_options=bounds())
    on(provider, hosted, execution_environment_memory_gib_per_v_cpu=4)


@violates()
def a_pool_in_a_nested_stack(stack):
    """Its network stands in the parent, and comes in as parameters."""
    vpc = isolated_vpc(stack, LOGS)
    nested = cdk.NestedStack(stack, "Compute")
    hosted = function(nested, current_version_options=bounds())
    on(pool(nested, vpc), hosted)
    sqs.Queue(nested, "Queue").grant_send_messages(hosted)


@violates()
def a_function_in_a_nested_stack(stack):
    """Its capacity provider comes in as a parameter."""
    provider = pool(stack, isolated_vpc(stack, LOGS))
    nested = cdk.NestedStack(stack, "Orders")
    live = on(provider, function(nested, current_version_options=bounds()))
    apigateway.LambdaRestApi(stack, "Api", handler=live)


@violates(provider=["LMI501"])
def stages(stack):
    """Each with the whole service."""
    stage = cdk.Stage(stack.node.root, "Production")
    sound(cdk.Stack(stage, "Service"), isolated_vpc(cdk.Stack(stage, "Network")))
    sound(stack, isolated_vpc(stack))


# --- by hand, in L1s --------------------------------------------------------------------------------------------


def _cfn_pool(stack, **properties):
    return lambda_.CfnCapacityProvider(
        stack,
        "Pool",
        **{
            "vpc_config": lambda_.CfnCapacityProvider.CapacityProviderVpcConfigProperty(
                subnet_ids=["subnet-0a", "subnet-0b", "subnet-0c"], security_group_ids=["sg-0a"]
            ),
            "permissions_config": lambda_.CfnCapacityProvider.CapacityProviderPermissionsConfigProperty(
                capacity_provider_operator_role_arn=_operator(stack).role_arn
            ),
            **properties,
        },
    )


def _cfn_function(stack, provider_arn, *, config=None, **properties):
    managed = lambda_.CfnFunction.LambdaManagedInstancesCapacityProviderConfigProperty(
        capacity_provider_arn=provider_arn, **(config or {})
    )
    defaults = {
        "code": lambda_.CfnFunction.CodeProperty(zip_file="def handler(event, context): ..."),
        "role": "arn:aws:iam::123456789012:role/service",
        "handler": "index.handler",
        "runtime": "python3.13",
        "memory_size": 4096,
        "capacity_provider_config": lambda_.CfnFunction.CapacityProviderConfigProperty(
            lambda_managed_instances_capacity_provider_config=managed
        ),
    }
    return lambda_.CfnFunction(stack, "Function", **{**defaults, **properties})


def _cfn_alias(stack, version):
    lambda_.CfnAlias(
        stack, "Alias", name="live", function_name=version.function_name, function_version=version.attr_version
    )


@violates()
def l1s_with_nothing_wrong(stack):
    """Everything that the L2 would have chosen, chosen well."""
    provider = _cfn_pool(
        stack,
        instance_requirements=lambda_.CfnCapacityProvider.InstanceRequirementsProperty(
            architectures=["arm64"], allowed_instance_types=["m7g.xlarge", "m8g.xlarge"]
        ),
        capacity_provider_scaling_config=lambda_.CfnCapacityProvider.CapacityProviderScalingConfigProperty(
            max_v_cpu_count=64,
            scaling_mode="Manual",
            scaling_policies=[
                lambda_.CfnCapacityProvider.TargetTrackingScalingPolicyProperty(
                    predefined_metric_type="LambdaCapacityProviderAverageCPUUtilization", target_value=60
                )
            ],
        ),
    )
    hosted = _cfn_function(
        stack,
        provider.attr_arn,
        config={"execution_environment_memory_gib_per_v_cpu": 4, "per_execution_environment_max_concurrency": 16},
        architectures=["arm64"],
        publish_to_latest_published=False,
        logging_config=lambda_.CfnFunction.LoggingConfigProperty(log_format="JSON"),
    )
    version = lambda_.CfnVersion(
        stack,
        "Version",
        function_name=hosted.ref,
        function_scaling_config=lambda_.CfnVersion.FunctionScalingConfigProperty(
            min_execution_environments=3, max_execution_environments=12
        ),
    )
    _cfn_alias(stack, version)


@violates(
    provider=["LMI404", "LMI406", "LMI308", "LMI310"],
    function=["LMI101", "LMI202", "LMI602", "LMI603", "LMI707", "LMI704"],
)
def l1s_with_much_wrong(stack):
    """What no L2 stopped: a standard function's numbers, and both lists of instance types."""
    provider = _cfn_pool(
        stack,
        instance_requirements=lambda_.CfnCapacityProvider.InstanceRequirementsProperty(
            architectures=["x86_64", "arm64"],
            allowed_instance_types=["m5.large"],
            excluded_instance_types=["c5.large"],
        ),
        capacity_provider_scaling_config=lambda_.CfnCapacityProvider.CapacityProviderScalingConfigProperty(
            max_v_cpu_count=20000, scaling_mode="Manual"
        ),
    )
    hosted = _cfn_function(
        stack,
        provider.attr_arn,
        config={"execution_environment_memory_gib_per_v_cpu": 4, "per_execution_environment_max_concurrency": 100},
        memory_size=1024,
        logging_config=lambda_.CfnFunction.LoggingConfigProperty(log_format="Text"),
        vpc_config=lambda_.CfnFunction.VpcConfigProperty(subnet_ids=["subnet-0a"], security_group_ids=["sg-0a"]),
        function_scaling_config=lambda_.CfnFunction.FunctionScalingConfigProperty(
            min_execution_environments=3, max_execution_environments=6
        ),
    )
    _cfn_alias(stack, lambda_.CfnVersion(stack, "Version", function_name=hosted.attr_arn))


@violates()
def l1s_that_go_by_name(stack):
    """A version and an alias that name the function as it is called, and wait for it."""
    hosted = _cfn_function(stack, PROVIDER_ARN, function_name="orders", publish_to_latest_published=False)
    version = lambda_.CfnVersion(
        stack,
        "Version",
        function_name="orders",
        function_scaling_config=lambda_.CfnVersion.FunctionScalingConfigProperty(
            min_execution_environments=3, max_execution_environments=12
        ),
    )
    version.add_dependency(hosted)
    _cfn_alias(stack, version)


@violates()
def l1s_that_poll_by_name(stack):
    """An event source mapping that names the alias as it is called."""
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    hosted = sound(stack, isolated_vpc(stack, LOGS), function_name="orders", role=role)
    queue = sqs.Queue(stack, "Queue")
    queue.grant_consume_messages(role)
    lambda_.CfnEventSourceMapping(
        stack, "Mapping", function_name="orders:live", event_source_arn=queue.queue_arn
    ).add_dependency(hosted.node.default_child)


@violates()
def an_alias_before_latest_published(stack):
    """No version is numbered, and the scaling of the function is that of what serves."""
    hosted = _cfn_function(
        stack,
        PROVIDER_ARN,
        function_scaling_config=lambda_.CfnFunction.FunctionScalingConfigProperty(
            min_execution_environments=3, max_execution_environments=6
        ),
    )
    lambda_.CfnAlias(stack, "Alias", name="live", function_name=hosted.ref, function_version="$LATEST.PUBLISHED")


# --- nothing is wrong -------------------------------------------------------------------------------------------


@violates()
def a_whole_application(stack):
    """An API, a queue and a schedule before one alias, in a network with an endpoint for all that is called."""
    vpc = isolated_vpc(stack, LOGS, XRAY, SQS, ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER)
    vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
    provider = pool(stack, vpc, architectures=[lambda_.Architecture.ARM_64], max_v_cpu_count=64)
    hosted = function(
        stack,
        architecture=lambda_.Architecture.ARM_64,
        memory_size=8192,
        tracing=lambda_.Tracing.ACTIVE,
        logging_format=lambda_.LoggingFormat.JSON,
        timeout=cdk.Duration.seconds(30),
        current_version_options=bounds(3, 9),
    )
    live = on(
        provider,
        hosted,
        execution_environment_memory_gib_per_v_cpu=4,
        per_execution_environment_max_concurrency=32,
    )
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    dynamodb.TableV2(stack, "Table", partition_key=key).grant_read_write_data(hosted)
    sqs.Queue(stack, "Results", encryption_master_key=kms.Key(stack, "Key")).grant_send_messages(hosted)
    secretsmanager.Secret(stack, "Secret").grant_read(hosted)
    live.add_event_source(event_sources.SqsEventSource(sqs.Queue(stack, "Work")))
    apigateway.LambdaRestApi(stack, "Api", handler=live)
    hourly = events.Schedule.rate(cdk.Duration.hours(1))
    events.Rule(stack, "Hourly", schedule=hourly, targets=[events_targets.LambdaFunction(live)])


@violates(function=["LMI609"])
def a_gradual_deployment(stack):
    """CodeDeploy moves the alias, and no alarm takes it back."""
    hosted = function(stack, current_version_options=bounds())
    live = on(pool(stack, ec2.Vpc(stack, "Vpc")), hosted)
    codedeploy.LambdaDeploymentGroup(
        stack,
        "Deployment",
        alias=live,
        deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    )


@violates()
def a_weighted_alias(stack):
    """Two versions by hand, each with scaling of its own."""
    hosted = function(stack)
    pool(stack, ec2.Vpc(stack, "Vpc")).add_function(hosted, publish_to_latest_published=False)
    blue, green = (
        lambda_.Version(stack, name, lambda_=hosted, min_execution_environments=3, max_execution_environments=6)
        for name in ("Blue", "Green")
    )
    lambda_.Alias(
        stack,
        "Live",
        alias_name="live",
        version=blue,
        additional_versions=[lambda_.VersionWeight(version=green, weight=0.1)],
    )


@violates()
def standard_functions(stack):
    """Lambda as it ever was: nothing here is for these rules."""
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    in_vpc = function(stack, "InVpc", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=vpc.isolated_subnets))
    sqs.Queue(stack, "Queue").grant_send_messages(in_vpc)
    apigateway.LambdaRestApi(stack, "Api", handler=in_vpc)
    snapped = function(
        stack,
        "Snapped",
        runtime=lambda_.Runtime.JAVA_17,
        code=built(stack, "Snapped"),
        snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS,
    )
    lambda_.Alias(stack, "SnappedLive", alias_name="live", version=snapped.current_version)
    reserved = function(
        stack,
        "Reserved",
        runtime=lambda_.Runtime.PYTHON_3_9,
        memory_size=128,
        reserved_concurrent_executions=5,
        logging_format=lambda_.LoggingFormat.TEXT,
        current_version_options=lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN),
    )
    lambda_.Alias(
        stack, "ReservedLive", alias_name="live", version=reserved.current_version, provisioned_concurrent_executions=2
    )
    reserved.add_function_url()
    access_point = efs.FileSystem(stack, "Files", vpc=vpc).add_access_point("Files")
    function(stack, "Mounted", vpc=vpc, filesystem=lambda_.FileSystem.from_efs_access_point(access_point, "/mnt/files"))


@violates()
def standard_functions_beside_a_pool(stack):
    """Only what is on the capacity provider is judged as such."""
    vpc = isolated_vpc(stack, LOGS)
    sound(stack, vpc)
    standard = function(stack, "Standard", runtime=lambda_.Runtime.PYTHON_3_9, memory_size=256, vpc=vpc)
    sqs.Queue(stack, "Queue").grant_send_messages(standard)
    apigateway.LambdaRestApi(stack, "Api", handler=standard)


@pytest.mark.parametrize(("sample", "expected"), SAMPLES)
def test_sample(sample, expected, judged, tmp_path):
    """Each sample is judged for what is wrong with it, and for nothing else."""
    found = [violation for template in synthesized(sample, tmp_path) for violation in judged(template)]
    assert sorted(found) == expected


# --- what calls a function --------------------------------------------------------------------------------------


def rest_api(stack, target):
    apigateway.RestApi(stack, "Api").root.add_method("GET", apigateway.LambdaIntegration(target))


def http_api(stack, target):
    integration = integrations.HttpLambdaIntegration("Integration", target)
    apigatewayv2.HttpApi(stack, "Api", default_integration=integration)


def websocket_api(stack, target):
    integration = integrations.WebSocketLambdaIntegration("Integration", target)
    apigatewayv2.WebSocketApi(
        stack, "Api", default_route_options=apigatewayv2.WebSocketRouteOptions(integration=integration)
    )


def authorizer_of_a_rest_api(stack, target):
    authorizer = apigateway.TokenAuthorizer(stack, "Authorizer", handler=target)
    apigateway.RestApi(stack, "Api").root.add_method("GET", authorizer=authorizer)


def authorizer_of_an_http_api(stack, target):
    api = apigatewayv2.HttpApi(stack, "Api", default_authorizer=authorizers.HttpLambdaAuthorizer("Authorizer", target))
    elsewhere = integrations.HttpUrlIntegration("Elsewhere", "https://example.com")
    api.add_routes(path="/", integration=elsewhere)


def queue(stack, target):
    target.add_event_source(event_sources.SqsEventSource(sqs.Queue(stack, "Queue")))


def stream(stack, target):
    target.add_event_source(
        event_sources.KinesisEventSource(
            kinesis.Stream(stack, "Stream"), starting_position=lambda_.StartingPosition.LATEST
        )
    )


def event_rule(stack, target):
    pattern = events.EventPattern(source=["orders"])
    events.Rule(stack, "Rule", event_pattern=pattern, targets=[events_targets.LambdaFunction(target)])


def schedule(stack, target):
    scheduler.Schedule(
        stack,
        "Schedule",
        schedule=scheduler.ScheduleExpression.rate(cdk.Duration.hours(1)),
        target=scheduler_targets.LambdaInvoke(target),
    )


def bucket(stack, target):
    destination = s3_notifications.LambdaDestination(target)
    s3.Bucket(stack, "Bucket").add_event_notification(s3.EventType.OBJECT_CREATED, destination)


def topic(stack, target):
    sns.Topic(stack, "Topic").add_subscription(subscriptions.LambdaSubscription(target))


def function_url(stack, target):
    target.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)


def load_balancer(stack, target):
    elbv2.ApplicationTargetGroup(stack, "Targets", targets=[elbv2_targets.LambdaTarget(target)])


def state_machine(stack, target):
    invoke = tasks.LambdaInvoke(stack, "Invoke", lambda_function=target)
    stepfunctions.StateMachine(stack, "Machine", definition_body=stepfunctions.DefinitionBody.from_chainable(invoke))


def graphql_api(stack, target):
    schema = appsync.CfnGraphQLSchema(stack, "Schema", api_id="a1b2c3", definition="type Query { orders: String }")
    assert schema.ref
    role = iam.Role(stack, "DataSourceRole", assumed_by=iam.ServicePrincipal("appsync.amazonaws.com"))
    target.grant_invoke(role)
    appsync.CfnDataSource(
        stack,
        "DataSource",
        api_id="a1b2c3",
        name="orders",
        type="AWS_LAMBDA",
        service_role_arn=role.role_arn,
        lambda_config=appsync.CfnDataSource.LambdaConfigProperty(lambda_function_arn=target.function_arn),
    )


def user_pool(stack, target):
    cognito.UserPool(stack, "Users", lambda_triggers=cognito.UserPoolTriggers(pre_sign_up=target))


def log_subscription(stack, target):
    logs.LogGroup(stack, "Logs").add_subscription_filter(
        "Filter",
        destination=logs_destinations.LambdaDestination(target),
        filter_pattern=logs.FilterPattern.all_events(),
    )


def custom_resource(stack, target):
    cdk.CustomResource(stack, "Resource", service_token=target.function_arn)


def provider_of_custom_resources(stack, target):
    provider = custom_resources.Provider(stack, "Provider", on_event_handler=target, is_complete_handler=target)
    cdk.CustomResource(stack, "Resource", service_token=provider.service_token)


def iot_rule(stack, target):
    action = iot.CfnTopicRule.ActionProperty(
        lambda_=iot.CfnTopicRule.LambdaActionProperty(function_arn=target.function_arn)
    )
    payload = iot.CfnTopicRule.TopicRulePayloadProperty(sql="SELECT * FROM 'orders'", actions=[action])
    rule = iot.CfnTopicRule(stack, "Rule", topic_rule_payload=payload)
    target.add_permission("Iot", principal=iam.ServicePrincipal("iot.amazonaws.com"), source_arn=rule.attr_arn)


def pipe(stack, target):
    source = sqs.Queue(stack, "Queue")
    role = iam.Role(stack, "PipeRole", assumed_by=iam.ServicePrincipal("pipes.amazonaws.com"))
    source.grant_consume_messages(role)
    target.grant_invoke(role)
    pipes.CfnPipe(stack, "Pipe", role_arn=role.role_arn, source=source.queue_arn, target=target.function_arn)


def delivery_stream(stack, target):
    role = iam.Role(stack, "DeliveryRole", assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"))
    target.grant_invoke(role)
    stream = firehose.CfnDeliveryStream
    processor = stream.ProcessorProperty(
        type="Lambda",
        parameters=[stream.ProcessorParameterProperty(parameter_name="LambdaArn", parameter_value=target.function_arn)],
    )
    stream(
        stack,
        "Delivery",
        extended_s3_destination_configuration=stream.ExtendedS3DestinationConfigurationProperty(
            bucket_arn="arn:aws:s3:::orders",
            role_arn=role.role_arn,
            processing_configuration=stream.ProcessingConfigurationProperty(enabled=True, processors=[processor]),
        ),
    )


def destination(stack, target):
    function(stack, "Standard", on_success=lambda_destinations.LambdaDestination(target))


def rotation(stack, target):
    secretsmanager.Secret(stack, "Secret").add_rotation_schedule("Rotation", rotation_lambda=target)


def alarm(stack, target):
    metric = cloudwatch.Metric(namespace="Orders", metric_name="Failures")
    cloudwatch.Alarm(stack, "Alarm", metric=metric, threshold=1, evaluation_periods=1).add_alarm_action(
        alarm_actions.LambdaAction(target)
    )


CALLERS = [
    rest_api,
    http_api,
    websocket_api,
    authorizer_of_a_rest_api,
    authorizer_of_an_http_api,
    queue,
    stream,
    event_rule,
    schedule,
    bucket,
    topic,
    function_url,
    load_balancer,
    state_machine,
    graphql_api,
    user_pool,
    log_subscription,
    custom_resource,
    provider_of_custom_resources,
    iot_rule,
    pipe,
    delivery_stream,
    destination,
    rotation,
    alarm,
]


@pytest.mark.parametrize("call", CALLERS, ids=lambda call: call.__name__)
class TestCallers:
    """A function with a version behind an alias, and something that calls one of them."""

    def test_the_function_itself(self, call, judged, tmp_path):
        """Nothing is published there, so that the call fails, whichever service makes it."""

        def define(stack):
            hosted = function(stack, current_version_options=bounds())
            on(pool(stack, imported_vpc(stack)), hosted)
            call(stack, hosted)

        (template,) = synthesized(define, tmp_path)
        assert judged(template) == [("LMI601", FUNCTION)]

    def test_the_alias(self, call, judged, tmp_path):
        """It serves, however the service names it."""

        def define(stack):
            hosted = function(stack, current_version_options=bounds())
            call(stack, on(pool(stack, imported_vpc(stack)), hosted))

        (template,) = synthesized(define, tmp_path)
        assert judged(template) == []


# --- what a function is granted ---------------------------------------------------------------------------------

_ID = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
ENDPOINTS = ec2.InterfaceVpcEndpointAwsService
GATEWAYS = ec2.GatewayVpcEndpointAwsService


def _allow(*actions):
    return lambda stack, hosted: hosted.add_to_role_policy(iam.PolicyStatement(actions=[*actions], resources=["*"]))


#: What CDK grants, and the endpoint through which it can be used.
GRANTS = {
    "table, to read": (
        lambda stack, hosted: dynamodb.Table(stack, "T", partition_key=_ID).grant_read_data(hosted),
        GATEWAYS.DYNAMODB,
    ),
    "table, to write": (
        lambda stack, hosted: dynamodb.Table(stack, "T", partition_key=_ID).grant_write_data(hosted),
        GATEWAYS.DYNAMODB,
    ),
    "global table": (
        lambda stack, hosted: dynamodb.TableV2(stack, "T", partition_key=_ID).grant_read_write_data(hosted),
        GATEWAYS.DYNAMODB,
    ),
    "bucket": (lambda stack, hosted: s3.Bucket(stack, "B").grant_read_write(hosted), GATEWAYS.S3),
    "queue, to send": (lambda stack, hosted: sqs.Queue(stack, "Q").grant_send_messages(hosted), ENDPOINTS.SQS),
    "queue, to receive": (lambda stack, hosted: sqs.Queue(stack, "Q").grant_consume_messages(hosted), ENDPOINTS.SQS),
    "topic": (lambda stack, hosted: sns.Topic(stack, "T").grant_publish(hosted), ENDPOINTS.SNS),
    "secret": (lambda stack, hosted: secretsmanager.Secret(stack, "S").grant_read(hosted), ENDPOINTS.SECRETS_MANAGER),
    "parameter": (
        lambda stack, hosted: ssm.StringParameter(stack, "P", string_value="x").grant_read(hosted),
        ENDPOINTS.SSM,
    ),
    "stream, to write": (
        lambda stack, hosted: kinesis.Stream(stack, "S").grant_write(hosted),
        ENDPOINTS.KINESIS_STREAMS,
    ),
    "stream, to read": (lambda stack, hosted: kinesis.Stream(stack, "S").grant_read(hosted), ENDPOINTS.KINESIS_STREAMS),
    "event bus": (lambda stack, hosted: events.EventBus(stack, "B").grant_put_events_to(hosted), ENDPOINTS.EVENTBRIDGE),
    "metrics": (lambda stack, hosted: cloudwatch.Metric.grant_put_metric_data(hosted), ENDPOINTS.CLOUDWATCH_MONITORING),
    "key": (lambda stack, hosted: kms.Key(stack, "K").grant_encrypt_decrypt(hosted), ENDPOINTS.KMS),
    "role": (
        lambda stack, hosted: iam.Role(
            stack, "R", assumed_by=iam.ArnPrincipal("arn:aws:iam::123456789012:root")
        ).grant_assume_role(hosted.grant_principal),
        ENDPOINTS.STS,
    ),
    "other function": (lambda stack, hosted: function(stack, "Other").grant_invoke(hosted), ENDPOINTS.LAMBDA_),
    "configuration": (
        _allow("appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"),
        ENDPOINTS.APPCONFIGDATA,
    ),
    "users": (
        lambda stack, hosted: cognito.UserPool(stack, "U").grant(hosted, "cognito-idp:AdminGetUser"),
        ENDPOINTS.COGNITO_IDP,
    ),
    "mail": (_allow("ses:SendEmail", "ses:SendRawEmail"), ENDPOINTS.EMAIL),
    "model": (_allow("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"), ENDPOINTS.BEDROCK_RUNTIME),
    "encrypted topic": (
        lambda stack, hosted: sns.Topic(stack, "T", master_key=kms.Key(stack, "K")).grant_publish(hosted),
        ENDPOINTS.SNS,
    ),
    "encrypted stream": (
        lambda stack, hosted: kinesis.Stream(stack, "S", encryption_key=kms.Key(stack, "K")).grant_write(hosted),
        ENDPOINTS.KINESIS_STREAMS,
    ),
    "encrypted table": (
        lambda stack, hosted: dynamodb.Table(
            stack, "T", partition_key=_ID, encryption_key=kms.Key(stack, "K")
        ).grant_write_data(hosted),
        GATEWAYS.DYNAMODB,
    ),
    "state machine": (
        lambda stack, hosted: stepfunctions.StateMachine(
            stack,
            "M",
            definition_body=stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(stack, "Pass")),
        ).grant_start_execution(hosted),
        ENDPOINTS.STEP_FUNCTIONS,
    ),
    "things": (_allow("iot:Publish"), ENDPOINTS.IOT_CORE),
    "delivery stream": (_allow("firehose:PutRecord", "firehose:PutRecordBatch"), ENDPOINTS.KINESIS_FIREHOSE),
    "database by its data API": (_allow("rds-data:ExecuteStatement"), ENDPOINTS.RDS_DATA),
    "private API": (_allow("execute-api:Invoke"), ENDPOINTS.APIGATEWAY),
    "query": (_allow("athena:StartQueryExecution", "athena:GetQueryResults"), ENDPOINTS.ATHENA),
}


def _with_endpoint(stack, service):
    vpc = isolated_vpc(stack, LOGS)
    if isinstance(service, ec2.InterfaceVpcEndpointAwsService):
        vpc.add_interface_endpoint("Endpoint", service=service)
    else:
        vpc.add_gateway_endpoint("Endpoint", service=service)
    return vpc


@pytest.mark.parametrize(("grant", "service"), GRANTS.values(), ids=GRANTS)
class TestGrants:
    """A function that may call a service, in subnets that have no way out."""

    def test_with_its_endpoint(self, grant, service, judged, tmp_path):
        """What is granted can be called."""
        (template,) = synthesized(lambda stack: grant(stack, sound(stack, _with_endpoint(stack, service))), tmp_path)
        assert judged(template) == []

    def test_without(self, grant, service, judged, tmp_path):
        """The call would hang."""
        (template,) = synthesized(lambda stack: grant(stack, sound(stack, isolated_vpc(stack, LOGS))), tmp_path)
        assert judged(template) == [("LMI502", FUNCTION)]
