"""That the README is what it has to be: short, whole, and true. Its blocks run in test_code_blocks.py."""

import re
from pathlib import Path

import jsii
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


def told_of_the_floor(pattern):
    """Give what docs/why.md reckons, whose figures the tests of code blocks hold."""
    (found,) = re.findall(pattern, (ROOT / "docs/why.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return found


def words(page):
    """Give a page without the ends of its lines."""
    return " ".join((ROOT / page).read_text(encoding="utf-8").split())


@pytest.mark.parametrize("page", ["README.md", "docs/index.md"])
def test_it_says_what_the_floor_costs(page):
    """With the date of the prices."""
    total, date = told_of_the_floor(r"^ *([\d.]+)  total$"), told_of_the_floor(r"^  prices of (\S+) ")
    assert f"about {round(float(total), -1):.0f} USD a month" in words(page)
    assert f"at prices of {date}" in words(page)


def test_the_tutorial_says_what_an_hour_costs():
    """Of the same floor, the month of as many hours as the table says."""
    total, hours = told_of_the_floor(r"^ *([\d.]+)  total$"), told_of_the_floor(r"USD per month of (\d+) hours")
    assert f"about {float(total) / int(hours):.2f} USD an hour" in words("docs/tutorial.md")


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/tutorial.md"])
def test_releases_of_node_are_those_that_jsii_is_tested_with(page):
    """The newest of them, and none that it does not know: by the list of jsii's own check, which it warns by."""
    program = Path(jsii.__file__).parent / "_embedded" / "jsii" / "bin__jsii-runtime.js"
    releases = re.findall(r"new NodeRelease\((\d+),\{(.*?)\}", program.read_text(encoding="utf-8"))
    tested = {int(release) for release, options in releases if "untested" not in options}
    named = {int(release) for pair in re.findall(r"Node\.js (\d+) or (\d+)", words(page)) for release in pair}
    assert max(tested) in named
    assert named <= tested


def test_targets_that_it_names_are_there():
    """In the Makefile."""
    targets = re.findall(r"`make ([a-z]+)`", README)
    assert {"demo", "docs", "test"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:", MAKEFILE, flags=re.MULTILINE)
