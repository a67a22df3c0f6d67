"""Who has to pay what by when, and what the house would lose if nothing more came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from accounts.access.actors import Actor
from kit.money import Money
from payments.funding.models import Funding
from payments.funding.states import FundingState
from payments.ledger.chart import Kind
from payments.ledger.models import Balance
from payments.terms import calculate
from payments.terms import queries as terms
from payments.terms.queries import TermsNow


@dataclass(frozen=True)
class Aged:
    """A company's line of the ageing table, in one currency.

    `exposure` is what the house would lose if nothing more came: what is drawn, and what is owed beside it. `coming` is what
    debits and cards are bringing: it lowers the exposure once it has landed, and not before.
    """

    now: TermsNow
    bands: Sequence[Money]
    owed: Money
    coming: Money

    @property
    def named_bands(self) -> Sequence[tuple[str, Money]]:
        return _named(self.bands)

    @property
    def exposure(self) -> Money:
        return self.now.drawn + self.owed


@dataclass(frozen=True)
class Table:
    """Every line in one currency, and their sums."""

    currency: str
    rows: Sequence[Aged]

    @property
    def bands(self) -> Sequence[Money]:
        return [self._sum([row.bands[n] for row in self.rows]) for n in range(len(calculate.BANDS))]

    @property
    def named_bands(self) -> Sequence[tuple[str, Money]]:
        return _named(self.bands)

    @property
    def drawn(self) -> Money:
        return self._sum([row.now.drawn for row in self.rows])

    @property
    def overdue(self) -> Money:
        return self._sum([row.now.overdue for row in self.rows])

    @property
    def owed(self) -> Money:
        return self._sum([row.owed for row in self.rows])

    @property
    def exposure(self) -> Money:
        return self._sum([row.exposure for row in self.rows])

    @property
    def coming(self) -> Money:
        return self._sum([row.coming for row in self.rows])

    def _sum(self, amounts: Sequence[Money]) -> Money:
        return sum(amounts, Money(0, self.currency))


def _named(bands: Sequence[Money]) -> Sequence[tuple[str, Money]]:
    return [(name.capitalize(), amount) for (name, _), amount in zip(calculate.BANDS, bands, strict=True)]


def table(actor: Actor, *, currency: str, at: datetime) -> Table:
    """The ageing table: companies with terms, or with something still to be paid. Raises Forbidden (403)."""
    actor.require_finance()
    rows = terms.of_all(currency=currency, at=at)
    owners = [row.company.public_id for row in rows]
    kept = Balance.objects.filter(account__owner__in=owners, account__currency=currency)
    sums: dict[tuple[str, str], int] = {
        (kind, owner): minor
        for kind, owner, minor in kept.filter(
            account__kind__in=[Kind.COMPANY_RECEIVABLE, Kind.COMPANY_INCOMING]
        ).values_list("account__kind", "account__owner", "amount_minor")
    }
    on_its_way = _processing([row.company.pk for row in rows], currency=currency)
    return Table(
        currency,
        [
            _aged(
                row,
                owed_minor=sums.get((Kind.COMPANY_RECEIVABLE, row.company.public_id), 0),
                coming_minor=on_its_way.get(row.company.pk, 0)
                - sums.get((Kind.COMPANY_INCOMING, row.company.public_id), 0),
            )
            for row in rows
        ],
    )


def _processing(companies: Sequence[int], *, currency: str) -> dict[int, int]:
    """What is being debited and is not in the books yet, by company."""
    rows = Funding.objects.filter(company_id__in=companies, currency=currency, state=FundingState.PROCESSING)
    return dict(rows.values_list("company_id").annotate(Sum("amount_minor")).order_by("company_id"))


def _aged(row: TermsNow, *, owed_minor: int, coming_minor: int) -> Aged:
    bands = calculate.ageing(row.parts, today=row.today)
    return Aged(
        now=row,
        bands=[Money(minor, row.currency) for minor in bands],
        owed=Money(owed_minor, row.currency),
        coming=Money(coming_minor, row.currency),
    )
