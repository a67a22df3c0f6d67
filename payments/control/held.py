"""What finance sees of what went wrong: pay held by its reason, money that banks sent back, payments that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Min, Prefetch, QuerySet, Sum

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.identity.models import StaffRole
from kit.http.pagination import page
from kit.money import Money
from payments.connect.models import PayeeAccount
from payments.control.owners import owned
from payments.funding.models import Funding
from payments.funding.states import FundingState
from payments.gateway import balance, dashboard
from payments.gateway.errors import StripeUnavailable
from payments.inbox.reasons import Next, Reason, Who, bank_reason, payment_reason, reason
from payments.payouts import reminders
from payments.payouts.models import BankPayout
from payments.payouts.reminders import Told
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState, RunState

SHOWN = 5
PAGE = 25
RECENT = timedelta(days=30)


@dataclass(frozen=True)
class Held:
    """One held item: why, who was told, what to press, where to look, and when it goes by itself."""

    item: PayItem
    why: Reason
    told: Sequence[Told]
    next: Next
    dashboard_url: str
    waits_until: datetime
    account: PayeeAccount | None
    owner: Who
    days: int


@dataclass(frozen=True)
class Group:
    """Everything held for one reason. `missing_minor` is what the Stripe balance lacks for all of it."""

    code: str
    why: Reason
    count: int
    minor: int
    currency: str
    rows: Sequence[Held]
    next: Next
    missing_minor: int = 0
    older: str | None = None

    @property
    def hidden(self) -> int:
        return self.count - len(self.rows)


def held(actor: Actor) -> QuerySet[PayItem]:
    """What is held, of runs that are not cancelled, as far as the actor may see it."""
    items = PayItem.objects.visible_to(actor).filter(state=ItemState.HELD)
    return items.exclude(run__state=RunState.CANCELLED)


def groups(actor: Actor, *, at: datetime) -> list[Group]:
    """What is held by reason, the largest sum first, with the newest few of each."""
    items = held(actor)
    return [_group(total, list(_of(items, total.code, at=at)[:SHOWN]), at=at) for total in _totals(items)]


def one_group(actor: Actor, *, code: str, cursor: str, at: datetime) -> Group | None:
    """All that is held for one reason, a page at a time; None when nothing is."""
    items = held(actor).filter(hold_code=code)
    total = next(iter(_totals(items)), None)
    if total is None:
        return None
    found = page(_of(items, code, at=at), by=("-held_at", "-id"), cursor=cursor, limit=PAGE)
    return _group(total, found.rows, older=found.next_cursor, at=at)


@dataclass(frozen=True)
class Waiting:
    """What is held for one reason, and since when."""

    code: str
    why: Reason
    count: int
    amount: Money
    since: datetime


def by_reason(actor: Actor) -> list[Waiting]:
    """What is held by reason, that which waits longest first."""
    sums = held(actor).order_by().values("hold_code", "currency")
    rows = sums.annotate(n=Count("id"), minor=Sum("amount_minor"), since=Min("held_at")).order_by("since")
    return [
        Waiting(
            code=row["hold_code"],
            why=reason(row["hold_code"]),
            count=row["n"],
            amount=Money(row["minor"], row["currency"]),
            since=row["since"],
        )
        for row in rows
    ]


def vetters() -> list[str]:
    """Who in the house says whether a performer is approved, by name."""
    people = StaffRole.objects.filter(role=Staff.TALENT, user__is_active=True)
    return list(people.order_by("user__name", "pk").values_list("user__name", flat=True)[:SHOWN])


def to_remind(actor: Actor, *, code: str, at: datetime) -> list[PayItem]:
    """Of those held for a reason, whose performer can mend it."""
    return [
        item
        for item in _of(held(actor), code, at=at)
        if _held(item, (), covered=False, at=at).next == Next.REMIND
    ]


class Total(NamedTuple):
    code: str
    currency: str
    items: int
    minor: int


def _totals(items: QuerySet[PayItem]) -> list[Total]:
    sums = items.order_by().values("hold_code", "currency").annotate(n=Count("id"), minor=Sum("amount_minor"))
    rows = sums.order_by("-minor", "hold_code").values_list("hold_code", "currency", "n", "minor")
    return [Total(*row) for row in rows]


def _of(items: QuerySet[PayItem], code: str, *, at: datetime) -> QuerySet[PayItem]:
    newest_first = Prefetch("performer__payee_accounts", PayeeAccount.objects.order_by("-id"))
    rows = owned(items.filter(hold_code=code), at=at).select_related("run__week", "performer__user")
    return rows.prefetch_related(newest_first).order_by("-held_at", "-id")


def _group(total: Total, items: Sequence[PayItem], *, at: datetime, older: str | None = None) -> Group:
    why = reason(total.code, items[0].hold_detail if items else "")
    told = reminders.told(items)
    has = _available(total.currency) if why.next == Next.FUND else None
    missing = 0 if has is None else max(total.minor - has, 0)
    return Group(
        code=total.code,
        why=why,
        count=total.items,
        minor=total.minor,
        currency=total.currency,
        rows=[
            _held(item, told[item.public_id], covered=has is None or item.amount_minor <= has, at=at)
            for item in items
        ],
        next=Next.RETRY if why.next == Next.FUND and not missing else why.next,
        missing_minor=missing,
        older=older,
    )


def _available(currency: str) -> int | None:
    """What can be sent now; None when Stripe cannot be asked: then a try will tell."""
    try:
        return balance.available_minor(currency=currency)
    except StripeUnavailable:
        return None


def _held(item: PayItem, told: Sequence[Told], *, covered: bool, at: datetime) -> Held:
    account = next(iter(item.performer.payee_accounts.all()), None)
    ready = account is not None and account.is_ready
    why = reason(item.hold_code, item.hold_detail, standing=item.standing or "")  # type: ignore[attr-defined] # as `owned` says
    rests_until = (account.bank_hold_until if account else None) or at
    # Where the cause is gone already, it need only be sent.
    gone = {
        Next.REMIND: ready,
        Next.FUND: covered,
        Next.WAIT: rests_until <= at,
        Next.VET: item.performer.may_be_paid,
    }
    return Held(
        item=item,
        why=why,
        told=told,
        next=Next.RETRY if gone.get(why.next) else why.next,
        dashboard_url=dashboard.page_of(item.transfer_id or (account.stripe_id if account else "")),
        waits_until=rests_until,
        account=account,
        owner=Who(item.owner),  # type: ignore[attr-defined] # as `owned` says
        days=(at - (item.held_at or at)).days,
    )


def sent_back(*, at: datetime) -> list[tuple[BankPayout, Reason, Sequence[Told]]]:
    """The last month's payouts that a bank sent back."""
    failed = BankPayout.objects.filter(status="failed", seen_at__gte=at - RECENT)
    rows = list(failed.select_related("account__performer__user").order_by("-id")[:PAGE])
    told = reminders.told_of_bank(rows)
    return [(row, bank_reason(row.failure_code, row.failure_message), told[row.stripe_id]) for row in rows]


def failed_payments(*, at: datetime) -> list[tuple[Funding, Reason, str]]:
    """The last month's payments of companies that did not come in or were taken back, with where to look at Stripe."""
    rows = Funding.objects.filter(
        state__in=[FundingState.FAILED, FundingState.DISPUTED], started_at__gte=at - RECENT
    ).select_related("company")
    return [
        (
            row,
            payment_reason("disputed" if row.state == FundingState.DISPUTED else row.failure),
            dashboard.page_of(row.payment_intent_id),
        )
        for row in rows.order_by("-id")[:PAGE]
    ]
