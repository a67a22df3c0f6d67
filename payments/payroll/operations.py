"""From earnings to a run that can be signed: close, freeze; and the way back. Each can be run again safely."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.identity.queries import get_person
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import tell_staff
from kit.crash import crash_point
from kit.currencies import check_supported
from kit.errors import DomainError
from kit.instants import in_words
from kit.money import Money
from kit.text import required_text
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import PayWeek
from payments.payroll import accrual, coverage, deductions, items, limits, queries, standing_out
from payments.payroll.coverage import Span
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import RUN, ItemState, RunState


class WeekNotOver(DomainError):
    """Wait until the companies' review is over."""

    code = "week_not_over"
    title = "This week is still being reviewed"


class NothingToPay(DomainError):
    """Nothing to do until something is approved."""

    code = "nothing_to_pay"
    title = "There is nothing to pay"


class OwnPay(DomainError):
    """Ask a colleague in finance whom the run does not pay."""

    code = "own_pay"
    status = 403
    title = "Someone else decides what you are paid"


@transaction.atomic
def close_week(*, week: PayWeek, currency: str, by: Actor, at: datetime) -> PayRun:
    """Open the week's pay run, or return the one that is there.

    Raises WeekNotOver (409) before the calendar's close, UnknownCurrency (422), Forbidden (403) for anyone but finance.
    """
    by.require_finance()
    check_supported(currency)
    if at < week.close_at:
        raise WeekNotOver(f"Companies may review it until {in_words(week.company_due_at, by.zone)}.")
    accrual.lock_pay_cut()
    weekly = PayRun.objects.filter(week=week, currency=currency, off_cycle=None)
    live = weekly.exclude(state=RunState.CANCELLED).first()
    if live is not None:
        return live
    run = PayRun.objects.create(week=week, currency=currency, created_by_id=by.user_id, created_at=at)
    audit.record(verb="pay_run.opened", thing=run, by=by, at=at)
    crash_point("close.before_commit")
    return run


def freeze(*, run: PayRun, by: Actor, at: datetime) -> PayRun:
    """Cut the run: everything earned and in no item yet, up to now, one item a performer, and a hash over it all.

    Of what was agreed to be deducted, it takes first what it may (`deductions`).
    A net under the house's least payout is left for the next run; of one above zero, what may be is kept for what was
    overpaid (money/RULES.md, rule 6).

    One transaction under the lock that accrual takes too. Freezing a frozen run again changes nothing and returns it.
    Raises NothingToPay, IllegalMove (409), Forbidden, OwnPay (403).
    """
    by.require_finance()
    person_id = by.require_person("A person freezes a run.")
    accrual.accrue(at=at)
    with transaction.atomic():
        accrual.lock_pay_cut()
        run = PayRun.objects.select_for_update().select_related("week").get(pk=run.pk)
        if run.state == RunState.FROZEN:
            return run
        RUN.check(run.state, RunState.FROZEN)
        within = _take_deductions(run, by=by, at=at)
        total, count = items.make(run, within=within, at=at)
        standing_out.mark(run)
        crash_point("freeze.items_made")
        if not count:
            raise NothingToPay("Nothing was approved since the last run.")
        refuse_own_pay(run, by)
        coverage.advance(currency=run.currency, within=within)
        PayRun.objects.filter(pk=run.pk).update(total_minor=total, items_count=count)
        digest = queries.content_hash(run)
        audit.move(
            run,
            RunState.FROZEN,
            by=by,
            at=at,
            total_minor=total,
            items_count=count,
            content_hash=digest,
            signatures_needed=limits.needed(limits.weight_minor(run, total), run.currency),
            frozen_by_id=person_id,
            frozen_at=at,
        )
        if run.off_cycle is None:
            timekeeping.lock_timesheets(week=run.week, by=by, at=at)
        crash_point("freeze.before_commit")
    return run


@transaction.atomic
def cancel(*, run: PayRun, reason: str, by: Actor, at: datetime) -> PayRun:
    """Take a run back before it pays, with a reason. Its earnings fall into the next one.

    Anyone in finance may, approved or not: it only keeps money here. Finance is told when it was approved, the approver
    among them. Raises Forbidden (403), Invalid (422) without a reason, IllegalMove (409) once it pays.
    """
    by.require_finance()
    reason = required_text(reason)
    accrual.lock_pay_cut()
    run = PayRun.objects.select_for_update().get(pk=run.pk)
    if run.state == RunState.APPROVED:
        _tell_of_cancelling(run, reason=reason, by=by, at=at)
    audit.move(run, RunState.CANCELLED, by=by, at=at, reason=reason)
    rows = PayItem.objects.filter(run=run)
    oldest = min((item.earnings[0][0] for item in rows if item.earnings), default=None)
    audit.move_many(rows, ItemState.CANCELLED, by=by, at=at, due_at=None)
    if oldest is not None:
        coverage.fall_back(currency=run.currency, from_id=oldest)
    return run


def _tell_of_cancelling(run: PayRun, *, reason: str, by: Actor, at: datetime) -> None:
    tell_staff(
        kind=Kind.APPROVED_RUN_CANCELLED,
        key=f"cancelled:{run.public_id}",
        about={
            "amount": Money(run.total_minor, run.currency),
            "run": run.public_id,
            "who": get_person(by).name,
            "reason": reason,
        },
        where={"run_id": run.public_id},
        at=at,
    )


def refuse_own_pay(run: PayRun, by: Actor) -> None:
    """Raise OwnPay (403) where the run pays the person acting."""
    if PayItem.objects.filter(run=run, performer_id=by.performer_id).exists():
        raise OwnPay("This run pays you too, so someone in finance whom it does not pay does this.")


def _take_deductions(run: PayRun, *, by: Actor, at: datetime) -> Span:
    """Earn the parts that this run takes; returns the cut behind them."""
    within, chosen = coverage.span(currency=run.currency), coverage.chosen_of(run)
    parts = deductions.due(currency=run.currency, within=within, chosen=chosen, at=at)
    if not parts:
        return within
    deductions.take(parts, at=at)
    accrual.accrue(at=at)
    taken = sum(part.minor for of_one in parts.values() for part in of_one)
    audit.record(verb="pay_run.deducted", thing=run, by=by, at=at, taken_minor=taken)
    return coverage.span(currency=run.currency)
