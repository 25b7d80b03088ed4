"""The rules inside any CDK app: a policy validation plugin that checks every template at synthesis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)

from .documents.assembly import AssembledTemplate, Constructs, joined, read_assembly, standing_with
from .documents.files import read_document, real_path
from .documents.source import UnreadableError
from .rules.catalogue import ARGUMENT_RULES, NAMESPACE, RULES
from .rules.engine import Severity, Violation
from .template.check import check_template
from .template.cross_stack import Joined
from .template.intrinsics import Template

#: What a template is reported by that could not be judged. It is no rule, since it says nothing about Lambda.
NOT_JUDGED = "template-not-judged"
#: How CDK validates templates, and what it hands to a plugin, read 2026-11-24.
POLICY_VALIDATION = "https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html"

# How CDK names the templates of stacks and of nested stacks.
_TEMPLATE = ".template.json"

_RULES_BY_ID = {rule.id: rule for rule in RULES}


@jsii.implements(IPolicyValidationPlugin)
class ManagedInstanceValidator:
    """Checks every stack of an app against the rules of this library, whatever constructs it is made of.

    It is a plugin for CDK's policy validation. It reads the templates that ``synth`` writes, including those of stages
    and nested stacks. An error stops synthesis, a warning is printed, and both are written to
    ``validation-report.json``.
    See https://docs.aws.amazon.com/cdk/v2/guide/policy-validation-synthesis.html, read 2026-11-24.

    Example::

        app = cdk.App()
        cdk.Validations.of(app).add_plugins(ManagedInstanceValidator())
        ...
        app.synth()

    Acknowledge a finding as everywhere in CDK, with a reason. This applies to the construct and everything below it::

        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id="cdk-lmi::LMI305", reason="a test stage"))

    A finding that was acknowledged at a construct of this library (``acknowledge=``) is not reported again, nor is a
    warning that the construct has already given, nor what the metadata of a resource acknowledges (``cdk-lmi``).

    It does not cover:

    - what is not in the template: imported resources, and values that are known only at deployment;
    - resources of other stacks that a template refers to, but for callers of functions: a function and its capacity
      provider are checked against each other only if one template defines both;
    - nested stacks that are given by a URL, because CDK does not have their templates, and those of an app that keeps
      no logical ids in its metadata (``aws:cdk:disable-logicalId-metadata``);
    - the rules LMI0xx, which are about the arguments of this library's constructs.

    Before 2.271, CDK applies an acknowledgment to the whole app: https://github.com/aws/aws-cdk/issues/38495

    It takes no arguments. To make warnings stop synthesis as well, use ``cdk synth --strict`` or, without CDK's command
    line, ``@aws-cdk/core:strictCfnValidateErrors`` in the context of the app, for the warnings of all plugins.
    """

    # These are properties because jsii reads properties only: a class attribute arrives in Node as undefined.
    @property
    def name(self) -> str:
        """The prefix that CDK puts before the id of a rule, the same as in acknowledgments of the constructs."""
        return NAMESPACE.rstrip(":")

    @property
    def version(self) -> str:
        """The version of this package, or 0.0.0 if it is not installed, which CDK treats as none."""
        try:
            return version("cdk-lmi")
        except PackageNotFoundError:
            return "0.0.0"

    @property
    def rule_ids(self) -> list[str]:
        """The ids of the rules that a template can violate."""
        return [rule.id for rule in RULES if rule not in ARGUMENT_RULES]

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Check the templates when CDK asks for it.

        Args:
            context: The templates of the app, and the app.

        Returns:
            The report with all violations: a success unless one of them is an error.
        """
        stacks = {real_path(stack.template_path): stack.stack_construct_path for stack in context.stack_templates}
        templates = list(_templates(stacks))
        readable = [template for template in templates if isinstance(template, AssembledTemplate)]
        together = joined(readable, [template.document.value for template in readable])
        found = [_not_judged(template, stacks) for template in templates if isinstance(template, UnreadableError)]
        for template, read in zip(readable, together, strict=True):
            found.extend(_judge(template, read, stacks))
        success = not any(told.violation.severity is Severity.ERROR for told in found)
        return PolicyValidationPluginReport(success=success, violations=_grouped(found))


class _Told(NamedTuple):
    """A violation, and where CDK finds it."""

    violation: Violation
    resource: PolicyViolatingResource


def _templates(stacks: Iterable[str]) -> Iterator[AssembledTemplate | UnreadableError]:
    """Read the stacks that CDK hands to a plugin, all in the app and its stages, and those nested in them, once."""
    left = dict.fromkeys(stacks)
    for directory in {str(Path(stack).parent): None for stack in left}:
        for found in _assembled(directory):
            if isinstance(found, UnreadableError):
                yield found
            # An assembly has those of its stages too, which are handed over for themselves.
            elif (stack := real_path(found.stack or "")) in stacks and str(Path(stack).parent) == directory:
                yield found
                left.pop(stack, None)
    for stack in left:
        try:
            document = read_document(stack)
            yield AssembledTemplate(stack, document, Constructs.of_template(document.value))
        except UnreadableError as error:
            yield error.of(stack)


def _assembled(directory: str) -> Iterator[AssembledTemplate | UnreadableError]:
    """Read a cloud assembly; where something other than a template cannot be read, as if it were not there."""
    try:
        for found in read_assembly(directory):
            if isinstance(found, AssembledTemplate) or str(found.path).endswith(_TEMPLATE):
                yield found
    except UnreadableError:
        return


def _judge(template: AssembledTemplate, read: Joined, stacks: Mapping[str, str]) -> list[_Told]:
    # Whatever is raised in here would come back from Node as a RuntimeError that tells of no template.
    try:
        return list(_tell(template, read))
    except Exception as error:
        said = f"{type(error).__name__}: {error}".strip().partition("\n")[0]
        return [_not_judged(UnreadableError(f"cannot be checked: {said}", path=template.path), stacks)]


def _tell(template: AssembledTemplate, read: Joined) -> Iterator[_Told]:
    document, constructs = read.document, template.constructs
    together = standing_with(Template(document))
    for violation in check_template(document, read.received):
        resources = together.get(violation.resource, (violation.resource,))
        if violation.severity is Severity.WARNING and constructs.is_warned(violation.id, resources):
            continue
        # What was acknowledged elsewhere CDK would not find, nor which of two nested stacks with one template it is.
        acknowledged_at, _ = constructs.acknowledgment(violation.id, resources) or (None, "")
        # In the template itself, CDK does not look.
        if acknowledged_at is None and constructs.reason(violation.id, resources) is not None:
            continue
        yield _Told(
            violation,
            PolicyViolatingResource(
                resource_logical_id=violation.resource,
                template_path=template.path,
                locations=[_location(pointer, violation.resource) for pointer in violation.locations],
                construct_path=acknowledged_at or constructs.paths.get(violation.resource),
            ),
        )


def _location(pointer: str, resource: str) -> str:
    """Write a JSON Pointer as CDK does: ``Properties.MemorySize`` in the resource, else from the template's root."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    return ".".join(steps[2:] if steps[:2] == ["Resources", resource] else steps)


def _not_judged(error: UnreadableError, stacks: Mapping[str, str]) -> _Told:
    path = error.path or ""
    return _Told(
        Violation(
            id=NOT_JUDGED,
            severity=Severity.ERROR,
            resource="",
            fields=(),
            message=f"{Path(path).name} {error}",
            fix="fix what writes the template, or acknowledge that it is not checked",
            source=POLICY_VALIDATION,
        ),
        PolicyViolatingResource(construct_path=stacks.get(real_path(path)), template_path=path, locations=[]),
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
