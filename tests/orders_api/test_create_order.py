"""POST /api/orders: what is taken, what is refused, and what an Idempotency-Key promises."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import pytest
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyInconsistentStateError
from botocore import exceptions
from orders.data import clients
from orders.logic import placing
from orders.models.idempotency_key import IdempotencyKey

from .conftest import EXAMPLE, context, event, invoke

TEXT_100 = "must be a string of 1 to 100 characters"
TEXT_200 = "must be a string of 1 to 200 characters"
QUANTITY = "must be a whole number from 1 to 1000"
UNKNOWN = "is none of customer_name, item, quantity"
SERVICE = EXAMPLE / "service"
TRACED = {"LAMBDA_TASK_ROOT": str(SERVICE), "AWS_DEFAULT_REGION": "us-east-1", "ORDERS_TABLE": "orders"}
#: An order that is placed within a segment of X-Ray's, by a process of its own.
TRACE = """
import json
from types import SimpleNamespace
from typing import Any
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.context import Context
from orders.data import order_table
from orders.handlers import create_order
xray_recorder.configure(sampling=False, context=Context())
order_table.put = lambda order: None
context = SimpleNamespace(function_name="f", memory_limit_in_mb=1, invoked_function_arn="a", aws_request_id="1")
order = {"customer_name": "Ada", "item": "coffee", "quantity": 2}
with xray_recorder.in_segment("function"):
    answer = create_order.handler({"body": json.dumps(order)}, context)
assert answer["statusCode"] == 201, answer
"""


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

    def test_leaves_no_trace_of_the_customer(self, tmp_path):
        """Traces are kept elsewhere, by others, and have what was done and nothing of what was ordered."""
        daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with daemon:
            daemon.bind(("127.0.0.1", 0))
            daemon.settimeout(5)
            address = f"127.0.0.1:{daemon.getsockname()[1]}"
            settings = {**os.environ, **TRACED, "AWS_XRAY_DAEMON_ADDRESS": address, "PYTHONPATH": str(SERVICE)}
            subprocess.run([sys.executable, "-c", TRACE], env=settings, check=True, capture_output=True)
            traced = daemon.recv(65536).decode()
        assert "## handler" in traced
        assert "coffee" not in traced

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

    @pytest.mark.parametrize(
        "media_type",
        [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/xml",
            "application/jsonp",
            "json",
            ";",
        ],
    )
    @pytest.mark.parametrize("name", ["Content-Type", "content-type"])
    def test_of_what_is_said_to_be_something_else(self, api, coffee, name, media_type):
        """Though it could be read as JSON. A form is what a page of somebody else's may send."""
        answer = api.create(coffee, {name: media_type})
        assert (answer.status, answer.body["title"]) == (415, "the body must be application/json")

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

    def test_of_two_keys(self, api, coffee):
        """API Gateway gives the last one, and the others beside it."""
        values = {"idempotency-key": ["k", "k2"]}
        answer = api.create(coffee, {"idempotency-key": "k2"}, multiValueHeaders=values)
        assert (answer.status, answer.body["title"]) == (400, "there must be one Idempotency-Key, and there are 2")

    @pytest.mark.parametrize("key", ["", "k" * 129, "\n", "k\0", "schlüssel", "\ud800"])
    def test_of_a_key(self, api, coffee, key):
        """It must have 1 to 128 characters, and headers are of ASCII."""
        answer = api.create(coffee, {"Idempotency-Key": key})
        assert answer.status == 400
        assert "1 to 128" in answer.body["title"]


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;", ""]
)
def test_json_is_taken(api, coffee, orders_table, media_type):
    """However that is spelled."""
    assert api.create(coffee, {"Content-Type": media_type}).status == 201


def called_by(arn=None, user=None):
    """Make what API Gateway tells of a caller: with IAM, or with a user pool."""
    authorizer = {"authorizer": {"claims": {"sub": user, "cognito:username": "ada"}}} if user else {}
    return {"requestContext": {"requestId": "r", "identity": {"userArn": arn, "sourceIp": "192.0.2.1"}, **authorizer}}


@pytest.fixture
def record(dynamodb, idempotency_table):
    """Give the one record there is of a key."""

    def only():
        (item,) = stored(dynamodb, idempotency_table)
        return item

    return only


@pytest.fixture
def set_record(dynamodb, idempotency_table, record):
    """Change attributes of the one record there is."""

    def update(**attributes):
        dynamodb.put_item(TableName=idempotency_table, Item={**record(), **attributes})

    return update


@pytest.fixture
def create_earlier(api, set_record, monkeypatch):
    """Create an order with a key so long ago."""

    def create(details, headers, ago):
        then = datetime.now(timezone.utc) - ago
        with monkeypatch.context() as patch:
            patch.setattr(placing, "_now", lambda: then)
            answer = api.create(details, headers)
        set_record(expiration={"N": str(int(then.timestamp()) + 24 * 3600)})
        return answer

    return create


