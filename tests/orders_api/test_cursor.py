"""The next_token: what comes back is what went in, and nothing else is taken."""

import hmac
import json
import re
import string
from base64 import urlsafe_b64encode
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from orders.data.signing_keys import SigningKey
from orders.logic import cursor

TOKEN_CHARACTERS = string.ascii_letters + string.digits + "-_."
ORDER_ID = "6f6b1f5e-6d3c-4b4f-9d55-0c8a7a3b1c2d"
TABLE = "orders"

# How long an example takes says more of the machine than of the code.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

order_ids = st.uuids().map(str)


class Keys:
    """The versions of a secret, the current one first."""

    def __init__(self, *keys):
        self.keys = keys

    def current(self):
        """What to sign with."""
        return self.keys[0]

    def find(self, key_id):
        """What a token was signed with."""
        return next((key for key in self.keys if key.id == key_id), None)


FIRST = SigningKey("11111111", b"1" * 32)
SECOND = SigningKey("22222222", b"2" * 32)
#: Another secret that happens to have the same id.
FOREIGN = SigningKey("11111111", b"3" * 32)


def known(*keys) -> Any:
    """Stand for the keys that a process has read."""
    return Keys(*keys)


def encode(order_id, table=TABLE, keys=(FIRST,)):
    """Make a token."""
    return cursor.encode(order_id, table=table, keys=known(*keys))


def decode(text, table=TABLE, keys=(FIRST,)):
    """Read a token."""
    return cursor.decode(text, table=table, keys=known(*keys))


def is_refused(text, **other):
    """Tell whether a token is refused in the one way there is."""
    try:
        decode(text, **other)
    except cursor.InvalidToken:
        return True
    return False


def base64(data):
    """Write bytes as tokens do."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@patient
@given(order_ids)
def test_a_token_brings_back_the_order(order_id):
    """Whatever its id; and it can stand in a URL as it is, at no great length."""
    text = encode(order_id)
    assert decode(text) == order_id
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", text)


def test_tokens_stay_valid_from_release_to_release():
    """Clients hold them across a deployment: another form needs another version."""
    payload = base64(UUID(ORDER_ID).bytes)
    message = f"LIST /api/orders\norders\n2.11111111.{payload}".encode()
    signature = base64(hmac.digest(b"1" * 32, message, "sha256"))
    assert encode(ORDER_ID) == f"2.11111111.{payload}.{signature}"
    assert payload == "b2sfXm08S0-dVQyKejscLQ"
    assert signature == "a9egq5IHM0PU-IjZJV6wgva2HTDmiOsjxVyawILkpZg"


@patient
@given(order_ids)
def test_a_token_of_the_key_before_is_taken(order_id):
    """A rotation does not end anybody's reading. The next one does."""
    text = encode(order_id, keys=[FIRST])
    assert decode(text, keys=[SECOND, FIRST]) == order_id
    assert is_refused(text, keys=[SECOND])


@patient
@given(order_ids)
def test_a_foreign_token_is_refused(order_id):
    """Of another table, or signed with another secret, even one that has the same id."""
    assert is_refused(encode(order_id, table="invoices"))
    assert is_refused(encode(order_id), table="orders2")
    assert is_refused(encode(order_id, keys=[FOREIGN]))
    assert is_refused(encode(order_id).replace("11111111", "22222222"), keys=[FIRST, SECOND])


def test_a_token_for_something_else_is_refused(monkeypatch):
    """Though it is of the same table, signed with the same secret."""
    with monkeypatch.context() as patch:
        patch.setattr(cursor, "PURPOSE", "LIST /api/invoices")
        text = encode(ORDER_ID)
        assert decode(text) == ORDER_ID
    assert is_refused(text)


@patient
@given(st.text() | st.text("012.-_=ABCabc"))
@example("2." + "W1tb" * 2000)
@example("2.11111111." + "A" * 22 + ".")
@example("2.11111111..")
@example("...")
def test_text_is_refused(text):
    """Any that was not made by us."""
    assert is_refused(text)


@patient
@given(st.binary(max_size=40), st.binary(min_size=32, max_size=32))
def test_a_made_up_token_is_refused(payload, signature):
    """However much it looks like one."""
    assert is_refused(f"2.11111111.{base64(payload)}.{base64(signature)}")


@patient
@given(order_ids, st.data())
def test_a_changed_token_is_refused(order_id, data):
    """By any one character, also where base64 reads two characters alike."""
    text = encode(order_id)
    position = data.draw(st.integers(0, len(text) - 1))
    changed = text[:position] + data.draw(st.characters() | st.sampled_from(TOKEN_CHARACTERS)) + text[position + 1 :]
    assume(changed != text)
    assert is_refused(changed)


@patient
@given(order_ids, st.data())
def test_a_cut_token_is_refused(order_id, data):
    """At any length."""
    text = encode(order_id)
    assert is_refused(text[: data.draw(st.integers(0, len(text) - 1))])
    assert is_refused(text[data.draw(st.integers(1, len(text))) :])


@patient
@given(order_ids, order_ids)
def test_a_signature_is_for_one_order(order_id, other):
    """It cannot be put under another."""
    assume(order_id != other)
    ours, theirs = encode(order_id).split("."), encode(other).split(".")
    assert is_refused(".".join([*ours[:3], theirs[3]]))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + ".",
        lambda text: text + "=",
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text + "\0",
        lambda text: text.upper(),
        lambda text: text.replace("2.", "02.", 1),
        lambda text: text.replace("2.", "1.", 1),
        lambda text: text.replace("2.", "3.", 1),
        lambda text: text.removeprefix("2."),
        lambda text: "1." + base64(json.dumps({"order_id": ORDER_ID}).encode()),
        lambda text: text.replace(".", "\uff0e"),
        lambda text: text.replace("1", "\u0661"),
        lambda text: text + "A" * 10_000,
    ],
)
def test_another_spelling_is_refused(change):
    """Also of what means the same."""
    assert not is_refused(encode(ORDER_ID))
    assert is_refused(change(encode(ORDER_ID)))


def test_signatures_are_compared_in_constant_time(monkeypatch):
    """How long it takes to refuse one does not tell how much of it is right."""
    compare = Mock(wraps=hmac.compare_digest)
    monkeypatch.setattr("hmac.compare_digest", compare)
    decode(encode(ORDER_ID))
    compare.assert_called_once()
