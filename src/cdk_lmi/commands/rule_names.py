"""Rules by the names that users give, and as JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..terminal import WrongUseError

if TYPE_CHECKING:
    from ..rules.engine import Rule

_ID = re.compile(r"LMI\d{1,9}", re.ASCII)


def rule_as_json(rule: Rule) -> Mapping[str, Any]:
    """Return a rule as JSON for programs."""
    return {name: getattr(rule, name) for name in ("id", "slug", "severity", "title", "why", "source", "since")}


def rule_named(name: str) -> Rule:
    """Return the rule with this id or slug, in any case.

    Raises:
        WrongUseError: There is no such rule. The message names rules that are spelt alike.
    """
    from ..rules.catalogue import RULES

    named = {key: rule for rule in RULES for key in (rule.id, rule.slug.upper())}
    rule = named.get(name.strip().upper().replace("_", "-"))
    if rule is not None:
        return rule
    from ..reports.printable import printable

    alike = rules_alike(name)
    hint = f"did you mean {' or '.join(alike)}?" if alike else "see cdk-lmi rules"
    raise WrongUseError(f"there is no rule {printable(name)!r}; {hint}")


def rules_alike(name: str, most: int = 3) -> Sequence[str]:
    """Return the ids and slugs of rules that the user may have meant, the likeliest first."""
    from ..rules.catalogue import RULES

    meant = name.strip().upper()
    if _ID.fullmatch(meant):
        return _ids_alike(meant, [rule.id for rule in RULES])[:most]
    from difflib import get_close_matches

    return get_close_matches(meant.lower().replace("_", "-"), [rule.slug for rule in RULES], n=most)


def _ids_alike(meant: str, ids: Sequence[str]) -> Sequence[str]:
    """Return the ids with the same digits in another order, then those that differ in one digit.

    Digits do not say what a rule is about, so an id that differs in more was not meant.
    """
    reordered = [id for id in ids if sorted(id) == sorted(meant)]
    return [*reordered, *(id for id in ids if id not in reordered and _is_one_digit_away(meant, id))]


def _is_one_digit_away(first: str, second: str) -> bool:
    """Tell whether the two differ in one digit, or one has one digit more."""
    if len(first) == len(second):
        return sum(one != other for one, other in zip(first, second, strict=True)) == 1
    shorter, longer = sorted((first, second), key=len)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
