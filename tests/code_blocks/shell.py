"""Commands of a shell: those of this package are run, all others are held to what is known of them."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from cdk_lmi.cli import COMMANDS, main
from cdk_lmi.terminal import CLEAN, FINDINGS

from . import aws
from .command import ASSEMBLY, Command, FailedError, WrongError, known, known_options, read
from .pages import ROOT, Block

if TYPE_CHECKING:
    from .story import Story

#: What a clipboard holds when somebody looks for help.
CLIPBOARD = "FunctionError.InitResourceExhausted"

CDK_COMMANDS = {"bootstrap", "deploy", "destroy", "diff", "import", "ls", "synth"}
CDK_OPTIONS = {
    "-a",
    "--app",
    "-c",
    "--context",
    "--all",
    "--json",
    "--no-rollback",
    "--profile",
    "--quiet",
    "--require-approval",
    "--strict",
}

# What stands for anything, as in ``--stack-name <stack>``.
_PLACEHOLDER = re.compile(r"<[^<>]+>")

Runner = Callable[["Story", Command, str], str]


def play(story: Story, block: Block, line: int) -> str | None:
    """Play the commands of a block. What they told together may be shown behind it."""
    return _reads_what_is_old(block.source) or _play(story, block.source, RUNNERS)


def check(story: Story, source: str) -> str | None:
    """Check commands and run none."""
    return _play(story, source, {**RUNNERS, **dict.fromkeys(("cdk", "cdk-lmi", "npx", "pytest"), _nothing)})


def mention(story: Story, source: str) -> str | None:
    """Check a command in a sentence, and run nothing. It may be named without all that it is given."""
    return _play(
        story,
        _PLACEHOLDER.sub("anything", source),
        {**RUNNERS, "aws": aws.mention, "cdk-lmi": _mention_of_cdk_lmi},
    )


def _play(story: Story, source: str, runners: Mapping[str, Runner]) -> str | None:
    output, told, failed = "", "", False
    try:
        commands = [*read(source)]
    except WrongError as wrong:
        return str(wrong)
    for command in commands:
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


def _reads_what_is_old(source: str) -> str | None:
    """A line runs although the one before it failed: on what an earlier synthesis has written."""
    lines = source.replace("\\\n", " ").splitlines()
    synthesis = next(
        (place for place, line in enumerate(lines) if re.search(r"\bcdk(@\S+)? synth\b", line)), len(lines)
    )
    for line in lines[synthesis + 1 :]:
        if ASSEMBLY in line:
            return f"join it to the synthesis with `&&`: if that fails, this reads an older {ASSEMBLY}: {line}"
    return None


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


def _mention_of_cdk_lmi(story: Story, command: Command, given: str) -> str:
    """Hold it to its help."""
    subcommand, *words = command.arguments
    known(subcommand, {each.name for each in COMMANDS})
    known_options(words, set(re.findall(r"(?<!\S)-[\w-]+", _cdk_lmi(story, Command("", [subcommand, "--help"]), ""))))
    return ""


@contextlib.contextmanager
def _standard_input(text: str) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = before


def _cdk(story: Story, command: Command, given: str) -> str:
    """Give what the page has synthesised; nothing here has an account to deploy to."""
    if command.arguments == ["--version"]:
        return ""
    subcommand, *others = command.arguments
    known(subcommand, CDK_COMMANDS)
    known_options(others, CDK_OPTIONS)
    if story.has_app and subcommand == "synth":
        story.synthesize()
    return ""


def _npx(story: Story, command: Command, given: str) -> str:
    package, *others = command.arguments
    known(package.partition("@")[0], {"aws-cdk"})
    return _cdk(story, command._replace(arguments=others), given)


def _pip(story: Story, command: Command, given: str) -> str:
    subcommand, *others = command.arguments
    known(subcommand, {"install"})
    arguments = iter(others)
    for argument in arguments:
        if argument in ("-r", "--requirement", "-e", "--editable"):
            _exists(story, next(arguments))
        elif not argument.startswith("-"):
            _known_requirement(argument)
        else:
            known(argument, {"-U", "--upgrade", "-q", "--quiet"})
    return ""


def _python(story: Story, command: Command, given: str) -> str:
    match command.arguments:
        case ["-m", "venv", _]:
            return ""
        case ["-m", "pip", *others]:
            return _pip(story, command._replace(arguments=others), given)
        case [script] if Path(script).is_file():
            return story.run_file(Path(script))
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
            known(argument, targets)
        elif variable == "ARGS":
            for file in re.findall(r"[\w/]+\.py\b", value):
                _exists(story, file)
    return ""


def _pre_commit(story: Story, command: Command, given: str) -> str:
    """Run it in a repository of its own: it writes below .git."""
    Path("repository").mkdir()
    shutil.copy(ROOT / ".pre-commit-config.yaml", "repository")
    program = str(Path(sys.executable).with_name("pre-commit"))
    for arguments in (["git", "init", "--quiet"], [program, *command.arguments]):
        done = subprocess.run(arguments, cwd="repository", capture_output=True, text=True, check=False)
        if done.returncode:
            raise WrongError(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return ""


def _curl(story: Story, command: Command, given: str) -> str:
    known_options(command.arguments, {"--aws-sigv4", "--header", "--user"})
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
    "aws": aws.run,
    "cd": _cd,
    "cdk": _cdk,
    "cdk-lmi": _cdk_lmi,
    "curl": _curl,
    "make": _make,
    "mkdir": _mkdir,
    "npx": _npx,
    "pbpaste": _pbpaste,
    "pip": _pip,
    "pre-commit": _pre_commit,
    "pytest": _pytest,
    "python": _python,
    "python3": _python,
    "source": _source,
}


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
    known(name, {"cdk-lmi", *project_requirements()})
    if name == "cdk-lmi":
        for extra in requirement.extras:
            known(extra, extras)


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
