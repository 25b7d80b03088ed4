// The same resources as by_hand in bench/synthesis.py, and in the same order. Called with a number of functions, a
// folder for the assembly, the handlers' folder and the name of the stack.
import * as cdk from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';

function byHand(stack: cdk.Stack, functions: number, handlers: string): void {
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    maxAzs: 3,
    reservedAzs: 1,
    natGateways: 0,
    subnetConfiguration: [{ name: 'Private', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  });
  const instances = new ec2.SecurityGroup(stack, 'Instances', {
    vpc,
    description: 'Lambda Managed Instances: HTTPS out, nothing in',
    allowAllOutbound: false,
  });
  instances.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS services, through VPC endpoints');
  const endpoints = new ec2.SecurityGroup(stack, 'Endpoints', {
    vpc,
    description: 'VPC endpoints: HTTPS in from Lambda Managed Instances',
    allowAllOutbound: false,
  });
  endpoints.addIngressRule(instances, ec2.Port.tcp(443), 'Lambda Managed Instances');
  const dynamodb = new ec2.GatewayVpcEndpoint(stack, 'DynamoDb', {
    vpc,
    service: ec2.GatewayVpcEndpointAwsService.DYNAMODB,
  });
  const s3 = new ec2.GatewayVpcEndpoint(stack, 'S3', { vpc, service: ec2.GatewayVpcEndpointAwsService.S3 });
  const cloudwatchLogs = new ec2.InterfaceVpcEndpoint(stack, 'CloudWatchLogs', {
    vpc,
    service: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
    securityGroups: [endpoints],
    open: false,
  });
  const operator = new iam.Role(stack, 'Operator', {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    description: 'Lambda launches and terminates Managed Instances with it',
    managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName('AWSLambdaManagedEC2ResourceOperator')],
  });
  const pool = new lambda.CapacityProvider(stack, 'Pool', {
    subnets: vpc.isolatedSubnets,
    securityGroups: [instances],
    operatorRole: operator,
    architectures: [lambda.Architecture.ARM_64],
    maxVCpuCount: 200,
  });
  pool.node.addDependency(...vpc.isolatedSubnets, endpoints, dynamodb, s3, cloudwatchLogs);
  for (let number = 0; number < functions; number++) {
    const orders = new lambda.Function(stack, `Orders${number}`, {
      runtime: lambda.Runtime.PYTHON_3_14,
      handler: 'orders.handler',
      code: lambda.Code.fromAsset(handlers),
      architecture: lambda.Architecture.ARM_64,
      memorySize: 4096,
      logGroup: new logs.LogGroup(stack, `Orders${number}Logs`),
      loggingFormat: lambda.LoggingFormat.JSON,
      currentVersionOptions: {
        removalPolicy: cdk.RemovalPolicy.DESTROY,
        minExecutionEnvironments: 3,
        maxExecutionEnvironments: 12,
      },
    });
    pool.addFunction(orders, {
      executionEnvironmentMemoryGiBPerVCpu: 4,
      perExecutionEnvironmentMaxConcurrency: 16,
      publishToLatestPublished: false,
    });
    new lambda.Alias(stack, `Orders${number}Live`, { aliasName: 'live', version: orders.currentVersion });
  }
}

const [functions, outdir, handlers, stack] = process.argv.slice(2);
const app = new cdk.App({ outdir });
byHand(new cdk.Stack(app, stack), Number(functions), handlers);
app.synth();
