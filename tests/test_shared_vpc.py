"""Networks that share a VPC of somebody else: their gateway endpoints, and the rules that let their instances in."""

from itertools import chain
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction, ManagedInstanceNetwork

ENDPOINT, RULE = "AWS::EC2::VPCEndpoint", "AWS::EC2::SecurityGroupIngress"
ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
LEAST: dict[str, Any] = {
    "runtime": lambda_.Runtime.PYTHON_3_14,
    "handler": "index.handler",
    "code": lambda_.Code.from_inline("def handler(event, context): ..."),
}


@pytest.fixture
def app():
    """An app."""
    return cdk.App()


@pytest.fixture
def template_of(app):
    """Give the template of a stack, when all are defined."""
    return lambda stack: app.synth().get_stack_artifact(stack.artifact_id).template


@pytest.fixture
def of_type(template_of):
    """Give the properties of all resources of a type in a stack, by logical id."""

    def found(stack, kind):
        resources = template_of(stack)["Resources"].items()
        return {id: resource["Properties"] for id, resource in resources if resource["Type"] == kind}

    return found


def isolated_vpc(stack, *groups, zones=2):
    """Define a VPC with isolated subnets and no way out."""
    subnets = [ec2.SubnetConfiguration(name=name, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) for name in groups]
    return ec2.Vpc(stack, "Vpc", max_azs=zones, nat_gateways=0, subnet_configuration=subnets)


def reader(stack, id, vpc, **network):
    """Define a function that reads from S3, on a pool and a network of its own in a VPC."""
    placed = ManagedInstanceNetwork.from_vpc(stack, f"{id}Network", vpc=vpc, infer_endpoints=True, **network)
    pool = ManagedInstanceCapacityProvider(stack, f"{id}Pool", network=placed)
    reading = iam.PolicyStatement(actions=["s3:GetObject", "sqs:SendMessage"], resources=["*"])
    return ManagedInstanceFunction(stack, id, capacity_provider=pool, initial_policy=[reading], **LEAST)


class TestGatewayEndpoints:
    """A route table takes one route to a service."""

    @pytest.mark.parametrize("order", [("narrow", "wide"), ("wide", "narrow")])
    @pytest.mark.parametrize("narrow", ["subnets of one name", "subnets of one zone"])
    def test_subnets_that_overlap(self, app, of_type, order, narrow):
        """Get one for each route table, whichever network is first."""
        stack = cdk.Stack(app, "Shop")
        vpc = isolated_vpc(stack, "A", "B")
        by_name = ec2.SubnetSelection(subnet_group_name="A")
        in_first_zone = [each for each in vpc.isolated_subnets if each.availability_zone == vpc.availability_zones[0]]
        by_zone = ec2.SubnetSelection(subnets=in_first_zone)
        selections = {"narrow": by_name if narrow == "subnets of one name" else by_zone, "wide": ISOLATED}
        for id in order:
            reader(stack, id.title(), vpc, vpc_subnets=selections[id])
        tables = self.tables(of_type(stack, ENDPOINT).values())
        assert len(tables) == len(set(tables)) == 4

    def test_imported_subnets_with_one_route_table(self, app, of_type):
        """Share the endpoint that is in it."""
        stack = cdk.Stack(app, "Shop", env=cdk.Environment(region="eu-west-1"))
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            isolated_subnet_ids=["subnet-1", "subnet-2"],
            isolated_subnet_route_table_ids=["rtb-1", "rtb-1"],
        )
        for number, subnet in enumerate(vpc.isolated_subnets):
            reader(stack, f"Reader{number}", vpc, vpc_subnets=ec2.SubnetSelection(subnets=[subnet]))
        assert self.tables(of_type(stack, ENDPOINT).values()) == ["rtb-1"]

    @staticmethod
    def tables(endpoints):
        """Give the route tables that gateways are in, each by its logical id or its own."""
        return [
            str(table.get("Ref", table)) if isinstance(table, dict) else table
            for each in endpoints
            if each["VpcEndpointType"] == "Gateway"
            for table in each["RouteTableIds"]
        ]


