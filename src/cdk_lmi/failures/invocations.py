"""What callers and logs of a function say when it cannot be called, or fails when it is."""

from __future__ import annotations

from ..rules.limits import EXECUTION_ENVIRONMENT, GUIDE, INVOKE, SCALING, TROUBLESHOOTING, VERSIONS
from .failure import Basis, Failure, Source
from .sources import LOCALSTACK
from .states import FUNCTION_LOG, MEASURE, REASON, SYSTEM_LOG

EXIT_ERROR = Source("https://repost.aws/knowledge-center/lambda-runtime-error", "2026-11-27")
TIMED_OUT = Source("https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html", "2026-11-27")
RESPONSE_SIZE = Source("https://github.com/DataBiosphere/azul/issues/7466", "2026-11-27")
MARSHAL_ERROR = Source(
    "https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/lambda_runtime_marshaller.py",
    "2026-11-27",
)
APPSYNC_386 = Source("https://github.com/aws/aws-appsync-community/issues/386", "2026-11-27")
CDK_TARGETS = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-events-targets/lib/util.ts", "2026-11-27"
)
CDK_AUTHORIZER = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-apigateway/lib/authorizers/lambda.ts",
    "2026-11-28",
)
CDK_NOTIFICATION = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-s3-notifications/lib/lambda.ts", "2026-11-28"
)
#: What typeguard 2.13.3, by which jsii holds arguments to their types, says of an argument.
TYPEGUARD = Source("https://github.com/agronholm/typeguard/blob/2.13.3/src/typeguard/__init__.py", "2026-11-28")
API_GATEWAY_429 = Source("https://repost.aws/knowledge-center/api-gateway-429-limit", "2026-11-28")
#: What clients of AWS say of a service that they cannot reach: botocore 1.44.8, @smithy/node-http-handler 4.14.2 and
#: what came before it, the SDKs for Java and Rust.
BOTOCORE = Source("https://github.com/boto/botocore/blob/develop/botocore/exceptions.py", "2026-11-27")
SMITHY = Source(
    "https://github.com/smithy-lang/smithy-typescript/blob/main/packages/node-http-handler/src/set-connection-timeout.ts",
    "2026-11-27",
)
SDK_JAVA_1481 = Source("https://github.com/aws/aws-sdk-java/issues/1481", "2026-11-28")
SDK_JAVA_4997 = Source("https://github.com/aws/aws-sdk-java-v2/issues/4997", "2026-11-28")
SDK_RUST_905 = Source("https://github.com/awslabs/aws-sdk-rust/issues/905", "2026-11-28")
#: What Python, Java, Node.js, .NET and Rust say of a name without address, in a VPC and with a wrong Region.
DNS_IN_VPC = Source("https://www.tech-reader.blog/2025/12/dns-resolution-failures-lambda-cannot.html", "2026-11-28")
UPDATE_LAMBDA_2 = Source("https://github.com/stcalica/update-lambda/issues/2", "2026-11-28")
SDK_JS_5236 = Source("https://github.com/aws/aws-sdk-js-v3/issues/5236", "2026-11-28")
SDK_JS_6708 = Source("https://github.com/aws/aws-sdk-js-v3/issues/6708", "2026-11-27")
SDK_NET_2105 = Source("https://github.com/aws/aws-sdk-net/issues/2105", "2026-11-28")
SDK_NET_2476 = Source("https://github.com/aws/aws-sdk-net/issues/2476", "2026-11-28")
CARGO_LAMBDA_313 = Source("https://github.com/cargo-lambda/cargo-lambda/issues/313", "2026-11-28")

