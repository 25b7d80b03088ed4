"""The function: what it defines, where its scaling stands, what it refuses and whom it lets past."""

from types import MappingProxyType
from typing import Any, ClassVar

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from jsii._kernel.providers import process

from cdk_lmi import (
    ManagedInstanceCapacityProvider,
    ManagedInstanceError,
    ManagedInstanceFunction,
    ManagedInstanceNetwork,
    check_template,
)
from cdk_lmi.capacity_provider import pool_of
from cdk_lmi.operate.rollout import roll_out
from cdk_lmi.rules.limits import RESERVED_VARIABLES

FUNCTION, VERSION, ALIAS = "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias"
PROVIDER = "AWS::Lambda::CapacityProvider"
LATEST_CODE = lambda_.Code.from_inline("def handler(event, context): return 2")
NO_CODE = lambda_.Code.from_asset("no/such/directory")
CANARY = codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_15_MINUTES


class TestWhatItDefines:
    """One statement is enough."""

    def test_all_that_it_takes(self, stack, define, synthesize):
        """Network, operator role, capacity provider, function, log group, version and alias."""
        define()
        types = {resource["Type"] for resource in synthesize(stack)["Resources"].values()}
        assert {FUNCTION, VERSION, ALIAS, PROVIDER, "AWS::Logs::LogGroup", "AWS::EC2::VPC", "AWS::IAM::Role"} <= types

    def test_logical_ids_are_part_of_the_contract(self, stack, define, synthesize):
        """A release that changed one would replace what users have deployed."""
        define(tracing=lambda_.Tracing.ACTIVE)
        assert sorted(id for id in synthesize(stack)["Resources"] if "CurrentVersion" not in id) == [
            "ListOrdersAliasF0E7CCAC",
            "ListOrdersCapacityProvider989823B6b030a3ed",
            "ListOrdersCapacityProviderNetworkEndpointSecurityGroupAF24E8A2",
            "ListOrdersCapacityProviderNetworkEndpointSecurityGroup"
            "fromShopListOrdersCapacityProviderNetworkSecurityGroup40F8A189443AD7B5CF8",
            "ListOrdersCapacityProviderNetworkEndpointsDynamodbGatewayEndpoint6839EF5F",
            "ListOrdersCapacityProviderNetworkEndpointsLogsInterfaceEndpointBE25B93D",
            "ListOrdersCapacityProviderNetworkEndpointsS3GatewayEndpoint92C26FB8",
            "ListOrdersCapacityProviderNetworkEndpointsXrayInterfaceEndpoint96499D95",
            "ListOrdersCapacityProviderNetworkSecurityGroupD93EFA1F",
            "ListOrdersCapacityProviderNetworkVpcBB493931",
            "ListOrdersCapacityProviderNetworkVpcPrivateSubnet1RouteTable4CDE8DD3",
            "ListOrdersCapacityProviderNetworkVpcPrivateSubnet1RouteTableAssociationC004C045",
            "ListOrdersCapacityProviderNetworkVpcPrivateSubnet1Subnet2F2BE666",
            "ListOrdersCapacityProviderNetworkVpcPrivateSubnet2RouteTable36443AE2",
            "ListOrdersCapacityProviderNetworkVpcPrivateSubnet2RouteTableAssociation1F6FE2E2",
            "ListOrdersCapacityProviderNetworkVpcPrivateSubnet2SubnetF01A69D4",
            "ListOrdersCapacityProviderOperatorRoleB96ABC14",
            "ListOrdersFunction45FE0E53",
            "ListOrdersFunctionServiceRole848CFE38",
            "ListOrdersFunctionServiceRoleDefaultPolicy4BE1C17B",
            "ListOrdersLogGroupCFFECF3E",
        ]
        (version,) = (id for id in synthesize(stack)["Resources"] if "CurrentVersion" in id)
        assert version.startswith("ListOrdersFunctionCurrentVersion7FEF78DE")

    def test_the_function(self, stack, define, only, resources):
        """On the capacity provider, memory and ratio stated, JSON logs, nothing published beside the version."""
        define(per_execution_environment_max_concurrency=8)
        properties = only(stack, FUNCTION)["Properties"]
        ((pool, _),) = resources(stack, PROVIDER).items()
        config = properties["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
        assert config["CapacityProviderArn"] == {"Fn::GetAtt": [pool, "Arn"]}
        assert config["ExecutionEnvironmentMemoryGiBPerVCpu"] == 2
        assert config["PerExecutionEnvironmentMaxConcurrency"] == 8
        assert properties["MemorySize"] == 2048
        assert properties["Architectures"] == ["x86_64"]
        assert properties["LoggingConfig"]["LogFormat"] == "JSON"
        assert properties["PublishToLatestPublished"] is False
        assert "FunctionScalingConfig" not in properties
        assert "VpcConfig" not in properties

    def test_the_alias_serves_the_version(self, stack, define, resources):
        """By the name of live, or another."""
        define(alias_name="prod")
        ((version, _),) = resources(stack, VERSION).items()
        ((_, alias),) = resources(stack, ALIAS).items()
        assert alias["Properties"]["Name"] == "prod"
        assert alias["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}

    @pytest.mark.parametrize(
        ("keywords", "minimum", "maximum"),
        [
            ({}, 3, 15000),
            ({"min_execution_environments": 5, "max_execution_environments": 20}, 5, 20),
            ({"min_execution_environments": 0, "max_execution_environments": 0}, 0, 0),
        ],
    )
    def test_scaling_stands_on_the_version(self, stack, define, only, keywords, minimum, maximum):
        """Both bounds are always written, since sources disagree on what becomes of one that is left out."""
        define(**keywords)
        scaling = only(stack, VERSION)["Properties"]["FunctionScalingConfig"]
        assert scaling == {"MinExecutionEnvironments": minimum, "MaxExecutionEnvironments": maximum}

    def test_no_version_is_retained(self, stack, define, only):
        """An old one would keep its fleet running, and block the deletion of the capacity provider."""
        define()
        version = only(stack, VERSION)
        assert version.get("DeletionPolicy", "Delete") == "Delete"
        assert version.get("UpdateReplacePolicy", "Delete") == "Delete"


class TestWhatItCosts:
    """Every call into CDK crosses to Node and back, which is most of what a definition costs."""

    def test_one_crossing_more_than_by_hand(self, stack, define, monkeypatch):
        """Eight for the constructs and values that it consists of, and one for itself."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool", architecture=lambda_.Architecture.ARM_64)
        define("First", capacity_provider=pool, architecture=lambda_.Architecture.ARM_64)
        crossings = []
        send = process._NodeProcess.send

        def count(*request):
            crossings.append(request)
            return send(*request)

        monkeypatch.setattr(process._NodeProcess, "send", count)
        define("Second", capacity_provider=pool, architecture=lambda_.Architecture.ARM_64)
        assert len(crossings) == 9


@pytest.fixture
def told_of_queues(stack):
    """Give what is told at a function when the app is synthesised, once more where it was before."""

    def told(function):
        stack.node.root.synth(force=True)
        return [str(entry.data) for entry in function.node.metadata if entry.type == "aws:cdk:error"]

    return told


def poll_by_construct(function, queue):
    """Add the queue as users are told to."""
    function.add_event_source(event_sources.SqsEventSource(queue))


def poll_by_alias(function, queue):
    """Add it to the alias, as to any of CDK's functions."""
    function.alias.add_event_source(event_sources.SqsEventSource(queue))


def poll_by_mapping(qualified):
    """Map it to what is called."""

    def poll(function, queue):
        queue.grant_consume_messages(function)
        lambda_.EventSourceMapping(function, "Mapping", target=qualified(function), event_source_arn=queue.queue_arn)

    return poll


#: Ways to have a queue call a function.
POLLING = {
    "construct": poll_by_construct,
    "alias": poll_by_alias,
    "mapping to the alias": poll_by_mapping(lambda function: function.alias),
    "mapping to the version": poll_by_mapping(lambda function: function.version),
}


class TestQueuesThatCallIt:
    """A queue that hides its messages for less than the timeout is told at synthesis, when all of it is set."""

    @pytest.mark.parametrize(
        ("visibility", "is_short"),
        [
            (None, True),
            (cdk.Duration.seconds(119), True),
            (cdk.Duration.seconds(120), False),
            (cdk.Duration.seconds(cdk.Token.as_number({"Ref": "Seconds"})), False),
        ],
        ids=["default", "shorter", "as long", "token"],
    )
    def test_a_queue_is_to_hide_its_messages_for_the_timeout(self, stack, define, told_of_queues, visibility, is_short):
        """Or it is told at the function."""
        queue = sqs.Queue(stack, "Queue", visibility_timeout=visibility)
        function = define(timeout=cdk.Duration.seconds(120))
        function.add_event_source(event_sources.SqsEventSource(queue))
        told = told_of_queues(function)
        assert len(told) == is_short
        for message in told:
            assert "LMI710" in message
            assert "visibility_timeout of Shop/Queue must be at least 120 s, which is the function's timeout" in message
            assert "fix: set visibility_timeout=Duration.seconds(720), or timeout=Duration.seconds(" in message

    def test_a_queue_that_is_not_judged(self, stack, define, told_of_queues):
        """One of another app, one that was acknowledged, one of a function whose timeout is not known."""
        timeout = cdk.Duration.seconds(120)
        acknowledged = cdk.Acknowledgment(id="LMI710", reason="the queue is changed by hand")
        imported = sqs.Queue.from_queue_arn(stack, "Imported", "arn:aws:sqs:eu-west-1:123456789012:orders")
        queue = sqs.Queue(stack, "Queue")
        unknown = cdk.Duration.seconds(cdk.Token.as_number({"Ref": "Seconds"}))
        cases: tuple[Any, ...] = (
            ({"timeout": timeout}, event_sources.SqsEventSource(imported)),
            ({"timeout": timeout, "acknowledge": [acknowledged]}, event_sources.SqsEventSource(queue)),
            ({"timeout": unknown}, event_sources.SqsEventSource(queue)),
            ({"timeout": timeout}, event_sources.SnsEventSource(sns.Topic(stack, "Topic"))),
        )
        pool = ManagedInstanceCapacityProvider(stack, "Pool")
        for number, (options, source) in enumerate(cases):
            function = define(f"Function{number}", capacity_provider=pool, **options)
            function.add_event_source(source)
            assert not told_of_queues(function)

    @pytest.mark.parametrize(
        ("seconds", "visibility", "change", "is_short"),
        [
            (120, 30, lambda function, queue: setattr(queue, "visibility_timeout", 900), False),
            (120, 900, lambda function, queue: setattr(queue, "visibility_timeout", 119), True),
            (120, 30, lambda function, queue: setattr(function, "timeout", 30), False),
            (30, 30, lambda function, queue: setattr(function, "timeout", 31), True),
        ],
        ids=["queue raised", "queue lowered", "function lowered", "function raised"],
    )
    @pytest.mark.parametrize("by_aspect", [False, True], ids=["by hand", "by aspect"])
    @pytest.mark.parametrize("poll", POLLING.values(), ids=POLLING)
    def test_timeouts_are_set_afterwards(
        self, stack, define, told_of_queues, poll, by_aspect, seconds, visibility, change, is_short
    ):
        """Also by an aspect, which CDK calls for the network before it does for what is defined later."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool")
        function = define(capacity_provider=pool, timeout=cdk.Duration.seconds(seconds))
        queue = sqs.Queue(stack, "Queue", visibility_timeout=cdk.Duration.seconds(visibility))
        poll(function, queue)
        resources = function.function.node.default_child, queue.node.default_child

        @jsii.implements(cdk.IAspect)
        class Changing:
            def visit(self, node):
                if node.node.path == f"{queue.node.path}/Resource":
                    change(*resources)

        if by_aspect:
            cdk.Aspects.of(stack).add(Changing())
        else:
            change(*resources)
        assert len(told_of_queues(function)) == is_short

    @pytest.mark.parametrize("poll", POLLING.values(), ids=POLLING)
    def test_whatever_has_the_queue_call_it(self, stack, define, told_of_queues, poll):
        """Once, however often the app is synthesised, and also for a queue of another stack."""
        function = define(timeout=cdk.Duration.seconds(120))
        poll(function, sqs.Queue(cdk.Stack(stack.node.root, "Other"), "Queue"))
        for _ in range(2):
            (message,) = told_of_queues(function)
            assert "visibility_timeout of Other/Queue must be at least 120 s" in message

    @pytest.mark.parametrize("poll", POLLING.values(), ids=POLLING)
    def test_acknowledged_whatever_has_the_queue_call_it(self, stack, define, told_of_queues, poll):
        """At the function."""
        acknowledged = cdk.Acknowledgment(id="LMI710", reason="an override sets it right")
        function = define(timeout=cdk.Duration.seconds(120), acknowledge=[acknowledged])
        poll(function, sqs.Queue(stack, "Queue"))
        assert not told_of_queues(function)

    def test_a_queue_is_told_of_once(self, stack, define, told_of_queues):
        """Where it is added to the construct, and so is found among the mappings too."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool")
        functions = [define(id, capacity_provider=pool, timeout=cdk.Duration.seconds(120)) for id in ("One", "Two")]
        for function in functions:
            poll_by_construct(function, sqs.Queue(function, "First"))
            poll_by_alias(function, sqs.Queue(function, "Second"))
        for function in functions:
            told = [message.partition(" must ")[0] for message in told_of_queues(function)]
            path = function.node.path
            assert sorted(told) == [f"visibility_timeout of {path}/{queue}" for queue in ("First", "Second")]

    @pytest.mark.parametrize(
        "poll",
        [
            lambda function: event_sources.DynamoEventSource(
                dynamodb.Table(
                    function,
                    "Table",
                    partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
                    stream=dynamodb.StreamViewType.NEW_IMAGE,
                ),
                starting_position=lambda_.StartingPosition.LATEST,
            ),
            lambda function: event_sources.KinesisEventSource(
                kinesis.Stream(function, "Stream"), starting_position=lambda_.StartingPosition.LATEST
            ),
        ],
        ids=["table", "stream"],
    )
    def test_nothing_is_asked_of_other_event_sources(self, stack, define, monkeypatch, poll):
        """What their ARNs refer to would be calls to Node."""
        define().alias.add_event_source(poll(stack))
        monkeypatch.setattr(cdk.Tokenization, "reverse_string", None)
        stack.node.root.synth()


class TestHowItChanges:
    """What a deployment touches, by comparing two syntheses."""

    @staticmethod
    def version_and_function(define_in, **keywords):
        stack = cdk.Stack(cdk.App(), "Shop")
        define_in(scope=stack, **keywords)
        template = cdk.assertions.Template.from_stack(stack).to_json()["Resources"]
        ((id, version),) = ((id, r) for id, r in template.items() if r["Type"] == VERSION)
        (function,) = (resource for resource in template.values() if resource["Type"] == FUNCTION)
        return id, version, function

    def test_new_bounds_update_the_version_in_place(self, define):
        """The function and the version's logical id stay as they are."""
        before = self.version_and_function(define)
        after = self.version_and_function(define, min_execution_environments=4, max_execution_environments=9)
        assert before[0] == after[0]
        assert before[1] != after[1]
        assert before[2] == after[2]

    @pytest.mark.parametrize(
        "keywords",
        [
            {"code": LATEST_CODE},
            {"memory_size": 4096},
            {"per_execution_environment_max_concurrency": 4},
            {"environment": {"TABLE": "orders"}},
        ],
        ids=lambda keywords: next(iter(keywords)),
    )
    def test_new_code_or_configuration_publishes_a_new_version(self, define, keywords):
        """The alias serves what was deployed."""
        assert self.version_and_function(define)[0] != self.version_and_function(define, **keywords)[0]


class TestCapacityProviders:
    """Its own, a shared one, CDK's own and an imported one."""

    def test_several_share_one(self, stack, define, resources):
        """One pool, one network."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool")
        for id in ("ListOrders", "Search", "Report"):
            assert define(id, capacity_provider=pool).capacity_provider is pool
        assert len(resources(stack, PROVIDER)) == 1
        assert len(resources(stack, "AWS::EC2::VPC")) == 1
        assert len(resources(stack, FUNCTION)) == 3

    def test_the_minimum_fleets_of_all_of_them_count(self, stack, define, refused):
        """The second function is refused when it no longer fits under the cap."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=40)
        define("First", capacity_provider=pool, memory_size=16384)
        assert refused(lambda: define("Second", capacity_provider=pool, memory_size=16384)) == ["LMI306"]
        define("Third", capacity_provider=pool)

    def test_a_fleet_below_zero_makes_no_room(self, stack, define, refused):
        """Whoever is let past the range takes nothing, and gives nothing to others."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=40)
        reason = cdk.Acknowledgment(id="LMI301", reason="to see what becomes of it")
        define("First", capacity_provider=pool, min_execution_environments=-100, acknowledge=[reason])
        assert refused(lambda: define("Second", capacity_provider=pool, min_execution_environments=41)) == ["LMI306"]

    def test_a_pool_made_by_default_counts_its_first_function(self, define, refused):
        """Handing on what another function made is sharing too."""
        first = define("First", min_execution_environments=390)
        assert refused(
            lambda: define("Second", capacity_provider=first.capacity_provider, min_execution_environments=11)
        ) == ["LMI306"]

    @pytest.mark.parametrize("adopts", [False, True])
    def test_versions_on_a_pool_are_counted(self, stack, define, refused, warned, adopts):
        """That not all could be updated at once is told of one function; above AWS's quota, each is refused."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=15000)
        pool._pool.functions = 49

        def one_more(id):
            if not adopts:
                return define(id, capacity_provider=pool)
            function = lambda_.Function(
                stack,
                f"{id}Function",
                runtime=lambda_.Runtime.PYTHON_3_14,
                handler="index.handler",
                code=lambda_.Code.from_inline("def handler(event, context): ..."),
            )
            return ManagedInstanceFunction.from_function(stack, id, function=function, capacity_provider=pool)

        assert [warned(one_more(id)) for id in ("A50", "A51", "A52")] == [[], ["LMI421"], []]
        pool._pool.functions = 99
        assert warned(one_more("A100")) == []
        assert refused(lambda: one_more("A101")) == ["LMI421"]
        assert refused(lambda: one_more("A102")) == ["LMI421"]

    def test_versions_on_an_imported_pool_are_counted(self, stack, define, warned):
        """What is not known of it is how many there are besides."""
        arn = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:shared"
        pool = lambda_.CapacityProvider.from_capacity_provider_arn(stack, "Pool", arn)
        define("First", capacity_provider=pool)
        pool_of(pool).functions = 50
        assert warned(define("Second", capacity_provider=pool)) == ["LMI421"]

    def test_a_pool_of_its_own_each_is_warned_of(self, define, warned):
        """The first of a stack may, the second may be a mistake."""
        assert warned(define("First")) == []
        assert warned(define("Second")) == ["LMI415"]

    def test_what_cdk_refused_does_not_count(self, define, refused, warned):
        """No pool is left of it, so that the next one of its own is the first."""
        assert refused(lambda: define("First", code=NO_CODE)) == ["LMI006"]
        assert warned(define("Second")) == []

    @pytest.mark.parametrize(
        "imported",
        [
            lambda stack: lambda_.CapacityProvider.from_capacity_provider_arn(
                stack, "Pool", "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"
            ),
            lambda stack: lambda_.CapacityProvider.from_capacity_provider_name(stack, "Pool", "pool"),
        ],
        ids=["arn", "name"],
    )
    def test_an_imported_one(self, stack, define, only, imported, warned):
        """CDK's own method cannot attach a function to it."""
        function = define(capacity_provider=imported(stack), per_execution_environment_max_concurrency=4)
        properties = only(stack, FUNCTION)["Properties"]
        config = properties["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
        assert "capacity-provider:pool" in str(config["CapacityProviderArn"])
        assert config["PerExecutionEnvironmentMaxConcurrency"] == 4
        assert properties["PublishToLatestPublished"] is False
        assert warned(function) == []

    def test_the_network_of_an_imported_one_is_not_known(self, stack, define, refused):
        """A clear error instead of a rule that goes nowhere."""
        imported = lambda_.CapacityProvider.from_capacity_provider_name(stack, "Pool", "pool")
        function = define(capacity_provider=imported)
        assert refused(lambda: function.connections) == ["LMI001"]
        assert refused(lambda: function.network) == ["LMI001"]

    def test_one_that_cdk_defines(self, stack, define, refused):
        """What is wrong with it is told where it is used, since nobody else tells."""
        network = ManagedInstanceNetwork(stack, "Network")

        def pool(id, **options):
            return lambda_.CapacityProvider(
                stack, id, subnets=network.subnets, security_groups=network.security_groups, **options
            )

        arm = pool("Arm", architectures=[lambda_.Architecture.ARM_64])
        assert define("Fits", capacity_provider=arm).function.architecture.name == "arm64"
        x86 = lambda_.Architecture.X86_64
        assert refused(lambda: define("Misfit", capacity_provider=arm, architecture=x86)) == ["LMI405"]
        another = define("Another", capacity_provider=arm)
        assert another.function.architecture.name == "arm64"
        burstable = pool("T", instance_type_filter=lambda_.InstanceTypeFilter.allow([ec2.InstanceType("t3.large")]))
        assert refused(lambda: define("Burstable", capacity_provider=burstable)) == ["LMI407"]
        eager = pool(
            "Eager",
            scaling_options=lambda_.ScalingOptions.manual([lambda_.TargetTrackingScalingPolicy.cpu_utilization(150)]),
        )
        assert refused(lambda: define("Scaled", capacity_provider=eager)) == ["LMI311"]

    @pytest.fixture
    def named(self, stack):
        """A pool that CDK's own construct defines, with a name, which is warned of."""
        network = ManagedInstanceNetwork(stack, "Network")
        return lambda_.CapacityProvider(
            stack,
            "Pool",
            capacity_provider_name="pool",
            subnets=network.subnets,
            security_groups=network.security_groups,
        )

    def test_one_that_cdk_defines_is_judged_once(self, named, define, warned):
        """By the first function on it, whose acknowledgment counts for it."""
        assert warned(define("First", capacity_provider=named)) == ["LMI411"]
        assert warned(define("Second", capacity_provider=named)) == []

    def test_one_that_cdk_defines_is_not_judged_by_what_cdk_refused(self, named, define, refused, warned):
        """Nobody was told of it yet."""
        assert refused(lambda: define("First", capacity_provider=named, code=NO_CODE)) == ["LMI006"]
        assert warned(define("Second", capacity_provider=named)) == ["LMI411"]

    def test_what_a_capacity_provider_hands_out_is_itself(self, stack, define, refused, synthesize):
        """With its network, its fleets and what was acknowledged."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=40)
        define("First", capacity_provider=pool, memory_size=16384)
        second = define("Second", capacity_provider=pool.capacity_provider, tracing=lambda_.Tracing.ACTIVE)
        assert second.capacity_provider is pool
        assert refused(lambda: define("Third", capacity_provider=pool.capacity_provider, memory_size=16384)) == [
            "LMI306"
        ]
        synthesize(stack)
        assert "xray (interface)" in pool.network.endpoints

    def test_the_fix_for_a_default_one_can_be_pasted(self, define):
        """A function has no keyword for the vCPUs of its capacity provider."""
        with pytest.raises(ManagedInstanceError) as raised:
            define(min_execution_environments=401)
        assert "ManagedInstanceCapacityProvider(…, max_v_cpu_count=" in raised.value.violations[0].fix

    def test_its_own_has_its_architecture(self, stack, define, only):
        """A function on arm64 gets a pool of arm64."""
        define(architecture=lambda_.Architecture.ARM_64)
        assert only(stack, PROVIDER)["Properties"]["InstanceRequirements"]["Architectures"] == ["arm64"]
        assert only(stack, FUNCTION)["Properties"]["Architectures"] == ["arm64"]


class TestWhatItRefuses:
    """Before anything crosses to Node, all of it at once."""

    def test_every_problem_at_once(self, stack, define, refused):
        """Of arguments and of rules alike; nothing is left behind in the stack."""
        assert refused(
            lambda: define(
                runtime=lambda_.Runtime.PYTHON_3_12,
                handler=5,
                memory_size=2096,
                execution_environment_memory_gib_per_v_cpu=4,
                per_execution_environment_max_concurrency=65,
                timeout=cdk.Duration.hours(2),
                ephemeral_storage_size=cdk.Size.gibibytes(11),
            )
        ) == ["LMI001", "LMI104", "LMI106", "LMI107", "LMI202", "LMI701", "LMI708"]
        assert stack.node.try_find_child("ListOrders") is None
        define()

    def test_the_error_names_the_construct_and_what_was_typed(self, define):
        """Path, keyword, value and a fix to paste."""
        with pytest.raises(ManagedInstanceError, match="memory_size must be at least 4096 MiB") as raised:
            define(memory_size=2096, execution_environment_memory_gib_per_v_cpu=4)
        (violation,) = raised.value.violations
        assert violation.resource == "Shop/ListOrders"
        assert violation.fields == ("memory_size", "execution_environment_memory_gib_per_v_cpu")
        assert "2096 MiB" in violation.message
        assert "memory_size=4096" in violation.fix

    @pytest.mark.parametrize(
        ("keyword", "value"),
        [
            ("memory_size", 2048.5),
            ("memory_size", 2048.0),
            ("memory_size", "2048"),
            ("memory_size", True),
            ("memory_size", None),
            ("execution_environment_memory_gib_per_v_cpu", "4"),
            ("per_execution_environment_max_concurrency", 1.5),
            ("min_execution_environments", 3.0),
            ("max_execution_environments", "12"),
            ("architecture", "arm64"),
            ("runtime", "python3.14"),
            ("code", "handlers"),
            ("handler", None),
            ("alias_name", 1),
            ("timeout", 30),
            ("timeout", cdk.Duration.millis(1500)),
            ("ephemeral_storage_size", 512),
            ("ephemeral_storage_size", cdk.Size.kibibytes(600000)),
            ("environment", {"A": 1}),
            ("environment", [("A", "1")]),
            ("environment_encryption", "key"),
            ("layers", "layer"),
            ("layers", [1]),
            ("role", "arn:aws:iam::123456789012:role/x"),
            ("initial_policy", [{"Action": "s3:*"}]),
            ("tracing", True),
            ("log_group", "/aws/lambda/x"),
            ("dead_letter_queue", "queue"),
            ("on_failure", "queue"),
            ("retry_attempts", 0.5),
            ("capacity_provider", "pool"),
            ("capacity_provider", lambda_.Runtime),
            ("acknowledge", "LMI105"),
            ("acknowledge", ["LMI105"]),
            ("acknowledge", None),
        ],
    )
    def test_an_argument_of_another_type(self, define, keyword, value):
        """One error that names the keyword, never a type error from Node."""
        with pytest.raises(ManagedInstanceError, match=keyword) as raised:
            define(**{keyword: value})
        assert [(v.id, v.fields) for v in raised.value.violations] == [("LMI001", (keyword,))]

    @pytest.mark.parametrize(
        "keywords",
        [
            {"code": NO_CODE},
            {"runtime": lambda_.Runtime.JAVA_21},
            {"runtime": lambda_.Runtime.FROM_IMAGE},
        ],
        ids=["code", "java", "image"],
    )
    def test_what_cdk_refuses(self, stack, define, refused, keywords):
        """Told as ours, in CDK's words, with nothing left behind."""
        assert refused(lambda: define(**keywords)) == ["LMI006"]
        assert stack.node.try_find_child("ListOrders") is None
        define()

    @pytest.mark.parametrize(
        ("keyword", "most", "beyond"),
        [
            ("retry_attempts", 2, 3),
            ("retry_attempts", 0, -1),
            ("max_event_age", cdk.Duration.hours(6), cdk.Duration.seconds(21601)),
            ("max_event_age", cdk.Duration.seconds(60), cdk.Duration.seconds(59)),
            ("max_event_age", cdk.Duration.seconds(61), cdk.Duration.millis(60500)),
            ("description", "x" * 256, "x" * 257),
            ("function_name", "x" * 64, "x" * 65),
            ("function_name", "a-b_C9", "a b"),
            ("environment", {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"}, {"AWS_REGION": "eu-west-1"}),
        ],
        ids=["retries", "no retries", "age", "least age", "whole age", "description", "name", "letters", "variables"],
    )
    def test_what_cdk_would_refuse_after_it_granted_something(self, stack, define, keyword, most, beyond):
        """Told before anything is defined: no permission on a role that was passed in can be taken back."""
        role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        statement = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=["*"])
        shared = {"role": role, "initial_policy": [statement]}
        with pytest.raises(ManagedInstanceError) as raised:
            define(**shared, **{keyword: beyond})
        assert [(v.id, v.fields) for v in raised.value.violations] == [("LMI001", (keyword,))]
        assert [each.node.id for each in role.node.find_all()] == ["Role", "Resource"]
        define(**shared, **{keyword: most})

    def test_one_layer_too_many(self, stack, define, refused):
        """Lambda takes five."""
        arn = "arn:aws:lambda:eu-west-1:123456789012:layer:layer:1"
        layers = [lambda_.LayerVersion.from_layer_version_arn(stack, f"Layer{i}", arn) for i in range(6)]
        assert refused(lambda: define(layers=layers)) == ["LMI001"]
        define(layers=layers[:5])

    def test_every_name_that_cdk_reserves(self, stack, define, refused):
        """None of them gets as far as to CDK, which would name only the first."""
        function = lambda_.Function(stack, "Tool", runtime=lambda_.Runtime.PYTHON_3_14, handler="a.b", code=LATEST_CODE)
        for name in RESERVED_VARIABLES:
            with pytest.raises(RuntimeError, match="reserved"):
                function.add_environment(name, "x")
        with pytest.raises(ManagedInstanceError) as raised:
            define(environment=dict.fromkeys(RESERVED_VARIABLES, "x"))
        (violation,) = raised.value.violations
        assert "AWS_ACCESS_KEY, AWS_ACCESS_KEY_ID" in violation.message

    @pytest.mark.parametrize("name", ["my-var", "1ST", "A", "", "_X", "ä1", "A B", "A\n"])
    def test_names_of_variables_that_lambda_refuses(self, define, refused, name):
        """Minutes into the deployment, when everything before the function stands."""
        assert refused(lambda: define(environment={name: "1", "LEVEL": "2"})) == ["LMI001"]

    @pytest.mark.parametrize("name", ["LEVEL", "a1", "aB_", None])
    def test_names_of_variables_that_lambda_takes(self, define, name):
        """And one that is not known yet."""
        define(environment={name or cdk.Fn.ref("Name"): "1"})

    def test_a_name_that_is_taken(self, stack, define, refused):
        """What has it stays."""
        first = define()
        assert refused(define) == ["LMI006"]
        assert stack.node.find_child("ListOrders") is first

    def test_a_scope_in_no_stack(self, refused):
        """CDK tells what it is missing."""
        assert refused(
            lambda: ManagedInstanceFunction(
                cdk.App(), "F", runtime=lambda_.Runtime.PYTHON_3_14, handler="a.b", code=LATEST_CODE
            )
        ) == ["LMI006"]

    def test_an_imported_role_is_no_capacity_provider(self, stack, define, refused):
        """Nor a log group."""
        role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/x")
        assert refused(lambda: define(capacity_provider=role)) == ["LMI001"]
        assert refused(lambda: define(log_group=role)) == ["LMI001"]

    @pytest.mark.parametrize("name", ["", "1", "li ve", "$LATEST"])
    def test_a_name_that_no_alias_can_have(self, define, refused, name):
        """Before Lambda refuses it."""
        assert refused(lambda: define(alias_name=name)) == ["LMI608"]

    def test_sequences_and_mappings_of_any_kind(self, stack, define, only):
        """As the signature says, a tuple is one and a read-only mapping the other."""
        statement = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=["*"])
        define(environment=MappingProxyType({"AA": "1"}), initial_policy=(statement,), layers=())
        assert only(stack, FUNCTION)["Properties"]["Environment"]["Variables"] == {"AA": "1"}

    def test_a_bucket_is_no_role(self, stack, define, refused):
        """A construct of another kind does not pass for an interface."""
        assert refused(lambda: define(role=s3.Bucket(stack, "Bucket"))) == ["LMI001"]

    @pytest.mark.parametrize(("scope", "id"), [("Shop", "ListOrders"), (None, "ListOrders")])
    def test_a_scope_that_is_none(self, refused, scope, id):
        """Also what every construct takes is held to its type."""
        assert "LMI001" in refused(
            lambda: ManagedInstanceFunction(
                scope, id, runtime=lambda_.Runtime.PYTHON_3_14, handler="a.b", code=LATEST_CODE
            )
        )

    def test_tokens_raise_no_false_alarm(self, stack, define, only):
        """What is only known at deployment passes, and reaches the template."""
        memory = cdk.CfnParameter(stack, "Memory", type="Number")
        seconds = cdk.CfnParameter(stack, "Seconds", type="Number")
        define(
            memory_size=memory.value_as_number,
            execution_environment_memory_gib_per_v_cpu=memory.value_as_number,
            per_execution_environment_max_concurrency=memory.value_as_number,
            min_execution_environments=memory.value_as_number,
            max_execution_environments=memory.value_as_number,
            timeout=cdk.Duration.seconds(seconds.value_as_number),
            ephemeral_storage_size=cdk.Size.mebibytes(memory.value_as_number),
            function_name=cdk.Fn.join("-", [cdk.Aws.STACK_NAME, "list"]),
        )
        assert only(stack, FUNCTION)["Properties"]["MemorySize"] == {"Ref": "Memory"}
        assert only(stack, FUNCTION)["Properties"]["Timeout"] == {"Ref": "Seconds"}
        assert only(stack, VERSION)["Properties"]["FunctionScalingConfig"] == {
            "MinExecutionEnvironments": {"Ref": "Memory"},
            "MaxExecutionEnvironments": {"Ref": "Memory"},
        }


class TestWhatARefusalLeaves:
    """Nothing, whoever refuses: a rule of ours or CDK itself."""

    AT_TEN: ClassVar = scheduler.ScheduleExpression.cron(hour="22", minute="0")

    @staticmethod
    def plain(stack, **options):
        """Define a function of CDK's."""
        runtime, code = lambda_.Runtime.PYTHON_3_14, lambda_.Code.from_inline("def handler(event, context): ...")
        return lambda_.Function(stack, "Tool", runtime=runtime, handler="index.handler", code=code, **options)

    @pytest.fixture
    def attempts(self, stack, define):
        """Give what is refused, by name, beside what the stack has before."""
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2)
        pool = ManagedInstanceCapacityProvider(stack, "Pool")
        function = define("Ours", capacity_provider=pool)
        with_alarms = define("Watched", capacity_provider=pool)
        with_alarms.add_alarms()
        scheduled = define("Scheduled", capacity_provider=pool)
        queue = sqs.Queue(stack, "Operators")
        night = {"schedule": self.AT_TEN, "min_execution_environments": 3, "max_execution_environments": 6}
        scheduled.scale_on_schedule("Night", **night, dead_letter_queue=queue)
        no_service: Any = "sqs"
        minutes = cdk.Duration.minutes(cdk.CfnParameter(stack, "Minutes", type="Number").value_as_number)

        def adopt(**options):
            return ManagedInstanceFunction.from_function(
                stack, "Adopted", function=stack.node.find_child("Tool"), **options
            )

        return {
            "function": lambda: define(memory_size=128),
            "function, by CDK": lambda: define(code=NO_CODE),
            "function on a pool, by CDK": lambda: define(capacity_provider=pool, code=NO_CODE),
            "pool": lambda: ManagedInstanceCapacityProvider(stack, "Other", max_v_cpu_count=1),
            "pool, by CDK": lambda: ManagedInstanceCapacityProvider(
                stack,
                "Other",
                capacity_provider_name="a b",
                acknowledge=[cdk.Acknowledgment(id="LMI422", reason="AWS takes it now")],
            ),
            "network": lambda: ManagedInstanceNetwork(stack, "Other", max_azs=0),
            "network, by CDK": lambda: ManagedInstanceNetwork(
                stack, "Other", ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/30")
            ),
            "network in a VPC": lambda: ManagedInstanceNetwork.from_vpc(stack, "Other", vpc=vpc, security_groups=[]),
            "from_function": adopt,
            "schedule": lambda: function.scale_on_schedule("Night", **{**night, "min_execution_environments": 9}),
            "schedule, of half seconds": lambda: function.scale_on_schedule(
                "Night", **night, max_event_age=cdk.Duration.millis(90500)
            ),
            "schedule, by CDK": lambda: function.scale_on_schedule("Night", **night, max_event_age=minutes),
            "schedule without an id": lambda: function.scale_on_schedule("", **night),
            "schedule beside another": lambda: scheduled.scale_on_schedule("", **night),
            "alarms": lambda: function.add_alarms(evaluation_periods=0),
            "alarms again": with_alarms.add_alarms,
            "dashboard": lambda: function.add_dashboard(""),
            "endpoint": lambda: pool.network.add_endpoint(no_service),
        }

    def test_no_construct(self, stack, attempts, refused):
        """At one time all paths of the stack are the same as before."""
        self.plain(stack, memory_size=128)
        before = [construct.node.path for construct in stack.node.find_all()]
        left = {}
        for name, attempt in attempts.items():
            assert refused(attempt), name
            after = [construct.node.path for construct in stack.node.find_all()]
            left[name] = sorted(set(after) ^ set(before))
            before = after
        assert {name: paths for name, paths in left.items() if paths} == {}

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"provisioned_concurrent_executions": 5}, ["LMI605"]),
            ({"min_execution_environments": 9, "max_execution_environments": 6}, ["LMI302"]),
            # What CDK refuses when it makes the version.
            ({"retry_attempts": 5}, ["LMI006"]),
        ],
        ids=["provisioned", "bounds", "asynchronous"],
    )
    def test_no_version(self, stack, refused, options, expected):
        """Although its options are what is refused."""
        built = self.plain(stack, current_version_options=lambda_.VersionOptions(**options))
        before = [construct.node.path for construct in stack.node.find_all()]
        for _ in range(2):
            assert refused(lambda: ManagedInstanceFunction.from_function(stack, "F", function=built)) == expected
            assert [construct.node.path for construct in stack.node.find_all()] == before
        assert built.node.default_child.capacity_provider_config is None

    @staticmethod
    def some_pool(stack, kind):
        """Give a capacity provider of this library, of CDK or of elsewhere; or none."""
        if kind == "ours":
            return ManagedInstanceCapacityProvider(stack, "Pool")
        if kind == "CDK's":
            vpc = ec2.Vpc(stack, "Vpc")
            groups = [ec2.SecurityGroup(stack, "Group", vpc=vpc)]
            return lambda_.CapacityProvider(stack, "Pool", subnets=vpc.private_subnets, security_groups=groups)
        if kind == "imported":
            arn = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"
            return lambda_.CapacityProvider.from_capacity_provider_arn(stack, "Pool", arn)
        return None

    @pytest.mark.parametrize("made", [False, True], ids=["version to come", "version made before"])
    @pytest.mark.parametrize("kind", ["ours", "CDK's", "imported", "by default"])
    def test_a_function_as_it_was(self, refused, synthesize, monkeypatch, kind, made):
        """When CDK refuses what comes last, for which there must be a version: it serves as if nobody had tried.

        Or is adopted, under the same id, as if it were the first time.
        """

        def refuse(*arguments, **keywords):
            roll_out(*arguments, **keywords)
            raise RuntimeError("as CDK does")

        def template(*, tried, adopted):
            stack = cdk.Stack(cdk.App(), "Shop")
            stated = lambda_.VersionOptions(min_execution_environments=4, removal_policy=cdk.RemovalPolicy.RETAIN)
            built = self.plain(stack, current_version_options=stated)
            _ = built.current_version if made else None
            pool = self.some_pool(stack, kind)

            def adopt(**options):
                return ManagedInstanceFunction.from_function(
                    stack, "Adopted", function=built, capacity_provider=pool, max_execution_environments=5, **options
                )

            with monkeypatch.context() as patched:
                patched.setattr("cdk_lmi.function.roll_out", refuse)
                if tried:
                    assert refused(lambda: adopt(deployment_config=CANARY)) == ["LMI006"]
            if adopted:
                adopt()
            _ = built.current_version
            return synthesize(stack)

        for adopted in (False, True):
            assert template(tried=True, adopted=adopted) == template(tried=False, adopted=adopted)

    @pytest.mark.parametrize("adopted", [False, True])
    def test_nothing_of_a_hook_that_nobody_can_be_granted(self, stack, define, refused, synthesize, adopted):
        """Neither for the other hook, nor a version: an imported function may be one of another account."""
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:check"
        strange = lambda_.Function.from_function_arn(stack, "Strange", arn)
        same = lambda_.Function.from_function_attributes(stack, "Same", function_arn=arn, same_environment=True)
        own = lambda_.Function(stack, "Own", runtime=lambda_.Runtime.PYTHON_3_14, handler="a.b", code=LATEST_CODE)
        built = self.plain(stack)

        def attempt(hook):
            hooks = {"deployment_config": CANARY, "pre_hook": own, "post_hook": hook}
            if adopted:
                return ManagedInstanceFunction.from_function(stack, "ListOrders", function=built, **hooks)
            return define(**hooks)

        before = [construct.node.path for construct in stack.node.find_all()]
        assert refused(lambda: attempt(strange)) == ["LMI006"]
        assert [construct.node.path for construct in stack.node.find_all()] == before
        attempt(same)
        found = synthesize(stack)["Resources"]
        assert [each["Type"] for each in found.values()].count("AWS::Lambda::Permission") == 1
        assert "Trial" not in str(found)

    def test_no_role_in_a_report_of_roles(self, define, tmp_path):
        """Of those who have somebody else define their roles: an imported hook is tried, but with no role."""
        app = cdk.App(outdir=str(tmp_path))
        iam.Role.customize_roles(app, prevent_synthesis=False)
        stack = cdk.Stack(app, "Shop")
        hook = lambda_.Function.from_function_name(stack, "Check", "check")
        define(scope=stack, deployment_config=CANARY, pre_hook=hook)
        app.synth()
        reported = (tmp_path / "iam-policy-report.txt").read_text()
        assert "Shop/ListOrders/Rollout/ServiceRole" in reported
        assert "Trial" not in reported

    def test_the_version_that_there_was(self, stack, refused):
        """Which others may refer to."""
        built = self.plain(stack, memory_size=128)
        path = built.current_version.node.path
        assert refused(lambda: ManagedInstanceFunction.from_function(stack, "F", function=built)) == ["LMI101"]
        assert path in [construct.node.path for construct in stack.node.find_all()]

    def test_a_function_that_still_serves_by_itself(self, stack, refused, resources):
        """With the version that CDK makes when it is asked for one."""
        built = self.plain(stack, memory_size=128)
        assert refused(lambda: ManagedInstanceFunction.from_function(stack, "F", function=built)) == ["LMI101"]
        built.add_alias("live")
        (version,) = resources(stack, VERSION)
        (alias,) = resources(stack, ALIAS).values()
        assert alias["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}


class TestWarnings:
    """What deploys and hurts is told, not refused."""

    def test_through_cdk(self, define, warned):
        """By the id that silences it."""
        assert warned(define(min_execution_environments=1)) == ["LMI305"]

    def test_silenced_by_cdk(self, stack, define, warned):
        """Whoever acknowledges an id at a scope is not told below it."""
        cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id="cdk-lmi::LMI305", reason="a test bed"))
        assert warned(define(min_execution_environments=1)) == []

    def test_silenced_by_the_keyword(self, define, warned):
        """The same for one construct."""
        reason = cdk.Acknowledgment(id="cdk-lmi::LMI305", reason="a test bed")
        assert warned(define(min_execution_environments=1, acknowledge=[reason])) == []


