"""What the resources of a template say to cdk-lmi in their metadata: which rules are acknowledged, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ..rules.catalogue import ARGUMENT_RULES, NAMESPACE, why_useless
from ..rules.engine import Violation, check
from ..rules.facts import Argument
from ..template.loops import without_loops
from ..template.syntax import as_mapping

_STEPS = ("Metadata", "cdk-lmi", "acknowledge")


def acknowledged_in(document: object) -> Mapping[str, Mapping[str, str]]:
    """Give the reasons that the resources of a template state, by logical id, then by id of the rule."""
    found: dict[str, dict[str, str]] = {}
    for resource, _, id, reason in _stated(document):
        rule_id = id.removeprefix(NAMESPACE)
        if why_useless(rule_id, _text(reason)) is None:
            found.setdefault(resource, {})[rule_id] = _text(reason)
    return found


def useless_in(document: object) -> Iterator[Violation]:
    """Give what is acknowledged to no effect: no rule, one that cannot be acknowledged, or without a reason."""
    for resource, place, id, reason in _stated(document):
        useless_because = why_useless(id.removeprefix(NAMESPACE), _text(reason))
        if useless_because is not None:
            argument = Argument(acknowledged=id, useless_because=useless_because)
            pointer = "/".join(_escaped(step) for step in ("", "Resources", *place, *_STEPS, id))
            for violation in check(argument, ARGUMENT_RULES, resource=resource):
                yield replace(violation, fields=(".".join(_STEPS),), locations=(pointer,))


def _stated(document: object) -> Iterator[tuple[str, Sequence[str], str, object]]:
    """Give each resource with where it is written, each id that it states, and the reason."""
    written_out, places = without_loops(as_mapping(document))
    for resource, written in as_mapping(written_out.get("Resources")).items():
        for step in _STEPS:
            written = as_mapping(written).get(step)
        # A list of ids, or one id, has no reasons.
        ids = written if isinstance(written, list) else [written] if isinstance(written, str) else ()
        for id, reason in written.items() if isinstance(written, Mapping) else ((id, None) for id in ids):
            yield str(resource), places.get(resource, (str(resource),)), str(id), reason


def _text(reason: object) -> str:
    return reason if isinstance(reason, str) else ""


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
