"""What an event comes to, as Lambda tells it; and that nothing hangs."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_lmi.rules.limits import RESPONSE_MAX

from ..conftest import eventually

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)

#: Too deep for any JSON encoder.
NESTED: list[object] = []
for _ in range(200_000):
    NESTED = [NESTED]


@pytest.fixture(scope="module")
def echo(task_root):
    """An environment whose handler returns its event."""
    from cdk_lmi.local import ExecutionEnvironment

    with ExecutionEnvironment("echo.handler", task_root=task_root, max_concurrency=2) as started:
        yield started


@settings(max_examples=60)
@given(st.lists(VALUES, min_size=1, max_size=5))
def test_any_json_comes_back(echo, events):
    """Whatever is JSON goes through the runtime and back, each to its own caller."""
    assert [invocation.payload for invocation in echo.invoke_many(events)] == events


def test_many_come_back_in_their_order(echo):
    """Although two processes take them as they can."""
    invocations = echo.invoke_many(range(300))
    assert [invocation.payload for invocation in invocations] == list(range(300))
    assert len({invocation.request_id for invocation in invocations}) == 300
    assert all(invocation.ok and invocation.function_error is None for invocation in invocations)
    assert len({invocation.pid for invocation in invocations}) == 2


def test_as_many_at_once_as_there_are_processes(environment):
    """Four that sleep take as long as one, and each has a process of its own."""
    began = time.monotonic()
    invocations = environment.invoke_many([["sleeps", 0.5]] * 4)
    took = time.monotonic() - began
    # Whatever else the machine does, it makes both of them longer.
    assert took < sum(invocation.duration_s for invocation in invocations) / 2
    assert len({invocation.pid for invocation in invocations}) == 4
    assert all(0.5 <= invocation.duration_s <= took for invocation in invocations)


def test_several_threads_invoke(environment):
    """Each gets its own answer."""
    with ThreadPoolExecutor(4) as pool:
        texts = [str(number) for number in range(100)]
        invocations = list(pool.map(lambda text: environment.invoke(["raises", text]), texts))
    assert [invocation.error_message for invocation in invocations] == texts


def test_the_context_is_that_of_an_invocation(environment, task_root):
    """The request, the function, the time that is left."""
    invocation = environment.invoke(["tells"])
    told = invocation.payload
    assert told["request_id"] == invocation.request_id
    assert told["pid"] == invocation.pid
    assert told["arn"].startswith("arn:aws:lambda:")
    assert 3000 < told["left"] <= 5000
    assert told["memory"] == "2048"
    assert told["cwd"] == str(task_root)
    assert told["path"][0] == str(task_root)
    assert not any("cdk_lmi" in entry and "local" in entry for entry in told["path"])


def test_nothing_of_this_package_is_in_the_process(environment):
    """What is measured is the runtime and the handler."""
    modules = environment.invoke(["tells"]).payload["modules"]
    assert "awslambdaric" in modules
    assert not [name for name in modules if name.partition(".")[0] in {"cdk_lmi", "asyncio", "pathlib"}]


def test_signals_are_handled_as_in_any_process(environment):
    """What the supervisor ignores, a handler need not."""
    assert environment.invoke(["tells"]).payload["signals"] == ["default_int_handler", "SIG_DFL", "SIG_DFL", "SIG_DFL"]


def test_environment_variables_are_lambdas_and_the_callers(start, monkeypatch):
    """Those that Managed Instances set, those that were given, and none that happens to be here."""
    monkeypatch.setenv("OF_THE_CALLER", "secret")
    monkeypatch.setenv("AWS_PROFILE", "production")
    environ = start(max_concurrency=3, memory_size=4096, env={"TABLE": "orders"}).invoke(["tells"]).payload["environ"]
    assert environ["AWS_LAMBDA_MAX_CONCURRENCY"] == "3"
    assert environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "lambda-managed-instances"
    assert environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "4096"
    assert environ["AWS_EXECUTION_ENV"] == f"AWS_Lambda_python3.{sys.version_info.minor}"
    assert environ["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    assert environ["TABLE"] == "orders"
    assert not {"OF_THE_CALLER", "AWS_PROFILE", "HOME", "AWS_ACCESS_KEY_ID"} & environ.keys()


def test_what_a_handler_raises_is_told(environment):
    """With type, message and trace."""
    invocation = environment.invoke(["raises", "no such order"])
    assert not invocation.ok
    assert invocation.function_error == "Unhandled"
    assert (invocation.error_type, invocation.error_message) == ("ValueError", "no such order")
    assert invocation.payload["errorType"] == "ValueError"
    assert "does.py" in invocation.payload["stackTrace"][-1]


def test_a_response_that_is_no_json_is_told(environment):
    """In the runtime's own words."""
    assert environment.invoke(["returns", "set"]).error_type == "Runtime.MarshalError"
    assert environment.invoke(["returns", "bytes"]).error_type == "Runtime.InvalidResponse"
    assert environment.invoke(["returns", "text"]).payload == "text"


