"""``cdk-lmi check``: checks templates and cloud assemblies against the rules."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from ..terminal import Command, Done, in_colour, installed_version, progress, write, write_file
from .rule_names import rule_named
from .template_paths import add_template_paths

_EPILOG = """examples:
  cdk-lmi check cdk.out                             all stacks of an app, nested stacks and stages included
  cdk-lmi check template.json other.yaml            any CloudFormation template
  cdk synth Shop | cdk-lmi check -                  standard input
  cdk-lmi check cdk.out --format sarif --output cdk-lmi.sarif
  cdk-lmi check cdk.out --format github             annotations, in a GitHub workflow
  cdk-lmi check cdk.out --strict --ignore LMI411

Acknowledgments made in CDK on a stack or inside one, with cdk.Validations.of(…).acknowledge(…) or acknowledge=[…],
apply here too. CDK does not write those on an app or a stage to any file: use --ignore instead.

exit codes:
  0  no problems found
  1  errors found; with --strict also warnings
  2  incorrect usage, or unreadable input
"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    add_template_paths(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="report format: text for people, json for programs, sarif for code scanning, github for annotations "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="ID",
        help="do not report this rule in any template (may be given several times)",
    )
    parser.add_argument("--strict", action="store_true", help="also exit with 1 for warnings")
    parser.add_argument("--output", metavar="FILE", help="write the report to this file instead of standard output")


def _run(arguments: argparse.Namespace) -> Done:
    ignored = {rule_named(name).id for name in arguments.ignore}
    from ..inspection import inspect
    from ..reports.text import unreadable_line, untransformed_line

    with progress() as show:
        inspection = inspect(
            arguments.paths,
            ignore=ignored,
            strict=arguments.strict,
            watch=lambda done: show(f"{done} templates checked"),
        )
    for error in inspection.unreadable:
        write(f"{unreadable_line(error)}\n", sys.stderr)
    for template in inspection.templates:
        if template.is_untransformed:
            write(f"{untransformed_line(template)}\n", sys.stderr)
    # Imported by name: the SARIF report needs modules that the others do not.
    written: Callable[..., str] = import_module(f"..reports.{arguments.format}", __package__).report
    report = written(inspection, installed_version(), colour=not arguments.output and in_colour())
    if arguments.output:
        write_file(arguments.output, report)
        report = ""
    return Done(report, inspection.exit_code)


COMMAND = Command("check", "check templates against the rules", _configure, _run)
