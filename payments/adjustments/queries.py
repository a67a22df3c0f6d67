from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from kit.errors import Forbidden
from kit.money import Money
from kit.rows import by_public_id
from payments.adjustments.models import Adjustment
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Balance
from payments.reconciliation.models import StripeRow


@dataclass(frozen=True)
class House:
    """The platform's own accounts in one currency."""

    fees: Money
    float: Money
    losses: Money
    suspense: Money


def house(currency: str) -> House:
    """What the platform has earned, brought, lost, and does not know."""
    kept = ledger.by_kind_minor("", currency=currency)
    return House(
        fees=Money(-kept.get(Kind.PLATFORM_FEES, 0), currency),
        float=Money(-kept.get(Kind.STRIPE_FLOAT, 0), currency),
        losses=Money(kept.get(Kind.PLATFORM_LOSSES, 0), currency),
        suspense=Money(-kept.get(Kind.SUSPENSE, 0), currency),
    )


def all_of(actor: Actor) -> QuerySet[Adjustment]:
    """Every adjustment that the actor may see, the newest first."""
    rows = Adjustment.objects.visible_to(actor)
    return rows.select_related("company", "stripe_row", "proposed_by", "decided_by").order_by("-id")


def get(actor: Actor, public_id: str) -> Adjustment:
    """Raises NotFound (404)."""
    return by_public_id(all_of(actor), public_id)


def strays(actor: Actor) -> QuerySet[StripeRow]:
    """What lies in suspense and nobody has proposed anything about, the oldest first. Raises Forbidden (403)."""
    if not (actor.is_finance or actor.is_system):
        raise Forbidden("Finance alone sees this.")
    waiting = StripeRow.objects.filter(how=StripeRow.How.SUSPENSE, is_decided=False)
    return waiting.exclude(adjustments__state="proposed").order_by("created_at", "id")


def get_stray(actor: Actor, public_id: str) -> StripeRow:
    """Raises NotFound (404)."""
    return by_public_id(StripeRow.objects.filter(how=StripeRow.How.SUSPENSE), public_id)


def debtors() -> list[tuple[Company, Money]]:
    """Who owes what, the largest debt first."""
    rows = Balance.objects.filter(account__kind=Kind.COMPANY_RECEIVABLE, amount_minor__gt=0)
    owed = list(
        rows.order_by("-amount_minor").values_list("account__owner", "account__currency", "amount_minor")
    )
    companies = Company.objects.filter(public_id__in=[owner for owner, _, _ in owed])
    by_id = {company.public_id: company for company in companies}
    return [(by_id[owner], Money(minor, currency)) for owner, currency, minor in owed if owner in by_id]
