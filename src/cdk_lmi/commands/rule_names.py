"""Rules by what users call them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..terminal import WrongUseError

if TYPE_CHECKING:
    from ..rules.engine import Rule


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

    alike = _alike(name.upper(), list(named))
    hint = f"did you mean {' or '.join(alike)}?" if alike else "see cdk-lmi rules"
    raise WrongUseError(f"there is no rule {printable(name)!r}; {hint}")


def _alike(name: str, names: Sequence[str]) -> Sequence[str]:
    """Give the names that are meant, those with the same letters and digits first."""
    from difflib import get_close_matches

    found = get_close_matches(name, names, n=len(names))
    found.sort(key=lambda other: sorted(other) != sorted(name))
    return [other if other.startswith("LMI") else other.lower() for other in found[:3]]
