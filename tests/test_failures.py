"""What AWS says when something fails: that all of it is known, and is recognised however it is pasted."""

import inspect
import json
import re
import subprocess
import sys
import time
import traceback
from datetime import date
from functools import cache
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sqs_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as s3_notifications
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses
from aws_cdk import aws_ses_actions as ses_actions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions
from aws_cdk import aws_stepfunctions_tasks as tasks
from aws_cdk import custom_resources as cr
from botocore.exceptions import NoCredentialsError, NoRegionError, ParamValidationError
from botocore.loaders import Loader
from botocore.session import Session
from constructs import Construct
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction, ManagedInstanceNetwork
from cdk_lmi.cli import main
from cdk_lmi.failures.catalogue import FAILURES
from cdk_lmi.failures.recognition import Recognition
from cdk_lmi.rules.catalogue import RULES

RECOGNITION = Recognition(FAILURES)
NO_RESOURCE = "policy-without-resource"
MESSAGES = [(failure, message) for failure in FAILURES for message in failure.messages]
BY_MESSAGE = pytest.mark.parametrize(("failure", "message"), MESSAGES, ids=[failure.id for failure, _ in MESSAGES])
BY_FAILURE = pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.id)

#: The enumerations of Lambda's API that say how something is, or why it failed.
ENUMERATIONS = (
    "State",
    "StateReasonCode",
    "LastUpdateStatus",
    "LastUpdateStatusReasonCode",
    "CapacityProviderState",
    "ThrottleReason",
)
#: Exceptions of that API that are of Managed Instances only.
EXCEPTIONS = (
    "CapacityProviderLimitExceededException",
    "FunctionVersionsPerCapacityProviderLimitExceededException",
    "NoPublishedVersionException",
)


#: Operations of Lambda's API that many services call the same.
ANYBODYS = {
    "DeleteResourcePolicy",
    "GetAccountSettings",
    "GetPolicy",
    "GetResourcePolicy",
    "ListTags",
    "PutResourcePolicy",
    "TagResource",
    "UntagResource",
}

#: A line of a log that is of another service.
ANOTHERS_LINE = (
    "[ERROR] ClientError: An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: a"
)


@cache
def model(service):
    """The API of a service, as botocore has it."""
    return Loader().load_service_model(service, "service-2")


def api():
    """What Lambda's API knows."""
    return model("lambda")["shapes"]


def operations(service):
    """The names of a service's operations."""
    return set(model(service)["operations"])


def ids(text):
    return [failure.id for failure in RECOGNITION.recognise(text)]


def filled(message, value="python3.12"):
    """A message with something where AWS puts something."""
    return re.sub(r"\{\w+\}", value, message)


def is_word(token):
    """Whether a part of a message says something: it is no number, which is another one each time, and not short."""
    return len(token) > 3 and any(map(str.isalpha, token)) and not any(map(str.isdigit, token))


def has_any(phrases, text):
    """Whether there is one of the phrases in a text, or there are no phrases at all."""
    return not phrases or any(phrase.lower() in text.lower() for phrase in phrases)


def thirds(failure, message):
    """Every part of a message with a third of its words, three at the least if it has them, and what it is about.

    The context of a failure may be far from the rest of a message: as many more words as it takes to have both.
    """
    words = sum(map(is_word, message.split()))
    third = min(words, max(3, -(-words // 3)))
    sizes = range(third, words + 1 if failure.context else third + 1)
    return next(filter(None, (list(parts(failure, message, size)) for size in sizes)), [])


def parts(failure, message, least):
    """Every part of a message with so many words and what the message is about."""
    tokens = message.split()
    for start in range(len(tokens)):
        for end in range(start + 1, len(tokens) + 1):
            part = " ".join(tokens[start:end])
            is_about = has_any(failure.subject, part) and has_any(failure.context, part)
            is_third = sum(map(is_word, tokens[start:end])) == least
            if is_about and is_third and is_word(tokens[start]) and is_word(tokens[end - 1]):
                yield part


@pytest.mark.parametrize("code", sorted({code for name in ENUMERATIONS for code in api()[name]["enum"]}))
def test_every_code_of_the_api_is_explained(code):
    """By the one failure that has it, as it is and among the fields of an answer."""
    (failure,) = RECOGNITION.recognise(code)
    assert code in failure.codes
    assert ids(json.dumps({"FunctionName": "orders", "StateReasonCode": code})) == [failure.id]


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_every_exception_of_managed_instances_is_explained(name):
    """As botocore raises it."""
    assert api()[name]["exception"]
    assert ids(f"botocore.errorfactory.{name}: An error occurred ({name}) when calling the Invoke operation") == [name]


@BY_FAILURE
def test_every_failure_is_found_by_its_id_and_its_codes(failure):
    """In any case, with and without dots, and by nothing else."""
    for code in (failure.id, *failure.codes):
        for written in (code, code.lower(), f' "{code}",', code.replace(".", "")):
            assert ids(written) == [failure.id]


@BY_MESSAGE
def test_no_message_is_taken_for_another(failure, message):
    """All of it is of one failure alone."""
    assert ids(filled(message)) == [failure.id]


@BY_MESSAGE
def test_a_third_of_a_message_is_enough(failure, message):
    """Whichever third has what it is about. Words that two messages share lead to both."""
    found = thirds(failure, filled(message))
    assert found
    for part in found:
        assert failure.id in ids(part), part


@BY_MESSAGE
def test_messages_are_found_in_what_is_around_them(failure, message):
    """A line of CloudFormation's, JSON with escapes, a traceback; told as vague what only says that it failed."""
    text = filled(message)
    event = f'CREATE_FAILED AWS::Lambda::Version Resource handler returned message: "{text} (Service: Lambda, Status '
    event = f'{event}Code: 400, Request ID: 5af6)" (RequestToken: 9b, HandlerErrorCode: NotStabilized)'
    vague = ["NotStabilized"] if failure.is_vague else []
    assert ids(event) == list(dict.fromkeys([failure.id, *vague]))
    answer = json.dumps({"State": "Failed", "StateReason": text.replace(" ", "\n", 3)})
    assert ids(answer) == [*(["Failed"] if failure.is_vague else []), failure.id]
    assert ids(f'Traceback (most recent call last):\n  File "deploy.py", line 7\n{text}\nthe build failed\n') == [
        failure.id
    ]


NUMBERS = st.integers(0, 10**9).map(str) | st.floats(0, 10**6, allow_nan=False).map(str)
ARNS = st.from_regex(
    r"arn:aws:lambda:[a-z]{2}-[a-z]{4}-[1-3]:[0-9]{12}:(function|capacity-provider):[A-Za-z0-9_-]{1,30}", fullmatch=True
)


@given(st.data())
def test_other_numbers_names_breaks_and_quotes_change_nothing(data):
    """What changes from one time to the next does not matter."""
    failure, message = data.draw(st.sampled_from(MESSAGES))
    text = re.sub(r"\{\w+\}", lambda _: data.draw(NUMBERS | ARNS), message)
    text = re.sub(r"\d+(\.\d+)?", lambda _: data.draw(NUMBERS), text)
    words = text.split(" ")
    words.insert(data.draw(st.integers(0, len(words))), data.draw(ARNS | NUMBERS))
    text = "".join(word + data.draw(st.sampled_from([" ", "\n", "\r\n  ", "\t"])) for word in words)
    quotes = data.draw(st.sampled_from(["", "'", '"', '\\"', "`"]))
    text = quotes + text.replace("'", data.draw(st.sampled_from(["'", "\u2019"]))) + quotes
    assert ids(text) == [failure.id]


def test_what_is_clear_goes_before_what_is_vague():
    """A state is told only where no reason is; several reasons are told in their order."""
    assert ids('"State": "Failed"') == ["Failed"]
    assert ids('"State": "Failed", "StateReasonCode": "InsufficientCapacity"') == ["InsufficientCapacity"]
    assert ids("KMSKeyNotFound, then InsufficientCapacity: Failed") == ["KMSKeyNotFound", "InsufficientCapacity"]
    assert ids("FunctionError.InitTimeout") == ["FunctionError.InitTimeout"]
    assert ids("FunctionError.Whatever") == ["FunctionError"]


@pytest.mark.parametrize(
    "text",
    ["the build failed", "Active sessions: 3", "creating the stack", "hello world", "", " ", "\n", "0", "the function"],
)
def test_plain_words_are_no_answer_of_aws(text):
    """Nothing is made of what anybody writes."""
    assert ids(text) == []


#: As jsii 1.142.0 and Python 3.11 have it.
WITHOUT_NODE = """\
  File "/home/ada/.venv/lib/python3.11/site-packages/jsii/_kernel/providers/process.py", line 262, in start
    self._process = subprocess.Popen(
                    ^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/subprocess.py", line 1026, in __init__
    self._execute_child(args, executable, preexec_fn, close_fds,
  File "/usr/lib/python3.11/subprocess.py", line 1950, in _execute_child
    raise child_exception_type(errno_num, err_msg, err_filename)
FileNotFoundError: [Errno 2] No such file or directory: 'node'
Exception ignored in: <function _NodeProcess.__del__ at 0x7fb19bc6dd00>
Traceback (most recent call last):
  File "/home/ada/.venv/lib/python3.11/site-packages/jsii/_kernel/providers/process.py", line 230, in __del__
    self.stop()
  File "/home/ada/.venv/lib/python3.11/site-packages/jsii/_kernel/providers/process.py", line 293, in stop
    assert self._process.stdin is not None
           ^^^^^^^^^^^^^
AttributeError: '_NodeProcess' object has no attribute '_process'
"""
#: As jsii 1.142.0 has it under Node 16, and CDK after it.
OLD_NODE = """\
b'!!  Node 16 is end-of-life and not supported anymore by this software since 2024-03-11.  !!\\n'
b'!!  Please upgrade to a supported node version as soon as possible.                      !!\\n'
b'!!                                                                                       !!\\n'
b'!!  This software is currently running on node v16.15.1.                                 !!\\n'
jsii.errors.JavaScriptError:
  @jsii/kernel.RuntimeError: CompileError: WebAssembly.Module(): invalid value type 'externref', enable with \
--experimental-wasm-reftypes @+122
      at Kernel._Kernel_ensureSync (/tmp/tmptnx84djy/lib/program.js:1:72922)
The above exception was the direct cause of the following exception:
RuntimeError: CompileError: WebAssembly.Module(): invalid value type 'externref', enable with \
--experimental-wasm-reftypes @+122"""


def stopped(platform):
    """What CodeDeploy answers of a deployment that an alarm has stopped: the platform comes last."""
    message = (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
        "affected deployments have been stopped. Activated alarms: <Errors>"
    )
    return json.dumps(
        {
            "errorInformation": {"code": "ALARM_ACTIVE", "message": message},
            "deploymentConfigName": "CodeDeployDefault.AllAtOnce" * 20,
            "computePlatform": platform,
        },
        indent=2,
    )


LAUNCH = "Failed to launch c7g.xlarge instance in eu-west-1b: "
NOT_AUTHORIZED = "User: arn:aws:sts::123456789012:assumed-role/deploy is not authorized to perform: "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"StatusCode":200,"FunctionError":"Unhandled","ExecutedVersion":"3"}', ["Unhandled"]),
        (r"{\"FunctionError\": \"Unhandled\"}", ["Unhandled"]),
        ("x-amz-function-error: Unhandled", ["Unhandled"]),
        ('{"FunctionError": "Handled"}', []),
        ("StateReasonCode: FunctionError", ["FunctionError"]),
        ("Unhandled exception in thread", []),
    ],
)
def test_names_of_fields_are_no_codes(text, told):
    """``aws lambda invoke`` answers FunctionError of every handler that raises. It is no reason code there."""
    assert ids(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "SnapStart is not supported",
        "EFS is not supported",
        "python3.9 is not supported",
        *(
            f"{what} not supported for functions configured with capacity provider"
            for what in ("SnapStart is", "Reserved concurrency is", "VPC configuration is", "Function URLs are")
        ),
        "The security group is currently in use by 3 network interfaces. To delete",
        "total memory",
        "in use by",
        "is not supported when",
        "failed to launch the browser",
        "No logs",
    ],
)
def test_what_aws_says_of_other_things_is_not_taken_for_this(text):
    """Nor are words that are in any text."""
    assert ids(text) == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("Internal error - the system will retry", "failed-to-launch"),
        ("SomethingThatIsNotKnown", "failed-to-launch"),
        ("InsufficientInstanceCapacity", "InsufficientCapacity"),
        ("InsufficientFreeAddressesInSubnet", "SubnetOutOfIPAddresses"),
        ("UnauthorizedOperation: You are not authorized to perform this operation", "InsufficientRolePermissions"),
        ("Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state", "InvalidStateKMSKey"),
        ("Client.InternalError: Client error on launch", "KMSKeyAccessDenied"),
        ("VcpuLimitExceeded", "VcpuLimitExceeded"),
        ("RequestLimitExceeded", "EC2RequestLimitExceeded"),
    ],
)
def test_of_a_launch_that_failed_the_reason_is_told(reason, told):
    """In the system log all begin alike."""
    assert ids(LAUNCH + reason) == [told]
    assert ids(json.dumps({"message": f"{LAUNCH}{reason}"})) == [told]


