"""GET and DELETE /api/orders/{order_id}."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

# The same in every run: it is in the names of the tests.
ID = UUID(int=10**38, version=4)
MALFORMED = [
    "",
    " ",
    "1",
    "null",
    "..",
    "0" * 36,
    str(ID).upper(),
    ID.hex,
    f"{{{ID}}}",
    f"urn:uuid:{ID}",
    f"{ID}\n",
    f" {ID}",
    f"{ID}{ID}",
    str(ID).replace("-", "–"),  # noqa: RUF001 (a dash for a hyphen)
    "\ud800",
    "x" * 10_000,
]


@pytest.mark.parametrize("operation", ["get", "delete"])
class TestNoSuchOrder:
    """404, however it comes."""

    @pytest.mark.parametrize("order_id", MALFORMED, ids=lambda text: repr(text)[:20])
    def test_with_what_is_no_id(self, api, operation, order_id):
        """DynamoDB need not be asked."""
        answer = getattr(api, operation)(order_id)
        assert (answer.status, answer.body["title"]) == (404, "there is no such order")
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_with_an_id_that_no_order_has(self, api, coffee, orders_table, operation):
        """While there are others."""
        api.create(coffee)
        assert getattr(api, operation)(str(uuid4())).status == 404


def test_an_order_is_found_by_its_id(api, coffee, orders_table):
    """That one and no other."""
    orders = [api.create(coffee | {"quantity": quantity}).body for quantity in (1, 20, 300)]
    for order in orders:
        answer = api.get(order["order_id"])
        assert (answer.status, answer.body) == (200, order)
        assert answer.headers == {"Content-Type": "application/json"}


def test_a_deleted_order_is_gone(api, coffee, orders_table):
    """It alone; and it cannot be deleted twice."""
    order, other = api.create(coffee).body, api.create(coffee).body
    answer = api.delete(order["order_id"])
    assert (answer.status, answer.body) == (204, None)
    assert api.get(order["order_id"]).status == 404
    assert api.delete(order["order_id"]).status == 404
    assert api.get(other["order_id"]).body == other


def test_a_deletion_whose_answer_is_lost_is_one(api, coffee, dynamodb, orders_table, lose_answer, written):
    """Sent again, it finds nothing; the client asked for no more than that."""
    order_id = api.create(coffee).body["order_id"]
    lose_answer("DeleteItem")
    written()
    assert api.delete(order_id).status == 204
    assert written()[1][0]["OrdersDeleted"] == [1]
    assert api.delete(order_id).status == 404


def test_of_many_who_delete_an_order_one_has(api, coffee, orders_table):
    """The others are told that it was not there."""
    order_id = api.create(coffee).body["order_id"]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: api.delete(order_id).status, range(8)))
    assert sorted(statuses) == [204] + [404] * 7
