"""What the instances of a template reach: routes, endpoints, security groups, and what the function calls."""

import copy
import json
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_lmi import check_template


def resource(kind, **properties):
    return {"Type": kind, "Properties": properties}


def ref(id):
    return {"Ref": id}


def att(id, attribute):
    return {"Fn::GetAtt": [id, attribute]}


def sub(text):
    return {"Fn::Sub": text}


def service(name):
    return sub(f"com.amazonaws.${{AWS::Region}}.{name}")


def interface(name, **properties):
    return resource(
        "AWS::EC2::VPCEndpoint",
        **{
            "VpcEndpointType": "Interface",
            "ServiceName": service(name),
            "VpcId": ref("Vpc"),
            "PrivateDnsEnabled": True,
            "SecurityGroupIds": [att("EndpointGroup", "GroupId")],
            **properties,
        },
    )


def route(**properties):
    return resource("AWS::EC2::Route", RouteTableId=ref("Table"), **properties)


def statement(*actions, effect="Allow", resource="arn:aws:sqs:eu-west-1:123456789012:queue", **more):
    return {"Effect": effect, "Action": list(actions), "Resource": resource, **more}


def all_but(*actions, effect="Deny", resource="*", **more):
    return {"Effect": effect, "NotAction": list(actions), "Resource": resource, **more}


def policy(*statements):
    return {"PolicyName": "Inline", "PolicyDocument": {"Statement": list(statements)}}


FROM_INSTANCES = {
    "IpProtocol": "tcp",
    "FromPort": 443,
    "ToPort": 443,
    "SourceSecurityGroupId": att("InstanceGroup", "GroupId"),
}

#: Isolated subnets, an endpoint for logs and one for queues, a function that may send to a queue. Nothing is wrong.
SOUND: dict[str, Any] = {
    "Vpc": resource("AWS::EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsHostnames=True),
    "SubnetA": resource("AWS::EC2::Subnet", VpcId=ref("Vpc"), AvailabilityZone="a", CidrBlock="10.0.0.0/24"),
    "SubnetB": resource("AWS::EC2::Subnet", VpcId=ref("Vpc"), AvailabilityZone="b", CidrBlock="10.0.1.0/24"),
    "Table": resource("AWS::EC2::RouteTable", VpcId=ref("Vpc")),
    "AtA": resource("AWS::EC2::SubnetRouteTableAssociation", SubnetId=ref("SubnetA"), RouteTableId=ref("Table")),
    "AtB": resource("AWS::EC2::SubnetRouteTableAssociation", SubnetId=ref("SubnetB"), RouteTableId=ref("Table")),
    "InstanceGroup": resource("AWS::EC2::SecurityGroup", VpcId=ref("Vpc")),
    "EndpointGroup": resource("AWS::EC2::SecurityGroup", VpcId=ref("Vpc"), SecurityGroupIngress=[FROM_INSTANCES]),
    "Logs": interface("logs"),
    "Sqs": interface("sqs"),
    "Pool": resource(
        "AWS::Lambda::CapacityProvider",
        VpcConfig={
            "SubnetIds": [ref("SubnetA"), ref("SubnetB")],
            "SecurityGroupIds": [att("InstanceGroup", "GroupId")],
        },
        PermissionsConfig={"CapacityProviderOperatorRoleArn": att("Operator", "Arn")},
    ),
    "Operator": resource(
        "AWS::IAM::Role",
        ManagedPolicyArns=[{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator"}],
    ),
    "Role": resource("AWS::IAM::Role", Policies=[policy(statement("sqs:SendMessage"))]),
    "Function": resource(
        "AWS::Lambda::Function",
        Role=att("Role", "Arn"),
        Runtime="python3.14",
        MemorySize=2048,
        CapacityProviderConfig={
            "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": att("Pool", "Arn")}
        },
    ),
}


def changed(changes):
    """The sound template with resources, or paths below one, put in another's place; ``None`` takes one out."""
    resources = copy.deepcopy(SOUND)
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = resources
        for name in parents:
            place = place.setdefault(name, {})
        if value is None:
            del place[last]
        else:
            place[last] = value
    return {"Resources": resources}


def ids(changes):
    return [violation.id for violation in check_template(changed(changes))]


def test_the_sound_template_is_sound():
    """What is changed below is all that is wrong there."""
    assert ids({}) == []


def places(value, path=()):
    """Give every place in a document."""
    yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


#: What stands in a network, in the place of something else.
ANYTHING = st.sampled_from(
    [None, "", 7, -1.5, True, [], {}, [[]], ref("Vpc"), ref("Nothing"), att("SubnetA", "Arn"), {"Fn::If": []}]
) | st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Ref", "Fn::Sub", "Fn::Join", "Fn::GetAtt", "Statement", "a"]), inner)
    ),
    max_leaves=8,
)
WITH_EVERYTHING = {
    **SOUND,
    "Out": route(DestinationCidrBlock="0.0.0.0/0", NatGatewayId="nat-1"),
    "S3": resource("AWS::EC2::VPCEndpoint", VpcId=ref("Vpc"), ServiceName=service("s3"), RouteTableIds=[ref("Table")]),
    "In": resource("AWS::EC2::SecurityGroupIngress", GroupId=ref("EndpointGroup"), **FROM_INSTANCES),
    "Policy": resource(
        "AWS::IAM::Policy", Roles=[ref("Role")], PolicyDocument={"Statement": [statement("kms:Decrypt")]}
    ),
    "Key": resource("AWS::KMS::Key", KeyPolicy={"Statement": [statement("kms:*", Principal={"AWS": "*"})]}),
    "Mapping": resource("AWS::Lambda::EventSourceMapping", FunctionName=ref("Function")),
}


@settings(max_examples=500)
@given(st.sampled_from(list(places(WITH_EVERYTHING))[1:]), ANYTHING)
def test_anything_in_any_place_comes_to_an_answer(path, value):
    """Whatever stands wherever, nothing raises."""
    resources = copy.deepcopy(WITH_EVERYTHING)
    *parents, last = path
    place = resources
    for step in parents:
        place = place[step]
    place[last] = value
    assert isinstance(check_template({"Resources": resources}), list)


