"""Whom it concerns is told: the performer, or those who run the company."""

from collections.abc import Mapping
from datetime import datetime

from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify
from accounts.notifications.standing_kinds import StandingKind as Kind
from accounts.standing.models import Subject

PERFORMER, COMPANY = "performer", "company"
APPLIED = {PERFORMER: Kind.APPLIED_TO_PERFORMER, COMPANY: Kind.APPLIED_TO_COMPANY}
TAKEN_UP = {PERFORMER: Kind.TAKEN_UP_TO_PERFORMER, COMPANY: Kind.TAKEN_UP_TO_COMPANY}
APPROVED = {PERFORMER: Kind.APPROVED_TO_PERFORMER, COMPANY: Kind.APPROVED_TO_COMPANY}
DECLINED = {PERFORMER: Kind.DECLINED_TO_PERFORMER, COMPANY: Kind.DECLINED_TO_COMPANY}
SUSPENDED = {PERFORMER: Kind.SUSPENDED_TO_PERFORMER, COMPANY: Kind.SUSPENDED_TO_COMPANY}
REINSTATED = {PERFORMER: Kind.REINSTATED_TO_PERFORMER, COMPANY: Kind.REINSTATED_TO_COMPANY}


def tell(subject: Subject, *, kinds: Mapping[str, Kind], key: str, about: About, at: datetime) -> None:
    """In the caller's transaction, once under `key`."""
    if isinstance(subject, Company):
        where = {"company_id": subject.public_id}
        tell_company(kind=kinds[COMPANY], company_id=subject.pk, key=key, about=about, where=where, at=at)
    else:
        notify(kind=kinds[PERFORMER], user_id=subject.user_id, key=key, about=about, at=at)


def name_of(subject: Subject) -> str:
    return subject.name if isinstance(subject, Company) else subject.stage_name
