"""Reminding companies of what they drew: before it is due, on the day, then weekly; each once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.models import Notification
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE
from kit import instants
from kit.errors import DomainError
from kit.money import Money
from kit.text import required_text
from marketplace.timekeeping.weeks import payroll_day
from payments.terms import queries as terms
from payments.terms.queries import Due, TermsNow

BEFORE = timedelta(days=3)
AGAIN_DAYS = 7


class NothingDrawn(DomainError):
    """There is nothing to write about."""

    code = "nothing_drawn"
    title = "This company has nothing to pay on terms"


class WrittenToday(DomainError):
    """Wait until tomorrow, or telephone."""

    code = "written_today"
    title = "They were written to today already"


def remind_due(*, at: datetime) -> int:
    """Tell each company what it has to be told today; returns how many reminders that is. Told before is told once."""
    said = 0
    for currency in settings.CURRENCIES:
        for row in terms.of_all(currency=currency, at=at):
            with transaction.atomic():
                for what, due, amount, kind in _reminders(row):
                    _tell(row, kind, amount, due, key=f"{due.on}:{what}", at=at)
                    said += 1
    return said


def _reminders(row: TermsNow) -> Iterator[tuple[str, Due, Money, MoneyKind]]:
    """What is to be said today. Where nothing was said on the day, since nothing ran, that is made up for within the week."""
    for due in row.due:
        if due.on - BEFORE <= row.today < due.on:
            yield "before", due, due.amount, MoneyKind.TERMS_DUE_SOON
        elif due.on == row.today:
            yield "day", due, due.amount, MoneyKind.TERMS_DUE
        elif 0 < due.days_late < AGAIN_DAYS:
            yield "day", due, due.amount, MoneyKind.TERMS_OVERDUE
    oldest = row.due[0] if row.due else None
    if oldest is not None and oldest.days_late >= AGAIN_DAYS:
        # About all of it, by the weeks since the oldest: nobody is written to about each week of theirs.
        yield f"late:{oldest.days_late // AGAIN_DAYS}", oldest, row.overdue, MoneyKind.TERMS_OVERDUE


@transaction.atomic
def write(*, company: Company, words: str, by: Actor, at: datetime) -> None:
    """Finance writes to those who pay in for the company, once a day. Raises Forbidden (403), Invalid (422) without words,
    NothingDrawn, WrittenToday (409)."""
    by.require_finance()
    words = required_text(words, field="words", missing="Say what you want them to do.")
    drawn = [terms.drawn_minor(company, currency=currency) for currency in settings.CURRENCIES]
    owed = [
        Money(minor, currency) for minor, currency in zip(drawn, settings.CURRENCIES, strict=True) if minor
    ]
    if not owed:
        raise NothingDrawn(f"{company.name} has nothing to pay on terms.")
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    key = f"terms_written:{company.public_id}:{payroll_day(at)}"
    if Notification.objects.filter(key=key).exists():
        raise WrittenToday(f"{company.name} was written to today already.")
    audit.record(verb="net_terms.written", thing=company, by=by, at=at, reason=words)
    tell_company(
        kind=MoneyKind.TERMS_WRITTEN,
        company_id=company.pk,
        key=key,
        about={"amount": owed[0], "words": words},
        where={"company_id": company.public_id, PLACE: "terms"},
        at=at,
    )


def _tell(row: TermsNow, kind: MoneyKind, amount: Money, due: Due, *, key: str, at: datetime) -> None:
    about: About = {"amount": amount, "day": instants.day(due.on)}
    tell_company(
        kind=kind,
        company_id=row.company.pk,
        key=f"terms_due:{row.company.public_id}:{row.currency}:{key}",
        about=about,
        where={"company_id": row.company.public_id, PLACE: "terms"},
        at=at,
    )
