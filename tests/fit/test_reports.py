"""What is told of measurements: nothing is hidden, whatever they were."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_lmi.fit import json as json_report
from cdk_lmi.fit import text as text_report
from cdk_lmi.fit.machine import Machine
from cdk_lmi.fit.measurement import Exhausted, Measurement
from cdk_lmi.fit.outcome import Fit
from cdk_lmi.fit.plot import plot
from cdk_lmi.local import Hazard
from cdk_lmi.rules.facts import Facts

from .test_choice import measured

MACHINE = Machine(python="3.14.2", architecture="x86_64", cpus=8, host_cpus=8, memory_mib=65536)
QUOTA = replace(MACHINE, cpus=1.5, host_cpus=64)
SHARED = Hazard(kind="shared-file", seen="/tmp/x", processes=(1, 2), count=9, message="2 processes wrote /tmp/x")


def fitted(*outcomes, **fields):
    """A fit of these."""
    given = {"machine": MACHINE, "memory_size": 32768, "headroom": 20.0, **fields}
    return Fit(handler="app.handler", task_root="/shop/code", events=1, outcomes=outcomes, **given)


RAN_OUT = Exhausted(concurrency=64, memory_size=20000, used_mib=20100, reason="FunctionError.InitResourceExhausted")


def test_what_ran_out_of_memory_is_told_and_what_was_not_tried():
    """In the table, and for programs; with that this machine had less than AWS gives."""
    fit = fitted(measured(16, 6000), RAN_OUT, not_tried=(128,), memory_size=20000)
    text = text_report.report(fit)
    rows = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert "20100" in rows["64"]
    assert "InitResourceExhausted" in rows["64"]
    assert "not tried" in rows["128"]
    assert "this machine had 20000 MiB" in text
    found = json.loads(json_report.report(fit, "1.2.3"))
    assert found["outcomes"][1]["used_mib"] == 20100
    assert found["not_tried"] == [128]
    assert found["tool"]["version"] == "1.2.3"


def test_nothing_measured_is_told():
    """Where the lowest concurrency ran out of memory."""
    fit = fitted(RAN_OUT)
    assert not fit.is_clean
    assert "no size" in text_report.report(fit)
    assert json.loads(json_report.report(fit, ""))["recommendation"] is None


def test_rules_against_every_size_are_told_as_such():
    """And not as sizes that are too small."""
    text = text_report.report(fitted(measured(1025)))
    assert "no size is large enough" not in text
    assert "AWS refuses every size" in text
    assert "cdk-lmi explain LMI202" in text


def test_a_size_that_is_warned_of_is_told_with_the_rule():
    """In both reports."""
    fit = fitted(measured(257, 9000))
    assert fit.is_clean
    assert "cdk-lmi explain LMI203" in text_report.report(fit)
    assert "LMI203" in str(json.loads(json_report.report(fit, ""))["recommendation"]["reasons"])


@pytest.mark.parametrize(
    ("fit", "told", "is_told"),
    [
        (fitted(measured(8, busy=7.5)), "all CPUs of this machine", True),
        (fitted(measured(8, busy=6)), "all CPUs of this machine", False),
        (fitted(replace(measured(8), v_cpus_busy_elsewhere=1.0)), "up to 1.00 CPUs", True),
        (fitted(replace(measured(8), v_cpus_busy_elsewhere=0.7)), "other work", False),
        (fitted(replace(measured(8), v_cpus_busy_elsewhere=20), machine=QUOTA), "other work kept", False),
        (fitted(measured(8), machine=QUOTA), "1.5 CPUs of the 64 of the host", True),
        (fitted(measured(8), machine=QUOTA), "with 1.5 CPUs", True),
        (fitted(measured(8, busy=1.4), machine=QUOTA), "all CPUs of this machine", True),
        (fitted(measured(8)), "this machine had", False),
        (fitted(measured(8)), "python3", False),
        (fitted(measured(8), machine=replace(MACHINE, python="3.12.9")), "python3.13", True),
        (fitted(measured(8), machine=replace(MACHINE, python="3.13.0")), "python3.13", False),
        (fitted(replace(measured(8), server_errors=3)), "3 answers", True),
        (fitted(measured(8)), "answers with", False),
        (fitted(measured(8), unset_environment=("TABLE\x1b",)), "TABLE\\x1b", True),
        (fitted(replace(measured(8), hazards=(SHARED,))), "2 processes wrote /tmp/x", True),
    ],
)
def test_what_the_figures_rest_on_is_told_where_it_matters(fit, told, is_told):
    """And nowhere else."""
    assert (told in text_report.report(fit)) == is_told


def test_the_runtime_of_a_template_does_nothing_to_a_terminal():
    """Whatever it is."""
    fit = fitted(measured(8))
    fit.__dict__["facts"] = Facts(runtime="python3.13\x1b[2J")
    text = text_report.report(fit)
    assert "\x1b" not in text
    assert "python3.13\\x1b[2J" in text


def test_a_hazard_is_told_once():
    """As it was at the highest concurrency; programs get it for each."""
    more = replace(SHARED, processes=(1, 2, 3), message="3 processes wrote /tmp/x")
    fit = fitted(replace(measured(2), hazards=(SHARED,)), replace(measured(3), hazards=(more,)))
    text = text_report.report(fit)
    assert "3 processes wrote" in text
    assert "2 processes wrote" not in text
    hazards = [each["hazards"] for each in json.loads(json_report.report(fit, ""))["outcomes"]]
    assert [[hazard["processes"] for hazard in each] for each in hazards] == [[2], [3]]


@pytest.mark.parametrize(
    ("measurement", "told"),
    [
        (measured(1, peak=40), ["no smaller size fits"]),
        (
            measured(64, peak=600),
            ["which 2048 MiB would be enough, but 6144 MiB has rules", "64 processes (see cdk-lmi explain LMI203)"],
        ),
        (
            measured(4, peak=40, busy=5.5),
            ["which 2048 MiB would be enough, but 10240 MiB has too few vCPUs for 5.50 busy"],
        ),
    ],
)
def test_what_bounds_a_size_is_told(measurement, told):
    """The memory, the processes per vCPU, or the vCPUs."""
    (line,) = [line for line in text_report.report(fitted(measurement)).splitlines() if "  memory: " in line]
    assert all(part in line for part in told), line
    assert ("LMI" in line, "busy" in line) == ("LMI" in "".join(told), "busy" in "".join(told))


def test_what_differs_in_its_figures_only_is_one_hazard():
    """As it was at the highest concurrency; two files stay two."""
    little = Hazard(kind="ephemeral-storage", seen="600 MiB", processes=(), count=1, message="/tmp held 600 MiB")
    much = replace(little, seen="700 MiB", message="/tmp held 700 MiB")
    other = replace(SHARED, seen="/tmp/x2", message="2 processes wrote /tmp/x2")
    text = text_report.report(
        fitted(replace(measured(2), hazards=(little, SHARED)), replace(measured(3), hazards=(much, other)))
    )
    assert ("600 MiB" in text, "700 MiB" in text) == (False, True)
    assert text.count("processes wrote") == 2


def test_a_percentile_of_few_is_called_the_slowest():
    """In the table, the picture, and for programs."""
    few, enough = replace(measured(2), invocations=99), measured(4)
    fit = fitted(few, enough)
    assert text_report.report(fit).count("200 slowest") == 1
    assert b"slowest 200 ms" in plot(fit, ".svg")
    assumed = json.loads(json_report.report(fit, ""))["assumptions"]
    assert [line for line in assumed if "slowest" in line] == [
        "p99 at concurrency 2 is the slowest of fewer than 100 answers: the real p99 may be higher"
    ]


def test_colours_are_for_terminals():
    """The same text, and no more."""
    fit = fitted(measured(8))
    assert "\x1b[" not in text_report.report(fit)
    assert "\x1b[1mthe smallest size that fits\x1b[0m" in text_report.report(fit, colour=True)


def test_the_table_lines_up():
    """Its columns end where their heads do, whatever the figures."""
    small, large = measured(1, 10, 0.01, 3.21), measured(1600, 31000, 15.97, 123456.7)
    lines = text_report.report(fitted(small, large)).splitlines()[3:7]
    assert len({len(line) for line in lines}) == 1


measurements = st.builds(
    measured,
    concurrency=st.integers(1, 1600),
    peak=st.floats(1, 100_000),
    busy=st.floats(0, 100),
    throughput=st.floats(0.01, 100_000),
)


@pytest.mark.filterwarnings("error")
@settings(max_examples=6)
@given(st.lists(measurements, min_size=1, max_size=6, unique_by=lambda each: each.concurrency), st.booleans())
def test_whatever_was_measured_can_be_drawn_and_told(found, ran_out):
    """Every concurrency, in a picture that is the same for the same figures."""
    outcomes = sorted(found, key=lambda each: each.concurrency)
    more = [replace(RAN_OUT, concurrency=1601)] if ran_out else []
    fit = fitted(*outcomes, *more)
    picture = plot(fit, ".svg")
    assert picture == plot(fit, ".svg")
    texts = [element.text for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]
    assert ("ran out of memory" in texts) == ran_out
    assert str(outcomes[0].concurrency) in texts
    rows = [line.split()[0] for line in text_report.report(fit).splitlines()[5:] if line.strip()]
    assert rows[: len(outcomes)] == [str(each.concurrency) for each in outcomes]
    found_again = json.loads(json_report.report(fit, ""))["outcomes"][: len(outcomes)]
    assert [each["memory_peak_mib"] for each in found_again] == [each.memory_peak_mib for each in outcomes]


@pytest.mark.parametrize(("peak", "drawn"), [(50, [2048]), (5000, [2048, 4096, 6144]), (30_000, [8192, 16384, 32768])])
def test_the_sizes_in_reach_are_drawn(peak, drawn):
    """Those that are far below what was measured are not: their labels would stand beside no line."""
    picture = ElementTree.fromstring(plot(fitted(measured(4, peak=peak)), ".svg"))
    texts = [str(element.text) for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    labels = [match for text in texts if (match := re.match(r"(\d+) MiB( chosen)?: ", text))]
    assert sorted(int(label[1]) for label in labels) == drawn


def test_a_name_is_no_formula():
    """A dollar in a handler's name is drawn."""
    fit = replace(fitted(measured(4)), handler="a$b$.handler")
    assert b"a$b$.handler" in plot(fit, ".svg")


def test_a_measurement_needs_its_peak_and_the_headroom():
    """Rounded up: half a MiB more does not hold."""
    assert measured(1, peak=100).memory_needed_mib(0) == 100
    assert measured(1, peak=100).memory_needed_mib(20) == 120
    assert measured(1, peak=100.1).memory_needed_mib(0) == 101
    assert isinstance(measured(1), Measurement)
