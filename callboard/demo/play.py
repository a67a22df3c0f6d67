"""The week, act by act, through the house's own doors. Each act looks at what is there and does what is missing, so an
interrupted week goes on."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from callboard.demo import evidence
from callboard.demo.doors import Json, Person
from callboard.demo.people import People
from callboard.demo.plan import DAYS, PROMPTS, RATE_MINOR, SESSION_S, Plan, PlannedGig, PlannedSession, Turn
from callboard.demo.video import Video
from callboard.demo.waiting import ring, until
from callboard.embedded import house_clock
from marketplace.sessions import polling, video_rooms

WALLET_MINOR = 1_600_000
GIG_BUDGET_MINOR = 750_000
QUESTIONS = [
    {"text": "Which scene of yours still makes you smile?", "kind": "text", "required": True},
    {
        "text": "Are you fine with being recorded for training a language model?",
        "kind": "yes_no",
        "required": True,
    },
]
ANSWERS = [
    {"position": 1, "text": "The one where we both forgot who was the ghost."},
    {"position": 2, "text": "yes"},
]
POLL_EVERY_S = 600
# After the end, its webhooks are in and the longest overrun is over.
WRAPS_AFTER = timedelta(minutes=25)
NOT_OVER = ("booked", "confirmed", "check_in", "live", "on_hold")
OPEN_SHEETS = ("open", "performer_review", "submitted", "client_review")
Moment = tuple[datetime, Callable[[], Any]]


@dataclass
class Stage:
    """What every act needs: the plan, the people, LiveKit, and somebody who can kill the worker."""

    plan: Plan
    people: People
    video: Video
    kill_worker: Callable[[], None]

    @property
    def monday(self) -> str:
        return self.plan.monday.isoformat()

    def of_company(self, planned: PlannedGig) -> tuple[Person, str]:
        """The company's owner, and its id."""
        return self.people.owners[planned.company], self.people.company_ids[planned.company]

    def gig(self, planned: PlannedGig) -> Json | None:
        owner, company_id = self.of_company(planned)
        rows = owner.all(f"companies/{company_id}/gigs")
        return next((row for row in rows if row["title"] == planned.title), None)


def _usd(minor: int) -> Json:
    return {"amount_minor": minor, "currency": "usd"}


def fund_wallets(stage: Stage) -> None:
    """Each company pays into its wallet, at Stripe's checkout; the webhook says that it landed."""
    people = stage.people
    for name, owner in people.track("Companies fund their wallets", list(people.owners.items())):
        path = f"companies/{people.company_ids[name]}/fundings"
        if not any(row["state"] != "failed" for row in owner.all(path)):
            started = owner.post(path, amount=_usd(WALLET_MINOR))
            people.hands.pay(started["checkout_url"].rstrip("/").rsplit("/", 1)[-1])

    def landed() -> bool:
        return all(
            row["state"] == "available"
            for name, owner in people.owners.items()
            for row in owner.all(f"companies/{people.company_ids[name]}/fundings")
        )

    until("the wallets are funded", landed, "webhooks.sweep")


def post_gigs(stage: Stage) -> None:
    """Gigs as in the trade: 74 USD an hour, unscripted, in pairs, on light prompts. Each company's first is looked at."""
    for planned in stage.people.track("Gigs go on the board", stage.plan.gigs):
        owner, company_id = stage.of_company(planned)
        gig = stage.gig(planned) or owner.post(
            "gigs", company=company_id, questions=QUESTIONS, prompts=PROMPTS, **_fields(stage, planned)
        )
        if gig["state"] == "draft":
            owner.post(f"gigs/{gig['id']}/funding", amount=_usd(GIG_BUDGET_MINOR))
            gig = owner.post(f"gigs/{gig['id']}/publish")
        if gig["state"] == "in_review":
            stage.people.talent.post(f"gigs/{gig['id']}/approve")


def _fields(stage: Stage, planned: PlannedGig) -> Json:
    return {
        "title": planned.title,
        "scene": planned.scene,
        "brief": f"{planned.scene}\n\nTwo performers, no script, one light prompt at a time. We look for real feeling "
        "under small talk: what people do with a pause, a joke that does not land, a kindness. Each session is 90 minutes "
        "with a rest when you want one. A producer is in the room and says when a prompt changes.",
        "content_notes": "Grief and break-ups may come up. Either of you may stop a scene at any time, paid.",
        "rate": _usd(RATE_MINOR),
        "seats": 2,
        "openings": len(planned.performers),
        "session_s": SESSION_S,
        "sessions_planned": 20,
        "skills": ["duo", "dramatic"],
        "languages": ["en"],
        "starts_on": stage.monday,
        "ends_on": (stage.plan.monday + timedelta(days=60)).isoformat(),
        "purposes": ["evaluation", "fine_tuning"],
    }


