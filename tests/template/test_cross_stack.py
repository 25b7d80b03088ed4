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
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi import ManagedInstanceFunction, ManagedInstanceValidator
from cdk_lmi.inspection import inspect
from cdk_lmi.template.check import check_template
from cdk_lmi.template.cross_stack import Member, received_by

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


def told(*templates, nested=None):
    """Give, by template, the resources of which it is told that they call the function itself.

    Args:
        templates: The templates.
        nested: Which are nested in which, as what, by their places.
    """
    members = [Member(each, f"{place}.json", (nested or {}).get(place)) for place, each in enumerate(templates)]
    return [
        [violation.resource for violation in check_template(each, received) if violation.id == RULE]
        for each, received in zip(templates, received_by(members), strict=True)
    ]


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
        ],
    )
    def test_a_version_or_something_else_is_called(self, value, target):
        """An alias, a version, or what is no function."""
        published = {
            "Live": {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Orders"}, "Name": "live"}},
            "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Orders"}}},
        }
        assert told(exporting(value, **published), calling(target)) == [[], []]

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
        (_, received) = received_by(
            [
                Member(exporting(ORDERS, Orders=function(PublishToLatestPublished=True)), "0"),
                Member(calling(IMPORT), "1"),
            ]
        )
        (violation,) = check_template(calling(IMPORT), received)
        assert (violation.id, violation.severity.value) == (RULE, "warning")

    def test_the_message_tells_where_the_function_is(self):
        """And the place is the caller's."""
        (_, received) = received_by([Member(exporting(ORDERS), "Compute.json"), Member(calling(IMPORT), "Api.json")])
        (violation,) = check_template(calling(IMPORT), received)
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


class TestNames:
    """Functions that their template names."""

    ARN = "arn:aws:lambda:eu-west-1:123456789012:function:orders"

    def test_the_function_itself_is_called(self):
        """By its name in an ARN."""
        named = {"Resources": {"Orders": function(FunctionName="orders")}}
        assert told(named, calling(self.ARN)) == [[], ["Call"]]
        assert told(named, calling(f"{self.ARN}:live")) == [[], []]

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
    received_by([Member(each, "any", nested.get(place)) for place, each in enumerate((parent, value, outputs))])


def test_many_templates_take_no_longer_each(lines_executed):
    """What has no function on Managed Instances, and what hands nothing on, is gone through no more often."""

    def lines(count):
        templates = [exporting(ORDERS), *(calling(IMPORT) for _ in range(count))]
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
        assert {path for _, path, _ in found(app)} == {"Compute/Inner/Hourly/Resource"}

    def test_the_function_of_a_nested_stack_is_called(self, app):
        """From the parent, and from another nested stack of it, by an output."""
        compute = cdk.Stack(app, "Compute")
        function = orders(cdk.NestedStack(compute, "Inner")).function
        call(compute, function)
        call(cdk.NestedStack(compute, "Other"), function)
        assert {path for _, path, _ in found(app)} >= {"Compute/Hourly/Resource", "Compute/Other/Hourly/Resource"}

    def test_it_is_acknowledged_where_it_is_called(self, app):
        """At the stack of the caller."""
        compute, other = cdk.Stack(app, "Compute"), cdk.Stack(app, "Other")
        call(other, orders(compute).function)
        Validations.of(other).acknowledge(Acknowledgment(id="cdk-lmi::LMI601", reason="a try"))
        told = found(app)
        assert told
        assert {reason for _, _, reason in told} == {"a try"}

    def test_the_validator_stops_synthesis(self, app):
        """With the construct that calls."""
        Validations.of(app).add_plugins(ManagedInstanceValidator())
        compute, other = cdk.Stack(app, "Compute"), cdk.Stack(app, "Other")
        call(other, orders(compute).function)
        with pytest.raises(RuntimeError, match=r"(?s)Other/Hourly.*LMI601"):
            app.synth()
