"""The webhook inbox: stored raw and acknowledged in one transaction, worked on by rows, at our own pace.

An event is a doorbell: whatever it says, the object is read anew from Stripe, so lost, late, doubled, reordered and
even untrue events end in the same place.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from kit.crash import cp
from kit.errors import DomainError
from kit.jobs import next_try
from payments.connect import bank
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.funding import operations as funding
from payments.gateway import transfers as stripe_transfers
from payments.gateway import webhooks
from payments.gateway.client import livemode
from payments.gateway.errors import StripeUnavailable
from payments.gateway.webhooks import EventFacts
from payments.payouts import reversals
from payments.reconciliation import findings
from payments.reconciliation.models import InboundEvent

log = structlog.get_logger(__name__)
GIVE_UP_TRIES = 12


def receive(*, source: str, body: bytes, signature: str, at: datetime) -> None:
    """Verify and store an event, once per event id. Raises BadSignature."""
    facts = webhooks.verify(source=source, body=body, signature=signature)
    event = InboundEvent(
        source=source, event_id=facts.id, subject=facts.subject, body=body, received_at=at, due_at=at
    )
    InboundEvent.objects.bulk_create([event], ignore_conflicts=True)
    cp("inbox.stored")


def work(*, at: datetime, at_most: int = 200) -> int:
    """Work through the events that are due; returns how many were taken up."""
    taken = 0
    while taken < at_most and _work_one(at=at):
        taken += 1
    return taken


def _work_one(*, at: datetime) -> bool:
    claimed = _claim(at=at)
    if not claimed:
        return False
    cp("inbox.claimed")
    event = claimed[0]
    facts = webhooks.read(source=event.source, body=bytes(event.body))
    try:
        known = handle(facts, at=at)
    except (StripeUnavailable, DomainError, DatabaseError) as error:
        _failed(event, facts, error, at=at)
        return True
    cp("inbox.handled")
    state = InboundEvent.State.DONE if known else InboundEvent.State.IGNORED
    InboundEvent.objects.filter(pk__in=[row.pk for row in claimed]).update(state=state, error="")
    cp("inbox.done")
    return True


@transaction.atomic
def _claim(*, at: datetime) -> list[InboundEvent]:
    """The event that is due longest, and all others of its subject and kind: what is read after this covers them all."""
    new = InboundEvent.objects.select_for_update(skip_locked=True).filter(
        state=InboundEvent.State.NEW, due_at__lte=at
    )
    first = new.order_by("due_at", "id").first()
    if first is None:
        return []
    kind = _kind(first)
    claimed = [event for event in new.filter(subject=first.subject).order_by("id") if _kind(event) == kind]
    for event in claimed:
        # Moved on before it is worked: a crash delays it, and nobody else takes it up meanwhile.
        event.tries += 1
        event.due_at = next_try(at=at, tries=event.tries)
    InboundEvent.objects.bulk_update(claimed, ["tries", "due_at"])
    return claimed


def _kind(event: InboundEvent) -> str:
    """Which handler an event wants; empty for none."""
    facts = webhooks.read(source=event.source, body=bytes(event.body))
    return next((prefix for prefix in HANDLERS if facts.type.startswith(prefix)), "")


def handle(facts: EventFacts, *, at: datetime) -> bool:
    """Read anew what an event is about. False when it is nothing that we follow."""
    if facts.livemode != livemode():
        findings.report(
            code="event_of_other_mode", thing=facts.id, detail=f"{facts.type} of the other mode.", at=at
        )
        return True
    act = next((act for prefix, act in HANDLERS.items() if facts.type.startswith(prefix)), None)
    if act is not None:
        act(facts, at)
    return act is not None


def _account_changed(facts: EventFacts, at: datetime) -> None:
    stripe_id = facts.object_id if facts.object_id.startswith("acct_") else facts.account
    account = PayeeAccount.objects.filter(stripe_id=stripe_id).first()
    if account is None:
        findings.report(
            code="event_for_unknown_account",
            thing=stripe_id or facts.id,
            detail=f"{facts.type} came for it.",
            at=at,
        )
        return
    connect.refresh(account=account, at=at)


def _payout_changed(facts: EventFacts, at: datetime) -> None:
    account = PayeeAccount.objects.filter(stripe_id=facts.account).first()
    if account is not None:
        bank.refresh_payouts(account=account, at=at)


def _transfer_changed(facts: EventFacts, at: datetime) -> None:
    reversals.note(transfer=stripe_transfers.retrieve(facts.object_id), at=at)


def _checkout_changed(facts: EventFacts, at: datetime) -> None:
    funding.refresh_checkout(checkout_id=facts.object_id, at=at)


def _payment_changed(facts: EventFacts, at: datetime) -> None:
    funding.refresh_payment(object_id=facts.object_id, at=at)


HANDLERS: dict[str, Callable[[EventFacts, datetime], None]] = {
    "v2.core.account[": _account_changed,
    "v2.core.account.": _account_changed,
    "account.": _account_changed,
    "payout.": _payout_changed,
    "transfer.": _transfer_changed,
    "checkout.session.": _checkout_changed,
    "payment_intent.": _payment_changed,
    "charge.": _payment_changed,
}


def _failed(event: InboundEvent, facts: EventFacts, error: Exception, *, at: datetime) -> None:
    log.warning(
        "event_failed",
        event_id=event.event_id,
        type=facts.type,
        tries=event.tries,
        error=type(error).__name__,
    )
    text = f"{type(error).__name__}: {error}"[:500]
    InboundEvent.objects.filter(pk=event.pk).update(error=text)
    if event.tries >= GIVE_UP_TRIES:
        InboundEvent.objects.filter(pk=event.pk).update(state=InboundEvent.State.FAILED)
        findings.report(
            code="event_cannot_be_worked", thing=event.event_id, detail=f"{facts.type}: {text}", at=at
        )
