"""The week, act by act. Each act looks at what is there and does what is missing, so an interrupted week goes on."""

import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from accounts.access.actors import Actor
from accounts.identity.queries import get_person
from accounts.keys import acting
from accounts.performers.queries import get_own
from callboard.celery import app as celery
from callboard.demo import evidence, video
from callboard.demo.people import People
from callboard.demo.plan import DAYS, PROMPTS, RATE_MINOR, SESSION_S, Plan, PlannedGig, PlannedSession, Turn
from callboard.demo.stripe_hands import Hands
from kit import clock
from kit.money import Money
from marketplace.casting import operations as casting
from marketplace.casting.models import Application
from marketplace.engagements import operations as engagements
from marketplace.engagements.models import Engagement
from marketplace.gigs import operations as gigs
from marketplace.gigs.models import Gig
from marketplace.sessions import deliveries, marks
from marketplace.sessions import operations as sessions
from marketplace.sessions.models import Mark, PresenceDelivery, Session
from marketplace.sessions.states import SessionState
from marketplace.timekeeping import disputes
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine, Timesheet
from marketplace.timekeeping.weeks import ensure_week
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.funding import operations as funding
from payments.funding.models import Funding
from payments.payroll import accrual
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem, PayRun
from payments.payroll.states import ItemState, RunState

WALLET_MINOR = 1_600_000
GIG_BUDGET_MINOR = 750_000
QUESTIONS: list[gigs.Question] = [
    {"text": "Which scene of yours still makes you smile?", "kind": "text", "required": True},
    {
        "text": "Are you fine with being recorded for training a language model?",
        "kind": "yes_no",
        "required": True,
    },
]
ANSWERS = {1: "The one where we both forgot who was the ghost.", 2: "yes"}
WAIT_S = 120.0


class StoodStill(RuntimeError):
    """Something that the workers should have done did not happen in time."""


@dataclass
class Stage:
    """What every act needs: the plan, the people, the running site, Stripe's pages, and a way to show progress."""

    plan: Plan
    people: People
    web_url: str
    hands: Hands
    kill_worker: Callable[[], None]
    track: Callable[[str, Sequence[Any]], Iterable[Any]]

    @property
    def week(self) -> PayWeek:
        return ensure_week(starts_on=self.plan.monday)

    def gig(self, planned: PlannedGig) -> Gig:
        return Gig.objects.select_related("company").get(
            company=self.people.companies[planned.company], title=planned.title
        )


def fund_wallets(stage: Stage) -> None:
    """Each company pays into its wallet, at Stripe's checkout; the webhook says that it landed."""
    at = stage.plan.at(-14)
    for name, company in stage.track("Companies fund their wallets", list(stage.people.companies.items())):
        if Funding.objects.filter(company=company).exclude(state="failed").exists():
            continue
        by = stage.people.owner_of(name)
        started = funding.start(company=company, amount=Money(WALLET_MINOR, "usd"), by=by, at=at)
        stage.hands.pay(started.checkout_id)
    _until(
        "the wallets are funded",
        lambda: not Funding.objects.exclude(state="available").exists(),
        "webhooks.sweep",
    )


def post_gigs(stage: Stage) -> None:
    """Gigs as in the trade: 74 USD an hour, unscripted, in pairs, on light prompts."""
    for planned in stage.track("Gigs go on the board", stage.plan.gigs):
        company = stage.people.companies[planned.company]
        by, at = stage.people.owner_of(planned.company), stage.plan.at(-13)
        gig = Gig.objects.filter(company=company, title=planned.title).first()
        if gig is None:
            gig = gigs.post_gig(
                company=company,
                fields=_fields(stage, planned),
                questions=QUESTIONS,
                prompts=PROMPTS,
                by=by,
                at=at,
            )
        if gig.state == "draft":
            funding.set_aside(gig=gig, amount=Money(GIG_BUDGET_MINOR, "usd"), by=by, at=at, request_id="demo")
            gigs.publish(gig=gig, by=by, at=at)


def _fields(stage: Stage, planned: PlannedGig) -> gigs.Fields:
    return {
        "title": planned.title,
        "scene": planned.scene,
        "brief": f"{planned.scene}\n\nTwo performers, no script, one light prompt at a time. We look for real feeling "
        "under small talk: what people do with a pause, a joke that does not land, a kindness. Each session is 90 minutes "
        "with a rest when you want one. A producer is in the room and says when a prompt changes.",
        "content_notes": "Grief and break-ups may come up. Either of you may stop a scene at any time, paid.",
        "rate_minor": RATE_MINOR,
        "seats": 2,
        "openings": len(planned.performers),
        "session_s": SESSION_S,
        "sessions_planned": 20,
        "skills": ["duo", "dramatic"],
        "languages": ["en"],
        "starts_on": stage.plan.monday,
        "ends_on": stage.plan.monday + timedelta(days=60),
        "purposes": ["evaluation", "fine_tuning"],
    }


