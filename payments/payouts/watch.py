"""The watchdog: says when a payday is due and did not run, or runs and does not move."""

from datetime import datetime, timedelta

from django.db.models import Max

from accounts.notifications.queries import failing_mail
from kit.instants import day, length_in_words
from marketplace.timekeeping.models import PayWeek
from payments.inbox import findings
from payments.payouts import pay_days
from payments.payouts.models import Attempt, Heartbeat
from payments.payroll import coverage
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState

STUCK = timedelta(minutes=30)
SENDING_TOO_LONG = timedelta(hours=26)


def beat(*, name: str, at: datetime, **facts: int) -> None:
    """Note that a tick ran."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at, "facts": facts})


def watch(*, at: datetime) -> None:
    """Look for what should have happened and did not; each finding tells finance once."""
    _missed_paydays(at=at)
    _stuck_runs(at=at)
    _old_sendings(at=at)
    _failing_mail(at=at)
    pay_days.watch(at=at)


def _missed_paydays(*, at: datetime) -> None:
    """A week whose run someone cancelled is no missed one, nor is one of which everything went out beside the weeks."""
    due = PayWeek.objects.filter(
        pay_on__lt=at.date(), timesheets__lines__approved_at__isnull=False
    ).distinct()
    weekly = PayRun.objects.filter(off_cycle=None)
    waiting = weekly.filter(state__in=[RunState.DRAFT, RunState.FROZEN])
    ran = weekly.filter(state__in=[RunState.APPROVED, RunState.PAYING, RunState.PAID])
    cancelled = weekly.filter(state=RunState.CANCELLED).exclude(week__pay_runs__in=waiting)
    for week in due.exclude(pay_runs__in=ran).exclude(pay_runs__in=cancelled):
        if coverage.waits_of(week):
            detail = f"The week of {day(week.starts_on)} was to be paid on {day(week.pay_on)} and no run has gone out."
            findings.report(code="payday_missed", thing=str(week), detail=detail, at=at)
        else:
            findings.end(code="payday_missed", thing=str(week), resolution="It has gone out.", at=at)


def _stuck_runs(*, at: datetime) -> None:
    for run in PayRun.objects.filter(state=RunState.PAYING, paying_at__lt=at - STUCK):
        moved = (
            Attempt.objects.filter(item__run=run).aggregate(last=Max("last_sent_at"))["last"] or run.paying_at
        )
        if moved and at - moved > STUCK:
            detail = f"Nothing has moved for {int((at - moved).total_seconds() // 60)} minutes."
            findings.report(code="run_stands_still", thing=run.public_id, detail=detail, at=at)


def _old_sendings(*, at: datetime) -> None:
    for item in PayItem.objects.filter(state=ItemState.SENDING, first_sent_at__lt=at - SENDING_TOO_LONG):
        findings.report(
            code="sending_too_long",
            thing=item.public_id,
            detail=f"Unknown for more than {length_in_words(SENDING_TOO_LONG)}.",
            at=at,
        )


def _failing_mail(*, at: datetime) -> None:
    """Once a day, as one finding: where the mail server is away, everyone's mail fails."""
    failing = failing_mail()
    first = failing.first()
    if first is not None:
        detail = f"{failing.count()} pieces of news cannot be mailed, the oldest {first.public_id}; they are tried again."
        findings.report(code="mail_not_sent", thing=f"mail {at.date()}", detail=detail, at=at)
