"""That what docs/comparison.md says of others is so, where they can be run here, and of which versions."""

import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from cfnlint.api import lint_all
from samtranslator.translator.transform import transform

from cdk_lmi import check_template

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
#: What AWS refuses, with the rule that tells of it: memory below its ratio; more at once than one vCPU takes.
RATIO = 4
SIZES = [(2096, 16, "LMI104"), (4096, 65, "LMI202")]


class NoManagedPolicies:
    """Stands for what asks IAM."""

    def load(self) -> dict[str, str]:
        return {}


def by_cdk(memory, concurrency):
    """Give a template of CDK's own constructs."""
    app = cdk.App()
    stack = cdk.Stack(app, "Theirs")
    vpc = ec2.Vpc(stack, "Vpc")
    provider = lambda_.CapacityProvider(
        stack,
        "Pool",
        subnets=vpc.private_subnets,
        security_groups=[ec2.SecurityGroup(stack, "Group", vpc=vpc)],
        architectures=[lambda_.Architecture.X86_64],
    )
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        memory_size=memory,
    )
    provider.add_function(
        function,
        execution_environment_memory_gib_per_v_cpu=RATIO,
        per_execution_environment_max_concurrency=concurrency,
    )
    return app.synth().get_stack_by_name("Theirs").template


def by_sam(memory, concurrency):
    """Give a template of AWS SAM's."""
    function = {
        "Runtime": "python3.14",
        "Handler": "index.handler",
        "CodeUri": "s3://code/orders.zip",
        "MemorySize": memory,
        "AutoPublishAlias": "live",
        "CapacityProviderConfig": {
            "Arn": {"Fn::GetAtt": ["Pool", "Arn"]},
            "ExecutionEnvironmentMemoryGiBPerVCpu": RATIO,
            "PerExecutionEnvironmentMaxConcurrency": concurrency,
        },
        "FunctionScalingConfig": {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 6},
    }
    network = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    application = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Pool": {"Type": "AWS::Serverless::CapacityProvider", "Properties": {"VpcConfig": network}},
            "Orders": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
    }
    with pytest.MonkeyPatch.context() as patch:
        # The translator asks boto3 for the partition of the Region.
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        return transform(application, {}, NoManagedPolicies())


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """The resources of a type."""
    return [each for each in template["Resources"].values() if each["Type"] == kind]


@pytest.mark.parametrize(("memory", "concurrency", "rule"), SIZES)
@pytest.mark.parametrize("define", [by_cdk, by_sam])
def test_sizes_that_do_not_fit_are_let_through(define, memory, concurrency, rule):
    """By theirs, and not by the rules here."""
    assert rule in {violation.id for violation in check_template(define(memory, concurrency))}


def test_cdk_leaves_version_and_alias_to_the_user():
    """And endpoints. No imported provider takes a function."""
    template = by_cdk(4096, 16)
    for kind in ("AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::EC2::VPCEndpoint"):
        assert of_type(template, kind) == []
    stack = cdk.Stack()
    arn = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"
    assert not hasattr(lambda_.CapacityProvider.from_capacity_provider_arn(stack, "Pool", arn), "add_function")


def test_sam_scales_the_version():
    """And the function, with the same bounds; an old version goes."""
    template = by_sam(4096, 16)
    (version,) = of_type(template, "AWS::Lambda::Version")
    (function,) = of_type(template, "AWS::Lambda::Function")
    bounds = {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 6}
    assert version["Properties"]["FunctionScalingConfig"] == function["Properties"]["FunctionScalingConfig"] == bounds
    assert version["DeletionPolicy"] == "Delete"


@pytest.mark.parametrize(("memory", "concurrency", "rule"), SIZES)
def test_cfn_lint_relates_no_property_to_another(memory, concurrency, rule):
    """It lets through what does not fit, while it knows the ranges of the schema."""
    assert wrong_for_cfn_lint(by_sam(memory, concurrency)) == set()
    assert wrong_for_cfn_lint(by_sam(64, 1601)) == {"MemorySize", "PerExecutionEnvironmentMaxConcurrency"}


def wrong_for_cfn_lint(template):
    """Give the properties of sizes that it finds an error in."""
    sizes = {"MemorySize", "PerExecutionEnvironmentMaxConcurrency"}
    return {str(step) for match in lint_all(json.dumps(template)) for step in match.path or [] if step in sizes}


@pytest.mark.parametrize(
    ("package", "written"),
    [("aws-cdk-lib", "{}"), ("aws-sam-translator", "translator {}"), ("cfn-lint", "cfn-lint {}")],
)
def test_versions_are_those_that_are_run_here(package, written):
    """Whoever updates one reads the page again."""
    installed = re.sub(r"\.0$", "", version(package)) if package == "cfn-lint" else version(package)
    assert written.format(installed) in PAGE
