"""What a request says, read from the event of API Gateway's Lambda proxy integration."""

import base64
import json
import re
from typing import Any

from ..models.problem import Problem

Event = dict[str, Any]

#: Bytes. Far more than the longest order takes, however its characters are spelled.
LONGEST_BODY = 8192
MEDIA_TYPE = "application/json"

#: What is one principal to IAM: a role, whatever its sessions are called. Those of one program differ from run to run,
#: and a request that is sent again after one must be known again.
_ROLE = re.compile(r"(.*:assumed-role/[^/]+)/.*")


def header(event: Event, name: str) -> str | None:
    """Return a header, in whatever case the client has written its name.

    Raises:
        Problem: There are two that differ. Which one holds is not for us to say.
    """
    all_values: dict[str, list[str]] = event.get("multiValueHeaders") or {}
    last_values: dict[str, str] = event.get("headers") or {}
    found = {value for key, values in all_values.items() if key.lower() == name.lower() for value in values}
    found |= {value for key, value in last_values.items() if key.lower() == name.lower()}
    if len(found) > 1:
        raise Problem(400, f"there must be one {name}, and there are {len(found)}")
    return next(iter(found), None)


def caller(event: Event) -> str:
    """Return who makes the request, as API Gateway has found: a user of the user pool, or an IAM user or role."""
    context: dict[str, Any] = event.get("requestContext") or {}
    arn: str = (context.get("identity") or {}).get("userArn") or ""
    return claims(event).get("sub") or _ROLE.sub(r"\1", arn)


def claims(event: Event) -> dict[str, str]:
    """Return what the id token of a user says. Where IAM says who may call, there is none."""
    context: dict[str, Any] = event.get("requestContext") or {}
    return (context.get("authorizer") or {}).get("claims") or {}


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
        Problem: It is too long, or no JSON, or said to be something else. Of what nothing is said, that is assumed.
    """
    media_type = (header(event, "Content-Type") or MEDIA_TYPE).partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise Problem(415, f"the body must be {MEDIA_TYPE}")
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