class TestRoutes:
    """A route out makes endpoints needless; what may lead elsewhere is not known to lead nowhere."""

    OUT: ClassVar[dict[str, Any]] = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"Logs": None}, ["LMI501"]),
            ({"Sqs": None}, ["LMI502"]),
            ({"Logs": None, "Sqs": None}, ["LMI501", "LMI502"]),
            ({"Logs": None, "Sqs": None, "Out": route(**OUT)}, []),
            ({"Logs": None, "Out": route(DestinationCidrBlock="0.0.0.0/0", GatewayId="vgw-1")}, []),
            # another table's route
            ({"Logs": None, "Out": resource("AWS::EC2::Route", RouteTableId="rtb-1", **OUT)}, ["LMI501"]),
            # no table of its own: the VPC's main one
            ({"Logs": None, "AtA": None, "AtB": None}, ["LMI501"]),
            ({"Logs": None, "AtB": None, "Out": route(**OUT)}, ["LMI501"]),
            # what may lead to the service by another way
            ({"Logs": None, "Out": route(DestinationIpv6CidrBlock="::/0", EgressOnlyInternetGatewayId="eigw-1")}, []),
            ({"Logs": None, "Out": route(DestinationCidrBlock="10.0.0.0/8", TransitGatewayId="tgw-1")}, []),
            ({"Logs": None, "Out": route(DestinationCidrBlock=ref("Param"), NatGatewayId="nat-1")}, []),
            *(
                ({"Logs": None, "Join": resource(kind, Of=ref("Vpc"))}, [])
                for kind in (
                    "AWS::EC2::TransitGatewayAttachment",
                    "AWS::EC2::TransitGatewayVpcAttachment",
                    "AWS::EC2::VPCPeeringConnection",
                    "AWS::EC2::VPNGatewayRoutePropagation",
                    "AWS::NetworkManager::VpcAttachment",
                    "AWS::Route53Profiles::ProfileAssociation",
                )
            ),
            ({"Logs": None, "Join": resource("AWS::EC2::FlowLog", ResourceId=ref("Vpc"))}, ["LMI501"]),
            # what others may add to
            *(
                ({"Logs": None, "Sqs": None, "Others": resource(kind, Parameters={"Of": of})}, [])
                for kind in (
                    "AWS::CloudFormation::CustomResource",
                    "AWS::CloudFormation::Stack",
                    "AWS::CloudFormation::StackSet",
                    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
                    "Acme::Network::Endpoints",
                    "Custom::Endpoints",
                )
                for of in (ref("Vpc"), ref("Table"))
            ),
            ({"Logs": None, "Others": resource("Custom::Endpoints", Of=ref("Operator"))}, ["LMI501"]),
            (
                {
                    "Logs": None,
                    "Restrict": resource(
                        "Custom::VpcRestrictDefaultSG", DefaultSecurityGroupId=att("Vpc", "DefaultSecurityGroup")
                    ),
                },
                ["LMI501"],
            ),
            ({"Logs": None, "Writer": resource("Custom::CrossRegionExportWriter", Vpc=ref("Vpc"))}, ["LMI501"]),
            # what another template defines
            ({"Logs": None, "Pool.Properties.VpcConfig.SubnetIds": [ref("SubnetA"), "subnet-b"]}, []),
            ({"Logs": None, "Pool.Properties.VpcConfig.SubnetIds": ref("Subnets")}, []),
            ({"Logs": None, "AtA.Properties.RouteTableId": "rtb-1"}, ["LMI501"]),
            ({"Logs": None, "AtA.Properties.RouteTableId": "rtb-1", "AtB.Properties.RouteTableId": "rtb-1"}, []),
            (
                {
                    "Logs": None,
                    "Vpc": None,
                    **{f"{id}.Properties.VpcId": ref("VpcParam") for id in ("SubnetA", "SubnetB", "Table")},
                },
                [],
            ),
        ],
    )
    def test_ids(self, changes, expected):
        """Warned only where nothing leads to the service."""
        assert ids(changes) == expected


class TestInternetGateways:
    """Pass on what instances with a public IPv4 address send, and nothing else."""

    @staticmethod
    def through(gateway, *, address="left out", others="left out", **more):
        """Subnets whose default route is an internet gateway, and no endpoint for logs."""
        subnets = {"SubnetA": address, "SubnetB": others}
        return {
            "Logs": None,
            "Igw": resource("AWS::EC2::InternetGateway"),
            "Vgw": resource("AWS::EC2::VPNGateway"),
            "Out": route(DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway),
            **{
                f"{id}.Properties.MapPublicIpOnLaunch": written
                for id, written in subnets.items()
                if written != "left out"
            },
            **more,
        }

    @pytest.mark.parametrize("gateway", [ref("Igw"), att("Igw", "InternetGatewayId"), "igw-1"])
    @pytest.mark.parametrize(
        ("address", "others", "expected"),
        [
            (True, True, []),
            ("true", "true", []),
            (ref("Param"), ref("Param"), []),
            (True, "left out", ["LMI501"]),
            (False, True, ["LMI501"]),
            ("false", "false", ["LMI501"]),
            ("left out", "left out", ["LMI501"]),
        ],
    )
    def test_by_the_addresses_of_subnets(self, gateway, address, others, expected):
        """Every subnet must give one; left out it gives none."""
        assert ids(self.through(gateway, address=address, others=others)) == expected

    @pytest.mark.parametrize("gateway", [ref("Vgw"), ref("Param"), "vgw-1", {"Fn::If": ["Unknown", ref("Igw"), "x"]}])
    def test_other_gateways(self, gateway):
        """May do more."""
        assert ids(self.through(gateway)) == []

    @pytest.mark.parametrize(
        "route",
        [
            route(DestinationIpv6CidrBlock="::/0", EgressOnlyInternetGatewayId="eigw-1"),
            route(DestinationIpv6CidrBlock="::/0", GatewayId=ref("Igw")),
            route(**TestRoutes.OUT),
        ],
    )
    def test_beside_another_route(self, route):
        """It is that which may lead out."""
        assert ids(self.through(ref("Igw"), Other=route)) == []


