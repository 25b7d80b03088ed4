"""YAML templates, with the short forms of CloudFormation's functions: what needs PyYAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import yaml

from .source import Place, Position, UnreadableError, locate, parse_number, position

# Aliases stand for what they name, and an alias of aliases for more than anybody wrote. As in cfn-lint.
_MOST_VALUES = 250_000
_STANDARD = "tag:yaml.org,2002:"
_MERGE = f"{_STANDARD}merge"
#: The functions whose name is not their short form with ``Fn::`` before it.
_NAMES = {"Ref": "Ref", "Condition": "Condition"}

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class YamlDocument:
    """A parsed YAML file."""

    text: str
    value: Any
    root: yaml.Node

    def positions(self, pointers: Iterable[str]) -> Mapping[str, Position]:
        """Give where values stand, by JSON Pointer; of one that is not there, what is nearest around it."""
        return locate(self.text, pointers, partial(_fill, self.root, self.root))


def parse_yaml(text: str) -> YamlDocument:
    """Parse a text as YAML.

    Raises:
        UnreadableError: It is none, or what it says cannot be a template.
    """
    try:
        root = _compose(text)
        return YamlDocument(text, _Reader(text).read(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise UnreadableError(f"is not YAML: {problem}", position(text, mark.index) if mark else None) from None
    except yaml.YAMLError as error:
        raise UnreadableError(f"is not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise UnreadableError("is nested too deeply") from None


def _compose(text: str) -> yaml.Node:
    parser = _Parser(text)
    try:
        root: yaml.Node | None = parser.get_single_node()
    finally:
        parser.dispose()
    if root is None:
        raise UnreadableError("is empty")
    return root


def _fill(node: yaml.Node, written_at: yaml.Node, place: Place) -> None:
    """Note where each place of the tree is: a member of an object where its key does."""
    place.offset = written_at.start_mark.index
    if place.children:
        for name, member_at, child in _members(node):
            if name in place.children:
                _fill(child, member_at, place.children[name])


def _members(node: yaml.Node) -> Iterable[tuple[str, yaml.Node, yaml.Node]]:
    """Give what is in a node: by which step, where, and what."""
    if isinstance(node, yaml.MappingNode):
        return ((key.value, key, value) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        return ((str(number), item, item) for number, item in enumerate(node.value))
    return ()


class _Reader:
    """Makes of the nodes of a document what CloudFormation takes them for.

    Args:
        text: The document, to say where something is wrong.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        constructor = yaml.constructor.SafeConstructor()
        self._numbers = {"int": constructor.construct_yaml_int, "float": constructor.construct_yaml_float}
        self._truth = constructor.construct_yaml_bool
        # What was read, and how many values it stands for; an alias gives the same object again.
        self._read: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()

    def read(self, root: yaml.Node) -> Any:
        """Read a document."""
        value, size = self._value(root)
        if size > max(_MOST_VALUES, len(self._read)):
            raise UnreadableError(f"its aliases stand for more than {_MOST_VALUES} values")
        return value

    def _value(self, node: yaml.Node) -> tuple[Any, int]:
        known = self._read.get(id(node))
        if known is None:
            if id(node) in self._open:
                raise self._refusal(node, "an alias stands within what it names")
            self._open.add(id(node))
            known = self._read[id(node)] = self._made(node)
            self._open.remove(id(node))
        return known

    def _made(self, node: yaml.Node) -> tuple[Any, int]:
        if isinstance(node, yaml.ScalarNode):
            value, size = self._scalar(node), 1
        elif isinstance(node, yaml.SequenceNode):
            value, size = self._list(node)
        else:
            value, size = self._object(node)
        if node.tag.startswith("!") and len(node.tag) > 1:
            return _function(node.tag[1:], value), size + 1
        if not node.tag.startswith((_STANDARD, "!")) or node.tag.startswith(f"{_STANDARD}python"):
            raise self._refusal(node, f"the tag {node.tag} is not known to CloudFormation")
        return value, size

    def _list(self, node: yaml.SequenceNode) -> tuple[list[Any], int]:
        items = [self._value(item) for item in node.value]
        return [value for value, _ in items], 1 + sum(size for _, size in items)

    def _object(self, node: yaml.Node) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        total = 1
        for key, child in node.value:
            value, size = self._value(child)
            total += size
            if key.tag == _MERGE:
                merged = {**self._merged(child, value), **merged}
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise self._refusal(key, "a key must be text")
            if key.value in found:
                raise self._refusal(key, f"the key {key.value!r} is duplicated in one object")
            found[key.value] = value
        # What is taken over and not written anew comes last, as if it had been written there.
        return {**found, **{name: value for name, value in merged.items() if name not in found}}, total

    def _merged(self, node: yaml.Node, value: Any) -> dict[str, Any]:
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise self._refusal(node, "<< must name objects")
        return {name: item for source in reversed(sources) for name, item in source.items()}

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        """Give text as it is written, unless it says a number, true, false or null. A date is text."""
        kind = node.tag.removeprefix(_STANDARD)
        try:
            if kind in self._numbers:
                return parse_number(node.value, lambda _: self._numbers[kind](node))
            if kind == "bool":
                return self._truth(node)
            return None if kind == "null" else node.value
        except (ValueError, KeyError, IndexError, OverflowError) as error:
            problem = error.problem if isinstance(error, UnreadableError) else f"{node.value[:40]!r} is not {kind}"
            raise self._refusal(node, problem) from None

    def _refusal(self, node: yaml.Node, problem: str) -> UnreadableError:
        return UnreadableError(problem, position(self._text, node.start_mark.index))


def _function(short: str, argument: Any) -> dict[str, Any]:
    """Spell a function out, as in JSON."""
    if short == "GetAtt" and isinstance(argument, str):
        argument = argument.split(".", 1)
    return {_NAMES.get(short, f"Fn::{short}"): argument}
