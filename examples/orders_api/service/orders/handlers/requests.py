"""What a request says, read from the event of API Gateway's Lambda proxy integration."""

import base64
import json
from typing import Any

from ..models.problem import Problem

Event = dict[str, Any]

#: Bytes. Far more than the longest order takes, however its characters are spelled.
LONGEST_BODY = 8192


def header(event: Event, name: str) -> str | None:
    """Return a header, in whatever case the client has written its name."""
    headers: dict[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name.lower()), None)


def query(event: Event, name: str) -> str | None:
    """Return a parameter of the query."""
    parameters: dict[str, str] = event.get("queryStringParameters") or {}
    return parameters.get(name)


def order_id(event: Event) -> str:
    """Return the id in the path."""
    parameters: dict[str, str] = event.get("pathParameters") or {}
    return parameters.get("order_id") or ""


def json_body(event: Event) -> Any:
    """Return what the body says.

    Raises:
        Problem: It is too long, or no JSON.
    """
    body: str = event.get("body") or ""
    try:
        data = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except ValueError:
        raise _no_json() from None
    if len(data) > LONGEST_BODY:
        raise Problem(413, f"the body must have at most {LONGEST_BODY} bytes")
    try:
        return json.loads(data.decode())
    except (ValueError, RecursionError):
        raise _no_json() from None


def _no_json() -> Problem:
    return Problem(400, "the body must be JSON")
