"""What the name of an EC2 instance type says: family, architecture, vCPUs.

AWS lists the types that Managed Instances run per Region on https://aws.amazon.com/lambda/pricing/ and the list
grows, so names are read by how EC2 forms them and not looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass

from .limits import MEMORY_GIB_PER_V_CPU

#: The memory per vCPU that each family of Managed Instances has, in GiB.
GIB_PER_V_CPU_OF_FAMILY = dict(zip("cmr", MEMORY_GIB_PER_V_CPU, strict=True))
#: What the families with GPUs begin with, which Lambda takes for functions with an accelerator.
GPU_FAMILIES = ("g", "p")
#: The families that AWS names for Managed Instances.
FAMILIES = (*GIB_PER_V_CPU_OF_FAMILY, *GPU_FAMILIES)
#: Sizes that Managed Instances do not run, in the families that they do.
SIZES_TOO_SMALL = ("nano", "micro", "small", "medium")

_NAME = re.compile(
    r"(?P<family>[a-z]+)(?P<generation>\d+)(?P<attributes>[a-z]*(-[a-z0-9]+)*)(\.(?P<size>[a-z0-9-]+|\*))?",
    re.ASCII,
)
# The largest of any family has three digits: https://aws.amazon.com/ec2/instance-types/
_MULTIPLE = re.compile(r"(?P<count>[1-9]\d{0,2})?xlarge", re.ASCII)
# In a name with wildcards, what tells the processor: "g" for Graviton anywhere behind the generation, "a" (AMD) or "i"
# (Intel) right behind it. What stands around a wildcard may be the size, in which "large" has both.
_GRAVITON = re.compile(r"[a-z]+\d+[a-z]*g|.*[\d*][a-z]*g[a-z]*\.", re.ASCII)
_AMD_OR_INTEL = re.compile(r"[a-z]+\d+[ai]|.*\d[ai][a-z-]*\.", re.ASCII)
# Of a pattern, what is to be matched as it is, and wildcards.
_PARTS = re.compile(r"\*+|[^*]+")
# What no pattern has in it, so that only a wildcard stands for it.
_ANYTHING = "\0"


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """An instance type, or all sizes of one: ``m7g.xlarge``, ``m7g.*``."""

    #: ``m`` of ``m7g.xlarge``.
    family: str
    #: ``x86_64`` or ``arm64``.
    architecture: str
    #: ``xlarge`` of ``m7g.xlarge``; ``None`` where it is left open.
    size: str | None


def parse_instance_type(name: str) -> InstanceType | None:
    """Read a name; ``None`` for one that is not formed as EC2 forms them, such as ``*.large`` or ``u-6tb1.metal``."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    # A "g" behind the generation stands for Graviton, or NVIDIA's Grace: c7gn, m6gd, g5g, p6e-gb200. The first Graviton
    # was a family of its own.
    architecture = "arm64" if "g" in match["attributes"] or match["family"] == "a" else "x86_64"
    size = None if match["size"] in (None, "*") else match["size"]
    return InstanceType(family=match["family"], architecture=architecture, size=size)


def v_cpus_of_type(name: str) -> int | None:
    """Give the vCPUs by the size: ``large`` has 2, ``xlarge`` 4, ``4xlarge`` 16; ``None`` where it does not say."""
    instance_type = parse_instance_type(name)
    return _v_cpus_of_size(instance_type.size or "") if instance_type else None


def _v_cpus_of_size(size: str) -> int | None:
    match = _MULTIPLE.fullmatch(size)
    if match:
        return 4 * int(match["count"] or 1)
    return 2 if size == "large" else None


def v_cpus_of_every(pattern: str) -> int | None:
    """Give the vCPUs of every type that a pattern stands for: ``m*.xlarge`` 4; ``None`` where it does not say."""
    return _v_cpus_of_size(pattern.partition(".")[2])


def architecture_of_every(pattern: str) -> str | None:
    """Give the architecture of every type that a pattern stands for: ``c7g*`` arm64; ``None`` where it does not say."""
    instance_type = parse_instance_type(pattern)
    if instance_type:
        return instance_type.architecture
    if "*" not in pattern:
        return None
    return "arm64" if _GRAVITON.match(pattern) else "x86_64" if _AMD_OR_INTEL.match(pattern) else None


def families_excluded(patterns: Iterable[str]) -> Set[str]:
    """Give the families of Managed Instances of which some pattern stands for every type there is or will be.

    Args:
        patterns: Names of instance types, or names with wildcards: ``m7g.xlarge``, ``c*``.
    """
    written = [
        "".join(".*" if part[0] == "*" else re.escape(part) for part in _PARTS.findall(each)) for each in patterns
    ]
    return {
        family for family in FAMILIES if any(re.fullmatch(each, f"{family}{_ANYTHING}.{_ANYTHING}") for each in written)
    }


def families_allowed(patterns: Iterable[str]) -> Set[str]:
    """Give the families of Managed Instances of which some pattern may stand for a type.

    Args:
        patterns: As for :func:`families_excluded`.
    """
    # Of a pattern, all that is told is what stands before its first wildcard.
    written = [each.partition("*") for each in patterns]
    return {
        family
        for family in FAMILIES
        for beginning in _beginnings(family)
        if any(told.startswith(beginning) or (wildcard and beginning.startswith(told)) for told, wildcard, _ in written)
    }


def is_burstable(pattern: str) -> bool:
    """Tell whether all that a pattern stands for are types of T families."""
    return pattern.startswith(_beginnings("t"))


def is_too_small(pattern: str) -> bool:
    """Tell whether all that a pattern stands for has a size that Managed Instances do not run."""
    return pattern.endswith(tuple(f".{size}" for size in SIZES_TOO_SMALL))


def _beginnings(family: str) -> tuple[str, ...]:
    """Give what the types of a family begin with: its letters and a generation, so that m is not mac2.metal's.

    Those with GPUs are several families each, with more letters: gr6.
    """
    return (family,) if family in GPU_FAMILIES else tuple(f"{family}{digit}" for digit in "0123456789")
