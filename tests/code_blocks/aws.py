"""Commands of the AWS command line, held to the models of the services, which it is made of as well.

Nothing is called, since a page may name what is nowhere: parameters are read and validated as the first step of a call
does, and what is queried must be in an answer of the model's shape. ``tests/local_aws/test_command_line.py`` runs those
that stand in blocks, by the first version; that 2.38.1 takes all that stood in pages was tried by hand on 2026-11-28.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import jmespath
from botocore import xform_name
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

from .command import Command, WrongError, known

if TYPE_CHECKING:
    from .story import Story

#: Options that go with every operation, and what they may be; with an empty set, anything.
GENERAL: Mapping[str, AbstractSet[str]] = {
    "--cli-binary-format": {"base64", "raw-in-base64-out"},
    "--output": {"json", "table", "text", "yaml"},
    "--profile": frozenset(),
    "--query": frozenset(),
    "--region": frozenset(),
}
#: What is no service, but how the command line itself is set up; with "", also without more.
SET_UP: Mapping[str, set[str]] = {"configure": {"", "get", "list", "set"}, "sso": {"login"}}
_FILE = "file://"
_OF_TYPE: Mapping[str, Any] = {"boolean": True, "integer": 1, "long": 1, "float": 1.5, "double": 1.5}


def run(story: Story, command: Command, given: str) -> str:
    """Hold a command to the model; of a template that CloudFormation has transformed, give the page's own."""
    service, operation, *words = command.arguments
    _check(_operation(service, operation), words)
    if operation == "get-template" and "Processed" in words and story.processed is not None:
        return json.dumps(story.processed)
    return ""


def mention(story: Story, command: Command, given: str) -> str:
    """Hold a command in a sentence to the model; it may be named without what it is given."""
    if command.arguments == ["--version"]:
        return ""
    service, operation, *words = [*command.arguments, ""] if len(command.arguments) == 1 else command.arguments
    if service in SET_UP:
        known(operation, SET_UP[service])
    elif words:
        _check(_operation(service, operation), words)
    else:
        _operation(service, operation)
    return ""


def _check(model: OperationModel, words: Sequence[str]) -> None:
    left, parameters = list(words), dict[str, Any]()
    members = {f"--{xform_name(name, '-')}": name for name in model.input_shape.members}
    while left and left[0].startswith("--"):
        option = left.pop(0)
        known(option, members.keys() | GENERAL.keys())
        name = members.get(option)
        if name is None:
            _check_general(model, option, left.pop(0))
        else:
            shape = model.input_shape.members[name]
            values = left[: _number_of_values(shape, left)]
            left = left[len(values) :]
            parameters[name] = _parameter(shape, values)
    # The command line asks for a file to write what is streamed into.
    if len(left) != int(model.has_streaming_output):
        raise WrongError(f"{int(model.has_streaming_output)} words belong behind the options, not {left}")
    report = ParamValidator().validate(parameters, model.input_shape)
    if report.has_errors():
        raise WrongError(report.generate_report())


def _operation(service: str, operation: str) -> OperationModel:
    session = botocore.session.get_session()
    known(service, set(session.get_available_services()))
    model = session.get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    known(operation, operations.keys())
    return model.operation_model(operations[operation])


def _check_general(model: OperationModel, option: str, value: str) -> None:
    if option == "--query":
        found = jmespath.search(value, _made_up(model.output_shape))
        if found is None or (isinstance(found, list) and None in found):
            raise WrongError(f"{value!r} is not in an answer of {model.name}")
    elif GENERAL[option]:
        known(value, GENERAL[option])


def _number_of_values(shape: Shape, left: Sequence[str]) -> int:
    if shape.type_name == "boolean":
        return 0
    return len(list(takewhile(lambda word: not word.startswith("--"), left))) if shape.type_name == "list" else 1


def _parameter(shape: Shape, values: Sequence[str]) -> Any:
    """Give what the words behind an option stand for; ``Name=a,Values=b`` is a structure."""
    match shape.type_name:
        case "boolean":
            return True
        case "list":
            return [_parameter(shape.member, [value]) for value in values]
        case "structure":
            fields = dict(field.split("=", 1) for field in values[0].split(","))
            for field in fields:
                known(field, shape.members.keys())
            return {field: _parameter(shape.members[field], [value]) for field, value in fields.items()}
        case "integer" | "long":
            return int(values[0])
        case "blob" if values[0].startswith(_FILE):
            return Path(values[0].removeprefix(_FILE)).read_bytes()
    return values[0]


def _made_up(shape: Shape, within: AbstractSet[str] = frozenset()) -> Any:
    """Give an answer of a shape, with something in each place; what is in itself ends there."""
    if shape.name in within:
        return {}
    within = within | {shape.name}
    match shape.type_name:
        case "structure":
            return {name: _made_up(member, within) for name, member in shape.members.items()}
        case "list":
            return [_made_up(shape.member, within)]
        case "map":
            return {"key": _made_up(shape.value, within)}
    return _OF_TYPE.get(shape.type_name, shape.name)
