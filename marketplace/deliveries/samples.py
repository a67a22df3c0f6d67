"""What lies beside each recording of a delivery: whose it is, where it begins, the log of cards and takes, its receipts; and the
manifest that says the same of it to whoever has only the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from kit.instants import to_the_microsecond
from marketplace.deliveries import annotations, claims, provenance, sources
from marketplace.deliveries.annotations import Annotations
from marketplace.deliveries.models import DeliveredTrack
from marketplace.deliveries.shards import Sample
from marketplace.deliveries.sources import Source
from marketplace.media import store
from marketplace.media.models import Segment
from marketplace.rights import receipts
from marketplace.rights.models import GrantReceipt
from marketplace.scenes.operations import cards_of
from marketplace.sessions.models import Session


@dataclass
class Known:
    """`receipts`: by application, those of the grants; `said`: what people say of the recordings. A session's log is read once for
    all its tracks."""

    receipts: Mapping[int, Sequence[GrantReceipt]]
    at: datetime
    said: Annotations = field(default_factory=Annotations)
    logs: dict[int, dict[str, Any]] = field(default_factory=dict)


def samples_of(tracks: Iterable[DeliveredTrack], known: Known, *, folder: Path) -> Iterator[Sample]:
    """Each recording with its manifest signed, in the order of the tracks. What is delivered of it lies in `folder` until the
    next one is asked for."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    provenance.note_anchor(at=known.at)
    for track in tracks:
        of = sources.of_track(track)
        manifest, draft = claims.manifest(_claimed(track, of, known)), folder / f"{track.key}.draft"
        with (
            store.opened(of.path) as recording,
            provenance.sealed(
                recording, sha256=of.sha256, kind=of.kind, manifest=manifest, draft=draft
            ) as sealed,
        ):
            DeliveredTrack.objects.filter(pk=track.pk).update(sha256=sealed.sha256)
            told, opened = _told(track, of, known), partial(store.opened, sealed.path)
            told["sha256"] = sealed.sha256
            beside = list(annotations.beside(track, known.said))
            yield Sample(track.key, of.kind, sealed.size, opened, told, sealed.beside, beside)


def _claimed(track: DeliveredTrack, of: Source, known: Known) -> claims.Claimed:
    return claims.Claimed(
        key=track.key,
        house=settings.PUBLIC_URL,
        delivery=track.delivery.public_id,
        session=of.session,
        piece=of.piece,
        track=of.id,
        recorded_at=to_the_microsecond(of.recorded_at),
        sha256=of.sha256,
        granted=[_granted(row) for row in known.receipts.get(track.application_id, ())],
    )


def _granted(receipt: GrantReceipt) -> claims.Granted:
    """As the receipt itself says it, word by word."""
    said = receipts.file_of(receipt)["receipt"]["grant"]
    return claims.Granted(receipt.sha256, said["purpose"], said["text"], said["licensee"])


def _told(track: DeliveredTrack, of: Source, known: Known) -> dict[str, Any]:
    return {
        **(_of_a_session(track.segment, known) if track.segment else {"piece": of.piece}),
        "track": of.id,
        "performer": track.performer.public_id,
        "recorded_at": to_the_microsecond(of.recorded_at),
        "offset_ms": of.offset_ms,
        "duration_ms": of.duration_ms,
        "tracks": of.tracks,
        "sha256_before_its_manifest": of.sha256,
        "sha256_as_it_arrived": of.arrived_sha256,
        "receipts": [row.sha256 for row in known.receipts.get(track.application_id, ())],
        **annotations.told(track, known.said),
    }


def _of_a_session(segment: Segment, known: Known) -> dict[str, Any]:
    recording, session = segment.recording, segment.recording.session
    if session.pk not in known.logs:
        known.logs[session.pk] = _log(session, at=known.at)
    return {
        "session": session.public_id,
        "recording": recording.public_id,
        "seat": segment.seat.public_id,
        "is_cut": segment.is_cut,
        **known.logs[session.pk],
    }


def _log(session: Session, *, at: datetime) -> dict[str, Any]:
    """Which card was up when, and which take ran: in UTC, half-open. A secret card names the seat that alone saw it."""
    return {
        "cards": [
            {
                "text": card.prompt.text,
                "from": to_the_microsecond(card.since),
                "until": to_the_microsecond(card.until) if card.until else None,
                "seat": card.seat.public_id if card.seat else None,
            }
            for card in cards_of(session, at=at)
        ],
        "takes": [
            {
                "scene": take.scene,
                "take": take.number,
                "from": to_the_microsecond(take.slated_at),
                "until": to_the_microsecond(take.cut_at) if take.cut_at else None,
            }
            for take in session.takes.order_by("slated_at", "id")
        ],
    }
