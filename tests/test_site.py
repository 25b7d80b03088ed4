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


def two_pages(folder, *settings):
    """Make a repository whose site has two pages."""
    pages = ["index.md", "other.md"]
    (folder / "docs").mkdir()
    for page in pages:
        (folder / "docs" / page).write_text(f"# {page}\n", encoding="utf-8")
    listed = ", ".join(f'{{ "{page}" = "{page}" }}' for page in pages)
    lines = ["[project]", 'site_name = "few"', "use_directory_urls = false", f"nav = [{listed}]", *settings, ""]
    (folder / "zensical.toml").write_text("\n".join(lines), encoding="utf-8")
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
        for attribute, told in (("aria-labelledby", "accTitle"), ("aria-describedby", "accDescr")):
            (text,) = re.findall(f"^  {told}: (.*)$", picture, flags=re.MULTILINE)
            read_out = drawn.nth(index).evaluate(
                "(it, name) => it.getRootNode().getElementById(it.getAttribute(name)).textContent", attribute
            )
            assert read_out == text
        words = re.sub(r"\s+", "", drawn.nth(index).text_content())
        for kind, box in re.findall(r'^  (function|capacityprovider)\d+\W+"(.*)"', picture, flags=re.MULTILINE):
            assert re.sub(r"<br/>|\s+", "", box) in words, kind


@pytest.mark.parametrize("width", [375, 1280])
def test_labels_of_diagrams_are_large_enough_to_read(browser, address, width):
    """On a telephone as well: the diagram scrolls, and the page does not."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_default_timeout(20_000)
    page.add_init_script(OPEN_SHADOWS)
    page.goto(f"{address}/architecture.html")
    page.locator("div.mermaid svg").first.wait_for()
    for diagram in page.locator("div.mermaid").all():
        scale = diagram.locator("svg").evaluate("it => it.getBoundingClientRect().width / it.viewBox.baseVal.width")
        label = diagram.locator("svg .nodeLabel").first.evaluate("it => parseFloat(getComputedStyle(it).fontSize)")
        assert label * scale >= 11
        shown, whole = diagram.evaluate("it => [it.clientWidth, it.scrollWidth]")
        assert shown < whole
        assert shown < width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


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


@pytest.fixture(scope="module")
def below(website, packages, tmp_path_factory):
    """A site of two pages that says that it is served below a path, as project Pages are."""
    settings = ('site_url = "https://example.github.io/few/"', "theme.font = false", "plugins.offline = {}")
    root = two_pages(tmp_path_factory.mktemp("below"), *settings)
    assert website.main(root, packages) == 0
    return root / "site"


@pytest.mark.parametrize("gone", ["gone.html", "guides/deeper/gone.html"])
def test_what_is_not_found_below_a_path_has_its_styles_and_links(browser, below, gone):
    """GitHub Pages serve the same page for all that is not there, however deep."""

    class Pages(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            path = below / self.path.removeprefix("/few/")
            found = self.path.startswith("/few/") and path.is_file()
            body = path if found else below / "404.html"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", self.guess_type(str(body)))
            self.end_headers()
            self.wfile.write(body.read_bytes())

        def log_message(self, format, *args):
            pass

    page = browser.new_page()
    page.set_default_timeout(20_000)
    answers = {}
    page.on("response", lambda answer: answers.update({answer.url: answer.status}))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        start = f"http://127.0.0.1:{server.server_port}/few/"
        page.goto(f"{start}{gone}")
        assert answers.pop(f"{start}{gone}") == 404
        assert set(answers.values()) == {200}
        assert f"{start}assets/iframe-worker.js" in answers
        assert page.evaluate("getComputedStyle(document.querySelector('.md-header')).position") == "sticky"
        page.get_by_role("link", name="other.md").first.click()
        page.wait_for_url(f"{start}other.html")
        page.close()
        server.shutdown()


def test_links_from_the_root_are_those_below_its_path(website, packages, tmp_path, capfd):
    """One that leaves out the path leads out of the site."""
    root = two_pages(tmp_path, 'site_url = "https://example.github.io/few/"')
    links = ("/few/other.html", "/other.html", "/few/gone.html")
    text = "".join(f'<a href="{link}">{link}</a>\n' for link in links)
    (root / "docs" / "index.md").write_text(f"# index.md\n\n{text}", encoding="utf-8")
    assert website.main(root, packages) == 1
    assert capfd.readouterr().err.splitlines() == [
        "index.html: /other.html: out of what is published",
        "index.html: /few/gone.html: no such file",
    ]


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
