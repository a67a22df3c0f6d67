"""What people say of the recordings in a version, and the words of these: beside each recording, and as tables.

Labels are those that stood when the version was asked for, without any that was taken back since, so that nobody's pen holds the
building up. They go in where one of the version's own purposes covers them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db.models import Q

from kit.instants import to_the_microsecond
from marketplace.deliveries.models import DeliveredTrack, Delivery
from marketplace.labels import queries
from marketplace.labels.models import OWN, Label, Transcript
from marketplace.labels.words import COVERS, INTENSITIES, in_words

LABELS_FILE, TRANSCRIPT_FILE = "labels.json", "transcript.vtt"
BY_PERFORMER = "performer"


@dataclass(frozen=True)
class Annotations:
    """By the recording's key: its labels in the order of its clock, and its transcript. `emotions`: the gig's words."""

    labels: Mapping[int, Sequence[Label]] = field(default_factory=dict)
    transcripts: Mapping[int, Transcript] = field(default_factory=dict)
    emotions: Sequence[tuple[str, str]] = ()

    @property
    def all_labels(self) -> list[Label]:
        return [label for labels in self.labels.values() for label in labels]

    def labels_of(self, track: DeliveredTrack) -> Sequence[Label]:
        """None of a piece: people label recordings of sessions."""
        return self.labels.get(track.segment_id, ()) if track.segment_id else ()

    def transcript_of(self, track: DeliveredTrack) -> Transcript | None:
        return self.transcripts.get(track.segment_id) if track.segment_id else None

    @property
    def names(self) -> list[str]:
        """What tells one state of them from another."""
        said = [label.public_id for label in self.all_labels]
        return sorted([*said, *(each.public_id for each in self.transcripts.values())])


def annotations_of(delivery: Delivery) -> Annotations:
    """Four queries, whatever the number of recordings."""
    if not set(delivery.purposes) & set(COVERS):
        return Annotations()
    segments = delivery.tracks.values("segment_id")
    taken_back = Label.objects.filter(gig_id=delivery.gig_id, withdrawn_at__isnull=False)
    stood = Q(replaced_at=None) | Q(replaced_at__gt=delivery.asked_at)
    rows = Label.objects.filter(stood, segment_id__in=segments, given_at__lte=delivery.asked_at)
    rows = rows.exclude(first__in=taken_back.values("first")).select_related("annotator")
    labels: defaultdict[int, list[Label]] = defaultdict(list)
    for label in rows.order_by("segment_id", "starts_ms", "ends_ms", "id"):
        labels[label.segment_id].append(label)
    words = Transcript.objects.filter(segment_id__in=segments, ended_at=None)
    labelling = queries.labelling_of(delivery.gig)
    return Annotations(
        labels, {each.segment_id: each for each in words}, in_words(labelling.emotions) if labelling else ()
    )


def beside(track: DeliveredTrack, known: Annotations) -> Iterator[tuple[str, Any]]:
    """What lies beside a recording, by its ending: only what there is."""
    if labels := known.labels_of(track):
        yield LABELS_FILE, _file(track, labels, known)
    if transcript := known.transcript_of(track):
        yield TRANSCRIPT_FILE, transcript.text


def told(track: DeliveredTrack, known: Annotations) -> dict[str, Any]:
    """What the recording's own table says of it: also that there is none."""
    transcript = known.transcript_of(track)
    return {
        "labels": len(known.labels_of(track)),
        "transcript": {
            "file": f"{track.key}.{TRANSCRIPT_FILE}",
            "sha256": transcript.sha256,
            "cues": transcript.cues,
        }
        if transcript
        else None,
    }


def _file(track: DeliveredTrack, labels: Sequence[Label], known: Annotations) -> dict[str, Any]:
    return {
        "clock": "Milliseconds on the session's one clock, half-open, as offset_ms.",
        "emotions": dict(known.emotions),
        "intensities": {str(number): words for number, words in INTENSITIES.items()},
        "labels": [row(track, label) for label in labels],
    }


def row(track: DeliveredTrack, label: Label) -> dict[str, Any]:
    """One label, as a line of the table. An annotator is a number of this gig, and no name."""
    return {
        "label": label.public_id,
        "version": label.version,
        "sample": track.key,
        "sense": label.sense,
        "by": label.annotator.public_id if label.annotator else BY_PERFORMER,
        "from_ms": label.starts_ms,
        "until_ms": label.ends_ms,
        "emotion": label.emotion,
        "intensity": label.intensity,
        "given_at": to_the_microsecond(label.given_at),
    }


def rows(delivery: Delivery, known: Annotations) -> Iterator[dict[str, Any]]:
    for track in delivery.tracks.order_by("id"):
        for label in known.labels_of(track):
            yield row(track, label)


@dataclass(frozen=True)
class Counted:
    """The labels of a version in figures. `agreement`: over the annotators' labels that are in it."""

    labels: int
    by_performers: int
    annotators: int
    agreement: queries.Agreement


def counted(known: Annotations) -> Counted:
    labels = known.all_labels
    return Counted(
        labels=len(labels),
        by_performers=sum(label.sense in OWN for label in labels),
        annotators=len({label.annotator_id for label in labels if label.annotator_id}),
        agreement=queries.agreement_of(labels),
    )


def agreement_file(found: Counted) -> dict[str, Any]:
    return {
        "method": "Krippendorff's alpha, exact; null where there is nothing to agree about.",
        "over": "The annotators' labels in this version, piece by piece. What performers say of themselves is not counted.",
        "annotators": found.annotators,
        "pieces": found.agreement.pieces,
        "emotion": {
            "distance": "nominal",
            "alpha": _exact(found.agreement.emotion),
            "alpha_thousandths": found.agreement.emotion_thousandths,
        },
        "intensity": {
            "distance": "ordinal",
            "alpha": _exact(found.agreement.intensity),
            "alpha_thousandths": found.agreement.intensity_thousandths,
        },
    }


def _exact(alpha: Fraction | None) -> str | None:
    return None if alpha is None else str(alpha)
