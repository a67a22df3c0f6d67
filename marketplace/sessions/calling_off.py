"""Calling a session off, or one seat of it: what it pays by the notice given, and who is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.news import Said
from accounts.notifications.operations import notify
from accounts.notifications.session_kinds import SessionKind as Kind
from kit.money import Money, Rate
from kit.ranges import epoch_s
from kit.text import required_text
from marketplace.presence.calculate import round_time
from marketplace.presence.policy import BASIS_POINTS, TimePolicy
from marketplace.sessions import video_rooms
from marketplace.sessions.entries import Method
from marketplace.sessions.models import LONGEST_CANCEL_REASON, Cancelled, Seat, Session, VideoRoom
from marketplace.sessions.operations import (
    TooLate,
    change_commitment,
    confirm_if_all_have,
    locked,
    tell,
    tell_its_company,
)
from marketplace.sessions.states import BEFORE, MoveState, SessionState

S = SessionState


@transaction.atomic
def cancel_session(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """Call a session off as the company, or one's own seat in it as a performer: the others still play.

    By the company it may pay the minimum call by the notice given; by a performer it pays that performer nothing. With its
    last seat the session is off. Raises Forbidden (403), TooLate (409) from the call on, Invalid (422) without a reason.
    """
    session = locked(session.pk)
    seat = session.seats.filter(performer_id=by.performer_id).first() if by.is_performer else None
    if seat is not None:
        return release(session, seat, Cancelled.PERFORMER, reason, by=by, at=at)
    by.require(Act.BOOK, company_id=session.company_id)
    return call_off(session, Cancelled.COMPANY, reason, by=by, at=at)


@transaction.atomic
def cancel_rest(*, session: Session, reason: str, by: Actor, at: datetime) -> int:
    """The same for this session and the later ones of its series in which the actor still has a part; how many.

    Raises as `cancel_session` does; where one is refused, none is called off.
    """
    found = [session, *later_of(session, by)]
    for each in found:
        cancel_session(session=each, reason=reason, by=by, at=at)
    return len(found)


def later_of(session: Session, by: Actor) -> list[Session]:
    """The later ones of its series that one may still call off; of a performer those in which they have a seat."""
    if session.series_id is None:
        return []
    later = Session.objects.filter(series=session.series_id, call_at__gt=session.call_at, state__in=BEFORE)
    if session.company_id not in by.company_ids:
        own = Seat.objects.filter(performer_id=by.performer_id, released_at=None)
        later = later.filter(pk__in=own.values("session_id"))
    return list(later.select_related("gig").prefetch_related("seats").order_by("call_at", "pk"))


@transaction.atomic
def release_seat(*, seat: Seat, reason: str, by: Actor, at: datetime) -> Session:
    """The company does without one performer; the others still play. It pays the minimum call by the notice given.

    Raises Forbidden (403), TooLate (409) from the call on, Invalid (422) without a reason.
    """
    session = locked(seat.session_id)
    by.require(Act.BOOK, company_id=session.company_id)
    return release(session, session.seats.get(pk=seat.pk), Cancelled.COMPANY, reason, by=by, at=at)


def release(session: Session, seat: Seat, who: Cancelled, reason: str, *, by: Actor, at: datetime) -> Session:
    """What one performer's seat being called off comes to, of a locked session. Raises TooLate (409), Invalid (422)."""
    if not session.seats.filter(released_at=None).exclude(pk=seat.pk).exists():
        return call_off(session, who, reason, by=by, at=at)
    reason = required_text(reason, missing="Say why; the others read it.", longest=LONGEST_CANCEL_REASON)
    if session.state not in BEFORE or at >= session.call_at or seat.released_at:
        raise TooLate("The call has passed, or the seat was called off before.")
    seat.released_at, seat.released_by = at, who
    due_minor = due_for(seat, session, at=at) if who != Cancelled.PERFORMER else 0
    change_commitment(gig_id=session.gig_id, delta_minor=due_minor - seat.committed_minor)
    seat.committed_minor = due_minor
    seat.save(update_fields=["released_at", "released_by", "committed_minor"])
    session.revise(at=at)
    session.save(update_fields=["revision", "revised_at"])
    audit.record(verb="seat.released", thing=seat, by=by, at=at, reason=reason, who=str(who))
    _end_moves(session, by=by, at=at)
    confirm_if_all_have(session, by=by, at=at)
    # Whose seat it was may be in the room already, or hold a token for it: they are put out.
    video_rooms.look_at_once(VideoRoom.objects.filter(session=session), at=at)
    _tell_of_release(session, seat, who, reason, at=at)
    return session


def _end_moves(session: Session, *, by: Actor, at: datetime) -> None:
    """A proposal to move it is over: those whom it asked are others now, or nobody."""
    for move in session.moves.filter(state=MoveState.ASKED):
        audit.move(move, MoveState.WITHDRAWN, by=by, at=at, ended_at=at)


