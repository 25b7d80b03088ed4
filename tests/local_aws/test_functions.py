"""What becomes of functions that are deployed: which processes run, and what is said where they fail."""

import io
import json
import os
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from local_aws.functions import Functions, ManagedVersion, StandardVersion
from local_aws.load import at_once

CODE = """
import os, time
def handler(event, context):
    if event.get("seconds"):
        time.sleep(event["seconds"])
    if event.get("exit"):
        os._exit(event["exit"])
    if event.get("raise"):
        raise ValueError("the table's name is a secret")
    return {"pid": os.getpid(), "name": context.function_name, "endpoint": os.environ["AWS_ENDPOINT_URL"]}
"""
PROVIDER = {"LambdaManagedInstancesCapacityProviderConfig": {"PerExecutionEnvironmentMaxConcurrency": 2}}


def zipped(code):
    """Give code as it is uploaded."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", code)
    return archive.getvalue()


@pytest.fixture
def functions(tmp_path):
    """Where functions run; nothing is published yet."""
    with Functions(tmp_path) as running:
        running.endpoint_url = "http://127.0.0.1:1"
        yield running


@pytest.fixture
def publish(functions):
    """Publish a function, and give the version that runs then."""

    def published(code=CODE, **settings):
        version = "1" if "CapacityProviderConfig" in settings else "$LATEST"
        configuration = {
            "FunctionName": "shop",
            "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:shop",
            "Version": version,
            "RevisionId": str(uuid4()),
            "Handler": "app.handler",
            "MemorySize": 2048,
            "Timeout": 5,
            "EphemeralStorage": {"Size": 512},
            **settings,
        }
        functions.publish(configuration, zipped(code))
        return functions.versions()["shop", version]

    return published


def test_a_standard_function_has_as_many_environments_as_calls_at_once(publish):
    """Each its own process; what is idle is used again."""
    version = publish()
    assert isinstance(version, StandardVersion)
    pids = {invocation.payload["pid"] for invocation in at_once(3, version.invoke, [{"seconds": 1}] * 3)}
    assert len(pids) == len(version.environments()) == 3
    again = {version.invoke({}).payload["pid"] for _ in range(5)}
    assert again <= pids
    assert len(version.environments()) == 3
    assert version.served.keys() == pids
    assert version.served.total() == 8


@pytest.mark.parametrize("event", [{"exit": 3}, {"seconds": 3}], ids=["exit", "timeout"])
def test_a_standard_environment_that_failed_is_over(publish, event):
    """The next call has another one."""
    version = publish(Timeout=1)
    failed = version.invoke(event)
    assert failed.function_error
    assert version.environments() == []
    assert version.invoke({}).payload["pid"] != failed.pid


def test_a_managed_function_has_one_environment_and_a_new_one_for_it(publish):
    """Where a process ends, the others serve until the new one is up."""
    version = publish(CapacityProviderConfig=PROVIDER)
    assert isinstance(version, ManagedVersion)
    (first,) = version.environments()
    assert len(first.workers) == 2
    assert version.invoke({"exit": 3}).error_type == "Runtime.ExitError"
    deadline = time.monotonic() + 60
    while first in version.environments():
        assert version.invoke({}).ok
        assert time.monotonic() < deadline
    (second,) = version.environments()
    assert len(second.workers) == 2


def test_what_is_handed_over_twice_runs_once(functions, publish):
    """As where several first calls come together."""
    version = publish()
    functions.publish(version.configuration, zipped(CODE))
    assert functions.versions()["shop", "$LATEST"] is version


def test_another_revision_takes_its_place(publish):
    """With its code, and no process of the old one stays."""
    old = publish()
    pid = old.invoke({}).payload["pid"]
    new = publish(CODE.replace("context.function_name", "'new'"))
    assert new.invoke({}).payload["name"] == "new"
    assert old.environments() == []
    assert not os.path.exists(f"/proc/{pid}")  # noqa: PTH110


def test_a_function_that_is_deleted_while_it_starts_is_gone(functions, publish):
    """No process comes up after it."""
    version = publish("import time\ntime.sleep(1)\n" + CODE)
    with ThreadPoolExecutor() as pool:
        call = pool.submit(version.invoke, {})
        time.sleep(0.3)
        functions.delete("shop")
        with pytest.raises(RuntimeError):
            call.result()
    assert version.environments() == []


# --- through the emulator ---------------------------------------------------------------------------------------------


@pytest.fixture
def deploy(aws):
    """Deploy a function on Managed Instances with CloudFormation, and delete it in the end."""
    names = []

    def deployed(code):
        names.append(f"Shop-{uuid4()}")
        function = {
            "Handler": "index.handler",
            "Runtime": "python3.14",
            "Role": "arn:aws:iam::000000000000:role/any",
            "MemorySize": 2048,
            "Code": {"ZipFile": code},
            "CapacityProviderConfig": PROVIDER,
        }
        template = {
            "Resources": {
                "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
                "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Function"}}},
            }
        }
        client = aws.aws("cloudformation")
        client.create_stack(StackName=names[-1], TemplateBody=json.dumps(template), OnFailure="DELETE")
        deadline = time.monotonic() + 60
        while True:
            events = client.describe_stack_events(StackName=names[-1])["StackEvents"]
            mine = {
                e["ResourceStatus"]: e.get("ResourceStatusReason", "") for e in events if "Version" in e["ResourceType"]
            }
            if found := mine.keys() & {"CREATE_COMPLETE", "CREATE_FAILED"}:
                return found.pop(), mine
            assert time.monotonic() < deadline
            time.sleep(0.1)

    yield deployed
    for name in names:
        aws.aws("cloudformation").delete_stack(StackName=name)


def test_a_version_that_does_not_initialise_is_not_deployed(deploy):
    """As on AWS, with the reason."""
    status, reasons = deploy("import nothing_of_this_name")
    assert status == "CREATE_FAILED"
    assert "Runtime.ImportModuleError" in reasons[status]


def test_a_version_that_is_deployed_runs(deploy, aws):
    """By the time that it is, its processes are up."""
    assert deploy(CODE)[0] == "CREATE_COMPLETE"
    running = [v for (name, _), v in aws.functions.versions().items() if name.startswith("Shop-")]
    assert [len(environment.workers) for version in running for environment in version.environments()] == [2]
