"""The rooms at LiveKit that the house looks after, as rows: watched while their session is open, then closed for good.

With no LiveKit configured there are none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Least
from livekit.protocol.models import DisconnectReason
from livekit.protocol.webhook import WebhookEvent

from kit.jobs import next_try
from marketplace.presence.faults import FAULTS
from marketplace.sessions.models import Session, VideoRoom
from marketplace.sessions.states import BEFORE, UNDER_WAY

# To come in with; whoever is in is given fresh ones by LiveKit, which last as long (livekit-server, roommanager.go).
TOKEN_LASTS = timedelta(minutes=10)
# So long after its end a room can be opened again by a token, LiveKit's leeway included.
CLOSED_FOR_GOOD = TOKEN_LASTS + timedelta(minutes=2)
EVERY = timedelta(seconds=30)
# A tick that comes a little early finds its rooms due.
EARLY = timedelta(seconds=5)
# However much there is to hear of a room, it is not looked into more often.
AT_MOST_EVERY = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=1)
LEASE = timedelta(minutes=2)
TASK = "presence.poll"
FAULT_NUMBERS = {DisconnectReason.Value(name) for name in FAULTS}
OPEN_STATES = (*BEFORE, *UNDER_WAY)


def close(*, session: Session, at: datetime) -> None:
    """The session's room is to be closed: at once when this transaction has committed, and again until it is.

    Asked twice, nothing changes.
    """
    if not settings.LIVEKIT_URL:
        return
    row, _ = VideoRoom.objects.get_or_create(session=session, defaults={"due_at": at})
    VideoRoom.objects.filter(pk=row.pk, closing_since=None).update(closing_since=at, due_at=at)
    wake()


def look_at_once(rooms: QuerySet[VideoRoom], *, at: datetime) -> None:
    """These are due now, as far as AT_MOST_EVERY lets them be."""
    soonest = Greatest(F("polled_at") + AT_MOST_EVERY, at)
    if rooms.filter(due_at__gt=at).update(due_at=Least(F("due_at"), soonest)):
        wake()


def heard(event: WebhookEvent, *, room: str, at: datetime) -> None:
    """LiveKit told something, of `room` where it is one of ours: look at once where it says that word was lost, that a
    machine failed, or that someone came who may not be there."""
    if not settings.LIVEKIT_URL:
        return
    if event.num_dropped:
        # It counts what was lost of all rooms.
        look_at_once(VideoRoom.objects.all(), at=at)
    if room and event.participant.disconnect_reason in FAULT_NUMBERS:
        look_at_once(VideoRoom.objects.filter(session__public_id=room), at=at)
    if room and event.event == "participant_joined":
        _came(event.participant.identity, room=room, at=at)


def _came(identity: str, *, room: str, at: datetime) -> None:
    """A token outlives what it was given for: who comes to a session that is over, or with a released seat, is put out."""
    session = Session.objects.filter(public_id=room).first()
    if session is None:
        return
    if session.state not in OPEN_STATES:
        close(session=session, at=at)
    released = session.seats.exclude(released_at=None).select_related("performer")
    if session.state not in OPEN_STATES or identity in {seat.performer.public_id for seat in released}:
        look_at_once(VideoRoom.objects.filter(session=session), at=at)


def wake() -> None:
    """Ring for a worker once this has committed; a ring that is lost is made up for by the next tick."""
    transaction.on_commit(lambda: current_app.send_task(TASK, expires=EVERY.total_seconds()), robust=True)


@transaction.atomic
def claim(*, at: datetime, at_most: int) -> list[VideoRoom]:
    """Those due longest. They are pushed on, so that a crash delays them and nobody else takes them meanwhile."""
    rows = VideoRoom.objects.select_for_update(skip_locked=True, of=("self",)).select_related("session")
    claimed = list(rows.filter(due_at__lte=at).order_by("due_at", "pk")[:at_most])
    for row in claimed:
        row.due_at = at + LEASE
    VideoRoom.objects.bulk_update(claimed, ["due_at"])
    return claimed


def was_seen(rows: Sequence[VideoRoom], *, at: datetime) -> None:
    """LiveKit said who is in them: the next look is EVERY from now."""
    _answered(rows, due_at=at + EVERY - EARLY, polled_at=at)


def was_closed(rows: Sequence[VideoRoom], *, at: datetime) -> None:
    """LiveKit has closed them, or has no such room. They are forgotten once no token opens them any more."""
    _answered(rows, due_at=at + LONGEST_WAIT)
    found = VideoRoom.objects.filter(pk__in=[row.pk for row in rows])
    found.filter(closing_since__lte=at - CLOSED_FOR_GOOD).delete()


def _answered(rows: Sequence[VideoRoom], *, due_at: datetime, **facts: datetime) -> None:
    found = VideoRoom.objects.filter(pk__in=[row.pk for row in rows])
    found.update(tries=0, failing_since=None, failure="", **facts)
    # Where something was heard since the claim, it is due already, and stays so.
    found.filter(due_at__in={row.due_at for row in rows}).update(due_at=due_at)


def failed(row: VideoRoom, words: str, *, at: datetime) -> None:
    """It is tried again, ever later."""
    tries = min(row.tries + 1, VideoRoom.MOST_TRIES)
    due_at = min(next_try(at=at, tries=tries), at + LONGEST_WAIT)
    VideoRoom.objects.filter(pk=row.pk).update(
        tries=tries,
        failing_since=row.failing_since or at,
        failure=words[: VideoRoom.LONGEST_FAILURE],
        due_at=due_at,
    )


def failing() -> QuerySet[VideoRoom]:
    """Those that LiveKit has not answered for again and again."""
    return VideoRoom.objects.filter(tries__gte=VideoRoom.FAILS_FROM_TRIES)
