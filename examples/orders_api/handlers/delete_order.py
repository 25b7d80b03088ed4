"""DELETE /api/orders/{order_id}: delete an order."""

from typing import Any

import store
from endpoint import endpoint
from events import Event, order_id
from responses import Response, no_such_order


@endpoint
def handler(event: Event, context: Any) -> Response:
    """Answer 204 if this request deleted the order, or 404 if there was none."""
    if not store.delete(order_id(event)):
        raise no_such_order()
    return {"statusCode": 204}
