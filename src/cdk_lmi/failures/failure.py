"""One thing that AWS says when something fails, and what there is to say of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..rules.limits import READ


class Basis(str, Enum):
    """What an explanation rests on."""

    #: AWS's documentation, or the descriptions in its API.
    DOCUMENTED = "documented by AWS"
    #: Users who had it, or tools that carry AWS's message.
    REPORTED = "reported by users and tools, not documented by AWS"
    #: The name of the code. AWS lists most codes and describes none.
    INFERRED = "read from the name of the code, which AWS lists and does not describe"


@dataclass(frozen=True)
class Source:
    """Where an explanation is from."""

    address: str
    #: The day on which that was read, as in ``2026-11-24``.
    read: str = READ


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Something that AWS says, explained."""

    #: What to call it: AWS's own code, or what a message is about. Ids are public, as those of rules.
    id: str
    #: On one line, what it is.
    title: str
    #: What has happened, in whole sentences.
    meaning: str
    #: What most likely brought it about.
    cause: str
    #: What to look at, in order.
    checks: tuple[str, ...]
    #: What mends it; between double backticks what to type, in keywords of the constructs.
    fixes: tuple[str, ...]
    #: Ids of the rules that would have caught it before anything was deployed.
    rules: tuple[str, ...] = ()
    sources: tuple[Source, ...]
    basis: Basis
    #: Words of AWS that stand for it wherever they are, such as ``InsufficientCapacity`` or an exception.
    codes: tuple[str, ...] = ()
    #: Whether others use the codes too: then they stand for it only where the text says that they are codes.
    has_common_codes: bool = False
    #: Codes of EC2 that stand for it where a launch failed because of them. Elsewhere they may be anybody's.
    launch_codes: tuple[str, ...] = ()
    #: What AWS writes. Numbers, ARNs and addresses may be others; ``{what}`` stands for what else may be.
    messages: tuple[str, ...] = ()
    #: Words of the messages of which one must be there, where AWS says the same of other things.
    subject: tuple[str, ...] = ()
    #: Whether it says little by itself, so that it is explained only where nothing else is found beside it.
    is_vague: bool = False
