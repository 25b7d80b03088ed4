"""The policy validation plugin, in apps of CDK's own constructs and of this library's."""

import inspect
import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cdk_lmi import RULES, ManagedInstanceCapacityProvider, ManagedInstanceFunction, ManagedInstanceNetwork
from cdk_lmi.template.check import check_template
from cdk_lmi.validator import NOT_JUDGED, ManagedInstanceValidator

POOL = "arn:aws:lambda:eu-west-1:111111111111:capacity-provider:pool"
CODE: dict[str, Any] = {
    "runtime": lambda_.Runtime.PYTHON_3_14,
    "handler": "index.handler",
    "code": lambda_.Code.from_inline("def handler(event, context): ..."),
}
RULE = {rule.id: rule for rule in RULES}
#: One rule of each severity that a function violates alone, and how.
ERROR, WARNING = "LMI101", "LMI305"
FAULT: dict[str, Any] = {ERROR: {"memory_size": 100}, WARNING: {"minimum": 2}}
#: A template that has something to be told of, LMI411.
FIXED_NAME = {
    "Resources": {"Pool": {"Type": "AWS::Lambda::CapacityProvider", "Properties": {"CapacityProviderName": "fixed"}}}
}
#: Before, CDK lets an acknowledgment count for the whole app: https://github.com/aws/aws-cdk/issues/38495
ACKNOWLEDGED_BY_SCOPE = (2, 271)
CDK = tuple(map(int, version("aws-cdk-lib").split(".")[:2]))


def function(scope, id, *, memory_size=2048, minimum=3, capacity_provider_arn=POOL):
    """Define a published function on Managed Instances by hand, with the faults asked for."""
    resource = lambda_.CfnFunction(
        scope,
        id,
        runtime="python3.14",
        handler="index.handler",
        role="arn:aws:iam::111111111111:role/orders",
        code={"zipFile": "def handler(event, context): ..."},
        memory_size=memory_size,
        logging_config={"logFormat": "JSON"},
        publish_to_latest_published=False,
        capacity_provider_config={
            "lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": capacity_provider_arn}
        },
    )
    published = lambda_.CfnVersion(
        scope,
        f"{id}Version",
        function_name=resource.ref,
        function_scaling_config={"minExecutionEnvironments": minimum, "maxExecutionEnvironments": 20},
    )
    published.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.DELETE
    lambda_.CfnAlias(
        scope,
        f"{id}Alias",
        name="live",
        function_name=resource.ref,
        function_version=published.attr_version,
    )
    return resource


class Synthesis:
    """What came of synthesising an app: whether it was stopped and by what, and the report of the plugin."""

    def __init__(self, app):
        self.stopped = ""
        try:
            app.synth()
        except RuntimeError as error:
            self.stopped = str(error)
        report = Path(app.outdir, "validation-report.json").read_text(encoding="utf-8")
        self.reports = json.loads(report)["pluginReports"]
        self.report: dict[str, Any] = next((report for report in self.reports if report["pluginName"] == "cdk-lmi"), {})
        self.violations = self.report.get("violations", [])
        self.told = _told(self.violations)
        self.silenced = _told(self.report.get("suppressedViolations", []))


def _told(violations):
    return sorted(
        (violation["ruleName"], construct["constructPath"])
        for violation in violations
        for construct in violation["violatingConstructs"]
    )


