"""What a synthesised template declares of one function on Managed Instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..documents.assembly import AssembledTemplate, Constructs, asset_of, standing_with
from ..documents.files import STANDARD_INPUT
from ..documents.functions import NamedFunction, functions_called, hint_for, listed, named_functions
from ..documents.source import UnreadableError
from ..inspection import is_untransformed, read_templates
from ..rules.catalogue import RULES
from ..rules.facts import UNKNOWN, Facts, language_of
from ..rules.limits import PYTHON
from ..template.intrinsics import Template
from ..template.properties import PROPERTIES
from ..template.survey import Survey
from .choice import Size

#: The facts without which there is nothing to measure against.
_NEEDED = (*Size.__dataclass_fields__, "timeout", "ephemeral_storage_size")
_VARIABLES = "Environment.Variables"


class DeclarationError(ValueError):
    """The template does not say what to measure. The message follows the path of the template."""


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A function on Managed Instances as a template declares it."""

    #: The template.
    path: str
    #: The logical id.
    function: str
    #: All known facts of it, its capacity provider and its first version, the size included.
    facts: Facts
    size: Size
    #: Seconds.
    timeout: int
    #: MiB under ``/tmp``.
    ephemeral_storage_size: int
    #: As in ``list_orders.handler``; ``None`` if the template does not state it.
    handler: str | None
    #: The environment variables whose values the template states.
    environment: Mapping[str, str]
    #: The names of those whose values are known only at deployment.
    unknown_environment: tuple[str, ...]
    #: The ids of the rules that were acknowledged for it in CDK.
    acknowledged: frozenset[str]
    #: The folder of its code in the cloud assembly; ``None`` if there is none.
    code: Path | None
    #: Why the code that the template names is not run unasked: it is outside of the cloud assembly; else ``None``.
    code_refused: str | None


