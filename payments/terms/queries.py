"""Terms as they stand: the limit, what was drawn and is still to be paid, what is due when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, QuerySet, Sum, Window

from accounts.access.actors import Actor
from accounts.companies.models import Company
from kit.money import Money
from kit.rows import by_public_id
from marketplace.timekeeping.weeks import payroll_day
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Balance
from payments.terms import calculate
from payments.terms.calculate import Drawn, Open
from payments.terms.models import Draw, NetTerms
from payments.terms.states import NetTermsState


@dataclass(frozen=True)
class Due:
    """What is still to be paid of what one week drew."""

    on: date
    amount: Money
    days_late: int

    @property
    def is_late(self) -> bool:
        return self.days_late > 0


@dataclass(frozen=True)
class TermsNow:
    """A company's terms in one currency on one day. `terms` is None where none are in force, and something is still to be paid."""

    company: Company
    currency: str
    today: date
    terms: NetTerms | None
    parts: Sequence[Open]

    @property
    def drawn(self) -> Money:
        return Money(sum(part.minor for part in self.parts), self.currency)

    @property
    def overdue(self) -> Money:
        return Money(calculate.overdue_minor(self.parts, today=self.today), self.currency)

    @property
    def limit(self) -> Money:
        return Money(self.terms.limit_minor if self.terms else 0, self.currency)

    @property
    def has_begun(self) -> bool:
        return self.terms is not None and self.terms.starts_on <= self.today

    @property
    def left(self) -> Money:
        """What may be drawn now: nothing before they begin, and while anything is overdue."""
        open_minor = self.limit.minor - self.drawn.minor if self.has_begun and not self.overdue.minor else 0
        return Money(max(open_minor, 0), self.currency)

    @property
    def due(self) -> Sequence[Due]:
        """By the day on which it is due, the first first."""
        sums: dict[date, int] = {}
        for part in self.parts:
            sums[part.due_on] = sums.get(part.due_on, 0) + part.minor
        return [
            Due(on, Money(minor, self.currency), max((self.today - on).days, 0))
            for on, minor in sorted(sums.items())
        ]


def all_of(actor: Actor) -> QuerySet[NetTerms]:
    """All that the actor may see, the newest first."""
    rows = NetTerms.objects.visible_to(actor)
    return rows.select_related("company", "proposed_by", "decided_by", "ended_by").order_by("-id")


def waiting(actor: Actor) -> list[tuple[NetTerms, NetTerms | None]]:
    """What waits for a second person, each with the terms whose place it would take; the newest first."""
    rows = list(all_of(actor).filter(state=NetTermsState.PROPOSED))
    in_force = all_of(actor).filter(
        state=NetTermsState.IN_FORCE, company__in={row.company_id for row in rows}
    )
    before = {(row.company_id, row.currency): row for row in in_force}
    return [(row, before.get((row.company_id, row.currency))) for row in rows]


def get(actor: Actor, public_id: str) -> NetTerms:
    """Raises NotFound (404)."""
    return by_public_id(all_of(actor), public_id)


def drawn_minor(company: Company, *, currency: str) -> int:
    """What the books say that the company has drawn and not paid."""
    return -ledger.owned_minor(Kind.COMPANY_TERMS, owner=company.public_id, currency=currency)


def now(company: Company, *, currency: str, at: datetime) -> TermsNow:
    """How the company's terms stand."""
    terms = NetTerms.objects.filter(company=company, currency=currency, state=NetTermsState.IN_FORCE).first()
    rows = Draw.objects.filter(company=company, currency=currency).order_by("-id")
    draws = (Drawn(*row) for row in rows.values_list("amount_minor", "due_on").iterator(chunk_size=100))
    parts = calculate.open_parts(draws, owed_minor=drawn_minor(company, currency=currency))
    return TermsNow(company, currency, payroll_day(at), terms, parts)


def of_all(*, currency: str, at: datetime) -> list[TermsNow]:
    """Every company with terms in force, or with something still to be paid: the most overdue first, then by name."""
    rows = Balance.objects.filter(
        account__kind=Kind.COMPANY_TERMS, account__currency=currency, amount_minor__gt=0
    )
    owed: dict[str, int] = dict(rows.values_list("account__owner", "amount_minor"))
    in_force = NetTerms.objects.filter(currency=currency, state=NetTermsState.IN_FORCE)
    terms = {each.company_id: each for each in in_force.select_related("decided_by", "proposed_by")}
    companies = Company.objects.filter(Q(public_id__in=owed) | Q(pk__in=terms))
    draws = _newest_of(companies, currency=currency, most_minor=max(owed.values(), default=0))
    found = [
        TermsNow(
            company,
            currency,
            payroll_day(at),
            terms.get(company.pk),
            calculate.open_parts(draws.get(company.pk, []), owed_minor=owed.get(company.public_id, 0)),
        )
        for company in companies
    ]
    return sorted(found, key=lambda row: (-row.overdue.minor, row.company.name, row.company.pk))


def _newest_of(companies: QuerySet[Company], *, currency: str, most_minor: int) -> dict[int, list[Drawn]]:
    """By company the newest draws, the newest first, as many as may be open where `most_minor` is."""
    rows = Draw.objects.filter(company__in=companies, currency=currency)
    upto = Window(Sum("amount_minor"), partition_by=[F("company_id")], order_by=F("id").desc())
    newest = rows.annotate(newer_minor=upto - F("amount_minor")).filter(newer_minor__lt=most_minor)
    found: dict[int, list[Drawn]] = {}
    for company, minor, due_on in newest.order_by("-id").values_list("company_id", "amount_minor", "due_on"):
        found.setdefault(company, []).append(Drawn(minor, due_on))
    return found


def shown(company: Company, *, currency: str = "usd", at: datetime) -> TermsNow | None:
    """The same for the company's own pages; None where there is nothing to say."""
    found = now(company, currency=currency, at=at)
    return found if found.terms or found.drawn.minor else None
