"""The command ``cdk-lmi``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from .commands.check import COMMAND as CHECK
from .commands.diagram import COMMAND as DIAGRAM
from .commands.explain import COMMAND as EXPLAIN
from .commands.fit import COMMAND as FIT
from .commands.rules import COMMAND as RULES
from .commands.size import COMMAND as SIZE
from .terminal import (
    INTERRUPTED,
    READER_GONE,
    UNUSABLE,
    Command,
    WrongUseError,
    drop_output,
    installed_version,
    reason,
    tell,
    write,
)

#: The subcommands, in the order of the help text.
COMMANDS = (CHECK, EXPLAIN, RULES, DIAGRAM, FIT, SIZE)

_EPILOG = """examples:
  cdk synth && cdk-lmi check cdk.out
  cdk-lmi check template.yaml
  cdk-lmi explain LMI104
  cdk-lmi explain FunctionError.InitResourceExhausted
  cdk-lmi diagram cdk.out
  cdk-lmi fit list_orders:handler --event event.json
  cdk-lmi size --memory-per-process 200 --rate 50 --duration 0.2

exit codes:
  0  no problems found
  1  problems found
  2  incorrect usage, or unreadable input
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments. Default: those of the process.

    Returns:
        The exit code.
    """
    try:
        arguments = _parser().parse_args(argv)
        if arguments.command is None:
            _print(_parser().format_help())
            return UNUSABLE
        return _run(arguments.command, arguments)
    except WrongUseError as error:
        tell(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        drop_output()
        return READER_GONE


def _run(command: Command, arguments: argparse.Namespace) -> int:
    done = command.run(arguments)
    _print(done.output)
    return done.exit_code


def _print(text: str) -> None:
    """Write to standard output.

    Raises:
        WrongUseError: It takes no more.
    """
    try:
        write(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output()
        raise WrongUseError(f"cannot write to standard output: {reason(error)}") from None


class _Parser(argparse.ArgumentParser):
    """Writes its help as commands write their output: argparse's own fails where a character cannot be encoded."""

    def print_help(self, file: object = None) -> None:
        _print(self.format_help())


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cdk-lmi",
        description="Checks AWS Lambda Managed Instances in CloudFormation templates and CDK apps against AWS's rules. "
        "Also measures the size that a handler needs, and calculates the fleet that given traffic needs.",
        epilog=_EPILOG,
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
    """Prints the version, which is looked up only on request."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        _print(f"cdk-lmi {installed_version()}\n")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
