"""DELETE /api/orders/{order_id}: delete an order."""

from typing import Any

from ..logic import one_order
from .endpoint import Outcome, endpoint
from .requests import Event, order_id
from .responses import no_content
from .tracing import tracer


@tracer.capture_lambda_handler(capture_response=False)
@endpoint
def handler(event: Event, context: Any) -> Outcome:
    """Answer 204 if this request deleted the order, or 404 if there was none."""
    one_order.delete(order_id(event))
    return Outcome(no_content(), {"OrdersDeleted": 1})
