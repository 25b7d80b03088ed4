"""What runtimes and clients say where one execution environment serves several invocations at once.

They share its memory, its /tmp, its file descriptors and, but in Python, their clients of other services.
"""

from __future__ import annotations

from ..rules.limits import GUIDE
from .failure import Basis, Failure, Source
from .states import FUNCTION_LOG, MEASURE

#: What runtimes and libraries say that are not made for several invocations at once, or lack what they need for it.
RUST_RUNTIME = Source(
    "https://github.com/aws/aws-lambda-rust-runtime/blob/main/lambda-runtime/src/runtime.rs", "2026-11-28"
)
RUST_1095 = Source("https://github.com/aws/aws-lambda-rust-runtime/pull/1095", "2026-11-28")
POWERTOOLS_STORE = Source(
    "https://github.com/aws-powertools/powertools-lambda-typescript/blob/main/packages/metrics/src/MetricsStore.ts",
    "2026-11-28",
)
#: What runs out of memory in Node.js, Java and Python, in processes and in worker threads.
SDK_JS_7075 = Source("https://github.com/aws/aws-sdk-js-v3/issues/7075", "2026-11-28")
NODE_47224 = Source("https://github.com/nodejs/node/issues/47224", "2026-11-28")
TSSLINT_81 = Source("https://github.com/johnsoncodehk/tsslint/issues/81", "2026-11-28")
SAM_CLI_2798 = Source("https://github.com/aws/aws-sam-cli/issues/2798", "2026-11-28")
#: What clients say that keep fewer connections than there are calls at once: @smithy/node-http-handler, the SDK for
#: Java with Apache's client and with Netty, urllib3 under botocore.
SMITHY_1164 = Source("https://github.com/smithy-lang/smithy-typescript/pull/1164", "2026-11-28")
SDK_JS_7027 = Source("https://github.com/aws/aws-sdk-js-v3/issues/7027", "2026-11-28")
SDK_JAVA_6948 = Source("https://github.com/aws/aws-sdk-java-v2/issues/6948", "2026-11-28")
SDK_JAVA_3012 = Source("https://github.com/aws/aws-sdk-java-v2/issues/3012", "2026-11-28")
URLLIB3 = Source("https://github.com/urllib3/urllib3/blob/main/src/urllib3/connectionpool.py", "2026-11-28")
#: What PostgreSQL and MySQL say to functions that are one too many.
PODUPTIME_20 = Source("https://github.com/spreaker/poduptime/issues/20", "2026-11-28")
MYSQL2_1915 = Source("https://github.com/sidorares/node-mysql2/issues/1915", "2026-11-28")
RDS_PROXY = Source(
    "https://iamanuragh.in/blog/2026-03-21-aws-rds-proxy-stop-lambda-destroying-your-database", "2026-11-28"
)
#: What functions say that have too many files and connections open.
DEPLOY_TIME_BUILD_3 = Source("https://github.com/tmokmss/deploy-time-build/issues/3", "2026-11-28")
DYNAMO_TS_61 = Source("https://github.com/hexlabsio/dynamo-ts/issues/61", "2026-11-28")
SDK_JS_5273 = Source("https://github.com/aws/aws-sdk-js-v3/issues/5273", "2026-11-28")

