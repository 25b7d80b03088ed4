"""What is reached from the subnets of a VPC, as far as the app tells: the way out, and the endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from aws_cdk import aws_ec2 as ec2

from .endpoints import WITHOUT_PRIVATE_DNS, endpoint_name
from .rules.facts import Unknown
from .signature import is_token, reference_to
from .stacks import READ_OF_NETWORKS, StackContents, Stacks, referred_to
from .template.connectivity import ENDPOINT, ROUTE, ROUTE_TABLE_ASSOCIATION, Connectivity
from .template.intrinsics import Template
from .template.publication import CAPACITY_PROVIDER

# Instances that no capacity provider has yet: a name that no logical id has.
_INSTANCES = "instances"
# What other resources of a network do not refer to.
_UNNAMED = (ENDPOINT, ROUTE, ROUTE_TABLE_ASSOCIATION)


def reach_of(vpc: ec2.Vpc, subnets: Sequence[ec2.ISubnet], stacks: Stacks) -> tuple[bool | Unknown, set[str]]:
    """Tell whether subnets have a way out of their VPC, and give the services that it has endpoints for.

    Args:
        vpc: The VPC.
        subnets: Where the instances are.
        stacks: The stacks of the app, any of which may define routes and endpoints.
    """
    return _reach_in(stacks.of(vpc), vpc.vpc_id, subnets, stacks)


def endpoints_in(vpc: ec2.IVpc, stacks: Stacks) -> set[str]:
    """Give the services that an imported VPC has endpoints for, if the app defines it; of any other, none.

    Args:
        vpc: The VPC.
        stacks: The stacks of the app, any of which may define endpoints.
    """
    resource = referred_to(vpc.vpc_id, ec2.CfnVPC) if is_token(vpc.vpc_id) else None
    return set() if resource is None else _reach_in(stacks.of(resource), vpc.vpc_id, (), stacks)[1]


def _reach_in(
    home: StackContents, vpc_id: str, subnets: Sequence[ec2.ISubnet], stacks: Stacks
) -> tuple[bool | Unknown, set[str]]:
    """Tell it of a VPC by the stack that defines it."""
    at_home = home.reading(READ_OF_NETWORKS).resources
    resources = dict(at_home)
    others = [each.reading(READ_OF_NETWORKS) for each in stacks.all if each is not home]
    twins = at_home.keys() & {id for each in others for id in each.resources}
    for number, other in enumerate(others):
        about_home = _about(home, at_home, other, twins)
        # Nothing refers to endpoints, routes and associations, and in two stacks they may have one name.
        resources |= {f"{id} {number}" if each["Type"] in _UNNAMED else id: each for id, each in about_home}
    vpc_id, subnet_ids = home.resolve([vpc_id, [subnet.subnet_id for subnet in subnets]])
    resources = {id: each for id, each in resources.items() if each["Type"] != ENDPOINT or _leads_to_a_service(each)}
    resources[_INSTANCES] = {"Type": CAPACITY_PROVIDER, "Properties": {"VpcConfig": {"SubnetIds": subnet_ids}}}
    template = Template({"Resources": resources})
    connectivity = Connectivity(template)
    found = connectivity.endpoint_services(_INSTANCES)
    if isinstance(found, Unknown):
        # Subnets of another app: all endpoints in the VPC count.
        ours = template.targets(vpc_id)
        found = tuple(
            str(connectivity.service(id))
            for id in template.of_type(ENDPOINT)
            if not set(ours).isdisjoint(template.refers_to(id, "VpcId"))
        )
    return connectivity.routes_out(_INSTANCES), set(found)


def has_endpoints_but(is_known: Callable[[str], bool], stacks: Stacks) -> bool:
    """Tell whether the app defines endpoints, in whatever VPC, but for known ones. It takes no call to Node.

    Args:
        is_known: Tells of an endpoint whether it is, by what its construct is called in Node.
        stacks: The stacks of the app.
    """
    return any(
        owner is None or not is_known(reference_to(owner))
        for stack in stacks.all
        for owner in stack.owners_of(ec2.CfnVPCEndpoint)
    )


def _leads_to_a_service(endpoint: Mapping[str, Any]) -> bool:
    """Tell whether an endpoint is one of an AWS service's, and whether the service's own name leads to it."""
    properties = endpoint["Properties"]
    name = endpoint_name(Template({}).text(properties.get("ServiceName")))
    if name is None:
        return False
    return bool(
        name in WITHOUT_PRIVATE_DNS
        or properties.get("VpcEndpointType") != "Interface"
        or properties.get("PrivateDnsEnabled")
    )


def _about(
    home: StackContents, at_home: Mapping[str, Any], other: StackContents, twins: AbstractSet[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give the network resources of a stack but for those that are about other VPCs of the same logical id.

    Before CDK has prepared them, references to other stacks look like local ones.

    Args:
        home: The stack that has the VPC.
        at_home: What is read of it.
        other: The stack.
        twins: Logical ids in ``home`` that any other stack has too.
    """
    same = other.resources.keys() & at_home.keys()
    template = Template({"Resources": at_home})
    for id, each in other.resources.items():
        targets = template.targets(each["Properties"])
        if id in same or not same.isdisjoint(targets):
            continue
        # Where it may be another stack's, the reference is asked, which takes calls to Node.
        if twins.isdisjoint(targets) or other.refers_to(id, home):
            yield id, each
