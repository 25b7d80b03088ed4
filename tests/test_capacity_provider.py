"""The capacity provider: its role, its instances, its network, and what it refuses."""

import json

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr
from aws_cdk.assertions import Template
from aws_cdk.cloudformation_include import CfnInclude
from constructs import Construct

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction, ManagedInstanceNetwork, check_template

PROVIDER = "AWS::Lambda::CapacityProvider"
X86, ARM = lambda_.Architecture.X86_64, lambda_.Architecture.ARM_64


class Attached(iam.CfnPolicy):
    """A policy by a class of one's own."""


class Assumed(iam.CfnRole):
    """A role by a class of one's own."""


@jsii.implements(cdk.IAspect)
class Attaching:
    """Attaches a policy of AWS's to a role, when CDK comes to it."""

    def __init__(self, policy, *, to):
        self._policy = policy
        self._path = to.node.path

    def visit(self, node):
        if node.node.path == self._path:
            node.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(self._policy))


def allow(*types):
    return lambda_.InstanceTypeFilter.allow([ec2.InstanceType(name) for name in types])


def manual(*targets):
    return lambda_.ScalingOptions.manual([lambda_.TargetTrackingScalingPolicy.cpu_utilization(t) for t in targets])


def tags(count):
    return lambda_.PropagateTags.explicit({f"key{number}": "value" for number in range(count)})


@pytest.fixture
def define(stack):
    """Define a capacity provider."""
    return lambda id="Pool", **keywords: ManagedInstanceCapacityProvider(stack, id, **keywords)


@pytest.fixture
def vpc(stack):
    """A VPC of somebody else's, with private subnets in two zones."""
    return ec2.Vpc(stack, "Vpc")


@pytest.fixture
def told_errors():
    """Give the ids of the errors that are told at a construct."""
    return lambda construct: [
        entry.data.rpartition("cdk-lmi::")[2].rstrip(")]")
        for entry in construct.node.metadata
        if entry.type == "aws:cdk:error"
    ]


