"""Codes that AWS gives for the state of functions, versions and capacity providers.

``State``, ``StateReasonCode``, ``LastUpdateStatus``, ``LastUpdateStatusReasonCode`` and ``CapacityProviderState`` are
as botocore 1.44.8 has them (read 2026-11-24). For most of the reasons AWS has a name and no description.
"""

from __future__ import annotations

from ..rules.limits import (
    CAPACITY_PROVIDERS,
    EXECUTION_ENVIRONMENT,
    GUIDE,
    MANAGED_INSTANCES,
    NETWORKING,
    PYTHON_RUNTIME,
    RUNTIMES,
    SCALING,
    SECURITY,
    TROUBLESHOOTING,
    VERSIONS,
)
from .failure import Basis, Failure, Source

#: The model of Lambda's API that lists the codes, as botocore 1.44.8 carries it.
CODES = Source("https://github.com/boto/botocore/blob/develop/botocore/data/lambda/2015-03-31/service-2.json")
GPU_SCALING = Source(f"{GUIDE}/lambda-managed-instances-gpu-scaling.html")
#: EC2's own text, as a user of EC2 had it.
TIBANNA_267 = Source("https://github.com/4dn-dcic/tibanna/issues/267", "2026-11-27")
#: What EC2 says where the key of a volume may not be used.
KMS_LAUNCH = Source("https://repost.aws/knowledge-center/kms-iam-ec2-permission", "2026-11-27")
POWERTOOLS_5735 = Source("https://github.com/aws-powertools/powertools-lambda-typescript/issues/5735")
DURABLE_SDK_495 = Source("https://github.com/aws/aws-durable-execution-sdk-js/issues/495")
COOKBOOK = Source(
    "https://github.com/ran-isenberg/aws-lambda-handler-cookbook/blob/main/docs/best_practices/managed_instances.md"
)

SYSTEM_LOG = (
    "the capacity provider's system log: log group ``/aws/lambda/capacity-provider/<name>``, stream "
    "``<name>/managed-instances``. Launches that failed are told there and nowhere else"
)
REASON = (
    "what Lambda says of the version: ``aws lambda get-function-configuration --function-name <function> --qualifier "
    '<version> --query "[State,StateReasonCode,StateReason]"``'
)
PROVIDER = "the capacity provider: ``aws lambda get-capacity-provider --capacity-provider-name <name>``"
FUNCTION_LOG = "the log group of the function: what the code wrote before it ended"
MEASURE = "how much the code takes: ``cdk-lmi fit <file>:<handler> --event <event>.json`` measures it on this machine"
AWS_SIDE = "AWS Health and, if it goes on, AWS Support, with the request id"


