"""Companies' money of before: wallets beside debts, budgets of gigs that ended, payments that were lost by their status."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Sum

from accounts.companies.models import Company
from marketplace.gigs.models import Gig
from marketplace.timekeeping import queries as timekeeping
from payments.funding import debts, purses
from payments.funding.following import movement_of
from payments.funding.models import Funding, FundingMovement
from payments.funding.purses import Purse
from payments.gateway.checkout import MovementFacts
from payments.inbox import findings
from payments.ledger.chart import NO_BOOK, Kind
from payments.ledger.models import Balance, Entry, Posting
from payments.restating.lines import Line, leg

DEBT, GIG_ENDED, FUNDING, DISPUTE_FEE = "debt", "gig_ended", "funding", "dispute_fee"
Movements = Mapping[str, Sequence[MovementFacts]]


@dataclass
class OfCompanies:
    """The lines, and the purses as they stand after them: what follows from the lines is written from these."""

    lines: list[Line] = field(default_factory=list)
    purses: list[tuple[Company, Purse]] = field(default_factory=list)


def to_restate() -> list[Funding]:
    """The fundings of which what was taken back was booked by its status, in full."""
    lost = Entry.objects.filter(book=NO_BOOK, key__startswith="funding_lost:").values_list("key", flat=True)
    ids = [key.removeprefix("funding_lost:") for key in lost]
    rows = Funding.objects.filter(public_id__in=ids, movements=None)
    return list(rows.select_related("company").order_by("pk"))


def plan(movements: Movements, *, currency: str) -> OfCompanies:
    """Company by company, each under its lock: debts from wallets, then ended gigs, then payments. In a transaction."""
    found = OfCompanies()
    fundings = list(
        Funding.objects.filter(public_id__in=movements, movements=None, currency=currency).order_by("pk")
    )
    ended = _ended(currency)
    fees = _kept_fees(currency)
    companies = _with_both(currency)
    companies |= {row.company_id for row in fundings} | {gig.company_id for gig in ended}
    purses.lock(companies)
    by_pk = purses.purses(companies, currency=currency)
    for company in Company.objects.filter(pk__in=companies).order_by("pk"):
        purse = by_pk[company.pk]
        found.purses.append((company, purse))
        found.lines += _debt(company, purse)
        found.lines += [_gig_ended(gig, purse) for gig in ended if gig.company_id == company.pk]
        for funding in fundings:
            if funding.company_id == company.pk:
                found.lines.append(_funding(funding, movements[funding.public_id], purse))
    found.lines += fees
    return found


def _with_both(currency: str) -> set[int]:
    """The companies that have money and owe some."""
    rows = Balance.objects.filter(account__currency=currency)
    rich = rows.filter(account__kind=Kind.COMPANY_WALLET, amount_minor__lt=0)
    poor = rows.filter(account__kind=Kind.COMPANY_RECEIVABLE, amount_minor__gt=0)
    both = set(rich.values_list("account__owner", flat=True)) & set(
        poor.values_list("account__owner", flat=True)
    )
    return set(Company.objects.filter(public_id__in=both).values_list("pk", flat=True))


def _debt(company: Company, purse: Purse) -> list[Line]:
    """Money in a wallet pays what is owed first (rule 1)."""
    nth = Entry.objects.filter(book=NO_BOOK, key__startswith=f"restate:{DEBT}:{company.public_id}:").count()
    legs = purse.pay_debt()
    if not legs:
        return []
    thing = f"{company.public_id}:{purse.currency}:{nth + 1}"
    why = "Money in a wallet pays what is owed first."
    return [Line(what=DEBT, thing=thing, whose=company.public_id, why=why, legs=legs)]


def _ended(currency: str) -> list[Gig]:
    rows = Balance.objects.filter(
        account__kind=Kind.GIG_BUDGET, account__currency=currency, amount_minor__lt=0
    )
    with_money = list(rows.values_list("account__owner", flat=True))
    gigs = Gig.objects.filter(public_id__in=with_money)
    return sorted(timekeeping.gigs_with_nothing_open(gigs), key=lambda gig: gig.pk)


def _gig_ended(gig: Gig, purse: Purse) -> Line:
    """A gig that ended gives its budget back (rule 5)."""
    nth = Entry.objects.filter(book=NO_BOOK, key__startswith=f"restate:{GIG_ENDED}:{gig.public_id}:").count()
    legs = purse.give_back(gig.public_id, purse.budgets[gig.public_id].minor)
    why = "A gig that ended gives its budget back when nothing is booked on it any more."
    thing = f"{gig.public_id}:{nth + 1}"
    return Line(what=GIG_ENDED, thing=thing, whose=purse.company_id, why=why, legs=legs)


def _funding(funding: Funding, movements: Sequence[MovementFacts], purse: Purse) -> Line:
    """As Stripe's balance transactions say, instead of the status: what was taken by its own amount, what was won comes
    back, and Stripe's fees are the house's (rules 1 and 2)."""
    entries = ("funding", "funding_lost", "dispute_fee", f"restate:{DISPUTE_FEE}")
    old = _booked([f"{name}:{funding.public_id}" for name in entries])
    left = sum(each.amount_minor for each in movements)
    fees = sum(each.fee_minor for each in movements)
    companys = old.get(Kind.COMPANY_WALLET, 0) + old.get(Kind.COMPANY_RECEIVABLE, 0) + left
    currency = funding.currency
    house = {
        Kind.STRIPE_BALANCE: left - fees - old.get(Kind.STRIPE_BALANCE, 0),
        Kind.STRIPE_FEES: fees - old.get(Kind.STRIPE_FEES, 0),
    }
    legs = [leg(kind, minor, currency=currency) for kind, minor in house.items() if minor]
    legs += purse.arrive(companys) if companys > 0 else purse.leave(-companys)
    return Line(
        what=FUNDING,
        thing=funding.public_id,
        whose=purse.company_id,
        why="What was taken back was booked in full, by its status; it counts by Stripe's balance transactions.",
        legs=legs,
    )


def _kept_fees(currency: str) -> list[Line]:
    """A dispute's fee of a payment that never came to count was booked by its status, and is a balance transaction's too."""
    rows = Entry.objects.filter(book=NO_BOOK, key__startswith="dispute_fee:").values_list("key", flat=True)
    ids = [key.removeprefix("dispute_fee:") for key in rows]
    never = Funding.objects.filter(public_id__in=ids, landed_at=None, currency=currency).order_by("pk")
    return [
        Line(
            what=DISPUTE_FEE,
            thing=funding.public_id,
            whose=funding.company.public_id,
            why="Stripe's fees are booked with the balance transaction that took them.",
            legs=[
                leg(kind, -minor, currency=currency)
                for kind, minor in _booked([f"dispute_fee:{funding.public_id}"]).items()
            ],
        )
        for funding in never.select_related("company")
    ]


def _booked(keys: Collection[str]) -> dict[Kind, int]:
    """What these entries did, in debits less credits by kind."""
    entries = Entry.objects.filter(book=NO_BOOK, key__in=keys).values("id")
    rows = Posting.objects.filter(book=NO_BOOK, entry_id__in=entries).values("account__kind")
    sums = rows.annotate(total=Sum("amount_minor")).order_by("account__kind")
    return {Kind(row["account__kind"]): int(row["total"]) for row in sums}


def follow(found: OfCompanies, movements: Movements, *, at: datetime) -> None:
    """After the lines are posted: what stands on companies and gigs, and each payment is followed from here on."""
    for company, purse in found.purses:
        debts.settle(company, purse, at=at)
    restated = {line.thing for line in found.lines if line.what == FUNDING}
    for funding in Funding.objects.filter(public_id__in=restated):
        moved = movements[funding.public_id]
        FundingMovement.objects.bulk_create(movement_of(funding, each, at=at) for each in moved)
        fees = sum(each.fee_minor for each in moved)
        Funding.objects.filter(pk=funding.pk).update(due_at=at, stripe_fee_minor=fees)
        findings.end(code="funding_to_restate", thing=funding.public_id, resolution="It was restated.", at=at)
