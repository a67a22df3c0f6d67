"""Claim: one transaction that takes items, stores what will be sent and under which keys, and lets go."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.crash import crash_point
from payments.connect import operations as connect
from payments.inbox.models import Halt
from payments.inbox.reasons import Next, reason
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Account
from payments.payouts import rails
from payments.payouts.models import Attempt
from payments.payouts.rail import Destination, Generations, Rail
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
    # Whether the group was listed under this claim, and nothing lay in it.
    peeked: bool = False

    def must_list_first(self, at: datetime) -> bool:
        """Whether sending now could pay twice.

        Past 23 hours the key may be forgotten. And someone may have sent it of whom this database knows
        nothing, as after a restore from a backup: at the earliest at the approval, so the hours count from there.
        """
        if at - self.first_sent_at >= LAST_SEND:
            return True
        return not self.looked_up and (self.known_elsewhere or at - self.approved_at >= LAST_SEND)


class Claimed(NamedTuple):
    """What was claimed; `taken_up` counts what was held instead, too. None taken up: nothing is due, or halted."""

    claims: Sequence[Claim]
    taken_up: int


@transaction.atomic
def claim_due(*, at: datetime, at_most: int) -> Claimed:
    """Take the items that are due longest: ready, or sending with their lease run out. One that cannot be paid now is held
    with its reason."""
    if are_halted():
        return Claimed([], 0)
    items = _next_due(at=at, at_most=at_most)
    seen = {pk for rail, its_items in rails.each(items) for pk in rail.seen_elsewhere(its_items)}
    again = [item for item in items if item.state == ItemState.SENDING]
    fresh = [item for item in items if item.state == ItemState.READY]
    claims = _claims([*_repeat(again, at=at), *_begin(fresh, seen, at=at)], seen)
    if claims:
        crash_point("claim.before_commit")
    return Claimed(claims, len(items))


def are_halted() -> bool:
    """Whether payouts stand still."""
    return Halt.objects.filter(lifted_at=None).exists()


def _next_due(*, at: datetime, at_most: int) -> list[PayItem]:
    ready = Q(state=ItemState.READY)
    abandoned = Q(state=ItemState.SENDING, lease_until__lte=at)
    return list(
        PayItem.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("run__week", "performer")
        .filter(ready | abandoned, due_at__lte=at, run__state=RunState.PAYING)
        .order_by("due_at", "id")[:at_most]
    )


def _begin(items: Sequence[PayItem], seen: Collection[int], *, at: datetime) -> list[Attempt]:
    payable = {
        item: destination.id
        for item, destination in _destinations(items, seen, at=at).items()
        if not _held(item, destination, at=at)
    }
    attempts = [_attempt(item, to=to, at=at) for item, to in payable.items()]
    Attempt.objects.bulk_create(attempts)
    ledger.post(_claimed_drafts(list(payable)), at=at)
    audit.move_each(
        list(payable),
        ItemState.SENDING,
        by=SWEEPER,
        at=at,
        each={"fence": [item.fence + 1 for item in payable], "destination": list(payable.values())},
        lease_until=at + lease(),
        due_at=at,
        first_sent_at=at,
        looked_up_at=None,
    )
    return attempts


def _destinations(
    items: Sequence[PayItem], seen: Collection[int], *, at: datetime
) -> dict[PayItem, Destination]:
    """Where each can go; what its rail has already told of is adopted, whoever may be paid now. Not what pays an item again:
    what was told may be that one's, then nothing is adopted and money goes out."""
    found: dict[PayItem, Destination] = {}
    for rail, its_items in rails.each(items):
        for item, destination in rail.destinations(its_items, at=at).items():
            refusal = destination.refusal if item.performer.may_be_paid else NOT_VETTED
            is_adopted = bool(destination.id) and item.pk in seen and item.pays_again_id is None
            found[item] = Destination(destination.id, "" if is_adopted else refusal)
    return found


def _held(item: PayItem, destination: Destination, *, at: datetime) -> bool:
    """Whether the item cannot go out now, and so was held."""
    if destination.refusal or not destination.id:
        hold_unsent(item, code=destination.refusal, detail="", at=at)
        return True
    return False


