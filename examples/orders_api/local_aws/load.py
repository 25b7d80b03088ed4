"""Many clients at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def at_once(clients: int, work: Callable[[Task], Result], tasks: Iterable[Task]) -> list[Result]:
    """Have so many clients work at tasks, and give what came of them in their order.

    The first that raises ends it, and so does Ctrl-C: what was not begun then is not.
    """
    with ThreadPoolExecutor(clients) as pool:
        try:
            return list(pool.map(work, tasks))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
