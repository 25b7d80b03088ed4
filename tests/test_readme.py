"""That the README is what it has to be: short, whole, and true. Its blocks run in test_code_blocks.py."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
#: Without pictures, which are drawn and not read.
PROSE = re.sub(r"```mermaid\n.*?```", "", README, flags=re.DOTALL)


def test_it_is_essentials():
    """A screen or two; everything else has a page in docs/."""
    assert len(PROSE.splitlines()) <= 90


@pytest.mark.parametrize("page", sorted(path for path in (ROOT / "docs").rglob("*.md") if "api" not in path.parts))
def test_it_leads_to_every_page(page):
    """Or to one that does: the site's own contents and the API are a click away."""
    name = str(page.relative_to(ROOT))
    beyond = {"docs/index.md", "docs/architecture.md", "docs/performance.md", "docs/mutation.md"}
    assert bool(re.search(rf"\]\((https://[^)]*/)?{re.escape(name)}\)", README)) != (name in beyond)


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_it_says_what_the_floor_costs(page):
    """As docs/why.md reckons it, whose figures the tests of code blocks hold."""
    (total,) = re.findall(
        r"^ *([\d.]+)  total$", (ROOT / "docs/why.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert f"about {round(float(total), -1):.0f} USD a month" in " ".join((ROOT / page).read_text("utf-8").split())


def test_targets_that_it_names_are_there():
    """In the Makefile."""
    targets = re.findall(r"`make ([a-z]+)`", README)
    assert {"demo", "docs", "test"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)
