"""``cdk-lmi size``: calculates the fleet that given traffic needs, with reasons and its cost."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..terminal import Command, Done, WrongUseError, installed_version
from .template_paths import path_argument

if TYPE_CHECKING:
    from ..fleet import Fleet
    from ..prices import MonthlyCost
    from ..workload import Problem

_EPILOG = """units:
  memory in MiB (2^20 bytes), rates in invocations per second, durations and CPU time in seconds,
  prices per hour of one instance, and per hour of one endpoint in one Availability Zone

examples:
  cdk-lmi size --memory-per-process 200 --rate 50 --peak-rate 120 --duration 0.2
  cdk-lmi size --memory-per-process 900 --rate 400 --duration 0.05 --language nodejs --cpu-time 0.004
  cdk-lmi size --memory-per-process 200 --rate 50 --duration 0.2 --instance-type c7g.xlarge
  cdk-lmi size --memory-per-process 200 --rate 50 --duration 0.2 --prices eu-central-1.json --format json

cdk-lmi fit measures memory and CPU time. A price file is JSON; source, date, currency and interface_endpoint are
optional:
  {"region": "us-east-1", "date": "2025-03-02", "source": "https://aws.amazon.com/ec2/pricing/on-demand/",
   "currency": "USD", "instance_types": {"c7g.xlarge": 0.145, "m7g.xlarge": 0.1632}, "interface_endpoint": 0.01}

exit codes:
  0  a size was found
  2  incorrect usage, traffic that cannot be served, or an unreadable price file
"""

#: The version of the JSON output. It increases when a field is renamed or removed, or changes its meaning.
_JSON_VERSION = 1

#: More endpoints or zones than anybody has: a number that can be multiplied by a price.
_COUNT_MAX = 1_000_000

_ARGUMENTS = (
    "memory_per_process",
    "rate",
    "peak_rate",
    "duration",
    "language",
    "concurrency",
    "memory_gib_per_v_cpu",
    "cpu_time",
    "headroom",
    "architecture",
    "instance_type",
)


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EPILOG
    need = parser.add_argument_group("the traffic to serve")
    need.add_argument(
        "--memory-per-process",
        type=_number,
        required=True,
        metavar="MIB",
        help="memory of one process; in Python each serves one invocation at a time, elsewhere one serves them all",
    )
    need.add_argument("--rate", type=_number, required=True, metavar="N", help="mean invocations per second")
    need.add_argument("--peak-rate", type=_number, metavar="N", help="most invocations per second (default: the mean)")
    need.add_argument(
        "--duration", type=_number, required=True, metavar="SECONDS", help="mean duration of one invocation"
    )
    need.add_argument(
        "--language", metavar="NAME", help="Python, Node.js, Java, .NET or Rust, in any case (default: Python)"
    )
    need.add_argument(
        "--cpu-time",
        type=_number,
        metavar="SECONDS",
        help="mean CPU time of one invocation (default: unknown; AWS's figure for the language is used instead)",
    )
    need.add_argument(
        "--headroom",
        type=_number,
        metavar="PERCENT",
        help="headroom for memory and CPU time (default: 20)",
    )
    chosen = parser.add_argument_group("values that are already fixed")
    chosen.add_argument(
        "--concurrency",
        type=_whole_number,
        metavar="N",
        help="concurrent invocations in one execution environment",
    )
    chosen.add_argument("--memory-gib-per-v-cpu", type=_number, metavar="GIB", help="memory per vCPU: 2, 4 or 8")
    chosen.add_argument(
        "--architecture", metavar="NAME", help="arm64 or x86_64 (default: that of --instance-type, else x86_64)"
    )
    chosen.add_argument(
        "--instance-type", metavar="TYPE", help="the only instance type to launch (default: Lambda chooses)"
    )
    cost = parser.add_argument_group("the cost of the instances that always run")
    cost.add_argument(
        "--prices",
        type=path_argument,
        metavar="FILE",
        help="prices per hour, in JSON (default: a small built-in table for us-east-1)",
    )
    cost.add_argument("--region", metavar="NAME", help="Region to run in (default: the Region of the prices)")
    cost.add_argument(
        "--endpoints",
        type=_count,
        metavar="N",
        help="interface endpoints of the network (default: 1, for CloudWatch Logs)",
    )
    cost.add_argument(
        "--availability-zones", type=_zones, metavar="N", help="Availability Zones of each endpoint (default: 3)"
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="output format: text for people, json for programs (default: %(default)s)",
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r}") from None


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r}") from None


def _count(text: str, least: int = 0) -> int:
    if not least <= (number := _whole_number(text)) <= _COUNT_MAX:
        raise argparse.ArgumentTypeError(f"must be from {least} to {_COUNT_MAX}, got {number}")
    return number


def _zones(text: str) -> int:
    """Read in how many zones an endpoint is: one in none would cost nothing."""
    return _count(text, least=1)


def _run(arguments: argparse.Namespace) -> Done:
    from ..fleet import size
    from ..workload import SizingError

    try:
        fleet = size(**_given(arguments, _ARGUMENTS))
    except SizingError as error:
        raise WrongUseError(_listed(map(_in_options, error.problems))) from None
    cost = _cost(fleet, arguments)
    return Done(_json(fleet, cost) if arguments.format == "json" else _text(fleet, cost))


def _given(arguments: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Return the arguments that were given. The functions that take them have the other defaults."""
    return {name: value for name in names if (value := getattr(arguments, name)) is not None}


