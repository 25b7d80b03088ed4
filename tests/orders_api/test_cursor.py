"""The next_token: what comes back is what went in, and nothing else is taken."""

import json
import re
from base64 import urlsafe_b64encode
from uuid import uuid4

import cursor
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

ORDER_ID = "6f6b1f5e-6d3c-4b4f-9d55-0c8a7a3b1c2d"

# How long an example takes says more of the machine than of the code.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

order_ids = st.uuids().map(str)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | order_ids,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.just("order_id") | st.text(), values, max_size=3),
)


def token(payload, version="1"):
    """Make a token as anyone could who has seen one."""
    text = payload if isinstance(payload, bytes) else json.dumps(payload, separators=(",", ":")).encode()
    return f"{version}.{urlsafe_b64encode(text).rstrip(b'=').decode()}"


def is_refused(text):
    """Tell whether a token is refused in the one way there is."""
    try:
        cursor.decode(text)
    except cursor.InvalidToken:
        return True
    return False


@patient
@given(order_ids)
def test_a_token_brings_back_the_order(order_id):
    """Whatever its id; and it can stand in a URL as it is."""
    text = cursor.encode(order_id)
    assert cursor.decode(text) == order_id
    assert re.fullmatch(r"[A-Za-z0-9._-]+", text)


def test_tokens_stay_valid_from_release_to_release():
    """Clients hold them across a deployment: another form needs another version."""
    assert cursor.encode(ORDER_ID) == ("1.eyJvcmRlcl9pZCI6IjZmNmIxZjVlLTZkM2MtNGI0Zi05ZDU1LTBjOGE3YTNiMWMyZCJ9")


@patient
@given(st.text() | st.text("01.-_=ABCabc"))
@example("1." + "W1tb" * 2000)
def test_text_is_refused(text):
    """Any that was not made by us."""
    assert is_refused(text)


@patient
@given(json_values)
def test_other_json_is_refused(value):
    """Even what is very much like a key."""
    assume(not (isinstance(value, dict) and value.keys() == {"order_id"} and _is_uuid(value["order_id"])))
    assert is_refused(token(value))


def _is_uuid(value):
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value)


@patient
@given(order_ids, st.data())
def test_a_changed_token_is_refused_or_is_for_another_order(order_id, data):
    """No two tokens are for the same order."""
    text = cursor.encode(order_id)
    position = data.draw(st.integers(0, len(text) - 1))
    changed = text[:position] + data.draw(st.characters()) + text[position + 1 :]
    assume(changed != text)
    assert is_refused(changed) or cursor.decode(changed) != order_id


@pytest.mark.parametrize(
    "text",
    [
        token({"order_id": ORDER_ID}, version="2"),
        token({"order_id": ORDER_ID}, version=""),
        token({"order_id": ORDER_ID}, version="01"),
        token({"order_id": ORDER_ID}).removeprefix("1."),
        token({"order_id": ORDER_ID}) + ".",
        token({"order_id": ORDER_ID}) + ".signature",
        token({"order_id": ORDER_ID}) + "=",
        token({"order_id": ORDER_ID}) + "\n",
        " " + token({"order_id": ORDER_ID}),
        token({"order_id": ORDER_ID}).replace("eyJ", "e\nyJ"),
        token({"order_id": ORDER_ID, "quantity": 1}),
        token({"order_id": ORDER_ID.upper()}),
        token({"order_id": ORDER_ID + "\n"}),
        token({"order_id": "a"}),
        token({"order_id": ""}),
        token({"order_id": None}),
        token({"order_id": 1}),
        token({"order_id": [ORDER_ID]}),
        token({"order_id": {"S": ORDER_ID}}),
        token({"Order_id": ORDER_ID}),
        token([{"order_id": ORDER_ID}]),
        token([]),
        token({}),
        token(None),
        token(b""),
        token(b"{"),
        token(b"\xff"),
        token(b"[" * 5000),
        token(b"1" * 5000),
        token(json.dumps({"order_id": ORDER_ID}).encode()),
        token(f'{{"order_id":"{uuid4()}","order_id":"{ORDER_ID}"}}'.encode()),
    ],
    ids=lambda text: text[:12] + "-" + str(len(text)),
)
def test_a_forged_token_is_refused(text):
    """Also one that means the same and is spelled otherwise."""
    assert is_refused(text)
