"""A check of identity from its beginning to each of its ends, by page and API, by webhook and by poll."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.http import HttpResponse
from django.test import override_settings

from accounts.notifications.models import Notification
from accounts.performers.models import IdentityProof, Performer
from payments.gateway.client import client
from payments.identity_checks import operations
from payments.identity_checks.models import IdentityCheck
from payments.identity_checks.reasons import REASONS
from payments.inbox.models import Finding
from payments.webhooks import events
from tests import stories
from tests.accounts.standing.doors import DOORS, Person, done, refused
from tests.payments.world import World

ADA = {"first_name": "Ada", "last_name": "Lovelace", "dob": "1990-12-10"}


@pytest.fixture
def performer(world: World) -> Performer:
    return stories.a_newcomer()


def starts(me: Person) -> HttpResponse:
    return me.sends("identity_check", "me/identity-check/link", {})


def check() -> IdentityCheck:
    return IdentityCheck.objects.latest("id")


def submits(world: World, **given: str) -> None:
    world.control(f"identity/{check().stripe_id}/submit", **ADA | given)


def is_told(world: World, name: str = "verified", *, stripe_id: str = "", event_id: str = "evt_1") -> None:
    """Stripe's word arrives, and is worked."""
    told = {"id": stripe_id or check().stripe_id, "object": "identity.verification_session"}
    world.deliver_event(f"identity.verification_session.{name}", told, event_id=event_id)
    events.work(at=world.now)


def is_asked(world: World) -> None:
    """The sweep asks Stripe, a good while later."""
    world.wait(minutes=11)
    operations.refresh_due(at=world.now)


def read(me: Person) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(me.api.get("me/identity-check").content)
    return found


def outcome(performer: Performer) -> str:
    proof = IdentityProof.objects.filter(performer=performer).first()
    return proof.outcome if proof else ""


def titles(performer: Performer) -> list[str]:
    return list(
        Notification.objects.filter(user=performer.user).order_by("id").values_list("title", flat=True)
    )


def begun(world: World) -> list[Any]:
    return client().v1.identity.verification_sessions.list().data


@DOORS
class TestStarting:
    def test_leads_to_the_partners_page_and_twice_to_one_check(
        self, world: World, performer: Performer, door: str
    ) -> None:
        me = Person(performer.user, door)
        first, again = starts(me), starts(me)
        assert (done(first), done(again)) == (True, True)
        for answer in (first, again):
            url = answer.headers["Location"] if door == "page" else answer.json()["url"]  # type: ignore[attr-defined] # the test client's
            assert "/hosted/verify/vs_" in url
        assert len(begun(world)) == 1

    def test_is_refused_while_stripe_looks_and_once_it_is_proven(
        self, world: World, performer: Performer, door: str
    ) -> None:
        me = Person(performer.user, door)
        starts(me)
        world.sandbox.world.options.verification_s = 60
        submits(world)
        assert refused(starts(me), "identity_check_under_way")
        world.wait(minutes=2)
        assert refused(starts(me), "identity_already_proven")
        assert outcome(performer) == "proven"
        assert len(begun(world)) == 1

    def test_loses_nothing_while_the_partner_is_away(
        self, world: World, performer: Performer, door: str
    ) -> None:
        me = Person(performer.user, door)
        world.control("faults", on="POST /v1/identity/verification_sessions", do="drop_after", times=1)
        assert starts(me).status_code == 503
        assert done(starts(me))
        assert len(begun(world)) == 1

    def test_after_the_end_of_one_begins_another(self, world: World, performer: Performer, door: str) -> None:
        me = Person(performer.user, door)
        starts(me)
        client().v1.identity.verification_sessions.cancel(check().stripe_id)
        assert done(starts(me))
        assert IdentityCheck.objects.filter(ended_at=None).count() == 1
        assert len(begun(world)) == 2


