"""LIST, measured under the size that the stack declares: real processes, on a DynamoDB that runs on this machine."""

import json

import pytest

from cdk_lmi.cli import main

from .conftest import EXAMPLE, SETTINGS, event


@pytest.fixture(scope="module")
def cloud_assembly(tmp_path_factory):
    """The example as it is synthesised."""
    directory = tmp_path_factory.mktemp("cdk.out")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLE))
        from app import orders_api

        app, _ = orders_api(outdir=str(directory))
    app.synth()
    return directory


def test_list_fits_the_size_that_the_stack_declares(
    cloud_assembly, put_orders, endpoint_url, orders_table, secret, tmp_path, capsys
):
    """With room to spare, for the largest page that there is; sixteen processes, each with two clients of botocore."""
    put_orders(orders_table, 100)
    (tmp_path / "event.json").write_text(json.dumps(event("GET", "/", queryStringParameters={"limit": "100"})))
    settings = {
        **{name: value for name, value in SETTINGS.items() if name != "AWS_CONFIG_FILE"},
        "AWS_ENDPOINT_URL": endpoint_url,
        "ORDERS_TABLE": orders_table,
        "CURSOR_SECRET": secret,
        "POWERTOOLS_METRICS_NAMESPACE": "Orders",
    }
    code = main(
        [
            *("fit", "--template", str(cloud_assembly), "--function", "OrdersApi/ListOrders"),
            *("--event", str(tmp_path / "event.json"), "--task-root", str(EXAMPLE / "service")),
            *(f"--env={name}={value}" for name, value in settings.items()),
            *("--requests", "64", "--format", "json"),
        ]
    )
    out, err = capsys.readouterr()
    # One line for the one concurrency that is measured, and nothing else.
    assert (code, [line.partition(": starting")[0] for line in err.splitlines()]) == (0, ["cdk-lmi: concurrency 16"])
    fit = json.loads(out)
    assert fit["handler"] == "orders.handlers.list_orders.handler"
    declared = fit["declared"]
    assert declared["fits"]
    assert declared["size"] == {
        "memory_size": 4096,
        "execution_environment_memory_gib_per_v_cpu": 4,
        "per_execution_environment_max_concurrency": 16,
        "v_cpus": 1,
    }
    assert declared["outcome"]["invocations"] >= 64
    assert 16 * 10 < declared["outcome"]["memory_peak_mib"] < 2048
    assert declared["outcome"]["server_errors"] == 0
    assert declared["outcome"]["hazards"] == []
    assert fit["recommendation"]["size"]["memory_size"] <= 4096
