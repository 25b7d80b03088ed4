"""Which AWS service an IAM action calls, and the VPC endpoint that the service is reached through.

The prefix of an action is not the name of an endpoint: ``kinesis:PutRecord`` goes to ``kinesis-streams``,
``cloudwatch:PutMetricData`` to ``monitoring``. And one prefix may stand for several endpoints:
``bedrock:InvokeModel`` goes to ``bedrock-runtime``, ``bedrock:Retrieve`` to ``bedrock-agent-runtime``.

Read 2026-11-24:

- the names of endpoints, as aws-cdk-lib 2.275.0 lists them in ``InterfaceVpcEndpointAwsService`` and
  ``GatewayVpcEndpointAwsService``, for what AWS documents in :data:`PRIVATELINK` and :data:`GATEWAY_ENDPOINTS`. The few
  that CDK lacks have their source beside them;
- prefixes and actions, as cfn-lint 1.58.0 carries them from :data:`SERVICE_AUTHORIZATION`;
- which host serves an action, in the service models of botocore 1.44.8;
- what managed policies allow, as moto 5.2.5 carries them from :data:`MANAGED_POLICY_REFERENCE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import NamedTuple

#: Every service with interface endpoints, and their names.
PRIVATELINK = "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"
#: The services with gateway endpoints.
GATEWAY_ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"
#: The prefixes and actions of IAM.
SERVICE_AUTHORIZATION = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)
#: What AWS managed policies allow.
MANAGED_POLICY_REFERENCE = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"
#: What Lambda reads event sources with: the function's role.
EVENT_SOURCE_PERMISSIONS = "https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html"
#: How a service calls another one with the permissions of its caller.
FORWARD_ACCESS_SESSIONS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html"


class EndpointType(str, Enum):
    """How a VPC endpoint is reached, as ``AWS::EC2::VPCEndpoint`` has it, in small letters."""

    #: Network interfaces in subnets, paid for by Availability Zone and hour.
    INTERFACE = "interface"
    #: A route in route tables, free of charge.
    GATEWAY = "gateway"


@dataclass(frozen=True)
class Service:
    """A service that functions call, or the part of one that has an endpoint of its own."""

    #: The last part of the endpoint's service name: ``kinesis-streams``, ``ecr.api``. Where there is no endpoint, the
    #: prefix of its actions, or the action itself.
    name: str
    #: The endpoint to choose. Amazon S3 and DynamoDB have interface endpoints under the same name as well. ``None``:
    #: no endpoint is known, and the way is a NAT gateway.
    endpoint_type: EndpointType | None
    #: What comes before the name.
    namespace: str = "com.amazonaws.{region}"
    #: The one Region of the ``aws`` partition where the endpoint can be made. ``None``: any that has the service.
    region: str | None = None

    @property
    def service_name(self) -> str | None:
        """The endpoint's service name with ``{region}`` left open: ``com.amazonaws.{region}.sqs``."""
        return None if self.endpoint_type is None else f"{self.namespace}.{self.name}"

    @property
    def can_be_added(self) -> bool:
        """Whether an endpoint is all that it takes to reach the service."""
        return self.endpoint_type is not None and self.name not in ENDPOINT_NOT_ENOUGH


def _interface(name: str, namespace: str = Service.namespace, region: str | None = None) -> Service:
    return Service(name, EndpointType.INTERFACE, namespace, region)


def _gateway(name: str) -> Service:
    return Service(name, EndpointType.GATEWAY)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# What comes before the name: one of the namespaces that CDK's InterfaceVpcEndpointAwsService knows, by partition, then
# a Region or a reference that stands for one, or none. After it, transcribe has the suffix of China.
_SERVICE_NAME = re.compile(
    r"(?:(?:cn\.)?(?:com\.amazonaws|aws\.api)|eu\.amazonaws|gov\.ic\.c2s|gov\.sgov\.sc2s|gov\.ic\.hci\.csp"
    r"|uk\.adc-e\.cloud)"
    r"\.(?:(?:\$\{[^}]*\}|\{region\}|[a-z]{2,}(?:-[a-z]+)+-\d+)\.)?(?!vpce\b)(.+?)(?:\.cn)?"
)
_DYNAMODB_STREAMS = "dynamodb-streams"

#: The port of endpoints that are called at another one than 443 as well: Cassandra's own.
#: https://docs.aws.amazon.com/keyspaces/latest/devguide/vpc-endpoints.html, read 2026-11-28
PORTS: Mapping[str, int] = dict.fromkeys(("cassandra", "cassandra-fips"), 9142)

