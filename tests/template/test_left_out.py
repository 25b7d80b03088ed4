"""What a condition, or ``AWS::NoValue``, leaves out of a template: it is not there, or nobody knows."""

import copy
from typing import Any

import pytest

from cdk_lmi import check_template
from cdk_lmi.diagram.drawing import Subject
from cdk_lmi.template.intrinsics import Template, with_parameters

from .test_check import SOUND as CHECKED

NOTHING = {"Ref": "AWS::NoValue"}
PROVISIONED = {"ProvisionedConcurrentExecutions": 5}
SCALING = {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 6}

#: With nothing wrong. The stage is dev; of the account nobody knows which it is.
SOUND: dict[str, Any] = {
    "Parameters": {"Stage": {"Type": "String", "Default": "dev"}, "Account": {"Type": "String"}},
    "Conditions": {
        "Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
        "Ours": {"Fn::Equals": [{"Ref": "Account"}, "123456789012"]},
    },
    "Resources": {id: resource for id, resource in CHECKED["Resources"].items() if id != "Standard"},
}


def when(condition, met, other=NOTHING):
    return {"Fn::If": [condition, met, other]}


def changed(changes, **more):
    """The sound template with properties, by resource and path, in another's place; ``None`` takes one out."""
    document = copy.deepcopy({**SOUND, **more})
    for path, value in changes.items():
        id, *parents, last = path.split(".")
        place = document["Resources"][id]["Properties"]
        for name in parents:
            place = place[name]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return document


def ids(changes, **more):
    return [violation.id for violation in check_template(changed(changes, **more))]


def hybrid(condition):
    """A function on Managed Instances where this is met, with what a standard one may have where it is not."""
    on_pool = SOUND["Resources"]["Function"]["Properties"]["CapacityProviderConfig"]
    return {
        "Function.CapacityProviderConfig": when(condition, on_pool),
        "Version.FunctionScalingConfig": when(condition, SCALING),
        "Alias.ProvisionedConcurrencyConfig": when(condition, NOTHING, PROVISIONED),
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"Alias.ProvisionedConcurrencyConfig": PROVISIONED}, ["LMI605"]),
        ({"Alias.ProvisionedConcurrencyConfig": NOTHING}, []),
        ({"Alias.ProvisionedConcurrencyConfig": when("Prod", PROVISIONED)}, []),
        ({"Alias.ProvisionedConcurrencyConfig": when("Prod", NOTHING, PROVISIONED)}, ["LMI605"]),
        ({"Alias.ProvisionedConcurrencyConfig": when("Ours", PROVISIONED)}, []),
        # It is there either way.
        ({"Alias.ProvisionedConcurrencyConfig": when("Ours", PROVISIONED, {**PROVISIONED})}, ["LMI605"]),
        ({"Alias.ProvisionedConcurrencyConfig": when("Ours", when("Prod", PROVISIONED))}, []),
        (hybrid("Prod"), []),
        (hybrid("Ours"), []),
        ({"Function.FunctionScalingConfig": SCALING, "Version.FunctionScalingConfig": None}, ["LMI602"]),
        (
            {"Function.FunctionScalingConfig": SCALING, "Version.FunctionScalingConfig": when("Prod", SCALING)},
            ["LMI602"],
        ),
        ({"Function.FunctionScalingConfig": SCALING, "Version.FunctionScalingConfig": when("Ours", SCALING)}, []),
        ({"Function.CapacityProviderConfig": None, "Version.FunctionScalingConfig": NOTHING}, []),
        ({"Function.CapacityProviderConfig": None, "Version.FunctionScalingConfig": SCALING}, ["LMI607"]),
        ({"Function.CapacityProviderConfig": None, "Version.FunctionScalingConfig": when("Ours", SCALING)}, []),
    ],
)
def test_a_property_of_a_version_or_an_alias(changes, expected):
    """What is left out is not there; of what may be left out nothing is told."""
    assert ids(changes) == expected


def test_a_qualifier_that_is_left_out():
    """The URL calls the function itself then."""
    document = changed({})
    url = {"TargetFunctionArn": {"Ref": "Function"}, "AuthType": "AWS_IAM"}
    document["Resources"]["Url"] = {"Type": "AWS::Lambda::Url", "Properties": url}
    for qualifier, expected in ((NOTHING, ["LMI601"]), (when("Ours", "live"), []), ("live", [])):
        url["Qualifier"] = qualifier
        assert [violation.id for violation in check_template(document)] == expected


@pytest.mark.parametrize(
    ("entry", "count"),
    [
        ("sg-f", 6),
        (NOTHING, None),
        (when("Prod", "sg-f"), None),
        (when("Ours", "sg-f"), None),
        (when("Ours", "sg-f", "sg-g"), 6),
        ({"Ref": "Account"}, 6),
    ],
)
def test_an_entry_of_a_list(entry, count):
    """Five security groups and this: Lambda takes five."""
    groups = [f"sg-{n}" for n in range(5)]
    found = check_template(changed({"Pool.VpcConfig.SecurityGroupIds": [*groups, entry]}))
    assert [violation.id for violation in found] == (["LMI402"] if count else [])
    assert all(f"got {count}" in violation.message for violation in found)


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("List<AWS::EC2::SecurityGroup::Id>", ",".join("abcdef"), ["LMI402"]),
        ("CommaDelimitedList", ",".join("abcdef"), ["LMI402"]),
        ("CommaDelimitedList", "a,b", []),
        ("CommaDelimitedList", "", []),
        ("AWS::SSM::Parameter::Value<List<String>>", ",".join("abcdef"), []),
        ("String", "a", []),
    ],
)
def test_a_list_that_a_parameter_gives(kind, given, expected):
    """By its default, or by the option ``--parameter``."""
    document = changed({"Pool.VpcConfig.SecurityGroupIds": {"Ref": "Groups"}})
    document["Parameters"]["Groups"] = {"Type": kind}
    assert check_template(document) == []
    assert [each.id for each in check_template(with_parameters(document, {"Groups": given}))] == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"SubnetIds": [], "SecurityGroupIds": []}, []),
        ({"SubnetIds": []}, []),
        ({"SubnetIds": [NOTHING], "SecurityGroupIds": NOTHING, "Ipv6AllowedForDualStack": False}, []),
        ({"SubnetIds": when("Prod", ["subnet-a"], []), "SecurityGroupIds": []}, []),
        ({"SubnetIds": when("Ours", ["subnet-a"], []), "SecurityGroupIds": []}, []),
        ({"SubnetIds": [{"Fn::ImportValue": "A"}], "SecurityGroupIds": []}, ["LMI704"]),
        ({"SubnetIds": {"Fn::Split": [",", {"Fn::ImportValue": "A"}]}, "SecurityGroupIds": []}, ["LMI704"]),
        ({"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-a"]}, ["LMI704"]),
        (when("Ours", {"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-a"]}), []),
    ],
)
def test_the_vpc_of_a_function(config, expected):
    """With two empty lists it is in none."""
    assert ids({"Function.VpcConfig": config}) == expected


def test_a_function_that_is_a_standard_one_is_not_drawn():
    """Where a condition leaves out its capacity provider; where nobody knows, it is."""
    for condition, drawn in (("Prod", []), ("Ours", ["Function"])):
        assert Subject("Shop", Template(changed(hybrid(condition)))).functions == drawn
