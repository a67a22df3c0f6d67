"""What happens in a test before its own claim: the one way to set up its world.

Verbs that go through the real operations, on real rows; so no test sees a state that no door brings about. Things are
`a_…` (a_person, a_company, a_gig, a_booked_session, …), acts say who does what (applies, they_play, everyone_confirms,
questions). Each makes what it needs, so a test writes down only what it is about:

    session = stories.a_pair_booked()             people, company, gig, signed engagements, a booking
    lines = stories.they_play(session)            its evidence arrives and is reckoned
    week = stories.an_approved_week(session)      and all of it reviewed and approved

The stories play in the week of Monday 9 November 2026, payroll time in New York. Nothing reads the clock: move a story by
passing other times (BEFORE, CALL, REVIEW_DAY). On these stand: for a browser or the API as someone,
tests/accounts/browsing.py; for a time at the pages, `it_is` in tests/marketplace/conftest.py; for money at Stripe, the World
of tests/payments/world.py, which brings the sandbox and its own clock; for a house from outside, tests/journeys.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any

from allauth.account.models import EmailAddress

from accounts.access.actors import Actor
from accounts.access.roles import Role, Staff
from accounts.companies import operations as companies
from accounts.companies.models import Company
from accounts.identity.models import StaffRole, User
from accounts.keys.acting import of_user
from accounts.onboarding import operations as onboarding
from accounts.performers import operations as performers
from accounts.performers.models import Performer
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from marketplace.sessions import deliveries
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import PresenceDelivery, Session
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine, Timesheet
from marketplace.timekeeping.states import TimesheetState
from marketplace.timekeeping.sweep import sweep_rooms

BEFORE = datetime(2026, 11, 2, 9, tzinfo=UTC)
MONDAY = date(2026, 11, 9)
CALL = datetime(2026, 11, 10, 15, tzinfo=UTC)
REVIEW_DAY = datetime(2026, 11, 16, 6, tzinfo=UTC)  # Monday, 01:00 in New York: the week is over
PASSWORD = "a long password for stories"
HOUSE = Actor.of_system("stories")
_names = count(1)


def a_person(name: str = "", *, zone: str = "America/New_York") -> User:
    """Someone who can log in with PASSWORD, their mail address confirmed."""
    number = next(_names)
    user = User.objects.create_user(
        f"person{number}@example.org", PASSWORD, name=name or f"Person {number}", time_zone=zone
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def a_company(name: str = "", *, owner: User | None = None) -> Company:
    owner = owner or a_person()
    return companies.create_company(
        name=name or f"Company {next(_names)}", owner=owner, by=of_user(owner), at=BEFORE
    )


def a_member(company: Company, role: Role = Role.PRODUCER) -> User:
    user = a_person()
    companies.enrol(company=company, user=user, role=role, by=HOUSE, at=BEFORE)
    return user


def owner_of(company: Company) -> Actor:
    return of_user(company.memberships.select_related("user").get(role=Role.OWNER).user)


def a_member_of_staff(role: Staff, name: str = "") -> User:
    user = a_person(name)
    becomes_staff(user, role)
    return user


def becomes_staff(user: User, role: Staff) -> None:
    StaffRole.objects.create(user=user, role=role)


def a_performer(name: str = "", *, zone: str = "America/New_York") -> Performer:
    """A performer with nothing open before a booking."""
    return completes_the_steps(a_newcomer(name, zone=zone))


def a_newcomer(name: str = "", *, zone: str = "America/New_York") -> Performer:
    """A performer who has signed up and done no more."""
    user = a_person(name, zone=zone)
    return performers.create_performer(user=user, stage_name=user.name, by=of_user(user), at=BEFORE)


def completes_the_steps(performer: Performer) -> Performer:
    """All that the house wants to know before a booking."""
    me = acting(performer)
    performers.update_profile(
        performer=performer,
        stage_name=performer.stage_name,
        about="",
        country="US",
        skills=["duo"],
        languages=["en"],
        time_zone=performer.user.time_zone,
        by=me,
        at=BEFORE,
    )
    performers.confirm_adult(performer=performer, by=me, at=BEFORE)
    onboarding.accept_terms(performer=performer, by=me, at=BEFORE)
    return performer


def person(actor: Actor) -> User:
    """Who logs in as that actor."""
    return User.objects.get(pk=actor.user_id or 0)


def acting(performer: Performer) -> Actor:
    return of_user(performer.user)


def a_gig(company: Company, *, funded_minor: int = 1_000_000, **fields: Any) -> Gig:
    """A gig on the board, at 74 USD an hour, with money set aside."""
    draft = a_draft(company, funded_minor=funded_minor, **fields)
    return gigs.publish(gig=draft, by=owner_of(company), at=BEFORE)


def a_draft(
    company: Company,
    *,
    funded_minor: int = 1_000_000,
    questions: Sequence[gigs.Question] = (),
    **fields: Any,
) -> Gig:
    """The same before it is on the board."""
    asked: gigs.Fields = {
        "title": "Two strangers in a lift",
        "scene": "Unscripted scenes in pairs",
        "brief": "Say yes, and.",
        "rate_minor": 7400,
        "starts_on": date(2026, 11, 2),
        "ends_on": date(2028, 12, 31),
        "purposes": ["evaluation"],
        "session_s": 5400,
    }
    asked.update(fields)  # type: ignore[typeddict-item] # the test names real fields
    gig = gigs.post_gig(company=company, fields=asked, questions=questions, by=owner_of(company), at=BEFORE)
    gigs.record_funding(gig=gig, delta_minor=funded_minor, by=HOUSE, at=BEFORE)
    return gig


def an_active_engagement(
    gig: Gig, performer: Performer | None = None, *, at: datetime = BEFORE
) -> Engagement:
    """Applied, offered, accepted, signed by both: the performer can be booked."""
    engagement = accepts(performer or a_performer(), gig, at=at)
    sha256 = engagement.versions.get().text_sha256
    me, us = acting(engagement.performer), owner_of(gig.company)
    mine, ours = engagement.performer.user.name, person(us).name
    engagements.sign_as_performer(engagement=engagement, name=mine, read_sha256=sha256, by=me, at=at)
    engagements.countersign(engagement=engagement, name=ours, read_sha256=sha256, by=us, at=at)
    engagement.refresh_from_db()
    return engagement


def applies(
    performer: Performer,
    gig: Gig,
    *,
    note: str = "",
    answers: Mapping[int, str] = MappingProxyType({}),
    by: Actor | None = None,
    at: datetime = BEFORE,
) -> Application:
    """With an answer by the question's position."""
    by = by or acting(performer)
    return casting.apply(gig=gig, performer=performer, note=note, answers=answers, by=by, at=at)


