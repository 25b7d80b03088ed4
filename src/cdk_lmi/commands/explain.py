"""``cdk-lmi explain``: says what a rule is about, and shows what mends it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..terminal import Command, Done
from .rule_names import rule_named

if TYPE_CHECKING:
    from ..rules.engine import Rule


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  cdk-lmi explain LMI104\n  cdk-lmi explain memory-below-one-vcpu lmi202\n"
    parser.add_argument("ids", nargs="+", metavar="ID", help="the id of a rule or its name, in any case")


def _run(arguments: argparse.Namespace) -> Done:
    rules = [rule_named(name) for name in arguments.ids]
    return Done("\n".join(_explanation(rule) for rule in dict.fromkeys(rules)))


def _explanation(rule: Rule) -> str:
    from ..rules.examples import before_after

    parts = [
        f"{rule.id} {rule.slug} ({rule.severity.value})",
        f"{rule.title}.",
        rule.why.replace("``", ""),
        before_after(rule.id).rstrip("\n"),
        f"source: {rule.source}\nsince:  {rule.since}",
    ]
    return "\n\n".join(parts) + "\n"


COMMAND = Command("explain", "explain a rule, and show what mends it", _configure, _run)
