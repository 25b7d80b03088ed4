"""Gradual traffic shifts to a new version, by CodeDeploy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

import jsii
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IValidation

from ..acknowledgments import acknowledge_for_rollout_role
from ..judgement import judge
from ..rules.facts import UNKNOWN, FunctionFacts, Unknown, config_name_of, rollout_facts
from ..signature import Arguments, is_token, read, reference_to, spelled

if TYPE_CHECKING:
    from aws_cdk import aws_codedeploy as codedeploy
    from aws_cdk.aws_codedeploy import ILambdaDeploymentConfig as ILambdaDeploymentConfig
else:

    class ILambdaDeploymentConfig(Protocol):
        """The members of CDK's interface of this name, whose module takes time to load and is rarely needed."""

        @property
        def deployment_config_arn(self) -> str:
            """Its ARN."""

        @property
        def deployment_config_name(self) -> str:
            """Its name."""


_HOOKS = ("pre_hook", "post_hook")
# Configurations for what else CodeDeploy deploys have the same members.
_OF_OTHERS = ("EcsDeploymentConfig", "ServerDeploymentConfig")


def check_rollout(arguments: Arguments) -> None:
    """Note a configuration that is not for Lambda, and hooks without a configuration, as invalid arguments."""
    config = arguments.usable("deployment_config")
    if config is not None and _is_of_others(config):
        name = config.deployment_config_name
        given = config if is_token(name) else name
        arguments.note(keyword="deployment_config", given=given, expected="an aws_codedeploy.LambdaDeploymentConfig")
    for hook in _HOOKS:
        if arguments.given(hook) and not arguments.given("deployment_config"):
            arguments.note(
                keyword="deployment_config",
                given=None,
                expected=f"a configuration, as in LambdaDeploymentConfig.ALL_AT_ONCE, for {hook} to be called",
            )


def _is_of_others(config: ILambdaDeploymentConfig) -> bool:
    """Whether CDK knows the configuration as one for ECS or EC2, by the class that it made of it for Python."""
    kinds = (type(config), *map(type, getattr(config, "_delegates", ())))
    return any(name in base.__name__ for kind in kinds for base in kind.__mro__ for name in _OF_OTHERS)


def hooks_without_version(
    arguments: Arguments, adopted: lambda_.Function | None = None
) -> tuple[Sequence[str], FunctionFacts]:
    """Return the hooks that are functions on Managed Instances themselves, of which CodeDeploy would call no version.

    By their keywords, and as facts of the function that is called. An alias is none of them: CDK passes its name on,
    with that of the function before it. ``adopted`` is a function that is yet to be put on Managed Instances.
    """
    found = {}
    for hook in _HOOKS:
        function = arguments.usable(hook)
        resource = function.node.default_child if isinstance(function, lambda_.Function) else None
        if not isinstance(resource, lambda_.CfnFunction):
            continue
        if adopted is not None and reference_to(function) == reference_to(adopted):
            found[hook] = False
        elif read(resource, "capacity_provider_config", None) is not None:
            found[hook] = read(resource, "publish_to_latest_published", True)
    if not found:
        return (), FunctionFacts()
    is_served = all(published is True for published in found.values())
    facts = FunctionFacts(unqualified_callers=("CodeDeploy",), is_hook=True, publish_to_latest_published=is_served)
    return tuple(found), facts


def try_hooks(scope: Construct, arguments: Arguments) -> None:
    """Have CDK refuse hooks that it can grant to nobody, before it grants others or makes a version: both would stay.

    These are imported functions of an account that may not be that of the stack. CDK alone knows which they are.
    """
    hooks = [hook for hook in map(arguments.usable, _HOOKS) if hook is not None and hook.node.default_child is None]
    if not hooks:
        return
    # In the place of CodeDeploy's role, of the same account. A role would stay in the report that CDK writes of roles.
    arn = Stack.of(scope).format_arn(service="iam", region="", resource="user", resource_name="Trial")
    user = iam.User.from_user_arn(scope, "Trial", arn)
    for hook in hooks:
        before = {child.node.id for child in hook.node.children}
        hook.grant_invoke(user)
        for child in hook.node.children:
            if child.node.id not in before:
                hook.node.try_remove_child(child.node.id)
    scope.node.try_remove_child(user.node.id)


def roll_out(
    scope: Construct,
    alias: lambda_.Alias,
    deployment_config: ILambdaDeploymentConfig,
    *,
    pre_hook: lambda_.IFunction | None,
    post_hook: lambda_.IFunction | None,
) -> codedeploy.LambdaDeploymentGroup:
    """Let CodeDeploy shift the traffic of an alias. See ``ManagedInstanceFunction``."""
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
    group.node.add_validation(_RolloutInspection(scope, group))
    return group


def facts_of_rollout(group: codedeploy.LambdaDeploymentGroup) -> FunctionFacts:
    """Read what rolls a deployment back. This is known once all alarms were added."""
    from aws_cdk import aws_codedeploy as codedeploy

    stack, config = Stack.of(group), group.deployment_config
    name: str | Unknown = config.deployment_config_name
    # Only of what the app itself defines does CDK tell more than the name.
    if isinstance(config, codedeploy.LambdaDeploymentConfig):
        own = stack.resolve(cast(codedeploy.CfnDeploymentConfig, config.node.default_child).traffic_routing_config)
        name = config_name_of(spelled(own))
    # Its own properties come to Python empty, since CDK makes them when it synthesises. Resolved together, they tell
    # of alarms by what is to be turned back on.
    properties = stack.resolve(cast(codedeploy.CfnDeploymentGroup, group.node.default_child)._cfn_properties)
    triggers = int("DEPLOYMENT_STOP_ON_ALARM" in properties.get("autoRollbackConfiguration", {}).get("events", ()))
    return FunctionFacts(**rollout_facts(UNKNOWN if is_token(name) else name, triggers))


@jsii.implements(IValidation)
class _RolloutInspection:
    """Warns of a rollout that nothing rolls back in time, once all alarms were added: aspects may add some.

    Args:
        owner: The function.
        group: The deployment group that shifts its traffic.
    """

    def __init__(self, owner: Construct, group: codedeploy.LambdaDeploymentGroup) -> None:
        self._owner = owner
        self._group = group

    def validate(self) -> list[str]:
        """Look. CDK calls this when it synthesises."""
        judge(self._owner, "", records=[facts_of_rollout(self._group)], acknowledge=()).tell(self._owner)
        return []
