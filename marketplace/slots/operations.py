"""Open calls: a company posts one with its seats, whoever is engaged takes a seat, and what is taken is booked as any call."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify, notify_many
from accounts.notifications.session_kinds import SessionKind as Kind
from kit.errors import DomainError, Invalid, NotFound
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from marketplace.gigs.models import Gig
from marketplace.pools.models import Pool
from marketplace.retries import operations as retries
from marketplace.retries.models import Job
from marketplace.sessions import booking, calling_off
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import Seat, Session
from marketplace.sessions.operations import TooLate
from marketplace.sessions.states import BEFORE, UNDER_WAY
from marketplace.slots import queries
from marketplace.slots.models import Slot, SlotHold
from marketplace.slots.states import SlotState

CALENDAR = Actor.of_system("slots")
S = SlotState
# So long ago a seat may have been called off that its being free is still news; one tick may come late.
REOPENED = timedelta(hours=1)
WARNED = timedelta(days=1)


class SlotTaken(DomainError):
    """Take another; you are told when a new one is posted."""

    code = "slot_taken"
    title = "No seat of it is free for you"


class SlotOpen(DomainError):
    """Let its free seats be taken first, or take it back."""

    code = "slot_open"
    title = "That call is open already"


def post_slot(
    *,
    gig: Gig,
    call_at: datetime,
    seats: int,
    length_s: int | None = None,
    hold_for: Sequence[Engagement] = (),
    hold_until: datetime | None = None,
    pool: Pool | None = None,
    by: Actor,
    at: datetime,
) -> Slot:
    """Offer a call to everyone engaged in the gig, or (`pool`) to those of them who are in it; a seat is held for each of
    `hold_for` until `hold_until`.

    Nothing is committed of the budget before a seat is taken. Raises Forbidden (403), Invalid (422), SlotOpen, NotApproved,
    Suspended, GigNotWorking (409), NotFound (404).
    """
    by.require(Act.BOOK, company_id=gig.company_id)
    booking.refuse_time(gig, call_at, at=at)
    ends_at = call_at + timedelta(seconds=booking.length_of(gig, length_s))
    if not 1 <= seats <= gig.seats:
        raise Invalid.field("seats", f"From 1 to {gig.seats}, as the gig says.", code="out_of_range")
    _refuse_holds(gig, hold_for, hold_until, seats=seats, call_at=call_at, at=at)
    with transaction.atomic():
        gig = booking.lock_gig(gig)
        _refuse_twice(gig, call_at, at=at)
        slot = Slot.objects.create(
            gig=gig, call_at=call_at, ends_at=ends_at, seats=seats, pool=own_pool(pool, gig), posted_at=at
        )
        if hold_until is not None:
            holds = [SlotHold(slot=slot, engagement=each, until_at=hold_until) for each in hold_for]
            SlotHold.objects.bulk_create(holds)
        audit.record(verb="slot.posted", thing=slot, by=by, at=at, seats=seats)
        _tell_of(slot, at=at)
        return slot


@transaction.atomic
def offer_seat(*, session: Session, pool: Pool | None = None, by: Actor, at: datetime) -> Slot:
    """Seek a stand-in: the free seats of a booked session are offered to everyone engaged in its gig, or to a pool of them,
    and the first who takes one has it.

    Raises Forbidden (403), TooLate from the call on, NoSeatFree, SlotOpen, GigNotWorking, NotApproved, Suspended (409).
    """
    by.require(Act.BOOK, company_id=session.company_id)
    gig = booking.lock_gig(session.gig)
    session = sessions.locked(session.pk)
    if session.state not in BEFORE or at >= session.call_at:
        raise TooLate("The call has passed, or the session was called off.")
    if session.seats.filter(released_at=None).count() >= gig.seats:
        raise booking.NoSeatFree("Every seat of this session is taken.")
    if Slot.objects.filter(session=session, state=S.OPEN).exists():
        raise SlotOpen("Its free seats are offered already.")
    slot = Slot.objects.create(
        gig=gig,
        session=session,
        call_at=session.call_at,
        ends_at=session.scheduled_end_at,
        seats=gig.seats,
        pool=own_pool(pool, gig),
        posted_at=at,
    )
    audit.record(verb="slot.posted", thing=slot, by=by, at=at, seats=slot.seats)
    _tell_others(slot, but=0, key="posted", at=at)
    return slot


def own_pool(pool: Pool | None, gig: Gig) -> Pool | None:
    """Raises NotFound (404) for another company's."""
    if pool is not None and (pool.company_id != gig.company_id or pool.ended_at):
        raise NotFound
    return pool


