"""What silence does to a line: a proposal lapses, a breach stands, an expense goes to talent operations too."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.crash import crash_point
from payments.paylines import deciding, notices
from payments.paylines.kinds import Kind, Party
from payments.paylines.models import PayLine
from payments.paylines.states import PayLineState

SYSTEM = Actor.of_system("paylines")
BATCH = 200


def sweep(*, at: datetime) -> int:
    """Everything whose time is over; returns how many. Safe to run again, and by several at once."""
    due = PayLine.objects.filter(state=PayLineState.PROPOSED, due_at__lte=at, escalated_at=None)
    return sum(
        _let_pass(key, at=at) for key in due.order_by("due_at", "id").values_list("pk", flat=True)[:BATCH]
    )


@transaction.atomic
def _let_pass(key: int, *, at: datetime) -> int:
    rows = PayLine.objects.select_for_update(of=("self",), skip_locked=True)
    due = rows.select_related("engagement__gig", "engagement__company", "engagement__performer")
    line = due.filter(pk=key, state=PayLineState.PROPOSED, due_at__lte=at, escalated_at=None).first()
    if line is None:
        return 0
    match line.kind:
        case Kind.BREACH:
            deciding.stands(line, by=SYSTEM, person_id=None, at=at)
        case Kind.EXPENSE:
            PayLine.objects.filter(pk=line.pk).update(escalated_at=at)
            notices.ask(line, Party.TALENT, otherwise="it waits, overdue", at=at)
        case _:
            audit.move(line, PayLineState.EXPIRED, by=SYSTEM, at=at, decided_at=at)
            notices.tell_ended(line, at=at)
    crash_point("pay_line.passed")
    return 1
