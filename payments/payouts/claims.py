"""Claim: one transaction that takes an item, stores what will be sent and under which key, and lets go."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.crash import crash_point
from payments.connect import operations as connect
from payments.inbox.models import Halt
from payments.inbox.reasons import Next, reason
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payouts import rails
from payments.payouts.models import Attempt
from payments.payouts.rail import Generations, Rail
from payments.payroll.holds import NOT_VETTED, hold
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState, RunState

# An idempotency key is kept for 24 hours: from here on the group is listed, nothing is sent.
LAST_SEND = timedelta(hours=23)
SWEEPER = Actor.of_system("payouts")


def lease() -> timedelta:
    """How long a claim holds: longer than a call to a rail can take."""
    return timedelta(seconds=settings.PAYOUT_LEASE_S)


@dataclass(frozen=True)
class Claim:
    """What to do about one item, and the fence under which it may be recorded."""

    item_id: int
    fence: int
    rail: Rail
    idempotency_key: str
    params: dict[str, Any]
    group: str
    generations: Generations
    first_sent_at: datetime
    lease_until: datetime
    sends: int
    looked_up: bool
    known_elsewhere: bool
    approved_at: datetime

    def must_list_first(self, at: datetime) -> bool:
        """Whether sending now could pay twice.

        Past 23 hours the key may be forgotten. And someone may have sent it of whom this database knows
        nothing, as after a restore from a backup: at the earliest at the approval, so the hours count from there.
        """
        if at - self.first_sent_at >= LAST_SEND:
            return True
        return not self.looked_up and (self.known_elsewhere or at - self.approved_at >= LAST_SEND)


@transaction.atomic
def claim_next(*, at: datetime) -> Claim | None:
    """Take the item that is due longest: ready, or sending with its lease run out. None when nothing is due, or halted.

    An item that cannot be paid now is held with its reason, and the next one is taken.
    """
    if Halt.objects.filter(lifted_at=None).exists():
        return None
    while True:
        item = _next_due(at=at)
        if item is None:
            return None
        claim = (
            _repeat_attempt(item, at=at) if item.state == ItemState.SENDING else _begin_attempt(item, at=at)
        )
        if claim is not None:
            crash_point("claim.before_commit")
            return claim


def _next_due(*, at: datetime) -> PayItem | None:
    ready = Q(state=ItemState.READY)
    abandoned = Q(state=ItemState.SENDING, lease_until__lte=at)
    return (
        PayItem.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("run__week", "performer")
        .filter(ready | abandoned, due_at__lte=at, run__state=RunState.PAYING)
        .order_by("due_at", "id")
        .first()
    )


def _begin_attempt(item: PayItem, *, at: datetime) -> Claim | None:
    rail = rails.of(item)
    destination = rail.destination(item, at=at)
    refusal = destination.refusal if item.performer.may_be_paid else NOT_VETTED
    # What the rail has already told of is adopted, whoever may be paid now.
    if not destination.id or (refusal and not rail.seen_elsewhere(item)):
        hold_unsent(item, code=refusal, detail="", at=at)
        return None
    key = f"pay:{item.natural_key}:{item.generation}"
    attempt = Attempt.objects.create(
        item=item,
        generation=item.generation,
        idempotency_key=key,
        params=rail.parameters(item, destination=destination.id),
        sends=1,
        claimed_at=at,
        last_sent_at=at,
    )
    ledger.move(
        debit=ledger.account(Kind.PERFORMER_PAYABLE, currency=item.currency, owner=item.performer.public_id),
        credit=ledger.account(Kind.PAYOUTS_IN_FLIGHT, currency=item.currency),
        amount_minor=item.amount_minor,
        key=f"attempt:{item.public_id}:{item.generation}",
        kind="attempt",
        book=item.book,
        at=at,
    )
    audit.move(
        item,
        ItemState.SENDING,
        by=SWEEPER,
        at=at,
        fence=item.fence + 1,
        lease_until=at + lease(),
        due_at=at,
        first_sent_at=at,
        looked_up_at=None,
        destination=destination.id,
    )
    return _claim(item, attempt)


def hold_unsent(item: PayItem, *, code: str, detail: str, at: datetime) -> None:
    """Hold an item that could not go out; where its account must be mended, Stripe is asked for it at once."""
    hold(item, code=code, detail=detail, by=SWEEPER, at=at)
    if reason(code).next in (Next.REMIND, Next.WAIT):
        connect.ask_soon(performer_id=item.performer_id, at=at)


def _repeat_attempt(item: PayItem, *, at: datetime) -> Claim:
    attempt = Attempt.objects.get(item=item, generation=item.generation)
    attempt.sends += 1
    attempt.last_sent_at = at
    attempt.save(update_fields=["sends", "last_sent_at"])
    item.fence += 1
    item.lease_until = at + lease()
    item.save(update_fields=["fence", "lease_until"])
    return _claim(item, attempt)


def _claim(item: PayItem, attempt: Attempt) -> Claim:
    if item.first_sent_at is None or item.lease_until is None or item.run.approved_at is None:
        raise AssertionError("a claimed item has a lease and a first sending, by an approved run")
    return Claim(
        item_id=item.pk,
        fence=item.fence,
        rail=rails.of(item),
        idempotency_key=attempt.idempotency_key,
        params=attempt.params,
        group=str(item.natural_key),
        generations=_generations(item),
        first_sent_at=item.first_sent_at,
        lease_until=item.lease_until,
        sends=attempt.sends,
        looked_up=item.looked_up_at is not None,
        known_elsewhere=_known_elsewhere(item, attempt),
        approved_at=item.run.approved_at,
    )


def _generations(item: PayItem) -> Generations:
    """Those that are this item's: from its first to before the first of what pays it again."""
    later = PayItem.objects.filter(
        natural_key=item.natural_key, first_generation__gt=item.first_generation
    ).exclude(state=ItemState.CANCELLED)
    return Generations(item.first_generation, later.aggregate(first=Min("first_generation"))["first"])


def _known_elsewhere(item: PayItem, attempt: Attempt) -> bool:
    """Whether something may have gone out that no attempt recorded: the rail told of it, or the last key was refused,
    and before another is used the group says whether that no was the whole truth."""
    return attempt.generation > item.first_generation or rails.of(item).seen_elsewhere(item)
