"""The asset of the functions: the service and the packages that it needs, as wheels of their own architecture.

This is a step of its own and not CDK's ``BundlingOptions``: these want a Docker image even where none is used, and what
goes wrong in a callback of theirs comes back as an error of Node's. Here pip runs in Python, before anything crosses to
Node, and only if CDK is going to use what comes of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from aws_cdk import Annotations, AssetHashType, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

SERVICE = Path(__file__).parent / "service"
#: What was bundled stays here, by its hash: below what Git and `make clean` know as output.
BUNDLES = Path(__file__).parent / "cdk.out" / "bundles"
REQUIREMENTS = "requirements.txt"
#: What is of no use to a function: bytecode that was not made for it, and tests.
NEEDLESS = ("__pycache__", "*.pyc", "tests")
#: What everybody may do with what is in a bundle, whatever whoever bundles lets others do: it is another user that
#: runs functions, and it reads them.
DIRECTORY_MODE, FILE_MODE = 0o755, 0o644
#: Scripts of packages, which name the Python that installed them.
SCRIPTS = "bin"

#: What the architectures of Lambda are called in the names of wheels.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
#: Wheels for glibc 2.17 up to that of Amazon Linux 2023, which Lambda's runtimes from Python 3.12 on are based on.
#: https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html, read 2026-11-27
OLDEST_GLIBC, NEWEST_GLIBC = 17, 34

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^\s;*]+)(\s*;.*)?")
_DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")
_NO_WHEEL = re.compile(r"satisfies the requirement (?P<requirement>\S+).*\(from versions: (?P<versions>[^)]*)\)")
_CONFLICT = re.compile(r"The conflict is caused by:\n(?P<sides>(?: +\S.*\n)+)")
_UNREACHABLE = re.compile(r"NewConnectionError|ConnectTimeout|ProxyError|Temporary failure in name resolution")


class BundlingError(Exception):
    """What keeps the functions from being bundled, in words for whoever deploys them."""


@dataclass(frozen=True)
class Target:
    """Where the packages are to run.

    Args:
        name: As people call it.
        python: The version of Python, as in ``3.14``.
        platforms: The tags of the wheels that will do, the best first. Default: those of the machine that bundles.
    """

    name: str
    python: str
    platforms: tuple[str, ...] = ()

    @property
    def options(self) -> Sequence[str]:
        """What pip must be told to choose wheels for it."""
        if not self.platforms:
            return ()
        tags = (part for platform in self.platforms for part in ("--platform", platform))
        return ("--implementation", "cp", "--python-version", self.python, *tags)

    @property
    def interpreter(self) -> str | None:
        """The interpreter on this machine that makes its bytecode, which is the same on every machine, if any does."""
        return find_interpreter(self.python) if self.platforms else sys.executable


def lambda_target(runtime: lambda_.Runtime, architecture: lambda_.Architecture) -> Target:
    """Give the target that is Lambda."""
    machine, python = MACHINES[architecture.name], runtime.name.removeprefix("python")
    glibc = tuple(f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1))
    return Target(f"Python {python} on {machine}", python, (*glibc, f"manylinux2014_{machine}"))


def this_machine() -> Target:
    """Give the target that is the Python that runs this, for execution environments on this machine."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Target(f"Python {python} on {sysconfig.get_platform()}, this machine", python)


@cache
def find_interpreter(python: str) -> str | None:
    """Find CPython of a version, as in ``3.14``: the one that runs this, or one that is on the PATH by that name."""
    on_path = (os.path.join(folder, f"python{python}") for folder in os.get_exec_path())  # noqa: PTH118 - not resolved
    return next((path for path in (sys.executable, *on_path) if makes_bytecode_of(path, python)), None)