def _refuse_twice(gig: Gig, call_at: datetime, *, at: datetime) -> None:
    """A press too many offers nothing twice; once its seats are taken, the same call may be offered again."""
    for slot in Slot.objects.filter(gig=gig, call_at=call_at, state=S.OPEN).select_related("session"):
        if queries.seats_left(slot, for_id=0, at=at) or slot.holds.filter(ended_at=None).exists():
            raise SlotOpen("Its seats are not all taken yet.")


def _refuse_holds(
    gig: Gig,
    hold_for: Sequence[Engagement],
    hold_until: datetime | None,
    *,
    seats: int,
    call_at: datetime,
    at: datetime,
) -> None:
    if len(hold_for) > seats:
        raise Invalid.field("hold_for", "That is more than there are seats.", code="out_of_range")
    if any(each.gig_id != gig.pk or each.state != EngagementState.ACTIVE for each in hold_for):
        raise NotFound
    if bool(hold_for) != (hold_until is not None):
        said = "Say for whom, and until when, or neither."
        raise Invalid.field("hold_until", said, code="required")
    if hold_until is not None and not at < hold_until <= call_at:
        raise Invalid.field(
            "hold_until", "A seat is held until some time before the call.", code="out_of_range"
        )


def take(*, slot: Slot, by: Actor, at: datetime) -> Session:
    """A performer takes a seat of it, and has it: the first books the session, the others join it, all confirmed.

    Of the place of somebody who did not come it begins now. One lock, the gig's, orders those who press at once.
    Raises SlotTaken, TooLate, and what a booking raises.
    """
    with booking.one_place_at_a_time():
        gig = booking.lock_gig(slot.gig)
        slot = _open(slot, at=at)
        engagement = _engagement(slot, by)
        session = queries.live_session(slot)
        if queries.seats_left(slot, for_id=by.performer_id, at=at) < 1:
            raise SlotTaken("Somebody was faster, or it is held for somebody else until its time is over.")
        if slot.in_place_of is not None:
            session = booking.stand_in(missing=slot.in_place_of, engagement=engagement, by=CALENDAR, at=at)
            audit.move(slot, S.TAKEN, by=CALENDAR, at=at, ended_at=at)
        elif session is None:
            session = booking.book_session(
                gig=gig,
                call_at=slot.call_at,
                engagements=[engagement],
                length_s=slot.length_s,
                has_agreed=True,
                by=CALENDAR,
                at=at,
            )
            slot.session = session
            slot.save(update_fields=["session"])
        else:
            booking.fill_seat(session=session, engagement=engagement, has_agreed=True, by=CALENDAR, at=at)
        slot.holds.filter(engagement=engagement, ended_at=None).update(ended_at=at)
        audit.record(verb="slot.taken", thing=slot, by=by, at=at, session=str(session))
        _tell_company_of(slot, engagement, session, at=at)
        return session


