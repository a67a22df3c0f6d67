"""Who and what a month's events name: put in place, then found again by the names of the file."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.money import Money
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.states import SessionState
from marketplace.timekeeping.models import TimeLine, Timesheet
from marketplace.timekeeping.weeks import ensure_week
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.funding.models import Funding
from payments.gateway import balance
from payments.payroll.models import PayRun
from payments.reconciliation.models import StripeRow
from payments.sandbox.sandbox import Sandbox
from tests import stories
from tests.payments.world import someone_in_finance

HOUSE = stories.HOUSE
USD = "usd"


@dataclass
class Cast:
    """Rows by the file's names, and the clock of the house and of Stripe."""

    sandbox: Sandbox
    now: datetime
    companies: dict[str, Company] = field(default_factory=dict)
    performers: dict[str, Performer] = field(default_factory=dict)
    gigs: dict[str, Gig] = field(default_factory=dict)
    fundings: dict[str, Funding] = field(default_factory=dict)
    lines: dict[str, TimeLine] = field(default_factory=dict)
    runs: dict[str, PayRun] = field(default_factory=dict)
    strays: dict[str, StripeRow] = field(default_factory=dict)
    disputes: dict[str, str] = field(default_factory=dict)
    engaged: dict[tuple[str, str], Engagement] = field(default_factory=dict)
    worked: int = 0

    def __post_init__(self) -> None:
        self.freezer = someone_in_finance("Fran")
        self.approver = someone_in_finance("Ana")

    def it_is(self, at: datetime) -> None:
        self.now = at
        self.sandbox.move_clock(to=at.timestamp(), frozen=True)

    def control(self, path: str, **body: Any) -> Any:
        """A control of the sandbox. Raises ValueError where it refuses."""
        reply = self.sandbox.handle("POST", f"/_sandbox/{path}", {}, json.dumps(body).encode())
        if reply.status >= 400:
            raise ValueError(f"{path}: {reply.body.decode()}")
        return reply.json

    def proved(self, actor: Actor) -> Actor:
        return replace(actor, proved_at=self.now)

    def owner(self, company: Company) -> Actor:
        return self.proved(stories.owner_of(company))

    def company(self, name: str) -> None:
        self.companies[name] = stories.a_company(name)

    def performer(self, name: str) -> None:
        """Vetted, and paid to an account at Stripe whose payouts are made by hand."""
        performer = stories.a_performer(name)
        account = connect.open_account(performer=performer, by=HOUSE, at=self.now)
        self.control(f"accounts/{account.stripe_id}/onboard")
        self.control(f"accounts/{account.stripe_id}/manual")
        connect.refresh(account=account, at=self.now)
        self.performers[name] = performer
        for gig in list(self.gigs):
            self._engage(gig, name)

    def gig(self, name: str, company: str) -> None:
        """Open, also of a company that owes: put in place, not posted."""
        owner = self.companies[company]
        owner.refresh_from_db()
        draft = stories.a_draft(owner, funded_minor=0)
        Gig.objects.filter(pk=draft.pk).update(
            state=GigState.PUBLISHED, published_at=self.now, listed_at=self.now, created_at=self.now
        )
        self.gigs[name] = Gig.objects.select_related("company").get(pk=draft.pk)
        for performer in list(self.performers):
            self._engage(name, performer)

    def _engage(self, gig: str, performer: str) -> None:
        gig_row, person = self.gigs[gig], self.performers[performer]
        self.engaged[performer, gig] = stories.an_active_engagement(gig_row, person)

    def _a_seat(self, engagement: Engagement) -> Seat:
        """In a session long past, so that a line is of it."""
        self.worked += 1
        call_at = stories.CALL - timedelta(days=365, hours=3 * self.worked)
        session = Session.objects.create(
            gig=engagement.gig,
            company=engagement.gig.company,
            state=SessionState.TIME_RECORDED,
            outcome=SessionState.WRAPPED,
            call_at=call_at,
            scheduled_end_at=call_at + timedelta(hours=2),
            policy=engagement.gig.policy,
            time_recorded_at=call_at + timedelta(hours=3),
        )
        return _seat(session, engagement)

    def line(self, event: dict[str, Any]) -> TimeLine:
        """Approved now; below zero a correction of the line that it names."""
        engagement = self.engaged[event["performer"], event["gig"]]
        pay, fee = event["pay"], event["fee"]
        corrects = self.lines.get(event.get("corrects", ""))
        sheet, _ = Timesheet.objects.get_or_create(
            performer=engagement.performer,
            company=engagement.gig.company,
            week=ensure_week(starts_on=a_monday(self.now)),
            defaults={"state": "auto_approved", "approved_at": self.now},
        )
        made = TimeLine.objects.create(
            timesheet=sheet,
            kind=TimeLine.Kind.CORRECTION if corrects else TimeLine.Kind.SESSION,
            seat=None if corrects else self._a_seat(engagement),
            corrects=corrects,
            state="approved",
            worked_s=3600,
            payable_s=3600,
            rate_minor=abs(pay),
            amount_minor=pay,
            fee_minor=fee,
            currency=USD,
            grade="A",
            approved_at=self.now,
        )
        self.lines[event["line"]] = made
        return made

    def account_of(self, performer: str) -> PayeeAccount:
        return PayeeAccount.objects.get(performer=self.performers[performer], ended_at=None)

    def platform(self) -> str:
        return balance.platform_account_id()

    def usd(self, minor: int) -> Money:
        return Money(minor, USD)


def a_monday(at: datetime) -> date:
    """A week that is closed by then."""
    return at.date() - timedelta(days=at.weekday() + 14)


def _seat(session: Session, engagement: Engagement) -> Seat:
    terms = engagement.versions.get()
    return Seat.objects.create(
        session=session,
        performer=engagement.performer,
        engagement=engagement,
        terms=terms,
        rate_minor=terms.rate_minor,
        currency=USD,
        fee_bps=terms.fee_bps,
        committed_minor=0,
        during=(session.call_at, session.scheduled_end_at),
    )
