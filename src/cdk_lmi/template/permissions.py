"""What the roles of a template are allowed, as far as it tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from ..endpoints import (
    MANAGED_POLICIES,
    MANAGED_POLICIES_IN_FULL,
    MANAGED_POLICIES_OF_EVERYTHING,
    is_forwarded_action,
    is_poller_action,
    is_stream_action,
    is_vpc_access_action,
    service_of,
)
from ..rules.facts import UNKNOWN, Unknown
from ..rules.limits import OPERATOR_KEY_ACTIONS, OPERATOR_POLICY
from .intrinsics import Template
from .publication import EVENT_INVOKE_CONFIG, EVENT_SOURCE_MAPPING, FUNCTION, Publications

ROLE = "AWS::IAM::Role"
POLICY = "AWS::IAM::Policy"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
ROLE_POLICY = "AWS::IAM::RolePolicy"
KEY = "AWS::KMS::Key"
EVERY_ACTION = "*"
EVERY_KEY_ACTION = "kms:*"

#: Policies that stand apart from the role, and where they name it.
_POLICIES_OF = {POLICY: "Roles", MANAGED_POLICY: "Roles", ROLE_POLICY: "RoleName"}
#: What names a key without having anything encrypted by it.
_NAME_A_KEY = (*_POLICIES_OF, ROLE, KEY, "AWS::KMS::Alias")

# The kinds of principals that a statement of a trust policy has.
_PRINCIPALS = {"AWS", "CanonicalUser", "Federated", "Service"}
# By this, a service assumes a role whose trust policy names it.
_ASSUME_ROLE = "sts:assumerole"
# With these, a function becomes somebody else, who may be allowed anything.
_ASSUMING = (_ASSUME_ROLE, "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:assumeroot")
_OF_AWS = "iam::aws:policy/"
# What a mapping states about its source that Lambda reads with the function's role: secrets, schema registries.
_ACCESS = (
    "SourceAccessConfigurations",
    "AmazonManagedKafkaEventSourceConfig.SchemaRegistryConfig",
    "SelfManagedKafkaEventSourceConfig.SchemaRegistryConfig",
)
# What it does that for, as CDK grants it: https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html and
# https://docs.aws.amazon.com/lambda/latest/api/API_KafkaSchemaRegistryAccessConfig.html (read 2026-11-28). A function
# may have it for secrets and registries of its own too.
ACCESS_ACTIONS = (
    *("secretsmanager:describesecret", "secretsmanager:getsecretvalue"),
    *("glue:getregistry", "glue:getschemaversion"),
)
_SCHEMA = ":schema/"
# How ARNs of secrets end that are not known in full.
_ANY_SUFFIX = "-??????"
# The stream of a table, by attribute or by ARN.
_STREAM = re.compile(r"\.StreamArn\}|/stream(?:/|\*|$)")


@dataclass(frozen=True)
class Statement:
    """One statement of a policy; what it names is as the template has it."""

    allows: bool
    actions: tuple[str, ...]
    resource: Any
    principal: Any
    is_conditional: bool


@dataclass(frozen=True)
class AllBut:
    """One statement about every action but some, by ``NotAction``."""

    allows: bool
    actions: tuple[str, ...]
    resource: Any
    is_conditional: bool

    def leaves_out(self, action: str) -> bool:
        """Tell whether an action is among those; of one with a wildcard, whether it may stand for one of them."""
        if "*" not in action and "?" not in action:
            return _is_among(action, self.actions)
        return _is_among(action.partition(":")[0], (pattern.partition(":")[0] for pattern in self.actions))


@dataclass(frozen=True)
class Calls:
    """What the code of a function may call, by its role."""

    #: AWS services, by the names of their VPC endpoints, and the actions that each is called for.
    services: Mapping[str, tuple[str, ...]]
    #: Whether it is allowed every action there is, so that nobody can tell what it calls.
    anything: bool


class Permissions:
    """The roles of a template and their policies. Everything is gone through once.

    Args:
        template: The template.
        publications: What is published of its functions.
        keys_encrypting: Gives the keys that encrypt what functions may be granted, where the template does not tell.
    """

    def __init__(
        self,
        template: Template,
        publications: Publications,
        keys_encrypting: Callable[[], Collection[str]] | None = None,
    ) -> None:
        self._template = template
        self._find_keys_encrypting = keys_encrypting or self._keys_in_template
        self._policies: dict[str, list[str]] = {}
        for kind, path in _POLICIES_OF.items():
            for policy in template.of_type(kind):
                for role in template.refers_to(policy, path):
                    self._policies.setdefault(role, []).append(policy)
        self._encrypting: Collection[str] | None = None
        # The statements of each role that was asked about, and AWS's managed policies of it.
        self._stated: dict[str, Sequence[Statement | AllBut | Unknown]] = {}
        self._managed: dict[str, Sequence[str]] = {}
        # What event source mappings read for each function.
        self._sources: dict[str, list[Any]] = {}
        # What they are given to read it with.
        self._access: dict[str, list[Any]] = {}
        # Where Lambda sends on what came of an invocation, of each function.
        self._destinations = {
            id: [template.raw(id, "Properties.DeadLetterConfig")] for id in template.of_type(FUNCTION)
        }
        for kind in (EVENT_SOURCE_MAPPING, EVENT_INVOKE_CONFIG):
            for id in template.of_type(kind):
                for function in publications.behind(id, "FunctionName"):
                    self._destinations[function].append(template.raw(id, "Properties.DestinationConfig"))
                    if kind == EVENT_SOURCE_MAPPING:
                        self._sources.setdefault(function, []).append(template.raw(id, "Properties.EventSourceArn"))
                        access = (template.raw(id, f"Properties.{path}") for path in _ACCESS)
                        self._access.setdefault(function, []).extend(each for each in access if each is not None)

    def calls(self, function: str) -> Calls | Unknown:
        """Give what the code of a function may call.

        Not among it is what its role has for others: for event source mappings, for Lambda to send on what came of an
        invocation, and for services that encrypt in its name.

        Args:
            function: Its logical id.
        """
        role = self._role(function, "Role")
        if role is None:
            return UNKNOWN
        told = self._told(role)
        own = self._own_statements(function, told)
        services: dict[str, dict[str, None]] = {}
        for service, action, _ in self._granted(function, role, told, own):
            services.setdefault(service, {})[action] = None
        return Calls(
            {name: tuple(services[name]) for name in sorted(services)},
            anything=self._may_do_anything(role, own) and not any(self._all_denied_but(role)),
        )

    def told(self, function: str) -> Iterator[str]:
        """Give each action that policies of the template allow the role of a function, as far as they can be read.

        Args:
            function: Its logical id.
        """
        role = self._role(function, "Role")
        for statement in () if role is None else self._told(role):
            yield from statement.actions if statement.allows else ()

    def allowed(self, function: str) -> tuple[str, ...] | Unknown:
        """Give every action that the role of a function allows, whoever is to use it: more than what is called.

        ``UNKNOWN`` where the template does not tell all of them: a managed policy of another template that is not
        known in full, a statement that cannot be read, an action of any service, the right to assume other roles.

        Args:
            function: Its logical id.
        """
        role = self._role(function, "Role")
        if role is None:
            return UNKNOWN
        found: list[str] = []
        for statement in self._statements(role):
            if not isinstance(statement, Statement):
                return UNKNOWN
            found.extend(statement.actions if statement.allows else ())
        for name in self._managed_elsewhere(role):
            if name not in MANAGED_POLICIES_IN_FULL:
                return UNKNOWN
            found.extend(MANAGED_POLICIES[name])
        return UNKNOWN if any(map(_leads_further, found)) else tuple(dict.fromkeys(found))

    def resources_called(self, function: str) -> Mapping[str, tuple[str, ...]]:
        """Give what of each service the code of a function may call: logical ids, as far as the template has them.

        Args:
            function: Its logical id.
        """
        role = self._role(function, "Role")
        if role is None:
            return {}
        told = self._told(role)
        found: dict[str, dict[str, None]] = {}
        for service, _, about in self._granted(function, role, told, self._own_statements(function, told)):
            found.setdefault(service, {}).update(dict.fromkeys(self._template.targets(about)))
        return {service: tuple(resources) for service, resources in found.items()}

    def operator_role(self, capacity_provider: str) -> str | None:
        """Give the operator role of a capacity provider, where it is one of the template."""
        return self._role(capacity_provider, "PermissionsConfig.CapacityProviderOperatorRoleArn")

    def operator_policies(self, capacity_provider: str) -> tuple[str, ...] | Unknown:
        """Give the policies of the operator role: AWS's by their names with paths, others by what tells them apart.

        A role that has a name, or that the template may not be all there is of, may be given policies elsewhere.
        """
        role = self.operator_role(capacity_provider)
        if role is None or not self._template.is_decided(self._template.raw(role, "Properties.ManagedPolicyArns")):
            return UNKNOWN
        written = self._template.raw(role, "Properties.Policies")
        found = (
            *self._managed_elsewhere(role),
            *("" for _ in self._items(written)),
            *self._managed_here(role),
            *self._policies.get(role, ()),
        )
        is_named = self._template.is_stated(role, "Properties.RoleName")
        is_whole = is_named is False and not self._template.has_macros
        return found if found or is_whole else UNKNOWN

    def operator_trusts(self, capacity_provider: str) -> tuple[str, ...] | Unknown:
        """Give the services that may assume the operator role, and ``*`` where anybody may."""
        role = self.operator_role(capacity_provider)
        written = None if role is None else self._template.raw(role, "Properties.AssumeRolePolicyDocument")
        if written is None:
            return UNKNOWN
        found: list[str] = []
        for statement in self._statements_in(written):
            if not isinstance(statement, Statement):
                return UNKNOWN
            # To be allowed to tag sessions, or to set their source identity, lets nobody in.
            may_assume = statement.allows and _is_among(_ASSUME_ROLE, statement.actions)
            services = self._services_in(statement.principal) if may_assume else ()
            if isinstance(services, Unknown):
                return UNKNOWN
            found.extend(services)
        return tuple(found)

    def _services_in(self, principal: Any) -> Sequence[str] | Unknown:
        """Give the services among the principals of a statement, and ``*`` for any principal."""
        template = self._template
        if "*" in template.text(principal):
            return ["*"]
        kinds = principal.keys() if isinstance(principal, Mapping) else {""}
        if not (kinds <= _PRINCIPALS and template.is_decided(principal)):
            return UNKNOWN
        written = template.within(principal, "Service")
        services: list[str] = []
        for each in written if isinstance(written, list) else [written]:
            found = template.value(each)
            if found is UNKNOWN and _is_built_of_text(each):
                found = template.text(each)
            for name in found if isinstance(found, list) else [] if found is None else [found]:
                if not (isinstance(name, str) and _begins_certain(name)):
                    return UNKNOWN
                services.append(name)
        return services

    def missing_on_key(self, capacity_provider: str) -> tuple[str, ...] | Unknown:
        """Give what the operator role lacks on the customer-managed key; nothing without such a key.

        It lacks what nothing allows, and what is denied on any request, whatever allows it.
        """
        written = self._template.raw(capacity_provider, "Properties.KmsKeyArn")
        if written is None:
            return ()
        keys = self._template.targets(written, KEY)
        role = self.operator_role(capacity_provider)
        # What another template's key allows by its own policy is not known, nor what a policy of one's own does.
        if role is None or len(keys) != 1 or not set(self._managed_elsewhere(role)) <= {OPERATOR_POLICY}:
            return UNKNOWN
        statements = (*self._statements(role), *self._statements_of_key(keys[0], role))
        allowed: list[str] = []
        denied: list[str] = []
        for statement in statements:
            if not isinstance(statement, Statement):
                return UNKNOWN
            if statement.allows and self._is_about(statement, keys[0]):
                allowed.extend(statement.actions)
            elif self._denies_on(statement, keys[0]):
                denied.extend(statement.actions)
        return tuple(
            action for action in OPERATOR_KEY_ACTIONS if not _is_among(action, allowed) or _is_among(action, denied)
        )

    def _own_statements(self, function: str, told: Sequence[Statement]) -> Sequence[Statement]:
        """Give what a role is told for the code of a function, and not for Lambda to send on what came of it."""
        sent_on = self._template.text(self._destinations[function]) if told else ""
        return [statement for statement in told if not self._is_within(statement, sent_on)]

    def _granted(
        self, function: str, role: str, told: Iterable[Statement], own: Iterable[Statement]
    ) -> Iterator[tuple[str, str, Any]]:
        """Give each service that a function may call, by which action, and on what, as the template has that.

        Args:
            function: Its logical id.
            role: That of its role.
            told: What the role is told.
            own: Those of it for the function's code.
        """
        denied = [action for statement in told if self._denies_all(statement) for action in statement.actions]
        denied_but = list(self._all_denied_but(role))
        sources = self._sources.get(function, ())
        access = self._template.text(self._access.get(function, []))
        called = [(action, each.resource) for each in own for action in self._called(each, sources, access)]
        for action, about in (*called, *((action, None) for action in self._by_managed_policies(role, sources))):
            service = service_of(action)
            is_left = all(each.leaves_out(action) for each in denied_but)
            if service and is_left and not _is_among(action, denied):
                yield service.name, action, about

    # --- policies of a role

    def _role(self, id: str, path: str) -> str | None:
        roles = self._template.targets(self._template.raw(id, f"Properties.{path}"), ROLE)
        return roles[0] if len(roles) == 1 else None

    def _told(self, role: str) -> Sequence[Statement]:
        """Give the statements of the role's policies that can be read."""
        return [statement for statement in self._statements(role) if isinstance(statement, Statement)]

    def _statements(self, role: str) -> Sequence[Statement | AllBut | Unknown]:
        """Give the statements of the role's policies that this template has: many functions may share the role."""
        if role not in self._stated:
            self._stated[role] = list(self._read_statements(role))
        return self._stated[role]

    def _read_statements(self, role: str) -> Iterator[Statement | AllBut | Unknown]:
        for inline in self._items(self._template.raw(role, "Properties.Policies")):
            yield from self._statements_in(inline.get("PolicyDocument") if isinstance(inline, Mapping) else UNKNOWN)
        for policy in dict.fromkeys((*self._policies.get(role, ()), *self._managed_here(role))):
            yield from self._statements_in(self._template.raw(policy, "Properties.PolicyDocument"))

    def _managed_here(self, role: str) -> Sequence[str]:
        """Give the managed policies of this template that a role names. Most have none, and nothing to look for."""
        if not self._template.of_type(MANAGED_POLICY):
            return ()
        return self._template.targets(self._template.raw(role, "Properties.ManagedPolicyArns"), MANAGED_POLICY)

    def _managed_elsewhere(self, role: str) -> Sequence[str]:
        """Give the names of AWS's managed policies, with their paths, and nothing for each that is somebody else's.

        Those of this template are not among them.
        """
        if role not in self._managed:
            arns = self._template.raw(role, "Properties.ManagedPolicyArns")
            written = arns if isinstance(arns, list) else [arns]
            there = [arn for arn in written if self._template.stands(arn) is not False]
            names = [(self._template.text(arn).partition(_OF_AWS)[2], arn) for arn in there]
            self._managed[role] = [
                name for name, arn in names if name or not (isinstance(arns, list) and self._template.targets(arn))
            ]
        return self._managed[role]

    def _statements_in(self, document: Any) -> Iterator[Statement | AllBut | Unknown]:
        document = self._template.value(document, shallow=True)
        if document is None:
            return
        for statement in self._items(document.get("Statement") if isinstance(document, Mapping) else UNKNOWN):
            yield self._statement(statement) if isinstance(statement, Mapping) else UNKNOWN

    def _items(self, written: Any) -> Iterator[Any]:
        """Give the values of a list, or the one that stands for it."""
        found = self._template.value(written, shallow=True)
        for item in found if isinstance(found, list) else [found]:
            value = self._template.value(item, shallow=True)
            if value is not None:
                yield value

    def _statement(self, written: Mapping[str, Any]) -> Statement | AllBut | Unknown:
        effect = self._template.value(written.get("Effect"))
        is_about_others = "Action" not in written
        actions = tuple(self._items(written.get("NotAction" if is_about_others else "Action")))
        if not actions or not all(isinstance(text, str) for text in (effect, *actions)):
            return UNKNOWN
        if is_about_others:
            return AllBut(effect == "Allow", actions, written.get("Resource"), "Condition" in written)
        return Statement(
            effect == "Allow", actions, written.get("Resource"), written.get("Principal"), "Condition" in written
        )

    # --- what calls a service

    def _called(self, statement: Statement, sources: Sequence[Any], access: str) -> Iterator[str]:
        for action in statement.actions if statement.allows else ():
            # What every action allows is expanded nowhere.
            if action == EVERY_ACTION or is_vpc_access_action(action):
                continue
            on_keys = is_forwarded_action(action) or action.lower() == EVERY_KEY_ACTION
            if on_keys and self._is_forwarded(statement):
                continue
            if sources and is_poller_action(action) and self._is_polled(statement, sources):
                continue
            if action.lower() in ACCESS_ACTIONS and self._is_for_access(statement, access):
                continue
            # CDK grants them with every right to read a table; they are of use on its stream alone.
            if not is_stream_action(action) or _STREAM.search(self._template.text(statement.resource)):
                yield action

    def _by_managed_policies(self, role: str, sources: Sequence[Any]) -> Iterator[str]:
        for name in self._managed_elsewhere(role):
            for action in MANAGED_POLICIES.get(name, ()):
                if not (sources and is_poller_action(action)):
                    yield action

    def _is_polled(self, statement: Statement, sources: Sequence[Any]) -> bool:
        """Tell whether a statement is about nothing but event sources, as far as the template tells."""
        about, polled = (
            {name for name in self._template.references(written) if "::" not in name}
            for written in (statement.resource, sources)
        )
        # By its ARN, or by a name that an ARN is made of.
        return not about or not polled or about <= polled

    def _is_for_access(self, statement: Statement, access: str) -> bool:
        """Tell whether a statement is about what event source mappings are given, and the schemas of a registry."""
        names = [name.removesuffix(_ANY_SUFFIX) for name in self._names(statement)]
        given = [name for name in names if _SCHEMA not in name]
        # A registry is known by its ARN, and its schemas by its name.
        return bool(given) and 2 * len(given) >= len(names) and _are_within(given, access)

    def _is_within(self, statement: Statement, text: str) -> bool:
        """Tell whether all that a statement is about is named in a text."""
        return statement.resource is not None and _are_within(self._names(statement), text)

    def _names(self, statement: Statement) -> Sequence[str]:
        written = statement.resource if isinstance(statement.resource, list) else [statement.resource]
        return [self._template.text(item).removesuffix(":*") for item in written]

    def _may_do_anything(self, role: str, own: Iterable[Statement]) -> bool:
        """Tell whether a role allows every action, or every one but some, so that nothing says what is called."""
        return (
            any(EVERY_ACTION in each.actions and self._allows_all(each) for each in own)
            or any(EVERY_ACTION not in each.actions and self._allows_all(each) for each in self._all_but(role))
            or not MANAGED_POLICIES_OF_EVERYTHING.isdisjoint(self._managed_elsewhere(role))
        )

    def _all_denied_but(self, role: str) -> Iterator[AllBut]:
        """Give what denies a role every action but some, for sure."""
        return filter(self._denies_all, self._all_but(role))

    def _all_but(self, role: str) -> Iterator[AllBut]:
        return (statement for statement in self._statements(role) if isinstance(statement, AllBut))

    def _allows_all(self, statement: Statement | AllBut) -> bool:
        return statement.allows and self._is_about_all(statement)

    def _denies_all(self, statement: Statement | AllBut) -> bool:
        return not (statement.allows or statement.is_conditional) and self._is_about_all(statement)

    def _is_about_all(self, statement: Statement | AllBut) -> bool:
        return self._template.text(statement.resource) == "*"

    def _is_forwarded(self, statement: Statement) -> bool:
        """Tell whether the keys of a statement may encrypt something else that the function is granted."""
        keys = self._template.targets(statement.resource, KEY)
        return statement.is_conditional or not keys or any(key in self._keys_encrypting() for key in keys)

    def _keys_encrypting(self) -> Collection[str]:
        if self._encrypting is None:
            self._encrypting = self._find_keys_encrypting()
        return self._encrypting

    def _keys_in_template(self) -> set[str]:
        return {
            key
            for id, resource in self._template.resources.items()
            if resource["Type"] not in _NAME_A_KEY
            for key in self._template.targets(self._template.raw(id, "Properties"), KEY)
        }

    # --- keys

    def _statements_of_key(self, key: str, role: str) -> Iterator[Statement | AllBut | Unknown]:
        """Give what the key's own policy says of the role; the account's root only leaves it to IAM."""
        for statement in self._statements_in(self._template.raw(key, "Properties.KeyPolicy")):
            if not isinstance(statement, Statement):
                yield statement
            elif role in self._template.targets(statement.principal) or "*" in self._template.text(statement.principal):
                yield replace(statement, resource="*")

    def _is_about(self, statement: Statement, key: str) -> bool:
        targets = self._template.targets(statement.resource)
        return key in targets or not targets

    def _denies_on(self, statement: Statement, key: str) -> bool:
        """Tell whether a statement denies something on a key for sure: on that one or on all, and on any request."""
        if statement.allows or statement.is_conditional:
            return False
        is_certain = self._template.is_decided([statement.resource, statement.principal])
        return is_certain and (self._is_about_all(statement) or key in self._template.targets(statement.resource))


