"""GET /api/orders/{order_id}: look up an order."""

from typing import Any

import store
from endpoint import endpoint
from events import Event, order_id
from responses import Response, no_such_order, respond


@endpoint
def handler(event: Event, context: Any) -> Response:
    """Answer 200 with the order, or 404."""
    order = store.get(order_id(event))
    if order is None:
        raise no_such_order()
    return respond(200, order.body)
