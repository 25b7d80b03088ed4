"""Acknowledgments in the metadata of a template's resources, for templates of no CDK app."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceValidator
from cdk_lmi.documents.metadata import acknowledged_in, useless_in

from .conftest import ONE, PROVIDER, function, template

REASON = "a try: ü\x1b[31m"


def stated(resource, acknowledged):
    """The resource, with this in its metadata."""
    return {**resource, "Metadata": {"cdk-lmi": {"acknowledge": acknowledged}}}


def version(**more):
    properties = {"FunctionName": {"Ref": "Fn"}, "FunctionScalingConfig": ONE}
    return {"Type": "AWS::Lambda::Version", "Properties": properties, **more}


@pytest.mark.parametrize("id", ["LMI101", "cdk-lmi::LMI101"])
def test_it_is_counted_and_reported_with_its_reason(run, write, id):
    """As one that was made in CDK is."""
    path = write("t.json", template(Fn=stated(function(), {id: REASON}), Other=function()))
    ran = run("check", path, "--format", "json")
    assert ran.code == 1
    reasons = {each["resource"]: each["acknowledged"] for each in ran.json["templates"][0]["results"]}
    assert reasons == {"Fn": REASON.replace("\x1b", "\\x1b"), "Other": None}
    assert run("check", path).out.endswith("1 error, 0 warnings, 1 acknowledged in 1 template\n")
    assert "Fn::" not in run("check", path, "--format", "github").out
    results = run("check", path, "--format", "sarif").json["runs"][0]["results"]
    assert [len(each["suppressions"]) for each in results] == [1, 0]


def test_one_that_is_all_there_was(run, write):
    """Succeeds, of an error and of a warning; also where it is strict."""
    resources = {
        "Fn": stated(function(PublishToLatestPublished=False), {"LMI101": "a try"}),
        "Version": stated(version(), {"LMI305": "a test stage"}),
    }
    ran = run("check", write("t.json", template(**resources)), "--strict")
    assert (ran.code, ran.out) == (0, "0 errors, 0 warnings, 2 acknowledged in 1 template\n")


@pytest.mark.parametrize("place", ["Fn", "Version", "Topic"])
def test_where_it_stands(run, write, place):
    """On the function, or on a version or alias of it, and on nothing else."""
    resources: dict[str, Any] = {
        "Fn": function(4096, PublishToLatestPublished=False),
        "Version": version(),
        "Topic": {"Type": "AWS::SNS::Topic"},
    }
    resources[place] = stated(resources[place], {"LMI305": "a test stage"})
    ran = run("check", write("t.json", template(**resources)), "--strict")
    assert ran.code == (1 if place == "Topic" else 0)


@pytest.mark.parametrize(
    ("acknowledged", "told"),
    [
        ({"LMI999": "why"}, ["'LMI999', which is not a rule"]),
        ({"LMI001": "why"}, ["'LMI001', which cannot be acknowledged"]),
        ({"LMI101": " "}, ["'LMI101', without a reason"]),
        ({"LMI101": {"Fn::Sub": "why"}}, ["'LMI101', without a reason"]),
        (["LMI101"], ["'LMI101', without a reason"]),
        ("LMI101", ["'LMI101', without a reason"]),
        (None, []),
        (7, []),
    ],
)
def test_one_without_effect_is_an_error(run, write, acknowledged, told):
    """Since it would look like a decision."""
    path = write("t.json", template(Fn=stated(function(4096), acknowledged)))
    ran = run("check", path, "--format", "json")
    results = ran.json["templates"][0]["results"]
    assert [(each["id"], each["message"].partition(", got ")[2]) for each in results] == [("LMI005", of) for of in told]
    assert ran.code == bool(told)
    assert all(each["locations"][0].startswith("/Resources/Fn/Metadata/cdk-lmi/acknowledge/") for each in results)


def test_it_is_told_where_it_stands(run, write):
    """In YAML too."""
    text = (
        "Resources:\n  Fn:\n    Type: A::B::C\n    Metadata:\n      cdk-lmi:\n        acknowledge:\n          LMI9: x\n"
    )
    assert "  7:11 Fn\n    LMI005 " in run("check", write("t.yaml", text)).out


def test_in_a_loop(run, write):
    """For each resource that it makes, and told where it stands."""
    made = {"${Name}Fn": stated(function(512), {"LMI101": "confirmed", "LMI9": "x"})}
    document = template(**{"Fn::ForEach::Functions": ["Name", ["Orders", "Returns"], made]})
    ran = run("check", write("t.json", {"Transform": "AWS::LanguageExtensions", **document}), "--format", "json")
    results = ran.json["templates"][0]["results"]
    acknowledged = {each["resource"]: each.get("acknowledged") for each in results if each["id"] == "LMI101"}
    assert acknowledged == {"OrdersFn": "confirmed", "ReturnsFn": "confirmed"}
    useless = [each["locations"][0] for each in results if each["id"] == "LMI005"]
    assert [place.partition("/Metadata/")[0] for place in useless] == [
        "/Resources/Fn::ForEach::Functions/2/${Name}Fn"
    ] * 2


@pytest.mark.parametrize("document", [None, [], {"Resources": []}, {"Resources": {"A": [], "B": {"Metadata": 1}}}])
def test_any_document_comes_to_an_answer(document):
    """Nothing is acknowledged there."""
    assert not acknowledged_in(document)
    assert not list(useless_in(document))


def test_in_a_cdk_app(run, tmp_path):
    """On the resource, for the command and for the plugin."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    cdk.Validations.of(app).add_plugins(ManagedInstanceValidator())
    resource = lambda_.CfnFunction(
        cdk.Stack(app, "Shop"),
        "Fn",
        code={"zipFile": "x"},
        role="arn:aws:iam::123456789012:role/function",
        runtime="python3.14",
        memory_size=1000,
        capacity_provider_config={"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": PROVIDER}},
    )
    resource.add_metadata("cdk-lmi", {"acknowledge": {"LMI101": "a try"}})
    app.synth()
    assert run("check", tmp_path / "cdk.out").out == "0 errors, 0 warnings, 1 acknowledged in 1 template\n"
