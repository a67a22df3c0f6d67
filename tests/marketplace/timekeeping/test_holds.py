"""A machine fails and throws a performer out: a paid hold is proposed, and becomes one when the reviewer says so."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.access.roles import Role, Staff
from accounts.audit.models import AuditEvent
from accounts.identity.models import User
from accounts.notifications.models import Notification
from kit.instants import for_machines
from kit.ranges import Span
from marketplace.presence.connections import Grade
from marketplace.presence.faults import FAULTS, proposed_holds
from marketplace.presence.lines import Code, Stretch
from marketplace.sessions.models import Mark
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.livekit import LiveKit, delivered

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
CALL = stories.CALL
THROWN_OUT, BACK = CALL + timedelta(minutes=30), CALL + timedelta(minutes=45)


@pytest.fixture
def livekit() -> LiveKit:
    return LiveKit(at=CALL)


def plays(livekit: LiveKit, reason: str = "CONNECTION_TIMEOUT", *, back: bool = True) -> TimeLine:
    """Of two, one is thrown out at half past and comes back a quarter of an hour later, or not at all; their line."""
    session = stories.a_pair_booked()
    both = [seat.performer.public_id for seat in session.seats.select_related("performer").order_by("id")]
    of_company = f"{session.company.public_id}.1"
    for who in (*both, of_company):
        livekit.joins(session.room, who)
    livekit.it_is(THROWN_OUT)
    livekit.leaves(session.room, both[0], reason=reason)
    livekit.it_is(BACK)
    if back:
        livekit.joins(session.room, both[0])
    livekit.it_is(session.scheduled_end_at)
    for who in (*(both if back else both[1:]), of_company):
        livekit.leaves(session.room, who)
    livekit.control("clock", advance_s=60)
    delivered(livekit.webhooks())
    return stories.time_passes(session, at=session.scheduled_end_at + timedelta(hours=1))[0]


def under_review(line: TimeLine, it_is: ItIs) -> TimeLine:
    it_is(stories.REVIEW_DAY)
    stories.everyone_confirms()
    return line


def owner(line: TimeLine) -> User:
    return stories.person(stories.owner_of(line.timesheet.company))


def accepts(line: TimeLine, who: User, *, by: str, started_at: datetime = THROWN_OUT) -> Any:
    """By page, or by API."""
    if by == "page":
        sent = {"started_s": int(started_at.timestamp())}
        return logs_in(who).post(reverse("line_hold", args=[line.public_id]), sent)
    return Api(who).post(f"time-lines/{line.public_id}/holds", {"started_at": for_machines(started_at)})


def worked_s(line: TimeLine) -> int:
    return TimeLine.objects.get(pk=line.pk).worked_s


class TestProposal:
    @pytest.mark.parametrize("reason", sorted(FAULTS))
    def test_is_made_of_every_fault(self, livekit: LiveKit, reason: str) -> None:
        line = plays(livekit, reason)
        (hold,) = line.proposed_holds
        assert (hold.span.started_at, hold.span.ended_at, hold.reason) == (THROWN_OUT, BACK, reason)
        assert line.worked_s == 5400 - 900

    @pytest.mark.parametrize("reason", ["CLIENT_INITIATED", "DUPLICATE_IDENTITY", "PARTICIPANT_REMOVED"])
    def test_is_not_made_of_what_people_do(self, livekit: LiveKit, reason: str) -> None:
        line = plays(livekit, reason)
        assert (line.proposes_hold, line.proposed_holds) == (False, [])

    def test_ends_with_the_booked_time(self, livekit: LiveKit) -> None:
        line = plays(livekit, back=False)
        (hold,) = line.proposed_holds
        assert hold.span.ended_at == CALL + timedelta(minutes=90)

    def test_is_of_whoever_was_in(self) -> None:
        def stretch(code: Code, start: int, end: int, because: str = "") -> Stretch:
            return Stretch(Span(start, end), code, code is Code.PRESENT, Grade.A, because)

        fault = stretch(Code.ABSENT, 10, 20, "SIGNAL_CLOSE")
        assert not proposed_holds([fault], scheduled_end_at=99)
        assert not proposed_holds([stretch(Code.MEAL, 0, 10), fault], scheduled_end_at=99)
        assert not proposed_holds([stretch(Code.PRESENT, 0, 9), fault], scheduled_end_at=99)
        assert not proposed_holds([stretch(Code.PRESENT, 0, 10), fault], scheduled_end_at=10)
        for code in (Code.PRESENT, Code.GAP_FILLED, Code.REST, Code.BEFORE_CALL):
            (hold,) = proposed_holds([stretch(code, 0, 10), fault], scheduled_end_at=15)
            assert hold.span == Span(10, 15)

    def test_is_an_exception_of_the_companys_week(self, livekit: LiveKit, it_is: ItIs) -> None:
        line = under_review(plays(livekit), it_is)
        path = f"companies/{line.timesheet.company.public_id}/weeks/{stories.MONDAY}"
        (shown,) = body_of(Api(owner(line)).get(path))["exceptions"]
        assert (shown["id"], shown["exception"]) == (line.public_id, "fault")
        assert shown["proposed_holds"] == [
            {
                "started_at": for_machines(THROWN_OUT),
                "ended_at": for_machines(BACK),
                "reason": "CONNECTION_TIMEOUT",
            }
        ]

    def test_counts_against_nobody(self, livekit: LiveKit, it_is: ItIs) -> None:
        """Nobody answers: the line is approved as it was recorded, by the calendar, and nothing is proposed any more."""
        line = under_review(plays(livekit), it_is)
        week = line.timesheet.week
        timekeeping.auto_approve_due(at=week.company_due_at)
        line.refresh_from_db()
        assert (line.state, line.payable_s, line.proposed_holds) == ("approved", 5400 - 900, [])


@pytest.mark.parametrize("by", ["page", "api"])
class TestAccepting:
    def test_pays_the_time_and_tells_the_performer(self, livekit: LiveKit, it_is: ItIs, by: str) -> None:
        line = under_review(plays(livekit), it_is)
        performer = line.timesheet.performer.user
        page = logs_in(performer).get(reverse("line_detail", args=[line.public_id])).content.decode()
        assert "It never counts against you" in page
        assert "Add as a paid hold" not in page
        page = logs_in(owner(line)).get(reverse("line_detail", args=[line.public_id])).content.decode()
        assert "Add as a paid hold" in page
        assert "the connection was lost" in page
        assert accepts(line, owner(line), by=by).status_code in (200, 302)
        line.refresh_from_db()
        assert (line.worked_s, line.payable_s, line.amount_minor) == (5400, 5400, 11_100)
        assert (line.state, line.proposes_hold) == ("recorded", False)
        mark = Mark.objects.get()
        assert (mark.kind, mark.seat_id, mark.started_at, mark.ended_at) == (
            "hold_platform",
            line.seat_id,
            THROWN_OUT,
            BACK,
        )
        told = Notification.objects.get(kind="time")
        assert told.user == performer
        assert AuditEvent.objects.filter(verb="time_line.hold_accepted", thing=line.public_id).exists()

    def test_of_what_is_not_proposed_is_refused(self, livekit: LiveKit, it_is: ItIs, by: str) -> None:
        line = under_review(plays(livekit), it_is)
        refused = accepts(line, owner(line), by=by, started_at=CALL)
        assert refused.status_code == 409
        assert accepts(line, owner(line), by=by).status_code in (200, 302)
        assert accepts(line, owner(line), by=by).status_code == 409
        assert Mark.objects.count() == 1

    def test_is_also_talent_operations(self, livekit: LiveKit, it_is: ItIs, by: str) -> None:
        line = under_review(plays(livekit), it_is)
        talent = stories.a_member_of_staff(Staff.TALENT)
        (row,) = body_of(Api(talent).get("desk", what="hold"))["data"]
        assert row["path"].startswith(reverse("line_detail", args=[line.public_id]))
        assert accepts(line, talent, by=by).status_code in (200, 302)
        assert worked_s(line) == 5400
        assert body_of(Api(talent).get("desk", what="hold"))["data"] == []

    def test_is_not_the_performers(self, livekit: LiveKit, it_is: ItIs, by: str) -> None:
        line = under_review(plays(livekit), it_is)
        assert accepts(line, line.timesheet.performer.user, by=by).status_code in (403, 404)
        assert accepts(line, stories.a_person(), by=by).status_code in (403, 404)
        reviewer = stories.a_member(line.timesheet.company, Role.REVIEWER)
        assert accepts(line, reviewer, by=by).status_code == 403
        stranger = stories.person(stories.owner_of(stories.a_company()))
        assert accepts(line, stranger, by=by).status_code == 404
        assert worked_s(line) == 5400 - 900
        assert accepts(line, owner(line), by=by).status_code in (200, 302)

    def test_comes_before_the_line_is_decided(self, livekit: LiveKit, it_is: ItIs, by: str) -> None:
        line = under_review(plays(livekit), it_is)
        company, week = line.timesheet.company, line.timesheet.week
        timekeeping.approve_week(
            company=company, week=week, by=stories.owner_of(company), at=stories.REVIEW_DAY
        )
        refused = accepts(line, owner(line), by=by)
        assert refused.status_code == 409
        assert "It is decided. Ask for a correction of the line." in refused.content.decode()
        assert not Mark.objects.exists()
