"""A gig that ends gives its budget back when nothing is booked on it any more (money/RULES.md, rule 5)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from marketplace.gigs.models import Gig
from marketplace.timekeeping import queries as timekeeping
from marketplace.works import queries as works
from payments.funding import debts, purses
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Balance
from payments.ledger.operations import Draft


def give_back_ended(*, at: datetime, at_most: int = 100) -> int:
    """Give back what ended gigs still have set aside; returns how many gigs. Those ended first come first."""
    given = 0
    for gig in _ended_with_money()[:at_most]:
        given += _give_back(gig, at=at)
    return given


def _ended_with_money() -> list[Gig]:
    owners = Balance.objects.filter(account__kind=Kind.GIG_BUDGET, amount_minor__lt=0)
    with_money = list(owners.values_list("account__owner", flat=True))
    return list(_with_nothing_open(Gig.objects.filter(public_id__in=with_money)))


def _with_nothing_open(gigs: QuerySet[Gig]) -> QuerySet[Gig]:
    """No session and no piece of theirs takes anything of the budget any more."""
    return timekeeping.gigs_with_nothing_open(gigs).exclude(pk__in=works.with_open_pieces(gigs).values("pk"))


@transaction.atomic
def _give_back(gig: Gig, *, at: datetime) -> bool:
    purse = purses.purse(gig.company_id, currency=gig.currency)
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    budget = purse.budgets[gig.public_id]
    # Asked again under the lock: a line may have been charged since.
    if not budget.minor or not _with_nothing_open(Gig.objects.filter(pk=gig.pk)):
        return False
    legs = purse.give_back(gig.public_id, budget.minor)
    # A correction may refill nothing of an ended gig, so the budget's turn comes once; the amount tells two apart.
    key = f"gig_ended:{gig.public_id}:{gig.funded_minor}"
    ledger.post([Draft(key=key, kind="give_back", legs=legs)], at=at)
    debts.settle(gig.company, purse, at=at)
    return True
