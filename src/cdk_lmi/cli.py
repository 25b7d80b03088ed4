"""The command ``cdk-lmi``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TextIO

if TYPE_CHECKING:
    from .rules.engine import Rule

#: Nothing to mend; something to mend; wrong use, or input that cannot be read.
CLEAN, FINDINGS, UNUSABLE = 0, 1, 2
#: What a shell tells of a command that was interrupted, or whose reader went away: 128 and the number of the signal.
INTERRUPTED, READER_GONE = 130, 141

_SECONDS_BEFORE_PROGRESS = 2.0

_EXIT_CODES = """exit codes:
  0  nothing to mend
  1  errors, or with --strict warnings
  2  wrong use, or input that cannot be read
"""
_EXAMPLES = """examples:
  cdk synth && cdk-lmi check cdk.out
  cdk-lmi check template.yaml
  cdk-lmi explain LMI104

"""
_CHECK_EXAMPLES = """examples:
  cdk-lmi check cdk.out                             all stacks of an app, nested ones and stages too
  cdk-lmi check template.json other.yaml            any CloudFormation template
  cdk synth Shop | cdk-lmi check -                  standard input
  cdk-lmi check cdk.out --format sarif --output cdk-lmi.sarif
  cdk-lmi check cdk.out --format github             annotations, in a GitHub workflow
  cdk-lmi check cdk.out --strict --ignore LMI411

What was acknowledged in CDK on a stack or in one, with cdk.Validations.of(…).acknowledge(…) or acknowledge=[…], counts
as acknowledged here. What was on an app or a stage CDK writes into no file: use --ignore.

"""


class Done(NamedTuple):
    """What a command came to."""

    #: For standard output.
    output: str
    exit_code: int = CLEAN


class Command(NamedTuple):
    """One subcommand."""

    name: str
    summary: str
    #: Adds its arguments to its parser.
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Done]


class WrongUseError(Exception):
    """The command line asks for what there is not."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; those of the process by default.

    Returns:
        The exit code.
    """
    try:
        arguments = _parser().parse_args(argv)
        if arguments.command is None:
            _write(_parser().format_help())
            return UNUSABLE
        return _run(arguments.command, arguments)
    except WrongUseError as error:
        _tell(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return READER_GONE


def _run(command: Command, arguments: argparse.Namespace) -> int:
    done = command.run(arguments)
    try:
        _write(done.output)
    except BrokenPipeError:
        raise
    except OSError as error:
        _drop_output()
        raise WrongUseError(f"standard output cannot be written: {_reason(error)}") from None
    return done.exit_code


def _drop_output() -> None:
    """Keep Python from writing what is left at exit, which some releases fail at and tell of.

    See https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cdk-lmi",
        description="Holds AWS Lambda Managed Instances in CloudFormation templates and CDK apps to AWS's rules.",
        epilog=_EXAMPLES + _EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=None)
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        subparser.set_defaults(command=command)
        command.configure(subparser)
    return parser