class TestEndpoints:
    """An endpoint counts where its service's own name leads to it and it lets the instances in."""

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            # the service's name, however it is written
            ({"Logs.Properties.ServiceName": "com.amazonaws.eu-west-1.logs"}, []),
            ({"Logs.Properties.ServiceName": "cn.com.amazonaws.cn-north-1.logs"}, []),
            (
                {"Logs.Properties.ServiceName": {"Fn::Join": ["", ["com.amazonaws.", ref("AWS::Region"), ".logs"]]}},
                [],
            ),
            ({"Logs.Properties.ServiceName": ref("Param")}, []),
            ({"Logs.Properties.ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-0"}, ["LMI501"]),
            ({"Logs.Properties.VpcId": "vpc-1"}, ["LMI501"]),
            # gateway endpoints serve the subnets whose route tables have them
            ({"Role.Properties.Policies": [policy(statement("s3:GetObject"))]}, ["LMI502"]),
            *(
                (
                    {
                        "Role.Properties.Policies": [policy(statement("s3:GetObject"))],
                        "S3": resource(
                            "AWS::EC2::VPCEndpoint", VpcId=ref("Vpc"), ServiceName=service("s3"), RouteTableIds=tables
                        ),
                    },
                    expected,
                )
                for tables, expected in (
                    ([ref("Table")], []),
                    ([], ["LMI502"]),
                    (["rtb-1"], ["LMI502"]),
                    (ref("Tables"), []),
                )
            ),
            # private DNS
            ({"Logs.Properties.PrivateDnsEnabled": False}, ["LMI503"]),
            ({"Logs.Properties.PrivateDnsEnabled": "false"}, ["LMI503"]),
            ({"Logs.Properties.PrivateDnsEnabled": None}, ["LMI503"]),
            ({"Logs.Properties.PrivateDnsEnabled": ref("Param")}, []),
            (
                {
                    "Logs.Properties.PrivateDnsEnabled": False,
                    "Zone": resource("AWS::Route53::HostedZone", VPCs=[{"VPCId": ref("Vpc")}]),
                },
                [],
            ),
            # what private DNS needs of the VPC
            ({"Vpc.Properties.EnableDnsHostnames": None}, ["LMI503"]),
            ({"Vpc.Properties.EnableDnsHostnames": False}, ["LMI503"]),
            ({"Vpc.Properties.EnableDnsHostnames": "false"}, ["LMI503"]),
            ({"Vpc.Properties.EnableDnsHostnames": "true"}, []),
            ({"Vpc.Properties.EnableDnsHostnames": ref("Param")}, []),
            ({"Vpc.Properties.EnableDnsSupport": False}, ["LMI503"]),
            ({"Vpc.Properties.EnableDnsSupport": "false"}, ["LMI503"]),
            ({"Vpc.Properties.EnableDnsSupport": True}, []),
            ({"Vpc.Properties.EnableDnsSupport": ref("Param")}, []),
            ({"Vpc.Properties.EnableDnsHostnames": None, "Out": route(**TestRoutes.OUT)}, []),
            ({"Logs.Properties.VpcEndpointType": ref("Param")}, []),
            ({"Logs.Properties.PrivateDnsEnabled": False, "Out": route(**TestRoutes.OUT)}, []),
            ({"Unused": interface("kms", PrivateDnsEnabled=False)}, []),
            ({"Twin": interface("sqs", PrivateDnsEnabled=False)}, []),
            # two of one service
            ({"Twin": interface("logs")}, ["LMI507"]),
            ({"Twin": interface("logs", PrivateDnsEnabled="true")}, ["LMI507"]),
            ({"Twin": interface("logs", PrivateDnsEnabled=None)}, []),
            ({"Twin": interface("logs", PrivateDnsEnabled=ref("Param"))}, []),
            ({"Twin": interface("logs", VpcId="vpc-1")}, []),
            ({"Twin": {**interface("logs"), "Condition": "Rarely"}}, []),
            ({"Twin": interface("logs"), "Third": interface("logs")}, ["LMI507"]),
            *(
                (
                    {
                        each: resource(
                            "AWS::EC2::VPCEndpoint", VpcId=ref("Vpc"), ServiceName=service(name), RouteTableIds=tables
                        )
                        for each, (name, tables) in {"One": one, "Two": two}.items()
                    },
                    expected,
                )
                for one, two, expected in (
                    (("s3", [ref("Table")]), ("s3", [ref("Table"), "rtb-1"]), ["LMI507"]),
                    (("s3", ["rtb-1"]), ("s3", ["rtb-1"]), ["LMI507"]),
                    (("s3", [ref("Table")]), ("s3", ["rtb-1"]), []),
                    (("s3", [ref("Table")]), ("dynamodb", [ref("Table")]), []),
                    (("s3", [ref("Table")]), ("s3", ref("Tables")), []),
                )
            ),
            # security groups of the endpoint
            ({"EndpointGroup.Properties.SecurityGroupIngress": []}, ["LMI504"]),
            ({"EndpointGroup.Properties.SecurityGroupIngress": None}, ["LMI504"]),
            ({"EndpointGroup.Properties.SecurityGroupIngress": ref("Param")}, []),
            *(
                ({"EndpointGroup.Properties.SecurityGroupIngress": [{**FROM_INSTANCES, **rule}]}, expected)
                for rule, expected in (
                    ({"FromPort": 80, "ToPort": 80}, ["LMI504"]),
                    ({"FromPort": 0, "ToPort": 65535}, []),
                    ({"FromPort": "443", "ToPort": "443"}, []),
                    ({"IpProtocol": "udp"}, ["LMI504"]),
                    ({"IpProtocol": "-1", "FromPort": 0, "ToPort": 0}, []),
                    ({"IpProtocol": 6}, []),
                    ({"SourceSecurityGroupId": att("EndpointGroup", "GroupId")}, ["LMI504"]),
                    ({"SourceSecurityGroupId": ref("InstanceGroup")}, []),
                    ({"SourceSecurityGroupId": ref("Param")}, []),
                    ({"SourceSecurityGroupId": {"Fn::ImportValue": "group"}}, []),
                    ({"SourceSecurityGroupId": "sg-1"}, []),
                )
            ),
            *(
                (
                    {
                        "EndpointGroup.Properties.SecurityGroupIngress": [
                            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **source}
                        ]
                    },
                    expected,
                )
                for source, expected in (
                    ({"CidrIp": "0.0.0.0/0"}, []),
                    ({"CidrIp": "10.0.0.0/16"}, []),
                    ({"CidrIp": att("Vpc", "CidrBlock")}, []),
                    ({"CidrIp": "10.0.0.0/23"}, []),
                    ({"CidrIp": "10.0.1.0/24"}, ["LMI504"]),
                    ({"CidrIp": "192.168.0.0/16"}, ["LMI504"]),
                    ({"CidrIp": ref("Param")}, []),
                    ({"CidrIp": "nonsense"}, []),
                    ({"CidrIp": "10.0.1.7/23"}, []),
                    ({"CidrIp": "::/0"}, ["LMI504"]),
                    ({"SourcePrefixListId": "pl-1"}, []),
                )
            ),
            (
                {
                    "EndpointGroup.Properties.SecurityGroupIngress": None,
                    "Apart": resource(
                        "AWS::EC2::SecurityGroupIngress", GroupId=att("EndpointGroup", "GroupId"), **FROM_INSTANCES
                    ),
                },
                [],
            ),
            ({"Logs.Properties.SecurityGroupIds": ["sg-1"]}, []),
            ({"Logs.Properties.SecurityGroupIds": ref("Groups")}, []),
            # no group of its own: the VPC's default one, which lets in its members
            ({"Logs.Properties.SecurityGroupIds": None}, ["LMI504"]),
            (
                {
                    "Logs.Properties.SecurityGroupIds": None,
                    "Pool.Properties.VpcConfig.SecurityGroupIds": [
                        att("InstanceGroup", "GroupId"),
                        att("Vpc", "DefaultSecurityGroup"),
                    ],
                },
                [],
            ),
            (
                {
                    "Logs.Properties.SecurityGroupIds": None,
                    "Apart": resource(
                        "AWS::EC2::SecurityGroupIngress", GroupId=att("Vpc", "DefaultSecurityGroup"), **FROM_INSTANCES
                    ),
                },
                [],
            ),
            ({"Unused": interface("kms", SecurityGroupIds=[])}, []),
        ],
    )
    def test_ids(self, changes, expected):
        """Warned of endpoints that a needed service is not reached by."""
        assert ids(changes) == expected

    @pytest.mark.parametrize(
        ("sources", "more", "expected"),
        [
            (["10.0.0.0/24", "10.0.1.0/24"], {}, []),
            (["10.0.0.0/24", "10.0.0.0/25"], {}, ["LMI504"]),
            (["10.0.0.0/24", ref("Param")], {}, []),
            (["10.0.0.0/24"], {"SubnetB.Properties.CidrBlock": ref("Param")}, []),
            (["10.0.0.0/24"], {"SubnetB.Properties.CidrBlock": None}, []),
        ],
    )
    def test_every_subnet_is_let_in(self, sources, more, expected):
        """One rule for one of them is not enough; one for each is."""
        rules = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": source} for source in sources]
        assert ids({"EndpointGroup.Properties.SecurityGroupIngress": rules, **more}) == expected

    def test_groups_together_let_every_subnet_in(self):
        """Each lets one in."""
        by_zone = {
            f"Group{zone}": resource(
                "AWS::EC2::SecurityGroup",
                SecurityGroupIngress=[{"IpProtocol": "-1", "CidrIp": f"10.0.{number}.0/24"}],
            )
            for number, zone in enumerate("AB")
        }
        groups = [att(id, "GroupId") for id in by_zone]
        assert ids({**by_zone, "Logs.Properties.SecurityGroupIds": groups}) == []
        assert ids({**by_zone, "Logs.Properties.SecurityGroupIds": groups[:1]}) == ["LMI504"]

    @pytest.mark.parametrize(
        ("action", "endpoint", "without", "having"),
        [
            ("execute-api:Invoke", interface("execute-api"), ["LMI502"], []),
            ("execute-api:ManageConnections", interface("execute-api"), ["LMI502"], ["LMI502"]),
            ("lambda:InvokeFunctionUrl", interface("lambda"), ["LMI502"], ["LMI502"]),
            # it has no private DNS to be turned on, and a hosted zone elsewhere may lead to it
            ("iot:Publish", interface("iot.data", PrivateDnsEnabled=False), ["LMI502"], []),
        ],
    )
    def test_what_an_endpoint_is_good_for(self, action, endpoint, without, having):
        """Of some services it serves a part only, or none."""
        granted = {"Role.Properties.Policies": [policy(statement(action))]}
        assert ids(granted) == without
        assert ids({**granted, "Endpoint": endpoint}) == having
        assert ids({**granted, "Out": route(**TestRoutes.OUT)}) == []

    @pytest.mark.parametrize(
        ("action", "first", "told"),
        [
            ("execute-api:Invoke", "NAT", "execute-api (for private REST APIs only)"),
            ("execute-api:ManageConnections", "NAT", None),
            ("lambda:InvokeFunctionUrl", "NAT", None),
            ("iot:Publish", "NAT", "iot.data (with a private hosted zone)"),
            ("iam:GetRole", "NAT", "iam (only in us-east-1)"),
            ("sns:Publish", "add VPC endpoint", "sns"),
        ],
    )
    def test_advice(self, action, first, told):
        """What reaches the service in any case comes first, and an endpoint that helps nobody is not advised."""
        (violation,) = check_template(changed({"Role.Properties.Policies": [policy(statement(action))]}))
        assert first in violation.fix.partition(", or ")[0]
        assert ("VPC endpoint" in violation.fix) is (told is not None)
        assert f"add VPC endpoint for {told}" in violation.fix or told is None

    def test_a_service_without_a_way_is_one_finding_with_all_of_them(self):
        """Not one for each action, and none for what is reached."""
        violations = check_template(
            changed({"Role.Properties.Policies": [policy(statement("sns:Publish", "kms:Sign", "sqs:SendMessage"))]})
        )
        assert [violation.id for violation in violations] == ["LMI502"]
        assert "kms, sns" in violations[0].message
        assert "sqs" not in violations[0].message

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"Logs.Properties.PrivateDnsEnabled": False}, "/Resources/Logs/Properties/PrivateDnsEnabled"),
            ({"Logs.Properties.SecurityGroupIds": None}, "/Resources/Logs/Properties/SecurityGroupIds"),
            ({"Logs": None}, "/Resources/Pool/Properties/VpcConfig/SubnetIds"),
            ({"Sqs": None}, "/Resources/Pool/Properties/VpcConfig/SubnetIds"),
        ],
    )
    def test_stands_on(self, changes, pointer):
        """What must change is on the endpoint, or on the capacity provider where there is none."""
        (violation,) = check_template(changed(changes))
        assert violation.locations[0] == pointer


