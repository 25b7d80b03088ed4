"""LMI3xx: the number of execution environments and of vCPUs."""

from __future__ import annotations

import re

from .engine import Change, Finding, Severity, change, rule
from .facts import fleets_at_once, v_cpu_count
from .instances import v_cpus_for_updates, v_cpus_of_instance
from .limits import (
    CAPACITY_PROVIDER_SCALING_CONFIG,
    EXECUTION_ENVIRONMENTS_MAX,
    EXECUTION_ENVIRONMENTS_MIN,
    INSTANCE_V_CPU_MIN,
    MAX_V_CPU_COUNT_MAX,
    MAX_V_CPU_COUNT_MIN,
    MAX_V_CPU_COUNT_OF_DEFAULT_FLEET,
    MIN_EXECUTION_ENVIRONMENTS_DEFAULT,
    PUT_FUNCTION_SCALING_CONFIG,
    SCALING,
    SCALING_POLICIES_MAX,
    SCALING_POLICIES_MIN,
    SCALING_TARGET_MAX,
    SCALING_TARGET_MIN,
    TROUBLESHOOTING,
)


@rule("LMI301", severity=Severity.ERROR, source=EXECUTION_ENVIRONMENTS_MAX.source)
def environments_out_of_range(
    min_execution_environments: int, max_execution_environments: int | None = None
) -> Finding | None:
    """The minimum or maximum of execution environments is outside Lambda's range.

    Each bound is from 0 to 15000, both for the version behind an alias and for $LATEST.PUBLISHED.
    """
    bounds = {
        "min_execution_environments": min_execution_environments,
        "max_execution_environments": max_execution_environments,
    }
    nearest = {
        name: int(min(max(value, EXECUTION_ENVIRONMENTS_MIN), EXECUTION_ENVIRONMENTS_MAX))
        for name, value in bounds.items()
        if value is not None and not EXECUTION_ENVIRONMENTS_MIN <= value <= EXECUTION_ENVIRONMENTS_MAX
    }
    if not nearest:
        return None
    return Finding(
        subject=next(iter(nearest)),
        must=f"be between {EXECUTION_ENVIRONMENTS_MIN} and {EXECUTION_ENVIRONMENTS_MAX} execution environments",
        got=" and ".join(str(bounds[name]) for name in nearest),
        fix=(Change(nearest),),
        fields=tuple(nearest),
    )


@rule("LMI302", severity=Severity.ERROR, source=SCALING)
def min_environments_above_max(
    min_execution_environments: int, max_execution_environments: int | None
) -> Finding | None:
    """The minimum of execution environments is above the maximum.

    CloudFormation's schema does not compare the two bounds. The CDK's own construct and the Serverless Framework reject
    a minimum above the maximum.
    """
    if max_execution_environments is None or min_execution_environments <= max_execution_environments:
        return None
    return Finding(
        subject="min_execution_environments",
        must=f"be at most the maximum, {max_execution_environments}",
        got=str(min_execution_environments),
        fix=(
            change(max_execution_environments=min_execution_environments),
            change(min_execution_environments=max_execution_environments),
        ),
    )


@rule("LMI303", severity=Severity.WARNING, source=SCALING)
def min_zero_with_max(min_execution_environments: int, max_execution_environments: int | None) -> Finding | None:
    """A version that should serve may scale to zero execution environments.

    Starting from zero takes minutes, and requests may fail in that time. Older text of AWS's guide allows a minimum of
    0 only together with a maximum of 0, which deactivates the version.
    """
    if min_execution_environments != 0 or max_execution_environments == 0:
        return None
    smallest = int(MIN_EXECUTION_ENVIRONMENTS_DEFAULT)
    room = max_execution_environments is None or max_execution_environments >= smallest
    return Finding(
        subject="min_execution_environments",
        must="be above 0 for a version that serves",
        got="0",
        fix=(
            change(min_execution_environments=smallest)
            if room
            else change(min_execution_environments=smallest, max_execution_environments=smallest),
            change(max_execution_environments=0, note="to deactivate the version"),
        ),
    )


