"""What cdk-nag and checkov find in these constructs and does not apply to Managed Instances: ids and reasons.

What checkov is to skip stands in the template, under "bridgecrew", the second of the keys that it reads: "checkov" is
left to the app, whose skips stay whenever it adds them, and count first. cdk-nag runs in the app, and is acknowledged
to where the app has imported it by then: in all other apps each id would cost a call to Node, for every function. Only
what is wrong for every function and every operator role of this library is here; what somebody may want to fix is left
to be found.
Their rules as of cdk-nag 3.0.2 and checkov 3.3.30, read 2026-11-24.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk.aws_lambda import CfnFunction
from constructs import IConstruct

from .rules.limits import OPERATOR_POLICY

_RUNS_IN_A_VPC = "Managed Instances run in the VPC of their capacity provider"
_IS_BOUNDED_OTHERWISE = "What bounds Managed Instances is the number of execution environments"
# Without CDK's flag @aws-cdk/aws-lambda:recognizeVersionProps, a function's metadata is part of what its version is
# named after: whoever changes these words has every function of such apps published anew. They are short, since the
# template says them of every function.
_SKIPPED_FOR_FUNCTION = [
    {"id": "CKV_AWS_117", "comment": _RUNS_IN_A_VPC},
    {"id": "CKV_AWS_115", "comment": _IS_BOUNDED_OTHERWISE},
]
_SKIPS = "bridgecrew"

_VPC_REASON = (
    f"{_RUNS_IN_A_VPC}, and the function takes none of its own: "
    "https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-networking.html"
)
_CONCURRENCY_REASON = (
    f"{_IS_BOUNDED_OTHERWISE}, stated for the version, times the concurrency of each: "
    "https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html"
)
_FOR_FUNCTION = {
    "NIST.800.53.R4-LambdaInsideVPC": _VPC_REASON,
    "NIST.800.53.R5-LambdaInsideVPC": _VPC_REASON,
    "HIPAA.Security-LambdaInsideVPC": _VPC_REASON,
    "PCI.DSS.321-LambdaInsideVPC": _VPC_REASON,
    "NIST.800.53.R5-LambdaConcurrency": _CONCURRENCY_REASON,
    "HIPAA.Security-LambdaConcurrency": _CONCURRENCY_REASON,
}

_FOR_OPERATOR_ROLE = {
    f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{OPERATOR_POLICY}]": (
        "AWS keeps in this policy what Lambda needs to run Managed Instances, adds to it, and binds it to resources "
        "that Lambda manages: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-operator-role.html"
    ),
}
_FOR_OPERATOR_ROLE_WITH_KEY = {
    "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]": (
        "What AWS names for operator roles: data keys, with plaintext and without, of the one key given as kms_key"
    ),
}

_FOR_ROLLOUT_ROLE = {
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]": (
        "AWS keeps in this policy what CodeDeploy needs to shift the traffic of functions, and it is the limited one "
        "of two: https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html"
    ),
}
_CALLS_HOOK = "The versions of one function, which was given as a hook to be called while traffic shifts"
_FOR_DEAD_LETTERS: Mapping[str, str] = dict.fromkeys(
    ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"),
    "It is a dead-letter queue itself: that of EventBridge Scheduler",
)


def acknowledge_for_function(function: CfnResource) -> None:
    """Acknowledge what is wrong for every function on Managed Instances, on this one; other skips stay."""
    function.add_metadata(_SKIPS, {"skip": _SKIPPED_FOR_FUNCTION})
    if _cdk_nag_is_used():
        _acknowledge(function, _FOR_FUNCTION)


def acknowledge_for_operator_role(role: iam.IRole) -> None:
    """Acknowledge the managed policy that an operator role is made with.

    CDK 2.263.0 takes no id with several "::" in it, whoever acknowledges it, and the finding stays; 2.275.0 does.
    """
    if _cdk_nag_is_used():
        with suppress(RuntimeError):
            _acknowledge(role, _FOR_OPERATOR_ROLE)


def acknowledge_for_operator_key(role: iam.IRole) -> None:
    """Acknowledge what an operator role is granted on the key of its capacity provider."""
    if _cdk_nag_is_used():
        _acknowledge(role, _FOR_OPERATOR_ROLE_WITH_KEY)


def acknowledge_for_rollout_role(role: iam.IRole, hooks: Iterable[IConstruct]) -> None:
    """Acknowledge what CDK lets CodeDeploy do: a managed policy, and to call any version of the hooks.

    As for operator roles, CDK 2.263.0 takes no id with several "::" in it.
    """
    if not _cdk_nag_is_used():
        return
    with suppress(RuntimeError):
        _acknowledge(role, _FOR_ROLLOUT_ROLE)
    for hook in hooks:
        resource = hook.node.default_child
        if isinstance(resource, CfnFunction):
            logical_id = Stack.of(resource).resolve(resource.logical_id)
            id = f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>:*]"
            with suppress(RuntimeError):
                _acknowledge(role, {id: _CALLS_HOOK})


def acknowledge_for_dead_letters(queue: IConstruct) -> None:
    """Acknowledge that the dead-letter queue of schedules has none of its own."""
    if _cdk_nag_is_used():
        _acknowledge(queue, _FOR_DEAD_LETTERS)


def _acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    # CDK's structures are made here and not at import: the first one has jsii load what it checks types with.
    made = [Acknowledgment(id=id, reason=reason) for id, reason in reasons.items()]
    Validations.of(construct).acknowledge(*made)


def _cdk_nag_is_used() -> bool:
    return "cdk_nag" in sys.modules
