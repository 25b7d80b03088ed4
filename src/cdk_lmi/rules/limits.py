"""Every number that AWS imposes on Managed Instances, each with its unit, its source and the date it was read."""

from __future__ import annotations

import re
from dataclasses import dataclass

GUIDE = "https://docs.aws.amazon.com/lambda/latest/dg"
API = "https://docs.aws.amazon.com/lambda/latest/api"
CLOUDFORMATION = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
PERFORMANCE_POST = "https://aws.amazon.com/blogs/compute/build-high-performance-apps-with-aws-lambda-managed-instances/"
SAM_CAPACITY_PROVIDER_CONFIG = (
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/"
    "sam-property-function-capacityproviderconfig.html"
)
# Its rules on what excludes what: __validation_rules__ of the function. Read in aws-sam-translator 1.115.0.
SAM_TRANSLATOR = "https://github.com/aws/serverless-application-model/blob/develop/samtranslator/model/sam_resources.py"

MANAGED_INSTANCES = f"{GUIDE}/lambda-managed-instances.html"
CAPACITY_PROVIDERS = f"{GUIDE}/lambda-managed-instances-capacity-providers.html"
SCALING = f"{GUIDE}/lambda-managed-instances-scaling.html"
RUNTIMES = f"{GUIDE}/lambda-managed-instances-runtimes.html"
VERSIONS = f"{GUIDE}/lambda-managed-instances-version-publishing.html"
PYTHON_RUNTIME = f"{GUIDE}/lambda-managed-instances-python-runtime.html"
NETWORKING = f"{GUIDE}/lambda-managed-instances-networking.html"
SECURITY = f"{GUIDE}/lambda-managed-instances-security.html"
TROUBLESHOOTING = f"{GUIDE}/lambda-managed-instances-troubleshooting.html"
MONITORING = f"{GUIDE}/lambda-managed-instances-monitoring.html"
QUOTAS = f"{GUIDE}/lambda-managed-instances-quotas.html"
EXECUTION_ENVIRONMENT = f"{GUIDE}/lambda-managed-instances-execution-environment.html"
TIMEOUTS = f"{GUIDE}/configuration-timeout.html"
ROLLBACKS = "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html"
SQS_EVENT_SOURCES = f"{GUIDE}/services-sqs-configure.html"
OPERATOR_ROLE = f"{GUIDE}/lambda-managed-instances-operator-role.html"
SAM_ACCELERATOR_CONFIG = (
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/"
    "sam-property-function-acceleratorconfig.html"
)
FUNCTION_CAPACITY_PROVIDER_CONFIG = f"{API}/API_LambdaManagedInstancesCapacityProviderConfig.html"
FUNCTION_SCALING_CONFIG = f"{API}/API_FunctionScalingConfig.html"
PUT_FUNCTION_SCALING_CONFIG = f"{API}/API_PutFunctionScalingConfig.html"
INVOKE = f"{API}/API_Invoke.html"
CREATE_ALIAS = f"{API}/API_CreateAlias.html"
EPHEMERAL_STORAGE = f"{API}/API_EphemeralStorage.html"
CHANGE_MESSAGE_VISIBILITY = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html"
)
FUNCTION = f"{CLOUDFORMATION}/aws-resource-lambda-function.html"
CAPACITY_PROVIDER = f"{CLOUDFORMATION}/aws-resource-lambda-capacityprovider.html"
CAPACITY_PROVIDER_SCALING_CONFIG = (
    f"{CLOUDFORMATION}/aws-properties-lambda-capacityprovider-capacityproviderscalingconfig.html"
)
CAPACITY_PROVIDER_VPC_CONFIG = f"{CLOUDFORMATION}/aws-properties-lambda-capacityprovider-capacityprovidervpcconfig.html"
VPC_ENDPOINT = f"{CLOUDFORMATION}/aws-resource-ec2-vpcendpoint.html"
INSTANCE_REQUIREMENTS = f"{CLOUDFORMATION}/aws-properties-lambda-capacityprovider-instancerequirements.html"

READ = "2026-11-24"


