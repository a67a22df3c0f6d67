"""After it arrived: a tape that plays takes its place, and whoever sent one that does not is told what to do."""

from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.notifications.operations import notify
from accounts.notifications.work_kinds import WorkKind as Kind
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.casting.states import TAKES_TAPES
from marketplace.craft.models import Tape
from marketplace.media import sent, sent_checking
from marketplace.media.sent_checking import Room, Seen
from marketplace.media.states import SentState

S = SentState
HOUSE = Actor.of_system("craft")


def check_arrived(*, at: datetime) -> int:
    """The tick: whatever has arrived, the oldest first. Returns how many were looked at."""
    return sent_checking.check_arrived(Room(Tape.objects.all(), HOUSE, _passes, _refused), at=at)


@transaction.atomic
def _passes(tape: Tape, seen: Seen, at: datetime) -> None:
    """It takes the place of the one before it, and answers the request for one. The original is not kept."""
    # First of what is locked: the application, then its tapes.
    is_late = tape.application_id is not None and not _is_taken(tape.application_id, at=at)
    same = Tape.objects.filter(performer_id=tape.performer_id, application=tape.application)
    tape = sent.locked(tape)
    if tape.state != S.ARRIVED:  # taken back while it was looked at
        return
    if is_late:
        sent.let_go(tape, Tape.Why.LATE, by=HOUSE, at=at)
        return
    for other in same.select_for_update().filter(state=S.READY).order_by("pk"):
        sent.let_go(other, Tape.Why.REPLACED, by=HOUSE, at=at)
    sent_checking.is_ready(tape, seen, by=HOUSE, at=at)


def _is_taken(application_id: int, *, at: datetime) -> bool:
    """Whether they still take one for it; if they asked for it, it is there now."""
    application = Application.objects.select_for_update().get(pk=application_id)
    if application.state not in TAKES_TAPES:
        return False
    casting.submit_audition(application=application, by=HOUSE, at=at)
    return True


def _refused(tape: Tape, why: str, at: datetime) -> None:
    notify(
        kind=Kind.TAPE_REFUSED,
        user_id=tape.performer.user_id,
        key=f"tape:{tape.public_id}",
        about={"why": why},
        where={},
        at=at,
    )
