"""The environment variables of a function on Managed Instances, as far as they make sense on this machine.

Set as Lambda sets them: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html and
lambda-managed-instances-runtimes.html (read 2026-11-24). What differs:

- There is no execution role, and so no credentials. Pass credentials and a Region with ``env``. boto3 cannot see the
  caller's own credentials: the files of the AWS command line and the instance metadata are hidden from it.
- ``TMPDIR`` is a private directory. Python's temporary files go there, and are removed.
- ``PATH`` and ``LD_LIBRARY_PATH`` are the caller's: the interpreter is one of this machine.
- ``LAMBDA_RUNTIME_DIR``, ``LD_LIBRARY_PATH`` of Lambda's image, and the address of the X-Ray daemon are left out.
"""

from __future__ import annotations

import datetime
import os
import re
import secrets
from collections.abc import Mapping
from typing import Literal

from ..rules.limits import RESERVED_VARIABLES

REGION = "us-east-1"
ACCOUNT = "123456789012"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:local:1"

#: How an environment comes up, in the words of ``AWS_LAMBDA_INITIALIZATION_TYPE``.
InitializationType = Literal["lambda-managed-instances", "on-demand"]
MANAGED_INSTANCES: InitializationType = "lambda-managed-instances"
ON_DEMAND: InitializationType = "on-demand"

# A handler may be given its Region and credentials here, as its caller has them; on Lambda the role has these.
_OF_CALLER = {
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
}
#: What a handler cannot have set for it, here or on Lambda: what the runtime client reads, too.
RESERVED = (RESERVED_VARIABLES - _OF_CALLER) | {
    "_LAMBDA_TELEMETRY_LOG_FD",
    "_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET",
    "AWS_LAMBDA_MAX_CONCURRENCY",
}
_NAME = re.compile("[a-zA-Z][a-zA-Z0-9_]*")
_FUNCTION_ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):[0-9]{12}:function:"
    r"(?P<name>[a-zA-Z0-9_-]{1,64}):(?P<version>\$LATEST(?:\.PUBLISHED)?|[0-9]+)"
)
#: Managed Instances run what is published, ``$LATEST.PUBLISHED`` too; standard functions have no such version.
_NEVER_RUN = ((MANAGED_INSTANCES, "$LATEST"), (ON_DEMAND, "$LATEST.PUBLISHED"))
#: What processes have of the caller's own environment: where programs and libraries are.
_CALLERS = ("PATH", "LD_LIBRARY_PATH")
#: On Managed Instances logs are JSON; a standard function says so itself.
_LOGS_OF_MANAGED_INSTANCES = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO"}


def variables(
    *,
    handler: str,
    task_root: str,
    max_concurrency: int,
    memory_size: int,
    env: Mapping[str, str],
    initialization_type: InitializationType,
    function_arn: str,
    runtime_api: str,
    log_socket: str,
    tmp: str,
) -> dict[str, str]:
    """Return all environment variables of the processes."""
    match = _FUNCTION_ARN.fullmatch(function_arn)
    assert match, function_arn
    region, name, version = match["region"], match["name"], match["version"]
    managed = initialization_type == MANAGED_INSTANCES
    today = datetime.datetime.now(datetime.timezone.utc)
    return {
        **{name: os.environ[name] for name in _CALLERS if name in os.environ},
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "TMPDIR": tmp,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        **(_LOGS_OF_MANAGED_INSTANCES if managed else {}),
        **env,
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": task_root,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_INITIALIZATION_TYPE": initialization_type,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{today:%Y/%m/%d}/[{version}]{secrets.token_hex(16)}",
        **(
            {
                "AWS_LAMBDA_MAX_CONCURRENCY": str(max_concurrency),
                "_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET": log_socket,
            }
            if managed
            else {}
        ),
    }


def function_arn_problems(function_arn: object, initialization_type: object) -> list[str]:
    """Return a line for each problem of the function's ARN."""
    match = _FUNCTION_ARN.fullmatch(function_arn) if isinstance(function_arn, str) else None
    if match and (initialization_type, match["version"]) in _NEVER_RUN:
        instead = "$LATEST" if initialization_type == ON_DEMAND else "$LATEST.PUBLISHED"
        return [
            f"function_arn must be that of a version that runs as {initialization_type!r}, got {function_arn!r}; end "
            f"it in :{instead} or in the number of a version"
        ]
    if match:
        return []
    return [f"function_arn must be the ARN of one version of a function, as in {FUNCTION_ARN!r}, got {function_arn!r}"]


def problems(env: Mapping[str, str]) -> list[str]:
    """Return a line for each environment variable that cannot be set."""
    found = []
    for name, value in env.items():
        if name in RESERVED:
            found.append(f"env must not set {name}: Lambda sets it itself; leave it out")
        elif not isinstance(name, str) or not _NAME.fullmatch(name):
            found.append(f"env must have names of letters, digits and underscores, a letter first, got {name!r}")
        elif not isinstance(value, str):
            found.append(f"env[{name!r}] must be a string, got {value!r}; write {str(value)!r}")
        elif "\0" in value:
            found.append(f"env[{name!r}] must not contain the character NUL, got {value!r}")
    return found
