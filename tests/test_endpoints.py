"""That the table of services and endpoints agrees with CDK's endpoints, IAM's actions and the SDK's hosts."""

import json
from collections import Counter
from functools import cache
from importlib.resources import files

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi import endpoints
from cdk_lmi.endpoints import (
    FORWARDED_ACTIONS,
    MANAGED_POLICIES,
    POLLER_ACTIONS,
    EndpointType,
    endpoint_name,
    is_forwarded_action,
    is_poller_action,
    service_of,
)

#: Endpoints that CDK does not know, and where AWS names them. The table has the same sources.
NOT_IN_CDK = {
    "aoss": "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-vpc-cp.html",
    "apigateway": "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html",
    "bedrock-mantle": "https://docs.aws.amazon.com/bedrock/latest/userguide/vpc-interface-endpoints.html",
    "eventsv2": "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-names.html",
    "iot.api": "https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html",
    "scheduler": "https://docs.aws.amazon.com/scheduler/latest/UserGuide/vpc-interface-endpoints.html",
}

#: Each part of a service that has a client of its own in the SDK: the prefix of its actions, the client, the endpoint.
CLIENTS = [
    ("aoss", "opensearchserverless", "aoss"),
    ("appconfig", "appconfig", "appconfig"),
    ("appconfig", "appconfigdata", "appconfigdata"),
    ("bedrock", "bedrock", "bedrock"),
    ("bedrock", "bedrock-agent", "bedrock-agent"),
    ("bedrock", "bedrock-agent-runtime", "bedrock-agent-runtime"),
    ("bedrock", "bedrock-data-automation", "bedrock-data-automation"),
    ("bedrock", "bedrock-data-automation-runtime", "bedrock-data-automation-runtime"),
    ("bedrock", "bedrock-runtime", "bedrock-runtime"),
    ("bedrock-agentcore", "bedrock-agentcore", "bedrock-agentcore"),
    ("bedrock-agentcore", "bedrock-agentcore-control", None),
    ("cassandra", "keyspaces", "cassandra"),
    ("cassandra", "keyspacesstreams", None),
    ("dynamodb", "dynamodb", "dynamodb"),
    ("dynamodb", "dynamodbstreams", "dynamodb-streams"),
    ("events", "events", "events"),
    ("events", "eventbridgev2", "eventsv2"),
    ("iot", "iot", "iot.api"),
    ("iot", "iot-data", "iot.data"),
    ("lex", "lex-runtime", None),
    ("lex", "lexv2-models", "models-v2-lex"),
    ("lex", "lexv2-runtime", "runtime-v2-lex"),
    ("payment-cryptography", "payment-cryptography", "payment-cryptography.controlplane"),
    ("payment-cryptography", "payment-cryptography-data", "payment-cryptography.dataplane"),
    ("personalize", "personalize", "personalize"),
    ("personalize", "personalize-events", "personalize-events"),
    ("personalize", "personalize-runtime", "personalize-runtime"),
    ("sagemaker", "sagemaker", "sagemaker.api"),
    ("sagemaker", "sagemaker-featurestore-runtime", "sagemaker.featurestore-runtime"),
    ("sagemaker", "sagemaker-metrics", "sagemaker.metrics"),
    ("sagemaker", "sagemaker-runtime", "sagemaker.runtime"),
    ("ses", "ses", "email"),
    ("ses", "sesv2", "email"),
    ("ses", "mailmanager", "mail-manager"),
]

#: Clients with several hosts: what an operation's host begins with, and the endpoint.
HOSTS = [
    ("airflow", "mwaa", {"api.": "airflow.api", "env.": "airflow.env", "ops.": "airflow.ops"}),
    (
        "geo",
        "location",
        {
            "geofencing.": "geo.geofencing",
            "maps.": "geo.maps",
            "metadata.": "geo.metadata",
            "places.": "geo.places",
            "routes.": "geo.routes",
            "tracking.": "geo.tracking",
            **dict.fromkeys(("cp.geofencing.", "cp.maps.", "cp.metadata.", "cp.places.", "cp.routes.", "cp.tracking.")),
        },
    ),
    ("iottwinmaker", "iottwinmaker", {"api.": "iottwinmaker.api", "data.": "iottwinmaker.data"}),
    ("logs", "logs", {"": "logs", "stream-": None}),
    ("rum", "rum", {"": "rum", "dataplane.": "rum-dataplane"}),
    ("servicediscovery", "servicediscovery", {"": "servicediscovery", "data-": "data-servicediscovery"}),
    ("states", "stepfunctions", {"": "states", "sync-": "sync-states"}),
]


