"""Time LIST of the orders API against two others that do the same work, in one run: make bench

- ours: the handler of examples/orders_api, which validates, logs, counts, and signs its cursors.
- plain: a boto3 client and nothing around it. It says what all that costs.
- peer: the same endpoint as Powertools' documentation has endpoints: a resolver that validates, Logger, Tracer,
  Metrics, and a resource of boto3.

All three are bundled as the example's functions are, for this machine: with the same versions of the same packages, and
with bytecode. Each runs in an execution environment of sixteen processes, with AWS's own runtime client, on a DynamoDB
of an emulator on this machine. The three environments are up at the same time, and take the same events in turn, which
one first changes. The emulator and this process compute on the same cores as the handlers, so that the rate says less
of a handler than the CPU time of its own processes for each invocation does.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median, quantiles
from time import perf_counter
from typing import Any
from uuid import uuid4

import boto3
from figures import Aim, Result, Table, arguments, progress, show, versions

from cdk_lmi.local import ExecutionEnvironment

EXAMPLE = Path(__file__).parent.parent / "examples" / "orders_api"
sys.path.insert(0, str(EXAMPLE))

from local_aws import emulator  # noqa: E402 - an example is no package

PROCESSES = 16
CLIENTS = (1, 4, 16)
ORDERS = 100
PAGE = 20
#: Of the peer's memory for each process, at most; of its throughput, at least.
MEMORY_AIM, RATE_AIM = 0.7, 1.3
SERVICE, OTHERS = EXAMPLE / "service", Path(__file__).parent / "handlers"
WAYS = {
    "ours": ("orders.handlers.list_orders.handler", SERVICE),
    "plain": ("plain_boto3.handler", OTHERS),
    "peer": ("powertools_defaults.handler", OTHERS),
}
ACCESS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@dataclass(frozen=True)
class Load:
    """What came of events: a second, in milliseconds, and milliseconds of CPU of the handler's processes for each."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Row:
    """The medians of one way at so many clients."""

    way: str
    clients: int
    load: Load


@dataclass(frozen=True)
class Process:
    """What a process of one way takes: MiB after the load, and seconds to start one alone and sixteen at once."""

    way: str
    pss_mib: float
    private_mib: float
    init_s: float
    init_all_s: float


def bundled(code: Path) -> Path:
    """Bundle code with what the service requires."""
    from bundling import BUNDLES, REQUIREMENTS, bundle, this_machine

    with tempfile.TemporaryDirectory() as directory:
        together = Path(shutil.copytree(code, Path(directory) / "code"))
        shutil.copy(SERVICE / REQUIREMENTS, together)
        return bundle(together, this_machine(), BUNDLES)