def due_for(seat: Seat, session: Session, *, at: datetime) -> int:
    """What calling the seat off now costs the company, fee included, in minor units of its currency."""
    policy = TimePolicy.from_json(session.policy)
    share_bps = policy.cancel_share_bps(notice_s=epoch_s(session.call_at) - epoch_s(at))
    payable_s = round_time(policy.minimum_call_s * share_bps, BASIS_POINTS, policy=policy)
    amount = Rate(seat.rate_minor, seat.currency).for_seconds(payable_s)
    return amount.minor + amount.share(seat.fee_bps).minor


@dataclass(frozen=True)
class Price:
    """What it costs the company to call something off now, fee included, and when that changes next."""

    amount: Money
    holds_until: datetime


def price_of(sessions: Sequence[Session], *, currency: str, at: datetime) -> Price:
    """Of all of these together, those that still lie ahead."""
    ahead = [each for each in sessions if each.state in BEFORE and at < each.call_at]
    seats = ((each, seat) for each in ahead for seat in each.seats.all() if seat.released_at is None)
    minor = sum(due_for(seat, each, at=at) for each, seat in seats)
    holds_until = min((_holds_until(each, at=at) for each in ahead), default=at)
    return Price(Money(minor, currency), holds_until)


def _holds_until(session: Session, *, at: datetime) -> datetime:
    """With less notice another share is paid, until the call."""
    policy, call_s = TimePolicy.from_json(session.policy), epoch_s(session.call_at)
    now = policy.cancel_share_bps(notice_s=call_s - epoch_s(at))
    changes = (
        session.call_at - timedelta(seconds=tier.notice_s)
        for tier in policy.cancel_tiers
        if tier.notice_s and policy.cancel_share_bps(notice_s=tier.notice_s - 1) != now
    )
    return min((each for each in changes if each >= at), default=session.call_at)


def _tell_of_release(session: Session, seat: Seat, who: Cancelled, reason: str, *, at: datetime) -> None:
    key, where = f"seat:{seat.public_id}:released", {"session_id": session.public_id}
    _tell_who_is_out(seat, session, reason, by_performer=who == Cancelled.PERFORMER, at=at)
    if who == Cancelled.PERFORMER:
        gone: dict[str, Said] = {
            "gig": session.gig.title,
            "call_at": session.call_at,
            "reason": reason,
            "performer": seat.performer.stage_name,
        }
        company = session.company_id
        tell_company(
            kind=Kind.SEAT_FREE_TO_COMPANY, company_id=company, key=key, about=gone, where=where, at=at
        )
    staying: dict[str, Said] = {
        "gig": session.gig.title,
        "call_at": session.call_at,
        "performer": seat.performer.stage_name,
    }
    for other in session.seats.filter(released_at=None).select_related("performer"):
        reader = other.performer.user_id
        notify(kind=Kind.PARTNER_LEFT, user_id=reader, key=key, about=staying, where=where, at=at)


def _tell_who_is_out(seat: Seat, session: Session, reason: str, *, by_performer: bool, at: datetime) -> None:
    """Also who gave it up themselves: their calendar keeps it else."""
    seat.session = session
    about: dict[str, Said] = {"gig": session.gig.title, "call_at": session.call_at}
    if not by_performer:
        about["reason"] = reason
    kind = Kind.GIVEN_UP if by_performer else Kind.CALLED_OFF
    tell(seat, kind=kind, about=about, what=f"out:{seat.public_id}", calendar=Method.CANCEL, at=at)


def call_off(session: Session, who: Cancelled, reason: str, *, by: Actor, at: datetime) -> Session:
    """What calling a locked session off comes to, whoever does it. Raises TooLate (409), Invalid (422)."""
    reason = required_text(reason, missing="Say why; the others read it.", longest=LONGEST_CANCEL_REASON)
    if session.state not in BEFORE or at >= session.call_at:
        raise TooLate("The call has passed. End the session in its room, or mark what happened.")
    pays = who != Cancelled.PERFORMER and _pays(session, at=at)
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
        revision=session.revision + 1,
        revised_at=at,
    )
    _end_moves(session, by=by, at=at)
    going = list(session.seats.filter(released_at=None).select_related("performer__user"))
    session.seats.filter(released_at=None).update(released_at=at)
    if who == Cancelled.PERFORMER:
        tell_its_company(
            session,
            kind=Kind.CALLED_OFF_TO_COMPANY,
            about={"gig": session.gig.title, "call_at": session.call_at, "reason": reason},
            at=at,
        )
    for seat in going:
        _tell_who_is_out(seat, session, reason, by_performer=seat.performer_id == by.performer_id, at=at)
    return session


def _pays(session: Session, *, at: datetime) -> bool:
    # In whole seconds, as the fold will reckon it.
    notice_s = epoch_s(session.call_at) - epoch_s(at)
    return TimePolicy.from_json(session.policy).cancel_share_bps(notice_s=notice_s) > 0
