"""Booking: a call with its performers, by the terms that both signed; and giving a free seat to another."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from psycopg.types.range import TimestamptzRange

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved, require_nothing_owed
from accounts.audit import operations as audit
from accounts.notifications.news import About
from accounts.notifications.session_kinds import SessionKind as Kind
from accounts.onboarding.operations import require_bookable
from kit.errors import DomainError, Invalid, NotFound
from kit.instants import day, length_in_words
from kit.instants import zone as zone_of
from kit.money import UP, Money, Rate
from kit.ranges import Span
from marketplace.engagements.models import Engagement, Terms
from marketplace.engagements.operations import terms_in_force
from marketplace.engagements.states import EngagementState
from marketplace.gigs import calculate
from marketplace.gigs.limits import BOUNDS, longest_session_s
from marketplace.gigs.models import Gig
from marketplace.gigs.states import WORKING
from marketplace.presence.calendar import monday_of, week_dates
from marketplace.presence.guarantees import Guarantee, Guarantees, broken_by
from marketplace.presence.policy import TimePolicy
from marketplace.sessions import video_rooms
from marketplace.sessions.entries import Method
from marketplace.sessions.models import Cancelled, Seat, Series, Session, VideoRoom
from marketplace.sessions.operations import (
    TooLate,
    change_commitment,
    confirm_if_all_have,
    locked,
    shows_until,
    tell,
)
from marketplace.sessions.states import BEFORE, UNDER_WAY, SessionState

FURTHEST_AHEAD = timedelta(days=365)
S = SessionState


class GigNotWorking(DomainError):
    """Publish the gig, then book."""

    code = "gig_books_no_sessions"
    title = "This gig books no sessions now"


class EngagementNotActive(DomainError):
    """Have both sign, and the performer finish the steps before a booking."""

    code = "engagement_not_active"
    title = "The engagement is not active"


class BudgetExceeded(DomainError):
    """Set aside what `facts.missing_minor` names, then book again."""

    code = "gig_budget_exceeded"
    title = "The gig's budget does not cover it"


class AlreadyBooked(DomainError):
    """Choose another time, or someone else."""

    code = "performer_already_booked"
    title = "A performer is not free then"


class WeekIsFull(DomainError):
    """Choose another week, or somebody else."""

    code = "week_is_full"
    title = "That is more than the hours of a week"


class GuaranteeBroken(DomainError):
    """Choose another time, or somebody else; `facts.guarantee` names what would be broken."""

    code = "guarantee_broken"
    title = "That leaves a performer too little rest"


class NoSeatFree(DomainError):
    """Call a seat off first, or book another session."""

    code = "no_seat_free"
    title = "No seat is free for them"


def book_session(
    *,
    gig: Gig,
    call_at: datetime,
    engagements: Sequence[Engagement],
    length_s: int | None = None,
    has_agreed: bool = False,
    series: Series | None = None,
    by: Actor,
    at: datetime,
) -> Session:
    """Book one to four performers for a call. Rate, fee and policy are frozen from the terms that both signed.

    `has_agreed`: they asked for it themselves, so nobody waits to be confirmed. What it can cost at most is committed
    against the gig's budget. Raises Forbidden (403), Invalid (422), BudgetExceeded, AlreadyBooked, WeekIsFull, GuaranteeBroken,
    NotApproved, Suspended, EngagementNotActive, NotReadyToBeBooked, GigNotWorking (409), NotFound (404); nothing is booked then.
    """
    by.require(Act.BOOK, company_id=gig.company_id)
    refuse_time(gig, call_at, at=at)
    end_at = call_at + timedelta(seconds=length_of(gig, length_s))
    with one_place_at_a_time():
        return _book(gig, call_at, end_at, engagements, has_agreed=has_agreed, series=series, by=by, at=at)


@contextmanager
def one_place_at_a_time() -> Iterator[None]:
    """A transaction in which seats are taken or moved. Raises AlreadyBooked (409) where a performer would be in two places."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "performer_sessions_never_overlap" in str(error):
            raise AlreadyBooked(
                "One of these performers has another booking at that time. Choose another time or person."
            ) from error
        raise


def refuse_time(gig: Gig, call_at: datetime, *, at: datetime) -> None:
    """Raise Invalid (422) for a call that is past, too far ahead, or outside the days of the gig."""
    if call_at <= at:
        raise Invalid.field("call_at", "The call must lie ahead.", code="in_the_past")
    if call_at > at + FURTHEST_AHEAD:
        raise Invalid.field(
            "call_at", f"A call lies at most {length_in_words(FURTHEST_AHEAD)} ahead.", code="out_of_range"
        )
    _refuse_outside(gig, call_at)


