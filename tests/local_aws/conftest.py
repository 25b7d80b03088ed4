"""The orders API, deployed once on this machine by the real CDK command line, for all tests that call it."""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import pytest

# The example finds its modules as it does when it runs: from its own folder.
sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "orders_api"))

import stack as orders_stack
from app import orders_api
from local_aws import machine
from local_aws.client import Client
from local_aws.machine import Machine

from cdk_lmi import ManagedInstanceFunction

STACK = "OrdersApi"


def pytest_collection_modifyitems(items):
    """Have what takes the deployment down come after all that calls it."""
    items.sort(key=lambda item: "takes_the_deployment_down" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def machine_ready(pytestconfig):
    """The emulator and the CDK command line are installed."""
    if not machine.is_installed():
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print("\nInstalling the emulator and the CDK command line for the tests (once, about 20 s) …")
        machine.install()


@pytest.fixture(scope="session")
def aws(machine_ready):
    """AWS on this machine, bootstrapped, with nothing deployed."""
    with machine.running() as running:
        home = running.directory / "nothing"
        home.mkdir()
        running.command_line(home).bootstrap()
        yield running


@pytest.fixture(scope="session")
def assemble(tmp_path_factory):
    """Synthesise the app for this machine, with arguments of the function on Managed Instances changed as asked."""

    def assembly(**keywords):
        directory = tmp_path_factory.mktemp("cdk.out")
        define = ManagedInstanceFunction
        with pytest.MonkeyPatch.context() as patch:
            for name in ("CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION", "CDK_CONTEXT_JSON"):
                patch.delenv(name, raising=False)
            patch.setattr(
                orders_stack, "ManagedInstanceFunction", lambda *given, **named: define(*given, **{**named, **keywords})
            )
            orders_api(context={"target": "this-machine"}, outdir=str(directory))[0].synth()
        return directory

    return assembly


@pytest.fixture(scope="session")
def assembly(assemble):
    """The app as a cloud assembly."""
    return assemble()


@dataclass(frozen=True)
class Deployed:
    """The API where it is deployed."""

    aws: Machine
    assembly: Path

    @property
    def cdk(self):
        """The command line for it."""
        return self.aws.command_line(self.assembly)

    @property
    def url(self):
        """The address of its stage."""
        return self.aws.stage_url(self.aws.outputs(STACK)["OrdersUrl"])

    @property
    def managed(self):
        """The version on Managed Instances that serves."""
        (version,) = self.aws.functions.managed()
        return version

    def resource(self, logical_id):
        """What CloudFormation tells of a resource."""
        found = self.aws.aws("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]

    def resources(self, kind):
        """The physical ids of the resources of a type, by their logical ids."""
        listed = self.aws.aws("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in listed if r["ResourceType"] == kind}


@pytest.fixture(scope="session")
def deployed(aws, assembly):
    """The API, deployed with `cdk deploy`."""
    there = Deployed(aws, assembly)
    there.cdk.deploy()
    return there


@pytest.fixture
def takes_the_deployment_down():
    """Marks what must come last."""


class Statuses(Counter[int]):
    """How many answers had which status."""

    def __init__(self):
        super().__init__()
        self._lock = Lock()

    def count(self, answer):
        """Count one."""
        with self._lock:
            self[answer.status] += 1


@pytest.fixture
def statuses():
    """The answers that clients of the test get."""
    return Statuses()


@pytest.fixture
def client(deployed, statuses):
    """A client that signs."""
    return Client(deployed.url, statuses.count)


@pytest.fixture
def throttle(deployed):
    """Set how many requests the stage lets through in a second, until the test is over."""
    apis = deployed.aws.aws("apigateway")
    (api,) = deployed.resources("AWS::ApiGateway::RestApi").values()
    (stage,) = deployed.resources("AWS::ApiGateway::Stage").values()
    before = apis.get_stage(restApiId=api, stageName=stage)["methodSettings"]

    def change(limits):
        operations = []
        for key, (rate, burst) in limits.items():
            for name, value in (("rateLimit", rate), ("burstLimit", burst)):
                operations.append({"op": "replace", "path": f"/{key}/throttling/{name}", "value": str(value)})
        apis.update_stage(restApiId=api, stageName=stage, patchOperations=operations)

    yield lambda rate, burst: change(dict.fromkeys(before, (rate, burst)))
    change({key: (each["throttlingRateLimit"], each["throttlingBurstLimit"]) for key, each in before.items()})


@pytest.fixture
def unthrottled(throttle):
    """The stage lets through all that comes, as it does not where it is deployed."""
    throttle(10_000, 5_000)


@pytest.fixture(scope="session")
def coffee():
    """What makes a valid order."""
    return {"customer_name": "Ada Lovelace", "item": "coffee", "quantity": 2}
