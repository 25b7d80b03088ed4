"""The GitHub workflows. What they run stands in the Makefile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from projen import YamlFile
from projen.github import ConcurrencyOptions, GitHub, GithubWorkflow
from projen.github.workflows import (
    Job,
    JobCallingReusableWorkflow,
    JobMatrix,
    JobPermission,
    JobPermissions,
    JobStep,
    JobStepOutput,
    JobStrategy,
    PullRequestOptions,
    PushOptions,
    PythonToolRequirement,
    ToolRequirement,
    Tools,
    WorkflowCallOptions,
    WorkflowDispatchOptions,
)
from projen.python import PythonProject

# Each action by the commit that its version's tag stood at on 2026-11-27: a tag can be moved, a commit cannot.
ACTIONS = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/configure-pages": ("45bfe0192ca1faeb007ade9deae92b16b8254a0d", "v6.0.0"),
    "actions/deploy-pages": ("cd2ce8fcbc39b97be8ca5fce6e763baed58fa128", "v5.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/setup-node": ("820762786026740c76f36085b0efc47a31fe5020", "v7.0.0"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1"),
    "actions/upload-pages-artifact": ("fc324d3547104276b827a68afc52ff2a11cc49c9", "v5.0.0"),
}
NODE_VERSION = "24"
RUNNER = ["ubuntu-latest"]
RELEASE_TAGS = ["v*"]
PUBLIB = "release/publib"
BUILDER = "release/build-requirements.txt"
#: What jobs of a release hand on, and which makes it.
NOTES, PINS, DISTRIBUTIONS = "notes", "publib", "distributions"
MAKERS = {NOTES: "check", PINS: "pins", DISTRIBUTIONS: "build"}
READ = JobPermissions(contents=JobPermission.READ)


def add_workflows(project: PythonProject, github: GitHub, *, python_versions: Sequence[str]) -> None:
    """Add the workflows: one for each push, one that releases a tag, one that publishes a tag's documentation."""
    for action, (commit, _) in ACTIONS.items():
        github.actions.set(action, f"{action}@{commit}")
    newest = python_versions[-1]
    _add_build(github, python_versions)
    _add_release(github, newest)
    _add_docs(github, newest)
    # Its other form of `./` for this repository is newer than some GitHub servers.
    YamlFile(project, ".github/zizmor.yml", obj={"rules": {"self-repository": {"disable": True}}})


def name_versions(directory: Path) -> None:
    """Write behind each pinned commit which version it is. Projen's writer of YAML knows no comments."""
    versions = {f"{action}@{commit}": version for action, (commit, version) in ACTIONS.items()}
    for file in directory.glob("*.yml"):
        text = re.sub(
            r"(?m)^(.*\buses: )(\S+@\S+)$",
            lambda match: f"{match[1]}{match[2]} # {versions[match[2]]}",
            file.read_text(encoding="utf-8"),
        )
        mode = file.stat().st_mode
        file.chmod(0o644)
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)


def _add_build(github: GitHub, python_versions: Sequence[str]) -> None:
    workflow = _workflow(github, "build")
    # A release calls it too.
    workflow.on(
        push=PushOptions(branches=["main"]), pull_request=PullRequestOptions(), workflow_call=WorkflowCallOptions()
    )
    workflow.add_job(
        "test",
        _make_job(
            "Python ${{ matrix.python }}",
            ["tools", "test"],
            python="${{ matrix.python }}",
            timeout_minutes=60,
            strategy=JobStrategy(fail_fast=False, matrix=JobMatrix(domain={"python": python_versions})),
        ),
    )
    workflow.add_job(
        "check",
        _make_job(
            "Checks",
            ["tools", "lint", "types", "test ARGS=--cov", "coverage", "drift", "docs", "release-rehearsal", "demo"],
            python=python_versions[-1],
            timeout_minutes=60,
        ),
    )