@rule("LMI304", severity=Severity.WARNING, source=SCALING)
def one_scaling_bound_only(lone_scaling_bound: str | None) -> Finding | None:
    """Only one bound of the execution environments is stated.

    Lambda chooses the other: a minimum of 3, or no maximum. AWS's guide says that a bound left out of an update returns
    to that default. The tests of the Terraform provider say that it keeps its value. State both bounds to avoid the
    question.
    """
    if lone_scaling_bound is None:
        return None
    stated, missing = ("Min", "Max") if lone_scaling_bound.startswith("Min") else ("Max", "Min")
    return Finding(
        subject="lone_scaling_bound",
        must="state both bounds or none",
        got=f"only {lone_scaling_bound}",
        fix=(change(f"state {lone_scaling_bound.replace(stated, missing)} too", lone_scaling_bound=None),),
    )


@rule("LMI305", severity=Severity.WARNING, source=MIN_EXECUTION_ENVIRONMENTS_DEFAULT.source)
def fewer_than_three_environments(
    min_execution_environments: int, max_execution_environments: int | None = None
) -> Finding | None:
    """The loss of one Availability Zone would remove half of the version's capacity, or all of it.

    Lambda keeps three execution environments by default, one in each of three Availability Zones. Fewer cost less, and
    are the right choice if an outage of minutes does not matter.
    """
    if not 0 < min_execution_environments < MIN_EXECUTION_ENVIRONMENTS_DEFAULT:
        return None
    smallest = int(MIN_EXECUTION_ENVIRONMENTS_DEFAULT)
    raised = max_execution_environments is not None and max_execution_environments < smallest
    bounds = {"min_execution_environments": smallest, **({"max_execution_environments": smallest} if raised else {})}
    return Finding(
        subject="min_execution_environments",
        must=f"be at least {smallest} to survive the loss of an Availability Zone",
        got=str(min_execution_environments),
        fix=(Change(bounds),),
    )


