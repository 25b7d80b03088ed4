"""What the orders API deploys: who may do what, what stays, and what is said to whom."""

import json
import re
from fnmatch import fnmatch

import cdk_nag
import jsonschema
import pytest
from cloudformation_validate import CompositeEngine, Severity
from syrupy.extensions.json import JSONSnapshotExtension

from cdk_lmi.cli import main as cdk_lmi
from cdk_lmi.rules.limits import AVAILABILITY_ZONES_DEFAULT

from .variants import EXAMPLE, UNBUNDLED, VARIANTS, define, synthesize

# isort: split

from orders.data import clients
from orders.logic import listing, placing
from stack import LARGEST_AT_NIGHT, LARGEST_FLEET, SMALLEST_FLEET

METHOD = "AWS::ApiGateway::Method"
ALARM = "AWS::CloudWatch::Alarm"
ROUTES = {
    ("POST", "/api/orders"): "create_order",
    ("GET", "/api/orders"): "list_orders",
    ("GET", "/api/orders/{order_id}"): "get_order",
    ("DELETE", "/api/orders/{order_id}"): "delete_order",
    ("GET", "/swagger"): "swagger",
}
POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory):
    """Give a variant by name, each synthesised once."""
    found = {}

    def variant(name):
        if name not in found:
            found[name] = synthesize(name, tmp_path_factory.mktemp("cdk.out"))
        return found[name]

    return variant


@pytest.fixture(params=list(VARIANTS))
def each(request, synthesized):
    """Each variant."""
    return synthesized(request.param)


@pytest.fixture
def development(synthesized):
    """What is deployed by default."""
    return synthesized("development")


@pytest.fixture
def production(synthesized):
    """What is deployed for customers."""
    return synthesized("production")


@pytest.fixture
def with_users(synthesized):
    """The same, whose callers sign in."""
    return synthesized("production with users")


