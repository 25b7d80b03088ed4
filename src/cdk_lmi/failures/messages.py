"""What AWS answers when something about Managed Instances is asked for that it refuses, and what callers are answered.

The texts are as users and tools report them, with the numbers that those had.
"""

from __future__ import annotations

from ..rules.limits import (
    API,
    EXECUTION_ENVIRONMENT,
    FUNCTION_CAPACITY_PROVIDER_CONFIG,
    GUIDE,
    INVOKE,
    RUNTIMES,
    SCALING,
    SECURITY,
    TROUBLESHOOTING,
    VERSIONS,
)
from .failure import Basis, Failure, Source
from .states import COOKBOOK, DURABLE_SDK_495, FUNCTION_LOG, MEASURE, POWERTOOLS_5735, REASON, SYSTEM_LOG

LOCALSTACK = Source("https://github.com/localstack/localstack/tree/main/localstack-core/localstack/services/lambda_")
SERVERLESS = Source(
    "https://github.com/serverless/serverless/blob/main/docs/sf/providers/aws/guide/managed-instances.md"
)
TERRAFORM = Source("https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service/lambda")
QUOTAS = Source(f"{GUIDE}/lambda-managed-instances-quotas.html")

_PUBLISHING = (
    Failure(
        id="latest-published-failed",
        messages=("$LATEST.PUBLISHED failed to enter successful state",),
        title="$LATEST.PUBLISHED could not be published",
        meaning="CloudFormation published $LATEST.PUBLISHED of the function, and its execution environments did not "
        "come up.",
        cause="Most often no vCPUs are left for its minimum of environments, three by default; else initialisation "
        "failed. Next to a numbered version it is a second fleet that nothing calls.",
        checks=(REASON, SYSTEM_LOG),
        fixes=(
            "let ``ManagedInstanceFunction`` define it, which publishes a version and not $LATEST.PUBLISHED; in a "
            "template, PublishToLatestPublished: false",
            "or raise ``max_v_cpu_count=`` of the capacity provider",
        ),
        rules=("LMI306", "LMI603"),
        sources=(DURABLE_SDK_495, Source(VERSIONS)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="NotStabilized",
        codes=("NotStabilized",),
        title="CloudFormation waited, and the resource did not become ready",
        meaning="The resource was made and went to a state that CloudFormation gives up at. Why, Lambda says.",
        cause="A version or $LATEST.PUBLISHED whose execution environments did not come up.",
        checks=(REASON, SYSTEM_LOG),
        fixes=("explain the StateReasonCode, mend what it says, and deploy again",),
        sources=(POWERTOOLS_5735,),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="memory-below-ratio",
        messages=("Memory ratio of 4096.0MB per CPU exceeds function's total memory",),
        title="the memory is less than what comes with one vCPU",
        meaning="The memory of one execution environment must be that of one vCPU at the least.",
        cause="The memory_size is below execution_environment_memory_gib_per_v_cpu x 1024.",
        checks=("both numbers of the function",),
        fixes=(
            "raise ``memory_size=`` to a multiple of the ratio x 1024, such as ``memory_size=4096``",
            "or lower ``execution_environment_memory_gib_per_v_cpu=``, such as "
            "``execution_environment_memory_gib_per_v_cpu=2``",
        ),
        rules=("LMI104", "LMI105"),
        sources=(COOKBOOK,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="concurrency-refused",
        codes=("PerExecutionEnvironmentMaxConcurrency",),
        title="the invocations at once of one execution environment are refused",
        meaning="AWS takes from 1 to 1600, and no more than 64 for each vCPU of the execution environment.",
        cause="The per_execution_environment_max_concurrency is above 64 x vCPUs, or outside of its range.",
        checks=("vCPUs of one execution environment: memory_size / (ratio x 1024)",),
        fixes=("lower ``per_execution_environment_max_concurrency=``", "or raise ``memory_size=`` for more vCPUs"),
        rules=("LMI201", "LMI202"),
        sources=(Source(SCALING), Source(FUNCTION_CAPACITY_PROVIDER_CONFIG)),
        basis=Basis.DOCUMENTED,
        is_vague=True,
    ),
    Failure(
        id="log-level-refused",
        messages=(
            'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change '
            'the LogFormat to "JSON" and try again.',
        ),
        subject=("LogLevel", "LogFormat"),
        title="log levels go with JSON logs only, and Managed Instances with nothing else",
        meaning="The function asks for text logs. On Managed Instances logs are JSON, since lines of invocations that "
        "run at once are mixed.",
        cause="LoggingConfig.LogFormat is Text, or is left out beside a log level.",
        checks=("LoggingConfig of the function",),
        fixes=("let ``ManagedInstanceFunction`` define it, which states JSON; in a template, LogFormat: JSON",),
        rules=("LMI707",),
        sources=(LOCALSTACK, Source(RUNTIMES)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="file-system-refused",
        messages=("File system configuration isn't compatible with {what}",),
        subject=("File",),
        title="Managed Instances mount no file systems",
        meaning="The function has FileSystemConfigs, which Managed Instances do not take.",
        cause="A function that was on standard Lambda before.",
        checks=("FileSystemConfigs of the function",),
        fixes=("leave it out, and use Amazon S3, or ``ephemeral_storage_size=`` for /tmp",),
        rules=("LMI703",),
        sources=(SERVERLESS,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="reserved-concurrency-refused",
        messages=("Lambda Managed Instances do not support reserved concurrency",),
        subject=("reserved",),
        title="Managed Instances take no reserved concurrency",
        meaning="What a function takes at once is its execution environments x their concurrency.",
        cause="ReservedConcurrentExecutions of the function.",
        checks=("ReservedConcurrentExecutions of the function",),
        fixes=("bound it with ``max_execution_environments=`` and ``per_execution_environment_max_concurrency=``",),
        rules=("LMI705",),
        sources=(Source(SCALING),),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="terraform-memory-range",
        messages=("expected memory_size to be in the range (128 - 10240), got 32768",),
        title="the Terraform provider is too old for the memory of Managed Instances",
        meaning="The check is Terraform's own, by the limit of standard Lambda. Managed Instances go to 32768 MiB.",
        cause="A release of hashicorp/aws from before Managed Instances.",
        checks=("``terraform version``",),
        fixes=("use a newer release of hashicorp/aws",),
        sources=(Source("https://github.com/hashicorp/terraform-provider-aws/issues/46052"),),
        basis=Basis.REPORTED,
    ),
)

_CAPACITY_PROVIDERS = (
    Failure(
        id="capacity-provider-in-use",
        messages=(
            "The capacity provider is currently in use by {number} functions. To delete this capacity provider, first "
            "remove its association with {functions}",
        ),
        subject=("provider",),
        title="versions are still on the capacity provider",
        meaning="A capacity provider goes only when no version of any function is on it, old numbered ones included.",
        cause="Versions that were retained when the stack went on, or functions of another stack.",
        checks=("``aws lambda list-function-versions-by-capacity-provider --capacity-provider-name <name>``",),
        fixes=(
            "delete those versions, then the capacity provider",
            "let ``ManagedInstanceFunction`` publish: its old versions are deleted",
        ),
        rules=("LMI606",),
        sources=(SERVERLESS, TERRAFORM),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="standard-function",
        messages=("CapacityProviderConfig isn't supported for Lambda Default functions.",),
        subject=("CapacityProviderConfig",),
        title="a standard function cannot be put on Managed Instances",
        meaning="Whether a function is on Managed Instances is settled when it is made. The schema of CloudFormation "
        "does not say so: the update is tried, and fails.",
        cause="CapacityProviderConfig was added to a function that is deployed already.",
        checks=("whether the function was deployed without a capacity provider",),
        fixes=("define a new function, under another construct id and without the old ``function_name=``",),
        sources=(Source("https://github.com/localstack/localstack/issues/13447"), LOCALSTACK),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="function-without-capacity-provider",
        messages=("The function provided by the arn does not contain a capacity provider configuration",),
        subject=("contain",),
        title="a standard function has no execution environments to scale",
        meaning="PutFunctionScalingConfig is for functions on Managed Instances. It is told as AccessDeniedException, "
        "and has nothing to do with permissions.",
        cause="FunctionScalingConfig without CapacityProviderConfig, or the name of another function.",
        checks=("CapacityProviderConfig: ``aws lambda get-function-configuration --function-name <function>``",),
        fixes=("define it as ``ManagedInstanceFunction``, or leave out the scaling",),
        rules=("LMI607",),
        sources=(Source("https://github.com/go-to-k/cdkd/issues/1616"),),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="CapacityProviderLimitExceededException",
        codes=("CapacityProviderLimitExceededException",),
        title="the account has as many capacity providers as it may",
        meaning="The account's quota of capacity providers in this Region is used up: 1,000.",
        cause="One for each function, or stacks of tests that were left.",
        checks=("``aws lambda list-capacity-providers``",),
        fixes=("share one among functions: ``capacity_provider=``", "delete those that have no versions"),
        rules=("LMI415",),
        sources=(QUOTAS,),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="FunctionVersionsPerCapacityProviderLimitExceededException",
        codes=("FunctionVersionsPerCapacityProviderLimitExceededException",),
        title="the capacity provider has as many versions as it may",
        meaning="Up to 100 versions may be on one capacity provider, of all its functions together, and no more.",
        cause="Old versions that were retained.",
        checks=("``aws lambda list-function-versions-by-capacity-provider --capacity-provider-name <name>``",),
        fixes=(
            "delete old versions; ``ManagedInstanceFunction`` deletes its own",
            "or use another capacity provider: ``capacity_provider=``",
        ),
        rules=("LMI606",),
        sources=(QUOTAS,),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="AlreadyExists",
        codes=("AlreadyExists",),
        title="something of that name is there already",
        meaning="CloudFormation makes the new one before the old one goes. With a name of its own that cannot be.",
        cause="A fixed capacity_provider_name in two stacks, or a change that replaces the capacity provider.",
        checks=("``aws lambda list-capacity-providers``",),
        fixes=("leave out ``capacity_provider_name=``, so that CloudFormation makes one up",),
        rules=("LMI411",),
        sources=(Source("https://github.com/ran-isenberg/aws-lambda-handler-cookbook/pull/1044"),),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="ResourceConflictException",
        codes=("ResourceConflictException",),
        title="another change is under way, or the version has failed",
        meaning="Lambda takes one change at a time. Scaling of a version can be set when that is stable, and never "
        "once it has failed.",
        cause="PutFunctionScalingConfig while the version is Pending, or has Failed.",
        checks=(REASON,),
        fixes=("wait for Active, and try again", "where it has Failed, publish another version"),
        sources=(TERRAFORM, Source(f"{API}/API_PutFunctionScalingConfig.html")),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="InvalidParameterValueException",
        codes=("InvalidParameterValueException", "InvalidParameterValue", "InvalidRequest"),
        title="Lambda does not take a value",
        meaning="The message behind it says which. Of a capacity provider whose operator role was just made, it means "
        "that the role is not known everywhere yet.",
        cause="A value out of range, or IAM that takes some seconds to pass on a new role.",
        checks=("the message: explain that", "all rules at once: ``cdk-lmi check cdk.out``"),
        fixes=(
            "mend what the message or the rules say",
            "of a new role: try again; the capacity provider must depend on the policies of ``operator_role=``",
        ),
        sources=(TERRAFORM,),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="pass-capacity-provider",
        messages=("User: {who} is not authorized to perform: lambda:PassCapacityProvider on resource: {what}",),
        subject=("PassCapacityProvider",),
        title="whoever deploys may not put functions on the capacity provider",
        meaning="To put a function on a capacity provider, who does so must be allowed "
        "lambda:PassCapacityProvider on it.",
        cause="Policies of whoever the message names, which do not know Managed Instances yet; a boundary or a service "
        "control policy may forbid it as well.",
        checks=("who it is, behind User: with CloudFormation the role that it deploys with",),
        fixes=("allow them lambda:PassCapacityProvider on the ARN of the capacity provider",),
        sources=(Source(SECURITY),),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="pass-role",
        messages=("User: {who} is not authorized to perform: iam:PassRole on resource: {what}",),
        subject=("PassRole",),
        title="whoever deploys may not hand the role to a service",
        meaning="To define a function or a capacity provider, who does so must be allowed iam:PassRole on its role: "
        "that of the function, and the operator role.",
        cause="Policies of whoever the message names, which leave out the role behind on resource, or allow it for "
        "other services only.",
        checks=("which role it is, behind on resource, and who, behind User", "iam:PassedToService in their policies"),
        fixes=("allow them iam:PassRole on the role, to lambda.amazonaws.com",),
        sources=(Source(SECURITY), Source(f"{GUIDE}/lambda-managed-instances-operator-role.html")),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="AccessDeniedException",
        codes=("AccessDeniedException", "AccessDenied"),
        messages=("User: {who} is not authorized to perform: {action} on resource: {what}",),
        subject=("authorized",),
        title="somebody is not allowed to",
        meaning="The message names who and what. Who that is decides where to look: whoever deploys, the operator "
        "role, or the function's own role.",
        cause="Whoever deploys lacks an action, such as lambda:PassCapacityProvider or iam:PassRole; the operator role "
        "lacks its policy; or the code calls what the function's role does not allow.",
        checks=("who and which action, in the message or in CloudTrail", SYSTEM_LOG),
        fixes=(
            "of whoever deploys: allow them the action",
            "of the operator role: leave out ``operator_role=``, and the construct makes one",
            "of the function's role: grant it what it calls, as in ``table.grant_read_data(function)``",
        ),
        rules=("LMI414",),
        sources=(Source(SECURITY), Source(f"{GUIDE}/lambda-managed-instances-operator-role.html")),
        basis=Basis.DOCUMENTED,
        is_vague=True,
    ),
)

_INVOKING = (
    Failure(
        id="Unhandled",
        codes=("Unhandled",),
        title="the handler raised an error, or did not end in time",
        meaning="Invoke answers FunctionError: Unhandled, with status code 200, where the invocation got to the code "
        "and the code failed. The function itself is up.",
        cause="An exception that the handler does not catch, or its timeout. Where only some invocations fail, it may "
        "be what those that run at once share, such as /tmp.",
        checks=(
            "errorType, errorMessage and stackTrace in what was answered: the file that ``aws lambda invoke`` wrote",
            FUNCTION_LOG,
            MEASURE,
        ),
        fixes=("mend the code, and publish again", "where it did not end in time: raise ``timeout=``"),
        sources=(Source(INVOKE),),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="latest-not-invocable",
        messages=(
            "Functions configured with capacity provider configuration can't be invoked with $LATEST qualifier.",
        ),
        subject=("LATEST",),
        title="$LATEST never serves on Managed Instances",
        meaning="The caller names $LATEST. Only published versions run on instances.",
        cause="An ARN that ends in :$LATEST, or a client that names it by itself.",
        checks=("what the caller names: the function's ARN with its qualifier",),
        fixes=("call the alias: ``function.alias``, ``function.alias.function_arn``",),
        rules=("LMI601",),
        sources=(LOCALSTACK, Source(VERSIONS)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="NoPublishedVersionException",
        codes=("NoPublishedVersionException",),
        messages=("The function can't be invoked because no published version exists.",),
        subject=("published",),
        title="nothing is published that could serve",
        meaning="The caller names no version. That goes to $LATEST.PUBLISHED, which is not published, or not yet.",
        cause="An integration, event source or permission that was given the function instead of its alias; or the "
        "first publish failed.",
        checks=("what the caller names", REASON, "``cdk-lmi diagram cdk.out``: such callers are marked"),
        fixes=("call the alias: ``function.alias``",),
        rules=("LMI601", "LMI604"),
        sources=(LOCALSTACK, Source(VERSIONS)),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="tail-logs",
        messages=("Tail logs are not supported for functions configured with capacity provider",),
        subject=("Tail",),
        title="the caller asks for the end of the log, which there is not",
        meaning="Invoke with LogType=Tail is refused, since logs of invocations that run at once are mixed.",
        cause="A console, a test tool or a client that always asks for it.",
        checks=("LogType in the call",),
        fixes=("leave out LogType, and read the log group",),
        sources=(LOCALSTACK,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="TooManyRequestsException",
        codes=(
            "TooManyRequestsException",
            "ConcurrentInvocationLimitExceeded",
            "FunctionInvocationRateLimitExceeded",
            "ReservedFunctionConcurrentInvocationLimitExceeded",
            "ReservedFunctionInvocationRateLimitExceeded",
            "CallerRateLimitExceeded",
            "ConcurrentSnapshotCreateLimitExceeded",
            "Rate exceeded",
            "ConcurrencyThrottles",
            "CPUThrottles",
            "MemoryThrottles",
            "DiskThrottles",
        ),
        title="more is asked for than is up at the moment (429)",
        meaning="All execution environments take as many invocations as they may, or their CPU, memory or disk is used "
        "up. No environment is made for an invocation: others come within minutes.",
        cause="Traffic that more than doubled within five minutes, max_execution_environments or max_v_cpu_count that "
        "is reached, or environments that are still starting. The same answer is given to too many calls of the API.",
        checks=(
            "metrics ConcurrencyThrottles, CPUThrottles, MemoryThrottles and DiskThrottles of the version: one of "
            "them is 1 for each throttle",
            "vCPUAllocated against max_v_cpu_count",
            SYSTEM_LOG,
        ),
        fixes=(
            "ConcurrencyThrottles: raise ``min_execution_environments=``, or "
            "``per_execution_environment_max_concurrency=`` if memory holds it",
            "CPUThrottles and MemoryThrottles: raise ``memory_size=``; DiskThrottles: ``ephemeral_storage_size=``",
            "raise ``max_execution_environments=`` and ``max_v_cpu_count=`` where they are reached",
            "retry with backoff; ``cdk-lmi size`` tells what traffic takes",
        ),
        rules=("LMI307",),
        sources=(Source(SCALING), Source(TROUBLESHOOTING), Source(INVOKE)),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="streaming-adapter",
        codes=("Extension.Crash",),
        messages=('lambda runtime failed: Error("EOF while parsing a value", line: 1, column: 0)',),
        subject=("runtime",),
        title="an extension crashed: the Lambda Web Adapter does where it is too old for Managed Instances",
        meaning="An extension ended, and its execution environment ends with it. Release 0.9.1 of the adapter ends "
        "like this when it streams on Managed Instances.",
        cause="AWS Lambda Web Adapter 0.9.1, where there is one; any other extension may crash for its own reasons.",
        checks=("which extensions the image or the layers bring, in which release", "the log group of the function"),
        fixes=("use a newer release of the adapter, or of the extension that crashed",),
        sources=(
            Source("https://github.com/awslabs/aws-lambda-web-adapter/issues/623"),
            Source(EXECUTION_ENVIRONMENT),
        ),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="no-space-left",
        messages=("No space left on device",),
        title="/tmp is full",
        meaning="All invocations of an execution environment share /tmp, 512 MiB by default, and it is not emptied "
        "between them.",
        cause="Files that are not removed, times the invocations at once.",
        checks=("what the code leaves under /tmp: ``cdk-lmi fit`` watches it", "metric DiskThrottles"),
        fixes=("remove files when done, under names of the request", "raise ``ephemeral_storage_size=``"),
        rules=("LMI106",),
        sources=(Source(f"{GUIDE}/lambda-managed-instances-python-runtime.html"),),
        basis=Basis.REPORTED,
    ),
)

#: One for each answer.
MESSAGES = (*_PUBLISHING, *_CAPACITY_PROVIDERS, *_INVOKING)
