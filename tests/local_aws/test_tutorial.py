"""The tutorial as its reader goes through it, deployed by the real CDK command line, on this machine."""

import pytest
from local_aws.cdk import CommandLine

from cdk_lmi.cli import main
from cdk_lmi.terminal import CLEAN

from ..code_blocks.command import read
from ..code_blocks.pages import ROOT, blocks

STACK = "Greeting"


@pytest.fixture
def folder(tmp_path):
    """What the tutorial has its reader write."""
    for block in blocks(ROOT / "docs" / "tutorial.md"):
        if block.title is not None:
            file = tmp_path / block.title
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.source, encoding="utf-8")
    return tmp_path


@pytest.fixture
def cdk(aws, folder):
    """Run a command of the tutorial's, which names the app in cdk.json."""
    line = CommandLine(folder, folder, aws.emulator.url)
    told = [
        command.arguments[1:]
        for block in blocks(ROOT / "docs" / "tutorial.md")
        if block.language == "sh"
        for command in read(block.source)
        if command.program == "npx"
    ]

    def run(subcommand, *more):
        (arguments,) = [each for each in told if each[0] == subcommand]
        done = line.run(*arguments, *more)
        return done.code, done.output

    yield run
    line.run("destroy", "--force")
    for name in log_groups(aws):
        aws.aws("logs").delete_log_group(logGroupName=name)


def log_groups(aws):
    """Give the names of those of the tutorial."""
    groups = aws.aws("logs").describe_log_groups()["logGroups"]
    return [group["logGroupName"] for group in groups if STACK in group["logGroupName"]]


def changed(file, before, after):
    """Edit a file."""
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_the_tutorial(aws, cdk, folder):
    """It ends with a function that answers, that was changed, and that is gone; its logs are kept."""
    app = folder / "app.py"
    memory = "    handler="
    changed(app, memory, f"    memory_size=1024,\n{memory}")
    code, output = cdk("synth")
    assert code
    assert "LMI101 memory_size" in output
    changed(app, f"    memory_size=1024,\n{memory}", memory)

    assert cdk("deploy")[0] == 0
    assert main(["check", str(folder / "cdk.out")]) == CLEAN
    live = aws.outputs(STACK)["CallThis"]
    assert live.endswith(":live")

    def call():
        event = (folder / "event.json").read_bytes()
        return aws.aws("lambda").invoke(FunctionName=live, Payload=event)["Payload"].read().decode()

    assert "Hello, Ada!" in call()
    (first,) = [each for each in aws.functions.managed() if STACK in each.configuration["FunctionName"]]

    changed(folder / "handlers" / "greeting.py", "Hello", "Good morning")
    assert cdk("deploy")[0] == 0
    assert "Good morning, Ada!" in call()
    assert first not in aws.functions.managed()

    assert cdk("destroy", "--force")[0] == 0
    assert not [each for each in aws.functions.managed() if STACK in each.configuration["FunctionName"]]
    assert len(log_groups(aws)) == 1
