"""GET /swagger: what the API takes and answers, to read and to try out; ``?format=json`` for the OpenAPI document.

The routes below are never called. They are what the document is made from, with the models that the other functions
take and answer.
"""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.models import Server
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from ..models import idempotency_key
from ..models.new_order import NewOrder
from ..models.order import DEFAULT_PAGE, LARGEST_PAGE, ORDER_ID, Order, Page
from ..models.problem import ProblemDetails
from .requests import Event
from .responses import Response

TITLE, VERSION = "Orders", "1.0.0"
PATH = "/swagger"

OrderId = Annotated[str, Path(pattern=f"^{ORDER_ID.pattern}$", description="As the order was answered with.")]
Key = Annotated[
    str | None,
    Header(
        alias=idempotency_key.NAME,
        pattern=f"^{idempotency_key.PATTERN.pattern}$",
        description="Requests with the same key make one order, for a day.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many orders the page has at most.")]
NextToken = Annotated[str | None, Query(description="Of the page before this one.")]

app = APIGatewayRestResolver()


def problems(statuses: dict[int, str]) -> dict[int, OpenAPIResponse]:
    """Describe the answers that tell of problems, with those that any operation may come to."""
    always = {500: "Something went wrong.", 503: "Try again after the seconds of Retry-After."}
    return {
        status: {"description": text, "content": {"application/problem+json": {"model": ProblemDetails}}}
        for status, text in {**statuses, **always}.items()
    }


def answer(description: str, model: type) -> OpenAPIResponse:
    """Describe an answer with a body."""
    return {"description": description, "content": {"application/json": {"model": model}}}


@app.post(
    "/api/orders",
    summary="Place an order",
    operation_id="createOrder",
    status_code=HTTPStatus.CREATED,
    responses={
        200: answer("The order that the same Idempotency-Key placed before.", Order),
        201: answer("The order.", Order),
        **problems(
            {
                400: "The body is not JSON, or the Idempotency-Key is none.",
                409: "Another request with this Idempotency-Key takes too long.",
                413: "The body is too long.",
                422: "The order is not valid, or the Idempotency-Key was used for another one.",
            }
        ),
    },
)
def create_order(order: Annotated[NewOrder, Body()], key: Key = None) -> Order:
    """With an Idempotency-Key the same request can be sent again, and makes one order."""
    raise NotImplementedError


@app.get(
    "/api/orders",
    summary="List orders",
    operation_id="listOrders",
    responses={200: answer("A page.", Page), **problems({400: "The query is not valid."})},
)
def list_orders(limit: Limit = DEFAULT_PAGE, next_token: NextToken = None) -> Page:
    """Page by page; the last page has no next_token."""
    raise NotImplementedError


@app.get(
    "/api/orders/<order_id>",
    summary="Read an order",
    operation_id="getOrder",
    responses={200: answer("The order.", Order), **problems({404: "There is no such order."})},
)
def get_order(order_id: OrderId) -> Order:
    """As it was placed."""
    raise NotImplementedError


@app.delete(
    "/api/orders/<order_id>",
    summary="Delete an order",
    operation_id="deleteOrder",
    status_code=HTTPStatus.NO_CONTENT,
    responses={204: {"description": "It is deleted."}, **problems({404: "There is no such order."})},
)
def delete_order(order_id: OrderId) -> None:
    """For good."""
    raise NotImplementedError


# Relative to where the document is, so that it holds below any stage and behind any domain.
app.enable_swagger(path=PATH, title=TITLE, version=VERSION, servers=[Server(url="./")])


def handler(event: Event, context: Any) -> Response:
    """Answer with the page or the document."""
    return app.resolve(event, context)