class TestSecurityGroupsOfInstances:
    """HTTPS must get out."""

    ICMP: ClassVar[dict[str, Any]] = {
        "IpProtocol": "icmp",
        "FromPort": 252,
        "ToPort": 86,
        "CidrIp": "255.255.255.255/32",
    }
    HTTPS: ClassVar[dict[str, Any]] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}

    @pytest.mark.parametrize(
        ("egress", "expected"),
        [
            ([], ["LMI505"]),
            ([ICMP], ["LMI505"]),
            ([ICMP, HTTPS], []),
            ([{**HTTPS, "FromPort": 5432, "ToPort": 5432}], ["LMI505"]),
            ([{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}], []),
            ([{"IpProtocol": {"Ref": "Param"}}], []),
            ({"Ref": "Param"}, []),
            (None, []),
        ],
    )
    def test_ids(self, egress, expected):
        """Left out, everything gets out."""
        changes = {} if egress is None else {"InstanceGroup.Properties.SecurityGroupEgress": egress}
        assert ids(changes) == expected

    @pytest.mark.parametrize(
        ("destination", "expected"),
        [
            ({"CidrIp": "127.0.0.1/32"}, ["LMI505"]),
            ({"CidrIp": "127.0.0.0/8"}, ["LMI505"]),
            ({"CidrIp": "255.255.255.255/32"}, ["LMI505"]),
            ({"CidrIpv6": "::1/128"}, ["LMI505"]),
            ({"CidrIp": ref("Loopback")}, ["LMI505"]),
            ({"CidrIp": "127.0.0.1/32", "CidrIpv6": ref("AWS::NoValue")}, ["LMI505"]),
            ({"CidrIp": "126.0.0.0/7"}, []),
            ({"CidrIp": "255.255.255.0/24"}, []),
            ({"CidrIp": "10.0.0.0/16"}, []),
            ({"CidrIp": att("Vpc", "CidrBlock")}, []),
            ({"CidrIp": ref("Param")}, []),
            ({"CidrIp": "anywhere"}, []),
            ({"CidrIpv6": "::/0"}, []),
            ({"DestinationPrefixListId": "pl-0a1b2c3d"}, []),
            ({"CidrIp": "127.0.0.1/32", "CidrIpv6": "::/0"}, []),
            ({"CidrIp": "127.0.0.1/32", "Fn::Transform": {"Name": "AWS::Include"}}, []),
            ({"CidrIp": {"Fn::If": ["Unknown", "127.0.0.1/32", "0.0.0.0/0"]}}, []),
            ({}, []),
        ],
    )
    @pytest.mark.parametrize("ports", [{"IpProtocol": "-1"}, {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}])
    def test_where_a_rule_leads(self, ports, destination, expected):
        """What is for this host alone, or for nobody, gets nowhere."""
        document = changed({"InstanceGroup.Properties.SecurityGroupEgress": [{**ports, **destination}]})
        document["Parameters"] = {"Loopback": {"Type": "String", "Default": "127.0.0.1/32"}}
        assert [violation.id for violation in check_template(document)] == expected

    @pytest.mark.parametrize(
        ("group", "changes", "expected"),
        [
            (att("Database", "GroupId"), {}, ["LMI505"]),
            (att("Database", "GroupId"), {"Logs": None, "Sqs": None, "Out": route(**TestRoutes.OUT)}, ["LMI505"]),
            # of an endpoint, or the instances' own
            (att("EndpointGroup", "GroupId"), {}, []),
            (att("Database", "GroupId"), {"Sqs.Properties.SecurityGroupIds": [att("Database", "GroupId")]}, ["LMI504"]),
            (att("InstanceGroup", "GroupId"), {}, []),
            # what may be one of an endpoint
            ("sg-1", {}, []),
            (ref("Param"), {}, []),
            (att("Vpc", "DefaultSecurityGroup"), {}, []),
            ({"Fn::If": ["Unknown", att("EndpointGroup", "GroupId"), att("Database", "GroupId")]}, {}, []),
            (att("Database", "GroupId"), {"Sqs.Properties.SecurityGroupIds": ["sg-1"]}, []),
            (att("Database", "GroupId"), {"Sqs.Properties.SecurityGroupIds": ref("Param")}, []),
            (
                att("Database", "GroupId"),
                {"Sqs.Properties.SecurityGroupIds": [{"Fn::If": ["Unknown", "sg-1", ref("AWS::NoValue")]}]},
                [],
            ),
            # elsewhere, or behind a name
            (
                att("Database", "GroupId"),
                {"Nested": resource("AWS::CloudFormation::Stack", Parameters={"Group": ref("Database")})},
                [],
            ),
            (att("Database", "GroupId"), {"Zone": resource("AWS::Route53::HostedZone", Name="example.com")}, []),
        ],
    )
    def test_a_rule_for_a_group_leads_to_its_members(self, group, changes, expected):
        """And to no service, where none of them is an endpoint."""
        egress = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "DestinationSecurityGroupId": group}]
        database = resource("AWS::EC2::SecurityGroup", VpcId=ref("Vpc"))
        changes = {"Database": database, "InstanceGroup.Properties.SecurityGroupEgress": egress, **changes}
        assert ids(changes) == expected

    #: A route out by NAT, and no endpoint in the VPC.
    BY_NAT: ClassVar[dict[str, Any]] = {"Logs": None, "Sqs": None, "Out": route(**TestRoutes.OUT)}

    @pytest.mark.parametrize(
        ("destination", "more", "expected"),
        [
            ("10.0.0.0/16", {}, ["LMI505"]),
            ("10.0.0.0/8", {}, ["LMI505"]),
            ("192.168.0.0/16", {}, ["LMI505"]),
            ("fd00::/8", {}, ["LMI505"]),
            (att("Vpc", "CidrBlock"), {}, ["LMI505"]),
            (sub("${Vpc.CidrBlock}"), {}, ["LMI505"]),
            # with public addresses in it, or what may have them
            ("0.0.0.0/0", {}, []),
            ("::/0", {}, []),
            ("0.0.0.0/1", {}, []),
            ("128.0.0.0/1", {}, []),
            ("172.0.0.0/8", {}, []),
            ("198.18.0.0/15", {}, []),
            ("8.0.0.0/6", {}, []),
            ("52.94.0.0/16", {}, []),
            ({"Fn::If": ["Unknown", att("Vpc", "CidrBlock"), "0.0.0.0/0"]}, {}, []),
            ({"Fn::Select": [0, att("Vpc", "CidrBlockAssociations")]}, {}, []),
            (ref("Param"), {}, []),
            # where a service may have a private address
            ("10.0.0.0/16", {"Sqs": SOUND["Sqs"]}, []),
            ("10.0.0.0/16", {"Sqs": interface("sqs", VpcEndpointType=ref("Param"))}, []),
            ("10.0.0.0/16", {"S3": resource("AWS::EC2::VPCEndpoint", VpcId=ref("Vpc"))}, ["LMI505"]),
            ("10.0.0.0/16", {"Zone": resource("AWS::Route53::HostedZone", Name="example.com")}, []),
            ("10.0.0.0/16", {"Far": route(DestinationCidrBlock="10.1.0.0/16", TransitGatewayId="tgw-1")}, []),
            ("10.0.0.0/16", {"Others": resource("Custom::Endpoints", Vpc=ref("Vpc"))}, []),
            ("10.0.0.0/16", {"Join": resource("AWS::EC2::VPCPeeringConnection", VpcId=ref("Vpc"))}, []),
            ("10.0.0.0/16", {"Pool.Properties.VpcConfig.SubnetIds": ref("Subnets")}, []),
        ],
    )
    def test_private_addresses_lead_to_endpoints(self, destination, more, expected):
        """Where there are none, services have public ones."""
        egress = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": destination}]
        assert ids({**self.BY_NAT, "InstanceGroup.Properties.SecurityGroupEgress": egress, **more}) == expected

    def test_a_group_that_is_given_away_may_be_of_an_endpoint(self):
        """Of another template, which has it from an output."""
        egress = [{"IpProtocol": "-1", "DestinationSecurityGroupId": ref("Database")}]
        database = resource("AWS::EC2::SecurityGroup", VpcId=ref("Vpc"))
        document = changed({"Database": database, "InstanceGroup.Properties.SecurityGroupEgress": egress})
        assert [violation.id for violation in check_template(document)] == ["LMI505"]
        document["Outputs"] = {"Database": {"Value": ref("Database")}}
        assert [violation.id for violation in check_template(document)] == []

    def test_one_rule_of_several_is_enough(self):
        """Each adds to what the others let out, and what may is not told to be missing."""
        nowhere = {"IpProtocol": "-1", "CidrIp": "127.0.0.1/32"}
        own = {"IpProtocol": "-1", "DestinationSecurityGroupId": ref("InstanceGroup")}
        for others, expected in (([nowhere], ["LMI505"]), ([self.HTTPS], []), ([own], [])):
            assert ids({"InstanceGroup.Properties.SecurityGroupEgress": [nowhere, *others]}) == expected

    def test_a_rule_apart_counts(self):
        """As CDK writes it where groups refer to each other."""
        apart = resource("AWS::EC2::SecurityGroupEgress", GroupId=att("InstanceGroup", "GroupId"), **self.HTTPS)
        changes = {"InstanceGroup.Properties.SecurityGroupEgress": [self.ICMP]}
        assert ids(changes) == ["LMI505"]
        assert ids({**changes, "Apart": apart}) == []

    def test_one_group_of_several_is_enough(self):
        """Each adds to what the others let out; one of another template may."""
        closed: dict[str, Any] = {"InstanceGroup.Properties.SecurityGroupEgress": []}
        groups = "Pool.Properties.VpcConfig.SecurityGroupIds"
        own = att("InstanceGroup", "GroupId")
        assert ids({**closed, groups: [own, "sg-1"]}) == []
        assert ids({**closed, groups: [own, own]}) == ["LMI505"]