class TestWhatItDefines:
    """By default, and as asked."""

    def test_by_default(self, stack, define, only):
        """The architecture is stated, everything else is Lambda's default."""
        pool = define()
        properties = only(stack, PROVIDER)["Properties"]
        assert properties["InstanceRequirements"] == {"Architectures": ["x86_64"]}
        assert set(properties) == {"InstanceRequirements", "PermissionsConfig", "VpcConfig"}
        assert isinstance(pool.network, ManagedInstanceNetwork)

    def test_a_name(self, stack, define, only):
        """Where one is asked for."""
        define(capacity_provider_name="pool")
        assert only(stack, PROVIDER)["Properties"]["CapacityProviderName"] == "pool"

    def test_as_asked(self, stack, define, only):
        """Each keyword reaches its property."""
        define(
            architecture=ARM,
            max_v_cpu_count=64,
            instance_type_filter=allow("m7g.xlarge", "m8g.xlarge"),
            scaling_options=manual(60),
            propagate_tags=tags(2),
            log_group=logs.LogGroup(stack, "Logs"),
            system_log_level=lambda_.SystemLogLevel.DEBUG,
        )
        properties = only(stack, PROVIDER)["Properties"]
        assert properties["InstanceRequirements"] == {
            "Architectures": ["arm64"],
            "AllowedInstanceTypes": ["m7g.xlarge", "m8g.xlarge"],
        }
        assert properties["CapacityProviderScalingConfig"] == {
            "MaxVCpuCount": 64,
            "ScalingMode": "Manual",
            "ScalingPolicies": [
                {"PredefinedMetricType": "LambdaCapacityProviderAverageCPUUtilization", "TargetValue": 60}
            ],
        }
        assert len(properties["PropagateTags"]["ExplicitTags"]) == 2
        assert properties["TelemetryConfig"]["LoggingConfig"]["SystemLogLevel"] == "DEBUG"

    def test_the_operator_role(self, stack, define, only):
        """Lambda assumes it, with AWS's managed policy in the partition of the stack."""
        define()
        properties = only(stack, "AWS::IAM::Role")["Properties"]
        (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
        (policy,) = properties["ManagedPolicyArns"]
        assert {"Ref": "AWS::Partition"} in policy["Fn::Join"][1]
        assert ":iam::aws:policy/AWSLambdaManagedEC2ResourceOperator" in policy["Fn::Join"][1]

    def test_a_role_that_there_is_is_left_alone(self, stack, define, resources):
        """No other is defined, and nothing is added to it."""
        role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/operator")
        assert define(operator_role=role).operator_role is role
        assert resources(stack, "AWS::IAM::Role") == {}

    def test_a_key_comes_with_what_the_role_needs(self, stack, define, only):
        """Or no instance starts."""
        define(kms_key=kms.Key(stack, "Key"))
        (statement,) = only(stack, "AWS::IAM::Policy")["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Action"] == [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
            "kms:CreateGrant",
        ]
        assert "KmsKeyArn" in only(stack, PROVIDER)["Properties"]

    def test_waits_until_its_role_may_use_the_key(self, stack, define, only):
        """Or the first instance does not start."""
        define(kms_key=kms.Key(stack, "Key"))
        assert any("OperatorRoleDefaultPolicy" in id for id in only(stack, PROVIDER)["DependsOn"])

    def test_a_key_that_cannot_be_granted_is_warned_of(self, stack, define, warned):
        """An imported alias has no policy to add to."""
        key = kms.Alias.from_alias_name(stack, "Key", "alias/orders")
        assert warned(define("Warned", kms_key=key)) == ["LMI414"]
        reason = cdk.Acknowledgment(id="LMI414", reason="granted elsewhere")
        assert warned(define("Silenced", kms_key=key, acknowledge=[reason])) == []

    def test_a_role_that_there_is_may_have_been_granted(self, stack, define, warned):
        """Nothing is known of it, so nothing is said."""
        role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/operator")
        assert warned(define(kms_key=kms.Key(stack, "Key"), operator_role=role)) == []

    @pytest.mark.parametrize(
        ("granted", "told"),
        [("nothing", ["LMI414"]), ("all", []), ("most", ["LMI414"]), ("by the key", [])],
    )
    def test_a_role_passed_in_is_checked(self, stack, define, synthesize, warned, granted, told):
        """When all grants are made, those after it too; the template is judged the same."""
        key, role = kms.Key(stack, "Key"), iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda"))
        role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("AWSLambdaManagedEC2ResourceOperator"))
        provider = define(kms_key=key, operator_role=role)
        needed = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"]
        if granted == "by the key":
            key.add_to_resource_policy(iam.PolicyStatement(actions=needed, resources=["*"], principals=[role]))
        elif granted != "nothing":
            key.grant(role, *(needed if granted == "all" else needed[1:]))
        template = synthesize(stack)
        assert warned(provider) == told
        assert [violation.id for violation in check_template(template)] == told

    @pytest.mark.parametrize(
        ("service", "policy", "told"),
        [
            ("lambda.amazonaws.com", "AWSLambdaManagedEC2ResourceOperator", []),
            ("ec2.amazonaws.com", "AWSLambdaManagedEC2ResourceOperator", ["LMI418"]),
            ("lambda.amazonaws.com", "service-role/AWSLambdaManagedEC2ResourceOperator", ["LMI419"]),
            ("lambda.amazonaws.com", None, ["LMI419"]),
        ],
    )
    def test_a_role_passed_in_must_be_an_operators(self, stack, define, synthesize, told_errors, service, policy, told):
        """When all is granted, which may be after it; the template is judged the same."""
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal(service))
        provider = define(operator_role=role)
        if policy is not None:
            role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(policy))
        template = synthesize(stack)
        assert told_errors(provider) == told
        assert [violation.id for violation in check_template(template)] == told

    def test_what_an_aspect_attaches_counts(self, stack, synthesize, told_errors):
        """Though CDK comes to the role after the capacity provider."""
        pool, roles = Construct(stack, "Pools"), Construct(stack, "Roles")
        role = iam.Role(roles, "Role", assumed_by=iam.ServicePrincipal("lambda"))
        provider = ManagedInstanceCapacityProvider(pool, "Pool", operator_role=role)
        cdk.Aspects.of(stack).add(Attaching("AWSLambdaManagedEC2ResourceOperator", to=role))
        synthesize(stack)
        assert told_errors(provider) == []

    def test_a_role_that_another_stack_may_have_policies_for(self, stack, define, synthesize, told_errors):
        """Nothing is known of that, so nothing is said."""
        cdk.Stack(stack.node.root, "Other")
        provider = define(operator_role=iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda")))
        synthesize(stack)
        assert told_errors(provider) == []

    @pytest.mark.parametrize("given_to", ["policy", "role policy", "custom resource", "output", "subclass"])
    def test_a_role_that_something_else_may_add_to(self, stack, define, synthesize, told_errors, given_to):
        """What CDK has no own class for, or what is done by hand with an output: nothing is said."""
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda"))
        document = {"Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
        name, written = role.role_name, {"PolicyName": "Written", "PolicyDocument": document}
        if given_to == "policy":
            cdk.CfnResource(stack, "By", type="AWS::IAM::Policy", properties={**written, "Roles": [name]})
        elif given_to == "role policy":
            cdk.CfnResource(stack, "By", type="AWS::IAM::RolePolicy", properties={**written, "RoleName": name})
        elif given_to == "custom resource":
            call = cr.AwsSdkCall(
                service="IAM",
                action="attachRolePolicy",
                parameters={"RoleName": name, "PolicyArn": "arn"},
                physical_resource_id=cr.PhysicalResourceId.of("Attached"),
            )
            allowed = cr.AwsCustomResourcePolicy.from_sdk_calls(resources=[role.role_arn])
            cr.AwsCustomResource(stack, "By", on_create=call, policy=allowed)
        elif given_to == "output":
            cdk.CfnOutput(stack, "By", value=name)
        else:
            Attached(stack, "By", roles=[name], policy_name="Written", policy_document=document)
        provider = define(operator_role=role)
        synthesize(stack)
        assert told_errors(provider) == []

    def test_what_is_given_something_else_adds_nothing(self, stack, define, synthesize, told_errors):
        """A custom resource that has nothing to do with the role leaves it without a policy."""
        cdk.CustomResource(stack, "Other", service_token="arn", properties={"Name": stack.stack_name})
        provider = define(operator_role=iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda")))
        synthesize(stack)
        assert told_errors(provider) == ["LMI419"]

    def test_a_role_passed_in_is_acknowledged(self, stack, define, synthesize, told_errors):
        """As any other rule."""
        reason = cdk.Acknowledgment(id="LMI419", reason="attached by hand")
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda"))
        provider = define(operator_role=role, acknowledge=[reason])
        synthesize(stack)
        assert told_errors(provider) == []

    def test_waits_for_what_its_functions_must_reach(self, stack, define, only):
        """Publishing starts them, and their first logs go through the endpoints; also through one added later."""
        define().network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS)
        waits = only(stack, PROVIDER)["DependsOn"]
        for part in ("DynamodbGateway", "S3Gateway", "LogsInterface", "SqsInterface", "RouteTableAssociation"):
            assert any(part in id for id in waits), part
        assert any("SecurityGroupfrom" in id for id in waits)

    def test_two_to_eleven_v_cpus_pass(self, stack, define, only, warned):
        """Lambda takes them though CDK's own construct does not."""
        assert warned(define(max_v_cpu_count=2)) == ["LMI309"]
        assert only(stack, PROVIDER)["Properties"]["CapacityProviderScalingConfig"] == {"MaxVCpuCount": 2}

    def test_what_it_hands_out(self, stack, define):
        """In CDK's own types."""
        pool = define()
        assert isinstance(pool.capacity_provider, lambda_.CapacityProvider)
        arn, name = stack.resolve(pool.capacity_provider_arn), stack.resolve(pool.capacity_provider_name)
        assert arn == {"Fn::GetAtt": [name["Ref"], "Arn"]}
        metric = pool.metric("vCPUAllocated", statistic="Maximum")
        assert (metric.namespace, metric.metric_name, metric.statistic) == ("AWS/Lambda", "vCPUAllocated", "Maximum")
        assert stack.resolve(metric.dimensions) == {"CapacityProviderName": name}


class TestPlacement:
    """In a network of its own, a shared one, or a VPC of somebody else's."""

    def test_providers_share_a_network(self, stack, define, resources):
        """One VPC for both architectures."""
        network = ManagedInstanceNetwork(stack, "Network")
        define("Arm", network=network, architecture=ARM)
        define("X86", network=network)
        assert len(resources(stack, "AWS::EC2::VPC")) == 1
        assert len(resources(stack, PROVIDER)) == 2

    def test_an_existing_vpc(self, stack, define, only, vpc, resources):
        """Its private subnets, one security group, no endpoint of ours."""
        define(vpc=vpc)
        config = only(stack, PROVIDER)["Properties"]["VpcConfig"]
        assert len(config["SubnetIds"]) == 2
        assert all("PrivateSubnet" in subnet["Ref"] for subnet in config["SubnetIds"])
        assert len(config["SecurityGroupIds"]) == 1
        assert resources(stack, "AWS::EC2::VPCEndpoint") == {}

    def test_subnets_and_groups_of_choice(self, stack, define, only, vpc):
        """As given."""
        group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1234")
        public = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
        pool = define(vpc=vpc, vpc_subnets=public, security_groups=[group])
        config = only(stack, PROVIDER)["Properties"]["VpcConfig"]
        assert all("PublicSubnet" in subnet["Ref"] for subnet in config["SubnetIds"])
        assert config["SecurityGroupIds"] == ["sg-1234"]
        assert [group.security_group_id for group in pool.connections.security_groups] == ["sg-1234"]

    def test_an_imported_vpc(self, stack, define, only):
        """With the subnets that its import names."""
        imported = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            private_subnet_ids=["subnet-a", "subnet-b"],
        )
        define(vpc=imported)
        assert only(stack, PROVIDER)["Properties"]["VpcConfig"]["SubnetIds"] == ["subnet-a", "subnet-b"]

    def test_subnets_imported_by_id_tell_no_zone(self, stack, define, vpc, warned):
        """Which is no reason to warn of one zone only."""
        subnets = [ec2.Subnet.from_subnet_id(stack, name, f"subnet-{name}") for name in "ab"]
        assert warned(define(vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets))) == []

    def test_subnets_that_are_only_known_at_deployment(self, stack, define, warned):
        """Their zones are not counted."""
        imported = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id="vpc-1",
            availability_zones=cdk.Fn.split(",", cdk.Fn.import_value("zones"), 2),
            private_subnet_ids=cdk.Fn.split(",", cdk.Fn.import_value("subnets"), 2),
        )
        assert warned(define(vpc=imported)) == []

    def test_a_vpc_that_is_yet_to_be_looked_up(self, define, warned):
        """The first synthesis knows nothing of it."""
        environment = cdk.Environment(account="123456789012", region="eu-west-1")
        stack = cdk.Stack(cdk.App(), "Looked", env=environment)
        pool = ManagedInstanceCapacityProvider(stack, "Pool", vpc=ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-1"))
        assert warned(pool) == []

    def test_one_zone_is_warned_of(self, define, vpc, warned):
        """When it fails, so does everything."""
        one = ec2.SubnetSelection(subnets=[vpc.private_subnets[0]])
        assert warned(define(vpc=vpc, vpc_subnets=one)) == ["LMI403"]


def role(stack, **keywords):
    """A role of somebody else's."""
    return iam.Role(stack, "Operator", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), **keywords)


