"""What the loops of a template make, where their items are written in it."""

import copy
from collections import UserDict
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_lmi import check_template
from cdk_lmi.inspection import unread_parts
from cdk_lmi.template.intrinsics import Template, with_parameters
from cdk_lmi.template.loops import without_loops

from .test_connectivity import SOUND as NETWORK
from .test_connectivity import att, ref, sub

EXTENSIONS = "AWS::LanguageExtensions"
TOPIC = {"Type": "AWS::SNS::Topic"}
THOUSAND = [f"i{number}" for number in range(1_000)]


def document(resources, **sections):
    return {"Transform": EXTENSIONS, **sections, "Resources": resources}


def made(resources, **sections):
    """Give the resources with the loops among them written out."""
    return without_loops(document(resources, **sections))[0]["Resources"]


def loop(*parts):
    return {"Fn::ForEach::Loop": list(parts)}


class TestWrittenOut:
    """As AWS documents it."""

    @pytest.mark.parametrize(
        ("resources", "expected"),
        [
            (loop("Name", ["A", "B"], {"Topic${Name}": TOPIC}), {"TopicA": TOPIC, "TopicB": TOPIC}),
            (loop("Name", [1, "B"], {"Topic${Name}": TOPIC}), {"Topic1": TOPIC, "TopicB": TOPIC}),
            ({"Own": TOPIC, **loop("Name", ["A"], {"${Name}": TOPIC})}, {"Own": TOPIC, "A": TOPIC}),
            (loop("Name", [], {"${Name}": TOPIC}), {}),
            # What is no letter or digit is left out of a logical id.
            (
                loop("Address", ["10.0.0.0/8"], {"To&{Address}": {"Cidr": ref("Address"), "Text": sub("${Address}")}}),
                {"To100008": {"Cidr": "10.0.0.0/8", "Text": "10.0.0.0/8"}},
            ),
            # a loop within a loop, and within properties
            (
                loop("X", ["A", "B"], {"${X}": TOPIC, "Fn::ForEach::In": ["Y", ["1", "2"], {"${X}${Y}": ref("Y")}]}),
                {"A": TOPIC, "A1": "1", "A2": "2", "B": TOPIC, "B1": "1", "B2": "2"},
            ),
            (
                {"Own": {"Properties": loop("X", ["A", "B"], {"${X}Size": 7})}},
                {"Own": {"Properties": {"ASize": 7, "BSize": 7}}},
            ),
            (
                loop("X", ["A"], {"${X}": {"Fn::ForEach::In": ["Y", ["1"], {"${X}${Y}": sub("${X}${Y}")}]}}),
                {"A": {"A1": "A1"}},
            ),
        ],
    )
    def test_keys(self, resources, expected):
        """Once for each item."""
        assert made(resources) == expected

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            (ref("X"), "A"),
            (ref("Other"), ref("Other")),
            (sub("Subnet${X}"), "SubnetA"),
            (sub("${AWS::StackName}-${X}"), sub("${AWS::StackName}-A")),
            (sub("${!X}"), sub("${!X}")),
            ({"Fn::Sub": ["${X}-${Y}", {"Y": ref("X")}]}, {"Fn::Sub": ["A-${Y}", {"Y": "A"}]}),
            # Only here the name of a resource is no text as it is written.
            ({"Ref": sub("Subnet${X}")}, ref("SubnetA")),
            ({"Fn::GetAtt": [sub("Pool${X}"), "Arn"]}, att("PoolA", "Arn")),
            ({"Fn::GetAtt": "Pool${X}.Arn"}, {"Fn::GetAtt": "PoolA.Arn"}),
            ({"Fn::FindInMap": ["Sizes", ref("X"), "Memory"]}, {"Fn::FindInMap": ["Sizes", "A", "Memory"]}),
            (
                {"Fn::If": ["IsProd", sub("${X}"), ref("AWS::NoValue")]},
                {"Fn::If": ["IsProd", "A", ref("AWS::NoValue")]},
            ),
            (["${X}", 7, None, {"${X}": True}], ["A", 7, None, {"A": True}]),
        ],
        ids=str,
    )
    def test_values(self, written, expected):
        """Everywhere in what is repeated."""
        assert made(loop("X", ["A"], {"Own${X}": {"Properties": written}})) == {"OwnA": {"Properties": expected}}

    def test_sections(self):
        """Outputs and conditions too."""
        sections: dict[str, Any] = {
            "Conditions": loop("X", ["A", "B"], {"Is${X}": {"Fn::Equals": [ref("X"), "A"]}}),
            "Outputs": loop("X", ["A", "B"], {"${X}": {"Value": {"Ref": sub("Topic${X}")}, "Condition": "Is${X}"}}),
        }
        template = Template(document({"TopicA": TOPIC, "TopicB": TOPIC}, **sections))
        assert [(output.name, output.text) for output in template.outputs()] == [("A", "${TopicA}")]

    def test_items_of_a_parameter(self):
        """By its default, or by the option ``--parameter``."""
        parameters = {"Names": {"Type": "CommaDelimitedList", "Default": "A, B"}}
        written = document(loop("Name", ref("Names"), {"${Name}": TOPIC}), Parameters=parameters)
        assert [*Template(written).resources] == ["A", "B"]
        assert [*Template(with_parameters(written, {"Names": "C"})).resources] == ["C"]