class TestPermissions:
    """What the role has for the function's own code counts, wherever it stands."""

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            # where the statement stands
            (
                {
                    "Role.Properties.Policies": None,
                    "Policy": resource(
                        "AWS::IAM::Policy",
                        Roles=[ref("Role")],
                        PolicyDocument={"Statement": statement("kms:Sign")},
                    ),
                },
                ["LMI502"],
            ),
            (
                {
                    "Managed": resource(
                        "AWS::IAM::ManagedPolicy", PolicyDocument={"Statement": [statement("sns:Publish")]}
                    ),
                    "Role.Properties.ManagedPolicyArns": [ref("Managed")],
                },
                ["LMI502"],
            ),
            (
                {
                    "Apart": resource(
                        "AWS::IAM::RolePolicy",
                        RoleName=ref("Role"),
                        PolicyDocument={"Statement": [statement("sns:Publish")]},
                    )
                },
                ["LMI502"],
            ),
            (
                {
                    "Other": resource("AWS::IAM::Role", Policies=[policy(statement("sns:Publish"))]),
                },
                [],
            ),
            ({"Function.Properties.Role": "arn:aws:iam::123456789012:role/elsewhere", "Sqs": None}, []),
            # what it says
            *(
                ({"Role.Properties.Policies": [policy(*statements)]}, expected)
                for statements, expected in (
                    ([statement("sns:Publish")], ["LMI502"]),
                    ([statement("SNS:publish")], ["LMI502"]),
                    ([statement("sns:*")], ["LMI502"]),
                    ([{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}], ["LMI502"]),
                    ([statement("*", resource="*")], ["LMI506"]),
                    ([statement("*", resource=["*"])], ["LMI506"]),
                    ([statement("*")], []),
                    ([statement("*", effect="Deny", resource="*")], []),
                    ([all_but("iam:*", "sns:Publish", effect="Allow")], ["LMI506"]),
                    ([all_but("iam:*", effect="Allow", resource="arn:aws:sns:eu-west-1:123456789012:*")], []),
                    ([all_but("iam:*", "*", effect="Allow")], []),
                    ([all_but(ref("Param"), effect="Allow")], []),
                    # All that is left is what is not among what is denied.
                    ([statement("*", resource="*"), all_but("sqs:*", "s3:*")], []),
                    ([all_but("iam:*", effect="Allow"), all_but("sqs:*", "s3:*")], []),
                    ([statement("*", resource="*"), all_but("sqs:*", Condition={})], ["LMI506"]),
                    ([statement("sns:Publish"), all_but("sqs:*", "s3:*")], []),
                    ([statement("sns:Publish"), all_but("SNS:Pub*")], ["LMI502"]),
                    ([statement("sns:Publish"), all_but("sns:Subscribe")], []),
                    ([statement("sns:*"), all_but("sns:Subscribe")], ["LMI502"]),
                    ([statement("sns:P*"), all_but("*:Publish")], ["LMI502"]),
                    ([statement("sns:P*"), all_but("sqs:*")], []),
                    ([statement("sns:Publish"), all_but("sqs:*", Condition={})], ["LMI502"]),
                    ([statement("sns:Publish"), all_but("sqs:*", resource="arn:aws:sns:*:*:other")], ["LMI502"]),
                    ([statement("sns:Publish", effect="Deny")], []),
                    ([statement("sns:Publish", effect=ref("Param"))], []),
                    ([statement("sns:Publish"), statement("sns:*", effect="Deny", resource="*")], []),
                    ([statement("sns:Publish"), statement("sns:*", effect="Deny")], ["LMI502"]),
                    ([statement("logs:PutLogEvents")], []),
                    ([statement("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces")], []),
                    ([statement("ec2:DescribeInstances")], ["LMI502"]),
                    ([statement("madeup:Do")], []),
                    ([statement({"Fn::If": ["Unknown", "sns:Publish", "sns:Subscribe"]})], []),
                    ([{"Fn::If": ["Unknown", statement("sns:Publish"), ref("AWS::NoValue")]}], []),
                    (["nonsense", None, 7], []),
                )
            ),
        ],
    )
    def test_ids(self, changes, expected):
        """Warned of a service without a way to it."""
        assert ids(changes) == expected

    @pytest.mark.parametrize("by", ["Function", "Version", "Alias"])
    def test_what_pollers_need_does_not_count(self, by):
        """Event source mappings read for the function from outside of its network."""
        consuming = {
            "Sqs": None,
            "Role.Properties.Policies": [
                policy(statement("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"))
            ],
            "Version": resource("AWS::Lambda::Version", FunctionName=ref("Function")),
            "Alias": resource(
                "AWS::Lambda::Alias",
                Name="live",
                FunctionName=ref("Function"),
                FunctionVersion=att("Version", "Version"),
            ),
            "Function.Properties.PublishToLatestPublished": False,
        }
        mapping = resource("AWS::Lambda::EventSourceMapping", FunctionName=ref(by))
        assert ids(consuming) == ["LMI502"]
        assert "LMI502" not in ids({**consuming, "Mapping": mapping})
        sending = {"Role.Properties.Policies": [policy(statement("sqs:SendMessage"))]}
        assert "LMI502" in ids({**consuming, **sending, "Mapping": mapping})

    @pytest.mark.parametrize(
        "sent_on",
        [
            {"Function.Properties.DeadLetterConfig": {"TargetArn": att("Queue", "Arn")}},
            {
                "Sending": resource(
                    "AWS::Lambda::EventInvokeConfig",
                    FunctionName=ref("Function"),
                    DestinationConfig={"OnFailure": {"Destination": att("Queue", "Arn")}},
                )
            },
            {
                "Sending": resource(
                    "AWS::Lambda::EventSourceMapping",
                    FunctionName=ref("Function"),
                    DestinationConfig={"OnFailure": {"Destination": att("Queue", "Arn")}},
                )
            },
        ],
    )
    def test_what_lambda_sends_on_does_not_count(self, sent_on):
        """Destinations and dead letters leave Lambda, not the instances."""

        def called(*resources):
            return {"Role.Properties.Policies": [policy(statement("sqs:SendMessage", resource=list(resources)))]}

        queues = {"Sqs": None, "Queue": resource("AWS::SQS::Queue"), "Other": resource("AWS::SQS::Queue")}
        assert "LMI502" in ids({**queues, **called(att("Queue", "Arn"))})
        assert "LMI502" not in ids({**queues, **called(att("Queue", "Arn")), **sent_on})
        assert "LMI502" in ids({**queues, **called(att("Queue", "Arn"), att("Other", "Arn")), **sent_on})

    @pytest.mark.parametrize(
        ("actions", "key", "more", "expected"),
        [
            (["kms:Decrypt"], att("Key", "Arn"), {}, ["LMI502"]),
            # a queue is encrypted with the key: it is SQS that decrypts
            (["kms:Decrypt"], att("Key", "Arn"), {"Queue": resource("AWS::SQS::Queue", KmsMasterKeyId=ref("Key"))}, []),
            (
                ["kms:Sign"],
                att("Key", "Arn"),
                {"Queue": resource("AWS::SQS::Queue", KmsMasterKeyId=ref("Key"))},
                ["LMI502"],
            ),
            (["kms:Decrypt", "kms:GenerateDataKey*"], "arn:aws:kms:eu-west-1:123456789012:key/1", {}, []),
            (["kms:Sign"], "arn:aws:kms:eu-west-1:123456789012:key/1", {}, ["LMI502"]),
        ],
    )
    def test_a_key_counts_where_the_function_itself_calls_it(self, actions, key, more, expected):
        """Grants on what is encrypted come with the key, and need no endpoint for it."""
        document = {
            "Role.Properties.Policies": [policy(statement(*actions, resource=key))],
            "Key": resource("AWS::KMS::Key"),
            **more,
        }
        assert ids(document) == expected


