"""What GitHub shows to who reports or contributes, and what Git runs before it takes a commit."""

from __future__ import annotations

from typing import Any

from projen import YamlFile
from projen.github import GitHub
from projen.python import PythonProject

from projenrc.address import private_report

TEMPLATES = ".github/ISSUE_TEMPLATE"


def add_community_files(project: PythonProject, github: GitHub) -> None:
    """Add issue forms, the text of a pull request, and the configuration of pre-commit."""
    _write(project, f"{TEMPLATES}/bug.yml", BUG)
    _write(project, f"{TEMPLATES}/rule.yml", RULE)
    _write(project, f"{TEMPLATES}/config.yml", _choices())
    github.add_pull_request_template(*PULL_REQUEST)
    _write(project, ".pre-commit-config.yaml", PRE_COMMIT)


def _choices() -> dict[str, Any]:
    """Give what is offered beside the forms."""
    choices: dict[str, Any] = {"blank_issues_enabled": True}
    address = private_report()
    if address is not None:
        about = "Please tell the maintainers alone, not in an issue."
        choices["contact_links"] = [{"name": "A vulnerability", "url": address, "about": about}]
    return choices


def _write(project: PythonProject, path: str, content: dict[str, Any]) -> None:
    YamlFile(project, path, obj=content, line_width=120)


def _field(kind: str, name: str, label: str, description: str, *, required: bool = True, **more: Any) -> dict[str, Any]:
    attributes = {"label": label, "description": description, **more}
    return {"type": kind, "id": name, "attributes": attributes, "validations": {"required": required}}


BUG = {
    "name": "Something is wrong",
    "description": "It fails, judges wrongly, or does other than its documentation says",
    "labels": ["bug"],
    "body": [
        _field(
            "textarea",
            "example",
            "The smallest example",
            "A stack or a template that shows it. Please leave out account numbers and secrets.",
            render="python",
        ),
        _field("textarea", "expected", "What should have happened", "And what says so, if something does."),
        _field("textarea", "happened", "What happened", "With the whole message.", render="text"),
        _field(
            "textarea",
            "versions",
            "Versions",
            "What `pip list` says of cdk-lmi, aws-cdk-lib, constructs and jsii, and what `python --version` says.",
            render="text",
        ),
    ],
}

RULE = {
    "name": "A new rule",
    "description": "Lambda Managed Instances refuse something, or it hurts, and no rule says so",
    "labels": ["rule"],
    "body": [
        _field("input", "fault", "What goes wrong", "In one sentence."),
        _field("input", "source", "Source", "The page of AWS that says so, or another that can be looked up."),
        _field("input", "read", "Read on", "The date: pages change.", placeholder="2026-11-27"),
        _field(
            "dropdown",
            "severity",
            "Severity",
            "An error is refused by AWS or cannot serve. A warning deploys, and hurts.",
            options=["error", "warning"],
        ),
        _field("textarea", "why", "Why this severity", "And whether there are cases in which it is no fault."),
        _field("textarea", "bad", "A template that violates it", "As small as it can be.", render="yaml"),
        _field("textarea", "good", "The same template, fixed", "Nothing else changed.", render="yaml"),
    ],
}

PULL_REQUEST = [
    "What it changes, and why:",
    "",
    "- [ ] `make lint types drift test` pass.",
    "- [ ] A test fails without the change.",
    "- [ ] CHANGELOG.md says what users notice, a new or changed rule under its heading “Rules”.",
    "- [ ] Numbers of AWS have their source and the day it was read, in `rules/limits.py`.",
]


def _hook(name: str, entry: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "entry": entry, "language": "system", **more}


_WHOLE = {"pass_filenames": False, "always_run": True}

# Each hook calls what .venv has: versions stand once, and nothing is fetched.
PRE_COMMIT = {
    "default_install_hook_types": ["pre-commit", "pre-push"],
    "default_stages": ["pre-commit"],
    "repos": [
        {
            "repo": "local",
            "hooks": [
                _hook("ruff", ".venv/bin/ruff check --fix --force-exclude", types_or=["python", "pyi"]),
                _hook("ruff-format", ".venv/bin/ruff format --force-exclude", types_or=["python", "pyi"]),
                _hook("lint", "make lint", **_WHOLE),
                _hook("drift", "make drift", **_WHOLE),
                _hook("types", "make types", **_WHOLE, stages=["pre-push"]),
            ],
        }
    ],
}
