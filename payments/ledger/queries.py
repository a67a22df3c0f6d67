from collections.abc import Collection

from django.db.models import Sum

from payments.ledger.chart import NO_BOOK, Kind
from payments.ledger.models import Account, Balance, Entry


def balance_minor(account: Account) -> int:
    """Debits less credits, from the kept balances."""
    return int(Balance.objects.filter(account=account).aggregate(total=Sum("amount_minor"))["total"] or 0)


def total_minor(kind: Kind, *, currency: str) -> int:
    """Debits less credits over all accounts of a kind."""
    rows = Balance.objects.filter(account__kind=kind, account__currency=currency)
    return int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


def owned_minor(kind: Kind, *, owner: str, currency: str) -> int:
    """What the house owes the owner of a liability account: credits less debits."""
    rows = Balance.objects.filter(account__kind=kind, account__owner=owner, account__currency=currency)
    return -int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


def owned_by_many_minor(kind: Kind, *, owners: Collection[str], currency: str) -> int:
    """The sum of what the house owes several owners."""
    rows = Balance.objects.filter(account__kind=kind, account__owner__in=owners, account__currency=currency)
    return -int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


def by_kind_minor(owner: str, *, currency: str) -> dict[str, int]:
    """Debits less credits of each of an owner's accounts, by its kind; a kind without one is left out."""
    rows = Balance.objects.filter(account__owner=owner, account__currency=currency)
    sums = rows.values("account__kind").annotate(total=Sum("amount_minor"))
    return {row["account__kind"]: int(row["total"]) for row in sums}


def is_posted(key: str, *, book: int = NO_BOOK) -> bool:
    """Whether that entry is in the books."""
    return Entry.objects.filter(book=book, key=key).exists()