def is_offered(performer: Performer, gig: Gig, *, at: datetime = BEFORE) -> Application:
    """Applied, and offered a place."""
    application = applies(performer, gig, at=at)
    (offered,) = casting.offer(applications=[application], by=owner_of(gig.company), at=at)
    return offered


def accepts(performer: Performer, gig: Gig, *, at: datetime = BEFORE) -> Engagement:
    """Applied, offered and accepted: the terms wait for both signatures."""
    offered = is_offered(performer, gig, at=at)
    return engagements.accept_offer(application=offered, by=acting(performer), at=at)


def a_booked_session(
    *engaged: Engagement, call_at: datetime = CALL, length_s: int = 5400, at: datetime | None = None
) -> Session:
    """One session with a seat for each of `engaged` (all of one gig), booked two days ahead."""
    gig = engaged[0].gig
    return sessions.book_session(
        gig=gig,
        call_at=call_at,
        engagements=engaged,
        length_s=length_s,
        by=owner_of(gig.company),
        at=at or call_at - timedelta(days=2),
    )


def a_pair_booked(company: Company | None = None, *, call_at: datetime = CALL) -> Session:
    """Two performers, one gig, one session of 90 minutes."""
    gig = a_gig(company or a_company())
    pair = [an_active_engagement(gig), an_active_engagement(gig)]
    return a_booked_session(*pair, call_at=call_at)


