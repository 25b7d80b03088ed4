"""LMI6xx: what is published, what serves, and what invokes it."""

from __future__ import annotations

import re

from .engine import Change, Finding, Severity, change, rule
from .facts import ALARM_PERIODS, LATEST
from .limits import (
    CREATE_ALIAS,
    MANAGED_INSTANCES,
    METRIC_INTERVAL,
    ROLLBACKS,
    SAM_TRANSLATOR,
    SCALING,
    VERSIONS,
)

# No alarm on metrics of Managed Instances can go off earlier.
_SHIFT_MINUTES_MIN = ALARM_PERIODS * int(METRIC_INTERVAL)
_OF_CALLS = ("unqualified_callers", "publish_to_latest_published")


@rule("LMI601", severity=Severity.ERROR, source=VERSIONS)
def unqualified_target(
    unqualified_callers: tuple[str, ...],
    publish_to_latest_published: bool | None = None,
    called_function: str = "the function",
    is_hook: bool = False,
    calls_latest: bool = False,
) -> Finding | None:
    """Something invokes the function itself instead of a version of it.

    Only published versions serve on Managed Instances. An invocation that names none goes to ``$LATEST.PUBLISHED``. If
    that is not published, Lambda answers NoPublishedVersionException. If it is published, its own fleet serves the
    invocation. That fleet follows every publish at once, and no alias can hold it back: this case is a warning.
    ``$LATEST`` as a qualifier never serves: this case is an error, whatever is published.
    """
    if not unqualified_callers or (publish_to_latest_published is None and not calls_latest):
        return None
    severity = Severity.WARNING if publish_to_latest_published and not calls_latest else None
    if is_hook:
        return Finding(
            subject="unqualified_callers",
            must="be a standard function, since CodeDeploy calls it by its name, with no version or alias",
            got="a function on Managed Instances, which serves only through one",
            fix=(
                change("pass a standard function", unqualified_callers=()),
                change("pass an alias of this one, which AWS does not document for hooks", unqualified_callers=()),
            ),
            severity=severity,
            fields=_OF_CALLS,
        )
    return Finding(
        subject="unqualified_callers",
        must=f"call an alias or a version of {called_function}",
        got=f"{LATEST} of it" if calls_latest else f"{called_function} itself",
        fix=(change("name an alias of a published version there", unqualified_callers=()),),
        severity=severity,
        fields=_OF_CALLS,
    )


@rule("LMI602", severity=Severity.WARNING, source=SCALING)
def scaling_on_unserved_version(
    scales_latest_published: bool, unscaled_versions: tuple[str, ...], latest_published_deactivated: bool
) -> Finding | None:
    """The scaling is set on the function, while an alias serves a numbered version without scaling.

    Scaling set on the function applies only to ``$LATEST.PUBLISHED``. The version behind the alias uses the defaults, 3
    execution environments and no maximum, whatever the function says. Bounds of 0 and 0 are meant for
    ``$LATEST.PUBLISHED``: they deactivate it.
    """
    if latest_published_deactivated or not (scales_latest_published and unscaled_versions):
        return None
    return Finding(
        subject="scales_latest_published",
        must="be set on the version that serves",
        got=f"none on {', '.join(unscaled_versions)}",
        fix=(change("move the scaling to the version", scales_latest_published=False, unscaled_versions=()),),
        fields=("scales_latest_published", "unscaled_versions"),
    )


@rule("LMI603", severity=Severity.WARNING, source=VERSIONS)
def second_fleet(
    published_versions: int, publish_to_latest_published: bool, latest_published_deactivated: bool
) -> Finding | None:
    """A numbered version and ``$LATEST.PUBLISHED`` are both published.

    Each keeps its own minimum running, three execution environments by default, and you pay for both. CloudFormation
    publishes ``$LATEST.PUBLISHED`` unless the template turns that off. Bounds of 0 and 0 on the function deactivate it.
    """
    if latest_published_deactivated or not (published_versions and publish_to_latest_published):
        return None
    return Finding(
        subject="publish_to_latest_published",
        must="be off where a numbered version is published",
        got=f"on, and numbered versions published: {published_versions}",
        fix=(change(publish_to_latest_published=False, words="turn off publishing to $LATEST.PUBLISHED"),),
        fields=("publish_to_latest_published", "published_versions"),
    )


@rule("LMI604", severity=Severity.ERROR, source=VERSIONS)
def nothing_published(published_versions: int, publish_to_latest_published: bool) -> Finding | None:
    """No version is published, so nothing can serve.

    Lambda starts no instance for a function on Managed Instances until a version of it is published.
    """
    if published_versions or publish_to_latest_published:
        return None
    return Finding(
        subject="published_versions",
        must="be at least 1, with publishing to $LATEST.PUBLISHED off",
        got=str(published_versions),
        fix=(change("publish a version and point an alias at it", published_versions=1),),
    )


