"""After it arrived: a job looks at each tape, makes it play, and tells whoever sent one that cannot be played what to do."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.notifications.operations import notify
from accounts.notifications.work_kinds import WorkKind as Kind
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.casting.states import TAKES_TAPES
from marketplace.craft import files, looking
from marketplace.craft.models import LONGEST_REFUSAL, Tape
from marketplace.craft.receiving import let_go
from marketplace.craft.states import TapeState
from marketplace.media import store
from marketplace.media.checking import Found, Unplayable

log = structlog.get_logger(__name__)
S = TapeState
HOUSE = Actor.of_system("craft")
AT_ONCE = 10
# A worker that was killed over one has not answered by then; one tape kills no more than so many.
LEASE = timedelta(minutes=10)
MOST_CHECKS = 3


def check_arrived(*, at: datetime) -> int:
    """The tick: whatever has arrived, the oldest first. Returns how many were looked at."""
    done = 0
    while done < AT_ONCE and (tape := _claim(at=at)) is not None:
        _check(tape, at=at)
        done += 1
    return done


@transaction.atomic
def _claim(*, at: datetime) -> Tape | None:
    rows = Tape.objects.select_for_update(skip_locked=True)
    tape = rows.filter(state=S.ARRIVED, check_due_at__lte=at).order_by("check_due_at", "id").first()
    if tape is None:
        return None
    tape.checks += 1
    tape.check_due_at = at + LEASE
    tape.save(update_fields=["checks", "check_due_at"])
    return tape


def _check(tape: Tape, *, at: datetime) -> None:
    """No lock is held while it is read."""
    source, target = files.original(tape), files.playable(tape)
    if tape.checks > MOST_CHECKS or not source.exists():
        _refuse(tape, "It could not be looked at, several times over. Send it again.", at=at)
        return
    try:
        form, found = looking.look(source, target)
    except Unplayable as refusal:
        store.remove(target)
        _refuse(tape, str(refusal), at=at)
        return
    store.keep(target)
    _passes(tape, form, found, store.sha256_of(source), at=at)
    # It is not kept; where the house stops in between, the next tick removes it.
    store.remove(source)


@transaction.atomic
def _passes(tape: Tape, form: str, found: Found, sha256: str, *, at: datetime) -> None:
    """It takes the place of the one before it, and answers the request for one. The original is not kept."""
    # First of what is locked: the application, then its tapes.
    is_late = tape.application_id is not None and not _is_taken(tape.application_id, at=at)
    same = Tape.objects.filter(performer_id=tape.performer_id, application=tape.application)
    tape = Tape.objects.select_for_update().get(pk=tape.pk)
    if tape.state != S.ARRIVED:  # taken back while it was looked at
        return
    if is_late:
        let_go(tape, Tape.Why.LATE, by=HOUSE, at=at)
        return
    for other in same.select_for_update().filter(state=S.READY).order_by("pk"):
        let_go(other, Tape.Why.REPLACED, by=HOUSE, at=at)
    audit.move(
        tape,
        S.READY,
        by=HOUSE,
        at=at,
        checked_at=at,
        form=form,
        sha256=sha256,
        playable_size=store.size_of(files.playable(tape)),
        duration_ms=found.duration_ms,
        tracks=found.tracks,
    )


def _is_taken(application_id: int, *, at: datetime) -> bool:
    """Whether they still take one for it; if they asked for it, it is there now."""
    application = Application.objects.select_for_update().get(pk=application_id)
    if application.state not in TAKES_TAPES:
        return False
    casting.submit_audition(application=application, by=HOUSE, at=at)
    return True


@transaction.atomic
def _refuse(tape: Tape, why: str, *, at: datetime) -> None:
    log.warning("tape_refused", tape=tape.public_id, why=why)
    audit.move(tape, S.REFUSED, by=HOUSE, at=at, checked_at=at, refusal=why[:LONGEST_REFUSAL])
    notify(
        kind=Kind.TAPE_REFUSED,
        user_id=tape.performer.user_id,
        key=f"tape:{tape.public_id}",
        about={"why": why},
        where={},
        at=at,
    )
