"""What templates hand to each other: exports, and parameters and outputs of nested stacks.

Only what names a function on Managed Instances is followed: who calls it may be in any of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .connectivity import NESTED_STACK
from .intrinsics import Template, import_of
from .properties import PROVIDER_ARN, read_fact
from .publication import FUNCTION

_PUBLISHES = "publish_to_latest_published"
_NAME = re.compile(r"(?<=\$\{)\w+")


@dataclass(frozen=True)
class Member:
    """A template among others."""

    document: Any
    #: How it is called in messages, as in ``Compute.template.json``.
    name: str
    #: Which of the others it is nested in, and the logical id of its stack there.
    nested_in: tuple[int, str] | None = None


@dataclass(frozen=True)
class ForeignFunction:
    """A function on Managed Instances that another template defines."""

    #: As in ``Orders in Compute.template.json``.
    name: str
    publish_to_latest_published: Any


@dataclass(frozen=True)
class Received:
    """What a template gets of others.

    Functions of others have names that no logical id can be.
    """

    #: In the place of what the template refers to, text as :meth:`Template.text` gives it.
    texts: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, ForeignFunction] = field(default_factory=dict)
    #: Those functions whose template names them, by that name.
    by_name: Mapping[str, str] = field(default_factory=dict)


#: What a template gets that stands for itself.
NOTHING = Received()


def received_by(members: Sequence[Member]) -> Sequence[Received]:
    """Find what each template gets of the others, in their order.

    An export is followed to whoever imports its name, and the name of a function to whoever writes it, unless another
    template has the same for something else: nobody can tell then which of the two is meant.

    Args:
        members: The templates, each of which is judged by itself as well.
    """
    exchange = _Exchange(members)
    if len(members) == 1 or not exchange.functions:
        return [NOTHING] * len(members)
    exchange.follow()
    return [exchange.received(place) for place in range(len(members))]


class _Exchange:
    def __init__(self, members: Sequence[Member]) -> None:
        self._documents = [member.document if isinstance(member.document, Mapping) else {} for member in members]
        self._parents = [member.nested_in for member in members]
        self._nested = {parent: place for place, parent in enumerate(self._parents) if parent}
        self._imports: dict[str, str] = {}
        #: By template: what it gets of the one that it is nested in, and of those that are nested in it.
        self._texts: list[dict[str, str]] = [{} for _ in members]
        self.functions: dict[str, ForeignFunction] = {}
        named: dict[str, list[str | None]] = {}
        for place, member in enumerate(members):
            template = self._template(place)
            for id in template.of_type(FUNCTION):
                foreign = None
                if template.raw(id, f"Properties.{PROVIDER_ARN}") is not None:
                    foreign = _foreign(place, id)
                    self.functions[foreign] = ForeignFunction(
                        f"{id} in {member.name}", read_fact(template, id, _PUBLISHES)
                    )
                name = template.property(id, "FunctionName")
                if isinstance(name, str):
                    named.setdefault(name, []).append(foreign)
        self._by_name = _certain(named)

    def received(self, place: int) -> Received:
        own = _foreign(place, "")
        others = {name: function for name, function in self.functions.items() if not name.startswith(own)}
        by_name = {name: foreign for name, foreign in self._by_name.items() if foreign in others}
        return Received({**self._imports, **self._texts[place]}, others, by_name)

    def follow(self) -> None:
        """Hand on until nobody gets anything new: what was handed on once stays as it is."""
        known = -1
        while known < (handed_on := len(self._imports) + sum(map(len, self._texts))):
            known = handed_on
            exports: dict[str, list[str | None]] = {}
            for place in range(len(self._documents)):
                template = self._template(place)
                for name, text in template.exports().items():
                    exports.setdefault(import_of(name), []).append(self._handed_on(place, text))
                for receiver, name, text in self._within(place, template):
                    self._texts[receiver].setdefault(name, text)
            for name, text in _certain(exports).items():
                self._imports.setdefault(name, text)

    def _within(self, place: int, template: Template) -> Iterator[tuple[int, str, str]]:
        """Give what a template hands to those nested in it, and to the one that it is nested in."""
        for id in template.of_type(NESTED_STACK):
            child = self._nested.get((place, id))
            parameters = template.raw(id, "Properties.Parameters")
            for name, written in parameters.items() if isinstance(parameters, Mapping) else ():
                text = self._handed_on(place, template.text(written))
                if child is not None and text is not None:
                    yield child, str(name), text
        parent, nested = self._parents[place] or (None, "")
        for name, text in () if parent is None else template.outputs().items():
            handed_on = self._handed_on(place, text)
            if parent is not None and handed_on is not None:
                yield parent, f"{nested}.Outputs.{name}", handed_on

    def _handed_on(self, place: int, text: str) -> str | None:
        """Give text as others get it; ``None`` where it names no function on Managed Instances."""
        found = False

        def renamed(match: re.Match[str]) -> str:
            nonlocal found
            foreign = _foreign(place, match[0])
            name = foreign if foreign in self.functions else match[0]
            found = found or name in self.functions
            return name

        text = _NAME.sub(renamed, text)
        return text if found else None

    def _template(self, place: int) -> Template:
        return Template(self._documents[place], {**self._imports, **self._texts[place]})


def _foreign(place: int, id: str) -> str:
    """Name a resource of another template: logical ids are letters and digits only."""
    return f"_{place}_{id}"


def _certain(found: Mapping[str, Sequence[str | None]]) -> dict[str, str]:
    """Give the first of each that are all functions on Managed Instances."""
    return {name: each[0] for name, each in found.items() if each[0] is not None and None not in each}
