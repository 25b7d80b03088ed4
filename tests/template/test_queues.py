"""Queues that call functions: for how long they hide messages, where that is certain."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from cdk_lmi import check_template
from cdk_lmi.rules import examples

#: A queue with no visibility timeout of its own, which calls an alias of a function that takes 120 s.
SHORT: dict[str, Any] = json.loads((Path(examples.__file__).parent / "lmi710.bad.json").read_text(encoding="utf-8"))
UNKNOWN = {"Ref": "Seconds"}
CONDITIONS = {"Known": {"Fn::Equals": ["a", "a"]}, "Unknown": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}


def told(resources, **more):
    """Give the fields and messages of the violations, with resources merged into the short one."""
    document = copy.deepcopy({**SHORT, "Conditions": CONDITIONS, "Parameters": {"Seconds": {"Type": "Number"}}, **more})
    for id, changes in resources.items():
        resource = document["Resources"].setdefault(id, {})
        properties = {**resource.get("Properties", {}), **changes.pop("Properties", {})}
        resource.update({**changes, "Properties": properties})
    violations = check_template(document)
    assert {violation.id for violation in violations} <= {"LMI710"}
    return [violation.message for violation in violations]


def test_the_default_of_a_queue():
    """It is told at the queue and at the function."""
    (violation,) = check_template(SHORT)
    assert violation.locations == (
        "/Resources/Placed/Properties/VisibilityTimeout",
        "/Resources/BillOrders/Properties/Timeout",
    )
    assert violation.message.startswith("VisibilityTimeout of Placed must be at least 120 s")
    assert violation.message.endswith("got 30 s")


@pytest.mark.parametrize(
    ("seconds", "is_short"), [(119, True), ("119", True), (120, False), (UNKNOWN, False), ("{{resolve:ssm:x}}", False)]
)
def test_what_the_queue_states(seconds, is_short):
    """Equal is enough."""
    assert bool(told({"Placed": {"Properties": {"VisibilityTimeout": seconds}}})) is is_short


@pytest.mark.parametrize(
    ("mapping", "is_short"),
    [
        ({"Properties": {"FunctionName": {"Fn::Sub": "${BillOrders}:live"}}}, True),
        ({"Properties": {"FunctionName": {"Fn::If": ["Unknown", {"Ref": "Live"}, "other:live"]}}}, False),
        ({"Properties": {"FunctionName": {"Fn::If": ["Known", {"Ref": "Live"}, "other:live"]}}}, True),
        ({"Properties": {"FunctionName": "other:live"}}, False),
        ({"Properties": {"EventSourceArn": {"Fn::Sub": "${Placed.Arn}"}}}, True),
        ({"Properties": {"EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:placed"}}, False),
        ({"Properties": {"EventSourceArn": {"Fn::GetAtt": ["Live", "AliasArn"]}}}, False),
        # Lambda looks at it when a mapping is created, enabled or not.
        ({"Properties": {"Enabled": False}}, True),
        ({"Condition": "Known"}, True),
        ({"Condition": "Unknown"}, False),
    ],
    ids=str,
)
def test_what_the_mapping_states(mapping, is_short):
    """It must be certain that this queue calls this function."""
    assert bool(told({"Mapping": copy.deepcopy(mapping)})) is is_short


def test_what_the_function_states():
    """A timeout that nobody knows is not judged, and the default is short enough for every queue."""
    assert told({"BillOrders": {"Properties": {"Timeout": UNKNOWN}}}) == []
    assert told({"BillOrders": {"Properties": {"Timeout": None}}}) == []


def test_a_queue_that_may_not_be_there():
    """Nor is one."""
    assert told({"Placed": {"Condition": "Unknown"}}) == []


def test_the_shortest_of_several():
    """It is named, whatever their order."""
    for first, second in ((60, 90), (90, 60)):
        resources = {
            "Placed": {"Properties": {"VisibilityTimeout": first}},
            "Returned": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": second}},
            "Other": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {"FunctionName": {"Ref": "Live"}, "EventSourceArn": {"Fn::GetAtt": ["Returned", "Arn"]}},
            },
        }
        (message,) = told(resources)
        assert ("Placed" if first == 60 else "Returned") in message
        assert message.endswith("got 60 s")


def test_standard_functions_are_not_judged():
    """The rules are for Managed Instances."""
    document = copy.deepcopy(SHORT)
    del document["Resources"]["BillOrders"]["Properties"]["CapacityProviderConfig"]
    del document["Resources"]["Version"]["Properties"]["FunctionScalingConfig"]
    assert check_template(document) == []