CONCURRENCY_MESSAGES = (
    Failure(
        id="one-invocation-at-a-time",
        messages=(
            "AWS_LAMBDA_MAX_CONCURRENCY is set to '16', but the concurrency-tokio feature is not enabled; running "
            "sequentially",
            "AWS_LAMBDA_MAX_CONCURRENCY is set to '16', but Runtime::run does not support concurrent polling; enable "
            "the experimental-concurrency feature and use Runtime::run_concurrent instead",
        ),
        subject=("concurrency-tokio feature is not", "support concurrent polling"),
        title="the Rust runtime takes one invocation at a time",
        meaning="Lambda offers the execution environment several invocations at once, and the program takes no more "
        "than one at a time. An earlier revision of the runtime refused to start instead.",
        cause="The program calls ``lambda_runtime::run``, and not ``run_concurrent``.",
        checks=("the features of lambda_runtime in Cargo.toml",),
        fixes=(
            "turn on the feature concurrency-tokio of lambda_runtime or lambda_http, and call ``run_concurrent``; the "
            "handler must be Clone and Send",
            "or say that it takes one: ``per_execution_environment_max_concurrency=1``",
        ),
        sources=(RUST_RUNTIME, RUST_1095),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="invoke-store-missing",
        messages=("Error: InvokeStore is not available",),
        title="Powertools for TypeScript misses what keeps concurrent invocations apart",
        meaning="Where an execution environment takes several invocations at once, Powertools keeps what belongs to "
        "one in the InvokeStore of Lambda's Node.js runtime. Here there is none.",
        cause="Something other than Lambda's current Node.js runtime runs the handler: a container image with an older "
        "runtime client, or a test that sets AWS_LAMBDA_MAX_CONCURRENCY.",
        checks=("what runs the handler: the base image and its aws-lambda-ric, or the runtime",),
        fixes=(
            "use a newer base image or runtime client",
            "in a test: leave AWS_LAMBDA_MAX_CONCURRENCY unset, or set up the InvokeStore",
        ),
        sources=(POWERTOOLS_STORE,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="code-out-of-memory",
        codes=("ERR_WORKER_OUT_OF_MEMORY",),
        messages=(
            "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
            "Worker terminated due to reaching memory limit: JS heap out of memory",
            "java.lang.OutOfMemoryError: Java heap space",
            "java.lang.OutOfMemoryError: Metaspace",
            "OSError: [Errno 12] Cannot allocate memory",
        ),
        subject=(
            "JavaScript heap out",
            "JS heap out",
            "OutOfMemoryError: Java heap",
            "OutOfMemoryError: Metaspace",
            "[Errno 12] Cannot allocate",
        ),
        title="the code ran out of memory, if a function says so",
        meaning="All invocations in an execution environment share its memory: as processes in Python, as worker "
        "threads in Node.js, on one heap in Java. If a build or another machine says so, it is that machine's.",
        cause="More invocations at once than the memory holds, or something that grows: execution environments live "
        "for long here, and no cold start empties them. Or the heap of Node.js or Java has a limit of its own, below "
        "that of the function.",
        checks=(
            MEASURE,
            FUNCTION_LOG,
            "limits of the runtime in ``environment=``: NODE_OPTIONS=--max-old-space-size, JAVA_TOOL_OPTIONS=-Xmx",
        ),
        fixes=(
            "raise ``memory_size=``",
            "or lower ``per_execution_environment_max_concurrency=``",
            "or raise the runtime's own limit, and leave room for what is not on the heap",
        ),
        rules=("LMI107", "LMI203"),
        sources=(
            Source(f"{GUIDE}/lambda-managed-instances-runtimes.html"),
            SDK_JS_7075,
            NODE_47224,
            TSSLINT_81,
            SAM_CLI_2798,
        ),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="client-connections-used-up",
        messages=(
            "@smithy/node-http-handler:WARN - socket usage at capacity=50 and 100 additional requests are enqueued.",
            "SdkClientException: Unable to execute HTTP request: Timeout waiting for connection from pool",
            "SdkClientException: Unable to execute HTTP request: Acquire operation took longer than the configured "
            "maximum time.",
            "Connection pool is full, discarding connection: {host}. Connection pool size: 10",
        ),
        subject=(
            "socket usage at capacity",
            "waiting for connection from pool",
            "Acquire operation took",
            "pool is full, discarding",
        ),
        title="a client of AWS has fewer connections than there are calls at once",
        meaning="A client opens so many connections at most, and calls beyond that wait, fail, or open one that is "
        "not kept. In Node.js, Java and .NET all invocations of a process or a thread share the client.",
        cause="The limit of the client is its default, from before one execution environment served several "
        "invocations. Or bodies of responses are not read to their end, which keeps their connections.",
        checks=(
            "how many calls each invocation makes at once, times ``per_execution_environment_max_concurrency=``",
            "whether all responses are read or closed",
        ),
        fixes=(
            "raise the limit of the client: maxSockets of the httpsAgent in Node.js, maxConnections or maxConcurrency "
            "of the HTTP client in Java, ``Config(max_pool_connections=…)`` in Python",
            "or lower ``per_execution_environment_max_concurrency=``",
        ),
        sources=(SMITHY_1164, SDK_JS_7027, SDK_JAVA_6948, SDK_JAVA_3012, URLLIB3),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="database-connections-used-up",
        codes=("ER_CON_COUNT_ERROR",),
        messages=(
            "FATAL: sorry, too many clients already",
            "FATAL: remaining connection slots are reserved for non-replication superuser and rds_superuser "
            "connections",
        ),
        subject=("many clients already", "connection slots are reserved"),
        title="the database takes no more connections, if a function says so",
        meaning="The database has as many connections as it takes. Execution environments here are always there, and "
        "keep their connections also without traffic. Others that use the database count as well.",
        cause="Each process or thread has a connection or a pool of its own. At most there are "
        "max_execution_environments times the processes in each, in Python per_execution_environment_max_concurrency, "
        "times the size of the pool; during a deployment, twice that.",
        checks=(
            "that product, and the database's max_connections",
            "``cdk-lmi size``, for how many execution environments the traffic takes",
        ),
        fixes=(
            "put RDS Proxy before the database",
            "or bound the product: ``max_execution_environments=``, ``per_execution_environment_max_concurrency=``, "
            "the size of the pool",
        ),
        sources=(PODUPTIME_20, MYSQL2_1915, RDS_PROXY),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="file-descriptors-used-up",
        messages=(
            "OSError: [Errno 24] Too many open files",
            "Error: EMFILE: too many open files",
            "connect EMFILE {address} - Local",
            "Error: getaddrinfo EMFILE {host}",
        ),
        subject=("[Errno 24] Too many", "EMFILE: too many open", "connect EMFILE", "getaddrinfo EMFILE"),
        title="too many files and connections are open, if a function says so",
        meaning="Each open file and each connection takes a file descriptor, and there are only so many. AWS's quota "
        "for standard functions is on its page of quotas; for Managed Instances it states none. If a build or another "
        "machine says so, it is that machine's.",
        cause="Concurrent invocations each open their own, or make a client for each invocation, whose connections "
        "stay open. Execution environments live for long here, and no cold start closes what the code leaves open.",
        checks=("whether clients and files are made in the handler, and closed",),
        fixes=(
            "make clients once, outside of the handler, and close files",
            "or lower ``per_execution_environment_max_concurrency=``",
        ),
        sources=(DEPLOY_TIME_BUILD_3, DYNAMO_TS_61, SDK_JS_5273),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="no-space-left",
        messages=("No space left on device",),
        title="/tmp is full, if a function says so",
        meaning="All invocations in an execution environment share /tmp, 512 MiB by default. It is not emptied "
        "between invocations. If something else says so, as a build does, it is the disk of that machine.",
        cause="The code does not remove its files, and concurrent invocations each write their own.",
        checks=("what the code leaves under /tmp: ``cdk-lmi fit`` watches it", "the DiskThrottles metric"),
        fixes=("remove files when done, and name them after the request", "raise ``ephemeral_storage_size=``"),
        rules=("LMI106",),
        sources=(Source(f"{GUIDE}/lambda-managed-instances-python-runtime.html"),),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
)
