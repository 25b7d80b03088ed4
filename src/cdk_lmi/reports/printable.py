"""Names in templates are anybody's: none reaches a terminal or a report with characters that do something."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from ..documents.files import STANDARD_INPUT
from ..rules.engine import Violation

# Control characters, lone surrogates, marks that change the direction of text, and line breaks of Unicode.
_ACTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def printable(text: str) -> str:
    """Give the text with each character that does something instead of showing something spelled out."""
    return _ACTIVE.sub(lambda match: match[0].encode("unicode_escape", "surrogatepass").decode("ascii"), text)


def printable_violation(violation: Violation) -> Violation:
    """Give the violation with all its text printable."""
    return replace(
        violation,
        resource=printable(violation.resource),
        message=printable(violation.message),
        fix=printable(violation.fix),
        fields=tuple(map(printable, violation.fields)),
        locations=tuple(map(printable, violation.locations)),
    )


def unread_problem(*names: str) -> str:
    """Tell that parts of a template were not checked, and what to do.

    Args:
        names: Of the parts.
    """
    return (
        f"not checked: {printable(', '.join(names))}, which CloudFormation expands at deployment. "
        "Deploy once, then check the transformed template: aws cloudformation get-template --stack-name <stack> "
        "--template-stage Processed --query TemplateBody --output json"
    )


def shown(path: str) -> str:
    """Give what to call a path in a report."""
    return "standard input" if path == STANDARD_INPUT else path


def relative(path: str) -> str:
    """Give a path from the working directory on, where it is below it; with slashes."""
    if path == STANDARD_INPUT:
        return "stdin"
    try:
        below = os.path.relpath(path)
    except ValueError:  # on another drive
        below = os.pardir
    return (path if below.startswith(os.pardir) else below).replace(os.sep, "/")
