"""Labels: a company says by which words, and who gives them; performers say what they felt or played, annotators what they see.
What was given is never changed. Nothing of it leads to casting, standing or pay."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.audit import operations as audit
from accounts.companies.models import Membership
from accounts.identity.models import User
from accounts.notifications.operations import notify_many
from accounts.notifications.work_kinds import WorkKind as Kind
from kit.errors import DomainError, Invalid, NotFound
from kit.text import required_text
from marketplace.gigs.models import Gig
from marketplace.labels import queries
from marketplace.labels.models import (
    FEWEST_WANTED,
    LONGEST_PIECE_S,
    MOST_WANTED,
    OWN,
    SHORTEST_PIECE_S,
    Annotator,
    Label,
    Labelling,
    Sense,
)
from marketplace.labels.words import ALWAYS, EMOTIONS, FEWEST_CHOSEN, HIGHEST, LOWEST, WORDS
from marketplace.media.models import Segment

MOST_ANNOTATORS = 20
# Of one recording's own labels: a slip of a script, not a performer, gives more.
MOST_OWN = 500


class LabellingInUse(DomainError):
    """Label the rest by the same words and pieces; choose others for the next gig."""

    code = "labelling_in_use"
    title = "Somebody has labelled by it already"


class NoVocabulary(DomainError):
    """The company says first by which words its recordings are labelled."""

    code = "no_vocabulary"
    title = "Nobody has said by which words"


class NotToBeLabelled(DomainError):
    """Nothing to do: it comes back when everybody in the scene grants a use that covers labels."""

    code = "not_to_be_labelled"
    title = "This recording is not to be labelled"


class AlreadyLabelled(DomainError):
    """Correct the label that you gave; it is never changed in place."""

    code = "already_labelled"
    title = "You have labelled this"


class ReadBefore(DomainError):
    """Leave it to somebody who has not read the others."""

    code = "label_read_before"
    title = "You could read what others said of this piece"


class StillLabels(DomainError):
    """Ask them, or name them no more; then it can be done for them."""

    code = "still_labels"
    title = "They label this gig still"


class LabelOver(DomainError):
    """Open the page again: it has what stands now."""

    code = "label_over"
    title = "This label was replaced or withdrawn already"


@dataclass(frozen=True)
class Said:
    """What a label says: of which range, half-open, in ms on the clock of the recording."""

    sense: str
    starts_ms: int
    ends_ms: int
    emotion: str
    intensity: int


@transaction.atomic
def set_up(
    *, gig: Gig, emotions: Collection[str], wanted: int, piece_s: int, by: Actor, at: datetime
) -> Labelling:
    """By which words of the house's list a gig is labelled, in pieces of how many seconds, by how many annotators each. Neutral and
    another one belong to it by themselves.

    Raises Forbidden (403), LabellingInUse (409) for other words or pieces once there is a label, Invalid (422).
    """
    by.require(Act.DELIVER, company_id=gig.company_id)
    chosen = _chosen(emotions)
    if not FEWEST_WANTED <= wanted <= MOST_WANTED:
        raise Invalid.field("wanted", f"From {FEWEST_WANTED} to {MOST_WANTED}.", code="out_of_range")
    if not SHORTEST_PIECE_S <= piece_s <= LONGEST_PIECE_S:
        said = f"From {SHORTEST_PIECE_S} to {LONGEST_PIECE_S} seconds."
        raise Invalid.field("piece_s", said, code="out_of_range")
    gig = Gig.objects.select_for_update().get(pk=gig.pk)
    before = queries.labelling_of(gig)
    changes = before is not None and (before.emotions, before.piece_s) != (chosen, piece_s)
    if changes and Label.objects.filter(gig=gig).exists():
        raise LabellingInUse("What was given would mean something else. How many label each may be changed.")
    labelling, _ = Labelling.objects.update_or_create(
        gig=gig,
        defaults={
            "emotions": chosen,
            "wanted": wanted,
            "piece_s": piece_s,
            "set_at": at,
            "set_by": by.label,
        },
    )
    audit.record(verb="labelling.set", thing=gig, by=by, at=at, wanted=wanted, piece_s=piece_s)
    return labelling


def _chosen(emotions: Collection[str]) -> list[str]:
    if strange := sorted(set(emotions) - WORDS.keys()):
        said = f"The house's list has no such word: {', '.join(each[:40] for each in strange[:3])}."
        raise Invalid.field("emotions", said, code="not_a_choice")
    chosen = [name for name in WORDS if name in emotions or name in ALWAYS]
    if len(set(chosen) & EMOTIONS.keys()) < FEWEST_CHOSEN:
        said = f"Choose at least {FEWEST_CHOSEN}, beside neutral and another one."
        raise Invalid.field("emotions", said, code="too_few")
    return chosen


@transaction.atomic
def ask(*, gig: Gig, users: Sequence[User], by: Actor, at: datetime) -> None:
    """Exactly these label from now on; what others gave stays. Each new one is told.

    Raises Forbidden (403), NoVocabulary (409), Invalid (422) for whom the company lets label nothing.
    """
    by.require(Act.DELIVER, company_id=gig.company_id)
    gig = Gig.objects.select_for_update().get(pk=gig.pk)
    if users and queries.labelling_of(gig) is None:
        raise NoVocabulary("Choose the words first.")
    chosen = {user.pk for user in users}
    able = Membership.objects.filter(
        company_id=gig.company_id, user_id__in=chosen, role__in=MAY[Act.LABEL], user__is_active=True
    )
    if len(chosen) > MOST_ANNOTATORS or able.count() != len(chosen):
        said = f"At most {MOST_ANNOTATORS} members of your company who may label recordings."
        raise Invalid.field("annotators", said, code="not_a_choice")
    before = set(gig.annotators.filter(ended_at=None).values_list("user_id", flat=True))
    gig.annotators.filter(ended_at=None).exclude(user_id__in=chosen).update(ended_at=at)
    # Asked anew from now: what they may have read in between, they do not label (`queries.open_before`).
    gig.annotators.filter(user_id__in=chosen, ended_at__isnull=False).update(ended_at=None, asked_at=at)
    known = set(gig.annotators.values_list("user_id", flat=True))
    Annotator.objects.bulk_create(
        Annotator(gig=gig, user_id=each, asked_at=at) for each in sorted(chosen - known)
    )
    audit.record(verb="annotators.asked", thing=gig, by=by, at=at, annotators=len(chosen))
    notify_many(
        kind=Kind.TO_LABEL,
        user_ids=chosen - before - {by.user_id or 0},
        key=f"label:{gig.public_id}:{at.timestamp():.0f}",
        about={"gig": gig.title},
        where={"gig_id": gig.public_id},
        at=at,
    )


@transaction.atomic
def give(*, segment: Segment, said: Said, by: Actor, at: datetime) -> Label:
    """A label: by the performer of the seat what they felt or played in any range of it, by an annotator what they see in one of
    its pieces.

    Raises Forbidden, NotToLabel (403), NotFound (404) for who is neither, NotToBeLabelled, NoVocabulary, ReadBefore,
    AlreadyLabelled (409), Invalid (422).
    """
    by.require_person("A person labels, not a key.")
    segment = _locked(segment)
    annotator = _annotator(segment, by)
    labelling = _labelling(segment, at=at)
    _check(said, segment, labelling, annotator)
    _once(segment, said, annotator)
    _unread(segment, said, annotator)
    label = Label(**_row(segment, said, annotator), given_at=at)
    label.first = label.public_id
    label.save(force_insert=True)
    audit.record(verb="label.given", thing=label, by=by, at=at, segment=segment.public_id)
    return label


@transaction.atomic
def replace(*, label: Label, said: Said, by: Actor, at: datetime) -> Label:
    """Its author's next version; the one before is kept beside it, and is in no later delivery.

    Raises Forbidden, NotToLabel (403) for who labels no more, NotFound (404), LabelOver, NotToBeLabelled, AlreadyLabelled,
    ReadBefore (409) for an annotator who can read others by now, Invalid (422).
    """
    by.require_person("A person labels, not a key.")
    segment = _locked(label.segment)
    label = _own(label, segment, by)
    annotator = _annotator(segment, by) if label.annotator is not None else None
    labelling = _labelling(segment, at=at)
    _check(said, segment, labelling, annotator)
    _once(segment, said, annotator, but=label)
    _unread(segment, said, annotator)
    label.replaced_at = at
    label.save(update_fields=["replaced_at"])
    later = Label.objects.create(
        **_row(segment, said, annotator), first=label.first, version=label.version + 1, given_at=at
    )
    audit.record(verb="label.replaced", thing=later, by=by, at=at, before=label.public_id)
    return later


@transaction.atomic
def withdraw(*, label: Label, by: Actor, at: datetime) -> Label:
    """Its author takes it back: it is in no later delivery. Also of a recording that is not to be labelled any more.

    Raises Forbidden (403), NotFound (404), LabelOver (409).
    """
    by.require_person("A person labels, not a key.")
    label = _own(label, _locked(label.segment), by)
    label.withdrawn_at = at
    label.save(update_fields=["withdrawn_at"])
    audit.record(verb="label.withdrawn", thing=label, by=by, at=at)
    return label


@transaction.atomic
def withdraw_for(*, annotator: Annotator, reason: str, by: Actor, at: datetime) -> Annotator:
    """An owner takes back all that somebody gave who labels no more, as they asked: who has left comes to no page of it. Twice is
    once. Of who labels still, they do it themselves.

    Raises Forbidden (403), NotFound (404), StillLabels (409), Invalid (422) without a reason.
    """
    by.require(Act.RUN_COMPANY, company_id=annotator.gig.company_id)
    by.require_person("A person takes labels back, not a key.")
    reason = required_text(reason)
    Gig.objects.select_for_update().get(pk=annotator.gig_id)
    annotator.refresh_from_db(fields=["ended_at"])
    if queries.still_label([annotator]):
        raise StillLabels("They take their labels back themselves, one by one.")
    for label in Label.objects.standing().filter(annotator=annotator).select_for_update().order_by("pk"):
        label.withdrawn_at = at
        label.save(update_fields=["withdrawn_at"])
        audit.record(verb="label.withdrawn", thing=label, by=by, at=at, reason=reason)
    return annotator


def _locked(segment: Segment) -> Segment:
    """Two labels of one recording at once come one after the other."""
    rows = Segment.objects.select_for_update(of=("self",))
    return rows.select_related("recording__session__gig", "seat").get(pk=segment.pk)


def _annotator(segment: Segment, by: Actor) -> Annotator | None:
    """None for the performer of the seat. Raises Forbidden (403), NotFound (404)."""
    if by.is_performer and segment.seat.performer_id == by.performer_id:
        return None
    gig = segment.recording.session.gig
    by.require(Act.LABEL, company_id=gig.company_id)
    annotator = queries.annotator_of(gig, by)
    if annotator is None:
        raise NotToLabel("A producer says who labels this gig.")
    return annotator


class NotToLabel(DomainError):
    """Ask a producer of the company to name you."""

    code = "not_an_annotator"
    status = 403
    title = "You do not label this gig"


def _own(label: Label, segment: Segment, by: Actor) -> Label:
    label = Label.objects.select_related("annotator").get(pk=label.pk)
    if label.annotator is None:
        by.require_performer(segment.seat.performer_id)
    elif label.annotator.user_id != by.user_id:
        raise NotFound
    if label.replaced_at is not None or label.withdrawn_at is not None:
        raise LabelOver("It was replaced or withdrawn meanwhile.")
    return label


def _labelling(segment: Segment, *, at: datetime) -> Labelling:
    if not queries.is_open(segment, at=at):
        raise NotToBeLabelled(
            "Somebody in the scene has withdrawn what they granted, or nobody granted a use that covers labels."
        )
    labelling = queries.labelling_of(segment.recording.session.gig)
    if labelling is None:
        raise NoVocabulary("The company has not said yet by which words its recordings are labelled.")
    return labelling


def _check(said: Said, segment: Segment, labelling: Labelling, annotator: Annotator | None) -> None:
    if said.emotion not in labelling.emotions:
        raise Invalid.field("emotion", "Choose one of the gig's words.", code="not_a_choice")
    if not LOWEST <= said.intensity <= HIGHEST:
        raise Invalid.field("intensity", f"From {LOWEST} to {HIGHEST}.", code="out_of_range")
    if annotator is None:
        if said.sense not in OWN:
            raise Invalid.field("sense", "Say whether you felt it or played it.", code="not_a_choice")
        starts, ends = queries.whole(segment)
        if not starts <= said.starts_ms < said.ends_ms <= ends:
            told = "It has to end after it starts, and to lie within the recording."
            raise Invalid.field("ends_ms", told, code="out_of_range")
        return
    if said.sense != Sense.SEEN:
        raise Invalid.field("sense", "You say what you see; what was felt, they say.", code="not_a_choice")
    cut = {(piece.starts_ms, piece.ends_ms) for piece in queries.pieces_of(labelling, [segment])}
    if (said.starts_ms, said.ends_ms) not in cut:
        told = "Label a piece as the queue names it, so that all label the same."
        raise Invalid.field("starts_ms", told, code="no_such_piece")


def _once(segment: Segment, said: Said, annotator: Annotator | None, *, but: Label | None = None) -> None:
    rows = Label.objects.standing().filter(segment=segment, annotator=annotator)
    if annotator is None and but is None and rows.count() >= MOST_OWN:
        raise Invalid.field("starts_ms", f"At most {MOST_OWN} labels of one recording.", code="too_many")
    same = rows.filter(sense=said.sense, starts_ms=said.starts_ms, ends_ms=said.ends_ms)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise AlreadyLabelled("You gave a label of this very range. Correct that one.")


def _unread(segment: Segment, said: Said, annotator: Annotator | None) -> None:
    """What annotators agree on is worth something as long as none of them knew what the others said."""
    if annotator is None:
        return
    piece = segment.pk, said.starts_ms, said.ends_ms
    if piece in queries.open_before(annotator):
        raise ReadBefore("Others had labelled this piece, and you could read them, before you were named.")
    if piece in queries.open_since(annotator, of=segment):
        said_it = "Since yours was in, you can read what others said of this piece. Where yours is wrong, take it back."
        raise ReadBefore(said_it)


def _row(segment: Segment, said: Said, annotator: Annotator | None) -> dict[str, object]:
    return {
        "gig": segment.recording.session.gig,
        "segment": segment,
        "annotator": annotator,
        "sense": said.sense,
        "starts_ms": said.starts_ms,
        "ends_ms": said.ends_ms,
        "emotion": said.emotion,
        "intensity": said.intensity,
    }