@pytest.fixture
def app(tmp_path):
    """An app with the validator."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"))
    Validations.of(app).add_plugins(ManagedInstanceValidator())
    return app


@pytest.fixture
def shop(app):
    """A stack of that app."""
    return cdk.Stack(app, "Shop")


def test_an_error_stops_synthesis(app, shop):
    """What is raised tells where, which rule, how to mend it and why."""
    function(shop, "Orders", **FAULT[ERROR])
    synthesis = Synthesis(app)
    assert synthesis.report["conclusion"] == "failure"
    for part in ("Shop/Orders", f"cdk-lmi::{ERROR}", "MemorySize: 2048", RULE[ERROR].source):
        assert part in synthesis.stopped


def test_a_warning_passes(app, shop):
    """Synthesis goes on, and the report is of a success."""
    function(shop, "Orders", **FAULT[WARNING])
    synthesis = Synthesis(app)
    assert not synthesis.stopped
    assert synthesis.report["conclusion"] == "success"
    assert [id for id, _ in synthesis.told] == [WARNING]


def test_a_warning_stops_where_cdk_is_strict(tmp_path):
    """CDK has the switch for it, so the validator has none."""
    app = cdk.App(outdir=str(tmp_path / "cdk.out"), context={"@aws-cdk/core:strictCfnValidateErrors": True})
    Validations.of(app).add_plugins(ManagedInstanceValidator())
    function(cdk.Stack(app, "Shop"), "Orders", **FAULT[WARNING])
    assert f"cdk-lmi::{WARNING}" in Synthesis(app).stopped


@pytest.fixture
def run(tmp_path):
    """Run an app with a fault in an interpreter of its own.

    What CDK prints is passed on by a thread of jsii's, which only the end of the interpreter waits for.
    """

    def run(id):
        script = tmp_path / "app.py"
        script.write_text(
            "import aws_cdk as cdk\n"
            "from tests.test_validator import FAULT, function\n"
            "from cdk_lmi.validator import ManagedInstanceValidator\n"
            "app = cdk.App()\n"
            "cdk.Validations.of(app).add_plugins(ManagedInstanceValidator())\n"
            f"function(cdk.Stack(app, 'Shop'), 'Orders', **FAULT[{id!r}])\n"
            "app.synth()\n"
            "print('went on')\n",
            encoding="utf-8",
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        return subprocess.run(
            [sys.executable, str(script)],
            env={**kept, "PYTHONPATH": os.pathsep.join(sys.path), "CDK_OUTDIR": str(tmp_path / "cdk.out")},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_an_app_run_by_itself_fails(run):
    """Outside of tests too, the interpreter ends with an error and the report has been printed."""
    done = run(ERROR)
    assert done.returncode != 0
    assert "went on" not in done.stdout
    assert f"cdk-lmi::{ERROR}" in done.stderr


def test_a_warning_is_printed(run):
    """It is printed with the same parts as an error, and the interpreter ends well."""
    done = run(WARNING)
    assert done.returncode == 0, done.stderr
    assert "went on" in done.stdout
    for part in ("Shop/Orders", f"cdk-lmi::{WARNING}", "MinExecutionEnvironments: 3", RULE[WARNING].source):
        assert part in done.stderr


@pytest.mark.parametrize("id", [ERROR, WARNING])
def test_a_violation_says_all_that_is_known(app, shop, id):
    """Rule, severity, fix, source and place are in the report in CDK's own fields."""
    function(shop, "Orders", **FAULT[id])
    (violation,) = Synthesis(app).violations
    assert (violation["ruleName"], violation["severity"]) == (id, RULE[id].severity.value)
    assert violation["suggestedFix"].startswith("set ")
    assert violation["ruleMetadata"] == {
        "source": RULE[id].source,
        "slug": RULE[id].slug,
        "title": RULE[id].title,
        "since": RULE[id].since,
    }
    (construct,) = violation["violatingConstructs"]
    assert construct["constructPath"] == "Shop/Orders"
    assert construct["cloudFormationResource"] == {
        "templatePath": "Shop.template.json",
        "logicalId": "Orders",
        "propertyPaths": {
            ERROR: ["Properties.MemorySize"],
            # It scales by its version, which is another resource: told from the root of the template.
            WARNING: ["Resources.OrdersVersion.Properties.FunctionScalingConfig.MinExecutionEnvironments"],
        }[id],
    }


def test_the_same_words_are_told_once(app, shop):
    """Several resources with the same fault are one violation; another value is another one."""
    function(shop, "Orders", memory_size=100)
    function(cdk.Stack(app, "Depot"), "Stock", memory_size=100)
    function(shop, "Search", memory_size=200)
    grouped = [_told([violation]) for violation in Synthesis(app).violations]
    assert sorted(grouped) == [[(ERROR, "Depot/Stock"), (ERROR, "Shop/Orders")], [(ERROR, "Shop/Search")]]


