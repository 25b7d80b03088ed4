"""The orders API: what it deploys, that AWS's and others' checks take it, and that its demo tells the truth."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk.assertions import Match, Template
from cloudformation_validate import CompositeEngine, Severity
from syrupy.extensions.json import JSONSnapshotExtension

EXAMPLE = Path(__file__).parent.parent / "examples" / "orders_api"


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory):
    """The path of the template, synthesised with CDK's own validation on; an error there would raise here."""
    directory = tmp_path_factory.mktemp("cdk.out")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLE))
        patch.delenv("CDK_DEFAULT_ACCOUNT", raising=False)
        patch.delenv("CDK_DEFAULT_REGION", raising=False)
        from app import orders_api

        app, stack = orders_api(outdir=str(directory))
    artifact = app.synth().get_stack_by_name(stack.stack_name)
    return directory / artifact.template_file


@pytest.fixture(scope="module")
def template(synthesized):
    """The template as a dict."""
    return json.loads(synthesized.read_text(encoding="utf-8"))


def without_hashes(template):
    """Take out what changes with the handlers' code and not with the stack."""
    text = re.sub(r"\b[0-9a-f]{64}\b", "<asset>", json.dumps(template))
    return json.loads(re.sub(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}", r"\1<hash>", text))


def test_snapshot(template, snapshot):
    """The whole template, the same on every machine."""
    scrubbed = without_hashes(template)
    assert str(EXAMPLE) not in json.dumps(scrubbed)
    assert scrubbed == snapshot(extension_class=JSONSnapshotExtension)


def test_the_four_routes(template):
    """POST and LIST on the collection, GET and DELETE on one order, each for callers whom IAM lets."""
    methods = [r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::ApiGateway::Method"]
    assert sorted(method["HttpMethod"] for method in methods) == ["DELETE", "GET", "GET", "POST"]
    assert {method["AuthorizationType"] for method in methods} == {"AWS_IAM"}


def test_list_is_served_by_the_alias(template):
    """And by nothing else; only that function is on Managed Instances."""
    resources = template["Resources"]
    managed = [id for id, r in resources.items() if "CapacityProviderConfig" in r.get("Properties", {})]
    (alias,) = (id for id, r in resources.items() if r["Type"] == "AWS::Lambda::Alias")
    (managed_id,) = managed
    integrations = [
        json.dumps(r["Properties"]["Integration"]["Uri"])
        for r in resources.values()
        if r["Type"] == "AWS::ApiGateway::Method"
    ]
    assert sum(alias in uri for uri in integrations) == 1
    assert not any(managed_id in uri for uri in integrations)


def test_least_privilege(template):
    """Each function may do what it does to its tables, and no action is a wildcard."""
    granted = {}
    for id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Policy":
            statements = resource["Properties"]["PolicyDocument"]["Statement"]
            actions = [a for s in statements for a in ([s["Action"]] if isinstance(s["Action"], str) else s["Action"])]
            assert not any("*" in action for action in actions)
            if on_tables := {a for a in actions if a.startswith("dynamodb:")}:
                granted[re.sub("(Function)?ServiceRole.*", "", id)] = on_tables
    assert granted == {
        "CreateOrder": {"dynamodb:PutItem"},
        "GetOrder": {"dynamodb:GetItem"},
        "DeleteOrder": {"dynamodb:DeleteItem"},
        "ListOrders": {"dynamodb:Scan"},
    }


def test_tables_and_logs(template):
    """Tables can be restored to any second, logs do not stay for ever."""
    assertions = Template.from_json(template)
    restorable = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
    assertions.all_resources_properties("AWS::DynamoDB::GlobalTable", {"Replicas": [Match.object_like(restorable)]})
    assertions.all_resources_properties("AWS::Logs::LogGroup", {"RetentionInDays": 30})


def test_cfn_lint_finds_no_error(synthesized):
    """Warnings about CDK's own style aside."""
    command = [Path(sys.executable).with_name("cfn-lint"), "--non-zero-exit-code", "error", "--", synthesized]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_cloudformation_validate_finds_no_error(synthesized):
    """AWS's own checks, newer than those that CDK carries."""
    report = CompositeEngine().validate_template(str(synthesized))
    assert [d for d in report.diagnostics if d.severity in (Severity.ERROR, Severity.FATAL)] == []


def test_demo(template):
    """It counts what is there, tells why each endpoint is, and ends well."""
    done = subprocess.run([sys.executable, EXAMPLE / "demo.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(template['Resources'])} resources" in done.stdout
    assert "4096 MiB, 1 vCPU" in done.stdout
    assert "3 execution environments: 3 vCPU, 48 invocations at once" in done.stdout
    for endpoint in ("dynamodb (gateway)", "s3 (gateway)", "logs (interface)", "xray (interface)"):
        assert endpoint in done.stdout
    assert done.stdout.rstrip().endswith("0 errors, 0 warnings")


def test_demo_without_its_linter(tmp_path, monkeypatch):
    """A tool that is missing is an error with a way out, and no traceback."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    from demo import cfn_lint

    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    ((level, text),) = cfn_lint(tmp_path / "template.json")
    assert level == "error"
    assert "make setup" in text


def test_deploys_what_was_tested():
    """The versions that a deployment installs are those that the tests run with."""
    project = (EXAMPLE.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in (EXAMPLE / "requirements.txt").read_text(encoding="utf-8").split():
        assert f'"{requirement}"' in project