def _attempt(item: PayItem, *, to: str, at: datetime) -> Attempt:
    return Attempt(
        item=item,
        generation=item.generation,
        idempotency_key=f"pay:{item.natural_key}:{item.generation}",
        params=rails.of(item).parameters(item, destination=to),
        sends=1,
        claimed_at=at,
        last_sent_at=at,
    )


def _claimed_drafts(items: Sequence[PayItem]) -> list[ledger.Draft]:
    return [
        ledger.Draft(
            key=f"attempt:{item.public_id}:{item.generation}",
            kind="attempt",
            legs=[ledger.Leg(payable, item.amount_minor), ledger.Leg(in_flight, -item.amount_minor)],
            book=item.book,
        )
        for item, payable, in_flight in _accounts_of(items)
    ]


def _accounts_of(items: Sequence[PayItem]) -> list[tuple[PayItem, Account, Account]]:
    """Each item with its performer's payable account and the one of what is in flight."""
    by_currency: dict[str, list[PayItem]] = defaultdict(list)
    for item in items:
        by_currency[item.currency].append(item)
    found = []
    for currency, alike in by_currency.items():
        owners = {item.performer.public_id for item in alike}
        payable = ledger.accounts(Kind.PERFORMER_PAYABLE, currency=currency, owners=owners)
        in_flight = ledger.account(Kind.PAYOUTS_IN_FLIGHT, currency=currency)
        found += [(item, payable[item.performer.public_id], in_flight) for item in alike]
    return found


def hold_unsent(item: PayItem, *, code: str, detail: str, at: datetime) -> None:
    """Hold an item that could not go out; where its account must be mended, Stripe is asked for it at once."""
    hold(item, code=code, detail=detail, by=SWEEPER, at=at)
    if reason(code).next in (Next.REMIND, Next.WAIT):
        connect.ask_soon(performer_id=item.performer_id, at=at)


def _repeat(items: Sequence[PayItem], *, at: datetime) -> list[Attempt]:
    """The same attempts once more, under a new fence."""
    of = {(item.pk, item.generation): item for item in items}
    kept = Attempt.objects.filter(item__in=items).order_by("id")
    attempts = [attempt for attempt in kept if (attempt.item_id, attempt.generation) in of]
    Attempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]).update(
        sends=F("sends") + 1, last_sent_at=at
    )
    PayItem.objects.filter(pk__in=[item.pk for item in items]).update(
        fence=F("fence") + 1, lease_until=at + lease()
    )
    for attempt in attempts:
        attempt.item = item = of[attempt.item_id, attempt.generation]
        attempt.sends += 1
        item.fence += 1
        item.lease_until = at + lease()
    return attempts


def _claims(attempts: Sequence[Attempt], seen: Collection[int]) -> list[Claim]:
    generations = _generations([attempt.item for attempt in attempts])
    return [
        _claim(attempt, generations[attempt.item_id], seen=attempt.item_id in seen) for attempt in attempts
    ]


def _claim(attempt: Attempt, generations: Generations, *, seen: bool) -> Claim:
    item = attempt.item
    if item.first_sent_at is None or item.lease_until is None or item.run.approved_at is None:
        raise AssertionError("a claimed item has a lease and a first sending, by an approved run")
    return Claim(
        item_id=item.pk,
        fence=item.fence,
        rail=rails.of(item),
        idempotency_key=attempt.idempotency_key,
        params=attempt.params,
        group=str(item.natural_key),
        generations=generations,
        first_sent_at=item.first_sent_at,
        lease_until=item.lease_until,
        sends=attempt.sends,
        looked_up=item.looked_up_at is not None,
        # Something may have gone out that no attempt recorded: the rail told of it, or the last key was refused, and
        # before another is used the group says whether that no was the whole truth.
        known_elsewhere=seen or attempt.generation > item.first_generation,
        approved_at=item.run.approved_at,
    )


def _generations(items: Sequence[PayItem]) -> dict[int, Generations]:
    """Those that are each item's: from its first to before the first of what pays it again."""
    firsts: dict[Any, list[int]] = defaultdict(list)
    alike = PayItem.objects.filter(natural_key__in=[item.natural_key for item in items])
    for key, first in alike.exclude(state=ItemState.CANCELLED).values_list("natural_key", "first_generation"):
        firsts[key].append(first)
    return {
        item.pk: Generations(
            item.first_generation,
            min((first for first in firsts[item.natural_key] if first > item.first_generation), default=None),
        )
        for item in items
    }
