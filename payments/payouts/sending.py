"""Claim, call, record: the payout protocol. A crash anywhere in it replays the same key and pays once."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.crash import crash_point
from kit.jobs import next_try
from payments.gateway.outcomes import Failure, Refused, Stop, Unknown
from payments.inbox.halts import raise_halt
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payouts import claims, rails
from payments.payouts.claims import Claim
from payments.payouts.models import Attempt
from payments.payouts.rail import Sent, Unreachable
from payments.payouts.states import AttemptState
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState

log = structlog.get_logger(__name__)
SWEEPER = Actor.of_system("payouts")
# Sendings under one key after which the group is listed before the next.
PEEK_AFTER = 2
# Absence is believed when it was seen twice, an hour apart, more than a day after the first sending.
LISTINGS_APART = timedelta(hours=1)
BELIEVE_ABSENCE = timedelta(hours=25)


def send_next(*, now: Callable[[], datetime]) -> bool:
    """Take the next item that is due through claim, call and record. False when there was none."""
    claim = claims.claim_next(at=now())
    if claim is None:
        return False
    crash_point("send.claimed")
    if _lease_lost(claim, at=now()):
        return True
    if claim.must_list_first(now()):
        resolve_by_group(claim, at=now())
        return True
    if claim.sends > PEEK_AFTER and (_adopted(claim, now=now) or _lease_lost(claim, at=now())):
        return True
    outcome = claim.rail.send(claim.params, key=claim.idempotency_key)
    crash_point("send.called")
    record(claim, outcome, at=now())
    crash_point("send.recorded")
    return True


def _lease_lost(claim: Claim, *, at: datetime) -> bool:
    """Whether this process stood still while its lease ran out: whoever claimed since goes on, this one calls nobody."""
    lost = at >= claim.lease_until
    if lost:
        log.warning("payout_lease_lost", item=claim.item_id, fence=claim.fence)
    return lost


def _adopted(claim: Claim, *, now: Callable[[], datetime]) -> bool:
    """After several unknown answers, look whether the money went out: a kept 500 is replayed for a day even where the
    money moved. Finding one decides; finding none decides nothing, so the same key is sent again."""
    try:
        found = claim.rail.in_group(claim.group, claim.generations)
    except Unreachable:
        return False
    crash_point("peek.listed")
    if found:
        _record_found(claim, found, at=now())
    return bool(found)


def resolve_by_group(claim: Claim, *, at: datetime) -> None:
    """Too late to send: let the rail's list of the group decide. Adopt one, halt on two, believe absence only twice."""
    try:
        found = claim.rail.in_group(claim.group, claim.generations)
    except Unreachable as error:
        record(claim, Unknown(reason=str(error)), at=at)
        return
    crash_point("lookup.listed")
    if found:
        _record_found(claim, found, at=at)
    else:
        _record_absence(claim, at=at)


def _record_found(claim: Claim, found: Sequence[Sent], *, at: datetime) -> None:
    """One transfer in the group is the item's; of two, one is too many, and a person decides."""
    if len(found) == 1:
        record(claim, found[0], at=at)
        return
    raise_halt(
        code="two_transfers_in_a_group",
        detail=f"{len(found)} sendings lie in the group {claim.group}: {', '.join(sent.id for sent in found)}.",
        at=at,
    )
    record(claim, Unknown(reason="two_transfers"), at=at)


@transaction.atomic
def record(claim: Claim, outcome: Sent | Failure, *, at: datetime) -> None:
    """Write down what the rail said. What it did is kept even where another worker has claimed since; what it did not
    decide is left to whoever holds the claim now."""
    item = (
        PayItem.objects.select_for_update(of=("self",))
        .select_related("run__week", "performer")
        .get(pk=claim.item_id)
    )
    attempt = _attempt(item, claim)
    if not isinstance(outcome, Failure):
        _record_sent(item, attempt, outcome, at=at)
    elif item.fence != claim.fence or item.state != ItemState.SENDING:
        log.info("payout_stale_answer", item=item.public_id, fence=claim.fence, now=item.fence)
    elif isinstance(outcome, Refused) and (outcome.executed or attempt.sends == 1):
        _record_refusal(item, attempt, outcome, at=at)
    else:
        _record_unknown(item, attempt, outcome, at=at)
    crash_point("record.before_commit")


