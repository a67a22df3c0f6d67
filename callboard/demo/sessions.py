"""The sessions of the week: booked, played, and reckoned to the second. Each act does what is missing."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from callboard.demo import evidence
from callboard.demo.doors import Json, Person
from callboard.demo.plan import DAYS, SESSION_S, PlannedSession, Turn
from callboard.demo.stage import Stage, rfc3339
from callboard.demo.waiting import until
from callboard.embedded import house_clock
from marketplace.sessions import polling, video_rooms

POLL_EVERY_S = 600
# After the end, its webhooks are in and the longest overrun is over.
WRAPS_AFTER = timedelta(minutes=25)
NOT_OVER = ("booked", "confirmed", "check_in", "live", "on_hold")
Moment = tuple[datetime, Callable[[], Any]]


def book(stage: Stage) -> None:
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

    def books(planned: PlannedSession) -> None:
        gig_id = gig_ids[planned.gig.title]
        pair = [engaged[gig_id, one.name] for one in planned.pair]
        program = stage.people.program_of(planned.gig.company)
        program.post("sessions", gig=gig_id, call_at=rfc3339(planned.call_at), engagements=pair)

    for company in stage.people.owners if missing else ():
        stage.people.program_of(company)
    stage.people.each("Sessions are booked", missing, books)
    stage.people.each("Performers confirm", list(stage.people.performers.values()), _confirms)


def _confirms(me: Person) -> None:
    for session in list(me.all("sessions", state="booked")):
        me.post(f"sessions/{session['id']}/confirm")


def _sessions_of(stage: Stage, company: str) -> Iterator[Json]:
    """The sessions of that company's in the week that is played."""
    since, until_ = rfc3339(stage.plan.at(0)), rfc3339(stage.plan.at(DAYS))
    return stage.people.owners[company].all("sessions", since=since, until=until_)


def play(stage: Stage) -> None:
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
