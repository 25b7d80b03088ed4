"""What roles allow, read from templates."""

from typing import Any

import pytest

from cdk_lmi import check_template
from cdk_lmi.endpoints import MANAGED_POLICIES, MANAGED_POLICIES_IN_FULL, MANAGED_POLICIES_OF_EVERYTHING
from cdk_lmi.rules.facts import UNKNOWN
from cdk_lmi.rules.limits import OPERATOR_KEY_ACTIONS
from cdk_lmi.template.intrinsics import Template
from cdk_lmi.template.permissions import Permissions
from cdk_lmi.template.publication import Publications

BASIC = "service-role/AWSLambdaBasicExecutionRole"


def of_aws(name):
    """Give the ARN of a managed policy of AWS's, as CDK writes it."""
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::aws:policy/{name}"]]}


def allow(*actions, **keys):
    """Write a statement."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **keys}


def resources(*statements, managed=()):
    """Define a function and its role."""
    role = {
        "ManagedPolicyArns": list(managed),
        "Policies": [{"PolicyName": "Own", "PolicyDocument": {"Statement": list(statements)}}],
    }
    return {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def permissions(defined):
    """Read resources."""
    template = Template({"Resources": defined})
    return Permissions(template, Publications(template))


class TestEverything:
    """Managed policies that allow every action are as good as "*"."""

    @pytest.mark.parametrize(
        ("policy", "anything"),
        [
            *((of_aws(name), True) for name in sorted(MANAGED_POLICIES_OF_EVERYTHING)),
            ("arn:aws:iam::aws:policy/AdministratorAccess", True),
            ("arn:aws-us-gov:iam::aws:policy/PowerUserAccess", True),
            ("arn:aws:iam::123456789012:policy/AdministratorAccess", False),
            (of_aws("ReadOnlyAccess"), False),
            (of_aws("job-function/ViewOnlyAccess"), False),
            (of_aws("AmazonSQSFullAccess"), False),
        ],
        ids=str,
    )
    def test_by_managed_policy(self, policy, anything):
        """AWS's own, and none that only has the name."""
        calls = permissions(resources(managed=[policy])).calls("Function")
        assert calls is not UNKNOWN
        assert calls.anything is anything

    @pytest.mark.parametrize("name", [*sorted(MANAGED_POLICIES_OF_EVERYTHING), "ReadOnlyAccess"])
    def test_warned_of(self, name):
        """In a VPC without a way out."""
        subnets: dict[str, Any] = {
            f"Subnet{zone}": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "Vpc"}, "AvailabilityZone": f"eu-west-1{zone}"},
            }
            for zone in "abc"
        }
        pool = {
            "VpcConfig": {"SubnetIds": [{"Ref": id} for id in subnets], "SecurityGroupIds": ["sg-a"]},
            "PermissionsConfig": {"CapacityProviderOperatorRoleArn": "arn:aws:iam::123456789012:role/operator"},
        }
        config = {"CapacityProviderArn": {"Fn::GetAtt": ["Pool", "Arn"]}}
        defined = {
            **resources(managed=[of_aws(name)]),
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {}},
            **subnets,
            "Pool": {"Type": "AWS::Lambda::CapacityProvider", "Properties": pool},
        }
        defined["Function"]["Properties"]["CapacityProviderConfig"] = {
            "LambdaManagedInstancesCapacityProviderConfig": config
        }
        found = {violation.id for violation in check_template({"Resources": defined})}
        assert ("LMI506" in found) is (name in MANAGED_POLICIES_OF_EVERYTHING)


