"""Who a session or a key acts for: the one place where people, companies, profiles and roles become an Actor."""

from django.db import connection

from accounts.access.actors import Actor
from accounts.access.roles import NEEDS_SECOND_FACTOR, Role
from accounts.identity.freshness import Proof
from accounts.identity.models import User
from accounts.identity.queries import SECOND_FACTORS
from accounts.keys.models import ApiKey
from kit.ids import from_uuid

NOTHING_PROVED = Proof()
# Asked with every request, so it is not put together anew each time.
WHO = """
SELECT person.public_id, person.time_zone, performer.id,
       ARRAY(SELECT role FROM accounts_staffrole WHERE user_id = person.id),
       ARRAY(SELECT company_id FROM accounts_membership WHERE user_id = person.id ORDER BY id),
       ARRAY(SELECT role FROM accounts_membership WHERE user_id = person.id ORDER BY id),
       EXISTS (SELECT FROM mfa_authenticator WHERE user_id = person.id AND type = ANY (%(second_factors)s))
FROM accounts_user person LEFT JOIN accounts_performer performer ON performer.user_id = person.id
WHERE person.id = %(user)s AND person.is_active
"""


def of_user(user: User, *, proof: Proof = NOTHING_PROVED) -> Actor:
    """The person, with every role they have now, read in one query. Nobody, where the account is not active.

    A role that takes a second factor is withheld from who has none. `proof` is what they gave in the session.
    """
    with connection.cursor() as cursor:
        cursor.execute(WHO, {"user": user.pk, "second_factors": list(SECOND_FACTORS)})
        found = cursor.fetchone()
    if found is None:
        return Actor.anonymous()
    public_id, time_zone, performer_id, staff_roles, companies, roles_there, proves = found
    roles = list(zip(companies, roles_there, strict=True))
    waits = frozenset() if proves else NEEDS_SECOND_FACTOR
    return Actor(
        label=from_uuid(public_id, prefix="usr"),
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
