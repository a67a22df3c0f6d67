"""Record: what a rail said, written down in one transaction for a batch of answers, with one posting."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.operations import Word, notify_each
from kit.crash import crash_point
from kit.jobs import next_try
from kit.money import Money
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import PayWeek
from payments.gateway.outcomes import Failure, Refused, Stop
from payments.inbox.halts import raise_halt
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payouts import claims, rails
from payments.payouts.claims import Claim
from payments.payouts.models import Attempt
from payments.payouts.rail import Sent
from payments.payouts.states import AttemptState
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState

log = structlog.get_logger(__name__)
SWEEPER = Actor.of_system("payouts")
Answered = tuple[Claim, Sent | Failure]


class Arrived(NamedTuple):
    """A sending that is an item's."""

    item: PayItem
    attempt: Attempt
    sent: Sent


def record_all(answered: Sequence[Answered], *, at: datetime) -> None:
    """Write answers down, one for each item. One that cannot be written down takes no other with it, and is raised when the
    others are written."""
    try:
        record_together(answered, at=at)
    except Exception:
        if len(answered) == 1:
            raise
        log.exception("payout_answers_recorded_one_by_one", answers=len(answered))
        _record_each(answered, at=at)


def _record_each(answered: Sequence[Answered], *, at: datetime) -> None:
    failed: list[Exception] = []
    for claim, outcome in answered:
        try:
            record(claim, outcome, at=at)
        except Exception as error:
            log.exception("payout_answer_not_recorded", item=claim.item_id)
            failed.append(error)
    if failed:
        raise failed[0]


def record(claim: Claim, outcome: Sent | Failure, *, at: datetime) -> None:
    """One answer; a batch of one is the same path."""
    record_together([(claim, outcome)], at=at)


@transaction.atomic
def record_together(answered: Sequence[Answered], *, at: datetime) -> None:
    """Write down what the rail said, one answer for each item. What it did is kept even where another worker has claimed
    since; what it did not decide is left to whoever holds the claim now."""
    items = locked([claim for claim, _ in answered])
    attempts = _attempts([claim for claim, _ in answered])
    arrived = []
    for claim, outcome in answered:
        item, attempt = items.get(claim.item_id), attempts.get(claim.idempotency_key)
        if item is None or attempt is None or attempt.item_id != item.pk:
            log.warning("payout_answer_to_no_attempt", item=claim.item_id, key=claim.idempotency_key)
        elif isinstance(outcome, Failure):
            _record_failure(claim, item, attempt, outcome, at=at)
        elif _is_the_items(item, attempt, outcome, at=at):
            arrived.append(Arrived(item, attempt, outcome))
    if arrived:
        _record_sent(arrived, at=at)
    crash_point("record.before_commit")


def locked(of: Sequence[Claim]) -> dict[int, PayItem]:
    """The claims' items by key, locked in one order until the end of the transaction."""
    rows = PayItem.objects.select_for_update(of=("self",)).select_related("run__week", "performer")
    return {item.pk: item for item in rows.filter(pk__in=[claim.item_id for claim in of]).order_by("id")}


def _attempts(of: Sequence[Claim]) -> dict[str, Attempt]:
    # By their keys, not by numbers: a database restored under this worker's feet gives the numbers again, to others.
    rows = Attempt.objects.select_for_update().filter(
        idempotency_key__in=[claim.idempotency_key for claim in of]
    )
    return {attempt.idempotency_key: attempt for attempt in rows.order_by("id")}


def _record_failure(claim: Claim, item: PayItem, attempt: Attempt, outcome: Failure, *, at: datetime) -> None:
    if item.fence != claim.fence or item.state != ItemState.SENDING:
        log.info("payout_stale_answer", item=item.public_id, fence=claim.fence, now=item.fence)
    elif isinstance(outcome, Refused) and (outcome.executed or attempt.sends == 1):
        _record_refusal(item, attempt, outcome, at=at)
    else:
        _record_unknown(item, attempt, outcome, at=at)