@rule("LMI605", severity=Severity.ERROR, source=SAM_TRANSLATOR)
def provisioned_concurrency(provisioned: tuple[str, ...]) -> Finding | None:
    """A version or an alias has provisioned concurrency.

    A function has either a capacity provider or provisioned concurrency, not both: execution environments on Managed
    Instances are always warm. The rule is based on AWS SAM, which refuses the combination.
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
def retained_version(
    retained_versions: tuple[str, ...], versions_retained_on_replacement: tuple[str, ...] = ()
) -> Finding | None:
    """A version is retained when it is replaced.

    It keeps its minimum of execution environments running, and a capacity provider cannot be deleted while a version
    uses it. A capacity provider accepts at most 100 versions.
    """
    # CloudFormation goes by the first where a version leaves the template, by the second where one is replaced in it.
    retained = {
        "retained_versions": ("DeletionPolicy", retained_versions),
        "versions_retained_on_replacement": ("UpdateReplacePolicy", versions_retained_on_replacement),
    }
    retaining = {fact: policy for fact, (policy, versions) in retained.items() if versions}
    if not retaining:
        return None
    policies = " and ".join(retaining.values())
    versions = dict.fromkeys((*retained_versions, *versions_retained_on_replacement))
    return Finding(
        subject=next(iter(retaining)),
        must="let versions be deleted when they are replaced",
        got=f"{', '.join(versions)} retained by {policies}",
        fix=(Change(dict.fromkeys(retaining, ()), f"set {policies} to Delete"),),
        fields=tuple(retaining),
    )


@rule("LMI607", severity=Severity.ERROR, source=MANAGED_INSTANCES)
def scaling_without_capacity_provider(
    has_capacity_provider: bool, scales_latest_published: bool, scaled_versions: tuple[str, ...] = ()
) -> Finding | None:
    """A function has scaling for execution environments but no capacity provider.

    Lambda refuses the scaling: "The function provided by the arn does not contain a capacity provider configuration".
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
    """Lambda does not accept the name of the alias.

    The name must have 1 to 128 letters, digits, hyphens and underscores. It must not consist only of digits, which
    would name a version.
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
def rollout_without_rollback(rollback_triggers: int, shift_minutes: int = _SHIFT_MINUTES_MIN) -> Finding | None:
    """Traffic shifts gradually, but nothing rolls it back in time.

    CodeDeploy rolls back a deployment when an alarm of its deployment group goes off. Without an alarm, a failing
    canary still gets all traffic in the end. Lambda sends metrics of Managed Instances to CloudWatch every five
    minutes, and an alarm waits for two of these periods. A faster shift is over by then.
    """
    enough = max(shift_minutes, _SHIFT_MINUTES_MIN)
    slower = change(f"shift traffic over {_SHIFT_MINUTES_MIN} minutes or more", shift_minutes=enough)
    if rollback_triggers < 1:
        return Finding(
            subject="rollback_triggers",
            must="provide an alarm that rolls a failing deployment back",
            got="none",
            fix=(
                change(
                    "add alarms to the deployment group; add_alarms() of a ManagedInstanceFunction adds them",
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
        must=f"shift traffic over at least {_SHIFT_MINUTES_MIN} minutes, for alarms to roll it back",
        got=f"{shift_minutes} minute{'' if shift_minutes == 1 else 's'}",
        fix=(slower, change("acknowledge this if your own alarms go off sooner")),
        fields=("shift_minutes",),
    )


@rule("LMI610", severity=Severity.WARNING, source=VERSIONS)
def event_invoke_config_of_latest(
    event_invoke_configs_of_latest: tuple[str, ...], publish_to_latest_published: bool
) -> Finding | None:
    """Asynchronous invocation is configured for ``$LATEST``, which never serves on Managed Instances.

    Retries, maximum age and destinations count for the version or alias that they are configured for. Invocations of
    the alias keep the defaults: two retries, six hours, and no destination, so an event that fails for good is lost. If
    ``$LATEST.PUBLISHED`` is published, nothing is reported: AWS does not document which configuration it uses.
    """
    if publish_to_latest_published or not event_invoke_configs_of_latest:
        return None
    return Finding(
        subject="event_invoke_configs_of_latest",
        must="be that of the alias that is invoked",
        got=f"{', '.join(event_invoke_configs_of_latest)} for $LATEST",
        fix=(
            change(
                "name the alias as Qualifier; in CDK, alias.configure_async_invoke() does",
                event_invoke_configs_of_latest=(),
            ),
        ),
        fields=("event_invoke_configs_of_latest",),
    )


@rule("LMI611", severity=Severity.ERROR, source=VERSIONS)
def alias_of_latest(aliases_of_latest: tuple[str, ...]) -> Finding | None:
    """An alias serves ``$LATEST``, which cannot be invoked on Managed Instances.

    Only published versions serve. Lambda refuses to invoke ``$LATEST`` of a function with a capacity provider, whether
    by its own name or through an alias.
    """
    if not aliases_of_latest:
        return None
    return Finding(
        subject="aliases_of_latest",
        must="name a published version",
        got=f"$LATEST for {', '.join(aliases_of_latest)}",
        fix=(change("publish a version, and name its number in the alias", aliases_of_latest=()),),
    )


@rule("LMI612", severity=Severity.ERROR, source=CREATE_ALIAS)
def alias_defined_twice(alias_name: str, alias_of_same_name: str | None) -> Finding | None:
    """Two aliases of one function have the same name.

    Alias names are unique within a function. Lambda refuses to create the second alias (ResourceConflictException),
    minutes into the deployment.
    """
    if alias_of_same_name is None:
        return None
    return Finding(
        subject="alias_name",
        must="be the name of no other alias of the function",
        got=f"{alias_name!r}, the name of {alias_of_same_name}",
        fix=(
            change("choose another name", alias_of_same_name=None),
            change(f"leave out {alias_of_same_name}", alias_of_same_name=None),
        ),
        fields=("alias_name",),
    )
