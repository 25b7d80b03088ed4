"""What facts, findings and violations are kept in."""

import importlib
import pkgutil
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

import cdk_lmi.rules

MODULES = [
    importlib.import_module(module.name) for module in pkgutil.iter_modules(cdk_lmi.rules.__path__, "cdk_lmi.rules.")
]
RECORDS: dict[str, Any] = {
    name: value
    for module in MODULES
    for name, value in vars(module).items()
    if is_dataclass(value) and isinstance(value, type) and value.__module__ == module.__name__
}


def test_the_core_has_records():
    """Or the tests below would show nothing."""
    assert set(RECORDS) >= {"Facts", "Finding", "Violation", "Rule", "InstanceType"}


@pytest.mark.parametrize("record", RECORDS)
def test_nobody_changes_a_record(record):
    """What a rule was given is what the next one gets."""
    name = fields(RECORDS[record])[0].name
    with pytest.raises(AttributeError, match="cannot assign to field"):
        setattr(object.__new__(RECORDS[record]), name, None)


@pytest.mark.parametrize("record", sorted(set(RECORDS) - {"Change"}))
def test_records_are_made_by_keywords(record):
    """A new fact in their midst moves no other; only changes are few and short enough to go without."""
    assert all(field.kw_only for field in fields(RECORDS[record]))
