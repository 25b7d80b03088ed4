"""The command line: what is asked for, and what comes of it."""

import io
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_lmi import cli, terminal
from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.template.properties import PROPERTIES
from cdk_lmi.template.publication import CALLERS

from .conftest import ONE, function, template

COMMAND = [sys.executable, "-m", "cdk_lmi"]


@pytest.fixture
def files(write):
    """One of each: with an error, with a warning, with nothing, and not readable."""
    write("error.json", template())
    write("warning.json", template(Fn=function(2048, FunctionScalingConfig=ONE)))
    write("clean.json", template(Fn=function(4096)))
    write("empty.json", template(Topic={"Type": "AWS::SNS::Topic"}))
    write("bad.json", "{")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("clean.json", 0),
        ("empty.json", 0),
        ("error.json", 1),
        ("warning.json", 0),
        ("warning.json --strict", 1),
        ("warning.json --strict --ignore LMI305", 0),
        ("error.json clean.json", 1),
        ("bad.json", 2),
        ("bad.json error.json", 2),
        ("missing.json clean.json", 2),
        ("error.json --ignore LMI101", 0),
        ("error.json --ignore lmi101 --ignore Memory-Below-One-VCPU", 0),
        ("error.json --ignore memory-below-minimum", 0),
        ("error.json --ignore LMI102", 1),
        ("clean.json --ignore LMI999", 2),
        ("clean.json --form json", 2),
        ("clean.json --format xml", 2),
        ("clean.json --output missing/report.txt", 2),
        (".", 2),
        ("", 2),
    ],
)
def test_the_exit_code_tells(run, files, arguments, code):
    """Nothing to mend, something to mend, or nothing that can be said; the last goes before."""
    assert run("check", *arguments.split()).code == code


def test_what_cannot_be_read_keeps_nothing_from_being_checked(run, files):
    """Each problem is told by its path, on standard error; the report is of the others."""
    ran = run("check", "missing.json", "error.json", "bad.json", ".")
    assert [line.split(": ")[:2] for line in ran.err.splitlines()] == [
        ["cdk-lmi", "missing.json"],
        ["cdk-lmi", "bad.json"],
        ["cdk-lmi", "."],
    ]
    assert "LMI101" in ran.out


@pytest.mark.parametrize("content", [json.dumps(template()), "Resources:\n  Fn: " + json.dumps(function())])
def test_standard_input_is_a_template(run, content):
    """In JSON or YAML, once."""
    ran = run("check", "-", "-", stdin=content)
    assert ran.code == 1
    assert ran.out.count("LMI101") == 1


def test_the_same_template_is_checked_once(run, files):
    """By whatever name it goes."""
    Path("link.json").symlink_to("error.json")
    ran = run("check", "error.json", "./error.json", Path("error.json").resolve(), "link.json")
    assert ran.out.count("LMI101") == 1


def test_acknowledgments_hold_for_a_template_of_an_assembly_by_itself(run, synthesised):
    """Whether the assembly is named, one template of it, or both: each is judged once."""
    assembly = run("check", synthesised, "--format", "json").json["summary"]
    assert (assembly["errors"], assembly["acknowledged"]) == (3, 3)
    files = sorted(synthesised.rglob("*.template.json"))
    assert run("check", *files, "--format", "json").json["summary"] == assembly
    assert run("check", files[0], synthesised, *files, "--format", "json").json["summary"] == assembly


def test_an_assembly_with_no_stack_is_no_success(run, write):
    """Nothing was checked."""
    write("cdk.out/manifest.json", {"version": "1", "artifacts": {}})
    assert run("check", "cdk.out").code == 2


def test_a_stack_without_resources_is_clean(run, write):
    """CDK writes such templates."""
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "a.json"}}
    write("cdk.out/manifest.json", {"version": "1", "artifacts": {"A": artifact}})
    write("cdk.out/a.json", {"Parameters": {}})
    assert run("check", "cdk.out").code == 0


