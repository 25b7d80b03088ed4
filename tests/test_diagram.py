"""The picture of a template: what is on it, what is marked, and that Mermaid reads it as it was meant."""

import copy
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi.diagram.drawing import MOST_IN_DETAIL, Subject, draw
from cdk_lmi.diagram.mermaid import flowchart, label
from cdk_lmi.diagram.picture import Box, Picture, Role, Way
from cdk_lmi.template.intrinsics import Template

from .template.test_connectivity import SOUND, ref, resource


def drawn(resources, functions=None, paths=None, title="Shop", **sections):
    """Draw a template with these resources."""
    subject = Subject(title, Template({"Resources": resources, **sections}), paths or {})
    return draw([(subject, subject.functions if functions is None else functions)])


def boxes(picture, role):
    """The boxes that stand for something."""
    return [box for box in picture.all_boxes() if box.role is role]


def lines(picture, role):
    """What they say, the first two lines."""
    return sorted(" ".join(box.lines[:2]) for box in boxes(picture, role))


def ways(picture):
    """Each arrow, by what is written on the boxes at its ends."""
    named = {box.id: " ".join(box.lines[:2]) for box in picture.all_boxes()}
    return {(named.get(a.source, "(group)"), named.get(a.target, "(group)")): a.way for a in picture.arrows}


def cut_off(picture):
    """The first line of every box that is marked."""
    return sorted(box.lines[0] for box in picture.all_boxes() if box.is_cut_off)


@pytest.fixture(scope="module")
def shop():
    """The template of a stack with one of each that calls, on one capacity provider; and its construct paths."""
    from cdk_lmi import ManagedInstanceFunction

    stack = cdk.Stack(cdk.App(), "Shop")
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    options: dict[str, Any] = {"runtime": lambda_.Runtime.PYTHON_3_14, "handler": "index.handler", "code": code}
    orders = ManagedInstanceFunction(stack, "ListOrders", max_execution_environments=12, **options)
    table = dynamodb.TableV2(
        stack, "Orders", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    )
    table.grant_read_data(orders)
    api = apigateway.RestApi(stack, "Api")
    api.root.add_resource("api").add_resource("orders").add_method("GET", apigateway.LambdaIntegration(orders.alias))
    queue = sqs.Queue(stack, "Queue")
    orders.alias.add_event_source(sources.SqsEventSource(queue))
    rule = events.Rule(stack, "Nightly", schedule=events.Schedule.rate(cdk.Duration.days(1)))
    rule.add_target(targets.LambdaFunction(orders.alias))
    orders.alias.add_function_url()
    report = lambda_.Function(stack, "Report", **options)
    orders.alias.grant_invoke(report)
    template = cdk.assertions.Template.from_stack(stack).to_json()
    return template["Resources"], {
        stack.get_logical_id(child.node.default_child): child.node.path
        for child in stack.node.find_all()
        if isinstance(child.node.default_child, cdk.CfnResource)
    }


def test_everything_that_calls_leads_to_the_alias(shop):
    """Methods with their paths, event sources, rules, URLs, other functions: each once, its permission with it."""
    picture = drawn(shop[0], paths=shop[1])
    assert lines(picture, Role.ENTRY) == [
        "API Gateway GET /api/orders",
        "EventBridge rule rate(1 day)",
        "event source SQS Queue Queue",
        "function Report",
        "function URL ListOrders/Alias/FunctionUrl",
    ]
    alias = "alias live"
    assert {target for source, target in ways(picture) if source in lines(picture, Role.ENTRY)} == {alias}
    assert cut_off(picture) == []


def test_alias_version_function_and_capacity_provider_follow_each_other(shop):
    """And then subnets by zone, security group, endpoints, services with what of them is granted."""
    picture = drawn(shop[0], paths=shop[1])
    arrows = ways(picture)
    version, function = "published version 3 to 12 environments", "function ListOrders"
    for arrow in (("alias live", version), (version, function)):
        assert arrows[arrow] is Way.OPEN
    ((provider, (group,)),) = [
        (box.id, [a.target for a in picture.arrows if a.source == box.id])
        for box in boxes(picture, Role.CAPACITY_PROVIDER)
    ]
    assert any(a.source == boxes(picture, Role.FUNCTION)[0].id and a.target == provider for a in picture.arrows)
    (vpc,) = picture.groups
    (subnets,) = vpc.groups
    assert group == subnets.id
    assert [box.lines[:2] for box in subnets.boxes] == [("subnet", "zone 1"), ("subnet", "zone 2")]
    (guard,) = boxes(picture, Role.SECURITY_GROUP)
    endpoints = {box.id: box.lines[0] for box in boxes(picture, Role.ENDPOINT)}
    assert {"DynamoDB", "CloudWatch Logs"} <= set(endpoints.values())
    assert {a.target for a in picture.arrows if a.source == guard.id} == set(endpoints)
    services = {box.id: box.lines[:2] for box in boxes(picture, Role.SERVICE)}
    assert ("DynamoDB", "Orders") in services.values()
    for arrow in picture.arrows:
        if arrow.target in services:
            assert endpoints[arrow.source] == services[arrow.target][0]


