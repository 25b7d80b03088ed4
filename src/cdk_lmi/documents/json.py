"""JSON files, with where in them things stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from .source import Place, Position, UnreadableError, locate, parse_number, position

# One token at a time; what is between two of them is white space. A string's content may hold any of the others.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


@dataclass(frozen=True)
class JsonDocument:
    """A parsed JSON file."""

    text: str
    value: Any

    def positions(self, pointers: Iterable[str]) -> Mapping[str, Position]:
        """Give where values stand, by JSON Pointer; of one that is not there, what is nearest around it."""
        return locate(self.text, pointers, partial(_fill, self.text))


def parse_json(text: str) -> JsonDocument:
    """Parse a text as JSON.

    Raises:
        UnreadableError: It is none, names a key twice, or goes beyond what can be held.
    """
    try:
        return JsonDocument(
            text,
            json.loads(
                text,
                object_pairs_hook=_object_of_unique_keys,
                parse_int=partial(parse_number, convert=int),
                parse_float=partial(parse_number, convert=float),
                parse_constant=_refuse_constant,
            ),
        )
    except json.JSONDecodeError as error:
        raise UnreadableError(
            f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}", Position(error.lineno, error.colno)
        ) from None
    except RecursionError:
        raise UnreadableError("is nested too deeply") from None
    except _DuplicateKey:
        key, offset = find_duplicate_key(text)
        raise UnreadableError(f"the key {key!r} is duplicated in one object", position(text, offset)) from None


class _DuplicateKey(Exception):
    """Found while parsing, where no position is known."""


def _object_of_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKey
    return found


def _refuse_constant(written: str) -> NoReturn:
    raise UnreadableError(f"is not JSON: {written} is not a value")


def find_duplicate_key(text: str) -> tuple[str, int]:
    """Find the first key of a valid JSON text that its object had before, and its offset.

    Raises:
        LookupError: No object names a key twice.
    """
    keys: list[set[str] | None] = []
    before = ""
    for token in _TOKEN.finditer(text):
        written = token[0]
        if written in ("{", "["):
            keys.append(set() if written == "{" else None)
        elif written in ("}", "]"):
            keys.pop()
        elif before in ("{", ",") and keys and (known := keys[-1]) is not None:
            key = _text(written)
            if key in known:
                return key, token.start()
            known.add(key)
        before = written
    raise LookupError("no object names a key twice")


def _fill(text: str, root: Place) -> None:
    """Note where each place of the tree is. Values that nobody looks for are gone through, and nothing kept of them."""
    # Of each open container: its place, and the number of its next item where it is an array.
    open_containers: list[tuple[Place | None, int | None]] = []
    place: Place | None = root
    before = ""
    for token in _TOKEN.finditer(text):
        written = token[0]
        if before in ("{", "[", ",") and written not in ("}", "]"):
            container, number = open_containers[-1]
            step = _text(written) if number is None else str(number)
            if number is not None:
                open_containers[-1] = container, number + 1
            place = container.children.get(step) if container is not None else None
        if place is not None and place.offset is None:
            place.offset = token.start()
        if written == "{":
            open_containers.append((place, None))
        elif written == "[":
            open_containers.append((place, 0))
        elif written in ("}", "]"):
            open_containers.pop()
        before = written


def _text(written: str) -> str:
    """Give what a JSON string says."""
    if "\\" not in written:
        return written[1:-1]
    return str(json.loads(written))