def in_group(scope, **keywords):
    """A network with a security group of somebody else's."""
    vpc = ec2.Vpc(scope, "Vpc", max_azs=2)
    groups = [ec2.SecurityGroup(scope, "Group", vpc=vpc, **keywords)]
    return ManagedInstanceNetwork.from_vpc(scope, "Shared", vpc=vpc, security_groups=groups)


def ipam(pool="ipam-pool-1", subnet_bits=24):
    """Addresses that nobody knows yet."""
    return ec2.IpAddresses.aws_ipam_allocation(
        ipv4_ipam_pool_id=pool, ipv4_netmask_length=20, default_subnet_ipv4_netmask_length=subnet_bits
    )


def allocated(bits):
    """The same for the resource of a VPC."""
    return {"cidr_block": None, "ipv4_ipam_pool_id": "ipam-pool-1", "ipv4_netmask_length": bits}


def own(scope, **keywords):
    """A network of this library, in a VPC of its own."""
    return {"network": ManagedInstanceNetwork(scope, "Own", **keywords)}


def in_vpc(scope, **keywords):
    """A network in a VPC of somebody else's."""
    vpc = ec2.Vpc(scope, "Vpc", **keywords)
    return {"network": ManagedInstanceNetwork.from_vpc(scope, "Shared", vpc=vpc)}


