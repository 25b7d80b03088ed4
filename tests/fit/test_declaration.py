"""What is read of a template: the size, what runs under it, and what nobody can know yet."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceFunction
from cdk_lmi.documents.source import UnreadableError
from cdk_lmi.fit.choice import Size
from cdk_lmi.fit.declaration import DeclarationError, read_declaration

from .conftest import declared

STANDARD = {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.14", "Handler": "app.handler"}}


def size(memory_size, ratio, concurrency):
    """A size, by position."""
    return Size(
        memory_size=memory_size,
        execution_environment_memory_gib_per_v_cpu=ratio,
        per_execution_environment_max_concurrency=concurrency,
    )


def test_the_size_and_what_runs_under_it_are_read(write_template):
    """The only function on Managed Instances need not be named."""
    variables = {"TABLE": "orders", "RETRIES": 3, "DEBUG": True, "QUEUE": {"Ref": "Queue"}}
    write_template(
        Fn=declared(8192, 4, 24, Environment={"Variables": variables}, EphemeralStorage={"Size": 1024}),
        Other=STANDARD,
        Queue={"Type": "AWS::SQS::Queue"},
    )
    found = read_declaration("template.json")
    assert found.size == size(8192, 4, 24)
    assert (found.function, found.handler, found.timeout, found.ephemeral_storage_size) == (
        "Fn",
        "app.handler",
        30,
        1024,
    )
    assert found.environment == {"TABLE": "orders", "RETRIES": "3", "DEBUG": "true"}
    assert found.unknown_environment == ("QUEUE",)
    assert found.facts.runtime == "python3.14"


def test_what_is_left_out_is_what_lambda_takes(write_template):
    """2048 MiB, 2 GiB per vCPU, 16 invocations for one vCPU of Python, 3 s."""
    write_template(Fn=declared(None, None, None, Timeout=None, Handler=None))
    found = read_declaration("template.json")
    assert found.size == size(2048, 2, 16)
    assert (found.timeout, found.ephemeral_storage_size, found.handler) == (3, 512, None)
    assert (found.environment, found.unknown_environment, found.code) == ({}, (), None)


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"MemorySize": {"Ref": "Memory"}}, ["MemorySize"]),
        ({"MemorySize": {"Ref": "Memory"}, "Timeout": {"Fn::ImportValue": "x"}}, ["MemorySize", "Timeout"]),
        ({"EphemeralStorage": {"Size": {"Ref": "Memory"}}}, ["EphemeralStorage.Size"]),
        ({"MemorySize": "abc"}, ["MemorySize of Fn is not a number"]),
        ({"ratio": "abc"}, ["ExecutionEnvironmentMemoryGiBPerVCpu of Fn is not a number"]),
        ({"concurrency": {"Ref": "Memory"}}, ["is known only at deployment; give one number with --concurrency"]),
        ({"concurrency": None, "MemorySize": {"Ref": "Memory"}}, ["depends on the vCPUs; write numbers"]),
        ({"concurrency": None, "Runtime": {"Ref": "Memory"}}, ["left out", "the language", "--concurrency"]),
    ],
)
def test_a_size_that_nobody_can_know_is_told_by_its_property(write_template, properties, named):
    """All of them at once; there is nothing to measure against then."""
    write_template(parameters={"Memory": {"Type": "Number"}}, Fn=declared(**properties))
    with pytest.raises(DeclarationError) as raised:
        read_declaration("template.json")
    assert all(name in str(raised.value) for name in ["Fn", *named])


@pytest.mark.parametrize("written", [None, {"Ref": "Number"}])
def test_a_concurrency_that_is_given_stands_for_what_is_not_known(write_template, written):
    """And for nothing that is."""
    write_template(parameters={"Number": {"Type": "Number"}}, Fn=declared(2048, 2, written, Runtime=None))
    found = read_declaration("template.json", concurrency=5)
    assert found.size == size(2048, 2, 5)
    assert found.facts.per_execution_environment_max_concurrency == 5
    write_template(Fn=declared(2048, 2, 4))
    assert read_declaration("template.json", concurrency=5).size == size(2048, 2, 4)


def test_a_parameter_with_a_default_is_known(write_template):
    """As everywhere in cdk-lmi."""
    write_template(parameters={"M": {"Type": "Number", "Default": 4096}}, Fn=declared(MemorySize={"Ref": "M"}))
    assert read_declaration("template.json").size.memory_size == 4096


def test_all_environment_variables_may_be_unknown(write_template):
    """They are told as one then."""
    write_template(Fn=declared(Environment={"Variables": {"Fn::Transform": {"Name": "Vars"}}}))
    assert read_declaration("template.json").unknown_environment == ("Environment.Variables",)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (None, ["2 functions", "--function", "ListOrders", "Report"]),
        ("LitsOrders", ["LitsOrders", "did you mean ListOrders"]),
        ("Xyzzy", ["Xyzzy", "ListOrders", "Report"]),
        ("Standard", ["Standard", "ListOrders", "Report"]),
    ],
)
def test_which_function_is_meant_must_be_clear(write_template, function, told):
    """There are two; those that are written alike are named, and a standard function is none."""
    write_template(ListOrders=declared(), Report=declared(4096), Standard=STANDARD)
    with pytest.raises(DeclarationError) as raised:
        read_declaration("template.json", function)
    assert all(part in str(raised.value) for part in told)


def test_a_function_is_named_by_its_logical_id(write_template):
    """Of several."""
    write_template(ListOrders=declared(), Report=declared(4096))
    assert read_declaration("template.json", "Report").size.memory_size == 4096


@pytest.mark.parametrize(
    ("kind", "told"),
    [("AWS::SNS::Topic", "no function on Managed Instances"), ("AWS::Serverless::Function", "transform")],
)
def test_a_template_without_such_a_function_is_told(write_template, kind, told):
    """And why there may be none in one of AWS SAM."""
    write_template(Thing={"Type": kind, "Properties": {}})
    with pytest.raises(DeclarationError, match=told):
        read_declaration("template.json")


@pytest.mark.parametrize("path", ["missing.json", "bad.json", "folder"])
def test_what_is_no_template_is_told(write, path):
    """By those who read templates everywhere else."""
    write("bad.json", "{")
    write("folder/file", "x")
    with pytest.raises(UnreadableError):
        read_declaration(path)


@pytest.fixture(scope="module")
def assembly(tmp_path_factory):
    """Two stages of one stack as CDK writes them, with code, paths, and an acknowledgment."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "code").mkdir()
    (folder / "code" / "app.py").write_text("def handler(event, context): ...")
    context = {"aws:cdk:enable-asset-metadata": True, "aws:cdk:enable-path-metadata": True}
    app = cdk.App(outdir=str(folder / "cdk.out"), context=context)
    for stage in ("Test", "Prod"):
        ManagedInstanceFunction(
            cdk.Stack(cdk.Stage(app, stage), "Shop"),
            "ListOrders",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="app.handler",
            code=lambda_.Code.from_asset(str(folder / "code")),
            memory_size=4096 if stage == "Test" else 5000,
            acknowledge=[cdk.Acknowledgment(id="LMI105", reason="a try")] if stage == "Prod" else [],
        )
    app.synth()
    return folder / "cdk.out"


