"""The API: who may call what, how often, and what is said to those who may not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from acknowledgments import MANAGED_POLICY, acknowledge
from authorizers import default_method_options
from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct
from options import Authorizer

STAGE = "prod"
#: Requests per second and in a burst, of all callers together; and of them, those that cost more than others.
THROTTLE = (50, 100)
THROTTLE_OF = {
    # Each reads a page of the table.
    "/api/orders/GET": (20, 40),
    # For people, one page at a time.
    "/swagger/GET": (5, 10),
}
#: TLS 1.2 and 1.3, with keys that are of no use to who gets hold of them later.
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
SECURITY_POLICY = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"

#: What API Gateway answers by itself: status, if it is to be another one than its own, and words. Its own words name
#: roles and accounts to whoever asks.
REFUSALS: Mapping[str, tuple[int | None, str]] = {
    "BAD_REQUEST_BODY": (400, "the body must be a JSON object"),
    "UNAUTHORIZED": (401, "the request carries no credentials"),
    "ACCESS_DENIED": (403, "the caller may not do this"),
    "EXPIRED_TOKEN": (403, "the credentials have expired"),
    "INVALID_SIGNATURE": (403, "the signature does not match the request"),
    "MISSING_AUTHENTICATION_TOKEN": (403, "there is no such operation, or the request is not signed"),
    "WAF_FILTERED": (403, "the request was blocked"),
    "REQUEST_TOO_LARGE": (413, "the body is too large"),
    "THROTTLED": (429, "there are too many requests"),
    "INTEGRATION_FAILURE": (503, "the service cannot answer now"),
    "INTEGRATION_TIMEOUT": (503, "the service did not answer in time"),
    "DEFAULT_4XX": (None, "the request cannot be served"),
    "DEFAULT_5XX": (None, "the service failed"),
}
RETRY_LATER = (429, 503)
#: What they are, like the refusals of the functions: RFC 9457, with the id of the request besides.
PROBLEM = {"Content-Type": "'application/problem+json'"}
#: What API Gateway names the group that it writes its own log of a stage to, which it makes unless it is there.
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
EXECUTION_LOGS = "API-Gateway-Execution-Logs_{api}/{stage}"

REASONS = {
    MANAGED_POLICY.format("AmazonAPIGatewayPushToCloudWatchLogs"): "What API Gateway asks for to write any logs.",
}
WITHOUT_USER_POOL = {
    "AwsSolutions-COG4": "Callers sign their requests, and IAM says who may: there is no user pool.",
}
WITHOUT_FIREWALL = {
    "AwsSolutions-APIG3": "AWS WAF is paid for by web ACL and rule, and stands before production only.",
}


class OrdersRestApi(Construct):
    """A Regional REST API whose methods all ask who calls.

    Args:
        scope: The construct that it is defined in.
        id: Its name there.
        authorizer: Who says which callers may.
        production: Whether a firewall is going to stand before it, and users and logs stay when the stack goes. The
            role for logs always does.
    """

    def __init__(self, scope: Construct, id: str, *, authorizer: Authorizer, production: bool) -> None:
        super().__init__(scope, id)
        self._removal_policy = RemovalPolicy.RETAIN if production else RemovalPolicy.DESTROY
        self.rest_api = apigateway.RestApi(
            self,
            "RestApi",
            # Its metrics have this name and no id: each stack counts its own requests.
            rest_api_name=Stack.of(self).stack_name,
            endpoint_configuration=apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL]),
            # All APIs of an account and Region write their logs by one role, which this makes and names.
            cloud_watch_role=True,
            # It stays, in development as well: all of them use it from then on.
            cloud_watch_role_removal_policy=RemovalPolicy.RETAIN,
            deploy_options=self._stage_options(),
            default_method_options=default_method_options(self, authorizer, keep=production),
        )
        resource = cast(apigateway.CfnRestApi, self.rest_api.node.default_child)
        resource.security_policy, resource.endpoint_access_mode = SECURITY_POLICY, "STRICT"
        self._validator = self.rest_api.add_request_validator(
            "Requests", validate_request_body=True, validate_request_parameters=True
        )
        self._object = self.rest_api.add_model(
            "Object", schema=apigateway.JsonSchema(type=apigateway.JsonSchemaType.OBJECT)
        )
        self._refuse()
        self._define_execution_logs()
        acknowledge(self, REASONS)
        if authorizer is Authorizer.IAM:
            acknowledge(self, WITHOUT_USER_POOL)
        if not production:
            acknowledge(self, WITHOUT_FIREWALL)

    def serve(
        self,
        method: str,
        path: str,
        function: lambda_.IFunction,
        *,
        query: Sequence[str] = (),
        takes_object: bool = False,
    ) -> None:
        """Have a function answer, from the deployed stage and not from the console's test page.

        Args:
            method: As in ``GET``.
            path: As in ``/api/orders/{order_id}``.
            function: What answers: an alias, where only published versions serve.
            query: Names of the parameters of the query that there may be. Default: none.
            takes_object: Whether the body is a JSON object. What is none is turned away here, whatever its type is
                said to be. What is wrong with an object, its being said to be of another type as well, is told by the
                function. Default: no.
        """
        self.rest_api.root.resource_for_path(path).add_method(
            method,
            apigateway.LambdaIntegration(function, allow_test_invoke=False),
            request_validator=self._validator,
            request_parameters={f"method.request.querystring.{name}": False for name in query} or None,
            # Without a model for all other types, API Gateway would let their bodies pass unread.
            request_models=dict.fromkeys(("application/json", "$default"), self._object) if takes_object else None,
        )

    def _define_execution_logs(self) -> None:
        """Define the log group that API Gateway would otherwise make, keep for ever and leave behind."""
        group = logs.LogGroup(
            self,
            "ExecutionLogs",
            log_group_name=EXECUTION_LOGS.format(api=self.rest_api.rest_api_id, stage=STAGE),
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=self._removal_policy,
        )
        # Before the stage is there to be called, and until it is gone.
        self.rest_api.deployment_stage.node.add_dependency(group)

    def _stage_options(self) -> apigateway.StageOptions:
        log_group = logs.LogGroup(
            self, "AccessLogs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=self._removal_policy
        )
        return apigateway.StageOptions(
            stage_name=STAGE,
            tracing_enabled=True,
            access_log_destination=apigateway.LogGroupLogDestination(log_group),
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
            # What is set for one method takes nothing over from what is set for all.
            method_options={
                path: apigateway.MethodDeploymentOptions(**of_method(t)) for path, t in THROTTLE_OF.items()
            },
            **of_method(THROTTLE),
        )

    def _refuse(self) -> None:
        for name, (status, title) in REFUSALS.items():
            known = {} if status is None else {"status": status}
            body = {**known, "title": title, "problems": [], "request_id": "$context.requestId"}
            self.rest_api.add_gateway_response(
                name,
                type=apigateway.ResponseType.of(name),
                status_code=None if status is None else str(status),
                response_headers={**PROBLEM, **({"Retry-After": "'1'"} if status in RETRY_LATER else {})},
                templates={"application/json": json.dumps(body)},
            )


def of_method(throttle: tuple[int, int]) -> dict[str, Any]:
    """Give the settings of a method that takes so many requests per second, and so many in a burst."""
    rate, burst = throttle
    return {
        "throttling_rate_limit": rate,
        "throttling_burst_limit": burst,
        "logging_level": apigateway.MethodLoggingLevel.ERROR,
        "metrics_enabled": True,
        # Logs would hold what customers ordered.
        "data_trace_enabled": False,
    }
