"""Arguments: what a mapping in the place of one of CDK's structures comes to. What a construct is."""

import gc
from importlib import import_module
from types import MappingProxyType
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction, ManagedInstanceNetwork
from cdk_lmi.operate.alarms import add_function_alarms
from cdk_lmi.operate.schedule import judge_schedule
from cdk_lmi.rules.catalogue import ARGUMENT_RULES
from cdk_lmi.rules.engine import check
from cdk_lmi.signature import Arguments, is_a

PUBLIC: dict[str, Any] = {"subnet_type": ec2.SubnetType.PUBLIC}
REASON = {"id": "LMI305", "reason": "a test stage"}


@pytest.fixture
def vpc(stack):
    """A VPC in which CDK would choose other subnets by itself."""
    return ec2.Vpc(stack, "Vpc")


@pytest.mark.parametrize("selection", [PUBLIC, MappingProxyType(PUBLIC), ec2.SubnetSelection(**PUBLIC)])
def test_a_mapping_selects_the_subnets_that_the_structure_selects(stack, vpc, selection):
    """As it does for CDK's own constructs."""
    pool = ManagedInstanceCapacityProvider(stack, "Pool", vpc=vpc, vpc_subnets=selection)
    network = ManagedInstanceNetwork.from_vpc(stack, "Network", vpc=vpc, vpc_subnets=selection)
    public = [subnet.node.path for subnet in vpc.public_subnets]
    assert [subnet.node.path for subnet in pool.network.subnets] == public
    assert [subnet.node.path for subnet in network.subnets] == public


@pytest.mark.parametrize("acknowledge", [[REASON], (REASON,), [cdk.Acknowledgment(**REASON)]])
def test_a_mapping_acknowledges(define, warned, acknowledge):
    """In a list of any kind."""
    assert warned(define(min_execution_environments=1, acknowledge=acknowledge)) == []


def test_mappings_and_structures_may_stand_beside_each_other(define, warned):
    """Each item is looked at for itself."""
    errors = cdk.Acknowledgment(id="LMI105", reason="case 42")
    assert warned(define(min_execution_environments=1, memory_size=3000, acknowledge=[REASON, errors])) == []


def test_structures_within_a_mapping():
    """Which CDK itself takes as they are, to read nothing of them."""
    given = {"flow_logs": {"Rejected": {"traffic_type": ec2.FlowLogTrafficType.REJECT}}}
    arguments = Arguments(ManagedInstanceNetwork.__init__, given)
    options = ec2.FlowLogOptions(traffic_type=ec2.FlowLogTrafficType.REJECT)
    assert arguments.misfits == []
    assert arguments.usable("flow_logs") == {"Rejected": options}
    assert given == {"flow_logs": {"Rejected": {"traffic_type": ec2.FlowLogTrafficType.REJECT}}}


@pytest.mark.parametrize(
    ("constructor", "keyword", "value"),
    [
        (ManagedInstanceCapacityProvider.__init__, "vpc_subnets", {"subnets_type": ec2.SubnetType.PUBLIC}),
        (ManagedInstanceCapacityProvider.__init__, "vpc_subnets", {"subnet_type": "Public"}),
        (ManagedInstanceNetwork.from_vpc, "vpc_subnets", {1: ec2.SubnetType.PUBLIC}),
        (ManagedInstanceNetwork.from_vpc, "vpc_subnets", [PUBLIC]),
        (ManagedInstanceNetwork.__init__, "flow_logs", {"Rejected": {"traffic_type": "REJECT"}}),
        (ManagedInstanceNetwork.__init__, "flow_logs", [{}]),
        (ManagedInstanceFunction.__init__, "acknowledge", [{"id": "LMI305"}]),
        (ManagedInstanceFunction.__init__, "acknowledge", REASON),
        # What is no structure is not made one.
        (ManagedInstanceFunction.__init__, "timeout", {"seconds": 3}),
    ],
    ids=lambda value: repr(value) if isinstance(value, (dict, list)) else "",
)
def test_a_mapping_that_makes_no_structure_does_not_fit(constructor, keyword, value):
    """It is told as it was given."""
    arguments = Arguments(constructor, {keyword: value})
    assert [(misfit.keyword, misfit.given) for misfit in arguments.misfits] == [(keyword, value)]
    assert arguments.usable(keyword) is None


