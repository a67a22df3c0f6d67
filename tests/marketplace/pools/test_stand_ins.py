"""A pool is whom a company asks first; a free seat is offered to it, and the first yes has it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.notifications.models import Notification
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.sessions.models import Session
from marketplace.slots import operations
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]
AT = CALL - timedelta(days=3)


@pytest.fixture
def gig(it_is: ItIs) -> Gig:
    it_is(AT)
    return stories.a_gig(stories.a_company("Northlight"), seats=2, openings=6)


@pytest.fixture
def cast(gig: Gig) -> list[Engagement]:
    return [
        stories.an_active_engagement(gig, stories.a_performer(name)) for name in ("Ada", "Bo", "Cy", "Dee")
    ]


def us(gig: Gig, as_someone: AsSomeone) -> Caller:
    return as_someone(stories.person(stories.owner_of(gig.company)))


def a_pool(caller: Caller, gig: Gig, *engaged: Engagement) -> str:
    path = f"companies/{gig.company.public_id}/pools"
    pool = caller.post(path, {"name": "Our pairs"})[1]["id"]
    people = [each.performer.public_id for each in engaged]
    assert caller.api.send("PUT", f"{path}/{pool}", {"performers": people}).status_code == 200
    return str(pool)


def without_ada(cast: list[Engagement], as_someone: AsSomeone) -> Session:
    session = stories.a_booked_session(*cast[:2], at=AT)
    as_someone(cast[0].performer).post(f"sessions/{session.public_id}/cancel", {"reason": "Ill."})
    return session


def told(title: str) -> set[str]:
    rows = Notification.objects.filter(title=title)
    return set(rows.values_list("user__performer__stage_name", flat=True))


def test_a_free_seat_is_offered_to_a_pool_and_the_first_yes_has_it(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    caller, session = us(gig, as_someone), without_ada(cast, as_someone)
    pool = a_pool(caller, gig, *cast[:3])
    status, slot = caller.post(f"sessions/{session.public_id}/seats/offer", {"pool": pool})
    assert (status, slot["seats_left"], slot["session"]) == (201, 1, session.public_id)
    # Ada gave her seat up, and Bo plays: of the pool Cy alone fits.
    assert told("A call is open to you") == {"Cy"}
    assert as_someone(cast[3].performer).post(f"slots/{slot['id']}/take")[0] == 404
    assert as_someone(cast[2].performer).post(f"slots/{slot['id']}/take")[1]["id"] == session.public_id
    assert told("Somebody else has the free seat") == {"Bo"}
    assert caller.get(f"slots/{slot['id']}")[1]["seats_left"] == 0


def test_without_a_pool_everyone_engaged_is_asked(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    caller, session = us(gig, as_someone), without_ada(cast, as_someone)
    path = f"sessions/{session.public_id}/seats/offer"
    slot = caller.post(path)[1]["id"]
    assert told("A call is open to you") == {"Cy", "Dee"}
    assert caller.post(path)[1]["code"] == "slot_open"
    assert as_someone(cast[3].performer).post(f"slots/{slot}/take")[0] == 200
    assert caller.post(path)[1]["code"] == "no_seat_free"


def test_what_is_offered_follows_a_session_that_is_moved(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    caller, session = us(gig, as_someone), without_ada(cast, as_someone)
    slot = caller.post(f"sessions/{session.public_id}/seats/offer")[1]["id"]
    assert operations.follow_moved(at=AT) == 0
    new = "2026-11-11T15:00:00Z"
    move = caller.post(f"sessions/{session.public_id}/moves", {"call_at": new})[1]["id"]
    as_someone(cast[1].performer).post(f"moves/{move}/agree")
    assert operations.lapse_slots(at=CALL) == 0
    assert caller.get(f"slots/{slot}")[1]["call_at"] == new
    assert as_someone(cast[2].performer).post(f"slots/{slot}/take")[1]["call_at"] == new


def test_nothing_is_offered_from_the_call_on(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone, it_is: ItIs
) -> None:
    session = without_ada(cast, as_someone)
    it_is(CALL)
    path = f"sessions/{session.public_id}/seats/offer"
    assert us(gig, as_someone).post(path)[1]["code"] == "too_late"
    it_is(CALL - timedelta(seconds=1))
    assert us(gig, as_someone).post(path)[0] == 201


def test_a_pool_is_its_companys_and_holds_only_whom_it_engaged(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    caller, stranger = us(gig, as_someone), stories.a_performer()
    path = f"companies/{gig.company.public_id}/pools"
    pool = a_pool(caller, gig, cast[0])
    refused = caller.api.send("PUT", f"{path}/{pool}", {"performers": [stranger.public_id]})
    assert refused.status_code == 422
    assert [each["name"] for each in caller.get(path)[1]["data"][0]["performers"]] == ["Ada"]
    assert caller.post(path, {"name": "Our pairs"})[1]["code"] == "pool_exists"
    other = stories.a_company("B")
    theirs = as_someone(stories.person(stories.owner_of(other)))
    assert theirs.get(path)[0] == 404
    assert theirs.api.send("DELETE", f"companies/{other.public_id}/pools/{pool}").status_code == 404
    assert caller.api.send("DELETE", f"{path}/{pool}").status_code == 204
    assert caller.get(path)[1]["data"] == []
    assert caller.post(path, {"name": "Our pairs"})[0] == 201


def test_another_companys_pool_is_none(gig: Gig, cast: list[Engagement], as_someone: AsSomeone) -> None:
    session = without_ada(cast, as_someone)
    other = stories.a_gig(stories.a_company("B"))
    pool = a_pool(us(other, as_someone), other)
    sent = {"pool": pool}
    assert us(gig, as_someone).post(f"sessions/{session.public_id}/seats/offer", sent)[0] == 404
    slot = {"gig": gig.public_id, "call_at": "2026-11-12T15:00:00Z", "seats": 1}
    assert us(gig, as_someone).post("slots", slot | sent)[0] == 404


def test_is_made_filled_offered_to_and_ended_on_pages(
    gig: Gig, cast: list[Engagement], as_someone: AsSomeone
) -> None:
    session = without_ada(cast, as_someone)
    browser = logs_in(stories.person(stories.owner_of(gig.company)))
    page = f"/company/{gig.company.public_id}/pools/"
    assert "Made." in browser.post(page, {"name": "Favourites"}, follow=True).content.decode()
    pool = us(gig, as_someone).get(f"companies/{gig.company.public_id}/pools")[1]["data"][0]["id"]
    filled = browser.post(f"{page}{pool}/", {"performers": [cast[2].performer.public_id]}, follow=True)
    assert filled.content.decode().count(" checked") == 1
    detail = f"/sessions/{session.public_id}/"
    assert "Favourites" in browser.get(detail).content.decode()
    offered = browser.post(f"{detail}seats/offer/", {"pool": pool}, follow=True).content.decode()
    assert "The free seat is offered" in offered
    assert "Take the seat" in logs_in(cast[2].performer.user).get("/slots/").content.decode()
    assert "No call is open to you" in logs_in(cast[3].performer.user).get("/slots/").content.decode()
    assert "No pool yet" in browser.post(f"{page}{pool}/end/", follow=True).content.decode()
