"""What the CDK and CloudFormation say when the deployment of a stack fails."""

from __future__ import annotations

from ..rules.limits import MANAGED_INSTANCES, SQS_EVENT_SOURCES
from .failure import Basis, Failure, Source
from .sources import COOKBOOK, QUOTAS
from .states import REASON, SYSTEM_LOG

#: Roles that must be there before what they are for, and may do something with it.
CDK_13982 = Source("https://github.com/aws/aws-cdk/issues/13982", "2026-11-28")
CDK_24373 = Source("https://github.com/aws/aws-cdk/issues/24373", "2026-11-28")
#: What users quote where subnets are to be replaced.
CDK_6683 = Source("https://github.com/aws/aws-cdk/issues/6683", "2026-11-28")
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
SERVERLESS_8040 = Source("https://github.com/serverless/serverless/issues/8040", "2026-11-28")
CANARY_159 = Source("https://github.com/davidgf/serverless-plugin-canary-deployments/issues/159", "2026-11-28")
ROLLOUT_ALARMS = Source(
    "https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html", "2026-11-28"
)
#: That CodeDeploy deploys to ECS and to servers as well.
COMPUTE_PLATFORMS = Source(
    "https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_codedeploy.ComputePlatform.html", "2026-11-28"
)
TERRAFORM_1524 = Source("https://github.com/hashicorp/terraform-provider-aws/issues/1524", "2026-11-28")

EVENTS = (
    "the events of the stack, and of these the first that failed: ``aws cloudformation describe-stack-events "
    "--stack-name <stack>``. What follows it is mostly its consequence"
)

DEPLOYMENT_MESSAGES = (
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
        id="lambda-rate-exceeded",
        messages=("Rate exceeded (Service: Lambda, Status Code: 429, Request ID: 2d57)",),
        subject=("exceeded (Service: Lambda",),
        # Limits and quotas are exceeded too.
        context=("Rate exceeded (Service: Lambda",),
        title="Lambda was asked too much at once: by a deployment, or by those who invoke the function",
        meaning="Lambda says the same where its API is called too often and where a function has no capacity left. "
        "Who was refused tells which it is.",
        cause="In the events of a stack: many functions, versions, aliases or event source mappings are created at "
        "once. At a caller, such as a state machine: the invocations exceed the capacity that is running.",
        checks=(EVENTS, "the metric Throttles of the alias: if it is above 0, it is the capacity"),
        fixes=(
            "for a deployment: deploy again; if it stays, deploy the stacks one after another",
            "for a caller: run cdk-lmi explain TooManyRequestsException",
        ),
        sources=(CDK_9882, SERVERLESS_8040, QUOTAS),
        basis=Basis.REPORTED,
        is_vague=True,
    ),
    Failure(
        id="rollout-stopped",
        codes=("ALARM_ACTIVE",),
        messages=(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
            "affected deployments have been stopped. Activated alarms: <{alarm}>",
        ),
        subject=("alarms have been activated",),
        others=("ECS", "computePlatform Server"),
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
        sources=(ROLLOUT_ALARMS, COMPUTE_PLATFORMS),
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
