"""A company's money: in through the checkout, set aside for gigs, never more than there is."""

import re

import pytest
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.roles import Role
from accounts.keys import acting
from kit import instants
from kit.errors import Forbidden, Invalid, NotFound
from kit.money import Money
from marketplace.gigs import operations as gigs
from marketplace.gigs import reviewing
from marketplace.gigs.models import Gig
from payments.funding import following
from payments.funding import operations as funding
from payments.funding.models import Funding
from payments.funding.states import FundingState
from payments.gateway import checkout
from payments.inbox.models import Finding
from payments.ledger import queries as balances
from payments.ledger.chart import Kind
from payments.ledger.operations import Overdrawn
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of, dollars, logs_in
from tests.database import together
from tests.payments.world import World, usd


def an_owner(world: World) -> Actor:
    return acting.of_user(world.company.memberships.get().user)


def wallet_minor(world: World) -> int:
    return balances.owned_minor(Kind.COMPANY_WALLET, owner=world.company.public_id, currency="usd")


def started(world: World, amount: str = "500.00") -> Funding:
    return funding.start(
        company=world.company, amount=Money(usd(amount), "usd"), by=an_owner(world), at=world.now
    )


class TestFunding:
    def test_counts_once_it_is_available_and_only_once(self, world: World) -> None:
        before, paid = wallet_minor(world), started(world)
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_bypassPending")
        for _ in range(3):
            paid = following.refresh(funding=paid, at=world.now)
        assert paid.state == FundingState.AVAILABLE
        assert wallet_minor(world) - before == usd("500.00")
        assert balances.total_minor(Kind.STRIPE_FEES, currency="usd") == paid.stripe_fee_minor > 0

    def test_pending_money_is_not_in_the_wallet_yet(self, world: World) -> None:
        before, paid = wallet_minor(world), started(world)
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_visa")
        assert following.refresh(funding=paid, at=world.now).state == FundingState.PENDING
        assert wallet_minor(world) == before
        world.wait(days=3)
        assert following.refresh(funding=paid, at=world.now).state == FundingState.AVAILABLE

    def test_a_bank_debit_takes_days_and_polling_finds_it(self, world: World) -> None:
        before, paid = wallet_minor(world), started(world)
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_usBankAccount_success")
        assert following.refresh(funding=paid, at=world.now).state == FundingState.PROCESSING
        for _ in range(8):
            world.wait(days=1)
            following.refresh_due(at=world.now)
        assert wallet_minor(world) - before == usd("500.00")

    def test_a_refused_payment_adds_nothing_and_says_why(self, world: World) -> None:
        before, paid = wallet_minor(world), started(world)
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_usBankAccount_insufficientFunds")
        for _ in range(8):
            world.wait(days=1)
            following.refresh_due(at=world.now)
        paid.refresh_from_db()
        assert (paid.state, wallet_minor(world)) == (FundingState.FAILED, before)
        assert paid.failure

    def test_a_checkout_that_no_wallet_knows_goes_to_finance(self, world: World) -> None:
        following.refresh_checkout(checkout_id="cs_nobody", at=world.now)
        assert Finding.objects.get().code == "payment_not_ours"

    @pytest.mark.parametrize("amount_minor", [-1, 0, 999, 100_000_000])
    def test_refuses_amounts_out_of_bounds(self, world: World, amount_minor: int) -> None:
        with pytest.raises(Invalid):
            funding.start(
                company=world.company,
                amount=Money(amount_minor, "usd"),
                by=an_owner(world),
                at=world.now,
            )

    def test_is_the_companys_own_to_do(self, world: World) -> None:
        stranger = stories.owner_of(stories.a_company())
        with pytest.raises(NotFound):
            funding.start(company=world.company, amount=Money(5000, "usd"), by=stranger, at=world.now)
        reviewer = acting.of_user(stories.a_member(world.company, Role.REVIEWER))
        with pytest.raises(Forbidden):
            funding.start(company=world.company, amount=Money(5000, "usd"), by=reviewer, at=world.now)


