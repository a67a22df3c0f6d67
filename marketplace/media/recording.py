"""Whether a session is recorded: the company presses, or the performer who directs alone; every seat has granted, and each
seat's first slice is safe.

Nothing has to remember to stop it: with the session's end, or a grant that is withdrawn, it is over by what is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from kit.errors import DomainError
from marketplace.media.models import Recording, Segment
from marketplace.media.states import SAFE
from marketplace.rights.queries import who_lets_record
from marketplace.sessions import directing, room
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.operations import TooLate, locked
from marketplace.sessions.states import UNDER_WAY

Why = Recording.Why
A_MOMENT = timedelta(microseconds=1)


class NotGranted(DomainError):
    """A performer grants a use of recordings when they sign terms; without a grant of every seat nothing is recorded."""

    code = "not_granted"
    title = "Not everyone has granted a recording"


class AlreadyRecording(DomainError):
    """Nothing to do: stop the one that runs before another begins."""

    code = "already_recording"
    title = "A recording runs"


class NotRecording(DomainError):
    """Nothing to do: no recording runs, or what was sent belongs to none."""

    code = "not_recording"
    title = "No recording runs"


@dataclass(frozen=True)
class Standing:
    """`recording` is the last one. `is_on`: devices record now; `is_safe`: the first slice of every seat is on our disk, so the
    light may be red; `waits_for` are the seats of which nothing is yet."""

    recording: Recording | None
    is_on: bool
    is_safe: bool
    waits_for: Sequence[Seat]
    missing: Sequence[Seat]

    @property
    def may_record(self) -> bool:
        return not self.missing


def seats_of(session: Session) -> list[Seat]:
    """Whoever plays: a seat that was called off is nobody's."""
    rows = Seat.objects.filter(session=session, released_at=None).select_related("performer", "engagement")
    return list(rows.order_by("id"))


def without_a_grant(seats: Sequence[Seat]) -> list[Seat]:
    """Of the seats, those whose performer grants no use now."""
    granted = who_lets_record([seat.engagement.application_id for seat in seats])
    return [seat for seat in seats if seat.engagement.application_id not in granted]


@transaction.atomic
def start(*, session: Session, by: Actor, at: datetime) -> Recording:
    """The company presses Record, or the performer who directs alone.

    Raises Forbidden, PerformerDirects (403), NotGranted, AlreadyRecording, TooLate, ComeInFirst (409), NotFound (404).
    """
    directing.require_director(session, Act.BOOK, by=by)
    session = locked(session.pk)
    if session.state not in UNDER_WAY:
        raise TooLate("A recording belongs to a session that is live.")
    room.require_director_here(session, by)
    seats = seats_of(session)
    if not seats or (missing := without_a_grant(seats)):
        names = ", ".join(seat.performer.stage_name for seat in missing) if seats else "nobody plays"
        raise NotGranted(f"Nothing can be recorded without a grant of every performer: {names}.")
    if (open_one := Recording.objects.filter(session=session, stopped_at=None).first()) is not None:
        if _why_over(open_one, session, seats) is None:
            raise AlreadyRecording("It runs already.")
        _stop(open_one, Why.WITHDRAWN, by=by, at=at)
    recording = Recording.objects.create(session=session, started_at=at, started_by=by.label)
    audit.record(verb="recording.started", thing=recording, by=by, at=at, session=session.public_id)
    return recording


@transaction.atomic
def stop(*, session: Session, by: Actor, at: datetime) -> Recording:
    """Likewise, the one that runs is stopped. Raises Forbidden, PerformerDirects (403), NotRecording (409), NotFound (404)."""
    directing.require_director(session, Act.BOOK, by=by)
    session = locked(session.pk)
    recording = Recording.objects.filter(session=session, stopped_at=None).first()
    if recording is None:
        raise NotRecording("No recording runs.")
    return _stop(recording, _why_over(recording, session, seats_of(session)) or Why.PRESSED, by=by, at=at)


def _stop(recording: Recording, why: str, *, by: Actor, at: datetime) -> Recording:
    recording.stopped_at, recording.why_stopped = max(at, recording.started_at + A_MOMENT), why
    recording.save(update_fields=["stopped_at", "why_stopped"])
    audit.record(verb="recording.stopped", thing=recording, by=by, at=at, why=str(why))
    return recording


def _why_over(recording: Recording, session: Session, seats: Sequence[Seat]) -> str | None:
    """Why the recording is over though nobody has stopped it; None while it runs."""
    if session.state not in UNDER_WAY:
        return Why.OVER
    return Why.WITHDRAWN if without_a_grant(seats) else None


def standing(session: Session) -> Standing:
    """How it stands now, for whoever may see the session."""
    seats = seats_of(session)
    missing = without_a_grant(seats)
    recording = Recording.objects.filter(session=session).order_by("-id").first()
    is_on = (
        recording is not None
        and recording.stopped_at is None
        and bool(seats)
        and _why_over(recording, session, seats) is None
    )
    safe = set(_safe_seats(recording)) if recording is not None else set()
    waits_for = [seat for seat in seats if seat.pk not in safe]
    return Standing(
        recording, is_on=is_on, is_safe=is_on and not waits_for, waits_for=waits_for, missing=missing
    )


def _safe_seats(recording: Recording) -> list[int]:
    rows = Segment.objects.filter(recording=recording, state__in=SAFE)
    return list(rows.values_list("seat_id", flat=True).distinct())


def settle(*, at: datetime) -> None:
    """The tick: what is over by itself is written down, each with its reason."""
    for recording in Recording.objects.filter(stopped_at=None).order_by("id"):
        with transaction.atomic():
            session = locked(recording.session_id)
            running = Recording.objects.filter(session=session, pk=recording.pk, stopped_at=None).first()
            why = _why_over(running, session, seats_of(session)) if running else None
            if running is not None and why is not None:
                over_at = session.wrapped_at if why == Why.OVER and session.wrapped_at else at
                _stop(running, why, by=Actor.of_system("recording"), at=over_at)
