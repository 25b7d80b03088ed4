"""``cdk-lmi check``: checks templates and cloud assemblies against the rules."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from ..terminal import Command, Done, WrongUseError, in_colour, installed_version, progress, tell, write, write_file
from .rule_names import rule_named
from .template_paths import add_template_paths, path_argument

if TYPE_CHECKING:
    from ..inspection import Inspection

_EPILOG = """examples:
  cdk-lmi check cdk.out                             all stacks of an app, nested stacks and stages included
  cdk-lmi check template.json other.yaml            any CloudFormation template
  cdk synth Shop --json | cdk-lmi check -           standard input, without acknowledgments made in CDK
  cdk-lmi check cdk.out --format sarif --output cdk-lmi.sarif
  cdk-lmi check cdk.out --format github             annotations, in a GitHub workflow
  cdk-lmi check cdk.out --strict --ignore LMI411
  cdk-lmi check template.yaml --parameter Stage=prod --parameter Subnets=subnet-0a,subnet-0b

Acknowledgments made in CDK on a stack or inside one, with cdk.Validations.of(…).acknowledge(…) or acknowledge=[…],
apply here too. They stand in the assembly, not in its templates: what cdk synth --json pipes has none of them. CDK does
not write those on an app or a stage to any file: use --ignore instead. Any other template acknowledges in the metadata
of a resource: {"cdk-lmi": {"acknowledge": {"LMI305": "the reason"}}}.

exit codes:
  0  no problems found
  1  errors found; with --strict also warnings, or parts that cannot be checked before they are expanded or looked up
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
    parser.add_argument(
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="value of a template parameter, with commas for a list (may be given several times; "
        "default: the parameter's Default, without which its value is unknown)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="also exit with 1 for warnings, for templates that CloudFormation has yet to expand (AWS::Serverless, "
        "Fn::ForEach, macros, modules), and for lookups that CDK did not make",
    )
    parser.add_argument(
        "--output", type=path_argument, metavar="FILE", help="write the report to this file instead of standard output"
    )


def _run(arguments: argparse.Namespace) -> Done:
    ignored = {rule_named(name).id for name in arguments.ignore}
    parameters = dict(map(_parameter, arguments.parameter))
    inspection = _inspection(arguments, ignored, parameters)
    from ..reports.text import lookups_line, summary, unread_line, unreadable_line

    for error in inspection.unreadable:
        write(f"{unreadable_line(error)}\n", sys.stderr)
    # What could not be read may have them.
    if not inspection.unreadable:
        _refuse_unknown(parameters, inspection.parameters)
    for template in inspection.templates:
        if template.unread:
            write(f"{unread_line(template)}\n", sys.stderr)
    for directory, kinds in inspection.missing_lookups.items():
        write(f"{lookups_line(directory, kinds)}\n", sys.stderr)
    # Imported by name: the SARIF report needs modules that the others do not.
    written: Callable[..., str] = import_module(f"..reports.{arguments.format}", __package__).report
    report = written(inspection, installed_version(), colour=not arguments.output and in_colour())
    if arguments.output:
        write_file(arguments.output, report)
        report = ""
        tell(summary(inspection))
    return Done(report, inspection.exit_code)


def _inspection(arguments: argparse.Namespace, ignored: Collection[str], parameters: Mapping[str, str]) -> Inspection:
    from ..inspection import inspect
    from ..reports.printable import printable, shown
    from ..template.intrinsics import ParameterError

    try:
        with progress() as show:
            return inspect(
                arguments.paths,
                ignore=ignored,
                strict=arguments.strict,
                parameters=parameters,
                watch=lambda done: show(f"{done} templates checked"),
            )
    except ParameterError as error:
        raise WrongUseError(printable(f"{shown(error.path or '')}: {error}")) from None


def _parameter(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not (name and equals):
        from ..reports.printable import printable

        raise WrongUseError(f"--parameter must be NAME=VALUE, got {printable(written)!r}")
    return name, value


def _refuse_unknown(given: Iterable[str], names: Collection[str]) -> None:
    """Refuse values of parameters that no template has.

    Raises:
        WrongUseError: There is such a value. The message names the parameters that there are.
    """
    unknown = next((name for name in given if name not in names), None)
    if unknown is None:
        return
    from ..reports.printable import printable

    there = f"there is {printable(', '.join(sorted(names)))}" if names else "there are none"
    raise WrongUseError(f"no template has a parameter {printable(unknown)!r}; {there}")


COMMAND = Command("check", "check templates against the rules", _configure, _run)