#: Services whose endpoint has the name of their prefix, with one host for all their actions.
_NAMED_AS_PREFIX = _words("""
    access-analyzer account acm acm-pca app-integrations application-autoscaling application-signals applicationinsights
    appmesh apprunner aps athena auditmanager autoscaling autoscaling-plans b2bi backup backup-gateway batch
    bcm-pricing-calculator billing billingconductor braket cases ce cleanrooms cleanrooms-ml clouddirectory
    cloudformation cloudtrail codebuild codecommit codedeploy codeguru-profiler codeguru-reviewer codepipeline
    cognito-identity cognito-idp comprehend comprehendmedical compute-optimizer config connect-campaigns controlcatalog
    cost-optimization-hub databrew datasync datazone devops-guru discovery dms drs ds ds-data ebs ec2 ec2messages ecs
    eks eks-auth elasticbeanstalk elasticloadbalancing elasticmapreduce emr-containers emr-serverless entityresolution
    fis frauddetector fsx glue grafana greengrass groundstation guardduty identitystore imagebuilder inspector-scan
    inspector2 internetmonitor invoicing iotfleetwise kafka kafkaconnect kendra kms launchwizard license-manager
    license-manager-linux-subscriptions license-manager-user-subscriptions lookoutequipment m2 macie2
    managedblockchain-query mediaconnect mgn migrationhub-orchestrator migrationhub-strategy mq network-firewall
    networkflowmonitor networkmonitor observabilityadmin organizations outposts pca-connector-ad pca-connector-scep pcs
    pi pipes polly profile proton ram rbin rds rds-data redshift redshift-data redshift-serverless refactor-spaces
    rekognition repostspace resource-groups rolesanywhere s3-outposts s3tables s3vectors sagemaker-geospatial schemas
    scn secretsmanager securityhub securitylake serverlessrepo shield snow-device-management sns social-messaging sqs
    ssm ssm-contacts ssm-incidents ssm-quicksetup ssmmessages storagegateway sts swf synthetics tax textract
    timestream-influxdb transfer translate trustedadvisor verifiedpermissions voiceid vpc-lattice wafv2 wellarchitected
    wisdom workmail workspaces workspaces-web xray
""")

#: Services whose endpoint has another name than their prefix.
_NAMED_OTHERWISE: Mapping[str, Service] = {
    "bcm-data-exports": _interface("bcm-data-exports", "aws.api.{region}"),
    "cloudhsm": _interface("cloudhsmv2"),
    "cloudwatch": _interface("monitoring"),
    "codeconnections": _interface("codeconnections.api"),
    "codestar-connections": _interface("codestar-connections.api"),
    # Docker clients, which no function is, pull through ecr.dkr as well.
    "ecr": _interface("ecr.api"),
    "ecr-public": _interface("ecr-public.api"),
    "firehose": _interface("kinesis-firehose"),
    "freetier": _interface("freetier", "aws.api.{region}"),
    "kendra-ranking": _interface("kendra-ranking", "aws.api.{region}"),
    "kinesis": _interface("kinesis-streams"),
    "mobiletargeting": _interface("pinpoint"),
    "pricing": _interface("pricing.api"),
    "qbusiness": _interface("qbusiness", "aws.api.{region}"),
    "s3": _gateway("s3"),
    "s3express": _gateway("s3express"),
    "sms-voice": _interface("pinpoint-sms-voice-v2"),
    "tag": _interface("tagging"),
    # CDK lacks the next three. The first is in PRIVATELINK.
    "apigateway": _interface("apigateway"),
    # https://docs.aws.amazon.com/bedrock/latest/userguide/vpc-interface-endpoints.html
    "bedrock-mantle": _interface("bedrock-mantle"),
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/vpc-interface-endpoints.html
    "scheduler": _interface("scheduler"),
}

#: Services for which no endpoint is known: AWS says so of the first,
#: https://docs.aws.amazon.com/connect/latest/adminguide/vpc-interface-endpoints.html, and for the others neither
#: aws-cdk-lib nor their own guides named one.
WITHOUT_ENDPOINT = _words("""
    connect
    budgets chime cloudfront cognito-sync globalaccelerator health lightsail route53 route53domains support waf
""")

#: Actions that no endpoint serves, though others of their prefix have one. Connections to WebSocket APIs are managed at
#: the API's own host, and of APIs only those of REST are private:
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
#: Function URLs are reached through the internet only:
#: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html (both read 2026-11-27)
ACTIONS_WITHOUT_ENDPOINT = _words("execute-api:ManageConnections lambda:InvokeFunctionUrl")
_MANAGE_CONNECTIONS, _INVOKE_URL = (Service(action, None) for action in ACTIONS_WITHOUT_ENDPOINT)

