"""The pytest fixture ``execution_environment``.

pytest loads this plugin wherever the package is installed, so it imports nothing of the package at import.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .environment import ExecutionEnvironment


@pytest.fixture
def execution_environment() -> Iterator[Callable[..., ExecutionEnvironment]]:
    """Start execution environments that end with the test: call it with the arguments of ``ExecutionEnvironment``.

    Each hazard that is detected becomes a ``HazardWarning`` of the test.
    """
    from contextlib import ExitStack

    from .environment import ExecutionEnvironment
    from .hazards import HazardWarning

    started: list[ExecutionEnvironment] = []
    with ExitStack() as running:

        def start(*args: Any, **keywords: Any) -> ExecutionEnvironment:
            environment = running.enter_context(ExecutionEnvironment(*args, **keywords))
            started.append(environment)
            return environment

        yield start
    for environment in started:
        for hazard in environment.hazards():
            warnings.warn(hazard.message, HazardWarning, stacklevel=1)