def subnets_of(cidr, mask):
    """A VPC's range, and private subnets of a size that does not come of it."""
    private = ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=mask)
    return {"ip_addresses": ec2.IpAddresses.cidr(cidr), "subnet_configuration": [private]}


def imported(scope, *, vpc=None, subnet=None, group=None, role=None, named="by reference"):
    """What is imported by references to resources that the app defines without CDK's constructs for them."""
    defined = ec2.CfnVPC(scope, "Vpc", **{"cidr_block": "10.0.0.0/16", **(vpc or {})})
    subnets = [
        ec2.CfnSubnet(scope, f"Subnet{n}", **{"vpc_id": defined.ref, "cidr_block": f"10.0.{n}.0/24", **(subnet or {})})
        for n in range(2)
    ]
    network = ManagedInstanceNetwork.from_vpc(
        scope,
        "Shared",
        vpc=ec2.Vpc.from_vpc_attributes(
            scope,
            "Imported",
            vpc_id=defined.ref if named == "by reference" else "vpc-1",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            isolated_subnet_ids=[each.ref for each in subnets],
        ),
        security_groups=[
            ec2.SecurityGroup.from_security_group_id(
                scope,
                "ImportedGroup",
                ec2.CfnSecurityGroup(
                    scope, "Group", **{"vpc_id": defined.ref, "group_description": "d", **(group or {})}
                ).attr_group_id,
            )
        ],
    )
    operator = Assumed(scope, "Role", assume_role_policy_document={"Statement": []}, **(role or {}))
    return {"network": network, "operator_role": iam.Role.from_role_arn(scope, "ImportedRole", operator.attr_arn)}


