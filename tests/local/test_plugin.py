"""The fixture, in a test run of its own."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = """
import pytest

def test_taken(execution_environment):
    environment = execution_environment("echo.handler", task_root={task_root!r}, max_concurrency=1, env={{"MARK": "p"}})
    assert environment.invoke({{"a": 1}}).payload == {{"a": 1}}

def test_told(execution_environment):
    environment = execution_environment("does.handler", task_root={task_root!r}, max_concurrency=1)
    environment.invoke(["prints", "hello"])

def test_wrong(execution_environment):
    execution_environment("broken_module.handler", task_root={task_root!r}, max_concurrency=1)
"""


def run(tmp_path, *arguments):
    """Run the tests in a directory and give what pytest says."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, "."]
    environ = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60).stdout


def test_the_fixture_starts_ends_and_warns(task_root, tmp_path):
    """Once imported into a conftest, or found by its entry point."""
    Path(tmp_path, "test_it.py").write_text(TESTS.format(task_root=str(task_root)), encoding="utf-8")
    imports = "from cdk_lmi.local.plugin import execution_environment\n"
    Path(tmp_path, "conftest.py").write_text(imports, encoding="utf-8")
    told = run(tmp_path)
    assert "2 passed" in told
    assert "1 failed" in told
    assert "HazardWarning" in told
    assert "FunctionError.RuntimeInitError" in told


def test_to_load_it_costs_nothing():
    """pytest loads it in every environment that has this package, with the extra or without."""
    script = (
        "import sys, pytest; before = set(sys.modules); import cdk_lmi.local.plugin; print(set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert eval(done.stdout) == {"cdk_lmi", "cdk_lmi.local", "cdk_lmi.local.plugin"}
