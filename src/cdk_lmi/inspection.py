"""What there is to say of templates: read, judged, and each violation with its place, its construct and its reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .documents.assembly import (
    AssembledTemplate,
    Constructs,
    constructs_by_template,
    joined,
    read_assembly,
    standing_with,
)
from .documents.files import STANDARD_INPUT, is_directory, read_template, real_path
from .documents.metadata import useless_in
from .documents.source import Position, UnreadableError, resource_pointer
from .rules.engine import Severity, Violation
from .template.check import check_template
from .template.intrinsics import ParameterError, Template, with_parameters

#: What resources of AWS SAM are called together.
SERVERLESS = "AWS::Serverless resources"


@dataclass(frozen=True, kw_only=True)
class Result:
    """A violation in its place."""

    violation: Violation
    #: Where in the file; of a property that is left out, what is nearest around it.
    position: Position
    #: As in ``Shop/ListOrders/Function/Resource``, where it is known.
    construct_path: str | None
    #: The reason, where somebody acknowledged it, in CDK or in the template.
    acknowledged: str | None


@dataclass(frozen=True)
class UnreadPart:
    """A part of a template that is expanded when it is deployed, by a transform or as a module: not judged before."""

    #: As in ``Fn::ForEach::Functions``, ``Fn::Transform in Orders``, ``Transform OurMacro``, ``module Publish``, or
    #: ``SERVERLESS``.
    name: str
    position: Position


@dataclass(frozen=True)
class InspectedTemplate:
    """A template that was judged."""

    #: As it was named, or as its cloud assembly was with the file behind it; ``-`` for standard input.
    path: str
    #: In the order of their places.
    results: tuple[Result, ...]
    #: In the order of their places too.
    unread: tuple[UnreadPart, ...] = ()


@dataclass(frozen=True)
class Inspection:
    """All that was asked for."""

    templates: tuple[InspectedTemplate, ...]
    #: What could not be read, each with its path.
    unreadable: tuple[UnreadableError, ...]
    #: How many violations were left out, since they are of rules that were to be ignored.
    ignored: int = 0
    #: Whether warnings fail, templates that were read in part only, and assemblies with placeholders.
    strict: bool = field(default=False, kw_only=True)
    #: The names of the parameters of all the templates, in order.
    parameters: tuple[str, ...] = field(default=(), kw_only=True)
    #: The kinds of lookup that CDK did not make, by cloud assembly: there are placeholders in its templates.
    missing_lookups: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)

    def count(self, severity: Severity) -> int:
        """Count what nobody acknowledged."""
        return sum(
            result.violation.severity is severity and result.acknowledged is None
            for template in self.templates
            for result in template.results
        )

    @property
    def acknowledged(self) -> int:
        """How many were acknowledged."""
        return sum(result.acknowledged is not None for template in self.templates for result in template.results)

    @property
    def read_in_part(self) -> int:
        """How many templates have parts that nobody can judge."""
        return sum(bool(template.unread) for template in self.templates)

    @property
    def exit_code(self) -> int:
        """0 for nothing to fix, 1 for errors, 2 for what could not be read.

        Where it is strict, 1 for warnings too, and for parts that nobody can judge, or placeholders in their place.
        """
        if self.unreadable:
            return 2
        not_judged = self.read_in_part + len(self.missing_lookups)
        doubts = self.count(Severity.WARNING) + not_judged if self.strict else 0
        return int(bool(self.count(Severity.ERROR) + doubts))


def inspect(
    paths: Iterable[str],
    *,
    ignore: Collection[str] = (),
    strict: bool = False,
    parameters: Mapping[str, str] = MappingProxyType({}),
    watch: Callable[[int], None] = lambda done: None,
) -> Inspection:
    """Judge templates. What cannot be read does not keep the others from being judged.

    Args:
        paths: Template files, cloud assemblies, or ``-`` for standard input. The same template is judged once.
        ignore: Ids of rules that nothing is to be said of.
        strict: Whether warnings fail, and templates that were read in part only.
        parameters: Values for parameters of the templates, in the place of their defaults.
        watch: Told how many templates are done, after each.

    Raises:
        ParameterError: A template does not take a value.
    """
    templates: list[InspectedTemplate] = []
    unreadable: list[UnreadableError] = []
    ignored = 0
    names: dict[str, None] = {}
    read: list[AssembledTemplate] = []
    for each in read_templates(paths):
        if isinstance(each, UnreadableError):
            unreadable.append(each)
        else:
            read.append(each)
    documents = [_with_parameters(found, parameters) for found in read]
    for found, (document, received) in zip(read, joined(read, documents), strict=True):
        template = Template(document)
        names.update(dict.fromkeys(template.parameter_names))
        violations = [*check_template(document, received), *useless_in(document)]
        left = [violation for violation in violations if violation.id not in ignore]
        ignored += len(violations) - len(left)
        results = _results(found, template, left)
        templates.append(InspectedTemplate(found.path, tuple(results), _unread(found, template)))
        watch(len(templates))
    return Inspection(
        tuple(templates),
        tuple(unreadable),
        ignored,
        strict=strict,
        parameters=tuple(names),
        missing_lookups={
            str(Path(found.path).parent): found.missing_lookups for found in read if found.missing_lookups
        },
    )


def _with_parameters(template: AssembledTemplate, parameters: Mapping[str, str]) -> Mapping[str, Any]:
    try:
        return with_parameters(template.document.value, parameters)
    except ParameterError as error:
        raise ParameterError(str(error), template.path) from None


def read_templates(paths: Iterable[str]) -> Iterator[AssembledTemplate | UnreadableError]:
    """Read templates, the same one once. What cannot be read does not keep the others from being read.

    Args:
        paths: Template files, cloud assemblies, or ``-`` for standard input.

    Yields:
        Each template, or why one cannot be read, with its path.
    """
    yield from _Reading().templates(paths)


class _Reading:
    """Reads templates, the same one once."""

    def __init__(self) -> None:
        # By path, the constructs that it was judged for.
        self._done: dict[str, list[Constructs]] = {}
        self._assemblies: dict[str, Mapping[str, Constructs]] = {}

    def templates(self, paths: Iterable[str]) -> Iterator[AssembledTemplate | UnreadableError]:
        """Read all that is in the paths."""
        for path in paths:
            try:
                for found in self._at(path):
                    if isinstance(found, UnreadableError):
                        yield found.of(path)
                    elif self._is_new(found):
                        yield found
            except UnreadableError as error:
                yield error.of(path)

    def _is_new(self, template: AssembledTemplate) -> bool:
        """Whether it was not judged yet; a file that is of several nested stacks is judged for each."""
        done = self._done.setdefault(_key(template.path), [])
        if template.constructs in done or (done and not template.scope):
            return False
        done.append(template.constructs)
        return True

    def _at(self, path: str) -> Iterator[AssembledTemplate | UnreadableError]:
        if path != STANDARD_INPUT and is_directory(path):
            yield from self._assembly(path)
        elif not self._done.get(_key(path)):
            document = read_template(path)
            constructs = None if path == STANDARD_INPUT else self._constructs(path)
            yield AssembledTemplate(path, document, constructs or Constructs.of_template(document.value))

    def _assembly(self, directory: str) -> Iterator[AssembledTemplate | UnreadableError]:
        count = 0
        for found in read_assembly(directory):
            count += 1
            yield found
        if not count:
            raise UnreadableError("is a cloud assembly with no stack in it")

    def _constructs(self, path: str) -> Constructs | None:
        """Give the constructs behind a template file, where it is in a cloud assembly."""
        directory = str(Path(path).parent)
        if directory not in self._assemblies:
            self._assemblies[directory] = constructs_by_template(directory)
        return self._assemblies[directory].get(real_path(path))


def is_untransformed(template: AssembledTemplate) -> bool:
    """Tell whether a template has resources of AWS SAM, which its transform makes others of."""
    return SERVERLESS in unread_parts(Template(template.document.value))


def unread_parts(template: Template) -> Mapping[str, str]:
    """Give what is expanded when a template is deployed: pointers, by what each part is called.

    Resources of AWS SAM are one part, at the first of them.
    """
    kinds = ((id, resource["Type"]) for id, resource in template.resources.items())
    serverless = next((id for id, kind in kinds if kind.startswith("AWS::Serverless::")), None)
    return {
        **{f"Transform {name}": "/Transform" for name in template.transforms},
        **({} if serverless is None else {SERVERLESS: resource_pointer(serverless)}),
        **{f"module {id}": resource_pointer(id) for id in template.modules},
        **{id: resource_pointer(id) for id in template.macros},
        **{f"{name} in {id}": resource_pointer(id) for id, name in template.macros_within().items()},
    }


def _unread(found: AssembledTemplate, template: Template) -> tuple[UnreadPart, ...]:
    pointers = unread_parts(template)
    positions = found.document.positions(pointers.values()) if pointers else {}
    parts = (UnreadPart(name, positions[pointer]) for name, pointer in pointers.items())
    return tuple(sorted(parts, key=lambda part: part.position))


def _key(path: str) -> str:
    return path if path == STANDARD_INPUT else real_path(path)


def _results(found: AssembledTemplate, template: Template, violations: Iterable[Violation]) -> list[Result]:
    """Put each violation in its place."""
    violations = list(violations)
    if not violations:
        return []
    pointers = {violation: _pointer(violation) for violation in violations}
    positions = found.document.positions(pointers.values())
    constructs = found.constructs
    together = standing_with(template) if constructs.acknowledged or constructs.stated else {}
    results = [
        Result(
            violation=violation,
            position=positions[pointers[violation]],
            construct_path=constructs.paths.get(violation.resource),
            acknowledged=constructs.reason(violation.id, together.get(violation.resource, (violation.resource,))),
        )
        for violation in violations
    ]
    return sorted(results, key=lambda result: (result.position, result.violation.id))


def _pointer(violation: Violation) -> str:
    return violation.locations[0] if violation.locations else resource_pointer(violation.resource)
