"""Too late to send, or unsure of what was sent: the rail's list of the group decides. Adopt one, halt on two, believe absence
only twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import operations as audit
from kit.crash import crash_point
from payments.gateway.outcomes import Unknown
from payments.inbox.halts import raise_halt
from payments.payouts import claims, recording
from payments.payouts.claims import Claim
from payments.payouts.models import Attempt
from payments.payouts.rail import Sent
from payments.payouts.recording import SWEEPER
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState

# Absence is believed when it was seen twice, an hour apart, more than a day after the first sending.
LISTINGS_APART = timedelta(hours=1)
BELIEVE_ABSENCE = timedelta(hours=25)


def record_found(claim: Claim, found: Sequence[Sent], *, at: datetime) -> None:
    """One transfer in the group is the item's; of two, one is too many, and a person decides."""
    if len(found) == 1:
        recording.record(claim, found[0], at=at)
        return
    raise_halt(
        code="two_transfers_in_a_group",
        detail=f"{len(found)} sendings lie in the group {claim.group}: {', '.join(sent.id for sent in found)}.",
        at=at,
    )
    recording.record(claim, Unknown(reason="two_transfers"), at=at)


@transaction.atomic
def record_absence(claim: Claim, *, at: datetime) -> None:
    """The rail lists nothing in the claim's group: believed when it was seen twice, and nothing was sent since long before."""
    item = recording.locked([claim]).get(claim.item_id)
    if item is None or item.fence != claim.fence or item.state != ItemState.SENDING:
        return
    attempt = Attempt.objects.select_for_update().get(item=item, idempotency_key=claim.idempotency_key)
    no_more_sends_at = claim.first_sent_at + claims.LAST_SEND
    # A list taken while sending was still allowed says nothing about what was sent after it.
    before = item.looked_up_at if item.looked_up_at and item.looked_up_at >= no_more_sends_at else None
    item.looked_up_at = before or at
    if at < no_more_sends_at:
        # Nothing was sent before, so the key is fresh: send it now.
        item.due_at = item.lease_until = at
    elif before and at - before >= LISTINGS_APART and at - claim.first_sent_at >= BELIEVE_ABSENCE:
        recording.return_to_payable(
            item, attempt, code="never_arrived", message="Nothing lies in the group.", at=at
        )
        crash_point("lookup.given_back")
        next_generation(item, at=at)
        return
    else:
        item.due_at = item.lease_until = at + LISTINGS_APART
    item.save(update_fields=["looked_up_at", "due_at", "lease_until"])


def next_generation(item: PayItem, *, at: datetime) -> None:
    """Definitely not paid: ready again, under the next key."""
    audit.move(
        item,
        ItemState.READY,
        by=SWEEPER,
        at=at,
        generation=item.generation + 1,
        lease_until=None,
        due_at=at,
        first_sent_at=None,
        looked_up_at=None,
    )
