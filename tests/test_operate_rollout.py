"""Rollouts: how traffic shifts to a new version, what turns it back, and what two fleets take."""

import json
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import (
    ManagedInstanceCapacityProvider,
    ManagedInstanceError,
    ManagedInstanceFunction,
    check_template,
)
from cdk_lmi.operate.alarms import ROLLBACK_TRIGGERS
from cdk_lmi.rules.examples import example

from .test_agreement import told_by_the_command, told_by_the_validator

GROUP, ALIAS, VERSION = "AWS::CodeDeploy::DeploymentGroup", "AWS::Lambda::Alias", "AWS::Lambda::Version"
CANARY = codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_15_MINUTES
PLAIN: dict[str, Any] = {
    "runtime": lambda_.Runtime.PYTHON_3_14,
    "handler": "index.handler",
    "code": lambda_.Code.from_inline("def handler(event, context): ..."),
}


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (CANARY, "CodeDeployDefault.LambdaCanary10Percent15Minutes"),
        (
            codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_10_MINUTES,
            "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes",
        ),
        (codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE, "CodeDeployDefault.LambdaAllAtOnce"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("adopted", [False, True])
def test_codedeploy_shifts_the_traffic_of_the_alias(stack, define, resources, config, name, adopted):
    """Of a function of ours, and of one that something else defines."""
    if adopted:
        built = lambda_.Function(stack, "Own", **PLAIN)
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=built, deployment_config=config)
    else:
        define(deployment_config=config)
    ((group_id, group),) = resources(stack, GROUP).items()
    ((_, alias),) = resources(stack, ALIAS).items()
    assert group["Properties"]["DeploymentConfigName"] == name
    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"] == {"Ref": group_id}


def test_a_configuration_of_the_users_own(stack, define, only):
    """As CDK defines it."""
    own = codedeploy.LambdaDeploymentConfig(
        stack,
        "Own",
        traffic_routing=codedeploy.TimeBasedCanaryTrafficRouting(interval=cdk.Duration.minutes(20), percentage=5),
    )
    define(deployment_config=own)
    assert "Ref" in only(stack, GROUP)["Properties"]["DeploymentConfigName"]


def test_none_without_being_asked(stack, define, resources, only):
    """CloudFormation moves the alias all at once."""
    assert define().deployment_group is None
    assert not resources(stack, GROUP)
    assert "UpdatePolicy" not in only(stack, ALIAS)


