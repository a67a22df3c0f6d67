from django.db.models import QuerySet

from kit.errors import NotFound
from payments.connect.models import PayeeAccount


def current(performer_id: int | None) -> PayeeAccount | None:
    """The account that a performer is paid to; None before the first, and while the last has ended."""
    return PayeeAccount.objects.filter(performer=performer_id, ended_at=None).first()


def newest(performer_id: int | None) -> PayeeAccount | None:
    """The current account or, where there is none, the one that ended last."""
    return PayeeAccount.objects.filter(performer=performer_id).order_by("-id").first()


def ended(performer_id: int | None) -> QuerySet[PayeeAccount]:
    """A performer's accounts of before, the last first."""
    return PayeeAccount.objects.filter(performer=performer_id, ended_at__isnull=False).order_by("-id")


def get_account(stripe_id: str) -> PayeeAccount:
    """Raises NotFound (404)."""
    account = PayeeAccount.objects.select_related("performer__user").filter(stripe_id=stripe_id).first()
    if account is None:
        raise NotFound
    return account
