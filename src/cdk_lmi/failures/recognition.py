"""Which failure a text of AWS's tells of, however it was pasted.

Codes are found as they are written, with or without their dots. Messages are found by their pairs of words: those
outlive line breaks, quotes, other numbers and other names, and a part of a message has most of them still. A pair that
several messages share counts the less.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import pairwise

from .failure import Failure

Pair = tuple[str, str]

# How much of a message must be there, and how much of a short text must be of a message.
_ENOUGH_OF_MESSAGE = 0.5
_ENOUGH_OF_TEXT = 0.6
# Of what is nearly as good as the best, nobody can tell which was meant.
_NEARLY = 0.9
# A text with more words than that is a log around a message, and no part of one.
_MOST_WORDS_OF_PART = 80
_LONGEST_CODE = 120
_MOST_PARTS_OF_CODE = 8

_TOKEN = re.compile(r"[\w$.:/@+'-]+")
_WORD = re.compile(r"[^\W\d_]+")
_IDENTIFIER = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*", re.ASCII)
_ESCAPED_SPACE = re.compile(r"\\[nrt]")
_PLACEHOLDER = re.compile(r"\{\w+\}")
# ``Failed`` is a word in any log, and a state only where it is said to be one.
_PLAIN_WORD = re.compile(r"[A-Z][a-z]+")
_IS_A_STATE = re.compile(r"(?:State|Status|Code)['\"]?\s*[:=]\s*['\"]?$", re.IGNORECASE)


@dataclass(frozen=True)
class _Found:
    failure: Failure
    #: Where in the text, to tell in that order.
    place: int


@dataclass(frozen=True)
class _Message:
    failure: Failure
    pairs: frozenset[Pair]


class Recognition:
    """Finds failures by what AWS writes.

    Args:
        failures: All that may be found.
    """

    def __init__(self, failures: Iterable[Failure]) -> None:
        self._failures = tuple(failures)

    def recognise(self, text: str) -> tuple[Failure, ...]:
        """Give the failures that a text tells of, in its order; none where it is not known.

        What is vague, such as a state, is given only where nothing else is.

        Args:
            text: A code, a message, a part of one, or a log or JSON with one in it. Of any length.
        """
        named = self._by_code.get(_key(text[:_LONGEST_CODE])) if len(text) <= _LONGEST_CODE else None
        if named:
            return (named,)
        found = [*self._codes_in(text), *self._messages_in(text)]
        clear = [each for each in found if not each.failure.is_vague]
        in_order = sorted(clear or found, key=lambda each: each.place)
        return tuple(dict.fromkeys(each.failure for each in in_order)) or self._with_part_of_code(text)

    def nearest(self, text: str, most: int = 3) -> tuple[Failure, ...]:
        """Give the failures that a text which is not known is most like, the nearest first."""
        short = text[:_LONGEST_CODE]
        keys = get_close_matches(_key(short), self._by_code, n=most, cutoff=0.6)
        words = set(_words(text[: 10 * _LONGEST_CODE]))
        shared = {
            message.failure.id: (sum(1 / self._rarity[word] for word in _words_of(message) & words), message.failure)
            for message in self._messages
        }
        by_words = sorted(shared.values(), key=lambda pair: -pair[0])
        alike = [self._by_code[key] for key in keys] + [failure for score, failure in by_words if score >= 1]
        return tuple(dict.fromkeys(alike))[:most]

    # --- codes

    @cached_property
    def _by_code(self) -> Mapping[str, Failure]:
        return {_key(code): failure for failure in self._failures for code in (failure.id, *failure.codes)}

    @cached_property
    def _plain_words(self) -> frozenset[str]:
        codes = (code for failure in self._failures for code in failure.codes)
        return frozenset(_key(code) for code in codes if _PLAIN_WORD.fullmatch(code))

    def _codes_in(self, text: str) -> Iterator[_Found]:
        for token in _IDENTIFIER.finditer(text):
            for key in _readings(token[0]):
                failure = self._by_code.get(key)
                if failure is None:
                    continue
                if key not in self._plain_words or _IS_A_STATE.search(text[max(0, token.start() - 40) : token.start()]):
                    yield _Found(failure, token.start())
                break

    def _with_part_of_code(self, text: str) -> tuple[Failure, ...]:
        """Give the one failure whose code has a word in it, where that is all there is and it is long enough."""
        word = _key(text) if len(text) <= _LONGEST_CODE else ""
        found = {failure.id: failure for code, failure in self._by_code.items() if len(word) > 4 and word in code}
        return tuple(found.values()) if len(found) == 1 else ()

    # --- messages

    @cached_property
    def _messages(self) -> Sequence[_Message]:
        return [
            _Message(failure, frozenset(_pairs_of_message(message)))
            for failure in self._failures
            for message in failure.messages
        ]

    @cached_property
    def _shared_by(self) -> Counter[Pair]:
        """In how many messages each pair of words is."""
        return Counter(pair for message in self._messages for pair in message.pairs)

    @cached_property
    def _rarity(self) -> Counter[str]:
        """In how many messages each word is."""
        return Counter(word for message in self._messages for word in _words_of(message))

    def _weight(self, pairs: Iterable[Pair]) -> float:
        return sum(1 / self._shared_by[pair] for pair in pairs)

    def _messages_in(self, text: str) -> Iterator[_Found]:
        words = list(_words(text))
        places: dict[Pair, list[int]] = {}
        for place, pair in enumerate(pairwise(words)):
            if pair in self._shared_by:
                places.setdefault(pair, []).append(place)
        if not places:
            return
        parts: list[tuple[float, Failure]] = []
        for message in self._messages:
            there = self._closest_together(message, places)
            if len(there) > 1 and self._weight(there) >= _ENOUGH_OF_MESSAGE * self._weight(message.pairs):
                yield _Found(message.failure, _offset(text, words, min(min(places[pair]) for pair in there)))
            elif len(words) <= _MOST_WORDS_OF_PART:
                parts.append((self._how_much_of(words, there), message.failure))
        best = max((score for score, _ in parts), default=0.0)
        for score, failure in parts:
            if score >= _ENOUGH_OF_TEXT and score >= _NEARLY * best:
                yield _Found(failure, 0)

    def _closest_together(self, message: _Message, places: Mapping[Pair, Sequence[int]]) -> frozenset[Pair]:
        """Give the pairs of a message that stand within about its length, where they weigh most."""
        hits = sorted((place, pair) for pair in message.pairs for place in places.get(pair, ()))
        length = 2 * len(message.pairs) + 8
        within: Counter[Pair] = Counter()
        weight = heaviest = 0.0
        best: frozenset[Pair] = frozenset()
        first = 0
        for place, pair in hits:
            weight += 0 if within[pair] else 1 / self._shared_by[pair]
            within[pair] += 1
            while hits[first][0] < place - length:
                gone = hits[first][1]
                within[gone] -= 1
                weight -= 0 if within[gone] else 1 / self._shared_by[gone]
                first += 1
            if weight > heaviest + 1e-9:
                heaviest, best = weight, frozenset(+within)
        return best

    def _how_much_of(self, words: Sequence[str], there: frozenset[Pair]) -> float:
        """Give how much of a text is of a message: 0 where what there is of it may be of any."""
        # Whoever copies a part may cut a word at either end.
        kept = list(words)
        for end in (-1, 0):
            if len(kept) > 2 and kept[end] not in self._rarity:
                del kept[end]
        pairs = set(pairwise(kept))
        if not pairs or self._weight(there) < 1:
            return 0.0
        return len(there & pairs) / len(pairs)


def _key(code: str) -> str:
    return "".join(character for character in code.lower() if character.isalnum())


def _readings(identifier: str) -> Iterator[str]:
    """Give what an identifier may be a code by: all of it, then parts between its dots, the longest first."""
    parts = identifier.split(".")[-_MOST_PARTS_OF_CODE:]
    for length in range(len(parts), 0, -1):
        for start in range(len(parts) - length + 1):
            yield _key("".join(parts[start : start + length]))


def _words(text: str) -> Iterator[str]:
    """Give the words of a text in small letters, without what changes from one time to the next."""
    text = _ESCAPED_SPACE.sub(" ", text.replace("\u2019", "'").replace("\u200b", ""))
    for token in _TOKEN.findall(text):
        if not token.startswith("arn:") and not any(map(str.isdigit, token)):
            yield from _WORD.findall(token.replace("'", "").lower())


def _pairs_of_message(message: str) -> Iterator[Pair]:
    words = list(_words(_PLACEHOLDER.sub(" ", message)))
    yield from pairwise(words)


def _words_of(message: _Message) -> frozenset[str]:
    return frozenset(word for pair in message.pairs for word in pair)


def _offset(text: str, words: Sequence[str], place: int) -> int:
    """Give about where in a text one of its words is."""
    return len(text) * place // len(words)