class TestImportedWhereItIsDefined:
    """Of a VPC that the app defines as a resource and imports, everything is in the app."""

    @pytest.mark.parametrize("apart", [False, True])
    @pytest.mark.parametrize("private_dns", [True, False])
    def test_its_endpoints_are_found(self, app, of_type, apart, private_dns):
        """In whatever stack: EC2 refuses a second one, if the service's name leads to the first."""
        net = cdk.Stack(app, "Net", env=cdk.Environment(region="eu-west-1"))
        shop = cdk.Stack(app, "Shop", env=cdk.Environment(region="eu-west-1")) if apart else net
        defined = ec2.CfnVPC(net, "Vpc", cidr_block="10.0.0.0/16")
        ec2.CfnVPCEndpoint(
            net,
            "Sqs",
            vpc_id=defined.ref,
            vpc_endpoint_type="Interface",
            service_name="com.amazonaws.eu-west-1.sqs",
            private_dns_enabled=private_dns,
        )
        vpc = ec2.Vpc.from_vpc_attributes(
            shop,
            "Imported",
            vpc_id=defined.ref,
            availability_zones=["eu-west-1a"],
            isolated_subnet_ids=["subnet-1"],
            isolated_subnet_route_table_ids=["rtb-1"],
        )
        reader(shop, "Reader", vpc)
        found = [each for stack in dict.fromkeys((net, shop)) for each in of_type(stack, ENDPOINT).values()]
        sqs = [each for each in found if "sqs" in str(each["ServiceName"])]
        assert len(sqs) == (1 if private_dns else 2)


class TestRulesForInstances:
    """The endpoints of the first network let in the instances of all."""

    @pytest.mark.parametrize("where", ["beside the VPC", "imported beside the VPC"])
    def test_security_groups_of_the_stack_that_all_depend_on(self, app, of_type, where):
        """Are let in by a rule in the stack of their network: that stack must not depend on the endpoints'."""
        net = cdk.Stack(app, "Net")
        vpc = isolated_vpc(net, "Private")
        groups = {
            "beside the VPC": lambda id: ec2.SecurityGroup(net, f"Group{id}", vpc=vpc),
            "imported beside the VPC": lambda id: ec2.SecurityGroup.from_security_group_id(
                net, f"Group{id}", f"sg-{id}"
            ),
        }
        tenants = [cdk.Stack(app, f"Tenant{number}") for number in (1, 2)]
        for number, stack in enumerate(tenants, 1):
            group = groups[where](number)
            reader(stack, "Reader", vpc, vpc_subnets=ISOLATED, security_groups=[group])
        rules = of_type(tenants[1], RULE)
        assert len(rules) == 1
        assert not of_type(net, RULE)

    @pytest.mark.parametrize("together", [True, False])
    def test_a_group_that_was_imported_twice(self, app, of_type, together):
        """Is let in once: EC2 refuses the same rule twice."""
        net = cdk.Stack(app, "Net")
        vpc = isolated_vpc(net, "Private")
        stacks = [net, net] if together else [cdk.Stack(app, f"Tenant{number}") for number in (1, 2)]
        for number, stack in enumerate(stacks):
            group = ec2.SecurityGroup.from_security_group_id(stack, f"Group{number}", "sg-1")
            reader(stack, f"Reader{number}", vpc, vpc_subnets=ISOLATED, security_groups=[group])
        found = [of_type(stack, RULE).values() for stack in dict.fromkeys((net, *stacks))]
        inline = [
            rule
            for stack in dict.fromkeys((net, *stacks))
            for group in of_type(stack, "AWS::EC2::SecurityGroup").values()
            for rule in group.get("SecurityGroupIngress", ())
        ]
        assert [rule["SourceSecurityGroupId"] for rule in (*chain(*found), *inline)] == ["sg-1"]

    def test_functions_wait_for_their_rule(self, app, template_of):
        """Before it stands, their logs are lost."""
        net = cdk.Stack(app, "Net")
        vpc = isolated_vpc(net, "Private")
        for id in ("First", "Second"):
            reader(net, id, vpc, vpc_subnets=ISOLATED)
        resources = template_of(net)["Resources"]
        rules = {id for id, each in resources.items() if each["Type"] == RULE and id.startswith("Second")}
        (pool,) = (
            each for id, each in resources.items() if id.startswith("SecondPool") and "CapacityProvider" in each["Type"]
        )
        waits = set(chain(*(each.get("DependsOn", ()) for id, each in resources.items() if id.startswith("Second"))))
        assert len(rules) == 1
        assert pool
        assert rules <= waits
