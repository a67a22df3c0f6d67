"""All money that waits, as one list, the longest first: who must act now, since when, why, what mends it, who was told.

Pay that is held, what a bank sent back to a performer's Stripe account, and companies' payments that did not come in. Who
must act is worked out in the database, out of the tables of reasons, so that it is counted and narrowed by it like anything
else; a page takes as many statements as one row would.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.urls import reverse

from accounts.access.actors import Actor
from kit.http.merging import Merged, Source, merged
from kit.money import Money
from kit.rows import with_text
from payments.control.held import RECENT, held
from payments.control.owners import owned, owner
from payments.funding.models import Funding
from payments.funding.states import FundingState
from payments.inbox.reasons import BANK, PAYMENT, Reason, Who, bank_reason, payment_reason, reason
from payments.payouts import reminders
from payments.payouts.models import BankPayout
from payments.payouts.reminders import Told
from payments.payroll.models import PayItem

# Of a company's payment that the bank took back.
DISPUTED = "disputed"


class What(TextChoices):
    PAY = "pay", "Pay that is held"
    BANK = "bank", "Sent back by a bank"
    PAYMENT = "payment", "A payment that did not come in"


@dataclass(frozen=True)
class Asked:
    """What is looked for: whose turn it is, for which reason (`pay.account_closed`), with which text; empty is everything."""

    owner: str = ""
    reason: str = ""
    text: str = ""


@dataclass(frozen=True)
class Wait:
    """One sum of money that waits. `whose` is the id of the performer or company, `code` the reason as Stripe or we name it."""

    what: What
    id: str
    owner: Who
    since: datetime
    days: int
    amount: Money
    whose: str
    name: str
    code: str
    why: Reason
    told: Sequence[Told]
    path: str


@dataclass(frozen=True)
class Counted:
    """How much waits for one owner, or one reason: how many, the sum of each currency, and the days of the oldest."""

    key: str
    label: str
    count: int
    amounts: Sequence[Money]
    since: datetime
    oldest_days: int


@dataclass(frozen=True)
class _Kind:
    """One table of it: its rows, and of them the time, the reason's code, and where to look for a text."""

    rows: QuerySet[Any]
    since: str
    code: str
    texts: Sequence[str]
    show: Callable[[Sequence[Any]], list[Wait]]
    why: Callable[[str], Reason]


def listed(actor: Actor, asked: Asked, *, at: datetime, cursor: str = "", limit: int = 25) -> Merged[Wait]:
    """A page of what waits, the longest first. Raises Forbidden (403), Invalid (422) as `merged`."""
    sources = [
        Source(_narrowed(what, kind, asked), kind.since, kind.show)
        for what, kind in _kinds(actor, at=at).items()
    ]
    return merged(sources, cursor=cursor, limit=limit)


def by_owner(actor: Actor, *, at: datetime) -> list[Counted]:
    """Whose turn it is, whoever is waited for longest first. Raises Forbidden (403)."""
    return _added_up((owner, Who(owner).label, sums) for _, _, owner, sums in _sums(actor, "owner", at=at))


def by_reason(actor: Actor, *, at: datetime) -> list[Counted]:
    """Why it waits, likewise; a bank's codes and ours for an account are told apart by what it is about."""
    found = _sums(actor, "", at=at)
    return _added_up((f"{what}.{code}", kind.why(code).means, sums) for what, kind, code, sums in found)


def _sums(actor: Actor, by: str, *, at: datetime) -> Iterator[tuple[What, _Kind, str, Counted]]:
    """What waits of each kind by a column, the reason's code where none is named: one statement a kind."""
    for what, kind in _kinds(actor, at=at).items():
        column = by or kind.code
        sums = kind.rows.order_by().values(column, "currency")
        for row in sums.annotate(n=Count("pk"), minor=Sum("amount_minor"), oldest=Min(kind.since)):
            amounts, since = [Money(row["minor"], row["currency"])], row["oldest"]
            yield what, kind, row[column], Counted("", "", row["n"], amounts, since, _days(since, at))


def _added_up(sums: Iterable[tuple[str, str, Counted]]) -> list[Counted]:
    found: dict[str, Counted] = {}
    for key, label, more in sums:
        before = found.get(key) or replace(more, count=0, amounts=())
        found[key] = Counted(
            key,
            label,
            before.count + more.count,
            _added(before.amounts, more.amounts),
            min(before.since, more.since),
            max(before.oldest_days, more.oldest_days),
        )
    return sorted(found.values(), key=lambda each: (each.since, each.key))


def _added(amounts: Iterable[Money], more: Iterable[Money]) -> list[Money]:
    by_currency = {each.currency: each for each in amounts}
    for each in more:
        before = by_currency.get(each.currency)
        by_currency[each.currency] = before + each if before else each
    return list(by_currency.values())


