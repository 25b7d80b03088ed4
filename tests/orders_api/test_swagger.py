"""GET /swagger: the document says what the functions do, and the page needs nothing from anywhere else."""

import importlib
import json
import re
from uuid import uuid4

import jsonschema
import pytest
from orders.models import idempotency_key, order
from orders.models.new_order import NewOrder

from .conftest import context, event
from .variants import synthesize

PROBLEM = "application/problem+json"


def swagger(claims=None, **query):
    """GET the page or the document, as a user of a user pool or as somebody whom IAM knows."""
    handler = importlib.import_module("orders.handlers.swagger").handler
    asked = event("GET", "/swagger", queryStringParameters=query or None)
    if claims:
        asked["requestContext"]["authorizer"] = {"claims": claims}
    response = handler(asked, context())
    assert response["statusCode"] == 200
    return response


@pytest.fixture(scope="module")
def document():
    """The OpenAPI document."""
    return json.loads(swagger(format="json")["body"])


@pytest.fixture(scope="module")
def strict(document):
    """Its schemas, and no property that they do not name."""
    components = json.loads(json.dumps(document["components"]))
    for definition in components["schemas"].values():
        definition.setdefault("additionalProperties", False)
    return components


@pytest.fixture
def holds(document, strict):
    """Check that the document describes an answer."""

    def check(answer, method, path):
        described = document["paths"][path][method]["responses"][str(answer.status)]
        assert answer.headers.keys() - {"Content-Type"} == described.get("headers", {}).keys()
        if answer.body is None:
            assert "content" not in described
            return
        schema = described["content"][answer.headers["Content-Type"]]["schema"]
        validator = jsonschema.Draft202012Validator
        jsonschema.validate(
            answer.body, {**schema, "components": strict}, validator, format_checker=validator.FORMAT_CHECKER
        )

    return check


class TestDocument:
    """It is made from what the functions use."""

    def test_has_all_operations(self, document):
        """And this page itself is none."""
        operations = {
            (method, path): of["operationId"] for path, item in document["paths"].items() for method, of in item.items()
        }
        assert operations == {
            ("post", "/api/orders"): "createOrder",
            ("get", "/api/orders"): "listOrders",
            ("get", "/api/orders/{order_id}"): "getOrder",
            ("delete", "/api/orders/{order_id}"): "deleteOrder",
        }

    def test_has_no_more_than_it_uses(self, document):
        """Nor leftovers of the tool that made it."""
        named = {ref.rsplit("/", 1)[1] for ref in re.findall(r"#/components/schemas/\w+", json.dumps(document))}
        assert document["components"]["schemas"].keys() == named

    def test_says_of_what_form_ids_and_times_are(self, document):
        """For those who have code made of it."""
        properties = document["components"]["schemas"]["Order"]["properties"]
        assert (properties["order_id"]["format"], properties["created_at"]["format"]) == ("uuid", "date-time")

    @pytest.mark.parametrize(("claims", "kind"), [(None, "awsSigv4"), ({"sub": "ada"}, "cognito_user_pools")])
    def test_says_how_to_be_let_in(self, claims, kind):
        """In the way that whoever reads it was; so Swagger UI asks for it."""
        document = json.loads(swagger(claims, format="json")["body"])
        ((name, scheme),) = document["components"]["securitySchemes"].items()
        assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
        assert scheme["x-amazon-apigateway-authtype"] == kind
        assert document["security"] == [{name: []}]

    def test_is_relative_to_where_it_is(self, document):
        """So that it holds below any stage: /prod/swagger leads to /prod/api/orders."""
        assert document["servers"] == [{"url": "./"}]

    def test_has_the_bounds_of_the_functions(self, document):
        """Those that requests are held to."""
        new = document["components"]["schemas"]["NewOrder"]
        assert new["properties"].keys() == NewOrder.model_fields.keys()
        assert new["additionalProperties"] is False
        assert new["properties"]["quantity"]["maximum"] == order.LARGEST_QUANTITY
        assert new["properties"]["customer_name"]["maxLength"] == order.LONGEST_NAME
        assert new["properties"]["item"]["maxLength"] == order.LONGEST_ITEM
        parameters = {p["name"].lower(): p["schema"] for p in document["paths"]["/api/orders"]["get"]["parameters"]}
        assert (parameters["limit"]["maximum"], parameters["limit"]["default"]) == (
            order.LARGEST_PAGE,
            order.DEFAULT_PAGE,
        )
        (key,) = document["paths"]["/api/orders"]["post"]["parameters"]
        assert (key["in"], key["name"].lower()) == ("header", idempotency_key.NAME.lower())

    def test_has_examples_that_are_orders(self, api, document, orders_table):
        """Whoever tries it out begins with one."""
        for example in document["components"]["schemas"]["NewOrder"]["examples"]:
            assert api.create(example).status == 201


