"""What a construct's signature promises, held against what was given, before anything crosses to Node."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias, TypeGuard, TypeVar, Union

import aws_cdk as cdk
import jsii

from .rules.facts import UNKNOWN, Argument, Unknown

T = TypeVar("T")
#: Tells whether a value fits.
Test: TypeAlias = Callable[[object], bool]
#: Makes structures of CDK's of the mappings that may stand for them.
Conversion: TypeAlias = Callable[[object], object]

# How CDK writes what it only knows when it synthesises: numbers from a range of their own, marked text.
_LARGEST_NUMBER_TOKEN = -1e280
_TEXT_TOKEN = re.compile(r"\$\{Token\[")

_WORDS: Mapping[object, str] = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "text",
}
# How what a keyword takes is made, by its class as its user imports it: what takes more than a literal.
_EXAMPLES: Mapping[str, str] = {
    "Acknowledgment": 'cdk.Acknowledgment(id="LMI305", reason="a test stage")',
    "Duration": "cdk.Duration.seconds(30)",
    "ILambdaDeploymentConfig": "codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES",
    "IMixin": "MyMixin()",
    "ManagedInstanceCapacityProvider": 'ManagedInstanceCapacityProvider(self, "Pool")',
    "ManagedInstanceNetwork": 'ManagedInstanceNetwork(self, "Network")',
    "Size": "cdk.Size.mebibytes(1024)",
    "aws_cloudwatch.IAlarmAction": "cloudwatch_actions.SnsAction(topic)",
    "aws_ec2.FlowLogOptions": "ec2.FlowLogOptions(traffic_type=ec2.FlowLogTrafficType.REJECT)",
    "aws_ec2.IInterfaceVpcEndpointService": "ec2.InterfaceVpcEndpointAwsService.SQS",
    "aws_ec2.IIpAddresses": 'ec2.IpAddresses.cidr("10.0.0.0/16")',
    "aws_ec2.ISecurityGroup": 'ec2.SecurityGroup.from_security_group_id(self, "Group", "sg-0123456789abcdef0")',
    "aws_ec2.IVpc": 'ec2.Vpc.from_lookup(self, "Vpc", vpc_id="vpc-0123456789abcdef0")',
    "aws_ec2.SubnetSelection": "ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)",
    "aws_iam.IRole": 'iam.Role.from_role_name(self, "Role", "orders")',
    "aws_iam.PolicyStatement": 'iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[queue.queue_arn])',
    "aws_kms.IKey": 'kms.Key(self, "Key")',
    "aws_lambda.ApplicationLogLevel": "lambda_.ApplicationLogLevel.INFO",
    "aws_lambda.Architecture": "lambda_.Architecture.ARM_64",
    "aws_lambda.Code": 'lambda_.Code.from_asset("handlers")',
    "aws_lambda.IDestination": "destinations.SqsDestination(queue)",
    "aws_lambda.IEventSource": "event_sources.SqsEventSource(queue)",
    "aws_lambda.IFunction": 'lambda_.Function(self, "Function", …)',
    "aws_lambda.ILayerVersion": 'lambda_.LayerVersion.from_layer_version_arn(self, "Layer", layer_arn)',
    "aws_lambda.InstanceTypeFilter": 'lambda_.InstanceTypeFilter.allow([ec2.InstanceType("m8g.xlarge")])',
    "aws_lambda.PropagateTags": 'lambda_.PropagateTags.explicit({"team": "shop"})',
    "aws_lambda.Runtime": "lambda_.Runtime.PYTHON_3_14",
    "aws_lambda.ScalingOptions": "lambda_.ScalingOptions.auto()",
    "aws_lambda.SystemLogLevel": "lambda_.SystemLogLevel.INFO",
    "aws_lambda.Tracing": "lambda_.Tracing.ACTIVE",
    "aws_logs.ILogGroup": 'logs.LogGroup(self, "Logs")',
    "aws_scheduler.ScheduleExpression": 'scheduler.ScheduleExpression.cron(hour="22", minute="0")',
    "aws_scheduler.TimeWindow": "scheduler.TimeWindow.flexible(cdk.Duration.minutes(15))",
    "aws_sqs.IQueue": 'sqs.Queue(self, "Queue")',
    "TimeZone": "cdk.TimeZone.EUROPE_BERLIN",
}


class Arguments:
    """The arguments of one construct: which of them do not fit, and what is known of those that do.

    Args:
        constructor: Its annotations say what fits.
        given: Keyword to argument. What the constructor does not name is passed over.
    """

    def __init__(self, constructor: Callable[..., object], given: Mapping[str, object]) -> None:
        hints, tests = _hints(constructor), _tests(constructor)
        self._given = {keyword: given[keyword] for keyword in hints if keyword in given}
        for keyword, convert in _conversions(constructor).items():
            if keyword in self._given:
                self._given[keyword] = convert(self._given[keyword])
        self.misfits = [
            Argument(
                keyword=keyword,
                given=given[keyword],
                expected=describe(hints[keyword]),
                example=_example_of(hints[keyword]),
            )
            for keyword, value in self._given.items()
            if not tests[keyword](value)
        ]
        self._unusable = {misfit.keyword for misfit in self.misfits}

    def usable(self, keyword: str) -> Any:
        """Give the argument, or ``None`` where it does not fit. A mapping that stands for a structure is one by now."""
        return None if keyword in self._unusable else self._given[keyword]

    def known(self, keyword: str) -> Any:
        """Give the argument, or ``UNKNOWN`` where it does not fit or is a token."""
        value = self._given[keyword]
        return UNKNOWN if keyword in self._unusable or is_token(value) else value

    def given(self, keyword: str) -> bool:
        """Whether there is something under the keyword, fit or not."""
        return self._given[keyword] is not None

    def fill(self, keyword: str, value: object) -> None:
        """Take a value for the argument where it is left out."""
        if not self.given(keyword):
            self._given[keyword] = value

    def exclusive(self, keyword: str, *others: str) -> None:
        """Note it as a misfit where one of the other keywords is given as well."""
        for other in others:
            if self.given(keyword) and self.given(other):
                self.note(keyword=other, excluded_by=keyword)

    def check_range(self, keyword: str, least: int, most: int) -> None:
        """Note a whole number beyond the bounds, if it is known."""
        value = self.known(keyword)
        if isinstance(value, int) and not least <= value <= most:
            self.note(keyword=keyword, given=value, expected=f"a whole number between {least} and {most}")

    def check_seconds(self, keyword: str, least: int, most: int) -> None:
        """Note a Duration that is not one of whole seconds within the bounds, if it is known."""
        duration = self.usable(keyword)
        if duration is None or duration.is_unresolved():
            return
        seconds = duration.to_seconds(integral=False)
        if not least <= seconds <= most or seconds != int(seconds):
            expected = f"a Duration of {least} to {most} whole seconds"
            self.note(keyword=keyword, given=f"{seconds:g} s", expected=expected)

    def note(self, **misfit: Any) -> None:
        """Note one more way not to fit, by the fields of ``Argument``."""
        self.misfits.append(Argument(**misfit))


def known(value: T) -> T | Unknown:
    """Give the value, or ``UNKNOWN`` where it is a token."""
    return UNKNOWN if is_token(value) else value


def read(properties: object, name: str, default: Any) -> Any:
    """Give a property of a resource: the default where it is left out, ``UNKNOWN`` where a token stands."""
    value = None if properties is None else written(properties, name)
    if value is None:
        return default
    if hasattr(value, "resolve"):
        return UNKNOWN
    return known(tuple(value) if isinstance(value, list) else value)


def written(properties: object, name: str) -> Any:
    """Give a property of a resource as it stands, tokens too: ``UNKNOWN`` where it cannot be read at all."""
    try:
        return getattr(properties, name, UNKNOWN)
    except (RuntimeError, ValueError):
        # jsii cannot give every property that holds a token: some hold an object where text is declared ("Unable to
        # serialize value"), and before 1.142 it does not find the type of others ("Unknown interface").
        return UNKNOWN


def reference_to(value: Any) -> str:
    """Give what an object of CDK's is called in Node: the same for each of the Python objects that stand for it.

    What somebody wrote in Python is another object in Node each time that CDK is handed it.
    """
    return f"Python@{id(value)}" if is_written_in_python(value) else str(value.__jsii_ref__.ref)


def is_written_in_python(value: Any) -> bool:
    """Tell whether an object is of a class that implements an interface of CDK's, and extends none of its classes."""
    return hasattr(type(value), "__jsii_ifaces__") and not isinstance(type(value), jsii.JSIIMeta)


