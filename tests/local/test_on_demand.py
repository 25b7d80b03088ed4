"""Environments of standard Lambda: one process, one event after the other; and what a function is invoked as."""

import os

import pytest

from cdk_lmi.local import ExecutionEnvironment

from ..conftest import eventually

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:orders-list:7"


@pytest.fixture
def on_demand(start):
    """Start an environment of standard Lambda."""
    return lambda handler="does.handler", **keywords: start(
        handler, **{"max_concurrency": None, "initialization_type": "on-demand", **keywords}
    )


def test_one_process_takes_all(on_demand):
    """It is the runtime itself, and it keeps what the handler's module holds."""
    environment = on_demand(memory_size=512)
    invocations = environment.invoke_many([["tells"]] * 5)
    assert all(invocation.ok for invocation in invocations)
    (pid,) = {invocation.payload["pid"] for invocation in invocations}
    assert {invocation.pid for invocation in invocations} == {pid}
    assert environment.workers == (pid,)
    assert [process.pid for process in environment.memory().processes] == [pid]


def test_a_second_event_at_the_same_time_is_throttled(on_demand):
    """As there is nobody to take it."""
    throttled = [i for i in on_demand(timeout=5).invoke_many([["sleeps", 0.5]] * 2, 2) if not i.ok]
    assert [invocation.status_code for invocation in throttled] == [429]


def test_it_is_told_that_it_runs_on_demand(on_demand):
    """Lambda's own variables are those of standard functions."""
    environ = on_demand(memory_size=128, env={"A": "b"}).invoke(["tells"]).payload["environ"]
    assert environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert environ["A"] == "b"
    assert "AWS_LAMBDA_MAX_CONCURRENCY" not in environ
    assert "AWS_LAMBDA_LOG_FORMAT" not in environ


def test_what_it_writes_is_kept(on_demand):
    """Without the sockets that processes on Managed Instances have for it."""
    environment = on_demand()
    environment.invoke(["prints", "a line"])
    assert "a line" in [line.text for line in environment.logs()]


@pytest.mark.parametrize(
    ("event", "how"),
    [(["exits", 3], "exit status 3"), (["dies", 9], "killed"), (["takes", 400, 5], "killed")],
    ids=["exit", "signal", "memory"],
)
def test_it_is_over_when_its_process_ends(on_demand, event, how):
    """The event fails as on Lambda, no process is left, and what comes then is refused."""
    environment = on_demand(memory_size=128, timeout=10)
    invocation = environment.invoke(event)
    assert invocation.error_type == "Runtime.ExitError"
    assert invocation.error_message.startswith(f"RequestId: {invocation.request_id} Error: Runtime exited with error: ")
    assert invocation.error_message.endswith(how)
    assert environment.workers == ()
    assert environment.invoke(["tells"]).error_type == "Runtime.ExitError"


def test_a_handler_that_does_not_load(on_demand):
    """Fails the start, as with any environment."""
    from cdk_lmi.local import InitError

    with pytest.raises(InitError, match=r"Runtime\.ImportModuleError"):
        on_demand("broken_import.handler")


def test_nothing_is_left(task_root):
    """When it is closed, and while it works."""
    with ExecutionEnvironment("does.handler", task_root=task_root, initialization_type="on-demand") as environment:
        (pid,) = environment.workers
    eventually(lambda: not os.path.exists(f"/proc/{pid}"))  # noqa: PTH110
    assert environment.workers == ()


@pytest.mark.parametrize("initialization_type", ["on-demand", "lambda-managed-instances"])
def test_the_function_has_the_name_it_was_given(start, initialization_type):
    """In the context and in the variables: name, version, Region."""
    concurrency = 1 if initialization_type == "on-demand" else 2
    told = (
        start(max_concurrency=concurrency, initialization_type=initialization_type, function_arn=ARN)
        .invoke(["tells"])
        .payload
    )
    assert told["arn"] == ARN
    environ = told["environ"]
    assert environ["AWS_LAMBDA_FUNCTION_NAME"] == "orders-list"
    assert environ["AWS_LAMBDA_FUNCTION_VERSION"] == "7"
    assert environ["AWS_REGION"] == environ["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert environ["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/orders-list"


@pytest.mark.parametrize(
    ("keywords", "named"),
    [
        ({"initialization_type": "provisioned"}, "initialization_type"),
        ({"initialization_type": "on-demand", "max_concurrency": 2}, "max_concurrency"),
        ({"initialization_type": "on-demand", "memory_size": 127}, "memory_size"),
        ({"memory_size": 512}, "memory_size"),
        ({"function_arn": "orders-list"}, "function_arn"),
        ({"function_arn": ARN.rpartition(":")[0]}, "function_arn"),
        ({"function_arn": None}, "function_arn"),
        ({"function_arn": ARN[:-1] + "$LATEST"}, "function_arn"),
        ({"function_arn": ARN[:-1] + "$LATEST.PUBLISHED", "initialization_type": "on-demand"}, "function_arn"),
    ],
)
def test_what_does_not_fit_is_named(task_root, keywords, named):
    """By its keyword, and alone."""
    with pytest.raises(ValueError, match=f"1 problem .*\n  {named} must be"):
        ExecutionEnvironment("does.handler", task_root=task_root, **keywords)


@pytest.mark.parametrize(
    ("initialization_type", "version"),
    [("on-demand", "$LATEST"), ("lambda-managed-instances", "$LATEST.PUBLISHED")],
)
def test_versions_without_a_number_are_taken_where_they_run(start, initialization_type, version):
    """Managed Instances run what is published, standard functions what was updated last."""
    environ = (
        start(max_concurrency=1, initialization_type=initialization_type, function_arn=ARN[:-1] + version)
        .invoke(["tells"])
        .payload["environ"]
    )
    assert environ["AWS_LAMBDA_FUNCTION_VERSION"] == version
