"""What was agreed changes: an offer taken back and made again, an engagement paused, a seat given to another, a session that
the house's own fault ends."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.busy_week import BusyWeek, applies, is_engaged
from tests.journeys.house import Person

pytestmark = pytest.mark.long_journey
HALF_AN_HOUR_S = 1800


@pytest.fixture(scope="module")
def people(busy: BusyWeek) -> tuple[Person, str, list[Person]]:
    """An owner with a gig for two at a time, and five performers who apply nowhere else meanwhile."""
    owner, company = busy.owner(4)
    gig = busy.posts_a_gig(owner, company, "A lift that stops", seats=2, openings=5, set_aside_minor=90_000)
    return owner, gig, [busy.performer(number) for number in (2, 4, 6, 8, 10)]


def test_an_offer_is_taken_back_made_again_and_made_anew_when_it_ran_out(
    busy: BusyWeek, people: tuple[Person, str, list[Person]]
) -> None:
    owner, gig, (*_, ada) = people
    application = applies(ada, gig)
    owner.does("POST", "offers", applications=[application])
    offered = owner.opens(f"/gigs/{gig}/applicants/?show=offered")
    assert (
        "told, and on the shortlist again"
        in owner.sends(offered, rf"/applicants/{application}/take-offer-back/").text
    )
    assert "The company has taken its offer back." in ada.reads_in_mail("taken its offer back")
    ada.is_refused("POST", f"applications/{application}/accept-offer", "illegal_state")
    owner.does("POST", "offers", applications=[application])
    assert owner.does("POST", f"applications/{application}/take-offer-back")["state"] == "shortlisted"
    owner.is_refused("POST", f"applications/{application}/take-offer-back", "illegal_state")
    owner.does("POST", "offers", applications=[application])

    busy.house.passes_to(busy.house.now() + timedelta(hours=73))
    assert ada.does("GET", f"applications/{application}")["state"] == "expired"
    over = owner.opens(f"/gigs/{gig}/applicants/?show=over")
    assert "Offered again." in owner.sends(over, rf"/applicants/{application}/offer-again/").text
    engagement = ada.does("POST", f"applications/{application}/accept-offer")["id"]
    # She thinks again: her place is free, and she may apply once more.
    ended = ada.does("POST", f"engagements/{engagement}/terminate", reason="I had misread the days.")
    assert ended["state"] == "terminated"
    assert "I had misread the days." in owner.opens(f"/engagements/{engagement}/").text


def test_an_engagement_is_paused_by_either_side_and_goes_on_when_that_side_says_so(
    busy: BusyWeek, people: tuple[Person, str, list[Person]]
) -> None:
    owner, gig, (ada, *_) = people
    engagement = engagements_of(owner, gig, [ada])[ada]
    path, page = f"engagements/{engagement}", f"/engagements/{engagement}/"
    assert ada.does("POST", f"{path}/pause", reason="Two weeks with my mother.")["state"] == "paused"
    asked = {"gig": gig, "call_at": busy.in_days(3), "engagements": [engagement]}
    owner.is_refused("POST", "sessions", "engagement_not_active", **asked)
    owner.is_refused("POST", f"{path}/resume", "not_yours_to_resume")
    assert "Two weeks with my mother." in owner.reads_in_mail("takes no new bookings")
    assert ada.does("POST", f"{path}/resume")["state"] == "active"
    paused = owner.sends(owner.opens(page), rf"{page}pause/", reason="The studio moves.")
    assert "Paused by you" in paused.text
    assert "Paused by the other side" in ada.opens(page).text
    assert "It goes on." in owner.sends(paused, rf"{page}resume/").text
    assert ada.does("GET", path)["state"] == "active"


def test_a_seat_is_called_off_and_given_to_another_while_the_others_play(
    busy: BusyWeek, people: tuple[Person, str, list[Person]]
) -> None:
    owner, gig, cast = people
    ada, bo, cy, dee = cast[:4]
    theirs = engagements_of(owner, gig, cast[:4])
    booked = owner.does(
        "POST", "sessions", gig=gig, call_at=busy.in_days(4), engagements=[theirs[ada], theirs[bo]]
    )
    session, page = f"sessions/{booked['id']}", f"/sessions/{booked['id']}/"
    owner.is_refused("POST", f"{session}/seats", "no_seat_free", engagement=theirs[cy])
    ada.does("POST", f"{session}/cancel", reason="I have a fever.")
    assert ada.name in bo.reads_in_mail("Your seat is as it was.")
    assert "I have a fever." in owner.reads_in_mail("Give the seat to somebody else")
    assert owner.does("POST", f"{session}/seats", engagement=theirs[cy])["state"] == "booked"
    assert f"{session.split('/')[1]}" in str(cy.does("GET", "sessions?state=booked")["data"])
    released = owner.sends(
        owner.opens(page), rf"{page}seats/\w+/release/", reason="The scene is another now."
    )
    assert "The seat is called off; the performer is told." in released.text
    filled = owner.sends(released, rf"{page}seats/$", engagement=theirs[dee])
    assert "is booked, told, and asked to confirm." in filled.text
    seats = owner.does("GET", session)["seats"]
    last = next(seat["id"] for seat in seats if seat["performer"]["name"] == dee.name)
    assert (
        owner.does("POST", f"{session}/seats/{last}/release", reason="We thought again.")["state"] == "booked"
    )
    assert "Called off" in dee.opens(page).text


def test_a_fault_of_the_house_ends_a_session_and_counts_against_nobody(
    busy: BusyWeek, people: tuple[Person, str, list[Person]]
) -> None:
    owner, gig, cast = people
    ada, bo, cy, dee = cast[:4]
    theirs, tala = engagements_of(owner, gig, cast[:4]), busy.comes_in("Talent operations")
    call_at = busy.house.now().replace(second=0, microsecond=0) + timedelta(hours=1)
    asked = {"gig": gig, "call_at": f"{call_at:%Y-%m-%dT%H:%M:%SZ}", "length_s": HALF_AN_HOUR_S}
    first = owner.does("POST", "sessions", engagements=[theirs[ada], theirs[bo]], **asked)["id"]
    second = owner.does("POST", "sessions", engagements=[theirs[cy], theirs[dee]], **asked)["id"]
    tala.is_refused("POST", f"sessions/{first}/technical-failure", "too_early", reason="The room is down.")
    busy.house.passes_to(call_at + timedelta(minutes=1))
    page = f"/sessions/{first}/"
    failed = tala.sends(tala.opens(page), rf"{page}technical-failure/", reason="The room was down.")
    assert "Ended as a failure of the house's." in failed.text
    owner.is_refused("POST", f"sessions/{second}/technical-failure", "forbidden", reason="Mine?")
    ended = tala.does("POST", f"sessions/{second}/technical-failure", reason="The room was down.")
    assert ended["state"] in ("technical_failure", "time_recorded")
    here = ada.sends(ada.opens(page), rf"{page}room/knock/")
    assert "Noted: you came in time" in here.text
    cy.does("POST", f"sessions/{second}/presence", event="knocked")
    busy.house.passes_to(call_at + timedelta(minutes=30))
    shown = ada.waits_for(page, "paid")
    assert "The minimum call is paid" in shown.text
    assert "The room was down." in owner.reads_in_mail("failed technically")


def engagements_of(owner: Person, gig: str, cast: list[Person]) -> dict[Person, str]:
    """Of each, engaged by now."""
    rows = owner.does("GET", "engagements?limit=100")["data"]
    active = {
        row["performer_name"]: row["id"] for row in rows if row["gig"] == gig and row["state"] == "active"
    }
    return {person: active.get(person.name) or is_engaged(owner, person, gig) for person in cast}


def test_who_is_thrown_out_by_a_machine_is_paid_once_somebody_says_so(
    busy: BusyWeek, people: tuple[Person, str, list[Person]]
) -> None:
    owner, gig, cast = people
    ada, bo = cast[:2]
    theirs, tala = engagements_of(owner, gig, cast[:2]), busy.comes_in("Talent operations")
    call_at = busy.house.now().replace(second=0, microsecond=0) + timedelta(hours=1)
    asked = {"gig": gig, "call_at": f"{call_at:%Y-%m-%dT%H:%M:%SZ}", "length_s": HALF_AN_HOUR_S}
    session = owner.does("POST", "sessions", engagements=[theirs[ada], theirs[bo]], **asked)["id"]
    presence = f"sessions/{session}/presence"
    busy.house.passes_to(call_at - timedelta(seconds=30))
    there = {person: person.does("POST", presence, event="joined")["sid"] for person in (ada, bo, owner)}
    silent_from, back_at, ends_at = (call_at + timedelta(minutes=minutes) for minutes in (1, 4, 5))
    for at in busy.house.passes_by_hand(ends_at, step_s=15):
        owner.does("POST", presence, event="here", sid=there[owner])
        for person in (ada, bo):
            if at >= back_at and person not in there:
                there[person] = person.does("POST", presence, event="joined")["sid"]
            elif at < silent_from or at >= back_at:
                person.does("POST", presence, event="here", sid=there[person])
            else:
                there.pop(person, None)
    owner.does("POST", f"sessions/{session}/end")
    lines = {person: proposed(person, session) for person in (ada, bo)}
    ada.is_refused(
        "POST", f"time-lines/{lines[ada]}/holds", "forbidden", started_at=f"{silent_from:%Y-%m-%dT%H:%M:%SZ}"
    )
    (hold,) = tala.does("GET", f"time-lines/{lines[ada]}")["proposed_holds"]
    paid = tala.does("POST", f"time-lines/{lines[ada]}/holds", started_at=hold["started_at"])
    # A second or two pass until the end is pressed.
    assert 300 <= paid["worked_s"] < 310
    assert paid["proposed_holds"] == []
    page = f"/week/line/{lines[bo]}/"
    assert (
        "Added as a paid hold. The performer is told." in tala.sends(tala.opens(page), rf"{page}hold/").text
    )
    assert "the time that a fault took from you is added as a paid hold" in bo.reads_in_mail("as a paid hold")
    assert 300 <= bo.does("GET", f"time-lines/{lines[bo]}")["worked_s"] < 310


def proposed(person: Person, session: str) -> str:
    """Their line of that session, once it is worked out."""
    person.waits_for(f"/sessions/{session}/", "From the seconds to the money")
    link = person.opens(f"/sessions/{session}/").link(r"/week/line/")
    return link.strip("/").split("/")[-1]


def test_a_session_is_moved_once_everyone_has_agreed(
    busy: BusyWeek, people: tuple[Person, str, list[Person]]
) -> None:
    owner, gig, cast = people
    ada, bo = cast[2:4]
    theirs = engagements_of(owner, gig, [ada, bo])
    asked = {"gig": gig, "call_at": busy.in_days(6), "length_s": HALF_AN_HOUR_S}
    session = owner.does("POST", "sessions", engagements=[theirs[ada], theirs[bo]], **asked)["id"]
    page, path = f"/sessions/{session}/", f"sessions/{session}"
    zone = ZoneInfo(owner.does("GET", "me")["time_zone"])
    new = (busy.house.now() + timedelta(days=7)).astimezone(zone).replace(second=0, microsecond=0)
    proposed = owner.sends(owner.opens(page), f"{page}moves/", call_at=f"{new:%Y-%m-%dT%H:%M}")
    assert "Proposed. The others are asked" in proposed.text
    assert "Please answer by" in ada.reads_in_mail("could be")
    agreed = ada.sends(ada.opens(page), r"/moves/\w+/answer/", answer="agree")
    assert "Noted. It is moved once all have agreed." in agreed.text
    move = bo.opens(page).form(r"/moves/\w+/answer/").action.split("/")[2]
    assert bo.does("POST", f"moves/{move}/agree")["state"] == "agreed"
    moved = owner.does("GET", path)
    assert (moved["state"], moved["call_at"]) == ("confirmed", f"{new.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    again = bo.does("POST", f"{path}/moves", call_at=busy.in_days(8))["id"]
    owner.is_refused("POST", f"{path}/moves", "move_open", call_at=busy.in_days(9))
    assert owner.does("POST", f"moves/{again}/decline")["state"] == "declined"
    assert "is not moved" in bo.reads_in_mail("as booked.")
    assert bo.does("GET", path)["call_at"] == moved["call_at"]
