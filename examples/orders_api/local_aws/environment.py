"""Virtual environments of their own, for tools that pin what others want otherwise."""

from __future__ import annotations

import fcntl
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path

from .unusable import Unusable, run

PROJECT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Environment:
    """An environment with one requirement from PyPI, and what that needs.

    Attributes:
        directory: Where it is.
        requirement: What it is for, with its version.
    """

    directory: Path
    requirement: str

    def program(self, name: str) -> str:
        """Give the path of a program in it."""
        return str(self.directory / "bin" / name)

    def is_installed(self) -> bool:
        """Tell whether it is there, whole, and of the right version."""
        return self._stamp.exists() and self._stamp.read_text() == self.requirement

    def install(self) -> None:
        """Make it unless it is there. Of several processes that want it, one makes it and the others wait.

        Raises:
            Unusable: It could not be made.
        """
        self.directory.parent.mkdir(exist_ok=True)
        with self.directory.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.is_installed():
                return
            try:
                venv.create(self.directory, clear=True, symlinks=True, with_pip=True)
            except (OSError, subprocess.CalledProcessError) as error:
                raise Unusable(
                    f"making {self.directory} failed: {error}; on Debian: apt install python3-venv"
                ) from None
            pip = [self.program("python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
            run(
                f"installing {self.requirement} from PyPI",
                "it is needed once: see that this machine reaches PyPI, or a mirror that pip is told of",
                [*pip, "install", self.requirement],
            )
            self._stamp.write_text(self.requirement)  # last, so that an environment left half made is made anew

    @property
    def _stamp(self) -> Path:
        return self.directory / "installed"


def beside_the_project(name: str, requirement: str) -> Environment:
    """Give one that is kept for the next time, where the project keeps its own."""
    return Environment(PROJECT / ".venv" / name, requirement)