def is_a(value: object, kind: type[T]) -> TypeGuard[T]:
    """Tell whether an object is of a class of CDK's, or of one that extends it.

    ``isinstance`` tells the same. But most of CDK's classes are abstract base classes to Python, which asks all that
    extend one, hundreds for ``CfnResource``, and keeps two objects for each class that said no: where a whole app is
    gone through, enough for Python to collect its garbage once more.
    """
    return kind in type(value).__mro__


def spelled(value: Any) -> Any:
    """Spell names as CloudFormation does, which begin with a capital: CDK's structures have their own spelling."""
    if isinstance(value, list):
        return [spelled(item) for item in value]
    if isinstance(value, dict):
        return {f"{name[:1].upper()}{name[1:]}": spelled(item) for name, item in value.items()}
    return value


def stands_for_list(text: str) -> bool:
    """Whether the text is the only item of a list that CDK only knows when it synthesises."""
    return text.startswith("#{Token[")


def is_token(value: object) -> bool:
    """Whether CDK only knows the value when it synthesises. CDK is asked only about what looks like it: that costs."""
    if isinstance(value, (list, tuple)):
        return any(is_token(item) for item in value)
    # CDK is asked for a list as a whole, and does not know what stands in it for one.
    if isinstance(value, str) and stands_for_list(value):
        return True
    looks_like_it = (isinstance(value, float) and value < _LARGEST_NUMBER_TOKEN) or (
        isinstance(value, str) and _TEXT_TOKEN.search(value) is not None
    )
    return looks_like_it and cdk.Token.is_unresolved(value)