def _refuse_outside(gig: Gig, call_at: datetime) -> None:
    """A gig keeps to the days that performers agreed to."""
    if not gig.starts_on <= calculate.local_day(call_at, gig.time_zone) <= gig.ends_on:
        said = (
            f"This gig runs from {day(gig.starts_on)} to {day(gig.ends_on)}, by the clock of {gig.time_zone}."
        )
        raise Invalid.field("call_at", f"{said} Choose a day in it.", code="outside_the_gig")


def length_of(gig: Gig, length_s: int | None) -> int:
    """As long as the gig's sessions where nothing else is said, in seconds. Raises Invalid (422)."""
    length_s = gig.session_s if length_s is None else length_s
    least, most = BOUNDS["session_s"][0], longest_session_s()
    if not least <= length_s <= most:
        said = (
            f"From {length_in_words(timedelta(seconds=least))} to {length_in_words(timedelta(seconds=most))}."
        )
        raise Invalid.field("length_s", said, code="out_of_range")
    return length_s


def _lock_engaged(gig: Gig, engagements: Sequence[Engagement]) -> list[Engagement]:
    """The engagements as they are now, locked in the order of performers. Raises when one cannot be booked."""
    keys = [engagement.pk for engagement in engagements]
    if not 1 <= len(keys) <= gig.seats or len(set(keys)) != len(keys):
        said = f"Choose 1 to {gig.seats} different performers."
        raise Invalid.field("engagements", said, code="out_of_range")
    rows = Engagement.objects.select_for_update(of=("self",)).select_related("performer__user")
    locked = list(rows.filter(pk__in=keys, gig=gig).order_by("performer_id"))
    if len(locked) != len(keys):
        raise NotFound
    for engagement in locked:
        if engagement.state != EngagementState.ACTIVE:
            name = engagement.performer.stage_name
            raise EngagementNotActive(f"{name}: both sign, and the steps before a booking are done, first.")
        require_bookable(engagement.performer)
    return locked


def _book(
    gig: Gig,
    call_at: datetime,
    end_at: datetime,
    engagements: Sequence[Engagement],
    *,
    has_agreed: bool,
    series: Series | None,
    by: Actor,
    at: datetime,
) -> Session:
    gig = lock_gig(gig)
    engagements = _lock_engaged(gig, engagements)
    terms = [terms_in_force(engagement) for engagement in engagements]
    # One policy to a session: where versions were signed at different times, the latest that any of them signed.
    latest = max(terms, key=lambda signed: signed.pk)
    policy = TimePolicy.from_json(latest.policy).to_json()
    session = Session.objects.create(
        gig=gig,
        company=gig.company,
        series=series,
        call_at=call_at,
        scheduled_end_at=end_at,
        policy=policy,
        created_at=at,
    )
    seats = [_seat(session, engaged, signed) for engaged, signed in zip(engagements, terms, strict=True)]
    _take(gig, seats, has_agreed=has_agreed, at=at)
    audit.record(verb="session.booked", thing=session, by=by, at=at, seats=len(seats))
    if has_agreed:
        confirm_if_all_have(session, by=by, at=at)
    return session


def fill_seat(
    *, session: Session, engagement: Engagement, has_agreed: bool = False, by: Actor, at: datetime
) -> Session:
    """Give a seat that is free to another performer: they are told, and confirm unless they asked for it themselves
    (`has_agreed`). The policy stays the session's.

    Raises Forbidden (403), NoSeatFree, TooLate, and what a booking raises.
    """
    by.require(Act.BOOK, company_id=session.company_id)
    with one_place_at_a_time():
        gig = lock_gig(session.gig)
        session = locked(session.pk)
        if session.state not in BEFORE or at >= session.call_at:
            raise TooLate("The call has passed, or the session was called off.")
        if session.seats.filter(released_at=None).count() >= gig.seats:
            raise NoSeatFree("Every seat of this session is taken.")
        (engagement,) = _lock_engaged(gig, [engagement])
        if session.seats.filter(performer=engagement.performer).exists():
            raise NoSeatFree(f"{engagement.performer.stage_name} had a seat in it. Book another session.")
        seat = _seat(session, engagement, terms_in_force(engagement))
        _take(gig, [seat], has_agreed=has_agreed, at=at)
        if has_agreed:
            confirm_if_all_have(session, by=by, at=at)
        elif session.state == S.CONFIRMED:
            audit.move(session, S.BOOKED, by=by, at=at)
        audit.record(verb="seat.filled", thing=seat, by=by, at=at)
        _tell_partners(session, seat, at=at)
    return session


