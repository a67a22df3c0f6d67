from django.db.models import QuerySet

from kit.rows import by_public_id
from payments.restating.models import Restatement


def all_of() -> QuerySet[Restatement]:
    return Restatement.objects.select_related("proposed_by", "decided_by").order_by("-id")


def get(public_id: str) -> Restatement:
    """Raises NotFound (404)."""
    return by_public_id(all_of(), public_id)
