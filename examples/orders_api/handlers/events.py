"""What a request says, read from the event of API Gateway's Lambda proxy integration."""

import json
from typing import Any

from orders import is_order_id
from responses import Problem, no_such_order

Event = dict[str, Any]

LONGEST_BODY = 8192


def header(event: Event, name: str) -> str | None:
    """Return a header, in whatever case the client has written its name."""
    headers: dict[str, str] = event["headers"] or {}
    return next((value for key, value in headers.items() if key.lower() == name.lower()), None)


def order_id(event: Event) -> str:
    """Return the id in the path. One that no order can have needs no look into the table."""
    text = event["pathParameters"]["order_id"]
    if not is_order_id(text):
        raise no_such_order()
    return text


def json_body(event: Event) -> Any:
    """Return what the body says, or refuse it if it is too long or not JSON."""
    body = event["body"] or ""
    if len(body) > LONGEST_BODY:
        raise Problem(413, f"the body must have at most {LONGEST_BODY} characters, not {len(body)}")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(400, "the body must be JSON") from None
