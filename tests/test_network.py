"""The network: private, in any Region, with a way to each service that is needed and no other."""

from functools import partial
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template

from cdk_lmi import (
    ManagedInstanceCapacityProvider,
    ManagedInstanceError,
    ManagedInstanceFunction,
    ManagedInstanceNetwork,
)

ENDPOINT = "AWS::EC2::VPCEndpoint"
PROVIDER = "AWS::Lambda::CapacityProvider"


@pytest.fixture
def network(stack):
    """A network with nothing asked for."""
    return ManagedInstanceNetwork(stack, "Network")


class TestWhatItDefines:
    """A VPC without a way out."""

    def test_no_way_to_the_internet(self, stack, network, synthesize):
        """No NAT, no internet gateway, no route, no public address."""
        types = [resource["Type"] for resource in synthesize(stack)["Resources"].values()]
        for kind in ("NatGateway", "InternetGateway", "Route", "EIP"):
            assert f"AWS::EC2::{kind}" not in types

    @pytest.mark.parametrize("cidr", [None, "10.1.0.0/16"])
    def test_a_third_zone_leaves_the_others_alone(self, cidr):
        """Its subnet is one more; EC2 would refuse it where others had the addresses."""
        environment = cdk.Environment(account="123456789012", region="eu-west-1")
        zones = {"availability-zones:account=123456789012:region=eu-west-1": [f"eu-west-1{zone}" for zone in "abcd"]}

        def ranges(env=None, **keywords):
            stack = cdk.Stack(cdk.App(context=zones), "Shop", env=env)
            addresses = None if cidr is None else ec2.IpAddresses.cidr(cidr)
            ManagedInstanceNetwork(stack, "Network", ip_addresses=addresses, **keywords)
            subnets = Template.from_stack(stack).find_resources("AWS::EC2::Subnet")
            return {id: subnet["Properties"]["CidrBlock"] for id, subnet in subnets.items()}

        three = ranges(environment)
        assert len(three) == 3
        for fewer in (ranges(), ranges(environment, max_azs=2), ranges(availability_zones=["a", "b"])):
            assert len(fewer) == 2
            assert fewer.items() < three.items()
        assert three.items() < ranges(environment, max_azs=4).items()

    def test_endpoints_connect_to_nothing(self, stack, network, resources):
        """Their security group lets nothing out."""
        groups = resources(stack, "AWS::EC2::SecurityGroup")
        (endpoints,) = (group for id, group in groups.items() if "Endpoint" in id)
        (egress,) = endpoints["Properties"]["SecurityGroupEgress"]
        assert egress["CidrIp"] == "255.255.255.255/32"

    def test_least_egress(self, stack, network, resources):
        """Instances may open HTTPS connections; endpoints take them from instances, not from the whole VPC."""
        groups = resources(stack, "AWS::EC2::SecurityGroup")
        (instances,) = (group for id, group in groups.items() if "Endpoint" not in id)
        assert [
            (rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
            for rule in instances["Properties"]["SecurityGroupEgress"]
        ] == [("tcp", 443, 443)]
        assert "SecurityGroupIngress" not in instances["Properties"]
        (endpoints,) = (group for id, group in groups.items() if "Endpoint" in id)
        assert "SecurityGroupIngress" not in endpoints["Properties"]
        (ingress,) = resources(stack, "AWS::EC2::SecurityGroupIngress").values()
        assert ingress["Properties"]["SourceSecurityGroupId"]["Fn::GetAtt"][0] in groups
        assert (ingress["Properties"]["FromPort"], ingress["Properties"]["ToPort"]) == (443, 443)

    def test_endpoints(self, stack, network, resources):
        """DynamoDB and S3 by gateway, CloudWatch Logs by interface with private DNS."""
        found = {id.split("Endpoints")[1][:-8]: r["Properties"] for id, r in resources(stack, ENDPOINT).items()}
        assert {id: properties["VpcEndpointType"] for id, properties in found.items()} == {
            "DynamodbGatewayEndpoint": "Gateway",
            "S3GatewayEndpoint": "Gateway",
            "LogsInterfaceEndpoint": "Interface",
        }
        assert found["LogsInterfaceEndpoint"]["PrivateDnsEnabled"] is True
        assert len(found["LogsInterfaceEndpoint"]["SubnetIds"]) == len(network.subnets)
        assert len(found["S3GatewayEndpoint"]["RouteTableIds"]) == len(network.subnets)


class TestEndpoints:
    """Each once, each with its reasons."""

    def test_added_by_hand(self, stack, network, resources):
        """Interface and gateway alike, behind one security group."""
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER, reason="a third-party library")
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER)
        assert len(resources(stack, ENDPOINT)) == 5
        assert len([id for id in resources(stack, "AWS::EC2::SecurityGroup") if "Endpoint" in id]) == 1
        assert network.endpoints["secretsmanager (interface)"] == ("a third-party library",)

    def test_not_twice(self, stack, network, resources):
        """One more reason, and no more endpoints."""
        first = network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS, reason="orders")
        again = network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS, reason="invoices")
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS, reason="orders")
        assert again is first
        assert network.endpoints["sqs (interface)"] == ("orders", "invoices")
        assert len(resources(stack, ENDPOINT)) == 4

    def test_an_interface_beside_a_gateway(self, stack, network, resources):
        """S3 has both, for different callers."""
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.S3)
        assert {"s3 (gateway)", "s3 (interface)"} <= set(network.endpoints)

    def test_a_service_of_somebody_else(self, stack, network, resources):
        """By the name of its endpoint service."""
        network.add_endpoint(ec2.InterfaceVpcEndpointService("com.amazonaws.vpce.eu-west-1.vpce-svc-0123", 443))
        assert any(
            r["Properties"]["ServiceName"].endswith("vpce-svc-0123")
            for r in resources(stack, ENDPOINT).values()
            if isinstance(r["Properties"]["ServiceName"], str)
        )

    def test_one_that_has_no_private_dns(self, stack, network, resources):
        """EC2 refuses an endpoint for AWS IoT data that asks for it; others have it."""
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.IOT_CORE)
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS)
        found = {id: r["Properties"].get("PrivateDnsEnabled") for id, r in resources(stack, ENDPOINT).items()}
        by_name = {id.partition("Endpoints")[2][:3]: enabled for id, enabled in found.items()}
        assert by_name == {"Dyn": None, "S3G": None, "Log": True, "Iot": False, "Sqs": True}

    def test_ids_without_tokens(self, stack, network, synthesize):
        """A token is numbered by what the app has defined before it, and another id would replace the endpoint."""
        for number in (1, 2):
            name = f"com.amazonaws.vpce.{cdk.Aws.REGION}.vpce-svc-{number}"
            network.add_endpoint(ec2.InterfaceVpcEndpointService(name, 443))
        ids = {id for id in synthesize(stack)["Resources"] if "Svc" in id}
        assert len({id for id in ids if "Token" not in id}) == 2

    def test_names_that_only_tokens_tell_apart(self, stack, network, resources):
        """Are two services, each asked for twice."""
        names = [cdk.CfnParameter(stack, id).value_as_string for id in ("One", "Two")]
        first = [network.add_endpoint(ec2.InterfaceVpcEndpointService(name, 443)) for name in names]
        again = [network.add_endpoint(ec2.InterfaceVpcEndpointService(name, 443)) for name in names]
        assert again[0] is first[0]
        assert again[1] is first[1]
        assert len(resources(stack, ENDPOINT)) == 5

    def test_services_whose_names_end_alike(self, stack, network, resources):
        """Are two services."""
        for name in ("ecr.api", "sagemaker.api"):
            network.add_endpoint(ec2.InterfaceVpcEndpointService(f"com.amazonaws.eu-west-1.{name}", 443))
        assert {"ecr.api (interface)", "sagemaker.api (interface)"} <= set(network.endpoints)
        assert len(resources(stack, ENDPOINT)) == 5

    def test_disabled_tracing_brings_nothing(self, stack, define, synthesize):
        """It is off."""
        network = define("Off", tracing=lambda_.Tracing.DISABLED).capacity_provider.network
        synthesize(stack)
        assert "xray (interface)" not in network.endpoints

    @pytest.mark.parametrize("tracing", [lambda_.Tracing.ACTIVE, lambda_.Tracing.PASS_THROUGH])
    def test_tracing_brings_xray(self, stack, define, synthesize, tracing):
        """And names the function that it is for; without it there is none."""
        traced, untraced = (
            define(id, tracing=tracing if id == "Traced" else None).capacity_provider.network
            for id in ("Traced", "Untraced")
        )
        synthesize(stack)
        (reason,) = traced.endpoints["xray (interface)"]
        assert "Shop/Traced" in reason
        assert "xray:PutTraceSegments" in reason
        assert "xray (interface)" not in untraced.endpoints

    @pytest.mark.parametrize("service", ["sqs", None, 5])
    def test_something_else_is_refused(self, network, refused, service):
        """By the keyword."""
        assert refused(lambda: network.add_endpoint(service)) == ["LMI001"]


