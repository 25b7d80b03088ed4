"""The service as a whole: who imports whom, what a process loads, and what holds between processes."""

import ast
import json
import os
import subprocess
import sys
import time

import botocore.session
import pytest
from orders.data import clients

from cdk_lmi.local import ExecutionEnvironment, Invocation

from .conftest import EXAMPLE, SETTINGS, event

SERVICE = EXAMPLE / "service"
#: From the bottom up. What is beside them, telemetry, imports none of them.
LAYERS = ["models", "data", "logic", "handlers"]
COFFEE = {"customer_name": "Ada Lovelace", "item": "coffee", "quantity": 2}
#: A create that dies when it has written the order, if the event says so.
MORTAL = f"""
import os, sys
sys.path.insert(0, {str(SERVICE)!r})
from orders.data import order_table
from orders.handlers import create_order

put = order_table.put_unless_there

def handler(event, context):
    def die(order):
        put(order)
        os._exit(1)
    order_table.put_unless_there = die if event["die"] else put
    return create_order.handler(event, context)
"""


@pytest.mark.parametrize("path", sorted((SERVICE / "orders").rglob("*.py")), ids=lambda path: path.stem)
def test_imports_run_downward(path):
    """Handlers know the logic, the logic the data, and never the other way."""
    package = path.relative_to(SERVICE / "orders").parts[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 2 and package in LAYERS:
            imported = (node.module or node.names[0].name).split(".")[0]
            assert imported == "telemetry" or LAYERS.index(imported) < LAYERS.index(package), imported


def loaded(handler):
    """Give the packages that a process loads for a handler, and for the clients it makes."""
    code = f"import orders.handlers.{handler}, sys; print(*sys.modules)"
    settings = {**os.environ, **SETTINGS, "PYTHONPATH": str(SERVICE)}
    return set(
        subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True).stdout.split()
    )


def test_list_loads_no_more_than_it_needs():
    """Each of its sixteen processes would pay for it in memory."""
    modules = loaded("list_orders")
    assert {"botocore.session", "aws_lambda_powertools.logging"} <= modules
    assert not {"pydantic", "boto3", "aws_xray_sdk", "aws_lambda_powertools.event_handler"} & modules


def test_swagger_loads_no_client():
    """It asks no service."""
    assert "pydantic" in loaded("swagger")
    assert not {"boto3", "botocore.session"} & loaded("swagger")


