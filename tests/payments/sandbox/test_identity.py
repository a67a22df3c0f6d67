"""Identity: a session from its beginning to each of its ends, by the hosted page and by the controls."""

import re
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from payments.sandbox.identity import checks
from payments.sandbox.wire import Reply
from tests.payments.sandbox.checked import CheckedClient, Json
from tests.payments.sandbox.conftest import Stage

BACK = "http://127.0.0.1/back"


def start(stage: Stage, **more: object) -> stripe.identity.VerificationSession:
    order = {"type": "document", "return_url": BACK, "metadata": {"performer": "prf_1"}, **more}
    return stage.client.v1.identity.verification_sessions.create(order)  # type: ignore[arg-type]  # the test's own dictionary


def look(stage: Stage, session_id: str, *expand: str, key: str = "sk_test_sandbox") -> Json:
    client = stripe.StripeClient(key, http_client=CheckedClient(stage.sandbox))
    found = client.v1.identity.verification_sessions.retrieve(session_id, {"expand": list(expand)})
    return found.to_dict()


def told(stage: Stage) -> list[str]:
    """What events there are about sessions, the first first."""
    events = stage.client.v1.events.list({"limit": 100}).data
    names = [event.type.removeprefix("identity.verification_session.") for event in events]
    return [name for name in reversed(names) if "." not in name]


def opens(stage: Stage, url: str) -> Reply:
    parts = urlsplit(url)
    return stage.sandbox.handle("GET", f"{parts.path}?{parts.query}", {})


def sends(stage: Stage, url: str, shown: Reply, **form: str) -> Reply:
    token = re.search(r"name='token' value='([^']+)'", shown.body.decode())
    assert token is not None
    body = {"token": token[1], "first_name": "Ada", "last_name": "Reyes", "dob": "1990-05-04", **form}
    return stage.sandbox.handle("POST", urlsplit(url).path, {}, urlencode(body).encode())


class TestOnTheHostedPage:
    def test_a_good_document_is_verified_and_leads_back(self, stage: Stage) -> None:
        session = start(stage)
        assert session.status == "requires_input"
        shown = opens(stage, str(session.url))
        answer = sends(stage, str(session.url), shown)
        assert (answer.status, answer.headers["Location"]) == (303, BACK)
        found = look(stage, session.id)
        assert (found["status"], found["url"], found["client_secret"]) == ("verified", None, None)
        assert found["last_verification_report"].startswith("vr_")
        assert told(stage) == ["created", "processing", "verified"]

    @pytest.mark.parametrize("code", checks.REASONS)
    def test_each_way_to_fail_says_its_code_and_opens_again(self, stage: Stage, code: str) -> None:
        session = start(stage)
        sends(stage, str(session.url), opens(stage, str(session.url)), error=code)
        found = look(stage, session.id)
        assert (found["status"], found["last_error"]["code"]) == ("requires_input", code)
        assert found["url"] != session.url
        assert opens(stage, found["url"]).status == 200

    def test_an_address_opens_once_and_for_two_days(self, stage: Stage) -> None:
        session = start(stage)
        assert opens(stage, str(session.url)).status == 200
        assert opens(stage, str(session.url)).status == 410
        fresh = look(stage, session.id)["url"]
        stage.later(days=2.1)
        assert opens(stage, fresh).status == 410
        assert opens(stage, look(stage, session.id)["url"]).status == 200

    def test_leaving_hands_nothing_in(self, stage: Stage) -> None:
        session = start(stage)
        answer = sends(stage, str(session.url), opens(stage, str(session.url)), leave="1")
        assert answer.headers["Location"] == BACK
        assert look(stage, session.id)["status"] == "requires_input"
        assert told(stage) == ["created"]

    def test_what_is_wrong_with_the_form_is_said_on_it(self, stage: Stage) -> None:
        session = start(stage)
        shown = opens(stage, str(session.url))
        for wrong in ({"dob": "soon"}, {"first_name": ""}, {"error": "no_such"}):
            refused = sends(stage, str(session.url), shown, **wrong)
            assert refused.status == 400
            assert "role='alert'" in refused.body.decode()
        assert sends(stage, str(session.url), shown).status == 303

    def test_a_form_of_another_link_is_not_taken(self, stage: Stage) -> None:
        one, other = start(stage), start(stage)
        shown = opens(stage, str(one.url))
        opens(stage, str(other.url))
        assert sends(stage, str(other.url), shown).status == 410


