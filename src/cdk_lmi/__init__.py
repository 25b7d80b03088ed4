"""AWS Lambda Managed Instances for the AWS CDK in Python.

The names below are all there is to import. They are loaded when they are first used: the rules alone start no Node.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .capacity_provider import ManagedInstanceCapacityProvider
    from .fleet import Fleet, size
    from .function import ManagedInstanceFunction
    from .network import ManagedInstanceNetwork
    from .rules.catalogue import RULES
    from .rules.engine import ManagedInstanceError, Severity, Violation
    from .template.check import check_template
    from .validator import ManagedInstanceValidator
    from .workload import SizingError

__all__ = [
    "RULES",
    "Fleet",
    "ManagedInstanceCapacityProvider",
    "ManagedInstanceError",
    "ManagedInstanceFunction",
    "ManagedInstanceNetwork",
    "ManagedInstanceValidator",
    "Severity",
    "SizingError",
    "Violation",
    "check_template",
    "size",
]

_MODULES = {
    "Fleet": "fleet",
    "RULES": "rules.catalogue",
    "ManagedInstanceCapacityProvider": "capacity_provider",
    "ManagedInstanceError": "rules.engine",
    "ManagedInstanceFunction": "function",
    "ManagedInstanceNetwork": "network",
    "ManagedInstanceValidator": "validator",
    "Severity": "rules.engine",
    "SizingError": "workload",
    "Violation": "rules.engine",
    "check_template": "template.check",
    "size": "fleet",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
