"""When one plays: calls in one's own calendar, by mail and as a feed; open calls that the first have; when one is free; and
week after week."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import requests

from tests.journeys import canary
from tests.journeys.busy_week import BusyWeek, is_engaged
from tests.journeys.house import WAITS_S, Person
from tests.journeys.test_the_room import pays_in

pytestmark = pytest.mark.long_journey


@pytest.fixture(scope="module")
def people(busy: BusyWeek) -> tuple[Person, str, list[Person], list[str]]:
    """An owner with a gig for two at a time, three performers, and their engagements."""
    owner, company = busy.owner(3)
    gig = busy.posts_a_gig(owner, company, "The tall shelf", seats=2, openings=5, set_aside_minor=60_000)
    cast = [busy.performer(number) for number in (1, 3, 5)]
    return owner, gig, cast, [is_engaged(owner, each, gig) for each in cast]


def test_a_call_is_kept_in_ones_own_calendar(
    busy: BusyWeek, people: tuple[Person, str, list[Person], list[str]]
) -> None:
    owner, gig, (ada, bo, _), theirs = people
    booked = owner.does("POST", "sessions", gig=gig, call_at=busy.in_days(5), engagements=theirs[:2])["id"]
    ada.reads_in_mail("“The tall shelf”")
    page = ada.sends(ada.opens("/calendar/feed/"), "/calendar/feed/$")
    found = re.search(r"http\S+/calendar/feed/[\w-]+\.ics", page.text)
    assert found is not None
    address = found[0]
    canary.keeps(address.rsplit("/", 1)[1])
    first = requests.get(address, timeout=WAITS_S)
    assert f"UID:{booked}@callboard" in first.text
    again = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=WAITS_S)
    assert again.status_code == 304
    ada.does("POST", f"sessions/{booked}/cancel", reason="A cold.")
    off = requests.get(address, timeout=WAITS_S).text
    assert "STATUS:CANCELLED" in off[off.index(f"UID:{booked}@callboard") - 400 :]
    ada.sends(ada.opens("/calendar/feed/"), "/calendar/feed/end/")
    assert requests.get(address, timeout=WAITS_S).status_code == 404
    made = bo.does("POST", "me/calendar-feed")
    canary.keeps(made["address"].rsplit("/", 1)[1])
    assert bo.does("GET", "me/calendar-feed")["id"] == made["feed"]["id"]
    assert bo.does("DELETE", "me/calendar-feed")["status_code"] == 204
    owner.does("POST", f"sessions/{booked}/cancel", reason="We begin again.")


def test_an_open_call_is_taken_by_the_first_given_back_and_taken_back(
    busy: BusyWeek, people: tuple[Person, str, list[Person], list[str]]
) -> None:
    owner, gig, (ada, bo, cy), theirs = people
    asked = {"gig": gig, "call_at": busy.in_days(8), "seats": 1, "hold_until": busy.in_days(1)}
    slot = owner.does("POST", "slots", hold_for=theirs[:1], **asked)["id"]
    assert "It is yours to take until" in ada.reads_in_mail("It is yours to take until")
    bo.is_refused("POST", f"slots/{slot}/take", "slot_taken")
    taken = ada.sends(ada.opens("/slots/"), f"/slots/{slot}/take/")
    assert "The seat is yours, and confirmed." in taken.text
    assert ada.name in owner.reads_in_mail("plays in “The tall shelf”")
    back = ada.sends(ada.opens("/slots/"), f"/slots/{slot}/give-back/", reason="My train is late.")
    assert "Given back." in back.text
    assert bo.does("POST", f"slots/{slot}/take")["state"] == "confirmed"
    assert bo.does("POST", f"slots/{slot}/give-back", reason="I had misread it.")["seats_left"] == 1
    assert owner.does("POST", f"slots/{slot}/withdraw")["state"] == "withdrawn"
    cy.is_refused("POST", f"slots/{slot}/take", "too_late")
    company = owner.does("GET", f"gigs/{gig}")["company"]
    page = f"/company/{company}/gigs/{gig}/slots/"
    zone = ZoneInfo(owner.does("GET", "me")["time_zone"])
    at = (busy.house.now() + timedelta(days=9)).astimezone(zone)
    typed = {"call_at": f"{at:%Y-%m-%dT%H:%M}", "minutes": "30", "seats": "2"}
    posted = owner.sends(owner.opens(page), f"{page}$", **typed)
    assert "Posted. Everyone engaged in the gig is told." in posted.text
    (found,) = cy.does("GET", f"slots?gig={gig}&state=open")["data"]
    assert cy.does("GET", f"slots/{found['id']}")["seats_left"] == 2
    assert "Taken back." in owner.sends(posted, f"/slots/{found['id']}/withdraw/").text


def test_a_performer_says_when_they_are_free_and_the_company_sees_it(
    busy: BusyWeek, people: tuple[Person, str, list[Person], list[str]]
) -> None:
    owner, gig, (ada, bo, _), theirs = people
    page = "/availability/"
    typed = {f"day{weekday}": "00:00-24:00" for weekday in range(7)}
    saved = ada.sends(ada.opens(page), f"{page}$", **typed)
    assert "Noted. Companies in whose gigs you are engaged see it." in saved.text
    hours = bo.does("PUT", "me/availability", hours=[{"weekday": 0, "from_min": 0, "to_min": 1}])["hours"]
    assert bo.does("GET", "me/availability")["hours"] == hours
    call_at = busy.in_days(12)
    asked = f"gigs/{gig}/free?call_at={call_at}"
    stands = {row["engagement"]: row["free"] for row in owner.does("GET", asked)["data"]}
    assert [stands[each] for each in theirs] == ["free", "away", "says_nothing"]
    at = busy.house.now() + timedelta(days=12)
    times = {
        name: f"{at + timedelta(hours=hours):%Y-%m-%dT%H:%M:00Z}"
        for name, hours in (("starts_at", -30), ("ends_at", 30))
    }
    away = ada.does("POST", "me/availability/times", is_free=False, **times)["id"]
    assert owner.does("GET", asked)["data"][0]["free"] != "free"
    assert ada.does("DELETE", f"me/availability/times/{away}")["status_code"] == 204
    zone = ZoneInfo(bo.does("GET", "me")["time_zone"])
    local = {
        name: f"{(at + timedelta(hours=hours)).astimezone(zone):%Y-%m-%dT%H:%M}"
        for name, hours in (("starts_at", -30), ("ends_at", 30))
    }
    noted = bo.sends(bo.opens(page), f"{page}times/$", is_free="free", **local)
    assert "Noted." in noted.text
    company = owner.does("GET", f"gigs/{gig}")["company"]
    zone = ZoneInfo(owner.does("GET", "me")["time_zone"])
    shown = owner.opens(
        f"/company/{company}/gigs/{gig}/free/?call_at={at.astimezone(zone):%Y-%m-%dT%H:%M}&minutes=30"
    )
    assert "How they stand to it" in shown.text
    assert "Taken back." in bo.sends(noted, rf"{page}times/\w+/end/").text


def test_a_series_is_booked_in_one_act_and_its_rest_called_off_at_the_price_that_is_shown(
    busy: BusyWeek, people: tuple[Person, str, list[Person], list[str]]
) -> None:
    owner, gig, (ada, *_), theirs = people
    asked = {"gig": gig, "call_at": busy.in_days(14), "engagements": theirs[:2]}
    owner.is_refused("POST", "series", "invalid", weeks=1, **asked)
    first, second = owner.does("POST", "series", weeks=2, **asked)["sessions"]
    price = owner.does("GET", f"sessions/{first}/cancel-price")
    assert price["amount"]["amount_minor"] == 0
    page = f"/sessions/{first}/"
    assert "Now it costs you nothing." in owner.opens(page).text
    assert owner.does("GET", f"gigs/{gig}/cancel-price")["amount"]["currency"] == "usd"
    assert owner.does("GET", f"engagements/{theirs[0]}/end-price")["amount"]["currency"] == "usd"
    assert "Now it costs you" in owner.opens(f"/engagements/{theirs[0]}/leave/price/").text
    owner.does("POST", f"sessions/{first}/cancel", reason="We begin again.", rest=True)
    assert "Called off" in ada.opens(f"/sessions/{second}/").text


def test_a_stand_in_is_found_in_a_pool(
    busy: BusyWeek, people: tuple[Person, str, list[Person], list[str]]
) -> None:
    owner, gig, (ada, bo, cy), theirs = people
    company = owner.does("GET", f"gigs/{gig}")["company"]
    page, path = f"/company/{company}/pools/", f"companies/{company}/pools"
    made = owner.sends(owner.opens(page), f"{page}$", name="Our pairs")
    assert "Made. Say who is in it." in made.text
    (pool,) = (each["id"] for each in owner.does("GET", path)["data"])
    ids = [each.does("GET", "me")["performer"] for each in (bo, cy)]
    assert "Saved." in owner.sends(made, f"{page}{pool}/$", performers=ids).text
    other = owner.does("POST", path, name="Once")["id"]
    assert [
        each["id"] for each in owner.does("PUT", f"{path}/{other}", performers=ids[:1])["performers"]
    ] == ids[:1]
    assert owner.does("DELETE", f"{path}/{other}")["status_code"] == 204

    asked = {"gig": gig, "engagements": theirs[:2]}
    first = owner.does("POST", "sessions", call_at=busy.in_days(16), **asked)["id"]
    ada.does("POST", f"sessions/{first}/cancel", reason="A fever.")
    detail = f"/sessions/{first}/"
    offered = owner.sends(owner.opens(detail), f"{detail}seats/offer/", pool=pool)
    assert "Offered. The first who takes the seat has it" in offered.text
    (slot,) = cy.does("GET", f"slots?gig={gig}&state=open")["data"]
    assert cy.does("POST", f"slots/{slot['id']}/take")["id"] == first
    cy.does("POST", f"sessions/{first}/cancel", reason="Me too.")
    owner.does("POST", f"slots/{slot['id']}/withdraw")
    assert owner.does("POST", f"sessions/{first}/seats/offer")["seats_left"] == 1
    assert "Gone." in owner.sends(owner.opens(page), f"{page}{pool}/end/").text


def test_a_partner_does_not_come_and_somebody_stands_in(
    busy: BusyWeek, people: tuple[Person, str, list[Person], list[str]]
) -> None:
    owner, gig, (ada, bo, cy), theirs = people
    pays_in(busy, owner, owner.does("GET", f"gigs/{gig}")["company"], 15_000)
    owner.does("POST", f"gigs/{gig}/funding", amount={"amount_minor": 15_000, "currency": "usd"})
    call_at = busy.house.now().replace(second=0, microsecond=0) + timedelta(minutes=20)
    booked = owner.does(
        "POST",
        "sessions",
        gig=gig,
        call_at=f"{call_at:%Y-%m-%dT%H:%M:%SZ}",
        length_s=3600,
        engagements=theirs[1:],
    )["id"]
    # Whatever hour it is where she is: of who says nothing, only those awake are asked.
    ada.does(
        "POST",
        "me/availability/times",
        is_free=True,
        starts_at=f"{call_at - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        ends_at=f"{call_at + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}",
    )
    seats = {seat["performer"]["id"]: seat["id"] for seat in owner.does("GET", f"sessions/{booked}")["seats"]}
    missing = seats[bo.does("GET", "me")["performer"]]
    stand_in = f"sessions/{booked}/seats/{missing}/stand-in"
    owner.is_refused("POST", stand_in, "too_early")
    busy.house.passes_to(call_at + timedelta(seconds=20), step_s=60)
    presence = f"sessions/{booked}/presence"
    sid = cy.does("POST", presence, event="joined")["sid"]
    detail = f"/sessions/{booked}/"
    assert "has not come." in owner.opens(f"{detail}missing/").text
    # By an app, taken back on the page, and sought again there.
    slot = owner.does("POST", stand_in)["id"]
    bo.reads_in_mail("your place is offered to others now")
    cy.reads_in_mail("While you wait in the room you are paid.")
    owner.sends(owner.opens(f"{detail}missing/"), f"/slots/{slot}/withdraw/")
    sought = owner.sends(owner.opens(f"{detail}missing/"), f"{detail}seats/{missing}/stand-in/", pool="")
    assert "who could come now. The first who says yes plays" in sought.text
    ada.reads_in_mail("somebody is missing")
    offers = ada.does("GET", f"slots?gig={gig}&state=open")["data"]
    (slot,) = (each["id"] for each in offers if each["in_place_of"])
    offered = ada.opens("/slots/")
    assert "Yes, I come now" in offered.text
    assert "it is on: come in now." in ada.sends(offered, f"/slots/{slot}/take/").text
    bo.is_refused("POST", presence, "doors_closed", event="joined")
    hers = ada.does("POST", presence, event="joined")["sid"]
    now = busy.house.now()
    for _ in busy.house.passes_by_hand(now + timedelta(minutes=1), step_s=15):
        ada.does("POST", presence, event="here", sid=hers)
        cy.does("POST", presence, event="here", sid=sid)
    assert "has not come." not in owner.opens(f"{detail}missing/").text
    owner.does("POST", f"sessions/{booked}/end")
    shown = owner.opens(detail).text
    assert "Did not come" in shown
    assert "Stands in" in shown
