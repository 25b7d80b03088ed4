"""LMI0xx: what a construct was given, before there is a fact to judge."""

from __future__ import annotations

from .engine import Finding, Severity, change, rule
from .limits import CAPACITY_PROVIDER_VPC_CONFIG, CAPACITY_PROVIDERS, MANAGED_INSTANCES

CDK_GUIDE = "https://docs.aws.amazon.com/cdk/v2/guide/work-with-cdk-python.html"
_WIDTH = 80
VALIDATIONS = "https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Validations.html"


@rule("LMI001", severity=Severity.ERROR, source=CDK_GUIDE)
def wrong_argument_type(keyword: str, expected: str, given: object) -> Finding | None:
    """An argument is of a type that its keyword does not take.

    CDK for Python hands every argument to Node. What does not fit comes back as a type error about generated code,
    one argument at a time, or reaches the template: 2048.5 MiB is refused minutes into a deployment.
    """
    return Finding(
        subject=keyword,
        must=f"be {expected}",
        got=_shown(given),
        fix=(change(f"give {keyword} as {expected}"),),
        fields=(keyword,),
    )


@rule("LMI002", severity=Severity.ERROR, source=CAPACITY_PROVIDERS)
def exclusive_arguments(keyword: str, excluded_by: str) -> Finding | None:
    """Two keywords were given that exclude each other.

    Either would decide the same thing. Preferring one silently would deploy what was not meant.
    """
    return Finding(
        subject=keyword,
        must=f"be left out where {excluded_by} is given",
        got="both",
        fix=(change(f"leave out {keyword}"), change(f"leave out {excluded_by}")),
        fields=(keyword, excluded_by),
    )


@rule("LMI003", severity=Severity.ERROR, source=CAPACITY_PROVIDER_VPC_CONFIG)
def empty_list(keyword: str, empty_list_of: str) -> Finding | None:
    """A list is empty where leaving it out would mean something else.

    No security groups is no statement: Lambda's guide says that the default group of the VPC is taken, the CDK
    refuses it. An instance type filter that names no type filters nothing.
    """
    return Finding(
        subject=keyword,
        must=f"hold at least one {empty_list_of}",
        got="an empty list",
        fix=(change(f"leave out {keyword}"), change(f"give {keyword} at least one {empty_list_of}")),
        fields=(keyword,),
    )


@rule("LMI004", severity=Severity.ERROR, source=MANAGED_INSTANCES)
def unfit_function(keyword: str, given: object, unfit_because: str) -> Finding | None:
    """A function cannot be put on Managed Instances as it is.

    It must be new, and defined by this app in the stack of its alias. An import is a name, with no properties to set,
    and AWS converts no function that is deployed as a standard one: Lambda takes the capacity provider of a function
    when it is created ("CapacityProviderConfig isn't supported for Lambda Default functions"),
    https://github.com/localstack/localstack/pull/13447. From another stack, the number of every new version would be
    an export of that stack which is in use, and cannot be updated.
    """
    return Finding(
        subject=keyword,
        must="be a lambda_.Function of this app and stack, on no capacity provider and behind no such alias yet",
        got=f"{given}, which {unfit_because}",
        fix=(change("define a new lambda_.Function beside it and pass that"), change("use ManagedInstanceFunction(…)")),
        fields=(keyword,),
    )


@rule("LMI005", severity=Severity.ERROR, source=VALIDATIONS)
def useless_acknowledgment(acknowledged: str, useless_because: str) -> Finding | None:
    """An acknowledgment silences nothing.

    It names no rule, gives no reason, or names a rule that nobody can be let past, since without a usable argument
    there is nothing to define. Left as it is, it would look as if somebody had decided something.
    """
    return Finding(
        subject="acknowledge",
        must="name rules that can be acknowledged, each with a reason",
        got=f"{acknowledged!r}, {useless_because}",
        fix=(change("take an id from cdk_lmi.RULES and say why the rule does not apply"),),
        fields=("acknowledge",),
    )


@rule("LMI006", severity=Severity.ERROR, source=CDK_GUIDE)
def refused_by_cdk(refused_by_cdk: str) -> Finding | None:
    """CDK itself refuses what it was given.

    It tells so from within Node, at the first problem, and by then has defined a part of what was asked for. The part
    is taken out again, and what CDK said is passed on.
    """
    return Finding(
        subject="the definition",
        must="be one that CDK takes",
        got=refused_by_cdk,
        fix=(change("change what CDK names"),),
        fields=(),
    )


def _shown(given: object) -> str:
    """Show a value with its type; of an object that only tells its address, the type."""
    kind = type(given)
    if type(given).__repr__ is object.__repr__:
        return f"an object of {kind.__module__}.{kind.__qualname__}"
    text = repr(given)
    return f"{text if len(text) <= _WIDTH else text[: _WIDTH - 1] + '…'} ({kind.__name__})"
