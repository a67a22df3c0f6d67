"""Money that came back from a performer's Stripe account: finance decides, the performer sees it (money/RULES.md, rule 7)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import About
from accounts.notifications.operations import PLACE, notify, tell_staff
from kit.crash import crash_point
from kit.errors import DomainError, Invalid
from kit.money import Money
from kit.text import required_text
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payouts.models import ReturnDecision, Transfer
from payments.payroll import accrual, recoveries
from payments.payroll.models import PayItem, PayRun, Repayment
from payments.payroll.operations import OwnPay
from payments.payroll.states import RunState

What = ReturnDecision.What
DECIDED = {What.PAY_AGAIN: MoneyKind.PAID_AGAIN, What.TOO_MUCH: MoneyKind.WAS_TOO_MUCH}
# How often an item can be refused before its next key would be one of the item that pays the next part again.
GENERATIONS_APART = 1_000


class NothingReturned(DomainError):
    """Read the item again: all that came back of it is decided."""

    code = "nothing_returned"
    title = "Nothing of it waits to be decided"


class NotThatMuchOverpaid(DomainError):
    """Pay it again instead; what was paid too much is less than what came back."""

    code = "not_that_much_overpaid"
    title = "That much was not paid too much"


def undecided_minor(item: PayItem) -> int:
    """What came back of an item and is not decided yet, in minor units."""
    back = Transfer.objects.filter(item=item).aggregate(total=Sum("reversed_minor"))["total"] or 0
    decided = item.return_decisions.aggregate(total=Sum("amount_minor"))["total"] or 0
    return int(back) - int(decided)


def waiting() -> QuerySet[PayItem]:
    """The items of which something waits for a decision, that which came back first first."""
    back = Coalesce(Sum("reversed_minor"), 0)
    transfers = Transfer.objects.filter(item=OuterRef("pk")).values("item").annotate(total=back)
    decisions = ReturnDecision.objects.filter(item=OuterRef("pk")).values("item")
    decided = decisions.annotate(total=Sum("amount_minor")).values("total")
    items = PayItem.objects.annotate(
        back_minor=Coalesce(Subquery(transfers.values("total")), 0),
        decided_minor=Coalesce(Subquery(decided), 0),
        back_at=Min("transfers__reversed_at"),
    ).annotate(waits_minor=F("back_minor") - F("decided_minor"))
    return items.filter(back_minor__gt=F("decided_minor")).order_by("back_at", "pk")


@dataclass(frozen=True)
class Returned:
    """What came back of one item and waits for a decision, until `due_at` without being late."""

    item: PayItem
    amount: Money
    since: datetime
    due_at: datetime
    is_late: bool
    overpaid: Money

    @property
    def can_be_too_much(self) -> bool:
        """Whether the performer was paid so much too much."""
        return self.overpaid.minor >= self.amount.minor


def listed(*, at: datetime, at_most: int = 200) -> list[Returned]:
    """What waits for a decision, the oldest first."""
    items = list(waiting().select_related("performer", "run__week")[:at_most])
    by_currency: dict[str, set[int]] = defaultdict(set)
    for item in items:
        by_currency[item.currency].add(item.performer_id)
    left = {
        (performer, currency): recoveries.left_minor(found)
        for currency, performers in by_currency.items()
        for performer, found in recoveries.parts(performers=performers, currency=currency).items()
    }
    return [_returned(item, left.get((item.performer_id, item.currency), 0), at=at) for item in items]


def _returned(item: Any, overpaid_minor: int, *, at: datetime) -> Returned:
    """`item` as `waiting` annotates it."""
    due_at = item.back_at + settings.RETURNED_ANSWER
    return Returned(
        item=item,
        amount=Money(item.waits_minor, item.currency),
        since=item.back_at,
        due_at=due_at,
        is_late=at > due_at,
        overpaid=Money(overpaid_minor, item.currency),
    )


@transaction.atomic
def decide(*, item: PayItem, what: str, reason: str, by: Actor, at: datetime) -> ReturnDecision:
    """Over all that has come back of an item and is not decided yet: pay it again, or it was too much.

    Raises Forbidden, OwnPay (403), Invalid (422) without a reason, NothingReturned, NotThatMuchOverpaid (409).
    """
    by.require_finance()
    person_id = by.require_person("A person in finance decides about what came back.")
    reason = required_text(reason, missing="Say why; the performer reads it.")
    if what not in What.values:
        raise Invalid.field("what", "Say whether it is paid again or was too much.")
    if item.performer_id == by.performer_id:
        raise OwnPay("It is your own pay, so someone else in finance decides.")
    accrual.lock_pay_cut()
    run = PayRun.objects.select_for_update().select_related("week").get(pk=item.run_id)
    item = (
        PayItem.objects.select_for_update(of=("self",))
        .select_related("performer", "run__week")
        .get(pk=item.pk)
    )
    amount_minor = undecided_minor(item)
    if amount_minor <= 0:
        raise NothingReturned("All that came back of it is decided.")
    new_item = None
    if What(what) == What.PAY_AGAIN:
        new_item = _pay_again(item, run, amount_minor, by=by, at=at)
    else:
        _was_too_much(item, amount_minor, at=at)
    decision = ReturnDecision.objects.create(
        item=item,
        what=what,
        amount_minor=amount_minor,
        reason=reason,
        new_item=new_item,
        decided_by_id=person_id,
        decided_at=at,
    )
    audit.record(verb=f"returned.{what}", thing=item, by=by, at=at, reason=reason, amount_minor=amount_minor)
    _tell_decided(decision, at=at)
    crash_point("returns.before_commit")
    return decision


def _pay_again(item: PayItem, run: PayRun, amount_minor: int, *, by: Actor, at: datetime) -> PayItem:
    """A new item of later generations: the same key's, so that Stripe and we agree on what it is."""
    _move(item, amount_minor, to=Kind.PERFORMER_PAYABLE, kind="paid_again", at=at)
    alike = PayItem.objects.filter(natural_key=item.natural_key)
    first = alike.aggregate(last=Max("generation"))["last"] + GENERATIONS_APART
    new_item = PayItem.objects.create(
        run=run,
        performer=item.performer,
        currency=item.currency,
        amount_minor=amount_minor,
        net_minor=0,
        lines=0,
        pays_again=item.pays_again or item,
        rail=item.rail,
        natural_key=item.natural_key,
        generation=first,
        first_generation=first,
        due_at=at,
    )
    if run.state == RunState.PAID:
        audit.move(run, RunState.PAYING, by=by, at=at, reason=f"{item.public_id} is paid again")
    return new_item