class TestSettingAside:
    def test_moves_it_once_per_press(self, world: World) -> None:
        gig = stories.a_draft(world.company, funded_minor=0)
        owner = an_owner(world)
        for _ in range(2):
            funding.set_aside(
                gig=gig, amount=Money(usd("100.00"), "usd"), by=owner, at=world.now, request_id="press"
            )
        assert balances.owned_minor(Kind.GIG_BUDGET, owner=gig.public_id, currency="usd") == usd("100.00")

    def test_never_more_than_there_is(self, world: World) -> None:
        gig = stories.a_gig(world.company)
        before = Gig.objects.get(pk=gig.pk).funded_minor
        with pytest.raises(Overdrawn):
            funding.set_aside(
                gig=gig,
                amount=Money(10_000_001, "usd"),
                by=an_owner(world),
                at=world.now,
                request_id="too much",
            )
        assert Gig.objects.get(pk=gig.pk).funded_minor == before

    def test_two_at_once_cannot_spend_the_same_money(self, committed_world: World) -> None:
        world = committed_world
        gig, owner = stories.a_gig(world.company, funded_minor=100_000), an_owner(world)
        half = wallet_minor(world) // 2 + 1

        def press(n: int) -> object:
            return funding.set_aside(
                gig=gig, amount=Money(half, "usd"), by=owner, at=world.now, request_id=f"press {n}"
            )

        results = together([lambda: press(1), lambda: press(2), lambda: press(3)])
        assert sum(isinstance(result, Overdrawn) for result in results) == 2
        assert wallet_minor(world) >= 0


class TestSettingAsideOverTheApi:
    def test_keys_that_begin_alike_and_members_with_one_key_each_move_their_own(self, world: World) -> None:
        owner, gig = world.company.memberships.get().user, stories.a_gig(world.company)
        colleague = stories.a_member(world.company, Role.OWNER)
        before, long = gig.funded_minor, "k" * 60
        for person, key, amount in (
            (owner, f"{long}a", 1000),
            (owner, f"{long}b", 2000),
            (colleague, f"{long}a", 4000),
        ):
            sent = {"amount": dollars(amount)}
            path = f"gigs/{gig.public_id}/funding"
            for _ in range(2):
                answer = body_of(Api(person).post(path, sent, **{"Idempotency-Key": key}))
        gig.refresh_from_db()
        assert gig.funded_minor - before == 7000
        assert answer["funded"] == {"amount_minor": before + 7000, "currency": "usd"}


def the_wallet(world: World) -> str:
    owner = logs_in(stories.person(an_owner(world)))
    page: str = owner.get(reverse("company_wallet", args=[world.company.public_id])).content.decode()
    return page


class TestAnAbandonedCheckout:
    @pytest.mark.parametrize("door", ["page", "api"])
    def test_can_be_let_go_and_is_said_to_have_ended(self, world: World, door: str) -> None:
        begun = started(world)
        page = the_wallet(world)
        assert f'href="{begun.checkout_url}"' in page
        assert "not paid yet" in page
        owner = logs_in(stories.person(an_owner(world)))
        if door == "api":
            path = f"fundings/{begun.public_id}/let-go"
            assert body_of(Api(client=owner).post(path))["state"] == "failed"
            assert code_of(Api(client=owner).post(path)) == "payment_made"
        else:
            path = reverse("funding_let_go", args=[begun.public_id])
            assert "Ended. Nothing was charged." in owner.post(path, follow=True).content.decode()
        page = the_wallet(world)
        assert "Ended, not paid" in page
        assert "Let it go" not in page
        assert checkout.retrieve(begun.checkout_id).status == "expired"

    def test_that_was_paid_meanwhile_is_not_let_go(self, world: World) -> None:
        begun = started(world)
        world.control(f"checkout/{begun.checkout_id}/pay", payment_method="pm_card_visa")
        with pytest.raises(funding.PaymentMade):
            funding.let_go(funding=begun, by=an_owner(world), at=world.now)
        begun.refresh_from_db()
        assert begun.state == FundingState.PENDING
        assert begun.available_at is not None
        when = instants.day(begun.available_at, "America/New_York", now=world.now)
        assert re.search(rf"can be set aside from <time [^>]+>{when}<", the_wallet(world))

    def test_is_let_go_by_those_who_pay_alone(self, world: World) -> None:
        begun = started(world)
        producer = stories.a_member(world.company, Role.PRODUCER)
        path = reverse("funding_let_go", args=[begun.public_id])
        assert logs_in(producer).post(path).status_code == 403
        assert logs_in(stories.person(stories.owner_of(stories.a_company()))).post(path).status_code == 404
        billing = stories.a_member(world.company, Role.BILLING)
        assert logs_in(billing).post(path).status_code == 302

    def test_that_runs_out_by_itself_is_said_too(self, world: World) -> None:
        begun = started(world)
        world.wait(days=2)
        following.refresh(funding=begun, at=world.now)
        assert "Ended, not paid" in the_wallet(world)


