"""GET /api/orders: list the orders page by page. This one runs on Lambda Managed Instances."""

from typing import Any

import cursor
import store
from endpoint import endpoint
from events import Event
from responses import Problem, Response, fault, respond

DEFAULT_LIMIT = "20"
LIMITS = {str(limit): limit for limit in range(1, 101)}


@endpoint
def handler(event: Event, context: Any) -> Response:
    """Answer with a page and the token of the next, which is null at the end.

    DynamoDB learns of the end by reading on, so the last page may be empty.
    """
    query = event["queryStringParameters"] or {}
    orders, last = store.page(_limit(query.get("limit", DEFAULT_LIMIT)), _after(query.get("next_token")))
    next_token = None if last is None else cursor.encode(last)
    return respond(200, {"orders": [order.body for order in orders], "next_token": next_token})


def _limit(text: str) -> int:
    if text not in LIMITS:
        raise _bad_query("limit", f"must be a whole number from 1 to {len(LIMITS)}", text)
    return LIMITS[text]


def _after(token: str | None) -> str | None:
    try:
        return None if token is None else cursor.decode(token)
    except cursor.InvalidToken:
        raise _bad_query("next_token", "must be the next_token of another page", token) from None


def _bad_query(parameter: str, problem: str, got: str | None) -> Problem:
    return Problem(400, "the query is not valid", [fault(parameter, problem, got)])