class TestFollowing:
    @pytest.fixture
    def me(self, world: World, performer: Performer) -> Person:
        me = Person(performer.user, "page")
        starts(me)
        return me

    def test_by_a_webhook(self, world: World, me: Person, performer: Performer) -> None:
        submits(world)
        is_told(world)
        assert outcome(performer) == "proven"
        assert titles(performer) == ["Your identity is proven"]
        assert "Your identity is proven" in me.reads("/identity/")
        assert read(me)["status"] == "verified"

    def test_by_coming_back(self, world: World, me: Person, performer: Performer) -> None:
        submits(world)
        assert "Open Stripe" in me.reads("/identity/")
        assert "Your identity is proven" in me.reads("/identity/?back=1")

    def test_by_a_poll_when_nobody_comes_back_and_no_webhook_arrives(
        self, world: World, me: Person, performer: Performer
    ) -> None:
        submits(world)
        operations.refresh_due(at=world.now)
        assert outcome(performer) == ""
        is_asked(world)
        assert outcome(performer) == "proven"

    def test_told_twice_and_late_and_out_of_order_is_told_once(
        self, world: World, me: Person, performer: Performer
    ) -> None:
        submits(world)
        for number, name in enumerate(["verified", "verified", "processing", "requires_input", "created"]):
            is_told(world, name, event_id=f"evt_{number}")
            world.wait(hours=1)
        assert check().status == "verified"
        assert (outcome(performer), titles(performer)) == ("proven", ["Your identity is proven"])

    def test_of_a_session_that_is_not_ours_is_a_finding(self, world: World, me: Person) -> None:
        is_told(world, stripe_id="vs_of_another_house")
        assert Finding.objects.get().code == "identity_check_not_ours"

    def test_keeps_no_one_waiting_for_another_that_fails(
        self, world: World, me: Person, performer: Performer
    ) -> None:
        stuck, other = check().stripe_id, stories.a_newcomer()
        starts(Person(other.user, "page"))
        submits(world)
        world.control(
            "faults", on=f"GET /v1/identity/verification_sessions/{stuck}", do="drop_after", times=1
        )
        is_asked(world)
        assert (outcome(performer), outcome(other)) == ("", "proven")
        world.control(f"identity/{stuck}/submit", **ADA)
        is_asked(world)
        assert outcome(performer) == "proven"

    def test_gives_up_after_a_month_and_may_be_begun_again(
        self, world: World, me: Person, performer: Performer
    ) -> None:
        is_asked(world)
        world.wait(days=29)
        operations.refresh_due(at=world.now)
        assert check().status == "requires_input"
        world.wait(days=2)
        operations.refresh_due(at=world.now)
        assert (check().status, begun(world)[0].status) == ("canceled", "canceled")
        assert done(starts(me))
        submits(world)
        is_told(world)
        assert outcome(performer) == "proven"

    @pytest.mark.parametrize("code", REASONS.keys() - {"results_unreadable", "abandoned"})
    def test_each_failure_is_told_with_what_helps_and_goes_on(
        self, world: World, me: Person, performer: Performer, code: str
    ) -> None:
        submits(world, error=code)
        is_told(world, "requires_input")
        is_told(world, "requires_input", event_id="evt_2")
        told = Notification.objects.get(user=performer.user)
        assert told.title == "Your identity could not be proven"
        assert told.body == f"{REASONS[code].means} {REASONS[code].fix}"
        assert REASONS[code].means in me.reads("/identity/")
        assert read(me)["error_code"] == code
        assert done(starts(me))
        submits(world)
        is_told(world, event_id="evt_3")
        assert outcome(performer) == "proven"

    def test_each_attempt_that_fails_is_told(self, world: World, me: Person, performer: Performer) -> None:
        for number in range(2):
            submits(world, error="document_expired")
            is_told(world, "requires_input", event_id=f"evt_{number}")
            is_told(world, "processing", event_id=f"evt_late_{number}")
        assert titles(performer) == ["Your identity could not be proven"] * 2

    def test_abandoned_by_who_left_is_told(self, world: World, me: Person, performer: Performer) -> None:
        world.control(f"identity/{check().stripe_id}/abandon")
        is_asked(world)
        assert REASONS["abandoned"].means in Notification.objects.get(user=performer.user).body


class TestWhatIsKept:
    def test_under_age_is_a_no_without_a_birthday_and_a_yes_later(
        self, world: World, performer: Performer
    ) -> None:
        me = Person(performer.user, "page")
        starts(me)
        born = world.now.date().replace(year=world.now.year - 18) + timedelta(days=3)
        submits(world, dob=born.isoformat())
        is_told(world)
        assert outcome(performer) == "under_age"
        assert titles(performer) == ["Sessions are for adults"]
        assert "younger than 18" in me.reads("/identity/")
        assert IdentityProof.objects.get().fingerprint == ""
        world.wait(days=4)
        assert done(starts(me))
        submits(world, dob=born.isoformat())
        is_told(world, event_id="evt_2")
        assert outcome(performer) == "proven"

    def test_is_no_name_and_no_birthday_in_any_table_or_log(
        self, world: World, performer: Performer, capfd: pytest.CaptureFixture[str]
    ) -> None:
        starts(Person(performer.user, "page"))
        submits(world)
        is_told(world)
        assert outcome(performer) == "proven"
        rows = [row for model in apps.get_models() for row in model._default_manager.all()]
        kept = serializers.serialize("json", rows)
        assert performer.public_id in kept
        for told in (kept, "".join(capfd.readouterr())):
            assert "Lovelace" not in told
            assert "1990-12-10" not in told

    def test_is_equal_for_one_person_of_two_accounts(self, world: World, performer: Performer) -> None:
        other = stories.a_newcomer()
        for who, written in ((performer, {}), (other, {"first_name": "ADA ", "last_name": "Love-Lace"})):
            starts(Person(who.user, "page"))
            submits(world, **written)
            is_told(world, event_id=f"evt_{who.public_id}")
        marks = IdentityProof.objects.values_list("fingerprint", flat=True)
        assert len(marks) == 2
        assert len(set(marks)) == 1

    @override_settings(STRIPE_IDENTITY_KEY="sk_test_callboard")
    def test_waits_for_a_key_that_may_read_it_and_finance_is_told(
        self, world: World, performer: Performer
    ) -> None:
        starts(Person(performer.user, "page"))
        submits(world)
        is_told(world)
        assert Finding.objects.get().code == "identity_results_unreadable"
        assert (outcome(performer), titles(performer)) == ("", [])
        assert refused(starts(Person(performer.user, "api")), "identity_check_under_way")
        with override_settings(STRIPE_IDENTITY_KEY="rk_test_callboard"):
            is_asked(world)
        assert outcome(performer) == "proven"

    @override_settings(STRIPE_IDENTITY_KEY="sk_test_callboard")
    def test_is_nothing_after_two_days_and_the_performer_does_it_once_more(
        self, world: World, performer: Performer
    ) -> None:
        me = Person(performer.user, "page")
        starts(me)
        submits(world)
        is_told(world)
        world.wait(days=2, minutes=1)
        operations.refresh_due(at=world.now)
        assert REASONS["results_unreadable"].means in Notification.objects.get(user=performer.user).body
        with override_settings(STRIPE_IDENTITY_KEY="rk_test_callboard"):
            assert done(starts(me))
            submits(world)
            is_told(world, event_id="evt_2")
        assert outcome(performer) == "proven"
