"""What happens to recorded time, and to the standing of people: each returns the press that it is about."""

from collections.abc import Callable
from datetime import timedelta

from accounts.access.actors import Actor
from accounts.standing import suspensions
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, TimeLine
from marketplace.timekeeping.silence import decide_unanswered
from tests import stories
from tests.marketplace.told.people import AT, CALL, REVIEW, House

Press = Callable[[], object]


def a_week_ends(house: House) -> Press:
    stories.they_play(house.session())
    return lambda: timekeeping.open_reviews(at=REVIEW)


def a_week_is_confirmed(house: House) -> Press:
    line = _line(house)
    return lambda: timekeeping.submit_timesheet(timesheet=line.timesheet, by=house.me, at=REVIEW)


def a_performer_disputes(house: House) -> Press:
    line = _line(house)
    return lambda: stories.questions(line)


def the_company_disputes(house: House) -> Press:
    line = _line(house)
    stories.everyone_confirms()
    return lambda: stories.questions(line, claimed_s=60, by=house.us)


def a_dispute_is_not_agreed_to(house: House) -> Press:
    dispute = stories.questions(_line(house))
    return lambda: timekeeping.disagree(dispute=dispute, text="We saw it.", by=house.us, at=REVIEW)


def a_dispute_is_agreed_to(house: House) -> Press:
    dispute = stories.questions(_line(house))
    return lambda: _settles(dispute, house.us, adjusted_s=dispute.claimed_s)


def a_dispute_is_taken_back(house: House) -> Press:
    dispute = stories.questions(_line(house))
    return lambda: _settles(dispute, house.me, adjusted_s=None)


def a_dispute_is_decided(house: House) -> Press:
    dispute = stories.questions(_line(house))
    return lambda: _settles(dispute, house.talent, adjusted_s=5500)


def a_dispute_is_not_answered(house: House) -> Press:
    dispute = stories.questions(_line(house))
    return lambda: decide_unanswered(at=dispute.answer_due_at)


def a_correction_is_asked_for(house: House) -> Press:
    line = _approved(house)
    return lambda: stories.questions(line)


def a_correction_is_agreed_to(house: House) -> Press:
    dispute = stories.questions(_approved(house))
    return lambda: _settles(dispute, house.us, adjusted_s=dispute.claimed_s)


def a_line_comes_when_its_week_is_with_the_company(house: House) -> Press:
    stories.they_play(house.session())
    week = timekeeping.ensure_week(starts_on=stories.MONDAY)
    late = stories.a_booked_session(
        house.performer.engagements.get(), call_at=CALL + timedelta(days=1), at=AT
    )
    timekeeping.open_reviews(at=week.performer_due_at)
    stories.everyone_confirms(week, at=week.performer_due_at)
    return lambda: stories.they_play(late, heard_at=week.performer_due_at + timedelta(hours=1))


def a_line_is_worked_out_anew_when_its_week_is_with_the_company(house: House) -> Press:
    played = house.session()
    stories.they_play(played, performers=[house.partner])
    week = timekeeping.ensure_week(starts_on=stories.MONDAY)
    timekeeping.open_reviews(at=week.performer_due_at)
    stories.everyone_confirms(week, at=week.performer_due_at)
    return lambda: stories.they_play(played, heard_at=week.performer_due_at + timedelta(hours=1))


def a_performer_is_suspended(house: House) -> Press:
    return lambda: stories.is_suspended(house.performer, by=house.talent, at=AT)


def a_company_is_suspended(house: House) -> Press:
    return lambda: stories.is_suspended(house.company, by=house.talent, at=AT)


def a_performer_is_reinstated(house: House) -> Press:
    suspension = stories.is_suspended(house.performer, at=AT)
    return lambda: suspensions.reinstate(suspension=suspension, reason="Right.", by=house.talent, at=AT)


def a_company_is_reinstated(house: House) -> Press:
    suspension = stories.is_suspended(house.company, at=AT)
    return lambda: suspensions.reinstate(suspension=suspension, reason="Right.", by=house.talent, at=AT)


def _line(house: House) -> TimeLine:
    """The performer's, of a week that is with them."""
    session = house.session()
    stories.they_play(session)
    stories.the_week_is_over()
    return TimeLine.objects.select_related("timesheet__performer").get(seat__performer=house.performer)


def _approved(house: House) -> TimeLine:
    line = _line(house)
    week = stories.everyone_confirms()
    timekeeping.approve_week(company=house.company, week=week, by=house.us, at=REVIEW)
    line.refresh_from_db()
    return line


def _settles(dispute: Dispute, by: Actor, *, adjusted_s: int | None) -> Dispute:
    return timekeeping.resolve_dispute(
        dispute=dispute,
        resolution="So it was.",
        adjusted_s=adjusted_s,
        by=by,
        at=REVIEW,
    )
