"""The stacks of an app, read when all is granted and before templates are written, in the form that these will have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import islice
from typing import Any, ClassVar, TypeAlias, TypeVar, cast

import jsii
from aws_cdk import (
    Aspects,
    CfnOutput,
    CfnResource,
    ConstructSelector,
    DefaultTokenResolver,
    IPostProcessor,
    IResolvable,
    IResolveContext,
    ITokenResolver,
    Mixins,
    Reference,
    RemovalPolicy,
    RemoveTag,
    Stack,
    Stage,
    StringConcat,
    Tag,
    Tokenization,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import IConstruct

from .rules.facts import UNKNOWN
from .signature import is_a, is_written_in_python, reference_to, spelled, written
from .template.connectivity import (
    ENDPOINT,
    INTERNET_GATEWAY,
    NESTED_STACK,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    SUBNET,
    VPC,
)
from .template.intrinsics import Template
from .template.permissions import ACCESS_ACTIONS, KEY, MANAGED_POLICY, POLICY, ROLE, ROLE_POLICY, Permissions
from .template.publication import (
    ALIAS,
    CAPACITY_PROVIDER,
    EVENT_INVOKE_CONFIG,
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    VERSION,
    Publications,
)

#: By resource: its type in a template, and the property there of each attribute that is read.
Reading: TypeAlias = Mapping[type[CfnResource], tuple[str, Mapping[str, str]]]
#: A resource, its type in a template, and the attributes that are read of it.
_Found: TypeAlias = tuple[CfnResource, str, Mapping[str, str]]
C = TypeVar("C", bound=IConstruct)
R = TypeVar("R", bound=CfnResource)

_OF_POLICY = {"roles": "Roles", "policy_document": "PolicyDocument"}
#: What is read of which resources: all that tells who may call what, but for what somebody asks for by name.
_READ: Reading = {
    iam.CfnPolicy: (POLICY, _OF_POLICY),
    iam.CfnManagedPolicy: (MANAGED_POLICY, _OF_POLICY),
    iam.CfnRolePolicy: (ROLE_POLICY, {"role_name": "RoleName", "policy_document": "PolicyDocument"}),
    kms.CfnKey: (KEY, {}),
    lambda_.CfnVersion: (VERSION, {"function_name": "FunctionName"}),
    lambda_.CfnAlias: (ALIAS, {"function_name": "FunctionName"}),
    lambda_.CfnEventSourceMapping: (
        EVENT_SOURCE_MAPPING,
        {
            "function_name": "FunctionName",
            "event_source_arn": "EventSourceArn",
            "destination_config": "DestinationConfig",
        },
    ),
    lambda_.CfnEventInvokeConfig: (
        EVENT_INVOKE_CONFIG,
        {"function_name": "FunctionName", "destination_config": "DestinationConfig"},
    ),
}
#: What else is read of event source mappings, where policies allow what these may be for.
_ACCESS = {
    "source_access_configurations": "SourceAccessConfigurations",
    "amazon_managed_kafka_event_source_config": "AmazonManagedKafkaEventSourceConfig",
    "self_managed_kafka_event_source_config": "SelfManagedKafkaEventSourceConfig",
}
#: What is read of roles, and of functions, where somebody asks for one.
_READ_WHERE_ASKED: Reading = {
    iam.CfnRole: (ROLE, {"policies": "Policies", "managed_policy_arns": "ManagedPolicyArns"}),
    lambda_.CfnFunction: (FUNCTION, {"dead_letter_config": "DeadLetterConfig"}),
}
#: What is read of operator roles and the keys that they are to use.
READ_OF_OPERATORS: Reading = {
    **_READ,
    iam.CfnRole: (
        ROLE,
        {
            **_READ_WHERE_ASKED[iam.CfnRole][1],
            "assume_role_policy_document": "AssumeRolePolicyDocument",
            "role_name": "RoleName",
        },
    ),
    kms.CfnKey: (KEY, {"key_policy": "KeyPolicy"}),
    lambda_.CfnCapacityProvider: (
        CAPACITY_PROVIDER,
        {"kms_key_arn": "KmsKeyArn", "permissions_config": "PermissionsConfig"},
    ),
}
#: What is read of the networks that functions may be in: all that tells what is reached from there.
READ_OF_NETWORKS: Reading = {
    ec2.CfnVPC: (VPC, {"cidr_block": "CidrBlock"}),
    ec2.CfnSubnet: (
        SUBNET,
        {"vpc_id": "VpcId", "cidr_block": "CidrBlock", "map_public_ip_on_launch": "MapPublicIpOnLaunch"},
    ),
    ec2.CfnInternetGateway: (INTERNET_GATEWAY, {}),
    ec2.CfnRouteTable: (ROUTE_TABLE, {"vpc_id": "VpcId"}),
    ec2.CfnSubnetRouteTableAssociation: (
        ROUTE_TABLE_ASSOCIATION,
        {"subnet_id": "SubnetId", "route_table_id": "RouteTableId"},
    ),
    ec2.CfnRoute: (
        ROUTE,
        {
            "route_table_id": "RouteTableId",
            "destination_cidr_block": "DestinationCidrBlock",
            "gateway_id": "GatewayId",
            "core_network_arn": "CoreNetworkArn",
            "local_gateway_id": "LocalGatewayId",
            "transit_gateway_id": "TransitGatewayId",
            "vpc_peering_connection_id": "VpcPeeringConnectionId",
        },
    ),
    ec2.CfnVPCEndpoint: (
        ENDPOINT,
        {
            "vpc_id": "VpcId",
            "service_name": "ServiceName",
            "vpc_endpoint_type": "VpcEndpointType",
            "private_dns_enabled": "PrivateDnsEnabled",
            "route_table_ids": "RouteTableIds",
        },
    ),
}
_POLICIES = (POLICY, MANAGED_POLICY, ROLE_POLICY)
# What of a stack has something for networks and functions elsewhere, or is a stack in it.
_TELLING = (*_POLICIES, ROLE, KEY, ENDPOINT, ROUTE, NESTED_STACK)
# The properties that policies are written in, and those that say where Lambda sends on what came of an invocation.
_DOCUMENTS = frozenset({"PolicyDocument", "Policies"})
_DESTINATIONS = frozenset({"DestinationConfig", "DeadLetterConfig"})
# Where policies name the roles that they are for.
_NAMING_ROLES = ("Roles", "RoleName")
# The properties that hold structures of CDK's; policy documents are spelled as IAM has them.
_STRUCTURES = ("Policies", "DestinationConfig", "DeadLetterConfig", "PermissionsConfig")
# How properties are called that say what a resource is encrypted with.
_NAMES_A_KEY = re.compile("kms|sse_|encrypt|^replicas$")
_CDK_NAG = "cdk_nag"
# Where CDK has its classes for the resources of AWS services.
_OF_SERVICES = "aws_cdk.aws_"
# All constructs but the bucket that each function's code is uploaded to, which says nothing and has jsii import all of
# aws-s3 and aws-events.
_BUT_CODE = "!**/Code/AssetBucket"


class Stacks:
    """The stacks of an app, as one network looks at them.

    Those that it asks something of are gone through anew, and all others once in each step of synthesis, unless aspects
    have changed them between: networks look one after the other, and each has to know what other stacks have for its
    functions.

    Args:
        construct: Something in one of them.
    """

    #: What was gone through in this step, by whatever network: stacks, and those of each stage.
    _seen: ClassVar[dict[str, StackContents]] = {}
    _of_stages: ClassVar[dict[str, Sequence[Stack]]] = {}
    #: Whether nothing but networks changes the stacks of a stage in this step.
    _are_settled: ClassVar[dict[str, bool]] = {}
    #: What tells of each stage, where aspects may change its stacks, whether they have.
    _telling: ClassVar[dict[str, set[str]]] = {}
    #: Whether aspects on a construct may change what is below it.
    _have_aspects: ClassVar[dict[str, bool]] = {}
    _is_after_aspects: ClassVar[bool] = False

    def __init__(self, construct: IConstruct) -> None:
        self._construct = construct
        self._known: dict[str, StackContents] = {}
        # What policies in each of those allow that somebody asked about.
        self._permissions: dict[str, Permissions] = {}
        # Stacks of functions and of their roles whose destinations and policies were told apart.
        self._told_apart: set[tuple[str, str]] = set()

    @classmethod
    def forget(cls, *, is_after_aspects: bool) -> None:
        """Have all stacks gone through anew, since the app may be another one by now.

        Args:
            is_after_aspects: Whether CDK is through with all aspects.
        """
        for each in (cls._seen, cls._of_stages, cls._are_settled, cls._telling, cls._have_aspects):
            each.clear()
        cls._is_after_aspects = is_after_aspects

    @classmethod
    def may_be_changed(cls, scopes: Iterable[IConstruct]) -> bool:
        """Tell whether aspects may change what is below constructs. Each is asked once in a step of synthesis."""
        for scope in scopes:
            reference = reference_to(scope)
            if reference not in cls._have_aspects:
                cls._have_aspects[reference] = may_be_changed([scope])
            if cls._have_aspects[reference]:
                return True
        return False

    def of(self, construct: IConstruct) -> StackContents:
        """Give the stack that a construct is in."""
        # Found among what was gone through already, a construct needs no call to Node.
        for known in self._known.values():
            if known.has(construct):
                return known
        stack = Stack.of(construct)
        reference = reference_to(stack)
        if reference not in self._known:
            self._known[reference] = self._seen[reference] = StackContents(stack)
        return self._known[reference]

    @property
    def all(self) -> Sequence[StackContents]:
        """All that can refer to each other, nested ones too."""
        found = [self._as_known(each) for each in self._in_stage]
        for each in found:
            # What is nested in these comes after them, and is gone through in turn.
            found.extend(map(self._as_known, each.nested))
        return found

    def permissions_of(self, home: StackContents) -> Permissions:
        """Give what the policies in a stack allow."""
        reference = reference_to(home.stack)
        if reference not in self._permissions:
            self.tell_apart(home, home)
            self._permissions[reference] = self.permissions_in(home.resources, home)
        return self._permissions[reference]

    def tell_apart(self, stack: StackContents, home: StackContents) -> None:
        """Give destinations of functions another name where policies have one name for these and for something else.

        Before CDK has prepared them, references to other stacks look like local ones.

        Args:
            stack: The stack of the functions.
            home: The stack of their roles.
        """
        pair = (reference_to(stack.stack), reference_to(home.stack))
        if pair in self._told_apart or len(self.all) == 1:
            return
        self._told_apart.add(pair)
        kinds = set(map(type, stack.destinations))
        others = (each for other in self.all if other is not stack for each in other.of_types(kinds))
        if not kinds or next(others, None) is None:
            return
        targets = {reference_to(each): each for each in (*stack.destinations, *home.granted) if type(each) in kinds}
        ids = Counter(stack.resolve([each.logical_id for each in targets.values() if is_a(each, CfnResource)]))
        stack.rename_destinations({id for id, times in ids.items() if times > 1})

    def permissions_in(self, resources: Mapping[str, Any], home: StackContents) -> Permissions:
        """Give what policies among resources allow.

        Args:
            resources: Those, as a template has them.
            home: The stack that they are in, or most of them.
        """
        elsewhere = self._keys_elsewhere(resources, home)

        def keys_encrypting() -> set[str]:
            names = [each.names_encrypting for each in self.all] if elsewhere else []
            return home.keys_encrypting().union(*(elsewhere.keys() & each for each in names))

        return _permissions_in({**resources, **elsewhere}, keys_encrypting)

    def _keys_elsewhere(self, resources: Mapping[str, Any], home: StackContents) -> Mapping[str, Any]:
        """Give the keys of other stacks that policies among resources name."""
        keys = {id: key for each in self.all if each is not home for id, key in each.keys.items()}
        unknown = keys.keys() - resources.keys()
        policies = [each["Properties"] for each in resources.values() if each["Type"] in (*_POLICIES, ROLE)]
        return {id: keys[id] for id in unknown.intersection(Template({}).references(policies) if unknown else ())}

    @property
    def are_prepared(self) -> bool:
        """Whether CDK has written references to other stacks by now."""
        return self._is_after_aspects

    @cached_property
    def _in_stage(self) -> Sequence[Stack]:
        own = self.of(self._construct).stack
        stage = Stage.of(own)
        if stage is None:
            return [own]
        reference = reference_to(stage)
        if reference not in self._of_stages:
            self._of_stages[reference] = list(_stacks_in(stage))
        elif not self._is_after_aspects:
            if reference not in self._are_settled:
                scopes = [*own.node.scopes[:-1], *self._of_stages[reference]]
                self._are_settled[reference] = not self.may_be_changed(scopes)
            if not self._are_settled[reference]:
                self._forget_changed(stage)
        return self._of_stages[reference]

    def _forget_changed(self, stage: Stage) -> None:
        """Have those stacks gone through anew that aspects have changed since another network looked at them.

        To read them all each time would cost the square of their number. What aspects add tells, and whatever they do
        to stacks that have something for others. Not told is whom else they give a policy that was there before: that
        is seen, and warned of, when CDK is through with all aspects.
        """
        now = {reference_to(each): each for each in _resources_in(stage, _TELLING)}
        before = self._telling.get(reference_to(stage))
        self._telling[reference_to(stage)] = set(now)
        # Its own stacks are this network's to read, when it has asked for all that counts.
        seen = {reference: each for reference, each in self._seen.items() if reference not in self._known}
        if before is None or before - now.keys():
            changed = set(seen)
        else:
            changed = {reference_to(Stack.of(now[reference])) for reference in now.keys() - before}
            changed.update(reference for reference, each in seen.items() if each.has_policies_for_others)
        for reference in changed & seen.keys():
            del self._seen[reference]

    def _as_known(self, stack: Stack) -> StackContents:
        reference = reference_to(stack)
        if reference in self._known:
            return self._known[reference]
        if reference not in self._seen:
            self._seen[reference] = StackContents(stack)
        return self._seen[reference]


class StackContents:
    """What of a stack tells who may call what, in the form that its template will have."""

    def __init__(self, stack: Stack, reading: Reading = _READ, constructs: Sequence[IConstruct] | None = None) -> None:
        self.stack = stack
        self._reading = reading
        #: The stacks that are nested in it.
        self.nested: list[Stack] = []
        self._constructs = list(self._go_through()) if constructs is None else constructs
        self._places = {reference_to(each): place for place, each in enumerate(self._constructs)}
        self._asked: dict[str, Collection[str]] = {}
        # Roles whose resources are asked for, by these.
        self._roles: dict[str, iam.Role] = {}

    def _go_through(self) -> Iterator[IConstruct]:
        """Give the constructs, parents first, but not those of stacks in it, whose names are their own."""
        constructs = iter(_below(self.stack))
        for construct in constructs:
            if isinstance(construct, (Stack, Stage)):
                below = _below(construct)
                if isinstance(construct, Stack):
                    self.nested.append(construct)
                # All that is in it follows.
                for _ in below:
                    next(constructs)
            else:
                yield construct

    def reading(self, reading: Reading) -> StackContents:
        """Give the same stack, read for something else."""
        return StackContents(self.stack, reading, self._constructs)

    def of_type(self, kind: type[C]) -> Iterator[C]:
        """Give the constructs of a type."""
        return (each for each in self._constructs if is_a(each, kind))

    def owners_of(self, kind: type[CfnResource]) -> Iterator[IConstruct | None]:
        """Give what stands before each resource of a type: the construct that it is the resource of."""
        for place, each in enumerate(self._constructs):
            if is_a(each, kind):
                yield self._constructs[place - 1] if place else None

    def has(self, construct: IConstruct) -> bool:
        """Tell whether a construct is known to be of this stack."""
        return reference_to(construct) in self._places

    def first(self, kind: type[C], *, after: IConstruct, before: IConstruct | None = None) -> C | None:
        """Give the first construct of a type from another one on, which its children follow."""
        if not self.has(after):
            return None
        end = None if before is None else self._places[reference_to(before)]
        following = islice(self._constructs, self._places[reference_to(after)], end)
        return next((each for each in following if is_a(each, kind)), None)

    def resource_of(self, role: iam.Role) -> iam.CfnRole | None:
        """Give the resource of a role; ``None`` for one that CDK was told to leave to somebody else to make.

        What follows in the stack may be another role's. A role's own comes first of all that is below it.
        """
        place = self._places.get(reference_to(role), len(self._constructs)) + 1
        following = self._constructs[place] if place < len(self._constructs) else None
        return following if following is not None and is_a(following, iam.CfnRole) else None

    def ask(self, resource: CfnResource, attributes: Collection[str], *, named_by: IConstruct | None = None) -> None:
        """Have a resource read that only counts where somebody asks for it, before anything is.

        Args:
            resource: The resource.
            attributes: What is to be read of it. What is known not to be there costs no call to Node.
            named_by: The construct that it is the resource of.
        """
        reference = reference_to(resource)
        self._asked[reference] = {*attributes, *self._asked.get(reference, ())}
        if isinstance(named_by, iam.Role):
            self._roles[reference] = named_by

    @property
    def resources(self) -> dict[str, Any]:
        """What was read, by logical id."""
        return self._read[0]

    def id_of(self, resource: CfnResource) -> str:
        """Give the logical id of a resource that was read."""
        return self._read[1][reference_to(resource)]

    @cached_property
    def _read(self) -> tuple[dict[str, Any], dict[str, str]]:
        found = list(self._found())
        roles = list(self._roles.values())
        properties = [
            {name: _readable(resource, attribute) for attribute, name in attributes.items()}
            for resource, _, attributes in found
        ]
        names, properties, arns = self.resolve([self._names(found), properties, _arns_of(roles)])
        ids = dict(zip((reference_to(each) for each, _, _ in found), names, strict=True))
        ids.update({role: _id_in(arn) for role, arn in zip(self._roles, arns, strict=True)})
        resources: dict[str, Any] = {
            ids[reference_to(resource)]: {
                "Type": kind,
                "Properties": {
                    name: spelled(value) if name in _STRUCTURES else value
                    for name, value in written.items()
                    if value is not None
                },
            }
            for (resource, kind, _), written in zip(found, properties, strict=True)
        }
        mappings = [resource for resource, kind, _ in found if kind == EVENT_SOURCE_MAPPING]
        if mappings and _allow_access(resources):
            for mapping, access in zip(mappings, self._access_of(mappings), strict=True):
                resources[ids[reference_to(mapping)]]["Properties"].update(access)
        return resources, ids

    def _access_of(self, mappings: Sequence[CfnResource]) -> list[dict[str, Any]]:
        """Give what event source mappings are given to read their sources with."""
        written = [{name: _readable(each, attribute) for attribute, name in _ACCESS.items()} for each in mappings]
        return [
            {name: spelled(value) for name, value in each.items() if value is not None}
            for each in self.resolve(written)
        ]

    def _found(self) -> Iterator[_Found]:
        """Give each resource that is read, its type in a template, and the attributes to read."""
        resources = [each for each in self._constructs if is_a(each, CfnResource)]
        mapped = any(
            is_a(each, lambda_.CfnEventSourceMapping) or is_a(each, lambda_.CfnEventInvokeConfig) for each in resources
        )
        for each in resources:
            if type(each) in self._reading:
                # Nothing is about a function by these but what is mapped to them.
                if mapped or type(each) not in (lambda_.CfnVersion, lambda_.CfnAlias):
                    yield each, *self._reading[type(each)]
            elif reference_to(each) in self._asked:
                kind, attributes = _READ_WHERE_ASKED[type(each)]
                asked = self._asked[reference_to(each)]
                yield each, kind, {name: attributes[name] for name in attributes if name in asked}

    def _names(self, found: Sequence[_Found]) -> list[str]:
        """Give the logical ids of resources, where something may refer to them: to ask for one is a call to Node."""
        kinds = {kind for _, kind, _ in found}
        unnamed = {POLICY, ROLE_POLICY}
        if not kinds & {EVENT_SOURCE_MAPPING, EVENT_INVOKE_CONFIG}:
            unnamed.add(FUNCTION)
        return [
            f"unnamed {place}" if kind in unnamed or reference_to(resource) in self._roles else resource.logical_id
            for place, (resource, kind, _) in enumerate(found)
        ]

    @cached_property
    def permissions(self) -> Permissions:
        """What policies in this stack allow, as far as this stack tells."""
        return _permissions_in(self.resources, self.keys_encrypting)

    @property
    def keys(self) -> Mapping[str, Any]:
        """The keys that this stack defines, by logical id."""
        return {id: each for id, each in self.resources.items() if each["Type"] == KEY}

    def keys_encrypting(self) -> set[str]:
        """Give the keys of the stack that its resources are encrypted with."""
        return self.keys.keys() & self.names_encrypting

    @cached_property
    def names_encrypting(self) -> set[str]:
        """What the resources of the stack are encrypted with; functions have theirs among what is read."""
        written = [
            _readable(each, attribute)
            for each in self._constructs
            if is_a(each, CfnResource)
            for attribute in _naming_a_key(type(each))
        ]
        return set(Template({}).references(self.resolve(written)))

    @cached_property
    def mappings_by_function(self) -> Mapping[str, Sequence[lambda_.CfnEventSourceMapping]]:
        """Give what has functions called by what has an ``Arn``, as queues do, and streams of tables do not."""
        mappings = [each for each in self._constructs if type(each) is lambda_.CfnEventSourceMapping]
        found: dict[str, list[lambda_.CfnEventSourceMapping]] = {}
        publications = Publications(Template({"Resources": self.resources if mappings else {}}))
        for mapping in mappings:
            id = self.id_of(mapping)
            source = self.resources[id]["Properties"].get("EventSourceArn")
            functions = set(publications.behind(id, "FunctionName"))
            if len(functions) == 1 and isinstance(source, dict) and source.get("Fn::GetAtt", ())[1:] == ["Arn"]:
                found.setdefault(functions.pop(), []).append(mapping)
        return found

    def resolve(self, value: Any) -> Any:
        """Give a value as the template of this stack writes it."""
        return self.stack.resolve(value)

    def hands_on(self, id: str) -> bool:
        """Tell whether a resource is given to others that may add to it: outputs, and what CDK has no own class for.

        Such as custom resources, and policies that are written as ``CfnResource``.
        """
        outputs = [each.value for each in self.of_type(CfnOutput)]
        others = [
            each._cfn_properties  # nothing public gives them
            for each in self.of_type(CfnResource)
            if not type(each).__module__.startswith(_OF_SERVICES)
        ]
        return id in Template({}).references(self.resolve([*outputs, *others]))

    def refers_to(self, id: str, other: StackContents) -> bool:
        """Tell whether a resource that was read refers to something in another stack, rather than in a third one."""
        resource, _, attributes = next(found for found in self._found() if self.id_of(found[0]) == id)
        values = (getattr(resource, attribute) for attribute in attributes)
        targets = (referred_to(value, CfnResource) for value in values if isinstance(value, str))
        return any(target is not None and other.has(target) for target in targets)

    @property
    def has_policies_for_others(self) -> bool:
        """Whether policies of this stack are for roles that it does not define, as far as CDK has not written these."""
        names = (each["Properties"].get(name, ()) for each in self.resources.values() for name in _NAMING_ROLES)
        return not all(map(self._are_defined_here, names))

    def of_types(self, kinds: Collection[type]) -> Iterator[IConstruct]:
        """Give the constructs of some types, and of none that extend these."""
        return (each for each in self._constructs if type(each) in kinds)

    @cached_property
    def destinations(self) -> Sequence[IConstruct]:
        """What Lambda sends on to what came of invocations, from the functions of this stack, in whatever stack."""
        return self._targets_of(_DESTINATIONS)

    @cached_property
    def granted(self) -> Sequence[IConstruct]:
        """What policies of this stack are about, in whatever stack."""
        return self._targets_of(_DOCUMENTS)

    def _targets_of(self, names: Collection[str]) -> Sequence[IConstruct]:
        values = [
            _readable(resource, attribute)
            for resource, _, attributes in self._found()
            for attribute, name in attributes.items()
            if name in names
        ]
        stated = [value for value in values if value is not None]
        return self._targets(stated) if stated else ()

    def rename_destinations(self, ids: Collection[str]) -> None:
        """Have what functions of this stack send on to called something else than what policies name."""
        for each in self.resources.values() if ids else ():
            for name in _DESTINATIONS & each["Properties"].keys():
                each["Properties"][name] = _renamed(each["Properties"][name], ids)

    def policies_for(self, role: iam.CfnRole, name: Any) -> Sequence[Mapping[str, Any]]:
        """Give the policies of this stack that are for a role of another one, when CDK has written references to it.

        Args:
            role: The role.
            name: What they are to name in its place.
        """
        return [
            {**policy, "Properties": {**policy["Properties"], names: [name]}}
            for roles, names, policy in self._for_other_stacks
            if reference_to(role) in roles
        ]

    @cached_property
    def _for_other_stacks(self) -> Sequence[tuple[set[str], str, Mapping[str, Any]]]:
        """The policies that name roles which this stack does not define: those, by what they are called in Node."""
        return [
            (set(map(reference_to, self._targets(_readable(resource, attribute)))), names, policy)
            for resource, kind, attributes in self._found()
            if kind in _POLICIES
            for policy in [self.resources[self.id_of(resource)]]
            for attribute, names in attributes.items()
            if names in _NAMING_ROLES and not self._are_defined_here(policy["Properties"].get(names, ()))
        ]

    def _are_defined_here(self, names: Any) -> bool:
        """Tell whether all names of roles are text, or references to roles of this stack."""
        written = names if isinstance(names, list) else [names]
        return all(not isinstance(name, dict) or name.get("Ref") in self.role_ids for name in written)

    def _targets(self, value: Any) -> Sequence[IConstruct]:
        """Give what a value refers to, in whatever stack: that takes calls to Node and back for each token."""
        resolver = _Noting()
        Tokenization.resolve(value, resolver=cast(ITokenResolver, resolver), scope=self.stack)
        return resolver.targets

    def id_in(self, arn: str) -> str:
        """Give the logical id that an ARN is an attribute of."""
        return _id_in(self.resolve(arn))

    def policies_naming(self, *names: Any) -> Sequence[Mapping[str, Any]]:
        """Give the policies of this stack that are for a role, by what they may call it."""
        return [
            each
            for each in self.resources.values()
            if each["Type"] in _POLICIES
            and any(
                name in names for name in (*each["Properties"].get("Roles", ()), each["Properties"].get("RoleName"))
            )
        ]

    @cached_property
    def role_ids(self) -> set[str]:
        """Give the logical ids of the roles that this stack defines itself."""
        by_constructs = [each for each in self.of_type(iam.Role) if self.resource_of(each) is not None]
        known = {reference_to(self._constructs[self._places[reference_to(each)] + 1]) for each in by_constructs}
        by_themselves = [each.logical_id for each in self.of_type(iam.CfnRole) if reference_to(each) not in known]
        ids, arns = self.resolve([by_themselves, _arns_of(by_constructs)])
        return {*ids, *map(_id_in, arns)}


class _Noting(DefaultTokenResolver):
    """Notes what references refer to, which are written alike whichever stack that is in."""

    def __init__(self) -> None:
        super().__init__(StringConcat())
        self.targets: list[IConstruct] = []

    def resolve_token(self, t: IResolvable, context: IResolveContext, post_processor: IPostProcessor) -> Any:
        """Note it. CDK calls this for each token."""
        if isinstance(t, Reference):
            self.targets.append(t.target)
        return super().resolve_token(t, context, post_processor)


def may_be_changed(scopes: Iterable[IConstruct]) -> bool:
    """Tell whether there are aspects on constructs that may change what is below these.

    But for tags, removal policies, and what cdk-nag before its version 3 looks with: nobody else says of an aspect that
    it only looks.
    """
    return any(
        not (
            isinstance(aspect, (Tag, RemoveTag))
            or type(aspect).__module__ == _CDK_NAG
            or _is_removal_policy(aspect, scope)
        )
        for scope in scopes
        for aspect in Aspects.of(scope).all
    )


def _is_removal_policy(aspect: object, scope: IConstruct) -> bool:
    """Tell whether an aspect is one of ``RemovalPolicies`` or ``MissingRemovalPolicies``.

    CDK does not export their class, so that what one holds tells: aws-cdk-lib/core/lib/removal-policies.js (2.275.0,
    read 2026-11-28).
    """
    if isinstance(type(aspect), jsii.JSIIMeta) or is_written_in_python(aspect):
        return False
    try:
        resolver = cast(ITokenResolver, DefaultTokenResolver(StringConcat()))
        held = Tokenization.resolve(aspect, resolver=resolver, scope=scope)
    except RuntimeError:
        # Most others are functions, which come to nothing.
        return False
    if not (isinstance(held, dict) and held.keys() == {"policy", "props"}):
        return False
    return str(held["policy"]).upper().replace("-", "_") in RemovalPolicy.__members__


def _below(construct: IConstruct) -> Sequence[IConstruct]:
    """Give what is in a construct, parents first, without what is of no interest."""
    return Mixins.of(construct, ConstructSelector.by_path(_BUT_CODE)).selected_constructs[1:]


def _resources_in(construct: IConstruct, kinds: Sequence[str]) -> Sequence[IConstruct]:
    """Give the resources of some types that are in a construct."""
    return Mixins.of(construct, ConstructSelector.resources_of_type(*kinds)).selected_constructs


def _stacks_in(construct: IConstruct) -> Iterator[Stack]:
    """Give the stacks of a stage, without going through what is in them."""
    for child in construct.node.children:
        if isinstance(child, Stack):
            yield child
        elif not isinstance(child, Stage):
            yield from _stacks_in(child)


def referred_to(arn: str, kind: type[R]) -> R | None:
    """Give the resource of a type that an ARN refers to, in whatever stack of the app: what is imported may be."""
    tokens = Tokenization.reverse_string(arn).tokens
    targets = [token.target for token in tokens if isinstance(token, Reference)]
    return next((target for target in targets if is_a(target, kind)), None)


def _allow_access(resources: Mapping[str, Any]) -> bool:
    """Tell whether policies allow what event source mappings may be for: to look at these costs calls to Node."""
    written = str([each["Properties"] for each in resources.values() if each["Type"] in (*_POLICIES, ROLE)]).lower()
    return any(action in written for action in ACCESS_ACTIONS)


def _readable(resource: CfnResource, attribute: str) -> Any:
    value = written(resource, attribute)
    return None if value is UNKNOWN else value


def _arns_of(roles: Sequence[iam.Role]) -> list[Any]:
    """Give the ARNs of roles, however many, for two calls to Node: a statement names its principals by them."""
    if not roles:
        return []
    arns = iam.PolicyStatement(principals=roles).to_statement_json()["Principal"]["AWS"]
    return arns if isinstance(arns, list) else [arns]


def _renamed(value: Any, ids: Collection[str]) -> Any:
    """Give a value with other names for some resources in it: such as no logical id is."""
    if isinstance(value, list):
        return [_renamed(item, ids) for item in value]
    if isinstance(value, dict):
        return {key: _renamed(item, ids) for key, item in value.items()}
    return f"{value} elsewhere" if value in ids else value


def _id_in(arn: Any) -> str:
    """Give the logical id that an ARN is an attribute of; for one that is imported, nothing that is one."""
    return str(arn["Fn::GetAtt"][0]) if isinstance(arn, dict) and "Fn::GetAtt" in arn else ""


@cache
def _naming_a_key(kind: type[CfnResource]) -> Sequence[str]:
    """Give which attributes of a resource may say what it is encrypted with; those of keys and policies do not."""
    if kind in _READ or kind is iam.CfnRole:
        return ()
    if kind is lambda_.CfnFunction:
        return ("kms_key_arn",)
    return [name for name in dir(kind) if _NAMES_A_KEY.search(name) and _is_property(kind, name)]


def _is_property(kind: type, name: str) -> bool:
    return not name.startswith(("_", "attr_")) and isinstance(getattr(kind, name), property)


def _permissions_in(resources: Mapping[str, Any], keys_encrypting: Callable[[], set[str]]) -> Permissions:
    """Give what policies among resources allow.

    Args:
        resources: Those, as a template has them.
        keys_encrypting: Gives the keys that resources are encrypted with, where that counts.
    """
    template = Template({"Resources": resources})
    return Permissions(template, Publications(template), keys_encrypting)