#: Services that an endpoint alone does not reach, and what it needs or is good for. None is added unasked: through the
#: first, public APIs of the Region answer 403 that were reached before,
#: https://repost.aws/knowledge-center/api-gateway-vpc-connections (read 2026-11-27).
ENDPOINT_NOT_ENOUGH: Mapping[str, str] = {
    "execute-api": "for private REST APIs only",
    "iot.data": "with a private hosted zone",
}

#: Services whose endpoint has no private DNS, so that EC2 refuses one where it is turned on:
#: https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html (read 2026-11-27)
WITHOUT_PRIVATE_DNS: frozenset[str] = frozenset({"iot.data"})

#: Services whose endpoint can be made in one Region of the ``aws`` partition only:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam_vpc_endpoint_create.html
REGION_OF_ENDPOINT: Mapping[str, str] = {"iam": "us-east-1"}

#: Prefixes whose actions a function performs on something in a VPC, its own or another: a database, a broker, a domain.
#: How that is reached, no endpoint of an AWS service tells. Timestream's is named after a cell that AWS gives to the
#: account: https://docs.aws.amazon.com/timestream/latest/developerguide/VPCEndpoints.vpc-endpoint-create.html
_NOT_TOLD = _words("dax es kafka-cluster neptune-db rds-db timestream")

_Row = tuple[Service | None, str]