def test_the_report_can_go_to_a_file(run, files):
    """Then it is not on standard output."""
    ran = run("check", "error.json", "--format", "json", "--output", "report.json")
    assert (ran.code, ran.out) == (1, "")
    assert json.loads(Path("report.json").read_text())["summary"]["errors"] == 1


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
def test_what_a_report_in_a_file_comes_to_is_told(run, write, format):
    """Why else the exit code is 1, nobody would see."""
    noted = {**function(1000), "Metadata": {"cdk-lmi": {"acknowledge": {"LMI101": "a try"}}}}
    write("t.json", template(A=function(), B=function(2048, FunctionScalingConfig=ONE), C=noted))
    ran = run("check", "t.json", "--format", format, "--output", "report")
    assert (ran.code, ran.out) == (1, "")
    (line,) = ran.err.splitlines()
    assert all(count in line for count in ("1 error", "1 warning", "1 acknowledged"))
    assert "\x1b" not in line
    assert run("check", "t.json", "--format", format).err == ""


@pytest.mark.parametrize(
    ("argv", "usage", "near"),
    [
        (["check", "t.json", "--strictt"], "check", "--strict"),
        (["check", "t.json", "--formats=json"], "check", "--format"),
        (["size", "--rte", "5"], "size", "--rate"),
        (["size", "--memory-per-process", "200", "--rte", "5", "--duration", "1"], "size", "--rate"),
        (["fit", "app:handler", "--evnt", "event.json"], "fit", "--event"),
        (["check", "t.json", "--\x1b[2J"], "check", None),
        (["check", "t.json", "-z"], "check", None),
        (["rules", "LMI101"], "rules", None),
        (["--versions"], "", "--version"),
    ],
)
def test_an_option_that_there_is_none_of_is_told_with_the_usage_of_its_command(run, argv, usage, near):
    """And with the one that is meant, even where that is asked for."""
    ran = run(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"usage: cdk-lmi {usage}".rstrip() + " [-h]")
    told = ran.err.splitlines()[-1]
    assert told.partition("did you mean ")[2].rstrip("?") == (near or "")
    assert "\x1b" not in ran.err
    assert "required" not in told


def test_what_looks_like_an_option_may_be_a_name(run, write):
    """After ``--``; and help is given whatever stands beside it."""
    write("--strictt", template())
    assert run("check", "--", "--strictt").code == 1
    assert run("check", "--strictt", "--help").code == 0


