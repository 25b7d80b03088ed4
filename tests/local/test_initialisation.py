"""Environments that come up, and those that do not."""

import pickle
import sys
import time

import pytest

from cdk_lmi.local import ExecutionEnvironment, InitError


def failure(handler, task_root, **keywords):
    """Give what an environment that does not come up says, and after how many seconds."""
    began = time.monotonic()
    with pytest.raises(InitError) as raised, ExecutionEnvironment(handler, task_root=task_root, **keywords):
        pass
    return raised.value, time.monotonic() - began


def test_it_is_up_when_every_process_asked_for_work(start):
    """Each has a memory of its own."""
    report = start(max_concurrency=5).init_report()
    assert report.processes == 5
    assert 0 < report.first_ready_s <= report.duration_s < 10
    assert len(report.memory.workers) == 5
    assert len(report.memory.processes) == 6


@pytest.mark.parametrize(
    ("handler", "error_type"),
    [
        ("nothing.handler", "Runtime.ImportModuleError"),
        ("broken_import.handler", "Runtime.ImportModuleError"),
        ("broken_syntax.handler", "Runtime.UserCodeSyntaxError"),
        ("broken_module.handler", "ZeroDivisionError"),
        ("broken_exit.handler", "Runtime.ExitError"),
        ("broken_kill.handler", "Runtime.ExitError"),
        ("does.nothing", "Runtime.HandlerNotFound"),
        ("sys.exit", "Runtime.BuiltInModuleConflict"),
    ],
)
def test_what_is_wrong_with_the_code_is_told(task_root, handler, error_type):
    """By the name that it has on Lambda, and soon."""
    error, seconds = failure(handler, task_root, max_concurrency=3, init_timeout=60)
    assert error.state_reason_code == "FunctionError.RuntimeInitError"
    assert error.error_type == error_type
    assert error_type in str(error)
    assert seconds < 30


def test_how_the_runtime_ended_is_told(task_root):
    """Of code that gives no reason."""
    assert "exit status 3" in failure("broken_exit.handler", task_root, max_concurrency=1)[0].error_message
    assert "signal: killed" in failure("broken_kill.handler", task_root, max_concurrency=1)[0].error_message


def test_too_slow_an_initialisation_is_ended(task_root):
    """When its time is up."""
    error, seconds = failure("slow.handler", task_root, max_concurrency=2, init_timeout=0.5)
    assert error.state_reason_code == "FunctionError.InitTimeout"
    assert error.numbers["ready"] == 0
    assert 0.5 <= seconds < 6


def test_too_much_memory_at_initialisation(task_root):
    """Eight times 300 MiB do not go into 2048 MiB, and it says so in numbers."""
    error, seconds = failure("large.handler", task_root, max_concurrency=8, memory_size=2048)
    assert error.state_reason_code == "FunctionError.InitResourceExhausted"
    assert error.numbers["limit_mib"] == 2048
    assert error.numbers["used_mib"] > 2048
    assert sum(error.numbers["per_process_mib"]) == pytest.approx(error.numbers["used_mib"], rel=0.01)
    assert 8 <= error.numbers["processes"] <= 9
    assert "2048" in str(error)
    assert seconds < 30


def test_a_file_that_is_no_program_is_no_entry_point(task_root, tmp_path):
    """It is executable and cannot be executed."""
    program = tmp_path / "python"
    program.write_bytes(b"\x7fELF nothing")
    program.chmod(0o755)
    error, _ = failure("does.handler", task_root, max_concurrency=1, python=str(program))
    assert error.state_reason_code == "FunctionError.InvalidEntryPoint"


def test_an_interpreter_without_the_client_is_told_what_to_install(task_root, tmp_path):
    """Not that initialisation failed."""
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -S -E "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    with (
        pytest.raises(RuntimeError, match=r"pip install 'cdk-lmi\[local\]'") as raised,
        ExecutionEnvironment("does.handler", task_root=task_root, max_concurrency=1, python=str(program)),
    ):
        pass
    assert not isinstance(raised.value, InitError)


def test_a_missing_client_is_told_before_anything_starts(task_root, monkeypatch):
    """With the command that installs it, and in words of whoever runs a command as well."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with (
        pytest.raises(RuntimeError, match=r"^running a handler here needs awslambdaric.*'cdk-lmi\[local\]'"),
        ExecutionEnvironment("does.handler", task_root=task_root),
    ):
        pass


def test_too_few_open_files_are_told_before_anything_starts(task_root, monkeypatch):
    """With how many it takes."""
    monkeypatch.setattr("resource.getrlimit", lambda what: (256, 256))
    with (
        pytest.raises(RuntimeError, match="ulimit -n 264"),
        ExecutionEnvironment("does.handler", task_root=task_root, max_concurrency=50),
    ):
        pass


def test_another_system_is_refused(task_root, monkeypatch):
    """With its name."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(RuntimeError, match="darwin"), ExecutionEnvironment("does.handler", task_root=task_root):
        pass


def test_a_system_that_is_too_old_is_refused(task_root, monkeypatch):
    """Rather than take every process for one that has ended."""

    def refuse(pid):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("os.pidfd_open", refuse)
    with pytest.raises(RuntimeError, match=r"5\.3"), ExecutionEnvironment("does.handler", task_root=task_root):
        pass


def test_an_error_survives_another_process():
    """As pytest's workers hand it on."""
    error = InitError("FunctionError.InitTimeout", "Sandbox.Timedout", "late", {"ready": 1})
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.numbers) == (str(error), {"ready": 1})


def test_an_environment_runs_once(task_root):
    """Before and after, it says so."""
    environment = ExecutionEnvironment("echo.handler", task_root=task_root, max_concurrency=1)
    with pytest.raises(RuntimeError, match="has not started"):
        environment.invoke(1)
    with environment:
        assert environment.invoke(1).ok
    with pytest.raises(RuntimeError, match="has ended"):
        environment.invoke(1)
    with pytest.raises(RuntimeError, match="once"), environment:
        pass
    assert environment.init_report().processes == 1
    assert environment.hazards() == ()
