"""That every block of the documentation is true: code runs, commands do what is shown, templates are what they seem.

A page is a story. Its blocks run in order, in one namespace, in a folder of its own; what a block of ``text`` shows is
what the block before it told. No block can be skipped, and one that no rule covers fails. Commands within sentences are
held to what there is. See tests/code_blocks.
"""

import json
import sys

import pytest
from sybil.example import SybilFailure

from cdk_lmi.rules.catalogue import RULES

from .code_blocks import shell
from .code_blocks.command import read as commands
from .code_blocks.pages import GENERATED, ROOT, blocks, mentions, pages, read
from .code_blocks.story import Story


def play(page, folder):
    """Play a page; give what is wrong with it as a whole. A block that is wrong raises."""
    with pytest.MonkeyPatch.context() as patch:
        story = Story(page, folder, patch)
        for example in read(page, story.play).examples():
            example.evaluate()
        return story.finish()


@pytest.fixture
def wrong(tmp_path):
    """Give what is wrong with a page of this text."""

    def told(text):
        page, folder = tmp_path / "page.md", tmp_path / "folder"
        page.write_text(text, encoding="utf-8")
        folder.mkdir()
        try:
            return play(page, folder) or ""
        except SybilFailure as failure:
            return str(failure)

    return told


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page, tmp_path):
    """Every block of it holds, and the app that it ends with can be deployed."""
    assert play(page, tmp_path) is None


@pytest.mark.parametrize("page", [*pages(), GENERATED], ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_sentences(page, tmp_path):
    """They are not run, but there are such subcommands, options and targets."""
    with pytest.MonkeyPatch.context() as patch:
        story = Story(page, tmp_path, patch)
        told = [shell.mention(story, command) for command in mentions(page.read_text(encoding="utf-8"))]
    assert [each for each in told if each is not None] == []


@pytest.mark.parametrize(
    "command",
    [
        "aws lambda frobnicate",
        "aws nothing get-function",
        "aws configure frobnicate",
        "aws lambda get-function --function <name>",
        "aws lambda get-function --function-name <name> --query Nothing",
        "cdk frobnicate",
        "npx aws-cdk deploy --frobnicate",
        "cdk-lmi frobnicate",
        "cdk-lmi check cdk.out --frobnicate",
        "cdk synth && cdk-lmi check --sarif",
        "make frobnicate",
        "pip install frobnicate",
    ],
)
def test_wrong_commands_in_sentences(command, tmp_path):
    """What there is not is told."""
    text = f"Run `{command}`.\n\n```sh\nmake nothing\n```\n"
    assert mentions(text) == [command]
    with pytest.MonkeyPatch.context() as patch:
        assert shell.mention(Story(tmp_path / "page.md", tmp_path, patch), command)


def test_the_generated_page_has_no_other_blocks():
    """One for each rule, which the tests of the generated pages hold."""
    assert [block.language for block in blocks(GENERATED)] == ["diff"] * len(RULES)


def test_pages_are_where_they_are_looked_for():
    """All of docs/ but the generated page, and the pages for whoever looks at the repository."""
    names = {str(page.relative_to(ROOT)) for page in pages()}
    assert {"README.md", "examples/orders_api/README.md", "docs/limits.md", "docs/guides/sizing.md"} <= names
    assert len(names) == len(pages())


def test_every_command_is_shown_somewhere():
    """Each of the subcommands of ``cdk-lmi``, so that each is played."""
    shown = {
        command.arguments[0]
        for page in pages()
        for block in blocks(page)
        if block.language == "sh"
        for command in commands(block.source)
        if command.program == "cdk-lmi"
    }
    assert {"check", "diagram", "explain", "fit", "rules", "size"} <= shown


def fenced(language, *lines):
    """Write a block."""
    return "\n".join([f"```{language}", *lines, "```", ""])


APP = """import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
stack = cdk.Stack(cdk.App(), "Shop")
function = lambda_.CfnFunction(
    stack, "Orders", role="arn:aws:iam::123456789012:role/orders", code={"zipFile": "..."}, memory_size=1024,
    runtime="python3.14", handler="index.handler", publish_to_latest_published=False,
    capacity_provider_config={"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn":
        "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"}})
"""
SYNTHESIS = "stack.node.root.synth()"
WRONG_TEMPLATE = json.dumps(
    {
        "Resources": {
            "Orders": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "MemorySize": 1024,
                    "CapacityProviderConfig": {
                        "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": "arn"}
                    },
                },
            }
        }
    }
)