def cast_gigs(stage: Stage) -> None:
    """Performers apply with answers, are offered, accept; both sign."""
    pairs = [(gig, performer) for gig in stage.plan.gigs for performer in gig.performers]
    for planned, performer in stage.track("Apply, offer, accept, sign", pairs):
        gig, me = stage.gig(planned), stage.people.actor_of(performer)
        if Application.objects.filter(gig=gig, performer_id=me.performer_id).exists():
            continue
        owner, at = stage.people.owner_of(planned.company), stage.plan.at(-10)
        applied = casting.apply(
            gig=gig,
            performer=get_own(me),
            note="I play in pairs, and I listen.",
            answers=ANSWERS,
            by=me,
            at=at,
        )
        casting.offer(
            applications=[applied], message="We loved your answers.", by=owner, at=stage.plan.at(-8)
        )
        applied.refresh_from_db()
        engagement = engagements.accept_offer(application=applied, by=me, at=stage.plan.at(-7))
        _sign(engagement, performer.name, me, owner, stage)


def _sign(engagement: Engagement, name: str, me: Actor, owner: Actor, stage: Stage) -> None:
    read, at = engagement.versions.get().text_sha256, stage.plan.at(-6)
    engagements.sign_as_performer(engagement=engagement, name=name, read_sha256=read, by=me, at=at)
    engagements.countersign(
        engagement=engagement,
        name=get_person(owner).name,
        read_sha256=read,
        by=owner,
        at=at + timedelta(hours=3),
    )


def set_up_pay(stage: Stage) -> None:
    """Performers set up their accounts on Stripe's form; two leave it unfinished."""
    for planned in stage.track("Stripe onboarding", stage.plan.performers):
        me = stage.people.actor_of(planned)
        if PayeeAccount.objects.filter(performer_id=me.performer_id).exists():
            continue
        account = connect.open_account(performer=get_own(me), by=me, at=clock.now())
        if planned.finishes_stripe:
            stage.hands.finish_form(account.stripe_id)
    ready = sum(planned.finishes_stripe for planned in stage.plan.performers)
    _until(
        "Stripe's word on the accounts has arrived",
        lambda: PayeeAccount.objects.filter(transfers_status="active").count() >= ready,
        "webhooks.sweep",
    )


def book_sessions(stage: Stage) -> None:
    """Producers book pairs; performers confirm."""
    found = Engagement.objects.filter(state="active").select_related("gig", "company", "performer__user")
    engaged = {(engagement.gig.title, engagement.performer_id): engagement for engagement in found}
    for planned in stage.track("Sessions are booked", stage.plan.sessions):
        gig = stage.gig(planned.gig)
        if Session.objects.filter(gig=gig, call_at=planned.call_at).exists():
            continue
        pair = [engaged[gig.title, stage.people.performers[one.number].pk] for one in planned.pair]
        sessions.book_session(
            gig=gig,
            call_at=planned.call_at,
            engagements=pair,
            by=stage.people.owner_of(planned.gig.company),
            at=stage.plan.at(-3),
        )


def play_sessions(stage: Stage) -> None:
    """The sessions happen: LiveKit's webhooks arrive over HTTP, doubled, lost and reordered; our own polls beside them."""
    chance = random.Random(stage.plan.seed)  # noqa: S311 -- a story, not a secret
    for planned in stage.track("Sessions are played", stage.plan.sessions):
        session = Session.objects.get(gig=stage.gig(planned.gig), call_at=planned.call_at)
        happened = _happens(session, planned, stage, chance)
        if happened is None or PresenceDelivery.objects.filter(room=session.room).exists():
            continue
        video.deliver(stage.web_url, happened.webhooks)
        deliveries.receive_many(
            [
                PresenceDelivery(
                    room=session.room,
                    kind=PresenceDelivery.Kind.POLL,
                    body=json.dumps(poll).encode(),
                    received_at=session.scheduled_end_at,
                )
                for poll in happened.polls
            ],
            at=session.scheduled_end_at,
        )


def _happens(
    session: Session, planned: PlannedSession, stage: Stage, chance: random.Random
) -> evidence.Happened | None:
    owner = stage.people.owner_of(planned.gig.company)
    if planned.turn == Turn.CALLED_OFF_LATE:
        if session.state == SessionState.BOOKED:
            at = session.call_at - timedelta(hours=5)
            sessions.cancel_session(session=session, reason="The studio lost its power.", by=owner, at=at)
        return None
    happened = evidence.of_session(
        room=session.room,
        call_at=session.call_at,
        end_at=session.scheduled_end_at,
        who=[stage.people.performers[one.number].public_id for one in planned.pair],
        turn=planned.turn,
        chance=chance,
    )
    if session.state == SessionState.BOOKED and planned.turn in (Turn.HOLD, Turn.MEAL):
        start = session.call_at + timedelta(minutes=30)
        long = timedelta(minutes=12 if planned.turn == Turn.HOLD else 35)
        kind = Mark.Kind.HOLD_COMPANY if planned.turn == Turn.HOLD else Mark.Kind.MEAL
        session = sessions.go_live(session=session, by=owner, at=session.call_at)
        marks.start_mark(session=session, kind=kind, by=owner, at=start)
        marks.end_mark(session=session, by=owner, at=start + long)
    if session.state == SessionState.BOOKED and planned.turn == Turn.COMPANY_NO_SHOW:
        sessions.company_no_show(session=session, by=owner, at=session.scheduled_end_at)
    return happened