class TestRestrictedEndpoints:
    """The policies of endpoints allow what is granted, where that is asked for and can be told."""

    @staticmethod
    def policies(stack, resources, *, restrict=True, actions=("sqs:SendMessage",), more=lambda function: None):
        """The actions that each endpoint's policy allows, ``None`` for an endpoint without a policy."""
        network = ManagedInstanceNetwork(stack, "Restricted", restrict_endpoints=restrict)
        pool = ManagedInstanceCapacityProvider(stack, "Pool", network=network)
        for id in ("First", "Second"):
            function = ManagedInstanceFunction(
                stack,
                id,
                capacity_provider=pool,
                runtime=lambda_.Runtime.PYTHON_3_14,
                handler="index.handler",
                code=lambda_.Code.from_inline("def handler(event, context): ..."),
            )
            statement = iam.PolicyStatement(actions=[*actions, f"kms:{'Sign' if id == 'First' else 'Verify'}"])
            statement.add_all_resources()
            function.function.add_to_role_policy(statement)
        more(function)
        found = {}
        for id, endpoint in resources(stack, ENDPOINT).items():
            document = endpoint["Properties"].get("PolicyDocument")
            name = id.partition("Endpoints")[2].partition("Interface")[0].partition("Gateway")[0]
            found[name] = document and document["Statement"][0]["Action"]
        return found

    def test_to_what_is_granted(self, stack, resources):
        """To all functions together; what no function is granted and what Lambda itself sends is left alone."""
        assert self.policies(stack, resources) == {
            "Dynamodb": None,
            "S3": None,
            "Logs": None,
            "Sqs": "sqs:SendMessage",
            "Kms": ["kms:Sign", "kms:Verify"],
        }

    def test_not_where_anything_is(self, stack, resources):
        """Nobody can tell what must pass."""
        assert set(self.policies(stack, resources, actions=["*"]).values()) == {None}

    @pytest.mark.parametrize(
        "policy",
        ["AmazonDynamoDBReadOnlyAccess", "AmazonRDSDataFullAccess", "AdministratorAccess", "ReadOnlyAccess", "Ours"],
    )
    def test_not_where_a_managed_policy_is(self, stack, resources, policy):
        """It may allow what is not known here; that is told once."""
        by_name = iam.ManagedPolicy.from_aws_managed_policy_name
        if policy == "Ours":
            by_name = partial(iam.ManagedPolicy.from_managed_policy_name, stack, "Policy")
        found = self.policies(stack, resources, more=lambda function: function.role.add_managed_policy(by_name(policy)))
        assert set(found.values()) == {None}
        network = stack.node.find_child("Restricted")
        (info,) = (str(entry.data) for entry in network.node.metadata if "EndpointsNotRestricted" in str(entry.data))
        assert "Shop/Second" in info

    def test_where_a_managed_policy_is_known_in_full(self, stack, resources):
        """It allows what is listed."""
        policy = iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSQSFullAccess")
        found = self.policies(stack, resources, more=lambda function: function.role.add_managed_policy(policy))
        assert found["Sqs"] == ["sqs:*", "sqs:SendMessage"]
        assert found["Kms"] == ["kms:Sign", "kms:Verify"]

    def test_not_where_a_role_is_imported(self, stack, resources):
        """What it is allowed elsewhere is not known."""

        def more(function):
            role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/orders")
            ManagedInstanceFunction(
                stack,
                "Third",
                capacity_provider=function.capacity_provider,
                runtime=lambda_.Runtime.PYTHON_3_14,
                handler="index.handler",
                code=lambda_.Code.from_inline("def handler(event, context): ..."),
                role=role,
            )

        assert set(self.policies(stack, resources, more=more).values()) == {None}

    def test_not_where_other_roles_may_be_assumed(self, stack, resources):
        """What these are allowed passes the same endpoints."""
        assert set(self.policies(stack, resources, actions=["sqs:SendMessage", "sts:AssumeRole"]).values()) == {None}

    def test_what_others_do_with_the_role(self, stack, resources):
        """May be done by the code too, through the same endpoint."""
        found = self.policies(stack, resources, actions=["sqs:SendMessage", "kms:Decrypt"])
        assert found["Kms"] == ["kms:Decrypt", "kms:Sign", "kms:Verify"]

    def test_not_unless_asked_for(self, stack, resources):
        """An endpoint lets through what IAM does."""
        assert set(self.policies(stack, resources, restrict=False).values()) == {None}


