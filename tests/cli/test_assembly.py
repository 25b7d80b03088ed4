"""Cloud assemblies: which templates are in them, of which constructs they are, and what was acknowledged."""

import json
import os
import shutil
from pathlib import Path

import aws_cdk as cdk
import pytest

from cdk_lmi.documents.assembly import (
    AssembledTemplate,
    Constructs,
    constructs_by_template,
    read_assembly,
    standing_with,
)
from cdk_lmi.documents.source import UnreadableError
from cdk_lmi.template.intrinsics import Template

from .conftest import function, template

#: By construct path: the reason for which LMI101 was acknowledged there.
FUNCTIONS = {
    "Shop/Fn": None,
    "Shop/Dev": "a try",
    "Shop/Nested/Fn": "small on purpose",
    "Shop/Nested/Deeper/Fn": "small on purpose",
    "Shop/Other/Fn": None,
    "Prod/Shop/Fn": None,
}


def read(directory):
    """Give the templates and the errors."""
    found = list(read_assembly(str(directory)))
    errors = [each for each in found if isinstance(each, UnreadableError)]
    return [each for each in found if isinstance(each, AssembledTemplate)], errors


def functions(templates):
    """Give the reason by construct path, of each function."""
    return {
        found.constructs.paths.get(id): (found.constructs.acknowledgment("LMI101", [id]) or (None, None))[1]
        for found in templates
        for id, resource in found.document.value["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
    }


def as_cdk_wrote_it_before(directory):
    """Leave out of the metadata what 2.263 does not note: the template files."""
    for file in directory.rglob("*.metadata.json"):
        metadata = json.loads(file.read_text())
        kept = {
            path: [entry for entry in entries if entry["type"] != "aws:cdk:templateFile"]
            for path, entries in metadata.items()
        }
        assert kept != metadata
        file.write_text(json.dumps(kept))


def with_metadata_in_the_manifest(directory):
    """Put it where CDK had it before there was a file for it."""
    for manifest in directory.rglob("manifest.json"):
        content = json.loads(manifest.read_text())
        for artifact in content["artifacts"].values():
            if file := artifact.pop("additionalMetadataFile", None):
                artifact["metadata"] = json.loads(manifest.with_name(file).read_text())
        manifest.write_text(json.dumps(content))


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [as_cdk_wrote_it_before],
        [with_metadata_in_the_manifest],
        [as_cdk_wrote_it_before, with_metadata_in_the_manifest],
    ],
    ids=lambda changes: " ".join(change.__name__ for change in changes) or "as it is",
)
def test_every_template_is_found_with_its_constructs(synthesised, tmp_path, changes):
    """Stages and nested stacks too, however CDK notes them, and though each has a resource of the same logical id."""
    directory = shutil.copytree(synthesised, tmp_path / "cdk.out")
    for change in changes:
        change(directory)
    templates, errors = read(directory)
    assert not errors
    assert len(templates) == 5
    assert functions(templates) == FUNCTIONS


def test_constructs_are_known_of_each_template_by_itself(synthesised):
    """Of those beside the manifest; a stage has a manifest of its own."""
    found = constructs_by_template(str(synthesised))
    for each in read(synthesised)[0]:
        assert found[os.path.realpath(each.path)] == each.constructs


def test_without_metadata_of_the_stack_the_template_tells(synthesised, tmp_path, request):
    """Construct paths are in the template too, unless the user turned that off; acknowledgments are not."""
    directory = shutil.copytree(synthesised, tmp_path / "cdk.out")
    for file in directory.rglob("*.metadata.json"):
        file.write_text("{}")
    templates, errors = read(directory)
    assert not errors
    if "no path" in request.node.name:
        # Two of the nested stacks say the same, and are one asset.
        assert len(templates) == 4
        assert functions(templates) == {None: None}
    else:
        assert len(templates) == 5
        assert functions(templates) == dict.fromkeys(FUNCTIONS)


STACK = "aws:cloudformation:stack"


def manifest(**artifacts):
    """A manifest with these artifacts."""
    return {"version": "48.0.0", "artifacts": artifacts}


def stack(file, **more):
    """A stack with this template."""
    return {"type": STACK, "properties": {"templateFile": file}, **more}


