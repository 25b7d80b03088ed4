"""What calls the functions of a template: what it is, and how its author knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..rules.facts import UNKNOWN
from ..template.intrinsics import Template
from ..template.publication import ALIAS, EVENT_SOURCE_MAPPING, URL

PERMISSION = "AWS::Lambda::Permission"

_METHOD = "AWS::ApiGateway::Method"
_API_RESOURCE = "AWS::ApiGateway::Resource"
_INTEGRATION = "AWS::ApiGatewayV2::Integration"
_ROUTE = "AWS::ApiGatewayV2::Route"
# API Gateway goes no deeper; what names itself as its parent does not end otherwise.
_DEEPEST_PATH = 100

#: What an entry point is called, by type of resource. Others are called by their type.
_KINDS = {
    _METHOD: "API Gateway",
    "AWS::ApiGateway::RestApi": "API Gateway",
    "AWS::ApiGatewayV2::Api": "API Gateway",
    _INTEGRATION: "API Gateway",
    EVENT_SOURCE_MAPPING: "event source",
    URL: "function URL",
    "AWS::Events::Rule": "EventBridge rule",
    "AWS::Scheduler::Schedule": "EventBridge schedule",
    "AWS::SNS::Subscription": "SNS subscription",
    "AWS::S3::Bucket": "S3 bucket",
    "AWS::StepFunctions::StateMachine": "state machine",
    "AWS::Lambda::Function": "function",
    ALIAS: "CodeDeploy",
}
#: Who calls for a resource, where its type does not say so.
_PRINCIPALS = {ALIAS: "codedeploy"}


@dataclass(frozen=True)
class Entry:
    """One thing that calls a function."""

    #: As in ``API Gateway``.
    kind: str
    #: As in ``GET /api/orders``.
    detail: str
    #: The service that calls, as the principal of a permission is called: ``apigateway``.
    principal: str
    #: Whether it only lets something call that may be anywhere.
    is_permission: bool = False


class Entries:
    """The entry points of a template.

    Args:
        template: The template.
        name: Gives what its author calls a resource, by logical id.
    """

    def __init__(self, template: Template, name: Callable[[str], str]) -> None:
        self._template = template
        self._name = name
        self._details: Mapping[str, Callable[[str], str]] = {
            _METHOD: self._method,
            _INTEGRATION: self._routes,
            EVENT_SOURCE_MAPPING: self._event_source,
            "AWS::Events::Rule": self._schedule,
            "AWS::Scheduler::Schedule": self._schedule,
            ALIAS: self._rollout,
            PERMISSION: self._source_of_permission,
        }
        self._routes_of: dict[str, list[str]] = {}
        for route in template.of_type(_ROUTE):
            for integration in template.refers_to(route, "Target"):
                self._routes_of.setdefault(integration, []).append(self._text(route, "RouteKey"))

    def entry(self, id: str) -> Entry:
        """Describe a resource that calls a function.

        Args:
            id: Its logical id.
        """
        kind: str = self._template.resources[id]["Type"]
        detail = self._details.get(kind, self._name)(id)
        if kind == PERMISSION:
            principal = self._text(id, "Principal")
            return Entry(f"allowed: {principal}", detail, principal.partition(".")[0], is_permission=True)
        return Entry(_KINDS.get(kind) or _words(kind), detail, _PRINCIPALS.get(kind) or _service_of(kind))

    def _method(self, id: str) -> str:
        return f"{self._text(id, 'HttpMethod')} {self._path(id)}"

    def _path(self, id: str) -> str:
        """Give the path of a method, as far as the template has it."""
        parts: list[str] = []
        above = self._template.refers_to(id, "ResourceId")
        while above and above[0] in self._template.of_type(_API_RESOURCE) and len(parts) < _DEEPEST_PATH:
            parts.insert(0, self._text(above[0], "PathPart"))
            above = self._template.refers_to(above[0], "ParentId")
        return f"/{'/'.join(parts)}"

    def _routes(self, id: str) -> str:
        return ", ".join(self._routes_of.get(id, ())) or self._name(id)

    def _event_source(self, id: str) -> str:
        written = self._template.raw(id, "Properties.EventSourceArn")
        targets = self._template.targets(written)
        if targets:
            return f"{_words(self._template.resources[targets[0]]['Type'])} {self._name(targets[0])}"
        return _end_of_arn(self._template.text(written)) or self._name(id)

    def _schedule(self, id: str) -> str:
        return self._text(id, "ScheduleExpression") or self._name(id)

    def _rollout(self, id: str) -> str:
        """Tell what a hook is for: the shift of an alias's traffic, before or after which CodeDeploy calls it."""
        return f"rollout of {self._name(id)}"

    def _source_of_permission(self, id: str) -> str:
        targets = self._template.targets(self._template.raw(id, "Properties.SourceArn"))
        return self._name(targets[0]) if targets else ""

    def _text(self, id: str, path: str) -> str:
        value: Any = self._template.property(id, path)
        return "" if value is None or value is UNKNOWN else str(value)


def _service_of(kind: str) -> str:
    """Give the principal that calls for a resource of a type: ``apigateway`` for ``AWS::ApiGatewayV2::Integration``."""
    parts = kind.split("::")
    return parts[1].lower().removesuffix("v2") if len(parts) > 2 else ""


def _words(kind: str) -> str:
    """Give ``SQS Queue`` for ``AWS::SQS::Queue``."""
    return " ".join(kind.split("::")[1:]) or kind


def _end_of_arn(text: str) -> str:
    return text.rpartition(":")[2]
