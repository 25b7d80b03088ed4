"""That docs/ is what the rules and the numbers say, wholly and now."""

import importlib
import re
from pathlib import Path

import pytest

from cdk_lmi.failures.catalogue import FAILURES
from cdk_lmi.rules import limits
from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.examples import before_after
from cdk_lmi.rules.limits import Language, Limit

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("limits.md", "rules.md", "troubleshooting.md")}
SECTIONS = dict(re.findall(r"^### (LMI\d{3})\n(.*?)(?=^##|\Z)", PAGES["rules.md"], flags=re.MULTILINE | re.DOTALL))
OVERVIEW = {row[1:7]: row for row in re.findall(r"^\| (\[LMI.*)", PAGES["rules.md"], flags=re.MULTILINE)}
ROWS = [line for line in PAGES["limits.md"].splitlines() if line.startswith("| ")]


def limits_in(name, value):
    """Give the numbers of a constant, each with what its row begins with."""
    if isinstance(value, Limit):
        return [(f"`{name}`", value)]
    if isinstance(value, Language):
        return [(value.name, value.concurrency_per_v_cpu)]
    return [pair for item in value for pair in limits_in(name, item)] if isinstance(value, tuple) else []


def in_words(limit):
    """Give a small number as a sentence has it."""
    return {2: "double", 3: "three", 5: "five"}[int(limit)]


LIMITS = [pair for name, value in vars(limits).items() for pair in limits_in(name, value)]