def _was_too_much(item: PayItem, amount_minor: int, *, at: datetime) -> None:
    found = recoveries.parts(performers=[item.performer_id], currency=item.currency)[item.performer_id]
    left = recoveries.left_minor(found)
    if left < amount_minor:
        most = Money(left, item.currency).display()
        raise NotThatMuchOverpaid(
            f"{item.performer.stage_name} was paid {most} too much, and more came back."
        )
    made = recoveries.take(found, amount_minor, item=item, kept=False, at=at)
    Repayment.objects.bulk_create(made)
    _move(item, amount_minor, to=Kind.PERFORMER_OVERPAID, kind="was_too_much", at=at)


def _move(item: PayItem, amount_minor: int, *, to: Kind, kind: str, at: datetime) -> None:
    owner, nth = item.performer.public_id, item.return_decisions.count() + 1
    ledger.move(
        debit=ledger.account(Kind.PERFORMER_RETURNED, currency=item.currency, owner=owner),
        credit=ledger.account(to, currency=item.currency, owner=owner),
        amount_minor=amount_minor,
        key=f"{kind}:{item.public_id}:{nth}",
        kind=kind,
        book=item.book,
        at=at,
    )


def tell(item: PayItem, amount_minor: int, *, key: str, at: datetime) -> None:
    """Tell the performer that day, and finance, who answer within RETURNED_ANSWER. In the caller's transaction."""
    about: About = {"amount": Money(amount_minor, item.currency), "due_at": at + settings.RETURNED_ANSWER}
    where = {"item_id": item.public_id}
    notify(kind=MoneyKind.RETURNED, user_id=item.performer.user_id, key=key, about=about, where=where, at=at)
    tell_staff(kind=MoneyKind.RETURNED_TO_FINANCE, key=key, about=about, where={PLACE: item.public_id}, at=at)


def _tell_decided(decision: ReturnDecision, *, at: datetime) -> None:
    item = decision.new_item or decision.item
    notify(
        kind=DECIDED[What(decision.what)],
        user_id=item.performer.user_id,
        key=f"returned:{decision.public_id}",
        about={"amount": Money(decision.amount_minor, item.currency), "reason": decision.reason},
        where={"item_id": item.public_id},
        at=at,
    )
