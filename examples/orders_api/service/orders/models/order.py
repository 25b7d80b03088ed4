"""What an order is.

This module imports no pydantic, for LIST imports it in each of its processes. What it says of the fields is all that
there is of them: requests are validated against it, and the OpenAPI document is made from it.
"""

import re
from dataclasses import asdict, dataclass
from typing import Annotated, Any, TypeGuard

from annotated_types import Interval, Len

ORDER_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

LONGEST_NAME = 100
LONGEST_ITEM = 200
#: What a table may hold. The configuration can lower it for new orders.
LARGEST_QUANTITY = 1000


@dataclass(frozen=True)
class Format:
    """What text is, in the words of JSON Schema. pydantic asks for it so when it makes the OpenAPI document."""

    name: str

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(core_schema), "format": self.name}


OrderId = Annotated[str, Format("uuid")]
Moment = Annotated[str, Format("date-time")]
CustomerName = Annotated[str, Len(1, LONGEST_NAME)]
Item = Annotated[str, Len(1, LONGEST_ITEM)]
Quantity = Annotated[int, Interval(ge=1, le=LARGEST_QUANTITY)]

DEFAULT_PAGE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Order:
    """An order that has been placed, and does not change any more."""

    order_id: OrderId
    created_at: Moment
    customer_name: CustomerName
    item: Item
    quantity: Quantity

    @property
    def body(self) -> dict[str, Any]:
        """The order as clients see it."""
        return asdict(self)


@dataclass(frozen=True)
class Page:
    """Some orders, and the token of the next page: null at the end."""

    orders: list[Order]
    next_token: str | None

    @property
    def body(self) -> dict[str, Any]:
        """The page as clients see it."""
        return {"orders": [vars(order) for order in self.orders], "next_token": self.next_token}


def is_order_id(value: Any) -> TypeGuard[str]:
    """Tell whether an order can have this id."""
    return isinstance(value, str) and ORDER_ID.fullmatch(value) is not None
