"""What is published of the functions of a template, and who calls them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..rules.facts import LATEST, UNKNOWN, Unknown
from .api_calls import INPUT, INVOKE, SCHEDULE, TARGET, action_of_lambda, parameters
from .intrinsics import Template, is_intrinsic
from .state_machines import called_in

FUNCTION = "AWS::Lambda::Function"
VERSION = "AWS::Lambda::Version"
ALIAS = "AWS::Lambda::Alias"
CAPACITY_PROVIDER = "AWS::Lambda::CapacityProvider"
EVENT_SOURCE_MAPPING = "AWS::Lambda::EventSourceMapping"
EVENT_INVOKE_CONFIG = "AWS::Lambda::EventInvokeConfig"
PERMISSION = "AWS::Lambda::Permission"
URL = "AWS::Lambda::Url"
MAINTENANCE_WINDOW_TASK = "AWS::SSM::MaintenanceWindowTask"
SCALABLE_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"

#: Attributes of a resource that are not among its properties.
OF_RESOURCE = ("DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")
#: What an alias says that has CodeDeploy shift its traffic.
SHIFT = "UpdatePolicy.CodeDeployLambdaAliasUpdate"

_LEX_LAMBDA = "BotAliasLocaleSettings[].BotAliasLocaleSetting.CodeHookSpecification.LambdaCodeHook.LambdaArn"
STATE_MACHINE = "AWS::StepFunctions::StateMachine"
#: What a state machine puts in the place of the variables in its definition, by name.
SUBSTITUTIONS = "DefinitionSubstitutions"
# What a function has that is on Managed Instances.
_ON_POOL = "CapacityProviderConfig"

#: Where resources name what they call. A function that stands here by itself is called where nothing may be published.
#: Of the types that have a function's ARN by CloudFormation's schemas (read 2026-11-28), those are left out that run
#: its code elsewhere (CloudFront, Greengrass), that take no version (IoT TwinMaker) and whose service has ended (IoT
#: Analytics, IoT Events, Pinpoint).
CALLERS: Mapping[str, Sequence[str]] = {
    "AWS::ARCRegionSwitch::Plan": ("Workflows[].Steps[].ExecutionBlockConfiguration.CustomActionLambdaConfig.Lambdas",),
    "AWS::ApiGateway::Authorizer": ("AuthorizerUri",),
    "AWS::ApiGateway::Method": ("Integration.Uri",),
    "AWS::ApiGateway::RestApi": ("Body",),
    # Its target is that of a quick create: one integration, one route.
    "AWS::ApiGatewayV2::Api": ("Body", "Target"),
    "AWS::ApiGatewayV2::Authorizer": ("AuthorizerUri",),
    "AWS::ApiGatewayV2::Integration": ("IntegrationUri",),
    "AWS::AppConfig::ConfigurationProfile": ("Validators[].Content",),
    "AWS::AppConfig::Extension": ("Actions",),
    "AWS::AppFlow::Connector": ("ConnectorProvisioningConfig.Lambda.LambdaArn",),
    "AWS::AppSync::Api": ("EventConfig.AuthProviders[].LambdaAuthorizerConfig.AuthorizerUri",),
    "AWS::AppSync::DataSource": ("LambdaConfig.LambdaFunctionArn",),
    "AWS::AppSync::FunctionConfiguration": ("SyncConfig.LambdaConflictHandlerConfig.LambdaConflictHandlerArn",),
    "AWS::AppSync::GraphQLApi": (
        "LambdaAuthorizerConfig.AuthorizerUri",
        "AdditionalAuthenticationProviders[].LambdaAuthorizerConfig.AuthorizerUri",
    ),
    "AWS::AppSync::Resolver": ("SyncConfig.LambdaConflictHandlerConfig.LambdaConflictHandlerArn",),
    "AWS::Bedrock::Agent": (
        "ActionGroups",
        "CustomOrchestration.Executor.Lambda",
        "PromptOverrideConfiguration.OverrideLambda",
    ),
    "AWS::Bedrock::DataSource": (
        "VectorIngestionConfiguration.CustomTransformationConfiguration.Transformations[]"
        ".TransformationFunction.TransformationLambdaConfiguration.LambdaArn",
    ),
    "AWS::Bedrock::Flow": ("Definition.Nodes[].Configuration.LambdaFunction.LambdaArn",),
    "AWS::BedrockAgentCore::Evaluator": ("EvaluatorConfig.CodeBased.LambdaConfig.LambdaArn",),
    "AWS::BedrockAgentCore::Gateway": ("InterceptorConfigurations[].Interceptor.Lambda.Arn",),
    "AWS::BedrockAgentCore::GatewayTarget": ("TargetConfiguration.Mcp.Lambda.LambdaArn",),
    "AWS::BedrockAgentCore::Harness": ("Hooks",),
    "AWS::Chime::ChannelFlow": ("Processors[].Configuration.Lambda.ResourceArn",),
    "AWS::Chime::SipMediaApplication": ("Endpoints[].LambdaArn",),
    "AWS::CloudFormation::CustomResource": ("ServiceToken",),
    "AWS::CloudFormation::LambdaHook": ("LambdaFunction",),
    "AWS::CloudFormation::Macro": ("FunctionName",),
    "AWS::CloudWatch::Alarm": ("AlarmActions", "OKActions", "InsufficientDataActions"),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmActions", "OKActions", "InsufficientDataActions"),
    "AWS::CodeCommit::Repository": ("Triggers[].DestinationArn",),
    # An action that deploys to a function takes its name, and calls nothing:
    # https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-LambdaDeploy.html (read 2026-11-28).
    "AWS::CodePipeline::Pipeline": ("Stages[].Actions[ActionTypeId.Category=Invoke].Configuration.FunctionName",),
    "AWS::Cognito::UserPool": ("LambdaConfig",),
    "AWS::Cognito::UserPoolRegionalConfigurationAttachment": ("LambdaConfig",),
    "AWS::Config::ConfigRule": ("Source.SourceIdentifier",),
    "AWS::Config::OrganizationConfigRule": ("OrganizationCustomRuleMetadata.LambdaFunctionArn",),
    "AWS::Connect::IntegrationAssociation": ("IntegrationArn",),
    "AWS::EC2::ClientVpnEndpoint": ("ClientConnectOptions.LambdaFunctionArn",),
    "AWS::ECS::Service": ("DeploymentConfiguration.LifecycleHooks[].HookTargetArn",),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Targets[].Id",),
    "AWS::Events::Rule": ("Targets[].Arn",),
    "AWS::HealthLake::FHIRDatastore": ("IdentityProviderConfiguration.IdpLambdaArn",),
    "AWS::IVSChat::Room": ("MessageReviewHandler.Uri",),
    "AWS::IoT::Authorizer": ("AuthorizerFunctionArn",),
    "AWS::IoT::CertificateProvider": ("LambdaFunctionArn",),
    "AWS::IoT::DomainConfiguration": ("ServerCertificateConfig.OcspLambdaArn",),
    "AWS::IoT::ProvisioningTemplate": ("PreProvisioningHook.TargetArn",),
    "AWS::IoT::TopicRule": ("TopicRulePayload.Actions", "TopicRulePayload.ErrorAction"),
    "AWS::IoTManagedIntegrations::CloudConnector": ("EndpointConfig.Lambda.Arn",),
    "AWS::Kendra::DataSource": (
        "CustomDocumentEnrichmentConfiguration.PreExtractionHookConfiguration.LambdaArn",
        "CustomDocumentEnrichmentConfiguration.PostExtractionHookConfiguration.LambdaArn",
    ),
    "AWS::KinesisFirehose::DeliveryStream": tuple(
        f"{destination}DestinationConfiguration.ProcessingConfiguration"
        for destination in (
            *("AmazonOpenSearchServerless", "Amazonopensearchservice", "Elasticsearch", "ExtendedS3", "HttpEndpoint"),
            *("Iceberg", "Redshift", "Snowflake", "Splunk"),
        )
    ),
    EVENT_INVOKE_CONFIG: ("DestinationConfig",),
    EVENT_SOURCE_MAPPING: ("FunctionName",),
    # The functions of CDK's Provider of custom resources call what stands in these variables:
    # aws-cdk-lib/custom-resources/lib/provider-framework/runtime/framework.ts (2.275.0, read 2026-11-28).
    FUNCTION: (
        "Environment.Variables.USER_ON_EVENT_FUNCTION_ARN",
        "Environment.Variables.USER_IS_COMPLETE_FUNCTION_ARN",
    ),
    # CodeDeploy, before and after it shifts the traffic of the alias.
    ALIAS: (f"{SHIFT}.BeforeAllowTrafficHook", f"{SHIFT}.AfterAllowTrafficHook"),
    PERMISSION: ("FunctionName",),
    URL: ("TargetFunctionArn",),
    "AWS::Lex::Bot": (f"TestBotAliasSettings.{_LEX_LAMBDA}",),
    "AWS::Lex::BotAlias": (_LEX_LAMBDA,),
    "AWS::Logs::AccountPolicy": ("PolicyDocument",),
    "AWS::Logs::SubscriptionFilter": ("DestinationArn",),
    "AWS::Pipes::Pipe": ("Target", "Enrichment"),
    "AWS::QBusiness::DataSource": (
        "DocumentEnrichmentConfiguration.PreExtractionHookConfiguration.LambdaArn",
        "DocumentEnrichmentConfiguration.PostExtractionHookConfiguration.LambdaArn",
    ),
    "AWS::RefactorSpaces::Service": ("LambdaEndpoint.Arn",),
    "AWS::S3::Bucket": ("NotificationConfiguration.LambdaConfigurations[].Function",),
    "AWS::S3ObjectLambda::AccessPoint": ("ObjectLambdaConfiguration.TransformationConfigurations",),
    "AWS::SageMaker::Model": (
        "PrimaryContainer.ImageConfig.RepositoryAuthConfig.RepositoryCredentialsProviderArn",
        "Containers[].ImageConfig.RepositoryAuthConfig.RepositoryCredentialsProviderArn",
    ),
    "AWS::SES::MailManagerRuleSet": ("Rules[].Actions[].InvokeLambda.FunctionArn",),
    "AWS::SES::ReceiptRule": ("Rule.Actions",),
    MAINTENANCE_WINDOW_TASK: ("TaskArn",),
    SCHEDULE: (TARGET, INPUT),
    "AWS::SecretsManager::RotationSchedule": ("RotationLambdaARN",),
    "AWS::SecurityAgent::AgentSpace": ("AwsResources.LambdaFunctionArns",),
    "AWS::SNS::Subscription": ("Endpoint",),
    "AWS::SNS::Topic": ("Subscription[].Endpoint",),
    "AWS::Transfer::Server": ("IdentityProviderDetails.Function",),
    "AWS::Transfer::Workflow": ("Steps[].CustomStepDetails.Target", "OnExceptionSteps[].CustomStepDetails.Target"),
    "AWS::VpcLattice::TargetGroup": ("Targets[].Id",),
    # CDK's own, by which buckets notify.
    "Custom::S3BucketNotifications": (
        "NotificationConfiguration.LambdaFunctionConfigurations[].LambdaFunctionArn",
        "ServiceToken",
    ),
    STATE_MACHINE: (SUBSTITUTIONS, "DefinitionString", "Definition"),
}
# Where the qualifier of the function that is called stands beside it.
_QUALIFIERS = {
    URL: "Qualifier",
    MAINTENANCE_WINDOW_TASK: "TaskInvocationParameters.MaintenanceWindowLambdaParameters.Qualifier",
}
_CUSTOM = "Custom::"
# Between a list of objects and what is read of each; with a path and a value within, of those that have it.
_EACH = re.compile(r"\[(?:([\w.]+)=(\w+))?\]\.")
_ITEM = "item"
# What no version of a function is called by: $LATEST never serves on Managed Instances.
_LATEST = r":\$LATEST(?!\.PUBLISHED)"
# Behind a name in Template.text: no qualifier, and nothing that is not known and may be one. A group if it is $LATEST.
_NO_QUALIFIER = rf"(?!:(?!\$LATEST(?!\.PUBLISHED))[\w$-]|\$)(?=({_LATEST})?)"
# A function's name or ARN, with no qualifier behind it: of this template, or as it is named there.
_BY_REFERENCE = re.compile(r"\$\{(\w+)(?:\.Arn)?\}" + _NO_QUALIFIER)
_NAMED = r"((?:[\w-]|\$\{[\w:.]+\})+)"
_BY_NAME = re.compile(rf"(?:^(?:function:)?|:function:){_NAMED}(?=$|/|({_LATEST}))")
_NAME = re.compile(rf"(?:^(?:function:)?|:function:){_NAMED}(?::(?:[\w$.-]|\$\{{[\w:.]+\}})+)?$")
# What an ARN, or a part of one, has before that: Region and account, or the account alone.
_OF_PLACE = r"(\$\{[\w:.]+\}|[\w-]+)"
_PLACE = re.compile(rf"(?:(?:^|:lambda:){_OF_PLACE}:|^){_OF_PLACE}$")
_IN_ARN = ":function:"
# More than both can take: the name of a parameter has at most 255 characters.
_LONGEST_PLACE = 600
# What CDK writes for an account or a Region that it does not know.
_NOT_KNOWN_TO_CDK = "unknown-"
# A variable in the definition of a state machine, with nothing behind it that may be a qualifier.
_VARIABLE = re.compile(r"\$\{!([^{}]+)\}" + _NO_QUALIFIER)


def caller_paths(template: Template, id: str) -> Sequence[str]:
    """Give where a resource names what it calls: nowhere, or at paths, ``[]`` for each item of a list.

    They are paths of properties, but for those that begin with one of ``OF_RESOURCE``.
    """
    kind: str = template.resources[id]["Type"]
    if kind == SCHEDULE:
        return (INPUT,) if action_of_lambda(template, id) in INVOKE else (TARGET,)
    if kind == PERMISSION and not _is_to_invoke(template.property(id, "Action")):
        return ()
    of_any = CALLERS["AWS::CloudFormation::CustomResource"] if kind.startswith(_CUSTOM) else ()
    return CALLERS.get(kind, of_any)


def _is_to_invoke(action: Any) -> bool:
    """Tell whether what a permission is for has the function run, and nothing else done with it."""
    return not isinstance(action, str) or "*" in action or action.lower().startswith("lambda:invoke")


@dataclass(frozen=True)
class Publication:
    """The versions and aliases of a function, by logical id."""

    versions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    #: The versions that an alias serves.
    served: tuple[str, ...] = ()

    def scaled(self, function: str) -> tuple[str, ...]:
        """Give the resources whose scaling counts: all that is published by number, else the function."""
        return self.versions or (function,)


@dataclass(frozen=True)
class NamedElsewhere:
    """Functions of other templates of the same account and Region that have a name there."""

    #: What they are called here, by their names.
    functions: Mapping[str, str] = field(default_factory=dict)
    #: As in ``aws://123456789012/eu-west-1``, where it is known.
    environment: str | None = None

    def is_here(self, text: str, end: int) -> bool | Unknown:
        """Tell whether an ARN, or a part of one, is of this account and Region.

        Args:
            text: Where it stands.
            end: Where in the text the name of a function follows.
        """
        written = _PLACE.search(text, max(0, end - _LONGEST_PLACE), end)
        if written is None:
            return UNKNOWN
        account, _, region = (self.environment or "").removeprefix("aws://").partition("/")
        same = (_is_same(written[1], region, "${AWS::Region}"), _is_same(written[2], account, "${AWS::AccountId}"))
        return False if False in same else UNKNOWN if UNKNOWN in same else True


def _is_same(written: str | None, own: str, pseudo_parameter: str) -> bool | Unknown:
    """Tell whether an account or a Region is the template's own; so is one that is left out."""
    if written in (None, pseudo_parameter):
        return True
    is_known = own and not own.startswith(_NOT_KNOWN_TO_CDK) and not str(written).startswith("${")
    return written == own if is_known else UNKNOWN