def read_declaration(path: str, function: str | None = None, *, concurrency: int | None = None) -> Declaration:
    """Read what a template, or one template of a cloud assembly, declares of a function.

    Args:
        path: A template in JSON or YAML, a cloud assembly (``cdk.out``), or ``-`` for standard input.
        function: The logical id, the name, or the construct path, whole or from the stack on; it may be left out where
            there is one function only.
        concurrency: Taken for the concurrency of one execution environment where the template does not tell it.

    Raises:
        UnreadableError: The template cannot be read.
        DeclarationError: There is no such function, or several, or it is not one of Python, or its size cannot be
            known.
    """
    templates = list(_templates(path))
    found = [candidate for template in templates for candidate in _candidates(template)]
    if not found:
        untransformed = any(map(is_untransformed, templates))
        hint = "; AWS::Serverless resources are not read, so name what their transform makes" if untransformed else ""
        raise DeclarationError(f"it has no function on Managed Instances{hint}")
    return _declaration(_chosen(found, function), concurrency)


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A function on Managed Instances that the user may mean."""

    path: str
    named: NamedFunction
    constructs: Constructs
    survey: Survey

    @property
    def id(self) -> str:
        return self.named.id


def _templates(path: str) -> Iterator[AssembledTemplate]:
    for found in read_templates([path]):
        if isinstance(found, UnreadableError):
            raise found
        yield found


def _candidates(template: AssembledTemplate) -> Iterator[_Candidate]:
    survey = Survey(Template(template.document.value))
    constructs = template.constructs
    for named in named_functions(survey.template, constructs.paths, constructs.stack, template.path):
        yield _Candidate(path=template.path, named=named, constructs=constructs, survey=survey)


def _chosen(candidates: Sequence[_Candidate], function: str | None) -> _Candidate:
    there = {each.named: each for each in candidates}
    functions = list(there)
    matching = functions if function is None else functions_called(functions, function)
    if len(matching) == 1:
        return there[matching[0]]
    if matching:
        which = "in it" if function is None else f"named {function!r}"
        raise DeclarationError(
            f"{len(matching)} functions on Managed Instances are {which}; select one with --function: "
            f"{', '.join(listed(matching, functions, function or ''))}"
        )
    hint = hint_for(functions, str(function))
    raise DeclarationError(f"it has no function {function!r} on Managed Instances; {hint}")


def _declaration(candidate: _Candidate, concurrency: int | None) -> Declaration:
    template, id = candidate.survey.template, candidate.id
    facts = _facts(candidate, concurrency)
    variables = template.property(id, _VARIABLES)
    variables = {_VARIABLES: UNKNOWN} if variables is UNKNOWN else variables if isinstance(variables, Mapping) else {}
    handler = template.property(id, "Handler")
    known: Any = {fact: getattr(facts, fact) for fact in _NEEDED}
    code, refused = _code(candidate)
    return Declaration(
        path=candidate.path,
        function=id,
        facts=facts,
        size=Size(**{fact: known[fact] for fact in Size.__dataclass_fields__}),
        timeout=known["timeout"],
        ephemeral_storage_size=known["ephemeral_storage_size"],
        handler=handler if isinstance(handler, str) else None,
        environment={name: _text(value) for name, value in variables.items() if value is not UNKNOWN},
        unknown_environment=tuple(name for name, value in variables.items() if value is UNKNOWN),
        acknowledged=_acknowledged(candidate),
        code=code,
        code_refused=refused,
    )


def _facts(candidate: _Candidate, concurrency: int | None) -> Facts:
    """Read all facts, with those that are needed among them."""
    facts, _ = next(iter(candidate.survey.function_facts(candidate.id)))
    if isinstance(facts.runtime, str) and language_of(facts.runtime) is not PYTHON:
        raise DeclarationError(f"{candidate.id} runs {facts.runtime}; fit measures only Python")
    if concurrency is not None and facts.per_execution_environment_max_concurrency is UNKNOWN:
        facts = replace(facts, per_execution_environment_max_concurrency=concurrency)
    unknown = [fact for fact in _NEEDED if getattr(facts, fact) is UNKNOWN]
    if unknown:
        reasons = [f"{PROPERTIES[fact]} of {candidate.id} {_reason(candidate, facts, fact)}" for fact in unknown]
        only_concurrency = unknown == ["per_execution_environment_max_concurrency"]
        change = "give one number with --concurrency" if only_concurrency else "write numbers into the template"
        raise DeclarationError(f"{', '.join(reasons)}; {change}, or leave out --template")
    return facts


def _reason(candidate: _Candidate, facts: Facts, fact: str) -> str:
    """Tell why a fact is not known. Only the default of the concurrency depends on something else."""
    value = candidate.survey.template.property(candidate.id, PROPERTIES[fact])
    if value is UNKNOWN:
        return "is known only at deployment"
    if value is not None:
        return "is not a number that Lambda takes"
    what = "the language, which the template does not state" if facts.runtime is UNKNOWN else "the vCPUs"
    return f"is left out, and its default depends on {what}"


def _text(value: object) -> str:
    """Spell a value as CloudFormation passes it to Lambda, which accepts only text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _acknowledged(candidate: _Candidate) -> frozenset[str]:
    resources = standing_with(candidate.survey.template)[candidate.id]
    return frozenset(rule.id for rule in RULES if candidate.constructs.reason(rule.id, resources) is not None)


def _code(candidate: _Candidate) -> tuple[Path | None, str | None]:
    """Return the folder that the function's code was copied to, if it was copied and is a folder, or why not to run it.

    Only what is in the cloud assembly was made with the template. A template from elsewhere may name any folder.
    """
    if candidate.path == STANDARD_INPUT:
        return None, None
    metadata = candidate.survey.template.raw(candidate.id, "Metadata")
    try:
        path = asset_of(candidate.path, metadata, candidate.id)
    except UnreadableError as error:
        return None, (
            f"{error} and not run unasked: name the folder of the code with --task-root (cdk synth copies it into the "
            "assembly, unless it is told --no-staging)"
        )
    return (Path(path) if path and Path(path).is_dir() else None), None
