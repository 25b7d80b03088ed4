"""What the functions of an app are granted, read when all grants are made and before templates are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from aws_cdk import CfnResource, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from .caller import Caller
from .endpoints import MANAGED_POLICIES, MANAGED_POLICIES_OF_EVERYTHING, is_known
from .rules.facts import UNKNOWN, CapacityProviderFacts, Unknown
from .stacks import READ_OF_OPERATORS, StackContents, Stacks, referred_to
from .template.intrinsics import Template
from .template.permissions import EVERY_ACTION, ROLE, Calls, Permissions
from .template.publication import ALIAS, EVENT_INVOKE_CONFIG, EVENT_SOURCE_MAPPING, FUNCTION, VERSION

# What says of a function what is not its own code's to call.
_ABOUT_FUNCTIONS = (VERSION, ALIAS, EVENT_SOURCE_MAPPING, EVENT_INVOKE_CONFIG)
# A role of no template: a name that no logical id has.
_IMPORTED_ROLE = "imported role"
# How the actions on queues begin.
_OF_SQS = "sqs:"
# How a stack refers to what another one exports.
_OF_OTHERS = frozenset({"Fn::ImportValue", "Fn::GetStackOutput"})
# How the ARNs of managed policies end, with the owner before and the name after it.
_MANAGED_BY_AWS, _MANAGED = ":iam::aws:policy/", ":policy/"


@dataclass(frozen=True)
class Grants:
    """What a function is granted, as far as the app tells."""

    #: What its code may call.
    calls: Calls | Unknown = UNKNOWN
    #: The function's resource, where it was found.
    resource: CfnResource | None = None
    granted: _Granted | None = None

    @property
    def stacks(self) -> Sequence[Stack]:
        """The stacks that the function and its role are in, where they were found."""
        return () if self.granted is None else (self.granted.stack.stack, self.granted.home.stack)

    @property
    def allowed(self) -> tuple[str, ...] | Unknown:
        """Every action that its role allows; ``UNKNOWN`` where the app does not tell all of them."""
        return UNKNOWN if self.granted is None else self.granted.allowed()

    @property
    def not_known(self) -> str | None:
        """What of its role is not known, in words; ``None`` where all of it is, as far as functions call it."""
        return None if self.granted is None else self.granted.not_known()

    @property
    def of_unknown_services(self) -> Mapping[str, Sequence[str]]:
        """What its role allows on services of which it is not known here how they are reached, by prefix."""
        return {} if self.granted is None else self.granted.of_unknown_services()

    @property
    def queues(self) -> Sequence[sqs.CfnQueue]:
        """The queues that call it, by event source mappings in its stack."""
        return () if self.granted is None else self.granted.queues()


#: What a function is granted of which nothing was seen yet.
NOTHING = Grants(Calls({}, anything=False))


def grants_of(callers: Sequence[Caller], stacks: Stacks, before: Sequence[Grants] = ()) -> list[Grants]:
    """Give what each function is granted; of one that is not in its stack any more, nothing.

    Each stack that may say something of a function or its role is gone through once.

    Args:
        callers: The functions.
        stacks: The stacks of the app.
        before: What was seen of the first of them before CDK wrote the references from stack to stack.
    """
    found = [_Granted.of(caller, stacks) for caller in callers]
    for granted, earlier in zip(found, before, strict=False):
        if granted is not None and earlier.granted is not None:
            granted.take_as_read(earlier.granted.policies_of_other_stacks)
    return [Grants() if granted is None else granted.read() for granted in found]


def operator_facts(capacity_provider: lambda_.CapacityProvider) -> CapacityProviderFacts:
    """Give who may assume the operator role, and what it is allowed, as far as the stack tells."""
    stack = StackContents(Stack.of(capacity_provider), READ_OF_OPERATORS)
    id = stack.id_in(capacity_provider.capacity_provider_arn)
    policies = stack.permissions.operator_policies(id)
    missing = stack.permissions.missing_on_key(id)
    role = stack.permissions.operator_role(id)
    # Few apps have a role without any policy, and only for these the rest of the app counts.
    if role is not None and not (policies and missing == ()) and stack.hands_on(role):
        policies, missing = policies or UNKNOWN, missing and UNKNOWN
    return CapacityProviderFacts(
        actions_missing_on_key=missing,
        operator_trusts=stack.permissions.operator_trusts(id),
        # Any other stack may have some for it.
        operator_policies=policies or (UNKNOWN if len(Stacks(capacity_provider).all) > 1 else policies),
    )


@dataclass(frozen=True)
class _Granted:
    """A function and its role, and the stacks that they are in."""

    stack: StackContents
    resource: lambda_.CfnFunction
    home: StackContents
    role: iam.IRole
    #: ``None`` for a role that no stack defines.
    role_resource: iam.CfnRole | None
    stacks: Stacks

    @classmethod
    def of(cls, caller: Caller, stacks: Stacks) -> _Granted | None:
        """Find them, and have read what counts; ``None`` for a function that was taken out, or has no role."""
        stack = stacks.of(caller.function)
        resource = stack.first(lambda_.CfnFunction, after=caller.function)
        if resource is None:
            return None
        stack.ask(resource, ["dead_letter_config"] if caller.has_dead_letters else [])
        made = stack.first(iam.Role, after=caller.function, before=resource) if caller.role is None else None
        must_ask = caller.role is None or caller.role is UNKNOWN
        role = cast("iam.IRole | None", made or (caller.function.role if must_ask else caller.role))
        if role is None:
            return None
        home = stack if made else stacks.of(role)
        role_resource = home.resource_of(role) if isinstance(role, iam.Role) else None
        if role_resource is None and (role_resource := referred_to(role.role_arn, iam.CfnRole)) is not None:
            home = stacks.of(role_resource)
            # One that was taken out is none that the app defines.
            role_resource = role_resource if home.has(role_resource) else None
        if role_resource is not None:
            # CDK makes the roles of functions without policies in them.
            attributes = ["managed_policy_arns"] if made else ["managed_policy_arns", "policies"]
            home.ask(role_resource, attributes, named_by=role)
        return cls(stack, resource, home, role, role_resource, stacks)

    @cached_property
    def id(self) -> str:
        return self.stack.id_of(self.resource)

    @cached_property
    def role_id(self) -> str:
        return _IMPORTED_ROLE if self.role_resource is None else self.home.id_of(self.role_resource)

    def read(self) -> Grants:
        """Give what the function is granted, when the roles of all functions are found."""
        return Grants(self.permissions.calls(self.id), self.resource, self)

    def allowed(self) -> tuple[str, ...] | Unknown:
        """Give every action that the role allows. What an imported role is allowed elsewhere is not known."""
        return UNKNOWN if self.role_resource is None else self.permissions.allowed(self.id)

    def of_unknown_services(self) -> Mapping[str, Sequence[str]]:
        """Give the actions of services that are not known here, by prefix."""
        found: dict[str, list[str]] = {}
        for action in self.permissions.told(self.id):
            if action != EVERY_ACTION and not is_known(action):
                found.setdefault(action.partition(":")[0].lower(), []).append(action)
        return found

    def queues(self) -> Sequence[sqs.CfnQueue]:
        """Give the queues that call the function by event source mappings in its stack.

        Lambda receives their messages with its role. Of one that may not, nothing is asked for: that is calls to Node.
        """
        mappings = self.stack.mappings_by_function.get(self.id, ())
        allowed = self.allowed() if mappings else ()
        if not (isinstance(allowed, Unknown) or any(action.lower().startswith(_OF_SQS) for action in allowed)):
            return ()
        found = (referred_to(each.event_source_arn or "", sqs.CfnQueue) for each in mappings)
        return [queue for queue in found if queue is not None]

    def not_known(self) -> str | None:
        """Give what of the role is not known, in words, if something is not."""
        if self.role_resource is None:
            return "its role is not defined in this app"
        named = {name: arn for arn in self._managed_policies if (name := _name_if_not_known(arn))}
        if not named:
            return None
        template = Template({"Resources": {**self.home.resources, **self._policies_elsewhere}})
        policies = [name for name, arn in named.items() if not template.targets(arn)]
        return f"its role has managed policies that are not known here: {', '.join(policies)}" if policies else None

    @property
    def policies_of_other_stacks(self) -> Sequence[Any]:
        """The managed policies of the role that are of other stacks, as they stand."""
        here = self.home.resources
        return [
            arn
            for arn in (() if self.role_resource is None else self._managed_policies)
            if isinstance(arn, dict) and (arn.get("Ref", self.role_id) not in here or not _OF_OTHERS.isdisjoint(arn))
        ]

    def take_as_read(self, before: Sequence[Any]) -> None:
        """Leave out the managed policies of other stacks that were read before, unless some were added since.

        What CDK has written for them by now does not tell which policies they are.
        """
        now = self.policies_of_other_stacks
        if now and len(now) <= len(before):
            properties = self.home.resources[self.role_id]["Properties"]
            properties["ManagedPolicyArns"] = [arn for arn in self._managed_policies if arn not in now]

    @property
    def _managed_policies(self) -> Sequence[Any]:
        arns = self.home.resources[self.role_id]["Properties"].get("ManagedPolicyArns", [])
        return arns if isinstance(arns, list) else [arns]

    @cached_property
    def permissions(self) -> Permissions:
        """What policies allow, as far as it is about this function."""
        stack, home = self.stack, self.home
        elsewhere = self._policies_elsewhere
        if stack is home and self.role_resource is not None and not elsewhere:
            stack.resources[self.id]["Properties"]["Role"] = {"Ref": self.role_id}
            return self.stacks.permissions_of(home)
        self.stacks.tell_apart(stack, home)
        about = {key: each for key, each in stack.resources.items() if each["Type"] in _ABOUT_FUNCTIONS}
        properties = {**stack.resources[self.id]["Properties"], "Role": {"Ref": self.role_id}}
        function = {"Type": FUNCTION, "Properties": properties}
        resources = {**home.resources, **about, **elsewhere, self.id: function}
        return self.stacks.permissions_in(resources, home)

    @cached_property
    def _policies_elsewhere(self) -> Mapping[str, Any]:
        """Give what grants the role something and is in other stacks; of an imported role, all that is known."""
        if self.role_resource is None:
            name = self.home.resolve(self.role.role_name)
            policies = [policy["Properties"] for each in self.stacks.all for policy in each.policies_naming(name)]
            return {_IMPORTED_ROLE: {"Type": ROLE, "Properties": {"Policies": policies}}}
        others = [each for each in self.stacks.all if each is not self.home]
        names = [{"Ref": self.role_id}]
        if not isinstance(self.role, iam.Role):
            # By the name that CDK takes from the ARN.
            names.append(self.home.resolve(self.role.role_name))
        # In another stack the same logical id may be another role's.
        found = [
            policy for each in others if self.role_id not in each.role_ids for policy in each.policies_naming(*names)
        ]
        if self.stacks.are_prepared:
            found.extend(policy for each in others for policy in each.policies_for(self.role_resource, names[0]))
        named = self.home.resources[self.role_id]["Properties"].get("ManagedPolicyArns", ())
        ids = {arn["Ref"] for arn in named if isinstance(arn, dict) and "Ref" in arn} - self.home.resources.keys()
        return {
            **{f"elsewhere {number}": policy for number, policy in enumerate(found)},
            **{id: each.resources[id] for each in others for id in ids if id in each.resources},
        }


def _name_if_not_known(arn: Any) -> str | None:
    """Give the name of a managed policy, or what stands for it; ``None`` for one of AWS's that is known."""
    text = Template({}).text(arn)
    name = text.partition(_MANAGED)[2]
    is_known_here = name in MANAGED_POLICIES or name in MANAGED_POLICIES_OF_EVERYTHING
    return None if is_known_here and _MANAGED_BY_AWS in text else name or text
