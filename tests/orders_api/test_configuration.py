"""What changes while the service runs: the configuration in AppConfig, and the secret that tokens are signed with."""

import io
import json
from types import SimpleNamespace
from uuid import uuid4

import pytest
from botocore import exceptions
from orders.data import configuration, signing_keys
from orders.data.clients import client
from orders.logic import cursor
from orders.models.settings import Settings


@pytest.fixture
def clock(monkeypatch):
    """The service's clock: add seconds to it."""
    clock = SimpleNamespace(seconds=1000.0)
    clock.monotonic = lambda: clock.seconds
    for module in (configuration, signing_keys):
        monkeypatch.setattr(module, "time", clock)
    return clock


class AppConfig:
    """What AppConfig answers, and how often it was asked."""

    def __init__(self):
        self.document = {"orders_accepted": True, "largest_quantity": 1000}
        self.failure = None
        self.asked = 0
        self.sessions = 0

    def start(self, **_):
        """Begin a session."""
        self.sessions += 1
        return self._answer({"InitialConfigurationToken": f"{self.sessions}"})

    def get(self, params, **_):
        """Give the document, to the latest session."""
        self.asked += 1
        if params["query_string"]["configuration_token"] != f"{self.sessions}":
            return SimpleNamespace(status_code=400), {"Error": {"Code": "BadRequestException", "Message": "secret"}}
        text = self.document if isinstance(self.document, str) else json.dumps(self.document)
        return self._answer(
            {"NextPollConfigurationToken": f"{self.sessions}", "Configuration": io.BytesIO(text.encode())}
        )

    def _answer(self, answer):
        if isinstance(self.failure, Exception):
            raise self.failure
        if self.failure:
            return SimpleNamespace(status_code=400), {"Error": {"Code": self.failure, "Message": "secret"}}
        return SimpleNamespace(status_code=200), answer


@pytest.fixture
def appconfig(aws, new_process, monkeypatch):
    """An AppConfig that does as it is told, behind the service's own client of it."""
    for name in ("APPLICATION", "ENVIRONMENT", "CONFIGURATION"):
        monkeypatch.setenv(f"APPCONFIG_{name}", f"{name}-id")
    appconfig = AppConfig()
    events = client("appconfigdata").meta.events
    events.register("before-call.appconfigdata.StartConfigurationSession", appconfig.start)
    events.register("before-call.appconfigdata.GetLatestConfiguration", appconfig.get)
    return appconfig


@pytest.mark.usefixtures("orders_table", "idempotency_table")
class TestConfiguration:
    """AppConfig's, and for want of it the service's own."""

    def test_is_the_services_own_where_there_is_no_appconfig(self, api, coffee, monkeypatch):
        """As on a developer's machine."""
        for name in ("APPLICATION", "ENVIRONMENT", "CONFIGURATION"):
            monkeypatch.delenv(f"APPCONFIG_{name}", raising=False)
        assert api.create(coffee | {"quantity": 1000}).status == 201

    def test_bounds_the_quantity(self, api, coffee, appconfig):
        """The client is told what is allowed now."""
        appconfig.document = {"orders_accepted": True, "largest_quantity": 10}
        assert api.create(coffee | {"quantity": 10}).status == 201
        answer = api.create(coffee | {"quantity": 11})
        assert answer.status == 422
        assert answer.body["problems"] == [
            {"field": "quantity", "problem": "must be at most 10 at the moment", "got": "11"}
        ]

    def test_closes_the_shop(self, api, coffee, appconfig, clock, dynamodb, orders_table):
        """New orders are turned away with a time to come back; what was ordered can be read and cancelled."""
        order = api.create(coffee, {"Idempotency-Key": "k"}).body
        appconfig.document = {"orders_accepted": False}
        clock.seconds += configuration.LIFETIME + 1
        for headers in (None, {"Idempotency-Key": "new"}):
            answer = api.create(coffee, headers)
            assert (answer.status, answer.body["title"]) == (503, "orders are not accepted at the moment")
            assert int(answer.headers["Retry-After"]) > 0
        assert api.create(coffee, {"Idempotency-Key": "k"}).body == order
        assert api.get(order["order_id"]).status == 200
        assert api.delete(order["order_id"]).status == 204
        appconfig.document = {"orders_accepted": True}
        clock.seconds += configuration.LIFETIME + 1
        assert api.create(coffee, {"Idempotency-Key": "new"}).status == 201

    def test_is_asked_for_once_in_a_while(self, api, coffee, appconfig, clock):
        """And not for each order, whether AppConfig answers or not."""
        for _ in range(3):
            api.create(coffee)
        assert appconfig.asked == 1
        clock.seconds += configuration.LIFETIME + 1
        appconfig.failure = "InternalServerException"
        for _ in range(3):
            api.create(coffee)
        assert appconfig.asked <= 4  # with botocore's own second attempts

    @pytest.mark.parametrize(
        "failure",
        [
            "AccessDeniedException",
            "ResourceNotFoundException",
            "BadRequestException",
            "ThrottlingException",
            exceptions.EndpointConnectionError(endpoint_url="secret"),
            exceptions.ReadTimeoutError(endpoint_url="secret"),
        ],
        ids=str,
    )
    def test_stays_as_it_was_while_appconfig_fails(self, api, coffee, appconfig, clock, log, failure):
        """At first as the service's own; the log tells, and the client is told nothing."""
        appconfig.failure = failure
        assert api.create(coffee).status == 201
        assert [line["level"] for line in log()] == ["WARNING", "INFO"]
        appconfig.failure, appconfig.document = None, {"largest_quantity": 1}
        clock.seconds += configuration.LIFETIME + 1
        assert api.create(coffee).status == 422
        appconfig.failure = failure
        clock.seconds += configuration.LIFETIME + 1
        assert api.create(coffee).status == 422

    def test_is_read_in_a_new_session_when_the_old_one_has_ended(self, api, coffee, appconfig, clock):
        """They end after a day without a word, and AppConfig takes their tokens no more."""
        api.create(coffee)
        appconfig.sessions += 1
        appconfig.document = {"largest_quantity": 1}
        for status in (201, 422):
            clock.seconds += configuration.LIFETIME + 1
            assert api.create(coffee).status == status

    @pytest.mark.parametrize(
        "document",
        ["", "no JSON", "[]", "null", {"largest_quantity": 0}, {"largest_quantity": 1001}, {"orders_accepted": "no"}],
        ids=repr,
    )
    def test_stays_as_it_was_while_the_document_makes_no_sense(self, api, coffee, appconfig, clock, log, document):
        """Nobody's typing error stops the service."""
        appconfig.document = {"largest_quantity": 1}
        assert api.create(coffee).status == 422
        appconfig.document = document
        clock.seconds += configuration.LIFETIME + 1
        assert api.create(coffee).status == 422
        assert "Traceback" not in json.dumps(api.create(coffee).body)