def test_hooks(stack, define, only):
    """Before and after; both may answer CodeDeploy."""
    before, after = (lambda_.Function(stack, id, **PLAIN) for id in ("Before", "After"))
    define(deployment_config=CANARY, pre_hook=before, post_hook=after)
    policy = only(stack, ALIAS)["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert policy["BeforeAllowTrafficHook"] == stack.resolve(before.function_name)
    assert policy["AfterAllowTrafficHook"] == stack.resolve(after.function_name)


@pytest.mark.parametrize("hook", ["pre_hook", "post_hook"])
def test_hooks_without_a_rollout_are_refused(stack, define, refused, hook):
    """Nothing would call them."""
    function = lambda_.Function(stack, "Hook", **PLAIN)
    assert refused(lambda: define(**{hook: function})) == ["LMI001"]


@pytest.mark.parametrize(
    "wrong",
    [
        "CodeDeployDefault.LambdaAllAtOnce",
        10,
        lambda_.Tracing.ACTIVE,
        codedeploy.EcsDeploymentConfig.ALL_AT_ONCE,
        codedeploy.ServerDeploymentConfig.HALF_AT_A_TIME,
    ],
)
def test_what_is_no_configuration_is_refused(define, refused, wrong):
    """Before CDK is asked."""
    assert refused(lambda: define(deployment_config=wrong)) == ["LMI001"]


def test_says_what_a_configuration_is(define):
    """In English."""
    with pytest.raises(ManagedInstanceError) as raised:
        define(deployment_config=codedeploy.EcsDeploymentConfig.ALL_AT_ONCE)
    assert "must be an aws_codedeploy.LambdaDeploymentConfig" in str(raised.value)


@pytest.mark.parametrize("kind", [codedeploy.EcsDeploymentConfig, codedeploy.ServerDeploymentConfig])
def test_a_configuration_of_the_users_own_for_others_is_refused(stack, define, refused, kind):
    """It has all that one for Lambda has, and deploys something else."""
    options = (
        {"minimum_healthy_hosts": codedeploy.MinimumHealthyHosts.count(1)}
        if kind is codedeploy.ServerDeploymentConfig
        else {}
    )
    assert refused(lambda: define(deployment_config=kind(stack, "Own", **options))) == ["LMI001"]


#: Which hooks are on Managed Instances, and how the first of them is handed over.
HOOKS = [(["pre_hook"], "function"), (["post_hook"], "function"), (["pre_hook", "post_hook"], "function")]


@pytest.mark.parametrize(("hooks", "how"), [*HOOKS, (["pre_hook", "post_hook"], "alias")], ids=str)
def test_what_calls_no_version_is_told_at_every_door(hooks, how, define, refused, tmp_path, capsys):
    """A hook on Managed Instances serves by an alias or a version only: CodeDeploy would get no answer."""
    expected = ["LMI601"] if how == "function" else []

    def defined(name, acknowledge=()):
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / name)), "Shop")
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=100)
        reasons = [cdk.Acknowledgment(id=id, reason="known") for id in acknowledge]
        check = define("Check", scope=stack, capacity_provider=pool, acknowledge=reasons)
        called = dict.fromkeys(hooks, getattr(check, how))
        options = {"capacity_provider": pool, "deployment_config": CANARY, "acknowledge": reasons, **called}
        define(scope=stack, **options).add_alarms()
        return stack

    if expected:
        with pytest.raises(ManagedInstanceError) as raised:
            defined("told")
        (violation,) = raised.value.violations
        assert violation.id == "LMI601"
        assert violation.message.startswith(f"{' and '.join(hooks)} must be a standard function")
        assert violation.fix.startswith("pass a standard function, or ")
    defined("let_past", expected).node.root.synth()
    template = json.loads((tmp_path / "let_past" / "Shop.template.json").read_text(encoding="utf-8"))
    found = check_template(template)
    assert [violation.id for violation in found] == expected
    assert [violation.resource[:5] for violation in found] == ["Check"] * len(expected)
    assert told_by_the_command(tmp_path / "let_past", capsys) == [(id, True) for id in expected]
    plain = cdk.Stack(cdk.App(outdir=str(tmp_path / "plain")), "Shop")
    assert told_by_the_validator(template, plain, tmp_path / "plain") == expected
    policy = "UpdatePolicy/CodeDeployLambdaAliasUpdate"
    name = {"pre_hook": "BeforeAllowTrafficHook", "post_hook": "AfterAllowTrafficHook"}[hooks[0]]
    (alias,) = (id for id in template["Resources"] if id.startswith("ListOrdersAlias"))
    for violation in found:
        assert violation.locations[0] == f"/Resources/{alias}/{policy}/{name}"


@pytest.mark.parametrize("hooks", [["pre_hook"], ["post_hook"], ["pre_hook", "post_hook"]], ids=str)
def test_a_function_that_is_to_test_itself_is_told_at_once(stack, refused, hooks):
    """It is a standard function only until it is adopted."""
    tested = lambda_.Function(stack, "Own", **PLAIN)
    itself = dict.fromkeys(hooks, tested)

    def adopt(**given):
        return ManagedInstanceFunction.from_function(
            stack, "ListOrders", function=tested, deployment_config=CANARY, **given
        )

    with pytest.raises(ManagedInstanceError) as raised:
        adopt(**itself)
    (violation,) = raised.value.violations
    assert violation.id == "LMI601"
    assert violation.message.startswith(f"{' and '.join(hooks)} must be a standard function")
    adopt(pre_hook=lambda_.Function(stack, "Hook", **PLAIN))


def test_a_standard_function_is_a_hook(stack, define, warned):
    """As ever."""
    hook = lambda_.Function(stack, "Hook", **PLAIN)
    assert warned(define(deployment_config=CANARY, pre_hook=hook)) == []


