"""The rules inside any CDK app: a policy validation plugin that judges every template at synthesis."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    NestedStack,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)
from constructs import IConstruct

from .judgement import NAMESPACE
from .rules.catalogue import ARGUMENT_RULES, RULES
from .rules.engine import Severity, Violation
from .template.check import check_template
from .template.intrinsics import Template
from .template.publication import ALIAS, FUNCTION, VERSION
from .template.survey import CAPACITY_PROVIDER

#: What a template is reported by that could not be judged. It is no rule, since it says nothing about Lambda.
NOT_JUDGED = "template-not-judged"
#: How CDK validates templates, and what it hands to a plugin, read 2026-11-24.
POLICY_VALIDATION = "https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html"

# The entries of a construct's metadata, as the cloud assembly keeps them.
_LOGICAL_ID = "aws:cdk:logicalId"
_WARNING = "aws:cdk:warning"
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
# Where CDK puts the resource of a nested stack: beside it, in a construct with its name and this.
_BESIDE_NESTED_STACK = ".NestedStack"

_RULES_BY_ID = {rule.id: rule for rule in RULES}


@jsii.implements(IPolicyValidationPlugin)
class ManagedInstanceValidator:
    """Holds every stack of an app to the rules of this library, whatever constructs it is made of.

    It is a policy validation plugin of CDK. It reads the templates that ``synth`` writes, those of stages and nested
    stacks too. An error stops synthesis, a warning is printed; both are in ``validation-report.json``.
    See https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html, read 2026-11-24.

    Example::

        app = cdk.App()
        cdk.Validations.of(app).add_plugins(ManagedInstanceValidator())
        ...
        app.synth()

    What is as it should be is acknowledged where CDK acknowledges everything, with a reason; it counts for the
    construct and all below it::

        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id="cdk-lmi::LMI305", reason="a test stage"))

    What a construct of this library was told to let past (``acknowledge=``) is not told again, and a warning that it
    told itself is not told twice.

    It does not see:

    - what is not in the template: imported resources, and values that are known when deployed only;
    - resources of other stacks that a template refers to, so that a function and its capacity provider are held
      against each other only where one template defines both;
    - nested stacks that are given by a URL, since CDK has no template of theirs, and those of an app that keeps no
      logical ids in its metadata (``aws:cdk:disable-logicalId-metadata``);
    - the rules LMI0xx, which are about the arguments of this library's constructs.

    Before 2.271, CDK lets an acknowledgment count for the whole app: https://github.com/aws/aws-cdk/issues/38495

    It takes no arguments. To have warnings stop synthesis as well there is ``cdk synth --strict``, and without CDK's
    command line ``@aws-cdk/core:strictCfnValidateErrors`` in the context of the app, for the warnings of all plugins.
    """

    # These are properties because jsii reads properties only: a class attribute arrives in Node as undefined.
    @property
    def name(self) -> str:
        """What CDK puts before the id of a rule, so that acknowledgments read as those of the constructs."""
        return NAMESPACE.rstrip(":")

    @property
    def version(self) -> str:
        """The version of this package; 0.0.0 where it is not installed, which is what CDK takes for none."""
        try:
            return version("cdk-lmi")
        except PackageNotFoundError:
            return "0.0.0"

    @property
    def rule_ids(self) -> list[str]:
        """The ids of the rules that a template can violate."""
        return [rule.id for rule in RULES if rule not in ARGUMENT_RULES]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Judge the templates. CDK calls this.

        Args:
            context: The templates of the app, and the app.

        Returns:
            The violations; a success unless one of them is an error.
        """
        found: list[_Told] = []
        stacks = list(_stacks(context))
        for stack in stacks:  # and the nested stacks, as they are found
            # Whatever is raised in here would come back from Node as a RuntimeError that tells of no template.
            try:
                found.extend(_judge(stack))
                stacks.extend(_nested(stack, context.app_construct))
            except Exception as error:
                found.append(_not_judged(stack, error))
        success = not any(told.violation.severity is Severity.ERROR for told in found)
        return PolicyValidationPluginReport(success=success, violations=_grouped(found))


