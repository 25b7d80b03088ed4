"""Commands as they stand in a block, and what may be wrong with one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

#: Where the CDK command line writes what it has synthesised.
ASSEMBLY = "cdk.out"


class WrongError(Exception):
    """A command that does not do what the page says."""


class FailedError(Exception):
    """A command that ended with what its page says is wrong."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


class Command(NamedTuple):
    """A program with its arguments, and what the shell does for it."""

    program: str
    arguments: list[str]
    #: Whether it reads what the command before it writes.
    piped: bool = False
    #: The file that it writes into.
    into: str | None = None


def read(source: str) -> Iterator[Command]:
    """Read the commands of a block, in order.

    Raises:
        WrongError: There is a comment. It would break the command of whoever copies it: zsh, which is what macOS has,
            reads ``#`` as any other word unless it runs a script.
    """
    for line in source.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;>")
        lexer.whitespace_split, lexer.commenters = True, ""
        words: list[str] = []
        piped = False
        for word in [*lexer, ";"]:
            if word.startswith("#"):
                raise WrongError(f"zsh would not take this for a comment: {line.strip()}")
            if word not in ("&&", "|", ";"):
                words.append(word)
                continue
            if words:
                yield _command(words, piped=piped)
            words, piped = [], word == "|"


def _command(words: list[str], *, piped: bool) -> Command:
    into = None
    if ">" in words:
        place = words.index(">")
        into, words = words[place + 1], words[:place] + words[place + 2 :]
    return Command(words[0], words[1:], piped, into)


def known(word: str, words: AbstractSet[str]) -> None:
    """Hold a word to those that there are."""
    if word not in words:
        raise WrongError(f"{word!r} is none of {', '.join(sorted(words))}")


def known_options(arguments: Sequence[str], options: AbstractSet[str]) -> set[str]:
    """Hold the options among the arguments to those that there are, and give them."""
    given = {argument.partition("=")[0] for argument in arguments if argument.startswith("-") and argument != "-"}
    for option in given:
        known(option, options)
    return given