def test_alarms_turn_it_back(stack, define, only, resources):
    """All but those that tell a reason for throttling, with which the share of all goes off too."""
    function = define(deployment_config=CANARY)
    alarms = function.add_alarms()
    names = {stack.get_logical_id(alarm.node.default_child): keyword for keyword, alarm in alarms.items()}
    properties = only(stack, GROUP)["Properties"]
    triggers = {names[alarm["Name"]["Ref"]] for alarm in properties["AlarmConfiguration"]["Alarms"]}
    assert triggers == {keyword for keyword in alarms if not keyword.endswith("_throttled_share")}
    assert "DEPLOYMENT_STOP_ON_ALARM" in properties["AutoRollbackConfiguration"]["Events"]


def test_alarms_that_are_left_out_do_not(stack, define, only):
    """And the rest do."""
    define(deployment_config=CANARY).add_alarms(cpu_utilization=None, error_share=None)
    assert len(only(stack, GROUP)["Properties"]["AlarmConfiguration"]["Alarms"]) == 4


def test_an_alarm_of_the_users_own(stack, define, only):
    """Through the deployment group."""
    function = define(deployment_config=CANARY)
    alarm = function.metric_errors().create_alarm(stack, "Own", threshold=1, evaluation_periods=1)
    function.deployment_group.add_alarm(alarm)
    assert len(only(stack, GROUP)["Properties"]["AlarmConfiguration"]["Alarms"]) == 1


def test_the_alias_moves_and_the_alarms_are_there_before(define):
    """Synthesised twice, with other code: the alarms watch the new version, and wait for no alias."""

    def synthesized(code):
        stack = cdk.Stack(cdk.App(), "Shop")
        define(scope=stack, code=lambda_.Code.from_inline(code), deployment_config=CANARY).add_alarms()
        found = cdk.assertions.Template.from_stack(stack).to_json()["Resources"]
        (version,) = (id for id, resource in found.items() if resource["Type"] == VERSION)
        ((alias_id, alias),) = ((id, resource) for id, resource in found.items() if resource["Type"] == ALIAS)
        alarms = {id: str(r) for id, r in found.items() if r["Type"] == "AWS::CloudWatch::Alarm"}
        (group,) = (resource for resource in found.values() if resource["Type"] == GROUP)
        assert not any(f"'Ref': '{alias_id}'" in alarm or alias_id in group for alarm in alarms.values())
        return version, alias, alarms, group

    first, second = synthesized("one"), synthesized("two")
    assert first[0] != second[0]
    assert second[1]["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [second[0], "Version"]}
    assert first[3] == second[3]
    watching = [alarm for alarm in second[2].values() if second[0] in alarm]
    assert len(watching) == 3
    assert not any(first[0] in alarm for alarm in second[2].values())


#: How traffic shifts, what ``add_alarms`` is given where it is called, and the ids that are violated.
ROLLOUTS = [
    (CANARY, {}, []),
    (CANARY, None, ["LMI609"]),
    (CANARY, dict.fromkeys(ROLLBACK_TRIGGERS), ["LMI609"]),
    (codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES, {}, ["LMI609"]),
    (codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_10_MINUTES, {}, []),
    (codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_1_MINUTE, {}, ["LMI609"]),
    (codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_2_MINUTES, {}, []),
    (codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE, None, []),
    (codedeploy.TimeBasedCanaryTrafficRouting(interval=cdk.Duration.minutes(20), percentage=5), None, ["LMI609"]),
    (codedeploy.TimeBasedCanaryTrafficRouting(interval=cdk.Duration.minutes(20), percentage=5), {}, []),
    (codedeploy.TimeBasedCanaryTrafficRouting(interval=cdk.Duration.minutes(1), percentage=10), {}, ["LMI609"]),
    (codedeploy.TimeBasedLinearTrafficRouting(interval=cdk.Duration.minutes(9), percentage=50), {}, ["LMI609"]),
    (codedeploy.TimeBasedLinearTrafficRouting(interval=cdk.Duration.minutes(5), percentage=34), {}, []),
    (codedeploy.AllAtOnceTrafficRouting(), None, []),
    (None, None, []),
]


@pytest.mark.parametrize(("config", "alarms", "expected"), ROLLOUTS)
def test_what_nothing_turns_back_is_told_at_every_door(
    config, alarms, expected, define, synthesize, warned, tmp_path, capsys
):
    """When all alarms are there: one that nobody added, and one that comes too late."""

    def defined(name, acknowledge=()):
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / name)), "Shop")
        own = isinstance(config, codedeploy.TrafficRouting)
        function = define(
            scope=stack,
            deployment_config=(
                codedeploy.LambdaDeploymentConfig(stack, "Own", traffic_routing=config) if own else config
            ),
            acknowledge=[cdk.Acknowledgment(id=id, reason="known") for id in acknowledge],
        )
        if alarms is not None:
            function.add_alarms(**alarms)
        return function

    told = defined("told")
    told.node.root.synth()
    assert warned(told) == expected
    let_past = defined("let_past", expected)
    let_past.node.root.synth()
    assert warned(let_past) == []
    template = json.loads((tmp_path / "let_past" / "Shop.template.json").read_text(encoding="utf-8"))
    found = check_template(template)
    assert [violation.id for violation in found] == expected
    assert all("Rollout" in violation.locations[0] for violation in found)
    assert told_by_the_command(tmp_path / "let_past", capsys) == [(id, True) for id in expected]
    plain = cdk.Stack(cdk.App(outdir=str(tmp_path / "plain")), "Shop")
    assert told_by_the_validator(template, plain, tmp_path / "plain") == expected


