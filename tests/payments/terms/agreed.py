"""What tests of net terms do: agree, set aside, pay in, and read what a company has and was told."""

from datetime import date

from accounts.access.actors import Actor
from accounts.access.roles import Role
from accounts.companies.models import Company
from accounts.keys import acting
from accounts.notifications.models import Notification
from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.timekeeping.weeks import payroll_day
from payments.funding import following
from payments.funding import operations as funding
from payments.funding.queries import wallet
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.terms import operations
from payments.terms.models import Draw, NetTerms
from tests import stories
from tests.payments.world import World, usd

LIMIT = "1000.00"


def money(text: str) -> Money:
    return Money(usd(text), "usd")


def an_owner(company: Company) -> Actor:
    return acting.of_user(company.memberships.get(role=Role.OWNER).user)


def proposed(
    world: World, company: Company, *, limit: str = LIMIT, days: int = 14, starts_on: date | None = None
) -> NetTerms:
    return operations.propose(
        company=company,
        limit=money(limit),
        pay_days=days,
        starts_on=starts_on,
        reason="A good year.",
        by=world.freezer,
        at=world.now,
    )


def agreed(
    world: World, company: Company, *, limit: str = LIMIT, days: int = 14, starts_on: date | None = None
) -> NetTerms:
    made = proposed(world, company, limit=limit, days=days, starts_on=starts_on)
    return operations.approve(terms=made, by=stories.proved(world.approver, at=world.now), at=world.now)


def sets_aside(world: World, gig: Gig, amount: str, *, press: str = "req_1") -> Gig:
    by = an_owner(gig.company)
    return funding.set_aside(gig=gig, amount=money(amount), by=by, at=world.now, request_id=press)


def pays_in(world: World, company: Company, amount: str) -> None:
    paid = funding.start(company=company, amount=money(amount), by=an_owner(company), at=world.now)
    world.control(f"checkout/{paid.checkout_id}/pay", payment_method="pm_card_bypassPending")
    following.refresh(funding=paid, at=world.now)


def has(company: Company) -> tuple[int, int, int]:
    """What is free, set aside, and drawn, in minor units."""
    found = wallet(company)
    return found["available"].minor, found["set_aside"].minor, found["drawn"].minor


def told(company: Company) -> list[str]:
    owner = company.memberships.get(role=Role.OWNER).user
    rows = Notification.objects.filter(user=owner, kind="net_terms").order_by("id")
    return list(rows.values_list("title", flat=True))


def posts_a_draw(world: World, terms: NetTerms, gig: Gig, *, minor: int, noted: int = 0) -> None:
    """As the operation would, without its questions."""
    owner = gig.company.public_id
    ledger.move(
        debit=ledger.account(Kind.COMPANY_TERMS, currency="usd", owner=owner),
        credit=ledger.account(Kind.GIG_BUDGET, currency="usd", owner=gig.public_id),
        amount_minor=minor,
        key=f"set_aside:{gig.public_id}:by_hand",
        kind="set_aside",
        at=world.now,
    )
    Draw.objects.create(
        terms=terms,
        company=gig.company,
        gig=gig,
        amount_minor=noted or minor,
        currency="usd",
        drawn_at=world.now,
        due_on=payroll_day(world.now),
        entry_key=f"set_aside:{gig.public_id}:by_hand",
    )


def moves_to(world: World, day: date) -> None:
    world.wait(days=(day - payroll_day(world.now)).days)