def without(*ids):
    return {id: resource for id, resource in copy.deepcopy(SOUND).items() if id not in ids}


def changed(id, **properties):
    changed = copy.deepcopy(SOUND)
    changed[id]["Properties"].update(properties)
    return changed


CLOSED_GROUP: dict[str, Any] = {
    "SecurityGroupEgress": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}]
}


@pytest.mark.parametrize(
    ("resources", "marked", "told"),
    [
        (SOUND, [], []),
        (without("Sqs"), ["SQS"], ["LMI502"]),
        (without("Logs"), ["CloudWatch Logs"], ["LMI501"]),
        (changed("Sqs", PrivateDnsEnabled=False), ["SQS", "SQS"], ["LMI503"]),
        (changed("Sqs", SecurityGroupIds=["sg-other"]), [], []),
        (
            changed("EndpointGroup", SecurityGroupIngress=[]),
            ["CloudWatch Logs", "CloudWatch Logs", "SQS", "SQS"],
            ["LMI504"],
        ),
        (changed("InstanceGroup", **CLOSED_GROUP), ["CloudWatch Logs", "SQS", "security group"], ["LMI505"]),
    ],
    ids=["sound", "no endpoint", "no logs", "no private DNS", "another group", "refused", "no HTTPS"],
)
def test_what_cannot_be_reached_is_marked(resources, marked, told):
    """Service and endpoint, with the rule that says why; nothing is marked that check says nothing of."""
    from cdk_lmi import check_template

    picture = drawn(resources)
    assert cut_off(picture) == marked
    rules = set(re.findall(r"LMI5\d\d", str([box.lines for box in picture.all_boxes()])))
    assert rules == set(told)
    assert rules <= {violation.id for violation in check_template({"Resources": resources})}
    named = {box.id for box in picture.all_boxes() if box.role in (Role.SERVICE, Role.ENDPOINT) and box.is_cut_off}
    assert {a.target for a in picture.arrows if a.way is Way.CLOSED} >= named
    assert not any(
        a.way is not Way.CLOSED
        for a in picture.arrows
        if a.target in named
        and a.source not in named
        and a.source not in {box.id for box in picture.all_boxes() if box.is_cut_off}
    )


def test_a_route_out_leads_to_what_has_no_endpoint():
    """And to nothing else."""
    routed = {
        **without("Sqs"),
        "Out": resource(
            "AWS::EC2::Route", RouteTableId=ref("Table"), DestinationCidrBlock="0.0.0.0/0", NatGatewayId="nat-1"
        ),
    }
    picture = drawn(routed)
    assert cut_off(picture) == []
    (out,) = boxes(picture, Role.WAY_OUT)
    (service,) = [box.id for box in boxes(picture, Role.SERVICE) if box.lines[0] == "SQS"]
    assert [a.target for a in picture.arrows if a.source == out.id] == [service]


def test_what_the_template_does_not_tell_is_neither_reached_nor_not():
    """Imported subnets, and a capacity provider that is defined elsewhere."""
    imported = changed("Pool", VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})
    picture = drawn(imported)
    assert cut_off(picture) == []
    assert {a.way for a in picture.arrows if a.target in {box.id for box in boxes(picture, Role.SERVICE)}} == {
        Way.UNTOLD
    }
    elsewhere = {id: each for id, each in SOUND.items() if each["Type"] in ("AWS::Lambda::Function", "AWS::IAM::Role")}
    picture = drawn(elsewhere)
    assert lines(picture, Role.ELSEWHERE) == ["capacity provider not defined by this template"]
    assert boxes(picture, Role.SERVICE) == []


FUNCTION = next(id for id, each in SOUND.items() if each["Type"] == "AWS::Lambda::Function")


