"""Types of resources that the emulator lacks or refuses, and what stands in for each: a record, which does nothing.

A test fails where the stack uses a type that neither the emulator nor this table knows.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """What is known of a resource that nothing is made of.

    Attributes:
        reason: Why a record will do here.
        name: The property that names it. Default: none does.
        arn: Its ARN, with the account, the Region and the name left to fill in. Default: it has none.
        attributes: What else ``Fn::GetAtt`` gives.
    """

    reason: str
    name: str | None = None
    arn: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()


STAND_INS = {
    "AWS::Lambda::CapacityProvider": StandIn(
        reason="there are no instances to start; functions that name one run in execution environments here",
        name="CapacityProviderName",
        arn="arn:aws:lambda:{region}:{account}:capacity-provider:{name}",
        attributes=(("State", "Active"),),
    ),
    "AWS::EC2::FlowLog": StandIn(reason="there is no network whose packets could be logged"),
    "AWS::EC2::SecurityGroupIngress": StandIn(reason="there is no network whose packets could be let in"),
    "AWS::CloudWatch::Alarm": StandIn(
        reason="the emulator's own refuses alarms on metric math; here no metrics arrive that could raise one",
        name="AlarmName",
        arn="arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    ),
    "AWS::WAFv2::LoggingConfiguration": StandIn(reason="no request gets to a web ACL, so that there is none to log"),
    "AWS::WAFv2::WebACLAssociation": StandIn(reason="the emulator's API Gateway asks no web ACL"),
}
