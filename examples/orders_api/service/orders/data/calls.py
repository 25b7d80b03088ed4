"""Calls of AWS services, and which of their failures may pass."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions

NO_ANSWER = (exceptions.ConnectionError, exceptions.HTTPClientError)
#: Error codes of DynamoDB and Secrets Manager, as their API references have them (read 2026-11-27).
TEMPORARY = {
    "InternalServerError",
    "InternalServiceError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}


class Unavailable(Exception):
    """An AWS service cannot do it at the moment."""


@contextmanager
def calling() -> Iterator[None]:
    """Raise Unavailable for what may well succeed later; let all else pass."""
    try:
        yield
    except Exception as error:
        if is_temporary(error):
            raise Unavailable(str(error)) from error
        raise


def is_temporary(error: BaseException | None) -> bool:
    """Tell whether the same call may well succeed later."""
    if isinstance(error, exceptions.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        return error.response["Error"]["Code"] in TEMPORARY or status >= 500
    return isinstance(error, (*NO_ANSWER, Unavailable))
