"""A dispute about one line: raised by either side; the other agrees or disagrees; talent operations decide the rest.

Silence is decided for the performer. The other lines go on and are paid on time; a line that is approved stays as it is and is
paid, and what it is short of becomes a correction. Raising one never counts against anyone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify, tell_staff
from accounts.notifications.time_kinds import TimeKind as Kind
from kit.errors import DomainError, Invalid
from kit.instants import length_in_words
from kit.text import required_text
from marketplace.sessions import operations as sessions
from marketplace.timekeeping.models import (
    LONGEST_CLAIM_S,
    LONGEST_LINE_NOTE,
    LONGEST_SAID,
    Dispute,
    TimeLine,
    Timesheet,
)
from marketplace.timekeeping.reckoning import add_correction, pay_for, seat_of
from marketplace.timekeeping.states import LineState, TimesheetState

FROM_TO = f"From 0 to {length_in_words(timedelta(seconds=LONGEST_CLAIM_S))}, in seconds."
PERFORMER, COMPANY = "performer", "company"
RAISED = {PERFORMER: Kind.DISPUTE_RAISED_TO_PERFORMER, COMPANY: Kind.DISPUTE_RAISED_TO_COMPANY}
DISAGREED = {PERFORMER: Kind.DISPUTE_DISAGREED_TO_PERFORMER, COMPANY: Kind.DISPUTE_DISAGREED_TO_COMPANY}
RESOLVED = {PERFORMER: Kind.DISPUTE_RESOLVED_TO_PERFORMER, COMPANY: Kind.DISPUTE_RESOLVED_TO_COMPANY}
UNANSWERED = {PERFORMER: "it is paid as claimed", COMPANY: "the line stays as it is recorded"}
DISPUTABLE = (LineState.RECORDED, LineState.APPROVED)
DECIDED = (TimesheetState.APPROVED, TimesheetState.AUTO_APPROVED, TimesheetState.LOCKED, TimesheetState.PAID)


class LineAlreadyDecided(DomainError):
    """Read the answer that it has; of an approved line a correction can be asked for, by a dispute."""

    code = "line_already_decided"
    title = "This line is decided"


class CorrectionTooLate(DomainError):
    """Write to talent operations; the refusal says until when the house took it."""

    code = "correction_too_late"
    title = "It is too late to ask for a correction"


class AlreadyDisputed(DomainError):
    """Answer the dispute that is open, or wait for its answer."""

    code = "already_disputed"
    title = "This line is being looked at"


class AlreadyResolved(DomainError):
    """Read the answer that it has; a later correction is a new matter."""

    code = "already_resolved"
    title = "This was answered"


class AlreadyDisagreed(DomainError):
    """Nothing to do: talent operations decide now."""

    code = "already_disagreed"
    title = "You have said no already"


class AnswerTooLate(DomainError):
    """Nothing to do: the time to answer is over, and the house decides for the performer."""

    code = "answer_too_late"
    title = "The time to answer is over"


class NotYoursToDecide(DomainError):
    """Wait for the side that was asked, or for talent operations; who raised it may take it back."""

    code = "not_yours_to_decide"
    status = 403
    title = "Someone else decides that"


@transaction.atomic
def dispute_line(
    *, line: TimeLine, reason: Dispute.Reason, text: str, claimed_s: int, by: Actor, at: datetime
) -> Dispute:
    """The performer or the company disputes one line, and claims how many payable seconds are right, corrections included.

    Of an approved line it asks for a correction, and the line stays approved.
    Raises LineAlreadyDecided, AlreadyDisputed, CorrectionTooLate (409), Invalid (422), NotFound (404).
    """
    line = _locked(line)
    side = _side(line, by)
    said = _said(text, field="text", missing="Say what is wrong; the other side reads it.")
    if not 0 <= claimed_s <= LONGEST_CLAIM_S:
        raise Invalid.field("claimed_s", FROM_TO, code="out_of_range")
    if reason not in reasons_for(line, side):
        raise Invalid.field("reason", "This cannot be said of this line by you.", code="not_a_choice")
    if line.disputes.filter(resolved_at__isnull=True).exists():
        raise AlreadyDisputed("A dispute about this line is open already.")
    if line.state not in DISPUTABLE:
        raise LineAlreadyDecided("It is not paid, and the reason stands beside it.")
    if not in_time(line, at=at):
        raise CorrectionTooLate(
            f"It can be asked for within {length_in_words(settings.CORRECTION)} of the approval."
        )
    dispute = Dispute.objects.create(
        line=line,
        raised_by=side,
        reason=reason,
        text=said,
        claimed_s=claimed_s,
        raised_at=at,
        answer_due_at=at + settings.DISPUTE_ANSWER,
    )
    if line.state == LineState.RECORDED:
        audit.move(line, LineState.DISPUTED, by=by, at=at, reason=said)
    audit.record(verb="dispute.raised", thing=dispute, by=by, at=at, line=line.public_id, claimed_s=claimed_s)
    about: About = {"said": said, "due_at": dispute.answer_due_at, "then": UNANSWERED[side]}
    _tell(dispute, "raised", kinds=RAISED, about=about, at=at, sides=_others(line, by))
    return dispute


def in_time(line: TimeLine, *, at: datetime) -> bool:
    """Whether a dispute of it, or a correction where it is approved, can still be asked for."""
    return line.correctable_until is None or at < line.correctable_until


def reasons_for(line: TimeLine, side: str) -> list[Dispute.Reason]:
    """What this side can say of the line: that the company came is answered to the evidence that it did not."""
    seat = seat_of(line)
    found_absent = seat is not None and seat.session.no_show_found_at is not None
    not_theirs = {
        Dispute.Reason.COMPANY_NO_SHOW: side != PERFORMER or seat is None or seat.session.gig.self_directed,
        Dispute.Reason.COMPANY_CAME: side != COMPANY or not found_absent,
    }
    return [reason for reason in Dispute.Reason if not not_theirs.get(reason, False)]


@transaction.atomic
def disagree(*, dispute: Dispute, text: str, by: Actor, at: datetime) -> Dispute:
    """The side that was asked says no, and why, before its time is over. Talent operations have a clock of their own then.

    Raises AlreadyResolved, AlreadyDisagreed, AnswerTooLate (409), NotYoursToDecide (403), Invalid (422), NotFound (404).
    """
    dispute = _locked_dispute(dispute)
    side = _side(dispute.line, by)
    said = _said(text, field="text", missing="Say why; the other side and talent operations read it.")
    if side == dispute.raised_by:
        raise NotYoursToDecide("You raised it; the other side answers. You can take it back.")
    if dispute.resolved_at is not None:
        raise AlreadyResolved("It has its answer; a second one would leave both sides guessing.")
    if dispute.disagreed_at is not None:
        raise AlreadyDisagreed("It is with talent operations now.")
    if dispute.decision_due_at is None and dispute.answer_due_at <= at:
        raise AnswerTooLate(f"Unanswered, {UNANSWERED[dispute.raised_by]}.")
    dispute.disagreed_at, dispute.disagreement = at, said
    hand_to_talent(dispute, said, at=at)
    audit.record(verb="dispute.disagreed", thing=dispute, by=by, at=at, reason=said)
    _tell(
        dispute,
        "disagreed",
        kinds=DISAGREED,
        about={"said": said},
        at=at,
        sides=_others(dispute.line, by),
    )
    return dispute


def hand_to_talent(dispute: Dispute, said: str, *, at: datetime) -> None:
    """From here on talent operations have their time to decide it, and are told. What they have already keeps its clock."""
    dispute.decision_due_at = dispute.decision_due_at or at + settings.DISPUTE_DECISION
    dispute.save(update_fields=["disagreed_at", "disagreement", "decision_due_at"])
    tell_staff(
        kind=Kind.DISPUTE_TO_DECIDE,
        key=f"dispute:{dispute.public_id}:to_decide",
        about={"said": said, "due_at": dispute.decision_due_at},
        where=_where(dispute),
        at=at,
    )


@transaction.atomic
def resolve_dispute(
    *, dispute: Dispute, resolution: str, adjusted_s: int | None, by: Actor, at: datetime
) -> Dispute:
    """Settle it. `adjusted_s` payable seconds are right; None leaves the line as it was recorded.

    Talent operations may decide anything, the other side may agree to what is claimed, and who raised it may take it back.
    The line is approved as recorded, with a correction for the difference beside it; at 0 s it is not paid. A line that was
    approved before keeps its figures, at 0 s too.
    Raises AlreadyResolved (409), NotYoursToDecide (403), Invalid (422), NotFound (404).
    """
    dispute = _locked_dispute(dispute)
    said = _said(resolution, field="resolution", missing="Say why; both sides read it.")
    if adjusted_s is not None and not 0 <= adjusted_s <= LONGEST_CLAIM_S:
        raise Invalid.field("adjusted_s", FROM_TO, code="out_of_range")
    _may_decide(dispute, adjusted_s, by)
    if dispute.resolved_at is not None:
        raise AlreadyResolved("It has its answer; a second one would leave both sides guessing.")
    dispute.resolved_at, dispute.resolution = at, said
    dispute.save(update_fields=["resolved_at", "resolution"])
    audit.record(verb="dispute.resolved", thing=dispute, by=by, at=at, reason=said, adjusted_s=adjusted_s)
    _decide(dispute, adjusted_s, by=by, at=at)
    sides = _others(dispute.line, by)
    _tell(dispute, "resolved", kinds=RESOLVED, about={"said": said}, at=at, sides=sides)
    return dispute


def _said(text: str, *, field: str, missing: str) -> str:
    return required_text(text, field=field, missing=missing, longest=LONGEST_SAID)


def adjudicates(line: TimeLine, by: Actor) -> bool:
    """Whether `by` decides as talent operations: nobody does about their own time, nor for their own company."""
    own = by.performer_id == line.timesheet.performer_id
    return by.is_system or (by.is_talent and not own and line.timesheet.company_id not in by.roles)


def _decide(dispute: Dispute, adjusted_s: int | None, *, by: Actor, at: datetime) -> None:
    line, reason = dispute.line, dispute.resolution
    if line.state == LineState.DISPUTED:
        taken_back = adjusted_s is None and not adjudicates(line, by)
        if taken_back and line.timesheet.state not in DECIDED:
            audit.move(line, LineState.RECORDED, by=by, at=at, reason=reason)
            return
        if adjusted_s == 0:
            _reject(line, reason, by=by, at=at)
            return
        audit.move(line, LineState.APPROVED, by=by, at=at, reason=reason, approved_at=at)
    if adjusted_s is not None:
        _correct(line, adjusted_s, reason, by=by, at=at)


def _reject(line: TimeLine, reason: str, *, by: Actor, at: datetime) -> None:
    audit.move(line, LineState.REJECTED, by=by, at=at, reason=reason, note=reason[:LONGEST_LINE_NOTE])
    seat = seat_of(line)
    if seat is not None:
        cost_minor = line.amount_minor + line.fee_minor
        sessions.change_commitment(gig_id=seat.session.gig_id, delta_minor=-cost_minor)


def _correct(line: TimeLine, right_s: int, reason: str, *, by: Actor, at: datetime) -> None:
    """What the line and its corrections so far are short of `right_s` payable seconds, or too much by."""
    seat = seat_of(line)
    amount, fee = pay_for(line, payable_s=right_s, fee_bps=seat.fee_bps if seat else 0)
    right = {"payable_s": right_s, "amount_minor": amount.minor, "fee_minor": fee.minor}
    sums = line.corrections.aggregate(**{name: Sum(name) for name in right})
    missing = {name: value - getattr(line, name) - (sums[name] or 0) for name, value in right.items()}
    if not any(missing.values()):
        return
    correction = add_correction(line=line, note=reason, by=by, at=at, worked_s=0, **missing)
    # Both sides, or talent operations, have agreed to it: nobody needs to look a second time.
    audit.move(correction, LineState.APPROVED, by=by, at=at, approved_at=at)


def _may_decide(dispute: Dispute, adjusted_s: int | None, by: Actor) -> None:
    if adjudicates(dispute.line, by):
        return
    side = _side(dispute.line, by)
    if side == dispute.raised_by:
        if adjusted_s is not None:
            raise NotYoursToDecide(
                "You raised it; the other side or talent operations answer. You can take it back."
            )
    elif adjusted_s is None or adjusted_s != dispute.claimed_s:
        raise NotYoursToDecide(
            "You can agree to what is claimed, or disagree. Anything else, talent operations decide."
        )


def _side(line: TimeLine, by: Actor) -> str:
    """Which of the two is acting. Raises NotFound (404) for anyone else, Forbidden (403) for the wrong role."""
    if by.performer_id == line.timesheet.performer_id:
        return PERFORMER
    by.require(Act.APPROVE_TIME, company_id=line.timesheet.company_id)
    return COMPANY


def _others(line: TimeLine, by: Actor) -> list[str]:
    """The sides that did not do it themselves."""
    if by.performer_id == line.timesheet.performer_id:
        return [COMPANY]
    return [PERFORMER] if line.timesheet.company_id in by.company_ids else [PERFORMER, COMPANY]


def _locked(line: TimeLine) -> TimeLine:
    # The sheet first, like those who approve: a company can approve while the performer is claiming.
    Timesheet.objects.select_for_update().get(pk=line.timesheet_id)
    rows = TimeLine.objects.select_for_update(of=("self",))
    return rows.select_related(
        "timesheet__performer", "timesheet__company", "timesheet__week", "seat__session__gig"
    ).get(pk=line.pk)


def _locked_dispute(dispute: Dispute) -> Dispute:
    line = _locked(dispute.line)
    dispute = Dispute.objects.select_for_update().get(pk=dispute.pk)
    dispute.line = line
    return dispute


def _tell(
    dispute: Dispute,
    what: str,
    *,
    kinds: Mapping[str, Kind],
    about: About,
    at: datetime,
    sides: Sequence[str],
) -> None:
    sheet = dispute.line.timesheet
    key, where = f"dispute:{dispute.public_id}:{what}", _where(dispute)
    if PERFORMER in sides:
        reader = sheet.performer.user_id
        notify(kind=kinds[PERFORMER], user_id=reader, key=key, about=about, where=where, at=at)
    if COMPANY in sides:
        tell_company(
            kind=kinds[COMPANY],
            company_id=sheet.company.pk,
            key=key,
            about=about,
            where=where,
            at=at,
        )


def _where(dispute: Dispute) -> dict[str, str]:
    return {"line_id": dispute.line.public_id, PLACE: "dispute"}
