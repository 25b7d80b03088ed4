"""Releases: version and changelog agree, a version is made in one step, and what would be uploaded has been, once."""

import datetime
import functools
import hashlib
import http.server
import importlib.metadata
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name as canonical

from cdk_lmi.rules.catalogue import RULES

from .checkout import check_out, set_address

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
NEWEST_PYTHON = max(
    re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text()), key=lambda text: int(text[2:])
)
SINCE = {rule.id: rule.since for rule in RULES}
sys.path.insert(0, str(ROOT / "release"))

import published  # noqa: E402
from builder import NAMES, REQUIREMENTS  # noqa: E402
from changelog import UNRELEASED, Project, Unfit  # noqa: E402
from check import check  # noqa: E402
from pages import unreleased  # noqa: E402
from prepare import prepare  # noqa: E402
from publib import CONSTRAINTS, OLDEST_PYTHON, PINS  # noqa: E402

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
ADDRESS = "https://github.com/Example/cdk-lmi"
#: What `make generate` writes of an address, as far as a release reads it.
ADDRESSED = f'[project.urls]\nRepository = "{ADDRESS}"\n'
#: What a page says before the first release, in two lines.
UNTIL = "<!-- until release -->, not\nreleased yet<!-- /until release -->"


@pytest.fixture
def project(tmp_path):
    """A project before its first release."""
    (tmp_path / "version.json").write_text('{\n  "version": "0.0.0"\n}\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "pyproject.toml").write_text(ADDRESSED)
    (tmp_path / "README.md").write_text(f"Alpha{UNTIL}.\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# Home\n\nNew{UNTIL}.\n")
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


def test_the_first_release_corrects_what_pages_say(project):
    """Readers of what is released are not told that nothing is."""
    prepare(project, "0.1.0", since("0.1.0"))
    assert (project.root / "README.md").read_text() == "Alpha.\n"
    assert (project.root / "docs" / "index.md").read_text() == "# Home\n\nNew.\n"


def content(folder):
    """Give all that is in a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "said", ["This is not released yet.", "Until `it` is\nreleased, wait.", "<!-- until release -->"]
)
def test_a_release_is_refused_with_all_that_is_missing(project, said):
    """The address, what no release would correct, what the changelog lacks: in one message, and nothing is written."""
    (project.root / "pyproject.toml").write_text("[project]\n")
    (project.root / "docs" / "index.md").write_text(f"# Home\n\nNew{UNTIL}.\n{said}\n")
    before = content(project.root)
    with pytest.raises(Unfit) as refused:
        prepare(project, "0.1.0", {})
    assert [word in str(refused.value) for word in ("REPOSITORY", "docs/index.md:5", "LMI901")] == [True] * 3
    assert "README.md:" not in str(refused.value)
    assert content(project.root) == before


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


def test_a_tag_waits_for_the_pages(project):
    """Whoever has made the version by hand may have left what is not so any more."""
    prepare(project, "0.1.0", since("0.1.0"))
    (project.root / "docs" / "index.md").write_text(f"# Home\n\nNew{UNTIL}.\n")
    with pytest.raises(Unfit, match=r"docs/index\.md:3"):
        check(project, "v0.1.0")


def test_a_tag_waits_for_the_address(project):
    """What PyPI has once, it shows for ever."""
    prepare(project, "0.1.0", since("0.1.0"))
    (project.root / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(Unfit, match="REPOSITORY"):
        check(project, "v0.1.0")


def test_pages_agree_with_the_changelog():
    """On whether there is a release; until there is, README says so, and all that is said is marked."""
    project = Project()
    assert bool(unreleased(project.root)) is (not project.released)
    assert unreleased(project.root, unmarked=True) == []


@pytest.fixture
def copy(tmp_path):
    """A folder with what makes a release, on the eve of one that brings no rules."""
    shutil.copytree(ROOT / "release", tmp_path / "release")
    shutil.copy(ROOT / "version.json", tmp_path)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Something.\n")
    (tmp_path / "pyproject.toml").write_text(ADDRESSED)
    (tmp_path / "README.md").touch()
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
    told = [line.strip() for line in done.stdout.splitlines()]
    steps = [line for line in told if line.startswith(("make", "git"))]
    assert steps[:2] == ["make test", "make release-rehearsal"]
    assert steps[3].startswith("git tag --annotate v99.0.0")
    notes = copy / "notes.md"
    tagged = {"GITHUB_REF_NAME": "v99.0.0", "PATH": str(TOOLS)}
    done = run(copy / "release" / "check.py", "--notes", notes, environment=tagged)
    assert done.returncode == 0, done.stderr
    assert "- Something." in notes.read_text()
    pushed = {"GITHUB_REF_NAME": "v9.9.9$(touch x)", "PATH": str(TOOLS)}
    wrong = run(copy / "release" / "check.py", environment=pushed)
    assert wrong.returncode == 1
    assert "v9.9.9$(touch x)" in wrong.stderr


def test_the_next_two_releases_are_consistent(tmp_path):
    """Two of them, made as they will be: the tests that hold version, changelog and pages to each other pass then."""
    check_out(tmp_path)
    generated = set_address(tmp_path, ADDRESS)
    assert generated.returncode == 0, generated.stderr
    project = Project(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    first = project.version if not project.released else raised(project.version)
    for version in (first, raised(first)):
        if project.released:
            write_unreleased(project, "### Fixed\n\n- More.\n")
        made = run(tmp_path / "release" / "prepare.py", version, environment=environment)
        assert made.returncode == 0, made.stderr
        files = [tmp_path / "tests" / f"test_{name}.py" for name in ("release", "comparison", "readme")]
        options = [
            "-p",
            "no:cacheprovider",
            "--rootdir",
            tmp_path,
            "-k",
            "agree or changelog or versions_are or readme",
        ]
        held = run("-m", "pytest", "-q", *options, *files, environment=environment, timeout=300)
        assert held.returncode == 0, held.stdout
        assert check(project, f"v{version}")


def raised(version):
    """Give the next minor version."""
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"


#: Where pip cannot install what uploads, there is nothing to rehearse.
rehearsed = pytest.mark.skipif(sys.version_info < OLDEST_PYTHON, reason="what uploads is pinned for a newer Python")


def rehearse(directory, timeout=600):
    """Rehearse a release of the files in a folder."""
    return run(ROOT / "release" / "rehearse.py", directory, timeout=timeout)


@pytest.fixture
def built(tmp_path):
    """The folder of wheel and sdist."""
    command = [TOOLS / "hatchling", "build", "-d", tmp_path / "dist"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return tmp_path / "dist"


@rehearsed
def test_a_release_has_been_rehearsed(built):
    """The real files, through the real publib, to an index on this machine, and back into a new environment."""
    done = rehearse(built)
    assert done.returncode == 0, done.stderr
    assert "to http://127.0.0.1:" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"cdk-lmi {Project().version} uploads")


@pytest.mark.skipif(sys.version_info >= OLDEST_PYTHON, reason="rehearses instead")
def test_on_an_older_python_there_is_no_rehearsal(built):
    """Rather than one that says of a good release that it would fail."""
    done = rehearse(built)
    assert (done.returncode, done.stdout) == (2, "")
    assert "make setup PYTHON=" in done.stderr


def report(requirements, folder, *options):
    """Give what pip would install on the Python of the workflow, by name, and what of it is required there."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--report", "-", "--ignore-installed"]
    python = ["--python-version", NEWEST_PYTHON, "--only-binary", ":all:", "--target", folder]
    done = subprocess.run(
        [*command, *python, *options, *requirements], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found = {canonical(item["metadata"]["name"]): item["metadata"] for item in json.loads(done.stdout)["install"]}
    return found, required(found, requirements)


def test_all_that_builds_is_pinned(tmp_path):
    """By its hash, at the versions of .venv: what is released is built as it was tested."""
    wanted = [f"{name}=={importlib.metadata.version(name)}" for name in NAMES]
    declared = re.search(r"(?m)^requires = (\[.*\])$", (ROOT / "pyproject.toml").read_text())
    assert declared
    assert {Requirement(text).name for text in json.loads(declared[1])} == set(NAMES)
    lines = [line for line in REQUIREMENTS.read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"\S+==\S+ --hash=sha256:[0-9a-f]{64}", line) for line in lines)
    pinned = {line.split()[0] for line in lines}
    assert set(wanted) <= pinned
    # Resolved by pip with the pins and nothing else, it is all there.
    (tmp_path / "constraints.txt").write_text("\n".join(sorted(pinned)))
    _, needed = report(wanted, tmp_path / "target", "--constraint", tmp_path / "constraints.txt")
    assert needed == {canonical(line.split("==")[0]) for line in pinned}


