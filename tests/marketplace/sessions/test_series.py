"""A series: the same pair for several weeks at one time by the gig's clock, each a session of its own; one or the rest off."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.sessions.models import Series, Session
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]
AT = CALL - timedelta(days=5)


@pytest.fixture
def gig(it_is: ItIs) -> Gig:
    it_is(AT)
    return stories.a_gig(stories.a_company("Northlight"), seats=2)


@pytest.fixture
def pair(gig: Gig) -> list[Engagement]:
    return [stories.an_active_engagement(gig, stories.a_performer(name)) for name in ("Ada", "Bo")]


def us(gig: Gig, as_someone: AsSomeone) -> Caller:
    return as_someone(stories.person(stories.owner_of(gig.company)))


def asked(gig: Gig, pair: list[Engagement], **says: Any) -> dict[str, Any]:
    engagements = [each.public_id for each in pair]
    return {
        "gig": gig.public_id,
        "call_at": "2026-11-10T15:00:00Z",
        "weeks": 4,
        "engagements": engagements,
    } | says


def calls() -> list[datetime]:
    return list(Session.objects.order_by("call_at").values_list("call_at", flat=True))


def test_keeps_the_gigs_clock_over_a_change(gig: Gig, pair: list[Engagement], as_someone: AsSomeone) -> None:
    """10:00 in New York on four Tuesdays; summer time begins on Sunday, 14 March."""
    status, made = us(gig, as_someone).post("series", asked(gig, pair, call_at="2027-03-02T15:00:00Z"))
    assert status == 201, made
    assert [f"{each:%m-%d %H}" for each in calls()] == ["03-02 15", "03-09 15", "03-16 14", "03-23 14"]
    shown = us(gig, as_someone).get(f"sessions/{made['sessions'][0]}")[1]
    assert (shown["series"], len(made["sessions"])) == (made["id"], 4)


CHANGES = {
    "01:30 EDT or 01:30 EST": ("2027-10-31T05:30:00Z", ["2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z"]),
    "01:30 EST or 03:30 EDT": ("2027-03-07T07:30:00Z", ["2027-03-14T06:30:00Z", "2027-03-14T07:30:00Z"]),
}


@pytest.mark.parametrize("said", CHANGES)
def test_an_hour_that_comes_twice_or_is_left_out_is_one_of_two_to_choose(
    gig: Gig, pair: list[Engagement], as_someone: AsSomeone, it_is: ItIs, said: str
) -> None:
    it_is(datetime(2027, 2, 1, tzinfo=UTC))
    first, both = CHANGES[said]
    sent = asked(gig, pair, call_at=first, weeks=3)
    status, refused = us(gig, as_someone).post("series", sent)
    assert (status, refused["code"], refused["facts"]["choices"]) == (422, "choose_times", [both])
    assert said in refused["detail"]
    assert not Session.objects.exists()
    # Both of them, or another time, are no choice.
    assert us(gig, as_someone).post("series", sent | {"choices": both})[0] == 422
    assert us(gig, as_someone).post("series", sent | {"choices": [first]})[0] == 422
    assert us(gig, as_someone).post("series", sent | {"choices": both[1:]})[0] == 201
    assert f"{calls()[1]:%Y-%m-%dT%H:%M:%SZ}" == both[1]


def test_all_are_booked_or_none_and_the_refusal_names_the_day(
    gig: Gig, pair: list[Engagement], as_someone: AsSomeone
) -> None:
    taken = stories.a_booked_session(pair[1], call_at=CALL + timedelta(days=14, hours=1), at=AT)
    status, refused = us(gig, as_someone).post("series", asked(gig, pair))
    assert (status, refused["code"]) == (409, "performer_already_booked")
    assert refused["detail"].startswith("Tue 24 Nov: ")
    assert (Session.objects.count(), Series.objects.count()) == (1, 0)
    us(gig, as_someone).post(f"sessions/{taken.public_id}/cancel", {"reason": "No."})
    assert us(gig, as_someone).post("series", asked(gig, pair))[0] == 201


@pytest.mark.parametrize("weeks", [1, 27])
def test_has_two_to_twenty_six_weeks(
    gig: Gig, pair: list[Engagement], as_someone: AsSomeone, weeks: int
) -> None:
    assert us(gig, as_someone).post("series", asked(gig, pair, weeks=weeks))[0] == 422
    assert us(gig, as_someone).post("series", asked(gig, pair, weeks=2))[0] == 201


def test_one_is_called_off_or_the_rest(gig: Gig, pair: list[Engagement], as_someone: AsSomeone) -> None:
    ids = us(gig, as_someone).post("series", asked(gig, pair))[1]["sessions"]
    us(gig, as_someone).post(f"sessions/{ids[0]}/cancel", {"reason": "No studio."})
    assert states() == ["cancelled", "booked", "booked", "booked"]
    # One of the pair: the other still plays each of them.
    ada = as_someone(pair[0].performer)
    assert ada.post(f"sessions/{ids[2]}/cancel", {"reason": "I move away.", "rest": True})[0] == 200
    released = Session.objects.filter(seats__performer=pair[0].performer, seats__released_by="performer")
    assert set(released.values_list("public_id", flat=True)) == {each.public_id for each in sessions()[2:]}
    us(gig, as_someone).post(f"sessions/{ids[1]}/cancel", {"reason": "It ends.", "rest": True})
    assert states() == ["cancelled"] * 4


def sessions() -> list[Session]:
    return list(Session.objects.order_by("call_at"))


def states() -> list[str]:
    return [session.state for session in sessions()]


def test_is_booked_and_its_rest_called_off_on_pages(gig: Gig, pair: list[Engagement], it_is: ItIs) -> None:
    it_is(datetime(2027, 2, 1, tzinfo=UTC))
    browser = logs_in(stories.person(stories.owner_of(gig.company)))
    page = f"/company/{gig.company.public_id}/gigs/{gig.public_id}/book/"
    engagements = [each.public_id for each in pair]
    sent = {
        "rows": "1",
        "call_at": "2027-10-31T01:30",
        "minutes": "90",
        "weeks": "3",
        "engagements": engagements,
    }
    asked_back = browser.post(page, sent)
    assert asked_back.status_code == 422
    assert 'name="choices" value="2027-11-07T06:30:00Z"' in asked_back.content.decode()
    booked = browser.post(page, sent | {"choices": ["2027-11-07T06:30:00Z"]}, follow=True).content.decode()
    assert "3 sessions are booked." in booked
    first = sessions()[0].public_id
    assert "And the 2 later ones: 0.00 USD now" in browser.get(f"/sessions/{first}/").content.decode()
    browser.post(f"/sessions/{first}/cancel/", {"reason": "It ends.", "rest": "1"})
    assert states() == ["cancelled"] * 3


class TestPrice:
    """By the house's terms: from a day before the call a share of the minimum call is paid, later more of it."""

    def test_is_shown_before_the_press_and_is_what_is_paid(
        self, gig: Gig, pair: list[Engagement], as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        session = stories.a_booked_session(*pair, at=AT)
        path, caller = f"sessions/{session.public_id}", us(gig, as_someone)
        browser = logs_in(stories.person(stories.owner_of(gig.company)))
        free = caller.get(f"{path}/cancel-price")[1]
        assert free["amount"] == {"amount_minor": 0, "currency": "usd"}
        assert "Now it costs you nothing." in browser.get(f"/{path}/").content.decode()
        changes_at = datetime.fromisoformat(free["holds_until"])
        it_is(changes_at)
        assert caller.get(f"{path}/cancel-price")[1]["amount"]["amount_minor"] == 0
        it_is(changes_at + timedelta(seconds=1))
        price = caller.get(f"{path}/cancel-price")[1]["amount"]["amount_minor"]
        assert price > 0
        words = f"{price / 100:.2f} USD, the minimum call by the notice"
        assert words in browser.get(f"/{path}/").content.decode()
        assert f"{price / 200:.2f} USD now" in browser.get(f"/{path}/").content.decode()
        caller.post(f"{path}/cancel", {"reason": "No studio."})
        session.refresh_from_db()
        stories.time_passes(session, at=CALL + timedelta(hours=9))
        paid = [seat.line for seat in session.seats.select_related("line")]
        assert sum(line.amount_minor + line.fee_minor for line in paid) == price

    def test_for_whoever_plays_it_is_said_that_it_pays_nothing(
        self, gig: Gig, pair: list[Engagement], it_is: ItIs
    ) -> None:
        session = stories.a_booked_session(*pair, at=AT)
        it_is(CALL - timedelta(hours=1))
        page = logs_in(pair[0].performer.user).get(f"/sessions/{session.public_id}/").content.decode()
        assert "It pays nothing then" in page
        assert "it costs you" not in page
