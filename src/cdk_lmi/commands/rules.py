"""``cdk-lmi rules``: lists the rules."""

from __future__ import annotations

import argparse

from ..terminal import Command, Done


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="how to list them: text for people, json for programs (default: %(default)s)",
    )


def _run(arguments: argparse.Namespace) -> Done:
    from ..rules.catalogue import RULES

    if arguments.format == "text":
        return Done("".join(f"{rule.id}  {rule.severity.value:7}  {rule.title}\n" for rule in RULES))
    from json import dumps

    fields = ("id", "slug", "severity", "title", "why", "source", "since")
    listed = [{name: getattr(rule, name) for name in fields} for rule in RULES]
    return Done(dumps({"version": 1, "rules": listed}, indent=2) + "\n")


COMMAND = Command("rules", "list the rules", _configure, _run)