def test_all_that_uploads_is_pinned(tmp_path):
    """The packages of npm by their hashes; those of PyPI, attestations included, for the Python of the workflow."""
    packages = json.loads((PINS / "package-lock.json").read_text())["packages"]
    wanted = json.loads((PINS / "package.json").read_text())["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(package.get("integrity", "").startswith("sha512-") for name, package in packages.items() if name)
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if not line.startswith("#")]
    pinned = dict(line.split("==") for line in lines)
    found, needed = report(["twine<6.2.0", "id", "pypi-attestations"], tmp_path, "--constraint", CONSTRAINTS)
    assert len(needed) > 20
    versions = {canonical(name): version for name, version in pinned.items()}
    assert needed <= versions.keys()
    assert {name: found[name]["version"] for name in needed & found.keys()}.items() <= versions.items()


def required(found, roots):
    """Give what packages require on the Python of the workflow: pip judges markers by the one that it runs on."""
    python = {**default_environment(), "python_version": NEWEST_PYTHON, "python_full_version": f"{NEWEST_PYTHON}.0"}
    needed: set[tuple[str, str]] = set()
    waiting = [Requirement(name) for name in roots]
    while waiting:
        requirement = waiting.pop()
        name = canonical(requirement.name)
        for extra in {"", *requirement.extras}:
            if (name, extra) not in needed:
                needed.add((name, extra))
                declared = map(Requirement, found.get(name, {}).get("requires_dist", []))
                given = {**python, "extra": extra}
                waiting += [each for each in declared if not each.marker or each.marker.evaluate(given)]
    return {name for name, _ in needed}


