"""A house with many paydays: people with accounts at the sandbox, and one week after another to be paid."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from accounts.access.actors import Actor
from accounts.access.standings import Standing
from accounts.identity.models import User
from accounts.identity.zones import zone
from accounts.performers.models import Performer
from callboard.demo.stripe_hands import Hands
from kit import clock
from marketplace.presence.calendar import monday_of, week_dates
from marketplace.timekeeping.models import PayWeek, TimeLine, Timesheet
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.gateway import balance
from payments.payroll import approving, holds, items
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState
from tests.payments.world import a_company, a_week, someone_in_finance

SYSTEM = Actor.of_system("test")
WALLET_MINOR = 100_000_000
WEEKS_BACK = 60
FEE_BPS = 1500
T = TypeVar("T")


class Stripe(Hands):
    """What people, and bad luck, do at Stripe."""

    def has(self, amount_minor: int) -> None:
        """Money comes into the platform's balance; below zero it leaves."""
        self._post("balance", account=balance.platform_account_id(), amount=amount_minor, currency="usd")

    def disturb(self) -> None:
        """Answers are lost, late and wrong about what happened; webhooks come twice, late or never."""
        self._set_faults()
        self._post("webhooks", duplicate=0.1, duplicate_distinct=0.1, drop=0.05, reorder=0.2)

    def calm_down(self) -> None:
        self._clear_faults()
        self._post("webhooks", duplicate=0, duplicate_distinct=0, drop=0, reorder=0)

    def run_dry(self, *, for_s: float) -> None:
        """The platform's balance is empty for a moment: Stripe refuses, and means it.

        No fault beside it: a 500 in place of a refusal is replayed for a day, and until then nobody can know.
        """
        self._clear_faults()
        has = balance.available_minor(currency="usd")
        self.has(-has)
        time.sleep(for_s)  # real processes, which live by the real clock
        self.has(has)
        self._set_faults()

    def _set_faults(self) -> None:
        for do, probability in FAULTS.items():
            self._post("faults", on="POST /v1/transfers", do=do, probability=probability, hang_s=HANG_S)

    def _clear_faults(self) -> None:
        self.session.delete(f"{self.url}/_sandbox/faults", timeout=30).raise_for_status()


# Longer than the lease, so that an answer also comes when the item is somebody else's.
HANG_S = 15
FAULTS = {"500_after": 0.02, "drop_after": 0.02, "drop_before": 0.02, "hang_after": 0.01, "429": 0.02}


@dataclass(frozen=True)
class Owed:
    """What one performer is to get for one week, and where."""

    performer_id: str
    amount_minor: int
    destination: str


