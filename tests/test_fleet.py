"""What ``cdk_lmi.size`` recommends: that it deploys, that it holds, that it serves."""

import math
from dataclasses import asdict, fields, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cdk_lmi.fleet import at_once, rate_served, size
from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.engine import check
from cdk_lmi.rules.facts import LEFT_OUT, Facts
from cdk_lmi.rules.instance_types import parse_instance_type, v_cpus_of_type
from cdk_lmi.rules.limits import LANGUAGES, MAX_V_CPU_COUNT_MAX, MEMORY_SIZE_MAX, RUST
from cdk_lmi.workload import HEADROOM, SizingError

#: What is asked for where nothing else is said.
ORDERS = {"memory_per_process": 200, "rate": 50, "peak_rate": 120, "duration": 0.2}
RUNTIMES = {language.name: language.oldest_runtime for language in (*LANGUAGES, RUST)}
INSTANCE_TYPES = ["c7g.large", "c7g.xlarge", "m7i.2xlarge", "r8g.4xlarge", "c8gd.48xlarge", "m9g.8xlarge"]

languages = st.sampled_from(["python", "Node.js", "JAVA", ".net", "dotnet", "nodejs", "Rust"])
instance_types = st.none() | st.sampled_from(INSTANCE_TYPES)

#: Traffic that can be served, whatever is drawn.
servable = st.fixed_dictionaries(
    {
        "memory_per_process": st.floats(0.001, 1700),
        "rate": st.floats(1e-6, 1000),
        "duration": st.floats(0.001, 1),
        "language": languages,
    },
    optional={
        "memory_gib_per_v_cpu": st.sampled_from([2, 4, 8, 4.0]),
        "headroom": st.floats(0, 20),
        "architecture": st.sampled_from(["arm64", "x86_64"]),
    },
)

numbers = st.integers(-3, 50_000) | st.floats() | st.floats(1e-9, 1e9)
#: Anything that somebody may write.
anything = st.fixed_dictionaries(
    {"memory_per_process": numbers, "rate": numbers, "duration": numbers | st.floats(1e-5, 5400)},
    optional={
        "peak_rate": st.none() | numbers,
        "language": languages | st.sampled_from(["Ruby", "", None, 3]),
        "concurrency": st.none() | st.integers(-1, 2000) | st.sampled_from([1.5, True, 10**5000]),
        "memory_gib_per_v_cpu": st.none() | st.sampled_from([2, 4, 8, 3, "4", math.nan]),
        "cpu_time": st.none() | numbers,
        "headroom": st.sampled_from([0, 20, 1000, -1, 1e9, None]) | st.floats(0, 1000),
        "architecture": st.sampled_from([None, "arm64", "x86_64", "arm"]),
        "instance_type": instance_types | st.sampled_from(["t3.micro", "c7g", "m7i.*", "", 7]),
    },
)


@pytest.mark.parametrize("instance_type", ["c7g.large", "c7g.xlarge", "c7g.2xlarge"])
@pytest.mark.parametrize("v_cpus", range(1, 10))
def test_the_rules_agree_on_what_an_instance_holds(instance_type, v_cpus):
    """One execution environment, to the vCPU: the rules judge what size is asked to make room for."""
    memory_size = 2048 * v_cpus
    facts = Facts(
        allowed_instance_types=(instance_type,), memory_size=memory_size, execution_environment_memory_gib_per_v_cpu=2
    )
    is_held = not any(violation.id == "LMI416" for violation in check(facts, RULES))
    try:
        served(memory_per_process=memory_size, headroom=0, rate=1, peak_rate=1, instance_type=instance_type)
    except SizingError:
        assert not is_held
    else:
        assert is_held


@pytest.mark.parametrize("multiple", ["0", "4000", "9" * 5000])
def test_a_size_that_no_instance_has_is_refused(multiple):
    """In the words for any other type that cannot be."""
    with pytest.raises(SizingError, match="be a C, M or R type"):
        served(instance_type=f"c7g.{multiple}xlarge")


