"""POST /api/orders: place an order, and only one for each Idempotency-Key."""

from typing import Any

import store
from endpoint import endpoint
from events import Event, header, json_body
from orders import Order, order_details
from responses import Problem, Response, respond

IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_KEY = 128


@endpoint
def handler(event: Event, context: Any) -> Response:
    """Answer 201 with a new order, or 200 with the one that the same key and body placed before.

    For 24 hours a key gives its order as it was placed, even if that has been deleted since.
    """
    key = _idempotency_key(event)
    order = Order.place(order_details(json_body(event)))
    if key is None:
        store.put(order)
        return respond(201, order.body)
    stored = store.put_once(order, key)
    if stored.details != order.details:
        raise Problem(422, f"this {IDEMPOTENCY_KEY} was used for another order")
    return respond(201 if stored == order else 200, stored.body)


def _idempotency_key(event: Event) -> str | None:
    key = header(event, IDEMPOTENCY_KEY)
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        raise Problem(400, f"{IDEMPOTENCY_KEY} must have 1 to {LONGEST_KEY} characters, not {len(key)}")
    return key
