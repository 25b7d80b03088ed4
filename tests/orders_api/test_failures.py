"""What clients are told when it does not work, and what the log is told."""

import importlib
import json
import socket
import time
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest.mock import Mock
from uuid import UUID, uuid4

import pytest
from botocore import exceptions
from botocore.awsrequest import AWSResponse, HeadersDict
from local_aws import emulator
from orders.data import clients, order_table, signing_keys
from orders.handlers import list_orders
from orders.logic import listing, placing

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
    assert (line["level"], line["status"]) == ("WARNING", 503)
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
    assert line["exception"].startswith("Traceback")
    assert name(cause) in line["exception"]


def test_nothing_at_the_other_end_is_503(operate, new_process, monkeypatch):
    """With the client as it is: a port that nobody listens at."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{emulator.free_port()}")
    answer = operate()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


def test_silence_at_the_other_end_is_503(api, orders_table, new_process, monkeypatch):
    """With the client as it is, and well before Lambda ends the invocation."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        start = time.monotonic()
        assert api.list().status == 503
        assert time.monotonic() - start < 8


def test_a_service_with_several_addresses_is_waited_for_as_long_as_reckoned(new_process, aws, monkeypatch):
    """Each attempt tries all of them: here the last takes the connection, and is silent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://service.test")
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    called = aws("secretsmanager")
    with ExitStack() as stack:
        places = [stack.enter_context(unreachable()) for _ in range(clients.ADDRESSES - 1)]
        places.append(stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname())
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
        monkeypatch.setattr("urllib3.util.connection.socket.getaddrinfo", lambda *_: found)
        start = time.monotonic()
        with pytest.raises(exceptions.ReadTimeoutError):
            called.get_secret_value(SecretId="s")
    took = time.monotonic() - start + (clients.ATTEMPTS - 1) * clients.PAUSE
    assert took > clients.ATTEMPTS * ((clients.ADDRESSES - 1) * clients.CONNECT_TIMEOUT + clients.READ_TIMEOUT)
    assert took <= clients.LONGEST_CALL


@contextmanager
def unreachable():
    """Have an address that takes no connection and does not say so: its queue is full, and Linux drops what comes."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, ExitStack() as stack:
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()


@pytest.mark.parametrize("service", ["dynamodb", "secretsmanager"])
@pytest.mark.parametrize("asked", ["1", "5000", "soon"])
def test_a_service_does_not_choose_how_long_it_is_waited_for(new_process, aws, monkeypatch, service, asked):
    """It may ask for seconds, which botocore grants, and which an invocation has not got. The caller waits instead."""
    pauses: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=pauses.append))
    answer = b'{"__type": "ThrottlingException"}'
    headers = {"x-amz-retry-after": asked, "Content-Type": "application/x-amz-json-1.1"}
    called = aws(service)
    called.meta.events.register_first(
        "before-send",
        lambda **_: AWSResponse("there", 400, HeadersDict(headers), SimpleNamespace(stream=lambda: [answer])),
    )
    with pytest.raises(exceptions.ClientError):
        called.scan(TableName="t") if service == "dynamodb" else called.get_secret_value(SecretId="s")
    assert len(pauses) == clients.ATTEMPTS - 1
    assert 0 <= pauses[0] <= clients.PAUSE


class TestSilence:
    """Of all services that an operation calls: it is waited for as often as the stack reckons with."""

    @pytest.fixture
    def silent(self, new_process, aws):
        """Have services fall silent, and count the calls that wait for them."""
        waited: list[str] = []

        def fall_silent(model, **_):
            waited.append(model.name)
            raise exceptions.ReadTimeoutError(endpoint_url="there")

        def silence(*names):
            for name in names:
                service, _, operation = name.partition(".")
                event = f"before-call.{service}" + (f".{operation}" if operation else "")
                aws(service).meta.events.register(event, fall_silent)
            return waited

        return silence

    @pytest.mark.parametrize("known", [True, False])
    def test_of_what_list_calls(self, api, secret, orders_table, put_orders, silent, monkeypatch, known):
        """With keys that are old, and a token of one of them or of another."""
        put_orders(orders_table, 2)
        token = api.list(limit="1").body["next_token"]
        later = time.monotonic() + signing_keys.LIFETIME
        monkeypatch.setattr(signing_keys, "time", SimpleNamespace(monotonic=lambda: later))
        waited = silent("secretsmanager", "dynamodb")
        token = token if known else f"2.99999999.{'A' * 22}.{'A' * 43}"
        assert api.list(limit="1", next_token=token).status == 503
        assert waited == ["GetSecretValue", "Scan" if known else "GetSecretValue"]
        assert len(waited) == listing.SILENT_CALLS

    def test_of_what_create_calls(self, api, coffee, orders_table, idempotency_table, silent, monkeypatch):
        """After it has got the key."""
        for name in ("APPLICATION", "ENVIRONMENT", "CONFIGURATION"):
            monkeypatch.setenv(f"APPCONFIG_{name}", name)
        waited = silent("appconfigdata")
        put = order_table.put_unless_there
        monkeypatch.setattr(order_table, "put_unless_there", lambda order: (silent("dynamodb"), put(order)))
        assert api.create(coffee, {"Idempotency-Key": "k"}).status == 503
        assert waited == ["StartConfigurationSession", "PutItem", "DeleteItem"]
        assert len(waited) == placing.SILENT_CALLS


