from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.companies.models import Company
from kit.errors import NotFound
from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Account, Entry, Posting


def gig_of(actor: Actor, gig_id: str) -> Gig:
    """A gig of one of the actor's companies. Raises NotFound (404) for another's, though it be on the board."""
    found = (
        Gig.objects.select_related("company")
        .filter(public_id=gig_id, company_id__in=actor.company_ids)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def next_of(gig: Gig) -> tuple[str, str]:
    """What a company does next with a gig that has money: the words, and the path."""
    at = [gig.company.public_id, gig.public_id]
    match gig.state:
        case GigState.DRAFT | GigState.PAUSED:
            return "Put it on the board", reverse("gig_manage", args=at)
        case GigState.PUBLISHED | GigState.CLOSED:
            return "Book a session", reverse("session_book", args=at)
        case _:
            return "See the gig", reverse("gig_manage", args=at)


def wallet(company: Company, *, currency: str = "usd") -> dict[str, Money]:
    """What a company has free, what is set aside for its gigs, what it owes, what it has drawn on terms, and what is on its
    way in or out."""
    gigs = list(Gig.objects.filter(company=company, currency=currency).values_list("public_id", flat=True))
    aside = ledger.owned_by_many_minor(Kind.GIG_BUDGET, owners=gigs, currency=currency)
    owned = ledger.by_kind_minor(company.public_id, currency=currency)
    return {
        "available": Money(-owned.get(Kind.COMPANY_WALLET, 0), currency),
        "set_aside": Money(aside, currency),
        "owed": Money(owned.get(Kind.COMPANY_RECEIVABLE, 0), currency),
        "drawn": Money(owned.get(Kind.COMPANY_TERMS, 0), currency),
        "incoming": Money(-owned.get(Kind.COMPANY_INCOMING, 0), currency),
        "withdrawing": Money(-owned.get(Kind.COMPANY_WITHDRAWING, 0), currency),
    }


@dataclass(frozen=True)
class Movement:
    """One entry as the company sees it: what it was, when, and what it did to the company's money."""

    posted_at: datetime
    kind: str
    amount: Money
    count: int = 1


KINDS = {
    "funding": "Paid in",
    "funding_refund": "A payment was given back at Stripe",
    "funding_refund_failed": "A refund came back",
    "funding_dispute": "The bank took back a disputed payment",
    "funding_dispute_won": "A dispute was won",
    "funding_payment_failed": "The bank failed a payment after all",
    "withdrawal": "Taken out",
    "refund_refused": "Could not be given back",
    "write_off": "A debt was given up",
    "stray_company": "Money found at Stripe that is yours",
    "set_aside": "From the wallet, for a gig",
    "give_back": "Back into the wallet, from a gig",
    "earning": "Approved work, with the platform's fee",
    "bonus": "A bonus, with the platform's fee",
    "expense": "A performer's expense",
    "breach": "A guarantee that was broken, with the platform's fee",
    "licence": "A recording used for more, with the platform's fee",
    "piece": "An accepted piece, with the platform's fee",
    "deduction": "Deducted from a performer's pay, as agreed",
    "funding_lost": "A payment was taken back",
}
# What the same entry is called on another account than the wallet.
OF_ITS_OWN: dict[str, dict[str, str]] = {
    Kind.GIG_BUDGET: {"set_aside": "Into a gig's budget", "give_back": "Out of a gig's budget"},
    Kind.COMPANY_TERMS: {"set_aside": "Drawn on terms, for a gig", "give_back": "Given back from a gig"},
}


def movements(company: Company, *, currency: str = "usd", at_most: int = 500) -> list[Movement]:
    """The newest movements of the company's wallet, of its gigs' budgets, of what it owes and has drawn, from at most so many
    postings.

    What happened for one reason within a minute is one movement: an approved week, not its two hundred lines.
    """
    gigs = list(Gig.objects.filter(company=company, currency=currency).values_list("public_id", flat=True))
    accounts = Account.objects.filter(currency=currency).filter(
        Q(
            kind__in=[Kind.COMPANY_WALLET, Kind.COMPANY_RECEIVABLE, Kind.COMPANY_TERMS],
            owner=company.public_id,
        )
        | Q(kind=Kind.GIG_BUDGET, owner__in=gigs)
    )
    postings = Posting.objects.filter(account__in=accounts).order_by("-id")[:at_most]
    rows = list(postings.values_list("book", "entry_id", "account__kind", "amount_minor"))
    found = Entry.objects.filter(pk__in=[entry_id for _, entry_id, _, _ in rows])
    entries = {(entry.book, entry.pk): entry for entry in found}
    folded: dict[tuple[str, str, datetime], Movement] = {}
    for book, entry_id, account_kind, amount_minor in rows:
        entry = entries[book, entry_id]
        key = (entry.kind, account_kind, entry.posted_at.replace(second=0, microsecond=0))
        before = folded.get(key)
        folded[key] = Movement(
            posted_at=before.posted_at if before else entry.posted_at,
            kind=_in_words(entry.kind, account_kind),
            amount=Money(-amount_minor, currency) + (before.amount if before else Money(0, currency)),
            count=before.count + 1 if before else 1,
        )
    return list(folded.values())


def _in_words(kind: str, account_kind: str) -> str:
    said = (KINDS | OF_ITS_OWN.get(account_kind, {})).get(kind, kind)
    if account_kind == Kind.COMPANY_TERMS:
        return said if kind == "set_aside" else f"{said}: pays what was drawn on terms"
    return f"{said}: owed" if account_kind == Kind.COMPANY_RECEIVABLE else said
