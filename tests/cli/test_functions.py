"""``--function``: what names a function on Managed Instances, the same for every command that takes one."""

import json
import re

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceFunction

from .conftest import function, template


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A stack with functions at several depths, and one of the same construct ids in a stage."""
    folder = tmp_path_factory.mktemp("functions") / "cdk.out"
    app = cdk.App(outdir=str(folder), context={"aws:cdk:enable-path-metadata": True})
    shop = cdk.Stack(app, "Shop")
    for stack in (shop, cdk.Stack(cdk.Stage(app, "Prod"), "Store")):
        define(stack, "Words", 2048)
        define(cdk.Stack(app, "Other") if stack is shop else stack, "Reports", 4096)
        define(stack, "Function", 2048)
    define(cdk.NestedStack(shop, "Nested"), "Words", 8192)
    define(cdk.aws_sns.Topic(shop, "Orders"), "Handler", 2048)
    app.synth()
    return folder


def define(scope, id, memory_size):
    """Define a function, of this library."""
    ManagedInstanceFunction(
        scope,
        id,
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="app.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        memory_size=memory_size,
    )


@pytest.fixture
def named(run, write):
    """Give what ``fit`` and ``diagram`` find by a name: one each, or what they say of it."""
    write("event.json", {})
    write("app.py", "")

    def both(path, name):
        # Nothing is measured: the handler is the first thing that is wrong where the function is found.
        fit = run("fit", "none", "--event", "event.json", "--template", path, "--function", name)
        diagram = run("diagram", path, "--function", name)
        drawn = re.findall(r"function<br/>([^<\"]+)", diagram.out)
        return drawn, fit.err, diagram.err

    return both


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Shop/Words", "Words"),
        ("/Shop/Words/", "Words"),
        ("Shop/Words/Function", "Words"),
        ("Shop/Words/Function/Resource", "Words"),
        ("Shop/Nested/Words", "Nested/Words"),
        ("Nested/Words", "Nested/Words"),
        ("Orders/Handler", "Orders/Handler"),
        ("Handler", "Orders/Handler"),
        ("Prod/Store/Words", "Words"),
        ("Store/Words", "Words"),
        ("Other/Reports", "Reports"),
        ("Shop/Function", "Function"),
    ],
)
def test_a_function_has_the_same_names_for_every_command(named, app, name, drawn):
    """The path of any construct that stands for it, whole, from the stack on, or as far as it is unmistakable."""
    found, fit, diagram = named(app, name)
    assert found == [drawn]
    assert "no function" not in fit
    assert "functions on Managed Instances" not in fit
    assert diagram == ""


def test_a_logical_id_and_the_name_on_aws_are_names_too(named, write):
    """Where there are no paths."""
    write("t.json", template(Fn=function(FunctionName="orders-list"), Other=function()))
    for name in ("Fn", "orders-list"):
        found, fit, _ = named("t.json", name)
        assert found == ["Fn"]
        assert "function" not in fit.replace("module.function", "").replace("module:function", "")


def test_several_of_a_name_are_told_with_what_tells_them_apart(named, app):
    """``fit`` takes one only, ``diagram`` draws them all."""
    found, fit, diagram = named(app, "Words")
    assert found == ["Words", "Words"]
    for told in (fit, diagram):
        assert "Shop/Words" in told
        assert "Prod/Store/Words" in told
        assert "Nested" not in told


@pytest.mark.parametrize("name", ["Resource", "Shop", "Prod/Store", "ords", "Nested", ""])
def test_a_part_of_a_path_that_is_no_function_is_no_name(named, app, name):
    """Neither a stack, nor what every function has in it, nor a part of a word."""
    found, fit, diagram = named(app, name)
    assert found == []
    for told in (fit, diagram):
        assert "no function" in told


@pytest.mark.parametrize(
    ("typed", "nearest", "others"),
    [
        ("Nested/Wrds", "Nested/Words", ["Orders/Handler"]),
        ("Shop/Nested/Wrds", "Shop/Nested/Words", ["Other/Reports"]),
        ("Xyzzy", None, ["Nested/Words", "Orders/Handler"]),
    ],
)
def test_an_unknown_name_is_told_with_what_may_be_typed(named, app, typed, nearest, others):
    """The nearest first, in the form that was typed; each of them is taken then."""
    found, fit, diagram = named(app, typed)
    assert found == []
    for told in (fit, diagram):
        hint = told.splitlines()[0].partition(";")[2]
        assert ("did you mean" in hint) == (nearest is not None)
        names = re.findall(r"[\w/]+(?=[,?…\n]|$)", hint)
        assert names[0] == nearest or nearest is None
        assert set(others) <= set(names)
        for name in names:
            assert len(named(app, name)[0]) == 1


def test_one_template_of_a_stage_by_itself_has_the_same_names(named, app, write):
    """Nothing in it says what of its paths is the stack."""
    (found,) = (path for path in app.rglob("*.template.json") if "Store" in path.name)
    write("alone.json", json.loads(found.read_text()))
    for name in ("Words", "Store/Words", "Prod/Store/Words"):
        drawn, fit, _ = named("alone.json", name)
        assert len(drawn) == 1
        assert "no function" not in fit