def _attempt(item: PayItem, claim: Claim) -> Attempt:
    # By its key, not by a number: a database restored under this worker's feet gives the numbers again, to others.
    return Attempt.objects.select_for_update().get(item=item, idempotency_key=claim.idempotency_key)


def _record_sent(item: PayItem, attempt: Attempt, sent: Sent, *, at: datetime) -> None:
    if item.transfer_id == sent.id:
        # Written down already: by this attempt, or adopted under the next one while this answer was on its way.
        return
    rail = rails.of(item)
    wrong = rail.differences(attempt.params, sent)
    if wrong or item.transfer_id or attempt.state != AttemptState.UNKNOWN:
        detail = f"{sent.id} for {item.public_id}: {wrong or 'a second transfer, or one after a refusal'}."
        raise_halt(code="transfer_does_not_match", detail=detail, at=at)
        rail.keep(sent, item=None, at=at)
        _retry_later(item, attempt, at=at)
        return
    crash_point("record.checked")
    rail.keep(sent, item=item, at=at)
    audit.move(attempt, AttemptState.SUCCEEDED, by=SWEEPER, at=at, finished_at=at, transfer_id=sent.id)
    ledger.move(
        debit=ledger.account(Kind.PAYOUTS_IN_FLIGHT, currency=item.currency),
        credit=ledger.account(rail.pays_from, currency=item.currency),
        amount_minor=item.amount_minor,
        key=f"transfer:{item.public_id}",
        kind="transfer",
        book=item.book,
        at=at,
        transfer=sent.id,
    )
    crash_point("record.posted")
    audit.move(
        item,
        ItemState.SENT,
        by=SWEEPER,
        at=at,
        transfer_id=sent.id,
        sent_at=at,
        lease_until=None,
        due_at=None,
    )
    rail.follow(sent, at=at)


def _record_refusal(item: PayItem, attempt: Attempt, refusal: Refused, *, at: datetime) -> None:
    _return_to_payable(
        item, attempt, code=refusal.code, message=refusal.message, request_id=refusal.request_id, at=at
    )
    crash_point("record.given_back")
    claims.hold_unsent(item, code=refusal.code, detail=refusal.message, at=at)


def _return_to_payable(
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
        book=item.book,
        at=at,
    )


def _record_unknown(item: PayItem, attempt: Attempt, outcome: Failure, *, at: datetime) -> None:
    if isinstance(outcome, Stop):
        raise_halt(code=outcome.code, detail=f"{outcome.message} (item {item.public_id})", at=at)
    _retry_later(item, attempt, at=at)


def _retry_later(item: PayItem, attempt: Attempt, *, at: datetime) -> None:
    if item.state == ItemState.SENDING:
        # The lease ends with the wait: until then nobody else takes it up.
        item.due_at = item.lease_until = next_try(at=at, tries=attempt.sends)
        item.save(update_fields=["due_at", "lease_until"])


@transaction.atomic
def _record_absence(claim: Claim, *, at: datetime) -> None:
    item = (
        PayItem.objects.select_for_update(of=("self",))
        .select_related("run__week", "performer")
        .get(pk=claim.item_id)
    )
    if item.fence != claim.fence or item.state != ItemState.SENDING:
        return
    attempt = _attempt(item, claim)
    no_more_sends_at = claim.first_sent_at + claims.LAST_SEND
    # A list taken while sending was still allowed says nothing about what was sent after it.
    before = item.looked_up_at if item.looked_up_at and item.looked_up_at >= no_more_sends_at else None
    item.looked_up_at = before or at
    if at < no_more_sends_at:
        # Nothing was sent before, so the key is fresh: send it now.
        item.due_at = item.lease_until = at
    elif before and at - before >= LISTINGS_APART and at - claim.first_sent_at >= BELIEVE_ABSENCE:
        _return_to_payable(item, attempt, code="never_arrived", message="Nothing lies in the group.", at=at)
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