def test_a_standard_app_has_no_report(app, shop):
    """Functions that are not on Managed Instances are nobody's business here."""
    lambda_.Function(shop, "Standard", **CODE)
    assert Synthesis(app).report == {}


def test_constructs_of_cdk_are_judged(app, shop):
    """The constructs of aws_lambda are held to the rules as well, with the path of the resource behind them."""
    vpc = ec2.Vpc(shop, "Vpc", max_azs=2)
    pool = lambda_.CapacityProvider(
        shop, "Pool", subnets=vpc.private_subnets, security_groups=[ec2.SecurityGroup(shop, "Group", vpc=vpc)]
    )
    orders = lambda_.Function(shop, "Orders", memory_size=3000, logging_format=lambda_.LoggingFormat.JSON, **CODE)
    pool.add_function(orders)
    assert ("LMI105", "Shop/Orders/Resource") in Synthesis(app).told


class TestWhereStacksStand:
    """Every template of the app is judged, wherever its stack stands."""

    def test_in_a_stage(self, app):
        """The plugin of the app judges the stacks of its stages."""
        stage = cdk.Stage(cdk.Stage(app, "Prod"), "Europe")
        function(cdk.Stack(stage, "Shop"), "Orders", **FAULT[ERROR])
        assert Synthesis(app).told == [(ERROR, "Prod/Europe/Shop/Orders")]

    def test_of_a_stage_alone(self, tmp_path):
        """The plugin of a stage judges no other one's stacks."""
        app = cdk.App(outdir=str(tmp_path / "cdk.out"))
        prod, test = cdk.Stage(app, "Prod"), cdk.Stage(app, "Test")
        Validations.of(prod).add_plugins(ManagedInstanceValidator())
        for stage in (prod, test):
            nested = cdk.NestedStack(cdk.Stack(stage, "Shop"), "Inner")
            function(nested, "Orders", **FAULT[ERROR])
        assert Synthesis(app).told == [(ERROR, "Prod/Shop/Inner/Orders")]

    def test_nested(self, app, shop):
        """CDK hands over no nested stack; they are found, one in another and twins too."""
        for name in ("First", "Second"):
            function(cdk.NestedStack(shop, name), "Orders", **FAULT[ERROR])
        function(cdk.NestedStack(shop.node.find_child("First"), "Deep"), "Orders", **FAULT[ERROR])
        function(shop, "Orders")
        synthesis = Synthesis(app)
        assert synthesis.told == [
            (ERROR, "Shop/First/Deep/Orders"),
            (ERROR, "Shop/First/Orders"),
            (ERROR, "Shop/Second/Orders"),
        ]

    def test_nested_in_a_stage(self, app):
        """Its template stands in the assembly of the stage."""
        nested = cdk.NestedStack(cdk.Stack(cdk.Stage(app, "Prod"), "Shop"), "Inner")
        function(nested, "Orders", **FAULT[ERROR])
        assert Synthesis(app).told == [(ERROR, "Prod/Shop/Inner/Orders")]

    def test_in_another_stack(self, app, shop):
        """A stack in the scope of another one is no nested stack, and is judged once."""
        function(cdk.Stack(shop, "Inner"), "Orders", **FAULT[ERROR])
        function(cdk.NestedStack(shop.node.find_child("Inner"), "Deep"), "Orders", **FAULT[WARNING])
        assert Synthesis(app).told == [(ERROR, "Shop/Inner/Orders"), (WARNING, "Shop/Inner/Deep/Orders")]

    def test_of_several_environments(self, app):
        """Stacks of different accounts and Regions are judged alike."""
        for region in ("eu-west-1", "us-east-1"):
            stack = cdk.Stack(app, region, env=cdk.Environment(account="111111111111", region=region))
            function(cdk.NestedStack(stack, "Inner"), "Orders", **FAULT[ERROR])
        assert Synthesis(app).told == [(ERROR, "eu-west-1/Inner/Orders"), (ERROR, "us-east-1/Inner/Orders")]

    def test_a_nested_stack_by_url_is_passed_over(self, app, shop):
        """There is no template of it to read."""
        cdk.CfnStack(shop, "Elsewhere", template_url="https://example.com/template.json")
        function(shop, "Orders", **FAULT[WARNING])
        assert Synthesis(app).told == [(WARNING, "Shop/Orders")]


