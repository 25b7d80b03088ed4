"""Clients of AWS services, each made when it is first asked for and once in each process: no two share a socket.

They are botocore's: boto3 would add 3 MB to each process, and nothing that is used here. What botocore reads to make
one would add 8 MB more, mostly ``endpoints.json`` with all services in all Regions. Where a service is, its own rules
say by now, so that the partitions without their services do: they are read from ``DATA`` first.
"""

from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.parsers import JSONParser, ResponseParser, ResponseParserFactory

#: Seconds to connect, and to wait for an answer: services of the same Region give theirs in milliseconds.
CONNECT_TIMEOUT, READ_TIMEOUT = 0.4, 1.5
#: Addresses of a service, which urllib3 tries one after the other, each as long as it takes to connect: an interface
#: endpoint has one in each Availability Zone.
ADDRESSES = 3
ATTEMPTS = 2
#: Seconds before the second attempt, at most. botocore's standard mode pauses that long of itself, and five seconds
#: more where a service asks for it; see ``_pause_no_longer``.
PAUSE = 1
#: Seconds that an attempt and a call take at most: of a service that is silent, at all its addresses or at the last.
LONGEST_ATTEMPT = ADDRESSES * CONNECT_TIMEOUT + READ_TIMEOUT
LONGEST_CALL = ATTEMPTS * LONGEST_ATTEMPT + (ATTEMPTS - 1) * PAUSE
#: Sends what this service has made, so it need not be validated. How many such calls an operation can wait for, one
#: after the other, stands with the operation as ``SILENT_CALLS``; the stack has Lambda wait longer.
CONFIG = Config(
    connect_timeout=CONNECT_TIMEOUT,
    read_timeout=READ_TIMEOUT,
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    parameter_validation=False,
)

#: Milliseconds to pause, as services may ask: ``retries/standard.py`` of botocore 1.44.8 knows the header.
RETRY_AFTER = "x-amz-retry-after"

#: botocore's data as of 1.44.8, but for the services and Regions. Other files it finds in its own.
DATA = Path(__file__).with_name("botocore")


@cache
def client(service: str) -> Any:
    """Return the client of a service by botocore's name of it."""
    made = _session().create_client(service, config=CONFIG)
    made.meta.events.register_first(f"needs-retry.{made.meta.service_model.service_id.hyphenize()}", _pause_no_longer)
    return made


def _pause_no_longer(response: tuple[Any, Any] | None, **_: Any) -> None:
    """Have a service that asks for a longer pause get the longest there is. Clients are told to come back later."""
    headers = {} if response is None else response[0].headers
    asked = headers.get(RETRY_AFTER, "")
    if asked.isdecimal() and int(asked) > PAUSE * 1000:
        headers[RETRY_AFTER] = str(PAUSE * 1000)


@cache
def _session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.set_config_variable("data_path", str(DATA))
    session.register_component("response_parser_factory", _Parsers())
    return session


class _PlainParser(JSONParser):  # type: ignore[misc]
    """Leaves answers as their JSON has them.

    botocore walks through them to make bytes and times of some text, which takes about one of the two and a half
    milliseconds of CPU time of a Scan of twenty orders. There are no bytes in the tables, and nobody asks for times.
    """

    def _handle_json_body(self, raw_body: bytes, shape: Any) -> Any:
        return self._parse_body_as_json(raw_body)


class _Parsers(ResponseParserFactory):  # type: ignore[misc]
    def create_parser(self, protocol_name: str) -> ResponseParser:
        return _PlainParser() if protocol_name == "json" else super().create_parser(protocol_name)
