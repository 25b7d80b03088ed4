"""Endpoints by permissions: what functions are granted is within their reach, and nothing else is added."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import aws_cdk as cdk
import cdk_nag
import jsii
import pytest
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct
from jsii._kernel.providers import process

from cdk_lmi import (
    ManagedInstanceCapacityProvider,
    ManagedInstanceFunction,
    ManagedInstanceNetwork,
    check_template,
    reach,
)
from cdk_lmi.endpoints import endpoint_name
from cdk_lmi.stacks import may_be_changed
from cdk_lmi.template.intrinsics import Template
from cdk_lmi.template.permissions import Permissions
from cdk_lmi.template.publication import Publications

ENDPOINT = "AWS::EC2::VPCEndpoint"
GROUP = "AWS::EC2::SecurityGroup"
POOL = "AWS::Lambda::CapacityProvider"
#: The endpoints that every network of its own has.
ALWAYS = {"dynamodb", "s3", "logs"}
ADDED = "cdk-lmi:EndpointsAdded"
NOT_KNOWN = "cdk-lmi:ReachabilityNotKnown"
LAMBDA = iam.ServicePrincipal("lambda.amazonaws.com")
IMPORTED_QUEUE = "arn:aws:sqs:eu-west-1:123456789012:"
REGISTRY = "arn:aws:glue:eu-west-1:123456789012:registry/"
SCHEMAS = "arn:aws:glue:eu-west-1:123456789012:schema/{}/*"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"


class Shop:
    """A stack with a network, a pool in it, and functions on the pool."""

    #: Those that a test asks for by name.
    orders: ManagedInstanceFunction
    functions: dict[str, ManagedInstanceFunction]

    def __init__(self, scope=None, id="Shop", *, stack=None, network=None, pool="Pool", env=None, **options):
        self.stack = stack or cdk.Stack(scope or cdk.App(), id, env=env)
        self.network = network or ManagedInstanceNetwork(self.stack, "Network", **options)
        self.pool = ManagedInstanceCapacityProvider(self.stack, pool, network=self.network)

    def function(self, id="Orders", scope=None, **keywords):
        """Define a function with the least that it takes."""
        return ManagedInstanceFunction(scope or self.stack, id, capacity_provider=self.pool, **LEAST, **keywords)

    def sender(self, id="Orders", scope=None):
        """Define a function that may send messages, and nothing else."""
        return self.function(id, scope, initial_policy=[sending()])


LEAST: dict[str, Any] = {
    "runtime": lambda_.Runtime.PYTHON_3_14,
    "handler": "index.handler",
    "code": lambda_.Code.from_inline("def handler(event, context): ..."),
}


def allowing(*actions, **keywords):
    """Give a statement that allows actions, on everything unless told otherwise."""
    return iam.PolicyStatement(actions=list(actions), **{"resources": ["*"], **keywords})


def sending():
    """Give a statement that allows sending messages."""
    return allowing("sqs:SendMessage")


def document(*statements):
    """Give a policy document."""
    return iam.PolicyDocument(statements=list(statements))


def template_of(stack):
    """Synthesise the app and give the template of one of its stacks."""
    stage = cdk.Stage.of(stack)
    assert stage is not None
    directory = stage.synth().directory
    return json.loads(Path(directory, stack.template_file).read_text(encoding="utf-8"))


def of_type(stack, kind):
    """Give the resources of a type, by logical id."""
    return {id: r for id, r in template_of(stack)["Resources"].items() if r["Type"] == kind}


def endpoints_in(stack):
    """Count the endpoints in a template by the services' names."""
    return Counter(map(service_name, of_type(stack, ENDPOINT).values()))


def ingress_of(stack):
    """Give the rules in a template that let security groups in."""
    inline = [
        rule for group in of_type(stack, GROUP).values() for rule in group["Properties"].get("SecurityGroupIngress", [])
    ]
    return [*inline, *(each["Properties"] for each in of_type(stack, "AWS::EC2::SecurityGroupIngress").values())]


def service_name(endpoint):
    """Give the last part of an endpoint's service name, the Region known or not."""
    written = endpoint["Properties"]["ServiceName"]
    parts = [written] if isinstance(written, str) else written["Fn::Join"][1]
    return endpoint_name("".join(part if isinstance(part, str) else "eu-west-1" for part in parts))


def added_in(stack):
    """Count the endpoints in a template but those that are always there."""
    return Counter({name: number for name, number in endpoints_in(stack).items() if name not in ALWAYS})


def explained(network, function):
    """Give the services that are explained by a function, each with its actions; without logs."""
    start = f"{function.node.path}: "
    return {
        label.partition(" ")[0]: set(re.findall(r"[\w-]+:[\w*]+", reason.removeprefix(start)))
        for label, reasons in network.endpoints.items()
        for reason in reasons
        if reason.startswith(start) and not label.startswith("logs ")
    }


def told(construct, id):
    """Give what a construct was informed of under an id."""
    return [str(e.data) for e in construct.node.metadata if e.type == "aws:cdk:info" and str(e.data).endswith(f"{id}]")]


def judged(stack):
    """Give what the rules about networks find in the template."""
    return [v for v in check_template(template_of(stack)) if v.id.startswith("LMI5")]


# --- thirty services


def state_machine(stack):
    """Define a state machine that does nothing."""
    return stepfunctions.StateMachine(
        stack,
        "Machine",
        definition_body=stepfunctions.DefinitionBody.from_chainable(stepfunctions.Pass(stack, "Pass")),
    )


def delivery_stream(stack):
    """Define a delivery stream into a bucket."""
    return firehose.DeliveryStream(stack, "Delivery", destination=firehose.S3Bucket(s3.Bucket(stack, "Delivered")))


def task(stack):
    """Define a task to run."""
    definition = ecs.FargateTaskDefinition(stack, "Task")
    definition.add_container("Container", image=ecs.ContainerImage.from_registry("nginx"))
    return definition


def allow(*actions):
    """Give how to grant actions by a statement."""
    return lambda stack, function: function.function.add_to_role_policy(allowing(*actions))


#: Thirty services by the names of their endpoints, and how a function is granted each.
THIRTY: dict[str, Any] = {
    "sqs": lambda stack, to: sqs.Queue(stack, "Queue").grant_send_messages(to),
    "sns": lambda stack, to: sns.Topic(stack, "Topic").grant_publish(to),
    "kinesis-streams": lambda stack, to: kinesis.Stream(stack, "Stream").grant_write(to),
    "kinesis-firehose": lambda stack, to: delivery_stream(stack).grant_put_records(to),
    "secretsmanager": lambda stack, to: secretsmanager.Secret(stack, "Secret").grant_read(to),
    "ssm": lambda stack, to: ssm.StringParameter(stack, "Parameter", string_value="1").grant_read(to),
    "kms": lambda stack, to: kms.Key(stack, "Key").grant(to, "kms:Sign"),
    "events": lambda stack, to: events.EventBus(stack, "Bus").grant_put_events_to(to),
    "states": lambda stack, to: state_machine(stack).grant_start_execution(to),
    "sync-states": allow("states:StartSyncExecution"),
    "lambda": lambda stack, to: lambda_.Function(stack, "Other", **LEAST).grant_invoke(to),
    "email": allow("ses:SendEmail"),
    "appconfigdata": allow("appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"),
    "bedrock-runtime": allow("bedrock:InvokeModel"),
    "rds-data": allow("rds-data:ExecuteStatement"),
    "athena": allow("athena:StartQueryExecution"),
    "glue": allow("glue:GetTable"),
    "ecr.api": lambda stack, to: ecr.Repository(stack, "Repository").grant_pull(to),
    "monitoring": lambda stack, to: cloudwatch.Metric.grant_put_metric_data(to),
    "cognito-idp": lambda stack, to: cognito.UserPool(stack, "Users").grant(to, "cognito-idp:AdminGetUser"),
    "textract": allow("textract:AnalyzeDocument"),
    "rekognition": allow("rekognition:DetectLabels"),
    "comprehend": allow("comprehend:DetectSentiment"),
    "polly": allow("polly:SynthesizeSpeech"),
    "sts": lambda stack, to: iam.Role(stack, "Assumed", assumed_by=iam.AccountRootPrincipal()).grant_assume_role(
        to.grant_principal
    ),
    "codebuild": allow("codebuild:StartBuild"),
    "batch": allow("batch:SubmitJob"),
    "ecs": lambda stack, to: task(stack).grant_run(to),
    "scheduler": lambda stack, to: scheduler.ScheduleGroup(stack, "Group").grant_write_schedules(to),
    # By tracing.
    "xray": lambda stack, to: None,
}


def shop_of_thirty(**options):
    """Define a function that is granted all of them, and what costs nothing."""
    app = cdk.App()
    cdk.Tags.of(app).add("team", "orders")
    shop = Shop(app, **options)
    shop.orders = shop.function(tracing=lambda_.Tracing.ACTIVE)
    for grant in THIRTY.values():
        grant(shop.stack, shop.orders)
    dynamodb.Table(
        shop.stack, "Table", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    ).grant_read_write_data(shop.orders)
    s3.Bucket(shop.stack, "Bucket").grant_read_write(shop.orders)
    shop.network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS, reason="a library")
    template_of(shop.stack)
    return shop


def test_a_key_beside_a_stream():
    """What is read for the key's sake may be of any form: here a condition."""
    shop = Shop()
    shop.sender()
    kms.Key(shop.stack, "Key")
    kinesis.Stream(shop.stack, "Stream")
    assert added_in(shop.stack) == {"sqs": 1}


class TestThirtyServices:
    """At once, with nothing said about endpoints."""

    @pytest.fixture(scope="class")
    @staticmethod
    def shop():
        """All of it inferred."""
        return shop_of_thirty()

    def test_each_once(self, shop):
        """Thirty services, thirty endpoints, and those that are always there."""
        assert len(THIRTY) == 30
        assert endpoints_in(shop.stack) == dict.fromkeys((*THIRTY, *ALWAYS), 1)

    def test_explained(self, shop):
        """By the function and the actions, beside what was said by hand."""
        found = explained(shop.network, shop.orders)
        assert set(found) == {*THIRTY, "dynamodb", "s3"}
        assert found["sts"] == {"sts:AssumeRole"}
        assert found["xray"] == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
        assert shop.network.endpoints["sqs (interface)"][0] == "a library"

    def test_counted(self, shop):
        """Interface endpoints cost money: how many, and which. That of the library was not added."""
        (info,) = told(shop.network, ADDED)
        assert re.findall(r"\d+", info)[:2] == ["29", "29"]
        assert set(THIRTY) - {"sqs"} <= set(re.findall(r"[\w.-]+", info))

    def test_nothing_to_find_fault_with(self, shop, warned):
        """Neither here nor in the template."""
        assert judged(shop.stack) == []
        assert warned(shop.stack) == []

    def test_tags(self, shop):
        """Of the app reach what was added."""
        for id, endpoint in of_type(shop.stack, ENDPOINT).items():
            assert {"Key": "team", "Value": "orders"} in endpoint["Properties"].get("Tags", ()), id

    def test_the_pool_waits(self, shop):
        """Until all of them stand: publishing starts the function."""
        (pool,) = of_type(shop.stack, POOL).values()
        assert set(of_type(shop.stack, ENDPOINT)) <= set(pool["DependsOn"])

    def test_one_security_group(self, shop):
        """For all of them, which admits the instances."""
        groups = [r["Properties"].get("SecurityGroupIds") for r in of_type(shop.stack, ENDPOINT).values()]
        assert len({json.dumps(each) for each in groups if each}) == 1
        assert len(of_type(shop.stack, GROUP)) == 2
        assert len(of_type(shop.stack, "AWS::EC2::SecurityGroupIngress")) == 1

    def test_left_to_the_user(self, warned):
        """With inference off each is warned of, and nothing is there but what always is."""
        shop = shop_of_thirty(infer_endpoints=False)
        assert warned(shop.orders) == ["LMI502"] * 29
        assert added_in(shop.stack) == {"sqs": 1}
        assert told(shop.network, ADDED) == []
        texts = [str(e.data) for e in shop.orders.node.metadata if "LMI502" in str(e.data)]
        for service in set(THIRTY) - {"sqs"}:
            assert sum(f" {service};" in text or f" {service} " in text for text in texts) == 1, service


# --- ways to be granted


def by_grant(to):
    """Grant a queue to what is chosen of a function."""

    def define(shop, id):
        function = shop.function(id)
        sqs.Queue(function, "Queue").grant_send_messages(to(function))
        return function

    return define


def by_role(make):
    """Give the function a role that somebody made."""
    return lambda shop, id: shop.function(id, role=make(cdk.Stack.of(shop.stack), id))


def new_role(scope, id, **keywords):
    """Define a role for a function."""
    return iam.Role(scope, f"{id}Role", assumed_by=LAMBDA, **keywords)


def inline(scope, id):
    """Define a role with an inline policy."""
    return new_role(scope, id, inline_policies={"Send": document(sending())})


def managed(scope, id):
    """Define a role with a managed policy of the app's own."""
    policy = iam.ManagedPolicy(scope, f"{id}Policy", statements=[sending()])
    return new_role(scope, id, managed_policies=[policy])


def managed_from_the_policy(scope, id):
    """Define a managed policy that names the role."""
    role = new_role(scope, id)
    iam.ManagedPolicy(scope, f"{id}Policy", statements=[sending()], roles=[role])
    return role


def attached(scope, id):
    """Attach a policy to the role."""
    role = new_role(scope, id)
    iam.Policy(scope, f"{id}Policy", statements=[sending()]).attach_to_role(role)
    return role


