"""Starts ministack with what it lacks. A program of its own: it runs in the emulator's environment, not in ours.

It adds the types of resources in ``stand_ins.py``, one attribute of a VPC, and the validators of requests. Where
``FUNCTIONS_URL`` says where functions run, it sends invocations there, and the code and settings of a function before
its first one. What Lambda refuses of functions on Managed Instances and ministack does not, it refuses.

It ends, as on a signal, once standard input ends: whatever ended the program that started it.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))

# It has an environment of its own, which no type checker looks into.
# pyright: reportMissingImports=false
from ministack import app
from ministack.core.responses import error_response_json
from ministack.services import apigateway_v1, lambda_svc
from ministack.services.cloudformation import provisioners, stacks

from local_aws.stand_ins import STAND_INS, StandIn

HANDLERS = provisioners._RESOURCE_HANDLERS
Created = tuple[str, dict[str, Any]]
#: Seconds that an execution environment has to come up, and an invocation to end, at the very most: 15 minutes each.
PATIENCE = 1800


# --- resources --------------------------------------------------------------------------------------------------------


def register(kind: str, stand_in: StandIn) -> None:
    """Have a type deployed as a record."""

    def described(name: str) -> Created:
        attributes = dict(stand_in.attributes)
        if stand_in.arn:
            account, region = provisioners.get_account_id(), provisioners.get_region()
            attributes["Arn"] = stand_in.arn.format(account=account, region=region, name=name)
        return name, attributes

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Created:
        given = properties.get(stand_in.name) if stand_in.name else None
        return described(given or provisioners._physical_name(stack, logical_id, max_len=64))

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Created:
        return described(physical_id)

    HANDLERS[kind] = {"create": create, "update": update, "delete": lambda physical_id, properties: None}


def give_vpcs_their_cidr_block() -> None:
    """Add what the default security group of an interface endpoint asks for."""
    create = HANDLERS["AWS::EC2::VPC"]["create"]

    def create_with_cidr_block(logical_id: str, properties: dict[str, Any], stack: str) -> Created:
        physical_id, attributes = create(logical_id, properties, stack)
        return physical_id, {"CidrBlock": properties.get("CidrBlock"), **(attributes or {})}

    HANDLERS["AWS::EC2::VPC"]["create"] = create_with_cidr_block


def have_requests_validated() -> None:
    """Have API Gateway hold bodies to their models: ministack can, and yet deploys what says so as a record."""
    method = HANDLERS["AWS::ApiGateway::Method"]
    create_method, update_method = method["create"], method["update"]

    def create_validator(logical_id: str, properties: dict[str, Any], stack: str) -> Created:
        checks = {f"validateRequest{part}": properties.get(f"ValidateRequest{part}") for part in ("Body", "Parameters")}
        _, _, made = apigateway_v1._create_request_validator(properties["RestApiId"], checks)
        validator = json.loads(made)["id"]
        return validator, {"RequestValidatorId": validator}

    def validated(done: Created, properties: dict[str, Any]) -> Created:
        resource = apigateway_v1._resources[properties["RestApiId"]][properties["ResourceId"]]
        made = resource["resourceMethods"][properties["HttpMethod"]]
        made["requestValidatorId"] = properties.get("RequestValidatorId")
        return done

    HANDLERS["AWS::ApiGateway::RequestValidator"]["create"] = create_validator
    method["create"] = lambda name, properties, stack: validated(create_method(name, properties, stack), properties)
    method["update"] = lambda id, old, new, stack: validated(update_method(id, old, new, stack), new)


# --- functions --------------------------------------------------------------------------------------------------------


class Functions:
    """Where functions run.

    Args:
        url: Its address.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        # On the loopback address: no proxy has a part in it.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def invoke(self, function: dict[str, Any], event: Any) -> dict[str, Any]:
        """Invoke a function and give what comes of it in ministack's words."""
        body = json.dumps(event, ensure_ascii=False).encode()
        path = f"{self._path(function)}/invocations"
        status, answer = self._send("POST", path, body)
        if status == 404:
            self.publish(function)
            status, answer = self._send("POST", path, body)
        result: dict[str, Any] = json.loads(answer)
        return result

    def publish(self, function: dict[str, Any]) -> None:
        """Hand a version over. One on Managed Instances is up when this returns.

        Raises:
            ValueError: It did not come up; says why.
        """
        handed = {"configuration": function["config"], "code": base64.b64encode(function["code_zip"]).decode()}
        status, answer = self._send("PUT", self._path(function), json.dumps(handed).encode())
        if status != 200:
            raise ValueError(answer.decode())

    def delete(self, name: str, version: str = "") -> None:
        """End what runs of a function, or of one version."""
        self._send("DELETE", f"/functions/{urllib.parse.quote(name, safe='')}" + (f"/{version}" if version else ""))

    def _path(self, function: dict[str, Any]) -> str:
        config = function["config"]
        name, version = (urllib.parse.quote(config[key], safe="") for key in ("FunctionName", "Version"))
        return f"/functions/{name}/{version}/{config['RevisionId']}"

    def _send(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        request = urllib.request.Request(self._url + path, data=body, method=method)
        try:
            with self._opener.open(request, timeout=PATIENCE) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def is_managed(config: dict[str, Any]) -> bool:
    """Tell whether a function is on Managed Instances."""
    return bool(config.get("CapacityProviderConfig"))


def send_invocations_to(functions: Functions) -> None:
    """Have every function run elsewhere, as soon as it is published or invoked, and until it is deleted."""

    def execute(function: dict[str, Any], config: dict[str, Any], event: Any, *_: object) -> dict[str, Any]:
        return functions.invoke({**function, "config": config}, event)

    lambda_svc._execute_function_dispatch = execute

    publish = HANDLERS["AWS::Lambda::Version"]["create"]

    def publish_and_start(logical_id: str, properties: dict[str, Any], stack: str) -> Created:
        physical_id, attributes = publish(logical_id, properties, stack)
        name, version = physical_id.rsplit(":", 2)[-2:]
        record = lambda_svc._functions[name]["versions"].get(version)
        if record and is_managed(record["config"]):
            functions.publish(record)
        return physical_id, attributes

    HANDLERS["AWS::Lambda::Version"]["create"] = publish_and_start
    # It waits for processes that may call back: not in the thread that is to answer them.
    blocks = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind == "AWS::Lambda::Version" or blocks(kind)

    after("AWS::Lambda::Version", lambda physical_id: functions.delete(*physical_id.rsplit(":", 2)[-2:]))
    after("AWS::Lambda::Function", functions.delete)


def after(kind: str, done: Callable[[str], None]) -> None:
    """Do something once a resource of a type was deleted."""
    delete = HANDLERS[kind]["delete"]

    def delete_and_tell(physical_id: str, properties: dict[str, Any]) -> None:
        delete(physical_id, properties)
        done(physical_id)

    HANDLERS[kind]["delete"] = delete_and_tell


def refuse_what_is_not_published() -> None:
    """Answer as Lambda does where $LATEST of a function on Managed Instances is invoked."""
    invoke = lambda_svc._invoke

    async def invoke_published(
        name: str, event: Any, headers: dict[str, str], path_qualifier: str | None = None, query: Any = None
    ) -> Any:
        qualifier = path_qualifier or lambda_svc._qp_first(query or {}, "Qualifier")
        function = lambda_svc._functions.get(name)
        if function and is_managed(function["config"]) and qualifier in (None, "", "$LATEST"):
            return error_response_json(
                "InvalidParameterValueException",
                f"{name} is on Managed Instances, where only what is published serves: name a version or an alias",
                400,
            )
        return await invoke(name, event, headers, path_qualifier, query)

    lambda_svc._invoke = invoke_published


def say_nothing_of_failures() -> None:
    """Answer as API Gateway does where a function failed: with no word of why."""
    shape = apigateway_v1._lambda_proxy_response

    def shape_and_hush(result: dict[str, Any]) -> tuple[Any, str | None]:
        response, error = shape(result)
        return response, "Internal server error" if error else None

    apigateway_v1._lambda_proxy_response = shape_and_hush


# --- the program ------------------------------------------------------------------------------------------------------


def end_with_caller() -> None:
    """End once standard input ends."""

    def watch() -> None:
        while os.read(0, 512):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main(arguments: list[str]) -> None:
    """Start, or tell which types of resources there are."""
    for kind, stand_in in STAND_INS.items():
        register(kind, stand_in)
    if arguments == ["--resource-types"]:
        print(json.dumps(sorted(HANDLERS)))
        return
    give_vpcs_their_cidr_block()
    have_requests_validated()
    refuse_what_is_not_published()
    say_nothing_of_failures()
    if url := os.environ.get("FUNCTIONS_URL"):
        send_invocations_to(Functions(url))
    end_with_caller()
    sys.argv[1:] = []
    app.main()


if __name__ == "__main__":
    main(sys.argv[1:])