def arrives(session: Session, *bodies: dict[str, Any], at: datetime) -> None:
    """LiveKit webhooks about the session's room arrive, in this order."""
    deliveries.receive_many(
        [
            PresenceDelivery(
                room=session.room,
                kind=PresenceDelivery.Kind.LIVEKIT,
                body=json.dumps(body).encode(),
                event_id=body["id"],
                received_at=at,
            )
            for body in bodies
        ],
        at=at,
    )


def joined(session: Session, performer: Performer, at: datetime, *, sid: str = "") -> dict[str, Any]:
    return _event("participant_joined", session, at, performer, sid)


def left(session: Session, performer: Performer, at: datetime, *, sid: str = "") -> dict[str, Any]:
    return _event("participant_left", session, at, performer, sid)


def finished(session: Session, at: datetime) -> dict[str, Any]:
    return _event("room_finished", session, at)


def they_play(
    session: Session, *, performers: Sequence[Performer] | None = None, for_s: int = 0
) -> list[TimeLine]:
    """Everyone (or only `performers`) is there from the call, for `for_s` or to the scheduled end; then it is reckoned."""
    ends = session.call_at + timedelta(seconds=for_s) if for_s else session.scheduled_end_at
    seated = [seat.performer for seat in session.seats.select_related("performer").order_by("id")]
    bodies = []
    for performer in seated if performers is None else performers:
        bodies += [joined(session, performer, session.call_at), left(session, performer, ends)]
    arrives(session, *bodies, finished(session, ends), at=ends)
    return time_passes(session, at=ends + timedelta(hours=1))


def time_passes(session: Session, *, at: datetime) -> list[TimeLine]:
    """The sweep looks at the session's room and reckons it."""
    session.refresh_from_db()
    session = deliveries.follow(session=session, at=at)
    return timekeeping.reckon_session(session=session, at=at, by=HOUSE)


def the_sweep_runs(*, at: datetime) -> int:
    """The task that works off the rooms with news; returns how many."""
    return sweep_rooms(at=at)


def the_week_is_over(*, at: datetime = REVIEW_DAY) -> PayWeek:
    """Performers see their finished week; returns it."""
    timekeeping.open_reviews(at=at)
    return timekeeping.ensure_week(starts_on=MONDAY)


def everyone_confirms(week: PayWeek | None = None, *, at: datetime = REVIEW_DAY) -> PayWeek:
    """The performers confirm the week that is over: the company looks at it now."""
    week = week or the_week_is_over(at=at)
    waiting = Timesheet.objects.filter(week=week, state=TimesheetState.PERFORMER_REVIEW)
    for sheet in waiting.select_related("performer__user"):
        timekeeping.submit_timesheet(timesheet=sheet, by=acting(sheet.performer), at=at)
    return week


def questions(
    line: TimeLine,
    *,
    text: str = "I stayed for the retake.",
    claimed_s: int | None = 6000,
    by: Actor | None = None,
    at: datetime = REVIEW_DAY,
) -> Dispute:
    """The performer (or `by`) says that another time is right."""
    return timekeeping.dispute_line(
        line=line,
        reason=Dispute.Reason.TIME_MISSING,
        text=text,
        claimed_s=claimed_s,
        by=by or acting(line.timesheet.performer),
        at=at,
    )


def an_approved_week(session: Session, *, at: datetime = REVIEW_DAY) -> PayWeek:
    """Played, reviewed and approved by the company's owner: the lines are ready to become earnings."""
    they_play(session)
    week = everyone_confirms(at=at)
    timekeeping.approve_week(company=session.company, week=week, by=owner_of(session.company), at=at)
    return week


def _event(
    kind: str, session: Session, at: datetime, performer: Performer | None = None, sid: str = ""
) -> dict[str, Any]:
    second = int(at.timestamp())
    sid = sid or (f"PA_{performer.public_id}" if performer else "")
    body = {
        "event": kind,
        "room": {"name": session.room},
        "id": f"EV_{kind[-6:]}_{sid[-26:]}_{second}",
        "createdAt": str(second),
    }
    if performer is not None:
        body["participant"] = {"sid": sid, "identity": performer.public_id}
    return body
