"""Scheduled bounds of the execution environments, by EventBridge Scheduler."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from aws_cdk import Acknowledgment, Aws, Duration, Stack, TimeZone
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ..acknowledgments import acknowledge_for_dead_letters
from ..judgement import Judgement, judge
from ..rules.catalogue import BOUND_RULES
from ..rules.engine import Wording
from ..rules.facts import Facts, written_maximum
from ..rules.limits import (
    SCHEDULE_EVENT_AGE_MAX,
    SCHEDULE_EVENT_AGE_MIN,
    SCHEDULE_RETRIES_MAX,
)
from ..signature import Arguments, is_token

# EventBridge Scheduler calls the API itself; its parameters are the input.
_TARGET = f"arn:{Aws.PARTITION}:scheduler:::aws-sdk:lambda:putFunctionScalingConfig"
_ACTION = "lambda:PutFunctionScalingConfig"
# What EventBridge Scheduler takes: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
# (read 2026-11-27, in the words of botocore 1.44.8). What the six fields of cron hold is for it to say.
_EXPRESSION = re.compile(
    r"at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)|rate\([1-9]\d* (?:minute|hour|day)s?\)|cron\(\S+(?: +\S+){5}\)"
)
_FORMS = "at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(with six fields)"
# Of the digits of a time that the expression lets pass, datetime tells whether there is such a time.
_AT = "at(%Y-%m-%dT%H:%M:%S)"
_EVERY_MINUTE = re.compile(r"cron\(\* ")


class Schedules(Construct):
    """The schedules of one function, with the role and the dead-letter queue that they share.

    Args:
        scope: The construct of the function.
        alias: The alias that serves it.
    """

    def __init__(self, scope: Construct, alias: lambda_.Alias) -> None:
        super().__init__(scope, "Schedules")
        # Not in here, where the user names what there is.
        self._shared = Construct(scope, "Scheduling")
        # A version is live once the alias serves it. Until then the schedules apply to the previous one.
        for part in (self, self._shared):
            part.node.add_dependency(alias)
        self._alias = alias
        #: The ids of its schedules.
        self.ids: tuple[str, ...] = ()
        self._dead_letters: sqs.Queue | None = None
        self._role = self._make_role()

    @property
    def dead_letters(self) -> sqs.Queue | None:
        """The shared dead-letter queue; ``None`` if each schedule has its own."""
        return self._dead_letters

    def add(
        self,
        id: str,
        arguments: Arguments,
        judgement: Judgement,
    ) -> scheduler.CfnSchedule:
        """Add a schedule from arguments that were checked."""
        schedule: scheduler.ScheduleExpression = arguments.usable("schedule")
        own_queue: sqs.IQueue | None = arguments.usable("dead_letter_queue")
        queue = own_queue or self._dead_letters or self._make_dead_letters()
        defined = scheduler.CfnSchedule(
            self,
            id,
            description=arguments.usable("description"),
            schedule_expression=schedule.expression_string,
            schedule_expression_timezone=_time_zone(schedule, arguments.usable("time_zone")),
            flexible_time_window=_window(arguments.usable("time_window")),
            state="ENABLED" if arguments.usable("enabled") else "DISABLED",
            target=scheduler.CfnSchedule.TargetProperty(
                arn=_TARGET,
                role_arn=self._role.role_arn,
                input=self._input(
                    arguments.usable("min_execution_environments"), arguments.usable("max_execution_environments")
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=queue.queue_arn),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=arguments.usable("max_event_age").to_seconds(),
                    maximum_retry_attempts=arguments.usable("retry_attempts"),
                ),
            ),
        )
        # Not before CDK took the schedule: no permission can be taken back.
        if own_queue is not None:
            own_queue.grant_send_messages(self._role)
        elif self._dead_letters is None:
            self._dead_letters = cast(sqs.Queue, queue)
            self._role.add_to_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn]))
        # What it may do is said in a policy of its own.
        defined.node.add_dependency(self._role)
        self.ids += (id,)
        judgement.tell(defined)
        return defined

    def _input(self, minimum: int, maximum: int | None) -> str:
        """Return the parameters of the call. They include the version number, which changes with a deployment."""
        version = self._alias.version
        bounds = {
            "MinExecutionEnvironments": minimum,
            "MaxExecutionEnvironments": written_maximum(maximum),
        }
        parameters = {
            "FunctionName": version.lambda_.function_name,
            "Qualifier": version.version,
            "FunctionScalingConfig": bounds,
        }
        return Stack.of(self).to_json_string(parameters)

    def _make_role(self) -> iam.Role:
        """Create the role with which EventBridge Scheduler calls Lambda, for the live version only."""
        group = Stack.of(self).format_arn(service="scheduler", resource="schedule-group", resource_name="default")
        role = iam.Role(
            self._shared,
            "Role",
            # Its parameters have other names than those of its protocol: pyright minds, mypy and jsii do not.
            assumed_by=iam.ServicePrincipal(  # pyright: ignore[reportArgumentType]
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": group}},
            ),
            description="EventBridge Scheduler scales a function on Managed Instances with it",
        )
        version = self._alias.version
        # The guide grants the version's ARN, AWS's skill for coding assistants the function's. Both mean this call.
        resources = [version.lambda_.function_arn, version.function_arn]
        role.add_to_policy(iam.PolicyStatement(actions=[_ACTION], resources=resources))
        return role

    def _make_dead_letters(self) -> sqs.Queue:
        queue = sqs.Queue(
            self._shared,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge_for_dead_letters(queue)
        return queue


def judge_schedule(
    scope: Construct,
    id: str,
    facts: Facts,
    wording: Wording,
    ids: Sequence[str],
    *,
    schedule: scheduler.ScheduleExpression,
    min_execution_environments: int,
    max_execution_environments: int | None,
    time_zone: TimeZone | None,
    time_window: scheduler.TimeWindow | None,
    enabled: bool,
    description: str | None,
    dead_letter_queue: sqs.IQueue | None,
    max_event_age: Duration,
    retry_attempts: int,
    acknowledge: Sequence[Acknowledgment],
) -> tuple[Arguments, Facts, Judgement]:
    """Judge a schedule of the function in ``scope`` by the rules about bounds.

    ``facts`` are those of the function, with its own bounds, and ``ids`` those of its other schedules. The other
    arguments are those of ``ManagedInstanceFunction.scale_on_schedule``.
    """
    arguments = Arguments(judge_schedule, locals())
    if id in ids:
        instead = "give each schedule of the function an id of its own"
        arguments.note(keyword="id", used_again=f"{id!r} again", instead=instead)
    _check(arguments)
    scheduled = replace(
        facts,
        schedule=id,
        min_execution_environments=arguments.known("min_execution_environments"),
        max_execution_environments=arguments.known("max_execution_environments"),
        min_execution_environments_of_new_version=facts.min_execution_environments,
        max_execution_environments_of_new_version=facts.max_execution_environments,
    )
    judgement = judge(
        scope,
        id,
        records=[*arguments.misfits, scheduled],
        acknowledge=arguments.usable("acknowledge") or (),
        rules=BOUND_RULES,
        wording=wording,
    )
    return arguments, scheduled, judgement


def _check(arguments: Arguments) -> None:
    """Note values that EventBridge Scheduler does not accept as invalid arguments."""
    arguments.check_seconds("max_event_age", SCHEDULE_EVENT_AGE_MIN, SCHEDULE_EVENT_AGE_MAX)
    arguments.check_range("retry_attempts", 0, SCHEDULE_RETRIES_MAX)
    queue = arguments.usable("dead_letter_queue")
    if queue is not None and queue.fifo:
        arguments.note(keyword="dead_letter_queue", given="a FIFO queue", expected="a standard queue")
    schedule = arguments.usable("schedule")
    if schedule is not None:
        _check_time(arguments, schedule)


def _check_time(arguments: Arguments, schedule: scheduler.ScheduleExpression) -> None:
    """Note an invalid expression, an unknown time zone, and two time zones as invalid arguments."""
    expression = schedule.expression_string
    if not is_token(expression) and not _may_be_expression(expression):
        arguments.note(keyword="schedule", given=expression, expected=_FORMS)
    elif _EVERY_MINUTE.match(expression):
        # CDK uses every minute if none is stated.
        arguments.note(keyword="schedule", given=expression, expected='one that sets its minute, as in minute="0"')
    if arguments.given("time_zone") and _stated_zone(schedule) is not None:
        arguments.note(keyword="time_zone", excluded_by="a schedule with a time_zone of its own")
    zone = _time_zone(schedule, arguments.usable("time_zone"))
    if zone is not None and not is_token(zone) and not _may_be_zone(zone):
        keyword, verb = ("time_zone", "") if arguments.given("time_zone") else ("schedule", "in ")
        expected = f"{verb}a time zone of the IANA database, such as TimeZone.EUROPE_BERLIN"
        arguments.note(keyword=keyword, given=zone, expected=expected)


def _may_be_expression(expression: str) -> bool:
    """Whether it has one of the forms; a single time also has to be one that there is."""
    if _EXPRESSION.fullmatch(expression) is None:
        return False
    try:
        return not expression.startswith("at(") or bool(datetime.strptime(expression, _AT))
    except ValueError:
        return False


def _may_be_zone(name: str) -> bool:
    """Whether the time zone exists, or this machine knows none at all."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return not available_timezones()
    return True


def _stated_zone(schedule: scheduler.ScheduleExpression) -> TimeZone | None:
    """Return the time zone of a schedule, unless it is the CDK's default."""
    zone = schedule.time_zone
    return None if zone is None or zone.timezone_name == TimeZone.ETC_UTC.timezone_name else zone


def _time_zone(schedule: scheduler.ScheduleExpression, time_zone: TimeZone | None) -> str | None:
    zone = time_zone or schedule.time_zone
    return None if zone is None else zone.timezone_name


def _window(window: scheduler.TimeWindow | None) -> scheduler.CfnSchedule.FlexibleTimeWindowProperty:
    if window is None or window.max_window is None:
        return scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF")
    return scheduler.CfnSchedule.FlexibleTimeWindowProperty(
        mode=window.mode, maximum_window_in_minutes=window.max_window.to_minutes()
    )
