"""Docstrings and defaults of the API as a page shows them: an extension of Griffe, which mkdocstrings reads code with.

Docstrings stay what Python's own ``help()`` shows well. Here references become code, an example becomes a block of
Python, and a default that is a name in the source becomes the number that it stands for.
"""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any

import griffe

from cdk_lmi.rules import limits

_REFERENCE = re.compile(r":(?:attr|class|exc|func|meth|mod):`([^`]*)`")
_BLOCK = re.compile(r"::\n\n((?:(?: {4}.*)?\n)+)")
_NUMBER = re.compile(r"int\(([A-Z_]+)\)")


class Docstrings(griffe.Extension):
    """Writes docstrings as Markdown, and defaults as values."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Write the docstring of anything anew."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)

    def on_function(self, *, func: griffe.Function, **_: Any) -> None:
        """Write the defaults of a function anew."""
        for parameter in func.parameters:
            if parameter.default is not None:
                parameter.default = default_of(str(parameter.default), func.module)


def as_markdown(docstring: str) -> str:
    """Give a docstring with code for its references, and with blocks of Python for its examples."""
    return _BLOCK.sub(_block, _REFERENCE.sub(r"`\1`", f"{docstring}\n")).rstrip("\n")


def default_of(expression: str, module: griffe.Module) -> str:
    """Give what a default comes to, where it is a number of the limits or a constant of its module."""
    if (number := _NUMBER.fullmatch(expression)) is not None:
        return str(int(getattr(limits, number[1])))
    constant = module.members.get(expression)
    return str(constant.value) if isinstance(constant, griffe.Attribute) else expression


def _block(example: re.Match[str]) -> str:
    language = "json" if example[1].lstrip().startswith("{") else "python"
    return f":\n\n```{language}\n{dedent(example[1]).strip()}\n```\n\n"
