"""Placing orders: one for each request, or one for each idempotency key.

Powertools keeps the keys. A key is in progress while an order is made for it, and for a day then stands for that order:
for its id and time, since the request that comes again says the rest. So of an order that is deleted, its record keeps
the id, the time, and hashes of key and order, plain ones, which tell anybody who guesses either that the guess is
right. DynamoDB deletes the record some time after that day. For 35 days, both tables can be restored as they were.

A process that dies leaves its key in progress until its invocation would have timed out. The request that takes over
then finds the order that was written, because a key's order has an id that follows from the key. Only if that order was
deleted in the meantime there is nothing to find, and it is placed again.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any
from uuid import UUID, uuid4, uuid5

from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyPersistenceLayerError,
    IdempotencyValidationError,
)

from ..data import configuration, order_table
from ..data.calls import Unavailable, is_temporary
from ..data.clients import LONGEST_CALL
from ..data.key_table import key_table
from ..models.idempotency_key import LIFETIME, IdempotencyKey
from ..models.new_order import NewOrder
from ..models.order import Order
from ..models.problem import Problem, fault

#: Of ids that follow from a key. Another namespace would make another order of a key that is in use.
NAMESPACE = UUID("6a3ff9b4-0a5c-4f0e-9d0b-6c2e3d1f8a57")
#: Seconds between two looks at a key that is in progress.
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 0.5
#: Calls of silent services that an attempt waits for: of AppConfig, which it can do without; of DynamoDB to write; and
#: of DynamoDB again, to give the key back.
SILENT_CALLS = 3
#: Milliseconds that must be left of the invocation to look once more and still answer, though all falls silent.
RESERVE = int(1000 * (LONGEST_PAUSE + SILENT_CALLS * LONGEST_CALL))
#: Seconds after which to ask again while no orders are accepted.
CLOSED_RETRY = 60


@dataclass(frozen=True)
class Placed:
    """An order, and whether this request made it or an earlier one."""

    order: Order
    is_new: bool


def place(new: NewOrder) -> Placed:
    """Place an order.

    Raises:
        Problem: It is not taken, as things are configured.
        Unavailable: DynamoDB is.
    """
    _check_configuration(new)
    order = _order(new, str(uuid4()), _now())
    order_table.put(order)
    return Placed(order, is_new=True)


def place_once(new: NewOrder, key: IdempotencyKey, context: Any) -> Placed:
    """Place an order, or return the one that the key stands for.

    Args:
        new: What to place.
        key: What makes requests of a caller the same one.
        context: Lambda's. While another request is busy with the key this one waits, as long as its time allows.

    Raises:
        Problem: The key was used for another order or is in progress still; or the order is not taken.
        Unavailable: DynamoDB is.
    """
    config = IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="order",
        expires_after_seconds=int(LIFETIME.total_seconds()),
        hash_function="sha256",
        lambda_context=context,
        response_hook=lambda placed, _: {**placed, "is_new": False},
    )
    attempt = idempotent_function(
        _place_for_key,
        data_keyword_argument="request",
        persistence_store=key_table(),
        config=config,
        key_prefix="create_order",
    )
    try:
        answer = _patiently(lambda: attempt(request={"key": str(key), "order": new.model_dump()}), context)
    except IdempotencyValidationError:
        raise _used_for_another() from None
    except IdempotencyInconsistentStateError as error:
        raise Unavailable(str(error)) from error
    except IdempotencyPersistenceLayerError as error:
        if is_temporary(error.__cause__):
            raise Unavailable(str(error)) from error
        raise
    return Placed(Order(answer["order_id"], answer["created_at"], **new.model_dump()), answer["is_new"])


def _place_for_key(*, request: dict[str, Any]) -> dict[str, Any]:
    """Place the order of a key, unless a request that got no further has done so."""
    new, moment = NewOrder(**request["order"]), _now()
    stored = _written(request["key"], moment)
    if stored is None:
        _check_configuration(new)
        order = _order(new, _id_for(request["key"], moment), moment)
        stored = order_table.put_unless_there(order)
        is_new = stored == order
    else:
        is_new = False
    if any(getattr(stored, name) != value for name, value in new.model_dump().items()):
        raise _used_for_another()
    return {"order_id": stored.order_id, "created_at": stored.created_at, "is_new": is_new}


def _written(key: str, moment: datetime) -> Order | None:
    """Return the order that was written for the key in the last day, if one was. That may have been yesterday."""
    for day in (moment, moment - LIFETIME):
        order = order_table.get(_id_for(key, day))
        if order is not None and datetime.fromisoformat(order.created_at) > moment - LIFETIME:
            return order
    return None


def _id_for(key: str, moment: datetime) -> str:
    """Return the id of the order that a key stands for if it was new on this day, counted in UTC.

    The day is part of it, for after a day the key may be used for another order.
    """
    return str(uuid5(NAMESPACE, f"{moment.astimezone(timezone.utc).date()} {key}"))


def _patiently(attempt: Callable[[], dict[str, Any]], context: Any) -> dict[str, Any]:
    """Try while another request is busy with the same key, as long as there is time."""
    pause = SHORTEST_PAUSE
    while True:
        try:
            return attempt()
        except IdempotencyAlreadyInProgressError:
            if context.get_remaining_time_in_millis() < RESERVE:
                raise Problem(409, "another request with this Idempotency-Key is in progress", retry_after=1) from None
        time.sleep(random.uniform(pause / 2, pause))
        pause = min(2 * pause, LONGEST_PAUSE)


def _check_configuration(new: NewOrder) -> None:
    settings = configuration.settings()
    if not settings.orders_accepted:
        raise Problem(503, "orders are not accepted at the moment", retry_after=CLOSED_RETRY)
    if new.quantity > settings.largest_quantity:
        rule = f"must be at most {settings.largest_quantity} at the moment"
        raise Problem(422, "the order is not valid", [fault("quantity", rule, str(new.quantity))])


def _order(new: NewOrder, order_id: str, moment: datetime) -> Order:
    return Order(order_id, moment.isoformat(timespec="milliseconds"), **new.model_dump())


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _used_for_another() -> Problem:
    return Problem(422, "this Idempotency-Key was used for another order")
