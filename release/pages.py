"""What README and the documentation say as long as nothing has been released.

It stands between two comments, and the first release takes it away::

    Alpha<!-- until release -->, and not released yet<!-- /until release -->.
"""

from __future__ import annotations

import re
from pathlib import Path

BEGIN, END = "<!-- until release -->", "<!-- /until release -->"
_MARKED = re.compile(rf"{BEGIN}.*?{END}", re.DOTALL)
_SAID = re.compile(rf"{BEGIN}|{END}|\bnot\s+(?:released\s+yet|yet\s+released)\b|\buntil\s+\S+\s+is\s+released\b", re.I)


def unreleased(root: Path, *, unmarked: bool = False) -> list[str]:
    """Give where pages say that nothing has been released.

    Args:
        root: The folder of the project.
        unmarked: Only what a release would not take away.

    Returns:
        Places, as in ``docs/index.md:64``.
    """
    places = []
    for page in _pages(root):
        text = page.read_text(encoding="utf-8")
        if unmarked:
            # Lines keep their numbers.
            text = _MARKED.sub(lambda match: "\n" * match[0].count("\n"), text)
        lines = [text.count("\n", 0, match.start()) + 1 for match in _SAID.finditer(text)]
        places += [f"{page.relative_to(root)}:{line}" for line in dict.fromkeys(lines)]
    return places


def release_pages(root: Path) -> None:
    """Take away what is no longer so once there is a release."""
    for page in _pages(root):
        before = page.read_text(encoding="utf-8")
        after = _MARKED.sub("", before)
        if after != before:
            page.write_text(after, encoding="utf-8")


def _pages(root: Path) -> list[Path]:
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