def test_the_services_own_configuration_is_whole():
    """Every setting has a value there."""
    assert configuration.default_settings().model_fields_set == set(Settings.model_fields)


@pytest.fixture
def rotate(aws, secret):
    """Give the secret a new version, as a rotation does: a good one, or another."""

    def rotate(**value):
        value = value or {"SecretString": uuid4().hex + uuid4().hex}
        aws("secretsmanager").put_secret_value(SecretId=secret, **value)

    return rotate


@pytest.fixture
def secret_failures(new_process, aws):
    """What the next calls of Secrets Manager come to: an exception or an error's code."""
    coming: list[Exception | str] = []
    calls = []

    def fail(**_):
        calls.append(1)
        failure = coming.pop(0) if coming else None
        if isinstance(failure, Exception):
            raise failure
        return failure and (SimpleNamespace(status_code=400), {"Error": {"Code": failure, "Message": "secret"}})

    aws("secretsmanager").meta.events.register("before-call.secretsmanager", fail)
    return SimpleNamespace(coming=coming, calls=calls)


class TestSecret:
    """Its versions come and go while processes run."""

    @pytest.fixture(autouse=True)
    def _orders(self, new_process, secret, orders_table, put_orders):
        self.ids = put_orders(orders_table, 4)

    def rest(self, api, page):
        """Read the pages after a page."""
        orders = page["orders"]
        while page["next_token"]:
            answer = api.list(limit="1", next_token=page["next_token"])
            assert answer.status == 200
            page = answer.body
            orders += page["orders"]
        return sorted(order["order_id"] for order in orders)

    def test_survives_a_rotation(self, api, rotate, new_process):
        """A token of the version before is good in a process that never saw that one current."""
        page = api.list(limit="1").body
        rotate()
        new_process()
        assert self.rest(api, page) == sorted(self.ids)

    def test_ends_with_the_next_rotation(self, api, rotate, new_process):
        """Then the token is refused like any other."""
        page = api.list(limit="1").body
        rotate()
        rotate()
        new_process()
        assert api.list(next_token=page["next_token"]).status == 400

    def test_is_read_again_when_it_is_old(self, api, rotate, clock):
        """After five minutes, tokens are signed with the new version."""
        old = api.list(limit="1").body["next_token"].split(".")[1]
        rotate()
        assert api.list(limit="1").body["next_token"].split(".")[1] == old
        clock.seconds += 301
        assert api.list(limit="1").body["next_token"].split(".")[1] != old

    def test_is_read_again_for_a_token_of_another_process(self, api, rotate, clock, new_process):
        """That process has seen the rotation first."""
        api.list(limit="1")
        ours = signing_keys.signing_keys()
        rotate()
        new_process()
        page = api.list(limit="1").body
        theirs = signing_keys.signing_keys()
        assert ours is not theirs
        # However short a time ago it was that this one has read the secret.
        assert ours.find(page["next_token"].split(".")[1]) == theirs.current()

    def test_is_not_read_for_each_forged_token(self, api, secret_failures, clock):
        """Nobody gets to have Secrets Manager asked as often as they like, nor to make this look like an outage."""
        api.list(limit="1")
        asked = len(secret_failures.calls)
        answers = [api.list(next_token=f"2.{number:08}.{'A' * 22}.{'A' * 43}") for number in range(20)]
        assert [answer.status for answer in answers] == [400] + [429] * 19
        assert int(answers[-1].headers["Retry-After"]) == signing_keys.LOOK_PAUSE
        assert len(secret_failures.calls) == asked + 2
        clock.seconds += signing_keys.LOOK_PAUSE
        assert api.list(next_token=f"2.99999999.{'A' * 22}.{'A' * 43}").status == 400
        assert len(secret_failures.calls) == asked + 4

    def test_is_not_read_twice_for_a_token(self, api, secret_failures, rotate, new_process, clock):
        """One that has expired stays so, however often it is sent, and keeps no other from being looked for."""
        page = api.list(limit="1").body
        for _ in range(2):
            rotate()
        clock.seconds += signing_keys.LIFETIME
        asked = len(secret_failures.calls)
        for _ in range(20):
            assert api.list(next_token=page["next_token"]).status == 400
            clock.seconds += signing_keys.LOOK_PAUSE
        assert len(secret_failures.calls) == asked + 2

    def test_is_not_read_if_no_token_is_needed(self, api, secret_failures):
        """Such as for the one page there is."""
        assert api.list(limit="100").status == 200
        assert secret_failures.calls == []

    @pytest.mark.parametrize("failure", ["ResourceNotFoundException", "AccessDeniedException", "DecryptionFailure"])
    def test_that_is_missing_or_denied_is_500(self, api, secret_failures, clock, log, failure):
        """Somebody has to set it right. It is tried again a moment later, and not for each request."""
        secret_failures.coming.append(failure)
        answer = api.list(limit="1")
        assert answer.status == 500
        assert answer.body == {"status": 500, "title": "something went wrong here", "problems": []}
        (line,) = log()
        assert failure in line["exception"]
        asked = len(secret_failures.calls)
        assert [api.list(limit="1").status for _ in range(10)] == [500] * 10
        assert len(secret_failures.calls) == asked
        clock.seconds += signing_keys.RETRY_PAUSE
        assert api.list(limit="1").status == 200

    @pytest.mark.parametrize(
        "failure",
        ["ThrottlingException", "InternalServiceError", exceptions.ConnectTimeoutError(endpoint_url="secret")],
        ids=str,
    )
    def test_that_cannot_be_had_at_the_moment_is_503(self, api, secret_failures, clock, failure):
        """It may be had when the client is told to come back."""
        secret_failures.coming += [failure]
        answer = api.list(limit="1")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert "secret" not in str(answer)
        clock.seconds += int(answer.headers["Retry-After"])
        assert api.list(limit="1").status == 200

    @pytest.mark.parametrize("bad", [{"SecretString": "short"}, {"SecretBinary": b"b" * 64}], ids=str)
    def test_that_was_set_wrong_once_does_no_harm(self, api, rotate, new_process, log, bad):
        """Neither while it is current, for the version before is good, nor when it was set right. The log tells."""
        page = api.list(limit="1").body
        rotate(**bad)
        new_process()
        log()
        assert self.rest(api, page) == sorted(self.ids)
        assert [line["level"] for line in log()].count("ERROR") == 1
        rotate()
        new_process()
        assert api.list(limit="1").status == 200
        assert [line["level"] for line in log()].count("ERROR") == 1

    def test_stays_in_use_while_it_cannot_be_read_again(self, api, secret_failures, clock, log):
        """Whatever the reason is. The log tells, once in a while."""
        page = api.list(limit="1").body
        secret_failures.coming += ["AccessDeniedException"]
        clock.seconds += signing_keys.LIFETIME + 1
        log()
        assert self.rest(api, page) == sorted(self.ids)
        assert [line["level"] for line in log()].count("WARNING") == 1

    @pytest.mark.parametrize(("failures", "first"), [(1, 200), (2, 503)])
    def test_that_cannot_be_read_again_hides_no_version(
        self, api, secret, secret_failures, rotate, orders_table, clock, failures, first
    ):
        """Another process has seen the rotation: a token of its is looked for, and not refused before it was."""
        api.list(limit="1")
        rotate()
        token = cursor.encode(self.ids[0], table=orders_table, keys=signing_keys.SigningKeys(secret))
        clock.seconds += signing_keys.LIFETIME + 1
        secret_failures.coming += ["InternalServiceError"] * failures
        assert api.list(limit="1", next_token=token).status == first
        clock.seconds += signing_keys.LOOK_PAUSE
        assert api.list(limit="1", next_token=token).status == 200

    def test_that_is_too_short_signs_nothing(self, api, aws, monkeypatch, log):
        """It could be guessed from a token."""
        name = f"cursor-{uuid4()}"
        aws("secretsmanager").create_secret(Name=name, SecretString="s" * 31)
        monkeypatch.setenv("CURSOR_SECRET", name)
        assert api.list(limit="1").status == 500
        assert "s" * 31 not in json.dumps(log())
