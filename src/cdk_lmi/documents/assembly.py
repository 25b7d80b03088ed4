"""Cloud assemblies: what ``cdk synth`` writes, read for templates, construct paths and acknowledgments.

The manifest names stacks and, for stages, assemblies within. Which template is a nested stack's, which construct made a
resource, and what was acknowledged, stands in metadata that each release of CDK spreads in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..rules.catalogue import NAMESPACE
from ..template.api_calls import SCHEDULE
from ..template.connectivity import NESTED_STACK
from ..template.cross_stack import Joined, Member, join
from ..template.intrinsics import Template
from ..template.loops import without_loops
from ..template.publication import ALIAS, CAPACITY_PROVIDER, FUNCTION, VERSION
from ..template.syntax import as_mapping
from .files import Document, read_document, read_json, real_path, require_resources
from .metadata import acknowledged_in
from .source import UnreadableError

MANIFEST = "manifest.json"

# Types of artifacts: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema.ArtifactType.html
_STACK = "aws:cloudformation:stack"
_ASSEMBLY = "cdk:cloud-assembly"
_ASSETS = "cdk:asset-manifest"
# Types of metadata, the last from a later release than the first that cdk-lmi works with.
_LOGICAL_ID = "aws:cdk:logicalId"
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
_TEMPLATE_FILE = "aws:cdk:templateFile"
_WARNING = "aws:cdk:warning"
# What a warning says of how to silence it.
_ACKNOWLEDGED_BY = re.compile(rf"\[ack: {NAMESPACE}(\w+)\]")
# In templates, where the user has not turned it off.
_CONSTRUCT_PATH = "aws:cdk:path"
_ASSET_PATH = "aws:asset:path"

# CDK makes the directory early, and puts assets into it.
_UNSYNTHESISED = "did the app end with app.synth()?"

# The construct that stands for a nested stack in its parent is named after it.
_NESTED_STACK_RESOURCE = re.compile(r"(.*/|)([^/]+)\.NestedStack/\2\.NestedStackResource", re.DOTALL)
_ASSET_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Constructs:
    """The constructs behind the resources of one template."""

    #: By logical id, as in ``Shop/ListOrders/Function/Resource``.
    paths: Mapping[str, str] = field(default_factory=dict)
    #: By construct path, then by id of the rule: the reason.
    acknowledged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: By construct path, then by id of the rule: the warning that the construct tells itself.
    warned: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: What the template itself acknowledges, by logical id, then by id of the rule: the reason.
    stated: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: The path of the stack that the template is of or nested in, as in ``Prod/Shop``; empty where it is not known.
    stack: str = ""

    @classmethod
    def of_template(cls, document: object) -> Constructs:
        """Give what a template notes itself."""
        return cls(paths_in(document), stated=acknowledged_in(document))

    def reason(self, rule_id: str, resources: Sequence[str]) -> str | None:
        """Give the reason for which a rule was acknowledged, on a construct or in the template itself."""
        acknowledgment = self.acknowledgment(rule_id, resources)
        stated = (self.stated[id][rule_id] for id in resources if rule_id in self.stated.get(id, {}))
        return acknowledgment[1] if acknowledgment else next(stated, None)

    def acknowledgment(self, rule_id: str, resources: Iterable[str]) -> tuple[str, str] | None:
        """Find where a rule was acknowledged, on a construct of the resources or on one around it.

        Args:
            rule_id: As in ``LMI104``.
            resources: Logical ids.

        Returns:
            The path of the resource's construct, and the reason.
        """
        return next(self._noted(self.acknowledged, rule_id, resources), None)

    def is_warned(self, rule_id: str, resources: Iterable[str]) -> bool:
        """Tell whether a construct of the resources, or one around it, tells a warning of the rule itself."""
        return any(self._noted(self.warned, rule_id, resources))

    def _noted(
        self, notes: Mapping[str, Mapping[str, str]], rule_id: str, resources: Iterable[str]
    ) -> Iterator[tuple[str, str]]:
        for path in filter(None, map(self.paths.get, resources)):
            for place in _outwards(path):
                if rule_id in notes.get(place, {}):
                    yield path, notes[place][rule_id]


@dataclass(frozen=True)
class AssembledTemplate:
    """A template of a cloud assembly."""

    path: str
    document: Document
    constructs: Constructs
    #: The template of the stack that it is of, or that it is nested in.
    stack: str | None = None
    #: The construct path of the nested stack that it is of, where it is of one and that is known.
    scope: str | None = None
    #: The template that it is nested in, and the logical id of its stack there, where it is known to be of one only.
    nested_in: tuple[AssembledTemplate, str] | None = None
    #: The name of its stack, if it is not nested.
    stack_name: str | None = None
    #: The account and Region of the stack that it is of or nested in, as in ``aws://123456789012/eu-west-1``.
    environment: str | None = None
    #: The kinds of lookup that CDK did not make for its assembly, as in ``vpc-provider``.
    missing_lookups: tuple[str, ...] = ()


def read_assembly(directory: str) -> Iterator[AssembledTemplate | UnreadableError]:
    """Read the templates of all stacks, of nested stacks, and of stages.

    Args:
        directory: The cloud assembly.

    Yields:
        Each template, or why one cannot be read: the others still can.

    Raises:
        UnreadableError: The directory is no cloud assembly.
    """
    if not has_manifest(directory):
        inside = str(Path(directory, "cdk.out"))
        hint = f"{inside} is one" if has_manifest(inside) else f"name the template files instead; {_UNSYNTHESISED}"
        raise UnreadableError(f"is a directory and no cloud assembly, since it has no {MANIFEST}; {hint}")
    yield from _Assembly(directory, root=real_path(directory), seen=set()).templates()


def has_manifest(directory: str) -> bool:
    """Whether a manifest is in the directory, or may be in one that nobody may look into."""
    try:
        return Path(directory, MANIFEST).exists()
    except OSError:
        return True


def constructs_by_template(directory: str) -> Mapping[str, Constructs]:
    """Give the constructs behind each template of a cloud assembly, by real path; of no assembly, nothing.

    Args:
        directory: Where a template is, or several.
    """
    try:
        found = [each for each in read_assembly(directory) if isinstance(each, AssembledTemplate)]
    except UnreadableError:
        return {}
    return {real_path(template.path): template.constructs for template in found}


def joined(templates: Sequence[AssembledTemplate], documents: Sequence[Any]) -> Sequence[Joined]:
    """Find what each of the templates gets of the others, in their order.

    Args:
        templates: All that are judged together.
        documents: What they say, with the parameters that the user gave.
    """
    places = {id(template): place for place, template in enumerate(templates)}
    members = []
    for template, document in zip(templates, documents, strict=True):
        parent, logical_id = template.nested_in or (None, "")
        member = Member(
            document,
            name=Path(template.path).name,
            nested_in=(places[id(parent)], logical_id) if id(parent) in places else None,
            stack_name=template.stack_name,
            environment=template.environment,
            assembly=str(Path(template.path).parent),
        )
        members.append(member)
    return join(members)


def standing_with(template: Template) -> Mapping[str, tuple[str, ...]]:
    """Give, by logical id, a resource and those on whose constructs acknowledgments of it are taken too.

    A function may have been put on Managed Instances by another construct, which has its version and alias. A capacity
    provider is judged with the network that it is in, and with the functions on it.

    Args:
        template: Gone through once, so that it may be large.
    """
    found = {id: [id] for kind in (FUNCTION, CAPACITY_PROVIDER, SCHEDULE) for id in template.of_type(kind)}
    functions = template.of_type(FUNCTION)
    for kind in (VERSION, ALIAS):
        for published in template.of_type(kind):
            for function in template.refers_to(published, "FunctionName"):
                if function in functions:
                    found[function].append(published)
    for provider in template.of_type(CAPACITY_PROVIDER):
        found[provider].extend(template.refers_to(provider, "VpcConfig"))
    for function in functions:
        for provider in template.refers_to(function, "CapacityProviderConfig"):
            if provider in found and provider not in functions:
                found[provider].extend(found[function])
    return {id: tuple(dict.fromkeys(ids)) for id, ids in found.items()}


def asset_of(template: str, metadata: object, named_by: str) -> str | None:
    """Give the path of a resource's asset, where CDK noted it.

    Args:
        template: The file of the template. Without an assembly around it, its folder stands for one.
        metadata: What the template notes of the resource.
        named_by: The resource, as errors name it.

    Raises:
        UnreadableError: The asset is outside of the cloud assembly. ``cdk synth --no-staging`` leaves assets where
            they are, and notes their absolute paths.
    """
    name = _noted_asset(metadata)
    if name is None:
        return None
    directory = str(Path(template).parent)
    return _inside(_outermost(directory), directory, name, named_by)


class _Assembly:
    """One manifest and what it names.

    Args:
        directory: Where the manifest is.
        root: The outermost assembly, which no file may be outside of.
        seen: Assemblies that were read already, so that links in a circle come to an end.
    """

    def __init__(self, directory: str, *, root: str, seen: set[str]) -> None:
        self._directory = directory
        self._root = root
        self._seen = seen
        self._missing_lookups: tuple[str, ...] = ()

    def templates(self) -> Iterator[AssembledTemplate | UnreadableError]:
        place = real_path(self._directory)
        if place in self._seen:
            return
        self._seen.add(place)
        path = str(Path(self._directory, MANIFEST))
        try:
            manifest = read_json(path)
            artifacts = _artifacts(manifest)
        except UnreadableError as error:
            yield error.of(path)
            return
        self._missing_lookups = _missing_lookups(manifest)
        assets = self._assets(artifacts)
        for id, artifact in artifacts.items():
            properties = as_mapping(artifact.get("properties"))
            if artifact.get("type") == _STACK:
                yield from self._stack(id, artifact, assets)
            elif artifact.get("type") == _ASSEMBLY:
                yield from self._within(id, properties.get("directoryName"))

    def _within(self, id: str, name: object) -> Iterator[AssembledTemplate | UnreadableError]:
        """Read the assembly of a stage."""
        try:
            directory = self._path(name, f"artifact {id!r}")
        except UnreadableError as error:
            yield error
            return
        yield from _Assembly(directory, root=self._root, seen=self._seen).templates()

    def _stack(self, id: str, artifact: Mapping[str, Any], assets: Mapping[str, str]) -> Iterator[Any]:
        """Read a stack's template, then those of the stacks nested in it, however deep."""
        metadata, problems = self._metadata(id, artifact)
        yield from problems
        properties = as_mapping(artifact.get("properties"))
        waiting: list[tuple[object, str | None, str, tuple[AssembledTemplate, str] | None]] = [
            (properties.get("templateFile"), None, f"artifact {id!r}", None)
        ]
        read: dict[str, set[str | None]] = {}
        stack = None
        while waiting:
            name, scope, named_by, nested_in = waiting.pop(0)
            try:
                path = self._path(name, named_by)
                # Nested stacks with the same content may be told apart by their constructs only.
                if path in read and (not scope or scope in read[path]):
                    continue
                read.setdefault(path, set()).add(scope)
                document = _read_template(path)
            except UnreadableError as error:
                yield error
                continue
            constructs = metadata.constructs(scope, document.value)
            stack = stack or path
            template = AssembledTemplate(
                path,
                document,
                constructs,
                stack,
                scope,
                nested_in if scope else None,
                None if nested_in else _text(properties.get("stackName")) or id,
                _text(artifact.get("environment")),
                self._missing_lookups,
            )
            yield template
            for logical_id, resource in _nested_stacks(document.value):
                # Without its path none of its constructs is known; their logical ids may be those of the parent's too.
                nested = _nested_scope(constructs.paths.get(logical_id)) or ""
                file = metadata.template_files.get(nested) or _nested_template(resource, assets)
                if file is not None:
                    waiting.append((file, nested, f"nested stack {logical_id!r}", (template, logical_id)))

    def _metadata(self, id: str, artifact: Mapping[str, Any]) -> tuple[_Metadata, list[UnreadableError]]:
        """Read what CDK noted of a stack's constructs, from the manifest and from the file that it names."""
        noted = [as_mapping(artifact.get("metadata"))]
        problems = []
        name = artifact.get("additionalMetadataFile")
        if name is not None:
            try:
                noted.append(as_mapping(_read_named(self._path(name, f"artifact {id!r}"))))
            except UnreadableError as error:
                problems.append(error)
        return _Metadata(noted, stack=_text(artifact.get("displayName")) or ""), problems

    def _assets(self, artifacts: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
        """Give the files that are uploaded, by hash. What cannot be read of them only leaves nested stacks out."""
        found = {}
        for id, artifact in artifacts.items():
            if artifact.get("type") != _ASSETS:
                continue
            try:
                name = as_mapping(artifact.get("properties")).get("file")
                files = as_mapping(as_mapping(_read_named(self._path(name, f"artifact {id!r}"))).get("files"))
            except UnreadableError:
                continue
            for hash, file in files.items():
                source = as_mapping(as_mapping(file).get("source")).get("path")
                if isinstance(source, str) and source.endswith(".json"):
                    found[hash] = source
        return found

    def _path(self, name: object, named_by: str) -> str:
        """Give the path of what the manifest names.

        Raises:
            UnreadableError: It names nothing, or what is outside of the assembly.
        """
        manifest = str(Path(self._directory, MANIFEST))
        if not isinstance(name, str) or not name:
            raise UnreadableError(f"{named_by} names no file", path=manifest)
        try:
            return _inside(self._root, self._directory, name, named_by)
        except UnreadableError as error:
            raise error.of(manifest) from None


class _Metadata:
    """What CDK noted of the constructs of a stack and of those nested in it, by construct path.

    Args:
        noted: Entries by construct path, from each place where CDK puts them.
        stack: The construct path of the stack.
    """

    def __init__(self, noted: Iterable[Mapping[str, Any]], *, stack: str) -> None:
        self._stack = stack
        self._logical_ids: dict[str, str] = {}
        self.template_files: dict[str, str] = {}
        self.acknowledged: dict[str, dict[str, str]] = {}
        self.warned: dict[str, dict[str, str]] = {}
        for entries in noted:
            for path, entry in _entries(entries):
                self._note(path.strip("/"), entry.get("type"), entry.get("data"))
        self._nested = {scope for path in self._logical_ids if (scope := _nested_scope(path))}
        self._paths: dict[str | None, dict[str, str]] = {}
        for path, logical_id in self._logical_ids.items():
            self._paths.setdefault(self._scope(path), {}).setdefault(logical_id, path)

    def constructs(self, scope: str | None, template: object) -> Constructs:
        """Give the constructs of one template.

        Args:
            scope: The construct path of the nested stack, or ``None`` for the stack itself.
            template: Notes paths too, unless the user has turned that off.
        """
        paths = {**paths_in(template), **self._paths.get(scope, {})}
        return Constructs(paths, self.acknowledged, self.warned, acknowledged_in(template), self._stack)

    def _note(self, path: str, kind: object, data: object) -> None:
        if kind == _LOGICAL_ID and isinstance(data, str):
            self._logical_ids[path] = data
        elif kind == _TEMPLATE_FILE and isinstance(data, str):
            self.template_files[path] = data
        elif kind == _ACKNOWLEDGED:
            for id, reason in as_mapping(data).items():
                if id.startswith(NAMESPACE):
                    self.acknowledged.setdefault(path, {})[id.removeprefix(NAMESPACE)] = str(reason)
        elif kind == _WARNING:
            for id in _ACKNOWLEDGED_BY.findall(str(data)):
                self.warned.setdefault(path, {})[id] = str(data)

    def _scope(self, path: str) -> str | None:
        """Give the innermost nested stack that a construct is in."""
        return next((place for place in _outwards(path.rpartition("/")[0]) if place in self._nested), None)


def _outwards(path: str) -> Iterator[str]:
    """Give the path of a construct, and of each that it is in."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _entries(noted: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, entries in noted.items():
        for entry in entries if isinstance(entries, list) else ():
            yield path, as_mapping(entry)


def _artifacts(manifest: object) -> Mapping[str, Mapping[str, Any]]:
    artifacts = as_mapping(manifest).get("artifacts")
    if not isinstance(artifacts, dict) or "version" not in as_mapping(manifest):
        raise UnreadableError("is not the manifest of a cloud assembly: it must have version and artifacts")
    return {id: as_mapping(artifact) for id, artifact in artifacts.items()}


def _missing_lookups(manifest: object) -> tuple[str, ...]:
    """Give the kinds of lookup that CDK has yet to make, each once."""
    missing = as_mapping(manifest).get("missing")
    kinds = (_text(as_mapping(each).get("provider")) for each in (missing if isinstance(missing, list) else ()))
    return tuple(dict.fromkeys(filter(None, kinds)))


def _nested_scope(path: str | None) -> str | None:
    """Give the construct path of a nested stack from that of the resource which stands for it."""
    match = _NESTED_STACK_RESOURCE.fullmatch(path or "")
    return f"{match[1]}{match[2]}" if match else None


def _nested_stacks(template: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for id, resource in _resources(template):
        if as_mapping(resource).get("Type") == NESTED_STACK:
            yield id, resource


def _nested_template(resource: Mapping[str, Any], assets: Mapping[str, str]) -> str | None:
    """Give the file of a nested stack's template: noted on the resource, or known by the hash in its address."""
    noted = _noted_asset(resource.get("Metadata"))
    if noted is not None:
        return noted
    address = str(as_mapping(resource.get("Properties")).get("TemplateURL"))
    return next((assets[hash] for hash in _ASSET_HASH.findall(address) if hash in assets), None)


def _noted_asset(metadata: object) -> str | None:
    """Give where the asset of a resource is, seen from its template; CDK may have been told not to note it."""
    return _text(as_mapping(metadata).get(_ASSET_PATH))


def _inside(root: str, directory: str, name: str, named_by: str) -> str:
    """Give the path of what a file in a cloud assembly names.

    Args:
        root: The outermost assembly, by its real path.
        directory: Where the file is.
        name: What it names.
        named_by: What in the file names it.

    Raises:
        UnreadableError: That is outside of the assembly, or no file can have that name.
    """
    path = str(Path(directory, name))
    try:
        inside = Path(real_path(path)).is_relative_to(root)
    except UnreadableError as error:
        raise UnreadableError(f"{named_by} names {name!r}, which {error}") from None
    if not inside:
        raise UnreadableError(f"{named_by} names {name!r}, which is outside of the cloud assembly")
    return path


def _outermost(directory: str) -> str:
    """Give the real path of the outermost assembly around a directory, whose assets all stages share."""
    place = Path(real_path(directory))
    while place != place.parent and _has_stage(place.parent, place):
        place = place.parent
    return str(place)


def _has_stage(outer: Path, inner: Path) -> bool:
    """Tell whether a directory is an assembly with that of a stage within."""
    try:
        artifacts = _artifacts(read_json(str(outer / MANIFEST)))
        stages = (as_mapping(each.get("properties")) for each in artifacts.values() if each.get("type") == _ASSEMBLY)
        names = (_text(stage.get("directoryName")) for stage in stages)
        return any(real_path(str(outer / name)) == str(inner) for name in names if name)
    except UnreadableError:
        return False


def paths_in(template: object) -> Mapping[str, str]:
    """Give the construct paths that a template itself notes, by logical id."""
    found = {}
    for id, resource in _resources(template):
        path = as_mapping(as_mapping(resource).get("Metadata")).get(_CONSTRUCT_PATH)
        if isinstance(path, str):
            found[id] = path.strip("/")
    return found


def _resources(template: object) -> Iterable[tuple[str, Any]]:
    """Give what a template has among its resources, with what its loops make in their place."""
    return as_mapping(without_loops(as_mapping(template))[0].get("Resources")).items()


def _read_template(path: str) -> Document:
    """Read a stack's template, which may have no resources."""
    try:
        document = read_document(path)
        if not isinstance(document.value, Mapping):
            raise UnreadableError("is not a CloudFormation template: the top level must be an object")
        require_resources(document)
    except UnreadableError as error:
        raise error.of(path) from None
    return document


def _read_named(path: str) -> Any:
    try:
        return read_json(path)
    except UnreadableError as error:
        raise error.of(path) from None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