def test_what_ends_a_launch_is_anybodys_elsewhere():
    """Codes of EC2 that say nothing of Managed Instances by themselves: before it, or on another line."""
    for text in ("UnauthorizedOperation", f"Unsupported. {LAUNCH}", f"{LAUNCH}\nUnsupported"):
        assert set(ids(text)) <= {"failed-to-launch"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{NOT_AUTHORIZED}lambda:PassCapacityProvider on resource: arn:aws:lambda:x", ["pass-capacity-provider"]),
        (f"{NOT_AUTHORIZED}iam:PassRole on resource: arn:aws:iam::123456789012:role/x", ["pass-role"]),
        (f"{NOT_AUTHORIZED}s3:GetObject on resource: arn:aws:s3:::x", ["AccessDeniedException"]),
        ('{"Effect": "Allow", "Action": "iam:PassRole"}', []),
        ("You have requested more vCPU capacity than your current vCPU limit", ["VcpuLimitExceeded"]),
        ("Rate exceeded", ["TooManyRequestsException"]),
        ("CPUThrottles", ["TooManyRequestsException"]),
        ("\x1b[31mFunctionErrorInitTimeout\x1b[39m", ["FunctionError.InitTimeout"]),
        ("\x1b]8;;https://a.example\x07\x1b[1;31mKMSKeyNotFound\x1b[0m", ["KMSKeyNotFound"]),
        ("com.example.ServiceException: boom", []),
        ("An error occurred (ServiceException) when calling the Invoke operation", ["InternalError"]),
        ("json: EOF while parsing a value at line 1", []),
        ("EOF while parsing a value", ["streaming-adapter"]),
        ("Availability Zones us-east-1c aren't supported", ["zone-not-supported"]),
        ("Availability Zone eu-west-1b is not supported", ["zone-not-supported"]),
        (
            "The provided subnets contain availability zone Lambda doesn't support. Please use a different set of "
            "subnets. (Service: Lambda, Status Code: 400)",
            ["zone-not-supported"],
        ),
        (
            "Your requested instance type (c9g.xlarge) is not supported in your requested Availability Zone "
            "(us-east-1e). Please retry your request by not specifying an Availability Zone",
            [],
        ),
        (
            "ValidationException: Value '[ARM64]' at 'instanceRequirements.architectures' failed to satisfy "
            "constraint: [Member must satisfy enum value set: [x86_64, arm64]]",
            ["terraform-values"],
        ),
        (
            "ValidationException: Lambda Managed Instance functions must have memory size greater than or equal to "
            "2048",
            ["memory-refused"],
        ),
        ("functions must have memory size between 128 and 10240", []),
        (
            "InvalidParameterValueException: A scaling policy can't be specified when the scalingMode is set to Auto",
            ["scaling-policies-refused"],
        ),
        ("A scaling policy already exists for this resource", []),
        (
            "Value '[x]' at 'runtime' failed to satisfy constraint: [Member must satisfy enum value set: [python3.14]]",
            [],
        ),
        (
            "Stack failed: Error [ValidationError]: Circular dependency between resources: [OrdersFunction520DBA95, "
            "OrdersAliasFA69D35F]",
            ["circular-dependency"],
        ),
        (
            "E3004 Circular Dependencies for resource Orders.  Circular dependency with [OrdersRole, Orders]\n"
            "shop.template.json:1268:9",
            ["circular-dependency"],
        ),
        ("cannot import name 'a' (most likely due to a circular import)", []),
        ("error TS2456: Type alias circularly references itself", []),
        ("errorType: Extension.Crash", ["streaming-adapter"]),
        (
            "Resource handler returned message: \"Resource of type 'AWS::Logs::LogGroup' with identifier "
            '\'{"/properties/LogGroupName":"/aws/lambda/orders"}\' already exists." (RequestToken: 258db5a1, '
            "HandlerErrorCode: AlreadyExists)",
            ["AlreadyExists"],
        ),
        ("Resource of type 'AWS::Logs::LogGroup' with identifier '/aws/lambda/x' already exists", ["AlreadyExists"]),
        ("Resource of type 'AWS::Lambda::Version' with identifier 'a:3' did not stabilize.", ["NotStabilized"]),
        ("Resource of type 'AWS::S3::Bucket' with identifier 'x' was not found.", []),
        (
            "The CIDR '10.0.64.0/18' conflicts with another subnet (Service: Ec2, Status Code: 400, Error Code: "
            "InvalidSubnet.Conflict)",
            ["InvalidSubnet.Conflict"],
        ),
        ("RequestId: 5af6 Error: Runtime exited with error: signal: killed", ["Runtime.ExitError"]),
        ("Runtime.ExitError: RequestId: 5af6 Error: Runtime exited with error: exit status 3", ["Runtime.ExitError"]),
        ('{"errorType": "Runtime.ImportModuleError"}', ["Runtime.ImportModuleError"]),
        ("Runtime.HandlerNotFound: Handler 'handler' missing on module 'app'", ["Runtime.ImportModuleError"]),
        ("Sandbox.Timedout", ["Sandbox.Timedout"]),
        ("2026-11-27T10:00:00Z 5af6 Task timed out after 3.00 seconds", ["Sandbox.Timedout"]),
        ('{"FunctionError": "Unhandled", "errorMessage": "Task timed out after 3.07 seconds"}', ["Sandbox.Timedout"]),
        ("the process exited with error: exit status 1", []),
        ("the command timed out after 30 seconds", []),
        ("ModuleNotFoundError: No module named 'app'", []),
        ("the file already exists", []),
        (
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
            "secretsmanager.us-east-1.amazonaws.com in the VPC vpc-0a1b2c (Service: Ec2, Status Code: 400, Request ID: "
            "5af6) (RequestToken: 9b, HandlerErrorCode: InvalidRequest)",
            ["private-dns-conflict"],
        ),
        (
            "Error creating VPC Endpoint: InvalidParameter: private-dns-enabled cannot be set because there is already "
            "a conflicting DNS domain for *.execute-api.us-east-1.amazonaws.com in the VPC",
            ["private-dns-conflict"],
        ),
        (
            'botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: "https://sqs.eu-west-1.'
            'amazonaws.com/"',
            ["service-unreachable"],
        ),
        (
            '{"errorMessage": "Could not connect to the endpoint URL: \\"https://sqs.eu-west-1.amazonaws.com/\\"", '
            '"errorType": "EndpointConnectionError"}',
            ["EndpointConnectionError"],
        ),
        ("psql: error: could not connect to the server: Connection refused", []),
        (
            "AggregateError [ETIMEDOUT]:\n  code: 'ETIMEDOUT',\n  name: 'TimeoutError',\n  [errors]: [\n"
            "    Error: connect ETIMEDOUT 18.179.209.155:443\n        at createConnectionError (node:net:1634:14)",
            ["service-unreachable"],
        ),
        (
            "TimeoutError: @smithy/node-http-handler - the request socket did not establish a connection with the "
            "server within the configured timeout of 3000 ms.",
            ["service-unreachable"],
        ),
        (
            "TimeoutError: Socket timed out without establishing a connection within 1000 ms\n    at Timeout",
            ["service-unreachable"],
        ),
        (
            "software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: Connect to "
            "sqs.eu-west-1.amazonaws.com:443 [sqs.eu-west-1.amazonaws.com/52.95.1.2] failed: connect timed out",
            ["service-unreachable"],
        ),
        (
            "Caused by: software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: "
            "connect timed out\n\tat software.amazon.awssdk.core.exception.SdkClientException$BuilderImpl.build",
            ["service-unreachable"],
        ),
        (
            "Err(DispatchFailure(DispatchFailure { source: ConnectorError { kind: Timeout, source: hyper::Error("
            'Connect, HttpTimeoutError { kind: "HTTP connect", duration: 3.1s }), connection: Unknown } }))',
            ["service-unreachable"],
        ),
        (
            "dispatch failure: timeout: error trying to connect: HTTP connect timeout occurred after 3.1s",
            ["service-unreachable"],
        ),
        ("SdkClientException: Unable to execute HTTP request: Read timed out", []),
        ("dispatch failure: timeout: HTTP read timeout occurred after 30s", []),
        ('ReadTimeoutError: Read timeout on endpoint URL: "https://lambda.eu-west-1.amazonaws.com/"', []),
        (
            "---> System.Net.Http.HttpRequestException: Name or service not known (sqs.eu-west-1.amazonaws.com:443)\n"
            "---> System.Net.Sockets.SocketException (0xFFFDFFFF): Name or service not known",
            ["name-not-resolved"],
        ),
        (
            "dispatch failure: io error: error trying to connect: dns error: failed to lookup address information: "
            "Name or service not known",
            ["name-not-resolved"],
        ),
        ("ssh: Could not resolve hostname bastion: Name or service not known", []),
        (
            "<--- Last few GCs --->\n[7:0x4353e000] 7082600 ms: Mark-Compact 251.7 (257.2) -> 251.0 (257.5) MB\n"
            "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory",
            ["code-out-of-memory"],
        ),
        (
            "Error [ERR_WORKER_OUT_OF_MEMORY]: Worker terminated due to reaching memory limit: JS heap out of memory",
            ["code-out-of-memory"],
        ),
        (
            'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat example.Handler.handle',
            ["code-out-of-memory"],
        ),
        ("OSError: [Errno 12] Cannot allocate memory", ["code-out-of-memory"]),
        (
            "RequestId: 1 Error: Runtime exited with error: signal: killed\nRuntime.ExitError\n"
            "java.lang.OutOfMemoryError: Java heap space",
            ["Runtime.ExitError"],
        ),
        ("Unable to marshall request to JSON: Java heap space", []),
        (
            "2026-11-28T10:00:00Z 1 WARN @smithy/node-http-handler:WARN - socket usage at capacity=50 and 766 "
            "additional requests are enqueued.\nSee https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-"
            "configuring-maxsockets.html",
            ["client-connections-used-up"],
        ),
        (
            "software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: Timeout waiting "
            "for connection from pool (SDK Attempt Count: 1)",
            ["client-connections-used-up"],
        ),
        (
            "[WARNING] Connection pool is full, discarding connection: sqs.eu-west-1.amazonaws.com. Connection pool "
            "size: 10",
            ["client-connections-used-up"],
        ),
        (
            "psycopg.OperationalError: connection failed: FATAL:  sorry, too many clients already",
            ["database-connections-used-up"],
        ),
        (
            '{"errorType": "error", "errorMessage": "remaining connection slots are reserved for non-replication '
            'superuser and rds_superuser connections", "code": "53300"}',
            ["database-connections-used-up"],
        ),
        (
            '{"errorType": "Error", "errorMessage": "Too many connections", "code": "ER_CON_COUNT_ERROR", '
            '"errno": 1040}',
            ["database-connections-used-up"],
        ),
        ("HTTP 503: too many connections from your address", []),
        ("OSError: [Errno 24] Too many open files: '/tmp/a'", ["file-descriptors-used-up"]),
        (
            "connect EMFILE 52.95.1.2:443 - Local (undefined:undefined)\n    at internalConnect (node:net:1098:16)",
            ["file-descriptors-used-up"],
        ),
        (
            "Error: fork/exec /var/task/bootstrap: exec format error\nRuntime.InvalidEntrypoint",
            ["FunctionError.InvalidEntryPoint"],
        ),
        (
            "ImportError: /var/task/PIL/_imaging.so: invalid ELF header",
            ["built-for-another-machine"],
        ),
        (
            "/var/task/bootstrap: /lib64/libc.so.6: version `GLIBC_2.38' not found (required by /var/task/bootstrap)",
            ["built-for-another-machine"],
        ),
        (
            "usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]\naws: error: argument "
            "operation: Invalid choice, valid choices are:\n\nadd-layer-version-permission             | "
            "add-permission\ncreate-alias                             | create-code-signing-config",
            ["sdk-too-old"],
        ),
        (
            "Invalid choice: 'put-function-scaling-config', maybe you meant:\n\n  * put-function-concurrency",
            ["sdk-too-old"],
        ),
        (
            "aws: error: argument operation: Invalid choice, valid choices are:\n\ncancel-update-stack  | "
            "continue-update-rollback\ncreate-stack  | delete-stack",
            [],
        ),
        (
            'Resource handler returned message: "A version for this Lambda function exists ( 3 ). Modify the function '
            'to create a new version." (RequestToken: 258d, HandlerErrorCode: AlreadyExists)',
            ["version-exists"],
        ),
        (
            "A version for this Lambda function exists ( 3 ). Modify the function to create a new version..",
            ["version-exists"],
        ),
        (
            'Resource handler returned message: "Version already exists: [arn:aws:lambda:eu-west-1:123456789012:'
            "function:orders:3]. Please modify the function to create a new version. (Service: Lambda, Status Code: "
            '409)"',
            ["version-exists"],
        ),
        (
            "Alias already exists: arn:aws:lambda:eu-west-1:123456789012:function:orders:live",
            ["function-or-alias-exists"],
        ),
        ("Function already exist: orders", ["function-or-alias-exists"]),
        (
            "An error occurred (ResourceConflictException) when calling the CreateFunction operation: Function already "
            "exist: orders",
            ["function-or-alias-exists"],
        ),
        (
            'Resource handler returned message: "Function already exist: orders (Service: Lambda, Status Code: 409)" '
            "(RequestToken: 258d, HandlerErrorCode: AlreadyExists)",
            ["function-or-alias-exists"],
        ),
        (
            "UPDATE_ROLLBACK_IN_P | AWS::CloudFormation::Stack | Shop Export Shop:ExportsOutputRefOrdersPool9979E3F1 "
            "cannot be updated as it is in use by Checkout and Monitoring",
            ["export-in-use"],
        ),
        (
            "Export Shop:ExportsOutputFnGetAttOrdersFunctionCurrentVersionA60187F036e646bdVersion8C9E140C cannot be "
            "deleted as it is in use by Monitoring",
            ["export-in-use"],
        ),
        (
            "Delete canceled. Cannot delete export Shop:ExportsOutputFnGetAttPoolArn8C9E140C as it is in use by "
            "Checkout",
            ["export-in-use"],
        ),
        ("The file cannot be deleted as it is in use by another process", []),
        ("The volume cannot be updated as it is in use by i-0a1b2c", []),
        (
            "Shop: SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped? "
            "Please run 'cdk bootstrap' (see https://docs.aws.amazon.com/cdk/latest/guide/bootstrapping.html)",
            ["not-bootstrapped"],
        ),
        (
            "This CDK deployment requires bootstrap stack version '30', found '6' in aws://123456789012/eu-west-1. "
            "Please run 'cdk bootstrap'.",
            ["not-bootstrapped"],
        ),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'node'", ["jsii-without-node"]),
        ("AttributeError: '_NodeProcess' object has no attribute '_process'", ["jsii-without-node"]),
        (WITHOUT_NODE, ["jsii-without-node"]),
        ("\n".join(WITHOUT_NODE.splitlines()[:8]), ["jsii-without-node"]),
        ("\n".join(WITHOUT_NODE.splitlines()[8:]), ["jsii-without-node"]),
        (WITHOUT_NODE.splitlines()[-1] + "\nmake: *** [Makefile:7: synth] Error 1", ["jsii-without-node"]),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'node_modules/aws-cdk/package.json'", []),
        ("Error: ENOENT: no such file or directory, open '/var/task/node_modules/aws-sdk/package.json'", []),
        ("in visit_node\nAttributeError: 'Node' object has no attribute 'name'", []),
        ("RuntimeError: userDefinedHandlerLambda.grantInvoke is not a function", ["construct-passed"]),
        ("RuntimeError: TypeError: props.lambdaFunction.grantInvoke is not a function", ["construct-passed"]),
        ("RuntimeError: this.fn.grantInvoke is not a function", ["construct-passed"]),
        ("RuntimeError: this.handler.addPermission is not a function", ["construct-passed"]),
        (
            "RuntimeError: Shop/U/Resource [AWS::Lambda::Url] is missing required property: targetFunctionArn",
            ["construct-passed"],
        ),
        (
            'line 9\n  apigateway.TokenAuthorizer(self, "Authorizer", handler=orders)\nRuntimeError: Cannot read '
            "properties of undefined (reading 'startsWith')",
            ["construct-passed-perhaps"],
        ),
        (
            'target=targets.LambdaInvoke(orders)\n  ^^^^^^\nRuntimeError: The "data" argument must be of type string '
            "or an instance of Buffer, TypedArray, or DataView. Received undefined",
            ["construct-passed-perhaps"],
        ),
        (
            "Shop/M/Resource [AWS::Lambda::EventSourceMapping] is missing required property: functionName",
            ["construct-passed-perhaps"],
        ),
        # Of these words alone the cause may be anything.
        *(
            (f"TypeError: Cannot read properties of undefined (reading '{name}')", [])
            for name in ("startsWith", "scopes", "tryFindChild", "defaultChild")
        ),
        ('The "data" argument must be of type string or an instance of Buffer. Received undefined', []),
        ("TypeError: bucket.grantRead is not a function", []),
        ("Shop/R/Resource [AWS::IAM::Role] is missing required property: assumeRolePolicyDocument", []),
        (
            'Resource handler returned message: "Invalid request provided: Queue visibility timeout: 30 seconds is '
            'less than Function timeout: 120 seconds (Service: Lambda, Status Code: 400)"',
            ["queue-visibility-timeout"],
        ),
        ("UPDATE_ROLLBACK_FAILED", ["UPDATE_ROLLBACK_FAILED"]),
        (
            "Stack:arn:aws:cloudformation:eu-west-1:123456789012:stack/Shop/5af6 is in UPDATE_ROLLBACK_FAILED state "
            "and can not be updated.",
            ["UPDATE_ROLLBACK_FAILED"],
        ),
        (
            "UPDATE_ROLLBACK_FAILED: KMSKeyNotFound (HandlerErrorCode: NotStabilized)",
            ["UPDATE_ROLLBACK_FAILED", "KMSKeyNotFound"],
        ),
        ("ROLLBACK_FAILED", ["ROLLBACK_COMPLETE"]),
        ("failed creation, it may need to be manually deleted: ROLLBACK_COMPLETE", ["ROLLBACK_COMPLETE"]),
        ("ROLLBACK_COMPLETE: StateReasonCode KMSKeyNotFound", ["KMSKeyNotFound"]),
        # What EC2, KMS, CloudFormation and CodeDeploy say of what is around functions.
        (
            f"{LAUNCH}We currently do not have sufficient c7g.xlarge capacity in the Availability Zone you requested "
            "(eu-west-1b). Our system will be working on provisioning additional capacity.",
            ["InsufficientCapacity"],
        ),
        (
            "Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the "
            "function's KMS key settings. KMS Exception: AccessDeniedExceptionKMS Message: The ciphertext refers to a "
            "customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
            ["KMSKeyAccessDenied"],
        ),
        ("AccessDeniedException: The ciphertext refers to a customer master key", ["AccessDeniedException"]),
        (
            "Shop failed: ValidationError: Template format error: Unrecognized resource types: "
            "[AWS::Lambda::CapacityProvider]",
            ["region-without-managed-instances"],
        ),
        ("Template format error: Unrecognized resource types: [AWS::OSIS::Pipeline]", []),
        (
            'AWS::EC2::VPC Resource handler returned message: "The maximum number of VPCs has been reached. (Service: '
            'Ec2, Status Code: 400, Request ID: 5ce9)" (RequestToken: 79d6, HandlerErrorCode: GeneralServiceException)',
            ["network-quota"],
        ),
        ("Error: creating EC2 EIP: AddressLimitExceeded: The maximum number of addresses has", ["network-quota"]),
        ("The maximum number of addresses has been reached. (Service: Ec2, Status Code: 400)", ["network-quota"]),
        ("The maximum number of addresses in the address book has been reached", []),
        (
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
            "affected deployments have been stopped. Activated alarms: <OrdersErrors>",
            ["rollout-stopped"],
        ),
        ("ALARM_ACTIVE", ["rollout-stopped"]),
        (stopped("Lambda"), ["rollout-stopped"]),
        ("AWS::ECS::Service UPDATE_COMPLETE\nAWS::Lambda::Alias UPDATE_FAILED ALARM_ACTIVE", ["rollout-stopped"]),
        ("the specs of the rollout: ALARM_ACTIVE", ["rollout-stopped"]),
        # CodeDeploy stops rollouts of others, too.
        (stopped("ECS"), []),
        (stopped("Server"), []),
        ("(service shop) (deployment ecs-svc/5913) deployment failed: ALARM_ACTIVE", []),
        ("arn:aws:ecs:eu-west-1:123456789012:service/shop: ALARM_ACTIVE", []),
        (
            "The overall deployment failed because too many individual instances failed deployment, too few healthy "
            "instances are available for deployment, or some instances are experiencing problems.",
            [],
        ),
        (
            "ResourceConflictException: The statement id (AllowApi) provided already exists. Please provide a new "
            "statement id, or remove the existing statement.",
            ["statement-exists"],
        ),
        (
            "CREATE failed for Provider2281708E: One or more security group IDs are invalid. Check that the IDs are "
            "correct and try again. (Service: Lambda, Status Code: 400)",
            ["security-groups-refused"],
        ),
        ("One or more security groups are invalid. Check the subnet group (Service: Rds, Status Code: 400)", []),
        # What runtimes and libraries say in the log of the function.
        (
            "AWS_LAMBDA_MAX_CONCURRENCY is set to '16', but the concurrency-tokio feature is not enabled; running "
            "sequentially",
            ["one-invocation-at-a-time"],
        ),
        (
            "Error: AWS_LAMBDA_MAX_CONCURRENCY is set to '16', but Runtime::run does not support concurrent polling; "
            "enable the experimental-concurrency feature and use Runtime::run_concurrent instead",
            ["one-invocation-at-a-time"],
        ),
        ('{"errorType": "Error", "errorMessage": "InvokeStore is not available"}', ["invoke-store-missing"]),
        ("The store is not available", []),
        ("socket.gaierror: [Errno -2] Name or service not known", ["name-not-resolved"]),
        ('"stack": ["Error: getaddrinfo ENOTFOUND sqs.eu-west-1.amazonaws.com"]', ["name-not-resolved"]),
        ("java.net.UnknownHostException: sqs.eu-west-1.amazonaws.com", ["name-not-resolved"]),
        (
            'Could not connect to the endpoint URL: "https://sqs.eu-west-1.amazonaws.com/"\nsocket.gaierror: [Errno '
            "-3] Temporary failure in name resolution",
            ["EndpointConnectionError"],
        ),
        # A disk is full on machines that build images, too.
        ("write /usr/lib/x.so: no space left on device. An error occurred (KMSKeyNotFound)", ["KMSKeyNotFound"]),
        # What ECS says of its own capacity providers.
        *(
            (text, [])
            for text in (
                "CreateCapacityProvider error: The ECS Service Linked Role does not exist. Please ensure that it "
                "exists and try again. (Service: AmazonECS; Status Code: 400; Error Code: ClientException)",
                "The specified capacity provider is in use and cannot be removed. (Service: AmazonECS; Status Code: "
                "400; Error Code: ResourceInUseException)",
                "The capacity provider cannot be deleted because it is associated with cluster: X. Remove the capacity "
                "provider from the cluster and try again.",
                "CreateCapacityProvider error: Caught ServiceAccessDeniedException for ECSInfrastructureRole[x] "
                "(Service: Ecs, Status Code: 400)",
            )
        ),
        ("UPDATE_FAILED", []),
        ("update", []),
        ("NotFoundException", []),
    ],
)
def test_what_users_paste_is_told(text, told):
    """As it comes, with a terminal's colours; nothing of what is another's."""
    assert ids(text) == told


