"""A dispute that nobody answers is decided by the house; a line that is approved is corrected beside."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.notifications.models import Notification
from kit.instants import in_words
from marketplace.sessions.models import Session
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, TimeLine
from marketplace.timekeeping.silence import decide_unanswered
from tests import stories
from tests.accounts.browsing import Api, an_app_of, body_of, logs_in

ItIs = Callable[[datetime], None]
pytestmark = pytest.mark.django_db
AT = stories.REVIEW_DAY
DUE = AT + timedelta(days=5)
SECOND = timedelta(seconds=1)
DOORS = pytest.mark.parametrize("door", ["page", "api"])


def a_line(*, approved: bool) -> TimeLine:
    """Of 5,400 s, 111.00 and 16.65 on top, in a week that is with the company or approved by it."""
    session = stories.a_pair_booked()
    line = stories.they_play(session)[0]
    week = stories.everyone_confirms()
    if approved:
        owner = stories.owner_of(session.company)
        timekeeping.approve_week(company=session.company, week=week, by=owner, at=AT)
        line.refresh_from_db()
    return line


def owner_of(line: TimeLine) -> Any:
    return stories.person(stories.owner_of(line.timesheet.company))


def asks(line: TimeLine, *, by: str = "performer", claimed_s: int = 6000, at: datetime = AT) -> Dispute:
    company = stories.owner_of(line.timesheet.company)
    return stories.questions(line, claimed_s=claimed_s, by=None if by == "performer" else company, at=at)


def corrections() -> list[tuple[int, int, int, str]]:
    rows = TimeLine.objects.filter(kind="correction").order_by("id")
    return list(rows.values_list("payable_s", "amount_minor", "fee_minor", "state"))


def committed(line: TimeLine) -> int:
    session = Session.objects.select_related("gig").get()
    return int(session.gig.committed_minor)


class TestSilence:
    @pytest.mark.parametrize("claimed_s", [6000, 3600])
    def test_pays_a_performer_as_claimed_to_the_second(self, claimed_s: int) -> None:
        dispute = asks(a_line(approved=False), claimed_s=claimed_s)
        assert dispute.answer_due_at == DUE
        assert decide_unanswered(at=DUE - SECOND) == 0
        assert decide_unanswered(at=DUE) == 1
        dispute.refresh_from_db()
        assert (dispute.line.state, dispute.resolved_at) == ("approved", DUE)
        assert [row[0] for row in corrections()] == [claimed_s - 5400]
        assert decide_unanswered(at=DUE) == 0

    def test_of_a_performer_leaves_the_line_as_it_was(self) -> None:
        dispute = asks(a_line(approved=False), by="company", claimed_s=60)
        assert decide_unanswered(at=DUE) == 1
        dispute.refresh_from_db()
        assert (dispute.line.state, dispute.line.payable_s, corrections()) == ("approved", 5400, [])

    def test_is_told_to_both_as_is_the_deadline_before_to_who_is_asked(self) -> None:
        line = a_line(approved=False)
        asks(line)
        asked = owner_of(line)
        said = Notification.objects.get(title="A line of the week is disputed", user=asked).body
        assert f"{in_words(DUE, asked.time_zone)}; unanswered, it is paid as claimed." in said
        decide_unanswered(at=DUE)
        for user in (line.timesheet.performer.user, asked):
            said = Notification.objects.get(user=user, title="A dispute about a line is resolved").body
            assert said == "Nobody answered in time, so it is paid as claimed."

    @DOORS
    def test_ends_when_the_other_side_says_no_in_time(self, door: str, it_is: ItIs) -> None:
        dispute = asks(a_line(approved=False))
        it_is(DUE - SECOND)
        assert says_no(dispute, door=door) in (200, 302)
        assert decide_unanswered(at=DUE + timedelta(days=30)) == 0

    @DOORS
    def test_cannot_be_broken_once_the_time_is_over(self, door: str, it_is: ItIs) -> None:
        dispute = asks(a_line(approved=False))
        it_is(DUE)
        assert says_no(dispute, door=door) == 409
        page = logs_in(owner_of(dispute.line)).get(reverse("line_detail", args=[dispute.line.public_id]))
        assert 'value="disagree"' not in page.content.decode()
        assert decide_unanswered(at=DUE) == 1

    def test_about_a_line_that_cannot_be_moved_holds_up_no_other(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every sheet of the performer for ten weeks on is decided already, so that no week takes the correction."""
        stuck, other = asks(a_line(approved=False)), asks(a_line_of_another())
        monkeypatch.setattr("marketplace.timekeeping.weeks.MOST_WEEKS_ON", 0)
        Dispute.objects.filter(pk=other.pk).update(claimed_s=5400)
        assert decide_unanswered(at=DUE) == 1
        stuck.refresh_from_db()
        assert (stuck.resolved_at, stuck.decision_due_at) == (None, DUE + timedelta(days=5))
        assert list(Dispute.objects.for_talent()) == [stuck]


