"""Cards in front of all or of one, slates and notes: who deals, who sees what, and what the log says afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from kit.errors import Invalid
from marketplace.gigs.cards import read_card
from marketplace.scenes import operations as scenes
from marketplace.scenes.models import CardUp, Take
from marketplace.sessions import deliveries
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
DECK = ["A letter arrives. // grief", "A knock.", "for one: You wrote it. // guilt"]


class House:
    """A pair booked to a deck of three; their callers, and the company's."""

    def __init__(self, as_someone: Callable[[Any], Caller], it_is: ItIs) -> None:
        self.session = stories.a_pair_booked()
        for n, line in enumerate(DECK, start=1):
            card = read_card(line)
            self.session.gig.prompts.create(
                position=n, text=card.text, content_note=card.content_note, for_one=card.for_one
            )
        self.seats = list(self.session.seats.select_related("performer").order_by("id"))
        self.ada, self.bo = (as_someone(seat.performer) for seat in self.seats)
        self.nora = as_someone(stories.person(stories.owner_of(self.session.company)))
        self.path = f"sessions/{self.session.public_id}"
        self.it_is = it_is
        it_is(CALL)

    def deals(self, prompt: int, seat: int | None = None) -> tuple[int, Any]:
        body: dict[str, Any] = {"prompt": prompt}
        if seat is not None:
            body["seat"] = self.seats[seat].public_id
        return self.nora.post(f"{self.path}/cards", body)

    def seen_by(self, who: Caller) -> list[tuple[int, bool]]:
        """What is up, and whether it is theirs alone."""
        rows = who.get(f"{self.path}/cards")[1]["data"]
        return [(row["prompt"], row["seat"] is not None) for row in rows if row["down_at"] is None]

    def page(self, who: Caller) -> str:
        return who.client.get(f"/sessions/{self.session.public_id}/cards/").content.decode()

    def goes_live(self) -> None:
        bodies = [stories.joined(self.session, seat.performer, CALL) for seat in self.seats]
        stories.arrives(self.session, *bodies, at=CALL)
        deliveries.follow(session=self.session, at=CALL)


@pytest.fixture
def house(as_someone: Callable[[Any], Caller], it_is: ItIs) -> House:
    return House(as_someone, it_is)


def test_the_clock_deals_until_somebody_does(house: House) -> None:
    lasts = scenes.CLOCK_DEALS
    for at, card in ((CALL, 1), (CALL + lasts - SECOND, 1), (CALL + lasts, 2), (CALL + 2 * lasts, 1)):
        house.it_is(at)
        assert house.seen_by(house.ada) == [(card, False)]  # never the secret one
    assert house.deals(2)[0] == 201
    house.it_is(CALL + 4 * lasts)
    assert house.seen_by(house.ada) == [(2, False)]


def test_a_secret_card_is_its_performers_and_the_companys(house: House) -> None:
    house.deals(1)
    assert house.deals(3)[0] == 422  # for whom?
    assert house.deals(3, seat=0)[0] == 201
    assert house.seen_by(house.ada) == [(1, False), (3, True)]
    assert house.seen_by(house.bo) == [(1, False)]
    assert house.seen_by(house.nora) == [(1, False), (3, True)]
    assert "You wrote it." in house.page(house.ada)
    assert "It may touch guilt." in house.page(house.ada)
    assert "You wrote it." not in house.page(house.bo)
    assert "You wrote it." in house.page(house.nora)


def test_the_log_says_which_card_was_up_when(house: House) -> None:
    house.it_is(CALL + MINUTE)
    house.deals(2)
    house.it_is(CALL + 3 * MINUTE)
    house.deals(1)
    house.it_is(CALL + 5 * MINUTE)
    assert house.nora.post(f"{house.path}/cards/down", {})[0] == 200
    assert house.nora.post(f"{house.path}/cards/down", {})[0] == 200
    rows = house.nora.get(f"{house.path}/cards")[1]["data"]
    assert [(row["prompt"], row["by_clock"], row["up_at"], row["down_at"]) for row in rows] == [
        (1, True, "2026-11-10T15:00:00Z", "2026-11-10T15:01:00Z"),
        (2, False, "2026-11-10T15:01:00Z", "2026-11-10T15:03:00Z"),
        (1, False, "2026-11-10T15:03:00Z", "2026-11-10T15:05:00Z"),
    ]


def test_with_the_session_all_cards_are_down(house: House) -> None:
    house.goes_live()
    house.deals(2)
    house.deals(3, seat=1)
    house.it_is(CALL + 7 * MINUTE)
    assert house.nora.post(f"{house.path}/end")[0] == 200
    rows = house.nora.get(f"{house.path}/cards")[1]["data"]
    assert {row["down_at"] for row in rows[1:]} == {"2026-11-10T15:07:00Z"}
    for refused in (house.deals(1), house.nora.post(f"{house.path}/notes", {"text": "Late."})):
        assert refused[1]["code"] == "too_late"