class Limit(int):
    """A whole number that AWS imposes: an ``int`` with its unit, its source and the day when that was read."""

    unit: str
    source: str
    read: str
    note: str

    def __new__(cls, value: int, unit: str, *, source: str, read: str = READ, note: str = "") -> Limit:
        """Make a limit of ``value`` in ``unit``; ``note`` holds what other sources say."""
        limit = super().__new__(cls, value)
        limit.unit = unit
        limit.source = source
        limit.read = read
        limit.note = note
        return limit


# --- one execution environment ---------------------------------------------------------------------------------

#: The least memory of one execution environment.
MEMORY_SIZE_MIN = Limit(2048, "MiB", source=PERFORMANCE_POST)
#: The least memory of a standard function.
ON_DEMAND_MEMORY_SIZE_MIN = Limit(128, "MiB", source=FUNCTION, note="from the schema of cfn-lint 1.58.0")
#: The most memory of one execution environment.
MEMORY_SIZE_MAX = Limit(32768, "MiB", source=PERFORMANCE_POST)
#: The default memory of one execution environment.
MEMORY_SIZE_DEFAULT = Limit(
    2048,
    "MiB",
    source=SAM_CAPACITY_PROVIDER_CONFIG,
    note="frameworks and an emulator use this default, and so does this library; AWS does not document it, so the "
    "constructs always state the memory",
)

MIB_PER_GIB = 1024
#: The supported ratios of memory per vCPU.
MEMORY_GIB_PER_V_CPU = (
    Limit(2, "GiB per vCPU", source=PERFORMANCE_POST, note="compute optimised: the C families"),
    Limit(4, "GiB per vCPU", source=PERFORMANCE_POST, note="general purpose: the M families"),
    Limit(8, "GiB per vCPU", source=PERFORMANCE_POST, note="memory optimised: the R families"),
)
#: The default memory per vCPU.
MEMORY_GIB_PER_V_CPU_DEFAULT = Limit(
    2,
    "GiB per vCPU",
    source=FUNCTION_CAPACITY_PROVIDER_CONFIG,
    note="some of AWS's skills for coding assistants say 4; the service returns 2.0",
)

#: The least storage under /tmp, which is also the default.
EPHEMERAL_STORAGE_MIN = Limit(512, "MiB", source=EPHEMERAL_STORAGE)
#: The most storage under /tmp.
EPHEMERAL_STORAGE_MAX = Limit(
    10240,
    "MiB",
    source=EPHEMERAL_STORAGE,
    note="CloudFormation's schema accepts 32768, but its text says 10240",
)

#: The lowest concurrency of one execution environment.
MAX_CONCURRENCY_MIN = Limit(1, "invocations", source=FUNCTION_CAPACITY_PROVIDER_CONFIG)
#: The highest concurrency of one execution environment.
MAX_CONCURRENCY_MAX = Limit(1600, "invocations", source=FUNCTION_CAPACITY_PROVIDER_CONFIG)
#: The highest concurrency per vCPU, in any language.
MAX_CONCURRENCY_PER_V_CPU = Limit(
    64,
    "invocations per vCPU",
    source=SCALING,
    note=f"{PERFORMANCE_POST} calls the figures per language maxima; the guide has this one cap for all languages",
)

#: The least memory of a Python process.
PYTHON_PROCESS_MEMORY = Limit(
    34,
    "MiB",
    source=PYTHON_RUNTIME,
    note=(
        "not AWS's figure: the proportional set size measured on 2026-11-24 for one of 16 processes under "
        "awslambdaric 4.2.2 with a boto3 client created at import; the guide says only that each process has its own"
    ),
)

#: The shortest timeout.
TIMEOUT_MIN = Limit(1, "s", source=TIMEOUTS)
#: The longest timeout.
TIMEOUT_MAX = Limit(5400, "s", source=TIMEOUTS, note="asynchronous invocations and event source mappings")
#: The longest timeout for synchronous callers.
TIMEOUT_SYNCHRONOUS_MAX = Limit(
    900, "s", source=TIMEOUTS, note="botocore 1.44.8 describes up to 1800 s for synchronous invocations"
)
#: The default timeout.
TIMEOUT_DEFAULT = Limit(3, "s", source=TIMEOUTS)

#: The default visibility timeout of a queue.
VISIBILITY_TIMEOUT_DEFAULT = Limit(30, "s", source=CHANGE_MESSAGE_VISIBILITY, read="2026-11-28")
#: How many timeouts of the function AWS recommends for the visibility timeout of a queue that calls it.
VISIBILITY_PER_TIMEOUT = Limit(6, "times the timeout", source=SQS_EVENT_SOURCES, read="2026-11-28")