def test_the_largest_response_and_one_byte_more(environment):
    """The quotes of the string count."""
    assert len(environment.invoke(["large", RESPONSE_MAX - 2]).payload) == RESPONSE_MAX - 2
    refused = environment.invoke(["large", RESPONSE_MAX - 1])
    assert refused.error_type == "Function.ResponseSizeTooLarge"
    assert str(RESPONSE_MAX + 1) in refused.error_message
    assert environment.invoke(["tells"]).ok


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({1, 2}, TypeError),
        (float("nan"), ValueError),
        (["x", object()], TypeError),
        ("x" * (6 * 1024 * 1024), ValueError),
        (NESTED, ValueError),
    ],
    ids=["set", "nan", "object", "large", "nested"],
)
def test_an_event_that_is_no_json_is_refused_before_anything_is_sent(start, tmp_path, event, error):
    """Also where it comes last."""
    mark = tmp_path / "mark"
    environment = start()
    with pytest.raises(error):
        environment.invoke_many([["sleeps", 0, str(mark)], event])
    assert environment.invoke(["tells"]).ok
    assert not mark.exists()


def test_no_events_are_no_invocations(environment):
    """And a concurrency of none is refused."""
    assert environment.invoke_many([]) == []
    with pytest.raises(ValueError, match="concurrency"):
        environment.invoke_many([1], concurrency=0)


def test_a_timeout_kills_no_code(start, tmp_path):
    """The caller is told in time; the process goes on, stays taken, and is free again once it has answered."""
    mark = tmp_path / "mark"
    environment = start(max_concurrency=1, timeout=0.3)
    timed_out = environment.invoke(["sleeps", 3.0, str(mark)])
    assert timed_out.error_type == "Sandbox.Timedout"
    assert timed_out.function_error == "Unhandled"
    assert "Task timed out after 0.30 seconds" in timed_out.error_message
    assert not mark.exists()

    throttled = environment.invoke(["tells"])
    assert not mark.exists()
    assert (throttled.status_code, throttled.error_type) == (429, "TooManyRequestsException")
    assert throttled.function_error is None
    assert not throttled.ok

    eventually(mark.exists)
    eventually(lambda: environment.invoke(["tells"]).pid == timed_out.pid)


def test_more_at_once_than_processes_is_throttled(start):
    """As on Lambda, where an environment is saturated. Thousands of them are, without end or recursion."""
    invocations = start().invoke_many([["sleeps", 0.5]] * 3000, concurrency=3000)
    assert sum(invocation.ok for invocation in invocations) == 2
    assert {invocation.status_code for invocation in invocations if not invocation.ok} == {429}


@pytest.mark.parametrize(
    ("event", "how"),
    [
        (["exits", 3], "exit status 3"),
        (["exits", 0], "without providing a reason"),
        (["leaves", 4], "exit status 4"),
        (["dies", 9], "signal: killed"),
        (["dies", 11], "signal: segmentation fault"),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, list) else "",
)
def test_a_process_that_ends_takes_its_own_invocation_along(start, event, how):
    """The others answer, and once none is left each event fails at once."""
    environment = start(timeout=100)
    began = time.monotonic()
    ended, other = environment.invoke_many([event, ["sleeps", 0.2]])
    assert ended.error_type == "Runtime.ExitError"
    assert ended.function_error == "Unhandled"
    assert ended.error_message.startswith(f"RequestId: {ended.request_id} Error: ")
    assert how in ended.error_message
    assert other.ok
    assert environment.invoke(["tells"]).pid == other.pid

    assert environment.invoke(event).error_type == "Runtime.ExitError"
    nobody = environment.invoke(["tells"])
    assert nobody.error_type == "Runtime.ExitError"
    assert "no process" in nobody.error_message
    assert time.monotonic() - began < 50


def test_the_others_take_events_while_one_ends(start):
    """What was lost with it is told a little later, and takes nobody's place until then."""
    environment = start(max_concurrency=2)
    lost = Thread(target=environment.invoke, args=[["exits", 5]])
    lost.start()
    while len(environment.memory().workers) > 1:
        pass
    time.sleep(0.01)
    assert environment.invoke(["sleeps", 0]).ok
    lost.join()


def test_the_processors_time_is_counted(start):
    """That of every process."""
    environment = start()
    before = environment.cpu_seconds()
    environment.invoke_many([["computes", 0.4]] * 2)
    assert environment.cpu_seconds() - before == pytest.approx(0.8, rel=0.15)


def test_what_is_written_is_kept(environment):
    """By whom and where."""
    invocation = environment.invoke(["prints", "a line"])
    (line,) = [line for line in environment.logs() if line.text == "a line"]
    assert (line.pid, line.stream) == (invocation.pid, "stdout")


def test_a_long_line_is_kept_in_pieces(environment):
    """Told as such, so that nobody takes one for a line."""
    environment.invoke(["prints", "€" * 34_464])
    pieces = [line for line in environment.logs() if line.text.startswith("€")]
    assert "".join(piece.text for piece in pieces) == "€" * 34_464
    assert all(len(piece.text.encode()) <= 65_536 and not piece.whole for piece in pieces)
    environment.invoke(["prints", "short"])
    assert environment.logs()[-1].whole