def cast_gigs(stage: Stage) -> None:
    """Performers apply with answers, are offered, accept; both sign."""
    stage.people.each("Apply, offer, accept, sign", stage.plan.gigs, lambda planned: _cast(stage, planned))


def _cast(stage: Stage, planned: PlannedGig) -> None:
    owner, _ = stage.of_company(planned)
    gig = stage.gig(planned)
    if gig is None:
        raise LookupError(planned.title)
    path = f"gigs/{gig['id']}/applications"
    there = len(list(owner.all(path)))
    cast = [stage.people.performers[one.number] for one in planned.performers]
    for me in cast if not there else []:
        me.post(path, note="I play in pairs, and I listen.", answers=ANSWERS)
    waiting = [row["id"] for row in owner.all(path) if row["state"] in ("submitted", "shortlisted")]
    if waiting:
        owner.post("offers", applications=waiting, message="We loved your answers.")
    for me in cast:
        _accept_and_sign(me)
    for engagement in list(owner.all("engagements")):
        if engagement["gig"] == gig["id"] and engagement["state"] == "performer_signed":
            _sign(owner, engagement, owner.name)


def _accept_and_sign(me: Person) -> None:
    for application in list(me.all("applications")):
        if application["state"] == "offered":
            me.post(f"applications/{application['id']}/accept-offer")
    for engagement in list(me.all("engagements")):
        if engagement["state"] == "sent":
            _sign(me, engagement, me.name)


def _sign(who: Person, engagement: Json, name: str) -> None:
    read = engagement["terms"]["text_sha256"]
    who.post(f"engagements/{engagement['id']}/sign", name=name, text_sha256=read)


def book_sessions(stage: Stage) -> None:
    """Companies' programs book pairs; performers confirm."""
    booked = {company: list(_sessions_of(stage, company)) for company in stage.people.owners}
    there = {(row["title"], row["call_at"]) for rows in booked.values() for row in rows}
    missing = [one for one in stage.plan.sessions if (one.gig.title, rfc3339(one.call_at)) not in there]
    engaged = {
        (row["gig"], row["performer_name"]): row["id"]
        for owner in stage.people.owners.values()
        for row in owner.all("engagements")
    }
    gig_ids = {planned.title: (stage.gig(planned) or {}).get("id", "") for planned in stage.plan.gigs}

    def book(planned: PlannedSession) -> None:
        gig_id = gig_ids[planned.gig.title]
        pair = [engaged[gig_id, one.name] for one in planned.pair]
        program = stage.people.program_of(planned.gig.company)
        program.post("sessions", gig=gig_id, call_at=rfc3339(planned.call_at), engagements=pair)

    for company in stage.people.owners if missing else ():
        stage.people.program_of(company)
    stage.people.each("Sessions are booked", missing, book)
    stage.people.each("Performers confirm", list(stage.people.performers.values()), _confirms)


def _confirms(me: Person) -> None:
    for session in list(me.all("sessions", state="booked")):
        me.post(f"sessions/{session['id']}/confirm")


def _sessions_of(stage: Stage, company: str) -> Iterator[Json]:
    """The sessions of that company's in the week that is played."""
    since, until_ = rfc3339(stage.plan.at(0)), rfc3339(stage.plan.at(DAYS))
    return stage.people.owners[company].all("sessions", since=since, until=until_)


def play_sessions(stage: Stage) -> None:
    """The sessions happen, each at its time: people come into LiveKit's rooms and go, and press breaks, holds and calls off;
    its webhooks arrive over HTTP, doubled, lost and reordered, and the poller looks into the rooms."""
    chance = random.Random(stage.plan.seed)  # noqa: S311 -- a story, not a secret
    booked = _booked(stage)
    stage.video.is_disturbed()
    moments: list[Moment] = []
    for planned in stage.plan.sessions:
        session = booked[planned.gig.title, rfc3339(planned.call_at)]
        moments += _moments(stage, planned, session, chance)
    for call_at in sorted({planned.call_at for planned in stage.plan.sessions}):
        moments += _looks(stage, call_at, [row for (_, at), row in booked.items() if at == rfc3339(call_at)])
    ordered = sorted(moments, key=lambda moment: moment[0])
    for at, happens in stage.people.track("Sessions are played", ordered):
        if at > house_clock.now():
            house_clock.move_to(at)
        happens()