class TestWhatStays:
    """What nobody can tell, or AWS does not document."""

    @pytest.mark.parametrize(
        "parts",
        [
            [],
            ["X", ["A"]],
            [7, ["A"], {"${X}": TOPIC}],
            ["X", ["A"], [TOPIC]],
            ["X", "A", {"${X}": TOPIC}],
            # items
            ["X", ref("Asked"), {"${X}": TOPIC}],
            ["X", ref("Text"), {"${X}": TOPIC}],
            ["X", ref("Empty"), {"${X}": TOPIC}],
            ["X", ref("Nothing"), {"${X}": TOPIC}],
            ["X", {"Fn::FindInMap": ["A", "B", "C"]}, {"${X}": TOPIC}],
            ["X", ["A", ref("Text")], {"${X}": TOPIC}],
            ["X", [""], {"${X}": TOPIC}],
            ["X", [["A"]], {"${X}": TOPIC}],
            ["X", [None], {"${X}": TOPIC}],
            ["X", ["${A}"], {"${X}": TOPIC}],
            # two of a name
            ["X", ["A", "A"], {"${X}": TOPIC}],
            ["X", ["A", "B"], {"Topic": TOPIC}],
            ["X", ["Own"], {"${X}": TOPIC}],
            ["X", ["A"], {"${X}": {"a": 1, "Fn::ForEach::In": ["Y", ["a"], {"${Y}": 2}]}}],
            # an identifier with the name of something else
            ["Text", ["A"], {"${Text}": TOPIC}],
            ["Own", ["A"], {"${Own}": TOPIC}],
            ["X", ["A"], {"Fn::ForEach::In": ["X", ["B"], {"${X}": TOPIC}]}],
            ["X", ["A"], {"${X}": {"Fn::Sub": ["${X}", {"X": "B"}]}}],
            ["X", ["A"], {"${X}": {"Fn::If": ["Is${X}", 1, 2]}}],
            ["X", ["A"], {"${X}": sub("${X.Arn}")}],
            # one within that stays
            ["X", ["A"], {"${X}": TOPIC, "Fn::ForEach::In": ["Y", ref("Asked"), {"${X}${Y}": TOPIC}]}],
        ],
        ids=str,
    )
    def test_as_it_is(self, parts):
        """It is no resource, and told to be read in part."""
        parameters = {
            "Asked": {"Type": "CommaDelimitedList"},
            "Text": {"Type": "String", "Default": "A"},
            "Empty": {"Type": "CommaDelimitedList", "Default": ""},
        }
        resources = {"Own": TOPIC, **loop(*parts)}
        assert made(resources, Parameters=parameters) == resources
        template = Template(document(resources, Parameters=parameters))
        assert template.has_macros
        assert unread_parts(template) == {"Fn::ForEach::Loop": "/Resources/Fn::ForEach::Loop"}

    def test_one_of_several(self):
        """The others are written out."""
        stays = ["X", ref("Asked"), {"${X}": TOPIC}]
        resources = {"Fn::ForEach::A": stays, "Fn::ForEach::B": ["X", ["B"], {"${X}": TOPIC}]}
        assert made(resources) == {"Fn::ForEach::A": stays, "B": TOPIC}

    @pytest.mark.parametrize("beside", [{"A": TOPIC}, {"Fn::ForEach::Other": ["X", ["A"], {"${X}": TOPIC}]}])
    def test_two_of_a_name_beside_each_other(self, beside):
        """The loop that comes first makes it, unless it is there without one."""
        first = loop("X", ["A"], {"${X}": 7})
        assert made({**first, **beside}) == ({**first, **beside} if "A" in beside else {"A": 7, **beside})

    @pytest.mark.parametrize("transform", [None, "AWS::Serverless-2016-10-31", ["OurMacro"]])
    def test_without_the_transform(self, transform):
        """CloudFormation refuses such a template, unless a macro makes something of it."""
        written = {**document(loop("X", ["A"], {"${X}": TOPIC})), "Transform": transform}
        assert without_loops(written) == (written, {})

    @pytest.mark.parametrize("fragment", [{"Own" + "".join(f"${{X{depth}}}" for depth in range(10)): TOPIC}, {}])
    def test_more_than_a_template_may_have(self, fragment):
        """Ten loops of ten items within each other come to an end, whether or not they make something."""
        for depth in range(10):
            fragment = {f"Fn::ForEach::L{depth}": [f"X{depth}", [*"abcdefghij"], fragment]}
        assert made(fragment) == fragment

    @pytest.mark.parametrize(
        "parts",
        [
            ["X", THOUSAND, {"${X}": "a" * 1_000}],
            ["X", THOUSAND, {"${X}": {"a" * 1_000: 1}}],
            ["X", THOUSAND, {"${X}" + "a" * 1_000: 1}],
            # by what is put in, with "&" before anything is left out of it
            ["X", ["a" * 1_000], {"A": "${X}" * 1_000}],
            ["X", ["-" * 1_000], {"A": "&{X}" * 1_000}],
            ["X", ["a" * 1_000], {"A": [ref("X")] * 1_000}],
            # by what is read, however little comes of it
            ["X" * 1_000, THOUSAND, {f"${{{'X' * 1_000}}}": 1}],
            ["X", THOUSAND, {"Fn::ForEach::In": ["Y", ["a" * 1_000], {}]}],
            ["X", THOUSAND, {"Fn::ForEach::In": ["Y", ref("Spaces"), {}]}],
        ],
        ids=range(9),
    )
    def test_more_characters_than_a_template_may_have(self, parts):
        """In values, in names, and in items."""
        parameters = {"Spaces": {"Type": "CommaDelimitedList", "Default": "a" + 1_000 * " "}}
        assert made(loop(*parts), Parameters=parameters) == loop(*parts)

    @pytest.mark.parametrize("value", ["a" * 900, "${X}" * 200, [ref("X"), "a" * 900]], ids=["own", "put", "ref"])
    def test_almost_as_many_characters_as_a_template_may_have(self, value):
        """They are made."""
        assert [*made(loop("X", THOUSAND, {"${X}": value}))] == THOUSAND

    def test_all_loops_together_make_too_many_characters(self):
        """Of two that each could be made, one is."""
        resources = {f"Fn::ForEach::{name}": ["X", THOUSAND, {f"{name}${{X}}": "a" * 600}] for name in "AB"}
        found = made(resources)
        assert len(found) == 1_001
        assert found["Fn::ForEach::B"] == resources["Fn::ForEach::B"]

    def test_too_many_loops_within_each_other(self):
        """However few they make."""
        fragment: dict[str, Any] = {}
        for depth in range(2_000):
            fragment = {f"Fn::ForEach::L{depth}": [f"X{depth}", ["a"], fragment]}
        assert [*made(fragment)] == ["Fn::ForEach::L1999"]

    @pytest.mark.parametrize("depth", [90, 300, 100_000])
    def test_what_is_too_deep(self, depth):
        """Within a loop, and around one."""
        value: Any = "${X}"
        for _ in range(depth):
            value = [value]
        resources = {"Deep": {"Properties": {"a": value}}, **loop("X", ["A"], {"${X}": {"Properties": value}})}
        assert ("A" in made(resources)) is (depth < 100)