def without_hashes(template):
    """Take out what changes with the code of the service and not with the stack."""
    text = re.sub(r"\b[0-9a-f]{64}\b", "<asset>", json.dumps(template))
    return json.loads(re.sub(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}", r"\1<hash>", text))


def references(value):
    """Give the logical ids that something refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield inner[0]
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def path_of(synthesized, resource_id):
    """Give the path of a resource of the API, as in ``/api/orders``."""
    parts: list[str] = []
    resources = synthesized.of_type("AWS::ApiGateway::Resource")
    while resource_id in resources:
        parts.insert(0, resources[resource_id]["PathPart"])
        resource_id = next(references(resources[resource_id]["ParentId"]))
    return "/" + "/".join(parts)


def methods(synthesized):
    """Give the methods of the API by verb and path."""
    return {
        (method["HttpMethod"], path_of(synthesized, next(references(method["ResourceId"])))): method
        for method in synthesized.of_type(METHOD).values()
    }


def statements(synthesized, function):
    """Give what the role of a function is allowed: actions and resources."""
    role = next(references(synthesized.resources[synthesized.functions()[function]]["Properties"]["Role"]))
    for policy in synthesized.of_type("AWS::IAM::Policy").values():
        if role in references(policy["Roles"]):
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                yield {actions} if isinstance(actions, str) else set(actions), statement["Resource"]


def alarms_of_list(synthesized):
    """Give the alarms of LIST and of its pool, by what they are of and what they are for."""
    found = {}
    for id, alarm in synthesized.of_type(ALARM).items():
        if match := re.fullmatch(r"(ListOrders|Pool)Alarms(\w+)[0-9A-F]{8}", id):
            found[match.groups()] = alarm
    return found


def widget_titles(synthesized):
    """Give the titles of the dashboard's widgets, and of those that are text, the text's."""
    parts = synthesized.only("AWS::CloudWatch::Dashboard")["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "<reference>" for part in parts))
    for widget in body["widgets"]:
        properties = widget["properties"]
        yield properties["title"] if "title" in properties else properties["markdown"]


class TestTemplate:
    """The whole of it."""

    def test_snapshot(self, production, snapshot):
        """The same on every machine, whatever the code of the service is."""
        scrubbed = without_hashes(production.template)
        assert str(EXAMPLE) not in json.dumps(scrubbed)
        assert scrubbed == snapshot(extension_class=JSONSnapshotExtension)

    def test_synthesis_installs_nothing(self, monkeypatch, tmp_path):
        """Where CDK bundles no stack, pip is not called."""
        monkeypatch.setattr("bundling.subprocess.run", lambda *_, **__: pytest.fail("pip was called"))
        synthesize("development", tmp_path)

    def test_stack_for_a_region(self, monkeypatch, tmp_path):
        """Named by the `cdk` command's variables, as when it deploys."""
        monkeypatch.setenv("CDK_DEFAULT_ACCOUNT", "111122223333")
        monkeypatch.setenv("CDK_DEFAULT_REGION", "eu-central-1")
        from app import orders_api

        _, stack = orders_api(context=UNBUNDLED, outdir=str(tmp_path))
        assert (stack.account, stack.region) == ("111122223333", "eu-central-1")


class TestCheckers:
    """What others find in the templates: nothing."""

    def test_cfn_lint(self, each):
        """But that CDK states a function's dependency on its role, which a reference says already."""
        from cfnlint.api import ManualArgs, lint

        found = lint(each.path.read_text(encoding="utf-8"), config=ManualArgs(ignore_checks=["W3005"]))
        assert found == []

    def test_cloudformation_validate(self, each):
        """AWS's own checks, newer than those that CDK carries."""
        found = CompositeEngine().validate_template(str(each.path)).diagnostics
        assert found
        grave = (Severity.WARN, Severity.ERROR, Severity.FATAL)
        assert [d for d in found if d.severity in grave and d.rule_id != "W3005"] == []

    def test_cdk_lmi(self, each, capsys):
        """The rules of Managed Instances: no error, and no warning, for which the exit code would be 0 as well."""
        assert cdk_lmi(["check", str(each.directory), "--format", "json"]) == 0
        summary = json.loads(capsys.readouterr().out)["summary"]
        assert summary.pop("templates") == 1
        assert set(summary.values()) == {0}

    @pytest.mark.parametrize("variant", list(VARIANTS))
    def test_cdk_nag(self, variant):
        """Two packs of rules, with what does not apply acknowledged where it stands."""
        app = define(variant)
        packs = (cdk_nag.AwsSolutionsChecks(), cdk_nag.ServerlessChecks())
        assert [v.rule_name for pack in packs for v in pack.validate_scope(app).violations] == []


class TestApi:
    """Who is let in, how often, and what is said to those who are not."""

    def test_routes(self, each):
        """Each leads to its function, LIST to the alias and to nothing else."""
        found, functions = methods(each), each.functions()
        assert found.keys() == ROUTES.keys()
        (alias,) = each.of_type("AWS::Lambda::Alias")
        for route, function in ROUTES.items():
            served_by = set(references(found[route]["Integration"]["Uri"]))
            assert (alias if function == "list_orders" else functions[function]) in served_by
            assert (functions[function] in served_by) is (function != "list_orders")

    def test_every_caller_is_known_to_iam(self, development, production):
        """By default, /swagger included."""
        for variant in (development, production):
            assert {method["AuthorizationType"] for method in methods(variant).values()} == {"AWS_IAM"}
            assert not variant.of_type("AWS::Cognito::UserPool")

    def test_every_caller_signed_in(self, with_users):
        """Where that was chosen: to the pool of the stack, which takes nobody that was not invited."""
        ((pool, properties),) = with_users.of_type("AWS::Cognito::UserPool").items()
        ((authorizer, by),) = with_users.of_type("AWS::ApiGateway::Authorizer").items()
        assert set(references(by["ProviderARNs"])) == {pool}
        for method in methods(with_users).values():
            assert method["AuthorizationType"] == "COGNITO_USER_POOLS"
            assert method["AuthorizerId"] == {"Ref": authorizer}
        assert properties["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
        assert properties["MfaConfiguration"] == "ON"
        assert properties["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]

    def test_who_was_signed_out(self, with_users):
        """Is let in until the token ends, and an answer that is remembered: minutes, as the authorizer asks nobody."""
        client = with_users.only("AWS::Cognito::UserPoolClient")
        remembered = with_users.only("AWS::ApiGateway::Authorizer")["AuthorizerResultTtlInSeconds"]
        assert client["TokenValidityUnits"] == {"IdToken": "minutes", "AccessToken": "minutes"}
        assert client["IdTokenValidity"] + remembered / 60 <= 16
        assert client["AccessTokenValidity"] <= 15

    def test_throttling(self, each):
        """All callers together are bounded, and those of costly methods more; the methods are there."""
        settings = each.only("AWS::ApiGateway::Stage")["MethodSettings"]
        (of_all,) = (setting for setting in settings if setting["ResourcePath"] == "/*")
        of_methods = [setting for setting in settings if setting is not of_all]
        assert of_all["HttpMethod"] == "*"
        limits = {
            (s["HttpMethod"], s["ResourcePath"].removeprefix("/").replace("~1", "/")): (
                s["ThrottlingRateLimit"],
                s["ThrottlingBurstLimit"],
            )
            for s in of_methods
        }
        # The load that the rest is sized for: requests per second, and in a burst.
        assert (of_all["ThrottlingRateLimit"], of_all["ThrottlingBurstLimit"]) == (50, 100)
        assert limits == {("GET", "/api/orders"): (20, 40), ("GET", "/swagger"): (5, 10)}
        assert limits.keys() <= methods(each).keys()
        for setting in of_methods:
            for name in ("DataTraceEnabled", "LoggingLevel", "MetricsEnabled"):
                assert setting[name] == of_all[name]

    def test_requests_are_validated(self, each):
        """A body must be an object where there is one, of whatever type it is said to be."""
        ((validator, checks),) = each.of_type("AWS::ApiGateway::RequestValidator").items()
        assert checks["ValidateRequestBody"] is checks["ValidateRequestParameters"] is True
        ((model, described),) = each.of_type("AWS::ApiGateway::Model").items()
        assert described["Schema"]["type"] == "object"
        for (verb, _), method in methods(each).items():
            assert method["RequestValidatorId"] == {"Ref": validator}
            # What no model is for would be let through unread.
            of_any_type = {kind: {"Ref": model} for kind in ("application/json", "$default")}
            assert method.get("RequestModels") == (of_any_type if verb == "POST" else None)
        parameters = methods(each)["GET", "/api/orders"]["RequestParameters"]
        assert {name.rpartition(".")[2] for name in parameters} == {"limit", "next_token"}

    def test_refusals_tell_no_internals(self, each):
        """Neither API Gateway's words, which name roles and accounts, nor anything of the caller but a request id."""
        refusals = {r["ResponseType"]: r for r in each.of_type("AWS::ApiGateway::GatewayResponse").values()}
        assert refusals.keys() >= {"DEFAULT_4XX", "DEFAULT_5XX", "ACCESS_DENIED", "THROTTLED", "INTEGRATION_TIMEOUT"}
        assert refusals["BAD_REQUEST_BODY"]["StatusCode"] == "400"
        for refusal in refusals.values():
            body = json.loads(refusal["ResponseTemplates"]["application/json"])
            assert body["title"]
            assert body["problems"] == []
            assert str(body.get("status")) == refusal.get("StatusCode", "None")
            parameters = refusal["ResponseParameters"]
            assert parameters["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
            assert re.findall(r"\$[\w.]+", json.dumps(body)) == ["$context.requestId"]
        # Of what this API turns nobody away for, nothing is said.
        assert not refusals.keys() & {"BAD_REQUEST_PARAMETERS", "UNSUPPORTED_MEDIA_TYPE"}
        later = {kind for kind, r in refusals.items() if "gatewayresponse.header.Retry-After" in str(r)}
        assert later == {"THROTTLED", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"}

    def test_transport(self, each):
        """TLS 1.2 at the least, and by the API's own name only."""
        api = each.only("AWS::ApiGateway::RestApi")
        assert re.search(r"TLS13_1_[23]_", api["SecurityPolicy"])
        assert api["EndpointAccessMode"] == "STRICT"
        assert api["EndpointConfiguration"]["Types"] == ["REGIONAL"]

    def test_access_logs(self, each):
        """Every request is written down, with who made it; what customers order is not."""
        stage = each.only("AWS::ApiGateway::Stage")
        assert set(references(stage["AccessLogSetting"])) <= each.of_type("AWS::Logs::LogGroup").keys()
        assert {"requestId", "caller", "status"} <= json.loads(stage["AccessLogSetting"]["Format"]).keys()
        assert stage["TracingEnabled"] is True
        assert not any(setting["DataTraceEnabled"] for setting in stage["MethodSettings"])

    def test_own_log_of_api_gateway_is_the_stacks(self, each):
        """Or API Gateway makes it, under that name, and it stays for ever. It is there before the stage."""
        ((_, stage),) = ((id, r) for id, r in each.resources.items() if r["Type"] == "AWS::ApiGateway::Stage")
        assert any(setting["LoggingLevel"] != "OFF" for setting in stage["Properties"]["MethodSettings"])
        ((api, _),) = each.of_type("AWS::ApiGateway::RestApi").items()
        name = {"Fn::Join": ["", ["API-Gateway-Execution-Logs_", {"Ref": api}, f"/{stage['Properties']['StageName']}"]]}
        (group,) = (id for id, g in each.of_type("AWS::Logs::LogGroup").items() if g.get("LogGroupName") == name)
        assert group in stage["DependsOn"]


class TestFirewall:
    """It stands before production only."""

    def test_development_has_none(self, development):
        """It is paid for by web ACL and rule."""
        assert not [r for r in development.resources.values() if r["Type"].startswith("AWS::WAFv2::")]

    def test_stands_before_the_stage(self, production, with_users):
        """The one that callers use."""
        for variant in (production, with_users):
            ((acl, properties),) = variant.of_type("AWS::WAFv2::WebACL").items()
            association = variant.only("AWS::WAFv2::WebACLAssociation")
            assert association["WebACLArn"] == {"Fn::GetAtt": [acl, "Arn"]}
            (stage,) = variant.of_type("AWS::ApiGateway::Stage")
            assert stage in references(association["ResourceArn"])
            assert properties["Scope"] == "REGIONAL"

    def test_turns_away(self, production):
        """By AWS's rules, which block as AWS has them, and by a limit for each address."""
        rules = production.only("AWS::WAFv2::WebACL")["Rules"]
        assert len({rule["Priority"] for rule in rules}) == len(rules) == 4
        managed = [rule for rule in rules if "ManagedRuleGroupStatement" in rule["Statement"]]
        (limit,) = (rule for rule in rules if rule not in managed)
        assert {rule["Statement"]["ManagedRuleGroupStatement"]["Name"] for rule in managed} == {
            "AWSManagedRulesAmazonIpReputationList",
            "AWSManagedRulesKnownBadInputsRuleSet",
            "AWSManagedRulesCommonRuleSet",
        }
        assert all(rule["OverrideAction"] == {"None": {}} for rule in managed)
        assert limit["Action"] == {"Block": {}}
        # One address cannot use up what the stage takes from all.
        statement = limit["Statement"]["RateBasedStatement"]
        stage = production.only("AWS::ApiGateway::Stage")["MethodSettings"][0]
        assert statement["Limit"] * 2 == stage["ThrottlingRateLimit"] * statement["EvaluationWindowSec"]

    def test_text_is_text(self, production):
        """What customers may write is counted and let through, and so is who does not say what asks."""
        rules = production.only("AWS::WAFv2::WebACL")["Rules"]
        groups = [r["Statement"]["ManagedRuleGroupStatement"] for r in rules if "OverrideAction" in r]
        counted = {
            override["Name"]
            for group in groups
            for override in group.get("RuleActionOverrides", ())
            if override["ActionToUse"] == {"Count": {}}
        }
        # Those of the common rules that look into bodies, but for the one that looks at their length.
        assert counted == {
            "CrossSiteScripting_BODY",
            "EC2MetaDataSSRF_BODY",
            "GenericLFI_BODY",
            "GenericRFI_BODY",
            "NoUserAgent_HEADER",
        }

    def test_logs_no_credentials(self, production):
        """Nor anything of those who were let through."""
        logging = production.only("AWS::WAFv2::LoggingConfiguration")
        headers = {field["SingleHeader"]["Name"] for field in logging["RedactedFields"] if "SingleHeader" in field}
        assert headers == {"authorization", "x-amz-security-token"}
        assert {"QueryString": {}} in logging["RedactedFields"]  # which a request can be signed in, token and all
        assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
        (group,) = set(references(logging["LogDestinationConfigs"])) & production.of_type("AWS::Logs::LogGroup").keys()
        assert production.resources[group]["Properties"]["LogGroupName"].startswith("aws-waf-logs-")


class TestLeastPrivilege:
    """Each function may do what it does, to what it does it to."""

    def test_what_functions_may(self, each):
        """As briefed by what the handlers call; traces know no resources."""
        tables = {
            properties["KeySchema"][0]["AttributeName"]: id
            for id, properties in each.of_type("AWS::DynamoDB::GlobalTable").items()
        }
        orders, idempotency = tables["order_id"], tables["id"]
        (secret,) = each.of_type("AWS::SecretsManager::Secret")
        (profile,) = each.of_type("AWS::AppConfig::ConfigurationProfile")
        expected = {
            "create_order": {
                orders: {"dynamodb:GetItem", "dynamodb:PutItem"},
                idempotency: {"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"},
                profile: {"appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"},
            },
            "get_order": {orders: {"dynamodb:GetItem"}},
            "delete_order": {orders: {"dynamodb:DeleteItem"}},
            "list_orders": {orders: {"dynamodb:Scan"}, secret: {"secretsmanager:GetSecretValue"}},
            "swagger": {},
        }
        for function, allowed in expected.items():
            found: dict[str, set[str]] = {}
            for actions, resource in statements(each, function):
                if resource == "*":
                    assert actions == {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
                else:
                    (of,) = set(references(resource)) & {orders, idempotency, secret, profile}
                    found[of] = found.get(of, set()) | actions
            assert found == allowed, function

    def test_no_wildcards(self, each):
        """In no action of any policy; in no resource but that of traces, which have none, and of looking at alarms."""
        inline = [p for role in each.of_type("AWS::IAM::Role").values() for p in role.get("Policies", ())]
        for policy in [*each.of_type("AWS::IAM::Policy").values(), *inline]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                assert not any("*" in action for action in actions)
                if not all(action.startswith("xray:") or action == "cloudwatch:DescribeAlarms" for action in actions):
                    assert "*" not in json.dumps(statement["Resource"])

    def test_roles_are_not_shared(self, each):
        """What one function may is not what another one may."""
        roles = [next(references(f["Role"])) for f in each.of_type("AWS::Lambda::Function").values()]
        assert len(set(roles)) == len(roles) == len(ROUTES)

    def test_endpoints(self, each):
        """Instances reach what LIST calls. AppConfig is for CREATE, and no key is the stack's own."""
        services = {json.dumps(e["ServiceName"]) for e in each.of_type("AWS::EC2::VPCEndpoint").values()}
        names = {name for service in services for name in re.findall(r"\.([a-z0-9-]+)\"[^\"]*$", service)}
        assert names == {"dynamodb", "s3", "logs", "xray", "secretsmanager"}

    def test_endpoints_let_through_what_list_calls(self, each):
        """And nothing else, but that of the logs, which Lambda writes as well."""
        allowed = {}
        for endpoint in each.of_type("AWS::EC2::VPCEndpoint").values():
            (name,) = re.findall(r'\.([a-z0-9-]+)"[^"]*$', json.dumps(endpoint["ServiceName"]))
            if "PolicyDocument" in endpoint:
                (statement,) = endpoint["PolicyDocument"]["Statement"]
                actions = statement["Action"]
                allowed[name] = {actions} if isinstance(actions, str) else set(actions)
        assert allowed == {
            "dynamodb": {"dynamodb:Scan"},
            "secretsmanager": {"secretsmanager:GetSecretValue"},
            "xray": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
        }


class TestData:
    """What is kept, how, and for how long."""

    def test_tables(self, each):
        """Encrypted with DynamoDB's keys, so that no function needs one; restorable to any second."""
        tables = each.of_type("AWS::DynamoDB::GlobalTable")
        assert len(tables) == 2
        for table in tables.values():
            assert table["SSESpecification"] == {"SSEEnabled": False}  # which is DynamoDB's own key
            for replica in table["Replicas"]:
                assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
                assert replica["DeletionProtectionEnabled"] is each.name.startswith("production")
        assert not each.of_type("AWS::KMS::Key")

    def test_nothing_is_left_behind(self, development):
        """`cdk destroy` takes all of it but the role that all APIs log by; and so does a change of what it replaces.

        CloudFormation deletes what says nothing.
        """
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            kept = {id: r for id, r in development.resources.items() if r.get(policy, "Delete") != "Delete"}
            account = {id for id, r in kept.items() if r["Type"] == "AWS::ApiGateway::Account"}
            (role,) = set(references([kept[id]["Properties"]["CloudWatchRoleArn"] for id in account]))
            assert kept.keys() == {role, *account}

    def test_versions_in_force_stay_while_they_are_replaced(self, production):
        """AppConfig goes back to the one before where the new one cannot be read."""
        (version,) = (
            r for r in production.resources.values() if r["Type"] == "AWS::AppConfig::HostedConfigurationVersion"
        )
        assert (version["DeletionPolicy"], version["UpdateReplacePolicy"]) == ("Delete", "Retain")

    def test_modes_share_no_stack(self, development, production, with_users):
        """What was deployed for customers is not what a command without options changes, and nobody deletes it so."""
        assert development.stack_name == "OrdersApi"
        assert production.stack_name == with_users.stack_name == "OrdersApiProduction"
        for variant in (development, production):
            manifest = json.loads((variant.directory / "manifest.json").read_text())
            protected = manifest["artifacts"][variant.stack_name]["properties"].get("terminationProtection", False)
            assert protected is (variant is production)

    def test_production_stays(self, with_users):
        """Data, logs, users, and the role that other APIs may use by then."""
        kept = {r["Type"] for r in with_users.resources.values() if r.get("DeletionPolicy") == "Retain"}
        assert kept == {
            "AWS::ApiGateway::Account",
            "AWS::Cognito::UserPool",
            "AWS::DynamoDB::GlobalTable",
            "AWS::IAM::Role",
            "AWS::Logs::LogGroup",
            "AWS::SecretsManager::Secret",
        }
        assert with_users.only("AWS::Cognito::UserPool")["DeletionProtection"] == "ACTIVE"

    def test_logs_end(self, each):
        """None stays for ever, and each function has its own."""
        groups = each.of_type("AWS::Logs::LogGroup")
        assert {group["RetentionInDays"] for group in groups.values()} == {30}
        used = [next(references(f["LoggingConfig"])) for f in each.of_type("AWS::Lambda::Function").values()]
        assert len(set(used)) == len(used)

    def test_secret(self, each):
        """Made up by AWS, in no template; as long as the service asks for."""
        secret = each.only("AWS::SecretsManager::Secret")
        assert "SecretString" not in secret
        assert secret["GenerateSecretString"]["PasswordLength"] >= 32

    def test_configuration(self, each):
        """What is deployed is what AppConfig would take; what the service would not take is refused."""
        (validator,) = each.only("AWS::AppConfig::ConfigurationProfile")["Validators"]
        schema = json.loads(validator["Content"])
        content = json.loads(each.only("AWS::AppConfig::HostedConfigurationVersion")["Content"])
        jsonschema.Draft7Validator.check_schema(schema)
        jsonschema.validate(content, schema)
        for changed in ({"orders_accepted": "yes"}, {"largest_quantity": 0}, {"largest_quantity": 1001}, {"other": 1}):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({**content, **changed}, schema)

    def test_configuration_is_deployed(self, development, production):
        """At once in development, step by step where customers are."""
        for variant, minutes in ((development, (0, 0)), (production, (10, 5))):
            strategy = variant.only("AWS::AppConfig::DeploymentStrategy")
            assert (strategy["DeploymentDurationInMinutes"], strategy["FinalBakeTimeInMinutes"]) == minutes
            deployment = variant.only("AWS::AppConfig::Deployment")
            assert (
                set(references(deployment["ConfigurationVersion"]))
                <= variant.of_type("AWS::AppConfig::HostedConfigurationVersion").keys()
            )

    def test_configuration_that_cannot_be_read(self, each):
        """Sets off an alarm, which counts what the service logs of it."""
        ((_, counts),) = each.of_type("AWS::Logs::MetricFilter").items()
        pattern = re.fullmatch(r'{ \$\.message = "(.*)" }', counts["FilterPattern"])
        assert pattern
        source = (EXAMPLE / "service" / "orders" / "data" / "configuration.py").read_text(encoding="utf-8")
        logged = re.findall(r'logger\.warning\("([^"]*)"', source)
        assert any(fnmatch(message, pattern[1]) for message in logged)
        create = each.resources[each.functions()["create_order"]]["Properties"]
        assert counts["LogGroupName"] == create["LoggingConfig"]["LogGroup"]
        (transformation,) = counts["MetricTransformations"]
        metric = (transformation["MetricNamespace"], transformation["MetricName"])
        assert each.stack_name in metric[0]  # or stacks would count for each other
        (alarm,) = (a for a in each.of_type(ALARM).values() if (a.get("Namespace"), a.get("MetricName")) == metric)
        assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 0)

    def test_change_that_cannot_be_read(self, development, production):
        """Is taken back where it takes time to get to all: by that alarm, within the time that it is watched."""
        ((alarm, watched),) = (
            (id, a) for id, a in production.of_type(ALARM).items() if a.get("MetricName") == "ConfigurationUnreadable"
        )
        (monitor,) = production.only("AWS::AppConfig::Environment")["Monitors"]
        assert monitor["AlarmArn"] == {"Fn::GetAtt": [alarm, "Arn"]}
        role = production.resources[next(references(monitor["AlarmRoleArn"]))]["Properties"]
        assert "appconfig.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"])
        assert "cloudwatch:DescribeAlarms" in json.dumps(role["Policies"])
        bake = production.only("AWS::AppConfig::DeploymentStrategy")["FinalBakeTimeInMinutes"]
        assert watched["Period"] * watched["EvaluationPeriods"] <= bake * 60
        assert "Monitors" not in development.only("AWS::AppConfig::Environment")


class TestFunctions:
    """How they are set."""

    def test_variables(self, each):
        """Each is told what it needs and no more."""
        appconfig = {"APPCONFIG_APPLICATION", "APPCONFIG_ENVIRONMENT", "APPCONFIG_CONFIGURATION"}
        expected = {
            "create_order": {"ORDERS_TABLE", "IDEMPOTENCY_TABLE"} | appconfig,
            "get_order": {"ORDERS_TABLE"},
            "delete_order": {"ORDERS_TABLE"},
            "list_orders": {"ORDERS_TABLE", "CURSOR_SECRET"},
            "swagger": set(),
        }
        assert each.functions().keys() == expected.keys()
        for function, variables in expected.items():
            properties = each.resources[each.functions()[function]]["Properties"]
            assert properties["Environment"]["Variables"].keys() == variables | POWERTOOLS

    def test_logs_and_traces(self, each):
        """JSON from INFO on, and a trace of each call."""
        for function in each.of_type("AWS::Lambda::Function").values():
            assert function["LoggingConfig"]["LogFormat"] == "JSON"
            assert function["LoggingConfig"]["ApplicationLogLevel"] == "INFO"
            assert function["TracingConfig"] == {"Mode": "Active"}

    def test_give_up_before_lambda_does(self, each):
        """Though all services that they call are silent, with a second to spare; and API Gateway waits that long."""
        assert clients.ADDRESSES >= AVAILABILITY_ZONES_DEFAULT
        calls = {"get_order": 1, "delete_order": 1, "list_orders": listing.SILENT_CALLS}
        for function, id in each.functions().items():
            timeout = each.resources[id]["Properties"]["Timeout"]
            assert calls.get(function, 0) * clients.LONGEST_CALL + 1 <= timeout < 29
        # CREATE looks at the time itself; some of it is for another request with the same key.
        create = each.resources[each.functions()["create_order"]]["Properties"]
        assert placing.RESERVE >= 1000 * placing.SILENT_CALLS * clients.LONGEST_CALL
        assert create["Timeout"] >= placing.RESERVE / 1000 + clients.LONGEST_CALL

    def test_handlers_are_there(self, each):
        """Each function's handler is a function of a module of the service."""
        for function in each.of_type("AWS::Lambda::Function").values():
            *module, name = function["Handler"].split(".")
            path = EXAMPLE.joinpath("service", *module).with_suffix(".py")
            assert re.search(
                rf"^(def {name}\(|{name} = |    {name},|from .* import .*\b{name}\b)", path.read_text(), re.M
            )


class TestMonitoring:
    """What tells somebody."""

    def test_alarms(self, each):
        """Of the API, of each function and of each table, with thresholds that the metrics can get to."""
        alarms = {
            alarm.get("AlarmName", id).partition("-")[2] or id: alarm for id, alarm in each.of_type(ALARM).items()
        }
        assert alarms.keys() >= {
            "Api-Fault-Rate-Critical",
            "Api-Latency-P99-Warning",
            *(f"{name}-Fault-Rate-Critical" for name in ("CreateOrder", "GetOrder", "DeleteOrder", "Swagger")),
            *(f"{name}-Throttled-Count-Warning" for name in ("CreateOrder", "GetOrder", "DeleteOrder", "Swagger")),
            *(
                f"{name}-{way}-Throttled-Events-Warning"
                for name in ("Orders", "Idempotency")
                for way in ("Read", "Write")
            ),
        }
        for managed in ("ListOrders", "Pool"):
            assert any(name.startswith(managed) for name in alarms)
        for name, alarm in alarms.items():
            if name.endswith("-Fault-Rate-Critical"):
                # An average of zeros and ones never gets above 1.
                assert alarm["Metrics"][0]["MetricStat"]["Stat"] == "Average"
                assert 0 < alarm["Threshold"] < 1
            assert alarm["TreatMissingData"] == "notBreaching", name

    def test_answers_that_are_failures(self, each):
        """Lambda sees none of them: the functions count them, in a namespace of the stack's own, by these names."""
        variables = [f["Environment"]["Variables"] for f in each.of_type("AWS::Lambda::Function").values()]
        (namespace,) = {v["POWERTOOLS_METRICS_NAMESPACE"] for v in variables}
        (service,) = {v["POWERTOOLS_SERVICE_NAME"] for v in variables}
        assert each.stack_name in namespace  # or stacks would count for each other
        alarms = {
            a["MetricName"]: a
            for a in each.of_type(ALARM).values()
            if a.get("Dimensions") == [{"Name": "service", "Value": service}]
        }
        assert alarms.keys() == {"Failed", "Unavailable"}
        source = (EXAMPLE / "service" / "orders" / "handlers" / "endpoint.py").read_text(encoding="utf-8")
        assert alarms.keys() <= set(re.findall(r'\{"(\w+)": 1\}', source))
        for alarm in alarms.values():
            assert (alarm["Namespace"], alarm["Statistic"], alarm["Threshold"]) == (namespace, "Sum", 0)
            assert alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"]

    def test_bounds_that_were_not_set(self, each):
        """A message in the queue of the schedules sets off an alarm."""
        (queue,) = {
            id
            for schedule in each.of_type("AWS::Scheduler::Schedule").values()
            for id in references(schedule["Target"]["DeadLetterConfig"]["Arn"])
        }
        (alarm,) = (
            a
            for a in each.of_type(ALARM).values()
            if a.get("Dimensions") == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [queue, "QueueName"]}}]
        )
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        assert (alarm["Statistic"], alarm["ComparisonOperator"]) == ("Maximum", "GreaterThanThreshold")
        assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
        assert alarm["AlarmDescription"]

    def test_alarms_watch_this_stack(self, each):
        """Metrics of an API have its name and no id, so the name must be the stack's own."""
        name = each.only("AWS::ApiGateway::RestApi")["Name"]
        assert name == each.stack_name
        alarms = json.dumps(each.of_type(ALARM))
        assert f'{{"Name": "ApiName", "Value": "{name}"}}' in alarms
        for function in each.functions().values():
            assert f'{{"Ref": "{function}"}}' in alarms

    def test_who_is_told(self, development, production):
        """In production whoever subscribes, over TLS; in development nobody. A stated policy replaces SNS's own."""
        ((topic, _),) = production.of_type("AWS::SNS::Topic").items()
        for alarm in production.of_type(ALARM).values():
            assert alarm.get("ActionsEnabled", True) is True
            assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
        policy = production.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
        assert any(s["Effect"] == "Deny" and "aws:SecureTransport" in json.dumps(s["Condition"]) for s in policy)
        (allowed,) = (s for s in policy if s["Effect"] == "Allow")
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert (allowed["Action"], allowed["Resource"]) == ("sns:Publish", {"Ref": topic})
        assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        (source,) = allowed["Condition"]["ArnLike"].values()
        assert source["Fn::Join"][1][-1].endswith(":alarm:*")
        assert not development.of_type("AWS::SNS::Topic")
        assert not any(alarm.get("AlarmActions") for alarm in development.of_type(ALARM).values())

    def test_firewall_is_watched_by_its_metrics(self, production):
        """CloudWatch has them under the name of the web ACL's metric."""
        acl = production.only("AWS::WAFv2::WebACL")
        (alarm,) = (a for a in production.of_type(ALARM).values() if "Firewall" in a.get("AlarmName", ""))
        watched = f'{{"Name": "WebACL", "Value": "{acl["VisibilityConfig"]["MetricName"]}"}}'
        assert watched in json.dumps(alarm)
        assert alarm["Threshold"] > 1  # per cent, as the expression has it
        assert "100 *" in json.dumps(alarm)

    def test_dashboard(self, each):
        """All that is watched can be looked at."""
        titles = list(widget_titles(each))
        headings = {m[1] for title in titles if (m := re.search(r"^##.*?(\w+)(?:\*\*|\]\(.*)?$", title))}
        assert headings == {
            *(
                "API",
                "CreateOrder",
                "GetOrder",
                "DeleteOrder",
                "Swagger",
                "ListOrders",
                "Pool",
                "Orders",
                "Idempotency",
            ),
            *(["Firewall"] if each.name.startswith("production") else []),
        }
        assert {"Answers", "Configuration", "Bounds not set"} <= set(titles)

    def test_alarms_of_list(self, each):
        """What it and its pool run out of, each against a bound that it has, with what to turn."""
        alarms = alarms_of_list(each)
        assert alarms.keys() == {
            ("ListOrders", "ThrottledShare"),
            ("ListOrders", "ConcurrencyThrottledShare"),
            ("ListOrders", "CpuThrottledShare"),
            ("ListOrders", "MemoryThrottledShare"),
            ("ListOrders", "DiskThrottledShare"),
            ("ListOrders", "ConcurrencyUtilization"),
            ("ListOrders", "CpuUtilization"),
            ("ListOrders", "MemoryUtilization"),
            ("ListOrders", "ErrorShare"),
            ("ListOrders", "P99ShareOfTimeout"),
            ("Pool", "CpuUtilization"),
            ("Pool", "MemoryUtilization"),
            ("Pool", "VCpuShareOfMax"),
        }
        for alarm in alarms.values():
            assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
            assert alarm["TreatMissingData"] == "notBreaching"
            assert alarm["AlarmDescription"]
        timeout = each.resources[each.functions()["list_orders"]]["Properties"]["Timeout"]
        assert 0 < alarms["ListOrders", "P99ShareOfTimeout"]["Threshold"] < timeout * 1000
        v_cpus = each.only("AWS::Lambda::CapacityProvider")["CapacityProviderScalingConfig"]["MaxVCpuCount"]
        assert 0 < alarms["Pool", "VCpuShareOfMax"]["Threshold"] < v_cpus

    def test_alarms_of_list_watch_what_serves(self, each):
        """What AWS counts by version is counted of the live one, the rest of the alias; the pool by its name."""
        (version,) = each.of_type("AWS::Lambda::Version")
        (pool,) = each.of_type("AWS::Lambda::CapacityProvider")
        alias = each.only("AWS::Lambda::Alias")
        assert alias["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
        alarms = {kind: json.dumps(alarm) for kind, alarm in alarms_of_list(each).items()}
        for kind in ("ConcurrencyUtilization", "CpuUtilization", "MemoryUtilization"):
            assert version in alarms["ListOrders", kind]
        for kind in ("ThrottledShare", "ErrorShare", "P99ShareOfTimeout"):
            assert f":{alias['Name']}" in alarms["ListOrders", kind]
        for (of, _), alarm in alarms.items():
            assert pool in alarm or of != "Pool"


class TestSchedules:
    """How many execution environments LIST may have, by the clock."""

    @staticmethod
    def schedules(synthesized):
        """Give the schedules with what they send, references in place of what only AWS knows."""
        for schedule in synthesized.of_type("AWS::Scheduler::Schedule").values():
            parts = schedule["Target"]["Input"]["Fn::Join"][1]
            text = "".join(part if isinstance(part, str) else json.dumps(part).replace('"', "'") for part in parts)
            yield schedule, json.loads(text)

    def test_bounds(self, each):
        """Within those that the stack states; by day they are those that LIST is published with."""
        static = each.only("AWS::Lambda::Version")["FunctionScalingConfig"]
        by_hour = {s["ScheduleExpression"]: sent["FunctionScalingConfig"] for s, sent in self.schedules(each)}
        assert by_hour == {
            "cron(0 22 * * ? *)": {**static, "MaxExecutionEnvironments": LARGEST_AT_NIGHT},
            "cron(0 6 * * ? *)": static,
        }
        assert static == {"MinExecutionEnvironments": SMALLEST_FLEET, "MaxExecutionEnvironments": LARGEST_FLEET}
        assert 0 < SMALLEST_FLEET <= LARGEST_AT_NIGHT < LARGEST_FLEET

    def test_follow_the_live_version(self, each):
        """They call Lambda with the number of the version that the alias serves, and come after the alias."""
        ((version, of),) = each.of_type("AWS::Lambda::Version").items()
        ((alias, _),) = each.of_type("AWS::Lambda::Alias").items()
        sent = [what for _, what in self.schedules(each)]
        assert len(sent) == 2
        for parameters in sent:
            assert parameters["Qualifier"] == str({"Fn::GetAtt": [version, "Version"]})
            assert parameters["FunctionName"] == str(of["FunctionName"])
        for resource in each.resources.values():
            if resource["Type"] == "AWS::Scheduler::Schedule":
                assert alias in resource["DependsOn"]
                assert json.dumps(resource["Properties"]["Target"]["Arn"]).endswith(
                    ':scheduler:::aws-sdk:lambda:putFunctionScalingConfig"]]}'
                )
                assert resource["Properties"]["State"] == "ENABLED"

    def test_may_scale_what_serves_and_nothing_else(self, each):
        """By a role that EventBridge Scheduler alone takes."""
        ((role_id, schedules),) = {next(references(s["Target"]["RoleArn"])): s for s, _ in self.schedules(each)}.items()
        assert schedules
        ((version, of),) = each.of_type("AWS::Lambda::Version").items()
        trusted = json.dumps(each.resources[role_id]["Properties"]["AssumeRolePolicyDocument"])
        assert "scheduler.amazonaws.com" in trusted
        (policy,) = (p for p in each.of_type("AWS::IAM::Policy").values() if role_id in references(p["Roles"]))
        may = {s["Action"]: s["Resource"] for s in policy["PolicyDocument"]["Statement"]}
        assert may.keys() == {"lambda:PutFunctionScalingConfig", "sqs:SendMessage"}
        (function,) = references(of["FunctionName"])
        assert set(references(may["lambda:PutFunctionScalingConfig"])) == {version, function}
