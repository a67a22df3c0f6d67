"""Our books beside Stripe's, by currency: what was read is explained, and the sums are the same (rule 12)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from kit.money import Money
from payments.gateway import balance
from payments.inbox import findings
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.payouts.models import Heartbeat
from payments.payroll.models import PayRun
from payments.reconciliation import reading
from payments.reconciliation.models import Comparison, StripeRow

SHOWN = 100
ASKED = "reconciliation.asked"
OTHER_CURRENCY = "money_of_other_currency"
READ_EVERY, COMPARE_EVERY = timedelta(minutes=10), timedelta(days=1)


def compare_all(*, at: datetime) -> list[Comparison]:
    """Read Stripe's news, then compare each currency that either side has; what differs lies in finance's inbox.

    Raises StripeUnavailable.
    """
    rows = reading.read(at=at)
    totals = balance.totals_minor()
    _look_for_others(totals, at=at)
    made = []
    for currency in settings.CURRENCIES:
        books = ledger.total_minor(Kind.STRIPE_BALANCE, currency=currency)
        if currency in totals or books or currency == "usd":
            made.append(_compare(currency, totals.get(currency, 0), books, rows=rows, at=at))
    return made


def _look_for_others(totals: dict[str, int], *, at: datetime) -> None:
    """Money in a currency that the house does not take: no rule pays it out, so finance changes it at Stripe."""
    for currency, minor in totals.items():
        if currency in settings.CURRENCIES:
            continue
        if minor:
            detail = f"{Money(minor, currency).display()} lies at Stripe, in a currency that the house does not take."
            findings.report(code=OTHER_CURRENCY, thing=currency, detail=detail, at=at)
        else:
            findings.end(
                code=OTHER_CURRENCY, thing=currency, resolution="Nothing of it is left there.", at=at
            )


def tick(*, at: datetime) -> None:
    """What is at Stripe is read within minutes, and compared daily, after each run, and when somebody asks.

    Raises StripeUnavailable.
    """
    if _is_due(at=at):
        compare_all(at=at)
    elif not Heartbeat.objects.filter(name=reading.READ, at__gt=at - READ_EVERY).exists():
        reading.read(at=at)


def ask(*, at: datetime) -> None:
    """Have the next tick compare."""
    Heartbeat.objects.update_or_create(name=ASKED, defaults={"at": at})


def _is_due(*, at: datetime) -> bool:
    last = Comparison.objects.order_by("-id").first()
    if last is None or at - last.made_at >= COMPARE_EVERY:
        return True
    asked = Heartbeat.objects.filter(name=ASKED, at__gt=last.made_at)
    return asked.exists() or PayRun.objects.filter(paid_at__gt=last.made_at).exists()


def _compare(currency: str, stripe_minor: int, books_minor: int, *, rows: int, at: datetime) -> Comparison:
    differs = _differing(currency)
    made = Comparison.objects.create(
        currency=currency,
        stripe_minor=stripe_minor,
        books_minor=books_minor,
        rows=rows,
        unexplained=StripeRow.objects.filter(currency=currency, how="").count(),
        differs=differs[:SHOWN],
        made_at=at,
    )
    if not made.ok:
        detail = f"Stripe's balance less ours is {made.difference_minor} {currency} minor units; {len(differs)} rows differ."
        findings.report(code="books_differ", thing=f"books {currency}", detail=detail, at=at)
    else:
        findings.end(code="books_differ", thing=f"books {currency}", resolution="They agree again.", at=at)
    return made


def _differing(currency: str) -> list[str]:
    """What one side has and the other has not, or otherwise; in sets, never a call an item."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT row.stripe_id || ': ' || row.type || ' of ' || row.amount_minor || ' is not explained yet'
            FROM payments_striperow row WHERE row.how = '' AND row.currency = %(currency)s
            UNION ALL
            SELECT transfer.stripe_id || ' is in our books, and Stripe''s balance does not show it'
            FROM payments_transfer transfer
            WHERE transfer.item_id IS NOT NULL AND transfer.currency = %(currency)s AND NOT EXISTS (
              SELECT 1 FROM payments_striperow row WHERE row.source = transfer.stripe_id AND row.type = 'transfer')
            UNION ALL
            SELECT movement.stripe_id || ' is in our books, and Stripe''s balance does not show it'
            FROM payments_fundingmovement movement JOIN payments_funding funding ON funding.id = movement.funding_id
            WHERE funding.currency = %(currency)s AND NOT EXISTS (
              SELECT 1 FROM payments_striperow row WHERE row.stripe_id = movement.stripe_id
                AND row.amount_minor = movement.amount_minor AND row.fee_minor = movement.fee_minor)
            """,
            {"currency": currency},
        )
        return [str(row[0]) for row in cursor.fetchall()]


def newest(currency: str) -> Comparison | None:
    """The last comparison of a currency."""
    return Comparison.objects.filter(currency=currency).order_by("-id").first()
