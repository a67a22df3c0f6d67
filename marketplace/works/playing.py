"""Who may play a version, at an address that is signed for one person, for minutes, and asked again each time."""

import hashlib
from datetime import datetime

from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from kit.errors import NotFound
from kit.http import signed as signed_address
from kit.rows import by_public_id
from marketplace.media.playing import AddressExpired
from marketplace.media.states import SentState
from marketplace.rights import uses
from marketplace.rights.models import Use
from marketplace.rights.queries import active_names
from marketplace.works.models import Artefact, Commission
from marketplace.works.states import CommissionState

SALT = "marketplace.works.playing"
S = CommissionState


def granted(piece: Commission) -> list[str]:
    """Of what the piece is for, what its performer grants now."""
    active = active_names(piece.engagement.application_id)
    return [name for name in active if name in piece.purposes]


def may_play(version: Artefact, piece: Commission, by: Actor, *, is_granted: bool) -> bool:
    """Its performer; the company's reviewers what was handed in, while they answer it; once it is accepted, what they accepted and
    as long as a use of it is granted. Talent operations, while a refusal can be appealed."""
    if version.state != SentState.READY:
        return False
    if by.is_performer and by.performer_id == version.performer_id:
        return True
    if version.submitted_at is None:
        return False
    if by.is_talent and piece.may_be_appealed:
        return True
    if not by.may(Act.REVIEW_PIECES, company_id=piece.engagement.company_id):
        return False
    if piece.state == S.ACCEPTED:
        return is_granted and version.pk == piece.submitted_id
    return piece.state in (S.SUBMITTED, S.REVISING) or piece.may_be_appealed


def address(version: Artefact, piece: Commission, *, by: Actor, is_granted: bool, at: datetime) -> str:
    """Good for whoever it was made for, for LASTS; empty where there is nothing that they may play."""
    if by.is_system or not may_play(version, piece, by, is_granted=is_granted):
        return ""
    path = reverse("artefact_play", args=[version.public_id])
    return signed_address.address(path, version.public_id, reader=by.label, salt=SALT, at=at)


def to_play(*, artefact_id: str, signed: str, by: Actor, at: datetime) -> Artefact:
    """Raises NotFound (404) for whom the address was not made or who may play it no longer, AddressExpired (403)."""
    rows = Artefact.objects.visible_to(by).select_related("commission__engagement__company")
    version = by_public_id(rows, artefact_id)
    signed_address.check(signed, version.public_id, reader=by.label, salt=SALT, at=at, expired=AddressExpired)
    active = granted(version.commission)
    if not may_play(version, version.commission, by, is_granted=bool(active)):
        raise NotFound
    _note(version, active, signed=signed, by=by, at=at)
    return version


def _note(version: Artefact, active: list[str], *, signed: str, by: Actor, at: datetime) -> None:
    """A playing by the company of what it accepted, once for each address: the performer sees it."""
    piece = version.commission
    if piece.state != S.ACCEPTED or piece.engagement.company_id not in by.company_ids:
        return
    had = uses.Had(
        key=f"{version.public_id}:{hashlib.sha256(signed.encode()).hexdigest()[:32]}",
        performer_id=version.performer_id,
        company_id=piece.engagement.company_id,
        gig_id=piece.engagement.gig_id,
        about=version.public_id,
        purposes=active,
    )
    uses.note([had], kind=Use.Kind.PLAYED, at=at)