class TestKeyOfTheCapacityProvider:
    """The operator role must be allowed what Lambda does with the key in its name."""

    NEEDED: tuple[str, ...] = (
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:GenerateDataKey*",
        "kms:DescribeKey",
        "kms:CreateGrant",
    )
    WITH_KEY: ClassVar[dict[str, Any]] = {
        "Pool.Properties.KmsKeyArn": att("Key", "Arn"),
        "Key": resource(
            "AWS::KMS::Key",
            KeyPolicy={
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "kms:*",
                        "Resource": "*",
                        "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
                    }
                ]
            },
        ),
    }

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, ["LMI414"]),
            ({"Key.Properties": {}}, ["LMI414"]),
            *(
                ({"Operator.Properties.Policies": [policy(statement(*actions, resource=resource))]}, expected)
                for actions, resource, expected in (
                    (NEEDED, att("Key", "Arn"), []),
                    (NEEDED, "*", []),
                    (NEEDED, att("OtherKey", "Arn"), ["LMI414"]),
                    (NEEDED, "arn:aws:kms:eu-west-1:123456789012:key/1", []),
                    (NEEDED[:-1], att("Key", "Arn"), ["LMI414"]),
                    (["kms:*"], att("Key", "Arn"), []),
                    (["*"], "*", []),
                )
            ),
            (
                {
                    "Key.Properties.KeyPolicy": {
                        "Statement": [
                            {**statement(*NEEDED, resource="*"), "Principal": {"AWS": att("Operator", "Arn")}},
                        ]
                    }
                },
                [],
            ),
            (
                {
                    "Key.Properties.KeyPolicy": {
                        "Statement": [{**statement(*NEEDED, resource="*"), "Principal": {"AWS": att("Role", "Arn")}}]
                    }
                },
                ["LMI414"],
            ),
            # what may allow it and is not known
            ({"Operator.Properties.ManagedPolicyArns": ["arn:aws:iam::123456789012:policy/Ours"]}, []),
            (
                {"Operator.Properties.Policies": [policy({"Fn::If": ["Unknown", statement("*"), statement("s3:*")]})]},
                [],
            ),
            ({"Pool.Properties.PermissionsConfig.CapacityProviderOperatorRoleArn": ref("Param")}, []),
            ({"Pool.Properties.KmsKeyArn": ref("Param")}, []),
        ],
    )
    def test_ids(self, changes, expected):
        """Warned where the policies that are known allow it nowhere."""
        with_other = {**self.WITH_KEY, "OtherKey": resource("AWS::KMS::Key")}
        assert ids({**copy.deepcopy(with_other), **changes}) == expected


