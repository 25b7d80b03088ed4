"""LMI5xx: what the instances can reach over the network."""

from __future__ import annotations

from ..endpoints import ACTIONS_WITHOUT_ENDPOINT, ENDPOINT_NOT_ENOUGH, REGION_OF_ENDPOINT, WITHOUT_ENDPOINT
from .engine import Change, Finding, Severity, change, rule
from .limits import NETWORKING, VPC_ENDPOINT

GATEWAY_ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"
#: The service that logs go to, as its endpoint is called.
LOGS = "logs"


@rule("LMI501", severity=Severity.WARNING, source=NETWORKING)
def no_route_for_logs(routes_out: bool, endpoint_services: tuple[str, ...]) -> Finding | None:
    """The instances cannot reach CloudWatch Logs.

    Instances send the logs of their functions through their own subnets. Without a path to CloudWatch Logs, the
    functions work but their logs are missing, and no error says so.
    """
    if routes_out or LOGS in endpoint_services:
        return None
    return Finding(
        subject="routes_out",
        must="reach CloudWatch Logs",
        got="no route out of the VPC and no endpoint for logs",
        fix=(_endpoint_for((LOGS,), endpoint_services), _NAT),
    )


@rule("LMI502", severity=Severity.WARNING, source=NETWORKING)
def granted_service_unreachable(
    called_services: tuple[str, ...], routes_out: bool, endpoint_services: tuple[str, ...]
) -> Finding | None:
    """The function may call a service that its instances cannot reach.

    The function's calls leave through the subnets of its capacity provider. Without a route out of the VPC, each
    service needs an endpoint, or the call hangs until it times out. Some services have no endpoint, and IAM has one in
    us-east-1 only. WebSocket APIs and function URLs have none. The endpoint for API Gateway serves private REST APIs
    only, and that for AWS IoT data needs a private hosted zone.
    """
    unreachable = tuple(name for name in called_services if name not in (*endpoint_services, LOGS))
    if routes_out or not unreachable:
        return None
    return Finding(
        subject="routes_out",
        must="reach every service that the function may call",
        got=f"no route out of the VPC and no endpoint for {', '.join(unreachable)}",
        fix=_ways_to(unreachable, endpoint_services),
        fields=("routes_out", "called_services"),
    )


@rule("LMI503", severity=Severity.WARNING, source=VPC_ENDPOINT)
def endpoint_without_private_dns(endpoints_without_private_dns: tuple[str, ...]) -> Finding | None:
    """An interface endpoint has private DNS turned off.

    The SDKs call a service by its public name. Only with private DNS does that name lead to the endpoint. Otherwise it
    leads out of the VPC, where there is no route. CloudFormation turns private DNS on only if the template says so, and
    EC2 only if the VPC has ``EnableDnsSupport`` and ``EnableDnsHostnames``.
    """
    if not endpoints_without_private_dns:
        return None
    return Finding(
        subject="endpoints_without_private_dns",
        must="be on, or the service's name leads past the endpoint",
        got=f"no private DNS for {', '.join(endpoints_without_private_dns)}",
        fix=(
            change(
                "turn private DNS on, with EnableDnsSupport and EnableDnsHostnames of the VPC",
                endpoints_without_private_dns=(),
            ),
        ),
    )


@rule("LMI504", severity=Severity.WARNING, source=NETWORKING)
def endpoint_refuses_instances(endpoints_refusing_instances: tuple[str, ...]) -> Finding | None:
    """The security group of an interface endpoint does not admit the instances.

    The security group of the endpoint must allow TCP 443 from the capacity provider's security group. An endpoint
    without its own security group gets the VPC's default group, which admits only its own members.
    """
    if not endpoints_refusing_instances:
        return None
    return Finding(
        subject="endpoints_refusing_instances",
        must="include a security group that allows TCP 443 from that of the capacity provider",
        got=f"no such rule for {', '.join(endpoints_refusing_instances)}",
        fix=(
            change(
                "add an ingress rule for TCP 443 from the capacity provider's security group",
                endpoints_refusing_instances=(),
            ),
        ),
    )


@rule("LMI505", severity=Severity.WARNING, source=NETWORKING)
def no_https_out(https_out: bool) -> Finding | None:
    """The security groups of the instances do not allow outbound HTTPS.

    All calls to AWS services use TCP 443, including logs and traces. If the security groups of the capacity provider do
    not allow it, calls hang until they time out. Private addresses lead to VPC endpoints only: where there are none,
    services have public ones.
    """
    if https_out:
        return None
    return Finding(
        subject="https_out",
        must="allow outbound TCP 443 to where AWS services are",
        got="no egress rule that does",
        fix=(change("add an egress rule for TCP 443", https_out=True),),
    )


@rule("LMI506", severity=Severity.WARNING, source=NETWORKING)
def every_action_allowed(calls_anything: bool, routes_out: bool) -> Finding | None:
    """The function may call any service, but its instances cannot reach all of them.

    Its role allows every action ("*"), or every one but some (``NotAction``), so nothing says which services it calls
    and which endpoints it needs. A call to a service without an endpoint hangs until it times out.
    """
    if routes_out or not calls_anything:
        return None
    return Finding(
        subject="calls_anything",
        must="name the actions that the function needs, where there is no route out of the VPC",
        got="every action, or every one but some",
        fix=(change("grant what it needs, by name", calls_anything=False), _NAT),
    )


@rule("LMI507", severity=Severity.ERROR, source=GATEWAY_ENDPOINTS)
def conflicting_endpoints(conflicting_endpoints: tuple[str, ...]) -> Finding | None:
    """The VPC of the instances has two endpoints of one service that exclude each other.

    The service's own name can lead to one interface endpoint only, so that a VPC takes one with private DNS
    ("private-dns-enabled cannot be set because there is already a conflicting DNS domain"). A route table takes one
    route to a service, and so one gateway endpoint of it. EC2 refuses the second one minutes into the deployment.
    """
    if not conflicting_endpoints:
        return None
    return Finding(
        subject="conflicting_endpoints",
        must="be the only one of their service, by private DNS in the VPC or by gateway in a route table",
        got=f"{', '.join(conflicting_endpoints)} beside another one",
        fix=(change("leave out the endpoints that are too many", conflicting_endpoints=()),),
    )


_NAT = change("route the subnets out through NAT gateways", routes_out=True)


def _ways_to(services: tuple[str, ...], there: tuple[str, ...]) -> tuple[Change, ...]:
    """Return the ways to the services, the likeliest first: no endpoint where one of them has none."""
    if any(service in (*WITHOUT_ENDPOINT, *ACTIONS_WITHOUT_ENDPOINT) for service in services):
        return (_NAT,)
    ways = (_endpoint_for(services, there), _NAT)
    # The rule does not know the Region, nor which API is called, so what works for every one comes first.
    return ways[::-1] if any(map(_limits_of_endpoint, services)) else ways


def _endpoint_for(services: tuple[str, ...], there: tuple[str, ...]) -> Change:
    plural = "s" if len(services) > 1 else ""
    named = ", ".join(
        f"{service} ({limits})" if (limits := _limits_of_endpoint(service)) else service for service in services
    )
    return change(f"add VPC endpoint{plural} for {named}", endpoint_services=(*there, *services))


def _limits_of_endpoint(service: str) -> str | None:
    """Give where alone the endpoint of a service helps, ``None`` if it always does."""
    region = REGION_OF_ENDPOINT.get(service)
    return f"only in {region}" if region else ENDPOINT_NOT_ENOUGH.get(service)
