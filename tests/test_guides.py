"""That what the guides say beside their code is so: numbers, and what an update replaces."""

import inspect
import re
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction
from cdk_lmi.rules import limits

FOLDER = Path(__file__).parents[1] / "docs" / "guides"
GUIDES = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
#: A number that AWS imposes, with the name that it has in limits.py.
LIMITS = [
    (page, number, name)
    for page, text in GUIDES.items()
    for number, name in re.findall(r'\[([^\]]+)\]\(\.\./limits\.md(?:#[\w-]*)?\s+"([\w.]+)"\)', text)
]
#: What a page may say on its own: 1024 MiB are a GiB, 443 is HTTPS, 429 is HTTP's "too many requests"; sizing.md
#: reckons with the ratios of its table.
ALLOWED = {
    "existing-vpc.md": {443},
    "migrating.md": {429},
    "networking.md": {443},
    "scaling.md": {429},
    "sharing.md": {1024},
    "sizing.md": {4, 8, 1024, 4096},
}


@pytest.mark.parametrize(("page", "number", "name"), LIMITS)
def test_limits_are_those_of_the_rules(page, number, name):
    """Where a number stands in a sentence, it says which it is."""
    assert int(number) == attrgetter(name)(limits)


@pytest.mark.parametrize("page", GUIDES)
def test_no_number_stands_for_itself(page):
    """Beside code, rules and dates, a number in a sentence is one of limits.py, or up to three."""
    prose = re.sub(r"^(```.*?^```|<!-- invisible-code-block.*?^-->)", "", GUIDES[page], flags=re.DOTALL | re.MULTILINE)
    prose = re.sub(r"^\| `.*$", "", prose, flags=re.MULTILINE)  # tables of keywords, which have a test of their own
    prose = re.sub(r"^\d+\. ", "", prose, flags=re.MULTILINE)  # of lists
    for other in (
        r'\[[^\]]+\]\(\.\./limits\.md(?:#[\w-]*)?\s+"[\w.]+"\)',
        r"\]\([^)]*\)",
        r"`[^`]*`",
        r"LMI\w+",
        r"L[12]s?",
    ):
        prose = re.sub(other, "", prose)
    numbers = {int(number) for number in re.findall(r"(?<![\w.])\d+", prose)} - {0, 1, 2, 3}
    assert numbers == ALLOWED.get(page, set())


@pytest.mark.parametrize(
    ("keyword", "numbers"),
    [
        ("memory_size", (limits.MEMORY_SIZE_MIN, limits.MEMORY_SIZE_MAX, limits.MIB_PER_GIB)),
        ("execution_environment_memory_gib_per_v_cpu", limits.MEMORY_GIB_PER_V_CPU),
        (
            "per_execution_environment_max_concurrency",
            (limits.MAX_CONCURRENCY_MIN, limits.MAX_CONCURRENCY_MAX, limits.MAX_CONCURRENCY_PER_V_CPU),
        ),
        (
            "min_execution_environments",
            (
                limits.EXECUTION_ENVIRONMENTS_MIN,
                limits.EXECUTION_ENVIRONMENTS_MAX,
                limits.MIN_EXECUTION_ENVIRONMENTS_DEFAULT,
            ),
        ),
        ("max_execution_environments", (limits.EXECUTION_ENVIRONMENTS_MIN, limits.EXECUTION_ENVIRONMENTS_MAX)),
        (
            "max_v_cpu_count",
            (limits.MAX_V_CPU_COUNT_MIN, limits.MAX_V_CPU_COUNT_MAX, limits.MAX_V_CPU_COUNT_DEFAULT),
        ),
        ("max_azs", (limits.AVAILABILITY_ZONES_RESILIENT, limits.AVAILABILITY_ZONES_DEFAULT)),
    ],
)
def test_the_knobs_have_the_limits_that_the_rules_have(keyword, numbers):
    """Each of the seven stands in the table, with the numbers of limits.py and no others."""
    (row,) = (line for line in GUIDES["sizing.md"].splitlines() if line.startswith(f"| `{keyword}`"))
    assert {int(number) for number in re.findall(r"\d+", row)} == {int(number) for number in numbers}


def schema(kind: str) -> dict[str, Any]:
    """Give CloudFormation's schema of a resource type, as cfn-lint has it."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    return dict(PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema)


@pytest.mark.parametrize(
    ("kind", "property_", "on_change"),
    re.findall(r"^\| `(AWS::[\w:]+)` `(\w+)` \| ([^|]+) \|$", GUIDES["scaling.md"], flags=re.MULTILINE),
)
def test_what_an_update_replaces_is_what_cloudformation_says(kind, property_, on_change):
    """By the properties that its schema has as fixed from creation on."""
    described = schema(kind)
    assert property_ in described["properties"]
    fixed = {path.split("/")[2] for path in described.get("createOnlyProperties", ())}
    assert on_change.startswith("replaced" if property_ in fixed else "updated in place")


def test_every_property_that_replaces_a_pool_is_named():
    """A reader of the table is not to be surprised by one."""
    fixed = {path.split("/")[2] for path in schema("AWS::Lambda::CapacityProvider")["createOnlyProperties"]}
    rows = re.findall(r"^\| `AWS::Lambda::CapacityProvider` `(\w+)` \| replaced", GUIDES["scaling.md"], re.MULTILINE)
    assert set(rows) == fixed


@pytest.mark.parametrize("page", GUIDES)
def test_guides_lead_to_their_rules_and_limits(page):
    """To rules that there are, and each guide to some."""
    from cdk_lmi.rules.catalogue import RULES

    named = set(re.findall(r"\.\./rules\.md#(lmi\d{3})\)", GUIDES[page]))
    assert named
    assert named <= {rule.id.lower() for rule in RULES}


@pytest.mark.parametrize(
    ("construct", "mark"), [(ManagedInstanceFunction, ""), (ManagedInstanceCapacityProvider, " (pool)")]
)
def test_alarms_have_the_thresholds_that_the_table_says(construct, mark):
    """Each threshold stands in it once, with its default."""
    page = (FOLDER.parent / "operate.md").read_text(encoding="utf-8")
    rows = re.findall(rf"^\| ((?:`\w+`(?:, )?)+){re.escape(mark)} \| [^|]+ \| (\d+) \|$", page, flags=re.MULTILINE)
    told = [(keyword, int(default)) for keywords, default in rows for keyword in re.findall(r"\w+", keywords)]
    thresholds = {
        name: parameter.default
        for name, parameter in inspect.signature(construct.add_alarms).parameters.items()
        if name.endswith(("_share", "_utilization", "_share_of_max", "_share_of_timeout"))
    }
    assert dict(told) == thresholds
    assert len(told) == len(thresholds)


def test_every_keyword_that_is_left_out_has_a_row():
    """Each of CDK's function once, and none that is here."""
    constructors = ManagedInstanceFunction.__init__, lambda_.Function.__init__
    ours, theirs = (set(inspect.signature(constructor).parameters) for constructor in constructors)
    table = GUIDES["migrating.md"].partition("### Keywords that are not here")[2]
    rows = re.findall(r"^\| (`[^|]*`) \|", table, flags=re.MULTILINE)
    assert sorted(keyword for row in rows for keyword in re.findall(r"\w+", row)) == sorted(theirs - ours)
