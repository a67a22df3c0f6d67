"""What may be labelled now, what waits for whom, who may read which label yet, and how far annotators agree."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.access.roles import Role
from accounts.companies.models import Membership
from kit import agreement
from kit.rows import by_public_id
from marketplace.gigs.models import Gig
from marketplace.labels.models import Annotator, Label, Labelling, Sense, Transcript
from marketplace.labels.pieces import Range, pieces
from marketplace.labels.words import COVERS, WORDS
from marketplace.media import granted
from marketplace.media.models import Segment
from marketplace.media.states import SegmentState
from marketplace.scenes.models import Take
from marketplace.scenes.operations import cut_at
from marketplace.sessions.models import Session

A_MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Piece:
    """What one annotator labels at a time."""

    segment: Segment
    starts_ms: int
    ends_ms: int

    @property
    def key(self) -> tuple[int, int, int]:
        return self.segment.pk, self.starts_ms, self.ends_ms

    @property
    def name(self) -> str:
        """By which a page or an app names it."""
        return f"{self.segment.public_id}.{self.starts_ms}.{self.ends_ms}"


def labelling_of(gig: Gig) -> Labelling | None:
    return Labelling.objects.filter(gig=gig).select_related("gig").first()


def annotator_of(gig: Gig, actor: Actor) -> Annotator | None:
    """The actor's own place among those who label; None for everyone else, and for whose role allows it no more."""
    if actor.user_id is None or not actor.may(Act.LABEL, company_id=gig.company_id):
        return None
    rows = Annotator.objects.filter(gig=gig, user_id=actor.user_id, ended_at=None)
    return rows.select_related("gig").first()


def is_open(segment: Segment, *, at: datetime) -> bool:
    """Whether it may be labelled now: checked, not being deleted, and everybody in its session grants a use that covers it."""
    if segment.state != SegmentState.CHECKED or segment.deleting_since is not None:
        return False
    session_id = segment.recording.session_id
    return bool(granted.shared_purposes([session_id], COVERS, at=at)[session_id])


def open_ones(segments: Collection[Segment], *, at: datetime) -> set[int]:
    """The keys of those of the segments, of one session, that may be labelled now."""
    sessions = {segment.recording.session_id for segment in segments}
    shared = granted.shared_purposes(sessions, COVERS, at=at)
    return {
        segment.pk
        for segment in segments
        if segment.state == SegmentState.CHECKED
        and segment.deleting_since is None
        and shared[segment.recording.session_id]
    }


def whole(segment: Segment) -> Range:
    """From when to when it plays, on the clock of its recording."""
    starts = segment.offset_ms or 0
    return starts, starts + (segment.duration_ms or 0)


def pieces_of(labelling: Labelling, segments: Sequence[Segment]) -> list[Piece]:
    """Of each recording its pieces in order; one query for the takes of all."""
    takes: defaultdict[int, list[Take]] = defaultdict(list)
    sessions = {segment.recording.session_id for segment in segments}
    for take in Take.objects.filter(session_id__in=sessions).select_related("session"):
        takes[take.session_id].append(take)
    return [
        Piece(segment, *piece)
        for segment in segments
        for piece in pieces(
            whole(segment),
            _on_its_clock(takes[segment.recording.session_id], segment),
            length_ms=labelling.piece_s * 1000,
        )
    ]


