"""``cdk-lmi size``: what is asked for, what is printed, what cannot be served."""

import ast
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_lmi.fleet import size
from cdk_lmi.prices import TABLE, monthly_cost
from cdk_lmi.workload import HEADROOM

ORDERS = ["--memory-per-process", "200", "--rate", "50", "--peak-rate", "120", "--duration", "0.2"]
FLEET = size(memory_per_process=200, rate=50, peak_rate=120, duration=0.2)


@pytest.fixture
def sized(run):
    """Run the command for the orders, with more options."""
    return lambda *options: run("size", *ORDERS, *options)


def block(text, beginning):
    """Give the lines of a block of the output, without its heading."""
    (found,) = [part.splitlines() for part in text.split("\n\n") if part.startswith(beginning)]
    return found[1:]


@pytest.mark.parametrize(
    ("heading", "arguments"),
    [
        ("for ManagedInstanceFunction", FLEET.function_arguments),
        ("for its ManagedInstanceCapacityProvider", FLEET.capacity_provider_arguments),
    ],
)
def test_the_arguments_can_be_pasted(sized, heading, arguments):
    """They are Python, with the reason for each above it."""
    ran = sized()
    assert (ran.code, ran.err) == (0, "")
    lines = block(ran.out, heading)
    call = ast.parse("f(\n" + "\n".join(lines) + "\n)", mode="eval").body
    assert isinstance(call, ast.Call)
    assert {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords} == arguments
    comments = [line.strip().removeprefix("# ") for line in lines if line.strip().startswith("#")]
    reasons = dict(FLEET.reasons)
    assert comments == [reasons[name] for name in arguments]


def test_architecture_and_type_are_to_be_pasted_where_they_are_not_the_default(sized):
    """An instance type that is reckoned with is one that must be asked for."""
    lines = block(sized("--instance-type", "c7g.xlarge").out, "for its")
    call = ast.parse("f(\n" + "\n".join(lines) + "\n)", mode="eval").body
    assert isinstance(call, ast.Call)
    written = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    assert written["architecture"] == "lambda_.Architecture.ARM_64"
    assert "ec2.InstanceType('c7g.xlarge')" in written["instance_type_filter"]
    assert not any("rchitecture" in line or "nstanceType" in line for line in block(sized().out, "for its"))


def test_what_is_served_is_told_and_what_is_not(sized):
    """The minimum, the maximum, a doubling, and a peak that comes faster than AWS keeps capacity for."""
    served = "\n".join(block(sized().out, "what it serves"))
    for figure in (
        "65.64 per second",
        "125 per second",
        "24 concurrent",
        "40 concurrent",
        "100 within 5 minutes",
        "min_execution_environments=5 with max_v_cpu_count=20",
        "3 instances that always run and are paid for all month",
    ):
        assert figure in served
    far = "\n".join(block(sized("--peak-rate", "300000").out, "what it serves"))
    assert "throttled" in far
    assert "min_execution_environments" not in far
    slow = "\n".join(block(sized("--peak-rate", "90").out, "what it serves"))
    assert "min_execution_environments" not in slow


def test_assumptions_are_told_with_their_sources(sized):
    """Each, and the page."""
    told = "\n".join(block(sized().out, "assumptions"))
    for assumption in FLEET.assumptions:
        assert assumption.words in told
        assert str(assumption.source) in told


def test_the_cost_of_the_floor_is_told_with_its_source(sized):
    """Each part, the Region, the day and where the prices are from."""
    cost = monthly_cost(TABLE, instances=3, instance_type="c7i.xlarge")
    assert cost is not None
    text = sized().out
    assert TABLE.region in next(line for line in text.splitlines() if line.startswith("cost of the minimum"))
    told = "\n".join(block(text, "cost of the minimum"))
    for amount in (cost.instances_cost, cost.management_fee, cost.endpoints_cost, cost.total):
        assert f"{amount:.2f}" in told
    assert str(TABLE.date) in told
    assert TABLE.source in told


