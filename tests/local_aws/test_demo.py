"""`make demo`: what it tells, that it leaves nothing behind, and what it says where it cannot run."""

import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ..conftest import eventually

DEMO = Path(__file__).parents[2] / "examples" / "orders_api" / "demo.py"


@pytest.fixture
def temporary():
    """A directory for all that the demo writes, with a name that no process has but those of the demo."""
    import tempfile

    # Not pytest's own: the path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="demo-") as directory:
        yield Path(directory)


@pytest.fixture
def start(machine_ready, temporary):
    """Start the demo in a terminal's group of its own, as `make demo` is."""
    started = []

    def starter(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, DEMO, *arguments],
            env={**os.environ, "TMPDIR": str(temporary), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield starter
    for process in started:
        process.kill()
        process.communicate()


def left_behind(temporary):
    """Give the processes that name the directory, and what is in it."""
    processes = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = entry.joinpath("cmdline").read_bytes() + entry.joinpath("environ").read_bytes()
        except OSError:
            continue
        if str(temporary).encode() in told:
            processes.append(entry.name)
    return processes, [path.name for path in temporary.iterdir()]


def wait_for(process, text):
    """Read what it prints until there is a text."""
    seen = ""
    while text not in seen:
        character = process.stdout.read(1)
        assert character, seen + process.stderr.read()
        seen += character
    return seen


def test_demo(start, temporary):
    """It deploys, calls and deletes the API, and tells of its size and of what came back."""
    output, errors = start().communicate(timeout=400)
    assert errors == ""
    assert "4096 MiB, 1 vCPU" in output
    assert "3 execution environments: 3 vCPU, 48 invocations at once" in output
    for endpoint in ("dynamodb (gateway)", "s3 (gateway)", "logs (interface)", "xray (interface)"):
        assert endpoint in output
    assert "0 errors, 0 warnings" in output
    assert re.search(r"answers +200: \d+, 201: 60\n|answers +200: \d+, 201: 60, 429: \d+\n", output)
    assert "in the pages of 16 of 16 clients" in output
    assert re.search(r"served by +16 processes: (\d+, ){15}\d+\n", output)
    assert "Not covered" in output.splitlines()[-1]
    assert left_behind(temporary) == ([], [])


@pytest.mark.parametrize(
    ("text", "number", "code"),
    [("cdk deploy … ", signal.SIGINT, 130), ("synthesising ", signal.SIGTERM, 128 + signal.SIGTERM)],
    ids=["Ctrl-C while it deploys", "terminated while it synthesises"],
)
def test_interrupted(start, temporary, text, number, code):
    """To the whole group, as a terminal does it: it takes down what runs, and says so."""
    process = start()
    wait_for(process, text)
    os.killpg(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in errors
    # What was killed may be a moment in going.
    eventually(lambda: left_behind(temporary) == ([], []))


def test_a_port_that_is_taken(start, temporary):
    """It says which one, and what to do, before it does anything."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        output, errors = start("--port", str(port)).communicate(timeout=60)
    assert f"port {port}" in errors
    assert "choose another" in errors
    assert "Traceback" not in errors
    assert output == ""


def test_a_tool_that_is_missing(monkeypatch, tmp_path):
    """Node, the linter, what pip and npm should install: each an error with a way out."""
    monkeypatch.syspath_prepend(str(DEMO.parent))
    import demo
    from local_aws import cdk, emulator
    from local_aws.unusable import Unusable

    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(tmp_path / "python"))
        with pytest.raises(Unusable, match="make setup"):
            cdk.node()
        with pytest.raises(Unusable, match="make setup"):
            demo.cfn_lint(str(tmp_path / "template.json"))
    with monkeypatch.context() as patch:
        patch.setattr(cdk, "PREFIX", tmp_path / "cdk")
        patch.setattr(cdk, "STAMP", tmp_path / "cdk" / "installed")
        patch.setenv("npm_config_registry", "http://127.0.0.1:1")
        patch.setenv("npm_config_fetch_retries", "0")
        patch.setenv("npm_config_cache", str(tmp_path / "cache"))
        with pytest.raises(Unusable, match=r"installing aws-cdk.*npm's registry"):
            cdk.install()
        assert not cdk.is_installed()
    with monkeypatch.context() as patch:
        patch.setattr(emulator, "ENVIRONMENT", replace(emulator.ENVIRONMENT, directory=tmp_path / "emulator"))
        patch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1")
        patch.setenv("PIP_RETRIES", "0")
        with pytest.raises(Unusable, match=r"installing ministack.*reaches PyPI"):
            emulator.install()
        assert not emulator.is_installed()