@pytest.mark.parametrize(("stage", "memory_size"), [("Test", 4096), ("Prod", 5000)])
def test_an_assembly_is_read_by_construct_path(assembly, stage, memory_size):
    """The same logical id is in both stages; the code is where CDK copied it to."""
    found = read_declaration(str(assembly), f"{stage}/Shop/ListOrders")
    assert found.size.memory_size == memory_size
    assert found.code is not None
    assert (found.code / "app.py").is_file()
    assert ("LMI105" in found.acknowledged) == (stage == "Prod")


def test_an_assembly_with_the_function_twice_asks_which(assembly):
    """And names what tells them apart."""
    with pytest.raises(DeclarationError) as raised:
        read_declaration(str(assembly))
    assert "Test/Shop/ListOrders" in str(raised.value)
    assert "Prod/Shop/ListOrders" in str(raised.value)


def test_one_template_of_an_assembly_keeps_its_acknowledgments(assembly):
    """They are in the assembly around it, where cdk-lmi check finds them too."""
    (path,) = (path for path in assembly.rglob("*.template.json") if "Prod" in str(path))
    assert "LMI105" in read_declaration(str(path)).acknowledged


def test_one_template_of_an_assembly_is_read_by_itself(assembly):
    """Paths are in its metadata."""
    (path,) = (path for path in assembly.rglob("*.template.json") if "Test" in str(path))
    found = read_declaration(str(path))
    assert found.size.memory_size == 4096
    assert found.code is not None
    assert (found.code / "app.py").is_file()
    assert json.loads(path.read_text())["Resources"][found.function]["Type"] == "AWS::Lambda::Function"


