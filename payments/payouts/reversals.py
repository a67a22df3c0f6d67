"""Money taken back from a performer's Stripe account: written down as it happens, never guessed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.crash import crash_point
from payments.gateway import balance, transfers
from payments.gateway.transfers import TransferFacts
from payments.inbox import findings
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payouts import mirror, returns
from payments.payouts.models import Heartbeat, Transfer
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState

SYSTEM = Actor.of_system("reversals")
READ = "payouts.reversals"
# How far the list of transfers was read, page by page.
READING = "payouts.reading"
FIRST_READ = timedelta(days=30)
# Readings overlap by more than clocks differ and a recording takes; by Stripe's own clock, by more than it takes until the
# order of its list is final. An hour of a payday is seven hundred pages.
OVERLAP = timedelta(hours=1)
ORDER_SETTLES = timedelta(minutes=1)


def read_since(moment: datetime) -> bool:
    """Whether Stripe's transfers were read after that."""
    return Heartbeat.objects.filter(name=READ, at__gt=moment).exists()


def read_transfers(*, at: datetime) -> int:
    """Ask Stripe what was taken back, or sent past us, since the last reading; returns how many transfers had news.

    A lost webhook must not hide it. Page after page, oldest first: where one is cut off, the next goes on from there. Raises
    StripeUnavailable.
    """
    last, _ = Heartbeat.objects.get_or_create(name=READING, defaults={"at": at - FIRST_READ})
    news = set()
    for page in transfers.pages(after=last.facts.get("after", ""), else_since=last.at - OVERLAP):
        news |= _note_unknown(page, at=at)
        crash_point("reading.noted")
        _keep_place(last, page, at=at)
    taken_back = set(balance.reversed_since(_last_read(at) - OVERLAP))
    for stripe_id in sorted(taken_back):
        note(transfer=transfers.retrieve(stripe_id), at=at)
    Heartbeat.objects.update_or_create(name=READ, defaults={"at": at})
    return len(taken_back | news)


def _last_read(at: datetime) -> datetime:
    last = Heartbeat.objects.filter(name=READ).first()
    return last.at if last else at - FIRST_READ


def _note_unknown(page: Sequence[TransferFacts], *, at: datetime) -> set[str]:
    made = {transfer.id: transfer for transfer in page}
    known = Transfer.objects.filter(stripe_id__in=made).values_list("stripe_id", flat=True)
    unknown = made.keys() - set(known)
    for stripe_id in sorted(unknown):
        note(transfer=made[stripe_id], at=at)
    return unknown


def _keep_place(last: Heartbeat, page: Sequence[TransferFacts], *, at: datetime) -> None:
    """The next reading begins after the newest transfer before which none can appear any more."""
    settled_at = max(page[-1].created_at - ORDER_SETTLES, at - OVERLAP)
    settled = [transfer for transfer in page if transfer.created_at <= settled_at]
    if settled:
        last.facts = {"after": settled[-1].id}
        last.save(update_fields=["facts"])


@transaction.atomic
def note(*, transfer: TransferFacts, at: datetime) -> None:
    """Bring our mirror of a transfer up to what Stripe says was reversed. The same news twice changes nothing.

    A transfer that is not ours becomes a finding: someone moved money past the house. One that no item has yet is an
    attempt of ours that is still unknown: what was taken back is posted when it is adopted, by whatever answer.
    """
    mirror.store_unknown([transfer], at=at)
    if not _is_ours(transfer):
        findings.report(
            code="transfer_not_ours",
            thing=transfer.id,
            detail=f"A transfer of {transfer.amount_minor} {transfer.currency} minor units that no pay item knows.",
            at=at,
        )
        return
    post(stripe_id=transfer.id, at=at)


def post(*, stripe_id: str, at: datetime) -> None:
    """Post what was heard to be taken back of a transfer and is not in the books yet; nothing while no item has it.
    Within the caller's transaction."""
    known = Transfer.objects.select_for_update().get(stripe_id=stripe_id)
    fresh_minor = known.told_reversed_minor - known.reversed_minor
    if fresh_minor <= 0 or known.item_id is None:
        return
    item = (
        PayItem.objects.select_for_update(of=("self",))
        .select_related("run__week", "performer")
        .get(pk=known.item_id)
    )
    ledger.move(
        debit=ledger.account(Kind.STRIPE_BALANCE, currency=item.currency),
        credit=ledger.account(
            Kind.PERFORMER_RETURNED, currency=item.currency, owner=item.performer.public_id
        ),
        amount_minor=fresh_minor,
        key=f"reversal:{stripe_id}:{known.told_reversed_minor}",
        kind="reversal",
        book=item.book,
        at=at,
    )
    crash_point("reversal.posted")
    known.reversed_minor = known.told_reversed_minor
    known.reversed_at = known.reversed_at or at
    known.save(update_fields=["reversed_minor", "reversed_at"])
    if known.reversed_minor == known.amount_minor:
        audit.move(item, ItemState.REVERSED, by=SYSTEM, at=at, reason="transfer_reversed")
    returns.tell(item, fresh_minor, key=f"returned:{stripe_id}:{known.told_reversed_minor}", at=at)


def _is_ours(transfer: TransferFacts) -> bool:
    return (
        Transfer.objects.filter(stripe_id=transfer.id, item__isnull=False).exists()
        or PayItem.objects.filter(natural_key__in=_uuids(transfer.transfer_group)).exists()
    )


def _uuids(text: str) -> list[str]:
    hexes = text.replace("-", "")
    return [text] if len(hexes) == 32 and all(c in "0123456789abcdef" for c in hexes) else []
