"""Draws what templates define: who calls what is published, where that runs, and what it reaches from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..documents.functions import below_stack, functions_on_managed_instances
from ..rules.facts import LATEST_PUBLISHED, UNKNOWN, Unknown
from ..rules.limits import EXECUTION_ENVIRONMENTS_MAX
from ..template.intrinsics import Template
from ..template.properties import PROVIDER_ARN, read_fact, text_of
from ..template.publication import ALIAS, CAPACITY_PROVIDER, FUNCTION, URL, VERSION
from ..template.survey import Survey
from .canvas import Canvas
from .entries import PERMISSION, Entries, Entry
from .network import Network
from .picture import Group, Picture, Role, Way
from .wording import counted, known, several

#: With more functions than that in one template, each is one box with its alias in it.
MOST_IN_DETAIL = 8
#: More entry points of one kind than that to one target are one box.
MOST_ENTRIES = 6

# What the construct of a resource is called where its name says only what it is.
_SAYS_NOTHING = {"resource", "default", "function", "alias", "capacityprovider", "vpc", "securitygroup", "table"}


@dataclass(frozen=True, eq=False)
class Subject:
    """One template that may be drawn."""

    #: What to call it where several are drawn: the name of its stack.
    title: str
    template: Template
    #: Construct paths, by logical id.
    paths: Mapping[str, str] = field(default_factory=dict)
    #: The construct path of its stack; empty where it is not known.
    stack: str = ""

    @property
    def functions(self) -> Sequence[str]:
        """The functions on Managed Instances, by logical id."""
        return functions_on_managed_instances(self.template)

    @property
    def has_capacity_provider(self) -> bool:
        """Whether the template defines a capacity provider."""
        return bool(self.template.of_type(CAPACITY_PROVIDER))

    def name(self, id: str) -> str:
        """Give what its author calls a resource: ``ListOrders`` for ``Shop/ListOrders/Function/Resource``."""
        parts = below_stack(self.paths.get(id, ""), self.stack).split("/")
        while len(parts) > 1 and parts[-1].lower() in _SAYS_NOTHING:
            del parts[-1]
        return "/".join(parts) or id


def draw(subjects: Iterable[tuple[Subject, Collection[str]]]) -> Picture:
    """Draw templates.

    Args:
        subjects: Each with the functions to draw of it, by logical id. Capacity providers are drawn with them; where
            all functions are drawn, those that have none as well.
    """
    numbers: Counter[str] = Counter()
    drawn = list(subjects)
    picture = Picture(id="picture", title=several([subject.title for subject, _ in drawn]))
    for subject, functions in drawn:
        place: Group = picture
        if len(drawn) > 1:
            numbers["stack"] += 1
            place = Group(f"stack{numbers['stack']}", subject.title)
            picture.groups.append(place)
        _Sheet(subject, functions, Canvas(picture, place, numbers)).draw()
    return picture


class _Sheet:
    """The part of a picture that one template is on.

    Args:
        subject: The template.
        functions: Those to draw.
        canvas: Where.
    """

    def __init__(self, subject: Subject, functions: Collection[str], canvas: Canvas) -> None:
        self._subject = subject
        self._template = subject.template
        self._survey = Survey(subject.template)
        self._functions = [id for id in subject.functions if id in functions]
        self._is_all = len(self._functions) == len(subject.functions)
        self._is_detailed = len(self._functions) <= MOST_IN_DETAIL
        self._canvas = canvas

    def draw(self) -> None:
        for function in self._functions:
            self._draw_function(function)
        self._draw_entries()
        providers = dict.fromkeys(filter(None, (self._survey.providers.get(id) for id in self._functions)))
        if self._is_all:
            providers.update(dict.fromkeys(self._survey.capacity_providers))
        for provider in providers:
            self._draw_provider(provider)
        for function in self._functions:
            self._attach(function)
        standard = len(self._template.of_type(FUNCTION)) - len(self._subject.functions)
        if standard and self._is_all:
            self._canvas.note(f"left out: functions that are not on Managed Instances, {standard}")

    # --- what is published

    def _draw_function(self, id: str) -> None:
        publication = self._survey.publications.of(id)
        names = [known(self._template.property(alias, "Name")) for alias in publication.aliases]
        told = self._size(id) if self._is_detailed else (f"alias {several(names)}" if names else "",)
        serves = self._serves(id)
        function = self._canvas.box(
            id,
            Role.FUNCTION,
            "function",
            self._subject.name(id),
            *told,
            "" if serves else "nothing is published, LMI604",
            is_cut_off=not serves,
        )
        for version in publication.versions:
            self._draw_version(version, function)
        for alias, name in zip(publication.aliases, names, strict=True):
            self._draw_alias(alias, name, id)
        if self._is_detailed and self._publishes_latest(id) is True:
            self._latest_published(id)

    def _serves(self, function: str) -> bool:
        """Tell whether something of a function is published, as far as is known."""
        facts, _ = next(self._survey.function_facts(function))
        return facts.published_versions != 0 or facts.publish_to_latest_published is not False

    def _draw_version(self, version: str, function: str) -> None:
        if not self._is_detailed:
            self._canvas.stand_for(version, function)
            return
        self._canvas.arrow(
            self._canvas.box(version, Role.VERSION, "published version", self._bounds(version)), function
        )

    def _draw_alias(self, alias: str, name: str, function: str) -> None:
        if not self._is_detailed:
            self._canvas.stand_for(alias, self._box_of(function))
            return
        box = self._canvas.box(alias, Role.ALIAS, "alias", name)
        versions = self._survey.publications.of(function).versions
        served = [
            version
            for path in ("FunctionVersion", "RoutingConfig")
            for version in self._template.refers_to(alias, path)
            if version in versions
        ]
        for version in served:
            self._canvas.arrow(box, self._box_of(version))
        if text_of(self._template.property(alias, "FunctionVersion")) == LATEST_PUBLISHED:
            self._canvas.arrow(box, self._latest_published(function))
        elif not served:
            self._canvas.arrow(box, self._box_of(function), Way.UNTOLD, "a version that the template does not define")

    def _latest_published(self, function: str) -> str:
        """Give the box of ``$LATEST.PUBLISHED``, which is drawn where something calls it."""
        box = self._canvas.box(f"{function} {LATEST_PUBLISHED}", Role.VERSION, LATEST_PUBLISHED, self._bounds(function))
        self._canvas.arrow(box, self._box_of(function))
        return box

    def _box_of(self, id: str) -> str:
        """Give the box of what is drawn already."""
        return str(self._canvas.id_of(id))

    def _size(self, function: str) -> Iterator[str]:
        """Give what one execution environment has and takes."""
        runtime, memory, ratio, concurrency = (
            read_fact(self._template, function, fact)
            for fact in (
                "runtime",
                "memory_size",
                "execution_environment_memory_gib_per_v_cpu",
                "per_execution_environment_max_concurrency",
            )
        )
        yield ", ".join(filter(None, (known(runtime), counted(memory, "MiB"), counted(ratio, "GiB per vCPU"))))
        yield counted(concurrency, "at once in each environment")

    def _bounds(self, scaled: str) -> str:
        """Give how many execution environments a version has, or the function for ``$LATEST.PUBLISHED``."""
        least, most = (
            read_fact(self._template, scaled, fact)
            for fact in ("min_execution_environments", "max_execution_environments")
        )
        if least is UNKNOWN:
            return ""
        bounded = most is not UNKNOWN and most is not None and most < EXECUTION_ENVIRONMENTS_MAX
        return f"{least} to {most} environments" if bounded else f"at least {least} environments"

    # --- what calls it

    def _draw_entries(self) -> None:
        entries = Entries(self._template, self._subject.name)
        called: dict[tuple[str, Way, str], list[Entry]] = {}
        for caller, target, function in self._calls():
            way, label = self._way_to(caller, target, function)
            called.setdefault((self._target(caller, target, function), way, label), []).append(entries.entry(caller))
        for (target, way, label), found in called.items():
            for lines in _together(_told_once(found)):
                key = f"entry {target} {way} {lines}"
                box = self._canvas.box(key, Role.ENTRY, *lines, is_cut_off=way is Way.CLOSED)
                self._canvas.arrow(box, target, way, label)

    def _calls(self) -> Iterator[tuple[str, str, str]]:
        """Give each caller, what it names, and whose version or alias that is."""
        publications = self._survey.publications
        drawn = set(self._functions)
        for caller, resource in self._template.resources.items():
            calls = dict(publications.called_by(caller))
            # A permission for a function URL is none to call from elsewhere.
            if resource["Type"] == PERMISSION and self._template.raw(caller, "Properties.FunctionUrlAuthType"):
                continue
            if resource["Type"] == FUNCTION:
                calls = self._invoked_by(caller)
            yield from ((caller, target, function) for target, function in calls.items() if function in drawn)

    def _invoked_by(self, caller: str) -> dict[str, str]:
        """Give what the code of a function may invoke, by what its role names."""
        found: dict[str, str] = {}
        for target in self._survey.permissions.resources_called(caller).get("lambda", ()):
            kind = self._template.resources[target]["Type"]
            if kind == FUNCTION:
                found[target] = target
            elif kind in (ALIAS, VERSION):
                behind = self._template.targets(self._template.raw(target, "Properties.FunctionName"), FUNCTION)
                found.update((target, function) for function in behind[:1])
        return found

    def _is_unqualified(self, caller: str, target: str, function: str) -> bool:
        return target == function and caller in self._survey.publications.unqualified_callers(function)

    def _target(self, caller: str, target: str, function: str) -> str:
        """Give the box that a caller gets to."""
        if target == function and not self._is_unqualified(caller, target, function):
            target = self._alias_beside(caller, function)
        elif target == function and self._publishes_latest(function) is True and self._is_detailed:
            return self._latest_published(function)
        return self._canvas.id_of(target) or self._box_of(function)

    def _alias_beside(self, caller: str, function: str) -> str:
        """Give the alias whose name stands beside the function, or the first."""
        aliases = self._survey.publications.of(function).aliases
        named = self._template.property(caller, "Qualifier") if self._is_url(caller) else UNKNOWN
        matching = [alias for alias in aliases if self._template.property(alias, "Name") == named]
        return next(iter((*matching, *aliases)), "")

    def _is_url(self, id: str) -> bool:
        return bool(self._template.resources[id]["Type"] == URL)

    def _way_to(self, caller: str, target: str, function: str) -> tuple[Way, str]:
        if target == function and self._template.resources[caller]["Type"] == FUNCTION:
            return Way.UNTOLD, "any version"
        if not self._is_unqualified(caller, target, function):
            return Way.OPEN, ""
        published = self._publishes_latest(function)
        if published is UNKNOWN:
            return Way.UNTOLD, "names no version"
        return (Way.OPEN, "names no version, LMI601") if published else (Way.CLOSED, "nothing serves it, LMI601")

    def _publishes_latest(self, function: str) -> bool | Unknown:
        published: bool | Unknown = read_fact(self._template, function, "publish_to_latest_published")
        return published

    # --- where it runs

    def _attach(self, function: str) -> None:
        provider = self._survey.providers.get(function)
        written = self._template.raw(function, f"Properties.{PROVIDER_ARN}")
        key = provider or f"provider {self._template.text(written)}"
        box = self._canvas.box(key, Role.ELSEWHERE, "capacity provider", "not defined by this template")
        self._canvas.arrow(self._box_of(function), box, Way.BELONGS, "runs on")

    def _draw_provider(self, id: str) -> None:
        facts = self._survey.capacity_providers[id]
        architectures = facts.capacity_provider_architectures
        named = "" if isinstance(architectures, Unknown) else ", ".join(map(str, architectures))
        cap = counted(facts.max_v_cpu_count, "vCPU at most")
        told = ", ".join(filter(None, (named, cap)))
        box = self._canvas.box(id, Role.CAPACITY_PROVIDER, "capacity provider", self._subject.name(id), told)
        functions = [function for function in self._functions if self._survey.providers.get(function) == id]
        Network(self._canvas, self._survey, id, functions, self._subject.name).draw(box)


def _told_once(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Leave out permissions for what is an entry point itself, and what would be told twice."""
    themselves = {entry.principal for entry in entries if not entry.is_permission}
    return list(
        dict.fromkeys(entry for entry in entries if not (entry.is_permission and entry.principal in themselves))
    )


def _together(entries: Sequence[Entry]) -> Iterator[tuple[str, ...]]:
    """Give what to write of each entry point, of many of a kind together."""
    kinds: dict[str, list[str]] = {}
    for entry in entries:
        kinds.setdefault(entry.kind, []).append(entry.detail)
    for kind, details in kinds.items():
        if len(details) > MOST_ENTRIES:
            yield (f"{kind}, {len(details)}", several(details))
        else:
            yield from ((kind, detail) for detail in details)