@pytest.mark.parametrize(
    "argv",
    [
        ["check", ""],
        ["check", "t.json", ""],
        ["check", "t.json", "--output", ""],
        ["diagram", ""],
        ["diagram", "t.json", "--output="],
        ["fit", "app:handler", "--event", ""],
        *(["fit", "app:handler", "--event", "t.json", option, ""] for option in ("--task-root", "--template")),
        *(["fit", "app:handler", "--event", "t.json", option, ""] for option in ("--output", "--plot")),
        ["size", "--memory-per-process", "200", "--rate", "5", "--duration", "1", "--prices", ""],
    ],
    ids=" ".join,
)
def test_an_empty_path_is_told_as_what_it_is(run, write, argv):
    """What a shell makes of a variable that is not set is neither the working directory nor left out."""
    write("t.json", template(Fn=function(4096)))
    ran = run(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert "empty" in ran.err
    assert "variable" in ran.err
    assert "directory" not in ran.err.splitlines()[-1]


@pytest.mark.parametrize("content", ["", " \n\t"])
def test_a_file_with_nothing_in_it_is_told_in_the_same_words(run, write, content):
    """Whoever reads it."""
    write("nothing.json", content)
    size = ["size", "--memory-per-process", "200", "--rate", "5", "--duration", "1"]
    for argv in (["check"], ["diagram"], ["fit", "app:handler", "--event"], [*size, "--prices"]):
        ran = run(*argv, "nothing.json")
        assert ran.code == 2
        assert ran.err.splitlines()[0].endswith("nothing.json: is empty")


@pytest.mark.parametrize("name", ["LMI104", "lmi104", "memory-below-one-vcpu", "MEMORY_BELOW_ONE_VCPU"])
def test_a_rule_is_explained(run, name):
    """By id or name, in any case: what it is, why, what mends it, where it is from and since when."""
    rule = next(rule for rule in RULES if rule.id == "LMI104")
    ran = run("explain", name)
    assert ran.code == 0
    for part in (rule.id, rule.slug, rule.severity.value, rule.title, rule.why, rule.source, rule.since):
        assert part in ran.out
    assert any(line.startswith("-") for line in ran.out.splitlines())
    assert any(line.startswith("+") for line in ran.out.splitlines())


def test_every_rule_can_be_explained(run):
    """Several at once, each once."""
    ran = run("explain", *(rule.id for rule in RULES), "LMI101")
    assert ran.code == 0
    assert [line for line in ran.out.splitlines() if line.startswith("source: ")] == [
        f"source: {rule.source}" for rule in RULES
    ]


@pytest.mark.parametrize(
    ("argv", "close"),
    [
        (["explain", "LMI140"], "LMI104"),
        (["explain", "LMI104", "memory-below-one-vpcu"], "memory-below-one-vcpu"),
        (["check", "x.json", "--ignore", "LMI10"], "LMI10"),
        (["explain", "\x1b[2J\ud800"], ""),
    ],
)
def test_unknown_rules_are_told_with_those_that_are_meant(run, argv, close):
    """Nothing is explained or checked then."""
    ran = run(*argv)
    assert (ran.code, ran.out) == (2, "")
    assert close in ran.err.partition(";")[2]
    assert "\x1b" not in ran.err


def test_the_catalogue_is_listed(run):
    """For people a line for each rule, for programs all of it."""
    assert [line.split()[0] for line in run("rules").out.splitlines()] == [rule.id for rule in RULES]
    listed = run("rules", "--format", "json").json
    assert listed["version"] == 1
    assert [(rule["id"], rule["slug"], rule["severity"]) for rule in listed["rules"]] == [
        (rule.id, rule.slug, rule.severity.value) for rule in RULES
    ]


def test_help_tells_of_everything(run):
    """Every command, every option and every exit code; bare it is wrong use."""
    ran = run("--help")
    assert ran.code == 0
    assert {"check", "explain", "rules", "--version"} <= set(ran.out.split())
    bare = run()
    assert (bare.code, bare.out) == (2, ran.out)
    check = run("check", "--help").out
    for option in ("--format", "--ignore", "--parameter", "--strict", "--output", "PATH"):
        assert option in check
    for code in "012":
        assert f"\n  {code}  " in check


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_every_argument_has_a_help_text(run, command):
    """No option is without one."""
    import argparse

    parser = argparse.ArgumentParser()
    command.configure(parser)
    assert all(action.help for action in parser._actions)
    assert run(command.name, "--help").code == 0


def test_the_version_is_that_of_the_package(run):
    """As it was installed."""
    from importlib.metadata import version

    assert run("--version").out.split() == ["cdk-lmi", version("cdk-lmi")]


def test_judging_starts_no_node(write):
    """Neither jsii nor CDK is loaded; for its version and help not even the rules are."""
    write("shop.json", template())
    script = (
        # What tells the version loads json itself, from Python 3.13 on.
        "import sys, importlib.metadata\nbefore = set(sys.modules)\nfrom cdk_lmi.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print([name for name in ('jsii', 'aws_cdk', 'constructs', 'yaml', 'cdk_lmi.rules.catalogue', 'json')"
        " if name in sys.modules.keys() - before])"
    )

    def loaded(*argv):
        done = subprocess.run([sys.executable, "-c", script, *argv], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()[-1]

    itself = [] if sys.version_info >= (3, 13) else ["json"]
    assert loaded("check", "shop.json", "--format", "sarif") == str(["cdk_lmi.rules.catalogue", *itself])
    assert loaded("--version") == "[]"
    assert loaded("--help") == "[]"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_terminal_can_show_it(write, encoding):
    """Whatever its encoding."""
    write("shop.json", template(**{"Fné😀": function()}))
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([*COMMAND, "check", "shop.json"], capture_output=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"LMI101" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
@pytest.mark.parametrize("command", ["", *(command.name for command in cli.COMMANDS)])
def test_any_terminal_can_show_the_help(monkeypatch, command, encoding):
    """What its encoding lacks, as the … of an option, is spelled out."""
    shown = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(shown, encoding=encoding))
    with pytest.raises(SystemExit) as left:
        cli.main([*command.split(), "--help"])
    assert left.value.code == 0
    assert shown.getvalue().startswith(b"usage: cdk-lmi")
    assert shown.getvalue().endswith(b"\n")
    assert (rb"--concurrency N,N,\u2026" in shown.getvalue()) == (command == "fit")


@pytest.mark.skipif(os.name == "nt", reason="signals and /dev are not there")
def test_a_reader_that_goes_away_ends_it_quietly(write):
    """As in ``cdk-lmi rules | head -1``."""
    process = subprocess.Popen([*COMMAND, "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate()
    assert (process.returncode, errors) == (terminal.READER_GONE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("arguments", [["check", "shop.json"], ["check", "--help"], ["--version"], []])
def test_a_full_disk_is_told(write, arguments):
    """It is not what the check came to."""
    write("shop.json", template())
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"cdk-lmi: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="signals are not there")
def test_an_interruption_ends_it_quietly():
    """While it waits for standard input."""
    process = subprocess.Popen(
        [*COMMAND, "check", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin is not None
    # More than a pipe holds: once it is written, the command has begun to read.
    process.stdin.write(b" " * 2**20)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert (process.returncode, output, errors) == (terminal.INTERRUPTED, b"", b"")


def test_who_waits_at_a_terminal_is_told_how_far_it_is(run, files, monkeypatch):
    """Nobody else is."""
    monkeypatch.setattr(terminal, "_SECONDS_BEFORE_PROGRESS", -1)
    assert run("check", "error.json").err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert "1" in run("check", "error.json").err


def test_no_step_goes_through_all_resources_for_each_of_them(run, write, lines_executed):
    """Twice as many, with something to mend in some of them, are twice as much to do: four times it would be."""

    def check(count):
        topics = {f"Topic{number}": {"Type": "AWS::SNS::Topic"} for number in range(4 * count)}
        functions = {f"Fn{number}": function() for number in range(count)}
        write("large.json", json.dumps(template(**topics, **functions), indent=1))
        assert run("check", "large.json", "--format", "json").json["summary"]["errors"] == count

    check(1)  # what is done once is done
    small, medium, large = (lines_executed(partial(check, count)) for count in (50, 100, 200))
    assert large - medium == pytest.approx(2 * (medium - small), rel=0.1)


FUNCTIONS = ["GetAtt", "If", "Sub", "Join", "Select", "Split", "FindInMap", "Equals", "And", "Or", "Not"]
WORDS = st.sampled_from(
    [
        *["Resources", "Type", "Properties", "Parameters", "Conditions", "Mappings", "Default", "Ref", "Condition"],
        *(f"Fn::{name}" for name in FUNCTIONS),
        *(f"AWS::Lambda::{name}" for name in ("Function", "Version", "Alias", "CapacityProvider")),
        *CALLERS,
        *sorted({step for path in PROPERTIES.values() for step in path.split(".")}),
    ]
)
NAMES = WORDS | st.text(max_size=4)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(NAMES, children, max_size=4),
    max_leaves=12,
)
KINDS = st.sampled_from(["Function", "Version", "Alias", "CapacityProvider", "Permission", "Url"])


@st.composite
def odd_templates(draw):
    """Resources of the types that are judged, with anything where properties should be."""
    resources = {}
    for id in draw(st.lists(st.sampled_from("ABCD"), unique=True)):
        properties: dict[str, Any] = {}
        for path in draw(st.lists(st.sampled_from(sorted(PROPERTIES.values())), max_size=5)):
            *parents, last = path.split(".")
            place = properties
            for step in parents:
                place = place.setdefault(step, {})
                if not isinstance(place, dict):
                    break
            else:
                place[last] = draw(ANYTHING | st.sampled_from("ABCD").map(lambda id: {"Ref": id}))
        resources[id] = {"Type": f"AWS::Lambda::{draw(KINDS)}", "Properties": properties}
    return {"Resources": resources, "Parameters": draw(ANYTHING), "Conditions": draw(ANYTHING)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.binary(max_size=80) | (ANYTHING | odd_templates()).map(lambda value: json.dumps(value).encode()),
    st.sampled_from(["text", "json", "sarif", "github"]),
)
def test_whatever_is_checked_an_answer_comes(run, content, format):
    """Never a traceback, and an exit code that is one of ours."""
    assert run("check", "-", "--format", format, stdin=content).code in (0, 1, 2)


@pytest.mark.parametrize(
    "document",
    [
        template(Fn=function({"Ref": "Fn"})),
        {**template(Fn=function({"Ref": "P"})), "Parameters": {"P": {"Default": {"Ref": "P"}}}},
        {**template(Fn=function({"Fn::If": ["C", 1, 2]})), "Conditions": {"C": {"Condition": "C"}}},
        template(Fn=function({"Fn::Sub": "${Fn.Arn}"}), Alias={"Type": "AWS::Lambda::Alias"}),
        template(Fn=function(10**300)),
        template(Fn=function(1e308)),
        template(Fn=function("9" * 5000)),
        {**template(Fn=function({"Ref": "P"})), "Parameters": {"P": {"Type": "Number", "Default": "1e999"}}},
        {**template(Fn=function({"Ref": "P"})), "Parameters": {"P": {"Type": "Number", "Default": "9" * 400}}},
    ],
    ids=lambda document: str(document["Resources"]["Fn"]["Properties"]["MemorySize"])[:20],
)
def test_templates_that_lead_nowhere_get_an_answer(run, document):
    """References in a circle, and numbers beyond all use."""
    assert run("check", "-", stdin=json.dumps(document)).code in (0, 1)


def deep(depth):
    """Give a template that is nested as deep."""
    properties = '{"a": ' * depth + "1" + "}" * depth
    return f'{{"Resources": {{"Fn": {{"Type": "AWS::Lambda::Function", "Properties": {properties}}}}}}}'


@pytest.mark.parametrize("depth", [50, 500, 900, 5_000, 100_000])
def test_deep_templates_get_an_answer(run, depth):
    """They are judged, or refused."""
    assert run("check", "-", stdin=deep(depth)).code in (0, 2)


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ({"Orders": {"Type": "AWS::S3::Bucket"}}, None),
        ({"Orders": {"Type": "AWS::Serverless::Function"}}, "AWS::Serverless"),
        ({"Fn::ForEach::Functions": ["Name", ["A", "B"], {"${Name}": function()}]}, "Fn::ForEach::Functions"),
        ({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}}, "Fn::Transform"),
        ({"Orders": {"Type": "AWS::S3::Bucket", "Properties": {"Fn::Transform": "A"}}}, "Fn::Transform in Orders"),
        ({"Orders": {"Type": "Acme::Lambda::Orders::MODULE"}}, "module Orders"),
    ],
    ids=["plain", "sam", "for each", "include", "macro", "module"],
)
def test_what_only_a_transform_makes_judgeable_is_told(run, write, resources, told):
    """Of these nothing is known yet; that nothing was found in them is no answer, and no success where it is strict."""
    path = write("t.json", {"Resources": resources})
    for strict in (False, True):
        ran = run("check", path, *(["--strict"] if strict else []))
        assert ran.code == (terminal.FINDINGS if strict and told else terminal.CLEAN)
        assert ran.err.startswith(f"cdk-lmi: t.json: not checked: {told}" if told else "")
        assert bool(ran.err) == bool(told)


def staged(**parameters):
    """A template whose function is too small where the stage is prod."""
    return {
        "Parameters": {"Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}, **parameters},
        "Mappings": {"Of": {"dev": {"Memory": 4096}, "prod": {"Memory": 1024}}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {
            "ByMap": function({"Fn::FindInMap": ["Of", {"Ref": "Stage"}, "Memory"]}),
            "ByCondition": function({"Fn::If": ["IsProd", 1024, 4096]}),
            **({"ByRef": function({"Ref": "Memory"})} if "Memory" in parameters else {}),
        },
    }


def test_parameters_are_given(run, write):
    """In the place of their defaults: in maps, in conditions, by reference."""
    write("t.json", staged(Memory={"Type": "Number"}))
    write("without.json", template(Fn=function(4096)))

    def found(*parameters):
        options = [word for parameter in parameters for word in ("--parameter", parameter)]
        ran = run("check", "t.json", "without.json", "--format", "json", *options)
        return ran.code, {result["resource"] for result in ran.json["templates"][0]["results"]}

    assert found() == (0, set())
    assert found("Stage=prod") == (1, {"ByMap", "ByCondition"})
    assert found("Stage=prod", "Memory=512", "Stage=dev") == (1, {"ByRef"})
    assert found("Memory=4096") == (0, set())


@pytest.mark.parametrize("kind", ["CommaDelimitedList", "List<String>"])
def test_a_list_is_given_with_commas(run, write, kind):
    """As CloudFormation's own parameters are."""
    allowed = {"Fn::Equals": [{"Fn::Select": [1, {"Ref": "Names"}]}, "b"]}
    names = {"Type": kind, "Default": "a,a", "AllowedValues": ["a", "b"]}
    resources = {"Fn": function({"Fn::If": ["Second", 1024, 4096]})}
    write("t.json", {"Parameters": {"Names": names}, "Conditions": {"Second": allowed}, "Resources": resources})
    assert run("check", "t.json").code == 0
    assert run("check", "t.json", "--parameter", "Names=a, b").code == 1


@pytest.mark.parametrize("default", [True, "true"])
@pytest.mark.parametrize("other", [True, "true"])
def test_a_truth_value_is_the_same_as_its_text(run, write, default, other):
    """CloudFormation knows text only: what is given equals what a template writes without quotes."""
    document = {
        "Parameters": {"Small": {"Type": "String", "Default": default, "AllowedValues": [True, False]}},
        "Conditions": {"IsSmall": {"Fn::Equals": [{"Ref": "Small"}, other]}},
        "Resources": {"Fn": function({"Fn::If": ["IsSmall", 1024, 4096]})},
    }
    write("t.json", document)
    assert run("check", "t.json").code == 1
    assert run("check", "t.json", "--parameter", "Small=true").code == 1
    assert run("check", "t.json", "--parameter", "Small=false").code == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("Stag=prod", "no template has a parameter 'Stag'; there is Memory, Sizes, Stage"),
        ("Stage", "--parameter must be NAME=VALUE, got 'Stage'"),
        ("=prod", "--parameter must be NAME=VALUE, got '=prod'"),
        ("Stage=prd", "t.json: the parameter Stage must be dev or prod, got 'prd'"),
        ("Memory=much", "t.json: the parameter Memory must be a number, got 'much'"),
        ("Memory=nan", "t.json: the parameter Memory must be a number, got 'nan'"),
        ("Sizes=1,2,x", "t.json: the parameter Sizes must be a number, got 'x'"),
        ("\x1b[2J\ud800=1", "no template has a parameter "),
    ],
)
def test_wrong_parameters_are_refused(run, write, given, told):
    """Nothing is reported then: it would be of other values than the user means."""
    write("t.json", staged(Memory={"Type": "Number"}, Sizes={"Type": "List<Number>"}))
    ran = run("check", "t.json", "--parameter", given)
    assert (ran.code, ran.out) == (terminal.UNUSABLE, "")
    assert ran.err.startswith(f"cdk-lmi: {told}")
    assert "\x1b" not in ran.err


@pytest.mark.parametrize(
    ("parameter", "taken", "refused"),
    [
        ({"Type": "Number", "MinValue": 5, "MaxValue": "10"}, ["5", "10", "7.5"], ["4", "10.5"]),
        ({"Type": "List<Number>", "MaxValue": 10}, ["1,10"], ["1,11"]),
        ({"Type": "String", "MinLength": 2, "MaxLength": 3}, ["ab", "999"], ["a", "abcd"]),
        ({"Type": "String", "MinValue": 5, "MaxLength": "much"}, ["1", "9" * 99], []),
    ],
)
def test_values_beyond_what_a_parameter_allows_are_refused(run, write, parameter, taken, refused):
    """Sizes of numbers, lengths of texts; what is no bound bounds nothing."""
    write("t.json", staged(Given=parameter))
    assert all(run("check", "t.json", "--parameter", f"Given={value}").code != terminal.UNUSABLE for value in taken)
    for value in refused:
        ran = run("check", "t.json", "--parameter", f"Given={value}")
        assert (ran.code, ran.out) == (terminal.UNUSABLE, "")
        assert "parameter Given" in ran.err


def test_parameters_of_no_template(run, write):
    """Where there are none that is told; where a template cannot be read, it may be the one that has them."""
    write("none.json", template(Fn=function(4096)))
    assert "there are none" in run("check", "none.json", "--parameter", "Stage=prod").err
    ran = run("check", "none.json", "missing.json", "--parameter", "Stage=prod")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "missing.json" in ran.err
    document = json.dumps(staged())
    assert "standard input: " in run("check", "-", "--parameter", "Stage=x", stdin=document).err