#: Prefixes that stand for several endpoints. The first of each is what functions call most. An action goes to the
#: longest pattern that covers it. ``None`` is an action that reaches no AWS service from the function's network, or
#: one whose endpoint is not known.
_BY_ACTION: Mapping[str, tuple[_Row, ...]] = {
    "airflow": (
        (_interface("airflow.env"), "CreateCliToken CreateWebLoginToken InvokeRestApi"),
        (_interface("airflow.ops"), "PublishMetrics"),
        (_interface("airflow.api"), "*"),
    ),
    "aoss": (
        # Collections are reached through endpoints that OpenSearch Serverless manages, AWS::OpenSearchServerless::
        # VpcEndpoint: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-vpc.html
        (None, "APIAccessAll DashboardsAccessAll"),
        # CDK lacks it: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-vpc-cp.html
        (_interface("aoss"), "*"),
    ),
    "appconfig": (
        (_interface("appconfigdata"), "GetLatestConfiguration StartConfigurationSession"),
        (_interface("appconfig"), "*"),
    ),
    # https://docs.aws.amazon.com/bedrock/latest/userguide/vpc-interface-endpoints.html
    "bedrock": (
        (
            _interface("bedrock-runtime"),
            "ApplyGuardrail Converse* CountTokens GetAsyncInvoke InvokeGuardrailChecks InvokeModel* ListAsyncInvokes "
            "StartAsyncInvoke",
        ),
        (
            _interface("bedrock-agent-runtime"),
            "AgenticRetrieveStream CheckIngestedDocumentAcl CreateInvocation CreateSession DeleteAgentMemory "
            "DeleteSession EndSession GenerateQuery GetAgentMemory GetDocumentContent GetExecutionFlowSnapshot "
            "GetFlowExecution GetIngestedDocumentAcl GetInvocationStep GetSession InvokeAgent InvokeFlow "
            "InvokeInlineAgent ListFlowExecution* ListInvocation* ListSessions OptimizePrompt PutInvocationStep Rerank "
            "Retrieve* StartFlowExecution StopFlowExecution UpdateSession",
        ),
        (
            _interface("bedrock-data-automation-runtime"),
            "GetDataAutomationStatus InvokeDataAutomation InvokeDataAutomationAsync",
        ),
        (
            _interface("bedrock-agent"),
            "AssociateAgent* CreateAgent* CreateDataSource CreateFlow* CreateKnowledgeBase CreatePrompt "
            "CreatePromptVersion CreateRetrievalInstruction* CreateVpcConfiguration DeleteAgent* DeleteDataSource "
            "DeleteFlow* DeleteKnowledgeBase* DeletePrompt DeleteRetrievalInstruction DeleteVpcConfiguration "
            "DisassociateAgent* GetAgent* GetDataSource GetFlow* GetIngestionJob GetKnowledgeBase* GetPrompt "
            "GetRetrievalInstruction GetVpcConfiguration IngestKnowledgeBaseDocuments ListAgent* ListDataSources "
            "ListFlow* ListIngestionJobs ListKnowledgeBase* ListPrompts ListRetrievalInstruction* "
            "ListVpcConfigurations PrepareAgent PrepareFlow StartIngestionJob StopIngestionJob UpdateAgent* "
            "UpdateDataSource UpdateFlow* UpdateKnowledgeBase UpdatePrompt UpdateRetrievalInstruction "
            "ValidateFlowDefinition",
        ),
        (
            _interface("bedrock-data-automation"),
            "CopyBlueprintStage CreateBlueprint* CreateDataAutomation* DeleteBlueprint DeleteDataAutomation* "
            "GetBlueprint* GetDataAutomation* InvokeBlueprintOptimizationAsync "
            "InvokeDataAutomationLibraryIngestionJob ListBlueprints ListDataAutomation* UpdateBlueprint "
            "UpdateDataAutomation*",
        ),
        (_interface("bedrock"), "Create* Delete* Get* List* Put* Update* *"),
    ),
    # The control plane has another host, of which no endpoint is known.
    "bedrock-agentcore": (
        (
            _interface("bedrock-agentcore"),
            "BatchCreateMemoryRecords BatchDeleteMemoryRecords BatchUpdateMemoryRecords CompleteResourceTokenAuth "
            "CreateABTest CreateEvent CreatePaymentInstrument CreatePaymentSession DeleteABTest DeleteBatchEvaluation "
            "DeleteCapacityProviderSession DeleteDatasetGeneration DeleteEvent DeleteMemoryRecord "
            "DeletePaymentInstrument DeletePaymentSession DeleteRecommendation Evaluate GetABTest GetAgentCard "
            "GetAgentInsight GetBatchEvaluation GetBrowserSession GetCodeInterpreterSession GetDatasetGeneration "
            "GetEvent GetMemoryRecord GetPaymentInstrument* GetPaymentSession GetRecommendation GetResourceApiKey "
            "GetResourceOauth2Token GetResourcePaymentToken GetWorkloadAccessToken* IngestData InvokeAgentRuntime* "
            "InvokeBrowser InvokeCodeInterpreter InvokeHarness InvokeWebSearch ListABTests ListActors "
            "ListAgentInsights ListBatchEvaluations ListBrowserSessions ListCodeInterpreterSessions "
            "ListDatasetGenerations ListEvents ListMemoryExtractionJobs ListMemoryRecords ListPaymentInstruments "
            "ListPaymentSessions ListRecommendations ListSessions ProcessPayment RetrieveMemoryRecords "
            "SaveBrowserSessionProfile SearchRegistryRecords StartBatchEvaluation StartBrowserSession "
            "StartCodeInterpreterSession StartDatasetGeneration StartMemoryExtractionJob StartRecommendation "
            "StopBatchEvaluation StopBrowserSession StopCodeInterpreterSession StopRuntimeSession UpdateABTest "
            "UpdateAgentInsight UpdateBrowserStream",
        ),
        (_interface("bedrock-agentcore.gateway"), "InvokeGateway"),
        (None, "*"),
    ),
    "cassandra": (
        (_interface("cassandra"), "*"),
        # The streams' endpoint is api.aws.{region}.cassandra-streams, which PRIVATELINK shows and CDK lacks.
        (None, "GetRecords GetShardIterator GetStream ListStreams"),
    ),
    "codeartifact": (
        (_interface("codeartifact.api"), "*"),
        (_interface("codeartifact.repositories"), "ReadFromRepository"),
    ),
    "dsql": (
        (_interface("dsql"), "*"),
        # Clusters have endpoints of their own:
        # https://docs.aws.amazon.com/aurora-dsql/latest/userguide/privatelink-managing-clusters.html
        (None, "DbConnect DbConnectAdmin"),
    ),
    "dynamodb": (
        (_gateway("dynamodb"), "Describe* Get* List* *"),
        (_interface(_DYNAMODB_STREAMS), "DescribeStream GetRecords GetShardIterator ListStreams"),
    ),
    "elasticache": ((_interface("elasticache"), "*"), (None, "Connect")),
    "elasticfilesystem": ((_interface("elasticfilesystem"), "*"), (None, "Client*")),
    # The second, which CDK lacks, is for the bus of AWS::EventsV2. PutEvents to it goes there as well, by the action
    # of the first.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-custom-bus-names.html
    "events": (
        (_interface("events"), "Create* Delete* Describe* List* Put* Update* *"),
        (
            _interface("eventsv2"),
            "CreateEventSource CreateSubscriber DeleteEventSource DeleteResourcePolicy DeleteSubscriber "
            "DescribeSubscriber GetResourcePolicy ListResourcePolicies ListSubscribers PutRawEvents PutResourcePolicy "
            "RevokeResource RotateWebhookCredentials UpdateEventSource UpdateSubscriber",
        ),
    ),
    "execute-api": ((_interface("execute-api"), "*"), (_MANAGE_CONNECTIONS, "ManageConnections")),
    # Keys, trackers and the like are managed on hosts of which it is not told whether the endpoints serve them.
    "geo": (
        (_interface("geo.places"), "GetPlace SearchPlaceIndex*"),
        (_interface("geo.maps"), "GetMapGlyphs GetMapSprites GetMapStyleDescriptor GetMapTile"),
        (_interface("geo.routes"), "CalculateRoute CalculateRouteMatrix"),
        (
            _interface("geo.geofencing"),
            "BatchDeleteGeofence BatchEvaluateGeofences BatchPutGeofence ForecastGeofenceEvents GetGeofence "
            "ListGeofences PutGeofence",
        ),
        (
            _interface("geo.tracking"),
            "BatchDeleteDevicePositionHistory BatchGetDevicePosition BatchUpdateDevicePosition GetDevicePosition* "
            "ListDevicePositions VerifyDevicePosition",
        ),
        (_interface("geo.metadata"), "CancelJob GetJob ListJobs StartJob"),
        (None, "*"),
    ),
    "iam": (
        (_interface("iam", "com.amazonaws", REGION_OF_ENDPOINT["iam"]), "*"),
        # A permission that other services ask for, and no call.
        (None, "PassRole"),
    ),
    # https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html. CDK lacks the second.
    "iot": (
        (
            _interface("iot.data"),
            "Connect DeleteConnection DeleteThingShadow GetConnection GetRetainedMessage GetThingShadow "
            "ListNamedShadowsForThing ListRetainedMessages ListSubscriptions Publish Receive RetainPublish "
            "SendDirectMessage Subscribe UpdateThingShadow",
        ),
        (_interface("iot.api"), "Create* Delete* Get* List* Update* *"),
    ),
    "iottwinmaker": (
        (_interface("iottwinmaker.data"), "BatchPutPropertyValues GetPropertyValue*"),
        (_interface("iottwinmaker.api"), "Create* Get* List* *"),
    ),
    "lambda": ((_interface("lambda"), "Invoke* InvokeFunction* *"), (_INVOKE_URL, "InvokeFunctionUrl")),
    "lex": (
        (
            _interface("runtime-v2-lex"),
            "DeleteSession GetSession PutSession RecognizeText RecognizeUtterance StartConversation",
        ),
        # Of Lex V1, of which no endpoint is known.
        (None, "PostContent PostText"),
        (_interface("models-v2-lex"), "Delete* Get* Put* Start* *"),
    ),
    # The two that stream have a host of their own.
    "logs": ((_interface("logs"), "*"), (None, "GetLogObject StartLiveTail")),
    "memorydb": ((_interface("memory-db"), "*"), (None, "Connect")),
    "payment-cryptography": (
        (
            _interface("payment-cryptography.dataplane"),
            "DecryptData EncryptData Generate* ReEncryptData Translate* Verify*",
        ),
        (_interface("payment-cryptography.controlplane"), "*"),
    ),
    "personalize": (
        (_interface("personalize-runtime"), "GetActionRecommendations GetPersonalizedRanking GetRecommendations"),
        (_interface("personalize-events"), "PutActionInteractions PutActions PutEvents PutItems PutUsers"),
        (_interface("personalize"), "Get* *"),
    ),
    "rum": ((_interface("rum"), "Put* *"), (_interface("rum-dataplane"), "PutRumEvents")),
    "sagemaker": (
        (_interface("sagemaker.api"), "Batch* Create* Delete* Get* List* Update* *"),
        (_interface("sagemaker.runtime"), "InvokeEndpoint*"),
        (
            _interface("sagemaker.featurestore-runtime"),
            "BatchGetRecord BatchWriteRecord DeleteRecord GetRecord ListRecords PutRecord UpdateRecord",
        ),
        (_interface("sagemaker.metrics"), "BatchGetMetrics BatchPutMetrics"),
    ),
    "servicediscovery": (
        (_interface("servicediscovery"), "*"),
        (_interface("data-servicediscovery"), "DiscoverInstances*"),
    ),
    # Mail through SMTP, which asks for the same actions, goes to email-smtp.
    "ses": (
        (_interface("email"), "Create* Delete* Get* List* Start* Stop* Update* *"),
        (
            _interface("mail-manager"),
            "CreateAddon* CreateAddressList* CreateArchive CreateIngressPoint CreateRelay CreateRuleSet "
            "CreateTrafficPolicy DeleteAddon* DeleteAddressList DeleteArchive DeleteIngressPoint DeleteRelay "
            "DeleteRuleSet DeleteTrafficPolicy DeregisterMember* GetAddon* GetAddressList* GetArchive* GetIngressPoint "
            "GetMember* GetRelay GetRuleSet GetTrafficPolicy ListAddon* ListAddressList* ListArchive* "
            "ListIngressPoints ListMembers* ListRelays ListRuleSets ListTrafficPolicies RegisterMember* "
            "StartAddressList* StartArchive* StopAddressList* StopArchive* UpdateArchive UpdateIngressPoint "
            "UpdateRelay UpdateRuleSet UpdateTrafficPolicy",
        ),
    ),
    "states": ((_interface("states"), "Start* *"), (_interface("sync-states"), "StartSyncExecution TestState")),
    "transcribe": (
        (_interface("transcribe"), "Get* Start* *"),
        (
            _interface("transcribestreaming"),
            "GetMedicalScribeStream StartCallAnalyticsStreamTranscription* StartMedicalScribeStream "
            "StartMedicalStreamTranscription* StartStreamTranscription*",
        ),
    ),
}


