"""What the benchmarks have in common: their command line, progress, and how figures are printed."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any


def arguments(description: str | None, **repetitions: tuple[int, str]) -> argparse.Namespace:
    """Read the command line.

    Args:
        description: What the benchmark does.
        repetitions: The options that take a number of 1 and more: each with its default, and what it counts.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, (default, what) in repetitions.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=_count, default=default, help=f"{what} (default: {default})")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    return parser.parse_args()


def _count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return int(text)


def progress(text: str) -> None:
    """Tell who waits."""
    print(text, end="", file=sys.stderr, flush=True)


def versions(*packages: str, node: bool = False) -> dict[str, str]:
    """Give what was measured, and with what."""
    found = {**{name: version(name) for name in packages}, "python": platform.python_version()}
    if node:
        command = [os.environ.get("JSII_NODE", "node"), "--version"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found["node"] = told.strip().removeprefix("v")
    return found


def show(figures: Mapping[str, Any], text: list[str], *, as_json: bool) -> None:
    """Print figures, which have their versions: for programs, or as text under them."""
    if as_json:
        print(json.dumps(figures, indent=2))
    else:
        print("\n".join([", ".join(f"{name} {number}" for name, number in figures["versions"].items()), *text]))
