"""Sessions in which something goes wrong: stopped, ended early, nobody from the company, called off by either side."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.journeys.busy_week import BusyWeek
from tests.journeys.house import Person
from tests.journeys.page import Page

NEW_YORK = ZoneInfo("America/New_York")
BEAT_S = 15
A_MOMENT = timedelta(seconds=30)
SCHEDULED_S = 1800


@dataclass
class BadWeek:
    """Two pairs of the first company's, each of a gig of its own, in the week after this one."""

    busy: BusyWeek
    sessions: dict[str, str] = field(default_factory=dict)  # what goes wrong in it → its id

    def __post_init__(self) -> None:
        self.owner, self.company = self.busy.owner(1)
        self.tala = self.busy.comes_in("Talent operations")
        self.by_page = [self.busy.performer(number) for number in (1, 9)]
        self.by_app = [self.busy.performer(number) for number in (5, 13)]
        today = self.busy.house.now().astimezone(NEW_YORK).date()
        self.monday = today + timedelta(days=7 - today.weekday())

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """An hour in New York, so many days after the week's Monday."""
        day = self.monday + timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)

    def state(self, what: str) -> str:
        return str(self.owner.does("GET", f"sessions/{self.sessions[what]}")["state"])


def play(week: BadWeek) -> None:
    """Two sessions at a time; the clock of the house passes over them."""
    are_booked(week)
    are_called_off(week)
    house, first, second = week.busy.house, week.at(1, 10), week.at(1, 12)
    house.passes_to(first - A_MOMENT)
    one_breaks_and_one_stops_on_the_page(week, first)
    house.passes_to(second - A_MOMENT)
    one_stops_by_app_and_a_company_does_not_come(week, second)


def are_booked(week: BadWeek) -> None:
    calls = {
        "stopped on the page": (week.by_page, week.at(1, 10)),
        "ended early": (week.by_app, week.at(1, 10)),
        "stopped by app": (week.by_page, week.at(1, 12)),
        "nobody from the company": (week.by_app, week.at(1, 12)),
        "called off by the company": (week.by_page, week.at(3, 10)),
        "called off by a performer": (week.by_app, week.at(3, 10)),
    }
    engaged = week.owner.does("GET", "engagements?limit=100")["data"]
    of = {row["performer_name"]: row for row in engaged if row["state"] == "active"}
    for what, (pair, call_at) in calls.items():
        rows = [of[person.name] for person in pair]
        booked = week.owner.does(
            "POST",
            "sessions",
            gig=rows[0]["gig"],
            call_at=f"{call_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            length_s=SCHEDULED_S,
            engagements=[row["id"] for row in rows],
        )
        week.sessions[what] = booked["id"]


def are_called_off(week: BadWeek) -> None:
    """The next call stands on each one's first page; what was called off stands there no more, with the reason where it was."""
    (ada, _), (eve, gus) = week.by_page, week.by_app
    local = week.at(1, 10).astimezone(ZoneInfo(ada.does("GET", "me")["time_zone"]))
    assert f"{local:%H:%M} your time" in ada.opens("/sessions/next/").text
    late = week.sessions["called off by the company"]
    week.owner.does("POST", f"sessions/{late}/cancel", reason="The studio floods.")
    assert "The studio floods." in ada.opens(f"/sessions/{late}/").text
    page = eve.opens(f"/sessions/{week.sessions['called off by a performer']}/")
    off = eve.sends(page, r"/sessions/\w+/cancel/", reason="I have a fever.")
    assert "Called off. The others are told." in off.text
    assert "I have a fever." in week.owner.reads_in_mail("Give the seat to somebody else")
    assert week.state("called off by a performer") == "booked"
    eve.is_refused("POST", f"sessions/{page.path.split('/')[2]}/cancel", "too_late", reason="Again.")
    # Nobody else can, so with the last seat the session is off.
    gus.does("POST", f"sessions/{page.path.split('/')[2]}/cancel", reason="Not alone.")
    # Their time, which is none, is worked out within seconds.
    ended = {week.state(what) for what in week.sessions if what.startswith("called off")}
    assert ended <= {"cancelled", "time_recorded"}


