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

#: In the order in which the help lists them.
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
  0  nothing to mend
  1  something to mend
  2  wrong use, or input that cannot be read
"""


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
            write(_parser().format_help())
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
    try:
        write(done.output)
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output()
        raise WrongUseError(f"standard output cannot be written: {reason(error)}") from None
    return done.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cdk-lmi",
        description="Holds AWS Lambda Managed Instances in CloudFormation templates and CDK apps to AWS's rules, and "
        "finds the size that holds a handler and the fleet that serves some traffic.",
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
    """Prints the version, which is looked up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        write(f"cdk-lmi {installed_version()}\n")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
