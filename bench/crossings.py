"""How often Python calls into Node, where CDK runs: unlike time, the same on every machine and under any load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from jsii._runtime import kernel
from pairs import Way, template


class _Counting:
    """What stands before the process that jsii talks to."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._provider, name)


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """Count the calls to Node by their kind, such as ``create`` and ``invoke``."""
    # jsii has no way in for this; what it has is one attribute.
    counter = _Counting(kernel.provider)
    kernel.provider = cast(Any, counter)
    try:
        yield counter.calls
    finally:
        kernel.provider = counter._provider


def crossings(way: Way, size: int) -> int:
    """Count the calls that it takes to define and synthesise an app."""
    # What is only asked for once in a process does not count.
    template(way, 1)
    with counting() as calls:
        template(way, size)
    return calls.total()