class _Pattern(NamedTuple):
    head: str
    open: bool
    service: Service | None

    def covers(self, head: str) -> bool:
        return head.startswith(self.head) if self.open else head == self.head


_Patterns = tuple[_Pattern, ...]


def _patterns(rows: Iterable[_Row]) -> _Patterns:
    return tuple(
        _Pattern(pattern.rstrip("*").lower(), pattern.endswith("*"), service)
        for service, patterns in rows
        for pattern in _words(patterns)
    )


@cache
def _by_prefix() -> Mapping[str, Service | _Patterns | None]:
    """Give, by prefix, the service of all its actions, or patterns of them. Taken apart when it is first asked for."""
    return {
        **{prefix: _interface(prefix) for prefix in _NAMED_AS_PREFIX},
        **_NAMED_OTHERWISE,
        **{prefix: Service(prefix, None) for prefix in WITHOUT_ENDPOINT},
        **dict.fromkeys(_NOT_TOLD),
        **{prefix: _patterns(rows) for prefix, rows in _BY_ACTION.items()},
    }


def endpoint_name(service_name: str) -> str | None:
    """Give ``logs`` of ``com.amazonaws.eu-west-1.logs``, whatever the Region; ``None`` for what is no AWS service's."""
    name = _SERVICE_NAME.fullmatch(service_name)
    return name[1] if name else None


