"""What builds a release: hatchling and its hook as they are in .venv, with all that they require, pinned by hash.

make release-pin
"""

from __future__ import annotations

import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from publib import pin_as_command, run

NAMES = ("hatchling", "hatch-fancy-pypi-readme")
REQUIREMENTS = Path(__file__).with_name("build-requirements.txt")
_HEADER = "# All that builds what is uploaded to PyPI. Pinned anew by: make release-pin\n"


def pin() -> None:
    """Write ``release/build-requirements.txt``.

    Raises:
        Failed: If pip cannot find them.
    """
    wanted = [f"{name}=={version(name)}" for name in NAMES]
    with tempfile.TemporaryDirectory(prefix="release-pin-") as scratch:
        report = Path(scratch, "report.json")
        pip = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed"]
        run([*pip, "--only-binary", ":all:", "--report", report, *wanted])
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    lines = [
        f"{item['metadata']['name']}=={item['metadata']['version']} "
        f"--hash=sha256:{item['download_info']['archive_info']['hashes']['sha256']}\n"
        for item in found
    ]
    REQUIREMENTS.write_text(_HEADER + "".join(sorted(lines, key=str.lower)), encoding="utf-8")


if __name__ == "__main__":
    pin_as_command(pin, REQUIREMENTS)
