"""How much memory there is to measure with."""

import pytest

from cdk_lmi.fit import machine
from cdk_lmi.fit.machine import UnfitMachineError, this_machine

GIB = 1024**3


@pytest.fixture
def memory(tmp_path):
    """Give the MiB of a machine with this memory, whose container may have a limit."""

    def available(meminfo_kib, **cgroup):
        (tmp_path / "meminfo").write_text(f"MemTotal:  99999999 kB\nMemAvailable:  {meminfo_kib} kB\n")
        for name, value in cgroup.items():
            path = tmp_path / name.replace("__", "/").replace("_of_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{value}\n")
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
    ],
)
def test_a_container_may_have_less(memory, files, expected):
    """In either version of cgroups; what cannot be read bounds nothing."""
    assert memory(8 * 1024**2, **files) == expected


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
