"""GitHub's workflows and forms, as GitHub reads them: pinned, least in what they may do, and calling what there is."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from .checkout import check_out

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
sys.path.insert(0, str(ROOT / "release"))

from builder import REQUIREMENTS  # noqa: E402
from publib import CONSTRAINTS, PACKAGES, PINS  # noqa: E402

WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
MAKEFILE = (ROOT / "Makefile").read_text()
#: The only jobs that may have more than to read, and what.
TRUSTED = {
    ("release", "pypi"): {"id-token": "write"},
    ("release", "github"): {"contents": "write"},
    ("docs", "deploy"): {"id-token": "write", "pages": "write"},
    # What it calls has jobs that may less, and the one above.
    ("release", "docs"): {"contents": "read", "id-token": "write", "pages": "write"},
}


def read(name):
    """Give a workflow; YAML takes its key `on` for a truth."""
    workflow = yaml.safe_load(WORKFLOWS[name].read_text())
    return workflow | {"on": workflow.pop(True)}


JOBS = {(name, job): spec for name in WORKFLOWS for job, spec in read(name)["jobs"].items()}
STEPS = [
    pytest.param(step, id=f"{name}-{job}-{number}")
    for (name, job), spec in JOBS.items()
    for number, step in enumerate(spec.get("steps", []))
]


def strings(value):
    """Give every string in a structure."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def test_there_is_a_workflow_for_each_push_each_release_and_its_documentation():
    """And no other, which the tests below would not know of."""
    assert set(WORKFLOWS) == {"build", "docs", "release"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_by_commit_with_their_version(name):
    """The version stands behind the commit, for readers and for tools that raise both."""
    uses = re.findall(r"^.*\buses: (.*)$", WORKFLOWS[name].read_text(), re.MULTILINE)
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/workflows/\w+\.yml", action)


def test_one_commit_of_each_action():
    """A second one would be one that somebody forgot."""
    texts = [path.read_text() for path in WORKFLOWS.values()]
    pins = {action for text in texts for action in re.findall(r"uses: (\S+@.*)", text)}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_permissions_are_least(name, job):
    """Each job says what it may do: read, but for the few that publish, which read nothing they do not need."""
    assert read(name)["permissions"] == {"contents": "read"}
    assert JOBS[name, job]["permissions"] == TRUSTED.get((name, job), {"contents": "read"})


@pytest.mark.parametrize(("name", "job"), TRUSTED)
def test_what_may_write_runs_no_code_of_this_repository(name, job):
    """Neither checked out nor called: what it uploads was built by a job that may only read."""
    spec = JOBS[name, job]
    steps = spec.get("steps", [])
    assert not any("checkout" in step.get("uses", "") or "make " in step.get("run", "") for step in steps)
    assert "needs" in spec


def test_tokens_for_others_are_minted_in_environments_only():
    """Which the maintainers can hold back and limit to tags."""
    minting = {place for place, spec in JOBS.items() if "id-token" in spec["permissions"] and "uses" not in spec}
    assert minting == {("release", "pypi"), ("docs", "deploy")}
    assert [JOBS[place]["environment"] for place in sorted(minting)] == [{"name": "github-pages"}, "pypi"]


@pytest.mark.parametrize("step", STEPS)
def test_a_step_puts_nothing_into_its_command_from_outside(step):
    """A branch or a tag is named by whoever pushes it: names come as environment variables, in quotes."""
    command = step.get("run", "")
    assert "${{" not in command
    assert not re.search(r'(?<!")\$\{?\w', command)


@pytest.mark.parametrize("step", STEPS)
def test_a_checkout_leaves_no_credentials(step):
    """Later steps run code of many projects."""
    if "actions/checkout" in step.get("uses", ""):
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_job_ends(name, job):
    """After a while of ours, not the six hours of GitHub; a job that calls a workflow has the time of that one's."""
    spec = JOBS[name, job]
    assert "uses" in spec or 5 <= spec["timeout-minutes"] <= 60


@pytest.mark.parametrize("name", WORKFLOWS)
def test_one_run_at_a_time_of_each_branch_or_tag(name):
    """Under a name of its own: a workflow that is called would wait for its caller otherwise. There is one site."""
    group = read(name)["concurrency"]["group"]
    assert group == ("pages" if name == "docs" else f"{name}-${{{{ github.ref }}}}")


def test_no_workflow_runs_with_rights_on_code_of_strangers():
    """What a pull request starts runs with the rights of a fork, and knows no secret."""
    for name, path in WORKFLOWS.items():
        assert set(read(name)["on"]) <= {"push", "pull_request", "workflow_call", "workflow_dispatch"}
        assert "secrets." not in path.read_text()


def test_every_python_that_is_claimed_is_tested():
    """Those of the classifiers; what is not tested is not claimed."""
    classifiers = importlib.metadata.metadata("cdk-lmi").get_all("Classifier") or []
    claimed = [match[1] for text in classifiers if (match := re.fullmatch(r"Programming .* (3\.\d+)", text))]
    test = JOBS["build", "test"]
    assert test["strategy"]["matrix"]["python"] == claimed == ["3.10", "3.11", "3.12", "3.13", "3.14"]
    assert test["steps"][0]["with"]["python-version"] == "${{ matrix.python }}"
    assert test["strategy"]["fail-fast"] is False


def targets(name, *jobs):
    """Give the targets of the Makefile that jobs of a workflow make."""
    commands = [step.get("run", "") for job in jobs or read(name)["jobs"] for step in JOBS[name, job].get("steps", [])]
    return [found for command in commands for found in re.findall(r"\bmake ([\w-]+)", command)]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_targets_exist(name):
    """Each has its line in `make help`, too."""
    assert targets(name)
    for target in targets(name):
        assert re.search(rf"^{target}: .*## ", MAKEFILE, re.MULTILINE), target


def test_each_push_is_tested_checked_and_rehearsed():
    """On each Python what may differ there, on one everything else."""
    assert "test" in targets("build", "test")
    every = {"lint", "types", "test", "coverage", "drift", "docs", "release-rehearsal", "demo"}
    assert every <= set(targets("build", "check"))
    commands = [step.get("run", "") for step in JOBS["build", "check"]["steps"]]
    assert any(command.startswith("make test ARGS=--cov ") for command in commands)


def test_a_pushed_tag_is_tested_built_and_published():
    """In this order, by the workflow that PyPI is told to trust, with the uploader of the rehearsal."""
    assert read("release")["on"] == {"push": {"tags": ["v*"]}}
    jobs = read("release")["jobs"]
    assert jobs["test"]["uses"] == "./.github/workflows/build.yml"
    assert "workflow_call" in read("build")["on"]
    assert targets("release", "check") == ["release-check"]
    assert jobs["rehearsal"]["steps"][-1]["run"] == ".venv/bin/python release/rehearse.py dist"
    assert set(jobs["pypi"]["needs"]) == {"test", "check", "build", "pins", "rehearsal"}
    assert jobs["published"]["needs"] == ["build", "pypi"]
    assert jobs["github"]["needs"] == ["build", "check", "published"]
    assert jobs["published"]["steps"][-1]["run"] == "python release/published.py dist"
    assert (jobs["docs"]["needs"], jobs["docs"]["uses"]) == ("github", "./.github/workflows/docs.yml")
    assert set(read("docs")["on"]) == {"workflow_call", "workflow_dispatch"}
    *_, install, upload = jobs["pypi"]["steps"]
    pins = PINS.relative_to(ROOT)
    assert install["run"].startswith(f"npm ci --prefix {pins} --ignore-scripts ")
    assert upload["run"] == f"{pins}/node_modules/.bin/publib-pypi dist"
    # Attestations are on unless told otherwise.
    constraints = f"${{{{ github.workspace }}}}/{CONSTRAINTS.relative_to(ROOT)}"
    assert upload["env"] == {"PYPI_TRUSTED_PUBLISHER": "true", "PIP_CONSTRAINT": constraints}


def test_where_the_token_for_pypi_can_be_had_only_publib_runs():
    """What comes from this repository are its pins, which run nothing by themselves."""
    steps = read("release")["jobs"]["pypi"]["steps"]
    commands = [step["run"].split()[0] for step in steps if "run" in step]
    assert commands == ["npm", f"{PINS.relative_to(ROOT)}/node_modules/.bin/publib-pypi"]
    assert {path.name for path in PINS.iterdir()} == {*PACKAGES, CONSTRAINTS.name}
    assert "scripts" not in json.loads((PINS / PACKAGES[0]).read_text())


RELEASE = {job: spec for (name, job), spec in JOBS.items() if name == "release"}


def steps_of(job, action):
    """Give the steps of a job of a release that use an action."""
    return [step for step in RELEASE[job].get("steps", []) if step.get("uses", "").startswith(f"actions/{action}@")]


def kept(job):
    """Give the names of the artifacts of a job."""
    return {step["with"]["name"] for step in steps_of(job, "upload-artifact")}


def fetched(job):
    """Give which artifacts a job takes, each with the job that made it, as its id comes from there."""
    found = {}
    for step in steps_of(job, "download-artifact"):
        needed = re.fullmatch(r"\$\{\{ needs\.(\w+)\.outputs\.(\w+) \}\}", step["with"]["artifact-ids"])
        assert needed is not None
        found[needed[2]] = needed[1]
    return found


def test_what_is_downloaded_is_what_was_uploaded():
    """Taken by the id of what the one job made whose work it is: by a name, whatever runs could put something else."""
    makers = {name: job for job in RELEASE for name in kept(job)}
    assert makers == {"distributions": "build", "publib": "pins", "notes": "check"}
    for job, spec in RELEASE.items():
        for name, maker in fetched(job).items():
            assert makers[name] == maker
            assert maker in spec["needs"]
            (step,) = steps_of(maker, "upload-artifact")
            assert RELEASE[maker]["outputs"] == {name: f"${{{{ steps.{step['id']}.outputs.artifact-id }}}}"}
    assert set(fetched("pypi")) == {"distributions", "publib"}
    for job in ("rehearsal", "published", "github"):
        assert "distributions" in fetched(job)


def test_nothing_that_this_repository_is_developed_with_touches_what_is_published():
    """What hands files to the job with the token has run nothing before but what builds them, held to its hashes."""
    makers = [job for job in RELEASE if kept(job) & set(fetched("pypi"))]
    ran = {job: [step.get("run") or step["uses"].partition("@")[0] for step in RELEASE[job]["steps"]] for job in makers}
    install = "python -m pip install --require-hashes --no-deps --only-binary :all: --requirement"
    assert ran == {
        "pins": ["actions/checkout", "actions/upload-artifact"],
        "build": [
            "actions/setup-python",
            "actions/checkout",
            f"{install} {REQUIREMENTS.relative_to(ROOT)}",
            "hatchling build",
            "actions/upload-artifact",
        ],
    }


@pytest.fixture
def history(tmp_path):
    """A clone, as it is checked out for a tag, of a repository with two versions on main and two beside it."""

    def git(*words, cwd=tmp_path / "origin"):
        name = [
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
            "-c",
            "tag.gpgSign=false",
            "-c",
            "commit.gpgSign=false",
        ]
        subprocess.run(["git", *name, *words], cwd=cwd, check=True, capture_output=True)

    def commit(tag):
        git("commit", "--allow-empty", "--message", tag)
        git("tag", "--annotate", tag, "--message", tag)

    (tmp_path / "origin").mkdir()
    git("init", "--initial-branch", "main")
    commit("v0.9.0")
    commit("v0.10.0")
    git("checkout", "-b", "aside", "v0.9.0")
    commit("v0.9.1")
    commit("v0.11.0")
    git("clone", tmp_path / "origin", tmp_path / "clone", cwd=tmp_path)

    def run(job, step, tag):
        git("checkout", tag, cwd=tmp_path / "clone")
        command = next(each["run"] for each in JOBS[job]["steps"] if each.get("name") == step)
        environment = {"PATH": os.environ["PATH"], "GITHUB_REF_NAME": tag}
        done = subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=tmp_path / "clone",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stderr

    return run


def test_only_what_is_on_main_is_released(history):
    """Whatever commit a tag was put on."""
    step = ("release", "check"), "Hold the tag to main"
    assert history(*step, "v0.10.0") == (0, "")
    assert history(*step, "v0.9.0") == (0, "")
    code, told = history(*step, "v0.9.1")
    assert (code, "v0.9.1" in told) == (1, True)


def test_only_the_newest_version_has_its_pages_published(history):
    """A release that is run again leaves newer pages alone. Numbers are compared, not letters."""
    step = ("docs", "build"), "Hold the tag to the newest"
    assert history(*step, "v0.10.0") == (0, "")
    for tag in ("v0.9.0", "v0.9.1", "v0.11.0"):
        code, told = history(*step, tag)
        assert (code, "v0.10.0" in told) == (1, True)


@pytest.mark.parametrize("place", [("release", "check"), ("docs", "build")])
def test_where_history_is_asked_it_is_there(place):
    """By default a checkout has one commit and one tag."""
    (checkout,) = (step for step in JOBS[place]["steps"] if "checkout" in step.get("uses", ""))
    assert checkout["with"]["fetch-depth"] == 0


def lint(directory):
    """Run what `make lint` runs over .github, on a copy of it."""
    commands = re.findall(r"^\t@\$\(BIN\)/((?:zizmor|check-jsonschema) (?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert len(commands) == 4
    shutil.copy(ROOT / "Makefile", directory)
    text = "\n".join(f"\t@{TOOLS}/{command}" for command in commands)
    (directory / "lint.mk").write_text(f"lint:\n{text}\n")
    return subprocess.run(
        ["make", "-f", "lint.mk", "lint"], cwd=directory, capture_output=True, text=True, check=False, timeout=120
    )


MISTAKES = {
    "none": ("release.yml", "name: release", "name: release"),
    "a tag instead of a commit": ("build.yml", r"actions/checkout@\w+ # ", "actions/checkout@"),
    "a name in a command": ("build.yml", "run: make lint", "run: echo ${{ github.head_ref }} && make lint"),
    "credentials left": ("build.yml", r"with:\n\s+persist-credentials: false", ""),
    "a key that GitHub does not know": ("docs.yml", "runs-on:", "run-on:"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_linting_finds_what_is_wrong_with_a_workflow(mistake, tmp_path):
    """By zizmor and by GitHub's schema; nothing is wrong with those that there are."""
    shutil.copytree(ROOT / ".github", tmp_path / ".github")
    name, pattern, replacement = MISTAKES[mistake]
    file = tmp_path / ".github" / "workflows" / name
    text, count = re.subn(pattern, replacement, file.read_text())
    assert count
    file.chmod(0o644)
    file.write_text(text)
    done = lint(tmp_path)
    assert (done.returncode == 0) is (mistake == "none"), done.stdout + done.stderr


FORMS = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")}


def test_a_new_rule_is_asked_for_with_what_a_rule_needs():
    """Its source and the day that was read, its severity and why, what violates it and what does not."""
    fields = {field["id"]: field for field in FORMS["rule"]["body"]}
    assert {"source", "read", "severity", "why", "bad", "good"} <= set(fields)
    assert all(field["validations"]["required"] for field in fields.values())
    from cdk_lmi import Severity

    assert fields["severity"]["attributes"]["options"] == [severity.value for severity in Severity]


def test_a_fault_is_reported_with_versions_and_example():
    """And whoever has neither a fault nor a rule may write as they like."""
    assert {"example", "versions"} <= {field["id"] for field in FORMS["bug"]["body"]}
    assert FORMS["config"]["blank_issues_enabled"] is True
    assert set(FORMS) == {"bug", "config", "rule"}


@pytest.fixture
def commit(tmp_path):
    """A repository that has the files of this one, and its .venv."""
    check_out(tmp_path)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    return tmp_path


def test_what_git_runs_before_a_commit_passes_and_finds(commit):
    """It fetches nothing, calls the tools of .venv, and takes no commit that has not their layout."""
    config = yaml.safe_load((commit / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = {hook["id"]: hook for hook in config["repos"][0]["hooks"]}
    assert {hook["language"] for hook in hooks.values()} == {"system"}

    made = {hook["entry"].partition(" ")[2] for hook in hooks.values() if hook["entry"].startswith("make ")}
    assert made == {"lint", "drift", "types"}

    def run(hook):
        command = [TOOLS / "pre-commit", "run", "--all-files", hook]
        return subprocess.run(command, cwd=commit, capture_output=True, text=True, check=False, timeout=300)

    for hook in ("ruff", "ruff-format"):
        done = run(hook)
        assert done.returncode == 0, done.stdout
    (commit / "release" / "check.py").open("a").write("x = [1,2]\n")
    assert run("ruff-format").returncode == 1
