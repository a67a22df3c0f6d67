"""The bonus of a grant, as its words promise: once both have signed; of a grant to pass it on, each time that it is. Each is a
pay line of its own, earned in the running week."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.privacy.queries import was_forgotten
from kit.crash import crash_point
from kit.money import Money
from marketplace.deliveries.models import Licence
from marketplace.gigs.models import PURPOSES
from marketplace.rights.models import Grant
from marketplace.rights.wording import PASSED_ON
from payments.paylines import deciding
from payments.paylines.kinds import RULES, Kind
from payments.paylines.models import GrantBonus, PayLine

HOUSE = Actor.of_system("rights")
BATCH = 200
# Of each licence that was accepted, the grants under which it was: the last one at that moment, of each application in it.
OWED_BY_LICENCES = """
SELECT DISTINCT granted.id, licence.id
FROM marketplace_licence licence
JOIN marketplace_deliveredtrack track ON track.delivery_id = licence.delivery_id
JOIN marketplace_grant granted ON granted.application_id = track.application_id AND granted.purpose = %s
  AND granted.active_at <= licence.answered_at
  AND COALESCE(granted.withdrawn_at, granted.expired_at, 'infinity') > licence.answered_at
WHERE licence.state IN ('accepted', 'ended') AND (granted.conditions ->> 'bonus_minor')::bigint > 0
  AND NOT EXISTS (
    SELECT FROM payments_grantbonus paid WHERE paid.grant_id = granted.id AND paid.licence_id = licence.id)
ORDER BY licence.id, granted.id LIMIT %s
"""


def sweep(*, at: datetime) -> int:
    """Every bonus that is owed and that no line pays yet; returns how many. Safe to run again, and by several at once: a
    constraint holds one line each. A withdrawal later takes nothing back."""
    signed = Grant.objects.filter(active_at__isnull=False, conditions__bonus_minor__gt=0, bonuses=None)
    once = signed.exclude(purpose=PASSED_ON).exclude(
        Exists(_paid_of_it(OuterRef("application"), OuterRef("purpose")))
    )
    owed = once.order_by("id").values_list("pk", flat=True)[:BATCH]
    return sum(_pay(key, None, at=at) for key in owed) + sum(
        _pay(key, licence, at=at) for key, licence in _owed_by_licences()
    )


def _paid_of_it(application: Any, purpose: Any) -> QuerySet[GrantBonus]:
    """What was paid for a grant of that purpose: its words promise it once, however often it is withdrawn and given again."""
    return GrantBonus.objects.filter(grant__application=application, grant__purpose=purpose, licence=None)


def _owed_by_licences() -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(OWED_BY_LICENCES, [PASSED_ON, BATCH])
        return [(grant, licence) for grant, licence in cursor.fetchall()]


@transaction.atomic
def _pay(key: int, licence_id: int | None, *, at: datetime) -> int:
    rows = Grant.objects.select_for_update(of=("self", "application"), skip_locked=True)
    found = rows.select_related(
        "application__gig", "application__performer", "application__engagement__company"
    )
    grant = found.filter(pk=key).first()
    if grant is None or grant.bonuses.filter(licence=licence_id).exists():
        return 0
    if licence_id is None and _paid_of_it(grant.application_id, grant.purpose).exists():
        return 0
    if was_forgotten(grant.application.performer.user_id):
        return 0
    amount = Money(grant.conditions["bonus_minor"], grant.conditions["currency"])
    line = PayLine.objects.create(
        kind=Kind.LICENCE,
        engagement=grant.application.engagement,
        amount_minor=amount.minor,
        fee_minor=0,
        currency=amount.currency,
        reason=_why(grant, licence_id),
        made_at=at,
        due_at=at + RULES[Kind.LICENCE].answer_within,
    )
    GrantBonus.objects.create(grant=grant, licence_id=licence_id, pay_line=line)
    audit.record(verb="pay_line.proposed", thing=line, by=HOUSE, at=at, reason=line.reason)
    crash_point("pay_line.proposed")
    deciding.stands(line, by=HOUSE, person_id=None, at=at)
    return 1


def _why(grant: Grant, licence_id: int | None) -> str:
    title = grant.application.gig.title
    if licence_id is None:
        return f"{PURPOSES[grant.purpose]}, granted for “{title}”."
    licence = Licence.objects.select_related("company").get(pk=licence_id)
    return f"“{title}” was passed on to {licence.company.name}."
