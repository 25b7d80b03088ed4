"""Source texts: places in them, and what is wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

# Python turns this many digits into a number whatever it is set to, and more in a time that grows with their square.
_MOST_DIGITS = 640
_LARGEST_NUMBER = sys.float_info.max


class Position(NamedTuple):
    """A place in a text: line and column from 1 on, the column in characters."""

    line: int
    column: int


class UnreadableError(ValueError):
    """What was to be checked cannot be read.

    Args:
        problem: What is wrong with it, to be read after its path.
        position: Where, if that is known.
        path: The file, if it is not the one that was asked for.
    """

    def __init__(self, problem: str, position: Position | None = None, path: str | None = None) -> None:
        self.problem = problem
        self.position = position
        self.path = path
        super().__init__(problem)

    def of(self, path: str) -> UnreadableError:
        """Give the error with its path, where it has none yet."""
        return self if self.path else UnreadableError(self.problem, self.position, path)

    def __str__(self) -> str:
        where = f"line {self.position.line}, column {self.position.column}: " if self.position else ""
        return f"{where}{self.problem}"


def position(text: str, offset: int) -> Position:
    """Give line and column of an offset, in characters."""
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


class Place:
    """A value whose place is looked for, and those in it."""

    def __init__(self) -> None:
        self.offset: int | None = None
        self.children: dict[str, Place] = {}


def locate(text: str, pointers: Iterable[str], fill: Callable[[Place], None]) -> Mapping[str, Position]:
    """Find where values of a document stand, in one pass over it.

    Args:
        text: The document.
        pointers: JSON Pointers (RFC 6901). One to a value that is not there leads to what is nearest around it.
        fill: Goes through the document and notes the offset, in characters, of each place that there is.

    Returns:
        The positions, by pointer.
    """
    root = Place()
    wanted = {pointer: _way(root, pointer) for pointer in pointers}
    fill(root)
    offsets = {
        pointer: next(place.offset for place in reversed(way) if place.offset is not None)
        for pointer, way in wanted.items()
    }
    found = {}
    line, start = 1, 0
    for pointer, offset in sorted(offsets.items(), key=lambda item: item[1]):
        line, start = line + text.count("\n", start, offset), offset
        found[pointer] = Position(line, offset - text.rfind("\n", 0, offset))
    return found


def _way(root: Place, pointer: str) -> list[Place]:
    """Give the places on the way to a value, made where nobody looked for them yet."""
    way = [root]
    for step in pointer.split("/")[1:]:
        way.append(way[-1].children.setdefault(step.replace("~1", "/").replace("~0", "~"), Place()))
    return way


def resource_pointer(id: str) -> str:
    """Give the JSON Pointer to a resource of a template."""
    return f"/Resources/{id.replace('~', '~0').replace('/', '~1')}"


def parse_number(written: str, convert: Callable[[str], float]) -> float:
    """Give a number, if a computer can hold it.

    Raises:
        UnreadableError: It is too large, or none.
    """
    number = convert(written) if len(written) <= _MOST_DIGITS else _LARGEST_NUMBER * 2
    if -_LARGEST_NUMBER <= number <= _LARGEST_NUMBER:
        return number
    shown = written if len(written) <= 40 else f"{written[:20]}… of {len(written)} characters"
    raise UnreadableError(f"a number is too large: {shown}")
