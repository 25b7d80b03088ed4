"""What the loops of a template make, and where each resource that they make is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .syntax import DEEPEST, LONGEST, as_mapping, as_written, is_list_of, is_loop, list_items, macro_names

# What expands loops: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
# (read 2026-11-28). With "&", what is no letter or digit of an item is left out.
_LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
_WITH_LOOPS = ("Conditions", "Resources", "Outputs")
_PLACEHOLDER = re.compile(r"([$&])\{([^{}]+)\}")
_ITEM = re.compile(r"[^${}&]+")
# How many values loops may make, more than a template of the most characters has.
_MOST_VALUES = 100_000


class _NotKnownError(ValueError):
    """Nobody can tell for sure what a loop makes."""


def without_loops(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Sequence[str]]]:
    """Give a template with what its loops make in their place, and where each resource that they make is written.

    A loop stays that is over what is not known, of which AWS does not say what it makes, or that makes more than a
    template may have.

    Args:
        document: The template, as parsed from JSON or YAML.
    """
    if _LANGUAGE_EXTENSIONS not in macro_names(document.get("Transform")):
        return document, {}
    loops = _Loops(document)
    sections = {name: loops.written_out(document[name], name) for name in _WITH_LOOPS if name in document}
    return {**document, **sections}, loops.places


class _Loops:
    """Writes out the loops of a template.

    Args:
        document: The template.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._parameters = as_mapping(document.get("Parameters"))
        # Of these, an identifier cannot have the name.
        self._names = {*self._parameters, *as_mapping(document.get("Resources"))}
        self._values_left = _MOST_VALUES
        self._characters_left = LONGEST
        #: Where in a loop each resource is written that it makes.
        self.places: dict[str, Sequence[str]] = {}

    def written_out(self, written: Any, section: str | None = None, depth: int = 0) -> Any:
        """Give a value with the loops in it written out; of a section, places are noted if it is the resources."""
        if isinstance(written, list) and depth < DEEPEST:
            return [self.written_out(each, depth=depth + 1) for each in written]
        if not isinstance(written, Mapping) or depth >= DEEPEST:
            return written
        found: dict[Any, Any] = {}
        for key, each in written.items():
            if not is_loop(key):
                found[key] = self.written_out(each, depth=depth + 1)
                continue
            try:
                made = list(self._made(str(key), each, {}, (), depth))
                added: dict[Any, Any] = {}
                _add(added, made, beside=(written, found))
            except _NotKnownError:
                found[key] = each
                continue
            found.update(added)
            if section == "Resources":
                self.places.update((name, place) for name, _, place in made)
        return found

    def _made(
        self, key: str, loop: Any, given: Mapping[str, str], place: tuple[str, ...], depth: int
    ) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
        """Give what a loop makes: names, values, and where each is written.

        Args:
            key: Its name.
            loop: What it is over.
            given: Items of the loops around it, by identifier.
            place: Where it stands.
            depth: How deep.
        """
        if not is_list_of(loop, 3) or not isinstance(loop[0], str) or not isinstance(loop[2], Mapping):
            raise _NotKnownError
        identifier, collection, fragment = loop
        if identifier in given or identifier in self._names:
            raise _NotKnownError
        for item in self._collected(collection):
            self._count(depth)
            within = {**given, identifier: item}
            for name, each in fragment.items():
                if is_loop(name):
                    yield from self._made(name, each, within, (*place, key, "2"), depth + 1)
                else:
                    filled = self._filled(str(name), within)
                    yield filled, self._value(each, within, depth + 1), (*place, key, "2", name)

    def _collected(self, collection: Any) -> Sequence[str]:
        """Give the items that a loop is over: as they are written, or by default those of a parameter."""
        if isinstance(collection, Mapping) and collection.keys() == {"Ref"}:
            parameter = as_mapping(self._parameters.get(str(collection["Ref"])))
            is_list = parameter.get("Type") == "CommaDelimitedList"
            default = str(parameter["Default"]) if is_list and "Default" in parameter else ""
            self._count_characters(len(default))
            collection = list_items(default)
        items = collection if isinstance(collection, list) else [None]
        if not all(isinstance(each, (str, int)) and _ITEM.fullmatch(as_written(each)) for each in items):
            raise _NotKnownError
        collected = [as_written(each) for each in items]
        # Also where nothing is made of them: a loop within others reads them again for each item of those.
        self._count_characters(sum(map(len, collected)))
        return collected

    def _count(self, depth: int) -> None:
        """Come to an end, however many loops are within each other."""
        self._values_left -= 1
        if self._values_left < 0 or depth > DEEPEST:
            raise _NotKnownError

    def _count_characters(self, number: int) -> None:
        """Come to an end, however long the texts are; asked before they are made."""
        self._characters_left -= number
        if self._characters_left < 0:
            raise _NotKnownError

    def _value(self, written: Any, given: Mapping[str, str], depth: int) -> Any:
        """Give a value with items in the place of identifiers."""
        self._count(depth)
        if isinstance(written, str):
            return self._filled(written, given)
        if isinstance(written, list):
            return [self._value(each, given, depth + 1) for each in written]
        if not isinstance(written, Mapping):
            return written
        referred = written.get("Ref")
        if len(written) == 1 and isinstance(referred, str) and referred in given:
            self._count_characters(len(given[referred]))
            return given[referred]
        _refuse_what_is_not_documented(written, given)
        found: dict[Any, Any] = {}
        for key, each in written.items():
            if is_loop(key):
                _add(found, self._made(key, each, given, (), depth + 1))
            else:
                _add(found, [(self._filled(str(key), given), self._value(each, given, depth + 1), ())])
        text = found.get("Fn::Sub")
        # With nothing left in it, it is what it says, also where only text is taken, as in Ref.
        return text if len(found) == 1 and isinstance(text, str) and "${" not in text else found

    def _filled(self, text: str, given: Mapping[str, str]) -> str:
        """Put items in the place of identifiers."""

        def item(match: re.Match[str]) -> str:
            if not _is_given(match[2], given):
                return match[0]
            if match[2] not in given:
                raise _NotKnownError
            found = given[match[2]]
            self._count_characters(max(0, len(found) - len(match[0])))
            return found if match[1] == "$" else re.sub("[^0-9a-zA-Z]", "", found)

        self._count_characters(len(text))
        return _PLACEHOLDER.sub(item, text)


def _add(
    found: dict[Any, Any], made: Iterable[tuple[str, Any, Any]], *, beside: Sequence[Mapping[Any, Any]] = ()
) -> None:
    """Add what loops make to an object; nobody knows what two of a name come to, in it or in those beside it."""
    for name, value, _ in made:
        if name in found or any(name in each for each in beside):
            raise _NotKnownError
        found[name] = value


def _is_given(name: str, given: Mapping[str, str]) -> bool:
    """Tell whether a placeholder is of an identifier, or of an attribute of what has its name."""
    return name.partition(".")[0] in given


def _refuse_what_is_not_documented(written: Mapping[str, Any], given: Mapping[str, str]) -> None:
    """Refuse a variable of a text with an identifier's name, and an identifier in the name of a condition."""
    argument: Any = written.get("Fn::Sub")
    if is_list_of(argument, 2) and not given.keys().isdisjoint(as_mapping(argument[1])):
        raise _NotKnownError
    choice = written.get("Fn::If")
    name = choice[0] if isinstance(choice, list) and choice else None
    if isinstance(name, str) and any(_is_given(placed, given) for _, placed in _PLACEHOLDER.findall(name)):
        raise _NotKnownError
