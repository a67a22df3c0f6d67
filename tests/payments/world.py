"""What tests of pay have beside the stories: Stripe's sandbox, accounts there, a company with money, and approved lines.

People, companies and staff come from tests/stories.py. Two things are written down instead of played, because each test
wants its own amounts and neither is what it is about: the money of a wallet, and lines as a week's review leaves them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import stripe
from django.conf import settings

from accounts.access.actors import Actor
from accounts.access.roles import Staff
from accounts.companies.models import Company
from accounts.keys import acting
from accounts.performers.models import Performer
from kit.money import Money
from marketplace.timekeeping.models import PayWeek, TimeLine, Timesheet
from marketplace.timekeeping.weeks import ensure_week
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.gateway import balance
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payouts import paying
from payments.payroll import approving
from payments.payroll import operations as payroll
from payments.payroll.models import PayRun
from payments.reconciliation import comparing
from payments.reconciliation.models import Comparison
from payments.sandbox.sandbox import Sandbox
from payments.webhooks import events
from tests import stories
from tests.conftest import PAYDAY

SYSTEM = stories.HOUSE


def usd(text: str) -> int:
    """`usd("37.50")` in minor units."""
    return Money.parse(text, "usd").minor


def someone_in_finance(name: str = "") -> Actor:
    return acting.of_user(stories.a_member_of_staff(Staff.FINANCE, name))


def a_company(*, wallet: int = 10_000_000) -> Company:
    """A company with `wallet` minor units, found at Stripe and said to be the company's: see `World.stripe_has`."""
    company = stories.a_company()
    if wallet:
        ledger.move(
            debit=ledger.account(Kind.SUSPENSE, currency="usd"),
            credit=ledger.account(Kind.COMPANY_WALLET, currency="usd", owner=company.public_id),
            amount_minor=wallet,
            key=f"funding:test:{company.public_id}",
            kind="funding",
            at=PAYDAY - timedelta(days=20),
        )
    return company


def compared(*, at: datetime) -> Comparison:
    """Our books beside Stripe's, now."""
    return next(made for made in comparing.compare_all(at=at) if made.currency == "usd")


def a_week(monday: date = stories.MONDAY) -> PayWeek:
    return ensure_week(starts_on=monday)


