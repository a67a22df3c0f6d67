"""Performers' money of before: what came back and was called owed, and corrections that outweighed what was earned."""

from datetime import datetime

from django.db import connection

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from payments.ledger.chart import Kind
from payments.ledger.models import Entry
from payments.payouts import recording, returns, settling
from payments.payouts.models import Transfer
from payments.payroll.models import Overpayment, PayItem
from payments.payroll.states import ItemState
from payments.restating.lines import Line, leg

SYSTEM = Actor.of_system("restating")
RETURNED, BELOW_ZERO = "reversal", "below_zero"


def returned() -> list[Line]:
    """What Stripe took back was booked to what is owed: it waits for finance instead (rule 7)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT entry.book, substr(entry.key, 10), account.owner, account.currency, -posting.amount_minor
            FROM payments_entry entry JOIN payments_posting posting
              ON posting.entry_id = entry.id AND posting.book = entry.book
            JOIN payments_account account ON account.id = posting.account_id AND account.kind = 'performer_payable'
            WHERE entry.kind = 'reversal' AND entry.key LIKE 'reversal:%%' ORDER BY entry.key
            """
        )
        rows = cursor.fetchall()
    why = "What came back from a performer is neither owed nor lost: finance decides."
    return [
        Line(
            what=RETURNED,
            thing=thing,
            whose=owner,
            why=why,
            legs=[
                leg(Kind.PERFORMER_PAYABLE, minor, currency=currency, owner=owner),
                leg(Kind.PERFORMER_RETURNED, -minor, currency=currency, owner=owner),
            ],
            book=book,
        )
        for book, thing, owner, currency, minor in rows
    ]


def below_zero() -> list[Line]:
    """A net below zero was held for ever: it sends nothing and was paid too much (rule 6)."""
    items = PayItem.objects.filter(state=ItemState.HELD, net_minor__lt=0)
    return [_below_zero(item) for item in items.select_related("performer", "run__week").order_by("pk")]


def _below_zero(item: PayItem) -> Line:
    owner, currency = item.performer.public_id, item.currency
    return Line(
        what=BELOW_ZERO,
        thing=item.public_id,
        whose=owner,
        why="Corrections outweigh what was earned: that much was paid too much, and the item waits for nobody.",
        legs=[
            leg(Kind.PERFORMER_PAYABLE, item.net_minor, currency=currency, owner=owner),
            leg(Kind.PERFORMER_OVERPAID, -item.net_minor, currency=currency, owner=owner),
        ],
        book=item.book,
    )


def follow_returned(line: Line, *, at: datetime) -> None:
    """Both who wait for a decision are told, from the day on which it came back."""
    stripe_id = line.thing.partition(":")[0]
    came_back_at = Entry.objects.get(book=line.book, key=f"reversal:{line.thing}").posted_at
    Transfer.objects.filter(stripe_id=stripe_id, reversed_at=None).update(reversed_at=came_back_at)
    transfer = Transfer.objects.select_related("item__performer").get(stripe_id=stripe_id)
    if transfer.item is not None:
        returns.tell(transfer.item, line.legs[0].amount_minor, key=f"returned:{line.thing}", at=at)


def follow_below_zero(line: Line, *, at: datetime) -> None:
    """The item is settled, its timesheets are paid, and the performer is told: nothing is kept before a week is over."""
    item = PayItem.objects.select_related("performer", "run__week").get(public_id=line.thing)
    audit.move(item, ItemState.READY, by=SYSTEM, at=at, hold_code="", hold_detail="", held_at=None)
    audit.move(item, ItemState.SETTLED, by=SYSTEM, at=at, settled_at=at)
    Overpayment.objects.create(
        item=item,
        performer=item.performer,
        currency=item.currency,
        amount_minor=-item.net_minor,
        told_at=at,
    )
    recording.mark_paid([item], at=at)
    settling.tell_overpaid([item], at=at)
