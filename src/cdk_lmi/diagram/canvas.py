"""Where a template is drawn: boxes by what they stand for, each made once."""

from __future__ import annotations

from collections import Counter

from .picture import Arrow, Box, Group, Picture, Role, Way


class Canvas:
    """The part of a picture that one template is on.

    Args:
        picture: Where its arrows go.
        place: Where its boxes go.
        numbers: How many boxes of each kind there are already, in the whole picture.
    """

    def __init__(self, picture: Picture, place: Group, numbers: Counter[str]) -> None:
        self._picture = picture
        self._place = place
        self._numbers = numbers
        self._ids: dict[str, str] = {}
        self._groups: dict[str, Group] = {}
        self._arrows: set[Arrow] = set()

    def id_of(self, key: str) -> str | None:
        """Give the id of what was drawn for something, such as a logical id."""
        return self._ids.get(key)

    def stand_for(self, key: str, id: str) -> None:
        """Let a box stand for something more."""
        self._ids[key] = id

    def box(self, key: str, role: Role, *lines: str, within: Group | None = None, is_cut_off: bool = False) -> str:
        """Draw a box for something, or find the one that was drawn for it; give its id."""
        if key not in self._ids:
            box = Box(self._number(role.name.lower().replace("_", "")), role, lines, is_cut_off)
            (within or self._place).boxes.append(box)
            self._ids[key] = box.id
        return self._ids[key]

    def group(self, key: str, kind: str, title: str, within: Group | None = None) -> Group:
        """Draw a group for something, or find the one that was drawn for it."""
        if key not in self._groups:
            self._groups[key] = Group(self._number(kind), title)
            (within or self._place).groups.append(self._groups[key])
        return self._groups[key]

    def arrow(self, source: str, target: str, way: Way = Way.OPEN, label: str = "") -> None:
        """Draw an arrow, the same one once."""
        arrow = Arrow(source, target, way, label)
        if arrow not in self._arrows:
            self._arrows.add(arrow)
            self._picture.arrows.append(arrow)

    def note(self, text: str) -> None:
        """Tell what is not drawn."""
        self._picture.notes.append(text)

    def _number(self, kind: str) -> str:
        self._numbers[kind] += 1
        return f"{kind}{self._numbers[kind]}"