def _booked(stage: Stage) -> dict[tuple[str, str], Json]:
    """The week's sessions by title and call."""
    return {
        (row["title"], row["call_at"]): row
        for company in stage.people.owners
        for row in _sessions_of(stage, company)
    }


def _moments(stage: Stage, planned: PlannedSession, session: Json, chance: random.Random) -> Iterator[Moment]:
    """What happens about one session, and when."""
    owner, path = stage.people.owners[planned.gig.company], f"sessions/{session['id']}"
    call_at, end_at = planned.call_at, planned.call_at + timedelta(seconds=SESSION_S)
    ids = {seat["performer"]["name"]: seat["performer"]["id"] for seat in session["seats"]}
    # Drawn in any case, so that the others' stay the same where a week goes on.
    moves = list(
        evidence.of_session(
            call_at=call_at,
            end_at=end_at,
            who=[ids[one.name] for one in planned.pair],
            company=session["company"],
            turn=planned.turn,
            chance=chance,
        )
    )
    if session["state"] not in NOT_OVER:
        return
    if planned.turn == Turn.CALLED_OFF_LATE:
        why = "The studio lost its power."
        yield call_at - timedelta(hours=5), lambda: owner.post(f"{path}/cancel", reason=why)
        return
    for move in moves:
        yield move.at, partial(stage.video.happens, session["id"], move)
    if planned.turn in (Turn.HOLD, Turn.MEAL):
        kind, long_m = ("hold_company", 12) if planned.turn == Turn.HOLD else ("meal", 35)
        begins = call_at + timedelta(minutes=30)
        yield begins, lambda: _marks(stage, begins, owner, path, kind)
        yield begins + timedelta(minutes=long_m), lambda: owner.post(f"{path}/marks/end")
    if planned.turn == Turn.COMPANY_NO_SHOW:
        yield end_at, lambda: owner.post(f"{path}/company-no-show")


def _marks(stage: Stage, at: datetime, owner: Person, path: str, kind: str) -> None:
    """A mark begins once the room's news have been read."""
    stage.video.clock_shows(at)

    def live() -> bool:
        return owner.get(path)["state"] in ("live", "on_hold")

    until("the session is live", live, "presence.sweep")
    owner.post(f"{path}/marks", kind=kind)


def _looks(stage: Stage, call_at: datetime, sessions: list[Json]) -> Iterator[Moment]:
    """The poller's looks into the rooms of one call, and the end of what is still open of it."""
    if not any(session["state"] in NOT_OVER for session in sessions):
        return
    for second in range(0, SESSION_S, POLL_EVERY_S):
        at = call_at + timedelta(seconds=second)
        # Here and not in the worker, to which LiveKit's address is not told: people meet in the platform's own room.
        yield at, partial(polling.sweep, at=at)
    wraps = call_at + timedelta(seconds=SESSION_S) + WRAPS_AFTER
    yield wraps, partial(_wrap, stage, wraps, [session["id"] for session in sessions])
    # The rooms are closed, and once more when no token opens them any more.
    for closes in (wraps, wraps + video_rooms.CLOSED_FOR_GOOD):
        yield closes, partial(polling.sweep, at=closes)


def _wrap(stage: Stage, at: datetime, rooms: list[str]) -> None:
    stage.video.clock_shows(at)

    def over() -> bool:
        states = {row["id"]: row["state"] for row in _booked(stage).values()}
        return stage.video.is_quiet() and not any(states[room] in NOT_OVER for room in rooms)

    until("the sessions are over", over, "presence.sweep", "sessions.calendar")


def reckon(stage: Stage) -> None:
    """The workers fold each room's evidence into lines, to the second."""

    def recorded() -> bool:
        return all(
            row["state"] == "time_recorded"
            for company in stage.people.owners
            for row in _sessions_of(stage, company)
        )

    until("every session is reckoned", recorded, "presence.sweep", "sessions.calendar")


