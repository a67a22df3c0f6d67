"""Claim, call, record: the payout protocol. A crash anywhere in it replays the same key and pays once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.crash import cp
from kit.jobs import next_try
from payments.gateway import transfers
from payments.gateway.client import livemode
from payments.gateway.errors import StripeUnavailable
from payments.gateway.outcomes import Failure, Refused, Stop, Unknown
from payments.gateway.transfers import TransferFacts
from payments.inbox.halts import raise_halt
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payouts import claims, mirror, reversals
from payments.payouts.claims import Claim
from payments.payouts.models import Attempt
from payments.payouts.states import AttemptState
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState

log = structlog.get_logger(__name__)
SWEEPER = Actor.of_system("payouts")
# Sendings under one key after which the group is listed before the next.
PEEK_AFTER = 2
# Absence is believed when it was seen twice, an hour apart, more than a day after the first sending.
LOOK_APART = timedelta(hours=1)
BELIEVE_ABSENCE = timedelta(hours=25)


def send_next(*, now: Callable[[], datetime]) -> bool:
    """Take the next item that is due through claim, call and record. False when there was none."""
    claim = claims.claim_next(at=now())
    if claim is None:
        return False
    cp("send.claimed")
    if _lease_lost(claim, at=now()):
        return True
    if claim.must_look_up(now()):
        look_up(claim, at=now())
        return True
    if claim.sends > PEEK_AFTER and (_adopted(claim, now=now) or _lease_lost(claim, at=now())):
        return True
    outcome = transfers.create(claim.params, key=claim.idempotency_key)
    cp("send.called")
    record(claim, outcome, at=now())
    cp("send.recorded")
    return True


def _lease_lost(claim: Claim, *, at: datetime) -> bool:
    """Whether this process stood still while its lease ran out: whoever claimed since goes on, this one calls nobody."""
    lost = at >= claim.lease_until
    if lost:
        log.warning("payout_lease_lost", item=claim.item_id, fence=claim.fence)
    return lost


def _adopted(claim: Claim, *, now: Callable[[], datetime]) -> bool:
    """After several unknown answers, look whether the money went out: Stripe replays a 500 for a day even where the
    transfer exists. Finding one decides; finding none decides nothing, so the same key is sent again."""
    try:
        found = transfers.in_group(claim.group)
    except StripeUnavailable:
        return False
    cp("peek.listed")
    if found:
        _found(claim, found, at=now())
    return bool(found)


def look_up(claim: Claim, *, at: datetime) -> None:
    """Too late to send: let Stripe's list of the group decide. Adopt one, halt on two, believe absence only twice."""
    try:
        found = transfers.in_group(claim.group)
    except StripeUnavailable as error:
        record(claim, Unknown(reason=type(error).__name__), at=at)
        return
    cp("lookup.listed")
    if found:
        _found(claim, found, at=at)
    else:
        _absent(claim, at=at)


def _found(claim: Claim, found: Sequence[TransferFacts], *, at: datetime) -> None:
    """One transfer in the group is the item's; of two, one is too many, and a person decides."""
    if len(found) == 1:
        record(claim, found[0], at=at)
        return
    raise_halt(
        code="two_transfers_in_a_group",
        detail=f"Stripe lists {len(found)} transfers in the group {claim.group}: {', '.join(t.id for t in found)}.",
        at=at,
    )
    record(claim, Unknown(reason="two_transfers"), at=at)


@transaction.atomic
def record(claim: Claim, outcome: TransferFacts | Failure, *, at: datetime) -> None:
    """Write down what Stripe said. What it did is kept even where another worker has claimed since; what it did not
    decide is left to whoever holds the claim now."""
    item = (
        PayItem.objects.select_for_update(of=("self",))
        .select_related("run__week", "performer")
        .get(pk=claim.item_id)
    )
    attempt = _attempt(item, claim)
    if isinstance(outcome, TransferFacts):
        _sent(item, attempt, outcome, at=at)
    elif item.fence != claim.fence or item.state != ItemState.SENDING:
        log.info("payout_stale_answer", item=item.public_id, fence=claim.fence, now=item.fence)
    elif isinstance(outcome, Refused) and (outcome.executed or attempt.sends == 1):
        _refused(item, attempt, outcome, at=at)
    else:
        _undecided(item, attempt, outcome, at=at)
    cp("record.before_commit")


def _attempt(item: PayItem, claim: Claim) -> Attempt:
    # By its key, not by a number: a database restored under this worker's feet gives the numbers again, to others.
    return Attempt.objects.select_for_update().get(item=item, idempotency_key=claim.idempotency_key)


