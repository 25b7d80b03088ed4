"""What the floor costs: the arithmetic, the table, and files of one's own."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi.prices import TABLE, Prices, PricesError, monthly_cost, read_prices, relative_price, types_like
from cdk_lmi.rules.instance_types import GIB_PER_V_CPU_OF_FAMILY, v_cpus_of_type
from cdk_lmi.rules.limits import MEMORY_GIB_PER_V_CPU

#: By hour in us-east-1, as AWS's own calculator for Managed Instances has it: tools/pricing-calculator in
#: aws-samples/sample-aws-lambda-managed-instances, commit be01a7c.
AWS_CALCULATOR = {
    "c7g.xlarge": 0.1450,
    "c7g.2xlarge": 0.2900,
    "c7g.4xlarge": 0.5800,
    "m7g.xlarge": 0.1632,
    "m7g.2xlarge": 0.3264,
    "m7g.4xlarge": 0.6528,
    "r7g.xlarge": 0.2140,
    "r7g.2xlarge": 0.4280,
    "r7g.4xlarge": 0.8570,
}
#: Of AWS's price list for us-east-1, as Apache Libcloud 3.9.1 has it, where no size was left to be multiplied.
PRICE_LIST = {
    "c7i.large": 0.08925,
    "c7i.2xlarge": 0.357,
    "c7i.8xlarge": 1.428,
    "m7i.large": 0.1008,
    "m7i.2xlarge": 0.4032,
    "m7i.8xlarge": 1.6128,
    "r7i.xlarge": 0.2646,
    "r7i.4xlarge": 1.0584,
    "r7g.8xlarge": 1.7136,
    "m7g.8xlarge": 1.3056,
}
LEAST = {"region": "eu-west-1", "instance_types": {"c7g.xlarge": 0.15}}


@pytest.fixture
def read(tmp_path):
    """Write a price file, and read it."""

    def read_file(content):
        path = tmp_path / "prices.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return read_prices(str(path))

    return read_file


@pytest.mark.parametrize(("instance_type", "price"), [*AWS_CALCULATOR.items(), *PRICE_LIST.items()])
def test_the_table_agrees_with_others(instance_type, price):
    """AWS's calculator rounds some."""
    assert TABLE.instance_types[instance_type] == pytest.approx(price, rel=0.001)


@pytest.mark.parametrize("ratio", MEMORY_GIB_PER_V_CPU)
@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
@pytest.mark.parametrize("v_cpus", [2, 4, 8, 16, 32])
def test_the_table_has_every_instance_that_is_reckoned_with(ratio, architecture, v_cpus):
    """One of each ratio, architecture and size, and what sizes are compared by is its price."""
    (name,) = types_like(TABLE, ratio, v_cpus, architecture)
    assert v_cpus_of_type(name) == v_cpus
    assert GIB_PER_V_CPU_OF_FAMILY[name[0]] == ratio
    assert relative_price(ratio, v_cpus, architecture) == pytest.approx(TABLE.instance_types[name])


def test_the_floor_is_instances_fee_and_endpoints():
    """Three at 0.145, 15 % of that, and two endpoints in three Availability Zones at 0.01, for 730 hours each."""
    cost = monthly_cost(TABLE, instances=3, instance_type="c7g.xlarge", endpoints=2)
    assert cost is not None
    assert cost.instances_cost == pytest.approx(317.55)
    assert cost.management_fee == pytest.approx(47.6325)
    assert cost.endpoints_cost == pytest.approx(43.8)
    assert cost.total == pytest.approx(408.9825)


def test_what_has_no_price_costs_what_nobody_knows():
    """A type is not guessed at; nor is an endpoint, unless there is none."""
    assert monthly_cost(TABLE, instances=3, instance_type="c9g.xlarge") is None
    prices = Prices(region="eu-west-1", instance_types={"c7g.xlarge": 0.1}, source="a file")
    assert prices.interface_endpoint is None
    unknown = monthly_cost(prices, instances=1, instance_type="c7g.xlarge", endpoints=1)
    none = monthly_cost(prices, instances=1, instance_type="c7g.xlarge", endpoints=0)
    assert unknown is not None
    assert none is not None
    assert (unknown.endpoints_cost, none.endpoints_cost) == (None, 0)
    assert unknown.total == none.total == pytest.approx(73 * 1.15)


