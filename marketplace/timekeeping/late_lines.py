"""A line that comes, or is worked out anew, when its week is under review already: both sides are told, and have their time to
look at it."""

from datetime import datetime

from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify
from accounts.notifications.time_kinds import TimeKind
from marketplace.sessions.models import Session
from marketplace.timekeeping.models import TimeLine, Timesheet
from marketplace.timekeeping.states import TimesheetState

CAME = (TimeKind.LATE_LINE_TO_PERFORMER, TimeKind.LATE_LINE_TO_COMPANY)
CHANGED = (TimeKind.LINE_CHANGED_TO_PERFORMER, TimeKind.LINE_CHANGED_TO_COMPANY)


def came(line: TimeLine, *, session: Session, at: datetime) -> None:
    """Of an open week it is news with the week. With the performer, their time begins anew; with the company, the line has a
    time of its own, and the rest of the week goes on. Its sheet is locked."""
    _is_news(line, session, kinds=CAME, key=f"late_line:{line.public_id}", at=at)


def changed(line: TimeLine, *, session: Session, at: datetime) -> None:
    """It pays another time than what one of them has seen, or confirmed: the same as for a line that came late."""
    _is_news(line, session, kinds=CHANGED, key=f"line_changed:{line.public_id}:{at:%Y%m%d%H%M}", at=at)


def _is_news(
    line: TimeLine, session: Session, *, kinds: tuple[TimeKind, TimeKind], key: str, at: datetime
) -> None:
    sheet, (to_performer, to_company) = line.timesheet, kinds
    if sheet.state == TimesheetState.OPEN:
        return
    about: About = {"gig": session.gig.title, "call_at": session.call_at}
    where = {"line_id": line.public_id}
    if sheet.state == TimesheetState.PERFORMER_REVIEW:
        Timesheet.objects.filter(pk=sheet.pk).update(told_performer_at=at)
        due_at = sheet.week.performer_due_for(at)
    else:
        line.told_at = at
        line.save(update_fields=["told_at"])
        due_at = line.company_due_at
        tell_company(
            kind=to_company,
            company_id=sheet.company_id,
            key=key,
            about={**about, "due_at": due_at},
            where=where,
            at=at,
        )
    notify(
        kind=to_performer,
        user_id=sheet.performer.user_id,
        key=key,
        about={**about, "due_at": due_at},
        where=where,
        at=at,
    )
