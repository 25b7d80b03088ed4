"""Who calls the API: requests that are signed, as IAM wants them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .credentials import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY

#: Seconds that API Gateway gives an integration by default, and some for the way.
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
TIMEOUT = 32
#: Seconds after which a request that was throttled is sent again, and how often it is.
PAUSE, TRIES = 0.25, 200


class UnexpectedAnswer(Exception):
    """The API answered with a status that it must not have."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    def expected(self, *statuses: int) -> Any:
        """Give the body, read as JSON, of an answer with one of these statuses.

        Raises:
            UnexpectedAnswer: It has another one.
        """
        if self.status not in statuses:
            raise UnexpectedAnswer(f"an answer has status {self.status}: {self.body[:300].decode(errors='replace')}")
        return self.json


class Client:
    """A client of the API as it is deployed on this machine; any number of threads may use it.

    Args:
        url: The address of the stage, as ``machine.Machine.stage_url`` gives it.
        on_answer: Is told of every answer, those of requests that are sent again as well. Default: nobody is.
    """

    def __init__(self, url: str, on_answer: Callable[[Answer], None] = lambda answer: None) -> None:
        self.url = url
        self._on_answer = on_answer
        self._threads = threading.local()
        self._signer = SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), "execute-api", REGION)

    def create(self, order: Mapping[str, Any], key: str | None = None) -> Answer:
        """Place an order; requests with the same key make one."""
        return self.patient("POST", "/api/orders", order, {"Idempotency-Key": key} if key else {})

    def page(self, **query: Any) -> Answer:
        """Get one page of orders."""
        return self.patient("GET", f"/api/orders?{urlencode(query)}" if query else "/api/orders")

    def walk(self, limit: int) -> list[str]:
        """Page over all orders and give their ids, in the order in which they came.

        Raises:
            UnexpectedAnswer: A page is not to be had.
        """
        found: list[str] = []
        query: dict[str, Any] = {"limit": limit}
        while True:
            page = self.page(**query).expected(HTTPStatus.OK)
            found += [order["order_id"] for order in page["orders"]]
            if not page["next_token"]:
                return found
            query["next_token"] = page["next_token"]

    def patient(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request, and again while the stage turns it away for having too many of them."""
        answer = self.send(method, path, body, headers)
        for _ in range(TRIES - 1):
            if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                break
            time.sleep(PAUSE)
            answer = self.send(method, path, body, headers)
        return answer

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request once: the body as bytes, or as what to make JSON of.

        Raises:
            OSError: Nobody answered.
        """
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        content = {} if data is None else {"Content-Type": "application/json"}
        request = AWSRequest(method, self.url + path, headers={**content, **(headers or {})}, data=data)
        self._signer.add_auth(request)
        answer = self._exchange(method, urlsplit(self.url).path + path, data, dict(request.headers))
        self._on_answer(answer)
        return answer

    def _exchange(self, method: str, target: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        connection = getattr(self._threads, "connection", None)
        if connection is None:
            address = urlsplit(self.url)
            connection = HTTPConnection(str(address.hostname), address.port, timeout=TIMEOUT)
            self._threads.connection = connection
        try:
            connection.request(method, target, data, headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        except (OSError, HTTPException) as error:
            connection.close()
            self._threads.connection = None
            raise ConnectionError(f"{method} {target} was not answered: {error!r}") from None
