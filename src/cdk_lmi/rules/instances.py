"""How many instances execution environments take, as far as it is known. AWS picks the size and documents no rule."""

from __future__ import annotations

import math

from .facts import FLEETS_OF_UPDATE
from .instance_types import parse_instance_type, v_cpus_of_type
from .limits import INSTANCE_V_CPU_MIN, INSTANCE_V_CPU_RESERVED, INSTANCES_AT_PUBLISH


def v_cpus_for_environments(instance_v_cpus: int) -> int:
    """Give the vCPUs of an instance that execution environments can have: the operating system's are not theirs.

    AWS's skill for coding assistants says so, no page of the guide.
    """
    return instance_v_cpus - INSTANCE_V_CPU_RESERVED


def v_cpus_of_instance(v_cpus: int, allowed_instance_types: tuple[str, ...] = ()) -> int:
    """Give the vCPUs of the smallest instance that holds one execution environment.

    Of the allowed types if all of them say their size and one is large enough; else the next power of two, which is
    how EC2 sizes double.
    """
    sizes = [size for size in map(v_cpus_of_type, allowed_instance_types) if size is not None]
    large_enough = [size for size in sizes if v_cpus_for_environments(size) >= v_cpus]
    if large_enough and all(map(_says_its_size, allowed_instance_types)):
        return min(large_enough)
    needed = v_cpus + INSTANCE_V_CPU_RESERVED
    return max(int(INSTANCE_V_CPU_MIN), 1 << (needed - 1).bit_length())


def _says_its_size(name: str) -> bool:
    """Tell whether a type is of one size: one that leaves it open may be smaller than others that are named."""
    instance_type = parse_instance_type(name)
    return instance_type is not None and instance_type.size is not None


def v_cpus_with_spare(fleet_v_cpus: int, environments: int, instance_v_cpus: int) -> int:
    """Give the vCPUs of the instances that hold the fleet, and of one more.

    The least there can be: environments are counted as if one could be cut over two instances, since those of other
    functions may fill what these leave.
    """
    spread = min(int(INSTANCES_AT_PUBLISH), environments)
    instances = max(spread, math.ceil(fleet_v_cpus / v_cpus_for_environments(instance_v_cpus)))
    return (instances + 1) * instance_v_cpus


def v_cpus_for_updates(environments: int, v_cpus: int, v_cpus_of_others: int, instance_v_cpus: int) -> int:
    """Give the vCPUs of the instances that hold a version's minimum and that of the next one, and of one more.

    Args:
        environments: The minimum of the version.
        v_cpus: Those of each execution environment.
        v_cpus_of_others: Those of the other minimum fleets.
        instance_v_cpus: Those of one instance.
    """
    environments *= FLEETS_OF_UPDATE
    return v_cpus_with_spare(environments * v_cpus + v_cpus_of_others, environments, instance_v_cpus)


def v_cpus_under_cap(max_v_cpu_count: int, instance_v_cpus: int) -> int:
    """Give the vCPUs that execution environments can have where the instances may have so many: instances are whole.

    At least 1, so that there is something to take a share of.
    """
    return max(1, max_v_cpu_count // instance_v_cpus * v_cpus_for_environments(instance_v_cpus))


def environments_per_instance(v_cpus: int, instance_v_cpus: int) -> int:
    """Give how many execution environments one instance holds, whole ones."""
    return v_cpus_for_environments(instance_v_cpus) // v_cpus


def instances_of(environments: int, v_cpus: int, instance_v_cpus: int) -> int:
    """Give the instances that hold so many execution environments of one function and nothing else."""
    spread = min(int(INSTANCES_AT_PUBLISH), environments)
    return max(spread, math.ceil(environments / environments_per_instance(v_cpus, instance_v_cpus)))