def without(program):
    """What Python says if a program is missing that a CDK app starts, with Node in the lines above."""
    return "\n".join(
        [
            '  File "/home/ada/.venv/lib/python3.11/site-packages/constructs/__init__.py", line 517, in node',
            '    return typing.cast("Node", jsii.get(self, "node"))',
            *WITHOUT_NODE.splitlines()[:7],
            f"FileNotFoundError: [Errno 2] No such file or directory: '{program}'",
        ]
    )


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("node", ["jsii-without-node"]),
        ("uv", []),
        ("docker", []),
        ("node-gyp", []),
        ("node_modules/.bin/esbuild", []),
        ("/opt/node/bin/npx", []),
    ],
)
def test_only_of_node_it_is_told_that_it_is_missing(program, told):
    """The bundling of functions starts other programs, from below constructs, and each construct has a node."""
    assert ids(without(program)) == told


def raised(line, message):
    """What jsii makes of an error that the CDK raises: the message, the code, and the message again."""
    return (
        f"jsii.errors.JavaScriptError: \n  @jsii/kernel.RuntimeError: Error: {message}\n"
        "      at Kernel._Kernel_ensureSync (/tmp/tmpk1/lib/program.js:9510:23)\n"
        "      at process.processImmediate (node:internal/timers:483:21)\n\n"
        "The above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n"
        f'  File "/home/ada/shop/app.py", line 9, in <module>\n    {line}\n'
        '  File "/home/ada/.venv/lib/python3.11/site-packages/jsii/_runtime.py", line 118, in __call__\n'
        "    inst = super(JSIIMeta, cast(JSIIMeta, cls)).__call__(*args, **kwargs)\n"
        '  File "/home/ada/.venv/lib/python3.11/site-packages/aws_cdk/aws_lambda/__init__.py", line 1, in __init__\n'
        "    jsii.create(self.__class__, self, [scope, id, props])\n"
        '  File "/home/ada/.venv/lib/python3.11/site-packages/jsii/_kernel/providers/process.py", line 342, in send\n'
        "    raise RuntimeError(resp.error) from JavaScriptError(resp.stack)\n"
        f"RuntimeError: {message}\n"
    )