def of_aws(scope, id):
    """Define a role with a managed policy of AWS's."""
    return new_role(scope, id, managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSQSFullAccess")])


def other_stack(make):
    """Make the role in a stack of its own."""
    return lambda scope, id: make(cdk.Stack(scope.node.root, f"RolesOf{id}"), id)


def apart_from_its_role(scope, id):
    """Attach a policy in the function's stack to a role of another stack."""
    role = new_role(cdk.Stack(scope.node.root, f"RolesOf{id}"), id)
    iam.Policy(scope, f"{id}Policy", statements=[sending()], roles=[role])
    return role


def managed_apart_from_its_role(scope, id):
    """Give a role of another stack a managed policy of a third one."""
    policy = iam.ManagedPolicy(cdk.Stack(scope.node.root, f"PoliciesOf{id}"), f"{id}Policy", statements=[sending()])
    return new_role(cdk.Stack(scope.node.root, f"RolesOf{id}"), id, managed_policies=[policy])


def attached_from_a_third_stack(scope, id):
    """Attach a policy of a third stack, which is in a construct, to a role of another one."""
    role = new_role(cdk.Stack(scope.node.root, f"RolesOf{id}"), id)
    policies = cdk.Stack(Construct(scope.node.root, f"PoliciesOf{id}"), "Stack")
    iam.ManagedPolicy(policies, f"{id}Policy", statements=[sending()], roles=[role])
    return role


def named(scope, name):
    """Import a managed policy."""
    return iam.ManagedPolicy.from_managed_policy_name(scope, f"Policy{len(scope.node.children)}", name)


def imported(scope, id):
    """Import a role, and grant it a queue here."""
    role = iam.Role.from_role_arn(scope, f"{id}Role", f"arn:aws:iam::123456789012:role/{id}")
    sqs.Queue(scope, f"{id}Queue").grant_send_messages(role)
    return role


def imported_with_a_policy(scope, id):
    """Import a role, and attach a policy to it here."""
    role = iam.Role.from_role_arn(scope, f"{id}Role", f"arn:aws:iam::123456789012:role/{id}")
    iam.Policy(scope, f"{id}Policy", statements=[sending()], roles=[role])
    return role


def imported_with_a_managed_policy(scope, id):
    """Import a role, and give it a managed policy here."""
    role = iam.Role.from_role_arn(scope, f"{id}Role", f"arn:aws:iam::123456789012:role/{id}")
    iam.ManagedPolicy(scope, f"{id}Policy", statements=[sending()], roles=[role])
    return role


def of_the_first_layer(scope, id):
    """Define role and policy by CloudFormation's own properties."""
    written = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}}
    policies = [iam.CfnRole.PolicyProperty(policy_name="Send", policy_document=written)]
    trust = {
        "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    }
    role = iam.CfnRole(scope, f"{id}Role", assume_role_policy_document=trust, policies=policies)
    return iam.Role.from_role_arn(scope, f"{id}RoleByArn", role.attr_arn)


def role_policy_of_the_first_layer(scope, id):
    """Define the policy apart, as CloudFormation has it."""
    role = new_role(scope, id)
    iam.CfnRolePolicy(
        scope,
        f"{id}Policy",
        role_name=role.role_name,
        policy_name="Send",
        policy_document=document(sending()),
    )
    return role


def by_add_to_role_policy(shop, id):
    """By a statement, when all else is defined."""
    function = shop.function(id)
    function.function.add_to_role_policy(sending())
    return function


def by_add_to_role_policy_of_the_alias(shop, id):
    """By a statement, through the alias."""
    function = shop.function(id)
    function.alias.add_to_role_policy(sending())
    return function


def by_managed_policy_of_its_role(shop, id):
    """By a managed policy of AWS's that the function's own role gets at last."""
    function = shop.function(id)
    function.role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSQSFullAccess"))
    return function


def by_from_function(shop, id):
    """To a function that something else defines, before and after."""
    function = lambda_.Function(shop.stack, f"{id}Adopted", **LEAST)
    return_value = ManagedInstanceFunction.from_function(shop.stack, id, function=function, capacity_provider=shop.pool)
    sqs.Queue(function, "Queue").grant_send_messages(function)
    return return_value


def by_another_stack(shop, id):
    """The queue is in a stack of its own."""
    function = shop.function(id)
    sqs.Queue(cdk.Stack(shop.stack.node.root, f"QueueOf{id}"), "Queue").grant_send_messages(function)
    return function


def by_pattern(shop, id):
    """All actions of a service."""
    return shop.function(id, initial_policy=[allowing("sqs:*")])


def by_some_resources(shop, id):
    """All but some."""
    statement = iam.PolicyStatement(actions=["sqs:SendMessage"], not_resources=[f"{IMPORTED_QUEUE}secret"])
    return shop.function(id, initial_policy=[statement])


def denied_elsewhere(shop, id):
    """What is denied on one queue may be allowed on others."""
    denial = iam.PolicyStatement(
        effect=iam.Effect.DENY, actions=["sqs:SendMessage"], resources=[f"{IMPORTED_QUEUE}secret"]
    )
    return shop.function(id, initial_policy=[sending(), denial])


def of_a_queue_whose_name_begins_another(shop, id):
    """Sending to a queue, with a dead letter queue that is named after it."""
    dead = sqs.Queue.from_queue_arn(shop.stack, f"{id}Dead", f"{IMPORTED_QUEUE}orders-dead")
    function = shop.function(id, dead_letter_queue=dead)
    sqs.Queue.from_queue_arn(shop.stack, f"{id}Queue", f"{IMPORTED_QUEUE}orders").grant_send_messages(function)
    return function


def of_another_queue_than_is_polled(shop, id):
    """Receiving from a queue, and being called with the messages of another."""
    function = shop.function(id)
    function.add_event_source(event_sources.SqsEventSource(sqs.Queue(function, "Polled")))
    sqs.Queue(function, "Read").grant_consume_messages(function)
    return function


#: Ways to be granted a queue.
WAYS: dict[str, Any] = {
    "construct": by_grant(lambda function: function),
    "alias": by_grant(lambda function: function.alias),
    "function": by_grant(lambda function: function.function),
    "version": by_grant(lambda function: function.version),
    "role": by_grant(lambda function: function.role),
    "initial policy": lambda shop, id: shop.sender(id),
    "statement": by_add_to_role_policy,
    "statement of the alias": by_add_to_role_policy_of_the_alias,
    "managed policy of its role": by_managed_policy_of_its_role,
    "from_function": by_from_function,
    "queue of another stack": by_another_stack,
    "pattern": by_pattern,
    "not resources": by_some_resources,
    "denied elsewhere": denied_elsewhere,
    "named like its dead letters": of_a_queue_whose_name_begins_another,
    "another is polled": of_another_queue_than_is_polled,
    **{
        make.__name__: by_role(make)
        for make in (
            inline,
            managed,
            managed_from_the_policy,
            attached,
            of_aws,
            apart_from_its_role,
            managed_apart_from_its_role,
            attached_from_a_third_stack,
            imported,
            imported_with_a_policy,
            imported_with_a_managed_policy,
            of_the_first_layer,
            role_policy_of_the_first_layer,
        )
    },
    **{
        f"other stack, {make.__name__}": by_role(other_stack(make))
        for make in (inline, managed, managed_from_the_policy, attached, of_aws, imported)
    },
}


# --- what adds nothing


def table(scope, id="Table", **keywords):
    """Define a table."""
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    return dynamodb.Table(scope, id, partition_key=key, **keywords)


def global_table(scope, key):
    """Define a table as CDK now has it, encrypted."""
    return dynamodb.TableV2(
        scope,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        encryption=dynamodb.TableEncryptionV2.customer_managed_key(key),
    )


def encrypted(define, services=()):
    """Grant what is encrypted with a key of the app's own."""

    def granted(shop, id):
        function = shop.function(id)
        define(function, kms.Key(function, "Key"), function)
        return function

    return granted, set(services)


def granted(*statements, **keywords):
    """Define a function with statements."""
    return lambda shop, id: shop.function(id, initial_policy=[statement() for statement in statements], **keywords)


def denial(*actions):
    """Deny actions everywhere."""
    return lambda: iam.PolicyStatement(effect=iam.Effect.DENY, actions=list(actions), resources=["*"])


def sent_on(keyword, destination):
    """Have Lambda send on what came of an invocation."""
    return lambda shop, id: shop.function(id, **{keyword: destination(shop, id)})


def polling(source):
    """Have the function called by an event source."""

    def define(shop, id):
        function = shop.function(id)
        function.add_event_source(source(function))
        return function

    return define


def queue_of(shop, id):
    """Define a queue to send on to."""
    return sqs.Queue(shop.stack, f"{id}Queue")


def via_service(action="kms:Decrypt"):
    """Allow a key that only Secrets Manager may use."""
    return allowing(
        action,
        resources=["arn:aws:kms:eu-west-1:123456789012:key/1"],
        conditions={"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}},
    )


def stream_of(function):
    """Read the stream of a table."""
    return event_sources.DynamoEventSource(
        table(function, stream=dynamodb.StreamViewType.NEW_IMAGE), starting_position=lambda_.StartingPosition.LATEST
    )


def kinesis_of(function):
    """Read a stream."""
    return event_sources.KinesisEventSource(
        kinesis.Stream(function, "Stream", encryption=kinesis.StreamEncryption.UNENCRYPTED),
        starting_position=lambda_.StartingPosition.LATEST,
    )


def kafka_of(scope, *, secret=None, **keywords):
    """Read a topic of Kafka, with a secret."""
    return event_sources.SelfManagedKafkaEventSource(
        bootstrap_servers=["kafka.example:9092"],
        topic="orders",
        secret=secret or secretsmanager.Secret(scope, "Secret"),
        starting_position=lambda_.StartingPosition.LATEST,
        **keywords,
    )


def registered(scope, of=event_sources.GlueSchemaRegistry, **registry):
    """Read a topic of Kafka, with a schema registry."""
    attribute = lambda_.KafkaSchemaValidationAttribute.VALUE
    schemas = of(
        event_record_format=lambda_.EventRecordFormat.JSON,
        schema_validation_configs=[lambda_.KafkaSchemaValidationConfig(attribute=attribute)],
        **registry,
    )
    return kafka_of(scope, schema_registry_config=schemas)


def confluent(scope):
    """Read a topic of Kafka, with a schema registry that has a secret of its own."""
    return registered(
        scope,
        event_sources.ConfluentSchemaRegistry,
        schema_registry_uri="https://registry.example",
        authentication_type=lambda_.KafkaSchemaRegistryAccessConfigType.BASIC_AUTH,
        secret=secretsmanager.Secret(scope, "RegistrySecret"),
    )


def polling_and_reading(*statements):
    """Have the function called with messages of Kafka, and allow it something beside."""

    def define(shop, id):
        function = polling(lambda scope: registered(scope, schema_registry_arn=f"{REGISTRY}orders"))(shop, id)
        for statement in statements:
            function.function.add_to_role_policy(statement())
        return function

    return define


def reading(define):
    """Grant reading a table."""

    def granted(shop, id):
        function = shop.function(id)
        define(function).grant_read_data(function)
        return function

    return granted


def using_environment_key(shop, id):
    """Have the environment encrypted, and grant the key."""
    key = kms.Key(shop.stack, f"{id}Key")
    function = shop.function(id, environment_encryption=key, environment={"LEVEL": "1"})
    key.grant_decrypt(function)
    return function


def without_updates(shop, id):
    """Grant something to a role that is left as it is."""
    role = new_role(shop.stack, id).without_policy_updates()
    sqs.Queue(shop.stack, f"{id}Queue").grant_send_messages(role)
    return shop.function(id, role=role)


#: What a function is granted, and the services that it calls by that.
NOTHING: dict[str, Any] = {
    "denied": (granted(denial("sqs:SendMessage")), set()),
    "allowed and denied": (granted(sending, denial("sqs:SendMessage")), set()),
    "allowed and denied by pattern": (granted(sending, denial("sqs:*")), set()),
    "denied everything": (granted(sending, denial("*")), set()),
    "allowed more than denied": (granted(lambda: allowing("sqs:*"), denial("sqs:SendMessage")), {"sqs"}),
    "key of a service": (granted(via_service), set()),
    "encrypted queue": encrypted(
        lambda scope, key, to: sqs.Queue(scope, "Queue", encryption_master_key=key).grant_send_messages(to), {"sqs"}
    ),
    "encrypted topic": encrypted(
        lambda scope, key, to: sns.Topic(scope, "Topic", master_key=key).grant_publish(to), {"sns"}
    ),
    "encrypted table": encrypted(
        lambda scope, key, to: table(scope, encryption_key=key).grant_read_write_data(to), {"dynamodb"}
    ),
    "encrypted secret": encrypted(
        lambda scope, key, to: secretsmanager.Secret(scope, "Secret", encryption_key=key).grant_read(to),
        {"secretsmanager"},
    ),
    "encrypted bucket": encrypted(
        lambda scope, key, to: s3.Bucket(scope, "Bucket", encryption_key=key).grant_read_write(to), {"s3"}
    ),
    "encrypted stream": encrypted(
        lambda scope, key, to: kinesis.Stream(scope, "Stream", encryption_key=key).grant_write(to), {"kinesis-streams"}
    ),
    "key of a service, by pattern": (granted(lambda: via_service("kms:*")), set()),
    "encrypted environment": (using_environment_key, set()),
    "own use of a key": encrypted(lambda scope, key, to: key.grant_encrypt_decrypt(to), {"kms"}),
    "signing": encrypted(lambda scope, key, to: key.grant(to, "kms:Sign"), {"kms"}),
    "own use of a key that encrypts too": encrypted(
        lambda scope, key, to: [
            sqs.Queue(scope, "Queue", encryption_master_key=key).grant_send_messages(to),
            key.grant(to, "kms:GenerateMac"),
        ],
        {"kms", "sqs"},
    ),
    "polled queue": (polling(lambda scope: event_sources.SqsEventSource(sqs.Queue(scope, "Queue"))), set()),
    "polled encrypted queue": (
        polling(
            lambda scope: event_sources.SqsEventSource(
                sqs.Queue(scope, "Queue", encryption_master_key=kms.Key(scope, "Key"))
            )
        ),
        set(),
    ),
    "polled stream": (polling(kinesis_of), set()),
    "polled table": (polling(stream_of), set()),
    "dead letter queue": (sent_on("dead_letter_queue", queue_of), set()),
    "on_failure, queue": (
        sent_on("on_failure", lambda shop, id: destinations.SqsDestination(queue_of(shop, id))),
        set(),
    ),
    "on_success, topic": (
        sent_on("on_success", lambda shop, id: destinations.SnsDestination(sns.Topic(shop.stack, f"{id}Topic"))),
        set(),
    ),
    "on_success, bus": (
        sent_on(
            "on_success", lambda shop, id: destinations.EventBridgeDestination(events.EventBus(shop.stack, f"{id}Bus"))
        ),
        set(),
    ),
    "on_failure, function": (
        sent_on(
            "on_failure",
            lambda shop, id: destinations.LambdaDestination(lambda_.Function(shop.stack, f"{id}Other", **LEAST)),
        ),
        set(),
    ),
    "table": (reading(table), {"dynamodb"}),
    "table with a feed": (
        reading(lambda scope: table(scope, stream=dynamodb.StreamViewType.NEW_IMAGE)),
        {"dynamodb"},
    ),
    "table that is called a stream": (reading(lambda scope: table(scope, "StreamOfOrders")), {"dynamodb"}),
    "service that is not known": (granted(lambda: allowing("nosuch:Thing")), set()),
    "passing a role": (granted(lambda: allowing("iam:PassRole")), set()),
    "role that is left as it is": (without_updates, set()),
}


#: What the functions of a topic of Kafka are granted, and the services that they call by that.
KAFKA: dict[str, Any] = {
    "with a secret": (polling(kafka_of), set()),
    "with a secret by name": (
        polling(
            lambda scope: kafka_of(scope, secret=secretsmanager.Secret.from_secret_name_v2(scope, "Secret", "kafka"))
        ),
        set(),
    ),
    "with a registry": (
        polling(lambda scope: registered(scope, schema_registry_arn=f"{REGISTRY}orders")),
        set(),
    ),
    "with a registry of the stack": (
        polling(lambda scope: registered(scope, schema_registry=glue.CfnRegistry(scope, "Registry", name="orders"))),
        set(),
    ),
    "with a registry and its secret": (polling(confluent), set()),
    "with a secret, reading another": (
        polling_and_reading(lambda: allowing("secretsmanager:GetSecretValue", resources=[f"{SECRET}own-AbCdEf"])),
        {"secretsmanager"},
    ),
    "with a secret, reading any": (
        polling_and_reading(lambda: allowing("secretsmanager:GetSecretValue")),
        {"secretsmanager"},
    ),
    "with a registry, reading another": (
        polling_and_reading(
            lambda: allowing("glue:GetSchemaVersion", resources=[f"{REGISTRY}own", f"{REGISTRY}orders-old"])
        ),
        {"glue"},
    ),
    "with a registry, reading schemas of another": (
        polling_and_reading(
            lambda: allowing("glue:GetSchemaVersion", resources=[SCHEMAS.format("own")]),
        ),
        {"glue"},
    ),
    "with a registry, writing to it": (
        polling_and_reading(lambda: allowing("glue:RegisterSchemaVersion", resources=[f"{REGISTRY}orders"])),
        {"glue"},
    ),
}


class TestGrants:
    """One app with a function for each way to be granted something, and for what is none."""

    @pytest.fixture(scope="class")
    @staticmethod
    def shop():
        """All functions on one pool."""
        shop = Shop()
        shop.functions = {
            case: define(shop, "".join(filter(str.isalnum, case.title())))
            for case, define in {**WAYS, **{case: define for case, (define, _) in NOTHING.items()}}.items()
        }
        template_of(shop.stack)
        return shop

    @pytest.mark.parametrize("way", WAYS)
    def test_whichever_way(self, shop, way):
        """A grant of a queue has it reached, and nothing but it."""
        found = explained(shop.network, shop.functions[way])
        assert set(found) == {"sqs"}
        assert all(action.startswith("sqs:") for action in found["sqs"])

    @pytest.mark.parametrize("case", NOTHING)
    def test_what_is_called_and_nothing_else(self, shop, case):
        """Of what roles have for others, nothing."""
        assert set(explained(shop.network, shop.functions[case])) == NOTHING[case][1]

    def test_once(self, shop):
        """However many functions need it."""
        found = endpoints_in(shop.stack)
        assert set(found.values()) == {1}
        assert set(found) >= {"sqs", "kms", "secretsmanager", *ALWAYS}
        assert judged(shop.stack) == []

    def test_a_global_table_encrypts_its_replicas(self):
        """Where the key stands in each of them."""
        shop = Shop(env=cdk.Environment(region="eu-west-1"))
        orders = shop.function()
        global_table(shop.stack, kms.Key(shop.stack, "Key")).grant_read_write_data(orders)
        assert added_in(shop.stack) == {}


class TestKeysOfOtherStacks:
    """Are looked for there, and what is encrypted with them anywhere."""

    @pytest.mark.parametrize(
        ("encrypts_in", "services"), [(None, {"kms"}), ("Keys", {"sqs"}), ("Shop", {"sqs"}), ("Queues", {"sqs"})]
    )
    def test_own_use_of_a_key(self, encrypts_in, services):
        """But not one that something which functions may be granted is encrypted with, in whatever stack."""
        app = cdk.App()
        shop = Shop(app)
        key = kms.Key(cdk.Stack(app, "Keys"), "Key")
        cdk.Stack(app, "Queues")
        orders = shop.function()
        if encrypts_in is None:
            key.grant_decrypt(orders)
        else:
            scope = cast(Construct, app.node.find_child(encrypts_in))
            sqs.Queue(scope, "Queue", encryption_master_key=key).grant_send_messages(orders)
        assert set(added_in(shop.stack)) == services

    @pytest.mark.parametrize("of_nested", [True, False])
    def test_beside_a_nested_stack(self, of_nested):
        """Which is another stack as well."""
        shop = Shop()
        nested = cdk.NestedStack(shop.stack, "Nested")
        orders = shop.function(scope=shop.stack if of_nested else nested)
        kms.Key(nested if of_nested else shop.stack, "Key").grant_decrypt(orders)
        assert added_in(shop.stack) == {"kms": 1}

    def test_by_a_policy_of_its_stack(self):
        """That is for a role elsewhere."""
        app = cdk.App()
        shop = Shop(app)
        keys = cdk.Stack(app, "Keys")
        statement = allowing("kms:Decrypt", resources=[kms.Key(keys, "Key").key_arn])
        iam.Policy(keys, "Policy", statements=[statement], roles=[shop.function().role])
        assert added_in(shop.stack) == {"kms": 1}


class TestDestinationsOfOtherStacks:
    """May have the name of something in this one, and look like it until CDK has prepared references."""

    @pytest.mark.parametrize("keyword", ["on_failure", "dead_letter_queue"])
    @pytest.mark.parametrize(
        ("role_in", "sent_to", "granted_to", "services"),
        [
            (None, "Other", "Shop", {"sqs"}),
            (None, "Shop", "Other", {"sqs"}),
            (None, "Other", "Third", {"sqs"}),
            (None, "Other", "Other", set()),
            (None, "Other", None, set()),
            (None, "Shop", None, set()),
            ("Shop", "Other", "Shop", {"sqs"}),
            ("Third", "Other", "Third", {"sqs"}),
            ("Third", "Other", None, set()),
        ],
    )
    def test_are_told_apart(self, role_in, sent_to, granted_to, services, keyword):
        """From what the function is granted. All three stacks have a queue of the same name."""
        app = cdk.App()
        shop = Shop(app)
        stacks = {"Shop": shop.stack, "Other": cdk.Stack(app, "Other"), "Third": cdk.Stack(app, "Third")}
        queues = {id: sqs.Queue(stack, "Queue") for id, stack in stacks.items()}
        destination = queues[sent_to]
        orders = shop.function(
            role=None if role_in is None else new_role(stacks[role_in], "Orders"),
            **{keyword: destinations.SqsDestination(destination) if keyword == "on_failure" else destination},
        )
        if granted_to is not None:
            queues[granted_to].grant_send_messages(orders)
        assert set(added_in(shop.stack)) == services


class TestKafka:
    """What event source mappings read their sources with, and what functions read themselves."""

    @pytest.fixture(scope="class")
    @staticmethod
    def shop():
        """All functions on one pool."""
        shop = Shop()
        shop.functions = {
            case: define(shop, "".join(filter(str.isalnum, case.title()))) for case, (define, _) in KAFKA.items()
        }
        template_of(shop.stack)
        return shop

    @pytest.mark.parametrize("case", KAFKA)
    def test_what_is_called_and_nothing_else(self, shop, case):
        """Of the secrets and registries of the mapping, nothing."""
        assert set(explained(shop.network, shop.functions[case])) == KAFKA[case][1]

    def test_the_template_says_the_same(self, shop):
        """It is read alike when it is synthesised."""
        template = Template(template_of(shop.stack))
        read: Any = Permissions(template, Publications(template))
        ids = {case: shop.stack.resolve(each.function.function_name)["Ref"] for case, each in shop.functions.items()}
        assert {case: set(read.calls(id).services) - ALWAYS for case, id in ids.items()} == {
            case: services for case, (_, services) in KAFKA.items()
        }


def without_updates_but_inline(scope, id):
    """Leave a role as it is, with what it had from the first."""
    return inline(scope, id).without_policy_updates()


def imported_by_the_name_of_the_first_layer(scope, id):
    """Import a role of the same app by a reference to its name, and grant it something there."""
    trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda"}}}
    role = iam.CfnRole(cdk.Stack(scope.node.root, f"RolesOf{id}"), "Role", assume_role_policy_document=trust)
    by_name = iam.Role.from_role_name(scope, f"{id}Role", role.ref)
    sqs.Queue(scope, f"{id}Queue").grant_send_messages(by_name)
    return by_name


def imported_by_the_arn_of_another_stack(scope, id):
    """Import a role of another stack by a reference to its ARN, and grant it something here."""
    role = new_role(cdk.Stack(scope.node.root, f"RolesOf{id}"), "Role")
    by_arn = iam.Role.from_role_arn(scope, f"{id}Role", role.role_arn)
    sqs.Queue(scope, f"{id}Queue").grant_send_messages(by_arn)
    return by_arn


class TestRolesThatAreNotDefinedHere:
    """Have no resource below them, and the next one in the stack is another role's."""

    @staticmethod
    def explained(make):
        """Give what a function with a role is explained with, where the next role of the stack is another one's."""
        shop = Shop()
        role = make(shop.stack, "Orders")
        new_role(shop.stack, "Another", inline_policies={"Publish": document(allowing("sns:Publish"))})
        orders = shop.function(role=role)
        shop.function("Invoices", initial_policy=[allowing("polly:SynthesizeSpeech")])
        template_of(shop.stack)
        return set(explained(shop.network, orders))

    @pytest.mark.parametrize(
        "make",
        [
            imported,
            imported_with_a_policy,
            imported_with_a_managed_policy,
            of_the_first_layer,
            other_stack(of_the_first_layer),
            without_updates_but_inline,
            other_stack(without_updates_but_inline),
            imported_by_the_name_of_the_first_layer,
            imported_by_the_arn_of_another_stack,
        ],
    )
    def test_grants_are_its_own(self, make):
        """All of them, and none of the other's."""
        assert self.explained(make) == {"sqs"}

    def test_what_is_granted_to_a_role_that_is_left_as_it_is(self):
        """Is granted to nobody."""

        def make(scope, id):
            role = new_role(scope, id).without_policy_updates()
            sqs.Queue(scope, f"{id}Queue").grant_send_messages(role)
            return role

        assert self.explained(make) == set()

    def test_nothing_known(self):
        """Of a role that is granted nothing here."""
        assert self.explained(lambda scope, id: iam.Role.from_role_name(scope, id + "Role", "orders")) == set()

    def test_made_by_somebody_else(self):
        """CDK leaves roles to others where it is told to."""
        shop = Shop()
        scope = Construct(shop.stack, "Precreated")
        iam.Role.customize_roles(scope, use_precreated_roles={"Shop/Precreated/OrdersRole": "orders"})
        orders = shop.function(role=inline(scope, "Orders"))
        new_role(shop.stack, "Another", inline_policies={"Publish": document(allowing("sns:Publish"))})
        template_of(shop.stack)
        assert explained(shop.network, orders) == {}


class TestWhatHasNoEndpoint:
    """A NAT gateway is the way, and the user is told at the function."""

    @pytest.fixture
    def shop(self):
        """In a Region where IAM has no endpoint."""
        return Shop(env=cdk.Environment(region="eu-west-1"))

    @pytest.mark.parametrize("action", ["route53:ListHostedZones", "iam:ListUsers"])
    def test_warned_of(self, shop, warned, action):
        """By the function that is granted it; others are not told."""
        orders, other = shop.function(initial_policy=[allowing(action)]), shop.sender("Other")
        assert added_in(shop.stack) == {"sqs": 1}
        assert warned(orders) == ["LMI502"]
        assert warned(other) == []
        (text,) = (str(e.data) for e in orders.node.metadata if "LMI502" in str(e.data))
        assert "NAT" in text
        assert action.partition(":")[0] in text

    @pytest.mark.parametrize(
        ("grant", "service", "told"),
        [
            (
                lambda stack, to: apigateway.WebSocketApi(stack, "Api").grant_manage_connections(to),
                ec2.InterfaceVpcEndpointAwsService.APIGATEWAY,
                ["execute-api:ManageConnections"],
            ),
            (allow("lambda:InvokeFunctionUrl"), ec2.InterfaceVpcEndpointAwsService.LAMBDA_, ["InvokeFunctionUrl"]),
            (allow("execute-api:Invoke"), ec2.InterfaceVpcEndpointAwsService.APIGATEWAY, []),
            (allow("execute-api:*"), ec2.InterfaceVpcEndpointAwsService.APIGATEWAY, []),
            (allow("iot:Publish"), ec2.InterfaceVpcEndpointAwsService.IOT_CORE, []),
        ],
    )
    def test_what_an_endpoint_alone_does_not_reach(self, shop, warned, grant, service, told):
        """None is added, which costs money and helps nobody; one that somebody added may be all that it takes."""
        orders = shop.function()
        grant(shop.stack, orders)
        assert added_in(shop.stack) == {}
        assert warned(orders) == ["LMI502"]
        (text,) = (str(e.data) for e in orders.node.metadata if "LMI502" in str(e.data))
        assert all(name in text for name in told)
        by_hand = Shop()
        by_hand.network.add_endpoint(service)
        orders = by_hand.function()
        grant(by_hand.stack, orders)
        assert sum(added_in(by_hand.stack).values()) == 1
        assert warned(orders) == ["LMI502"] * len(told)

    @pytest.mark.parametrize("at", ["function", "stack"])
    def test_acknowledged(self, shop, warned, at):
        """As all warnings of CDK's are."""
        orders = shop.function(initial_policy=[allowing("route53:ListHostedZones")])
        scope = {"function": orders, "stack": shop.stack}[at]
        cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id="cdk-lmi::LMI502", reason="never called"))
        template_of(shop.stack)
        assert warned(orders) == []

    @pytest.mark.parametrize(("region", "ids"), [("us-east-1", []), (None, ["LMI502"])])
    def test_iam_has_one_in_one_region(self, warned, region, ids):
        """Where the stack is known to be there."""
        shop = Shop(env=cdk.Environment(region=region) if region else None)
        orders = shop.function(initial_policy=[allowing("iam:ListUsers")])
        assert added_in(shop.stack) == ({} if ids else {"iam": 1})
        assert warned(orders) == ids

    @pytest.mark.parametrize("resources", ["*", "arn:aws:sqs:*:*:*"])
    def test_everything_is_not_expanded(self, warned, resources):
        """Every action on everything is warned of; what else is granted is still added."""
        shop = Shop()
        orders = shop.function(initial_policy=[allowing("*", resources=[resources]), sending()])
        assert added_in(shop.stack) == {"sqs": 1}
        assert warned(orders) == (["LMI506"] if resources == "*" else [])


