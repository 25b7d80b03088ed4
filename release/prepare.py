"""Make what is unreleased a version: in version.json, CHANGELOG.md and what pages say. Commits and pushes nothing.

make release VERSION=0.2.0
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence

import keepachangelog
from changelog import NO_ADDRESS, UNRELEASED, Project, Unfit
from pages import BEGIN, END, release_pages, unreleased

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")

NEXT = """\
{version} is in version.json and CHANGELOG.md. Look at the difference, and then:

    make test
    make release-rehearsal
    git commit --all --message "Release {version}"
    git tag --annotate v{version} --message "Release {version}"
    git push --atomic origin main v{version}

The pushed tag starts the workflow that publishes it."""


def prepare(project: Project, version: str, since: Mapping[str, str]) -> None:
    """Write a version into version.json and the changelog, and have the pages no longer say that there is none.

    Args:
        project: What is to be released.
        version: The version, as in ``0.2.0``.
        since: For each rule, by id, the version that it says it came with.

    Raises:
        Unfit: If anything is in the way, with all that is. Nothing has been written then.
    """
    problems = [*_version_problems(project, version, since), *_project_problems(project)]
    if problems:
        raise Unfit("\n".join(problems))
    release_pages(project.root)
    keepachangelog.release(str(project.changelog), version)
    project.version_file.write_text(json.dumps({"version": version}, indent=2) + "\n", encoding="utf-8")


def _version_problems(project: Project, version: str, since: Mapping[str, str]) -> Iterator[str]:
    if not VERSION.fullmatch(version):
        yield f"VERSION must be three numbers, as in 0.2.0, and is {version!r}: make release VERSION=0.2.0"
        return
    newest = max(project.released, key=_numbers, default=None)
    if newest and _numbers(version) <= _numbers(newest):
        yield f"VERSION must be above {newest}, the newest release in CHANGELOG.md, and is {version}."
    if not set(project.sections.get(UNRELEASED, {})) - {"metadata"}:
        yield 'CHANGELOG.md has nothing below "## [Unreleased]": say there what users will notice.'
    listed = project.added_rules(UNRELEASED)
    new = {rule for rule, first in since.items() if first == version}
    if listed != new:
        yield (
            f"Rules that say they came with {version} and those that CHANGELOG.md says are new must be the same, and "
            f"only one of the two has {', '.join(sorted(listed ^ new))}. Set the rule's `since`, or correct the "
            "changelog."
        )


def _project_problems(project: Project) -> Iterator[str]:
    if project.repository is None:
        yield NO_ADDRESS
    for place in unreleased(project.root, unmarked=True):
        yield (
            f"{place} says that nothing is released yet: put that between {BEGIN} and {END}, and the first release "
            "takes it away."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What was typed; by default, this process's.

    Returns:
        0, or 1 if anything is in the way.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="as in 0.2.0")
    version = parser.parse_args(arguments).version
    from cdk_lmi.rules.catalogue import RULES

    try:
        prepare(Project(), version, {rule.id: rule.since for rule in RULES})
    except Unfit as unfit:
        print(unfit, file=sys.stderr)
        return 1
    print(NEXT.format(version=version))
    return 0


if __name__ == "__main__":
    sys.exit(main())