def stand_in(*, missing: Seat, engagement: Engagement, by: Actor, at: datetime) -> Session:
    """Give the seat of a performer who has not come to one who comes now, in the same session: their call, from which their
    time is counted and until which they are late, is the moment of their yes.

    The missing one keeps what the rules pay for whoever still comes in time. Raises Forbidden (403), NoSeatFree, TooLate (409),
    and what a booking raises.
    """
    by.require(Act.BOOK, company_id=missing.session.company_id)
    with one_place_at_a_time():
        gig = lock_gig(missing.session.gig)
        session = locked(missing.session_id)
        missing = session.seats.select_for_update(of=("self",)).select_related("performer").get(pk=missing.pk)
        if session.state not in (*BEFORE, *UNDER_WAY) or not session.call_at <= at < session.scheduled_end_at:
            raise TooLate("The session is over, or its call has not come.")
        if missing.released_at is not None:
            raise NoSeatFree("That seat is somebody else's by now.")
        (engagement,) = _lock_engaged(gig, [engagement])
        if session.seats.filter(performer=engagement.performer).exists():
            raise NoSeatFree(f"{engagement.performer.stage_name} had a seat in it. Seek somebody else.")
        seat = _seat(session, engagement, terms_in_force(engagement), called_at=at)
        missing.session = session
        _give_up(missing, by=by, at=at)
        gig.refresh_from_db(fields=["committed_minor"])
        _take(gig, [seat], has_agreed=True, at=at)
        audit.record(verb="seat.stood_in", thing=seat, by=by, at=at, instead_of=missing.public_id)
        _tell_partners(session, seat, at=at)
        about: About = {
            "gig": gig.title,
            "call_at": session.call_at,
            "performer": engagement.performer.stage_name,
        }
        tell(
            missing,
            kind=Kind.SOMEBODY_STANDS_IN,
            about=about,
            what=f"replaced:{seat.public_id}",
            calendar=Method.CANCEL,
            at=at,
        )
    return session


def _give_up(missing: Seat, *, by: Actor, at: datetime) -> None:
    """Their time is free. Of the budget stays set aside what they are owed where they still come in time."""
    minimum_s = TimePolicy.from_json(missing.session.policy).minimum_call_s
    least = Rate(missing.rate_minor, missing.currency).for_seconds(minimum_s, rounding=UP)
    may_come = at <= shows_until(missing.session)
    owed_minor = least.minor + least.share(missing.fee_bps).minor if may_come else 0
    owed_minor = min(owed_minor, missing.committed_minor)
    change_commitment(gig_id=missing.session.gig_id, delta_minor=owed_minor - missing.committed_minor)
    missing.released_at, missing.released_by, missing.committed_minor = at, Cancelled.ABSENT, owed_minor
    missing.save(update_fields=["released_at", "released_by", "committed_minor"])
    audit.record(verb="seat.absent", thing=missing, by=by, at=at)
    video_rooms.look_at_once(VideoRoom.objects.filter(session=missing.session), at=at)


def _tell_partners(session: Session, seat: Seat, *, at: datetime) -> None:
    """Who plays in it already reads who plays with them now."""
    about: About = {
        "gig": session.gig.title,
        "call_at": session.call_at,
        "performer": seat.performer.stage_name,
    }
    for other in session.seats.filter(released_at=None).exclude(pk=seat.pk).select_related("performer"):
        tell(other, kind=Kind.PARTNER_CAME, about=about, what=f"filled:{seat.public_id}", at=at)


def who_could_play(session: Session) -> list[Engagement]:
    """Whose engagement lets them take a seat that is free; none where no seat is."""
    seats = session.seats.all()
    if sum(seat.released_at is None for seat in seats) >= session.gig.seats:
        return []
    active = session.gig.engagements.filter(state=EngagementState.ACTIVE)
    others = active.exclude(performer__in=[seat.performer_id for seat in seats])
    return list(others.select_related("performer").order_by("performer__stage_name")[:200])


def lock_gig(gig: Gig) -> Gig:
    """The gig first, as everywhere. Raises NotApproved, Suspended, GigNotWorking (409)."""
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    require_approved(gig.company.state, whose=gig.company.name)
    require_nothing_owed(gig.company.owes_since, whose=gig.company.name)
    if gig.state not in WORKING:
        raise GigNotWorking("Publish the gig first.")
    return gig


