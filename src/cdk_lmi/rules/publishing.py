"""LMI6xx: what is published, what serves, and what calls it."""

from __future__ import annotations

import re

from .engine import Finding, Severity, change, rule
from .facts import ALARM_PERIODS
from .limits import (
    CREATE_ALIAS,
    MANAGED_INSTANCES,
    METRIC_INTERVAL,
    ROLLBACKS,
    SAM_CAPACITY_PROVIDER_CONFIG,
    SCALING,
    VERSIONS,
)

# Before that, no alarm on metrics of Managed Instances has gone off.
_SHIFT_MINUTES_MIN = ALARM_PERIODS * int(METRIC_INTERVAL)


@rule("LMI601", severity=Severity.ERROR, source=VERSIONS)
def unqualified_target(unqualified_callers: tuple[str, ...], publish_to_latest_published: bool) -> Finding | None:
    """Something calls the function itself and not a version of it.

    Only published versions serve on Managed Instances. A call that names none goes to ``$LATEST.PUBLISHED``: where
    that is not published, Lambda answers NoPublishedVersionException. Where it is, the call is served by its fleet,
    which follows every publish at once and which no alias can hold back: a warning.
    """
    if not unqualified_callers:
        return None
    return Finding(
        subject="unqualified_callers",
        must="call an alias or a version of the function",
        got=f"{', '.join(unqualified_callers)} calling the function itself",
        fix=(change("point them at an alias of a published version", unqualified_callers=()),),
        severity=Severity.WARNING if publish_to_latest_published else None,
    )


@rule("LMI602", severity=Severity.WARNING, source=SCALING)
def scaling_on_unserved_version(scales_latest_published: bool, unscaled_versions: tuple[str, ...]) -> Finding | None:
    """Scaling stands on the function, while an alias serves a numbered version that has none.

    Scaling of the function is that of ``$LATEST.PUBLISHED`` only. The version behind the alias runs the defaults:
    3 execution environments and no maximum, whatever the numbers on the function say.
    """
    if not (scales_latest_published and unscaled_versions):
        return None
    return Finding(
        subject="scales_latest_published",
        must="stand on the version that serves",
        got=f"none on {', '.join(unscaled_versions)}",
        fix=(change("move the scaling to the version", scales_latest_published=False, unscaled_versions=()),),
    )


@rule("LMI603", severity=Severity.WARNING, source=VERSIONS)
def second_fleet(published_versions: int, publish_to_latest_published: bool) -> Finding | None:
    """A numbered version and ``$LATEST.PUBLISHED`` are both published.

    Each keeps a minimum of its own running, three execution environments by default, and both are paid for.
    CloudFormation publishes ``$LATEST.PUBLISHED`` unless it is told not to.
    """
    if not (published_versions and publish_to_latest_published):
        return None
    return Finding(
        subject="publish_to_latest_published",
        must="be off where a numbered version is published",
        got=f"on, with {published_versions} numbered",
        fix=(change(publish_to_latest_published=False, words="turn it off"),),
    )


@rule("LMI604", severity=Severity.ERROR, source=VERSIONS)
def nothing_published(published_versions: int, publish_to_latest_published: bool) -> Finding | None:
    """Nothing is published, so that nothing can serve.

    Lambda starts no instance for a function on Managed Instances before a version of it is published.
    """
    if published_versions or publish_to_latest_published:
        return None
    return Finding(
        subject="published_versions",
        must="be at least 1, with publishing to $LATEST.PUBLISHED off",
        got=str(published_versions),
        fix=(change("publish a version and put an alias before it", published_versions=1),),
    )


@rule("LMI605", severity=Severity.ERROR, source=SAM_CAPACITY_PROVIDER_CONFIG)
def provisioned_concurrency(provisioned: tuple[str, ...]) -> Finding | None:
    """Concurrency is provisioned for a version or an alias.

    A function has a capacity provider or provisioned concurrency, not both: execution environments are always warm
    here. Rests on AWS SAM, which refuses the two together.
    """
    if not provisioned:
        return None
    return Finding(
        subject="provisioned",
        must="be left out on Managed Instances",
        got=f"provisioned concurrency on {', '.join(provisioned)}",
        fix=(change("raise the minimum of execution environments instead", provisioned=()),),
    )


