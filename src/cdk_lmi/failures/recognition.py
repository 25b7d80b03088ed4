"""Which failure a text from AWS describes, however it was pasted.

Codes are matched as they are written, with or without their dots. Of an exception that other services raise as well,
a service that is named beside it decides. Messages are matched by their pairs of adjacent words, which survive line
breaks, quotes, other numbers and other names. A pair that several messages share counts less. A text that is part of
a message and nothing else needs fewer matching words, but common words alone never match. If AWS uses the same words
about other things, what the message is about must be present too, word after word and near the rest of the message.
What a message does not say itself, such as the construct that raised it, may be anywhere in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import pairwise
from string import punctuation

from .failure import Failure

Pair = tuple[str, str]
Phrase = tuple[str, ...]

# The share of a message that must be present, by the weight of its pairs.
_ENOUGH_OF_MESSAGE = 0.5
# The least number of words in a part of a message, and of words that are not common ones.
_LEAST_WORDS_OF_PART = 3
_LEAST_TELLING_WORDS = 2
# How alike two codes must be for one to be the other with a typo: at 0.8, ResourceNotFoundException is KMSKeyNotFound.
_TYPO = 0.9
# The least letters in a part of a code.
_LEAST_PART_OF_CODE = 5
_LONGEST_CODE = 120
_MOST_PARTS_OF_CODE = 8

_TOKEN = re.compile(r"[\w$.:/@+'-]+")
_WORD = re.compile(r"[^\W\d_]+")
_IDENTIFIER = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*", re.ASCII)
_ESCAPED_SPACE = re.compile(r"\\[nrt]")
_PLACEHOLDER = re.compile(r"\{\w+\}")
# What terminals interpret, such as colours.
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# ``Failed`` is a word in any log. It is a state only if the text says so, in a field as Lambda names it: many services
# have a ``Status``, and S3 has an ``Error Code: InternalError``.
_PLAIN_WORD = re.compile(r"[A-Z][a-z]+|InProgress")
_IS_A_STATE = re.compile(
    r"(?:State|LastUpdateStatus|ReasonCode|Function-?Error)[\\'\"]*\s*[:=]\s*[\\'\"]*$", re.IGNORECASE
)
_IS_AN_EXCEPTION = re.compile(r"Code[\\'\"]*\s*[:=]\s*[\\'\"]*$|error occurred \($", re.IGNORECASE)
# The name of a field, as ``FunctionError`` is in Invoke's response.
_QUOTED, _COLON = re.compile(r"['\"]$"), re.compile(r"[\\'\"]+\s*:")
_LAUNCH = re.compile(r"failed to launch\b[^\n]*\Z", re.IGNORECASE)
_BEFORE_CODE = _AFTER_CODE = 300
# Where clients of AWS name the service that raised an exception, or what they asked of it: botocore, the SDK for Go and
# with it Terraform, CloudFormation and SDKs for Java, their classes, stacks of the SDK for JavaScript.
_SERVICE = re.compile(
    r"when calling the (\w+) operation|operation error ([\w ]+):|\(Service: ?(\w+)|\bservices\.(\w+)\.|"
    r"@aws-sdk/client-([\w-]+)"
)
# Lambda by its name, or by the operations that are its alone.
_LAMBDA = re.compile(
    r".*lambda.*|Invoke(?:Async|WithResponseStream)?|(?:Add|Remove)(?:LayerVersion)?Permission|\w*DurableExecution\w*|"
    r"(?:Create|Delete|Get|List|Publish|Put|Update)(?:Function|CapacityProvider|EventSourceMapping|Alias|Layer|Version|"
    r"CodeSigningConfig|ProvisionedConcurrency|RuntimeManagement)\w*",
    re.IGNORECASE,
)
# Operations that Lambda has among others say nothing. TagResource and UntagResource, which nearly all services have,
# are most likely another's.
_ANYBODYS = re.compile(r"GetAccountSettings|GetPolicy|ListTags|(?:Delete|Get|Put)ResourcePolicy")
# A code as Step Functions and the SDKs for Java write those of Lambda.
_CODE_OF_LAMBDA = re.compile(r"(?:.*\.)?lambda\.(?:model\.)?\w+", re.IGNORECASE)
# The lines after a code, as they are or in JSON, and what in them is an exception. A stack's are of what is above it.
_NEXT_LINE = re.compile(r"(?:\n|\\n)(?!(?:[ \t]|\\t)*at )((?:(?!\\n).)*)")
_EXCEPTION = re.compile(r"\b\w*(?:Exception|Error)\b|error occurred")
#: Words that occur in any text.
_SMALL_WORDS = frozenset(
    _WORD.findall(
        "a an and are as at be because been by can cant do does for from has have if in into is isnt it its no not of "
        "on or that the this to was were when which while with you your"
    )
)


@dataclass(frozen=True)
class _Found:
    failure: Failure
    #: Where in the text, to keep its order.
    place: int


class _Words:
    """The words of a text, and where they are."""

    def __init__(self, text: str) -> None:
        self.all: list[str] = []
        # Where tokens end: behind the word of ``'node'``, but not behind the ``node`` of ``node_modules``.
        self._ends: set[int] = set()
        for token in _tokens(text):
            self.all += token
            self._ends.add(len(self.all))

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self.all):
            places.setdefault(word, []).append(place)
        return places

    def places_of(self, phrases: Iterable[Phrase]) -> Sequence[int]:
        """Return where any of the phrases begins, in order; a word that only begins with it is another."""
        return sorted(
            place
            for phrase in phrases
            for place in self._places.get(phrase[0], ())
            if place + len(phrase) in self._ends and tuple(self.all[place : place + len(phrase)]) == phrase
        )


@dataclass(frozen=True)
class _Message:
    failure: Failure
    words: Phrase
    #: What must be near its pairs: of its failure's subjects those that are in it.
    subject: tuple[Phrase, ...]
    #: What must be anywhere in the text.
    context: tuple[Phrase, ...]

    @classmethod
    def of(cls, failure: Failure, message: str) -> _Message:
        words = _Words(_PLACEHOLDER.sub(" ", message))
        subject = tuple(phrase for phrase in map(_phrase, failure.subject) if words.places_of([phrase]))
        return cls(failure, tuple(words.all), subject, tuple(map(_phrase, failure.context)))

    @cached_property
    def pairs(self) -> frozenset[Pair]:
        return frozenset(pairwise(self.words))

    @property
    def reach(self) -> int:
        """How many words it may take in a text: its own, and about as many that AWS fills in."""
        return 2 * len(self.pairs) + 8

    def has_part(self, words: Sequence[str]) -> bool:
        """Tell whether a text is a telling part of the message; a word at either end may be cut."""
        telling = [word for word in words if word not in _SMALL_WORDS]
        is_enough = len(words) >= _LEAST_WORDS_OF_PART and len(telling) >= _LEAST_TELLING_WORDS
        return is_enough and len(words) <= len(self.words) and " ".join(words) in " ".join(self.words)


class Recognition:
    """Finds failures by AWS's codes and messages.

    Args:
        failures: All failures that may be found.
    """

    def __init__(self, failures: Iterable[Failure]) -> None:
        self._failures = tuple(failures)

    def recognise(self, text: str) -> tuple[Failure, ...]:
        """Return the failures that a text describes, in the order of the text; none if it is not known.

        A vague failure, such as a state, is returned only if no other is found.

        Args:
            text: A code, a message, a part of one, or a log or JSON with one in it. Of any length.
        """
        text = _ESCAPE_SEQUENCE.sub("", text)
        named = self._by_name.get(_key(text)) if len(text) <= _LONGEST_CODE else None
        if named:
            return (named,)
        of_others = [failure for failure in self._failures if _is_about_others(failure, text)]
        everything = (*self._codes_in(text), *self._messages_in(text))
        found = [each for each in everything if each.failure not in of_others]
        clear = [each for each in found if not each.failure.is_vague]
        in_order = sorted(clear or found, key=lambda each: each.place)
        return tuple(dict.fromkeys(each.failure for each in in_order)) or self._with_part_of_code(text)

    def nearest(self, text: str, most: int = 3) -> tuple[Failure, ...]:
        """Return the failures that an unknown code may mean: those it is a part of, or one with a typo in it.

        Of anything but a single code there are none. Most of what is pasted has nothing to do with Managed Instances,
        and a guess would send whoever reads it the wrong way.
        """
        code = _ESCAPE_SEQUENCE.sub("", text[: 2 * _LONGEST_CODE]).strip()
        key = _key(code)
        if not _is_like_code(code) or not _LEAST_PART_OF_CODE <= len(key) <= _LONGEST_CODE:
            return ()
        names = [name for name in self._by_name if key in name] or get_close_matches(
            key, self._by_name, n=most, cutoff=_TYPO
        )
        return tuple(dict.fromkeys(self._by_name[name] for name in names))[:most]

    # --- codes

    @cached_property
    def _by_name(self) -> Mapping[str, Failure]:
        """Failures by id and code, for a direct request. Inside a longer text, our own ids mean nothing."""
        return {_key(name): failure for failure in self._failures for name in (failure.id, *failure.codes)}

    @cached_property
    def _by_code(self) -> Mapping[str, Failure]:
        return {_key(code): failure for failure in self._failures for code in failure.codes}

    @cached_property
    def _by_launch_code(self) -> Mapping[str, Failure]:
        return {_key(code): failure for failure in self._failures for code in failure.launch_codes}

    @cached_property
    def _common(self) -> frozenset[str]:
        """The codes that other services use too."""
        codes = ((code, failure) for failure in self._failures for code in failure.codes)
        return frozenset(
            _key(code) for code, failure in codes if failure.has_common_codes or _PLAIN_WORD.fullmatch(code)
        )

    def _codes_in(self, text: str) -> Iterator[_Found]:
        for token in _IDENTIFIER.finditer(text):
            known = (key for key in _readings(token[0]) if key in self._by_code or key in self._by_launch_code)
            key = next(known, None)
            if key is None:
                continue
            before = text[max(0, token.start() - _BEFORE_CODE) : token.start()]
            if _QUOTED.search(before) and _COLON.match(text, token.end()):
                continue
            failure = self._by_code.get(key)
            if failure and failure.has_shared_codes and _is_of_another_service(text, token):
                continue
            if failure and (key not in self._common or _is_marked(token[0], failure, before)):
                yield _Found(failure, token.start())
            elif key in self._by_launch_code and _LAUNCH.search(before.replace("\\n", "\n")):
                yield _Found(self._by_launch_code[key], token.start())

    def _with_part_of_code(self, text: str) -> tuple[Failure, ...]:
        """Return the one failure whose code contains a word, if the word is the whole text and half of the code."""
        word = _key(text) if len(text) <= _LONGEST_CODE else ""
        # A whole code, and of another service: NotFoundException is not KMSNotFoundException.
        if word.endswith("exception"):
            return ()
        names = [name for name in self._by_name if len(word) >= _LEAST_PART_OF_CODE and word in name]
        found = dict.fromkeys(self._by_name[name] for name in names)
        return tuple(found) if len(found) == 1 and 2 * len(word) >= len(min(names, key=len)) else ()

    # --- messages

    @cached_property
    def _messages(self) -> Sequence[_Message]:
        return [_Message.of(failure, message) for failure in self._failures for message in failure.messages]

    @cached_property
    def _shared_by(self) -> Counter[Pair]:
        """The number of messages that contain each pair of words."""
        return Counter(pair for message in self._messages for pair in message.pairs)

    def _weight(self, pairs: Iterable[Pair]) -> float:
        return sum(1 / self._shared_by[pair] for pair in pairs)

    def _messages_in(self, text: str) -> Iterator[_Found]:
        words = _Words(text)
        places: dict[Pair, list[int]] = {}
        for place, pair in enumerate(pairwise(words.all)):
            if pair in self._shared_by:
                places.setdefault(pair, []).append(place)
        if not places:
            return
        for message in self._messages:
            if message.context and not words.places_of(message.context):
                continue
            hits = _near_subject(message, words, places)
            there = self._closest_together(message, hits)
            weight = self._weight(there)
            if len(there) > 1 and weight >= _ENOUGH_OF_MESSAGE * self._weight(message.pairs):
                yield _Found(message.failure, _offset(text, words.all, min(there.values())))
            # Words that several messages share may come from any of them.
            elif weight >= 1 and message.has_part(words.all):
                yield _Found(message.failure, 0)

    def _closest_together(self, message: _Message, hits: Sequence[tuple[int, Pair]]) -> Mapping[Pair, int]:
        """Return the pairs of a message within about its length, at the place where they weigh most."""
        within: Counter[Pair] = Counter()
        weight = heaviest = 0.0
        best = (0, 0)
        first = 0
        for last, (place, pair) in enumerate(hits):
            weight += 0 if within[pair] else 1 / self._shared_by[pair]
            within[pair] += 1
            while hits[first][0] < place - message.reach:
                gone = hits[first][1]
                within[gone] -= 1
                weight -= 0 if within[gone] else 1 / self._shared_by[gone]
                first += 1
            if weight > heaviest + 1e-9:
                heaviest, best = weight, (first, last + 1)
        return {pair: place for place, pair in reversed(hits[slice(*best)])}


def _key(code: str) -> str:
    return "".join(character for character in code.lower() if character.isalnum())


def _is_marked(name: str, failure: Failure, before: str) -> bool:
    """Tell whether a common code is meant as one: it is written as AWS does, behind what AWS writes before it."""
    mark = _IS_AN_EXCEPTION if name.endswith("Exception") else _IS_A_STATE
    return name.endswith(failure.codes) and mark.search(before) is not None


def _is_of_another_service(text: str, code: re.Match[str]) -> bool:
    """Tell whether the line of a code, or what follows it, names services, and none of them is Lambda."""
    if _CODE_OF_LAMBDA.fullmatch(code[0]):
        return False
    earliest = max(0, code.start() - _BEFORE_CODE)
    start = max(earliest, text.rfind("\n", earliest, code.start()))
    found = _SERVICE.finditer(text, start, _end_of_what_follows(text, code))
    named = [name for each in found if not _ANYBODYS.fullmatch(name := each[each.lastindex or 0])]
    return bool(named) and not any(map(_LAMBDA.fullmatch, named))


def _is_about_others(failure: Failure, text: str) -> bool:
    """Tell whether a text names others of whom AWS says the same, and does not name Lambda."""
    names = "|".join(r"\W+".join(map(re.escape, name.split())) for name in failure.others)
    is_named = bool(names) and re.search(rf"(?<![^\W_])(?:{names})(?![^\W_])", text, re.IGNORECASE) is not None
    return is_named and "lambda" not in text.lower()


def _end_of_what_follows(text: str, code: re.Match[str]) -> int:
    """Return where the text after a code is no longer about it: at the latest, where a line is about another one."""
    end = code.end() + _AFTER_CODE
    name = code[0].rpartition(".")[2]
    # Such a line may name its exception behind its service, and further away than a service is looked for.
    for line in _NEXT_LINE.finditer(text, code.end(), end + _AFTER_CODE):
        exceptions = _EXCEPTION.findall(line[1])
        if exceptions and name not in exceptions:
            return min(line.start(), end)
    return end


def _is_like_code(text: str) -> bool:
    """Tell whether a text is one word, and written as nobody writes a plain one: ``KMSKey``, ``CREATE_FAILED``."""
    word = text.strip(f"{punctuation} ")
    is_plain = word.isalpha() and (word.islower() or word.isupper() or word.istitle())
    return len(text.split()) == 1 and not is_plain


def _near_subject(message: _Message, words: _Words, places: Mapping[Pair, Sequence[int]]) -> Sequence[tuple[int, Pair]]:
    """Return where a message's pairs are, in order, as far as what it is about is near them."""
    hits = sorted((place, pair) for pair in message.pairs for place in places.get(pair, ()))
    if not message.subject or not hits:
        return hits
    subjects = words.places_of(message.subject)

    def is_near(place: int) -> bool:
        after = bisect_left(subjects, place - message.reach)
        return after < len(subjects) and subjects[after] <= place + message.reach

    return [hit for hit in hits if is_near(hit[0])]


def _readings(identifier: str) -> Iterator[str]:
    """Yield what an identifier may mean as a code: all of it, then parts between its dots, the longest first."""
    parts = identifier.split(".")[-_MOST_PARTS_OF_CODE:]
    for length in range(len(parts), 0, -1):
        for start in range(len(parts) - length + 1):
            yield _key("".join(parts[start : start + length]))


def _phrase(text: str) -> Phrase:
    return tuple(_Words(text).all)


def _tokens(text: str) -> Iterator[Sequence[str]]:
    """Yield the words of each token of a text in lower case, without what differs each time."""
    text = _ESCAPED_SPACE.sub(" ", text.replace("\u2019", "'").replace("\u200b", ""))
    for token in _TOKEN.findall(text):
        if not token.startswith("arn:") and not any(map(str.isdigit, token)):
            yield _WORD.findall(token.replace("'", "").lower())


def _offset(text: str, words: Sequence[str], place: int) -> int:
    """Return roughly where in a text one of its words is."""
    return len(text) * place // len(words)
