"""The wheel as a stranger meets it: built, installed beside nothing but what it declares, and used."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from readme_renderer import markdown

from projenrc import address

from .checkout import check_out, set_address

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
OLDEST_PYTHON = "3.10"
# A stranger's app: ten lines, and none of them in the documentation.
APP = """
import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_, aws_sqs as sqs
from cdk_lmi import ManagedInstanceFunction, check_template, size
app = cdk.App()
stack = cdk.Stack(app, "Stranger")
code = lambda_.Code.from_inline("def handler(event, context): return event")
runtime = lambda_.Runtime.PYTHON_3_14
work = ManagedInstanceFunction(stack, "Work", runtime=runtime, handler="index.handler", code=code, memory_size=2048)
sqs.Queue(stack, "Queue").grant_send_messages(work)
template = app.synth().get_stack_by_name("Stranger").template
assert [violation.id for violation in check_template(template)] == []
assert size(memory_per_process=100, rate=10, duration=0.1).memory_size % 1024 == 0
"""
# What a type checker can only find if it has read the types of this library and of AWS CDK.
MISTAKE = APP.replace("memory_size=2048", 'memory_size="2048"')


def run(*command, **options):
    """Run a command; what it printed is in the failure."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of wheel and sdist."""
    directory = tmp_path_factory.mktemp("dist")
    run(TOOLS / "hatchling", "build", "-d", directory, cwd=ROOT)
    return directory


@pytest.fixture(scope="module")
def wheel(built):
    """The wheel."""
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def sdist(built):
    """The source distribution."""
    (path,) = built.glob("*.tar.gz")
    return path


@pytest.fixture(scope="module")
def metadata(wheel):
    """What the wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def test_the_wheel_has_the_package_and_nothing_else(wheel):
    """All that Git has of it, types declared, and no tests, examples or build files."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", "--", "src/cdk_lmi", cwd=ROOT).splitlines()
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name for name in names if ".dist-info/" not in name} == {name.removeprefix("src/") for name in listed}
    assert "cdk_lmi/py.typed" in names


def test_the_sdist_builds_the_same_wheel(sdist, wheel, tmp_path):
    """With what it declares to be built by."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path)  # our own; Debian's Python has no filters yet
    (source,) = tmp_path.iterdir()
    run(TOOLS / "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist", cwd=source)
    (again,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert {i.filename: i.CRC for i in first.infolist()} == {i.filename: i.CRC for i in second.infolist()}


def test_metadata_is_what_the_uploader_takes(metadata):
    """Version 2.4, and a description that can be shown."""
    assert metadata["Metadata-Version"] == "2.4"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Description-Content-Type"] == "text/markdown"


ADDRESS = "https://github.com/Example/cdk-lmi"


@pytest.fixture(scope="module")
def addressed(tmp_path_factory):
    """This repository with an address, generated, and the texts of the metadata of its wheel and its sdist."""
    folder = check_out(tmp_path_factory.mktemp("addressed"))
    generated = set_address(folder, ADDRESS)
    assert generated.returncode == 0, generated.stderr
    run(TOOLS / "hatchling", "build", cwd=folder)
    (wheel,), (sdist,) = (folder / "dist").glob("*.whl"), (folder / "dist").glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive, tarfile.open(sdist) as sources:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        info = sources.extractfile(sdist.name.removesuffix(".tar.gz") + "/PKG-INFO")
        assert info
        return folder, [archive.read(name).decode(), info.read().decode()]


def shown(description):
    """Give what PyPI shows of a description, and where its links lead and its images come from."""
    html = markdown.render(description)
    assert html
    return html, re.findall(r'(?:href|src)="([^"]*)"', html)


def test_with_an_address_all_links_on_pypi_lead_somewhere(addressed):
    """To the files of the same version. No picture is shown as the text that it is drawn from."""
    folder, texts = addressed
    for text in texts:
        metadata = Parser().parsestr(text)
        html, links = shown(metadata.get_payload())
        files = f"{ADDRESS}/blob/v{metadata['Version']}/"
        paths = [link.removeprefix(files) for link in links if link.startswith(files)]
        assert {"docs/tutorial.md", "ARCHITECTURE.md", "README.md"} <= set(paths)
        assert [path for path in paths if not (folder / path.partition("#")[0]).is_file()] == []
        assert [link for link in links if not link.startswith(("https://", "#"))] == []
        assert "flowchart" not in html
        assert "The picture" in html
        assert "drawn" not in html


def test_with_an_address_pypi_shows_where_the_project_is(addressed):
    """Its repository, its changes, its documentation, where to write to; and the metadata is still what uploads."""
    for text in addressed[1]:
        metadata = Parser().parsestr(text)
        assert metadata["Metadata-Version"] == "2.4"
        named = (line.partition(", ") for line in metadata.get_all("Project-URL", []))
        assert {name: place for name, _, place in named} == {
            "Repository": ADDRESS,
            "Documentation": "https://example.github.io/cdk-lmi/",
            "Changelog": f"{ADDRESS}/blob/main/CHANGELOG.md",
            "Issues": f"{ADDRESS}/issues",
        }


def test_with_an_address_the_site_and_the_forms_name_it(addressed):
    """Without one, they do not; to set and to unset it leaves no trace."""
    folder, _ = addressed
    site = (folder / "zensical.toml").read_text()
    assert '\nsite_url = "https://example.github.io/cdk-lmi/"\n' in site
    assert f'link = "{ADDRESS}"' in site
    forms = (folder / ".github" / "ISSUE_TEMPLATE" / "config.yml").read_text()
    assert f"url: {ADDRESS}/security/advisories/new\n" in forms
    if address.REPOSITORY is None:
        generated = set_address(folder, None)
        assert generated.returncode == 0, generated.stderr
        for name in ("zensical.toml", "pyproject.toml", ".github/ISSUE_TEMPLATE/config.yml"):
            assert (folder / name).read_text() == (ROOT / name).read_text()


@pytest.mark.parametrize("wrong", [f"{ADDRESS}/", f"{ADDRESS}.git", "git@github.com:Example/cdk-lmi", "cdk-lmi", ""])
def test_an_address_is_one_that_links_can_begin_with(monkeypatch, wrong):
    """Anything else is refused where it is written into files."""
    monkeypatch.setattr(address, "REPOSITORY", wrong)
    for make in (address.urls, address.description, address.private_report):
        with pytest.raises(ValueError, match=r"https://github\.com/OWNER/NAME"):
            make()


def floors(metadata):
    """Give the oldest versions that the wheel says will do."""
    required = [text for text in metadata.get_all("Requires-Dist") if "extra" not in text]
    found = [re.match(r"([\w-]+).*>=([\d.]+)", text) for text in required]
    return [f"{match[1]}=={match[2]}" for match in found if match]


@pytest.fixture(scope="module", params=["newest", "oldest"])
def installed(request, wheel, metadata, tmp_path_factory):
    """The Python of a new environment that has the wheel, with the newest of what it needs or the oldest."""
    directory = tmp_path_factory.mktemp(request.param)
    venv.create(directory / "venv", with_pip=True, symlinks=True)
    python = directory / "venv" / "bin" / "python"
    exact = floors(metadata) if request.param == "oldest" else []
    assert len(exact) == (3 if request.param == "oldest" else 0)
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", wheel, *exact)
    return python


@pytest.fixture(scope="module")
def app(installed):
    """The folder of the stranger's app, outside of the repository."""
    directory = installed.parents[2] / "stranger"
    directory.mkdir()
    (directory / "app.py").write_text(APP)
    return directory


