"""The decisions of this room that can be appealed: a no to a vetting, and a suspension."""

from accounts.access.actors import Actor
from accounts.access.standings import Standing
from accounts.appeals.subjects import KINDS, Decision, Kind
from accounts.standing import suspensions, vetting
from accounts.standing.models import Vetting
from accounts.standing.queries import get_suspension, get_vetting
from kit.errors import NotFound


def _vetting(actor: Actor, public_id: str) -> Decision:
    found = get_vetting(actor, public_id)
    if found.decided_at is None or not found.reason:
        raise NotFound
    last = Vetting.objects.about(found.subject).latest("id")
    return Decision(
        id=found.public_id,
        about=found.subject,
        title="Declined by talent operations",
        said=f"{found.get_reason_display()}. {found.words}",
        decided_by_id=found.decided_by_id,
        decided_at=found.decided_at,
        stands=found.subject.state == Standing.DECLINED and last.pk == found.pk,
    )


def _suspension(actor: Actor, public_id: str) -> Decision:
    found = get_suspension(actor, public_id)
    return Decision(
        id=found.public_id,
        about=found.subject,
        title="Suspended by talent operations",
        said=f"{found.get_reason_display()}. {found.words}\n\n{found.evidence}",
        decided_by_id=found.suspended_by_id,
        decided_at=found.suspended_at,
        stands=found.lifted_at is None,
    )


KINDS["vet"] = Kind(_vetting, vetting.approve_on_appeal, (vetting.ChecklistOpen,))
KINDS["sus"] = Kind(_suspension, suspensions.reinstate_on_appeal, (suspensions.AlreadyLifted,))
