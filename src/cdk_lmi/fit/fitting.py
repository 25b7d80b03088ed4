"""Fits a handler: measures it, first under the declared size, and finds the smallest size that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..rules.limits import (
    EPHEMERAL_STORAGE_MIN,
    MAX_CONCURRENCY_MAX,
    MAX_CONCURRENCY_MIN,
    MEMORY_SIZE_MAX,
    MEMORY_SIZE_MIN,
)
from ..workload import HEADROOM
from .choice import Size
from .declaration import Declaration
from .load import measure
from .machine import Machine, UnfitMachineError, this_machine
from .measurement import Exhausted, Measurement, Outcome
from .outcome import Fit, Verdict


def fit(
    handler: str,
    *,
    task_root: str | Path,
    events: Sequence[Any],
    concurrencies: Iterable[int],
    declaration: Declaration | None = None,
    requests: int | None = None,
    seconds: float | None = None,
    headroom: float = HEADROOM,
    env: Mapping[str, str] | None = None,
    timeout: float,
    watch: Callable[[str], None] = lambda status: None,
) -> Fit:
    """Measure a handler at some concurrencies, and find the smallest size that fits it.

    Args:
        handler: As in ``list_orders.handler``.
        task_root: The folder of the code.
        events: Sent in turn; at least one.
        concurrencies: What to find a size for.
        declaration: What a template declares: first of all the handler runs under that, with its memory enforced.
        requests: Invocations that are timed at each concurrency at least; by default as many as there are in
            ``seconds``.
        seconds: How long each concurrency is loaded, where ``requests`` does not say; 5 by default. It is a second at
            least, in any case.
        headroom: Headroom above the peak, in per cent.
        env: Environment variables, beside those that are declared and before them.
        timeout: Seconds, of one invocation.
        watch: Told what is going on, as often as there is something new.

    Raises:
        HandlerFailedError: The handler raised, timed out or ended its process.
        NotInitialisedError: It did not initialise, for another reason than its memory.
        UnfitMachineError: This machine has not what it takes to tell.
    """
    machine = this_machine()
    if machine.memory_mib < MEMORY_SIZE_MIN:
        raise UnfitMachineError(
            f"this machine has {machine.memory_mib} MiB for an execution environment, "
            f"but the smallest size has {MEMORY_SIZE_MIN} MiB"
        )
    env = dict(env or {})
    unset = tuple(name for name in declaration.unknown_environment if name not in env) if declaration else ()

    def measured(at: Iterable[int], memory_size: int) -> list[Outcome]:
        return measure(
            handler,
            task_root=task_root,
            events=events,
            concurrencies=at,
            requests=requests,
            seconds=seconds,
            env={**declaration.environment, **env} if declaration else env,
            timeout=timeout,
            memory_size=memory_size,
            ephemeral_storage_size=declaration.ephemeral_storage_size if declaration else EPHEMERAL_STORAGE_MIN,
            watch=watch,
        )

    declared = None
    if declaration and _can_be(declaration.size):
        (declared,) = measured(
            [declaration.size.per_execution_environment_max_concurrency],
            _enforceable(declaration.size.memory_size, machine),
        )
        if isinstance(declared, Exhausted) and declared.memory_size < declaration.size.memory_size:
            raise UnfitMachineError(
                f"the execution environment ran out of the {machine.memory_mib} MiB that this machine has for it, "
                f"but {declaration.size.memory_size} MiB are declared: measure on a larger machine"
            )
    known = [declared] if isinstance(declared, Measurement) else []
    memory_size = _enforceable(MEMORY_SIZE_MAX, machine)
    left = set(concurrencies) - {each.concurrency for each in known}
    outcomes: list[Outcome] = sorted([*known, *measured(left, memory_size)], key=lambda each: each.concurrency)
    found = Fit(
        handler=handler,
        task_root=str(Path(task_root).resolve()),
        events=len(events),
        machine=machine,
        memory_size=memory_size,
        headroom=headroom,
        outcomes=tuple(outcomes),
        not_tried=tuple(sorted(left - {each.concurrency for each in outcomes})),
        verdict=Verdict(declaration=declaration, outcome=declared, headroom=headroom) if declaration else None,
        unset_environment=unset,
    )
    if found.is_cut_short and not (declaration or found.recommendation):
        raise UnfitMachineError(
            f"this machine has {memory_size} MiB for an execution environment, too little for concurrency "
            f"{' and '.join(str(each.concurrency) for each in found.exhausted)}; sizes go up to {MEMORY_SIZE_MAX} MiB: "
            "measure a lower concurrency, or on a larger machine"
        )
    return found


def _can_be(size: Size) -> bool:
    """Whether an execution environment can be made with it at all."""
    concurrency = size.per_execution_environment_max_concurrency
    return (
        MEMORY_SIZE_MIN <= size.memory_size <= MEMORY_SIZE_MAX
        and MAX_CONCURRENCY_MIN <= concurrency <= MAX_CONCURRENCY_MAX
    )


def _enforceable(memory_size: int, machine: Machine) -> int:
    return int(min(memory_size, machine.memory_mib))
