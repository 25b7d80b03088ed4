"""LIST as Powertools' documentation has endpoints: a resolver that validates, Logger, Tracer, Metrics, a resource.

https://docs.aws.amazon.com/powertools/python/latest/core/event_handler/api_gateway/ (read 2026-11-27)
"""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

logger = Logger()
tracer = Tracer()
metrics = Metrics()
app = APIGatewayRestResolver(enable_validation=True)
table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])  # pyright: ignore[reportAttributeAccessIssue]


class Order(BaseModel):
    order_id: str
    created_at: str
    customer_name: str
    item: str
    quantity: int


class Page(BaseModel):
    orders: list[Order]
    next_token: str | None


@app.get("/api/orders")
@tracer.capture_method
def list_orders(limit: Annotated[int, Query(ge=1, le=100)] = 20, next_token: str | None = None) -> Page:
    start = {"ExclusiveStartKey": json.loads(urlsafe_b64decode(next_token))} if next_token else {}
    answer = table.scan(Limit=limit, **start)
    last = answer.get("LastEvaluatedKey")
    orders = [Order.model_validate(item) for item in answer["Items"]]
    metrics.add_metric(name="OrdersListed", unit=MetricUnit.Count, value=len(orders))
    logger.info("a page of orders")
    return Page(orders=orders, next_token=urlsafe_b64encode(json.dumps(last).encode()).decode() if last else None)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
