"""GET /api/orders: pages, and what is refused."""

from base64 import urlsafe_b64encode
from itertools import cycle, islice
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def pages(api, limits):
    """Read page after page to the end, with the limits in turn."""
    query: dict[str, str] = {}
    for limit in islice(limits, 100):
        page = api.list(limit=str(limit), **query).body
        assert len(page["orders"]) <= limit
        yield page["orders"]
        if page["next_token"] is None:
            return
        query = {"next_token": page["next_token"]}
    pytest.fail("the pages have no end")


@pytest.mark.usefixtures("secret")
class TestPages:
    """Every order is on one of them."""

    def test_of_no_orders(self, api, orders_table):
        """The first is the last."""
        answer = api.list()
        assert (answer.status, answer.body) == (200, {"orders": [], "next_token": None})
        assert answer.headers == {"Content-Type": "application/json"}

    def test_show_orders_as_they_were_created(self, api, coffee, orders_table):
        """All fields, the number as a number."""
        order = api.create(coffee).body
        assert api.list().body["orders"] == [order]

    def test_have_twenty_orders_unless_asked(self, api, orders_table, put_orders):
        """And there are more."""
        put_orders(orders_table, 21)
        page = api.list().body
        assert len(page["orders"]) == 20
        assert len(api.list(next_token=page["next_token"]).body["orders"]) == 1

    def test_have_a_hundred_orders_at_most(self, api, orders_table, put_orders):
        """On request."""
        put_orders(orders_table, 101)
        assert len(api.list(limit="100").body["orders"]) == 100

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(count=st.integers(0, 25), limits=st.lists(st.integers(1, 30), min_size=1, max_size=5))
    def test_lose_no_order_and_show_none_twice(self, api, new_table, put_orders, count, limits):
        """However many there are, and however many are asked for each time."""
        ids = put_orders(new_table("ORDERS_TABLE", "order_id"), count)
        seen = [order["order_id"] for page in pages(api, cycle(limits)) for order in page]
        assert sorted(seen) == sorted(ids)

    def test_go_on_from_an_order_that_was_deleted(self, api, orders_table, put_orders):
        """The token says where, and nothing need be there."""
        ids = put_orders(orders_table, 10)
        page = api.list(limit="5").body
        api.delete(page["orders"][-1]["order_id"])
        rest = api.list(next_token=page["next_token"]).body
        assert sorted(order["order_id"] for order in page["orders"] + rest["orders"]) == sorted(ids)


class TestRefusal:
    """No refusal takes DynamoDB to find."""

    @pytest.fixture(autouse=True)
    def _names(self, monkeypatch):
        monkeypatch.setenv("ORDERS_TABLE", "no-such-table")
        monkeypatch.setenv("CURSOR_SECRET", "no-such-secret")

    @pytest.mark.parametrize(
        "limit",
        ["", " ", "0", "101", "-1", "+1", "1.0", "1e1", "01", " 1", "1 ", "1_0", "٣", "²", "ten", "null", "9" * 5000],
        ids=lambda text: text[:9],
    )
    def test_of_a_limit(self, api, limit):
        """It says what would do."""
        answer = api.list(limit=limit)
        assert answer.status == 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.body == {
            "status": 400,
            "title": "the query is not valid",
            "problems": [{"field": "limit", "problem": "must be a whole number from 1 to 100", "got": limit[:60]}],
        }

    @pytest.mark.parametrize(
        "token", ["", " ", "1", "1.", ".", "null", str(UUID(int=10**38, version=4)), "\ud800", "1." + "W" * 9000]
    )
    def test_of_a_token(self, api, token):
        """It says where a token is to be had."""
        answer = api.list(next_token=token)
        assert answer.status == 400
        assert answer.body["problems"] == [
            {"field": "next_token", "problem": "must be the next_token of another page", "got": token[:60]}
        ]

    def test_of_a_token_that_is_not_signed(self, api, secret):
        """Nobody gets to say where DynamoDB is to start."""
        payload = urlsafe_b64encode(uuid4().bytes).rstrip(b"=").decode()
        assert api.list(next_token=f"2.{'0' * 8}.{payload}.{'A' * 43}").status == 400

    def test_of_a_token_of_another_table(self, api, new_table, put_orders, secret):
        """It would tell where that one's orders are."""
        put_orders(new_table("ORDERS_TABLE", "order_id"), 2)
        token = api.list(limit="1").body["next_token"]
        assert api.list(limit="1", next_token=token).status == 200
        put_orders(new_table("ORDERS_TABLE", "order_id"), 2)
        assert api.list(limit="1", next_token=token).status == 400

    def test_names_everything_at_once(self, api):
        """Both parameters."""
        answer = api.list(limit="0", next_token="1")
        assert [problem["field"] for problem in answer.body["problems"]] == ["limit", "next_token"]
