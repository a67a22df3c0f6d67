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
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from types import MappingProxyType
from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

from accounts.access.actors import Actor
from accounts.access.roles import NEEDS_SECOND_FACTOR, Role, Staff
from accounts.companies import operations as companies
from accounts.companies.models import Company
from accounts.identity.models import StaffRole, User
from accounts.keys.acting import of_user
from accounts.onboarding import operations as onboarding
from accounts.performers import operations as performers
from accounts.performers.models import Performer
from accounts.standing import checklist, suspensions, vetting
from accounts.standing.models import Suspension, Vetting
from accounts.standing.reasons import Suspended
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.desk import suspending
from marketplace.engagements import asking
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.gigs import operations as gigs
from marketplace.gigs import reviewing
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState
from marketplace.sessions import booking, deliveries
from marketplace.sessions.models import PresenceDelivery, Session
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine, Timesheet
from marketplace.timekeeping.states import TimesheetState
from marketplace.timekeeping.sweep import sweep_rooms
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from tests import stock

BEFORE = datetime(2026, 11, 2, 9, tzinfo=UTC)
MONDAY = date(2026, 11, 9)
CALL = datetime(2026, 11, 10, 15, tzinfo=UTC)
CARDS = (
    "Good news that you may not tell yet.",
    "Steps behind you. // fear",
    "for one: You waved to a stranger.",
)
REVIEW_DAY = datetime(2026, 11, 16, 6, tzinfo=UTC)  # Monday, 01:00 in New York: the week is over
NEW_YORK = "America/New_York"
PASSWORD = "a long password for stories"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
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
    """A company that talent operations have vetted, in New York."""
    if not name and owner is None and (ready := stock.one(Company)) is not None:
        return ready
    company = a_new_company(name, owner=owner)
    asks_to_be_vetted(company)
    companies.say_where(company=company, country="US", region="NY", by=owner_of(company), at=BEFORE)
    return is_vetted(company)


def a_new_company(name: str = "", *, owner: User | None = None) -> Company:
    """A company whose owner has signed up and done no more."""
    owner = owner or a_person()
    sets_up_a_second_factor(owner)
    return companies.create_company(
        name=name or f"Company {next(_names)}", owner=owner, by=of_user(owner), at=BEFORE
    )


def a_member(company: Company, role: Role = Role.PRODUCER) -> User:
    user = a_person()
    if role in NEEDS_SECOND_FACTOR:
        sets_up_a_second_factor(user)
    companies.enrol(company=company, user=user, role=role, by=HOUSE, at=BEFORE)
    return user


def owner_of(company: Company) -> Actor:
    return of_user(company.memberships.select_related("user").get(role=Role.OWNER).user)


def a_member_of_staff(role: Staff, name: str = "") -> User:
    user = a_person(name)
    becomes_staff(user, role)
    return user


def becomes_staff(user: User, role: Staff) -> None:
    says_yes_to_the_house(user, role)
    sets_up_a_second_factor(user)


def says_yes_to_the_house(user: User, role: Staff) -> None:
    """And has set up no second factor yet."""
    StaffRole.objects.create(user=user, role=role)


def sets_up_a_second_factor(user: User) -> None:
    """An authenticator app with TOTP_SECRET, and recovery codes; once more changes nothing."""
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, TOTP_SECRET)
        RecoveryCodes.activate(user)


def a_recovery_code_of(user: User) -> str:
    """One that was not used yet, as its owner reads it off their paper: a code of the app is good once in 30 s."""
    kept = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return str(kept.wrap().get_unused_codes()[0])


def a_performer(name: str = "", *, zone: str = NEW_YORK) -> Performer:
    """A performer with nothing open before a booking: vetted, and through the steps."""
    if not name and zone == NEW_YORK and (ready := stock.one(Performer)) is not None:
        return ready
    performer = completes_the_steps(a_newcomer(name, zone=zone))
    proves_identity(performer)
    asks_to_be_vetted(performer)
    return is_vetted(performer)


def a_newcomer(name: str = "", *, zone: str = "America/New_York") -> Performer:
    """A performer who has signed up and done no more."""
    user = a_person(name, zone=zone)
    return performers.create_performer(user=user, stage_name=user.name, by=of_user(user), at=BEFORE)


def completes_the_steps(performer: Performer) -> Performer:
    """All that a performer does before talent operations look."""
    me = acting(performer)
    performers.update_profile(
        performer=performer,
        stage_name=performer.stage_name,
        about="",
        country="US",
        region="NY",
        skills=["duo"],
        languages=["en"],
        time_zone=performer.user.time_zone,
        by=me,
        at=BEFORE,
    )
    onboarding.accept_terms(performer=performer, by=me, at=BEFORE)
    return performer


