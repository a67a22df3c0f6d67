"""The addresses that a person had lately, beside the one that they have."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.identity.models import FormerAddress

UNDO_FOR = timedelta(hours=72)


def lately_of(user_ids: Iterable[int], *, at: datetime) -> QuerySet[FormerAddress]:
    """Those that gave way less than UNDO_FOR ago, and were not put back."""
    rows = FormerAddress.objects.filter(user_id__in=user_ids, until__gt=at - UNDO_FOR, undone_at=None)
    return rows.order_by("pk")


def is_kept_for_another(email: str, *, user_id: int | None, at: datetime) -> bool:
    """Whether somebody can still take the address back, so that nobody else may have it."""
    rows = FormerAddress.objects.filter(email__iexact=email, until__gt=at - UNDO_FOR, undone_at=None)
    return rows.exclude(user_id=user_id or 0).exists()
