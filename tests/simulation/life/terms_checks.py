"""What must hold of what companies drew on terms, read from the ledger's postings one after the other (decision 0031)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.companies.models import Company
from accounts.notifications.models import Notification
from payments.ledger.chart import Kind
from payments.ledger.models import Entry, Posting
from payments.terms.models import Draw, NetTerms
from tests.simulation.life.presses import Violation


@dataclass
class _Open:
    due_on: date
    minor: int


def check_terms_of_payment(at: datetime, *, heard: bool) -> None:
    """`heard`: the jobs of the night have just run, so who is late was told."""
    for company, postings in _postings().items():
        found = _still_open(company, postings)
        if heard:
            _check_reminded(company, found, at=at)


def _postings() -> dict[str, list[tuple[int, int]]]:
    """By company, what was drawn (above zero) and paid, by the entry that did."""
    found: dict[str, list[tuple[int, int]]] = {}
    rows = Posting.objects.filter(account__kind=Kind.COMPANY_TERMS).order_by("entry_id")
    for owner, entry, minor in rows.values_list("account__owner", "entry_id", "amount_minor"):
        found.setdefault(owner, []).append((entry, minor))
    return found


def _still_open(company: str, postings: Sequence[tuple[int, int]]) -> list[_Open]:
    """What is left of each draw, the oldest paid first; each drawn under a limit, and by nobody who was late."""
    keys = dict(Entry.objects.filter(pk__in=[entry for entry, _ in postings]).values_list("pk", "key"))
    draws = {
        each.entry_key: each
        for each in Draw.objects.filter(company__public_id=company).select_related("terms")
    }
    found: list[_Open] = []
    for entry, minor in postings:
        if minor < 0:
            _pay(company, found, -minor)
            continue
        draw = draws.pop(keys[entry], None)
        if draw is None or draw.amount_minor != minor:
            raise Violation(f"{company} drew {minor} by {keys[entry]}, and of that is written down {draw}")
        _check_draw(draw, found)
        found.append(_Open(draw.due_on, minor))
    if draws:
        raise Violation(f"{company}: drawn, and in no books: {list(draws)}")
    return found


def _pay(company: str, found: list[_Open], minor: int) -> None:
    while minor and found:
        part = min(minor, found[0].minor)
        found[0].minor -= part
        minor -= part
        if not found[0].minor:
            del found[0]
    if minor:
        raise Violation(f"{company} paid {minor} that it had not drawn")


def _check_draw(draw: Draw, before: Sequence[_Open]) -> None:
    day, terms = _day(draw.drawn_at), draw.terms
    monday = day + timedelta(days=7 - day.weekday())
    if draw.due_on != monday + timedelta(days=terms.pay_days):
        raise Violation(f"{draw} of {day} with {terms.pay_days} days to pay is due on {draw.due_on}")
    if any(each.due_on < day for each in before):
        raise Violation(f"{draw} was drawn while {before} was late")
    drawn = draw.amount_minor + sum(each.minor for each in before)
    if drawn > terms.agreed_minor:
        raise Violation(f"{draw}: {drawn} is drawn, and {terms.agreed_minor} were agreed to")
    began = terms.decided_at is not None and terms.decided_at <= draw.drawn_at
    if not began or terms.decided_by_id == terms.proposed_by_id:
        raise Violation(f"{draw} was drawn on terms that no two had agreed to")
    if terms.ended_at is not None and terms.ended_at < draw.drawn_at:
        raise Violation(f"{draw} was drawn on terms that had ended")


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(settings.PAYROLL_TIME_ZONE)).date()


def _check_reminded(company: str, found: Sequence[_Open], *, at: datetime) -> None:
    """Of the oldest that is due or late they were told; nobody is reminded of a day to come by the words for one gone by."""
    if not found or found[0].due_on > _day(at):
        return
    key = f"terms_due:{company}:usd:{found[0].due_on}:"
    said = Notification.objects.filter(key__startswith=key).exclude(key__startswith=f"{key}before")
    if not said.exists():
        raise Violation(f"{company} had to pay {found[0].minor} by {found[0].due_on}, and was not reminded")


def check_terms_at_the_end() -> None:
    """Nothing waits, nothing is in force, and all that was drawn is paid or given up."""
    if left := list(NetTerms.objects.filter(state__in=["proposed", "in_force"])):
        raise Violation(f"terms that nobody can end: {left}")
    for company, postings in _postings().items():
        if drawn := sum(minor for _, minor in postings):
            raise Violation(f"{Company.objects.get(public_id=company)} has {drawn} to pay for ever")
