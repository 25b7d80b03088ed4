"""What the definition of a state machine calls, task by task."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..rules.facts import LATEST
from .intrinsics import Template, is_intrinsic

# Where a task names a function: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
# (read 2026-11-27).
_CALLED = ("FunctionName", "Resource")
# Of what a task gives to another action than Lambda's invocations, nothing is called: it may publish a version.
_OTHER_ACTION = re.compile(r":aws-sdk:(?!lambda:invoke)")
_GIVEN = ("Parameters", "Arguments")
# With the second, a task takes it from its input.
_QUALIFIERS = ("Qualifier", "Qualifier.$")
_QUALIFIER_IN_TEXT = re.compile(r'"Qualifier(\.\$)?\\?"\s*:')


def called_in(template: Template, written: Any) -> Iterator[str]:
    """Give what tasks call, as text, but for functions that have a qualifier beside them.

    If that is ``$LATEST``, it is given as if it stood behind the name. What depends on a condition that is not known is
    left out. So is, where the text of a definition is no JSON before its variables are put in, all of it if there is a
    qualifier or another action of AWS's anywhere.

    Args:
        template: The template.
        written: The definition, as an object or as what comes to its text.
    """
    if isinstance(written, Mapping) and not is_intrinsic(written):
        for each, qualifier in _named_in(template, written):
            if template.is_decided([each, qualifier]):
                is_qualified = template.stands(qualifier) is not False
                yield from _qualified(template.text(each), template.text(qualifier) if is_qualified else None)
        return
    text = template.text(written) if template.is_decided(written) else ""
    try:
        for each, qualifier in _named_in(template, json.loads(text)):
            yield from _qualified(str(each), qualifier)
    except (ValueError, RecursionError):
        if not (_QUALIFIER_IN_TEXT.search(text) or _OTHER_ACTION.search(text)):
            yield text


def _qualified(name: str, qualifier: Any) -> Iterator[str]:
    """Give what a task calls, unless its qualifier names a version, or nobody knows what."""
    if qualifier in (None, LATEST):
        yield name if qualifier is None else f"{name}:{qualifier}"


def _named_in(template: Template, definition: Any) -> Iterator[tuple[Any, Any]]:
    """Give what stands where objects of a definition name a function, each with the qualifier beside it."""
    waiting = [definition]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        if not isinstance(value, Mapping) or is_intrinsic(value):
            continue
        qualifier = next((value[key] for key in _QUALIFIERS if key in value), None)
        is_call = not _OTHER_ACTION.search(template.text(value.get("Resource")))
        for key, each in value.items():
            if key not in _CALLED or (isinstance(each, Mapping) and not is_intrinsic(each)):
                if is_call or key not in _GIVEN:
                    waiting.append(each)
            else:
                yield each, qualifier if key == "FunctionName" else None
