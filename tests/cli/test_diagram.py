"""``cdk-lmi diagram``: what is drawn of what is named, and that anything gets an answer."""

import json
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdk_lmi.rules.examples import __file__ as examples
from cdk_lmi.template.intrinsics import Template

from ..test_diagram import is_well_formed
from .conftest import function, template
from .test_cli import ANYTHING, deep, odd_templates

EXAMPLES = Path(examples).parent
DRAWABLE = sorted(path for path in EXAMPLES.glob("*.json") if "lmi607" not in path.name)


@pytest.mark.parametrize("path", DRAWABLE, ids=lambda path: path.stem)
def test_every_example_is_drawn(run, path):
    """Right or wrong. What cannot be reached is marked in none where nothing is wrong with the network."""
    ran = run("diagram", path)
    assert ran.code == 0
    assert is_well_formed(ran.out)
    family, _, kind = path.stem.partition(".")
    if kind == "bad" and family in ("lmi501", "lmi502", "lmi503", "lmi504", "lmi505", "lmi506", "lmi604"):
        assert family.upper() in ran.out
    if kind == "good":
        assert not {"LMI501", "LMI502", "LMI503", "LMI504", "LMI505"} & set(ran.out.replace('"', " ").split())


def test_stacks_nested_ones_and_stages_are_drawn(run, synthesised):
    """Each in a group of its name; one of them when asked for."""
    ran = run("diagram", synthesised)
    assert (ran.code, is_well_formed(ran.out)) == (0, True)
    assert ran.out.count('"function<br/>') == 6
    shop = run("diagram", synthesised, "--stack", "Shop")
    assert shop.code == 0
    assert shop.out.count('"function<br/>') == 5
    one = run("diagram", synthesised, "--stack", "Shop", "--function", "Dev")
    assert (one.code, one.out.count('"function<br/>'), "subgraph" in one.out) == (0, 1, False)


@pytest.mark.parametrize("name", ["Fn", "orders-list"])
def test_a_function_is_chosen_by_its_names(run, write, name):
    """Logical id, or the name that it has on AWS."""
    write("t.json", template(Fn=function(FunctionName="orders-list"), Other=function()))
    ran = run("diagram", "t.json", "--function", name)
    assert (ran.code, "<br/>Fn<br/>" in ran.out, "Other" in ran.out) == (0, True, False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["t.json", "--function", "Orders"], "ListOrders"),
        (["t.json", "--stack", "tt"], "t"),
        (["t.json", "--function", "\x1b[2J\u202e'"], ""),
        (["standard.json"], "Managed Instances"),
        (["missing.json"], "missing.json"),
        (["bad.json"], "bad.json"),
        (["."], ""),
        ([], ""),
        (["t.json", "--output", "missing/a.mmd"], "missing"),
    ],
)
def test_wrong_use_is_told(run, write, arguments, told):
    """In exit code 2, with what there is; nothing is drawn."""
    write("t.json", template(ListOrders=function()))
    write("standard.json", template(Topic={"Type": "AWS::SNS::Topic"}))
    write("bad.json", "{")
    ran = run("diagram", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "\x1b" not in ran.err
    assert "\u202e" not in ran.err


def test_what_cannot_be_read_keeps_nothing_from_being_drawn(run, write):
    """It is told, and is the exit code."""
    write("t.json", template())
    write("bad.json", "{")
    ran = run("diagram", "bad.json", "t.json")
    assert ran.code == 2
    assert is_well_formed(ran.out)
    assert "bad.json" in ran.err


def test_standard_input_and_a_file_to_write_to(run, write):
    """As for other commands."""
    write("x.txt", "")
    ran = run("diagram", "-", "--output", "shop.mmd", stdin=json.dumps(template()))
    assert (ran.code, ran.out) == (0, "")
    assert is_well_formed(Path("shop.mmd").read_text(encoding="utf-8"))


def test_what_is_left_out_is_told(run, write):
    """Functions on standard Lambda, and resources that are none before a transform; the diagram holds none of it."""
    sam = {"Type": "AWS::Serverless::Function"}
    standard = {"Type": "AWS::Lambda::Function"}
    macro = {"Fn::ForEach::More": ["Name", ["A"], {}]}
    write("t.json", template(Fn=function(), Standard=standard, Sam=sam, **macro))
    ran = run("diagram", "t.json")
    assert ran.code == 0
    assert "not drawn: AWS::Serverless resources, Fn::ForEach::More;" in ran.err
    assert "not on Managed Instances" in ran.err
    assert "Standard" not in ran.out


def test_more_than_mermaid_draws_is_refused_with_a_way_out(run, write):
    """Large templates are drawn up to there."""

    def pool(count, others=8_000):
        resources = {f"Fn{number}": function() for number in range(count)}
        topics = {f"Topic{number}": {"Type": "AWS::SNS::Topic"} for number in range(others)}
        return template(**resources, **topics)

    write("large.json", pool(300))
    write("larger.json", pool(900))
    ran = run("diagram", "large.json")
    assert ran.code == 0
    assert len(ran.out) <= 50_000
    assert ran.out.count("-.->") == 300
    ran = run("diagram", "larger.json")
    assert (ran.code, ran.out) == (2, "")
    assert "--function" in ran.err
    assert run("diagram", "larger.json", "--function", "Fn7").code == 0


def test_no_step_of_drawing_goes_through_all_resources_for_each_of_them(run, write, lines_executed):
    """Twice as many are twice as much to draw: four times it would be."""

    def draw(count):
        resources = {f"Fn{number}": function() for number in range(count)}
        topics = {f"Topic{number}": {"Type": "AWS::SNS::Topic"} for number in range(4 * count)}
        write("large.json", template(**resources, **topics))
        assert run("diagram", "large.json").code == 0

    draw(1)  # what is done once is done
    small, medium, large = (lines_executed(partial(draw, count)) for count in (50, 100, 200))
    assert large - medium == pytest.approx(2 * (medium - small), rel=0.1)


@pytest.mark.parametrize("depth", [50, 900, 100_000])
def test_deep_templates_get_an_answer(run, depth):
    """Drawn or refused."""
    assert run("diagram", "-", stdin=deep(depth)).code == 2


NETWORK = ("VPC", "Subnet", "RouteTable", "SubnetRouteTableAssociation", "Route", "VPCEndpoint", "SecurityGroup")
TYPES = [
    *(f"AWS::EC2::{name}" for name in NETWORK),
    *(f"AWS::Lambda::{name}" for name in ("Function", "Version", "Alias", "CapacityProvider", "Url", "Permission")),
    *(f"AWS::ApiGateway::{name}" for name in ("Method", "Resource")),
    *("AWS::IAM::Role", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route", "AWS::Events::Rule", "AWS", ""),
]
NAMES = [
    *("VpcId", "SubnetId", "SubnetIds", "SecurityGroupIds", "VpcConfig", "RouteTableId", "ServiceName", "Target"),
    *("VpcEndpointType", "FunctionName", "FunctionVersion", "RoutingConfig", "Name", "Integration", "Uri", "Targets"),
    *("ResourceId", "ParentId", "PathPart", "HttpMethod", "Role", "Policies", "PolicyDocument", "Principal", "Arn"),
    *("CapacityProviderConfig", "AvailabilityZone", "Qualifier", "TargetFunctionArn", "EventSourceArn", "SourceArn"),
]
REFERENCES = st.sampled_from("ABCDEF").map(lambda id: {"Ref": id}) | st.sampled_from("ABCDEF").map(
    lambda id: {"Fn::GetAtt": [id, "Arn"]}
)
VALUES = REFERENCES | st.lists(REFERENCES, max_size=2) | ANYTHING
RESOURCES = st.fixed_dictionaries(
    {"Type": st.sampled_from(TYPES), "Properties": st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)}
)
ON_POOL = {
    "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": {"Ref": "P"}}}
}