def included(scope, tmp_path, **properties):
    """A role that is imported from a template which the app includes."""
    template = tmp_path / "template.json"
    role = {"AssumeRolePolicyDocument": {"Statement": []}, **properties}
    template.write_text(json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}))
    resource = CfnInclude(scope, "Included", template_file=str(template)).get_resource("Role")
    return {"operator_role": iam.Role.from_role_arn(scope, "Imported", resource.get_att("Arn").to_string())}


def ids_with(change, flags=None, look_early=False):
    """Give the logical ids of a capacity provider in a stack of its own, and of a version on it, with this change."""
    app = cdk.App(context=flags)
    stacks = [cdk.Stack(app, name) for name in ("Net", "Pool", "Shop")]
    keywords = {"network": ManagedInstanceNetwork(stacks[0], "Network"), **change(stacks[0])}
    pool = ManagedInstanceCapacityProvider(stacks[1], "Pool", **keywords)
    code = lambda_.Code.from_inline("pass")
    ManagedInstanceFunction(
        stacks[2],
        "Orders",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=code,
        capacity_provider=pool,
    )
    if look_early:
        stacks[1].resolve(pool.capacity_provider_arn)
    assembly = app.synth()
    found = {}
    for name in ("Pool", "Shop"):
        for id, resource in assembly.get_stack_by_name(name).template["Resources"].items():
            found[resource["Type"]] = id
    return found[PROVIDER], found["AWS::Lambda::Version"]


