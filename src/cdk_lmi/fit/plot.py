"""The plot of a fit: memory and throughput over concurrency, with the available sizes."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

from ..rules.limits import MIB_PER_GIB
from .choice import Size, valid_memory_sizes
from .measurement import Exhausted
from .outcome import Fit

# Colours that differ for people who see fewer of them: https://doi.org/10.1038/nmeth.1618
_PEAK, _INIT, _NEEDED, _CHOSEN, _DECLARED, _QUIET = "#0072b2", "#56b4e9", "#d55e00", "#007a5a", "#000000", "#8a8a8a"
_INCHES, _DOTS_PER_INCH = (8.5, 7.0), 150
# Labels of the horizontal axis that are closer than this share of it would run into each other.
_CLOSEST = 0.13


def plot(fit: Fit, suffix: str) -> bytes:
    """Draw a fit.

    Args:
        fit: With one measurement at least.
        suffix: ``.svg`` or ``.png``.

    Returns:
        The content of the file.
    """
    # In an SVG, text stays text, and the same figures make the same file.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "cdk-lmi", "font.size": 9}):
        figure = Figure(figsize=_INCHES, layout="constrained")
        memory, throughput = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        figure.suptitle(_title(fit), x=0.01, ha="left", fontsize=11)
        _draw_memory(memory, fit)
        _draw_throughput(throughput, fit)
        content = io.BytesIO()
        metadata = {"Date": None} if suffix == ".svg" else None
        figure.savefig(content, format=suffix.removeprefix("."), dpi=_DOTS_PER_INCH, metadata=metadata)
    return content.getvalue()


def _title(fit: Fit) -> str:
    # A dollar would begin a formula.
    handler = fit.handler.replace("$", r"\$")
    if fit.recommendation is None:
        return f"{handler}: no size is large enough"
    size = fit.recommendation.size
    return (
        f"{handler}: the smallest size that fits is {size.memory_size} MiB at "
        f"{size.execution_environment_memory_gib_per_v_cpu:g} GiB per vCPU, concurrency "
        f"{size.per_execution_environment_max_concurrency}"
    )


def _draw_memory(axes: Axes, fit: Fit) -> None:
    measurements = fit.measurements
    concurrencies = [each.concurrency for each in measurements]
    needed = [each.memory_needed_mib(fit.headroom) for each in measurements]
    peaks = [each.memory_peak_mib for each in measurements]
    after_init = [each.memory_after_init_mib for each in measurements]
    axes.plot(concurrencies, needed, "v--", color=_NEEDED, label=f"peak plus {fit.headroom:g} % headroom")
    axes.plot(concurrencies, peaks, "o-", color=_PEAK, label="peak under load")
    axes.plot(concurrencies, after_init, "s-", color=_INIT, label="after init")
    ran_out = [each for each in fit.outcomes if isinstance(each, Exhausted)]
    if ran_out:
        used = [each.used_mib for each in ran_out]
        axes.plot(
            [each.concurrency for each in ran_out], used, "x", color=_NEEDED, markersize=10, label="ran out of memory"
        )
        needed += [math.ceil(each) for each in used]
    axes.set_yscale("log", base=2)
    axes.set_ylabel("memory of all processes (MiB)")
    lowest = 2 ** math.floor(math.log2(max(1.0, min(after_init)))) / 1.4
    highest = max(_draw_sizes(axes, fit, lowest, max(needed)), *needed)
    axes.set_ylim(lowest, highest * 1.25)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.legend(loc="best", framealpha=1, edgecolor="none")
    _strip(axes)


def _draw_sizes(axes: Axes, fit: Fit, lowest: float, needed: int) -> int:
    """Draw the memory sizes as lines, up to the first that is enough; return the largest drawn."""
    chosen = fit.recommendation.size if fit.recommendation else None
    declared = fit.verdict.declaration.size if fit.verdict else None
    wanted = max([needed, *(size.memory_size for size in (chosen, declared) if size)])
    sizes = valid_memory_sizes()
    top = next((memory_size for memory_size, _ in sizes if memory_size >= wanted), sizes[-1][0])
    labels = {}
    for memory_size, ratios in sizes:
        if lowest <= memory_size <= top:
            axes.axhline(memory_size, color=_QUIET, linewidth=0.6, zorder=0)
            if math.log2(memory_size).is_integer() or memory_size == top:
                labels[memory_size] = _v_cpus(memory_size, ratios), _QUIET
    for size, word, colour in ((declared, "declared", _DECLARED), (chosen, "chosen", _CHOSEN)):
        if size and lowest <= size.memory_size <= top:
            axes.axhline(size.memory_size, color=colour, linewidth=1.6, zorder=1)
            labels[size.memory_size] = f"{size.memory_size} MiB {word}: {_counted_v_cpus(size)}", colour
    for memory_size, (label, colour) in _apart(labels):
        axes.annotate(
            label,
            (1.0, memory_size),
            xycoords=("axes fraction", "data"),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
        )
    return top


def _apart(labels: dict[int, tuple[str, str]]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Leave out the quiet labels that would run into a loud one."""
    loud = [memory_size for memory_size, (_, colour) in labels.items() if colour != _QUIET]
    for memory_size, label in sorted(labels.items()):
        near = any(other != memory_size and 1 / 1.3 < memory_size / other < 1.3 for other in loud)
        if label[1] != _QUIET or not near:
            yield memory_size, label


