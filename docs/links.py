"""Find broken links, in the pages of the built site and in Markdown files of the repository.

Zensical reports those that it resolves itself. It does not check images, HTML and links that come from docstrings, so
each link of each page is followed here. Addresses elsewhere are not fetched; they only have to be well-formed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_FENCED = re.compile(r"^(```+|~~~+).*?^\1", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?[^)]*\)")
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
_ELSEWHERE = ("http", "https", "mailto")


@dataclass
class Page:
    """What links a page has, and what in it links can lead to."""

    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


def broken_in_site(site: Path, base: str = "/") -> list[str]:
    """Give the links of built pages that lead nowhere.

    Args:
        site: The folder of the site.
        base: The path that it is served below, with a slash at both ends.
    """
    return _broken(site, {path: _read_html(path) for path in sorted(site.rglob("*.html"))}, base)


def broken_in_markdown(root: Path, paths: list[Path]) -> list[str]:
    """Give the links of Markdown files that lead nowhere, or out of the repository."""
    return _broken(root, {path: _read_markdown(path) for path in paths})


def _broken(root: Path, pages: dict[Path, Page], base: str = "/") -> list[str]:
    known = dict(pages)
    return [
        f"{path.relative_to(root)}: {link}: {reason}"
        for path, page in pages.items()
        for link in page.links
        if (reason := _reason(root, path, link, known, base)) is not None
    ]


def _reason(root: Path, path: Path, link: str, known: dict[Path, Page], base: str) -> str | None:
    """Say what is wrong with a link, if something is."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        fine = parts.scheme in (*_ELSEWHERE, "data") and (parts.netloc or parts.path)
        return None if fine else "not an address"
    target = _target(root, path, unquote(parts.path), base)
    if target is None or not target.is_relative_to(root):
        return "out of what is published"
    if not target.exists():
        return "no such file"
    if not parts.fragment or target.suffix not in (".html", ".md"):
        return None
    if target not in known:
        known[target] = _read_html(target) if target.suffix == ".html" else _read_markdown(target)
    return None if unquote(parts.fragment) in known[target].anchors else "no such anchor"


def _target(root: Path, path: Path, link: str, base: str) -> Path | None:
    """Give the file that a link leads to, or none if it leads out of what is below the base."""
    if not link:
        return path
    if link.startswith("/") and not link.startswith(base):
        return None
    target = (root / link.removeprefix(base) if link.startswith("/") else path.parent / link).resolve()
    index = target / "index.html"
    return index if index.is_file() else target


def _read_markdown(path: Path) -> Page:
    """Read a file as GitHub does: an anchor is a heading without its punctuation."""
    text = _FENCED.sub("", path.read_text(encoding="utf-8"))
    anchors: set[str] = set()
    for heading in _HEADING.findall(text):
        anchors.add(_next(re.sub(r"[^\w -]", "", _LINK.sub("]", heading).lower()).replace(" ", "-"), anchors))
    return Page(_LINK.findall(_CODE.sub("", text)), anchors)


def _next(anchor: str, taken: set[str]) -> str:
    """Give the anchor of a heading whose words were there before."""
    counted = (f"{anchor}-{count}" for count in range(1, len(taken) + 1))
    return next((each for each in (anchor, *counted) if each not in taken), anchor)


def _read_html(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.page.anchors.update(_values(given, "id", "name"))
        # For a page outside the navigation the theme writes an empty address.
        self.page.links.extend(_values(given, "href", "src"))


def _values(attributes: dict[str, str | None], *names: str) -> Iterator[str]:
    return (value for name in names if (value := attributes.get(name)))
