"""The orders API, called as Lambda calls its handlers, on AWS services that run on this machine."""

import importlib
import json
import os
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from botocore import exceptions
from botocore.httpsession import URLLib3Session

EXAMPLE = Path(__file__).parents[2] / "examples" / "orders_api"
# Lambda, too, finds the service's package at the root of what it is given.
sys.path.insert(0, str(EXAMPLE))
sys.path.insert(0, str(EXAMPLE / "service"))
# What Powertools reads when it is imported.
os.environ["POWERTOOLS_SERVICE_NAME"] = "orders"
os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "Orders"

from local_aws import emulator  # noqa: E402
from orders.data import clients, configuration, key_table, signing_keys  # noqa: E402
from orders.data.clients import client  # noqa: E402
from orders.telemetry import logger  # noqa: E402

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "no_proxy": "127.0.0.1",
}

# LIST makes its clients when it is imported. Those of the tests are made later, and lead to the emulator.
with pytest.MonkeyPatch.context() as patch:
    for variable, setting in SETTINGS.items():
        patch.setenv(variable, setting)
    importlib.import_module("orders.handlers.list_orders")
client.cache_clear()
clients._session.cache_clear()


@pytest.fixture(scope="session")
def endpoint_url(pytestconfig, tmp_path_factory):
    """The address of an AWS emulator that ends with the tests."""
    if not emulator.is_installed():
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            requirement = emulator.ENVIRONMENT.requirement
            print(f"\nInstalling {requirement} for the tests of the orders API (once, about 15 s) …")
        emulator.install()
    with emulator.running(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture
def aws(endpoint_url, monkeypatch):
    """The handlers' clients of AWS services, which go to the emulator."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint_url)
    return client


@pytest.fixture
def new_process():
    """Have the service forget what it keeps in a process, now and after the test."""

    def forget():
        for cached in (client, key_table._key_table, signing_keys._signing_keys, configuration._configuration):
            cached.cache_clear()

    forget()
    yield forget
    forget()


@pytest.fixture
def dynamodb(aws):
    """The handlers' client of DynamoDB; no table yet."""
    return aws("dynamodb")


@pytest.fixture
def failures(dynamodb):
    """What the next calls of DynamoDB come to: an exception, an error of DynamoDB's, or, of None, their answer."""
    coming: list[BaseException | dict[str, Any] | None] = []

    def fail(**_):
        failure = coming.pop(0) if coming else None
        if isinstance(failure, BaseException):
            raise failure
        return None if failure is None else (SimpleNamespace(status_code=400), failure)

    dynamodb.meta.events.register("before-call.dynamodb", fail)
    yield coming
    dynamodb.meta.events.unregister("before-call.dynamodb", fail)


@pytest.fixture
def lose_answer(dynamodb):
    """Have DynamoDB do what an operation asks for, and the answer lost: of that many requests, after some others."""
    names = []

    def lose(operation, *, after=0, times=1):
        requests = count()

        def send(request, **_):
            if after <= next(requests) < after + times:
                URLLib3Session().send(request)
                raise exceptions.ReadTimeoutError(endpoint_url="there")

        name = f"before-send.dynamodb.{operation}"
        dynamodb.meta.events.register_first(name, send)
        names.append((name, send))

    yield lose
    for name, send in names:
        dynamodb.meta.events.unregister(name, send)


@pytest.fixture
def new_table(dynamodb, monkeypatch):
    """Have an empty table named by an environment variable."""

    def create(variable, partition_key):
        name = f"{variable}-{uuid4()}"
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": partition_key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": partition_key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        monkeypatch.setenv(variable, name)
        return name

    return create


@pytest.fixture
def orders_table(new_table):
    """The orders table, empty."""
    return new_table("ORDERS_TABLE", "order_id")


@pytest.fixture
def idempotency_table(new_table):
    """The table of idempotency keys, empty."""
    return new_table("IDEMPOTENCY_TABLE", "id")


@pytest.fixture
def secret(aws, monkeypatch):
    """The secret that tokens are signed with: its name."""
    name = f"cursor-{uuid4()}"
    aws("secretsmanager").create_secret(Name=name, SecretString=uuid4().hex + uuid4().hex)
    monkeypatch.setenv("CURSOR_SECRET", name)
    return name


@pytest.fixture
def written(capsys, monkeypatch):
    """Give what has been written since it was last asked: the log's lines, and the metrics' lines."""
    # The log's own stream is what was the standard output when the service was imported; pytest changes it.
    current = SimpleNamespace(write=lambda text: sys.stdout.write(text), flush=lambda: None)
    monkeypatch.setattr(logger.logger_handler, "stream", current)

    def read():
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        metrics = [line for line in lines if "_aws" in line]
        return [line for line in lines if line not in metrics], metrics

    return read


@pytest.fixture
def log(written):
    """Give the log's lines."""
    return lambda: written()[0]


@dataclass(frozen=True)
class Answer:
    """What a client gets."""

    status: int
    body: Any
    headers: dict[str, str]


def event(method, resource, **parts):
    """Make an event as API Gateway does."""
    return {
        "resource": resource,
        "path": resource,
        "httpMethod": method,
        "headers": None,
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {"requestId": str(uuid4()), "stage": "prod", "path": f"/prod{resource}"},
        **parts,
    }


def context(seconds=10.0):
    """Make a context as Lambda does, with so much time left."""
    return SimpleNamespace(
        aws_request_id=str(uuid4()),
        function_name="orders",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:orders",
        get_remaining_time_in_millis=lambda: int(seconds * 1000),
    )


def invoke(handler, event, context):
    """Call a handler; check that API Gateway can take what comes back."""
    function = importlib.import_module(f"orders.handlers.{handler}").handler
    response = function(json.loads(json.dumps(event)), context)
    json.dumps(response, allow_nan=False).encode()
    assert response.keys() <= {"statusCode", "headers", "body"}
    body = response.get("body")
    headers = response.get("headers", {})
    assert all(isinstance(value, str) for value in headers.values())
    assert ("Content-Type" in headers) == (body is not None)
    return Answer(response["statusCode"], json.loads(body) if body is not None else None, headers)


class Api:
    """The four operations."""

    def create(self, details, headers=None, *, seconds=27.0, **parts):
        """POST an order: JSON as text, or what to make it of."""
        body = details if isinstance(details, str) else json.dumps(details)
        posted = event("POST", "/api/orders", **{"body": body, "headers": headers, **parts})
        return invoke("create_order", posted, context(seconds))

    def get(self, order_id):
        """GET an order."""
        parameters = {"order_id": order_id}
        return invoke("get_order", event("GET", "/api/orders/{order_id}", pathParameters=parameters), context())

    def delete(self, order_id):
        """DELETE an order."""
        parameters = {"order_id": order_id}
        return invoke("delete_order", event("DELETE", "/api/orders/{order_id}", pathParameters=parameters), context())

    def list(self, **query):
        """GET a page of orders."""
        return invoke("list_orders", event("GET", "/api/orders", queryStringParameters=query or None), context())


@pytest.fixture(scope="session")
def api():
    """The API. What is refused never gets to DynamoDB, so this asks for none."""
    return Api()


@pytest.fixture(scope="session")
def coffee():
    """What makes a valid order."""
    return {"customer_name": "Ada Lovelace", "item": "coffee", "quantity": 2}


@pytest.fixture
def put_orders(dynamodb):
    """Put so many orders into a table, without the API, and give their ids."""

    def put(table, count):
        ids = [str(uuid4()) for _ in range(count)]
        fixed = {"created_at": {"S": "2026-01-01T00:00:00.000+00:00"}, "customer_name": {"S": "Ada"}}
        for order_id in ids:
            item = {"order_id": {"S": order_id}, "item": {"S": "tea"}, "quantity": {"N": "1"}, **fixed}
            dynamodb.put_item(TableName=table, Item=item)
        return ids

    return put