def proves_identity(performer: Performer, *, like: Performer | None = None) -> None:
    """The partner's word arrives; `like` another, it is of the same name and birthday."""
    fingerprint = sha256((like or performer).public_id.encode()).hexdigest()
    reference = f"vs_{performer.public_id}"
    performers.record_identity(
        performer=performer, reference=reference, fingerprint=fingerprint, by=HOUSE, at=BEFORE
    )


def asks_to_be_vetted(subject: Performer | Company, *, at: datetime = BEFORE) -> Vetting:
    if isinstance(subject, Performer):
        return vetting.ask_as_performer(performer=subject, by=acting(subject), at=at)
    return vetting.ask_as_company(
        company=subject,
        legal_name=f"{subject.name}, Inc.",
        registration_number="7654321",
        country="US",
        website="https://example.org",  # where the stories' people have their mail
        by=owner_of(subject),
        at=at,
    )


V = TypeVar("V", Performer, Company)


def open_items(asked: Vetting) -> list[checklist.Checked]:
    """What of the checklist is not met."""
    return [each for each in checklist.of(asked) if not each.met]


def is_vetted(subject: V, *, at: datetime = BEFORE) -> V:
    """Talent operations take it up, tick what the house cannot know, and approve."""
    asked = Vetting.objects.about(subject).get(decided_at=None)
    vetting.take_up(vetting=asked, by=HOUSE, at=at)
    for each in open_items(asked):
        vetting.tick(vetting=asked, item=each.item, note="Looked up.", by=HOUSE, at=at)
    vetting.approve(vetting=asked, by=HOUSE, at=at)
    subject.refresh_from_db()
    return subject


def is_suspended(subject: Performer | Company, *, by: Actor = HOUSE, at: datetime = BEFORE) -> Suspension:
    """Talent operations suspend a performer or a company."""
    return suspending.suspend(
        subject=subject,
        reason=Suspended.CONDUCT,
        words="A promise was not kept.",
        evidence="The room's own record.",
        by=by,
        at=at,
    )


def is_reinstated(suspension: Suspension, *, at: datetime = BEFORE) -> None:
    suspensions.reinstate(suspension=suspension, reason="It was put right.", by=HOUSE, at=at)


def person(actor: Actor) -> User:
    """Who logs in as that actor."""
    return User.objects.get(pk=actor.user_id or 0)


def proved(actor: Actor, *, at: datetime) -> Actor:
    """The same, having just proved who they are."""
    return replace(actor, proved_at=at)


def acting(performer: Performer) -> Actor:
    return of_user(performer.user)


def a_gig(company: Company, *, funded_minor: int = 1_000_000, **fields: Any) -> Gig:
    """A gig on the board, at 74 USD an hour, with money set aside; a company's first was looked at."""
    draft = a_draft(company, funded_minor=funded_minor, **fields)
    handed_in = gigs.publish(gig=draft, by=owner_of(company), at=BEFORE)
    if handed_in.state == GigState.IN_REVIEW:
        return reviewing.approve(gig=handed_in, by=HOUSE, at=BEFORE)
    return handed_in


def a_company_on_the_board() -> Company:
    """A company whose first gig was looked at: its next ones go on the board at once."""
    company = a_company()
    a_gig(company)
    return company


