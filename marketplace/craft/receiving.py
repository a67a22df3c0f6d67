"""A tape comes in: opened for an application or as a reel, appended under the row's lock, on the disk before it is acknowledged."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.standings import require_may_apply
from accounts.audit import operations as audit
from accounts.performers.models import Performer
from kit.errors import DomainError, Invalid, NotFound
from kit.instants import length_in_words
from marketplace.casting.models import Application
from marketplace.casting.states import TAKES_TAPES
from marketplace.craft import files
from marketplace.craft.models import Tape
from marketplace.craft.states import TapeState
from marketplace.media import store
from marketplace.media.receiving import OffsetConflict, UploadGone

S = TapeState
Why = Tape.Why
MOST_BYTES = 500_000_000
# How long more of it is waited for: one who was cut off goes on tomorrow.
WAITED_FOR = timedelta(days=2)
# Of one application, or of one's reel: whoever sends more sends something else.
MOST_TRIES = 40


class TapeTooLarge(DomainError):
    """Save it smaller, as in full HD, and send it again."""

    code = "tape_too_large"
    status = 413
    title = "It is larger than 500 MB"


class NoTapeNow(DomainError):
    """A self-tape is sent before they look at it: while the application is new, or one is asked for."""

    code = "no_tape_now"
    title = "They take no self-tape for it now"


@transaction.atomic
def open_tape(
    *,
    performer: Performer,
    application: Application | None,
    key: str,
    length: int | None,
    by: Actor,
    at: datetime,
) -> Tape:
    """A device begins to send one; opened twice under one key it is one. Whatever else of it was on its way is let go.

    `length` in bytes, None while a device records. Raises NotFound (404), NotApproved, Suspended, NoTapeNow (409),
    TapeTooLarge (413), Invalid (422).
    """
    by.require_performer(performer.pk)
    require_may_apply(performer.state, whose="Your profile")
    _refuse_large(length or 0)
    if length == 0:
        raise Invalid.field("Upload-Length", "It is empty: there is nothing to send.", code="required")
    Performer.objects.select_for_update().get(pk=performer.pk)
    before = Tape.objects.filter(performer=performer, key=key).first()
    if before is not None:
        return before
    if application is not None:
        _refuse_late(application, performer)
    others = Tape.objects.filter(performer=performer, application=application)
    if others.filter(opened_at__gt=at - WAITED_FOR).count() >= MOST_TRIES:
        raise NoTapeNow(f"That were very many in {length_in_words(WAITED_FOR)}. Go on tomorrow.")
    for other in others.filter(state=S.ARRIVING):
        let_go(other, Why.REPLACED, by=by, at=at)
    tape = Tape.objects.create(
        performer=performer,
        application=application,
        key=key,
        length=length,
        opened_at=at,
        expires_at=at + WAITED_FOR,
    )
    store.create(files.original(tape))
    return tape


def _refuse_late(application: Application, performer: Performer) -> None:
    """Locked: an application that is taken back at this moment gets no tape."""
    held = Application.objects.select_for_update().get(pk=application.pk)
    if held.performer_id != performer.pk:
        raise NotFound
    if held.state not in TAKES_TAPES:
        raise NoTapeNow("They look at what is there, or have answered.")


def _refuse_large(size: int) -> None:
    if size > MOST_BYTES:
        raise TapeTooLarge(f"At most {MOST_BYTES // 1_000_000} MB. Save it smaller, as in full HD.")


def offset_of(*, tape: Tape, at: datetime) -> int:
    """Where it goes on: the bytes on the disk. Raises UploadGone (410)."""
    _refuse_gone(tape, at=at)
    return tape.size if tape.state != S.ARRIVING else store.size_of(files.original(tape))


def _refuse_gone(tape: Tape, *, at: datetime) -> None:
    if tape.state == S.GONE or (tape.state == S.ARRIVING and at >= tape.expires_at):
        raise UploadGone("It was given up.")


@transaction.atomic
def append(*, tape: Tape, offset: int, body: bytes, length: int | None, by: Actor, at: datetime) -> Tape:
    """The next bytes, from `offset` on; `length` where the device knows now how many it will be. Whole, it has arrived.

    Raises OffsetConflict (409), UploadGone (410), TapeTooLarge (413), Invalid (422), NotFound (404).
    """
    by.require_performer(tape.performer_id)
    tape = Tape.objects.select_for_update().get(pk=tape.pk)
    if tape.state not in (S.ARRIVING, S.GONE) and offset == tape.size and not body:
        return tape  # told twice that it is whole
    there = offset_of(tape=tape, at=at)
    if offset != there or tape.state != S.ARRIVING:
        raise OffsetConflict(f"It goes on at {there:,}.", offset=there)
    _tells_length(tape, length, at_least=there + len(body))
    tape.size = store.append(files.original(tape), body) if body else there
    tape.expires_at = at + WAITED_FOR
    tape.save(update_fields=["length", "size", "expires_at"])
    if tape.length == tape.size:
        audit.move(tape, S.ARRIVED, by=by, at=at, arrived_at=at, check_due_at=at)
    return tape


def _tells_length(tape: Tape, length: int | None, *, at_least: int) -> None:
    if length == 0:
        raise Invalid.field("Upload-Length", "It is empty: there is nothing to send.", code="required")
    if length is not None and tape.length not in (None, length):
        raise Invalid.field("Upload-Length", "It was told before, and is told once.", code="told_before")
    tape.length = tape.length if length is None else length
    _refuse_large(max(at_least, tape.length or 0))
    if tape.length is not None and at_least > tape.length:
        raise TapeTooLarge("That is more than it was told to be.")


@transaction.atomic
def take_back(*, tape: Tape, by: Actor, at: datetime) -> None:
    """Whoever sent it lets it go; twice changes nothing. Raises NotFound (404), NoTapeNow (409) once they may look at it."""
    by.require_performer(tape.performer_id)
    tape = Tape.objects.select_for_update(of=("self",)).select_related("application").get(pk=tape.pk)
    if tape.state == S.GONE:
        return
    if tape.application is not None and tape.state == S.READY and tape.application.state not in TAKES_TAPES:
        raise NoTapeNow("They look at it. Take the application back, and it is deleted.")
    let_go(tape, Why.TAKEN_BACK, by=by, at=at)


def let_go(tape: Tape, why: str, *, by: Actor, at: datetime) -> None:
    """In the caller's transaction. Nobody plays it from then on; its files follow with the next tick (`keeping`)."""
    audit.move(tape, S.GONE, by=by, at=at, reason=str(why), gone_at=at, why_gone=why)


@transaction.atomic
def let_go_of_all(*, performer: Performer, by: Actor, at: datetime) -> None:
    """They asked to be forgotten: each is deleted, whatever it was for."""
    for tape in Tape.objects.select_for_update().filter(performer=performer).exclude(state=S.GONE):
        let_go(tape, Why.ERASED, by=by, at=at)
