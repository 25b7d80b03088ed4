"""What Lambda says when a function for Managed Instances is configured or published."""

from __future__ import annotations

from ..rules.limits import FUNCTION_CAPACITY_PROVIDER_CONFIG, RUNTIMES, SCALING, VERSIONS
from .failure import Basis, Failure, Source
from .sources import COOKBOOK, DURABLE_SDK_495, LESSONS_LEARNED, LOCALSTACK, POWERTOOLS_5735, SERVERLESS
from .states import FUNCTION_LOG, REASON, SYSTEM_LOG

#: What Lambda's own client for Python calls a handler that it cannot load, as users quote it.
RUNTIME_CLIENT_29 = Source("https://github.com/aws/aws-lambda-python-runtime-interface-client/issues/29", "2026-11-27")
#: What CloudFormation says of a resource that did not get ready, and for which the handler gives no reason.
CFN_JAVA_363 = Source("https://github.com/aws-cloudformation/cloudformation-cli-java-plugin/pull/363", "2026-11-28")
#: What is said of code that was built on a machine of another kind.
BASE_IMAGES_26 = Source("https://github.com/aws/aws-lambda-base-images/issues/26", "2026-11-28")
LAMBDA_PACKAGES_58 = Source("https://github.com/Miserlou/lambda-packages/issues/58", "2026-11-28")
RUST_RUNTIME_932 = Source("https://github.com/aws/aws-lambda-rust-runtime/issues/932", "2026-11-28")

