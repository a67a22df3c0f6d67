"""An accepted piece is paid by its price: one pay line each, earned in the running week, whatever becomes of gig or grant."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.privacy.queries import was_forgotten
from kit.crash import crash_point
from marketplace.works.models import Commission
from marketplace.works.reviewing import note_paid
from marketplace.works.states import CommissionState
from payments.paylines import deciding
from payments.paylines.kinds import RULES, Kind
from payments.paylines.models import PayLine, PiecePay

HOUSE = Actor.of_system("works")
BATCH = 200


def sweep(*, at: datetime) -> int:
    """Every accepted piece that no line pays yet; returns how many. Safe to run again, and by several at once: a constraint holds
    one line each."""
    owed = Commission.objects.filter(state=CommissionState.ACCEPTED, paid_at=None).order_by("ended_at", "pk")
    return sum(_pay(key, at=at) for key in owed.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _pay(key: int, *, at: datetime) -> int:
    rows = Commission.objects.select_for_update(of=("self",), skip_locked=True)
    found = rows.select_related("engagement__gig", "engagement__company", "engagement__performer")
    piece = found.filter(pk=key, state=CommissionState.ACCEPTED, paid_at=None).first()
    if piece is None:
        return 0
    note_paid(piece, at=at)
    if was_forgotten(piece.performer.user_id):
        return 0
    line = PayLine.objects.create(
        kind=Kind.PIECE,
        engagement=piece.engagement,
        amount_minor=piece.price_minor,
        fee_minor=piece.fee_minor,
        currency=piece.currency,
        reason=f"“{piece.title}”, made for “{piece.gig.title}”.",
        made_at=at,
        due_at=at + RULES[Kind.PIECE].answer_within,
    )
    PiecePay.objects.create(commission=piece, pay_line=line)
    audit.record(verb="pay_line.proposed", thing=line, by=HOUSE, at=at, reason=line.reason)
    crash_point("pay_line.proposed")
    deciding.stands(line, by=HOUSE, person_id=None, at=at)
    return 1
