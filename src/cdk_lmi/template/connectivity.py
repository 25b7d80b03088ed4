"""What the instances of a capacity provider reach, as far as a template tells: routes, endpoints, security groups.

Whatever stands outside of the template, or depends on what is not known, comes to ``UNKNOWN`` or counts as a way
through: only what certainly leads nowhere is told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from ..endpoints import WITHOUT_PRIVATE_DNS, endpoint_name
from ..rules.facts import UNKNOWN, Unknown
from .intrinsics import Template

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
ROUTE_TABLE = "AWS::EC2::RouteTable"
ROUTE_TABLE_ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
ROUTE = "AWS::EC2::Route"
ENDPOINT = "AWS::EC2::VPCEndpoint"
INTERNET_GATEWAY = "AWS::EC2::InternetGateway"
VPN_GATEWAY = "AWS::EC2::VPNGateway"
SECURITY_GROUP = "AWS::EC2::SecurityGroup"
SECURITY_GROUP_INGRESS = "AWS::EC2::SecurityGroupIngress"
SECURITY_GROUP_EGRESS = "AWS::EC2::SecurityGroupEgress"
NESTED_STACK = "AWS::CloudFormation::Stack"
HOSTED_ZONE = "AWS::Route53::HostedZone"

_ON_VPC = "VpcConfig"
_HTTPS = 443
# Ref, GroupId and Id of a group are the same; the default one of a VPC is an attribute of it.
_GROUP = re.compile(r"\$\{(\w+)(\.DefaultSecurityGroup)?(?:\.GroupId|\.Id)?\}")
_CIDR_BLOCK = re.compile(r"\$\{\w+\.CidrBlock\}")
_INTERNET_GATEWAY = re.compile(r"\$\{(\w+)(?:\.InternetGatewayId)?\}|igw-.*")
_VPN_GATEWAY = re.compile(r"\$\{(\w+)(?:\.VPNGatewayId)?\}|vgw-.*")
#: Where routes lead to networks that may lead on to AWS, or not. Network interfaces and instances are taken for NAT.
_OTHER_NETWORKS = ("CoreNetworkArn", "LocalGatewayId", "TransitGatewayId", "VpcPeeringConnectionId")
_EVERY_PROTOCOL = "-1"
_TCP = ("tcp", "6", _EVERY_PROTOCOL)
#: Where a rule for what leaves leads to.
_DESTINATIONS = ("CidrIp", "CidrIpv6", "DestinationPrefixListId", "DestinationSecurityGroupId")
#: What CDK lets out where nothing is to leave. CloudFormation's guide has 127.0.0.1 for that, in "Remove default rule":
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
#: (read 2026-11-28).
_NOWHERE = "255.255.255.255/32"
#: Addresses of private networks: https://www.rfc-editor.org/rfc/rfc1918 and https://www.rfc-editor.org/rfc/rfc4193.
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
#: What joins a VPC to others, through which a service may be reached that no route here names.
_JOINS = (
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::TransitGatewayVpcAttachment",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::VPNGatewayRoutePropagation",
    "AWS::NetworkManager::VpcAttachment",
    "AWS::Route53Profiles::ProfileAssociation",
)
#: What holds more of a network than the template that defines it, where it stands in another one, as others' does.
CONTINUES = (
    ENDPOINT,
    ROUTE,
    ROUTE_TABLE_ASSOCIATION,
    SECURITY_GROUP_INGRESS,
    SECURITY_GROUP_EGRESS,
    HOSTED_ZONE,
    *_JOINS,
)


class Connectivity:
    """The networks of a template. Everything is gone through once.

    Args:
        template: The template.
        continued: What of it other templates hold the rest of, by logical id: their endpoints, routes and rules.
    """

    def __init__(self, template: Template, continued: Collection[str] = ()) -> None:
        self._template = template
        self._tables = self._by_reference(ROUTE_TABLE_ASSOCIATION, "SubnetId")
        self._routes = self._by_reference(ROUTE, "RouteTableId")
        self._endpoints = self._by_reference(ENDPOINT, "VpcId")
        self._ingress = self._by_reference(SECURITY_GROUP_INGRESS, "GroupId")
        self._egress = self._by_reference(SECURITY_GROUP_EGRESS, "GroupId")
        # Nothing is known to be missing where somebody else, or what a VPC is joined to, may hold the rest.
        self._handed_on = {*template.handed_on, *continued}
        self._elsewhere = self._handed_on | {
            of for kind in _JOINS for id in template.of_type(kind) for of in self._references(id)
        }

    def vpc(self, capacity_provider: str) -> str | None:
        """Give the logical id of the VPC that the instances are in; ``None`` where the template does not define it."""
        subnets = self.subnets(capacity_provider) or ()
        vpcs = {vpc for subnet in subnets for vpc in self._template.refers_to(subnet, "VpcId")}
        vpc = vpcs.pop() if len(vpcs) == 1 else None
        return vpc if vpc in self._template.of_type(VPC) else None

    def vpcs(self, capacity_provider: str) -> tuple[str, ...] | Unknown:
        """Give the VPCs that the subnets are in, of those that the template defines."""
        template = self._template
        written = template.raw(capacity_provider, f"Properties.{_ON_VPC}.SubnetIds")
        if not template.is_decided(written):
            return UNKNOWN
        found: dict[str, None] = {}
        for subnet in self.subnets(capacity_provider) or ():
            vpcs = template.targets(template.raw(subnet, "Properties.VpcId"), VPC)
            found.update(dict.fromkeys(vpcs if len(vpcs) == 1 else ()))
        return tuple(found)

    def subnets(self, capacity_provider: str) -> Sequence[str] | None:
        """Give the subnets, where the template defines all of them."""
        written = self._template.raw(capacity_provider, f"Properties.{_ON_VPC}.SubnetIds")
        if not isinstance(written, list):
            return None
        there = (subnet for subnet in written if self._template.stands(subnet) is not False)
        subnets = [self._template.targets(subnet, SUBNET) for subnet in there]
        return [subnet[0] for subnet in subnets] if all(len(subnet) == 1 for subnet in subnets) else None

    def security_groups(self, capacity_provider: str) -> Sequence[str]:
        """Give what tells the groups of the instances apart: as a rule, their logical ids."""
        return self._groups(capacity_provider, f"{_ON_VPC}.SecurityGroupIds")

    def endpoints(self, capacity_provider: str) -> Sequence[str]:
        """Give the endpoints in the VPC of the instances, by logical id."""
        return self._endpoints.get(self.vpc(capacity_provider) or "", ())

    def service(self, endpoint: str) -> str | Unknown:
        """Give the name of the service that an endpoint is for."""
        text = self._template.text(self._template.raw(endpoint, "Properties.ServiceName"))
        return endpoint_name(text) or (UNKNOWN if "$" in text else text)

    def is_interface(self, endpoint: str) -> bool | Unknown:
        """Tell whether an endpoint is network interfaces in subnets, and no route in tables."""
        kind = self._template.property(endpoint, "VpcEndpointType")
        return UNKNOWN if kind is UNKNOWN else bool(kind == "Interface")

    def routes_out_of(self, subnet: str) -> bool | Unknown:
        """Tell whether a subnet has a default route out of the VPC."""
        vpc = next(iter(self._template.refers_to(subnet, "VpcId")), None)
        table = self._table(subnet)
        if vpc is None or table is UNKNOWN or self._template.has_macros:
            return UNKNOWN
        # One without a table of its own may be given one elsewhere.
        if not self._elsewhere.isdisjoint((vpc, subnet if table is None else table)):
            return UNKNOWN
        # A subnet without a table of its own has the VPC's main one, which only leads through the VPC.
        return _any(self._leads_out(route, subnet) for route in self._routes.get(str(table), ()))

    def routes_out(self, capacity_provider: str) -> bool | Unknown:
        """Tell whether every subnet has a default route out of the VPC."""
        # Of a subnet that a condition may leave out, nothing follows.
        written = self._template.raw(capacity_provider, f"Properties.{_ON_VPC}.SubnetIds")
        if self._template.entries(written) is UNKNOWN:
            return UNKNOWN
        ways = {self.routes_out_of(subnet) for subnet in self.subnets(capacity_provider) or ()} or {UNKNOWN}
        if False in ways:
            return False
        return UNKNOWN if UNKNOWN in ways else True

    def endpoint_services(self, capacity_provider: str) -> tuple[str, ...] | Unknown:
        """Give the names of the services that the VPC has endpoints for."""
        vpc = self.vpc(capacity_provider)
        if vpc is None or vpc in self._handed_on or self._template.has_macros:
            return UNKNOWN
        found = {
            self.service(endpoint)
            for endpoint in self._endpoints.get(vpc, ())
            if self.is_interface(endpoint) is not False or self._serves(endpoint, capacity_provider)
        }
        return UNKNOWN if UNKNOWN in found else tuple(sorted(map(str, found)))

    def endpoints_without_private_dns(self, capacity_provider: str, needed: Collection[str]) -> tuple[str, ...]:
        """Give the interface endpoints that a needed service's own name does not lead to, and nothing else does."""
        if self.routes_out(capacity_provider) is not False:
            return ()
        there = self._endpoints.get(self.vpc(capacity_provider) or "", ())
        # With a hosted zone of one's own, the service's name leads wherever that says.
        if self._has_hosted_zone(self.vpc(capacity_provider)):
            return ()
        passed_by = [id for id in there if self.is_interface(id) is True and self._has_no_private_dns(id)]
        led_to = {self.service(id) for id in there if id not in passed_by} | WITHOUT_PRIVATE_DNS
        return tuple(id for id in passed_by if self.service(id) in needed and self.service(id) not in led_to)

    def endpoints_refusing_instances(self, capacity_provider: str, needed: Collection[str]) -> tuple[str, ...]:
        """Give the interface endpoints for needed services whose security groups do not let the instances in."""
        vpc = self.vpc(capacity_provider)
        if vpc is None:
            return ()
        instances = self.security_groups(capacity_provider)
        return tuple(
            id
            for id in self._endpoints.get(vpc, ())
            if self.is_interface(id) is True
            and self.service(id) in needed
            and not self._lets_in(id, vpc, instances, self.subnets(capacity_provider) or ())
        )

    def conflicting_endpoints(self, capacity_provider: str) -> tuple[str, ...]:
        """Give the endpoints in the VPC that EC2 refuses beside earlier ones, as far as all is sure to be there."""
        there = [id for id in self.endpoints(capacity_provider) if "Condition" not in self._template.resources[id]]
        refused = [later for earlier, later in combinations(there, 2) if self._exclude_each_other(earlier, later)]
        return tuple(dict.fromkeys(refused))

    def https_out(self, capacity_provider: str) -> bool | Unknown:
        """Tell whether the instances' security groups let out TCP 443; each adds to what the others allow."""
        groups = self.security_groups(capacity_provider)
        none_within = self._are_all_services_outside(capacity_provider)
        ways = (self._lets_https_out(group, groups, none_within=none_within) for group in groups)
        return _any(ways) if groups else UNKNOWN

    # --- subnets and routes

    def _table(self, subnet: str) -> str | Unknown | None:
        """Give the route table of a subnet: ``None`` where it has none of its own."""
        associations = self._tables.get(subnet, ())
        if not associations:
            return None
        tables = self._template.refers_to(associations[0], "RouteTableId")
        return tables[0] if len(tables) == 1 and len(associations) == 1 else UNKNOWN

    def _leads_out(self, route: str, subnet: str) -> bool | Unknown:
        # IPv6 alone does not reach what has no IPv6 address; other routes may lead to endpoints elsewhere.
        if self._template.property(route, "DestinationCidrBlock") != "0.0.0.0/0":
            return UNKNOWN
        if self._is_to_another_network(route):
            return UNKNOWN
        return not (self._is_by_internet_gateway(route) and self._gives_no_public_address(subnet))

    def _is_to_another_network(self, route: str) -> bool:
        gateway = _VPN_GATEWAY.fullmatch(self._template.text(self._template.raw(route, "Properties.GatewayId")))
        stated = (self._template.is_stated(route, f"Properties.{target}") for target in _OTHER_NETWORKS)
        return any(each is not False for each in stated) or bool(
            gateway and (gateway[1] is None or gateway[1] in self._template.of_type(VPN_GATEWAY))
        )

    def _is_by_internet_gateway(self, route: str) -> bool:
        named = _INTERNET_GATEWAY.fullmatch(self._template.text(self._template.raw(route, "Properties.GatewayId")))
        return bool(named and (named[1] is None or named[1] in self._template.of_type(INTERNET_GATEWAY)))

    def _gives_no_public_address(self, subnet: str) -> bool:
        # An internet gateway passes on nothing of instances without one; left out it is off:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-subnet.html
        # (read 2026-11-27).
        return _is_off(self._template.property(subnet, "MapPublicIpOnLaunch"))

    # --- endpoints

    def _has_hosted_zone(self, vpc: str | None) -> bool:
        zones = self._template.of_type(HOSTED_ZONE)
        return any(vpc in self._template.refers_to(zone, "VPCs") for zone in zones)

    def _has_no_private_dns(self, endpoint: str) -> bool:
        # Left out it is off: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
        # (read 2026-11-24). The EC2 API has it on.
        vpcs = self._template.refers_to(endpoint, "VpcId")
        return _is_off(self._template.property(endpoint, "PrivateDnsEnabled")) or any(
            map(self._refuses_private_dns, vpcs)
        )

    def _refuses_private_dns(self, vpc: str) -> bool:
        # Left out, host names are off and support is on. Private DNS needs both:
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html (read 2026-11-27).
        return vpc in self._template.of_type(VPC) and (
            _is_off(self._template.property(vpc, "EnableDnsHostnames"))
            or _is_off(self._template.property(vpc, "EnableDnsSupport"), default=True)
        )

    def _exclude_each_other(self, one: str, other: str) -> bool:
        """Tell whether two endpoints are ways to one service that there is but one of: its name, or a route."""
        services, kinds = ({of(one), of(other)} for of in (self.service, self.is_interface))
        if len(services) > 1 or len(kinds) > 1 or UNKNOWN in services | kinds:
            return False
        if kinds == {True}:
            return all(map(self._has_private_dns, (one, other)))
        return not self._routed(one).isdisjoint(self._routed(other))

    def _has_private_dns(self, endpoint: str) -> bool:
        stated = self._template.property(endpoint, "PrivateDnsEnabled")
        return str(stated).lower() == "true" and not self._has_no_private_dns(endpoint)

    def _routed(self, gateway: str) -> set[str]:
        """Give what tells the route tables of a gateway endpoint apart."""
        tables = self._template.entries(self._template.raw(gateway, "Properties.RouteTableIds"))
        return set() if isinstance(tables, Unknown) else set(map(self._template.text, tables))

    def _serves(self, gateway: str, capacity_provider: str) -> bool:
        """Tell whether a gateway endpoint is in the route table of every subnet."""
        written = self._template.raw(gateway, "Properties.RouteTableIds")
        if written is not None and not isinstance(written, list):
            return True
        served = self._template.targets(written or [], ROUTE_TABLE)
        tables = {self._table(subnet) for subnet in self.subnets(capacity_provider) or ()}
        return all(table in served or table is UNKNOWN for table in tables)

    # --- security groups

    def _groups(self, id: str, path: str) -> Sequence[str]:
        """Give what tells security groups apart: logical ids, ``Vpc.DefaultSecurityGroup``, or the text as it is."""
        entries = self._template.entries(self._template.raw(id, f"Properties.{path}"))
        return [] if isinstance(entries, Unknown) else [self._group(item) for item in entries]

    def _group(self, written: Any) -> str:
        text = self._template.text(written)
        named = _GROUP.fullmatch(text)
        return named[1] + (named[2] or "") if named and named[1] in self._template.resources else text

    def _lets_in(self, endpoint: str, vpc: str, instances: Sequence[str], subnets: Sequence[str]) -> bool:
        default = f"{vpc}.DefaultSecurityGroup"
        rules: list[Any] = []
        groups = self._groups(endpoint, "SecurityGroupIds")
        if not groups and self._template.raw(endpoint, "Properties.SecurityGroupIds") is not None:
            return True
        for group in groups or [default]:
            if group not in (default, *self._template.of_type(SECURITY_GROUP)) or self._has_rules_elsewhere(group):
                return True
            # The default group lets in its own members.
            if group == default and default in instances:
                return True
            rules += self._rules(group, "SecurityGroupIngress", self._ingress)
        # Instances are in all of the subnets, and one rule may admit those of one, another those of the next.
        return all(any(self._admits(rule, instances, vpc, subnet) for rule in rules) for subnet in subnets)

    def _has_rules_elsewhere(self, group: str) -> bool:
        return self._template.has_macros or group.partition(".")[0] in self._elsewhere

    def _are_all_services_outside(self, capacity_provider: str) -> bool:
        """Tell whether services are reached by public addresses alone: by a route out, and by no endpoint."""
        template, vpc = self._template, self.vpc(capacity_provider)
        return (
            self.routes_out(capacity_provider) is True
            and all(self.is_interface(id) is False for id in self._endpoints.get(vpc or "", ()))
            and not (template.of_type(HOSTED_ZONE) or any(map(self._is_to_another_network, template.of_type(ROUTE))))
        )

    def _lets_https_out(self, group: str, instances: Collection[str], *, none_within: bool) -> bool | Unknown:
        if group not in self._template.of_type(SECURITY_GROUP) or self._has_rules_elsewhere(group):
            return UNKNOWN
        inline = self._template.raw(group, "Properties.SecurityGroupEgress")
        rules = self._rules(group, "SecurityGroupEgress", self._egress)
        # Left out, everything is let out; whether a rule of its own takes that away is told nowhere.
        by_default: bool | Unknown = (UNKNOWN if rules else True) if inline is None else False
        return _any(
            (
                by_default,
                *(
                    self._leads_to_services(rule, instances, none_within=none_within)
                    for rule in rules
                    if self._is_for_https(rule)
                ),
            )
        )

    def _leads_to_services(self, rule: Any, instances: Collection[str], *, none_within: bool) -> bool | Unknown:
        """Tell whether a rule that lets HTTPS out leads to where an AWS service may be.

        Args:
            rule: As it is written.
            instances: The groups of the instances.
            none_within: Whether none has a private address.
        """
        written = {name: self._template.within(rule, name) for name in _DESTINATIONS}
        stated = {name: each for name, each in written.items() if self._template.stands(each) is not False}
        if not stated:
            return True
        return _any(
            self._is_of_endpoint(each, instances)
            if name == "DestinationSecurityGroupId"
            else not self._is_nowhere(each, none_within=none_within)
            for name, each in stated.items()
        )

    def _is_nowhere(self, destination: Any, *, none_within: bool) -> bool:
        from ipaddress import ip_network

        try:
            network = ip_network(self._template.value(destination), strict=False)
        except (TypeError, ValueError):
            return none_within and self._is_of_vpc(destination)
        if network.is_loopback or str(network) == _NOWHERE:
            return True
        # Not by is_private, which Python 3.10 says of all addresses together.
        private = [ip_network(each) for each in _PRIVATE if none_within]
        return any(network[0] in each and network[-1] in each for each in private)

    def _is_of_vpc(self, destination: Any) -> bool:
        text = self._template.text(destination)
        is_block = self._template.is_decided(destination) and _CIDR_BLOCK.fullmatch(text)
        return bool(is_block and self._template.targets(destination, VPC))

    def _is_of_endpoint(self, written: Any, instances: Collection[str]) -> bool | Unknown:
        """Tell whether a group is one of an endpoint: as a destination, it stands for those private addresses alone."""
        template, group = self._template, self._group(written)
        stated = (template.raw(id, "Properties.SecurityGroupIds") for id in template.of_type(ENDPOINT))
        entries = [template.entries(each) for each in stated if each is not None]
        carried = [self._group(each) for some in entries if not isinstance(some, Unknown) for each in some]
        if group in carried:
            return True
        # Another template may put it on an endpoint of its own, and a hosted zone may have a service's name lead to it.
        is_known = (
            group in template.of_type(SECURITY_GROUP)
            and group not in (*instances, *template.given_away())
            and not (self._has_rules_elsewhere(group) or template.of_type(HOSTED_ZONE) or UNKNOWN in entries)
            and all(map(self._is_sure, carried))
        )
        return False if is_known else UNKNOWN

    def _rules(self, group: str, inline: str, apart: Mapping[str, Sequence[str]]) -> Sequence[Any]:
        """Give the rules of a group, written in it or apart from it; ``UNKNOWN`` for what cannot be read."""
        id, _, is_default = group.partition(".")
        written = None if is_default else self._template.raw(group, f"Properties.{inline}")
        standing = [rule for rule in apart.get(id, ()) if self._group(self._own(rule)) == group]
        rules = written if isinstance(written, list) else [] if written is None else [UNKNOWN]
        return [
            *(self._template.value(rule, shallow=True) for rule in rules),
            *(self._template.raw(rule, "Properties") for rule in standing),
        ]

    def _own(self, rule: str) -> Any:
        return self._template.raw(rule, "Properties.GroupId")

    def _is_for_https(self, rule: Any) -> bool:
        if not isinstance(rule, Mapping):
            return True
        protocol = self._template.value(rule.get("IpProtocol"))
        if protocol is UNKNOWN or str(protocol).lower() == _EVERY_PROTOCOL:
            return True
        first, last = (self._template.value(rule.get(port)) for port in ("FromPort", "ToPort"))
        return str(protocol).lower() in _TCP and _covers(first, last, _HTTPS)

    def _admits(self, rule: Any, instances: Sequence[str], vpc: str, subnet: str) -> bool:
        if not self._is_for_https(rule):
            return False
        if not isinstance(rule, Mapping):
            return True
        if "SourceSecurityGroupId" in rule:
            source = self._group(rule["SourceSecurityGroupId"])
            return source in instances or not (instances and all(map(self._is_sure, (source, *instances))))
        if "CidrIp" in rule:
            return self._overlap(rule["CidrIp"], self._template.raw(subnet, "Properties.CidrBlock"), vpc)
        return True

    def _is_sure(self, group: str) -> bool:
        """Tell whether a group is of this template, so that another one of it is another."""
        return group.partition(".")[0] in self._template.resources

    def _overlap(self, source: Any, subnet: Any, vpc: str) -> bool:
        from ipaddress import ip_network

        if vpc in self._template.targets(source):
            return True
        try:
            networks = [ip_network(self._template.value(written), strict=False) for written in (source, subnet)]
        except (TypeError, ValueError):
            return True
        return networks[0].version == networks[1].version and networks[0].overlaps(networks[1])

    # --- indexes

    def _by_reference(self, kind: str, path: str) -> Mapping[str, Sequence[str]]:
        """Give the resources of a type by what their property refers to."""
        found: dict[str, list[str]] = {}
        for id in self._template.of_type(kind):
            for target in self._template.refers_to(id, path):
                found.setdefault(target, []).append(id)
        return found

    def _references(self, id: str) -> Iterable[str]:
        return self._template.targets(self._template.raw(id, "Properties"))


def _any(ways: Iterable[bool | Unknown]) -> bool | Unknown:
    """Tell whether one of several is so; not known where it may be."""
    found = {*ways}
    return True if True in found else UNKNOWN if UNKNOWN in found else False


def _is_off(value: Any, *, default: bool = False) -> bool:
    """Tell whether a switch is known to be off, also by being left out."""
    return not default if value is None else str(value).lower() == "false"


def _covers(first: Any, last: Any, port: int) -> bool:
    try:
        return int(first) <= port <= int(last)
    except (OverflowError, TypeError, ValueError):
        return True