class TestAvailabilityZones:
    """Of the stack's environment, never of one that somebody had in mind."""

    @pytest.mark.parametrize(
        ("region", "count"),
        [("eu-west-1", 3), ("us-east-1", 3), ("us-gov-west-1", 3), (None, 2)],
    )
    def test_the_same_app_anywhere(self, region, count):
        """In any Region and partition, and for none in particular."""
        environment = cdk.Environment(account="123456789012", region=region) if region else None
        zones = [f"{region}{letter}" for letter in "abcdef"]
        context = {f"availability-zones:account=123456789012:region={region}": zones}
        stack = cdk.Stack(cdk.App(context=context), "Shop", env=environment)
        ManagedInstanceFunction(
            stack,
            "ListOrders",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="a.b",
            code=lambda_.Code.from_inline("def b(event, context): ..."),
        )
        template = Template.from_stack(stack).to_json()["Resources"]
        used = [r["Properties"]["AvailabilityZone"] for r in template.values() if r["Type"] == "AWS::EC2::Subnet"]
        assert len(used) == count
        assert used == (zones[:count] if region else [{"Fn::Select": [n, {"Fn::GetAZs": ""}]} for n in range(count)])
        assert "arn:aws:" not in str(template)

    def test_as_many_as_asked(self, resources):
        """Not more than there are, not fewer than asked for."""
        stack = cdk.Stack(cdk.App(), "Shop", env=cdk.Environment(account="123456789012", region="eu-west-1"))
        ManagedInstanceNetwork(stack, "Network", max_azs=2, ip_addresses=ec2.IpAddresses.cidr("10.9.0.0/20"))
        subnets = resources(stack, "AWS::EC2::Subnet").values()
        assert len(subnets) == 2
        assert all(subnet["Properties"]["CidrBlock"].startswith("10.9.") for subnet in subnets)

    def test_zones_of_which_not_even_the_number_is_known(self, stack, refused):
        """CDK could make no subnets, and would say so when it synthesises."""
        assert refused(lambda: ManagedInstanceNetwork(stack, "Network", availability_zones=cdk.Fn.get_azs())) == [
            "LMI001"
        ]

    def test_zones_that_are_only_known_at_deployment(self, stack, warned, resources):
        """Are not counted: each has its subnet."""
        zones = [cdk.Fn.select(number, cdk.Fn.get_azs()) for number in range(2)]
        assert warned(ManagedInstanceNetwork(stack, "Network", availability_zones=zones)) == []
        assert len(resources(stack, "AWS::EC2::Subnet")) == 2

    def test_by_name(self, resources):
        """Some zones take no capacity provider, so that they can be chosen."""
        environment = cdk.Environment(account="123456789012", region="us-east-1")
        context = {"availability-zones:account=123456789012:region=us-east-1": [f"us-east-1{x}" for x in "abcdef"]}
        stack = cdk.Stack(cdk.App(context=context), "Shop", env=environment)
        ManagedInstanceNetwork(stack, "Network", availability_zones=["us-east-1b", "us-east-1d"])
        subnets = resources(stack, "AWS::EC2::Subnet").values()
        assert [subnet["Properties"]["AvailabilityZone"] for subnet in subnets] == ["us-east-1b", "us-east-1d"]

    def test_one_is_warned_of(self, stack, warned):
        """On both sides of the bound, by the keyword that was typed."""
        assert warned(ManagedInstanceNetwork(stack, "Two", max_azs=2)) == []
        one = ManagedInstanceNetwork(stack, "One", max_azs=1)
        assert warned(one) == ["LMI403"]
        assert any("max_azs must" in str(entry.data) for entry in one.node.metadata)

    @pytest.mark.parametrize(
        ("keywords", "ids"),
        [
            ({"max_azs": 0}, ["LMI401"]),
            ({"max_azs": 2.0}, ["LMI001"]),
            ({"availability_zones": "eu-west-1a"}, ["LMI001"]),
            ({"availability_zones": []}, ["LMI003"]),
            ({"availability_zones": ["a", "b", "a"]}, ["LMI001"]),
            ({"availability_zones": ["a", "b"], "max_azs": 2}, ["LMI002"]),
            ({"ip_addresses": "10.0.0.0/16"}, ["LMI001"]),
        ],
        ids=str,
    )
    def test_refuses(self, stack, refused, keywords, ids):
        """What is no network for a capacity provider."""
        assert refused(lambda: ManagedInstanceNetwork(stack, "Network", **keywords)) == ids