class _Told(NamedTuple):
    """A violation, and where CDK finds it."""

    violation: Violation
    resource: PolicyViolatingResource


class _Stack:
    """A stack of the app, or a nested one, with its template.

    Args:
        path: Of the construct.
        file: The template.
        constructs: What the cloud assembly says of the constructs in it.
    """

    def __init__(self, path: str, file: Path, constructs: _Constructs) -> None:
        self.path = path
        self.file = file
        self.constructs = constructs

    @cached_property
    def document(self) -> Any:
        return json.loads(self.file.read_text(encoding="utf-8"))


class _Constructs:
    """What the cloud assembly says of the constructs of a stack, those in nested stacks too.

    It is read from the files that CDK's command line reads it from: to ask each construct is a call to Node each.
    What cannot be read is as if it were not there.

    Args:
        stack: The path of the stack.
        file: Its template.
    """

    def __init__(self, stack: str, file: Path) -> None:
        self._stack = stack
        self._file = file

    def path(self, stack: str, logical_id: str) -> str | None:
        """Give the path of the construct that defines a resource in the template of this stack or of a nested one."""
        return self._paths.get((stack, logical_id))

    def warned(self, path: str, id: str) -> bool:
        """Whether the construct, or one that it is in, tells a warning of the rule."""
        return any(f"[ack: {NAMESPACE}{id}]" in str(data) for data in self._entries(path, _WARNING))

    def acknowledged(self, path: str, id: str) -> bool:
        """Whether the rule is acknowledged at the construct, or at one that it is in."""
        return any(f"{NAMESPACE}{id}" in data for data in self._entries(path, _ACKNOWLEDGED))

    def _entries(self, path: str, kind: str) -> Iterator[Any]:
        for place in _upwards(path):
            yield from _data(self._metadata.get(place, ()), kind)

    @cached_property
    def _metadata(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        try:
            return {path.lstrip("/"): entries for path, entries in _stored_metadata(self._file).items()}
        except (OSError, ValueError, LookupError, AttributeError, TypeError):
            return {}

    @cached_property
    def _paths(self) -> Mapping[tuple[str, str], str]:
        return {
            (self._stack_of(path), logical_id): path
            for path, entries in self._metadata.items()
            for logical_id in _data(entries, _LOGICAL_ID)
        }

    @cached_property
    def _nested_stacks(self) -> frozenset[str]:
        return frozenset(filter(None, map(_nested_stack, self._metadata)))

    def _stack_of(self, path: str) -> str:
        return next((place for place in _upwards(path) if place in self._nested_stacks), self._stack)


def _stored_metadata(file: Path) -> Mapping[str, Any]:
    """Read the metadata of the constructs of a stack, which its cloud assembly has in itself or in a file of its own.

    See https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema, read 2026-11-24.
    """
    manifest = json.loads(file.with_name("manifest.json").read_text(encoding="utf-8"))
    for artifact in manifest["artifacts"].values():
        if artifact.get("properties", {}).get("templateFile") == file.name:
            elsewhere = artifact.get("additionalMetadataFile")
            more = json.loads(file.with_name(elsewhere).read_text(encoding="utf-8")) if elsewhere else {}
            return {**artifact.get("metadata", {}), **more}
    return {}


def _data(entries: Iterable[Mapping[str, Any]], kind: str) -> Iterator[Any]:
    return (entry["data"] for entry in entries if entry["type"] == kind)


def _upwards(path: str) -> Iterator[str]:
    """Give the path of a construct, and of each that it is in, outwards."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _nested_stack(resource: str) -> str | None:
    """Give the path of the nested stack that a construct is the resource of."""
    beside = resource.rpartition("/")[0]
    return beside.removesuffix(_BESIDE_NESTED_STACK) if beside.endswith(_BESIDE_NESTED_STACK) else None


def _stacks(context: IPolicyValidationContext) -> Iterator[_Stack]:
    """Give the stacks that CDK hands to a plugin: all in the app and its stages, but for nested ones. Each once."""
    paths = {Path(stack.template_path): stack.stack_construct_path for stack in context.stack_templates}
    for file, path in paths.items():
        yield _Stack(path, file, _Constructs(path, file))


def _nested(stack: _Stack, app: IConstruct) -> Iterator[_Stack]:
    """Give the nested stacks in a stack, whose templates stand beside that of the stack."""
    for logical_id in Template(stack.document).of_type("AWS::CloudFormation::Stack"):
        path = _nested_stack(stack.constructs.path(stack.path, logical_id) or "")
        construct: IConstruct | None = app
        for name in path.split("/") if path else ():
            construct = construct and construct.node.try_find_child(name)
        if isinstance(construct, NestedStack):
            yield _Stack(construct.node.path, stack.file.with_name(construct.template_file), stack.constructs)


def _judge(stack: _Stack) -> Iterator[_Told]:
    template = Template(stack.document if isinstance(stack.document, Mapping) else {})
    for violation in check_template(stack.document):
        told_at = [
            path
            for resource in _stands_with(template, violation.resource)
            if (path := stack.constructs.path(stack.path, resource))
        ]
        if violation.severity is Severity.WARNING and any(
            stack.constructs.warned(path, violation.id) for path in told_at
        ):
            continue
        yield _Told(
            violation,
            PolicyViolatingResource(
                resource_logical_id=violation.resource,
                template_path=str(stack.file),
                locations=[_location(pointer, violation.resource) for pointer in violation.locations],
                # CDK finds the construct by itself, and what is acknowledged there, but not what was elsewhere.
                construct_path=next(
                    (path for path in told_at if stack.constructs.acknowledged(path, violation.id)), None
                ),
            ),
        )


def _stands_with(template: Template, id: str) -> Iterator[str]:
    """Give a resource, and those in whose constructs this library tells and takes acknowledgments of it.

    A function may have been put on Managed Instances by another construct, which has its alias. A capacity provider is
    judged with the network that it is in, and with the first function on it where it is CDK's own.
    """
    yield id
    kind = template.resources[id]["Type"]
    if kind == FUNCTION:
        for published in (*template.of_type(VERSION), *template.of_type(ALIAS)):
            if id in template.refers_to(published, "FunctionName"):
                yield published
    elif kind == CAPACITY_PROVIDER:
        yield from template.refers_to(id, "VpcConfig")
        for function in template.of_type(FUNCTION):
            if id in template.refers_to(function, "CapacityProviderConfig"):
                yield from _stands_with(template, function)


def _location(pointer: str, resource: str) -> str:
    """Write a JSON Pointer as CDK does: ``Properties.MemorySize`` in the resource, else from the template's root."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return ".".join(steps[2:] if steps[:2] == ["Resources", resource] else steps)


def _not_judged(stack: _Stack, error: Exception) -> _Told:
    said = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
    return _Told(
        Violation(
            id=NOT_JUDGED,
            severity=Severity.ERROR,
            resource="",
            fields=(),
            message=f"{stack.file.name} must be a template in JSON that can be judged, got {said}",
            fix="mend what writes the template, or acknowledge that it is not judged",
            source=POLICY_VALIDATION,
        ),
        PolicyViolatingResource(construct_path=stack.path, template_path=str(stack.file), locations=[]),
    )


def _grouped(found: Iterable[_Told]) -> list[PolicyViolation]:
    """Put together what is said in the same words of several resources."""
    groups: dict[tuple[str, Severity, str, str], list[_Told]] = {}
    for told in found:
        violation = told.violation
        groups.setdefault((violation.id, violation.severity, violation.message, violation.fix), []).append(told)
    return [
        PolicyViolation(
            rule_name=id,
            severity=severity.value,
            description=message,
            # CDK prints neither rule_metadata nor anything else that could hold the page.
            fix=f"{fix}\nsee: {group[0].violation.source}",
            rule_metadata=_rule_metadata(group[0].violation),
            violating_resources=[told.resource for told in group],
        )
        for (id, severity, message, fix), group in groups.items()
    ]


def _rule_metadata(violation: Violation) -> Mapping[str, str]:
    rule = _RULES_BY_ID.get(violation.id)
    about = {} if rule is None else {"slug": rule.slug, "title": rule.title, "since": rule.since}
    return {"source": violation.source, **about}
