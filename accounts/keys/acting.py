"""Who a session or a key acts for: the one place where people, companies, profiles and roles become an Actor."""

from allauth.mfa.models import Authenticator
from django.contrib.postgres.aggregates import ArrayAgg, JSONBAgg
from django.db.models import Exists, F, Func, JSONField, OuterRef, Q

from accounts.access.actors import Actor
from accounts.access.roles import NEEDS_SECOND_FACTOR, Role
from accounts.identity.freshness import Proof
from accounts.identity.models import User
from accounts.identity.queries import SECOND_FACTORS
from accounts.keys.models import ApiKey

NOTHING_PROVED = Proof()


def of_user(user: User, *, proof: Proof = NOTHING_PROVED) -> Actor:
    """The person, with every role they have now, read in one query. Nobody, where the account is not active.

    A role that takes a second factor is withheld from who has none. `proof` is what they gave in the session.
    """
    second_factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=SECOND_FACTORS)
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
            proves=Exists(second_factor),
        )
        .values_list("public_id", "time_zone", "performs", "works_as", "acts_for", "proves")
        .first()
    )
    if found is None:
        return Actor.anonymous()
    public_id, time_zone, performer_id, staff_roles, roles, proves = found
    waits = frozenset() if proves else NEEDS_SECOND_FACTOR
    return Actor(
        label=public_id,
        user_id=user.pk,
        performer_id=performer_id or 0,
        roles={company: role for company, role in roles if role not in waits},
        staff_roles=frozenset(staff_roles) - waits,
        time_zone=time_zone,
        proved_at=proof.at(has_second_factor=proves),
        has_second_factor=proves,
        withheld_roles={company: role for company, role in roles if role in waits},
        withheld_staff_roles=frozenset(staff_roles) & waits,
    )


def of_key(key: ApiKey) -> Actor:
    """A company's key acts as a producer of that company, within its scopes; it is never a person."""
    return Actor(label=key.public_id, roles={key.company_id: Role.PRODUCER}, scopes=frozenset(key.scopes))


def _pair(*fields: str) -> Func:
    return Func(*fields, function="jsonb_build_array", output_field=JSONField())