#: The time limit of initialisation, unless the timeout of the function is longer.
INIT_TIMEOUT_MIN = Limit(130, "s", source=EXECUTION_ENVIRONMENT)
#: The longest time limit of initialisation, whatever the timeout.
INIT_TIMEOUT_MAX = Limit(900, "s", source=EXECUTION_ENVIRONMENT)
#: The largest event of a synchronous invocation.
EVENT_MAX = Limit(
    6291456, "bytes", source=INVOKE, read="2026-11-27", note="the page says 6 MB; the number is 6 MiB in bytes"
)
#: The largest response to a synchronous invocation.
RESPONSE_MAX = Limit(
    6291556,
    "bytes",
    source=INVOKE,
    read="2026-11-27",
    note="the page says 6 MB; the number is from Lambda's own error message, as in "
    "https://github.com/DataBiosphere/azul/issues/7466",
)


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language of Managed Instances, with its oldest release and its default concurrency."""

    name: str
    #: The prefix of its runtime identifiers, as in ``python3.13``.
    prefix: str
    #: The oldest runtime identifier that Managed Instances support.
    oldest_runtime: str
    #: The default number of concurrent invocations per vCPU.
    concurrency_per_v_cpu: Limit


def _per_v_cpu(value: int, page: str) -> Limit:
    return Limit(
        value,
        "invocations per vCPU",
        source=f"{GUIDE}/lambda-managed-instances-{page}-runtime.html",
        note="the default for the language, times the vCPUs of one execution environment",
    )


PYTHON = Language(
    name="Python", prefix="python", oldest_runtime="python3.13", concurrency_per_v_cpu=_per_v_cpu(16, "python")
)
NODE_JS = Language(
    name="Node.js", prefix="nodejs", oldest_runtime="nodejs22.x", concurrency_per_v_cpu=_per_v_cpu(64, "nodejs")
)
#: The languages with a runtime of their own.
LANGUAGES = (
    PYTHON,
    NODE_JS,
    Language(name="Java", prefix="java", oldest_runtime="java21", concurrency_per_v_cpu=_per_v_cpu(32, "java")),
    Language(name=".NET", prefix="dotnet", oldest_runtime="dotnet8", concurrency_per_v_cpu=_per_v_cpu(32, "dotnet")),
)
#: Rust runs on the OS-only runtime, which can contain any language: its name does not say which.
OS_ONLY_PREFIX = "provided.al"
RUST = Language(
    name="Rust",
    prefix=OS_ONLY_PREFIX,
    oldest_runtime="provided.al2023",
    concurrency_per_v_cpu=_per_v_cpu(8, "rust"),
)

# --- the execution environments of one version ------------------------------------------------------------------

#: The lowest value of either bound of the execution environments.
EXECUTION_ENVIRONMENTS_MIN = Limit(0, "execution environments", source=FUNCTION_SCALING_CONFIG)
#: The highest value of either bound of the execution environments.
EXECUTION_ENVIRONMENTS_MAX = Limit(15000, "execution environments", source=FUNCTION_SCALING_CONFIG)
#: The default minimum of execution environments of a version.
MIN_EXECUTION_ENVIRONMENTS_DEFAULT = Limit(
    3, "execution environments", source=SCALING, note="one in each of three Availability Zones"
)

#: How much traffic may grow within TRAFFIC_GROWTH_TIME, for which AWS keeps capacity.
TRAFFIC_GROWTH = Limit(
    2,
    "times the traffic",
    source=SCALING,
    note="faster growth is throttled until more capacity is running; AWS's skill for coding assistants says about "
    "half as much again at once",
)
#: The time within which traffic may grow by TRAFFIC_GROWTH.
TRAFFIC_GROWTH_TIME = Limit(5, "minutes", source=SCALING)

# --- one capacity provider --------------------------------------------------------------------------------------

#: The lowest cap on the vCPUs of all instances.
MAX_V_CPU_COUNT_MIN = Limit(
    2,
    "vCPUs",
    source=CAPACITY_PROVIDER_SCALING_CONFIG,
    note="aws-cdk-lib 2.275 and the Serverless Framework refuse less than 12; the API and CloudFormation accept 2",
)
#: The highest cap on the vCPUs of all instances.
MAX_V_CPU_COUNT_MAX = Limit(15000, "vCPUs", source=CAPACITY_PROVIDER_SCALING_CONFIG)
#: The default cap on the vCPUs of all instances.
MAX_V_CPU_COUNT_DEFAULT = Limit(400, "vCPUs", source=CAPACITY_PROVIDERS)
#: The vCPUs of the instances that publishing launches by default.
MAX_V_CPU_COUNT_OF_DEFAULT_FLEET = Limit(
    12,
    "vCPUs",
    source=SCALING,
    note="the page says three instances; the smallest observed had four vCPUs (INSTANCE_V_CPU_MIN); aws-cdk-lib and "
    "the Serverless Framework require 12",
)

#: The instances that publishing launches by default.
INSTANCES_AT_PUBLISH = Limit(3, "instances", source=SCALING, note="one in each of three Availability Zones")
#: The vCPUs of the smallest instance.
INSTANCE_V_CPU_MIN = Limit(
    4,
    "vCPUs",
    source="https://github.com/aws-powertools/powertools-lambda-typescript/issues/5735",
    note="the smallest launched instance that was observed (xlarge); others' tests name m7a.large, without saying "
    "whether it was launched; AWS chooses the size and documents no rule",
)
#: The vCPUs of each instance that are not available to execution environments.
INSTANCE_V_CPU_RESERVED = Limit(
    1,
    "vCPUs",
    source="https://github.com/aws/agent-toolkit-for-aws",
    note="reserved for the operating system, according to AWS's skill for coding assistants; not in the guide",
)

#: The fewest policies of manual scaling.
SCALING_POLICIES_MIN = Limit(1, "scaling policies", source=CAPACITY_PROVIDER_SCALING_CONFIG)
#: The most policies of manual scaling.
SCALING_POLICIES_MAX = Limit(10, "scaling policies", source=CAPACITY_PROVIDER_SCALING_CONFIG)
#: The lowest target of a scaling policy.
SCALING_TARGET_MIN = Limit(0, "%", source=CAPACITY_PROVIDER_SCALING_CONFIG)
#: The highest target of a scaling policy.
SCALING_TARGET_MAX = Limit(100, "%", source=CAPACITY_PROVIDER_SCALING_CONFIG)

#: The fewest subnets of one capacity provider.
SUBNETS_MIN = Limit(1, "subnets", source=CAPACITY_PROVIDER_VPC_CONFIG)
#: The most subnets of one capacity provider.
SUBNETS_MAX = Limit(16, "subnets", source=CAPACITY_PROVIDER_VPC_CONFIG)
#: The most security groups of one capacity provider.
SECURITY_GROUPS_MAX = Limit(
    5,
    "security groups",
    source=CAPACITY_PROVIDER_VPC_CONFIG,
    note="the API accepts an empty list; aws-cdk-lib 2.275 requires at least one",
)
#: The Availability Zones needed to survive the loss of one.
AVAILABILITY_ZONES_RESILIENT = Limit(2, "Availability Zones", source=NETWORKING, note="AWS recommends three")
#: The Availability Zones that AWS recommends.
AVAILABILITY_ZONES_DEFAULT = Limit(3, "Availability Zones", source=NETWORKING)
#: The most architectures of one capacity provider.
ARCHITECTURES_MAX = Limit(1, "architectures", source=INSTANCE_REQUIREMENTS)
#: The most characters in the name of a capacity provider.
CAPACITY_PROVIDER_NAME_LENGTH_MAX = Limit(140, "characters", source=CAPACITY_PROVIDER)
#: The most function versions on one capacity provider.
FUNCTION_VERSIONS_MAX = Limit(100, "function versions", source=QUOTAS, note="AWS does not raise this quota")
#: The most tags that a capacity provider propagates to its instances.
PROPAGATED_TAGS_MAX = Limit(40, "tags", source=CAPACITY_PROVIDER)

#: What the operator role must be allowed on a customer-managed key, or no instance starts. From AWS's workshop on
#: Managed Instances (read 2026-11-24); the guide names no actions.
OPERATOR_KEY_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant")
#: The service that assumes operator roles.
OPERATOR_SERVICE = "lambda.amazonaws.com"
#: AWS's policy for operator roles.
OPERATOR_POLICY = "AWSLambdaManagedEC2ResourceOperator"

# --- alarms and metrics -----------------------------------------------------------------------------------------

_SKILL = "https://github.com/aws/agent-toolkit-for-aws"

#: How often Lambda sends metrics of Managed Instances to CloudWatch.
METRIC_INTERVAL = Limit(5, "minutes", source=MONITORING)
#: The longest evaluation range of an alarm with periods shorter than an hour.
ALARM_EVALUATION_MAX = Limit(
    86400,
    "s",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
    read="2026-11-27",
    note="taken from botocore 1.44.8",
)
#: The share of throttled invocations above which to raise an alarm.
THROTTLED_SHARE_ALARM = Limit(1, "%", source=_SKILL, note="AWS's skill for coding assistants; the guide names none")
#: The CPU utilisation of execution environments above which to raise an alarm.
CPU_UTILIZATION_ALARM = Limit(80, "%", source=_SKILL, note="AWS's skill for coding assistants; the guide names none")
#: The memory utilisation of execution environments above which to raise an alarm.
MEMORY_UTILIZATION_ALARM = Limit(90, "%", source=_SKILL, note="AWS's skill for coding assistants; the guide names none")

# --- scheduled bounds -------------------------------------------------------------------------------------------

_RETRY_POLICY = "https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html"
_BOTOCORE = "taken from botocore 1.44.8"

#: The shortest time for which EventBridge Scheduler retries a call.
SCHEDULE_EVENT_AGE_MIN = Limit(60, "s", source=_RETRY_POLICY, read="2026-11-27", note=_BOTOCORE)
#: The longest time for which EventBridge Scheduler retries a call.
SCHEDULE_EVENT_AGE_MAX = Limit(86400, "s", source=_RETRY_POLICY, read="2026-11-27", note=_BOTOCORE)
#: The most retries of a call by EventBridge Scheduler.
SCHEDULE_RETRIES_MAX = Limit(185, "retries", source=_RETRY_POLICY, read="2026-11-27", note=_BOTOCORE)

# --- what the constructs check before CDK does ------------------------------------------------------------------

_CREATE_FUNCTION = f"{API}/API_CreateFunction.html"
_EVENT_INVOKE_CONFIG = f"{API}/API_PutFunctionEventInvokeConfig.html"

#: The most characters in the name of a function.
FUNCTION_NAME_LENGTH_MAX = Limit(64, "characters", source=_CREATE_FUNCTION, read="2026-11-28", note=_BOTOCORE)
#: The most characters in the description of a function.
DESCRIPTION_LENGTH_MAX = Limit(256, "characters", source=_CREATE_FUNCTION, read="2026-11-28", note=_BOTOCORE)
#: The most layers of a function.
LAYERS_MAX = Limit(
    5, "layers", source=f"{GUIDE}/chapters-layers.html", read="2026-11-28", note="taken from aws-cdk-lib 2.275.0"
)
#: The shortest time for which Lambda keeps an asynchronous invocation.
ASYNCHRONOUS_EVENT_AGE_MIN = Limit(60, "s", source=_EVENT_INVOKE_CONFIG, read="2026-11-28", note=_BOTOCORE)
#: The longest time for which Lambda keeps an asynchronous invocation, which is also the default.
ASYNCHRONOUS_EVENT_AGE_MAX = Limit(21600, "s", source=_EVENT_INVOKE_CONFIG, read="2026-11-28", note=_BOTOCORE)
#: The most retries of an asynchronous invocation, which is also the default.
ASYNCHRONOUS_RETRIES_MAX = Limit(2, "retries", source=_EVENT_INVOKE_CONFIG, read="2026-11-28", note=_BOTOCORE)
#: What Lambda takes as the name of an environment variable, in ASCII: the pattern of EnvironmentVariableName in
#: Lambda's API as botocore 1.44.8 has it (read 2026-11-28).
VARIABLE_NAME = re.compile("[a-zA-Z][a-zA-Z0-9_]+")
#: Environment variables that the CDK refuses, in addEnvironment of aws-cdk-lib 2.275.0. AWS's list is in
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html.
RESERVED_VARIABLES = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