def test_a_cap_that_lambda_does_not_allow_is_not_told():
    """No minimum that serves this peak can be deployed again."""
    fleet = served(rate=1, peak_rate=300_000)
    assert fleet.max_v_cpu_count_of_peak is None


def served(**asked):
    """Give the fleet for the orders, but for what is said."""
    return size(**{**ORDERS, **asked})


def violations(fleet):
    """Judge it by every rule, with everything else left to Lambda's defaults."""
    configuration = {
        **LEFT_OUT,
        **fleet.function_arguments,
        **fleet.capacity_provider_arguments,
        "runtime": RUNTIMES[fleet.language],
        "architecture": fleet.architecture,
        "capacity_provider_architectures": (fleet.architecture,),
        "allowed_instance_types": (fleet.instance_type,) if fleet.instance_type else (),
        "has_capacity_provider": True,
        "v_cpus_of_other_functions": 0,
    }
    found = {violation.id: str(violation) for violation in check(Facts(**configuration), RULES)}
    # An OS-only runtime may hold anything: warned of whatever its size.
    return {id: text for id, text in found.items() if (id, fleet.language) != ("LMI701", "Rust")}


def assert_it_holds(fleet, asked):
    """By hand: memory, vCPUs, instances and rates of what was recommended."""
    concurrency, v_cpus = fleet.per_execution_environment_max_concurrency, fleet.v_cpus
    more = 1 + asked.get("headroom", HEADROOM) / 100
    processes = concurrency if fleet.language == "Python" else 1
    assert fleet.memory_size == v_cpus * fleet.execution_environment_memory_gib_per_v_cpu * 1024
    assert processes * asked["memory_per_process"] * more <= fleet.memory_size * (1 + 1e-9)
    busy = concurrency * (asked.get("cpu_time") or 0) * more / asked["duration"]
    assert busy <= v_cpus * (1 + 1e-9)
    on_one = (fleet.instance_v_cpus - 1) // v_cpus
    assert on_one >= 1
    assert fleet.instances == max(3, math.ceil(fleet.min_execution_environments / on_one))
    of_maximum = math.ceil(fleet.max_execution_environments / on_one)
    assert fleet.max_v_cpu_count >= (max(3, of_maximum) + 1) * fleet.instance_v_cpus
    mean = asked["rate"] * asked["duration"]
    peak = (asked.get("peak_rate") or asked["rate"]) * asked["duration"]
    assert mean + 3 * math.sqrt(mean) <= fleet.min_execution_environments * concurrency * (1 + 1e-9)
    assert peak + 3 * math.sqrt(peak) <= fleet.max_execution_environments * concurrency * (1 + 1e-9)
    assert fleet.rate_of_minimum <= fleet.rate_absorbed <= fleet.rate_of_maximum * (1 + 1e-9)


@given(servable)
def test_what_can_be_served_is_and_passes_every_rule(asked):
    """No error and no warning, and it holds what it is to hold."""
    fleet = size(**asked)
    assert violations(fleet) == {}
    assert_it_holds(fleet, asked)


