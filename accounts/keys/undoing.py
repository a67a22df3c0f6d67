"""Keys that end by themselves: made while somebody else had the account, or by a place that their maker lost."""

from datetime import datetime

from django.db.models import Q
from django.dispatch import receiver

from accounts.access.actors import Actor
from accounts.identity.models import User
from accounts.identity.places import Place, lost
from accounts.keys import operations
from accounts.keys.models import ApiKey
from accounts.security.addresses import undone


@receiver(undone)
def withdraw_keys(*, user: User, since: datetime, at: datetime, **_: object) -> str:
    """Revoke what the person made since then; what they are told of it."""
    made = ApiKey.objects.filter(created_by=user, created_at__gte=since, revoked_at=None)
    for key in made:
        operations.revoke(key=key, by=Actor.of_system("old address"), at=at)
    return f"API keys made since the change open nothing any more: {len(made)}." if made else ""


@receiver(lost)
def end_with_the_place(*, place: Place, at: datetime, **_: object) -> None:
    made = ApiKey.objects.filter(created_by=place.user, revoked_at=None)
    for key in made if place.everywhere else made.filter(Q(company_id=place.company_id)):
        operations.revoke(key=key, by=Actor.of_system("place lost"), at=at)
