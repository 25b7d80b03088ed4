"""One mutant before the tests, in a process of its own that has everything loaded but what is tested."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

import hypothesis
import pytest
from mutants import Mutant

ROOT: Final = Path(__file__).resolve().parent.parent
#: What the tests of the core may take of the machine: many times what they do take, in seconds of processor time and
#: bytes. A mutant that takes more has been found out.
PROCESSOR_SECONDS: Final = 120
MEMORY: Final = 4 << 30
#: Those tests of the core that define nothing with CDK, in two rounds: the quick ones first, which most mutants fail.
ROUNDS: Final = (
    ("tests/rules/test_families.py", "tests/rules/test_advice.py"),
    (
        "tests/rules",
        "--ignore=tests/rules/test_families.py",
        "--ignore=tests/rules/test_advice.py",
        "--deselect=tests/rules/test_examples.py::test_a_snippet_violates_what_its_name_says",
        "--deselect=tests/rules/test_catalogue.py::test_each_public_name_is_documented_with_pages_that_limits_rest_on",
    ),
)
#: Neither what the tests beside these share, which loads CDK, nor what is installed beside pytest.
OPTIONS: Final = ("-qx", "--confcutdir=tests/rules", "-p", "no:cacheprovider", "--no-header", "--tb=no")


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads a mutant in the place of the module that it was made of."""

    def __init__(self, mutant: Mutant, source: str) -> None:
        self._mutant = mutant
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for the one module."""
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self._mutant.path))

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed text."""
        exec(compile(self._source, str(self._mutant.path), "exec"), vars(module))


def survives(mutant: Mutant | None) -> bool:
    """Tell whether every test passes with the mutant in its module's place; with ``None``, with nothing changed."""
    loader = None if mutant is None else _Loader(mutant, mutant.source())
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        # Whatever happens below, no second process goes on with the work of the first.
        code = 1
        try:
            code = int(_judge(loader))
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def _judge(loader: _Loader | None) -> bool:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.chdir(ROOT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # The same examples each time, and no verdict by the clock.
    hypothesis.settings.load_profile("ci")
    if loader is not None:
        sys.meta_path.insert(0, loader)
    return any(pytest.main([*tests, *OPTIONS]) for tests in ROUNDS)
