"""A performer's payout account: opened at Stripe, set up on Stripe's form, believed only as Stripe tells it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify
from accounts.performers import operations as performers
from accounts.performers.models import Performer
from kit.crash import crash_point
from kit.errors import DomainError
from kit.instants import length_in_words
from payments.connect import ending, queries, sharing
from payments.connect.models import PayeeAccount
from payments.gateway import accounts as stripe_accounts
from payments.gateway.accounts import AccountFacts
from payments.gateway.client import livemode
from payments.gateway.errors import StripeUnavailable, says_unknown
from payments.inbox import findings
from payments.payroll import holds

log = structlog.get_logger(__name__)
REFRESH_PENDING = timedelta(minutes=10)
REFRESH_READY = timedelta(days=1)
ASKS_AT_ONCE = 3  # where others are answered while we ask
SYSTEM = Actor.of_system("connect")


def open_account(*, performer: Performer, by: Actor, at: datetime) -> PayeeAccount:
    """The performer's account at Stripe, opened when there is none. Raises NotFound (404), StripeUnavailable.

    The key follows from the performer, so two presses open one account.
    """
    by.require_performer(performer.pk)
    found = queries.current(performer.pk)
    if found is not None:
        return found
    before = queries.newest(performer.pk)
    stripe_id = stripe_accounts.create_recipient(
        performer_id=performer.public_id,
        email=performer.user.email,
        name=performer.stage_name,
        country=performer.country,
        key=f"account:{performer.public_id}:{before.stripe_id if before else 'first'}",
    )
    with transaction.atomic():
        account, is_new = PayeeAccount.objects.get_or_create(
            stripe_id=stripe_id,
            defaults={
                "performer": performer,
                "livemode": livemode(),
                "created_at": at,
                "refresh_due_at": at + REFRESH_PENDING,
            },
        )
        if is_new:
            audit.record(verb="payee_account.opened", thing=performer, by=by, at=at, account=stripe_id)
    return account


def onboarding_link(
    *, performer: Performer, return_url: str, refresh_url: str, by: Actor, at: datetime
) -> str:
    """A fresh link to Stripe's form; to another account's where Stripe does not know the old one any more.

    Raises StripeUnavailable.
    """
    link = partial(stripe_accounts.onboarding_link, return_url=return_url, refresh_url=refresh_url)
    account = open_account(performer=performer, by=by, at=at)
    try:
        return link(account_id=account.stripe_id)
    except StripeUnavailable as error:
        if not says_unknown(error):
            raise
    _give_up(account, by=by, at=at)
    return link(account_id=open_account(performer=performer, by=by, at=at).stripe_id)


@transaction.atomic
def _give_up(account: PayeeAccount, *, by: Actor, at: datetime) -> None:
    """Close an account that Stripe does not know, so that another can be opened."""
    if ending.end(account, why=PayeeAccount.Ended.UNKNOWN, by=by, at=at):
        PayeeAccount.objects.filter(pk=account.pk).update(transfers_status="restricted")


def refresh(*, account: PayeeAccount, at: datetime) -> PayeeAccount:
    """Ask Stripe how the account stands, and write it down. Raises StripeUnavailable.

    Where somebody else is answered meanwhile, ours may be the older answer: it is asked again, and left to the next sweep where
    that goes on.
    """
    for _ in range(ASKS_AT_ONCE):
        before = PayeeAccount.objects.values_list("refreshed_at", flat=True).get(pk=account.pk)
        facts = stripe_accounts.retrieve(account.stripe_id)
        crash_point("account.asked")
        written = _apply(account, facts, before=before, at=at)
        if written is not None:
            return written
    PayeeAccount.objects.filter(pk=account.pk, ended_at=None).update(refresh_due_at=at)
    account.refresh_from_db()
    return account


@transaction.atomic
def _apply(
    account: PayeeAccount, facts: AccountFacts, *, before: datetime | None, at: datetime
) -> PayeeAccount | None:
    """The account as written down; None, and nothing is written, where somebody was answered since `before`."""
    account = (
        PayeeAccount.objects.select_for_update(of=("self",)).select_related("performer").get(pk=account.pk)
    )
    if account.refreshed_at != before:
        return None
    was_ready = account.transfers_status == "active"
    _copy(facts, account, at=at)
    ended: Collection[str] = ()
    if account.ended_at is not None:
        account.save()
    elif facts.closed:
        account.save()
        ending.closed_at_stripe(account, at=at)
    else:
        ended = _follow_standing(account, facts, was_ready=was_ready, at=at)
    holds.release_read(performer_id=account.performer_id, also=ended, by=SYSTEM, at=at)
    crash_point("account.before_commit")
    return account


def _copy(facts: AccountFacts, account: PayeeAccount, *, at: datetime) -> None:
    account.transfers_status = facts.transfers_status
    account.payouts_status = facts.payouts_status
    account.requirements = facts.requirements
    account.requirements_due_at = facts.requirements_due_at
    account.closed_at = (account.closed_at or at) if facts.closed else None
    account.refreshed_at = at


def _follow_standing(
    account: PayeeAccount, facts: AccountFacts, *, was_ready: bool, at: datetime
) -> Collection[str]:
    """What the current account's standing at Stripe means for its performer's pay. Returns the holds that end by it."""
    ready = facts.transfers_status == "active"
    _note_bank(account, facts.bank_fingerprint, at=at)
    account.refresh_due_at = _next_ask_at(account, ready=ready, at=at)
    account.save()
    performers.record_payouts(performer=account.performer, enabled=ready, by=SYSTEM, at=at)
    set_up_anew = ready and not was_ready
    if set_up_anew:
        ending.found_another(account, at=at)
    sharing.look(account, at=at)
    # Where its bank still rests, the next claim holds for that: it is the last time that the account is seen to become ready.
    if set_up_anew or sharing.may_be_paid(account, at=at):
        return holds.waits_for(set_up_anew=set_up_anew)
    if was_ready and not ready:
        _tell_restricted(account, at=at)
    return ()


def _next_ask_at(account: PayeeAccount, *, ready: bool, at: datetime) -> datetime:
    """Soon while something is missing; else daily, and when a changed bank account has rested."""
    if not ready:
        return at + REFRESH_PENDING
    rested = account.bank_hold_until if account.is_bank_on_hold(at) else None
    return min(at + REFRESH_READY, rested or at + REFRESH_READY)


def _note_bank(account: PayeeAccount, fingerprint: str, *, at: datetime) -> None:
    """Pay to a changed bank account waits for a while, and its owner is told: it may not have been them."""
    before = account.bank_fingerprint or _bank_before(account)
    if before and fingerprint and fingerprint != before:
        account.bank_changed_at = at
        audit.record(verb="payee_account.bank_changed", thing=account.performer, by=SYSTEM, at=at)
        notify(
            kind=Kind.BANK_CHANGED,
            user_id=account.performer.user_id,
            key=f"bank:{fingerprint}:{at:%Y%m%d%H}",
            about={"rest": length_in_words(settings.BANK_CHANGE_REST)},
            at=at,
        )
    account.bank_fingerprint = fingerprint or account.bank_fingerprint


def _bank_before(account: PayeeAccount) -> str:
    """The bank account of the one that this account replaces: another one there is a change too."""
    rows = queries.ended(account.performer_id).exclude(bank_fingerprint="")
    return rows.values_list("bank_fingerprint", flat=True).first() or ""


def _tell_restricted(account: PayeeAccount, *, at: datetime) -> None:
    notify(
        kind=Kind.PAY_SETUP_INCOMPLETE,
        user_id=account.performer.user_id,
        key=f"restricted:{account.stripe_id}:{at:%Y%m%d}",
        about={},
        at=at,
    )


@transaction.atomic
def _stripe_knows_nothing(account: PayeeAccount, *, at: datetime) -> None:
    """Pay waits, and both who can mend it are told; asked again in a day, for it may have been our key."""
    same = PayeeAccount.objects.filter(pk=account.pk, ended_at=None)
    if not same.update(transfers_status="restricted", refreshed_at=at, refresh_due_at=at + REFRESH_READY):
        return
    performers.record_payouts(performer=account.performer, enabled=False, by=SYSTEM, at=at)
    holds.release_read(performer_id=account.performer_id, by=SYSTEM, at=at)
    notify(
        kind=Kind.PAY_SETUP_LOST,
        user_id=account.performer.user_id,
        key=f"unknown:{account.stripe_id}",
        about={},
        at=at,
    )
    findings.report(
        code="payee_account_unknown",
        thing=account.stripe_id,
        detail=f"Stripe does not know the account {account.stripe_id} of {account.performer.public_id}. If it knows "
        "others, only the performer can mend it by setting up pay again, and was asked to; if it knows none, the key is "
        "another platform's.",
        at=at,
    )


def ask_soon(*, performer_id: int, at: datetime) -> None:
    """Have the next sweep ask Stripe how the performer's account stands: it may know more than we do."""
    PayeeAccount.objects.filter(performer=performer_id, ended_at=None).update(refresh_due_at=at)


def refresh_due(*, at: datetime, at_most: int = 120) -> int:
    """Poll the accounts that are due: a lost webhook must not leave anyone waiting. Returns how many were asked."""
    due = PayeeAccount.objects.filter(ended_at=None, refresh_due_at__lte=at).order_by("refresh_due_at")[
        :at_most
    ]
    asked = 0
    for account in due:
        try:
            refresh(account=account, at=at)
        except (StripeUnavailable, DomainError) as error:
            # One that cannot be followed keeps nobody else waiting.
            log.warning("payee_refresh_failed", account=account.stripe_id, error=type(error).__name__)
            if isinstance(error, StripeUnavailable) and says_unknown(error):
                _stripe_knows_nothing(account, at=at)
            else:
                PayeeAccount.objects.filter(pk=account.pk).update(refresh_due_at=at + REFRESH_PENDING)
        asked += 1
    return asked