def called(**properties):
    """A method that calls the function itself, which publishes something or nothing."""
    template = changed(FUNCTION, **properties)
    uri = {"Fn::Sub": f"arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${{{FUNCTION}.Arn}}/invocations"}
    template["Get"] = resource("AWS::ApiGateway::Method", HttpMethod="GET", Integration={"Uri": uri})
    return template


def test_calls_that_name_no_version_are_marked_where_nothing_serves_them():
    """Where $LATEST.PUBLISHED does, they lead there."""
    version = resource("AWS::Lambda::Version", FunctionName=ref(FUNCTION))
    picture = drawn({**called(PublishToLatestPublished=False), "Version": version})
    assert cut_off(picture) == ["API Gateway"]
    assert ways(picture)["API Gateway GET /", f"function {FUNCTION}"] is Way.CLOSED
    picture = drawn(called(PublishToLatestPublished=True))
    assert cut_off(picture) == []
    latest = "$LATEST.PUBLISHED at least 3 environments"
    assert ways(picture)["API Gateway GET /", latest] is Way.OPEN
    assert ways(picture)[latest, f"function {FUNCTION}"] is Way.OPEN
    picture = drawn(changed(FUNCTION, PublishToLatestPublished=False))
    assert cut_off(picture) == ["function"]


def hooked(**hooks):
    """Two functions on Managed Instances, of which the second has CodeDeploy call the first."""
    template = {**copy.deepcopy(SOUND), "Shop": copy.deepcopy(SOUND[FUNCTION])}
    for id, function in (("Hook", FUNCTION), ("Shop", "Shop")):
        template[f"{id}Version"] = resource("AWS::Lambda::Version", FunctionName=ref(function))
        version = {"Fn::GetAtt": [f"{id}Version", "Version"]}
        template[f"{id}Alias"] = resource(
            "AWS::Lambda::Alias", FunctionName=ref(function), FunctionVersion=version, Name=id.lower()
        )
    update = {"ApplicationName": "shop", "DeploymentGroupName": "shop", **hooks}
    template["ShopAlias"]["UpdatePolicy"] = {"CodeDeployLambdaAliasUpdate": update}
    return template


@pytest.mark.parametrize("hook", ["BeforeAllowTrafficHook", "AfterAllowTrafficHook"])
def test_the_hooks_of_a_rollout_are_called_by_codedeploy(hook):
    """By the alias that is named, or marked where no version is and nothing serves that."""
    caller = "CodeDeploy rollout of ShopAlias"
    picture = drawn(hooked(**{hook: ref("HookAlias")}))
    assert (lines(picture, Role.ENTRY), cut_off(picture)) == ([caller], [])
    assert ways(picture)[caller, "alias hook"] is Way.OPEN
    unqualified = hooked(**{hook: ref(FUNCTION)})
    unqualified[FUNCTION]["Properties"]["PublishToLatestPublished"] = False
    picture = drawn(unqualified)
    assert (lines(picture, Role.ENTRY), cut_off(picture)) == ([caller], ["CodeDeploy"])
    assert ways(picture)[caller, f"function {FUNCTION}"] is Way.CLOSED
    assert lines(drawn(hooked()), Role.ENTRY) == []


def test_paths_in_a_circle_come_to_an_end():
    """Of resources of an API that name each other as their parent."""
    template = called()
    for id, parent in (("A", "B"), ("B", "A")):
        template[id] = resource("AWS::ApiGateway::Resource", PathPart=id, ParentId=ref(parent))
    template["Get"]["Properties"]["ResourceId"] = ref("A")
    (box,) = boxes(drawn(template), Role.ENTRY)
    assert box.lines[1].endswith("/B/A")


def test_two_versions_serve_while_traffic_shifts():
    """The alias leads to both."""
    versions = {
        id: resource(
            "AWS::Lambda::Version",
            FunctionName=ref(FUNCTION),
            FunctionScalingConfig={"MinExecutionEnvironments": least},
        )
        for id, least in (("Old", 4), ("New", 5))
    }
    version = {"Fn::GetAtt": ["Old", "Version"]}
    weights = {
        "AdditionalVersionWeights": [{"FunctionVersion": {"Fn::GetAtt": ["New", "Version"]}, "FunctionWeight": 0.1}]
    }
    alias = resource(
        "AWS::Lambda::Alias", FunctionName=ref(FUNCTION), Name="live", FunctionVersion=version, RoutingConfig=weights
    )
    arrows = ways(drawn({**SOUND, **versions, "Alias": alias}))
    for least in (4, 5):
        assert ("alias live", f"published version at least {least} environments") in arrows