def _v_cpus(memory_size: int, ratios: Sequence[float]) -> str:
    """Name a memory, and the vCPUs that it can come with."""
    counts = sorted({memory_size // (int(ratio) * MIB_PER_GIB) for ratio in ratios})
    return f"{memory_size} MiB: {' or '.join(map(str, counts))} vCPU{'' if counts == [1] else 's'}"


def _counted_v_cpus(size: Size) -> str:
    return f"{size.v_cpus} vCPU{'' if size.v_cpus == 1 else 's'}"


def _draw_throughput(axes: Axes, fit: Fit) -> None:
    measurements = fit.measurements
    concurrencies = [each.concurrency for each in measurements]
    throughput = [each.throughput_per_s for each in measurements]
    axes.plot(concurrencies, throughput, "o-", color=_PEAK)
    if fit.recommendation:
        chosen = fit.recommendation.measurement
        axes.plot(
            chosen.concurrency, chosen.throughput_per_s, "o", color=_CHOSEN, markersize=9, zorder=3, label="chosen"
        )
        axes.legend(loc="best", framealpha=1, edgecolor="none")
    axes.set_ylim(0, max(throughput) * 1.15)
    axes.set_ylabel("invocations served per second")
    tried = [each.concurrency for each in fit.outcomes]
    axes.set_xscale("log", base=2)
    axes.set_xlim(*_limits(tried))
    ticks = list(_spread(tried))
    latency = {
        each.concurrency: f"\n{'slowest' if each.p99_is_slowest else 'p99'} {each.p99_s * 1000:.3g} ms"
        for each in measurements
    }
    axes.set_xticks(ticks, [f"{tick}{latency.get(tick, '')}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("concurrency (concurrent invocations, one process each)")
    _strip(axes)


def _limits(concurrencies: Sequence[int]) -> tuple[float, float]:
    """Return the limits of the axis: a little beyond the first and the last value."""
    least, most = min(concurrencies), max(concurrencies)
    beside = (most / least) ** 0.12 if most > least else 1.5
    return least / beside, most * beside


def _spread(concurrencies: Sequence[int]) -> Iterator[int]:
    """Leave out those that are too close to the one before to be labelled."""
    least, most = _limits(concurrencies)
    whole = math.log2(most / least)
    last = None
    for concurrency in sorted(concurrencies):
        if last is None or math.log2(concurrency / last) >= _CLOSEST * whole:
            yield concurrency
            last = concurrency


def _strip(axes: Axes) -> None:
    """Remove decoration without meaning."""
    axes.spines[["top", "right"]].set_visible(False)
