"""What can be changed about orders while the functions run: a document in AWS AppConfig."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from acknowledgments import acknowledge
from aws_cdk import CfnDeletionPolicy, CfnResource, Duration, Stack
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from bundling import SERVICE
from constructs import Construct

#: What is in force after a deployment: what the service goes by for want of an answer from AppConfig.
CONTENT = SERVICE / "orders" / "default_configuration.json"
#: What AppConfig takes, however it is changed.
SCHEMA: Mapping[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "orders_accepted": {"type": "boolean"},
        "largest_quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
    "required": ["orders_accepted", "largest_quantity"],
    "additionalProperties": False,
}
#: What a function logs, each minute and in each process, while it goes by what it knew before.
UNREADABLE = "the configuration cannot be read"
REASONS = {
    "AwsSolutions-IAM5[Resource::*]": "AppConfig looks at alarms and changes none; so AWS documents the policy: "
    "https://docs.aws.amazon.com/appconfig/latest/userguide/setting-up-appconfig.html",
}
ACTIONS = ("appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration")


class DynamicConfiguration(Construct):
    """The document, held to a schema, how it gets to the functions, and an alarm for when it does not.

    Args:
        scope: The construct that it is defined in.
        id: Its name there.
        log_group: Where who reads it logs.
        gradual: Whether a change takes ten minutes to get to all, and is taken back by AppConfig where the alarm goes
            off in that time or in five minutes more. Default: no, it is there at once, and stays.

    Attributes:
        unreadable: The alarm. A configuration that says that no orders are accepted is one that can be read.
        unreadable_count: How often it could not be read.
        environment: What a function is told to find it.
    """

    def __init__(self, scope: Construct, id: str, *, log_group: logs.ILogGroup, gradual: bool = False) -> None:
        super().__init__(scope, id)
        self.unreadable_count = count_unreadable(self, log_group)
        self.unreadable = self._watch()
        application = appconfig.Application(self, "Application")
        environment = appconfig.Environment(
            self,
            "Environment",
            application=application,
            monitors=[appconfig.Monitor.from_cloud_watch_alarm(self.unreadable)] if gradual else None,
        )
        if gradual:
            acknowledge(environment, REASONS)
        profile = appconfig.HostedConfiguration(
            self,
            "Orders",
            application=application,
            content=appconfig.ConfigurationContent.from_inline_json(CONTENT.read_text(encoding="utf-8")),
            validators=[appconfig.JsonSchemaValidator.from_inline(json.dumps(SCHEMA))],
            deploy_to=[environment],
            deployment_strategy=appconfig.DeploymentStrategy(
                self,
                "Strategy",
                rollout_strategy=appconfig.RolloutStrategy.linear(
                    growth_factor=20 if gradual else 100,
                    deployment_duration=Duration.minutes(10 if gradual else 0),
                    final_bake_time=Duration.minutes(5 if gradual else 0),
                ),
            ),
        )
        # CDK keeps versions, since those before the last may be in force. None is when all of it goes.
        version = cast(CfnResource, profile.node.default_child).cfn_options
        version.deletion_policy = CfnDeletionPolicy.DELETE
        if not gradual:
            # Nor is one before, where a change is there at once; and AppConfig deletes no profile that has any version.
            # https://github.com/aws/aws-cdk/issues/26804
            version.update_replace_policy = CfnDeletionPolicy.DELETE
        self.environment = {
            "APPCONFIG_APPLICATION": application.application_id,
            "APPCONFIG_ENVIRONMENT": environment.environment_id,
            "APPCONFIG_CONFIGURATION": profile.configuration_profile_id,
        }
        self._arn = Stack.of(self).format_arn(
            service="appconfig",
            resource="application",
            resource_name="/".join(
                (
                    application.application_id,
                    "environment",
                    environment.environment_id,
                    "configuration",
                    profile.configuration_profile_id,
                )
            ),
        )

    def _watch(self) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "Unreadable",
            metric=self.unreadable_count,
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            # Once may be one call that AppConfig did not answer.
            evaluation_periods=5,
            datapoints_to_alarm=3,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description="The configuration cannot be read. Processes use the last version that they read, or "
            "else the default that is packaged with the service. See the log of CreateOrder.",
        )

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody read this document, and no other of the application."""
        return iam.Grant.add_to_principal(grantee=grantee, actions=list(ACTIONS), resource_arns=[self._arn])


def metric_namespace(scope: Construct) -> str:
    """Name the namespace of the stack's own metrics: no two stacks count for each other."""
    return f"Orders/{Stack.of(scope).stack_name}"


def count_unreadable(scope: Construct, log_group: logs.ILogGroup) -> cloudwatch.Metric:
    """Make a metric of what is logged where the configuration cannot be read; each stack has its own."""
    counted = logs.MetricFilter(
        scope,
        "UnreadableLogged",
        log_group=log_group,
        filter_pattern=logs.FilterPattern.string_value("$.message", "=", f"{UNREADABLE}*"),
        metric_namespace=metric_namespace(scope),
        metric_name="ConfigurationUnreadable",
        metric_value="1",
        unit=cloudwatch.Unit.COUNT,
    )
    return counted.metric(statistic="Sum", period=Duration.minutes(1))