def makes_bytecode_of(interpreter: str, python: str) -> bool:
    """Tell whether something is CPython of that version. Those before its release had bytecode of their own."""
    ask = "import sys; print(sys.implementation.cache_tag, sys.version_info.releaselevel)"
    try:
        done = subprocess.run([interpreter, "-I", "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.stdout.split() == [f"cpython-{python.replace('.', '')}", "final"]


def service_code(scope: Construct, target: Target) -> lambda_.Code:
    """Give the code of all functions: bundled if CDK is to deploy the stack, the bare service if it only looks at it.

    Raises:
        BundlingError: The requirements cannot be installed for the target.
    """
    if not Stack.of(scope).bundling_required:
        # Under CDK's hash of the folder: nothing that is found under the hash of a bundle may be less than one.
        return lambda_.Code.from_asset(str(SERVICE), exclude=list(NEEDLESS))
    directory = bundle(SERVICE, target, BUNDLES)
    if target.interpreter is None:
        Annotations.of(scope).add_warning_v2("orders-api:no-bytecode", without_bytecode(target))
    return lambda_.Code.from_asset(str(directory), asset_hash=directory.name, asset_hash_type=AssetHashType.CUSTOM)


def without_bytecode(target: Target) -> str:
    """Say what it means that nothing was compiled, and what to do."""
    return (
        f"The functions are deployed without bytecode: there is no python{target.python} on the PATH to make it. Each "
        "process compiles all that it imports whenever it starts, for the folder that it runs from cannot be written "
        f"to. Install Python {target.python}, as in: uv python install {target.python}"
    )


def bundle(service: Path, target: Target, bundles: Path) -> Path:
    """Bundle a service, unless that was done already.

    Args:
        service: A folder with ``requirements.txt`` and packages.
        target: Where it is to run.
        bundles: Where bundles are kept.

    Returns:
        The bundle. Its name is the hash of all that it was made from, the same on every machine that has an
        interpreter for the target.

    Raises:
        BundlingError: The requirements cannot be installed for the target.
    """
    directory = bundles / content_hash(service, target)
    if directory.is_dir():
        return directory
    pins = read_pins(service / REQUIREMENTS)
    bundles.mkdir(parents=True, exist_ok=True)
    # Renamed when it is whole, so that one that was interrupted is never taken for one.
    with tempfile.TemporaryDirectory(dir=bundles, prefix="unfinished-") as unfinished:
        made = Path(unfinished) / "bundle"
        install(service / REQUIREMENTS, target, made)
        hold_to_pins(made, pins)
        strip(made)
        ignored = shutil.ignore_patterns(*NEEDLESS, REQUIREMENTS)
        shutil.copytree(service, made, ignore=ignored, dirs_exist_ok=True)
        compile_all(made, target)
        open_to_all(made)
        try:
            made.rename(directory)
        except OSError:
            # Somebody else was faster, and theirs is made from the same.
            if not directory.is_dir():
                raise
    return directory


def content_hash(service: Path, target: Target) -> str:
    """Give the SHA-256 of all that a bundle is made from: requirements, code, target, and how it is made.

    A bundle with bytecode and one without have different hashes, though their code is the same.
    """
    digest = hashlib.sha256()
    made = ("bytecode" if target.interpreter else "no bytecode", f"{DIRECTORY_MODE:o} {FILE_MODE:o}")
    for part in (*(target.options or (target.name,)), *NEEDLESS, *made):
        digest.update(part.encode() + b"\0")
    for path in sorted(sources(service), key=lambda path: path.relative_to(service).parts):
        digest.update(path.relative_to(service).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def sources(service: Path) -> Iterator[Path]:
    """Give the files of a service that count."""
    for path in service.rglob("*"):
        names = path.relative_to(service).parts
        if path.is_file() and not any(fnmatch(name, pattern) for name in names for pattern in NEEDLESS):
            yield path


def read_pins(requirements: Path) -> set[tuple[str, str]]:
    """Give names and versions that are required; anything but an exact version would differ from day to day."""
    lines = [line.partition("#")[0].strip() for line in requirements.read_text(encoding="utf-8").splitlines()]
    pins = {line: _PIN.fullmatch(line) for line in lines if line}
    if loose := [line for line, pin in pins.items() if not pin]:
        raise BundlingError(
            f"{requirements} must name exact versions, as in boto3==1.44.8, and has: {', '.join(loose)}"
        )
    return {(canonical(pin["name"]), pin["version"]) for pin in pins.values() if pin}


def canonical(name: str) -> str:
    """Give the name of a package as all ways to write it have in common."""
    return re.sub(r"[-_.]+", "-", name).lower()


def install(requirements: Path, target: Target, directory: Path) -> None:
    """Have pip put wheels into a directory."""
    if sys.stderr.isatty():
        print(f"bundling the functions for {target.name} …", file=sys.stderr, flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    wheels = ["--no-compile", "--only-binary=:all:", "--target", str(directory), "--requirement", str(requirements)]
    done = subprocess.run([*pip, *wheels, *target.options], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BundlingError(f"{requirements} cannot be installed for {target.name}: {cause(done.stdout, done.stderr)}")


def cause(output: str, errors: str) -> str:
    """Tell from what pip wrote why it failed, and what to do."""
    if "No module named pip" in errors:
        return f"{sys.executable} has no pip; install it, as in: {sys.executable} -m ensurepip"
    if _UNREACHABLE.search(errors):
        return "the package index cannot be reached; connect, or name another one in PIP_INDEX_URL"
    if missing := _NO_WHEEL.search(errors):
        there_are = (
            f"there are wheels of {missing['versions']}" if missing["versions"] != "none" else "nor of any other"
        )
        return f"the package index has no wheel of {missing['requirement']} for it, {there_are}"
    if conflict := _CONFLICT.search(output):
        return f"pins contradict each other: {'; '.join(line.strip() for line in conflict['sides'].splitlines())}"
    lines = [line for line in errors.splitlines() if line.strip()]
    # Its warnings are about other things.
    said = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")] or lines[-10:]
    return "pip says: " + "\n  ".join(said)


def hold_to_pins(directory: Path, pins: set[tuple[str, str]]) -> None:
    """See to it that nothing was installed but what is pinned, so that the same hash means the same versions.

    It does not mean the same files, if an index serves others: pip is given no hashes.
    """
    found = (_DIST_INFO.fullmatch(path.name) for path in directory.glob("*.dist-info"))
    installed = {(canonical(match["name"]), match["version"]) for match in found if match}
    if unpinned := sorted(f"{name}=={version}" for name, version in installed - pins):
        raise BundlingError(f"{REQUIREMENTS} does not pin all that comes along; add {', '.join(unpinned)}")


def strip(directory: Path) -> None:
    """Take out what is of no use to a function."""
    needless = [directory / SCRIPTS, *(path for pattern in NEEDLESS for path in directory.rglob(pattern))]
    for path in needless:
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()


def compile_all(directory: Path, target: Target) -> None:
    """Compile all modules, where there is an interpreter for it.

    The bytecode holds whatever the time of a module's file is, since an asset has none, and is not held against the
    module, which nobody can change in a function.

    Raises:
        BundlingError: A module cannot be compiled.
    """
    if target.interpreter is None:
        return
    # Which paths it was compiled at would be told in tracebacks, but that Python puts the ones it finds in their place.
    how = ["--invalidation-mode", "unchecked-hash", "-s", str(directory), "-q", "-f"]
    command = [target.interpreter, "-I", "-m", "compileall", *how, str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip() or f"exit code {done.returncode}"
        raise BundlingError(f"{target.interpreter} cannot compile what is bundled for {target.name}: {said}")


def open_to_all(directory: Path) -> None:
    """Let every user read what is in a directory, and nobody but its owner change it."""
    for path in (directory, *directory.rglob("*")):
        path.chmod(DIRECTORY_MODE if path.is_dir() else FILE_MODE)