def _begins_certain(service: str) -> bool:
    """Tell whether the name of a service is known but for its ending, which differs between partitions."""
    beginning = service.partition(".")[0]
    return "${" not in beginning and "{{" not in beginning


def _is_built_of_text(written: Any) -> bool:
    """Tell whether the text of a value is the value: other functions pick something from what they are given."""
    if not isinstance(written, Mapping):
        return isinstance(written, str)
    ((name, argument),) = written.items() if len(written) == 1 else (("", None),)
    if name in ("Fn::Sub", "Fn::Join"):
        text, parts = argument if isinstance(argument, list) and len(argument) == 2 else (argument, [])
        each = parts.values() if isinstance(parts, Mapping) else parts if isinstance(parts, list) else [None]
        return isinstance(text, str) and all(map(_is_built_of_text, each))
    return name in ("Ref", "Fn::GetAtt", "Fn::ImportValue")


def _are_within(names: Iterable[str], text: str) -> bool:
    """Tell whether a text has all of these names in it, and not only longer ones that begin like them."""
    return bool(text) and all(re.search(rf"{re.escape(name)}(?![\w-])", text) for name in names)


def _leads_further(action: str) -> bool:
    """Tell whether an action allows what no list of actions tells: those of any service, or of another role."""
    prefix = action.partition(":")[0]
    return not prefix.replace("-", "").isalnum() or any(_matches(action, assuming) for assuming in _ASSUMING)


def _is_among(action: str, patterns: Iterable[str]) -> bool:
    return any(_matches(pattern, action) for pattern in patterns)


def _matches(pattern: str, action: str) -> bool:
    """Tell whether an action, or all that one with a wildcard at its end stands for, is within a pattern."""
    return fnmatchcase(action.lower(), pattern.lower())