def one_breaks_and_one_stops_on_the_page(week: BadWeek, call_at: datetime) -> None:
    """Ada breaks and goes on, her partner goes out and comes back in; the company holds; then Ada stops the scene.

    Meanwhile the others play by an app, until the company ends it.
    """
    (ada, bo), room = week.by_page, f"/sessions/{week.sessions['stopped on the page']}/room/"
    for person in (ada, bo):
        assert "Connected." in person.sends(person.opens(room), f"{room}enter/").text
    by_app = enter_by_app(week, "ended early")
    assert "Here" in week.owner.opens(room).text
    beat(week, room, by_app, "ended early", until=call_at + timedelta(minutes=2))

    assert "Go on" in ada.sends(ada.opens(room), f"{room}mark/", kind="rest").text
    left = bo.sends(bo.opens(room), f"{room}leave/")
    assert left.path == f"/sessions/{week.sessions['stopped on the page']}/"
    marks = f"sessions/{week.sessions['stopped on the page']}/marks"
    assert [row["kind"] for row in week.owner.does("GET", marks)["data"]] == ["rest"]
    assert "Break" in ada.sends(ada.opens(room), f"{room}mark/", kind="end").text
    assert "Connected." in bo.sends(bo.opens(room), f"{room}enter/").text
    held = week.owner.sends(week.owner.opens(room), f"{room}mark/", kind="hold_company")
    assert "Go on" in held.text
    assert week.state("stopped on the page") == "on_hold"
    week.owner.sends(held, f"{room}mark/", kind="end")

    stopped = ada.sends(ada.opens(room), f"{room}stop/", reason="It went too far.")
    assert "Stopped. What was worked is paid" in stopped.text
    assert "The session is over." in bo.opens(room).text
    assert week.state("stopped on the page") == "safety_stopped"
    week.owner.does("POST", f"sessions/{week.sessions['ended early']}/end")
    assert week.by_app[0].does("GET", f"sessions/{week.sessions['ended early']}")["state"] in (
        "wrapped",
        "time_recorded",
    )


def one_stops_by_app_and_a_company_does_not_come(week: BadWeek, call_at: datetime) -> None:
    (_, bo), room = week.by_page, f"/sessions/{week.sessions['stopped by app']}/room/"
    for person in week.by_page:
        person.sends(person.opens(room), f"{room}enter/")
    by_app = enter_by_app(week, "nobody from the company")
    beat(week, room, by_app, "nobody from the company", until=call_at + timedelta(minutes=1))
    stopped = bo.does("POST", f"sessions/{week.sessions['stopped by app']}/stop", reason="")
    assert stopped["state"] == "safety_stopped"
    alone = f"sessions/{week.sessions['nobody from the company']}/company-no-show"
    week.tala.is_refused("POST", alone, "too_early")
    week.busy.house.passes_to(call_at + timedelta(minutes=16))
    assert week.tala.does("POST", alone)["state"] == "company_no_show"
    room = f"/sessions/{week.sessions['nobody from the company']}/room/"
    assert "The session is over." in week.by_app[0].opens(room).text


def enter_by_app(week: BadWeek, what: str) -> dict[Person, str]:
    presence = f"sessions/{week.sessions[what]}/presence"
    return {person: person.does("POST", presence, event="joined")["sid"] for person in week.by_app}


def beat(week: BadWeek, room: str, by_app: dict[Person, str], what: str, *, until: datetime) -> None:
    """All four are there until then: two as their page's script says it, two as their app does."""
    pages: list[tuple[Person, Page]] = [(person, person.opens(room)) for person in week.by_page]
    for _ in week.busy.house.passes_by_hand(until, step_s=BEAT_S):
        for person, page in pages:
            person.sends(page, f"{room}here/")
        for person, sid in by_app.items():
            person.does("POST", f"sessions/{week.sessions[what]}/presence", event="here", sid=sid)