@pytest.mark.parametrize(("name", "ids"), [("AdministratorAccess", ["LMI506"]), ("PowerUserAccess", ["LMI506"])])
def test_managed_policies_of_everything(warned, name, ids):
    """Are warned of as every action is."""
    shop = Shop()
    orders = shop.sender()
    orders.role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(name))
    assert added_in(shop.stack) == {"sqs": 1}
    assert warned(orders) == ids


GRANTS_NOT_KNOWN = "cdk-lmi:GrantsNotKnown"
SERVICES_NOT_KNOWN = "cdk-lmi:ServicesNotKnown"
NOT_RESTRICTED = "cdk-lmi:EndpointsNotRestricted"


def with_managed_policy(policy):
    """Give a role of the app a managed policy that somebody else defines."""
    return lambda scope, id: new_role(scope, id, managed_policies=[policy(scope)])


def of_aws_by_name(name):
    """Give a role of the app a managed policy of AWS's."""
    return with_managed_policy(lambda scope: iam.ManagedPolicy.from_aws_managed_policy_name(name))


def imported_policy(arn):
    """Give a role of the app a managed policy of another one, by its ARN."""
    return with_managed_policy(lambda scope: iam.ManagedPolicy.from_managed_policy_arn(scope, "Policy", arn))


def by_parameter(scope, id):
    """Give a role of the app a managed policy that is chosen when the stack is deployed."""
    parameter = cdk.CfnParameter(scope, "PolicyArn")
    return imported_policy(parameter.value_as_string)(scope, id)


