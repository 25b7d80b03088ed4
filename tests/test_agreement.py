"""One configuration, judged at every door: the constructs, a template, the command line, the validator."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import (
    ManagedInstanceCapacityProvider,
    ManagedInstanceError,
    ManagedInstanceFunction,
    ManagedInstanceValidator,
    check_template,
)
from cdk_lmi.cli import main

CODE = "def handler(event, context): ..."


def function(stack, **keywords):
    """A function with a capacity provider and a network of its own."""
    defaults = {
        "runtime": lambda_.Runtime.PYTHON_3_14,
        "handler": "index.handler",
        "code": lambda_.Code.from_inline(CODE),
    }
    return ManagedInstanceFunction(stack, "ListOrders", **{**defaults, **keywords})


def capacity_provider(stack, **keywords):
    """A capacity provider with a network of its own."""
    return ManagedInstanceCapacityProvider(stack, "Pool", **keywords)


CASES = [
    (function, {}, []),
    (function, {"memory_size": 1024}, ["LMI101"]),
    (function, {"memory_size": 3000}, ["LMI105"]),
    (function, {"memory_size": 65536}, ["LMI102"]),
    (function, {"execution_environment_memory_gib_per_v_cpu": 3}, ["LMI103"]),
    (function, {"execution_environment_memory_gib_per_v_cpu": 4}, ["LMI104"]),
    (function, {"ephemeral_storage_size": cdk.Size.mebibytes(20480)}, ["LMI106"]),
    (function, {"per_execution_environment_max_concurrency": 2000}, ["LMI107", "LMI201"]),
    (function, {"per_execution_environment_max_concurrency": 65, "runtime": lambda_.Runtime.NODEJS_22_X}, ["LMI202"]),
    (function, {"per_execution_environment_max_concurrency": 17}, ["LMI203"]),
    (function, {"per_execution_environment_max_concurrency": 64}, ["LMI107", "LMI203"]),
    (function, {"max_execution_environments": 20000}, ["LMI301"]),
    (function, {"max_execution_environments": 2}, ["LMI302"]),
    (function, {"min_execution_environments": 0}, ["LMI303"]),
    (function, {"min_execution_environments": 1}, ["LMI305"]),
    (function, {"min_execution_environments": 401}, ["LMI306"]),
    (function, {"min_execution_environments": 400}, ["LMI307"]),
    (function, {"runtime": lambda_.Runtime.PYTHON_3_12}, ["LMI701"]),
    (function, {"timeout": cdk.Duration.seconds(901)}, ["LMI708"]),
    (function, {"timeout": cdk.Duration.seconds(6000)}, ["LMI708"]),
    (function, {"alias_name": "prod"}, []),
    (capacity_provider, {}, []),
    (capacity_provider, {"max_v_cpu_count": 20000}, ["LMI308"]),
    (capacity_provider, {"max_v_cpu_count": 11}, ["LMI309"]),
    (capacity_provider, {"scaling_options": lambda_.ScalingOptions.manual([])}, ["LMI310"]),
    (
        capacity_provider,
        {"instance_type_filter": lambda_.InstanceTypeFilter.allow([ec2.InstanceType("t3.large")])},
        ["LMI407"],
    ),
    (
        capacity_provider,
        {"instance_type_filter": lambda_.InstanceTypeFilter.allow([ec2.InstanceType("x2idn.large")])},
        ["LMI408"],
    ),
    (
        capacity_provider,
        {"instance_type_filter": lambda_.InstanceTypeFilter.allow([ec2.InstanceType("m7g.large")])},
        ["LMI409"],
    ),
    (capacity_provider, {"capacity_provider_name": "pool"}, ["LMI411"]),
    (
        capacity_provider,
        {"propagate_tags": lambda_.PropagateTags.explicit({str(n): "x" for n in range(41)})},
        ["LMI413"],
    ),
]


@pytest.fixture
def new_stack(tmp_path):
    """Give a new app with one stack, and its cloud assembly once it is synthesised."""

    def make(name):
        app = cdk.App(outdir=str(tmp_path / name))
        return cdk.Stack(app, "Shop"), tmp_path / name

    return make


def told_by_the_construct(construct, keywords, stack, warned):
    """What it refuses, or else warns of."""
    try:
        return warned(construct(stack, **keywords))
    except ManagedInstanceError as error:
        return sorted(violation.id for violation in error.violations)


def told_by_the_command(path, capsys):
    """Each finding of ``cdk-lmi check``: the id, and whether it was acknowledged."""
    main(["check", str(path), "--format", "json"])
    report = json.loads(capsys.readouterr().out)
    assert report["unreadable"] == []
    return sorted(
        (result["id"], result["acknowledged"] is not None)
        for template in report["templates"]
        for result in template["results"]
    )


def told_by_the_validator(template, stack, outdir):
    """What a plugin reports of the same resources in an app that does not use this library's constructs."""
    for id, resource in template["Resources"].items():
        defined = cdk.CfnResource(stack, id, type=resource["Type"], properties=resource.get("Properties", {}))
        for attribute in resource.keys() - {"Type", "Properties", "Metadata", "DependsOn"}:
            defined.add_override(attribute, resource[attribute])
    app = stack.node.root
    cdk.Validations.of(app).add_plugins(ManagedInstanceValidator())
    try:
        app.synth()
    except RuntimeError as error:
        assert "ValidationFailed" in str(error)  # noqa: PT017
    report = json.loads((outdir / "validation-report.json").read_text(encoding="utf-8"))
    return sorted(
        violation["ruleName"]
        for plugin in report["pluginReports"]
        if plugin["pluginName"] == "cdk-lmi"
        for violation in plugin["violations"]
    )


@pytest.mark.parametrize(("construct", "keywords", "expected"), CASES)
def test_every_door_tells_the_same(construct, keywords, expected, new_stack, warned, capsys):
    """The ids are the same, and what was acknowledged once is acknowledged at every door."""
    told, _ = new_stack("told")
    assert told_by_the_construct(construct, keywords, told, warned) == expected

    let_past, assembly = new_stack("let_past")
    reason = "to see what the other doors say"
    construct(let_past, **keywords, acknowledge=[cdk.Acknowledgment(id=id, reason=reason) for id in expected])
    let_past.node.root.synth()
    written = assembly / "Shop.template.json"
    template = json.loads(written.read_text(encoding="utf-8"))
    assert sorted(violation.id for violation in check_template(template)) == expected
    assert told_by_the_command(assembly, capsys) == [(id, True) for id in expected]

    by_itself = assembly.parent / "template.json"
    by_itself.write_text(written.read_text(encoding="utf-8"), encoding="utf-8")
    assert told_by_the_command(by_itself, capsys) == [(id, False) for id in expected]

    plain, outdir = new_stack("plain")
    assert told_by_the_validator(template, plain, outdir) == expected
