"""What the values of a CloudFormation template come to, as far as the template alone tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from math import isfinite
from operator import gt, lt
from types import MappingProxyType
from typing import Any, NamedTuple

from ..rules.facts import UNKNOWN, Unknown
from .loops import without_loops
from .syntax import (
    DEEPEST,
    LONGEST,
    MACRO,
    as_mapping,
    as_number,
    as_written,
    is_added,
    is_list_of,
    is_list_type,
    list_items,
    macro_names,
)

# Read from Systems Manager or Secrets Manager when the stack is deployed.
_DYNAMIC_REFERENCE = "{{resolve:"
_VARIABLE = re.compile(r"\$\{(!?)([^{}]+)\}")
# The macro of AWS that only adds to what is there.
_INCLUDE = "AWS::Include"
# AWS's own transforms begin with this. But for the one that includes they change nothing here: of the others, SAM makes
# something else of its own types, Secrets Manager's and CodeDeploy's of theirs:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html (read 2026-11-28).
_OF_AWS = "AWS::"
# Of AWS's own types, those behind which there is a template or code that somebody wrote. All types that are not AWS's
# are custom resources, modules, or of a registry.
_WRITTEN_BY_OTHERS = (
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Stack",
    "AWS::CloudFormation::StackSet",
    "AWS::Serverless::Application",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
)
_TYPES_OF_AWS = (_OF_AWS, "Alexa::")
# CDK's own that add nothing: one takes rules away, which every VPC of CDK has by default, and the other writes to
# parameters what stacks of other Regions refer to.
# aws-cdk-lib/custom-resource-handlers/dist/aws-ec2/restrict-default-security-group-handler and
# aws-cdk-lib/core/lib/dist/core/cross-region-ssm-writer-handler (2.275.0, read 2026-11-28).
_ADDING_NOTHING = ("Custom::VpcRestrictDefaultSG", "Custom::CrossRegionExportWriter")


class Output(NamedTuple):
    """An output of a template."""

    name: str
    #: The name that other stacks import it by, if it has one.
    export: str | None
    #: Its value as :meth:`Template.text` gives it; ``None`` for one that may not be there.
    text: str | None


class ParameterError(ValueError):
    """A template does not take the value for its parameter.

    Args:
        problem: Which, and what it must be.
        path: Of the template, where it is of a file.
    """

    def __init__(self, problem: str, path: str | None = None) -> None:
        self.path = path
        super().__init__(problem)


def with_parameters(document: Mapping[str, Any], values: Mapping[str, str]) -> Mapping[str, Any]:
    """Give a template with values in the place of its parameters' defaults.

    Args:
        document: The template, as parsed from JSON or YAML.
        values: By name, written as for CloudFormation: a list with commas. Names that the template has no parameter of
            are passed over.

    Raises:
        ParameterError: A value is none of those that the parameter allows, or no number where it must be one.
    """
    parameters = as_mapping(document.get("Parameters"))
    given = {
        name: {**parameters[name], "Default": _taken(name, parameters[name], value)}
        for name, value in values.items()
        if isinstance(parameters.get(name), Mapping)
    }
    return {**document, "Parameters": {**parameters, **given}} if given else document


def with_given(document: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a template with what it gets as parameters of the one that it is nested in, in the place of their defaults.

    Args:
        document: The template, as parsed from JSON or YAML.
        values: By name. Of one that is ``UNKNOWN`` or no single value, the parameter is not known then.
    """
    parameters = as_mapping(document.get("Parameters"))
    given = {}
    for name, value in values.items():
        if isinstance(parameters.get(name), Mapping):
            given[name] = {key: each for key, each in parameters[name].items() if key != "Default"}
            if isinstance(value, (str, int, float)):
                given[name]["Default"] = value
    return {**document, "Parameters": {**parameters, **given}} if given else document


_NUMBERS = ("Number", "List<Number>")


def _taken(name: str, parameter: Mapping[str, Any], value: str) -> str:
    kind = str(parameter.get("Type"))
    items = list_items(value) if is_list_type(kind) else [value]
    allowed = parameter.get("AllowedValues")
    for item in items:
        number = as_number(item) if kind in _NUMBERS else 0
        if number is UNKNOWN or not isfinite(number):
            raise ParameterError(f"the parameter {name} must be a number, got {item!r}")
        if isinstance(allowed, list) and item not in map(as_written, allowed):
            raise ParameterError(f"the parameter {name} must be {' or '.join(map(as_written, allowed))}, got {item!r}")
        _check_bounds(name, parameter, item, "Value" if kind in _NUMBERS else "Length")
    return value


