"""POST /api/orders: place an order, and only one for each Idempotency-Key."""

from typing import Any

from ..logic import placing
from ..models.idempotency_key import LONGEST, NAME, PATTERN, IdempotencyKey
from ..models.new_order import new_order
from ..models.problem import Problem
from .endpoint import Outcome, endpoint
from .requests import Event, caller, header, json_body
from .responses import respond
from .tracing import tracer


@tracer.capture_lambda_handler(capture_response=False)
@endpoint
def handler(event: Event, context: Any) -> Outcome:
    """Answer 201 with a new order, or 200 with the one that the same key and body placed before.

    For 24 hours a key of a caller gives its order as it was placed, even if that has been deleted since.
    """
    key = _idempotency_key(event)
    new = new_order(json_body(event))
    placed = placing.place(new) if key is None else placing.place_once(new, key, context)
    if placed.is_new:
        return Outcome(respond(201, placed.order.body), {"OrdersPlaced": 1})
    return Outcome(respond(200, placed.order.body), {"OrdersRepeated": 1})


def _idempotency_key(event: Event) -> IdempotencyKey | None:
    text = header(event, NAME)
    if text is None:
        return None
    if not PATTERN.fullmatch(text):
        raise Problem(400, f"{NAME} must have 1 to {LONGEST} characters, all of ASCII and printable")
    return IdempotencyKey(caller(event), text)