class Stage:
    """The people and their weeks. `owed` is what must have been paid, by transfer group; the database never tells."""

    def __init__(self, stripe: Stripe, *, performers: int, late: int, never: int, seed: int) -> None:
        self.stripe = stripe
        self.seed = seed
        self.company = a_company(wallet=WALLET_MINOR)
        self.freezer, self.approver = someone_in_finance("Fran"), someone_in_finance("Ana")
        stripe.has(WALLET_MINOR)
        self.performers = _performers(performers)
        self.destinations = {one.public_id: self._open_account(one) for one in self.performers}
        on_time = len(self.performers) - late - never
        for one in self.performers[:on_time]:
            stripe.finish_form(self.destinations[one.public_id])
            connect.refresh(account=one.payee_accounts.get(), at=clock.now())
        self._late = self.performers[on_time : on_time + late]
        self.unfinished = {one.public_id for one in self.performers[on_time:]}
        self.owed: dict[str, Owed] = {}
        self._mondays = closed_mondays()
        self.weeks_closed = 0
        self.week = self._work()

    def pay_week(self, *, last: bool = False) -> PayRun:
        """Finance closes the week, one freezes, another approves; meanwhile the next one is worked and approved."""
        run = patiently(self._freeze_and_approve)
        self.weeks_closed += 1
        if not last:
            self.week = self._work()
        return run

    def go_back_to(self, weeks_closed: int) -> None:
        """The database knows of no week after that one any more: people do again what it forgot."""
        self.weeks_closed = weeks_closed
        self.week = self._work()

    def finish_a_late_form(self) -> None:
        """One more performer whose pay was held gets through Stripe's form. The webhook tells the house."""
        if self._late:
            one = self._late.pop().public_id
            self.stripe.finish_form(self.destinations[one])
            self.unfinished.discard(one)

    def who_waits_looks_again(self) -> None:
        """Whoever finished the form and still is not ready here opens the pay page: the webhook was lost."""
        for account in PayeeAccount.objects.exclude(transfers_status="active").select_related("performer"):
            if account.performer.public_id not in self.unfinished:
                connect.refresh(account=account, at=clock.now())

    def release_refused(self) -> int:
        """Finance lets go again what Stripe refused for want of money. Returns how many."""
        held = PayItem.objects.filter(state=ItemState.HELD, hold_code="balance_insufficient").order_by("id")
        items = list(held)
        for item in items:
            holds.release(item=item, by=self.freezer, at=clock.now())
        return len(items)

    def _freeze_and_approve(self) -> PayRun:
        at = clock.now()
        run = payroll.close_week(week=self.week, currency="usd", by=self.freezer, at=at)
        if run.state == RunState.DRAFT:
            run = payroll.freeze(run=run, by=self.freezer, at=at)
        if run.state == RunState.FROZEN:
            by = replace(self.approver, proved_at=at)
            run = approving.approve(run=run, seen_hash=run.content_hash, by=by, at=at)
        return run

    def _work(self) -> PayWeek:
        """Everyone works the next week, for an amount that is nobody else's; the calendar approves it."""
        monday = self._mondays[self.weeks_closed]
        chance = random.Random(f"{self.seed} {monday}")
        amounts = chance.sample(range(1_000, 20_000), len(self.performers))
        week = patiently(lambda: self._write_lines(monday, amounts))
        for performer, amount in zip(self.performers, amounts, strict=True):
            group = items.natural_key(
                period=f"{monday:%Y-%m-%d}", performer_id=performer.public_id, currency="usd"
            )
            self.owed[str(group)] = Owed(performer.public_id, amount, self.destinations[performer.public_id])
        return week

    @transaction.atomic
    def _write_lines(self, monday: date, amounts: list[int]) -> PayWeek:
        week, at = a_week(monday), clock.now()
        if Timesheet.objects.filter(week=week).exists():
            return week
        sheets = Timesheet.objects.bulk_create(
            Timesheet(performer=one, company=self.company, week=week, state="auto_approved", approved_at=at)
            for one in self.performers
        )
        TimeLine.objects.bulk_create(
            TimeLine(
                timesheet=sheet,
                kind=TimeLine.Kind.BONUS,
                state="approved",
                worked_s=3600,
                payable_s=3600,
                rate_minor=part,
                amount_minor=part,
                fee_minor=part * FEE_BPS // 10_000,
                currency="usd",
                grade="A",
                approved_at=at,
            )
            for sheet, amount in zip(sheets, amounts, strict=True)
            for part in (amount // 3, amount - amount // 3)
        )
        return week

    def _open_account(self, performer: Performer) -> str:
        return connect.open_account(performer=performer, by=SYSTEM, at=clock.now()).stripe_id


def patiently(call: Callable[[], T], *, for_s: float = 60.0) -> T:
    """Ask again while Postgres is away, as people do. What is asked must be safe to do again."""
    deadline = time.monotonic() + for_s
    while True:
        try:
            return call()
        except (OperationalError, InterfaceError, psycopg.OperationalError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def _performers(count: int) -> list[Performer]:
    users = User.objects.bulk_create(
        User(email=f"kill{number}@example.com", name=f"Number {number}", password="!")
        for number in range(count)
    )
    # As talent operations leave them: so many are not vetted one by one.
    return Performer.objects.bulk_create(
        Performer(user=user, stage_name=user.name, state=Standing.APPROVED) for user in users
    )


def closed_mondays() -> list[date]:
    """Weeks that are over and may be closed, the oldest first."""
    zoned = zone(settings.PAYROLL_TIME_ZONE)
    newest = monday_of(clock.now(), zone=zoned)
    mondays = [newest - timedelta(weeks=back) for back in range(WEEKS_BACK, 0, -1)]
    return [monday for monday in mondays if week_dates(monday, zone=zoned).close_at <= clock.now()]
