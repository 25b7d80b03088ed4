"""AWS's numbers a second time, so that one which is mistyped, or changed by mistake, does not go unseen."""

import pytest

from cdk_lmi.rules import limits
from cdk_lmi.rules.limits import LANGUAGES, RUST, Limit

NUMBERS = {
    "MEMORY_SIZE_MIN": 2048,
    "ON_DEMAND_MEMORY_SIZE_MIN": 128,
    "MEMORY_SIZE_MAX": 32768,
    "MEMORY_SIZE_DEFAULT": 2048,
    "MEMORY_GIB_PER_V_CPU_DEFAULT": 2,
    "EPHEMERAL_STORAGE_MIN": 512,
    "EPHEMERAL_STORAGE_MAX": 10240,
    "MAX_CONCURRENCY_MIN": 1,
    "MAX_CONCURRENCY_MAX": 1600,
    "MAX_CONCURRENCY_PER_V_CPU": 64,
    "PYTHON_PROCESS_MEMORY": 34,
    "TIMEOUT_MIN": 1,
    "TIMEOUT_MAX": 5400,
    "TIMEOUT_SYNCHRONOUS_MAX": 900,
    "TIMEOUT_DEFAULT": 3,
    "VISIBILITY_TIMEOUT_DEFAULT": 30,
    "VISIBILITY_PER_TIMEOUT": 6,
    "INIT_TIMEOUT_MIN": 130,
    "INIT_TIMEOUT_MAX": 900,
    "EVENT_MAX": 6291456,
    "RESPONSE_MAX": 6291556,
    "EXECUTION_ENVIRONMENTS_MIN": 0,
    "EXECUTION_ENVIRONMENTS_MAX": 15000,
    "MIN_EXECUTION_ENVIRONMENTS_DEFAULT": 3,
    "TRAFFIC_GROWTH": 2,
    "TRAFFIC_GROWTH_TIME": 5,
    "MAX_V_CPU_COUNT_MIN": 2,
    "MAX_V_CPU_COUNT_MAX": 15000,
    "MAX_V_CPU_COUNT_DEFAULT": 400,
    "MAX_V_CPU_COUNT_OF_DEFAULT_FLEET": 12,
    "INSTANCES_AT_PUBLISH": 3,
    "INSTANCE_V_CPU_MIN": 4,
    "INSTANCE_V_CPU_RESERVED": 1,
    "SCALING_POLICIES_MIN": 1,
    "SCALING_POLICIES_MAX": 10,
    "SCALING_TARGET_MIN": 0,
    "SCALING_TARGET_MAX": 100,
    "SUBNETS_MIN": 1,
    "SUBNETS_MAX": 16,
    "SECURITY_GROUPS_MAX": 5,
    "AVAILABILITY_ZONES_RESILIENT": 2,
    "AVAILABILITY_ZONES_DEFAULT": 3,
    "ARCHITECTURES_MAX": 1,
    "CAPACITY_PROVIDER_NAME_LENGTH_MAX": 140,
    "FUNCTION_VERSIONS_MAX": 100,
    "PROPAGATED_TAGS_MAX": 40,
    "METRIC_INTERVAL": 5,
    "ALARM_EVALUATION_MAX": 86400,
    "THROTTLED_SHARE_ALARM": 1,
    "CPU_UTILIZATION_ALARM": 80,
    "MEMORY_UTILIZATION_ALARM": 90,
    "SCHEDULE_EVENT_AGE_MIN": 60,
    "SCHEDULE_EVENT_AGE_MAX": 86400,
    "SCHEDULE_RETRIES_MAX": 185,
    "FUNCTION_NAME_LENGTH_MAX": 64,
    "DESCRIPTION_LENGTH_MAX": 256,
    "LAYERS_MAX": 5,
    "ASYNCHRONOUS_EVENT_AGE_MIN": 60,
    "ASYNCHRONOUS_EVENT_AGE_MAX": 21600,
    "ASYNCHRONOUS_RETRIES_MAX": 2,
}


def test_every_number_is_here():
    """A new one is written down twice."""
    assert set(NUMBERS) == {name for name, value in vars(limits).items() if isinstance(value, Limit)}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_what_was_read(name):
    """On the page that stands beside it."""
    assert getattr(limits, name) == NUMBERS[name]


def test_the_memory_that_comes_with_a_v_cpu():
    """Of the C, M and R families."""
    assert limits.MEMORY_GIB_PER_V_CPU == (2, 4, 8)
    assert limits.MIB_PER_GIB == 1024


@pytest.mark.parametrize(
    ("prefix", "oldest", "concurrency"),
    [("python", "python3.13", 16), ("nodejs", "nodejs22.x", 64), ("java", "java21", 32), ("dotnet", "dotnet8", 32)],
)
def test_a_language(prefix, oldest, concurrency):
    """From which release on, and how many invocations a vCPU takes at once."""
    (language,) = (each for each in LANGUAGES if each.prefix == prefix)
    assert (language.oldest_runtime, language.concurrency_per_v_cpu) == (oldest, concurrency)


def test_rust_comes_without_a_runtime_of_its_own():
    """It is no language that an identifier names."""
    assert RUST not in LANGUAGES
    assert (RUST.oldest_runtime, RUST.concurrency_per_v_cpu) == ("provided.al2023", 8)
