"""A copy of this repository, to change and to run its commands in."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def check_out(folder):
    """Copy what Git has or would take, as it is now."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def set_address(folder, address):
    """Set the repository's address where it stands, and generate what is made of it."""
    file = folder / "projenrc" / "address.py"
    before, name, after = file.read_text().partition("\nREPOSITORY: str | None = ")
    assert name
    _, _, rest = after.partition("\n")
    file.write_text(f"{before}{name}{address!r}\n{rest}")
    return subprocess.run([sys.executable, ".projenrc.py"], cwd=folder, capture_output=True, text=True, check=False)
