"""What the benchmarks have in common: their command line, progress, and how figures are printed and kept.

Figures are kept in docs/performance.md. Its words are written by hand, in one place; between two marks each benchmark
puts its own figures with ``--write``, with the day, the machine and the versions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(frozen=True)
class Table:
    """Figures as people read them: text in columns, the first of which says what a row is about."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def as_text(self) -> list[str]:
        """Lay it out for a terminal."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        first, *others = widths
        return [
            self.caption,
            "",
            *("  ".join([row[0].ljust(first), *map(str.rjust, row[1:], others)]).rstrip() for row in lines),
            "",
        ]

    def as_markdown(self) -> list[str]:
        """Lay it out for the page."""
        ruler = ["---", *("---:" for _ in self.columns[1:])]
        return [self.caption, "", *(f"| {' | '.join(row)} |" for row in (self.columns, ruler, *self.rows)), ""]


@dataclass(frozen=True)
class Aim:
    """What a figure is to be, at most or at least."""

    what: str
    measured: float
    bound: float
    at_least: bool = False
    #: How the two are written.
    form: str = ".2f"

    @property
    def is_met(self) -> bool:
        """Whether it is."""
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound

    def as_row(self) -> Sequence[str]:
        """Lay it out for a table."""
        bound = f"{'at least' if self.at_least else 'at most'} {self.bound:{self.form}}"
        return self.what, f"{self.measured:{self.form}}", bound, "yes" if self.is_met else "**no**"


@dataclass(frozen=True)
class Result:
    """All that a benchmark found."""

    #: Of what was measured, and of what it was measured with.
    versions: Mapping[str, str]
    tables: Sequence[Table]
    aims: Sequence[Aim]
    #: The same for programs, by name.
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def _all_tables(self) -> Sequence[Table]:
        if not self.aims:
            return self.tables
        aims = Table("Aims", ("aim", "measured", "bound", "met"), [aim.as_row() for aim in self.aims])
        return *self.tables, aims

    def as_text(self) -> str:
        """Lay it out for a terminal."""
        return "\n".join([self._circumstances(), "", *(line for each in self._all_tables for line in each.as_text())])

    def as_markdown(self) -> str:
        """Lay it out for the page."""
        tables = [line for each in self._all_tables for line in each.as_markdown()]
        return "\n".join([f"{self._circumstances()}.", "", *tables])

    def as_json(self) -> str:
        """Lay it out for programs."""
        aims = [{**asdict(aim), "met": aim.is_met} for aim in self.aims]
        return json.dumps({"versions": self.versions, "machine": machine(), **self.figures, "aims": aims}, indent=2)

    def _circumstances(self) -> str:
        made_with = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        return f"{datetime.now(timezone.utc):%Y-%m-%d}, {machine()}; {made_with}"


def arguments(
    description: str | None, argv: Sequence[str] | None = None, **repetitions: tuple[int, str]
) -> argparse.Namespace:
    """Read the command line.

    Args:
        description: What the benchmark does.
        argv: The arguments. Default: those of this process.
        repetitions: The options that take a number of 1 and more: each with its default, and what it counts.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, (default, what) in repetitions.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=_count, default=default, help=f"{what} (default: {default})")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=PAGE,
        metavar="PAGE",
        help="put the figures into their section of a page as well (without a name: docs/performance.md)",
    )
    return parser.parse_args(argv)


def _count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return int(text)


def progress(text: str) -> None:
    """Tell who waits."""
    print(text, end="", file=sys.stderr, flush=True)


def versions(*packages: str, node: bool = False) -> dict[str, str]:
    """Give what was measured, and with what."""
    found = {**{name: version(name) for name in packages}, "Python": platform.python_version()}
    if node:
        command = [os.environ.get("JSII_NODE", "node"), "--version"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found["Node.js"] = told.strip().removeprefix("v")
    return found


def machine() -> str:
    """Give what the figures were measured on."""
    return f"{os.cpu_count()} cores of {_processor()}, {platform.system()} {platform.release()}"


def _processor() -> str:
    """Give the name of the processor, which Python does not know on Linux."""
    try:
        told = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        told = None
    return told[1].strip() if told else platform.processor() or platform.machine()


def show(section: str, result: Result, given: argparse.Namespace) -> None:
    """Print what was found, and put it into the page where that was asked for.

    Args:
        section: The name of the section: that of the benchmark.
        result: What was found.
        given: The command line.
    """
    print(result.as_json() if given.json else result.as_text())
    if given.write is not None:
        write(given.write, section, result.as_markdown())


def write(page: Path, section: str, markdown: str) -> None:
    """Put figures between the two marks of their section, and leave the rest of the page as it is.

    Raises:
        SystemExit: The page has no such section.
    """
    text = page.read_text(encoding="utf-8")
    begin, end = f"<!-- {section}: figures by bench/{section}.py -->", f"<!-- {section}: end -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page} has no section for {section}: it takes the lines {begin!r} and {end!r}")
    page.write_text(f"{before}{begin}\n\n{markdown.rstrip()}\n\n{end}{after}", encoding="utf-8")
    progress(f"written into {page}\n")
