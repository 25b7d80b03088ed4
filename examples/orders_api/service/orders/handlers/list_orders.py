"""GET /api/orders: list the orders page by page. This one runs on Lambda Managed Instances."""

from typing import Any

from ..data.clients import client
from ..logic import listing
from .endpoint import Outcome, endpoint
from .requests import Event, query
from .responses import respond

#: What LIST calls. Its processes make their clients before there is a request: sixteen that made them during the first
#: would take a second or two of the one vCPU that they share, and callers would wait. No service is called for that,
#: and the secret is read later: a failure here would make publishing fail.
SERVICES = ("dynamodb", "secretsmanager")
for _service in SERVICES:
    client(_service)


@endpoint
def handler(event: Event, context: Any) -> Outcome:
    """Answer with a page and the token of the next, which is null at the end."""
    page = listing.page(query(event, "limit"), query(event, "next_token"))
    return Outcome(respond(200, page.body), {"PagesServed": 1, "OrdersListed": len(page.orders)})
