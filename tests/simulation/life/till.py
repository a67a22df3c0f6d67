"""The money of the small house: Stripe's sandbox, accounts of most performers, payments of each company, two in finance."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit import clock
from kit.money import Money
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from payments.connect import operations as connect
from payments.funding import following, operations
from payments.funding.models import Funding
from payments.gateway.client import client, speaking_through
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.reconciliation import reading
from payments.sandbox.faults import Faults
from payments.sandbox.ids import Ids
from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox
from tests import stories
from tests.payments.world import someone_in_finance

OPENED = stories.BEFORE - timedelta(days=20)
PAID_IN_MINOR, FLOAT_MINOR, SET_ASIDE_MINOR = 2_000_000, 4_000_000, 1_200_000
USD, AS_MADE = "usd", "as made"


@dataclass
class Till:
    """What is the same in every story; the sandbox is brought back to how it was when the house was made."""

    sandbox: Sandbox
    freezer: Actor
    approver: Actor
    # How often the house asked Stripe.
    asked: int = 0

    def control(self, path: str, **body: Any) -> Any:
        """A control of the sandbox. Raises ValueError where it refuses."""
        reply = self.sandbox.handle("POST", f"/_sandbox/{path}", {}, json.dumps(body).encode())
        if reply.status >= 400:
            raise ValueError(f"{path}: {reply.body.decode()}")
        return reply.json

    def objects(self, kind: str) -> Iterator[dict[str, Any]]:
        """All that Stripe has of a kind."""
        rows = self.sandbox.world.store.db.execute("SELECT body FROM object WHERE kind = ?", [kind])
        return (json.loads(body) for (body,) in rows)

    def it_is(self, at: datetime) -> None:
        self.sandbox.move_clock(to=at.timestamp(), frozen=True)

    @contextmanager
    def story(self, seed: int, now: Any) -> Iterator[None]:
        """Stripe as it was, and the house's clock the story's."""
        world = self.sandbox.world
        world.store.restore(AS_MADE)
        self.sandbox.reload()
        self.sandbox.faults = Faults(str(seed))
        world.chance, world.ids = Random(seed), Ids(seed=f"life {seed}", drawn=0)
        with ExitStack() as stack:
            stack.enter_context(speaking_through(_Counting(self)))
            stack.enter_context(patch.object(clock, "now", now))
            yield

    def pays_in(self, company: Company, minor: int, *, at: datetime, method: str = "pm_card_visa") -> Funding:
        """A payment at Stripe's page, which is on its way from now on."""
        by = stories.owner_of(company)
        funding = operations.start(company=company, amount=Money(minor, USD), by=by, at=at)
        self.control(f"checkout/{funding.checkout_id}/pay", payment_method=method)
        return following.refresh(funding=funding, at=at)


class _Counting(InProcessClient):
    def __init__(self, till: Till) -> None:
        super().__init__(till.sandbox)
        self._till = till

    def request(self, *given: Any, **named: Any) -> Any:
        self._till.asked += 1
        return super().request(*given, **named)


def a_till(companies: list[Company], performers: list[Performer]) -> Till:
    """All but the last performer can be paid; each company has paid in once, and the house has a float."""
    sandbox = Sandbox(seed=1, now=OPENED.timestamp() - 1)
    till = Till(sandbox, someone_in_finance("Fran"), someone_in_finance("Ana"))
    till.it_is(OPENED)
    with speaking_through(InProcessClient(sandbox)):
        client().v1.topups.create({"amount": FLOAT_MINOR, "currency": USD})
        payments = [till.pays_in(company, PAID_IN_MINOR, at=OPENED) for company in companies]
        for performer in performers:
            account = connect.open_account(performer=performer, by=stories.HOUSE, at=OPENED)
            if performer is not performers[-1]:
                till.control(f"accounts/{account.stripe_id}/onboard")
            connect.refresh(account=account, at=OPENED)
        till.it_is(stories.BEFORE)
        for funding in payments:
            following.refresh(funding=funding, at=stories.BEFORE)
        reading.read(at=stories.BEFORE)
    sandbox.world.store.snapshot(AS_MADE)
    return till


def real_budgets(*, at: datetime) -> None:
    """What stood in the gigs' budgets without a payment goes; the companies set some of their own money aside."""
    for gig in Gig.objects.select_related("company").order_by("pk"):
        found = gig.funded_minor
        ledger.move(
            debit=ledger.account(Kind.GIG_BUDGET, currency=USD, owner=gig.public_id),
            credit=ledger.account(Kind.SUSPENSE, currency=USD),
            amount_minor=found,
            key=f"set_aside:undone:{gig.public_id}",
            kind="set_aside",
            at=at,
        )
        gigs.record_funding(gig=gig, delta_minor=-found, by=stories.HOUSE, at=at)
        owner, amount = stories.owner_of(gig.company), Money(SET_ASIDE_MINOR // 2, USD)
        operations.set_aside(gig=gig, amount=amount, by=owner, at=at, request_id=f"life:{gig.public_id}")