def stage(directory):
    """A stage with this assembly."""
    return {"type": "cdk:cloud-assembly", "properties": {"directoryName": directory}}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "not json",
        {"artifacts": {}},
        {"version": "1", "artifacts": []},
        manifest(Bad=stack("missing.json")),
        manifest(Bad=stack("../outside.json")),
        manifest(Bad=stack("/etc/hosts")),
        manifest(Bad=stack("link.json")),
        manifest(Bad=stack("a\0b")),
        manifest(Bad=stack("")),
        manifest(Bad=stack(7)),
        manifest(Bad={"type": STACK}),
        manifest(Bad={"type": STACK, "properties": None}),
        manifest(Bad=stack("list.json")),
        manifest(Bad=stack("folder")),
        manifest(Bad=stack("good.json", additionalMetadataFile="missing.json")),
        manifest(Bad=stage("missing")),
        manifest(Bad=stage("..")),
        manifest(Bad=stage(None)),
    ],
    ids=str,
)
def test_what_a_manifest_names_in_vain_is_told(content, write):
    """Files that are missing, outside, or no templates; the stacks beside are read all the same."""
    write("outside.json", template())
    write("app/good.json", template())
    write("app/list.json", "[]")
    write("app/folder/x", "")
    Path("app/link.json").symlink_to("../outside.json")
    if isinstance(content, dict) and "Bad" in content["artifacts"]:
        content = {**content, "artifacts": {**content["artifacts"], "Good": stack("good.json")}}
    write("app/manifest.json", content)
    templates, errors = read("app")
    assert errors
    assert all(error.path for error in errors)
    if isinstance(content, dict) and "Good" in content["artifacts"]:
        assert "app/good.json" in [found.path for found in templates]


@pytest.mark.parametrize(
    "artifact",
    [
        7,
        {"type": "cdk:tree"},
        {"type": ["x"]},
        stack("good.json", metadata=7),
        stack("good.json", metadata={"/Shop": 7, "": [7, {"type": 7}]}),
        stack("good.json", metadata={"/S": [{"type": "aws:cdk:acknowledged-rules", "data": ["x"]}]}),
        stack("good.json", metadata={"/S": [{"type": "aws:cdk:logicalId", "data": {}}]}),
        {"type": "cdk:asset-manifest", "properties": {"file": "good.json"}},
        {"type": "cdk:asset-manifest"},
    ],
    ids=str,
)
def test_what_a_manifest_says_beyond_that_is_passed_over(artifact, write):
    """Other artifacts, and notes that nobody can make anything of."""
    write("good.json", template())
    write("manifest.json", manifest(Odd=artifact, Good=stack("good.json")))
    templates, errors = read(".")
    assert not errors
    assert {found.path for found in templates} == {"good.json"}


def test_links_in_a_circle_come_to_an_end(write):
    """Assemblies that are within themselves, and stacks that are nested in themselves."""
    within = {
        "Type": "AWS::CloudFormation::Stack",
        "Metadata": {"aws:asset:path": "good.json"},
        "Properties": {"TemplateURL": "https://example.com"},
    }
    write("app/good.json", template(Fn=function(), Again=within))
    Path("app/again").symlink_to(".")
    write("app/manifest.json", manifest(Good=stack("good.json"), Again=stage("again"), Self=stage(".")))
    templates, errors = read("app")
    assert [found.path for found in templates] == ["app/good.json"]
    assert not errors


def with_loop(fragment):
    """A template whose resources a loop makes, twice each."""
    return {"Transform": "AWS::LanguageExtensions", **template(**{"Fn::ForEach::L": ["X", ["A", "B"], fragment]})}


def test_nested_stacks_that_a_loop_makes_are_read(run, write):
    """Once, if they have the same template, and told of like others."""
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Metadata": {"aws:asset:path": "nested.json"},
        "Properties": {"TemplateURL": "https://example.com"},
    }
    write("cdk.out/nested.json", template())
    write("cdk.out/good.json", with_loop({"${X}Stack": nested}))
    write("cdk.out/manifest.json", manifest(Good=stack("good.json")))
    templates, errors = read("cdk.out")
    assert [found.path for found in templates] == ["cdk.out/good.json", "cdk.out/nested.json"]
    assert not errors
    ran = run("check", "--strict", "cdk.out")
    assert ran.code == 1
    assert "nested.json" in ran.out


def test_constructs_of_what_a_loop_makes_are_known():
    """By the logical ids that it gets."""
    noted = {**function(), "Metadata": {"aws:cdk:path": "Shop/Fn/Resource"}}
    constructs = Constructs.of_template(with_loop({"${X}Fn": noted}))
    assert constructs.paths == {"AFn": "Shop/Fn/Resource", "BFn": "Shop/Fn/Resource"}


