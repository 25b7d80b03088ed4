"""LIST by hand: a boto3 client, and no more around it than an answer takes. No validation, log, metrics, signature."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    query = event["queryStringParameters"] or {}
    start = {}
    if "next_token" in query:
        start = {"ExclusiveStartKey": json.loads(urlsafe_b64decode(query["next_token"]))}
    answer = dynamodb.scan(TableName=os.environ["ORDERS_TABLE"], Limit=int(query.get("limit", 20)), **start)
    last = answer.get("LastEvaluatedKey")
    body = {
        "orders": [order(item) for item in answer["Items"]],
        "next_token": urlsafe_b64encode(json.dumps(last).encode()).decode() if last else None,
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}


def order(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": item["order_id"]["S"],
        "created_at": item["created_at"]["S"],
        "customer_name": item["customer_name"]["S"],
        "item": item["item"]["S"],
        "quantity": int(item["quantity"]["N"]),
    }