def noting(asset):
    """A function with where CDK notes its code to be."""
    return {**declared(), "Metadata": {"aws:asset:path": asset}}


@pytest.mark.parametrize("asset", ["../outside", "../../app/outside", "{absolute}", "link", "link/..", "a\0b"])
def test_code_outside_of_the_assembly_is_not_taken(write, write_template, tmp_path, asset):
    """A template from elsewhere may name any folder; how to run it all the same is told."""
    write("app/outside/app.py", "")
    write("app/manifest.json", {"name": "Shop", "icons": []})
    write_template("app/cdk.out/template.json", Fn=noting(asset.format(absolute=tmp_path / "app" / "outside")))
    (tmp_path / "app" / "cdk.out" / "link").symlink_to("../outside")
    found = read_declaration("app/cdk.out/template.json")
    assert found.code is None
    assert "--task-root" in str(found.code_refused)
    assert "Fn names" in str(found.code_refused)


@pytest.mark.parametrize("asset", ["code", "./code/../code", "{absolute}", "link"])
def test_code_within_the_assembly_is_taken(write, write_template, tmp_path, asset):
    """However it is named; bundled assets have absolute paths where staging is disabled."""
    write("cdk.out/code/app.py", "")
    write_template("cdk.out/template.json", Fn=noting(asset.format(absolute=tmp_path / "cdk.out" / "code")))
    (tmp_path / "cdk.out" / "link").symlink_to("code")
    (tmp_path / "linked").symlink_to("cdk.out")
    for path in ("cdk.out/template.json", "linked/template.json"):
        found = read_declaration(path)
        assert found.code is not None
        assert (found.code / "app.py").is_file()
        assert found.code_refused is None


def test_the_assembly_of_a_stage_has_its_code_in_the_one_around_it(assembly):
    """As CDK shares assets between stages."""
    found = read_declaration(str(assembly / "assembly-Test"))
    assert found.code is not None
    assert (found.code / "app.py").is_file()


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        "{",
        {"version": "1", "artifacts": []},
        {"version": "1", "artifacts": {"T": {"type": "cdk:cloud-assembly"}}},
        {"version": "1", "artifacts": {"T": {"type": "cdk:cloud-assembly", "properties": {"directoryName": 7}}}},
        {"version": "1", "artifacts": {"T": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "a\0"}}}},
        {"version": "1", "artifacts": {"T": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "other"}}}},
        {
            "version": "1",
            "artifacts": {"T": {"type": "aws:cloudformation:stack", "properties": {"directoryName": "t"}}},
        },
    ],
    ids=str,
)
def test_only_an_assembly_that_names_a_stage_is_around_it(write, write_template, manifest):
    """What is beside a template by chance does not make the folder above it one of the assembly."""
    write("code/app.py", "")
    if manifest is not None:
        write("manifest.json", manifest)
    write_template("t/template.json", Fn=noting("../code"))
    assert read_declaration("t/template.json").code is None


def test_code_that_cdk_did_not_copy_is_named_by_the_user(tmp_path):
    """With staging disabled, CDK notes where it is, by its absolute path."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("def handler(event, context): ...")
    context = {"aws:cdk:enable-asset-metadata": True, "aws:cdk:disable-asset-staging": True}
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), context=context)
    ManagedInstanceFunction(
        cdk.Stack(app, "Shop"),
        "ListOrders",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="app.handler",
        code=lambda_.Code.from_asset(str(tmp_path / "code")),
    )
    app.synth()
    found = read_declaration(str(tmp_path / "cdk.out"))
    assert found.code is None
    assert str(tmp_path / "code") in str(found.code_refused)
    assert "--no-staging" in str(found.code_refused)
