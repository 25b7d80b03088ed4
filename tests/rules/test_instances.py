"""How many instances execution environments take."""

import pytest

from cdk_lmi.rules.instances import (
    environments_per_instance,
    instances_of,
    v_cpus_of_instance,
    v_cpus_under_cap,
    v_cpus_with_spare,
)


@pytest.mark.parametrize(
    ("v_cpus", "allowed", "instance"),
    [
        # One vCPU is the operating system's, and the smallest instance has four.
        (1, (), 4),
        (3, (), 4),
        (4, (), 8),
        (7, (), 8),
        (8, (), 16),
        (15, (), 16),
        (16, (), 32),
        # The smallest allowed one that is large enough; the next power of two where none says its size.
        (1, ("m7g.large", "m7g.4xlarge", "m7g.2xlarge"), 2),
        (2, ("m7g.large", "m7g.4xlarge", "m7g.2xlarge"), 8),
        (3, ("m7g.large", "m7g.2xlarge"), 8),
        (7, ("m7g.2xlarge",), 8),
        (8, ("m7g.2xlarge",), 16),
        (2, ("m7g.*", "m7g.metal"), 4),
        # One that leaves its size open may be smaller than those that are named.
        (2, ("m7g.*", "m7g.4xlarge"), 4),
        (2, ("m7g", "c7g.16xlarge"), 4),
        (2, ("*.large", "c7g.16xlarge"), 4),
        (7, ("m7i.*", "c7i.16xlarge"), 8),
        # A size whose vCPUs are not known is one, and no small one.
        (2, ("m7g.metal", "m7g.4xlarge"), 16),
    ],
)
def test_one_environment_takes_an_instance(v_cpus, allowed, instance):
    """The smallest that holds it."""
    assert v_cpus_of_instance(v_cpus, allowed) == instance


@pytest.mark.parametrize(
    ("fleet", "environments", "instance", "v_cpus"),
    [(3, 3, 4, 16), (1, 1, 4, 8), (2, 2, 4, 12), (9, 9, 4, 16), (10, 10, 4, 20), (30, 2, 16, 48), (31, 2, 16, 64)],
)
def test_a_fleet_takes_instances_and_a_spare_one(fleet, environments, instance, v_cpus):
    """Three at least where there are three environments, one vCPU of each for the operating system, one to spare."""
    assert v_cpus_with_spare(fleet, environments, instance) == v_cpus


@pytest.mark.parametrize(
    ("cap", "instance", "v_cpus"), [(400, 4, 300), (15, 4, 9), (16, 4, 12), (8, 8, 7), (7, 8, 1), (0, 4, 1)]
)
def test_a_cap_leaves_v_cpus_for_environments(cap, instance, v_cpus):
    """Of whole instances, without the operating system's; and something to take a share of."""
    assert v_cpus_under_cap(cap, instance) == v_cpus


@pytest.mark.parametrize(
    ("environments", "v_cpus", "instance", "each", "instances"),
    [
        (3, 1, 4, 3, 3),
        (1, 1, 4, 3, 1),
        (2, 1, 4, 3, 2),
        (9, 1, 4, 3, 3),
        (10, 1, 4, 3, 4),
        (7, 3, 8, 2, 4),
        (4, 4, 8, 1, 4),
    ],
)
def test_an_instance_holds_whole_environments(environments, v_cpus, instance, each, instances):
    """As many as its vCPUs are enough for, but for the operating system's."""
    assert environments_per_instance(v_cpus, instance) == each
    assert instances_of(environments, v_cpus, instance) == instances