INVOCATION_MESSAGES = (
    Failure(
        id="Unhandled",
        codes=("Unhandled",),
        title="the handler raised an error, or timed out",
        meaning="The code received the invocation and failed. Invoke then returns FunctionError: Unhandled with "
        "status code 200. The function itself is running.",
        cause="The handler does not catch an exception, or it reached its timeout. If only some invocations fail, the "
        "cause may be something that concurrent invocations share, such as /tmp.",
        checks=(
            "errorType, errorMessage and stackTrace in the response: the file that ``aws lambda invoke`` wrote",
            FUNCTION_LOG,
            MEASURE,
        ),
        fixes=("fix the code, and publish again", "if it timed out: raise ``timeout=``"),
        sources=(Source(INVOKE),),
        basis=Basis.DOCUMENTED,
        is_vague=True,
    ),
    Failure(
        id="Runtime.ExitError",
        codes=("Runtime.ExitError",),
        messages=("Runtime exited with error: {how}", "Runtime exited without providing a reason"),
        subject=("Runtime exited",),
        title="a process that runs the code ended",
        meaning="The process exited or was killed, while it initialised or while it served an invocation. What it was "
        "at has failed.",
        cause="After signal: killed, usually the memory of the execution environment is used up: it is shared by all "
        "its processes. Otherwise the code, or a library in C, ends the process, for example by sys.exit().",
        checks=(
            "the text after Runtime exited with error: a signal, or a status that the code exits with",
            MEASURE,
            FUNCTION_LOG,
        ),
        fixes=(
            "signal: killed: raise ``memory_size=``, or lower ``per_execution_environment_max_concurrency=``",
            "exit status: return from the handler or raise an error, and do not exit",
        ),
        rules=("LMI107", "LMI203"),
        sources=(EXIT_ERROR, Source(f"{GUIDE}/lambda-managed-instances-python-runtime.html")),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="Sandbox.Timedout",
        codes=("Sandbox.Timedout",),
        messages=("Task timed out after 3.00 seconds",),
        subject=("Task timed out after",),
        title="the function reached its timeout",
        meaning="The code had not returned when the timeout of the function was over. Lambda also says this of an "
        "initialisation that takes too long.",
        cause="The code waits for something that does not answer, usually a service that the instances cannot reach, "
        "or it needs more time or more CPU than the function gives it. Concurrent invocations share the vCPUs.",
        checks=(
            "what the instances can reach: ``cdk-lmi check cdk.out`` and ``cdk-lmi diagram cdk.out``",
            "whether all invocations time out, or only concurrent ones",
            FUNCTION_LOG,
        ),
        fixes=(
            "raise ``timeout=``",
            "add the missing network path: grant the function access to what it calls, so that the construct adds the "
            "endpoint",
            "if only concurrent invocations time out: lower ``per_execution_environment_max_concurrency=``, or raise "
            "``memory_size=`` for more vCPUs",
        ),
        rules=("LMI501", "LMI502", "LMI503", "LMI504", "LMI505"),
        sources=(TIMED_OUT, APPSYNC_386),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="service-unreachable",
        codes=("ConnectTimeoutError",),
        has_common_codes=True,
        messages=(
            'Connect timeout on endpoint URL: "{address}"',
            "Error: connect ETIMEDOUT {address}",
            "@smithy/node-http-handler - the request socket did not establish a connection with the server within the "
            "configured timeout of 3000 ms.",
            "TimeoutError: Socket timed out without establishing a connection within 1000 ms",
            "SdkClientException: Unable to execute HTTP request: connect timed out",
            'DispatchFailure: ConnectorError, HttpTimeoutError kind: "HTTP connect", duration',
            "dispatch failure: timeout: HTTP connect timeout occurred after 3.1s",
        ),
        # A service that is reached but does not answer in time has nearly the same words: Read timeout on endpoint URL.
        subject=(
            "Connect timeout",
            "connect ETIMEDOUT",
            "not establish a connection",
            "without establishing a connection",
            "connect timed",
            "HTTP connect",
        ),
        title="the code calls a service that its instances cannot reach",
        meaning="The function runs, and nothing answered when it connected to the address. A function on Managed "
        "Instances reaches what the subnets of its capacity provider have a way to.",
        cause="The subnets have neither an endpoint for the service nor a route out, or private DNS of the endpoint is "
        "off, or a security group is in the way. For an address that is not AWS's, such as a database, it is the "
        "security groups or the routes.",
        checks=(
            "the service and the Region in the address",
            "what the instances can reach: ``cdk-lmi check cdk.out`` and ``cdk-lmi diagram cdk.out``",
            "for an imported VPC, its endpoints: ``aws ec2 describe-vpc-endpoints --filters Name=vpc-id,Values=<vpc>``",
        ),
        fixes=(
            "grant the function access to what it calls, as in ``queue.grant_send_messages(function)``, so that the "
            "construct adds the endpoint; or add it by hand: ``function.network.add_endpoint(…)``",
            "in a VPC of your own, add an endpoint with private DNS, or a route out",
            "let ``security_groups=`` of the capacity provider allow TCP 443 out, and those of the endpoint allow it "
            "in from there",
        ),
        rules=("LMI501", "LMI502", "LMI503", "LMI504", "LMI505"),
        sources=(BOTOCORE, SMITHY, SDK_JS_6708, SDK_JAVA_1481, SDK_JAVA_4997, SDK_RUST_905),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="EndpointConnectionError",
        codes=("EndpointConnectionError",),
        messages=('Could not connect to the endpoint URL: "{address}"',),
        subject=("the endpoint URL",),
        title="the code calls a service whose address does not resolve, or to which there is no route",
        meaning="The function runs, and botocore in it gave up at once: the name in the address has no IP address "
        "there, the way to it ends in the VPC, or the other side refused the connection.",
        cause="The service has no endpoint in the Region that the client uses, the VPC does not resolve names, or the "
        "subnets have neither an endpoint for the service nor a route out.",
        checks=(
            "the service and the Region in the address: a client uses the function's Region if the code names none",
            "the VPC's enableDnsSupport: ``aws ec2 describe-vpc-attribute --vpc-id <vpc> --attribute "
            "enableDnsSupport``",
            "what the instances can reach: ``cdk-lmi check cdk.out`` and ``cdk-lmi diagram cdk.out``",
        ),
        fixes=(
            "correct the Region or the address in the code",
            "have the VPC resolve names: leave out enable_dns_support and enable_dns_hostnames of ``ec2.Vpc``, which "
            "are on by default",
            "grant the function access to what it calls, as in ``queue.grant_send_messages(function)``, so that the "
            "construct adds the endpoint; or add it by hand: ``function.network.add_endpoint(…)``",
        ),
        rules=("LMI502",),
        sources=(
            BOTOCORE,
            Source("https://github.com/boto/botocore/blob/develop/botocore/httpsession.py", "2026-11-27"),
        ),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="name-not-resolved",
        codes=("UnknownHostException",),
        messages=(
            "socket.gaierror: [Errno -2] Name or service not known",
            "socket.gaierror: [Errno -3] Temporary failure in name resolution",
            "Error: getaddrinfo ENOTFOUND {host}",
            "Error: getaddrinfo EAI_AGAIN {host}",
            "System.Net.Http.HttpRequestException: Name or service not known ({host})",
            "System.Net.Sockets.SocketException: Name or service not known",
            "error trying to connect: dns error: failed to lookup address information: Name or service not known",
        ),
        subject=(
            "gaierror: [Errno",
            "getaddrinfo ENOTFOUND",
            "getaddrinfo EAI_AGAIN",
            "HttpRequestException: Name or service",
            "SocketException: Name or service",
            "lookup address information",
        ),
        title="a name has no IP address, if a function says so in its VPC",
        meaning="The code was to connect to a name, and whoever answers for names there knows no address for it. "
        "Functions on Managed Instances resolve names as the VPC of the capacity provider is set to. If a build "
        "or another machine says so, it is that machine's.",
        cause="The name is misspelled, or that of a service which its Region does not have. Or the VPC does not "
        "resolve names, its DHCP options name a DNS server that does not know AWS's names, or the name is in a "
        "private hosted zone that is not associated with the VPC.",
        checks=(
            "the name: the service and the Region in it",
            "the VPC's enableDnsSupport: ``aws ec2 describe-vpc-attribute --vpc-id <vpc> --attribute "
            "enableDnsSupport``, and its DHCP options: ``aws ec2 describe-dhcp-options``",
            "the private hosted zones of the VPC: ``aws route53 list-hosted-zones-by-vpc --vpc-id <vpc> --vpc-region "
            "<region>``",
        ),
        fixes=(
            "correct the name or the Region in the code",
            "have the VPC resolve names: leave out enable_dns_support and enable_dns_hostnames of ``ec2.Vpc``, which "
            "are on by default; let a DNS server of your own forward AWS's names to the VPC's",
            "associate the private hosted zone with the VPC",
        ),
        sources=(DNS_IN_VPC, UPDATE_LAMBDA_2, SDK_JS_5236, SDK_NET_2105, SDK_NET_2476, CARGO_LAMBDA_313),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="Function.ResponseSizeTooLarge",
        codes=("Function.ResponseSizeTooLarge",),
        messages=("Response payload size exceeded maximum allowed payload size (6291556 bytes).",),
        subject=("Response payload size",),
        title="the answer of the function is too large",
        meaning="The handler returned, but its answer as JSON is larger than what Lambda passes on to a synchronous "
        "caller, some 6 MB.",
        cause="The handler returns all of something that grows, such as a list without pages, or a file as text.",
        checks=("the size of the answer as JSON: ``len(json.dumps(answer).encode())``",),
        fixes=(
            "return the answer in pages",
            "or write it to Amazon S3, and return where it is, for example as a presigned URL",
        ),
        sources=(RESPONSE_SIZE, Source(INVOKE)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="Runtime.MarshalError",
        codes=("Runtime.MarshalError",),
        messages=("Unable to marshal response: {why}",),
        subject=("marshal response",),
        title="the answer of the function is not JSON",
        meaning="The handler returned, but the runtime cannot write its answer as JSON.",
        cause="The answer contains a set, a datetime, bytes within something else, or an object of a class.",
        checks=(
            "the text after Unable to marshal response: the type, as in Object of type set is not JSON serializable",
        ),
        fixes=("return only dict, list, str, int, float, bool and None: convert everything else first",),
        sources=(MARSHAL_ERROR,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="construct-passed",
        messages=(
            # Before the dot the CDK has a name of its own in each place: handler, this.fn, props.lambdaFunction.
            "addPermission is not a function",
            "grantInvoke is not a function",
            "addEventSourceMapping is not a function",
            "[AWS::Lambda::Url] is missing required property: targetFunctionArn",
            "Either `integrationSubtype` or `integrationUri` must be specified.",
            "type of argument {name} must be {type}; got cdk_lmi.function.ManagedInstanceFunction instead",
        ),
        subject=(
            "addPermission is not",
            "grantInvoke is not",
            "addEventSourceMapping is not",
            "property: targetFunctionArn",
            "`integrationUri` must be",
            "got cdk_lmi.function.ManagedInstanceFunction",
        ),
        title="the construct was passed where a function is expected",
        meaning="An integration, a target or a subscription of the CDK was given a ManagedInstanceFunction. That is no "
        "function of the CDK: it has one, and the alias that serves it.",
        cause="The code passes ``orders`` and not ``orders.alias``.",
        checks=("the line of the traceback that is in your own code",),
        fixes=(
            "pass the alias, as in ``targets.LambdaFunction(orders.alias)``",
            "where the message asks for something else of it: ``orders.version``, ``orders.alias.function_arn``",
        ),
        sources=(CDK_TARGETS, TYPEGUARD),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="construct-passed-perhaps",
        messages=(
            "TokenAuthorizer RuntimeError: Cannot read properties of undefined (reading 'startsWith')",
            "LambdaDestination RuntimeError: TypeError: Cannot read properties of undefined (reading 'scopes')",
            "LambdaAction RuntimeError: TypeError: Cannot read properties of undefined (reading 'tryFindChild')",
            "RotationSchedule RuntimeError: TypeError: Cannot read properties of undefined (reading 'defaultChild')",
            'LambdaInvoke RuntimeError: The "data" argument must be of type string or an instance of '
            "Buffer, TypedArray, or DataView. Received undefined",
            "[AWS::Lambda::EventSourceMapping] is missing required property: functionName",
            "[AWS::Lambda::EventInvokeConfig] is missing required property: functionName",
        ),
        subject=(
            "(reading 'startsWith')",
            "(reading 'scopes')",
            "(reading 'tryFindChild')",
            "(reading 'defaultChild')",
            'The "data" argument',
            "EventSourceMapping] is missing required property: functionName",
            "EventInvokeConfig] is missing required property: functionName",
        ),
        # Where the CDK's words could be about anything, the traceback has the line of the code.
        context=(
            "TokenAuthorizer",
            "RequestAuthorizer",
            "LambdaInvoke",
            "EventSourceMapping",
            "EventInvokeConfig",
            "LambdaDestination",
            "add_event_notification",
            "add_object_created_notification",
            "add_object_removed_notification",
            "LambdaAction",
            "add_alarm_action",
            "add_ok_action",
            "ReceiptRuleSet",
            "ReceiptRule",
            "add_rotation_schedule",
            "RotationSchedule",
        ),
        title="perhaps the construct was passed where a function is expected",
        meaning="The CDK looked for a function's name, ARN or permissions, and found nothing. That happens when an "
        "authorizer, the target of a schedule, an event source mapping, a notification of a bucket, an action of an "
        "alarm or of a receipt rule, or a rotation of a secret is given a ManagedInstanceFunction, which is no "
        "function of the CDK. The words say nothing of that, so the cause may be another.",
        cause="The code passes ``orders`` and not ``orders.alias``.",
        checks=("the line of the traceback that is in your own code: what it passes as function or handler",),
        fixes=('pass the alias, as in ``apigateway.TokenAuthorizer(self, "Authorizer", handler=orders.alias)``',),
        sources=(CDK_AUTHORIZER, CDK_NOTIFICATION),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="latest-not-invocable",
        messages=(
            "Functions configured with capacity provider configuration can't be invoked with $LATEST qualifier.",
        ),
        subject=("invoked with $LATEST",),
        title="$LATEST cannot be invoked on Managed Instances",
        meaning="The caller names $LATEST. Only published versions run on instances.",
        cause="The ARN ends in :$LATEST, or the client adds $LATEST itself.",
        checks=("what the caller invokes: the function's ARN with its qualifier",),
        fixes=("invoke the alias: ``function.alias``, ``function.alias.function_arn``",),
        rules=("LMI601",),
        sources=(LOCALSTACK, Source(VERSIONS)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="NoPublishedVersionException",
        codes=("NoPublishedVersionException",),
        messages=("The function can't be invoked because no published version exists.",),
        subject=("no published",),
        title="no published version can serve the invocation",
        meaning="The caller names no version. The invocation then goes to $LATEST.PUBLISHED, which is not published, "
        "or not yet.",
        cause="An integration, event source or permission refers to the function instead of its alias, or the first "
        "publish failed.",
        checks=("what the caller invokes", REASON, "``cdk-lmi diagram cdk.out``: the diagram marks such callers"),
        fixes=("invoke the alias: ``function.alias``",),
        rules=("LMI601", "LMI604"),
        sources=(LOCALSTACK, Source(VERSIONS)),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="tail-logs",
        messages=("Tail logs are not supported for functions configured with capacity provider",),
        subject=("Tail logs",),
        title="the caller asks for the end of the log, which Managed Instances do not return",
        meaning="Lambda refuses Invoke with LogType=Tail, because the logs of concurrent invocations are mixed.",
        cause="A console, a test tool or a client always asks for it.",
        checks=("LogType in the call",),
        fixes=("remove LogType, and read the log group",),
        sources=(LOCALSTACK,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="api-gateway-throttled",
        # All that callers get. Without the field, or among other words, it is anybody's.
        codes=('{"message":"Too Many Requests"}', '{"message":"Limit Exceeded"}'),
        title="an API in front of the function answers that there are too many requests (429)",
        meaning="API Gateway answers like this before it calls the function. The function has received nothing, and "
        "its capacity is not concerned. The words are not API Gateway's alone: if there is none, another server in "
        "front says so.",
        cause="Too Many Requests: calls come faster than the stage, the method, the usage plan or the account allows. "
        "Limit Exceeded: an API key has used the quota of its usage plan up.",
        checks=(
            "the execution log of the API, if it is on: it says what was exceeded, as in Key throttle limit exceeded "
            "for Usage Plan",
            "the throttling of the stage: ``aws apigateway get-stage --rest-api-id <api> --stage-name <stage>``, or "
            "``aws apigatewayv2 get-stage --api-id <api> --stage-name <stage>``; usage plans: ``aws apigateway "
            "get-usage-plans``",
            "the metric Throttles of the alias: if it is above 0, it is the function too (TooManyRequestsException)",
        ),
        fixes=(
            "raise the rate and the burst of the stage or of the usage plan, or the account's quota",
            "before that, see what the function can take: ``cdk-lmi size`` calculates what the traffic needs",
        ),
        sources=(API_GATEWAY_429,),
        basis=Basis.DOCUMENTED,
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
        has_shared_codes=True,
        title="the invocations exceed the capacity that is running now (429)",
        meaning="All execution environments have reached their concurrency, or their CPU, memory or disk is used up. "
        "Lambda does not start an environment for a single invocation: more become available within minutes.",
        cause="Traffic more than doubled within five minutes, max_execution_environments or max_v_cpu_count was "
        "reached, or environments are still starting. Too many calls of the Lambda API give the same error, and many "
        "services, such as API Gateway, have one of the same name: the message names the operation.",
        checks=(
            "the metrics ConcurrencyThrottles, CPUThrottles, MemoryThrottles and DiskThrottles of the version: one of "
            "them is 1 for each throttle",
            "vCPUAllocated against max_v_cpu_count",
            SYSTEM_LOG,
        ),
        fixes=(
            "ConcurrencyThrottles: raise ``min_execution_environments=``, or "
            "``per_execution_environment_max_concurrency=`` if there is enough memory",
            "CPUThrottles and MemoryThrottles: raise ``memory_size=``; DiskThrottles: ``ephemeral_storage_size=``",
            "raise ``max_execution_environments=`` and ``max_v_cpu_count=`` if they were reached",
            "retry with backoff; ``cdk-lmi size`` calculates what the traffic needs",
        ),
        rules=("LMI307",),
        sources=(Source(SCALING), Source(TROUBLESHOOTING), Source(INVOKE)),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="streaming-adapter",
        # The second is what users quote. Among other words it is any parser's.
        codes=("Extension.Crash", "EOF while parsing a value"),
        messages=('lambda runtime failed: Error("EOF while parsing a value", line: 1, column: 0)',),
        subject=("runtime failed",),
        title="an extension crashed: releases of the Lambda Web Adapter too old for Managed Instances do this",
        meaning="An extension exited, and its execution environment stopped with it. Release 0.9.1 of the adapter "
        "fails like this when it streams on Managed Instances.",
        cause="AWS Lambda Web Adapter 0.9.1, if it is used. Any other extension may crash for its own reasons.",
        checks=(
            "which extensions, in which releases, the image or the layers contain",
            "the log group of the function",
        ),
        fixes=("use a newer release of the adapter, or of the extension that crashed",),
        sources=(
            Source("https://github.com/awslabs/aws-lambda-web-adapter/issues/623"),
            Source(EXECUTION_ENVIRONMENT),
        ),
        basis=Basis.REPORTED,
    ),
)
