"""How much memory there is to measure with."""

import pytest

from cdk_lmi.fit import machine
from cdk_lmi.fit.machine import UnfitMachineError, this_machine

GIB = 1024**3
HALF_USED = {"memory_of_max": 4 * GIB, "memory_of_current": 2 * GIB}
HALF_USED_V1 = {"memory__memory_of_limit_in_bytes": 4 * GIB, "memory__memory_of_usage_in_bytes": 2 * GIB}


def write_cgroup(folder, files):
    """Write the files of a cgroup."""
    for name, value in files.items():
        path = folder / name.replace("__", "/").replace("_of_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{value}\n")


@pytest.fixture
def memory(tmp_path):
    """Give the MiB of a machine with this memory, whose container may have a limit."""

    def available(meminfo_kib, **cgroup):
        (tmp_path / "meminfo").write_text(f"MemTotal:  99999999 kB\nMemAvailable:  {meminfo_kib} kB\n")
        write_cgroup(tmp_path, cgroup)
        return machine._available_mib(proc=tmp_path, cgroup=tmp_path)

    return available


def test_without_a_container_it_is_what_is_available(memory):
    """In MiB."""
    assert memory(8 * 1024**2) == 8192


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"memory_of_max": 4 * GIB, "memory_of_current": GIB}, 3072),
        ({"memory_of_max": "max", "memory_of_current": GIB}, 8192),
        ({"memory_of_max": 64 * GIB, "memory_of_current": GIB}, 8192),
        ({"memory_of_max": GIB, "memory_of_current": 2 * GIB}, 0),
        ({"memory__memory_of_limit_in_bytes": 2 * GIB, "memory__memory_of_usage_in_bytes": GIB}, 1024),
        ({"memory_of_max": 4 * GIB}, 8192),
        ({**HALF_USED, "memory_of_stat": f"anon 5\ninactive_file {GIB}\nactive_file 7"}, 3072),
        ({**HALF_USED, "memory_of_stat": "anon 5"}, 2048),
        ({**HALF_USED_V1, "memory__memory_of_stat": f"inactive_file 0\ntotal_inactive_file {GIB}"}, 3072),
    ],
)
def test_a_container_may_have_less(memory, files, expected):
    """In either version of cgroups; what cannot be read bounds nothing, nor do files that the kernel can drop."""
    assert memory(8 * 1024**2, **files) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 8),
        ({"cpu_of_max": "150000 100000"}, 1.5),
        ({"cpu_of_max": "200000 100000"}, 2),
        ({"cpu_of_max": "max 100000"}, 8),
        ({"cpu_of_max": "1600000 100000"}, 8),
        ({"cpu__cpu_of_cfs_quota_us": 50000, "cpu__cpu_of_cfs_period_us": 100000}, 0.5),
        ({"cpu__cpu_of_cfs_quota_us": -1, "cpu__cpu_of_cfs_period_us": 100000}, 8),
        ({"cpu__cpu_of_cfs_quota_us": 50000}, 8),
    ],
)
def test_a_container_may_have_a_part_of_the_cpus(tmp_path, monkeypatch, files, expected):
    """In either version of cgroups."""
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(8)))
    write_cgroup(tmp_path, files)
    assert machine._cpus(tmp_path) == expected


def test_this_machine_keeps_some_for_itself():
    """What an environment can have is less than what there is."""
    found = this_machine()
    assert 0 < found.memory_mib < machine._available_mib()
    assert found.cpus >= 1


def test_another_system_is_refused(monkeypatch):
    """By its name."""
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(UnfitMachineError, match="win32"):
        this_machine()