def chosen_on_a_condition(scope, id):
    """Give a role one of two managed policies of the app."""
    condition = cdk.CfnCondition(scope, "Sends", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1"))
    ids = ("One", "Two")
    one, two = (iam.ManagedPolicy(scope, each, statements=[sending()]).managed_policy_arn for each in ids)
    return imported_policy(cdk.Token.as_string(cdk.Fn.condition_if(condition.logical_id, one, two)))(scope, id)


class TestWhatIsNotKnown:
    """Of a role or a service is told at the function, where there is no way out."""

    @staticmethod
    def told_of_role(make, **options):
        """Give what is told of a function with a role."""
        shop = Shop(**options)
        orders = shop.function(role=make(shop.stack, "Orders"))
        template_of(shop.stack)
        return told(orders, GRANTS_NOT_KNOWN)

    @pytest.mark.parametrize("infer", [True, False])
    @pytest.mark.parametrize(
        ("make", "why"),
        [
            (imported, "its role is not defined in this app:"),
            (lambda scope, id: iam.Role.from_role_name(scope, id + "Role", "orders"), "its role is not defined"),
            (imported_policy("arn:aws:iam::123456789012:policy/team/messaging"), "not known here: team/messaging:"),
            (by_parameter, "not known here: ${PolicyArn}:"),
            (of_aws_by_name("AWSAppSyncInvokeFullAccess"), "not known here: AWSAppSyncInvokeFullAccess:"),
        ],
    )
    def test_a_role(self, make, why, infer):
        """Once, with why and what to do."""
        (info,) = self.told_of_role(make, infer_endpoints=infer)
        assert why in info
        assert "add_endpoint" in info

    @pytest.mark.parametrize(
        "make",
        [
            new_role,
            inline,
            managed,
            attached,
            of_aws,
            other_stack(managed),
            managed_apart_from_its_role,
            of_the_first_layer,
            other_stack(without_updates_but_inline),
            imported_by_the_arn_of_another_stack,
            chosen_on_a_condition,
            of_aws_by_name("AmazonDynamoDBFullAccess"),
            of_aws_by_name("AdministratorAccess"),
        ],
    )
    def test_a_role_that_is_known(self, make):
        """It is not told of those of the app, nor of AWS's policies that are known."""
        assert self.told_of_role(make) == []

    def test_a_role_with_a_way_out(self):
        """Reaches what it calls."""
        stack = cdk.Stack(cdk.App(), "Shop")
        network = on(stack, vpc_in(stack, ec2.SubnetType.PRIVATE_WITH_EGRESS))
        assert self.told_of_role(imported, stack=stack, network=network) == []

    def test_services(self):
        """By the prefixes of their actions; others are added, and an endpoint of that name is good for it."""
        shop = Shop()
        shop.network.add_endpoint(ec2.InterfaceVpcEndpointService("com.amazonaws.eu-west-1.geo-places"))
        actions = ["sqs:SendMessage", "quicksight:Get", "MediaConvert:CreateJob", "geo-places:Geocode", "*"]
        orders = shop.function(initial_policy=[allowing(*actions)])
        assert added_in(shop.stack) == {"sqs": 1, "geo-places": 1}
        (info,) = told(orders, SERVICES_NOT_KNOWN)
        assert " mediaconvert, quicksight " in info
        assert "add_endpoint" in info
        assert explained(shop.network, orders)["geo-places"] == {"geo-places:Geocode"}
        assert told(orders, GRANTS_NOT_KNOWN) == []

    def test_services_that_an_imported_role_is_granted_here(self):
        """Are known, though not all others are."""

        def make(scope, id):
            role = imported(scope, id)
            role.add_to_principal_policy(allowing("mediaconvert:CreateJob"))
            return role

        shop = Shop()
        orders = shop.function(role=make(shop.stack, "Orders"))
        template_of(shop.stack)
        assert len(told(orders, SERVICES_NOT_KNOWN)) == len(told(orders, GRANTS_NOT_KNOWN)) == 1

    @pytest.mark.parametrize("action", ["iam:PassRole", "rds-db:connect", "es:ESHttpGet", "timestream:Select"])
    def test_services_that_no_endpoint_is_known_for_on_purpose(self, action):
        """Are not told of: they are reached in a VPC, or not at all."""
        shop = Shop()
        denied = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["mediaconvert:*"], resources=["*"])
        orders = shop.function(initial_policy=[allowing(action), denied])
        template_of(shop.stack)
        assert told(orders, SERVICES_NOT_KNOWN) == []


class TestNetworksAndStacks:
    """Functions and their network need not be in one stack."""

    def test_in_two_stacks(self, warned):
        """What the second is granted is added in the first, and nothing leads back."""
        app = cdk.App()
        shop = Shop(app)
        second = cdk.Stack(app, "Second")
        shop.sender()
        orders = shop.function("Other", second)
        sns.Topic(second, "Topic").grant_publish(orders)
        assert added_in(shop.stack) == {"sqs": 1, "sns": 1}
        assert endpoints_in(second) == {}
        assert [stack.node.path for stack in second.dependencies] == ["Shop"]
        assert list(shop.stack.dependencies) == []
        assert explained(shop.network, orders) == {"sns": {"sns:Publish"}}
        assert warned(app) == []

    @pytest.mark.parametrize("nested", ["function", "network"])
    def test_nested_stacks(self, nested):
        """Either may be in one."""
        outer = cdk.Stack(cdk.App(), "Outer")
        inner = cdk.NestedStack(outer, "Inner")
        shop = Shop(stack=inner if nested == "network" else outer)
        orders = shop.function(scope=inner if nested == "function" else outer)
        sqs.Queue(orders, "Queue").grant_send_messages(orders)
        assert added_in(shop.stack) == {"sqs": 1}
        assert set(explained(shop.network, orders)) == {"sqs"}

    @pytest.mark.parametrize("depth", [1, 2])
    def test_a_policy_in_a_nested_stack(self, depth):
        """Is one for the role all the same."""
        shop = Shop()
        orders = shop.function()
        inner = shop.stack
        for number in range(depth):
            inner = cdk.NestedStack(inner, f"Inner{number}")
        iam.Policy(inner, "Send", statements=[sending()], roles=[orders.role])
        assert added_in(shop.stack) == {"sqs": 1}
        assert set(explained(shop.network, orders)) == {"sqs"}

    def test_the_same_app_in_two_stages(self):
        """Has the same logical ids twice, and other grants."""
        app = cdk.App()
        granted = {"Test": "sqs:SendMessage", "Production": "sns:Publish"}
        shops = {name: Shop(cdk.Stage(app, name)) for name in granted}
        orders = {name: shop.function(initial_policy=[allowing(granted[name])]) for name, shop in shops.items()}
        app.synth()
        assert {name: explained(shops[name].network, orders[name]) for name in granted} == {
            name: {action.partition(":")[0]: {action}} for name, action in granted.items()
        }
        assert [added_in(shop.stack) for shop in shops.values()] == [{"sqs": 1}, {"sns": 1}]

    def test_two_networks(self):
        """Each gets what its own functions need."""
        shop = Shop()
        pool = ManagedInstanceCapacityProvider(shop.stack, "Other")
        orders = shop.sender()
        other = ManagedInstanceFunction(
            shop.stack, "Others", capacity_provider=pool, initial_policy=[allowing("sns:Publish")], **LEAST
        )
        assert added_in(shop.stack) == {"sqs": 1, "sns": 1}
        for network, function, service in ((shop.network, orders, "sqs"), (pool.network, other, "sns")):
            assert set(explained(network, function)) == {service}
            assert set(network.endpoints) == {
                "dynamodb (gateway)",
                "s3 (gateway)",
                "logs (interface)",
                f"{service} (interface)",
            }
        assert judged(shop.stack) == []

    def test_roles_of_the_same_name(self):
        """In two stacks: that of another one is meant, with all that it has there and nothing that is here."""
        app = cdk.App()
        shop, roles = Shop(app), cdk.Stack(app, "Roles")
        here = iam.Role(shop.stack, "Role", assumed_by=LAMBDA, inline_policies={"A": document(sending())})
        there = iam.Role(roles, "Role", assumed_by=LAMBDA, inline_policies={"A": document(allowing("sns:Publish"))})
        of_here, of_there = here.node.default_child, there.node.default_child
        assert isinstance(of_here, iam.CfnRole)
        assert isinstance(of_there, iam.CfnRole)
        assert shop.stack.get_logical_id(of_here) == roles.get_logical_id(of_there)
        orders = shop.function(role=there)
        iam.Policy(shop.stack, "Here", statements=[allowing("polly:SynthesizeSpeech")], roles=[here])
        iam.Policy(roles, "There", statements=[allowing("textract:AnalyzeDocument")], roles=[there])
        template_of(shop.stack)
        assert set(explained(shop.network, orders)) == {"sns", "textract"}

    def test_stacks_of_the_same_making(self):
        """Have roles of the same names, each with what it is granted in its own."""
        app = cdk.App()
        one, two = Shop(app, "One"), Shop(app, "Two")
        in_one = one.function(initial_policy=[sending()])
        in_two = two.function(initial_policy=[allowing("sns:Publish")])
        template_of(one.stack)
        assert set(explained(one.network, in_one)) == {"sqs"}
        assert set(explained(two.network, in_two)) == {"sns"}

    @pytest.mark.xfail(reason="before CDK has prepared them, references to other stacks look like local ones")
    def test_a_policy_for_a_role_of_the_same_name(self):
        """In another stack: it is not the role's that is here."""
        app = cdk.App()
        shop, roles = Shop(app), cdk.Stack(app, "Roles")
        here = iam.Role(shop.stack, "Role", assumed_by=LAMBDA)
        there = iam.Role(roles, "Role", assumed_by=LAMBDA)
        orders = shop.function(role=here)
        iam.Policy(shop.stack, "Here", statements=[sending()], roles=[there])
        template_of(shop.stack)
        assert explained(shop.network, orders) == {}

    def test_several_functions(self):
        """Are each named for the one endpoint that they share."""
        shop = Shop()
        one = shop.function("One", initial_policy=[allowing("sqs:SendMessage", "sqs:GetQueueUrl")])
        two = shop.function("Two", initial_policy=[allowing("sqs:ReceiveMessage")])
        assert added_in(shop.stack) == {"sqs": 1}
        assert explained(shop.network, one) == {"sqs": {"sqs:SendMessage", "sqs:GetQueueUrl"}}
        assert explained(shop.network, two) == {"sqs": {"sqs:ReceiveMessage"}}

    def test_an_endpoint_in_its_vpc(self):
        """That was added without the network is there all the same."""
        shop = Shop()
        shop.sender()
        shop.network.vpc.add_interface_endpoint("Sqs", service=ec2.InterfaceVpcEndpointAwsService.SQS)
        assert added_in(shop.stack) == {"sqs": 1}

    @pytest.mark.parametrize("where", ["stack", "nested", "other"])
    def test_an_endpoint_of_its_vpc_elsewhere(self, where):
        """That is no child of the VPC is there all the same."""
        app = cdk.App()
        shop = Shop(app)
        shop.sender()
        stacks = {
            "stack": lambda: shop.stack,
            "nested": lambda: cdk.NestedStack(shop.stack, "Inner"),
            "other": lambda: cdk.Stack(app, "Other"),
        }
        stack = stacks[where]()
        ec2.InterfaceVpcEndpoint(
            stack, "Sqs", vpc=shop.network.vpc, service=ec2.InterfaceVpcEndpointAwsService.SQS, open=False
        )
        assert sum((added_in(each) for each in {shop.stack, stack}), Counter()) == {"sqs": 1}

    def test_an_endpoint_in_another_vpc(self):
        """Is no way to the service."""
        shop = Shop()
        shop.sender()
        ec2.Vpc(shop.stack, "Other").add_interface_endpoint("Sqs", service=ec2.InterfaceVpcEndpointAwsService.SQS)
        assert added_in(shop.stack) == {"sqs": 2}

    def test_an_endpoint_in_the_vpc_of_an_app_of_the_same_making(self):
        """Is one in that app's VPC, though both have the same logical id."""
        app = cdk.App()
        one, two = Shop(app, "One"), Shop(app, "Two")
        one.sender()
        ec2.InterfaceVpcEndpoint(two.stack, "Sqs", vpc=two.network.vpc, service=ec2.InterfaceVpcEndpointAwsService.SQS)
        assert added_in(one.stack) == {"sqs": 1}


