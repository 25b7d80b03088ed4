"""What of a template belongs together, read into facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..rules.facts import (
    LATEST,
    LATEST_PUBLISHED,
    UNKNOWN,
    CapacityProviderFacts,
    Facts,
    FunctionFacts,
    Unknown,
    default_max_concurrency,
    fleets_at_once,
    v_cpu_count,
)
from ..rules.instances import v_cpus_for_updates, v_cpus_of_instance
from ..rules.limits import MAX_V_CPU_COUNT_MAX
from ..rules.network import LOGS
from .connectivity import Connectivity
from .cross_stack import NOTHING, Received
from .intrinsics import Template
from .permissions import Permissions
from .properties import PROPERTIES, PROVIDER_ARN, SCALING, count_at, read_fact, text_of
from .publication import CAPACITY_PROVIDER, FUNCTION, SHIFT, Publication, Publications
from .queues import shortest_visibility
from .rollouts import read_rollout
from .schedules import ScalingSchedule, scaling_schedules

_BOUNDS = ("min_execution_environments", "max_execution_environments")
_SIZE = ("memory_size", "execution_environment_memory_gib_per_v_cpu")
_RETAINED = ("retained_versions", "versions_retained_on_replacement")
_OF_CALLS = ("called_function", "publish_to_latest_published", "has_capacity_provider")


class _Fleet(NamedTuple):
    """The minimum of one version."""

    environments: int
    #: Of each execution environment.
    v_cpus_each: int
    #: Two while traffic shifts from one version to the next.
    at_once: int

    @property
    def v_cpus(self) -> int:
        return self.at_once * self.environments * self.v_cpus_each


class Survey:
    """What of a template belongs together: each function's capacity provider, versions, aliases and callers.

    Everything is gone through once, so that a template may be large.

    Args:
        template: The template.
        received: What it gets of others.
    """

    def __init__(self, template: Template, received: Received = NOTHING) -> None:
        self.template = template
        self._received = received
        self.publications = Publications(template, received.named)
        self.permissions = Permissions(template, self.publications)
        self._visibility = shortest_visibility(template, self.publications)
        #: By function: the capacity provider, where the template defines it.
        self.providers = {
            id: _only(template.targets(template.raw(id, f"Properties.{PROVIDER_ARN}"), CAPACITY_PROVIDER))
            for id in template.of_type(FUNCTION)
        }
        self._calls = {id: self.permissions.calls(id) for id, provider in self.providers.items() if provider}
        self._services_needed: dict[str, set[str]] = {}
        for id, calls in self._calls.items():
            known = () if isinstance(calls, Unknown) else calls.services
            self._services_needed.setdefault(str(self.providers[id]), {LOGS}).update(known)
        # What others may publish, or add to, in this stack or in another one.
        self._handed_on = {*template.handed_on, *template.given_away()}
        self.connectivity = connectivity = Connectivity(template, received.continued)
        self._versions_on = self._find_versions()
        self.capacity_providers = {
            id: self._capacity_provider_facts(id, connectivity) for id in template.of_type(CAPACITY_PROVIDER)
        }
        self._own_pools = self._find_own_pools(connectivity)
        #: The schedules that set the bounds of a function on a capacity provider.
        self.schedules = [
            schedule for schedule in scaling_schedules(template, self.publications) if self.providers[schedule.function]
        ]
        self._fleets = {id: self._minimum_fleets(id) for id, provider in self.providers.items() if provider}
        self._v_cpus_of_provider: Counter[str | None] = Counter()
        for id, fleets in self._fleets.items():
            self._v_cpus_of_provider[self.providers[id]] += _v_cpus(fleets)
        self._caps_for_all = {id: self._cap_for_all(id) for id in self.capacity_providers}

    def function_facts(self, id: str) -> Iterator[tuple[Facts, Mapping[str, Iterable[str]]]]:
        """Read a function: once for each version that is published by number, or once where none is.

        What it leaves out is what Lambda takes. Each time with the resources that the facts were read from.
        """
        publication, provider = self.publications.of(id), self.providers[id]
        read = self._read(id, (fact for fact in FunctionFacts.__dataclass_fields__ if fact in PROPERTIES))
        if read["per_execution_environment_max_concurrency"] is None:
            read["per_execution_environment_max_concurrency"] = _default_max_concurrency(read)
        published = self._published_facts(publication)
        read["alias_name"] = (
            text_of(self.template.property(publication.aliases[0], "Name")) if publication.aliases else UNKNOWN
        )
        read["published_versions"] = self._count_published(id, publication)
        of_latest = self.publications.callers_of_latest(id)
        callers = self.publications.unqualified_callers(id)
        read["unqualified_callers"] = tuple(caller for caller in callers if caller not in of_latest)
        published["provisioned"] += self.publications.scaled_provisioned_concurrency(id)
        read["event_invoke_configs_of_latest"] = self.publications.event_invoke_configs_of_latest(id)
        read["called_function"] = id
        visibility = self._visibility.get(id)
        read["visibility_timeout"] = visibility.seconds if visibility else UNKNOWN
        read["capacity_provider_arn"] = _named_provider(self.template, id)
        read["latest_published_deactivated"] = _is_deactivated(self._read(id, _BOUNDS).values())
        read["shifts_traffic"] = self._shifts_traffic(publication)
        rollout, groups = read_rollout(self.template, publication.aliases)
        read.update(rollout)
        calls = self._calls.get(id, UNKNOWN)
        read["called_services"] = UNKNOWN if isinstance(calls, Unknown) else tuple(calls.services)
        read["calls_anything"] = UNKNOWN if isinstance(calls, Unknown) else calls.anything
        if provider:
            read["default_capacity_providers"] = self._own_pools.get(provider, 0)
            read.update(vars(self.capacity_providers[provider]))
        stands_on: dict[str, Iterable[str]] = {
            **dict.fromkeys(FunctionFacts.__dataclass_fields__, (id,)),
            **(self.capacity_provider_stands_on(provider) if provider else {}),
            **published,
            **dict.fromkeys(rollout, groups),
            "alias_name": publication.aliases[:1],
            "shifts_traffic": publication.aliases[:1],
            "unqualified_callers": read["unqualified_callers"],
            "visibility_timeout": (visibility.queue,) if visibility else (),
            "event_invoke_configs_of_latest": read["event_invoke_configs_of_latest"],
        }
        for scaled in publication.scaled(id):
            bounds = self._bounds(scaled)
            counted = self._counted(id, scaled) if provider else {}
            yield Facts(**{**read, **published, **bounds, **counted}), {**stands_on, **dict.fromkeys(bounds, (scaled,))}
        if of_latest:
            same = {fact: read[fact] for fact in _OF_CALLS}
            yield Facts(unqualified_callers=of_latest, calls_latest=True, **same), {"unqualified_callers": of_latest}
        first_of_name = self._first_of_name(publication)
        for alias in publication.aliases[1:]:
            first = first_of_name.get(alias, alias)
            facts = Facts(
                alias_name=text_of(self.template.property(alias, "Name")),
                alias_of_same_name=None if first == alias else first,
                has_capacity_provider=read["has_capacity_provider"],
            )
            yield facts, {"alias_name": (alias,)}

    def latest_published_facts(self, id: str) -> Iterator[tuple[Facts, Mapping[str, Iterable[str]]]]:
        """Read the function's own bounds, which are of ``$LATEST.PUBLISHED``, where it has numbered versions beside.

        With the resources that the facts were read from.
        """
        provider = self.providers[id]
        if not (provider and self.publications.of(id).versions):
            return
        read = self._read(id, (*_BOUNDS, *_SIZE, "publish_to_latest_published"))
        counted = self._counted(id, id)
        facts = Facts(**vars(self.capacity_providers[provider]), **read, **counted, shifts_traffic=False)
        yield facts, {**dict.fromkeys(read, (id,)), **self.capacity_provider_stands_on(provider)}

    def schedule_facts(self, schedule: ScalingSchedule) -> tuple[Facts, Mapping[str, Iterable[str]]]:
        """Read a schedule: the bounds that it sets, and what they are held against.

        With the resources that the facts were read from.
        """
        id, provider = schedule.function, self.providers[schedule.function]
        publication = self.publications.of(id)
        scaled = self._scaled_by(schedule) or publication.scaled(id)[0]
        sizes = self._read(id, _SIZE)
        facts = Facts(
            **vars(self.capacity_providers[str(provider)]),
            **sizes,
            **schedule.parameters,
            schedule=schedule.id,
            shifts_traffic=self._at_once(id, scaled) > 1,
            **{f"{fact}_of_new_version": bound for fact, bound in self._read(scaled, _BOUNDS).items()},
            **self._counted(id, scaled),
        )
        return facts, {
            **dict.fromkeys(sizes, (id,)),
            **self.capacity_provider_stands_on(str(provider)),
            **dict.fromkeys(schedule.parameters, (schedule.id,)),
            "shifts_traffic": publication.aliases[:1],
        }

    def calls_of_foreign_functions(self) -> Iterator[tuple[str, Facts]]:
        """Read which functions of other templates are called without a version, by each resource that does."""
        foreign = self._received.functions
        for id, function in ((id, foreign[id]) for id in self.publications.called_by_themselves() if id in foreign):
            for caller in self.publications.unqualified_callers(id):
                facts = Facts(
                    unqualified_callers=(caller,),
                    called_function=function.name,
                    calls_latest=caller in self.publications.callers_of_latest(id),
                    publish_to_latest_published=function.publish_to_latest_published,
                )
                yield caller, facts

    def _shifts_traffic(self, publication: Publication) -> bool | Unknown:
        stated = {self.template.is_stated(id, SHIFT) for id in publication.aliases}
        return True if True in stated else UNKNOWN if UNKNOWN in stated else False

    def _first_of_name(self, publication: Publication) -> Mapping[str, str]:
        """Give for each alias the first that has its name, of those that are there and the function's for sure."""
        first: dict[str, str] = {}
        return {
            alias: first.setdefault(name, alias)
            for alias in filter(self._is_certainly_of_one, publication.aliases)
            if isinstance(name := self.template.property(alias, "Name"), str)
        }

    def _published_facts(self, publication: Publication) -> dict[str, tuple[str, ...]]:
        """Read what holds of some of the versions and aliases: which ones."""

        def having(ids: Iterable[str], path: str, stated: bool = True) -> tuple[str, ...]:
            """Give those that have a property for sure, or for sure do not have it."""
            return tuple(id for id in ids if self.template.is_stated(id, f"Properties.{path}") is stated)

        return {
            "scaled_versions": having(publication.versions, SCALING),
            "aliases_of_latest": tuple(
                alias
                for alias in publication.aliases
                if self.template.property(alias, PROPERTIES["aliases_of_latest"]) == LATEST
            ),
            "unscaled_versions": having(publication.served, SCALING, stated=False),
            "provisioned": having((*publication.versions, *publication.aliases), PROPERTIES["provisioned"]),
            **{fact: self._retained_by(PROPERTIES[fact], publication.versions) for fact in _RETAINED},
        }

    def _count_published(self, id: str, publication: Publication) -> int | Unknown:
        """Count the versions; not known where none is seen and somebody else may publish."""
        if publication.versions:
            return len(publication.versions)
        elsewhere = id in self._handed_on or self.template.has_macros or self.publications.may_have_more(id)
        return UNKNOWN if elsewhere or any(map(self._is_of_number, publication.aliases)) else 0

    def _is_of_number(self, alias: str) -> bool:
        """Tell whether an alias may serve a version that is published by number."""
        return self.template.property(alias, PROPERTIES["aliases_of_latest"]) not in (LATEST, LATEST_PUBLISHED)

    def _retained_by(self, policy: str, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(id for id in ids if str(self.template.value(self.template.raw(id, policy))).startswith("Retain"))

    def capacity_provider_stands_on(self, id: str) -> Mapping[str, Iterable[str]]:
        """Give the resources that the facts of a capacity provider were read from."""
        facts = self.capacity_providers[id]
        endpoints = {
            fact: found
            for fact in ("endpoints_without_private_dns", "endpoints_refusing_instances", "conflicting_endpoints")
            if not isinstance(found := getattr(facts, fact), Unknown)
        }
        role = self.permissions.operator_role(id)
        of_role = {} if role is None else dict.fromkeys(("operator_trusts", "operator_policies"), (role,))
        return {**dict.fromkeys(CapacityProviderFacts.__dataclass_fields__, (id,)), **endpoints, **of_role}

    def _capacity_provider_facts(self, id: str, connectivity: Connectivity) -> CapacityProviderFacts:
        template, needed = self.template, self._services_needed.get(id, {LOGS})
        found: dict[str, Any] = {
            fact: UNKNOWN if (count := count_at(template, id, PROPERTIES[fact])) is None else count
            for fact in ("subnets", "security_groups")
        }
        found["availability_zones"] = _availability_zones(template, id)
        found["capacity_provider_log_group"] = _log_group(template, id)
        found["actions_missing_on_key"] = self.permissions.missing_on_key(id)
        found["operator_trusts"] = self.permissions.operator_trusts(id)
        found["operator_policies"] = self._operator_policies(id)
        versions = self._versions_on.get(id, ())
        found["function_versions"], found["published_functions"] = sum(versions), len(versions)
        found["vpcs"] = connectivity.vpcs(id)
        found["routes_out"] = connectivity.routes_out(id)
        found["endpoint_services"] = connectivity.endpoint_services(id)
        found["endpoints_without_private_dns"] = connectivity.endpoints_without_private_dns(id, needed)
        found["endpoints_refusing_instances"] = connectivity.endpoints_refusing_instances(id, needed)
        found["conflicting_endpoints"] = connectivity.conflicting_endpoints(id)
        found["https_out"] = connectivity.https_out(id)
        stated = CapacityProviderFacts.__dataclass_fields__.keys() - found.keys()
        return CapacityProviderFacts(**found, **self._read(id, stated))

    def _find_versions(self) -> dict[str, list[int]]:
        """Count the versions of each function on a capacity provider, as far as all of that is sure to be there."""
        found: dict[str, list[int]] = {}
        for id, provider in self.providers.items():
            if provider and self._is_certainly_on_provider(id):
                versions = list(filter(self._is_certainly_of_one, self.publications.of(id).versions))
                found.setdefault(provider, []).extend([len(versions)] if versions else [])
        return found

    def _is_certainly_of_one(self, published: str) -> bool:
        """Tell whether no condition that is not known decides that a version or an alias is there, and of what."""
        template = self.template
        return template.is_certain(published) and template.is_decided(
            template.raw(published, "Properties.FunctionName")
        )

    def _is_certainly_on_provider(self, id: str) -> bool:
        """Tell whether no condition that is not known decides that a function is there, and on which provider."""
        template = self.template
        return template.is_certain(id) and template.is_decided(template.raw(id, f"Properties.{PROVIDER_ARN}"))

    def _operator_policies(self, id: str) -> tuple[str, ...] | Unknown:
        """Give the policies of an operator role; where none is seen, others may add some to a role that they get."""
        found = self.permissions.operator_policies(id)
        return found or (UNKNOWN if self.permissions.operator_role(id) in self._handed_on else ())

    def _find_own_pools(self, connectivity: Connectivity) -> dict[str, int]:
        """Number the capacity providers that have one function and a VPC for themselves, in their order."""
        functions = Counter(self.providers.values())
        vpcs = {id: connectivity.vpc(id) for id in self.capacity_providers}
        shared = Counter(vpcs.values())
        alone = [id for id, vpc in vpcs.items() if vpc and shared[vpc] == 1 and functions[id] == 1]
        return {id: position for position, id in enumerate(alone, start=1)}

    def _read(self, id: str, facts: Iterable[str]) -> dict[str, Any]:
        return {fact: read_fact(self.template, id, fact) for fact in facts}

    def _minimum_fleets(self, id: str) -> dict[str, _Fleet]:
        """Count each minimum fleet of a function, by what it is of, as far as they are known and sure to be there.

        The largest there can be: the highest minimum that a schedule sets, and two versions while traffic shifts.
        """
        sizes = self._read(id, _SIZE).values()
        if not self._is_certainly_on_provider(id) or UNKNOWN in sizes:
            return {}
        minimums = {
            scaled: [self._bounds(scaled)["min_execution_environments"], *self._scheduled_minimums(id, scaled)]
            for scaled in (*self.publications.of(id).scaled(id), *self._published_beside(id))
            if scaled == id or self._is_certainly_of_one(scaled)
        }
        return {
            scaled: _Fleet(max(0, *known), v_cpu_count(*sizes), self._at_once(id, scaled))
            for scaled, found in minimums.items()
            if (known := [minimum for minimum in found if minimum is not UNKNOWN])
        }

    def _published_beside(self, id: str) -> tuple[str, ...]:
        """Give the function itself where ``$LATEST.PUBLISHED`` keeps a fleet beside those of numbered versions."""
        is_beside = self.publications.of(id).versions and read_fact(self.template, id, "publish_to_latest_published")
        return (id,) if is_beside is True else ()

    def _at_once(self, id: str, scaled: str) -> int:
        """Give how many fleets there are at once: traffic shifts between numbered versions only."""
        publication = self.publications.of(id)
        return fleets_at_once(scaled in publication.scaled(id) and self._shifts_traffic(publication))

    def _scheduled_minimums(self, id: str, scaled: str) -> Iterator[Any]:
        # One that names no version of the template may name any number.
        named = (None, scaled) if scaled in self.publications.of(id).scaled(id) else (scaled,)
        for schedule in self.schedules:
            if schedule.function == id and self._scaled_by(schedule) in named:
                yield schedule.parameters["min_execution_environments"]

    def _scaled_by(self, schedule: ScalingSchedule) -> str | None:
        """Give what a schedule scales: a version of the template, or the function for ``$LATEST.PUBLISHED``."""
        is_latest = schedule.parameters["schedule_qualifier"] == LATEST_PUBLISHED
        return schedule.function if is_latest else schedule.version

    def _counted(self, id: str, scaled: str) -> dict[str, Any]:
        """Count what else is on the capacity provider of a function beside the minimum of one of its versions."""
        provider, fleets = self.providers[id], self._fleets[id]
        own = _v_cpus(fleets)
        several = {"version": LATEST_PUBLISHED if scaled == id else scaled} if fleets.keys() - {scaled} else {}
        return {
            "v_cpus_of_other_functions": self._v_cpus_of_provider[provider] - own,
            "v_cpus_of_other_versions": own - (fleets[scaled].v_cpus if scaled in fleets else 0),
            "max_v_cpu_count_for_all": self._caps_for_all[str(provider)],
            **several,
        }

    def _cap_for_all(self, provider: str) -> int:
        """Give the cap that leaves room for the next version of each function on a capacity provider, or 0."""
        allowed = self.capacity_providers[provider].allowed_instance_types
        types = () if isinstance(allowed, Unknown) else allowed
        total = self._v_cpus_of_provider[provider]
        caps = (
            v_cpus_for_updates(each.environments, each.v_cpus_each, total - each.v_cpus, instance)
            for id, fleets in self._fleets.items()
            if self.providers[id] == provider
            for each in fleets.values()
            if each.environments and (instance := v_cpus_of_instance(each.v_cpus_each, types))
        )
        return max((cap for cap in caps if cap <= MAX_V_CPU_COUNT_MAX), default=0)

    def _bounds(self, id: str) -> dict[str, Any]:
        """Read what a version, or the function where none is published, scales between."""
        stated = {fact: self.template.property(id, PROPERTIES[fact]) for fact in _BOUNDS}
        named = [PROPERTIES[fact].rpartition(".")[2] for fact, value in stated.items() if value is not None]
        lone = UNKNOWN if UNKNOWN in stated.values() else named[0] if len(named) == 1 else None
        return {**self._read(id, _BOUNDS), "lone_scaling_bound": lone}


def _v_cpus(fleets: Mapping[str, _Fleet]) -> int:
    return sum(fleet.v_cpus for fleet in fleets.values())


def _only(ids: Iterable[str]) -> str | None:
    """Give the one that they all are, or none."""
    found = set(ids)
    return found.pop() if len(found) == 1 else None


def _named_provider(template: Template, id: str) -> str | Unknown:
    """Give what names the capacity provider of a function, where that is certain: text, or a reference to a name."""
    written = template.raw(id, f"Properties.{PROVIDER_ARN}")
    if isinstance(written, str):
        value = template.value(written)
        return value if isinstance(value, str) else UNKNOWN
    named = template.text(written).removeprefix("${").removesuffix("}")
    if named not in template.of_type(CAPACITY_PROVIDER):
        return UNKNOWN
    # The property takes an ARN too, which is what the reference comes to then.
    name = template.property(named, PROPERTIES["capacity_provider_name"])
    return named if name is None or (isinstance(name, str) and not name.startswith("arn:")) else UNKNOWN


def _is_deactivated(bounds: Collection[Any]) -> bool | Unknown:
    """Tell whether both bounds are 0: not so where one of them is known to be another."""
    if any(bound not in (0, UNKNOWN) for bound in bounds):
        return False
    return UNKNOWN if UNKNOWN in bounds else True


def _default_max_concurrency(read: Mapping[str, Any]) -> Any:
    sizes = read["memory_size"], read["execution_environment_memory_gib_per_v_cpu"]
    return UNKNOWN if UNKNOWN in sizes else default_max_concurrency(read["runtime"], v_cpu_count(*sizes))


def _availability_zones(template: Template, id: str) -> int | Unknown:
    """Count the zones of the subnets, where the template defines all of them."""
    subnets = template.entries(template.raw(id, f"Properties.{PROPERTIES['availability_zones']}"))
    if isinstance(subnets, Unknown):
        return UNKNOWN
    zones = set()
    for subnet in subnets:
        targets = template.targets(subnet, "AWS::EC2::Subnet")
        zone = template.raw(targets[0], "Properties.AvailabilityZone") if len(targets) == 1 else None
        if template.stands(zone) is not True:
            return UNKNOWN
        zones.add(template.text(zone))
    return len(zones)


def _log_group(template: Template, id: str) -> Any:
    """Read the name of the log group for system logs, also of one that the template defines."""
    written = template.raw(id, f"Properties.{PROPERTIES['capacity_provider_log_group']}")
    defined = template.targets(written, "AWS::Logs::LogGroup")
    value = template.property(defined[0], "LogGroupName") if defined else template.value(written)
    return value if value is None or isinstance(value, str) else UNKNOWN
