"""The pool of EC2 instances that functions on Managed Instances run on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import Acknowledgment, CfnResource, Duration, IStableStringProducer, Lazy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct, IValidation

from .acknowledgments import acknowledge_for_operator_key, acknowledge_for_operator_role
from .judgement import Judgement, judge, told_as_violation
from .network import ExistingNetwork, ManagedInstanceNetwork, Placement
from .operate.thresholds import BUSY, NEARLY_FULL, NEARLY_OUT, PERIODS
from .reading import (
    CAPACITY_PROVIDER_DEFAULTS,
    capacity_provider_facts,
    capacity_provider_resource_facts,
    name_of,
)
from .rules.catalogue import RULES
from .rules.engine import check
from .rules.facts import UNKNOWN, CapacityProviderFacts
from .rules.limits import (
    MAX_V_CPU_COUNT_MAX,
    MAX_V_CPU_COUNT_OF_DEFAULT_FLEET,
    OPERATOR_KEY_ACTIONS,
    OPERATOR_POLICY,
    PROPAGATED_TAGS_MAX,
    SCALING_POLICIES_MAX,
    SCALING_POLICIES_MIN,
    SECURITY_GROUPS_MAX,
    SUBNETS_MAX,
)
from .signature import Arguments, is_token, reference_to, written

#: Of CDK: https://github.com/aws/aws-cdk, core/lib/private/uniqueid.ts (read 2026-11-28).
_LOGICAL_ID_MAX = 255
_DIGEST_LENGTH = 8

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch


@dataclass
class Pool:
    """What a function must know of the capacity provider that it is put on."""

    #: What is known of it.
    facts: CapacityProviderFacts
    #: Whether these facts were judged when it was defined.
    judged: bool
    #: vCPUs that the minimum fleets of the functions on it take, as far as they are known.
    v_cpus: int = 0
    #: How many functions are on it, each of which has a version.
    functions: int = 0
    #: The construct of this library that defined it.
    owner: ManagedInstanceCapacityProvider | None = None


@jsii.implements(ec2.IConnectable)
class ManagedInstanceCapacityProvider(Construct):
    """A pool of EC2 instances that Lambda launches, scales and patches, for any number of functions.

    You pay for the floor of each pool, so let functions share one. Instances are launched when a function is
    published; you pay for the endpoints of a new network from the start. See
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-capacity-providers.html

    It defines the capacity provider, its operator role and, unless you pass one, a network.

    Example::

        pool = ManagedInstanceCapacityProvider(self, "Pool", architecture=lambda_.Architecture.ARM_64)
        ManagedInstanceFunction(self, "ListOrders", capacity_provider=pool, …)
        ManagedInstanceFunction(self, "Search", capacity_provider=pool, …)

    Args:
        scope: The parent construct.
        id: Its id in ``scope``.
        network: The network of its instances; not with ``vpc``. Default: a new ManagedInstanceNetwork.
        vpc: An existing VPC instead of a network. If this app defines it and its subnets have no route out, missing
            endpoints are added to it; nothing is added to an imported VPC. See ``ManagedInstanceNetwork.from_vpc``.
        vpc_subnets: Which subnets of ``vpc``: 1 to 16, in at least 2 Availability Zones. Default: CDK's choice, its
            private subnets.
        security_groups: Those of the instances in ``vpc``: 1 to 5. Default: a new one that allows HTTPS out, nothing
            in.
        architecture: That of its instances, and so of its functions. Default: x86_64.
        max_v_cpu_count: vCPUs of all instances together: 2 to 15000, in practice at least 12 (LMI309), with room for
            the next version of a function and a spare instance (LMI307). Default: not stated, which means 400.
        instance_type_filter: Instance types to allow or to exclude: C, M and R families, large and up.
            Default: Lambda picks.
        scaling_options: ``lambda_.ScalingOptions.auto()``, or ``manual([…])`` with 1 to 10 policies of 0 to 100 %.
            Default: automatic.
        operator_role: The role that Lambda launches instances with. It is not changed; if this app defines it,
            synthesis tells if Lambda may not assume it (LMI418), if it has no policy (LMI419), and if it may not use
            ``kms_key`` (LMI414). Default: a new one with AWS's managed policy
            AWSLambdaManagedEC2ResourceOperator, and what it needs on ``kms_key``. Its trust policy is that of AWS's
            guide, with no condition. AWS's agent toolkit adds ``aws:SourceAccount``; no page says that Lambda sends it.
        kms_key: Encrypts the volumes of the instances. Default: a key that AWS manages.
        propagate_tags: Tags for instances, network interfaces and volumes: at most 40. Default: none.
        log_group: For the system logs, the only place where failed launches are logged; its name must not begin with
            "aws/". Default: one that Lambda creates, /aws/lambda/capacity-provider/NAME, which
            stays when the stack is deleted.
        system_log_level: DEBUG, INFO or WARN. Default: INFO.
        capacity_provider_name: A fixed name, with which it cannot be replaced (LMI411). Default: one that
            CloudFormation generates.
        acknowledge: Rules to acknowledge, each with a reason. Default: none.

    Raises:
        ManagedInstanceError: An argument is invalid, or AWS would refuse the configuration. It lists all problems.

    The limits are from these pages, read 2026-11-24 (``cdk_lmi.rules.limits`` notes where pages disagree):

    - subnets and security groups:
      https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-capacityprovider-capacityprovidervpcconfig.html
    - vCPUs, scaling policies and their targets:
      https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-capacityprovider-capacityproviderscalingconfig.html
    - architectures and instance types:
      https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-capacityprovider-instancerequirements.html
    - tags: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-capacityprovider.html
    - 400 vCPUs by default, and the name of the log group:
      https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-capacity-providers.html
    - Availability Zones: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-networking.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        network: ManagedInstanceNetwork | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        architecture: lambda_.Architecture | None = None,
        max_v_cpu_count: int | None = None,
        instance_type_filter: lambda_.InstanceTypeFilter | None = None,
        scaling_options: lambda_.ScalingOptions | None = None,
        operator_role: iam.IRole | None = None,
        kms_key: kms.IKey | None = None,
        propagate_tags: lambda_.PropagateTags | None = None,
        log_group: logs.ILogGroup | None = None,
        system_log_level: lambda_.SystemLogLevel | None = None,
        capacity_provider_name: str | None = None,
        acknowledge: Sequence[Acknowledgment] = (),
    ) -> None:
        arguments = Arguments(ManagedInstanceCapacityProvider.__init__, locals())
        placement = _placement(arguments)
        facts = capacity_provider_facts(arguments)
        judgement = judge(
            scope,
            id,
            records=[*arguments.misfits, facts, placement.facts],
            acknowledge=arguments.usable("acknowledge") or (),
        )
        with told_as_violation(scope, id):
            super().__init__(scope, id)
        with told_as_violation(scope, id, undo=True):
            if network is None:
                network = (
                    ExistingNetwork(self, "Network", placement) if vpc else ManagedInstanceNetwork(self, "Network")
                )
            self._network = network
            self._own_role = None if operator_role else self._make_operator_role()
            self._operator_role = operator_role or cast(iam.IRole, self._own_role)
            self._capacity_provider = _define(
                self,
                subnets=network.subnets,
                security_groups=network.security_groups,
                operator_role=self._operator_role,
                architectures=[architecture or lambda_.Architecture.X86_64],
                max_v_cpu_count=max_v_cpu_count,
                instance_type_filter=instance_type_filter,
                scaling_options=scaling_options,
                kms_key=kms_key,
                propagate_tags=propagate_tags,
                log_group=log_group,
                system_log_level=system_log_level,
                capacity_provider_name=capacity_provider_name,
            )
            resource = cast(CfnResource, self._capacity_provider.node.default_child)
            resource.override_logical_id(Lazy.string(_LogicalId(self, kms_key)))
            # Publishing starts the function: what it calls at import, and where its logs go, must be in reach by then.
            self._capacity_provider.node.add_dependency(network.reachable)
            if kms_key is not None and operator_role is None:
                self._grant_key(kms_key, id, arguments.usable("acknowledge"))
            elif operator_role is not None and (kms_key is not None or isinstance(operator_role, iam.Role)):
                self._capacity_provider.node.add_validation(_OperatorInspection(self))
        # Known by CDK's capacity provider too, which is handed out.
        self._pool = _POOLS[reference_to(self._capacity_provider)] = Pool(facts, judged=True, owner=self)
        judgement.tell(self)

    @property
    def capacity_provider(self) -> lambda_.CapacityProvider:
        """CDK's capacity provider."""
        return self._capacity_provider

    @property
    def capacity_provider_arn(self) -> str:
        """The ARN of the capacity provider."""
        return self._capacity_provider.capacity_provider_arn

    @property
    def capacity_provider_name(self) -> str:
        """The name of the capacity provider."""
        return self._capacity_provider.capacity_provider_name

    @property
    def network(self) -> ManagedInstanceNetwork:
        """The network of its instances."""
        return self._network

    @property
    def connections(self) -> ec2.Connections:
        """The network connections of its instances."""
        return self._network.connections

    @property
    def operator_role(self) -> iam.IRole:
        """The role that Lambda launches instances with."""
        return self._operator_role

    def metric(
        self,
        metric_name: str,
        *,
        instance_type: str | None = None,
        statistic: str = "Average",
        period: Duration | None = None,
    ) -> cloudwatch.Metric:
        """Return a metric of the capacity provider.

        The vCPUs and bytes that are available or allocated are levels, which each instance reports once in five
        minutes. Sum adds up the values of all instances, and over a longer period several values of each. So it is
        correct for five minutes only, also on a dashboard, which needs
        ``period_override=cloudwatch.PeriodOverride.INHERIT`` for that.

        Args:
            metric_name: CPUUtilization, MemoryUtilization, vCPUAvailable, vCPUAllocated, MemoryAvailable or
                MemoryAllocated.
            instance_type: As in ``"m7g.xlarge"``: Lambda's guide documents these metrics by instance type. Default:
                the capacity provider alone, as AWS's workshop does for CPUUtilization.
            statistic: CloudWatch's name for the statistic. Default: Average.
            period: Default: 5 minutes, which is how often Lambda sends the metric.
        """
        from .operate.metrics import METRIC_PERIOD, capacity_provider_metric

        provider, period = self._capacity_provider, METRIC_PERIOD if period is None else period
        return capacity_provider_metric(
            provider, metric_name, instance_type=instance_type, statistic=statistic, period=period
        )

    def metric_cpu_utilization(
        self, *, instance_type: str | None = None, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the CPU utilisation of the instances, in per cent.

        For ``instance_type`` see :meth:`metric`.
        """
        return self.metric("CPUUtilization", instance_type=instance_type, statistic=statistic, period=period)

    def metric_memory_utilization(
        self, *, instance_type: str | None = None, statistic: str = "Average", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the memory utilisation of the instances, in per cent.

        For ``instance_type`` see :meth:`metric`.
        """
        return self.metric("MemoryUtilization", instance_type=instance_type, statistic=statistic, period=period)

    def metric_v_cpu_available(
        self, *, instance_type: str | None = None, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the vCPUs of the instances that are available.

        Sum is correct for five minutes only. For that and for ``instance_type`` see :meth:`metric`.
        """
        return self.metric("vCPUAvailable", instance_type=instance_type, statistic=statistic, period=period)

    def metric_v_cpu_allocated(
        self, *, instance_type: str | None = None, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the vCPUs that are allocated to execution environments.

        Sum is correct for five minutes only. For that and for ``instance_type`` see :meth:`metric`.
        """
        return self.metric("vCPUAllocated", instance_type=instance_type, statistic=statistic, period=period)

    def metric_memory_available(
        self, *, instance_type: str | None = None, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the memory of the instances that is available, in bytes.

        Sum is correct for five minutes only. For that and for ``instance_type`` see :meth:`metric`.
        """
        return self.metric("MemoryAvailable", instance_type=instance_type, statistic=statistic, period=period)

    def metric_memory_allocated(
        self, *, instance_type: str | None = None, statistic: str = "Sum", period: Duration | None = None
    ) -> cloudwatch.Metric:
        """Return the metric of the memory that is allocated to execution environments, in bytes.

        Sum is correct for five minutes only. For that and for ``instance_type`` see :meth:`metric`.
        """
        return self.metric("MemoryAllocated", instance_type=instance_type, statistic=statistic, period=period)

    def add_alarms(
        self,
        *,
        v_cpu_share_of_max: float | None = NEARLY_OUT,
        cpu_utilization: float | None = BUSY,
        memory_utilization: float | None = NEARLY_FULL,
        evaluation_periods: int = PERIODS,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
        ok_actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> Mapping[str, cloudwatch.Alarm]:
        """Define alarms for the instances, each of which says which setting to change when it goes off.

        Call this once. ``None`` leaves an alarm out. Missing data raises no alarm: there is none while nothing runs.

        Args:
            v_cpu_share_of_max: Allocated vCPUs, in per cent of those that ``max_v_cpu_count`` leaves to execution
                environments on instances of the smallest size: whole instances, each of which keeps one vCPU for
                itself. Default: 80, which leaves time to raise the cap. Larger instances may fill a small cap before
                that. There is no such alarm if ``max_v_cpu_count`` is not known.
            cpu_utilization: CPU utilisation of all instances, in per cent, on average. Default: 80.
            memory_utilization: Memory utilisation of all instances, in per cent, on average. Default: 90.
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
        from .operate.alarms import add_capacity_provider_alarms

        return add_capacity_provider_alarms(self, self._capacity_provider, self._pool.facts, **given)

    def widgets(self, title: str | None = None) -> Sequence[cloudwatch.IWidget]:
        """Return dashboard widgets for the instances: a heading and a row of graphs, 24 columns wide.

        Args:
            title: The heading. Default: the construct's path.
        """
        from .operate.dashboard import capacity_provider_widgets

        max_v_cpu_count = self._pool.facts.max_v_cpu_count
        return capacity_provider_widgets(title or self.node.path, self._capacity_provider, max_v_cpu_count)

    def _grant_key(self, kms_key: kms.IKey, id: str, acknowledge: Sequence[Acknowledgment]) -> None:
        """Grant the key to the operator role before the role needs it; warn if the key cannot be granted."""
        grant = kms_key.grant(self._operator_role, *OPERATOR_KEY_ACTIONS)
        if grant.success:
            grant.apply_before(self._capacity_provider)
            acknowledge_for_operator_key(self._operator_role)
        else:
            missing = CapacityProviderFacts(actions_missing_on_key=OPERATOR_KEY_ACTIONS)
            judge(self, id, records=[missing], acknowledge=acknowledge).tell(self)

    def _make_operator_role(self) -> iam.IRole:
        # Without aws:SourceAccount, which would stop every launch if Lambda does not send it. The guide's trust has no
        # condition, https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-operator-role.html (read
        # 2026-11-27); that in aws/agent-toolkit-for-aws, aws-lambda-managed-instances (commit d6ad2e44), has.
        role = iam.Role(
            self,
            "OperatorRole",
            # Its parameters have other names than those of its protocol: pyright minds, mypy and jsii do not.
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),  # pyright: ignore[reportArgumentType]
            description="Lambda launches and terminates Managed Instances with it",
            managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(OPERATOR_POLICY)],
        )
        made = cast(iam.IRole, role)
        acknowledge_for_operator_role(made)
        return made


@jsii.implements(IStableStringProducer)
class _LogicalId:
    """The logical id of a capacity provider, which changes with what CloudFormation replaces it for.

    CDK names a version after the template of its function, which only refers to the capacity provider. Under the same
    logical id, another one would get no new version: the alias would go on serving the old one, on the old instances,
    and Lambda deletes no capacity provider that a version is on. For what is replaced, see
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-capacityprovider.html
    (read 2026-11-24). With a fixed name it is only replaced for another name (LMI411).

    VPC, subnets, security groups and role may be replaced under their own logical ids, and the capacity provider with
    them. What has that done is read off the resources, those too that the app has imported by a reference. Not seen are
    property overrides on an L1, what else replaces a resource by reference (another IPAM pool under its logical id),
    and that a VPC going back to default tenancy stays as it is.
    """

    def __init__(self, owner: ManagedInstanceCapacityProvider, kms_key: kms.IKey | None) -> None:
        self._owner = owner
        self._kms_key = kms_key

    def produce(self) -> str:
        """Give the id. CDK calls this once."""
        import hashlib  # not before, since it has OpenSSL loaded

        resource = self._owner.capacity_provider.node.default_child
        assert isinstance(resource, lambda_.CfnCapacityProvider)
        stack = Stack.of(resource)
        told = json.dumps(stack.resolve(resource.capacity_provider_name) or self._replaced_for(resource))
        digest = hashlib.sha256(told.encode()).hexdigest()[:_DIGEST_LENGTH]
        return f"{stack.get_logical_id(resource)[: _LOGICAL_ID_MAX - _DIGEST_LENGTH]}{digest}"

    def _replaced_for(self, resource: lambda_.CfnCapacityProvider) -> Sequence[object]:
        network, role = self._owner.network, self._owner.operator_role
        subnets, groups = network.subnets, network.security_groups
        subnet_ids, group_ids = [each.subnet_id for each in subnets], [each.security_group_id for each in groups]
        placed = _written_by(subnets[0], [subnet_ids, _address_ranges(subnets)])
        role_arn = role.role_arn
        is_existing = isinstance(network, ExistingNetwork)
        return [
            placed,
            _written_by(groups[0], group_ids),
            _written_by(role, role_arn),
            # To the role and the security group that this library defines itself, it gives nothing of that.
            *([] if role is self._owner._own_role else [_identity(role, role_arn, iam.CfnRole)]),
            *(_identity(*each, ec2.CfnSecurityGroup) for each in zip(groups, group_ids, strict=True) if is_existing),
            _written_by(resource, resource.instance_requirements),
            None if self._kms_key is None else _written_by(self._kms_key, self._kms_key.key_arn),
            # Of most networks there is nothing, and nothing is asked.
            *([] if not is_existing and _tell_range_of_vpc(placed[1]) else _identities_in(network, subnet_ids)),
        ]


def _written_by(construct: IConstruct, value: Any) -> Any:
    """Give a value as the stack of a construct writes it: others write it in another way once they were prepared."""
    return Stack.of(construct).resolve(value)


def _identity(construct: IConstruct, name: str, kind: type[CfnResource]) -> Any:
    """Give all that has a role or a security group replaced under its logical id.

    Args:
        construct: The role or security group. Of one that is imported from outside of the app, there is nothing.
        name: What it is referred to by.
        kind: What its resource is.
    """
    child = construct.node.default_child
    resource = child if isinstance(child, kind) else _behind(name, kind)
    return [] if resource is None else _written_by(resource, list(_replacing(resource, kind).values()))


def _identities_in(network: ManagedInstanceNetwork, subnet_ids: Sequence[str]) -> Sequence[Any]:
    """Give what has a VPC and imported subnets replaced under their logical ids.

    Of the subnets of CDK's constructs, all that counts are the address ranges: in the same VPC, a subnet is not
    replaced by another one with its range.
    """
    known = [isinstance(each, ec2.Subnet) for each in network.subnets]
    imported = [id for id, is_known in zip(subnet_ids, known, strict=True) if not is_known]
    found = [(each, _replacing(each, ec2.CfnSubnet)) for id in imported if (each := _behind(id, ec2.CfnSubnet))]
    vpc_ids = [network.vpc.vpc_id, *(values.get("vpcId") for _, values in found)]
    if vpc := next(filter(None, (_behind(id, ec2.CfnVPC) for id in vpc_ids)), None):
        found.append((vpc, _replacing(vpc, ec2.CfnVPC)))
    return [_written_by(resource, values) for resource, values in found if values]


def _behind(name: Any, kind: type[CfnResource]) -> CfnResource | None:
    """Give the resource of the app that something imported is, by what it is referred to; ``None`` if there is none."""
    from .stacks import referred_to

    return referred_to(name, kind) if is_token(name) else None


def _replacing(resource: CfnResource, kind: type[CfnResource]) -> Mapping[str, Any]:
    """Give the properties for which a resource of a type is replaced, where they are not as by default.

    What is as by default says nothing, so that a logical id stays when one more property is read here.
    """
    properties = written(resource, "_cfn_properties")  # nothing public gives them all for one call to Node
    return {
        name: properties[name]
        for name, default in _REPLACED_FOR[kind].items()
        if properties is not UNKNOWN and properties.get(name, default) != default
    }


#: For which properties a resource is replaced, and what CDK writes there where nothing is asked for. See "Update
#: requires" in the pages of these resources, from
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpc.html to
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
#: (read 2026-11-28, as cfn-lint has them).
_REPLACED_FOR: Mapping[type, Mapping[str, str | None]] = {
    ec2.CfnVPC: {
        "cidrBlock": "10.0.0.0/16",
        # For "dedicated" instead of "default", and not the other way round.
        "instanceTenancy": "default",
        "ipv4IpamPoolId": None,
        "ipv4NetmaskLength": None,
    },
    ec2.CfnSubnet: dict.fromkeys(
        (
            "vpcId",
            "availabilityZone",
            "availabilityZoneId",
            "cidrBlock",
            "ipv4IpamPoolId",
            "ipv4NetmaskLength",
            "ipv6IpamPoolId",
            "ipv6NetmaskLength",
            "ipv6Native",
            "outpostArn",
        )
    ),
    # For another VPC too, which has other subnets.
    ec2.CfnSecurityGroup: dict.fromkeys(("groupDescription", "groupName")),
    iam.CfnRole: dict.fromkeys(("path", "roleName")),
}


def _address_ranges(subnets: Sequence[ec2.ISubnet]) -> Sequence[str]:
    """Give those of subnets, which keep their logical ids when they are replaced themselves."""
    with suppress(RuntimeError):  # what is imported need not say it, and has another id or is looked up in the app
        return [subnet.ipv4_cidr_block for subnet in subnets]
    return []


def _tell_range_of_vpc(ranges: Sequence[object]) -> bool:
    """Tell whether no other VPC of this library would be divided into these ranges for its subnets.

    Those of an IPAM pool are not known. The smallest come of several: one that has no room for more zones is divided
    among those that there are.
    """
    return all(isinstance(each, str) and not each.endswith(("/27", "/28")) for each in ranges)


@jsii.implements(IValidation)
class _OperatorInspection:
    """Tells if a role that was passed in cannot do what Lambda does with it.

    A validation, since CDK runs these after all aspects, any of which may grant something.
    """

    def __init__(self, owner: ManagedInstanceCapacityProvider) -> None:
        self._owner = owner

    def validate(self) -> list[str]:
        """Tell at the capacity provider, which may acknowledge it. CDK calls this when it synthesises."""
        from .grants import operator_facts

        # An exception would not leave CDK's synthesis as the error that it is.
        violations = check(operator_facts(self._owner.capacity_provider), RULES)
        Judgement(warnings=violations, acknowledged=()).tell(self._owner)
        return []


def pool_by_default(architecture: lambda_.Architecture | None) -> Pool:
    """Return what will be known of the capacity provider that a function gets by default."""
    facts = (
        CAPACITY_PROVIDER_DEFAULTS
        if architecture is None
        else replace(CAPACITY_PROVIDER_DEFAULTS, capacity_provider_architectures=(name_of(architecture),))
    )
    return Pool(facts, judged=True)


def pool_of(provider: ManagedInstanceCapacityProvider | lambda_.ICapacityProvider) -> Pool:
    """Give what is known of a capacity provider: of this library's, of CDK's own, of an imported one."""
    if isinstance(provider, ManagedInstanceCapacityProvider):
        return provider._pool
    reference = reference_to(provider)
    if reference not in _POOLS:
        resource = provider.node.default_child if isinstance(provider, lambda_.CapacityProvider) else None
        _POOLS[reference] = Pool(capacity_provider_resource_facts(resource), judged=False)
    return _POOLS[reference]


#: Of CDK's capacity providers: those of this library, those that CDK's own construct defines, and imported ones. By
#: what they are called in Node: of an imported one, CDK may hand on another object in Python each time. None of them is
#: let go before the process ends: jsii keeps every object, since it cannot know what refers to one in Node
#: (``_ReferenceMap`` in jsii 1.142.0, ``jsii/_reference_map.py``).
_POOLS: dict[str, Pool] = {}


def _placement(arguments: Arguments) -> Placement:
    arguments.exclusive("network", "vpc", "vpc_subnets", "security_groups")
    for keyword in ("vpc_subnets", "security_groups"):
        if arguments.given(keyword) and not arguments.given("vpc") and not arguments.given("network"):
            arguments.note(keyword="vpc", given=None, expected=f"the VPC that {keyword} are in")
    return Placement.of(arguments)


def _define(scope: Construct, **options: Any) -> lambda_.CapacityProvider:
    """Define CDK's capacity provider, taking round its own checks what our rules let through.

    It refuses fewer than 12 vCPUs, which Lambda takes, and whatever somebody acknowledged.
    """
    resource_properties: dict[str, object] = {}

    vcpus = options["max_v_cpu_count"]
    if (
        vcpus is not None
        and not is_token(vcpus)
        and not MAX_V_CPU_COUNT_OF_DEFAULT_FLEET <= vcpus <= MAX_V_CPU_COUNT_MAX
    ):
        options["max_v_cpu_count"] = None
        resource_properties["CapacityProviderScalingConfig.MaxVCpuCount"] = vcpus
    subnets, groups = options["subnets"], options["security_groups"]
    if len(subnets) > SUBNETS_MAX:
        options["subnets"] = subnets[:SUBNETS_MAX]
        resource_properties["VpcConfig.SubnetIds"] = [subnet.subnet_id for subnet in subnets]
    if len(groups) > SECURITY_GROUPS_MAX:
        options["security_groups"] = groups[:SECURITY_GROUPS_MAX]
        resource_properties["VpcConfig.SecurityGroupIds"] = [group.security_group_id for group in groups]
    tags = options["propagate_tags"]
    if tags is not None and len(tags.explicit_tags or {}) > PROPAGATED_TAGS_MAX:
        options["propagate_tags"] = None
        resource_properties["PropagateTags"] = {
            "Mode": tags.mode,
            "ExplicitTags": [{"Key": key, "Value": value} for key, value in tags.explicit_tags.items()],
        }
    scaling = options["scaling_options"]
    policies = getattr(scaling, "scaling_policies", None)
    if policies is not None and not SCALING_POLICIES_MIN <= len(policies) <= SCALING_POLICIES_MAX:
        options["scaling_options"] = None
        resource_properties["CapacityProviderScalingConfig.ScalingMode"] = scaling.scaling_mode
        resource_properties["CapacityProviderScalingConfig.ScalingPolicies"] = [
            {"PredefinedMetricType": policy.predefined_metric_type, "TargetValue": policy.target_value}
            for policy in policies
        ]

    provider = lambda_.CapacityProvider(scope, "Resource", **options)
    resource = provider.node.default_child if resource_properties else None
    if isinstance(resource, CfnResource):
        for path, value in resource_properties.items():
            resource.add_property_override(path, value)
    return provider