def a_line_of_another() -> TimeLine:
    session = stories.a_pair_booked(call_at=stories.CALL + timedelta(days=1))
    return stories.they_play(session)[0]


def says_no(dispute: Dispute, *, door: str) -> int:
    user = owner_of(dispute.line)
    if door == "api":
        sent = {"text": "No."}
        return int(
            Api(token=an_app_of(user)).post(f"disputes/{dispute.public_id}/disagree", sent).status_code
        )
    path = reverse("dispute_answer", args=[dispute.public_id])
    return int(logs_in(user).post(path, {"answer": "disagree", "text": "No."}).status_code)


@DOORS
def test_no_dispute_without_a_figure(door: str, it_is: ItIs) -> None:
    it_is(AT)
    line = a_line(approved=False)
    assert asks_by_door(line.timesheet.performer.user, line, door=door, claimed_s=None) == 422
    assert not Dispute.objects.exists()
    assert asks_by_door(line.timesheet.performer.user, line, door=door, claimed_s=5700) in (201, 302)
    assert Dispute.objects.get().claimed_s == 5700


def asks_by_door(
    user: Any, line: TimeLine, *, door: str, claimed_s: int | None, reason: str = "time_missing"
) -> int:
    sent: dict[str, Any] = {"reason": reason, "text": "I stayed for the retake."}
    if door == "api":
        sent |= {} if claimed_s is None else {"claimed_s": claimed_s}
        return int(Api(token=an_app_of(user)).post(f"time-lines/{line.public_id}/disputes", sent).status_code)
    sent |= {} if claimed_s is None else {"minutes": str(claimed_s / 60)}
    return int(logs_in(user).post(reverse("line_detail", args=[line.public_id]), sent).status_code)


