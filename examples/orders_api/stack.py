"""The orders API as one stack: LIST on Lambda Managed Instances, the other operations on standard Lambda."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acknowledgments import MANAGED_POLICY, acknowledge
from api import OrdersRestApi
from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from bundling import lambda_target, service_code, this_machine
from configuration import DynamicConfiguration, metric_namespace
from constructs import Construct
from cursor_secret import CursorSecret
from firewall import Firewall
from monitoring import OrdersMonitoring, alarm_topic
from options import Options, TargetName
from tables import OrderTables

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction, ManagedInstanceNetwork

RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64
#: Each longer than the function takes if the services that it calls are silent, see ``SILENT_CALLS`` in the service, so
#: that it is the function that answers; and shorter than API Gateway waits, which is 29 seconds. GET and DELETE make
#: one call, LIST waits for two, CREATE for three after it has waited for another request with its Idempotency-Key.
TIMEOUT = Duration.seconds(10)
TIMEOUT_OF_LIST = Duration.seconds(15)
TIMEOUT_OF_CREATE = Duration.seconds(27)
#: How many execution environments LIST has: one in each Availability Zone at the least, and what bounds the cost of a
#: client that runs wild, by day and while nobody watches.
SMALLEST_FLEET, LARGEST_FLEET, LARGEST_AT_NIGHT = 3, 12, 6
NIGHT = {"Night": ("22", LARGEST_AT_NIGHT), "Morning": ("6", LARGEST_FLEET)}
#: What Powertools names logs, traces and metrics by; the namespace of the metrics is the stack's own.
SERVICE_NAME = "orders"

#: What cdk-nag finds and is left as it is. What does not apply to Managed Instances is acknowledged by cdk-lmi.
OF_FUNCTION_ROLES = {
    MANAGED_POLICY.format("AWSLambdaBasicExecutionRole"): "It allows writing logs, and nothing else.",
    "AwsSolutions-IAM5[Resource::*]": "X-Ray's actions for sending traces know no resources; all else names its own.",
    "Serverless-LambdaDLQ": "Callers wait for the answer: there is no event that could be lost unseen.",
}


class OrdersApi(Stack):
    """Orders under /api/orders: POST, GET and DELETE of one, and a LIST that pages over all of them; /swagger.

    Args:
        scope: The app.
        id: The name of the stack.
        options: What whoever deploys it chose. Default: as for development, see ``Options``.
        kwargs: As for ``Stack``.
    """

    def __init__(self, scope: Construct, id: str, *, options: Options | None = None, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        options = options or Options()
        self._removal_policy = RemovalPolicy.RETAIN if options.production else RemovalPolicy.DESTROY
        self._namespace = metric_namespace(self)
        self._powertools = {
            "POWERTOOLS_SERVICE_NAME": SERVICE_NAME,
            "POWERTOOLS_METRICS_NAMESPACE": self._namespace,
        }
        on_lambda = options.target is TargetName.LAMBDA
        self.code = service_code(self, lambda_target(RUNTIME, ARCHITECTURE) if on_lambda else this_machine())

        self.tables = OrderTables(self, "Tables", keep=options.production)
        self._logs_of_create = self._log_group("CreateOrder")
        self.configuration = DynamicConfiguration(
            self, "Configuration", log_group=self._logs_of_create, gradual=options.production
        )
        self.cursor_secret = CursorSecret(self, "CursorSecret", removal_policy=self._removal_policy)
        self._define_functions()
        self._define_api(options)
        self._define_monitoring(options)

        CfnOutput(self, "OrdersUrl", value=self.api.rest_api.url_for_path("/api/orders"))
        CfnOutput(self, "SwaggerUrl", value=self.api.rest_api.url_for_path("/swagger"))
        CfnOutput(self, "OrdersTable", value=self.tables.orders.table_name)
        CfnOutput(self, "ListOrdersAlias", value=self.list_orders.alias.function_arn)

    def _define_functions(self) -> None:
        orders = {"ORDERS_TABLE": self.tables.orders.table_name}
        idempotency = {"IDEMPOTENCY_TABLE": self.tables.idempotency.table_name}
        self.create_order = self._function(
            "CreateOrder",
            {**orders, **idempotency, **self.configuration.environment},
            timeout=TIMEOUT_OF_CREATE,
            log_group=self._logs_of_create,
        )
        self.get_order = self._function("GetOrder", orders)
        self.delete_order = self._function("DeleteOrder", orders)
        self.swagger = self._function("Swagger", {})
        # Stated, so that the next function on Managed Instances can share it: each pool has a floor that is paid for.
        self.pool = ManagedInstanceCapacityProvider(
            self,
            "Pool",
            architecture=ARCHITECTURE,
            max_v_cpu_count=64,
            network=self._network(),
            log_group=self._log_group("Pool"),
        )
        self.list_orders = self._managed_function(
            "ListOrders", {**orders, "CURSOR_SECRET": self.cursor_secret.arn}, timeout=TIMEOUT_OF_LIST
        )
        for name, (hour, largest) in NIGHT.items():
            self.list_orders.scale_on_schedule(
                name,
                schedule=scheduler.ScheduleExpression.cron(hour=hour, minute="0"),
                min_execution_environments=SMALLEST_FLEET,
                max_execution_environments=largest,
            )

        self.tables.orders.grant(self.create_order, "dynamodb:GetItem", "dynamodb:PutItem")
        self.tables.idempotency.grant(
            self.create_order, "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"
        )
        self.configuration.grant_read(self.create_order)
        self.tables.orders.grant(self.get_order, "dynamodb:GetItem")
        self.tables.orders.grant(self.delete_order, "dynamodb:DeleteItem")
        self.tables.orders.grant(self.list_orders, "dynamodb:Scan")
        self.cursor_secret.grant_read(self.list_orders)
        for function in (self.create_order, self.get_order, self.delete_order, self.swagger, self.list_orders):
            acknowledge(function, OF_FUNCTION_ROLES)

    def _network(self) -> ManagedInstanceNetwork:
        # What a security group turned away, which to a function only looks like a call that hangs.
        rejected = ec2.FlowLogOptions(
            traffic_type=ec2.FlowLogTrafficType.REJECT,
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(self._log_group("Rejected")),
        )
        return ManagedInstanceNetwork(self, "Network", restrict_endpoints=True, flow_logs={"Rejected": rejected})

    def _function(
        self,
        id: str,
        environment: Mapping[str, str],
        *,
        timeout: Duration = TIMEOUT,
        log_group: logs.LogGroup | None = None,
    ) -> lambda_.Function:
        return lambda_.Function(
            self,
            id,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=handler_of(id),
            code=self.code,
            memory_size=512,
            timeout=timeout,
            tracing=lambda_.Tracing.ACTIVE,
            environment={**self._powertools, **environment},
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.INFO,
            log_group=log_group or self._log_group(id),
        )

    def _managed_function(
        self, id: str, environment: Mapping[str, str], *, timeout: Duration
    ) -> ManagedInstanceFunction:
        return ManagedInstanceFunction(
            self,
            id,
            capacity_provider=self.pool,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=handler_of(id),
            code=self.code,
            memory_size=4096,
            execution_environment_memory_gib_per_v_cpu=4,
            per_execution_environment_max_concurrency=16,
            min_execution_environments=SMALLEST_FLEET,
            max_execution_environments=LARGEST_FLEET,
            timeout=timeout,
            tracing=lambda_.Tracing.ACTIVE,
            environment={**self._powertools, **environment},
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.INFO,
            log_group=self._log_group(id),
        )

    def _log_group(self, id: str) -> logs.LogGroup:
        return logs.LogGroup(
            self, f"{id}Logs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=self._removal_policy
        )

    def _define_api(self, options: Options) -> None:
        self.api = OrdersRestApi(self, "Api", authorizer=options.authorizer, production=options.production)
        self.api.serve("POST", "/api/orders", self.create_order, takes_object=True)
        # The alias: on Managed Instances only published versions serve.
        self.api.serve("GET", "/api/orders", self.list_orders.alias, query=("limit", "next_token"))
        self.api.serve("GET", "/api/orders/{order_id}", self.get_order)
        self.api.serve("DELETE", "/api/orders/{order_id}", self.delete_order)
        self.api.serve("GET", "/swagger", self.swagger, query=("format",))

    def _define_monitoring(self, options: Options) -> None:
        topic = alarm_topic(self, "Alarms") if options.production else None
        monitoring = OrdersMonitoring(self, "Monitoring", told=topic)
        monitoring.watch_api(self.api.rest_api)
        standard = (self.create_order, self.get_order, self.delete_order, self.swagger)
        monitoring.watch_functions({function.node.id: function for function in standard})
        monitoring.watch_managed_function(self.list_orders, self.pool)
        monitoring.watch_answers(namespace=self._namespace, service=SERVICE_NAME)
        monitoring.watch_configuration(self.configuration)
        monitoring.watch_tables({"Orders": self.tables.orders, "Idempotency": self.tables.idempotency})
        if topic is not None:
            firewall = Firewall(self, "Firewall", stage=self.api.rest_api.deployment_stage)
            monitoring.watch_firewall(firewall.acl)
            CfnOutput(self, "AlarmsTopic", value=topic.topic_arn, description="Subscribers are notified of alarms.")


def handler_of(id: str) -> str:
    """Give the handler of a function: of CreateOrder, ``orders.handlers.create_order.handler``."""
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in id)
    return f"orders.handlers.{words.lstrip('_')}.handler"
