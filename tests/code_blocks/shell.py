"""Commands of a shell: those of this package are run, all others are held to what is known of them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from cdk_lmi.cli import main
from cdk_lmi.terminal import CLEAN, FINDINGS

from .pages import ROOT, Block

if TYPE_CHECKING:
    from .story import Story

#: What a clipboard holds when somebody looks for help.
CLIPBOARD = "FunctionError.InitResourceExhausted"

CDK_COMMANDS = {"bootstrap", "deploy", "destroy", "diff", "ls", "synth"}
CDK_OPTIONS = {"-a", "--app", "-c", "--context", "--all", "--no-rollback", "--quiet", "--require-approval", "--strict"}
#: What of these is known not to go wrong by its arguments, by program.
SUBCOMMANDS: Mapping[str, set[str]] = {
    "git": {"add", "clone", "commit", "push", "switch", "tag"},
    "pre-commit": {"install", "run"},
    "sam": {"build", "deploy"},
    "terraform": {"apply", "plan"},
}
#: Options of the AWS command line that go with every operation.
AWS_OPTIONS = {"--cli-binary-format", "--no-cli-pager", "--output", "--profile", "--query", "--region"}


class WrongError(Exception):
    """A command that does not do what the page says."""


class Command(NamedTuple):
    """A program with its arguments, and what the shell does for it."""

    program: str
    arguments: list[str]
    #: Whether it reads what the command before it writes.
    piped: bool = False
    #: The file that it writes into.
    into: str | None = None


Runner = Callable[["Story", Command, str], str]


def play(story: Story, block: Block, line: int) -> str | None:
    """Play the commands of a block. What they told together may be shown behind it."""
    return _play(story, block.source, RUNNERS)


def check(story: Story, source: str) -> str | None:
    """Check commands and run none."""
    return _play(story, source, {**RUNNERS, **dict.fromkeys(("cdk", "cdk-lmi", "npx", "pytest"), _nothing)})


def _play(story: Story, source: str, runners: Mapping[str, Runner]) -> str | None:
    output, told, failed = "", "", False
    for command in read(source):
        runner = runners.get(Path(command.program).name)
        if runner is None:
            return f"nothing is known of {command.program!r}: see tests/code_blocks/shell.py"
        try:
            output = runner(story, command, output if command.piped else "")
        except WrongError as wrong:
            return f"{shlex.join([command.program, *command.arguments])}: {wrong}"
        except FailedError as failure:
            output, failed = failure.output, True
        if command.into is not None:
            Path(command.into).write_text(output, encoding="utf-8")
        else:
            told = output if command.piped else told + output
    story.tell(told, failed=failed)
    return None


def read(source: str) -> Iterator[Command]:
    """Read the commands of a block, in order."""
    for line in source.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;>")
        lexer.whitespace_split = True
        words: list[str] = []
        piped = False
        for word in [*lexer, ";"]:
            if word not in ("&&", "|", ";"):
                words.append(word)
                continue
            if words:
                yield _command(words, piped=piped)
            words, piped = [], word == "|"


def _command(words: list[str], *, piped: bool) -> Command:
    into = None
    if ">" in words:
        place = words.index(">")
        into, words = words[place + 1], words[:place] + words[place + 2 :]
    return Command(words[0], words[1:], piped, into)


class FailedError(Exception):
    """A command that ended with what its page says is wrong."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


def _nothing(story: Story, command: Command, given: str) -> str:
    return ""


def _cdk_lmi(story: Story, command: Command, given: str) -> str:
    """Run it, in this process. A load test of a second shows what one of five does."""
    arguments = command.arguments
    if arguments[:1] == ["fit"] and not {"--seconds", "--requests"} & set(arguments):
        arguments = [*arguments, "--requests", "1"]
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors), _standard_input(given):
        try:
            code = main(arguments)
        except SystemExit as left:  # --help and the like
            code = int(left.code or 0)
    if code == CLEAN:
        return output.getvalue()
    if code == FINDINGS:
        raise FailedError(output.getvalue())
    raise WrongError(f"exit code {code}\n{errors.getvalue()}{output.getvalue()}")


@contextlib.contextmanager
def _standard_input(text: str) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = before


def _cdk(story: Story, command: Command, given: str) -> str:
    """Synthesise what the page defines; nothing here has an account to deploy to."""
    subcommand, *others = command.arguments
    _known(subcommand, CDK_COMMANDS)
    _known_options(others, CDK_OPTIONS)
    if story.has_app and subcommand != "bootstrap":
        story.synthesize()
    return ""


def _npx(story: Story, command: Command, given: str) -> str:
    package, *others = command.arguments
    _known(package.partition("@")[0], {"aws-cdk"})
    return _cdk(story, command._replace(arguments=others), given)


def _pip(story: Story, command: Command, given: str) -> str:
    subcommand, *others = command.arguments
    _known(subcommand, {"install"})
    arguments = iter(others)
    for argument in arguments:
        if argument in ("-r", "--requirement", "-e", "--editable"):
            _exists(story, next(arguments))
        elif not argument.startswith("-"):
            _known_requirement(argument)
        else:
            _known(argument, {"-U", "--upgrade", "-q", "--quiet"})
    return ""


