"""What stands before the API in production."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

#: AWS's own rules, in the order that they are asked in: known bad callers first, which costs least to turn away.
#: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
MANAGED_RULES = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
#: Rules of theirs that only count what they find. What customers write is text here: it is kept and given back as it
#: is, and run, included or followed by nothing, be it ``<script>`` or ``../../``. Who asks need not say by what.
#: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html, read 2026-11-27
COUNTED = {
    "AWSManagedRulesCommonRuleSet": (
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "NoUserAgent_HEADER",
    ),
}
#: Requests from one address in five minutes: half of what the stage takes from all callers together.
MAX_REQUESTS_OF_ADDRESS = 7500
#: What AWS WAF asks of the name of a log group.
#: https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
LOG_GROUP_PREFIX = "aws-waf-logs-"


class Firewall(Construct):
    """A web ACL of AWS WAF with AWS's rules and a limit for each address, before a stage of an API.

    It logs what it did not let through, without the credentials of the caller.

    Args:
        scope: The construct that it is defined in.
        id: Its name there.
        stage: The stage.
    """

    def __init__(self, scope: Construct, id: str, *, stage: apigateway.Stage) -> None:
        super().__init__(scope, id)
        # CloudWatch goes by the name of the metric, cdk-monitoring-constructs by that of the web ACL.
        name = Stack.of(self).stack_name
        self.acl = wafv2.CfnWebACL(
            self,
            "Acl",
            name=name,
            scope="REGIONAL",
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=visibility(name),
            rules=list(self._rules()),
        )
        wafv2.CfnWebACLAssociation(self, "OfStage", resource_arn=stage.stage_arn, web_acl_arn=self.acl.attr_arn)
        self._log()

    def _rules(self) -> Iterator[wafv2.CfnWebACL.RuleProperty]:
        yield wafv2.CfnWebACL.RuleProperty(
            name="RequestsOfAddress",
            priority=0,
            action=wafv2.CfnWebACL.RuleActionProperty(block={}),
            statement=wafv2.CfnWebACL.StatementProperty(
                rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                    aggregate_key_type="IP", limit=MAX_REQUESTS_OF_ADDRESS, evaluation_window_sec=300
                )
            ),
            visibility_config=visibility("RequestsOfAddress"),
        )
        for priority, name in enumerate(MANAGED_RULES, start=1):
            yield wafv2.CfnWebACL.RuleProperty(
                name=name,
                priority=priority,
                override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
                statement=wafv2.CfnWebACL.StatementProperty(
                    managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
                        vendor_name="AWS",
                        name=name,
                        rule_action_overrides=[
                            wafv2.CfnWebACL.RuleActionOverrideProperty(
                                name=rule, action_to_use=wafv2.CfnWebACL.RuleActionProperty(count={})
                            )
                            for rule in COUNTED.get(name, ())
                        ]
                        or None,
                    )
                ),
                visibility_config=visibility(name),
            )

    def _log(self) -> None:
        group = logs.LogGroup(
            self,
            "Logs",
            # The name is AWS WAF's wish; the stack's keeps two of them apart. It goes with the stack, or there could be
            # no other stack of that name.
            log_group_name=f"{LOG_GROUP_PREFIX}{Stack.of(self).stack_name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.acl.attr_arn,
            log_destination_configs=[
                Stack.of(self).format_arn(
                    service="logs",
                    resource="log-group",
                    resource_name=group.log_group_name,
                    arn_format=ArnFormat.COLON_RESOURCE_NAME,
                )
            ],
            redacted_fields=[
                *(
                    wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                    for name in ("authorization", "x-amz-security-token")
                ),
                # A signature can stand in the query instead, and a session's token with it.
                # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
                wafv2.CfnLoggingConfiguration.FieldToMatchProperty(query_string={}),
            ],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [
                    {
                        "Behavior": "KEEP",
                        "Requirement": "MEETS_ANY",
                        "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
                    }
                ],
            },
        )


def visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    """Have requests counted under a name, and some of them kept to be looked at."""
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
