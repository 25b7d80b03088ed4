"""Any template, read into the same facts and judged by the same rules."""

import copy
import json
from pathlib import Path
from typing import Any, ClassVar

import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi import check_template

PROVIDER_ARN = {"Fn::GetAtt": ["Pool", "Arn"]}
ARN = "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function"


def on_pool(**config):
    """The property that puts a function on the pool."""
    return {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER_ARN, **config}}


#: Written by hand, with nothing wrong.
SOUND: dict[str, Any] = {
    "Resources": {
        "Pool": {
            "Type": "AWS::Lambda::CapacityProvider",
            "Properties": {
                "VpcConfig": {"SubnetIds": ["subnet-a", "subnet-b", "subnet-c"], "SecurityGroupIds": ["sg-a"]},
                "PermissionsConfig": {"CapacityProviderOperatorRoleArn": "arn:aws:iam::123456789012:role/operator"},
            },
        },
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.14",
                "Handler": "a.b",
                "MemorySize": 4096,
                "CapacityProviderConfig": on_pool(ExecutionEnvironmentMemoryGiBPerVCpu=4),
                "PublishToLatestPublished": False,
            },
        },
        "Version": {
            "Type": "AWS::Lambda::Version",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "FunctionScalingConfig": {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 12},
            },
        },
        "Alias": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {
                "Name": "live",
                "FunctionName": {"Ref": "Function"},
                "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
            },
        },
        "Standard": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.9", "MemorySize": 128}},
    }
}


def changed(path, value, **more):
    """The sound template with one thing changed: path from the resources on; ``None`` takes it out."""
    document = copy.deepcopy({**SOUND, **more})
    *parents, last = path.split(".")
    place = document["Resources"]
    for name in parents:
        place = place.setdefault(name, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


def ids(document):
    return [violation.id for violation in check_template(document)]


CONDITIONS = {
    "Yes": {"Fn::Equals": ["a", "a"]},
    "No": {"Fn::Equals": ["a", "b"]},
    "Unknown": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
}


def caller(kind, **properties):
    return {"Type": kind, "Properties": properties}


def environment(**variables):
    return {"Environment": {"Variables": variables}}


class TestReading:
    """Each property is read as what it is, and what is left out as what Lambda takes."""

    @pytest.mark.parametrize(
        ("path", "value", "expected"),
        [
            ("Function.Properties.MemorySize", 2096, ["LMI104"]),
            ("Function.Properties.MemorySize", "2096", ["LMI104"]),
            ("Function.Properties.MemorySize", "2096.0", ["LMI104"]),
            ("Function.Properties.MemorySize", 2096.0, ["LMI104"]),
            ("Function.Properties.MemorySize", 2096.5, []),
            ("Function.Properties.MemorySize", 10**400, []),
            ("Function.Properties.MemorySize", "9" * 400, []),
            ("Function.Properties.MemorySize", float("inf"), []),
            ("Function.Properties.MemorySize", float("nan"), []),
            ("Function.Properties.MemorySize", {"Fn::Select": [10**400, [4096]]}, []),
            ("Function.Properties.MemorySize", None, ["LMI104"]),
            ("Function.Properties.Runtime", "python3.12", ["LMI701"]),
            ("Function.Properties.Runtime", "{{resolve:ssm:/shop/runtime}}", []),
            ("Function.Properties.Timeout", 6000, ["LMI708"]),
            ("Function.Properties.EphemeralStorage", {"Size": 20000}, ["LMI106"]),
            ("Function.Properties.SnapStart", {"ApplyOn": "PublishedVersions"}, ["LMI702"]),
            ("Function.Properties.SnapStart", {"ApplyOn": "None"}, []),
            ("Function.Properties.SnapStart", {"ApplyOn": {"Ref": "AWS::Region"}}, []),
            ("Function.Properties.FileSystemConfigs", [{"Arn": "a", "LocalMountPath": "/mnt/a"}], ["LMI703"]),
            ("Function.Properties.VpcConfig", {"SubnetIds": ["subnet-a"]}, ["LMI704"]),
            ("Function.Properties.ReservedConcurrentExecutions", 5, ["LMI705"]),
            ("Function.Properties.TenancyConfig", {"TenantIsolationMode": "PER_TENANT"}, ["LMI706"]),
            ("Function.Properties.LoggingConfig", {"LogFormat": "Text"}, ["LMI707"]),
            ("Function.Properties.Architectures", ["arm64"], ["LMI405"]),
            ("Function.Properties.CapacityProviderConfig", on_pool(ExecutionEnvironmentMemoryGiBPerVCpu=3), ["LMI103"]),
            (
                "Function.Properties.CapacityProviderConfig",
                on_pool(PerExecutionEnvironmentMaxConcurrency=1601),
                ["LMI107", "LMI201"],
            ),
            (
                "Version.Properties.FunctionScalingConfig",
                {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 4},
                ["LMI305"],
            ),
            (
                "Version.Properties.FunctionScalingConfig",
                {"MinExecutionEnvironments": 5, "MaxExecutionEnvironments": 4},
                ["LMI302"],
            ),
            ("Version.Properties.FunctionScalingConfig", None, []),
            ("Pool.Properties.VpcConfig.SubnetIds", [], ["LMI401"]),
            ("Pool.Properties.VpcConfig.SubnetIds", [f"subnet-{n}" for n in range(17)], ["LMI401"]),
            ("Pool.Properties.VpcConfig.SecurityGroupIds", [f"sg-{n}" for n in range(6)], ["LMI402"]),
            ("Pool.Properties.CapacityProviderName", "pool", ["LMI411"]),
            ("Pool.Properties.CapacityProviderScalingConfig", {"MaxVCpuCount": 2}, ["LMI309", "LMI306"]),
            ("Pool.Properties.CapacityProviderScalingConfig", {"MaxVCpuCount": 12}, ["LMI307"]),
            ("Pool.Properties.CapacityProviderScalingConfig", {"ScalingMode": "Manual"}, ["LMI310"]),
            (
                "Pool.Properties.CapacityProviderScalingConfig",
                {"ScalingMode": "Manual", "ScalingPolicies": [{"TargetValue": 150}]},
                ["LMI311"],
            ),
            ("Pool.Properties.InstanceRequirements", {"Architectures": ["arm64", "x86_64"]}, ["LMI404"]),
            ("Pool.Properties.InstanceRequirements", {"AllowedInstanceTypes": ["t3.large"]}, ["LMI407"]),
            (
                "Pool.Properties.InstanceRequirements",
                {"AllowedInstanceTypes": ["m7i.large"], "ExcludedInstanceTypes": ["m7i.xlarge"]},
                ["LMI406"],
            ),
            ("Pool.Properties.InstanceRequirements", {"AllowedInstanceTypes": ["c7i.large"]}, ["LMI410"]),
            ("Pool.Properties.PropagateTags", {"ExplicitTags": [{"Key": str(n)} for n in range(41)]}, ["LMI413"]),
            ("Pool.Properties.TelemetryConfig", {"LoggingConfig": {"LogGroup": "aws/pool"}}, ["LMI412"]),
            ("Standard.Properties.MemorySize", 64, []),
        ],
    )
    def test_one_property(self, path, value, expected):
        """Changed alone, it violates these rules and no other."""
        assert ids(changed(path, value)) == expected

    def test_the_sound_template_is_sound(self):
        """And a template without Managed Instances too."""
        assert ids(SOUND) == []
        assert ids({"Resources": {"Standard": SOUND["Resources"]["Standard"]}}) == []

    def test_says_where(self):
        """Logical id and property path, and a fix for whoever writes templates."""
        (violation,) = check_template(changed("Function.Properties.MemorySize", 2096))
        assert violation.resource == "Function"
        assert violation.fields[0] == "MemorySize"
        assert "MemorySize: 4096" in violation.fix

    def test_the_minimum_fleets_on_a_provider_add_up(self):
        """Over all functions on it."""
        document = changed("Pool.Properties.CapacityProviderScalingConfig", {"MaxVCpuCount": 24})
        assert ids(document) == []
        document["Resources"]["Second"] = copy.deepcopy(SOUND["Resources"]["Function"])
        document["Resources"]["Second"]["Properties"]["MemorySize"] = 32768
        document["Resources"]["SecondVersion"] = caller("AWS::Lambda::Version", FunctionName={"Ref": "Second"})
        assert ids(document) == ["LMI306", "LMI306"]


class TestWhatNamesTheProvider:
    """Lambda takes its ARN alone, and a reference to it is its name."""

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ({"Ref": "Pool"}, ["LMI417"]),
            ({"Fn::Sub": "${Pool}"}, ["LMI417"]),
            ({"Fn::If": ["Yes", {"Ref": "Pool"}, PROVIDER_ARN]}, ["LMI417"]),
            ("pool", ["LMI417"]),
            (PROVIDER_ARN, []),
            ("arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool", []),
            ({"Fn::Sub": "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:${Pool}"}, []),
            ({"Fn::If": ["Unknown", {"Ref": "Pool"}, PROVIDER_ARN]}, []),
            ("{{resolve:ssm:/pool}}", []),
            # A default stands for what is given when it is deployed.
            ({"Ref": "Given"}, []),
            ({"Fn::ImportValue": "Pool"}, []),
        ],
    )
    def test_ids(self, written, expected):
        """Of what is sure to be no ARN."""
        parameters = {"Given": {"Type": "String", "Default": "pool"}}
        config = {"CapacityProviderArn": written, "ExecutionEnvironmentMemoryGiBPerVCpu": 4}
        document = changed(
            "Function.Properties.CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig",
            config,
            Conditions=CONDITIONS,
            Parameters=parameters,
        )
        assert ids(document) == expected

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("pool", ["LMI411", "LMI417"]),
            ("arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool", ["LMI411"]),
            ({"Ref": "Nobody"}, []),
        ],
    )
    def test_a_provider_that_has_a_name(self, name, expected):
        """The property takes an ARN as well."""
        document = changed("Pool.Properties.CapacityProviderName", name)
        config = document["Resources"]["Function"]["Properties"]["CapacityProviderConfig"]
        config["LambdaManagedInstancesCapacityProviderConfig"]["CapacityProviderArn"] = {"Ref": "Pool"}
        assert ids(document) == expected


