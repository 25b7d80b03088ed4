"""One message or code that AWS gives when something fails, and its explanation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..rules.limits import READ


class Basis(str, Enum):
    """The evidence for an explanation."""

    #: AWS's documentation, or the descriptions in its API.
    DOCUMENTED = "documented by AWS"
    #: Reports of users who saw it, or tools that contain AWS's message.
    REPORTED = "reported by users and tools, not documented by AWS"
    #: The name of the code. AWS lists most codes and describes none.
    INFERRED = "inferred from the name of the code, which AWS lists but does not describe"


@dataclass(frozen=True)
class Source:
    """Where an explanation is from."""

    address: str
    #: The day on which the source was read, as in ``2026-11-24``.
    read: str = READ


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Something that AWS says, explained."""

    #: AWS's own code, or the subject of a message. Ids are public, like those of rules.
    id: str
    #: What the failure is, in one line.
    title: str
    #: What has happened, in whole sentences.
    meaning: str
    #: The most likely cause.
    cause: str
    #: What to look at, in order.
    checks: tuple[str, ...]
    #: What fixes it. Text between double backticks is to be typed, in keywords of the constructs.
    fixes: tuple[str, ...]
    #: Ids of the rules that would have caught it before deployment.
    rules: tuple[str, ...] = ()
    sources: tuple[Source, ...]
    basis: Basis
    #: AWS's codes that identify it wherever they appear, such as ``InsufficientCapacity`` or an exception.
    codes: tuple[str, ...] = ()
    #: Whether other failures use the codes too. They then identify it only if the text marks them as codes.
    has_common_codes: bool = False
    #: Whether other services raise the codes too, as exceptions of the same name. They then identify it unless the text
    #: names another service, or an operation of one.
    has_shared_codes: bool = False
    #: EC2's codes that identify it if they are the reason for a failed launch. Elsewhere they may mean other things.
    launch_codes: tuple[str, ...] = ()
    #: AWS's messages. Numbers, ARNs and addresses may differ; ``{what}`` stands for anything else that may differ.
    messages: tuple[str, ...] = ()
    #: What the messages are about, for messages whose other words AWS also uses about other things: runs of adjacent
    #: words as they are in the messages. Of those in a message, one must be near the rest of it.
    subject: tuple[str, ...] = ()
    #: What a text must have anywhere, for messages that do not say what they are about: one of these runs of words.
    context: tuple[str, ...] = ()
    #: Others of whom AWS says the same, by their names as runs of adjacent words. A text that has one of these, and not
    #: Lambda, is about them.
    others: tuple[str, ...] = ()
    #: Whether it says little by itself. It is then explained only if nothing more specific is found beside it.
    is_vague: bool = False
