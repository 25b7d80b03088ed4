"""LMI7xx: features that Managed Instances do not support."""

from __future__ import annotations

import re

from .engine import Change, Finding, Severity, change, rule
from .facts import language_of
from .limits import (
    CAPACITY_PROVIDERS,
    LANGUAGES,
    MANAGED_INSTANCES,
    NODE_JS,
    OS_ONLY_PREFIX,
    PYTHON,
    RUNTIMES,
    RUST,
    SAM_ACCELERATOR_CONFIG,
    SAM_TRANSLATOR,
    SQS_EVENT_SOURCES,
    TIMEOUT_MAX,
    TIMEOUT_MIN,
    TIMEOUT_SYNCHRONOUS_MAX,
    VISIBILITY_PER_TIMEOUT,
)

NODE_RUNTIME_CLIENT = "https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/UserFunction.js"
SERVERLESS_FRAMEWORK = (
    "https://github.com/serverless/serverless/blob/main/docs/sf/providers/aws/guide/managed-instances.md"
)


@rule("LMI701", severity=Severity.ERROR, source=RUNTIMES)
def unsupported_runtime(runtime: str) -> Finding | None:
    """The runtime is not available on Managed Instances.

    Managed Instances run Python from 3.13, Node.js from 22, Java from 21, .NET from 8, and Rust on provided.al2023, but
    not Ruby or Go. The name of an OS-only runtime does not say whether it contains Rust, so that case is only a
    warning. Lambda's message: "Runtime Enum X does not support specified feature: Lambda Managed Instances".
    """
    language = language_of(runtime)
    if language is not None:
        if _release(runtime) >= _release(language.oldest_runtime):
            return None
        return _wrong_runtime(
            runtime, f"be {language.oldest_runtime} or newer", change(runtime=language.oldest_runtime)
        )
    if runtime.startswith(OS_ONLY_PREFIX) and _release(runtime) >= _release(RUST.oldest_runtime):
        return Finding(
            subject="runtime",
            must=f"be a runtime that Managed Instances support, or contain {RUST.name} code",
            got=runtime,
            fix=(change(f"acknowledge LMI701 if the code is {RUST.name}"),),
            severity=Severity.WARNING,
        )
    oldest = [*(language.oldest_runtime for language in LANGUAGES), RUST.oldest_runtime]
    return _wrong_runtime(
        runtime,
        f"be a runtime that Managed Instances support ({', '.join(oldest)}, or newer)",
        change("port the handler, or keep the function on standard Lambda", runtime=PYTHON.oldest_runtime),
    )


@rule("LMI702", severity=Severity.ERROR, source=MANAGED_INSTANCES)
def snapstart(snap_start: bool) -> Finding | None:
    """SnapStart is on.

    Managed Instances start no environment for a request, so there is nothing to restore from a snapshot. The rule is
    based on an emulator that answers as AWS does. No AWS page says it.
    """
    return _unsupported("snap_start", snap_start, "SnapStart")


@rule("LMI703", severity=Severity.ERROR, source=SERVERLESS_FRAMEWORK)
def file_system(filesystem: bool) -> Finding | None:
    """A file system is mounted.

    Lambda refuses file systems on functions with a capacity provider ("File system configuration isn't compatible…").
    """
    return _unsupported("filesystem", filesystem, "a file system")


@rule("LMI704", severity=Severity.ERROR, source=SAM_TRANSLATOR)
def function_vpc_config(vpc: bool) -> Finding | None:
    """The function itself has a VPC configuration.

    On Managed Instances the network comes from the capacity provider. AWS SAM refuses VpcConfig together with
    CapacityProviderConfig.
    """
    return _unsupported("vpc", vpc, "a VPC of the function's own")


@rule("LMI705", severity=Severity.WARNING, source=CAPACITY_PROVIDERS)
def reserved_concurrency(reserved_concurrent_executions: int | None) -> Finding | None:
    """The function has reserved concurrency.

    AWS does not document reserved concurrency for Managed Instances. Their limit is the number of execution
    environments times the concurrency of each.
    """
    if reserved_concurrent_executions is None:
        return None
    return Finding(
        subject="reserved_concurrent_executions",
        must="be left out: what bounds a function on Managed Instances is its maximum of execution environments",
        got=str(reserved_concurrent_executions),
        fix=(change(reserved_concurrent_executions=None),),
    )


@rule("LMI706", severity=Severity.ERROR, source=MANAGED_INSTANCES)
def tenant_isolation(tenancy_config: bool) -> Finding | None:
    """Tenant isolation is on.

    According to AWS's skill for coding assistants, tenant isolation is only for standard functions,
    https://github.com/aws/agent-toolkit-for-aws.
    """
    return _unsupported("tenancy_config", tenancy_config, "tenant isolation")


@rule("LMI707", severity=Severity.ERROR, source=RUNTIMES)
def text_logs(logging_format: str) -> Finding | None:
    """Logs are written as text.

    The lines of concurrent invocations are mixed in one stream. Only JSON logs carry the request id that tells them
    apart, and Managed Instances accept no other format.
    """
    if logging_format == "JSON":
        return None
    return Finding(
        subject="logging_format",
        must="be JSON",
        got=logging_format,
        fix=(change(logging_format="JSON"),),
    )


