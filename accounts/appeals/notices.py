"""Who is told of an appeal: those who may answer it, and who filed it."""

from collections.abc import Mapping
from datetime import datetime

from accounts.appeals.models import Appeal
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify, tell_staff
from accounts.notifications.standing_kinds import StandingKind as Kind

PERFORMER, COMPANY = "performer", "company"
TAKEN_UP = {PERFORMER: Kind.APPEAL_IN_REVIEW_TO_PERFORMER, COMPANY: Kind.APPEAL_IN_REVIEW_TO_COMPANY}
ANSWERED = {PERFORMER: Kind.APPEAL_ANSWERED_TO_PERFORMER, COMPANY: Kind.APPEAL_ANSWERED_TO_COMPANY}
WITHDRAWN = {PERFORMER: Kind.APPEAL_WITHDRAWN_TO_PERFORMER, COMPANY: Kind.APPEAL_WITHDRAWN_TO_COMPANY}
LATE = {PERFORMER: Kind.APPEAL_LATE_TO_PERFORMER, COMPANY: Kind.APPEAL_LATE_TO_COMPANY}
TO_REVIEW = {False: Kind.APPEAL_TO_REVIEW, True: Kind.APPEAL_TO_REVIEW_BY_ADMIN}
OVERDUE = {False: Kind.APPEAL_OVERDUE, True: Kind.APPEAL_OVERDUE_TO_ADMIN}


def to_review(appeal: Appeal, *, for_admin: bool, at: datetime) -> None:
    tell_staff(
        kind=TO_REVIEW[for_admin],
        key=f"appeal:{appeal.public_id}:filed",
        about={"due_at": appeal.answer_due_at},
        where={"appeal_id": appeal.public_id},
        at=at,
    )


def taken_up(appeal: Appeal, *, at: datetime) -> None:
    _tell(appeal, "review", kinds=TAKEN_UP, about={"due_at": appeal.answer_due_at}, at=at)


def answered(appeal: Appeal, *, at: datetime) -> None:
    _tell(
        appeal,
        "answered",
        kinds=ANSWERED,
        about={"outcome": appeal.get_state_display(), "answer": appeal.answer},
        at=at,
    )


def withdrawn(appeal: Appeal, *, at: datetime) -> None:
    """Whoever appealed: it may have been somebody else in their session, and it is over for good the second time."""
    _tell(appeal, "withdrawn", kinds=WITHDRAWN, about={"due_at": appeal.answer_due_at}, at=at)


def overdue(appeal: Appeal, *, for_admin: bool, at: datetime) -> None:
    tell_staff(
        kind=OVERDUE[for_admin],
        key=f"appeal:{appeal.public_id}:overdue:{at:%Y-%m-%d}",
        about={"due_at": appeal.answer_due_at},
        where={"appeal_id": appeal.public_id},
        at=at,
    )
    _tell(appeal, "late", kinds=LATE, about={"due_at": appeal.answer_due_at}, at=at)


def _tell(appeal: Appeal, what: str, *, kinds: Mapping[str, Kind], about: About, at: datetime) -> None:
    key, where = f"appeal:{appeal.public_id}:{what}", {"appeal_id": appeal.public_id}
    if appeal.performer is not None:
        reader = appeal.performer.user_id
        notify(kind=kinds[PERFORMER], user_id=reader, key=key, about=about, where=where, at=at)
    elif appeal.company is not None:
        tell_company(
            kind=kinds[COMPANY], company_id=appeal.company.pk, key=key, about=about, where=where, at=at
        )