@pytest.mark.parametrize(
    ("line", "message", "told"),
    [
        (
            'lambda_.FunctionUrl(self, "Url", function=orders)',
            "Shop/Url/Resource [AWS::Lambda::Url] is missing required property: targetFunctionArn",
            ["construct-passed"],
        ),
        (
            "lambda_.CfnUrl(self, 'Url', target_function_arn=orders.arn)",
            "Shop/Url [AWS::Lambda::Url] is missing required property: authType (of targetFunctionArn, authType)",
            [],
        ),
        (
            'lambda_.EventSourceMapping(self, "Mapping", target=orders)',
            "Shop/Mapping/Resource [AWS::Lambda::EventSourceMapping] is missing required property: functionName",
            ["construct-passed-perhaps"],
        ),
        (
            'lambda_.EventSourceMapping(self, "Mapping", target=orders.alias)',
            "Shop/Mapping/Resource [AWS::Lambda::EventSourceMapping] is missing required property: startingPosition",
            [],
        ),
        (
            'lambda_.EventInvokeConfig(self, "Retries", function=orders)',
            "Shop/Retries/Resource [AWS::Lambda::EventInvokeConfig] is missing required property: qualifier",
            [],
        ),
        (
            'apigateway.RequestAuthorizer(self, "Authorizer", handler=orders)',
            "Cannot read properties of undefined (reading 'startsWith')",
            ["construct-passed-perhaps"],
        ),
        (
            'apigateway.TokenAuthorizer(self, "Authorizer", handler=orders)',
            "Cannot read properties of undefined (reading 'node')",
            [],
        ),
        (
            "bucket.add_event_notification(event, destinations.LambdaDestination(orders))",
            "TypeError: Cannot read properties of undefined (reading 'node')",
            [],
        ),
        (
            "scope.node.try_find_child(name)",
            "TypeError: Cannot read properties of undefined (reading 'tryFindChild')",
            [],
        ),
        (
            "topic.add_subscription(subscriptions.LambdaSubscription(orders))",
            "this.fn.addPermission is not a function",
            ["construct-passed"],
        ),
        (
            "topic.add_subscription(subscriptions.LambdaSubscription(orders.alias))",
            "TypeError: this.fn.bind is not a function\n    at LambdaSubscription.addPermission (/tmp/lib/x.js:1:1)",
            [],
        ),
        (
            'apigatewayv2.HttpIntegration(self, "Integration")',
            "Either `integrationSubtype` or `integrationMethod` must be specified, not `integrationUri`.",
            [],
        ),
    ],
)
def test_of_what_the_cdk_refuses_only_the_construct_is_told(line, message, told):
    """Whatever else is missing from a resource or an object, the words around it are the same."""
    assert ids(raised(line, message)) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "An error occurred (TooManyRequestsException) when calling the Invoke operation (reached max retries: 4): "
            "Rate Exceeded.",
            ["TooManyRequestsException"],
        ),
        ("TooManyRequestsException when calling the PutFunctionScalingConfig operation", ["TooManyRequestsException"]),
        (
            '{"error": "Lambda.TooManyRequestsException", "cause": "Rate Exceeded. (Service: Lambda, Status Code: '
            '429)"}',
            ["TooManyRequestsException"],
        ),
        (
            "com.amazonaws.services.lambda.model.TooManyRequestsException: Rate Exceeded. (Service: AWSLambda)",
            ["TooManyRequestsException"],
        ),
        (
            "TooManyRequestsException: Rate Exceeded.\n    at de_TooManyRequestsExceptionRes (/var/task/node_modules/"
            "@aws-sdk/client-lambda/dist-cjs/index.js:3318:21)",
            ["TooManyRequestsException"],
        ),
        ("operation error Lambda: Invoke, TooManyRequestsException: Rate Exceeded.", ["TooManyRequestsException"]),
        # What is named on the line before is of that line, and Lambda is believed beside others.
        ("an error (Service: Sqs)\nTooManyRequestsException: Rate Exceeded.", ["TooManyRequestsException"]),
        (
            "operation error Lambda: Invoke, TooManyRequestsException: Rate Exceeded. The message (Service: Sqs) waits",
            ["TooManyRequestsException"],
        ),
        (
            f"TooManyRequestsException: Rate Exceeded.\n{'a line of a log ' * 30}\nan error (Service: Sqs)",
            ["TooManyRequestsException"],
        ),
        ("TooManyRequestsException: Too Many Requests (Service: Athena, Status Code: 400)", []),
        (
            "operation error Athena: StartQueryExecution, https response error StatusCode: 400, RequestID: 5a, "
            "TooManyRequestsException: You have exceeded the limit for the number of queries",
            [],
        ),
        (
            "An error occurred (TooManyRequestsException) when calling the AdminInitiateAuth operation: Rate exceeded",
            [],
        ),
        ("An error occurred (TooManyRequestsException) when calling the CreateDeployment operation", []),
        (
            "TooManyRequestsException: Rate exceeded\n    at de_TooManyRequestsExceptionRes (/var/task/node_modules/"
            "@aws-sdk/client-cognito-identity-provider/dist-cjs/index.js:3318:21)",
            [],
        ),
        ("com.amazonaws.services.athena.model.TooManyRequestsException: Rate exceeded", []),
        ("An error occurred (ResourceConflictException) when calling the CreateIdentityPool operation: exists", []),
        (
            "An error occurred (ResourceConflictException) when calling the PublishVersion operation: The operation "
            "cannot be performed at this time. An update is in progress for resource",
            ["ResourceConflictException"],
        ),
        ("An error occurred (ServiceQuotaExceededException) when calling the CreateKnowledgeBase operation", []),
        (
            "ServiceQuotaExceededException: you have reached your quota (Service: Lambda)",
            ["ServiceQuotaExceededException"],
        ),
        # The next line of a log is about an exception of its own,
        (
            f"[ERROR] ResourceConflictException: An update is in progress for resource: x\n{ANOTHERS_LINE}",
            ["ResourceConflictException"],
        ),
        (f"[ERROR] TooManyRequestsException: Rate Exceeded.\n{ANOTHERS_LINE}", ["TooManyRequestsException"]),
        (f"ServiceQuotaExceededException: your quota\n{ANOTHERS_LINE}", ["ServiceQuotaExceededException"]),
        (
            json.dumps({"message": f"TooManyRequestsException: Rate Exceeded.\n{ANOTHERS_LINE}"}),
            ["TooManyRequestsException"],
        ),
        (
            "TooManyRequestsException: Rate Exceeded.\noperation error DynamoDB: PutItem, https response error "
            f"StatusCode: 400, RequestID: {'5a' * 150}, ConditionalCheckFailedException: The request failed",
            ["TooManyRequestsException"],
        ),
        # unless it repeats the code, or is of the code's stack.
        (
            '{\n  "errorType": "TooManyRequestsException",\n  "errorMessage": "An error occurred '
            '(TooManyRequestsException) when calling the StartQueryExecution operation"\n}',
            [],
        ),
        (
            "TooManyRequestsException: Rate exceeded\n    at de_CommandError (/var/task/node_modules/@aws-sdk/"
            "client-athena/dist-cjs/index.js:3318:21)",
            [],
        ),
        (
            json.dumps(
                "TooManyRequestsException: Rate exceeded\n\tat x.toException(X.java:1)\n\tat "
                "com.amazonaws.services.athena.AmazonAthenaClient.invoke(AmazonAthenaClient.java:1)"
            ),
            [],
        ),
        # Lambda, right before the code, decides.
        (
            "Lambda.TooManyRequestsException: Rate Exceeded, when calling the StartExecution operation",
            ["TooManyRequestsException"],
        ),
        (
            "lambda.model.ResourceConflictException: An update is made, when calling the StartExecution operation",
            ["ResourceConflictException"],
        ),
        ("NotLambda.TooManyRequestsException: Rate Exceeded, when calling the StartExecution operation", []),
    ],
)
def test_what_other_services_raise_under_the_same_name_is_theirs(text, told):
    """Whoever says which service, or which operation, is believed: each client has its own way to say so."""
    assert ids(text) == told