class TestAllowed:
    """Every action, or that not all of them are known."""

    def test_whoever_is_to_use_it(self):
        """What services and pollers do with the role is among it."""
        defined = resources(
            allow("sqs:ReceiveMessage", "kms:Decrypt", "ec2:CreateNetworkInterface"),
            {"Effect": "Deny", "Action": "sqs:DeleteMessage", "Resource": "*"},
            managed=[of_aws("AWSXrayWriteOnlyAccess")],
        )
        defined["Mapping"] = {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"FunctionName": {"Ref": "Function"}, "EventSourceArn": "arn:aws:sqs:eu-west-1:1:Queue"},
        }
        assert permissions(defined).allowed("Function") == (
            *("sqs:ReceiveMessage", "kms:Decrypt", "ec2:CreateNetworkInterface"),
            *MANAGED_POLICIES["AWSXrayWriteOnlyAccess"],
        )

    @pytest.mark.parametrize("name", sorted(MANAGED_POLICIES_IN_FULL))
    def test_managed_policies_in_full(self, name):
        """They are among those whose actions are listed."""
        assert permissions(resources(managed=[of_aws(name)])).allowed("Function") == MANAGED_POLICIES[name]

    @pytest.mark.parametrize(
        "managed",
        [
            of_aws("AmazonDynamoDBReadOnlyAccess"),
            of_aws("AmazonRDSDataFullAccess"),
            of_aws("AdministratorAccess"),
            of_aws("ReadOnlyAccess"),
            f"arn:aws:iam::123456789012:policy/{BASIC}",
            {"Ref": "Parameter"},
        ],
        ids=str,
    )
    def test_not_by_managed_policies(self, managed):
        """That are not known, or not in full."""
        defined = resources(allow("sqs:SendMessage"), managed=[of_aws(BASIC), managed])
        assert permissions(defined).allowed("Function") is UNKNOWN

    @pytest.mark.parametrize(
        "statement",
        [
            allow("*"),
            allow("*", Resource="arn:aws:sqs:*:*:*"),
            allow("s?s:SendMessage"),
            allow("*:Get*"),
            allow("sts:AssumeRole", Resource="arn:aws:iam::123456789012:role/other"),
            allow("sts:*"),
            allow("sts:assume*"),
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
            allow({"Ref": "Parameter"}),
        ],
        ids=str,
    )
    def test_not_by_statements(self, statement):
        """That allow more than they name, or cannot be read."""
        assert permissions(resources(allow("sqs:SendMessage"), statement)).allowed("Function") is UNKNOWN

    def test_not_without_a_role(self):
        """Of this template."""
        defined = resources()
        defined["Function"]["Properties"]["Role"] = "arn:aws:iam::123456789012:role/other"
        assert permissions(defined).allowed("Function") is UNKNOWN


KEY_ARN = {"Fn::GetAtt": ["Key", "Arn"]}


def deny(*actions, **keys):
    """Write a statement."""
    return {**allow(*actions, **keys), "Effect": "Deny"}


class TestMissingOnKey:
    """What the operator role of a capacity provider lacks."""

    @staticmethod
    def missing(*statements, of_key=()):
        """Give what is missing on a key for a role that has these statements, as the key has others."""
        defined = {
            "OtherKey": {"Type": "AWS::KMS::Key", "Properties": {}},
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": list(of_key)}}},
            "Pool": {
                "Type": "AWS::Lambda::CapacityProvider",
                "Properties": {
                    "KmsKeyArn": KEY_ARN,
                    "PermissionsConfig": {"CapacityProviderOperatorRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}},
                },
            },
        }
        return permissions({**resources(*statements), **defined}).missing_on_key("Pool")

    @pytest.mark.parametrize(
        ("denial", "missing"),
        [
            (deny("kms:CreateGrant"), ("kms:CreateGrant",)),
            (deny("kms:CreateGrant", Resource=KEY_ARN), ("kms:CreateGrant",)),
            (deny("kms:createg*", "kms:Decrypt"), ("kms:Decrypt", "kms:CreateGrant")),
            (deny("kms:*"), OPERATOR_KEY_ACTIONS),
            (deny("kms:Sign"), ()),
            (deny("kms:CreateGrant", Resource={"Fn::GetAtt": ["OtherKey", "Arn"]}), ()),
            (deny("kms:CreateGrant", Resource="arn:aws:kms:eu-west-1:123456789012:key/1"), ()),
            (deny("kms:CreateGrant", Resource={"Fn::If": ["Unknown", KEY_ARN, {"Ref": "OtherKey"}]}), ()),
            (deny("kms:CreateGrant", Condition={"Bool": {"kms:GrantIsForAWSResource": "false"}}), ()),
        ],
        ids=str,
    )
    def test_what_is_denied_is_missing(self, denial, missing):
        """Whatever else allows it; not where it is denied on other keys, or on a condition."""
        assert self.missing(allow("kms:*"), denial) == missing
        assert self.missing(allow("kms:*")) == ()

    @pytest.mark.parametrize(
        ("principal", "missing"),
        [
            ("*", ("kms:CreateGrant",)),
            ({"AWS": {"Fn::GetAtt": ["Role", "Arn"]}}, ("kms:CreateGrant",)),
            ({"AWS": {"Fn::If": ["Unknown", {"Fn::GetAtt": ["Role", "Arn"]}, "arn:aws:iam::1:role/other"]}}, ()),
            ({"AWS": "arn:aws:iam::123456789012:role/other"}, ()),
        ],
        ids=str,
    )
    def test_what_the_key_denies_is_missing(self, principal, missing):
        """To the role, and to everybody."""
        assert self.missing(allow("kms:*"), of_key=[deny("kms:CreateGrant", Principal=principal)]) == missing