def _in_options(problem: Problem) -> str:
    return f"--{problem.argument.replace('_', '-')} must {problem.must}, got {problem.got}"


def _listed(problems: Iterable[str]) -> str:
    from ..reports.printable import printable

    lines = [printable(problem) for problem in problems]
    return lines[0] if len(lines) == 1 else "\n".join([f"{len(lines)} problems", *(f"  {line}" for line in lines)])


# --- the cost --------------------------------------------------------------------------------------------------


class _Cost(NamedTuple):
    """The cost of the minimum and that of all instances below the cap, or why they are unknown."""

    floor: MonthlyCost | None
    ceiling: MonthlyCost | None
    #: The assumed instance type, or why there is no cost.
    words: str


def _cost(fleet: Fleet, arguments: argparse.Namespace) -> _Cost:
    from ..prices import TABLE, PricesError, monthly_cost, read_prices, types_like

    try:
        prices = read_prices(arguments.prices) if arguments.prices else TABLE
    except PricesError as error:
        raise WrongUseError(_listed(f"{arguments.prices}: {problem}" for problem in error.problems)) from None
    where = arguments.prices or "the built-in table"
    advice = "pass a file that has it with --prices"
    if arguments.region not in (None, prices.region):
        return _Cost(None, None, f"no price in {arguments.region}: {where} is for {prices.region}; {advice}")
    kind = (fleet.execution_environment_memory_gib_per_v_cpu, fleet.instance_v_cpus, fleet.architecture)
    wanted = f"an instance with {kind[1]} vCPU of {kind[0]} GiB, {kind[2]}"
    like = types_like(prices, *kind)
    instance_type = fleet.instance_type or (like[0] if like else None)
    if instance_type is None or instance_type not in prices.instance_types:
        unknown = f"no price for {fleet.instance_type or wanted} in {prices.region} in {where}; {advice}"
        return _Cost(None, None, unknown)
    floor, ceiling = (
        monthly_cost(
            prices,
            instances=instances,
            instance_type=instance_type,
            **_given(arguments, ("endpoints", "availability_zones")),
        )
        for instances in (fleet.instances, fleet.max_v_cpu_count // fleet.instance_v_cpus)
    )
    if fleet.instance_type:
        return _Cost(floor, ceiling, f"Lambda may launch only {instance_type}")
    of_several = f", the most expensive of {len(like)}" if len(like) > 1 else ""
    return _Cost(floor, ceiling, f"Lambda chooses the type; the price assumes {instance_type}{of_several} for {wanted}")


# --- for people -------------------------------------------------------------------------------------------------


def _text(fleet: Fleet, cost: _Cost) -> str:
    from ..reports.printable import printable

    blocks = (_to_paste(fleet), _served(fleet), _costs(cost), _assumed(fleet))
    return "\n\n".join("\n".join(map(printable, block)) for block in blocks) + "\n"


def _to_paste(fleet: Fleet) -> Iterator[str]:
    from ..rules.engine import KEYWORDS
    from ..rules.facts import LEFT_OUT

    yield "for ManagedInstanceFunction"
    yield from _arguments(fleet, fleet.function_arguments)
    yield ""
    yield "for its ManagedInstanceCapacityProvider"
    yield from _arguments(fleet, fleet.capacity_provider_arguments)
    if fleet.architecture != LEFT_OUT["architecture"]:
        yield f"    {KEYWORDS.setting('capacity_provider_architectures', (fleet.architecture,))},"
    if fleet.instance_type:
        allowed = f'ec2.InstanceType("{fleet.instance_type}")'
        yield f"    instance_type_filter=lambda_.InstanceTypeFilter.allow([{allowed}]),"


def _arguments(fleet: Fleet, arguments: Mapping[str, object]) -> Iterator[str]:
    """Yield the keyword arguments as source code, each below its reason."""
    from ..rules.engine import KEYWORDS

    reasons = dict(fleet.reasons)
    for name, value in arguments.items():
        yield f"    # {reasons[name]}"
        yield f"    {KEYWORDS.setting(name, value)},"


def _served(fleet: Fleet) -> Iterator[str]:
    yield "what it serves"
    concurrency = fleet.per_execution_environment_max_concurrency
    for what, environments, rate in (
        ("minimum", fleet.min_execution_environments, fleet.rate_of_minimum),
        ("maximum", fleet.max_execution_environments, fleet.rate_of_maximum),
    ):
        yield (
            f"  {what}  {_per_second(rate):>9} per second: "
            f"{_counted(environments, 'execution environment')}, {environments * concurrency} concurrent invocations"
        )
    yield f"  on {_counted(fleet.instances, 'instance')} of {fleet.instance_v_cpus} vCPU that always run"
    yield from _risen(fleet)


def _risen(fleet: Fleet) -> Iterator[str]:
    from ..rules.limits import TRAFFIC_GROWTH_TIME

    yield (
        f"  traffic may rise from its mean, {fleet.rate:g} per second, to {_per_second(fleet.rate_absorbed)} within "
        f"{TRAFFIC_GROWTH_TIME} {TRAFFIC_GROWTH_TIME.unit} without throttling"
    )
    if fleet.rate_absorbed < fleet.peak_rate:
        yield f"  a faster rise to the peak of {fleet.peak_rate:g} per second is throttled until more capacity runs"
        yield from _absorbed(fleet)


def _absorbed(fleet: Fleet) -> Iterator[str]:
    """Tell which bounds serve the peak at once, with a cap under which they can be deployed again."""
    if fleet.max_v_cpu_count_of_peak is not None:
        yield (
            f"  min_execution_environments={fleet.environments_of_peak} with "
            f"max_v_cpu_count={fleet.max_v_cpu_count_of_peak} avoids that, on "
            f"{_counted(fleet.instances_of_peak, 'instance')} that always run and are paid for all month"
        )


def _costs(cost: _Cost) -> Iterator[str]:
    from ..prices import HOURS_PER_MONTH, LAMBDA_PRICING, MANAGEMENT_FEE_PERCENT

    floor = cost.floor
    if floor is None:
        yield "cost of the minimum: unknown"
        yield f"  {cost.words}"
        return
    prices = floor.prices
    yield f"cost of the minimum, in {prices.currency} per month of {HOURS_PER_MONTH} hours, in {prices.region}"
    rows = [
        (floor.instances_cost, f"{floor.instances} x {floor.instance_type}, On-Demand"),
        (floor.management_fee, f"AWS's management fee, {MANAGEMENT_FEE_PERCENT} % of that"),
    ]
    zones = _counted(floor.availability_zones, "Availability Zone")
    endpoints = f"{_counted(floor.endpoints, 'interface endpoint')} in {zones}"
    if floor.endpoints_cost is not None:
        rows.append((floor.endpoints_cost, endpoints))
    rows.append((floor.total, "total" if floor.endpoints_cost is not None else f"total without {endpoints}: no price"))
    if cost.ceiling is not None:
        rows.append((cost.ceiling.total, f"at most, with the {cost.ceiling.instances} instances that the cap allows"))
    yield from (f"  {amount:12,.2f}  {what}" for amount, what in rows)
    yield f"  {cost.words}"
    yield "  not included: requests, data through endpoints, logs, volumes, discounts"
    yield f"  prices {f'of {prices.date} ' if prices.date else ''}from {prices.source}"
    yield f"  fee from {LAMBDA_PRICING}"


def _assumed(fleet: Fleet) -> Iterator[str]:
    yield "assumptions"
    for assumption in fleet.assumptions:
        yield f"  - {assumption.words}"
        if assumption.source:
            yield f"    {assumption.source}"


def _per_second(rate: float) -> str:
    """Show a rate, rounded down so that it never overstates what is served."""
    from math import floor

    return f"{floor(rate)}" if rate >= 100 else f"{floor(rate * 100) / 100:g}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


# --- for programs -----------------------------------------------------------------------------------------------


def _json(fleet: Fleet, cost: _Cost) -> str:
    from dataclasses import fields
    from json import dumps

    apart = ("reasons", "assumptions")
    return (
        dumps(
            {
                "version": _JSON_VERSION,
                "tool": {"name": "cdk-lmi", "version": installed_version()},
                "fleet": {field.name: getattr(fleet, field.name) for field in fields(fleet) if field.name not in apart},
                "arguments": {
                    "ManagedInstanceFunction": fleet.function_arguments,
                    "ManagedInstanceCapacityProvider": fleet.capacity_provider_arguments,
                },
                "reasons": dict(fleet.reasons),
                "assumptions": [
                    {"words": assumption.words, "source": assumption.source} for assumption in fleet.assumptions
                ],
                "cost": _cost_json(cost.floor),
                "cost_at_most": _cost_json(cost.ceiling),
                "cost_note": cost.words,
            },
            indent=2,
        )
        + "\n"
    )


def _cost_json(floor: MonthlyCost | None) -> Mapping[str, Any] | None:
    if floor is None:
        return None
    return {
        "currency": floor.prices.currency,
        "region": floor.prices.region,
        "instances": floor.instances,
        "instance_type": floor.instance_type,
        "instances_cost": floor.instances_cost,
        "management_fee": floor.management_fee,
        "endpoints": floor.endpoints,
        "availability_zones": floor.availability_zones,
        "endpoints_cost": floor.endpoints_cost,
        "total": floor.total,
        "prices": {"source": floor.prices.source, "date": floor.prices.date},
    }


COMMAND = Command("size", "calculate the fleet that given traffic needs, and what it costs", _configure, _run)