@pytest.mark.parametrize("operation", sorted(operations("lambda") - ANYBODYS))
def test_every_operation_of_lambda_is_known_as_its_own(operation):
    """As botocore names it; but for what other services call the same."""
    text = f"An error occurred (TooManyRequestsException) when calling the {operation} operation: Rate exceeded"
    assert ids(text) == ["TooManyRequestsException"]


@pytest.mark.parametrize("operation", sorted(ANYBODYS - {"TagResource", "UntagResource"}))
@pytest.mark.parametrize("code", ["ResourceConflictException", "TooManyRequestsException"])
def test_an_operation_that_lambda_has_among_others_says_no_other_service(code, operation):
    """But for those that nearly all services have."""
    assert ids(f"An error occurred ({code}) when calling the {operation} operation") == [code]


@pytest.mark.parametrize("service", ["apigateway", "apigatewayv2", "athena", "cognito-idp", "sesv2", "sso"])
def test_no_operation_of_others_is_taken_for_one_of_lambda(service):
    """Of services whose throttling has the same name."""
    for operation in operations(service):
        text = f"An error occurred (TooManyRequestsException) when calling the {operation} operation"
        assert ids(text) == [], operation


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Invalid request provided: Too Many Requests (Service: ApiGateway, Status Code: 429, Request ID: 5af6)",
            ["api-gateway-deployment-throttled"],
        ),
        (
            "Too Many Requests (Service: AmazonApiGateway; Status Code: 429; Error Code: TooManyRequestsException; "
            "Request ID: 5af6; Proxy: null)",
            ["api-gateway-deployment-throttled"],
        ),
        (
            "Error: creating API Gateway Deployment: operation error API Gateway: CreateDeployment, https response "
            "error StatusCode: 429, RequestID: 5af6, TooManyRequestsException: Too Many Requests",
            ["api-gateway-deployment-throttled"],
        ),
        ("operation error API Gateway: GetRestApi, https response error StatusCode: 404, NotFoundException", []),
        ('{"message":"Too Many Requests"}', ["api-gateway-throttled"]),
        ('{"message": "Limit Exceeded"}', ["api-gateway-throttled"]),
        ("Too Many Requests", []),
        ("LimitExceeded", []),
        ("An error occurred (LimitExceeded) when calling the CreateRole operation: Cannot exceed quota", []),
        (
            "An error occurred (TooManyRequestsException) when calling the CreateDeployment operation (reached max "
            "retries: 4): Too Many Requests",
            ["api-gateway-deployment-throttled"],
        ),
        (
            "Resource handler returned message: \"Limit exceeded for resource of type 'AWS::IAM::Policy'. Reason: "
            'Cannot exceed quota" (RequestToken: 5a, HandlerErrorCode: ServiceLimitExceeded)',
            [],
        ),
        ('{"statusCode":429,"message":"ThrottlerException: Too Many Requests"}', []),
        ("requests.exceptions.HTTPError: 429 Client Error: Too Many Requests for url: https://example.com", []),
        ("toomanyrequests: You have reached your unauthenticated pull rate limit.", []),
        (
            "CREATE_FAILED AWS::Lambda::EventSourceMapping Rate exceeded for operation 'Rate exceeded (Service: Lambda,"
            " Status Code: 429, Request ID: 2d57, Extended Request ID: null)'.",
            ["lambda-api-throttled"],
        ),
        ("Rate exceeded (Service: Lambda, Status Code: 429, Request ID: 2d57)", ["lambda-rate-exceeded"]),
        (
            'Resource handler returned message: "Rate exceeded (Service: Lambda, Status Code: 429, Request ID: 2d57)" '
            "(RequestToken: 5a, HandlerErrorCode: Throttling)",
            ["lambda-rate-exceeded"],
        ),
        ("Rate exceeded (Service: Sqs, Status Code: 429, Request ID: 2d57)", []),
        ("Code storage limit exceeded (Service: Lambda, Status Code: 400, Request ID: 2d57)", []),
        ("Rate exceeded for operation 'Rate exceeded (Service: Sqs, Status Code: 429, Request ID: 2d57)'.", []),
        (
            "The deployment failed because the number of requests by the IAM role arn:aws:iam::1:role/Shop exceeded "
            "the request limit for AWSLambda. Avoid retrying API requests at a high rate.",
            ["lambda-api-throttled"],
        ),
        ("An error occurred (Throttling) when calling the DescribeStackEvents operation: Rate exceeded", []),
    ],
)
def test_who_throttles_is_told(text, told):
    """API Gateway, before functions and when it is deployed, or Lambda's own API; not everybody who says the same."""
    assert ids(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # Alone, the code says nothing of who or what: it must lead on.
        ("AccessDenied", ["AccessDeniedException"]),
        ("Access Denied", ["AccessDeniedException"]),
        ("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", ["AccessDeniedException"]),
        (
            f"{NOT_AUTHORIZED}s3:GetObject on resource: arn:aws:s3:::x because no identity-based policy allows the "
            "s3:GetObject action",
            ["AccessDeniedException"],
        ),
        (
            f"{NOT_AUTHORIZED}s3:GetObject on resource: arn:aws:s3:::x because no VPC endpoint policy allows the "
            "s3:GetObject action",
            ["endpoint-policy"],
        ),
        (f"{NOT_AUTHORIZED}sqs:SendMessage with an explicit deny in a VPC endpoint policy", ["endpoint-policy"]),
        *(
            (f"{NOT_AUTHORIZED}ec2:RunInstances on resource: arn:aws:ec2:::x {because}", ["outer-policy"])
            for because in (
                "with an explicit deny in a service control policy",
                "with an explicit deny in a permissions boundary",
                "because no service control policy allows the ec2:RunInstances action",
                "because no permissions boundary allows the ec2:RunInstances action",
            )
        ),
        (
            f"{NOT_AUTHORIZED}iam:CreateServiceLinkedRole on resource: arn:aws:iam::123456789012:role/aws-service-role/"
            "lambda.amazonaws.com/AWSServiceRoleForLambda because no identity-based policy allows it",
            ["create-service-linked-role"],
        ),
        (
            f"{NOT_AUTHORIZED}iam:PassRole on resource: x with an explicit deny in a service control policy",
            ["pass-role", "outer-policy"],
        ),
        ('{"Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*"}', []),
        ("AuthFailure.ServiceLinkedRoleCreationNotPermitted: The provided credentials do not have permission", []),
        (
            "The operator role is invalid or doesn't have sufficient permissions. Verify the role and permissions and "
            "try again. (Service: Lambda, Status Code: 400) (SDK Attempt Count: 1)",
            ["operator-role-refused"],
        ),
        ("The IAM role is invalid or doesn't have sufficient permissions. Verify the role and try again.", []),
        (
            'Resource handler returned message: "The role defined for the function cannot be assumed by Lambda. '
            '(Service: Lambda, Status Code: 400)" (HandlerErrorCode: InvalidRequest)',
            ["role-not-assumable"],
        ),
        (
            'Resource handler returned message: "Invalid request provided: The function execution role does not have '
            'permissions to call ReceiveMessage on SQS (Service: Lambda)" (HandlerErrorCode: InvalidRequest)',
            ["event-source-permissions"],
        ),
        # Standard functions in a VPC need that.
        ("The provided execution role does not have permissions to call CreateNetworkInterface on EC2", []),
    ],
)
def test_who_lacks_which_permission_is_told(text, told):
    """As far as the text says it: AWS names the kind of policy, but not always."""
    assert ids(text) == told