def services():
    """Give every service of the table."""
    for found in endpoints._by_prefix().values():
        for service in [pattern.service for pattern in found] if isinstance(found, tuple) else [found]:
            if service is not None:
                yield service


def patterns(prefix):
    """Give the patterns of a prefix that stands for several endpoints."""
    found = endpoints._by_prefix()[prefix]
    assert isinstance(found, tuple)
    return found


def listed():
    """Give each prefix of the table as often as it is listed."""
    yield from endpoints._NAMED_AS_PREFIX
    yield from endpoints._NAMED_OTHERWISE
    yield from endpoints.WITHOUT_ENDPOINT
    yield from endpoints._NOT_TOLD
    yield from endpoints._BY_ACTION


@cache
def operations(client):
    """Give the operations of an SDK client, each with what its host begins with."""
    model = Loader().load_service_model(client, "service-2")
    return {
        name: operation.get("endpoint", {}).get("hostPrefix", "") for name, operation in model["operations"].items()
    }


def name_of(action):
    """Give the name of the service that an action calls."""
    service = service_of(action)
    return None if service is None else service.name


@pytest.fixture(scope="module")
def cdk_endpoints():
    """Give the service names of the endpoints that CDK knows, by type and name, with the Region left open."""
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region="us-east-1"))
    known = {}
    for endpoint_type, services_of_cdk in (
        (EndpointType.INTERFACE, ec2.InterfaceVpcEndpointAwsService),
        (EndpointType.GATEWAY, ec2.GatewayVpcEndpointAwsService),
    ):
        for constant in filter(str.isupper, dir(services_of_cdk)):
            service = getattr(services_of_cdk, constant)
            name = stack.resolve(service.name)
            # One of the two names the Region, the other refers to it.
            parts = [name] if isinstance(name, str) else name["Fn::Join"][1]
            full = "".join(part if isinstance(part, str) else "{region}" for part in parts)
            full = full.replace("us-east-1", "{region}")
            known[endpoint_type, getattr(service, "short_name", full.rpartition(".")[2])] = full
    return known


@pytest.fixture(scope="module")
def iam_actions():
    """Give the actions of IAM by prefix, in small letters, as cfn-lint carries them."""
    policies = files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json"
    return {prefix: set(entry["Actions"]) for prefix, entry in json.loads(policies.read_text("utf-8")).items()}


def test_endpoints_are_those_of_cdk(cdk_endpoints):
    """Every endpoint is one that CDK knows, by type, name and service name, save for a short list with sources."""
    unknown = {
        service
        for service in services()
        if service.endpoint_type and cdk_endpoints.get((service.endpoint_type, service.name)) != service.service_name
    }
    assert {service.name for service in unknown} == set(NOT_IN_CDK)


def test_services_without_endpoint_have_none_in_cdk(cdk_endpoints):
    """A service that the table says has no endpoint has none under its name."""
    without = {service.name for service in services() if service.endpoint_type is None}
    assert without
    assert not without & {name for _, name in cdk_endpoints}


def test_prefixes_are_listed_once():
    """No prefix stands in two of the lists, or twice in one."""
    assert [prefix for prefix, count in Counter(listed()).items() if count > 1] == []


@pytest.mark.parametrize("prefix", endpoints._BY_ACTION)
def test_patterns_are_listed_once(prefix):
    """No pattern of a prefix goes to two services."""
    counts = Counter((pattern.head, pattern.open) for pattern in patterns(prefix))
    assert [pattern for pattern, count in counts.items() if count > 1] == []


def test_prefixes_and_patterns_are_those_of_iam(iam_actions):
    """Each prefix is one of IAM's, and each pattern covers one of its actions or an operation of the SDK."""
    assert set(listed()) <= set(iam_actions)
    known = {prefix: set(actions) for prefix, actions in iam_actions.items()}
    for prefix, client, *_ in (*CLIENTS, *HOSTS):
        known[prefix] |= {operation.lower() for operation in operations(client)}
    idle = [
        f"{prefix}:{pattern.head}"
        for prefix in endpoints._BY_ACTION
        for pattern in patterns(prefix)
        if not any(map(pattern.covers, known[prefix]))
    ]
    assert idle == []


