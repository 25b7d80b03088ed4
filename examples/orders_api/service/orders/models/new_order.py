"""What the customer says of an order, validated by pydantic.

CREATE imports this, and what makes the OpenAPI document. LIST does not: pydantic takes memory in each process.
"""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from .order import LARGEST_QUANTITY, LONGEST_ITEM, LONGEST_NAME, CustomerName, Item, Quantity
from .problem import Fault, Problem, fault


class NewOrder(BaseModel):
    """What it takes to place an order."""

    # Strict, so that true is no 1 and "2" is no 2.
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"customer_name": "Ada Lovelace", "item": "coffee", "quantity": 2}]},
    )

    customer_name: CustomerName
    item: Item
    quantity: Quantity


RULES = {
    "customer_name": f"must be a string of 1 to {LONGEST_NAME} characters",
    "item": f"must be a string of 1 to {LONGEST_ITEM} characters",
    "quantity": f"must be a whole number from 1 to {LARGEST_QUANTITY}",
}


def new_order(body: Any) -> NewOrder:
    """Return the order in the body of a request.

    Raises:
        Problem: It is none; all that is wrong with it is told at once.
    """
    if not isinstance(body, dict):
        raise _invalid([fault("body", "must be an object", _shown(body))])
    unknown = [fault(name, f"is none of {', '.join(RULES)}", _shown(body[name])) for name in body if name not in RULES]
    try:
        order = NewOrder.model_validate({name: value for name, value in body.items() if name in RULES})
    except ValidationError as error:
        raise _invalid([*_faults(error, body), *unknown]) from None
    if unknown:
        raise _invalid(unknown)
    return order


def _faults(error: ValidationError, body: dict[str, Any]) -> list[Fault]:
    fields = dict.fromkeys(str(found["loc"][0]) for found in error.errors(include_url=False, include_input=False))
    return [fault(name, RULES[name], _shown(body[name]) if name in body else None) for name in fields]


def _invalid(faults: list[Fault]) -> Problem:
    return Problem(422, "the order is not valid", faults)


def _shown(value: Any) -> str:
    return type(value).__name__ if isinstance(value, dict | list) else json.dumps(value)