def bundles() -> dict[Path, Path]:
    """Bundle the code of all ways, in a process that ends: bundling is CDK's business, and CDK starts Node."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return dict(zip((SERVICE, OTHERS), pool.map(bundled, (SERVICE, OTHERS)), strict=True))


@contextmanager
def stack() -> Iterator[dict[str, str]]:
    """Have a table of orders and a secret; give the environment variables that lead to them."""
    emulator.install()
    with tempfile.TemporaryDirectory() as directory, emulator.running(Path(directory)) as url:
        settings = {**ACCESS, "AWS_ENDPOINT_URL": url, "ORDERS_TABLE": "orders", "CURSOR_SECRET": "cursor"}
        session = boto3.Session("test", "test", region_name="us-east-1")
        session.client("secretsmanager", endpoint_url=url).create_secret(Name="cursor", SecretString="s" * 64)
        dynamodb = session.client("dynamodb", endpoint_url=url)
        dynamodb.create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for _ in range(ORDERS):
            dynamodb.put_item(TableName="orders", Item=item())
        yield {**settings, "POWERTOOLS_SERVICE_NAME": "orders", "POWERTOOLS_METRICS_NAMESPACE": "Orders"}


def item() -> dict[str, Any]:
    text = {"created_at": "2026-01-01T00:00:00.000+00:00", "customer_name": "Ada Lovelace", "item": "coffee"}
    strings = {"order_id": str(uuid4()), **text}
    return {**{name: {"S": value} for name, value in strings.items()}, "quantity": {"N": "2"}}


def event() -> dict[str, Any]:
    """Make an event as API Gateway does."""
    headers = {
        "Accept": "application/json",
        "Host": "example.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "bench",
    }
    return {
        "resource": "/api/orders",
        "path": "/api/orders",
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {"limit": str(PAGE)},
        "multiValueQueryStringParameters": {"limit": [str(PAGE)]},
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": str(uuid4()),
            "stage": "prod",
            "path": "/prod/api/orders",
            "resourcePath": "/api/orders",
            "httpMethod": "GET",
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "bench"},
        },
        "body": None,
        "isBase64Encoded": False,
    }


def environment(
    way: str, roots: Mapping[Path, Path], settings: Mapping[str, str], processes: int
) -> ExecutionEnvironment:
    handler, code = WAYS[way]
    return ExecutionEnvironment(
        handler,
        task_root=roots[code],
        max_concurrency=processes,
        memory_size=4096,
        env=settings,
        timeout=30,
        observe=False,
    )


def timed(it: ExecutionEnvironment, clients: int, requests: int) -> Load:
    """Send requests, and see that each is answered with a page."""
    events = [event() for _ in range(requests)]
    cpu, start = it.cpu_seconds(), perf_counter()
    invocations = it.invoke_many(events, clients)
    seconds = perf_counter() - start
    cpu = it.cpu_seconds() - cpu
    for invocation in invocations:
        page = json.loads(invocation.payload["body"]) if invocation.ok else {}
        if len(page.get("orders", ())) != PAGE or not page.get("next_token"):
            raise RuntimeError(f"this is no page of {PAGE} orders with another after it: {invocation}")
    durations = quantiles((invocation.duration_s * 1000 for invocation in invocations), n=100, method="inclusive")
    return Load(requests / seconds, durations[49], durations[98], cpu / requests * 1000)


def initialised(way: str, roots: Mapping[Path, Path], settings: Mapping[str, str]) -> float:
    with environment(way, roots, settings, 1) as it:
        return it.init_report().duration_s


def measured(
    roots: Mapping[Path, Path], settings: Mapping[str, str], turns: int, requests: int
) -> tuple[list[Row], list[Process]]:
    loads: dict[tuple[str, int], list[Load]] = {(way, clients): [] for way in WAYS for clients in CLIENTS}
    alone: dict[str, list[float]] = {way: [] for way in WAYS}
    order = list(WAYS)
    for _ in range(turns):
        for way in order:
            progress(".")
            alone[way].append(initialised(way, roots, settings))
        order = [*order[1:], order[0]]
    with ExitStack() as running:
        environments = {way: running.enter_context(environment(way, roots, settings, PROCESSES)) for way in WAYS}
        for it in environments.values():
            timed(it, PROCESSES, PROCESSES * 10)
        for _ in range(turns):
            for clients in CLIENTS:
                for way in order:
                    progress(".")
                    loads[way, clients].append(timed(environments[way], clients, requests))
            order = [*order[1:], order[0]]
        processes = []
        for way, it in environments.items():
            workers = it.memory().workers
            processes.append(
                Process(
                    way,
                    mean(process.pss_mib for process in workers),
                    mean(process.private_mib for process in workers),
                    median(alone[way]),
                    it.init_report().duration_s,
                )
            )
    return [Row(way, clients, middle(of)) for (way, clients), of in loads.items()], processes


def middle(loads: Sequence[Load]) -> Load:
    """Give the median of each figure."""
    return Load(**{name: median(asdict(load)[name] for load in loads) for name in asdict(loads[0])})


def ratios(rows: Sequence[Row], processes: Sequence[Process]) -> dict[str, dict[str, float]]:
    """Give ours to each of the others: memory of a process, init, and rate and CPU at so many clients."""
    loads = {(row.way, row.clients): row.load for row in rows}
    of = {process.way: process for process in processes}
    return {
        way: {
            "memory": of["ours"].pss_mib / of[way].pss_mib,
            "init": of["ours"].init_s / of[way].init_s,
            **{f"rate at {n}": loads["ours", n].rate / loads[way, n].rate for n in CLIENTS},
            **{f"CPU at {n}": loads["ours", n].cpu_ms / loads[way, n].cpu_ms for n in CLIENTS},
        }
        for way in ("peer", "plain")
    }


def tables(rows: Sequence[Row], processes: Sequence[Process]) -> list[Table]:
    """Lay the figures out for people."""
    to_others = ratios(rows, processes)
    return [
        Table(
            f"LIST of {PAGE} orders in {PROCESSES} processes, medians",
            ("handler", "clients", "a second", "p50 ms", "p99 ms", "CPU ms for each"),
            [
                (
                    row.way,
                    str(row.clients),
                    f"{row.load.rate:.0f}",
                    f"{row.load.p50_ms:.1f}",
                    f"{row.load.p99_ms:.1f}",
                    f"{row.load.cpu_ms:.2f}",
                )
                for row in rows
            ],
        ),
        Table(
            "Each process after that",
            ("handler", "PSS MiB", "private MiB", "init s, alone", "init s, all at once"),
            [
                (of.way, f"{of.pss_mib:.1f}", f"{of.private_mib:.1f}", f"{of.init_s:.2f}", f"{of.init_all_s:.2f}")
                for of in processes
            ],
        ),
        Table(
            "Ours to the others, as ratios",
            ("to the", *to_others["peer"]),
            [(way, *(f"{ratio:.2f}" for ratio in those.values())) for way, those in to_others.items()],
        ),
    ]


def aims(to_peer: Mapping[str, float]) -> list[Aim]:
    """Hold the ratios to the peer to what they are to be."""
    return [
        Aim("memory of a process, to the peer's", to_peer["memory"], MEMORY_AIM),
        *(Aim(f"rate, to the peer's, clients: {n}", to_peer[f"rate at {n}"], RATE_AIM, at_least=True) for n in CLIENTS),
    ]


def versions_with(bundle: Path) -> dict[str, str]:
    """Give the versions of what runs the handlers, and of what is bundled with them."""
    bundled_with = ("aws-lambda-powertools", "boto3", "pydantic")
    return {
        **versions("cdk-lmi", "awslambdaric"),
        **{name: next(iter(distributions(name=name, path=[str(bundle)]))).version for name in bundled_with},
    }


def main(argv: Sequence[str] | None = None) -> int:
    given = arguments(
        __doc__,
        argv,
        turns=(5, "how often each handler is timed"),
        requests=(400, "requests that are timed each time"),
    )
    progress("bundling, where that was not done before …")
    roots = bundles()
    progress("\n")
    with stack() as settings:
        rows, processes = measured(roots, settings, given.turns, given.requests)
    progress("\n")
    to_others = ratios(rows, processes)
    result = Result(
        versions=versions_with(roots[SERVICE]),
        tables=tables(rows, processes),
        aims=aims(to_others["peer"]),
        figures={
            "rows": [asdict(row) for row in rows],
            "processes": [asdict(of) for of in processes],
            "ratios": to_others,
        },
    )
    show("orders_api", result, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