@rule("LMI708", severity=Severity.ERROR, source=TIMEOUT_MAX.source)
def timeout_out_of_range(timeout: int) -> Finding | None:
    """The timeout exceeds Lambda's maximum, or the maximum for synchronous callers.

    Asynchronous invocations and event source mappings may run for 90 minutes on Managed Instances. Synchronous callers
    are cut off at 15 minutes (API Gateway and function URLs earlier), which is only a warning. AWS's SDK model says 30
    minutes.
    """
    if TIMEOUT_MIN <= timeout <= TIMEOUT_SYNCHRONOUS_MAX:
        return None
    if TIMEOUT_SYNCHRONOUS_MAX < timeout <= TIMEOUT_MAX:
        return Finding(
            subject="timeout",
            must=f"be at most {TIMEOUT_SYNCHRONOUS_MAX} s to answer callers that wait",
            got=f"{timeout} s",
            fix=(
                change(timeout=int(TIMEOUT_SYNCHRONOUS_MAX)),
                change("acknowledge LMI708 where the function is only invoked asynchronously or by event sources"),
            ),
            severity=Severity.WARNING,
        )
    nearest = TIMEOUT_MIN if timeout < TIMEOUT_MIN else TIMEOUT_SYNCHRONOUS_MAX
    return Finding(
        subject="timeout",
        must=f"be between {TIMEOUT_MIN} and {TIMEOUT_MAX} s",
        got=f"{timeout} s",
        fix=(change(timeout=int(nearest)),),
    )


@rule("LMI709", severity=Severity.ERROR, source=SAM_ACCELERATOR_CONFIG)
def accelerator_without_image(
    accelerator: bool, package_type: str = "Image", architecture: str = "x86_64"
) -> Finding | None:
    """A function with an accelerator is not a container image for x86_64.

    Lambda gives accelerators, such as GPUs, only to functions of the package type Image and the architecture x86_64.
    """
    if not accelerator or (package_type, architecture) == ("Image", "x86_64"):
        return None
    return Finding(
        subject="accelerator",
        must="be asked for by a container image for x86_64",
        got=f"package type {package_type} for {architecture}",
        fix=(
            change(
                "package the function as a container image for x86_64, on a capacity provider for x86_64",
                package_type="Image",
                architecture="x86_64",
                capacity_provider_architectures=("x86_64",),
                allowed_instance_types=(),
            ),
            change(accelerator=False),
        ),
        fields=("accelerator", "package_type", "architecture"),
    )


@rule("LMI710", severity=Severity.ERROR, source=SQS_EVENT_SOURCES)
def visibility_timeout_too_short(timeout: int, visibility_timeout: int) -> Finding | None:
    """A queue that calls the function has a visibility timeout shorter than the function's timeout.

    Other consumers could receive a message while the function still works on it. Lambda refuses such an event source
    mapping: "Queue visibility timeout: 30 seconds is less than Function timeout: 120 seconds". The default of a queue
    is 30 s. AWS recommends six times the timeout, so that Lambda can retry when the function is throttled.
    """
    # A timeout that no function can have is told by LMI708.
    if timeout <= visibility_timeout or timeout > TIMEOUT_MAX:
        return None
    return Finding(
        subject="visibility_timeout",
        must=f"be at least {timeout} s, which is the function's timeout",
        got=f"{visibility_timeout} s",
        fix=(
            change(visibility_timeout=VISIBILITY_PER_TIMEOUT * timeout),
            *((change(timeout=visibility_timeout),) if visibility_timeout >= TIMEOUT_MIN else ()),
        ),
        fields=("visibility_timeout", "timeout"),
    )


@rule("LMI711", severity=Severity.ERROR, source=NODE_RUNTIME_CLIENT)
def malformed_handler(handler: str, runtime: str) -> Finding | None:
    """The handler has no dot between the file and the function.

    The runtimes for Python and Node.js split it there, and do not start if they cannot: Runtime.MalformedHandlerName,
    "Bad handler", so that the version is never published. A colon, as in index:handler, is how programs for Python
    write it, and cdk-lmi fit takes it too. Lambda does not.
    """
    if language_of(runtime) not in (PYTHON, NODE_JS) or _names_a_function(handler):
        return None
    with_dot = ".".join(handler.rsplit(":", 1))
    is_meant = _names_a_function(with_dot)
    return Finding(
        subject="handler",
        must="be a file and a function with a dot between them, as in index.handler",
        got=handler or "no text",
        fix=(
            change(handler=with_dot)
            if is_meant
            else change(handler="index.handler", note="if these are the file and the function"),
        ),
        fields=("handler",),
    )


def _names_a_function(handler: str) -> bool:
    """Whether there is a function after the last dot: one in a folder's name is none, and a colon is in no name."""
    file, _, function = handler.rpartition("/")[2].rpartition(".")
    return bool(file) and bool(function) and ":" not in function


def _unsupported(fact: str, present: bool, what: str) -> Finding | None:
    if not present:
        return None
    return Finding(
        subject=fact,
        must="be left out on Managed Instances",
        got=what,
        fix=(Change({fact: False}), Change({fact: False}, "keep the function on standard Lambda")),
    )


def _wrong_runtime(runtime: str, must: str, mend: Change) -> Finding:
    return Finding(subject="runtime", must=must, got=runtime, fix=(mend,))


def _release(runtime: str) -> tuple[int, ...]:
    """Return the release in a runtime identifier: (3, 13) of python3.13, (2023,) of provided.al2023."""
    return tuple(map(int, re.findall(r"\d+", runtime)))
