"""Our books beside Stripe's: every transfer and the balance, matched to the cent."""

from dataclasses import dataclass, field
from datetime import datetime

from kit.currencies import check_supported
from payments.gateway import balance, transfers
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.payouts import reversals
from payments.payouts.models import Transfer
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState


@dataclass
class Report:
    """What was compared and what differs. `difference_minor` is Stripe's balance less ours."""

    currency: str
    stripe_minor: int = 0
    books_minor: int = 0
    transfers: int = 0
    differs: list[str] = field(default_factory=list)

    @property
    def difference_minor(self) -> int:
        return self.stripe_minor - self.books_minor

    @property
    def ok(self) -> bool:
        return not self.differs and self.difference_minor == 0


def reconcile(*, currency: str, at: datetime) -> Report:
    """Compare our mirror and ledger with what Stripe lists. Unknown reversals are written down on the way.

    Raises StripeUnavailable, UnknownCurrency (422). Pending money is compared when it becomes available.
    """
    check_supported(currency)
    runs = list(PayRun.objects.filter(currency=currency, state__in=[RunState.PAYING, RunState.PAID]))
    report = Report(currency=currency, stripe_minor=balance.available_minor(currency=currency))
    for run in runs:
        _compare_run(run, report, at=at)
    report.books_minor = ledger.total_minor(Kind.STRIPE_BALANCE, currency=currency)
    return report


def _compare_run(run: PayRun, report: Report, *, at: datetime) -> None:
    for item in PayItem.objects.filter(run=run, first_sent_at__isnull=False).order_by("id"):
        found = transfers.in_group(str(item.natural_key))
        for transfer in found:
            reversals.note(transfer=transfer, at=at)
        report.transfers += len(found)
        ours = Transfer.objects.filter(item=item).first()
        sent = item.state in (ItemState.SENT, ItemState.SETTLED, ItemState.REVERSED)
        if len(found) != (1 if sent else 0):
            report.differs.append(f"{item.public_id} is {item.state}, Stripe has {len(found)} transfer(s)")
        elif ours is not None and (ours.stripe_id, ours.amount_minor) != (found[0].id, found[0].amount_minor):
            report.differs.append(f"{item.public_id}: {ours.stripe_id} differs from {found[0].id}")
