"""What is published of the functions of a template, and who calls them."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..rules.facts import LATEST
from .intrinsics import Template, is_intrinsic
from .state_machines import called_in

FUNCTION = "AWS::Lambda::Function"
VERSION = "AWS::Lambda::Version"
ALIAS = "AWS::Lambda::Alias"
EVENT_SOURCE_MAPPING = "AWS::Lambda::EventSourceMapping"
EVENT_INVOKE_CONFIG = "AWS::Lambda::EventInvokeConfig"
URL = "AWS::Lambda::Url"
SCALABLE_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"

#: Attributes of a resource that are not among its properties.
OF_RESOURCE = ("DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy")
#: What an alias says that has CodeDeploy shift its traffic.
SHIFT = "UpdatePolicy.CodeDeployLambdaAliasUpdate"

STATE_MACHINE = "AWS::StepFunctions::StateMachine"
#: What a state machine puts in the place of the variables in its definition, by name.
SUBSTITUTIONS = "DefinitionSubstitutions"

#: Where resources name what they call. A function that stands here by itself is called where nothing may be published.
CALLERS: Mapping[str, Sequence[str]] = {
    "AWS::ApiGateway::Authorizer": ("AuthorizerUri",),
    "AWS::ApiGateway::Method": ("Integration.Uri",),
    "AWS::ApiGateway::RestApi": ("Body",),
    "AWS::ApiGatewayV2::Api": ("Body",),
    "AWS::ApiGatewayV2::Authorizer": ("AuthorizerUri",),
    "AWS::ApiGatewayV2::Integration": ("IntegrationUri",),
    "AWS::AppSync::DataSource": ("LambdaConfig.LambdaFunctionArn",),
    "AWS::AppSync::GraphQLApi": (
        "LambdaAuthorizerConfig.AuthorizerUri",
        "AdditionalAuthenticationProviders[].LambdaAuthorizerConfig.AuthorizerUri",
    ),
    "AWS::Bedrock::Agent": ("ActionGroups",),
    "AWS::CloudFormation::CustomResource": ("ServiceToken",),
    "AWS::CloudFormation::Macro": ("FunctionName",),
    "AWS::CloudWatch::Alarm": ("AlarmActions", "OKActions", "InsufficientDataActions"),
    "AWS::CodePipeline::Pipeline": ("Stages[].Actions[].Configuration.FunctionName",),
    "AWS::Cognito::UserPool": ("LambdaConfig",),
    "AWS::Config::ConfigRule": ("Source.SourceIdentifier",),
    "AWS::Connect::IntegrationAssociation": ("IntegrationArn",),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Targets[].Id",),
    "AWS::Events::Rule": ("Targets[].Arn",),
    "AWS::IoT::ProvisioningTemplate": ("PreProvisioningHook.TargetArn",),
    "AWS::IoT::TopicRule": ("TopicRulePayload.Actions",),
    "AWS::KinesisFirehose::DeliveryStream": (
        "ExtendedS3DestinationConfiguration.ProcessingConfiguration",
        "HttpEndpointDestinationConfiguration.ProcessingConfiguration",
    ),
    EVENT_INVOKE_CONFIG: ("DestinationConfig",),
    EVENT_SOURCE_MAPPING: ("FunctionName",),
    # CodeDeploy, before and after it shifts the traffic of the alias.
    ALIAS: (f"{SHIFT}.BeforeAllowTrafficHook", f"{SHIFT}.AfterAllowTrafficHook"),
    "AWS::Lambda::Permission": ("FunctionName",),
    URL: ("TargetFunctionArn",),
    "AWS::Logs::SubscriptionFilter": ("DestinationArn",),
    "AWS::Pipes::Pipe": ("Target", "Enrichment"),
    "AWS::S3::Bucket": ("NotificationConfiguration.LambdaConfigurations[].Function",),
    "AWS::S3ObjectLambda::AccessPoint": ("ObjectLambdaConfiguration.TransformationConfigurations",),
    "AWS::SES::ReceiptRule": ("Rule.Actions",),
    "AWS::SSM::MaintenanceWindowTask": ("TaskArn",),
    "AWS::Scheduler::Schedule": ("Target.Arn",),
    "AWS::SecretsManager::RotationSchedule": ("RotationLambdaARN",),
    "AWS::SNS::Subscription": ("Endpoint",),
    "AWS::Transfer::Server": ("IdentityProviderDetails.Function",),
    "AWS::VpcLattice::TargetGroup": ("Targets[].Id",),
    # CDK's own, by which buckets notify.
    "Custom::S3BucketNotifications": (
        "NotificationConfiguration.LambdaFunctionConfigurations[].LambdaFunctionArn",
        "ServiceToken",
    ),
    STATE_MACHINE: (SUBSTITUTIONS, "DefinitionString", "Definition"),
}
_CUSTOM = "Custom::"
# Between a list of objects and what is read of each.
_EACH = "[]."
# What no version of a function is called by: $LATEST never serves on Managed Instances.
_LATEST = r":\$LATEST(?!\.PUBLISHED)"
# Behind a name in Template.text: no qualifier, and nothing that is not known and may be one.
_NO_QUALIFIER = r"(?!:(?!\$LATEST(?!\.PUBLISHED))[\w$-]|\$)"
# A function's name or ARN, with no qualifier behind it: of this template, or as it is named there.
_BY_REFERENCE = re.compile(r"\$\{(\w+)(?:\.Arn)?\}" + _NO_QUALIFIER)
_BY_NAME = re.compile(rf"(?:^|:function:)([\w-]+)(?=$|/|{_LATEST})")
_NAME = re.compile(r"(?:^(?:function:)?|:function:)([\w-]+)(?::[\w$-]+)?$")
_REGION_AND_ACCOUNT = re.compile(r":lambda:(\$\{AWS::Region\}|[\w-]+):(\$\{AWS::AccountId\}|\w+)$")
# A variable in the definition of a state machine, with nothing behind it that may be a qualifier.
_VARIABLE = re.compile(r"\$\{!([^{}]+)\}" + _NO_QUALIFIER)


def caller_paths(kind: str) -> Sequence[str]:
    """Give where a resource of this type names what it calls: nowhere, or at paths, ``[]`` for each item of a list.

    They are paths of properties, but for those that begin with one of ``OF_RESOURCE``.
    """
    of_any = CALLERS["AWS::CloudFormation::CustomResource"] if kind.startswith(_CUSTOM) else ()
    return CALLERS.get(kind, of_any)


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

    def called_in(self, text: str, *, but: Container[str]) -> Iterator[str]:
        """Give those that a text names by itself, but for an ARN of what may be another account or Region.

        Args:
            text: The text.
            but: The names of functions that are not elsewhere.
        """
        for found in _BY_NAME.finditer(text) if self.functions else ():
            is_known = found[1] in self.functions and found[1] not in but
            if is_known and (found.start() == found.start(1) or self._is_here(text[: found.start()])):
                yield self.functions[found[1]]

    def _is_here(self, before: str) -> bool:
        account, _, region = (self.environment or "").removeprefix("aws://").partition("/")
        written = _REGION_AND_ACCOUNT.search(before)
        return (
            written is not None
            and written[1] in (region, "${AWS::Region}")
            and (written[2] in (account, "${AWS::AccountId}"))
        )


class Publications:
    """What is published of each function of a template, and who calls the function itself.

    Args:
        template: The template.
        elsewhere: Functions that other templates name.
    """

    def __init__(self, template: Template, elsewhere: NamedElsewhere = NamedElsewhere()) -> None:
        self._template = template
        self._elsewhere = elsewhere
        self._by_name = {
            name: id
            for id in template.of_type(FUNCTION)
            if isinstance(name := template.property(id, "FunctionName"), str)
        }
        self._publications = self._find_publications()
        self._callers = self._find_unqualified_callers()
        self._configured_latest = self._find_saying(EVENT_INVOKE_CONFIG, "FunctionName", "Qualifier", LATEST)
        self._scalable = self._find_saying(
            SCALABLE_TARGET, "ResourceId", "ScalableDimension", "lambda:function:ProvisionedConcurrency"
        )

    def of(self, function: str) -> Publication:
        """Give what is published of a function."""
        return self._publications.get(function, Publication())

    def called_by_themselves(self) -> Collection[str]:
        """Give what is called with no version of it."""
        return self._callers.keys()

    def unqualified_callers(self, function: str) -> tuple[str, ...]:
        """Give the resources that call the function itself, and no version of it."""
        return tuple(self._callers.get(function, ()))

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
        for path in caller_paths(self._template.resources[id]["Type"]):
            written = self._written(id, path)
            for target in self._template.targets(written):
                if self._template.resources[target]["Type"] in (VERSION, ALIAS):
                    found.update((target, function) for function in self._named(target, "FunctionName"))
            itself = (named for text in self._template.texts(written) for named in self._by_itself(text))
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
        name = _NAME.search(self._template.text(written))
        if name and name[1] in self._by_name:
            yield self._by_name[name[1]]

    def _find_publications(self) -> dict[str, Publication]:
        template = self._template
        found: dict[str, tuple[list[str], list[str]]] = {}
        for place, kind in enumerate((VERSION, ALIAS)):
            for id in template.of_type(kind):
                for function in self._named(id, "FunctionName"):
                    found.setdefault(function, ([], []))[place].append(id)
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

    def _find_unqualified_callers(self) -> dict[str, list[str]]:
        """Find what names a function where it says what to call, with no version or alias behind the name."""
        found: dict[str, list[str]] = {}
        for id, resource in self._template.resources.items():
            paths = caller_paths(resource["Type"])
            called = {function: None for path in paths for function in self._called_itself(id, path)}
            for function in called if not self._is_qualified_apart(id) else ():
                found.setdefault(function, []).append(id)
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
                    found.setdefault(function, []).append(id)
        return found

    def _called_itself(self, id: str, path: str) -> Iterator[str]:
        # A substitution calls nothing until the definition says what stands behind it, which may be in Amazon S3.
        if path == SUBSTITUTIONS:
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
            for name in dict.fromkeys(_VARIABLE.findall(text)):
                yield from self._by_itself(self._decided_text(named.get(name, "")))

    def _decided_text(self, written: Any) -> str:
        return self._template.text(written) if self._template.is_decided(written) else ""

    def _by_itself(self, text: str, *, is_name: bool = True) -> Iterator[str]:
        """Give what a text names with no version or alias behind the name: functions, and other resources as well.

        Args:
            text: The text.
            is_name: Whether it may be the name of a function, and not only an ARN.
        """
        yield from _BY_REFERENCE.findall(text)
        if is_name or ":function:" in text:
            yield from (self._by_name[name] for name in _BY_NAME.findall(text) if name in self._by_name)
            yield from self._elsewhere.called_in(text, but=self._by_name)

    def _written(self, id: str, path: str) -> Sequence[Any]:
        """Give what stands at a path, of each item where that is of a list."""
        first, *rest = path.split(_EACH)
        written = [self._template.raw(id, first if first.startswith(OF_RESOURCE) else f"Properties.{first}")]
        for within in rest:
            items = [item for each in written if isinstance(each, list) for item in each]
            written = [self._template.within(item, within) for item in items]
        return written

    def _is_qualified_apart(self, id: str) -> bool:
        """Tell whether the qualifier stands beside the function, as in a URL."""
        is_url = self._template.resources[id]["Type"] == URL
        return is_url and self._template.raw(id, "Properties.Qualifier") is not None