@given(servable, st.floats(1, 1000))
def test_the_minimum_that_serves_the_peak_passes_every_rule_under_its_cap(asked, times):
    """It can be deployed again; where the cap cannot be so high, there is none."""
    try:
        fleet = size(**asked, peak_rate=asked["rate"] * times)
    except SizingError:
        return
    if fleet.max_v_cpu_count_of_peak is None:
        instances = math.ceil(2 * fleet.environments_of_peak / ((fleet.instance_v_cpus - 1) // fleet.v_cpus))
        assert (instances + 1) * fleet.instance_v_cpus > MAX_V_CPU_COUNT_MAX
        return
    raised = replace(
        fleet,
        min_execution_environments=fleet.environments_of_peak,
        max_v_cpu_count=fleet.max_v_cpu_count_of_peak,
        instances=fleet.instances_of_peak,
    )
    assert violations(raised) == {}
    assert_it_holds(raised, asked)


@settings(max_examples=500)
@given(anything)
def test_whatever_is_asked_for_a_fleet_that_passes_every_rule_comes_or_all_that_is_wrong(asked):
    """Over all there is, and beyond: nothing else is raised, and each problem is with an argument."""
    try:
        fleet = size(**asked)
    except SizingError as error:
        problems = error.problems
    else:
        assert violations(fleet) == {}
        assert_it_holds(fleet, asked)
        return
    assert problems
    assert {problem.argument for problem in problems} <= set(asked)
    assert all("must" in str(problem) for problem in problems)


@given(
    st.floats(1, 20_000),
    st.floats(1e-3, 20_000),
    st.floats(1, 100),
    st.floats(1e-4, 60),
    languages,
    st.none() | st.integers(1, 150),
    st.none() | st.floats(1e-5, 1),
    instance_types,
)
def test_sizes_at_the_edge_of_what_there_is_pass_every_rule(
    memory, rate, times, duration, language, concurrency, cpu_time, instance_type
):
    """Of wide ranges that fit together more often than not."""
    asked = {
        "memory_per_process": memory,
        "rate": rate,
        "peak_rate": rate * times,
        "duration": duration,
        "language": language,
        "concurrency": concurrency,
        "cpu_time": cpu_time,
        "instance_type": instance_type,
    }
    try:
        fleet = size(**asked)
    except SizingError:
        assume(False)
    assert violations(fleet) == {}
    assert_it_holds(fleet, asked)
    assert concurrency in (None, fleet.per_execution_environment_max_concurrency)
    if instance_type:
        kind = parse_instance_type(instance_type)
        assert kind is not None
        assert (fleet.architecture, fleet.instance_v_cpus) == (kind.architecture, v_cpus_of_type(instance_type))


@pytest.mark.parametrize(("memory", "ratio"), [(700, 4), (1500, 8), (600, 2), (3000, 8), (900, 4), (250, 8)])
def test_it_is_no_size_that_cannot_be_deployed(memory, ratio):
    """AWS's calculator takes MiB by process times processes that fit into one vCPU: 3500 MB of 700, 7500 of 1500."""
    processes = max(1, min(16, ratio * 1024 // memory))
    calculated = max(2048, memory * processes)
    fleet = served(memory_per_process=memory, memory_gib_per_v_cpu=ratio, headroom=0)
    assert violations(fleet) == {}
    assert fleet.memory_size % (ratio * 1024) == 0
    if calculated % (ratio * 1024):
        rejected = {**fleet.function_arguments, "memory_size": calculated}
        assert {violation.id for violation in check(Facts(**rejected), RULES)} & {"LMI104", "LMI105"}


@pytest.mark.parametrize(
    ("asked", "memory_size", "ratio", "concurrency"),
    [
        ({}, 2048, 2, 8),
        ({"memory_per_process": 34, "headroom": 0}, 2048, 2, 16),
        ({"memory_per_process": 1}, 2048, 2, 16),
        ({"memory_per_process": 5e-324, "language": "nodejs", "cpu_time": 5e-324}, 2048, 2, 64),
        ({"memory_per_process": 2048, "headroom": 0, "rate": 0.1, "peak_rate": 0.1}, 2048, 2, 1),
        ({"memory_per_process": 2049, "headroom": 0, "rate": 0.1, "peak_rate": 0.1}, 4096, 2, 1),
        # With traffic, more processes on the R types' memory cost less than the C types' idle vCPUs.
        ({"memory_per_process": 2048, "headroom": 0}, 8192, 8, 4),
        ({"memory_gib_per_v_cpu": 4}, 4096, 4, 16),
        ({"concurrency": 17}, 4096, 2, 17),
        ({"concurrency": 100}, 28672, 4, 100),
        ({"cpu_time": 0.2, "headroom": 0}, 2048, 2, 1),
        ({"cpu_time": 0.01, "headroom": 0}, 2048, 2, 10),
        ({"language": "nodejs"}, 2048, 2, 64),
        ({"language": "java"}, 2048, 2, 32),
        ({"language": "rust"}, 2048, 2, 8),
        ({"language": "dotnet", "memory_per_process": 2000}, 4096, 2, 64),
        ({"memory_per_process": MEMORY_SIZE_MAX, "headroom": 0, "rate": 0.1, "peak_rate": 0.1}, 32768, 8, 1),
    ],
)
def test_the_size_is_the_smallest_of_the_cheapest(asked, memory_size, ratio, concurrency):
    """What decides: memory, AWS's figure for the language, CPU time, or whoever asks."""
    fleet = served(**asked)
    assert fleet.memory_size == memory_size
    assert fleet.execution_environment_memory_gib_per_v_cpu == ratio
    assert fleet.per_execution_environment_max_concurrency == concurrency


@pytest.mark.parametrize(
    ("asked", "minimum", "maximum"),
    [
        # 8 at once in each; 50 per second are 10 + 3√10 = 19.5, 120 are 24 + 3√24 = 38.7, 100 are 33.4.
        ({}, 3, 5),
        ({"peak_rate": None}, 3, 5),
        ({"rate": 1, "peak_rate": None}, 3, 3),
        ({"rate": 1, "peak_rate": 120}, 3, 5),
        ({"rate": 120, "peak_rate": 120}, 5, 9),
        ({"rate": 120, "peak_rate": 1200}, 5, 36),
    ],
)
def test_the_minimum_serves_the_mean_and_the_maximum_the_peak_or_twice_the_mean(asked, minimum, maximum):
    """At least three, one in each of three Availability Zones."""
    fleet = served(**asked)
    assert (fleet.min_execution_environments, fleet.max_execution_environments) == (minimum, maximum)


def test_a_peak_that_comes_too_fast_is_told():
    """AWS keeps capacity for a doubling inside five minutes; the minimum, which is up, may serve more than that."""
    slow = served(rate=50, peak_rate=400)
    assert slow.rate_absorbed == 100
    assert slow.min_execution_environments < slow.environments_of_peak == slow.max_execution_environments
    idle = served(rate=1, peak_rate=60)
    assert idle.rate_absorbed == idle.rate_of_minimum > 60


@pytest.mark.parametrize("mean", [0.01, 0.1, 1, 3, 10, 30, 100])
def test_what_comes_at_random_finds_room(mean):
    """There are more at once than there is room for in less than one moment in a hundred."""
    room = math.ceil(at_once(mean, 1))
    below = sum(math.exp(-mean + n * math.log(mean) - math.lgamma(n + 1)) for n in range(room + 1))
    assert 1 - below < 0.01


@given(st.integers(1, 10**6), st.floats(1e-4, 5400))
def test_the_rate_that_is_served_is_what_fills_the_room(slots, duration):
    """One is the other solved for the rate."""
    assert at_once(rate_served(slots, duration), duration) == pytest.approx(slots)


@pytest.mark.parametrize(
    ("asked", "arguments"),
    [
        ({"memory_per_process": 40_000}, {"memory_per_process"}),
        ({"memory_per_process": MEMORY_SIZE_MAX, "headroom": 1}, {"memory_per_process"}),
        ({"memory_per_process": 0}, {"memory_per_process"}),
        ({"rate": 0}, {"rate"}),
        ({"rate": math.nan}, {"rate"}),
        ({"rate": math.inf, "peak_rate": None}, {"rate"}),
        ({"rate": True}, {"rate"}),
        ({"rate": "50"}, {"rate"}),
        ({"rate": 10**400, "peak_rate": None}, {"rate"}),
        ({"rate": 1e7, "peak_rate": None}, {"rate"}),
        ({"rate": 1e308, "peak_rate": None, "duration": 5400}, {"rate"}),
        ({"peak_rate": 1e7}, {"peak_rate"}),
        ({"peak_rate": 49}, {"peak_rate"}),
        ({"duration": 5401}, {"duration"}),
        ({"duration": 0}, {"duration"}),
        ({"language": "ruby"}, {"language"}),
        ({"concurrency": 0}, {"concurrency"}),
        ({"concurrency": 2.0}, {"concurrency"}),
        ({"concurrency": 10**5000}, {"concurrency"}),
        ({"concurrency": 257, "memory_per_process": 10}, {"concurrency"}),
        ({"concurrency": 137}, {"concurrency"}),
        ({"concurrency": 65, "memory_gib_per_v_cpu": 8, "memory_per_process": 40}, {"concurrency"}),
        ({"memory_gib_per_v_cpu": 3}, {"memory_gib_per_v_cpu"}),
        ({"cpu_time": 3}, {"cpu_time"}),
        ({"cpu_time": 3, "concurrency": 500}, {"cpu_time", "concurrency"}),
        ({"headroom": -1}, {"headroom"}),
        ({"headroom": None}, {"headroom"}),
        ({"architecture": "arm"}, {"architecture"}),
        ({"architecture": "arm64", "instance_type": "c7i.xlarge"}, {"architecture"}),
        ({"instance_type": "t3.large"}, {"instance_type"}),
        ({"instance_type": "c7i"}, {"instance_type"}),
        ({"instance_type": "c7i.xlarge", "memory_gib_per_v_cpu": 4}, {"memory_gib_per_v_cpu"}),
        ({"instance_type": "c7i.xlarge", "memory_per_process": 6000}, {"memory_per_process"}),
        ({"instance_type": "c7i.large", "concurrency": 17, "memory_per_process": 10}, {"concurrency"}),
        (
            {
                "memory_per_process": 40_000,
                "rate": -1,
                "duration": 0,
                "language": "go",
                "concurrency": -1,
                "headroom": 9,
            },
            {"memory_per_process", "rate", "duration", "language", "concurrency"},
        ),
    ],
)
def test_what_cannot_be_served_is_told_all_at_once(asked, arguments):
    """By the arguments that are to blame."""
    with pytest.raises(ValueError, match="must") as raised:
        served(**asked)
    assert isinstance(raised.value, SizingError)
    assert {problem.argument for problem in raised.value.problems} == arguments


@pytest.mark.parametrize("asked", [{}, {"memory_per_process": 1200}, {"language": "rust", "duration": 3}])
def test_the_rate_that_is_told_to_be_the_most_is(asked):
    """It can be served, and a thousandth more cannot."""
    with pytest.raises(SizingError) as raised:
        served(**asked, rate=1e9, peak_rate=None)
    most = float(raised.value.problems[0].must.split()[3])
    served(**asked, rate=most * 0.9999, peak_rate=None)
    with pytest.raises(SizingError):
        served(**asked, rate=most * 1.001, peak_rate=None)


@pytest.mark.parametrize("language", [*LANGUAGES, RUST], ids=lambda language: language.name)
def test_languages_go_by_name_or_runtime_in_any_case(language):
    """As in ``Node.js``, ``NODEJS``."""
    for name in (language.name, language.name.upper(), f" {language.prefix} "):
        assert served(language=name).language == language.name


def test_every_figure_has_its_reason_and_every_assumption_is_told():
    """By keyword; and where a number is AWS's or somebody's, the page."""
    fleet = served()
    reasons = dict(fleet.reasons)
    assert set(reasons) == {*fleet.function_arguments, *fleet.capacity_provider_arguments}
    assert all(reasons.values())
    assert all(str(assumption.source).startswith("https://") for assumption in fleet.assumptions)
    assert any("cpu_time" in assumption.words for assumption in fleet.assumptions)
    assert not any("cpu_time" in assumption.words for assumption in served(cpu_time=0.001).assumptions)


def test_a_type_that_is_named_decides_instances_and_architecture():
    """Its vCPUs are what is counted with, its family the memory per vCPU."""
    fleet = served(instance_type="m8g.2xlarge")
    assert (fleet.architecture, fleet.instance_v_cpus, fleet.execution_environment_memory_gib_per_v_cpu) == (
        "arm64",
        8,
        4,
    )
    # Three environments, three of the next version, each on an instance, and a spare one.
    assert served(instance_type="m8g.large", rate=1, peak_rate=1).max_v_cpu_count == 14
    assert served().instance_type is None
    assert served(architecture="arm64").architecture == "arm64"


def test_it_is_a_value():
    """It cannot be changed, and holds nothing that can."""
    fleet = served()
    for field in fields(fleet):
        with pytest.raises(AttributeError):
            setattr(fleet, field.name, None)
    assert hash(fleet) == hash(served())
    assert asdict(fleet)["memory_size"] == fleet.memory_size
