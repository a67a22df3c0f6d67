"""A dispute about one line: raised by either side; the other agrees or disagrees; talent operations decide the rest.

The other lines go on and are paid on time. Raising one never counts against anyone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.kinds import Kind
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify, tell_staff
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
from marketplace.timekeeping.reckoning import CORRECTED, add_correction, pay_for
from marketplace.timekeeping.states import LineState, TimesheetState

ANSWERED_WITHIN = timedelta(days=5)
FROM_TO = f"From 0 to {length_in_words(timedelta(seconds=LONGEST_CLAIM_S))}, in seconds."
PERFORMER, COMPANY = "performer", "company"
RAISED = {PERFORMER: Kind.DISPUTE_RAISED_TO_PERFORMER, COMPANY: Kind.DISPUTE_RAISED_TO_COMPANY}
DISAGREED = {PERFORMER: Kind.DISPUTE_DISAGREED_TO_PERFORMER, COMPANY: Kind.DISPUTE_DISAGREED_TO_COMPANY}
RESOLVED = {PERFORMER: Kind.DISPUTE_RESOLVED_TO_PERFORMER, COMPANY: Kind.DISPUTE_RESOLVED_TO_COMPANY}
DECIDED = (TimesheetState.APPROVED, TimesheetState.AUTO_APPROVED, TimesheetState.LOCKED, TimesheetState.PAID)


class LineAlreadyDecided(DomainError):
    """Ask talent operations for a correction; an approved line is never changed."""

    code = "line_already_decided"
    title = "This line is decided"


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


class NotYoursToDecide(DomainError):
    """Wait for the side that was asked, or for talent operations; who raised it may take it back."""

    code = "not_yours_to_decide"
    status = 403
    title = "Someone else decides that"


@transaction.atomic
def dispute_line(
    *, line: TimeLine, reason: Dispute.Reason, text: str, claimed_s: int | None, by: Actor, at: datetime
) -> Dispute:
    """The performer or the company disputes one line, and may claim how many payable seconds are right.

    Raises LineAlreadyDecided, AlreadyDisputed (409), Invalid (422), NotFound (404).
    """
    line = _locked(line)
    side = _side(line, by)
    said = _said(text, field="text", missing="Say what is wrong; the other side reads it.")
    if claimed_s is not None and not 0 <= claimed_s <= LONGEST_CLAIM_S:
        raise Invalid.field("claimed_s", FROM_TO, code="out_of_range")
    if line.state == LineState.DISPUTED:
        raise AlreadyDisputed("A dispute about this line is open already.")
    if line.state != LineState.RECORDED:
        raise LineAlreadyDecided(
            "It is approved, so it is not changed. Ask talent operations for a correction."
        )
    dispute = Dispute.objects.create(
        line=line,
        raised_by=side,
        reason=reason,
        text=said,
        claimed_s=claimed_s,
        raised_at=at,
        answer_due_at=at + ANSWERED_WITHIN,
    )
    audit.move(line, LineState.DISPUTED, by=by, at=at, reason=said)
    audit.record(verb="dispute.raised", thing=dispute, by=by, at=at, line=line.public_id, claimed_s=claimed_s)
    _tell(dispute, "raised", kinds=RAISED, about={"said": said}, at=at)
    if claimed_s is None:
        _tell_talent(dispute, said, at=at)
    return dispute


@transaction.atomic
def disagree(*, dispute: Dispute, text: str, by: Actor, at: datetime) -> Dispute:
    """The side that was asked says no, and why. The dispute stays open, by its deadline, for talent operations to decide.

    Raises AlreadyResolved, AlreadyDisagreed (409), NotYoursToDecide (403), Invalid (422), NotFound (404).
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
    dispute.disagreed_at, dispute.disagreement = at, said
    dispute.save(update_fields=["disagreed_at", "disagreement"])
    audit.record(verb="dispute.disagreed", thing=dispute, by=by, at=at, reason=said)
    _tell(
        dispute,
        "disagreed",
        kinds=DISAGREED,
        about={"said": said},
        at=at,
        sides=[dispute.raised_by],
    )
    _tell_talent(dispute, said, at=at)
    return dispute


@transaction.atomic
def resolve_dispute(
    *, dispute: Dispute, resolution: str, adjusted_s: int | None, by: Actor, at: datetime
) -> Dispute:
    """Settle it. `adjusted_s` payable seconds are right; None leaves the line as it was recorded.

    Talent operations may decide anything, the other side may agree to what is claimed, and who raised it may take it back.
    The line is approved as recorded, with a correction for the difference beside it; at 0 s it is not paid.
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
    _tell(dispute, "resolved", kinds=RESOLVED, about={"said": said}, at=at)
    return dispute


def _said(text: str, *, field: str, missing: str) -> str:
    return required_text(text, field=field, missing=missing, longest=LONGEST_SAID)


def adjudicates(line: TimeLine, by: Actor) -> bool:
    """Whether `by` decides as talent operations: nobody does about their own time, nor for their own company."""
    own = by.performer_id == line.timesheet.performer_id
    return by.is_system or (by.is_talent and not own and line.timesheet.company_id not in by.roles)


def _decide(dispute: Dispute, adjusted_s: int | None, *, by: Actor, at: datetime) -> None:
    line, reason = dispute.line, dispute.resolution
    taken_back = adjusted_s is None and not adjudicates(line, by)
    if taken_back and line.timesheet.state not in DECIDED:
        audit.move(line, LineState.RECORDED, by=by, at=at, reason=reason)
        return
    if adjusted_s == 0:
        audit.move(line, LineState.REJECTED, by=by, at=at, reason=reason, note=reason[:LONGEST_LINE_NOTE])
        if line.seat is not None:
            cost_minor = line.amount_minor + line.fee_minor
            sessions.change_commitment(gig_id=line.seat.session.gig_id, delta_minor=-cost_minor)
        return
    audit.move(line, LineState.APPROVED, by=by, at=at, reason=reason, approved_at=at)
    if adjusted_s is not None and adjusted_s != line.payable_s:
        amount, fee = pay_for(line, payable_s=adjusted_s, fee_bps=line.seat.fee_bps if line.seat else 0)
        right = (line.worked_s, adjusted_s, amount.minor, fee.minor)
        differences = {
            name: value - getattr(line, name) for name, value in zip(CORRECTED, right, strict=True)
        }
        correction = add_correction(line=line, note=reason, by=by, at=at, **differences)
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
    sides: Sequence[str] = (PERFORMER, COMPANY),
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


def _tell_talent(dispute: Dispute, text: str, *, at: datetime) -> None:
    tell_staff(
        kind=Kind.DISPUTE_TO_DECIDE,
        key=f"dispute:{dispute.public_id}:to_decide",
        about={"said": text},
        where=_where(dispute),
        at=at,
    )


def _where(dispute: Dispute) -> dict[str, str]:
    return {"line_id": dispute.line.public_id, PLACE: "dispute"}
