"""Check that a tag, version.json, CHANGELOG.md and the pages say the same.

make release-check ARGS="--tag v0.2.0"
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from changelog import NO_ADDRESS, Project, Unfit
from pages import unreleased


def check(project: Project, tag: str) -> str:
    """Check a tag.

    Args:
        project: What is to be released.
        tag: The tag, as in ``v0.2.0``.

    Returns:
        What the changelog says of the version, as Markdown.

    Raises:
        Unfit: If they do not say the same.
    """
    if tag != f"v{project.version}":
        raise Unfit(f"The tag must be v{project.version}, as version.json says, and is {tag!r}.")
    if project.released[:1] != [project.version]:
        newest = project.released[0] if project.released else "none"
        raise Unfit(f"The newest version in CHANGELOG.md must be {project.version}, and is {newest}: see make release.")
    notes = project.notes(project.version)
    if not notes.strip():
        raise Unfit(f"CHANGELOG.md has nothing below its heading of {project.version}.")
    if project.repository is None:
        raise Unfit(NO_ADDRESS)
    if said := unreleased(project.root):
        raise Unfit(f"That nothing is released yet is said in {', '.join(said)}: see make release.")
    return notes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What was typed; by default, this process's.

    Returns:
        0, or 1 if tag, version and changelog do not say the same.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    # Read from the environment, never put into a command line: whoever pushes a tag chooses its characters.
    parser.add_argument("--tag", default=os.environ.get("GITHUB_REF_NAME"), help="by default, GITHUB_REF_NAME")
    parser.add_argument("--notes", type=Path, metavar="FILE", help="write what the changelog says of the version there")
    options = parser.parse_args(arguments)
    if options.tag is None:
        parser.error("name a tag, as in --tag v0.2.0")
    try:
        notes = check(Project(), options.tag)
    except Unfit as unfit:
        print(unfit, file=sys.stderr)
        return 1
    if options.notes:
        options.notes.write_text(notes, encoding="utf-8")
    print(f"{options.tag}, version.json and CHANGELOG.md say the same.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