def a_draft(
    company: Company,
    *,
    funded_minor: int = 1_000_000,
    questions: Sequence[gigs.Question] = (),
    prompts: Sequence[str] = (),
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
    gig = gigs.post_gig(
        company=company, fields=asked, questions=questions, prompts=prompts, by=owner_of(company), at=BEFORE
    )
    if funded_minor:
        is_set_aside(gig, funded_minor)
    return gig


def is_set_aside(gig: Gig, minor: int) -> None:
    """Money for a gig, in the books too: found at Stripe, where nobody has said yet whose it was."""
    ledger.move(
        debit=ledger.account(Kind.SUSPENSE, currency=gig.currency),
        credit=ledger.account(Kind.GIG_BUDGET, currency=gig.currency, owner=gig.public_id),
        amount_minor=minor,
        key=f"set_aside:test:{gig.public_id}",
        kind="set_aside",
        at=BEFORE,
    )
    gigs.record_funding(gig=gig, delta_minor=minor, by=HOUSE, at=BEFORE)


def an_active_engagement(
    gig: Gig,
    performer: Performer | None = None,
    *,
    grants: Sequence[str] = (),
    at: datetime = BEFORE,
) -> Engagement:
    """Applied, offered, accepted, signed by both: the performer can be booked. They grant only the uses that are named."""
    engagement = accepts(performer or a_performer(), gig, at=at)
    both_sign(engagement, grants=grants, at=at)
    engagement.refresh_from_db()
    return engagement


def both_sign(engagement: Engagement, *, grants: Sequence[str] = (), at: datetime = BEFORE) -> None:
    """The performer, who grants only the uses that are named, then the company's owner."""
    signs_as_performer(engagement, grants=grants, at=at)
    countersigns(engagement, at=at)


def signs_as_performer(
    engagement: Engagement, *, grants: Sequence[str] = (), address: str = "", at: datetime = BEFORE
) -> None:
    """In their own name, having just proved who they are, over the newest version."""
    engagements.sign_as_performer(
        engagement=engagement,
        name=engagement.performer.user.name,
        read_sha256=engagement.versions.latest("version").text_sha256,
        grants=grants,
        uses_sha256=uses_read(engagement),
        address=address,
        by=proved(acting(engagement.performer), at=at),
        at=at,
    )


def uses_read(engagement: Engagement) -> str:
    """The hash of the uses as they are shown to the performer beside the newest version."""
    return asking.hash_of(asking.asked_with(engagement.versions.latest("version"), engagement))


def countersigns(engagement: Engagement, *, address: str = "", at: datetime = BEFORE) -> None:
    """The same by the company's owner."""
    us = owner_of(engagement.company)
    engagements.countersign(
        engagement=engagement,
        name=person(us).name,
        read_sha256=engagement.versions.latest("version").text_sha256,
        address=address,
        by=proved(us, at=at),
        at=at,
    )


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
    return booking.book_session(
        gig=gig,
        call_at=call_at,
        engagements=engaged,
        length_s=length_s,
        by=owner_of(gig.company),
        at=at or call_at - timedelta(days=2),
    )


def a_pair_booked(
    company: Company | None = None, *, call_at: datetime = CALL, grants: Sequence[str] = ()
) -> Session:
    """Two performers who both grant these uses, one gig, one session of 90 minutes."""
    gig = a_gig(company or a_company())
    pair = [an_active_engagement(gig, grants=grants) for _ in range(2)]
    return a_booked_session(*pair, call_at=call_at)


def a_solo_booked(
    company: Company | None = None, *, grants: Sequence[str] = ("evaluation",), prompts: Sequence[str] = CARDS
) -> Session:
    """One performer who directs themself, by this deck: a session of 90 minutes."""
    gig = a_gig(company or a_company(), seats=1, self_directed=True, prompts=prompts)
    return a_booked_session(an_active_engagement(gig, grants=grants))


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
    return _event("participant_joined", session, at, performer.public_id, sid)


def left(session: Session, performer: Performer, at: datetime, *, sid: str = "") -> dict[str, Any]:
    return _event("participant_left", session, at, performer.public_id, sid)


def finished(session: Session, at: datetime) -> dict[str, Any]:
    return _event("room_finished", session, at)


def somebody_of_the_company(session: Session, until: datetime) -> list[dict[str, Any]]:
    """Comes with the call and stays."""
    who = f"{session.company.public_id}.1"
    came = _event("participant_joined", session, session.call_at, who, sid=f"PA_{who}")
    return [came, _event("participant_left", session, until, who, sid=f"PA_{who}")]


def they_play(
    session: Session,
    *,
    performers: Sequence[Performer] | None = None,
    for_s: int = 0,
    heard_at: datetime | None = None,
) -> list[TimeLine]:
    """Everyone (or only `performers`) is there from the call, for `for_s` or to the scheduled end; then it is reckoned.

    `heard_at`: when word of it comes, where that is later.
    """
    ends = session.call_at + timedelta(seconds=for_s) if for_s else session.scheduled_end_at
    seated = [seat.performer for seat in session.seats.select_related("performer").order_by("id")]
    bodies = []
    for performer in seated if performers is None else performers:
        bodies += [joined(session, performer, session.call_at), left(session, performer, ends)]
    company = somebody_of_the_company(session, ends)
    arrives(session, *company, *bodies, finished(session, ends), at=heard_at or ends)
    return time_passes(session, at=heard_at or ends + timedelta(hours=1))


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
    claimed_s: int = 6000,
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


def _event(kind: str, session: Session, at: datetime, identity: str = "", sid: str = "") -> dict[str, Any]:
    second = int(at.timestamp())
    sid = sid or (f"PA_{identity}" if identity else "")
    body = {
        "event": kind,
        "room": {"name": session.room},
        "id": f"EV_{kind[-6:]}_{sid[-26:]}_{second}",
        "createdAt": str(second),
    }
    if identity:
        body["participant"] = {"sid": sid, "identity": identity}
    return body
