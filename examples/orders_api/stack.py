"""The orders API as one stack: LIST on Lambda Managed Instances, the other operations on standard Lambda."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Acknowledgment, CfnOutput, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction

HANDLERS = Path(__file__).parent / "handlers"
RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64
TIMEOUT = Duration.seconds(10)

MANAGED_POLICY = "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/{}]"
#: What cdk-nag finds and is left as it is. What does not apply to Managed Instances is acknowledged by cdk-lmi.
OF_FUNCTION_ROLES = {
    MANAGED_POLICY.format("AWSLambdaBasicExecutionRole"): "It allows writing logs, and nothing else.",
    "AwsSolutions-IAM5[Resource::*]": "X-Ray's actions for sending traces know no resources; all else names its table.",
}
OF_API = {
    "AwsSolutions-COG4": "Callers sign their requests, and IAM says who may: there is no user pool.",
    "AwsSolutions-APIG3": "There is no web ACL yet. Until then IAM and the throttling of the stage turn callers away.",
    MANAGED_POLICY.format("AmazonAPIGatewayPushToCloudWatchLogs"): "What API Gateway asks for to write any logs.",
}


class OrdersApi(Stack):
    """Orders under /api/orders: POST, GET and DELETE of one, and a LIST that pages over all of them."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        self.code = lambda_.Code.from_asset(str(HANDLERS), exclude=["__pycache__"])
        self.orders = self._table("Orders", "order_id")
        self.idempotency = self._table("Idempotency", "id", time_to_live_attribute="expiration")

        create = self._function("CreateOrder", "create_order.handler")
        get = self._function("GetOrder", "get_order.handler")
        delete = self._function("DeleteOrder", "delete_order.handler")
        self.orders.grant(create, "dynamodb:PutItem")
        self.idempotency.grant(create, "dynamodb:PutItem")
        self.orders.grant(get, "dynamodb:GetItem")
        self.orders.grant(delete, "dynamodb:DeleteItem")

        # Stated, so that the next function on Managed Instances can share it: each pool has a floor that is paid for.
        self.pool = ManagedInstanceCapacityProvider(self, "Pool", architecture=ARCHITECTURE, max_v_cpu_count=64)
        self.list_orders = self._managed_function("ListOrders", "list_orders.handler")
        self.orders.grant(self.list_orders, "dynamodb:Scan")
        for function in (create, get, delete, self.list_orders):
            acknowledge(function, OF_FUNCTION_ROLES)
        # What a security group turned away, which to a function only looks like a call that hangs.
        self.pool.network.vpc.add_flow_log(
            "Rejected",
            traffic_type=ec2.FlowLogTrafficType.REJECT,
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(self._log_group("Rejected")),
        )

        api = self._api()
        orders = api.root.add_resource("api").add_resource("orders")
        orders.add_method("POST", integration(create), **self._json_object(api))
        # The alias: on Managed Instances only published versions serve.
        orders.add_method("GET", integration(self.list_orders.alias))
        order = orders.add_resource("{order_id}")
        order.add_method("GET", integration(get))
        order.add_method("DELETE", integration(delete))

        CfnOutput(self, "OrdersUrl", value=api.url_for_path(orders.path))
        CfnOutput(self, "OrdersTable", value=self.orders.table_name)
        CfnOutput(self, "ListOrdersAlias", value=self.list_orders.alias.function_arn)

    def _table(self, id: str, partition_key: str, *, time_to_live_attribute: str | None = None) -> dynamodb.TableV2:
        return dynamodb.TableV2(
            self,
            id,
            partition_key=dynamodb.Attribute(name=partition_key, type=dynamodb.AttributeType.STRING),
            time_to_live_attribute=time_to_live_attribute,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )

    def _function(self, id: str, handler: str) -> lambda_.Function:
        return lambda_.Function(
            self,
            id,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=handler,
            code=self.code,
            memory_size=512,
            timeout=TIMEOUT,
            tracing=lambda_.Tracing.ACTIVE,
            environment=self._environment(),
            logging_format=lambda_.LoggingFormat.JSON,
            log_group=self._log_group(id),
        )

    def _managed_function(self, id: str, handler: str) -> ManagedInstanceFunction:
        return ManagedInstanceFunction(
            self,
            id,
            capacity_provider=self.pool,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=handler,
            code=self.code,
            memory_size=4096,
            execution_environment_memory_gib_per_v_cpu=4,
            per_execution_environment_max_concurrency=16,
            min_execution_environments=3,
            max_execution_environments=12,
            timeout=TIMEOUT,
            tracing=lambda_.Tracing.ACTIVE,
            environment=self._environment(),
            log_group=self._log_group(id),
        )

    def _environment(self) -> dict[str, str]:
        return {"ORDERS_TABLE": self.orders.table_name, "IDEMPOTENCY_TABLE": self.idempotency.table_name}

    def _log_group(self, id: str) -> logs.LogGroup:
        return logs.LogGroup(
            self, f"{id}Logs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
        )

    def _api(self) -> apigateway.RestApi:
        api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name="orders",
            # All APIs of an account and Region write their logs by one role, which this makes and names. It stays when
            # the stack goes: others may be using it by then.
            cloud_watch_role=True,
            deploy_options=apigateway.StageOptions(
                stage_name="prod",
                throttling_rate_limit=50,
                throttling_burst_limit=100,
                tracing_enabled=True,
                logging_level=apigateway.MethodLoggingLevel.ERROR,
                access_log_destination=apigateway.LogGroupLogDestination(self._log_group("Access")),
                access_log_format=apigateway.AccessLogFormat.json_with_standard_fields(
                    caller=True,
                    http_method=True,
                    ip=True,
                    protocol=True,
                    request_time=True,
                    resource_path=True,
                    response_length=True,
                    status=True,
                    user=True,
                ),
            ),
            # Callers sign their requests; whoever may is said by IAM.
            default_method_options=apigateway.MethodOptions(authorization_type=apigateway.AuthorizationType.IAM),
        )
        acknowledge(api, OF_API)
        return api

    def _json_object(self, api: apigateway.RestApi) -> dict[str, Any]:
        """Give the options of a method that takes a JSON object; the handler tells what is wrong with one."""
        validator = api.add_request_validator("Requests", validate_request_body=True, validate_request_parameters=True)
        model = api.add_model("Object", schema=apigateway.JsonSchema(type=apigateway.JsonSchemaType.OBJECT))
        return {"request_validator": validator, "request_models": {"application/json": model}}


def integration(function: lambda_.IFunction) -> apigateway.LambdaIntegration:
    """Let the API call the function from its deployed stage, and not from the console's test page."""
    return apigateway.LambdaIntegration(function, allow_test_invoke=False)


def acknowledge(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge findings on a construct and what is in it."""
    Validations.of(construct).acknowledge(*(Acknowledgment(id=id, reason=reason) for id, reason in reasons.items()))