def vpc_in(stack, kind=ec2.SubnetType.PRIVATE_ISOLATED, **options):
    """Define a VPC with subnets of a kind, and what they need."""
    subnets = [ec2.SubnetConfiguration(name="Instances", subnet_type=kind)]
    if kind is ec2.SubnetType.PRIVATE_WITH_EGRESS:
        subnets.append(ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC))
    gateways = None if len(subnets) > 1 else 0
    return ec2.Vpc(stack, "Vpc", subnet_configuration=subnets, nat_gateways=gateways, max_azs=2, **options)


def route_out(stack, vpc):
    """Let the subnets of a VPC out by routes in some stack."""
    for number, subnet in enumerate(vpc.isolated_subnets):
        table = subnet.route_table.route_table_id
        way = {"destination_cidr_block": "0.0.0.0/0", "nat_gateway_id": "nat-1"}
        ec2.CfnRoute(stack, f"Route{number}", route_table_id=table, **way)


def on(stack, vpc, id="Pool", **options):
    """Define a network in a VPC."""
    options.setdefault("vpc_subnets", ec2.SubnetSelection(subnet_group_name="Instances"))
    return ManagedInstanceNetwork.from_vpc(stack, f"{id}Network", vpc=vpc, **options)


#: The subnets of a network with a VPC of its own.
PRIVATE = {"vpc_subnets": ec2.SubnetSelection(subnet_group_name="Private")}


def in_one_vpc(app, *, elsewhere=False, **options):
    """Define a VPC and, on it, pools with their networks: in one stack, or in one each."""
    vpcs = cdk.Stack(app, "Vpcs")
    vpc = vpc_in(vpcs)
    names = [*dict.fromkeys(["First", "Second", *options])]
    stacks = {name: cdk.Stack(app, f"{name}Stack") if elsewhere else vpcs for name in names}
    return vpcs, *(
        Shop(stack=stacks[name], network=on(stacks[name], vpc, name, **options.get(name, {})), pool=name)
        for name in names
    )


def imported_vpc(stack):
    """Import a VPC."""
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        isolated_subnet_ids=["subnet-1", "subnet-2"],
        isolated_subnet_names=["Instances"],
        isolated_subnet_route_table_ids=["rtb-1", "rtb-2"],
    )


def first_layer(vpc, name, kind, **keywords):
    """Define an endpoint by CloudFormation's own properties."""
    ec2.CfnVPCEndpoint(
        vpc,
        f"{name}Endpoint",
        vpc_id=vpc.vpc_id,
        service_name=f"com.amazonaws.eu-west-1.{name}",
        vpc_endpoint_type=kind,
        **keywords,
    )


#: Ways for a VPC to have endpoints, and of which services.
THERE: dict[str, Any] = {
    "interface": (
        lambda vpc: [
            vpc.add_interface_endpoint("A", service=ec2.InterfaceVpcEndpointAwsService.SQS),
            vpc.add_interface_endpoint("B", service=ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS),
        ],
        {"sqs", "logs"},
    ),
    "gateway": (lambda vpc: vpc.add_gateway_endpoint("A", service=ec2.GatewayVpcEndpointAwsService.S3), {"s3"}),
    "of the VPC": (
        lambda vpc: ec2.InterfaceVpcEndpoint(
            cdk.Stack.of(vpc), "A", vpc=vpc, service=ec2.InterfaceVpcEndpointAwsService.SQS
        ),
        {"sqs"},
    ),
    "first layer": (
        lambda vpc: [
            first_layer(vpc, "sqs", "Interface", private_dns_enabled=True, security_group_ids=["sg-1"]),
            first_layer(
                vpc, "s3", "Gateway", route_table_ids=[each.route_table.route_table_id for each in vpc.isolated_subnets]
            ),
        ],
        {"sqs", "s3"},
    ),
    "none": (lambda vpc: None, set()),
}