@pytest.mark.parametrize(("prefix", "client", "name"), CLIENTS)
def test_actions_go_where_the_sdk_sends_them(prefix, client, name):
    """An operation that one client alone has goes to the endpoint of its host."""
    siblings = [other for other_prefix, other, other_name in CLIENTS if other_prefix == prefix and other_name != name]
    own = set(operations(client)).difference(*map(operations, siblings))
    assert own
    assert {operation: name_of(f"{prefix}:{operation}") for operation in own} == dict.fromkeys(own, name)


@pytest.mark.parametrize(("prefix", "client", "names"), HOSTS)
def test_actions_go_to_the_host_of_their_operation(prefix, client, names):
    """An operation with a host of its own goes to the endpoint of that host."""
    hosts = operations(client)
    assert set(hosts.values()) == set(names)
    assert {operation: name_of(f"{prefix}:{operation}") for operation in hosts} == {
        operation: names[host] for operation, host in hosts.items()
    }


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("sqs:SendMessage", "sqs"),
        ("kinesis:PutRecord", "kinesis-streams"),
        ("firehose:PutRecordBatch", "kinesis-firehose"),
        ("cloudwatch:PutMetricData", "monitoring"),
        ("kms:Decrypt", "kms"),
        ("mobiletargeting:SendMessages", "pinpoint"),
        ("transcribe:StartStreamTranscription", "transcribestreaming"),
        ("transcribe:StartTranscriptionJob", "transcribe"),
        ("codeartifact:ReadFromRepository", "codeartifact.repositories"),
        ("lambda:InvokeFunction", "lambda"),
        ("iam:GetRole", "iam"),
        ("elasticfilesystem:DescribeMountTargets", "elasticfilesystem"),
        # What is reached in a VPC or on the internet, or is no call.
        ("iam:PassRole", None),
        ("rds-db:connect", None),
        ("kafka-cluster:WriteData", None),
        ("elasticache:Connect", None),
        ("memorydb:Connect", None),
        ("dsql:DbConnect", None),
        ("elasticfilesystem:ClientMount", None),
        ("es:ESHttpGet", None),
        ("aoss:APIAccessAll", None),
        # What no endpoint leads to, though one leads to others of the prefix.
        ("lambda:InvokeFunctionUrl", "lambda:InvokeFunctionUrl"),
        ("lambda:InvokeFunctionU*", "lambda:InvokeFunctionUrl"),
        ("lambda:InvokeFunction*", "lambda"),
        ("lambda:Invoke*", "lambda"),
        ("lambda:I*", "lambda"),
        ("lambda:*", "lambda"),
        ("execute-api:ManageConnections", "execute-api:ManageConnections"),
        ("execute-api:Manage*", "execute-api:ManageConnections"),
        ("execute-api:Invoke", "execute-api"),
        ("execute-api:*", "execute-api"),
        # Patterns.
        ("dynamodb:*", "dynamodb"),
        ("dynamodb:Get*", "dynamodb"),
        ("dynamodb:GetShard*", "dynamodb-streams"),
        ("bedrock:*", "bedrock-runtime"),
        ("bedrock:Invoke*", "bedrock-runtime"),
        ("dynamodb:GetRecord?", "dynamodb-streams"),
        ("bedrock:InvokeA*", "bedrock-agent-runtime"),
        ("bedrock:List*", "bedrock"),
        ("appconfig:Get*", "appconfigdata"),
        ("sagemaker:Invoke*", "sagemaker.runtime"),
        ("sagemaker:*", "sagemaker.api"),
        ("states:StartSync*", "sync-states"),
        ("states:Start*", "states"),
        # No action, or none that is known.
        ("*", None),
        ("*:*", None),
        ("s*:GetObject", None),
        ("sqs", None),
        ("sqs:", None),
        (":SendMessage", None),
        ("", None),
        ("notaservice:Call", None),
        # The Kelvin sign, whose small letter is k.
        ("\u212ams:Decrypt", None),
    ],
)
def test_service_of(action, name):
    """Each action goes to one service, a pattern to the one that is called most."""
    assert name_of(action) == name


