"""Handlers to run, and environments that run them."""

from pathlib import Path

import pytest

from cdk_lmi.local import ExecutionEnvironment

HANDLERS = {
    "echo": """
        def handler(event, context):
            return event
    """,
    "does": """
        import ctypes, os, signal, socket, sqlite3, subprocess, sys, tempfile, time, fcntl
        bound = []
        def handler(event, context):
            return globals()[event[0]](context, *event[1:])
        def raises(context, text):
            raise ValueError(text)
        def sleeps(context, seconds, mark=None):
            time.sleep(seconds)
            if mark:
                open(mark, "w").close()
        def tells(context):
            return {
                "pid": os.getpid(), "cwd": os.getcwd(), "path": sys.path, "environ": dict(os.environ),
                "request_id": context.aws_request_id, "arn": context.invoked_function_arn,
                "left": context.get_remaining_time_in_millis(), "memory": context.memory_limit_in_mb,
                "modules": sorted(sys.modules), "signals": [
                    getattr(signal.getsignal(number), "name", None) or signal.getsignal(number).__name__
                    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
                ],
            }
        def exits(context, status):
            os._exit(status)
        def leaves(context, status):
            sys.exit(status)
        def dies(context, number):
            os.kill(os.getpid(), number)
        def returns(context, what):
            return {"set": {1}, "bytes": b"\\xff", "text": b'"text"'}[what]
        def large(context, size):
            return "x" * size
        def takes(context, mib, seconds):
            taken = bytearray(mib << 20)
            time.sleep(seconds)
            return len(taken)
        def writes(context, path, seconds=0.2):
            with open(path, "w") as file:
                file.write("x")
            time.sleep(seconds)
        def writes_exclusively(context, directory):
            path = f"{directory}/{context.aws_request_id}"
            with open(path, "w") as file:
                file.write("x")
            os.rename(path, f"{directory}/result")
            time.sleep(0.2)
        def locks(context, path):
            with open(path, "w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                time.sleep(0.1)
        def connects(context, path):
            sqlite3.connect(path).close()
            time.sleep(0.2)
        def binds(context, port):
            listening = socket.socket()
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listening.bind(("127.0.0.1", port))
            bound.append(listening)
            time.sleep(0.2)
        def fills(context, mib):
            with tempfile.NamedTemporaryFile(delete=False) as file:
                os.posix_fallocate(file.fileno(), 0, mib << 20)
        def prints(context, text):
            print(text)
            time.sleep(0.1)
        def logs(context, text):
            import logging
            logging.getLogger().warning(text)
        def computes(context, seconds):
            end = time.process_time() + seconds
            while time.process_time() < end:
                pass
        def starts(context):
            return subprocess.Popen(["sleep", "1000"], start_new_session=True).pid
        def closes(context, path):
            os.closerange(3, 100)
            with open(path, "w") as file:
                file.write("whole")
                file.flush()
                for number in range(3, 100):
                    os.dup2(file.fileno(), number)
                open("/tmp/cdk-lmi-another", "w").close()
                os.remove("/tmp/cdk-lmi-another")
            return open(path).read()
    """,
    "broken_import": "import nothing_of_this_name",
    "broken_syntax": "def (",
    "broken_module": "1 / 0",
    "broken_exit": "import sys; sys.exit(3)",
    "broken_kill": "import os; os.kill(os.getpid(), 9)",
    "slow": "import time; time.sleep(60)",
    "large": "import time; taken = bytearray(300 << 20); time.sleep(60)",
}


@pytest.fixture(scope="session")
def task_root(tmp_path_factory):
    """A directory of handlers."""
    from textwrap import dedent

    root = tmp_path_factory.mktemp("task")
    for name, text in HANDLERS.items():
        Path(root, f"{name}.py").write_text(dedent(text), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def environment(task_root):
    """An environment of four processes that several tests share: what they invoke leaves it as it was."""
    with ExecutionEnvironment("does.handler", task_root=task_root, max_concurrency=4, timeout=5) as started:
        yield started


@pytest.fixture
def start(task_root):
    """Start environments that end with the test."""
    from contextlib import ExitStack

    with ExitStack() as running:

        def starter(handler="does.handler", **keywords):
            arguments = {"task_root": task_root, "max_concurrency": 2, **keywords}
            return running.enter_context(ExecutionEnvironment(handler, **arguments))

        yield starter
