"""POST /api/orders: what is taken, what is refused, and what an Idempotency-Key promises."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest

TEXT_100 = "must be a string of 1 to 100 characters"
TEXT_200 = "must be a string of 1 to 200 characters"
QUANTITY = "must be a whole number from 1 to 1000"
UNKNOWN = "is none of customer_name, item, quantity"


def stored(dynamodb, table):
    """Give the items of a table."""
    return dynamodb.scan(TableName=table)["Items"]


class TestOrder:
    """One request, one order."""

    def test_is_answered_with_the_order(self, api, coffee, orders_table):
        """What was asked for, an id, and when it was."""
        answer = api.create(coffee)
        order_id, created_at = answer.body.pop("order_id"), answer.body.pop("created_at")
        assert (answer.status, answer.body) == (201, coffee)
        assert answer.headers == {"Content-Type": "application/json"}
        assert UUID(order_id).version == 4
        assert abs(datetime.fromisoformat(created_at) - datetime.now(timezone.utc)) < timedelta(seconds=5)

    def test_is_stored(self, api, coffee, dynamodb, orders_table):
        """In a form that other programs can read, the number as a number."""
        order = api.create(coffee).body
        (item,) = stored(dynamodb, orders_table)
        assert item == {
            "order_id": {"S": order["order_id"]},
            "created_at": {"S": order["created_at"]},
            "customer_name": {"S": "Ada Lovelace"},
            "item": {"S": "coffee"},
            "quantity": {"N": "2"},
        }

    def test_without_a_key_each_request_makes_one(self, api, coffee, dynamodb, orders_table):
        """Two requests that say the same are two orders."""
        assert api.create(coffee).body["order_id"] != api.create(coffee).body["order_id"]
        assert len(stored(dynamodb, orders_table)) == 2

    @pytest.mark.parametrize(
        "change",
        [
            {"customer_name": "A"},
            {"customer_name": "A" * 100},
            {"customer_name": "李" * 100},
            {"item": "x"},
            {"item": "\N{HOT BEVERAGE}\N{VARIATION SELECTOR-16}" * 100},
            {"item": 'quotes " and \\ and \n and \0'},
            {"quantity": 1},
            {"quantity": 1000},
        ],
        ids=repr,
    )
    def test_at_the_bounds(self, api, coffee, orders_table, change):
        """The smallest, the largest and the strangest that is valid comes back unchanged."""
        answer = api.create(coffee | change)
        assert answer.status == 201
        assert api.get(answer.body["order_id"]).body == answer.body
        assert answer.body.items() >= (coffee | change).items()


class TestRefusal:
    """No refusal takes DynamoDB to find."""

    @pytest.mark.parametrize(
        ("field", "value", "rule", "got"),
        [
            ("customer_name", "", TEXT_100, '""'),
            ("customer_name", "A" * 101, TEXT_100, '"' + "A" * 59),
            ("customer_name", None, TEXT_100, "null"),
            ("customer_name", 5, TEXT_100, "5"),
            ("customer_name", ["Ada"], TEXT_100, "list"),
            ("customer_name", "\ud800", TEXT_100, r'"\ud800"'),
            ("item", "", TEXT_200, '""'),
            ("item", "x" * 201, TEXT_200, '"' + "x" * 59),
            ("item", {"name": "coffee"}, TEXT_200, "dict"),
            ("item", False, TEXT_200, "false"),
            ("item", "coffee\udfff", TEXT_200, r'"coffee\udfff"'),
            ("quantity", 0, QUANTITY, "0"),
            ("quantity", -1, QUANTITY, "-1"),
            ("quantity", 1001, QUANTITY, "1001"),
            ("quantity", 10**4000, QUANTITY, "1" + "0" * 59),
            ("quantity", True, QUANTITY, "true"),
            ("quantity", 2.0, QUANTITY, "2.0"),
            ("quantity", 1.5, QUANTITY, "1.5"),
            ("quantity", float("nan"), QUANTITY, "NaN"),
            ("quantity", float("inf"), QUANTITY, "Infinity"),
            ("quantity", "2", QUANTITY, '"2"'),
            ("quantity", None, QUANTITY, "null"),
            ("quantity", [2], QUANTITY, "list"),
            ("colour", "black", UNKNOWN, '"black"'),
            ("order_id", "00000000-0000-4000-8000-000000000000", UNKNOWN, '"00000000-0000-4000-8000-000000000000"'),
            ("Quantity", 2, UNKNOWN, "2"),
            ("", 2, UNKNOWN, "2"),
            ("\ud800", 2, UNKNOWN, "2"),
        ],
    )
    def test_of_one_field(self, api, coffee, field, value, rule, got):
        """It says which field, what it must be, and what it was."""
        answer = api.create(coffee | {field: value})
        assert answer.status == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.body == {
            "status": 422,
            "title": "the order is not valid",
            "problems": [{"field": field, "problem": rule, "got": got}],
        }

    @pytest.mark.parametrize("field", ["customer_name", "item", "quantity"])
    def test_of_a_missing_field(self, api, coffee, field):
        """What was missing was nothing, which is not null in quotes."""
        del (details := dict(coffee))[field]
        (problem,) = api.create(details).body["problems"]
        assert (problem["field"], problem["got"]) == (field, None)

    def test_names_everything_at_once(self, api):
        """So that nobody has to send an order five times to learn five things."""
        answer = api.create({"customer_name": "", "quantity": True, "colour": 1, "size": 2})
        assert [problem["field"] for problem in answer.body["problems"]] == [
            "customer_name",
            "item",
            "quantity",
            "colour",
            "size",
        ]

    @pytest.mark.parametrize("body", ["null", "[]", "[{}]", '"coffee"', "5", "true", "NaN"])
    def test_of_json_that_is_no_object(self, api, body):
        """It is JSON, and yet no order."""
        answer = api.create(body)
        assert answer.status == 422
        assert answer.body["problems"][0]["field"] == "body"

    @pytest.mark.parametrize(
        "body",
        ["", " ", "coffee", "{", "{'item': 1}", '{"quantity": 1,}', "[" * 8000, "1" * 5000, "\ufeff{}", "\ud800"],
        ids=lambda body: body[:9],
    )
    def test_of_what_is_not_json(self, api, body):
        """Whatever the parser makes of it."""
        answer = api.create(body)
        assert (answer.status, answer.body["title"]) == (400, "the body must be JSON")

    def test_of_no_body(self, api):
        """API Gateway then sends null."""
        assert api.create("", body=None).status == 400

    def test_of_a_body_too_long(self, api, coffee):
        """The limit is far above the longest order there is, however its characters are spelled."""
        longest = json.dumps({"customer_name": "\U0001f600" * 100, "item": "\U0001f600" * 200, "quantity": 1000})
        assert len(longest) < 4096
        padded = json.dumps(coffee).ljust(8192)
        assert api.create(padded + " ").status == 413
        assert api.create(padded.replace("2", "0")).status == 422

    @pytest.mark.parametrize("key", ["", "k" * 129])
    def test_of_a_key(self, api, coffee, key):
        """It must have 1 to 128 characters."""
        answer = api.create(coffee, {"Idempotency-Key": key})
        assert answer.status == 400
        assert "1 to 128" in answer.body["title"]


@pytest.mark.usefixtures("orders_table", "idempotency_table")
class TestIdempotencyKey:
    """The same key with the same body makes one order."""

    @pytest.fixture
    def record(self, dynamodb, idempotency_table):
        """Give the one record there is of a key."""

        def only():
            (item,) = stored(dynamodb, idempotency_table)
            return item

        return only

    @pytest.fixture
    def expire(self, dynamodb, idempotency_table):
        """Have a key expire so many seconds from now."""

        def update(key, seconds):
            dynamodb.update_item(
                TableName=idempotency_table,
                Key={"id": {"S": key}},
                UpdateExpression="SET expiration = :then",
                ExpressionAttributeValues={":then": {"N": str(int(time.time()) + seconds)}},
            )

        return update

    def test_the_second_request_gets_the_order_of_the_first(self, api, coffee, dynamodb, orders_table):
        """201 when it was made, 200 when it was there."""
        first = api.create(coffee, {"Idempotency-Key": "k"})
        second = api.create(coffee, {"Idempotency-Key": "k"})
        assert (first.status, second.status) == (201, 200)
        assert first.body == second.body == api.get(first.body["order_id"]).body
        assert len(stored(dynamodb, orders_table)) == 1

    @pytest.mark.parametrize("name", ["idempotency-key", "IDEMPOTENCY-KEY", "Idempotency-key"])
    def test_the_case_of_the_header_does_not_matter(self, api, coffee, name):
        """Names of headers have none, in HTTP."""
        first = api.create(coffee, {"Accept": "*/*", name: "k"})
        assert api.create(coffee, {"Idempotency-Key": "k"}).body == first.body

    def test_the_form_of_the_body_does_not_matter(self, api, coffee):
        """Order and white space say nothing."""
        first = api.create(json.dumps(coffee), {"Idempotency-Key": "k"})
        second = api.create(json.dumps(dict(reversed(coffee.items())), indent=4), {"Idempotency-Key": "k"})
        assert second.body == first.body

    @pytest.mark.parametrize("change", [{"customer_name": "Bob"}, {"item": "tea"}, {"quantity": 3}], ids=repr)
    def test_another_body_is_refused(self, api, coffee, dynamodb, orders_table, change):
        """Which of the two orders was meant, nobody can know."""
        first = api.create(coffee, {"Idempotency-Key": "k"})
        answer = api.create(coffee | change, {"Idempotency-Key": "k"})
        assert (answer.status, answer.body["title"]) == (422, "this Idempotency-Key was used for another order")
        assert api.create(coffee, {"Idempotency-Key": "k"}).body == first.body
        assert len(stored(dynamodb, orders_table)) == 1

    def test_another_key_makes_another_order(self, api, coffee):
        """Keys differ by case, too."""
        ids = {api.create(coffee, {"Idempotency-Key": key}).body["order_id"] for key in ["k", "K", "k" * 128]}
        assert len(ids) == 3

    def test_a_refused_order_does_not_use_the_key(self, api, coffee):
        """The client may mend the order and send it with the same key."""
        assert api.create({}, {"Idempotency-Key": "k"}).status == 422
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 201

    def test_a_deleted_order_is_not_made_again(self, api, coffee):
        """A late repetition does not bring back what was deleted in between."""
        first = api.create(coffee, {"Idempotency-Key": "k"})
        api.delete(first.body["order_id"])
        assert api.create(coffee, {"Idempotency-Key": "k"}).body == first.body
        assert api.get(first.body["order_id"]).status == 404

    def test_lasts_for_a_day(self, api, coffee, record):
        """DynamoDB deletes the record some time after."""
        api.create(coffee, {"Idempotency-Key": "k"})
        assert record().keys() == {"id", "expiration", "order"}
        assert abs(int(record()["expiration"]["N"]) - time.time() - 24 * 3600) < 5

    def test_expires_even_while_its_record_is_there(self, api, coffee, expire, record):
        """A key that has expired is new, with any body; and is then good for another day."""
        first = api.create(coffee, {"Idempotency-Key": "k"})
        expire("k", seconds=-1)
        second = api.create(coffee | {"item": "tea"}, {"Idempotency-Key": "k"})
        assert second.status == 201
        assert second.body["order_id"] != first.body["order_id"]
        assert api.create(coffee | {"item": "tea"}, {"Idempotency-Key": "k"}).body == second.body
        assert int(record()["expiration"]["N"]) > time.time() + 23 * 3600

    def test_does_not_expire_early(self, api, coffee, expire):
        """Not in its last minute."""
        first = api.create(coffee, {"Idempotency-Key": "k"})
        expire("k", seconds=60)
        assert api.create(coffee, {"Idempotency-Key": "k"}).body == first.body

    @pytest.mark.parametrize("expired", [False, True])
    def test_holds_for_requests_at_the_same_time(self, api, coffee, dynamodb, orders_table, expire, expired):
        """Of sixteen at once, one makes the order and all get it, with a key that is new or has expired."""
        if expired:
            api.create(coffee, {"Idempotency-Key": "k"})
            expire("k", seconds=-1)
        before = len(stored(dynamodb, orders_table))
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: api.create(coffee, {"Idempotency-Key": "k"}), range(16)))
        assert sorted(answer.status for answer in answers) == [200] * 15 + [201]
        assert len({answer.body["order_id"] for answer in answers}) == 1
        assert len(stored(dynamodb, orders_table)) == before + 1

    def test_order_and_key_are_written_together_or_not_at_all(
        self, api, coffee, dynamodb, idempotency_table, monkeypatch
    ):
        """A key that stands for an order that was never stored would be worse than none."""
        monkeypatch.setenv("ORDERS_TABLE", "no-such-table")
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 500
        assert stored(dynamodb, idempotency_table) == []


@pytest.mark.usefixtures("orders_table", "idempotency_table")
class TestCancelledTransaction:
    """DynamoDB cancels one of two transactions that meet, and leaves it to us to try again. The emulator never does."""

    @pytest.fixture(autouse=True)
    def _no_pauses(self, monkeypatch):
        monkeypatch.setattr("time.sleep", lambda seconds: None)

    @pytest.mark.parametrize(
        "reasons",
        [
            ["TransactionConflict", "None"],
            ["None", "TransactionConflict"],
            ["ThrottlingError", "None"],
            ["None", "ProvisionedThroughputExceeded"],
        ],
        ids=",".join,
    )
    def test_is_tried_again(self, api, coffee, failures, reasons):
        """After three conflicts the fourth attempt may still make it."""
        failures += [cancelled(*reasons)] * 3
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 201

    def test_is_given_up_in_the_end(self, api, coffee, failures, dynamodb, orders_table):
        """The client may then send the same again."""
        failures += [cancelled("TransactionConflict", "None")] * 4
        answer = api.create(coffee, {"Idempotency-Key": "k"})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert stored(dynamodb, orders_table) == []
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 201

    def test_is_not_tried_again_if_that_cannot_help(self, api, coffee, failures):
        """What is wrong with the request will be wrong with it in a moment."""
        failures += [cancelled("None", "ValidationError")]
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 500


def cancelled(*codes):
    """Make what DynamoDB says when it cancels a transaction."""
    return {
        "Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
