"""Talent operations' desk by page and API: everything that waits, the longest first, and nothing that does not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial, update_wrapper
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.access.roles import Staff
from accounts.appeals import operations as appeals
from accounts.companies.models import Company
from accounts.keys.acting import of_user
from accounts.performers.models import Performer
from accounts.standing import vetting
from accounts.standing.models import Vetting
from accounts.standing.reasons import Declined
from marketplace.casting import tasks as casting_tasks
from marketplace.gigs import operations as gigs
from marketplace.sessions import deliveries, polling, room
from marketplace.sessions import tasks as sessions_tasks
from marketplace.sessions.models import RoomToReckon, Session
from marketplace.timekeeping import tasks
from marketplace.timekeeping.disputes import disagree
from marketplace.timekeeping.models import Timesheet
from marketplace.timekeeping.silence import decide_unanswered
from tests import stories
from tests.accounts.browsing import body_of
from tests.accounts.standing.doors import Person, talent
from tests.livekit import LiveKit

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
HOUR = timedelta(hours=1)


def rows(me: Person, **asked: str) -> list[dict[str, Any]]:
    """All pages of the desk over the API."""
    found, cursor = [], ""
    for _ in range(20):
        answer = body_of(me.api.get("desk", **asked, **({"cursor": cursor} if cursor else {})))
        found += answer["data"]
        if (cursor := answer["next_cursor"]) is None:
            return found
    raise AssertionError("its pages have no end")


def kinds(me: Person, **asked: str) -> list[str]:
    return [row["what"] for row in rows(me, **asked)]


def counts(me: Person) -> dict[str, int]:
    return {row["what"]: row["count"] for row in body_of(me.api.get("desk/counts"))["data"] if row["count"]}


def a_newcomer_asks(*, at: datetime = stories.BEFORE) -> Performer:
    performer = stories.completes_the_steps(stories.a_newcomer())
    stories.asks_to_be_vetted(performer, at=at)
    return performer


def is_declined_and_appeals(subject: Company, *, by: Person, at: datetime) -> None:
    asked = Vetting.objects.about(subject).get(decided_at=None)
    actor = of_user(by.user)
    vetting.take_up(vetting=asked, by=actor, at=at)
    vetting.decline(vetting=asked, reason=Declined.REGISTRATION, words="Not found.", by=actor, at=at)
    appeals.file(subject=asked.public_id, text="Look again.", by=stories.owner_of(subject), at=at)


@pytest.fixture
def desk() -> Person:
    return talent("api", "Tala")


@pytest.fixture
def everything(desk: Person, it_is: ItIs) -> None:
    """One of each kind, each an hour after the one before; the disputes came with the week."""
    at = stories.BEFORE
    a_newcomer_asks(at=at)
    stories.asks_to_be_vetted(stories.a_new_company("Waits Ltd"), at=at + HOUR)
    gigs.publish(
        gig=(gig := stories.a_draft(stories.a_company())), by=stories.owner_of(gig.company), at=at + 2 * HOUR
    )
    declined = stories.a_new_company("Declined Ltd")
    stories.asks_to_be_vetted(declined, at=at)
    is_declined_and_appeals(declined, by=talent("api"), at=at + 3 * HOUR)
    booked = stories.a_pair_booked(call_at=stories.CALL + timedelta(days=60))
    stories.is_suspended(booked.company, at=at + 4 * HOUR)
    settled, open_one = stories.they_play(stories.a_pair_booked())
    stories.the_week_is_over()
    company = stories.owner_of(settled.timesheet.company)
    disagree(dispute=stories.questions(settled), text="No.", by=company, at=stories.REVIEW_DAY)
    stories.questions(open_one, at=stories.REVIEW_DAY + HOUR)
    it_is(stories.REVIEW_DAY + 2 * HOUR)


ALL = ["performer", "company", "gig", "appeal", "suspension", "dispute", "evidence"]


@pytest.mark.usefixtures("everything")
class TestTheDesk:
    def test_has_each_kind_the_longest_waiting_first_and_whether_it_is_overdue(self, desk: Person) -> None:
        found = rows(desk)
        assert [row["what"] for row in found] == ALL
        assert [row["overdue"] for row in found] == [True] * 4 + [False] * 3
        assert counts(desk) == dict.fromkeys(ALL, 1)
        page = desk.reads("/desk/")
        assert page.count("Overdue</") == 4
        at = [page.index(f'href="{row["path"]}"') for row in found]
        assert at == sorted(at)
        for row in found:
            assert desk.client.get(row["path"]).status_code == 200, row

    def test_is_read_in_pages_each_row_once(self, desk: Person) -> None:
        assert kinds(desk, limit="1") == ALL
        assert kinds(desk, limit="4") == ALL
        assert desk.api.get("desk", cursor="made up").status_code == 422
        assert desk.api.get("desk", limit="0").status_code == 422

    @pytest.mark.parametrize("what", ALL)
    def test_shows_one_kind_alone(self, desk: Person, what: str) -> None:
        (row,) = rows(desk, what=what)
        assert row["what"] == what
        page = desk.reads(f"/desk/?what={what}")
        assert page.count("row-link") == 1
        assert f'href="{row["path"]}"' in page

    def test_has_thin_evidence_until_the_company_was_silent_and_the_dispute_is_left_to_it(
        self, desk: Person, it_is: ItIs
    ) -> None:
        it_is(stories.REVIEW_DAY + timedelta(days=30))
        found = counts(desk)
        assert (found["dispute"], found["evidence"]) == (1, 1)
        assert [row["overdue"] for row in rows(desk, what="dispute")] == [True]
        decide_unanswered(at=stories.REVIEW_DAY + timedelta(days=30))
        assert (counts(desk)["dispute"], "evidence" in counts(desk)) == (1, False)

    def test_stands_on_the_first_page_of_talent_operations(self, desk: Person) -> None:
        for path in ("/today/", "/desk/waiting/"):
            assert "What waits for you" in desk.reads(path)

    def test_is_for_talent_operations_and_an_administrator_sees_what_is_left_to_them(
        self, desk: Person, it_is: ItIs
    ) -> None:
        it_is(stories.BEFORE)  # later, what is long overdue is an administrator's too
        admin = Person(stories.a_member_of_staff(Staff.ADMIN), "api")
        performer = Person(stories.a_performer().user, "api")
        assert performer.api.get("desk").status_code == 403
        assert performer.client.get("/desk/").status_code == 403
        assert rows(admin) == []
        desk.user.is_active = False
        desk.user.save()
        assert kinds(admin) == ["appeal"]
        page = admin.reads("/desk/")
        assert "Declined Ltd" in page
        assert "/house/pieces/" not in page

    def test_leads_to_the_pieces_that_were_refused(self, desk: Person) -> None:
        assert 'href="/house/pieces/"' in desk.reads("/desk/")
        assert desk.client.get("/house/pieces/").status_code == 200


def test_nobody_is_asked_about_themselves(desk: Person, it_is: ItIs) -> None:
    it_is(stories.BEFORE)
    performer, company = a_newcomer_asks(), stories.a_new_company()
    stories.asks_to_be_vetted(company)
    for user in (performer.user, stories.person(stories.owner_of(company))):
        stories.becomes_staff(user, Staff.TALENT)
    assert kinds(Person(performer.user, "api")) == ["company"]
    assert kinds(Person(stories.person(stories.owner_of(company)), "api")) == ["performer"]
    assert kinds(desk) == ["performer", "company"]


def test_rows_of_one_instant_stand_on_one_page_each(desk: Person, it_is: ItIs) -> None:
    it_is(stories.BEFORE)
    companies = [stories.asks_to_be_vetted(stories.a_new_company()) for _ in range(2)]
    performers = [Vetting.objects.about(a_newcomer_asks()).get() for _ in range(3)]
    asked = [each.public_id for each in (*performers, *companies)]
    for limit in ("1", "2", "3", "4"):
        assert [row["id"] for row in rows(desk, limit=limit)] == asked
        assert [row["id"] for row in rows(desk, limit=limit, what="performer")] == asked[:3]


def test_has_a_suspended_performer_until_each_booked_session_is_answered_for(
    desk: Person, it_is: ItIs
) -> None:
    it_is(stories.BEFORE)
    session = stories.a_pair_booked()
    suspension = stories.is_suspended(session.seats.earliest("id").performer)
    assert kinds(desk) == ["suspension"]
    desk.api.post(f"suspensions/{suspension.public_id}/sessions", {"answer": "keep", "reason": "We looked."})
    assert kinds(desk) == []


def test_is_empty_when_nothing_waits(desk: Person) -> None:
    assert "Nothing waits for you" in desk.reads("/desk/")
    assert "Nothing waits for you" in desk.reads("/desk/waiting/")
    assert rows(desk) == []
    a_newcomer_asks()
    assert "Nothing waits for you" not in desk.reads("/desk/")


def test_a_room_that_livekit_does_not_close_waits_until_it_does(
    desk: Person, it_is: ItIs, settings: Settings
) -> None:
    """A scene that was stopped, and a LiveKit that is away: its people are still in the room."""
    session = stories.a_pair_booked()
    stories.arrives(
        session, stories.joined(session, session.seats.all()[0].performer, stories.CALL), at=stories.CALL
    )
    session = deliveries.follow(session=session, at=stories.CALL)
    with LiveKit(at=stories.CALL).answering() as livekit:
        settings.LIVEKIT_URL = livekit.url
        room.stop(session=session, reason="", by=stories.owner_of(session.company), at=stories.CALL)
        livekit.control("faults", on="DeleteRoom", do="unavailable", times=3)
        for minute in range(3):
            assert kinds(desk, what="room") == []
            polling.sweep(at=stories.CALL + timedelta(minutes=minute))
        (row,) = rows(desk, what="room")
        assert row["id"] == session.public_id
        assert row["detail"] == "LiveKit no longer closes it: 503 unavailable. It is tried again every minute"
        assert desk.client.get(row["path"]).status_code == 200
        assert "LiveKit no longer closes it" in desk.client.get("/desk/").content.decode()
        polling.sweep(at=stories.CALL + timedelta(minutes=4))
        assert kinds(desk, what="room") == []


def test_a_session_whose_time_cannot_be_worked_out_waits_from_the_fifth_try_on(
    desk: Person, it_is: ItIs
) -> None:
    """Its policy is of a kind that this version cannot read; meanwhile the other room is worked off."""
    session, at = stories.a_pair_booked(), stories.CALL
    stories.arrives(session, stories.joined(session, session.seats.all()[0].performer, at), at=at)
    policy = session.policy
    Session.objects.filter(pk=session.pk).update(policy={})
    for tries in range(1, 6):
        assert kinds(desk, what="reckoning") == []
        at += HOUR
        it_is(at)
        stories.the_sweep_runs(at=at)
        assert RoomToReckon.objects.get().tries == tries
    (row,) = rows(desk, what="reckoning")
    assert row["id"] == session.public_id
    assert row["detail"].startswith("Its time could not be worked out in 5 tries.")
    Session.objects.filter(pk=session.pk).update(policy=policy)
    assert desk.client.get(row["path"]).status_code == 200
    assert "Its time could not be worked out" in desk.reads("/desk/")
    stories.the_sweep_runs(at=at + HOUR)
    assert kinds(desk, what="reckoning") == []


def test_news_do_not_hide_a_session_whose_time_cannot_be_worked_out(desk: Person) -> None:
    """A room that is polled every half a minute rings all the time: it is tried ever later all the same, and shown."""
    session, at = stories.a_pair_booked(), stories.CALL
    performer = session.seats.all()[0].performer
    policy = session.policy
    Session.objects.filter(pk=session.pk).update(policy={})
    tried = set()
    for second in range(0, 600, 5):
        now = at + timedelta(seconds=second)
        if second % 30 == 0:
            stories.arrives(session, stories.joined(session, performer, at, sid=f"PA_{second}"), at=now)
        stories.the_sweep_runs(at=now)
        tried.add(RoomToReckon.objects.get().tries)
    assert max(tried) == 6  # at 5 s, and then after 10, 20, 40, 80 and 160 s
    assert kinds(desk, what="reckoning") == ["reckoning"]
    Session.objects.filter(pk=session.pk).update(policy=policy)
    stories.the_sweep_runs(at=at + HOUR)
    assert not RoomToReckon.objects.exists()


def test_sessions_whose_time_cannot_be_worked_out_are_read_at_once(desk: Person) -> None:
    statements = []
    for day in range(3):
        session = stories.a_pair_booked(call_at=stories.CALL + timedelta(days=day))
        performer = session.seats.all()[0].performer
        stories.arrives(session, stories.joined(session, performer, session.call_at), at=session.call_at)
        Session.objects.filter(pk=session.pk).update(policy={})
        for hour in range(1, 6):
            stories.the_sweep_runs(at=session.call_at + hour * HOUR)
        with CaptureQueriesContext(connection) as asked:
            assert len(rows(desk, what="reckoning")) == day + 1
        statements.append(len(asked))
    assert len(set(statements)) == 1


@pytest.mark.parametrize("calendar", [tasks, sessions_tasks, casting_tasks], ids=lambda each: each.__name__)
def test_a_step_that_fails_holds_up_none_after_it(calendar: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step of each calendar fails in its turn."""
    for broken in range(len(calendar.CALENDAR)):
        done: list[int] = []

        def step(number: int, *, at: datetime, done: list[int] = done, broken: int = broken) -> None:
            done.append(number)
            if number == broken:
                raise OperationalError

        steps = [update_wrapper(partial(step, n), step) for n, _ in enumerate(calendar.CALENDAR)]
        with monkeypatch.context() as patch:
            patch.setattr(calendar, "CALENDAR", steps)
            run = calendar.expire if calendar is casting_tasks else calendar.calendar
            run()
        assert done == list(range(len(steps)))


def test_a_step_of_the_calendar_that_fails_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, it_is: ItIs
) -> None:
    stories.they_play(stories.a_pair_booked())
    week = stories.the_week_is_over()
    it_is(week.company_due_at)

    def breaks(*, at: datetime) -> int:
        raise RuntimeError(f"at {at}")

    monkeypatch.setattr(tasks, "CALENDAR", (breaks, *tasks.CALENDAR))
    tasks.calendar()
    assert set(Timesheet.objects.values_list("state", flat=True)) == {"client_review"}
