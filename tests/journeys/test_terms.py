"""Terms after they were signed: a higher rate that both sign once more, and an end that the other side reads."""

import pytest

from tests.journeys.busy_week import BusyWeek, is_engaged, signs
from tests.journeys.house import Person


@pytest.mark.long_journey
def test_a_rate_rises_by_a_new_version_that_both_sign(busy: BusyWeek) -> None:
    """On the page and over the API; it never falls, and until both have signed the old one holds for bookings."""
    owner, company = busy.owner(3)
    jo = busy.performer(14)
    gig = busy.posts_a_gig(owner, company, "A rate that rises", set_aside_minor=20_000)
    engagement = is_engaged(owner, jo, gig)
    page = f"/engagements/{engagement}/"

    lower = owner.sends(owner.opens(page), f"{page}raise/", rate="49.99")
    assert lower.status == 422
    assert "A rate never falls." in lower.text
    assert "The new version is drawn up" in owner.sends(owner.opens(page), f"{page}raise/", rate="55.00").text
    assert "55.00" in jo.opens(page).text
    assert "50.00 USD an hour" in is_booked(busy, owner, jo, gig, engagement, in_days=3)
    both_sign(owner, jo, engagement)
    assert "55.00 USD an hour" in is_booked(busy, owner, jo, gig, engagement, in_days=4)

    jo.is_refused("POST", f"engagements/{engagement}/amend", "forbidden", rate=usd(9000))
    owner.is_refused("POST", f"engagements/{engagement}/amend", "invalid", rate=usd(5000))
    assert owner.does("POST", f"engagements/{engagement}/amend", rate=usd(6000))["version"] == 3
    both_sign(owner, jo, engagement)
    assert jo.does("GET", f"engagements/{engagement}")["terms"]["rate"] == usd(6000)


def usd(minor: int) -> dict[str, object]:
    return {"amount_minor": minor, "currency": "usd"}


def both_sign(owner: Person, performer: Person, engagement: str) -> None:
    for person in (performer, owner):
        signs(person, engagement)


def is_booked(
    busy: BusyWeek, owner: Person, performer: Person, gig: str, engagement: str, *, in_days: int
) -> str:
    """What the performer reads of a call that many days ahead; the company calls it off again."""
    call = {"gig": gig, "call_at": busy.in_days(in_days), "engagements": [engagement]}
    session = owner.does("POST", "sessions", **call)["id"]
    read = performer.opens(f"/sessions/{session}/").text
    owner.does("POST", f"sessions/{session}/cancel", reason="Only asked.")
    return read


@pytest.mark.long_journey
def test_either_side_ends_it_and_the_other_reads_why(busy: BusyWeek) -> None:
    """A performer on the page, a company over the API; nobody is booked on what has ended, and whoever stays is."""
    owner, company = busy.owner(3)
    kai, lou, max_ = (busy.performer(number) for number in (2, 6, 10))
    gig = busy.posts_a_gig(owner, company, "Two leave, one stays", openings=3)
    left, ended, stays = (is_engaged(owner, person, gig) for person in (kai, lou, max_))

    page = f"/engagements/{left}/"
    said_nothing = kai.sends(kai.opens(page), f"{page}leave/")
    assert said_nothing.status == 422
    kai.sends(said_nothing, f"{page}leave/", reason="I move to Lisbon.")
    assert "I move to Lisbon." in owner.opens(page).text
    ended_by = owner.does("POST", f"engagements/{ended}/terminate", reason="The scene was recast.")
    assert ended_by["state"] == "terminated"
    assert "The scene was recast." in lou.opens(f"/engagements/{ended}/").text

    call = {"gig": gig, "call_at": busy.in_days(2)}
    for engagement in (left, ended):
        owner.is_refused("POST", "sessions", "engagement_not_active", **call, engagements=[engagement])
    asks = f"/company/{company}/gigs/{gig}/book/"
    typed = f"call_at={busy.in_days(2)[:16]}&engagements={stays}"
    assert max_.name in owner.opens(f"{asks}times/?{typed}").text
    booked = owner.does("POST", "sessions", **call, engagements=[stays])
    assert max_.does("GET", f"sessions/{booked['id']}")["state"] == "booked"
    assert max_.name not in owner.opens(f"{asks}times/").text
