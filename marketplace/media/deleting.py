"""What nothing is granted for is not kept: quarantined at once, deleted after the cooling-off time, with a row that says when its
bytes were gone. Who asked to be forgotten, and what was never granted by everyone, has no such time.

It reads the grants as they stand, so whatever ends one, a press or an erasure, ends up here.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify
from accounts.notifications.work_kinds import WorkKind as Kind
from accounts.privacy.models import Erasure
from accounts.privacy.states import ErasureState
from marketplace.media import store
from marketplace.media.models import Recording, Segment, WhyDeleted
from marketplace.media.states import OPEN, SegmentState
from marketplace.rights.models import Grant
from marketplace.rights.states import GrantState
from marketplace.sessions.models import Seat

HOUSE = Actor.of_system("recording")
AT_ONCE = 50
S = SegmentState


def quarantine(*, at: datetime) -> int:
    """The tick: what nothing is granted for any more is put apart, and what is granted again is let out. Returns how many are
    put apart."""
    kept = Segment.objects.filter(deleting_since=None)
    kept.filter(_granted(), quarantined_at__isnull=False).update(quarantined_at=None)
    return kept.filter(~_granted(), quarantined_at=None).update(quarantined_at=at)


def _granted() -> Exists:
    """That its performer lets the recordings of this engagement be used for something."""
    active = Grant.objects.filter(
        application=OuterRef("seat__engagement__application"), state=GrantState.ACTIVE
    )
    return Exists(active)


def begin_due(*, at: datetime) -> int:
    """The tick: what is to go from now on, whatever is granted later. Returns how many."""
    forgotten = Erasure.objects.filter(user=OuterRef("seat__performer__user"), state=ErasureState.DONE)
    # What is being checked is looked at first: nobody writes a file that was deleted.
    apart = Segment.objects.filter(quarantined_at__isnull=False, deleting_since=None).exclude(state=S.ARRIVED)
    gone = apart.filter(Exists(forgotten))
    cold = apart.filter(quarantined_at__lte=at - settings.MEDIA_COOLING_OFF)
    return _begin(gone, WhyDeleted.FORGOTTEN, at=at) + _begin(cold, WhyDeleted.WITHDRAWN, at=at)


def _begin(rows: QuerySet[Segment], why: WhyDeleted, *, at: datetime) -> int:
    keys = rows.order_by("id").values_list("pk", flat=True)[:AT_ONCE]
    return sum(_begin_one(pk, why, at=at) for pk in list(keys))


@transaction.atomic
def _begin_one(pk: int, why: WhyDeleted, *, at: datetime) -> bool:
    segment = Segment.objects.select_for_update(of=("self",)).get(pk=pk)
    # A grant may have been given since it was found.
    is_granted = Segment.objects.filter(_granted(), pk=pk).exists()
    if segment.deleting_since is not None or (is_granted and why == WhyDeleted.WITHDRAWN):
        return False
    if segment.state in OPEN:
        audit.move(segment, S.LOST, by=HOUSE, at=at)
    segment.deleting_since, segment.why_deleted = at, why
    segment.save(update_fields=["deleting_since", "why_deleted"])
    audit.record(verb="segment.deleting", thing=segment, by=HOUSE, at=at, why=str(why))
    return True


def refuse_never_whole(*, at: datetime) -> int:
    """The tick: a recording that began though somebody who played had granted nothing then is nobody's to keep."""
    fresh = Recording.objects.filter(consent_looked_at=None, stopped_at__isnull=False).order_by("id")
    found = 0
    for recording in fresh[:AT_ONCE]:
        if not was_whole(recording):
            segments = Segment.objects.filter(recording=recording, deleting_since=None).exclude(
                state=S.ARRIVED
            )
            found += _begin(segments, WhyDeleted.NEVER_WHOLE, at=at)
            if Segment.objects.filter(recording=recording, deleting_since=None).exists():
                continue  # one of them is being checked: the next tick looks again
        Recording.objects.filter(pk=recording.pk).update(consent_looked_at=at)
    return found


def was_whole(recording: Recording) -> bool:
    """Whether everyone who had a seat when it began had granted a use by then, and not withdrawn all."""
    began = recording.started_at
    seats = Seat.objects.filter(Q(released_at=None) | Q(released_at__gt=began), session=recording.session_id)
    seats = seats.filter(Q(called_at=None) | Q(called_at__lte=began))
    granted = Grant.objects.filter(application=OuterRef("engagement__application"), active_at__lte=began)
    granted = granted.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=began))
    return not seats.filter(~Exists(granted)).exists()


def delete_begun(*, at: datetime) -> int:
    """The tick: the bytes go, and the row says when they were gone. Again where a worker died over it. Returns how many."""
    done = 0
    rows = Segment.objects.filter(deleting_since__isnull=False, gone_at=None).order_by("deleting_since", "id")
    for segment in rows.select_related("seat__performer", "recording__session__gig")[:AT_ONCE]:
        # Outside of any transaction: a store may be far away, and twice is once.
        for path in (store.original(segment), store.playable(segment)):
            store.remove(path)
        done += _is_gone(segment, at=at)
    return done


@transaction.atomic
def _is_gone(segment: Segment, *, at: datetime) -> bool:
    if not Segment.objects.filter(pk=segment.pk, gone_at=None).update(gone_at=at):
        return False
    audit.record(verb="segment.deleted", thing=segment, by=HOUSE, at=at, why=segment.why_deleted)
    session = segment.recording.session
    # Once for a recording and a seat, however many parts it came in.
    key, where = f"{segment.recording}:{segment.seat}:deleted", {"session_id": session.public_id}
    about: About = {"gig": session.gig.title, "call_at": session.call_at}
    if segment.why_deleted != WhyDeleted.FORGOTTEN:
        reader = segment.seat.performer.user_id
        notify(kind=Kind.RECORDING_DELETED, user_id=reader, key=key, about=about, where=where, at=at)
    tell_company(
        kind=Kind.RECORDING_DELETED_TO_COMPANY,
        company_id=session.company_id,
        key=key,
        about={
            "gig": session.gig.title,
            "call_at": session.call_at,
            "performer": segment.seat.performer.stage_name,
        },
        where=where,
        at=at,
    )
    return True