def _seat(
    session: Session, engagement: Engagement, signed: Terms, *, called_at: datetime | None = None
) -> Seat:
    """A seat by the terms that both signed, at the most that it can cost; a stand-in's from `called_at` on. Raises Invalid
    (422) outside their days."""
    begins_at = called_at or session.call_at
    scheduled_s = int((session.scheduled_end_at - begins_at).total_seconds())
    seat = Seat(
        session=session,
        called_at=called_at,
        performer=engagement.performer,
        engagement=engagement,
        terms=signed,
        rate_minor=signed.rate_minor,
        currency=signed.currency,
        fee_bps=signed.fee_bps,
        committed_minor=calculate.seat_cost_minor(
            rate_minor=signed.rate_minor,
            currency=signed.currency,
            fee_bps=signed.fee_bps,
            longest_s=calculate.longest_s(scheduled_s=scheduled_s, policy=session.policy),
        ),
        during=TimestamptzRange(begins_at, session.scheduled_end_at),
    )
    refuse_outside_terms(seat)
    return seat


def refuse_outside_terms(seat: Seat) -> None:
    """Raise Invalid (422) for a call on a day for which the performer did not sign."""
    signed, day_of_call = seat.terms, calculate.local_day(seat.session.call_at, seat.session.gig.time_zone)
    if not signed.starts_on <= day_of_call <= signed.ends_on:
        said = f"{seat.performer.stage_name} signed for {day(signed.starts_on)} to {day(signed.ends_on)}."
        raise Invalid.field(
            "call_at", f"{said} Have both sign new terms, or choose a day in it.", code="outside_the_terms"
        )


def _take(gig: Gig, seats: Sequence[Seat], *, has_agreed: bool, at: datetime) -> None:
    """In the order of performers, so that two bookings of the same pair wait instead of deadlocking."""
    cost = Money(sum(seat.committed_minor for seat in seats), gig.currency)
    commit(gig, cost, told=f"This session can cost up to {cost.display()}")
    for seat in seats:
        refuse_full_week(seat)
        refuse_broken_guarantee(seat)
        seat.confirmed_at = at if has_agreed else None
        seat.save()
        about: About = {"gig": gig.title, "call_at": seat.call_at}
        kind = Kind.SEAT_TAKEN if has_agreed else Kind.BOOKED
        tell(seat, kind=kind, about=about, calendar=Method.REQUEST, at=at)


def refuse_full_week(seat: Seat) -> None:
    """Raise WeekIsFull (409) where a performer would be booked for more hours a week than the house allows."""
    session = seat.session
    zone = ZoneInfo(settings.PAYROLL_TIME_ZONE)
    week = week_dates(monday_of(session.call_at, zone=zone), zone=zone)
    booked = Seat.objects.filter(
        performer=seat.performer,
        released_at=None,
        session__call_at__gte=week.starts_at,
        session__call_at__lt=week.ends_at,
    ).exclude(session=session)
    length = F("session__scheduled_end_at") - F("session__call_at")
    total = booked.aggregate(total=Sum(length))["total"] or timedelta(0)
    if total + (session.scheduled_end_at - seat.call_at) > settings.WEEKLY_CAP:
        cap = length_in_words(settings.WEEKLY_CAP)
        raise WeekIsFull(f"{seat.performer.stage_name} would be booked for more than {cap} in that week.")


def refuse_broken_guarantee(seat: Seat) -> None:
    """Raise GuaranteeBroken (409) where the call would take a performer's rest, or too much of their day."""
    session, by = seat.session, Guarantees(**settings.GUARANTEES)
    near = timedelta(days=2)
    others = Seat.objects.filter(
        performer=seat.performer,
        released_at=None,
        session__call_at__gte=session.call_at - near,
        session__call_at__lt=session.scheduled_end_at + near,
    ).exclude(session=session)
    booked = others.values_list("session__call_at", "session__scheduled_end_at")
    broken = broken_by(
        Span.between(seat.call_at, session.scheduled_end_at),
        [Span.between(*times) for times in booked],
        zone=zone_of(seat.performer.user.time_zone),
        by=by,
    )
    if broken is not None:
        words = {
            Guarantee.STRETCH: f"has {_length(by.stretch_rest_s)} of rest after {_length(by.stretch_s)} on camera",
            Guarantee.DAY: f"is on camera for at most {_length(by.day_s)} a day",
            Guarantee.NIGHT: f"has {_length(by.night_s)} between days",
        }
        raise GuaranteeBroken(f"{seat.performer.stage_name} {words[broken]}.", guarantee=str(broken))


def _length(seconds: int) -> str:
    return length_in_words(timedelta(seconds=seconds))


def commit(gig: Gig, cost: Money, *, told: str) -> None:
    """Keep in a locked gig's budget all that something can cost. Raises BudgetExceeded (409), with the words `told`, where less
    is free."""
    missing_minor = cost.minor - gig.free_minor
    if missing_minor > 0:
        missing = Money(missing_minor, gig.currency).display()
        raise BudgetExceeded(f"{told}; set {missing} more aside for the gig.", missing_minor=missing_minor)
    Gig.objects.filter(pk=gig.pk).update(committed_minor=F("committed_minor") + cost.minor)
