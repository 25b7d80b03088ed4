"""The queues that call functions, read from a template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..rules.facts import UNKNOWN
from .intrinsics import Template
from .properties import read_fact
from .publication import EVENT_SOURCE_MAPPING, Publications

QUEUE = "AWS::SQS::Queue"


class Visibility(NamedTuple):
    """For how long a queue hides messages that were received."""

    seconds: int
    #: The logical id of the queue.
    queue: str


def shortest_visibility(template: Template, publications: Publications) -> Mapping[str, Visibility]:
    """Give the shortest visibility timeout among the queues that call a function, for each function.

    Only of queues and mappings that are sure to be there.
    """
    found: dict[str, Visibility] = {}
    for id in template.of_type(EVENT_SOURCE_MAPPING):
        source, target = (template.raw(id, f"Properties.{name}") for name in ("EventSourceArn", "FunctionName"))
        queues = set(template.targets(source))
        functions = set(publications.behind(id, "FunctionName"))
        is_certain = template.is_certain(id) and template.is_decided([source, target])
        if not (is_certain and len(queues) == len(functions) == 1):
            continue
        (queue,), (function,) = queues, functions
        if template.resources[queue]["Type"] == QUEUE and template.is_certain(queue):
            seconds = read_fact(template, queue, "visibility_timeout")
            if seconds is not UNKNOWN:
                found[function] = min(found.get(function, Visibility(seconds, queue)), Visibility(seconds, queue))
    return found
