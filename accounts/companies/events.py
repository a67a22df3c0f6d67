"""What a company was told, as events that its own systems may follow (`outgoing`): a type, a time, and ids."""

import re
from collections.abc import Mapping
from datetime import datetime

from accounts.access.acts import Act
from accounts.companies.models import Company, CompanyEvent
from accounts.notifications.account_kinds import AccountKind
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import News
from accounts.notifications.operations import PLACE
from accounts.notifications.pay_line_kinds import PayLineKind
from accounts.notifications.piece_kinds import PieceKind
from accounts.notifications.session_kinds import SessionKind
from accounts.notifications.standing_kinds import StandingKind
from accounts.notifications.time_kinds import TimeKind
from accounts.notifications.work_kinds import WorkKind

TEST = "webhook.test"
# What webhooks themselves are about is told to people alone.
OF_THEMSELVES = "webhook"


def type_of(kind: News) -> str:
    """As `applicant.audition_submitted`: what the news is about, and which it is."""
    return f"{kind.stored}.{kind.name.lower()}"


# Every type there is, with its words.
KINDS: dict[str, str] = {
    type_of(kind): re.sub(r"\{\w+\}", "An amount", kind.title)
    for kinds in (
        AccountKind,
        MoneyKind,
        PayLineKind,
        PieceKind,
        SessionKind,
        StandingKind,
        TimeKind,
        WorkKind,
    )
    for kind in kinds
    if isinstance(kind.audience, Act) and kind.stored != OF_THEMSELVES
} | {TEST: "A test"}


def write(*, kind: News, company_id: int, key: str, where: Mapping[str, str], at: datetime) -> None:
    """Once under `key`. In the caller's transaction: nothing is told of what was rolled back."""
    if kind.stored == OF_THEMSELVES:
        return
    ids = {name: value for name, value in where.items() if name != PLACE}
    event = CompanyEvent(company_id=company_id, kind=type_of(kind), key=key, where=ids, happened_at=at)
    CompanyEvent.objects.bulk_create([event], ignore_conflicts=True)


def write_test(*, company: Company, at: datetime) -> CompanyEvent:
    """An event of no meaning; each is another."""
    key = f"test:{at.timestamp()}"
    return CompanyEvent.objects.create(company=company, kind=TEST, key=key, where={}, happened_at=at)