class _Version(argparse.Action):
    """Prints the version, which is looked up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        _write(f"cdk-lmi {_version()}\n")
        parser.exit()


def _configure_check(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _CHECK_EXAMPLES + _EXIT_CODES
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a template in JSON or YAML, a cloud assembly (cdk.out), or - for standard input",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="how to report: text for people, json for programs, sarif for code scanning, github for annotations "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="ID",
        help="say nothing of this rule, in no template (may be given several times)",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings too")
    parser.add_argument("--output", metavar="FILE", help="write the report to this file instead of standard output")


def _check(arguments: argparse.Namespace) -> Done:
    ignored = {_find_rule(id).id for id in arguments.ignore}
    from .inspection import inspect
    from .reports.text import unreadable_line, untransformed_line

    with _progress() as watch:
        inspection = inspect(arguments.paths, ignore=ignored, strict=arguments.strict, watch=watch)
    for error in inspection.unreadable:
        _write(f"{unreadable_line(error)}\n", sys.stderr)
    for template in inspection.templates:
        if template.is_untransformed:
            _write(f"{untransformed_line(template)}\n", sys.stderr)
    # Imported by name: that for SARIF needs modules that no other does.
    written: Callable[..., str] = import_module(f".reports.{arguments.format}", __package__).report
    report = written(inspection, _version(), colour=not arguments.output and _in_colour())
    if arguments.output:
        _write_file(arguments.output, report)
        report = ""
    return Done(report, inspection.exit_code)


def _configure_explain(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "examples:\n  cdk-lmi explain LMI104\n  cdk-lmi explain memory-below-one-vcpu lmi202\n"
    parser.add_argument("ids", nargs="+", metavar="ID", help="the id of a rule or its name, in any case")


def _explain(arguments: argparse.Namespace) -> Done:
    rules = [_find_rule(id) for id in arguments.ids]
    return Done("\n".join(_explanation(rule) for rule in dict.fromkeys(rules)))


def _explanation(rule: Rule) -> str:
    from .rules.examples import before_after

    parts = [
        f"{rule.id} {rule.slug} ({rule.severity.value})",
        f"{rule.title}.",
        rule.why.replace("``", ""),
        before_after(rule.id).rstrip("\n"),
        f"source: {rule.source}\nsince:  {rule.since}",
    ]
    return "\n\n".join(parts) + "\n"


def _configure_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="how to list them: text for people, json for programs (default: %(default)s)",
    )


def _rules(arguments: argparse.Namespace) -> Done:
    from .rules.catalogue import RULES

    if arguments.format == "text":
        return Done("".join(f"{rule.id}  {rule.severity.value:7}  {rule.title}\n" for rule in RULES))
    from json import dumps

    fields = ("id", "slug", "severity", "title", "why", "source", "since")
    listed = [{name: getattr(rule, name) for name in fields} for rule in RULES]
    return Done(dumps({"version": 1, "rules": listed}, indent=2) + "\n")


COMMANDS = (
    Command("check", "check templates against the rules", _configure_check, _check),
    Command("explain", "explain a rule, and show what mends it", _configure_explain, _explain),
    Command("rules", "list the rules", _configure_rules, _rules),
)


def _find_rule(name: str) -> Rule:
    """Give a rule by its id or its slug, in any case.

    Raises:
        WrongUseError: There is none. It names those that are written alike.
    """
    from .rules.catalogue import RULES

    named = {key: rule for rule in RULES for key in (rule.id, rule.slug.upper())}
    rule = named.get(name.strip().upper().replace("_", "-"))
    if rule is not None:
        return rule
    from .reports.printable import printable

    alike = _alike(name.upper(), list(named))
    hint = f"did you mean {' or '.join(alike)}?" if alike else "see cdk-lmi rules"
    raise WrongUseError(f"there is no rule {printable(name)!r}; {hint}")


def _alike(name: str, names: Sequence[str]) -> Sequence[str]:
    """Give the names that are meant, those with the same letters and digits first."""
    from difflib import get_close_matches

    found = get_close_matches(name, names, n=len(names))
    found.sort(key=lambda other: sorted(other) != sorted(name))
    return [other if other.startswith("LMI") else other.lower() for other in found[:3]]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cdk-lmi")
    except PackageNotFoundError:
        return "0.0.0"


def _in_colour() -> bool:
    """Whether standard output is a terminal whose user has nothing against colours: https://no-color.org."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Tell somebody who waits at a terminal how many templates are done."""
    from time import monotonic

    started, told = monotonic(), False

    def watch(done: int) -> None:
        nonlocal told
        if monotonic() - started > _SECONDS_BEFORE_PROGRESS and sys.stderr is not None and sys.stderr.isatty():
            told = True
            _write(f"\r{done} templates checked", sys.stderr)

    try:
        yield watch
    finally:
        if told:
            _write("\r\x1b[K", sys.stderr)


def _tell(problem: str) -> None:
    _write(f"cdk-lmi: {problem}\n", sys.stderr)


def _write(text: str, stream: TextIO | None = None) -> None:
    """Write what may hold characters that the stream has no encoding for, all of it, now."""
    stream = stream or sys.stdout
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def _write_file(path: str, text: str) -> None:
    from pathlib import Path

    from .reports.printable import printable

    try:
        Path(path).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise WrongUseError(f"{printable(path)} cannot be written: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


if __name__ == "__main__":
    sys.exit(main())