class TestExistingVpcs:
    """What a VPC of the same app has is known; of an imported one nothing is."""

    @pytest.mark.parametrize("door", ["network", "vpc"])
    @pytest.mark.parametrize("there", THERE)
    def test_of_the_same_app(self, warned, there, door):
        """What is there is not doubled, what is missing is added, logs too."""
        stack = cdk.Stack(cdk.App(), "Shop", env=cdk.Environment(region="eu-west-1"))
        vpc = vpc_in(stack)
        pool = (
            ManagedInstanceCapacityProvider(stack, "Pool", network=on(stack, vpc))
            if door == "network"
            else ManagedInstanceCapacityProvider(
                stack, "Pool", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_group_name="Instances")
            )
        )
        ManagedInstanceFunction(
            stack,
            "Orders",
            capacity_provider=pool,
            initial_policy=[allowing("sqs:SendMessage", "s3:GetObject")],
            **LEAST,
        )
        THERE[there][0](vpc)
        assert endpoints_in(stack) == {"sqs": 1, "s3": 1, "logs": 1}
        assert {label.partition(" ")[0] for label in pool.network.endpoints} == {"sqs", "s3", "logs"} - THERE[there][1]
        assert judged(stack) == []
        assert warned(stack) == []
        (provider,) = of_type(stack, POOL).values()
        assert sum("Endpoints" in id for id in provider["DependsOn"]) == 3 - len(THERE[there][1])

    @pytest.mark.parametrize(("addresses", "added"), [(True, set()), (False, {"sqs", "logs"})])
    def test_behind_an_internet_gateway(self, warned, addresses, added):
        """Which is a way out for instances with a public address only."""
        stack = cdk.Stack(cdk.App(), "Shop")
        public = ec2.SubnetConfiguration(
            name="Instances", subnet_type=ec2.SubnetType.PUBLIC, map_public_ip_on_launch=addresses
        )
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0, subnet_configuration=[public])
        Shop(stack=stack, network=on(stack, vpc)).sender()
        assert set(endpoints_in(stack)) == added
        assert warned(stack) == []

    @pytest.mark.parametrize("private_dns", [False, True])
    def test_an_endpoint_that_never_has_private_dns(self, private_dns, warned):
        """Is one that its user has made the names for."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = vpc_in(stack)
        shop = Shop(stack=stack, network=on(stack, vpc))
        orders = shop.function(initial_policy=[allowing("iot:Publish")])
        service = ec2.InterfaceVpcEndpointAwsService.IOT_CORE
        vpc.add_interface_endpoint("Iot", service=service, private_dns_enabled=private_dns)
        assert endpoints_in(stack) == {"iot.data": 1, "logs": 1}
        assert warned(orders) == []

    @pytest.mark.parametrize("infer", [None, False, True])
    def test_with_a_way_out(self, warned, infer):
        """Nothing is missing."""
        stack = cdk.Stack(cdk.App(), "Shop")
        network = on(stack, vpc_in(stack, ec2.SubnetType.PRIVATE_WITH_EGRESS), infer_endpoints=infer)
        Shop(stack=stack, network=network).function(initial_policy=[sending(), allowing("*"), allowing("route53:*")])
        assert endpoints_in(stack) == {}
        assert warned(stack) == []

    @pytest.mark.parametrize(
        ("infer", "added", "informed"),
        [(None, set(), True), (True, {"sqs", "logs"}, False), (False, set(), False)],
    )
    def test_an_imported_one(self, warned, infer, added, informed):
        """Is left alone unless asked, and the user is told that nothing is known of it."""
        stack = cdk.Stack(cdk.App(), "Shop", env=cdk.Environment(region="eu-west-1"))
        shop = Shop(stack=stack, network=on(stack, imported_vpc(stack), infer_endpoints=infer))
        shop.sender()
        assert set(endpoints_in(stack)) == added
        assert bool(told(shop.network, NOT_KNOWN)) is informed
        assert warned(stack) == []

    def test_left_to_the_user(self, warned):
        """What a VPC of the same app lacks is warned of, logs at the network."""
        stack = cdk.Stack(cdk.App(), "Shop")
        shop = Shop(stack=stack, network=on(stack, vpc_in(stack), infer_endpoints=False))
        orders = shop.sender()
        assert endpoints_in(stack) == {}
        assert warned(orders) == ["LMI502"]
        assert warned(shop.network) == ["LMI501"]
        assert told(shop.network, NOT_KNOWN) == []

    def test_with_an_endpoint_for_apis(self, warned):
        """Of the VPC: private REST APIs may be called through it, connections to WebSocket APIs not managed."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = vpc_in(stack)
        vpc.add_interface_endpoint("Apis", service=ec2.InterfaceVpcEndpointAwsService.APIGATEWAY)
        shop = Shop(stack=stack, network=on(stack, vpc))
        calling = shop.function(initial_policy=[allowing("execute-api:Invoke")])
        managing = shop.function("Managing", initial_policy=[allowing("execute-api:ManageConnections")])
        assert endpoints_in(stack) == {"execute-api": 1, "logs": 1}
        assert warned(calling) == []
        assert warned(managing) == ["LMI502"]

    @pytest.mark.parametrize("off", ["enable_dns_hostnames", "enable_dns_support"])
    def test_without_dns(self, warned, off):
        """EC2 refuses private DNS there: only gateways are added, what is missing is warned of, and it is told why."""
        stack = cdk.Stack(cdk.App(), "Shop")
        shop = Shop(stack=stack, network=on(stack, vpc_in(stack, **{off: False})))
        orders = shop.function(initial_policy=[allowing("sqs:SendMessage", "s3:GetObject")])
        other = shop.sender("Other")
        assert endpoints_in(stack) == {"s3": 1}
        assert warned(shop.network) == ["LMI501"]
        assert warned(orders) == warned(other) == ["LMI502"]
        (info,) = told(shop.network, "cdk-lmi:EndpointsNotAdded")
        assert "logs, sqs:" in info
        assert off in info

    @pytest.mark.parametrize("ids", [None, ["rtb-1", "rtb-2"]])
    def test_without_route_tables(self, warned, ids):
        """Gateways are routes in them: none is added where they are not known, and it is told why."""
        stack = cdk.Stack(cdk.App(), "Shop", env=cdk.Environment(region="eu-west-1"))
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            private_subnet_ids=["subnet-1", "subnet-2"],
            private_subnet_route_table_ids=ids,
        )
        network = ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=vpc, infer_endpoints=True)
        shop = Shop(stack=stack, network=network)
        orders = shop.function(initial_policy=[allowing("sqs:SendMessage", "s3:GetObject")])
        other = shop.function("Other", initial_policy=[allowing("dynamodb:GetItem")])
        assert endpoints_in(stack) == {"sqs": 1, "logs": 1, **({"s3": 1, "dynamodb": 1} if ids else {})}
        assert warned(orders) == warned(other) == ([] if ids else ["LMI502"])
        found = told(shop.network, "cdk-lmi:EndpointsNotAdded")
        assert bool(found) is not bool(ids)
        for info in found:
            assert "no gateway endpoint was added for dynamodb, s3:" in info
            assert "private_subnet_route_table_ids" in info

    @pytest.mark.parametrize("selection", [None, ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)])
    @pytest.mark.parametrize("env", [None, cdk.Environment(account="123456789012", region="eu-west-1")])
    def test_several_subnets_in_a_zone(self, env, selection):
        """An interface endpoint takes one of each zone, instances run in all, and routes lead from all."""
        stack = cdk.Stack(cdk.App(), "Shop", env=env)
        groups = [
            ec2.SubnetConfiguration(name=name, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) for name in ("App", "Data")
        ]
        vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=groups, nat_gateways=0, max_azs=2)
        shop = Shop(stack=stack, network=on(stack, vpc, vpc_subnets=selection))
        shop.function(initial_policy=[allowing("sqs:SendMessage", "s3:GetObject")])
        subnets = of_type(stack, "AWS::EC2::Subnet")
        (pool,) = of_type(stack, POOL).values()
        assert len(pool["Properties"]["VpcConfig"]["SubnetIds"]) == len(subnets) == 4
        for endpoint in of_type(stack, ENDPOINT).values():
            used = [subnets[each["Ref"]]["Properties"] for each in endpoint["Properties"].get("SubnetIds", ())]
            zones = [json.dumps(each["AvailabilityZone"]) for each in used]
            routes = endpoint["Properties"].get("RouteTableIds", ())
            assert (len(zones), len(set(zones)), len(routes)) in {(2, 2, 0), (0, 0, 4)}
        assert judged(stack) == []

    def test_subnets_whose_zones_are_not_known(self):
        """Are all used: they may well be one in each."""
        stack = cdk.Stack(cdk.App(), "Shop", env=cdk.Environment(region="eu-west-1"))
        subnets = [ec2.Subnet.from_subnet_id(stack, id, f"subnet-{id}") for id in "123"]
        selection = ec2.SubnetSelection(subnets=subnets)
        on(stack, imported_vpc(stack), vpc_subnets=selection).add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS)
        (endpoint,) = of_type(stack, ENDPOINT).values()
        assert len(endpoint["Properties"]["SubnetIds"]) == 3

    def test_two_pools_on_one(self):
        """Share the endpoints, which let both in."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = vpc_in(stack)
        for id in ("First", "Second"):
            pool = ManagedInstanceCapacityProvider(
                stack, f"{id}Pool", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnet_group_name="Instances")
            )
            ManagedInstanceFunction(stack, id, capacity_provider=pool, initial_policy=[sending()], **LEAST)
        assert endpoints_in(stack) == {"sqs": 1, "logs": 1}
        assert judged(stack) == []

    @pytest.mark.parametrize("elsewhere", [False, True])
    @pytest.mark.parametrize("granted", [("logs:PutLogEvents", "s3:GetObject"), ("secretsmanager:GetSecretValue",)])
    def test_what_the_second_needs_is_the_firsts(self, granted, elsewhere):
        """Whatever the first is granted: an endpoint that moved would be there twice while it is deployed."""
        app = cdk.App()
        vpcs, *teams = in_one_vpc(app, elsewhere=elsewhere)
        first, second = teams
        one = first.function(initial_policy=[allowing(*granted)])
        other = second.function("Other", initial_policy=[allowing("secretsmanager:GetSecretValue", "s3:GetObject")])
        found = {id[:-8] for stack in {vpcs, first.stack} for id in of_type(stack, ENDPOINT)}
        assert found == {
            "FirstNetworkEndpointsLogsInterfaceEndpoint",
            "FirstNetworkEndpointsS3GatewayEndpoint",
            "FirstNetworkEndpointsSecretsmanagerInterfaceEndpoint",
        }
        assert explained(first.network, other) == {
            "secretsmanager": {"secretsmanager:GetSecretValue"},
            "s3": {"s3:GetObject"},
        }
        assert set(explained(first.network, one)) == {action.partition(":")[0] for action in granted} - {"logs"}
        assert dict(second.network.endpoints) == {}
        (info,) = [text for team in teams for text in told(team.network, ADDED)]
        assert "3 VPC endpoints" in info
        if elsewhere:
            assert [stack.node.path for stack in first.stack.dependencies] == [vpcs.node.path]
        else:
            assert judged(first.stack) == []

    @pytest.mark.parametrize("elsewhere", [False, True])
    def test_both_pools_wait(self, elsewhere):
        """For endpoints, their security group and the rules that let them in: publishing starts the functions."""
        _, first, second = in_one_vpc(cdk.App(), elsewhere=elsewhere)
        first.sender()
        second.sender("Other")
        resources = {**template_of(first.stack)["Resources"], **template_of(second.stack)["Resources"]}
        pools = {id[:4]: each for id, each in resources.items() if each["Type"] == POOL}
        assert len(pools) == 2
        for each in pools.values():
            (group,) = each["Properties"]["VpcConfig"]["SecurityGroupIds"]
            (rule,) = [
                id
                for id, each in resources.items()
                if each["Type"] == "AWS::EC2::SecurityGroupIngress"
                and each["Properties"]["SourceSecurityGroupId"] == group
            ]
            assert rule in each["DependsOn"]

    @pytest.mark.parametrize("nested", ["First", "Second"])
    def test_two_pools_one_nested(self, nested):
        """In a stack within the other's: the first one adds, whichever it is."""
        outer = cdk.Stack(cdk.App(), "Outer")
        vpc = vpc_in(outer)
        stacks = {}
        for id in ("First", "Second"):
            stacks[id] = cdk.NestedStack(outer, "Inner") if id == nested else outer
            Shop(stack=stacks[id], network=on(stacks[id], vpc, id), pool=id).sender(f"F{id}")
        assert endpoints_in(stacks["First"]) == {"sqs": 1, "logs": 1}
        assert endpoints_in(stacks["Second"]) == {}

    @pytest.mark.parametrize("functions", [False, True])
    def test_the_first_need_have_no_functions(self, functions):
        """So that the endpoints do not move with its first one."""
        _, first, second = in_one_vpc(cdk.App(), elsewhere=True)
        second.sender("Other")
        if functions:
            first.sender()
        assert endpoints_in(first.stack) == {"sqs": 1, "logs": 1}
        assert endpoints_in(second.stack) == {}

    def test_the_first_one_that_adds(self, warned):
        """Adds what is missing: one before it that was told not to is warned as ever, one after it has all it needs."""
        _, first, second, third = in_one_vpc(
            cdk.App(), First={"infer_endpoints": False}, Third={"infer_endpoints": False}
        )
        one, other, last = (
            team.function(id, initial_policy=[allowing("sqs:SendMessage", "sns:Publish", "route53:*")])
            for id, team in (("One", first), ("Two", second), ("Three", third))
        )
        last.function.add_to_role_policy(allowing("polly:SynthesizeSpeech"))
        assert endpoints_in(second.stack) == {"sqs": 1, "sns": 1, "logs": 1}
        assert [len(team.network.endpoints) for team in (first, second, third)] == [0, 3, 0]
        assert warned(first.network) == ["LMI501"]
        assert warned(one) == ["LMI502"] * 3
        assert warned(other) == ["LMI502"]
        assert warned(last) == ["LMI502"] * 2

    @pytest.mark.parametrize("infer", [None, True])
    def test_subnets_with_a_way_out_beside_others(self, infer, warned):
        """Need no endpoint. Their instances are let in all the same: private DNS is for all that are in the VPC."""
        stack = cdk.Stack(cdk.App(), "Shop")
        subnets = [
            ec2.SubnetConfiguration(name="Instances", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ec2.SubnetConfiguration(name="Out", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC),
        ]
        vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=subnets, max_azs=2)
        out = ec2.SubnetSelection(subnet_group_name="Out")
        isolated, leaving = on(stack, vpc, "A"), on(stack, vpc, "B", vpc_subnets=out, infer_endpoints=infer)
        Shop(stack=stack, network=isolated, pool="A").sender()
        other = Shop(stack=stack, network=leaving, pool="B").function("Other", initial_policy=[allowing("sns:Publish")])
        assert endpoints_in(stack) == {"sqs": 1, "logs": 1}
        assert len(ingress_of(stack)) == 2
        assert explained(isolated, other) == {}
        assert warned(stack) == []
        assert judged(stack) == []

    @pytest.mark.parametrize("granted", [(), ("s3:GetObject",)])
    def test_gateways_of_pools_in_other_subnets(self, granted):
        """Are the first one's there: they are routes of these subnets, and a subnet takes one for each service."""
        stack = cdk.Stack(cdk.App(), "Shop")
        names = ["Instances", "Others"]
        subnets = [ec2.SubnetConfiguration(name=n, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) for n in names]
        vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=subnets, nat_gateways=0, max_azs=2)
        networks = [
            on(stack, vpc, id, vpc_subnets=ec2.SubnetSelection(subnet_group_name=names[number > 0]))
            for number, id in enumerate("ABC")
        ]
        for number, network in enumerate(networks):
            policy = [allowing("sqs:SendMessage", *granted) if number < 2 else allowing("s3:GetObject")]
            Shop(stack=stack, network=network, pool=f"Pool{number}").function(f"F{number}", initial_policy=policy)
        template_of(stack)
        gateways = ["s3 (gateway)" in network.endpoints for network in networks]
        assert gateways == [bool(granted), True, False]
        assert judged(stack) == []

    @pytest.mark.parametrize("infer", [None, False])
    def test_restricted_to_what_all_need(self, infer):
        """That go through the endpoints, whether or not anything is added for them."""
        stack = cdk.Stack(cdk.App(), "Shop")
        own = Shop(stack=stack, restrict_endpoints=True)
        own.sender()
        other = Shop(stack=stack, network=on(stack, own.network.vpc, "B", **PRIVATE, infer_endpoints=infer), pool="B")
        other.function("Other", initial_policy=[allowing("sqs:ReceiveMessage")])
        (policy,) = [
            each["Properties"]["PolicyDocument"]
            for each in of_type(stack, ENDPOINT).values()
            if service_name(each) == "sqs"
        ]
        assert policy["Statement"][0]["Action"] == ["sqs:ReceiveMessage", "sqs:SendMessage"]

    @pytest.mark.parametrize("elsewhere", [False, True])
    @pytest.mark.parametrize("first", ["Own", "Other"])
    @pytest.mark.parametrize(("infer", "admitted", "holder"), [(True, 2, "Own"), (False, 4, "Other")])
    def test_that_of_a_network_of_its_own(self, first, infer, admitted, holder, elsewhere):
        """Has its endpoints added first, unless told not to. Each lets the instances of the other in."""
        app = cdk.App()
        shop = cdk.Stack(app, "Shop")
        ids = sorted(["Own", "Other"], key=lambda id: id != first)
        scopes = {id: Construct(cdk.Stack(app, f"{id}Stack") if elsewhere else shop, id) for id in ids}
        own = ManagedInstanceNetwork(scopes["Own"], "Network", infer_endpoints=infer)
        other = ManagedInstanceNetwork.from_vpc(scopes["Other"], "Network", vpc=own.vpc)
        for scope, network in ((scopes["Own"], own), (scopes["Other"], other)):
            pool = ManagedInstanceCapacityProvider(scope, "Pool", network=network)
            ManagedInstanceFunction(scope, "Orders", capacity_provider=pool, initial_policy=[sending()], **LEAST)
        stacks = {cdk.Stack.of(scope).node.path: cdk.Stack.of(scope) for scope in scopes.values()}.values()
        assert sum(map(added_in, stacks), Counter()) == {"sqs": 1}
        assert "sqs (interface)" in {"Own": own, "Other": other}[holder].endpoints
        assert sum(len(ingress_of(stack)) for stack in stacks) == admitted
        assert "OtherStack" not in [stack.node.path for stack in cdk.Stack.of(own).dependencies]
        if not elsewhere:
            assert judged(shop) == []

    @pytest.mark.parametrize(("zones", "gateways"), [(("1", "2"), 1), (("3", "4"), 2)])
    def test_two_pools_on_an_imported_one(self, zones, gateways):
        """Share the endpoints too, but for gateways, which are for subnets."""
        stack = cdk.Stack(cdk.App(), "Shop", env=cdk.Environment(region="eu-west-1"))
        ids = ["1", "2", "3", "4"]
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            isolated_subnet_ids=[f"subnet-{id}" for id in ids],
            isolated_subnet_names=["A", "B"],
            isolated_subnet_route_table_ids=[f"rtb-{id}" for id in ids],
        )
        for id, chosen in (("First", ("1", "2")), ("Second", zones)):
            subnets = [vpc.isolated_subnets[int(each) - 1] for each in chosen]
            network = on(stack, vpc, id, vpc_subnets=ec2.SubnetSelection(subnets=subnets), infer_endpoints=True)
            pool = ManagedInstanceCapacityProvider(stack, f"{id}Pool", network=network)
            policy = [allowing("sqs:SendMessage", "s3:GetObject")]
            ManagedInstanceFunction(stack, id, capacity_provider=pool, initial_policy=policy, **LEAST)
        assert endpoints_in(stack) == {"sqs": 1, "logs": 1, "s3": gateways}
        ingress = of_type(stack, "AWS::EC2::SecurityGroupIngress").values()
        assert len(ingress) == 2

    @pytest.mark.parametrize("where", ["Vpcs", "Shop"])
    def test_of_another_stack(self, where):
        """Its endpoints are found where it is defined and where it is used."""
        app = cdk.App()
        stacks = {name: cdk.Stack(app, name) for name in ("Vpcs", "Shop")}
        vpc = vpc_in(stacks["Vpcs"])
        ec2.InterfaceVpcEndpoint(stacks[where], "Sqs", vpc=vpc, service=ec2.InterfaceVpcEndpointAwsService.SQS)
        shop = Shop(stack=stacks["Shop"], network=on(stacks["Shop"], vpc))
        shop.sender()
        assert endpoints_in(stacks["Shop"]) + endpoints_in(stacks["Vpcs"]) == {"sqs": 1, "logs": 1}

    @pytest.mark.parametrize("where", ["third", "nested in the VPC's", "nested in its own"])
    def test_of_a_third_stack(self, where):
        """Any stack of the app may define an endpoint in it."""
        app = cdk.App()
        vpcs, own = cdk.Stack(app, "Vpcs"), cdk.Stack(app, "Shop")
        stacks = {
            "third": lambda: cdk.Stack(app, "Third"),
            "nested in the VPC's": lambda: cdk.NestedStack(vpcs, "Inner"),
            "nested in its own": lambda: cdk.NestedStack(own, "Inner"),
        }
        vpc, third = vpc_in(vpcs), stacks[where]()
        ec2.InterfaceVpcEndpoint(third, "Sqs", vpc=vpc, service=ec2.InterfaceVpcEndpointAwsService.SQS, open=False)
        Shop(stack=own, network=on(own, vpc)).sender()
        found = [endpoints_in(each) for each in (vpcs, own, third)]
        assert sum(found, Counter()) == {"sqs": 1, "logs": 1}

    @pytest.mark.parametrize("what", ["endpoint", "route"])
    def test_of_a_third_stack_for_the_twin_of_a_vpc(self, what):
        """Is of one VPC, and not of another one that has the same logical ids."""
        app = cdk.App()
        one, two, third = (cdk.Stack(app, id) for id in ("One", "Two", "Third"))
        vpcs = [vpc_in(each) for each in (one, two)]
        if what == "endpoint":
            sqs = ec2.InterfaceVpcEndpointAwsService.SQS
            ec2.InterfaceVpcEndpoint(third, "Sqs", vpc=vpcs[0], service=sqs, open=False)
        else:
            route_out(third, vpcs[0])
        Shop(stack=two, network=on(two, vpcs[1])).sender()
        assert endpoints_in(two) == {"sqs": 1, "logs": 1}

    def test_a_route_of_a_third_stack(self):
        """Leads out as well."""
        app = cdk.App()
        vpcs, own, third = (cdk.Stack(app, name) for name in ("Vpcs", "Shop", "Third"))
        vpc = vpc_in(vpcs)
        route_out(third, vpc)
        Shop(stack=own, network=on(own, vpc)).sender()
        assert endpoints_in(own) == {}

    def test_one_of_somebody_elses_service(self):
        """Whose name nobody can read hides none of AWS's."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = vpc_in(stack)
        vpc.add_interface_endpoint("Sqs", service=ec2.InterfaceVpcEndpointAwsService.SQS)
        name = f"com.amazonaws.vpce.{stack.region}.vpce-svc-1"
        vpc.add_interface_endpoint("Other", service=ec2.InterfaceVpcEndpointService(name, 443))
        Shop(stack=stack, network=on(stack, vpc)).sender()
        assert endpoints_in(stack) == {"sqs": 1, "logs": 1, None: 1}

    @pytest.mark.parametrize(
        ("infer", "added", "informed"),
        [(None, {}, True), (True, {"logs": 1}, False), (False, {}, False)],
    )
    @pytest.mark.parametrize(
        "route",
        [
            {"destination_cidr_block": "10.1.0.0/16", "vpc_peering_connection_id": "pcx-1"},
            {"destination_ipv6_cidr_block": "::/0", "egress_only_internet_gateway_id": "eigw-1"},
            {"destination_cidr_block": "0.0.0.0/0", "vpc_peering_connection_id": "pcx-1"},
            {"destination_cidr_block": "0.0.0.0/0", "transit_gateway_id": "tgw-1"},
            {"destination_cidr_block": "0.0.0.0/0", "gateway_id": "vgw-1"},
        ],
        ids=["a range to a peer", "IPv6", "all to a peer", "all to a transit gateway", "all to a VPN"],
    )
    def test_routes_that_may_lead_to_endpoints_elsewhere(self, warned, infer, added, informed, route):
        """As those to other networks may: asked for, what is not in this one is added, else it is told."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = vpc_in(stack)
        vpc.add_interface_endpoint("Sqs", service=ec2.InterfaceVpcEndpointAwsService.SQS)
        for number, subnet in enumerate(vpc.isolated_subnets):
            table = subnet.route_table.route_table_id
            ec2.CfnRoute(stack, f"Route{number}", route_table_id=table, **route)
        shop = Shop(stack=stack, network=on(stack, vpc, infer_endpoints=infer))
        shop.sender()
        assert endpoints_in(stack) == {"sqs": 1, **added}
        assert bool(told(shop.network, NOT_KNOWN)) is informed
        assert warned(stack) == []

    def test_subnets_of_another_app(self):
        """Asked for, what the VPC has is not doubled: whether the subnets have a way out is not known."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = vpc_in(stack)
        vpc.add_interface_endpoint("Sqs", service=ec2.InterfaceVpcEndpointAwsService.SQS)
        subnets = [
            ec2.Subnet.from_subnet_attributes(
                stack, zone, subnet_id=f"subnet-{zone}", availability_zone=f"eu-west-1{zone}", route_table_id="rtb-1"
            )
            for zone in "ab"
        ]
        network = on(stack, vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets), infer_endpoints=True)
        Shop(stack=stack, network=network).sender()
        assert endpoints_in(stack) == {"sqs": 1, "logs": 1}

    def test_one_that_the_services_name_does_not_lead_to(self):
        """Is no way to the service: there, private DNS is off."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = vpc_in(stack)
        vpc.add_interface_endpoint("Sqs", service=ec2.InterfaceVpcEndpointAwsService.SQS, private_dns_enabled=False)
        Shop(stack=stack, network=on(stack, vpc)).sender()
        assert endpoints_in(stack)["sqs"] == 2

    def test_a_gateway_for_other_subnets(self):
        """Is no way for those that instances are in."""
        stack = cdk.Stack(cdk.App(), "Shop")
        subnets = [
            ec2.SubnetConfiguration(name="Instances", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC),
        ]
        vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=subnets, nat_gateways=0, max_azs=2)
        public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
        vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3, subnets=[public])
        Shop(stack=stack, network=on(stack, vpc)).function(initial_policy=[allowing("s3:GetObject")])
        assert endpoints_in(stack)["s3"] == 2
        assert judged(stack) == []

    def test_private_subnets_without_nat(self):
        """Are as isolated as those that are called so."""
        stack = cdk.Stack(cdk.App(), "Shop")
        subnets = [
            ec2.SubnetConfiguration(name="Instances", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC),
        ]
        vpc = ec2.Vpc(stack, "Vpc", subnet_configuration=subnets, nat_gateways=0, max_azs=2)
        Shop(stack=stack, network=on(stack, vpc)).sender()
        assert endpoints_in(stack) == {"sqs": 1, "logs": 1}
        assert judged(stack) == []

    def test_tags(self):
        """Of the app reach all that was added, the security group too."""
        app = cdk.App()
        cdk.Tags.of(app).add("team", "orders")
        stack = cdk.Stack(app, "Shop")
        Shop(stack=stack, network=on(stack, vpc_in(stack))).sender()
        for kind in (ENDPOINT, GROUP):
            for id, resource in of_type(stack, kind).items():
                assert {"Key": "team", "Value": "orders"} in resource["Properties"].get("Tags", ()), id


