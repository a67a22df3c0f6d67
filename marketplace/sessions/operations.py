"""What happens to a session from its booking until it wraps."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, F, QuerySet
from django.db.models.functions import Greatest, Least

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.audit import operations as audit
from accounts.companies.notices import tell_company
from accounts.notifications.news import About, News
from accounts.notifications.operations import notify
from accounts.notifications.session_kinds import SessionKind as Kind
from kit.errors import DomainError, Forbidden
from kit.ranges import epoch_s
from kit.text import required_text
from marketplace.gigs.models import Gig
from marketplace.presence.policy import TimePolicy
from marketplace.sessions import entries
from marketplace.sessions.entries import Method
from marketplace.sessions.models import LONGEST_CANCEL_REASON, Mark, Seat, Session
from marketplace.sessions.states import BEFORE, SessionState

S = SessionState
# By whether the company was absent.
ABSENCE_TO_PERFORMER = {
    True: Kind.COMPANY_ABSENT_TO_PERFORMER,
    False: Kind.COMPANY_CAME_TO_PERFORMER,
}
ABSENCE_TO_COMPANY = {True: Kind.COMPANY_ABSENT_TO_COMPANY, False: Kind.COMPANY_CAME_TO_COMPANY}
# A break of no length is none; a second is the least that can be marked.
SHORTEST_MARK = timedelta(seconds=1)


class TooLate(DomainError):
    """Look at what the session has become; before its end it can be ended, after it disputed."""

    code = "too_late"
    title = "It is too late for that"


class NobodyNeedCome(DomainError):
    """Nothing to do: whoever plays it directs it alone, and is paid by what they were there."""

    code = "nobody_need_come"
    title = "Nobody of the company need come to this session"


class TooEarly(DomainError):
    """Wait until the time that the terms give has run out."""

    code = "too_early"
    title = "It is too early for that"


@transaction.atomic
def confirm_seat(*, seat: Seat, by: Actor, at: datetime) -> Session:
    """A performer confirms; the session is confirmed with the last of them. Confirming twice changes nothing.

    Raises NotFound (404), TooLate (409).
    """
    by.require_performer(seat.performer_id)
    session = locked(seat.session_id)
    if session.state not in BEFORE:
        raise TooLate("This session is no longer waiting to be confirmed.")
    if not Seat.objects.filter(pk=seat.pk, released_at=None).exists():
        raise TooLate("Your seat was called off.")
    Seat.objects.filter(pk=seat.pk, confirmed_at=None).update(confirmed_at=at)
    if confirm_if_all_have(session, by=by, at=at):
        about: About = {"gig": session.gig.title, "call_at": session.call_at}
        # A seat that is given to another is confirmed anew.
        what = f"{session.state}:{at.timestamp():.0f}"
        tell_its_company(session, kind=Kind.CONFIRMED_TO_COMPANY, about=about, what=what, at=at)
    return session


def confirm_if_all_have(session: Session, *, by: Actor, at: datetime) -> bool:
    """Whether it is confirmed by this."""
    waiting = session.seats.filter(confirmed_at=None, released_at=None)
    if session.state != S.BOOKED or waiting.exists():
        return False
    audit.move(session, S.CONFIRMED, by=by, at=at)
    return True


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
        _cut_marks(session, at=wrapped_at or window_ends_at(session))
    return session


def window_ends_at(session: Session) -> datetime:
    """When nothing more is paid of a session that nobody ended (presence rule 4)."""
    overrun_s = TimePolicy.from_json(session.policy).overrun_limit_s
    return session.scheduled_end_at + timedelta(seconds=overrun_s)


def shows_until(session: Session) -> datetime:
    """The last second, both ends included, at which who comes has showed, of either side (presence rule 5)."""
    policy = TimePolicy.from_json(session.policy)
    return session.call_at + timedelta(seconds=policy.no_show_after_s)


def _cut_marks(session: Session, *, at: datetime) -> None:
    """What nobody ended runs no longer, and counts until each seat's own time is over (presence rule 6): however late the
    house notices, a short meal does not grow into an unpaid one meanwhile."""
    _end_marks(session, at=at, is_cut=True)


def _end_marks(session: Session, *, at: datetime, is_cut: bool = False) -> None:
    ends = Greatest(F("started_at") + SHORTEST_MARK, at, output_field=DateTimeField())
    Mark.objects.filter(session=session, ended_at=None).update(ended_at=ends, is_cut=is_cut)


def performs_in(session: Session, actor: Actor) -> bool:
    """Not whose seat was given back, or to somebody who stands in."""
    seats = session.seats.filter(performer_id=actor.performer_id, released_at=None)
    return actor.is_performer and seats.exists()


@transaction.atomic
def stop_for_safety(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """A performer stops the scene. It never costs them pay: what was worked counts, and the minimum call holds.

    Raises Forbidden (403).
    """
    session = locked(session.pk)
    if not performs_in(session, by):
        by.require(Act.ATTEND, company_id=session.company_id)
    # A stop is never refused for its words: what cannot be kept of them is left out.
    said = reason.replace("\x00", "").strip()[:LONGEST_CANCEL_REASON]
    audit.move(session, S.SAFETY_STOPPED, by=by, at=at, reason=said, wrapped_at=at)
    _cut_marks(session, at=at)
    _tell_of_the_stop(session, by=by, at=at)
    return session


def _tell_of_the_stop(session: Session, *, by: Actor, at: datetime) -> None:
    """Whoever has not come yet can still say that they are here."""
    about: About = {
        "gig": session.gig.title,
        "call_at": session.call_at,
        "answer_by": shows_until(session),
    }
    for seat in _held(session):
        if seat.performer_id != by.performer_id:
            tell(seat, kind=Kind.STOPPED, about=about, at=at)
    if session.company_id not in by.company_ids:
        tell_its_company(
            session,
            kind=Kind.STOPPED_TO_COMPANY,
            about={"gig": session.gig.title, "call_at": session.call_at},
            at=at,
        )


@transaction.atomic
def fail(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """Talent operations end a session that a fault of the house's made impossible: it counts against nobody.

    Pay is as for one that was ended: what was worked, with the minimum call for whoever came. Raises Forbidden (403),
    IllegalMove (409), TooEarly (409) before the call, Invalid (422) without a reason.
    """
    if not by.is_talent:
        raise Forbidden("Talent operations say that a fault is the house's.")
    said = required_text(
        reason, missing="Say what failed; both sides read it.", longest=LONGEST_CANCEL_REASON
    )
    session = locked(session.pk)
    if at < session.call_at:
        raise TooEarly("Before its call a session is called off.")
    audit.move(session, S.TECHNICAL_FAILURE, by=by, at=at, reason=said, wrapped_at=at)
    _cut_marks(session, at=at)
    about: About = {"gig": session.gig.title, "call_at": session.call_at, "reason": said}
    for seat in _held(session):
        tell(seat, kind=Kind.FAILED, about=about, at=at)
    tell_its_company(session, kind=Kind.FAILED_TO_COMPANY, about=about, at=at)
    return session


@transaction.atomic
def performer_no_show(*, session: Session, by: Actor, at: datetime) -> Session:
    """Nobody came in at all while the session could run. Asked twice, nothing changes."""
    session = locked(session.pk)
    if session.state in BEFORE:
        audit.move(session, S.PERFORMER_NO_SHOW, by=by, at=at)
        about: About = {"gig": session.gig.title, "call_at": session.call_at}
        for seat in _held(session):
            tell(seat, kind=Kind.NOBODY_CAME_TO_PERFORMER, about=about, at=at)
        tell_its_company(session, kind=Kind.NOBODY_CAME_TO_COMPANY, about=about, at=at)
    return session


@transaction.atomic
def company_no_show(*, session: Session, by: Actor, at: datetime) -> Session:
    """Nobody came from the company: whoever showed is paid the whole slot. The company says so, or talent operations.

    Raises Forbidden (403), TooEarly (409) before the company's own time to appear has run out, NobodyNeedCome (409) where the
    performer directs alone.
    """
    if not by.is_talent:
        by.require(Act.BOOK, company_id=session.company_id)
    session = locked(session.pk)
    if session.gig.self_directed:
        raise NobodyNeedCome("Its performer directs it alone; that nobody of the company came is no fault.")
    if epoch_s(at) < epoch_s(shows_until(session)):
        raise TooEarly("Someone from the company may still come.")
    audit.move(session, S.COMPANY_NO_SHOW, by=by, at=at)
    _end_marks(session, at=at)
    tell_of_company(session, absent=True, by=by, at=at)
    return session


def tell_of_company(session: Session, *, absent: bool, by: Actor, at: datetime) -> None:
    """Both sides read that the company did not come, or by later word that it did after all; each time once."""
    what = f"absent:{absent}:{at.timestamp():.0f}"
    to_performer: About = {
        "gig": session.gig.title,
        "call_at": session.call_at,
        "company": session.company.name,
    }
    for seat in _held(session):
        tell(seat, kind=ABSENCE_TO_PERFORMER[absent], about=to_performer, what=what, at=at)
    if session.company_id not in by.company_ids:
        about: About = {"gig": session.gig.title, "call_at": session.call_at}
        tell_its_company(session, kind=ABSENCE_TO_COMPANY[absent], about=about, what=what, at=at)


def _held(session: Session) -> QuerySet[Seat]:
    return session.seats.filter(released_at=None).select_related("performer", "session")


def change_commitment(*, gig_id: int, delta_minor: int) -> None:
    """What a session costs turned out otherwise than committed: less gives budget back, more takes what is free.

    Work that is owed is recorded even where the budget is used up, so the figure stops at its bounds.
    """
    most = Greatest(F("funded_minor"), F("committed_minor"))
    Gig.objects.filter(pk=gig_id).update(
        committed_minor=Greatest(0, Least(F("committed_minor") + delta_minor, most))
    )


def locked(session_pk: int) -> Session:
    """A session to be moved: its gig first, then itself, as everywhere."""
    Gig.objects.select_for_update().get(sessions=session_pk)
    rows = Session.objects.select_for_update(of=("self",)).select_related("gig", "company")
    return rows.get(pk=session_pk)


def tell(
    seat: Seat, *, kind: Kind, about: About, what: str = "", calendar: Method | None = None, at: datetime
) -> None:
    """A performer is told of their session: once of each state, or of `what`; and their calendar, where it concerns it."""
    session = seat.session
    notify(
        kind=kind,
        user_id=seat.performer.user_id,
        key=f"session:{session.public_id}:{what or session.state}",
        about=about,
        where={"session_id": session.public_id},
        calendar=entries.mail_of(seat, method=calendar, at=at) if calendar else None,
        at=at,
    )


def tell_its_company(session: Session, *, kind: News, about: About, what: str = "", at: datetime) -> None:
    """The company is told of its session, likewise."""
    tell_company(
        kind=kind,
        company_id=session.company_id,
        key=f"session:{session.public_id}:{what or session.state}",
        about=about,
        where={"session_id": session.public_id},
        at=at,
    )