def test_what_it_costs_at_most_is_told(sized):
    """If all the instances ran that fit below the cap."""
    cost = monthly_cost(TABLE, instances=FLEET.max_v_cpu_count // FLEET.instance_v_cpus, instance_type="c7i.xlarge")
    assert cost is not None
    assert f"{cost.total:.2f}" in "\n".join(block(sized().out, "cost of the minimum"))
    assert json.loads(sized("--format", "json").out)["cost_at_most"]["total"] == pytest.approx(cost.total)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--region", "eu-west-1"], ["eu-west-1", "us-east-1", "--prices"]),
        (["--instance-type", "c9g.xlarge"], ["c9g.xlarge", "--prices"]),
        (["--prices", "prices.json"], ["x86_64", "prices.json"]),
        (["--prices", "prices.json", "--region", "us-east-1"], ["us-east-1", "eu-west-1"]),
    ],
)
def test_no_cost_is_guessed(sized, write, options, named):
    """Of another Region, or of a type that has no price: it is told instead."""
    write("prices.json", {"region": "eu-west-1", "instance_types": {"c7g.xlarge": 0.15}})
    ran = sized(*options)
    (heading,) = [line for line in ran.out.splitlines() if line.startswith("cost of the minimum")]
    assert not any(character.isdigit() for character in heading)
    told = "\n".join(block(ran.out, "cost of the minimum"))
    assert all(name in told for name in named)
    assert "USD" not in told
    assert sized(*options, "--format", "json").json["cost"] is None
    assert ran.code == 0


def test_prices_may_be_ones_own(sized, write):
    """The dearest type that is such is taken, and told of; what has no price of endpoints says so."""
    types = {"c7i.xlarge": 0.2, "c8i.xlarge": 0.3, "c8i.2xlarge": 0.6, "c7g.xlarge": 0.5}
    write("prices.json", {"region": "eu-west-1", "currency": "EUR", "instance_types": types})
    cost = sized("--prices", "prices.json", "--format", "json").json["cost"]
    assert (cost["instance_type"], cost["currency"], cost["region"]) == ("c8i.xlarge", "EUR", "eu-west-1")
    assert cost["total"] == pytest.approx(3 * 0.3 * 730 * 1.15)
    assert cost["endpoints_cost"] is None
    text = sized("--prices", "prices.json").out
    assert "c8i.xlarge" in text
    assert "most expensive of 2" in text
    assert "no price" in text


def test_endpoints_and_zones_are_counted(sized):
    """Each endpoint in each zone; none costs nothing."""
    cost = sized("--endpoints", "4", "--availability-zones", "2", "--format", "json").json["cost"]
    assert cost["endpoints_cost"] == pytest.approx(4 * 2 * 0.01 * 730)
    assert sized("--endpoints", "0", "--format", "json").json["cost"]["endpoints_cost"] == 0


def test_programs_get_all_of_it(sized):
    """The fleet, the arguments, the reasons, the assumptions and the cost."""
    told = sized("--format", "json").json
    assert told["version"] == 1
    assert told["arguments"]["ManagedInstanceFunction"] == FLEET.function_arguments
    assert told["arguments"]["ManagedInstanceCapacityProvider"] == FLEET.capacity_provider_arguments
    assert told["reasons"] == dict(FLEET.reasons)
    assert len(told["assumptions"]) == len(FLEET.assumptions)
    assert told["fleet"].keys() == FLEET.__dataclass_fields__.keys() - {"reasons", "assumptions"}
    for name, value in told["fleet"].items():
        assert getattr(FLEET, name) == value
    assert told["cost"]["prices"] == {"source": TABLE.source, "date": TABLE.date}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--rate", "0"], ["--rate"]),
        (["--rate", "nan"], ["--rate"]),
        (["--rate", "fast"], ["--rate", "'fast'"]),
        (["--concurrency", "1.5"], ["--concurrency", "'1.5'"]),
        (["--endpoints", "-1"], ["--endpoints"]),
        (["--endpoints", "9" * 4000], ["--endpoints"]),
        (["--availability-zones", "0"], ["--availability-zones", "from 1 to"]),
        (["--availability-zones", "1000001"], ["--availability-zones", "1000000"]),
        (["--memory-per-process", "40000"], ["--memory-per-process"]),
        (["--memory-per-process", "40000", "--rate", "-1", "--language", "go"], ["--memory", "--rate", "--language"]),
        (["--rate", "1e9", "--peak-rate", "1e9"], ["--peak-rate"]),
        (["--instance-type", "t3.\x1b[2Jmicro"], ["--instance-type"]),
        (["--instance-type", "c7g.0xlarge"], ["--instance-type", "c7g.0xlarge"]),
        (["--instance-type", "c7g.4000xlarge"], ["--instance-type", "c7g.4000xlarge"]),
        (["--instance-type", f"c7g.{'9' * 5000}xlarge"], ["--instance-type"]),
        (["--concurrency", "9" * 5000], ["--concurrency"]),
        (["--endpoints", "9" * 5000], ["--endpoints"]),
        (["--prices", "missing.json"], ["missing.json"]),
        (["--prices", "\x1b[2Jmissing.json"], ["missing.json"]),
        (["--prices", "bad.json"], ["bad.json", "region", "instance_types"]),
        (["--format", "xml"], ["--format"]),
    ],
)
def test_what_cannot_be_is_told_in_the_words_of_the_command(sized, write, options, named):
    """All at once, with nothing on standard output."""
    write("bad.json", {"currency": "USD"})
    ran = sized(*options)
    assert (ran.code, ran.out) == (2, "")
    assert all(name in ran.err for name in named)
    assert "\x1b" not in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("left_out", ["--memory-per-process", "--rate", "--duration"])
