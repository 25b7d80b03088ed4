"""Check that PyPI has the files that were built, by their hashes: publib passes over files that are there already.

    python release/published.py dist

It needs nothing but Python.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

INDEX = "https://pypi.org"
# How long PyPI may take to show what was uploaded, how long to answer, and how often it is asked, in seconds.
PATIENCE, ANSWERING, PAUSE = 120.0, 20.0, 5.0


def differences(directory: Path, index: str = INDEX, *, patience: float = PATIENCE, pause: float = PAUSE) -> list[str]:
    """Give what of a release an index has not, or has otherwise.

    Args:
        directory: Where wheel and sdist are.
        index: The address of the index.
        patience: For how long to ask for what is not there yet, in seconds.
        pause: How long to wait between two questions, in seconds.

    Returns:
        What is wrong, file by file. What is there under another hash stays so: it is told at once.
    """
    built = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.iterdir())}
    name, version = next(file.split("-")[:2] for file in built if file.endswith(".whl"))
    deadline = time.monotonic() + patience
    while True:
        there = _hashes(f"{index}/pypi/{name.replace('_', '-')}/{version}/json")
        others = [f"{file} is there as another file" for file in built if there.get(file, built[file]) != built[file]]
        missing = [f"{file} is not there" for file in built if file not in there]
        if others or not missing or time.monotonic() >= deadline:
            return others + missing
        time.sleep(pause)


def _hashes(address: str) -> dict[str, str]:
    """Give the files of a version with their hashes; none as long as the index does not know it, or does not answer."""
    try:
        with urllib.request.urlopen(address, timeout=ANSWERING) as answer:
            files = json.load(answer)["urls"]
    except (urllib.error.URLError, ConnectionError, TimeoutError, ValueError) as error:
        print(f"{address}: {error}", file=sys.stderr)
        return {}
    return {file["filename"]: file["digests"]["sha256"] for file in files}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What was typed; by default, this process's.

    Returns:
        0, or 1 if PyPI has not what was built.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="where wheel and sdist are")
    parser.add_argument("--index", default=INDEX, help="another one than PyPI")
    options = parser.parse_args(arguments)
    wrong = differences(options.directory, options.index)
    if wrong:
        told = "; ".join(wrong)
        print(f"{options.index}: {told}. What was uploaded once cannot change: was the tag moved?", file=sys.stderr)
        print("Release another version: make release.", file=sys.stderr)
        return 1
    print(f"{options.index} has what was built.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
