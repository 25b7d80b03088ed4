"""The version, the changelog and the address, each from its one place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keepachangelog

ROOT = Path(__file__).parent.parent
UNRELEASED = "unreleased"
NO_ADDRESS = (
    "The repository's address is not set, and without it the links of README lead nowhere on PyPI: set REPOSITORY in "
    "projenrc/address.py, and make generate."
)


class Unfit(Exception):
    """What stands in the way of a release, in the words of whoever has to correct it."""


@dataclass(frozen=True)
class Project:
    """The folder of the repository."""

    root: Path = ROOT

    @property
    def version_file(self) -> Path:
        """The file that hatch reads the version from."""
        return self.root / "version.json"

    @property
    def changelog(self) -> Path:
        """The changelog."""
        return self.root / "CHANGELOG.md"

    @property
    def version(self) -> str:
        """The version, as version.json has it."""
        return str(json.loads(self.version_file.read_text(encoding="utf-8"))["version"])

    @property
    def repository(self) -> str | None:
        """The address of the repository, as pyproject.toml has it: `make generate` writes it there, if there is one."""
        text = (self.root / "pyproject.toml").read_text(encoding="utf-8")
        found = re.search(r'^ *Repository = "(.*)"$', text, re.MULTILINE)
        return found[1] if found else None

    @property
    def sections(self) -> dict[str, dict[str, object]]:
        """The changelog by version, the newest first, with what is unreleased; in it by heading, in small letters."""
        return dict(keepachangelog.to_dict(str(self.changelog), show_unreleased=True))

    @property
    def released(self) -> list[str]:
        """The versions that have been released, the newest first."""
        return [version for version in self.sections if version != UNRELEASED]

    def notes(self, version: str) -> str:
        """Give what the changelog says of a released version, as Markdown; nothing if it does not know it."""
        return str(keepachangelog.to_raw_dict(str(self.changelog)).get(version, {}).get("raw", ""))

    def added_rules(self, version: str) -> set[str]:
        """Give the ids of the rules that a version adds, by the changelog's heading "Rules"."""
        entries = self.sections.get(version, {}).get("rules", [])
        assert isinstance(entries, list)
        # What a line break has parted belongs together. Each entry begins with what happened to the rules it names.
        parts = re.split(r"\b(Added|Changed|Retired)\b", " ".join(entries))
        told = zip(parts[1::2], parts[2::2], strict=True)
        return {id_ for event, text in told if event == "Added" for id_ in _ids(text)}


def _ids(text: str) -> Iterator[str]:
    """Give the ids that a text names, those within "LMI001 to LMI006" too."""
    for match in re.finditer(r"LMI(\d{3})(?: to LMI(\d{3}))?", text):
        first, last = int(match[1]), int(match[2] or match[1])
        yield from (f"LMI{number:03}" for number in range(first, last + 1))