def _on_its_clock(takes: Iterable[Take], segment: Segment) -> list[Range]:
    began, (_, last) = segment.recording.started_at, whole(segment)
    found = []
    for take in takes:
        ended = cut_at(take)
        found.append(((take.slated_at - began) // A_MS, (ended - began) // A_MS if ended else last))
    return found


@dataclass(frozen=True)
class Played:
    """A take as a recording holds it: from when to when on the recording's clock."""

    take: Take
    starts_ms: int
    ends_ms: int

    @property
    def name(self) -> str:
        """By which a page names it."""
        return f"{self.take.scene}.{self.take.number}"


def takes_in(session: Session, segments: Sequence[Segment]) -> dict[int, list[Played]]:
    """Of each of the session's recordings the takes that it holds something of, in order; one query."""
    takes = list(session.takes.select_related("session", "prompt").order_by("slated_at", "id"))
    return {segment.pk: list(_held(takes, segment)) for segment in segments}


def _held(takes: Sequence[Take], segment: Segment) -> Iterator[Played]:
    first, last = whole(segment)
    for take, (starts, ends) in zip(takes, _on_its_clock(takes, segment), strict=True):
        if max(starts, first) < min(ends, last):
            yield Played(take, max(starts, first), min(ends, last))


def waiting(annotator: Annotator, labelling: Labelling, *, at: datetime) -> list[Piece]:
    """What is still to be labelled by this annotator: open, without a label of theirs, with fewer than are wanted, and
    unread."""
    segments = granted.under_any(annotator.gig, COVERS, at=at)
    given, read = _given(annotator.gig), open_before(annotator) | open_since(annotator)
    return [
        piece
        for piece in pieces_of(labelling, segments)
        if annotator.pk not in given[piece.key]
        and len(given[piece.key]) < labelling.wanted
        and piece.key not in read
    ]


def open_before(annotator: Annotator) -> set[tuple[int, int, int]]:
    """The pieces that another had labelled before this one was asked, where they could read it: whoever takes deliveries reads
    all as long as they label nothing. Who may not reads none of it, and labels after others as they come."""
    if not _members(annotator.gig, MAY[Act.DELIVER]).filter(user_id=annotator.user_id).exists():
        return set()
    others = Label.objects.filter(gig_id=annotator.gig_id, sense=Sense.SEEN, given_at__lt=annotator.asked_at)
    rows = others.exclude(annotator=annotator).values_list("segment_id", "starts_ms", "ends_ms")
    return set(rows)


def open_since(annotator: Annotator, *, of: Segment | None = None) -> set[tuple[int, int, int]]:
    """The pieces, of one recording or of the gig, of which a label of this annotator and another's ever stood at once: those they
    could read (`labels_for`)."""
    mine = _of_the_same_piece(Label.objects.filter(annotator=annotator))
    rows = Label.objects.filter(Exists(mine), gig_id=annotator.gig_id, sense=Sense.SEEN)
    each: defaultdict[tuple[int, int, int], list[Label]] = defaultdict(list)
    for label in rows if of is None else rows.filter(segment=of):
        each[label.segment_id, label.starts_ms, label.ends_ms].append(label)
    return {key for key, labels in each.items() if _stood_together(labels, annotator)}


def _stood_together(labels: Collection[Label], annotator: Annotator) -> bool:
    return any(
        own.annotator_id == annotator.pk != other.annotator_id
        and (own.ended_at is None or other.given_at < own.ended_at)
        and (other.ended_at is None or own.given_at < other.ended_at)
        for own in labels
        for other in labels
    )


def still_label(annotators: Collection[Annotator]) -> set[int]:
    """The keys of those, of one gig, who are asked, and whose role in the company allows it."""
    asked = {each.user_id: each.pk for each in annotators if each.ended_at is None}
    if not asked:
        return set()
    gig = next(iter(annotators)).gig
    able = _members(gig, MAY[Act.LABEL]).filter(user_id__in=asked, user__is_active=True)
    return {asked[user_id] for user_id in able.values_list("user_id", flat=True)}


def _members(gig: Gig, roles: Collection[Role]) -> QuerySet[Membership]:
    return Membership.objects.filter(company_id=gig.company_id, role__in=roles)


def get_annotator(actor: Actor, gig: Gig, public_id: str) -> Annotator:
    """One of the gig's, for whoever says who labels. Raises Forbidden (403), NotFound (404)."""
    actor.require(Act.DELIVER, company_id=gig.company_id)
    return by_public_id(gig.annotators.select_related("gig", "user"), public_id)


def _given(gig: Gig) -> defaultdict[tuple[int, int, int], set[int | None]]:
    """Of each piece who labelled it."""
    found: defaultdict[tuple[int, int, int], set[int | None]] = defaultdict(set)
    rows = Label.objects.standing().filter(gig=gig, sense=Sense.SEEN)
    for *key, annotator in rows.values_list("segment_id", "starts_ms", "ends_ms", "annotator_id"):
        found[key[0], key[1], key[2]].add(annotator)
    return found


def labels_for(actor: Actor, gig: Gig) -> QuerySet[Label]:
    """The standing labels that the actor may read: of their own seats; an annotator, of a piece once their own is in; a producer
    who labels nothing, all."""
    rows = Label.objects.standing().visible_to(actor).filter(gig=gig)
    own = Q(segment__seat__performer_id=actor.performer_id) if actor.is_performer else Q(pk=None)
    annotator = annotator_of(gig, actor)
    if annotator is not None:
        mine = _of_the_same_piece(Label.objects.standing().filter(annotator=annotator))
        rows = rows.filter(own | Q(sense=Sense.SEEN) & Exists(mine))
    elif not actor.may(Act.DELIVER, company_id=gig.company_id):
        rows = rows.filter(own)
    return rows.select_related("segment__recording__session", "segment__seat__performer", "annotator")


def _of_the_same_piece(labels: QuerySet[Label]) -> QuerySet[Label]:
    """Those of them that are of the outer label's piece."""
    return labels.filter(
        segment=OuterRef("segment"), starts_ms=OuterRef("starts_ms"), ends_ms=OuterRef("ends_ms")
    )


def get_label(actor: Actor, public_id: str) -> Label:
    """One that the actor gave. Raises NotFound (404), also for another's: nobody corrects what somebody else said."""
    rows = Label.objects.visible_to(actor).filter(
        Q(annotator=None, segment__seat__performer_id=actor.performer_id)
        | Q(annotator__user_id=actor.user_id or 0)
    )
    return by_public_id(
        rows.select_related("gig", "annotator", "segment__recording__session", "segment__seat"), public_id
    )


def own_labels(actor: Actor, session: Session) -> QuerySet[Label]:
    """What a performer said of their own seat in a session, as they played it."""
    rows = Label.objects.standing().filter(
        segment__recording__session=session,
        segment__seat__performer_id=actor.performer_id,
        annotator=None,
    )
    return rows.order_by("segment_id", "starts_ms", "id")


def transcripts_of(actor: Actor, segments: Iterable[Segment]) -> dict[int, Transcript]:
    """Of each recording its transcript, where it has one and the actor may read it."""
    rows = Transcript.objects.visible_to(actor).filter(segment__in=segments, ended_at=None)
    return {row.segment_id: row for row in rows}


@dataclass(frozen=True)
class Agreement:
    """`pieces`: that two or more labelled. None where there is nothing to agree about."""

    pieces: int
    emotion: Fraction | None
    intensity: Fraction | None

    @property
    def emotion_thousandths(self) -> int | None:
        return agreement.thousandths(self.emotion)

    @property
    def intensity_thousandths(self) -> int | None:
        return agreement.thousandths(self.intensity)


def agreement_of(labels: Iterable[Label]) -> Agreement:
    """Of annotators over the pieces; what performers say of themselves is another thing, and is not counted."""
    units: defaultdict[tuple[int, int, int], list[Label]] = defaultdict(list)
    for label in labels:
        if label.sense == Sense.SEEN:
            units[label.segment_id, label.starts_ms, label.ends_ms].append(label)
    numbers = {name: number for number, name in enumerate(WORDS)}
    return Agreement(
        sum(len(unit) > 1 for unit in units.values()),
        agreement.alpha(
            [[numbers[label.emotion] for label in unit] for unit in units.values()], agreement.nominal
        ),
        agreement.alpha([[label.intensity for label in unit] for unit in units.values()]),
    )


@dataclass(frozen=True)
class Standing:
    """How the labelling of a gig stands, over what may be labelled now. `by`: how many pieces each annotator labelled, and
    whether they label still."""

    recordings: int
    pieces: int
    done: int
    of_performers: int
    by: Sequence[tuple[Annotator, int, bool]]
    agreement: Agreement


def standing(gig: Gig, labelling: Labelling, *, at: datetime) -> Standing:
    """A fixed number of queries."""
    segments = granted.under_any(gig, COVERS, at=at)
    wanted = {piece.key for piece in pieces_of(labelling, segments)}
    labels = list(Label.objects.standing().filter(gig=gig, segment__in=segments))
    given = Counter(
        (label.segment_id, label.starts_ms, label.ends_ms) for label in labels if label.sense == Sense.SEEN
    )
    each = Counter(label.annotator_id for label in labels)
    rows = Annotator.objects.filter(gig=gig).annotate(
        gave=Exists(Label.objects.standing().filter(annotator=OuterRef("pk")))
    )
    annotators = list(rows.select_related("gig", "user").order_by("id"))
    still = still_label(annotators)
    return Standing(
        recordings=len(segments),
        pieces=len(wanted),
        done=sum(given[key] >= labelling.wanted for key in wanted),
        of_performers=each[None],
        by=[(row, each[row.pk], row.pk in still) for row in annotators if row.pk in still or row.gave],
        agreement=agreement_of(labels),
    )