def test_of_access_that_is_denied_all_places_to_look_at_are_told():
    """The code alone names neither identity nor action, and all of these give it."""
    failure = next(failure for failure in FAILURES if failure.id == "AccessDeniedException")
    assert failure.is_vague
    told = " ".join((failure.meaning, failure.cause, *failure.checks, *failure.fixes))
    for place in ("deploy", "operator role", "function's role", "endpoint policy", "CloudTrail"):
        assert place in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/usr/bin/env: 'node': No such file or directory", ["jsii-without-node"]),
        ("/usr/bin/env: \u2018node\u2019: No such file or directory", ["jsii-without-node"]),
        ("env: node: No such file or directory", ["jsii-without-node"]),
        ("bash: line 1: node: command not found", ["jsii-without-node"]),
        ("bash: npx: command not found", ["jsii-without-node"]),
        ("zsh: command not found: node", ["jsii-without-node"]),
        ("/bin/sh: 1: npx: not found", ["jsii-without-node"]),
        ("/bin/sh: 1: node: not found", ["jsii-without-node"]),
        ("sh: npx: not found\nmake: *** [Makefile:7: synth] Error 127", ["jsii-without-node"]),
        ("/bin/sh: 1: docker: not found", []),
        ("/bin/sh: 1: node_exporter: not found", []),
        ("The node: not found in the cluster", []),
        ("/usr/bin/env: 'python3': No such file or directory", []),
        ("/usr/bin/env: 'node_exporter': No such file or directory", []),
        ("bash: docker: command not found", []),
        ('exec: "node": executable file not found in $PATH: unknown.', []),
        (OLD_NODE, ["node-release"]),
        (OLD_NODE.splitlines()[-1], ["node-release"]),
        (f"{OLD_NODE}\nKMSKeyNotFound", ["KMSKeyNotFound"]),
        (
            "!!  Node v23.1.0 is unsupported and has known compatibility issues with this software.  !!",
            ["node-release"],
        ),
        ("warning: Node 18 is end-of-life and will receive no updates", []),
        (
            "CompileError: WebAssembly.instantiateStreaming(): invalid value type 'externref', enable with "
            "--experimental-wasm-reftypes @+54",
            [],
        ),
        (
            "\u2502 Error: Invalid resource type\n\u2502\n\u2502 The provider hashicorp/aws does not support resource "
            'type\n\u2502 "aws_lambda_function_scaling_config".',
            ["terraform-provider-too-old"],
        ),
        (
            'The provider hashicorp/aws does not support resource type "aws_lambda_capacity_provider".',
            ["terraform-provider-too-old"],
        ),
        (
            "Error: Unsupported block type\n  52:   capacity_provider_config {\nBlocks of type "
            '"capacity_provider_config" are not expected here.',
            ["terraform-provider-too-old"],
        ),
        ('Blocks of type "default_capacity_provider_strategy" are not expected here.', []),
        ('The provider hashicorp/aws does not support resource type "aws_ecs_cluster_capacity_providers".', []),
        ('The provider hashicorp/random does not support resource type "random_pett". Did you mean "random_pet"?', []),
        ("AttributeError: 'Lambda' object has no attribute 'put_function_scaling_config'", ["sdk-too-old"]),
        (
            "aws: [ERROR]: An error occurred (ParamValidation): argument operation: Found invalid choice "
            "'get-capacity-provider'\n\nusage: aws [options] <command> <subcommand>",
            ["sdk-too-old"],
        ),
        ("aws: [ERROR]: argument operation: Found invalid choice 'describe-capacity-providerz'", []),
        ("AttributeError: 'Lambda' object has no attribute 'invoke_all'", []),
        ('Unknown parameter in input: "CapacityProviderStrategy", must be one of: cluster, launchType', []),
    ],
)
def test_what_tools_say_that_lack_something_is_told(text, told):
    """Node, jsii, Terraform, the AWS CLI and its clients."""
    assert ids(text) == told


@pytest.mark.skipif(sys.platform == "win32", reason="there is no env")
def test_what_the_cdk_command_line_says_without_node_is_explained():
    """It is a script for Node, which env looks for."""
    done = subprocess.run(
        ["/usr/bin/env", "node"], env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False
    )
    assert ids(done.stderr) == ["jsii-without-node"]


def test_what_an_old_client_of_aws_says_is_explained():
    """As botocore says it of a parameter that an operation does not have."""
    client = Session().create_client("lambda", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")
    with pytest.raises(ParamValidationError) as refused:
        client.update_function_code(FunctionName="orders", CapacityProviderConfig={})
    assert ids(str(refused.value)) == ["sdk-too-old"]


@pytest.mark.parametrize(
    "refused",
    [
        {"max_v_cpu_count": 4},
        {"subnets": []},
        {"security_groups": 6},
        {"scaling_options": lambda_.ScalingOptions.manual([])},
    ],
    ids=lambda refused: next(iter(refused)),
)
def test_what_the_cdk_refuses_of_a_capacity_provider_is_explained(refused):
    """Its own construct, as users of it see it."""
    stack = cdk.Stack(cdk.App(), "Shop")
    vpc = ec2.Vpc(stack, "Vpc")
    groups = [ec2.SecurityGroup(stack, f"Group{number}", vpc=vpc) for number in range(6)]
    arguments: dict[str, Any] = {"subnets": vpc.private_subnets, "security_groups": groups[:1]}
    arguments |= {"security_groups": groups} if "security_groups" in refused else refused
    with pytest.raises(RuntimeError) as error:
        lambda_.CapacityProvider(stack, "Pool", **arguments)
    assert ids("".join(traceback.format_exception(error.value))) == ["cdk-refused-capacity-provider"]


@pytest.mark.parametrize("maximum", [1, 20000])
def test_what_the_cdk_refuses_of_bounds_is_explained(maximum):
    """The least and the most execution environments of a function that is added to its capacity provider."""
    stack = cdk.Stack(cdk.App(), "Shop")
    vpc = ec2.Vpc(stack, "Vpc")
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    pool = lambda_.CapacityProvider(stack, "Pool", subnets=vpc.private_subnets, security_groups=[group])
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    function = lambda_.Function(stack, "Fn", runtime=lambda_.Runtime.PYTHON_3_14, handler="index.handler", code=code)
    bounds = lambda_.LatestPublishedScalingConfig(min_execution_environments=3, max_execution_environments=maximum)
    with pytest.raises(RuntimeError) as error:
        pool.add_function(function, latest_published_scaling_config=bounds)
    assert ids(str(error.value)) == ["cdk-refused-capacity-provider"]


@pytest.fixture(scope="module")
def orders():
    """A construct, to be passed where the CDK wants a function."""
    return a_function(cdk.Stack(cdk.App(), "Shop"), "Orders")


def a_function(scope, id):
    """A function on Managed Instances."""
    return ManagedInstanceFunction(
        scope,
        id,
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )


def rule(scope):
    """A rule of EventBridge."""
    return events.Rule(scope, "Rule", schedule=events.Schedule.rate(cdk.Duration.days(1)))


def receipt(action):
    """A rule for mails."""
    return ses.ReceiptRuleOptions(actions=[action])


def standard(scope):
    """The alias of a standard function."""
    code = lambda_.Code.from_inline("def handler(event, context): ...")
    function = lambda_.Function(scope, "Fn", runtime=lambda_.Runtime.PYTHON_3_14, handler="index.handler", code=code)
    return function.add_alias("live")


def an_alarm(scope):
    """An alarm of anything."""
    metric = cloudwatch.Metric(namespace="Shop", metric_name="Orders")
    return cloudwatch.Alarm(scope, "Alarm", metric=metric, threshold=1, evaluation_periods=1)


@pytest.mark.parametrize(
    ("pass_it", "told"),
    [
        (lambda scope, it: apigateway.LambdaRestApi(scope, "Api", handler=it), "construct-passed"),
        (lambda scope, it: rule(scope).add_target(targets.LambdaFunction(it)), "construct-passed"),
        (lambda scope, it: sqs_sources.SqsEventSource(sqs.Queue(scope, "Queue")).bind(it), "construct-passed"),
        (lambda scope, it: cr.Provider(scope, "Provider", on_event_handler=it), "construct-passed"),
        (
            lambda scope, it: codedeploy.LambdaDeploymentGroup(scope, "Group", alias=standard(scope), pre_hook=it),
            "construct-passed",
        ),
        (
            lambda scope, it: s3.Bucket(scope, "Bucket").add_event_notification(
                s3.EventType.OBJECT_CREATED, s3_notifications.LambdaDestination(it)
            ),
            "construct-passed-perhaps",
        ),
        (
            lambda scope, it: s3.Bucket(scope, "Bucket").add_object_created_notification(
                s3_notifications.LambdaDestination(it)
            ),
            "construct-passed-perhaps",
        ),
        (
            lambda scope, it: an_alarm(scope).add_alarm_action(cloudwatch_actions.LambdaAction(it)),
            "construct-passed-perhaps",
        ),
        (
            lambda scope, it: ses.ReceiptRuleSet(scope, "Rules", rules=[receipt(ses_actions.Lambda(function=it))]),
            "construct-passed-perhaps",
        ),
        (
            lambda scope, it: secretsmanager.Secret(scope, "Key").add_rotation_schedule("Rotation", rotation_lambda=it),
            "construct-passed-perhaps",
        ),
        (lambda scope, it: lambda_.EventInvokeConfig(scope, "Retries", function=it), "construct-passed-perhaps"),
    ],
)
def test_what_the_cdk_says_of_the_construct_is_explained(orders, request, pass_it, told):
    """As a user pastes it: what jsii makes of it and all of the traceback; the alias is what it takes."""
    name = request.node.callspec.id
    with pytest.raises(RuntimeError) as refused:
        pass_it(Construct(orders, f"{name}-refused"), orders)
    assert ids("".join(traceback.format_exception(refused.value))) == [told]
    pass_it(Construct(orders, f"{name}-taken"), orders.alias)


#: As release 2.1000.0 of the CDK's command line has it, for what aws-cdk-lib 2.275.0 has written.
OLD_CLI = (
    "This CDK CLI is not compatible with the CDK library used by your application. Please upgrade the CLI to the "
    "latest version.\n(Cloud assembly schema version mismatch: Maximum schema version supported is 40.x.x, but found "
    "55.0.0. You need at least CLI version 2.1148.0 to read this manifest.)"
)
#: As release 2.1148.1 has it, at synthesis and at deployment.
NO_CREDENTIALS = (
    "ERROR Need to perform AWS calls for account 123456789012, but no credentials have been configured (Construct "
    "Annotations)\n   Shop\n   Rule Annotation::error-annotation\nSynthesis finished with errors"
)
NO_ACCOUNT = (
    "Unable to resolve AWS account to use. It must be either configured when you define your CDK Stack, or through the "
    "environment"
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (OLD_CLI, ["cdk-cli-too-old"]),
        (OLD_CLI.splitlines()[0], ["cdk-cli-too-old"]),
        (
            "Cloud assembly schema version mismatch: Maximum schema version supported is 36.x.x, but found 48.0.0",
            ["cdk-cli-too-old"],
        ),
        (
            "This plugin is not compatible with the library used by your application. Please upgrade the plugin to the "
            "latest version.",
            [],
        ),
        ("Database schema version mismatch: maximum schema version supported is 3, but found 4", []),
        (NO_CREDENTIALS, ["no-credentials"]),
        (NO_ACCOUNT, ["no-credentials"]),
        (f"Shop failed: {NO_ACCOUNT.partition('.')[0]}", ["no-credentials"]),
        (
            "Need to perform AWS calls for account 123456789012, but the current credentials are for 210987654321",
            ["no-credentials"],
        ),
        ('Unable to locate credentials. You can configure credentials by running "aws configure".', ["no-credentials"]),
        ("E: Unable to locate package credentials", []),
        ("Unable to resolve host", []),
        ('You must specify a region. You can also configure your region by running "aws configure".', ["no-region"]),
        ("You must specify a name", []),
        ("ExpiredToken", ["ExpiredToken"]),
        (
            "An error occurred (ExpiredToken) when calling the CreateRole operation: The security token included in "
            "the request is expired",
            ["ExpiredToken"],
        ),
        ("Shop failed: The security token included in the request is expired", ["ExpiredToken"]),
        ("The security token included in the request is invalid.", []),
        (
            'Traceback (most recent call last):\n  File "/shop/app.py", line 3, in <module>\n    import aws_cdk\n'
            "ModuleNotFoundError: No module named 'aws_cdk'\nSubprocess exited with error 1",
            ["another-python"],
        ),
        ("No module named 'aws_cdk'", ["another-python"]),
        ("ModuleNotFoundError: No module named 'cdk_lmi'", ["another-python"]),
        # A module of another package, and what a runtime says.
        ("ModuleNotFoundError: No module named 'aws_cdk.aws_lambda_python_alpha'", []),
        (
            '{"errorMessage": "Unable to import module \'app\': No module named \'cdk_lmi\'", "errorType": '
            '"Runtime.ImportModuleError"}',
            ["Runtime.ImportModuleError"],
        ),
        ("RuntimeError: Cannot find asset at /x/handlers", ["asset-not-found"]),
        ("Cannot find asset app.zip in release v1.2", []),
        ("Error: Cannot find module '/app/handlers'", []),
    ],
)
def test_what_hinders_a_synthesis_or_a_deployment_is_told(text, told):
    """The command line of the CDK, Python and clients of AWS, before AWS has done anything."""
    assert ids(text) == told


