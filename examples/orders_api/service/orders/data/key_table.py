"""Idempotency keys in DynamoDB, as Powertools keeps them."""

import os
from functools import cache

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from .clients import client


def key_table() -> DynamoDBPersistenceLayer:
    """Return the layer, which holds no more than the name of the table, the client and how keys are read."""
    return _key_table(os.environ["IDEMPOTENCY_TABLE"])


@cache
def _key_table(name: str) -> DynamoDBPersistenceLayer:
    return DynamoDBPersistenceLayer(table_name=name, boto3_client=client("dynamodb"))
