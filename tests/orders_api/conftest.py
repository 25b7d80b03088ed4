"""The orders API, called as Lambda calls its handlers, on a DynamoDB that runs on this machine."""

import importlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from . import emulator

# Lambda, too, finds the handlers at the top level.
sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "orders_api" / "handlers"))

import store

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "no_proxy": "127.0.0.1",
}


@pytest.fixture(scope="session")
def endpoint_url(pytestconfig, tmp_path_factory):
    """The address of an AWS emulator that ends with the tests."""
    if not emulator.is_installed():
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\nInstalling {emulator.REQUIREMENT} for the tests of the orders API (once, about 15 s) …")
        emulator.install()
    with emulator.running(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture
def dynamodb(endpoint_url, monkeypatch):
    """The handlers' client, which goes to the emulator; no table yet."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint_url)
    return store.client()


@pytest.fixture
def failures(dynamodb):
    """What the next calls of DynamoDB come to, instead of an answer: an exception, or an error of DynamoDB's."""
    coming: list[Exception | dict[str, Any]] = []

    def fail(**_):
        if not coming:
            return None
        failure = coming.pop(0)
        if isinstance(failure, Exception):
            raise failure
        return SimpleNamespace(status_code=400), failure

    dynamodb.meta.events.register("before-call.dynamodb", fail)
    yield coming
    dynamodb.meta.events.unregister("before-call.dynamodb", fail)


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


@dataclass(frozen=True)
class Answer:
    """What a client gets."""

    status: int
    body: Any
    headers: dict[str, str]


def invoke(handler, method, resource, **parts):
    """Call a handler with an event as API Gateway makes it; check that it can take what comes back."""
    event = {
        "resource": resource,
        "httpMethod": method,
        "headers": None,
        "queryStringParameters": None,
        "pathParameters": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {"requestId": str(uuid4()), "stage": "prod"},
        **parts,
    }
    context = SimpleNamespace(aws_request_id=str(uuid4()), function_name=handler)
    response = importlib.import_module(handler).handler(json.loads(json.dumps(event)), context)
    json.dumps(response, allow_nan=False).encode()
    assert response.keys() <= {"statusCode", "headers", "body"}
    body = response.get("body")
    headers = response.get("headers", {})
    assert all(isinstance(value, str) for value in headers.values())
    assert ("Content-Type" in headers) == (body is not None)
    return Answer(response["statusCode"], json.loads(body) if body is not None else None, headers)


class Api:
    """The four operations."""

    def create(self, details, headers=None, **parts):
        """POST an order: JSON as text, or what to make it of."""
        body = details if isinstance(details, str) else json.dumps(details)
        return invoke("create_order", "POST", "/api/orders", **{"body": body, "headers": headers, **parts})

    def get(self, order_id):
        """GET an order."""
        return invoke("get_order", "GET", "/api/orders/{order_id}", pathParameters={"order_id": order_id})

    def delete(self, order_id):
        """DELETE an order."""
        return invoke("delete_order", "DELETE", "/api/orders/{order_id}", pathParameters={"order_id": order_id})

    def list(self, **query):
        """GET a page of orders."""
        return invoke("list_orders", "GET", "/api/orders", queryStringParameters=query or None)


@pytest.fixture(scope="session")
def api():
    """The API. What is refused never gets to DynamoDB, so this asks for none."""
    return Api()


@pytest.fixture(scope="session")
def coffee():
    """What makes a valid order."""
    return {"customer_name": "Ada Lovelace", "item": "coffee", "quantity": 2}