KINDS = (cdk.Stack, cdk.Resource, cdk.CfnElement, cdk.CfnResource, iam.Role, lambda_.Function, lambda_.CfnFunction)


@pytest.mark.parametrize("kind", KINDS)
def test_a_construct_is_what_isinstance_says(define, kind):
    """Of itself, of a class of CDK's, of one that extends it."""
    constructs = cdk.Stack.of(define()).node.find_all()
    assert [is_a(each, kind) for each in constructs] == [isinstance(each, kind) for each in constructs]


def test_to_ask_what_constructs_are_leaves_no_garbage(define):
    """``isinstance`` keeps two objects for each class of resources and each class that is none of these."""

    class Unseen(cdk.Stack):
        pass

    unseen = Unseen(cdk.App(), "Unseen")
    gc.collect()
    before = len(gc.get_objects())
    assert not is_a(unseen, cdk.CfnResource)
    assert len(gc.get_objects()) - before < len(cdk.CfnResource.__subclasses__())


SIGNATURES = (
    ManagedInstanceFunction.__init__,
    ManagedInstanceFunction.from_function,
    ManagedInstanceFunction.add_event_source,
    ManagedInstanceCapacityProvider.__init__,
    ManagedInstanceNetwork.__init__,
    ManagedInstanceNetwork.from_vpc,
    ManagedInstanceNetwork.add_endpoint,
    add_function_alarms,
    judge_schedule,
)
#: What has no example: literals, what anything may be, and what an example is no longer than.
#: Modules as their users import them, and what examples name.
MODULES = {
    "cdk": "aws_cdk",
    "lambda_": "aws_cdk.aws_lambda",
    "destinations": "aws_cdk.aws_lambda_destinations",
    "event_sources": "aws_cdk.aws_lambda_event_sources",
    **{
        name: f"aws_cdk.aws_{name}"
        for name in ("cloudwatch_actions", "codedeploy", "ec2", "iam", "kms", "logs", "scheduler", "sns", "sqs")
    },
}
PLAIN = {"text", "number", "True", "Construct", "IGrantable", "IMixin", "IFunction", "Metered", "Facts", "Wording"}


def fits(constructor, keyword, value):
    """Whether a value fits a keyword."""
    return not Arguments(constructor, {keyword: value}).misfits


@pytest.mark.parametrize("constructor", SIGNATURES, ids=lambda each: each.__qualname__)
def test_what_does_not_fit_is_answered_with_what_does(constructor, tmp_path, monkeypatch):
    """By code that can be pasted, with the modules as their users import them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "handlers").mkdir()
    stack = cdk.Stack(cdk.App(), "Shop", env=cdk.Environment(account="123456789012", region="eu-west-1"))
    names = {**globals(), "self": stack, **{name: import_module(module) for name, module in MODULES.items()}}
    names |= {"queue": names["sqs"].Queue(stack, "Orders"), "topic": names["sns"].Topic(stack, "Topic")}
    names["layer_arn"] = "arn:aws:lambda:eu-west-1:123456789012:layer:orders:1"
    keywords = [each for each in constructor.__annotations__ if each != "return"]
    misfits = Arguments(constructor, dict.fromkeys(keywords, object())).misfits
    plain = []
    for misfit in misfits:
        expected = str(misfit.expected)
        if not misfit.example or any(word in expected for word in ("IMixin", "IFunction")):
            plain.append(expected)
            continue
        (violation,) = check(misfit, ARGUMENT_RULES)
        keyword, _, example = violation.fix.partition("as in ")[2].partition("=")
        assert fits(constructor, keyword, eval(example, names)), violation.fix
        stack.node.try_remove_child(example.split('"')[1] if '(self, "' in example else "")
    assert [expected for expected in plain if not any(word in expected for word in PLAIN)] == []