def _sent(item: PayItem, attempt: Attempt, transfer: TransferFacts, *, at: datetime) -> None:
    if item.transfer_id == transfer.id:
        # Written down already: by this attempt, or adopted under the next one while this answer was on its way.
        return
    wrong = _differences(attempt, transfer)
    if wrong or item.transfer_id or attempt.state != AttemptState.UNKNOWN:
        detail = (
            f"{transfer.id} for {item.public_id}: {wrong or 'a second transfer, or one after a refusal'}."
        )
        raise_halt(code="transfer_does_not_match", detail=detail, at=at)
        mirror.remember([transfer], at=at)
        _again_at(item, attempt, at=at)
        return
    cp("record.checked")
    mirror.write(transfer, item=item, at=at)
    audit.move(attempt, AttemptState.SUCCEEDED, by=SWEEPER, at=at, finished_at=at, transfer_id=transfer.id)
    ledger.move(
        debit=ledger.account(Kind.PAYOUTS_IN_FLIGHT, currency=item.currency),
        credit=ledger.account(Kind.STRIPE_BALANCE, currency=item.currency),
        amount_minor=item.amount_minor,
        key=f"transfer:{item.public_id}",
        kind="transfer",
        book=claims.book_of(item),
        at=at,
        transfer=transfer.id,
    )
    cp("record.posted")
    audit.move(
        item,
        ItemState.SENT,
        by=SWEEPER,
        at=at,
        transfer_id=transfer.id,
        sent_at=at,
        lease_until=None,
        due_at=None,
    )
    reversals.post(stripe_id=transfer.id, at=at)


def _differences(attempt: Attempt, transfer: TransferFacts) -> str:
    """What about a transfer is not what was asked for; empty when all is."""
    asked = attempt.params
    checks = {
        "amount": (transfer.amount_minor, asked["amount"]),
        "currency": (transfer.currency, asked["currency"]),
        "destination": (transfer.destination, asked["destination"]),
        "transfer_group": (transfer.transfer_group, asked["transfer_group"]),
        "performer": (transfer.metadata.get("performer"), asked["metadata"]["performer"]),
        "livemode": (transfer.livemode, livemode()),
    }
    return ", ".join(
        f"{name} is {got!r}, not {want!r}" for name, (got, want) in checks.items() if got != want
    )


def _refused(item: PayItem, attempt: Attempt, refusal: Refused, *, at: datetime) -> None:
    _give_back(
        item, attempt, code=refusal.code, message=refusal.message, request_id=refusal.request_id, at=at
    )
    cp("record.given_back")
    claims.hold_unsent(item, code=refusal.code, detail=refusal.message, at=at)


def _give_back(
    item: PayItem, attempt: Attempt, *, code: str, message: str, request_id: str = "", at: datetime
) -> None:
    audit.move(
        attempt,
        AttemptState.REFUSED,
        by=SWEEPER,
        at=at,
        reason=code,
        finished_at=at,
        stripe_code=code,
        stripe_message=message[:500],
        request_id=request_id,
    )
    ledger.move(
        debit=ledger.account(Kind.PAYOUTS_IN_FLIGHT, currency=item.currency),
        credit=ledger.account(Kind.PERFORMER_PAYABLE, currency=item.currency, owner=item.performer.public_id),
        amount_minor=item.amount_minor,
        key=f"refused:{item.public_id}:{item.generation}",
        kind="refused",
        book=claims.book_of(item),
        at=at,
    )


def _undecided(item: PayItem, attempt: Attempt, outcome: Failure, *, at: datetime) -> None:
    if isinstance(outcome, Stop):
        raise_halt(code=outcome.code, detail=f"{outcome.message} (item {item.public_id})", at=at)
    _again_at(item, attempt, at=at)


def _again_at(item: PayItem, attempt: Attempt, *, at: datetime) -> None:
    if item.state == ItemState.SENDING:
        # The lease ends with the wait: until then nobody else takes it up.
        item.due_at = item.lease_until = next_try(at=at, tries=attempt.sends)
        item.save(update_fields=["due_at", "lease_until"])


@transaction.atomic
def _absent(claim: Claim, *, at: datetime) -> None:
    item = (
        PayItem.objects.select_for_update(of=("self",))
        .select_related("run__week", "performer")
        .get(pk=claim.item_id)
    )
    if item.fence != claim.fence or item.state != ItemState.SENDING:
        return
    attempt = _attempt(item, claim)
    no_more_sends_at = claim.first_sent_at + claims.LAST_SEND
    # A look taken while sending was still allowed says nothing about what was sent after it.
    before = item.looked_up_at if item.looked_up_at and item.looked_up_at >= no_more_sends_at else None
    item.looked_up_at = before or at
    if at < no_more_sends_at:
        # Nothing was sent before, so the key is fresh: send it now.
        item.due_at = item.lease_until = at
    elif before and at - before >= LOOK_APART and at - claim.first_sent_at >= BELIEVE_ABSENCE:
        _give_back(
            item, attempt, code="never_arrived", message="Stripe lists no transfer in the group.", at=at
        )
        cp("lookup.given_back")
        next_generation(item, at=at)
        return
    else:
        item.due_at = item.lease_until = at + LOOK_APART
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