@rule("LMI606", severity=Severity.WARNING, source=SCALING)
def retained_version(retained_versions: tuple[str, ...]) -> Finding | None:
    """A version is kept when it is replaced.

    It keeps its minimum of execution environments running, and no capacity provider can be deleted while a version
    uses it. A capacity provider takes 100 versions, and no more.
    """
    if not retained_versions:
        return None
    return Finding(
        subject="retained_versions",
        must="have versions deleted when they are replaced",
        got=f"retained: {', '.join(retained_versions)}",
        fix=(change("set the deletion policy to Delete", retained_versions=()),),
    )


@rule("LMI607", severity=Severity.ERROR, source=MANAGED_INSTANCES)
def scaling_without_capacity_provider(
    has_capacity_provider: bool, scales_latest_published: bool, scaled_versions: tuple[str, ...] = ()
) -> Finding | None:
    """A function scales its execution environments and has no capacity provider.

    Lambda refuses the scaling: "The function provided by the arn does not contain a capacity provider
    configuration".
    """
    if has_capacity_provider or not (scales_latest_published or scaled_versions):
        return None
    return Finding(
        subject="scales_latest_published" if scales_latest_published else "scaled_versions",
        must="be left out without a capacity provider",
        got="scaling of execution environments",
        fix=(
            change("leave out the scaling", scales_latest_published=False, scaled_versions=()),
            change("put the function on a capacity provider", has_capacity_provider=True),
        ),
    )


@rule("LMI608", severity=Severity.ERROR, source=CREATE_ALIAS)
def invalid_alias_name(alias_name: str) -> Finding | None:
    """The alias has a name that Lambda does not take.

    1 to 128 letters, digits, hyphens and underscores, and not digits only, which would name a version.
    """
    if re.fullmatch(r"(?!\d+$)[a-zA-Z0-9_-]{1,128}", alias_name):
        return None
    return Finding(
        subject="alias_name",
        must="have 1 to 128 letters, digits, hyphens and underscores, not digits only",
        got=repr(alias_name),
        fix=(change(alias_name="live"),),
    )


@rule("LMI609", severity=Severity.WARNING, source=ROLLBACKS)
def rollout_turned_back_by_nothing(rollback_triggers: int, shift_minutes: int = _SHIFT_MINUTES_MIN) -> Finding | None:
    """Traffic shifts bit by bit, and nothing turns it back in time.

    CodeDeploy turns a rollout back when an alarm of its deployment group goes off. Without one, a canary dies and all
    traffic follows. Lambda tells CloudWatch of Managed Instances every five minutes, and an alarm waits for two of
    these: what shifts faster is over by then.
    """
    enough = max(shift_minutes, _SHIFT_MINUTES_MIN)
    slower = change(f"shift traffic over {_SHIFT_MINUTES_MIN} minutes or more", shift_minutes=enough)
    if rollback_triggers < 1:
        return Finding(
            subject="rollback_triggers",
            must="give an alarm that turns a rollout back",
            got="none",
            fix=(
                change(
                    "add alarms to the deployment group, as add_alarms() of a ManagedInstanceFunction does",
                    rollback_triggers=1,
                    shift_minutes=enough,
                ),
            ),
            fields=("rollback_triggers",),
        )
    if shift_minutes >= _SHIFT_MINUTES_MIN:
        return None
    return Finding(
        subject="shift_minutes",
        must=f"shift traffic over at least {_SHIFT_MINUTES_MIN} minutes, for alarms to turn it back",
        got=f"{shift_minutes} minutes",
        fix=(slower, change("acknowledge this where alarms of your own go off sooner")),
        fields=("shift_minutes",),
    )
