"""``cdk-lmi explain``, given what AWS says."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_lmi.failures.catalogue import FAILURES
from cdk_lmi.rules.catalogue import RULES

RATIO = "Memory ratio of 8192.0MB per CPU exceeds function's total memory"
LATEST = "$LATEST.PUBLISHED failed to enter successful state"


def headings(ran):
    """The first line of each explanation."""
    ids = {failure.id for failure in FAILURES} | {rule.id for rule in RULES}
    return [line.split()[0] for line in ran.out.splitlines() if line.split()[:1] and line.split()[0] in ids]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.id)
def test_every_failure_is_explained(run, failure):
    """With all there is to say of it, the rules that tell of it before, its sources and their dates."""
    ran = run("explain", failure.id)
    assert (ran.code, ran.err) == (0, "")
    told = " ".join(ran.out.split())
    for text in (failure.title[1:], failure.meaning, failure.cause, *failure.checks, *failure.fixes):
        assert " ".join(text.replace("``", "").split()) in told
    for rule in RULES:
        assert (f"{rule.id} {rule.slug}" in told) == (rule.id in failure.rules)
    for source in failure.sources:
        assert f"{source.address} (read {source.read})" in told
    assert failure.basis.value in told
    assert "``" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "stdin", "explained"),
    [
        (["FunctionError.InitTimeout"], "", ["FunctionError.InitTimeout"]),
        (["failed"], "", ["Failed"]),
        (["\x1b[31mFunctionErrorInitTimeout\x1b[39m"], "", ["FunctionError.InitTimeout"]),
        (["-"], '{"StatusCode": 200, "FunctionError": "Unhandled"}', ["Unhandled"]),
        ([RATIO], "", ["memory-below-ratio"]),
        (RATIO.split(), "", ["memory-below-ratio"]),
        (LATEST.split(), "", ["latest-published-failed"]),
        (["-"], RATIO, ["memory-below-ratio"]),
        (["-"], '{"message":"Too Many Requests"}\n', ["api-gateway-throttled"]),
        (["-"], json.dumps({"State": "Failed", "StateReasonCode": "KMSKeyNotFound"}), ["KMSKeyNotFound"]),
        (["-"], "\ufeff" + RATIO, ["memory-below-ratio"]),
        (["-"], RATIO.encode("utf-16"), ["memory-below-ratio"]),
        (["-"], b"\xff\x00 " + RATIO.encode(), ["memory-below-ratio"]),
        (["LMI104", "InsufficientCapacity", "lmi104"], "", ["LMI104", "InsufficientCapacity"]),
        (["InsufficientCapacity", "-"], RATIO, ["InsufficientCapacity", "memory-below-ratio"]),
        (["-"], "LMI104 memory_size must be at least 4096 MiB", ["LMI104"]),
    ],
)
def test_what_is_asked_for_is_explained(run, arguments, stdin, explained):
    """Codes, messages, whole answers; as arguments, without quotes, or from standard input; each once."""
    ran = run("explain", *arguments, stdin=stdin)
    assert (ran.code, headings(ran)) == (0, explained)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.id)
def test_programs_are_told_of_every_failure(run, failure):
    """All that people are told, as it is."""
    ran = run("explain", "--format", "json", failure.id)
    assert (ran.code, ran.err) == (0, "")
    (told,) = json.loads(ran.out)["explanations"]
    assert told.pop("kind") == "failure"
    assert told == {
        "id": failure.id,
        "title": failure.title,
        "meaning": failure.meaning,
        "cause": failure.cause,
        "checks": list(failure.checks),
        "fixes": list(failure.fixes),
        "rules": list(failure.rules),
        "basis": failure.basis.value,
        "sources": [{"address": source.address, "read": source.read} for source in failure.sources],
    }


def test_programs_are_told_of_rules_and_failures_in_order(run):
    """Each with its kind; of a rule what the list of rules has of it."""
    told = json.loads(run("explain", "InsufficientCapacity", "LMI104", "--format", "json").out)
    assert told["version"] == 1
    assert [(each["kind"], each["id"]) for each in told["explanations"]] == [
        ("failure", "InsufficientCapacity"),
        ("rule", "LMI104"),
    ]
    listed = json.loads(run("rules", "--format", "json").out)["rules"]
    rule = next(rule for rule in listed if rule["id"] == "LMI104")
    assert told["explanations"][1] == {"kind": "rule", **rule}


def test_programs_are_told_nothing_of_what_is_not_known(run):
    """The error is the same as for people."""
    ran = run("explain", "--format", "json", "no idea what")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


@pytest.mark.parametrize(
    ("arguments", "stdin", "near"),
    [
        (["InsuficientCapacity"], "", "InsufficientCapacity"),
        (["KMSKey"], "", "KMSKeyNotFound"),
        (["memory-below-one-vcp"], "", "memory-below-one-vcpu"),
        (["-"], "memory of the CPU is above the ratio", "known here"),
        (["no", "idea", "what"], "", "known here"),
        (["LMI104", "whatever"], "", ""),
        (["LMI104", "is", "what", "it", "said"], "", ""),
        (["-"], "", ""),
        (["-"], b"\n \xef\xbb\xbf", ""),
        (["-"], "x" * (1024 * 1024 + 1), ""),
        (["\x1b[2Jwhat\u202e"], "", ""),
        ([""], "", ""),
    ],
)
def test_what_is_not_known_is_wrong_use(run, arguments, stdin, near):
    """With what is nearest, in one line with nothing in it that does something; nothing is explained."""
    ran = run("explain", *arguments, stdin=stdin)
    assert (ran.code, ran.out) == (2, "")
    assert near in ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.err.rstrip("\n").isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "CREATE_FAILED",
        "The security token included in the request is invalid",
        "Rollback requested by user",
        "expected memory below one vcpu",
        "Resource limit exceeded for the account",
        "[AWS::Lambda::EventSourceMapping] is missing required property: startingPosition",
        "Runtime Enum python3.9 does not support specified feature: SnapStart",
    ],
)
def test_what_is_of_something_else_is_said_to_be_so(run, text):
    """No name is guessed; it says what to do instead."""
    ran = run("explain", text)
    assert (ran.code, ran.out) == (2, "")
    assert "no message about Managed Instances that is known here" in ran.err
    assert "did you mean" not in ran.err
    assert "the first resource that failed" in ran.err


@pytest.mark.parametrize(
    ("id", "near"),
    [
        ("lmi999", set()),
        ("LMI0", set()),
        ("LMI140", {"LMI104", "LMI401", "LMI410"}),
        ("LMI10", {"LMI101", "LMI102", "LMI103"}),
        ("LMI1101", {"LMI101"}),
    ],
)
def test_other_digits_are_no_guess(run, id, near):
    """What is near to an id has its digits in another order, or one digit that is another."""
    ran = run("explain", id)
    assert ran.code == 2
    assert {rule.id for rule in RULES if rule.id in ran.err} == near


def test_a_closed_standard_input_is_told():
    """As under a scheduler."""
    script = "import sys; sys.stdin = None; from cdk_lmi.cli import main; sys.exit(main(['explain', '-']))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="the pipe is a shell's")
def test_it_is_quick_and_starts_no_node():
    """Nor loads more than it tells of."""
    script = (
        "import sys\nfrom cdk_lmi.cli import main\nmain(['explain', 'InsufficientCapacity'])\n"
        "print([name for name in ('jsii', 'aws_cdk', 'constructs', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.lists(st.text(max_size=30).filter(lambda text: not text.startswith("-")) | st.just("-"), min_size=1, max_size=4),
    st.binary(max_size=80) | st.sampled_from([RATIO, LATEST, "LMI104"]).map(str.encode),
)
def test_whatever_is_asked_for_an_answer_comes(run, arguments, stdin):
    """Never a traceback, and an exit code that is one of ours."""
    ran = run("explain", *arguments, stdin=stdin)
    assert ran.code in (0, 2)
    assert bool(ran.out) == (ran.code == 0)
