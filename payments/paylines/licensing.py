"""The bonus of a grant: once both have signed, what its words promise is a pay line of its own, earned in the running week."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.privacy.queries import was_forgotten
from kit.crash import crash_point
from kit.money import Money
from marketplace.gigs.models import PURPOSES
from marketplace.rights.models import Grant
from payments.paylines import deciding
from payments.paylines.kinds import RULES, Kind
from payments.paylines.models import GrantBonus, PayLine

HOUSE = Actor.of_system("rights")
BATCH = 200


def sweep(*, at: datetime) -> int:
    """Every grant that became active and promises a bonus that no line pays yet; returns how many. Safe to run again, and by
    several at once: a constraint holds one line a grant. A withdrawal later takes nothing back."""
    owed = Grant.objects.filter(active_at__isnull=False, conditions__bonus_minor__gt=0, bonus=None)
    return sum(_pay(key, at=at) for key in owed.order_by("id").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _pay(key: int, *, at: datetime) -> int:
    rows = Grant.objects.select_for_update(of=("self",), skip_locked=True)
    grant = rows.select_related(
        "application__gig", "application__performer", "application__engagement__company"
    ).filter(pk=key, bonus=None)
    found = grant.first()
    if found is None or was_forgotten(found.application.performer.user_id):
        return 0
    amount = Money(found.conditions["bonus_minor"], found.conditions["currency"])
    line = PayLine.objects.create(
        kind=Kind.LICENCE,
        engagement=found.application.engagement,
        amount_minor=amount.minor,
        fee_minor=0,
        currency=amount.currency,
        reason=f"{PURPOSES[found.purpose]}, granted for “{found.application.gig.title}”.",
        made_at=at,
        due_at=at + RULES[Kind.LICENCE].answer_within,
    )
    GrantBonus.objects.create(grant=found, pay_line=line)
    audit.record(verb="pay_line.proposed", thing=line, by=HOUSE, at=at, reason=line.reason)
    crash_point("pay_line.proposed")
    deciding.stands(line, by=HOUSE, person_id=None, at=at)
    return 1