@pytest.mark.parametrize(
    ("action", "endpoint_type", "service_name"),
    [
        ("s3:GetObject", EndpointType.GATEWAY, "com.amazonaws.{region}.s3"),
        ("dynamodb:Query", EndpointType.GATEWAY, "com.amazonaws.{region}.dynamodb"),
        ("ecr:GetAuthorizationToken", EndpointType.INTERFACE, "com.amazonaws.{region}.ecr.api"),
        ("iam:GetRole", EndpointType.INTERFACE, "com.amazonaws.iam"),
        ("qbusiness:Chat", EndpointType.INTERFACE, "aws.api.{region}.qbusiness"),
        ("connect:StartChatContact", None, None),
        ("execute-api:Invoke", EndpointType.INTERFACE, "com.amazonaws.{region}.execute-api"),
        ("execute-api:ManageConnections", None, None),
        ("lambda:InvokeFunctionUrl", None, None),
    ],
)
def test_service_names(action, endpoint_type, service_name):
    """A service tells which kind of endpoint it has and the name to make one with."""
    service = service_of(action)
    assert service
    assert (service.endpoint_type, service.service_name) == (endpoint_type, service_name)


@pytest.mark.parametrize(
    ("region", "service"),
    [
        *((region, "sqs") for region in ("eu-west-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1")),
        *((region, "sqs") for region in ("us-isof-south-1", "eu-isoe-west-1", "eusc-de-east-1", "cn-north-1")),
        *((region, "ecr.api") for region in ("eusc-de-east-1", "us-isof-east-1", "eu-isoe-west-1", "us-iso-west-1")),
        ("cn-north-1", "transcribe"),
        ("cn-northwest-1", "workspaces"),
    ],
)
def test_endpoint_names_in_any_partition(region, service):
    """Whatever CDK writes before a name, and after it, is told from the name."""
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region=region))
    written = stack.resolve(ec2.InterfaceVpcEndpointAwsService(service).name)
    assert endpoint_name(written) == service


@pytest.mark.parametrize(
    "written",
    ["com.amazonaws.vpce.eu-west-1.vpce-svc-1", "com.amazonaws.vpce.eusc-de-east-1.vpce-svc-1", "com.example.sqs", ""],
)
def test_other_endpoint_services(written):
    """Are none of AWS's."""
    assert endpoint_name(written) is None


def test_one_region_alone_has_the_endpoint_of_iam():
    """IAM's endpoint is made where its control plane is, others in any Region."""
    assert {service.name: service.region for service in services() if service.region} == {"iam": "us-east-1"}


def test_endpoints_that_are_not_enough():
    """Are endpoints of the table, which are not added; where there is none, none can be."""
    kept = {service.name for service in services() if service.endpoint_type and not service.can_be_added}
    assert kept == set(endpoints.ENDPOINT_NOT_ENOUGH) == {"execute-api", "iot.data"}
    assert not any(service.can_be_added for service in services() if service.endpoint_type is None)
    assert set(endpoints.WITHOUT_PRIVATE_DNS) <= kept


ASCII = st.text(st.characters(max_codepoint=127))
KNOWN = st.builds(
    "{}:{}".format, st.sampled_from(sorted(endpoints._by_prefix())), ASCII | st.sampled_from(["*", "Get*"])
)


@given(st.text() | KNOWN)
def test_any_text_is_answered(text):
    """Nothing raises, whatever somebody wrote into a policy."""
    assert service_of(text) in {*services(), None}
    assert is_poller_action(text) in (True, False)
    assert is_forwarded_action(text) in (True, False)


@given(ASCII | KNOWN | st.sampled_from(sorted(POLLER_ACTIONS | FORWARDED_ACTIONS)))
def test_case_does_not_matter(text):
    """IAM takes ``SQS:sendmessage`` for ``sqs:SendMessage``."""
    for answer in (service_of, is_poller_action, is_forwarded_action):
        assert answer(text.upper()) == answer(text.lower()) == answer(text)


def queue(stack):
    return event_sources.SqsEventSource(sqs.Queue(stack, "Queue", encryption_master_key=kms.Key(stack, "Key")))


def stream(stack):
    return event_sources.KinesisEventSource(
        kinesis.Stream(stack, "Stream"), starting_position=lambda_.StartingPosition.LATEST
    )


def consumer(stack):
    source = kinesis.Stream(stack, "Stream")
    return event_sources.KinesisConsumerEventSource(
        kinesis.StreamConsumer(stack, "Consumer", stream=source, stream_consumer_name="orders"),
        starting_position=lambda_.StartingPosition.LATEST,
    )


def table(stack):
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    return event_sources.DynamoEventSource(
        dynamodb.TableV2(stack, "Table", partition_key=key, dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE),
        starting_position=lambda_.StartingPosition.LATEST,
    )


