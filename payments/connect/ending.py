"""The end of a performer's account at Stripe: closed there, or another is to take its place. The row stays and is followed."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify
from accounts.performers import operations as performers
from kit.errors import DomainError
from kit.text import required_text
from payments.connect import sharing
from payments.connect.models import PayeeAccount
from payments.inbox import findings

Ended = PayeeAccount.Ended
SYSTEM = Actor.of_system("connect")
ENDED_BY_STRIPE = "payee_account_ended"
NEWS = {Ended.CLOSED: Kind.PAY_SETUP_CLOSED, Ended.REPLACED: Kind.PAY_SETUP_REPLACED}


class AccountRejected(DomainError):
    """Finance reads at Stripe why, and then lets the performer begin again; nothing that was earned is lost."""

    code = "payout_account_rejected"
    title = "Stripe rejected this account"


class OwnAccount(DomainError):
    """Ask somebody else in finance."""

    code = "own_payout_account"
    status = 403
    title = "It is your own account"


def end(account: PayeeAccount, *, why: Ended, by: Actor, at: datetime, reason: str = "") -> bool:
    """No pay goes to it from now on, and the performer is told; False where it had ended. In the caller's transaction."""
    rows = PayeeAccount.objects.filter(pk=account.pk, ended_at=None)
    # Its payouts are read at once: what lies there is followed into a bank.
    if not rows.update(ended_at=at, ended_why=why, refresh_due_at=None, bank_due_at=at):
        return False
    account.refresh_from_db()
    performer = account.performer
    performers.record_payouts(performer=performer, enabled=False, by=SYSTEM, at=at)
    sharing.end_for(performer.pk, at=at)
    said = {"account": account.stripe_id, "why": why.value, "reason": reason}
    audit.record(verb="payee_account.ended", thing=performer, by=by, at=at, **said)
    news = Kind.PAY_SETUP_ANEW if reason else NEWS.get(why)
    if news is not None:
        about = {"reason": reason} if reason else {}
        key = f"ended:{account.stripe_id}"
        notify(kind=news, user_id=performer.user_id, key=key, about=about, at=at)
    return True


def closed_at_stripe(account: PayeeAccount, *, at: datetime) -> None:
    """Stripe closed it: the performer and finance are told once. In the caller's transaction."""
    if not end(account, why=Ended.CLOSED, by=SYSTEM, at=at):
        return
    detail = (
        f"Stripe closed the account {account.stripe_id} of {account.performer.public_id}. Pay waits until they have set up "
        "another, which they were asked to; what still lies there is followed."
    )
    findings.report(code=ENDED_BY_STRIPE, thing=account.stripe_id, detail=detail, at=at)


def found_another(account: PayeeAccount, *, at: datetime) -> None:
    """The performer can be paid again: what was found about the accounts before waits for nobody."""
    for stripe_id in account.performer.payee_accounts.exclude(pk=account.pk).values_list(
        "stripe_id", flat=True
    ):
        for code in (ENDED_BY_STRIPE, "payee_account_unknown"):
            said = f"The performer set up {account.stripe_id}."
            findings.end(code=code, thing=stripe_id, resolution=said, at=at)


@transaction.atomic
def begin_again(*, account: PayeeAccount, by: Actor, at: datetime) -> None:
    """The performer gives the account up for another; twice is once. Pay waits until the other is set up.

    Raises NotFound (404) for somebody else's, StaleProof (403), AccountRejected (409).
    """
    by.require_performer(account.performer_id)
    by.require_proof(StepUp.CHANGE_PAYOUTS, at=at)
    account = PayeeAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    if account.transfers_status == "rejected" and account.ended_at is None:
        raise AccountRejected("Stripe says why to us only. Finance looks at it and writes to you.")
    end(account, why=Ended.REPLACED, by=by, at=at)


@transaction.atomic
def let_begin_again(*, account: PayeeAccount, reason: str, by: Actor, at: datetime) -> PayeeAccount:
    """Finance has read at Stripe what is wrong with an account: it ends, and the performer is asked to set up another.

    Raises Forbidden, StaleProof, OwnAccount (403), Invalid (422) without a reason. Of one that has ended, nothing changes.
    """
    by.require_finance()
    by.require_person("A person in finance decides it.")
    by.require_proof(StepUp.MOVE_MONEY, at=at)
    reason = required_text(reason, missing="Say why; the performer reads it.")
    if account.performer_id == by.performer_id:
        raise OwnAccount("Somebody else in finance decides about it.")
    account = PayeeAccount.objects.select_for_update(of=("self",)).get(pk=account.pk)
    rejected = account.transfers_status == "rejected"
    end(account, why=Ended.REJECTED if rejected else Ended.REPLACED, by=by, at=at, reason=reason)
    return account
