"""Answers, in the form that API Gateway's Lambda proxy integration takes."""

import json
from typing import Any

from ..models.problem import Problem

Response = dict[str, Any]


def respond(status: int, body: Any) -> Response:
    """Answer in JSON."""
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def no_content() -> Response:
    """Answer that it is done, and that there is nothing to say."""
    return {"statusCode": 204}


def refuse(problem: Problem) -> Response:
    """Answer with a problem."""
    response = respond(problem.details.status, problem.body)
    response["headers"]["Content-Type"] = "application/problem+json"
    if problem.retry_after is not None:
        response["headers"]["Retry-After"] = str(problem.retry_after)
    return response