@st.composite
def networks(draw):
    """Resources that name each other, around a function on a capacity provider."""
    resources = draw(st.dictionaries(st.sampled_from("ABCDEF"), RESOURCES, max_size=6))
    vpc = {"SubnetIds": draw(VALUES), "SecurityGroupIds": draw(VALUES)}
    return {
        "Resources": {
            **resources,
            "P": {"Type": "AWS::Lambda::CapacityProvider", "Properties": {"VpcConfig": vpc}},
            "F": {"Type": "AWS::Lambda::Function", "Properties": {**ON_POOL, "Role": draw(VALUES)}},
        }
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.binary(max_size=80) | (networks() | odd_templates() | ANYTHING).map(lambda value: json.dumps(value).encode()),
    st.lists(st.sampled_from(["--stack=-", "--function=F", "--function=A"]), max_size=2),
)
def test_whatever_is_drawn_an_answer_comes(run, content, options):
    """Never a traceback; a flowchart, or exit code 2."""
    ran = run("diagram", "-", *options, stdin=content)
    assert ran.code in (0, 2)
    assert (ran.code == 0) == bool(ran.out)
    assert not ran.out or is_well_formed(ran.out)


@given(st.dictionaries(st.text(min_size=1, max_size=20), RESOURCES, max_size=5), st.text(max_size=40))
def test_any_name_is_only_a_name(resources, name):
    """Of resources, aliases, functions and stacks."""
    from cdk_lmi.diagram.drawing import Subject, draw
    from cdk_lmi.diagram.mermaid import flowchart

    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "F"}, "Name": name}}
    drawn = {**resources, name: alias, "F": {"Type": "AWS::Lambda::Function", "Properties": ON_POOL}}
    subjects = [Subject(name, Template({"Resources": drawn}), {"F": f"{name}/{name}/{name}"}) for _ in range(2)]
    assert is_well_formed(flowchart(draw((subject, subject.functions) for subject in subjects)))
