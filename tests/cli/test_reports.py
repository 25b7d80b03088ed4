"""What is reported, in each format."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi.reports.printable import printable
from cdk_lmi.rules.catalogue import RULES

from .conftest import ONE, function, template

SARIF = jsonschema.Draft4Validator(
    json.loads(Path(__file__).with_name("data").joinpath("sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
)
HOSTILE = "Fn\x1b[2J\x07\ud800\u202egnp\n::error::x\u2028\x85\u200f,:%"
#: Terminals, GitHub's runner and readers of text act on these.
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture
def checked(run, write, synthesised):
    """Check a cloud assembly, a file with a warning too, and one that cannot be read; the report in a format."""

    def report(format, *more, paths=None):
        write("bad.json", '{"Resources": ')
        write("warned.json", template(Fn=function(2048, FunctionScalingConfig=ONE)))
        write("clean.json", template(Fn=function(4096)))
        return run("check", "--format", format, *more, *(paths or [synthesised, "warned.json", "bad.json"]))

    return report


def test_text_tells_each_violation_in_its_place(run, write):
    """Template, line and column, logical id, construct path, and what the violation itself says."""
    fn = {**function(), "Metadata": {"aws:cdk:path": "Shop/Fn/Resource"}}
    path = write("shop.json", template(Fn=fn))
    ran = run("check", path)
    line = path.read_text().splitlines().index('        "MemorySize": 1000,') + 1
    heading, place, violation = ran.out.splitlines()[:3]
    assert heading == "shop.json"
    assert place.split() == [f"{line}:9", "Fn", "(Shop/Fn/Resource)"]
    assert violation.startswith("    LMI101 MemorySize must ")
    assert "fix: set MemorySize: 2048" in ran.out


def test_text_leaves_out_what_was_acknowledged(checked):
    """It is counted, and told to programs."""
    report = checked("text").out
    assert "(Shop/Fn)" in report
    assert "(Shop/Dev)" not in report


@pytest.mark.parametrize(
    ("paths", "numbers"),
    [
        (["clean.json"], [0, 0, 0, 1]),
        (["warned.json"], [0, 1, 0, 1]),
        (None, [3, 1, 3, 6, 1]),
        (["bad.json"], [0, 0, 0, 0, 1]),
    ],
)
def test_text_ends_with_the_numbers(checked, paths, numbers):
    """Errors, warnings, acknowledged, templates, and what could not be read."""
    assert list(map(int, re.findall(r"\d+", checked("text", paths=paths).out.splitlines()[-1]))) == numbers


def test_json_tells_everything(checked):
    """The same in a structure, with what was acknowledged and why."""
    ran = checked("json")
    report = ran.json
    assert report["version"] == 1
    assert report["summary"] == {
        "templates": 6,
        "errors": 3,
        "warnings": 1,
        "acknowledged": 3,
        "ignored": 0,
        "checked_in_part": 0,
        "unreadable": 1,
    }
    results = [result for each in report["templates"] for result in each["results"]]
    assert {result["construct_path"]: result["acknowledged"] for result in results} == {
        "Shop/Fn": None,
        "Shop/Dev": "a try",
        "Shop/Nested/Fn": "small on purpose",
        "Shop/Nested/Deeper/Fn": "small on purpose",
        "Shop/Other/Fn": None,
        "Prod/Shop/Fn": None,
        None: None,
    }
    assert {"LMI101": "error", "LMI305": "warning"}.items() <= {r["id"]: r["severity"] for r in results}.items()
    (unreadable,) = report["unreadable"]
    assert (unreadable["path"], unreadable["line"], unreadable["column"]) == ("bad.json", 1, 15)
    result = next(result for result in results if result["id"] == "LMI101")
    assert result["locations"][0] == "/Resources/Fn/Properties/MemorySize" or result["resource"] == "Dev"
    assert result["source"].startswith("https://")


@pytest.mark.parametrize("paths", [None, ["clean.json"], ["bad.json"], ["warned.json", "clean.json"]], ids=str)
def test_sarif_is_valid(checked, paths):
    """By its schema, whatever was found or could not be read."""
    ran = checked("sarif", paths=paths)
    SARIF.validate(ran.json)
    (run,) = ran.json["runs"]
    assert run["invocations"][0]["executionSuccessful"] is (ran.code != 2)
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == (ran.code == 2)


def test_sarif_tells_everything(checked):
    """Rules with their pages; results with place, construct and, where acknowledged, the suppression."""
    (run,) = checked("sarif").json["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    assert len({rule["name"] for rule in rules}) == len(rules)
    results = run["results"]
    assert len(results) == 7
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] > 1
    reasons = sorted(each["justification"] for result in results for each in result["suppressions"])
    assert reasons == ["a try", "small on purpose", "small on purpose"]
    below = next(r for r in results if r["ruleId"] == "LMI305")["locations"][0]
    assert below["physicalLocation"]["artifactLocation"] == {"uri": "warned.json", "uriBaseId": "%SRCROOT%"}
    elsewhere = next(r for r in results if r["suppressions"])["locations"][0]
    assert elsewhere["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///")
    assert "Shop/Dev" in {location.get("fullyQualifiedName") for location in elsewhere["logicalLocations"]}


def test_file_names_are_uris_in_sarif(run, write):
    """With what may not stand in one escaped."""
    write("a b/é#%.json", template())
    (result,) = run("check", "a b/é#%.json", "--format", "sarif").json["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%A9%23%25.json"


def test_fingerprints_outlast_moved_lines(run, write):
    """They follow the resource, and tell apart what is of several."""

    def fingerprints(**resources):
        write("shop.json", template(**resources))
        results = run("check", "shop.json", "--format", "sarif").json["runs"][0]["results"]
        return [(result["locations"], result["partialFingerprints"]) for result in results]

    (before,) = fingerprints(Fn=function())
    first, second = fingerprints(Another=function(), Fn=function())
    assert before[1] == second[1]
    assert before[0] != second[0]
    assert first[1] != second[1]


def test_github_annotates(checked):
    """One command a line for what is open, at its place; what could not be read too."""
    lines = checked("github", paths=["warned.json", "bad.json"]).out.splitlines()
    assert len(lines) == 2
    assert re.fullmatch(
        r"::warning file=warned\.json,line=\d+,col=\d+,title=LMI305 Fn::.+%0Afix: .+%0Asee: .+", lines[0]
    )
    assert lines[1].startswith("::error file=bad.json,line=1,col=15,")
    assert len(checked("github").out.splitlines()) == 5


def test_github_commands_are_escaped(run, write):
    """As GitHub's toolkit does: properties end at a comma or a colon, and a name may hold either."""
    path = write("a,b:c%.json", template(**{"F%n:,": function()}))
    (line,) = run("check", path, "--format", "github").out.splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac%25.json,")
    assert "title=LMI101 F%25n%3A%2C::" in line


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
def test_names_in_templates_do_nothing(run, write, format):
    """Control characters, escapes, lone surrogates and marks of direction are spelled out, in the output and errors."""
    hostile = {**function(), "Metadata": {"aws:cdk:path": HOSTILE}}
    write("a.json", template(**{HOSTILE: hostile}))
    write("b.json", '{"a": 1, "\\u001b[2J\\ud800": 2, "\\u001b[2J\\ud800": 3}')
    write("c/manifest.json", {"version": "1", "artifacts": {HOSTILE: {"type": "aws:cloudformation:stack"}}})
    ran = run("check", "a.json", "b.json", "c", "--format", format)
    assert ran.code == 2
    for written in (ran.out, ran.err):
        assert written
        assert not ACTIVE.search(written)
        assert not any(line.startswith("::error::x") for line in written.splitlines())
    assert "LMI101" in ran.out


