"""What intrinsic functions come to."""

import copy
from typing import Any

import pytest

from cdk_lmi import check_template
from cdk_lmi.rules.facts import UNKNOWN
from cdk_lmi.template.intrinsics import Template

from .test_check import SOUND

PARAMETERS = {
    "Stage": {"Type": "String", "Default": "dev"},
    "Other": {"Type": "String", "Default": "prod"},
    "Asked": {"Type": "String"},
    "Nowhere": {"Type": "String", "Default": ""},
    "Size": {"Type": "Number", "Default": 2048},
}
STAGES: dict[str, Any] = {"prod": {"Memory": 4096}}


def value_of(written, mappings=None, **sections):
    document = {"Parameters": PARAMETERS, "Mappings": mappings or {"Stages": STAGES}, **sections}
    return Template(document).value(written)


def look_up(*keys, default=None):
    return {"Fn::FindInMap": [*keys, *([] if default is None else [{"DefaultValue": default}])]}


class TestFindInMap:
    """The value of a mapping, or the default that stands in for one."""

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            (look_up("Stages", {"Ref": "Other"}, "Memory"), 4096),
            (look_up("Stages", {"Ref": "Other"}, "Memory", default=1024), 4096),
            (look_up("Stages", {"Ref": "Stage"}, "Memory", default=1024), 1024),
            (look_up("Stages", "prod", "Timeout", default=1024), 1024),
            (look_up("Stages", "dev", "Memory", default={"Ref": "Size"}), 2048),
            (look_up("Stages", "dev", "Memory", default=look_up("Stages", "prod", "Memory")), 4096),
            (look_up("Stages", "dev", "Memory", default=0), 0),
        ],
    )
    def test_value(self, written, value):
        """As far as the keys are known."""
        assert value_of(written) == value

    @pytest.mark.parametrize(
        "written",
        [
            look_up("Stages", "dev", "Memory"),
            look_up("Stages", {"Ref": "Asked"}, "Memory"),
            look_up("Stages", {"Ref": "Asked"}, "Memory", default=1024),
            look_up("Stages", {"Ref": "AWS::Region"}, "Memory", default=1024),
            look_up("Stages", "dev", {"Ref": "Asked"}, default=1024),
            look_up({"Ref": "Asked"}, "dev", "Memory", default=1024),
            look_up("Stages", "dev", "Memory", default={"Ref": "Asked"}),
            look_up("Stages", "dev", "Memory", default={"Ref": "AWS::NoValue"}),
            # It is for keys that are not there, and says nothing of a mapping that is not.
            look_up("None", "dev", "Memory", default=1024),
            {"Fn::FindInMap": ["Stages", "dev", "Memory", 1024]},
            {"Fn::FindInMap": ["Stages", "dev", "Memory", {"Default": 1024}]},
            {"Fn::FindInMap": ["Stages", "dev", "Memory", {"DefaultValue": 1024}, "more"]},
            {"Fn::FindInMap": ["Stages", "dev"]},
            {"Fn::FindInMap": "Stages"},
        ],
    )
    def test_is_not_known(self, written):
        """Where a key is not, or nothing stands in for what is not there."""
        assert value_of(written) is UNKNOWN

    @pytest.mark.parametrize(
        ("mappings", "sections"),
        [
            ({"Stages": {**STAGES, "Fn::Transform": {"Name": "AWS::Include"}}}, {}),
            ({"Stages": {"dev": {"Fn::Transform": {"Name": "AWS::Include"}}}}, {}),
            ({"Stages": STAGES}, {"Transform": "Ours"}),
        ],
    )
    def test_a_macro_may_put_the_key_there(self, mappings, sections):
        """Then the default may stand in for nothing."""
        assert value_of(look_up("Stages", "dev", "Memory", default=1024), mappings, **sections) is UNKNOWN


class TestZones:
    """Which of a Region's zones a value selects, where none of them has a name."""

    @pytest.mark.parametrize(
        ("region", "is_own"),
        [
            ("", True),
            ({"Ref": "Nowhere"}, True),
            ({"Ref": "AWS::Region"}, True),
            ({"Fn::Sub": "${AWS::Region}"}, True),
            ("eu-west-1", False),
            ({"Ref": "Asked"}, False),
        ],
    )
    def test_no_region_is_the_own(self, region, is_own):
        """The same zone, however its Region is written."""
        template = Template({"Parameters": PARAMETERS})
        own, other = (
            template.text({"Fn::Select": [0, {"Fn::GetAZs": written}]}) for written in ({"Ref": "AWS::Region"}, region)
        )
        assert (own == other) is is_own

    @pytest.mark.parametrize(("index", "expected"), [(0, ["LMI403"]), (1, [])])
    def test_one_zone_written_in_two_ways_is_one(self, index, expected):
        """Both subnets lie in it."""
        resources = copy.deepcopy(SOUND["Resources"])
        resources["Pool"]["Properties"]["VpcConfig"]["SubnetIds"] = [{"Ref": "First"}, {"Ref": "Second"}]
        zones = {"First": [0, {"Fn::GetAZs": ""}], "Second": [index, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]}
        for id, zone in zones.items():
            resources[id] = {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": {"Fn::Select": zone}}}
        assert [violation.id for violation in check_template({**SOUND, "Resources": resources})] == expected

    def test_another_index_is_another_zone(self):
        """Of the same Region."""
        first, second = (Template({}).text({"Fn::Select": [index, {"Fn::GetAZs": ""}]}) for index in (0, 1))
        assert first != second
