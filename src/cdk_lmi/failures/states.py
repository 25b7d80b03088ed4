"""The codes that AWS uses for the state of functions, versions and capacity providers.

``State``, ``StateReasonCode``, ``LastUpdateStatus``, ``LastUpdateStatusReasonCode`` and ``CapacityProviderState`` are
taken from botocore 1.44.8 (read 2026-11-24). AWS names most of the reasons but does not describe them.
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
from .sources import COOKBOOK, DURABLE_SDK_495, POWERTOOLS_5735

#: The model of Lambda's API that lists the codes, as botocore 1.44.8 carries it.
CODES = Source("https://github.com/boto/botocore/blob/develop/botocore/data/lambda/2015-03-31/service-2.json")
GPU_SCALING = Source(f"{GUIDE}/lambda-managed-instances-gpu-scaling.html")
#: EC2's own message, as a user of EC2 quotes it.
TIBANNA_267 = Source("https://github.com/4dn-dcic/tibanna/issues/267", "2026-11-27")
#: What EC2 says when it has no permission to use the key of a volume.
KMS_LAUNCH = Source("https://repost.aws/knowledge-center/kms-iam-ec2-permission", "2026-11-27")
RUNS_ON_5 = Source("https://github.com/runs-on/runs-on/issues/5", "2026-11-28")
#: What Lambda says when it cannot decrypt the environment variables, as users quote it, and what they found.
AZUL_4200 = Source("https://github.com/DataBiosphere/azul/issues/4200", "2026-11-28")
EXAMPLES_279 = Source("https://github.com/serverless/examples/issues/279", "2026-11-28")

SYSTEM_LOG = (
    "the capacity provider's system log: log group ``/aws/lambda/capacity-provider/<name>``, stream "
    "``<name>/managed-instances``. Failed launches are logged there and nowhere else"
)
REASON = (
    "the state of the version: ``aws lambda get-function-configuration --function-name <function> --qualifier "
    '<version> --query "[State,StateReasonCode,StateReason]"``. A rollback deletes it; after ``npx aws-cdk deploy '
    "--no-rollback`` it is there to ask"
)
PROVIDER = "the capacity provider: ``aws lambda get-capacity-provider --capacity-provider-name <name>``"
FUNCTION_LOG = "the log group of the function: what the code logged before it ended"
MEASURE = (
    "the memory that the code needs: ``cdk-lmi fit <module>:<function> --event <event>.json --task-root <folder>`` "
    "measures it on this machine"
)
AWS_SIDE = "AWS Health and, if the error persists, AWS Support, with the request id"


_CAPACITY = (
    Failure(
        id="CapacityProviderScalingLimitExceeded",
        codes=("CapacityProviderScalingLimitExceeded",),
        messages=(
            "MinimumExecutionEnvironments can't be provisioned because CapacityProvider has reached maxVCpuCount "
            "limit. Increase maxVCpuCount",
        ),
        title="the capacity provider has too few vCPUs for the minimum number of execution environments",
        meaning="Publishing a version starts its minimum number of execution environments. The instances that hold "
        "them need more vCPUs than the capacity provider may have, so the version fails. A failed version stays "
        "failed.",
        cause="The max_v_cpu_count is too small. Lambda chooses the instance size and launches whole instances, three "
        "by default. Every deployment of a new version, and $LATEST.PUBLISHED beside a version, runs two fleets at "
        "once.",
        checks=(
            SYSTEM_LOG,
            "the sum of execution environments x vCPUs over all versions on the capacity provider, old ones included. "
            "``aws lambda list-function-versions-by-capacity-provider --capacity-provider-name <name>`` lists them",
            "the vCPUAllocated metric of the capacity provider",
        ),
        fixes=(
            "raise ``max_v_cpu_count=`` of the capacity provider, and publish again",
            "if the first publish on a capacity provider failed, and a higher maximum changes nothing: use a new one, "
            "under another construct id and with the higher maximum. One user reports that nothing else helped",
            "or lower ``min_execution_environments=`` of the function",
            "delete old versions: each keeps its own minimum running",
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
        subject=("Failed to launch", "Internal error - the system"),
        title="an instance failed to launch, for the reason given after the colon",
        meaning="The system log records every failed launch in this form. The text after the colon is the reason.",
        cause="The text that EC2 or Lambda gives after the colon. Internal errors were reported where max_v_cpu_count "
        "left no room for another whole instance. They may also go away on their own.",
        checks=(
            "the reason: run cdk-lmi explain on the whole line, or on the text after the colon",
            "the vCPUAllocated metric of the capacity provider against its max_v_cpu_count",
            REASON,
        ),
        fixes=("fix the cause that the reason names", "for an internal error: raise ``max_v_cpu_count=``, or wait"),
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
        title="the account's EC2 vCPU quota is used up",
        meaning="Lambda could not launch instances because the account's EC2 quota for running On-Demand vCPUs in "
        "this Region is used up. This is not max_v_cpu_count: the quota counts everything that the account runs.",
        cause="The account is new, or many other EC2 instances run in the same Region.",
        checks=("Service Quotas, Amazon EC2: running On-Demand Standard instances, in vCPUs", SYSTEM_LOG),
        fixes=(
            "request a higher quota, then publish again",
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
        messages=(
            "We currently do not have sufficient c6a.4xlarge capacity in the Availability Zone you requested "
            "(us-east-1a).",
        ),
        title="EC2 has no capacity for the allowed instance types in these Availability Zones",
        meaning="Lambda asked EC2 for instances of the types that the capacity provider allows, and EC2 had none "
        "available.",
        cause="Few instance types are allowed, or the subnets are in few Availability Zones. The shortage may be "
        "temporary.",
        checks=(SYSTEM_LOG, "which Availability Zones the subnets are in, and which instance types are allowed"),
        fixes=(
            "allow more types: leave out ``instance_type_filter=``, or widen it",
            "use more zones: set ``max_azs=3`` on the network, or select more subnets in ``vpc_subnets=``",
            "publish again later",
        ),
        rules=("LMI403", "LMI407", "LMI410"),
        sources=(CODES, Source(CAPACITY_PROVIDERS), RUNS_ON_5),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="EC2RequestLimitExceeded",
        codes=("EC2RequestLimitExceeded", "EC2ThrottledException"),
        launch_codes=("RequestLimitExceeded",),
        title="EC2 throttled Lambda's requests",
        meaning="Lambda called the EC2 API for the account more often than EC2 currently allows.",
        cause="Many functions were published at once, or other callers use the EC2 API heavily in the same account "
        "and Region.",
        checks=(SYSTEM_LOG, "CloudTrail for RequestLimitExceeded errors of other callers"),
        fixes=("publish again after a few minutes", "publish the functions one after another"),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="ServiceQuotaExceededException",
        codes=("ServiceQuotaExceededException",),
        has_shared_codes=True,
        launch_codes=("VolumeLimitExceeded", "MaxIOPSLimitExceeded"),
        title="a quota of the account is used up",
        meaning="The request exceeds a quota of Lambda, or of a service that Lambda uses for the account.",
        cause="A quota for EC2 vCPUs, EBS volumes, network interfaces or Lambda itself is used up. The message says "
        "which.",
        checks=(REASON, SYSTEM_LOG, "Service Quotas for AWS Lambda, Amazon EC2 and Amazon EBS"),
        fixes=("request a higher quota", "or lower ``min_execution_environments=``"),
        sources=(CODES, Source(f"{GUIDE}/lambda-managed-instances-quotas.html")),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="IncompatibleAcceleratorInstanceTypes",
        codes=("IncompatibleAcceleratorInstanceTypes",),
        title="no allowed instance type has the accelerator that the function needs",
        meaning="The function has an AcceleratorConfig, and no instance type that the capacity provider allows has "
        "enough accelerator memory.",
        cause="The instance_type_filter allows only types without GPUs, or excludes the types that have them.",
        checks=("the AcceleratorConfig of the function, and the instance types of the capacity provider", SYSTEM_LOG),
        fixes=(
            "allow GPU instance types in ``instance_type_filter=``",
            "use an x86_64 capacity provider: ``architecture=``",
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
        title="initialisation ran out of memory or storage",
        meaning="One of the minimum execution environments ran out of memory, or of space under /tmp, during "
        "initialisation. Publishing fails, and so does the rollback if it publishes the same code and size.",
        cause="In Python each concurrent invocation runs in its own process, which imports everything for itself. The "
        "memory needed is concurrency x memory per process.",
        checks=(MEASURE, FUNCTION_LOG, REASON),
        fixes=(
            "raise ``memory_size=``",
            "or lower ``per_execution_environment_max_concurrency=``",
            "or raise ``ephemeral_storage_size=``, if /tmp was full",
            "import less at the top of the module",
        ),
        rules=("LMI107", "LMI203"),
        sources=(COOKBOOK, Source(PYTHON_RUNTIME)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="FunctionError.InitTimeout",
        codes=("FunctionError.InitTimeout",),
        title="initialisation timed out",
        meaning="The code did not finish initialisation in time. The limit is 130 s, or the timeout of the function "
        "if that is longer, up to 900 s.",
        cause="The code waits at import time for something that does not answer, usually a service that the instances "
        "cannot reach.",
        checks=(
            "what the instances can reach: ``cdk-lmi check cdk.out`` and ``cdk-lmi diagram cdk.out``",
            FUNCTION_LOG,
            MEASURE,
        ),
        fixes=(
            "add the missing network path: grant the function access to what it calls, so that the construct adds the "
            "endpoint",
            "open connections in the first invocation, with a timeout of their own",
            "or raise ``timeout=``",
        ),
        rules=("LMI501", "LMI502", "LMI503", "LMI504", "LMI505"),
        sources=(CODES, Source(EXECUTION_ENVIRONMENT)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.RuntimeInitError",
        codes=("FunctionError.RuntimeInitError",),
        title="the code failed during initialisation",
        meaning="Importing the handler's module, or code outside the handler, raised an error or ended the process.",
        cause="A module is missing or was built for the other architecture, the handler is not where handler= says, "
        "or code at the top of the module raises an error.",
        checks=(FUNCTION_LOG, MEASURE),
        fixes=("correct ``handler=``, or what is packaged in ``code=``", "build for the function's ``architecture=``"),
        rules=("LMI405",),
        sources=(CODES, Source(EXECUTION_ENVIRONMENT)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.ExtensionInitError",
        codes=("FunctionError.ExtensionInitError",),
        title="an extension failed during initialisation",
        meaning="An extension in a layer or in the image exited, or reported an error, before the function was ready.",
        cause="The extension subscribes to INVOKE events or to the Logs API, neither of which exists on Managed "
        "Instances, or it was built for the other architecture.",
        checks=(FUNCTION_LOG, "the extension's release notes on Managed Instances"),
        fixes=("use a release of the extension that supports Managed Instances", "or leave it out of ``layers=``"),
        sources=(CODES, Source(EXECUTION_ENVIRONMENT)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.TooManyExtensions",
        codes=("FunctionError.TooManyExtensions",),
        title="there are more extensions than Lambda allows",
        meaning="The layers or the image contain more extensions than an execution environment may have.",
        cause="Several layers each contain extensions.",
        checks=("the contents of ``/opt/extensions`` in all layers together",),
        fixes=("remove layers from ``layers=``",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.InvalidEntryPoint",
        codes=("FunctionError.InvalidEntryPoint", "Runtime.InvalidEntrypoint"),
        title="the program that is to run the code cannot be started",
        meaning="Lambda could not start the program that the image's ENTRYPOINT names or, of a runtime of one's own, "
        "the file bootstrap.",
        cause="The file does not exist, is not for this architecture, or needs a loader that is missing.",
        checks=(
            "the image's ENTRYPOINT and CMD: ``docker inspect <image>``",
            "what is packaged: bootstrap belongs at the top",
            FUNCTION_LOG,
        ),
        fixes=("correct the image's ENTRYPOINT, or what is packaged", "build it for the function's ``architecture=``"),
        rules=("LMI405",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.InvalidWorkingDirectory",
        codes=("FunctionError.InvalidWorkingDirectory",),
        title="the image's working directory does not exist",
        meaning="Lambda could not change to the working directory that the image's WORKDIR, or the function's image "
        "configuration, names.",
        cause="The directory does not exist in the image, or its path is not absolute.",
        checks=("the image's WORKDIR: ``docker inspect <image>``",),
        fixes=("correct the image's WORKDIR, or the working directory in the function's image configuration",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError.PermissionDenied",
        codes=("FunctionError.PermissionDenied",),
        title="Lambda has no permission to read or run the function's files",
        meaning="Lambda's user has no permission to read or run a file that the function needs to start.",
        cause="Files were packaged without read permission for everyone, or the bootstrap without permission to run.",
        checks=("permissions in the package: 644 for files, 755 for directories and programs", FUNCTION_LOG),
        fixes=("set the permissions before packaging ``code=``",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="FunctionError",
        codes=("FunctionError",),
        title="the function's code failed",
        meaning="The code, or something packaged with it, failed. The network and the instances are not the cause.",
        cause="An error during initialisation. If a code follows the dot, it says more.",
        checks=(REASON, FUNCTION_LOG, MEASURE),
        fixes=("fix the code, or what is packaged in ``code=``, and publish again",),
        sources=(CODES,),
        basis=Basis.INFERRED,
        is_vague=True,
    ),
    Failure(
        id="InvalidRuntime",
        codes=("InvalidRuntime", "InvalidRuntimeException"),
        messages=("Runtime Enum {runtime} does not support specified feature: Lambda Managed Instances",),
        subject=("Lambda Managed",),
        title="the runtime is not available on Managed Instances",
        meaning="Lambda does not run this runtime identifier on Managed Instances.",
        cause="Managed Instances run Python 3.13, Node.js 22, Java 21, .NET 8 and newer releases, and provided.al2023 "
        "for Rust.",
        checks=("the function's runtime",),
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
        cause="The package is not a zip file, is corrupt, or uses a zip feature that Lambda does not support.",
        checks=("the package: ``unzip -t <file>``",),
        fixes=("rebuild ``code=``",),
        sources=(CODES,),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="ImageDeleted",
        codes=("ImageDeleted",),
        title="the container image is no longer in its repository",
        meaning="The image that the function was created from is no longer in Amazon ECR.",
        cause="A lifecycle policy of the repository removed it, or somebody deleted it.",
        checks=("the repository: ``aws ecr describe-images``, and its lifecycle policy",),
        fixes=(
            "push the image again and deploy with it, and change the lifecycle policy to keep images that are in use",
        ),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="ImageAccessDenied",
        codes=("ImageAccessDenied",),
        title="Lambda has no permission to read the container image",
        meaning="Amazon ECR refused Lambda access to the image.",
        cause="The policy of the repository, or of the key that encrypts it, does not let Lambda read. If the "
        "repository is in another account, its policy must also allow the function's account.",
        checks=("the policies of the repository and of its key",),
        fixes=("let lambda.amazonaws.com call ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="InvalidImage",
        codes=("InvalidImage",),
        title="the container image cannot be used",
        meaning="Lambda read the image but cannot run it.",
        cause="The image is for another architecture or for several, or has layers in a format that Lambda does not "
        "support.",
        checks=("the image's architecture and media type: ``docker manifest inspect <image>``",),
        fixes=(
            "build for one platform, that of the function's ``architecture=``, and without provenance attestations",
        ),
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
        meaning="An instance needs an IP address in a subnet of the capacity provider, and none is free.",
        cause="The subnets are small, or hold many other resources. Interface endpoints also take one address in each "
        "subnet.",
        checks=("free addresses: ``aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailableIpAddressCount]'``",),
        fixes=(
            "use larger subnets: ``ip_addresses=`` of the network, or other subnets in ``vpc_subnets=``",
            "expect a replacement: the subnets of a capacity provider cannot be changed, so CloudFormation replaces it",
        ),
        sources=(CODES, Source(f"{GUIDE}/lambda-managed-instances-quotas.html")),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="InvalidSubnet",
        codes=("InvalidSubnet", "InvalidSubnetIDException", "SubnetNotFound", "InvalidSubnetID.NotFound"),
        title="a subnet does not exist, or cannot be used",
        meaning="A subnet of the capacity provider does not exist in this account and Region, or is in an "
        "Availability Zone that does not offer Managed Instances.",
        cause="The id is from another Region or account, the subnet was deleted, or its zone is not supported. The "
        "same zone name can mean different places in different accounts: compare zone ids.",
        checks=("``aws ec2 describe-subnets --query 'Subnets[].[SubnetId,VpcId,AvailabilityZoneId]'``", PROVIDER),
        fixes=(
            "name other subnets in ``vpc_subnets=``, all in one VPC",
            "or choose other zones: ``availability_zones=`` of the network",
        ),
        rules=("LMI401",),
        sources=(CODES, Source(NETWORKING)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="InvalidSecurityGroup",
        codes=("InvalidSecurityGroup", "InvalidSecurityGroupIDException", "InvalidGroup.NotFound"),
        title="a security group does not exist, or belongs to another VPC",
        meaning="A security group of the capacity provider does not exist, or is not in the same VPC as the subnets.",
        cause="The id is from another VPC, or the group was deleted.",
        checks=("``aws ec2 describe-security-groups --query 'SecurityGroups[].[GroupId,VpcId]'``", PROVIDER),
        fixes=("name security groups of the same VPC in ``security_groups=``",),
        rules=("LMI402",),
        sources=(CODES, Source(NETWORKING)),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="EniLimitExceeded",
        codes=("EniLimitExceeded", "ENILimitReachedException"),
        launch_codes=("NetworkInterfaceLimitExceeded",),
        title="the account's quota of network interfaces is used up",
        meaning="An instance needs a network interface, and the account's quota in this Region is used up.",
        cause="Other resources in the account's VPCs use many network interfaces.",
        checks=("Service Quotas, Amazon VPC: network interfaces per Region",),
        fixes=("request a higher quota, then publish again",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="DisallowedByVpcEncryptionControl",
        codes=("DisallowedByVpcEncryptionControl",),
        title="the VPC's encryption controls refused a resource",
        meaning="VPC Encryption Controls of the VPC are in enforce mode, and the resource to be created does not "
        "comply.",
        cause="The instance types do not encrypt traffic between instances, or the controls refuse another resource.",
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
        title="the operator role lacks permissions that Lambda needs",
        meaning="Lambda launches instances with the capacity provider's operator role, and AWS refused an action of "
        "that role.",
        cause="The role lacks AWSLambdaManagedEC2ResourceOperator, does not trust lambda.amazonaws.com, or is "
        "restricted by a permissions boundary or service control policy.",
        checks=(
            "CloudTrail for AccessDenied errors of the operator role",
            SYSTEM_LOG,
            "the policies of the role: ``aws iam list-attached-role-policies --role-name <role>``",
        ),
        fixes=(
            "leave out ``operator_role=``: the construct creates one",
            "or attach arn:aws:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator to your own role",
        ),
        rules=("LMI414",),
        sources=(CODES, Source(f"{GUIDE}/lambda-managed-instances-operator-role.html")),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="KMSKeyAccessDenied",
        codes=("KMSKeyAccessDenied", "KMSAccessDeniedException", "Client.InternalError"),
        messages=(
            "Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the "
            "function's KMS key settings.",
        ),
        title="AWS KMS denied the use of a key",
        meaning="AWS KMS denied the use of a key: the key for the environment variables, or the key for the "
        "instances' volumes.",
        cause="An action is missing from the policy of the key or of the role. The operator role needs "
        "kms:CreateGrant, among others. For environment variables, users also met it after the function's role had "
        "been deleted and created again with the same name.",
        checks=("CloudTrail for AccessDenied errors from kms.amazonaws.com", "the policy of the key"),
        fixes=(
            "allow the operator role these actions on the key of ``kms_key=``: kms:Encrypt, kms:Decrypt, "
            "kms:GenerateDataKey*, kms:DescribeKey, kms:CreateGrant",
            "allow the function's role to decrypt with the key of ``environment_encryption=``",
            "if the role was created again: give the function another role, then this one",
        ),
        rules=("LMI414",),
        sources=(CODES, Source(SECURITY), KMS_LAUNCH, AZUL_4200, EXAMPLES_279),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="KMSKeyNotFound",
        codes=("KMSKeyNotFound", "KMSNotFoundException"),
        title="the key does not exist",
        meaning="A key that the function or the capacity provider names does not exist in this Region.",
        cause="The key is in another Region or account, or was deleted.",
        checks=("``aws kms describe-key --key-id <key>``",),
        fixes=("name another key in ``kms_key=`` or ``environment_encryption=``",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="InvalidStateKMSKey",
        codes=("InvalidStateKMSKey", "KMSInvalidStateException", "InvalidKMSKey.InvalidState"),
        title="the key's state does not allow its use",
        meaning="The key exists, but cannot be used in its current state.",
        cause="The key is scheduled for deletion, or its key material has not been imported yet.",
        checks=("``aws kms describe-key --key-id <key> --query KeyMetadata.KeyState``",),
        fixes=("cancel the deletion of the key", "or name another in ``kms_key=`` or ``environment_encryption=``"),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="DisabledKMSKey",
        codes=("DisabledKMSKey", "KMSDisabledException"),
        title="the key is disabled",
        meaning="A key that the function or the capacity provider names is disabled.",
        cause="Somebody disabled it.",
        checks=("``aws kms describe-key --key-id <key> --query KeyMetadata.KeyState``",),
        fixes=("enable the key: ``aws kms enable-key --key-id <key>``",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
)


def _file_system(id: str, title: str, cause: str, *exceptions: str) -> Failure:
    """Return the failure of a file system, which functions on Managed Instances cannot mount."""
    return Failure(
        id=id,
        codes=(id, *exceptions),
        title=title,
        meaning="The error concerns a file system that the function mounts. Functions on Managed Instances cannot "
        "mount one, so it comes from a standard function, or from a configuration that Lambda refuses.",
        cause=cause,
        checks=("the FileSystemConfigs of the function",),
        fixes=(
            "on Managed Instances: remove the file system, and use Amazon S3 or ``ephemeral_storage_size=``",
            "on standard Lambda: see the Lambda guide on file systems",
        ),
        rules=("LMI703",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    )


_FILE_SYSTEMS = (
    _file_system(
        "EFSIOError", "a file system failed to read or write", "A fault of the file system itself.", "EFSIOException"
    ),
    _file_system(
        "EFSMountConnectivityError",
        "a file system cannot be reached",
        "A security group does not allow TCP 2049, or the zone has no mount target.",
        "EFSMountConnectivityException",
    ),
    _file_system(
        "EFSMountFailure",
        "a file system cannot be mounted",
        "The access point or the role lacks permissions.",
        "EFSMountFailureException",
    ),
    _file_system(
        "EFSMountTimeout",
        "mounting a file system took too long",
        "The file system is under load, or the network allows the connection in one direction only.",
        "EFSMountTimeoutException",
    ),
)

_OTHER_REASONS = (
    Failure(
        id="InvalidConfiguration",
        codes=("InvalidConfiguration",),
        title="the settings conflict with each other or with the service",
        meaning="Lambda accepted the configuration, then found that it cannot run it.",
        cause="Some values conflict with each other, or a setting is not supported on Managed Instances.",
        checks=(REASON, "all rules at once: ``cdk-lmi check cdk.out``", SYSTEM_LOG),
        fixes=("fix what the rules report",),
        sources=(CODES,),
        basis=Basis.INFERRED,
        is_vague=True,
    ),
    Failure(
        id="InternalError",
        codes=("InternalError", "ServiceException"),
        has_common_codes=True,
        messages=("Internal error occurred during publishing",),
        subject=("during publishing",),
        title="an error inside AWS, or one without a stated reason",
        meaning="Publishing failed, and AWS gives no reason.",
        cause="Usually permissions or the network. The deploying identity lacks permission to pass the capacity "
        "provider, the capacity provider is not Active, or the VPC is not configured correctly.",
        checks=(PROVIDER, SYSTEM_LOG, "CloudTrail for AccessDenied errors of the deploying identity", AWS_SIDE),
        fixes=(
            "allow the deploying identity lambda:PassCapacityProvider on the capacity provider",
            "publish again once the capacity provider is Active",
        ),
        sources=(Source(TROUBLESHOOTING),),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="DependencyError",
        codes=("DependencyError",),
        title="something that Lambda depends on failed",
        meaning="Another service that Lambda needs here failed, or another resource of the account failed or is "
        "missing.",
        cause="Usually a temporary fault. Otherwise a role, key, subnet or image no longer exists.",
        checks=(REASON, SYSTEM_LOG, AWS_SIDE),
        fixes=("publish again",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="DrainingDurableExecutions",
        codes=("DrainingDurableExecutions",),
        title="durable executions are still running",
        meaning="The version is being removed, and waits for durable executions that started on it.",
        cause="The version was deleted or deactivated while durable executions were running.",
        checks=("``aws lambda list-durable-executions-by-function --function-name <function>``",),
        fixes=("wait, or stop the durable executions",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="Idle",
        codes=("Idle",),
        title="the function was not invoked for a long time, and lost its resources",
        meaning="A standard function in a VPC that nobody invokes becomes Inactive. Managed Instances keep their "
        "minimum number of execution environments running even without invocations.",
        cause="Nobody invoked the function.",
        checks=(REASON,),
        fixes=("invoke it again after a short wait",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
    Failure(
        id="Creating",
        codes=("Creating",),
        title="the resource is being created",
        meaning="Instances are launching and execution environments are initialising. That takes minutes, and is not "
        "a failure.",
        cause="The resource was just created or published.",
        checks=(REASON, SYSTEM_LOG),
        fixes=("wait: one to five minutes were observed. CloudFormation waits for up to three hours",),
        sources=(CODES, Source(VERSIONS)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="Restoring",
        codes=("Restoring",),
        title="the function's resources are being created again",
        meaning="The function was inactive. Somebody invoked it, and its resources are being created again.",
        cause="The function was invoked again.",
        checks=(REASON,),
        fixes=("wait, then invoke it again",),
        sources=(CODES,),
        basis=Basis.INFERRED,
    ),
)

#: One failure for each reason code.
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


#: One failure for each state of a function, a version or a capacity provider.
STATES = (
    _state(
        "Pending",
        "the resource is being created",
        "It cannot serve yet. A version is Pending until its minimum number of execution environments is running. A "
        "capacity provider is Pending until Lambda has checked its role and network.",
        "It was just created or published.",
        "wait; if it stays Pending, StateReason and the system log say why",
        Source(VERSIONS),
    ),
    _state(
        "Active",
        "the resource is ready",
        "An Active version serves invocations, and an Active capacity provider accepts functions. This is not a "
        "failure.",
        "Everything is running.",
        "nothing to fix; if invocations still fail, run cdk-lmi explain on the error that they return",
        Source(VERSIONS),
    ),
    _state(
        "Inactive",
        "the function lost its resources",
        "The function does not serve. On Managed Instances a version becomes Deactivated instead.",
        "Nobody invoked a standard function for a long time.",
        "invoke it again after a short wait",
        basis=Basis.INFERRED,
    ),
    _state(
        "Failed",
        "the resource could not be created",
        "It does not serve. A failed version stays failed: you must publish another.",
        "StateReasonCode says what happened.",
        "run cdk-lmi explain on the StateReasonCode, fix what it names, and publish again",
        Source(TROUBLESHOOTING),
        basis=Basis.REPORTED,
    ),
    _state(
        "Deactivating",
        "the execution environments are being shut down",
        "The version's minimum and maximum were both set to 0, and its instances are being removed.",
        "Somebody, or a schedule, set ``min_execution_environments=0`` and ``max_execution_environments=0``.",
        "wait until it is Deactivated, then set the minimum and the maximum to what it needs",
        Source(SCALING),
    ),
    _state(
        "Deactivated",
        "the version was scaled to zero",
        "The version has no execution environments. It serves no invocations until it is scaled up again.",
        "Somebody, or a schedule, set ``min_execution_environments=0`` and ``max_execution_environments=0``.",
        "set ``min_execution_environments=`` and ``max_execution_environments=`` above 0; starting again takes minutes",
        Source(SCALING),
    ),
    _state(
        "ActiveNonInvocable",
        "the function is ready, but cannot be invoked",
        "This is the state of $LATEST of a function on Managed Instances. $LATEST never serves: only published "
        "versions do.",
        "This is the expected state.",
        "invoke an alias or a version: ``function.alias`` of the construct",
        Source(VERSIONS),
    ),
    _state(
        "Deleting",
        "the resource is being deleted",
        "Deletion is in progress. A capacity provider waits until its instances are gone.",
        "Somebody deleted it.",
        "wait; a capacity provider cannot be deleted while it still has versions",
        Source(CAPACITY_PROVIDERS),
        Source(MANAGED_INSTANCES),
    ),
    _state(
        "Successful",
        "the last update succeeded",
        "The last change to the function is in effect. This is not a failure.",
        "The update is complete.",
        "nothing to fix",
        basis=Basis.INFERRED,
    ),
    _state(
        "InProgress",
        "an update is in progress",
        "Until the update is complete, the function keeps its previous configuration, and Lambda refuses other "
        "updates.",
        "The function was just changed.",
        "wait, then look again",
        basis=Basis.INFERRED,
    ),
)
