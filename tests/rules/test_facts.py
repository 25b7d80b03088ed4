"""What follows from the facts, and how their users write them."""

import pytest

from cdk_lmi.rules.engine import KEYWORDS
from cdk_lmi.rules.facts import UNKNOWN, Facts, default_max_concurrency, v_cpu_count
from cdk_lmi.rules.instance_types import parse_instance_type, v_cpus_of_type


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


@pytest.mark.parametrize(
    ("runtime", "v_cpus", "concurrency"),
    [
        ("python3.14", 2, 32),
        ("nodejs24.x", 1, 64),
        ("java21", 3, 96),
        ("dotnet8", 1, 32),
        ("provided.al2023", 1, UNKNOWN),
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
    ],
)
def test_writes_a_setting_that_can_be_pasted(fact, value, written):
    """In the words of the construct's keywords."""
    assert KEYWORDS.setting(fact, value) == written


def test_every_fact_has_a_name_to_its_user():
    """No message lacks its subject."""
    for fact in Facts.__dataclass_fields__:
        assert KEYWORDS.name(fact).isidentifier()


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
    ],
)
def test_reads_instance_types(name, family, architecture, size):
    """By how EC2 forms their names."""
    kind = parse_instance_type(name)
    assert kind is not None
    assert (kind.family, kind.architecture, kind.size) == (family, architecture, size)


@pytest.mark.parametrize("name", ["*.large", "u-6tb1.metal", "", "m.large", "large"])
def test_does_not_guess_at_other_names(name):
    """What is formed in another way is not read."""
    assert parse_instance_type(name) is None
    assert v_cpus_of_type(name) is None


@pytest.mark.parametrize(
    ("name", "v_cpus"), [("c7g.large", 2), ("c7g.xlarge", 4), ("c9g.8xlarge", 32), ("c7g.metal", None), ("c7g.*", None)]
)
def test_counts_the_v_cpus_of_a_type(name, v_cpus):
    """By its size."""
    assert v_cpus_of_type(name) == v_cpus