def test_what_it_cannot_do_without_is_asked_for(run, left_out):
    """By name."""
    at = ORDERS.index(left_out)
    ran = run("size", *ORDERS[:at], *ORDERS[at + 2 :])
    assert ran.code == 2
    assert left_out in ran.err


def test_prices_are_anybodys_text(sized, write):
    """What a file says reaches no terminal with characters that do something."""
    prices = {"region": "\x1b[2J", "source": "a\nb\u202e", "currency": "\x07", "instance_types": {"c7i.xlarge": 1}}
    write("prices.json", prices)
    text = sized("--prices", "prices.json").out
    assert not any(character in text for character in "\x1b\x07\u202e")
    assert "a\\nb" in text


def test_help_tells_the_defaults_that_hold(run):
    """They stand where they are taken, so that help does not load that."""
    text = " ".join(run("size", "--help").out.split())
    assert f"CPU time (default: {HEADROOM:g})" in text
    cost = monthly_cost(TABLE, instances=1, instance_type="c7g.xlarge")
    assert cost is not None
    assert f"of the network (default: {cost.endpoints}," in text
    assert f"Availability Zones of each endpoint (default: {cost.availability_zones})" in text


def test_the_price_file_in_the_help_is_one(run, write):
    """It can be copied."""
    text = run("size", "--help").out
    start = text.index('{"region"')
    example, _ = json.JSONDecoder().raw_decode(text[start:])
    write("prices.json", example)
    ran = run("size", *ORDERS, "--prices", "prices.json", "--instance-type", "c7g.xlarge", "--format", "json")
    assert ran.json["cost"]["instances_cost"] == pytest.approx(
        FLEET.instances * TABLE.instance_types["c7g.xlarge"] * 730
    )


NUMBERS = st.floats(width=32).map(str) | st.integers(-5, 10**7).map(str) | st.sampled_from(["", "x", "1e400", "٣"])


def refuse(constant):
    """Numbers that JSON has not."""
    raise AssertionError(constant)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "--memory-per-process": NUMBERS,
            "--rate": NUMBERS,
            "--peak-rate": NUMBERS,
            "--duration": NUMBERS,
            "--cpu-time": NUMBERS,
            "--headroom": NUMBERS,
            "--concurrency": NUMBERS,
            "--memory-gib-per-v-cpu": st.sampled_from(["2", "4", "8.0", "3"]) | NUMBERS,
            "--language": st.sampled_from(["python", "JAVA", "rust"]) | st.text(max_size=4),
            "--architecture": st.sampled_from(["arm64", "x86_64", "arm"]),
            "--instance-type": st.sampled_from(["c7g.xlarge", "r9g.large", "m7i.48xlarge"]) | st.text(max_size=4),
            "--endpoints": NUMBERS,
            "--region": st.text(max_size=4),
        },
    ),
    st.sampled_from(["text", "json"]),
)
def test_whatever_is_asked_for_an_answer_comes(run, options, format):
    """Never a traceback; what goes to programs is JSON by the letter."""
    asked = dict(zip(ORDERS[::2], ORDERS[1::2], strict=True)) | options
    ran = run("size", *(f"{name}={value}" for name, value in asked.items()), f"--format={format}")
    assert ran.code in (0, 2)
    if ran.code == 0 and format == "json":
        json.loads(ran.out, parse_constant=refuse)
