"""The next_token: where a page ended, as text that is opaque to the client.

A token is `<version>.<payload>`. To sign it, make that version 2: `2.<payload>.<signature>`.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from orders import is_order_id

VERSION = "1"


class InvalidToken(ValueError):
    """The text is no token of ours."""


def encode(order_id: str) -> str:
    """Return the token for the page after this order."""
    payload = json.dumps({"order_id": order_id}, separators=(",", ":")).encode()
    return f"{VERSION}.{urlsafe_b64encode(payload).decode()}"


def decode(token: str) -> str:
    """Return the order that the token's page comes after.

    Base64 and JSON can be written in more than one way; only the way of `encode` is taken.
    """
    try:
        key = json.loads(urlsafe_b64decode(token.partition(".")[2]))
    except (ValueError, RecursionError):
        raise InvalidToken(token) from None
    match key:
        case {"order_id": order_id} if is_order_id(order_id) and encode(order_id) == token:
            return order_id
    raise InvalidToken(token)
