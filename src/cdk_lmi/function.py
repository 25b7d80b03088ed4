"""A function on Managed Instances: published, scaled and behind an alias."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import Acknowledgment, Duration, ReferenceStrength, RemovalPolicy, Size, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from .acknowledgments import acknowledge_for_function
from .caller import Caller
from .capacity_provider import ManagedInstanceCapacityProvider, Pool, pool_by_default, pool_of
from .judgement import Judgement, Worded, judge, told_as_violation
from .operate.rollout import ILambdaDeploymentConfig, check_rollout, hooks_without_version, roll_out, try_hooks
from .operate.thresholds import BUSY, NEARLY_FULL, NEARLY_OUT, PERIODS, RARE
from .reading import function_facts, function_resource_facts
from .rules.catalogue import ADDED_FUNCTION_RULES, RULES
from .rules.facts import (
    FLEETS_OF_UPDATE,
    UNKNOWN,
    Argument,
    CapacityProviderFacts,
    Facts,
    Keywords,
    Unknown,
    fleets_at_once,
    v_cpu_count,
    written_maximum,
)
from .rules.limits import (
    EPHEMERAL_STORAGE_MAX,
    EPHEMERAL_STORAGE_MIN,
    EXECUTION_ENVIRONMENTS_MAX,
    EXECUTION_ENVIRONMENTS_MIN,
    FUNCTION_VERSIONS_MAX,
    MEMORY_GIB_PER_V_CPU_DEFAULT,
    MEMORY_SIZE_DEFAULT,
    MIN_EXECUTION_ENVIRONMENTS_DEFAULT,
    SCHEDULE_RETRIES_MAX,
    TIMEOUT_DEFAULT,
)
from .signature import Arguments, read, reference_to

if TYPE_CHECKING:
    from aws_cdk import TimeZone
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_codedeploy as codedeploy
    from aws_cdk import aws_scheduler as scheduler

    from .network import ManagedInstanceNetwork
    from .operate.schedule import Schedules

#: The default name of the alias.
LIVE = "live"

_CAPACITY_PROVIDER_OPTIONS = (
    "execution_environment_memory_gib_per_v_cpu",
    "per_execution_environment_max_concurrency",
)
# Keywords of CDK's function that are passed on as they are, and those of its alias.
_FUNCTION_OPTIONS = (
    "runtime",
    "handler",
    "code",
    "memory_size",
    "timeout",
    "environment_encryption",
    "description",
    "function_name",
    "role",
    "tracing",
    "application_log_level_v2",
    "system_log_level_v2",
    "dead_letter_queue",
)
_ALIAS_OPTIONS = ("alias_name", "on_failure", "on_success", "max_event_age", "retry_attempts")
# A function has no keywords for the capacity provider that it gets by default.
_OF_DEFAULT_POOL = {
    "max_v_cpu_count": (
        "the default capacity provider",
        "capacity_provider=ManagedInstanceCapacityProvider(…, max_v_cpu_count={})",
    )
}
# While a version is being published, or changes its bounds, Lambda refuses new ones (ResourceConflictException), and
# EventBridge Scheduler tries again: long enough to outlast that. What came later might meet another schedule's hour.
_MAX_EVENT_AGE_HOURS = 1
#: How many functions of a stack got a capacity provider by default.
_DEFAULT_CAPACITY_PROVIDERS: WeakKeyDictionary[Stack, int] = WeakKeyDictionary()


@jsii.implements(iam.IGrantable, ec2.IConnectable)
class ManagedInstanceFunction(Construct):
    """A Lambda function on Managed Instances, with everything that it needs to serve.

    It defines the function, a published version with its scaling bounds, the alias that serves it, a log group and,
    unless you pass one, a capacity provider with its own network. What cannot work is refused at once, and all
    problems are reported together. See https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html

    Only published versions serve, so give callers the :attr:`alias`: integrations, targets, authorizers and other
    constructs of the CDK that take a function take ``orders.alias``, and not ``orders``. The scaling bounds are set on
    the version behind it; changing a bound updates the version in place. ``$LATEST.PUBLISHED`` is not published: it
    would run its own fleet.

    Example::

        orders = ManagedInstanceFunction(
            self, "ListOrders",
            runtime=lambda_.Runtime.PYTHON_3_14,
            handler="list_orders.handler",
            code=lambda_.Code.from_asset("handlers"),
        )
        table.grant_read_data(orders)
        api.root.add_method("GET", apigateway.LambdaIntegration(orders.alias))

    Keywords have the same names and meanings as in ``lambda_.Function``, ``lambda_.CapacityProvider.add_function``,
    ``lambda_.VersionOptions`` and ``lambda_.Alias``. There are none for what Managed Instances do not support: a VPC
    of the function's own, SnapStart, provisioned and reserved concurrency, file systems, tenant isolation, text logs.
    For everything else, use :attr:`function` or :meth:`from_function`.

    Args:
        scope: The parent construct.
        id: Its id in ``scope``.
        runtime: python3.13, nodejs22.x, java21, dotnet8 or newer; provided.al2023 for Rust.
        handler: The handler, as in ``list_orders.handler``.
        code: The code, as in ``lambda_.Code.from_asset("handlers")``.
        capacity_provider: The pool that it runs on. Functions can share one. Default: a new one, with a network.
        memory_size: MiB of one execution environment: 2048 to 32768, in whole vCPUs at the ratio of the next keyword.
            Default: 2048.
        execution_environment_memory_gib_per_v_cpu: GiB per vCPU: 2 (C instances), 4 (M) or 8 (R). Default: 2.
        per_execution_environment_max_concurrency: Concurrent invocations in one execution environment: 1 to 1600, and
            at most 64 per vCPU. Python runs a process for each. Default: AWS's figure per vCPU, which is 16 for Python,
            64 for Node.js, 32 for Java and .NET, 8 for Rust.
        min_execution_environments: Execution environments that always run: 0 to 15000. Default: 3, AWS's
            default, which is one in each of three Availability Zones.
        max_execution_environments: The most execution environments: 0 to 15000. Default: limited only by the capacity
            provider.
        architecture: Default: that of the capacity provider, or x86_64 if that is not known.
        alias_name: The name of the alias. Default: "live".
        timeout: 1 s to 5400 s; synchronous callers wait for at most 900 s. Default: 3 s.
        ephemeral_storage_size: The size of /tmp, which all invocations in an execution environment share: 512 to
            10240 MiB. Default: 512 MiB.
        environment: Environment variables. Default: none.
        environment_encryption: The key that encrypts the environment variables. Default: a key that AWS manages.
        description: A description of the function: at most 256 characters. Default: none.
        function_name: The name of the function: 1 to 64 letters, digits, hyphens and underscores. Default: one that
            CloudFormation generates.
        layers: Lambda layers, at most 5. Default: none.
        role: The execution role. Default: a new one that may write logs.
        initial_policy: Policy statements to add to the role. Default: none.
        tracing: X-Ray tracing, for which a network of this library adds the endpoint. Default: off.
        log_group: The log group. Default: a new one. CDK keeps its logs for two years, and retains the group when the
            stack is deleted.
        application_log_level_v2: The level of application logs. Default: INFO.
        system_log_level_v2: The level of system logs. Default: INFO.
        dead_letter_queue: A queue for asynchronous invocations that failed for good. Default: none.
        on_failure: The destination for asynchronous invocations of the alias that failed. Default: none.
        on_success: The destination for those that succeeded. Default: none.
        max_event_age: The maximum age of an asynchronous invocation: 60 s to 6 hours. Default: 6 hours.
        retry_attempts: How often a failed asynchronous invocation is retried: 0 to 2. Default: 2.
        deployment_config: How CodeDeploy shifts traffic to a new version, as in
            ``codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_15_MINUTES``. The alarms of :meth:`add_alarms` roll
            it back, and without an alarm nothing does (LMI609). Until it is complete, both versions keep their minimum
            running (LMI306, LMI307). Default: all at once, by CloudFormation.
        pre_hook: Called before traffic shifts, to test the new version. It must be a standard function: CodeDeploy
            calls it by its name, with no version or alias (LMI601). An alias of a function on Managed Instances is
            passed on, but AWS does not document that for hooks. Default: none.
        post_hook: Called when all traffic has shifted. Default: none.
        acknowledge: Rules to acknowledge, each with a reason, as in
            ``[Acknowledgment(id="LMI105", reason="AWS confirmed it, case 123")]``. What ``Validations.of(…)`` was told
            before, of ``scope`` or what is around it, counts too. Default: none.

    Raises:
        ManagedInstanceError: An argument is invalid, or AWS would refuse the configuration. It lists all problems.

    The limits are from these pages, read 2026-11-24 (``cdk_lmi.rules.limits`` notes where pages disagree):

    - memory, and whole vCPUs:
      https://aws.amazon.com/blogs/compute/build-high-performance-apps-with-aws-lambda-managed-instances/
    - 2, 4 or 8 GiB per vCPU:
      https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-capacityproviderconfig.html
    - concurrency, 1 to 1600:
      https://docs.aws.amazon.com/lambda/latest/api/API_LambdaManagedInstancesCapacityProviderConfig.html
    - concurrency per vCPU, and three execution environments by default:
      https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html
    - execution environments, 0 to 15000:
      https://docs.aws.amazon.com/lambda/latest/api/API_FunctionScalingConfig.html
    - runtimes: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html
    - timeout: https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
    - /tmp: https://docs.aws.amazon.com/lambda/latest/api/API_EphemeralStorage.html
    - asynchronous invocations: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
    - name and description: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    """

    _function: lambda_.Function
    _version: lambda_.Version
    _alias: lambda_.Alias
    _capacity_provider: ManagedInstanceCapacityProvider | lambda_.ICapacityProvider
    _pool: Pool
    _facts: Facts
    _wording: Keywords
    _deployment_group: codedeploy.LambdaDeploymentGroup | None
    _schedules: Schedules | None
    #: vCPUs that it takes of the pool at least.
    _v_cpus: int
    #: Those of its alarms, in per cent, by keyword.
    _thresholds: Mapping[str, float]

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        runtime: lambda_.Runtime,
        handler: str,
        code: lambda_.Code,
        capacity_provider: ManagedInstanceCapacityProvider | lambda_.ICapacityProvider | None = None,
        memory_size: int = int(MEMORY_SIZE_DEFAULT),
        execution_environment_memory_gib_per_v_cpu: float = int(MEMORY_GIB_PER_V_CPU_DEFAULT),
        per_execution_environment_max_concurrency: int | None = None,
        min_execution_environments: int = int(MIN_EXECUTION_ENVIRONMENTS_DEFAULT),
        max_execution_environments: int | None = None,
        architecture: lambda_.Architecture | None = None,
        alias_name: str = LIVE,
        timeout: Duration | None = None,
        ephemeral_storage_size: Size | None = None,
        environment: Mapping[str, str] | None = None,
        environment_encryption: kms.IKey | None = None,
        description: str | None = None,
        function_name: str | None = None,
        layers: Sequence[lambda_.ILayerVersion] | None = None,
        role: iam.IRole | None = None,
        initial_policy: Sequence[iam.PolicyStatement] | None = None,
        tracing: lambda_.Tracing | None = None,
        log_group: logs.ILogGroup | None = None,
        application_log_level_v2: lambda_.ApplicationLogLevel | None = None,
        system_log_level_v2: lambda_.SystemLogLevel | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        on_failure: lambda_.IDestination | None = None,
        on_success: lambda_.IDestination | None = None,
        max_event_age: Duration | None = None,
        retry_attempts: int | None = None,
        deployment_config: ILambdaDeploymentConfig | None = None,
        pre_hook: lambda_.IFunction | None = None,
        post_hook: lambda_.IFunction | None = None,
        acknowledge: Sequence[Acknowledgment] = (),
    ) -> None:
        arguments = Arguments(ManagedInstanceFunction.__init__, locals())
        check_rollout(arguments)
        pool = _pool(arguments, arguments.usable("architecture"))
        by_default = _architecture_of(pool)
        facts = function_facts(arguments, _with_versions(pool), by_default=by_default, **_counted(arguments, pool))
        judgement = _judge(arguments, pool, facts)
        with told_as_violation(scope, id):
            super().__init__(scope, id)
        with told_as_violation(scope, id, undo=True):
            try_hooks(self, arguments)
            architecture = architecture or by_default
            provider = pool.owner or capacity_provider or self._default_capacity_provider(architecture)
            self._log_group: logs.ILogGroup | None = log_group or logs.LogGroup(self, "LogGroup")
            function = self._define_function(arguments, facts, architecture, self._log_group)
            _attach(function, provider, **_options(arguments, _CAPACITY_PROVIDER_OPTIONS))
            self._publish(
                Caller(function, role=role, has_dead_letters=dead_letter_queue is not None),
                provider,
                facts,
                arguments,
                **_options(arguments, _ALIAS_OPTIONS),
            )
        self._stand(arguments, pool, facts, judgement)

    @staticmethod
    def from_function(
        scope: Construct,
        id: str,
        *,
        function: lambda_.IFunction,
        capacity_provider: ManagedInstanceCapacityProvider | lambda_.ICapacityProvider | None = None,
        execution_environment_memory_gib_per_v_cpu: float = int(MEMORY_GIB_PER_V_CPU_DEFAULT),
        per_execution_environment_max_concurrency: int | None = None,
        min_execution_environments: int | None = None,
        max_execution_environments: int | None = None,
        alias_name: str = LIVE,
        deployment_config: ILambdaDeploymentConfig | None = None,
        pre_hook: lambda_.IFunction | None = None,
        post_hook: lambda_.IFunction | None = None,
        acknowledge: Sequence[Acknowledgment] = (),
    ) -> ManagedInstanceFunction:
        """Put a function that another construct defines, such as ``PythonFunction``, on Managed Instances.

        The function must be new: AWS does not convert a function that is deployed as a standard one. Its properties
        are read and checked against the same rules. Memory and log format are set if they are left out. Of its
        ``current_version_options``, the removal policy is replaced, and the bounds count unless you pass others. What
        they say of asynchronous invocations is for the number of the version, and does not count for the alias: call
        ``alias.configure_async_invoke(…)``.

        What was added to the function before is checked as well: provisioned concurrency is refused (LMI605), and so
        are event sources, a URL and permissions of the function itself, which belong to :attr:`alias` (LMI601). So do
        destinations and retries of asynchronous invocations: those of the function itself count for nothing (LMI610).
        An alias of the same name is refused (LMI612) if its scope is the function or its version; of any other scope,
        ``cdk-lmi check`` and ``ManagedInstanceValidator`` report it.

        Args:
            scope: The parent construct of the alias and the capacity provider.
            id: Its id in ``scope``.
            function: A ``lambda_.Function`` or an instance of a subclass, defined in the same stack, without an alias
                named ``alias_name``.
            capacity_provider: As for ManagedInstanceFunction.
            execution_environment_memory_gib_per_v_cpu: As for ManagedInstanceFunction.
            per_execution_environment_max_concurrency: As for ManagedInstanceFunction.
            min_execution_environments: As for ManagedInstanceFunction. Default: what the version of ``function``
                states, else 3.
            max_execution_environments: As for ManagedInstanceFunction. Default: what the version of ``function``
                states, else limited only by the capacity provider.
            alias_name: As for ManagedInstanceFunction.
            deployment_config: As for ManagedInstanceFunction.
            pre_hook: As for ManagedInstanceFunction.
            post_hook: As for ManagedInstanceFunction.
            acknowledge: As for ManagedInstanceFunction.

        Raises:
            ManagedInstanceError: An argument is invalid, the function is imported, or AWS would refuse the
                configuration. It lists all problems.
        """
        arguments = Arguments(ManagedInstanceFunction.from_function, locals())
        check_rollout(arguments)
        resource = _resource_of(arguments)
        adopted = arguments.usable("function")
        pool = _pool(arguments, adopted.architecture if resource else None)
        with told_as_violation(scope, id):
            facts = function_resource_facts(resource, arguments, _with_versions(pool), **_counted(arguments, pool))
        judgement = _judge(arguments, pool, facts, adopted if resource else None)
        return _AdoptedFunction(scope, id, arguments, pool, facts, judgement)

    if not TYPE_CHECKING:  # to type checkers, everything would be there

        def __getattr__(self, name: str) -> object:
            """Name what has the attribute that somebody looked for here."""
            missing = f"{ManagedInstanceFunction.__name__!r} object has no attribute {name!r}"
            owners = (("alias", lambda_.Alias), ("function", lambda_.Function)) if not name.startswith("_") else ()
            owner = next((owner for owner, kind in owners if hasattr(kind, name)), None)
            raise AttributeError(f"{missing}, but its {owner} has: .{owner}.{name}" if owner else missing)

    @property
    def function(self) -> lambda_.Function:
        """CDK's function, which cannot be called itself: call :attr:`alias`."""
        return self._function

    @cached_property
    def version(self) -> lambda_.Version:
        """The version that the alias serves, a new one whenever code or configuration changes.

        Other stacks read its number without an export: with one, CloudFormation would refuse every new version while
        another stack imports the number of the one before.
        """
        # Not where it is defined: most versions are never referred to from elsewhere, and this is a call to Node.
        self._version.apply_cross_stack_reference_strength(ReferenceStrength.WEAK)
        return self._version

    @property
    def alias(self) -> lambda_.Alias:
        """The alias to call, and to pass to integrations, event sources and permissions."""
        return self._alias

    @property
    def role(self) -> iam.IRole:
        """The execution role."""
        return cast(iam.IRole, self._function.role)

    @property
    def log_group(self) -> logs.ILogGroup:
        """The log group of the function.

        For :meth:`from_function` it is CDK's, and reading this property may define it.
        """
        return self._log_group or self._function.log_group

    @property
    def capacity_provider(self) -> ManagedInstanceCapacityProvider | lambda_.ICapacityProvider:
        """The capacity provider that it runs on."""
        return self._capacity_provider

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """The principal to grant permissions to."""
        return self._function.grant_principal

    @property
    def connections(self) -> ec2.Connections:
        """The network connections of its instances, which all functions of a pool share.

        Raises:
            ManagedInstanceError: The capacity provider was not defined with this library, so its security groups are
                not known.
        """
        return self._own_capacity_provider("connections", "security groups are").connections

    @property
    def network(self) -> ManagedInstanceNetwork:
        """The network of its instances, which all functions of a pool share.

        Raises:
            ManagedInstanceError: The capacity provider was not defined with this library, so its network is not known.
        """
        return self._own_capacity_provider("network", "network is").network

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Grant an identity permission to invoke the alias.

        Args:
            grantee: The identity.
        """
        return self._alias.grant_invoke(grantee)

    def add_environment(self, key: str, value: str) -> None:
        """Add an environment variable.

        Args:
            key: The name of the variable.
            value: Its value.
        """
        self._function.add_environment(key, value)

    def add_event_source(self, source: lambda_.IEventSource) -> None:
        """Add an event source that invokes the alias.

        The visibility timeout of a queue must be at least the timeout of the function (LMI710), as both stand at
        synthesis. A property override of either shows to nobody before the template is written: where one sets it
        right, acknowledge LMI710 at the function.

        A queue that is added to the :attr:`alias`, or by an ``EventSourceMapping`` in the function's stack, is judged
        where the network adds or misses endpoints: not in a VPC with a route out, nor on a capacity provider that this
        library did not define. ``cdk-lmi check`` and ``ManagedInstanceValidator`` judge each in the template.

        Args:
            source: An event source, as in CDK's aws_lambda_event_sources.
        """
        from .operate.queues import inspect_queue_of

        self._alias.add_event_source(source)
        inspect_queue_of(self, self._function, source)

    def metric(
        self, metric_name: str, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return a metric of the alias, or of the live version that it serves.

        Lambda reports execution environments by version, never by alias
        (https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-monitoring.html, read 2026-11-24).
        The metrics ExecutionEnvironment… are therefore those of the live version, which changes with each deployment.
        All others are those of the alias. For a label, a colour or whatever else a metric takes, use its own method, as
        in ``orders.metric_errors().with_(label="failed")``.

        Args:
            metric_name: Lambda's name for the metric: Invocations, Errors, Duration, Throttles, ConcurrencyThrottles,
                ExecutionEnvironmentConcurrency, …
            statistic: CloudWatch's name for the statistic. Default: Average.
            period: Default: 5 minutes, which is how often Lambda sends the metrics of Managed Instances.
        """
        from .operate.metrics import METRIC_PERIOD, OF_A_VERSION, version_metric

        period = METRIC_PERIOD if period is None else period
        if metric_name not in OF_A_VERSION:
            return self._alias.metric(metric_name, statistic=statistic, period=period)
        provider = self._cdk_capacity_provider
        return version_metric(self.version, provider, metric_name, statistic=statistic, period=period)

    def metric_invocations(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Return the metric of invocations of the alias."""
        return self.metric("Invocations", statistic=statistic, period=period)

    def metric_errors(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Return the metric of failed invocations of the alias."""
        return self.metric("Errors", statistic=statistic, period=period)

    def metric_duration(self, *, statistic: str = "Average", period: Duration | None = None) -> cloudwatch.Metric:
        """Return the metric of the duration of invocations of the alias, in milliseconds."""
        return self.metric("Duration", statistic=statistic, period=period)

    def metric_throttles(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Return the metric of throttled invocations of the alias."""
        return self.metric("Throttles", statistic=statistic, period=period)

    def metric_execution_environment_concurrency(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of concurrent invocations in an execution environment of the live version."""
        return self.metric("ExecutionEnvironmentConcurrency", statistic=statistic, period=period)

    def metric_execution_environment_concurrency_limit(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the concurrency limit of an execution environment of the live version."""
        return self.metric("ExecutionEnvironmentConcurrencyLimit", statistic=statistic, period=period)

    def metric_execution_environment_cpu_utilization(
        self, *, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the CPU utilisation of execution environments of the live version, in per cent."""
        return self.metric("ExecutionEnvironmentCPUUtilization", statistic=statistic, period=period)

    def metric_execution_environment_memory_utilization(
        self, *, statistic: str = "Maximum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the memory utilisation of the fullest of these execution environments, in per cent."""
        return self.metric("ExecutionEnvironmentMemoryUtilization", statistic=statistic, period=period)

    def metric_concurrency_throttles(
        self, *, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of invocations that were throttled because all concurrency was in use."""
        return self.metric("ConcurrencyThrottles", statistic=statistic, period=period)

    def metric_cpu_throttles(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Return the metric of invocations that were throttled because CPU ran out."""
        return self.metric("CPUThrottles", statistic=statistic, period=period)

    def metric_memory_throttles(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Return the metric of invocations that were throttled because memory ran out."""
        return self.metric("MemoryThrottles", statistic=statistic, period=period)

    def metric_disk_throttles(self, *, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
        """Return the metric of invocations that were throttled because space in /tmp ran out."""
        return self.metric("DiskThrottles", statistic=statistic, period=period)

    def add_alarms(
        self,
        *,
        throttled_share: float | None = RARE,
        concurrency_throttled_share: float | None = RARE,
        cpu_throttled_share: float | None = RARE,
        memory_throttled_share: float | None = RARE,
        disk_throttled_share: float | None = RARE,
        concurrency_utilization: float | None = NEARLY_FULL,
        cpu_utilization: float | None = BUSY,
        memory_utilization: float | None = NEARLY_FULL,
        error_share: float | None = RARE,
        p99_share_of_timeout: float | None = NEARLY_OUT,
        evaluation_periods: int = PERIODS,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
        ok_actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> Mapping[str, cloudwatch.Alarm]:
        """Define alarms, each of which says which setting to change when it goes off.

        Call this once. All thresholds are percentages; ``None`` leaves an alarm out. Missing data raises no alarm: a
        function that nobody calls sends none, and neither does a version in its first minutes. The alarms on execution
        environments watch the live version, which changes with each deployment. With ``deployment_config``, all alarms
        but those for single throttle reasons roll a deployment back, whichever version they go off for.

        The vCPUs are watched by the alarms of the pool: ``ManagedInstanceCapacityProvider.add_alarms``.

        Args:
            throttled_share: Calls that were throttled, for any reason. Default: 1, the starting value in AWS's skill
                for coding assistants.
            concurrency_throttled_share: Those throttled because all concurrency was in use. Default: 1.
            cpu_throttled_share: Those throttled because CPU ran out. Default: 1.
            memory_throttled_share: Those throttled because memory ran out. Default: 1.
            disk_throttled_share: Those throttled because space in /tmp ran out. Default: 1.
            concurrency_utilization: How much of their concurrency limit execution environments use, on average.
                Default: 90, above which there is no room for a burst.
            cpu_utilization: How much of their CPU execution environments use, on average. Default: 80, from AWS's
                skill.
            memory_utilization: How much of its memory the fullest one uses. Default: 90, from AWS's skill.
            error_share: Invocations that failed. Default: 1.
            p99_share_of_timeout: The p99 of the duration, as a share of the timeout. Default: 80. There is no such
                alarm if the timeout is a token.
            evaluation_periods: The number of consecutive periods of five minutes: 1 to 288. Default: 2.
            actions: What to do when an alarm goes off, as in ``aws_cloudwatch_actions.SnsAction(topic)``.
                Default: nothing.
            ok_actions: What to do when it is over. Default: nothing.

        Returns:
            The alarms, by keyword.

        Raises:
            ManagedInstanceError: An argument is invalid.
        """
        given = {keyword: value for keyword, value in locals().items() if keyword != "self"}
        from .operate.alarms import ROLLBACK_TRIGGERS, add_function_alarms

        # Not as it was given: whoever holds the resource may have changed it since.
        timeout = read(_resource(self._function), "timeout", int(TIMEOUT_DEFAULT))
        alarms = add_function_alarms(self, self, timeout, **given)
        self._thresholds = {keyword: given[keyword] for keyword in alarms}
        if self._deployment_group is not None:
            for keyword in ROLLBACK_TRIGGERS:
                if keyword in alarms:
                    self._deployment_group.add_alarm(alarms[keyword])
        return alarms

    def widgets(self, title: str | None = None) -> Sequence[cloudwatch.IWidget]:
        """Return dashboard widgets for the function: a heading and two rows of graphs, 24 columns wide.

        They are CDK's own widgets, for ``cloudwatch.Dashboard.add_widgets(*…)`` or anything else that takes widgets.
        Call :meth:`add_alarms` first to have the thresholds for CPU and memory drawn.

        Args:
            title: The heading. Default: the construct's path.
        """
        from .operate.dashboard import function_widgets

        return function_widgets(title or self.node.path, self, self._thresholds)

    def add_dashboard(self, id: str = "Dashboard") -> cloudwatch.Dashboard:
        """Define a dashboard for the function, and for its pool if this library defined it.

        Args:
            id: Its id in this construct. Default: "Dashboard".

        Raises:
            ManagedInstanceError: CDK refuses the id, for example because it is taken.
        """
        widgets = [self.widgets()]
        if isinstance(self._capacity_provider, ManagedInstanceCapacityProvider):
            widgets.append(self._capacity_provider.widgets())
        from .operate.dashboard import add_dashboard

        return add_dashboard(self, id, widgets)

    def scale_on_schedule(
        self,
        id: str,
        *,
        schedule: scheduler.ScheduleExpression,
        min_execution_environments: int,
        max_execution_environments: int | None,
        time_zone: TimeZone | None = None,
        time_window: scheduler.TimeWindow | None = None,
        enabled: bool = True,
        description: str | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        max_event_age: Duration | None = None,
        retry_attempts: int = int(SCHEDULE_RETRIES_MAX),
        acknowledge: Sequence[Acknowledgment] = (),
    ) -> scheduler.CfnSchedule:
        """Set the bounds of the live version on a schedule.

        EventBridge Scheduler calls PutFunctionScalingConfig for the number of the live version, which changes with
        each deployment. All schedules of a function share a role that may make this call for the function and this
        version, and write to the dead-letter queue that they share too, :attr:`schedule_dead_letter_queue`.

        **Deployments.** A new version starts with the bounds of the function, whatever a schedule has set for the
        previous version, until the next schedule runs. Give the function bounds that are safe at any hour, and let
        schedules lower and restore them (LMI313 warns otherwise). A deployment that changes neither code nor
        configuration nor the function's own bounds leaves scheduled bounds in place.

        **Zero.** If both bounds are 0, the version is deactivated until another schedule raises them (LMI312).
        Instances take minutes to start, so activate it early enough. See
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html

        Example::

            orders.scale_on_schedule(
                "Night", schedule=scheduler.ScheduleExpression.cron(hour="22", minute="0"),
                time_zone=TimeZone.EUROPE_BERLIN, min_execution_environments=3, max_execution_environments=6,
            )

        Args:
            id: The id of the schedule in this construct.
            schedule: When it runs, as in ``scheduler.ScheduleExpression.cron(hour="22", minute="0")``. Set the minute:
                without it, CDK uses every minute of the hour.
            min_execution_environments: As for ManagedInstanceFunction.
            max_execution_environments: As for ManagedInstanceFunction; with ``None``, limited only by the pool.
            time_zone: The time zone, if ``schedule`` has none. Default: that of ``schedule``, which is UTC unless it
                has another. CDK cannot tell an explicit UTC from the default, so this overrides both.
            time_window: How much later it may run, as in ``scheduler.TimeWindow.flexible(Duration.minutes(15))``.
                Default: not at all.
            enabled: Whether it runs. Default: True.
            description: A description of the schedule. Default: none.
            dead_letter_queue: A standard queue for calls that failed for good. Default: one that all schedules of the
                function share, :attr:`schedule_dead_letter_queue`.
            max_event_age: How long a failed call is retried: 60 s to 24 hours. Lambda refuses calls during a
                deployment. Default: 1 hour.
            retry_attempts: How often a failed call is retried: 0 to 185. Default: 185.
            acknowledge: As for ManagedInstanceFunction.

        Returns:
            The schedule.

        Raises:
            ManagedInstanceError: An argument is invalid, or AWS would refuse the bounds.
        """
        max_event_age = Duration.hours(_MAX_EVENT_AGE_HOURS) if max_event_age is None else max_event_age
        given = {keyword: value for keyword, value in locals().items() if keyword not in ("self", "id")}
        from .operate.schedule import Schedules, judge_schedule

        others = self._pool.v_cpus - self._v_cpus
        facts = replace(self._facts, v_cpus_of_other_functions=others)
        ids = () if self._schedules is None else self._schedules.ids
        arguments, scheduled, judgement = judge_schedule(self, id, facts, self._wording, ids, **given)
        with told_as_violation(self, id), _taken_back(self):
            schedules = self._schedules or Schedules(self, self._alias)
            defined = schedules.add(id, arguments, judgement)
        self._schedules = schedules
        self._count_in(scheduled)
        return defined

    @property
    def deployment_group(self) -> codedeploy.LambdaDeploymentGroup | None:
        """The deployment group that shifts traffic to new versions; ``None`` without ``deployment_config``."""
        return self._deployment_group

    @property
    def schedule_dead_letter_queue(self) -> sqs.IQueue | None:
        """The queue for scheduled calls that failed; ``None`` without schedules, or if each has its own queue.

        Watch it: a message in it means that the version keeps the wrong bounds.
        """
        return None if self._schedules is None else self._schedules.dead_letters

    def _own_capacity_provider(self, name: str, what: str) -> ManagedInstanceCapacityProvider:
        """Give the capacity provider if this library defined it; refuse the property that needs that."""
        provider = self._capacity_provider
        if isinstance(provider, ManagedInstanceCapacityProvider):
            return provider
        expected = f"a ManagedInstanceCapacityProvider, whose {what} known"
        misfit = Argument(keyword="capacity_provider", given=provider, expected=expected)
        judge(self, name, records=[misfit], acknowledge=())
        raise AssertionError("a misfit is never let through")

    @property
    def _cdk_capacity_provider(self) -> lambda_.ICapacityProvider:
        provider = self._capacity_provider
        return provider.capacity_provider if isinstance(provider, ManagedInstanceCapacityProvider) else provider

    def _define_function(
        self, arguments: Arguments, facts: Facts, architecture: lambda_.Architecture, log_group: logs.ILogGroup
    ) -> lambda_.Function:
        """Define CDK's function, taking round its own checks what our rules let through.

        What they refuse by themselves gets here only where somebody acknowledged it.
        """
        minimum = arguments.usable("min_execution_environments")
        maximum = written_maximum(arguments.usable("max_execution_environments"))
        bounds = facts.min_execution_environments, written_maximum(facts.max_execution_environments)
        scaling_fits = _in_order(EXECUTION_ENVIRONMENTS_MIN, *bounds, EXECUTION_ENVIRONMENTS_MAX)
        storage_fits = _in_order(EPHEMERAL_STORAGE_MIN, facts.ephemeral_storage_size, EPHEMERAL_STORAGE_MAX)
        environment, layers, policy = map(arguments.usable, ("environment", "layers", "initial_policy"))
        function = lambda_.Function(
            self,
            "Function",
            **_options(arguments, _FUNCTION_OPTIONS),
            architecture=architecture,
            ephemeral_storage_size=arguments.usable("ephemeral_storage_size") if storage_fits else None,
            environment=None if environment is None else dict(environment),
            layers=None if layers is None else list(layers),
            initial_policy=None if policy is None else list(policy),
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            current_version_options=lambda_.VersionOptions(
                removal_policy=RemovalPolicy.DESTROY,
                min_execution_environments=minimum if scaling_fits else None,
                max_execution_environments=maximum if scaling_fits else None,
            ),
        )
        if not storage_fits:
            _resource(function).add_property_override("EphemeralStorage.Size", facts.ephemeral_storage_size)
        if not scaling_fits:
            _scale(function.current_version, minimum, maximum)
        return function

    def _publish(
        self,
        caller: Caller,
        provider: ManagedInstanceCapacityProvider | lambda_.ICapacityProvider,
        facts: Facts,
        arguments: Arguments,
        **alias_options: Any,
    ) -> None:
        """Put the alias before the version of a function that is on its capacity provider, or will be."""
        self._function, self._capacity_provider, self._facts = caller.function, provider, facts
        self._wording = _wording(arguments)
        self._schedules, self._v_cpus, self._thresholds = None, 0, {}
        self._version = self._function.current_version
        # To pyright neither a Version is an IVersion nor a Function an IFunction, which name parameters otherwise.
        self._alias = lambda_.Alias(
            self,
            "Alias",
            version=self._version,  # pyright: ignore[reportArgumentType]
            **alias_options,
        )
        self._deployment_group = None
        if arguments.given("deployment_config"):
            hooks = {hook: arguments.usable(hook) for hook in ("pre_hook", "post_hook")}
            self._deployment_group = roll_out(self, self._alias, arguments.usable("deployment_config"), **hooks)
        pool = self._pool = pool_of(provider)
        if pool.owner is not None:
            pool.owner.network._serve(self, caller)
        else:
            acknowledge_for_function(_resource(self._function))

    def _stand(self, arguments: Arguments, judged: Pool, facts: Facts, judgement: Judgement) -> None:
        """Tell and count what was judged. Not before CDK took all of it: what it refused must leave nothing behind.

        Args:
            arguments: Those of the function.
            judged: The pool that was judged with it.
            facts: Those of the function.
            judgement: What becomes of them.
        """
        judgement.tell(self)
        judged.judged = True
        self._pool.functions += 1
        self._count_in(facts)
        if not arguments.given("capacity_provider"):
            stack = Stack.of(self)
            _DEFAULT_CAPACITY_PROVIDERS[stack] = _DEFAULT_CAPACITY_PROVIDERS.get(stack, 0) + 1

    def _count_in(self, facts: Facts) -> None:
        """Let the next function on the same capacity provider know what this one takes at least, at its highest."""
        v_cpus = _minimum_fleets(facts)
        if v_cpus > self._v_cpus:
            self._pool.v_cpus += v_cpus - self._v_cpus
            self._v_cpus = v_cpus

    def _default_capacity_provider(self, architecture: lambda_.Architecture) -> ManagedInstanceCapacityProvider:
        return ManagedInstanceCapacityProvider(self, "CapacityProvider", architecture=architecture)


class _AdoptedFunction(ManagedInstanceFunction):
    """A function that something else defines, for arguments of ``from_function`` that were judged."""

    def __init__(
        self, scope: Construct, id: str, arguments: Arguments, pool: Pool, facts: Facts, judgement: Judgement
    ) -> None:
        with told_as_violation(scope, id):
            Construct.__init__(self, scope, id)
        with told_as_violation(scope, id, undo=True):
            try_hooks(self, arguments)
            function = arguments.usable("function")
            provider = (
                pool.owner
                or arguments.usable("capacity_provider")
                or self._default_capacity_provider(function.architecture)
            )
            with _taken_back(function):
                _ = function.current_version
            self._log_group = None
            self._publish(Caller(function), provider, facts, arguments, alias_name=arguments.usable("alias_name"))
            # Nothing is set on the function and its version before CDK took all that is defined for them: it could not
            # be taken back. A version stays where CDK made it, since CDK hands out no other.
            _attach(function, provider, **_options(arguments, _CAPACITY_PROVIDER_OPTIONS))
            _state_defaults(function)
            self._version.apply_removal_policy(RemovalPolicy.DESTROY)
            bounds = map(arguments.usable, ("min_execution_environments", "max_execution_environments"))
            _scale(self._version, *bounds)
        self._stand(arguments, pool, facts, judgement)


def _judge(arguments: Arguments, pool: Pool, facts: Facts, adopted: lambda_.Function | None = None) -> Judgement:
    """Judge a function, and its capacity provider too where nobody did: the first function on it answers for it."""
    callers = facts.unqualified_callers
    hooks, facts_of_hooks = hooks_without_version(arguments, adopted)
    return judge(
        arguments.usable("scope"),
        arguments.usable("id"),
        records=[*arguments.misfits, facts, *([Worded(facts_of_hooks, _wording(arguments, hooks))] if hooks else ())],
        acknowledge=arguments.usable("acknowledge") or (),
        rules=ADDED_FUNCTION_RULES if pool.judged else RULES,
        wording=_wording(arguments, () if callers is UNKNOWN else callers),
    )


def _pool(arguments: Arguments, architecture: lambda_.Architecture | None) -> Pool:
    """Give what is known of the capacity provider, or of the default one for the architecture."""
    if arguments.given("capacity_provider"):
        provider = arguments.usable("capacity_provider")
        return Pool(CapacityProviderFacts(), judged=True) if provider is None else pool_of(provider)
    return pool_by_default(architecture)


def _counted(arguments: Arguments, pool: Pool) -> dict[str, Any]:
    """Count what other functions have taken: vCPUs of the pool, capacity providers by default in the stack.

    And whether traffic shifts to a new version of this one, which then counts twice.
    """
    scope = arguments.usable("scope")
    by_default: int | Unknown = UNKNOWN
    if scope is not None and not arguments.given("capacity_provider"):
        with suppress(RuntimeError):  # a scope that is in no stack, which CDK is going to refuse
            by_default = _DEFAULT_CAPACITY_PROVIDERS.get(Stack.of(scope), 0) + 1
    return {
        "default_capacity_providers": by_default,
        "v_cpus_of_other_functions": pool.v_cpus,
        "shifts_traffic": arguments.given("deployment_config"),
    }


def _with_versions(pool: Pool) -> CapacityProviderFacts:
    """Give what is known of the pool, with the versions on it once this function brings one too many.

    That an update of all would not fit is told of the function after which it does not, and of no later one.
    """
    versions = pool.functions + 1
    if versions <= FUNCTION_VERSIONS_MAX and versions != FUNCTION_VERSIONS_MAX // FLEETS_OF_UPDATE + 1:
        return pool.facts
    return replace(pool.facts, function_versions=versions, published_functions=versions)


def _options(arguments: Arguments, keywords: Sequence[str]) -> dict[str, Any]:
    """Give arguments that are passed on as they are."""
    return {keyword: arguments.usable(keyword) for keyword in keywords}


def _architecture_of(pool: Pool) -> lambda_.Architecture:
    """Give what a function is built for that does not say: what its pool has."""
    architectures = pool.facts.capacity_provider_architectures
    first = None if architectures is UNKNOWN else next(iter(architectures), None)
    return _architectures().get(first or "", _architectures()["x86_64"])


@cache
def _architectures() -> Mapping[str, lambda_.Architecture]:
    """Give CDK's architectures by name. Not while modules are imported: it has Node load all of aws-lambda."""
    return {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


def _resource_of(arguments: Arguments) -> lambda_.CfnFunction | None:
    """Give the resource behind the argument ``function``, noting a function that cannot be adopted."""
    function, scope = arguments.usable("function"), arguments.usable("scope")
    if function is None:
        return None
    resource = function.node.default_child if isinstance(function, lambda_.Function) else None
    if not isinstance(resource, lambda_.CfnFunction):
        unfit = "is imported or of another kind"
    elif read(resource, "capacity_provider_config", None) is not None:
        unfit = "is on a capacity provider already"
    elif scope is not None and Stack.of(function).node.path != Stack.of(scope).node.path:
        unfit = "is in another stack"
    else:
        return resource
    arguments.note(keyword="function", given=f"'{function.node.path}'", unfit_because=unfit)
    return None


def _attach(
    function: lambda_.Function,
    provider: ManagedInstanceCapacityProvider | lambda_.ICapacityProvider,
    *,
    execution_environment_memory_gib_per_v_cpu: float,
    per_execution_environment_max_concurrency: int | None,
) -> None:
    """Put the function on the capacity provider, also on an imported one, for which CDK has no method."""
    target = provider.capacity_provider if isinstance(provider, ManagedInstanceCapacityProvider) else provider
    if isinstance(target, lambda_.CapacityProvider):
        target.add_function(
            function,  # pyright: ignore[reportArgumentType] - as for aliases
            execution_environment_memory_gib_per_v_cpu=execution_environment_memory_gib_per_v_cpu,
            per_execution_environment_max_concurrency=per_execution_environment_max_concurrency,
            publish_to_latest_published=False,
        )
        return
    resource = _resource(function)
    resource.capacity_provider_config = lambda_.CfnFunction.CapacityProviderConfigProperty(
        lambda_managed_instances_capacity_provider_config=(
            lambda_.CfnFunction.LambdaManagedInstancesCapacityProviderConfigProperty(
                capacity_provider_arn=target.capacity_provider_arn,
                execution_environment_memory_gib_per_v_cpu=execution_environment_memory_gib_per_v_cpu,
                per_execution_environment_max_concurrency=per_execution_environment_max_concurrency,
            )
        )
    )
    resource.publish_to_latest_published = False


def _scale(version: lambda_.Version, minimum: int | Unknown, maximum: int | Unknown | None) -> None:
    """State both bounds, unless the version states some that cannot be read."""
    if UNKNOWN in (minimum, maximum):
        return
    _resource(version).add_property_override(
        "FunctionScalingConfig",
        {"MinExecutionEnvironments": minimum, "MaxExecutionEnvironments": written_maximum(maximum)},
    )


def _state_defaults(function: lambda_.Function) -> None:
    """State what was judged: a template that says nothing means 128 MiB and text logs to whoever reads it."""
    resource = _resource(function)
    if resource.memory_size is None:
        resource.memory_size = int(MEMORY_SIZE_DEFAULT)
    if read(read(resource, "logging_config", None), "log_format", None) is None:
        resource.add_property_override("LoggingConfig.LogFormat", "JSON")


@contextmanager
def _taken_back(scope: Construct) -> Iterator[None]:
    """Take out again what was defined below ``scope`` until an error came."""
    before = set(map(reference_to, scope.node.find_all()))
    try:
        yield
    except Exception:
        for construct in scope.node.find_all():
            around = construct.node.scope
            if reference_to(construct) not in before and around is not None:
                around.node.try_remove_child(construct.node.id)
        raise


def _resource(construct: Construct) -> Any:
    """Give the CloudFormation resource of a construct of CDK's, whose type CDK does not tell."""
    return construct.node.default_child


def _in_order(*amounts: Any) -> bool:
    """Whether the amounts do not fall, as far as they are known."""
    values = [amount for amount in amounts if amount is not UNKNOWN]
    return values == sorted(values)


def _minimum_fleets(facts: Facts) -> int:
    """Give the vCPUs of the execution environments that are always up: of two versions while traffic shifts."""
    memory_size, ratio = facts.memory_size, facts.execution_environment_memory_gib_per_v_cpu
    environments = facts.min_execution_environments
    if memory_size is UNKNOWN or ratio is UNKNOWN or environments is UNKNOWN:
        return 0
    return fleets_at_once(facts.shifts_traffic) * max(0, environments) * v_cpu_count(memory_size, ratio)


def _wording(arguments: Arguments, callers: Sequence[str] = ()) -> Keywords:
    """Give how the user writes facts: a capacity provider by default as one that is passed in, callers by name."""
    of_pool = {} if arguments.given("capacity_provider") else _OF_DEFAULT_POOL
    of_callers = {"unqualified_callers": (" and ".join(callers), "{}")} if callers else {}
    return Keywords(**of_pool, **of_callers)
