"""That what users read of the API is whole: each public thing says what it is, and what each of its parameters is."""

import inspect
import re
from dataclasses import is_dataclass
from enum import Enum

import pytest

import cdk_lmi
import cdk_lmi.local

#: What every construct takes first, by CDK's own names.
OF_CONSTRUCTS = {"self", "cls", "scope", "id"}
PUBLIC = {
    f"{package.__name__}.{name}": getattr(package, name)
    for package in (cdk_lmi, cdk_lmi.local)
    for name in package.__all__
    if callable(getattr(package, name))
}
CLASSES = {name: value for name, value in PUBLIC.items() if inspect.isclass(value)}


def methods():
    """Give what a class of this package defines itself and shows: methods, properties, class methods."""
    for name, cls in CLASSES.items():
        for member, value in vars(cls).items():
            if not member.startswith("_") and (
                callable(value) or isinstance(value, (property, classmethod, staticmethod))
            ):
                yield f"{name}.{member}", cls, getattr(value, "__func__", value)


METHODS = {name: (cls, value) for name, cls, value in methods()}


def parameters(function):
    return set(inspect.signature(function).parameters) - OF_CONSTRUCTS


def documented(text):
    """Give the parameters that a docstring tells of, under Args, or the attributes that they become."""
    section = re.search(r"^(?:Args|Attributes):\n((?:(?: .*)?(?:\n|\Z))+)", text, flags=re.MULTILINE)
    return (
        set(re.findall(r"^ {4}\*{0,2}(\w+)(?: \([^)]*\))?: \S", section[1], flags=re.MULTILINE)) if section else set()
    )


def commented_fields(cls):
    """Give the fields of a record that have a comment before them, which documentation tools read."""
    return set(re.findall(r"#: .*\n(?: +#: .*\n)* +(\w+):", inspect.getsource(cls)))


def test_there_is_something_to_look_at():
    """Or the tests below would show nothing."""
    assert "cdk_lmi.ManagedInstanceFunction.add_alarms" in METHODS
    assert {"cdk_lmi.size", "cdk_lmi.local.ExecutionEnvironment"} <= set(PUBLIC)


@pytest.mark.parametrize("name", [*PUBLIC, *METHODS])
def test_each_says_what_it_is(name):
    """In a docstring of its own, which begins with a sentence."""
    value = METHODS[name][1] if name in METHODS else PUBLIC[name]
    own = value.__doc__ or ""
    assert re.match(r"[A-Z`].*[.:]$", inspect.cleandoc(own).partition("\n")[0]), own


@pytest.mark.parametrize(
    "name", [name for name, value in PUBLIC.items() if not (inspect.isclass(value) and issubclass(value, Enum))]
)
def test_each_tells_of_its_parameters(name):
    """A class of those of its constructor, a record of its fields by comments."""
    value = PUBLIC[name]
    if is_dataclass(value):
        told = commented_fields(value) | documented(inspect.getdoc(value) or "")
    else:
        told = documented(inspect.getdoc(value) or "")
    given = parameters(value.__init__ if inspect.isclass(value) else value) - {"args", "kwargs"}
    assert given <= told


@pytest.mark.parametrize("name", [name for name, (_, value) in METHODS.items() if not isinstance(value, property)])
def test_each_method_tells_of_its_parameters(name):
    """What the metrics of one name have in common stands at the one for all names."""
    cls, method = METHODS[name]
    told = documented(inspect.getdoc(method) or "")
    if method.__name__.startswith("metric_"):
        told |= documented(inspect.getdoc(cls.metric) or "")
    assert parameters(method) == told & parameters(method)


@pytest.mark.parametrize("name", [*PUBLIC, *METHODS])
def test_nothing_is_told_that_is_not_there(name):
    """A parameter that was renamed or dropped does not live on in a docstring."""
    value = METHODS[name][1] if name in METHODS else PUBLIC[name]
    told = documented(inspect.getdoc(value) or "")
    if isinstance(value, property):
        assert not told
        return
    there = set(inspect.signature(value.__init__ if inspect.isclass(value) else value).parameters)
    assert told <= there