@pytest.fixture(scope="module")
def generate():
    """The module that writes the pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        return importlib.import_module("generate")


def test_no_page_is_stale(generate):
    """Whoever changes a rule or a number runs docs/generate.py."""
    assert generate.stale(DOCS) == []


def test_stale_pages_are_named(generate, tmp_path, capsys):
    """One that says something else and one that is missing are told by name, with exit status 1, until written."""
    (tmp_path / "limits.md").write_text("else", encoding="utf-8")
    for name in ("rules.md", "troubleshooting.md"):
        (tmp_path / name).write_text(PAGES[name], encoding="utf-8")
    assert generate.main(["--check"], tmp_path) == 1
    told = capsys.readouterr().err
    assert "limits.md" in told
    assert "rules.md" not in told
    (tmp_path / "rules.md").unlink()
    assert generate.main(["--check"], tmp_path) == 1
    assert "rules.md" in capsys.readouterr().err
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == PAGES


def test_rules_are_in_order():
    """In the table and below it, by id."""
    ids = sorted(rule.id for rule in RULES)
    assert list(OVERVIEW) == ids
    assert list(SECTIONS) == ids


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_section_and_a_row(rule):
    """With its name, what it weighs, why, what mends it and what it rests on."""
    section, row = SECTIONS[rule.id], OVERVIEW[rule.id]
    assert f"(#{rule.id.lower()})" in row
    for place in (section, row):
        assert f"`{rule.slug}`" in place
        assert rule.severity.value in place
    assert rule.since in section
    assert f"]({rule.source})" in section
    assert f"```diff\n{before_after(rule.id)}```" in section
    words = re.findall(r"\w+", f"{rule.title} {rule.why}")
    assert re.findall(r"\w+", section)[: len(words)] == words


@pytest.mark.parametrize(("name", "limit"), LIMITS, ids=[f"{name}-{limit}" for name, limit in LIMITS])
def test_every_limit_has_a_row(name, limit):
    """With value, unit, source, the day it was read, and what other sources say."""
    rows = [row for row in ROWS if row.startswith(f"| {name} |") and f"| {limit} |" in row]
    assert len(rows) == 1
    assert f"]({limit.source}), {limit.read}" in rows[0]
    if name.startswith("`"):
        assert f"| {limit.unit} |" in rows[0]
        assert limit.note in rows[0]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.id)
def test_every_failure_has_a_section(failure):
    """With what AWS says, what it means, what to do, the rules that tell of it before, and dated sources."""
    (section,) = re.findall(
        rf"^### {re.escape(failure.id)}\n(.*?)(?=^##|\Z)", PAGES["troubleshooting.md"], flags=re.MULTILINE | re.DOTALL
    )
    words = re.findall(r"\w+", section)
    for text in (*failure.messages, failure.meaning, failure.cause, *failure.checks, *failure.fixes):
        wanted = re.findall(r"\w+", re.sub(r"\{\w+\}", "", text))
        assert any(words[start : start + len(wanted)] == wanted for start in range(len(words)))
    for code in failure.launch_codes:
        assert f"`{code}`" in section
    for rule in failure.rules:
        assert f"(rules.md#{rule.lower()})" in section
    for source in failure.sources:
        assert f"]({source.address}), {source.read}" in section


@pytest.mark.parametrize(
    ("message", "heading"),
    [
        ("MinimumExecutionEnvironments can't be provisioned because", "CapacityProviderScalingLimitExceeded"),
        ("failed to enter successful state", "latest-published-failed"),
        ("NotStabilized", "NotStabilized"),
        ("Failed to launch", "failed-to-launch"),
        ("FunctionErrorInitResourceExhausted", "FunctionError.InitResourceExhausted"),
        ("Memory ratio of", "memory-below-ratio"),
        ("PerExecutionEnvironmentMaxConcurrency", "concurrency-refused"),
        ("currently in use by", "capacity-provider-in-use"),
        ("isn't supported for Lambda Default functions", "standard-function"),
        ("expected memory_size to be in the range", "terraform-memory-range"),
        ("InvalidParameterValueException", "InvalidParameterValueException"),
        ("EOF while parsing a value", "streaming-adapter"),
        ("Extension.Crash", "streaming-adapter"),
        ("first publish on a capacity provider failed", "CapacityProviderScalingLimitExceeded"),
        ("us-east-1c", "zone-not-supported"),
        ("instanceRequirements.architectures", "terraform-values"),
        ("Tail logs are not supported for functions configured with capacity provider", "tail-logs"),
        ("can't be invoked with $LATEST qualifier", "latest-not-invocable"),
        ("Internal error occurred during publishing", "InternalError"),
        ("AccessDenied", "InsufficientRolePermissions"),
        ("SubnetNotFound", "InvalidSubnet"),
        ("TooManyRequestsException", "TooManyRequestsException"),
        ("does not contain a capacity provider configuration", "function-without-capacity-provider"),
        ("AlreadyExists", "AlreadyExists"),
        ("`logs` endpoint", "The function works, and there are no logs"),
        ("throttled", "Some invocations fail under load, and no more environments start"),
    ],
)
def test_what_users_met_is_on_the_page(message, heading):
    """Each trouble that somebody reported, under the heading that explains it."""
    (section,) = re.findall(
        rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGES["troubleshooting.md"], flags=re.MULTILINE | re.DOTALL
    )
    assert message in f"{heading}\n{section}"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_has_its_target(page):
    """A page and, behind the number sign, one of its headings as GitHub makes anchors of them."""
    links = re.findall(r"\]\((?!https://)([^)#]*)#?([^)]*)\)", PAGES[page])
    assert links
    for target, anchor in links:
        text = (DOCS / (target or page)).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), flags=re.MULTILINE)
        anchors = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
        assert not anchor or anchors.count(anchor) == 1


@pytest.mark.parametrize("page", PAGES)
def test_tables_are_whole(page):
    """Each row has the cells of its heading, or GitHub shows something else."""
    for table in re.findall(r"(?:^\|.*\n)+", PAGES[page], flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("index", f"{limits.MEMORY_SIZE_DEFAULT} MiB and 1 vCPU"),
        ("index", f"at least {limits.MIN_EXECUTION_ENVIRONMENTS_DEFAULT} execution environments"),
        ("index", f"at most {limits.MAX_V_CPU_COUNT_DEFAULT} vCPU"),
        ("index", f"over {in_words(limits.AVAILABILITY_ZONES_DEFAULT)} Availability Zones"),
        ("why", "{}, {} or {} GiB for a vCPU".format(*limits.MEMORY_GIB_PER_V_CPU)),
        ("why", f"launches {in_words(limits.INSTANCES_AT_PUBLISH)} instances by default"),
        ("why", f"{in_words(limits.TRAFFIC_GROWTH)} within {in_words(limits.TRAFFIC_GROWTH_TIME)} minutes"),
        ("tutorial", f"{in_words(limits.INSTANCES_AT_PUBLISH)} instances and an endpoint"),
    ],
)
def test_numbers_in_sentences_are_those_of_the_rules(page, text):
    """On the pages that have few; guides have a test of their own."""
    assert text in re.sub(r"\s+", " ", (DOCS / f"{page}.md").read_text(encoding="utf-8"))
