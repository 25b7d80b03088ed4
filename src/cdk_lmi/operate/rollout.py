"""Traffic shifted to a new version bit by bit, by CodeDeploy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ..acknowledgments import acknowledge_for_rollout_role
from ..signature import Arguments

if TYPE_CHECKING:
    from aws_cdk import aws_codedeploy as codedeploy
    from aws_cdk.aws_codedeploy import ILambdaDeploymentConfig as ILambdaDeploymentConfig
else:

    class ILambdaDeploymentConfig(Protocol):
        """What CDK's interface of this name has: its module takes time to load, and most apps never need it."""

        @property
        def deployment_config_arn(self) -> str:
            """Its ARN."""

        @property
        def deployment_config_name(self) -> str:
            """Its name."""


def check_rollout(arguments: Arguments) -> None:
    """Note it as a misfit where hooks are given and nothing says how traffic shifts."""
    for hook in ("pre_hook", "post_hook"):
        if arguments.given(hook) and not arguments.given("deployment_config"):
            arguments.note(
                keyword="deployment_config",
                given=None,
                expected=f"how traffic shifts, as in LambdaDeploymentConfig.ALL_AT_ONCE, for {hook} to be called",
            )


def roll_out(
    scope: Construct,
    alias: lambda_.Alias,
    deployment_config: ILambdaDeploymentConfig,
    *,
    pre_hook: lambda_.IFunction | None,
    post_hook: lambda_.IFunction | None,
) -> codedeploy.LambdaDeploymentGroup:
    """Have CodeDeploy shift the traffic of an alias. See ``ManagedInstanceFunction``."""
    from aws_cdk import aws_codedeploy as codedeploy

    group = codedeploy.LambdaDeploymentGroup(
        scope,
        "Rollout",
        alias=alias,
        deployment_config=deployment_config,
        pre_hook=pre_hook,
        post_hook=post_hook,
    )
    acknowledge_for_rollout_role(group.role, [hook for hook in (pre_hook, post_hook) if hook is not None])
    return group