@transaction.atomic
def give_back(*, slot: Slot, reason: str, by: Actor, at: datetime) -> None:
    """A performer gives their seat back, as they would call it off, or lets go of one that is held for them; it is anyone's.

    Raises TooLate (409) from the call on, Invalid (422) without a reason, NotFound (404).
    """
    slot = locked(slot)
    session = queries.live_session(slot)
    seat = _held_by(session, by).first() if session is not None else None
    if session is not None and seat is not None:
        calling_off.cancel_session(session=session, reason=reason, by=by, at=at)
    elif not slot.holds.filter(engagement__performer_id=by.performer_id, ended_at=None).update(ended_at=at):
        raise NotFound
    audit.record(verb="slot.given_back", thing=slot, by=by, at=at)
    if slot.state == S.OPEN and at < slot.call_at:
        key = f"free:{seat.public_id}" if seat else f"free:{at.timestamp():.0f}"
        _tell_others(slot, but=by.performer_id, key=key, at=at)


@transaction.atomic
def withdraw(*, slot: Slot, by: Actor, at: datetime) -> Slot:
    """The company offers it no longer; seats that were taken stay booked. Raises Forbidden (403), IllegalMove (409)."""
    by.require(Act.BOOK, company_id=slot.gig.company_id)
    slot = locked(slot)
    held = list(slot.holds.filter(ended_at=None).select_related("engagement__performer"))
    audit.move(slot, S.WITHDRAWN, by=by, at=at, ended_at=at)
    slot.holds.filter(ended_at=None).update(ended_at=at)
    readers = [hold.engagement.performer.user_id for hold in held]
    about: About = {"gig": slot.gig.title, "call_at": slot.call_at}
    notify_many(
        kind=Kind.SLOT_WITHDRAWN, user_ids=readers, key=f"{slot.public_id}:withdrawn", about=about, at=at
    )
    return slot


def withdraw_all(*, gig: Gig, by: Actor, at: datetime) -> None:
    """With its gig over, none of its calls is offered any more."""
    for slot in Slot.objects.filter(gig=gig, state=S.OPEN).select_related("gig").order_by("pk"):
        withdraw(slot=slot, by=by, at=at)


def end_holds_of(engagement: Engagement, *, at: datetime) -> None:
    """With an engagement over, no seat is held for its performer any more."""
    SlotHold.objects.filter(engagement=engagement, ended_at=None).update(ended_at=at)


def lapse_slots(*, at: datetime) -> int:
    """The tick: a slot ends at its call; where nobody took a seat, the company reads it. Returns how many."""
    due = Slot.objects.filter(state=S.OPEN, in_place_of=None, call_at__lte=at)
    due = due.select_related("gig__company").order_by("pk")
    return retries.each(due, lambda slot: _lapse(slot, at=at), job=Job.LAPSE_SLOT, page=page_of, at=at)


def follow_moved(*, at: datetime) -> int:
    """The tick: what is offered of a session that was moved is offered at its new call. Returns how many."""
    moved = Slot.objects.filter(state=S.OPEN, in_place_of=None, session__cancelled_at=None).exclude(
        call_at=F("session__call_at"), ends_at=F("session__scheduled_end_at")
    )
    rows = moved.filter(session__isnull=False).order_by("pk")
    return retries.each(rows, lambda slot: bool(locked(slot)), job=Job.FOLLOW_MOVED, page=page_of, at=at)


def end_holds(*, at: datetime) -> int:
    """The tick: what was held and not taken in time is anyone's, and they read it. Returns how many."""
    due = SlotHold.objects.filter(ended_at=None, until_at__lte=at).order_by("pk")
    return retries.each(
        due,
        lambda hold: _end_hold(hold, at=at),
        job=Job.END_HOLD,
        page=lambda hold: page_of(hold.slot),
        at=at,
    )


def tell_of_reopened(*, at: datetime) -> int:
    """The tick: wherever a seat of an open call was called off, those to whom it is offered read that it is free. Returns how
    many seats."""
    fresh = Seat.objects.filter(
        session__slots__state=S.OPEN,
        session__slots__in_place_of=None,
        session__slots__call_at__gt=at,
        session__slots__posted_at__lt=F("released_at"),
        released_at__gt=at - REOPENED,
    )
    rows = fresh.select_related("session").order_by("pk")
    return retries.each(
        rows, lambda seat: _reopened(seat, at=at), job=Job.REOPENED, page=_page_of_seat, at=at
    )


