"""``cdk-lmi rules``: lists the rules."""

from __future__ import annotations

import argparse

from ..terminal import Command, Done
from .rule_names import rule_as_json


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="output format: text for people, json for programs (default: %(default)s)",
    )


def _run(arguments: argparse.Namespace) -> Done:
    from ..rules.catalogue import RULES

    if arguments.format == "text":
        return Done("".join(f"{rule.id}  {rule.severity.value:7}  {rule.title}\n" for rule in RULES))
    from json import dumps

    return Done(dumps({"version": 1, "rules": list(map(rule_as_json, RULES))}, indent=2) + "\n")


COMMAND = Command("rules", "list the rules", _configure, _run)
