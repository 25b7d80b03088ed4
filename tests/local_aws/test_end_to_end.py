"""HTTP → API Gateway → alias → sixteen processes under AWS's runtime client → DynamoDB, with many clients at once."""

import json
import os
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from http import HTTPStatus
from threading import Barrier
from uuid import uuid4

import pytest
from api import REFUSALS
from botocore.exceptions import ClientError
from local_aws.credentials import ENVIRONMENT_OF_CLIENTS
from local_aws.load import at_once

from ..code_blocks.pages import ROOT, blocks
from ..conftest import eventually

README = ROOT / "examples" / "orders_api" / "README.md"
CLIENTS = 16
ORDERS, PAGES = 320, 2000


def test_thousands_of_requests_and_none_is_lost(deployed, client, statuses, unthrottled, coffee):
    """Sixteen clients, sixteen processes; each order once in what every client pages over."""
    before = deployed.managed.served.copy()
    placed = at_once(CLIENTS, lambda _: client.create(coffee).expected(201)["order_id"], range(ORDERS))
    assert len(set(placed)) == ORDERS
    assert statuses == {HTTPStatus.CREATED: ORDERS}

    walks = at_once(CLIENTS, client.walk, [40] * CLIENTS)
    for walk in walks:
        assert len(set(walk)) == len(walk)
        assert set(placed) <= set(walk)
    assert statuses.keys() == {HTTPStatus.CREATED, HTTPStatus.OK}

    pages = at_once(CLIENTS, lambda _: client.page(limit=1), range(PAGES))
    assert {page.status for page in pages} == {HTTPStatus.OK}
    # Told by the environment, which the runtime's processes ask for events: nothing is added to answers for it.
    served = deployed.managed.served - before
    assert served.total() == statuses[HTTPStatus.OK]
    (environment,) = deployed.managed.environments()
    assert served.keys() == set(environment.workers)
    assert len(served) == 16


def test_the_same_key_from_many_clients_makes_one_order(client, unthrottled, coffee):
    """All at the same moment, and all are told of that order."""
    together = Barrier(CLIENTS)
    key, details = str(uuid4()), {**coffee, "customer_name": f"Grace {uuid4()}"}

    def place(_):
        together.wait()
        return client.create(details, key).expected(HTTPStatus.OK, HTTPStatus.CREATED)["order_id"]

    placed = set(at_once(CLIENTS, place, range(CLIENTS)))
    assert len(placed) == 1
    orders = at_once(1, lambda id: client.patient("GET", f"/api/orders/{id}").expected(200), client.walk(100))
    assert [order["order_id"] for order in orders if order["customer_name"] == details["customer_name"]] == [*placed]


def test_a_killed_process_loses_its_own_request_at_most(deployed, client, unthrottled):
    """Those that come next are served, and an environment with all its processes takes its place."""
    (before,) = deployed.managed.environments()

    def ask(number):
        if number == 60:
            os.kill(before.workers[0], signal.SIGKILL)
        return client.page(limit=1).status

    # As many clients as processes are left: what they cannot take together is throttled, here as on AWS.
    answered = at_once(CLIENTS - 1, ask, range(400))
    lost = [status for status in answered if status != HTTPStatus.OK]
    assert len(lost) <= 1
    assert all(status >= 500 for status in lost)

    eventually(lambda: before not in deployed.managed.environments())
    (after,) = deployed.managed.environments()
    assert len(after.workers) == 16
    assert before.workers == ()
    assert client.page(limit=1).status == HTTPStatus.OK


def test_a_killed_standard_function_is_started_anew(deployed, client, coffee):
    """Its environment is over, and the next request has another one."""
    client.create(coffee).expected(201)
    ((_, version),) = [
        (key, version) for key, version in deployed.aws.functions.versions().items() if "CreateOrder" in key[0]
    ]
    for environment in version.environments():
        assert len(environment.workers) == 1
        os.kill(environment.workers[0], signal.SIGKILL)
    eventually(lambda: not any(environment.workers for environment in version.environments()))
    answers = [client.create(coffee).status for _ in range(len(version.environments()) + 1)]
    assert answers[-1] == HTTPStatus.CREATED


