"""`cdk bootstrap`, `deploy`, `diff`, `destroy`, by the real command line, and only on this machine."""

import json
import os

import botocore.session
import pytest
from botocore.validate import validate_parameters
from local_aws.cdk import CommandLine
from local_aws.stand_ins import STAND_INS

from .conftest import STACK


def test_everything_is_deployed(deployed):
    """And LIST runs as it was deployed: with that code, that memory, and so many processes."""
    resources = json.loads((deployed.assembly / f"{STACK}.template.json").read_text())["Resources"]
    listed = deployed.aws.aws("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    assert {r["LogicalResourceId"] for r in listed} == resources.keys()
    assert {r["ResourceStatus"] for r in listed} == {"CREATE_COMPLETE"}
    (environment,) = deployed.managed.environments()
    assert len(environment.workers) == 16
    assert environment.memory().total_mib < deployed.managed.configuration["MemorySize"] == 4096
    assert environment.invoke({}).pid in environment.workers


def test_a_second_look_finds_no_difference(deployed):
    """Exit code 0 with --fail, and the words for it."""
    done = deployed.cdk.diff()
    assert done.code == 0, done.output
    assert "There were no differences" in done.output


def test_more_environments_are_deployed_in_place(deployed, assemble):
    """The version stays the version, and no process is started anew."""
    ((logical_id, physical_id),) = deployed.resources("AWS::Lambda::Version").items()
    (environment,) = deployed.managed.environments()
    cdk = deployed.aws.command_line(assemble(min_execution_environments=5))
    try:
        done = cdk.diff()
        assert done.code == 1
        assert "MinExecutionEnvironments" in done.output
        cdk.deploy()
        assert deployed.resources("AWS::Lambda::Version") == {logical_id: physical_id}
        assert deployed.resource(logical_id)["ResourceStatus"] == "UPDATE_COMPLETE"
        assert deployed.managed.environments() == [environment]
    finally:
        deployed.cdk.deploy()
    assert deployed.cdk.diff().code == 0


def test_schedules_scale_what_is_live(deployed):
    """What EventBridge Scheduler holds is a call that Lambda takes, for the version that the alias serves."""
    client, api = deployed.aws.aws("scheduler"), botocore.session.get_session().get_service_model("lambda")
    listed = client.list_schedules()["Schedules"]
    held = [client.get_schedule(Name=each["Name"], GroupName=each["GroupName"]) for each in listed]
    assert {each["Name"] for each in held} == set(deployed.resources("AWS::Scheduler::Schedule").values())
    (function,) = {version.configuration["FunctionName"] for version in deployed.aws.functions.managed()}
    live = deployed.aws.aws("lambda").get_alias(FunctionName=function, Name="live")["FunctionVersion"]
    assert live == deployed.managed.configuration["Version"] != "$LATEST"
    bounds = set()
    for each in held:
        service, _, operation = each["Target"]["Arn"].rpartition("aws-sdk:")[2].partition(":")
        assert service == "lambda"
        called = api.operation_model(operation[0].upper() + operation[1:])
        assert called.name == "PutFunctionScalingConfig"
        sent = json.loads(each["Target"]["Input"])
        validate_parameters(sent, called.input_shape)
        assert (sent["FunctionName"], sent["Qualifier"]) == (function, live)
        bounds.add(tuple(sent["FunctionScalingConfig"][f"{end}ExecutionEnvironments"] for end in ("Min", "Max")))
        assert each["Target"]["RoleArn"].startswith("arn:aws:iam::000000000000:role/")
        assert each["Target"]["DeadLetterConfig"]["Arn"].startswith("arn:aws:sqs:")
    assert bounds == {(3, 6), (3, 12)}


def test_alarms_are_records(deployed):
    """They are deployed, nothing comes of them, and that is said; no two share a name or an ARN."""
    template = json.loads((deployed.assembly / f"{STACK}.template.json").read_text())["Resources"]
    alarms = {id for id, resource in template.items() if resource["Type"] == "AWS::CloudWatch::Alarm"}
    deployed_alarms = deployed.resources("AWS::CloudWatch::Alarm")
    assert deployed_alarms.keys() == alarms
    assert len(set(deployed_alarms.values())) == len(alarms)
    for of in ("ListOrders", "Pool"):
        assert any(id.startswith(f"{of}Alarms") for id in alarms)
    assert deployed.aws.aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert "no metrics" in STAND_INS["AWS::CloudWatch::Alarm"].reason


@pytest.mark.usefixtures("takes_the_deployment_down")
def test_destroy_leaves_nothing_behind(deployed):
    """No stack, function, table, log group, secret, API, and no process."""
    environments = [e for version in deployed.aws.functions.versions().values() for e in version.environments()]
    pids = [pid for environment in environments for pid in environment.workers]
    assert len(pids) >= 16
    deployed.cdk.destroy()
    aws = deployed.aws.aws
    left = {
        "stacks": [
            stack["StackName"]
            for stack in aws("cloudformation").list_stacks()["StackSummaries"]
            if stack["StackStatus"] != "DELETE_COMPLETE" and stack["StackName"] != "CDKToolkit"
        ],
        "functions": aws("lambda").list_functions()["Functions"],
        "tables": aws("dynamodb").list_tables()["TableNames"],
        "schedules": aws("scheduler").list_schedules()["Schedules"],
        "log groups": aws("logs").describe_log_groups()["logGroups"],
        "secrets": aws("secretsmanager").list_secrets()["SecretList"],
        "APIs": aws("apigateway").get_rest_apis()["items"],
        "configuration": aws("appconfig").list_applications()["Items"],
        "networks": [vpc for vpc in aws("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]],
        "versions": dict(deployed.aws.functions.versions()),
        "processes": [pid for pid in pids if os.path.exists(f"/proc/{pid}")],  # noqa: PTH110
    }
    assert left == {name: type(found)() for name, found in left.items()}


@pytest.mark.parametrize("variant", ["development", "production"])
def test_every_type_is_known(machine_ready, variant, tmp_path):
    """To the emulator, or to the table of what stands in."""
    from local_aws import emulator

    from tests.orders_api.variants import synthesize

    resources = synthesize(variant, tmp_path).resources
    assert {resource["Type"] for resource in resources.values()} <= emulator.resource_types()


def test_nothing_stands_in_that_is_not_deployed(tmp_path):
    """Each entry of the table is used, and says why it will do."""
    from tests.orders_api.variants import synthesize

    used = {resource["Type"] for resource in synthesize("production", tmp_path).resources.values()}
    assert STAND_INS.keys() <= used
    assert all(stand_in.reason for stand_in in STAND_INS.values())


# --- nobody's account -------------------------------------------------------------------------------------------------


def test_the_command_line_goes_to_this_machine_only(tmp_path):
    """Anything else is refused before it runs."""
    with pytest.raises(ValueError, match="emulator"):
        CommandLine(tmp_path, tmp_path, "https://cloudformation.us-east-1.amazonaws.com")


def test_the_command_line_sees_nothing_of_the_caller(machine_ready, tmp_path, monkeypatch):
    """No credentials, no profile, no files, no proxy: what it is started with is all made here."""
    from local_aws import cdk

    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "HTTPS_PROXY", "CDK_NEW"):
        monkeypatch.setenv(name, "the caller's")
    script = tmp_path / "script.js"
    script.write_text("console.log(JSON.stringify(process.env))")
    monkeypatch.setattr(cdk, "SCRIPT", script)
    environment = json.loads(CommandLine(tmp_path, tmp_path, "http://127.0.0.1:1").run().output)
    assert "the caller's" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert environment["HOME"] == str(tmp_path)


def test_clients_see_nothing_of_the_caller(aws, monkeypatch, tmp_path):
    """A profile of the caller's that is not there would stop boto3."""
    monkeypatch.setenv("AWS_PROFILE", "the-callers")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert aws.aws("sts").get_caller_identity()["Account"] == "000000000000"
