"""The private network that Managed Instances run in, and what they can reach from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar, cast

import jsii
from aws_cdk import Acknowledgment, Annotations, Names, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct, DependencyGroup, IDependable
from jsii.errors import JSIIError

from .caller import Caller
from .endpoints import PORTS, WITHOUT_PRIVATE_DNS, EndpointType, endpoint_name
from .inference import FOR_LOGS, EndpointInference, Reason
from .judgement import judge, told_as_violation
from .rules.facts import UNKNOWN, CapacityProviderFacts, Keywords, Unknown
from .rules.limits import AVAILABILITY_ZONES_DEFAULT
from .signature import Arguments, is_written_in_python, reference_to, stands_for_list

if TYPE_CHECKING:
    from .stacks import Stacks

T = TypeVar("T")
_HTTPS = 443
# Of services, by what they are called in Node: to ask for either is a call there, and CDK's constants are its own.
_SERVICE_NAMES: dict[str, str] = {}
_SERVICE_PORTS: dict[str, int] = {}
_BY_HAND = "added by hand"
_ADMITTED = "Lambda Managed Instances"
# How a token stands in text.
_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
#: What is told of a VPC whose ways out are not known is acknowledged under this.
REACHABILITY_NOT_KNOWN = "cdk-lmi:ReachabilityNotKnown"
# By which keyword the zones of a network are chosen, and its subnets with them.
_ZONES_BY_NAME = Keywords(
    **dict.fromkeys(("subnets", "availability_zones"), ("availability_zones", "availability_zones"))
)
_ZONES_BY_NUMBER = Keywords(**dict.fromkeys(("subnets", "availability_zones"), ("max_azs", "max_azs={}")))


@jsii.implements(ec2.IConnectable)
class ManagedInstanceNetwork(Construct):
    """A private network for Managed Instances: no route to the internet, an endpoint for each AWS service in use.

    All traffic of functions, including logs and traces, passes through the subnets of their instances. If there is no
    route to a service, nothing reports it: the call hangs until it times out. Without a route to CloudWatch Logs, the
    logs are missing. See https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-networking.html

    It defines:

    - a VPC with one isolated subnet in each Availability Zone, no NAT gateway and no internet gateway;
    - a security group for the instances that allows HTTPS (TCP 443) out and nothing in, and the port of each endpoint
      that has another one, such as 9142 of Amazon Keyspaces;
    - gateway endpoints for DynamoDB and S3, which cost nothing;
    - interface endpoints for CloudWatch Logs, for every service that the functions in it are granted, and for those
      that :meth:`add_endpoint` adds. You pay for each by Availability Zone and hour. Their security group allows
      inbound traffic from the instances only.

    What functions are granted is read at synthesis from the policies of their roles, whichever way it was granted.
    Permissions that other services use are ignored: those for event source mappings, destinations and dead-letter
    queues, and those on AWS KMS for encrypted resources. A grant of every action ("*") does not say which service is
    called, and gets a warning (LMI506), as does a service that has no endpoint (LMI502), or one that takes more than an
    endpoint: APIs of API Gateway, of which only private REST APIs have one, and AWS IoT data, which needs a private
    hosted zone. Roles that the app does not define, managed policies that are not known, and actions whose endpoints
    are not known are told of in a notice at the function.

    Aspects that grant something come too late: CDK visits most functions after their network, and adds nothing to an
    app once it has visited all. What aspects on the app, a stage or a stack grant, and nothing reaches, gets a warning
    (LMI502): add these endpoints with :meth:`add_endpoint`. Restricted endpoints allow it, and everything once not all
    that a role allows is known. Functions that are defined after a first synthesis are looked at in the same way.

    Example::

        network = ManagedInstanceNetwork(self, "Network")
        provider = ManagedInstanceCapacityProvider(self, "Pool", network=network)

    Args:
        scope: The parent construct.
        id: Its id in ``scope``.
        max_azs: The most Availability Zones to use, of those in the stack's environment, in CDK's order. A stack
            without an environment has two. Addresses are kept free for a third, which can be added later. Default: 3,
            as AWS recommends; fewer than 2 get a warning (LMI403).
        availability_zones: The Availability Zones to use, by name, if some do not support capacity providers. Once
            deployed, a third can be added behind two; another zone in the place of one needs another network, since
            EC2 refuses a subnet with the address range of the one that it replaces. Default: ``max_azs`` of those in
            the stack's environment.
        ip_addresses: The VPC's address range. Default: CDK's, 10.0.0.0/16.
        infer_endpoints: Whether to add endpoints for the services that functions are granted. If not, each missing one
            gets a warning (LMI502). Default: True.
        restrict_endpoints: Whether the endpoint policies allow only the actions that functions are granted. Endpoints
            for services that no function is granted, and that for CloudWatch Logs, keep the default policy. All do if
            not every action of a role is known: if it is imported, has a managed policy that is not known in full, or
            allows every action or to assume other roles. What policies of resources allow is not read. Default: False.
        flow_logs: Flow logs of the VPC, by their construct ids, as for ``ec2.Vpc``. Default: none.
        gateway_prefix_lists: Ids of the Region's managed prefix lists for DynamoDB and S3. Instances may then connect
            to these and to the VPC only. Default: HTTPS to anywhere, which without a route out reaches the same.
        acknowledge: Rules to acknowledge, each with a reason. Default: none.

    Raises:
        ManagedInstanceError: An argument is invalid, or no capacity provider could use the network.
    """

    # Made when they are asked for, since each is a call to Node.
    _connections: ec2.Connections | None
    _reachable: DependencyGroup | None
    _standing: list[IDependable]
    # Services with endpoints in the VPC, whoever defined them: found when functions are looked at.
    _in_vpc: set[str]
    # Networks in the VPC whose endpoints this one uses: those that were looked at before it.
    _shared: list[ManagedInstanceNetwork]
    # Whether those that are looked at from now on use the endpoints of this one.
    _shares: bool

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        max_azs: int | None = None,
        availability_zones: Sequence[str] | None = None,
        ip_addresses: ec2.IIpAddresses | None = None,
        infer_endpoints: bool = True,
        restrict_endpoints: bool = False,
        flow_logs: Mapping[str, ec2.FlowLogOptions] | None = None,
        gateway_prefix_lists: Sequence[str] | None = None,
        acknowledge: Sequence[Acknowledgment] = (),
    ) -> None:
        arguments = Arguments(ManagedInstanceNetwork.__init__, locals())
        arguments.exclusive("availability_zones", "max_azs")
        zones = _zones_asked_for(arguments)
        judgement = judge(
            scope,
            id,
            records=[*arguments.misfits, CapacityProviderFacts(subnets=zones, availability_zones=zones)],
            acknowledge=arguments.usable("acknowledge") or (),
            wording=_ZONES_BY_NAME if arguments.given("availability_zones") else _ZONES_BY_NUMBER,
        )
        with told_as_violation(scope, id):
            super().__init__(scope, id)
        with told_as_violation(scope, id, undo=True):
            vpc = self._define_vpc(
                self._zones_to_come(zones, by_name=availability_zones is not None),
                ip_addresses=ip_addresses,
                availability_zones=None if availability_zones is None else list(availability_zones),
                max_azs=max_azs if max_azs is not None or availability_zones else int(AVAILABILITY_ZONES_DEFAULT),
                flow_logs=arguments.usable("flow_logs"),
            )
            self._furnish(
                vpc,
                vpc.isolated_subnets,
                None,
                infer_endpoints=infer_endpoints,
                restrict_endpoints=restrict_endpoints,
                prefix_lists=gateway_prefix_lists,
            )
            # A gateway endpoint is a route: the route tables must be the subnets' own by then.
            self._wait_for(*self._subnets)
            self.add_endpoint(ec2.GatewayVpcEndpointAwsService.DYNAMODB, reason="always: it costs nothing")
            self.add_endpoint(ec2.GatewayVpcEndpointAwsService.S3, reason="always: it costs nothing")
            self.add_endpoint(ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS, reason=FOR_LOGS)
        self._shares = True
        judgement.tell(self)

    @staticmethod
    def from_vpc(
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        infer_endpoints: bool | None = None,
        acknowledge: Sequence[Acknowledgment] = (),
    ) -> ManagedInstanceNetwork:
        """Use an existing VPC.

        If the same app defines the VPC, its endpoints are known: those that are missing for what functions are granted
        are added, unless the subnets have a route out. Of several networks in a VPC, the first adds what the functions
        of all need: the one that defines the VPC, else the first in the app. Its endpoints let the instances of the
        others in. Of an imported VPC nothing is known, and of routes to other networks not what they reach: nothing is
        added there unless ``infer_endpoints`` is True. Interface endpoints need a VPC with DNS host names and DNS
        support, gateway endpoints the ids of the subnets' route tables, which ``Vpc.from_lookup`` finds and
        ``Vpc.from_vpc_attributes`` takes: without, none is added, and what is missing gets a warning (LMI501, LMI502).

        Args:
            scope: The parent construct.
            id: Its id in ``scope``.
            vpc: The VPC, defined in this app or imported.
            vpc_subnets: The subnets for the instances: 1 to 16, in at least 2 Availability Zones. Default: CDK's
                choice: private subnets with a route out, else isolated ones, else public ones.
            security_groups: Those of the instances: 1 to 5. Default: a new one that allows HTTPS out and nothing in.
            infer_endpoints: Whether to add endpoints for the services that functions are granted. Where all subnets
                have a route out, through NAT gateways for example, none is added, not if True either. Default: only if
                the VPC is defined in the same app.
            acknowledge: Rules to acknowledge, each with a reason. Default: none.

        Raises:
            ManagedInstanceError: An argument is invalid, or no capacity provider could use the subnets.
        """
        arguments = Arguments(ManagedInstanceNetwork.from_vpc, locals())
        placement = Placement.of(arguments)
        judgement = judge(
            scope,
            id,
            records=[*arguments.misfits, placement.facts],
            acknowledge=arguments.usable("acknowledge") or (),
        )
        network = ExistingNetwork(scope, id, placement, infer_endpoints)
        judgement.tell(network)
        return network

    @property
    def vpc(self) -> ec2.IVpc:
        """The VPC."""
        return self._vpc

    @property
    def subnets(self) -> Sequence[ec2.ISubnet]:
        """The subnets that the instances run in."""
        return self._subnets

    @property
    def security_groups(self) -> Sequence[ec2.ISecurityGroup]:
        """The security groups of the instances."""
        return self._security_groups

    @property
    def connections(self) -> ec2.Connections:
        """The network connections of the instances."""
        if self._connections is None:
            self._connections = ec2.Connections(security_groups=self._security_groups)
        return self._connections

    @property
    def endpoints(self) -> Mapping[str, Sequence[str]]:
        """The endpoints of this network, as in ``"logs (interface)"``, each with the reasons for it.

        Those for functions of other networks in the VPC are among them where this one is the first.
        """
        return {endpoint.label: tuple(map(str, endpoint.reasons)) for endpoint in self._endpoints.values()}

    @property
    def reachable(self) -> IDependable:
        """What must exist before a function in this network starts: its endpoints, including those added later.

        In a VPC that something else in the app defines, the default routes of the subnets too.
        """
        if self._reachable is None:
            self._reachable = DependencyGroup(*self._standing)
        return self._reachable

    def add_endpoint(
        self,
        service: ec2.IInterfaceVpcEndpointService | ec2.IGatewayVpcEndpointService,
        *,
        reason: str = _BY_HAND,
    ) -> ec2.IVpcEndpoint:
        """Add an endpoint for a service.

        If this network has the endpoint already, it gets one more reason and nothing else. An endpoint that something
        else defines in the VPC is not looked for. AWS allows one interface endpoint with private DNS for each service
        in a VPC, so that a second one fails to deploy. Endpoints for what functions are granted are added once for all
        networks in the same ``vpc`` object; a VPC that is imported twice is two to this library.

        Args:
            service: As in ``ec2.InterfaceVpcEndpointAwsService.SQS`` or ``ec2.GatewayVpcEndpointAwsService.S3``.
            reason: The reason for it, shown in :attr:`endpoints`. Default: "added by hand".

        Returns:
            The endpoint.

        Raises:
            ManagedInstanceError: An argument is invalid.
        """
        judge(
            self,
            "add_endpoint",
            records=Arguments(ManagedInstanceNetwork.add_endpoint, locals()).misfits,
            acknowledge=(),
        )
        kind = EndpointType.INTERFACE if hasattr(type(service), "port") else EndpointType.GATEWAY
        name = _short_name(service)
        endpoint = self._endpoints.get((name, kind))
        if endpoint is None:
            construct = self._define_endpoint(service, name, kind, Reason(reason))
            if kind is EndpointType.INTERFACE:
                self._open(_port(cast(ec2.IInterfaceVpcEndpointService, service)))
            self._wait_for(construct)
            return construct
        endpoint.explain(Reason(reason))
        return endpoint.construct

    def _define_endpoint(
        self,
        service: ec2.IInterfaceVpcEndpointService | ec2.IGatewayVpcEndpointService,
        name: str,
        kind: EndpointType,
        reason: Reason,
    ) -> ec2.IVpcEndpoint:
        """Define a new endpoint. The caller makes functions wait for it.

        Args:
            service: As CDK names it.
            name: What the service's endpoints are called, as in ``sqs``.
            kind: Interface or gateway.
            reason: Why it is there.
        """
        id = self._endpoint_id(name, kind)
        # What somebody adds by hand where nothing is left to route is theirs to know.
        routed = () if kind is EndpointType.INTERFACE else self._without_gateway(name) or self._subnets
        with told_as_violation(self._endpoint_scope, id, undo=True):
            construct = self._new_endpoint(id, service, name, routed)
        self._endpoints[name, kind] = _Endpoint(construct, id, name, kind.value, [reason], routed)
        _VPC_OF_ENDPOINT[reference_to(construct)] = reference_to(self._vpc)
        if kind is EndpointType.INTERFACE and name in PORTS:
            self._open(PORTS[name])
        return construct

    def _serve(self, construct: Construct, caller: Caller) -> None:
        """Have what a function is granted be within its reach when the app is synthesised.

        Args:
            construct: What is told of it is told at this construct.
            caller: The function, whose instances are in this network.
        """
        self._inference.serve(construct, caller)

    def _survey(self, stacks: Stacks) -> bool:
        """Look at what the VPC has, and tell whether functions are to be looked at for endpoints that they need.

        Args:
            stacks: The stacks of the app.
        """
        from .reach import has_endpoints_but, reach_of

        # Most have none but those of this network and of others that have VPCs of their own, and to see that takes no
        # call to Node.
        own = {reference_to(endpoint.construct) for endpoint in self._endpoints.values()}
        if has_endpoints_but(lambda endpoint: endpoint in own or self._is_elsewhere(endpoint), stacks):
            _, self._in_vpc = reach_of(cast(ec2.Vpc, self._vpc), self._subnets, stacks)
        return True

    def _is_elsewhere(self, endpoint: str) -> bool:
        """Tell whether this library has defined an endpoint in another VPC, by what it is called in Node."""
        return _VPC_OF_ENDPOINT.get(endpoint, vpc := reference_to(self._vpc)) != vpc

    def _in_same_vpc(self) -> Sequence[ManagedInstanceNetwork]:
        """Give the other networks in the VPC, in the order in which they were defined."""
        return [each for each in _NETWORKS_IN[reference_to(self._vpc)] if each is not self]

    def _leader(self) -> ManagedInstanceNetwork:
        """Give the network that defines the VPC, which is before all others in it, or this one where there is none."""
        first = _NETWORKS_IN[reference_to(self._vpc)][0]
        return self if isinstance(first, ExistingNetwork) else first

    def _join(self) -> None:
        """Be let in by the endpoints of networks that were surveyed before, and have functions wait for that.

        The rules stand in the stack of this network, which depends on theirs, and not in that of its security groups,
        which may be what both depend on. That of a network with a VPC of its own must not depend on this one's, which
        depends on it for the VPC: it is let in where the endpoints are defined.
        """
        for other in self._shared:
            if other._endpoints:
                other._admit(self._security_groups, joining=self)
                for port in other._ports:
                    self._let_out(port)
                self._wait_for(other.reachable)

    def _explain_endpoint(self, name: str, reason: Reason) -> bool:
        """Give one more reason for the endpoint of a service, and tell whether there is one.

        Args:
            name: What the service's endpoints are called, as in ``sqs``.
            reason: Why it is there.
        """
        found = self._endpoints_of(name)
        is_reached = not all(endpoint.subnets for endpoint in found) or not self._without_gateway(name)
        for endpoint in found if is_reached else ():
            endpoint.explain(reason)
        return is_reached or name in self._in_vpc

    def _endpoints_of(self, name: str) -> Sequence[_Endpoint]:
        """Give the endpoints of a service that this network and others in the VPC have defined."""
        networks = (self, *self._shared)
        return [each for network in networks for each in network._endpoints.values() if each.name == name]

    def _without_gateway(self, name: str) -> Sequence[ec2.ISubnet]:
        """Give the subnets without a gateway endpoint of a service: a route table takes one route to it."""
        gateways = [each.subnets for each in self._endpoints_of(name) if each.subnets]
        if not gateways:
            return self._subnets
        taken = {table for subnets in gateways for table in map(_route_table_of, subnets)}
        return [subnet for subnet in self._subnets if _route_table_of(subnet) not in taken]

    def _takes_private_dns(self) -> bool:
        """Tell whether the VPC takes endpoints with private DNS: that of this network does."""
        return True

    def _takes_gateways(self) -> bool:
        """Tell whether the subnets have known route tables for gateway endpoints: those of this network have."""
        return True

    def _restrict_endpoint(self, name: str, actions: Sequence[str]) -> None:
        """Let the endpoint of a service allow these actions and no other, whoever calls.

        Args:
            name: What the service's endpoints are called, as in ``sqs``.
            actions: As in policies: ``sqs:SendMessage``.
        """
        for endpoint in self._endpoints.values():
            if endpoint.name == name and isinstance(endpoint.construct, ec2.VpcEndpoint):
                anyone = cast(iam.IPrincipal, iam.AnyPrincipal())
                endpoint.construct.add_to_policy(
                    iam.PolicyStatement(principals=[anyone], actions=list(actions), resources=["*"])
                )

    def _wait_for(self, *parts: IDependable) -> None:
        """Have functions in this network start when these stand.

        Args:
            parts: What they need.
        """
        self._standing.extend(parts)
        if self._reachable is not None and parts:
            self._reachable.add(*parts)

    def _zones_to_come(self, asked_for: int | Unknown, *, by_name: bool) -> int:
        """Give for how many more zones to keep addresses free.

        More zones would halve the ranges of the subnets otherwise, whose names stay: CloudFormation would replace them,
        and EC2 refuses ranges that overlap those which are still there.
        """
        if asked_for is UNKNOWN:
            return 0
        zones = asked_for if by_name else min(asked_for, len(Stack.of(self).availability_zones))
        return max(0, AVAILABILITY_ZONES_DEFAULT - zones)

    def _define_vpc(self, zones_to_come: int, **keywords: Any) -> ec2.Vpc:
        try:
            return self._new_vpc(zones_to_come, **keywords)
        except (RuntimeError, JSIIError) as refusal:
            if not zones_to_come:
                raise
            # The range may have no room for more zones than there are: subnets have 16 addresses at least.
            self.node.try_remove_child("Vpc")
            try:
                return self._new_vpc(0, **keywords)
            except (RuntimeError, JSIIError):
                # It was about something else, and what the second attempt met may be what is left of the first.
                raise refusal from None

    def _new_vpc(self, zones_to_come: int, **keywords: Any) -> ec2.Vpc:
        private = ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        return ec2.Vpc(
            self,
            "Vpc",
            reserved_azs=zones_to_come,
            nat_gateways=0,
            subnet_configuration=[private],
            **keywords,
        )

    def _furnish(
        self,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet],
        security_groups: Sequence[ec2.ISecurityGroup] | None,
        *,
        infer_endpoints: bool,
        zones: Sequence[str] | Unknown = UNKNOWN,
        restrict_endpoints: bool = False,
        prefix_lists: Sequence[str] | None = None,
    ) -> None:
        self._vpc = vpc
        self._subnets = list(subnets)
        self._subnets_of_interfaces = _first_in_each_zone(self._subnets, zones)
        self._ports = [_HTTPS]
        self._own_security_group = None if security_groups else self._instance_security_group(prefix_lists or ())
        self._security_groups = list(security_groups or [cast(ec2.ISecurityGroup, self._own_security_group)])
        self._in_vpc = set()
        self._shared = []
        self._shares = False
        # Before the endpoints, so that what it adds there is still to be visited by the aspects of others.
        leaf = Construct(self, "Inference")
        self._inference = EndpointInference(self, leaf, add=infer_endpoints, restrict=restrict_endpoints)
        self._endpoint_scope = Construct(self, "Endpoints")
        self._connections = None
        self._endpoint_security_group: ec2.SecurityGroup | None = None
        self._admitted: list[tuple[ec2.ISecurityGroup, ManagedInstanceNetwork | None]] = []
        self._endpoints: dict[tuple[str, EndpointType], _Endpoint] = {}
        self._reachable = None
        self._standing = []
        _NETWORKS_IN.setdefault(reference_to(vpc), []).append(self)

    def _instance_security_group(self, prefix_lists: Sequence[str]) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=self._vpc,
            description="Lambda Managed Instances: HTTPS out, nothing in",
            allow_all_outbound=False,
        )
        self._peer_of_interfaces = ec2.Peer.ipv4(self._vpc.vpc_cidr_block) if prefix_lists else ec2.Peer.any_ipv4()
        purpose = "Interface endpoints" if prefix_lists else "AWS services, through VPC endpoints"
        group.add_egress_rule(self._peer_of_interfaces, _tcp(_HTTPS), purpose)
        for prefix_list in prefix_lists:
            group.add_egress_rule(ec2.Peer.prefix_list(prefix_list), _tcp(_HTTPS), "Gateway endpoint")
        return group

    def _open(self, port: int) -> None:
        """Open one more port between instances and interface endpoints, as far as the groups are this library's."""
        if port not in self._ports:
            self._ports.append(port)
            self._let_out(port)
            for group, joining in self._admitted:
                self._let_in(group, port, joining)

    def _let_out(self, port: int) -> None:
        # CDK leaves out what there is.
        if self._own_security_group is not None and port != _HTTPS:
            self._own_security_group.add_egress_rule(self._peer_of_interfaces, _tcp(port), "Interface endpoints")

    def _endpoint_id(self, name: str, kind: EndpointType) -> str:
        """Give an endpoint its id, from which its logical id comes: another one would have it replaced.

        A token is written with a number that other changes of the app move, so that names which only their tokens
        tell apart are numbered in the order in which they are added.
        """
        words = "".join(part.capitalize() for part in re.split(r"\W", _TOKEN.sub("", name)))
        id = f"{words}{kind.value.capitalize()}Endpoint"
        taken = {endpoint.id for endpoint in self._endpoints.values()}
        return next(each for number in count(1) if (each := f"{id}{number if number > 1 else ''}") not in taken)

    def _new_endpoint(self, id: str, service: Any, name: str, routed: Sequence[ec2.ISubnet]) -> ec2.IVpcEndpoint:
        if routed:
            subnets = ec2.SubnetSelection(subnets=list(routed))
            return ec2.GatewayVpcEndpoint(self._endpoint_scope, id, vpc=self._vpc, service=service, subnets=[subnets])
        return ec2.InterfaceVpcEndpoint(
            self._endpoint_scope,
            id,
            vpc=self._vpc,
            service=service,
            subnets=ec2.SubnetSelection(subnets=self._subnets_of_interfaces),
            security_groups=[self._security_group_of_endpoints()],
            private_dns_enabled=False if name in WITHOUT_PRIVATE_DNS else None,
            open=False,
        )

    def _security_group_of_endpoints(self) -> ec2.SecurityGroup:
        if self._endpoint_security_group is None:
            self._endpoint_security_group = ec2.SecurityGroup(
                self,
                "EndpointSecurityGroup",
                vpc=self._vpc,
                description="VPC endpoints: HTTPS in from Lambda Managed Instances",
                allow_all_outbound=False,
            )
            self._admit(self._security_groups)
            if (leader := self._leader()) is not self:
                self._admit(leader._security_groups)
            self._wait_for(self._endpoint_security_group)
        return self._endpoint_security_group

    def _admit(
        self, security_groups: Sequence[ec2.ISecurityGroup], *, joining: ManagedInstanceNetwork | None = None
    ) -> None:
        """Allow inbound traffic from these security groups to the interface endpoints.

        Args:
            security_groups: Those of instances.
            joining: The network in whose stack the rules are to stand, which then depends on this one's; else they
                stand in this one's, which depends on that of the groups.
        """
        if self._endpoint_security_group is not None:
            for group in security_groups:
                if joining is not None and self._admits(group):
                    continue
                self._admitted.append((group, joining))
                for port in self._ports:
                    self._let_in(group, port, joining)

    def _admits(self, group: ec2.ISecurityGroup) -> bool:
        """Tell whether a group is let in: it may have been imported twice, and EC2 refuses the same rule twice."""
        return group.security_group_id in (each.security_group_id for each, _ in self._admitted)

    def _let_in(self, group: ec2.ISecurityGroup, port: int, joining: ManagedInstanceNetwork | None) -> None:
        endpoints = self._endpoint_security_group
        assert endpoints is not None  # it is there before anybody is admitted
        if joining is None:
            endpoints.add_ingress_rule(group, _tcp(port), _ADMITTED)
        else:
            joining._wait_for(joining._rule_into(endpoints, group, port))

    def _rule_into(
        self, endpoints: ec2.SecurityGroup, group: ec2.ISecurityGroup, port: int
    ) -> ec2.CfnSecurityGroupIngress:
        """Define in this network's stack that a group of it is let in by endpoints of another network."""
        return ec2.CfnSecurityGroupIngress(
            self,
            f"{Names.node_unique_id(endpoints.node)}from{Names.node_unique_id(group.node)}{port}",
            description=_ADMITTED,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            group_id=endpoints.security_group_id,
            source_security_group_id=group.security_group_id,
        )


