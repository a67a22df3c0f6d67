"""Net terms in a life: two of finance agree, the owner draws, one lowers or ends; who is late is written to."""

from collections.abc import Callable

from accounts.companies.models import Company
from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.gigs.states import ENDED
from payments.adjustments import operations as adjustments
from payments.dunning import reminders
from payments.funding import operations
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.terms import operations as terms
from payments.terms import queries
from payments.terms.models import NetTerms
from tests.simulation.life.money_acts import Do, Purse, wallet_minor
from tests.simulation.life.till import USD

SMALL, LARGE = 20_000, 800_000
# A card of which the money is there at once.
AT_ONCE = "pm_card_bypassPending"


def terms_are_proposed(purse: Purse) -> Do | None:
    company = purse.one_of(Company.objects.filter(state="approved"))
    if company is None:
        return None
    limit, at = Money(purse.chance.choice([SMALL, LARGE]), USD), purse.life.at
    days, by = purse.chance.choice([1, 3, 14]), purse.till.freezer
    return lambda: terms.propose(
        company=company, limit=limit, pay_days=days, reason="They always paid.", by=by, at=at
    )


def terms_are_answered(purse: Purse) -> Do | None:
    """Agreed to by the second person, or by one of them not."""
    found, at = _some(purse, "proposed"), purse.life.at
    if found is None:
        return None
    if purse.chance.random() < 0.8:
        return lambda: terms.approve(terms=found, by=purse.proved(purse.till.approver), at=at)
    by = purse.chance.choice([purse.till.freezer, purse.till.approver])
    return lambda: terms.decline(terms=found, answer="Not yet.", by=by, at=at)


def _some(purse: Purse, state: str) -> NetTerms | None:
    return purse.one_of(NetTerms.objects.filter(state=state).select_related("company"))


def draws_on_terms(purse: Purse) -> Do | None:
    """More for a gig than the wallet holds: within what is left, just that, or beyond it. Who owes cannot, so most pay before."""
    open_ones = Gig.objects.exclude(state__in=ENDED)
    gig = purse.one_of(open_ones.filter(company__net_terms__state="in_force").select_related("company"))
    if gig is None:
        return None
    at, by, press = purse.life.at, purse.owner(gig.company_id), f"{purse.chance.random()}"
    left = queries.now(gig.company, currency=USD, at=at).left.minor
    beyond = purse.chance.choice([purse.some(max(left, 1)), left, left + 1])
    owes = -ledger.owned_minor(Kind.COMPANY_RECEIVABLE, owner=gig.company.public_id, currency=USD)
    pays = bool(owes) and purse.chance.random() < 0.8
    amount = Money(max(wallet_minor(gig.company) + beyond, 1), USD)

    def drawn() -> None:
        if pays:
            purse.till.pays_in(gig.company, owes, at=at, method=AT_ONCE)
        operations.set_aside(gig=gig, amount=amount, by=by, at=at, request_id=press)

    return drawn


def limit_is_lowered(purse: Purse) -> Do | None:
    found, at = _some(purse, "in_force"), purse.life.at
    if found is None:
        return None
    limit = Money(purse.chance.choice([0, found.limit_minor // 2, found.limit_minor]), USD)
    by = purse.chance.choice([purse.till.freezer, purse.till.approver])
    return lambda: terms.lower(terms=found, limit=limit, reason="They are slow.", by=by, at=at)


def terms_end(purse: Purse) -> Do | None:
    found = _some(purse, "in_force")
    return _ending(purse, found) if found is not None else None


def _ending(purse: Purse, found: NetTerms) -> Do:
    by, at = purse.till.freezer, purse.life.at
    return lambda: terms.end(terms=found, reason="They are not needed.", by=by, at=at)


def writes_to_who_is_late(purse: Purse) -> Do | None:
    company = purse.one_of(Company.objects.filter(net_terms__draws__isnull=False).distinct())
    if company is None:
        return None
    by, at = purse.till.approver, purse.life.at
    return lambda: reminders.write(company=company, words="Will you pay?", by=by, at=at)


def gives_up_what_was_drawn(purse: Purse) -> Do | None:
    """Of what is still to be paid, and now and then of more."""
    company = purse.one_of(Company.objects.filter(net_terms__draws__isnull=False).distinct())
    if company is None:
        return None
    drawn = queries.drawn_minor(company, currency=USD)
    amount = purse.some(drawn) if drawn and purse.chance.random() < 0.9 else drawn + 1
    return giving_up(purse, company, amount)


def giving_up(purse: Purse, company: Company, minor: int) -> Do:
    at = purse.life.at

    def given_up() -> None:
        made = adjustments.propose_write_off(
            company=company,
            amount=Money(minor, USD),
            reason="They are gone.",
            by=purse.till.freezer,
            at=at,
        )
        adjustments.approve(adjustment=made, by=purse.proved(purse.till.approver), at=at)

    return given_up


def terms_go_home(purse: Purse, does: Callable[[Purse, str, Do], None]) -> None:
    """What waits is declined, what is in force ends; what was drawn is paid, or given up."""
    at = purse.life.at
    for each in NetTerms.objects.filter(state="proposed").order_by("pk"):
        terms.decline(terms=each, answer="It is over.", by=purse.till.approver, at=at)
    for each in NetTerms.objects.filter(state="in_force").order_by("pk"):
        does(purse, "terms end", _ending(purse, each))
    for company in Company.objects.order_by("pk"):
        drawn = queries.drawn_minor(company, currency=USD)
        if not drawn:
            continue
        # What it owes comes first, whatever the money is for.
        owes = -ledger.owned_minor(Kind.COMPANY_RECEIVABLE, owner=company.public_id, currency=USD)
        if purse.chance.random() < 0.5:
            purse.till.pays_in(company, owes + drawn, at=at, method=AT_ONCE)
        else:
            does(purse, "gives up what was drawn", giving_up(purse, company, owes + drawn))
