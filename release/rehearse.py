"""Rehearse a release: upload what was built to an index on this machine, and install it from there.

Everything is real but the index: the files, publib (npm) and the twine that it installs, pip, the command.
What the package depends on comes from where pip is set to look.

    make release-rehearsal
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from changelog import Project
from publib import TOOLS, Failed, Uploader, run, too_old

NAME = "cdk-lmi"
HOST = "127.0.0.1"
# How long the index may take to answer, in seconds.
STARTING = 30.0


@dataclass(frozen=True)
class Distributions:
    """What a release consists of."""

    wheel: Path
    sdist: Path
    version: str

    @classmethod
    def find(cls, directory: Path, version: str) -> Distributions:
        """Find the files in a folder that has nothing else: publib uploads all that it finds.

        Args:
            directory: The folder.
            version: The version that they must have.

        Raises:
            Failed: If they are not there, or not alone.
        """
        stem = f"{NAME.replace('-', '_')}-{version}"
        wheel, sdist = directory / f"{stem}-py3-none-any.whl", directory / f"{stem}.tar.gz"
        found = sorted(directory.iterdir()) if directory.is_dir() else []
        if found != sorted([wheel, sdist]):
            there = ", ".join(path.name for path in found) or "nothing"
            raise Failed(f"{directory} must have {wheel.name} and {sdist.name}, and has {there}.")
        return cls(wheel, sdist, version)


def rehearse(distributions: Distributions, scratch: Path) -> None:
    """Check, upload, download, install and run.

    Args:
        distributions: What is to be released.
        scratch: An empty folder.

    Raises:
        Failed: If anything is not as it must be.
    """
    _say("Checking the metadata")
    run([TOOLS / "twine", "check", "--strict", distributions.wheel, distributions.sdist])
    with _index(scratch / "index") as index:
        _say(f"Uploading with publib to {index}")
        # The index takes anybody; publib wants to be given something.
        settings = {"TWINE_REPOSITORY_URL": f"{index}/", "TWINE_USERNAME": "rehearsal", "TWINE_PASSWORD": "rehearsal"}
        Uploader(scratch / "publib").upload(distributions.wheel.parent, settings)
        _say("Installing from there")
        _compare_sdist(distributions.sdist, index)
        tools = _install(distributions, index, scratch / "venv")
    _say("Running what was installed")
    _try_out(tools, distributions.version, scratch)


def _compare_sdist(sdist: Path, index: str) -> None:
    with urllib.request.urlopen(f"{index}/packages/{sdist.name}", timeout=STARTING) as answer:
        if hashlib.sha256(answer.read()).hexdigest() != _hash(sdist):
            raise Failed(f"{sdist.name} came back as another file.")


def _install(distributions: Distributions, index: str, home: Path) -> Path:
    """Install the wheel from the index and nowhere else, held to its hash; then what it depends on, as pip is set."""
    venv.create(home, with_pip=True, symlinks=True)
    python = home / "bin" / "python"
    wanted = home / "wanted.txt"
    wanted.write_text(f"{NAME}=={distributions.version} --hash=sha256:{_hash(distributions.wheel)}\n")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    nowhere_else = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    nowhere_else["PIP_CONFIG_FILE"] = os.devnull
    source = ["--index-url", f"{index}/simple/", "--no-cache-dir"]
    run([*pip, *source, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", wanted], env=nowhere_else)
    # Already there, so that pip only looks for what it asks for.
    run([*pip, f"{NAME}=={distributions.version}"])
    return home / "bin"


def _try_out(tools: Path, version: str, directory: Path) -> None:
    """Run the installed command on two of the templates that come with it."""
    environment = {"PATH": os.defpath, "HOME": str(directory)}
    said = run([tools / NAME, "--version"], env=environment, cwd=directory)
    if said.split() != [NAME, version]:
        raise Failed(f"{NAME} --version must say {version}, and says {said.strip()}.")
    find = "import cdk_lmi.rules, os; print(os.path.dirname(cdk_lmi.rules.__file__))"
    examples = Path(run([tools / "python", "-c", find], env=environment, cwd=directory).strip(), "examples")
    run([tools / NAME, "check", examples / "lmi104.good.json"], env=environment, cwd=directory)
    run([tools / NAME, "check", examples / "lmi104.bad.json"], env=environment, cwd=directory, expected=1)


@contextlib.contextmanager
def _index(directory: Path) -> Iterator[str]:
    """Run an index on a free port of this machine, and give its address."""
    directory.mkdir()
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    address = f"http://{HOST}:{port}"
    open_to_all = ["-P", ".", "-a", "."]
    command = [TOOLS / "pypi-server", "run", "-i", HOST, "-p", str(port), "--disable-fallback", *open_to_all, directory]
    log = directory.with_suffix(".log")
    with log.open("wb") as output:
        server = subprocess.Popen(list(map(str, command)), stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTING
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{address}/simple/", timeout=1).close()
            return
        time.sleep(0.1)
    raise Failed(f"The index did not start:\n{log.read_text(errors='replace')}")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _say(text: str) -> None:
    print(f"{text} …", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What was typed; by default, this process's.

    Returns:
        0, 1 if the release would fail, 2 if a tool or a newer Python is missing, 130 if interrupted.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="where wheel and sdist are, and nothing else")
    options = parser.parse_args(arguments)
    if told := too_old():
        print(told, file=sys.stderr)
        return 2
    missing = [tool for tool in ("npm", "pypi-server", "twine") if not (TOOLS / tool).exists()]
    if missing or not shutil.which("bash"):
        print(f"Not found: {', '.join(missing or ['bash'])}. Run: make setup", file=sys.stderr)
        return 2
    # What ends this process ends the index too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        distributions = Distributions.find(options.directory, Project().version)
        with tempfile.TemporaryDirectory(prefix="release-rehearsal-") as scratch:
            rehearse(distributions, Path(scratch))
    except (Failed, subprocess.TimeoutExpired) as failure:
        print(f"The release would fail. {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    print(f"{NAME} {distributions.version} uploads, comes back as it was, installs and runs.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
