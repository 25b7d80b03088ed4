"""What templates hand to each other: exports, other outputs, and parameters of nested stacks.

What names a function on Managed Instances is followed: who calls it may be in any of them. What is not certain is not
followed, since a caller that calls an alias after all must not be told of. What is of a network is followed to whoever
may hold the rest of it: there, what is not certain is followed, since nothing must be told to be missing that is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from .connectivity import CONTINUES, NESTED_STACK, VPC
from .intrinsics import Output, Template, import_of, output_of, with_given
from .properties import PROVIDER_ARN, read_fact
from .publication import FUNCTION, NamedElsewhere
from .syntax import as_mapping

_PUBLISHES = "publish_to_latest_published"
_NAME = re.compile(r"(?<=\$\{)\w+")
# What text refers to, the attribute included.
_REFERENCE = re.compile(r"\$\{([^!{}][^{}]*)\}")
# What stands in text between the items of a list, or between the branches of a condition that is not known.
_LIST = re.compile(r"[\s,;|]")


@dataclass(frozen=True)
class Member:
    """A template among others."""

    document: Any
    #: How it is called in messages, as in ``Compute.template.json``.
    name: str
    #: Which of the others it is nested in, and the logical id of its stack there.
    nested_in: tuple[int, str] | None = None
    #: The name of its stack, where that is known and it is not nested.
    stack_name: str | None = None
    #: Its account and Region, as in ``aws://123456789012/eu-west-1``, where they are known.
    environment: str | None = None
    #: What it was synthesised with: a stage of an app, or a folder.
    assembly: str = ""


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
    #: Those of the same account and Region whose template names them.
    named: NamedElsewhere = field(default_factory=NamedElsewhere)
    #: The logical ids of what others hold the rest of: they have endpoints in its VPC, routes in its table.
    continued: frozenset[str] = frozenset()


#: What a template gets that stands for itself.
NOTHING = Received()


class Joined(NamedTuple):
    """A template as it is among others."""

    #: With the parameters that it is given by the one that it is nested in.
    document: Any
    received: Received


def join(members: Sequence[Member]) -> Sequence[Joined]:
    """Find what each template gets of the others, in their order.

    An export is followed to whoever imports its name in the same account and Region, and the name of a function to
    whoever writes it there, unless another template has the same for something else: nobody can tell then which of the
    two is meant.

    Args:
        members: The templates, parents before those that are nested in them.
    """
    documents = _with_parameters(members)
    received = [Received(named=NamedElsewhere(environment=member.environment)) for member in members]
    if len(members) == 1:
        return [Joined(*each) for each in zip(documents, received, strict=True)]
    exchange = _Exchange(members, documents)
    if exchange.functions:
        exchange.follow()
        received = [exchange.received(place) for place in range(len(members))]
    continued = _Networks(members, documents).continued()
    return [
        Joined(
            document, replace(received[place], continued=continued[place]) if place in continued else received[place]
        )
        for place, document in enumerate(documents)
    ]


def _with_parameters(members: Sequence[Member]) -> list[Any]:
    """Give the documents, those of nested stacks with what the one that they are nested in gives them."""
    documents: list[Any] = []
    for member in members:
        document = member.document
        if member.nested_in is not None and isinstance(document, Mapping):
            parent, id = member.nested_in
            document = with_given(document, _parameters(Template(as_mapping(documents[parent])), id))
        documents.append(document)
    return documents


def _parameters(parent: Template, id: str) -> Mapping[str, Any]:
    """Give what a nested stack gets, as far as it is known."""
    written = parent.raw(id, "Properties.Parameters") if id in parent.of_type(NESTED_STACK) else None
    return {str(name): parent.value(each) for name, each in as_mapping(written).items()}


#: Account and Region, and what a template was synthesised with.
_Where: TypeAlias = "tuple[str | None, str]"


class _Handed(NamedTuple):
    """What a template hands on to whoever knows its name."""

    place: int
    #: ``None`` for what names no function on Managed Instances, or not for certain.
    text: str | None


class _Exchange:
    def __init__(self, members: Sequence[Member], documents: Sequence[Any]) -> None:
        self._members = members
        self._documents = [as_mapping(document) for document in documents]
        self._nested = {member.nested_in: place for place, member in enumerate(members) if member.nested_in}
        #: By template: what it gets of the one that it is nested in, and of those that are nested in it.
        self._texts: list[dict[str, str]] = [{} for _ in members]
        #: By what whoever gets it refers to it by.
        self._handed: dict[str, list[_Handed]] = {}
        #: By account and Region, and by what it was synthesised with: what a template gets of those.
        self._imports: dict[_Where, Mapping[str, str]] = {}
        self._names: dict[_Where, Mapping[str, str]] = {}
        self.functions: dict[str, ForeignFunction] = {}
        self._named: dict[str, list[_Handed]] = {}
        for place in range(len(members)):
            self._register(place)

    def _register(self, place: int) -> None:
        """Note the functions of a template."""
        template = self._template(place)
        for id in template.of_type(FUNCTION):
            foreign = None
            if template.is_stated(id, f"Properties.{PROVIDER_ARN}") is True:
                foreign = _foreign(place, id)
                named = f"{id} in {self._members[place].name}"
                self.functions[foreign] = ForeignFunction(named, read_fact(template, id, _PUBLISHES))
            name = template.property(id, "FunctionName")
            if isinstance(name, str):
                self._named.setdefault(name, []).append(_Handed(place, foreign))

    def received(self, place: int) -> Received:
        """Give what a template gets in the end."""
        named = self._nearest(place, self._named, self._names)
        return Received(
            self._received_texts(place), self.functions, NamedElsewhere(named, self._members[place].environment)
        )

    def follow(self) -> None:
        """Hand on until nobody gets anything new: what was handed on once stays as it is."""
        known = -1
        while known < (count := self._count()):
            known = count
            handed: dict[str, list[_Handed]] = {}
            for place in range(len(self._members)):
                template = self._template(place)
                outputs = template.outputs()
                for name, text in self._given_to_all(place, outputs):
                    handed.setdefault(name, []).append(_Handed(place, text))
                for receiver, name, text in self._given_to_relatives(place, template, outputs):
                    self._texts[receiver].setdefault(name, text)
            # What names no function is not looked at by every template again.
            self._handed = {name: each for name, each in handed.items() if any(one.text is not None for one in each)}
            self._imports = {}

    def _count(self) -> int:
        handed = (each for found in self._handed.values() for each in found)
        return sum(each.text is not None for each in handed) + sum(map(len, self._texts))

    def _given_to_all(self, place: int, outputs: Sequence[Output]) -> Iterator[tuple[str, str | None]]:
        """Give what a template exports, and what others read of its outputs by the name of its stack."""
        stack_name = self._members[place].stack_name
        for output in outputs:
            text = self._handed_on(place, output.text)
            if output.export is not None:
                yield import_of(output.export), text
            if stack_name is not None:
                yield output_of(stack_name, output.name), text

    def _given_to_relatives(
        self, place: int, template: Template, outputs: Sequence[Output]
    ) -> Iterator[tuple[int, str, str]]:
        """Give what a template hands to those nested in it, and to the one that it is nested in."""
        for id in template.of_type(NESTED_STACK):
            child = self._nested.get((place, id))
            parameters = as_mapping(template.raw(id, "Properties.Parameters")) if child is not None else {}
            for name, written in parameters.items():
                text = self._handed_on(place, template.text(written))
                if child is not None and text is not None:
                    yield child, str(name), text
        parent, nested = self._members[place].nested_in or (None, "")
        for output in outputs if parent is not None else ():
            text = self._handed_on(place, output.text)
            if parent is not None and text is not None:
                yield parent, f"{nested}.Outputs.{output.name}", text

    def _handed_on(self, place: int, text: str | None) -> str | None:
        """Give text as others get it; ``None`` where it does not name a function on Managed Instances for certain."""
        if text is None or _LIST.search(text):
            return None
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
        return Template(self._documents[place], self._received_texts(place))

    def _received_texts(self, place: int) -> Mapping[str, str]:
        return {**self._nearest(place, self._handed, self._imports), **self._texts[place]}

    def _nearest(
        self, place: int, handed: Mapping[str, Sequence[_Handed]], known: dict[_Where, Mapping[str, str]]
    ) -> Mapping[str, str]:
        """Give what a template gets of each name: what was synthesised with it comes before what was not.

        Args:
            place: The template.
            handed: What there is of each name.
            known: What others got, of the same account and Region, that were synthesised together.
        """
        where = _where(self._members[place])
        if where not in known:
            found = {}
            for name, each in handed.items():
                around = [one for one in each if _where(self._members[one.place])[0] == where[0]]
                near = [one for one in around if _where(self._members[one.place]) == where]
                found[name] = self._one_of(near or around)
            known[where] = {name: text for name, text in found.items() if text is not None}
        return known[where]

    def _one_of(self, handed: Sequence[_Handed]) -> str | None:
        """Give the first of several, where it makes no difference which of them it is."""
        texts = [each.text for each in handed if each.text is not None]
        published = {self._publishes(text) for text in texts}
        return texts[0] if texts and len(texts) == len(handed) and len(published) == 1 else None

    def _publishes(self, text: str) -> tuple[Any, ...]:
        names = (text, *_NAME.findall(text))
        return tuple(self.functions[name].publish_to_latest_published for name in names if name in self.functions)


class _Networks:
    """Which templates hold more of a network that another one defines."""

    def __init__(self, members: Sequence[Member], documents: Sequence[Any]) -> None:
        self._members = members
        self._templates = [Template(as_mapping(document)) for document in documents]
        self._nested = {member.nested_in: place for place, member in enumerate(members) if member.nested_in}
        self._handed: dict[str, list[_Handed]] = {}

    def continued(self) -> Mapping[int, frozenset[str]]:
        """Give the resources of each template that others hold the rest of, by its place."""
        found: dict[int, set[str]] = {}
        if not any(template.of_type(VPC) for template in self._templates):
            return {}
        self._hand_on()
        for place, template in enumerate(self._templates):
            for id in (*template.of_others, *(id for kind in CONTINUES for id in template.of_type(kind))):
                for owner, of in self._origins(place, template.text(template.raw(id, "Properties"))):
                    if owner != place:
                        found.setdefault(owner, set()).add(of)
        return {owner: frozenset(ids) for owner, ids in found.items()}

    def _hand_on(self) -> None:
        for place, template in enumerate(self._templates):
            stack_name = self._members[place].stack_name
            for output in template.outputs():
                handed = _Handed(place, output.text)
                if output.export is not None:
                    self._handed.setdefault(import_of(output.export), []).append(handed)
                if stack_name is not None:
                    self._handed.setdefault(output_of(stack_name, output.name), []).append(handed)

    def _origins(self, place: int, text: str | None) -> Iterator[tuple[int, str]]:
        """Give the resources that a text refers to, wherever they are: the template's place, and the logical id.

        Each reference is followed once. Where stacks hand on what they were handed, there are more ways to it than
        references, twice as many with every stack.
        """
        followed: set[tuple[int, str]] = set()
        waiting = [(place, text)]
        while waiting:
            place, text = waiting.pop()
            for name in set(_REFERENCE.findall(text or "")):
                if (place, name) in followed:
                    continue
                followed.add((place, name))
                id = name.partition(".")[0]
                if id in self._templates[place].resources:
                    yield place, id
                waiting.extend((handed.place, handed.text) for handed in self._givers(place, name))

    def _givers(self, place: int, name: str) -> Iterator[_Handed]:
        """Give who a template may have what it refers to from."""
        id, _, output = name.partition(".Outputs.")
        nested = self._nested.get((place, id))
        if nested is not None:
            yield from (_Handed(nested, each.text) for each in self._templates[nested].outputs() if each.name == output)
        parent, stack = self._members[place].nested_in or (None, "")
        if parent is not None and name in self._templates[place].parameter_names:
            outer = self._templates[parent]
            written = outer.raw(stack, "Properties.Parameters") if stack in outer.resources else None
            yield _Handed(parent, outer.text(as_mapping(written).get(name)))
        around = [
            each
            for each in self._handed.get(name, ())
            if self._members[each.place].environment == self._members[place].environment
        ]
        near = [each for each in around if self._members[each.place].assembly == self._members[place].assembly]
        yield from near or around


def _where(member: Member) -> _Where:
    return member.environment, member.assembly


def _foreign(place: int, id: str) -> str:
    """Name a resource of another template: logical ids are letters and digits only."""
    return f"_{place}_{id}"