class TestItsLife:
    def test_a_check_may_take_its_time(self, stage: Stage) -> None:
        stage.sandbox.world.options.verification_s = 60
        session = start(stage)
        stage.control(f"identity/{session.id}/submit")
        assert look(stage, session.id)["status"] == "processing"
        with pytest.raises(stripe.InvalidRequestError, match="processing"):
            stage.client.v1.identity.verification_sessions.cancel(session.id)
        stage.later(seconds=61)
        assert look(stage, session.id)["status"] == "verified"

    def test_one_that_was_cancelled_takes_nothing_more(self, stage: Stage) -> None:
        session = start(stage)
        shown = opens(stage, str(session.url))
        cancelled = stage.client.v1.identity.verification_sessions.cancel(session.id)
        assert (cancelled.status, cancelled.url) == ("canceled", None)
        assert sends(stage, str(session.url), shown).status == 400
        assert told(stage) == ["created", "canceled"]

    def test_abandoned_is_an_error_of_its_own(self, stage: Stage) -> None:
        session = start(stage)
        stage.control(f"identity/{session.id}/abandon")
        assert look(stage, session.id)["last_error"]["code"] == "abandoned"

    def test_a_child_is_not_verified(self, stage: Stage) -> None:
        session = start(stage)
        stage.control(f"identity/{session.id}/submit", {"dob": "2015-01-01"})
        assert look(stage, session.id)["last_error"]["code"] == "under_supported_age"

    def test_the_same_key_starts_one(self, stage: Stage) -> None:
        sessions = stage.client.v1.identity.verification_sessions
        one, other = (sessions.create({"type": "document"}, {"idempotency_key": "k"}) for _ in range(2))
        assert one.id == other.id
        found = sessions.list({"status": "requires_input", "client_reference_id": "nobody"})
        assert found.data == []
        assert [each.id for each in sessions.list().data] == [one.id]


class TestWhatWasVerified:
    @pytest.fixture
    def verified(self, stage: Stage) -> str:
        session = start(stage)
        stage.control(f"identity/{session.id}/submit", {"first_name": "Ada", "last_name": "Reyes"})
        return session.id

    def test_is_shown_to_who_asks_for_it(self, stage: Stage, verified: str) -> None:
        assert "verified_outputs" not in look(stage, verified)
        outputs = look(stage, verified, "verified_outputs")["verified_outputs"]
        assert (outputs["first_name"], outputs["last_name"]) == ("Ada", "Reyes")
        assert "dob" not in outputs

    def test_a_birthday_takes_a_restricted_key_of_the_same_platform(
        self, stage: Stage, verified: str
    ) -> None:
        wanted = ("verified_outputs", "verified_outputs.dob")
        with pytest.raises(stripe.PermissionError):
            look(stage, verified, *wanted)
        outputs = look(stage, verified, *wanted, key="rk_test_sandbox")["verified_outputs"]
        assert outputs["dob"] == {"year": 1990, "month": 1, "day": 1}

    def test_a_birthday_is_shown_for_two_days(self, stage: Stage, verified: str) -> None:
        stage.later(days=2.1)
        with pytest.raises(stripe.PermissionError, match="48 hours"):
            look(stage, verified, "verified_outputs.dob", key="rk_test_sandbox")

    def test_no_event_carries_it(self, stage: Stage, verified: str) -> None:
        for event in stage.client.v1.events.list({"limit": 100}).data:
            assert "Reyes" not in str(event)
            assert event.data.object.to_dict().get("url") is None