def _page_of_seat(seat: Seat) -> str:
    return reverse("session_detail", args=[seat.session.public_id])


def _reopened(seat: Seat, *, at: datetime) -> bool:
    slot = locked(Slot.objects.get(session=seat.session_id, state=S.OPEN, in_place_of=None))
    if slot.state != S.OPEN or at >= slot.call_at or not queries.seats_left(slot, at=at):
        return False
    _tell_others(slot, but=seat.performer_id, key=f"free:{seat.public_id}", at=at)
    return True


def warn_of_half_taken(*, at: datetime) -> int:
    """The tick: a day before its call the company reads what is not full yet, and what calling it off costs. Returns how many."""
    soon = Slot.objects.filter(
        state=S.OPEN, in_place_of=None, call_at__gt=at, call_at__lte=at + WARNED, session__isnull=False
    )
    rows = soon.select_related("gig__company", "session").order_by("pk")
    return retries.each(rows, lambda slot: _warn(slot, at=at), job=Job.HALF_TAKEN, page=page_of, at=at)


def _warn(slot: Slot, *, at: datetime) -> bool:
    session = queries.live_session(slot)
    if session is None or not (taken := _half_taken(slot, session)):
        return False
    price = calling_off.price_of([session], currency=slot.gig.currency, at=at)
    sessions.tell_its_company(
        session,
        kind=Kind.HALF_TAKEN_SOON_TO_COMPANY,
        about={
            "gig": slot.gig.title,
            "call_at": slot.call_at,
            "taken": f"{taken} of {slot.seats}",
            "price": price.amount,
        },
        what=f"{slot.public_id}:half",
        at=at,
    )
    return True


def _half_taken(slot: Slot, session: Session) -> int:
    """How many seats are taken, where that is some and not all, of a session that takes place; else 0."""
    taken = session.seats.filter(released_at=None).count()
    return taken if session.state in (*BEFORE, *UNDER_WAY) and taken < slot.seats else 0


def page_of(slot: Slot) -> str:
    return reverse("gig_slots", args=[slot.gig.company.public_id, slot.gig.public_id])


def locked(slot: Slot) -> Slot:
    """Its gig first, then itself, as everywhere; at the call of its session, where that was moved."""
    Gig.objects.select_for_update().get(pk=slot.gig_id)
    rows = Slot.objects.select_for_update(of=("self",)).select_related(
        "gig__company", "session", "in_place_of__performer"
    )
    found = rows.get(pk=slot.pk)
    session = queries.live_session(found)
    if session is not None and found.in_place_of_id is None and session.call_at != found.call_at:
        found.call_at, found.ends_at = session.call_at, session.scheduled_end_at
        found.save(update_fields=["call_at", "ends_at"])
    return found


def _open(slot: Slot, *, at: datetime) -> Slot:
    slot = locked(slot)
    if slot.state != S.OPEN or at >= slot.open_until:
        raise TooLate("It is not offered any more.")
    return slot


def _engagement(slot: Slot, by: Actor) -> Engagement:
    """Under which the performer takes it. Raises NotFound (404)."""
    found = offered_to(slot).filter(performer_id=by.performer_id).select_related("performer").first()
    if found is None:
        raise NotFound
    return found


def offered_to(slot: Slot) -> QuerySet[Engagement]:
    """Everyone engaged in the gig; of them, where it is offered to a pool, those who are in it."""
    active = Engagement.objects.filter(gig=slot.gig, state=EngagementState.ACTIVE)
    return active.filter(performer__pool_places__pool_id=slot.pool_id) if slot.pool_id else active


def _held_by(session: Session, by: Actor) -> QuerySet[Seat]:
    return session.seats.filter(performer_id=by.performer_id, released_at=None)


