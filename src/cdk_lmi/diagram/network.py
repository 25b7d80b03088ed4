"""Draws what instances are launched in, and what is reached from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..rules.facts import UNKNOWN, Unknown
from ..rules.network import LOGS
from ..template.intrinsics import Template
from ..template.survey import Survey
from .canvas import Canvas
from .picture import Group, Role, Way
from .wording import several, title

_ENDPOINT_KINDS = {True: "interface endpoint", False: "gateway endpoint"}
_ROUTES = {True: "with a route out", False: "with no route out"}


class Network:
    """The network of one capacity provider, and what its functions reach through it.

    Args:
        canvas: Where it is drawn.
        survey: The template.
        provider: The logical id of the capacity provider.
        functions: Those on it that are drawn.
        name: Gives what its author calls a resource, by logical id.
    """

    def __init__(
        self, canvas: Canvas, survey: Survey, provider: str, functions: Sequence[str], name: Callable[[str], str]
    ) -> None:
        self._canvas = canvas
        self._survey = survey
        self._template = survey.template
        self._connectivity = survey.connectivity
        self._provider = provider
        self._facts = survey.capacity_providers[provider]
        self._functions = functions
        self._name = name
        self._called = self._services()

    def draw(self, box: str) -> None:
        """Draw it, behind the box of the capacity provider."""
        vpc = self._connectivity.vpc(self._provider)
        place = self._canvas.group(vpc, "vpc", f"VPC {self._name(vpc)}") if vpc else None
        start = self._draw_instances(box, place)
        endpoints = self._draw_endpoints(start, place)
        for service in self._called:
            self._draw_service(service, start, endpoints)
        self._draw_untold(start)

    def _services(self) -> Mapping[str, tuple[Sequence[str], Sequence[str]]]:
        """Give each service that is called, with the names of what of it is, and of the functions that call it."""
        about: dict[str, tuple[dict[str, None], dict[str, None]]] = {LOGS: ({}, {})}
        for function in self._functions:
            calls = self._survey.permissions.calls(function)
            resources = self._survey.permissions.resources_called(function)
            for service in () if isinstance(calls, Unknown) else calls.services:
                names, callers = about.setdefault(service, ({}, {}))
                callers[self._name(function)] = None
                # Logs are of the function itself.
                if service != LOGS:
                    names.update(dict.fromkeys(map(self._name, resources.get(service, ()))))
        return {service: (list(names), list(callers)) for service, (names, callers) in about.items()}

    def _draw_instances(self, box: str, place: Group | None) -> str:
        """Draw where instances are launched; give what their traffic leaves through."""
        subnets = self._connectivity.subnets(self._provider)
        if not subnets:
            start = self._canvas.box(
                f"subnets of {self._provider}", Role.ELSEWHERE, "subnets", "not told by this template"
            )
        else:
            key = f"subnets {' '.join(sorted(subnets))}"
            group = self._canvas.group(key, "subnets", f"subnets, {_zones(self._facts.availability_zones)}", place)
            for subnet in subnets:
                self._canvas.box(subnet, Role.SUBNET, *self._subnet(subnet), within=group)
            start = group.id
        self._canvas.arrow(box, start, Way.BELONGS, "launches instances in")
        groups = self._connectivity.security_groups(self._provider)
        if not groups:
            return start
        closed = self._facts.https_out is False
        names = several([self._name(group) if group in self._template.resources else "" for group in groups])
        told = "lets no HTTPS out, LMI505" if closed else ""
        key = f"groups {' '.join(groups)}"
        guard = self._canvas.box(
            key, Role.SECURITY_GROUP, "security group", names, told, within=place, is_cut_off=closed
        )
        self._canvas.arrow(start, guard, Way.CLOSED if closed else Way.OPEN)
        return guard

    def _subnet(self, subnet: str) -> tuple[str, ...]:
        zone = self._template.raw(subnet, "Properties.AvailabilityZone")
        way = self._connectivity.routes_out_of(subnet)
        return ("subnet", _zone(self._template, zone), "" if isinstance(way, Unknown) else _ROUTES[way])

    def _draw_endpoints(self, start: str, place: Group | None) -> Mapping[str, Sequence[str]]:
        """Draw the endpoints; give those that lead somewhere, by service."""
        leading: dict[str, list[str]] = {}
        for endpoint in self._connectivity.endpoints(self._provider):
            service = self._connectivity.service(endpoint)
            is_interface = self._connectivity.is_interface(endpoint)
            kind = "endpoint" if isinstance(is_interface, Unknown) else _ENDPOINT_KINDS[is_interface]
            fault = self._fault(endpoint, service)
            named = self._name(endpoint) if isinstance(service, Unknown) else title(service)
            box = self._canvas.box(endpoint, Role.ENDPOINT, named, kind, fault, within=place, is_cut_off=bool(fault))
            self._canvas.arrow(start, box, Way.CLOSED if fault or self._is_closed else Way.OPEN)
            if not isinstance(service, Unknown):
                leading.setdefault(service, []).extend(() if fault else (box,))
        return leading

    @property
    def _is_closed(self) -> bool:
        return self._facts.https_out is False

    def _fault(self, endpoint: str, service: str | Unknown) -> str:
        """Give why nothing gets through an endpoint; empty where something may."""
        if endpoint in _ids(self._facts.endpoints_without_private_dns):
            return "no private DNS, LMI503"
        if endpoint in _ids(self._facts.endpoints_refusing_instances):
            return "refuses the instances, LMI504"
        served = self._facts.endpoint_services
        is_gateway = self._connectivity.is_interface(endpoint) is False
        if is_gateway and not isinstance(served, Unknown) and service not in served:
            return "not in every route table"
        return ""

    def _draw_service(self, service: str, start: str, endpoints: Mapping[str, Sequence[str]]) -> None:
        names, callers = self._called[service]
        for_whom = f"for {several(callers)}" if len(self._functions) > 1 and callers else ""
        told = (title(service), several(names), for_whom)
        way = self._way_to(service, endpoints)
        # What one pool reaches another may not.
        key = f"service {service} {way is Way.CLOSED} {names} {for_whom}"
        box = self._canvas.box(
            key,
            Role.SERVICE,
            *told,
            self._reason(service) if way is Way.CLOSED else "",
            is_cut_off=way is Way.CLOSED,
        )
        through = endpoints.get(service, ())
        if way is Way.OPEN and through:
            for endpoint in through:
                self._canvas.arrow(endpoint, box)
        elif way is Way.OPEN:
            out = self._canvas.box(f"way out of {self._provider}", Role.WAY_OUT, "route out of the VPC")
            self._canvas.arrow(start, out)
            self._canvas.arrow(out, box)
        else:
            self._canvas.arrow(start, box, way, "" if way is Way.CLOSED else "not told by this template")

    def _reason(self, service: str) -> str:
        """Tell that a service cannot be reached; of one whose endpoint is at fault, that tells why."""
        if self._is_closed:
            return "cannot be reached, LMI505"
        there = map(self._connectivity.service, self._connectivity.endpoints(self._provider))
        rule = "" if service in there else "LMI501" if service == LOGS else "LMI502"
        return ", ".join(filter(None, ("cannot be reached", rule)))

    def _draw_untold(self, start: str) -> None:
        """Draw that functions may call what nobody can tell."""
        calls = [self._survey.permissions.calls(function) for function in self._functions]
        if any(isinstance(call, Unknown) for call in calls):
            told = "services", "what its role allows is not told by this template"
            box = self._canvas.box(f"untold {self._provider}", Role.ELSEWHERE, *told)
            self._canvas.arrow(start, box, Way.UNTOLD)
        if any(not isinstance(call, Unknown) and call.anything for call in calls):
            rule = "LMI506" if self._facts.routes_out is False else ""
            told = "any service", ", ".join(filter(None, ("its role allows every action", rule)))
            box = self._canvas.box(f"anything {self._provider}", Role.ELSEWHERE, *told)
            self._canvas.arrow(start, box, Way.UNTOLD)

    def _way_to(self, service: str, endpoints: Mapping[str, Sequence[str]]) -> Way:
        if self._is_closed:
            return Way.CLOSED
        if endpoints.get(service):
            return Way.OPEN
        refusing = _ids(self._facts.endpoints_refusing_instances)
        if any(self._connectivity.service(endpoint) == service for endpoint in refusing):
            # The service's own name leads to the endpoint, and not past it.
            return Way.CLOSED
        if self._facts.routes_out is True:
            return Way.OPEN
        if UNKNOWN in (self._facts.routes_out, self._facts.endpoint_services):
            return Way.UNTOLD
        return Way.CLOSED


def _zones(count: int | Unknown) -> str:
    if isinstance(count, Unknown):
        return "zones not told"
    return f"{count} Availability Zone{'s' if count != 1 else ''}"


def _zone(template: Template, written: object) -> str:
    """Give the Availability Zone of a subnet; of one that is known at deployment only, which of the Region's it is."""
    value = template.value(written)
    if isinstance(value, str):
        return value
    selected = written.get("Fn::Select") if isinstance(written, Mapping) else None
    index = template.value(selected[0]) if isinstance(selected, list) and selected else None
    digits = str(index)
    return f"zone {int(digits) + 1}" if digits.isascii() and digits.isdigit() and len(digits) < 4 else ""


def _ids(found: tuple[str, ...] | Unknown) -> tuple[str, ...]:
    return () if isinstance(found, Unknown) else found
