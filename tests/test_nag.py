"""What cdk-nag finds in the constructs and in the orders API, and what is acknowledged of it; checkov's skips."""

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction

EXAMPLE = Path(__file__).parent.parent / "examples" / "orders_api"
PACKS = [
    cdk_nag.AwsSolutionsChecks,
    cdk_nag.ServerlessChecks,
    cdk_nag.NIST80053R4Checks,
    cdk_nag.NIST80053R5Checks,
    cdk_nag.HIPAASecurityChecks,
    cdk_nag.PCIDSS321Checks,
]
OUTSIDE_OF_A_VPC = {
    "NIST.800.53.R4-LambdaInsideVPC",
    "NIST.800.53.R5-LambdaInsideVPC",
    "HIPAA.Security-LambdaInsideVPC",
    "PCI.DSS.321-LambdaInsideVPC",
}
UNRESERVED = {"NIST.800.53.R5-LambdaConcurrency", "HIPAA.Security-LambdaConcurrency"}
NO_DEAD_LETTER_QUEUE = {"Serverless-LambdaDLQ", "NIST.800.53.R5-LambdaDLQ", "HIPAA.Security-LambdaDLQ"}
OPERATOR_POLICY = "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator]"
EXECUTION_POLICY = (
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]"
)
DATA_KEYS = "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]"
ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
PLAIN: dict[str, Any] = {
    "runtime": lambda_.Runtime.PYTHON_3_14,
    "handler": "index.handler",
    "code": lambda_.Code.from_inline("def handler(event, context): ..."),
}


def findings(scope, packs=PACKS):
    """Give what cdk-nag finds in a construct and in what is in it: paths and ids."""
    return {
        (resource.construct_path, violation.rule_name)
        for pack in packs
        for violation in pack().validate_scope(scope).violations
        for resource in violation.violating_resources
    }


def ids(found, construct):
    """Give the ids of what was found in a construct or in what is in it."""
    return {id for path, id in found if f"{path}/".startswith(f"{construct.node.path}/")}


def acknowledgments(scope):
    """Give what was acknowledged in a construct and in what is in it: paths, ids and reasons."""
    return {
        (node.node.path, id.removeprefix("Annotation::"), reason)
        for node in scope.node.find_all()
        for entry in node.node.metadata
        if entry.type == ACKNOWLEDGED
        for id, reason in entry.data.items()
    }


def with_everything(stack):
    """Define a function of each kind on a pool with a key of its own."""
    pool = ManagedInstanceCapacityProvider(stack, "Pool", kms_key=kms.Key(stack, "Key"))
    ManagedInstanceFunction(stack, "ListOrders", capacity_provider=pool, tracing=lambda_.Tracing.ACTIVE, **PLAIN)
    adopted = lambda_.Function(stack, "Adopted", memory_size=2048, **PLAIN)
    ManagedInstanceFunction.from_function(stack, "Search", function=adopted, capacity_provider=pool)


def orders_api(monkeypatch, **context):
    """Give the orders API's app, as chosen by CDK context."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.delenv("CDK_DEFAULT_ACCOUNT", raising=False)
    monkeypatch.delenv("CDK_DEFAULT_REGION", raising=False)
    from app import orders_api

    return orders_api(context={"aws:cdk:bundling-stacks": [], **context})[0]


def production(monkeypatch):
    """Give the orders API's app as for customers, who sign in."""
    return orders_api(monkeypatch, production="true", authorizer="cognito")


def everything(monkeypatch):
    """Give an app with all that the constructs define."""
    app = cdk.App()
    with_everything(cdk.Stack(app, "Shop"))
    return app