_CAPACITY = (
    Failure(
        id="CapacityProviderScalingLimitExceeded",
        codes=("CapacityProviderScalingLimitExceeded",),
        messages=(
            "MinimumExecutionEnvironments can't be provisioned because CapacityProvider has reached maxVCpuCount "
            "limit. Increase maxVCpuCount",
        ),
        title="the capacity provider has no vCPUs left for the minimum of execution environments",
        meaning="Publishing starts every minimum execution environment. The instances that they need come to more "
        "vCPUs than the capacity provider may have, so the version fails. A version that has failed stays so.",
        cause="The max_v_cpu_count is too small. Lambda launches whole instances of its own choice, three by default, "
        "and a rollout, or $LATEST.PUBLISHED beside a version, holds a second fleet in the meantime.",
        checks=(
            SYSTEM_LOG,
            "the sum over all versions on the capacity provider, old ones too: environments x vCPUs each. ``aws lambda "
            "list-function-versions-by-capacity-provider --capacity-provider-name <name>`` lists them",
            "metric vCPUAllocated of the capacity provider",
        ),
        fixes=(
            "raise ``max_v_cpu_count=`` of the capacity provider, and publish again",
            "or lower ``min_execution_environments=`` of the function",
            "delete old versions: each keeps its minimum running",
        ),
        rules=("LMI306", "LMI307", "LMI309", "LMI603", "LMI606"),
        sources=(Source(CAPACITY_PROVIDERS), DURABLE_SDK_495, POWERTOOLS_5735),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="failed-to-launch",
        messages=(
            "Failed to launch {type} instance in {zone}: {reason}",
            "Failed to launch m9g.xlarge instance in eu-west-1a: Internal error - the system will retry",
        ),
        subject=("launch", "retry"),
        title="an instance could not be launched, for the reason behind the colon",
        meaning="The system log tells like this of launches that failed, whatever they failed of. The reason is what "
        "stands behind the colon.",
        cause="What EC2 or Lambda says behind the colon. An internal error was reported where max_v_cpu_count left no "
        "room for another whole instance; it may as well pass.",
        checks=(
            "the reason: explain all of the line, or what is behind the colon",
            "metric vCPUAllocated of the capacity provider against its max_v_cpu_count",
            REASON,
        ),
        fixes=("mend what the reason says", "of an internal error: raise ``max_v_cpu_count=``, or wait"),
        rules=("LMI306", "LMI307"),
        sources=(POWERTOOLS_5735,),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="VcpuLimitExceeded",
        codes=("VcpuLimitExceeded",),
        launch_codes=("InstanceLimitExceeded",),
        messages=(
            "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket "
            "that the specified instance type belongs to.",
        ),
        title="the account may run no more vCPUs of EC2",
        meaning="Lambda could not launch instances, because the account's EC2 quota of running On-Demand vCPUs in this "
        "Region is used up. It is not max_v_cpu_count: the quota counts all that the account runs.",
        cause="A new account, or much else that runs on EC2 in the same Region.",
        checks=(
            "Service Quotas, Amazon EC2: running On-Demand Standard instances, in vCPUs",
            SYSTEM_LOG,
        ),
        fixes=(
            "ask for a higher quota, then publish again",
            "or lower ``min_execution_environments=``, or share one capacity provider among functions with "
            "``capacity_provider=``",
        ),
        rules=("LMI415",),
        sources=(CODES, Source(f"{GUIDE}/lambda-managed-instances-quotas.html"), TIBANNA_267),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="InsufficientCapacity",
        codes=("InsufficientCapacity", "InsufficientInstanceCapacity"),
        launch_codes=("InsufficientHostCapacity", "Unsupported"),
        title="EC2 has none of the allowed instances in these Availability Zones",
        meaning="Lambda asked EC2 for instances of the types that the capacity provider allows, and EC2 had none.",
        cause="The instance types are few, or the subnets are in few Availability Zones. It may pass.",
        checks=(SYSTEM_LOG, "which Availability Zones the subnets are in, and which instance types are allowed"),
        fixes=(
            "allow more types: leave out ``instance_type_filter=``, or widen it",
            "use more zones: ``max_azs=3`` of the network, or more subnets in ``vpc_subnets=``",
            "publish again later",
        ),
        rules=("LMI403", "LMI407", "LMI410"),
        sources=(CODES, Source(CAPACITY_PROVIDERS)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="EC2RequestLimitExceeded",
        codes=("EC2RequestLimitExceeded", "EC2ThrottledException"),
        launch_codes=("RequestLimitExceeded",),
        title="EC2 throttled Lambda's requests",
        meaning="Lambda called the EC2 API for the account more often than that allows for the moment.",
        cause="Many functions published at once, or much other use of the EC2 API in the account and Region.",
        checks=(SYSTEM_LOG, "CloudTrail for RequestLimitExceeded of other callers"),
        fixes=("publish again after some minutes", "publish functions one after the other"),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="ServiceQuotaExceededException",
        codes=("ServiceQuotaExceededException",),
        launch_codes=("VolumeLimitExceeded", "MaxIOPSLimitExceeded"),
        title="a quota of the account is used up",
        meaning="The request goes beyond a quota of Lambda, or of a service that Lambda uses for the account.",
        cause="EC2 vCPUs, EBS volumes, network interfaces or Lambda's own quotas; the message says which.",
        checks=(REASON, SYSTEM_LOG, "Service Quotas for AWS Lambda, Amazon EC2 and Amazon EBS"),
        fixes=("ask for a higher quota", "or lower ``min_execution_environments=``"),
        sources=(CODES, Source(f"{GUIDE}/lambda-managed-instances-quotas.html")),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="IncompatibleAcceleratorInstanceTypes",
        codes=("IncompatibleAcceleratorInstanceTypes",),
        title="the allowed instances have no accelerator that the function asks for",
        meaning="The function has AcceleratorConfig, and no instance type that the capacity provider allows has as "
        "much accelerator memory.",
        cause="The instance_type_filter names types without GPUs, or leaves out those with.",
        checks=("AcceleratorConfig of the function, and the instance types of the capacity provider", SYSTEM_LOG),
        fixes=(
            "allow GPU instance types in ``instance_type_filter=``",
            "use a capacity provider of x86_64, ``architecture=``",
        ),
        rules=("LMI407", "LMI408"),
        sources=(CODES, GPU_SCALING),
        basis=Basis.INFERRED,
    ),
)

_CODE_OF_THE_FUNCTION = (
    Failure(
        id="FunctionError.InitResourceExhausted",
        codes=("FunctionError.InitResourceExhausted",),
        title="initialisation ran out of memory or of storage",
        meaning="One of the minimum execution environments ran out of memory, or of room under /tmp, while it was "
        "initialised. That fails the publish, and the rollback as well if it publishes the same.",
        cause="In Python each concurrent invocation is a process that imports everything for itself: memory is "
        "concurrency x process.",
        checks=(MEASURE, FUNCTION_LOG, REASON),
        fixes=(
            "raise ``memory_size=``",
            "or lower ``per_execution_environment_max_concurrency=``",
            "or raise ``ephemeral_storage_size=``, if it was /tmp",
            "import less at the top of the module",
        ),
        rules=("LMI107", "LMI203"),
        sources=(COOKBOOK, Source(PYTHON_RUNTIME)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="FunctionError.InitTimeout",
        codes=("FunctionError.InitTimeout",),
        title="initialisation took too long",
        meaning="The code did not get through its initialisation in the time that it has: 130 s, or the timeout of the "
        "function where that is longer, up to 900 s.",
        cause="The code waits at import for something that does not answer: mostly a service that the instances cannot "
        "reach.",
        checks=(
            "what the instances reach: ``cdk-lmi check cdk.out`` and ``cdk-lmi diagram cdk.out``",
            FUNCTION_LOG,
            MEASURE,
        ),
        fixes=(
            "give the network what is missing: grant the function what it calls, so that the endpoint is added",
            "make connections at the first invocation, with a timeout of their own",
            "or raise ``timeout=``",
        ),
        rules=("LMI501", "LMI502", "LMI503", "LMI504", "LMI505"),
        sources=(CODES, Source(EXECUTION_ENVIRONMENT)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.RuntimeInitError",
        codes=("FunctionError.RuntimeInitError",),
        title="the code failed while it was initialised",
        meaning="Importing the handler, or what stands outside of it, raised an error or ended the process.",
        cause="A module that is missing or built for the other architecture, a handler that is not where handler= "
        "says, or an error in code at the top of the module.",
        checks=(FUNCTION_LOG, MEASURE),
        fixes=(
            "correct ``handler=``, or what is packaged in ``code=``",
            "build for the function's ``architecture=``",
        ),
        rules=("LMI405",),
        sources=(CODES, Source(EXECUTION_ENVIRONMENT)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.ExtensionInitError",
        codes=("FunctionError.ExtensionInitError",),
        title="an extension failed while it was initialised",
        meaning="An extension in a layer or in the image ended, or reported an error, before the function was ready.",
        cause="An extension that subscribes to INVOKE events or to the Logs API, neither of which there is on Managed "
        "Instances; or one built for the other architecture.",
        checks=(FUNCTION_LOG, "the release notes of the extension for Managed Instances"),
        fixes=("use a release of the extension that knows Managed Instances", "or leave it out of ``layers=``"),
        sources=(CODES, Source(EXECUTION_ENVIRONMENT)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.TooManyExtensions",
        codes=("FunctionError.TooManyExtensions",),
        title="there are more extensions than Lambda runs",
        meaning="The layers or the image bring more extensions than an execution environment may have.",
        cause="Layers that each bring extensions.",
        checks=("what is in ``/opt/extensions`` of the layers together",),
        fixes=("leave layers out of ``layers=``",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.InvalidEntryPoint",
        codes=("FunctionError.InvalidEntryPoint",),
        title="the image's entry point cannot be run",
        meaning="Lambda could not start what ENTRYPOINT of the image names.",
        cause="The file is not there, is not for this architecture, or needs a loader that the image lacks.",
        checks=("ENTRYPOINT and CMD of the image: ``docker inspect <image>``", FUNCTION_LOG),
        fixes=("correct ENTRYPOINT of the image", "build it for the function's ``architecture=``"),
        rules=("LMI405",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.InvalidWorkingDirectory",
        codes=("FunctionError.InvalidWorkingDirectory",),
        title="the image's working directory is not there",
        meaning="Lambda could not change to what WORKDIR of the image, or the function's image configuration, names.",
        cause="A WORKDIR that is not in the image, or is not absolute.",
        checks=("WORKDIR of the image: ``docker inspect <image>``",),
        fixes=("correct WORKDIR of the image, or the working directory that the function overrides it with",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.PermissionDenied",
        codes=("FunctionError.PermissionDenied",),
        title="the function's files may not be read or run",
        meaning="Lambda's user may not read or run a file that starting the function needs.",
        cause="Files packaged without permission to read for all, or a bootstrap without permission to run.",
        checks=("permissions in the package: files 644, directories and programs 755", FUNCTION_LOG),
        fixes=("set the permissions before packaging ``code=``",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError",
        codes=("FunctionError",),
        title="the code of the function failed",
        meaning="What failed is the code, or what was packaged with it, and not the network or the instances.",
        cause="An error in initialisation; the code behind the dot says more where there is one.",
        checks=(REASON, FUNCTION_LOG, MEASURE),
        fixes=("mend the code, or what is packaged in ``code=``, and publish again",),
        sources=(CODES,),
        basis=Basis.INFERRED,
        is_vague=True,
    ),
    Failure(
        id="InvalidRuntime",
        codes=("InvalidRuntime", "InvalidRuntimeException"),
        messages=("Runtime Enum {runtime} does not support specified feature: Lambda Managed Instances",),
        title="the runtime does not run on Managed Instances",
        meaning="Lambda does not run this runtime identifier on Managed Instances.",
        cause="Managed Instances take Python 3.13, Node.js 22, Java 21, .NET 8 and newer, and provided.al2023 for "
        "Rust.",
        checks=("the runtime of the function",),
        fixes=("choose a newer ``runtime=``, such as ``runtime=lambda_.Runtime.PYTHON_3_14``",),
        rules=("LMI701",),
        sources=(
            Source(RUNTIMES),
            Source("https://github.com/localstack/localstack/tree/main/localstack-core/localstack/services/lambda_"),
        ),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="InvalidZipFileException",
        codes=("InvalidZipFileException",),
        title="the deployment package cannot be unzipped",
        meaning="Lambda could not unzip the deployment package.",
        cause="A package that is no zip file, is broken, or uses what Lambda's unzip does not know.",
        checks=("the package: ``unzip -t <file>``",),
        fixes=("build ``code=`` anew",),
        sources=(CODES,),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="ImageDeleted",
        codes=("ImageDeleted",),
        title="the container image is gone from its repository",
        meaning="The image that the function was made from is not in Amazon ECR any more.",
        cause="A lifecycle policy of the repository removed it, or somebody did.",
        checks=("the repository: ``aws ecr describe-images``, and its lifecycle policy",),
        fixes=("push the image again and deploy with it, and let the lifecycle policy keep images in use",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="ImageAccessDenied",
        codes=("ImageAccessDenied",),
        title="Lambda may not read the container image",
        meaning="Lambda was refused the image in Amazon ECR.",
        cause="The policy of the repository, or that of a key it is encrypted with, does not let Lambda read; in "
        "another account it must let that account in as well.",
        checks=("the policy of the repository and of its key",),
        fixes=("let lambda.amazonaws.com call ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="InvalidImage",
        codes=("InvalidImage",),
        title="the container image cannot be used",
        meaning="Lambda read the image and cannot run it.",
        cause="An image for another or for several architectures, or with layers in a format that Lambda does not "
        "know.",
        checks=("architecture and media type of the image: ``docker manifest inspect <image>``",),
        fixes=("build for one platform, the function's ``architecture=``, and without provenance attestations",),
        rules=("LMI405",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
)

_NETWORK = (
    Failure(
        id="SubnetOutOfIPAddresses",
        codes=(
            "SubnetOutOfIPAddresses",
            "SubnetIPAddressLimitReachedException",
            "InsufficientFreeAddressesInSubnet",
        ),
        title="a subnet has no free IP addresses",
        meaning="An instance needs an address in a subnet of the capacity provider, and there is none left.",
        cause="Small subnets, or much else in them: interface endpoints take one address in each subnet too.",
        checks=("free addresses: ``aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailableIpAddressCount]'``",),
        fixes=(
            "use larger subnets: ``ip_addresses=`` of the network, or other ones in ``vpc_subnets=``",
            "subnets of a capacity provider cannot be changed: CloudFormation replaces it",
        ),
        sources=(CODES, Source(f"{GUIDE}/lambda-managed-instances-quotas.html")),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="InvalidSubnet",
        codes=("InvalidSubnet", "InvalidSubnetIDException", "SubnetNotFound", "InvalidSubnetID.NotFound"),
        title="a subnet is not there, or cannot be used",
        meaning="A subnet of the capacity provider does not exist in this account and Region, or is in an Availability "
        "Zone that Managed Instances are not in.",
        cause="The id of another Region or account, a subnet that was deleted, or a zone that is refused. Names of "
        "zones stand for different places in each account: compare zone ids.",
        checks=("``aws ec2 describe-subnets --query 'Subnets[].[SubnetId,VpcId,AvailabilityZoneId]'``", PROVIDER),
        fixes=(
            "name other subnets in ``vpc_subnets=``, all of one VPC",
            "or other zones: ``availability_zones=`` of the network",
        ),
        rules=("LMI401",),
        sources=(CODES, Source(NETWORKING)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="InvalidSecurityGroup",
        codes=("InvalidSecurityGroup", "InvalidSecurityGroupIDException", "InvalidGroup.NotFound"),
        title="a security group is not there, or is of another VPC",
        meaning="A security group of the capacity provider does not exist, or is not of the VPC of its subnets.",
        cause="An id of another VPC, or a group that was deleted.",
        checks=("``aws ec2 describe-security-groups --query 'SecurityGroups[].[GroupId,VpcId]'``", PROVIDER),
        fixes=("name groups of the same VPC in ``security_groups=``",),
        rules=("LMI402",),
        sources=(CODES, Source(NETWORKING)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="EniLimitExceeded",
        codes=("EniLimitExceeded", "ENILimitReachedException"),
        launch_codes=("NetworkInterfaceLimitExceeded",),
        title="the account may have no more network interfaces",
        meaning="An instance needs a network interface, and the quota of the account in this Region is used up.",
        cause="Much else in the account's VPCs.",
        checks=("Service Quotas, Amazon VPC: network interfaces per Region",),
        fixes=("ask for a higher quota, then publish again",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="DisallowedByVpcEncryptionControl",
        codes=("DisallowedByVpcEncryptionControl",),
        title="the VPC enforces encryption in transit, and refuses",
        meaning="VPC Encryption Controls of the VPC are in enforce mode, and what was to be made does not comply.",
        cause="Instance types that do not encrypt between instances, or a resource that the controls refuse.",
        checks=("``aws ec2 describe-vpc-encryption-controls``", SYSTEM_LOG),
        fixes=(
            "allow only types that encrypt in transit, in ``instance_type_filter=``",
            "or exclude the resource from the control, or use another ``vpc=``",
        ),
        sources=(CODES, Source(f"{GUIDE}/lambda-managed-instances-operator-role.html")),
        basis=Basis.INFERRED,
    ),
)

_ROLES_AND_KEYS = (
    Failure(
        id="InsufficientRolePermissions",
        codes=("InsufficientRolePermissions", "EC2AccessDeniedException"),
        launch_codes=("UnauthorizedOperation", "AccessDenied", "AccessDeniedException"),
        title="the operator role may not do what Lambda needs",
        meaning="Lambda launches instances with the operator role of the capacity provider, and that was refused.",
        cause="The role lacks AWSLambdaManagedEC2ResourceOperator, does not trust lambda.amazonaws.com, or a boundary "
        "or service control policy forbids it.",
        checks=(
            "CloudTrail for AccessDenied of the operator role",
            SYSTEM_LOG,
            "the policies of the role: ``aws iam list-attached-role-policies --role-name <role>``",
        ),
        fixes=(
            "leave out ``operator_role=``: the construct makes one",
            "or attach arn:aws:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator to yours",
        ),
        rules=("LMI414",),
        sources=(CODES, Source(f"{GUIDE}/lambda-managed-instances-operator-role.html")),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="KMSKeyAccessDenied",
        codes=("KMSKeyAccessDenied", "KMSAccessDeniedException", "Client.InternalError"),
        title="the key may not be used",
        meaning="AWS KMS refused a key: that of the environment variables, or that of the instances' volumes.",
        cause="The policy of the key, or of the role, leaves out an action. The operator role needs kms:CreateGrant "
        "among others.",
        checks=("CloudTrail for AccessDenied of kms.amazonaws.com", "the policy of the key"),
        fixes=(
            "let the operator role use the key of ``kms_key=``: kms:Encrypt, kms:Decrypt, kms:GenerateDataKey*, "
            "kms:DescribeKey, kms:CreateGrant",
            "let the function's role decrypt with the key of ``environment_encryption=``",
        ),
        rules=("LMI414",),
        sources=(CODES, Source(SECURITY), KMS_LAUNCH),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="KMSKeyNotFound",
        codes=("KMSKeyNotFound", "KMSNotFoundException"),
        title="the key is not there",
        meaning="A key that the function or the capacity provider names does not exist in this Region.",
        cause="A key of another Region or account, or one that was deleted.",
        checks=("``aws kms describe-key --key-id <key>``",),
        fixes=("name another key in ``kms_key=`` or ``environment_encryption=``",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="InvalidStateKMSKey",
        codes=("InvalidStateKMSKey", "KMSInvalidStateException", "InvalidKMSKey.InvalidState"),
        title="the key is in a state in which it cannot be used",
        meaning="The key exists and cannot be used now.",
        cause="It waits for its deletion, or for key material to be imported.",
        checks=("``aws kms describe-key --key-id <key> --query KeyMetadata.KeyState``",),
        fixes=("cancel the deletion of the key", "or name another in ``kms_key=`` or ``environment_encryption=``"),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="DisabledKMSKey",
        codes=("DisabledKMSKey", "KMSDisabledException"),
        title="the key is disabled",
        meaning="A key that the function or the capacity provider names is turned off.",
        cause="Somebody disabled it.",
        checks=("``aws kms describe-key --key-id <key> --query KeyMetadata.KeyState``",),
        fixes=("enable the key: ``aws kms enable-key --key-id <key>``",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
)


def _file_system(id: str, title: str, cause: str, *exceptions: str) -> Failure:
    """Give the failure of a file system, which Managed Instances do not mount."""
    return Failure(
        id=id,
        codes=(id, *exceptions),
        title=title,
        meaning="It is about a file system that a function mounts. Functions on Managed Instances mount none, so this "
        "is of a standard function, or of a configuration that is refused.",
        cause=cause,
        checks=("FileSystemConfigs of the function",),
        fixes=(
            "on Managed Instances: leave out the file system, and use Amazon S3 or ``ephemeral_storage_size=``",
            "on standard Lambda: see the Lambda guide on file systems",
        ),
        rules=("LMI703",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    )


_FILE_SYSTEMS = (
    _file_system("EFSIOError", "a file system failed to read or write", "The file system itself.", "EFSIOException"),
    _file_system(
        "EFSMountConnectivityError",
        "a file system cannot be reached",
        "A security group that does not admit TCP 2049, or no mount target in the zone.",
        "EFSMountConnectivityException",
    ),
    _file_system(
        "EFSMountFailure",
        "a file system cannot be mounted",
        "Permissions of the access point or of the role.",
        "EFSMountFailureException",
    ),
    _file_system(
        "EFSMountTimeout",
        "mounting a file system took too long",
        "A file system under load, or a connection that is let through one way only.",
        "EFSMountTimeoutException",
    ),
)

_OTHER_REASONS = (
    Failure(
        id="InvalidConfiguration",
        codes=("InvalidConfiguration",),
        title="settings do not fit each other or the service",
        meaning="Lambda took the configuration and found out later that it cannot run it.",
        cause="Numbers that do not fit each other, or something that Managed Instances do not take.",
        checks=(REASON, "all rules at once: ``cdk-lmi check cdk.out``", SYSTEM_LOG),
        fixes=("mend what the rules find",),
        sources=(CODES,),
        basis=Basis.INFERRED,
        is_vague=True,
    ),
    Failure(
        id="InternalError",
        codes=("InternalError", "ServiceException"),
        has_common_codes=True,
        messages=("Internal error occurred during publishing",),
        title="something failed within AWS, or is not told",
        meaning="Publishing failed and no reason is given.",
        cause="Mostly permissions or network: whoever deploys may not pass the capacity provider, which must be "
        "Active, or the VPC is not as it must be.",
        checks=(PROVIDER, SYSTEM_LOG, "CloudTrail for AccessDenied of who deploys", AWS_SIDE),
        fixes=(
            "allow whoever deploys lambda:PassCapacityProvider on the capacity provider",
            "publish again once the capacity provider is Active",
        ),
        sources=(Source(TROUBLESHOOTING),),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="DependencyError",
        codes=("DependencyError",),
        title="something that Lambda depends on failed",
        meaning="Another service, or another resource of the account that Lambda needs here, failed or is missing.",
        cause="Mostly what passes; else a role, key, subnet or image that is gone.",
        checks=(REASON, SYSTEM_LOG, AWS_SIDE),
        fixes=("publish again",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="DrainingDurableExecutions",
        codes=("DrainingDurableExecutions",),
        title="durable executions are still running to their end",
        meaning="The version is going away, and waits for durable executions that began on it.",
        cause="It was deleted or deactivated while executions were under way.",
        checks=("``aws lambda list-durable-executions-by-function --function-name <function>``",),
        fixes=("wait, or stop the executions",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="Idle",
        codes=("Idle",),
        title="the function was not called for long, and gave up its resources",
        meaning="A standard function in a VPC that nobody calls becomes Inactive. Managed Instances keep their minimum "
        "of execution environments, whoever calls.",
        cause="Nobody called it.",
        checks=(REASON,),
        fixes=("call it again after a while",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="Creating",
        codes=("Creating",),
        title="it is being made",
        meaning="Instances are launched and execution environments initialised. That takes minutes, and is no failure.",
        cause="It was just published or made.",
        checks=(REASON, SYSTEM_LOG),
        fixes=("wait: from one to five minutes were seen. CloudFormation waits for up to three hours",),
        sources=(CODES, Source(VERSIONS)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="Restoring",
        codes=("Restoring",),
        title="its resources are being made again",
        meaning="It was inactive, somebody called it, and it is on its way back.",
        cause="It was called again.",
        checks=(REASON,),
        fixes=("wait, and call again",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
)

#: One for each code that says why.
REASONS = (*_CAPACITY, *_CODE_OF_THE_FUNCTION, *_NETWORK, *_ROLES_AND_KEYS, *_FILE_SYSTEMS, *_OTHER_REASONS)


def _state(
    id: str, title: str, meaning: str, cause: str, fix: str, *sources: Source, basis: Basis = Basis.DOCUMENTED
) -> Failure:
    return Failure(
        id=id,
        codes=(id,),
        title=title,
        meaning=meaning,
        cause=cause,
        checks=(REASON, PROVIDER, SYSTEM_LOG),
        fixes=(fix,),
        sources=(CODES, *sources),
        basis=basis,
        is_vague=True,
    )


#: One for each state of a function, a version or a capacity provider.
STATES = (
    _state(
        "Pending",
        "it is being made",
        "Nothing serves yet. A version is Pending until its minimum of execution environments is up, a capacity "
        "provider until its role and network were looked at.",
        "It was just made or published.",
        "wait; if it does not end, StateReason and the system log tell why",
        Source(VERSIONS),
    ),
    _state(
        "Active",
        "it is ready",
        "A version that is Active serves, a capacity provider that is Active takes functions. It is no failure.",
        "Everything is up.",
        "nothing to mend; where calls fail still, explain what they answer",
        Source(VERSIONS),
    ),
    _state(
        "Inactive",
        "it gave up its resources",
        "Nothing serves. On Managed Instances a version ends up Deactivated instead.",
        "Nobody called a standard function for long.",
        "call it again after a while",
        basis=Basis.INFERRED,
    ),
    _state(
        "Failed",
        "it could not be made",
        "Nothing serves. A version that has failed stays so: another must be published.",
        "StateReasonCode says it.",
        "explain the StateReasonCode, mend what it says, and publish again",
        Source(TROUBLESHOOTING),
        basis=Basis.REPORTED,
    ),
    _state(
        "Deactivating",
        "its execution environments are being taken down",
        "Both bounds of the version were set to 0, and its instances go.",
        "Somebody set ``min_execution_environments=0`` and ``max_execution_environments=0``, or a schedule did.",
        "wait until it is Deactivated, then set both bounds to what it needs",
        Source(SCALING),
    ),
    _state(
        "Deactivated",
        "it was scaled to nothing",
        "The version has no execution environments, and nobody is served until it is scaled again.",
        "Somebody set ``min_execution_environments=0`` and ``max_execution_environments=0``, or a schedule did.",
        "set ``min_execution_environments=`` and ``max_execution_environments=`` above 0; waking takes minutes",
        Source(SCALING),
    ),
    _state(
        "ActiveNonInvocable",
        "it is ready, and cannot be called",
        "This is $LATEST of a function on Managed Instances, which never serves: only published versions do.",
        "It is as it must be.",
        "call an alias or a version: ``function.alias`` of the construct",
        Source(VERSIONS),
    ),
    _state(
        "Deleting",
        "it is being deleted",
        "It is on its way out. A capacity provider waits until its instances are gone.",
        "Somebody deleted it.",
        "wait; a capacity provider cannot go while a version is on it",
        Source(CAPACITY_PROVIDERS),
        Source(MANAGED_INSTANCES),
    ),
    _state(
        "Successful",
        "the last update went through",
        "What was changed last of the function is in force. It is no failure.",
        "The update is done.",
        "nothing to mend",
        basis=Basis.INFERRED,
    ),
    _state(
        "InProgress",
        "an update is under way",
        "Until it is through, the function is as it was before, and other updates are refused.",
        "It was just changed.",
        "wait, then look again",
        basis=Basis.INFERRED,
    ),
)