class TestAcknowledged:
    """CDK's own acknowledgments silence what the validator tells."""

    @pytest.mark.parametrize("id", [ERROR, WARNING])
    @pytest.mark.parametrize("scope", ["Prod/Shop/Inner/Orders", "Prod/Shop/Inner", "Prod/Shop", "Prod", ""])
    def test_at_the_construct_and_above(self, app, id, scope):
        """By the id that constructs use; the report keeps the reason."""
        nested = cdk.NestedStack(cdk.Stack(cdk.Stage(app, "Prod"), "Shop"), "Inner")
        function(nested, "Orders", **FAULT[id])
        construct = app
        for name in filter(None, scope.split("/")):
            construct = construct.node.find_child(name)
        Validations.of(construct).acknowledge(Acknowledgment(id=f"cdk-lmi::{id}", reason="case 123"))
        synthesis = Synthesis(app)
        assert (synthesis.stopped, synthesis.told) == ("", [])
        assert synthesis.silenced == [(id, "Prod/Shop/Inner/Orders")]
        assert synthesis.report["suppressedViolations"][0]["reason"] == "case 123"

    def test_another_rule_is_not(self, app, shop):
        """An id silences itself alone."""
        function(shop, "Orders", **FAULT[ERROR], **FAULT[WARNING])
        Validations.of(shop).acknowledge(Acknowledgment(id=f"cdk-lmi::{WARNING}", reason="case 123"))
        synthesis = Synthesis(app)
        assert synthesis.stopped
        assert synthesis.told == [(ERROR, "Shop/Orders")]

    @pytest.mark.skipif(CDK < ACKNOWLEDGED_BY_SCOPE, reason="CDK lets it count for the whole app")
    @pytest.mark.parametrize("id", [ERROR, WARNING])
    def test_a_neighbour_is_not(self, app, shop, id):
        """What is acknowledged at one function is told of another, though in the same words."""
        Validations.of(function(shop, "Orders", **FAULT[id])).acknowledge(
            Acknowledgment(id=f"cdk-lmi::{id}", reason="case 123")
        )
        function(shop, "Search", **FAULT[id])
        synthesis = Synthesis(app)
        assert (synthesis.told, synthesis.silenced) == ([(id, "Shop/Search")], [(id, "Shop/Orders")])

    def test_when_the_construct_was_made(self, app, define, shop):
        """What a function of this library was let past does not come back."""
        define(scope=shop, memory_size=2560, acknowledge=[Acknowledgment(id="LMI105", reason="case 123")])
        synthesis = Synthesis(app)
        assert (synthesis.stopped, synthesis.told) == ("", [])
        assert synthesis.silenced == [("LMI105", "Shop/ListOrders/Function/Resource")]

    def test_where_a_function_was_adopted(self, app, shop):
        """The function stands elsewhere than what it was acknowledged for."""
        orders = lambda_.Function(shop, "Orders", memory_size=2560, **CODE)
        ManagedInstanceFunction.from_function(
            shop, "Adopted", function=orders, acknowledge=[Acknowledgment(id="LMI105", reason="case 123")]
        )
        synthesis = Synthesis(app)
        assert (synthesis.stopped, synthesis.told) == ("", [])
        assert [id for id, _ in synthesis.silenced] == ["LMI105"]

    def test_at_the_network_of_a_capacity_provider(self, app, shop):
        """The template has the zones at the capacity provider only."""
        network = ManagedInstanceNetwork(
            shop, "Network", max_azs=1, acknowledge=[Acknowledgment(id="LMI403", reason="a test stage")]
        )
        ManagedInstanceCapacityProvider(shop, "Pool", network=network)
        synthesis = Synthesis(app)
        assert synthesis.told == []
        assert [id for id, _ in synthesis.silenced] == ["LMI403"]