def test_nested_stacks_elsewhere_are_passed_over(write):
    """What a URL leads to is not in the assembly."""
    elsewhere = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://example.com/x.json"}}
    write("good.json", template(Elsewhere=elsewhere))
    write("manifest.json", manifest(Good=stack("good.json")))
    assert [len(found) for found in read(".")] == [1, 0]


def test_a_directory_without_a_manifest_is_told(write):
    """And where there is one instead."""
    write("app/cdk.out/manifest.json", manifest())
    write("other/template.json", template())
    with pytest.raises(UnreadableError, match=r"app/cdk\.out"):
        read("app")
    with pytest.raises(UnreadableError, match="template files"):
        read("other")


def test_acknowledgments_are_taken_on_what_stands_with_a_resource():
    """On a function's versions and aliases, and on a capacity provider's network and functions."""
    pool = {"Type": "AWS::Lambda::CapacityProvider", "Properties": {"VpcConfig": {"SubnetIds": [{"Ref": "Subnet"}]}}}
    on_pool = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": {"Fn::GetAtt": ["Pool", "Arn"]}}}
    published = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Fn"}}}
    document = template(
        Pool=pool,
        Subnet={"Type": "AWS::EC2::Subnet"},
        Fn=function(CapacityProviderConfig=on_pool),
        Other=function(),
        Version=published,
        Alias={**published, "Type": "AWS::Lambda::Alias"},
    )
    assert standing_with(Template(document)) == {
        "Fn": ("Fn", "Version", "Alias"),
        "Other": ("Other",),
        "Pool": ("Pool", "Subnet", "Fn", "Version", "Alias"),
    }


MISSING = [
    {"key": "availability-zones:account=1", "provider": "availability-zones", "props": {}},
    {"key": "vpc-provider:account=1", "provider": "vpc-provider", "props": {}},
    {"key": "vpc-provider:account=2", "provider": "vpc-provider", "props": {}},
]


def test_lookups_that_were_not_made_are_told(run, write):
    """By their kind, each once; the templates are checked as they are."""
    write("cdk.out/a.json", template())
    write("cdk.out/manifest.json", {**manifest(A=stack("a.json")), "missing": MISSING})
    write("sound.out/a.json", template())
    write("sound.out/manifest.json", manifest(A=stack("a.json")))
    ran = run("check", "cdk.out", "sound.out")
    assert ran.code == 1
    (line,) = ran.err.splitlines()
    assert "cdk.out" in line
    assert "sound.out" not in line
    assert (line.count("availability-zones"), line.count("vpc-provider")) == (1, 1)
    assert ran.out.count("LMI101") == 2


@pytest.mark.parametrize("missing", [None, 7, {}, [], [7], [{}], [{"provider": 7}], [{"provider": None}]])
def test_a_manifest_may_say_anything_of_what_is_missing(run, write, missing):
    """What is no list of lookups is none."""
    write("cdk.out/a.json", template(Fn=function(4096)))
    write("cdk.out/manifest.json", {**manifest(A=stack("a.json")), "missing": missing})
    ran = run("check", "cdk.out")
    assert (ran.code, ran.err) == (0, "")


def test_cdk_notes_lookups_that_it_did_not_make(run, tmp_path):
    """Where there are neither credentials nor a context."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    shop = cdk.Stack(app, "Shop", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    cdk.CfnOutput(shop, "Zones", value=cdk.Fn.join(",", shop.availability_zones))
    app.synth()
    ran = run("check", tmp_path / "cdk.out")
    assert ran.code == 0
    assert "availability-zones" in ran.err
    assert run("check", tmp_path / "cdk.out", "--strict").code == 1


def test_a_directory_without_a_manifest_is_told_with_what_writes_one(run, write):
    """An app that never calls it leaves its assets only."""
    write("cdk.out/asset.1/app.py", "")
    ran = run("check", "cdk.out")
    assert ran.code == 2
    assert "app.synth()" in ran.err


def test_a_resource_that_is_none_is_told_in_an_assembly_too(run, write):
    """And the other stacks are checked."""
    write("cdk.out/a.json", {"Resources": {"a": 3}})
    write("cdk.out/b.json", template())
    write("cdk.out/manifest.json", manifest(A=stack("a.json"), B=stack("b.json")))
    ran = run("check", "cdk.out")
    assert ran.code == 2
    assert "a.json: line " in ran.err
    assert "LMI101" in ran.out
