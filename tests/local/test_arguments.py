"""That arguments are looked at first, all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk_lmi.local import ExecutionEnvironment
from cdk_lmi.local.arguments import default_init_timeout
from cdk_lmi.local.variables import RESERVED


def refusal(task_root, handler="app.handler", **keywords):
    """Give what is said of arguments, a problem a line."""
    with pytest.raises(ValueError, match="problem") as raised:
        ExecutionEnvironment(handler, **{"task_root": task_root, **keywords})
    return str(raised.value).splitlines()[1:]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("handler", "handler"),
        ("handler", "app:handler"),
        ("handler", ".handler"),
        ("handler", None),
        ("task_root", "/nowhere"),
        ("task_root", __file__),
        ("task_root", 3),
        ("max_concurrency", 0),
        ("max_concurrency", 1601),
        ("max_concurrency", 1.5),
        ("max_concurrency", True),
        ("memory_size", 2047),
        ("memory_size", 32769),
        ("memory_size", "4096"),
        ("env", ["A"]),
        ("env", {"PORT": 1}),
        ("env", {"1A": "x"}),
        ("env", {"A": "x\0"}),
        ("timeout", 0),
        ("timeout", 5401),
        ("timeout", float("nan")),
        ("ephemeral_storage_size", 511),
        ("ephemeral_storage_size", 10241),
        ("python", "/nowhere/python"),
        ("python", "/etc"),
        ("init_timeout", 0),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, keyword, value):
    """By its keyword, and alone."""
    (problem,) = refusal(**{"task_root": tmp_path, keyword: value})
    assert problem.split()[0].startswith(keyword)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("handler", "package/app.handler"),
        ("handler", "package.app.handler"),
        ("max_concurrency", 1),
        ("max_concurrency", 1600),
        ("memory_size", 2048),
        ("memory_size", 32768),
        ("env", {"AWS_ACCESS_KEY_ID": "test", "AWS_REGION": "eu-west-1"}),
        ("timeout", 0.1),
        ("timeout", 5400),
        ("ephemeral_storage_size", 512),
        ("ephemeral_storage_size", 10240),
        ("init_timeout", 1),
    ],
)
def test_what_fits_is_taken(tmp_path, keyword, value):
    """The ends of every range."""
    ExecutionEnvironment(**{"handler": "app.handler", "task_root": tmp_path, keyword: value})


@pytest.mark.parametrize("concurrency", [0, 2, 1.0, True, "1"])
def test_on_demand_there_is_one_process(tmp_path, concurrency):
    """One whole process."""
    (problem,) = refusal(tmp_path, max_concurrency=concurrency, initialization_type="on-demand")
    assert problem.split()[0] == "max_concurrency"
    for whole in (None, 1):
        ExecutionEnvironment("app.handler", task_root=tmp_path, max_concurrency=whole, initialization_type="on-demand")


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_reserved_variables_are_refused(tmp_path, name):
    """Lambda would refuse them, or overwrite them."""
    (problem,) = refusal(tmp_path, env={name: "x"})
    assert f"env must not set {name}" in problem


def test_all_problems_come_at_once(tmp_path):
    """None hides another."""
    keywords = {"max_concurrency": 0, "memory_size": 1, "env": {"A": 1, "B": 2}, "timeout": -1, "python": "/x"}
    assert len(refusal(tmp_path / "nowhere", "handler", **keywords)) == 8


@given(st.floats(min_value=0.001, max_value=5400))
def test_initialisation_has_as_long_as_on_aws(timeout):
    """The timeout, but from 130 to 900 seconds."""
    assert default_init_timeout(timeout) == min(max(timeout, 130), 900)