class TestAcknowledgments:
    """An error with a reason is no error."""

    #: Arguments of a function that are refused, with what then stands in the template.
    REFUSED: ClassVar = [
        ("LMI101", {"memory_size": 1024}, FUNCTION, ("MemorySize",), 1024),
        ("LMI102", {"memory_size": 65536}, FUNCTION, ("MemorySize",), 65536),
        ("LMI105", {"memory_size": 3000}, FUNCTION, ("MemorySize",), 3000),
        (
            "LMI106",
            {"ephemeral_storage_size": cdk.Size.mebibytes(20480)},
            FUNCTION,
            ("EphemeralStorage", "Size"),
            20480,
        ),
        (
            "LMI301",
            {"max_execution_environments": 20000},
            VERSION,
            ("FunctionScalingConfig", "MaxExecutionEnvironments"),
            20000,
        ),
        (
            "LMI302",
            {"max_execution_environments": 2},
            VERSION,
            ("FunctionScalingConfig", "MaxExecutionEnvironments"),
            2,
        ),
        (
            "LMI306",
            {"min_execution_environments": 401},
            VERSION,
            ("FunctionScalingConfig", "MinExecutionEnvironments"),
            401,
        ),
        ("LMI701", {"runtime": lambda_.Runtime.PYTHON_3_12}, FUNCTION, ("Runtime",), "python3.12"),
        ("LMI711", {"handler": "index:handler"}, FUNCTION, ("Handler",), "index:handler"),
        ("LMI708", {"timeout": cdk.Duration.seconds(6000)}, FUNCTION, ("Timeout",), 6000),
    ]

    @pytest.mark.parametrize(("id", "keywords", "kind", "path", "value"), REFUSED, ids=[row[0] for row in REFUSED])
    def test_let_the_value_through(self, stack, define, only, refused, id, keywords, kind, path, value):
        """To the template, also where CDK's own constructs refuse it."""
        assert refused(lambda: define(**keywords)) == [id]
        define(**keywords, acknowledge=[cdk.Acknowledgment(id=id, reason="AWS said so, case 42")])
        found = only(stack, kind)["Properties"]
        for name in path:
            found = found[name]
        assert found == value

    def test_are_recorded_with_cdk(self, define):
        """So that every tool knows who decided what."""
        function = define(memory_size=3000, acknowledge=[cdk.Acknowledgment(id="LMI105", reason="case 42")])
        recorded = [entry.data for entry in function.node.metadata if entry.type == "aws:cdk:acknowledged-rules"]
        assert {"cdk-lmi::LMI105": "case 42"} in recorded

    @pytest.mark.parametrize(
        ("id", "reason"), [("LMI999", "why"), ("LMI105", " "), ("LMI001", "why"), ("E3002", "why")]
    )
    def test_that_silence_nothing_are_refused(self, define, refused, id, reason):
        """It would look as if somebody had decided something."""
        assert refused(lambda: define(acknowledge=[cdk.Acknowledgment(id=id, reason=reason)])) == ["LMI005"]


