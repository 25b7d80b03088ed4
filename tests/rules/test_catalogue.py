"""That the catalogue is whole: each rule listed, explained, sourced; each number too."""

import importlib
import inspect
import pkgutil
import re

import pytest

import cdk_lmi
import cdk_lmi.rules
from cdk_lmi.rules import limits
from cdk_lmi.rules.catalogue import (
    ARGUMENT_RULES,
    BOUND_RULES,
    FUNCTION_RULES,
    LATEST_PUBLISHED_RULES,
    RULES,
    STANDARD_FUNCTION_RULES,
    why_useless,
)
from cdk_lmi.rules.engine import Rule
from cdk_lmi.rules.facts import Argument, CapacityProviderFacts, Facts
from cdk_lmi.rules.limits import Limit

FAMILIES = [
    importlib.import_module(module.name) for module in pkgutil.iter_modules(cdk_lmi.rules.__path__, "cdk_lmi.rules.")
]
DEFINED = [value for family in FAMILIES for value in vars(family).values() if isinstance(value, Rule)]
LIMITS = {name: value for name, value in vars(limits).items() if isinstance(value, Limit)}


def test_no_rule_is_missing():
    """What a family defines is in the catalogue, once, in the order of its id."""
    assert sorted(rule.id for rule in DEFINED) == [rule.id for rule in RULES]
    assert len({rule.slug for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_all_but_rules_on_arguments_can_be_acknowledged(rule):
    """With a reason."""
    assert (why_useless(rule.id, "AWS confirmed it") is None) is (rule not in ARGUMENT_RULES)
    assert why_useless(rule.id, " ") is not None


def test_what_is_no_rule_cannot_be_acknowledged():
    """Whatever the reason."""
    assert why_useless("LMI999", "AWS confirmed it") is not None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_explains_itself(rule):
    """Title, reason, source and release are there, and it asks for facts that exist."""
    assert re.fullmatch(r"LMI\d{3}", rule.id)
    assert len(rule.title) > 10
    assert not rule.title.endswith(".")
    assert len(rule.why) > 40
    assert rule.source.startswith("https://")
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)
    known = {*Facts.__dataclass_fields__, *Argument.__dataclass_fields__}
    assert {*rule.needs, *rule.uses} <= known
    assert rule.needs


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_tells_where_it_is_from(name):
    """Unit, page and the day it was read."""
    limit = LIMITS[name]
    assert limit.unit
    assert limit.source.startswith("https://")
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", limit.read)


@pytest.mark.parametrize("name", cdk_lmi.__all__)
def test_each_public_name_is_documented_with_pages_that_limits_rest_on(name):
    """A docstring names no page on Lambda that the library itself does not go by."""
    documentation = inspect.getdoc(getattr(cdk_lmi, name)) or ""
    assert documentation
    pages = {value for value in vars(limits).values() if isinstance(value, str) and value.startswith("https://")}
    named = {page for page in re.findall(r"https://[^\s`)]+", documentation) if "/lambda" in page}
    assert named <= pages | {limit.source for limit in LIMITS.values()}


def test_a_limit_is_the_number_that_it_is():
    """It compares, counts and prints as one."""
    limit = Limit(16, "subnets", source="https://aws.example")
    assert limit + 1 == 17
    assert f"{limit}" == "16"
    assert max(limit, 17) == 17


@pytest.mark.parametrize(
    ("group", "ids"),
    [
        (ARGUMENT_RULES, ["LMI001", "LMI002", "LMI003", "LMI004", "LMI005", "LMI006", "LMI007"]),
        (STANDARD_FUNCTION_RULES, ["LMI607"]),
        (BOUND_RULES, ["LMI301", "LMI302", "LMI303", "LMI306", "LMI307", "LMI312", "LMI313", "LMI314"]),
        (LATEST_PUBLISHED_RULES, ["LMI301", "LMI302", "LMI306"]),
    ],
)
def test_groups_hold_the_rules_that_they_are_for(group, ids):
    """About arguments, about functions that are not on Managed Instances, about bounds whoever sets them."""
    assert [rule.id for rule in group] == ids


def test_rules_are_about_the_function_or_its_capacity_provider():
    """Those for functions are all that are not about the capacity provider alone."""
    alone = {rule.id for rule in RULES if set(rule.needs) <= set(CapacityProviderFacts.__dataclass_fields__)}
    of_functions = {rule.id for rule in FUNCTION_RULES}
    assert of_functions == {rule.id for rule in RULES} - alone - {rule.id for rule in ARGUMENT_RULES}
    assert {"LMI101", "LMI306", "LMI405", "LMI502", "LMI708"} <= of_functions
    assert {"LMI308", "LMI401", "LMI409", "LMI501"} <= alone


def test_a_limit_says_where_it_is_from():
    """And what others say, where they do."""
    limit = Limit(16, "subnets", source="https://aws.example", note="some say 17")
    assert (limit.unit, limit.source, limit.note) == ("subnets", "https://aws.example", "some say 17")
    assert Limit(16, "subnets", source="https://aws.example").note == ""
