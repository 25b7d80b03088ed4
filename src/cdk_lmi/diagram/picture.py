"""A picture: boxes, groups of boxes and arrows, whoever draws it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto


class Role(Enum):
    """What a box stands for."""

    ENTRY = auto()
    ALIAS = auto()
    VERSION = auto()
    FUNCTION = auto()
    CAPACITY_PROVIDER = auto()
    SUBNET = auto()
    SECURITY_GROUP = auto()
    ENDPOINT = auto()
    WAY_OUT = auto()
    SERVICE = auto()
    ELSEWHERE = auto()


class Way(Enum):
    """What an arrow says."""

    #: It goes there.
    OPEN = auto()
    #: One is put on the other, or makes it.
    BELONGS = auto()
    #: It may go there: the template does not tell.
    UNTOLD = auto()
    #: It does not go there.
    CLOSED = auto()


@dataclass(frozen=True)
class Box:
    """One thing."""

    id: str
    role: Role
    #: What it is, what it is called, what there is to say of it. Text from outside, as it is.
    lines: tuple[str, ...]
    #: Whether nothing gets there, or through it.
    is_cut_off: bool = False


@dataclass(frozen=True)
class Arrow:
    """From one box or group to another."""

    source: str
    target: str
    way: Way = Way.OPEN
    label: str = ""


@dataclass
class Group:
    """Boxes that are in something."""

    id: str
    title: str
    boxes: list[Box] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    def all_boxes(self) -> Iterator[Box]:
        """Give the boxes in it, however deep."""
        yield from self.boxes
        for group in self.groups:
            yield from group.all_boxes()


@dataclass
class Picture(Group):
    """All of it."""

    arrows: list[Arrow] = field(default_factory=list)
    #: What was left out, a line each.
    notes: list[str] = field(default_factory=list)