@pytest.mark.parametrize(("error", "told"), [(NoCredentialsError, "no-credentials"), (NoRegionError, "no-region")])
def test_what_clients_of_aws_say_that_are_not_configured_is_explained(error, told):
    """As botocore says it, with its name and without."""
    assert ids(str(error())) == ids(error.__name__) == ids(f"botocore.exceptions.{error.__name__}: {error()}") == [told]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
@pytest.mark.parametrize("program", ["node", "npx"])
def test_what_a_shell_says_without_node_is_explained(program):
    """Whichever shell sh is."""
    done = subprocess.run(
        ["/bin/sh", "-c", program], env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False
    )
    assert ids(done.stderr) == ["jsii-without-node"]


@pytest.mark.parametrize("package", ["aws_cdk", "cdk_lmi"])
def test_what_a_python_without_the_packages_says_is_explained(package):
    """One without its site-packages, as if it were another."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import {package}"], capture_output=True, text=True, check=False
    )
    assert ids(done.stderr) == ["another-python"]


@pytest.mark.parametrize(
    ("make", "keyword"),
    [
        *(
            (ManagedInstanceFunction, keyword)
            for keyword in (
                "vpc",
                "snap_start",
                "reserved_concurrent_executions",
                "log_retention",
                "memory",
                "architectures",
            )
        ),
        (ManagedInstanceFunction.from_function, "vpc"),
        (ManagedInstanceCapacityProvider, "architectures"),
        (ManagedInstanceNetwork, "vpc"),
        (ManagedInstanceNetwork.from_vpc, "cidr"),
    ],
)
def test_a_keyword_that_is_not_there_is_explained(make, keyword):
    """As Python says it."""
    with pytest.raises(TypeError) as refused:
        make(cdk.Stack(cdk.App(), "Shop"), "It", **{keyword: None})
    assert keyword in str(refused.value)
    assert ids("".join(traceback.format_exception(refused.value))) == ["keyword-not-here"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        *(
            (f"AttributeError: '{name}' object has no attribute '{attribute}'", ["attribute-not-here"])
            for name, attribute in (
                ("ManagedInstanceFunction", "function_arn"),
                ("ManagedInstanceFunction", "add_permission"),
                ("ManagedInstanceCapacityProvider", "add_function"),
                ("ManagedInstanceNetwork", "vpc_id"),
            )
        ),
        # Of others' classes, though ours is in the traceback, and of others' faults in a call of ours.
        ("orders = ManagedInstanceFunction(\nAttributeError: 'Function' object has no attribute 'alias'", []),
        ("ManagedInstanceFunction(\nTypeError: Shop.__init__() got an unexpected keyword argument 'vpc'", []),
        ("TypeError: Function.__init__() got an unexpected keyword argument 'vpc'", []),
        (
            "TypeError: type of argument targets[0] must be one of (aws_cdk.aws_lambda.IFunction, NoneType); got "
            "cdk_lmi.function.ManagedInstanceFunction instead",
            ["construct-passed"],
        ),
        (
            "TypeError: type of argument alias must be aws_cdk.aws_lambda.Alias; got aws_cdk.aws_lambda.Function "
            "instead",
            [],
        ),
        ("A PolicyStatement used in an identity-based policy must specify at least one resource", [NO_RESOURCE]),
        ("A PolicyStatement used in an identity-based policy cannot specify any IAM principals.", []),
        ("A PolicyStatement used in a resource-based policy must specify at least one resource.", []),
        ("A PolicyStatement must specify at least one 'action' or 'notAction'.", []),
    ],
)
def test_what_is_refused_of_a_definition_is_told(text, told):
    """Where it is about our constructs."""
    assert ids(text) == told


@pytest.mark.parametrize(
    "pass_it",
    [
        lambda scope, it: codedeploy.LambdaDeploymentGroup(scope, "Group", alias=it),
        lambda scope, it: lambda_.Alias(scope, "Alias", alias_name=it, version=it.version),
    ],
)
def test_what_the_cdk_says_of_the_type_of_the_construct_is_explained(orders, pass_it):
    """Where it looks at types, as typeguard has it."""
    with pytest.raises(TypeError) as refused:
        pass_it(orders, orders)
    assert ids("".join(traceback.format_exception(refused.value))) == ["construct-passed"]


def test_what_the_cdk_says_at_synthesis_of_the_construct_in_a_state_machine_is_explained(tmp_path):
    """Nothing but the state machine is in its words, so that the cause is a guess; the alias is what it takes."""

    def synthesised(name, passed):
        app = cdk.App(outdir=str(tmp_path / name))
        stack = cdk.Stack(app, "Shop")
        task = tasks.LambdaInvoke(stack, "Invoke", lambda_function=passed(a_function(stack, "Orders")))
        body = stepfunctions.DefinitionBody.from_chainable(task)
        stepfunctions.StateMachine(stack, "Machine", definition_body=body)
        app.synth()

    with pytest.raises(RuntimeError) as refused:
        synthesised("refused", lambda orders: orders)
    text = "".join(traceback.format_exception(refused.value))
    assert ids(text) == [NO_RESOURCE]
    assert ids(f"{text}\nKMSKeyNotFound") == ["KMSKeyNotFound"]
    synthesised("taken", lambda orders: orders.alias)


def test_code_that_is_not_there_is_explained(tmp_path):
    """As the construct tells what the CDK says."""
    stack = cdk.Stack(cdk.App(), "Shop")
    with pytest.raises(ValueError, match="LMI006") as refused:
        ManagedInstanceFunction(
            stack,
            "Orders",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="index.handler",
            code=lambda_.Code.from_asset(str(tmp_path / "handlers")),
        )
    assert ids(str(refused.value)) == ["asset-not-found"]


@pytest.mark.parametrize(
    ("id", "near"),
    [
        ("LMI1O4", {"LMI104"}),
        ("lmi10l", {"LMI101"}),
        ("LMI-104", {"LMI104"}),
        ("LMI 104", {"LMI104"}),
        ("LMI14O", {"LMI104", "LMI401", "LMI410"}),
        ("LMI999", {"LMI0xx", "LMI7xx"}),
        ("LMI4xx", {"LMI0xx", "LMI7xx"}),
    ],
)
def test_of_an_unknown_id_what_is_near_is_offered(capsys, id, near):
    """The id that it is if a letter is a digit, or those near to it; else the families that there are."""
    assert main(["explain", id]) == 2
    hint = capsys.readouterr().err.partition(";")[2]
    assert set(re.findall(r"LMI\d\w\w", hint)) == near


@pytest.mark.parametrize("text", ["LMI", "lmi oil", "LMI1O4 memory_size must be at least", "LMIX", f"LMI{'1' * 40}"])
def test_what_is_no_id_is_not_taken_for_one(capsys, text):
    """Whatever it begins with."""
    assert main(["explain", text]) == 2
    assert "there is no rule" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"{NOT_AUTHORIZED}s3:GetObject on resource: arn:aws:s3:::x because no identity-based policy allows it\n"
            '{"Action": ["iam:PassRole", "lambda:PassCapacityProvider"]}',
            ["AccessDeniedException"],
        ),
        ('  File "app.py", line 3\nVPC configuration isn\'t compatible with SnapStart', []),
        ("Runtime Enum python3.9 does not support specified feature: SnapStart", []),
        ("Error: expected timeout to be in the range (1 - 900), got 1000", []),
        (
            "Error: expected ephemeral_storage.0.size to be in the range (512 - 10240), got 128\n  memory_size = 4096",
            [],
        ),
        ("Internal error occurred during validation, before publishing", []),
        ("runtime: rust\nError: EOF while parsing a value at line 1 column 0", []),
        ("could not connect to the server. The endpoint is down", []),
        ('Failed to connect: Read timeout on endpoint URL: "https://lambda.eu-west-1.amazonaws.com/"', []),
        ("Request payload size exceeded maximum allowed payload size (6291456 bytes). Response: 413", []),
        ("Task 3 started\nthe command timed out after 30 seconds", []),
        ("container runtime: the process exited with error: exit status 1", []),
        (
            "The identity provider is currently in use by 3 user pools. To delete this identity provider, first remove "
            "its association with the pools",
            [],
        ),
        ('SnapStart isn\'t supported for Lambda Default functions. {"CapacityProviderConfig": {}}', []),
        ("The function provided by the arn does not contain a SnapStart configuration", []),
        ("Lambda Managed Instances do not support SnapStart. No concurrency was reserved", []),
        ("The function can't be invoked because no alias was published", []),
        ("ImportError: Unable to import required dependencies:\nnumpy: No module named 'numpy'", []),
        ("The CIDR '10.0.0.0/16' conflicts with another VPC", []),
        (f"export AWS_PROFILE=shop\n{'a line of a log ' * 20}The volume cannot be deleted as it is in use by i-0a", []),
        (f"The volume cannot be deleted as it is in use by i-0a\n{'a line of a log ' * 20}export AWS_PROFILE=shop", []),
        (
            "assert self._process.stdin is not None\nAttributeError: 'Api' object has no attribute 'root'\n"
            "Exception ignored in: <function _NodeProcess.__del__>",
            [],
        ),
        ("replicas must contain between 1 and 16 items but your cluster has 0 items.", []),
        ('Unknown parameter in input: "Turbo", must be one of: FunctionName, Runtime, Role, Handler', []),
        ("Too Many Requests (Service: Sqs, Status Code: 429, Request ID: 5af6)", []),
        (
            "One or more dashboards have been updated according to the Amazon CloudWatch metrics you selected, and the "
            "affected deployments have been stopped.",
            [],
        ),
        ("The priority (3) provided already exists. Please provide a new priority, or remove the existing rule.", []),
        ("One or more subnet IDs are invalid. Check that the IDs are correct and try again.", []),
        ("The role defined for the rule cannot be assumed by EventBridge.", []),
        (
            f"{NOT_AUTHORIZED}s3:GetObject on resource: x because no session policy allows the s3:GetObject action",
            ["AccessDeniedException"],
        ),
        ("AWS_LAMBDA_MAX_CONCURRENCY is set to '16', but the tracing feature is not enabled; running sequentially", []),
        ("Error: KeyStore is not available", []),
        ("ssh: Could not resolve hostname shop: Name or service not known", []),
        ("npm ERR! request failed, reason: getaddrinfo ENOTFOUND registry.npmjs.org", []),
        # What it is about may come later than something else with the same words.
        (
            f"{NOT_AUTHORIZED}s3:GetObject on resource: x\n{'a line of a log ' * 20}\n"
            f"{NOT_AUTHORIZED}lambda:PassCapacityProvider on resource: x",
            ["pass-capacity-provider"],
        ),
    ],
)
def test_words_that_are_used_of_other_things_too_are_no_failure(text, told):
    """Not even if what the failure is about is a word elsewhere in the text."""
    assert ids(text) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"State": "Active"}', ["Active"]),
        ('"LastUpdateStatus": "InProgress"', ["InProgress"]),
        ('"StateReasonCode": "InternalError"', ["InternalError"]),
        ("Build Status: FAILED", []),
        ("state: failed", []),
        ('{"TableStatus": "ACTIVE"}', []),
        ('{"AccessKeyId": "AKIA", "Status": "Active"}', []),
        ('{"deploymentInfo": {"status": "InProgress"}}', []),
        ("An error occurred (InternalError) when calling the PutObject operation: Please try again.", []),
        ("(Service: Amazon S3; Status Code: 500; Error Code: InternalError; Request ID: 5af6)", []),
        ("(Service: Lambda; Status Code: 500; Error Code: ServiceException; Request ID: 5af6)", ["InternalError"]),
    ],
)
def test_states_of_other_services_are_no_states_of_lambda(text, told):
    """Lambda has its own names for the fields, and writes their values in one way."""
    assert ids(text) == told


@pytest.mark.skipif(sys.platform != "linux", reason="environments need Linux")
def test_what_environments_on_this_machine_say_is_explained():
    """``cdk-lmi fit`` prints it as it is."""
    from cdk_lmi.local.invocation import EXIT_ERROR, TIMED_OUT
    from cdk_lmi.local.sandbox import how_it_ended

    for how in (how_it_ended(9), how_it_ended(3 << 8), how_it_ended(None)):
        assert ids(f"{EXIT_ERROR}: RequestId: 5af6 Error: {how}") == ids(how) == [EXIT_ERROR]
    assert ids(f"{TIMED_OUT}: RequestId: 5af6 Error: Task timed out after 3.00 seconds") == [TIMED_OUT]


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("InsufficientCap", "InsufficientCapacity"),
        ("ScalingLimitExceeded", "CapacityProviderScalingLimitExceeded"),
        ("capacity provider scaling limit exceeded", "CapacityProviderScalingLimitExceeded"),
        ("FunctionErrorInitResourceExhausted", "FunctionError.InitResourceExhausted"),
    ],
)
def test_codes_are_found_by_a_part(text, id):
    """Where it is a part of one alone."""
    assert ids(text) == [id]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("InsuficientCapacity", {"InsufficientCapacity"}),
        ("\x1b[31mInsuficientCapacity\x1b[39m", {"InsufficientCapacity"}),
        ("KMSKeyNotFuond", {"KMSKeyNotFound"}),
        ("KMSKey", {"KMSKeyAccessDenied", "KMSKeyNotFound", "InvalidStateKMSKey"}),
        ("VcpuLimitExceeds", {"VcpuLimitExceeded"}),
    ],
)
def test_of_one_word_what_is_near_is_offered(word, near):
    """A code with a typo in it, or what several codes have in common."""
    assert ids(word) == []
    assert {failure.id for failure in RECOGNITION.nearest(word)} == near


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE_FAILED",
        "CREATE_FAILED",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "The security token included in the request is expired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "ResourceNotFoundException",
        "EntityAlreadyExists",
        "InternalServerError",
        "Rollback requested by user",
        "memory of the CPU is above the ratio",
        "SnapStart is not supported for functions configured with capacity provider",
        "InsuficientCapacity in the Region",
        "update",
        "'update'.",
        "stack",
        "",
    ],
)
def test_of_anything_else_nothing_is_guessed(text):
    """A name that has nothing to do with it sends whoever reads it the wrong way."""
    assert RECOGNITION.nearest(text) == ()


@given(st.text() | st.lists(st.sampled_from([*" .:'\"{}\\\n", *(message for _, message in MESSAGES)])).map("".join))
def test_any_text_gets_an_answer(text):
    """It may be none."""
    assert set(RECOGNITION.recognise(text)) <= set(FAILURES)
    assert len(RECOGNITION.nearest(text)) <= 3


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10**6,
        "FunctionError." * 70_000,
        "TooManyRequestsException " * 40_000,
        "a." * 500_000,
        "ALARM_ACTIVE " * 80_000,
        "no space left on device " * 40_000,
        "\\" * 10**6,
    ],
    ids=lambda text: text[:14],
)
@pytest.mark.untraced
def test_long_texts_take_a_moment(text):
    """As long as the command reads, and as bad as can be."""
    started = time.perf_counter()
    RECOGNITION.recognise(text)
    RECOGNITION.nearest(text)
    assert time.perf_counter() - started < 60


def test_ids_are_of_one_failure_and_of_no_rule():
    """So is every code."""
    keys = [key.lower() for failure in FAILURES for key in {failure.id, *failure.codes}]
    assert len(keys) == len(set(keys))
    assert {rule.slug for rule in RULES}.isdisjoint(keys)


@BY_FAILURE
def test_every_failure_says_all_there_is_to_say(failure):
    """What it means, why, what to look at, what to do, in whole sentences; from where, and when that was read."""
    for text in (failure.meaning, failure.cause):
        assert text[0].isupper()
        assert text.endswith(".")
    assert failure.checks
    assert failure.fixes
    assert failure.codes or failure.messages
    assert failure.sources
    for source in failure.sources:
        assert re.fullmatch(r"https://[^\s]+", source.address)
        assert date(2025, 11, 30) < date.fromisoformat(source.read) <= date.today()


@BY_FAILURE
def test_what_a_failure_is_about_is_in_its_messages(failure):
    """Each of its subjects in one, and each message has one."""
    for subject in failure.subject:
        assert any(has_any([subject], message) for message in failure.messages), subject
    for message in failure.messages:
        assert has_any(failure.subject, message), message


@BY_FAILURE
def test_every_rule_that_is_named_is_one(failure):
    """And each once."""
    assert list(failure.rules) == [rule.id for rule in RULES if rule.id in failure.rules]


@BY_FAILURE
def test_fixes_are_in_keywords_that_there_are(failure):
    """Of the constructs, or of CDK's functions that are handed to them."""
    constructors = (ManagedInstanceFunction, ManagedInstanceCapacityProvider, ManagedInstanceNetwork)
    keywords = {keyword for each in constructors for keyword in inspect.signature(each.__init__).parameters}
    typed = {name for text in (failure.cause, *failure.fixes) for name in re.findall(r"``(\w+)=[^`]*``", text)}
    assert typed <= keywords


