"""All orders, page by page."""

from ..data import order_table
from ..data.signing_keys import LOOK_PAUSE, NotLookedFor, signing_keys
from ..models.order import DEFAULT_PAGE, LARGEST_PAGE, Page
from ..models.problem import Fault, Problem, fault
from . import cursor

#: Calls of silent services that a page waits for: of Secrets Manager, while older keys are at hand, and of that again
#: for a key that is not, or else of DynamoDB.
SILENT_CALLS = 2
LIMITS = {str(limit): limit for limit in range(1, LARGEST_PAGE + 1)}


def page(limit: str | None, next_token: str | None) -> Page:
    """Return a page of orders, as the query of a request asks for it.

    DynamoDB learns of the end by reading on, so the last page may be empty.

    Raises:
        Problem: The query is not valid; or whether it is cannot be known yet.
    """
    count, faults = _limit(limit)
    after: str | None = None
    table = order_table.table_name()
    if next_token is not None:
        try:
            after = cursor.decode(next_token, table=table, keys=signing_keys())
        except cursor.InvalidToken:
            faults.append(fault("next_token", "must be the next_token of another page", next_token))
        except NotLookedFor:
            # Not 400, for the token may be good; not 503, for who makes up tokens must not look like an outage.
            raise Problem(429, "there are too many tokens of unknown keys", retry_after=LOOK_PAUSE) from None
    if faults:
        raise Problem(400, "the query is not valid", faults)
    orders, last = order_table.page(count, after)
    return Page(orders, None if last is None else cursor.encode(last, table=table, keys=signing_keys()))


def _limit(text: str | None) -> tuple[int, list[Fault]]:
    if text is None:
        return DEFAULT_PAGE, []
    if text in LIMITS:
        return LIMITS[text], []
    return DEFAULT_PAGE, [fault("limit", f"must be a whole number from 1 to {LARGEST_PAGE}", text)]
