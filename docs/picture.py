"""Draw the orders API into README.md, as ``cdk-lmi diagram`` does.

``python docs/picture.py`` synthesises the example and writes what is between the two markers. ``--check`` writes
nothing, and exits 1 where that is stale. Where README.md has no markers, the exit code is 2.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
EXAMPLE = ROOT / "examples" / "orders_api"
#: What stands around the picture in README.md, each on a line of its own.
BEGIN, END = "<!-- orders-api: python docs/picture.py -->", "<!-- /orders-api -->"

_BETWEEN = re.compile(f"(?<={re.escape(BEGIN)}\n).*?(?={re.escape(END)}\n)", re.DOTALL)
# With no account or Region, and with nothing installed for the functions: neither changes the picture.
_SYNTHESISE = """
import sys
sys.path.insert(0, sys.argv[1])
from app import orders_api
orders_api(context={"aws:cdk:bundling-stacks": []}, outdir=sys.argv[2])[0].synth()
"""


class MarkersMissingError(Exception):
    """README.md does not say where the picture goes."""


def picture() -> str:
    """Give the Mermaid flowchart of the orders API as it is synthesised now."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDK_DEFAULT_")}
    with tempfile.TemporaryDirectory() as directory:
        synthesise = [sys.executable, "-c", _SYNTHESISE, str(EXAMPLE), directory]
        subprocess.run(synthesise, check=True, env=environment, stdout=subprocess.DEVNULL)
        draw = [sys.executable, "-m", "cdk_lmi", "diagram", directory, "--stack", "OrdersApi"]
        return subprocess.run(draw, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def with_picture(readme: str, drawn: str) -> str:
    """Give README.md with a picture between its markers.

    Raises:
        MarkersMissingError: There are none, or they are there twice.
    """
    if len(_BETWEEN.findall(readme)) != 1:
        raise MarkersMissingError(f"README.md must have these lines once, in this order: {BEGIN} and {END}")
    return _BETWEEN.sub(lambda _: f"```mermaid\n{drawn}```\n", readme)


def main(arguments: list[str], readme: Path = README) -> int:
    """Write the picture, or tell that it is stale; give the exit code."""
    parser = argparse.ArgumentParser(description="Draw the orders API into README.md.")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where the picture is stale")
    check = parser.parse_args(arguments).check
    written = readme.read_text(encoding="utf-8")
    try:
        fresh = with_picture(written, picture())
    except MarkersMissingError as error:
        print(error, file=sys.stderr)
        return 2
    if fresh == written:
        return 0
    if check:
        print("the picture in README.md is stale: run python docs/picture.py, and commit it", file=sys.stderr)
        return 1
    readme.write_text(fresh, encoding="utf-8")
    print("drew README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
