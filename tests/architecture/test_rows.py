"""No page and no endpoint asks the database once for each row that it shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from zeal.errors import NPlusOneError

from accounts.access.roles import Staff
from accounts.companies.models import Company
from accounts.keys import acting
from accounts.keys import operations as keys
from accounts.performers.models import Performer
from kit.money import Money
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import PayWeek
from payments.connect.models import PayeeAccount
from payments.funding import operations as funding
from payments.inbox import findings, halts
from payments.inbox.models import Halt
from payments.paylines import deciding, proposing, silence
from payments.paylines.models import PayLine
from payments.payouts.models import BankPayout
from payments.payroll import off_cycle
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState
from payments.sandbox.sandbox import Sandbox
from tests import reading, stories
from tests.accounts.browsing import browser
from tests.architecture.access_matrix import MATRIX
from tests.architecture.test_access import House, house, routes
from tests.conftest import PAYDAY
from tests.payments.world import World

__all__ = ["house"]
REVIEW = datetime(2026, 11, 23, 6, tzinfo=UTC)  # the week after the stories' is over


@pytest.fixture
def crowd(house: House, sandbox: Sandbox, long_days: None) -> House:
    """At least four of everything that a list shows, of company A and performer P."""
    company = Company.objects.get(public_id=house.params["company_id"])
    performer = Performer.objects.get(user=house.people["performer P"])
    gig = Gig.objects.get(public_id=house.params["gig_id"])
    cast(gig, performer)
    world = World(sandbox, company=company)
    run = pay(play(gig, performer), world)
    house.params |= {"starts_on": str(run.week.starts_on), "run_id": run.public_id}
    run_the_house(company, performer.payee_accounts.get())
    pay_beside_time(list(gig.engagements.all()), world)
    return house


def cast(gig: Gig, performer: Performer) -> None:
    """Drafts, gigs, applicants, offers, terms to sign and engagements."""
    company = gig.company
    for _ in range(4):
        stories.a_draft(company)
        stories.applies(stories.a_performer(), gig)
        stories.applies(performer, stories.a_gig(company))
        stories.is_offered(performer, stories.a_gig(company))
        stories.accepts(performer, stories.a_gig(company))
        stories.an_active_engagement(stories.a_gig(company), performer)
        stories.an_active_engagement(gig)


def play(gig: Gig, performer: Performer) -> PayWeek:
    """Sessions to come, and a week of eight with one partner or another; the time of four of them is disputed."""
    engaged = performer.engagements.get(gig=gig)
    partners = list(gig.engagements.exclude(performer=performer).order_by("-id")[:4])
    for n in range(8):
        stories.a_booked_session(engaged, call_at=stories.CALL + timedelta(days=200 + n), at=PAYDAY)
        call_at = stories.CALL + timedelta(days=7, hours=2 * n)
        lines = stories.they_play(stories.a_booked_session(engaged, partners[n % 4], call_at=call_at))
        if n < 4:
            mine = next(line for line in lines if line.timesheet.performer_id == performer.pk)
            stories.questions(mine, at=REVIEW)
    timekeeping.open_reviews(at=REVIEW)
    return lines[0].timesheet.week


def pay(week: PayWeek, world: World) -> PayRun:
    """Silence approves; the run is taken back four times, then goes out; most of it is held for want of accounts."""
    timekeeping.submit_due(at=week.performer_due_at)
    timekeeping.auto_approve_due(at=week.company_due_at)
    world.now = week.close_at
    world.stripe_has("10000.00")
    for _ in range(4):
        payroll.cancel(run=world.a_frozen_run(week), reason="Once more.", by=world.freezer, at=world.now)
    for halt in Halt.objects.filter(lifted_at=None):
        halts.lift(halt=halt, note="Looked at.", by=world.freezer, at=world.now)
    run = world.an_approved_run(week)
    world.sweep()
    assert PayItem.objects.filter(run=run, state=ItemState.HELD).count() >= 4
    return run


def run_the_house(company: Company, account: PayeeAccount) -> None:
    """Members, keys, payments, findings, halts and payouts that a bank sent back."""
    owner = stories.proved(stories.owner_of(company), at=PAYDAY)
    for n in range(4):
        stories.a_member(company)
        keys.create(company=company, name=f"k{n}", scopes=["gigs:read"], days=9, by=owner, at=PAYDAY)
        funding.start(company=company, amount=Money(10_000, "usd"), by=owner, at=PAYDAY)
        findings.report(code="c", thing=f"t{n}", detail="d", at=PAYDAY)
        halts.raise_halt(code=f"c{n}", detail="d", at=PAYDAY)
        BankPayout.objects.create(
            stripe_id=f"po_c{n}",
            account=account,
            amount_minor=1,
            currency="usd",
            status="failed",
            seen_at=PAYDAY,
            created_at=PAYDAY,
        )


def pay_beside_time(engaged: list[Engagement], world: World) -> None:
    """Of each kind at least four that wait and four that are answered; and a draft for four who are owed something."""
    tala = acting.of_user(stories.a_member_of_staff(Staff.TALENT))
    for engagement in engaged[:5] * 2:
        how: dict[str, Any] = {
            "engagement": engagement,
            "amount": Money(1_000, "usd"),
            "reason": "So it is.",
            "at": world.now,
        }
        me, owner = stories.acting(engagement.performer), stories.owner_of(engagement.company)
        proposing.propose_bonus(**how, by=owner)
        proposing.propose_deduction(**how, by=world.freezer)
        breach = proposing.say_breach(**how, by=tala)
        deciding.contest(line=breach, answer="No.", by=owner, at=world.now)
        for _ in range(2):
            receipt = b"%%PDF-%d" % PayLine.objects.count()
            spent = proposing.ask_expense(**how, spent_on=world.now.date(), receipt=receipt, by=me)
        deciding.approve(line=spent, by=owner, at=world.now)
    silence.sweep(at=world.now + timedelta(days=8))
    chosen = [each.performer for each in engaged[:4]]
    off_cycle.open_run(performers=chosen, currency="usd", reason="The rent.", by=world.freezer, at=world.now)


@pytest.mark.parametrize("part", range(2))
def test_reads_as_often_for_many_rows_as_for_few(crowd: House, part: int) -> None:
    """The middleware of the tests raises where a statement is made row by row; see tests/reading.py."""
    paths = dict(routes())
    reads = sorted(name for name, method in MATRIX if method == "GET" and MATRIX[name, method])
    for name in reads[part::2]:
        params = {param: value for param, value in crowd.params.items() if f":{param}>" in paths[name]}
        for who in sorted(MATRIX[name, "GET"]):
            # The trail wants to be asked of something; all others answer.
            assert browser(crowd.people[who]).get(reverse(name, kwargs=params)).status_code in (
                200,
                302,
                422,
            ), (name, who)


class TestTheMiddleware:
    """Each way to ask row by row, planted in an answer to a GET, is noticed."""

    def relations(self, _: HttpRequest) -> HttpResponse:
        return HttpResponse([gig.company.name for gig in Gig.objects.all()])

    def counts(self, _: HttpRequest) -> HttpResponse:
        return HttpResponse(
            [Gig.objects.filter(company_id=gig.company_id).count() for gig in Gig.objects.all()]
        )

    def at_once(self, _: HttpRequest) -> HttpResponse:
        return HttpResponse([gig.company.name for gig in Gig.objects.select_related("company")])

    @pytest.mark.django_db
    def test_names_a_query_per_row(self, rf: RequestFactory) -> None:
        for _ in range(4):
            stories.a_draft(stories.a_company())
        with pytest.raises(NPlusOneError, match=r"Gig\.company"):
            reading.middleware(self.relations)(rf.get("/"))
        with pytest.raises(reading.QueryPerRow, match="4 × SELECT COUNT"):
            reading.middleware(self.counts)(rf.get("/"))
        assert reading.middleware(self.at_once)(rf.get("/")).status_code == 200
