"""Build the documentation site into site/, and fail if a link in it is broken.

``python docs/website.py`` builds it with Zensical from docs/ and zensical.toml, and adds the scripts that readers would
otherwise fetch from elsewhere. Then it follows each link of each page, and of README.md and the other Markdown files in
the root and the examples.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from links import broken_in_markdown, broken_in_site

ROOT = Path(__file__).parent.parent
#: Where `make tools` puts what comes from npm.
PACKAGES = Path(sys.prefix) / "mermaid" / "node_modules"
#: The scripts of the site, by their place in it: Mermaid, as zensical.toml names it, and one that makes the search work
#: when the site is opened from a folder.
SCRIPTS = {
    Path("assets") / "mermaid.min.js": Path("mermaid") / "dist" / "mermaid.min.js",
    Path("assets") / "iframe-worker.js": Path("iframe-worker") / "shim" / "index.js",
}
#: Where the theme would fetch the second one from.
FROM_ELSEWHERE = "https://unpkg.com/iframe-worker/shim"
SETTINGS = "zensical.toml"
#: What is served for whatever is not there, however deep: no link of it can be relative.
NOT_FOUND = "404.html"


def main(root: Path = ROOT, packages: Path = PACKAGES) -> int:
    """Build the site of a repository; give the exit code: 1 for a fault in it, 2 if it cannot be built here."""
    if find_spec("zensical") is None:
        told = "the site needs Zensical, which needs Python 3.11 or newer: make setup PYTHON=python3.14"
        print(told, file=sys.stderr)
        return 2
    missing = [script for script in SCRIPTS.values() if not (packages / script).is_file()]
    if missing:
        told = f"the site needs scripts that are not in {packages}: {', '.join(map(str, missing))}: make tools"
        print(told, file=sys.stderr)
        return 2
    site = root / "site"
    shutil.rmtree(site, ignore_errors=True)
    print("building the site …", flush=True)
    built = _zensical(root)
    if built.returncode != 0:
        # It colours its output although that is no terminal, and ends with a traceback of its own.
        faults = re.sub(r"\x1b\[[\d;]*m", "", built.stderr)
        print(faults.partition("Traceback (most recent call last)")[0].rstrip(), file=sys.stderr)
        return 1
    base = base_of(root)
    bring_scripts(site, packages, base)
    problems = [
        *unlisted(root / "docs", site),
        *broken_in_site(site, base),
        *broken_in_markdown(root, [*sorted(root.glob("*.md")), *sorted(root.glob("examples/*/README.md"))]),
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(list(site.rglob('*.html')))} pages in {site.name}/, {len(problems)} problems")
    return 1 if problems else 0


def base_of(root: Path) -> str:
    """Give the path that the site is served below: ``/cdk-lmi/`` on project Pages, ``/`` where no address is set."""
    # Who has Zensical has this as well; types are checked for Python 3.10, which has it not.
    settings = import_module("tomllib").loads((root / SETTINGS).read_text(encoding="utf-8"))
    return f"{urlsplit(settings['project'].get('site_url', '')).path.rstrip('/')}/"


def bring_scripts(site: Path, packages: Path, base: str) -> None:
    """Put scripts into the site, and have its pages take them from there."""
    for place, script in SCRIPTS.items():
        (site / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(packages / script, site / place)
    for page in site.rglob("*.html"):
        place = page.relative_to(site)
        to_root = base if place == Path(NOT_FOUND) else "../" * (len(place.parts) - 1)
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace(FROM_ELSEWHERE, f"{to_root}assets/iframe-worker.js"), encoding="utf-8")


def unlisted(docs: Path, site: Path) -> list[str]:
    """Give the pages that the navigation does not lead to."""
    listed = (site / "index.html").read_text(encoding="utf-8")
    pages = sorted(page.relative_to(docs) for page in docs.rglob("*.md"))
    return [f"docs/{page}: not in the navigation" for page in pages if f'{page.with_suffix(".html")}"' not in listed]


def _zensical(root: Path) -> subprocess.CompletedProcess[str]:
    # It resolves the paths in its configuration against the working directory.
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "--config-file", SETTINGS]
    environment = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