class ExistingNetwork(ManagedInstanceNetwork):
    """A network in a VPC that somebody else defined, for arguments that were judged."""

    def __init__(self, scope: Construct, id: str, placement: Placement, infer_endpoints: bool | None = None) -> None:
        with told_as_violation(scope, id):
            Construct.__init__(self, scope, id)
        with told_as_violation(scope, id, undo=True):
            self._infer_endpoints = infer_endpoints
            self._furnish(
                placement.vpc,
                placement.subnets,
                placement.security_groups,
                zones=placement.zones,
                infer_endpoints=infer_endpoints is not False,
            )
            # Subnets stand long before their routes out, which wait for NAT gateways.
            self._wait_for(*(subnet.internet_connectivity_established for subnet in self._subnets))

    def _takes_private_dns(self) -> bool:
        """Tell whether the VPC takes endpoints with private DNS, as far as the app tells."""
        vpc = self._vpc
        return not isinstance(vpc, ec2.Vpc) or (vpc.dns_hostnames_enabled and vpc.dns_support_enabled)

    def _takes_gateways(self) -> bool:
        """Tell whether the route tables of all subnets are known, as those of imported ones need not be."""
        try:
            return all(subnet.route_table.route_table_id for subnet in self._subnets)
        except RuntimeError:
            # CDK has none, where it promises one.
            return False

    def _survey(self, stacks: Stacks) -> bool:
        """Look at what the VPC has, and tell whether functions are to be looked at for endpoints that they need.

        Args:
            stacks: The stacks of the app.
        """
        from .reach import endpoints_in, reach_of

        routes_out: bool | Unknown = UNKNOWN
        if isinstance(self._vpc, ec2.Vpc):
            routes_out, self._in_vpc = reach_of(self._vpc, self._subnets, stacks)
        elif self._infer_endpoints:
            self._in_vpc = endpoints_in(self._vpc, stacks)
        self._shared = [each for each in self._in_same_vpc() if each._shares]
        self._shares = True
        if routes_out is not UNKNOWN:
            return not routes_out
        if self._infer_endpoints is None:
            Annotations.of(self).add_info_v2(
                REACHABILITY_NOT_KNOWN,
                "which AWS services functions reach from this VPC is not known, since it is imported or has routes to "
                "other networks: no endpoint was added, and none is missed; infer_endpoints=True adds what they are "
                "granted",
            )
        return self._infer_endpoints is True