def test_takes_are_counted_by_scene_and_one_runs_at_a_time(house: House) -> None:
    early = house.nora.post(f"{house.path}/takes", {})
    assert (early[0], early[1]["code"]) == (409, "too_late")
    house.goes_live()
    house.deals(2)
    first = house.nora.post(f"{house.path}/takes", {})[1]
    assert (first["scene"], first["number"], first["prompt"]) == (1, 1, 2)
    assert house.nora.post(f"{house.path}/takes", {})[1]["code"] == "take_runs"
    assert "Scene 1, take 1" in house.page(house.ada)
    house.it_is(CALL + MINUTE)
    assert house.nora.post(f"{house.path}/takes/cut")[1]["cut_at"] == "2026-11-10T15:01:00Z"
    assert house.nora.post(f"{house.path}/takes/cut")[1]["code"] == "no_take"
    again = house.nora.post(f"{house.path}/takes", {"again": True})[1]
    house.nora.post(f"{house.path}/takes/cut")
    following = house.nora.post(f"{house.path}/takes", {})[1]
    assert [(take["scene"], take["number"]) for take in (again, following)] == [(1, 2), (2, 1)]
    assert [row["scene"] for row in house.ada.get(f"{house.path}/takes")[1]["data"]] == [1, 1, 2]
    assert Take.objects.filter(cut_at=None).count() == 1


def test_a_take_that_nobody_cut_ends_with_its_session(house: House) -> None:
    house.goes_live()
    assert house.nora.post(f"{house.path}/takes", {})[1]["cut_at"] is None
    house.it_is(CALL + 7 * MINUTE)
    assert house.nora.post(f"{house.path}/end")[0] == 200
    (take,) = house.ada.get(f"{house.path}/takes")[1]["data"]
    assert take["cut_at"] == "2026-11-10T15:07:00Z"
    assert "take 1" not in house.page(house.ada)


def test_notes_are_the_companys_own(house: House) -> None:
    assert house.nora.post(f"{house.path}/notes", {"text": "The pause before the door."})[0] == 201
    assert house.nora.post(f"{house.path}/notes", {"text": " "})[0] == 422
    assert [row["text"] for row in house.nora.get(f"{house.path}/notes")[1]["data"]] == [
        "The pause before the door."
    ]
    assert "The pause before the door." in house.page(house.nora)
    assert "The pause before the door." not in house.page(house.ada)
    assert house.ada.get(f"{house.path}/notes")[0] == 403


def test_nobody_else_deals_and_no_card_of_another_deck(
    house: House, as_someone: Callable[[Any], Caller]
) -> None:
    for who in (house.ada, house.bo):
        assert who.post(f"{house.path}/cards", {"prompt": 1})[0] == 404
        assert who.post(f"{house.path}/takes", {})[0] == 404
        produced = who.client.post(f"/sessions/{house.session.public_id}/cards/produce/", {"do": "slate"})
        assert produced.status_code == 404
    stranger = as_someone(stories.person(stories.owner_of(stories.a_company("B"))))
    assert stranger.post(f"{house.path}/cards", {"prompt": 1})[0] == 404
    assert house.deals(4)[0] == 404
    other = stories.a_pair_booked().seats.order_by("id")[0]
    assert house.nora.post(f"{house.path}/cards", {"prompt": 1, "seat": other.public_id})[0] == 404
    assert not CardUp.objects.exists()


def test_all_of_it_is_pressed_on_the_page(house: House) -> None:
    house.goes_live()
    produce = f"/sessions/{house.session.public_id}/cards/produce/"

    def press(**sent: str) -> str:
        answer = house.nora.client.post(produce, sent)
        assert answer.status_code == 200
        return str(answer.content.decode())

    assert "is-up" in press(do="deal", prompt="2", seat="")
    assert "Say for" not in press(do="deal", prompt="3", seat=house.seats[1].public_id)
    assert "say for whom" in press(do="deal", prompt="3", seat="")
    assert "Scene 1, take 1" in press(do="slate")
    assert "A take is running." in press(do="slate")
    assert "Once more" in press(do="cut")
    assert "take 2" in press(do="again")
    assert "Her left hand." in press(do="note", text="Her left hand.")
    assert "is-up" not in press(do="down", seat="")
    assert "Next, deal, take down" in press(do="dance")
    assert house.seen_by(house.bo) == [(3, True)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "says something"),
        ("for one:", "says something"),
        ("A knock. //", "says something"),
        ("A // b // c", "once"),
        ("x" * 301, "300"),
        ("A knock. // " + "x" * 101, "100"),
    ],
)
def test_a_line_that_is_no_card_is_refused(line: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_card(line)
    assert said in refused.value.errors[0]["detail"]


def test_a_line_may_hold_slashes_that_are_no_note() -> None:
    assert read_card("and/or").text == "and/or"
    assert read_card("See https://example.org").text == "See https://example.org"
    secret = read_card("For one: She lies.  //  jealousy ")
    assert (secret.text, secret.content_note, secret.for_one) == ("She lies.", "jealousy", True)


def test_who_gave_up_the_seat_sees_no_card_that_came_up_later(house: House) -> None:
    house.it_is(CALL - MINUTE)
    path = f"{house.path}/seats/{house.seats[1].public_id}/release"
    assert house.nora.post(path, {"reason": "One is enough."})[0] == 200
    house.it_is(CALL)
    house.deals(2)
    assert (house.seen_by(house.ada), house.seen_by(house.bo)) == ([(2, False)], [])
    assert "A knock." in house.page(house.ada)
    assert "A knock." not in house.page(house.bo)
