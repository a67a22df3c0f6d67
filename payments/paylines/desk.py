"""What of pay beside time waits on talent operations' desk."""

from datetime import datetime

from django.urls import reverse

from accounts.access.actors import Actor
from kit.http.merging import Source, one_by_one
from marketplace.desk.waiting import BESIDE, Waits, What
from payments.paylines import queries
from payments.paylines.models import PayLine


def register() -> None:
    BESIDE.append(_sources)


def _sources(actor: Actor, at: datetime) -> dict[What, Source[Waits]]:
    rows = queries.for_talent(actor, at=at).select_related("engagement__performer", "engagement__company")
    return {What.PAY_LINE: Source(rows, "made_at", one_by_one(_waits))}


def _waits(line: PayLine) -> Waits:
    engagement = line.engagement
    return Waits(
        what=What.PAY_LINE,
        id=line.public_id,
        title=f"{engagement.performer.stage_name} and {engagement.company.name}",
        detail=f"{line.get_kind_display()}: {line.contest or line.reason}",
        since=line.made_at,
        due_at=line.due_at,
        path=reverse("house_pay_lines") + f"#{line.public_id}",
    )