#: The networks in a VPC, in the order in which they are defined: first that which defines the VPC, if one does. By what
#: the VPC is called in Node: of an imported one, CDK hands on another object in Python each time. None of them is let
#: go before the process ends: neither does jsii let go of any object (``_ReferenceMap`` in jsii 1.142.0).
_NETWORKS_IN: dict[str, list[ManagedInstanceNetwork]] = {}
#: The VPCs of the endpoints of all networks, by what either is called in Node.
_VPC_OF_ENDPOINT: dict[str, str] = {}


@dataclass(frozen=True)
class Placement:
    """Where in a VPC instances are put, and what is known of it before anything is defined."""

    vpc: ec2.IVpc
    subnets: Sequence[ec2.ISubnet]
    #: The Availability Zone of each subnet.
    zones: Sequence[str] | Unknown
    security_groups: Sequence[ec2.ISecurityGroup] | None
    facts: CapacityProviderFacts

    @classmethod
    def of(cls, arguments: Arguments) -> Placement:
        """Read it off the arguments ``vpc``, ``vpc_subnets`` and ``security_groups``, noting what does not fit."""
        vpc, groups = arguments.usable("vpc"), arguments.usable("security_groups")
        if groups is not None and not groups:
            arguments.note(keyword="security_groups", empty_list_of="security group")
        subnets, zones = _select(vpc, arguments) if vpc is not None else (None, UNKNOWN)
        facts = CapacityProviderFacts(
            subnets=UNKNOWN if subnets is None else len(subnets),
            availability_zones=UNKNOWN if isinstance(zones, Unknown) else len(set(zones)),
            security_groups=len(groups) if groups else UNKNOWN,
        )
        return cls(arguments.usable("vpc"), subnets or (), zones, groups, facts)


