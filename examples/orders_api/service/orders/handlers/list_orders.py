"""GET /api/orders: list the orders page by page. This one runs on Lambda Managed Instances."""

from typing import Any

from ..logic import listing
from .endpoint import Outcome, endpoint
from .requests import Event, query
from .responses import respond


@endpoint
def handler(event: Event, context: Any) -> Outcome:
    """Answer with a page and the token of the next, which is null at the end."""
    page = listing.page(query(event, "limit"), query(event, "next_token"))
    return Outcome(respond(200, page.body), {"PagesServed": 1, "OrdersListed": len(page.orders)})