#: One that writes where the app of its page does.
TRIAL = "trial = cdk.App(); cdk.Stack(trial, 'Trial'); trial.synth()"
IN_ACCOUNT = """import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
app = cdk.App()
ec2.Vpc(cdk.Stack(app, "Shop", env=cdk.Environment(account="123456789012", region="eu-west-1")), "Vpc")
app.synth()
"""
SHOWN = fenced("text", "ZeroDivisionError: division by zero")
SAM_WITHOUT_CODE = ("Transform: AWS::Serverless-2016-10-31", "Resources: {A: {Type: AWS::Serverless::Function}}")
#: Pages with one thing wrong, and what is told of it.
WRONG = [
    (fenced("ruby", "puts 1"), "no rule covers"),
    (fenced("", "anything"), "no rule covers"),
    (f"1. In a list:\n\n   {fenced('ruby', '   puts 1')}", "no rule covers"),
    ("~~~ruby\nputs 1\n~~~\n", "no rule covers"),
    ("```ruby\nputs 1\n", "no rule covers"),
    (fenced("python", "1 / 0"), "ZeroDivisionError"),
    ("<!-- invisible-code-block: python\n1 / 0\n-->\n", "ZeroDivisionError"),
    (fenced("python", "1 / 0") + fenced("python", "pass"), "ZeroDivisionError"),
    (fenced("python", "print(1)") + fenced("text", "2"), "Differences"),
    (fenced("python", "print(1)") + fenced("text", "..."), "nothing that could differ"),
    (fenced("text", "1"), "the output of nothing"),
    (fenced("python", "pass", "x = ="), "SyntaxError"),
    (fenced('python title="index.py"', "import nothing_of_that_name"), "nothing_of_that_name"),
    (fenced("python", APP, SYNTHESIS), "LMI101"),
    (fenced("python", APP.replace("cdk.App()", "app := cdk.App()"), SYNTHESIS, "cdk.App()"), "LMI101"),
    (fenced("sh", "npx aws-cdk synth", "cdk-lmi check cdk.out"), "join it to the synthesis"),
    (fenced("python", APP) + fenced("sh", "cdk synth"), "cdk synth: the code of the page has synthesised nothing"),
    (fenced("python", APP), "the code of the page has synthesised nothing"),
    (fenced("python", APP, SYNTHESIS, "cdk.Stack(stack.node.root, 'Later')"), "is not what the page's app holds"),
    (fenced("python", APP, SYNTHESIS, "function.timeout = 9", SYNTHESIS), "is not what the page's app holds"),
    (fenced("python", APP, SYNTHESIS, "app = stack.node.root", TRIAL), "is not what the page's app holds"),
    (fenced('python title="app.py"', APP) + fenced("sh", "cdk synth"), "the code of the page has synthesised nothing"),
    (fenced("python", IN_ACCOUNT) + fenced("sh", "cdk synth"), "cdk synth: the CDK command line would ask an account"),
    (fenced("python", "named = 1", "1 / 0") + SHOWN + fenced("python", "named"), "'named' is not defined"),
    (fenced('json title="template.json"', WRONG_TEMPLATE) + fenced("sh", "cdk-lmi check template.json"), "LMI101"),
    (fenced("sh", "cdk-lmi check nothing.json"), "exit code 2"),
    (fenced("sh", "cdk-lmi check --nothing"), "exit code 2"),
    (fenced("sh", "frobnicate"), "nothing is known of 'frobnicate'"),
    (fenced("sh", "true && frobnicate"), "nothing is known of 'true'"),
    (fenced("sh", "make test # in a minute"), "zsh would not take this for a comment: make test # in a minute"),
    (fenced("sh", "# All tests.", "make test"), "zsh would not take this for a comment: # All tests."),
    (fenced("sh", 'pip install "cdk-lmi[nothing]"'), "'nothing' is none of"),
    (fenced("sh", "pip install nothing-that-we-use"), "'nothing-that-we-use' is none of"),
    (fenced("sh", "pip install -r nothing.txt"), "there is no nothing.txt"),
    (fenced("sh", "make nothing"), "'nothing' is none of"),
    (fenced("sh", 'make test ARGS="tests/nothing.py"'), "there is no tests/nothing.py"),
    (fenced("sh", "cdk frobnicate"), "'frobnicate' is none of"),
    (fenced("sh", "npx nothing deploy"), "'nothing' is none of"),
    (fenced("sh", "aws lambda frobnicate"), "'frobnicate' is none of"),
    (fenced("sh", "aws lambda get-function --function-name a --nothing"), "'--nothing' is none of"),
    (fenced("sh", "aws lambda get-function --function-name a --query Configuration.Nothing"), "is not in an answer"),
    (fenced("sh", "aws lambda get-function --function-name a --query [Nothing,Code]"), "is not in an answer"),
    (fenced("sh", "aws lambda get-function --function-name a b"), "belong behind the options"),
    (fenced("sh", "aws lambda invoke --function-name a"), "belong behind the options"),
    (fenced("sh", "aws lambda invoke --function-name a --payload file://nothing b"), "No such file"),
    (fenced("sh", "aws ec2 describe-vpcs --filters Name=a,Value=b"), "'Value' is none of"),
    (fenced("sh", "aws ec2 describe-vpcs --output nothing"), "'nothing' is none of"),
    (fenced("sh", "pre-commit nothing"), "exit code 2"),
    (fenced("sh", "aws lambda get-function"), "Missing required parameter"),
    (fenced("sh", "cd nothing"), "there is no such folder"),
    (fenced("sh", "python nothing.py"), "there is no nothing.py"),
    (fenced('python title="test_it.py"', "def test_it():", "    assert 0") + fenced("sh", "pytest"), "assert 0"),
    (fenced("json", "{"), "JSONDecodeError"),
    (fenced("yaml", "a: ["), "ParserError"),
    (fenced("yaml", "steps:", "  - run: pip install nothing"), "'nothing' is none of"),
    (fenced("yaml", *SAM_WITHOUT_CODE), "Only one of"),
    (fenced("hcl", 'resource "a" {'), "Unexpected token"),
    (fenced("diff", "anything"), "no line of a difference"),
]


@pytest.mark.parametrize(("page", "expected"), WRONG, ids=[expected for _, expected in WRONG])
def test_what_is_wrong_is_told(wrong, page, expected):
    """Whatever can be wrong with a block, and that nothing escapes by its language or its place."""
    try:
        told = wrong(page)
    except ModuleNotFoundError as error:  # of a file, when the page is over
        told = f"{type(error).__name__}: {error}"
    assert expected in told


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the last Sybil for Python 3.10 does not look into quotes")
def test_quotes_are_looked_into(wrong):
    """A block in one is a block."""
    assert "no rule covers" in wrong("> ```ruby\n> puts 1\n> ```\n")


def test_mermaid_reads_all_charts(read_by_mermaid):
    """As it does on the pages."""
    charts = [block.source for page in pages() for block in blocks(page) if block.language == "mermaid"]
    assert charts
    assert [answer.get("error") for answer in read_by_mermaid(*charts)] == [None] * len(charts)