@dataclass(frozen=True)
class _Endpoint:
    construct: ec2.IVpcEndpoint
    id: str
    name: str
    kind: str
    reasons: list[Reason] = field(default_factory=list)
    #: Those whose route tables lead to it, of a gateway.
    subnets: Sequence[ec2.ISubnet] = ()

    @property
    def label(self) -> str:
        return f"{self.name} ({self.kind})"

    def explain(self, reason: Reason) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)


def _route_table_of(subnet: ec2.ISubnet) -> str:
    return subnet.route_table.route_table_id


@cache
def _tcp(port: int) -> ec2.Port:
    """Give a port that instances may reach. Not while modules are imported: it has Node load all of aws-ec2."""
    return ec2.Port.tcp(port)


def _zones_asked_for(arguments: Arguments) -> int | Unknown:
    zones, max_azs = arguments.known("availability_zones"), arguments.known("max_azs")
    if zones == [] or zones == ():
        arguments.note(keyword="availability_zones", empty_list_of="Availability Zone")
        return UNKNOWN
    listed = arguments.usable("availability_zones") or ()
    if any(map(stands_for_list, listed)):
        # CDK makes a subnet for each and would be told only when it synthesises that it does not know how many.
        expected = "a list of known length, as in [Fn.select(0, Fn.get_azs()), Fn.select(1, Fn.get_azs())]"
        arguments.note(keyword="availability_zones", given=listed, expected=expected)
    elif len(set(listed)) < len(listed):
        arguments.note(keyword="availability_zones", given=listed, expected="a list that names each zone once")
    if UNKNOWN in (zones, max_azs):
        return UNKNOWN
    if zones is not None:
        return len({str(zone) for zone in zones})
    return int(AVAILABILITY_ZONES_DEFAULT) if max_azs is None else int(max_azs)


