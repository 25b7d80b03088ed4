"""Orders in DynamoDB."""

import os
from typing import Any

from ..models.order import Order
from .calls import calling
from .clients import client


def put(order: Order) -> None:
    """Store an order."""
    with calling():
        client("dynamodb").put_item(TableName=table_name(), Item=_item(order))


def put_unless_there(order: Order) -> Order:
    """Store an order unless there is one with its id; return the one that is there then.

    That is an equal one if it was stored, and the answer lost, and it was sent again.
    """
    try:
        with calling():
            client("dynamodb").put_item(
                TableName=table_name(),
                Item=_item(order),
                ConditionExpression="attribute_not_exists(order_id)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
    except client("dynamodb").exceptions.ConditionalCheckFailedException as error:
        return _order(error.response["Item"])
    return order


def get(order_id: str) -> Order | None:
    """Return the order, if there is one, as the latest write left it."""
    with calling():
        answer = client("dynamodb").get_item(TableName=table_name(), Key=_key(order_id), ConsistentRead=True)
    return _order(answer["Item"]) if "Item" in answer else None


def delete(order_id: str) -> bool:
    """Delete the order, and tell whether there was one.

    If it had to be asked for twice and there is none, nobody knows what the first time has done: the answer was lost.
    Most likely it has deleted the order, and that is what this says.
    """
    with calling():
        answer = client("dynamodb").delete_item(TableName=table_name(), Key=_key(order_id), ReturnValues="ALL_OLD")
    return "Attributes" in answer or answer["ResponseMetadata"]["RetryAttempts"] > 0


def page(limit: int, after: str | None) -> tuple[list[Order], str | None]:
    """Return the orders that come after one, or the first; and which the next page comes after."""
    start = {} if after is None else {"ExclusiveStartKey": _key(after)}
    with calling():
        answer = client("dynamodb").scan(TableName=table_name(), Limit=limit, **start)
    last = answer.get("LastEvaluatedKey")
    return [_order(item) for item in answer["Items"]], last["order_id"]["S"] if last else None


def table_name() -> str:
    """Return the name of the table."""
    return os.environ["ORDERS_TABLE"]


def _key(order_id: str) -> dict[str, Any]:
    return {"order_id": {"S": order_id}}


def _item(order: Order) -> dict[str, Any]:
    text = {name: {"S": value} for name, value in vars(order).items() if name != "quantity"}
    return {**text, "quantity": {"N": str(order.quantity)}}


def _order(item: dict[str, Any]) -> Order:
    return Order(
        order_id=item["order_id"]["S"],
        created_at=item["created_at"]["S"],
        customer_name=item["customer_name"]["S"],
        item=item["item"]["S"],
        quantity=int(item["quantity"]["N"]),
    )
