"""Suspension with due process by both doors: what is refused, who is told, and the booked sessions answered for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from accounts.access.roles import Staff
from accounts.appeals.models import Appeal
from accounts.companies.models import Company
from accounts.identity.models import User
from accounts.notifications.models import Notification
from accounts.performers.models import Performer
from accounts.standing.models import Suspension
from kit.money import Money
from marketplace.sessions import calling_off
from marketplace.sessions.models import Session
from tests import stories
from tests.accounts.browsing import body_of, logs_in
from tests.accounts.standing.doors import DOORS, Person, done, refused, talent
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
WHY = {"reason": "conduct", "words": "A promise was not kept.", "evidence": "The room's own record."}


def suspends(me: Person, subject: Performer | Company, **sent: str) -> HttpResponse:
    one = subject.public_id
    if me.door == "page":
        return me.sends("subject_suspend", "", WHY | sent, subject_id=one)
    return me.sends("", "suspensions", WHY | sent | {"subject": one})


def lifts(me: Person, suspension: Suspension, reason: str = "It was put right.") -> HttpResponse:
    one = suspension.public_id
    return me.sends("suspension_lift", f"suspensions/{one}/lift", {"reason": reason}, suspension_id=one)


def answers(
    me: Person, suspension: Suspension, *sessions: Session, answer: str, reason: str = "We looked."
) -> HttpResponse:
    one, ids = suspension.public_id, [each.public_id for each in sessions]
    named = {"session": ids} if me.door == "page" else {"sessions": ids}
    sent = {"answer": answer, "reason": reason} | named
    return me.sends("suspension_sessions", f"suspensions/{one}/sessions", sent, suspension_id=one)


def owner(company: Company, door: str) -> Person:
    return Person(stories.person(stories.owner_of(company)), door)


def booked(performer: Performer, company: Company, *, days: int = 0) -> Session:
    engaged = stories.an_active_engagement(stories.a_gig(company), performer)
    return stories.a_booked_session(
        engaged, call_at=stories.CALL + timedelta(days=days), at=stories.BEFORE + timedelta(hours=1)
    )


def of(session: Session) -> Session:
    return Session.objects.get(pk=session.pk)


def told(user: User, title: str) -> str:
    """What the last notification of that title says; empty for none."""
    last = Notification.objects.filter(user=user, title=title).order_by("-id").first()
    return last.body if last else ""


@DOORS
@pytest.mark.usefixtures("before_the_week")
class TestSuspending:
    def test_needs_a_reason_words_and_evidence_and_says_how_to_appeal(self, door: str) -> None:
        performer, desk = stories.a_performer(), talent(door)
        for missing in ("reason", "words", "evidence"):
            assert refused(suspends(desk, performer, **{missing: ""}), "invalid")
        assert refused(suspends(desk, performer, reason="a whim"), "invalid")
        assert not Suspension.objects.exists()
        assert done(suspends(desk, performer))
        performer.refresh_from_db()
        assert performer.state == "suspended"
        me = Person(performer.user, door)
        said = told(performer.user, "Your profile is suspended")
        assert "a promise was not kept" in said.lower()
        assert "You can appeal to another person." in said
        mine = me.reads("/standing/")
        assert "The room&#x27;s own record." in mine
        assert "A promise was not kept." in me.reads("/api/v1/suspensions")
        assert "Your profile is suspended" in me.reads("/today/")
        assert refused(suspends(desk, performer), "illegal_state")
        assert done(me.appeals(Suspension.objects.get().public_id))

    def test_is_for_talent_operations_and_never_about_themselves(self, door: str) -> None:
        performer, company = stories.a_performer(), stories.a_company()
        us = owner(company, door)
        assert refused(suspends(us, performer))
        stories.becomes_staff(us.user, Staff.TALENT)
        stories.becomes_staff(performer.user, Staff.TALENT)
        assert refused(suspends(us, company), "own_standing")
        me = Person(performer.user, door)
        assert refused(suspends(me, performer), "own_standing")
        assert done(suspends(us, performer))
        assert refused(lifts(me, Suspension.objects.get()), "own_standing")
        assert done(suspends(talent(door), company))

    def test_is_lifted_once_with_a_reason_that_is_told(self, door: str) -> None:
        performer, desk = stories.a_performer(), talent(door)
        suspension = stories.is_suspended(performer)
        assert refused(lifts(desk, suspension, reason=" "), "invalid")
        assert refused(lifts(Person(performer.user, door), suspension), "forbidden")
        assert done(lifts(desk, suspension))
        performer.refresh_from_db()
        assert performer.state == "approved"
        assert "It was put right." in told(performer.user, "The suspension is lifted")
        assert refused(lifts(desk, suspension), "already_lifted")

    def test_lifted_answers_an_appeal_that_waits(self, door: str) -> None:
        performer = stories.a_performer()
        suspension = stories.is_suspended(performer)
        Person(performer.user, door).appeals(suspension.public_id)
        assert done(lifts(talent(door), suspension))
        appeal = Appeal.objects.get()
        assert (appeal.state, appeal.answer) == ("remedied", "It was put right.")

    def test_reversed_on_appeal_is_lifted(self, door: str) -> None:
        company, first = stories.a_company(), talent(door)
        assert done(suspends(first, company))
        us, other = owner(company, door), talent(door)
        assert f"{company.name} is suspended" in us.reads("/today/")
        assert done(us.appeals(Suspension.objects.get().public_id))
        one = Appeal.objects.get().public_id
        assert refused(first.of_appeal(one, "take-up"), "reviewer_decided")
        assert done(other.of_appeal(one, "take-up"))
        assert done(other.of_appeal(one, "answer", outcome="reversed", text="The record was wrong."))
        company.refresh_from_db()
        assert company.state == "approved"
        assert Suspension.objects.get().lift_reason == "The record was wrong."
        assert "Your gigs are still paused" in told(us.user, "The suspension is lifted")


@DOORS
@pytest.mark.usefixtures("before_the_week")
class TestBookedSessions:
    def test_of_a_suspended_performer_are_kept_or_called_off_each(self, door: str) -> None:
        performer, company, desk = stories.a_performer(), stories.a_company(), talent(door)
        one, other = booked(performer, company), booked(performer, company, days=1)
        us = owner(company, door)
        suspension = stories.is_suspended(performer)
        assert one.gig.title in desk.reads(f"/house/people/{performer.public_id}/")
        assert refused(answers(desk, suspension, one, answer="keep", reason=""), "invalid")
        assert refused(answers(desk, suspension, one, answer="perhaps"), "invalid")
        assert refused(answers(us, suspension, one, answer="keep"))
        assert done(answers(desk, suspension, one, answer="keep"))
        assert (of(one).state, of(other).state) == ("booked", "booked")
        for user in (performer.user, us.user):
            assert "We looked." in told(user, "A session stays as it is booked")
        assert refused(answers(desk, suspension, one, answer="call_off"))
        assert done(answers(desk, suspension, other, answer="call_off", reason="It cannot be."))
        assert (of(other).state, of(other).cancelled_by) == ("cancelled", "house")
        assert "It cannot be." in told(us.user, "A session was called off")
        assert "It cannot be." in Notification.objects.filter(user=performer.user).latest("id").body
        assert refused(answers(desk, suspension, other, answer="keep"))

    def test_of_a_suspended_company_are_answered_for_and_a_lifted_one_asks_no_more(self, door: str) -> None:
        session = booked(stories.a_performer(), stories.a_company())
        desk, us = talent(door), owner(session.company, door)
        suspension = stories.is_suspended(session.company)
        stories.is_reinstated(suspension)
        assert refused(answers(desk, suspension, session, answer="call_off"))
        again = stories.is_suspended(session.company, at=stories.BEFORE + timedelta(hours=2))
        stories.becomes_staff(us.user, Staff.TALENT)
        for answer in ("keep", "call_off"):
            assert refused(answers(us, again, session, answer=answer), "own_standing")
        assert done(answers(desk, again, session, answer="call_off"))
        assert of(session).state == "cancelled"
        assert refused(answers(desk, again, session, answer="keep"))

    def test_kept_once_are_asked_about_again_when_suspended_again(self, door: str, it_is: ItIs) -> None:
        performer, desk = stories.a_performer(), talent(door)
        session, me = booked(performer, stories.a_company()), Person(performer.user, door)
        first = stories.is_suspended(performer, at=stories.CALL - timedelta(hours=3))
        it_is(stories.CALL - timedelta(hours=2))
        assert done(answers(desk, first, session, answer="keep"))
        stories.is_reinstated(first, at=stories.CALL - timedelta(hours=1))
        again = stories.is_suspended(performer, at=stories.CALL - timedelta(minutes=30))
        it_is(stories.CALL - timedelta(minutes=5))
        assert refused(enters(me, session), "suspended")
        assert done(answers(desk, again, session, answer="keep"))
        assert done(enters(me, session))

    def test_kept_opens_the_room_and_one_under_way_goes_on(self, door: str, it_is: ItIs) -> None:
        performer, company, desk = stories.a_performer(), stories.a_company(), talent(door)
        session, later = booked(performer, company), booked(performer, company, days=1)
        me = Person(performer.user, door)
        suspension = stories.is_suspended(performer, at=stories.BEFORE + timedelta(hours=2))
        it_is(stories.CALL - timedelta(minutes=5))
        assert refused(enters(me, session), "suspended")
        assert done(answers(desk, suspension, session, answer="keep"))
        assert done(enters(me, session))
        stories.is_reinstated(suspension)
        it_is(stories.CALL + timedelta(minutes=5))
        assert done(enters(me, session))
        stories.is_suspended(performer, at=stories.CALL + timedelta(minutes=6))
        it_is(stories.CALL + timedelta(minutes=7))
        assert done(enters(me, session))
        it_is(later.call_at)
        assert refused(enters(me, later), "suspended")


def enters(me: Person, session: Session) -> HttpResponse:
    one, sent = session.public_id, {"event": "joined"} if me.door == "api" else {}
    return me.sends("session_enter", f"sessions/{one}/presence", sent, session_id=one)


@pytest.mark.usefixtures("before_the_week")
def test_over_the_api_all_are_answered_for_where_none_is_named() -> None:
    performer, company, desk = stories.a_performer(), stories.a_company(), talent("api")
    first, second = booked(performer, company), booked(performer, company, days=1)
    suspension = stories.is_suspended(performer)
    path = f"suspensions/{suspension.public_id}"
    assert body_of(desk.api.get(path))["open_sessions"] == [first.public_id, second.public_id]
    answer = desk.api.post(f"{path}/sessions", {"answer": "call_off", "reason": "It cannot be."})
    assert body_of(answer)["open_sessions"] == []
    assert (of(first).state, of(second).state) == ("cancelled", "cancelled")


@pytest.mark.usefixtures("before_the_week")
def test_what_is_called_off_by_the_house_within_the_notice_is_paid_as_when_the_company_calls_off(
    it_is: ItIs,
) -> None:
    performer, company, desk = stories.a_performer(), stories.a_company(), talent("api")
    session = booked(performer, company)
    suspension = stories.is_suspended(company, at=stories.CALL - timedelta(hours=2))
    it_is(stories.CALL - timedelta(hours=1))
    assert done(answers(desk, suspension, session, answer="call_off"))
    (line,) = stories.time_passes(session, at=stories.CALL)
    assert line.payable_s > 0


def test_its_page_is_of_talent_operations_alone() -> None:
    performer = stories.a_performer()
    path = reverse("subject", args=[performer.public_id])
    assert Person(performer.user, "page").client.get(path).status_code in (403, 404)
    assert f"Suspend {performer.stage_name}" in talent("page").reads(path)


def test_before_it_is_pressed_it_says_what_is_booked_and_who_bears_calling_it_off(
    as_someone: Callable[[Any], Caller], it_is: Callable[[datetime], None]
) -> None:
    session = stories.a_pair_booked(stories.a_company("Northlight"))
    performer = session.seats.order_by("id")[0].performer
    at = stories.CALL - timedelta(hours=1)
    it_is(at)
    talent = stories.a_member_of_staff(Staff.TALENT)
    path = f"subjects/{performer.public_id}/suspension-price"
    (borne,) = as_someone(talent).get(path)[1]["data"]
    both_minor = sum(calling_off.due_for(seat, session, at=at) for seat in session.seats.all())
    assert (borne["company"], borne["sessions"]) == (session.company.public_id, 1)
    assert borne["price"]["amount"]["amount_minor"] == both_minor > 2 * 7400
    page = logs_in(talent).get(f"/house/people/{performer.public_id}/").content.decode()
    assert f"Calling it off costs it {Money(both_minor, 'usd').display()} now" in page
    of_company = as_someone(talent).get(f"subjects/{session.company.public_id}/suspension-price")[1]["data"]
    assert of_company == [borne]
    assert (
        as_someone(talent).get(f"subjects/{stories.a_performer().public_id}/suspension-price")[1]["data"]
        == []
    )
