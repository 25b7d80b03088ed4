"""The stack of the orders API in each of the ways that it can be chosen, synthesised once for all tests."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

# The app finds its modules as it does when it runs: from its own folder.
sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "orders_api"))

from app import orders_api

EXAMPLE = Path(__file__).parents[2] / "examples" / "orders_api"
#: The template alone: no pip, no network.
UNBUNDLED: dict[str, Any] = {"aws:cdk:bundling-stacks": []}
VARIANTS: dict[str, dict[str, Any]] = {
    "development": {},
    "production": {"production": "true"},
    "production with users": {"production": "true", "authorizer": "cognito"},
}


@dataclass(frozen=True)
class Synthesized:
    """A variant that was synthesised, with CDK's own validation on."""

    name: str
    directory: Path
    stack_name: str

    @property
    def path(self) -> Path:
        """The file of the template."""
        return self.directory / f"{self.stack_name}.template.json"

    @cached_property
    def template(self) -> dict[str, Any]:
        """The template."""
        template: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return template

    @property
    def resources(self) -> dict[str, Any]:
        """All resources by their logical ids."""
        resources: dict[str, Any] = self.template["Resources"]
        return resources

    def of_type(self, kind: str) -> dict[str, Any]:
        """The properties of the resources of a type by their logical ids."""
        return {id: r.get("Properties", {}) for id, r in self.resources.items() if r["Type"] == kind}

    def only(self, kind: str) -> Any:
        """The properties of the one resource of a type."""
        (properties,) = self.of_type(kind).values()
        return properties

    def functions(self) -> dict[str, str]:
        """The logical ids of the functions by the names of their handlers, as in ``list_orders``."""
        handlers = {id: f["Handler"] for id, f in self.of_type("AWS::Lambda::Function").items()}
        return {handler.split(".")[2]: id for id, handler in handlers.items()}


def define(variant: str, **options: Any) -> cdk.App:
    """Define the app of a variant, for no account or Region in particular."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CDK_DEFAULT_ACCOUNT", "CDK_DEFAULT_REGION", "CDK_CONTEXT_JSON"):
            patch.delenv(name, raising=False)
        return orders_api(context={**UNBUNDLED, **VARIANTS[variant]}, **options)[0]


def synthesize(variant: str, directory: Path) -> Synthesized:
    """Synthesise a variant; an error of CDK's own validation raises here."""
    assembly = define(variant, outdir=str(directory)).synth()
    return Synthesized(variant, directory, assembly.stacks[0].stack_name)