def _select(vpc: ec2.IVpc, arguments: Arguments) -> tuple[Sequence[ec2.ISubnet] | None, Sequence[str] | Unknown]:
    """Give the subnets that the arguments select, ``None`` if none can be, and the zone of each."""
    selection = arguments.usable("vpc_subnets") or ec2.SubnetSelection()
    if selection.subnets is not None:
        return selection.subnets, _zones_of(selection.subnets)
    try:
        selected = vpc.select_subnets(
            availability_zones=selection.availability_zones,
            one_per_az=selection.one_per_az,
            subnet_filters=selection.subnet_filters,
            subnet_group_name=selection.subnet_group_name,
            subnet_type=selection.subnet_type,
        )
    except RuntimeError as error:
        # The CDK tells what the VPC lacks by an exception from Node; to its user it is an argument that does not fit.
        told = str(error).partition(": ")[2] or str(error)
        if arguments.given("vpc_subnets"):
            expected = f"a selection that the VPC can serve ({told})"
            arguments.note(keyword="vpc_subnets", expected=expected, given=selection)
        else:
            # An import has those subnets only that it was given.
            expected = (
                f"a VPC whose subnets are known ({told}), as of ec2.Vpc.from_lookup, or of ec2.Vpc.from_vpc_attributes "
                "with private_subnet_ids or isolated_subnet_ids"
            )
            arguments.note(keyword="vpc", expected=expected, given=vpc)
        return None, UNKNOWN
    if selected.is_pending_lookup:
        # The first synthesis only asks for the VPC to be looked up; its subnets are stand-ins.
        return selected.subnets[:1], UNKNOWN
    return selected.subnets, _told_apart(selected.availability_zones)


