"""What goes into a delivery: recordings of sessions, and accepted pieces. Here both are told alike."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from marketplace.deliveries.models import DeliveredTrack
from marketplace.gigs.models import Gig
from marketplace.media import granted, sent, store
from marketplace.media.models import Segment
from marketplace.media.receiving import kind_of
from marketplace.works import queries as works
from marketplace.works.models import Artefact


@dataclass(frozen=True)
class Source:
    """`kind`: mp4 or webm. `session` is empty of a piece, `piece` of a recording of a session; `recorded_at` of a piece is when
    it was handed in, as nobody knows better. `sha256` of what was checked, `arrived_sha256` of what came."""

    id: str
    path: Path
    kind: str
    size: int
    sha256: str
    arrived_sha256: str
    recorded_at: datetime
    offset_ms: int
    duration_ms: int
    session: str
    piece: str
    tracks: Sequence[dict[str, Any]]

    @property
    def key(self) -> str:
        """Its name in the set. No dot: behind the first is the ending."""
        return f"{self.session or self.piece}-{self.id}"


Deliverable = Segment | Artefact


def deliverable(gig: Gig, purposes: Collection[str], *, at: datetime) -> list[Deliverable]:
    """Recordings first, then pieces; a fixed number of queries."""
    return [
        *granted.deliverable(gig, purposes, at=at),
        *works.deliverable(gig, purposes, at=at),
    ]


def source(thing: Deliverable) -> Source:
    return _of_segment(thing) if isinstance(thing, Segment) else _of_artefact(thing)


def of_track(track: DeliveredTrack) -> Source:
    thing = track.segment or track.artefact
    if thing is None:
        raise AssertionError("a CHECK says that there is one of the two")
    return source(thing)


def track_of(thing: Deliverable) -> DeliveredTrack:
    """Not saved, and in no delivery yet."""
    told = source(thing)
    track = DeliveredTrack(key=told.key, sha256=told.sha256)
    if isinstance(thing, Segment):
        track.segment, track.performer_id = thing, thing.seat.performer_id
        track.application_id = thing.seat.engagement.application_id
    else:
        track.artefact, track.performer_id = thing, thing.performer_id
        track.application_id = thing.commission.engagement.application_id
    return track


def _of_segment(segment: Segment) -> Source:
    return Source(
        id=segment.public_id,
        path=store.playable(segment),
        kind=kind_of(segment.mime),
        size=segment.playable_size,
        sha256=segment.playable_sha256,
        arrived_sha256=segment.sha256,
        recorded_at=segment.recording.started_at,
        offset_ms=segment.offset_ms or 0,
        duration_ms=segment.duration_ms or 0,
        session=segment.recording.session.public_id,
        piece="",
        tracks=segment.tracks,
    )


def _of_artefact(artefact: Artefact) -> Source:
    if artefact.submitted_at is None:
        raise AssertionError("only what was handed in is accepted")
    return Source(
        id=artefact.public_id,
        path=sent.playable(artefact),
        kind=artefact.form,
        size=artefact.playable_size,
        sha256=artefact.playable_sha256,
        arrived_sha256=artefact.sha256,
        recorded_at=artefact.submitted_at,
        offset_ms=0,
        duration_ms=artefact.duration_ms or 0,
        session="",
        piece=artefact.commission.public_id,
        tracks=artefact.tracks,
    )
