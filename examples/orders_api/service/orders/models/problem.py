"""What a client is told instead of an answer, in the form of RFC 9457."""

from dataclasses import asdict, dataclass, field
from typing import Any

#: Characters of a value that a client gets to see again.
LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Fault:
    """What is wrong with one part of a request, and what it was: cut short if long, null if missing."""

    field: str
    problem: str
    got: str | None


@dataclass(frozen=True)
class ProblemDetails:
    """The body of an answer that tells of a problem, with every fault of the request."""

    status: int
    title: str
    problems: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Refusal:
    """The body of an answer that API Gateway gives by itself. By the id of the request its log can be searched."""

    title: str
    problems: list[Fault]
    request_id: str
    status: int | None = None


class Problem(Exception):
    """There is no answer but this.

    Args:
        status: Of HTTP.
        title: What is wrong, for people.
        faults: What is wrong with each part of the request.
        retry_after: Seconds after which the same request may do better.
    """

    def __init__(
        self, status: int, title: str, faults: list[Fault] | None = None, *, retry_after: int | None = None
    ) -> None:
        super().__init__(title)
        self.details = ProblemDetails(status, title, faults or [])
        self.retry_after = retry_after

    @property
    def body(self) -> dict[str, Any]:
        """The problem as clients see it."""
        return asdict(self.details)


def no_such_order() -> Problem:
    """Say that the path leads to no order."""
    return Problem(404, "there is no such order")


def fault(field: str, problem: str, got: str | None) -> Fault:
    """Say what is wrong with one part of a request, and what it was."""
    return Fault(field, problem, got and got[:LONGEST_QUOTE])