def reckon(stage: Stage) -> None:
    """The workers fold each room's evidence into lines, to the second."""
    open_sessions = Session.objects.exclude(state=SessionState.TIME_RECORDED)
    _until(
        "every session is reckoned", lambda: not open_sessions.exists(), "presence.sweep", "sessions.calendar"
    )


def review_week(stage: Stage) -> None:
    """Most performers confirm; two companies approve, one disputes a line; the calendar approves for the silent."""
    week = stage.week
    timekeeping.open_reviews(at=week.ends_at + timedelta(minutes=5))
    sheets = Timesheet.objects.filter(week=week, state="performer_review").select_related("performer__user")
    confirming = [sheet for sheet in sheets.order_by("id") if sheet.performer_id % 3]
    for sheet in stage.track("Performers confirm their week", confirming):
        timekeeping.submit_timesheet(
            timesheet=sheet, by=acting.of_user(sheet.performer.user), at=week.ends_at + timedelta(hours=9)
        )
    if not Dispute.objects.filter(line__timesheet__week=week).exists():
        _dispute_a_line(stage, week)
    for name in list(stage.people.companies)[:2]:
        company, by = stage.people.companies[name], stage.people.owner_of(name)
        timekeeping.approve_week(
            company=company, week=week, by=by, at=week.ends_at + timedelta(days=1, hours=14)
        )


def _dispute_a_line(stage: Stage, week: PayWeek) -> None:
    name = next(iter(stage.people.companies))
    company = stage.people.companies[name]
    lines = TimeLine.objects.filter(
        timesheet__week=week, timesheet__company=company, timesheet__state="client_review", payable_s__gt=0
    )
    line = lines.order_by("id").first()
    if line is not None:
        disputes.dispute_line(
            line=line,
            reason=Dispute.Reason.TIME_TOO_LONG,
            text="Our producer's notes end ten minutes earlier. Can we look at it together?",
            claimed_s=max(line.payable_s - 600, 0),
            by=stage.people.owner_of(name),
            at=week.ends_at + timedelta(days=1, hours=13),
        )


def calendar_approves(stage: Stage) -> None:
    """Nobody answered the rest in time: the calendar submits and approves it, in the worker."""
    open_sheets = Timesheet.objects.filter(
        week=stage.week, state__in=["performer_review", "submitted", "client_review"]
    )
    _until("the calendar has approved the rest", lambda: not _undisputed(open_sheets), "timekeeping.calendar")


def _undisputed(sheets: Any) -> bool:
    return bool(sheets.filter(lines__state="recorded").exists())


def close_and_approve(stage: Stage) -> PayRun:
    """Finance closes the week; one freezes, another approves."""
    at = clock.now()
    accrual.accrue(at=at)
    run = payroll.close_week(week=stage.week, currency="usd", by=stage.people.freezer, at=at)
    if run.state == RunState.DRAFT:
        run = payroll.freeze(run=run, by=stage.people.freezer, at=at)
    if run.state == RunState.FROZEN:
        by = replace(stage.people.approver, proved_at=at)
        run = payroll.approve(run=run, seen_hash=run.content_hash, by=by, at=clock.now())
    return run


def payday(stage: Stage, run: PayRun, *, kills: int = 0) -> PayRun:
    """The workers pay, through the whole protocol, while you watch; they are killed `kills` times on the way."""
    items = PayItem.objects.filter(run=run)
    total = items.count()
    shown = iter(stage.track("Payday", range(total)))
    moments = [total * nth // (kills + 1) for nth in range(1, kills + 1)]
    reached = 0

    def over() -> bool:
        nonlocal reached
        done = items.exclude(state__in=[ItemState.READY, ItemState.SENDING]).count()
        for _ in range(reached, done):
            next(shown, None)
        reached = max(reached, done)
        if moments and done >= moments[0]:
            moments.pop(0)
            stage.kill_worker()
        run.refresh_from_db()
        return run.state == RunState.PAID

    _until("the run is paid", over, "payouts.sweep")
    for _ in shown:
        pass
    return run


def money_arrives(stage: Stage, run: PayRun) -> None:
    """A few days pass at Stripe; the banks say that it arrived."""
    waiting = PayItem.objects.filter(run=run, state=ItemState.SENT)
    if waiting.exists():
        stage.hands.days_pass(DAYS)
    _until("the money is in the banks", lambda: not waiting.exists(), "webhooks.sweep", "payouts.settle")


def _until(what: str, done: Callable[[], bool], *tasks: str) -> None:
    """Ring for the workers until it is done. Raises StoodStill when it takes too long."""
    deadline, rung_s = time.monotonic() + WAIT_S, 0.0
    while not done():
        now_s = time.monotonic()
        if now_s > deadline:
            raise StoodStill(f"After {WAIT_S:.0f} s it is still not so that {what}. See the logs.")
        if now_s - rung_s > 1.0:
            rung_s = now_s
            for name in tasks:
                celery.send_task(name, expires=10)
        time.sleep(0.15)
