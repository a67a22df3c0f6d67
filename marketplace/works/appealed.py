"""The decision of this room that can be appealed: a company's refusal of a piece. Talent operations answer, a second human."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.appeals.models import Appeal
from accounts.appeals.states import AppealState
from accounts.appeals.subjects import KINDS, Decision, Kind
from accounts.audit import operations as audit
from accounts.notifications.news import About
from accounts.notifications.piece_kinds import PieceKind
from kit.errors import NotFound
from kit.text import LONGEST_REASON
from kit.transitions import IllegalMove
from marketplace.works import budget, notices
from marketplace.works.handing_in import locked
from marketplace.works.models import Commission
from marketplace.works.queries import get_commission
from marketplace.works.states import CommissionState, Refusal

S = CommissionState


def find(actor: Actor, public_id: str) -> Decision:
    """The refusal as it was given, also after it was taken back. Raises NotFound (404) of a piece that never was refused."""
    piece = get_commission(actor, public_id)
    if not piece.refusal:
        raise NotFound
    return Decision(
        id=piece.public_id,
        about=piece.performer,
        title=f"“{piece.title}”, {piece.company.name}: refused",
        said=f"{Refusal(piece.refusal).label}. {piece.refusal_note}",
        decided_by_id=piece.decided_by_id,
        decided_at=piece.ended_at or piece.asked_at,
        stands=piece.may_be_appealed,
    )


def parties(subjects: Collection[str]) -> dict[str, Collection[int]]:
    """Whoever acts for the company that refused, by piece."""
    rows = Commission.objects.filter(public_id__in=subjects, engagement__company__memberships__isnull=False)
    found: dict[str, set[int]] = {}
    for public_id, user_id in rows.values_list("public_id", "engagement__company__memberships__user_id"):
        found.setdefault(str(public_id), set()).add(user_id)
    return dict(found)


@transaction.atomic
def take_back(*, subject: str, reason: str, by: Actor, at: datetime) -> None:
    """The refusal is gone: the version that was refused is accepted, and paid. Raises IllegalMove (409) the second time."""
    piece = locked(Commission.objects.select_related("engagement").get(public_id=subject))
    if piece.state != S.REFUSED:
        raise IllegalMove("It was taken back already.")
    budget.keep_again(piece)
    said = reason[:LONGEST_REASON]
    cost_minor = piece.cost_minor
    audit.move(piece, S.ACCEPTED, by=by, at=at, reason=reason, end_reason=said, committed_minor=cost_minor)


HEARD: dict[str, PieceKind] = {
    AppealState.FILED: PieceKind.PIECE_APPEALED,
    AppealState.REVERSED: PieceKind.PIECE_REFUSAL_TAKEN_BACK,
}


def hear(appeal: Appeal, *, at: datetime) -> None:
    """The company is told that it is looked at, and what came of it."""
    rows = Commission.objects.select_related("engagement__company", "engagement__performer")
    piece = rows.get(public_id=appeal.subject)
    about: About = {"due_at": appeal.answer_due_at} if appeal.state == AppealState.FILED else {}
    kind = HEARD.get(appeal.state, PieceKind.PIECE_REFUSAL_STAYS)
    notices.tell_its_company(piece, kind, about, step=f"{appeal.public_id}:{appeal.state}", at=at)


def register() -> None:
    KINDS["pce"] = Kind(find, take_back, (), parties=parties, hear=hear)