class TestACorrectionAfterApproval:
    @DOORS
    @pytest.mark.parametrize("by", ["performer", "company"])
    def test_is_asked_for_by_either_side_and_agreed_to(self, door: str, by: str, it_is: ItIs) -> None:
        it_is(AT)
        line = a_line(approved=True)
        both = [line.timesheet.performer.user, owner_of(line)]
        asker, asked = both if by == "performer" else both[::-1]
        before = committed(line)
        page = logs_in(asker).get(reverse("line_detail", args=[line.public_id])).content.decode()
        assert "Ask for a correction" in page
        assert asks_by_door(asker, line, door=door, claimed_s=6000) in (201, 302)
        assert asks_by_door(asked, line, door=door, claimed_s=6000) == 409
        line.refresh_from_db()
        assert (line.state, line.approved_at, corrections()) == ("approved", AT, [])
        dispute = Dispute.objects.get()
        sent = {"resolution": "Right.", "adjusted_s": 6000}
        answer = Api(client=logs_in(asked)).post(f"disputes/{dispute.public_id}/resolve", sent)
        assert body_of(answer)["resolved_at"] is not None
        assert corrections() == [(600, 1_233, 185, "approved")]
        assert committed(line) == before + 1_418
        line.refresh_from_db()
        assert (line.payable_s, line.amount_minor, line.approved_at) == (5400, 11_100, AT)
        assert Notification.objects.get(title="A line of the week is disputed").user == asked
        assert Notification.objects.get(title="A dispute about a line is resolved").user == asker

    @DOORS
    def test_is_asked_for_within_ninety_days_and_no_later(self, door: str, it_is: ItIs) -> None:
        line = a_line(approved=True)
        me = line.timesheet.performer.user
        last = AT + timedelta(days=90)
        it_is(last)
        page = logs_in(me).get(reverse("line_detail", args=[line.public_id])).content.decode()
        assert "Ask for a correction" not in page
        assert "It could be asked for until" in page
        assert asks_by_door(me, line, door=door, claimed_s=6000) == 409
        assert not Dispute.objects.exists()
        it_is(last - SECOND)
        assert "Ask for a correction" in logs_in(me).get(f"/week/line/{line.public_id}/").content.decode()
        assert asks_by_door(me, line, door=door, claimed_s=6000) in (201, 302)

    def test_unanswered_is_decided_as_a_dispute_is(self) -> None:
        line = a_line(approved=True)
        asks(line)
        assert decide_unanswered(at=DUE) == 1
        assert corrections() == [(600, 1_233, 185, "approved")]

    def test_taken_back_changes_nothing(self) -> None:
        line = a_line(approved=True)
        dispute = asks(line)
        me = stories.acting(line.timesheet.performer)
        timekeeping.resolve_dispute(dispute=dispute, resolution="My mistake", adjusted_s=None, by=me, at=AT)
        line.refresh_from_db()
        assert (line.state, corrections()) == ("approved", [])

    def test_down_to_nothing_leaves_the_line_approved(self) -> None:
        line = a_line(approved=True)
        dispute = asks(line, by="company", claimed_s=0)
        before = committed(line)
        me = stories.acting(line.timesheet.performer)
        timekeeping.resolve_dispute(dispute=dispute, resolution="Yes", adjusted_s=0, by=me, at=AT)
        line.refresh_from_db()
        assert (line.state, corrections()) == ("approved", [(-5400, -11_100, -1_665, "approved")])
        assert committed(line) == before - 12_765

    def test_a_second_one_counts_the_first(self) -> None:
        line = a_line(approved=True)
        for claimed_s in (6000, 6600):
            asks(line, claimed_s=claimed_s)
            decide_unanswered(at=DUE)
        assert [row[:3] for row in corrections()] == [(600, 1_233, 185), (600, 1_234, 185)]

    def test_of_a_correction_has_the_seats_fee_and_budget(self) -> None:
        line = a_line(approved=True)
        asks(line)
        decide_unanswered(at=DUE)
        correction = TimeLine.objects.get(kind="correction")
        before = committed(line)
        asks(correction, claimed_s=1200)
        decide_unanswered(at=DUE)
        assert corrections()[1] == (600, 1_234, 185, "approved")
        assert committed(line) == before + 1_419

    def test_of_a_paid_line_too(self) -> None:
        line = a_line(approved=True)
        week = line.timesheet.week
        house = stories.HOUSE
        timekeeping.lock_timesheets(week=week, by=house, at=week.close_at)
        timekeeping.mark_paid(week=week, performers=[line.timesheet.performer_id], by=house, at=week.close_at)
        asks(line, at=week.close_at)
        assert decide_unanswered(at=week.close_at + timedelta(days=5)) == 1
        assert corrections() == [(600, 1_233, 185, "approved")]


class TestWhoCame:
    def test_that_the_company_did_not_is_the_performers_to_say(self, it_is: ItIs) -> None:
        it_is(AT)
        line = a_line(approved=False)
        said: dict[str, Any] = {"door": "api", "claimed_s": 5400, "reason": "company_no_show"}
        assert asks_by_door(owner_of(line), line, **said) == 422
        page = reverse("line_detail", args=[line.public_id])
        assert "The company did not come" not in logs_in(owner_of(line)).get(page).content.decode()
        assert "The company did not come" in logs_in(line.timesheet.performer.user).get(page).content.decode()
        assert asks_by_door(line.timesheet.performer.user, line, **said) == 201

    @DOORS
    def test_that_it_did_is_the_companys_where_it_was_found_absent(self, door: str, it_is: ItIs) -> None:
        it_is(AT)
        line = a_line(approved=False)
        owner = owner_of(line)
        said: dict[str, Any] = {"door": door, "claimed_s": 600, "reason": "company_came"}
        assert asks_by_door(owner, line, **said) == 422
        absent = a_line_without_the_company()
        owner, performer = owner_of(absent), absent.timesheet.performer.user
        assert asks_by_door(performer, absent, **said) == 422
        assert asks_by_door(owner, absent, **said) in (201, 302)
        assert Dispute.objects.get().reason == "company_came"


def a_line_without_the_company() -> TimeLine:
    """The performers were there, and nobody of the company was."""
    session = stories.a_pair_booked(call_at=stories.CALL + timedelta(days=1))
    ends = session.call_at + timedelta(hours=1)
    bodies = []
    for seat in session.seats.select_related("performer"):
        bodies += [
            stories.joined(session, seat.performer, session.call_at),
            stories.left(session, seat.performer, ends),
        ]
    stories.arrives(session, *bodies, at=ends)
    line = stories.time_passes(session, at=session.scheduled_end_at + timedelta(hours=1))[0]
    session.refresh_from_db()
    assert session.no_show_found_at is not None
    stories.everyone_confirms()
    return line
