"""The orders API on this machine: synthesised, checked, deployed, called and taken down again: `make demo`.

It is deployed by the real CDK command line into an emulator on the loopback address, and served by AWS's own runtime
client: see ``local_aws``, which also says what is not covered. No AWS account is needed, and none is touched.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from local_aws import machine
from local_aws.client import Answer, Client, UnexpectedAnswer
from local_aws.emulator import check_port
from local_aws.front_door import opened as front_door
from local_aws.functions import ManagedVersion
from local_aws.load import at_once
from local_aws.machine import Machine
from local_aws.synthesis import Synthesised, synthesise
from local_aws.unusable import Unusable

Resource = Mapping[str, Any]
Problem = tuple[str, str]

#: What is asked of the API: orders that are placed, clients that place them, and clients that page over all of them.
ORDERS, PLACING, PAGING, PAGE = 60, 4, 16, 15
#: What somebody ends a program by. The exit code is that of a shell.
ENDING = (signal.SIGTERM, signal.SIGHUP)
NOT_COVERED = (
    "Not covered on this machine: what IAM allows, the network, scaling (of LIST one execution environment runs), and "
    "whatever alarms, dashboards and traces come to."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo.

    Returns:
        0; 1 where a check found an error or the API gave a wrong answer; 2 where something keeps it from running; 130
        where it was interrupted.
    """
    parser = argparse.ArgumentParser(description="Deploy the orders API on this machine, call it, and take it down.")
    parser.add_argument("--keep", action="store_true", help="leave it running until Ctrl-C, and tell its addresses")
    parser.add_argument("--port", type=int, help="the port of the emulator (default: a free one)")
    options = parser.parse_args(arguments)
    for number in ENDING:
        signal.signal(number, end_by)
    try:
        return demonstrate(keep=options.keep, port=options.port)
    except Unusable as error:
        print(f"\n{error}", file=sys.stderr)
        return 2
    except (UnexpectedAnswer, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; nothing is left running", file=sys.stderr)
        return 130


def end_by(number: int, frame: FrameType | None) -> None:
    """Take what is running down, and end as a shell says."""
    sys.exit(128 + number)


def demonstrate(*, keep: bool, port: int | None) -> int:
    """Synthesise, check, deploy, call, tell, and take down."""
    if port is not None:
        check_port(port)
    if not machine.is_installed():
        with progress("installing the emulator and the CDK command line, once"):
            machine.install()
    with tempfile.TemporaryDirectory(prefix="orders-api-") as directory:
        with progress("synthesising the orders API; CDK checks the template, cdk-lmi checked the constructs"):
            app = synthesise(Path(directory))
        tell_what_it_is(app)
        problems = check(app)
        tell_problems(problems)
        if any(level == "error" for level, _ in problems):
            return 1
        with ExitStack() as stack:
            with progress("starting the emulator"):
                aws = stack.enter_context(machine.running(port))
            # From here on, an interruption takes down what runs, and a second one must not interrupt that.
            stack.callback(ignore_interruptions)
            return serve(aws, app, keep=keep)


def ignore_interruptions() -> None:
    """Let what is being taken down be taken down."""
    for number in (signal.SIGINT, *ENDING):
        signal.signal(number, signal.SIG_IGN)


# --- the app ----------------------------------------------------------------------------------------------------------


def check(app: Synthesised) -> list[Problem]:
    """Give what is found in the template: level and text."""
    with progress("checking the template with cfn-lint"):
        lint = cfn_lint(app.template)
    with progress("checking the template with cdk-lmi check"):
        return [*lint, *cdk_lmi_check(app.template), *app.messages]


def cfn_lint(template: str) -> list[Problem]:
    """Give what cfn-lint finds."""
    # W3005: CDK states that a function depends on its role, which a reference says already.
    found = report_of("cfn-lint", "--format", "json", "--ignore-checks", "W3005", "--", template)
    return [(match["Level"].lower(), f"{match['Rule']['Id']} {match['Message']}") for match in found]


def cdk_lmi_check(template: str) -> list[Problem]:
    """Give what the rules of Managed Instances find."""
    (checked,) = report_of("cdk-lmi", "check", "--format", "json", template)["templates"]
    return [(match["severity"], f"{match['id']} {match['message']}") for match in checked["results"]]


def report_of(tool: str, *arguments: str) -> Any:
    """Run a tool that writes what it finds as JSON.

    Raises:
        Unusable: It did not run.
    """
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    remedy = "remove .venv and call make setup to install it again"
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unusable(f"{tool} did not run: {error}; {remedy}") from None
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Unusable(f"{tool} did not run: {done.stderr.strip() or done.stdout.strip()}; {remedy}") from None


def tell_what_it_is(app: Synthesised) -> None:
    """Tell what there is to deploy."""
    resources = app.resources
    print(f"\nOrders API: {len(resources)} resources")
    table((kind, str(count)) for kind, count in sorted(Counter(r["Type"] for r in resources.values()).items()))
    print("\nGET /api/orders on Lambda Managed Instances, behind the alias 'live'")
    table(managed_function(resources))
    print("\nVPC endpoints: all that the instances can reach")
    table((service, "; ".join(why)) for service, why in app.endpoints.items())
    print()


def tell_problems(problems: Sequence[Problem]) -> None:
    """Tell what the checks found."""
    for level in ("error", "warning"):
        for found, text in problems:
            if found == level:
                print(f"- {text}")
    count = Counter(level for level, _ in problems)
    print(f"{count['error']} errors, {count['warning']} warnings\n")


def managed_function(resources: Mapping[str, Resource]) -> Iterator[tuple[str, str]]:
    """Tell the size of the function on Managed Instances and of its fleet, as the template has them."""
    function = one(resources, "AWS::Lambda::Function", "CapacityProviderConfig")
    config = function["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
    scaling = one(resources, "AWS::Lambda::Version", "FunctionScalingConfig")["FunctionScalingConfig"]
    pool = one(resources, "AWS::Lambda::CapacityProvider", "InstanceRequirements")

    ratio, at_once = config["ExecutionEnvironmentMemoryGiBPerVCpu"], config["PerExecutionEnvironmentMaxConcurrency"]
    v_cpus = function["MemorySize"] // (ratio * 1024)
    yield "one execution environment", f"{function['MemorySize']} MiB, {v_cpus} vCPU ({ratio} GiB per vCPU)"
    yield "", f"{at_once} invocations at once, in Python a process of {function['MemorySize'] // at_once} MiB each"
    for bound, size in (("minimum fleet", "Min"), ("maximum fleet", "Max")):
        environments = scaling[f"{size}ExecutionEnvironments"]
        yield (
            bound,
            f"{environments} execution environments: {environments * v_cpus} vCPU, "
            f"{environments * at_once} invocations at once",
        )
    (architecture,) = pool["InstanceRequirements"]["Architectures"]
    yield "capacity provider", f"{architecture}, at most {pool['CapacityProviderScalingConfig']['MaxVCpuCount']} vCPU"


def one(resources: Mapping[str, Resource], kind: str, having: str) -> Resource:
    """Give the properties of the one resource of a type that has a property."""
    (properties,) = (r["Properties"] for r in resources.values() if r["Type"] == kind and having in r["Properties"])
    return dict(properties)


# --- on this machine --------------------------------------------------------------------------------------------------


def serve(aws: Machine, app: Synthesised, *, keep: bool) -> int:
    """Deploy the app, call it, tell what came back, and delete it."""
    cdk = aws.command_line(Path(app.assembly))
    with progress("cdk bootstrap"):
        cdk.bootstrap()
    with progress("cdk deploy"):
        cdk.deploy()
    url = aws.stage_url(aws.outputs(app.stack)["OrdersUrl"])
    fine = call(url, next(aws.functions.managed()))
    if keep:
        wait(url)
    with progress("cdk destroy"):
        cdk.destroy()
    print(NOT_COVERED)
    return 0 if fine else 1


def call(url: str, managed: ManagedVersion) -> bool:
    """Place orders, page over them with many clients at once, and tell what came back; true if it is as it must be."""
    statuses: Counter[int] = Counter()
    lock = threading.Lock()

    def count(answer: Answer) -> None:
        with lock:
            statuses[answer.status] += 1

    client = Client(url, count)
    details = {"customer_name": "Ada Lovelace", "item": "coffee", "quantity": 2}
    with progress(f"placing {ORDERS} orders with {PLACING} clients at once"):
        placed = at_once(PLACING, lambda _: client.create(details).expected(201)["order_id"], range(ORDERS))
    with progress(f"paging over them with {PAGING} clients at once"):
        walks = at_once(PAGING, client.walk, [PAGE] * PAGING)
    complete = [sorted(walk) == sorted(placed) for walk in walks]

    memory = [environment.memory() for environment in managed.environments()]
    workers = [process.pss_mib for use in memory for process in use.workers]
    print("\nHTTP → API Gateway → alias 'live' → execution environment → DynamoDB")
    table(
        [
            ("answers", ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))),
            *([("", "429: the stage lets so many through in a second; they were sent again")] if statuses[429] else []),
            ("each order once", f"in the pages of {sum(complete)} of {PAGING} clients"),
            ("LIST was served by", f"{len(managed.served)} processes: {', '.join(map(str, sorted(managed.served)))}"),
            (
                "memory",
                f"{sum(use.total_mib for use in memory):.0f} MiB of {managed.configuration['MemorySize']} MiB; "
                f"a process {min(workers):.0f} to {max(workers):.0f} MiB",
            ),
        ]
    )
    print()
    return all(complete)


def wait(url: str) -> None:
    """Tell the addresses, and wait for Ctrl-C."""
    stage = url.split("/")[-2]
    with front_door(Client(url), stage) as door:
        print(f"The API      {door}/api/orders   (requests are signed on the way)")
        print(f"Swagger UI   {door}/swagger")
        print("Ctrl-C ends it.", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"{what} … ", end="", flush=True)
    start = time.monotonic()
    yield
    print(f"{time.monotonic() - start:.1f} s", flush=True)


def table(rows: Iterator[tuple[str, str]] | Sequence[tuple[str, str]]) -> None:
    """Print rows of two columns."""
    listed = list(rows)
    width = max(len(left) for left, _ in listed)
    for left, right in listed:
        print(f"  {left:<{width}}  {right}")


if __name__ == "__main__":
    sys.exit(main())