class TestAfterSettingAside:
    def test_the_next_step_stands_beside_the_gig(self, world: World) -> None:
        draft = stories.a_draft(world.company, funded_minor=0)
        assert "Put it on the board" not in the_wallet(world)
        owner = an_owner(world)
        funding.set_aside(
            gig=draft, amount=Money(usd("500.00"), "usd"), by=owner, at=world.now, request_id="r"
        )
        board = reverse("gig_manage", args=[world.company.public_id, draft.public_id])
        assert f'<a href="{board}">Put it on the board</a>' in the_wallet(world)
        handed_in = gigs.publish(gig=draft, by=owner, at=stories.BEFORE)
        reviewing.approve(gig=handed_in, by=stories.HOUSE, at=stories.BEFORE)
        book = reverse("session_book", args=[world.company.public_id, draft.public_id])
        assert f'<a href="{book}">Book a session</a>' in the_wallet(world)

    @pytest.mark.parametrize("door", ["page", "api"])
    def test_what_is_not_promised_is_taken_back(self, world: World, door: str) -> None:
        draft, before = stories.a_draft(world.company, funded_minor=0), wallet_minor(world)
        amount = Money(usd("500.00"), "usd")
        funding.set_aside(gig=draft, amount=amount, by=an_owner(world), at=world.now, request_id="r")
        owner = logs_in(stories.person(an_owner(world)))
        if door == "api":
            assert body_of(Api(client=owner).post(f"gigs/{draft.public_id}/funding/give-back"))[
                "funded"
            ] == dollars(0)
        else:
            answer = owner.post(reverse("gig_give_back", args=[draft.public_id]), follow=True)
            assert "500.00 USD is back in the wallet." in answer.content.decode()
        assert wallet_minor(world) == before
        reviewer = stories.a_member(world.company, Role.REVIEWER)
        assert logs_in(reviewer).post(reverse("gig_give_back", args=[draft.public_id])).status_code == 403


class TestMoreTakenBackThanCame:
    """A part of a card payment is refunded while it is pending, and then its cardholder disputes all of it."""

    def of(self, world: World) -> Funding:
        paid = started(world)
        world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_visa")
        paid = following.refresh(funding=paid, at=world.now)
        assert paid.state == FundingState.PENDING
        world.control(f"charges/{paid.charge_id}/refund", amount=usd("120.00"))
        world.control(f"charges/{paid.charge_id}/dispute")
        return following.refresh(funding=paid, at=world.now)

    def test_is_the_companys_to_bear_at_once(self, world: World) -> None:
        before = wallet_minor(world)
        assert self.of(world).state == FundingState.DISPUTED
        assert before - wallet_minor(world) == usd("120.00")
        assert incoming_minor(world) == 0

    def test_and_what_comes_back_later_arrives(self, world: World) -> None:
        before = wallet_minor(world)
        disputed = self.of(world)
        dispute = disputed.movements.get(kind="dispute").source
        world.control(f"disputes/{dispute}/win")
        world.wait(days=3)
        following.refresh_due(at=world.now)
        assert wallet_minor(world) - before == usd("500.00") - usd("120.00")
        assert incoming_minor(world) == 0


def incoming_minor(world: World) -> int:
    return balances.owned_minor(Kind.COMPANY_INCOMING, owner=world.company.public_id, currency="usd")
