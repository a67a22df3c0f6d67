"""Which laws protect a piece of work: a pure function of where the two are, what it is worth and what it is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.identity.residence import Where
from kit.money import Money
from marketplace.agreements.data import ANY, Law, laws

OCCUPATION = "improv performance"
# What the house promises everybody, wherever they live: none of the laws that it knows allows longer.
PAID_WITHIN_DAYS = 30


@dataclass(frozen=True)
class Agreed:
    """What else the same two have agreed to: its worth, and the last day on which it held (or is to hold)."""

    worth: Money
    until: date


def covering(
    *,
    performer: Where,
    company: Where,
    expected: Money,
    on: date,
    also: Collection[Agreed] = (),
    occupation: str = OCCUPATION,
    known: Iterable[Law] | None = None,
) -> list[Law]:
    """The laws that hold for work of this worth, agreed to on that day; in the order of their keys. `also`: all that the two
    had agreed to before, of which a law adds up what still held in its days before.

    In doubt one holds: an amount in another currency than the law's is compared with nothing.
    """
    return [
        law
        for law in (laws() if known is None else known)
        if law.in_force_from <= on
        and _is_there(law, performer, company)
        and _is_worth(law, expected, also, on=on)
        and (ANY in law.occupations or occupation in law.occupations)
    ]


def _is_worth(law: Law, expected: Money, also: Collection[Agreed], *, on: date) -> bool:
    since = on - timedelta(days=law.within_days)
    worths = [expected, *(each.worth for each in also if each.until >= since)]
    if any(worth.currency != law.currency for worth in worths):
        return True
    return sum(worth.minor for worth in worths) >= law.from_minor


def _is_there(law: Law, performer: Where, company: Where) -> bool:
    places = {
        "performer": {performer.code},
        "company": {company.code},
        "either": {performer.code, company.code},
    }
    return law.place in places[law.whose]


def pay_days(held: Iterable[Law]) -> int:
    """Within how many days after the work it is paid: the shortest of the laws', and the house's own."""
    return min([PAID_WITHIN_DAYS, *(law.pay_within_days for law in held)])


def pay_by(worked_on: date, *, within_days: int) -> date:
    """The last day on which the work of that day may be paid."""
    return worked_on + timedelta(days=within_days)
