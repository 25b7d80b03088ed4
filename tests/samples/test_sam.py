"""SAM applications, as the translator of the AWS SAM makes templates of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode

FUNCTION = "AWS::Lambda::Function"
PROVIDER = "AWS::Lambda::CapacityProvider"
APPLICATIONS = Path(__file__).parent / "sam"

#: What each application is to be judged for; every file has its row.
EXPECTED: dict[str, dict[str, list[str]]] = {
    "minimal.yaml": {},
    "second_fleet.yaml": {FUNCTION: ["LMI603"]},
    "events.yaml": {},
    "unqualified_events.yaml": {FUNCTION: ["LMI601", "LMI604"] * 6},
    "wrong_numbers.yaml": {
        PROVIDER: ["LMI309", "LMI311", "LMI407", "LMI409", "LMI411"],
        FUNCTION: [
            *["LMI101", "LMI410"],
            *["LMI105", "LMI202"],
            *["LMI606", "LMI701", "LMI702"],
            *["LMI302", "LMI306", "LMI405", "LMI708"],
        ],
    },
    "one_bound.yaml": {FUNCTION: ["LMI304"]},
    "retirement_simulator.yaml": {PROVIDER: ["LMI411"], FUNCTION: ["LMI603"]},
    "network.yaml": {},
    "out_of_reach.yaml": {FUNCTION: ["LMI502"] * 3},
    "dead_letters.yaml": {},
    "standard.yaml": {},
    "state_machine.yaml": {FUNCTION: ["LMI601"]},
    "state_machine_alias.yaml": {},
}

#: The managed policies that the translator adds to roles by name; it asks AWS for them where it runs as a service.
MANAGED_POLICIES = {
    name.rpartition("/")[2]: f"arn:aws:iam::aws:policy/{name}"
    for name in (
        "AWSXrayWriteOnlyAccess",
        "AWSXRayDaemonWriteAccess",
        "service-role/AWSLambdaBasicExecutionRole",
        "service-role/AWSLambdaKinesisExecutionRole",
        "service-role/AWSLambdaSQSQueueExecutionRole",
    )
}


class ManagedPolicyMap:
    """Stands for the loader that asks IAM."""

    def load(self) -> dict[str, str]:
        return MANAGED_POLICIES


def read(name: str) -> dict[str, Any]:
    """Read an application with the short forms of CloudFormation's functions, such as !GetAtt."""
    template, faults = decode(str(APPLICATIONS / name))
    assert not faults
    # Without the reader's own kinds of str and dict.
    application: dict[str, Any] = json.loads(json.dumps(template))
    return application


@pytest.fixture
def translated(monkeypatch):
    """Give the template that SAM deploys for an application."""
    from samtranslator.translator.transform import transform

    # The translator asks boto3 for the partition of the Region.
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    return lambda application: transform(application, {}, ManagedPolicyMap())


@pytest.mark.parametrize("name", sorted({*EXPECTED, *(path.name for path in APPLICATIONS.iterdir())}))
def test_application(name, translated, judged):
    """Each application is judged for what is wrong with it, and for nothing else."""
    expected = sorted((id, kind) for kind, ids in EXPECTED[name].items() for id in ids)
    assert judged(translated(read(name))) == expected


def test_the_translator_has_put_the_alias_before_everything(translated):
    """Otherwise the row for all events would show nothing."""
    resources = translated(read("events.yaml"))["Resources"]
    kinds = [resource["Type"] for resource in resources.values()]
    assert {"AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::Lambda::EventSourceMapping"} <= set(kinds)
    assert kinds.count("AWS::Lambda::Permission") >= 6
