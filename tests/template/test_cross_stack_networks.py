"""Networks that one template defines and another one adds to: endpoints, routes, rules of security groups."""

import copy
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from cdk_lmi.inspection import inspect
from cdk_lmi.template.check import check_template
from cdk_lmi.template.cross_stack import Member, join

from .test_connectivity import FROM_INSTANCES, SOUND, att, interface, ref, resource, route

IMPORT = {"Fn::ImportValue": "shop-vpc"}
STACK = "AWS::CloudFormation::Stack"
#: Without what is missing there: the endpoint for logs.
MISSING: dict[str, Any] = {id: each for id, each in SOUND.items() if id != "Logs"}
LOGS = interface("logs", VpcId=IMPORT, SecurityGroupIds=["sg-endpoints"])
#: A route out for every subnet.
OUT = {"RouteTableId": IMPORT, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}


def giving(value, resources=None, *, export: Any = "shop-vpc"):
    """A template with the pool, and an output of its own."""
    output = {"Value": value, **({"Export": {"Name": export}} if export else {})}
    return {"Resources": copy.deepcopy(resources or MISSING), "Outputs": {"Out": output}}


def told(*templates, nested=None, **known):
    """Give, by template, the ids of the rules that are violated; ``known`` as of a ``Member``, by place."""
    members = [
        Member(each, f"{place}.json", (nested or {}).get(place), **{fact: of[place] for fact, of in known.items()})
        for place, each in enumerate(templates)
    ]
    return [[found.id for found in check_template(*each)] for each in join(members)]


def having(**resources):
    return {"Resources": resources}


@pytest.mark.parametrize(
    ("value", "more", "expected"),
    [
        (ref("Vpc"), {"Logs": LOGS}, []),
        # Nothing of the network.
        (ref("Vpc"), {}, ["LMI501"]),
        (ref("Vpc"), {"Group": resource("AWS::EC2::SecurityGroup", VpcId=IMPORT)}, ["LMI501"]),
        (ref("Vpc"), {"Logs": interface("logs", VpcId={"Fn::ImportValue": "other-vpc"})}, ["LMI501"]),
        (ref("Vpc"), {"Logs": interface("logs", VpcId="vpc-1")}, ["LMI501"]),
        (ref("Vpc"), {"Nested": resource(STACK, Parameters={"Vpc": IMPORT})}, []),
        (ref("Vpc"), {"Custom": resource("Custom::Endpoints", Vpc=IMPORT)}, []),
        (ref("Vpc"), {"Registry": resource("Acme::Network::Endpoints", Vpc=IMPORT)}, []),
        (ref("Vpc"), {"Peering": resource("AWS::EC2::VPCPeeringConnection", VpcId=IMPORT)}, []),
        (ref("Table"), {"Out": resource("AWS::EC2::Route", **OUT)}, []),
        ({"Fn::Join": [",", [ref("SubnetB"), ref("Table")]]}, {"Out": resource("AWS::EC2::Route", **OUT)}, []),
        # The subnet has a table already, and takes one only.
        (ref("SubnetA"), {"At": resource("AWS::EC2::SubnetRouteTableAssociation", SubnetId=IMPORT)}, ["LMI501"]),
    ],
)
def test_what_another_stack_adds(value, more, expected):
    """By an export: it may be what is missing here."""
    assert told(giving(value), having(**more)) == [expected, []]


def test_what_stacks_hand_on_in_many_ways():
    """However many stacks it goes through, and each of them hands on all that it was handed: 3 ways to it, 3 ** 16."""
    exports = 3

    def handing_on(stack):
        before = [{"Fn::ImportValue": f"vpc-{stack - 1}-{export}"} for export in range(exports)]
        value = {"Fn::Join": [",", before]} if stack else IMPORT
        names = [f"vpc-{stack}-{export}" for export in range(exports)]
        return {"Resources": {}, "Outputs": {name[-1]: {"Value": value, "Export": {"Name": name}} for name in names}}

    between = [handing_on(stack) for stack in range(16)]
    ends = having(Logs=interface("logs", VpcId={"Fn::ImportValue": "vpc-15-0"}))
    assert told(giving(ref("Vpc")), *between, ends)[0] == []


def test_a_table_that_another_stack_gives_a_subnet():
    """Where it has none of its own."""
    resources = {id: each for id, each in MISSING.items() if id not in ("AtA", "AtB")}
    association = resource("AWS::EC2::SubnetRouteTableAssociation", SubnetId=IMPORT, RouteTableId="rtb-1")
    subnets = {"Fn::Join": [",", [ref("SubnetA"), ref("SubnetB")]]}
    assert told(giving(subnets, resources)) == [["LMI501"]]
    assert told(giving(subnets, resources), having(At=association)) == [[], []]