class TestSmallRanges:
    """As small as EC2 takes subnets: no address is kept free where there is none."""

    @pytest.mark.parametrize(
        ("range", "zones", "subnets"),
        [
            ("10.0.0.0/26", ["a", "b"], ["10.0.0.0/28", "10.0.0.16/28"]),
            ("10.0.0.0/27", ["a", "b"], ["10.0.0.0/28", "10.0.0.16/28"]),
            ("10.0.0.0/28", ["a"], ["10.0.0.0/28"]),
        ],
    )
    def test_it_takes_them(self, stack, resources, range, zones, subnets):
        """Whether there is room for a third zone or not."""
        addresses = ec2.IpAddresses.cidr(range)
        ManagedInstanceNetwork(stack, "Network", ip_addresses=addresses, availability_zones=zones)
        found = resources(stack, "AWS::EC2::Subnet").values()
        assert [subnet["Properties"]["CidrBlock"] for subnet in found] == subnets

    def test_what_is_too_small_is_refused(self, stack, refused):
        """In the CDK's own words."""
        addresses = ec2.IpAddresses.cidr("10.0.0.0/28")
        zones = ["a", "b"]
        assert refused(
            lambda: ManagedInstanceNetwork(stack, "Network", ip_addresses=addresses, availability_zones=zones)
        ) == ["LMI006"]

    def test_what_else_the_cdk_refuses_is_told_in_its_words(self):
        """Of the first attempt: what it leaves behind has the next one fail for another reason."""
        app = cdk.App(context={"@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": True})
        stacks = [cdk.Stack(app, id, synthesizer=cdk.BootstraplessSynthesizer()) for id in ("Plain", "Shop")]
        with pytest.raises(RuntimeError) as plain:
            ec2.Vpc(stacks[0], "Vpc")
        with pytest.raises(ManagedInstanceError) as refused:
            ManagedInstanceNetwork(stacks[1], "Network")
        words = str(plain.value).rpartition(": ")[2]
        assert words in str(refused.value)


