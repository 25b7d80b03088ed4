"""What the tasks of a state machine call."""

import json

import pytest

from cdk_lmi.template.intrinsics import Template
from cdk_lmi.template.state_machines import called_in

TEMPLATE = Template({"Resources": {"Orders": {"Type": "AWS::Lambda::Function"}}, "Conditions": {"Unknown": {}}})
ORDERS = {"Ref": "Orders"}
EITHER = {"Fn::If": ["Unknown", ORDERS, "arn"]}


INVOKE, PUBLISH = "arn:aws:states:::aws-sdk:lambda:invoke", "arn:aws:states:::aws-sdk:lambda:publishVersion"


def called(written):
    """Give what a definition calls, in order."""
    return sorted(text for text in called_in(TEMPLATE, written) if "Orders" in text or "orders" in text)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"FunctionName": ORDERS}, ["${Orders}"]),
        ({"States": [{"Resource": ORDERS}, {"Resource": "orders"}]}, ["${Orders}", "orders"]),
        ({"Resource": {"Resource": ORDERS}}, ["${Orders}"]),
        # A resource is not qualified by what stands beside it.
        ({"Resource": ORDERS, "Qualifier": "live"}, ["${Orders}"]),
        ({"FunctionName": ORDERS, "Qualifier": "$LATEST"}, ["${Orders}:$LATEST"]),
        ({"FunctionName": ORDERS, "Qualifier": {"Fn::Sub": "$LATEST"}}, ["${Orders}:$LATEST"]),
        ('{"FunctionName": "orders", "Qualifier": "$LATEST"}', ["orders:$LATEST"]),
        ({"FunctionName": ORDERS, "Qualifier": "$LATEST.PUBLISHED"}, []),
        ({"FunctionName": ORDERS, "Qualifier.$": "$.qualifier"}, []),
        ({"FunctionName": ORDERS, "Qualifier": {"Ref": "AWS::NoValue"}}, ["${Orders}"]),
        ({"FunctionName": ORDERS, "Qualifier": {"Fn::If": ["Unknown", "$LATEST", "live"]}}, []),
        ({"Next": ORDERS, "Comment": "orders"}, []),
        # An action that calls nothing.
        ({"Resource": INVOKE, "Parameters": {"FunctionName": ORDERS}}, ["${Orders}"]),
        ({"Resource": PUBLISH, "Parameters": {"FunctionName": ORDERS}}, []),
        ({"Resource": {"Fn::Sub": PUBLISH}, "Arguments": {"FunctionName": ORDERS}}, []),
        ({"Fn::Sub": f'{{"Resource": "{PUBLISH}", "Arguments": {{"FunctionName": "${{Orders}}"}}}}'}, []),
        (f'{{"Resource": "{PUBLISH}", "FunctionName": "orders", "Retries": ${{Retries}}}}', []),
        # Which branch is deployed, nobody knows.
        ({"FunctionName": EITHER}, []),
        ({"States": {"Fn::If": ["Unknown", {"FunctionName": ORDERS}, {}]}}, []),
        ({"Fn::If": ["Unknown", '{"FunctionName": "orders"}', ""]}, []),
        ({"Fn::Sub": '{"FunctionName": "${Orders}"}'}, ["${Orders}"]),
        ('{"FunctionName": "orders"}', ["orders"]),
        ('{"Next": "orders"}', []),
        ('"orders"', []),
        ("orders", ["orders"]),
        (None, []),
    ],
    ids=json.dumps,
)
def test_what_is_called(written, expected):
    """What stands where a task names a function, as far as that is known."""
    assert called(written) == expected


def test_one_task_s_qualifier_is_not_the_other_s():
    """Each task is read for itself."""
    tasks = {"First": {"FunctionName": "orders", "Qualifier": "live"}, "Second": {"FunctionName": "orders-old"}}
    assert called({"States": tasks}) == called(json.dumps({"States": tasks})) == ["orders-old"]


def test_what_is_too_deep_to_be_read_is_text():
    """A definition of a million brackets comes to an end."""
    assert len(called("[" * 200_000 + '"orders"')) == 1
