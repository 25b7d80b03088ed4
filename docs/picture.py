"""Draw what pages show, as ``cdk-lmi diagram`` does: the app in the block of Python above, or the orders API.

``python docs/picture.py`` synthesises them and writes what is between each pair of markers in README.md and docs/.
``--check`` writes nothing, and exits 1 where a picture is stale. Where a marker has no block above it, or no other
marker below it, the exit code is 2.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "orders_api"
#: What stands around a picture, each on a line of its own: of the block of Python above, or of the example.
OF_BLOCK, OF_EXAMPLE, END = (
    "<!-- drawn from the code above: python docs/picture.py -->",
    "<!-- drawn from examples/orders_api: python docs/picture.py -->",
    "<!-- /drawn -->",
)

_BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PLACE = re.compile(
    f"^({re.escape(OF_BLOCK)}|{re.escape(OF_EXAMPLE)})\n(.*?)^{re.escape(END)}$", re.DOTALL | re.MULTILINE
)
# All apps in one process, since CDK takes seconds to start: each is handed where it writes to. With no account or
# Region, and with nothing installed for the functions: neither changes the picture.
_SYNTHESISE = """
import json, sys
import aws_cdk as cdk
App = cdk.App
for outdir, code in json.load(sys.stdin):
    cdk.App = lambda outdir=outdir, **keywords: App(outdir=outdir, **keywords)
    exec(compile(code, outdir, "exec"), {"__name__": "__main__"})
"""
_ORDERS_API = f"""
import sys
sys.path.insert(0, {str(EXAMPLE)!r})
from app import orders_api
orders_api(context={{"aws:cdk:bundling-stacks": []}}, outdir=outdir)[0].synth()
"""


class MarkersError(Exception):
    """A page does not say what is to be drawn, or where its picture ends."""


def sources(page: str) -> Sequence[str]:
    """Give the code of each picture of a page, from top to bottom.

    Raises:
        MarkersError: A picture has no code above it, or no end.
    """
    places = list(_PLACE.finditer(page))
    if len(places) != len(re.findall(f"^(?:{re.escape(OF_BLOCK)}|{re.escape(OF_EXAMPLE)})$", page, re.MULTILINE)):
        raise MarkersError(f"a picture has no end: {END}")
    return [_ORDERS_API if place[1] == OF_EXAMPLE else _block_above(page, place) for place in places]


def draw(codes: Sequence[str]) -> Mapping[str, str]:
    """Give the Mermaid flowchart of each app, by its code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDK_DEFAULT_")}
    with tempfile.TemporaryDirectory() as directory:
        apps = {code: str(Path(directory) / str(index)) for index, code in enumerate(dict.fromkeys(codes))}
        told = json.dumps([(outdir, _with_outdir(code, outdir)) for code, outdir in apps.items()])
        synthesise = [sys.executable, "-c", _SYNTHESISE]
        subprocess.run(
            synthesise, check=True, env=environment, input=told, text=True, encoding="utf-8", stdout=subprocess.DEVNULL
        )
        return {code: _diagram(outdir) for code, outdir in apps.items()}


def with_pictures(page: str, drawn: Mapping[str, str]) -> str:
    """Give a page with the picture of each code between its markers."""
    codes = iter(sources(page))
    return _PLACE.sub(lambda place: f"{place[1]}\n```mermaid\n{drawn[next(codes)]}```\n{END}", page)


def pages(root: Path) -> Iterator[Path]:
    """Give the pages that have pictures."""
    for path in (root / "README.md", *sorted((root / "docs").rglob("*.md"))):
        if re.search(f"^(?:{re.escape(OF_BLOCK)}|{re.escape(OF_EXAMPLE)})$", path.read_text("utf-8"), re.MULTILINE):
            yield path


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write the pictures, or tell which pages have stale ones; give the exit code."""
    parser = argparse.ArgumentParser(description="Draw the pictures in README.md and docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where a picture is stale")
    check = parser.parse_args(arguments).check
    written = {path: path.read_text(encoding="utf-8") for path in pages(root)}
    try:
        drawn = draw([code for page in written.values() for code in sources(page)])
    except MarkersError as error:
        print(error, file=sys.stderr)
        return 2
    fresh = {path: with_pictures(page, drawn) for path, page in written.items()}
    stale = [path for path in written if fresh[path] != written[path]]
    for path in stale:
        name = path.relative_to(root)
        if check:
            print(f"a picture in {name} is stale: run python docs/picture.py, and commit it", file=sys.stderr)
        else:
            path.write_text(fresh[path], encoding="utf-8")
            print(f"drew {name}")
    return 1 if check and stale else 0


def _block_above(page: str, place: re.Match[str]) -> str:
    above = _BLOCK.findall(page[: place.start()])
    if not above:
        raise MarkersError(f"there is no block of Python above {OF_BLOCK}")
    return str(above[-1])


def _with_outdir(code: str, outdir: str) -> str:
    return f"outdir = {outdir!r}\n{code}" if code == _ORDERS_API else code


def _diagram(outdir: str) -> str:
    # The example has a stack beside it for what is told when it is bootstrapped elsewhere.
    stack = ["--stack", "OrdersApi"] if (Path(outdir) / "OrdersApi.template.json").is_file() else []
    command = [sys.executable, "-m", "cdk_lmi", "diagram", outdir, *stack]
    return subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