@pytest.mark.usefixtures("orders_table", "idempotency_table", "secret")
class TestAnswers:
    """They are held to the document: status, type, and every property."""

    def test_of_create(self, api, coffee, holds):
        """Made, there already, and refused in every way."""
        answers = [
            api.create(coffee),
            api.create(coffee, {"Idempotency-Key": "k"}),
            api.create(coffee, {"Idempotency-Key": "k"}),
            api.create(coffee | {"item": "tea"}, {"Idempotency-Key": "k"}),
            api.create("{"),
            api.create("x" * 9000),
            api.create({}),
            api.create(coffee, {"Idempotency-Key": ""}),
            api.create(coffee, {"Content-Type": "text/plain"}),
        ]
        assert [answer.status for answer in answers] == [201, 201, 200, 422, 400, 413, 422, 400, 415]
        for answer in answers:
            holds(answer, "post", "/api/orders")

    def test_of_get_and_delete(self, api, coffee, holds):
        """Found, deleted, and not there."""
        order_id = api.create(coffee).body["order_id"]
        for method, operation in (("get", api.get), ("delete", api.delete)):
            holds(operation(order_id), method, "/api/orders/{order_id}")
            holds(operation(str(uuid4())), method, "/api/orders/{order_id}")

    def test_of_list(self, api, orders_table, put_orders, holds):
        """A page with another after it, the last one, and what is refused."""
        put_orders(orders_table, 3)
        page = api.list(limit="2")
        holds(page, "get", "/api/orders")
        holds(api.list(next_token=page.body["next_token"]), "get", "/api/orders")
        holds(api.list(limit="0"), "get", "/api/orders")
        for _ in range(2):
            answer = api.list(next_token=f"2.{uuid4().hex[:8]}.{'A' * 22}.{'A' * 43}")
            holds(answer, "get", "/api/orders")
        assert answer.status == 429

    @pytest.mark.parametrize("failure", ["ThrottlingException", "ValidationException"])
    def test_of_what_fails(self, api, failures, holds, failure):
        """503 and 500."""
        failures.append({"Error": {"Code": failure, "Message": "secret"}})
        holds(api.list(), "get", "/api/orders")

    def test_that_are_not_described_are_found(self, api, coffee, holds, document):
        """The check can fail."""
        answer = api.create(coffee)
        answer.body["colour"] = "black"
        with pytest.raises(jsonschema.ValidationError):
            holds(answer, "post", "/api/orders")
        with pytest.raises(KeyError):
            holds(answer, "get", "/api/orders")


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """What API Gateway answers by itself, as the stack has it: statuses, headers and bodies."""
    stack = synthesize("development", tmp_path_factory.mktemp("cdk.out"))
    return [
        (
            response.get("StatusCode"),
            {name.rsplit(".", 1)[1]: value for name, value in response.get("ResponseParameters", {}).items()},
            json.loads(response["ResponseTemplates"]["application/json"]),
        )
        for response in stack.of_type("AWS::ApiGateway::GatewayResponse").values()
    ]


class TestRefusalsOfApiGateway:
    """They are described like those of the functions, for to clients it is one API."""

    def test_are_held_to_the_document(self, refusals, document, strict):
        """Each operation may come to those that have nothing to do with bodies."""
        for status, headers, body in refusals:
            described = [
                of["responses"][status or "502"]
                for path in document["paths"].values()
                for method, of in path.items()
                if method == "post" or status not in {"400", "413"}
            ]
            assert described
            for answer in described:
                assert ("Retry-After" in headers) <= ("Retry-After" in answer.get("headers", {}))
                schema = answer["content"][headers["Content-Type"].strip("'")]["schema"]
                jsonschema.validate(body, {**schema, "components": strict})

    def test_need_not_be_those_of_functions(self, document):
        """What only API Gateway answers has the id that its log has."""
        answer = document["paths"]["/api/orders"]["get"]["responses"]["403"]
        schema = {**answer["content"][PROBLEM]["schema"], "components": document["components"]}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"status": 403, "title": "no", "problems": []}, schema)


class TestPage:
    """Swagger UI."""

    def test_is_a_page_with_the_document(self, document):
        """The same one."""
        response = swagger()
        types = response.get("headers", {}).get("Content-Type") or response["multiValueHeaders"]["Content-Type"][0]
        assert types.startswith("text/html")
        assert response["body"].startswith("<!DOCTYPE html>")
        assert '"operationId": "createOrder"' in response["body"]

    def test_loads_nothing_from_elsewhere(self):
        """Neither scripts nor styles: there is no content network to trust."""
        page = swagger()["body"]
        assert not re.search(r"<(script|link|img|iframe)[^>]*\s(src|href)\s*=\s*['\"]?(https?:)?//", page)

    def test_fits_what_lambda_may_answer(self):
        """6 MB, as JSON."""
        assert len(json.dumps(swagger())) < 6 * 1024 * 1024

    def test_is_in_the_log(self, log):
        """Like any other request."""
        swagger()
        (line,) = log()
        assert (line["route"], line["status"]) == ("GET /swagger", 200)

    def test_asks_no_service(self, monkeypatch):
        """It needs no table, no secret, and no Region."""
        for name in ("ORDERS_TABLE", "IDEMPOTENCY_TABLE", "CURSOR_SECRET", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name, raising=False)
        swagger()
