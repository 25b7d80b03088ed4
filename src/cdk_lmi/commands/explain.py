"""``cdk-lmi explain``: says what a rule is about, or what AWS means by what it says, and what mends it."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from ..terminal import Command, Done, WrongUseError
from .rule_names import rule_named, rules_alike

if TYPE_CHECKING:
    from ..failures.failure import Failure
    from ..rules.engine import Rule

    _Subject: TypeAlias = Rule | Failure

_EPILOG = """examples:
  cdk-lmi explain LMI104
  cdk-lmi explain memory-below-one-vcpu lmi202
  cdk-lmi explain FunctionError.InitResourceExhausted            a code of AWS
  cdk-lmi explain "Memory ratio of 4096.0MB per CPU exceeds"     a message, or a part of one
  pbpaste | cdk-lmi explain -                                    standard input: a log, or what a call answered

exit codes:
  0  explained
  2  wrong use, or nothing that is known here
"""

_STANDARD_INPUT = "-"
# Far more than a log of one deployment, and read in a moment.
_MOST_BYTES = 1024 * 1024
_RULE_ID = re.compile(r"\bLMI\d{3}\b", re.ASCII)
_WIDTH = 100
_LONGEST_SHOWN = 60


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument(
        "subjects",
        nargs="+",
        metavar="ID_OR_TEXT",
        help="the id of a rule or its name, in any case; or what AWS says: a state, a reason code, an error message, "
        "whole or in part; or - for standard input",
    )


def _run(arguments: argparse.Namespace) -> Done:
    return Done("\n".join(_explanation(subject) for subject in _subjects(arguments.subjects)))


def _subjects(arguments: Sequence[str]) -> Sequence[_Subject]:
    """Give what there is to explain, each once, in the order in which it was asked for.

    Raises:
        WrongUseError: Something is not known.
    """
    named = {argument: list(_meant_by(argument)) for argument in arguments}
    subjects = list(dict.fromkeys(subject for found in named.values() for subject in found))
    unknown = [argument for argument, found in named.items() if not found]
    if not unknown:
        return subjects
    from ..rules.engine import Rule

    several = any(isinstance(subject, Rule) for subject in subjects) or _STANDARD_INPUT in arguments
    if several or any(map(_is_rule_id, unknown)):
        raise _unknown(unknown[0])
    # A message that was typed without quotes is as many arguments as it has words.
    whole = " ".join(arguments)
    found = list(_recognised(whole))
    if not found:
        raise _unknown(whole)
    return found


def _meant_by(argument: str) -> Iterator[_Subject]:
    if argument == _STANDARD_INPUT:
        yield from _recognised_in_input()
        return
    try:
        yield rule_named(argument)
    except WrongUseError:
        if not _is_rule_id(argument):
            yield from _recognised(argument)


def _recognised_in_input() -> Sequence[_Subject]:
    text = _read_input()
    found = list(_recognised(text))
    if not found:
        raise _unknown(text)
    return found


def _recognised(text: str) -> Iterator[_Subject]:
    """Give the failures that a text tells of, and the rules that it names, as reports of this command do."""
    from ..failures.catalogue import FAILURES
    from ..failures.recognition import Recognition
    from ..rules.catalogue import RULES

    named = set(_RULE_ID.findall(text))
    yield from Recognition(FAILURES).recognise(text)
    yield from (rule for rule in RULES if rule.id in named)


def _read_input() -> str:
    """Read standard input, in whatever encoding a clipboard has.

    Raises:
        WrongUseError: There is nothing in it, or more than anybody pastes.
    """
    try:
        content = sys.stdin.buffer.read(_MOST_BYTES + 1)
    except (AttributeError, OSError, ValueError):
        raise WrongUseError("standard input cannot be read") from None
    if len(content) > _MOST_BYTES:
        raise WrongUseError("standard input is larger than 1 MiB; give the part of it that has the error")
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if is_utf_16 else "utf-8-sig", "replace")
    if not text.strip():
        raise WrongUseError("standard input is empty; give it what AWS said")
    return text


def _is_rule_id(argument: str) -> bool:
    return re.fullmatch(r"lmi\d+", argument.strip(), re.ASCII | re.IGNORECASE) is not None


def _unknown(text: str) -> WrongUseError:
    """Give the error for what is not known, with what is nearest."""
    from ..failures.catalogue import FAILURES
    from ..failures.recognition import Recognition
    from ..reports.printable import printable

    shown = " ".join(text[: 4 * _LONGEST_SHOWN].split())
    shown = printable(shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…")
    if _is_rule_id(text):
        alike = list(rules_alike(text))
        hint = f"did you mean {_either(alike)}?" if alike else "cdk-lmi rules lists those that there are"
        return WrongUseError(f"there is no rule {shown!r}; {hint}")
    alike = [*rules_alike(text), *(failure.id for failure in Recognition(FAILURES).nearest(text))][:3]
    hint = (
        f"did you mean {_either(alike)}?"
        if alike
        else "give more of what AWS said, as it is; cdk-lmi rules lists the rules"
    )
    return WrongUseError(f"no rule and nothing known that AWS says is like {shown!r}; {hint}")


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


# --- what is told


def _explanation(subject: _Subject) -> str:
    from ..rules.engine import Rule

    return _of_rule(subject) if isinstance(subject, Rule) else _of_failure(subject)


def _of_rule(rule: Rule) -> str:
    from ..rules.examples import before_after

    parts = [
        f"{rule.id} {rule.slug} ({rule.severity.value})",
        f"{rule.title}.",
        rule.why.replace("``", ""),
        before_after(rule.id).rstrip("\n"),
        f"source: {rule.source}\nsince:  {rule.since}",
    ]
    return "\n\n".join(parts) + "\n"


def _of_failure(failure: Failure) -> str:
    from ..rules.catalogue import RULES

    caught = [f"{rule.id} {rule.slug}" for rule in RULES if rule.id in failure.rules]
    parts = [
        failure.id,
        _wrapped(f"{failure.title[0].upper()}{failure.title[1:]}."),
        _wrapped(failure.meaning),
        _wrapped(f"likely cause: {failure.cause}"),
        _listed("check:", failure.checks),
        _listed("fix:", failure.fixes),
    ]
    if caught:
        parts.append(_listed("told before deploying by:", caught))
    sources = "\n".join(f"source: {source.address} (read {source.read})" for source in failure.sources)
    parts.append(f"basis:  {failure.basis.value}\n{sources}")
    return "\n\n".join(parts) + "\n"


def _listed(heading: str, items: Iterable[str]) -> str:
    return "\n".join([heading, *(_wrapped(item, "  - ", "    ") for item in items)])


def _wrapped(text: str, first: str = "", others: str = "") -> str:
    from textwrap import fill

    return fill(
        text.replace("``", ""),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


COMMAND = Command("explain", "explain a rule or what AWS says, and show what mends it", _configure, _run)
