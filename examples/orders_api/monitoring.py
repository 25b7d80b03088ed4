"""What tells that orders are not served as they should be: alarms, and a dashboard to look at."""

from __future__ import annotations

from collections.abc import Mapping

import cdk_monitoring_constructs as monitoring
from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_wafv2 as wafv2
from configuration import DynamicConfiguration
from constructs import Construct

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction

#: Share of requests that may fail through our fault before somebody is woken, of 1.
MAX_FAULT_SHARE = 0.01
#: Share of requests that the firewall may turn away before somebody is told, in per cent: so its metric has it.
MAX_BLOCKED_PERCENT = 20
#: How long one request in a hundred may take: a third of the time after which Lambda ends the shortest function.
MAX_LATENCY = Duration.seconds(3)
#: What the functions count where they had no answer: in how many minutes of so many somebody is woken, and why.
WATCHED_MINUTES = 5
UNANSWERED = {
    "Failed": (1, "A function answered 500: the code met what it was not made for. Its log has the stack trace."),
    "Unavailable": (
        3,
        "Functions answer 503: DynamoDB or Secrets Manager does not answer them, or throttles them. See the logs for "
        "which, and whether the health of AWS's services or a quota explains it.",
    ),
}
PERIOD = Duration.minutes(5)


def alarm_topic(scope: Construct, id: str) -> sns.Topic:
    """Define a topic that alarms of this stack's account and Region can publish to, and over TLS only.

    A policy that says anything takes the place of the one that SNS gives a topic. So it has to say who may publish:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    topic, stack = sns.Topic(scope, id, enforce_ssl=True), Stack.of(scope)
    alarms = stack.format_arn(
        service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="AlarmsMayPublish",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": alarms}},
        )
    )
    return topic


class OrdersMonitoring(Construct):
    """Alarms and a dashboard, made with cdk-monitoring-constructs.

    Args:
        scope: The construct that they are defined in.
        id: Its name there.
        told: Who is told when an alarm goes off and when it is over. Default: nobody; alarms can still be looked at.
    """

    def __init__(self, scope: Construct, id: str, *, told: sns.ITopic | None = None) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self).stack_name
        action = None if told is None else monitoring.SnsAlarmActionStrategy(on_alarm_topic=told, on_ok_topic=told)
        self._actions = [] if told is None else [actions.SnsAction(told)]
        self._facade = monitoring.MonitoringFacade(
            self,
            "Facade",
            alarm_factory_defaults=monitoring.AlarmFactoryDefaults(
                alarm_name_prefix=stack, actions_enabled=told is not None, action=action
            ),
            metric_factory_defaults=monitoring.MetricFactoryDefaults(period=PERIOD),
            dashboard_factory=monitoring.DefaultDashboardFactory(
                self, "Dashboards", dashboard_name_prefix=stack, create_summary_dashboard=False
            ),
        )

    def watch_api(self, api: apigateway.RestApi) -> None:
        """Watch what callers see: failures and time."""
        self._facade.monitor_api_gateway(
            api=api,
            api_stage=api.deployment_stage.stage_name,
            human_readable_name="API",
            alarm_friendly_name="Api",
            add5_xx_fault_rate_alarm={"Critical": monitoring.ErrorRateThreshold(max_error_rate=MAX_FAULT_SHARE)},
            add_latency_p99_alarm={"Warning": monitoring.LatencyThreshold(max_latency=MAX_LATENCY)},
        )

    def watch_functions(self, functions: Mapping[str, lambda_.Function]) -> None:
        """Watch functions on standard Lambda, which fail or are turned away for want of concurrency."""
        for name, function in functions.items():
            self._facade.monitor_lambda_function(
                lambda_function=function,
                human_readable_name=name,
                alarm_friendly_name=name,
                add_fault_rate_alarm={"Critical": monitoring.ErrorRateThreshold(max_error_rate=MAX_FAULT_SHARE)},
                add_throttles_count_alarm={"Warning": monitoring.ErrorCountThreshold(max_error_count=0)},
                add_latency_p99_alarm={"Warning": monitoring.LatencyThreshold(max_latency=MAX_LATENCY)},
            )

    def watch_answers(self, *, namespace: str, service: str) -> None:
        """Watch what the functions say of themselves: one that answers 500 or 503 has not failed for Lambda.

        Args:
            namespace: Of the metrics that they count in.
            service: What their metrics are by, as Powertools has it.
        """
        counts = {
            name: cloudwatch.Metric(
                namespace=namespace,
                metric_name=name,
                dimensions_map={"service": service},
                statistic="Sum",
                period=Duration.minutes(1),
            )
            for name in ("Failed", "Unavailable", "Refused")
        }
        for name, (minutes, description) in UNANSWERED.items():
            alarm = counts[name].create_alarm(
                self,
                name,
                threshold=0,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=WATCHED_MINUTES,
                datapoints_to_alarm=minutes,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                alarm_description=description,
            )
            self._tell_of(alarm)
        self._facade.add_widget(cloudwatch.GraphWidget(title="Answers", left=list(counts.values())))

    def watch_tables(self, tables: Mapping[str, dynamodb.ITable]) -> None:
        """Watch tables, which turn requests away when traffic grows faster than DynamoDB follows."""
        throttled = monitoring.ThrottledEventsThreshold(max_throttled_events_threshold=0)
        for name, table in tables.items():
            self._facade.monitor_dynamo_table(
                table=table,
                billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
                human_readable_name=name,
                alarm_friendly_name=name,
                add_read_throttled_events_count_alarm={"Warning": throttled},
                add_write_throttled_events_count_alarm={"Warning": throttled},
                add_system_error_count_alarm={"Warning": monitoring.ErrorCountThreshold(max_error_count=0)},
            )

    def watch_configuration(self, configuration: DynamicConfiguration) -> None:
        """Watch whether the configuration can be read: nobody else notices where it cannot."""
        self._tell_of(configuration.unreadable)
        self._facade.add_widget(cloudwatch.GraphWidget(title="Configuration", left=[configuration.unreadable_count]))

    def watch_firewall(self, acl: wafv2.CfnWebACL) -> None:
        """Watch how much the firewall turns away: of ordinary callers it should be next to nothing."""
        self._facade.monitor_web_application_firewall_acl_v2(
            acl=acl,
            region=Stack.of(self).region,
            human_readable_name="Firewall",
            alarm_friendly_name="Firewall",
            add_blocked_requests_rate_alarm={
                "Warning": monitoring.ErrorRateThreshold(max_error_rate=MAX_BLOCKED_PERCENT)
            },
        )

    def watch_managed_function(self, function: ManagedInstanceFunction, pool: ManagedInstanceCapacityProvider) -> None:
        """Watch a function on Managed Instances and its pool, which have metrics that no other function has.

        The alarms are those of cdk-lmi, each with what to turn when it goes off; the widgets join the others. cdk-lmi
        has none for schedules that fail, which leave the function with the bounds of another hour.
        """
        for watched in (function, pool):
            watched.add_alarms(actions=self._actions, ok_actions=self._actions)
            for widget in watched.widgets(watched.node.id):
                self._facade.add_widget(widget)
        if function.schedule_dead_letter_queue is not None:
            self._watch_schedules(function.node.id, function.schedule_dead_letter_queue)

    def _watch_schedules(self, name: str, failed: sqs.IQueue) -> None:
        count = failed.metric_approximate_number_of_messages_visible(period=PERIOD)
        alarm = count.create_alarm(
            self,
            f"{name}BoundsNotSet",
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"A schedule of {name} failed for good: it keeps the bounds that it had. The message in "
            "the queue says why. Put the cause right, set the bounds by hand, and delete the message.",
        )
        self._tell_of(alarm)
        self._facade.add_widget(cloudwatch.GraphWidget(title="Bounds not set", left=[count]))

    def _tell_of(self, alarm: cloudwatch.Alarm) -> None:
        for action in self._actions:
            alarm.add_alarm_action(action)
            alarm.add_ok_action(action)
