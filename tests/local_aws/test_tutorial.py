"""The tutorial, done as it is written: deployed by the real CDK command line, called, destroyed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
STACK = "Greeting"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the files that the tutorial has written, under the names that it gives them."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name, text in re.findall(r'^```\w+ title="([^"]+)"\n(.*?)^```', TUTORIAL, flags=re.DOTALL | re.MULTILINE):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def assembly(folder):
    """What its app synthesises to, run as cdk.json says, with where the CDK command line has it write."""
    interpreter, *arguments = json.loads((folder / "cdk.json").read_text(encoding="utf-8"))["app"].split()
    assert interpreter == "python"
    unset = ("CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION", "CDK_CONTEXT_JSON")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment["CDK_OUTDIR"] = str(folder / "cdk.out")
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True)
    return folder / "cdk.out"


def delete_kept_logs(aws):
    """Take away the log group, which the tutorial says is kept, from the machine that other tests share."""
    logs = aws.aws("logs")
    (kept,) = (
        name for group in logs.describe_log_groups()["logGroups"] if f"/{STACK}/" in (name := group["logGroupName"])
    )
    logs.delete_log_group(logGroupName=kept)


def test_what_it_deploys_greets(aws, folder, assembly):
    """With the greeting that it promises, from the version behind the alias; nothing is left when it is taken away."""
    cdk = aws.command_line(assembly)
    before = set(aws.functions.versions())
    cdk.deploy()
    try:
        (called,) = aws.outputs(STACK).values()
        assert called.endswith(":live")
        event = (folder / "event.json").read_bytes()
        answered = aws.aws("lambda").invoke(FunctionName=called, Payload=event)
        answer = json.loads(answered["Payload"].read())
        assert answer["greeting"] == "Hello, Ada!"
        (version,) = set(aws.functions.versions()) - before
        (environment,) = aws.functions.versions()[version].environments()
        assert answer["process"] in environment.workers
        assert len(environment.workers) == 4
    finally:
        cdk.destroy()
        delete_kept_logs(aws)
    assert set(aws.functions.versions()) == before