def _add_release(github: GitHub, python: str) -> None:
    """Add what a pushed tag starts.

    Projen's own Release cannot: it publishes what is pushed to a branch, takes the version from the commits, and skips
    whatever has a tag already.
    """
    workflow = _workflow(github, "release")
    workflow.on(push=PushOptions(tags=RELEASE_TAGS))
    workflow.add_job(
        "test", JobCallingReusableWorkflow(name="Build", uses="./.github/workflows/build.yml", permissions=READ)
    )
    workflow.add_job(
        MAKERS[NOTES],
        _make_job(
            "Version and pages",
            [],
            python=python,
            timeout_minutes=20,
            history=True,
            makes=NOTES,
            steps=[
                JobStep(
                    name="Hold the tag to main",
                    run="git merge-base --is-ancestor HEAD origin/main || "
                    '{ echo "This commit is not on main:" "$GITHUB_REF_NAME" >&2; exit 1; }',
                ),
                JobStep(
                    name="Hold the tag to version.json and CHANGELOG.md",
                    run='make release-check PYTHON=python ARGS="--notes notes.md"',
                ),
                _upload(NOTES, "notes.md"),
            ],
        ),
    )
    # What these two hand to the job with the token is as Git has it, and as hatchling builds it: no tool that this
    # repository is developed with has run before.
    workflow.add_job(
        MAKERS[PINS],
        Job(
            name="Pins",
            runs_on=RUNNER,
            permissions=READ,
            timeout_minutes=10,
            outputs=_output(PINS),
            steps=[_checkout(), _upload(PINS, f"{PUBLIB}/")],
        ),
    )
    workflow.add_job(
        MAKERS[DISTRIBUTIONS],
        _make_job(
            "Wheel and sdist",
            [],
            python=python,
            timeout_minutes=10,
            makes=DISTRIBUTIONS,
            steps=[
                JobStep(
                    name="Install what builds",
                    run=f"python -m pip install --require-hashes --no-deps --only-binary :all: --requirement {BUILDER}",
                ),
                JobStep(name="Build", run="hatchling build"),
                _upload(DISTRIBUTIONS, "dist/"),
            ],
        ),
    )
    workflow.add_job(
        "rehearsal",
        _make_job(
            "Rehearsal",
            ["setup"],
            python=python,
            timeout_minutes=20,
            needs=[MAKERS[DISTRIBUTIONS]],
            steps=[
                _download(DISTRIBUTIONS, "dist"),
                JobStep(name="Rehearse", run=".venv/bin/python release/rehearse.py dist"),
            ],
        ),
    )
    # No code of this repository, nor what it is developed with, runs where the token for PyPI can be had: publib alone
    # does.
    workflow.add_job(
        "pypi",
        Job(
            name="Publish to PyPI",
            needs=["test", *MAKERS.values(), "rehearsal"],
            runs_on=RUNNER,
            environment="pypi",
            permissions=JobPermissions(id_token=JobPermission.WRITE),
            timeout_minutes=15,
            tools=Tools(python=PythonToolRequirement(version=python), node=ToolRequirement(version=NODE_VERSION)),
            steps=[
                _download(DISTRIBUTIONS, "dist"),
                _download(PINS, PUBLIB),
                JobStep(name="Install publib", run=f"npm ci --prefix {PUBLIB} --ignore-scripts --no-audit --no-fund"),
                JobStep(
                    name="Upload with attestations, as trusted publisher",
                    run=f"{PUBLIB}/node_modules/.bin/publib-pypi dist",
                    env={
                        "PYPI_TRUSTED_PUBLISHER": "true",
                        "PIP_CONSTRAINT": f"${{{{ github.workspace }}}}/{PUBLIB}/constraints.txt",
                    },
                ),
            ],
        ),
    )
    # Publib passes over a file that PyPI has: of a moved tag, nothing would be published, and nobody told.
    workflow.add_job(
        "published",
        _make_job(
            "What PyPI has",
            [],
            python=python,
            timeout_minutes=10,
            needs=[MAKERS[DISTRIBUTIONS], "pypi"],
            steps=[
                _download(DISTRIBUTIONS, "dist"),
                JobStep(name="Compare", run="python release/published.py dist"),
            ],
        ),
    )
    workflow.add_job(
        "github",
        Job(
            name="Release on GitHub",
            needs=[MAKERS[DISTRIBUTIONS], MAKERS[NOTES], "published"],
            runs_on=RUNNER,
            permissions=JobPermissions(contents=JobPermission.WRITE),
            timeout_minutes=10,
            steps=[
                _download(DISTRIBUTIONS, "dist"),
                _download(NOTES, "notes"),
                JobStep(
                    name="Create the release with the changelog's section",
                    run='gh release create "$GITHUB_REF_NAME" --repo "$GITHUB_REPOSITORY" --verify-tag '
                    '--title "$GITHUB_REF_NAME" --notes-file notes/notes.md dist/*',
                    env={"GH_TOKEN": "${{ github.token }}"},
                ),
            ],
        ),
    )
    # Not of a version that was not released.
    workflow.add_job(
        "docs",
        JobCallingReusableWorkflow(
            name="Documentation",
            needs=["github"],
            uses="./.github/workflows/docs.yml",
            permissions=JobPermissions(
                contents=JobPermission.READ, pages=JobPermission.WRITE, id_token=JobPermission.WRITE
            ),
        ),
    )