@jsii.implements(cdk.IAspect)
class Watching:
    """Has an alarm turn rollouts back, when CDK comes to the last that there is in a function."""

    def __init__(self, function, alarm):
        self._last = function.node.find_all()[-1].node.path
        self._watch = lambda: function.deployment_group.add_alarm(alarm)

    def visit(self, node):
        if node.node.path == self._last:
            self._watch()


@pytest.mark.parametrize("by_aspect", [False, True])
def test_an_alarm_of_the_users_own_is_enough(define, warned, by_aspect):
    """Given to the deployment group, at any time before templates are written."""
    function = define(deployment_config=CANARY)
    alarm = function.metric_errors().create_alarm(function, "Own", threshold=1, evaluation_periods=1)
    if by_aspect:
        cdk.Aspects.of(function).add(Watching(function, alarm))
    else:
        function.deployment_group.add_alarm(alarm)
    function.node.root.synth()
    assert warned(function) == []


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({}, ["LMI609"]),
        ({"AlarmConfiguration": {"Enabled": True, "Alarms": [{"Name": "Errors"}]}}, []),
        ({"AlarmConfiguration": {"Enabled": False, "Alarms": [{"Name": "Errors"}]}}, ["LMI609"]),
        ({"AlarmConfiguration": {"Alarms": []}}, ["LMI609"]),
        (
            {"AlarmConfiguration": {"Fn::If": ["Unknown", {"Alarms": [{"Name": "Errors"}]}, {"Ref": "AWS::NoValue"}]}},
            [],
        ),
        ({"AlarmConfiguration": {"Alarms": {"Ref": "Alarms"}}}, []),
        ({"AlarmConfiguration": "what"}, ["LMI609"]),
        ({"DeploymentConfigName": {"Ref": "Parameter"}}, ["LMI609"]),
        ({"DeploymentConfigName": 5}, ["LMI609"]),
    ],
    ids=str,
)
def test_what_a_template_says_of_alarms(group, expected):
    """Somebody else's, with conditions and parameters, or nonsense."""
    template = json.loads(example("LMI609", "bad"))
    template["Parameters"] = {"Alarms": {"Type": "CommaDelimitedList"}, "Parameter": {"Type": "String"}}
    template["Conditions"] = {"Unknown": {"Fn::Equals": [{"Ref": "Parameter"}, "x"]}}
    template["Resources"]["Rollout"]["Properties"].update(group)
    assert [violation.id for violation in check_template(template)] == expected


