"""Schedules: what they call, what they may do, how they follow deployments, what they are refused for."""

import json
import re
from datetime import datetime, timezone

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from botocore.validate import validate_parameters

from cdk_lmi import ManagedInstanceCapacityProvider, check_template

from .test_agreement import told_by_the_command, told_by_the_validator

SCHEDULE, VERSION, ALIAS = "AWS::Scheduler::Schedule", "AWS::Lambda::Version", "AWS::Lambda::Alias"
AT_TEN = scheduler.ScheduleExpression.cron(hour="22", minute="0")
DECIDED = [cdk.Acknowledgment(id="LMI313", reason="deployed at night")]


@pytest.fixture
def by_night(stack):
    """Have a function go down to fewer by night."""

    def schedule(function, id="Night", **keywords):
        defaults = {"schedule": AT_TEN, "min_execution_environments": 3, "max_execution_environments": 6}
        return function.scale_on_schedule(id, **{**defaults, **keywords})

    return schedule


def parameters(schedule, **numbers):
    """Give what a schedule in a template hands to Lambda's API, with its references as deployed."""
    written = schedule["Properties"]["Target"]["Input"]["Fn::Join"][1]
    return json.loads("".join(part if isinstance(part, str) else deployed(part, **numbers) for part in written))


def deployed(reference, version="7"):
    """Give what a reference comes to: the name of the function, or the number of its version."""
    return version if "Fn::GetAtt" in reference else "ListOrders-1AB2C3"


