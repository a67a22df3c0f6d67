"""Another time for a session: proposed by either side, moved with the last yes, and otherwise as it was."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.notifications.models import Notification
from marketplace.sessions import moving
from marketplace.sessions.models import Move, Seat, Session
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]
NEW_CALL = CALL + timedelta(days=1)
NEW = "2026-11-11T15:00:00Z"


@pytest.fixture(autouse=True)
def _two_days_ahead(it_is: ItIs) -> None:
    it_is(CALL - timedelta(days=2))


@pytest.fixture
def session() -> Session:
    return stories.a_pair_booked()


@pytest.fixture
def people(session: Session, as_someone: AsSomeone) -> tuple[Caller, Caller, Caller]:
    """The company's owner and both performers."""
    first, second = (seat.performer for seat in session.seats.select_related("performer").order_by("id"))
    return (
        as_someone(stories.person(stories.owner_of(session.company))),
        as_someone(first),
        as_someone(second),
    )


def told(title: str) -> int:
    return Notification.objects.filter(title=title).count()


def test_with_the_last_yes_it_is_moved_and_confirmed(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    owner, first, second = people
    move = owner.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[1]
    assert (move["state"], told("Another time is proposed for a session")) == ("asked", 2)
    assert first.post(f"moves/{move['id']}/agree")[1]["state"] == "asked"
    # The same yes a second time is no second yes.
    assert first.post(f"moves/{move['id']}/agree")[1]["state"] == "asked"
    assert owner.get(f"sessions/{session.public_id}")[1]["call_at"] == "2026-11-10T15:00:00Z"
    assert second.post(f"moves/{move['id']}/agree")[1]["state"] == "agreed"
    moved = owner.get(f"sessions/{session.public_id}")[1]
    assert (moved["state"], moved["call_at"], moved["scheduled_end_at"]) == (
        "confirmed",
        NEW,
        "2026-11-11T16:30:00Z",
    )
    assert {seat.during.lower for seat in Seat.objects.all()} == {NEW_CALL}
    # Also who said the last yes: it is moved in their calendar too.
    assert told("A session is moved") == 3
    session.refresh_from_db()
    assert [line.payable_s for line in stories.they_play(session)] == [5400, 5400]


def test_a_performer_proposes_and_the_company_answers(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    owner, first, second = people
    move = first.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[1]
    assert first.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[1]["code"] == "move_open"
    second.post(f"moves/{move['id']}/agree")
    assert owner.post(f"moves/{move['id']}/agree")[1]["state"] == "agreed"


@pytest.mark.parametrize(("who", "state"), [(0, "withdrawn"), (1, "declined")])
def test_one_no_leaves_it_as_it_was(
    session: Session, people: tuple[Caller, Caller, Caller], who: int, state: str
) -> None:
    owner, _, second = people
    move = owner.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[1]
    assert people[who].post(f"moves/{move['id']}/decline")[1]["state"] == state
    late = second.post(f"moves/{move['id']}/agree")
    assert (late[0], late[1]["code"]) == (409, "too_late")
    assert told("A session stays where it was") == 2
    assert owner.get(f"sessions/{session.public_id}")[1]["call_at"] == "2026-11-10T15:00:00Z"
    assert owner.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[0] == 201


def test_what_is_not_answered_by_all_lapses(
    session: Session, people: tuple[Caller, Caller, Caller], it_is: ItIs
) -> None:
    owner, first, second = people
    move = owner.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[1]
    first.post(f"moves/{move['id']}/agree")
    due = Move.objects.get().answer_due_at
    assert due == CALL
    assert moving.lapse_moves(at=due - timedelta(seconds=1)) == 0
    it_is(due)
    assert second.post(f"moves/{move['id']}/agree")[1]["code"] == "too_late"
    assert (moving.lapse_moves(at=due), moving.lapse_moves(at=due)) == (1, 0)
    assert told("A session stays where it was") == 3


def test_nobody_is_moved_onto_another_booking_or_out_of_the_days_they_signed_for(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    owner, first, second = people
    seat = session.seats.select_related("engagement__gig__company").order_by("id")[1]
    stories.a_booked_session(seat.engagement, call_at=NEW_CALL)
    move = owner.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[1]
    first.post(f"moves/{move['id']}/agree")
    refused = second.post(f"moves/{move['id']}/agree")
    assert (refused[0], refused[1]["code"]) == (409, "performer_already_booked")
    # Nothing half-done: the answer is still owed.
    assert (Move.objects.get().state, Move.objects.get().agreed.count()) == ("asked", 1)
    for call_at in ("2029-01-01T15:00:00Z", "2026-11-08T14:59:59Z"):
        assert owner.post(f"sessions/{session.public_id}/moves", {"call_at": call_at})[0] == 422


def test_goes_with_the_session_or_a_seat_of_it(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    owner, first, second = people
    for _ in range(2):
        move = owner.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})
        first.post(f"sessions/{session.public_id}/cancel", {"reason": "I am ill."})
        assert Move.objects.get(public_id=move[1]["id"]).state == "withdrawn"
        first = second


def test_is_nobody_elses(
    session: Session, people: tuple[Caller, Caller, Caller], as_someone: AsSomeone
) -> None:
    owner, *_ = people
    move = owner.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[1]
    for stranger in (stories.a_performer(), stories.person(stories.owner_of(stories.a_company("B")))):
        assert as_someone(stranger).post(f"moves/{move['id']}/agree")[0] == 404
        assert as_someone(stranger).post(f"sessions/{session.public_id}/moves", {"call_at": NEW})[0] == 404


def test_is_proposed_and_answered_on_the_page(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    owner, first, second = people
    page = f"/sessions/{session.public_id}/"
    # In the company's own clock, New York.
    assert owner.client.post(f"{page}moves/", {"call_at": "2026-11-11T10:00"}).status_code == 302
    answer = f"/moves/{Move.objects.get().public_id}/answer/"
    assert "Another time is proposed" in first.client.get(page).content.decode()
    assert first.client.post(answer, {"answer": "agree"}).status_code == 302
    assert "You have agreed." in first.client.get(page).content.decode()
    assert second.client.post(answer, {"answer": "perhaps"}).status_code == 422
    assert second.client.post(answer, {"answer": "agree"}).status_code == 302
    session.refresh_from_db()
    assert session.call_at == NEW_CALL


class TestOnThePage:
    def test_says_in_words_why_it_cannot_be_and_stays(
        self, session: Session, people: tuple[Caller, Caller, Caller]
    ) -> None:
        owner, first, second = people
        seat = session.seats.select_related("engagement__gig__company").order_by("id")[1]
        elsewhere = stories.a_booked_session(seat.engagement, call_at=NEW_CALL)
        assert self.proposes(session, owner, "2026-11-11T10:00").status_code == 302
        again = owner.client.post(
            f"/sessions/{session.public_id}/moves/", {"call_at": "2026-11-12T10:00"}, follow=True
        )
        assert "Another time is proposed already. Everyone answers that one first." in again.content.decode()
        answer = f"/moves/{Move.objects.get().public_id}/answer/"
        first.client.post(answer, {"answer": "agree"})
        refused = second.client.post(answer, {"answer": "agree"}, follow=True)
        assert "A performer is not free then." in refused.content.decode()
        assert 'name="answer" value="agree"' in refused.content.decode()  # it is still theirs to answer
        second.post(f"sessions/{elsewhere.public_id}/cancel", {"reason": "I am ill."})
        done = second.client.post(answer, {"answer": "agree"}, follow=True)
        assert "The session is moved." in done.content.decode()

    def proposes(self, session: Session, who: Caller, call_at: str, **also: str) -> Any:
        return who.client.post(f"/sessions/{session.public_id}/moves/", {"call_at": call_at} | also)

    @pytest.mark.parametrize(("nth", "is_at"), [(0, "05:30"), (1, "06:30")])
    def test_offers_both_where_an_hour_comes_twice_beside_what_was_typed(
        self, session: Session, people: tuple[Caller, Caller, Caller], it_is: ItIs, nth: int, is_at: str
    ) -> None:
        owner = people[0]
        asked = self.proposes(session, owner, "2027-11-07T01:30")
        said = asked.content.decode()
        assert (asked.status_code, Move.objects.count()) == (422, 0)
        assert "01:30 comes twice. Choose which one you mean." in said
        assert 'value="2027-11-07T01:30"' in said
        assert '<details class="explain" open' in said
        offered = re.findall(r'name="call_at-reading" value="([^"]+)"><span>([^<]+)</span>', said)
        assert [label for _, label in offered] == ["The first 01:30 EDT", "The second 01:30 EST"]
        chosen = {"call_at-reading": offered[nth][0]}
        assert self.proposes(session, owner, "2027-11-07T01:30", **chosen).status_code == 302
        assert Move.objects.get().call_at.isoformat() == f"2027-11-07T{is_at}:00+00:00"

    @pytest.mark.parametrize(
        ("call_at", "said"),
        [
            ("2027-03-14T02:30", "leaves out 02:30. Choose 01:30 EST or 03:30 EDT."),
            ("2026-11-01T10:00", "The call must lie ahead."),
            ("soon", "Write a day and a time."),
            ("", "required"),
        ],
    )
    def test_says_what_is_wrong_beside_the_field_and_keeps_what_was_typed(
        self, session: Session, people: tuple[Caller, Caller, Caller], call_at: str, said: str
    ) -> None:
        for who in people[:2]:
            refused = self.proposes(session, who, call_at)
            page = refused.content.decode()
            assert (refused.status_code, Move.objects.count()) == (422, 0)
            assert said in page
            assert f'value="{call_at}"' in page or not call_at
            assert session.gig.title in page

    def test_what_waits_for_an_answer_stands_first_and_what_was_answered_below(
        self, session: Session, people: tuple[Caller, Caller, Caller]
    ) -> None:
        owner, first, _ = people
        owner.post(f"sessions/{session.public_id}/moves", {"call_at": NEW})
        for who, is_first in ((first, True), (owner, False)):
            page = who.client.get(f"/sessions/{session.public_id}/").content.decode()
            proposal, booked = page.index("Another time is proposed</h2>"), page.index("Booked until")
            assert (proposal < booked) is is_first
            assert page.count("stack-s lit") == (1 if is_first else 0)
