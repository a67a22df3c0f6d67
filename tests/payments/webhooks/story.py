"""A week in which much happens at Stripe: for the webhooks to tell, or for the polls to find out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from accounts.keys import acting
from accounts.performers.models import Performer
from kit.money import Money
from payments.connect.models import PayeeAccount
from payments.funding import operations as funding
from payments.funding.models import Funding
from payments.funding.states import FundingState
from payments.gateway import accounts as stripe_accounts
from payments.gateway import checkout
from payments.gateway.client import client
from payments.payouts.models import BankPayout, Transfer
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from tests.payments.world import World, usd

ROUTING = "110000000"
NO_SUCH_ACCOUNT = "000111111116"
ANOTHER_BANK = "000999999999"
NAMES = ["Robin", "Sam", "Kim", "Lou", "Max", "Noa", "Pat", "Quinn"]


@dataclass
class Story:
    """Performers, companies' money and what becomes of both, chapter by chapter. The house is told nothing."""

    world: World
    people: dict[str, Performer] = field(default_factory=dict)

    def chapters(self) -> Iterator[str]:
        """Something happened at Stripe; whoever listens, or asks, does so before the next is taken."""
        self._all_set_up()
        yield "everyone finished the set-up; companies paid in"
        self.world.pays()
        yield "payday"
        self._trouble()
        yield "money taken back, accounts restricted, rejected, closed; a bank account changed"
        self.world.wait(days=5)
        yield "the money is at the banks"
        self.world.wait(days=3)
        self.world.control(f"accounts/{self.account('Max')}/enable")
        yield "a bank sent it back; an account is in order again"

    def account(self, name: str) -> str:
        return self.world.account_of(self.people[name]).stripe_id

    def _all_set_up(self) -> None:
        for dollars, name in enumerate(NAMES, start=50):
            self.people[name] = self.world.performer(name, onboarded=False)
            self._finishes_the_form(name, f"0001234567{dollars}" if name != "Kim" else NO_SUCH_ACCOUNT)
            if name != "Quinn":
                self.world.earns(self.people[name], f"{dollars}.00")
        for amount, method in [
            ("500.00", "pm_card_bypassPending"),
            ("700.00", "pm_usBankAccount_success"),
            ("900.00", "pm_usBankAccount_dispute"),
            ("300.00", "pm_usBankAccount_accountClosed"),
        ]:
            self.world.control(f"checkout/{self._funding(amount).checkout_id}/pay", payment_method=method)

    def _finishes_the_form(self, name: str, bank: str) -> None:
        path = f"accounts/{self.account(name)}/onboard"
        self.world.control(path, routing_number=ROUTING, account_number=bank)

    def _funding(self, amount: str) -> Funding:
        owner = acting.of_user(self.world.company.memberships.get().user)
        return funding.start(
            company=self.world.company, amount=Money(usd(amount), "usd"), by=owner, at=self.world.now
        )

    def _trouble(self) -> None:
        self._take_back("Robin", None)
        self._take_back("Sam", usd("10.00"))
        self._take_back("Sam", usd("5.00"))
        self._finishes_the_form("Lou", ANOTHER_BANK)
        self.world.control(f"accounts/{self.account('Max')}/restrict")
        self.world.control(f"accounts/{self.account('Noa')}/reject", reason="fraud")
        self.world.control(f"accounts/{self.account('Quinn')}/close")

    def _take_back(self, name: str, amount_minor: int | None) -> None:
        transfer = self.world.transfers_to(self.people[name])[0]["id"]
        asked = {} if amount_minor is None else {"amount": amount_minor}
        client().v1.transfers.reversals.create(transfer, asked)  # type: ignore[arg-type]  # a TypedDict at run time


def differences(world: World) -> list[str]:
    """Where the house's state is not Stripe's own."""
    books = world.books()
    said = {
        **{f"{t['id']} amount": t["amount"] for t in books["transfers"]},
        **{f"{t['id']} reversed": t["amount_reversed"] for t in books["transfers"]},
        **{f"{p['id']} status": p["status"] for p in books["payouts"]},
        **{f"{p['id']} failure": p["failure_code"] or "" for p in books["payouts"]},
    }
    kept: dict[str, object] = {}
    for transfer in Transfer.objects.all():
        kept[f"{transfer.stripe_id} amount"] = transfer.amount_minor
        kept[f"{transfer.stripe_id} reversed"] = transfer.reversed_minor
    for payout in BankPayout.objects.all():
        kept[f"{payout.stripe_id} status"] = payout.status
        kept[f"{payout.stripe_id} failure"] = payout.failure_code
    found = [
        f"{name}: {said.get(name)!r} at Stripe, {kept.get(name)!r} here"
        for name in sorted(said.keys() | kept.keys())
        if said.get(name) != kept.get(name)
    ]
    return found + _of_accounts() + _of_fundings() + _of_items()


def _of_accounts() -> list[str]:
    found = []
    for account in PayeeAccount.objects.all():
        facts = stripe_accounts.retrieve(account.stripe_id)
        at_stripe = (facts.transfers_status, facts.payouts_status, facts.closed, facts.bank_fingerprint)
        here = (
            account.transfers_status,
            account.payouts_status,
            account.closed_at is not None,
            account.bank_fingerprint,
        )
        if at_stripe != here or facts.requirements != account.requirements:
            found.append(f"{account.stripe_id}: {at_stripe} at Stripe, {here} here")
        performer = account.performer
        if (performer.payouts_enabled_at is not None) != (
            account.transfers_status == "active" and not facts.closed
        ):
            found.append(f"{account.stripe_id}: the board's gate stands otherwise")
    return found


def _of_fundings() -> list[str]:
    return [
        f"{row.public_id} is {row.state}, Stripe's payment is {expected}"
        for row in Funding.objects.all()
        if (expected := _state_of_payment(row)) != row.state
    ]


def _state_of_payment(row: Funding) -> FundingState:
    """What became of it by Stripe's word; every payment of the story has come to its end."""
    facts = checkout.payment(checkout.retrieve(row.checkout_id).payment_intent_id)
    if any(dispute.is_open for dispute in facts.disputes):
        return FundingState.DISPUTED
    if any(dispute.is_lost for dispute in facts.disputes):
        return FundingState.LOST
    if facts.status == "succeeded":
        return FundingState.AVAILABLE if facts.available else FundingState.PENDING
    return FundingState.PROCESSING if facts.status == "processing" else FundingState.FAILED


def _of_items() -> list[str]:
    found = []
    for item in PayItem.objects.exclude(transfer_id=""):
        mirror = Transfer.objects.get(item=item)
        paid = mirror.bank_payouts.filter(status="paid").exists()
        expected = ItemState.SETTLED if paid else ItemState.SENT
        if mirror.reversed_minor == mirror.amount_minor:
            expected = ItemState.REVERSED
        if item.state != expected:
            found.append(f"{item.public_id} is {item.state}, not {expected}")
    return found
