"""What becomes of violations in a construct: errors are raised, warnings told to CDK, acknowledgments recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from aws_cdk import Acknowledgment, Validations
from constructs import Construct, IConstruct
from jsii.errors import JSIIError

from .rules.catalogue import ARGUMENT_RULES, NAMESPACE, RULES, why_useless
from .rules.engine import KEYWORDS, ManagedInstanceError, Rule, Severity, Violation, Wording, check
from .rules.facts import Argument

_ABOUT_ARGUMENTS = frozenset(rule.id for rule in ARGUMENT_RULES)


@dataclass(frozen=True)
class Judgement:
    """What a configuration that was let through is to be told about."""

    #: Also errors that only come out at synthesis, when nothing can be refused any more.
    warnings: Sequence[Violation]
    acknowledged: Sequence[Acknowledgment]

    def tell(self, construct: IConstruct) -> None:
        """Hand warnings and acknowledgments to CDK, at the construct that they are about."""
        if not (self.warnings or self.acknowledged):
            return
        validations = Validations.of(construct)
        for acknowledgment in self.acknowledged:
            validations.acknowledge(
                Acknowledgment(id=f"{NAMESPACE}{_rule_id(acknowledgment)}", reason=acknowledgment.reason)
            )
        # CDK before 2.271 does not hold an acknowledgment against what is told later at the same construct, and none
        # holds one against errors.
        around = construct.node.scopes if _has_error(self.warnings) else [construct]
        silenced = _acknowledged_at(around) if self.warnings else ()
        for warning in self.warnings:
            if f"{NAMESPACE}{warning.id}" in silenced:
                continue
            tell = validations.add_error if warning.severity is Severity.ERROR else validations.add_warning
            tell(f"{NAMESPACE}{warning.id}", f"{warning.message}; fix: {warning.fix}; see {warning.source}")


def _acknowledged_at(constructs: Iterable[IConstruct]) -> set[str]:
    """Give what was acknowledged at constructs in CDK's own way, by the ids that CDK takes for it."""
    entries = (entry for construct in constructs for entry in construct.node.metadata)
    return {id for entry in entries if entry.type == Validations.ACKNOWLEDGED_RULES_METADATA_KEY for id in entry.data}


def _has_error(violations: Iterable[Violation]) -> bool:
    return any(violation.severity is Severity.ERROR for violation in violations)


@dataclass(frozen=True)
class Worded:
    """A record whose facts the user writes otherwise than those of the records beside it."""

    record: object
    wording: Wording


def judge(
    scope: IConstruct,
    id: str,
    *,
    records: Iterable[object],
    acknowledge: Sequence[Acknowledgment],
    rules: Sequence[Rule] = RULES,
    wording: Wording = KEYWORDS,
) -> Judgement:
    """Judge the records of facts of the construct that is to become ``id`` in ``scope``.

    Args:
        scope: Where the construct will stand.
        id: What it will be called there.
        records: Facts, and arguments that do not fit.
        acknowledge: Rules that the user was let past, with the reasons.
        rules: Those to judge facts by, where some were run elsewhere.
        wording: The construct's keywords for the facts, but for those of a ``Worded`` record.

    Raises:
        ManagedInstanceError: An error that nobody acknowledged, neither here nor at ``scope`` or around it. It tells
            the warnings as well.
    """
    ids = {_rule_id(acknowledgment) for acknowledgment in acknowledge}
    worded = (
        (each.record, each.wording) if isinstance(each, Worded) else (each, wording)
        for each in (*records, *_useless(acknowledge))
    )
    violations = [
        violation
        for record, words in worded
        for violation in check(record, ARGUMENT_RULES if isinstance(record, Argument) else rules, wording=words)
        if violation.id not in ids or violation.id in _ABOUT_ARGUMENTS
    ]
    # Not of warnings, which CDK holds against acknowledgments itself: each call to Node takes time.
    if _has_error(violations) and isinstance(scope, Construct):
        around = _acknowledged_at(scope.node.scopes)
        violations = [
            violation
            for violation in violations
            if violation.id in _ABOUT_ARGUMENTS or f"{NAMESPACE}{violation.id}" not in around
        ]
    if _has_error(violations):
        path = f"{scope.node.path}/{id}" if isinstance(scope, Construct) else str(id)
        raise ManagedInstanceError(replace(violation, resource=path.lstrip("/")) for violation in violations)
    return Judgement(warnings=violations, acknowledged=tuple(acknowledge))


@contextmanager
def told_as_violation(scope: Construct, id: str, *, undo: bool = False) -> Iterator[None]:
    """Tell what CDK refuses from within Node as a violation of the construct ``id`` in ``scope``.

    Args:
        scope: Where it stands.
        id: What it is called there.
        undo: Take out what has been defined of it so far.
    """
    told = None
    try:
        yield
    except (RuntimeError, JSIIError, ManagedInstanceError) as error:
        if undo:
            scope.node.try_remove_child(_child_id(id))
        if isinstance(error, ManagedInstanceError):
            raise
        told = str(error).strip().partition("\n")[0]
    # Outside of the handler, so that no traceback from Node comes along.
    if told is not None:
        judge(scope, id, records=[Argument(refused_by_cdk=told)], acknowledge=())


def _child_id(id: str) -> str:
    """Give the name by which a construct has a child, as in ``lib/construct.js`` of constructs 10.5.0 and 10.8.1."""
    return id.replace("/", "--")


def _rule_id(acknowledgment: Acknowledgment) -> str:
    return acknowledgment.id.removeprefix(NAMESPACE)


def _useless(acknowledge: Iterable[Acknowledgment]) -> Iterable[Argument]:
    for acknowledgment in acknowledge:
        useless_because = why_useless(_rule_id(acknowledgment), acknowledgment.reason)
        if useless_because is not None:
            yield Argument(acknowledged=acknowledgment.id, useless_because=useless_because)
