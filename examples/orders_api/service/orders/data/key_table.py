"""Idempotency keys in DynamoDB, as Powertools keeps them."""

import os
import secrets
from decimal import Decimal
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemAlreadyExistsError

from .clients import client

#: Decimal places that tell one request's record from another's. DynamoDB's numbers have 38 digits; the time takes 13.
PLACES = 20


class KeyTable(DynamoDBPersistenceLayer):
    """Powertools' layer, for a client that sends a request again if its answer was lost.

    The record of a key in progress is put on condition that there is none. Sent again it would find itself, and the
    request would wait for itself to get done. So each record has a mark of its own: when it ceases to be in progress,
    in milliseconds, has decimal places, which mean nothing else.
    """

    def _put_record(self, data_record: Any) -> None:
        mark = _marked(data_record.in_progress_expiry_timestamp)
        data_record.in_progress_expiry_timestamp = mark
        try:
            super()._put_record(data_record)
        except IdempotencyItemAlreadyExistsError as error:
            found = error.old_data_record
            if found is None or found.in_progress_expiry_timestamp != mark:
                raise


def _marked(milliseconds: int) -> Decimal:
    return Decimal(f"{milliseconds}.{secrets.randbelow(10**PLACES):0{PLACES}}")


def key_table() -> KeyTable:
    """Return the layer, which holds no more than the name of the table, the client and how keys are read."""
    return _key_table(os.environ["IDEMPOTENCY_TABLE"])


@cache
def _key_table(name: str) -> KeyTable:
    return KeyTable(table_name=name, boto3_client=client("dynamodb"))