def _is_the_items(item: PayItem, attempt: Attempt, sent: Sent, *, at: datetime) -> bool:
    """Whether a sending becomes the item's now. One that cannot be halts everything."""
    if item.transfer_id == sent.id:
        # Written down already: by this attempt, or adopted under the next one while this answer was on its way.
        return False
    rail = rails.of(item)
    wrong = rail.differences(attempt.params, sent)
    if wrong or item.transfer_id or attempt.state != AttemptState.UNKNOWN:
        detail = f"{sent.id} for {item.public_id}: {wrong or 'a second transfer, or one after a refusal'}."
        raise_halt(code="transfer_does_not_match", detail=detail, at=at)
        rail.keep_stray(sent, at=at)
        _retry_later(item, attempt, at=at)
        return False
    return True


def _record_sent(arrived: Sequence[Arrived], *, at: datetime) -> None:
    items, attempts = [each.item for each in arrived], [each.attempt for each in arrived]
    transfer_ids = [each.sent.id for each in arrived]
    sent_of = {each.item.pk: each.sent for each in arrived}
    crash_point("record.checked")
    for rail, its_items in rails.each(items):
        rail.keep([sent_of[item.pk] for item in its_items], items=its_items, at=at)
    told = {"transfer_id": transfer_ids}
    audit.move_each(attempts, AttemptState.SUCCEEDED, by=SWEEPER, at=at, each=told, finished_at=at)
    ledger.post(_sent_drafts(arrived), at=at)
    crash_point("record.posted")
    audit.move_each(
        items, ItemState.SENT, by=SWEEPER, at=at, each=told, sent_at=at, lease_until=None, due_at=None
    )
    for rail, its_items in rails.each(items):
        rail.follow([sent_of[item.pk] for item in its_items], at=at)
    mark_paid(items, at=at)
    _tell_paid(items, at=at)
    crash_point("record.told")


def _sent_drafts(arrived: Sequence[Arrived]) -> list[ledger.Draft]:
    from_accounts = {
        pair: ledger.account(pair[0], currency=pair[1])
        for pair in {_paid_from(each.item) for each in arrived}
    }
    in_flight = {
        currency: ledger.account(Kind.PAYOUTS_IN_FLIGHT, currency=currency) for _, currency in from_accounts
    }
    return [
        ledger.Draft(
            key=f"transfer:{item.public_id}",
            kind="transfer",
            legs=[
                ledger.Leg(in_flight[item.currency], item.amount_minor),
                ledger.Leg(from_accounts[_paid_from(item)], -item.amount_minor),
            ],
            book=item.book,
            facts={"transfer": sent.id},
        )
        for item, _, sent in arrived
    ]


def _paid_from(item: PayItem) -> tuple[Kind, str]:
    return rails.of(item).pays_from, item.currency


def mark_paid(items: Sequence[PayItem], *, at: datetime) -> None:
    """The timesheets that the items pay are paid. In the transaction in which they are."""
    by_week: dict[PayWeek, list[int]] = defaultdict(list)
    for item in items:
        by_week[item.run.week].append(item.performer_id)
    for week in sorted(by_week, key=lambda week: week.pk):
        timekeeping.mark_paid(week=week, performers=by_week[week], by=SWEEPER, at=at)


def _tell_paid(items: Sequence[PayItem], *, at: datetime) -> None:
    words = [
        Word(
            user_id=item.performer.user_id,
            key=f"paid:{item.public_id}",
            about={"amount": Money(item.amount_minor, item.currency)},
            where={"item_id": str(item.public_id)},
        )
        for item in items
    ]
    notify_each(words, kind=MoneyKind.PAID, at=at)


def _record_refusal(item: PayItem, attempt: Attempt, refusal: Refused, *, at: datetime) -> None:
    return_to_payable(
        item, attempt, code=refusal.code, message=refusal.message, request_id=refusal.request_id, at=at
    )
    crash_point("record.given_back")
    claims.hold_unsent(item, code=refusal.code, detail=refusal.message, at=at)


def return_to_payable(
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
        detail = f"{outcome.message} (item {item.public_id})"
        raise_halt(code=outcome.code, detail=detail, at=at, asked_at=attempt.last_sent_at)
    _retry_later(item, attempt, at=at)


def _retry_later(item: PayItem, attempt: Attempt, *, at: datetime) -> None:
    if item.state == ItemState.SENDING:
        # The lease ends with the wait: until then nobody else takes it up.
        item.due_at = item.lease_until = next_try(at=at, tries=attempt.sends)
        item.save(update_fields=["due_at", "lease_until"])
