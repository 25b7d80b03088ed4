"""The `aws` commands that pages have in blocks, run by AWS's own command line as they stand there, on this machine.

Its second version, which readers have, is in no package index: this is the first one, made of the same models.
"""

import json
import os
import subprocess
from string import Template

import pytest
from local_aws.credentials import ENVIRONMENT_OF_CLIENTS
from local_aws.environment import beside_the_project

from ..code_blocks.command import read
from ..code_blocks.pages import ROOT, blocks, pages
from .conftest import STACK

AWS_CLI = beside_the_project("aws-cli", "awscli==1.46.3")
#: What only the second version has. The first one takes what is in a file as it is.
OF_SECOND_VERSION = ("--cli-binary-format", "raw-in-base64-out")
#: What the service refuses here: all is well with the stack, and the emulator has no quotas of EC2.
REFUSED = {
    "continue-update-rollback": "(ValidationError) when calling the ContinueUpdateRollback operation",
    "get-service-quota": "when calling the GetServiceQuota operation",
}
#: The stack of a page that has its reader ask for one, since it was deployed by something else.
NAMED = "shop"

COMMANDS = [
    pytest.param(command.arguments, id=f"{page.stem}: {' '.join(command.arguments[:2])}")
    for page in pages()
    for block in blocks(page)
    if block.language == "sh"
    for command in read(block.source)
    if command.program == "aws"
]


@pytest.fixture(scope="module")
def command_line(pytestconfig):
    """The program."""
    if not AWS_CLI.is_installed():
        with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print(f"\nInstalling {AWS_CLI.requirement} for the tests (once, about 20 s) …")
        AWS_CLI.install()
    return AWS_CLI.program("aws")


@pytest.fixture(scope="module")
def values(deployed):
    """What the reader has in the variables."""
    ((version_id, version),) = deployed.resources("AWS::Lambda::Version").items()
    (alias,) = deployed.resources("AWS::Lambda::Alias").values()
    function, number = version.split(":")[-2:]
    return {"CALL_THIS": alias, "FUNCTION": function, "VERSION": number, "STACK": STACK, "LOGICAL_ID": version_id}


@pytest.fixture(scope="module")
def named_stack(deployed):
    """The stack that a page names."""
    stacks = deployed.aws.aws("cloudformation")
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    stacks.create_stack(StackName=NAMED, TemplateBody=json.dumps(template))
    yield template
    stacks.delete_stack(StackName=NAMED)


@pytest.fixture
def folder(tmp_path):
    """What the tutorial has its reader write."""
    for block in blocks(ROOT / "docs" / "tutorial.md"):
        if block.title == "event.json":
            (tmp_path / block.title).write_text(block.source, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("arguments", COMMANDS)
def test_commands(arguments, command_line, deployed, values, named_stack, folder):
    """They are taken as they stand, and answered by what is deployed."""
    words = [Template(word).substitute(values) for word in arguments if word not in OF_SECOND_VERSION]
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "AWS_ENDPOINT_URL": deployed.aws.emulator.url,
        **ENVIRONMENT_OF_CLIENTS,
    }
    before = set(folder.iterdir())
    done = subprocess.run([command_line, *words], cwd=folder, env=environment, capture_output=True, text=True)
    refused = REFUSED.get(arguments[1])
    if refused is not None:
        assert done.returncode
        assert refused in done.stderr
        return
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    written = set(folder.iterdir()) - before
    assert written == ({folder / arguments[-1]} if arguments[1] == "invoke" else set())