# Functions that share a role share its actions: what was told of these is kept.
_ACTIONS_KEPT = 4096


@lru_cache(_ACTIONS_KEPT)
def service_of(action: str) -> Service | None:
    """Give the service that an IAM action calls.

    Args:
        action: As in the ``Action`` of a policy, in any case: ``sqs:SendMessage``. A pattern stands for the service
            that functions call most among those it covers: ``dynamodb:*`` is DynamoDB and not its streams.

    Returns:
        The service. ``None`` for ``*``, for what is no action, for a prefix that is not known here, and for an action
        that reaches no AWS service from the function's network, such as ``iam:PassRole`` and ``rds-db:connect``.
    """
    prefix, _, name = action.lower().partition(":") if action.isascii() else ("", "", "")
    found = _by_prefix().get(prefix) if name else None
    if not isinstance(found, tuple):
        return found
    head = name.replace("?", "*").partition("*")[0]
    return _called(found, head) if head == name else _called_most(found, head)


def is_known(action: str) -> bool:
    """Tell whether the prefix of an action, in any case, is known here, whether or not it has an endpoint."""
    return action.isascii() and action.lower().partition(":")[0] in _by_prefix()


def _called(patterns: _Patterns, name: str) -> Service | None:
    """Give the service of the longest pattern that covers an action."""
    covering = [pattern for pattern in patterns if pattern.covers(name)]
    return max(covering, key=lambda pattern: len(pattern.head)).service if covering else None


def _called_most(patterns: _Patterns, head: str) -> Service | None:
    """Give the service of a pattern that begins with ``head``: the first of those that it covers."""
    if not head:
        return patterns[0].service
    same = [pattern for pattern in patterns if pattern.open and pattern.head == head]
    within = [pattern for pattern in patterns if pattern.head.startswith(head)]
    return (same or within)[0].service if same or within else _called(patterns, head)


#: What Lambda's pollers do with the function's role, from outside of the function's network: it is not the function's
#: own code that calls. See :data:`EVENT_SOURCE_PERMISSIONS`.
POLLER_ACTIONS: frozenset[str] = frozenset(
    _words("""
    sqs:ChangeMessageVisibility* sqs:DeleteMessage* sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage
    kinesis:DescribeStream kinesis:DescribeStreamConsumer kinesis:DescribeStreamSummary kinesis:GetRecords
    kinesis:GetShardIterator kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard
    dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams
    kafka:DescribeCluster kafka:DescribeClusterV2 kafka:DescribeVpcConnection kafka:GetBootstrapBrokers
    kafka:ListScramSecrets
    kafka-cluster:AlterGroup kafka-cluster:Connect kafka-cluster:DescribeClusterDynamicConfiguration
    kafka-cluster:DescribeGroup kafka-cluster:DescribeTopic kafka-cluster:ReadData
    mq:DescribeBroker
    rds:DescribeDBClusterParameters rds:DescribeDBClusters rds:DescribeDBSubnetGroups
    ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs
    """)
)

