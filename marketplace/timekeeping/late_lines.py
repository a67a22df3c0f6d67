"""A line that comes when its week is under review already: both sides are told, and have their time to look at it."""

from datetime import datetime

from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify
from accounts.notifications.time_kinds import TimeKind
from marketplace.sessions.models import Session
from marketplace.timekeeping.models import TimeLine, Timesheet
from marketplace.timekeeping.states import TimesheetState


def came(line: TimeLine, *, session: Session, at: datetime) -> None:
    """Of an open week it is news with the week. With the performer, their time begins anew; with the company, the line has a
    time of its own, and the rest of the week goes on. Its sheet is locked."""
    sheet = line.timesheet
    if sheet.state == TimesheetState.OPEN:
        return
    if sheet.state == TimesheetState.PERFORMER_REVIEW:
        Timesheet.objects.filter(pk=sheet.pk).update(told_performer_at=at)
        _tell_performer(line, session, due_at=sheet.week.performer_due_for(at), at=at)
        return
    line.told_at = at
    line.save(update_fields=["told_at"])
    _tell_performer(line, session, due_at=line.company_due_at, at=at)
    about: About = {"gig": session.gig.title, "call_at": session.call_at, "due_at": line.company_due_at}
    company, where = sheet.company_id, {"line_id": line.public_id}
    tell_company(
        kind=TimeKind.LATE_LINE_TO_COMPANY,
        company_id=company,
        key=_key(line),
        about=about,
        where=where,
        at=at,
    )


def _tell_performer(line: TimeLine, session: Session, *, due_at: datetime, at: datetime) -> None:
    notify(
        kind=TimeKind.LATE_LINE_TO_PERFORMER,
        user_id=line.timesheet.performer.user_id,
        key=_key(line),
        about={"gig": session.gig.title, "call_at": session.call_at, "due_at": due_at},
        where={"line_id": line.public_id},
        at=at,
    )


def _key(line: TimeLine) -> str:
    return f"late_line:{line.public_id}"