class TestConstructs:
    """What they acknowledge by themselves, and what they leave to be found."""

    @pytest.mark.parametrize("adopted", [False, True])
    def test_what_does_not_apply_is_not_found(self, stack, define, synthesize, adopted):
        """The function is in a VPC, its pool's, and bounded, by its environments."""
        if adopted:
            function = lambda_.Function(stack, "Own", **PLAIN)
            ManagedInstanceFunction.from_function(stack, "ListOrders", function=function)
        else:
            function = define().function
        synthesize(stack)
        found = ids(findings(stack), function)
        assert not found & (OUTSIDE_OF_A_VPC | UNRESERVED)
        assert found >= NO_DEAD_LETTER_QUEUE

    def test_a_function_beside_is_found_as_ever(self, stack, define):
        """Next to ours, and even inside of it."""
        ours = define()
        for scope in (stack, ours):
            beside = lambda_.Function(scope, "Beside", **PLAIN)
            assert ids(findings(stack), beside) >= OUTSIDE_OF_A_VPC | UNRESERVED | NO_DEAD_LETTER_QUEUE

    def test_what_is_true_is_found(self, stack, define):
        """Flow logs, keys and the execution role's policy are for the user to decide about."""
        function = define(tracing=lambda_.Tracing.ACTIVE)
        assert ids(findings(stack), function) >= {
            "AwsSolutions-VPC7",
            "AwsSolutions-IAM5[Resource::*]",
            "HIPAA.Security-CloudWatchLogGroupEncrypted",
            EXECUTION_POLICY,
        }

    def test_operator_role(self, stack):
        """AWS's policy for it is not found on the role made for it, and is on any other."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool")
        policies = ["AWSLambdaManagedEC2ResourceOperator"]
        other = iam.Role(
            stack,
            "Other",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(name) for name in policies],
        )
        pool.operator_role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess"))
        found = findings(stack, [cdk_nag.AwsSolutionsChecks])
        assert ids(found, other) == {OPERATOR_POLICY}
        assert ids(found, pool.operator_role) == {OPERATOR_POLICY.replace(policies[0], "ReadOnlyAccess")}

    @pytest.mark.parametrize("given", [False, True])
    def test_key_of_the_operator_role(self, stack, given):
        """What it is granted on ``kms_key`` is not found; what somebody grants it where there is none is."""
        key = kms.Key(stack, "Key")
        pool = ManagedInstanceCapacityProvider(stack, "Pool", kms_key=key if given else None)
        key.grant_encrypt(pool.operator_role)
        assert (DATA_KEYS in ids(findings(stack), pool.operator_role)) is not given

    def test_operator_role_of_somebody_else(self, stack):
        """It is left as it is, with what is found on it."""
        role = iam.Role(
            stack,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name("AWSLambdaManagedEC2ResourceOperator")],
        )
        ManagedInstanceCapacityProvider(stack, "Pool", operator_role=role, kms_key=kms.Key(stack, "Key"))
        assert ids(findings(stack), role) >= {OPERATOR_POLICY}
        assert not acknowledgments(role)

    def test_network(self, stack):
        """With a flow log and a closed default security group, nothing is found in it."""
        stack.node.set_context("@aws-cdk/aws-ec2:restrictDefaultSecurityGroup", True)
        network = ManagedInstanceCapacityProvider(stack, "Pool").network
        network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS)
        network.vpc.add_flow_log("Rejected", destination=ec2.FlowLogDestination.to_s3())
        assert {id for path, id in findings(network) if "Rejected" not in path} == set()


class TestCheckov:
    """It reads its skips in the template."""

    @staticmethod
    def skips(function):
        """Give what it skips: of both keys, the first that names a check (cloudformation/context_parser.py)."""
        metadata = function["Metadata"]
        skips = [*metadata.get("checkov", {}).get("skip", []), *metadata.get("bridgecrew", {}).get("skip", [])]
        return {skip["id"]: skip["comment"] for skip in reversed(skips)}

    def test_skips(self, stack, define, resources):
        """Checks for a VPC and for reserved concurrency, each with a reason, on functions of ours alone."""
        define()
        lambda_.Function(stack, "Beside", **PLAIN)
        functions = resources(stack, "AWS::Lambda::Function").values()
        (ours,) = (function for function in functions if "CapacityProviderConfig" in function["Properties"])
        (beside,) = (function for function in functions if function is not ours)
        assert set(self.skips(ours)) == {"CKV_AWS_115", "CKV_AWS_117"}
        assert all(self.skips(ours).values())
        assert "Metadata" not in beside

    @pytest.mark.parametrize("adopted", [True, False])
    def test_skips_of_the_app_stay(self, stack, define, only, adopted):
        """Also one of ours with its own reason."""
        function = lambda_.Function(stack, "Own", **PLAIN) if adopted else define().function
        skips = [{"id": "CKV_AWS_116", "comment": "called by API Gateway"}, {"id": "CKV_AWS_117", "comment": "why not"}]
        resource: Any = function.node.default_child
        resource.add_metadata("checkov", {"skip": skips})
        if adopted:
            ManagedInstanceFunction.from_function(stack, "ListOrders", function=function)
        found = self.skips(only(stack, "AWS::Lambda::Function"))
        assert set(found) == {"CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117"}
        assert found["CKV_AWS_116"] == "called by API Gateway"
        assert found["CKV_AWS_117"] == "why not"


@pytest.mark.parametrize("define_app", [orders_api, production])
def test_orders_api_passes_aws_solutions(define_app, monkeypatch):
    """As a plugin of the app, with no finding left; an unacknowledged one would raise here."""
    app = define_app(monkeypatch)
    cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(), cdk_nag.ServerlessChecks())
    app.synth()
    assert findings(app, [cdk_nag.AwsSolutionsChecks, cdk_nag.ServerlessChecks]) == set()


@pytest.mark.parametrize("define_app", [orders_api, production, everything])
def test_every_acknowledgment_is_needed(define_app, monkeypatch):
    """Without it there is a finding of that id, in the construct that it stands on; each has a reason."""
    acknowledged = acknowledgments(define_app(monkeypatch))
    monkeypatch.setattr(cdk.Validations, "acknowledge", lambda self, *rules: None)
    without = define_app(monkeypatch)
    found = findings(without)
    by_cdk_itself = acknowledgments(without)
    assert acknowledged > by_cdk_itself
    for path, id, reason in acknowledged - by_cdk_itself:
        assert reason.strip()
        assert any(f"{at}/".startswith(f"{path}/") and id == what for at, what in found), f"{id} at {path}"
