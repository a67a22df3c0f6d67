"""A recording that a performer sends as a file comes in: appended under the row's lock, on the disk before it is acknowledged.

Rooms say for what one is opened, and until when; from there on all of them come in alike. They lie in a folder that only the
house enters, named by their ids, never by what they were called.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.errors import DomainError, Invalid
from marketplace.media import store
from marketplace.media.models import SentFile
from marketplace.media.receiving import OffsetConflict, UploadGone
from marketplace.media.states import SentState

S = SentState
MOST_BYTES = 500_000_000
# How long more of it is waited for: one who was cut off goes on tomorrow.
WAITED_FOR = timedelta(days=2)
# Longer than the house is ever down between two steps.
LOOKED_AT = timedelta(days=1)
REFUSED_KEPT = timedelta(days=7)
BATCH = 200
F = TypeVar("F", bound=SentFile)


class TapeTooLarge(DomainError):
    """Save it smaller, as in full HD, and send it again."""

    code = "tape_too_large"
    status = 413
    title = "It is larger than 500 MB"


def original(file: SentFile) -> Path:
    """As it came, byte for byte, until it was looked at."""
    return Path(settings.MEDIA_FOLDER) / file.FOLDER / f"{file}.part"


def playable(file: SentFile) -> Path:
    return Path(settings.MEDIA_FOLDER) / file.FOLDER / f"{file}.play"


def refuse_length(length: int | None) -> None:
    """Of what is opened. Raises TapeTooLarge (413), Invalid (422) for an empty one."""
    _refuse_large(length or 0)
    if length == 0:
        raise Invalid.field("Upload-Length", "It is empty: there is nothing to send.", code="required")


def _refuse_large(size: int) -> None:
    if size > MOST_BYTES:
        raise TapeTooLarge(f"At most {MOST_BYTES // 1_000_000} MB. Save it smaller, as in full HD.")


def offset_of(*, file: SentFile, at: datetime) -> int:
    """Where it goes on: the bytes on the disk. Raises UploadGone (410)."""
    if file.state == S.GONE or (file.state == S.ARRIVING and at >= file.expires_at):
        raise UploadGone("It was given up.")
    return file.size if file.state != S.ARRIVING else store.size_of(original(file))


@transaction.atomic
def append(*, file: F, offset: int, body: bytes, length: int | None, by: Actor, at: datetime) -> F:
    """The next bytes, from `offset` on; `length` where the device knows now how many it will be. Whole, it has arrived.

    Raises OffsetConflict (409), UploadGone (410), TapeTooLarge (413), Invalid (422), NotFound (404).
    """
    by.require_performer(file.performer_id)
    file = locked(file)
    if file.state not in (S.ARRIVING, S.GONE) and offset == file.size and not body:
        return file  # told twice that it is whole
    there = offset_of(file=file, at=at)
    if offset != there or file.state != S.ARRIVING:
        raise OffsetConflict(f"It goes on at {there:,}.", offset=there)
    _tells_length(file, length, at_least=there + len(body))
    file.size = store.append(original(file), body) if body else there
    file.expires_at = at + WAITED_FOR
    file.save(update_fields=["length", "size", "expires_at"])
    if file.length == file.size:
        audit.move(file, S.ARRIVED, by=by, at=at, arrived_at=at, check_due_at=at)
    return file


def locked(file: F) -> F:
    return type(file)._default_manager.select_for_update().get(pk=file.pk)


def _tells_length(file: SentFile, length: int | None, *, at_least: int) -> None:
    if length == 0:
        raise Invalid.field("Upload-Length", "It is empty: there is nothing to send.", code="required")
    if length is not None and file.length not in (None, length):
        raise Invalid.field("Upload-Length", "It was told before, and is told once.", code="told_before")
    file.length = file.length if length is None else length
    _refuse_large(max(at_least, file.length or 0))
    if file.length is not None and at_least > file.length:
        raise TapeTooLarge("That is more than it was told to be.")


def let_go(file: SentFile, why: str, *, by: Actor, at: datetime) -> None:
    """In the caller's transaction. Nobody plays it from then on; its files follow with the next tick."""
    audit.move(file, S.GONE, by=by, at=at, reason=str(why), gone_at=at, why_gone=why)


def never_whole(at: datetime) -> Q:
    """Nothing more of it is waited for, or it could not be played and its sender has read so."""
    return Q(state=S.ARRIVING, expires_at__lte=at) | Q(state=S.REFUSED, checked_at__lte=at - REFUSED_KEPT)


def let_go_of_due(rows: QuerySet[F], why: str, *, by: Actor, at: datetime) -> None:
    """The tick: so many of those, each that is still as it was found."""
    for file in rows.exclude(state=S.GONE).order_by("pk")[:BATCH]:
        with transaction.atomic():
            held = locked(file)
            if held.state == file.state and held.expires_at == file.expires_at:
                let_go(held, why, by=by, at=at)


@transaction.atomic
def let_go_of_all(rows: QuerySet[F], why: str, *, by: Actor, at: datetime) -> None:
    """Each of them, in whatever state."""
    for file in rows.select_for_update().exclude(state=S.GONE):
        let_go(file, why, by=by, at=at)


def remove_files(rows: QuerySet[F], *, at: datetime) -> None:
    """The tick: the files of each deleted one are off the disk, and what came of each that was looked at; also where the house
    stopped in between."""
    looked_at = rows.filter(state__in=(S.READY, S.REFUSED), checked_at__gt=at - LOOKED_AT)
    for file in looked_at.order_by("-checked_at")[:BATCH]:
        store.remove(original(file))
    for file in rows.filter(state=S.GONE, removed_at=None).order_by("gone_at")[:BATCH]:
        store.remove(original(file))
        store.remove(playable(file))
        rows.filter(pk=file.pk).update(removed_at=at)
