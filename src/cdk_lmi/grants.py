"""What the functions of an app are granted, read when all grants are made and before templates are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from typing import Any

from aws_cdk import CfnResource, Stack, Stage
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import IConstruct

from .endpoints import endpoint_name
from .rules.facts import UNKNOWN, Unknown
from .signature import reference_to, written
from .template.connectivity import (
    ENDPOINT,
    ROUTE,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    SUBNET,
    VPC,
    Connectivity,
)
from .template.intrinsics import Template
from .template.permissions import KEY, MANAGED_POLICY, POLICY, ROLE, ROLE_POLICY, Calls, Permissions
from .template.publication import (
    ALIAS,
    EVENT_INVOKE_CONFIG,
    EVENT_SOURCE_MAPPING,
    FUNCTION,
    VERSION,
    Publications,
)
from .template.survey import CAPACITY_PROVIDER

#: By resource: its type in a template, and the property there of each attribute that is read.
_Reading = Mapping[type[CfnResource], tuple[str, Mapping[str, str]]]

_OF_POLICY = {"roles": "Roles", "policy_document": "PolicyDocument"}
#: What is read of which resources: all that tells who may call what.
_READ: _Reading = {
    iam.CfnRole: (ROLE, {"policies": "Policies", "managed_policy_arns": "ManagedPolicyArns"}),
    iam.CfnPolicy: (POLICY, _OF_POLICY),
    iam.CfnManagedPolicy: (MANAGED_POLICY, _OF_POLICY),
    iam.CfnRolePolicy: (ROLE_POLICY, {"role_name": "RoleName", "policy_document": "PolicyDocument"}),
    kms.CfnKey: (KEY, {}),
    lambda_.CfnFunction: (
        FUNCTION,
        {"dead_letter_config": "DeadLetterConfig"},
    ),
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
#: What is read of operator roles and the keys that they are to use.
_READ_OF_OPERATORS: _Reading = {
    **_READ,
    kms.CfnKey: (KEY, {"key_policy": "KeyPolicy"}),
    lambda_.CfnCapacityProvider: (
        CAPACITY_PROVIDER,
        {"kms_key_arn": "KmsKeyArn", "permissions_config": "PermissionsConfig"},
    ),
}
#: What is read of the networks that functions may be in: all that tells what is reached from there.
_READ_OF_NETWORKS: _Reading = {
    ec2.CfnVPC: (VPC, {"cidr_block": "CidrBlock"}),
    ec2.CfnSubnet: (SUBNET, {"vpc_id": "VpcId", "cidr_block": "CidrBlock"}),
    ec2.CfnRouteTable: (ROUTE_TABLE, {"vpc_id": "VpcId"}),
    ec2.CfnSubnetRouteTableAssociation: (
        ROUTE_TABLE_ASSOCIATION,
        {"subnet_id": "SubnetId", "route_table_id": "RouteTableId"},
    ),
    ec2.CfnRoute: (ROUTE, {"route_table_id": "RouteTableId", "destination_cidr_block": "DestinationCidrBlock"}),
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
# What says of a function what is not its own code's to call.
_ABOUT_FUNCTIONS = (VERSION, ALIAS, EVENT_SOURCE_MAPPING, EVENT_INVOKE_CONFIG)
_POLICIES = (POLICY, MANAGED_POLICY, ROLE_POLICY)
# How properties are called that say what a resource is encrypted with.
_NAMES_A_KEY = re.compile("kms|sse_|encrypt|^replicas$")
# A role of no template, and instances that no capacity provider has yet: names that no logical id has.
_IMPORTED_ROLE = "imported role"
_INSTANCES = "instances"


def calls_of(functions: Sequence[lambda_.Function]) -> list[tuple[Calls | Unknown, CfnResource | None]]:
    """Give what the code of each function may call, ``UNKNOWN`` where nothing tells, and the function's resource.

    Each stack that a function or its role is in is gone through once.
    """
    stacks: dict[str, _Stack] = {}

    def stack_of(construct: IConstruct) -> _Stack:
        # Found among what was gone through already, a construct needs no call to Node.
        for known in stacks.values():
            if known.has(construct):
                return known
        stack = Stack.of(construct)
        return stacks.setdefault(stack.node.path, _Stack(stack))

    found = [_Granted.of(function, stack_of) for function in functions]
    return [(UNKNOWN, None) if granted is None else (granted.calls(), granted.resource) for granted in found]


def missing_on_key(capacity_provider: lambda_.CapacityProvider) -> tuple[str, ...] | Unknown:
    """Give what the operator role lacks on the customer-managed key, as far as the stack tells."""
    stack = _Stack(Stack.of(capacity_provider), _READ_OF_OPERATORS)
    return stack.permissions.missing_on_key(stack.id_in(capacity_provider.capacity_provider_arn))


def reach_of(vpc: ec2.Vpc, subnets: Sequence[ec2.ISubnet], *, also_in: IConstruct) -> tuple[bool | Unknown, set[str]]:
    """Tell whether subnets have a way out of their VPC, and give the services that it has endpoints for.

    Args:
        vpc: The VPC.
        subnets: Where the instances are.
        also_in: A construct in a stack that may define endpoints too.
    """
    stacks = {stack.node.path: _Stack(stack, _READ_OF_NETWORKS) for stack in (Stack.of(also_in), Stack.of(vpc))}
    home = stacks[Stack.of(vpc).node.path]
    subnet_ids = home.resolve([subnet.subnet_id for subnet in subnets])
    resources = {id: resource for stack in stacks.values() for id, resource in stack.resources.items()}
    resources[_INSTANCES] = {"Type": CAPACITY_PROVIDER, "Properties": {"VpcConfig": {"SubnetIds": subnet_ids}}}
    connectivity = Connectivity(Template({"Resources": resources}))
    found = connectivity.endpoint_services(_INSTANCES)
    services = set() if isinstance(found, Unknown) else set(found)
    led_past = connectivity.endpoints_without_private_dns(_INSTANCES, services)
    names = (connectivity.service(endpoint) for endpoint in led_past)
    return connectivity.routes_out(_INSTANCES), services - set(map(str, names))


def endpoint_services_below(vpc: ec2.IVpc) -> set[str]:
    """Give the services of the endpoints that somebody defined in a VPC, as a child of it."""
    endpoints = [each for each in vpc.node.find_all() if isinstance(each, ec2.CfnVPCEndpoint)]
    if not endpoints:
        return set()
    template = Template({})
    names = Stack.of(vpc).resolve([_readable(endpoint, "service_name") for endpoint in endpoints])
    return {name for text in names if (name := endpoint_name(template.text(text))) is not None}


@dataclass(frozen=True)
class _Granted:
    """A function and its role, where they are and what they are called there."""

    stack: _Stack
    id: str
    resource: CfnResource | None
    home: _Stack
    role: iam.IRole
    #: Nothing for a role that no stack defines.
    role_id: str

    @classmethod
    def of(cls, function: lambda_.Function, stack_of: Callable[[IConstruct], _Stack]) -> _Granted | None:
        """Find them; ``None`` for a function without a role."""
        role = function.role
        if role is None:
            return None
        stack, home = stack_of(function), stack_of(role)
        id = stack.id_of(function, lambda_.CfnFunction) or stack.id_in(function.function_arn)
        role_id = home.id_of(role, iam.CfnRole) or home.id_in(role.role_arn)
        resource = stack.resource_of(function, lambda_.CfnFunction)
        granted = cls(stack, id, resource, home, role, role_id if role_id in home.resources else "")
        if granted.is_at_home:
            stack.resources[id]["Properties"]["Role"] = {"Ref": role_id}
        return granted

    @property
    def is_at_home(self) -> bool:
        return self.stack is self.home and bool(self.role_id)

    def calls(self) -> Calls | Unknown:
        """Give what the function may call, when the roles of all functions are found."""
        if self.is_at_home:
            return self.home.permissions.calls(self.id)
        # In another stack the same logical id may be another's. Of an imported role, what was granted here is known.
        stack, home = self.stack, self.home
        about = {key: each for key, each in stack.resources.items() if each["Type"] in _ABOUT_FUNCTIONS}
        role_id = self.role_id or _IMPORTED_ROLE
        if not self.role_id:
            name = home.resolve(self.role.role_name)
            policies = [*home.policies_of(name), *(stack.policies_of(name) if stack is not home else ())]
            about[_IMPORTED_ROLE] = {"Type": ROLE, "Properties": {"Policies": policies}}
        elif role_id not in stack.resources:
            # Attached from the function's stack.
            about.update({f"{key} here": each for key, each in stack.resources.items() if each["Type"] in _POLICIES})
        properties = {**stack.resources[self.id]["Properties"], "Role": {"Ref": role_id}}
        resources = {**home.resources, **about, self.id: {"Type": FUNCTION, "Properties": properties}}
        return _permissions(resources, home.keys_encrypting).calls(self.id)


class _Stack:
    """What of a stack tells who may call what, in the form that its template will have."""

    def __init__(self, stack: Stack, reading: _Reading = _READ) -> None:
        self._stack = stack
        self._constructs = list(_constructs_of(stack))
        self._places = {reference_to(each): place for place, each in enumerate(self._constructs)}
        resources = [each for each in self._constructs if isinstance(each, CfnResource)]
        found = [(each, *reading[type(each)]) for each in resources if type(each) in reading]
        # To ask for a name is a call too. Nobody refers to a policy, and to functions only what is read here.
        unnamed = {POLICY, ROLE_POLICY}
        if not any(kind in (EVENT_SOURCE_MAPPING, EVENT_INVOKE_CONFIG) for _, kind, _ in found):
            found = [each for each in found if each[1] not in (VERSION, ALIAS)]
            unnamed.add(FUNCTION)
        resolved = stack.resolve(
            [
                [
                    f"unnamed {place}" if kind in unnamed else each.logical_id,
                    {name: _readable(each, attribute) for attribute, name in attributes.items()},
                ]
                for place, (each, kind, attributes) in enumerate(found)
            ]
        )
        self.resources: dict[str, Any] = {
            id: {"Type": kind, "Properties": _spelled({name: v for name, v in properties.items() if v is not None})}
            for (_, kind, _), (id, properties) in zip(found, resolved, strict=True)
        }
        self._ids = {reference_to(each): id for (each, _, _), (id, _) in zip(found, resolved, strict=True)}

    def has(self, construct: IConstruct) -> bool:
        """Tell whether a construct is known to be of this stack."""
        return hasattr(construct, "__jsii_ref__") and reference_to(construct) in self._places

    def id_of(self, construct: IConstruct, kind: type[CfnResource]) -> str | None:
        """Give the logical id of the resource of a type that a construct is about."""
        resource = self.resource_of(construct, kind)
        return None if resource is None else self._ids.get(reference_to(resource))

    def resource_of(self, construct: IConstruct, kind: type[CfnResource]) -> CfnResource | None:
        """Give the first resource of a type in a construct, which its children follow."""
        if not self.has(construct):
            return None
        after = islice(self._constructs, self._places[reference_to(construct)], None)
        return next((each for each in after if isinstance(each, kind)), None)

    @cached_property
    def permissions(self) -> Permissions:
        return _permissions(self.resources, self.keys_encrypting)

    def keys_encrypting(self) -> set[str]:
        """Give the keys that resources of the stack are encrypted with; functions have theirs among what is read."""
        written = [
            _readable(each, attribute)
            for each in self._constructs
            if isinstance(each, CfnResource)
            for attribute in (("kms_key_arn",) if isinstance(each, lambda_.CfnFunction) else _naming_a_key(type(each)))
        ]
        return set(Template({"Resources": self.resources}).targets(self.resolve(written), KEY))

    def resolve(self, value: Any) -> Any:
        return self._stack.resolve(value)

    def id_in(self, arn: str) -> str:
        """Give the logical id that an ARN is an attribute of; for one that is imported, nothing that is one."""
        resolved = self.resolve(arn)
        return str(resolved["Fn::GetAtt"][0]) if isinstance(resolved, dict) and "Fn::GetAtt" in resolved else ""

    def policies_of(self, role_name: Any) -> Sequence[Mapping[str, Any]]:
        """Give the policies of this stack that are for a role which is named, since no stack defines it."""
        return [
            each["Properties"]
            for each in self.resources.values()
            if each["Type"] in (POLICY, MANAGED_POLICY) and role_name in each["Properties"].get("Roles", ())
        ]


def _constructs_of(stack: Stack) -> Iterator[IConstruct]:
    """Give the constructs of a stack, parents first, but not those of stacks in it, whose names are their own."""
    constructs = iter(stack.node.find_all()[1:])
    for construct in constructs:
        if isinstance(construct, (Stack, Stage)):
            # All that is in it follows.
            for _ in construct.node.find_all()[1:]:
                next(constructs)
        else:
            yield construct


def _readable(resource: CfnResource, attribute: str) -> Any:
    value = written(resource, attribute)
    return None if value is UNKNOWN else value


@cache
def _naming_a_key(kind: type[CfnResource]) -> Sequence[str]:
    """Give which attributes of a resource may say what it is encrypted with; those of keys and policies do not."""
    if kind in _READ:
        return ()
    return [name for name in dir(kind) if _NAMES_A_KEY.search(name) and _is_property(kind, name)]


def _is_property(kind: type, name: str) -> bool:
    return not name.startswith(("_", "attr_")) and isinstance(getattr(kind, name), property)


def _spelled(value: Any) -> Any:
    """Spell names as CloudFormation does, which begin with a capital: CDK's structures have their own spelling."""
    if isinstance(value, list):
        return [_spelled(item) for item in value]
    if isinstance(value, dict):
        return {f"{name[:1].upper()}{name[1:]}": _spelled(item) for name, item in value.items()}
    return value


def _permissions(resources: Mapping[str, Any], keys_encrypting: Callable[[], set[str]]) -> Permissions:
    template = Template({"Resources": resources})
    return Permissions(template, Publications(template), keys_encrypting)