def cluster(stack):
    return event_sources.ManagedKafkaEventSource(
        cluster_arn="arn:aws:kafka:us-east-1:111122223333:cluster/orders/1",
        topic="orders",
        starting_position=lambda_.StartingPosition.LATEST,
    )


def granted(resources, stack):
    """Give the actions that the policies of a stack allow."""
    return {
        action
        for policy in resources(stack, "AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def function(stack):
    return lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )


@pytest.mark.parametrize("source", [queue, stream, consumer, table, cluster])
def test_what_cdk_grants_for_event_sources_is_the_pollers(stack, resources, source):
    """All that CDK's event sources give to a role is for Lambda's pollers, or for AWS KMS behind what they read."""
    function(stack).add_event_source(source(stack))
    actions = granted(resources, stack)
    assert any(map(is_poller_action, actions))
    assert {action for action in actions if not is_poller_action(action)} <= {"kms:Decrypt"}


@pytest.mark.parametrize(
    ("grant", "own"),
    [
        (lambda stack, key: s3.Bucket(stack, "Bucket", encryption_key=key).grant_read_write, "s3:PutObject"),
        (lambda stack, key: sns.Topic(stack, "Topic", master_key=key).grant_publish, "sns:Publish"),
        (
            lambda stack, key: sqs.Queue(stack, "Queue", encryption_master_key=key).grant_send_messages,
            "sqs:SendMessage",
        ),
    ],
)
def test_keys_behind_a_service_are_used_by_the_service(stack, resources, grant, own):
    """What a grant gives for the key of an encrypted resource is forwarded, and what it gives for the rest is not."""
    grant(stack, kms.Key(stack, "Key"))(function(stack))
    actions = granted(resources, stack)
    keys = {action for action in actions if name_of(action) == "kms"}
    assert keys
    assert all(map(is_forwarded_action, keys))
    assert own in actions
    assert not is_forwarded_action(own)
    assert not is_poller_action(own)


@pytest.mark.parametrize(
    ("action", "forwarded"),
    [
        ("kms:Decrypt", True),
        ("kms:ReEncryptFrom", True),
        ("kms:GenerateDataKey*", True),
        ("kms:GenerateDataKeyPair", True),
        # What only code calls, or covers it.
        ("kms:Sign", False),
        ("kms:*", False),
        ("kms:Generate*", False),
        ("kms:Decrypt*", False),
        ("\u212ams:Decrypt", False),
        ("*", False),
    ],
)
def test_forwarded_actions(action, forwarded):
    """Only what is among them wholly is forwarded."""
    assert is_forwarded_action(action) is forwarded


def exists(action, iam_actions):
    """Tell whether an action is one of IAM's, a pattern whether it covers one."""
    prefix, _, name = action.lower().partition(":")
    if name.endswith("*"):
        return any(known.startswith(name[:-1]) for known in iam_actions[prefix])
    return name in iam_actions[prefix]


@pytest.mark.parametrize("action", sorted(POLLER_ACTIONS | FORWARDED_ACTIONS))
def test_listed_actions_are_those_of_iam(iam_actions, action):
    """No action is misspelt."""
    assert exists(action, iam_actions)


@pytest.mark.parametrize("policy", MANAGED_POLICIES)
def test_managed_policies_name_what_code_calls(iam_actions, policy):
    """Each action is one of IAM's, calls a service of the table, and is not the pollers'."""
    for action in MANAGED_POLICIES[policy]:
        assert exists(action, iam_actions), action
        assert service_of(action) is not None, action
        assert not is_poller_action(action), action


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        ("service-role/AWSLambdaBasicExecutionRole", {"logs"}),
        ("service-role/AWSLambdaVPCAccessExecutionRole", {"logs"}),
        ("service-role/AWSLambdaSQSQueueExecutionRole", {"logs"}),
        ("service-role/AWSLambdaMSKExecutionRole", {"logs"}),
        ("service-role/AWSLambdaENIManagementAccess", set()),
        ("AWSXRayDaemonWriteAccess", {"xray"}),
        ("AmazonDynamoDBFullAccess", {"dynamodb"}),
        ("AmazonBedrockFullAccess", {"bedrock-runtime"}),
        ("AWSLambdaExecute", {"logs", "s3"}),
    ],
)
def test_services_of_managed_policies(policy, names):
    """A policy stands for the services that code calls with it."""
    assert {name_of(action) for action in MANAGED_POLICIES[policy]} == names