class TestJudged:
    """Like anything else."""

    #: Two subnets, their associations and the endpoints, each written once.
    LOOPS: ClassVar[dict[str, Any]] = {
        "Fn::ForEach::Zones": [
            "Zone",
            ["A", "B"],
            {
                "Subnet${Zone}": {
                    "Type": "AWS::EC2::Subnet",
                    "Properties": {"VpcId": ref("Vpc"), "AvailabilityZone": sub("eu-west-1${Zone}")},
                },
                "At${Zone}": {
                    "Type": "AWS::EC2::SubnetRouteTableAssociation",
                    "Properties": {"SubnetId": {"Ref": sub("Subnet${Zone}")}, "RouteTableId": ref("Table")},
                },
            },
        ],
        "Fn::ForEach::Endpoints": [
            "Service",
            ["logs", "sqs"],
            {
                "${Service}": {
                    "Type": "AWS::EC2::VPCEndpoint",
                    "Properties": {
                        **NETWORK["Logs"]["Properties"],
                        "ServiceName": sub("com.amazonaws.${AWS::Region}.${Service}"),
                    },
                }
            },
        ],
    }
    WITH_LOOPS: ClassVar[dict[str, Any]] = {
        **{id: each for id, each in NETWORK.items() if id not in ("SubnetA", "SubnetB", "AtA", "AtB", "Logs", "Sqs")},
        **LOOPS,
    }

    def test_a_network(self):
        """What it has, and what it lacks."""
        written = document(copy.deepcopy(self.WITH_LOOPS))
        assert check_template(written) == []
        written["Resources"]["Fn::ForEach::Endpoints"][1] = ["sqs"]
        assert [violation.id for violation in check_template(written)] == ["LMI501"]
        written["Resources"]["Fn::ForEach::Endpoints"][1] = ref("Services")
        assert [violation.id for violation in check_template(written)] == []

    def test_functions(self):
        """Each by the logical id that it gets, at the place where it is written."""
        function = {**NETWORK["Function"], "Properties": {**NETWORK["Function"]["Properties"], "MemorySize": 1024}}
        others = {id: each for id, each in NETWORK.items() if id != "Function"}
        outer = ["Team", ["A"], {"Fn::ForEach::Each": ["Name", ["Orders", "Returns"], {"${Team}${Name}": function}]}]
        found = check_template(document({**others, "Fn::ForEach::Teams": outer}))
        assert {violation.resource for violation in found if violation.id == "LMI101"} == {"AOrders", "AReturns"}
        place = "/Resources/Fn::ForEach::Teams/2/Fn::ForEach::Each/2/${Team}${Name}/Properties/MemorySize"
        assert {violation.locations[0] for violation in found if violation.id == "LMI101"} == {place}


