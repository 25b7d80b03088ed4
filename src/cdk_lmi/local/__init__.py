"""One execution environment of Managed Instances on this machine. Extra: ``pip install 'cdk-lmi[local]'``.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .environment import ExecutionEnvironment
    from .hazards import Hazard, HazardWarning
    from .invocation import InitError, Invocation
    from .logs import LogLine
    from .processes import MemoryUse, ProcessMemory
    from .sandbox import InitReport

__all__ = [
    "ExecutionEnvironment",
    "Hazard",
    "HazardWarning",
    "InitError",
    "InitReport",
    "Invocation",
    "LogLine",
    "MemoryUse",
    "ProcessMemory",
]

_MODULES = {
    "ExecutionEnvironment": "environment",
    "Hazard": "hazards",
    "HazardWarning": "hazards",
    "InitError": "invocation",
    "InitReport": "sandbox",
    "Invocation": "invocation",
    "LogLine": "logs",
    "MemoryUse": "processes",
    "ProcessMemory": "processes",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
