"""The documentation site: built with no broken link, and opened in a browser as a reader does."""

import functools
import http.server
import importlib
import inspect
import os
import re
import shutil
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

import cdk_lmi
import cdk_lmi.local

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="Zensical needs Python 3.11 or newer")

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
#: As root, as in a container, Chromium runs with no sandbox of its own only; all that it opens is ours.
OPTIONS = ["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"]
#: Diagrams are drawn into shadow roots that nobody else sees into; a test does.
OPEN_SHADOWS = """
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { return attach.call(this, {...options, mode: "open"}); };
"""


def needed(found, missing):
    """What a test needs; where it is not there only a build server fails."""
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@pytest.fixture(scope="module")
def website():
    """The module that builds it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        return importlib.import_module("website")


@pytest.fixture(scope="module")
def packages(website):
    """Where the scripts of the site are."""
    there = all((website.PACKAGES / script).is_file() for script in website.SCRIPTS.values())
    needed(there, "the scripts of the site are not there: make tools")
    return website.PACKAGES


def repository(folder):
    """Copy all that the site is built from, and that links lead to."""
    for name in ("docs", "examples/orders_api"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "cdk.out"))
    (folder / "src").symlink_to(ROOT / "src")
    for path in [*ROOT.glob("*.md"), ROOT / "zensical.toml", ROOT / "LICENSE", ROOT / ".projenrc.py"]:
        shutil.copy(path, folder)
    return folder


def two_pages(folder):
    """Make a repository whose site has two pages."""
    pages = ["index.md", "other.md"]
    (folder / "docs").mkdir()
    for page in pages:
        (folder / "docs" / page).write_text(f"# {page}\n", encoding="utf-8")
    listed = ", ".join(f'{{ "{page}" = "{page}" }}' for page in pages)
    settings = f'[project]\nsite_name = "few"\nuse_directory_urls = false\nnav = [{listed}]\n'
    (folder / "zensical.toml").write_text(settings, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(website, packages, tmp_path_factory):
    """The site, built."""
    root = repository(tmp_path_factory.mktemp("repository"))
    assert website.main(root, packages) == 0
    return root / "site"


@pytest.fixture(scope="module")
def address(site):
    """Where it is served."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    """Chromium, headless."""
    # The second is what machines of GitHub have.
    chromium = needed(
        shutil.which("chromium") or shutil.which("google-chrome"),
        "there is no chromium: on Debian, apt-get install chromium",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield browser
        browser.close()


def failed(request):
    """Tell whether a request failed by itself: what the next page came before was only left behind."""
    return request.failure != "net::ERR_ABORTED"


@pytest.fixture
def page(browser, address):
    """A window, which must have asked nothing of elsewhere in the end, and have told of no fault."""
    page = browser.new_page()
    page.set_default_timeout(20_000)
    page.add_init_script(OPEN_SHADOWS)
    problems: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda told: problems.append(told.text) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("requestfailed", lambda request: problems.append(request.url) if failed(request) else None)
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{address}/index.html")
    yield page
    page.close()
    assert problems == []
    assert {url for url in asked if not url.startswith((address, "data:", "blob:"))} == set()


def test_searching_leads_to_the_rule(page):
    """A word is typed, and the first hit is the page that is about it."""
    page.get_by_role("button", name="Search").first.click()
    page.keyboard.type("memory-below-ratio")
    hit = page.locator('a[href*="memory-below-ratio"]').first
    hit.click()
    page.wait_for_url("**/troubleshooting.html*memory-below-ratio")
    assert "Memory ratio of" in page.locator("article").inner_text()


@pytest.mark.parametrize("name", ["architecture", "example"])
def test_diagrams_are_drawn(page, address, name):
    """Each is a picture, with the boxes that its text names."""
    page.goto(f"{address}/{name}.html")
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    pictures = re.findall(r"^```mermaid\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert pictures
    page.wait_for_function(f"document.querySelectorAll('div.mermaid').length === {len(pictures)}")
    assert page.locator("pre.mermaid").count() == 0
    drawn = page.locator("div.mermaid svg")
    assert drawn.count() == len(pictures)
    # What is as narrow as text cannot be read.
    assert page.locator("div.mermaid").first.evaluate("it => it.clientWidth / window.innerWidth") > 0.7
    for index, picture in enumerate(pictures):
        words = re.sub(r"\s+", "", drawn.nth(index).text_content())
        for kind, box in re.findall(r'^  (function|capacityprovider)\d+\W+"(.*)"', picture, flags=re.MULTILINE):
            assert re.sub(r"<br/>|\s+", "", box) in words, kind


def test_the_constructors_keywords_are_on_the_page(page, address):
    """With what they are by default."""
    page.goto(f"{address}/api/constructs.html")
    signature = page.locator(".doc-signature").first.inner_text()
    for keyword in inspect.signature(cdk_lmi.ManagedInstanceFunction.__init__).parameters:
        assert keyword == "self" or f"{keyword}: " in signature
    assert "memory_size: int = 2048" in signature


def test_every_page_of_the_navigation_opens(page, address, site):
    """With its heading, in the browser."""
    links = page.locator("nav.md-nav--primary a.md-nav__link[href]").evaluate_all("all => all.map(each => each.href)")
    pages = {link.partition("#")[0] for link in links}
    built = {f"{address}/{path.relative_to(site)}" for path in site.rglob("*.html")} - {f"{address}/404.html"}
    assert pages == built
    for each in sorted(pages):
        page.goto(each)
        assert page.locator("article h1").first.inner_text().strip()


def test_it_is_opened_from_a_folder_too(browser, site):
    """With no server, and the search works."""
    page = browser.new_page()
    page.set_default_timeout(20_000)
    page.goto((site / "index.html").as_uri())
    page.get_by_role("button", name="Search").first.click()
    page.keyboard.type("memory-below-ratio")
    page.locator('a[href*="memory-below-ratio"]').first.wait_for()
    page.close()


@pytest.mark.parametrize(
    ("page", "text", "told"),
    [
        ("index.md", "[gone](gone.md)", "page does not exist"),
        ("index.md", "[gone](other.md#gone)", "anchor does not exist"),
        ("index.md", "![gone](gone.png)", "index.html: gone.png: no such file"),
        ("index.md", '<a href="other.html#gone">gone</a>', "other.html#gone: no such anchor"),
        ("unlisted.md", "# Unlisted", "docs/unlisted.md: not in the navigation"),
        ("../README.md", "[gone](docs/gone.md)", "README.md: docs/gone.md: no such file"),
        ("../README.md", "[gone](docs/other.md#gone)", "README.md: docs/other.md#gone: no such anchor"),
        ("../README.md", "[out](../else.md)", "README.md: ../else.md: out of what is published"),
        ("../README.md", "[scheme](htp://example.com)", "README.md: htp://example.com: not an address"),
    ],
)
def test_a_link_that_leads_nowhere_fails_the_build(website, packages, tmp_path, capfd, page, text, told):
    """And is told with the page that it is on."""
    root = two_pages(tmp_path)
    path = root / "docs" / page
    path.write_text(f"# index.md\n\n{text}\n", encoding="utf-8")
    assert website.main(root, packages) == 1
    error = capfd.readouterr().err
    assert told in error
    assert "\x1b" not in error


def test_where_no_link_is_broken_nothing_is_told(website, packages, tmp_path, capfd):
    """What the broken ones above are broken from."""
    root = two_pages(tmp_path)
    (root / "README.md").write_text("[other](docs/other.md#othermd) [out](https://example.com)\n", encoding="utf-8")
    (root / "docs" / "index.md").write_text("# index\n\n[other](other.md#othermd)\n", encoding="utf-8")
    assert website.main(root, packages) == 0
    assert capfd.readouterr().err == ""


def test_without_its_scripts_nothing_is_built(website, tmp_path, capfd):
    """And what to do is told."""
    assert website.main(two_pages(tmp_path), tmp_path) == 2
    assert "make tools" in capfd.readouterr().err
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("module", [cdk_lmi, cdk_lmi.local], ids=lambda module: module.__name__)
def test_the_api_is_what_is_public(module):
    """Each name once, and no other."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "api").glob("*.md"))
    shown = re.findall(rf"^::: {re.escape(module.__name__)}\.([A-Za-z_]+)$", pages, flags=re.MULTILINE)
    assert sorted(shown) == sorted(module.__all__)
