"""How rules about arguments show what was given."""

import pytest

from cdk_lmi.rules.catalogue import RULES
from cdk_lmi.rules.engine import check
from cdk_lmi.rules.facts import Argument


class Plain:
    """Prints as nothing but its address."""


class Named:
    """Says what it is."""

    def __repr__(self):
        return "Named('Shop')"


def given(value):
    (violation,) = check(Argument(keyword="memory_size", given=value, expected="a whole number"), RULES)
    return violation.message.partition(", got ")[2]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2048.5, "2048.5 (float)"),
        ("much", "'much' (str)"),
        (None, "None (NoneType)"),
        (Named(), "Named('Shop') (Named)"),
        # Quotes count: 80 columns are shown, what is longer is cut.
        ("a" * 78, f"'{'a' * 78}' (str)"),
        ("a" * 79, f"'{'a' * 78}… (str)"),
        ("a" * 5000, f"'{'a' * 78}… (str)"),
    ],
)
def test_shows_a_value_with_its_type(value, shown):
    """On one line, however long it is."""
    assert given(value) == shown


def test_shows_no_address():
    """Of an object that says nothing else, its class."""
    assert given(Plain()) == f"an object of {__name__}.Plain"
