"""``cdk-lmi explain``: explains a rule or an AWS message, and says how to fix the problem."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..terminal import Command, Done, WrongUseError
from .rule_names import rule_as_json, rule_named, rules_alike

if TYPE_CHECKING:
    from ..failures.failure import Failure
    from ..rules.engine import Rule

    _Subject: TypeAlias = Rule | Failure

_EPILOG = """examples:
  cdk-lmi explain LMI104
  cdk-lmi explain memory-below-one-vcpu lmi202
  cdk-lmi explain FunctionError.InitResourceExhausted            an AWS code
  cdk-lmi explain "Memory ratio of 4096.0MB per CPU exceeds"     a message, or part of one
  pbpaste | cdk-lmi explain -                                    standard input: a log, or the response to a call

exit codes:
  0  explained
  2  incorrect usage, or nothing recognised
"""

_STANDARD_INPUT = "-"
# Far more than the log of one deployment, and still read in a moment.
_MOST_BYTES = 1024 * 1024
_RULE_ID = re.compile(r"\bLMI\d{3}\b", re.ASCII)
# An id as it is typed: O for a zero, I or L for a one, X for any digit, a hyphen or a space before the digits.
_MEANT_AS_ID = re.compile(r"lmi[-_ ]?(?=\D*\d)[\doilx]{1,9}", re.ASCII | re.IGNORECASE)
_DIGITS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "_": None, " ": None})
_WIDTH = 100
_LONGEST_SHOWN = 60
# How alike a word must be to the name of a rule to be taken for a typo.
_TYPO = 0.8
_NEXT = (
    "pass more of it, unchanged, or what the events of the stack say of the first resource that failed; cdk-lmi rules "
    "lists all rules"
)


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    parser.add_argument(
        "subjects",
        nargs="+",
        metavar="ID_OR_TEXT",
        help="a rule's id or name, in any case; or what AWS says: a state, a reason code, an error message or part of "
        "one; or - for standard input",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="how to explain it: text for people, json for programs (default: %(default)s)",
    )


def _run(arguments: argparse.Namespace) -> Done:
    subjects = _subjects(arguments.subjects)
    if arguments.format == "text":
        return Done("\n".join(map(_explanation, subjects)))
    from json import dumps

    return Done(dumps({"version": 1, "explanations": list(map(_as_json, subjects))}, indent=2) + "\n")


def _subjects(arguments: Sequence[str]) -> Sequence[_Subject]:
    """Return the subjects to explain, each once, in the order of the arguments.

    Raises:
        WrongUseError: An argument is not recognised.
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
    # A message typed without quotes arrives as one argument for each word.
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
    """Yield the failures that a text describes, and the rules that it names, as this command's reports do."""
    from ..failures.catalogue import FAILURES
    from ..failures.recognition import Recognition
    from ..rules.catalogue import RULES

    named = set(_RULE_ID.findall(text))
    yield from Recognition(FAILURES).recognise(text)
    yield from (rule for rule in RULES if rule.id in named)


def _read_input() -> str:
    """Read standard input, in whatever encoding the clipboard uses.

    Raises:
        WrongUseError: It is empty or too large.
    """
    try:
        content = sys.stdin.buffer.read(_MOST_BYTES + 1)
    except (AttributeError, OSError, ValueError):
        raise WrongUseError("standard input cannot be read") from None
    if len(content) > _MOST_BYTES:
        raise WrongUseError("standard input is larger than 1 MiB; pass only the part with the error")
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16" if is_utf_16 else "utf-8-sig", "replace")
    if not text.strip():
        raise WrongUseError("standard input is empty; pipe AWS's message into it")
    return text


def _is_rule_id(argument: str) -> bool:
    """Tell whether an argument is meant as the id of a rule, whether there is one or not."""
    return _MEANT_AS_ID.fullmatch(argument.strip()) is not None


def _unknown(text: str) -> WrongUseError:
    """Return the error for an unknown text, with the names that it may be a misspelling of."""
    from ..reports.printable import printable

    shown = " ".join(text[: 4 * _LONGEST_SHOWN].split())
    shown = printable(shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…")
    if _is_rule_id(text):
        alike = _ids_alike(text)
        hint = f"did you mean {_either(alike)}?" if alike else f"cdk-lmi rules lists them, {_families()}"
        return WrongUseError(f"there is no rule {shown!r}; {hint}")
    names = _names_alike(text)
    hint = f"did you mean {_either(names)}?" if names else _NEXT
    return WrongUseError(f"{shown!r} is no rule, and no message about Managed Instances that is known here; {hint}")


def _ids_alike(text: str) -> Sequence[str]:
    """Return the ids that an unknown one may mean: the one that it is with letters as digits, or what is near to it."""
    from ..rules.catalogue import RULES

    id = f"LMI{text.strip()[3:].upper().translate(_DIGITS)}"
    return [id] if id in {rule.id for rule in RULES} else rules_alike(id)


def _families() -> str:
    """Return the first and the last family of rules."""
    from ..rules.catalogue import RULES

    families = sorted({rule.id[:4] for rule in RULES})
    return f"{families[0]}xx to {families[-1]}xx"


def _names_alike(text: str) -> Sequence[str]:
    """Return the names that a single word may be a misspelling of; of a text, none: any name would be a guess."""
    from difflib import get_close_matches

    from ..failures.catalogue import FAILURES
    from ..failures.recognition import Recognition
    from ..rules.catalogue import RULES

    slug = text.strip().lower().replace("_", "-")
    is_word = len(slug) <= _LONGEST_SHOWN and len(slug.split()) == 1
    rules = get_close_matches(slug, [rule.slug for rule in RULES], cutoff=_TYPO) if is_word else []
    return [*rules, *(failure.id for failure in Recognition(FAILURES).nearest(text))][:3]


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


# --- the explanation


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
        parts.append(_listed("reported before deployment by:", caught))
    sources = "\n".join(f"source: {source.address} (read {source.read})" for source in failure.sources)
    parts.append(f"basis:  {failure.basis.value}\n{sources}")
    return "\n\n".join(parts) + "\n"


def _as_json(subject: _Subject) -> Mapping[str, Any]:
    """Return the explanation for programs: the same as for people, with its kind."""
    from dataclasses import asdict

    from ..rules.engine import Rule

    if isinstance(subject, Rule):
        return {"kind": "rule", **rule_as_json(subject)}
    told = ("id", "title", "meaning", "cause", "checks", "fixes", "rules", "basis", "sources")
    failure = asdict(subject)
    return {"kind": "failure", **{name: failure[name] for name in told}}


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


COMMAND = Command("explain", "explain a rule or an AWS message, and show how to fix the problem", _configure, _run)
