"""Callers of functions that another template defines: by exports, by nested stacks, by names."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi import ManagedInstanceFunction, ManagedInstanceValidator
from cdk_lmi.inspection import inspect
from cdk_lmi.template.check import check_template
from cdk_lmi.template.cross_stack import Member, join

POOL = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"
ORDERS = {"Fn::GetAtt": ["Orders", "Arn"]}
RULE = "LMI601"


def function(**properties):
    """Define a function on Managed Instances that only who calls it can be told of."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "MemorySize": 2048,
            "LoggingConfig": {"LogFormat": "JSON"},
            "PublishToLatestPublished": False,
            "CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": POOL}},
            **properties,
        },
    }


STANDARD = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "orders"}}


def exporting(value, *, name: Any = "OrdersArn", **resources):
    """Give a template that exports something; of functions it has one."""
    return {
        "Resources": {"Orders": function(), **resources},
        "Outputs": {"Out": {"Value": value, "Export": {"Name": name}}},
    }


def calling(target):
    """Give a template with a rule that calls something."""
    return {"Resources": {"Call": {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Arn": target}]}}}}


def told(*templates, nested=None, **known):
    """Give, by template, the resources of which it is told that they call the function itself.

    Args:
        templates: The templates.
        nested: Which are nested in which, as what, by their places.
        known: What is known of each template, by place, as in ``environment=["aws://1/eu-west-1", None]``.
    """
    members = [
        Member(each, f"{place}.json", (nested or {}).get(place), **{fact: of[place] for fact, of in known.items()})
        for place, each in enumerate(templates)
    ]
    return [[found.resource for found in check_template(*each) if found.id == RULE] for each in join(members)]


IMPORT = {"Fn::ImportValue": "OrdersArn"}


class TestExports:
    """What other stacks import."""

    @pytest.mark.parametrize(
        ("value", "target"),
        [
            (ORDERS, IMPORT),
            ({"Fn::Sub": "${Orders.Arn}"}, {"Fn::ImportValue": {"Fn::Sub": "OrdersArn"}}),
            ({"Ref": "Orders"}, {"Fn::Sub": ["arn:aws:lambda:eu-west-1:1:function:${Name}", {"Name": IMPORT}]}),
            (ORDERS, {"Fn::Join": ["", [IMPORT]]}),
        ],
    )
    def test_the_function_itself_is_called(self, value, target):
        """By an import, however either side writes it."""
        assert told(exporting(value), calling(target)) == [[], ["Call"]]
        assert told(calling(target), exporting(value)) == [["Call"], []]

    @pytest.mark.parametrize(
        ("value", "target"),
        [
            ({"Ref": "Live"}, IMPORT),
            ({"Ref": "Version"}, IMPORT),
            ({"Fn::Sub": "${Orders.Arn}:live"}, IMPORT),
            (ORDERS, {"Fn::Join": [":", [IMPORT, "live"]]}),
            (ORDERS, {"Fn::ImportValue": "Another"}),
            (POOL, IMPORT),
            # What stands behind it may be a qualifier.
            (ORDERS, {"Fn::Join": ["", [IMPORT, {"Fn::ImportValue": "Suffix"}]]}),
            (ORDERS, {"Fn::Sub": ["${Function}${Suffix}", {"Function": IMPORT}]}),
            # Which of the two it is, nobody knows.
            ({"Fn::If": ["Unknown", ORDERS, {"Ref": "Live"}]}, IMPORT),
            # One of a list is taken.
            ({"Fn::Join": [",", [ORDERS, {"Ref": "Live"}]]}, {"Fn::Select": [1, {"Fn::Split": [",", IMPORT]}]}),
            ({"Fn::Sub": "${Orders.Arn}:$LATEST.PUBLISHED"}, IMPORT),
        ],
    )
    def test_a_version_or_something_else_is_called(self, value, target):
        """An alias, a version, or what is no function."""
        published = {
            "Live": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Orders"}, "Name": "live"}},
            "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Orders"}}},
        }
        exporter = {**exporting(value, **published), "Conditions": {"Unknown": {"Fn::Equals": [{"Ref": "A"}, "b"]}}}
        assert told(exporter, calling(target)) == [[], []]

    @pytest.mark.parametrize("qualifier", [":$LATEST", ":$LATEST/invocations"])
    def test_latest_is_called(self, qualifier):
        """It never serves, and is no version."""
        assert told(exporting(ORDERS), calling({"Fn::Sub": [f"${{A}}{qualifier}", {"A": IMPORT}]})) == [[], ["Call"]]

    @pytest.mark.parametrize(("condition", "expected"), [("Met", ["Call"]), ("NotMet", []), ("Unknown", [])])
    def test_an_output_under_a_condition(self, condition, expected):
        """Of two with one name at most one is there; which it is must be known."""
        exporter = exporting(ORDERS)
        conditions = {"Met": {"Fn::Equals": ["a", "a"]}, "NotMet": {"Fn::Equals": ["a", "b"]}, "Unknown": {}}
        exporter["Conditions"] = conditions
        exporter["Outputs"]["Out"]["Condition"] = condition
        assert told(exporter, calling(IMPORT)) == [[], expected]

    def test_two_outputs_of_one_name(self):
        """Under conditions that exclude each other: the one that is there counts."""
        exporter = exporting(ORDERS)
        exporter["Conditions"] = {"Bare": {"Fn::Equals": ["a", "b"]}, "Alias": {"Fn::Not": [{"Condition": "Bare"}]}}
        exporter["Outputs"]["Out"]["Condition"] = "Bare"
        alias = {"Value": {"Ref": "Live"}, "Export": {"Name": "OrdersArn"}, "Condition": "Alias"}
        exporter["Outputs"] = {"Alias": alias, **exporter["Outputs"]}
        exporter["Resources"]["Live"] = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": ORDERS}}
        assert told(exporter, calling(IMPORT)) == [[], []]

    def test_an_output_that_is_not_there(self):
        """It does not stand in the way of the one that is."""
        exporter = exporting(ORDERS)
        exporter["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
        exporter["Outputs"]["Other"] = {"Value": "x", "Export": {"Name": "OrdersArn"}, "Condition": "Never"}
        assert told(exporter, calling(IMPORT)) == [[], ["Call"]]

    def test_an_import_that_is_called_like_a_function(self):
        """What it is imported by is not what it is."""
        exporter = exporting({"Ref": "Live"}, name="orders", Orders=function(FunctionName="orders"))
        exporter["Resources"]["Live"] = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": ORDERS}}
        assert told(exporter, calling({"Fn::ImportValue": "orders"})) == [[], []]

    def test_each_caller_is_told_for_itself(self):
        """So that each can be acknowledged."""
        callers = calling(IMPORT)
        callers["Resources"]["Again"] = callers["Resources"]["Call"]
        assert told(exporting(ORDERS), callers) == [[], ["Call", "Again"]]

    HERE, THERE = "aws://111111111111/eu-west-1", "aws://111111111111/us-east-1"

    def test_an_export_is_of_one_account_and_region(self):
        """The same name is something else elsewhere."""
        templates = exporting(ORDERS), exporting(ORDERS, Orders=STANDARD), calling(IMPORT)
        assert told(*templates, environment=[self.HERE, self.THERE, self.HERE]) == [[], [], ["Call"]]
        assert told(*templates, environment=[self.HERE, self.THERE, self.THERE]) == [[], [], []]
        assert told(*templates[::2], environment=[self.HERE, None]) == [[], []]

    def test_a_stage_comes_before_the_others(self):
        """Where no account and Region is known, what was synthesised together belongs together."""
        templates = exporting(ORDERS), exporting(ORDERS, Orders=STANDARD), calling(IMPORT)
        assert told(*templates, assembly=["prod", "test", "prod"]) == [[], [], ["Call"]]
        assert told(*templates, assembly=["prod", "test", "test"]) == [[], [], []]
        assert told(*templates, assembly=["prod", "test", "other"]) == [[], [], []]

    def test_of_two_that_are_called_the_same_and_weigh_differently(self):
        """Nobody can tell whether it is an error."""
        published = exporting(ORDERS, Orders=function(PublishToLatestPublished=True))
        assert told(exporting(ORDERS), published, calling(IMPORT)) == [[], [], []]

    @pytest.mark.parametrize(
        ("argument", "expected"),
        [
            ({"StackName": "compute", "OutputName": "Out"}, ["Call"]),
            ({"StackName": "compute", "OutputName": "Out", "Region": {"Ref": "AWS::Region"}}, ["Call"]),
            ({"StackName": "compute", "OutputName": "Out", "Region": "us-east-1"}, []),
            ({"StackName": "compute", "OutputName": "Another"}, []),
            ({"StackName": "another", "OutputName": "Out"}, []),
            ("compute.Out", []),
        ],
    )
    def test_an_output_that_is_not_exported(self, argument, expected):
        """CDK's weak references read it by the name of the stack."""
        exporter = exporting(ORDERS)
        del exporter["Outputs"]["Out"]["Export"]
        templates = exporter, calling({"Fn::GetStackOutput": argument})
        assert told(*templates, stack_name=["compute", "api"]) == [[], expected]

    def test_a_standard_function_is_called(self):
        """It serves without a version."""
        assert told(exporting(ORDERS, Orders=STANDARD), calling(IMPORT)) == [[], []]

    def test_of_a_name_that_depends_on_a_parameter(self):
        """Both come to what its default says."""
        name = {"Fn::Sub": "${Stage}-Orders"}
        stage = {"Parameters": {"Stage": {"Type": "String", "Default": "prod"}}}
        assert told({**exporting(ORDERS, name=name), **stage}, {**calling({"Fn::ImportValue": name}), **stage}) == [
            [],
            ["Call"],
        ]

    def test_of_a_name_that_something_else_has_as_well(self):
        """As of two stages: which of them is imported, nobody can tell."""
        assert told(exporting(ORDERS), exporting(ORDERS, Orders=STANDARD), calling(IMPORT)) == [[], [], []]
        assert told(exporting(ORDERS), exporting(ORDERS), calling(IMPORT)) == [[], [], ["Call"]]

    def test_what_is_imported_is_exported_again(self):
        """Under another name."""
        between = {"Resources": {}, "Outputs": {"Again": {"Value": IMPORT, "Export": {"Name": "Again"}}}}
        assert told(calling({"Fn::ImportValue": "Again"}), between, exporting(ORDERS)) == [["Call"], [], []]

    def test_two_that_are_called_alike_are_told_apart(self):
        """Logical ids are of one template only."""
        template = {"Resources": {"Orders": STANDARD, **calling(IMPORT)["Resources"]}}
        assert told(exporting(ORDERS), template) == [[], ["Call"]]

    def test_latest_published(self):
        """Where that is published it serves, and calling it is a warning."""
        published = exporting(ORDERS, Orders=function(PublishToLatestPublished=True))
        (_, caller) = join([Member(published, "0"), Member(calling(IMPORT), "1")])
        (violation,) = check_template(*caller)
        assert (violation.id, violation.severity.value) == (RULE, "warning")

    def test_latest_of_what_is_published(self):
        """That never serves, and calling it is an error."""
        published = exporting(ORDERS, Orders=function(PublishToLatestPublished=True))
        callers = calling({"Fn::Sub": ["${A}:$LATEST", {"A": IMPORT}]})
        (_, caller) = join([Member(published, "0"), Member(callers, "1")])
        (violation,) = check_template(*caller)
        assert (violation.id, violation.severity.value) == (RULE, "error")

    @pytest.mark.parametrize(
        ("name", "expected"), [(None, ["Call"]), ("orders", [])], ids=["made up", "which others may have"]
    )
    def test_in_an_arn_of_a_region_that_may_be_another(self, name, expected):
        """A name that CloudFormation makes up is in one only."""
        named = {"FunctionName": name} if name else {}
        target = {"Fn::Sub": ["arn:aws:lambda:eu-west-1:1:function:${Name}", {"Name": IMPORT}]}
        assert told(exporting({"Ref": "Orders"}, Orders=function(**named)), calling(target)) == [[], expected]

    def test_the_message_tells_where_the_function_is(self):
        """And the place is the caller's."""
        (_, caller) = join([Member(exporting(ORDERS), "Compute.json"), Member(calling(IMPORT), "Api.json")])
        (violation,) = check_template(*caller)
        assert "Orders in Compute.json" in violation.message
        assert violation.locations == ("/Resources/Call/Properties/Targets",)


def nesting(**parameters):
    """Give the resource of a nested stack."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "…", "Parameters": parameters}}


#: A template that calls what it gets as a parameter.
OF_PARAMETER: Any = {"Parameters": {"Target": {"Type": "String"}}, **calling({"Ref": "Target"})}


class TestNestedStacks:
    """What they get as parameters, and give as outputs."""

    def test_a_parameter(self):
        """The function is the parent's."""
        parent = {"Resources": {"Orders": function(), "Inner": nesting(Target=ORDERS)}}
        assert told(parent, OF_PARAMETER, nested={1: (0, "Inner")}) == [[], ["Call"]]

    def test_a_parameter_that_has_a_default(self):
        """What the parent gives counts."""
        parent = {"Resources": {"Orders": function(), "Inner": nesting(Target=ORDERS)}}
        inner = {**OF_PARAMETER, "Parameters": {"Target": {"Type": "String", "Default": "none"}}}
        assert told(parent, inner, nested={1: (0, "Inner")}) == [[], ["Call"]]

    @pytest.mark.parametrize("written", [{"Fn::GetAtt": ["Inner", "Outputs.Out"]}, {"Fn::Sub": "${Inner.Outputs.Out}"}])
    def test_an_output(self, written):
        """The function is the nested stack's."""
        parent = {"Resources": {"Inner": nesting(), **calling(written)["Resources"]}}
        assert told(parent, exporting(ORDERS), nested={1: (0, "Inner")}) == [["Call"], []]

    def test_from_one_to_another(self):
        """An output of one is a parameter of the other, by way of the parent; or of its own child."""
        given = nesting(Target={"Fn::GetAtt": ["Inner", "Outputs.Out"]})
        parent = {"Resources": {"Inner": nesting(), "Other": given}}
        nested = {1: (0, "Inner"), 2: (0, "Other")}
        assert told(parent, exporting(ORDERS), OF_PARAMETER, nested=nested) == [[], [], ["Call"]]

    def test_what_the_parent_gives_is_what_the_child_goes_by(self):
        """A qualifier, and which of two things is called: by the parent's values, not by defaults."""
        parameters = {"Target": {"Type": "String", "Default": "none"}, "Qualifier": {"Type": "String", "Default": ""}}
        inner = {
            "Parameters": parameters,
            "Conditions": {"Bare": {"Fn::Equals": [{"Ref": "Qualifier"}, ""]}},
            **calling({"Fn::If": ["Bare", {"Ref": "Target"}, {"Fn::Sub": "${Target}:${Qualifier}"}]}),
        }
        for qualifier, expected in (("", ["Call"]), ("live", []), ({"Ref": "AWS::StackName"}, [])):
            given = nesting(Target=ORDERS, Qualifier=qualifier)
            parent = {"Resources": {"Orders": function(), "Inner": given}}
            assert told(parent, inner, nested={1: (0, "Inner")}) == [[], expected]

    def test_a_default_that_the_parent_overrides(self):
        """The child would call the function itself if nobody gave it the alias."""
        live = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": ORDERS}}
        parent = {"Resources": {"Orders": function(FunctionName="orders"), "Live": live}}
        inner = {**OF_PARAMETER, "Parameters": {"Target": {"Type": "String", "Default": "orders"}}}
        for gets, expected in (({}, ["Call"]), ({"Target": {"Ref": "Live"}}, [])):
            parent["Resources"]["Inner"] = nesting(**gets)
            assert told(parent, inner, nested={1: (0, "Inner")}) == [[], expected]

    def test_a_parameter_that_nobody_knows(self):
        """Where a condition decides what it is."""
        given = nesting(Target={"Fn::If": ["Unknown", ORDERS, "none"]})
        parent = {"Resources": {"Orders": function(), "Inner": given}, "Conditions": {"Unknown": {}}}
        assert told(parent, OF_PARAMETER, nested={1: (0, "Inner")}) == [[], []]

    def test_twins(self):
        """Two of one template, of which only one is given the function."""
        parent = {"Resources": {"Orders": function(), "One": nesting(Target=POOL), "Two": nesting(Target=ORDERS)}}
        nested = {1: (0, "One"), 2: (0, "Two")}
        assert told(parent, OF_PARAMETER, OF_PARAMETER, nested=nested) == [[], [], ["Call"]]

    def test_what_goes_in_a_circle_comes_to_an_end(self):
        """An output made of a parameter that is made of the output."""
        again = {"Fn::Join": ["", [ORDERS, {"Fn::GetAtt": ["Inner", "Outputs.Out"]}]]}
        parent = {"Resources": {"Orders": function(), "Inner": nesting(Target=again)}}
        inner = {**OF_PARAMETER, "Outputs": {"Out": {"Value": {"Ref": "Target"}}}}
        assert told(parent, inner, nested={1: (0, "Inner")})[0] == []


#: A template with a function that it names.
NAMED: Any = {"Resources": {"Orders": function(FunctionName="orders")}}


class TestNames:
    """Functions that their template names."""

    ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
    HERE = "aws://123456789012/eu-west-1"

    @pytest.mark.parametrize(
        ("target", "expected"),
        [
            (ARN, ["Call"]),
            (f"{ARN}:$LATEST", ["Call"]),
            ({"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:orders"}, ["Call"]),
            (f"{ARN}:live", []),
            (ARN.replace("eu-west-1", "us-east-1"), []),
            (ARN.replace("123456789012", "999999999999"), []),
            ({"Fn::Sub": "arn:aws:lambda:${Region}:${AWS::AccountId}:function:orders"}, []),
            ("999999999999:function:orders", []),
        ],
    )
    def test_the_function_itself_is_called(self, target, expected):
        """By its name in an ARN of that account and Region."""
        assert told(NAMED, calling(target), environment=[self.HERE] * 2) == [[], expected]

    def test_by_its_name_alone(self):
        """Where that is all of a property."""
        permission = {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "orders"}}
        assert told(NAMED, {"Resources": {"May": permission}}) == [[], ["May"]]
        api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": {"tags": ["orders"]}}}
        assert told(NAMED, {"Resources": {"Api": api}}) == [[], []]

    def test_it_is_called_beside_something_else(self):
        """Of two targets each counts."""
        template = calling(self.ARN)
        template["Resources"]["Call"]["Properties"]["Targets"].append({"Arn": "arn:aws:sns:eu-west-1:1:topic"})
        assert told(NAMED, template, environment=[self.HERE] * 2) == [[], ["Call"]]

    def test_in_an_account_and_region_that_nobody_knows(self):
        """An ARN may be of any."""
        assert told(NAMED, calling(self.ARN)) == [[], []]

    def test_in_another_region(self):
        """A name is of one."""
        permission = {
            "Resources": {"May": {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "orders"}}}
        }
        assert told(NAMED, permission, environment=[self.HERE, "aws://123456789012/us-east-1"]) == [[], []]

    def test_one_s_own_is_told_once(self):
        """As of itself, and not as of another template."""
        permission = {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "orders"}}
        own = {"Resources": {**NAMED["Resources"], "May": permission}}
        assert told(own, calling("x")) == [["Orders"], []]

    def test_one_s_own_comes_first(self):
        """A template that has a function of that name itself calls that one."""
        own = {"Resources": {"Orders": STANDARD, **calling("x")["Resources"]}}
        own["Resources"]["Call"] = {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": "orders"}}
        assert told(NAMED, own, assembly=["prod", "test"]) == [[], []]

    def test_of_a_name_that_a_standard_function_has_as_well(self):
        """In another Region or account."""
        named = {"Resources": {"Orders": function(FunctionName="orders")}}
        assert told(named, {"Resources": {"Orders": STANDARD}}, calling(self.ARN)) == [[], [], []]


#: What nobody would write, in the place of anything.
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "Orders", "Inner", "Out", "Target", "${Orders"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::GetAtt", "Fn::ImportValue", "Fn::Sub", "Name", "Value", "Export", "Parameters"]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=6,
)


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING)
def test_whatever_is_handed_on_comes_to_an_answer(value, export, parameters, outputs):
    """Nothing raises, whatever stands where something is handed on."""
    parent = {
        "Resources": {
            "Orders": function(),
            "Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": parameters},
            "Other": nesting(Target=value),
        },
        "Outputs": {"Out": {"Value": value, "Export": export}, "Odd": outputs},
    }
    inner = {**calling(value), "Parameters": parameters, "Outputs": outputs}
    nested = {1: (0, "Inner"), 2: (0, "Other")}
    told(parent, inner, calling(value), nested=nested)
    join([Member(each, "any", nested.get(place)) for place, each in enumerate((parent, value, outputs))])


