"""The endpoints that functions turn out to need: found when all grants are made, then added or warned of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, repeat
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias, cast

import jsii
from aws_cdk import Annotations, Aspects, CfnResource, IAspect, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sqs as sqs
from constructs import Construct, IConstruct, IDependable, IValidation

from .acknowledgments import acknowledge_for_function
from .caller import Caller
from .endpoints import EndpointType, Service, service_of
from .judgement import judge
from .rules.engine import Rule
from .rules.facts import Facts, Unknown
from .rules.network import LOGS, every_action_allowed, granted_service_unreachable, no_route_for_logs
from .signature import reference_to

if TYPE_CHECKING:
    from .grants import Grants
    from .stacks import Stacks

#: Why there always is an endpoint for CloudWatch Logs.
FOR_LOGS = "always: without it, logs are lost"
#: What is told of endpoints that were added is acknowledged under this.
ADDED = "cdk-lmi:EndpointsAdded"
#: What is told of a VPC that takes no interface endpoints, or no gateway endpoints, is acknowledged under this.
NOT_ADDED = "cdk-lmi:EndpointsNotAdded"
#: What is told of endpoints that were not restricted is acknowledged under this.
NOT_RESTRICTED = "cdk-lmi:EndpointsNotRestricted"
#: What is told of roles that are not known in full is acknowledged under this.
GRANTS_NOT_KNOWN = "cdk-lmi:GrantsNotKnown"
#: What is told of services whose endpoints are not known is acknowledged under this.
SERVICES_NOT_KNOWN = "cdk-lmi:ServicesNotKnown"
# Why endpoints of a kind are not added.
_WHY_NOT = {
    EndpointType.INTERFACE: "the VPC has enable_dns_hostnames or enable_dns_support turned off, and EC2 refuses "
    "private DNS there",
    EndpointType.GATEWAY: "the route tables of the subnets are not known; ec2.Vpc.from_lookup finds them, and "
    "ec2.Vpc.from_vpc_attributes takes their ids, as in private_subnet_route_table_ids",
}

EndpointService: TypeAlias = (
    "ec2.InterfaceVpcEndpointAwsService | ec2.InterfaceVpcEndpointService | ec2.GatewayVpcEndpointAwsService"
)


@dataclass(frozen=True)
class Reason:
    """Why an endpoint is there: in words, and for which construct, whose path is asked for when somebody reads it."""

    text: str
    construct: IConstruct | None = None

    def __str__(self) -> str:
        return self.text if self.construct is None else f"{self.construct.node.path}: {self.text}"


class Network(IConstruct, Protocol):
    """What a network must do for its endpoints to be inferred."""

    _inference: EndpointInference

    @property
    def subnets(self) -> Sequence[ec2.ISubnet]:
        """The subnets that the instances run in."""
        ...

    def _leader(self) -> Network:
        """Give the network that defines the VPC, or this one where something else does."""
        ...

    def _in_same_vpc(self) -> Sequence[Network]:
        """Give the other networks in the VPC, in the order in which they were defined."""
        ...

    def _survey(self, stacks: Stacks) -> bool:
        """Look at what the VPC has, and tell whether functions are to be looked at for endpoints that they need."""
        ...

    def _explain_endpoint(self, name: str, reason: Reason) -> bool:
        """Give one more reason for the endpoint of a service, and tell whether there is one."""
        ...

    def _takes_private_dns(self) -> bool:
        """Tell whether the VPC takes endpoints with private DNS."""
        ...

    def _takes_gateways(self) -> bool:
        """Tell whether the subnets have route tables that are known, which gateway endpoints are routes in."""
        ...

    def _restrict_endpoint(self, name: str, actions: Sequence[str]) -> None:
        """Let the endpoint of a service allow these actions and no other."""
        ...

    def _define_endpoint(self, service: EndpointService, name: str, kind: EndpointType, reason: Reason) -> IDependable:
        """Define the endpoint of a service that has none."""
        ...

    def _wait_for(self, *parts: IDependable) -> None:
        """Have functions start when these stand."""
        ...

    def _join(self) -> None:
        """Be let in by the endpoints of networks that were surveyed before, and have functions wait for that."""
        ...


class _Step:
    """The step of synthesis in which networks look one after the other: what they have read is good as long as it."""

    _now: ClassVar[str | None] = None
    _number: ClassVar[int] = 0

    @classmethod
    def begin(cls, step: str | None, *, but: int | None = None) -> int:
        """Begin a step, unless it has begun, and forget what was read in the one before; with ``None``, end it.

        Args:
            step: The step.
            but: The number of one that is over, even if nothing has told of its end: synthesis may have failed.

        Returns:
            The number of the step.
        """
        if step != cls._now or cls._number == but:
            from .stacks import Stacks

            Stacks.forget(is_after_aspects=step == "validation")
            cls._now = step
            cls._number += 1
        return cls._number


@dataclass(frozen=True)
class _Served:
    """A function that runs in the network."""

    construct: Construct
    caller: Caller

    def acknowledge(self, resource: CfnResource | None) -> None:
        """Acknowledge what tools find in it and does not apply: here, where its resource is at hand already."""
        resource = resource or cast(CfnResource, self.caller.function.node.default_child)
        acknowledge_for_function(resource)

    def inspect(self, queues: Sequence[sqs.CfnQueue]) -> None:
        """Have queues that call it judged when their timeouts, and its own, are set."""
        if queues:
            from .operate.queues import inspect_queues

            inspect_queues(self.construct, self.caller.function, queues)


@dataclass(frozen=True)
class _Look:
    """What functions were seen to be granted."""

    functions: Sequence[tuple[EndpointInference, _Served]]
    #: Networks for which nothing is added, though their functions go through the same endpoints.
    beside: Sequence[EndpointInference]
    grants: Sequence[Grants]
    #: All stacks that may have something for them.
    stacks: Sequence[Stack]


@jsii.implements(IAspect, IValidation)
class EndpointInference:
    """Looks at what functions may call when their grants are made and before templates are.

    It is an aspect, so that the aspects of others, such as tags, reach the endpoints that it adds. But CDK goes through
    the constructs once, with all aspects at each, and functions come after their network: what aspects grant to them is
    not there yet. So it is a validation too, which CDK calls when all aspects are through. Nothing can be added then;
    what is missing is warned of.

    Args:
        network: Where they run. It adds endpoints.
        leaf: A construct with nothing in it: an aspect is called for all that is below its construct.
        add: Whether to add what is missing; else it is warned of.
        restrict: Whether endpoints are to allow no other action than those that are granted.
    """

    def __init__(self, network: Network, leaf: Construct, *, add: bool, restrict: bool) -> None:
        self._network = network
        # Those that add endpoints in the VPC, this one among them; interface endpoints are the first one's.
        self._together: Sequence[EndpointInference] = [self]
        self._add = add
        self._restrict = restrict
        self._functions: list[_Served] = []
        self._added: dict[str, EndpointType] = {}
        self._refused: dict[EndpointType, set[str]] = {}
        self._defined: list[IDependable] = []
        self._done = False
        # The step of synthesis in which CDK came here last.
        self._visited_in = 0
        # Whether anything is to be looked for in the VPC, once somebody looked at that.
        self._is_to_look: bool | None = None
        # Of this network and those that are looked at with it.
        self._last: _Look | None = None
        # What restricted endpoints allow, by what the endpoints of a service are called.
        self._allowed: dict[str, set[str]] = {}
        self._validated = False
        Aspects.of(leaf).add(self)
        leaf.node.add_validation(self)

    def serve(self, construct: Construct, caller: Caller) -> None:
        """Have a function looked at that runs in the network; warnings of it are told at the construct."""
        _Step.begin(None)
        self._functions.append(_Served(construct, caller))

    def visit(self, node: IConstruct) -> None:
        """Do it. CDK calls this, more than once where the app has its aspects stabilised."""
        self._visited_in = _Step.begin("aspects", but=self._visited_in)
        # The stacks of the other networks depend on that of the one that defines the VPC, so that it goes first.
        leader = self._network._leader()._inference
        for each in (leader, self) if leader._add else (self,):
            if not each._done:
                each._look()

    def validate(self) -> list[str]:
        """Look again where more may be granted by now. CDK calls this at each synthesis, when all aspects are through.

        A second synthesis of an app adds nothing to it either.
        """
        _Step.begin("validation")
        if self._done and self._functions and self._is_to_look is None:
            self._begin_again()
        if self._last is not None and (self._validated or self._others_may_have_granted(self._last)):
            self._last = self._look_again(self._last)
        self._validated = True
        return []

    def _begin_again(self) -> None:
        """Look at a network that had no function yet at the first synthesis."""
        from .stacks import Stacks

        if self._survey(Stacks(self._network)):
            self._last = _Look((), (), (), ())

    def _others_may_have_granted(self, last: _Look) -> bool:
        """Tell whether aspects are on any stack, or around the network, or the stack of a function or of its role.

        Those on single constructs are not looked for, which would be calls to Node for every function.
        """
        from .stacks import Stacks

        scopes = {reference_to(scope): scope for scope in self._network.node.scopes[:-1]}
        for stack in {stack for grants in last.grants for stack in grants.stacks}:
            if reference_to(stack) not in scopes:
                scopes.update((reference_to(scope), scope) for scope in stack.node.scopes)
        return Stacks.may_be_changed([*scopes.values(), *last.stacks])

    def _look_again(self, last: _Look) -> _Look:
        """Warn of what was granted since and is not reached, and have restricted endpoints allow it.

        CDK has written references to other stacks by now, so that less is known of these: only what is new counts. All
        is of a function that was defined since.
        """
        from .grants import NOTHING, grants_of
        from .stacks import Stacks

        beside = [each._inference for each in self._network._in_same_vpc()] if self._restrict else []
        since = [
            (each, served)
            for each in dict.fromkeys((*self._together, *beside))
            for served in each._functions
            if (each, served) not in last.functions
        ]
        functions = [*last.functions, *since]
        found = grants_of([served.caller for _, served in functions], Stacks(self._network), last.grants)
        looks = zip(functions, chain(last.grants, repeat(NOTHING)), found, strict=False)
        there = [(function, before, grants) for function, before, grants in looks if grants.resource is not None]
        for (each, served), before, grants in there:
            if each not in self._together:
                continue
            if before is NOTHING:
                served.acknowledge(grants.resource)
            if each not in last.beside:
                each._tell_what_came(served.construct, before, grants)
        functions, found = [function for function, _, _ in there], [grants for _, _, grants in there]
        if self._restrict and not any(isinstance(grants.allowed, Unknown) for grants in last.grants):
            self._restrict_again(functions, found)
        return replace(last, functions=functions, grants=found)

    def _tell_what_came(self, construct: Construct, before: Grants, grants: Grants) -> None:
        """Tell of what a function is granted by now, and was not before, as far as it is not reached or not known."""
        if isinstance(grants.calls, Unknown) or isinstance(before.calls, Unknown):
            return
        known = before.calls.services
        since = {name: actions for name, actions in grants.calls.services.items() if name not in known}
        self._reach_services(construct, since, add=False)
        if grants.calls.anything and not before.calls.anything:
            self._warn_of_every_action(construct)
        self._tell_what_is_not_known(construct, grants, before)

    def _restrict_again(self, functions: Sequence[tuple[EndpointInference, _Served]], found: Sequence[Grants]) -> None:
        """Have restricted endpoints allow what was granted since: everything, once not all of that is known."""
        if self._are_all_actions_known(functions, found):
            self._restrict_to(found)
            return
        from .template.permissions import EVERY_ACTION

        for name in self._allowed:
            self._network._restrict_endpoint(name, [EVERY_ACTION])
        self._restrict = False

    def _look(self) -> None:
        """Look at the functions in the network, and at those of all that are to add endpoints after it in its VPC.

        The first network adds them all, whoever is granted what. Otherwise a grant would move an endpoint from one
        network to another: CloudFormation creates before it deletes, and a VPC takes no second one of a service.
        """
        self._done = True
        others = [network._inference for network in self._network._in_same_vpc()]
        following = [each for each in others if self._add and each._add and each._functions and not each._done]
        if not self._functions and not following:
            return
        from .stacks import Stacks

        stacks = Stacks(self._network)
        if self._survey(stacks):
            together = [self, *(each for each in following if each._survey(stacks))]
            beside = [each for each in others if each not in together] if self._restrict else []
            self._look_together(together, beside, stacks)
        else:
            following = []
        for each in (self, *following):
            each._network._join()

    def _survey(self, stacks: Stacks) -> bool:
        """Look at the VPC, and tell whether the functions are to be looked at."""
        self._done = True
        self._is_to_look = self._network._survey(stacks)
        if not self._is_to_look:
            for served in self._functions:
                served.acknowledge(None)
        return self._is_to_look

    def _look_together(
        self, together: Sequence[EndpointInference], beside: Sequence[EndpointInference], stacks: Stacks
    ) -> None:
        """Look at the functions of several networks in one VPC, of which this is the first.

        Args:
            together: These networks.
            beside: Others, whose functions go through the same endpoints, though nothing is added for them.
            stacks: The stacks of the app.
        """
        from .grants import grants_of

        for each in together:
            each._together = together
            if each._functions:
                each._reach(each._network, Service(LOGS, EndpointType.INTERFACE), Reason(FOR_LOGS), add=each._add)
        functions = [(each, served) for each in (*together, *beside) for served in each._functions]
        found = grants_of([served.caller for _, served in functions], stacks)
        # But for functions that were taken out of the app again.
        functions = [function for function, grants in zip(functions, found, strict=True) if grants.resource is not None]
        found = [grants for grants in found if grants.resource is not None]
        for (each, served), grants in zip(functions, found, strict=True):
            if each not in beside:
                served.acknowledge(grants.resource)
                served.inspect(grants.queues)
                each._reach_what_is_called(served.construct, grants)
        for each in together:
            each._network._wait_for(*each._defined)
            each._tell()
        if self._restrict and self._are_all_actions_known(functions, found):
            self._restrict_to(found)
        # They are read by now.
        self._last = _Look(functions, beside, found, [each.stack for each in stacks.all] if found else ())

    def _reach_what_is_called(self, construct: Construct, grants: Grants) -> None:
        calls = grants.calls
        if isinstance(calls, Unknown):
            return
        self._reach_services(construct, calls.services, add=self._add)
        if calls.anything:
            self._warn_of_every_action(construct)
        self._tell_what_is_not_known(construct, grants)

    def _reach_services(self, construct: Construct, services: Mapping[str, Sequence[str]], *, add: bool) -> None:
        """See to it that services are reached: what their endpoints are called, with the actions that are granted."""
        for name, actions in services.items():
            service = service_of(actions[0]) or Service(name, None)
            self._reach(construct, service, Reason(", ".join(actions), construct), add=add)

    def _warn_of_every_action(self, construct: Construct) -> None:
        self._warn(construct, every_action_allowed, Facts(calls_anything=True, routes_out=False))

    def _tell_what_is_not_known(self, construct: Construct, grants: Grants, before: Grants | None = None) -> None:
        """Tell what a function may call without that it is known here how to have it reached.

        Args:
            construct: The function.
            grants: What it is granted.
            before: What was told of already.
        """
        to_do = "; add them with add_endpoint, or use subnets with another way out"
        if grants.not_known is not None and (before is None or before.not_known is None):
            Annotations.of(construct).add_info_v2(
                GRANTS_NOT_KNOWN,
                f"not all that the function may call is known, since {grants.not_known}: endpoints may be missing"
                + to_do,
            )
        missing = [
            prefix
            for prefix, actions in grants.of_unknown_services.items()
            if before is None or prefix not in before.of_unknown_services
            if not self._network._explain_endpoint(prefix, Reason(", ".join(actions), construct))
        ]
        if missing:
            Annotations.of(construct).add_info_v2(
                SERVICES_NOT_KNOWN,
                f"which endpoints serve the actions of {', '.join(sorted(missing))} is not known, and none was added"
                + to_do,
            )

    def _are_all_actions_known(
        self, functions: Sequence[tuple[EndpointInference, _Served]], found: Sequence[Grants]
    ) -> bool:
        """Tell whether every action of each role is known, and tell of the first of which it is not."""
        for (_, served), grants in zip(functions, found, strict=True):
            if isinstance(grants.allowed, Unknown):
                self._tell_not_restricted(served.construct)
                return False
        return True

    def _restrict_to(self, found: Sequence[Grants]) -> None:
        """Let endpoints allow what is granted: by action, since other stacks' resources have no name here yet.

        An action may go to more than one endpoint, and be granted for others too: each endpoint allows all actions of
        its prefixes. Logs stay as they are, which Lambda sends too.
        """
        allowed = {action for grants in found if not isinstance(grants.allowed, Unknown) for action in grants.allowed}
        prefixes: dict[str, set[str]] = {}
        for grants in found:
            for name, actions in () if isinstance(grants.calls, Unknown) else grants.calls.services.items():
                prefixes.setdefault(name, set()).update(map(_prefix_of, actions))
        for name in prefixes.keys() - {LOGS}:
            before = self._allowed.setdefault(name, set())
            since = {action for action in allowed if _prefix_of(action) in prefixes[name]} - before
            if since:
                self._network._restrict_endpoint(name, sorted(since))
                before |= since

    def _tell_not_restricted(self, function: Construct) -> None:
        Annotations.of(self._network).add_info_v2(
            NOT_RESTRICTED,
            f"the policies of endpoints allow everything: not every action that the role of {function.node.path} "
            "allows is known. An imported role, a managed policy that is not known in full, every action of any "
            'service ("*") and sts:AssumeRole leave it open',
        )

    def _reach(self, construct: IConstruct, service: Service, reason: Reason, *, add: bool) -> None:
        """See to it that a service is reached, for a function or for the network itself."""
        if self._network._explain_endpoint(service.name, reason):
            return
        holder = self._holder(service)
        endpoint = holder._endpoint(service) if add else None
        if endpoint is not None and service.endpoint_type is not None:
            holder._define(endpoint, service.name, service.endpoint_type, reason)
        elif construct is self._network:
            self._warn(construct, no_route_for_logs, Facts(routes_out=False, endpoint_services=()))
        elif service.name != LOGS:
            missing = Facts(called_services=(service.name,), routes_out=False, endpoint_services=())
            self._warn(construct, granted_service_unreachable, missing)

    def _holder(self, service: Service) -> EndpointInference:
        """Give which network is to have an endpoint: the first. Gateways are routes: the first in the same subnets."""
        if service.endpoint_type is not EndpointType.GATEWAY:
            return self._together[0]
        return next(each for each in self._together if has_subnets_of(each._network, self._network))

    def _define(self, endpoint: EndpointService, name: str, kind: EndpointType, reason: Reason) -> None:
        self._defined.append(self._network._define_endpoint(endpoint, name, kind, reason))
        self._added[name] = kind

    def _endpoint(self, service: Service) -> EndpointService | None:
        """Give the service as CDK's constructs take it, ``None`` where no endpoint can be made."""
        kind, name = service.endpoint_type, service.service_name
        if kind is None or name is None or not service.can_be_added:
            return None
        # Of one that is made in a single Region only, the stack must be known to be there.
        if service.region is not None and service.region != self._region:
            return None
        if not (self._takes_gateways if kind is EndpointType.GATEWAY else self._takes_private_dns):
            self._refused.setdefault(kind, set()).add(service.name)
            return None
        if kind is EndpointType.GATEWAY:
            return ec2.GatewayVpcEndpointAwsService(service.name)
        if service.namespace == Service.namespace:
            return ec2.InterfaceVpcEndpointAwsService(service.name)
        return ec2.InterfaceVpcEndpointService(name.format(region=self._region))

    @cached_property
    def _takes_private_dns(self) -> bool:
        return self._network._takes_private_dns()

    @cached_property
    def _takes_gateways(self) -> bool:
        return self._network._takes_gateways()

    @cached_property
    def _region(self) -> str:
        return Stack.of(self._network).region

    def _warn(self, construct: IConstruct, rule: Rule, facts: Facts) -> None:
        judge(construct, "", records=[facts], acknowledge=(), rules=(rule,)).tell(construct)

    def _tell(self) -> None:
        """Tell what was added, since interface endpoints are paid for, and what could not be."""
        for kind, names in self._refused.items():
            Annotations.of(self._network).add_info_v2(
                NOT_ADDED, f"no {kind.value} endpoint was added for {', '.join(sorted(names))}: {_WHY_NOT[kind]}"
            )
        if not self._added:
            return
        paid_for = sum(kind is EndpointType.INTERFACE for kind in self._added.values())
        Annotations.of(self._network).add_info_v2(
            ADDED,
            f"{len(self._added)} VPC endpoints were added for what functions may call, {paid_for} of them interface "
            f"endpoints, which are paid for by Availability Zone and hour: {', '.join(sorted(self._added))}",
        )


def has_subnets_of(network: Network, other: Network) -> bool:
    """Tell whether a network is in all subnets that another one is in. Of an imported VPC this is all that is known."""
    return set(map(reference_to, other.subnets)) <= set(map(reference_to, network.subnets))


def _prefix_of(action: str) -> str:
    """Give ``sqs`` of ``sqs:SendMessage``."""
    return action.partition(":")[0].lower()
