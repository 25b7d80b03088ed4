"""The command ``cdk-lmi``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

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
        parser = _parser()
        arguments, unrecognised = parser.parse_known_args(argv)
        if unrecognised:
            # argparse itself would show the usage of all of cdk-lmi.
            refusing: _Parser = getattr(arguments, "parser", parser)
            refusing.refuse(unrecognised)
        if arguments.command is None:
            _print(parser.format_help())
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

    def refuse(self, unrecognised: Sequence[str]) -> NoReturn:
        """End the command for arguments that it does not have, with the option that is spelt most like one of them."""
        from difflib import get_close_matches

        from .reports.printable import printable

        near = (get_close_matches(_option_in(each), self._option_string_actions, n=1) for each in unrecognised)
        hints = list(dict.fromkeys(option for found in near for option in found))
        hint = f"; did you mean {' and '.join(hints)}?" if hints else ""
        self.error(printable(f"unrecognised arguments: {' '.join(unrecognised)}{hint}"))


class _Subparser(_Parser):
    """Refuses options that it does not have before it asks for those that may be meant by them."""

    def parse_known_args(self, *given: Any, **named: Any) -> Any:
        written = list(given[0])
        before = written[: written.index("--")] if "--" in written else written
        # What argparse takes for an option: https://docs.python.org/3/library/argparse.html#arguments-containing
        options = [each for each in before if each.startswith("--") and " " not in each]
        unknown = [each for each in options if _option_in(each) not in self._option_string_actions]
        if unknown and not {"-h", "--help"}.intersection(before):
            self.refuse(unknown)
        return super().parse_known_args(*given, **named)


def _option_in(written: str) -> str:
    return written.partition("=")[0]


def _parser() -> _Parser:
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
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Subparser)
    for command in COMMANDS:
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        subparser.set_defaults(command=command, parser=subparser)
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