PUBLISHING_MESSAGES = (
    Failure(
        id="latest-published-failed",
        messages=("$LATEST.PUBLISHED failed to enter successful state",),
        title="$LATEST.PUBLISHED could not be published",
        meaning="CloudFormation published $LATEST.PUBLISHED of the function, and its execution environments did not "
        "start.",
        cause="Usually the capacity provider has no vCPUs left for the minimum number of execution environments, "
        "three by default. Otherwise initialisation failed. Beside a numbered version, $LATEST.PUBLISHED is a second "
        "fleet that nothing invokes.",
        checks=(REASON, SYSTEM_LOG),
        fixes=(
            "define the function with ``ManagedInstanceFunction``, which publishes a version and not "
            "$LATEST.PUBLISHED; in a template, set PublishToLatestPublished: false",
            "or raise ``max_v_cpu_count=`` of the capacity provider",
        ),
        rules=("LMI306", "LMI603"),
        sources=(DURABLE_SDK_495, Source(VERSIONS)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="NotStabilized",
        codes=("NotStabilized",),
        messages=("Resource of type '{type}' with identifier '{name}' did not stabilize.",),
        subject=("not stabilize",),
        title="CloudFormation waited, but the resource did not become ready",
        meaning="The resource was created, but reached a state in which CloudFormation gives up. Lambda gives the "
        "reason.",
        cause="The execution environments of a version or of $LATEST.PUBLISHED did not start.",
        checks=(REASON, SYSTEM_LOG),
        fixes=("run cdk-lmi explain on the StateReasonCode, fix what it names, and deploy again",),
        sources=(POWERTOOLS_5735, CFN_JAVA_363),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="Runtime.ImportModuleError",
        codes=(
            "Runtime.ImportModuleError",
            "Runtime.HandlerNotFound",
            "Runtime.UserCodeSyntaxError",
            "Runtime.MalformedHandlerName",
            "Runtime.BuiltInModuleConflict",
        ),
        messages=(
            "Unable to import module '{module}': No module named '{name}'",
            "Handler '{handler}' missing on module '{module}'",
            "Cannot use built-in module {module} as a handler module",
        ),
        subject=("Unable to import module", "missing on module", "built-in module"),
        title="the runtime cannot load the handler",
        meaning="The runtime did not find the handler's module, or a module that it imports, or the module does not "
        "have the handler, or it is not valid Python. No event reaches the code.",
        cause="A dependency is not packaged, was built for the other architecture or another version of Python, or "
        "the handler is not where handler= says, or its module has the name of one that is built into Python.",
        checks=(
            "the name after No module named: the handler's own module, or a dependency",
            "what is packaged: the module belongs at the top, or where handler= says",
            FUNCTION_LOG,
        ),
        fixes=(
            "correct ``handler=``, or what is packaged in ``code=``",
            "install the dependency for the function's ``architecture=`` and ``runtime=``",
        ),
        rules=("LMI405", "LMI711"),
        sources=(RUNTIME_CLIENT_29,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="built-for-another-machine",
        messages=(
            "fork/exec /lambda-entrypoint.sh: exec format error",
            "/var/task/{file}: invalid ELF header",
            "version `GLIBC_2.28' not found (required by {file})",
        ),
        subject=("exec format error", "invalid ELF header", "version `GLIBC"),
        title="the code was built for another machine, if a function says so",
        meaning="A program or a library is in a form that the instances do not run: that of another architecture, or "
        "of a system with a newer C library than the runtime has.",
        cause="It was built or installed on a machine with another processor or another Linux, such as a Mac, or a "
        "build server that is newer than Amazon Linux.",
        checks=(
            "``architecture=`` of the function, and what the file is for: ``file <file>``",
            "where the code was built or its dependencies were installed",
        ),
        fixes=(
            "build for the function's ``architecture=`` and ``runtime=``, in an image of that runtime or with "
            "packages for it: ``pip install --platform manylinux2014_aarch64 --only-binary=:all:``, ``docker build "
            "--platform linux/arm64``",
            "or change ``architecture=`` to that of the code",
        ),
        sources=(BASE_IMAGES_26, LAMBDA_PACKAGES_58, RUST_RUNTIME_932),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="memory-below-ratio",
        messages=("Memory ratio of 4096.0MB per CPU exceeds function's total memory",),
        title="the memory is less than that of one vCPU",
        meaning="One execution environment must have at least the memory that comes with one vCPU.",
        cause="The memory_size is below execution_environment_memory_gib_per_v_cpu x 1024.",
        checks=("both values of the function",),
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
        id="memory-refused",
        messages=("Managed Instance functions must have memory size greater than or equal to 2048",),
        subject=("must have memory size",),
        title="the memory is below the minimum of Managed Instances",
        meaning="A function on Managed Instances has 2048 MiB of memory at least. Standard functions start at 128 MiB, "
        "which is also the default of the CDK's own construct and of other tools.",
        cause="The function ran on standard Lambda before, or its memory is not set.",
        checks=("the MemorySize of the function",),
        fixes=(
            "raise ``memory_size=`` to 2048 or more, a multiple of the memory per vCPU; ``ManagedInstanceFunction`` "
            "has 2048 by default",
        ),
        rules=("LMI101",),
        sources=(LESSONS_LEARNED,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="concurrency-refused",
        codes=("PerExecutionEnvironmentMaxConcurrency",),
        title="Lambda refused the concurrency of one execution environment",
        meaning="AWS accepts 1 to 1600 concurrent invocations, and no more than 64 for each vCPU of the execution "
        "environment.",
        cause="The per_execution_environment_max_concurrency is above 64 x vCPUs, or outside its range.",
        checks=("the vCPUs of one execution environment: memory_size / (ratio x 1024)",),
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
        title="log levels need JSON logs, the only format on Managed Instances",
        meaning="The function asks for text logs. On Managed Instances logs must be JSON, because the lines of "
        "concurrent invocations are mixed.",
        cause="LoggingConfig.LogFormat is Text, or is missing beside a log level.",
        checks=("the LoggingConfig of the function",),
        fixes=(
            "define the function with ``ManagedInstanceFunction``, which sets JSON; in a template, set LogFormat: JSON",
        ),
        rules=("LMI707",),
        sources=(LOCALSTACK, Source(RUNTIMES)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="file-system-refused",
        messages=("File system configuration isn't compatible with {what}",),
        subject=("File system configuration",),
        title="Managed Instances do not support file systems",
        meaning="The function has FileSystemConfigs, which Managed Instances do not support.",
        cause="The function ran on standard Lambda before.",
        checks=("the FileSystemConfigs of the function",),
        fixes=("remove the file system, and use Amazon S3, or ``ephemeral_storage_size=`` for /tmp",),
        rules=("LMI703",),
        sources=(SERVERLESS,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="reserved-concurrency-refused",
        messages=("Lambda Managed Instances do not support reserved concurrency",),
        subject=("support reserved",),
        title="Managed Instances do not support reserved concurrency",
        meaning="The number of concurrent invocations of a function is its execution environments x their concurrency.",
        cause="The function sets ReservedConcurrentExecutions.",
        checks=("the ReservedConcurrentExecutions of the function",),
        fixes=("limit it with ``max_execution_environments=`` and ``per_execution_environment_max_concurrency=``",),
        rules=("LMI705",),
        sources=(Source(SCALING),),
        basis=Basis.REPORTED,
    ),
)
