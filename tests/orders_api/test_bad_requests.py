"""A wall of bad requests: each has its status, and none of them is 500."""

import json
from base64 import b64encode
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import context, event, invoke

ORDER = {"customer_name": "Ada", "item": "tea", "quantity": 1}
INJECTIONS = [
    "'; DROP TABLE orders; --",
    '{"$gt": ""}',
    "{{7*7}}${7*7}",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "%00",
    "\0",
    "\r\nSet-Cookie: a=b",
    "attribute_not_exists(order_id) OR :x = :x",
    "${jndi:ldap://example.com/a}",
    "() { :; }; echo",
    "\u202etxt.exe",
    "\U0001f600" * 20,
    "A" * 100,
]
NAMES = ["ORDERS_TABLE", "IDEMPOTENCY_TABLE", "CURSOR_SECRET"]


@pytest.fixture
def nothing_there(monkeypatch):
    """Names of tables and of a secret that nothing is ever asked of."""
    for name in NAMES:
        monkeypatch.setenv(name, "no-such-thing")


def post(body, **parts):
    """POST a body as it is."""
    return invoke("create_order", event("POST", "/api/orders", body=body, **parts), context())


def encoded(text):
    """Write a body as API Gateway does where binary types are allowed."""
    return {"body": b64encode(text if isinstance(text, bytes) else text.encode()).decode(), "isBase64Encoded": True}


@pytest.mark.usefixtures("nothing_there")
class TestBody:
    """What cannot be an order."""

    @pytest.mark.parametrize(
        ("status", "parts"),
        [
            (400, {"body": None}),
            (400, encoded("")),
            (400, encoded("{")),
            (400, encoded(b"\xff\xfe{}")),
            (400, encoded(b"\x1f\x8b\x08\x00")),
            (400, {"body": "not base64!", "isBase64Encoded": True}),
            (400, {"body": "e30", "isBase64Encoded": True}),
            (400, {"body": "\u00e9", "isBase64Encoded": True}),
            (413, {"body": "A" * 20_000, "isBase64Encoded": True}),
            (413, encoded(json.dumps(ORDER).ljust(8193))),
            (413, {"body": "\u00e9" * 5000}),
            (413, {"body": "x" * 6_000_000}),
            (413, {"body": "[" * 1_000_000}),
            (422, encoded("{}")),
            (422, {"body": "{}", "headers": {}}),
            (422, {"body": json.dumps({**ORDER, "quantity": 10**400})}),
            (422, {"body": '{"item": 1, "item": 2}'}),
            (422, {"body": json.dumps(dict.fromkeys(map(str, range(400)), 1))}),
            (422, {"body": json.dumps({**ORDER, "__class__": "x", "model_config": {}})}),
            (422, {"body": json.dumps({**ORDER, "customer_name": "A" * 7000})}),
            (422, {"body": json.dumps({**ORDER, "customer_name": {"S": "Ada"}})}),
            (400, {"body": json.dumps(ORDER), "headers": {"idempotency-key": ""}}),
            (400, {"body": json.dumps(ORDER), "headers": {"idempotency-key": "k", "Idempotency-Key": "l"}}),
            (415, {"body": json.dumps(ORDER), "headers": {"content-type": "text/plain"}}),
            (415, {"body": "x" * 20_000, "headers": {"content-type": "multipart/form-data; boundary=x"}}),
            (400, {"body": json.dumps(ORDER), "headers": {"idempotency-key": "k" * 10_000}}),
        ],
        ids=str,
    )
    def test_is_refused(self, status, parts):
        """With a body that says so."""
        answer = post(**parts)
        assert answer.status == status
        assert answer.body["status"] == status
        assert answer.body["title"]
        assert len(json.dumps(answer.body)) < 200_000

    @settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda values: st.lists(values) | st.dictionaries(st.sampled_from(list(ORDER)) | st.text(), values),
            max_leaves=10,
        )
    )
    def test_of_any_json_is_no_failure(self, value):
        """An order would need a table, and there is none."""
        if not (isinstance(value, dict) and value.keys() == ORDER.keys()):
            assert post(json.dumps(value)).status in {413, 422}

    @settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text() | st.binary().map(lambda data: b64encode(data).decode()), st.booleans())
    def test_of_any_text_is_no_failure(self, text, is_base64):
        """Nor is it an order."""
        assert post(text, isBase64Encoded=is_base64).status in {400, 413, 422}


@pytest.mark.parametrize("text", INJECTIONS, ids=repr)
class TestInjection:
    """Text is text."""

    def test_into_an_order_comes_back_as_it_was(self, api, orders_table, text):
        """No less than any other."""
        answer = api.create({**ORDER, "customer_name": text, "item": text})
        assert answer.status == 201
        assert api.get(answer.body["order_id"]).body["item"] == text

    def test_into_a_key_is_a_key_or_refused(self, api, orders_table, idempotency_table, text):
        """It is in nothing but a hash."""
        first = api.create(ORDER, {"Idempotency-Key": text})
        assert first.status == (201 if text.isascii() and text.isprintable() else 400)
        assert api.create(ORDER, {"Idempotency-Key": text}).status in {200, 400}

    def test_into_a_path_or_a_query_finds_nothing(self, api, nothing_there, text):
        """No service is asked."""
        assert api.get(text).status == 404
        assert api.delete(text).status == 404
        assert api.list(limit=text).status == 400
        assert api.list(next_token=text).status == 400


@pytest.mark.usefixtures("nothing_there")
class TestEvent:
    """What API Gateway leaves out where there is nothing."""

    @pytest.mark.parametrize("handler", ["get_order", "delete_order"])
    @pytest.mark.parametrize("parameters", [None, {}, {"order_id": None}, {"order_id": ""}], ids=str)
    def test_without_an_id_is_404(self, handler, parameters):
        """There is no such order."""
        asked = event("GET", "/api/orders/{order_id}", pathParameters=parameters)
        assert invoke(handler, asked, context()).status == 404

    @pytest.mark.parametrize("left_out", ["headers", "body", "isBase64Encoded", "requestContext"])
    def test_without_a_part_is_refused_and_not_broken(self, left_out):
        """As the console's test page sends them."""
        asked = event("POST", "/api/orders", body="{}")
        del asked[left_out]
        assert invoke("create_order", asked, context()).status in {400, 422}


def test_a_query_of_nothing_is_the_first_page(api, orders_table):
    """API Gateway sends null for a query that has no parameters."""
    for query in (None, {}, {"colour": "black"}):
        asked = event("GET", "/api/orders", queryStringParameters=query)
        assert invoke("list_orders", asked, context()).status == 200


def test_a_bad_request_does_no_harm_to_the_next(api, orders_table):
    """In the same process."""
    for body in ("{", "[" * 9000, "\ud800", None, str(uuid4())):
        assert post(body).status in {400, 413, 422}
        assert api.create(ORDER).status == 201