def test_the_emulator_goes_away_and_comes_back(deployed, client, coffee):
    """Meanwhile LIST says when to try again; then the same processes serve what was there before."""
    order = client.create(coffee).expected(201)["order_id"]
    (environment,) = deployed.managed.environments()
    workers = environment.workers
    event = {
        "resource": "/api/orders",
        "path": "/api/orders",
        "httpMethod": "GET",
        "headers": None,
        "queryStringParameters": None,
        "pathParameters": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {"requestId": str(uuid4()), "stage": "prod"},
    }
    deployed.aws.emulator.stop()
    try:
        with pytest.raises(OSError, match="was not answered"):
            client.page()
        away = deployed.managed.invoke(event)
    finally:
        deployed.aws.emulator.start()
    assert away.ok
    assert away.payload["statusCode"] == HTTPStatus.SERVICE_UNAVAILABLE
    assert int({name.lower(): value for name, value in away.payload["headers"].items()}["retry-after"]) > 0

    assert order in client.walk(100)
    assert deployed.managed.environments() == [environment]
    assert environment.workers == workers


def test_only_what_is_published_serves(deployed):
    """The alias does, the function itself is refused."""
    client = deployed.aws.aws("lambda")
    name = deployed.managed.configuration["FunctionName"]
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        client.invoke(FunctionName=name)
    done = client.invoke(FunctionName=name, Qualifier="live", Payload=b'{"no": "request"}')
    assert done["StatusCode"] == 200


def test_what_is_not_signed_is_refused(deployed):
    """By API Gateway, before any function."""
    before = deployed.managed.served.total()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{deployed.url}/api/orders")
    assert refused.value.code == HTTPStatus.FORBIDDEN
    assert deployed.managed.served.total() == before


@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
@pytest.mark.parametrize("body", [b"[]", b"{", b'"text"', b"null", b""], ids=bytes.decode)
def test_a_body_that_is_no_object_is_refused(client, body, content_type):
    """By API Gateway, whatever it is said to be: the function has another status and other words."""
    answer = client.patient("POST", "/api/orders", body, {"Content-Type": content_type})
    assert (answer.status, answer.headers["Content-Type"]) == (HTTPStatus.BAD_REQUEST, "application/problem+json")
    assert answer.json["title"] == REFUSALS["BAD_REQUEST_BODY"][1]
    assert answer.json["request_id"]


def test_a_wrong_object_is_refused_by_the_function(client):
    """What is wrong with it, or that it is said to be something else."""
    wrong = {"customer_name": "Ada"}
    assert client.patient("POST", "/api/orders", wrong).status == HTTPStatus.UNPROCESSABLE_ENTITY
    of_another_type = client.patient("POST", "/api/orders", wrong, {"Content-Type": "text/plain"})
    assert of_another_type.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.skipif(not os.environ.get("CI") and shutil.which("curl") is None, reason="curl is missing")
def test_the_readme_s_command_lists_orders(deployed, client, coffee):
    """As a shell runs it, with the credentials in its environment."""
    client.create(coffee).expected(HTTPStatus.CREATED)
    (command,) = (block.source for block in blocks(README) if block.source.startswith("curl"))
    environment = {**os.environ, **ENVIRONMENT_OF_CLIENTS, "ORDERS_URL": f"{deployed.url}/api/orders"}
    done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["orders"]


def test_more_than_the_stage_lets_through_is_told_to_wait(client, statuses, throttle):
    """And who waits and asks again gets every page."""
    throttle(5, 5)
    answered = at_once(CLIENTS, lambda _: client.page(limit=1).status, range(CLIENTS))
    assert set(answered) == {HTTPStatus.OK}
    assert statuses[HTTPStatus.TOO_MANY_REQUESTS] > 0
