"""After it arrived: a version that plays can be handed in, and whoever sent one that does not is told what to do."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.notifications.piece_kinds import PieceKind
from marketplace.media import sent, sent_checking, store
from marketplace.media.sent_checking import Room, Seen
from marketplace.media.states import SentState
from marketplace.works import notices
from marketplace.works.handing_in import locked, takes_versions
from marketplace.works.models import Artefact, Commission

S = SentState
HOUSE = Actor.of_system("works")


def check_arrived(*, at: datetime) -> int:
    """The tick: whatever has arrived, the oldest first. Returns how many were looked at."""
    return sent_checking.check_arrived(Room(Artefact.objects.all(), HOUSE, _passes, _refused), at=at)


def _passes(version: Artefact, seen: Seen, at: datetime) -> None:
    """It may be large: read before anything is locked."""
    _is_kept(version, seen, store.sha256_of(sent.playable(version)), at=at)


@transaction.atomic
def _is_kept(version: Artefact, seen: Seen, playable_sha256: str, *, at: datetime) -> None:
    """It takes the place of the one before it that was not handed in. The original is not kept."""
    piece = locked(Commission.objects.select_related("engagement").get(pk=version.commission_id))
    version = sent.locked(version)
    if version.state != S.ARRIVED:  # taken back while it was looked at
        return
    if not takes_versions(piece):
        sent.let_go(version, Artefact.Why.OVER, by=HOUSE, at=at)
        return
    before = piece.versions.filter(state=S.READY, version=None).exclude(pk=version.pk)
    for other in before.select_for_update().order_by("pk"):
        sent.let_go(other, Artefact.Why.REPLACED, by=HOUSE, at=at)
    version.playable_sha256 = playable_sha256
    version.save(update_fields=["playable_sha256"])
    sent_checking.is_ready(version, seen, by=HOUSE, at=at)


def _refused(version: Artefact, why: str, at: datetime) -> None:
    piece = version.commission
    step = version.public_id
    notices.tell_performer(piece, PieceKind.PIECE_FILE_REFUSED, {"why": why}, step=step, at=at)