def _lapse(slot: Slot, *, at: datetime) -> bool:
    slot = locked(slot)
    if slot.state != S.OPEN or at < slot.call_at:
        return False
    audit.move(slot, S.LAPSED, by=CALENDAR, at=at, ended_at=at)
    slot.holds.filter(ended_at=None).update(ended_at=at)
    session = queries.live_session(slot)
    if session is not None:
        _tell_of_half_taken(slot, session, at=at)
    else:
        tell_company(
            kind=Kind.SLOT_LAPSED_TO_COMPANY,
            company_id=slot.gig.company_id,
            key=f"{slot.public_id}:lapsed",
            about={"gig": slot.gig.title, "call_at": slot.call_at},
            where={"company_id": slot.gig.company.public_id, "gig_id": slot.gig.public_id},
            at=at,
        )
    return True


def _tell_of_half_taken(slot: Slot, session: Session, *, at: datetime) -> None:
    """A booking whose other seats were never taken takes place: whoever took one is paid as anybody who was booked."""
    if not (taken := _half_taken(slot, session)):
        return
    about: About = {
        "gig": slot.gig.title,
        "call_at": slot.call_at,
        "taken": f"{taken} of {slot.seats}",
    }
    what = f"{slot.public_id}:lapsed"
    sessions.tell_its_company(session, kind=Kind.HALF_TAKEN_TO_COMPANY, about=about, what=what, at=at)
    for seat in session.seats.filter(released_at=None).select_related("performer"):
        seat.session = session
        sessions.tell(seat, kind=Kind.HALF_TAKEN, about=about, what=what, at=at)


def _end_hold(hold: SlotHold, *, at: datetime) -> bool:
    Gig.objects.select_for_update().get(slots=hold.slot_id)
    if not SlotHold.objects.filter(pk=hold.pk, ended_at=None).update(ended_at=at):
        return False
    if hold.slot.state == S.OPEN and at < hold.slot.call_at:
        _tell_others(hold.slot, but=0, key=f"free:{at.timestamp():.0f}", at=at)
    return True


def _tell_of(slot: Slot, *, at: datetime) -> None:
    """Whoever is engaged reads that it is open, and who has a seat held reads until when."""
    held = {hold.engagement_id: hold for hold in slot.holds.select_related("engagement__performer")}
    for hold in held.values():
        about: About = {"gig": slot.gig.title, "call_at": slot.call_at, "until": hold.until_at}
        reader = hold.engagement.performer.user_id
        notify(kind=Kind.SLOT_HELD, user_id=reader, key=f"{slot.public_id}:posted", about=about, at=at)
    if len(held) < slot.seats:
        _tell_others(slot, but=0, key="posted", at=at)


def _tell_others(slot: Slot, *, but: int, key: str, at: datetime) -> None:
    """Everyone to whom it is offered and who has no seat in it: once under that key."""
    seated = Seat.objects.filter(session=slot.session) if slot.session else Seat.objects.none()
    readers = offered_to(slot).exclude(performer_id=but).exclude(performer__seats__in=seated)
    notify_many(
        kind=Kind.SLOT_POSTED,
        user_ids=readers.values_list("performer__user_id", flat=True),
        key=f"{slot.public_id}:{key}",
        about={"gig": slot.gig.title, "call_at": slot.call_at},
        at=at,
    )


def _tell_company_of(slot: Slot, engagement: Engagement, session: Session, *, at: datetime) -> None:
    tell_company(
        kind=Kind.SLOT_TAKEN_TO_COMPANY,
        company_id=slot.gig.company_id,
        key=f"{slot.public_id}:{engagement.public_id}:{at.timestamp():.0f}",
        about={
            "gig": slot.gig.title,
            "call_at": slot.call_at,
            "performer": engagement.performer.stage_name,
        },
        where={"session_id": session.public_id},
        at=at,
    )
