"""After it arrived: a job looks at each file that was sent and makes it play; what comes of it, its room says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

import structlog
from django.db import transaction
from django.db.models import QuerySet

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from marketplace.media import looking, sent, store
from marketplace.media.checking import Found, Unplayable
from marketplace.media.models import LONGEST_REFUSAL, SentFile
from marketplace.media.states import SentState

log = structlog.get_logger(__name__)
S = SentState
AT_ONCE = 10
# A worker that was killed over one has not answered by then; one file kills no more than so many.
LEASE = timedelta(minutes=10)
MOST_CHECKS = 3
F = TypeVar("F", bound=SentFile)


class Seen(NamedTuple):
    """What was found in a file that plays: its form, its hash as it came, and the rest."""

    form: str
    sha256: str
    found: Found


class Room(NamedTuple, Generic[F]):
    """Whose files they are: `passes` keeps one that plays, in a transaction of its own; `refused` tells whoever sent one that
    does not, in ours."""

    rows: QuerySet[F]
    house: Actor
    passes: Callable[[F, Seen, datetime], None]
    refused: Callable[[F, str, datetime], None]


def check_arrived(room: Room[F], *, at: datetime) -> int:
    """The tick: whatever has arrived, the oldest first. Returns how many were looked at."""
    done = 0
    while done < AT_ONCE and (file := _claim(room.rows, at=at)) is not None:
        _check(file, room, at=at)
        done += 1
    return done


@transaction.atomic
def _claim(rows: QuerySet[F], *, at: datetime) -> F | None:
    due = rows.select_for_update(skip_locked=True).filter(state=S.ARRIVED, check_due_at__lte=at)
    file = due.order_by("check_due_at", "id").first()
    if file is None:
        return None
    file.checks += 1
    file.check_due_at = at + LEASE
    file.save(update_fields=["checks", "check_due_at"])
    return file


def _check(file: F, room: Room[F], *, at: datetime) -> None:
    """No lock is held while it is read."""
    source, target = sent.original(file), sent.playable(file)
    if file.checks > MOST_CHECKS or not source.exists():
        _refuse(file, room, "It could not be looked at, several times over. Send it again.", at=at)
        return
    try:
        form, found = looking.look(source, target)
    except Unplayable as refusal:
        store.remove(target)
        _refuse(file, room, str(refusal), at=at)
        return
    store.keep(target)
    room.passes(file, Seen(form, store.sha256_of(source), found), at)
    # It is not kept; where the house stops in between, the next tick removes it.
    store.remove(source)


def is_ready(file: SentFile, seen: Seen, *, by: Actor, at: datetime) -> None:
    """A locked one can be played from now on."""
    audit.move(
        file,
        S.READY,
        by=by,
        at=at,
        checked_at=at,
        form=seen.form,
        sha256=seen.sha256,
        playable_size=store.size_of(sent.playable(file)),
        duration_ms=seen.found.duration_ms,
        tracks=seen.found.tracks,
    )


@transaction.atomic
def _refuse(file: F, room: Room[F], why: str, *, at: datetime) -> None:
    log.warning("sent_file_refused", file=str(file), why=why)
    file = sent.locked(file)
    if file.state != S.ARRIVED:  # taken back while it was looked at
        return
    audit.move(file, S.REFUSED, by=room.house, at=at, checked_at=at, refusal=why[:LONGEST_REFUSAL])
    room.refused(file, why, at)
