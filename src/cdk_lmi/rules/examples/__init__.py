"""One configuration that violates each rule, and the same one fixed.

The file names say what is asserted: ``lmi104.bad.json`` violates LMI104 and nothing else, ``lmi104.good.json`` violates
nothing. Most are CloudFormation templates; a rule about the arguments of a construct (LMI0xx) has Python.
"""

from __future__ import annotations

import difflib
from importlib.resources import files
from typing import Literal

# The resource, its type and a property three levels deep: so much of a template says where a line stands.
_LINES_AROUND = 5


def example(rule_id: str, kind: Literal["bad", "good"]) -> str:
    """Give the text of an example.

    Args:
        rule_id: As in ``LMI104``.
        kind: ``bad`` for what violates the rule, ``good`` for the same one fixed.

    Raises:
        LookupError: There is no such example.
    """
    folder = files(__name__)
    for language in ("json", "py"):
        file = folder / f"{rule_id.lower()}.{kind}.{language}"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise LookupError(f"there must be an example of the rule, 'bad' or 'good', got {rule_id!r} and {kind!r}")


def before_after(rule_id: str) -> str:
    """Give what fixes the bad example of a rule: a unified diff without the names of the files.

    Args:
        rule_id: As in ``LMI104``.

    Raises:
        LookupError: There is no such example.
    """
    bad, good = (example(rule_id, kind).splitlines() for kind in ("bad", "good"))
    _, _, *lines = difflib.unified_diff(bad, good, n=_LINES_AROUND, lineterm="")
    return "\n".join(lines) + "\n"
