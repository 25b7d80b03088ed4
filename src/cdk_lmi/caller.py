"""A function as those see it who look for what it is granted."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from .rules.facts import UNKNOWN, Unknown


@dataclass(frozen=True)
class Caller:
    """A function whose grants are looked for, and what is known of it without a call to Node."""

    function: lambda_.Function
    #: The role it was given: ``None`` where CDK made one in the function, ``UNKNOWN`` where one has to look.
    role: iam.IRole | Unknown | None = UNKNOWN
    #: Whether Lambda may send what it fails at to a queue or a topic.
    has_dead_letters: bool = True