@pytest.mark.parametrize("service", ["dynamodb", "secretsmanager", "appconfigdata"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1", "ap-southeast-7"])
def test_services_are_where_botocore_has_them(service, region, monkeypatch):
    """Though its list of all services in all Regions is left out."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    ours, theirs = (
        session.create_client(service, region_name=region, aws_access_key_id="a", aws_secret_access_key="b")
        for session in (clients._session.__wrapped__(), botocore.session.Session())
    )
    assert ours.meta.endpoint_url == theirs.meta.endpoint_url
    assert ours.meta.partition == theirs.meta.partition
    assert ours._request_signer.signing_name == theirs._request_signer.signing_name
    assert ours._request_signer.region_name == theirs._request_signer.region_name


def test_services_in_all_regions_are_not_loaded():
    """The list takes 8 MB in each process."""
    endpoints = clients._session.__wrapped__().get_component("data_loader").load_data("endpoints")
    assert {len(partition["services"]) for partition in endpoints["partitions"]} == {0}


@pytest.fixture
def environment(endpoint_url, orders_table, idempotency_table, secret):
    """Start the service's processes, on the tables of this test."""

    def start(handler, task_root=SERVICE, processes=16, timeout=25):
        names = {"ORDERS_TABLE": orders_table, "IDEMPOTENCY_TABLE": idempotency_table, "CURSOR_SECRET": secret}
        settings = {name: value for name, value in SETTINGS.items() if name != "AWS_CONFIG_FILE"}
        powertools = {"POWERTOOLS_SERVICE_NAME": "orders", "POWERTOOLS_METRICS_NAMESPACE": "Orders"}
        return ExecutionEnvironment(
            handler,
            task_root=task_root,
            max_concurrency=processes,
            memory_size=4096,
            timeout=timeout,
            env={**settings, **names, **powertools, "AWS_ENDPOINT_URL": endpoint_url},
        )

    return start


def post(key, **parts):
    """Make the event of a request with a key."""
    return event("POST", "/api/orders", body=json.dumps(COFFEE), headers={"Idempotency-Key": key}, **parts)


def scanned(dynamodb, table):
    """Give the ids of all orders."""
    return {item["order_id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}


def test_many_processes_make_one_order_of_a_key(environment, dynamodb, orders_table):
    """Sixteen at once; all callers get it, and no process leaves anything for another."""
    with environment("orders.handlers.create_order.handler") as it:
        answers: list[Invocation] = []
        # Where the first takes longer than the others may wait, as on a machine with much else to do, they come again.
        while missing := 64 - len(answers):
            given = it.invoke_many([post("k") for _ in range(missing)])
            answers += [answer for answer in given if not answer.ok or answer.payload["statusCode"] != 409]
        assert all(answer.ok for answer in answers), answers
        assert len({answer.pid for answer in answers}) > 1
        assert sorted(answer.payload["statusCode"] for answer in answers) == [200] * 63 + [201]
        assert {json.loads(answer.payload["body"])["order_id"] for answer in answers} == scanned(dynamodb, orders_table)
        assert len(scanned(dynamodb, orders_table)) == 1
        # CREATE has a process for itself on AWS. X-Ray's SDK, which LIST does without, is not made for more.
        assert {hazard.seen for hazard in it.hazards()} <= {"/tmp/.aws-xray/initialized"}


def test_processes_read_each_others_tokens(environment, api, dynamodb, orders_table, put_orders):
    """None lost and none twice, whichever process takes the next page."""
    ids = put_orders(orders_table, 60)
    with environment("orders.handlers.list_orders.handler", processes=4) as it:
        seen, token, pids = [], None, set()
        for _ in range(100):
            query = {"limit": "3", **({"next_token": token} if token else {})}
            answers = it.invoke_many([event("GET", "/api/orders", queryStringParameters=query)] * 4)
            assert all(answer.payload["statusCode"] == 200 for answer in answers)
            pids |= {answer.pid for answer in answers}
            page = json.loads(answers[0].payload["body"])
            assert all(json.loads(answer.payload["body"]) == page for answer in answers)
            seen += [order["order_id"] for order in page["orders"]]
            token = page["next_token"]
            if token is None:
                break
        assert sorted(seen) == sorted(ids)
        assert len(pids) == 4
        assert it.hazards() == ()


def test_a_process_that_dies_in_the_middle_leaves_one_order(environment, dynamodb, orders_table, tmp_path):
    """The client is told of an error, sends the same again, and gets the order that is there."""
    (tmp_path / "mortal.py").write_text(MORTAL)
    with environment("mortal.handler", task_root=tmp_path, processes=4, timeout=5) as it:
        assert it.invoke(post("k", die=True)).error_type == "Runtime.ExitError"
        (written,) = scanned(dynamodb, orders_table)
        deadline = time.monotonic() + 20
        while (answer := it.invoke(post("k", die=False)).payload)["statusCode"] == 409:
            assert answer["headers"]["Retry-After"] == "1"
            assert time.monotonic() < deadline
        assert answer["statusCode"] == 200
        assert json.loads(answer["body"])["order_id"] == written
        assert scanned(dynamodb, orders_table) == {written}


def test_tracing_needs_no_daemon(environment):
    """Traces go nowhere, and the request is served."""
    with environment("orders.handlers.get_order.handler", processes=1) as it:
        asked = event("GET", "/api/orders/{order_id}", pathParameters={"order_id": "none"})
        answers = [it.invoke(asked) for _ in range(3)]
        assert [answer.payload["statusCode"] for answer in answers] == [404] * 3
        assert answers[-1].duration_s < 2