def _zones_of(subnets: Sequence[ec2.ISubnet]) -> Sequence[str] | Unknown:
    try:
        return _told_apart([subnet.availability_zone for subnet in subnets])
    except RuntimeError:
        # A subnet that was imported by its id alone has no zone to tell.
        return UNKNOWN


def _told_apart(zones: Sequence[str]) -> Sequence[str] | Unknown:
    """Give the zones, ``UNKNOWN`` where one stands for any number of them."""
    return UNKNOWN if any(map(stands_for_list, zones)) else zones


def _first_in_each_zone(subnets: Sequence[ec2.ISubnet], zones: Sequence[str] | Unknown) -> list[ec2.ISubnet]:
    """Give the first subnet in each zone, or all where the zones are not known.

    EC2 takes one subnet in each for an interface endpoint, which instances in any subnet of the VPC reach, and refuses
    two (DuplicateSubnetsInSameZone): https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    if isinstance(zones, Unknown):
        return list(subnets)
    first: dict[str, ec2.ISubnet] = {}
    for zone, subnet in zip(zones, subnets, strict=True):
        first.setdefault(zone, subnet)
    return list(first.values())


def _port(service: ec2.IInterfaceVpcEndpointService) -> int:
    return _asked(service, _SERVICE_PORTS, lambda: int(service.port))


def _short_name(service: ec2.IInterfaceVpcEndpointService | ec2.IGatewayVpcEndpointService) -> str:
    """Give ``ecr.api`` of ``com.amazonaws.eu-west-1.ecr.api``; a name that is a token throughout stays one."""
    name = _asked(service, _SERVICE_NAMES, lambda: getattr(service, "short_name", None) or service.name)
    return endpoint_name(name) or name


def _asked(service: object, answers: dict[str, T], ask: Callable[[], T]) -> T:
    """Ask once in a process, unless the service is one that somebody wrote in Python."""
    if is_written_in_python(service):
        return ask()
    reference = reference_to(service)
    if reference not in answers:
        answers[reference] = ask()
    return answers[reference]
