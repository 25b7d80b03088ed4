"""Pages, and the blocks in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sybil import Document, Example, Region
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, RawFencedCodeBlockLexer

ROOT = Path(__file__).parents[2]
#: Made from the rules, whose tests hold each of its blocks.
GENERATED = ROOT / "docs" / "rules.md"

#: How a command within a sentence begins.
MENTION = re.compile(r"(?:aws|cdk|cdk-lmi|make|pip|npx \S+) \S")

Evaluator = Callable[[Example], str | None]


class Block(NamedTuple):
    """A block, fenced or in a comment."""

    language: str
    #: The file that it is to be, as in ``python title="index.py"``.
    title: str | None
    source: str


def pages() -> list[Path]:
    """Give the pages whose blocks are played."""
    named = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "examples/orders_api/README.md")]
    found = [*(page for page in named if page.exists()), *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if page != GENERATED]


def read(page: Path, evaluate: Evaluator) -> Document:
    """Read a page, each of its blocks to be evaluated by this."""

    def regions(document: Document) -> Iterator[Region]:
        for region in RawFencedCodeBlockLexer(re.compile(r"(?P<info>[^\n]*)\n"))(document):
            yield Region(region.start, region.end, _block(**region.lexemes), evaluate)
        # Set-up that readers need not see.
        for region in DirectiveInHTMLCommentLexer("invisible-code-block", "python")(document):
            yield Region(region.start, region.end, Block("python", None, str(region.lexemes["source"])), evaluate)

    return Document.parse(str(page), regions)


def blocks(page: Path) -> list[Block]:
    """Give the blocks of a page, in order."""
    return [example.parsed for example in read(page, lambda example: None).examples()]


def mentions(text: str) -> list[str]:
    """Give the commands that sentences of a page name, in code of one line."""
    in_sentences = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.DOTALL | re.MULTILINE)
    found = (" ".join(code.split()) for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", in_sentences))
    return list(dict.fromkeys(code for code in found if MENTION.match(code)))


def _block(info: str, source: str) -> Block:
    language, *attributes = shlex.split(info.strip()) or [""]
    titles = [attribute.partition("=")[2] for attribute in attributes if attribute.startswith("title=")]
    return Block(language, next(iter(titles), None), str(source))