def _check_bounds(name: str, parameter: Mapping[str, Any], item: str, of: str) -> None:
    size = as_number(item) if of == "Value" else len(item)
    for end, is_beyond in (("Min", lt), ("Max", gt)):
        bound = as_number(parameter.get(f"{end}{of}"))
        if bound is not UNKNOWN and is_beyond(size, bound):
            raise ParameterError(f"the parameter {name} has {end}{of} {bound}, got {item!r}")


class Template:
    """A template, with its intrinsic functions followed.

    Parameters come to their defaults. What cannot be followed comes to ``UNKNOWN``; nothing raises, whatever the
    template holds.

    Args:
        document: The template as parsed from JSON or YAML.
        received: Text of other templates, by what this one refers to: a parameter, ``Nested.Outputs.Name``, or what
            :func:`import_of` gives of the name of an export.
        met: Conditions by name of which it is known whether they are met, whatever they are.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        received: Mapping[str, str] = MappingProxyType({}),
        met: Mapping[str, bool] = MappingProxyType({}),
    ) -> None:
        document, self._places = without_loops(document)
        self._document = document
        self._received = received
        self._parameters = as_mapping(document.get("Parameters"))
        self.parameter_names = tuple(map(str, self._parameters))
        self._conditions = as_mapping(document.get("Conditions"))
        self._mappings = as_mapping(document.get("Mappings"))
        self._met: dict[str, Any] = dict(met)
        self._functions: Mapping[str, Callable[[Any, int], Any]] = {
            "Ref": self._ref,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
        }
        self._outputs = as_mapping(document.get("Outputs"))
        written = as_mapping(document.get("Resources"))
        #: What stands among the resources for others that a transform makes: ``Fn::ForEach::…``, ``Fn::Transform``.
        self.macros = tuple(id for id in map(str, written) if id.startswith("Fn::"))
        #: The macros that may make anything else of the template, by name, and what AWS includes at its top level.
        self.transforms = tuple(
            name
            for place in ("Transform", MACRO)
            for name in macro_names(document.get(place))
            if name == _INCLUDE or not name.startswith(_OF_AWS)
        )
        self._is_changed = any(name != _INCLUDE for name in self.transforms)
        #: By logical id. Not among them is what a condition that is not met leaves out.
        self.resources = {
            id: resource
            for id, resource in written.items()
            if isinstance(resource, Mapping) and isinstance(resource.get("Type"), str)
            if self._is_defined(resource) is not False
        }
        #: The modules, which CloudFormation makes other resources of.
        self.modules = tuple(id for id, resource in self.resources.items() if resource["Type"].endswith("::MODULE"))
        #: What others wrote: nested stacks, custom resources, types of a registry, modules.
        self.of_others = tuple(id for id, resource in self.resources.items() if _is_of_others(resource["Type"]))
        #: Whether there may be resources that nobody can see yet.
        self.has_macros = bool(self.macros or self.transforms or self.modules)
        self._by_type: dict[str, dict[str, Any]] = {}
        for id, resource in self.resources.items():
            self._by_type.setdefault(resource["Type"], {})[id] = resource

    def of_type(self, kind: str) -> Mapping[str, Any]:
        """Give the resources of a type, by logical id."""
        return self._by_type.get(kind, {})

    def place(self, id: str) -> Sequence[str]:
        """Give where a resource is written among those of the template, step by step: in a loop, if one makes it."""
        return self._places.get(id, (id,))

    def property(self, id: str, path: str) -> Any:
        """Give what a property of a resource comes to: ``None`` where it is left out.

        Args:
            id: The logical id.
            path: As in ``LoggingConfig.LogFormat``.
        """
        found = self.raw(id, "Properties")
        for name in path.split("."):
            found = self.value(found, shallow=True)
            if found is UNKNOWN:
                return UNKNOWN
            found = self._member(found, name)
        return self.value(found)

    def is_stated(self, id: str, path: str) -> bool | Unknown:
        """Tell whether something stands at a path of a resource, whatever it comes to.

        Args:
            id: The logical id.
            path: As in ``Properties.LoggingConfig``.
        """
        return self.stands(self.raw(id, path))

    def stands(self, written: Any, depth: int = 0) -> bool | Unknown:
        """Tell whether a value is there: not if it is ``AWS::NoValue``, nor if a condition leaves it out."""
        written = self._branch(written)
        if depth > DEEPEST or (isinstance(written, Mapping) and any(map(is_added, written))):
            return UNKNOWN
        argument: Any = written.get("Fn::If") if isinstance(written, Mapping) and len(written) == 1 else None
        if is_list_of(argument, 3):
            first, second = (self.stands(branch, depth + 1) for branch in argument[1:])
            return first if first == second else UNKNOWN
        return written is not None and written != {"Ref": "AWS::NoValue"}

    def may_state(self, id: str, path: str) -> bool:
        """Tell whether something may stand at a path of a resource, unless it is a macro that would put it there."""
        written = self.raw(id, path)
        is_macro = isinstance(written, Mapping) and any(map(is_added, written))
        return not is_macro and self.stands(written) is not False

    def macros_within(self) -> Mapping[str, str]:
        """Give the resources with a macro or a loop within, by logical id: what the first of each is called."""
        found = ((id, _first_added(resource)) for id, resource in self.resources.items())
        return {id: name for id, name in found if name is not None}

    def entries(self, written: Any) -> list[Any] | Unknown:
        """Give what is in a list, as it is written; not known where a condition that is not known leaves some out."""
        there = {place: self.stands(item) for place, item in enumerate(written)} if isinstance(written, list) else {}
        if not isinstance(written, list) or UNKNOWN in there.values():
            return UNKNOWN
        return [item for place, item in enumerate(written) if there[place]]

    def raw(self, id: str, path: str) -> Any:
        """Give what stands at a path of a resource, as it is written; of a condition that is known, its branch."""
        return self.within(self.resources[id], path)

    def within(self, written: Any, path: str) -> Any:
        """Give what stands at a path of an object, in the same way."""
        for name in path.split("."):
            written = self._branch(self._member(written, name))
        return written

    def _member(self, written: Any, name: str) -> Any:
        """Give what an object has by a name; where a macro may put it there, or change it, that macro."""
        if not isinstance(written, Mapping):
            return None
        if MACRO in written and (name not in written or set(macro_names(written[MACRO])) != {_INCLUDE}):
            return {MACRO: written[MACRO]}
        if name not in written and (loop := next(filter(is_added, written), None)) is not None:
            return {loop: written[loop]}
        return {MACRO: None} if name not in written and self._is_changed else written.get(name)

    def is_certain(self, id: str) -> bool:
        """Tell whether a resource is there for sure, and not if a condition is met that nobody knows."""
        return self._is_defined(self.resources[id]) is True

    def where(self, id: str) -> Template:
        """Give the template as it is where a resource is there: its condition is met then, and what follows of that."""
        met: dict[str, bool] = {}
        waiting: list[tuple[Any, bool]] = [({"Condition": self.resources[id].get("Condition")}, True)]
        while waiting:
            written, is_met = waiting.pop()
            ((name, argument),) = written.items() if isinstance(written, Mapping) and len(written) == 1 else [("", "")]
            if name == "Condition" and isinstance(argument, str) and argument not in met:
                met[argument] = is_met
                waiting.append((self._conditions.get(argument), is_met))
            elif name == "Fn::Not" and is_list_of(argument, 1):
                waiting.append((argument[0], not is_met))
            elif name == ("Fn::And" if is_met else "Fn::Or") and isinstance(argument, list):
                waiting.extend((part, is_met) for part in argument)
        return Template(self._document, self._received, met)

    def is_decided(self, written: Any, depth: int = 0) -> bool:
        """Tell whether no part of a value depends on a condition that is not known."""
        written = self._branch(written)
        if depth > DEEPEST:
            return False
        if isinstance(written, list):
            return all(self.is_decided(item, depth + 1) for item in written)
        if not isinstance(written, Mapping):
            return True
        if "Fn::If" in written or any(map(is_added, written)):
            return False
        return all(self.is_decided(item, depth + 1) for item in written.values())

    @cached_property
    def handed_on(self) -> frozenset[str]:
        """The logical ids of what others are given, who may publish, attach or route something to it."""
        return frozenset(of for id in self.of_others for of in self.targets(self.raw(id, "Properties")))

    def given_away(self) -> Sequence[str]:
        """Give the logical ids of the resources that outputs refer to: any other stack may read an output."""
        return [id for output in self._outputs.values() for id in self.targets(as_mapping(output).get("Value"))]

    def outputs(self) -> Sequence[Output]:
        """Give the outputs, but for those that a condition which is not met leaves out."""
        found = []
        for name, written in self._outputs.items():
            output = as_mapping(written)
            defined = self._is_defined(output)
            if defined is not False:
                export = self.text(as_mapping(output["Export"]).get("Name")) if "Export" in output else None
                found.append(Output(str(name), export, self.text(output.get("Value")) if defined is True else None))
        return found

    def value(self, written: Any, depth: int = 0, *, shallow: bool = False) -> Any:
        """Give what a value comes to; of a list or an object with ``shallow`` only whether it is one."""
        if depth > DEEPEST:
            return UNKNOWN
        if isinstance(written, list):
            items = written if shallow else [self.value(item, depth + 1) for item in written]
            return UNKNOWN if any(item is UNKNOWN for item in items) else [i for i in items if i is not None]
        if not isinstance(written, Mapping):
            return UNKNOWN if isinstance(written, str) and _DYNAMIC_REFERENCE in written else written
        if len(written) == 1:
            ((name, argument),) = written.items()
            if name in self._functions:
                return self._functions[name](argument, depth + 1)
            if isinstance(name, str) and (name.startswith("Fn::") or name == "Condition"):
                return UNKNOWN
        return written if shallow else {key: self.value(item, depth + 1) for key, item in written.items()}

    def text(self, written: Any, depth: int = 0) -> str:
        """Give a value as text in which ``${Id}`` and ``${Id.Attribute}`` stand for resources, like ``Fn::Sub``.

        ``${Name}`` stands for a parameter that is not known too, and ``${!Name}`` for what only looks like one.
        Branches of a condition that is not known stand one after the other. What is too long to be true is left out.
        """
        written = self._branch(written)
        if depth > DEEPEST:
            return ""
        if isinstance(written, list):
            return " ".join(self.text(item, depth + 1) for item in written)
        if not isinstance(written, Mapping):
            return str(written).replace("${", "${!")
        if len(written) != 1:
            return " ".join(self.text(item, depth + 1) for item in written.values())
        ((name, argument),) = written.items()
        if is_added(name):
            return f"${{{MACRO}}}"
        if name == "Ref" and isinstance(argument, str):
            return self._reference(argument, depth)
        if name == "Fn::GetAtt":
            parts = argument.split(".") if isinstance(argument, str) else argument
            attribute = ".".join(map(str, parts)) if isinstance(parts, list) else ""
            return self._received.get(attribute, f"${{{attribute}}}" if attribute else "")
        if name == "Fn::ImportValue":
            return self._reference(import_of(self.text(argument, depth + 1)), depth)
        if name == "Fn::GetStackOutput":
            return self._reference(self._stack_output(as_mapping(argument), depth), depth)
        # Of no Region, it gives the zones of the stack's own:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getavailabilityzones.html
        # (read 2026-11-28).
        if name == "Fn::GetAZs" and self.value(argument, depth) == "":
            return self._reference("AWS::Region", depth)
        if name == "Fn::Join" and is_list_of(argument, 2) and isinstance(argument[1], list):
            return str(argument[0]).join(self.text(item, depth + 1) for item in argument[1])
        if name == "Fn::If" and is_list_of(argument, 3):
            return " ".join(self.text(branch, depth + 1) for branch in argument[1:])
        if name == "Fn::Sub":
            template, named = argument if is_list_of(argument, 2) else (argument, {})
            texts = {key: self.text(item, depth + 1) for key, item in as_mapping(named).items()}
            template = template if isinstance(template, str) else ""
            for name in _variables(template):
                texts.setdefault(name, self._reference(name, depth))
            return _substitute(template, texts) or ""
        return self.text(argument, depth + 1)

    def _stack_output(self, argument: Mapping[str, Any], depth: int) -> str:
        names = [self.text(argument.get(key), depth + 1) for key in ("StackName", "OutputName")]
        elsewhere = [self.text(argument.get(key), depth + 1) for key in ("Region", "RoleArn") if key in argument]
        return output_of(*names, elsewhere=[each for each in elsewhere if each != "${AWS::Region}"])

    def texts(self, written: Any) -> Iterator[str]:
        """Give each value in lists and objects as text, but for what depends on a condition that is not known."""
        waiting = [(written, 0)]
        while waiting:
            value, depth = waiting.pop()
            value = self._branch(value)
            if isinstance(value, list):
                within = value
            elif isinstance(value, Mapping) and not is_intrinsic(value):
                within = list(value.values())
            else:
                if self.is_decided(value):
                    yield self.text(value)
                continue
            if depth < DEEPEST:
                waiting.extend((each, depth + 1) for each in reversed(within))

    def _reference(self, name: str, depth: int) -> str:
        if name in self._received:
            return self._received[name]
        value = UNKNOWN if name.partition(".")[0] in self.resources else self._ref(name, depth)
        return f"${{{name}}}" if value is UNKNOWN or value is None else self.text(value, depth + 1)

    def _branch(self, written: Any) -> Any:
        """Give the branch of an ``Fn::If`` whose condition is known, and anything else as it is."""
        for _ in range(DEEPEST):
            argument: Any = written.get("Fn::If") if isinstance(written, Mapping) and len(written) == 1 else None
            met = self._named_condition(argument[0], 0) if is_list_of(argument, 3) else UNKNOWN
            if met is UNKNOWN:
                return written
            written = argument[1 if met else 2]
        return written

    def _is_defined(self, resource: Mapping[str, Any]) -> Any:
        return self._named_condition(resource["Condition"], 0) if "Condition" in resource else True

    def targets(self, written: Any, kind: str | None = None) -> Sequence[str]:
        """Give the logical ids of the resources that a value refers to, in order; of one type, or of any."""
        found = self.references(written)
        return [id for id in found if id in self.resources and kind in (None, self.resources[id]["Type"])]

    def references(self, written: Any) -> Sequence[str]:
        """Give the names that a value refers to, in order: of resources, parameters and whatever else."""
        return [match[2].partition(".")[0] for match in _VARIABLE.finditer(self.text(written)) if not match[1]]

    def refers_to(self, id: str, path: str) -> Sequence[str]:
        """Give the logical ids of the resources that a property of a resource refers to."""
        return self.targets(self.raw(id, f"Properties.{path}"))

    def _ref(self, name: Any, depth: int) -> Any:
        if name == "AWS::NoValue":
            return None
        parameter = self._parameters.get(name) if isinstance(name, str) else None
        default = parameter.get("Default") if isinstance(parameter, Mapping) else None
        if not isinstance(default, (str, int, float)) or not isinstance(parameter, Mapping):
            return UNKNOWN
        kind = str(parameter.get("Type"))
        if kind == "Number":
            return as_number(default)
        if is_list_type(kind):
            items = list_items(str(default))
            return [as_number(item) for item in items] if kind == "List<Number>" else items
        return UNKNOWN if kind.startswith("AWS::SSM") else default

    def _if(self, argument: Any, depth: int) -> Any:
        if not is_list_of(argument, 3):
            return UNKNOWN
        met = self._named_condition(argument[0], depth)
        if met is not UNKNOWN:
            return self.value(argument[1 if met else 2], depth)
        first, second = (self.value(branch, depth) for branch in argument[1:])
        return first if first == second else UNKNOWN

    def _named_condition(self, name: Any, depth: int) -> Any:
        if not isinstance(name, str) or name not in self._conditions:
            return UNKNOWN
        if name not in self._met:
            # While it is being found out it is not known, so that conditions which name each other come to an end.
            self._met[name] = UNKNOWN
            self._met[name] = self._condition(self._conditions[name], depth + 1)
        return self._met[name]

    def _condition(self, written: Any, depth: int) -> Any:
        """Give whether a condition is met, by the defaults of the parameters."""
        if depth > DEEPEST or not isinstance(written, Mapping) or len(written) != 1:
            return UNKNOWN
        ((name, argument),) = written.items()
        if name == "Condition":
            return self._named_condition(argument, depth)
        if name == "Fn::Equals" and is_list_of(argument, 2):
            first, second = (self.value(side, depth + 1) for side in argument)
            return UNKNOWN if UNKNOWN in (first, second) else as_written(first) == as_written(second)
        met = [self._condition(part, depth + 1) for part in argument] if isinstance(argument, list) else [UNKNOWN]
        if name == "Fn::Not" and len(met) == 1:
            return met[0] if met[0] is UNKNOWN else not met[0]
        decisive = {"Fn::And": False, "Fn::Or": True}.get(name)
        if decisive is None:
            return UNKNOWN
        if decisive in met:
            return decisive
        return UNKNOWN if UNKNOWN in met else not decisive

    def _join(self, argument: Any, depth: int) -> Any:
        items = self.value(argument[1], depth) if is_list_of(argument, 2) else UNKNOWN
        return str(argument[0]).join(map(as_written, items)) if isinstance(items, list) else UNKNOWN

    def _sub(self, argument: Any, depth: int) -> Any:
        text, named = argument if is_list_of(argument, 2) else (argument, {})
        if not isinstance(text, str):
            return UNKNOWN
        values = {
            name: self.value(named[name] if name in as_mapping(named) else {"Ref": name}, depth)
            for name in _variables(text)
        }
        if any(value is UNKNOWN for value in values.values()):
            return UNKNOWN
        found = _substitute(text, {name: as_written(value) for name, value in values.items()})
        return UNKNOWN if found is None else found.replace("${!", "${")

    def _select(self, argument: Any, depth: int) -> Any:
        index, items = (self.value(part, depth) for part in argument) if is_list_of(argument, 2) else (None, None)
        position = as_number(index)
        if not isinstance(items, list) or not isinstance(position, int) or not 0 <= position < len(items):
            return UNKNOWN
        return items[position]

    def _split(self, argument: Any, depth: int) -> Any:
        text = self.value(argument[1], depth) if is_list_of(argument, 2) else UNKNOWN
        return (
            text.split(argument[0])
            if isinstance(text, str) and argument[0] and isinstance(argument[0], str)
            else UNKNOWN
        )

    def _find_in_map(self, argument: Any, depth: int) -> Any:
        if not (is_list_of(argument, 3) or is_list_of(argument, 4)):
            return UNKNOWN
        names = [self.value(key, depth) for key in argument[:3]]
        if not all(isinstance(name, str) for name in names):
            return UNKNOWN
        mapping = self._member(self._mappings, names[0])
        found = self._member(self._member(mapping, names[1]), names[2])
        # The default is for keys that a mapping does not have:
        # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html
        # (read 2026-11-28).
        if found is None and mapping is not None:
            found = as_mapping(argument[-1]).get("DefaultValue")
        value = self.value(found, depth)
        return UNKNOWN if value is None else value


def is_intrinsic(value: Mapping[Any, Any]) -> bool:
    """Tell whether an object is an intrinsic function, which comes to a value."""
    return len(value) == 1 and str(next(iter(value))).startswith(("Fn::", "Ref"))


def _is_of_others(kind: str) -> bool:
    """Tell whether what is behind a type is a template or code that somebody wrote, which may do anything."""
    return kind not in _ADDING_NOTHING and (kind in _WRITTEN_BY_OTHERS or not kind.startswith(_TYPES_OF_AWS))


def _first_added(written: Any) -> str | None:
    waiting = [(written, 0)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, Mapping):
            if (name := next(filter(is_added, value), None)) is not None:
                return str(name)
            value = list(value.values())
        if isinstance(value, list) and depth < DEEPEST:
            waiting.extend((each, depth + 1) for each in value if isinstance(each, (Mapping, list)))
    return None


def import_of(export: str) -> str:
    """Give what stands for an export where it is imported: no template has anything that is called so itself."""
    return f"Fn::ImportValue {export}"


def output_of(stack: str, output: str, *, elsewhere: Sequence[str] = ()) -> str:
    """Give what stands for the output of another stack where it is read: of one elsewhere, something else."""
    return " ".join(("Fn::GetStackOutput", stack, output, *elsewhere))


def _variables(text: str) -> Sequence[str]:
    """Give the names of the variables in the text of an ``Fn::Sub``, each once."""
    return list(dict.fromkeys(name for literal, name in _VARIABLE.findall(text) if not literal))


def _substitute(text: str, values: Mapping[str, str]) -> str | None:
    """Put values in the place of variables; ``None`` if that is longer than any template."""
    added = sum(len(values[name]) for literal, name in _VARIABLE.findall(text) if not literal)
    if len(text) + added > LONGEST:
        return None
    return _VARIABLE.sub(lambda match: match[0] if match[1] else values[match[2]], text)
