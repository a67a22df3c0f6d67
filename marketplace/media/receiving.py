"""What devices recorded comes in: opened, appended under the row's lock, on the disk before it is acknowledged."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from kit.errors import DomainError, Invalid, NotFound
from marketplace.media import store
from marketplace.media.models import LONGEST_MIME, ClockReading, Recording, Segment
from marketplace.media.recording import NotRecording, without_a_grant
from marketplace.media.states import OPEN, SegmentState
from marketplace.sessions.models import Seat

S = SegmentState
HOUSE = Actor.of_system("recording")
# How long more of a segment is waited for: a laptop that broke may be opened again next week.
WAITED_FOR = timedelta(days=14)
# A minute of grace: a device stops when it hears of it.
A_LITTLE = timedelta(minutes=1)
# No camera gives so much; what comes faster is no recording.
MOST_BYTES_A_SECOND = 4_000_000
MOST_SEGMENTS = 200
MOST_READINGS = 5_000
KINDS = {"video/mp4": "mp4", "video/webm": "webm", "audio/mp4": "mp4", "audio/webm": "webm"}


class GrantWithdrawn(DomainError):
    """What was granted was withdrawn: nothing more comes in, and nobody plays what is there. Let go of what you kept."""

    code = "grant_withdrawn"
    status = 403
    title = "Nothing is granted for it any more"


class OffsetConflict(DomainError):
    """Ask for the offset (HEAD), and go on from there."""

    code = "offset_conflict"
    title = "It does not go on from there"


class UploadGone(DomainError):
    """It was given up, or its time is over. Nothing more of it is taken."""

    code = "upload_gone"
    status = 410
    title = "It is given up"


class TooMuch(DomainError):
    """More than any camera gives in the time of the recording."""

    code = "upload_too_large"
    status = 413
    title = "That is too much"


def kind_of(mime: str) -> str:
    """`mp4` or `webm`. Raises Invalid (422)."""
    kind = KINDS.get(mime.split(";", maxsplit=1)[0].strip().lower())
    if kind is None or len(mime) > LONGEST_MIME:
        raise Invalid.field("mime", "MP4 or WebM.", code="not_a_choice")
    return kind


@transaction.atomic
def open_segment(
    *,
    seat: Seat,
    recording: str,
    key: str,
    mime: str,
    device_started_ms: int,
    length: int | None,
    by: Actor,
    at: datetime,
) -> Segment:
    """A device of this seat has begun to record; opened twice under one key it is one.

    `length` in bytes, None while nobody knows. A device's clock may say any time: by how much it is wrong is measured
    (`read_clock`). Raises GrantWithdrawn (403), NotRecording (409), TooMuch (413), Invalid (422),
    NotFound (404).
    """
    by.require_performer(seat.performer_id)
    kind_of(mime)
    found = _recording(seat, recording)
    if (before := Segment.objects.filter(recording=found, seat=seat, key=key).first()) is not None:
        return before
    _refuse_withdrawn(seat)
    over_at = found.stopped_at or at
    if at > over_at + WAITED_FOR:
        raise NotRecording("That recording has long been over.")
    number = Segment.objects.filter(recording=found, seat=seat).count() + 1
    if number > MOST_SEGMENTS or (length or 0) > _most_bytes(found, at=at):
        raise TooMuch("No device records so much in that time.")
    segment = Segment.objects.create(
        recording=found,
        seat=seat,
        key=key,
        number=number,
        mime=mime,
        device_started_ms=device_started_ms,
        length=length,
        opened_at=at,
        heard_at=at,
        expires_at=at + WAITED_FOR,
    )
    store.create(store.original(segment))
    return segment


def _recording(seat: Seat, public_id: str) -> Recording:
    """Locked, so that numbers follow one another."""
    rows = Recording.objects.select_for_update().filter(session_id=seat.session_id)
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def _refuse_withdrawn(seat: Seat) -> None:
    if without_a_grant([seat]):
        raise GrantWithdrawn("You have no active grant for this recording.")


def _most_bytes(recording: Recording, *, at: datetime) -> int:
    """Of one seat in one recording."""
    lasted = (recording.stopped_at or at) - recording.started_at + A_LITTLE
    return int(lasted.total_seconds()) * MOST_BYTES_A_SECOND


def offset_of(*, segment: Segment, at: datetime) -> int:
    """Where it goes on: the bytes on the disk. Raises UploadGone (410)."""
    _refuse_gone(segment, at=at)
    return segment.size if segment.state not in OPEN else store.size_of(store.original(segment))


def _refuse_gone(segment: Segment, *, at: datetime) -> None:
    if segment.state == S.LOST or (segment.state in OPEN and at >= segment.expires_at):
        raise UploadGone("It was given up.")


@transaction.atomic
def append(
    *, segment: Segment, offset: int, body: bytes, length: int | None, by: Actor, at: datetime
) -> Segment:
    """The next bytes, from `offset` on; `length` where the device knows now how many it will be. Whole, it has arrived.

    Raises OffsetConflict (409), GrantWithdrawn (403), UploadGone (410), TooMuch (413), Invalid (422), NotFound (404).
    """
    rows = Segment.objects.select_for_update(of=("self",)).select_related(
        "recording", "seat__performer", "seat__engagement"
    )
    segment = rows.get(pk=segment.pk)
    by.require_performer(segment.seat.performer_id)
    _refuse_withdrawn(segment.seat)
    if segment.state not in (*OPEN, S.LOST) and offset == segment.size and not body:
        return segment  # told twice that it is whole
    there = offset_of(segment=segment, at=at)
    if offset != there or segment.state not in OPEN:
        raise OffsetConflict(f"It goes on at {there:,}.", offset=there)
    _tells_length(segment, length, at_least=there + len(body))
    _refuse_too_much(segment, there + len(body), at=at)
    segment.size = store.append(store.original(segment), body) if body else there
    segment.heard_at, segment.expires_at = at, at + WAITED_FOR
    segment.save(update_fields=["length", "size", "heard_at", "expires_at"])
    _moves_on(segment, at=at)
    return segment


def _tells_length(segment: Segment, length: int | None, *, at_least: int) -> None:
    if length is not None and segment.length not in (None, length):
        raise Invalid.field("length", "It was told before, and is told once.", code="told_before")
    segment.length = segment.length if length is None else length
    if segment.length is not None and at_least > segment.length:
        raise TooMuch("That is more than it was told to be.")


def _refuse_too_much(segment: Segment, size: int, *, at: datetime) -> None:
    others = Segment.objects.filter(recording=segment.recording, seat=segment.seat).exclude(pk=segment.pk)
    if size + (others.aggregate(all=Sum("size"))["all"] or 0) > _most_bytes(segment.recording, at=at):
        raise TooMuch("No device records so much in that time.")


def _moves_on(segment: Segment, *, at: datetime) -> None:
    if segment.state == S.OPENED and segment.size:
        audit.move(segment, S.ARRIVING, by=HOUSE, at=at)
    if segment.length == segment.size:
        _has_arrived(segment, at=at)


def _has_arrived(segment: Segment, *, at: datetime, is_cut: bool = False) -> None:
    if segment.state == S.OPENED:  # and empty: there is nothing to check
        audit.move(segment, S.LOST, by=HOUSE, at=at)
        return
    audit.move(segment, S.ARRIVED, by=HOUSE, at=at, arrived_at=at, check_due_at=at, is_cut=is_cut)


@transaction.atomic
def give_up(*, segment: Segment, by: Actor, at: datetime) -> None:
    """Whoever recorded it lets it go, or nobody has granted it: what came of it is removed.

    Raises NotFound (404), IllegalMove (409).
    """
    segment = Segment.objects.select_for_update(of=("self",)).select_related("seat").get(pk=segment.pk)
    by.require_performer(segment.seat.performer_id)
    audit.move(segment, S.LOST, by=by, at=at)
    transaction.on_commit(lambda: store.remove(store.original(segment)))


def expire(*, at: datetime) -> None:
    """The tick: what nobody brings any more is given up; of what came of it, as much as there is, is checked."""
    for segment in Segment.objects.filter(state__in=OPEN, expires_at__lte=at).order_by("id")[:100]:
        with transaction.atomic():
            held = Segment.objects.select_for_update().get(pk=segment.pk)
            if held.state not in OPEN or held.expires_at > at:
                continue
            if held.state == S.ARRIVING:
                held.size = held.length = store.size_of(store.original(held))
                held.save(update_fields=["size", "length"])
            _has_arrived(held, at=at, is_cut=held.state == S.ARRIVING)


@transaction.atomic
def read_clock(
    *, segment: Segment, device_ms: int, ahead_ms: int, round_trip_ms: int, by: Actor
) -> ClockReading:
    """The device asked the house for the time. Raises NotFound (404), TooMuch (413)."""
    by.require_performer(segment.seat.performer_id)
    if segment.readings.count() >= MOST_READINGS:
        raise TooMuch("That is read often enough.")
    reading, _ = ClockReading.objects.get_or_create(
        segment=segment,
        device_ms=device_ms,
        defaults={"ahead_ms": ahead_ms, "round_trip_ms": round_trip_ms},
    )
    return reading
