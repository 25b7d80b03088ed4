"""From measurements to a size: no rule is violated that need not be, what was measured holds, nothing smaller would."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi.fit.choice import Size, recommend, rules_against, size_errors, smallest_size, valid_memory_sizes
from cdk_lmi.fit.measurement import Measurement, percentile
from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.engine import Severity, check
from cdk_lmi.rules.facts import Facts
from cdk_lmi.workload import HEADROOM

PYTHON = Facts(runtime="python3.14")


def measured(concurrency=1, peak=100.0, busy=0.1, throughput=10.0):
    """A measurement of which only these matter to the choice."""
    return Measurement(
        concurrency=concurrency,
        invocations=100,
        init_s=0.1,
        memory_after_init_mib=peak / 2,
        process_after_init_mib=peak / 2 / concurrency,
        memory_peak_mib=peak,
        process_peak_mib=peak / concurrency,
        cpu_s_per_invocation=busy / throughput,
        v_cpus_busy=busy,
        throughput_per_s=throughput,
        p50_s=0.1,
        p99_s=0.2,
    )


measurements = st.builds(
    measured,
    concurrency=st.integers(1, 1600) | st.sampled_from([1, 2, 4, 8, 16, 32, 64]),
    peak=st.floats(1, 40_000),
    busy=st.floats(0, 20),
    throughput=st.floats(0.01, 10_000),
)
runtimes = st.sampled_from(["python3.13", "python3.14"])


def sizes_by_arithmetic(concurrency):
    """All sizes that Python functions can have without an error or a warning, found without the rules."""
    for v_cpus_by_ratio, ratio in ((16, 2), (8, 4), (4, 8)):
        for v_cpus in range(1, v_cpus_by_ratio + 1):
            memory_size = v_cpus * ratio * 1024
            if concurrency <= 16 * v_cpus and 34 * concurrency <= memory_size:
                yield memory_size, v_cpus


@given(st.lists(measurements, min_size=1, max_size=5), st.floats(0, 300), runtimes)
def test_what_is_recommended_violates_no_rule_that_is_not_told_and_holds(found, headroom, runtime):
    """The memory with its headroom, the vCPUs that were busy, at a concurrency that was measured."""
    recommendation = recommend(found, headroom=headroom, facts=Facts(runtime=runtime))
    if recommendation is None:
        return
    size, measurement = recommendation.size, recommendation.measurement
    violations = check(Facts(runtime=runtime, **asdict(size)), RULES)
    assert tuple(violation.id for violation in violations) == recommendation.warned_of_by
    assert all(violation.severity is Severity.WARNING for violation in violations)
    assert measurement in found
    assert size.per_execution_environment_max_concurrency == measurement.concurrency
    assert size.memory_size >= measurement.memory_peak_mib * (1 + headroom / 100) - 1e-6
    assert size.v_cpus >= measurement.v_cpus_busy - 0.1


@given(st.lists(measurements, min_size=1, max_size=5), st.sampled_from([0, 20, 100]))
def test_nothing_smaller_would_do(found, headroom):
    """Found by trying everything, by arithmetic of its own."""
    would_do = [
        (memory_size, -each.throughput_per_s, v_cpus)
        for each in found
        for memory_size, v_cpus in sizes_by_arithmetic(each.concurrency)
        if memory_size >= each.memory_needed_mib(headroom) and v_cpus >= each.v_cpus_busy - 0.1
    ]
    recommendation = recommend(found, headroom=headroom, facts=PYTHON)
    if recommendation is None or recommendation.warned_of_by:
        assert would_do == []
    else:
        size, measurement = recommendation.size, recommendation.measurement
        assert (size.memory_size, -measurement.throughput_per_s, size.v_cpus) == min(would_do)


@pytest.mark.parametrize(
    ("measurement", "expected"),
    [
        (measured(16, peak=2048 / 1.2), (2048, 2)),
        (measured(16, peak=2048 / 1.2 + 1), (4096, 4)),
        (measured(16, peak=2048 / 1.2 + 1, busy=1.5), (4096, 2)),
        (measured(1, peak=40, busy=1.1), (2048, 2)),
        (measured(1, peak=40, busy=1.2), (4096, 2)),
        (measured(16, peak=4800), (6144, 2)),
        (measured(16, peak=6000), (8192, 8)),
        (measured(17, peak=600), (4096, 2)),
        (measured(64, peak=600), (8192, 2)),
        (measured(256, peak=9000), (32768, 2)),
        (measured(257, peak=9000), (12288, 2)),
        (measured(1024, peak=9000), (32768, 2)),
        (measured(1025, peak=9000), None),
        (measured(1, peak=32768 / 1.2), (32768, 8)),
        (measured(1, peak=32768 / 1.2 + 1), None),
        (measured(4, peak=40, busy=16.1), (32768, 2)),
        (measured(4, peak=40, busy=16.2), None),
    ],
)
def test_the_smallest_size(measurement, expected):
    """On each bound and just over it: memory, vCPUs, what AWS takes for Python, and the most there is."""
    size = smallest_size(measurement, headroom=20, facts=PYTHON)
    found = size and (size.memory_size, size.execution_environment_memory_gib_per_v_cpu)
    assert found == expected


def test_of_one_memory_the_most_throughput_is_chosen():
    """And told are the others that hold in it."""
    found = [measured(1, throughput=10), measured(4, throughput=40), measured(8, throughput=30), measured(16, 4000)]
    recommendation = recommend(found, facts=PYTHON)
    assert recommendation is not None
    assert recommendation.size == Size(
        memory_size=2048, execution_environment_memory_gib_per_v_cpu=2, per_execution_environment_max_concurrency=4
    )
    assert recommendation.holding == (1, 4, 8)
    assert recommendation.headroom == HEADROOM


def test_nothing_measured_recommends_nothing():
    """Where every environment ran out of memory."""
    assert recommend([], facts=PYTHON) is None


def test_what_the_capacity_provider_allows_is_kept():
    """A pool of general-purpose instances takes a ratio of 4 only."""
    facts = Facts(
        runtime="python3.14",
        has_capacity_provider=True,
        allowed_instance_types=("m7g.xlarge",),
        capacity_provider_architectures=("arm64",),
    )
    size = smallest_size(measured(4, peak=100), facts=facts)
    assert size is not None
    assert (size.memory_size, size.execution_environment_memory_gib_per_v_cpu) == (4096, 4)


def test_what_is_wrong_beside_the_size_keeps_nothing_from_being_recommended():
    """A function with a fault that no size mends is still measured for one."""
    facts = Facts(runtime="python3.14", has_capacity_provider=True, snap_start=True, availability_zones=1, subnets=1)
    assert check(facts, RULES)
    assert smallest_size(measured(4, peak=100), facts=facts) == smallest_size(measured(4, peak=100), facts=PYTHON)


def capped(max_v_cpu_count, **facts):
    """A function with three execution environments on a capacity provider with this cap."""
    given = {"min_execution_environments": 3, "v_cpus_of_other_functions": 0, "allowed_instance_types": ()}
    known = {"shifts_traffic": False, "max_v_cpu_count": max_v_cpu_count, **given, **facts}
    return replace(PYTHON, has_capacity_provider=True, **known)


@pytest.mark.parametrize(
    ("facts", "expected", "warned_of_by"),
    [
        (capped(2), (2048, 2), ()),
        (capped(12), (2048, 2), ("LMI307",)),
        (capped(400), (2048, 2), ()),
    ],
)
def test_what_is_judged_only_with_a_size_keeps_nothing_from_being_recommended(facts, expected, warned_of_by):
    """Where every size violates it, no size mends it; where every size is warned of, the warning is told."""
    recommendation = recommend([measured(1, peak=600)], facts=facts)
    assert recommendation is not None
    size = recommendation.size
    assert (size.memory_size, size.execution_environment_memory_gib_per_v_cpu) == expected
    assert recommendation.warned_of_by == warned_of_by
    assert size_errors(size, facts) == []


def test_a_size_without_a_warning_is_preferred():
    """To a smaller one with a warning, whatever it served."""
    found = [measured(257, peak=9000, throughput=100), measured(16, peak=17000, throughput=1)]
    recommendation = recommend(found, facts=PYTHON)
    assert recommendation is not None
    assert (recommendation.measurement, recommendation.warned_of_by) == (found[1], ())


def test_a_warning_keeps_no_smaller_size_out_where_the_chosen_one_is_warned_of():
    """What does is told: here, the vCPUs that were busy."""
    found = recommend([measured(1, peak=600, busy=2)], facts=capped(12))
    assert found is not None
    assert (found.size.memory_size, found.memory_kept_out_mib) == (4096, 2048)
    assert (found.is_bound_by_v_cpus, found.is_bound_by, found.warned_of_by) == (True, (), ("LMI307",))


@pytest.mark.parametrize(
    ("measurement", "facts", "ids"),
    [
        (measured(1, peak=20_000), capped(12, min_execution_environments=7), ("LMI306",)),
        (measured(1025, peak=600), PYTHON, ("LMI202",)),
        (measured(1, peak=40_000), capped(12), ()),
    ],
)
def test_the_rules_against_every_size_that_is_large_enough(measurement, facts, ids):
    """None where there is no such size."""
    assert smallest_size(measurement, facts=facts) is None
    assert rules_against(measurement, facts=facts) == ids


@pytest.mark.parametrize(
    ("size", "ids"),
    [
        ((4096, 4, 16), []),
        ((3500, 4, 16), ["LMI104"]),
        ((3500, 2, 16), ["LMI105"]),
        ((2048, 2, 17), []),
        ((2048, 2, 65), ["LMI202"]),
        ((1024, 2, 16), ["LMI101"]),
    ],
)
def test_the_rules_by_which_aws_refuses_a_size(size, ids):
    """Those of the size, not what is wrong beside it, and no warnings."""
    facts = Facts(runtime="python3.14", snap_start=True, has_capacity_provider=True)
    names = Size.__dataclass_fields__
    assert size_errors(Size(**dict(zip(names, size, strict=True))), facts) == ids


def test_the_memory_sizes_that_there_are():
    """Each with the ratios that divide it."""
    sizes = dict(valid_memory_sizes())
    assert sizes[2048] == (2,)
    assert sizes[4096] == (2, 4)
    assert sizes[8192] == (2, 4, 8)
    assert list(sizes) == [2048 * count for count in range(1, 17)]


@given(st.lists(st.floats(0, 1000), min_size=1), st.floats(0.1, 100))
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(values, percent):
    """And no smaller one would be."""
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100 - 1e-6
    assert sum(value < found for value in values) < len(values) * percent / 100 + 1e-6
