"""Where the project is: one value, and all that is made of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

#: The repository's address, as in "https://github.com/OWNER/NAME". None until there is one: then nothing below is
#: made, and no release either. After setting it: make generate.
REPOSITORY: str | None = None

_GITHUB = re.compile(r"https://github\.com/(?P<owner>[\w-]+)/(?P<name>[\w.-]+)(?<!\.git)")
# By names that PyPI knows, and gives an icon to.
_PLACES = {"Repository": "", "Changelog": "/blob/main/CHANGELOG.md", "Issues": "/issues"}
# What docs/picture.py draws. PyPI draws no Mermaid.
_PICTURE = r"(?s)<!-- drawn from [^\n]*-->\n```mermaid\n.*?\n```\n<!-- /drawn -->"
_RELATIVE_LINK = r"\]\((?![a-z]+:|#)([^)\s]+)\)"


def urls() -> dict[str, str] | None:
    """Give what `[project.urls]` says, which PyPI shows beside the description."""
    site, repository = _site(), _repository()
    if site is None:
        return None
    return {"Documentation": site, **{name: f"{repository}{path}" for name, path in _PLACES.items()}}


def private_report() -> str | None:
    """Give where a vulnerability is reported to the maintainers alone."""
    repository = _repository()
    return None if repository is None else f"{repository}/security/advisories/new"


def description() -> dict[str, Any]:
    """Give what hatch-fancy-pypi-readme makes the description for PyPI of: README, with links that lead somewhere."""
    readme, repository = "README.md", _repository()
    settings: dict[str, Any] = {"content-type": "text/markdown", "fragments": [{"path": readme}]}
    if repository is not None:
        # To the files of the same version, whatever becomes of them later.
        files = f"{repository}/blob/v$HFPR_VERSION"
        settings["substitutions"] = [
            {"pattern": _PICTURE, "replacement": f"[The picture]({files}/{readme})."},
            {"pattern": _RELATIVE_LINK, "replacement": rf"]({files}/\1)"},
        ]
    return settings


def name_in_site(file: Path) -> None:
    """Have the site say where it is, and link to the repository.

    By a link in its footer, not by `repo_url`: with that the theme asks GitHub's API for stars on each page, and the
    site fetches nothing from elsewhere.
    """
    text = re.sub(r"(?m)^(site_url|extra\.social) = .*\n", "", file.read_text(encoding="utf-8"))
    site = _site()
    if site is not None:
        social = f'[{{ icon = "fontawesome/brands/github", link = "{_repository()}" }}]'
        lines = f'site_url = "{site}"\nextra.social = {social}\n'
        text = re.sub(r"(?m)^site_description = .*\n", lambda match: match[0] + lines, text)
    file.write_text(text, encoding="utf-8")


def _repository() -> str | None:
    if REPOSITORY is not None and not _GITHUB.fullmatch(REPOSITORY):
        raise ValueError(
            f'REPOSITORY in projenrc/address.py must be as "https://github.com/OWNER/NAME", and is "{REPOSITORY}".'
        )
    return REPOSITORY


def _site() -> str | None:
    """Give where GitHub Pages serves the documentation."""
    match = _GITHUB.fullmatch(_repository() or "")
    return f"https://{match['owner'].lower()}.github.io/{match['name']}/" if match else None
