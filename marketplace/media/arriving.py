"""After it arrived: a job checks each segment and makes it play, with its hash before and after, on the house's clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from marketplace.media import bucket, store
from marketplace.media.checking import Found, Unplayable, make_playable
from marketplace.media.models import ClockReading, Segment
from marketplace.media.receiving import kind_of
from marketplace.media.states import SegmentState

log = structlog.get_logger(__name__)
S = SegmentState
HOUSE = Actor.of_system("recording")
AT_ONCE = 20
# A worker that was killed over it has not answered by then; one segment kills no more than so many.
LEASE = timedelta(minutes=10)
MOST_CHECKS = 3
# Of the readings of the clock those that came back soonest say most.
BEST = 5


def check_arrived(*, at: datetime) -> int:
    """The tick: whatever has arrived, the oldest first. Returns how many were looked at."""
    done = 0
    while done < AT_ONCE and (segment := _claim(at=at)) is not None:
        _check(segment, at=at)
        done += 1
    return done


def settle_finished(*, at: datetime) -> int:
    """The tick: what was checked goes where finished files lie; without a bucket nothing does. Returns how many segments."""
    if not bucket.is_used():
        return 0
    names = [path.stem for path in sorted(Path(settings.MEDIA_FOLDER).glob("seg_*.play"))[:AT_ONCE]]
    done = Segment.objects.filter(public_id__in=names, state=S.CHECKED, deleting_since=None)
    for segment in done:
        # The one that plays last: while it is on the disk, the segment is looked at again.
        for path in (store.original(segment), store.playable(segment)):
            store.settle(path)
    return len(done)


@transaction.atomic
def _claim(*, at: datetime) -> Segment | None:
    rows = Segment.objects.select_for_update(of=("self",), skip_locked=True).select_related("recording")
    due = rows.filter(state=S.ARRIVED, check_due_at__lte=at, deleting_since=None)
    segment = due.order_by("check_due_at", "id").first()
    if segment is None:
        return None
    segment.checks += 1
    segment.check_due_at = at + LEASE
    segment.save(update_fields=["checks", "check_due_at"])
    return segment


def _check(segment: Segment, *, at: datetime) -> None:
    """No lock is held while it is read."""
    source, target = store.original(segment), store.playable(segment)
    if segment.checks > MOST_CHECKS or not source.exists():
        _refuse(segment, "It could not be looked at, several times over.", at=at)
        return
    sha256 = store.sha256_of(source)
    try:
        found = make_playable(source, target, kind=kind_of(segment.mime))
    except Unplayable as refusal:
        store.remove(target)
        _refuse(segment, str(refusal), at=at)
        return
    store.keep(target)
    _passes(segment, found, sha256, at=at)


@transaction.atomic
def _passes(segment: Segment, found: Found, sha256: str, *, at: datetime) -> None:
    target = store.playable(segment)
    audit.move(
        segment,
        S.CHECKED,
        by=HOUSE,
        at=at,
        checked_at=at,
        sha256=sha256,
        playable_sha256=store.sha256_of(target),
        playable_size=store.size_of(target),
        duration_ms=found.duration_ms,
        tracks=found.tracks,
        offset_ms=offset_ms(segment, segment.readings.all()),
    )


@transaction.atomic
def _refuse(segment: Segment, why: str, *, at: datetime) -> None:
    log.warning("segment_refused", segment=segment.public_id, why=why)
    audit.move(segment, S.REFUSED, by=HOUSE, at=at, checked_at=at, refusal=why)


def offset_ms(segment: Segment, readings: Iterable[ClockReading]) -> int:
    """When the segment begins in its recording, by the house's clock. What the device was behind or ahead is the middle of
    what the quickest answers said; without any, its clock is believed."""
    best = sorted(readings, key=lambda reading: reading.round_trip_ms)[:BEST]
    ahead = sorted(reading.ahead_ms for reading in best)
    corrected = segment.device_started_ms + (ahead[len(ahead) // 2] if ahead else 0)
    return corrected - round(segment.recording.started_at.timestamp() * 1000)