class TestReplacement:
    """Whatever has CloudFormation replace it has each function on it published again."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda scope: {"architecture": X86, "instance_type_filter": allow("c7i.xlarge")},
            lambda scope: {"kms_key": kms.Key(scope, "Key")},
            lambda scope: {"operator_role": role(scope)},
            lambda scope: {"network": ManagedInstanceNetwork(scope, "Other")},
            lambda scope: {
                "network": ManagedInstanceNetwork(scope, "N", ip_addresses=ec2.IpAddresses.cidr("10.1.0.0/16"))
            },
            lambda scope: {"capacity_provider_name": "pool"},
        ],
        ids=["instance types", "key", "operator role", "subnets", "addresses", "name"],
    )
    @pytest.mark.parametrize("flags", [None, {"@aws-cdk/core:defaultCrossStackReferences": "weak"}])
    def test_replaced(self, change, flags):
        """In other stacks too, whatever refers to it."""
        before, after = ids_with(lambda scope: {}, flags), ids_with(change, flags)
        assert before[0] != after[0]
        assert before[1] != after[1]

    def test_the_addresses_of_a_network(self):
        """Its subnets keep their logical ids, and are others."""
        ids = [
            ids_with(lambda scope, range=range: {"network": ManagedInstanceNetwork(scope, "N", ip_addresses=range)})
            for range in (ec2.IpAddresses.cidr("10.1.0.0/16"), ec2.IpAddresses.cidr("10.2.0.0/16"))
        ]
        assert ids[0][0] != ids[1][0]

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (lambda scope: {"operator_role": role(scope)}, lambda scope: {"operator_role": role(scope, role_name="o")}),
            (lambda scope: {"operator_role": role(scope)}, lambda scope: {"operator_role": role(scope, path="/o/")}),
            (lambda scope: {"network": in_group(scope)}, lambda scope: {"network": in_group(scope, description="o")}),
            (
                lambda scope: in_vpc(scope, ip_addresses=ipam()),
                lambda scope: in_vpc(scope, ip_addresses=ipam(subnet_bits=25)),
            ),
            (
                lambda scope: own(scope, ip_addresses=ipam()),
                lambda scope: own(scope, ip_addresses=ipam("ipam-pool-2")),
            ),
            (
                lambda scope: own(scope, max_azs=2, ip_addresses=ec2.IpAddresses.cidr("10.1.0.0/26")),
                lambda scope: own(scope, max_azs=2, ip_addresses=ec2.IpAddresses.cidr("10.1.0.0/27")),
            ),
            (in_vpc, lambda scope: in_vpc(scope, default_instance_tenancy=ec2.DefaultInstanceTenancy.DEDICATED)),
            (
                lambda scope: in_vpc(scope, **subnets_of("10.0.0.0/16", 24)),
                lambda scope: in_vpc(scope, **subnets_of("10.0.0.0/17", 24)),
            ),
            (imported, lambda scope: imported(scope, subnet={"availability_zone": "eu-west-1c"})),
            (imported, lambda scope: imported(scope, subnet={"cidr_block": "10.0.9.0/24"})),
            (imported, lambda scope: imported(scope, vpc={"instance_tenancy": "dedicated"})),
            (lambda scope: imported(scope, vpc=allocated(20)), lambda scope: imported(scope, vpc=allocated(21))),
            (
                lambda scope: imported(scope, named="by id"),
                lambda scope: imported(scope, named="by id", vpc={"instance_tenancy": "dedicated"}),
            ),
            (imported, lambda scope: imported(scope, group={"group_description": "o"})),
            (imported, lambda scope: imported(scope, role={"path": "/o/"})),
        ],
        ids=[
            "a role's name",
            "a role's path",
            "a group's description",
            "ranges",
            "the own VPC's pool of addresses",
            "the own VPC's size around the smallest subnets",
            "a VPC's tenancy",
            "a VPC's range around the same subnets",
            "an imported subnet's zone",
            "an imported subnet's range",
            "an imported VPC's tenancy",
            "an imported VPC's size",
            "the tenancy of the VPC of imported subnets",
            "an imported group's description",
            "an imported role's path",
        ],
    )
    def test_what_keeps_its_logical_id_and_is_replaced(self, before, after):
        """As the pool then is, which refers to it by that id; what stays as it is has the pool stay."""
        stays, changed = ids_with(before), ids_with(after)
        assert ids_with(before) == stays
        assert stays[0] != changed[0]
        assert stays[1] != changed[1]

    def test_what_an_included_template_defines(self, tmp_path):
        """As what the app defines itself."""
        ids = [ids_with(lambda scope, p=path: included(scope, tmp_path, Path=p)) for path in ("/a/", "/a/", "/b/")]
        assert ids[0] == ids[1]
        assert ids[0][0] != ids[2][0]

    def test_what_has_no_vpc_replaced(self):
        """What is updated in place."""
        assert ids_with(in_vpc) == ids_with(lambda scope: in_vpc(scope, enable_dns_hostnames=False))

    def test_what_has_nothing_imported_replaced(self):
        """What is updated in place, and what says the default."""
        tags = [cdk.CfnTag(key="team", value="orders")]
        after = ids_with(
            lambda scope: imported(
                scope,
                vpc={"tags": tags, "instance_tenancy": "default"},
                subnet={"tags": tags},
                group={"security_group_ingress": []},
                role={"description": "o"},
            )
        )
        assert ids_with(imported) == after

    @pytest.mark.parametrize(
        "change",
        [
            lambda scope: {"max_v_cpu_count": 100},
            lambda scope: {"scaling_options": manual(50)},
            lambda scope: {"propagate_tags": tags(1)},
            lambda scope: {"system_log_level": lambda_.SystemLogLevel.DEBUG},
        ],
        ids=["cap", "scaling", "tags", "logs"],
    )
    def test_updated(self, change):
        """What is updated in place leaves the ids, so that nothing is replaced."""
        assert ids_with(change) == ids_with(lambda scope: {})

    def test_a_fixed_name_keeps_the_id(self):
        """It could not be replaced under that name: CloudFormation must say so, and not make a second one."""
        named = {"capacity_provider_name": "pool"}
        ids = [ids_with(lambda scope, more=more: {**named, **more}) for more in ({}, {"architecture": ARM})]
        assert ids[0][0] == ids[1][0]

    def test_whoever_looks_early(self):
        """References to other stacks are written in another way once CDK has prepared them; the id is the same."""
        assert ids_with(lambda scope: {}) == ids_with(lambda scope: {}, look_early=True)

    def test_a_long_path(self, stack, only):
        """CDK's ids are cut, and this one with them."""
        scope = stack
        for number in range(4):
            scope = Construct(scope, f"{number}{'x' * 80}")
        ManagedInstanceCapacityProvider(scope, "Pool")
        template = Template.from_stack(stack).to_json()
        (id,) = (id for id, resource in template["Resources"].items() if resource["Type"] == PROVIDER)
        assert len(id) <= 255


