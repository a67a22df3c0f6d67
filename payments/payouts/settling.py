"""As a run starts: what needs no transfer is settled, what was overpaid is told, and what is kept for it is booked
(money/RULES.md, rule 6)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import Word, notify_each
from kit.crash import crash_point
from kit.money import Money
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.operations import Draft, Leg
from payments.payouts import recording
from payments.payroll.models import Overpayment, PayItem, PayRun
from payments.payroll.recoveries import TOLD_BEFORE
from payments.payroll.states import ItemState

SYSTEM = Actor.of_system("payouts")


def settle(run: PayRun, *, at: datetime) -> None:
    """Within the transaction in which the run starts."""
    items = PayItem.objects.filter(run=run, state=ItemState.READY).select_related("performer", "run__week")
    below = list(items.filter(net_minor__lt=0).order_by("id"))
    kept = list(items.filter(recovered_minor__gt=0).order_by("id"))
    ledger.post(_drafts(run, {"overpaid": below, "recovered": kept}), at=at)
    crash_point("settling.posted")
    Overpayment.objects.bulk_create(_overpayments(below, at=at))
    tell_overpaid(below, at=at)
    nothing_to_send = items.filter(amount_minor=0)
    recording.mark_paid(list(nothing_to_send), at=at)
    audit.move_many(nothing_to_send, ItemState.SETTLED, by=SYSTEM, at=at, settled_at=at)


def _drafts(run: PayRun, by_kind: dict[str, list[PayItem]]) -> Iterator[Draft]:
    """Between what is owed to a performer and what was overpaid to them."""
    owners = {item.performer.public_id for items in by_kind.values() for item in items}
    payable = ledger.accounts(Kind.PERFORMER_PAYABLE, currency=run.currency, owners=owners)
    overpaid = ledger.accounts(Kind.PERFORMER_OVERPAID, currency=run.currency, owners=owners)
    for kind, items in by_kind.items():
        for item in items:
            owner = item.performer.public_id
            from_payable_minor = item.net_minor if kind == "overpaid" else item.recovered_minor
            legs = [Leg(payable[owner], from_payable_minor), Leg(overpaid[owner], -from_payable_minor)]
            yield Draft(key=f"{kind}:{item.public_id}", kind=kind, legs=legs, book=item.book)


def _overpayments(items: list[PayItem], *, at: datetime) -> Iterator[Overpayment]:
    for item in items:
        yield Overpayment(
            item=item,
            performer=item.performer,
            currency=item.currency,
            amount_minor=-item.net_minor,
            told_at=at,
        )


def tell_overpaid(items: Sequence[PayItem], *, at: datetime) -> None:
    """Tell each performer once, with the reason and the way to object; nothing is kept for a week."""
    words = [
        Word(
            user_id=item.performer.user_id,
            key=f"overpaid:{item.public_id}",
            about={"amount": Money(-item.net_minor, item.currency), "begins_at": at + TOLD_BEFORE},
            where={"item_id": str(item.public_id)},
        )
        for item in items
    ]
    notify_each(words, kind=MoneyKind.OVERPAID, at=at)