def test_an_answer_that_is_none_of_dynamodbs_is_503(api, aws, orders_table, dynamodb):
    """Such as the page of a proxy that cannot get through to it."""

    def broken(**_):
        return SimpleNamespace(status_code=502), {
            "Error": {"Code": "502", "Message": "secret"},
            "ResponseMetadata": {"HTTPStatusCode": 502},
        }

    dynamodb.meta.events.register("before-call.dynamodb", broken)
    try:
        assert api.list().status == 503
    finally:
        dynamodb.meta.events.unregister("before-call.dynamodb", broken)


@pytest.fixture
def made(new_process, monkeypatch):
    """The services that clients were made for."""
    make = Mock(side_effect=clients._session().create_client)
    monkeypatch.setattr(clients, "_session", lambda: SimpleNamespace(create_client=make))
    return lambda: [call.args[0] for call in make.call_args_list]


def test_a_client_is_made_once(api, orders_table, made):
    """On first use, and then kept: each process has its own."""
    for _ in range(3):
        assert api.get(str(uuid4())).status == 404
    assert made() == ["dynamodb"]


def test_list_makes_its_clients_before_requests(api, orders_table, secret, put_orders, made):
    """All that requests ask for."""
    put_orders(orders_table, 2)
    importlib.reload(list_orders)
    before = made()
    token = api.list(limit="1").body["next_token"]
    assert api.list(limit="1", next_token=token).status == 200
    assert sorted(made()) == sorted(before) == ["dynamodb", "secretsmanager"]


def test_list_starts_though_no_service_answers(new_process, made, monkeypatch):
    """Nor has it a table or a secret yet: nothing is called, and no variable is read but the Region's."""
    for name in ("ORDERS_TABLE", "CURSOR_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{emulator.free_port()}")
    importlib.reload(list_orders)
    assert made() == list(list_orders.SERVICES)


class TestLog:
    """One line for each request."""

    def test_has_what_it_takes_to_find_a_request(self, api, coffee, orders_table, log):
        """Lambda's own lines call the request by the same name, API Gateway's by the other."""
        api.create(coffee)
        (line,) = log()
        assert (line["level"], line["route"], line["status"]) == ("INFO", "POST /api/orders", 201)
        assert line["service"] == "orders"
        assert UUID(line["function_request_id"])
        assert UUID(line["correlation_id"])
        assert datetime.fromisoformat(line["timestamp"].replace("Z", "+00:00")).utcoffset() == timedelta()
        assert 0 < line["duration_ms"] < 5000

    def test_says_what_was_refused(self, api, log):
        """But does not quote the client, whose data are no business of the log."""
        api.get("no-id")
        api.create({"customer_name": "Ada"})
        lines = log()
        assert [(line["route"], line["status"], line["problem"]) for line in lines] == [
            ("GET /api/orders/{order_id}", 404, "there is no such order"),
            ("POST /api/orders", 422, "the order is not valid"),
        ]
        assert "Ada" not in json.dumps(lines)

    def test_keeps_nothing_of_the_request_before(self, api, coffee, orders_table, log):
        """In the same process."""
        api.get("no-id")
        api.create(coffee)
        first, second = log()
        assert "problem" in first
        assert "problem" not in second
        assert first["correlation_id"] != second["correlation_id"]


class TestMetrics:
    """What happened, in the format that CloudWatch makes metrics of."""

    def test_count_orders_and_pages(self, api, coffee, orders_table, idempotency_table, written):
        """One line for each request."""
        order = api.create(coffee).body
        api.create(coffee, {"Idempotency-Key": "k"})
        api.create(coffee, {"Idempotency-Key": "k"})
        api.get(order["order_id"])
        api.list()
        api.delete(order["order_id"])
        api.delete(order["order_id"])
        assert [counted(line) for line in written()[1]] == [
            {"OrdersPlaced": 1},
            {"OrdersPlaced": 1},
            {"OrdersRepeated": 1},
            {"OrdersRead": 1},
            {"PagesServed": 1, "OrdersListed": 2},
            {"OrdersDeleted": 1},
            {"Refused": 1},
        ]

    def test_count_failures(self, api, orders_table, failures, written):
        """By who is to blame: a client, a service, or this code."""
        failures += [failing("ThrottlingException"), failing("ValidationException")]
        api.list()
        api.list()
        assert [counted(line) for line in written()[1]] == [{"Unavailable": 1}, {"Failed": 1}]


def counted(line):
    """Give the metrics of a line, as CloudWatch finds them."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Orders"
    assert directive["Dimensions"] == [["service"]]
    assert line["service"] == "orders"
    return {metric["Name"]: line[metric["Name"]][0] for metric in directive["Metrics"]}
