"""What is refused of a week's time, and by which code; and that a step of the calendar that fails holds up no other."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.access.roles import Staff
from accounts.keys.acting import of_user
from kit.errors import Forbidden, Invalid, NotFound
from marketplace.casting import tasks as casting
from marketplace.casting.models import Application
from marketplace.timekeeping import holds, tasks
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import TimeLine, Timesheet
from marketplace.timekeeping.reckoning import SessionNotOver
from tests import stories
from tests.stories import CALL, HOUSE, REVIEW_DAY

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]


def test_time_is_worked_out_by_the_house_once_the_session_is_over() -> None:
    session = stories.a_pair_booked()
    talent = of_user(stories.a_member_of_staff(Staff.TALENT))
    for by in (stories.owner_of(session.company), of_user(stories.a_member_of_staff(Staff.FINANCE))):
        with pytest.raises(Forbidden):
            timekeeping.reckon_session(session=session, at=CALL, by=by)
    for by in (talent, HOUSE):
        with pytest.raises(SessionNotOver):
            timekeeping.reckon_session(session=session, at=CALL, by=by)
    stories.they_play(session)
    assert timekeeping.reckon_session(session=session, at=REVIEW_DAY, by=talent) == []


def test_only_lines_of_the_week_are_excepted() -> None:
    session, other = stories.a_pair_booked(), stories.a_pair_booked()
    own, strange = stories.they_play(session), stories.they_play(other)
    week, us = stories.everyone_confirms(), stories.owner_of(session.company)

    def approves(*but: str) -> int:
        return timekeeping.approve_week(
            company=session.company, week=week, by=us, at=REVIEW_DAY, except_lines=but
        )

    for wrong in (strange[0].public_id, "lin_nonsense", "ses_01m82nysgae40bycqsgyd8fqxh"):
        with pytest.raises(Invalid) as refused:
            approves(own[0].public_id, wrong)
        assert (refused.value.errors[0]["field"], refused.value.errors[0]["code"]) == (
            "except_lines",
            "not_a_choice",
        )
    assert not TimeLine.objects.filter(state="approved").exists()
    assert approves(own[0].public_id, own[0].public_id) == 1


@pytest.mark.parametrize("adjusted_s", [-1, 86_401, 86_400, 0])
def test_what_is_decided_is_of_a_day_at_most(adjusted_s: int) -> None:
    line = stories.they_play(stories.a_pair_booked())[0]
    dispute = stories.questions(line)
    talent = of_user(stories.a_member_of_staff(Staff.TALENT))

    def decides() -> Any:
        return timekeeping.resolve_dispute(
            dispute=dispute, resolution="So it is.", adjusted_s=adjusted_s, by=talent, at=REVIEW_DAY
        )

    if 0 <= adjusted_s <= 86_400:
        assert decides().resolved_at == REVIEW_DAY
    else:
        with pytest.raises(Invalid) as refused:
            decides()
        assert {**refused.value.errors[0], "detail": ""} == {
            "field": "adjusted_s",
            "code": "out_of_range",
            "detail": "",
        }


def test_a_hold_is_accepted_of_a_line_that_has_one_by_those_who_approve() -> None:
    line = stories.they_play(stories.a_pair_booked())[0]
    us, me = stories.owner_of(line.timesheet.company), stories.acting(line.timesheet.performer)
    assert (holds.may_accept(line, us), holds.may_accept(line, me)) == (True, False)
    with pytest.raises(holds.NoHoldProposed):
        holds.accept_hold(line=line, started_at=CALL, by=us, at=REVIEW_DAY)
    with pytest.raises(timekeeping.OwnTime):
        holds.accept_hold(line=line, started_at=CALL, by=me, at=REVIEW_DAY)
    with pytest.raises(NotFound):
        holds.accept_hold(line=line, started_at=CALL, by=stories.owner_of(stories.a_company()), at=REVIEW_DAY)
    dispute = stories.questions(line, by=us)
    timekeeping.resolve_dispute(dispute=dispute, resolution="Yes.", adjusted_s=6000, by=me, at=REVIEW_DAY)
    correction = TimeLine.objects.get(kind="correction")
    for decided in (line, correction):
        decided.refresh_from_db()
        assert not holds.may_accept(decided, us)


def test_the_tasks_of_the_house_do_their_steps(it_is: ItIs, monkeypatch: pytest.MonkeyPatch) -> None:
    session = stories.a_pair_booked()
    ends = session.scheduled_end_at
    came = [
        stories.joined(session, seat.performer, CALL) for seat in session.seats.select_related("performer")
    ]
    stories.arrives(session, *stories.somebody_of_the_company(session, ends), *came, at=CALL)
    it_is(ends + timedelta(hours=1))
    tasks.sweep()
    assert TimeLine.objects.count() == 2

    def fails(*, at: datetime) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(tasks, "CALENDAR", (fails, *tasks.CALENDAR))
    week = timekeeping.ensure_week(starts_on=stories.MONDAY)
    for at, state in (
        (week.ends_at, "performer_review"),
        (week.performer_due_at, "client_review"),
        (week.company_due_at, "auto_approved"),
    ):
        it_is(at)
        tasks.calendar()
        assert set(Timesheet.objects.values_list("state", flat=True)) == {state}
    application = stories.is_offered(stories.a_performer(), stories.a_gig(stories.a_company()))
    assert application.offer_expires_at is not None
    it_is(application.offer_expires_at)
    casting.expire()
    assert Application.objects.get(pk=application.pk).state == "expired"
