"""Books as former rules left them. The one place where tests write what no door writes any more: these rows and entries were
made by code that is gone, and stand in houses that ran it."""

from datetime import timedelta

from accounts.companies.models import Company
from kit import clock
from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.timekeeping.models import TimeLine
from payments.funding import operations as funding
from payments.funding.models import Funding
from payments.gateway import checkout
from payments.gateway.client import client
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Balance
from payments.payouts.models import Transfer
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState
from tests import stories
from tests.payments.world import World, a_company, a_week, usd


def move(debit: Kind, credit: Kind, amount: int, *, key: str, owner: str, book: int = 0, **more: str) -> None:
    """An entry of two legs; the owner is of whichever of them has one."""
    house = {Kind.STRIPE_BALANCE, Kind.STRIPE_FEES, Kind.SUSPENSE}
    accounts = [
        ledger.account(kind, currency="usd", owner="" if kind in house else owner) for kind in (debit, credit)
    ]
    kind = more.get("kind", key.split(":", maxsplit=1)[0])
    at = stories.BEFORE
    ledger.move(
        debit=accounts[0], credit=accounts[1], amount_minor=amount, key=key, kind=kind, book=book, at=at
    )


def paid(world: World) -> tuple[PayItem, TimeLine]:
    """Robin was paid 74.00 and Sam 50.00: Robin's item and Sam's line."""
    robin, sam = world.performer("Robin"), world.performer("Sam")
    world.earns(robin, "74.00")
    [line] = world.earns(sam, "50.00")
    world.pays()
    return PayItem.objects.get(performer=robin), line


def reversed_into_what_is_owed(item: PayItem) -> None:
    """A transfer that came back was booked to what is owed to the performer."""
    client().v1.transfers.reversals.create(item.transfer_id)
    owner, key = item.performer.public_id, f"reversal:{item.transfer_id}:{item.amount_minor}"
    move(Kind.STRIPE_BALANCE, Kind.PERFORMER_PAYABLE, item.amount_minor, key=key, owner=owner, book=item.book)
    Transfer.objects.filter(item=item).update(
        told_reversed_minor=item.amount_minor, reversed_minor=item.amount_minor
    )
    PayItem.objects.filter(pk=item.pk).update(state=ItemState.REVERSED)


def held_below_zero(world: World, line: TimeLine) -> PayItem:
    """A net below zero was held for ever."""
    monday = stories.MONDAY + timedelta(days=7)
    world.wait(days=7)
    world.corrects(line, "30.00", monday=monday)
    run = world.an_approved_run(a_week(monday))
    rows = PayItem.objects.filter(run=run)
    rows.update(state=ItemState.HELD, hold_code="below_zero", held_at=world.now)
    world.sweep()
    return rows.get()


def a_wallet_beside_a_debt() -> Company:
    company = a_company(wallet=usd("400.00"))
    Company.objects.filter(pk=company.pk).update(owes_since=stories.BEFORE)
    owner = company.public_id
    move(Kind.COMPANY_RECEIVABLE, Kind.SUSPENSE, usd("300.00"), key=f"debt:test:{owner}", owner=owner)
    return company


def a_debt_beside_a_full_wallet(key: str) -> str:
    """In a house that runs: whoever has much in their wallet owes some beside it. The company's id."""
    rich = Balance.objects.filter(account__kind=Kind.COMPANY_WALLET, amount_minor__lt=-2000).first()
    assert rich is not None
    owner = rich.account.owner
    Company.objects.filter(public_id=owner).update(owes_since=clock.now())
    debt = ledger.account(Kind.COMPANY_RECEIVABLE, currency="usd", owner=owner)
    suspense = ledger.account(Kind.SUSPENSE, currency="usd")
    ledger.move(debit=debt, credit=suspense, amount_minor=1500, key=key, kind="debt", at=clock.now())
    return owner


def an_ended_gig_with_money() -> Gig:
    gig = stories.a_draft(stories.a_company(), funded_minor=usd("120.00"))
    Gig.objects.filter(pk=gig.pk).update(
        state="completed", published_at=stories.BEFORE, listed_at=stories.BEFORE
    )
    return gig


def a_dispute_booked_in_full(world: World, *, won: bool) -> Funding:
    """500.00 paid, 100.00 of it disputed: all of it was taken by the payment's status, and never came back."""
    company = a_company(wallet=0)
    made = funding.start(
        company=company, amount=Money(usd("500.00"), "usd"), by=stories.owner_of(company), at=world.now
    )
    world.control(f"checkout/{made.checkout_id}/pay", payment_method="pm_card_bypassPending")
    payment_id = checkout.retrieve(made.checkout_id).payment_intent_id
    before = checkout.payment(payment_id)
    fee = before.movements[0].fee_minor
    world.control(f"charges/{before.charge_id}/dispute", amount=usd("100.00"))
    facts = checkout.payment(payment_id)
    kept = facts.movements[-1].fee_minor
    if won:
        world.control(f"disputes/{facts.movements[-1].source}/win")
    owner, name = company.public_id, made.public_id
    legs = [
        ledger.Leg(ledger.account(Kind.STRIPE_BALANCE, currency="usd"), usd("500.00") - fee),
        ledger.Leg(ledger.account(Kind.STRIPE_FEES, currency="usd"), fee),
        ledger.Leg(ledger.account(Kind.COMPANY_WALLET, currency="usd", owner=owner), -usd("500.00")),
    ]
    ledger.post([ledger.Draft(key=f"funding:{name}", kind="funding", legs=legs)], at=stories.BEFORE)
    move(Kind.COMPANY_RECEIVABLE, Kind.STRIPE_BALANCE, usd("500.00"), key=f"funding_lost:{name}", owner=owner)
    move(Kind.STRIPE_FEES, Kind.STRIPE_BALANCE, kept, key=f"dispute_fee:{name}", owner=owner)
    rows = Funding.objects.filter(pk=made.pk)
    rows.update(
        state="disputed",
        payment_intent_id=payment_id,
        charge_id=before.charge_id,
        landed_at=world.now,
        due_at=world.now,
    )
    return rows.get()