@given(st.text() | st.text(st.sampled_from("a\x00\x1b\x85\u2028\u202e\ud800\udfff")))
def test_printable_text_does_nothing(text):
    """And is left alone where it does nothing anyhow."""
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e\ud800-\udfff]", printable(text))
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize(
    ("terminal", "environment", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_only(run, write, monkeypatch, terminal, environment, colour):
    """And only where the user has nothing against it."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal, raising=False)
    path = write("shop.json", template())
    assert ("\x1b[" in run("check", path).out) is colour
    assert "\x1b[" not in run("check", path, "--output", "report.txt").out + Path("report.txt").read_text()


def test_sarif_tells_severities_and_keeps_results_apart(run, write):
    """A warning is a warning, in the result and in its rule; the same rule twice is two results, in each file anew."""
    resources = {"One": function(2048, FunctionScalingConfig=ONE), "Two": function(), "Three": function()}
    for name in ("a.json", "b.json"):
        write(name, template(**resources))
    (log,) = run("check", "a.json", "b.json", "--format", "sarif").json["runs"]
    found = log["results"]
    assert sorted((result["ruleId"], result["level"]) for result in found) == [
        *[("LMI101", "error")] * 4,
        *[("LMI305", "warning")] * 2,
    ]
    rules = log["tool"]["driver"]["rules"]
    for result in found:
        rule = rules[result["ruleIndex"]]
        assert (rule["id"], rule["defaultConfiguration"]["level"]) == (result["ruleId"], result["level"])
    assert len({str(result["partialFingerprints"]) for result in found}) == len(found)
    assert log["columnKind"] == "unicodeCodePoints"


def test_sarif_names_a_file_from_the_directory_on(run, write, tmp_path):
    """However it was asked for, where it is below the directory."""
    write("shop.json", template())
    (log,) = run("check", tmp_path / "shop.json", "--format", "sarif").json["runs"]
    location = log["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (location["uri"], location["uriBaseId"]) == ("shop.json", "%SRCROOT%")


def test_every_report_tells_what_a_transform_has_yet_to_expand(run, write):
    """Each in its own way, with the place, and with nothing in it that acts; it is no error."""
    sam = {"Type": "AWS::Serverless::Function"}
    write("t.json", template(**{f"Fn::ForEach::{HOSTILE}": ["Name", ["A"], {}], "Sam": sam, "Other": sam}))
    names = [f"Fn::ForEach::{printable(HOSTILE)}", "AWS::Serverless resources"]
    ran = run("check", "t.json")
    assert not ACTIVE.search(ran.out + ran.err)
    assert all(name in ran.err for name in names)
    assert "1 checked in part" in ran.out
    report = run("check", "t.json", "--format", "json").json
    assert report["summary"]["checked_in_part"] == 1
    assert report["templates"][0]["unread"] == [
        {"name": name, "line": line, "column": 5} for name, line in zip(names, [3, 10], strict=True)
    ]
    sarif = run("check", "t.json", "--format", "sarif", "--strict").json
    SARIF.validate(sarif)
    (invocation,) = sarif["runs"][0]["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, 1)
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["warning", "warning"]
    assert all(name in str(invocation) for name in ("AWS::Serverless", "Fn::ForEach"))
    lines = run("check", "t.json", "--format", "github").out.splitlines()
    assert [line.partition(",title")[0] for line in lines] == [
        f"::warning file=t.json,line={line},col=5" for line in (3, 10)
    ]
