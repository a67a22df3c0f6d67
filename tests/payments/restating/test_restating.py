"""`manage.py restate`: books of before, shown, proposed, approved by a second person, once."""

import io
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.notifications.models import Notification
from marketplace.timekeeping.models import Timesheet
from payments.funding import following
from payments.funding.queries import wallet
from payments.inbox.models import Finding
from payments.ledger.chart import Kind
from payments.ledger.models import Posting
from payments.payouts import returns
from payments.payroll.models import Overpayment
from payments.payroll.states import ItemState
from payments.restating import operations
from payments.restating.models import Restatement
from tests import stories
from tests.accounts.browsing import Api, logs_in, proves
from tests.payments.restating import old_books
from tests.payments.world import World, compared, usd


def restate(*words: str) -> Any:
    out = io.StringIO()
    call_command("restate", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def proposes(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One in finance, at the terminal."""
    cache.clear()

    def propose(email: str = "") -> Any:
        who = stories.person(world.freezer)
        lines = [who.email, stories.PASSWORD, stories.a_recovery_code_of(who)]
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        return restate("--propose", "--by", email or who.email)

    return propose


def approves(world: World) -> Restatement:
    """Another in finance, by the API, right after the log-in."""
    waits = Restatement.objects.get(state="proposed")
    client = Api(client=logs_in(stories.person(world.approver)))
    client.post(f"restatements/{waits.public_id}/approve", {"content_hash": waits.content_hash})
    waits.refresh_from_db()
    return waits


def balanced() -> bool:
    return sum(Posting.objects.values_list("amount_minor", flat=True)) == 0


def test_all_of_it_at_once_then_nothing_and_books_and_stripe_agree(world: World, proposes: Any) -> None:
    came_back, line = old_books.paid(world)
    old_books.reversed_into_what_is_owed(came_back)
    below = old_books.held_below_zero(world, line)
    debtor, gig = old_books.a_wallet_beside_a_debt(), old_books.an_ended_gig_with_money()
    lost, won = (old_books.a_dispute_booked_in_full(world, won=how) for how in (False, True))
    preview = restate()
    assert {line["what"] for line in preview} == {"reversal", "below_zero", "debt", "gig_ended", "funding"}
    assert not Restatement.objects.exists(), "looking writes nothing"
    assert proposes()["lines"] == preview
    assert approves(world).state == "approved"
    assert restate() == []
    with pytest.raises(CommandError, match="Nothing of before is left"):
        proposes()
    assert balanced()
    [waiting] = returns.listed(at=world.now)
    assert (waiting.item, waiting.amount.minor) == (came_back, came_back.amount_minor)
    below.refresh_from_db()
    assert (below.state, Overpayment.objects.get().amount_minor) == (ItemState.SETTLED, usd("30.00"))
    sheets = Timesheet.objects.filter(performer=below.performer)
    assert set(sheets.values_list("state", flat=True)) == {"paid"}, "nothing of it waits for a payday"
    debts = wallet(debtor)
    assert (debts["available"].minor, debts["owed"].minor) == (usd("100.00"), 0)
    assert wallet(gig.company)["available"].minor == usd("120.00")
    for paid, left in ((lost, "400.00"), (won, "500.00")):
        kept = wallet(paid.company)
        assert (kept["available"].minor, kept["owed"].minor) == (usd(left), 0)
        following.refresh(funding=paid, at=world.now)
        assert wallet(paid.company)["available"].minor == usd(left), "followed on, nothing is booked twice"
    told = Notification.objects.filter(title="74.00 USD of your pay came back to us")
    assert told.count() == 1
    assert compared(at=world.now).differs == []


def test_a_payment_that_waits_for_it_is_followed_again(world: World, proposes: Any) -> None:
    paid = old_books.a_dispute_booked_in_full(world, won=True)
    following.refresh(funding=paid, at=world.now)
    assert Finding.objects.filter(code="funding_to_restate", resolved_at=None).count() == 1
    proposes()
    approves(world)
    following.refresh_due(at=world.now)
    paid.refresh_from_db()
    assert paid.state == "available"
    assert not Finding.objects.filter(code="funding_to_restate", resolved_at=None).exists()


@pytest.mark.parametrize("door", ["page", "json"])
class TestTheSecondPerson:
    def press(self, door: str, client: Any, verb: str, **body: str) -> Any:
        waits = Restatement.objects.get()
        body = body or {"content_hash": waits.content_hash}
        if door == "page":
            return client.post(reverse(f"restatement_{verb}", args=[waits.public_id]), body)
        return Api(client=client).post(f"restatements/{waits.public_id}/{verb}", body)

    def state(self) -> str:
        return Restatement.objects.get().state

    def test_is_another_freshly_proved_over_what_they_saw(
        self, world: World, proposes: Any, door: str
    ) -> None:
        old_books.a_wallet_beside_a_debt()
        proposes()
        one, other = (logs_in(stories.person(who)) for who in (world.freezer, world.approver))
        self.press(door, one, "approve")
        assert self.state() == "proposed", "nobody approves their own"
        self.press(door, other, "approve", content_hash="0" * 64)
        assert self.state() == "proposed", "not what was seen"
        world.wait(minutes=6)
        self.press(door, other, "approve")
        assert self.state() == "proposed", "a stale proof"
        proves(other, stories.person(world.approver))
        self.press(door, other, "approve")
        assert self.state() == "approved"
        assert operations.preview() == []

    def test_approves_nothing_over_books_that_moved(self, world: World, proposes: Any, door: str) -> None:
        company = old_books.a_wallet_beside_a_debt()
        proposes()
        old_books.move(
            Kind.COMPANY_WALLET,
            Kind.SUSPENSE,
            usd("150.00"),
            key="spent:test",
            owner=company.public_id,
        )
        other = logs_in(stories.person(world.approver))
        self.press(door, other, "approve")
        assert self.state() == "proposed"
        self.press(door, other, "decline", answer="The books have moved.")
        assert self.state() == "declined"
        proposes()
        assert approves(world).state == "approved"


def test_the_page_shows_each_line_and_the_press(world: World, proposes: Any) -> None:
    old_books.a_wallet_beside_a_debt()
    proposes()
    page = logs_in(stories.person(world.approver)).get(reverse("restatements")).content.decode()
    assert "Money in a wallet pays what is owed first." in page
    assert "300.00 USD" in page
    assert "Approve 1 entry" in page
    assert approves(world).state == "approved"


def test_only_who_is_named_proposes_and_one_waits_at_a_time(world: World, proposes: Any) -> None:
    old_books.a_wallet_beside_a_debt()
    with pytest.raises(CommandError, match="somebody else"):
        proposes("eve@example.org")
    proposes()
    with pytest.raises(CommandError, match="proposed one already"):
        proposes()
    assert approves(world).state == "approved"