def change_metadata(wheel, before, after):
    """Write a wheel anew with another text in its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        content = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for info, data in content.items():
            archive.writestr(info, data.replace(before, after) if info.filename.endswith("/METADATA") else data)


@rehearsed
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


@rehearsed
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


@rehearsed
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


@pytest.fixture
def distributions(tmp_path):
    """A folder of what a release consists of."""
    (tmp_path / "dist").mkdir()
    for name in ("cdk_lmi-0.2.0-py3-none-any.whl", "cdk_lmi-0.2.0.tar.gz"):
        (tmp_path / "dist" / name).write_bytes(name.encode())
    return tmp_path / "dist"


@pytest.fixture
def pypi(tmp_path):
    """An index that says of a version what is written for it: its address, and how to write."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "index")
    file = tmp_path / "index" / "pypi" / "cdk-lmi" / "0.2.0" / "json"
    file.parent.mkdir(parents=True)

    def write(files):
        urls = [
            {"filename": name, "digests": {"sha256": hashlib.sha256(text).hexdigest()}} for name, text in files.items()
        ]
        file.write_text(json.dumps({"urls": urls}))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", write
        server.shutdown()
        thread.join()


def test_what_was_published_is_what_was_built(distributions, pypi):
    """PyPI takes a moment to show it."""
    address, write = pypi
    files = {path.name: path.read_bytes() for path in distributions.iterdir()}
    timer = threading.Timer(0.3, write, [files])
    timer.start()
    assert published.differences(distributions, address, patience=30, pause=0.1) == []
    timer.join()
    done = run(ROOT / "release" / "published.py", distributions, "--index", address)
    assert (done.returncode, done.stderr) == (0, "")


def test_of_a_moved_tag_it_is_told_that_nothing_was_published(distributions, pypi):
    """Publib passes over files that are there: they are another tag's, and stay so, without waiting."""
    address, write = pypi
    wheel, sdist = sorted(path.name for path in distributions.iterdir())
    write({wheel: wheel.encode(), sdist: b"of before"})
    done = run(ROOT / "release" / "published.py", distributions, "--index", address, timeout=30)
    assert done.returncode == 1
    assert sdist in done.stderr
    assert wheel not in done.stderr


def test_what_does_not_come_is_told(distributions, pypi):
    """One file of the two, or an index that does not know the version."""
    address, write = pypi
    assert len(published.differences(distributions, address, patience=0.2, pause=0.1)) == 2
    wheel, sdist = sorted(path.name for path in distributions.iterdir())
    write({wheel: wheel.encode()})
    (told,) = published.differences(distributions, address, patience=0.2, pause=0.1)
    assert sdist in told
