"""Template files: read, told apart as JSON or YAML, parsed, and kept with where in them things stand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from .json import parse_json
from .source import Position, UnreadableError, resource_pointer

#: How standard input is named as a path.
STANDARD_INPUT = "-"
#: How CDK names a cloud assembly.
ASSEMBLY = "cdk.out"

# CloudFormation takes a fraction of it, and so does Lambda of an event. What is larger might never end.
_LARGEST = 64 * 1024 * 1024
_YAML_SUFFIXES = (".yaml", ".yml")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Document(Protocol):
    """A parsed file."""

    @property
    def value(self) -> Any:
        """What it says."""
        ...

    def positions(self, pointers: Iterable[str]) -> Mapping[str, Position]:
        """Give where values stand, by JSON Pointer; of one that is not there, what is nearest around it."""
        ...


def read_document(path: str) -> Document:
    """Read a file as JSON or YAML, whichever it is.

    Args:
        path: The file, or ``-`` for standard input.

    Raises:
        UnreadableError: It cannot be read, or is neither.
    """
    return parse(_read_text(path), Path(path).suffix.lower())


def read_json(path: str) -> Any:
    """Read a JSON file.

    Raises:
        UnreadableError: It cannot be read, or is no JSON.
    """
    return parse_json(_not_empty(_read_text(path))).value


def read_template(path: str) -> Document:
    """Read a file as a CloudFormation template.

    Raises:
        UnreadableError: It cannot be read, or is none.
    """
    document = read_document(path)
    if not isinstance(document.value, Mapping):
        raise UnreadableError(
            f"is not a CloudFormation template: the top level must be an object, got {_kind(document.value)}"
        )
    if document.value.get("Resources") is None:
        raise UnreadableError("is not a CloudFormation template: it must have Resources, an object, got none")
    require_resources(document)
    return document


def require_resources(document: Document) -> None:
    """Hold the resources of a template, where it has any, to what they must be at least.

    Raises:
        UnreadableError: They are no object, or one of them is none.
    """
    resources = document.value.get("Resources")
    if resources is None:
        return
    if not isinstance(resources, Mapping):
        raise UnreadableError(
            f"is not a CloudFormation template: it must have Resources, an object, got {_kind(resources)}"
        )
    for id, resource in resources.items():
        # What a transform expands may be a list: Fn::ForEach is.
        if not isinstance(resource, Mapping) and not id.startswith("Fn::"):
            pointer = resource_pointer(id)
            raise UnreadableError(
                f"is not a CloudFormation template: resource {id!r} must be an object, got {_kind(resource)}",
                document.positions([pointer])[pointer],
            )


def parse(text: str, suffix: str = "") -> Document:
    """Parse a text as JSON or YAML.

    Args:
        text: The text.
        suffix: How the name of its file ends. What begins like JSON and is none may still be YAML in a ``.yaml``.

    Raises:
        UnreadableError: It is neither, or empty.
    """
    start = _not_empty(text).lstrip()[:1]
    if suffix == ".json" or (start in "{[" and suffix not in _YAML_SUFFIXES):
        return parse_json(text)
    if start in "{[":
        # JSON is quicker to read as such, and needs no PyYAML.
        with suppress(UnreadableError):
            return parse_json(text)
    return _parse_yaml(text)


def _not_empty(text: str) -> str:
    if not text or text.isspace():
        raise UnreadableError("is empty")
    return text


def _parse_yaml(text: str) -> Document:
    try:
        from .yaml import parse_yaml
    except ImportError as error:
        if error.name != "yaml":
            raise
        raise UnreadableError(
            "is not JSON, and YAML needs PyYAML, which is not installed: pip install 'cdk-lmi[yaml]'"
        ) from None
    return parse_yaml(text)


def _kind(value: object) -> str:
    names = {dict: "an object", list: "an array", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")


def _read_text(path: str) -> str:
    content = _read_bytes(path)
    if len(content) > _LARGEST:
        raise UnreadableError(f"is larger than {_LARGEST // 1024**2} MiB, the most that is read")
    if content.startswith(_UTF_16):
        raise UnreadableError("must be UTF-8, got UTF-16; in PowerShell, write it with Out-File -Encoding utf8")
    if b"\0" in content:
        raise UnreadableError("is binary, but must be text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"must be UTF-8, which byte {content[error.start]:#04x} in line {line} is not") from None


def _read_bytes(path: str) -> bytes:
    try:
        if path == STANDARD_INPUT:
            return sys.stdin.buffer.read(_LARGEST + 1)
        with Path(path).open("rb") as file:
            return file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise UnreadableError(f"there is no such file{_hint(path)}") from None
    except OSError as error:
        raise UnreadableError((error.strerror or str(error)).lower()) from None
    except ValueError:
        raise UnreadableError("is not a valid file name") from None
    except AttributeError:
        raise UnreadableError("there is no standard input") from None


def _hint(path: str) -> str:
    """Say why there may be no file of that name."""
    if any(character in path for character in "*?["):
        return ", and the shell found nothing that the pattern fits"
    return "; run cdk synth first, which writes it" if Path(path).name == ASSEMBLY else ""


def real_path(path: str) -> str:
    """Give the path with all symbolic links followed, as far as they lead anywhere.

    Raises:
        UnreadableError: No file can have that name.
    """
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        raise UnreadableError("is not a valid file name") from None


def is_directory(path: str) -> bool:
    """Whether it is a directory. What may not even be asked for is told when it is read."""
    try:
        return Path(path).is_dir()
    except OSError:
        return False