@dataclass
class World:
    """Everything one test of pay needs, with the sandbox behind it."""

    sandbox: Sandbox
    now: datetime = PAYDAY
    company: Company = field(default_factory=a_company)
    freezer: Actor = field(default_factory=lambda: someone_in_finance("Fran"))
    ahead_minor: int = 0
    approver: Actor = field(default_factory=lambda: someone_in_finance("Ana"))

    def clock(self) -> datetime:
        return self.now

    def wait(self, **length: float) -> None:
        """Let time pass, here and at Stripe."""
        step = timedelta(**length)
        self.now += step
        self.sandbox.move_clock(by=step.total_seconds())

    def control(self, path: str, **body: Any) -> Any:
        """A control of the sandbox."""
        return self.sandbox.handle("POST", f"/_sandbox/{path}", {}, json.dumps(body).encode()).json

    def books(self) -> Any:
        return self.sandbox.handle("GET", "/_sandbox/books", {}, b"").json

    def deliver_event(self, kind: str, told: dict[str, Any], *, event_id: str, account: str = "") -> None:
        """A signed webhook of the platform's, or of this connected account's, whatever it says."""
        event = {"id": event_id, "object": "event", "type": kind, "livemode": False, "data": {"object": told}}
        source = "connect" if account else "platform"
        body = json.dumps(event | ({"account": account} if account else {}))
        secret = settings.STRIPE_WEBHOOK_SECRETS[source].split(",")[0]
        header = stripe.WebhookSignature.generate_signature_header(body, secret)
        events.receive(source=source, body=body.encode(), signature=header, at=self.now)

    def stripe_has(self, amount: str) -> None:
        """Put money into the platform's balance at Stripe, available now. It goes to suspense when it is read."""
        platform = balance.platform_account_id()
        self.control("balance", account=platform, amount=usd(amount), currency="usd")

    def performer(self, name: str = "Robin", *, onboarded: bool = True, account: bool = True) -> Performer:
        performer = stories.a_performer(name)
        if account:
            opened = connect.open_account(performer=performer, by=SYSTEM, at=self.now - timedelta(days=15))
            if onboarded:
                self.control(f"accounts/{opened.stripe_id}/onboard")
            connect.refresh(account=opened, at=self.now)
        return performer

    def banks_with(self, performer: Performer, account_number: str) -> None:
        """Finish the account at Stripe with this bank account, and let the house see it."""
        account = self.account_of(performer)
        path = f"accounts/{account.stripe_id}/onboard"
        self.control(path, routing_number="110000000", account_number=account_number)
        connect.refresh(account=account, at=self.now)

    def account_of(self, performer: Performer) -> PayeeAccount:
        return PayeeAccount.objects.get(performer=performer, ended_at=None)

    def earns(
        self, performer: Performer, *amounts: str, fee_bps: int = 1500, monday: date = stories.MONDAY
    ) -> list[TimeLine]:
        """Approved lines of these amounts, as the week's review leaves them."""
        sheet, _ = Timesheet.objects.get_or_create(
            performer=performer,
            company=self.company,
            week=a_week(monday),
            defaults={"state": "auto_approved", "approved_at": self.now - timedelta(days=2)},
        )
        return [self._line(sheet, usd(amount), fee_bps) for amount in amounts]

    def corrects(self, line: TimeLine, amount: str, *, monday: date) -> TimeLine:
        """A correction downwards of a line, approved in a later week."""
        sheet, _ = Timesheet.objects.get_or_create(
            performer=line.timesheet.performer,
            company=self.company,
            week=a_week(monday),
            defaults={"state": "auto_approved", "approved_at": self.now - timedelta(days=2)},
        )
        return self._line(sheet, -usd(amount), 1500, corrects=line)

    def _line(
        self, sheet: Timesheet, amount: int, fee_bps: int, *, corrects: TimeLine | None = None
    ) -> TimeLine:
        return TimeLine.objects.create(
            timesheet=sheet,
            kind=TimeLine.Kind.BONUS if amount >= 0 else TimeLine.Kind.CORRECTION,
            corrects=corrects,
            state="approved",
            worked_s=3600,
            payable_s=3600,
            rate_minor=abs(amount),
            amount_minor=amount,
            fee_minor=Money(amount, "usd").share(fee_bps).minor,
            currency="usd",
            grade="A",
            approved_at=self.now - timedelta(days=2),
        )

    def a_frozen_run(self, week: PayWeek | None = None) -> PayRun:
        run = payroll.close_week(week=week or a_week(), currency="usd", by=self.freezer, at=self.now)
        return payroll.freeze(run=run, by=self.freezer, at=self.now)

    def approves(self, run: PayRun, *, by: Actor | None = None, **otherwise: Any) -> PayRun:
        """The second person, or `by`, approves what was frozen, freshly logged in; or `otherwise`."""
        how: dict[str, Any] = {"seen_hash": run.content_hash, "proved_at": self.now} | otherwise
        person = replace(by or self.approver, proved_at=how.pop("proved_at"))
        return approving.approve(run=run, by=person, at=self.now, **how)

    def an_approved_run(self, week: PayWeek | None = None) -> PayRun:
        return self.approves(self.a_frozen_run(week))

    def sweep(self) -> int:
        """The beat's round: the accounts that are due are read, then what is due goes out."""
        connect.refresh_due(at=self.now)
        return paying.sweep(now=self.clock)

    def pays(self) -> PayRun:
        run = self.an_approved_run()
        self.sweep()
        run.refresh_from_db()
        return run

    def transfers_to(self, performer: Performer) -> list[dict[str, Any]]:
        destination = self.account_of(performer).stripe_id
        return [transfer for transfer in self.books()["transfers"] if transfer["destination"] == destination]


def sent_amounts(transfers: Sequence[dict[str, Any]]) -> list[int]:
    return [transfer["amount"] for transfer in transfers]
