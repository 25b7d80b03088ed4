"""What an order is, and what it takes to place one."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any, TypeGuard
from uuid import uuid4

from responses import Fault, Problem, fault

ORDER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SURROGATE = re.compile(r"[\ud800-\udfff]")  # half a character: JSON can spell it, UTF-8 cannot


@dataclass(frozen=True)
class OrderDetails:
    """What the customer says of an order."""

    customer_name: str
    item: str
    quantity: int


@dataclass(frozen=True)
class Order:
    """An order that has been placed, and does not change any more."""

    order_id: str
    created_at: str
    details: OrderDetails

    @classmethod
    def place(cls, details: OrderDetails) -> "Order":
        """Make an order of the details, with an id of its own."""
        return cls(str(uuid4()), datetime.now(timezone.utc).isoformat(timespec="milliseconds"), details)

    @property
    def body(self) -> dict[str, Any]:
        """The order as clients see it."""
        return {"order_id": self.order_id, "created_at": self.created_at, **asdict(self.details)}


def is_order_id(value: Any) -> TypeGuard[str]:
    """Tell whether an order can have this id."""
    return isinstance(value, str) and ORDER_ID.fullmatch(value) is not None


def order_details(body: Any) -> OrderDetails:
    """Return the details in the body of a request, or refuse it with all that is wrong with it."""
    faults = list(_faults(body))
    if faults:
        raise Problem(422, "the order is not valid", faults)
    return OrderDetails(**body)


def _faults(body: Any) -> Iterator[Fault]:
    if not isinstance(body, dict):
        yield fault("body", "must be an object", _shown(body))
        return
    for field, (accepts, rule) in FIELDS.items():
        if field not in body:
            yield fault(field, rule, None)
        elif not accepts(body[field]):
            yield fault(field, rule, _shown(body[field]))
    for field in body:
        if field not in FIELDS:
            yield fault(field, f"is none of {', '.join(FIELDS)}", _shown(body[field]))


def _shown(value: Any) -> str:
    return type(value).__name__ if isinstance(value, dict | list) else json.dumps(value)


def _is_quantity(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 1000  # isinstance would let true pass for 1


def _is_text(longest: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and 1 <= len(value) <= longest and not SURROGATE.search(value)


FIELDS = {
    "customer_name": (_is_text(100), "must be a string of 1 to 100 characters"),
    "item": (_is_text(200), "must be a string of 1 to 200 characters"),
    "quantity": (_is_quantity, "must be a whole number from 1 to 1000"),
}
