"""The webhook inbox: stored raw and acknowledged in one transaction, worked on by rows, at our own pace.

An event is a doorbell: whatever it says, the object is read anew from Stripe, so lost, late, doubled, reordered and
even untrue events end in the same place. One alone is believed: that a payout failed of an account which Stripe has closed, and
of which it shows nothing any more.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import connection, transaction

from accounts.access.actors import Actor
from kit.crash import crash_point
from kit.jobs import next_try
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.funding import following as funding
from payments.gateway import transfers as stripe_transfers
from payments.gateway import webhooks
from payments.gateway.client import livemode
from payments.gateway.webhooks import BadSignature, EventFacts
from payments.identity_checks import operations as identity_checks
from payments.inbox import findings
from payments.inbox.models import Finding
from payments.payouts import bank, reversals
from payments.webhooks.models import InboundEvent

log = structlog.get_logger(__name__)
GIVE_UP_TRIES = 12
CANNOT_BE_WORKED, PAYOUT_FAILED = "event_cannot_be_worked", "payout.failed"
State = InboundEvent.State
STORE = """
INSERT INTO payments_inboundevent (source, event_id, subject, body, received_at, due_at, state, tries, error)
VALUES (%s, %s, %s, %s, %s, %s, 'new', 0, '') ON CONFLICT DO NOTHING
"""


def receive(*, source: str, body: bytes, signature: str, at: datetime) -> None:
    """Verify and store an event, once per event id. Raises BadSignature.

    One statement, and so one transaction: nothing is opened around it, and a second copy writes nothing.
    """
    facts = webhooks.verify(source=source, body=body, signature=signature)
    with connection.cursor() as cursor:
        cursor.execute(STORE, [source, facts.id, facts.subject, body, at, at])
    crash_point("inbox.stored")


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
    crash_point("inbox.claimed")
    try:
        known = handle(_telling([_read(row) for row in claimed]), at=at)
    except Exception as error:
        # Whatever it is, Stripe away or a fault of ours: the event waits, and the others do not wait for it.
        _failed(claimed, error, at=at)
        return True
    crash_point("inbox.handled")
    # These rows and no others: one that came since the object was read stays new.
    state = State.DONE if known else State.IGNORED
    InboundEvent.objects.filter(pk__in=[row.pk for row in claimed]).update(state=state, error="")
    crash_point("inbox.done")
    return True


@transaction.atomic
def _claim(*, at: datetime) -> list[InboundEvent]:
    """The event that is due longest, and all others of its subject and kind: what is read after this covers them all."""
    new = InboundEvent.objects.select_for_update(skip_locked=True).filter(state=State.NEW, due_at__lte=at)
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


def _telling(news: Sequence[EventFacts]) -> EventFacts:
    """Of news of one subject: what it is about is read anew, so any will do, but where it may not be shown any more."""
    return next((facts for facts in news if facts.type == PAYOUT_FAILED), news[0])


def _kind(event: InboundEvent) -> str:
    """Which handler an event wants; empty for none."""
    try:
        return _handler_of(_read(event))
    except BadSignature:
        return ""  # stored before we were stricter: a person looks at it


def _read(event: InboundEvent) -> EventFacts:
    return webhooks.read(source=event.source, body=bytes(event.body))


def _handler_of(facts: EventFacts) -> str:
    # What a connected account charges or transfers itself is not ours to follow.
    theirs = FOLLOWED_OF_ACCOUNTS if facts.account else HANDLERS.keys()
    return next((prefix for prefix in HANDLERS if prefix in theirs and facts.type.startswith(prefix)), "")


def handle(facts: EventFacts, *, at: datetime) -> bool:
    """Read anew what an event is about. False when it is nothing that we follow."""
    if facts.livemode != livemode():
        # One finding for all of them: what is wrong is the endpoint's secret, not the event.
        findings.report(
            code="event_of_other_mode",
            thing=facts.account or "platform",
            detail=f"{facts.id} ({facts.type}) is of the other mode.",
            at=at,
        )
        return True
    handler = _handler_of(facts)
    if handler:
        HANDLERS[handler](facts, at)
    return bool(handler)


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
    bank.read_soon(stripe_id=facts.account, payout_id=facts.object_id, at=at)
    if facts.type == PAYOUT_FAILED:
        bank.hear_failed(stripe_id=facts.account, payout_id=facts.object_id, at=at)


def _transfer_changed(facts: EventFacts, at: datetime) -> None:
    reversals.note(transfer=stripe_transfers.retrieve(facts.object_id), at=at)


def _checkout_changed(facts: EventFacts, at: datetime) -> None:
    funding.refresh_checkout(checkout_id=facts.object_id, at=at)


def _payment_changed(facts: EventFacts, at: datetime) -> None:
    funding.refresh_payment(object_id=facts.object_id, at=at)


def _identity_changed(facts: EventFacts, at: datetime) -> None:
    identity_checks.refresh_by_id(stripe_id=facts.object_id, at=at)


HANDLERS: dict[str, Callable[[EventFacts, datetime], None]] = {
    "v2.core.account[": _account_changed,
    "v2.core.account.": _account_changed,
    "account.": _account_changed,
    "capability.": _account_changed,
    "payout.": _payout_changed,
    "transfer.": _transfer_changed,
    "checkout.session.": _checkout_changed,
    "payment_intent.": _payment_changed,
    "charge.": _payment_changed,
    "refund.": _payment_changed,
    "identity.verification_session.": _identity_changed,
}
FOLLOWED_OF_ACCOUNTS = {"v2.core.account[", "v2.core.account.", "account.", "capability.", "payout."}


def _failed(claimed: list[InboundEvent], error: Exception, *, at: datetime) -> None:
    text = f"{type(error).__name__}: {error}"[:500]
    log.warning(
        "event_failed", event_id=claimed[0].event_id, tries=claimed[0].tries, error=type(error).__name__
    )
    for event in claimed:
        InboundEvent.objects.filter(pk=event.pk).update(error=text)
        if event.tries >= GIVE_UP_TRIES:
            _give_up(event, text, at=at)


@transaction.atomic
def _give_up(event: InboundEvent, text: str, *, at: datetime) -> None:
    InboundEvent.objects.filter(pk=event.pk).update(state=State.FAILED)
    findings.report(
        code=CANNOT_BE_WORKED, thing=event.event_id, detail=f"Tried {event.tries} times. {text}", at=at
    )


@transaction.atomic
def try_again(*, finding: Finding, by: Actor, at: datetime) -> bool:
    """Work a given-up event once more, and close its finding; False when there is nothing to try. Raises Forbidden (403)."""
    by.require_finance()
    given_up = InboundEvent.objects.filter(event_id=finding.thing, state=State.FAILED)
    if finding.code != CANNOT_BE_WORKED or not given_up.update(state=State.NEW, tries=0, due_at=at, error=""):
        return False
    findings.resolve(finding=finding, resolution="Tried again.", by=by, at=at)
    return True
