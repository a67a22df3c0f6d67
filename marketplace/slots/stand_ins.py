"""Somebody does not come to a session that runs: their place is offered at once to all who could come, and the first has it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.notifications.news import About
from accounts.notifications.operations import notify_many
from accounts.notifications.session_kinds import SessionKind as Kind
from accounts.onboarding.operations import require_bookable
from kit.errors import DomainError
from kit.instants import length_in_words, zone
from marketplace.availability.queries import Free, for_call
from marketplace.engagements.models import Engagement
from marketplace.gigs.states import WORKING
from marketplace.pools.models import Pool
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.sessions import absence, booking, room
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.operations import TooEarly, TooLate
from marketplace.sessions.states import BEFORE, UNDER_WAY
from marketplace.slots.models import Slot
from marketplace.slots.operations import CALENDAR, SlotOpen, locked, offered_to, own_pool
from marketplace.slots.states import SlotState

# So long somebody is sought, and so much of the session must be left for whoever comes.
SOUGHT = timedelta(minutes=20)
WORTH_COMING = timedelta(minutes=15)
# Who has not said when they are free is asked by day only, by their own clock.
AWAKE_H = range(8, 22)
S = SlotState


class SeatNotMissing(DomainError):
    """Nothing to do: whoever has the seat is there, or somebody else has it by now."""

    code = "seat_not_missing"
    title = "They have come"


@transaction.atomic
def seek(*, seat: Seat, pool: Pool | None = None, by: Actor, at: datetime) -> Slot:
    """The company says that a performer has not come: from the call on their place is offered to everyone engaged in the gig
    who could come now, or to those of them in a pool. Until somebody takes it, the one who is missing can still come in.

    Raises Forbidden (403), NotFound (404), TooEarly, TooLate, SeatNotMissing, SlotOpen, and (409) what keeps a gig from booking.
    """
    by.require(Act.BOOK, company_id=seat.session.company_id)
    gig = booking.lock_gig(seat.session.gig)
    session = sessions.locked(seat.session_id)
    room.time_out(session=session, at=at)
    if at < session.call_at:
        raise TooEarly("Before the call a seat is called off, and then offered.")
    if at > session.scheduled_end_at - WORTH_COMING or session.state not in (*BEFORE, *UNDER_WAY):
        raise TooLate(f"Less than {length_in_words(WORTH_COMING)} of it is left, or it is over.")
    seat = session.seats.select_related("performer").get(pk=seat.pk)
    if seat not in absence.missing_seats(session, at=at):
        raise SeatNotMissing(f"{seat.performer.stage_name} is there, or has no seat in it any more.")
    if Slot.objects.filter(in_place_of=seat, state=S.OPEN).exists():
        raise SlotOpen("Their place is offered already.")
    slot = Slot.objects.create(
        gig=gig,
        session=session,
        in_place_of=seat,
        call_at=at,
        ends_at=session.scheduled_end_at,
        closes_at=min(at + SOUGHT, session.scheduled_end_at - WORTH_COMING + timedelta(seconds=1)),
        seats=1,
        pool=own_pool(pool, gig),
        posted_at=at,
    )
    audit.record(verb="slot.posted", thing=slot, by=by, at=at, instead_of=seat.public_id)
    _tell_of(slot, session, seat, by=by, at=at)
    return slot


def seek_due(*, at: datetime) -> int:
    """The tick: where the gig says so, the house seeks once the time to come is over. Returns for how many seats."""
    # Who plays alone holds nobody up, but nobody else begins either: without them no session is live.
    alone = Q(gig__self_directed=True, state__in=BEFORE, call_at__lt=at)
    on = Session.objects.filter(
        Q(state__in=UNDER_WAY) | alone,
        gig__finds_stand_ins=True,
        gig__state__in=WORKING,
        scheduled_end_at__gt=at + WORTH_COMING,
    )
    rows = on.select_related("gig__company", "company").order_by("pk")
    return retries.each(
        rows, lambda each: _seek_for(each, at=at), job=Job.SEEK_STAND_IN, page=_page_of, at=at
    )


def _page_of(session: Session) -> str:
    return reverse("session_detail", args=[session.public_id])


def _seek_for(session: Session, *, at: datetime) -> bool:
    """Once for each seat: where nobody came, the company may ask again."""
    due = [
        seat
        for seat in absence.missing_seats(session, at=at)
        if at > seat.call_at + (sessions.shows_until(session) - session.call_at)
        and not seat.stand_ins_sought.exists()
    ]
    for seat in due:
        seek(seat=seat, by=CALENDAR, at=at)
    return bool(due)


def close_due(*, at: datetime) -> int:
    """The tick: a place is offered no longer when its time is over, its session is, or the missing one has come."""
    rows = Slot.objects.filter(state=S.OPEN, in_place_of__isnull=False).select_related(
        "gig__company", "session"
    )
    return retries.each(
        rows.order_by("pk"),
        lambda slot: _close(slot, at=at),
        job=Job.CLOSE_STAND_IN,
        page=_page_of_slot,
        at=at,
    )


def _page_of_slot(slot: Slot) -> str:
    return _page_of(slot.session) if slot.session else reverse("my_slots")


@transaction.atomic
def _close(slot: Slot, *, at: datetime) -> bool:
    slot = locked(slot)
    session, seat = slot.session, slot.in_place_of
    if slot.state != S.OPEN or session is None or seat is None:
        return False
    if session.state not in (*BEFORE, *UNDER_WAY):
        audit.move(slot, S.LAPSED, by=CALENDAR, at=at, ended_at=at)
    elif seat not in absence.missing_seats(session, at=at):
        audit.move(slot, S.WITHDRAWN, by=CALENDAR, at=at, ended_at=at)
        _tell_company(slot, session, seat, Kind.MISSING_CAME_TO_COMPANY, at=at)
    elif at >= slot.open_until:
        audit.move(slot, S.LAPSED, by=CALENDAR, at=at, ended_at=at)
        _tell_company(slot, session, seat, Kind.NO_STAND_IN_TO_COMPANY, at=at)
        _tell_waiting(slot, session, seat, Kind.NO_STAND_IN, {}, at=at)
    else:
        return False
    return True


def who_could_come(slot: Slot, *, at: datetime) -> list[Engagement]:
    """Of those to whom it is offered everyone who could come now: not booked, not away, awake, within what the house
    guarantees, and who had no seat in it. That they fit the scene the company said when it engaged them for this gig."""
    free = {each.engagement_id: each.free for each in for_call(slot.gig, call_at=at, ends_at=slot.ends_at)}
    had = Seat.objects.filter(session=slot.session).values("performer_id")
    rows = (
        offered_to(slot)
        .exclude(performer_id__in=had)
        .select_related("performer__user")
        .order_by("performer_id")
    )
    return [each for each in rows if _could(each, slot, free.get(each.public_id), at=at)]


def _could(engagement: Engagement, slot: Slot, free: Free | None, *, at: datetime) -> bool:
    is_awake = at.astimezone(zone(engagement.performer.user.time_zone)).hour in AWAKE_H
    if free is not Free.FREE and not (free is Free.SAYS_NOTHING and is_awake):
        return False
    seat = Seat(session=slot.session, performer=engagement.performer, called_at=at)
    try:
        require_bookable(engagement.performer)
        booking.refuse_full_week(seat)
        booking.refuse_broken_guarantee(seat)
    except DomainError:
        return False
    return True


def _tell_of(slot: Slot, session: Session, seat: Seat, *, by: Actor, at: datetime) -> None:
    gig, until = session.gig.title, slot.open_until
    notify_many(
        kind=Kind.STAND_IN_SOUGHT,
        user_ids=[each.performer.user_id for each in who_could_come(slot, at=at)],
        key=f"{slot.public_id}:sought",
        about={"gig": gig, "ends_at": slot.ends_at},
        at=at,
    )
    _tell_waiting(slot, session, seat, Kind.PARTNER_MISSING, {"until": until}, at=at)
    seat.session = session
    missed: About = {"gig": gig, "call_at": session.call_at, "answer_by": sessions.shows_until(session)}
    sessions.tell(seat, kind=Kind.YOU_ARE_MISSED, about=missed, what=f"{slot.public_id}:missed", at=at)
    if by.is_system:
        _tell_company(slot, session, seat, Kind.STAND_IN_SOUGHT_TO_COMPANY, at=at)


def _tell_company(slot: Slot, session: Session, seat: Seat, kind: Kind, *, at: datetime) -> None:
    said: About = {
        "gig": session.gig.title,
        "call_at": session.call_at,
        "performer": seat.performer.stage_name,
        "until": slot.open_until,
    }
    about = {name: said[name] for name in kind.places}
    sessions.tell_its_company(session, kind=kind, about=about, what=f"{slot.public_id}:{kind.name}", at=at)


def _tell_waiting(slot: Slot, session: Session, seat: Seat, kind: Kind, more: About, *, at: datetime) -> None:
    """Whoever plays in it and has come."""
    missing = {each.pk for each in absence.missing_seats(session, at=at)}
    about: About = {
        "gig": session.gig.title,
        "call_at": session.call_at,
        "performer": seat.performer.stage_name,
        **more,
    }
    for other in _others(session, seat):
        if other.pk not in missing:
            sessions.tell(other, kind=kind, about=about, what=f"{slot.public_id}:{kind.name}", at=at)


def _others(session: Session, seat: Seat) -> Iterator[Seat]:
    for other in session.seats.filter(released_at=None).exclude(pk=seat.pk).select_related("performer"):
        other.session = session
        yield other