def fleet(count):
    """A template with as many functions, each called by an API."""
    resources = copy.deepcopy(SOUND)
    function = resources.pop(FUNCTION)
    for number in range(count):
        id = f"Fn{number}"
        resources[id] = function
        resources[f"Version{number}"] = resource("AWS::Lambda::Version", FunctionName=ref(id))
        version = {"Fn::GetAtt": [f"Version{number}", "Version"]}
        resources[f"Alias{number}"] = resource(
            "AWS::Lambda::Alias", FunctionName=ref(id), FunctionVersion=version, Name="live"
        )
        for verb in ("GET", "PUT"):
            resources[f"{verb}{number}"] = resource(
                "AWS::ApiGateway::Method", HttpMethod=verb, Integration={"Uri": ref(f"Alias{number}")}
            )
    return resources


def test_many_functions_are_one_box_each():
    """With their aliases in it. Up to some they are drawn in detail."""
    detailed, large = (drawn(fleet(count)) for count in (MOST_IN_DETAIL, MOST_IN_DETAIL + 1))
    assert len(boxes(detailed, Role.ALIAS)) == MOST_IN_DETAIL
    assert boxes(large, Role.ALIAS) == boxes(large, Role.VERSION) == []
    assert all("alias live" in box.lines for box in boxes(large, Role.FUNCTION))
    assert len(boxes(large, Role.ENTRY)) == 2 * (MOST_IN_DETAIL + 1)


def test_many_entry_points_of_a_kind_are_one_box():
    """With how many they are, and the first of their names."""
    resources = {
        **fleet(1),
        **{
            f"M{n}": resource("AWS::ApiGateway::Method", HttpMethod=f"V{n}", Integration={"Uri": ref("Alias0")})
            for n in range(20)
        },
    }
    (box,) = boxes(drawn(resources), Role.ENTRY)
    assert "22" in box.lines[0]
    assert "19 more" in box.lines[1]


def test_only_what_was_asked_for_is_drawn():
    """A function with its callers and its capacity provider."""
    picture = drawn(fleet(3), functions=["Fn1"])
    assert lines(picture, Role.FUNCTION) == ["function Fn1"]
    assert len(boxes(picture, Role.ENTRY)) == 2


def test_several_templates_are_told_apart():
    """Each is a group under the name of its stack, and no id is used twice."""
    subjects = [Subject(title, Template({"Resources": SOUND})) for title in ("Shop", "Store")]
    picture = draw((subject, subject.functions) for subject in subjects)
    assert [group.title for group in picture.groups] == ["Shop", "Store"]
    ids = [box.id for box in picture.all_boxes()]
    assert len(ids) == len(set(ids)) == 2 * len(list(drawn(SOUND).all_boxes()))


def test_mermaid_reads_what_is_meant(read_by_mermaid, shop):
    """Every box, every arrow and every group of it."""
    pictures = [
        drawn(shop[0], paths=shop[1]),
        drawn(without("Sqs")),
        drawn(fleet(3)),
        drawn(fleet(60)),
        drawn(called()),
    ]
    for picture, chart in zip(pictures, read_by_mermaid(*map(flowchart, pictures)), strict=True):
        assert "error" not in chart
        ids = set(chart["groups"])
        assert {id: box["text"].split("\n") for id, box in chart["boxes"].items() if id not in ids} == {
            box.id: [line for line in box.lines if line] for box in picture.all_boxes()
        }
        assert {id for id, box in chart["boxes"].items() if "cutoff" in box["classes"]} == {
            box.id for box in picture.all_boxes() if box.is_cut_off
        }
        crossed = {True: "arrow_cross", False: "arrow_point"}
        assert [tuple(arrow) for arrow in chart["arrows"]] == [
            (a.source, a.target, crossed[a.way is Way.CLOSED], a.label) for a in picture.arrows
        ]


HOSTILE = [
    '"]; click function1 "https://evil.example"',
    "<script>alert(1)</script><b>x</b>",
    "`**bold** _x_`",
    "1. one",
    "- one",
    "# heading",
    "#quot;#35;",
    "%%{init: {'theme': 'dark'}}%%",
    "style a:b#123;",
    "end",
    "subgraph x",
    "a --> b",
    "$$x^2$$",
    "\\n\\\\",
    "&lt;&amp;",
    "{{[[((x))]]}}",
    "|pipe|",
    "classDef a:#f00;",
    "@{ shape: rect }",
    "---",
    "ﬂ°°35¶ß",
    "https://example.com/?a=b&c=d",
]


