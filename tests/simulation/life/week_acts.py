"""What people do about their time: confirm, dispute, agree, decide, approve."""

from accounts.access.actors import Actor
from accounts.notifications.time_kinds import TimeKind as Kind
from marketplace.timekeeping import holds
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, TimeLine, Timesheet
from marketplace.timekeeping.states import LineState, TimesheetState
from tests.simulation.life.life import Life, reader_of, user_of
from tests.simulation.life.presses import Press

T, L = TimesheetState, LineState


def confirms_week(life: Life) -> Press | None:
    sheet, at = life.one_of(Timesheet.objects.filter(state=T.PERFORMER_REVIEW)), life.at
    if sheet is None:
        return None
    return Press(
        lambda by: timekeeping.submit_timesheet(timesheet=sheet, by=by, at=at),
        life.house.performers[sheet.performer_id],
        must=True,
        again=False,
        strangers=[life.other_performer(sheet.performer_id), life.owner(sheet.company_id)],
    )


def approves_sheet(life: Life) -> Press | None:
    sheet, at = life.one_of(Timesheet.objects.filter(state=T.CLIENT_REVIEW)), life.at
    if sheet is None:
        return None
    return Press(
        lambda by: timekeeping.approve_timesheet(timesheet=sheet, by=by, at=at),
        life.owner(sheet.company_id),
        must=True,
        again=False,
        strangers=[life.other_owner(sheet.company_id), life.house.performers[sheet.performer_id]],
    )


def approves_week(life: Life) -> Press | None:
    """With an exception or two."""
    sheet, at = (
        life.one_of(Timesheet.objects.filter(state=T.CLIENT_REVIEW).select_related("company", "week")),
        life.at,
    )
    if sheet is None:
        return None
    lines = TimeLine.objects.filter(timesheet__week=sheet.week, timesheet__company=sheet.company).order_by(
        "pk"
    )
    but = [line.public_id for line in lines if life.is_likely(0.2)]
    return Press(
        lambda by: timekeeping.approve_week(
            company=sheet.company, week=sheet.week, by=by, at=at, except_lines=but
        ),
        life.owner(sheet.company_id),
        must=True,
        strangers=[life.other_owner(sheet.company_id), life.house.performers[sheet.performer_id]],
    )


def disputes(life: Life) -> Press | None:
    line = life.one_of(TimeLine.objects.filter(state=L.RECORDED).select_related("timesheet"))
    if line is None:
        return None
    return disputing(life, line, mine=life.is_likely(0.75))


def disputing(life: Life, line: TimeLine, *, mine: bool) -> Press:
    at, sheet = life.at, line.timesheet
    claimed = max(0, line.payable_s + (600 if mine else -600))
    me, us = life.house.performers[sheet.performer_id], life.owner(sheet.company_id)
    return Press(
        lambda by: timekeeping.dispute_line(
            line=line, reason=Dispute.Reason.OTHER, text="It was otherwise.", claimed_s=claimed, by=by, at=at
        ),
        me if mine else us,
        told=[
            (us.user_id or 0, Kind.DISPUTE_RAISED_TO_COMPANY.stored)
            if mine
            else (me.user_id or 0, Kind.DISPUTE_RAISED_TO_PERFORMER.stored)
        ],
        must=True,
        again=False,
        strangers=[life.other_performer(sheet.performer_id), life.other_owner(sheet.company_id)],
    )


def _open(life: Life) -> Dispute | None:
    return life.one_of(Dispute.objects.filter(resolved_at=None).select_related("line__timesheet"))


def _sides(life: Life, dispute: Dispute) -> tuple[Actor, Actor]:
    """Who raised it, and who was asked."""
    sheet = dispute.line.timesheet
    me, us = life.house.performers[sheet.performer_id], life.owner(sheet.company_id)
    return (me, us) if dispute.raised_by == "performer" else (us, me)


def _settled(life: Life, dispute: Dispute, *, by: Actor) -> list[tuple[int, str]]:
    """Both sides read it, but whoever settled it."""
    sheet = dispute.line.timesheet
    both = [
        (user_of(life, sheet.performer_id), Kind.DISPUTE_RESOLVED_TO_PERFORMER.stored),
        (reader_of(life, sheet.company_id), Kind.DISPUTE_RESOLVED_TO_COMPANY.stored),
    ]
    return [told for told in both if told[0] != by.user_id]


def disagrees(life: Life) -> Press | None:
    dispute, at = _open(life), life.at
    if dispute is None or dispute.answer_due_at <= at:
        return None
    raiser, asked = _sides(life, dispute)
    mine = dispute.raised_by == "performer"
    kind = Kind.DISPUTE_DISAGREED_TO_PERFORMER if mine else Kind.DISPUTE_DISAGREED_TO_COMPANY
    told = [(raiser.user_id or 0, kind.stored)]
    if dispute.claimed_s is not None:
        told.append((life.house.talent.user_id or 0, Kind.DISPUTE_TO_DECIDE.stored))
    return Press(
        lambda by: timekeeping.disagree(dispute=dispute, text="The recording ends before.", by=by, at=at),
        asked,
        told=told if dispute.disagreed_at is None else [],
        must=dispute.disagreed_at is None,
        again=False,
        strangers=[raiser],
    )


def agrees(life: Life) -> Press | None:
    dispute, at = _open(life), life.at
    if dispute is None or dispute.claimed_s is None or dispute.answer_due_at <= at:
        return None
    raiser, asked = _sides(life, dispute)
    claimed = dispute.claimed_s
    return Press(
        lambda by: timekeeping.resolve_dispute(
            dispute=dispute, resolution="So it was.", adjusted_s=claimed, by=by, at=at
        ),
        asked,
        told=_settled(life, dispute, by=asked),
        must=True,
        again=False,
        strangers=[raiser, life.other_owner(dispute.line.timesheet.company_id)],
    )


def takes_back(life: Life) -> Press | None:
    dispute, at = _open(life), life.at
    if dispute is None:
        return None
    raiser, asked = _sides(life, dispute)
    return Press(
        lambda by: timekeeping.resolve_dispute(
            dispute=dispute, resolution="I was wrong.", adjusted_s=None, by=by, at=at
        ),
        raiser,
        told=_settled(life, dispute, by=raiser),
        must=True,
        again=False,
        strangers=[asked],
    )


def decides(life: Life) -> Press | None:
    dispute = _open(life)
    if dispute is None:
        return None
    return deciding(life, dispute)


def deciding(life: Life, dispute: Dispute) -> Press:
    at, line = life.at, dispute.line
    right = life.chance.choice([None, 0, line.payable_s, line.payable_s + 60, dispute.claimed_s])
    return Press(
        lambda by: timekeeping.resolve_dispute(
            dispute=dispute, resolution="The recording shows it.", adjusted_s=right, by=by, at=at
        ),
        life.house.talent,
        told=_settled(life, dispute, by=life.house.talent),
        must=True,
        again=False,
        strangers=[life.other_performer(line.timesheet.performer_id)],
    )


def accepts_hold(life: Life) -> Press | None:
    proposing = TimeLine.objects.filter(proposes_hold=True, state__in=[L.RECORDED, L.DISPUTED])
    line, at = life.one_of(proposing.select_related("timesheet__performer", "seat__session__gig")), life.at
    if line is None or not line.proposed_holds:
        return None
    started = line.proposed_holds[0].span.started_at
    return Press(
        lambda by: holds.accept_hold(line=line, started_at=started, by=by, at=at),
        life.owner(line.timesheet.company_id),
        again=False,
        strangers=[life.house.performers[line.timesheet.performer_id]],
    )
