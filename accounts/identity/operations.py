from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.identity.models import User


@transaction.atomic
def update_account(*, user: User, name: str, time_zone: str, by: Actor, at: datetime) -> User:
    """Change what a person is called and the zone in which they read times. `time_zone` has been validated."""
    user.name = name.strip()
    user.time_zone = time_zone
    user.save(update_fields=["name", "time_zone"])
    audit.record(verb="user.updated", thing=user, by=by, at=at, time_zone=time_zone)
    return user
