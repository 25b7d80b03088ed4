"""The command, run in this process, and a cloud assembly to run it on."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_lmi.cli import main

PROVIDER = "arn:aws:lambda:us-east-1:123456789012:capacity-provider:pool"
#: Scaling that warns, of LMI305 only.
ONE = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 12}


@dataclass
class Ran:
    """What the command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """The output, as JSON."""
        return json.loads(self.out)


class Input(io.TextIOWrapper):
    """Standard input with these bytes."""

    def __init__(self, content):
        super().__init__(io.BytesIO(content))


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command with arguments."""

    def command(*argv, stdin=b""):
        monkeypatch.setattr("sys.stdin", Input(stdin.encode() if isinstance(stdin, str) else stdin))
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in argv])
        except SystemExit as exit:
            code = int(exit.code or 0)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return command


def function(memory=1000, **properties):
    """A function on Managed Instances; 1000 MiB violates LMI101."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.14",
            "MemorySize": memory,
            "CapacityProviderConfig": {
                "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}
            },
            **properties,
        },
    }


def template(**resources):
    """A template with these resources, or one function that violates LMI101."""
    return {"Resources": resources or {"Fn": function()}}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a file in the working directory: text, bytes, or an object as JSON."""
    monkeypatch.chdir(tmp_path)

    def file(name, content):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8")
        return path

    return file


def define_app(outdir, *, path_metadata):
    """Synthesise stacks, nested stacks and a stage, each with a function of the same logical id as another's."""

    def define(scope, id, memory_size=1000):
        return lambda_.CfnFunction(
            scope,
            id,
            code={"zipFile": "x"},
            role="arn:aws:iam::123456789012:role/function",
            runtime="python3.14",
            handler="index.handler",
            memory_size=memory_size,
            capacity_provider_config={
                "lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": PROVIDER}
            },
        )

    app = cdk.App(outdir=str(outdir), context={"aws:cdk:enable-path-metadata": path_metadata})
    shop = cdk.Stack(app, "Shop")
    define(shop, "Fn")
    dev = cdk.Validations.of(define(shop, "Dev"))
    dev.acknowledge(cdk.Acknowledgment(id="cdk-lmi::LMI101", reason="a try"))
    nested = cdk.NestedStack(shop, "Nested")
    define(nested, "Fn")
    cdk.Validations.of(nested).acknowledge(cdk.Acknowledgment(id="cdk-lmi::LMI101", reason="small on purpose"))
    define(cdk.NestedStack(nested, "Deeper"), "Fn")
    define(cdk.NestedStack(shop, "Other"), "Fn")
    define(cdk.Stack(cdk.Stage(app, "Prod"), "Shop"), "Fn")
    app.synth()


@pytest.fixture(scope="session", params=[True, False], ids=["path metadata", "no path metadata"])
def synthesised(request, tmp_path_factory):
    """A cloud assembly as CDK writes it."""
    outdir = tmp_path_factory.mktemp("app") / "cdk.out"
    define_app(outdir, path_metadata=request.param)
    return outdir
