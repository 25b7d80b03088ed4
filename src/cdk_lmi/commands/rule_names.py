"""Rules by what users call them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..terminal import WrongUseError

if TYPE_CHECKING:
    from ..rules.engine import Rule

_ID = re.compile(r"LMI\d{1,9}", re.ASCII)


def rule_named(name: str) -> Rule:
    """Give a rule by its id or its slug, in any case.

    Raises:
        WrongUseError: There is none. It names those that are written alike.
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
    """Give the ids and slugs of rules that somebody may have meant, the likeliest first."""
    from ..rules.catalogue import RULES

    meant = name.strip().upper()
    if _ID.fullmatch(meant):
        return _ids_alike(meant, [rule.id for rule in RULES])[:most]
    from difflib import get_close_matches

    return get_close_matches(meant.lower().replace("_", "-"), [rule.slug for rule in RULES], n=most)


def _ids_alike(meant: str, ids: Sequence[str]) -> Sequence[str]:
    """Give the ids with the same digits in another order, then those that one digit tells apart.

    Digits say nothing of what a rule is about: what has other ones was not meant.
    """
    reordered = [id for id in ids if sorted(id) == sorted(meant)]
    return [*reordered, *(id for id in ids if id not in reordered and _is_one_digit_away(meant, id))]


def _is_one_digit_away(first: str, second: str) -> bool:
    """Tell whether one digit is another, or one is there that is not in the other."""
    if len(first) == len(second):
        return sum(one != other for one, other in zip(first, second, strict=True)) == 1
    shorter, longer = sorted((first, second), key=len)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