def test_many_templates_take_no_longer_each(lines_executed):
    """Each with a function that the next one calls."""

    def template(number):
        named = function(FunctionName=f"orders-{number}")
        call = calling({"Fn::ImportValue": f"Arn{number - 1}"})["Resources"]
        return exporting(ORDERS, name=f"Arn{number}", Orders=named, **call)

    def lines(count):
        templates = [template(number) for number in range(count)]
        return lines_executed(lambda: told(*templates))

    few, many = lines(10), lines(40)
    assert many < 5 * few


@pytest.fixture
def app(tmp_path):
    """An app that is synthesised where nothing else is."""
    return cdk.App(outdir=str(tmp_path / "cdk.out"))


def orders(scope):
    """Define a function of this library on a pool that is somewhere else."""
    return ManagedInstanceFunction(
        scope,
        "Orders",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        capacity_provider=lambda_.CapacityProvider.from_capacity_provider_arn(scope, "Pool", POOL),
    )


def call(scope, target):
    """Call something every hour."""
    schedule = events.Schedule.rate(cdk.Duration.hours(1))
    events.Rule(scope, "Hourly", schedule=schedule, targets=[targets.LambdaFunction(target)])


def found(app):
    """Give what an app is told of: the file, the construct, and the reason if it was acknowledged."""
    return {
        (Path(template.path).name, result.construct_path, result.acknowledged)
        for template in inspect([app.synth().directory]).templates
        for result in template.results
        if result.violation.id == RULE
    }


