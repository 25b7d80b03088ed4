"""One order, by its id."""

from ..data import order_table
from ..models.order import Order, is_order_id
from ..models.problem import no_such_order


def get(order_id: str) -> Order:
    """Return the order. An id that none can have needs no look into the table.

    Raises:
        Problem: There is none.
    """
    order = order_table.get(order_id) if is_order_id(order_id) else None
    if order is None:
        raise no_such_order()
    return order


def delete(order_id: str) -> None:
    """Delete the order.

    Raises:
        Problem: There is none, or another request deleted it first.
    """
    if not is_order_id(order_id) or not order_table.delete(order_id):
        raise no_such_order()
