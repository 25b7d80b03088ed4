"""How a rule is made and run, shown on rules about nothing that AWS has."""

import pickle

import pytest

from cdk_lmi.rules.engine import KEYWORDS, Finding, ManagedInstanceError, Severity, Violation, change, check, rule
from cdk_lmi.rules.facts import UNKNOWN, Keywords


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


@pytest.mark.parametrize(
    ("mend", "expected"),
    [
        (change(temperature=100), ("set", "temperature=100")),
        (change(temperature=100, note="for black tea"), ("set", "temperature=100 for black tea")),
        (change(temperature=100, lid=None), ("set", "temperature=100 with no lid")),
        (change(lid=None), ("leave out", "lid")),
        (change(lid=False, sieve=()), ("leave out", "lid and sieve")),
        (change(lid=0), ("set", "lid=0")),
        (change("wait a while"), ("wait", "a while")),
        (change("wait a while", temperature=100), ("wait", "a while")),
        (change("leave out the milk"), ("leave out", "the milk")),
        (change("leave the milk"), ("leave", "the milk")),
    ],
)
def test_words_a_change(mend, expected):
    """By its verb and what that is done to."""
    assert mend.render(KEYWORDS) == expected


def test_sets_an_argument_once_that_holds_two_facts():
    """The first of them decides."""
    wording = Keywords(temperature=("water", "water={}"), altitude=("water", "water={}"))
    assert change(temperature=100, altitude=0).render(wording) == ("set", "water=100")


@pytest.mark.parametrize(
    ("weight", "severity"),
    [(None, Severity.ERROR), (Severity.WARNING, Severity.WARNING), (Severity.ERROR, Severity.ERROR)],
)
def test_a_finding_may_weigh_other_than_its_rule(weight, severity):
    """Or it weighs what the rule does."""
    finding = Finding(
        subject="temperature", must="be higher", got="20", fix=(change(temperature=100),), severity=weight
    )
    assert water_not_boiling.violation(finding, "Kettle", KEYWORDS).severity is severity


@pytest.mark.parametrize(
    ("looked_at", "fields"),
    [(None, ("lid", "temperature")), ((), ()), (("altitude", "lid", "altitude"), ("altitude", "lid"))],
)
def test_a_finding_may_look_at_other_facts_than_its_rule_needs(looked_at, fields):
    """Its subject comes first where it does not say, and nothing comes twice."""
    finding = Finding(subject="lid", must="be on", got="off", fix=(change(lid=True),), fields=looked_at)
    assert water_not_boiling.violation(finding, "Kettle", KEYWORDS).fields == fields


def test_a_violation_prints_what_is_wrong_and_what_to_do():
    """Over three lines, of which the later are indented as far as the id goes."""
    (violation,) = check(Kettle(temperature=20), [water_not_boiling], resource="Kettle")
    assert str(violation).splitlines() == [
        "TEA101 temperature must be higher, got 20",
        f"       fix: {violation.fix}",
        "       see: https://tea.example/boil",
    ]


@pytest.mark.parametrize(("count", "heading"), [(1, "1 problem in 'Kettle'"), (2, "2 problems in 'Kettle'")])
def test_the_error_counts(count, heading):
    """One is no plural."""
    (violation,) = check(Kettle(temperature=20), [water_not_boiling], resource="Kettle")
    assert str(ManagedInstanceError([violation] * count)).splitlines()[0] == heading


def test_the_error_has_its_public_name():
    """In a traceback too."""
    assert ManagedInstanceError.__module__ == "cdk_lmi"


def test_a_rule_says_since_when_it_is():
    """Most came with the first release."""
    assert (water_not_boiling.since, rule("TEA102", severity=Severity.ERROR, source="s")(lambda lid: None).since) == (
        "1.0",
        "0.1.0",
    )


def test_rules_are_asked_in_their_order():
    """And each finding is told with its rule."""
    second = rule("TEA102", severity=Severity.WARNING, source="https://tea.example/lid")(
        lambda lid: Finding(subject="lid", must="be on", got="off", fix=(change(lid=True),))
    )
    found = check(Kettle(temperature=20, lid=False), [second, water_not_boiling, second])
    assert [violation.id for violation in found] == ["TEA102", "TEA101", "TEA102"]


def test_the_lines_of_a_violation_are_indented_as_far_as_its_id_goes():
    """However long that is."""
    longer = rule("TEA1010", severity=Severity.ERROR, source="https://tea.example/lid")(
        lambda lid: Finding(subject="lid", must="be on", got="off", fix=(change(lid=True),))
    )
    (violation,) = check(Kettle(lid=False), [longer])
    assert [len(line) - len(line.lstrip()) for line in str(violation).splitlines()] == [0, 8, 8]


def test_a_verb_is_said_once_in_words_too():
    """Where two changes in words begin with the same one."""
    patience = rule("TEA103", severity=Severity.WARNING, source="https://tea.example/wait")(
        lambda hot: Finding(
            subject="hot",
            must="be warm",
            got="hot",
            fix=(change("wait a while"), change("wait an hour"), change("go home")),
        )
    )
    (violation,) = check(Kettle(hot=True), [patience])
    assert violation.fix == "wait a while, or an hour, or go home"


def test_what_may_be_mistaken_is_given_by_keyword():
    """The engine's functions take by place only what cannot be anything else."""
    with pytest.raises(TypeError, match="positional"):
        rule("TEA104", Severity.ERROR, "https://tea.example")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        check(Kettle(temperature=20), [water_not_boiling], "Kettle")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="positional"):
        change("wait", "a while")  # type: ignore[call-arg]
