"""What follows from the facts, and how their users write them."""

import json

import pytest

from cdk_lmi.rules.engine import KEYWORDS
from cdk_lmi.rules.facts import (
    LEFT_OUT,
    UNKNOWN,
    Facts,
    Keywords,
    config_name_of,
    default_max_concurrency,
    fleets_at_once,
    language_of,
    rollout_facts,
    v_cpu_count,
    written_maximum,
)
from cdk_lmi.rules.instance_types import (
    architecture_of_every,
    parse_instance_type,
    v_cpus_of_every,
    v_cpus_of_type,
)


@pytest.mark.parametrize(
    ("memory_size", "ratio", "v_cpus"),
    [
        (2048, 2, 1),
        (4095, 2, 1),
        (4096, 2, 2),
        (32768, 2, 16),
        (32768, 4, 8),
        (32768, 8.0, 4),
        (128, 8, 1),
        (2048, 0, 1),
    ],
)
def test_counts_v_cpus(memory_size, ratio, v_cpus):
    """Whole ones, and never none."""
    assert v_cpu_count(memory_size, ratio) == v_cpus


@pytest.mark.parametrize(("given", "written"), [(None, 15000), (0, 0), (7, 7), (UNKNOWN, UNKNOWN)])
def test_a_maximum_that_is_left_out_is_written_as_the_largest(given, written):
    """All others as they are."""
    assert written_maximum(given) == written


@pytest.mark.parametrize(("shifts_traffic", "fleets"), [(True, 2), (False, 1), (UNKNOWN, 1)])
def test_counts_fleets(shifts_traffic, fleets):
    """Two only where it is known that two versions serve."""
    assert fleets_at_once(shifts_traffic) == fleets


@pytest.mark.parametrize(
    ("runtime", "v_cpus", "concurrency"),
    [
        ("python3.14", 2, 32),
        ("nodejs24.x", 1, 64),
        ("java21", 3, 96),
        ("dotnet8", 1, 32),
        ("provided.al2023", 1, UNKNOWN),
        ("nodejs24.x", 25, 1600),
        ("nodejs24.x", 26, 1600),
        (UNKNOWN, 1, UNKNOWN),
    ],
)
def test_gives_the_default_concurrency(runtime, v_cpus, concurrency):
    """AWS's figure for the language, times the vCPUs; unknown for a runtime that holds any language."""
    assert default_max_concurrency(runtime, v_cpus) == concurrency


@pytest.mark.parametrize(
    ("fact", "value", "written"),
    [
        ("memory_size", 4096, "memory_size=4096"),
        ("execution_environment_memory_gib_per_v_cpu", 4.0, "execution_environment_memory_gib_per_v_cpu=4"),
        ("timeout", 900, "timeout=Duration.seconds(900)"),
        ("ephemeral_storage_size", 512, "ephemeral_storage_size=Size.mebibytes(512)"),
        ("runtime", "python3.13", "runtime=lambda_.Runtime.PYTHON_3_13"),
        ("runtime", "nodejs22.x", "runtime=lambda_.Runtime.NODEJS_22_X"),
        ("runtime", "provided.al2023", "runtime=lambda_.Runtime.PROVIDED_AL2023"),
        ("architecture", "x86_64", "architecture=lambda_.Architecture.X86_64"),
        ("architecture", "arm64", "architecture=lambda_.Architecture.ARM_64"),
        ("logging_format", "JSON", "logging_format=lambda_.LoggingFormat.JSON"),
        ("capacity_provider_architectures", ("arm64",), "architecture=lambda_.Architecture.ARM_64"),
        ("scaling_mode", "Auto", "scaling_options=lambda_.ScalingOptions.auto()"),
    ],
)
def test_writes_a_setting_that_can_be_pasted(fact, value, written):
    """In the words of the construct's keywords."""
    assert KEYWORDS.setting(fact, value) == written


def test_a_construct_may_rename_a_fact():
    """Its name, and how it is set; the others stay."""
    wording = Keywords(subnets=("max_azs", "max_azs={}"))
    assert (wording.name("subnets"), wording.subject("subnets")) == ("max_azs", "max_azs")
    assert wording.setting("subnets", 3) == "max_azs=3"
    assert wording.setting("timeout", 3) == "timeout=Duration.seconds(3)"
    assert list(wording.locations("subnets")) == []


