"""When one plays: calls in one's own calendar, by mail and as a feed."""

import re

import pytest
import requests

from tests.journeys import canary
from tests.journeys.busy_week import BusyWeek, is_engaged
from tests.journeys.house import WAITS_S, Person

pytestmark = pytest.mark.long_journey


@pytest.fixture(scope="module")
def people(busy: BusyWeek) -> tuple[Person, str, list[Person], list[str]]:
    """An owner with a gig for two at a time, three performers, and their engagements."""
    owner, company = busy.owner(4)
    gig = busy.posts_a_gig(owner, company, "The tall shelf", seats=2, openings=5, set_aside_minor=200_000)
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
