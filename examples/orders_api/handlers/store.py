"""Orders in DynamoDB. No other module knows of it."""

import os
import random
import time
from functools import cache
from typing import Any

import boto3
import botocore.exceptions
from botocore.config import Config
from botocore.exceptions import ClientError
from orders import Order, OrderDetails

KEY_LIFETIME = 24 * 60 * 60  # seconds
CONFLICT_PAUSES = (0.05, 0.1, 0.2, 0.4)

NO_ANSWER = (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError)
TEMPORARY = {
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
TEMPORARY_REASONS = {"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}


class Unavailable(Exception):
    """DynamoDB cannot do it at the moment."""


@cache
def client() -> Any:
    """Make the client when it is first needed, once in each process. It gives up well before Lambda does."""
    config = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
    return boto3.client("dynamodb", config=config)


def put(order: Order) -> None:
    """Store an order."""
    _call("put_item", **_put(order))


def put_once(order: Order, key: str) -> Order:
    """Store an order unless the key was used in the last 24 hours; return the one that the key stands for."""
    writes = [{"Put": _claim(key, order)}, {"Put": _put(order)}]
    for pause in CONFLICT_PAUSES:
        try:
            _call("transact_write_items", TransactItems=writes)
            return order
        except client().exceptions.TransactionCanceledException as error:
            reasons = error.response["CancellationReasons"]
            if reasons[0]["Code"] == "ConditionalCheckFailed":
                return _order(reasons[0]["Item"]["order"]["M"])
            if TEMPORARY_REASONS.isdisjoint(reason["Code"] for reason in reasons):
                raise
        time.sleep(random.uniform(0, pause))
    raise Unavailable(f"the transaction was cancelled {len(CONFLICT_PAUSES)} times")


def get(order_id: str) -> Order | None:
    """Return the order, if there is one."""
    item = _call("get_item", **_key(order_id)).get("Item")
    return _order(item) if item else None


def delete(order_id: str) -> bool:
    """Delete the order, and tell whether there was one."""
    return "Attributes" in _call("delete_item", **_key(order_id), ReturnValues="ALL_OLD")


def page(limit: int, after: str | None) -> tuple[list[Order], str | None]:
    """Return the orders that come after one, or the first; and which the next page comes after."""
    start = {"ExclusiveStartKey": {"order_id": {"S": after}}} if after else {}
    answer = _call("scan", TableName=os.environ["ORDERS_TABLE"], Limit=limit, **start)
    last = answer.get("LastEvaluatedKey")
    return [_order(item) for item in answer["Items"]], last["order_id"]["S"] if last else None


def _call(operation: str, **parameters: Any) -> dict[str, Any]:
    """Call DynamoDB, and raise Unavailable if it may well do the same later."""
    try:
        answer: dict[str, Any] = getattr(client(), operation)(**parameters)
        return answer
    except NO_ANSWER as error:
        raise Unavailable(str(error)) from error
    except ClientError as error:
        if error.response["Error"]["Code"] in TEMPORARY:
            raise Unavailable(str(error)) from error
        raise


def _put(order: Order) -> dict[str, Any]:
    return {"TableName": os.environ["ORDERS_TABLE"], "Item": _item(order)}


def _claim(key: str, order: Order) -> dict[str, Any]:
    """Put the order under the key if that is free; if not, the error brings what is there.

    DynamoDB deletes expired records in its own time, so the condition looks at the clock as well.
    """
    now = int(time.time())
    return {
        "TableName": os.environ["IDEMPOTENCY_TABLE"],
        "Item": {"id": {"S": key}, "expiration": {"N": str(now + KEY_LIFETIME)}, "order": {"M": _item(order)}},
        "ConditionExpression": "attribute_not_exists(id) OR expiration <= :now",
        "ExpressionAttributeValues": {":now": {"N": str(now)}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _key(order_id: str) -> dict[str, Any]:
    return {"TableName": os.environ["ORDERS_TABLE"], "Key": {"order_id": {"S": order_id}}}


def _item(order: Order) -> dict[str, Any]:
    return {
        "order_id": {"S": order.order_id},
        "created_at": {"S": order.created_at},
        "customer_name": {"S": order.details.customer_name},
        "item": {"S": order.details.item},
        "quantity": {"N": str(order.details.quantity)},
    }


def _order(item: dict[str, Any]) -> Order:
    return Order(
        order_id=item["order_id"]["S"],
        created_at=item["created_at"]["S"],
        details=OrderDetails(item["customer_name"]["S"], item["item"]["S"], int(item["quantity"]["N"])),
    )