class TestWhatItCalls:
    """PutFunctionScalingConfig, for the number of the live version."""

    def test_target(self, stack, define, by_night, only):
        """EventBridge Scheduler calls Lambda's API itself: nothing of the user's runs in between."""
        by_night(define())
        target = only(stack, SCHEDULE)["Properties"]["Target"]
        assert target["Arn"]["Fn::Join"][1][-1] == ":scheduler:::aws-sdk:lambda:putFunctionScalingConfig"

    @pytest.mark.parametrize(("maximum", "written"), [(6, 6), (None, 15000)])
    def test_the_payload_is_one_that_botocore_takes(self, stack, define, by_night, only, maximum, written):
        """By its own validator, and by the pattern of the qualifier, which takes no alias."""
        by_night(define(), max_execution_environments=maximum)
        payload = parameters(only(stack, SCHEDULE))
        assert payload == {
            "FunctionName": "ListOrders-1AB2C3",
            "Qualifier": "7",
            "FunctionScalingConfig": {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": written},
        }
        model = botocore.session.get_session().get_service_model("lambda")
        shape = model.operation_model("PutFunctionScalingConfig").input_shape
        validate_parameters(payload, shape)
        for name in ("FunctionName", "Qualifier"):
            assert re.fullmatch(shape.members[name].metadata["pattern"], payload[name])
        for bound, value in payload["FunctionScalingConfig"].items():
            limits = shape.members["FunctionScalingConfig"].members[bound].metadata
            assert limits["min"] <= value <= limits["max"]

    def test_the_number_is_that_of_the_version_behind_the_alias(self, stack, define, by_night, only, resources):
        """A reference, which CloudFormation resolves."""
        by_night(define())
        (version,) = resources(stack, VERSION)
        references = [part for part in only(stack, SCHEDULE)["Properties"]["Target"]["Input"]["Fn::Join"][1] if part]
        assert {"Fn::GetAtt": [version, "Version"]} in references
        assert only(stack, ALIAS)["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}

    def test_when(self, stack, define, by_night, only):
        """Expression, time zone, window, retries."""
        by_night(
            define(),
            time_zone=cdk.TimeZone.EUROPE_BERLIN,
            time_window=scheduler.TimeWindow.flexible(cdk.Duration.minutes(15)),
            max_event_age=cdk.Duration.minutes(20),
            retry_attempts=5,
            enabled=False,
            description="fewer by night",
        )
        properties = only(stack, SCHEDULE)["Properties"]
        assert properties["ScheduleExpression"] == "cron(0 22 * * ? *)"
        assert properties["ScheduleExpressionTimezone"] == "Europe/Berlin"
        assert properties["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
        assert (properties["State"], properties["Description"]) == ("DISABLED", "fewer by night")
        assert properties["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 1200, "MaximumRetryAttempts": 5}

    def test_when_by_default(self, stack, define, by_night, only):
        """In UTC, on the minute, tried again for an hour."""
        by_night(define())
        properties = only(stack, SCHEDULE)["Properties"]
        assert properties["ScheduleExpressionTimezone"] == "Etc/UTC"
        assert properties["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert properties["State"] == "ENABLED"
        assert properties["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185}

    def test_the_time_zone_of_the_schedule_counts(self, stack, define, by_night, only):
        """Where it states one."""
        in_tokyo = scheduler.ScheduleExpression.cron(hour="22", minute="0", time_zone=cdk.TimeZone.ASIA_TOKYO)
        by_night(define(), schedule=in_tokyo)
        assert only(stack, SCHEDULE)["Properties"]["ScheduleExpressionTimezone"] == "Asia/Tokyo"


class TestWhatItMayDo:
    """What it must, and nothing else."""

    def test_role(self, stack, define, by_night, resources, only):
        """Only EventBridge Scheduler of this account takes it on; it scales this version and tells of failures."""
        by_night(define())
        roles = resources(stack, "AWS::IAM::Role")
        ((id, role),) = ((id, role) for id, role in roles.items() if "scheduler.amazonaws.com" in str(role))
        (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
        assert trust["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Join"][1][-1] == ":schedule-group/default"
        (policy,) = (
            policy["Properties"]
            for policy in resources(stack, "AWS::IAM::Policy").values()
            if {"Ref": id} in policy["Properties"]["Roles"]
        )
        allowed = {s["Action"]: s["Resource"] for s in policy["PolicyDocument"]["Statement"]}
        ((version, _),) = resources(stack, VERSION).items()
        assert allowed["lambda:PutFunctionScalingConfig"] == [
            {"Fn::GetAtt": ["ListOrdersFunction45FE0E53", "Arn"]},
            {"Ref": version},
        ]
        queue = only(stack, SCHEDULE)["Properties"]["Target"]["DeadLetterConfig"]["Arn"]
        assert allowed["sqs:SendMessage"] == queue
        assert len(allowed) == 2

    def test_several_share_role_and_queue(self, stack, define, by_night, resources):
        """Both of the function's own: another function has others."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool")
        functions = [define(id, capacity_provider=pool) for id in ("ListOrders", "Search")]
        for function in functions:
            for id in ("Night", "Morning"):
                by_night(function, id)
        targets = [schedule["Properties"]["Target"] for schedule in resources(stack, SCHEDULE).values()]
        assert len(targets) == 4
        assert len({str(target["RoleArn"]) for target in targets}) == 2
        assert len({str(target["DeadLetterConfig"]) for target in targets}) == 2
        assert len(resources(stack, "AWS::SQS::Queue")) == 2

    def test_a_queue_of_somebody_elses(self, stack, define, by_night, only, resources):
        """Is used instead, and the role may send to it."""
        queue = sqs.Queue(stack, "Operators")
        by_night(define(), dead_letter_queue=queue)
        (id,) = resources(stack, "AWS::SQS::Queue")
        assert only(stack, SCHEDULE)["Properties"]["Target"]["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": [id, "Arn"]}
        assert any(
            "sqs:SendMessage" in str(policy) and id in str(policy)
            for policy in resources(stack, "AWS::IAM::Policy").values()
        )

    def test_the_shared_queue_can_be_watched(self, stack, define, by_night, resources):
        """It is handed out, where there is one."""
        function = define()
        assert function.schedule_dead_letter_queue is None
        by_night(function, "Own", dead_letter_queue=sqs.Queue(stack, "Operators"))
        assert function.schedule_dead_letter_queue is None
        by_night(function)
        queue = function.schedule_dead_letter_queue
        assert isinstance(queue, sqs.Queue)
        visible = queue.metric_approximate_number_of_messages_visible()
        visible.create_alarm(stack, "Lost", threshold=1, evaluation_periods=1)
        (alarm,) = resources(stack, "AWS::CloudWatch::Alarm").values()
        dead_letters = stack.get_logical_id(queue.node.default_child)
        assert alarm["Properties"]["Dimensions"][0]["Value"] == {"Fn::GetAtt": [dead_letters, "QueueName"]}

    def test_the_queue_takes_no_plain_http(self, stack, define, by_night, resources):
        """And is encrypted."""
        by_night(define())
        (queue,) = resources(stack, "AWS::SQS::Queue").values()
        assert queue["Properties"]["SqsManagedSseEnabled"] is True
        assert "aws:SecureTransport" in str(resources(stack, "AWS::SQS::QueuePolicy"))

    def test_it_waits_for_what_it_may_do(self, stack, define, by_night, only, resources):
        """And for the alias: a version is live once that serves it."""
        by_night(define())
        (alias,) = resources(stack, ALIAS)
        policies = {
            id for id, policy in resources(stack, "AWS::IAM::Policy").items() if "sqs:SendMessage" in str(policy)
        }
        assert {alias, *policies} <= set(only(stack, SCHEDULE)["DependsOn"])


class TestDeployments:
    """By comparing two syntheses."""

    @staticmethod
    def synthesized(define, by_night, code="one", minimum=3, **night):
        """Give version and schedule, each with its logical id."""
        stack = cdk.Stack(cdk.App(), "Shop")
        by_night(define(scope=stack, code=lambda_.Code.from_inline(code), min_execution_environments=minimum), **night)
        found = cdk.assertions.Template.from_stack(stack).to_json()["Resources"]
        ((version, schedule),) = [
            [(id, found[id]) for kind in (VERSION, SCHEDULE) for id in found if found[id]["Type"] == kind]
        ]
        return version, schedule

    def test_the_schedule_follows_to_the_new_version(self, define, by_night):
        """The same schedule, for the number of another version."""
        version, schedule = self.synthesized(define, by_night)
        new_version, new_schedule = self.synthesized(define, by_night, code="two")
        assert version[0] != new_version[0]
        assert schedule[0] == new_schedule[0]
        assert version[0] in str(schedule[1])
        assert new_version[0] in str(new_schedule[1])
        assert version[0] not in str(new_schedule[1])

    def test_a_new_version_starts_with_the_bounds_of_the_function(self, define, by_night):
        """What the clock has set for the one before stays with that."""
        for night in ({}, {"min_execution_environments": 1, "max_execution_environments": 2}):
            version, _ = self.synthesized(define, by_night, code="two", minimum=4, **night)
            assert version[1]["Properties"]["FunctionScalingConfig"]["MinExecutionEnvironments"] == 4

    def test_what_the_clock_has_set_outlives_a_deployment_of_nothing_new(self, define, by_night):
        """CloudFormation leaves alone a version of which it is told nothing else, also where schedules change."""
        version, schedule = self.synthesized(define, by_night)
        same_version, other_schedule = self.synthesized(define, by_night, min_execution_environments=2)
        assert version == same_version
        assert schedule != other_schedule

    def test_new_bounds_of_the_function_take_back_what_the_clock_has_set(self, define, by_night):
        """The version is the same, and updated."""
        (id, version), _ = self.synthesized(define, by_night)
        (same_id, updated), _ = self.synthesized(define, by_night, minimum=5)
        assert id == same_id
        assert version["Properties"] != updated["Properties"]


#: Bounds of the function, bounds that a schedule sets, and the ids that the latter violate.
BOUNDS = [
    ((3, 12), (3, 6), []),
    ((3, 12), (0, 0), ["LMI312"]),
    ((3, 12), (0, 5), ["LMI303"]),
    ((3, 12), (1, 5), []),
    ((3, 12), (3, 13), ["LMI313"]),
    ((3, None), (3, None), []),
    ((3, None), (3, 15000), []),
    ((3, 15000), (3, None), []),
    ((3, 12), (3, None), ["LMI313"]),
    ((3, 12), (4, 8), ["LMI313"]),
    ((3, 12), (5, 4), ["LMI302", "LMI313"]),
    ((5, 12), (5, 4), ["LMI302"]),
    ((3, None), (3, 15001), ["LMI301"]),
    ((3, 12), (3, 15001), ["LMI301", "LMI313"]),
    ((3, 12), (-1, 5), ["LMI301"]),
    ((20, 100), (101, 200), ["LMI306", "LMI313"]),
    ((20, 200), (20, 100), []),
    ((20, 100), (95, 100), ["LMI307", "LMI313"]),
]


class TestRules:
    """The same that hold for bounds that stand."""

    @pytest.mark.parametrize(("own", "scheduled", "expected"), BOUNDS, ids=str)
    def test_every_door_tells_the_same(self, own, scheduled, expected, define, by_night, tmp_path, capsys):
        """Construct, template, command and validator; what is acknowledged once is so at every door."""

        def defined(name, acknowledge):
            app = cdk.App(outdir=str(tmp_path / name))
            stack = cdk.Stack(app, "Shop")
            pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=100)
            bounds = dict(zip(("min_execution_environments", "max_execution_environments"), own, strict=True))
            function = define(scope=stack, capacity_provider=pool, **bounds)
            bounds = dict(zip(bounds, scheduled, strict=True))
            by_night(function, **bounds, acknowledge=[cdk.Acknowledgment(id=id, reason="known") for id in acknowledge])
            app.synth()
            return json.loads((tmp_path / name / "Shop.template.json").read_text(encoding="utf-8")), tmp_path / name

        template, assembly = defined("let_past", expected)
        assert sorted(violation.id for violation in check_template(template)) == expected
        assert told_by_the_command(assembly, capsys) == [(id, True) for id in expected]
        plain = cdk.App(outdir=str(tmp_path / "plain"))
        assert told_by_the_validator(template, cdk.Stack(plain, "Shop"), tmp_path / "plain") == expected

    @pytest.mark.parametrize(("own", "scheduled", "expected"), BOUNDS, ids=str)
    def test_the_construct_tells_it(self, own, scheduled, expected, stack, define, by_night, refused, warned):
        """Errors are raised with the warnings, and nothing is defined; warnings alone are told."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=100)
        function = define(capacity_provider=pool, min_execution_environments=own[0], max_execution_environments=own[1])
        bounds = {"min_execution_environments": scheduled[0], "max_execution_environments": scheduled[1]}
        if {"LMI301", "LMI302", "LMI306"} & set(expected):
            assert refused(lambda: by_night(function, **bounds)) == expected
            assert function.node.try_find_child("Schedules") is None
        else:
            by_night(function, **bounds)
            assert warned(function) == expected

    def test_where_it_stands_in_the_template(self, stack, define, by_night, synthesize):
        """In the input of the schedule, which is text."""
        by_night(define(), min_execution_environments=0, max_execution_environments=0)
        (violation,) = check_template(synthesize(stack))
        assert violation.resource.startswith("ListOrdersSchedulesNight")
        assert violation.fields == (
            "Target.Input.FunctionScalingConfig.MinExecutionEnvironments",
            "Target.Input.FunctionScalingConfig.MaxExecutionEnvironments",
        )
        assert violation.locations == (f"/Resources/{violation.resource}/Properties/Target/Input",)

    def test_the_highest_minimum_counts_for_others(self, stack, define, by_night, refused):
        """What a schedule raises is not there for the next function on the same capacity provider."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=100)
        first = define("First", capacity_provider=pool)
        by_night(first, "Day", min_execution_environments=90, max_execution_environments=90, acknowledge=DECIDED)
        by_night(first, "Night", min_execution_environments=3)
        assert refused(lambda: define("Second", capacity_provider=pool, min_execution_environments=11)) == ["LMI306"]
        define("Third", capacity_provider=pool, min_execution_environments=3)

    def test_a_token_is_not_judged(self, stack, define, by_night, only, warned):
        """It is passed on."""
        number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
        function = define()
        by_night(function, min_execution_environments=number)
        assert {"Ref": "Number"} in only(stack, SCHEDULE)["Properties"]["Target"]["Input"]["Fn::Join"][1]
        assert warned(function) == []

    @pytest.mark.parametrize(
        ("keywords", "expected"),
        [
            ({"schedule": "cron(0 22 * * ? *)"}, ["LMI001"]),
            ({"min_execution_environments": 1.5}, ["LMI001"]),
            ({"schedule": scheduler.ScheduleExpression.expression("every day")}, ["LMI001"]),
            ({"schedule": scheduler.ScheduleExpression.expression("cron(0 22 * * *)")}, ["LMI001"]),
            ({"schedule": scheduler.ScheduleExpression.expression("rate(0 hours)")}, ["LMI001"]),
            ({"schedule": scheduler.ScheduleExpression.expression("at(2026-13-45T99:99:99)")}, ["LMI001"]),
            ({"schedule": scheduler.ScheduleExpression.expression("at(2027-02-29T08:00:00)")}, ["LMI001"]),
            ({"schedule": scheduler.ScheduleExpression.expression("at(2027-01-01T24:00:00)")}, ["LMI001"]),
            # Sixty times between six and seven.
            ({"schedule": scheduler.ScheduleExpression.cron(hour="6")}, ["LMI001"]),
            ({"time_zone": cdk.TimeZone.of("Mars/Phobos")}, ["LMI001"]),
            (
                {"schedule": scheduler.ScheduleExpression.cron(minute="0", time_zone=cdk.TimeZone.of("Mars/Phobos"))},
                ["LMI001"],
            ),
            ({"retry_attempts": 186}, ["LMI001"]),
            ({"retry_attempts": -1, "max_event_age": cdk.Duration.seconds(59)}, ["LMI001", "LMI001"]),
            ({"max_event_age": cdk.Duration.hours(25)}, ["LMI001"]),
            ({"max_event_age": cdk.Duration.millis(90500)}, ["LMI001"]),
            ({"max_event_age": 0}, ["LMI001"]),
            (
                {
                    "time_zone": cdk.TimeZone.EUROPE_BERLIN,
                    "schedule": scheduler.ScheduleExpression.cron(
                        hour="2", minute="0", time_zone=cdk.TimeZone.ASIA_TOKYO
                    ),
                },
                ["LMI002"],
            ),
            ({"acknowledge": [cdk.Acknowledgment(id="LMI999", reason="?")]}, ["LMI005"]),
        ],
    )
    def test_what_does_not_fit_is_refused(self, define, by_night, refused, keywords, expected):
        """And can be put right."""
        function = define()
        assert sorted(refused(lambda: by_night(function, **keywords))) == expected
        by_night(function)

    def test_a_fifo_queue_takes_no_dead_letters(self, stack, define, by_night, refused):
        """EventBridge Scheduler delivers to standard queues only."""
        function, queue = define(), sqs.Queue(stack, "Operators", fifo=True)
        assert refused(lambda: by_night(function, dead_letter_queue=queue)) == ["LMI001"]

    @pytest.mark.parametrize(
        "schedule",
        [
            scheduler.ScheduleExpression.expression("at(2027-01-01T00:00:00)"),
            scheduler.ScheduleExpression.expression("at(2028-02-29T23:59:59)"),
            scheduler.ScheduleExpression.expression("cron(0/15 8-17 ? * MON-FRI 2027)"),
            scheduler.ScheduleExpression.rate(cdk.Duration.days(1)),
            scheduler.ScheduleExpression.rate(cdk.Duration.hours(5)),
            scheduler.ScheduleExpression.cron(minute="30", hour="6", week_day="L"),
            scheduler.ScheduleExpression.at(datetime(2027, 1, 1, 8, tzinfo=timezone.utc)),
        ],
        ids=lambda schedule: schedule.expression_string,
    )
    def test_every_kind_of_schedule_is_taken(self, stack, define, by_night, only, schedule):
        """As CDK writes it."""
        by_night(define(), schedule=schedule)
        assert only(stack, SCHEDULE)["Properties"]["ScheduleExpression"] == schedule.expression_string

    def test_an_expression_that_is_known_when_deployed(self, stack, define, by_night, only):
        """Is passed on."""
        when = cdk.CfnParameter(stack, "When").value_as_string
        by_night(define(), schedule=scheduler.ScheduleExpression.expression(when))
        assert only(stack, SCHEDULE)["Properties"]["ScheduleExpression"] == {"Ref": "When"}

    def test_two_of_one_name_are_refused(self, stack, define, by_night, refused, resources):
        """The first stays."""
        function = define()
        by_night(function)
        assert refused(lambda: by_night(function, min_execution_environments=3)) == ["LMI007"]
        assert len(resources(stack, SCHEDULE)) == 1

    def test_any_name_will_do(self, stack, define, by_night, resources):
        """What the schedules share stands elsewhere."""
        function = define()
        for id in ("Role", "DeadLetters", "Schedules", "Scheduling", "Function", "Alias"):
            by_night(function, id=id)
        assert len(resources(stack, SCHEDULE)) == 6

    def test_a_name_that_cdk_refuses_can_be_used_by_no_other(self, define, by_night, refused):
        """In CDK's own words."""
        assert refused(lambda: by_night(define(), id="")) == ["LMI006"]

    def test_no_queue_without_a_schedule(self, define, by_night, refused):
        """What CDK refused had none, and the next schedule is like the first."""
        function = define()
        assert refused(lambda: by_night(function, id="")) == ["LMI006"]
        assert function.schedule_dead_letter_queue is None
        by_night(function)
        assert function.schedule_dead_letter_queue is not None

    def test_what_cdk_refuses_leaves_others_as_they_are(self, stack, define, by_night, refused, synthesize):
        """Neither a queue nor a permission of it comes to those that have one of their own."""
        function, queue = define(), sqs.Queue(stack, "Operators")
        by_night(function, dead_letter_queue=queue)
        before = synthesize(stack)
        assert refused(lambda: by_night(function, id="")) == ["LMI006"]
        assert refused(lambda: by_night(function, id="", dead_letter_queue=sqs.Queue(stack, "Q"))) == ["LMI006"]
        stack.node.try_remove_child("Q")
        assert synthesize(stack) == before


@pytest.mark.parametrize(
    "written",
    [
        "no JSON ${ListOrders}",
        '["${ListOrders}"]',
        *(
            f'{{"FunctionName": "${{ListOrders}}", "Qualifier": "3", "FunctionScalingConfig": {config}}}'
            for config in (
                "5",
                '{"MinExecutionEnvironments": "many"}',
                '{"MinExecutionEnvironments": ${Number}}',
            )
        ),
        "[" * 5000 + "${ListOrders}",
    ],
    ids=lambda written: written[-40:],
)
def test_an_input_that_cannot_be_read_says_nothing(written):
    """As whoever wrote it may have it."""
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:lambda:PutFunctionScalingConfig", "Input": {"Fn::Sub": written}}
    provider = {
        "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": {"Fn::GetAtt": ["Pool", "Arn"]}}
    }
    function = {"MemorySize": 2048, "Runtime": "python3.14", "CapacityProviderConfig": provider}
    resources = {
        "Pool": {"Type": "AWS::Lambda::CapacityProvider", "Properties": {}},
        "ListOrders": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Night": {"Type": SCHEDULE, "Properties": {"Target": target}},
    }
    assert all(violation.resource != "Night" for violation in check_template({"Resources": resources}))