#: What Lambda needs on the function's role to put standard functions into a VPC, and event sources too: templates carry
#: it along. See https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html (read 2026-11-24).
VPC_ACCESS_ACTIONS: frozenset[str] = frozenset(
    _words("""
    ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces
    ec2:UnassignPrivateIpAddresses
    """)
)

#: What services do with the permissions of their caller: Amazon S3, asked for an encrypted object, calls AWS KMS for
#: the function. That a role has these does not say that its function calls. See :data:`FORWARD_ACCESS_SESSIONS`.
FORWARDED_ACTIONS: frozenset[str] = frozenset(
    _words("kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey* kms:ReEncrypt*")
)


@lru_cache(_ACTIONS_KEPT)
def is_vpc_access_action(action: str) -> bool:
    """Tell whether an action, in any case, is one of :data:`VPC_ACCESS_ACTIONS`."""
    return _listed(action, _VPC_ACCESS)


@lru_cache(_ACTIONS_KEPT)
def is_poller_action(action: str) -> bool:
    """Tell whether an action, in any case, is one of :data:`POLLER_ACTIONS`."""
    return _listed(action, _POLLER)


def is_stream_action(action: str) -> bool:
    """Tell whether an action is one on the stream of a DynamoDB table, whatever it is granted on."""
    service = service_of(action)
    return service is not None and service.name == _DYNAMODB_STREAMS


@lru_cache(_ACTIONS_KEPT)
def is_forwarded_action(action: str) -> bool:
    """Tell whether an action, in any case, is one of :data:`FORWARDED_ACTIONS` or covered by one."""
    return _listed(action, _FORWARDED)


def _listed(action: str, patterns: _Patterns) -> bool:
    lowered = action.lower()
    return any(
        pattern.covers(lowered.rstrip("*") if pattern.open else lowered) for pattern in patterns if action.isascii()
    )


_VPC_ACCESS = _patterns([(None, " ".join(VPC_ACCESS_ACTIONS))])
_POLLER = _patterns([(None, " ".join(POLLER_ACTIONS))])
_FORWARDED = _patterns([(None, " ".join(FORWARDED_ACTIONS))])

_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_TRACES = (
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)

