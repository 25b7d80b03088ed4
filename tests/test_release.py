"""Releases: version and changelog agree, a version is made in one step, and what would be uploaded has been, once."""

import datetime
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name as canonical

from cdk_lmi.rules.catalogue import RULES

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
NEWEST_PYTHON = max(
    re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text()), key=lambda text: int(text[2:])
)
SINCE = {rule.id: rule.since for rule in RULES}
sys.path.insert(0, str(ROOT / "release"))

from changelog import UNRELEASED, Project, Unfit  # noqa: E402
from check import check  # noqa: E402
from prepare import prepare  # noqa: E402
from publib import CONSTRAINTS, PINS  # noqa: E402

CHANGELOG = """\
# Changelog

## [Unreleased]

### Fixed

- Something that
  was wrong.

### Rules

- Added LMI901 to LMI903 (weather) and LMI905. Changed LMI102: an error now.
- Retired LMI103.
"""
NEW = ["LMI901", "LMI902", "LMI903", "LMI905"]


@pytest.fixture
def project(tmp_path):
    """A project before its first release."""
    (tmp_path / "version.json").write_text('{\n  "version": "0.0.0"\n}\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    return Project(tmp_path)


def since(version):
    """Give what rules say of themselves: the new ones, and one of before."""
    return dict.fromkeys(NEW, version) | {"LMI102": "0.0.1"}


def test_version_and_changelog_agree():
    """The newest version that the changelog knows is the one that would be built."""
    project = Project()
    assert UNRELEASED in project.sections
    assert project.released[:1] in ([], [project.version])


def test_the_changelog_keeps_to_its_headings():
    """Those of Keep a Changelog, and Rules."""
    headings = {"added", "changed", "deprecated", "removed", "fixed", "security", "rules", "metadata"}
    for version, section in Project().sections.items():
        assert set(section) <= headings, version


def test_the_changelog_lists_each_rule_with_the_version_that_it_came_with():
    """Exactly those of the catalogue; what no release has yet is unreleased."""
    project = Project()
    listed = {version: project.added_rules(version) for version in project.sections}
    came = {version: {id_ for id_, first in SINCE.items() if first == version} for version in project.released}
    came[UNRELEASED] = {id_ for id_, first in SINCE.items() if first not in project.released}
    assert listed == came
    assert len({SINCE[id_] for id_ in came[UNRELEASED]}) <= 1


def test_ids_of_rules_are_read_one_by_one_and_in_ranges(project):
    """Only those that are new: what is changed or retired came before."""
    assert project.added_rules(UNRELEASED) == set(NEW)
    assert project.added_rules("0.0.0") == set()


def test_a_release_dates_what_is_unreleased(project):
    """In the changelog, word for word, and in version.json; then there is nothing unreleased."""
    prepare(project, "0.1.0", since("0.1.0"))
    today = datetime.date.today().isoformat()
    written = project.changelog.read_text()
    assert written == CHANGELOG.replace("## [Unreleased]\n", f"## [Unreleased]\n\n## [0.1.0] - {today}\n")
    assert json.loads(project.version_file.read_text()) == {"version": "0.1.0"}
    assert project.added_rules("0.1.0") == set(NEW)
    assert project.released == ["0.1.0"]
    notes = check(project, "v0.1.0")
    assert "- Something that\n  was wrong.\n" in notes
    assert "0.1.0" not in notes


def write_unreleased(project, text):
    """Write something below the changelog's heading of what is unreleased."""
    heading = "## [Unreleased]\n"
    project.changelog.write_text(project.changelog.read_text().replace(heading, f"{heading}\n{text}"))


def test_the_second_release_comes_above_the_first(project):
    """Its rules are those that came with it."""
    prepare(project, "0.1.0", since("0.1.0"))
    text = project.changelog.read_text().replace(
        "## [Unreleased]\n", "## [Unreleased]\n\n### Rules\n\n- Added LMI907.\n"
    )
    project.changelog.write_text(text)
    prepare(project, "0.1.1", since("0.1.0") | {"LMI907": "0.1.1"})
    assert project.released == ["0.1.1", "0.1.0"]
    assert "LMI907" in check(project, "v0.1.1")
    assert "LMI901" not in check(project, "v0.1.1")


@pytest.mark.parametrize("version", ["", "1", "v0.2.0", "0.2", "0.2.0rc1", "0.02.0", "0.2.0; true"])
def test_a_version_is_three_numbers(project, version):
    """As SemVer has it, and nothing is written otherwise."""
    with pytest.raises(Unfit, match="three numbers"):
        prepare(project, version, since(version))
    assert project.changelog.read_text() == CHANGELOG


@pytest.mark.parametrize("version", ["0.9.0", "0.8.9"])
def test_versions_rise(project, version):
    """A version that is out cannot be another one; numbers are compared, not letters."""
    prepare(project, "0.9.0", since("0.9.0"))
    write_unreleased(project, "### Fixed\n\n- More.\n")
    with pytest.raises(Unfit, match=r"above 0\.9\.0"):
        prepare(project, version, {})
    prepare(project, "0.10.0", {})
    assert project.version == "0.10.0"


def test_there_is_something_to_release(project):
    """A version that says nothing helps nobody."""
    prepare(project, "0.1.0", since("0.1.0"))
    with pytest.raises(Unfit, match="nothing below"):
        prepare(project, "0.2.0", {})


@pytest.mark.parametrize(
    ("rules", "named"), [(since("0.2.0"), "LMI901"), (since("0.1.0") | {"LMI906": "0.1.0"}, "LMI906")]
)
def test_a_release_has_the_rules_that_say_so(project, rules, named):
    """A rule without its line in the changelog, and a line without its rule, are told by id."""
    with pytest.raises(Unfit, match=named):
        prepare(project, "0.1.0", rules)
    assert project.version == "0.0.0"


@pytest.mark.parametrize("tag", ["v0.1.1", "0.1.0", "v0.1.0-rc1", "", "v0.1.0\n"])
def test_a_tag_names_the_version(project, tag):
    """Whatever else was pushed publishes nothing."""
    prepare(project, "0.1.0", since("0.1.0"))
    with pytest.raises(Unfit, match=r"must be v0\.1\.0"):
        check(project, tag)


def test_a_tag_waits_for_the_changelog(project):
    """A version that the changelog does not know, or says nothing of, is no release."""
    with pytest.raises(Unfit, match="is none"):
        check(project, "v0.0.0")
    project.changelog.write_text("# Changelog\n\n## [Unreleased]\n\n## [0.0.0] - 2026-11-27\n")
    with pytest.raises(Unfit, match="has nothing"):
        check(project, "v0.0.0")


@pytest.fixture
def copy(tmp_path):
    """A folder with what makes a release, on the eve of one that brings no rules."""
    shutil.copytree(ROOT / "release", tmp_path / "release")
    shutil.copy(ROOT / "version.json", tmp_path)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n")
    return tmp_path


def run(*command, environment=None, timeout=60):
    """Run a command of the release."""
    words = [sys.executable, *map(str, command)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=timeout, env=environment)


def test_the_commands_say_what_to_do_next(copy):
    """And exit with 1, without a traceback, when there is nothing to be done."""
    refused = run(copy / "release" / "prepare.py", "one")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "VERSION=0.2.0" in refused.stderr
    assert "Traceback" not in refused.stderr
    done = run(copy / "release" / "prepare.py", "99.0.0")
    assert done.returncode == 0, done.stderr
    assert "git tag --annotate v99.0.0" in done.stdout
    notes = copy / "notes.md"
    tagged = {"GITHUB_REF_NAME": "v99.0.0", "PATH": str(TOOLS)}
    done = run(copy / "release" / "check.py", "--notes", notes, environment=tagged)
    assert done.returncode == 0, done.stderr
    assert "- Something." in notes.read_text()
    pushed = {"GITHUB_REF_NAME": "v9.9.9$(touch x)", "PATH": str(TOOLS)}
    wrong = run(copy / "release" / "check.py", environment=pushed)
    assert wrong.returncode == 1
    assert "v9.9.9$(touch x)" in wrong.stderr


def rehearse(directory, timeout=600):
    """Rehearse a release of the files in a folder."""
    return run(ROOT / "release" / "rehearse.py", directory, timeout=timeout)


@pytest.fixture
def built(tmp_path):
    """The folder of wheel and sdist."""
    command = [TOOLS / "hatchling", "build", "-d", tmp_path / "dist"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return tmp_path / "dist"


def test_a_release_has_been_rehearsed(built):
    """The real files, through the real publib, to an index on this machine, and back into a new environment."""
    done = rehearse(built)
    assert done.returncode == 0, done.stderr
    assert "to http://127.0.0.1:" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"cdk-lmi {Project().version} uploads")


def test_all_that_uploads_is_pinned(tmp_path):
    """The packages of npm by their hashes; those of PyPI, attestations included, for the Python of the workflow."""
    packages = json.loads((PINS / "package-lock.json").read_text())["packages"]
    wanted = json.loads((PINS / "package.json").read_text())["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(package.get("integrity", "").startswith("sha512-") for name, package in packages.items() if name)
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if not line.startswith("#")]
    pinned = dict(line.split("==") for line in lines)
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--report", "-", "--ignore-installed"]
    python = ["--python-version", NEWEST_PYTHON, "--only-binary", ":all:", "--target", tmp_path]
    done = subprocess.run(
        [*command, *python, "--constraint", CONSTRAINTS, "twine<6.2.0", "id", "pypi-attestations"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {item["metadata"]["name"]: item["metadata"]["version"] for item in json.loads(done.stdout)["install"]}
    assert {"twine", "id", "pypi-attestations"} <= found.keys()
    assert {canonical(name): version for name, version in found.items()}.items() <= {
        canonical(name): version for name, version in pinned.items()
    }.items()


def change_metadata(wheel, before, after):
    """Write a wheel anew with another text in its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        content = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for info, data in content.items():
            archive.writestr(info, data.replace(before, after) if info.filename.endswith("/METADATA") else data)


@pytest.mark.parametrize(
    "change", [(b"Metadata-Version: 2.4", b"Metadata-Version: 2.5"), (b"text/markdown", b"text/x")]
)
def test_the_rehearsal_fails_on_metadata_that_cannot_be_uploaded(built, change):
    """Hatchling's newest is refused by the twine that publib takes."""
    (wheel,) = built.glob("*.whl")
    change_metadata(wheel, *change)
    done = rehearse(built)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert wheel.name in done.stderr or "metadata" in done.stderr.lower()


def test_the_rehearsal_fails_on_another_version_and_on_strangers(built):
    """Publib uploads all that it finds."""
    (built / "notes.md").touch()
    done = rehearse(built)
    assert (done.returncode, done.stdout, "notes.md" in done.stderr) == (1, "", True)
    (built / "notes.md").unlink()
    (wheel,) = built.glob("*.whl")
    wheel.rename(wheel.with_name(wheel.name.replace(Project().version, "0.0.9")))
    done = rehearse(built)
    assert (done.returncode, "0.0.9" in done.stderr, Project().version in done.stderr) == (1, True, True)
    shutil.rmtree(built)
    done = rehearse(built)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_rehearsal_leaves_nothing(built, tmp_path, number, code):
    """No index, no files, and no traceback."""
    (tmp_path / "scratch").mkdir()
    command = [sys.executable, ROOT / "release" / "rehearse.py", built]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "scratch")},
    ) as rehearsal:
        assert rehearsal.stdout
        assert rehearsal.stderr
        ports = (re.search(r"127\.0\.0\.1:(\d+)", line) for line in rehearsal.stdout)
        port = next(int(match[1]) for match in ports if match)
        os.killpg(rehearsal.pid, number)
        said = rehearsal.stderr.read()
        assert rehearsal.wait(30) == code
    assert "Traceback" not in said
    assert list((tmp_path / "scratch").iterdir()) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
