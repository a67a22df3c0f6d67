"""Who must act on money that waits, worked out in the database out of the tables of reasons."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Exists,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from accounts.access.standings import MAY_BE_PAID
from payments.connect.models import PayeeAccount
from payments.inbox.reasons import BY_STANDING, REASONS, Next, Reason, Who
from payments.payroll.holds import NOT_VETTED
from payments.payroll.models import PayItem

RESTS = "bank_change_hold"


def owned(items: QuerySet[PayItem], *, at: datetime) -> QuerySet[PayItem]:
    """Held items, each with its `owner`: who its reason says, but finance where the cause is gone and it need only be sent."""
    accounts = PayeeAccount.objects.filter(performer=OuterRef("performer")).order_by("-id")
    rests_since = at - settings.BANK_CHANGE_REST
    rows = items.annotate(
        standing=Case(
            When(hold_code=NOT_VETTED, then=F("performer__state")),
            default=Subquery(accounts.values("transfers_status")[:1]),
        ),
        is_ready=Exists(accounts.filter(ended_at=None, transfers_status="active")),
        rests=Exists(accounts.filter(ended_at=None, bank_changed_at__gt=rests_since)),
    )
    reminded = [code for code, why in REASONS.items() if why.next == Next.REMIND]
    vetted = Q(hold_code=NOT_VETTED, standing__in=MAY_BE_PAID)
    gone = Q(hold_code__in=reminded, is_ready=True) | Q(hold_code=RESTS, rests=False) | vetted
    by_standing = [
        When(hold_code=code, standing=standing, then=Value(why.who.value))
        for code, table in BY_STANDING.items()
        for standing, why in table.items()
    ]
    return rows.annotate(
        owner=owner(
            "hold_code", REASONS, Who.FINANCE, When(gone, then=Value(Who.FINANCE.value)), *by_standing
        )
    )


def owner(column: str, table: Mapping[str, Reason], otherwise: Who, *first: When) -> Expression:
    """The one whom the table says for the code in `column`, or `otherwise`; `first` goes before it."""
    codes: dict[Who, list[str]] = {}
    for code, why in table.items():
        codes.setdefault(why.who, []).append(code)
    whens = [When(**{f"{column}__in": codes[who]}, then=Value(who.value)) for who in codes]
    return Case(*first, *whens, default=Value(otherwise.value), output_field=CharField())