class TestToldByConstructs:
    """A warning that a construct of this library tells by itself is not told twice."""

    @pytest.fixture
    def pool(self, shop):
        """A capacity provider that has nothing to be warned of."""
        return ManagedInstanceCapacityProvider(shop, "Pool")

    def adopt(self, shop, pool):
        """Adopt a function of CDK's."""
        orders = lambda_.Function(shop, "Orders", **CODE)
        ManagedInstanceFunction.from_function(
            shop, "Adopted", function=orders, capacity_provider=pool, min_execution_environments=2
        )

    def define(self, shop, pool):
        """Define a function."""
        ManagedInstanceFunction(shop, "Orders", capacity_provider=pool, min_execution_environments=2, **CODE)

    def place(self, shop, pool):
        """Define a capacity provider in a network of one zone."""
        network = ManagedInstanceNetwork(shop, "Network", max_azs=1)
        ManagedInstanceCapacityProvider(shop, "Small", network=network)

    def share(self, shop, pool):
        """Define a function on a capacity provider of CDK's, which answers for it."""
        plain = lambda_.CapacityProvider(
            shop,
            "Plain",
            capacity_provider_name="fixed",
            subnets=pool.network.subnets,
            security_groups=pool.network.security_groups,
        )
        ManagedInstanceFunction(shop, "Orders", capacity_provider=plain, **CODE)

    @pytest.mark.parametrize(
        ("definition", "id"),
        [("define", "LMI305"), ("adopt", "LMI305"), ("place", "LMI403"), ("share", "LMI411")],
    )
    def test_it_is_told_once(self, app, shop, pool, warned, definition, id):
        """By the construct, which has the keyword; the validator has nothing to add."""
        getattr(self, definition)(shop, pool)
        assert id in warned(shop)
        assert Synthesis(app).told == []

    def test_it_is_told_once_among_annotations(self, tmp_path):
        """Also where CDK puts the warnings of constructs into the same report."""
        app = cdk.App(outdir=str(tmp_path / "cdk.out"), context={"@aws-cdk/core:annotationsInValidationReport": True})
        Validations.of(app).add_plugins(ManagedInstanceValidator())
        ManagedInstanceFunction(cdk.Stack(app, "Shop"), "Orders", min_execution_environments=2, **CODE)
        reports = Synthesis(app).reports
        told = [violation["ruleName"] for report in reports for violation in report["violations"]]
        assert [id for id in told if id.endswith("LMI305")] == ["cdk-lmi::LMI305"]

    def test_what_was_changed_later_is_told(self, app, shop, define):
        """A construct cannot know of an override; the template has it."""
        defined = define(scope=shop, min_execution_environments=2)
        defined.function.node.default_child.add_property_override("MemorySize", 100)
        synthesis = Synthesis(app)
        assert synthesis.stopped
        assert ("LMI101", "Shop/ListOrders/Function/Resource") in synthesis.told

    def test_an_error_of_a_rule_that_was_a_warning_is_told(self, app, shop, define, warned):
        """A rule may weigh more by what was changed later."""
        defined = define(scope=shop, timeout=cdk.Duration.hours(1))
        assert "LMI708" in warned(shop)
        defined.function.node.default_child.add_property_override("Timeout", 7200)
        assert ("LMI708", "Shop/ListOrders/Function/Resource") in Synthesis(app).told

    def test_a_neighbour_is_told(self, app, shop, pool):
        """A function by hand on the same capacity provider has told nobody of the same fault."""
        self.define(shop, pool)
        function(shop, "Search", capacity_provider_arn=pool.capacity_provider_arn, **FAULT[WARNING])
        assert Synthesis(app).told == [(WARNING, "Shop/Search")]

    def test_a_namesake_in_a_nested_stack_is_told(self, app, shop, pool):
        """The same logical id in another template is another resource."""
        self.define(shop, pool)
        logical_id = next(
            resource.logical_id for resource in shop.node.find_all() if isinstance(resource, lambda_.CfnFunction)
        )
        # So deep that it comes after its namesake in the metadata of the stack.
        scope = Construct(Construct(cdk.NestedStack(shop, "Inner"), "A"), "B")
        function(scope, "Orders", **FAULT[WARNING]).override_logical_id(shop.resolve(logical_id))
        assert Synthesis(app).told == [(WARNING, "Shop/Inner/A/B/Orders")]


