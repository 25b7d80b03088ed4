"""What whoever deploys the orders API can choose, by CDK context: `cdk deploy -c production=true`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from enum import Enum
from typing import Any, TypeVar

from constructs import Node

Value = TypeVar("Value")
#: How alike two names must be for one to be the other with a mistake in it: authoriser is authorizer, stage no target.
ALIKE = 0.75


class Authorizer(str, Enum):
    """Who says which callers may."""

    #: Callers sign their requests with AWS credentials, and IAM policies say who may.
    IAM = "iam"
    #: Callers send the token of a user who signed in to the user pool of the stack. Orders have no owner: users are
    #: operators, and each sees and deletes all orders.
    COGNITO = "cognito"


class TargetName(str, Enum):
    """Where the functions are to run."""

    LAMBDA = "lambda"
    #: In execution environments on this machine: packages of the Python that runs the app.
    THIS_MACHINE = "this-machine"


class UnusableOptionsError(Exception):
    """What is wrong with the context, all of it, in words for whoever typed it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What there is to choose.

    Args:
        production: Whether data stays when the stack goes, alarms are told to somebody and a firewall stands before
            the API. Default: no, and then nothing is left behind but the role that all APIs log by.
        authorizer: Default: IAM.
        target: Default: AWS Lambda.
    """

    production: bool = False
    authorizer: Authorizer = Authorizer.IAM
    target: TargetName = TargetName.LAMBDA

    @staticmethod
    def from_context(node: Node) -> Options:
        """Read the options from the context of a construct.

        Raises:
            UnusableOptionsError: A value that is none of those that there are, or a name that is almost an option's.
        """
        problems: list[str] = []

        def read(name: str, parse: Callable[[str], Value], allowed: str, default: Value) -> Value:
            given: Any = node.try_get_context(name)
            if given is None:
                return default
            try:
                # What `-c` hands over is text; what stands in cdk.json may be a boolean.
                return parse(str(given).lower())
            except (KeyError, ValueError):
                problems.append(f"{name} must be {allowed}, and is {given!r}")
                return default

        options = Options(
            production=read("production", {"true": True, "false": False}.__getitem__, "true or false", False),
            authorizer=read("authorizer", Authorizer, one_of(Authorizer), Authorizer.IAM),
            target=read("target", TargetName, one_of(TargetName), TargetName.LAMBDA),
        )
        problems += misspelled(node)
        if problems:
            raise UnusableOptionsError("; ".join(problems))
        return options


def misspelled(node: Node) -> list[str]:
    """Say which names in the context are almost those of options, or how these begin: each would be at its default.

    Names with a colon or a slash are CDK's own.
    """
    names = [field.name for field in fields(Options)]
    problems = []
    for given in node.get_all_context():
        near = [name for name in names if name.startswith(given.lower())]
        near = near or get_close_matches(given.lower(), names, n=1, cutoff=ALIKE)
        if near and given not in names and not {":", "/"} & set(given):
            problems.append(f"{given} is none of the options: is {near[0]} meant?")
    return problems


def one_of(choices: type[Enum]) -> str:
    """Name the values that there are."""
    return " or ".join(str(choice.value) for choice in choices)
