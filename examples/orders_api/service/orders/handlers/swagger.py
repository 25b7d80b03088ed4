"""GET /swagger: what the API takes and answers, to read and to try out; ``?format=json`` for the OpenAPI document.

The routes below are never called. They are what the document is made from, with the models that the other functions
take and answer. The document is of the API, and so of what API Gateway answers by itself, too.
"""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.models import APIKey, OpenAPI, Server
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path, Query
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse, OpenAPIResponseHeader

from ..models import idempotency_key
from ..models.new_order import NewOrder
from ..models.order import DEFAULT_PAGE, LARGEST_PAGE, ORDER_ID, Order, Page
from ..models.problem import ProblemDetails, Refusal
from .endpoint import Outcome, endpoint
from .requests import Event, claims

TITLE, VERSION = "Orders", "1.0.0"
PATH = "/swagger"

OrderId = Annotated[str, Path(pattern=f"^{ORDER_ID.pattern}$", description="As the order was answered with.")]
Key = Annotated[
    str | None,
    Header(
        alias=idempotency_key.NAME,
        pattern=f"^{idempotency_key.PATTERN.pattern}$",
        description="Requests of a caller with the same key make one order, for a day. A role of IAM is one caller.",
    ),
]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many orders the page has at most.")]
NextToken = Annotated[str | None, Query(description="Of the page before this one.")]

#: What any operation may come to.
ALWAYS = {
    401: "Nobody knows who makes the request.",
    403: "The caller may not do this, or there is no such operation.",
    429: "There are too many requests.",
    500: "Something went wrong.",
    502: "The function failed.",
    503: "The service is busy, or takes no orders.",
}
#: What no function answers, and only API Gateway; and what only functions do.
OF_API_GATEWAY, OF_FUNCTIONS = {401, 403, 502}, {404, 409, 415, 422}
RETRY_LATER = {409, 429, 503}
RETRY_AFTER: OpenAPIResponseHeader = {
    "description": "Seconds after which the same request may do better.",
    "schema": {"type": "integer"},
}


def authorization(kind: str, description: str) -> APIKey:
    """Describe what the header Authorization has to have, of a kind that API Gateway has a name for."""
    name = {"type": "apiKey", "in": "header", "name": "Authorization"}
    return APIKey.model_validate({**name, "description": description, "x-amazon-apigateway-authtype": kind})


SIGNED = authorization("awsSigv4", "AWS Signature Version 4 of the request. A browser makes none by itself.")
ID_TOKEN = authorization("cognito_user_pools", "The id token of a user of the stack's user pool.")


class Document(APIGatewayRestResolver):
    """Makes the document true of this API where Powertools cannot know."""

    def get_openapi_schema(self, **options: Any) -> OpenAPI:
        """Give the document, with how to be let in: in the way that whoever asks for it was."""
        is_user = claims(self.current_event.raw_event)
        name, scheme = ("idToken", ID_TOKEN) if is_user else ("signature", SIGNED)
        document = super().get_openapi_schema(
            **{**options, "security_schemes": {name: scheme}, "security": [{name: []}]}
        )
        # Answers of Powertools' own validation, which is off.
        if document.components and document.components.schemas:
            for unused in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
                document.components.schemas.pop(unused, None)
        for item in (document.paths or {}).values():
            if item.delete and item.delete.responses:
                item.delete.responses[HTTPStatus.NO_CONTENT].content = None
        return document


app = Document()


def problems(statuses: dict[int, str]) -> dict[int, OpenAPIResponse]:
    """Describe the answers that tell of problems, with those that any operation may come to."""
    return {status: problem(status, text) for status, text in {**ALWAYS, **statuses}.items()}


def problem(status: int, text: str) -> OpenAPIResponse:
    """Describe an answer that tells of a problem: a function's, API Gateway's, or either's."""
    model: Any = ProblemDetails | Refusal
    if status in OF_API_GATEWAY:
        model = Refusal
    elif status in OF_FUNCTIONS:
        model = ProblemDetails
    described: OpenAPIResponse = {"description": text, "content": {"application/problem+json": {"model": model}}}
    if status in RETRY_LATER:
        described["headers"] = {"Retry-After": RETRY_AFTER}
    return described


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
                415: "The body is said to be something else than JSON.",
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
    """It can then neither be read nor listed, and its Idempotency-Key does not bring it back."""
    raise NotImplementedError


# Relative to where the document is, so that it holds below any stage and behind any domain.
app.enable_swagger(path=PATH, title=TITLE, version=VERSION, servers=[Server(url="./")])


@endpoint
def handler(event: Event, context: Any) -> Outcome:
    """Answer with the page or the document."""
    return Outcome(app.resolve(event, context))
