"""The same app in TypeScript: bench/typescript, compiled once, then run by the Node that runs CDK for Python too.

Its packages are pinned, installed below .venv at the first use, and compiled there. That is not part of any time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from figures import progress
from pairs import STACK, Took, process, template_in

SOURCE = Path(__file__).parent / "typescript"
PREFIX = Path(__file__).parent.parent / ".venv" / "typescript-bench"
_STAMP = PREFIX / "installed"


def install() -> None:
    """Install the packages and compile the app, unless that was done for these very files.

    Raises:
        SystemExit: npm or the compiler refused.
    """
    contents = b"".join(file.read_bytes() for file in sorted(SOURCE.iterdir()))
    digest = hashlib.sha256(contents).hexdigest()
    if _STAMP.exists() and _STAMP.read_text(encoding="utf-8") == digest:
        return
    progress("installing aws-cdk-lib for TypeScript from npm and compiling the app, once (about a minute) …")
    shutil.rmtree(PREFIX, ignore_errors=True)
    shutil.copytree(SOURCE, PREFIX)
    npm = str(_node().with_name("npm"))
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"])
    _run([str(_node()), str(PREFIX / "node_modules" / ".bin" / "tsc"), "--project", str(PREFIX)])
    # Last, so that what was left half done is done anew.
    _STAMP.write_text(digest, encoding="utf-8")
    progress(" done\n")


def template(functions: int, handlers: str) -> Any:
    """Give what the app synthesises to."""
    with tempfile.TemporaryDirectory() as outdir:
        process(_command(functions, handlers, outdir), directory=PREFIX)
        return template_in(outdir)


def in_process_of_its_own(functions: int, handlers: str) -> Took:
    """Time the app as a whole process."""
    with tempfile.TemporaryDirectory() as outdir:
        return process(_command(functions, handlers, outdir), directory=PREFIX)


def _command(functions: int, handlers: str, outdir: str) -> Sequence[str]:
    return [str(_node()), "hand_written.js", str(functions), outdir, handlers, STACK]


def _run(command: Sequence[str]) -> None:
    path = f"{_node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(command, cwd=PREFIX, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"\n{' '.join(command)} ended with {done.returncode}: {done.stderr or done.stdout}")


def _node() -> Path:
    """Give the interpreter beside Python, which jsii finds first as well where .venv is on PATH."""
    return Path(sys.executable).with_name("node")