def review_week(stage: Stage) -> None:
    """Most performers confirm; companies pay for what a machine's fault took; two approve, one disputes a line; the calendar
    approves for the silent."""
    ring("timekeeping.calendar")
    some = next(iter(stage.people.performers.values()))
    in_review = ("performer_review", "client_review", "approved", "auto_approved", "locked", "paid")
    until(
        "the week is open for review",
        lambda: all(sheet["state"] in in_review for sheet in some.all("timesheets", week=stage.monday)),
        "timekeeping.calendar",
    )
    confirming = [me for number, me in stage.people.performers.items() if number % 3]
    stage.people.each("Performers confirm their week", confirming, lambda me: _submits(me, stage.monday))
    for owner in stage.people.owners.values():
        _accepts_holds(owner, stage.monday)
    for nth, (name, owner) in enumerate(list(stage.people.owners.items())[:2]):
        if nth == 0:
            _dispute_a_line(owner, stage.monday)
        owner.post(f"companies/{stage.people.company_ids[name]}/weeks/{stage.monday}/approve")


def _submits(me: Person, monday: str) -> None:
    for sheet in list(me.all("timesheets", week=monday, state="performer_review")):
        me.post(f"timesheets/{sheet['id']}/submit")


def _accepts_holds(owner: Person, monday: str) -> None:
    for sheet in list(owner.all("timesheets", week=monday, state="client_review")):
        for line in sheet["lines"]:
            for hold in line["proposed_holds"]:
                owner.post(f"time-lines/{line['id']}/holds", started_at=hold["started_at"])


def _dispute_a_line(owner: Person, monday: str) -> None:
    lines = [
        line
        for sheet in owner.all("timesheets", week=monday, state="client_review")
        for line in sheet["lines"]
        if line["payable_s"] > 0
    ]
    if lines and not any(line["disputes"] for line in lines):
        owner.post(
            f"time-lines/{lines[-1]['id']}/disputes",
            reason="time_too_long",
            text="Our producer's notes end ten minutes earlier. Can we look at it together?",
            claimed_s=max(lines[-1]["payable_s"] - 600, 0),
        )


def calendar_submits(stage: Stage) -> None:
    """Who did not confirm their week in time: it goes on to the companies, in the worker."""

    def submitted() -> bool:
        return not any(
            list(me.all("timesheets", week=stage.monday, state="performer_review"))
            for me in stage.people.performers.values()
        )

    until("the calendar has submitted the rest", submitted, "timekeeping.calendar")


def calendar_approves(stage: Stage) -> None:
    """Nobody answered the rest in time: the calendar submits and approves it, in the worker."""

    def approved() -> bool:
        return not any(
            line["state"] == "recorded"
            for owner in stage.people.owners.values()
            for state in OPEN_SHEETS
            for sheet in owner.all("timesheets", week=stage.monday, state=state)
            for line in sheet["lines"]
        )

    until("the calendar has approved the rest", approved, "timekeeping.calendar")


def close_and_approve(stage: Stage) -> str:
    """Finance closes the week; one freezes, another proves who they are and approves what they saw. The run's id."""
    freezer, approver = stage.people.staff["finance1"], stage.people.staff["finance2"]
    run = freezer.post("pay-runs", week=stage.monday, currency="usd")
    path = f"pay-runs/{run['id']}"
    if run["state"] == "draft":
        run = freezer.post(f"{path}/freeze")
    if run["state"] == "frozen":
        seen = approver.get(path)["content_hash"]
        approver.proves_it_is_them()
        approver.post(f"{path}/approve", content_hash=seen)
    return str(run["id"])


def payday(stage: Stage, run_id: str, *, kills: int = 0) -> None:
    """The workers pay, through the whole protocol, while you watch; they are killed `kills` times on the way."""
    finance = stage.people.staff["finance1"]
    total = sum(finance.get(f"pay-runs/{run_id}")["items"].values())
    shown = iter(stage.people.track("Payday", range(total)))
    moments = [total * nth // (kills + 1) for nth in range(1, kills + 1)]
    reached = 0

    def over() -> bool:
        nonlocal reached
        run = finance.get(f"pay-runs/{run_id}")
        done = total - sum(run["items"].get(state, 0) for state in ("ready", "sending"))
        for _ in range(reached, done):
            next(shown, None)
        reached = max(reached, done)
        if moments and done >= moments[0]:
            moments.pop(0)
            stage.kill_worker()
        return bool(run["state"] == "paid")

    until("the run is paid", over, "payouts.sweep")
    for _ in shown:
        pass


def money_arrives(stage: Stage, run_id: str) -> None:
    """A few days pass at Stripe; the banks say that it arrived."""
    finance = stage.people.staff["finance1"]

    def arrived() -> bool:
        return not finance.get(f"pay-runs/{run_id}")["items"].get("sent", 0)

    if not arrived():
        stage.people.hands.days_pass(DAYS)
    until("the money is in the banks", arrived, "webhooks.sweep", "payouts.settle")


def rfc3339(at: datetime | date) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