@rule("LMI306", severity=Severity.ERROR, source=TROUBLESHOOTING)
def minimum_fleet_above_max_vcpu(
    min_execution_environments: int,
    memory_size: int,
    execution_environment_memory_gib_per_v_cpu: float,
    max_v_cpu_count: int,
    v_cpus_of_other_functions: int = 0,
    allowed_instance_types: tuple[str, ...] = (),
    shifts_traffic: bool = False,
    v_cpus_of_other_versions: int = 0,
    max_v_cpu_count_for_all: int = 0,
    version: str = "",
) -> Finding | None:
    """The minimum execution environments need more vCPUs than the capacity provider may have.

    Publishing waits for the minimum of every version. If it exceeds the cap, publishing fails with
    CapacityProviderScalingLimitExceeded ("MinimumExecutionEnvironments can't be provisioned because CapacityProvider
    has reached maxVCpuCount limit"), and a failed version stays failed. While CodeDeploy shifts traffic, the old
    version keeps its minimum beside that of the new one, so the function counts twice.
    """
    v_cpus = v_cpu_count(memory_size, execution_environment_memory_gib_per_v_cpu)
    fleets = fleets_at_once(shifts_traffic)
    others = v_cpus_of_other_functions + v_cpus_of_other_versions
    fleet = fleets * min_execution_environments * v_cpus + others
    if min_execution_environments <= 0 or fleet <= max_v_cpu_count or not _may_be_cap(max_v_cpu_count):
        return None
    parts = (
        f"{min_execution_environments} execution environments of {v_cpus} vCPU",
        f" for {version}" if version else "",
        ", twice while traffic shifts" if shifts_traffic else "",
        f", and {v_cpus_of_other_versions} vCPU for other versions of it" if v_cpus_of_other_versions else "",
        f", and {v_cpus_of_other_functions} vCPU for other functions" if v_cpus_of_other_functions else "",
    )
    instance = v_cpus_of_instance(v_cpus, allowed_instance_types)
    enough = v_cpus_for_updates(min_execution_environments, v_cpus, others, instance)
    affordable = (max_v_cpu_count - others) // (fleets * v_cpus)
    return Finding(
        subject="max_v_cpu_count",
        must=f"be at least {fleet} vCPU ({''.join(parts)})",
        got=f"{max_v_cpu_count} vCPU",
        fix=(
            *([_raised(enough, max_v_cpu_count_for_all)] if enough <= MAX_V_CPU_COUNT_MAX else []),
            *([change(min_execution_environments=affordable)] if affordable > 0 else []),
        )
        or (
            change(
                "put the function on a capacity provider of its own, with no more execution environments than fit",
                v_cpus_of_other_functions=0,
                v_cpus_of_other_versions=0,
                max_v_cpu_count=int(MAX_V_CPU_COUNT_MAX),
                min_execution_environments=min(min_execution_environments, MAX_V_CPU_COUNT_MAX // (fleets * v_cpus)),
            ),
        ),
    )


@rule("LMI307", severity=Severity.WARNING, source=INSTANCE_V_CPU_MIN.source)
def no_vcpu_headroom(
    min_execution_environments: int,
    memory_size: int,
    execution_environment_memory_gib_per_v_cpu: float,
    max_v_cpu_count: int,
    v_cpus_of_other_functions: int,
    allowed_instance_types: tuple[str, ...],
    shifts_traffic: bool,
    v_cpus_of_other_versions: int = 0,
    max_v_cpu_count_for_all: int = 0,
    version: str = "this one",
) -> Finding | None:
    """There are no vCPUs left for the next version beside this one, and for one spare instance.

    Every version keeps its minimum until it is deleted, and the next one must have its own up before that. So the first
    deployment needs the minimum fleet once and each later one needs it twice, or it fails with
    CapacityProviderScalingLimitExceeded. Lambda launches whole instances and chooses their size. If one fails to
    launch, another must fit under the cap, too. The rule counts instances of the smallest size that holds one execution
    environment, with one vCPU of each reserved for the operating system: at least three when publishing, plus one
    spare. AWS documents no rule for the size, so the real fleet may be larger.
    """
    v_cpus = v_cpu_count(memory_size, execution_environment_memory_gib_per_v_cpu)
    others = v_cpus_of_other_functions + v_cpus_of_other_versions
    fleet = fleets_at_once(shifts_traffic) * min_execution_environments * v_cpus + others
    if min_execution_environments <= 0 or fleet > max_v_cpu_count or not _may_be_cap(max_v_cpu_count):
        return None
    instance = v_cpus_of_instance(v_cpus, allowed_instance_types)
    enough = v_cpus_for_updates(min_execution_environments, v_cpus, others, instance)
    if enough <= max_v_cpu_count or enough > MAX_V_CPU_COUNT_MAX:
        return None
    return Finding(
        subject="max_v_cpu_count",
        must=f"be at least {enough} vCPU to leave room for the next version beside {version} and for a spare instance "
        f"({enough // instance - 1} instances of {instance} vCPU and one more)",
        got=f"{max_v_cpu_count} vCPU",
        fix=(_raised(enough, max_v_cpu_count_for_all),),
    )


@rule("LMI308", severity=Severity.ERROR, source=MAX_V_CPU_COUNT_MAX.source)
def max_vcpu_out_of_range(max_v_cpu_count: int) -> Finding | None:
    """The vCPU cap of the capacity provider is outside Lambda's range.

    The cap is from 2 to 15000 vCPUs over all instances. The default is 400.
    """
    if _may_be_cap(max_v_cpu_count):
        return None
    nearest = MAX_V_CPU_COUNT_MAX if max_v_cpu_count > MAX_V_CPU_COUNT_MAX else MAX_V_CPU_COUNT_OF_DEFAULT_FLEET
    return Finding(
        subject="max_v_cpu_count",
        must=f"be between {MAX_V_CPU_COUNT_MIN} and {MAX_V_CPU_COUNT_MAX} vCPU",
        got=f"{max_v_cpu_count} vCPU",
        fix=(change(max_v_cpu_count=int(nearest)),),
    )


@rule("LMI309", severity=Severity.WARNING, source=MAX_V_CPU_COUNT_OF_DEFAULT_FLEET.source)
def max_vcpu_below_twelve(max_v_cpu_count: int) -> Finding | None:
    """The vCPU cap is lower than the fleet that publishing launches by default.

    Lambda's API accepts 2, but publishing launches three instances, and the smallest ones observed have four vCPUs. The
    CDK's own construct refuses less than 12. This library passes the value on.
    """
    if not MAX_V_CPU_COUNT_MIN <= max_v_cpu_count < MAX_V_CPU_COUNT_OF_DEFAULT_FLEET:
        return None
    return Finding(
        subject="max_v_cpu_count",
        must=f"be at least {MAX_V_CPU_COUNT_OF_DEFAULT_FLEET} vCPU for the three instances that publishing launches",
        got=f"{max_v_cpu_count} vCPU",
        fix=(change(max_v_cpu_count=int(MAX_V_CPU_COUNT_OF_DEFAULT_FLEET)),),
    )


@rule("LMI310", severity=Severity.ERROR, source=CAPACITY_PROVIDER_SCALING_CONFIG)
def manual_scaling_without_policy(scaling_mode: str, scaling_targets: tuple[float, ...]) -> Finding | None:
    """The scaling policies do not match the scaling mode.

    Manual scaling needs one to ten target tracking policies. Automatic scaling has none.
    """
    count = len(scaling_targets)
    allowed = range(SCALING_POLICIES_MIN, SCALING_POLICIES_MAX + 1) if scaling_mode == "Manual" else range(1)
    if count in allowed:
        return None
    automatic = change(scaling_mode="Auto", scaling_targets=())
    fewer = change(
        f"keep at most {SCALING_POLICIES_MAX} policies", scaling_targets=scaling_targets[:SCALING_POLICIES_MAX]
    )
    # Who writes policies wants them: Auto is also what Lambda takes where no mode is stated.
    manual = (change(scaling_mode="Manual"),) if SCALING_POLICIES_MIN <= count <= SCALING_POLICIES_MAX else ()
    return Finding(
        subject="scaling_targets",
        must=f"hold {SCALING_POLICIES_MIN} to {SCALING_POLICIES_MAX} policies for manual scaling, none for automatic",
        got=f"{count} with scaling mode {scaling_mode}",
        fix=(fewer,) if scaling_mode == "Manual" and count else (*manual, automatic),
    )


@rule("LMI311", severity=Severity.ERROR, source=SCALING_TARGET_MAX.source)
def scaling_target_out_of_range(scaling_targets: tuple[float, ...]) -> Finding | None:
    """The target of a scaling policy is not a percentage.

    The CDK's own construct accepts any number.
    """
    outside = [target for target in scaling_targets if not SCALING_TARGET_MIN <= target <= SCALING_TARGET_MAX]
    if not outside:
        return None
    return Finding(
        subject="scaling_targets",
        must=f"track a target between {SCALING_TARGET_MIN} and {SCALING_TARGET_MAX} %",
        got=" and ".join(f"{target:g} %" for target in outside),
        fix=(
            change(
                f"give each policy a target between {SCALING_TARGET_MIN} and {SCALING_TARGET_MAX} %",
                scaling_targets=tuple(
                    min(max(target, SCALING_TARGET_MIN), SCALING_TARGET_MAX) for target in scaling_targets
                ),
            ),
        ),
    )


@rule("LMI312", severity=Severity.WARNING, source=SCALING)
def schedule_scales_to_zero(schedule: str, max_execution_environments: int | None) -> Finding | None:
    """A schedule scales the version to zero execution environments.

    That deactivates the version, and only new bounds reactivate it: invocations do not. Instances take minutes to
    start, and invocations fail until then. A deployment also reactivates the function, because a new version starts
    with its own bounds.
    """
    if max_execution_environments != 0:
        return None
    smallest = int(MIN_EXECUTION_ENVIRONMENTS_DEFAULT)
    return Finding(
        subject="max_execution_environments",
        must="be above 0 at any hour at which something invokes the version",
        got="0",
        fix=(
            change("acknowledge this, and reactivate the version by another schedule some minutes before its use"),
            change(min_execution_environments=smallest, max_execution_environments=smallest),
        ),
        fields=("min_execution_environments", "max_execution_environments"),
    )


@rule("LMI313", severity=Severity.WARNING, source=SCALING)
def scheduled_bounds_lost_by_deployment(
    schedule: str,
    min_execution_environments: int,
    min_execution_environments_of_new_version: int,
    max_execution_environments: int | None = 0,
    max_execution_environments_of_new_version: int | None = None,
) -> Finding | None:
    """A deployment resets the capacity that a schedule has raised.

    A new version starts with the bounds of the function, whatever the hour of the deployment. The bounds that a
    schedule has set stay with the previous version. Until the schedule's next run, the new version has fewer execution
    environments than it needs at that hour, or a lower maximum, and throttles. State bounds that are safe at any hour,
    and let schedules lower them.
    """
    bounds = {
        "min_execution_environments": (min_execution_environments, min_execution_environments_of_new_version),
        "max_execution_environments": (max_execution_environments, max_execution_environments_of_new_version),
    }
    raised = {name: (set_, own) for name, (set_, own) in bounds.items() if _bound(set_) > _bound(own)}
    if not raised:
        return None
    return Finding(
        subject=next(iter(raised)),
        must=f"be at most {' and '.join(str(own) for _, own in raised.values())}, which every new version starts with",
        got=" and ".join("no bound" if set_ is None else str(set_) for set_, _ in raised.values()),
        fix=(
            Change(
                {f"{name}_of_new_version": set_ for name, (set_, _) in raised.items()},
                "give the function itself bounds that are as high, and lower them with schedules",
            ),
            change("acknowledge this, and deploy at an hour when it does no harm"),
        ),
        fields=tuple(raised),
    )


@rule("LMI314", severity=Severity.ERROR, source=PUT_FUNCTION_SCALING_CONFIG)
def schedule_without_version(schedule: str, schedule_qualifier: str | None) -> Finding | None:
    """A schedule sets bounds, but names no version that has any.

    PutFunctionScalingConfig takes the number of a version or ``$LATEST.PUBLISHED`` as its qualifier, and requires one.
    It refuses the name of an alias. EventBridge Scheduler reports nothing to the deployment: each run fails, and the
    bounds never change.
    """
    if schedule_qualifier is not None and re.fullmatch(r"\$LATEST\.PUBLISHED|[0-9]+", schedule_qualifier):
        return None
    return Finding(
        subject="schedule_qualifier",
        must="be the number of a version, or $LATEST.PUBLISHED",
        got="none" if schedule_qualifier is None else repr(schedule_qualifier),
        fix=(
            change(
                "refer to the version that the alias serves, as in Fn::GetAtt: [Version, Version]; scale_on_schedule() "
                "of a ManagedInstanceFunction does",
                schedule_qualifier="1",
            ),
        ),
    )


def _bound(stated: int | None) -> int:
    """Return a bound as a number: no bound is the highest possible."""
    return int(EXECUTION_ENVIRONMENTS_MAX) if stated is None else min(stated, int(EXECUTION_ENVIRONMENTS_MAX))


def _may_be_cap(max_v_cpu_count: int) -> bool:
    """Whether Lambda takes such a cap: of any other, its range (LMI308) is all that there is to say."""
    return MAX_V_CPU_COUNT_MIN <= max_v_cpu_count <= MAX_V_CPU_COUNT_MAX


def _raised(enough: int, for_all: int) -> Change:
    """Raise the cap for all functions on the capacity provider at once, or each would be told another number."""
    return change(max_v_cpu_count=max(enough, min(for_all, int(MAX_V_CPU_COUNT_MAX))))