def _add_docs(github: GitHub, python: str) -> None:
    # One at a time, of whatever tag: there is one site.
    workflow = _workflow(github, "docs", group="pages")
    # A release calls it.
    workflow.on(workflow_call=WorkflowCallOptions(), workflow_dispatch=WorkflowDispatchOptions())
    workflow.add_job(
        "build",
        _make_job(
            "Site",
            [],
            python=python,
            timeout_minutes=20,
            history=True,
            steps=[
                # A release that is run again must not put its pages in the place of newer ones. What is not on main is
                # never released.
                JobStep(
                    name="Hold the tag to the newest",
                    run='newest="$(git tag --merged origin/main --list "v[0-9]*" --sort=-version:refname'
                    ' | head -n 1)"\n'
                    'test "$GITHUB_REF_NAME" = "$newest" || '
                    '{ echo "The site is of the newest version, which is" "$newest" >&2; exit 1; }',
                ),
                _make("docs"),
                JobStep(uses="actions/upload-pages-artifact", with_={"path": "site"}),
            ],
        ),
    )
    workflow.add_job(
        "deploy",
        Job(
            name="Publish to GitHub Pages",
            needs=["build"],
            runs_on=RUNNER,
            environment={"name": "github-pages"},
            permissions=JobPermissions(pages=JobPermission.WRITE, id_token=JobPermission.WRITE),
            timeout_minutes=10,
            steps=[JobStep(uses="actions/configure-pages"), JobStep(uses="actions/deploy-pages")],
        ),
    )


def _workflow(github: GitHub, name: str, *, group: str | None = None) -> GithubWorkflow:
    workflow = GithubWorkflow(
        github,
        name,
        limit_concurrency=True,
        # By name, not by `github.workflow`: in a workflow that another one calls, that is the caller's.
        concurrency_options=ConcurrencyOptions(
            group=group or f"{name}-${{{{ github.ref }}}}", cancel_in_progress=False
        ),
    )
    assert workflow.file is not None  # unless workflows were off
    workflow.file.add_override("permissions.contents", "read")
    return workflow


def _make_job(
    name: str,
    targets: Sequence[str],
    *,
    python: str,
    timeout_minutes: int,
    strategy: JobStrategy | None = None,
    needs: Sequence[str] = (),
    history: bool = False,
    makes: str | None = None,
    steps: Sequence[JobStep] = (),
) -> Job:
    """Give a job that runs targets of the Makefile on one Python, then the steps, one of which keeps what it makes."""
    return Job(
        name=name,
        runs_on=RUNNER,
        permissions=READ,
        timeout_minutes=timeout_minutes,
        strategy=strategy,
        needs=list(needs) or None,
        outputs=None if makes is None else _output(makes),
        tools=Tools(python=PythonToolRequirement(version=python)),
        steps=[_checkout(history=history), *map(_make, targets), *steps],
    )


def _checkout(*, history: bool = False) -> JobStep:
    """Check out the commit; with history, all branches and tags too."""
    options: dict[str, object] = {"persist-credentials": False, **({"fetch-depth": 0} if history else {})}
    return JobStep(name="Checkout", uses="actions/checkout", with_=options)


def _make(target: str) -> JobStep:
    return JobStep(name=f"make {target}", run=f"make {target} PYTHON=python")


# By its id: what has a name can be replaced, by whatever runs in another job.
def _upload(name: str, path: str) -> JobStep:
    options = {"name": name, "path": path, "if-no-files-found": "error"}
    return JobStep(name=f"Keep {name}", id=name, uses="actions/upload-artifact", with_=options)


def _output(name: str) -> dict[str, JobStepOutput]:
    return {name: JobStepOutput(step_id=name, output_name="artifact-id")}


def _download(name: str, path: str) -> JobStep:
    options = {"artifact-ids": f"${{{{ needs.{MAKERS[name]}.outputs.{name} }}}}", "path": path}
    return JobStep(name=f"Fetch {name}", uses="actions/download-artifact", with_=options)
