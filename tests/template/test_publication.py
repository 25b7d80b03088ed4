"""What is published of a function and who calls it: by names that nobody knows, under conditions, of every type."""

import copy
import json
import re
from typing import Any

import pytest

from cdk_lmi import check_template
from cdk_lmi.template.api_calls import SCHEDULE
from cdk_lmi.template.cross_stack import Member, join
from cdk_lmi.template.intrinsics import Template
from cdk_lmi.template.publication import ALIAS, CALLERS, OF_RESOURCE, STATE_MACHINE, caller_paths

POOL = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"
ON_POOL = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": POOL}}
NOTHING = {"Ref": "AWS::NoValue"}
#: What stands before the name in the ARN of a function in the stack's own account and Region.
HERE = "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:"
REF, ARN, LIVE = {"Ref": "Orders"}, {"Fn::GetAtt": ["Orders", "Arn"]}, {"Ref": "Live"}
PERMISSION = "AWS::Lambda::Permission"
#: Conditions that the template does not tell of, and what follows of each other.
CONDITIONS = {
    "Pooled": {"Fn::Equals": [{"Ref": "Mode"}, "pool"]},
    "Apart": {"Fn::Not": [{"Condition": "Pooled"}]},
    "PooledInEurope": {"Fn::And": [{"Condition": "Pooled"}, {"Condition": "Europe"}]},
    "Anything": {"Fn::Or": [{"Condition": "Pooled"}, {"Condition": "Europe"}]},
    "Nothing": {"Fn::Not": [{"Condition": "Anything"}]},
    "Europe": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
    "Itself": {"Fn::And": [{"Condition": "Itself"}, {"Condition": "Itself"}]},
}


def resource(kind, condition=None, **properties):
    return {"Type": kind, "Properties": properties, **({"Condition": condition} if condition else {})}


def function(**properties):
    """Define a function on Managed Instances of which nothing is to be told."""
    stated = {
        "MemorySize": 2048,
        "LoggingConfig": {"LogFormat": "JSON"},
        "PublishToLatestPublished": False,
        "CapacityProviderConfig": ON_POOL,
        **properties,
    }
    return resource("AWS::Lambda::Function", **{name: value for name, value in stated.items() if value is not None})


def template(*, named: Any = REF, orders: Any = None, **resources):
    """Give a template with a function that has a version and an alias, as long as they are what names it."""
    scaling = {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 6}
    published = {
        "Numbered": resource("AWS::Lambda::Version", FunctionName=named, FunctionScalingConfig=scaling),
        "Live": resource(
            ALIAS, FunctionName=named, FunctionVersion={"Fn::GetAtt": ["Numbered", "Version"]}, Name="live"
        ),
    }
    found = {"Orders": orders or function(), **published, **resources}
    return {
        "Parameters": {"Name": {"Type": "String"}, "Other": {"Type": "String"}, "Mode": {"Type": "String"}},
        "Conditions": CONDITIONS,
        "Resources": {id: each for id, each in found.items() if each is not None},
    }


def told(document):
    return [violation.id for violation in check_template(document)]


def calling(target, condition=None):
    """Define what lets a bucket call a function."""
    return resource(PERMISSION, condition, FunctionName=target, Action="lambda:InvokeFunction", Principal="s3")


def followed_by(name, end):
    """Give a name with something behind it, and again where something stands before it."""
    return {"Fn::Join": ["", [name, end]]}, {"Fn::Sub": [f"{HERE}${{It}}{end}", {"It": name}]}