@jsii.implements(cdk.IAspect)
class Granting:
    """Grants actions to all functions, when CDK comes to them."""

    def __init__(self, *actions):
        self._actions = actions

    def visit(self, node):
        if isinstance(node, lambda_.Function):
            node.add_to_role_policy(allowing(*self._actions))


class TestGrantsByAspects:
    """CDK comes to functions after their network: nothing can be added for these, and what is missing is told."""

    @pytest.fixture(params=[False, True], ids=["once", "stabilised"])
    def app(self, request):
        """As ``cdk init`` makes it, too."""
        return cdk.App(context={"@aws-cdk/core:aspectStabilization": request.param})

    @pytest.mark.parametrize("at", ["app", "stage", "stack"])
    def test_what_is_not_reached_is_told_of(self, app, warned, at):
        """At the function, with what it lacks. No aspect of an app reaches into its stages."""
        stage = cdk.Stage(app, "Prod") if at == "stage" else app
        shop = Shop(stage)
        orders = shop.sender()
        scope = shop.stack if at == "stack" else stage
        cdk.Aspects.of(scope).add(Granting("ssm:GetParameter", "dynamodb:GetItem"))
        app.synth()
        assert added_in(shop.stack) == {"sqs": 1}
        assert warned(orders) == ["LMI502"]
        assert [each.id for each in judged(shop.stack)] == ["LMI502"]

    def test_with_an_endpoint_added_by_hand(self, app, warned):
        """All is well."""
        shop = Shop(app)
        shop.network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SSM)
        orders = shop.sender()
        cdk.Aspects.of(app).add(Granting("ssm:GetParameter"))
        assert added_in(shop.stack) == {"sqs": 1, "ssm": 1}
        assert warned(orders) == []
        assert explained(shop.network, orders)["ssm"] == {"ssm:GetParameter"}

    def test_every_action(self, app, warned):
        """Which no endpoints reach."""
        shop = Shop(app)
        orders = shop.sender()
        cdk.Aspects.of(app).add(Granting("*"))
        app.synth()
        assert warned(orders) == ["LMI506"]

    def test_restricted_endpoints_allow_it(self, app):
        """Together with what was granted otherwise, each action once."""
        shop = Shop(app, restrict_endpoints=True)
        shop.sender()
        cdk.Aspects.of(app).add(Granting("sqs:SendMessage", "sqs:ReceiveMessage", "dynamodb:GetItem"))
        app.synth()
        assert actions_through(shop.stack, "sqs") == ["sqs:ReceiveMessage", "sqs:SendMessage"]
        assert actions_through(shop.stack, "dynamodb") == ["dynamodb:GetItem"]
        assert actions_through(shop.stack, "logs") == []

    def test_they_stay_restricted_beside_policies_of_other_stacks(self, app, warned):
        """Of these less is known when CDK has written the references."""
        shop = Shop(app, restrict_endpoints=True)
        shop.function(role=managed_apart_from_its_role(shop.stack, "Role"), initial_policy=[sending()])
        cdk.Aspects.of(app).add(Granting("sqs:ReceiveMessage"))
        app.synth()
        assert actions_through(shop.stack, "sqs") == ["sqs:ReceiveMessage", "sqs:SendMessage"]
        assert told(shop.network, NOT_RESTRICTED) == []

    @pytest.mark.parametrize(
        "attach",
        [
            lambda role, _: role.add_managed_policy(named(role, "team-baseline")),
            lambda role, _: role.add_to_policy(allowing("*")),
            lambda role, _: role.add_to_policy(allowing("sts:AssumeRole")),
            lambda role, policy: role.add_managed_policy(policy),
        ],
        ids=["managed policy", "every action", "other roles", "of another stack"],
    )
    def test_they_are_opened_where_not_every_action_is_known(self, app, attach):
        """As they are if it is attached by hand; the notice, too, comes either way."""
        policy = iam.ManagedPolicy(cdk.Stack(app, "Team"), "Policy", statements=[sending()])

        @jsii.implements(cdk.IAspect)
        class Attaching:
            def visit(self, node):
                if isinstance(node, iam.Role) and node.node.id == "ServiceRole":
                    attach(node, policy)

        shop = Shop(app, restrict_endpoints=True)
        shop.sender()
        cdk.Aspects.of(app).add(Attaching())
        app.synth()
        assert "*" in actions_through(shop.stack, "sqs")
        assert actions_through(shop.stack, "dynamodb") == []
        (info,) = told(shop.network, NOT_RESTRICTED)
        assert "Shop/Orders" in info
        app.synth(force=True)
        assert actions_through(shop.stack, "sqs").count("*") == 1

    def test_what_is_not_known_of_it_is_told(self, app):
        """Which service, and which managed policy."""

        @jsii.implements(cdk.IAspect)
        class Attaching(Granting):
            def visit(self, node):
                super().visit(node)
                if isinstance(node, lambda_.Function):
                    assert node.role is not None
                    node.role.add_managed_policy(named(node, "team-baseline"))

        orders = Shop(app).sender()
        cdk.Aspects.of(app).add(Attaching("newservice:Call"))
        app.synth()
        (info,) = told(orders, GRANTS_NOT_KNOWN)
        assert "team-baseline" in info
        (info,) = told(orders, SERVICES_NOT_KNOWN)
        assert "newservice" in info

    def test_on_the_stack_of_a_role(self, app, warned):
        """Which has no functions in it."""
        shop = Shop(app)
        team = cdk.Stack(app, "Team")
        role = iam.Role(team, "Role", assumed_by=LAMBDA)
        orders = shop.function(role=role)

        @jsii.implements(cdk.IAspect)
        class ToRole:
            def visit(self, node):
                if node.node.path == role.node.path:
                    role.add_to_policy(allowing("ssm:GetParameter"))

        cdk.Aspects.of(team).add(ToRole())
        app.synth()
        assert warned(orders) == ["LMI502"]

    @pytest.mark.parametrize("of_functions", [1, 2])
    @pytest.mark.parametrize("nested", [False, True])
    def test_on_a_third_stack(self, app, warned, nested, of_functions):
        """Which has neither functions nor roles, but a policy for one then."""
        shops = [Shop(app, f"Shop{number}") for number in range(of_functions)]
        team = cdk.NestedStack(cdk.Stack(app, "Team"), "Nested") if nested else cdk.Stack(app, "Team")
        functions = [shop.sender() for shop in shops]

        @jsii.implements(cdk.IAspect)
        class OnStack:
            def visit(self, node):
                if node.node.path == team.node.path and team.node.try_find_child("Policy") is None:
                    roles = [each.role for each in functions]
                    iam.ManagedPolicy(team, "Policy", statements=[allowing("ssm:GetParameter")], roles=roles)

        cdk.Aspects.of(team).add(OnStack())
        app.synth()
        assert [warned(each) for each in functions] == [["LMI502"]] * of_functions

    def test_of_a_second_synthesis_too(self, warned):
        """What was granted since the first."""
        app = cdk.App()
        shop = Shop(app)
        orders = shop.sender()
        app.synth()
        orders.function.add_to_role_policy(allowing("ssm:GetParameter"))
        app.synth(force=True)
        assert warned(orders) == ["LMI502"]

    @pytest.mark.parametrize("functions_before", [0, 1])
    def test_of_functions_that_came_after_the_first_synthesis(self, warned, functions_before):
        """All that they are granted, on a network with functions and on one without."""
        app = cdk.App()
        shop = Shop(app, restrict_endpoints=True)
        for number in range(functions_before):
            shop.sender(f"Before{number}")
        app.synth()
        orders = shop.function(initial_policy=[allowing("ssm:GetParameter", "sqs:DeleteMessage")])
        app.synth(force=True)
        assert warned(orders) == ["LMI502"] * (2 - functions_before)
        assert ("sqs:DeleteMessage" in actions_through(shop.stack, "sqs")) == bool(functions_before)
        function = template_of(shop.stack)["Resources"][shop.stack.get_logical_id(orders.function.node.default_child)]
        assert "bridgecrew" in function["Metadata"]


class TestFunctionsTakenOut:
    """Of the app, after they were defined: nothing is needed for these."""

    def test_nothing_is_added_for_them(self):
        """Nor do they leave restricted endpoints open."""
        shop = Shop(restrict_endpoints=True)
        shop.sender()
        shop.function("Old", initial_policy=[allowing("ssm:GetParameter"), allowing("sts:AssumeRole")])
        shop.stack.node.try_remove_child("Old")
        assert added_in(shop.stack) == {"sqs": 1}
        assert actions_through(shop.stack, "sqs") == ["sqs:SendMessage"]

    def test_a_role_of_one(self):
        """Which another function was given: it is in no stack any more."""
        shop = Shop()
        role = shop.sender("Old").role
        orders = shop.function(role=role)
        shop.stack.node.try_remove_child("Old")
        template_of(shop.stack)
        assert len(told(orders, GRANTS_NOT_KNOWN)) == 1


@jsii.implements(cdk.IAspect)
class Looking:
    """Changes nothing, which nobody can know."""

    def visit(self, node):
        pass


