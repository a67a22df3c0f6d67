"""Booking a session and what happens to it until it wraps."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least
from psycopg.types.range import TimestamptzRange

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.kinds import Kind
from accounts.notifications.news import About
from accounts.notifications.operations import notify
from accounts.onboarding.operations import require_bookable
from kit.errors import DomainError, Invalid, NotFound
from kit.instants import day, length_in_words
from kit.money import Money
from kit.ranges import epoch_s
from kit.text import required_text
from marketplace.engagements.models import Engagement
from marketplace.engagements.operations import terms_in_force
from marketplace.engagements.states import EngagementState
from marketplace.gigs import calculate
from marketplace.gigs.limits import BOUNDS
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState
from marketplace.presence.policy import TimePolicy
from marketplace.sessions.models import LONGEST_CANCEL_REASON, Mark, Seat, Session
from marketplace.sessions.states import BEFORE, SessionState

FURTHEST_AHEAD = timedelta(days=730)
BOOKS_SESSIONS = (GigState.PUBLISHED, GigState.PAUSED, GigState.CLOSED)
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


class TooLate(DomainError):
    """Look at what the session has become; before its end it can be ended, after it disputed."""

    code = "too_late"
    title = "It is too late for that"


class TooEarly(DomainError):
    """Wait until the time that the terms give has run out."""

    code = "too_early"
    title = "It is too early for that"


def book_session(
    *,
    gig: Gig,
    call_at: datetime,
    engagements: Sequence[Engagement],
    length_s: int | None = None,
    by: Actor,
    at: datetime,
) -> Session:
    """Book one to four performers for a call. Rate, fee and policy are frozen from the terms that both signed.

    What it can cost at most is committed against the gig's budget. Raises Forbidden (403), Invalid (422),
    BudgetExceeded, AlreadyBooked,
    NotApproved, Suspended, EngagementNotActive, NotReadyToBeBooked, GigNotWorking (409), NotFound (404); nothing is
    booked then.
    """
    by.require(Act.BOOK, company_id=gig.company_id)
    if call_at <= at:
        raise Invalid.field("call_at", "The call must lie ahead.", code="in_the_past")
    if call_at > at + FURTHEST_AHEAD:
        raise Invalid.field(
            "call_at", f"A call lies at most {length_in_words(FURTHEST_AHEAD)} ahead.", code="out_of_range"
        )
    _refuse_outside(gig, call_at)
    end_at = call_at + timedelta(seconds=_length_s(gig, length_s))
    try:
        with transaction.atomic():
            return _book(gig, call_at, end_at, engagements, by=by, at=at)
    except IntegrityError as error:
        if "performer_sessions_never_overlap" in str(error):
            raise AlreadyBooked(
                "One of these performers has another booking at that time. Choose another time or person."
            ) from error
        raise


def _refuse_outside(gig: Gig, call_at: datetime) -> None:
    """A gig keeps to the days that performers agreed to."""
    if not gig.starts_on <= calculate.local_day(call_at, gig.time_zone) <= gig.ends_on:
        said = (
            f"This gig runs from {day(gig.starts_on)} to {day(gig.ends_on)}, by the clock of {gig.time_zone}."
        )
        raise Invalid.field("call_at", f"{said} Choose a day in it.", code="outside_the_gig")


def _length_s(gig: Gig, length_s: int | None) -> int:
    length_s = gig.session_s if length_s is None else length_s
    least, most = BOUNDS["session_s"]
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
    rows = Engagement.objects.select_for_update(of=("self",)).select_related("performer")
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
    by: Actor,
    at: datetime,
) -> Session:
    gig = Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)
    require_approved(gig.company.state, whose=gig.company.name)
    if gig.state not in BOOKS_SESSIONS:
        raise GigNotWorking("Publish the gig first.")
    engagements = _lock_engaged(gig, engagements)
    terms = [terms_in_force(engagement) for engagement in engagements]
    # One policy to a session: where versions were signed at different times, the latest that any of them signed.
    latest = max(terms, key=lambda signed: signed.pk)
    policy = TimePolicy.from_json(latest.policy).to_json()
    session = Session.objects.create(
        gig=gig, company=gig.company, call_at=call_at, scheduled_end_at=end_at, policy=policy, created_at=at
    )
    longest_s = calculate.longest_s(scheduled_s=int((end_at - call_at).total_seconds()), policy=policy)
    seats = [
        Seat(
            session=session,
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
                longest_s=longest_s,
            ),
            during=TimestamptzRange(call_at, end_at),
        )
        for engagement, signed in zip(engagements, terms, strict=True)
    ]
    _commit(gig, sum(seat.committed_minor for seat in seats))
    # In the order of performers, so that two bookings of the same pair wait instead of deadlocking.
    for seat in seats:
        seat.save()
        _tell(seat, kind=Kind.BOOKED, about={"gig": session.gig.title, "call_at": session.call_at}, at=at)
    audit.record(verb="session.booked", thing=session, by=by, at=at, seats=len(seats))
    return session


def _commit(gig: Gig, amount_minor: int) -> None:
    free_minor = gig.funded_minor + gig.credit_minor - gig.committed_minor
    if amount_minor > free_minor:
        needs, missing = (
            Money(amount_minor, gig.currency).display(),
            Money(amount_minor - free_minor, gig.currency).display(),
        )
        raise BudgetExceeded(
            f"This session can cost up to {needs}; set {missing} more aside for the gig.",
            missing_minor=amount_minor - free_minor,
        )
    Gig.objects.filter(pk=gig.pk).update(committed_minor=F("committed_minor") + amount_minor)


@transaction.atomic
def confirm_seat(*, seat: Seat, by: Actor, at: datetime) -> Session:
    """A performer confirms; the session is confirmed with the last of them. Confirming twice changes nothing.

    Raises NotFound (404), TooLate (409).
    """
    by.require_performer(seat.performer_id)
    session = locked(seat.session_id)
    if session.state not in BEFORE:
        raise TooLate("This session is no longer waiting to be confirmed.")
    Seat.objects.filter(pk=seat.pk, confirmed_at=None).update(confirmed_at=at)
    if session.state == S.BOOKED and not session.seats.filter(confirmed_at=None, released_at=None).exists():
        audit.move(session, S.CONFIRMED, by=by, at=at)
    return session


@transaction.atomic
def cancel_session(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """Call a session off. By the company it may pay the minimum call by the notice given; by a performer it pays nothing.

    Raises Forbidden (403), TooLate (409) from the call on, Invalid (422) without a reason.
    """
    session = locked(session.pk)
    as_performer = _performs_in(session, by)
    if not as_performer:
        by.require(Act.BOOK, company_id=session.company_id)
    who = Session.Cancelled.PERFORMER if as_performer else Session.Cancelled.COMPANY
    return call_off(session, who, reason, by=by, at=at)


def call_off(session: Session, who: Session.Cancelled, reason: str, *, by: Actor, at: datetime) -> Session:
    """What calling a locked session off comes to, whoever does it. Raises TooLate (409), Invalid (422)."""
    reason = required_text(reason, missing="Say why; the others read it.", longest=LONGEST_CANCEL_REASON)
    if session.state not in BEFORE or at >= session.call_at:
        raise TooLate("The call has passed. End the session in its room, or mark what happened.")
    pays = who != Session.Cancelled.PERFORMER and _pays(session, at=at)
    to = S.LATE_CANCELLED if pays else S.CANCELLED
    audit.move(
        session,
        to,
        by=by,
        at=at,
        reason=reason,
        cancelled_at=at,
        cancelled_by=who,
        cancel_reason=reason,
    )
    session.seats.update(released_at=at)
    for seat in session.seats.select_related("performer"):
        _tell(
            seat,
            kind=Kind.CALLED_OFF,
            about={"gig": session.gig.title, "call_at": session.call_at, "reason": reason},
            at=at,
        )
    return session


def _performs_in(session: Session, actor: Actor) -> bool:
    return actor.is_performer and session.seats.filter(performer_id=actor.performer_id).exists()


def _pays(session: Session, *, at: datetime) -> bool:
    # In whole seconds, as the fold will reckon it.
    notice_s = epoch_s(session.call_at) - epoch_s(at)
    return TimePolicy.from_json(session.policy).cancel_share_bps(notice_s=notice_s) > 0


@transaction.atomic
def check_in(*, session: Session, by: Actor, at: datetime) -> Session:
    """Someone is in the room before the call. Asked twice, nothing changes."""
    session = locked(session.pk)
    if session.state in (S.BOOKED, S.CONFIRMED):
        audit.move(session, S.CHECK_IN, by=by, at=at)
    return session


@transaction.atomic
def go_live(*, session: Session, by: Actor, at: datetime) -> Session:
    """The room has someone in it. Asked twice, nothing changes."""
    session = locked(session.pk)
    if session.state in BEFORE:
        audit.move(session, S.LIVE, by=by, at=at, live_at=at)
    return session


@transaction.atomic
def wrap(*, session: Session, wrapped_at: datetime | None = None, by: Actor, at: datetime) -> Session:
    """A person ended it at `wrapped_at`, or (None) its window is over. Asked twice, nothing changes."""
    session = locked(session.pk)
    if session.state in (*BEFORE, S.LIVE, S.ON_HOLD):
        audit.move(session, S.WRAPPED, by=by, at=at, wrapped_at=wrapped_at)
        Mark.objects.filter(session=session, ended_at=None, started_at__lt=at).update(ended_at=at)
    return session


@transaction.atomic
def stop_for_safety(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """A performer stops the scene. It never costs them pay: what was worked counts, and the minimum call holds.

    Raises Forbidden (403).
    """
    session = locked(session.pk)
    if not _performs_in(session, by):
        by.require(Act.ATTEND, company_id=session.company_id)
    # A stop is never refused for its words: what cannot be kept of them is left out.
    said = reason.replace("\x00", "").strip()[:LONGEST_CANCEL_REASON]
    audit.move(session, S.SAFETY_STOPPED, by=by, at=at, reason=said, wrapped_at=at)
    Mark.objects.filter(session=session, ended_at=None, started_at__lt=at).update(ended_at=at)
    _tell_of_the_stop(session, by=by, at=at)
    return session


def _tell_of_the_stop(session: Session, *, by: Actor, at: datetime) -> None:
    """Whoever has not come yet can still say that they are here."""
    until = session.call_at + timedelta(seconds=TimePolicy.from_json(session.policy).no_show_after_s)
    about: About = {"gig": session.gig.title, "call_at": session.call_at, "answer_by": until}
    for seat in session.seats.filter(released_at=None).select_related("performer", "session"):
        if seat.performer_id != by.performer_id:
            _tell(seat, kind=Kind.STOPPED, about=about, at=at)
    if session.company_id not in by.company_ids:
        tell_company(
            kind=Kind.STOPPED_TO_COMPANY,
            company_id=session.company_id,
            key=f"session:{session.public_id}:{session.state}",
            about={"gig": session.gig.title, "call_at": session.call_at},
            where={"session_id": session.public_id},
            at=at,
        )


@transaction.atomic
def performer_no_show(*, session: Session, by: Actor, at: datetime) -> Session:
    """Nobody came in at all while the session could run. Asked twice, nothing changes."""
    session = locked(session.pk)
    if session.state in BEFORE:
        audit.move(session, S.PERFORMER_NO_SHOW, by=by, at=at)
    return session


@transaction.atomic
def company_no_show(*, session: Session, by: Actor, at: datetime) -> Session:
    """Nobody came from the company: whoever showed is paid the whole slot. The company says so, or talent operations.

    Raises Forbidden (403), TooEarly (409) before the company's own time to appear has run out.
    """
    if not by.is_talent:
        by.require(Act.BOOK, company_id=session.company_id)
    session = locked(session.pk)
    if epoch_s(at) < epoch_s(session.call_at) + TimePolicy.from_json(session.policy).no_show_after_s:
        raise TooEarly("Someone from the company may still come.")
    audit.move(session, S.COMPANY_NO_SHOW, by=by, at=at)
    return session


def change_commitment(*, gig_id: int, delta_minor: int) -> None:
    """What a session costs turned out otherwise than committed: less gives budget back, more takes what is free.

    Work that is owed is recorded even where the budget is used up, so the figure stops at its bounds.
    """
    most = F("funded_minor") + F("credit_minor")
    Gig.objects.filter(pk=gig_id).update(
        committed_minor=Greatest(0, Least(F("committed_minor") + delta_minor, most))
    )


def locked(session_pk: int) -> Session:
    rows = Session.objects.select_for_update(of=("self",)).select_related("gig", "company")
    return rows.get(pk=session_pk)


def _tell(seat: Seat, *, kind: Kind, about: About, at: datetime) -> None:
    session = seat.session
    notify(
        kind=kind,
        user_id=seat.performer.user_id,
        key=f"session:{session.public_id}:{session.state}",
        about=about,
        where={"session_id": session.public_id},
        at=at,
    )
