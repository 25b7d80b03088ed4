"""Queues that call functions, held against their timeouts when all of both is set."""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct, IValidation

from ..judgement import Judgement
from ..rules.compatibility import visibility_timeout_too_short
from ..rules.engine import check
from ..rules.facts import LEFT_OUT, Facts, Keywords
from ..signature import read, reference_to

_RULES = (visibility_timeout_too_short,)


@jsii.implements(IValidation)
class _QueueInspection:
    """Tells CDK of queues that hide their messages for less than the timeout of a function (LMI710).

    A validation, since CDK runs these after all aspects, any of which may set a timeout. It tells at the construct of
    the function, which may acknowledge it, and not as a validation does: that could not be acknowledged.
    """

    def __init__(self, construct: Construct, function: lambda_.Function) -> None:
        self._construct = construct
        self._function = function
        self._queues: dict[str, sqs.CfnQueue] = {}

    def add(self, queue: sqs.CfnQueue) -> None:
        # Added as an event source and found among the mappings, a queue is one, whatever stands for it in Python.
        self._queues[reference_to(queue)] = queue

    def validate(self) -> list[str]:
        """Tell of them. CDK calls this when it synthesises, and keeps what it was told before."""
        resource = self._function.node.default_child
        if isinstance(resource, lambda_.CfnFunction):
            timeout = read(resource, "timeout", LEFT_OUT["timeout"])
            for queue in self._queues.values():
                self._judge(queue, timeout)
        return []

    def _judge(self, queue: sqs.CfnQueue, timeout: int) -> None:
        visibility = read(queue, "visibility_timeout", LEFT_OUT["visibility_timeout"])
        facts = Facts(timeout=timeout, visibility_timeout=visibility)
        if check(facts, _RULES):
            name = f"visibility_timeout of {queue.node.path.removesuffix('/Resource')}"
            wording = Keywords(visibility_timeout=(name, "visibility_timeout=Duration.seconds({})"))
            Judgement(warnings=check(facts, _RULES, wording=wording), acknowledged=()).tell(self._construct)


_INSPECTIONS: WeakKeyDictionary[Construct, _QueueInspection] = WeakKeyDictionary()


def inspect_queues(construct: Construct, function: lambda_.Function, queues: Iterable[sqs.CfnQueue]) -> None:
    """Have queues that call a function judged at synthesis.

    Args:
        construct: The construct of the function, at which it is told.
        function: The function.
        queues: The queues, which may be known already.
    """
    for queue in queues:
        if construct not in _INSPECTIONS:
            _INSPECTIONS[construct] = _QueueInspection(construct, function)
            construct.node.add_validation(_INSPECTIONS[construct])
        _INSPECTIONS[construct].add(queue)


def inspect_queue_of(construct: Construct, function: lambda_.Function, source: lambda_.IEventSource) -> None:
    """Have the queue of an event source judged at synthesis, if it is one and this app defines it.

    Args:
        construct: The construct of the function, at which it is told.
        function: The function.
        source: The event source.
    """
    queue = source.queue if isinstance(source, event_sources.SqsEventSource) else None
    resource = None if queue is None else queue.node.default_child
    inspect_queues(construct, function, [resource] if isinstance(resource, sqs.CfnQueue) else ())