class Counted(UserDict[str, Any]):
    """An object that counts how often somebody goes through it."""

    times = 0

    def __iter__(self):
        """Count it."""
        self.times += 1
        return super().__iter__()


def test_a_section_is_gone_through_as_often_however_many_loops_it_has():
    """Templates may have tens of thousands."""

    def times(loops: int) -> int:
        resources = Counted({f"Fn::ForEach::L{n}": ["X", ["a"], {f"Own{n}${{X}}": 7}] for n in range(loops)})
        assert made(resources) == {f"Own{n}a": 7 for n in range(loops)}
        return resources.times

    assert times(20) == times(2) > 0


PARTS = st.recursive(
    st.none()
    | st.integers()
    | st.sampled_from(["X", "${X}", "&{X}", "${X.Arn}", "A", ""])
    | st.sampled_from([ref("X"), ref("Names"), sub("${X}"), {"Fn::If": ["${X}", 1, 2]}]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Fn::ForEach::A", "${X}", "Fn::Sub", "Ref", "Type"]), inner, max_size=3)
    ),
    max_leaves=20,
)


@settings(max_examples=300)
@given(PARTS, PARTS, PARTS)
def test_whatever_a_loop_is_over_comes_to_an_answer(identifier, collection, fragment):
    """Nothing raises."""
    resources = {**NETWORK, "Fn::ForEach::A": [identifier, collection, fragment], "Fn::ForEach::B": fragment}
    assert isinstance(check_template(document(resources, Outputs=fragment, Conditions=collection)), list)
