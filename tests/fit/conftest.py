"""Templates, handlers and the command, for what is measured and what it is held to."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from cdk_lmi.cli import main

POOL = "arn:aws:lambda:us-east-1:123456789012:capacity-provider:pool"


def declared(memory_size=2048, ratio=2, concurrency=4, **properties):
    """A function on Managed Instances as CDK writes it."""
    sizes = {
        "ExecutionEnvironmentMemoryGiBPerVCpu": ratio,
        "PerExecutionEnvironmentMaxConcurrency": concurrency,
    }
    config = {"CapacityProviderArn": POOL, **{name: value for name, value in sizes.items() if value is not None}}
    given = {
        "Runtime": "python3.14",
        "Handler": "app.handler",
        "MemorySize": memory_size,
        "Timeout": 30,
        "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": config},
        **properties,
    }
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {name: value for name, value in given.items() if value is not None},
    }


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a file in the working directory: text, or an object as JSON."""
    monkeypatch.chdir(tmp_path)

    def file(name, content) -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(content) if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return file


@pytest.fixture
def write_template(write):
    """Write a template with these resources, and parameters if there are any."""

    def file(name="template.json", parameters=None, **resources):
        return write(name, {"Parameters": parameters or {}, "Resources": resources})

    return file


@dataclass
class Ran:
    """What the command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output, as JSON."""
        return json.loads(self.out)


@pytest.fixture
def run(capsys):
    """Run ``cdk-lmi fit`` with arguments, in this process."""

    def command(*argv):
        capsys.readouterr()
        try:
            code = main(["fit", *map(str, argv)])
        except SystemExit as exit:
            code = int(exit.code or 0)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return command


def processes_below(pid):
    """Give all processes that a process started, found by their parents and not by lists of children."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def own_processes():
    """Give all processes that this one started."""
    return processes_below(os.getpid())


@pytest.fixture(autouse=True)
def _no_process_is_left():
    """Whatever happens."""
    before = own_processes()
    yield
    assert own_processes() <= before