def of_a_stranger(home):
    """Give an environment that knows nothing of this repository. Node is the machine's, which is ours here."""
    return {"PATH": f"{TOOLS}:{os.defpath}", "HOME": str(home), "CDK_OUTDIR": "cdk.out"}


def test_a_stranger_s_app_synthesises_and_is_clean(installed, app):
    """With the wheel, and what came with it; then the command says so too."""
    run(installed, "app.py", cwd=app, env=of_a_stranger(app))
    template = json.loads((app / "cdk.out" / "Stranger.template.json").read_text())
    services = [r["Properties"]["ServiceName"] for r in template["Resources"].values() if "Endpoint" in r["Type"]]
    assert any(json.dumps(service).endswith('.sqs"]]}') for service in services)
    report = run(installed.with_name("cdk-lmi"), "check", "cdk.out", cwd=app, env=of_a_stranger(app))
    assert "no violation" in report or "0 errors" in report


@pytest.fixture(scope="module")
def typed(app):
    """The folder of the app, with a second one beside it that makes a mistake; and the line of that."""
    (app / "mistaken.py").write_text(MISTAKE)
    (line,) = (number for number, text in enumerate(MISTAKE.splitlines(), 1) if text not in APP.splitlines())
    return app, line


@pytest.fixture
def cache(installed, tmp_path):
    """Where mypy keeps what it has read of AWS CDK, which is minutes of work.

    With the newest of everything that is what `make types` has read here too. The oldest's is kept for the next run.
    """
    kept = ROOT / ".mypy_cache"
    if installed.parents[2].name.startswith("oldest"):
        return kept / "oldest"
    if (kept / OLDEST_PYTHON).exists():
        shutil.copytree(kept / OLDEST_PYTHON, tmp_path / OLDEST_PYTHON)
    return tmp_path


def test_mypy_finds_what_is_wrong_with_an_app_and_nothing_else(installed, typed, cache):
    """Strictly, by the types that come with the wheel."""
    directory, line = typed
    command = [
        *(TOOLS / "mypy", "--strict", "--config-file=", "--num-workers=2", "--no-error-summary"),
        *("--python-executable", installed, "--python-version", OLDEST_PYTHON, "--cache-dir", cache),
        *("app.py", "mistaken.py"),
    ]
    done = subprocess.run([*map(str, command)], cwd=directory, capture_output=True, text=True, check=False)
    (error,) = (text for text in done.stdout.splitlines() if ": error: " in text)
    assert error.startswith(f"mistaken.py:{line}: ")
    assert error.endswith("[arg-type]")
    assert done.stderr == ""


def test_pyright_finds_what_is_wrong_with_an_app_and_nothing_else(installed, typed):
    """By the same types."""
    directory, line = typed
    command = [TOOLS / "pyright", "--pythonpath", installed, "--outputjson", "app.py", "mistaken.py"]
    (directory / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    environment = {**os.environ, "PATH": f"{TOOLS}:{os.environ['PATH']}"}
    done = subprocess.run(
        [*map(str, command)], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    places = [(Path(d["file"]).name, d["range"]["start"]["line"] + 1, d["rule"]) for d in found]
    assert places == [("mistaken.py", line, "reportArgumentType")]
