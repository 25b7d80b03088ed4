"""The arguments of an execution environment, and the check of them."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from ..rules.limits import (
    EPHEMERAL_STORAGE_MAX,
    EPHEMERAL_STORAGE_MIN,
    INIT_TIMEOUT_MAX,
    INIT_TIMEOUT_MIN,
    MAX_CONCURRENCY_MAX,
    MAX_CONCURRENCY_MIN,
    MEMORY_SIZE_MAX,
    MEMORY_SIZE_MIN,
    ON_DEMAND_MEMORY_SIZE_MIN,
    PYTHON,
    TIMEOUT_MAX,
)
from . import variables
from .variables import ON_DEMAND, InitializationType

#: ``module.function``. The module may be in packages or, as Lambda also accepts, in directories.
_HANDLER = re.compile(r"[^\s.]([^\s]*[^\s.])?\.[^\s./]+")


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """The arguments of ``ExecutionEnvironment``, where they are described."""

    handler: str
    task_root: str
    max_concurrency: int
    memory_size: int
    env: Mapping[str, str]
    timeout: float
    ephemeral_storage_size: int
    python: str
    init_timeout: float
    observe: bool
    initialization_type: InitializationType
    function_arn: str

    @property
    def is_on_demand(self) -> bool:
        """Whether the environment is one of standard Lambda."""
        return self.initialization_type == ON_DEMAND


def default_init_timeout(timeout: float) -> float:
    """Return the default time limit of initialisation in seconds, as on AWS."""
    return max(INIT_TIMEOUT_MIN, min(timeout, INIT_TIMEOUT_MAX))


def default_max_concurrency(initialization_type: InitializationType) -> int:
    """Return the default concurrency: on Managed Instances that of one vCPU."""
    return 1 if initialization_type == ON_DEMAND else int(PYTHON.concurrency_per_v_cpu)


def problems(given: Mapping[str, Any]) -> list[str]:
    """Return a line for each invalid argument: what it must be, and what it is."""
    return [
        *_handler(given["handler"]),
        *_task_root(given["task_root"]),
        *_sizes(given["initialization_type"], given["max_concurrency"], given["memory_size"]),
        *_env(given["env"]),
        *_seconds("timeout", given["timeout"], TIMEOUT_MAX),
        *_whole(
            "ephemeral_storage_size",
            given["ephemeral_storage_size"],
            EPHEMERAL_STORAGE_MIN,
            EPHEMERAL_STORAGE_MAX,
            " MiB",
        ),
        *_python(given["python"]),
        *(_seconds("init_timeout", given["init_timeout"]) if given["init_timeout"] is not None else ()),
        *variables.function_arn_problems(given["function_arn"], given["initialization_type"]),
    ]


def _sizes(initialization_type: object, max_concurrency: object, memory_size: object) -> list[str]:
    if initialization_type not in get_args(InitializationType):
        allowed = " or ".join(map(repr, get_args(InitializationType)))
        return [f"initialization_type must be {allowed}, got {initialization_type!r}"]
    is_on_demand = initialization_type == ON_DEMAND
    least, most = (1, 1) if is_on_demand else (MAX_CONCURRENCY_MIN, MAX_CONCURRENCY_MAX)
    smallest = ON_DEMAND_MEMORY_SIZE_MIN if is_on_demand else MEMORY_SIZE_MIN
    return [
        *(_whole("max_concurrency", max_concurrency, least, most, "") if max_concurrency is not None else ()),
        *_whole("memory_size", memory_size, smallest, MEMORY_SIZE_MAX, " MiB"),
    ]


def _handler(handler: object) -> list[str]:
    if isinstance(handler, str) and _HANDLER.fullmatch(handler):
        return []
    hint = ""
    if isinstance(handler, str) and re.fullmatch(r"[^\s:]+:[^\s:]+", handler):
        hint = f"; write {handler.replace(':', '.')!r}"
    return [f"handler must be a module and a function separated by a dot, as in 'app.handler', got {handler!r}{hint}"]


def _task_root(task_root: object) -> list[str]:
    if not isinstance(task_root, (str, os.PathLike)):
        return [f"task_root must be a path, got {task_root!r}"]
    path = Path(task_root)
    if path.is_dir():
        return []
    state = "is a file" if path.exists() else "does not exist"
    return [f"task_root must be a directory, got {str(path)!r}, which {state}"]


def _whole(name: str, value: object, least: int, most: int, unit: str) -> list[str]:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return []
    return [f"{name} must be a whole number between {least} and {most}{unit}, got {value!r}"]


def _seconds(name: str, value: object, most: float = math.inf) -> list[str]:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= most and math.isfinite(value):
        return []
    bound = f" and at most {most}" if math.isfinite(most) else ""
    return [f"{name} must be more than 0{bound} s, got {value!r}"]


def _env(env: object) -> list[str]:
    if env is None:
        return []
    if not isinstance(env, Mapping):
        return [f"env must be a mapping of names to strings, got {env!r}"]
    return variables.problems(env)


def _python(python: object) -> list[str]:
    if isinstance(python, str) and os.access(python, os.X_OK) and Path(python).is_file():
        return []
    return [f"python must be an interpreter's path, got {python!r}"]