@pytest.mark.parametrize(
    ("routing", "expected"),
    [
        ({"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryInterval": "9", "CanaryPercentage": "10"}}, ["LMI609"]),
        (
            {"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryInterval": 9, "CanaryPercentage": {"Ref": "Any"}}},
            ["LMI609"],
        ),
        ({"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryInterval": 10, "CanaryPercentage": 10}}, []),
        ({"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryInterval": {"Ref": "Any"}}}, []),
        ({"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryInterval": 10**400}}, []),
        ({"Type": "TimeBasedCanary", "TimeBasedCanary": {"CanaryInterval": "9" * 5000}}, []),
        ({"Type": "TimeBasedCanary", "TimeBasedCanary": [9]}, []),
        ({"Type": "TimeBasedCanary"}, []),
        ({"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearInterval": 9, "LinearPercentage": 50}}, ["LMI609"]),
        ({"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearInterval": 9, "LinearPercentage": 10**400}}, []),
        ({"Type": "TimeBasedLinear", "TimeBasedLinear": {"LinearInterval": 9, "LinearPercentage": {"Ref": "Any"}}}, []),
        ({"Type": "TimeBasedLinear", "TimeBasedCanary": {"CanaryInterval": 9, "CanaryPercentage": 10}}, []),
        ({"Type": {"Ref": "Any"}}, []),
        ({"Type": ["TimeBasedCanary"]}, []),
        ({}, []),
        ("what", []),
        ({"Ref": "Any"}, []),
    ],
    ids=lambda value: str(value)[:90],
)
def test_what_a_template_says_of_a_configuration_of_its_own(routing, expected):
    """As far as it says how long the shift takes; nothing raises."""
    template = json.loads(example("LMI609", "bad"))
    template["Parameters"] = {"Any": {"Type": "String"}}
    template["Resources"]["Own"] = {
        "Type": "AWS::CodeDeploy::DeploymentConfig",
        "Properties": {"ComputePlatform": "Lambda", "TrafficRoutingConfig": routing},
    }
    group = template["Resources"]["Rollout"]["Properties"]
    group.update(AlarmConfiguration={"Alarms": [{"Name": "Errors"}]}, DeploymentConfigName={"Ref": "Own"})
    assert [violation.id for violation in check_template(template)] == expected


#: The minimum, whether traffic shifts, and the ids that are violated on 100 vCPUs.
FLEETS = [
    (36, True, []),
    (37, True, ["LMI307"]),
    (50, True, ["LMI307"]),
    (51, True, ["LMI306"]),
    (51, False, ["LMI307"]),
]


@pytest.mark.parametrize(("minimum", "shifts", "expected"), FLEETS)
def test_two_fleets_at_every_door(minimum, shifts, expected, define, refused, warned, tmp_path, capsys):
    """The old version keeps its fleet beside the new one's while traffic shifts."""

    def defined(name, acknowledge=()):
        stack = cdk.Stack(cdk.App(outdir=str(tmp_path / name)), "Shop")
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=100)
        reasons = [cdk.Acknowledgment(id=id, reason="known") for id in acknowledge]
        function = define(
            scope=stack,
            capacity_provider=pool,
            min_execution_environments=minimum,
            deployment_config=CANARY if shifts else None,
            acknowledge=reasons,
        )
        function.add_alarms()
        return function

    if expected == ["LMI306"]:
        assert refused(lambda: defined("told")) == expected
    else:
        assert warned(defined("told")) == expected
    defined("let_past", expected).node.root.synth()
    template = json.loads((tmp_path / "let_past" / "Shop.template.json").read_text(encoding="utf-8"))
    assert [violation.id for violation in check_template(template)] == expected
    assert told_by_the_command(tmp_path / "let_past", capsys) == [(id, True) for id in expected]
    plain = cdk.Stack(cdk.App(outdir=str(tmp_path / "plain")), "Shop")
    assert told_by_the_validator(template, plain, tmp_path / "plain") == expected


@pytest.mark.parametrize(("minimum", "expected"), [(40, "LMI307"), (41, "LMI306")])
def test_both_fleets_count_for_others(stack, define, refused, warned, synthesize, minimum, expected):
    """The next function on the same capacity provider has what they leave, in a template too."""
    pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=100)
    define("First", capacity_provider=pool, min_execution_environments=30, deployment_config=CANARY)
    second = {"capacity_provider": pool, "min_execution_environments": minimum}
    if expected == "LMI306":
        assert refused(lambda: define("Second", **second)) == [expected]
        define("Second", **second, acknowledge=[cdk.Acknowledgment(id=expected, reason="known")])
    else:
        assert warned(define("Second", **second)) == [expected]
    told = check_template(synthesize(stack))
    assert [violation.id for violation in told if violation.resource.startswith("Second")] == [expected]
