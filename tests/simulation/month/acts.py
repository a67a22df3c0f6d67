"""Each event of a month, done by the house's own operations; Stripe's part by the sandbox."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from kit.errors import DomainError
from marketplace.casting import answering
from marketplace.casting.states import Reason
from marketplace.endings import operations as endings
from marketplace.gigs import operations as gigs
from marketplace.gigs.states import GigState
from marketplace.timekeeping.weeks import ensure_week
from payments.adjustments import operations as adjustments
from payments.adjustments.models import Adjustment
from payments.connect import operations as connect
from payments.funding import endings as funding_endings
from payments.funding import following, operations, withdrawals
from payments.funding.models import Withdrawal
from payments.gateway.client import client
from payments.payouts import paying, returns, reversals
from payments.payroll import accrual, approving
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem
from payments.reconciliation import reading
from payments.reconciliation.models import StripeRow
from tests.simulation.month.cast import Cast, a_monday

Event = dict[str, Any]
What = Adjustment.What


class Refused(Exception):
    """A rule of the house refused it; nothing has changed."""


def do(cast: Cast, event: Event) -> None:
    """Carry an event out, and let the house hear what Stripe has to tell. Raises Refused."""
    try:
        ACTS[event["do"]](cast, event)
    except DomainError as refusal:
        raise Refused(f"{event['id']}: {refusal.detail}") from refusal
    finally:
        hear(cast)


def hear(cast: Cast) -> None:
    """All ticks that read Stripe's news, or follow from it."""
    for funding in cast.fundings.values():
        following.refresh(funding=funding, at=cast.now)
    reversals.read_transfers(at=cast.now)
    reading.read(at=cast.now)
    accrual.accrue(at=cast.now)
    funding_endings.give_back_ended(at=cast.now)
    for account_of in cast.performers:
        connect.refresh(account=cast.account_of(account_of), at=cast.now)
    paying.sweep(now=lambda: cast.now)
    reading.read(at=cast.now)


def company(cast: Cast, event: Event) -> None:
    cast.company(event["company"])


def performer(cast: Cast, event: Event) -> None:
    cast.performer(event["performer"])


def gig(cast: Cast, event: Event) -> None:
    cast.gig(event["gig"], event["company"])


def fund(cast: Cast, event: Event) -> None:
    payer = cast.companies[event["company"]]
    funding = operations.start(
        company=payer, amount=cast.usd(event["amount"]), by=cast.owner(payer), at=cast.now
    )
    method = {"card": "pm_card_visa", "ach": "pm_usBankAccount_success"}[event["method"]]
    cast.control(f"checkout/{funding.checkout_id}/pay", payment_method=method)
    cast.fundings[event["ref"]] = following.refresh(funding=funding, at=cast.now)


def available(cast: Cast, event: Event) -> None:
    cast.control(f"payments/{_payment(cast, event)}/available")


def fund_failed(cast: Cast, event: Event) -> None:
    cast.control(f"payments/{_payment(cast, event)}/fail")


def refund(cast: Cast, event: Event) -> None:
    client().v1.refunds.create({"payment_intent": _payment(cast, event), "amount": event["amount"]})


def dispute(cast: Cast, event: Event) -> None:
    made = cast.control(
        f"charges/{_charge(cast, event)}/dispute", amount=event["amount"], inquiry=event["inquiry"]
    )
    cast.disputes[event["ref"]] = made["id"]


def dispute_closed(cast: Cast, event: Event) -> None:
    of = cast.disputes[event["ref"]]
    status = client().v1.disputes.retrieve(of).status
    # A debit's dispute cannot be contested: Stripe has closed it as lost when it came.
    if status != "lost":
        cast.control(f"disputes/{of}/{'win' if event['won'] else 'lose'}")


def set_aside(cast: Cast, event: Event) -> None:
    for_gig = cast.gigs[event["gig"]]
    for_gig.refresh_from_db()
    operations.set_aside(
        gig=for_gig,
        amount=cast.usd(event["amount"]),
        by=cast.owner(for_gig.company),
        at=cast.now,
        request_id=event["id"],
    )


def withdraw(cast: Cast, event: Event) -> None:
    of = cast.companies[event["company"]]
    asked: Withdrawal = withdrawals.ask(
        company=of, amount=cast.usd(event["amount"]), by=cast.owner(of), at=cast.now, request_id=event["id"]
    )
    for funding in withdrawals.send_due(at=cast.now):
        following.refresh(funding=funding, at=cast.now)
    asked.refresh_from_db()
    if asked.state != "sent":
        raise AssertionError(f"{event['id']}: the withdrawal is {asked.state}")


