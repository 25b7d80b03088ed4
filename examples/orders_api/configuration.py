"""What can be changed about orders while the functions run: a document in AWS AppConfig."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from aws_cdk import CfnDeletionPolicy, CfnResource, Duration, Stack
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_iam as iam
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
ACTIONS = ("appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration")


class DynamicConfiguration(Construct):
    """The document, held to a schema, and how it gets to the functions.

    Args:
        scope: The construct that it is defined in.
        id: Its name there.
        gradual: Whether a change takes ten minutes to get to all, and is watched for five more. Default: no, at once.
    """

    def __init__(self, scope: Construct, id: str, *, gradual: bool = False) -> None:
        super().__init__(scope, id)
        application = appconfig.Application(self, "Application")
        environment = appconfig.Environment(self, "Environment", application=application)
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
        cast(CfnResource, profile.node.default_child).cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
        #: What a function is told to find it.
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

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody read this document, and no other of the application."""
        return iam.Grant.add_to_principal(grantee=grantee, actions=list(ACTIONS), resource_arns=[self._arn])