@pytest.mark.usefixtures("orders_table", "idempotency_table")
class TestIdempotencyKey:
    """The same key with the same body makes one order."""

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
        ids = {api.create(coffee, {"Idempotency-Key": key}).body["order_id"] for key in ["k", "K", "k" * 128, "k "]}
        assert len(ids) == 4

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (called_by("arn:aws:iam::111122223333:user/alice"), called_by("arn:aws:iam::111122223333:user/bob")),
            (called_by("arn:aws:iam::111122223333:user/alice"), called_by("arn:aws:iam::444455556666:user/alice")),
            (
                called_by("arn:aws:sts::111122223333:assumed-role/Shop/s"),
                called_by("arn:aws:sts::111122223333:assumed-role/Shop2/s"),
            ),
            (
                called_by("arn:aws:sts::111122223333:federated-user/alice"),
                called_by("arn:aws:sts::111122223333:federated-user/bob"),
            ),
            (called_by(user="6f6b1f5e-6d3c-4b4f-9d55-0c8a7a3b1c2d"), called_by(user="alice")),
        ],
        ids=str,
    )
    def test_anothers_key_is_another_key(self, api, coffee, one, other):
        """Nobody gets another's order for an answer, or learns that a key is in use."""
        first = api.create(coffee, {"Idempotency-Key": "1"}, **one)
        second = api.create(coffee, {"Idempotency-Key": "1"}, **other)
        third = api.create(coffee | {"item": "tea"}, {"Idempotency-Key": "1"}, **called_by("arn:aws:iam::1:user/eve"))
        assert [answer.status for answer in (first, second, third)] == [201] * 3
        assert first.body["order_id"] != second.body["order_id"]
        assert api.create(coffee, {"Idempotency-Key": "1"}, **one).body == first.body

    def test_a_session_of_a_role_can_repeat_what_another_has_sent(self, api, coffee):
        """A program that starts again has another session, and sends again what it had no answer to."""
        first, second = (
            api.create(
                coffee, {"Idempotency-Key": "1"}, **called_by(f"arn:aws:sts::111122223333:assumed-role/Shop/{name}")
            )
            for name in ("run-1", "run-2")
        )
        assert (second.status, second.body) == (200, first.body)

    def test_stays_in_use_from_release_to_release(self, api, coffee, record):
        """Another id, of the order or of the record, would make another order of a key that is in use."""
        key = IdempotencyKey("arn:aws:iam::111122223333:user/alice", "k")
        day = datetime(2026, 11, 27, 23, 59, tzinfo=timezone(timedelta(hours=-5)))
        assert placing._id_for(str(key), day) == "232ee39c-e0a5-5243-a178-0826823a16bf"
        api.create(coffee, {"Idempotency-Key": "k"}, **called_by("arn:aws:iam::111122223333:user/alice"))
        assert record()["id"]["S"] == "create_order#b7d61212b14be2a6264ad6d67d60d6af6ef8d7d16a3c00e31d346883fe6e78ed"

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

    def test_keeps_no_words_of_a_deleted_order(self, api, coffee, record):
        """The record has which order it was and when, and a hash of the rest."""
        api.delete(api.create(coffee, {"Idempotency-Key": "k"}).body["order_id"])
        assert not any(word in json.dumps(record()) for word in ("Ada", "Lovelace", "coffee"))

    def test_lasts_for_a_day(self, api, coffee, record):
        """DynamoDB deletes the record some time after. Neither the key nor the customer can be read from its id."""
        api.create(coffee, {"Idempotency-Key": "k"})
        assert record().keys() == {"id", "expiration", "in_progress_expiration", "status", "data", "validation"}
        assert abs(int(record()["expiration"]["N"]) - time.time() - 24 * 3600) < 5
        assert re.fullmatch("create_order#[0-9a-f]{64}", record()["id"]["S"])

    def test_expires_even_while_its_record_is_there(self, api, coffee, create_earlier, record):
        """A key that has expired is new, with any body; and is then good for another day."""
        first = create_earlier(coffee, {"Idempotency-Key": "k"}, timedelta(hours=24, seconds=2))
        second = api.create(coffee | {"item": "tea"}, {"Idempotency-Key": "k"})
        assert second.status == 201
        assert second.body["order_id"] != first.body["order_id"]
        assert api.create(coffee | {"item": "tea"}, {"Idempotency-Key": "k"}).body == second.body
        assert int(record()["expiration"]["N"]) > time.time() + 23 * 3600

    def test_does_not_expire_early(self, api, coffee, create_earlier):
        """Not in its last minute."""
        first = create_earlier(coffee, {"Idempotency-Key": "k"}, timedelta(hours=23, minutes=59))
        assert api.create(coffee, {"Idempotency-Key": "k"}).body == first.body

    @pytest.mark.parametrize("expired", [False, True])
    def test_holds_for_requests_at_the_same_time(
        self, api, coffee, dynamodb, orders_table, idempotency_table, create_earlier, expired
    ):
        """Of sixteen at once, one makes the order and all get it, with a key that is new or has expired."""
        if expired:
            create_earlier(coffee, {"Idempotency-Key": "k"}, timedelta(hours=24, seconds=2))
        before = len(stored(dynamodb, orders_table))
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: api.create(coffee, {"Idempotency-Key": "k"}), range(16)))
        assert sorted(answer.status for answer in answers) == [200] * 15 + [201]
        assert len({answer.body["order_id"] for answer in answers}) == 1
        assert len(stored(dynamodb, orders_table)) == before + 1

    def test_is_free_again_if_the_order_could_not_be_written(
        self, api, coffee, dynamodb, idempotency_table, monkeypatch
    ):
        """A key that stands for an order that was never stored would be worse than none."""
        with monkeypatch.context() as patch:
            patch.setenv("ORDERS_TABLE", "no-such-table")
            assert api.create(coffee, {"Idempotency-Key": "k"}).status == 500
        assert stored(dynamodb, idempotency_table) == []
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 201