class _Call(NamedTuple):
    """A call of a function by its name, with no version or alias behind it."""

    #: What the template calls it.
    function: str
    #: Whether ``$LATEST`` stands behind it.
    of_latest: bool


class Publications:
    """What is published of each function of a template, and who calls the function itself.

    Args:
        template: The template.
        elsewhere: Functions that other templates name.
    """

    def __init__(self, template: Template, elsewhere: NamedElsewhere = NamedElsewhere()) -> None:
        self._template = template
        self._elsewhere = elsewhere
        #: By condition: the template where that is met.
        self._where: dict[Any, Template] = {}
        self._by_name: dict[str, list[str]] = {}
        for id in template.of_type(FUNCTION):
            for name in self._spellings(template.raw(id, "Properties.FunctionName")):
                self._by_name.setdefault(name, []).append(id)
        #: The functions with a name of their own, which others may have in another account or Region.
        self._with_names = {*elsewhere.functions.values(), *(id for ids in self._by_name.values() for id in ids)}
        #: The functions that have versions or aliases which do not count for sure.
        self._published_elsewhere: set[str] = set()
        #: What versions and aliases name of which no function is found.
        self._unclear_names: list[Any] = []
        self._publications = self._find_publications()
        self._callers = self._find_unqualified_callers()
        self._configured_latest = self._find_saying(EVENT_INVOKE_CONFIG, "FunctionName", "Qualifier", LATEST)
        self._scalable = self._find_saying(
            SCALABLE_TARGET, "ResourceId", "ScalableDimension", "lambda:function:ProvisionedConcurrency"
        )

    def of(self, function: str) -> Publication:
        """Give what is published of a function."""
        return self._publications.get(function, Publication())

    def may_have_more(self, function: str) -> bool:
        """Tell whether there may be versions or aliases of a function that cannot be told to be its."""
        own = self._template.property(function, "FunctionName")
        return function in self._published_elsewhere or any(
            name is UNKNOWN or own is UNKNOWN for name in self._unclear_names
        )

    def of_name(self, name: str) -> Sequence[str]:
        """Give the functions of a name, ARN or part of one, as :meth:`Template.text` gives it; qualified or not."""
        found = None if name in self._by_name else _NAME.search(name)
        return self._by_name.get(found[1] if found else name, ())

    def called_by_themselves(self) -> Collection[str]:
        """Give what is called with no version of it."""
        return self._callers.keys()

    def unqualified_callers(self, function: str) -> tuple[str, ...]:
        """Give the resources that call the function itself, and no version of it."""
        return tuple(self._callers.get(function, ()))

    def callers_of_latest(self, function: str) -> tuple[str, ...]:
        """Give those of them that name ``$LATEST``."""
        return tuple(caller for caller, of_latest in self._callers.get(function, {}).items() if of_latest)

    def event_invoke_configs_of_latest(self, function: str) -> tuple[str, ...]:
        """Give the resources that configure asynchronous invocation of ``$LATEST``, and of no version of a function."""
        return tuple(self._configured_latest.get(function, ()))

    def scaled_provisioned_concurrency(self, function: str) -> tuple[str, ...]:
        """Give the resources with which Application Auto Scaling provisions concurrency for a function."""
        return tuple(self._scalable.get(function, ()))

    def called_by(self, id: str) -> Mapping[str, str]:
        """Give what a resource calls where it says so: each function, by the version or alias that is named, or itself.

        Args:
            id: The logical id of the caller.

        Returns:
            By logical id of what is named, the function's. Empty for what calls nothing.
        """
        found: dict[str, str] = {}
        for path in caller_paths(self._template, id):
            written = self._written(id, path)
            for target in self._template.targets(written):
                if self._template.resources[target]["Type"] in (VERSION, ALIAS):
                    found.update((target, function) for function in self._named(target, "FunctionName"))
            itself = (call.function for text in self._template.texts(written) for call in self._by_itself(text))
            found.update((named, named) for named in itself if named in self._template.of_type(FUNCTION))
        return found

    def behind(self, id: str, path: str) -> Iterator[str]:
        """Give the functions that a property names, by themselves or by a version or alias."""
        for target in self._template.refers_to(id, path):
            if self._template.resources[target]["Type"] in (VERSION, ALIAS):
                yield from self._named(target, "FunctionName")
        yield from self._named(id, path)

    def _named(self, id: str, path: str) -> Iterator[str]:
        """Give the functions that a property refers to, or has the name or ARN of."""
        written = self._template.raw(id, f"Properties.{path}")
        yield from self._template.targets(written, FUNCTION)
        yield from (function for name in self._spellings(written) for function in self.of_name(name))

    def _spellings(self, written: Any) -> Collection[str]:
        """Give a name as text, so that equal ones have one in common: also where nobody knows what they come to."""
        template = self._template
        if template.stands(written) is not True:
            return ()
        value = template.value(written)
        try:
            text = template.text(written) if template.is_decided(written) else json.dumps(written, default=str)
        except (ValueError, RecursionError):
            return ()
        return dict.fromkeys((value, text) if isinstance(value, str) else (text,))

    def _counts_for(self, id: str, function: str) -> bool:
        """Tell whether a resource meets a function as it is judged, and not only one that may be something else.

        Whatever depends on no condition does. Anything else must meet it for sure where its own condition holds: the
        function is there, and it is on Managed Instances, if that is not known without the condition.
        """
        template = self._template
        if template.is_certain(id) or function not in template.resources:
            return True
        condition = str(template.resources[id]["Condition"])
        if condition not in self._where:
            self._where[condition] = template.where(id)
        there = self._where[condition]
        if function not in there.resources:
            return False
        # What refers to a function is not there without it, or CloudFormation refuses the template.
        if not there.is_certain(function) and function not in template.targets(template.resources[id]):
            return False
        config = there.property(function, _ON_POOL)
        return config is not UNKNOWN and (config is not None or template.property(function, _ON_POOL) is None)

    def _find_publications(self) -> dict[str, Publication]:
        template = self._template
        found: dict[str, tuple[list[str], list[str]]] = {}
        for place, kind in enumerate((VERSION, ALIAS)):
            for id in template.of_type(kind):
                functions = dict.fromkeys(self._named(id, "FunctionName"))
                if not functions:
                    self._unclear_names.append(template.property(id, "FunctionName"))
                for function in functions:
                    if self._counts_for(id, function):
                        found.setdefault(function, ([], []))[place].append(id)
                    else:
                        self._published_elsewhere.add(function)
        pointed_at = {
            version
            for alias in template.of_type(ALIAS)
            # Two versions serve while traffic shifts from one to the other.
            for path in ("FunctionVersion", "RoutingConfig")
            for version in template.refers_to(alias, path)
        }
        return {
            function: Publication(tuple(versions), tuple(aliases), tuple(v for v in versions if v in pointed_at))
            for function, (versions, aliases) in found.items()
        }

    def _find_unqualified_callers(self) -> dict[str, dict[str, bool]]:
        """Find what names a function where it says what to call, with no version or alias behind the name.

        Returns:
            By function: each caller, and whether it names ``$LATEST``.
        """
        found: dict[str, dict[str, bool]] = {}
        for id in self._template.resources:
            for function, of_latest in self._called_themselves(id).items():
                if self._counts_for(id, function):
                    found.setdefault(function, {})[id] = of_latest
        return found

    def _called_themselves(self, id: str) -> Mapping[str, bool]:
        """Give what a resource calls with no version or alias, and whether it names ``$LATEST``."""
        found: dict[str, bool] = {}
        apart = self._qualifier_apart(id)
        for path in caller_paths(self._template, id) if apart in (None, LATEST) else ():
            for call in self._called_itself(id, path):
                found[call.function] = call.of_latest or apart == LATEST or found.get(call.function, False)
        return found

    def _find_saying(self, kind: str, about: str, said: str, value: str) -> dict[str, list[str]]:
        """Find the resources of a type that say this, by the function that they are about.

        Args:
            kind: The type.
            about: The property that names the function, or a version or alias of it.
            said: The property that must have the value.
            value: The value.
        """
        found: dict[str, list[str]] = {}
        for id in self._template.of_type(kind):
            if self._template.property(id, said) == value:
                for function in dict.fromkeys(self.behind(id, about)):
                    if self._counts_for(id, function):
                        found.setdefault(function, []).append(id)
        return found

    def _called_itself(self, id: str, path: str) -> Iterator[_Call]:
        # A substitution calls nothing until the definition says what stands behind it, which may be in Amazon S3.
        if path == SUBSTITUTIONS:
            return
        if self._template.resources[id]["Type"] == SCHEDULE and path == INPUT:
            handed = parameters(self._template, id) or {}
            apart = handed.get("Qualifier")
            for call in self._by_itself(str(handed.get("FunctionName", ""))) if apart in (None, LATEST) else ():
                yield _Call(call.function, call.of_latest or apart == LATEST)
            return
        if self._template.resources[id]["Type"] != STATE_MACHINE:
            for written in self._written(id, path):
                # A property that holds more than one value may hold words that are some function's name by chance.
                is_name = not isinstance(written, list) and (not isinstance(written, Mapping) or is_intrinsic(written))
                for text in self._template.texts(written):
                    yield from self._by_itself(text, is_name=is_name)
            return
        substitutions = self._template.raw(id, f"Properties.{SUBSTITUTIONS}")
        named = substitutions if isinstance(substitutions, Mapping) else {}
        for text in called_in(self._template, self._template.raw(id, f"Properties.{path}")):
            yield from self._by_itself(text)
            for name, latest in dict.fromkeys(_VARIABLE.findall(text)):
                for call in self._by_itself(self._decided_text(named.get(name, ""))):
                    yield _Call(call.function, call.of_latest or bool(latest))

    def _decided_text(self, written: Any) -> str:
        return self._template.text(written) if self._template.is_decided(written) else ""

    def _by_itself(self, text: str, *, is_name: bool = True) -> Iterator[_Call]:
        """Give what a text names with no version or alias behind the name: functions, and other resources as well.

        An ARN of another account or Region names something else.

        Args:
            text: The text.
            is_name: Whether it may be the name of a function, and not only an ARN.
        """
        for found in _BY_REFERENCE.finditer(text):
            if self._may_be_here(found):
                yield _Call(found[1], bool(found[2]))
        if not is_name and _IN_ARN not in text:
            return
        yield from (_Call(id, of_latest=False) for id in self._by_name.get(text, ()))
        for found in _BY_NAME.finditer(text):
            if not found[0].startswith(_IN_ARN) or self._elsewhere.is_here(text, found.start()) is True:
                elsewhere = filter(None, [self._elsewhere.functions.get(found[1])])
                yield from (_Call(id, bool(found[2])) for id in self._by_name.get(found[1], elsewhere))

    def _may_be_here(self, reference: re.Match[str]) -> bool:
        """Tell whether an ARN that is made of a reference may be of what is referred to.

        A name that CloudFormation makes up is in no other account or Region.
        """
        text, start = reference.string, reference.start()
        if not text.endswith(_IN_ARN, 0, start):
            return True
        is_here = self._elsewhere.is_here(text, start - len(_IN_ARN))
        return is_here is True or (is_here is UNKNOWN and reference[1] not in self._with_names)

    def _written(self, id: str, path: str) -> Sequence[Any]:
        """Give what stands at a path, of each item where that is of a list."""
        template = self._template
        first, *rest = _EACH.split(path)
        written = [template.raw(id, first if first.startswith(OF_RESOURCE) else f"Properties.{first}")]
        for key, value, within in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
            items = [{_ITEM: item} for each in written if isinstance(each, list) for item in each]
            chosen = (
                item for item in items if not key or template.value(template.within(item, f"{_ITEM}.{key}")) == value
            )
            written = [template.within(item, f"{_ITEM}.{within}") for item in chosen]
        return written

    def _qualifier_apart(self, id: str) -> Any:
        """Give the qualifier that stands beside the function, as in a URL; ``None`` where there is none."""
        beside = _QUALIFIERS.get(self._template.resources[id]["Type"])
        if beside is None or self._template.is_stated(id, f"Properties.{beside}") is False:
            return None
        value = self._template.property(id, beside)
        return UNKNOWN if value is None else value