#: AWS managed policies that functions carry, by what comes after ``:policy/``, and what the function's own code does
#: with them: that which the policy is for. Left out is what pollers do, and what is in it for the console, as
#: ``cloudwatch:DescribeAlarms`` is in AmazonDynamoDBFullAccess. See :data:`MANAGED_POLICY_REFERENCE`.
MANAGED_POLICIES: Mapping[str, tuple[str, ...]] = {
    # Lambda's own.
    "service-role/AWSLambdaBasicExecutionRole": _LOGS,
    "service-role/AWSLambdaBasicDurableExecutionRolePolicy": (
        *_LOGS,
        "lambda:CheckpointDurableExecution",
        "lambda:GetDurableExecutionState",
    ),
    "service-role/AWSLambdaVPCAccessExecutionRole": _LOGS,
    "service-role/AWSLambdaENIManagementAccess": (),
    "service-role/AWSLambdaSQSQueueExecutionRole": _LOGS,
    "service-role/AWSLambdaKinesisExecutionRole": _LOGS,
    "service-role/AWSLambdaDynamoDBExecutionRole": _LOGS,
    "service-role/AWSLambdaMSKExecutionRole": _LOGS,
    "service-role/AWSLambdaRole": ("lambda:InvokeFunction",),
    "AWSLambdaInvocation-DynamoDB": ("lambda:InvokeFunction",),
    "AWSLambdaExecute": ("logs:*", "s3:GetObject", "s3:PutObject"),
    "AWSLambda_FullAccess": ("lambda:*",),
    "AWSLambda_ReadOnlyAccess": ("lambda:Get*", "lambda:List*"),
    # Logs, metrics and traces.
    "AWSXRayDaemonWriteAccess": _TRACES,
    "AWSXrayWriteOnlyAccess": _TRACES,
    "CloudWatchAgentServerPolicy": ("cloudwatch:PutMetricData", *_LOGS, *_TRACES),
    "CloudWatchFullAccess": ("cloudwatch:*", "logs:*"),
    "CloudWatchLambdaApplicationSignalsExecutionRolePolicy": (*_LOGS, "xray:PutTraceSegments"),
    "CloudWatchLambdaInsightsExecutionRolePolicy": _LOGS,
    "CloudWatchLogsFullAccess": ("logs:*",),
    # Data.
    "AmazonAthenaFullAccess": ("athena:*",),
    "AmazonDynamoDBFullAccess": ("dynamodb:*",),
    "AmazonDynamoDBFullAccess_v2": ("dynamodb:*",),
    "AmazonDynamoDBReadOnlyAccess": ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"),
    "AmazonRDSDataFullAccess": ("rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement"),
    "AmazonRedshiftDataFullAccess": ("redshift-data:ExecuteStatement", "redshift-data:GetStatementResult"),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonS3ReadOnlyAccess": ("s3:Get*", "s3:List*"),
    # Messages and events.
    "AmazonAPIGatewayInvokeFullAccess": ("execute-api:Invoke", "execute-api:ManageConnections"),
    "AmazonEventBridgeFullAccess": ("events:*",),
    "AmazonEventBridgeSchedulerFullAccess": ("scheduler:*",),
    "AmazonKinesisFirehoseFullAccess": ("firehose:*",),
    "AmazonKinesisFullAccess": ("kinesis:*",),
    "AmazonSESFullAccess": ("ses:*",),
    "AmazonSNSFullAccess": ("sns:*",),
    "AmazonSQSFullAccess": ("sqs:*",),
    "AWSStepFunctionsFullAccess": ("states:*",),
    "AWSIoTDataAccess": ("iot:Publish", "iot:GetThingShadow", "iot:UpdateThingShadow"),
    # Secrets and parameters.
    "AmazonSSMFullAccess": ("ssm:*",),
    "AmazonSSMReadOnlyAccess": ("ssm:Describe*", "ssm:Get*", "ssm:List*"),
    "AWSSecretsManagerClientReadOnlyAccess": ("secretsmanager:GetSecretValue",),
    "SecretsManagerReadWrite": ("secretsmanager:*",),
    # Models and language.
    "AmazonBedrockFullAccess": ("bedrock:*",),
    "AmazonPollyFullAccess": ("polly:*",),
    "AmazonRekognitionFullAccess": ("rekognition:*",),
    "AmazonTextractFullAccess": ("textract:*",),
    "AmazonTranscribeFullAccess": ("transcribe:*",),
    "AmazonPollyReadOnlyAccess": ("polly:SynthesizeSpeech",),
    "AmazonRekognitionReadOnlyAccess": ("rekognition:DetectLabels", "rekognition:DetectText"),
    "AmazonSageMakerFullAccess": ("sagemaker:*",),
    "ComprehendFullAccess": ("comprehend:*",),
    "ComprehendReadOnly": ("comprehend:DetectEntities", "comprehend:DetectSentiment"),
    "TranslateFullAccess": ("translate:*",),
    "TranslateReadOnly": ("translate:TranslateText",),
    # Others.
    "AmazonEC2ReadOnlyAccess": ("ec2:Describe*",),
    "AmazonECS_FullAccess": ("ecs:*",),
    "AWSGlueConsoleFullAccess": ("glue:*",),
    "AmazonCognitoPowerUser": ("cognito-idp:*",),
    "AmazonElasticFileSystemClientFullAccess": (),
    "AmazonElasticFileSystemClientReadWriteAccess": (),
}

#: Those of :data:`MANAGED_POLICIES` that allow what is listed there and nothing else but logs, so that what they allow
#: is known in full. Of the others there is what code calls most.
MANAGED_POLICIES_IN_FULL: frozenset[str] = frozenset(
    _words("""
    service-role/AWSLambdaBasicExecutionRole service-role/AWSLambdaBasicDurableExecutionRolePolicy
    service-role/AWSLambdaRole AWSLambdaExecute
    AWSXRayDaemonWriteAccess AWSXrayWriteOnlyAccess CloudWatchLambdaApplicationSignalsExecutionRolePolicy
    CloudWatchLambdaInsightsExecutionRolePolicy
    AmazonAPIGatewayInvokeFullAccess AmazonKinesisFirehoseFullAccess AmazonKinesisFullAccess AmazonPollyFullAccess
    AmazonRekognitionFullAccess AmazonSESFullAccess AmazonSQSFullAccess AmazonSSMReadOnlyAccess AmazonTextractFullAccess
    AWSStepFunctionsFullAccess
    """)
)

#: AWS managed policies that allow every action, the second all but those of IAM, AWS Organizations and AWS Account
#: Management. ReadOnlyAccess and job-function/ViewOnlyAccess are none: they are long lists of names.
MANAGED_POLICIES_OF_EVERYTHING: frozenset[str] = frozenset(_words("AdministratorAccess PowerUserAccess"))
