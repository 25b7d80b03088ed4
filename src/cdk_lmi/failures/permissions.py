"""What AWS says when something is not allowed, or a role cannot be assumed."""

from __future__ import annotations

from ..rules.limits import GUIDE, OPERATOR_ROLE, SECURITY
from .failure import Basis, Failure, Source
from .sources import CDKD_3231
from .states import SYSTEM_LOG

CDKD_RETRIES = Source("https://github.com/go-to-k/cdkd/blob/main/src/deployment/retryable-errors.ts", "2026-11-28")
LAMBDACDDEMO_1 = Source("https://github.com/pdomala/LambdaCDDemo/issues/1", "2026-11-28")
CDK_6770 = Source("https://github.com/aws/aws-cdk/issues/6770", "2026-11-28")
SST_5737 = Source("https://github.com/anomalyco/sst/issues/5737", "2026-11-28")
#: Each way in which AWS ends the message, by the kind of policy; and where it says less.
S3_403 = Source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html", "2026-11-28")
ENDPOINT_POLICIES = Source("https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html", "2026-11-28")
SERVICE_LINKED_ROLES = Source(f"{GUIDE}/using-service-linked-roles.html", "2026-11-28")

PERMISSION_MESSAGES = (
    Failure(
        id="pass-capacity-provider",
        messages=("User: {who} is not authorized to perform: lambda:PassCapacityProvider on resource: {what}",),
        subject=("perform: lambda:PassCapacityProvider", "lambda:PassCapacityProvider on resource"),
        title="the deploying identity lacks permission to pass the capacity provider",
        meaning="To put a function on a capacity provider, the deploying identity needs lambda:PassCapacityProvider "
        "on it.",
        cause="The policies of the identity that the message names were written before Managed Instances. A "
        "permissions boundary or a service control policy can also deny it.",
        checks=(
            "the identity after User: in the message; with CloudFormation, it is the role that CloudFormation deploys "
            "with",
        ),
        fixes=("allow the identity lambda:PassCapacityProvider on the ARN of the capacity provider",),
        sources=(Source(SECURITY),),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="pass-role",
        messages=("User: {who} is not authorized to perform: iam:PassRole on resource: {what}",),
        subject=("perform: iam:PassRole", "iam:PassRole on resource"),
        title="the deploying identity lacks permission to pass the role to a service",
        meaning="To define a function or a capacity provider, the deploying identity needs iam:PassRole on its role: "
        "the function's role, or the operator role.",
        cause="The policies of the identity that the message names do not include the role after on resource, or "
        "allow it for other services only.",
        checks=(
            "the role after on resource and the identity after User in the message",
            "iam:PassedToService in the identity's policies",
        ),
        fixes=("allow the identity iam:PassRole on the role, for lambda.amazonaws.com",),
        sources=(Source(SECURITY), Source(f"{GUIDE}/lambda-managed-instances-operator-role.html")),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="create-service-linked-role",
        messages=("User: {who} is not authorized to perform: iam:CreateServiceLinkedRole on resource: {what}",),
        subject=("perform: iam:CreateServiceLinkedRole", "iam:CreateServiceLinkedRole on resource"),
        title="the deploying identity lacks permission to create a service's own role",
        meaning="The first capacity provider of an account creates AWSServiceRoleForLambda, with which Lambda "
        "terminates instances. Who creates the capacity provider needs iam:CreateServiceLinkedRole for that. The role "
        "after on resource says for which service it is: other services have roles of their own.",
        cause="The account has had no Managed Instances yet, and the policies of the identity that the message names "
        "do not allow it.",
        checks=("the role after on resource", "``aws iam get-role --role-name AWSServiceRoleForLambda``"),
        fixes=(
            "allow the identity iam:CreateServiceLinkedRole on the role after on resource",
            "or have somebody who may do that create the first capacity provider of the account",
        ),
        sources=(Source(SECURITY), SERVICE_LINKED_ROLES),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="operator-role-refused",
        messages=(
            "The operator role is invalid or doesn't have sufficient permissions. Verify the role and permissions and "
            "try again.",
        ),
        subject=("operator role is invalid",),
        title="Lambda cannot use the operator role, or not yet",
        meaning="To create a capacity provider, Lambda assumes its operator role and looks at the network with it. "
        "That failed.",
        cause="The role was created just before, and IAM has not propagated it and its policy yet: users saw this go "
        "away within half a minute. If it stays: the role lacks AWSLambdaManagedEC2ResourceOperator, does not trust "
        "lambda.amazonaws.com, or a permissions boundary or service control policy denies what it needs.",
        checks=(
            "the policies of the role: ``aws iam list-attached-role-policies --role-name <role>``",
            "CloudTrail for AccessDenied errors of the operator role",
        ),
        fixes=(
            "deploy again; the capacity provider must depend on the policies of the role, as it does on those of the "
            "role that the construct creates: leave out ``operator_role=``",
            "or attach arn:aws:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator to your own role",
        ),
        rules=("LMI418", "LMI419"),
        sources=(CDKD_3231, CDKD_RETRIES, Source(OPERATOR_ROLE)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="role-not-assumable",
        messages=("The role defined for the function cannot be assumed by Lambda.",),
        subject=("assumed by Lambda",),
        title="Lambda cannot assume the function's role, or not yet",
        meaning="Lambda runs a function with its role, and looks at creation whether it may.",
        cause="The role does not trust lambda.amazonaws.com, does not exist, or was created just before, and IAM has "
        "not propagated it yet.",
        checks=("the trust policy: ``aws iam get-role --role-name <role> --query Role.AssumeRolePolicyDocument``",),
        fixes=(
            "leave out ``role=``: the construct creates one",
            "or let lambda.amazonaws.com assume your own role: ``sts:AssumeRole`` in its trust policy",
            "for a new role: deploy again",
        ),
        sources=(LAMBDACDDEMO_1,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="event-source-permissions",
        messages=(
            "The function execution role does not have permissions to call ReceiveMessage on SQS",
            "The provided execution role does not have permissions to call ReceiveMessage on SQS",
        ),
        subject=("call ReceiveMessage",),
        title="the function's role may not read the queue that is to call the function",
        meaning="Lambda reads a queue for the function with the function's role, and creates no event source mapping "
        "if that role may not.",
        cause="The mapping was defined without the grant, or the role is one that the CDK may not change, such as one "
        "that is imported with mutable=False.",
        checks=("the policies of the function's role: ``aws iam list-role-policies --role-name <role>``",),
        fixes=(
            "let the CDK grant it: ``orders.alias.add_event_source(SqsEventSource(queue))``",
            "for a role that the CDK may not change: allow it sqs:ReceiveMessage, sqs:DeleteMessage and "
            "sqs:GetQueueAttributes on the queue, and kms:Decrypt on its key if it has one",
        ),
        sources=(CDK_6770, SST_5737),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="endpoint-policy",
        messages=(
            "because no VPC endpoint policy allows the {action} action",
            "with an explicit deny in a VPC endpoint policy",
        ),
        subject=("VPC endpoint policy",),
        title="the policy of a VPC endpoint does not allow the call",
        meaning="The call went through a VPC endpoint, whose policy did not let it pass. It restricts everybody who "
        "uses the endpoint, whatever their own policies allow. The message names the action and the identity, not the "
        "endpoint.",
        cause="The endpoint is restricted to what functions are granted, with ``restrict_endpoints=True`` of the "
        "network, and this is not granted there: the role got the permission by other means, or something else uses "
        "the endpoint. Or the VPC is imported, and its owner restricts the endpoint.",
        checks=(
            "the endpoint of the service and its policy: ``aws ec2 describe-vpc-endpoints --filters "
            "Name=vpc-id,Values=<vpc> --query 'VpcEndpoints[].[VpcEndpointId,ServiceName,PolicyDocument]'``",
        ),
        fixes=(
            "grant the function what it calls through the CDK, as in ``queue.grant_send_messages(function)``",
            "or leave out ``restrict_endpoints=``",
            "for an endpoint of others: ask its owner to allow the action for the function's role",
        ),
        sources=(S3_403, ENDPOINT_POLICIES),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="outer-policy",
        messages=(
            "with an explicit deny in a service control policy",
            "because no service control policy allows the {action} action",
            "with an explicit deny in a permissions boundary",
            "because no permissions boundary allows the {action} action",
        ),
        subject=("service control policy", "permissions boundary"),
        title="a service control policy or a permissions boundary denies the call",
        meaning="The identity's own policies may allow the call, but a policy around them does not: that of the "
        "organization, or the boundary of the role. A grant changes nothing.",
        cause="The organization or the platform team allows certain actions only, and Managed Instances need some that "
        "functions did not before: the operator role ec2:RunInstances and others, who deploys "
        "lambda:PassCapacityProvider.",
        checks=(
            "the identity, the action and the kind of policy in the message",
            "the boundary of a role: ``aws iam get-role --role-name <role> --query Role.PermissionsBoundary``",
        ),
        fixes=("ask whoever owns that policy to allow the action for the identity that the message names",),
        sources=(S3_403, Source(OPERATOR_ROLE)),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="AccessDeniedException",
        codes=("AccessDeniedException", "AccessDenied"),
        messages=("User: {who} is not authorized to perform: {action} on resource: {what}",),
        subject=("authorized to perform",),
        title="an identity lacks a permission",
        meaning="AWS refused a call. The code alone says neither whose nor which: if the message names the identity "
        "and the action, they tell where to look. Four policies matter on Managed Instances: those of the deploying "
        "identity, of the operator role, of the function's role, and the endpoint policy of a VPC endpoint.",
        cause="While deploying: the deploying identity lacks an action such as lambda:PassCapacityProvider, "
        "iam:PassRole or iam:CreateServiceLinkedRole. While instances launch: the operator role lacks its policy. "
        "While the function runs: its role does not allow what the code calls, or an endpoint policy does not, of "
        "which the message often says nothing. While something calls the function: it may not invoke the alias.",
        checks=(
            "when it happens: in the events of the stack, in the system log, in the function's log, or at the caller",
            "the identity and the action, in the message or in CloudTrail: ``aws cloudtrail lookup-events "
            "--lookup-attributes AttributeKey=EventName,AttributeValue=<operation>``",
            SYSTEM_LOG,
            "endpoint policies: ``aws ec2 describe-vpc-endpoints --filters Name=vpc-id,Values=<vpc> --query "
            "'VpcEndpoints[].[ServiceName,PolicyDocument]'``",
        ),
        fixes=(
            "for the deploying identity: allow it the action",
            "for the operator role: leave out ``operator_role=``, and the construct creates one",
            "for the function's role: grant access to what the function calls, as in "
            "``table.grant_read_data(function)``, which lets endpoints with ``restrict_endpoints=True`` pass it too",
            "for a caller: ``function.grant_invoke(caller)``, and let it call the alias",
        ),
        rules=("LMI414",),
        sources=(Source(SECURITY), Source(OPERATOR_ROLE), S3_403),
        basis=Basis.DOCUMENTED,
        is_vague=True,
    ),
)
