"""What a page tells, played block by block."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import runpy
import shutil
import traceback
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from sybil import Example

from cdk_lmi.cli import main
from cdk_lmi.terminal import CLEAN

from .command import ASSEMBLY, FailedError, WrongError
from .languages import LANGUAGES
from .pages import Block

MANIFEST = "manifest.json"
#: What the CDK command line runs.
APP = "app.py"


class Told(NamedTuple):
    """What a block told, for a block of text behind it to show."""

    output: str
    #: Why it may not go unseen.
    unless_shown: str | None = None


class Story:
    """The blocks of a page, in order, in one namespace, in a folder of its own.

    Args:
        page: Its folder is where commands look for files of the repository.
        folder: Where everything is written. It must be the working directory.
        patch: Undone when the page is over.
    """

    def __init__(self, page: Path, folder: Path, patch: pytest.MonkeyPatch) -> None:
        #: Where in the repository a reader stands.
        self.tree = page.parent
        #: What CloudFormation would have made of the last SAM application.
        self.processed: dict[str, Any] | None = None
        self._namespace: dict[str, Any] = {"__name__": "__main__"}
        self._told: Told | None = None
        # The apps that were made and name no folder to write into, the newest last.
        self._apps: list[cdk.App] = []
        # Where they all write, whichever wrote last: below the CDK command line, that is one folder.
        self._written = folder.with_name(f"{folder.name}.written")
        self._modules: list[Path] = []
        patch.chdir(folder)
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        self._have_node_work_here(patch)

    def play(self, example: Example) -> str | None:
        """Play a block; give what is wrong with it."""
        block: Block = example.parsed
        told, self._told = self._told, None
        if block.language == "text" and block.title is None:
            return _compare(block.source, told)
        if told is not None and told.unless_shown:
            return told.unless_shown
        rule = LANGUAGES.get(block.language)
        if rule is None:
            return f"no rule covers blocks of the language {block.language!r}: see tests/code_blocks/languages.py"
        if block.title is not None:
            self._write(Path(block.title), block.source)
        try:
            return rule(self, block, example.line)
        except Exception:  # of whatever reads the language
            return traceback.format_exc()

    def finish(self) -> str | None:
        """See that nothing is left open; give what is wrong with the page as a whole."""
        if self._told is not None and self._told.unless_shown:
            return self._told.unless_shown
        for module in self._modules:
            runpy.run_path(str(module))
        try:
            if self.has_app:
                self.synthesize()
        except (FailedError, WrongError) as wrong:
            return str(wrong)
        return self._judge() if Path(ASSEMBLY).is_dir() else None

    def run(self, source: str, line: int, path: str) -> str | None:
        """Run Python. A reader leaves out what fails, so nothing that it named is there for the blocks behind it."""
        output, unless_shown, names = io.StringIO(), None, dict(self._namespace)
        with contextlib.redirect_stdout(output):
            try:
                exec(compile("\n" * line + source, path, "exec"), self._namespace)
            except Exception as error:
                output.write("".join(traceback.format_exception_only(error)))
                self._namespace.clear()
                self._namespace.update(names)
                unless_shown = f"no text behind the block shows its error:\n{traceback.format_exc()}"
        self._told = Told(output.getvalue(), unless_shown)
        return None

    def tell(self, output: str, *, failed: bool) -> None:
        """Keep what a command told."""
        self._told = Told(output, f"no text shows why the command failed:\n{output}" if failed else None)

    @property
    def has_app(self) -> bool:
        """Whether there is something to synthesise."""
        return bool(self._apps) or Path(APP).exists()

    def synthesize(self) -> None:
        """Give what the page's own code has synthesised to the commands that follow, as the CDK command line does.

        Raises:
            FailedError: A plugin refused it.
            WrongError: It synthesised nothing, or not all that its app holds, or takes an account to synthesise.
        """
        if Path(APP).exists():
            self._run_app()
        shutil.rmtree(ASSEMBLY, ignore_errors=True)
        if (self._written / MANIFEST).exists():
            shutil.copytree(self._written, ASSEMBLY)
        if (report := _refused(Path(ASSEMBLY))) is not None:
            raise FailedError(report)
        self._see_that_all_is_there()

    def run_file(self, file: Path) -> str:
        """Run a file that the page has written; give what it prints."""
        self._modules = [module for module in self._modules if module != file]
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            runpy.run_path(str(file), run_name="__main__")
        return output.getvalue()

    def _run_app(self) -> None:
        """Run the file, as the CDK command line does; what a plugin refuses, the report says."""
        self._apps.clear()
        shutil.rmtree(self._written, ignore_errors=True)
        try:
            self.run_file(Path(APP))
        except RuntimeError as error:
            if not str(error).startswith("ValidationFailed"):
                raise

    def _see_that_all_is_there(self) -> None:
        """Compare what commands find with what the page's app comes to when all is said."""
        if not Path(ASSEMBLY).exists():
            raise WrongError("the code of the page has synthesised nothing: its app ends without `app.synth()`")
        missing = json.loads(Path(ASSEMBLY, MANIFEST).read_text(encoding="utf-8")).get("missing", [])
        if missing:
            raise WrongError(f"the CDK command line would ask an account: {missing[0]['key']}")
        found = _stacks(Path(ASSEMBLY))
        self._app.synth(force=True)
        if found != _stacks(self._written):
            raise WrongError("what was synthesised last is not what the page's app holds: end with `app.synth()`")

    @property
    def _app(self) -> cdk.App:
        """The app that the page is about: the one that it calls so, or else the newest."""
        named = self._namespace.get("app")
        return named if isinstance(named, cdk.App) else self._apps[-1]

    def _write(self, file: Path, source: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
        # Tests are run by pytest.
        if file.suffix == ".py" and not file.name.startswith("test_") and file not in self._modules:
            self._modules.append(file)

    def _judge(self) -> str | None:
        """Whoever copies a page has an app that deploys, but for what its page acknowledges."""
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = main(["check", ASSEMBLY])
        return f"the page ends with an app that is wrong:\n{output.getvalue()}" if code != CLEAN else None

    def _have_node_work_here(self, patch: pytest.MonkeyPatch) -> None:
        """Have what paths say start here: Node is where it was started, whatever the working directory is."""
        make, asset = cdk.App.__init__, lambda_.Code.from_asset

        def make_here(app: cdk.App, **options: Any) -> None:
            make(app, **{"outdir": str(self._written), **options})
            if "outdir" not in options:
                self._apps.append(app)

        def asset_here(path: str, **options: Any) -> lambda_.AssetCode:
            return asset(str(Path(path).absolute()), **options)

        patch.setattr(cdk.App, "__init__", make_here)
        patch.setattr(lambda_.Code, "from_asset", asset_here)


def _stacks(assembly: Path) -> dict[str, Any]:
    """Give the stacks that an assembly names, with their templates."""
    artifacts = json.loads((assembly / MANIFEST).read_text(encoding="utf-8"))["artifacts"]
    files = {
        name: artifact["properties"]["templateFile"]
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    return {name: json.loads((assembly / file).read_text(encoding="utf-8")) for name, file in files.items()}


def _refused(assembly: Path) -> str | None:
    """Give what the CDK command line prints, read 2.1148.1, when a plugin reports errors."""
    report = assembly / "validation-report.json"
    plugins = json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.exists() else []
    lines = [
        f"ERROR {violation['description']} ({plugin['pluginName']})\n   {construct['constructPath']}\n"
        for plugin in plugins
        for violation in plugin["violations"]
        if violation["severity"] == "error"
        for construct in violation["violatingConstructs"]
    ]
    return "".join([*lines, "Synthesis finished with errors\n"]) if lines else None


def _compare(shown: str, told: Told | None) -> str | None:
    if told is None:
        return "it shows the output of nothing: only what the block right before it told can be shown"
    if not shown.replace("...", "").strip():
        return "it shows nothing that could differ"
    want, got = shown.rstrip() + "\n", told.output.strip("\n").rstrip() + "\n"
    checker = doctest.OutputChecker()
    if checker.check_output(want, got, doctest.ELLIPSIS):
        return None
    return checker.output_difference(doctest.Example("", want), got, doctest.ELLIPSIS | doctest.REPORT_NDIFF)
