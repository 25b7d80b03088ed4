"""What Lambda says about capacity providers, and about functions with and without one."""

from __future__ import annotations

from ..rules.limits import API, NETWORKING
from .failure import Basis, Failure, Source
from .sources import CDKD_3231, LESSONS_LEARNED, LOCALSTACK, QUOTAS, SERVERLESS
from .states import REASON

TERRAFORM = Source("https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service/lambda")
#: What Lambda says of a subnet in a zone that it does not use, as a user quotes it.
SUBNETS_81 = Source("https://github.com/keboola/developer-portal/issues/81", "2026-11-28")
LOG_GROUP_EXISTS = Source(
    "https://github.com/aws-solutions/amazon-marketing-cloud-uploader-from-aws/issues/167", "2026-11-27"
)
#: A security group that is valid, and is refused while it is new.
CDKD_3227 = Source("https://github.com/go-to-k/cdkd/issues/3227", "2026-11-28")

CAPACITY_PROVIDER_MESSAGES = (
    Failure(
        id="zone-not-supported",
        # The first is what Lambda says of functions in a VPC. Of a capacity provider only "aren't supported" is quoted,
        # with the zone: what is around them may differ.
        messages=(
            "The provided subnets contain availability zone Lambda doesn't support. Please use a different set of "
            "subnets.",
            "Availability Zones us-east-1c aren't supported",
            "Availability Zone us-east-1c is not supported",
        ),
        subject=("zone Lambda doesn't support", "Zones us-east-1c aren't", "Zone us-east-1c is not"),
        title="a subnet is in an Availability Zone that Lambda does not use",
        meaning="Lambda does not launch instances in all Availability Zones of a Region, and refused a subnet. One "
        "user met it with a capacity provider in us-east-1c.",
        cause="The zone is not supported. The same zone name can mean different places in different accounts, so that "
        "the name may work in another account.",
        checks=("the zone ids: ``aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailabilityZoneId]'``",),
        fixes=(
            "choose other zones: ``availability_zones=`` of the network",
            "or name other subnets in ``vpc_subnets=``",
        ),
        sources=(SUBNETS_81, Source(NETWORKING)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="security-groups-refused",
        messages=("One or more security group IDs are invalid. Check that the IDs are correct and try again.",),
        subject=("security group IDs are",),
        title="Lambda does not know a security group of the capacity provider, or not yet",
        meaning="Lambda looks at the security groups when the capacity provider is created, and did not find one.",
        cause="The security group or the operator role was created seconds before: users saw this with valid security "
        "groups, and not when they deployed again. Otherwise the id is wrong, or from another Region or account.",
        checks=("``aws ec2 describe-security-groups --query 'SecurityGroups[].[GroupId,VpcId]'``",),
        fixes=("deploy again", "or name security groups of the same VPC in ``security_groups=``"),
        sources=(CDKD_3227, CDKD_3231),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="scaling-policies-refused",
        messages=("A scaling policy can't be specified when the scalingMode is set to Auto",),
        subject=("scaling policy can't", "scalingMode is"),
        title="automatic scaling takes no scaling policies",
        meaning="A capacity provider scales by its own measure, Auto, or by target tracking policies, Manual. Lambda "
        "refuses a policy together with Auto.",
        cause="The ScalingPolicies are there while ScalingMode is Auto. With Terraform an empty list is enough.",
        checks=("ScalingMode and ScalingPolicies of the capacity provider",),
        fixes=("remove the policies, with Terraform ``scaling_policies = null``", "or set the mode to Manual"),
        rules=("LMI310",),
        sources=(LESSONS_LEARNED,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="capacity-provider-in-use",
        messages=(
            "The capacity provider is currently in use by {number} functions. To delete this capacity provider, first "
            "remove its association with {functions}",
        ),
        subject=("capacity provider is", "this capacity provider"),
        title="the capacity provider still has versions",
        meaning="A capacity provider can be deleted only when no version of any function uses it, old numbered "
        "versions included.",
        cause="Versions were retained when the stack was deleted, or functions of another stack use the capacity "
        "provider.",
        checks=("``aws lambda list-function-versions-by-capacity-provider --capacity-provider-name <name>``",),
        fixes=(
            "delete those versions, then the capacity provider",
            "publish with ``ManagedInstanceFunction``: it deletes its old versions",
        ),
        rules=("LMI606",),
        sources=(SERVERLESS, TERRAFORM),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="standard-function",
        messages=("CapacityProviderConfig isn't supported for Lambda Default functions.",),
        subject=("CapacityProviderConfig isn't supported",),
        title="a standard function cannot be moved to Managed Instances",
        meaning="Whether a function runs on Managed Instances is fixed when it is created. CloudFormation's schema "
        "does not say so: CloudFormation tries the update, and it fails.",
        cause="CapacityProviderConfig was added to a function that is already deployed.",
        checks=("whether the function was deployed without a capacity provider",),
        fixes=("define a new function, under another construct id and without the old ``function_name=``",),
        sources=(Source("https://github.com/localstack/localstack/issues/13447"), LOCALSTACK),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="function-without-capacity-provider",
        messages=("The function provided by the arn does not contain a capacity provider configuration",),
        subject=("contain a capacity",),
        title="a standard function has no execution environments to scale",
        meaning="PutFunctionScalingConfig is only for functions on Managed Instances. Lambda reports this as "
        "AccessDeniedException, although it has nothing to do with permissions.",
        cause="FunctionScalingConfig is set without CapacityProviderConfig, or the call names another function.",
        checks=("CapacityProviderConfig: ``aws lambda get-function-configuration --function-name <function>``",),
        fixes=("define the function as ``ManagedInstanceFunction``, or remove the scaling",),
        rules=("LMI607",),
        sources=(Source("https://github.com/go-to-k/cdkd/issues/1616"),),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="CapacityProviderLimitExceededException",
        codes=("CapacityProviderLimitExceededException",),
        title="the account's quota of capacity providers is used up",
        meaning="The account has reached its quota of capacity providers in this Region: 1,000.",
        cause="Each function has its own capacity provider, or test stacks were left behind.",
        checks=("``aws lambda list-capacity-providers``",),
        fixes=(
            "share one capacity provider among functions: ``capacity_provider=``",
            "delete capacity providers that have no versions",
        ),
        rules=("LMI415",),
        sources=(QUOTAS,),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="FunctionVersionsPerCapacityProviderLimitExceededException",
        codes=("FunctionVersionsPerCapacityProviderLimitExceededException",),
        title="the capacity provider has reached its maximum number of versions",
        meaning="A capacity provider can have up to 100 versions, counted over all its functions.",
        cause="Old versions were retained.",
        checks=("``aws lambda list-function-versions-by-capacity-provider --capacity-provider-name <name>``",),
        fixes=(
            "delete old versions; ``ManagedInstanceFunction`` deletes its own",
            "or use another capacity provider: ``capacity_provider=``",
        ),
        rules=("LMI421", "LMI606"),
        sources=(QUOTAS,),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="AlreadyExists",
        codes=("AlreadyExists",),
        messages=("Resource of type '{type}' with identifier '{name}' already exists.",),
        subject=("already exists",),
        title="a resource with this name already exists",
        meaning="CloudFormation tried to create a resource, of any type, whose name is taken. It also creates the "
        "replacement of a resource before it deletes the old one, which a fixed name makes impossible.",
        cause="Two stacks give a resource the same name, a change replaces a resource with a fixed name, such as a "
        "capacity provider with a capacity_provider_name, or the resource was left behind: a log group, for example, "
        "can remain when its stack is deleted.",
        checks=(
            "the type and the name of the resource in the message",
            "the stack that has it: ``aws cloudformation describe-stack-resources --physical-resource-id <name>``",
            "for a capacity provider: ``aws lambda list-capacity-providers``",
        ),
        fixes=(
            "leave out the name of the resource, so that CloudFormation generates one; for a capacity provider that is "
            "``capacity_provider_name=``",
            "or delete what was left behind, or give the resource another name",
        ),
        rules=("LMI411",),
        sources=(
            LOG_GROUP_EXISTS,
            Source("https://github.com/ran-isenberg/aws-lambda-handler-cookbook/pull/1044"),
        ),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="ResourceConflictException",
        codes=("ResourceConflictException",),
        has_shared_codes=True,
        title="another change is in progress, the version has failed, or what is to be created exists",
        meaning="The message after the code says which. Lambda accepts one change at a time. The scaling of a version "
        "can be set only when the version is stable, and never after it has failed.",
        cause="PutFunctionScalingConfig was called while the version was Pending or Failed.",
        checks=("the message: run cdk-lmi explain on it", REASON),
        fixes=("wait for Active, and try again", "if the version is Failed, publish another"),
        sources=(TERRAFORM, Source(f"{API}/API_PutFunctionScalingConfig.html")),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="InvalidParameterValueException",
        codes=("InvalidParameterValueException", "InvalidParameterValue", "InvalidRequest"),
        title="Lambda, or another service, refused a value",
        meaning="The message after the code says which value, and of what. For a capacity provider with a new operator "
        "role, it means that IAM has not propagated the role yet.",
        cause="A value is out of range, or IAM needs a few seconds to propagate a new role.",
        checks=("the message: run cdk-lmi explain on it", "all rules at once: ``cdk-lmi check cdk.out``"),
        fixes=(
            "fix what the message or the rules report",
            "for a new role: try again; the capacity provider must depend on the policies of ``operator_role=``",
        ),
        sources=(TERRAFORM,),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
)
