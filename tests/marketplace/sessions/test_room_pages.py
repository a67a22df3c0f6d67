"""The room and the session by their pages: each press does what it says, for whoever may press it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access.roles import Staff
from marketplace.engagements import operations as engagements
from marketplace.gigs.models import PURPOSES
from marketplace.sessions import live, marks, queries, tasks
from marketplace.sessions.models import Mark, PresenceDelivery, Session
from tests import stories
from tests.accounts.browsing import browser
from tests.stories import CALL

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
MINUTE = timedelta(minutes=1)


class House:
    """A pair booked, and a browser for each who may come in."""

    def __init__(self, it_is: ItIs) -> None:
        self.it_is = it_is
        self.session = stories.a_pair_booked(grants=["evaluation"])
        self.seats = list(self.session.seats.select_related("performer__user").order_by("id"))
        self.ada, self.bo = (browser(seat.performer.user) for seat in self.seats)
        self.nora = browser(stories.person(stories.owner_of(self.session.company)))
        self.talent = browser(stories.a_member_of_staff(Staff.TALENT))
        it_is(CALL - MINUTE)

    def press(self, who: Client, name: str, *also: str, **sent: str) -> int:
        answer: Any = who.post(reverse(f"session_{name}", args=[self.session.public_id, *also]), sent)
        return int(answer.status_code)

    def sees(self, who: Client) -> str:
        return who.get(reverse("session_room", args=[self.session.public_id])).content.decode()

    @property
    def state(self) -> str:
        return str(Session.objects.get(pk=self.session.pk).state)


@pytest.fixture
def house(it_is: ItIs) -> House:
    return House(it_is)


def goes_live(house: House) -> None:
    house.it_is(CALL - timedelta(seconds=15))
    for who in (house.ada, house.bo):
        assert house.press(who, "enter") == 302
    house.it_is(CALL)
    for who in (house.ada, house.bo, house.nora):
        assert house.press(who, "here") == 200
    stories.the_sweep_runs(at=CALL)
    assert house.state == "live"


def test_breaks_and_holds_are_pressed_by_those_whose_they_are(house: House) -> None:
    goes_live(house)
    for kind in ("hold_company", "hold_platform", "arrived", "nap", ""):
        assert house.press(house.ada, "mark", kind=kind) == 422
    assert house.press(house.nora, "mark", kind="hold_platform") == 422
    assert house.press(house.ada, "mark", kind="rest") == 302
    assert 'value="end"' in house.sees(house.ada)
    assert 'value="end"' not in house.sees(house.bo)
    assert house.press(house.ada, "mark", kind="end") == 302
    assert house.press(house.nora, "mark", kind="hold_company") == 302
    assert house.state == "on_hold"
    assert house.press(house.nora, "mark", kind="end") == 302
    assert house.press(house.talent, "mark", kind="hold_platform") == 302
    assert house.press(house.talent, "mark", kind="end") == 302
    kept = Mark.objects.order_by("id").values_list("kind", "seat_id", "ended_at")
    second = CALL + timedelta(seconds=1)
    assert list(kept) == [
        ("rest", house.seats[0].pk, second),
        ("hold_company", None, second),
        ("hold_platform", None, second),
    ]
    assert house.press(house.nora, "end") == 302
    assert house.press(house.ada, "mark", kind="rest") == 409
    assert house.state == "wrapped"


def test_who_leaves_is_not_here_and_comes_back(house: House) -> None:
    goes_live(house)
    sent = PresenceDelivery.objects.count()
    assert house.press(house.ada, "leave") == 302
    assert PresenceDelivery.objects.count() == sent + 1
    assert house.press(house.ada, "leave") == 302
    assert PresenceDelivery.objects.count() == sent + 1
    assert "Come in" in house.sees(house.ada)
    assert house.press(house.ada, "enter") == 302
    assert "Come in" not in house.sees(house.ada)


def test_a_fault_of_the_houses_is_said_by_talent_operations_with_its_reason(house: House) -> None:
    goes_live(house)
    assert house.press(house.nora, "fail", reason="No power.") == 403
    assert house.press(house.talent, "fail", reason=" ") == 422
    assert house.press(house.talent, "fail", reason="No power.") == 302
    assert house.state == "technical_failure"


def test_a_seat_is_called_off_and_filled_on_the_page(house: House) -> None:
    house.it_is(CALL - timedelta(days=2))
    third = stories.an_active_engagement(house.session.gig, stories.a_performer("Cy Stone"))
    seat = house.seats[0].public_id
    release = reverse("seat_release", args=[house.session.public_id, seat])
    fill = reverse("seat_fill", args=[house.session.public_id])
    assert house.nora.post(release, {"reason": " "}).status_code == 422
    assert house.nora.post(release, {"reason": "One is enough."}).status_code == 302
    assert house.nora.post(fill, {"engagement": "eng_nonsense"}).status_code == 404
    done = house.nora.post(fill, {"engagement": third.public_id}, follow=True).content.decode()
    assert "Cy Stone is booked, told, and asked to confirm." in done
    assert house.session.seats.filter(released_at=None).count() == 2


def test_a_time_that_is_none_is_not_proposed(house: House) -> None:
    house.it_is(CALL - timedelta(days=2))
    for wrong in ("soon", ""):
        assert house.press(house.nora, "move", call_at=wrong) == 422
    assert not house.session.moves.exists()


def test_the_calendar_of_sessions_does_all_its_steps(it_is: ItIs) -> None:
    """Rooms whose window is over are looked at, proposals lapse, and who is ready becomes active."""
    house = House(it_is)
    gig = stories.a_gig(house.session.company)
    performer = stories.a_performer()
    engagement = stories.accepts(performer, gig)
    suspension = stories.is_suspended(performer)
    sha256, us = engagement.versions.get().text_sha256, stories.owner_of(gig.company)
    me, at = stories.acting(performer), stories.BEFORE
    name = performer.user.name
    engagements.sign_as_performer(
        engagement=engagement, name=name, read_sha256=sha256, by=stories.proved(me, at=at), at=at
    )
    ours = stories.person(us).name
    engagements.countersign(
        engagement=engagement, name=ours, read_sha256=sha256, by=stories.proved(us, at=at), at=at
    )
    stories.is_reinstated(suspension)
    house.it_is(CALL - timedelta(days=3))
    assert house.press(house.nora, "move", call_at="2026-11-12T10:00") == 302
    house.it_is(house.session.scheduled_end_at + timedelta(hours=1))
    tasks.calendar()
    engagement.refresh_from_db()
    assert (engagement.state, house.session.moves.get().state) == ("active", "lapsed")
    stories.the_sweep_runs(at=house.session.scheduled_end_at + timedelta(hours=1))
    assert house.state == "time_recorded"


def test_ones_clock_stands_at_this_second_also_in_a_rest_and_a_hold(house: House) -> None:
    goes_live(house)
    session, seat = Session.objects.get(pk=house.session.pk), house.seats[0]
    us = stories.owner_of(session.company)

    def clock(at: datetime, *, is_here: bool = True) -> tuple[int, str, bool]:
        now = live.now_for(seat, session=session, marks=queries.open_marks(session), is_here=is_here, at=at)
        return now.seconds, now.word, now.runs

    assert clock(CALL + MINUTE) == (60, "Paid: you are on", True)
    for kind, word in ((Mark.Kind.REST, "rest"), (Mark.Kind.HOLD_COMPANY, "hold")):
        marks.start_mark(session=session, kind=kind, by=us, at=CALL + MINUTE)
        seconds, said, runs = clock(CALL + 3 * MINUTE)
        assert (seconds, runs) == (180, True)
        assert word in said.lower()
        marks.end_mark(session=session, by=us, at=CALL + MINUTE + timedelta(seconds=1))
        session.refresh_from_db()
    gone = clock(CALL + 10 * MINUTE, is_here=False)
    assert gone[1:] == ("You are not connected: this is not counted", False)
    overrun = session.scheduled_end_at + 16 * MINUTE
    assert clock(overrun) == (90 * 60 + 15 * 60, "Past the time that is paid", False)
    assert live.now_for(None, session=session, marks=[], is_here=False, at=CALL + 3 * MINUTE).seconds == 180


def test_a_proposal_is_answered_once_and_of_a_session_as_it_is_now(house: House) -> None:
    house.it_is(CALL - timedelta(days=3))
    assert house.press(house.nora, "move", call_at="2026-11-12T10:00") == 302
    answer = f"/moves/{house.session.moves.get().public_id}/answer/"
    for wrong in ("", "perhaps"):
        assert house.ada.post(answer, {"answer": wrong}).status_code == 422
    assert house.ada.post(answer, {"answer": "agree"}).status_code == 302
    done = house.bo.post(answer, {"answer": "agree"}, follow=True).content.decode()
    assert "The session is moved." in done
    late = house.bo.post(answer, {"answer": "decline"}, follow=True).content.decode()
    assert "The proposal is answered, or its time is over." in late
    house.session.refresh_from_db()
    assert house.session.call_at == datetime(2026, 11, 12, 15, tzinfo=CALL.tzinfo)


def test_before_one_comes_in_stands_who_may_be_there_and_what_was_granted(house: House) -> None:
    seats = list(house.session.seats.select_related("performer").order_by("id"))
    granted = {name: label for name, label in PURPOSES.items() if name == "evaluation"}
    said = house.sees(house.ada)
    assert "Check your camera and microphone" in said
    for seat in seats:
        assert seat.performer.stage_name in said
    assert f"people of {house.session.company.name}" in said
    assert "".join(f"<li>{label}</li>" for label in granted.values()) in said
    assert not any(label in said for name, label in PURPOSES.items() if name not in granted)
    house.press(house.ada, "enter", camera="cam-1", microphone="mic-1")
    inside = house.sees(house.ada)
    assert 'data-camera="cam-1" data-microphone="mic-1"' in inside
    assert "Check your camera" not in inside
    assert 'id="meeting"' in inside
    # The company is in as soon as it looks; talent operations look at the clock, and take no part.
    assert 'id="meeting"' in house.sees(house.nora)
    assert 'id="meeting"' not in house.sees(house.talent)
