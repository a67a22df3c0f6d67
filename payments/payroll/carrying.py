"""What a run leaves to the next: so that nobody has to ask where the rest is."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, Sum, TextChoices

from kit.money import Money
from payments.paylines.queries import left_minor
from payments.payroll import coverage, deductions
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState


class Carried(TextChoices):
    OVERPAID = "overpaid", "Corrections outweigh it: nothing sent, kept from later paydays"
    NOTHING = "nothing", "Nothing to send: it adds up to zero"
    HELD = "held", "Held, each with its reason: not covered, over a limit, not set up"
    TOO_LITTLE = "too_little", "Less than the least that is paid out: waits for more"
    IN_NO_RUN = "in_no_run", "Owed and in no run: the next one takes it"
    TO_DEDUCT = "to_deduct", "Agreed to be deducted and not taken yet"


@dataclass(frozen=True)
class Row:
    what: Carried
    performers: int
    amount: Money


def carried(run: PayRun) -> list[Row]:
    """What the run left, and what has come since, as it stands now; only what there is. Nothing of a draft."""
    if run.state in (RunState.DRAFT, RunState.CANCELLED):
        return []
    rows = [*_of_items(run), *_open(run.currency), _to_deduct(run.currency)]
    found = [Row(what, performers, Money(minor, run.currency)) for what, performers, minor in rows]
    return [row for row in found if row.performers]


def _of_items(run: PayRun) -> list[tuple[Carried, int, int]]:
    below, zero = Q(net_minor__lt=0), Q(net_minor=0, pays_again=None)
    held = Q(state=ItemState.HELD)
    sums = PayItem.objects.filter(run=run).aggregate(
        below=Count("id", filter=below),
        below_minor=Sum("net_minor", filter=below, default=0),
        zero=Count("id", filter=zero),
        held=Count("id", filter=held),
        held_minor=Sum("amount_minor", filter=held, default=0),
    )
    return [
        (Carried.OVERPAID, sums["below"], -sums["below_minor"]),
        (Carried.NOTHING, sums["zero"], 0),
        (Carried.HELD, sums["held"], sums["held_minor"]),
    ]


def _open(currency: str) -> list[tuple[Carried, int, int]]:
    within, least = coverage.span(currency=currency), settings.LEAST_PAYOUT_MINOR.get(currency, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE minor < %(least)s), coalesce(sum(minor) FILTER (WHERE minor < %(least)s), 0),
                   count(*) FILTER (WHERE minor >= %(least)s), coalesce(sum(minor) FILTER (WHERE minor >= %(least)s), 0)
            FROM (
              SELECT sum(amount_minor) AS minor FROM payments_open_earnings(%(currency)s, %(start)s, %(end)s, NULL)
              GROUP BY performer_id HAVING sum(amount_minor) > 0
            ) AS nets
            """,
            {"least": least, "currency": currency, "start": within.start, "end": within.end},
        )
        little, little_minor, rest, rest_minor = (int(value) for value in cursor.fetchone())
    return [(Carried.TOO_LITTLE, little, little_minor), (Carried.IN_NO_RUN, rest, rest_minor)]


def _to_deduct(currency: str) -> tuple[Carried, int, int]:
    rows = deductions.waiting(currency)
    left = sum(left_minor(row) for row in rows)
    return Carried.TO_DEDUCT, len({row.engagement.performer_id for row in rows}), left
