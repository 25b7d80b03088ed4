"""How a rule is written and run. Nothing here knows what the rules are about."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import FunctionType
from typing import Protocol, cast

from .facts import UNKNOWN, Keywords


class Severity(str, Enum):
    """What a violation means for whoever deploys."""

    #: AWS refuses it, or it cannot serve.
    ERROR = "error"
    #: It deploys and hurts.
    WARNING = "warning"


class Wording(Protocol):
    """How those who read a violation write a fact: as keyword, or as property of a template."""

    def name(self, fact: str) -> str:
        """Give what the fact is called."""
        ...

    def subject(self, fact: str) -> str:
        """Give what the fact is called in a sentence, where it stands on something else than what is judged."""
        ...

    def setting(self, fact: str, value: object) -> str:
        """Give what to write so that the fact has the value."""
        ...

    def locations(self, fact: str) -> Iterable[str]:
        """Give where it is written, as JSON Pointers into the template; nothing where there is none."""
        ...


KEYWORDS: Wording = Keywords()


@dataclass(frozen=True)
class Change:
    """One way to fix a configuration: facts and the values they must get.

    ``words`` say it where facts and values do not; without values it is something that facts cannot show.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    words: str | None = None
    note: str | None = None

    def render(self, wording: Wording) -> tuple[str, str]:
        """Give the verb and what it is done to."""
        if self.words is not None:
            verb = "leave out" if self.words.startswith("leave out ") else self.words.partition(" ")[0]
            return verb, self.words[len(verb) + 1 :]
        if all(_left_out(value) for value in self.values.values()):
            return "leave out", " and ".join(map(wording.name, self.values))
        # Where one argument holds two facts, it is set once.
        settings: dict[str, str] = {}
        for fact, value in self.values.items():
            name = wording.name(fact)
            settings.setdefault(name, f"no {name}" if _left_out(value) else wording.setting(fact, value))
        return "set", " with ".join(settings.values()) + (f" {self.note}" if self.note else "")


def _left_out(value: object) -> bool:
    return value is None or value is False or value == ()


def change(words: str | None = None, *, note: str | None = None, **values: object) -> Change:
    """Give the change that sets each fact to its value; leaving a fact out is ``None``, ``False`` or ``()``."""
    return Change(values, words, note)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule says: ``subject`` must ``must``, got ``got``; any one change of ``fix`` puts it right."""

    #: The fact, by name.
    subject: str
    #: What is allowed, with its unit, so that it reads after "must".
    must: str
    #: What there is, with its unit.
    got: str
    #: The changes, the likeliest first.
    fix: tuple[Change, ...]
    #: Where this finding weighs other than its rule.
    severity: Severity | None = None
    #: What was looked at, where that is not what the rule needs.
    fields: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A finding in its place: what is wrong with which resource, and how to fix it."""

    #: Such as ``LMI104``; public, never used again for another rule.
    id: str
    #: Error or warning.
    severity: Severity
    #: The construct path, or the logical id in a template.
    resource: str
    #: The keywords or property paths that the rule looked at.
    fields: tuple[str, ...]
    #: What must hold and what there is.
    message: str
    #: What to do, beginning with a verb.
    fix: str
    #: The page that the rule rests on.
    source: str
    #: In a template: JSON Pointers (RFC 6901) to where those properties stand, or would stand, the subject's first.
    locations: tuple[str, ...] = ()

    def __str__(self) -> str:
        mark = "" if self.severity is Severity.ERROR else "warning: "
        indent = " " * (len(self.id) + 1)
        return f"{self.id} {mark}{self.message}\n{indent}fix: {self.fix}\n{indent}see: {self.source}"


class ManagedInstanceError(ValueError):
    """A configuration that cannot work. Every problem is in ``violations``, and in the message.

    Args:
        violations: What is wrong, at least one, all with the same resource.
    """

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(self.violations)

    def __str__(self) -> str:
        count = len(self.violations)
        heading = f"{count} problem{'s' if count > 1 else ''} in '{self.violations[0].resource}'"
        listed = "\n".join(f"  {line}" for violation in self.violations for line in str(violation).splitlines())
        return f"{heading}\n\n{listed}\n"