class TestSeveralNetworks:
    """Each with a VPC of its own, or in the same one."""

    def test_endpoints_of_other_networks_are_not_looked_into(self, monkeypatch):
        """Each look reads all that there is of networks in all stacks. Those of others in a VPC may be ways out."""
        looks = Mock(wraps=reach.reach_of)
        monkeypatch.setattr(reach, "reach_of", looks)
        app = cdk.App()
        shops = [Shop(app, id) for id in ("Shop", "Store")]
        for shop in shops:
            shop.sender()
        assert [added_in(shop.stack) for shop in shops] == [{"sqs": 1}] * 2
        assert not looks.called
        app = cdk.App()
        shops = [Shop(app, id) for id in ("Shop", "Store")]
        shops[0].network.vpc.add_interface_endpoint("Ssm", service=ec2.InterfaceVpcEndpointAwsService.SSM)
        shops[0].function(initial_policy=[allowing("ssm:GetParameter")])
        shops[1].sender()
        assert [added_in(shop.stack) for shop in shops] == [{"ssm": 1}, {"sqs": 1}]
        assert looks.called

    @pytest.mark.parametrize(
        "add_aspect",
        [
            lambda app: None,
            lambda app: cdk.RemovalPolicies.of(app).retain(),
            lambda app: cdk.Aspects.of(app).add(Looking()),
        ],
        ids=["no aspect", "removal policies", "an aspect that may do anything"],
    )
    def test_each_costs_as_many_calls_to_node_as_the_one_before(self, monkeypatch, add_aspect):
        """However many stacks there are, of which each may grant something to functions of any other."""
        calls = Mock(side_effect=process._NodeProcess.send, autospec=True)
        monkeypatch.setattr(process._NodeProcess, "send", lambda *given: calls(*given))

        def synthesised(stacks):
            app = cdk.App()
            for number in range(stacks):
                Shop(app, f"Shop{number}").sender()
            add_aspect(app)
            before = calls.call_count
            app.synth()
            return calls.call_count - before

        few, some, many = map(synthesised, (2, 4, 6))
        assert many - some == some - few

    def test_what_was_read_is_not_kept_for_the_next_synthesis(self):
        """A stack that was read for one network may have something for the functions of the next."""
        app = cdk.App()
        policies = cdk.Stack(app, "Policies")
        Shop(app).sender()
        app.synth()
        store = Shop(app, "Store")
        iam.Policy(policies, "Policy", statements=[allowing("ssm:GetParameter")], roles=[store.function().role])
        app.synth(force=True)
        assert added_in(store.stack) == {"ssm": 1}

    @pytest.mark.parametrize("stabilised", [False, True])
    @pytest.mark.parametrize("before", [1, 2, 3])
    @pytest.mark.parametrize("what", ["policy", "nested", "statement"])
    def test_what_aspects_add_between_two_of_them_counts(self, what, before, stabilised):
        """In whatever stack: what was read for the networks before is not all that there is by then."""
        app = cdk.App(context={"@aws-cdk/core:aspectStabilization": stabilised})
        for number in range(before):
            Shop(app, f"Shop{number}").sender()
        policies = cdk.Stack(app, "Policies")
        store = Shop(app, "Store")
        role = store.function().role
        if what == "statement":
            there = iam.Policy(policies, "Policy", statements=[sending()], roles=[role])

        @jsii.implements(cdk.IAspect)
        class Adding:
            done = False

            def visit(self, node):
                if node.node.path != "Policies" or self.done:
                    return
                self.done = True
                if what == "statement":
                    there.add_statements(allowing("ssm:GetParameter"))
                else:
                    scope = cdk.NestedStack(policies, "Nested") if what == "nested" else policies
                    iam.Policy(scope, "Policy", statements=[allowing("ssm:GetParameter")], roles=[role])

        cdk.Aspects.of(app).add(Adding())
        assert set(added_in(store.stack)) == {"ssm", *(["sqs"] if what == "statement" else [])}

    def test_what_aspects_take_out_between_two_of_them_does_not_count(self):
        """In whatever stack: here an endpoint."""
        app = cdk.App()
        for number in range(2):
            Shop(app, f"Shop{number}").sender()
        endpoints, own = cdk.Stack(app, "Endpoints"), cdk.Stack(app, "Store")
        vpc = vpc_in(own)
        ec2.InterfaceVpcEndpoint(endpoints, "Sqs", vpc=vpc, service=ec2.InterfaceVpcEndpointAwsService.SQS, open=False)
        Shop(stack=own, network=on(own, vpc)).sender()

        @jsii.implements(cdk.IAspect)
        class Removing:
            def visit(self, node):
                if node.node.path == "Endpoints":
                    endpoints.node.try_remove_child("Sqs")

        cdk.Aspects.of(app).add(Removing())
        assert endpoints_in(own) == {"logs": 1, "sqs": 1}

    def test_a_policy_that_aspects_give_to_a_role_between_two_of_them(self, warned):
        """And that was there before, for another role: its endpoint is there, or missed."""
        app = cdk.App()
        for number in range(2):
            Shop(app, f"Shop{number}").sender()
        policies = cdk.Stack(app, "Policies")
        own = iam.Role(policies, "Role", assumed_by=LAMBDA)
        there = iam.Policy(policies, "Policy", statements=[allowing("ssm:GetParameter")], roles=[own])
        store = Shop(app, "Store")
        orders = store.function()

        @jsii.implements(cdk.IAspect)
        class Attaching:
            def visit(self, node):
                if node.node.path == "Policies":
                    there.attach_to_role(orders.role)

        cdk.Aspects.of(app).add(Attaching())
        app.synth()
        assert warned(orders) == ([] if "ssm" in added_in(store.stack) else ["LMI502"])

    def test_what_only_looks_changes_nothing(self):
        """So that networks need not read each stack again for it."""
        app = cdk.App()
        stack = cdk.Stack(app, "Shop")
        cdk.RemovalPolicies.of(app).retain_on_update_or_delete(priority=1)
        cdk.MissingRemovalPolicies.of(stack).destroy(apply_to_resource_types=["AWS::S3::Bucket"])
        # To version 3 of cdk-nag its packs are no aspects any more.
        for aspect in (cdk.Tag("team", "shop"), cast(cdk.IAspect, cdk_nag.AwsSolutionsChecks())):
            cdk.Aspects.of(app).add(aspect)
        assert not may_be_changed([stack, app])
        cdk.Aspects.of(stack).add(Looking())
        assert may_be_changed([stack, app])

    def test_what_cdk_does_not_say_the_class_of_may_change_something(self):
        """Unless it holds what removal policies do."""
        stack = cdk.Stack(cdk.App(), "Shop")
        boundary = iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess")
        iam.PermissionsBoundary.of(stack).apply(boundary)
        assert may_be_changed([stack])

    def test_what_was_read_is_not_kept_after_a_failure(self):
        """Of the synthesis, which did not come to its end."""

        @jsii.implements(cdk.IAspect)
        class Failing:
            fails = True

            def visit(self, node):
                if self.fails:
                    raise ValueError("not yet")

        app = cdk.App()
        Shop(app).sender()
        policies = cdk.Stack(app, "Policies")
        failing = Failing()
        cdk.Aspects.of(cdk.Stack(app, "Last")).add(failing)
        store = Shop(app, "Store")
        orders = store.function()
        with pytest.raises(RuntimeError):
            app.synth()
        failing.fails = False
        iam.Policy(policies, "Policy", statements=[allowing("ssm:GetParameter")], roles=[orders.role])
        app.synth(force=True)
        assert added_in(store.stack) == {"ssm": 1}

    def test_restricted_endpoints_of_a_network_that_others_use_after_the_first_synthesis(self):
        """Allow what the functions of these are granted."""
        app = cdk.App()
        shop = Shop(app, restrict_endpoints=True)
        shop.sender()
        beside = on(shop.stack, shop.network.vpc, infer_endpoints=False, **PRIVATE)
        other = Shop(stack=shop.stack, network=beside, pool="Other")
        app.synth()
        other.function("Beside", initial_policy=[allowing("sqs:DeleteMessage")])
        app.synth(force=True)
        assert actions_through(shop.stack, "sqs") == ["sqs:DeleteMessage", "sqs:SendMessage"]

    def test_a_vpc_that_somebody_wrote_in_python(self):
        """CDK makes another object of it each time that it is handed over."""
        stack = cdk.Stack(cdk.App(), "Shop")
        inner = vpc_in(stack)

        def handed_on(name):
            return property(lambda self: getattr(inner, name))

        names = [name for name in dir(ec2.IVpc) if isinstance(getattr(ec2.IVpc, name), property)]
        members: dict[str, Any] = {name: handed_on(name) for name in names}
        members["select_subnets"] = lambda self, *_, **__: inner.select_subnets(subnets=inner.isolated_subnets)
        unused = {name for name in dir(ec2.IVpc) if not name.startswith("_")} - members.keys()
        members.update(dict.fromkeys(unused, lambda self, *_, **__: None))
        vpc: Any = jsii.implements(ec2.IVpc)(type("Vpc", (), members))()
        for id in ("One", "Two"):
            network = ManagedInstanceNetwork.from_vpc(stack, id, vpc=vpc, infer_endpoints=True)
            Shop(stack=stack, network=network, pool=f"Pool{id}").sender(f"Orders{id}")
        assert endpoints_in(stack) == {"logs": 1, "sqs": 1}

    def test_an_imported_vpc_that_a_construct_hands_on(self):
        """Is the same one, though it is another object in Python."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-12345678",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            private_subnet_ids=["subnet-11111111", "subnet-22222222"],
        )
        handed_on = ecs.Cluster(stack, "Cluster", vpc=vpc).vpc
        assert handed_on is not vpc
        for id, each in (("One", vpc), ("Two", handed_on)):
            network = ManagedInstanceNetwork.from_vpc(stack, id, vpc=each, infer_endpoints=True)
            Shop(stack=stack, network=network, pool=f"Pool{id}").sender(f"Orders{id}")
        assert endpoints_in(stack) == {"logs": 1, "sqs": 1}


class TestPorts:
    """Of endpoints that are called at another one than that of HTTPS too."""

    @staticmethod
    def open_in(stack):
        """Give the ports between instances and endpoints: out of the ones, into the others."""
        groups = of_type(stack, GROUP).values()
        inline = [rule for group in groups for rule in group["Properties"].get("SecurityGroupEgress", [])]
        apart = [each["Properties"] for each in of_type(stack, "AWS::EC2::SecurityGroupEgress").values()]
        out = {(rule["FromPort"], rule["ToPort"]) for rule in (*inline, *apart) if "FromPort" in rule}
        # "255.255.255.255/32" is how CDK writes that nothing is let out.
        return out - {(252, 86)}, Counter((rule["FromPort"], rule["ToPort"]) for rule in ingress_of(stack))

    def test_of_a_service_that_is_granted(self):
        """Amazon Keyspaces: Cassandra's."""
        shop = Shop()
        shop.function(initial_policy=[allowing("cassandra:Select", "sqs:SendMessage")])
        assert added_in(shop.stack) == {"cassandra": 1, "sqs": 1}
        assert self.open_in(shop.stack) == ({(443, 443), (9142, 9142)}, {(443, 443): 1, (9142, 9142): 1})
        assert judged(shop.stack) == []

    @pytest.mark.parametrize("prefix_lists", [None, ["pl-1"]])
    def test_of_one_that_is_added_by_hand(self, prefix_lists):
        """As CDK has it, or as whoever adds it says."""
        shop = Shop(gateway_prefix_lists=prefix_lists)
        for number in (1, 2):
            name = f"com.amazonaws.vpce.eu-west-1.vpce-svc-{number}"
            shop.network.add_endpoint(ec2.InterfaceVpcEndpointService(name, 8443))
        shop.network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.KEYSPACES)
        shop.sender()
        ports = [(443, 443), (8443, 8443), (9142, 9142)]
        assert self.open_in(shop.stack) == (set(ports), dict.fromkeys(ports, 1))

    def test_for_networks_that_share_it(self):
        """Each lets its instances out, and is let in."""
        shop = Shop()
        other = Shop(stack=shop.stack, network=on(shop.stack, shop.network.vpc, **PRIVATE), pool="Other")
        other.function(initial_policy=[allowing("cassandra:Select")])
        out, let_in = self.open_in(shop.stack)
        assert out == {(443, 443), (9142, 9142)}
        assert let_in == {(443, 443): 2, (9142, 9142): 2}

    def test_groups_of_others_are_left_alone(self):
        """Whoever made them says what they let out."""
        stack = cdk.Stack(cdk.App(), "Shop")
        vpc = vpc_in(stack)
        own = ec2.SecurityGroup(stack, "Own", vpc=vpc, allow_all_outbound=False)
        Shop(stack=stack, network=on(stack, vpc, security_groups=[own])).function(
            initial_policy=[allowing("cassandra:Select")]
        )
        assert self.open_in(stack) == (set(), {(443, 443): 1, (9142, 9142): 1})


def actions_through(stack, name):
    """Give the actions that the policies of a service's endpoints allow, in order."""
    documents = [
        endpoint["Properties"].get("PolicyDocument", {"Statement": []})
        for endpoint in of_type(stack, ENDPOINT).values()
        if service_name(endpoint) == name
    ]
    actions = [statement["Action"] for each in documents for statement in each["Statement"]]
    return sorted(action for each in actions for action in ([each] if isinstance(each, str) else each))


class TestOptions:
    """What else a network takes."""

    def test_flow_logs(self):
        """Of the VPC."""
        stack = cdk.Stack(cdk.App(), "Shop")
        assert of_type(Shop().stack, "AWS::EC2::FlowLog") == {}
        ManagedInstanceNetwork(
            stack, "Network", flow_logs={"Rejected": ec2.FlowLogOptions(traffic_type=ec2.FlowLogTrafficType.REJECT)}
        )
        (log,) = of_type(stack, "AWS::EC2::FlowLog").values()
        (vpc,) = of_type(stack, "AWS::EC2::VPC")
        assert log["Properties"]["ResourceId"] == {"Ref": vpc}
        assert log["Properties"]["TrafficType"] == "REJECT"

    def test_flow_logs_in_mappings(self):
        """As CDK for Python takes its structures everywhere."""
        stack = cdk.Stack(cdk.App(), "Shop")
        rejected: Any = {"traffic_type": ec2.FlowLogTrafficType.REJECT}
        ManagedInstanceNetwork(stack, "Network", flow_logs={"Rejected": rejected})
        (log,) = of_type(stack, "AWS::EC2::FlowLog").values()
        assert log["Properties"]["TrafficType"] == "REJECT"

    def test_gateway_prefix_lists(self):
        """Instances connect to these and to the VPC, and to nothing else."""
        shop = Shop(gateway_prefix_lists=["pl-1", "pl-2"])
        shop.sender()
        groups = of_type(shop.stack, GROUP)
        (vpc,) = of_type(shop.stack, "AWS::EC2::VPC")
        inline = [r for id, g in groups.items() if "Endpoint" not in id for r in g["Properties"]["SecurityGroupEgress"]]
        apart = [r["Properties"] for r in of_type(shop.stack, "AWS::EC2::SecurityGroupEgress").values()]
        assert {(r["IpProtocol"], r["FromPort"], r["ToPort"]) for r in (*inline, *apart)} == {("tcp", 443, 443)}
        to = [r.get("DestinationPrefixListId") or r["CidrIp"] for r in (*inline, *apart)]
        assert sorted(map(str, to)) == sorted(map(str, ["pl-1", "pl-2", {"Fn::GetAtt": [vpc, "CidrBlock"]}]))
        assert judged(shop.stack) == []

    @pytest.mark.parametrize(
        ("keyword", "value"), [("flow_logs", ["All"]), ("gateway_prefix_lists", "pl-1"), ("infer_endpoints", "no")]
    )
    def test_refuses(self, refused, keyword, value):
        """What does not fit."""
        stack = cdk.Stack(cdk.App(), "Shop")
        assert refused(lambda: ManagedInstanceNetwork(stack, "Network", **{keyword: value})) == ["LMI001"]

    def test_acknowledged_by_the_keyword(self, warned):
        """Of the network that it is told at."""
        stack = cdk.Stack(cdk.App(), "Shop")
        reason = cdk.Acknowledgment(id="LMI501", reason="metrics are enough")
        network = on(stack, vpc_in(stack), infer_endpoints=False, acknowledge=[reason])
        Shop(stack=stack, network=network).function()
        template_of(stack)
        assert warned(network) == []

    def test_a_grant_acknowledged_by_the_keyword(self, warned):
        """Of the function that it is told at."""
        shop = Shop(infer_endpoints=False)
        reason = cdk.Acknowledgment(id="LMI502", reason="never called")
        orders = shop.function(initial_policy=[sending()], acknowledge=[reason])
        template_of(shop.stack)
        assert warned(orders) == []

    def test_no_functions(self):
        """Nothing to look at, nothing to tell."""
        shop = Shop()
        assert added_in(shop.stack) == {}
        assert told(shop.network, ADDED) == []
