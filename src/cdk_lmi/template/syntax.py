"""How a template writes values, and what stands in its objects for what a macro or a loop adds to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..rules.facts import UNKNOWN

#: How deep values and conditions may refer to each other. CloudFormation itself stops long before.
DEEPEST = 100
#: How many characters a template may have, and a value in it may come to:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html (read 2026-11-24).
LONGEST = 1_000_000
#: What stands in an object for what a macro puts there.
MACRO = "Fn::Transform"
# In an object, what a loop adds to it.
_LOOP = "Fn::ForEach::"


def is_loop(name: Any) -> bool:
    """Tell whether what has this name in an object is a loop."""
    return isinstance(name, str) and name.startswith(_LOOP)


def is_added(name: Any) -> bool:
    """Tell whether what has this name in an object stands for something else that is added to the object."""
    return name == MACRO or is_loop(name)


def macro_names(written: Any) -> Sequence[str]:
    """Give the names of one macro or several: each is text, or an object with the name and parameters."""
    each = written if isinstance(written, list) else [] if written is None else [written]
    return [str(one.get("Name") if isinstance(one, Mapping) else one) for one in each]


def is_list_type(kind: str) -> bool:
    """Tell whether values of a type of parameters are lists, written with commas."""
    return kind.startswith("List<") or kind == "CommaDelimitedList"


def list_items(value: str) -> list[str]:
    """Give the items of a list that is written with commas."""
    return [item.strip() for item in value.split(",")]


def as_written(value: Any) -> str:
    """Give a value as CloudFormation writes it: a truth value in small letters."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Give an object as it is, and anything else as an empty one."""
    return value if isinstance(value, Mapping) else {}


def is_list_of(value: Any, length: int) -> bool:
    """Tell whether a value is a list of so many items."""
    return isinstance(value, list) and len(value) == length


def as_number(value: Any) -> Any:
    """Give the number that a value is or writes, and ``UNKNOWN`` of anything else."""
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        return UNKNOWN
    return int(number) if number.is_integer() else number