def test_a_fact_that_nobody_declared_is_written_as_it_is_called():
    """The engine judges records of any kind."""
    assert KEYWORDS.name("temperature") == "temperature"
    assert KEYWORDS.setting("temperature", "hot") == "temperature='hot'"


def test_what_is_left_out_is_the_default_of_aws():
    """Every one that there is; what somebody must state stays unknown."""
    assert {fact: value for fact, value in LEFT_OUT.items() if value is not UNKNOWN} == {
        "accelerator": False,
        "allowed_instance_types": (),
        "architecture": "x86_64",
        "actions_missing_on_key": (),
        "capacity_provider_architectures": ("x86_64",),
        "capacity_provider_log_group": None,
        "capacity_provider_name": None,
        "ephemeral_storage_size": 512,
        "excluded_instance_types": (),
        "execution_environment_memory_gib_per_v_cpu": 2,
        "filesystem": False,
        "has_capacity_provider": False,
        "latest_published_deactivated": False,
        "logging_format": "JSON",
        "lone_scaling_bound": None,
        "max_execution_environments": None,
        "max_v_cpu_count": 400,
        "memory_size": 2048,
        "min_execution_environments": 3,
        "package_type": "Zip",
        "per_execution_environment_max_concurrency": None,
        "propagated_tags": 0,
        "publish_to_latest_published": True,
        "reserved_concurrent_executions": None,
        "scales_latest_published": False,
        "scaling_mode": "Auto",
        "scaling_targets": (),
        "shifts_traffic": False,
        "snap_start": False,
        "tenancy_config": False,
        "timeout": 3,
        "visibility_timeout": 30,
        "vpc": False,
    }


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("CodeDeployDefault.LambdaCanary10Percent5Minutes", 5),
        ("CodeDeployDefault.LambdaCanary10Percent1Minute", 1),
        ("CodeDeployDefault.LambdaLinear10PercentEvery1Minute", 9),
        ("CodeDeployDefault.LambdaLinear10PercentEvery10Minutes", 90),
        ("Linear30PercentEvery2Minutes", 6),
        ("Linear33PercentEvery2Minutes", 6),
        ("Linear100PercentEvery2Minutes", 0),
        ("Linear0PercentEvery2Minutes", UNKNOWN),
        ("OurOwn", UNKNOWN),
        (UNKNOWN, UNKNOWN),
    ],
)
def test_reads_a_rollout_by_its_name(name, minutes):
    """From the first traffic that it shifts to the last."""
    assert rollout_facts(name, 2) == {"rollback_triggers": 2, "shift_minutes": minutes}