@pytest.mark.parametrize(
    "name",
    [
        {"Fn::Sub": "${AWS::StackName}-orders"},
        {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, "orders"]]},
        {"Ref": "Name"},
        {"Fn::ImportValue": "Name"},
        {"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "Name"}]}]},
        {"Fn::FindInMap": ["Names", {"Ref": "AWS::Region"}, "orders"]},
        {"Fn::If": ["Europe", "orders", {"Ref": "Name"}]},
        "{{resolve:ssm:/orders/name}}",
        "orders",
    ],
    ids=json.dumps,
)
class TestNamesThatNobodyKnows:
    """A function, and what is to be its by the same expression."""

    def test_what_is_published(self, name):
        """Version and alias are the function's."""
        assert told(template(orders=function(FunctionName=name), named=name)) == []
        orders = function(FunctionName=name, FunctionScalingConfig={"MinExecutionEnvironments": 1})
        document = template(orders=orders, named=name)
        assert "LMI602" not in told(document)
        del document["Resources"]["Numbered"]["Properties"]["FunctionScalingConfig"]
        assert "LMI602" in told(document)
        del document["Resources"]["Orders"]["Properties"]["PublishToLatestPublished"]
        assert "LMI603" in told(document)
        document["Resources"]["Numbered"]["DeletionPolicy"] = "Retain"
        assert "LMI606" in told(document)

    def test_nothing_is_published(self, name):
        """Nobody else may publish, if all names are known."""
        document = template(orders=function(FunctionName=name), Numbered=None, Live=None)
        assert told(document) == ["LMI604"]

    def test_a_caller_of_the_function_itself(self, name):
        """By the same expression, but where a condition decides which name it is."""
        document = template(orders=function(FunctionName=name), Call=calling(name))
        (violation,) = check_template(document) if "Fn::If" not in name else [None]
        if violation:
            assert (violation.id, violation.severity.value) == ("LMI601", "error")
            assert violation.locations[0] == "/Resources/Call/Properties/FunctionName"
            assert violation.fix == "name an alias of a published version there"

    def test_a_caller_of_an_alias(self, name):
        """With a qualifier behind it, or a name that only begins so."""
        for target in (*followed_by(name, ":live"), *followed_by(name, "-old"), {"Ref": "Other"}):
            assert told(template(orders=function(FunctionName=name), Call=calling(target))) == []

    def test_what_scales_an_alias(self, name):
        """Application Auto Scaling has the name in the middle."""
        target = resource(
            "AWS::ApplicationAutoScaling::ScalableTarget",
            ScalableDimension="lambda:function:ProvisionedConcurrency",
            ResourceId={"Fn::Join": [":", ["function", name, "live"]]},
        )
        is_read = not json.dumps(name).startswith(('{"Fn::If', '{"Fn::Find', '{"Fn::Select', '"{{', '{"Fn::Import'))
        expected = ["LMI605"] if is_read else []
        assert told(template(orders=function(FunctionName=name), Target=target)) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"Fn::Sub": f"{HERE}${{AWS::StackName}}-orders"}, ["LMI601"]),
        ({"Fn::Sub": f"arn:…/functions/{HERE}${{AWS::StackName}}-orders/invocations"}, ["LMI601"]),
        ({"Fn::Sub": "${AWS::StackName}-orders:$LATEST"}, ["LMI601"]),
        ({"Fn::Sub": "${AWS::StackName}-orders:${Name}"}, []),
        ({"Fn::Sub": "${AWS::StackName}-orders${Name}"}, []),
        ({"Fn::Sub": "${AWS::StackName}"}, []),
    ],
    ids=json.dumps,
)
def test_what_stands_around_a_name(target, expected):
    """As it may around one that is known."""
    orders = function(FunctionName={"Fn::Sub": "${AWS::StackName}-orders"})
    assert told(template(orders=orders, Call=calling(target))) == expected