class TestWhatItHandsOut:
    """Grants, connections, metrics and the rest, in CDK's own types."""

    def test_grants(self, stack, define, resources):
        """A role, and permission to call the alias only."""
        function = define()
        bucket = s3.Bucket(stack, "Bucket")
        bucket.grant_read(function)
        user = iam.User(stack, "User")
        function.grant_invoke(user)
        policies = str([policy["Properties"] for policy in resources(stack, "AWS::IAM::Policy").values()])
        assert "s3:GetObject*" in policies
        assert "ListOrdersAliasF0E7CCAC" in policies
        assert function.role.role_arn == function.function.role.role_arn

    def test_connections(self, stack, define, resources):
        """Those of the pool's instances."""
        function = define()
        function.connections.allow_to(ec2.Peer.ipv4("10.9.0.0/16"), ec2.Port.tcp(5432), "orders database")
        groups = resources(stack, "AWS::EC2::SecurityGroup").values()
        assert any("10.9.0.0/16" in str(group["Properties"].get("SecurityGroupEgress")) for group in groups)

    def test_network(self, define):
        """That of the pool, to add endpoints by hand where the pool was made by default."""
        function = define()
        function.network.add_endpoint(ec2.InterfaceVpcEndpointAwsService.SQS)
        assert isinstance(function.capacity_provider, ManagedInstanceCapacityProvider)
        assert "sqs (interface)" in function.capacity_provider.network.endpoints

    def test_event_sources_call_the_alias(self, stack, define, only):
        """Never the bare function, which does not serve."""
        define().add_event_source(event_sources.SqsEventSource(sqs.Queue(stack, "Queue")))
        name = only(stack, "AWS::Lambda::EventSourceMapping")["Properties"]["FunctionName"]
        assert name["Fn::Join"][1][-1] == ":live"

    def test_asynchronous_invocations_are_configured_on_the_alias(self, stack, define, only):
        """Which is what they come through."""
        queue = sqs.Queue(stack, "Queue")
        told = destinations.SqsDestination(queue)
        define(on_failure=told, on_success=told, max_event_age=cdk.Duration.hours(1), retry_attempts=1)
        properties = only(stack, "AWS::Lambda::EventInvokeConfig")["Properties"]
        assert set(properties["DestinationConfig"]) == {"OnFailure", "OnSuccess"}
        assert properties["MaximumEventAgeInSeconds"] == 3600
        assert "ListOrdersAliasF0E7CCAC" in str(properties["Qualifier"])
        assert properties["MaximumRetryAttempts"] == 1

    def test_environment_and_options_reach_the_function(self, stack, define, only, resources):
        """As lambda_.Function takes them."""
        function = define(
            environment={"AA": "1"},
            environment_encryption=kms.Key(stack, "Key"),
            description="lists orders",
            layers=[
                lambda_.LayerVersion.from_layer_version_arn(stack, "Layer", "arn:aws:lambda:eu-west-1:1:layer:l:1")
            ],
            dead_letter_queue=sqs.Queue(stack, "Queue"),
            application_log_level_v2=lambda_.ApplicationLogLevel.WARN,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            initial_policy=[iam.PolicyStatement(actions=["sqs:SendMessage"], resources=["*"])],
            timeout=cdk.Duration.seconds(20),
            ephemeral_storage_size=cdk.Size.gibibytes(1),
        )
        function.add_environment("B", "2")
        properties = only(stack, FUNCTION)["Properties"]
        assert properties["Environment"]["Variables"] == {"AA": "1", "B": "2"}
        assert (properties["Description"], properties["Timeout"]) == ("lists orders", 20)
        assert properties["EphemeralStorage"] == {"Size": 1024}
        assert properties["LoggingConfig"]["ApplicationLogLevel"] == "WARN"
        assert properties["LoggingConfig"]["SystemLogLevel"] == "WARN"
        assert "sqs:SendMessage" in str(list(resources(stack, "AWS::IAM::Policy").values()))
        assert {"KmsKeyArn", "Layers", "DeadLetterConfig"} <= set(properties)

    def test_a_role_and_a_log_group_that_there_are(self, stack, define, only):
        """Are used, imported ones too."""
        role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/orders")
        group = logs.LogGroup.from_log_group_name(stack, "Logs", "/shop/orders")
        function = define(role=role, log_group=group)
        properties = only(stack, FUNCTION)["Properties"]
        assert properties["Role"] == "arn:aws:iam::123456789012:role/orders"
        assert properties["LoggingConfig"]["LogGroup"] == "/shop/orders"
        assert function.log_group is group

    @pytest.mark.parametrize(
        ("method", "name", "statistic"),
        [
            ("metric_invocations", "Invocations", "Sum"),
            ("metric_errors", "Errors", "Sum"),
            ("metric_duration", "Duration", "Average"),
            ("metric_throttles", "Throttles", "Sum"),
        ],
    )
    def test_metrics_are_those_of_the_alias(self, stack, define, method, name, statistic):
        """Every five minutes."""
        metric = getattr(define(), method)()
        assert (metric.namespace, metric.metric_name, metric.statistic) == ("AWS/Lambda", name, statistic)
        assert metric.period.to_minutes() == 5
        assert "Resource" in metric.dimensions


