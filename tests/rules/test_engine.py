"""How a rule is made and run, shown on rules about nothing that AWS has."""

import pickle

import pytest

from cdk_lmi.rules.engine import Finding, ManagedInstanceError, Severity, Violation, change, check, rule
from cdk_lmi.rules.facts import UNKNOWN


class Kettle:
    """Facts of another world."""

    def __init__(self, **facts):
        self.__dict__.update(facts)


@rule("TEA101", severity=Severity.ERROR, source="https://tea.example/boil", since="1.0")
def water_not_boiling(temperature, altitude=0):
    """The water does not boil.

    Tea needs boiling water.
    It boils lower on a mountain.
    """
    if temperature >= 100 - altitude // 300:
        return None
    return Finding(
        subject="temperature",
        must="be higher",
        got=str(temperature),
        fix=(change(temperature=100), change(altitude=0, temperature=100), change(lid=None), change("wait a while")),
    )


def test_a_rule_takes_its_name_title_reason_and_facts_from_its_function():
    """What a rule is stands in one place."""
    assert (water_not_boiling.slug, water_not_boiling.title) == ("water-not-boiling", "The water does not boil")
    assert water_not_boiling.why == "Tea needs boiling water.\nIt boils lower on a mountain."
    assert (water_not_boiling.needs, water_not_boiling.uses) == (("temperature",), ("altitude",))


@pytest.mark.parametrize(
    ("facts", "violated"),
    [
        ({"temperature": 99}, True),
        ({"temperature": 99, "altitude": UNKNOWN}, True),
        ({"temperature": 99, "altitude": 300}, False),
        ({"temperature": UNKNOWN}, False),
        ({}, False),
    ],
)
def test_judges_with_what_is_known(facts, violated):
    """A needed fact that is unknown or missing skips the rule; one it can do without does not."""
    assert bool(check(Kettle(**facts), [water_not_boiling])) is violated


def test_words_a_violation_for_its_reader():
    """Names and settings come from the wording, the verb is said once for each run of changes."""

    class Property:
        def name(self, fact):
            return fact.title()

        def setting(self, fact, value):
            return f"{fact.title()}: {value}"

        def subject(self, fact):
            return f"{fact.title()} of the kettle"

        def locations(self, fact):
            return [f"/Kitchen/{fact}", "/Kitchen"]

    (violation,) = check(Kettle(temperature=20), [water_not_boiling], resource="Kettle", wording=Property())
    assert violation.message == "Temperature of the kettle must be higher, got 20"
    assert violation.fix == (
        "set Temperature: 100, or Altitude: 0 with Temperature: 100, or leave out Lid, or wait a while"
    )
    assert violation.fields == ("Temperature",)
    assert violation.locations == ("/Kitchen/temperature", "/Kitchen")
    assert (violation.resource, violation.source) == ("Kettle", "https://tea.example/boil")


def test_the_error_tells_every_problem():
    """Nothing is lost between the violations and what the user reads."""
    violations = [
        Violation(
            id=f"TEA10{number}",
            severity=severity,
            resource="Kitchen/Kettle",
            fields=(f"field{number}",),
            message=f"message {number}",
            fix=f"fix {number}",
            source=f"https://tea.example/{number}",
        )
        for number, severity in enumerate([Severity.ERROR, Severity.WARNING, Severity.ERROR])
    ]
    error = ManagedInstanceError(violations)
    assert isinstance(error, ValueError)
    assert error.violations == tuple(violations)
    heading, *lines = str(error).splitlines()
    assert heading == "3 problems in 'Kitchen/Kettle'"
    for violation in violations:
        for part in (violation.id, violation.message, violation.fix, violation.source):
            assert any(part in line for line in lines)
    assert [line for line in lines if "warning" in line] == ["  TEA101 warning: message 1"]


def test_the_error_survives_a_process_boundary():
    """Test runners and process pools pickle exceptions."""
    violation = Violation(
        id="TEA101", severity=Severity.ERROR, resource="Kettle", fields=(), message="m", fix="f", source="s"
    )
    assert str(pickle.loads(pickle.dumps(ManagedInstanceError([violation])))) == str(ManagedInstanceError([violation]))
