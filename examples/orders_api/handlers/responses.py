"""Answers, in the form that API Gateway's Lambda proxy integration takes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Response = dict[str, Any]
Fault = dict[str, str | None]


def respond(status: int, body: Any, content_type: str = "application/json") -> Response:
    """Answer in JSON."""
    return {"statusCode": status, "headers": {"Content-Type": content_type}, "body": json.dumps(body)}


@dataclass(eq=False)
class Problem(Exception):
    """What the client is told when there is no answer, in the form of RFC 9457."""

    status: int
    title: str
    faults: Sequence[Fault] = ()

    @property
    def response(self) -> Response:
        """The answer that tells it."""
        body = {"status": self.status, "title": self.title, "problems": self.faults}
        return respond(self.status, body, "application/problem+json")


def no_such_order() -> Problem:
    """Say that the path leads to no order."""
    return Problem(404, "there is no such order")


def fault(field: str, problem: str, got: str | None) -> Fault:
    """Say what is wrong with one part of a request, and what it was: cut short if long, null if missing."""
    return {"field": field, "problem": problem, "got": got and got[:60]}
