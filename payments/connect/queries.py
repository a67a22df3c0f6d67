from collections.abc import Collection

from django.db.models import QuerySet

from kit.errors import NotFound
from payments.connect.models import PayeeAccount


def current(performer_id: int | None) -> PayeeAccount | None:
    """The account that a performer is paid to; None before the first, and while the last has ended."""
    return PayeeAccount.objects.filter(performer=performer_id, ended_at=None).first()


def newest(performer_id: int | None) -> PayeeAccount | None:
    """The current account or, where there is none, the one that ended last."""
    return PayeeAccount.objects.filter(performer=performer_id).order_by("-id").first()


def newest_of(performer_ids: Collection[int]) -> dict[int, PayeeAccount]:
    """The same of many performers, by their keys; without those who never had one."""
    rows = PayeeAccount.objects.filter(performer__in=performer_ids).order_by("performer_id", "-id")
    return {account.performer_id: account for account in rows.distinct("performer_id")}


def ended(performer_id: int | None) -> QuerySet[PayeeAccount]:
    """A performer's accounts of before, the last first."""
    return PayeeAccount.objects.filter(performer=performer_id, ended_at__isnull=False).order_by("-id")


def get_account(stripe_id: str) -> PayeeAccount:
    """Raises NotFound (404)."""
    known = "\x00" not in stripe_id  # which no text in the database has
    rows = PayeeAccount.objects.select_related("performer__user").filter(stripe_id=stripe_id)
    account = rows.first() if known else None
    if account is None:
        raise NotFound
    return account