class TestWhatItRefuses:
    """All at once, in the words that were typed."""

    @pytest.mark.parametrize(
        ("keywords", "ids"),
        [
            ({"max_v_cpu_count": 1}, ["LMI308"]),
            ({"max_v_cpu_count": 15001}, ["LMI308"]),
            ({"scaling_options": manual()}, ["LMI310"]),
            ({"scaling_options": manual(*range(11))}, ["LMI310"]),
            ({"scaling_options": manual(150)}, ["LMI311"]),
            ({"instance_type_filter": allow("t3.large")}, ["LMI407"]),
            ({"instance_type_filter": allow("m7g.large")}, ["LMI409"]),
            ({"instance_type_filter": allow()}, ["LMI003"]),
            ({"propagate_tags": tags(41)}, ["LMI413"]),
            ({"max_v_cpu_count": 12.0}, ["LMI001"]),
            ({"architecture": "arm64"}, ["LMI001"]),
            ({"network": "vpc-1"}, ["LMI001"]),
            ({"vpc": "vpc-1"}, ["LMI001"]),
            ({"vpc_subnets": ec2.SubnetSelection()}, ["LMI001"]),
            ({"max_v_cpu_count": 1, "propagate_tags": tags(41), "kms_key": "key"}, ["LMI001", "LMI308", "LMI413"]),
        ],
    )
    def test_refuses(self, define, refused, keywords, ids):
        """What AWS would refuse minutes later, or CDK from within Node."""
        assert refused(lambda: define(**keywords)) == ids

    def test_a_network_and_a_vpc(self, stack, define, refused, vpc):
        """Either decides where the instances go."""
        network = ManagedInstanceNetwork(stack, "Network")
        assert refused(lambda: define(network=network, vpc=vpc)) == ["LMI002"]

    def test_too_many_subnets_and_groups(self, stack, define, refused, vpc):
        """And none."""
        subnets = [ec2.Subnet.from_subnet_id(stack, f"S{n}", f"subnet-{n}") for n in range(17)]
        groups = [ec2.SecurityGroup.from_security_group_id(stack, f"G{n}", f"sg-{n}") for n in range(6)]
        everywhere = ec2.SubnetSelection(subnets=subnets)
        ids = refused(lambda: define(vpc=vpc, vpc_subnets=everywhere, security_groups=groups))
        assert ids == ["LMI401", "LMI402"]
        assert refused(lambda: define(vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=[]))) == ["LMI401"]
        assert refused(lambda: define(vpc=vpc, security_groups=[])) == ["LMI003"]

    def test_subnets_that_the_vpc_does_not_have(self, define, refused, vpc):
        """CDK's own words, without the traceback from Node."""
        isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        assert refused(lambda: define(vpc=vpc, vpc_subnets=isolated)) == ["LMI001"]

    @pytest.mark.parametrize(
        "keywords",
        [{"capacity_provider_name": "bad name!"}, {"capacity_provider_name": "a" * 141}],
        ids=["characters", "length"],
    )
    def test_what_cdk_refuses(self, stack, define, refused, keywords):
        """Told as ours, with nothing left behind, where somebody acknowledged what we would say."""
        assert refused(lambda: define(**keywords)) == ["LMI422"]
        let_past = [cdk.Acknowledgment(id="LMI422", reason="AWS takes it now")]
        assert refused(lambda: define(**keywords, acknowledge=let_past)) == ["LMI006"]
        assert stack.node.try_find_child("Pool") is None
        define()

    def test_imported_objects_of_another_kind(self, stack, define, refused):
        """An import tells what it is."""
        role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/x")
        for keyword in ("vpc", "log_group", "kms_key"):
            assert refused(lambda keyword=keyword: define(**{keyword: role})) == ["LMI001"], keyword

    def test_a_reserved_log_group_name(self, stack, define, refused):
        """Whether it is defined here or imported."""
        here = logs.LogGroup(stack, "Logs", log_group_name="aws/pool")
        imported = logs.LogGroup.from_log_group_name(stack, "Imported", "aws/pool")
        assert refused(lambda: define(log_group=here)) == ["LMI412"]
        assert refused(lambda: define(log_group=imported)) == ["LMI412"]
        define(log_group=logs.LogGroup(stack, "Generated"))

    @pytest.mark.parametrize(
        ("keywords", "ids"),
        [
            ({"capacity_provider_name": "pool"}, ["LMI411"]),
            ({"max_v_cpu_count": 11}, ["LMI309"]),
            ({"instance_type_filter": allow("x2idn.large")}, ["LMI408"]),
            ({"max_v_cpu_count": 12}, []),
        ],
    )
    def test_warns(self, define, warned, keywords, ids):
        """Of what deploys and hurts."""
        assert warned(define(**keywords)) == ids

    @pytest.mark.parametrize(
        ("id", "keywords", "path", "value"),
        [
            ("LMI308", {"max_v_cpu_count": 20000}, ("CapacityProviderScalingConfig", "MaxVCpuCount"), 20000),
            (
                "LMI310",
                {"scaling_options": manual(*range(11))},
                ("CapacityProviderScalingConfig", "ScalingMode"),
                "Manual",
            ),
            ("LMI413", {"propagate_tags": tags(41)}, ("PropagateTags", "Mode"), "Explicit"),
            (
                "LMI407",
                {"instance_type_filter": allow("t3.large")},
                ("InstanceRequirements", "AllowedInstanceTypes"),
                ["t3.large"],
            ),
        ],
    )
    def test_lets_past_whoever_gives_a_reason(self, stack, define, only, id, keywords, path, value):
        """Also where CDK's own construct refuses the value."""
        define(**keywords, acknowledge=[cdk.Acknowledgment(id=id, reason="AWS raised the limit")])
        found = only(stack, PROVIDER)["Properties"]
        for name in path:
            found = found[name]
        assert found == value

    def test_lets_past_too_many_subnets_and_groups(self, stack, define, only, vpc):
        """The same for lists that CDK's own construct bounds."""
        subnets = [ec2.Subnet.from_subnet_id(stack, f"S{n}", f"subnet-{n}") for n in range(17)]
        groups = [ec2.SecurityGroup.from_security_group_id(stack, f"G{n}", f"sg-{n}") for n in range(6)]
        define(
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=subnets),
            security_groups=groups,
            acknowledge=[cdk.Acknowledgment(id=id, reason="AWS raised the limit") for id in ("LMI401", "LMI402")],
        )
        config = only(stack, PROVIDER)["Properties"]["VpcConfig"]
        assert (len(config["SubnetIds"]), len(config["SecurityGroupIds"])) == (17, 6)