class TestFromVpc:
    """A VPC of somebody else's is used as it is."""

    def test_nothing_is_added_by_itself(self, stack, resources, define):
        """Not for a traced function either."""
        network = ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=ec2.Vpc(stack, "Vpc"))
        pool = ManagedInstanceCapacityProvider(stack, "Pool", network=network)
        define(capacity_provider=pool, tracing=lambda_.Tracing.ACTIVE)
        assert network.endpoints == {}
        assert resources(stack, ENDPOINT) == {}

    def test_an_endpoint_that_cdk_refuses_leaves_nothing(self, stack, refused):
        """A gateway endpoint where no route table is known."""
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            private_subnet_ids=["subnet-1", "subnet-2"],
        )
        network = ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=vpc)
        before = [construct.node.path for construct in stack.node.find_all()]
        assert refused(lambda: network.add_endpoint(ec2.GatewayVpcEndpointAwsService.S3)) == ["LMI006"]
        assert [construct.node.path for construct in stack.node.find_all()] == before

    def test_an_endpoint_is_added_when_asked_for(self, stack, resources):
        """Into its subnets, behind a security group of its own."""
        network = ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=ec2.Vpc(stack, "Vpc"))
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.XRAY)
        (endpoint,) = resources(stack, ENDPOINT).values()
        assert all("PrivateSubnet" in subnet["Ref"] for subnet in endpoint["Properties"]["SubnetIds"])

    @pytest.mark.parametrize("elsewhere", [False, True])
    def test_the_pool_waits_for_the_routes_out(self, stack, resources, define, elsewhere):
        """Publishing starts the function; its first calls leave through a NAT gateway, which takes minutes to make."""
        at = cdk.NestedStack(stack, "Inner") if elsewhere else stack
        vpc = ec2.Vpc(at, "Vpc")
        network = ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=vpc)
        define(capacity_provider=ManagedInstanceCapacityProvider(stack, "Pool", network=network))
        (pool,) = resources(stack, PROVIDER).values()
        if elsewhere:
            assert any("Inner" in id for id in pool["DependsOn"])
            return
        routes = {id for id in resources(stack, "AWS::EC2::Route") if "PrivateSubnet" in id}
        assert len(routes) == len(network.subnets)
        assert routes <= set(pool["DependsOn"])

    @pytest.mark.parametrize("of", ["imported", "by id", "isolated", "looked up", "another stack"])
    def test_the_pool_does_not_wait_for_what_is_not_here(self, of, resources):
        """Subnets without routes of this stack: there is nothing to wait for, or the stacks wait for each other."""
        app, env = cdk.App(), cdk.Environment(account="123456789012", region="eu-west-1")
        stack, vpcs = cdk.Stack(app, "Shop", env=env), cdk.Stack(app, "Vpcs", env=env)
        imported = ec2.Vpc.from_vpc_attributes(
            stack,
            "Imported",
            vpc_id="vpc-1",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            private_subnet_ids=["subnet-1", "subnet-2"],
        )
        by_id = [ec2.Subnet.from_subnet_id(stack, id, f"subnet-{id}") for id in "ab"]
        vpc, subnets = {
            "imported": lambda: (imported, None),
            "by id": lambda: (imported, ec2.SubnetSelection(subnets=by_id)),
            "isolated": lambda: (ManagedInstanceNetwork(stack, "Own").vpc, None),
            "looked up": lambda: (ec2.Vpc.from_lookup(stack, "LookedUp", vpc_id="vpc-2"), None),
            "another stack": lambda: (ec2.Vpc(vpcs, "Vpc", max_azs=2), None),
        }[of]()
        network = ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=vpc, vpc_subnets=subnets)
        ManagedInstanceCapacityProvider(stack, "Pool", network=network)
        (pool,) = resources(stack, PROVIDER).values()
        assert not any("DefaultRoute" in id for id in pool.get("DependsOn", ()))
        assert (vpcs in stack.dependencies) is (of == "another stack")

    def test_every_security_group_gets_to_the_endpoints(self, stack, resources):
        """The instances may carry several."""
        vpc = ec2.Vpc(stack, "Vpc")
        groups = [ec2.SecurityGroup(stack, name, vpc=vpc) for name in ("One", "Two")]
        network = ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=vpc, security_groups=groups)
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS)
        assert len(resources(stack, "AWS::EC2::SecurityGroupIngress")) == 2

    @pytest.mark.parametrize(
        ("given", "named"), [({}, "vpc"), ({"vpc_subnets": ec2.SubnetSelection(one_per_az=True)}, "vpc_subnets")]
    )
    def test_a_vpc_without_subnets_is_what_is_wrong(self, stack, given, named):
        """Where nobody has selected any, no selection is at fault."""
        vpc = ec2.Vpc.from_vpc_attributes(stack, "Vpc", vpc_id="vpc-1", availability_zones=["a"])
        with pytest.raises(ManagedInstanceError) as raised:
            ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=vpc, **given)
        assert [each.fields for each in raised.value.violations] == [(named,)]

    def test_warns_of_one_zone(self, stack, warned):
        """As a network of its own does."""
        vpc = ec2.Vpc(stack, "Vpc")
        one = ec2.SubnetSelection(subnets=vpc.private_subnets[:1])
        assert warned(ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=vpc, vpc_subnets=one)) == ["LMI403"]

    def test_zones_that_are_only_known_at_deployment(self, stack, warned):
        """Of an imported VPC too: how many there are of them, nobody knows yet."""
        imported = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=cdk.Fn.get_azs(),
            private_subnet_ids=cdk.Fn.split(",", cdk.Fn.import_value("Subnets")),
        )
        assert warned(ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=imported)) == []

    def test_refuses_what_no_provider_can_use(self, stack, refused):
        """By the keywords of from_vpc."""
        vpc = ec2.Vpc(stack, "Vpc")
        none = ec2.SubnetSelection(subnets=[])
        assert refused(lambda: ManagedInstanceNetwork.from_vpc(stack, "N", vpc=vpc, vpc_subnets=none)) == ["LMI401"]
        wrong: Any = "vpc-1"
        assert refused(lambda: ManagedInstanceNetwork.from_vpc(stack, "N", vpc=wrong)) == ["LMI001"]