def write_off(cast: Cast, event: Event) -> None:
    made = adjustments.propose_write_off(
        company=cast.companies[event["company"]],
        amount=cast.usd(event["amount"]),
        reason="It will not be paid.",
        by=cast.freezer,
        at=cast.now,
    )
    adjustments.approve(adjustment=made, by=cast.proved(cast.approver), at=cast.now)


def line(cast: Cast, event: Event) -> None:
    cast.line(event)
    accrual.accrue(at=cast.now)


def gig_end(cast: Cast, event: Event) -> None:
    ended = cast.gigs[event["gig"]]
    ended.refresh_from_db()
    if ended.state == GigState.PUBLISHED:
        ended = gigs.close(gig=ended, by=cast.owner(ended.company), at=cast.now)
    if ended.state == GigState.PAUSED:
        ended = gigs.close(gig=ended, by=cast.owner(ended.company), at=cast.now)
    by = cast.owner(ended.company)
    answering.answer_waiting(gig=ended, reason=Reason.SEATS_FILLED, by=by, at=cast.now)
    endings.complete_gig(gig=ended, by=cast.owner(ended.company), at=cast.now)


def payday(cast: Cast, event: Event) -> None:
    week = ensure_week(starts_on=a_monday(cast.now))
    run = payroll.close_week(week=week, currency="usd", by=cast.freezer, at=cast.now)
    run = payroll.freeze(run=run, by=cast.freezer, at=cast.now)
    run = approving.approve(run=run, seen_hash=run.content_hash, by=cast.proved(cast.approver), at=cast.now)
    connect.refresh_due(at=cast.now)
    paying.sweep(now=lambda: cast.now)
    cast.runs[event["run"]] = run


def unready(cast: Cast, event: Event) -> None:
    cast.control(f"accounts/{cast.account_of(event['performer']).stripe_id}/restrict")


def ready(cast: Cast, event: Event) -> None:
    cast.control(f"accounts/{cast.account_of(event['performer']).stripe_id}/enable")


def reverse(cast: Cast, event: Event) -> None:
    item = _item(cast, event)
    client().v1.transfers.reversals.create(item.transfer_id, {"amount": event["amount"]})


def decide(cast: Cast, event: Event) -> None:
    returns.decide(
        item=_item(cast, event), what=event["as"], reason="As agreed.", by=cast.freezer, at=cast.now
    )


def top_up(cast: Cast, event: Event) -> None:
    client().v1.topups.create({"amount": event["amount"], "currency": "usd"})
    cast.sandbox.move_clock(by=0)


def platform_payout(cast: Cast, event: Event) -> None:
    client().v1.payouts.create({"amount": event["amount"], "currency": "usd"})


def stray(cast: Cast, event: Event) -> None:
    made = cast.control("balance", account=cast.platform(), amount=event["amount"], currency="usd")
    hear(cast)
    cast.strays[event["ref"]] = StripeRow.objects.get(stripe_id=made["id"])


def stray_is(cast: Cast, event: Event) -> None:
    row = cast.strays[event["ref"]]
    row.refresh_from_db()
    whose = cast.companies[event["company"]] if event["as"] == "company" else None
    made = adjustments.propose_stray(
        row=row,
        what=f"stray_{event['as']}",
        company=whose,
        reason="Asked at Stripe.",
        by=cast.freezer,
        at=cast.now,
    )
    adjustments.approve(adjustment=made, by=cast.proved(cast.approver), at=cast.now)


def _payment(cast: Cast, event: Event) -> str:
    funding = cast.fundings[event["ref"]]
    funding.refresh_from_db()
    return funding.payment_intent_id


def _charge(cast: Cast, event: Event) -> str:
    funding = cast.fundings[event["ref"]]
    funding.refresh_from_db()
    return funding.charge_id


def _item(cast: Cast, event: Event) -> PayItem:
    of = PayItem.objects.filter(run=cast.runs[event["run"]], pays_again=None)
    return of.get(performer=cast.performers[event["performer"]])


ACTS: dict[str, Callable[[Cast, Event], None]] = {
    act.__name__: act
    for act in (
        available,
        company,
        decide,
        dispute,
        dispute_closed,
        fund,
        fund_failed,
        gig,
        gig_end,
        line,
        payday,
        performer,
        platform_payout,
        ready,
        refund,
        reverse,
        set_aside,
        stray,
        stray_is,
        top_up,
        unready,
        withdraw,
        write_off,
    )
}
MOMENT = timedelta(seconds=1)