class TestAccelerators:
    """Only container images for x86_64 get one."""

    @pytest.mark.parametrize(
        ("properties", "expected"),
        [
            ({}, ["LMI709"]),
            ({"PackageType": "Zip"}, ["LMI709"]),
            ({"PackageType": "Image"}, []),
            ({"PackageType": "Image", "Architectures": ["arm64"]}, ["LMI405", "LMI709"]),
            ({"PackageType": {"Ref": "Nobody"}}, []),
        ],
    )
    def test_ids(self, properties, expected):
        """As far as it is known."""
        document = changed("Function.Properties.AcceleratorConfig", {"AcceleratorMemorySize": 24})
        document["Resources"]["Function"]["Properties"].update(properties)
        assert ids(document) == expected

    def test_a_standard_function(self):
        """Is no concern of this rule."""
        assert ids(changed("Standard.Properties.AcceleratorConfig", {"AcceleratorMemorySize": 24})) == []


class TestPublishing:
    """What serves, what scales and what calls."""

    def test_nothing_published(self):
        """Nothing can serve."""
        document = changed("Version", None)
        del document["Resources"]["Alias"]
        assert ids(document) == ["LMI604"]

    def test_a_second_fleet(self):
        """CloudFormation publishes $LATEST.PUBLISHED unless it is told not to."""
        assert ids(changed("Function.Properties.PublishToLatestPublished", None)) == ["LMI603"]

    @pytest.mark.parametrize(
        ("bounds", "expected"),
        [
            ((0, 0), []),
            (("0", "0"), []),
            ((0, 5), ["LMI602", "LMI603"]),
            ((0, None), ["LMI602", "LMI603"]),
            # Its minimum is 3 then.
            ((None, 0), ["LMI602", "LMI603", "LMI302"]),
            (({"Ref": "Nobody"}, 5), ["LMI602", "LMI603"]),
            # It may well be off.
            (({"Ref": "Nobody"}, 0), []),
            ((0, {"Ref": "Nobody"}), []),
        ],
    )
    def test_a_second_fleet_that_is_switched_off(self, bounds, expected):
        """By bounds of 0, which are not the version's to take over."""
        names = ("MinExecutionEnvironments", "MaxExecutionEnvironments")
        scaling = {name: bound for name, bound in zip(names, bounds, strict=True) if bound is not None}
        document = changed("Function.Properties.FunctionScalingConfig", scaling)
        del document["Resources"]["Function"]["Properties"]["PublishToLatestPublished"]
        del document["Resources"]["Version"]["Properties"]["FunctionScalingConfig"]
        assert ids(document) == expected

    @staticmethod
    def with_second_fleet(publishes=True, **scaling):
        """The function has bounds of its own beside its version's; ``None`` leaves a property out."""
        document = changed("Function.Properties.PublishToLatestPublished", publishes)
        if scaling:
            document["Resources"]["Function"]["Properties"]["FunctionScalingConfig"] = scaling
        return document

    @pytest.mark.parametrize(
        ("publishes", "scaling", "expected"),
        [
            (True, (9, 5), ["LMI302", "LMI603"]),
            (None, (9, 5), ["LMI302", "LMI603"]),
            (True, (3, 20000), ["LMI301", "LMI603"]),
            (True, (500, 600), ["LMI306", "LMI306", "LMI603"]),
            # What it is good for is no question beside the version that serves.
            (True, (1, 5), ["LMI603"]),
            (True, (0, 5), ["LMI603"]),
            (True, (0, 0), []),
            # CloudFormation looks at the range whether it is published or not, and at nothing else.
            (False, (3, 20000), ["LMI301"]),
            (False, (9, 5), []),
            (False, (500, 600), []),
            ({"Ref": "Nobody"}, (9, 5), []),
            ({"Ref": "Nobody"}, (500, 600), []),
        ],
    )
    def test_bounds_of_the_second_fleet(self, publishes, scaling, expected):
        """Are judged at their own place, beside those of the version."""
        bounds = dict(zip(("MinExecutionEnvironments", "MaxExecutionEnvironments"), scaling, strict=True))
        document = self.with_second_fleet(publishes, **bounds)
        violations = check_template(document)
        assert sorted(violation.id for violation in violations) == expected
        places = {place for each in violations if each.id in ("LMI301", "LMI302") for place in each.locations}
        assert all(place.startswith("/Resources/Function/Properties/FunctionScalingConfig/") for place in places)

    @pytest.mark.parametrize(
        ("publishes", "cap", "expected"),
        [
            # 3 vCPU each, and as many for the next version of one, on instances of 4 with 3 for use
            (True, 5, ["LMI306", "LMI306", "LMI309", "LMI603"]),
            (None, 5, ["LMI306", "LMI306", "LMI309", "LMI603"]),
            (True, 15, ["LMI307", "LMI603"]),
            (True, 16, ["LMI603"]),
            (False, 5, ["LMI307", "LMI309"]),
            ({"Ref": "Nobody"}, 5, ["LMI307", "LMI309"]),
        ],
    )
    def test_the_second_fleet_counts(self, publishes, cap, expected):
        """By three execution environments where nothing is stated, as any version."""
        document = self.with_second_fleet(publishes)
        document["Resources"]["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": cap}
        assert sorted(ids(document)) == expected

    def test_the_second_fleet_counts_once_while_traffic_shifts(self):
        """Which is from one number to the next."""
        document = self.with_second_fleet(MinExecutionEnvironments=100, MaxExecutionEnvironments=100)
        resources = document["Resources"]
        resources["Alias"]["UpdatePolicy"] = {"CodeDeployLambdaAliasUpdate": {"ApplicationName": "a"}}
        resources["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 106}
        assert "LMI306" not in ids(document)
        resources["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 105}
        assert [violation.message for violation in check_template(document) if violation.id == "LMI306"] == [
            "CapacityProviderScalingConfig.MaxVCpuCount of Pool must be at least 106 vCPU (3 execution environments of "
            "1 vCPU for Version, twice while traffic shifts, and 100 vCPU for other versions of it), got 105 vCPU",
            "CapacityProviderScalingConfig.MaxVCpuCount of Pool must be at least 106 vCPU (100 execution environments "
            "of 1 vCPU for $LATEST.PUBLISHED, and 6 vCPU for other versions of it), got 105 vCPU",
        ]

    @pytest.mark.parametrize(
        ("qualifier", "expected"),
        [("$LATEST.PUBLISHED", 105), ("${Version.Version}", 103), ("7", 103)],
    )
    def test_a_schedule_of_the_second_fleet(self, qualifier, expected):
        """Raises that one, and not the version's."""
        document = self.with_second_fleet()
        resources = document["Resources"]
        scaling = '"FunctionScalingConfig": {"MinExecutionEnvironments": 100, "MaxExecutionEnvironments": 100}'
        target = {
            "Arn": "arn:aws:scheduler:::aws-sdk:lambda:putFunctionScalingConfig",
            "Input": {"Fn::Sub": f'{{"FunctionName": "${{Function}}", "Qualifier": "{qualifier}", {scaling}}}'},
        }
        resources["Day"] = caller("AWS::Scheduler::Schedule", Target=target)
        resources["Version"]["Properties"]["FunctionScalingConfig"]["MinExecutionEnvironments"] = 5
        resources["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 50}
        messages = [violation.message for violation in check_template(document) if violation.id == "LMI306"]
        assert len(messages) == 2
        assert f"at least {expected} vCPU (100 execution environments" in messages[-1]

    def test_each_of_several_versions_is_named(self):
        """Or the same would be told twice of one place."""
        document = changed("Next", caller("AWS::Lambda::Version", FunctionName={"Ref": "Function"}))
        document["Resources"]["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 5}
        messages = [violation.message for violation in check_template(document) if violation.id == "LMI306"]
        assert len(set(messages)) == len(messages) == 2
        assert ("Version" in messages[0], "Next" in messages[1]) == (True, True)
        assert all("3 vCPU for other versions of it" in message for message in messages)

    def test_functions_on_one_provider_are_told_one_cap(self):
        """After which none of them has anything to say, by whatever is told first."""
        document = changed("Pool.Properties.CapacityProviderScalingConfig", {"MaxVCpuCount": 8})
        second = copy.deepcopy(SOUND["Resources"]["Function"])
        second["Properties"]["MemorySize"] = 16384
        document["Resources"]["Second"] = second
        document["Resources"]["SecondVersion"] = caller("AWS::Lambda::Version", FunctionName={"Ref": "Second"})
        fixes = {each.fix.partition(", or")[0] for each in check_template(document) if each.id == "LMI306"}
        assert fixes == {"set MaxVCpuCount: 40"}
        document["Resources"]["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 39}
        assert [(each.id, each.fix) for each in check_template(document)] == [("LMI307", "set MaxVCpuCount: 40")]
        document["Resources"]["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 40}
        assert ids(document) == []

    @pytest.mark.parametrize("types", [["m7i.2xlarge"], {"Ref": "Nobody"}])
    def test_the_cap_for_all_goes_by_the_instances(self, types):
        """As far as they are known."""
        document = changed("Pool.Properties.CapacityProviderScalingConfig", {"MaxVCpuCount": 2})
        document["Resources"]["Pool"]["Properties"]["InstanceRequirements"] = {"AllowedInstanceTypes": types}
        fixes = [each.fix for each in check_template(document) if each.id == "LMI306"]
        assert fixes == [f"set MaxVCpuCount: {16 if isinstance(types, dict) else 32}, or MinExecutionEnvironments: 2"]

    def test_scaling_on_the_function_behind_an_alias(self):
        """The trap that most public samples are in."""
        document = changed("Function.Properties.FunctionScalingConfig", {"MinExecutionEnvironments": 1})
        del document["Resources"]["Version"]["Properties"]["FunctionScalingConfig"]
        assert ids(document) == ["LMI602"]

    def test_scaling_on_a_standard_function(self):
        """Which Lambda refuses."""
        assert ids(changed("Standard.Properties.FunctionScalingConfig", {"MinExecutionEnvironments": 1})) == ["LMI607"]

    def test_provisioned_concurrency(self):
        """On the version or on the alias."""
        config = {"ProvisionedConcurrentExecutions": 5}
        assert ids(changed("Version.Properties.ProvisionedConcurrencyConfig", config)) == ["LMI605"]
        assert ids(changed("Alias.Properties.ProvisionedConcurrencyConfig", config)) == ["LMI605"]

    @pytest.mark.parametrize(
        ("qualifier", "expected"),
        [
            ("$LATEST", ["LMI610"]),
            ({"Fn::Sub": "$LATEST"}, ["LMI610"]),
            ("live", []),
            ({"Fn::GetAtt": ["Version", "Version"]}, []),
            ({"Ref": "Parameter"}, []),
        ],
    )
    @pytest.mark.parametrize("function", [{"Ref": "Function"}, {"Fn::GetAtt": ["Function", "Arn"]}])
    def test_asynchronous_invocation_of_what_never_serves(self, qualifier, expected, function):
        """As CDK configures it for what its functions are given, and not for what its aliases are."""
        config = caller("AWS::Lambda::EventInvokeConfig", FunctionName=function, Qualifier=qualifier)
        assert ids(changed("Config", config, Parameters={"Parameter": {"Type": "String"}})) == expected
        config["Properties"]["FunctionName"] = {"Ref": "Standard"}
        assert ids(changed("Config", config, Parameters={"Parameter": {"Type": "String"}})) == []

    def test_a_retained_version(self):
        """It keeps its fleet running."""
        assert ids(changed("Version.DeletionPolicy", "Retain")) == ["LMI606"]

    @pytest.mark.parametrize(
        ("policy", "expected"),
        [
            ({"Ref": "Keep"}, ["LMI606"]),
            ({"Fn::If": ["Yes", "Retain", "Delete"]}, ["LMI606"]),
            ({"Fn::FindInMap": ["Stages", "prod", "Policy"]}, ["LMI606"]),
            ({"Fn::If": ["Unknown", "Retain", "Delete"]}, []),
            ({"Ref": "Nobody"}, []),
            ({"Ref": "Drop"}, []),
        ],
    )
    @pytest.mark.parametrize("name", ["DeletionPolicy", "UpdateReplacePolicy"])
    def test_a_policy_that_is_worked_out(self, name, policy, expected):
        """As AWS::LanguageExtensions allows."""
        parameters = {
            id: {"Type": "String", "Default": value} for id, value in (("Keep", "Retain"), ("Drop", "Delete"))
        }
        document = changed(f"Version.{name}", policy, Parameters=parameters, Conditions=CONDITIONS)
        assert ids({**document, "Mappings": {"Stages": {"prod": {"Policy": "Retain"}}}}) == expected

    @pytest.mark.parametrize(
        ("policies", "retaining"),
        [
            ({"DeletionPolicy": "Retain"}, ["DeletionPolicy"]),
            ({"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Delete"}, ["DeletionPolicy"]),
            ({"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Retain"}, ["UpdateReplacePolicy"]),
            ({"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}, ["DeletionPolicy", "UpdateReplacePolicy"]),
        ],
    )
    def test_names_the_policy_that_retains(self, policies, retaining):
        """In message, place and fix; who follows the fix hears no more of it."""
        document = copy.deepcopy(SOUND)
        document["Resources"]["Version"].update(policies)
        (violation,) = check_template(document)
        assert violation.id == "LMI606"
        assert list(violation.fields) == retaining
        assert list(violation.locations) == [f"/Resources/Version/{policy}" for policy in retaining]
        assert violation.message.startswith(f"{retaining[0]} of Version must ")
        assert violation.fix == f"set {' and '.join(retaining)} to Delete"
        document["Resources"]["Version"].update(dict.fromkeys(retaining, "Delete"))
        assert ids(document) == []

    @pytest.mark.parametrize(
        "target",
        [
            {"Ref": "Function"},
            {"Fn::GetAtt": ["Function", "Arn"]},
            {"Fn::GetAtt": "Function.Arn"},
            {"Fn::Sub": "${Function.Arn}"},
            {"Fn::Sub": ["${It}", {"It": {"Fn::GetAtt": ["Function", "Arn"]}}]},
            {
                "Fn::Join": [
                    "",
                    ["arn:aws:apigateway:…/functions/", {"Fn::GetAtt": ["Function", "Arn"]}, "/invocations"],
                ]
            },
            {"Fn::If": ["Yes", {"Ref": "Function"}, {"Ref": "Alias"}]},
        ],
        ids=str,
    )
    def test_a_caller_of_the_function_itself(self, target):
        """However it names the function."""
        mapping = caller("AWS::Lambda::EventSourceMapping", FunctionName=target)
        assert ids(changed("Mapping", mapping, Conditions=CONDITIONS)) == ["LMI601"]

    @pytest.mark.parametrize(
        "target",
        [
            {"Ref": "Alias"},
            {"Ref": "Version"},
            {"Fn::If": ["No", {"Ref": "Function"}, {"Ref": "Alias"}]},
            {"Fn::If": ["Unknown", {"Ref": "Function"}, {"Ref": "Alias"}]},
            {"Fn::Sub": "${Function}:live"},
            {"Fn::Sub": "${!Function}"},
            {"Fn::Join": ["", [{"Fn::GetAtt": ["Function", "Arn"]}, ":live"]]},
            {"Fn::GetAtt": ["Standard", "Arn"]},
            "arn:aws:lambda:eu-west-1:123456789012:function:elsewhere",
        ],
        ids=str,
    )
    def test_a_caller_of_an_alias(self, target):
        """Or of a version, or of something else."""
        mapping = caller("AWS::Lambda::EventSourceMapping", FunctionName=target)
        assert ids(changed("Mapping", mapping, Conditions=CONDITIONS)) == []

    @pytest.mark.parametrize(
        ("kind", "properties", "expected"),
        [
            ("AWS::Events::Rule", {"Targets": [{"Arn": {"Fn::GetAtt": ["Function", "Arn"]}}]}, ["LMI601"]),
            ("AWS::Events::Rule", {"Targets": [{"Arn": {"Ref": "Alias"}, "Input": {"Fn::Sub": "${Function}"}}]}, []),
            ("AWS::Events::Rule", {"Targets": {"Ref": "Targets"}}, []),
            (
                "AWS::S3::Bucket",
                {"NotificationConfiguration": {"LambdaConfigurations": [{"Function": {"Ref": "Function"}}]}},
                ["LMI601"],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {"Definition": {"FunctionName": {"Ref": "Function"}, "Qualifier": "live"}},
                [],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {"Definition": {"FunctionName": {"Ref": "Function"}, "Payload": {"Qualifier": "live"}}},
                ["LMI601"],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {"Definition": {"FunctionName": {"Ref": "Alias"}, "Payload": {"Of": {"Ref": "Function"}}}},
                [],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {
                    "DefinitionString": {
                        "Fn::Sub": '{"States": {"A": {"Parameters": {"FunctionName": "x", "Qualifier": "live"}}, '
                        '"B": {"Resource": "${Function.Arn}"}}}'
                    }
                },
                ["LMI601"],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {
                    "DefinitionString": {
                        "Fn::Sub": '{"A": {"FunctionName": "${Function}", "Qualifier.$": "$.x"}, "Next": "${Function}"}'
                    }
                },
                [],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {"DefinitionString": {"Fn::Sub": '{"Resource": "${Function}", "TimeoutSeconds": ${!Seconds}}'}},
                ["LMI601"],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {"DefinitionString": {"Fn::Sub": '{"A": "${Function}", "Qualifier": ${!Live}}'}},
                [],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {"DefinitionString": {"Fn::Sub": '{"FunctionName": "${Function}", "Qualifier": "live"}'}},
                [],
            ),
            (
                "AWS::StepFunctions::StateMachine",
                {"DefinitionString": {"Fn::Sub": '{"Comment": "no Qualifier", "FunctionName": "${Function}"}'}},
                ["LMI601"],
            ),
            (
                "AWS::ApiGateway::Authorizer",
                {"AuthorizerUri": {"Fn::Sub": "arn/${Function.Arn}/invocations"}},
                ["LMI601"],
            ),
            ("Custom::Thing", {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}, ["LMI601"]),
            ("AWS::CloudFormation::Macro", {"FunctionName": {"Fn::GetAtt": ["Function", "Arn"]}}, ["LMI601"]),
            ("AWS::Config::ConfigRule", {"Source": {"SourceIdentifier": {"Ref": "Alias"}}}, []),
            ("AWS::Config::ConfigRule", {"Source": {"SourceIdentifier": {"Ref": "Function"}}}, ["LMI601"]),
            ("AWS::VpcLattice::TargetGroup", {"Targets": [{"Id": {"Ref": "Function"}}]}, ["LMI601"]),
            (
                "AWS::CodePipeline::Pipeline",
                {
                    "Stages": [
                        {},
                        {
                            "Actions": [
                                {
                                    "ActionTypeId": {"Category": "Invoke"},
                                    "Configuration": {"FunctionName": {"Ref": "Function"}},
                                }
                            ]
                        },
                    ]
                },
                ["LMI601"],
            ),
            (
                "AWS::CodePipeline::Pipeline",
                {"Stages": [{"Actions": [{"Configuration": {"UserParameters": {"Ref": "Function"}}}]}]},
                [],
            ),
            (
                "Custom::S3BucketNotifications",
                {
                    "ServiceToken": "arn",
                    "NotificationConfiguration": {
                        "LambdaFunctionConfigurations": [{"LambdaFunctionArn": {"Fn::GetAtt": ["Function", "Arn"]}}]
                    },
                },
                ["LMI601"],
            ),
            ("AWS::SSM::MaintenanceWindowTask", {"TaskArn": {"Ref": "Function"}}, ["LMI601"]),
            ("AWS::Transfer::Server", {"IdentityProviderDetails": {"Function": {"Ref": "Alias"}}}, []),
            ("AWS::Transfer::Server", {"IdentityProviderDetails": {"Function": {"Ref": "Function"}}}, ["LMI601"]),
            (
                "AWS::AppSync::GraphQLApi",
                {
                    "AdditionalAuthenticationProviders": [
                        {"LambdaAuthorizerConfig": {"AuthorizerUri": {"Ref": "Function"}}}
                    ]
                },
                ["LMI601"],
            ),
            ("AWS::Events::Rule", {"Targets": [{"Arn": {"Fn::Sub": "${Function.Arn}:$LATEST"}}]}, ["LMI601"]),
            ("AWS::Events::Rule", {"Targets": [{"Arn": {"Fn::Sub": "${Function.Arn}:$LATEST.PUBLISHED"}}]}, []),
            ("AWS::Events::Rule", {"Targets": [{"Arn": {"Fn::Sub": "${Function.Arn}${Suffix}"}}]}, []),
            # What CDK's Provider of custom resources calls; another variable says nothing of who is called.
            ("AWS::Lambda::Function", environment(USER_ON_EVENT_FUNCTION_ARN={"Ref": "Function"}), ["LMI601"]),
            (
                "AWS::Lambda::Function",
                environment(USER_IS_COMPLETE_FUNCTION_ARN={"Fn::GetAtt": ["Function", "Arn"]}),
                ["LMI601"],
            ),
            ("AWS::Lambda::Function", environment(USER_ON_EVENT_FUNCTION_ARN={"Ref": "Alias"}), []),
            ("AWS::Lambda::Function", environment(ORDERS_FUNCTION_ARN={"Ref": "Function"}), []),
            (
                "AWS::S3ObjectLambda::AccessPoint",
                {
                    "ObjectLambdaConfiguration": {
                        "TransformationConfigurations": [
                            {
                                "ContentTransformation": {
                                    "AwsLambda": {"FunctionArn": {"Fn::GetAtt": ["Function", "Arn"]}}
                                }
                            }
                        ]
                    }
                },
                ["LMI601"],
            ),
        ],
    )
    def test_what_a_caller_calls(self, kind, properties, expected):
        """Read where each kind of caller names it, and nowhere else."""
        assert ids(changed("Caller", caller(kind, **properties))) == expected

    @pytest.mark.parametrize(
        ("kind", "properties", "expected"),
        [
            ("AWS::Events::Rule", {"Targets": [{"Arn": {"Fn::Sub": f"{ARN}:orders"}}, {"Arn": "arn"}]}, ["LMI601"]),
            ("AWS::CloudWatch::Alarm", {"AlarmActions": ["arn", {"Fn::Sub": f"{ARN}:orders"}]}, ["LMI601"]),
            ("AWS::CloudWatch::Alarm", {"AlarmActions": ["arn", {"Fn::Sub": f"{ARN}:orders:live"}]}, []),
            ("AWS::Cognito::UserPool", {"LambdaConfig": {"A": {"Fn::Sub": f"{ARN}:orders"}, "B": "arn"}}, ["LMI601"]),
            ("AWS::Lambda::Permission", {"FunctionName": "orders"}, ["LMI601"]),
            # A word in something larger is no name.
            ("AWS::ApiGateway::RestApi", {"Body": {"tags": ["orders"]}}, []),
            ("AWS::StepFunctions::StateMachine", {"Definition": {"FunctionName": "orders", "Next": "x"}}, ["LMI601"]),
            ("AWS::StepFunctions::StateMachine", {"Definition": {"FunctionName": "x", "Next": "orders"}}, []),
        ],
    )
    def test_what_a_caller_calls_by_name(self, kind, properties, expected):
        """Whatever stands beside it."""
        document = changed("Caller", caller(kind, **properties))
        document["Resources"]["Function"]["Properties"]["FunctionName"] = "orders"
        assert ids(document) == expected

    @pytest.mark.parametrize(
        ("definition", "expected"),
        [
            ({"DefinitionString": '{"Resource": "${Orders}"}'}, ["LMI601"]),
            ({"DefinitionString": {"Fn::Join": ["", ['{"Resource": "', "${Orders}", '"}']]}}, ["LMI601"]),
            ({"DefinitionString": {"Fn::Sub": '{"Resource": "${!Orders}"}'}}, ["LMI601"]),
            ({"Definition": {"States": {"Work": {"Resource": "${Orders}"}}}}, ["LMI601"]),
            ({"DefinitionString": '{"Resource": "${Orders}:live"}'}, []),
            ({"DefinitionString": '{"Resource": "${Orders}:${Version}"}'}, []),
            ({"DefinitionString": '{"Resource": "${Orders}${Alias}"}'}, []),
            ({"DefinitionString": {"Fn::Sub": '{"Resource": "${!Orders}:live"}'}}, []),
            ({"Definition": {"States": {"Work": {"Resource": "${Orders}:live"}}}}, []),
            ({"DefinitionString": '{"FunctionName": "${Orders}", "Qualifier": "live"}'}, []),
            ({"DefinitionString": '{"Resource": "${Elsewhere}"}'}, []),
            ({"DefinitionString": '{"Resource": "${OrdersOrNot}"}'}, []),
            # Nobody sees what these say.
            ({"DefinitionS3Location": {"Bucket": "definitions", "Key": "orders.asl.json"}}, []),
            ({}, []),
        ],
        ids=str,
    )
    def test_what_a_definition_calls_by_its_substitutions(self, definition, expected):
        """By what stands in the definition around the name, and not by what it could be put into."""
        substitutions: dict[str, Any] = {"Orders": {"Fn::GetAtt": ["Function", "Arn"]}}
        if "OrdersOrNot" in str(definition):
            substitutions["OrdersOrNot"] = {"Fn::If": ["Unknown", substitutions["Orders"], {"Ref": "Alias"}]}
        machine = caller("AWS::StepFunctions::StateMachine", DefinitionSubstitutions=substitutions, **definition)
        assert ids(changed("Machine", machine, Conditions=CONDITIONS)) == expected

    @pytest.mark.parametrize("substitutions", [None, [], "what", {"Ref": "Parameter"}, {"Orders": None}], ids=str)
    def test_substitutions_that_are_none(self, substitutions):
        """Whatever stands there instead."""
        properties = {"DefinitionSubstitutions": substitutions, "DefinitionString": '{"Resource": "${Orders}"}'}
        assert ids(changed("Machine", caller("AWS::StepFunctions::StateMachine", **properties))) == []

    def test_names_who_calls_what(self):
        """As the template does."""
        mapping = caller("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Function"})
        document = changed("Mapping", mapping)
        document["Resources"]["Second"] = copy.deepcopy(mapping)
        (violation,) = check_template(document)
        assert violation.message.startswith("Mapping, Second must call an alias or a version of Function,")
        assert violation.fields[0] == "callers"

    @pytest.mark.parametrize(
        "more",
        [
            {"Resources": {"Alias": caller("AWS::Lambda::Alias", Name="live", FunctionName={"Ref": "Function"})}},
            {"Resources": {"Nested": caller("AWS::CloudFormation::Stack", Parameters={"F": {"Ref": "Function"}})}},
            {"Resources": {"Nested": caller("AWS::CloudFormation::StackSet", Parameters=[{"Ref": "Function"}])}},
            {
                "Resources": {
                    "Product": caller(
                        "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
                        ProvisioningParameters=[{"Key": "F", "Value": {"Ref": "Function"}}],
                    )
                }
            },
            {"Resources": {"Publisher": caller("Custom::Publisher", ServiceToken="arn", F={"Ref": "Function"})}},
            {"Resources": {"Publisher": caller("AWS::CloudFormation::CustomResource", F={"Ref": "Function"})}},
            {"Resources": {"Publisher": caller("Acme::Lambda::Publisher", FunctionName={"Ref": "Function"})}},
            {"Resources": {"Publisher": caller("Acme::Lambda::Publish::MODULE", F={"Ref": "Function"})}},
            # What a module makes may name the function, which has a name of its own.
            {"Resources": {"Publisher": caller("Acme::Lambda::Publish::MODULE")}},
            {"Resources": {"Nested": caller("AWS::Serverless::Application", Parameters={"F": {"Ref": "Function"}})}},
            {"Resources": {"Fn::ForEach::Versions": ["x", ["1"], {}]}},
            {"Outputs": {"F": {"Value": {"Ref": "Function"}, "Export": {"Name": "f"}}}},
        ],
    )
    def test_what_may_be_published_elsewhere_is_not_known_to_be_missing(self, more):
        """By another template, a macro or a pipeline."""
        document = changed("Alias", None)
        del document["Resources"]["Version"]
        assert ids(document) == ["LMI604"]
        document["Resources"].update(more.get("Resources", {}))
        assert ids({**document, "Outputs": more.get("Outputs", {})}) == []

    @pytest.mark.parametrize(
        "more",
        [
            caller("Acme::Lambda::Publisher", FunctionName={"Ref": "Standard"}),
            caller("AWS::SSM::Parameter", Type="String", Value={"Ref": "Function"}),
            caller("Alexa::ASK::Skill", SkillPackage={"Function": {"Ref": "Function"}}),
        ],
        ids=lambda more: more["Type"],
    )
    def test_what_publishes_nothing(self, more):
        """It gets another function, or has nobody's code behind it."""
        document = changed("Alias", None)
        document["Resources"]["Version"] = more
        assert ids(document) == ["LMI604"]

    @pytest.mark.parametrize(
        ("version", "publishes", "expected"),
        [
            ("$LATEST.PUBLISHED", False, ["LMI604"]),
            ({"Fn::Sub": "$LATEST.PUBLISHED"}, False, ["LMI604"]),
            ("$LATEST.PUBLISHED", True, []),
            ("$LATEST.PUBLISHED", {"Ref": "Nobody"}, []),
            ("$LATEST", False, ["LMI604", "LMI611"]),
            # Somebody may have published these.
            ("7", False, []),
            ({"Ref": "Nobody"}, False, []),
            (None, False, []),
        ],
    )
    def test_an_alias_where_the_template_publishes_nothing(self, version, publishes, expected):
        """It names a version by its number, or what no number is published for."""
        document = changed("Version", None)
        document["Resources"]["Alias"]["Properties"]["FunctionVersion"] = version
        document["Resources"]["Function"]["Properties"]["PublishToLatestPublished"] = publishes
        assert ids(document) == expected

    @pytest.mark.parametrize(
        ("scaling", "expected"),
        [
            ({"MinExecutionEnvironments": 20, "MaxExecutionEnvironments": 5}, ["LMI302"]),
            ({"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 5}, ["LMI305"]),
            ({"MinExecutionEnvironments": 399, "MaxExecutionEnvironments": 400}, ["LMI306"]),
        ],
    )
    def test_a_second_version(self, scaling, expected):
        """It runs a fleet as well, whether an alias sends traffic to it or not."""
        version = caller("AWS::Lambda::Version", FunctionName={"Ref": "Function"}, FunctionScalingConfig=scaling)
        assert sorted(set(ids(changed("Next", version)))) == expected

    def test_a_version_that_some_of_the_traffic_goes_to(self):
        """It serves, by its weight, and has no scaling of its own."""
        document = changed("Next", caller("AWS::Lambda::Version", FunctionName={"Ref": "Function"}))
        function = document["Resources"]["Function"]["Properties"]
        function["FunctionScalingConfig"] = {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 5}
        assert ids(document) == []
        weights = [{"FunctionVersion": {"Fn::GetAtt": ["Next", "Version"]}, "FunctionWeight": 0.1}]
        document["Resources"]["Alias"]["Properties"]["RoutingConfig"] = {"AdditionalVersionWeights": weights}
        assert ids(document) == ["LMI602"]

    @pytest.mark.parametrize("version", ["$LATEST", {"Fn::Sub": "$LATEST"}])
    def test_an_alias_of_what_never_serves(self, version):
        """Lambda refuses what comes by it."""
        assert ids(changed("Alias.Properties.FunctionVersion", version)) == ["LMI611"]
        alias = caller("AWS::Lambda::Alias", Name="next", FunctionName={"Ref": "Function"}, FunctionVersion=version)
        (violation,) = check_template(changed("Next", alias))
        assert (violation.id, violation.locations[0]) == ("LMI611", "/Resources/Next/Properties/FunctionVersion")

    @pytest.mark.parametrize("function", ["function:${Function}:live", "function:${Function}:7"])
    def test_provisioned_concurrency_that_is_scaled(self, function):
        """By Application Auto Scaling, which provisions it."""
        target = caller(
            "AWS::ApplicationAutoScaling::ScalableTarget",
            ResourceId={"Fn::Sub": function},
            ScalableDimension="lambda:function:ProvisionedConcurrency",
        )
        assert ids(changed("Scaling", target)) == ["LMI605"]
        target["Properties"]["ScalableDimension"] = "dynamodb:table:ReadCapacityUnits"
        assert ids(changed("Scaling", target)) == []

    def test_provisioned_concurrency_of_a_function_that_has_a_name(self):
        """By its name, as Application Auto Scaling writes it."""
        target = caller(
            "AWS::ApplicationAutoScaling::ScalableTarget",
            ResourceId="function:orders:live",
            ScalableDimension="lambda:function:ProvisionedConcurrency",
        )
        document = changed("Scaling", target)
        document["Resources"]["Function"]["Properties"]["FunctionName"] = "orders"
        assert ids(document) == ["LMI605"]

    @pytest.mark.parametrize(
        ("qualifier", "expected"),
        [
            (', "Qualifier": "live"', ["LMI314"]),
            ("", ["LMI314"]),
            (', "Qualifier": "${Version.Version}"', []),
            (', "Qualifier": "3"', []),
            # These come to ARNs.
            (', "Qualifier": "${Alias}"', ["LMI314"]),
            (', "Qualifier": "${Version}"', ["LMI314"]),
            (', "Qualifier": "${Version.FunctionArn}"', ["LMI314"]),
            # And these to what nobody knows.
            (', "Qualifier": "${Nobody}"', []),
            (', "Qualifier": "${Nobody.Version}"', []),
            (', "Qualifier": "${Version.Version}${Nobody}"', []),
            (', "Qualifier": 3', []),
        ],
    )
    def test_a_schedule_of_no_version(self, qualifier, expected):
        """Lambda takes numbers, and no alias."""
        bounds = '"FunctionScalingConfig": {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 3}'
        target = {
            "Arn": "arn:aws:scheduler:::aws-sdk:lambda:putFunctionScalingConfig",
            "Input": {"Fn::Sub": f'{{"FunctionName": "${{Function}}"{qualifier}, {bounds}}}'},
        }
        assert ids(changed("Night", caller("AWS::Scheduler::Schedule", Target=target))) == expected

    @pytest.mark.parametrize(
        ("qualifier", "expected"),
        [
            ({"Ref": "Alias"}, ["LMI314"]),
            ({"Ref": "Version"}, ["LMI314"]),
            ({"Fn::GetAtt": ["Version", "Version"]}, []),
        ],
    )
    def test_a_schedule_whose_input_is_joined(self, qualifier, expected):
        """As CDK writes it."""
        bounds = '"FunctionScalingConfig": {"MinExecutionEnvironments": 3, "MaxExecutionEnvironments": 3}'
        parts = ['{"FunctionName": "', {"Ref": "Function"}, '", "Qualifier": "', qualifier, f'", {bounds}}}']
        target = {
            "Arn": "arn:aws:scheduler:::aws-sdk:lambda:putFunctionScalingConfig",
            "Input": {"Fn::Join": ["", parts]},
        }
        assert ids(changed("Night", caller("AWS::Scheduler::Schedule", Target=target))) == expected

    def test_a_second_alias(self):
        """Has a name as well."""
        alias = caller("AWS::Lambda::Alias", Name="12", FunctionName={"Ref": "Function"}, FunctionVersion="1")
        assert ids(changed("Second", alias)) == ["LMI608"]

    def test_the_aliases_of_a_standard_function(self):
        """Are no concern of this library, however many there are."""
        document = copy.deepcopy(SOUND)
        for id in ("First", "Second"):
            names = {"Name": "12", "FunctionName": {"Ref": "Standard"}, "FunctionVersion": "1"}
            document["Resources"][id] = caller("AWS::Lambda::Alias", **names)
        assert ids(document) == []

    @pytest.mark.parametrize(("condition", "expected"), [("Yes", ["LMI701"]), ("No", []), ("Unknown", ["LMI701"])])
    def test_a_condition_that_is_not_met(self, condition, expected):
        """Leaves the resource out."""
        document = changed("Function.Properties.Runtime", "python3.12", Conditions=CONDITIONS)
        document["Resources"]["Function"]["Condition"] = condition
        assert ids(document) == expected

    def test_fleets_that_may_not_be_there_together(self):
        """Only what is sure to be there adds up."""
        second = {
            **copy.deepcopy(SOUND["Resources"]["Function"]),
            "Properties": {**SOUND["Resources"]["Function"]["Properties"], "PublishToLatestPublished": True},
        }
        second["Properties"]["FunctionScalingConfig"] = {
            "MinExecutionEnvironments": 399,
            "MaxExecutionEnvironments": 400,
        }
        document = changed("Second", second, Conditions=CONDITIONS)
        assert "LMI306" in ids(document)
        document["Resources"]["Second"]["Condition"] = "Unknown"
        assert "LMI306" not in [v.id for v in check_template(document) if v.resource == "Function"]

    @pytest.mark.parametrize(("condition", "expected"), [("Yes", []), ("Unknown", []), (None, ["LMI306", "LMI306"])])
    def test_fleets_that_are_never_on_one_provider_together(self, condition, expected):
        """The condition that has one of two functions there has the other elsewhere."""
        large = {"MinExecutionEnvironments": 150, "MaxExecutionEnvironments": 300}
        document = changed("Version.Properties.FunctionScalingConfig", large, Conditions=CONDITIONS)
        resources = document["Resources"]
        for kind in ("Function", "Version"):
            resources[f"Other{kind}"] = copy.deepcopy(resources[kind])
        resources["OtherVersion"]["Properties"]["FunctionName"] = {"Ref": "OtherFunction"}
        resources["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 250}
        elsewhere = {"Fn::ImportValue": "pool"}
        for id, arns in (("Function", [PROVIDER_ARN, elsewhere]), ("OtherFunction", [elsewhere, PROVIDER_ARN])):
            config = on_pool(ExecutionEnvironmentMemoryGiBPerVCpu=4)
            arn = {"Fn::If": [condition, *arns]} if condition else PROVIDER_ARN
            config["LambdaManagedInstancesCapacityProviderConfig"]["CapacityProviderArn"] = arn
            resources[id]["Properties"]["CapacityProviderConfig"] = config
        assert [id for id in ids(document) if id == "LMI306"] == expected

    def test_a_fleet_that_one_of_two_functions_has(self):
        """Where a condition decides whose version it is, not both have it."""
        document = changed("Other", copy.deepcopy(SOUND["Resources"]["Function"]), Conditions=CONDITIONS)
        large = caller(
            "AWS::Lambda::Version",
            FunctionName={"Fn::If": ["Unknown", {"Ref": "Function"}, {"Ref": "Other"}]},
            FunctionScalingConfig={"MinExecutionEnvironments": 150, "MaxExecutionEnvironments": 300},
        )
        document["Resources"]["Large"] = large
        document["Resources"]["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 250}
        assert "LMI306" not in ids(document)

    @pytest.mark.parametrize(("condition", "expected"), [("Yes", ["LMI405"]), ("No", []), ("Unknown", [])], ids=str)
    def test_a_capacity_provider_by_condition(self, condition, expected):
        """The one that it is, where that is known."""
        document = changed("Function.Properties.CapacityProviderConfig", None, Conditions=CONDITIONS)
        other = copy.deepcopy(SOUND["Resources"]["Pool"])
        other["Properties"]["InstanceRequirements"] = {"Architectures": ["arm64"]}
        document["Resources"]["Other"] = other
        config = on_pool(ExecutionEnvironmentMemoryGiBPerVCpu=4)
        arn = {"Fn::If": [condition, {"Fn::GetAtt": ["Other", "Arn"]}, PROVIDER_ARN]}
        config["LambdaManagedInstancesCapacityProviderConfig"]["CapacityProviderArn"] = arn
        document["Resources"]["Function"]["Properties"]["CapacityProviderConfig"] = config
        assert ids(document) == expected

    def test_a_url_with_a_qualifier(self):
        """It stands beside the function there."""
        url = caller("AWS::Lambda::Url", TargetFunctionArn={"Fn::GetAtt": ["Function", "Arn"]}, Qualifier="live")
        assert ids(changed("Url", url)) == []


class TestFollowing:
    """Intrinsic functions, as far as the template alone tells."""

    PARAMETERS: ClassVar = {"Memory": {"Type": "Number", "Default": "2096"}, "Open": {"Type": "Number"}}
    CONDITIONS: ClassVar = {
        "Yes": {"Fn::Equals": [{"Ref": "Memory"}, "2096"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Both": {"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]},
        "Unknown": {"Fn::Equals": [{"Ref": "Open"}, 1]},
        "Circle": {"Fn::Or": [{"Condition": "Circle"}, {"Condition": "Circle"}]},
    }

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ({"Ref": "Memory"}, ["LMI104"]),
            ({"Ref": "Open"}, []),
            ({"Ref": "AWS::Region"}, []),
            ({"Ref": "AWS::NoValue"}, ["LMI104"]),
            ({"Fn::If": ["Yes", 2096, 4096]}, ["LMI104"]),
            ({"Fn::If": ["No", 2096, 4096]}, []),
            ({"Fn::If": ["Both", 2096, 4096]}, []),
            ({"Fn::If": ["Unknown", 2096, 4096]}, []),
            ({"Fn::If": ["Unknown", 2096, 2096]}, ["LMI104"]),
            ({"Fn::If": ["Circle", 2096, 4096]}, []),
            ({"Fn::If": ["Nowhere", 2096, 4096]}, []),
            ({"Fn::Select": [1, [4096, 2096]]}, ["LMI104"]),
            ({"Fn::Select": [5, [4096, 2096]]}, []),
            ({"Fn::Select": ["0", {"Fn::Split": [",", "2096,4096"]}]}, ["LMI104"]),
            ({"Fn::Join": ["", ["20", "96"]]}, ["LMI104"]),
            ({"Fn::Sub": "${Memory}"}, ["LMI104"]),
            ({"Fn::FindInMap": ["Sizes", "small", "memory"]}, ["LMI104"]),
            ({"Fn::FindInMap": ["Sizes", "none", "memory"]}, []),
            ({"Fn::ImportValue": "memory"}, []),
            ({"Fn::Transform": {"Name": "x"}}, []),
            ("{{resolve:ssm:/shop/memory}}", []),
        ],
        ids=str,
    )
    def test_a_value(self, value, expected):
        """Followed, or unknown; never guessed."""
        document = changed(
            "Function.Properties.MemorySize",
            value,
            Parameters=self.PARAMETERS,
            Conditions=self.CONDITIONS,
            Mappings={"Sizes": {"small": {"memory": 2096}}},
        )
        assert ids(document) == expected

    @pytest.mark.parametrize(("zones", "expected"), [("aa", ["LMI403"]), ("ab", [])])
    def test_the_zones_of_subnets_that_the_template_defines(self, zones, expected):
        """Counted, by name or by what selects them."""
        document = changed("Pool.Properties.VpcConfig.SubnetIds", [{"Ref": f"Subnet{n}"} for n, _ in enumerate(zones)])
        for number, zone in enumerate(zones):
            document["Resources"][f"Subnet{number}"] = caller(
                "AWS::EC2::Subnet", AvailabilityZone={"Fn::Select": [ord(zone), {"Fn::GetAZs": ""}]}
            )
        assert ids(document) == expected

    def test_zones_that_come_to_nothing_are_not_known(self):
        """The subnets may lie in any zones then."""
        document = changed("Pool.Properties.VpcConfig.SubnetIds", [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}])
        for id in ("SubnetA", "SubnetB"):
            document["Resources"][id] = caller("AWS::EC2::Subnet", AvailabilityZone={"Ref": "AWS::NoValue"})
        assert ids(document) == []

    def test_a_log_group_that_the_template_defines(self):
        """By its name."""
        document = changed("Pool.Properties.TelemetryConfig", {"LoggingConfig": {"LogGroup": {"Ref": "Logs"}}})
        document["Resources"]["Logs"] = caller("AWS::Logs::LogGroup", LogGroupName="aws/pool")
        assert ids(document) == ["LMI412"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Function", "Pool"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=6)
            | st.sampled_from(
                [
                    "Ref",
                    "Fn::If",
                    "Fn::Sub",
                    "Fn::Join",
                    "Fn::GetAtt",
                    "Fn::Select",
                    "Fn::Split",
                    "Fn::FindInMap",
                    "Condition",
                    "Type",
                    "Properties",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
paths = st.sampled_from(
    [
        f"{id}.Properties.{name}"
        for id, resource in SOUND["Resources"].items()
        for name in (
            *resource["Properties"],
            "Architectures",
            "FunctionScalingConfig",
            "InstanceRequirements",
            "VpcConfig",
        )
    ]
    + ["Function.Type", "Version.Properties", "Alias.Properties", "Pool.Properties", "Version.DeletionPolicy"]
)


@pytest.mark.untraced
class TestHostileInput:
    """Whatever it is given, it answers."""

    @given(paths, json_values)
    def test_anything_in_any_place(self, path, value):
        """Wrong types are no reason to break."""
        if value is not None:
            assert isinstance(check_template(changed(path, value)), list)

    @given(st.dictionaries(st.sampled_from(["Resources", "Parameters", "Conditions", "Mappings"]), json_values))
    def test_any_document(self, document):
        """Nor are documents that are no templates."""
        assert isinstance(check_template(document), list)

    @pytest.mark.parametrize("document", [None, [], "text", 5])
    def test_no_document_at_all(self, document):
        """Said plainly."""
        with pytest.raises(TypeError, match="template must be an object"):
            check_template(document)

    @pytest.mark.parametrize("place", ["Runtime", "CapacityProviderConfig", "Role"])
    def test_values_that_double(self, place):
        """Forty lines that say a terabyte come to nothing, and soon."""
        value: Any = "x"
        for _ in range(40):
            value = {"Fn::Sub": ["${a}${a}", {"a": value}]}
        parameters = {f"P{n}": {"Type": "String", "Default": {"Fn::Sub": f"${{P{n + 1}}}" * 2}} for n in range(40)}
        for written in (value, {"Ref": "P0"}, {"Fn::Sub": "${P}" * 300_000}):
            document = changed(f"Function.Properties.{place}", written)
            document["Parameters"] = {**parameters, "P": {"Type": "String", "Default": "x" * 1000}}
            document["Conditions"] = {"C": {"Fn::Equals": [written, "x"]}}
            document["Resources"]["Url"] = caller("AWS::Lambda::Url", TargetFunctionArn=written)
            assert isinstance(check_template(document), list)

    def test_deep_nesting(self):
        """Deeper than anything that CloudFormation takes."""
        value: Any = "x"
        for _ in range(500):
            value = {"Fn::Join": ["", [value]]}
        assert ids(changed("Function.Properties.Runtime", value)) == []
        assert ids(changed("Mapping", caller("AWS::Lambda::EventSourceMapping", FunctionName=value))) == []


class TestLocations:
    """A violation says where it stands: the same table, read backwards."""

    @pytest.mark.parametrize(
        ("path", "value", "expected"),
        [
            ("Function.Properties.MemorySize", 2096, "/Resources/Function/Properties/MemorySize"),
            (
                "Version.Properties.FunctionScalingConfig.MinExecutionEnvironments",
                13,
                "/Resources/Version/Properties/FunctionScalingConfig/MinExecutionEnvironments",
            ),
            ("Version.DeletionPolicy", "Retain", "/Resources/Version/DeletionPolicy"),
            ("Alias.Properties.Name", "7", "/Resources/Alias/Properties/Name"),
            (
                "Alias.Properties.ProvisionedConcurrencyConfig",
                {"ProvisionedConcurrentExecutions": 1},
                "/Resources/Alias/Properties/ProvisionedConcurrencyConfig",
            ),
            ("Pool.Properties.CapacityProviderName", "pool", "/Resources/Pool/Properties/CapacityProviderName"),
            (
                "Config",
                caller("AWS::Lambda::EventInvokeConfig", FunctionName={"Ref": "Function"}, Qualifier="$LATEST"),
                "/Resources/Config/Properties/Qualifier",
            ),
            (
                "a/b~c",
                caller("AWS::Lambda::Url", TargetFunctionArn={"Fn::GetAtt": ["Function", "Arn"]}),
                "/Resources/a~1b~0c/Properties/TargetFunctionArn",
            ),
        ],
    )
    def test_first_location(self, path, value, expected):
        """Of what must change, on the resource that it belongs to."""
        (violation,) = check_template(changed(path, value))
        assert violation.locations[0] == expected

    def test_of_a_property_left_out(self):
        """Where it would stand."""
        (violation,) = check_template(changed("Function.Properties.MemorySize", None))
        assert violation.locations[0] == "/Resources/Function/Properties/MemorySize"


class TestTemplatesOfOthers:
    """Apps written on aws-cdk-lib alone, in the ways that public samples are."""

    def test_the_l2_as_its_readme_shows_it(self, stack, synthesize):
        """No memory, a burstable type, an unqualified integration, scaling on the function behind an alias."""
        vpc = ec2.Vpc(stack, "Vpc")
        provider = lambda_.CapacityProvider(
            stack,
            "Pool",
            capacity_provider_name="pool",
            subnets=vpc.private_subnets,
            security_groups=[ec2.SecurityGroup(stack, "Group", vpc=vpc)],
            instance_type_filter=lambda_.InstanceTypeFilter.allow([ec2.InstanceType("t3.large")]),
        )
        function = lambda_.Function(
            stack,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="a.b",
            code=lambda_.Code.from_inline("def b(event, context): ..."),
        )
        provider.add_function(
            function,
            execution_environment_memory_gib_per_v_cpu=4,
            latest_published_scaling_config=lambda_.LatestPublishedScalingConfig(
                min_execution_environments=1, max_execution_environments=4
            ),
        )
        lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
        apigateway.RestApi(stack, "Api").root.add_method("GET", apigateway.LambdaIntegration(function))
        assert ids(synthesize(stack)) == ["LMI407", "LMI411", "LMI104", "LMI601", "LMI602", "LMI603", "LMI701"]


class TestAliasesOfOneName:
    """Lambda refuses the second: names of aliases are unique within a function."""

    @staticmethod
    def alias(name, function={"Ref": "Function"}, **attributes):  # noqa: B006 - nobody changes it
        return {**caller("AWS::Lambda::Alias", Name=name, FunctionName=function, FunctionVersion="1"), **attributes}

    @pytest.mark.parametrize(
        "name", ["live", {"Fn::Sub": "live"}, {"Ref": "Name"}, {"Fn::If": ["Yes", "live", "next"]}], ids=str
    )
    @pytest.mark.parametrize("function", [{"Ref": "Function"}, {"Fn::GetAtt": ["Function", "Arn"]}, "orders"], ids=str)
    def test_is_told_at_the_second(self, name, function):
        """However it says name and function."""
        parameters = {"Name": {"Type": "String", "Default": "live"}}
        document = changed("Second", self.alias(name, function), Conditions=CONDITIONS, Parameters=parameters)
        document["Resources"]["Function"]["Properties"]["FunctionName"] = "orders"
        (violation,) = check_template(document)
        assert (violation.id, violation.resource, violation.fields) == ("LMI612", "Function", ("Name",))
        assert violation.locations == ("/Resources/Second/Properties/Name",)
        assert violation.message == (
            "Name of Second must be the name of no other alias of the function, got 'live', the name of Alias"
        )
        assert violation.fix == "choose another name, or leave out Alias"

    @pytest.mark.parametrize(
        "second",
        [
            alias("next"),
            alias("Live"),
            alias({"Ref": "AWS::StackName"}),
            alias({"Fn::If": ["Unknown", "live", "next"]}),
            alias("live", {"Ref": "Standard"}),
            alias("live", {"Fn::If": ["Unknown", {"Ref": "Function"}, {"Ref": "Standard"}]}),
            alias("live", Condition="No"),
            alias("live", Condition="Unknown"),
        ],
        ids=str,
    )
    def test_is_not_told_where_there_may_be_one(self, second):
        """Of another name or function, or unless a condition is met that nobody knows."""
        assert ids(changed("Second", second, Conditions=CONDITIONS)) == []

    def test_is_told_of_those_that_are_there(self):
        """Whatever comes before them, each time naming the first."""
        document = changed("Alias.Condition", "Unknown", Conditions=CONDITIONS)
        document["Resources"].update(
            Second=self.alias("live"), Unknown=self.alias({"Ref": "AWS::StackName"}), Third=self.alias("live")
        )
        (violation,) = check_template(document)
        assert violation.locations == ("/Resources/Third/Properties/Name",)
        document["Resources"].update(Fourth=self.alias("next"), Fifth=self.alias("live"), Sixth=self.alias("next"))
        assert [(each.locations, each.message.rpartition(" ")[2]) for each in check_template(document)] == [
            (("/Resources/Third/Properties/Name",), "Second"),
            (("/Resources/Fifth/Properties/Name",), "Second"),
            (("/Resources/Sixth/Properties/Name",), "Fourth"),
        ]

    def test_an_alias_is_no_other_than_itself(self):
        """However often it names its function."""
        twice = {"Fn::Join": ["", [{"Ref": "Function"}, {"Ref": "Function"}]]}
        assert ids(changed("Alias.Properties.FunctionName", twice)) == []


def test_the_orders_api_is_sound():
    """The template of the example, as the snapshot has it."""
    snapshot = (
        Path(__file__).parents[1] / "orders_api" / "__snapshots__" / "test_stack" / "TestTemplate.test_snapshot.json"
    )
    assert check_template(json.loads(snapshot.read_text(encoding="utf-8"))) == []


class TestVersionsOnAPool:
    """Lambda takes 100 versions on one capacity provider, old ones and new ones of an update together."""

    @staticmethod
    def of(functions, versions=1, **of_version):
        """A pool with so many functions on it, each with so many versions."""
        resources = {"Pool": copy.deepcopy(SOUND["Resources"]["Pool"])}
        resources["Pool"]["Properties"]["CapacityProviderScalingConfig"] = {"MaxVCpuCount": 15000}
        for number in range(functions):
            resources[f"Function{number}"] = copy.deepcopy(SOUND["Resources"]["Function"])
            for version in range(versions):
                resources[f"Version{number}x{version}"] = {
                    "Type": "AWS::Lambda::Version",
                    "Properties": {"FunctionName": {"Ref": f"Function{number}"}},
                    **of_version,
                }
        return {"Conditions": {"Maybe": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}, "Resources": resources}

    @staticmethod
    def told(template):
        return [
            (violation.resource, violation.severity.value)
            for violation in check_template(template)
            if violation.id == "LMI421"
        ]

    @pytest.mark.parametrize(
        ("functions", "versions", "severity"),
        [
            (50, 1, None),
            (51, 1, "warning"),
            (100, 1, "warning"),
            (101, 1, "error"),
            (1, 99, None),
            (1, 100, "warning"),
            (2, 51, "error"),
        ],
    )
    def test_they_are_counted(self, functions, versions, severity):
        """Once for the pool, however many functions are on it."""
        assert self.told(self.of(functions, versions)) == ([("Pool", severity)] if severity else [])

    def test_what_may_not_be_there_does_not_count(self):
        """Not a version that a condition decides on, and not one of a function that may be on another pool."""
        assert self.told(self.of(101, Condition="Maybe")) == []
        template = self.of(101)
        template["Resources"]["Function7"]["Condition"] = "Maybe"
        assert self.told(template) == [("Pool", "warning")]
        config = on_pool()["LambdaManagedInstancesCapacityProviderConfig"]
        config["CapacityProviderArn"] = {"Fn::If": ["Maybe", PROVIDER_ARN, f"{ARN}:elsewhere"]}
        template = self.of(51)
        template["Resources"]["Function7"]["Properties"]["CapacityProviderConfig"] = {
            "LambdaManagedInstancesCapacityProviderConfig": config
        }
        assert self.told(template) == []
        template = self.of(51)
        template["Resources"]["Version7x0"]["Properties"]["FunctionName"] = {
            "Fn::If": ["Maybe", {"Ref": "Function7"}, {"Ref": "Function8"}]
        }
        assert self.told(template) == []
