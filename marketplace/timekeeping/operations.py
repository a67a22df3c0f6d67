"""The week as it is reviewed: to the performer, to the company, approved, locked, paid. Reckoning and disputes beside it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.operations import notify_many
from accounts.notifications.time_kinds import TimeKind as Kind
from kit.errors import DomainError, Invalid
from kit.ids import MalformedId
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.sessions.models import Seat
from marketplace.sessions.states import SessionState
from marketplace.timekeeping.disputes import disagree, dispute_line, resolve_dispute
from marketplace.timekeeping.models import PayWeek, TimeLine, Timesheet
from marketplace.timekeeping.reckoning import reckon_session
from marketplace.timekeeping.states import LineState, TimesheetState
from marketplace.timekeeping.weeks import ensure_week

__all__ = [
    "approve_timesheet",
    "approve_week",
    "auto_approve_due",
    "disagree",
    "dispute_line",
    "ensure_week",
    "lock_timesheets",
    "mark_paid",
    "open_reviews",
    "reckon_session",
    "resolve_dispute",
    "submit_due",
    "submit_timesheet",
]

CALENDAR = Actor.of_system("calendar")
T, L = TimesheetState, LineState


class OwnTime(DomainError):
    """Ask a colleague to approve the time that you worked yourself."""

    code = "own_time"
    status = 403
    title = "Someone else approves your time"


def open_reviews(*, at: datetime) -> int:
    """Weeks that have ended go to their performers, who are told; returns how many sheets.

    A sheet waits while a session of its week is not reckoned yet, but not beyond the performer's own deadline.
    """
    unreckoned = Seat.objects.filter(
        performer=OuterRef("performer"),
        session__company=OuterRef("company"),
        session__call_at__gte=OuterRef("week__starts_at"),
        session__call_at__lt=OuterRef("week__ends_at"),
    ).exclude(session__state=SessionState.TIME_RECORDED)
    ended = Timesheet.objects.filter(state=T.OPEN, week__ends_at__lte=at).filter(
        Q(week__performer_due_at__lte=at) | ~Exists(unreckoned)
    )
    return retries.in_batches(
        ended, lambda rows: _to_performers(rows, at=at), job=Job.OPEN_REVIEW, page=page_of, at=at
    )


def page_of(sheet: Timesheet) -> str:
    """The page of its first line; the desk where it has none."""
    line = sheet.lines.order_by("pk").first()
    return reverse("line_detail", args=[line.public_id]) if line else reverse("desk")


@transaction.atomic
def submit_timesheet(*, timesheet: Timesheet, by: Actor, at: datetime) -> Timesheet:
    """The performer confirms the week; it goes on to the company. Raises IllegalMove (409), NotFound (404)."""
    by.require_performer(timesheet.performer_id)
    sheet = _locked(timesheet)
    audit.move(sheet, T.SUBMITTED, by=by, at=at, submitted_at=at, confirmed_by_performer=True)
    audit.move(sheet, T.CLIENT_REVIEW, by=by, at=at, told_company_at=at)
    _tell_companies([sheet.pk], at)
    return sheet


def submit_due(*, at: datetime) -> int:
    """What performers did not answer by their deadline goes on to the companies; returns how many sheets."""
    silent = Timesheet.objects.performer_is_late(at=at)
    return retries.in_batches(
        silent, lambda rows: _to_companies(rows, at=at), job=Job.SUBMIT_WEEK, page=page_of, at=at
    )


@transaction.atomic
def approve_timesheet(*, timesheet: Timesheet, by: Actor, at: datetime) -> Timesheet:
    """The company approves one performer's week; a disputed line stays behind.

    Raises OwnTime, Forbidden (403), IllegalMove (409), NotFound (404).
    """
    approver = _require_approver(timesheet.company_id, by)
    sheet = _locked(timesheet)
    if sheet.performer.user_id == approver:
        raise OwnTime("A colleague approves the time that you worked yourself.")
    Timesheet.TRANSITIONS.check(sheet.state, T.APPROVED)
    _approve_lines([sheet.pk], by=by, at=at)
    audit.move(sheet, T.APPROVED, by=by, at=at, approved_at=at, approved_by_id=approver)
    return sheet


@transaction.atomic
def approve_week(
    *, company: Company, week: PayWeek, by: Actor, at: datetime, except_lines: Sequence[str] = ()
) -> int:
    """Approve every line of the company's week that waits for it, but `except_lines`; returns how many.

    Excepted and disputed lines stay as they are, and so does one's own time. Once more, it approves what is left.
    Raises Invalid (422) for an exception that is not of this week, Forbidden (403), NotFound (404).
    """
    approver = _require_approver(company.pk, by)
    _require_of_week(except_lines, company=company, week=week, field="except_lines")
    waiting = Timesheet.objects.filter(company=company, week=week, state=T.CLIENT_REVIEW)
    keys = _lock_keys(waiting.exclude(performer__user_id=approver))
    approved = _approve_lines(keys, by=by, at=at, but=except_lines)
    _approve_finished_sheets(keys, T.APPROVED, by=by, at=at, approved_by=approver)
    return approved


def auto_approve_due(*, at: datetime) -> int:
    """Silence pays: what a company did not answer by its deadline is approved; returns how many lines.

    A disputed line stays behind, and one that came late until both had their time to look at it.
    """
    late = Timesheet.objects.company_is_late(at=at)
    return retries.in_batches(
        late, lambda rows: _approve_late(rows, at=at), job=Job.APPROVE_WEEK, page=page_of, at=at
    )


def _approve_late(sheets: QuerySet[Timesheet], *, at: datetime) -> int:
    keys = _lock_keys(sheets)
    due = TimeLine.objects.may_pass(at=at).filter(timesheet__in=keys, state=L.RECORDED)
    approved = len(audit.move_many(due, L.APPROVED, by=CALENDAR, at=at, approved_at=at))
    _approve_finished_sheets(keys, T.AUTO_APPROVED, by=CALENDAR, at=at)
    return approved


@transaction.atomic
def lock_timesheets(*, week: PayWeek, by: Actor, at: datetime) -> int:
    """Close what is approved, of this week and before, for its pay run: from here on there are only corrections."""
    decided = Timesheet.objects.filter(
        week__starts_on__lte=week.starts_on, state__in=[T.APPROVED, T.AUTO_APPROVED]
    )
    return len(audit.move_many(decided, T.LOCKED, by=by, at=at, locked_at=at))


@transaction.atomic
def mark_paid(*, week: PayWeek, performers: Sequence[int], by: Actor, at: datetime) -> int:
    """The pay run paid these performers: their locked sheets up to this week are paid, but for those with an open line."""
    undecided = TimeLine.objects.filter(timesheet=OuterRef("pk"), state__in=[L.RECORDED, L.DISPUTED])
    settled = Timesheet.objects.filter(
        ~Exists(undecided),
        week__starts_on__lte=week.starts_on,
        performer__in=list(performers),
        state=T.LOCKED,
    )
    return len(audit.move_many(settled, T.PAID, by=by, at=at, paid_at=at))


def _approve_lines(keys: Sequence[int], *, by: Actor, at: datetime, but: Sequence[str] = ()) -> int:
    lines = TimeLine.objects.filter(timesheet__in=keys, state=L.RECORDED).exclude(public_id__in=but)
    return len(audit.move_many(lines, L.APPROVED, by=by, at=at, approved_at=at))


def _approve_finished_sheets(
    keys: Sequence[int], to: TimesheetState, *, by: Actor, at: datetime, **also: Any
) -> None:
    """The sheets in which no line waits for the company any more."""
    waiting = TimeLine.objects.filter(timesheet=OuterRef("pk"), state=L.RECORDED)
    done = Timesheet.objects.filter(~Exists(waiting), pk__in=keys, state=T.CLIENT_REVIEW)
    audit.move_many(done, to, by=by, at=at, approved_at=at, **also)


def _to_performers(sheets: QuerySet[Timesheet], *, at: datetime) -> int:
    ended = Timesheet.objects.filter(pk__in=_lock_keys(sheets))
    moved = audit.move_many(ended, T.PERFORMER_REVIEW, by=CALENDAR, at=at, told_performer_at=at)
    _tell_performers(moved, at)
    return len(moved)


def _to_companies(sheets: QuerySet[Timesheet], *, at: datetime) -> int:
    silent = Timesheet.objects.filter(pk__in=_lock_keys(sheets))
    keys = audit.move_many(silent, T.SUBMITTED, by=CALENDAR, at=at, submitted_at=at)
    arrived = Timesheet.objects.filter(pk__in=keys)
    audit.move_many(arrived, T.CLIENT_REVIEW, by=CALENDAR, at=at, told_company_at=at)
    _tell_companies(keys, at)
    return len(keys)


def _tell_performers(keys: Sequence[int], at: datetime) -> None:
    for week in PayWeek.objects.filter(timesheets__in=keys).distinct():
        sheets = Timesheet.objects.filter(pk__in=keys, week=week)
        notify_many(
            kind=Kind.WEEK_TO_CONFIRM,
            user_ids=sheets.values_list("performer__user_id", flat=True),
            key=f"week_ready:{week.starts_on}",
            about={"due_at": week.performer_due_for(at)},
            where={"starts_on": str(week.starts_on)},
            at=at,
        )


def _tell_companies(keys: Sequence[int], at: datetime) -> None:
    arrived = Timesheet.objects.filter(pk__in=keys).values_list("company_id", "company__public_id", "week_id")
    weeks = PayWeek.objects.in_bulk({week_id for _, _, week_id in arrived})
    for company_id, public_id, week_id in sorted(set(arrived)):
        week = weeks[week_id]
        due_at = week.company_due_for(at)
        tell_company(
            kind=Kind.WEEK_TO_APPROVE,
            company_id=company_id,
            # Once for a week; once more for what comes so late that it has a deadline of its own.
            key=f"week_to_approve:{public_id}:{week.starts_on}:{due_at:%Y%m%d%H%M}",
            about={"due_at": due_at},
            where={"company_id": public_id, "starts_on": str(week.starts_on)},
            at=at,
        )


def _require_approver(company_id: int, by: Actor) -> int:
    by.require(Act.APPROVE_TIME, company_id=company_id)
    return by.require_person("A person approves time, not a key.")


def _require_of_week(lines: Collection[str], *, company: Company, week: PayWeek, field: str) -> None:
    """Raise Invalid (422) unless all are lines of the company's week."""
    try:
        known = TimeLine.objects.filter(
            public_id__in=lines, timesheet__company=company, timesheet__week=week
        ).count()
    except MalformedId:
        known = -1
    if known != len(set(lines)):
        raise Invalid.field(field, "Only lines of this week can be named here.", code="not_a_choice")


def _lock_keys(sheets: QuerySet[Timesheet]) -> list[int]:
    return list(sheets.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def _locked(timesheet: Timesheet) -> Timesheet:
    rows = Timesheet.objects.select_for_update(of=("self",)).select_related("performer", "company", "week")
    return rows.get(pk=timesheet.pk)
