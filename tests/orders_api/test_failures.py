"""What clients are told when it does not work, and what the log is told."""

import json
import socket
import time
from datetime import datetime, timedelta
from unittest.mock import Mock
from uuid import UUID, uuid4

import pytest
import store
from botocore import exceptions

from . import emulator

OPERATIONS = {
    "create": lambda api, coffee: api.create(coffee),
    "create once": lambda api, coffee: api.create(coffee, {"Idempotency-Key": "k"}),
    "get": lambda api, coffee: api.get(str(uuid4())),
    "delete": lambda api, coffee: api.delete(str(uuid4())),
    "list": lambda api, coffee: api.list(),
}


TEMPORARY = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "TransactionConflictException",
    "TransactionInProgressException",
    exceptions.EndpointConnectionError(endpoint_url="secret"),
    exceptions.ConnectTimeoutError(endpoint_url="secret"),
    exceptions.ReadTimeoutError(endpoint_url="secret"),
    exceptions.ConnectionClosedError(endpoint_url="secret"),
]
LASTING = [
    "AccessDeniedException",
    "ResourceNotFoundException",
    "ValidationException",
    exceptions.NoCredentialsError(),
    KeyError("secret"),
    RecursionError("secret"),
]


@pytest.fixture(params=OPERATIONS)
def operate(request, api, coffee, dynamodb, monkeypatch):
    """Call each operation in turn."""
    monkeypatch.setenv("ORDERS_TABLE", "orders")
    monkeypatch.setenv("IDEMPOTENCY_TABLE", "idempotency")
    return lambda: OPERATIONS[request.param](api, coffee)


@pytest.fixture
def log(capsys):
    """Give the lines that have been logged."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def failing(cause):
    """Make a code what DynamoDB answers with it."""
    return {"Error": {"Code": cause, "Message": "secret"}} if isinstance(cause, str) else cause


def name(cause):
    """Name a case."""
    return cause if isinstance(cause, str) else type(cause).__name__


@pytest.mark.parametrize("cause", TEMPORARY, ids=name)
def test_what_may_pass_is_503(operate, failures, cause, log):
    """The client learns when to come back, the log learns why."""
    failures.append(failing(cause))
    answer = operate()
    assert (answer.status, answer.body["title"]) == (503, "the service is busy, please try again")
    assert answer.headers == {"Content-Type": "application/problem+json", "Retry-After": "1"}
    assert "secret" not in str(answer)
    (line,) = log()
    assert (line["level"], line["status"]) == ("WARN", 503)
    assert "secret" in line["problem"]


@pytest.mark.parametrize("cause", LASTING, ids=name)
def test_what_will_not_pass_is_500(operate, failures, cause, log):
    """The client learns no more than that, the log has the stack trace."""
    failures.append(failing(cause))
    answer = operate()
    assert answer == type(answer)(
        500,
        {"status": 500, "title": "something went wrong here", "problems": []},
        {"Content-Type": "application/problem+json"},
    )
    (line,) = log()
    assert (line["level"], line["status"]) == ("ERROR", 500)
    assert line["problem"].startswith("Traceback")
    assert name(cause) in line["problem"]


def test_nothing_at_the_other_end_is_503(operate, monkeypatch):
    """With the client as it is: a port that nobody listens at."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{emulator.free_port()}")
    monkeypatch.setattr("store.client", store.client.__wrapped__)
    answer = operate()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


def test_silence_at_the_other_end_is_503(api, dynamodb, orders_table, monkeypatch):
    """With the client as it is, and well before Lambda ends the invocation."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setattr("store.client", store.client.__wrapped__)
        start = time.monotonic()
        assert api.list().status == 503
        assert time.monotonic() - start < 8


def test_the_client_is_made_once(dynamodb, api, orders_table, monkeypatch):
    """On first use, and then kept: each process has its own."""
    make = Mock(return_value=dynamodb)
    monkeypatch.setattr("boto3.client", make)
    store.client.cache_clear()
    for _ in range(3):
        assert api.list().status == 200
    assert make.call_count == 1


class TestLog:
    """One line for each request."""

    def test_has_what_it_takes_to_find_a_request(self, api, coffee, orders_table, log):
        """Lambda's own lines call the request by the same name."""
        api.create(coffee)
        (line,) = log()
        assert line.keys() == {"timestamp", "level", "requestId", "route", "status", "duration_ms"}
        assert (line["level"], line["route"], line["status"]) == ("INFO", "POST /api/orders", 201)
        assert UUID(line["requestId"])
        assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta()
        assert 0 < line["duration_ms"] < 5000

    def test_says_what_was_refused(self, api, log):
        """But does not quote the client, whose data are no business of the log."""
        api.get("no-id")
        api.create({"customer_name": "Ada"})
        assert [(line["route"], line["status"], line["problem"]) for line in log()] == [
            ("GET /api/orders/{order_id}", 404, "there is no such order"),
            ("POST /api/orders", 422, "the order is not valid"),
        ]