class TestNotJudged:
    """A template that cannot be judged is an error that tells which one, and nothing raises."""

    @pytest.fixture
    def stack(self, tmp_path):
        """The template of a stack as CDK hands it to a plugin."""
        return SimpleNamespace(template_path=str(tmp_path / "Shop.template.json"), stack_construct_path="Shop")

    def validate(self, *stacks):
        """Run the plugin by itself."""
        return ManagedInstanceValidator().validate(SimpleNamespace(stack_templates=stacks, app_construct=None))

    @pytest.mark.parametrize("written", [None, b"", b"Resources:\n  Orders:\n", b"[]", b"\xff", b"[" * 100_000])
    def test_a_template_that_is_none(self, stack, tmp_path, written):
        """Missing, empty, YAML, a list, not UTF-8, too deep."""
        if written is not None:
            (tmp_path / "Shop.template.json").write_bytes(written)
        report = self.validate(stack)
        (violation,) = report.violations
        assert (report.success, violation.rule_name, violation.severity) == (False, NOT_JUDGED, "error")
        assert "Shop.template.json" in violation.description
        assert "\n" not in violation.description
        assert violation.violating_resources[0].construct_path == "Shop"

    def test_what_goes_wrong_in_a_rule(self, app, shop, monkeypatch):
        """Node hears of no exception, the user of the stack, and other stacks are judged."""

        def fail(document, received):
            if "Broken" in document["Resources"]:
                raise ValueError("no such thing\nTraceback")
            return check_template(document, received)

        monkeypatch.setattr("cdk_lmi.validator.check_template", fail)
        function(cdk.Stack(app, "Depot"), "Broken")
        function(shop, "Orders", **FAULT[ERROR])
        synthesis = Synthesis(app)
        assert synthesis.told == [(ERROR, "Shop/Orders"), (NOT_JUDGED, "Depot")]
        assert "Traceback" not in synthesis.stopped
        assert "no such thing" in synthesis.stopped

    def test_metadata_that_cannot_be_read(self, stack, tmp_path):
        """The template is judged all the same."""
        (tmp_path / "Shop.template.json").write_text(json.dumps(FIXED_NAME), encoding="utf-8")
        for manifest in ("", "[]", '{"artifacts": {"Shop": {"properties": {"templateFile": "Shop.template.json"}}}}'):
            (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
            assert "LMI411" in [violation.rule_name for violation in self.validate(stack).violations]

    def test_a_template_handed_over_twice_is_judged_once(self, stack, tmp_path):
        """As CDK may, where a stack belongs to two stages that have the plugin."""
        (tmp_path / "Shop.template.json").write_text(json.dumps(FIXED_NAME), encoding="utf-8")
        (fixed,) = [v for v in self.validate(stack, stack).violations if v.rule_name == "LMI411"]
        assert len(fixed.violating_resources) == 1


class TestThePlugin:
    """What CDK asks a plugin for before it judges."""

    @pytest.mark.parametrize("name", ["name", "version", "rule_ids"])
    def test_it_is_asked_for_properties(self, name):
        """In Node a class attribute is undefined, and CDK stops with an error of its own on a plugin with no name."""
        assert isinstance(inspect.getattr_static(ManagedInstanceValidator, name), property)

    def test_arguments_are_no_business_of_a_template(self):
        """Every rule is told but those about arguments."""
        ids = ManagedInstanceValidator().rule_ids
        assert sorted(ids) == sorted(rule.id for rule in RULES if not rule.id.startswith("LMI0"))

    def test_it_tells_the_version_of_the_package(self, app, shop):
        """In the report too."""
        function(shop, "Orders", **FAULT[WARNING])
        assert Synthesis(app).report["pluginVersion"] == ManagedInstanceValidator().version == version("cdk-lmi")

    def test_it_runs_where_the_package_is_not_installed(self, monkeypatch):
        """From a checkout, there is a version that CDK takes."""

        def missing(name):
            raise PackageNotFoundError(name)

        monkeypatch.setattr("cdk_lmi.validator.version", missing)
        assert ManagedInstanceValidator().version == "0.0.0"