# A user meets it under its public name, in a traceback too.
ManagedInstanceError.__module__ = "cdk_lmi"


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """One thing that must hold, and why."""

    #: Such as ``LMI104``.
    id: str
    #: Names the fault: ``memory-below-one-vcpu``.
    slug: str
    #: What its findings weigh, unless they say otherwise.
    severity: Severity
    #: The page it rests on.
    source: str
    #: The release it came with.
    since: str
    #: The facts it cannot do without, by name.
    needs: tuple[str, ...]
    #: The facts that make its finding better where they are known.
    uses: tuple[str, ...]
    #: Takes the facts, gives the finding or ``None``.
    judge: Callable[..., Finding | None]

    @property
    def title(self) -> str:
        """One line."""
        return self._docstring[0].rstrip(".")

    @property
    def why(self) -> str:
        """What AWS does, and what it costs whoever does not know."""
        return self._docstring[2]

    @property
    def _docstring(self) -> tuple[str, str, str]:
        return inspect.cleandoc(self.judge.__doc__ or "").partition("\n\n")

    def find(self, record: object) -> Finding | None:
        """Judge the record; ``None`` as well where it lacks a fact that the rule needs."""
        facts = {}
        for name in self.needs:
            value = getattr(record, name, UNKNOWN)
            if value is UNKNOWN:
                return None
            facts[name] = value
        for name in self.uses:
            value = getattr(record, name, UNKNOWN)
            if value is not UNKNOWN:
                facts[name] = value
        return self.judge(**facts)

    def violation(self, finding: Finding, resource: str, wording: Wording) -> Violation:
        """Put the finding into the reader's words."""
        facts = (finding.subject, *self.needs) if finding.fields is None else finding.fields
        return Violation(
            id=self.id,
            severity=finding.severity or self.severity,
            resource=resource,
            fields=tuple(dict.fromkeys(map(wording.name, facts))),
            locations=tuple(dict.fromkeys(place for fact in facts for place in wording.locations(fact))),
            message=f"{wording.subject(finding.subject)} must {finding.must}, got {finding.got}",
            fix=_render_fix(finding.fix, wording),
            source=self.source,
        )


def _render_fix(changes: Iterable[Change], wording: Wording) -> str:
    """Join the changes with "or", saying the verb where it is not that of the change before."""
    parts: list[str] = []
    last_verb = None
    for verb, rest in (item.render(wording) for item in changes):
        parts.append(rest if verb == last_verb else f"{verb} {rest}")
        last_verb = verb
    return ", or ".join(parts)


def rule(
    id: str, *, severity: Severity, source: str, since: str = "0.1.0"
) -> Callable[[Callable[..., Finding | None]], Rule]:
    """Make a rule of a function: its name is the slug, its docstring title and reason, its parameters the facts.

    A parameter with a default is a fact that the rule can do without.
    """

    def make(judge: Callable[..., Finding | None]) -> Rule:
        # Not by inspect.signature: every import would wait for it, once for each rule.
        function = cast(FunctionType, judge)
        parameters = function.__code__.co_varnames[: function.__code__.co_argcount]
        without_default = len(parameters) - len(function.__defaults__ or ())
        return Rule(
            id=id,
            slug=judge.__name__.replace("_", "-"),
            severity=severity,
            source=source,
            since=since,
            needs=parameters[:without_default],
            uses=parameters[without_default:],
            judge=judge,
        )

    return make


def check(
    record: object,
    rules: Iterable[Rule],
    *,
    resource: str = "",
    wording: Wording = KEYWORDS,
) -> list[Violation]:
    """Judge a record of facts by the rules, in their order.

    Args:
        record: Anything with the facts as attributes; one it lacks is unknown.
        rules: The rules.
        resource: What the violations are told of: a construct path or a logical id.
        wording: How the reader writes facts.
    """
    violations = []
    for candidate in rules:
        finding = candidate.find(record)
        if finding is not None:
            violations.append(candidate.violation(finding, resource, wording))
    return violations