class PythonFunction(lambda_.Function):
    """What other tools build: a subclass that brings its own way to package."""


class TestFromFunction:
    """A function that something else defines is put on Managed Instances."""

    @staticmethod
    def function(stack, kind=lambda_.Function, id="Tool", **options):
        defaults = {
            "runtime": lambda_.Runtime.PYTHON_3_14,
            "handler": "index.handler",
            "code": lambda_.Code.from_inline("def handler(event, context): ..."),
        }
        return kind(stack, id, **{**defaults, **options})

    @pytest.mark.parametrize("kind", [lambda_.Function, PythonFunction])
    def test_attaches_it(self, stack, only, kind):
        """With all that a function of ours has."""
        built = self.function(stack, kind, memory_size=4096)
        adopted = ManagedInstanceFunction.from_function(
            stack,
            "ListOrders",
            function=built,
            execution_environment_memory_gib_per_v_cpu=4,
            per_execution_environment_max_concurrency=8,
            min_execution_environments=4,
            max_execution_environments=8,
            alias_name="prod",
        )
        assert adopted.function is built
        properties = only(stack, FUNCTION)["Properties"]
        config = properties["CapacityProviderConfig"]["LambdaManagedInstancesCapacityProviderConfig"]
        assert config["ExecutionEnvironmentMemoryGiBPerVCpu"] == 4
        assert config["PerExecutionEnvironmentMaxConcurrency"] == 8
        assert properties["PublishToLatestPublished"] is False
        assert properties["LoggingConfig"]["LogFormat"] == "JSON"
        version = only(stack, VERSION)
        assert version["Properties"]["FunctionScalingConfig"] == {
            "MinExecutionEnvironments": 4,
            "MaxExecutionEnvironments": 8,
        }
        assert version["DeletionPolicy"] == "Delete"
        assert only(stack, ALIAS)["Properties"]["Name"] == "prod"

    def test_adopts_nothing_twice(self, stack, define, refused):
        """What is on a capacity provider stays there."""
        built = self.function(stack)
        pool = ManagedInstanceCapacityProvider(stack, "Pool")
        ours = define("Ours", capacity_provider=pool).function

        def adopt(id, function):
            return ManagedInstanceFunction.from_function(stack, id, function=function, capacity_provider=pool)

        adopt("ListOrders", built)
        assert refused(lambda: adopt("Again", built)) == ["LMI004"]
        assert refused(lambda: adopt("Ours2", ours)) == ["LMI004"]

    def test_adopts_nothing_that_has_the_alias(self, stack):
        """Two of one name would only meet in the deployment."""
        built = self.function(stack)
        built.add_alias("live")
        lambda_.Alias(built, "Beta", alias_name="beta", version=built.current_version)
        lambda_.Alias(built.current_version, "Gamma", alias_name="gamma", version=built.current_version)
        assert self.told(stack, built) == {
            "LMI612": "alias_name must be the name of no other alias of the function, "
            "got 'live', the name of Shop/Tool/Aliaslive"
        }
        assert "Shop/Tool/Beta" in self.told(stack, built, alias_name="beta")["LMI612"]
        assert "Shop/Tool/CurrentVersion/Gamma" in self.told(stack, built, alias_name="gamma")["LMI612"]
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=built, alias_name="prod")

    def test_an_alias_elsewhere_in_the_stack_is_found_in_the_template(self, stack, synthesize):
        """To look for it would cost calls to Node for everything in the stack."""
        built = self.function(stack)
        lambda_.Alias(stack, "Elsewhere", alias_name="live", version=built.current_version)
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=built)
        assert "LMI612" in [violation.id for violation in check_template(synthesize(stack))]

    def test_an_alias_whose_name_is_not_known_is_no_other(self, stack):
        """Nor has one that is not known another's name."""
        built = self.function(stack)
        name = cdk.CfnParameter(stack, "Name").value_as_string
        lambda_.Alias(built, "Named", alias_name=name, version=built.current_version)
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=built, alias_name=name)

    def test_adopts_nothing_of_another_stack(self, refused):
        """The number of each new version would be an export in use."""
        app = cdk.App()
        built = self.function(cdk.Stack(app, "There"))
        here = cdk.Stack(app, "Here")
        assert refused(lambda: ManagedInstanceFunction.from_function(here, "F", function=built)) == ["LMI004"]

    def test_what_a_condition_decides_is_not_known(self, stack):
        """And raises no false alarm."""
        built = self.function(stack)
        resource: Any = built.node.default_child
        cdk.CfnCondition(stack, "Open")
        for name in ("vpc_config", "file_system_configs", "tenancy_config", "snap_start", "logging_config"):
            setattr(resource, name, cdk.Fn.condition_if("Open", {}, cdk.Aws.NO_VALUE))
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=built)

    def test_attaches_a_container_image(self, stack, only):
        """Whose language cannot be seen, so that its runtime is not judged."""
        image = lambda_.DockerImageFunction(
            stack,
            "Tool",
            code=lambda_.DockerImageCode.from_ecr(
                cdk.aws_ecr.Repository.from_repository_name(stack, "Repository", "orders")
            ),
            architecture=lambda_.Architecture.ARM_64,
        )
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=image)
        assert only(stack, FUNCTION)["Properties"]["PackageType"] == "Image"
        assert only(stack, PROVIDER)["Properties"]["InstanceRequirements"]["Architectures"] == ["arm64"]

    def test_states_the_memory_that_was_judged(self, stack, only):
        """CloudFormation would show 128 MiB where nothing is said."""
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=self.function(stack))
        assert only(stack, FUNCTION)["Properties"]["MemorySize"] == 2048

    @pytest.mark.parametrize(
        ("options", "id"),
        [
            ({"memory_size": 512}, "LMI101"),
            ({"memory_size": 3000}, "LMI105"),
            ({"runtime": lambda_.Runtime.PYTHON_3_12}, "LMI701"),
            ({"handler": "index:handler"}, "LMI711"),
            ({"snap_start": lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS}, "LMI702"),
            ({"tenancy_config": lambda_.TenancyConfig.PER_TENANT}, "LMI706"),
            ({"logging_format": lambda_.LoggingFormat.TEXT}, "LMI707"),
            ({"timeout": cdk.Duration.seconds(6000)}, "LMI708"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_holds_it_to_the_same_rules(self, stack, refused, options, id):
        """Read from the resource that it defines."""
        built = self.function(stack, **options)
        assert refused(lambda: ManagedInstanceFunction.from_function(stack, "ListOrders", function=built)) == [id]

    def test_refuses_a_vpc_and_a_file_system(self, stack, refused):
        """The network is the capacity provider's."""
        vpc = ec2.Vpc(stack, "Vpc")
        system = cdk.aws_efs.FileSystem(stack, "Files", vpc=vpc).add_access_point("Point")
        mounted = self.function(
            stack, vpc=vpc, filesystem=lambda_.FileSystem.from_efs_access_point(system, "/mnt/orders")
        )
        assert refused(lambda: ManagedInstanceFunction.from_function(stack, "ListOrders", function=mounted)) == [
            "LMI703",
            "LMI704",
        ]

    def test_warns_of_reserved_concurrency(self, stack, warned):
        """Which AWS does not document for Managed Instances."""
        built = self.function(stack, reserved_concurrent_executions=5)
        assert warned(ManagedInstanceFunction.from_function(stack, "ListOrders", function=built)) == ["LMI705"]

    @staticmethod
    def told(stack, built, **options):
        """Give the messages for which it is refused, by rule."""
        with pytest.raises(ManagedInstanceError) as raised:
            ManagedInstanceFunction.from_function(stack, "ListOrders", function=built, **options)
        return {violation.id: violation.message for violation in raised.value.violations}

    def test_refuses_provisioned_concurrency(self, stack, warned):
        """Of the version that its own options ask for, which its author may never have made."""
        options = lambda_.VersionOptions(provisioned_concurrent_executions=5)
        built = self.function(stack, current_version_options=options)
        assert self.told(stack, built) == {
            "LMI605": "provisioned_concurrent_executions must be left out on Managed Instances, "
            "got provisioned concurrency on Shop/Tool/CurrentVersion"
        }
        reason = cdk.Acknowledgment(id="LMI605", reason="to see what AWS says")
        adopted = ManagedInstanceFunction.from_function(stack, "Orders", function=built, acknowledge=[reason])
        assert warned(adopted) == []

    def test_warns_of_asynchronous_invocation_that_is_configured_for_no_version(self, stack, warned):
        """What CDK's functions are given for it is for $LATEST, which never serves; what aliases are given counts."""
        built = self.function(stack)
        built.add_alias("other", retry_attempts=1)
        adopted = ManagedInstanceFunction.from_function(stack, "ListOrders", function=built)
        assert warned(adopted) == []
        retrying = self.function(stack, id="Retrying", retry_attempts=0)
        pool = adopted.capacity_provider
        adopted = ManagedInstanceFunction.from_function(stack, "Orders", function=retrying, capacity_provider=pool)
        assert warned(adopted) == ["LMI610"]

    def test_refuses_an_alias_of_what_never_serves(self, stack):
        """As Lambda does when it is invoked."""
        built = self.function(stack)
        lambda_.Alias(built, "Latest", alias_name="latest", version=built.latest_version)
        assert "Shop/Tool/Latest" in self.told(stack, built)["LMI611"]

    def test_refuses_provisioned_concurrency_of_an_alias(self, stack):
        """Which may be another one than ours."""
        built = self.function(stack)
        built.add_alias("prod", provisioned_concurrent_executions=2)
        assert "got provisioned concurrency on Shop/Tool/Aliasprod" in self.told(stack, built)["LMI605"]

    @pytest.mark.parametrize(
        ("caller", "add"),
        [
            (
                "SqsEventSource",
                lambda built, queue: built.add_event_source(event_sources.SqsEventSource(queue)),
            ),
            ("FunctionUrl", lambda built, _: built.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)),
            (
                "Topic",
                lambda built, _: built.add_permission("Topic", principal=iam.ServicePrincipal("sns.amazonaws.com")),
            ),
            (
                "Mapping",
                lambda built, queue: lambda_.CfnEventSourceMapping(
                    built, "Mapping", function_name="orders", event_source_arn=queue.queue_arn
                ),
            ),
        ],
        ids=["events", "url", "permission", "by name"],
    )
    def test_refuses_what_calls_the_function_itself(self, stack, caller, add):
        """Nothing serves there, and CDK leaves what was added before where it is."""
        built = self.function(stack, function_name="orders")
        add(built, sqs.Queue(stack, "Queue"))
        told = self.told(stack, built)
        assert list(told) == ["LMI601"]
        assert told["LMI601"].startswith(f"Shop/Tool/{caller}")
        assert "must call an alias or a version of Shop/Tool, got Shop/Tool itself" in told["LMI601"]

    def test_tells_everything_that_calls_the_function_itself(self, stack):
        """Beside what CodeDeploy would call, which is another function, and all else that is wrong."""
        built = self.function(stack, memory_size=512)
        built.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)
        hook = ManagedInstanceFunction.from_function(stack, "Hook", function=self.function(stack, id="Check"))
        config = cdk.aws_codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE
        with pytest.raises(ManagedInstanceError) as raised:
            ManagedInstanceFunction.from_function(
                stack, "ListOrders", function=built, deployment_config=config, pre_hook=hook.function
            )
        assert [violation.id for violation in raised.value.violations] == ["LMI101", "LMI415", "LMI601", "LMI601"]
        _, _, of_function, of_hook = (violation.message for violation in raised.value.violations)
        assert of_function.startswith("Shop/Tool/FunctionUrl and Shop/Tool/invoke-function")
        assert of_hook.startswith("pre_hook must ")

    def test_lets_past_what_calls_a_version_or_an_alias(self, stack, warned):
        """Also where they are below the function; and who may look at it, but does not call it."""
        built = self.function(stack)
        topic = iam.ServicePrincipal("sns.amazonaws.com")
        prod = built.add_alias("prod")
        prod.add_event_source(event_sources.SqsEventSource(sqs.Queue(stack, "Queue")))
        prod.add_function_url()
        prod.add_permission("Topic", principal=topic)
        built.current_version.add_permission("Topic", principal=topic)
        built.add_permission("Audit", principal=topic, action="lambda:GetFunctionConfiguration")
        lambda_.CfnUrl(built, "Url", target_function_arn=built.function_arn, auth_type="AWS_IAM", qualifier="prod")
        lambda_.CfnPermission(
            built,
            "Named",
            function_name=prod.function_name,
            action="lambda:InvokeFunction",
            principal="s3.amazonaws.com",
        )
        assert warned(ManagedInstanceFunction.from_function(stack, "ListOrders", function=built)) == []

    @pytest.mark.parametrize(
        ("stated", "given", "written"),
        [
            ({}, {}, (3, 15000)),
            ({"min_execution_environments": 10, "max_execution_environments": 20}, {}, (10, 20)),
            ({"min_execution_environments": 0, "max_execution_environments": 0}, {}, (0, 0)),
            ({"min_execution_environments": 10}, {}, (10, 15000)),
            ({"max_execution_environments": 20}, {}, (3, 20)),
            (
                {"min_execution_environments": 10, "max_execution_environments": 20},
                {"min_execution_environments": 4},
                (4, 20),
            ),
            (
                {"min_execution_environments": 10, "max_execution_environments": 20},
                {"max_execution_environments": 15000},
                (10, 15000),
            ),
            (
                {"min_execution_environments": 10, "max_execution_environments": 20},
                {"min_execution_environments": 0, "max_execution_environments": 0},
                (0, 0),
            ),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("made", [False, True], ids=["to come", "made before"])
    def test_bounds_of_the_version_count_where_none_are_given(self, stack, only, stated, given, written, made):
        """Whether CDK has made the version or not."""
        built = self.function(stack, current_version_options=lambda_.VersionOptions(**stated))
        if made:
            _ = built.current_version
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=built, **given)
        assert only(stack, VERSION)["Properties"]["FunctionScalingConfig"] == dict(
            zip(("MinExecutionEnvironments", "MaxExecutionEnvironments"), written, strict=True)
        )

    def test_options_of_the_version_that_jsii_does_not_hand_out(self, stack, only, monkeypatch):
        """As before 1.142. They count all the same, from the version that CDK makes of them."""
        get = jsii.get

        def of_classes_only(value, name):
            if name == "currentVersionOptions":
                raise RuntimeError(f"Type aws-cdk-lib.aws_lambda.Function doesn't have a property '{name}'")
            return get(value, name)

        monkeypatch.setattr(jsii, "get", of_classes_only)
        bounds = lambda_.VersionOptions(min_execution_environments=10, max_execution_environments=20)
        ManagedInstanceFunction.from_function(
            stack, "ListOrders", function=self.function(stack, current_version_options=bounds)
        )
        assert only(stack, VERSION)["Properties"]["FunctionScalingConfig"] == {
            "MinExecutionEnvironments": 10,
            "MaxExecutionEnvironments": 20,
        }
        provisioned = lambda_.VersionOptions(provisioned_concurrent_executions=5)
        assert "LMI605" in self.told(stack, self.function(stack, id="Other", current_version_options=provisioned))

    def test_bounds_of_the_version_are_judged(self, stack, refused, warned):
        """And count for what else is on the capacity provider."""
        pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=100)
        few = lambda_.VersionOptions(min_execution_environments=1)
        many = lambda_.VersionOptions(min_execution_environments=120)

        def adopt(id, options, **keywords):
            built = self.function(stack, id=f"Tool{id}", current_version_options=options)
            return ManagedInstanceFunction.from_function(stack, id, function=built, capacity_provider=pool, **keywords)

        assert warned(adopt("Few", few)) == ["LMI305"]
        assert "LMI306" in refused(lambda: adopt("Many", many))
        assert warned(adopt("Enough", many, min_execution_environments=3)) == []

    def test_bounds_of_the_version_that_are_known_when_deployed(self, stack, only):
        """They reach the template."""
        number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
        options = lambda_.VersionOptions(min_execution_environments=number, max_execution_environments=number)
        built = self.function(stack, current_version_options=options)
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=built)
        config = only(stack, VERSION)["Properties"]["FunctionScalingConfig"]
        assert config == {"MinExecutionEnvironments": {"Ref": "Number"}, "MaxExecutionEnvironments": {"Ref": "Number"}}

    @pytest.mark.parametrize("given", [{}, {"min_execution_environments": 4}], ids=["left", "replaced"])
    def test_bounds_of_the_version_that_a_condition_decides(self, stack, only, given):
        """They stay, unless something is given in their place."""
        built = self.function(stack)
        resource: Any = built.current_version.node.default_child
        cdk.CfnCondition(stack, "Open")
        resource.function_scaling_config = cdk.Fn.condition_if("Open", {}, cdk.Aws.NO_VALUE)
        ManagedInstanceFunction.from_function(stack, "ListOrders", function=built, **given)
        config = only(stack, VERSION)["Properties"]["FunctionScalingConfig"]
        bounds = {"MinExecutionEnvironments": 4, "MaxExecutionEnvironments": 15000}
        assert config == (bounds if given else {"Fn::If": ["Open", {}, {"Ref": "AWS::NoValue"}]})

    def test_what_cdk_refuses_of_its_version_is_told(self, stack, refused):
        """As what it refuses of everything else."""
        options = lambda_.VersionOptions(retry_attempts=5)
        built = self.function(stack, current_version_options=options)
        assert refused(lambda: ManagedInstanceFunction.from_function(stack, "ListOrders", function=built)) == ["LMI006"]
        assert stack.node.try_find_child("ListOrders") is None

    def test_refuses_an_imported_function(self, stack, refused):
        """There is nothing to attach, and AWS converts none."""
        imported = lambda_.Function.from_function_name(stack, "Old", "orders")
        assert refused(lambda: ManagedInstanceFunction.from_function(stack, "ListOrders", function=imported)) == [
            "LMI004"
        ]

    def test_refuses_what_is_no_function(self, stack, refused):
        """By its type."""
        wrong: Any = "orders"
        assert refused(lambda: ManagedInstanceFunction.from_function(stack, "ListOrders", function=wrong)) == ["LMI001"]

    def test_brings_the_endpoint_that_its_tracing_needs(self, stack, synthesize):
        """As for a function of ours."""
        traced = self.function(stack, tracing=lambda_.Tracing.ACTIVE)
        adopted = ManagedInstanceFunction.from_function(stack, "ListOrders", function=traced)
        pool = adopted.capacity_provider
        assert isinstance(pool, ManagedInstanceCapacityProvider)
        synthesize(stack)
        assert "xray (interface)" in pool.network.endpoints


class TestWhatItIsNot:
    """It is no function of CDK's, and hands out two things that are."""

    @pytest.mark.parametrize(
        ("name", "owner"),
        [("function_arn", "alias"), ("add_function_url", "alias"), ("add_layers", "function"), ("runtime", "function")],
    )
    def test_what_has_an_attribute_is_named(self, define, name, owner):
        """The alias first, since that serves."""
        orders = define()
        with pytest.raises(AttributeError, match=rf"'{name}'.*\.{owner}\.{name}$"):
            getattr(orders, name)
        assert hasattr(getattr(orders, owner), name)

    @pytest.mark.parametrize("name", ["no_such_thing", "_private", "__len__"])
    def test_what_nothing_has_is_missing(self, define, name):
        """As of any object."""
        with pytest.raises(AttributeError, match=f"has no attribute '{name}'$"):
            getattr(define(), name)