def _narrowed(what: What, kind: _Kind, asked: Asked) -> QuerySet[Any]:
    rows = kind.rows
    if asked.owner:
        rows = rows.filter(owner=asked.owner)
    if asked.reason:
        of, _, code = asked.reason.partition(".")
        rows = rows.filter(**{kind.code: code}) if of == what and "\x00" not in code else rows.none()
    return with_text(rows, asked.text, *kind.texts)


def _kinds(actor: Actor, *, at: datetime) -> dict[What, _Kind]:
    actor.require_finance()
    return {
        What.PAY: _Kind(
            owned(held(actor), at=at).select_related("performer__user"),
            "held_at",
            "hold_code",
            ("performer__stage_name", "hold_code"),
            partial(_pay, at=at),
            reason,
        ),
        What.BANK: _Kind(
            _of_banks().select_related("account__performer__user"),
            "created_at",
            "failure_code",
            ("account__performer__stage_name", "failure_code"),
            partial(_bank, at=at),
            bank_reason,
        ),
        What.PAYMENT: _Kind(
            _of_companies(at=at).select_related("company"),
            "started_at",
            "why_code",
            ("company__name", "failure"),
            partial(_payment, at=at),
            payment_reason,
        ),
    }


def _of_banks() -> QuerySet[BankPayout]:
    """What a bank sent back and Stripe has not tried again since: the newest payout of its account says how it stands."""
    later = BankPayout.objects.filter(
        account=OuterRef("account"), currency=OuterRef("currency"), created_at__gt=OuterRef("created_at")
    )
    rows = BankPayout.objects.filter(~Exists(later), status="failed")
    return rows.annotate(owner=owner("failure_code", BANK, Who.PERFORMER))


def _of_companies(*, at: datetime) -> QuerySet[Funding]:
    """What did not come in within the last month, or was taken back, and the company has not paid since."""
    paid = (FundingState.PROCESSING, FundingState.PENDING, FundingState.AVAILABLE)
    later = Funding.objects.filter(
        company=OuterRef("company"), started_at__gt=OuterRef("started_at"), state__in=paid
    )
    failed = Q(~Exists(later), state=FundingState.FAILED)
    rows = Funding.objects.filter(failed | Q(state=FundingState.DISPUTED), started_at__gte=at - RECENT)
    taken = When(state=FundingState.DISPUTED, then=Value(DISPUTED))
    rows = rows.annotate(why_code=Case(taken, default=F("failure"), output_field=CharField()))
    return rows.annotate(owner=owner("why_code", PAYMENT, Who.COMPANY))


def _pay(items: Sequence[PayItem], *, at: datetime) -> list[Wait]:
    told = reminders.told(items)
    return [
        Wait(
            What.PAY,
            item.public_id,
            _owner_of(item),
            since=(since := item.held_at or at),
            days=_days(since, at),
            amount=Money(item.amount_minor, item.currency),
            whose=item.performer.public_id,
            name=item.performer.stage_name,
            code=item.hold_code,
            why=reason(item.hold_code, item.hold_detail, standing=_standing(item)),
            told=told[item.public_id],
            path=reverse("statement", args=[item.public_id]),
        )
        for item in items
    ]


def _bank(payouts: Sequence[BankPayout], *, at: datetime) -> list[Wait]:
    told = reminders.told_of_bank(payouts)
    return [
        Wait(
            What.BANK,
            payout.stripe_id,
            _owner_of(payout),
            since=payout.created_at,
            days=_days(payout.created_at, at),
            amount=Money(payout.amount_minor, payout.currency),
            whose=payout.account.performer.public_id,
            name=payout.account.performer.stage_name,
            code=payout.failure_code,
            why=bank_reason(payout.failure_code, payout.failure_message),
            told=told[payout.stripe_id],
            path=f"{reverse('payday_held')}#sent-back",
        )
        for payout in payouts
    ]


def _payment(fundings: Sequence[Funding], *, at: datetime) -> list[Wait]:
    told = reminders.told_of_payments(fundings)
    return [
        Wait(
            What.PAYMENT,
            funding.public_id,
            _owner_of(funding),
            since=funding.started_at,
            days=_days(funding.started_at, at),
            amount=Money(funding.amount_minor, funding.currency),
            whose=funding.company.public_id,
            name=funding.company.name,
            code=(code := funding.why_code),  # type: ignore[attr-defined] # annotated above
            why=payment_reason(code),
            told=told[funding.public_id],
            path=f"{reverse('payday_held')}#payments",
        )
        for funding in fundings
    ]


def _owner_of(row: Any) -> Who:
    return Who(row.owner)


def _standing(item: Any) -> str:
    return str(item.standing or "")


def _days(since: datetime, at: datetime) -> int:
    """Whole days, never less than none."""
    return max(at - since, timedelta()).days
