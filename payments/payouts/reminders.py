"""Who was told of what is held or came back, and telling them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.audit import operations as audit
from accounts.companies.models import Membership
from accounts.identity.models import StaffRole
from accounts.notifications.models import Notification
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify
from kit.money import Money
from payments.connect import queries as accounts
from payments.funding.models import Funding
from payments.inbox.reasons import bank_reason, reason
from payments.payouts.models import BankPayout
from payments.payroll.holds import NOT_VETTED, why_of
from payments.payroll.models import PayItem


@dataclass(frozen=True)
class Told:
    """One piece of news and those who got it: in the app at once, by mail as soon as `mailed`."""

    names: Sequence[str]
    at: datetime
    mailed: bool


def told(items: Sequence[PayItem]) -> dict[str, list[Told]]:
    """Who was told of each item's hold, by the item's id; the performer before finance, in order of time."""
    people = [item.performer.user_id for item in items]
    return _told({item.public_id: f"held:{item.public_id}:" for item in items}, people)


def told_of_bank(payouts: Sequence[BankPayout]) -> dict[str, list[Told]]:
    """Who was told that a bank sent money back, by the payout's id at Stripe."""
    people = [payout.account.performer.user_id for payout in payouts]
    return _told({payout.stripe_id: f"bank_failed:{payout.stripe_id}" for payout in payouts}, people)


def told_of_payments(fundings: Sequence[Funding]) -> dict[str, list[Told]]:
    """Who was told that a company's payment did not come in, or was taken back, by the payment's id."""
    companies = {funding.company_id for funding in fundings}
    people = Membership.objects.filter(company__in=companies).values_list("user_id", flat=True)
    begins = {funding.public_id: f"funding:{funding.public_id}:{funding.state}" for funding in fundings}
    return _told(begins, list(people) if begins else [])


def _told(begins: dict[str, str], people: Sequence[int]) -> dict[str, list[Told]]:
    if not begins:
        return {}
    finance = StaffRole.objects.filter(role=Staff.FINANCE).values_list("user_id", flat=True)
    about = reduce(or_, (Q(key__startswith=begin) for begin in begins.values()))
    notices = list(
        Notification.objects.filter(about, user_id__in=[*people, *finance])
        .select_related("user")
        .order_by("created_at", "id")
    )
    return {
        name: _by_news([notice for notice in notices if notice.key.startswith(begin)])
        for name, begin in begins.items()
    }


def _by_news(notices: Sequence[Notification]) -> list[Told]:
    """What several in finance got under one key is one line; the performer's is its own, and came first."""
    lines: dict[tuple[str, bool], list[Notification]] = {}
    for notice in notices:
        lines.setdefault((notice.key, notice.kind == Kind.PAY_HELD_TO_FINANCE.stored), []).append(notice)
    return [
        Told(
            names=[notice.user.name for notice in same],
            at=same[0].created_at,
            mailed=all(notice.mailed_at for notice in same),
        )
        for same in lines.values()
    ]


@transaction.atomic
def remind(*, item: PayItem, by: Actor, at: datetime) -> bool:
    """Write to the performer again; False when that was done today already. Raises Forbidden (403)."""
    by.require_finance()
    account = accounts.newest(item.performer_id)
    why = why_of(item)
    if item.hold_code != NOT_VETTED and account is not None:
        why = reason(item.hold_code, item.hold_detail, standing=account.transfers_status)
    fresh = notify(
        kind=Kind.PAY_STILL_HELD,
        user_id=item.performer.user_id,
        key=f"held:{item.public_id}:reminder:{at:%Y-%m-%d}",
        about={"amount": Money(item.amount_minor, item.currency), "means": why.means, "fix": why.fix},
        at=at,
    )
    if fresh:
        audit.record(verb="pay_item.reminded", thing=item, by=by, at=at)
    return fresh


def remind_all(*, items: Sequence[PayItem], by: Actor, at: datetime) -> int:
    """Write to all of them; returns how many had not been written to today."""
    return sum(remind(item=item, by=by, at=at) for item in items)


@transaction.atomic
def remind_of_bank(*, payout: BankPayout, by: Actor, at: datetime) -> bool:
    """Write again to the performer whose bank sent money back; False when that was done today already. Raises Forbidden (403)."""
    by.require_finance()
    why = bank_reason(payout.failure_code, payout.failure_message)
    fresh = notify(
        kind=Kind.BANK_STILL_FAILED,
        user_id=payout.account.performer.user_id,
        key=f"bank_failed:{payout.stripe_id}:reminder:{at:%Y-%m-%d}",
        about={
            "amount": Money(payout.amount_minor, payout.currency),
            "means": why.means,
            "fix": why.fix,
        },
        at=at,
    )
    if fresh:
        audit.record(verb="bank_payout.reminded", thing=payout.account.performer, by=by, at=at)
    return fresh
