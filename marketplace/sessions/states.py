from django.db.models import TextChoices

from kit.transitions import Transitions


class SessionState(TextChoices):
    BOOKED = "booked", "Booked"
    CONFIRMED = "confirmed", "Confirmed"
    CHECK_IN = "check_in", "Check-in"
    LIVE = "live", "Live"
    ON_HOLD = "on_hold", "On hold"
    WRAPPED = "wrapped", "Wrapped"
    TIME_RECORDED = "time_recorded", "Time recorded"
    CANCELLED = "cancelled", "Cancelled"
    LATE_CANCELLED = "late_cancelled", "Cancelled late"
    PERFORMER_NO_SHOW = "performer_no_show", "Performer did not come"
    COMPANY_NO_SHOW = "company_no_show", "Company did not come"
    SAFETY_STOPPED = "safety_stopped", "Stopped for safety"
    TECHNICAL_FAILURE = "technical_failure", "Failed technically"


class MoveState(TextChoices):
    """What became of a proposal to move a session."""

    ASKED = "asked", "Waiting for everyone's answer"
    AGREED = "agreed", "Agreed: the session is moved"
    DECLINED = "declined", "Declined: it stays as it was"
    WITHDRAWN = "withdrawn", "Taken back"
    LAPSED = "lapsed", "Not answered by all in time"


M = MoveState
MOVE = Transitions("move", {M.ASKED: {M.AGREED, M.DECLINED, M.WITHDRAWN, M.LAPSED}})
S = SessionState
BEFORE = (S.BOOKED, S.CONFIRMED, S.CHECK_IN)
UNDER_WAY = (S.LIVE, S.ON_HOLD)
# Time still has to be worked out from the evidence.
TO_RECKON = (
    S.WRAPPED,
    S.CANCELLED,
    S.LATE_CANCELLED,
    S.PERFORMER_NO_SHOW,
    S.COMPANY_NO_SHOW,
    S.SAFETY_STOPPED,
    S.TECHNICAL_FAILURE,
)
_ENDS = {S.WRAPPED, S.SAFETY_STOPPED, S.TECHNICAL_FAILURE}
_CALLED_OFF = {S.CANCELLED, S.LATE_CANCELLED}
_NO_SHOW = {S.PERFORMER_NO_SHOW, S.COMPANY_NO_SHOW}

SESSION = Transitions(
    "session",
    {
        S.BOOKED: {S.CONFIRMED, S.CHECK_IN, S.LIVE, S.WRAPPED, S.TECHNICAL_FAILURE} | _CALLED_OFF | _NO_SHOW,
        S.CONFIRMED: {S.BOOKED, S.CHECK_IN, S.LIVE, S.WRAPPED, S.TECHNICAL_FAILURE} | _CALLED_OFF | _NO_SHOW,
        S.CHECK_IN: {S.LIVE} | _ENDS | _CALLED_OFF | _NO_SHOW,
        S.LIVE: {S.ON_HOLD, S.COMPANY_NO_SHOW} | _ENDS,
        S.ON_HOLD: {S.LIVE} | _ENDS,
        S.WRAPPED: {S.TIME_RECORDED},
        S.CANCELLED: {S.TIME_RECORDED},
        S.LATE_CANCELLED: {S.TIME_RECORDED},
        S.PERFORMER_NO_SHOW: {S.TIME_RECORDED},
        S.COMPANY_NO_SHOW: {S.TIME_RECORDED},
        S.SAFETY_STOPPED: {S.TIME_RECORDED},
        S.TECHNICAL_FAILURE: {S.TIME_RECORDED},
    },
)