@given(st.dictionaries(st.sampled_from(sorted(TABLE.instance_types)), st.floats(1e-6, 1000), min_size=1))
def test_the_dearest_comes_first(priced):
    """Of those with the ratio, the vCPUs and the architecture; no other is among them."""
    prices = Prices(region="eu-west-1", instance_types=priced, source="a file")
    like = types_like(prices, 4, 8, "x86_64")
    assert set(like) == {name for name in priced if name == "m7i.2xlarge"}
    both = Prices(region="eu-west-1", instance_types={**priced, "m6i.2xlarge": 2000.0}, source="a file")
    assert types_like(both, 4, 8, "x86_64")[0] == "m6i.2xlarge"


def test_a_file_says_what_it_says(read):
    """All of it, or the least."""
    assert read(LEAST).region == "eu-west-1"
    assert read(LEAST).instance_types == {"c7g.xlarge": 0.15}
    assert read(LEAST).date is None
    assert read(LEAST).source.endswith("prices.json")
    full = read({**LEAST, "date": "2026-11-27", "source": "me", "currency": "EUR", "interface_endpoint": 0.011})
    assert (full.date, full.source, full.currency, full.interface_endpoint) == ("2026-11-27", "me", "EUR", 0.011)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", ["JSON"]),
        ("[]", ["object"]),
        ("3", ["object"]),
        ({}, ["region", "instance_types"]),
        ({"region": "eu-west-1"}, ["instance_types"]),
        ({**LEAST, "region": ""}, ["region"]),
        ({**LEAST, "region": 3, "date": None}, ["region", "date"]),
        ({**LEAST, "instance_types": {}}, ["instance_types"]),
        ({**LEAST, "instance_types": ["c7g.xlarge"]}, ["instance_types"]),
        ({**LEAST, "instance_types": {"c7g.xlarge": 0}}, ["c7g.xlarge"]),
        ({**LEAST, "instance_types": {"c7g.xlarge": "0.15", "m7g.xlarge": True}}, ["c7g.xlarge", "m7g.xlarge"]),
        ({**LEAST, "instance_types": {"c7g": 1, "xlarge": 1, "c7g.metal": 1}}, ["'c7g'", "'xlarge'", "'c7g.metal'"]),
        ({**LEAST, "interface_endpoint": -1}, ["interface_endpoint"]),
        ({**LEAST, "interface_endpoint": None}, ["interface_endpoint"]),
        ({**LEAST, "instance_type": {}, "fee": 15}, ["instance_types?", "'fee'"]),
        ('{"region": "a", "region": "b"}', ["region"]),
    ],
)
def test_all_that_is_wrong_with_a_file_is_told_at_once(read, content, named):
    """One problem for each thing that is."""
    with pytest.raises(PricesError) as raised:
        read(content)
    assert len(raised.value.problems) == len(named)
    for problem, name in zip(raised.value.problems, named, strict=True):
        assert name in problem


def test_a_file_that_is_not_there_is_told(tmp_path):
    """As any other."""
    with pytest.raises(PricesError):
        read_prices(str(tmp_path / "prices.json"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda children: st.lists(children, max_size=2) | st.dictionaries(st.text(max_size=9), children, max_size=2),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "region": st.just("eu-west-1") | JSON,
            "instance_types": st.just({"c7g.xlarge": 0.15}) | st.dictionaries(st.text(max_size=9), JSON) | JSON,
            "interface_endpoint": JSON,
            "currency": JSON,
            "date": JSON,
            "source": JSON,
            "prices": JSON,
        },
    )
)
def test_whatever_a_file_says_it_is_prices_or_refused(tmp_path_factory, content):
    """Nothing else is raised, and every price is one."""
    path = tmp_path_factory.mktemp("prices") / "prices.json"
    path.write_text(json.dumps(content))
    try:
        prices = read_prices(str(path))
    except PricesError as error:
        problems = error.problems
    else:
        assert prices.region
        assert prices.instance_types
        assert all(math.isfinite(price) and price > 0 for price in prices.instance_types.values())
        return
    assert problems
    assert all(problems)