def test_rules_that_another_stack_gives_a_group():
    """That of the endpoints is let in by it, that of the instances out."""
    closed = {**SOUND, "EndpointGroup": resource("AWS::EC2::SecurityGroup", VpcId=ref("Vpc"))}
    rule = resource("AWS::EC2::SecurityGroupIngress", **{**FROM_INSTANCES, "GroupId": IMPORT})
    group = att("EndpointGroup", "GroupId")
    assert told(giving(group, closed), having()) == [["LMI504"], []]
    assert told(giving(group, closed), having(In=rule)) == [[], []]
    nowhere = [{"IpProtocol": "icmp", "CidrIp": "255.255.255.255/32"}]
    shut = copy.deepcopy(SOUND)
    shut["InstanceGroup"]["Properties"]["SecurityGroupEgress"] = nowhere
    rule = resource("AWS::EC2::SecurityGroupEgress", IpProtocol="-1", CidrIp="0.0.0.0/0", GroupId=IMPORT)
    group = att("InstanceGroup", "GroupId")
    assert told(giving(group, shut), having()) == [["LMI505"], []]
    assert told(giving(group, shut), having(Out=rule)) == [[], []]


def test_by_the_name_of_the_stack():
    """An output that is not exported."""
    read = {"Fn::GetStackOutput": {"StackName": "net", "OutputName": "Out"}}
    ends = having(Logs=interface("logs", VpcId=read))
    assert told(giving(ref("Vpc"), export=None), ends, stack_name=["net", "ends"]) == [[], []]
    assert told(giving(ref("Vpc"), export=None), ends, stack_name=["other", "ends"]) == [["LMI501"], []]


def test_an_export_is_of_one_account_and_region():
    """Of one stage, where each has its own."""
    templates = giving(ref("Vpc")), giving(ref("Vpc")), having(Logs=LOGS)
    here, there = "aws://1/eu-west-1", "aws://1/us-east-1"
    assert told(*templates, environment=[here, there, there]) == [["LMI501"], [], []]
    assert told(*templates, assembly=["dev", "prod", "prod"]) == [["LMI501"], [], []]
    assert told(*templates) == [[], [], []]


class TestNestedStacks:
    """What they hand to each other."""

    PARENT_OUTPUT: Any = att("Net", "Outputs.Out")

    def test_the_parent_has_the_endpoint(self):
        """For the VPC of the child."""
        parent = having(Net=resource(STACK), Logs=interface("logs", VpcId=self.PARENT_OUTPUT))
        child = giving(ref("Vpc"), export=None)
        assert told(parent, child, nested={1: (0, "Net")}) == [[], []]
        assert told(having(Net=resource(STACK)), child, nested={1: (0, "Net")}) == [[], ["LMI501"]]

    def test_another_child_has_it(self):
        """The parent hands the VPC from one to the other."""
        parent = having(Net=resource(STACK), Ends=resource(STACK, Parameters={"Vpc": self.PARENT_OUTPUT}))
        child, ends = giving(ref("Vpc"), export=None), having(Logs=interface("logs", VpcId=ref("Vpc")))
        ends["Parameters"] = {"Vpc": {"Type": "String"}}
        assert told(parent, child, ends, nested={1: (0, "Net"), 2: (0, "Ends")}) == [[], [], []]

    def test_it_is_handed_on_by_an_export_of_the_parent(self):
        """To a stack of its own, that passes it to one nested in it."""
        parent = {**having(Net=resource(STACK)), "Outputs": giving(self.PARENT_OUTPUT)["Outputs"]}
        child = giving(ref("Vpc"), export=None)
        other = having(Ends=resource(STACK, Parameters={"Vpc": IMPORT}))
        assert told(parent, child, other, nested={1: (0, "Net")}) == [[], [], []]
        assert told(parent, child, having(Logs=LOGS), nested={1: (0, "Net")}) == [[], [], []]

    def test_what_goes_in_a_circle_comes_to_an_end(self):
        """Each imports what the other exports."""
        first = giving({"Fn::ImportValue": "b"}, {"Vpc": SOUND["Vpc"], "Logs": LOGS}, export="shop-vpc")
        second = giving(IMPORT, {"Logs": LOGS}, export="b")
        assert told(first, second) == [[], []]

    def test_a_stack_that_is_not_there(self):
        """Its condition is not met."""
        parent = having(Net={**resource(STACK), "Condition": "Never"})
        parent["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
        child = {**giving(ref("Vpc"), export=None), "Parameters": {"Vpc": {"Type": "String"}}}
        child["Resources"]["Out"] = route(DestinationCidrBlock="10.1.0.0/16", GatewayId=ref("Vpc"))
        assert told(parent, child, nested={1: (0, "Net")}) == [[], []]


@pytest.mark.parametrize("missing", [True, False])
def test_stacks_of_an_app(missing):
    """As CDK writes them: a network in one, the endpoint in another."""
    app = cdk.App()
    net = cdk.Stack(app, "Net")
    isolated = ec2.SubnetConfiguration(name="Pool", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    vpc = ec2.Vpc(net, "Vpc", max_azs=2, subnet_configuration=[isolated])
    group = ec2.SecurityGroup(net, "Instances", vpc=vpc)
    lambda_.CapacityProvider(net, "Pool", subnets=vpc.isolated_subnets, security_groups=[group])
    if not missing:
        logs = ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS
        ec2.InterfaceVpcEndpoint(cdk.Stack(app, "Ends"), "Logs", vpc=vpc, service=logs)
    found = inspect([app.synth().directory])
    assert ("LMI501" in {each.violation.id for one in found.templates for each in one.results}) == missing
