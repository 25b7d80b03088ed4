"""All of it on one function: what AWS's checkers and cdk-nag find in that."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from cloudformation_validate import CompositeEngine, Severity

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction

from .test_nag import PACKS, PLAIN, acknowledgments, findings

#: Of what others have to decide: whether inline policies are allowed at all.
TO_DECIDE = "IAMNoInlinePolicy"
#: Where it all stands.
OURS = ("/Schedules", "/Scheduling", "/Alarms", "/Dashboard", "/Rollout")


def defined(outdir=None):
    """Define a function with alarms, a dashboard, two schedules and a rollout with hooks."""
    stack = cdk.Stack(cdk.App(outdir=outdir), "Shop")
    pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=200)
    hooks = [lambda_.Function(stack, id, **PLAIN) for id in ("Before", "After")]
    function = ManagedInstanceFunction(
        stack,
        "ListOrders",
        capacity_provider=pool,
        min_execution_environments=10,
        max_execution_environments=40,
        deployment_config=codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_10_MINUTES,
        pre_hook=hooks[0],
        post_hook=hooks[1],
        **PLAIN,
    )
    told = [cloudwatch_actions.SnsAction(sns.Topic(stack, "Night"))]
    function.add_alarms(actions=told, ok_actions=told)
    pool.add_alarms(actions=told)
    function.add_dashboard()
    for id, hour, bounds in (("Evening", "22", (3, 6)), ("Morning", "6", (10, 40))):
        function.scale_on_schedule(
            id,
            schedule=scheduler.ScheduleExpression.cron(hour=hour, minute="0"),
            time_zone=cdk.TimeZone.EUROPE_BERLIN,
            time_window=scheduler.TimeWindow.flexible(cdk.Duration.minutes(10)),
            min_execution_environments=bounds[0],
            max_execution_environments=bounds[1],
        )
    return stack


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The file that CDK writes of it."""
    outdir = tmp_path_factory.mktemp("cdk.out")
    defined(str(outdir)).node.root.synth()
    return outdir / "Shop.template.json"


def test_cfn_lint(template):
    """Nothing, but that CDK states dependencies which references say already."""
    from cfnlint.api import ManualArgs, lint

    assert lint(template.read_text(encoding="utf-8"), config=ManualArgs(ignore_checks=["W3005"])) == []


def test_cloudformation_validate(template):
    """Nothing in what is defined here."""
    found = CompositeEngine().validate_template(str(template)).diagnostics
    assert found
    grave = (Severity.WARN, Severity.ERROR, Severity.FATAL)
    assert [d for d in found if d.severity in grave and d.rule_id != "W3005"] == []


def test_cdk_lmi(template):
    """Our own rules have nothing to say."""
    from cdk_lmi import check_template

    assert check_template(json.loads(template.read_text(encoding="utf-8"))) == []


def test_cdk_nag():
    """Nothing is left, in six packs, but whether inline policies are allowed, which is for the user to decide."""
    found = {(path, id) for path, id in findings(defined(), PACKS) if any(part in path for part in OURS)}
    assert {id for _, id in found if TO_DECIDE not in id} == set()


def test_every_acknowledgment_is_needed(monkeypatch):
    """Without it there is a finding of that id, in the construct that it stands on; each has a reason."""
    acknowledged = {entry for entry in acknowledgments(defined()) if any(part in entry[0] for part in OURS)}
    assert {id for _, id, _ in acknowledged} >= {"AwsSolutions-SQS3"}
    monkeypatch.setattr(cdk.Validations, "acknowledge", lambda self, *rules: None)
    found = findings(defined())
    for path, id, reason in acknowledged:
        assert reason.strip()
        assert any(f"{at}/".startswith(f"{path}/") and id == what for at, what in found), f"{id} at {path}"