class TestAnotherAccountOrRegion:
    """A name is of one account and Region: elsewhere it is another function's, or nobody's."""

    ACCOUNT, REGION = "123456789012", "eu-west-1"
    ENVIRONMENTS = (
        f"aws://{ACCOUNT}/{REGION}",
        f"aws://{ACCOUNT}/unknown-region",
        "aws://unknown-account/unknown-region",
        None,
    )

    @staticmethod
    def told(document, environment):
        """Give the ids of what is told of a template whose account and Region may be known."""
        (joined,) = join([Member(document, "orders.json", environment=environment)])
        return [violation.id for violation in check_template(*joined)]

    @pytest.mark.parametrize(
        ("target", "told_in"),
        [
            # A name by itself, and parts of an ARN.
            ("orders", 4),
            ("function:orders", 4),
            ("${AWS::AccountId}:function:orders", 4),
            (f"{HERE}orders", 4),
            (f"{HERE}orders:$LATEST", 4),
            (f"arn:…/functions/{HERE}orders/invocations", 4),
            # Another one may be meant where they are not known.
            (f"{ACCOUNT}:function:orders", 2),
            (f"arn:aws:lambda:${{AWS::Region}}:{ACCOUNT}:function:orders", 2),
            (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders", 1),
            (f"arn:aws:lambda:{REGION}:${{AWS::AccountId}}:function:orders", 1),
            (f"arn:…/functions/arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders/invocations", 1),
            ("arn:aws:lambda:${AWS::Region}:${Other}:function:orders", 0),
            # These are others for sure.
            ("999999999999:function:orders", 0),
            (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders", 0),
            (f"arn:aws:lambda:{REGION}:999999999999:function:orders", 0),
            (f"arn:…/functions/arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders/invocations", 0),
            # A qualifier is one, wherever it is.
            (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders:live", 0),
            ("${AWS::AccountId}:function:orders:live", 0),
            ("function:orders:live", 0),
        ],
    )
    def test_a_name(self, target, told_in):
        """It counts where it is this account and Region for sure."""
        document = template(orders=function(FunctionName="orders"), Call=calling({"Fn::Sub": target}))
        told = [self.told(document, environment) for environment in self.ENVIRONMENTS]
        assert told == [["LMI601"]] * told_in + [[]] * (4 - told_in)

    @pytest.mark.parametrize(("name", "told_in"), [("orders", 1), (None, 4)])
    def test_a_reference_in_an_arn(self, name, told_in):
        """A name that CloudFormation makes up is in no other account or Region."""
        target = {"Fn::Sub": f"arn:aws:lambda:{self.REGION}:{self.ACCOUNT}:function:${{Orders}}"}
        document = template(orders=function(FunctionName=name), Call=calling(target))
        told = [self.told(document, environment) for environment in self.ENVIRONMENTS]
        assert told == [["LMI601"]] * told_in + [[]] * (4 - told_in)
        assert self.told(document, f"aws://{self.ACCOUNT}/us-east-1") == []

    @pytest.mark.parametrize("name", ["orders", None])
    def test_a_reference_in_an_arn_of_here(self, name):
        """However the function is called."""
        document = template(orders=function(FunctionName=name), Call=calling({"Fn::Sub": f"{HERE}${{Orders}}"}))
        assert told(document) == ["LMI601"]


class TestLatest:
    """What never serves, whatever else is published."""

    PUBLISHED = function(PublishToLatestPublished=True)

    @staticmethod
    def weights(document):
        """Give how much weighs what is told of calls: by the caller, what it got."""
        return {
            violation.message.partition(" ")[0]: (violation.severity.value, "$LATEST" in violation.message)
            for violation in check_template(document)
            if violation.id == "LMI601"
        }

    @pytest.mark.parametrize(
        ("target", "latest"),
        [
            (ARN, False),
            ({"Fn::Sub": "${Orders.Arn}:$LATEST"}, True),
            ({"Fn::Join": [":", [REF, "$LATEST"]]}, True),
            ({"Fn::Sub": f"{HERE}orders:$LATEST"}, True),
            ("orders", False),
            ("orders:$LATEST", True),
        ],
    )
    def test_a_call_of_it_is_an_error(self, target, latest):
        """Also where $LATEST.PUBLISHED serves those who name no version."""
        orders = function(FunctionName="orders", PublishToLatestPublished=True)
        document = template(orders=orders, Numbered=None, Live=None, Call=calling(target))
        assert self.weights(document) == {"Call": ("error" if latest else "warning", latest)}

    def test_each_caller_has_its_own_weight(self):
        """One that names it, and one that names no version."""
        callers = {"Call": calling(ARN), "Late": calling({"Fn::Sub": "${Orders}:$LATEST"})}
        document = template(orders=self.PUBLISHED, Numbered=None, Live=None, **callers)
        assert self.weights(document) == {"Call": ("warning", False), "Late": ("error", True)}

    def test_one_of_several_targets(self):
        """The graver counts."""
        rule = resource("AWS::Events::Rule", Targets=[{"Arn": {"Fn::Sub": "${Orders.Arn}:$LATEST"}}, {"Arn": ARN}])
        document = template(orders=self.PUBLISHED, Numbered=None, Live=None, Call=rule)
        assert self.weights(document) == {"Call": ("error", True)}

    @pytest.mark.parametrize(
        "call",
        [
            resource(
                "AWS::SSM::MaintenanceWindowTask",
                TaskArn=ARN,
                TaskInvocationParameters={"MaintenanceWindowLambdaParameters": {"Qualifier": "$LATEST"}},
            ),
            resource(
                SCHEDULE,
                Target={
                    "Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke",
                    "Input": {"Fn::Sub": '{"FunctionName": "${Orders}", "Qualifier": "$LATEST"}'},
                },
            ),
            resource(
                STATE_MACHINE,
                DefinitionSubstitutions={"Name": ARN},
                DefinitionString='{"Resource": "${Name}:$LATEST"}',
            ),
            resource(
                STATE_MACHINE,
                DefinitionSubstitutions={"Name": ARN},
                DefinitionString='{"Parameters": {"FunctionName": "${Name}", "Qualifier": "$LATEST"}}',
            ),
            resource(STATE_MACHINE, Definition={"Arguments": {"FunctionName": REF, "Qualifier": "$LATEST"}}),
        ],
        ids=lambda call: call["Type"],
    )
    @pytest.mark.parametrize("publishes", [True, {"Fn::ImportValue": "Publishes"}], ids=["published", "not known"])
    def test_where_it_stands_apart(self, call, publishes):
        """Beside the function, or behind a variable; whatever is published."""
        orders = function(PublishToLatestPublished=publishes)
        document = template(orders=orders, Numbered=None, Live=None, Call=call)
        assert self.weights(document) == {"Call": ("error", True)}

    def test_where_it_may_be_published_calls_of_it_alone_are_told(self):
        """The others may be served."""
        callers = {"Call": calling(ARN), "Late": calling({"Fn::Sub": "${Orders}:$LATEST"})}
        orders = function(PublishToLatestPublished={"Fn::ImportValue": "Publishes"})
        assert self.weights(template(orders=orders, **callers)) == {"Late": ("error", True)}


@pytest.mark.parametrize(
    ("own", "of", "expected"),
    [
        (None, {"Ref": "Name"}, []),
        (None, {"Fn::ImportValue": "Name"}, []),
        (None, {"Fn::If": ["Europe", "orders", "others"]}, []),
        ("orders", {"Ref": "Name"}, []),
        ({"Ref": "Other"}, {"Ref": "Name"}, []),
        ({"Ref": "Other"}, "orders", []),
        # These are others' for sure.
        ("orders", "others", ["LMI604"]),
        (None, "others", ["LMI604"]),
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("left_out", ["Live", "Numbered"])
def test_what_may_be_published(own, of, expected, left_out):
    """A version, or an alias, of a function that nobody can tell."""
    published = template(orders=function(FunctionName=own), named=of, **{left_out: None})
    assert told(published) == expected


class TestConditions:
    """Callers, versions and targets that may not be there, of a function that may not be on Managed Instances."""

    HYBRID = function(CapacityProviderConfig={"Fn::If": ["Pooled", ON_POOL, NOTHING]})

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (None, ["LMI601"]),
            ("Pooled", ["LMI601"]),
            ("PooledInEurope", ["LMI601"]),
            ("Apart", []),
            ("Nothing", []),
            ("Anything", []),
            ("Europe", []),
            ("Itself", []),
            ("Undefined", []),
        ],
    )
    def test_a_caller(self, condition, expected):
        """It counts where it is not there without the other."""
        assert told(template(orders=self.HYBRID, Call=calling(REF, condition))) == expected

    @pytest.mark.parametrize("condition", [None, "Pooled", "Apart", "Europe"])
    def test_a_caller_of_what_is_on_managed_instances(self, condition):
        """Where it is there, it fails."""
        assert told(template(Call=calling(REF, condition))) == ["LMI601"]

    @pytest.mark.parametrize(
        ("condition", "target", "expected"),
        [
            ("Pooled", "orders", ["LMI601"]),
            ("PooledInEurope", "orders", ["LMI601"]),
            (None, "orders", ["LMI601"]),
            # Another function may have the name there.
            ("Apart", "orders", []),
            ("Europe", "orders", []),
            # Where the function is not there, this one cannot be.
            ("Europe", REF, ["LMI601"]),
        ],
    )
    def test_a_caller_of_what_may_not_be_there(self, condition, target, expected):
        """By its name, which two may have."""
        orders = {**function(FunctionName="orders"), "Condition": "Pooled"}
        other = resource("AWS::Lambda::Function", "Apart", FunctionName="orders")
        assert told(template(orders=orders, Other=other, Call=calling(target, condition))) == expected

    @pytest.mark.parametrize(("condition", "expected"), [(None, ["LMI605"]), ("Pooled", ["LMI605"]), ("Apart", [])])
    def test_provisioned_concurrency(self, condition, expected):
        """Scaled by Application Auto Scaling, or on an alias."""
        target = resource(
            "AWS::ApplicationAutoScaling::ScalableTarget",
            condition,
            ScalableDimension="lambda:function:ProvisionedConcurrency",
            ResourceId={"Fn::Sub": "function:${Orders}:live"},
        )
        assert told(template(orders=self.HYBRID, Target=target)) == expected
        provisioned = resource(
            ALIAS,
            condition,
            FunctionName=REF,
            FunctionVersion="1",
            Name="fast",
            ProvisionedConcurrencyConfig={"ProvisionedConcurrentExecutions": 1},
        )
        assert told(template(orders=self.HYBRID, Fast=provisioned)) == expected

    @pytest.mark.parametrize(("condition", "expected"), [(None, ["LMI610"]), ("Pooled", ["LMI610"]), ("Apart", [])])
    def test_asynchronous_invocation(self, condition, expected):
        """A standard function may be configured for $LATEST."""
        config = resource("AWS::Lambda::EventInvokeConfig", condition, FunctionName=REF, Qualifier="$LATEST")
        assert told(template(orders=self.HYBRID, Config=config)) == expected

    @pytest.mark.parametrize(("condition", "expected"), [("Pooled", ["LMI603"]), ("Apart", []), ("Europe", [])])
    def test_a_version(self, condition, expected):
        """Of a standard function it is no second fleet, and whether nothing else is published is not known then."""
        orders = copy.deepcopy(self.HYBRID)
        version = resource("AWS::Lambda::Version", condition, FunctionName=REF)
        assert told(template(orders=orders, Numbered=version, Live=None)) == []
        del orders["Properties"]["PublishToLatestPublished"]
        assert told(template(orders=orders, Numbered=version, Live=None)) == expected

    def test_a_version_of_a_standard_function(self):
        """It is the function's wherever it is."""
        version = resource(
            "AWS::Lambda::Version", "Europe", FunctionName=REF, FunctionScalingConfig={"MinExecutionEnvironments": 3}
        )
        orders = resource("AWS::Lambda::Function")
        assert told(template(orders=orders, Numbered=version, Live=None)) == ["LMI607"]


def test_where_a_resource_is_there():
    """What follows of its condition is known, and nothing else; what there is without one is as it is."""
    document: Any = {
        "Conditions": {**CONDITIONS, "Odd": {"Fn::And": "text", "Fn::Not": 1}, "Odder": {"Fn::Not": []}, "Or": []},
        "Resources": {id: {"Type": "T", "Condition": id} for id in [*CONDITIONS, "Odd", "Odder", "Or"]},
    }
    document["Resources"]["Always"] = {"Type": "T"}
    document["Resources"]["Wrong"] = {"Type": "T", "Condition": ["Pooled"]}

    def certain(id):
        there = Template(document).where(id)
        return {each for each in document["Resources"] if each in there.resources and there.is_certain(each)}

    assert certain("Always") == certain("Wrong") == {"Always"}
    assert certain("Europe") == {"Always", "Europe", "Anything"}
    assert certain("PooledInEurope") == {"Always", "PooledInEurope", "Pooled", "Europe", "Anything"}
    assert certain("Apart") == {"Always", "Apart"}
    assert certain("Itself") == {"Always", "Itself"}
    assert certain("Odd") == {"Always", "Odd"}
    assert certain("Odder") == {"Always", "Odder"}
    assert certain("Or") == {"Always", "Or"}
    gone = document["Resources"].keys() - Template(document).where("Nothing").resources.keys()
    assert gone == {"Pooled", "Europe", "PooledInEurope", "Anything"}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("lambda:InvokeFunction", ["LMI601"]),
        ("lambda:InvokeFunctionUrl", ["LMI601"]),
        ("lambda:InvokeAsync", ["LMI601"]),
        ("Lambda:invokefunction", ["LMI601"]),
        ("lambda:*", ["LMI601"]),
        ("*", ["LMI601"]),
        ({"Ref": "Name"}, ["LMI601"]),
        ("lambda:GetFunction", []),
        ("lambda:UpdateFunctionCode", []),
        ({"Fn::Sub": "lambda:GetFunction"}, []),
    ],
    ids=str,
)
def test_what_a_permission_is_for(action, expected):
    """Who reads the code of a function calls nothing."""
    assert told(template(Call=resource(PERMISSION, FunctionName=REF, Action=action, Principal="1"))) == expected


@pytest.mark.parametrize(
    ("qualifier", "expected"),
    [
        ("live", []),
        ({"Fn::GetAtt": ["Numbered", "Version"]}, []),
        ({"Ref": "Name"}, []),
        ({"Fn::If": ["Europe", "live", NOTHING]}, []),
        (None, ["LMI601"]),
        (NOTHING, ["LMI601"]),
        ("$LATEST", ["LMI601"]),
    ],
    ids=str,
)
def test_a_qualifier_beside_the_function(qualifier, expected):
    """A maintenance window has it among the parameters of its task."""
    task = resource(
        "AWS::SSM::MaintenanceWindowTask",
        TaskArn=ARN,
        TaskInvocationParameters={
            "MaintenanceWindowLambdaParameters": {"Payload": "e30=", **({"Qualifier": qualifier} if qualifier else {})}
        },
    )
    assert told(template(Task=task)) == expected


@pytest.mark.parametrize(
    ("category", "target", "expected"),
    [
        ("Invoke", REF, ["LMI601"]),
        ("Invoke", LIVE, []),
        ("Deploy", REF, []),
        ({"Ref": "Name"}, REF, []),
        (None, REF, []),
    ],
    ids=str,
)
def test_an_action_of_a_pipeline(category, target, expected):
    """Who deploys to a function calls nothing."""
    action = {"ActionTypeId": {"Category": category}, "Configuration": {"FunctionName": target}}
    other = {"ActionTypeId": {"Category": "Invoke"}, "Configuration": {"FunctionName": LIVE}}
    pipeline = resource("AWS::CodePipeline::Pipeline", Stages=[{"Actions": [other]}, {"Actions": [action, other]}])
    assert told(template(Pipeline=pipeline)) == expected


@pytest.mark.parametrize(
    ("arn", "given", "expected"),
    [
        ("aws-sdk:lambda:invoke", '{"FunctionName": "${Orders}", "InvocationType": "Event"}', ["LMI601"]),
        ("aws-sdk:lambda:Invoke", '{"FunctionName": "${Orders.Arn}"}', ["LMI601"]),
        ("aws-sdk:lambda:invokeAsync", '{"FunctionName": "${Orders}"}', ["LMI601"]),
        ("aws-sdk:lambda:invoke", '{"FunctionName": "${AWS::StackName}-orders"}', ["LMI601"]),
        ("aws-sdk:lambda:invoke", '{"FunctionName": "${Orders}:live"}', []),
        ("aws-sdk:lambda:invoke", '{"FunctionName": "${Live}"}', []),
        ("aws-sdk:lambda:invoke", '{"FunctionName": "${Orders}", "Qualifier": "live"}', []),
        ("aws-sdk:lambda:invoke", '{"FunctionName": "elsewhere", "Payload": "${Orders}"}', []),
        ("aws-sdk:lambda:invoke", '{"FunctionName": "elsewhere", "Payload": {"FunctionName": "${Orders}"}}', []),
        ("aws-sdk:lambda:invoke", '["${Orders}"]', []),
        ("aws-sdk:lambda:invoke", "${Orders}", []),
        ("aws-sdk:lambda:getFunction", '{"FunctionName": "${Orders}"}', []),
        ("aws-sdk:sns:publish", '{"FunctionName": "${Orders}"}', []),
    ],
)
def test_a_schedule_that_calls_lambda(arn, given, expected):
    """The input of EventBridge Scheduler's own call names the function."""
    target = {"Arn": f"arn:aws:scheduler:::{arn}", "Input": {"Fn::Sub": given}}
    orders = function(FunctionName={"Fn::Sub": "${AWS::StackName}-orders"})
    violations = check_template(template(orders=orders, Night=resource(SCHEDULE, Target=target)))
    assert [violation.id for violation in violations] == expected
    for violation in violations:
        assert violation.locations[0] == "/Resources/Night/Properties/Target/Input"


@pytest.mark.parametrize(
    "name", ["${AWS::StackName}-orders", "arn:aws:lambda:a:1:function:${AWS::StackName}-orders", "${Orders}"]
)
def test_a_schedule_that_sets_bounds(name):
    """By a name that nobody knows, too."""
    bounds = {"MinExecutionEnvironments": 9, "MaxExecutionEnvironments": 3}
    given = json.dumps({"FunctionName": name, "Qualifier": "1", "FunctionScalingConfig": bounds})
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:lambda:putFunctionScalingConfig", "Input": {"Fn::Sub": given}}
    provider = {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": {"Fn::GetAtt": "Pool.Arn"}}}
    orders = function(FunctionName={"Fn::Sub": "${AWS::StackName}-orders"}, CapacityProviderConfig=provider)
    vpc = {"SubnetIds": ["subnet-a", "subnet-b", "subnet-c"], "SecurityGroupIds": ["sg-a"]}
    pool = resource("AWS::Lambda::CapacityProvider", VpcConfig=vpc)
    assert "LMI302" in told(template(orders=orders, Pool=pool, Night=resource(SCHEDULE, Target=target)))


def at(path, value):
    """Give properties with a value at a path, in lists of one where the path goes through lists."""
    found = re.fullmatch(r"(\w+)(\[(?:([\w.]+)=(\w+))?\])?(?:\.(.+))?", path)
    assert found
    name, items, key, kept, rest = found.groups()
    within = {**(at(rest, value) if rest else {}), **(at(key, kept) if key else {})} if rest else value
    return {name: [within] if items else within}


EACH = [
    (kind, path)
    for kind, paths in CALLERS.items()
    for path in paths
    if kind not in (STATE_MACHINE, SCHEDULE) and not path.startswith(OF_RESOURCE)
]


@pytest.mark.parametrize(("kind", "path"), EACH)
def test_every_place_that_names_what_is_called(kind, path):
    """The function itself is told of, there; its alias, and what comes to nothing, is not."""

    def written(value):
        properties = at(path, value)
        return template(Call={"Type": kind, "Properties": {**properties, "Priority": REF}})

    (violation,) = check_template(written(ARN))
    assert violation.id == "LMI601"
    place = path.partition("[")[0].replace(".", "/")
    assert violation.locations[0] == f"/Resources/Call/Properties/{place}"
    assert violation.message.startswith("Call must call an alias or a version of Orders")
    for value in (LIVE, {"Fn::Sub": "${Orders.Arn}:live"}, {"Fn::If": ["Europe", ARN, LIVE]}, NOTHING, None):
        assert told(written(value)) == []


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("AWS::SNS::Topic", "Subscription[].Endpoint"),
        ("AWS::ApiGatewayV2::Api", "Target"),
        ("AWS::KinesisFirehose::DeliveryStream", "RedshiftDestinationConfiguration.ProcessingConfiguration"),
        ("AWS::CloudWatch::CompositeAlarm", "OKActions"),
        ("AWS::Lex::BotAlias", CALLERS["AWS::Lex::BotAlias"][0]),
        ("AWS::AppSync::Resolver", "SyncConfig.LambdaConflictHandlerConfig.LambdaConflictHandlerArn"),
        ("AWS::Transfer::Workflow", "OnExceptionSteps[].CustomStepDetails.Target"),
        ("AWS::IoT::TopicRule", "TopicRulePayload.ErrorAction"),
        ("AWS::ECS::Service", "DeploymentConfiguration.LifecycleHooks[].HookTargetArn"),
    ],
)
def test_types_that_call(kind, path):
    """Some are there, whatever becomes of the list."""
    assert (kind, path) in EACH