@cache
def _test(hint: Any) -> Test:
    """Give what tells whether a value is what the annotation says, in the way that CDK for Python takes values.

    The annotation is taken apart once, not for every argument of every function.
    """
    origin, parameters = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return _test_of_union(parameters)
    if hint is int:
        return lambda value: _is_number(value, int) or (isinstance(value, float) and is_token(value))
    if hint is float:
        return lambda value: _is_number(value, (int, float))
    if origin is not None and issubclass(origin, Mapping):
        key_fits, item_fits = map(_test, parameters)
        return lambda value: (
            isinstance(value, Mapping) and all(key_fits(key) and item_fits(item) for key, item in value.items())
        )
    if origin is not None and issubclass(origin, Sequence):
        each_fits = _test(parameters[0])
        return lambda value: isinstance(value, (list, tuple)) and all(map(each_fits, value))
    if getattr(hint, "_is_protocol", False):
        return lambda value: _implements(value, hint)
    return lambda value: isinstance(value, hint)


def _test_of_union(choices: Sequence[Any]) -> Test:
    is_optional = type(None) in choices
    tests = [_test(choice) for choice in choices if choice is not type(None)]
    # Most arguments are left out, and need not be held against everything that they might have been.
    return lambda value: is_optional if value is None else any(fits(value) for fits in tests)


@cache
def _conversion(hint: Any) -> Conversion | None:
    """Give what makes structures of mappings where the annotation has one, as CDK for Python does of its arguments.

    CDK does it for arguments, and not for what stands in their lists and mappings, of which it then reads nothing.
    """
    origin, parameters = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return next(filter(None, map(_conversion, parameters)), None)
    if hasattr(hint, "__jsii_struct_bases__"):
        return lambda value: _structure(hint, value) if isinstance(value, Mapping) else value
    if origin is None or not issubclass(origin, (Mapping, Sequence)):
        return None
    convert = _conversion(parameters[-1])
    if convert is None:
        return None
    if issubclass(origin, Mapping):
        return lambda value: (
            {key: convert(item) for key, item in value.items()} if isinstance(value, Mapping) else value
        )
    return lambda value: [convert(item) for item in value] if isinstance(value, (list, tuple)) else value


def _structure(kind: type, values: Mapping[Any, object]) -> object:
    """Give the structure with these values; what makes none is left as it is, and does not fit."""
    try:
        return kind(**values)
    except Exception:  # what jsii checks types with raises errors of its own, others in each of its versions
        return values


def describe(hint: Any) -> str:
    """Give the annotation in words."""
    origin, parameters = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(describe(choice) for choice in parameters if choice is not type(None))
    if origin is not None and issubclass(origin, Mapping):
        return f"a dict of {_name(parameters[0])} to {_name(parameters[1])}"
    if origin is not None and issubclass(origin, Sequence):
        return f"a list of {_name(parameters[0])}"
    name = _name(hint)
    return name if hint in _WORDS else f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def _example_of(hint: Any) -> str:
    """Give how a value is made that fits the annotation; nothing where that is a literal."""
    origin, parameters = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return next(filter(None, map(_example_of, parameters)), "")
    if origin is not None and issubclass(origin, Mapping):
        value = _example_of(parameters[1])
        return value and f'{{"Name": {value}}}'
    if origin is not None and issubclass(origin, Sequence):
        item = _example_of(parameters[0])
        return item and f"[{item}]"
    return _EXAMPLES.get(_name(hint), "")


def _name(hint: Any) -> str:
    """Give the class as its user imports it: ``aws_lambda.Runtime``, ``ManagedInstanceCapacityProvider``."""
    if hint in _WORDS:
        return _WORDS[hint]
    package, _, module = hint.__module__.partition(".")
    return f"{module}.{hint.__qualname__}" if package == "aws_cdk" and module else str(hint.__qualname__)


@cache
def _hints(constructor: Callable[..., object]) -> Mapping[str, Any]:
    hints = typing.get_type_hints(constructor)
    hints.pop("return", None)
    return hints


@cache
def _tests(constructor: Callable[..., object]) -> Mapping[str, Test]:
    return {keyword: _test(hint) for keyword, hint in _hints(constructor).items()}


@cache
def _conversions(constructor: Callable[..., object]) -> Mapping[str, Conversion]:
    """Give those of the few keywords that take structures."""
    found = {keyword: _conversion(hint) for keyword, hint in _hints(constructor).items()}
    return {keyword: convert for keyword, convert in found.items() if convert is not None}


def _is_number(value: object, kinds: type | tuple[type, ...]) -> bool:
    # To Python, True is the whole number 1; to a template it is not.
    return isinstance(value, kinds) and not isinstance(value, bool)


def _implements(value: object, interface: type) -> bool:
    """Whether the value has all that a jsii interface names.

    What CDK imports arrives as a proxy without a type of its own, in front of one object for each interface.
    """
    kinds = [type(value), *map(type, getattr(value, "_delegates", ()))]
    return any(all(hasattr(kind, name) for name in _members(interface)) for kind in kinds)


@cache
def _members(interface: type) -> Sequence[str]:
    return [name for name in dir(interface) if not name.startswith("_")]
