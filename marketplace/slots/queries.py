"""Reading open calls, with how many of their seats are free for the reader."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from accounts.access.actors import Actor
from kit.rows import by_public_id
from marketplace.sessions import absence
from marketplace.sessions.models import Cancelled, Seat, Session
from marketplace.sessions.states import BEFORE, UNDER_WAY
from marketplace.slots.models import Slot, SlotHold
from marketplace.slots.states import SlotState


@dataclass(frozen=True)
class Offer:
    """A slot as one performer sees it: whether a seat is theirs, free for them, or held for them, and until when."""

    slot: Slot
    has_seat: bool
    can_take: bool
    held_until: datetime | None


def slots_for(actor: Actor) -> QuerySet[Slot]:
    holds = SlotHold.objects.select_related("engagement__performer").order_by("pk")
    seats = Seat.objects.select_related("performer").order_by("pk")
    rows = Slot.objects.visible_to(actor).select_related("gig__company", "session", "in_place_of__performer")
    return rows.prefetch_related(
        Prefetch("holds", queryset=holds), Prefetch("session__seats", queryset=seats)
    )


def get_slot(actor: Actor, public_id: str) -> Slot:
    """Raises NotFound (404)."""
    return by_public_id(slots_for(actor), public_id)


def open_to(actor: Actor, *, at: datetime) -> list[Offer]:
    """What the performer can take now or has a seat in, the next call first."""
    still = Q(closes_at__gt=at) | Q(closes_at=None, call_at__gt=at)
    rows = slots_for(actor).filter(still, state=SlotState.OPEN).order_by("call_at", "pk")[:100]
    offers = [offer(slot, actor, at=at) for slot in rows]
    return [each for each in offers if each.has_seat or each.can_take]


def offer(slot: Slot, actor: Actor, *, at: datetime) -> Offer:
    own = [seat for seat in _seats(slot) if seat.performer_id == actor.performer_id]
    hold = next((each for each in _live_holds(slot, at=at) if _is_of(each, actor.performer_id)), None)
    return Offer(
        slot=slot,
        has_seat=any(seat.released_at is None for seat in own),
        # Who had a seat in a session and gave it up has no second one in it.
        can_take=not own and seats_left(slot, for_id=actor.performer_id, at=at) > 0,
        held_until=hold.until_at if hold else None,
    )


def live_session(slot: Slot) -> Session | None:
    """The session that its taken seats are in, unless its players all gave them back: then the next one books anew."""
    session = slot.session
    if session is None or (session.cancelled_at and session.cancelled_by == Cancelled.PERFORMER):
        return None
    return session


def seats_left(slot: Slot, *, for_id: int = 0, at: datetime) -> int:
    """How many seats are free for the performer of that key, or (0) for whom none is held."""
    session = live_session(slot)
    if slot.in_place_of is not None:
        return _place_left(slot, slot.in_place_of, at=at)
    if slot.state != SlotState.OPEN or (session is not None and session.state not in BEFORE):
        return 0
    taken = sum(seat.released_at is None for seat in _seats(slot))
    held = sum(not _is_of(hold, for_id) for hold in _live_holds(slot, at=at))
    return max(0, slot.seats - taken - held)


@dataclass(frozen=True)
class Missing:
    """A seat whose performer has not come: the slot by which their place is offered now, and the last one that nobody took."""

    seat: Seat
    offered: Slot | None
    was_offered: bool


def missing_in(session: Session, *, at: datetime) -> list[Missing]:
    found = []
    for seat in absence.missing_seats(session, at=at):
        slots = list(Slot.objects.filter(in_place_of=seat).order_by("-id"))
        offered = next(
            (slot for slot in slots if slot.state == SlotState.OPEN and at < slot.open_until), None
        )
        found.append(Missing(seat, offered, was_offered=bool(slots)))
    return found


def _place_left(slot: Slot, missing: Seat, *, at: datetime) -> int:
    is_on = slot.session is not None and slot.session.state in (*BEFORE, *UNDER_WAY)
    is_free = slot.state == SlotState.OPEN and missing.released_at is None
    return int(is_on and is_free and at < slot.open_until)


def _seats(slot: Slot) -> list[Seat]:
    session = live_session(slot)
    return list(session.seats.all()) if session else []


def _is_of(hold: SlotHold, performer_id: int) -> bool:
    return hold.engagement.performer_id == performer_id


def _live_holds(slot: Slot, *, at: datetime) -> list[SlotHold]:
    return [hold for hold in slot.holds.all() if hold.ended_at is None and hold.until_at > at]