def test_the_place_of_several_that_names_the_function():
    """An alarm has three lists; only one of them calls it."""
    alarm = resource("AWS::CloudWatch::Alarm", AlarmActions=[{"Ref": "Topic"}], OKActions=[ARN])
    (violation,) = check_template(template(Alarm=alarm, Topic=resource("AWS::SNS::Topic")))
    assert violation.locations[0] == "/Resources/Alarm/Properties/OKActions"


@pytest.mark.parametrize("condition", ["Yes", "Europe"])
def test_items_under_a_condition(condition):
    """An entry of a list is read where its condition is known."""
    item = {"Fn::If": [condition, {"Arn": ARN}, NOTHING]}
    document = template(Rule=resource("AWS::Events::Rule", Targets=[item]))
    document["Conditions"] = {**CONDITIONS, "Yes": {"Fn::Equals": ["a", "a"]}}
    assert told(document) == (["LMI601"] if condition == "Yes" else [])


def test_where_nothing_is_called():
    """A type that calls nothing has no place for it."""
    found = Template({"Resources": {"Topic": {"Type": "AWS::SQS::Queue"}, "Custom": {"Type": "Custom::Thing"}}})
    assert (caller_paths(found, "Topic"), caller_paths(found, "Custom")) == ((), ("ServiceToken",))
