"""A company takes its money back: from the fundings started last, as far as they can still give, once, whatever the line does."""

import pytest

from accounts.access.actors import Actor
from accounts.access.standings import CompanyOwes
from accounts.companies.models import Company
from accounts.keys import acting
from accounts.notifications.models import Notification
from kit.errors import Invalid
from kit.money import Money
from marketplace.endings import operations as endings
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from marketplace.gigs.operations import GigIsOver
from payments.funding import following, operations, withdrawals
from payments.funding.models import Funding, Refund, Withdrawal
from payments.funding.queries import wallet
from payments.gateway.client import client
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.operations import Overdrawn
from payments.payroll import accrual
from tests import stories
from tests.payments.world import World, usd


@pytest.fixture
def owner(world: World) -> Actor:
    company = stories.a_company()
    return stories.proved(acting.of_user(company.memberships.get().user), at=world.now)


def company_of(owner: Actor) -> Company:
    return Company.objects.get(pk=next(iter(owner.company_ids)))


def pays_in(world: World, owner: Actor, amount: str, *, by: str = "pm_card_bypassPending") -> Funding:
    """Paid, and landed unless it takes its time; a minute later than the one before."""
    world.wait(minutes=1)
    paid = operations.start(
        company=company_of(owner), amount=Money(usd(amount), "usd"), by=owner, at=world.now
    )
    world.control(f"checkout/{paid.checkout_id}/pay", payment_method=by)
    return following.refresh(funding=paid, at=world.now)


def takes_out(world: World, owner: Actor, amount: str, *, press: str = "press") -> Withdrawal:
    asked = withdrawals.ask(
        company=company_of(owner),
        amount=Money(usd(amount), "usd"),
        by=stories.proved(owner, at=world.now),
        at=world.now,
        request_id=press,
    )
    assert isinstance(asked, Withdrawal)
    return asked


def sweeps(world: World) -> None:
    for funding in withdrawals.send_due(at=world.now):
        following.refresh(funding=funding, at=world.now)


def parts(asked: Withdrawal) -> list[tuple[int, int]]:
    return list(asked.refunds.order_by("id").values_list("funding", "amount_minor"))


def free(owner: Actor) -> int:
    return wallet(company_of(owner))["available"].minor


def give_all_back(world: World, gig: Gig) -> None:
    """What the story set aside for it goes back to where it came from."""
    ledger.move(
        debit=ledger.account(Kind.GIG_BUDGET, currency="usd", owner=gig.public_id),
        credit=ledger.account(Kind.SUSPENSE, currency="usd"),
        amount_minor=gig.funded_minor,
        key=f"back:test:{gig.public_id}",
        kind="give_back",
        at=world.now,
    )
    gigs.record_funding(gig=gig, delta_minor=-gig.funded_minor, by=stories.HOUSE, at=world.now)


class TestOrder:
    def test_the_funding_started_last_gives_first(self, world: World, owner: Actor) -> None:
        first, second, third = (pays_in(world, owner, amount) for amount in ("50.00", "30.00", "20.00"))
        asked = takes_out(world, owner, "60.00")
        assert parts(asked) == [(third.pk, usd("20.00")), (second.pk, usd("30.00")), (first.pk, usd("10.00"))]
        sweeps(world)
        asked.refresh_from_db()
        assert (asked.state, free(owner)) == ("sent", usd("40.00"))
        again = takes_out(world, owner, "40.00", press="another")
        assert parts(again) == [(first.pk, usd("40.00"))], "no more than each can still give"

    def test_a_press_repeated_is_one(self, world: World, owner: Actor) -> None:
        pays_in(world, owner, "50.00")
        assert takes_out(world, owner, "10.00") == takes_out(world, owner, "10.00")
        assert free(owner) == usd("40.00")


class TestWhatGivesNothing:
    def test_disputed_and_lost_give_nothing_won_gives_again_and_an_inquiry_does_not_block(
        self, world: World, owner: Actor
    ) -> None:
        for _ in range(2):
            pays_in(world, owner, "50.00")
        older, newer = Funding.objects.filter(company=company_of(owner)).order_by("id")
        asked = world.control(f"charges/{newer.charge_id}/dispute", amount=usd("1.00"), inquiry=True)
        following.refresh(funding=newer, at=world.now)
        assert withdrawals.can_give_minor(Funding.objects.get(pk=newer.pk)) == usd("50.00")
        world.control(f"disputes/{asked['id']}/escalate")
        following.refresh(funding=newer, at=world.now)
        assert withdrawals.can_give_minor(Funding.objects.get(pk=newer.pk)) == 0
        with pytest.raises(withdrawals.CannotGiveBack):
            takes_out(world, owner, "60.00")
        assert parts(takes_out(world, owner, "10.00", press="older")) == [(older.pk, usd("10.00"))]
        world.control(f"disputes/{asked['id']}/win")
        following.refresh(funding=newer, at=world.now)
        assert withdrawals.can_give_minor(Funding.objects.get(pk=newer.pk)) == usd("50.00")

    def test_all_or_nothing(self, world: World, owner: Actor) -> None:
        pays_in(world, owner, "50.00")
        for amount, refusal in (("50.01", Overdrawn), ("0.00", Invalid)):
            with pytest.raises(refusal):
                takes_out(world, owner, amount)
        assert not Withdrawal.objects.exists()
        assert free(owner) == usd("50.00")


