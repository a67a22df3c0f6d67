"""Whom a decision is about is told, with its reason and what can be done: the performer, or those who run the company."""

from collections.abc import Mapping
from datetime import datetime

from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify, tell_staff
from accounts.notifications.standing_kinds import StandingKind as Kind
from accounts.standing.models import Subject, Suspension, Vetting
from accounts.standing.reasons import Declined, Suspended

PERFORMER, COMPANY = "performer", "company"
APPLIED = {PERFORMER: Kind.APPLIED_TO_PERFORMER, COMPANY: Kind.APPLIED_TO_COMPANY}
TAKEN_UP = {PERFORMER: Kind.TAKEN_UP_TO_PERFORMER, COMPANY: Kind.TAKEN_UP_TO_COMPANY}
APPROVED = {PERFORMER: Kind.APPROVED_TO_PERFORMER, COMPANY: Kind.APPROVED_TO_COMPANY}
DECLINED = {PERFORMER: Kind.DECLINED_TO_PERFORMER, COMPANY: Kind.DECLINED_TO_COMPANY}
SUSPENDED = {PERFORMER: Kind.SUSPENDED_TO_PERFORMER, COMPANY: Kind.SUSPENDED_TO_COMPANY}
REINSTATED = {PERFORMER: Kind.REINSTATED_TO_PERFORMER, COMPANY: Kind.REINSTATED_TO_COMPANY}


def applied(vetting: Vetting, *, at: datetime) -> None:
    """Talent operations too."""
    subject, due_at = vetting.subject, vetting.answer_due_at
    tell_staff(
        kind=Kind.VETTING_ASKED,
        key=f"vetting:{vetting.public_id}:asked",
        about={"who": name_of(subject), "due_at": due_at},
        where={"vetting_id": vetting.public_id},
        at=at,
    )
    _tell(vetting, "applied", kinds=APPLIED, about={"due_at": due_at}, at=at)


def taken_up(vetting: Vetting, *, at: datetime) -> None:
    _tell(vetting, "review", kinds=TAKEN_UP, about={"due_at": vetting.answer_due_at}, at=at)


def approved(vetting: Vetting, *, at: datetime) -> None:
    _tell(vetting, "approved", kinds=APPROVED, about={}, at=at)


def declined(vetting: Vetting, *, at: datetime) -> None:
    reason = Declined(vetting.reason).label.lower()
    _tell(vetting, "declined", kinds=DECLINED, about={"reason": reason, "words": vetting.words}, at=at)


def suspended(suspension: Suspension, *, at: datetime) -> None:
    reason = Suspended(suspension.reason).label.lower()
    _tell(
        suspension, "suspended", kinds=SUSPENDED, about={"reason": reason, "words": suspension.words}, at=at
    )


def reinstated(suspension: Suspension, *, at: datetime) -> None:
    _tell(suspension, "lifted", kinds=REINSTATED, about={"reason": suspension.lift_reason}, at=at)


def name_of(subject: Subject) -> str:
    return subject.name if isinstance(subject, Company) else subject.stage_name


def _tell(
    of: Vetting | Suspension, what: str, *, kinds: Mapping[str, Kind], about: About, at: datetime
) -> None:
    """In the caller's transaction, each once."""
    subject, key = of.subject, f"standing:{of.public_id}:{what}"
    if isinstance(subject, Company):
        where = {"company_id": subject.public_id}
        tell_company(kind=kinds[COMPANY], company_id=subject.pk, key=key, about=about, where=where, at=at)
    else:
        notify(kind=kinds[PERFORMER], user_id=subject.user_id, key=key, about=about, at=at)
