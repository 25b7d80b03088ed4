"""Queues that are added to functions as event sources."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ..judgement import Judgement
from ..rules.compatibility import visibility_timeout_too_short
from ..rules.engine import check
from ..rules.facts import LEFT_OUT, UNKNOWN, Facts, Keywords, Unknown
from ..signature import read


def tell_of_queue(function: Construct, timeout: int | Unknown, source: lambda_.IEventSource) -> None:
    """Tell CDK of a queue that hides its messages for less than the timeout of the function (LMI710).

    At the function, which may acknowledge it, and at synthesis: an event source takes no acknowledgments.

    Args:
        function: The construct of the function.
        timeout: The function's timeout in seconds.
        source: The event source.
    """
    queue = source.queue if isinstance(source, event_sources.SqsEventSource) else None
    resource = queue.node.default_child if queue is not None else None
    if queue is None or timeout is UNKNOWN or not isinstance(resource, sqs.CfnQueue):
        return
    visibility = read(resource, "visibility_timeout", LEFT_OUT["visibility_timeout"])
    facts = Facts(timeout=timeout, visibility_timeout=visibility)
    rules = (visibility_timeout_too_short,)
    if check(facts, rules):
        setting = "visibility_timeout=Duration.seconds({})"
        wording = Keywords(visibility_timeout=(f"visibility_timeout of {queue.node.path}", setting))
        Judgement(warnings=check(facts, rules, wording=wording), acknowledged=()).tell(function)