class TestOperatorRole:
    """Lambda launches instances with what it is allowed, if it may assume it at all."""

    OPERATOR = "arn:aws:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator"
    MISSPELT = "arn:aws:iam::aws:policy/service-role/AWSLambdaManagedEC2ResourceOperator"

    @staticmethod
    def trust(*principals, effect="Allow"):
        return {"Statement": [{"Effect": effect, "Action": "sts:AssumeRole", "Principal": each} for each in principals]}

    @pytest.mark.parametrize(
        ("principals", "expected"),
        [
            ([{"Service": "ec2.amazonaws.com"}], ["LMI418"]),
            ([{"Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}], ["LMI418"]),
            ([{"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}], ["LMI418"]),
            ([{"Service": {"Fn::Sub": "ec2.${AWS::URLSuffix}"}}], ["LMI418"]),
            ([], ["LMI418"]),
            ([{"Service": "lambda.amazonaws.com"}], []),
            ([{"Service": {"Fn::Sub": "lambda.${AWS::URLSuffix}"}}], []),
            ([{"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}], []),
            ([{"Service": "ec2.amazonaws.com"}, {"Service": "lambda.amazonaws.com"}], []),
            (["*"], []),
            ([{"AWS": "*"}], []),
            # what picks it from something
            ([{"Service": {"Fn::Split": [",", "ec2.amazonaws.com,lambda.amazonaws.com"]}}], []),
            ([{"Service": {"Fn::Select": [1, ["ec2.amazonaws.com", "lambda.amazonaws.com"]]}}], []),
            ([{"Service": {"Fn::Select": [0, ["ec2.amazonaws.com", "lambda.amazonaws.com"]]}}], ["LMI418"]),
            ([{"Service": {"Fn::FindInMap": ["Services", "operator", "principal"]}}], []),
            ([{"Service": {"Fn::FindInMap": ["Services", "others", "principal"]}}], ["LMI418"]),
            ([{"Service": ref("Principals")}], []),
            ([{"Service": [ref("AWS::NoValue"), "lambda.amazonaws.com"]}], []),
            ([{"Service": {"Fn::Join": [".", ["lambda", ref("AWS::URLSuffix")]]}}], []),
            ([{"Service": {"Fn::Join": [".", ["ec2", ref("AWS::URLSuffix")]]}}], ["LMI418"]),
            ([{"Service": {"Fn::Sub": ["${Name}.${AWS::URLSuffix}", {"Name": "lambda"}]}}], []),
            ([{"Service": {"Fn::Sub": ["${Name}.${AWS::URLSuffix}", {"Name": "ec2"}]}}], ["LMI418"]),
            # what may name it and is not known
            ([{"Service": "{{resolve:ssm:/principal}}"}], []),
            ([{"Service": {"Fn::Sub": "{{resolve:ssm:/principal}}.${AWS::URLSuffix}"}}], []),
            ([{"Service": {"Fn::Sub": ["${A}.${AWS::URLSuffix}", {"A": {"Fn::Select": [1, ["a", "lambda"]]}}]}}], []),
            ([{"Service": {"Fn::Join": [".", {"Fn::Split": [",", "lambda,amazonaws,com"]}]}}], []),
            ([{"Service": {"Fn::Join": [".", [{"Fn::Split": [",", ref("Param")]}]]}}], []),
            ([{"Service": {"Fn::FindInMap": ["Services", ref("AWS::Partition"), "principal"]}}], []),
            ([{"Service": {"not": "text", "at": "all"}}], []),
            ([{"Service": ref("Param")}], []),
            ([{"Fn::If": ["Unknown", {"Service": "lambda.amazonaws.com"}, {"Service": "ec2.amazonaws.com"}]}], []),
            ([{"Service": [{"Fn::If": ["Unknown", "lambda.amazonaws.com", "ec2.amazonaws.com"]}]}], []),
            ([ref("Param")], []),
            ([None], []),
        ],
    )
    def test_who_may_assume_it(self, principals, expected):
        """Of what is sure to be said."""
        document = changed({"Operator.Properties.AssumeRolePolicyDocument": self.trust(*principals)})
        services = {"operator": {"principal": "lambda.amazonaws.com"}, "others": {"principal": "ec2.amazonaws.com"}}
        document["Mappings"] = {"Services": services}
        default = "ec2.amazonaws.com, lambda.amazonaws.com"
        document.setdefault("Parameters", {})["Principals"] = {"Type": "CommaDelimitedList", "Default": default}
        assert [violation.id for violation in check_template(document)] == expected

    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (
                {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2"}}},
                ["LMI418"],
            ),
            ({"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}]}, []),
            ({"Ref": "Param"}, []),
            (None, []),
        ],
    )
    def test_a_trust_policy_that_cannot_be_read(self, document, expected):
        """Says nothing."""
        changes = {"Operator.Properties.AssumeRolePolicyDocument": document} if document else {}
        assert ids(changes) == expected

    @pytest.mark.parametrize(
        ("actions", "expected"),
        [
            ("sts:TagSession", ["LMI418"]),
            (["sts:TagSession", "sts:SetSourceIdentity"], ["LMI418"]),
            ("sts:AssumeRoleWithWebIdentity", ["LMI418"]),
            ("sts:Tag*", ["LMI418"]),
            (["sts:TagSession", "sts:AssumeRole"], []),
            ("STS:assumerole", []),
            ("sts:Assume*", []),
            ("sts:?ssumeRole", []),
            ("sts:*", []),
            ("*", []),
            (ref("Param"), []),
            (["sts:TagSession", ref("Param")], []),
        ],
    )
    def test_by_which_action(self, actions, expected):
        """What else a service may do with a session lets it have none."""
        trust = self.trust({"Service": "lambda.amazonaws.com"})
        trust["Statement"][0]["Action"] = actions
        assert ids({"Operator.Properties.AssumeRolePolicyDocument": trust}) == expected

    def test_who_may_only_tag_sessions_need_not_be_known(self):
        """Another statement says who may assume the role."""
        tagging = {"Effect": "Allow", "Action": "sts:TagSession", "Principal": ref("Param")}
        trust = self.trust({"Service": "ec2.amazonaws.com"})
        trust["Statement"].append(tagging)
        assert ids({"Operator.Properties.AssumeRolePolicyDocument": trust}) == ["LMI418"]

    def test_what_is_denied_trusts_nobody(self):
        """Even where it is Lambda's."""
        trust = self.trust({"Service": "lambda.amazonaws.com"}, effect="Deny")
        assert ids({"Operator.Properties.AssumeRolePolicyDocument": trust}) == ["LMI418"]

    def test_says_where(self):
        """At the role, whose policy it is."""
        changes = {"Operator.Properties.AssumeRolePolicyDocument": self.trust({"Service": "ec2.amazonaws.com"})}
        (violation,) = check_template(changed(changes))
        assert violation.resource == "Pool"
        assert violation.locations == ("/Resources/Operator/Properties/AssumeRolePolicyDocument",)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"Operator.Properties": {}}, ["LMI419"]),
            ({"Operator.Properties": {"ManagedPolicyArns": [], "Policies": []}}, ["LMI419"]),
            ({"Operator.Properties": {"ManagedPolicyArns": ref("AWS::NoValue")}}, ["LMI419"]),
            ({"Operator.Properties": {"ManagedPolicyArns": [ref("AWS::NoValue")]}}, ["LMI419"]),
            ({"Operator.Properties": {"Policies": ref("AWS::NoValue")}}, ["LMI419"]),
            ({"Operator.Properties": {"RoleName": ref("AWS::NoValue")}}, ["LMI419"]),
            ({"Operator.Properties": {"RoleName": {"Fn::If": ["Unknown", "a", ref("AWS::NoValue")]}}}, []),
            ({"Operator.Properties": {"ManagedPolicyArns": [MISSPELT]}}, ["LMI419"]),
            ({"Operator.Properties": {"ManagedPolicyArns": [OPERATOR, MISSPELT]}}, ["LMI419"]),
            ({"Operator.Properties": {"ManagedPolicyArns": [OPERATOR]}}, []),
            ({"Operator.Properties": {"ManagedPolicyArns": ["arn:aws:iam::123456789012:policy/Ours"]}}, []),
            ({"Operator.Properties": {"ManagedPolicyArns": ref("Param")}}, []),
            ({"Operator.Properties": {"ManagedPolicyArns": [{"Fn::If": ["Unknown", OPERATOR, MISSPELT]}]}}, []),
            ({"Operator.Properties": {"Policies": [policy(statement("ec2:*"))]}}, []),
            ({"Operator.Properties": {"Policies": ref("Param")}}, []),
            *(
                ({"Operator.Properties": {}, "Attached": resource(kind, **{named: role})}, [])
                for kind, named, role in (
                    ("AWS::IAM::Policy", "Roles", [ref("Operator")]),
                    ("AWS::IAM::ManagedPolicy", "Roles", [ref("Operator")]),
                    ("AWS::IAM::RolePolicy", "RoleName", ref("Operator")),
                )
            ),
            # which others may give one
            ({"Operator.Properties": {"RoleName": "operator"}}, []),
            (
                {
                    "Operator.Properties": {},
                    "Nested": resource("AWS::CloudFormation::Stack", Parameters={"Role": ref("Operator")}),
                },
                [],
            ),
            ({"Operator.Properties": {}, "Custom": resource("Custom::Attach", Role=att("Operator", "Arn"))}, []),
            ({"Pool.Properties.PermissionsConfig.CapacityProviderOperatorRoleArn": ref("Param")}, []),
        ],
    )
    def test_what_it_is_allowed(self, changes, expected):
        """Something, by a policy that there is."""
        assert ids(changes) == expected

    def test_a_role_that_is_handed_out(self):
        """May get its policies from another stack."""
        document = changed({"Operator.Properties": {}})
        document["Outputs"] = {"Role": {"Value": ref("Operator")}}
        assert check_template(document) == []


class TestVpcs:
    """The subnets are in one VPC."""

    OTHER: ClassVar[dict[str, Any]] = {
        "Other": resource("AWS::EC2::VPC", CidrBlock="10.1.0.0/16"),
        "SubnetB.Properties.VpcId": ref("Other"),
    }

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            (OTHER, ["LMI420"]),
            ({**OTHER, "SubnetB.Properties.VpcId": {"Fn::If": ["Unknown", ref("Other"), ref("Vpc")]}}, []),
            ({**OTHER, "SubnetB.Properties.VpcId": ref("Param")}, []),
            ({**OTHER, "Pool.Properties.VpcConfig.SubnetIds": [ref("SubnetA"), "subnet-1"]}, []),
            (
                {
                    **OTHER,
                    "Pool.Properties.VpcConfig.SubnetIds": {
                        "Fn::If": ["Unknown", [ref("SubnetA")], [ref("SubnetB"), ref("SubnetB")]]
                    },
                },
                [],
            ),
        ],
    )
    def test_ids(self, changes, expected):
        """As far as the template says for sure."""
        assert [id for id in ids(changes) if id == "LMI420"] == expected


class TestPools:
    """Capacity providers and networks for one function each."""

    @staticmethod
    def second(**changes):
        """A second pool in a VPC of its own, with a function of its own, some of it changed."""
        ids = ("Vpc", "SubnetA", "SubnetB", "InstanceGroup", "EndpointGroup", "Logs", "Pool", "Function")
        text = json.dumps({id: SOUND[id] for id in ids})
        for id in ids:
            text = text.replace(f'"{id}"', f'"{id}2"')
        second = json.loads(text)
        second["Function2"]["Properties"]["Role"] = "arn:aws:iam::123456789012:role/elsewhere"
        return {**second, **changes}

    def test_one_for_each_function(self):
        """Told of the second, as the constructs do."""
        violations = check_template(changed(self.second()))
        assert [(violation.id, violation.resource) for violation in violations] == [("LMI415", "Function2")]

    def test_two_functions_on_it(self):
        """A pool that is shared is none for itself."""
        third = copy.deepcopy(self.second()["Function2"])
        assert ids(self.second(Function3=third)) == []

    def test_in_one_network(self):
        """Apart on purpose, in a network that is shared."""
        second = self.second()
        for id in ("Vpc2", "SubnetA2", "SubnetB2", "InstanceGroup2", "EndpointGroup2", "Logs2"):
            del second[id]
        second["Pool2"] = copy.deepcopy(SOUND["Pool"])
        assert ids(second) == []


class TestOneScalingBound:
    """Both bounds, or none."""

    @pytest.mark.parametrize(
        ("scaling", "expected"),
        [
            ({"MinExecutionEnvironments": 3}, ["LMI304"]),
            ({"MaxExecutionEnvironments": 12}, ["LMI304"]),
            ({"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 12}, []),
            ({"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": {"Ref": "Param"}}, []),
            ({"MinExecutionEnvironments": {"Ref": "Param"}}, []),
            ({}, []),
            ({"Ref": "Param"}, []),
        ],
    )
    def test_ids(self, scaling, expected):
        """Of the version that serves, or of the function where none does."""
        assert ids({"Function.Properties.FunctionScalingConfig": scaling}) == expected
        version = resource("AWS::Lambda::Version", FunctionName=ref("Function"), FunctionScalingConfig=scaling)
        assert ids({"Version": version, "Function.Properties.PublishToLatestPublished": False}) == expected