class TestApps:
    """Stacks of CDK, as it writes them."""

    def test_another_stack_calls_the_function(self, app):
        """API Gateway's method, and the permission for it: of the construct's alias nothing is told."""
        compute, api = cdk.Stack(app, "Compute"), cdk.Stack(app, "Api")
        function = orders(compute)
        root = apigateway.RestApi(api, "Shop").root
        root.add_method("GET", apigateway.LambdaIntegration(function.alias))
        root.add_method("POST", apigateway.LambdaIntegration(function.function))
        told = found(app)
        assert {file for file, _, _ in told} == {"Api.template.json"}
        assert all(path.startswith("Api/Shop/Default/POST") for _, path, _ in told)

    def test_a_nested_stack_calls_the_function(self, app):
        """CDK hands it over as a parameter."""
        compute = cdk.Stack(app, "Compute")
        call(cdk.NestedStack(compute, "Inner"), orders(compute).function)
        assert "Compute/Inner/Hourly/Resource" in {path for _, path, _ in found(app)}

    def test_the_function_of_a_nested_stack_is_called(self, app):
        """From the parent, and from another nested stack of it, by an output."""
        compute = cdk.Stack(app, "Compute")
        function = orders(cdk.NestedStack(compute, "Inner")).function
        call(compute, function)
        call(cdk.NestedStack(compute, "Other"), function)
        assert {path for _, path, _ in found(app)} >= {"Compute/Hourly/Resource", "Compute/Other/Hourly/Resource"}

    def test_it_is_acknowledged_where_it_is_called(self, app):
        """At the construct that calls, and there alone."""
        compute, other = cdk.Stack(app, "Compute"), cdk.Stack(app, "Other")
        function = orders(compute).function
        for name in ("First", "Second"):
            call(Construct(other, name), function)
        Validations.of(other.node.find_child("Second")).acknowledge(
            Acknowledgment(id="cdk-lmi::LMI601", reason="a try")
        )
        reasons = {(path.split("/")[1], reason) for _, path, reason in found(app)}
        assert reasons == {("First", None), ("Second", "a try")}

    def test_stages_of_one_app(self, app):
        """With stacks of one name in each: what is told of a caller is of its own stage."""
        for name in ("Prod", "Test"):
            stage = cdk.Stage(app, name)
            call(
                cdk.Stack(stage, "Other", stack_name="other"),
                orders(cdk.Stack(stage, "Compute", stack_name="c")).function,
            )
        results = [each for found in inspect([app.synth().directory]).templates for each in found.results]
        told = {(each.construct_path, each.violation.message) for each in results if each.violation.id == RULE}
        assert {str(path).split("/")[0] for path, _ in told} == {"Prod", "Test"}
        assert all(str(path).split("/")[0] in message for path, message in told)

    def test_weak_references(self, app):
        """CDK writes outputs without an export for them, where it knows them."""
        app.node.set_context("@aws-cdk/core:defaultCrossStackReferences", "weak")
        compute, other = cdk.Stack(app, "Compute"), cdk.Stack(app, "Other")
        call(other, orders(compute).function)
        assert "Other/Hourly/Resource" in {path for _, path, _ in found(app)}

    def test_a_nested_stack_whose_parent_publishes(self, app):
        """It is known that somebody may."""
        compute = cdk.Stack(app, "Compute")
        inner = cdk.NestedStack(compute, "Inner")
        function = lambda_.Function(
            inner,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="index.handler",
            memory_size=2048,
            logging_format=lambda_.LoggingFormat.JSON,
            code=lambda_.Code.from_inline("def handler(event, context): ..."),
        )
        resource: Any = function.node.default_child
        resource.publish_to_latest_published = False
        resource.capacity_provider_config = {
            "lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": POOL}
        }
        lambda_.CfnVersion(compute, "Version", function_name=function.function_name)
        ids = {each.violation.id for one in inspect([app.synth().directory]).templates for each in one.results}
        assert "LMI604" not in ids

    def test_the_validator_stops_synthesis(self, app):
        """With the construct that calls."""
        Validations.of(app).add_plugins(ManagedInstanceValidator())
        compute, other = cdk.Stack(app, "Compute"), cdk.Stack(app, "Other")
        call(other, orders(compute).function)
        with pytest.raises(RuntimeError, match=r"(?s)Other/Hourly.*LMI601"):
            app.synth()