class TestTheLine:
    def test_an_answer_that_never_came_moves_money_once(self, world: World, owner: Actor) -> None:
        paid = pays_in(world, owner, "50.00")
        asked = takes_out(world, owner, "20.00")
        world.control("faults", on="POST /v1/refunds", do="drop_after", times=1)
        sweeps(world)
        world.wait(minutes=1)
        sweeps(world)
        asked.refresh_from_db()
        assert asked.state == "sent"
        assert client().v1.charges.retrieve(paid.charge_id).amount_refunded == usd("20.00")
        assert free(owner) == usd("30.00")

    def test_what_stripe_refuses_is_back_in_the_wallet(self, world: World, owner: Actor) -> None:
        pays_in(world, owner, "50.00")
        asked = takes_out(world, owner, "20.00")
        world.control(
            "faults", on="POST /v1/refunds", do="refuse", status=400, code="charge_disputed", times=1
        )
        sweeps(world)
        asked.refresh_from_db()
        assert (asked.state, Refund.objects.get().state) == ("refused", "refused")
        assert free(owner) == usd("50.00")

    def test_want_of_balance_is_tried_again_under_the_next_key(self, world: World, owner: Actor) -> None:
        pays_in(world, owner, "50.00")
        asked = takes_out(world, owner, "20.00")
        world.control(
            "faults", on="POST /v1/refunds", do="refuse", status=400, code="balance_insufficient", times=1
        )
        sweeps(world)
        assert (Refund.objects.get().generation, free(owner)) == (2, usd("30.00"))
        world.wait(minutes=1)
        sweeps(world)
        asked.refresh_from_db()
        assert asked.state == "sent"


class TestWhoOwes:
    """Twenty dollars were taken out, then the bank took all fifty back."""

    @pytest.fixture
    def gig(self, world: World, owner: Actor) -> Gig:
        gig = stories.a_gig(company_of(owner), funded_minor=1_000_000)
        give_all_back(world, gig)
        paid = pays_in(world, owner, "50.00")
        takes_out(world, owner, "20.00")
        sweeps(world)
        world.control(f"charges/{paid.charge_id}/dispute")
        following.refresh(funding=paid, at=world.now)
        gig.refresh_from_db()
        return gig

    def test_sets_aside_takes_out_publishes_and_books_nothing(
        self, world: World, owner: Actor, gig: Gig
    ) -> None:
        assert wallet(company_of(owner))["owed"].minor == usd("20.00")
        assert gig.state == "paused", "it left the board"
        with pytest.raises(CompanyOwes):
            takes_out(world, owner, "1.00", press="now")
        with pytest.raises(CompanyOwes):
            self.sets_aside(world, owner, gig)
        with pytest.raises(CompanyOwes):
            gigs.publish(gig=gig, by=owner, at=world.now)

    def test_and_everything_again_once_it_has_paid(self, world: World, owner: Actor, gig: Gig) -> None:
        pays_in(world, owner, "520.00")
        assert free(owner) == usd("500.00")
        self.sets_aside(world, owner, gig)
        gig.refresh_from_db()
        assert gigs.publish(gig=gig, by=owner, at=world.now).state == "published"
        assert takes_out(world, owner, "1.00", press="now").state == "going"
        kinds = set(
            Notification.objects.filter(user__memberships__company=gig.company).values_list("kind", flat=True)
        )
        assert "company_owes" in kinds

    def test_is_told_when_it_owes_more_and_not_when_it_owes_less(
        self, world: World, owner: Actor, gig: Gig
    ) -> None:
        owed = Notification.objects.filter(user__memberships__company=gig.company, kind="company_owes")
        world.company, robin = gig.company, world.performer("Robin")
        world.earns(robin, "74.00")
        accrual.accrue(at=world.now)
        (more,) = owed.filter(title__startswith="The company owes more")
        assert wallet(company_of(owner))["owed"].display() in more.title
        pays_in(world, owner, "10.00")
        world.earns(robin, "74.00")
        accrual.accrue(at=world.now)
        assert owed.filter(title__startswith="The company owes more").count() == 1, "once a day"
        world.wait(days=1)
        world.earns(robin, "74.00")
        accrual.accrue(at=world.now)
        assert owed.filter(title__startswith="The company owes more").count() == 2

    def sets_aside(self, world: World, owner: Actor, gig: Gig) -> None:
        amount = Money(usd("400.00"), "usd")
        operations.set_aside(gig=gig, amount=amount, by=owner, at=world.now, request_id="now")


def test_an_ended_gig_takes_nothing(world: World, owner: Actor) -> None:
    pays_in(world, owner, "50.00")
    gig = stories.a_gig(company_of(owner))
    endings.cancel_gig(gig=gig, reason="Over.", by=owner, at=world.now)
    gig.refresh_from_db()
    with pytest.raises(GigIsOver):
        operations.set_aside(gig=gig, amount=Money(100, "usd"), by=owner, at=world.now, request_id="late")
