"""Publib, which uploads a release, and the Python packages that it takes for that: both pinned, in ``release/publib``.

Run by itself, it pins them anew: publib at its newest, with all it requires, and what publib then has pip install.

    make release-pin
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

NAME = "publib"
PINS = Path(__file__).with_name(NAME)
PACKAGES = ("package.json", "package-lock.json")
CONSTRAINTS = PINS / "constraints.txt"
TOOLS = Path(sys.executable).parent
# Of what is pinned, some is for no older one. The release has the newest.
OLDEST_PYTHON = (3, 11)
NPM = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
# What npm, pip and twine may take together is a matter of minutes; a command that hangs is not.
PATIENCE = 600.0
_HEADER = "# All that publib's upload to PyPI may install, attestations included. Pinned anew by: make release-pin\n"


class Failed(Exception):
    """A command that went wrong, with what it printed."""


class Uploader:
    """Publib as the release workflow runs it, in a folder of its own."""

    def __init__(self, home: Path, *, constraints: Path = CONSTRAINTS) -> None:
        """Install publib, and make an environment for what it installs with pip's ``--user``.

        Args:
            home: A folder that is not there yet.
            constraints: Which versions pip is to choose.

        Raises:
            Failed: If npm cannot install what is pinned.
        """
        home.mkdir()
        for name in PACKAGES:
            shutil.copy(PINS / name, home)
        run([TOOLS / "npm", "ci", *NPM], cwd=home)
        venv.create(home / "venv", with_pip=True, symlinks=True, system_site_packages=True)
        self._command = home / "node_modules" / ".bin" / "publib-pypi"
        self._environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(home / "venv" / "bin"), str(TOOLS), os.environ.get("PATH", os.defpath)]),
            "PYTHONUSERBASE": str(home / "user"),
            "PIP_CONSTRAINT": str(constraints),
        }
        self._environment.pop("PYPI_TRUSTED_PUBLISHER", None)

    def upload(self, directory: Path, settings: Mapping[str, str], *, expected: int = 0) -> None:
        """Upload all that is in a folder.

        Args:
            directory: The folder.
            settings: What publib reads from its environment.
            expected: What it exits with.

        Raises:
            Failed: If it exits with anything else.
        """
        run([self._command, directory.resolve()], env={**self._environment, **settings}, expected=expected)

    def installed(self) -> list[str]:
        """Give what it has had installed, as requirements."""
        return run(["python3", "-m", "pip", "freeze", "--user"], env=self._environment).splitlines()


def run(
    command: Sequence[object], *, expected: int = 0, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> str:
    """Run a command and give what it printed.

    Raises:
        Failed: If it exits with anything but what is expected.
    """
    words = list(map(str, command))
    # Where to look for the command is said by the environment that it is to have.
    found = shutil.which(words[0], path=env.get("PATH") if env else None) or words[0]
    done = subprocess.run(
        [found, *words[1:]],
        env=env,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode != expected:
        raise Failed(f"{' '.join(words)}\nexited with {done.returncode} instead of {expected}:\n{done.stdout}")
    return done.stdout


def pin() -> None:
    """Write the newest publib into ``release/publib``, and the newest of what it then installs.

    Raises:
        Failed: If npm, pip or publib went wrong.
    """
    # Without addresses, it is installed from wherever npm is set to look.
    only_lock = ["--package-lock-only", "--omit-lockfile-registry-resolved", "--save-exact"]
    run([TOOLS / "npm", "install", *only_lock, *NPM, f"{NAME}@latest"], cwd=PINS)
    with tempfile.TemporaryDirectory(prefix="release-pin-") as scratch:
        uploader = Uploader(Path(scratch, NAME), constraints=Path(os.devnull))
        # It installs first, all of it, and then has nobody to ask for a token.
        wheels = Path(scratch, "wheels")
        wheels.mkdir()
        (wheels / "none.whl").touch()
        uploader.upload(wheels, {"PYPI_TRUSTED_PUBLISHER": "true", "PIP_IGNORE_INSTALLED": "true"}, expected=1)
        CONSTRAINTS.write_text(_HEADER + "".join(f"{line}\n" for line in uploader.installed()), encoding="utf-8")


def too_old() -> str | None:
    """Say so if this Python cannot install what is pinned."""
    if sys.version_info >= OLDEST_PYTHON:
        return None
    oldest = ".".join(map(str, OLDEST_PYTHON))
    return f"What uploads a release needs Python {oldest} or newer: make setup PYTHON=python3.14"


def pin_as_command(pin: Callable[[], None], into: Path, then: str = "") -> None:
    """Pin as a command does, which ends with what is wrong.

    Args:
        pin: Writes the pins.
        into: Where it writes them.
        then: What to do next.
    """
    if told := too_old():
        sys.exit(told)
    try:
        pin()
    except (Failed, subprocess.TimeoutExpired) as failure:
        sys.exit(str(failure))
    print(f"Pinned in {os.path.relpath(into)}{then}.")


if __name__ == "__main__":
    pin_as_command(pin, PINS, ": look at the difference, and then: make release-rehearsal")