def _python(story: Story, command: Command, given: str) -> str:
    match command.arguments:
        case ["-m", "venv", _]:
            return ""
        case ["-m", "pip", *others]:
            return _pip(story, command._replace(arguments=others), given)
        case ["app.py"] if story.has_app:
            story.synthesize()
            return ""
        case [script, *_] if not script.startswith("-"):
            _exists(story, script)
            return ""
    raise WrongError("nothing is known of this use of Python")


def _pytest(story: Story, command: Command, given: str) -> str:
    """Run what the page has written; what is the repository's is run by pytest already."""
    files = [argument.partition("::")[0] for argument in command.arguments if not argument.startswith("-")]
    if not all(Path(file).exists() for file in files):
        for file in files:
            _exists(story, file)
        return ""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *command.arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WrongError(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _make(story: Story, command: Command, given: str) -> str:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for argument in command.arguments:
        variable, is_variable, value = argument.partition("=")
        if not is_variable:
            _known(argument, targets)
        elif variable == "ARGS":
            for file in re.findall(r"[\w/]+\.py\b", value):
                _exists(story, file)
    return ""


def _subcommand(story: Story, command: Command, given: str) -> str:
    subcommand, *others = command.arguments
    program = Path(command.program).name
    _known(subcommand, SUBCOMMANDS[program])
    if (program, subcommand) == ("git", "clone") and len(others) > 1:
        Path(others[-1]).mkdir()
    return ""


def _aws(story: Story, command: Command, given: str) -> str:
    """Hold it to the model of the service, by which the AWS command line is made as well."""
    import botocore.session
    from botocore import xform_name

    service, operation, *others = command.arguments
    session = botocore.session.get_session()
    _known(service, set(session.get_available_services()))
    model = session.get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    _known(operation, set(operations))
    shape = model.operation_model(operations[operation]).input_shape
    members = {f"--{xform_name(name, '-')}" for name in shape.members}
    given_options = _known_options(others, members | AWS_OPTIONS)
    missing = {f"--{xform_name(name, '-')}" for name in shape.required_members} - given_options
    if missing:
        raise WrongError(f"{', '.join(sorted(missing))} must be given")
    if operation == "get-template" and "Processed" in others and story.processed is not None:
        return json.dumps(story.processed)
    return ""


def _curl(story: Story, command: Command, given: str) -> str:
    _known_options(command.arguments, {"--aws-sigv4", "--header", "--user"})
    return ""


def _cd(story: Story, command: Command, given: str) -> str:
    (folder,) = command.arguments
    if (story.tree / folder).is_dir():
        story.tree = story.tree / folder
    elif (ROOT / folder).is_dir():  # as for `make`, which is in the root
        story.tree = ROOT / folder
    elif Path(folder).is_dir():
        os.chdir(folder)
    else:
        raise WrongError("there is no such folder")
    return ""


def _mkdir(story: Story, command: Command, given: str) -> str:
    for folder in command.arguments:
        if not folder.startswith("-"):
            Path(folder).mkdir(parents=True)
    return ""


def _source(story: Story, command: Command, given: str) -> str:
    if command.arguments != [".venv/bin/activate"]:
        raise WrongError("nothing is known of this script")
    return ""


def _pbpaste(story: Story, command: Command, given: str) -> str:
    return CLIPBOARD


RUNNERS: Mapping[str, Runner] = {
    ".": _source,
    "aws": _aws,
    "cd": _cd,
    "cdk": _cdk,
    "cdk-lmi": _cdk_lmi,
    "curl": _curl,
    "make": _make,
    "mkdir": _mkdir,
    "npx": _npx,
    "pbpaste": _pbpaste,
    "pip": _pip,
    "pytest": _pytest,
    "python": _python,
    "python3": _python,
    "source": _source,
    **dict.fromkeys(SUBCOMMANDS, _subcommand),
}


def _known(word: str, words: set[str]) -> None:
    if word not in words:
        raise WrongError(f"{word!r} is none of {', '.join(sorted(words))}")


def _known_options(arguments: Sequence[str], options: set[str]) -> set[str]:
    """Hold the options among the arguments to those that there are, and give them."""
    given = {argument.partition("=")[0] for argument in arguments if argument.startswith("-")}
    for option in given:
        _known(option, options)
    return given


def _exists(story: Story, file: str) -> None:
    if not ((story.tree / file).exists() or Path(file).exists()):
        raise WrongError(f"there is no {file}")


def _known_requirement(text: str) -> None:
    """Hold it to this package, its extras and what it is made and tested with."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise WrongError(str(error)) from None
    name, extras = canonicalize_name(requirement.name), project_extras()
    _known(name, {"cdk-lmi", *project_requirements()})
    if name == "cdk-lmi":
        for extra in requirement.extras:
            _known(extra, extras)


@cache
def project_extras() -> set[str]:
    """Give the extras of this package, as it is installed."""
    from importlib.metadata import metadata

    return set(metadata("cdk-lmi").get_all("Provides-Extra") or [])


@cache
def project_requirements() -> set[str]:
    """Give the names of all that pyproject.toml asks for."""
    written = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return {
        canonicalize_name(name)
        for name in re.findall(r'^\s+"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?[<>=]=', written, re.MULTILINE)
    }
