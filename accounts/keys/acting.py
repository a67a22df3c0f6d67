"""Who a session or a key acts for: the one place where people, companies, profiles and roles become an Actor."""

from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg, JSONBAgg
from django.db.models import F, Func, JSONField, Q

from accounts.access.actors import Actor
from accounts.access.roles import Role
from accounts.identity.models import User
from accounts.keys.models import ApiKey


def of_user(user: User, *, proved_at: datetime | None = None) -> Actor:
    """The person, with every role they have now, read in one query. Nobody, where the account is not active."""
    found = (
        User.objects.filter(pk=user.pk, is_active=True)
        .annotate(
            performs=F("performer__pk"),
            works_as=ArrayAgg(
                "staff_roles__role", filter=Q(staff_roles__isnull=False), distinct=True, default=[]
            ),
            acts_for=JSONBAgg(
                _pair("memberships__company_id", "memberships__role"),
                filter=Q(memberships__isnull=False),
                distinct=True,
                default=[],
            ),
        )
        .values_list("public_id", "time_zone", "performs", "works_as", "acts_for")
        .first()
    )
    if found is None:
        return Actor.anonymous()
    public_id, time_zone, performer_id, staff_roles, roles = found
    return Actor(
        label=public_id,
        user_id=user.pk,
        performer_id=performer_id or 0,
        roles=dict(roles),
        staff_roles=frozenset(staff_roles),
        time_zone=time_zone,
        proved_at=proved_at,
    )


def of_key(key: ApiKey) -> Actor:
    """A company's key acts as a producer of that company, within its scopes; it is never a person."""
    return Actor(label=key.public_id, roles={key.company_id: Role.PRODUCER}, scopes=frozenset(key.scopes))


def _pair(*fields: str) -> Func:
    return Func(*fields, function="jsonb_build_array", output_field=JSONField())