@pytest.mark.parametrize(
    ("routing", "name"),
    [
        (
            {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryPercentage": 10, "CanaryInterval": 5}},
            "Canary10Percent5Minutes",
        ),
        (
            {"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearPercentage": 10, "LinearInterval": 1}},
            "Linear10PercentEvery1Minutes",
        ),
        ({"Type": "AllAtOnce"}, "AllAtOnce"),
        ({"Type": UNKNOWN}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_names_a_configuration_of_ones_own(routing, name):
    """As AWS would, so that it is read like one of AWS's."""
    assert config_name_of(routing) == name


@pytest.mark.parametrize("kind", ["TimeBasedCanary", "TimeBasedLinear"])
@pytest.mark.parametrize("stated", [None, [5], UNKNOWN, {}, {"CanaryInterval": UNKNOWN, "LinearInterval": UNKNOWN}])
def test_a_configuration_that_does_not_say_how_long_it_takes(kind, stated):
    """It shifts traffic, in a time that is not known."""
    name = config_name_of({"Type": kind, kind: stated})
    assert rollout_facts(name, 1) == {"rollback_triggers": 1, "shift_minutes": UNKNOWN}


@pytest.mark.parametrize("kind", ["Canary", "Linear"])
def test_names_a_configuration_as_a_template_has_it(kind):
    """Read from a file."""
    numbers = {f"{kind}Percentage": 10, f"{kind}Interval": 5}
    routing = json.loads(json.dumps({"Type": f"TimeBased{kind}", f"TimeBased{kind}": numbers}))
    assert rollout_facts(config_name_of(routing), 1)["shift_minutes"] in (5, 45)


def test_a_rollout_that_shifts_all_at_once_has_nothing_to_judge():
    """Nothing could turn it back halfway."""
    assert rollout_facts("CodeDeployDefault.LambdaAllAtOnce", 0) == {}


def test_what_is_unknown_says_so():
    """Where it is printed."""
    assert repr(UNKNOWN) == "UNKNOWN"


def test_every_fact_has_a_name_to_its_user():
    """No message lacks its subject."""
    for fact in Facts.__dataclass_fields__:
        assert KEYWORDS.name(fact).isidentifier()


@pytest.mark.parametrize(
    ("runtime", "language"),
    [
        ("python3.14", "Python"),
        ("nodejs22.x", "Node.js"),
        ("java8.al2", "Java"),
        ("java25", "Java"),
        ("dotnet10", ".NET"),
        ("python3.14\n", None),
        ("python3.14\x1b[2J", None),
        ("python\u0663", None),
        ("xpython3.14", None),
        ("python", None),
        ("provided.al2023", None),
    ],
)
def test_reads_the_language_of_a_runtime(runtime, language):
    """All of the identifier, and nothing behind it."""
    found = language_of(runtime)
    assert (found and found.name) == language


@pytest.mark.parametrize(
    ("name", "family", "architecture", "size"),
    [
        ("m7g.xlarge", "m", "arm64", "xlarge"),
        ("c7gn.large", "c", "arm64", "large"),
        ("m7i-flex.large", "m", "x86_64", "large"),
        ("r6a.*", "r", "x86_64", None),
        ("g5g.xlarge", "g", "arm64", "xlarge"),
        ("c8g.metal-24xl", "c", "arm64", "metal-24xl"),
        ("m7g", "m", "arm64", None),
        ("a1.large", "a", "arm64", "large"),
        ("p6e-gb200.36xlarge", "p", "arm64", "36xlarge"),
        ("p6-b200.48xlarge", "p", "x86_64", "48xlarge"),
    ],
)
def test_reads_instance_types(name, family, architecture, size):
    """By how EC2 forms their names."""
    kind = parse_instance_type(name)
    assert kind is not None
    assert (kind.family, kind.architecture, kind.size) == (family, architecture, size)


@pytest.mark.parametrize("name", ["*.large", "u-6tb1.metal", "", "m.large", "large", "c\u0667g.large"])
def test_does_not_guess_at_other_names(name):
    """What is formed in another way is not read."""
    assert parse_instance_type(name) is None
    assert v_cpus_of_type(name) is None


@pytest.mark.parametrize(
    ("name", "v_cpus"),
    [("c7g.large", 2), ("c7g.xlarge", 4), ("c9g.8xlarge", 32), ("c7g.metal", None), ("c7g.*", None)]
    + [(f"c7g.{digits}xlarge", None) for digits in ("0", "08", "4000", "9" * 5000)]
    + [("c7g.112xlarge", 448)],
)
def test_counts_the_v_cpus_of_a_type(name, v_cpus):
    """By its size."""
    assert v_cpus_of_type(name) == v_cpus


@pytest.mark.parametrize(
    ("pattern", "architecture", "v_cpus"),
    [
        ("c7g.large", "arm64", 2),
        ("m7i.*", "x86_64", None),
        ("c7g*", "arm64", None),
        ("c7gn*.2xlarge", "arm64", 8),
        ("c7g.*xlarge", "arm64", None),
        ("*g.large", "arm64", 2),
        ("m7*gd.*", "arm64", None),
        ("m7i*", "x86_64", None),
        ("m7i-*.large", "x86_64", 2),
        ("*7a.xlarge", "x86_64", 4),
        ("*8i-flex.*", "x86_64", None),
        ("m7i.4x*", "x86_64", None),
        # What may be of either.
        ("m7*", None, None),
        ("m5*.large", None, 2),
        ("*.large", None, 2),
        ("*.4xlarge", None, 16),
        ("*large", None, None),
        ("*4xlarge", None, None),
        ("*.*large", None, None),
        ("m7*large*", None, None),
        ("g*.xlarge", None, 4),
        ("*g6.*", None, None),
        ("*g*.xlarge", None, 4),
        ("*", None, None),
        ("m7G.large", None, 2),
        ("large", None, None),
        ("", None, None),
    ],
)
def test_what_holds_of_every_type_of_a_pattern(pattern, architecture, v_cpus):
    """As far as the pattern says it."""
    assert (architecture_of_every(pattern), v_cpus_of_every(pattern)) == (architecture, v_cpus)
