"""What lies beside each recording of a delivery: whose it is, where it begins, the log of cards and takes, its receipts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from kit.instants import to_the_microsecond
from marketplace.deliveries.models import DeliveredTrack
from marketplace.deliveries.shards import Sample
from marketplace.media import store
from marketplace.media.receiving import kind_of
from marketplace.rights.models import GrantReceipt
from marketplace.scenes.operations import cards_of
from marketplace.sessions.models import Session


@dataclass
class Known:
    """`receipts`: by application, those of the grants. A session's log is read once for all its tracks."""

    receipts: Mapping[int, Sequence[GrantReceipt]]
    at: datetime
    logs: dict[int, dict[str, Any]] = field(default_factory=dict)


def sample_of(track: DeliveredTrack, known: Known) -> Sample:
    segment = track.segment
    recording, session = segment.recording, segment.recording.session
    if session.pk not in known.logs:
        known.logs[session.pk] = _log(session, at=known.at)
    told = {
        "session": session.public_id,
        "recording": recording.public_id,
        "track": segment.public_id,
        "seat": segment.seat.public_id,
        "performer": segment.seat.performer.public_id,
        "recorded_at": to_the_microsecond(recording.started_at),
        "offset_ms": segment.offset_ms,
        "duration_ms": segment.duration_ms,
        "is_cut": segment.is_cut,
        "tracks": segment.tracks,
        "sha256": segment.playable_sha256,
        "sha256_as_it_arrived": segment.sha256,
        "receipts": [row.sha256 for row in known.receipts.get(track.application_id, ())],
        **known.logs[session.pk],
    }
    path = store.playable(segment)
    return Sample(track.key, kind_of(segment.mime), store.size_of(path), partial(store.opened, path), told)


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
