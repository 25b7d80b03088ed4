"""Judgement: what was acknowledged in CDK's own way, around what is judged."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from cdk_lmi import (
    ManagedInstanceCapacityProvider,
    ManagedInstanceError,
    ManagedInstanceFunction,
    ManagedInstanceNetwork,
)

NO_CODE = lambda_.Code.from_asset("no/such/directory")
NIGHTLY = scheduler.ScheduleExpression.cron(hour="22", minute="0")


def acknowledge(construct, *ids):
    """Acknowledge rules as any of CDK's users does."""
    for id in ids:
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=id, reason="AWS confirmed it, case 123"))


@pytest.mark.parametrize("around", [lambda scope: scope, cdk.Stack.of, lambda scope: scope.node.root])
def test_an_error_acknowledged_around_a_construct_lets_it_be(stack, define, only, around):
    """At the scope itself, the stack or the app, before the construct is defined."""
    scope = Construct(stack, "Orders")
    acknowledge(around(scope), "cdk-lmi::LMI105")
    define(scope=scope, memory_size=3000)
    assert only(stack, "AWS::Lambda::Function")["Properties"]["MemorySize"] == 3000


def test_what_is_acknowledged_beside_it_is_not(stack, define, refused):
    """Nor what is acknowledged for another construct."""
    acknowledge(Construct(stack, "Beside"), "cdk-lmi::LMI105")
    assert refused(lambda: define(memory_size=3000)) == ["LMI105"]


def test_an_id_that_silences_no_warning_silences_no_error(stack, define, refused, warned):
    """Of CDK's ids the namespace is a part; without one it is that of CDK's own annotations."""
    acknowledge(stack, "LMI105", "LMI305")
    warning = define("Warned", min_execution_environments=1)
    assert warned(warning) == ["LMI305"]
    pool = warning.capacity_provider
    assert refused(lambda: define(memory_size=3000, capacity_provider=pool)) == ["LMI105"]


def test_all_other_violations_are_told(stack, define, refused, warned):
    """Whether there is an error among them or not."""
    acknowledge(stack, "cdk-lmi::LMI105", "cdk-lmi::LMI701")
    keywords = {"memory_size": 3000, "min_execution_environments": 1}
    assert refused(lambda: define(**keywords, timeout=cdk.Duration.hours(2))) == ["LMI305", "LMI708"]
    assert warned(define(**keywords)) == ["LMI305"]


def test_what_cannot_be_acknowledged_is_refused(stack, define, refused):
    """Without an argument that fits, there is nothing to define."""
    acknowledge(stack, "cdk-lmi::LMI001", "cdk-lmi::LMI005", "cdk-lmi::LMI006")
    assert refused(lambda: define(memory_size="2048")) == ["LMI001"]
    assert refused(lambda: define(acknowledge=[cdk.Acknowledgment(id="LMI999", reason="?")])) == ["LMI005"]
    assert refused(lambda: define(code=NO_CODE)) == ["LMI006"]


def test_also_what_methods_refuse(define):
    """Of which the construct itself is the scope."""
    function = define()
    acknowledge(function, "cdk-lmi::LMI302")
    bounds = {"min_execution_environments": 6, "max_execution_environments": 3}
    assert function.scale_on_schedule("Night", schedule=NIGHTLY, **bounds)


@pytest.mark.parametrize(("ids", "told"), [((), 1), (("cdk-lmi::LMI418",), 0)], ids=["told", "acknowledged"])
def test_an_error_that_comes_out_at_synthesis(stack, synthesize, ids, told):
    """CDK itself holds no acknowledgment against an error."""
    stranger = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    pool = ManagedInstanceCapacityProvider(stack, "Pool", operator_role=stranger)
    acknowledge(stack, *ids)
    synthesize(stack)
    errors = [entry for entry in pool.node.metadata if entry.type == "aws:cdk:error" and "LMI418" in entry.data]
    assert len(errors) == told


@pytest.mark.parametrize(
    "attempt",
    [
        lambda stack, id: ManagedInstanceNetwork(stack, id, ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/30")),
        lambda stack, id: ManagedInstanceFunction(
            stack, id, runtime=lambda_.Runtime.PYTHON_3_14, handler="index.handler", code=NO_CODE
        ),
    ],
    ids=["network", "function"],
)
def test_what_cdk_refuses_is_taken_out_whatever_its_id(stack, attempt):
    """CDK writes two hyphens for each slash, and would refuse a second attempt for the name."""
    for _ in range(2):
        with pytest.raises(ManagedInstanceError) as raised:
            attempt(stack, "orders/list/all")
        assert "already" not in str(raised.value)
        assert stack.node.children == []


def test_a_scope_that_is_no_construct():
    """Has nothing around it."""
    nothing: Any = None
    with pytest.raises(ManagedInstanceError):
        ManagedInstanceFunction(nothing, "ListOrders", runtime=nothing, handler="", code=nothing)


def test_an_id_that_is_taken_takes_another_id(stack, define):
    """No argument is at fault, as CDK's refusals are answered otherwise."""
    define()
    told = []
    for id, keywords in (("ListOrders", {}), ("Other", {"code": NO_CODE})):
        with pytest.raises(ManagedInstanceError) as raised:
            define(id, **keywords)
        told += [each.fix for each in raised.value.violations]
    assert ["another id" in fix for fix in told] == [True, False]
