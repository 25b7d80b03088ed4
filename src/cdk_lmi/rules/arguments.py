"""LMI0xx: unusable arguments of a construct."""

from __future__ import annotations

from .engine import Finding, Severity, change, rule
from .limits import CAPACITY_PROVIDER_VPC_CONFIG, CAPACITY_PROVIDERS, MANAGED_INSTANCES

CDK_GUIDE = "https://docs.aws.amazon.com/cdk/v2/guide/work-with-cdk-python.html"
_WIDTH = 80
# CDK on an id that another construct in the same scope has.
_IS_TAKEN = "already a Construct with name"
_MENDS_TAKEN_ID = "give it another id, or leave out the one of the two that is too many"
CDK_IDENTIFIERS = "https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html"
VALIDATIONS = "https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Validations.html"


@rule("LMI001", severity=Severity.ERROR, source=CDK_GUIDE)
def wrong_argument_type(keyword: str, expected: str, given: object, example: str = "") -> Finding | None:
    """An argument has the wrong type for its keyword.

    CDK for Python passes every argument to Node. A wrong type comes back as a type error about generated code, one
    argument at a time, or reaches the template: AWS refuses 2048.5 MiB minutes into a deployment.
    """
    return Finding(
        subject=keyword,
        must=f"be {expected}",
        got=_shown(given),
        fix=(change(f"give one, as in {keyword}={example}" if example else f"give {keyword} as {expected}"),),
        fields=(keyword,),
    )


@rule("LMI002", severity=Severity.ERROR, source=CAPACITY_PROVIDERS)
def exclusive_arguments(keyword: str, excluded_by: str) -> Finding | None:
    """Two keywords exclude each other, but both are given.

    Both decide the same thing. Silently preferring one could deploy something that you did not intend.
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
    """A list is empty, although leaving it out would mean something else.

    The effect of an empty list of security groups is unclear: Lambda's guide says that the VPC's default group is used,
    while the CDK refuses it. An instance type filter that names no type filters nothing.
    """
    return Finding(
        subject=keyword,
        must=f"contain at least one {empty_list_of}",
        got="an empty list",
        fix=(change(f"leave out {keyword}"), change(f"give {keyword} at least one {empty_list_of}")),
        fields=(keyword,),
    )


@rule("LMI004", severity=Severity.ERROR, source=MANAGED_INSTANCES)
def unusable_function(keyword: str, given: object, unfit_because: str) -> Finding | None:
    """A function cannot run on Managed Instances as it is.

    The function must be new, and this app must define it in the stack of its alias. An imported function is only a
    name, without properties to set. AWS does not convert a function that is deployed as a standard function: Lambda
    takes the capacity provider of a function when it is created ("CapacityProviderConfig isn't supported for Lambda
    Default functions"), https://github.com/localstack/localstack/pull/13447. If the function is in another stack, that
    stack exports the number of every new version. CloudFormation cannot update an export that is in use.
    """
    return Finding(
        subject=keyword,
        must="be a lambda_.Function of this app and stack, on no capacity provider yet",
        got=f"{given}, which {unfit_because}",
        fix=(change("define a new lambda_.Function beside it and pass that"), change("use ManagedInstanceFunction(…)")),
        fields=(keyword,),
    )


@rule("LMI005", severity=Severity.ERROR, source=VALIDATIONS)
def useless_acknowledgment(acknowledged: str, useless_because: str) -> Finding | None:
    """An acknowledgment has no effect.

    It names no rule, gives no reason, or names a rule that cannot be acknowledged, because without a usable argument
    there is nothing to define. An acknowledgment without effect would look like a decision.
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
    """The CDK itself refuses an argument.

    The CDK raises the error inside Node, at the first problem, when part of the construct is already defined. This
    library removes that part again, and passes on the CDK's message.
    """
    return Finding(
        subject="the definition",
        must="be accepted by the CDK",
        got=refused_by_cdk,
        fix=(change(_MENDS_TAKEN_ID if _IS_TAKEN in refused_by_cdk else "change the argument that the message names"),),
        fields=(),
    )


@rule("LMI007", severity=Severity.ERROR, source=CDK_IDENTIFIERS)
def used_twice(keyword: str, used_again: str, instead: str) -> Finding | None:
    """Something that can be used once for a construct is used again.

    add_alarms defines all alarms of a function or of a capacity provider in one call, and each schedule of a function
    has an id of its own. A second one would have the same construct ids as the first.
    """
    return Finding(
        subject=keyword,
        must="be used once",
        got=used_again,
        fix=(change(instead),),
        fields=(keyword,),
    )


def _shown(given: object) -> str:
    """Show a value with its type; only the type, if the object's text is just an address."""
    kind = type(given)
    if type(given).__repr__ is object.__repr__:
        return f"an object of {kind.__module__}.{kind.__qualname__}"
    text = repr(given)
    return f"{text if len(text) <= _WIDTH else text[: _WIDTH - 1] + '…'} ({kind.__name__})"
