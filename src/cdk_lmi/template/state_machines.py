"""What the definition of a state machine calls, task by task."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .intrinsics import Template, is_intrinsic

# Where a task names a function: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
# (read 2026-11-27).
_CALLED = ("FunctionName", "Resource")
_QUALIFIER = "Qualifier"
_QUALIFIER_IN_TEXT = re.compile(rf'"{_QUALIFIER}(\.\$)?\\?"\s*:')


def called_in(template: Template, written: Any) -> Iterator[str]:
    """Give what tasks call, as text, but for functions that have a qualifier beside them.

    What depends on a condition that is not known is left out. So is, where the text of a definition is no JSON before
    its variables are put in, all of it if there is a qualifier anywhere.

    Args:
        template: The template.
        written: The definition, as an object or as what comes to its text.
    """
    if isinstance(written, Mapping) and not is_intrinsic(written):
        yield from (template.text(each) for each in _named_in(written) if template.is_decided(each))
        return
    text = template.text(written) if template.is_decided(written) else ""
    try:
        yield from map(str, _named_in(json.loads(text)))
    except (ValueError, RecursionError):
        if not _QUALIFIER_IN_TEXT.search(text):
            yield text


def _named_in(definition: Any) -> Iterator[Any]:
    """Give what stands where objects of a definition name a function."""
    waiting = [definition]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        if not isinstance(value, Mapping) or is_intrinsic(value):
            continue
        is_qualified = not {_QUALIFIER, f"{_QUALIFIER}.$"}.isdisjoint(value)
        for key, each in value.items():
            if key not in _CALLED or (isinstance(each, Mapping) and not is_intrinsic(each)):
                waiting.append(each)
            elif key != "FunctionName" or not is_qualified:
                yield each
