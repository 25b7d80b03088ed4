"""What macros and loops make of a template when it is deployed: nobody knows, and nothing is told of it."""

import copy
from typing import Any

import pytest

from cdk_lmi import check_template
from cdk_lmi.diagram.drawing import Subject
from cdk_lmi.inspection import unread_parts
from cdk_lmi.template.intrinsics import Template

from .test_connectivity import SOUND as NETWORK

INCLUDE = {"Name": "AWS::Include", "Parameters": {"Location": {"Fn::Sub": "s3://${Bucket}/more.json"}}}
#: Of a size that does not fit its vCPUs, stated or left out; with no version, on a pool of somebody else's.
FUNCTION: dict[str, Any] = {
    "Runtime": "python3.14",
    "MemorySize": 2096,
    "PublishToLatestPublished": False,
    "CapacityProviderConfig": {
        "LambdaManagedInstancesCapacityProviderConfig": {
            "CapacityProviderArn": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool",
            "ExecutionEnvironmentMemoryGiBPerVCpu": 4,
        }
    },
}
UNFIT, UNPUBLISHED = "LMI104", "LMI604"


def template(*, without=(), transform=None, **properties):
    """A template with this function."""
    resource = {
        "Type": "AWS::Lambda::Function",
        "Properties": {**{name: each for name, each in FUNCTION.items() if name not in without}, **properties},
    }
    return {"Transform": transform, "Resources": {"Fn": resource}}


def ids(document):
    return [violation.id for violation in check_template(document)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (template(), [UNFIT, UNPUBLISHED]),
        (template(without=["MemorySize"]), [UNFIT, UNPUBLISHED]),
        # An include adds to what is there.
        (template(**{"Fn::Transform": INCLUDE}), [UNFIT, UNPUBLISHED]),
        (template(**{"Fn::Transform": [INCLUDE, INCLUDE]}), [UNFIT, UNPUBLISHED]),
        (template(without=["MemorySize"], **{"Fn::Transform": INCLUDE}), [UNPUBLISHED]),
        (template(without=["MemorySize", "PublishToLatestPublished"], **{"Fn::Transform": INCLUDE}), []),
        (template(LoggingConfig={"Fn::Transform": INCLUDE}), [UNFIT, UNPUBLISHED]),
        # A loop too, and any other macro may change it.
        (template(without=["MemorySize"], **{"Fn::ForEach::Each": ["A", ["B"], {"${A}": 1}]}), [UNPUBLISHED]),
        (template(**{"Fn::ForEach::Each": ["A", ["B"], {"${A}": 1}]}), [UNFIT, UNPUBLISHED]),
        (template(**{"Fn::Transform": {"Name": "OurMacro"}}), []),
        # Whether it is on Managed Instances is what the macro says.
        (template(without=["CapacityProviderConfig"], **{"Fn::Transform": INCLUDE}), []),
        (template(without=["CapacityProviderConfig"], transform="OurMacro", FunctionScalingConfig={}), []),
        (template(transform="OurMacro"), [UNFIT]),
        (template(without=["MemorySize"], transform=["AWS::Serverless-2016-10-31", "OurMacro"]), []),
        (template(without=["MemorySize"], transform=[{"Name": "OurMacro", "Parameters": {}}]), []),
        (template(without=["MemorySize"], transform=INCLUDE), [UNFIT]),
        (template(without=["MemorySize"], transform="AWS::LanguageExtensions"), [UNFIT, UNPUBLISHED]),
        ({**template(), "Fn::Transform": INCLUDE}, [UNFIT]),
    ],
)
def test_what_a_macro_may_put_there(document, expected):
    """Is not known to be missing."""
    assert ids(document) == expected


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        (template(), {}),
        (template(transform=["AWS::LanguageExtensions", "AWS::SecretsManager-2024-09-16"]), {}),
        (template(transform=["AWS::CodeDeployBlueGreen", "AWS::ServiceCatalog"]), {}),
        (template(transform="OurMacro"), {"Transform OurMacro": "/Transform"}),
        (template(transform=[INCLUDE, "AWS::Serverless-2016-10-31"]), {"Transform AWS::Include": "/Transform"}),
        (template(**{"Fn::Transform": INCLUDE}), {"Fn::Transform in Fn": "/Resources/Fn"}),
        (template(Tags=[{"Fn::Transform": INCLUDE}]), {"Fn::Transform in Fn": "/Resources/Fn"}),
        (template(**{"Fn::ForEach::A": []}), {"Fn::ForEach::A in Fn": "/Resources/Fn"}),
        (
            {"Resources": {"A": {"Type": "Acme::Net::Vpc::MODULE"}, "B": {"Type": "Acme::Net::Vpc::MODULE"}}},
            {"module A": "/Resources/A", "module B": "/Resources/B"},
        ),
        ({"Resources": {"A": {"Type": "Acme::Net::Vpc"}}}, {}),
    ],
)
def test_what_cannot_be_judged_is_named(document, parts):
    """With where it stands."""
    assert unread_parts(Template(document)) == parts


@pytest.mark.parametrize("missing", ["Logs", "Sqs"])
def test_an_endpoint_that_a_macro_may_make(missing):
    """A loop among the resources, or a macro over all of them."""
    document: dict[str, Any] = {"Resources": copy.deepcopy(NETWORK)}
    del document["Resources"][missing]
    assert ids(document) == ["LMI501" if missing == "Logs" else "LMI502"]
    assert ids({**document, "Transform": "OurMacro"}) == []
    document["Resources"]["Fn::ForEach::Endpoints"] = ["Name", ["logs", "sqs"], {}]
    assert ids(document) == []


def test_the_service_of_an_endpoint_that_is_included():
    """It may be any."""
    document: dict[str, Any] = {"Resources": copy.deepcopy(NETWORK)}
    document["Resources"]["Logs"]["Properties"]["ServiceName"] = {"Fn::Transform": INCLUDE}
    assert ids(document) == []


def test_what_a_macro_may_put_on_managed_instances_is_not_drawn():
    """As every function is one that a macro over the whole template could change."""
    without = template(without=["CapacityProviderConfig"], transform="OurMacro")
    assert Subject("Shop", Template(without)).functions == []
    assert Subject("Shop", Template(template(transform="OurMacro"))).functions == ["Fn"]