def post_with_key(details, context):
    """POST an order with a key, with so much time."""
    posted = event("POST", "/api/orders", body=json.dumps(details), headers={"Idempotency-Key": "k"})
    return invoke("create_order", posted, context)


class Died(BaseException):
    """What ends a process, as far as its records are concerned: nothing is tidied up after it."""


@pytest.mark.usefixtures("orders_table", "idempotency_table")
class TestInterruptedRequest:
    """A key may be in progress, of a request that is busy or of one that will never end."""

    # What is called for a new order: put the key, look for the order twice, put the order, update the key.
    @pytest.mark.parametrize("calls", [1, 2, 3, 4])
    def test_is_taken_over_without_making_another_order(
        self, api, coffee, dynamodb, orders_table, failures, set_record, calls
    ):
        """Wherever the process died, before or after the order was written."""
        failures += [*[None] * calls, Died()]
        with pytest.raises(Died):
            api.create(coffee, {"Idempotency-Key": "k"})
        assert len(stored(dynamodb, orders_table)) == (calls == 4)
        set_record(in_progress_expiration={"N": "1"})
        answer = api.create(coffee, {"Idempotency-Key": "k"})
        assert answer.status == (200 if calls == 4 else 201)
        assert api.list().body["orders"] == [answer.body]
        assert api.create(coffee, {"Idempotency-Key": "k"}).body == answer.body

    def test_is_taken_over_after_midnight(self, api, coffee, failures, set_record, monkeypatch):
        """The order's id follows from the day on which the key was new."""
        midnight = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        failures += [None] * 4 + [Died()]
        monkeypatch.setattr(placing, "_now", lambda: midnight - timedelta(milliseconds=1))
        with pytest.raises(Died):
            api.create(coffee, {"Idempotency-Key": "k"})
        set_record(in_progress_expiration={"N": "1"})
        monkeypatch.setattr(placing, "_now", lambda: midnight + timedelta(seconds=20))
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 200
        assert len(api.list().body["orders"]) == 1

    def test_is_not_taken_over_with_another_body(self, api, coffee, failures, set_record):
        """Neither while it is in progress nor after."""
        failures += [None] * 4 + [Died()]
        with pytest.raises(Died):
            api.create(coffee, {"Idempotency-Key": "k"})
        other = coffee | {"item": "tea"}
        assert api.create(other, {"Idempotency-Key": "k"}).status == 422
        set_record(in_progress_expiration={"N": "1"})
        assert api.create(other, {"Idempotency-Key": "k"}).status == 422
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 200

    @pytest.mark.parametrize("last_call", ["put_item", "update_item"])
    def test_whose_last_answer_was_lost_can_be_sent_again(
        self, api, coffee, dynamodb, failures, orders_table, last_call
    ):
        """DynamoDB has written what it never said it had."""
        lost = exceptions.ReadTimeoutError(endpoint_url="there")
        calls = {"put_item": 3, "update_item": 4}[last_call]

        def lose(**_):
            if len(failures) == 0:
                dynamodb.meta.events.unregister("after-call.dynamodb", lose)
                raise lost

        failures += [None] * (calls + 1)
        dynamodb.meta.events.register("after-call.dynamodb", lose)
        answer = api.create(coffee, {"Idempotency-Key": "k"})
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert len(stored(dynamodb, orders_table)) == 1
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 200
        assert len(stored(dynamodb, orders_table)) == 1

    @pytest.mark.parametrize(("operation", "after"), [("PutItem", 0), ("PutItem", 1), ("UpdateItem", 0)])
    def test_whose_answer_is_lost_once_does_not_notice(
        self, api, coffee, dynamodb, orders_table, lose_answer, operation, after
    ):
        """The call is sent again, and takes what it finds for its own: the key's record, or the order."""
        lose_answer(operation, after=after)
        start = time.monotonic()
        answer = api.create(coffee, {"Idempotency-Key": "k"})
        assert time.monotonic() - start < 5
        assert answer.status == 201
        assert api.create(coffee, {"Idempotency-Key": "k"}).body == answer.body
        assert [item["order_id"]["S"] for item in stored(dynamodb, orders_table)] == [answer.body["order_id"]]

    def test_that_wakes_too_late_changes_nothing(self, api, coffee, dynamodb, orders_table, set_record):
        """It had looked for the order and found none when its time was over and another took over."""
        overtaking: list[Any] = []

        def stall(params, **_):
            if orders_table in str(params["body"]) and not overtaking:
                overtaking.append(None)
                set_record(in_progress_expiration={"N": "1"})
                overtaking[0] = api.create(coffee, {"Idempotency-Key": "k"})

        dynamodb.meta.events.register("before-call.dynamodb.PutItem", stall)
        try:
            late = api.create(coffee, {"Idempotency-Key": "k"})
        finally:
            dynamodb.meta.events.unregister("before-call.dynamodb.PutItem", stall)
        assert (overtaking[0].status, late.status) == (201, 200)
        assert late.body == overtaking[0].body == api.list().body["orders"][0]

    def test_finds_what_was_written_a_moment_ago(self, api, coffee, dynamodb):
        """Only consistent reads do; others may be behind."""
        asked = []
        note = lambda params, **_: asked.append(json.loads(params["body"])["ConsistentRead"])  # noqa: E731
        dynamodb.meta.events.register("before-call.dynamodb.GetItem", note)
        try:
            api.get(api.create(coffee, {"Idempotency-Key": "k"}).body["order_id"])
        finally:
            dynamodb.meta.events.unregister("before-call.dynamodb.GetItem", note)
        assert asked == [True] * 3

    def test_is_answered_in_time_though_dynamodb_falls_silent(self, coffee, dynamodb, failures, monkeypatch):
        """Each look may take as long as the client waits, twice."""
        failures += [None, Died()]
        with pytest.raises(Died):
            post_with_key(coffee, context())
        left = [placing.RESERVE / 1000 + 0.001]
        clock = SimpleNamespace(sleep=lambda seconds: left.__setitem__(0, left[0] - seconds), time=time.time)
        monkeypatch.setattr(placing, "time", clock)
        monkeypatch.setattr("botocore.endpoint.time", clock)
        requests: list[None] = []

        def fall_silent(**_):
            requests.append(None)
            if len(requests) > 1:
                clock.sleep(clients.LONGEST_ATTEMPT)
                raise exceptions.ReadTimeoutError(endpoint_url="there")

        limited = context()
        limited.get_remaining_time_in_millis = lambda: int(left[0] * 1000)
        dynamodb.meta.events.register_first("before-send.dynamodb", fall_silent)
        try:
            answer = post_with_key(coffee, limited)
        finally:
            dynamodb.meta.events.unregister("before-send.dynamodb", fall_silent)
        assert (answer.status, len(requests)) == (503, 1 + clients.ATTEMPTS)
        assert left[0] >= 0

    def test_is_waited_for(self, api, coffee, failures, set_record):
        """Until it is done, or its time is over."""
        failures += [None] * 4 + [Died()]
        with pytest.raises(Died):
            api.create(coffee, {"Idempotency-Key": "k"})
        set_record(in_progress_expiration={"N": str(int(time.time() * 1000) + 1000)})
        start = time.monotonic()
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 200
        assert 0.8 < time.monotonic() - start < 5

    def test_is_not_waited_for_longer_than_there_is_time(self, api, coffee, failures):
        """The answer says that it is in progress, and when to ask again."""
        failures += [None, Died()]
        with pytest.raises(Died):
            api.create(coffee, {"Idempotency-Key": "k"})
        answer = api.create(coffee, {"Idempotency-Key": "k"}, seconds=1.5)
        assert (answer.status, answer.headers["Retry-After"]) == (409, "1")
        assert "in progress" in answer.body["title"]

    def test_is_busy_if_the_key_changes_under_it(self, api, coffee, monkeypatch):
        """Powertools tries a few times, and the client may, too."""
        error = IdempotencyInconsistentStateError("changed")
        monkeypatch.setattr(placing, "idempotent_function", lambda *_, **__: Mock(side_effect=error))
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 503
