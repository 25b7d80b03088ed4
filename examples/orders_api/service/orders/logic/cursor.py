"""The next_token: where a page ended, as text that clients can keep, and neither change nor make.

A token is ``<version>.<key id>.<payload>.<signature>``. The payload is the id of the last order on the page, which the
page showed: it is no secret. The signature is an HMAC-SHA256 over all the rest and over what
the token is for: which table, and which operation. One of another table, or that another operation signs with the same
secret, is refused as one that somebody made up.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from ..data.signing_keys import SigningKey, SigningKeys
from ..models.order import is_order_id

VERSION = "2"
PURPOSE = "LIST /api/orders"


class InvalidToken(ValueError):
    """The text is no token of ours."""


def encode(order_id: str, *, table: str, keys: SigningKeys) -> str:
    """Return the token for the page of the table's orders after this one."""
    return _signed(order_id, table, keys.current())


def decode(token: str, *, table: str, keys: SigningKeys) -> str:
    """Return the order that the token's page comes after.

    Base64 can be written in more than one way. Only what ``encode`` would write is taken.

    Raises:
        InvalidToken: The text is none, or of another table, or was signed with a key that is no longer known.
        NotLookedFor: It may have been signed with a key that is not known yet.
    """
    parts = token.split(".")
    if len(parts) != 4 or parts[0] != VERSION or not token.isascii():
        raise InvalidToken(token)
    _, key_id, payload, _ = parts
    key = keys.find(key_id)
    if key is None:
        raise InvalidToken(token)
    order_id = _order_id(payload)
    if not is_order_id(order_id) or not hmac.compare_digest(_signed(order_id, table, key), token):
        raise InvalidToken(token)
    return order_id


def _signed(order_id: str, table: str, key: SigningKey) -> str:
    unsigned = f"{VERSION}.{key.id}.{_base64(UUID(order_id).bytes)}"
    # None of the parts can hold the line break that divides them.
    message = f"{PURPOSE}\n{table}\n{unsigned}".encode()
    return f"{unsigned}.{_base64(hmac.new(key.secret, message, hashlib.sha256).digest())}"


def _order_id(payload: str) -> str | None:
    try:
        return str(UUID(bytes=urlsafe_b64decode(f"{payload}==")))
    except ValueError:
        return None


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