def shown(text):
    """What of a text a label shows."""
    return "".join(filter(str.isprintable, text if len(text) <= 80 else f"{text[:79]}…"))


def test_labels_say_what_they_say_and_do_nothing(read_by_mermaid):
    """Whatever names hold: one box each, with the text as it is and nothing made of it."""
    pictures = [
        Picture("p", "", boxes=[Box("a", Role.ENTRY, (text,)), Box("b", Role.SERVICE, ("x", text))]) for text in HOSTILE
    ]
    for text, chart in zip(HOSTILE, read_by_mermaid(*map(flowchart, pictures)), strict=True):
        assert "error" not in chart
        assert chart["boxes"]["a"]["text"] == text
        assert chart["boxes"]["b"]["text"] == f"x\n{text}"
        assert set(chart["boxes"]) == {"a", "b"}
        assert [box["elements"] for box in chart["boxes"].values()] == [0, 0]


def test_stacks_and_what_is_drawn_of_them_are_read_out(read_by_mermaid):
    """With how many functions, or what else there is, and how many boxes nothing gets to."""
    two = [Subject(title, Template({"Resources": SOUND})) for title in ("Shop", "Store")]
    pool = {id: each for id, each in SOUND.items() if each["Type"] == "AWS::Lambda::CapacityProvider"}
    pictures = [
        drawn(SOUND),
        draw((subject, subject.functions) for subject in two),
        drawn(without("Sqs")),
        drawn(pool, title="Pool"),
    ]
    charts = read_by_mermaid(*map(flowchart, pictures))
    assert [chart["title"] for chart in charts] == ["Shop", "Shop, Store", "Shop", "Pool"]
    sound, both, cut, empty = (chart["description"] for chart in charts)
    assert "1 function," in sound
    assert "2 functions," in both
    assert f"{len(cut_off(pictures[2]))} cut off" in cut
    assert "cut off" not in sound
    assert "function" not in empty
    assert "1 capacity provider" in empty


def test_titles_say_what_they_say(read_by_mermaid):
    """Whatever stacks are called, as labels do; where there is no title, none is read out."""
    pictures = [Picture("p", text, boxes=[Box("a", Role.ENTRY, ("x",))]) for text in (*HOSTILE, "")]
    for text, chart in zip((*HOSTILE, ""), read_by_mermaid(*map(flowchart, pictures)), strict=True):
        assert "error" not in chart
        assert (chart["title"], set(chart["boxes"])) == (text, {"a"})


@given(st.text(max_size=120) | st.sampled_from(HOSTILE))
def test_no_text_ends_its_label(text):
    """What is left is letters, digits, harmless marks and numbers of characters, which come to the text again."""
    written = label(text)
    left = re.sub(r"#\d+;", "", written)
    assert all(character.isalnum() or character in " _-.,/()+…" for character in left)
    assert re.sub(r"#(\d+);", lambda match: chr(int(match[1])), written) == shown(text)
    assert not re.match(r"\d+[.)]|[-+ .]", written)


#: A line of what is written: nothing else may come of any template.
LINE = re.compile(
    r"""flowchart\ LR
    | \ +accTitle:\ [^"<>\n]+ | \ +accDescr:\ [^"<>#;\n]+\.
    | \ +[a-z]+\d+(\[|\(|\{){1,2}"([^"<>]|<br/>)*"(\]|\)|\}){1,2}
    | \ +subgraph\ [a-z]+\d+\["[^"<>]*"\] | \ +end
    | \ +[a-z]+\d+\ (-->|-\.->|--x)(\|"[^"<>]*"\|)?\ [a-z]+\d+
    | \ +classDef\ [a-z]+\ [\w:,#\- ]+ | \ +class\ [a-z0-9,]+\ [a-z]+""",
    re.VERBOSE,
)


def is_well_formed(chart):
    """Whether it is of lines that there are, and every group ends."""
    written = chart.splitlines()
    return all(LINE.fullmatch(line) for line in written) and sum(
        line.strip().startswith("subgraph ") for line in written
    ) == sum(line.strip() == "end" for line in written)


@pytest.mark.parametrize("resources", [SOUND, without("Sqs"), fleet(3), fleet(20), called()])
def test_charts_are_well_formed(resources):
    """By what they are made of, where Mermaid is not at hand."""
    assert is_well_formed(flowchart(drawn(resources)))
    assert not is_well_formed(flowchart(drawn(resources)) + '  a["x"] click')