CIRCULAR = next(failure for failure in FAILURES if failure.id == "circular-dependency")
#: The code of its fixes.
POLICY, START = (
    next(code for text in CIRCULAR.fixes for code in re.findall(r"``([^`]+)``", text) if code.startswith(begin))
    for begin in ("iam.Policy(", "iam.PolicyStatement(")
)


def invokes_itself(stack):
    """A function that may invoke itself: what it is granted with, and what mends it."""
    names = {"self": stack, "iam": iam, "orders": a_function(stack, "Orders")}
    return names, "orders.grant_invoke(orders)", POLICY


def invoke_each_other(stack):
    """Two functions that may invoke each other."""
    names, _, policy = invokes_itself(stack)
    names["mails"] = a_function(stack, "Mails")
    names["mails"].grant_invoke(names["orders"])
    return names, "orders.grant_invoke(mails)", policy.replace("orders.role", "mails.role")


def starts_what_invokes_it(stack):
    """A function that may start a state machine that invokes it."""
    names, _, policy = invokes_itself(stack)
    task = tasks.LambdaInvoke(stack, "Invoke", lambda_function=names["orders"].alias)
    body = stepfunctions.DefinitionBody.from_chainable(task)
    names["machine"] = stepfunctions.StateMachine(stack, "Machine", definition_body=body)
    statement = re.sub(r"iam\.PolicyStatement\(.*?\]\)", START, policy)
    return names, "machine.grant_start_execution(orders)", statement


@pytest.mark.parametrize("case", [invokes_itself, invoke_each_other, starts_what_invokes_it])
def test_a_circle_is_explained_and_its_fix_ends_it(tmp_path, case):
    """CDK's own validation tells of it at synthesis; with the fix it has nothing to tell."""
    told = {}
    for index, name in enumerate(("grant", "fix")):
        app = cdk.App(outdir=str(tmp_path / name))
        names, *codes = case(cdk.Stack(app, "Shop"))
        eval(codes[index], names)
        app.synth()
        report = tmp_path / name / "validation-report.json"
        told[name] = report.read_text(encoding="utf-8") if report.is_file() else ""
    assert ids(told["grant"]) == ["circular-dependency"]
    assert "F3004" not in told["fix"]


def test_launches_that_fail_are_looked_for_in_the_system_log():
    """Nothing else tells of them."""
    about_launching = [f for f in FAILURES if f.id in ("InsufficientCapacity", "VcpuLimitExceeded", "Failed")]
    assert len(about_launching) == 3
    for failure in about_launching:
        assert any("/aws/lambda/capacity-provider/" in check for check in failure.checks)
