"""Plays a month, and writes down where everyone stands; after every event the books and Stripe agree."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from django.db.models import Sum

from callboard.embedded import keeper
from kit import clock
from payments.control import audit
from payments.gateway import balance
from payments.gateway.client import speaking_through
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Balance
from payments.payroll.models import Earning, PayItem
from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox
from tests import database
from tests.simulation.month import acts
from tests.simulation.month.cast import USD, Cast

DECADE_S = 10 * 365 * 86_400
_numbers = count()


def play(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The events on a database of their own; where everyone stands at the end, in the form of the file."""
    keeper.ensure(durable=False)
    before, name = database.current(), f"test_{os.getpid()}_month{next(_numbers)}"
    first = _instant(events[0])
    sandbox = Sandbox(seed=1, now=first.timestamp() - 1)
    sandbox.move_clock(to=first.timestamp(), frozen=True)
    # What is pending stays so until an event says otherwise, and what is topped up is there.
    options = sandbox.world.options
    options.card_pending_s = options.ach_clears_s = options.dispute_answer_s = DECADE_S
    options.topup_clears_s = 0
    database.clone(database.ensure_template(), name)
    database.point_django_at(name)
    real_now = clock.now
    try:
        with speaking_through(InProcessClient(sandbox)):
            cast = Cast(sandbox, now=first)
            clock.now = lambda: cast.now
            return _play(cast, events)
    finally:
        clock.now = real_now
        sandbox.close()
        database.point_django_at(before)
        database.drop(name)


def _play(cast: Cast, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    refused = []
    for event in events:
        cast.it_is(_instant(event))
        try:
            acts.do(cast, event)
        except acts.Refused:
            refused.append(event["id"])
        check(cast, after=event)
    return {**stand(cast), "refused": refused, **_proofs()}


def check(cast: Cast, *, after: dict[str, Any]) -> None:
    """Rule 12. Raises AssertionError naming the event after which it does not hold."""
    proofs = _proofs()
    if proofs != {"trial_balance": 0, "reconciliation_difference": 0}:
        raise AssertionError(f"after {after}: {proofs}")
    offended = [result for result in audit.run(at=cast.now) if not result.ok]
    if offended:
        raise AssertionError(f"after {after}: {offended}")


def _proofs() -> dict[str, int]:
    trial = Balance.objects.aggregate(total=Sum("amount_minor"))["total"] or 0
    books = ledger.total_minor(Kind.STRIPE_BALANCE, currency=USD)
    return {
        "trial_balance": int(trial),
        "reconciliation_difference": balance.totals_minor().get(USD, 0) - books,
    }


def stand(cast: Cast) -> dict[str, Any]:
    """Where everyone stands, minor units."""
    return {
        "companies": {name: _company(cast, name) for name in cast.companies},
        "performers": {name: _performer(cast, name) for name in cast.performers},
        "platform": _platform(),
    }


def _company(cast: Cast, name: str) -> dict[str, Any]:
    company = cast.companies[name]
    return {
        "wallet": ledger.owned_minor(Kind.COMPANY_WALLET, owner=company.public_id, currency=USD),
        "owes": -ledger.owned_minor(Kind.COMPANY_RECEIVABLE, owner=company.public_id, currency=USD),
        "budgets": {
            gig: ledger.owned_minor(Kind.GIG_BUDGET, owner=row.public_id, currency=USD)
            for gig, row in cast.gigs.items()
            if row.company_id == company.pk
        },
    }


def _performer(cast: Cast, name: str) -> dict[str, int]:
    performer = cast.performers[name]
    items = PayItem.objects.filter(performer=performer).exclude(state="cancelled")
    sums = {state: _sum(items.filter(state=state)) for state in ("held", "sent", "settled", "reversed")}
    earned = _sum(Earning.objects.filter(performer=performer))
    back = items.aggregate(total=Sum("transfers__reversed_minor"))["total"] or 0
    covered = items.aggregate(total=Sum("net_minor"))["total"] or 0
    return {
        "earned": earned,
        "sent": sums["sent"] + sums["settled"] + sums["reversed"] - int(back),
        "held": sums["held"],
        "returned": ledger.owned_minor(Kind.PERFORMER_RETURNED, owner=performer.public_id, currency=USD),
        "overpaid": -ledger.owned_minor(Kind.PERFORMER_OVERPAID, owner=performer.public_id, currency=USD),
        "owed": earned - int(covered),
    }


def _sum(rows: Any) -> int:
    return int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


def _platform() -> dict[str, int]:
    fees = ledger.total_minor(Kind.STRIPE_FEES, currency=USD)
    return {
        "fees": -ledger.total_minor(Kind.PLATFORM_FEES, currency=USD),
        "losses": ledger.total_minor(Kind.PLATFORM_LOSSES, currency=USD),
        "float": -ledger.total_minor(Kind.STRIPE_FLOAT, currency=USD),
        "suspense": -ledger.total_minor(Kind.SUSPENSE, currency=USD),
        "stripe_balance_before_fees": ledger.total_minor(Kind.STRIPE_BALANCE, currency=USD) + fees,
    }


def _instant(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])


def differences(expected: Any, found: Any, at: str = "") -> Iterator[str]:
    """Each figure that is not as expected, by its path."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in {**expected, **found}:
            yield from differences(expected.get(name), found.get(name), f"{at}.{name}".lstrip("."))
    elif expected != found:
        yield f"{at}: {found!r}, not {expected!r}"
