"""GET /api/orders/{order_id}: look up an order."""

from typing import Any

from ..logic import one_order
from .endpoint import Outcome, endpoint
from .requests import Event, order_id
from .responses import respond
from .tracing import tracer


@tracer.capture_lambda_handler(capture_response=False)
@endpoint
def handler(event: Event, context: Any) -> Outcome:
    """Answer 200 with the order, or 404."""
    return Outcome(respond(200, one_order.get(order_id(event)).body), {"OrdersRead": 1})
