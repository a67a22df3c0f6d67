"""Pages of one room meet: who is here is told to all of them, and what one has for another comes in order, once."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from marketplace.sessions import deliveries
from marketplace.sessions.models import Mark, Session
from marketplace.video import operations as video
from marketplace.video.models import ConnectionMinute, Peer, Signal
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import CALL

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
ADAS, BOS, THEIRS = "a" * 24, "b" * 24, "c" * 24
SECOND = timedelta(seconds=1)
Word = ConnectionMinute.Word


@pytest.fixture(autouse=True)
def _at_the_call(it_is: ItIs) -> None:
    it_is(CALL)


@pytest.fixture
def session() -> Session:
    return stories.a_pair_booked()


@pytest.fixture
def people(session: Session, as_someone: Callable[[Any], Caller]) -> tuple[Caller, Caller, Caller]:
    """Both performers, and the company's owner."""
    seats = session.seats.select_related("performer").order_by("id")
    ada, bo = (as_someone(seat.performer) for seat in seats)
    return ada, bo, as_someone(stories.person(stories.owner_of(session.company)))


def meets(who: Caller, session: Session, page: str, **also: Any) -> tuple[int, dict[str, Any]]:
    return who.post(f"sessions/{session.public_id}/peers", {"page": page} | also)


def tells(to: str, *words: str) -> list[dict[str, Any]]:
    return [{"to": to, "body": {"said": word}} for word in words]


def test_everyone_sees_everyone_and_nobody_watches_unseen(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    ada, bo, owner = people
    assert meets(ada, session, ADAS)[1]["peers"] == []
    first = meets(bo, session, BOS)[1]
    meets(owner, session, THEIRS)
    again = meets(ada, session, ADAS)[1]
    assert [(peer["page"], peer["is_company"]) for peer in again["peers"]] == [(BOS, False), (THEIRS, True)]
    assert again["peers"][1]["name"] == session.company.name
    # Of two, the one that came last gives way; both reckon the same.
    assert first["rank"] > again["rank"] == first["peers"][0]["rank"]


def test_what_one_has_for_another_comes_in_order_and_is_gone_once_it_was_read(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    ada, bo, _ = people
    meets(ada, session, ADAS), meets(bo, session, BOS)
    meets(ada, session, ADAS, signals=tells(BOS, "offer", "candidate"))
    got = meets(bo, session, BOS)[1]["signals"]
    assert [(each["sender"], each["body"]["said"]) for each in got] == [(ADAS, "offer"), (ADAS, "candidate")]
    # An answer that was lost on its way is given again; what was read is not.
    assert meets(bo, session, BOS)[1]["signals"] == got
    assert meets(bo, session, BOS, seen=got[0]["id"])[1]["signals"] == got[1:]
    assert meets(bo, session, BOS, seen=got[1]["id"])[1]["signals"] == []
    assert Signal.objects.count() == 0
    assert meets(ada, session, ADAS)[1]["signals"] == []
    # For a page that is nowhere it is dropped.
    assert meets(ada, session, ADAS, signals=tells("d" * 24, "offer"))[0] == 200
    assert Signal.objects.count() == 0


def test_the_page_opened_last_is_where_one_is(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    ada, bo, _ = people
    meets(ada, session, ADAS), meets(bo, session, BOS)
    meets(ada, session, "e" * 24)
    assert [peer["page"] for peer in meets(bo, session, BOS)[1]["peers"]] == ["e" * 24]
    refused = meets(ada, session, ADAS)
    assert (refused[0], refused[1]["code"]) == (409, "page_replaced")


def test_who_left_or_fell_silent_is_no_longer_seen(
    session: Session, people: tuple[Caller, Caller, Caller], it_is: ItIs
) -> None:
    ada, bo, owner = people
    meets(ada, session, ADAS), meets(bo, session, BOS), meets(owner, session, THEIRS)
    assert meets(bo, session, BOS, leaves=True)[0] == 204
    assert meets(bo, session, BOS, leaves=True)[0] == 204
    assert [peer["page"] for peer in meets(ada, session, ADAS)[1]["peers"]] == [THEIRS]
    it_is(CALL + video.GONE_AFTER - SECOND)
    assert len(meets(ada, session, ADAS)[1]["peers"]) == 1
    it_is(CALL + video.GONE_AFTER)
    assert meets(ada, session, ADAS)[1]["peers"] == []
    assert len(meets(owner, session, THEIRS)[1]["peers"]) == 1


def test_strangers_and_shut_doors(
    session: Session, people: tuple[Caller, Caller, Caller], as_someone: Callable[[Any], Caller], it_is: ItIs
) -> None:
    ada, *_ = people
    for stranger in (stories.a_performer(), stories.person(stories.owner_of(stories.a_company("B")))):
        assert meets(as_someone(stranger), session, BOS)[0] == 404
    it_is(CALL - timedelta(minutes=30, seconds=1))
    assert meets(ada, session, ADAS)[1]["code"] == "doors_closed"
    assert not Peer.objects.exists()
    assert not Mark.objects.exists()  # a page that polls says nothing about who came
    it_is(CALL - timedelta(minutes=30))
    assert meets(ada, session, ADAS)[0] == 200


def test_another_persons_page_is_not_ones_own(
    session: Session, people: tuple[Caller, Caller, Caller]
) -> None:
    ada, bo, _ = people
    meets(ada, session, ADAS, signals=[]), meets(bo, session, BOS, signals=tells(ADAS, "offer"))
    refused = meets(bo, session, ADAS)
    assert (refused[0], refused[1]["code"]) == (409, "page_replaced")
    meets(bo, session, ADAS, leaves=True)
    assert [each["body"]["said"] for each in meets(ada, session, ADAS)[1]["signals"]] == ["offer"]


def test_who_reads_nothing_is_not_buried(session: Session, people: tuple[Caller, Caller, Caller]) -> None:
    ada, bo, owner = people
    meets(ada, session, ADAS), meets(bo, session, BOS), meets(owner, session, THEIRS)
    for _ in range(4):
        assert meets(ada, session, ADAS, signals=tells(BOS, *["x"] * 60))[0] == 200
    assert Signal.objects.count() == video.AT_MOST
    meets(owner, session, THEIRS, signals=tells(BOS, "offer"))
    got = meets(bo, session, BOS)[1]["signals"]
    assert len(got) == video.AT_MOST
    assert [each["sender"] for each in meets(bo, session, BOS, seen=got[-1]["id"])[1]["signals"]] == [THEIRS]
    meets(ada, session, ADAS, signals=tells(BOS, "again"))
    assert meets(bo, session, BOS)[1]["signals"][-1]["body"] == {"said": "again"}


def test_whose_seat_is_released_is_seen_by_nobody_at_once(
    session: Session, people: tuple[Caller, Caller, Caller], it_is: ItIs
) -> None:
    ada, bo, owner = people
    it_is(CALL - timedelta(minutes=10))
    meets(bo, session, BOS), meets(ada, session, ADAS)
    assert [peer["page"] for peer in meets(ada, session, ADAS)[1]["peers"]] == [BOS]
    seat = session.seats.order_by("id")[1]
    path = f"sessions/{session.public_id}/seats/{seat.public_id}/release"
    assert owner.post(path, {"reason": "One is enough."})[0] == 200
    told = meets(ada, session, ADAS, signals=tells(BOS, "offer"))[1]
    assert (told["peers"], Signal.objects.count()) == ([], 0)
    assert meets(bo, session, BOS)[1]["code"] == "doors_closed"


@pytest.mark.parametrize(
    "sent",
    [
        {"page": "not hex"},
        {"page": "a" * 33},
        {"page": ADAS, "seen": -1},
        {"page": ADAS, "signals": [{"to": BOS, "body": {"sdp": "x" * 20_001}}]},
        {"page": ADAS, "signals": [{"to": BOS, "body": "text"}]},
        {"page": ADAS, "signals": tells(BOS, *["x"] * 61)},
    ],
)
def test_what_no_page_sends_is_refused(
    session: Session, people: tuple[Caller, Caller, Caller], sent: dict[str, Any]
) -> None:
    ada, bo, _ = people
    meets(bo, session, BOS)
    assert ada.post(f"sessions/{session.public_id}/peers", sent)[0] == 422
    assert not Signal.objects.exists()


class TestWhoCannotBeReached:
    def test_is_a_hold_of_the_house_until_they_can(
        self, session: Session, people: tuple[Caller, Caller, Caller], it_is: ItIs
    ) -> None:
        ada, bo, _ = people
        self.is_live(session)
        meets(ada, session, ADAS), meets(bo, session, BOS)
        meets(ada, session, ADAS, cut_off=True)
        meets(bo, session, BOS, cut_off=True)
        hold = Mark.objects.get()
        assert (hold.kind, hold.seat, hold.started_at, hold.ended_at) == ("hold_platform", None, CALL, None)
        it_is(CALL + 9 * SECOND)
        meets(ada, session, ADAS, cut_off=False)
        assert Mark.objects.get().ended_at is None  # the other still says so
        meets(bo, session, BOS, cut_off=False)
        assert Mark.objects.get().ended_at == CALL + 9 * SECOND
        session.refresh_from_db()
        assert session.state == "live"

    def test_and_who_goes_meanwhile_holds_up_nothing(
        self, session: Session, people: tuple[Caller, Caller, Caller], it_is: ItIs
    ) -> None:
        ada, bo, _ = people
        self.is_live(session)
        meets(ada, session, ADAS), meets(bo, session, BOS, cut_off=True)
        it_is(CALL + 5 * SECOND)
        meets(bo, session, BOS, leaves=True)
        assert Mark.objects.get().ended_at == CALL + 5 * SECOND

    def test_and_nobody_is_cut_off_from_an_empty_room(
        self, session: Session, people: tuple[Caller, Caller, Caller], it_is: ItIs
    ) -> None:
        ada, bo, _ = people
        self.is_live(session)
        meets(ada, session, ADAS, cut_off=True)
        assert not Mark.objects.exists()
        meets(bo, session, BOS, cut_off=True)
        it_is(CALL + 5 * SECOND)
        meets(bo, session, BOS, leaves=True)
        meets(ada, session, ADAS, cut_off=True)
        assert Mark.objects.get().ended_at == CALL + 5 * SECOND

    def test_a_hold_that_somebody_else_called_is_theirs_to_end(
        self, session: Session, people: tuple[Caller, Caller, Caller]
    ) -> None:
        ada, _, owner = people
        self.is_live(session)
        assert owner.post(f"sessions/{session.public_id}/marks", {"kind": "hold_company"})[0] == 201
        meets(ada, session, ADAS, cut_off=True)
        meets(ada, session, ADAS, cut_off=False)
        hold = Mark.objects.get()
        assert (hold.kind, hold.ended_at) == ("hold_company", None)

    def is_live(self, session: Session) -> None:
        seats = session.seats.select_related("performer")
        bodies = [stories.joined(session, seat.performer, session.call_at) for seat in seats]
        stories.arrives(session, *bodies, at=CALL)
        deliveries.follow(session=session, at=CALL)


def test_servers_come_with_credentials_that_expire(
    session: Session, people: tuple[Caller, Caller, Caller], settings: Settings
) -> None:
    ada, *_ = people
    assert meets(ada, session, ADAS)[1]["servers"] == []
    settings.STUN_URLS = ["stun:stun.example:3478"]
    settings.TURN_URLS, settings.TURN_SECRET = ["turn:turn.example:3478"], "a secret of thirty-two characters"
    stun, turn = meets(ada, session, ADAS)[1]["servers"]
    assert stun == {"urls": ["stun:stun.example:3478"], "username": "", "credential": ""}
    expires, _, identity = turn["username"].partition(":")
    assert int(expires) == int((CALL + timedelta(hours=6)).timestamp())
    assert identity == session.seats.order_by("id")[0].performer.public_id
    mac = hmac.new(settings.TURN_SECRET.encode(), turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(mac).decode()


def test_pages_long_gone_are_forgotten(session: Session, people: tuple[Caller, Caller, Caller]) -> None:
    ada, bo, _ = people
    meets(ada, session, ADAS), meets(bo, session, BOS, signals=tells(ADAS, "offer"))
    video.forget(at=CALL + video.KEPT - SECOND)
    assert Peer.objects.count() == 2
    video.forget(at=CALL + video.KEPT)
    assert (Peer.objects.count(), Signal.objects.count()) == (0, 0)


class TestHowGoodAConnectionWas:
    def test_is_kept_at_its_worst_minute_by_minute(
        self, session: Session, people: tuple[Caller, Caller, Caller], it_is: ItIs
    ) -> None:
        ada, _, owner = people
        for seconds, word, lost, trip in ((0, "good", 1, 40), (20, "bad", 90, 35), (40, "weak", 2, 350)):
            it_is(CALL + timedelta(seconds=seconds))
            read = {"word": word, "lost_permille": lost, "round_trip_ms": trip}
            assert meets(ada, session, ADAS, connection=read)[0] == 200
        it_is(CALL + timedelta(seconds=60))
        good = {"word": "good", "lost_permille": 0, "round_trip_ms": 41}
        assert meets(ada, session, ADAS, connection=good)[0] == 200
        assert meets(owner, session, THEIRS, connection=good)[0] == 200
        kept = ConnectionMinute.objects.order_by("minute").values_list(
            "word", "lost_permille", "round_trip_ms"
        )
        assert list(kept) == [(Word.BAD, 90, 350), (Word.GOOD, 0, 41)], "and nothing of the company's"

    @pytest.mark.parametrize(
        ("wrong", "where"),
        [
            ({"word": "fine"}, "word"),
            ({"lost_permille": 1001}, "lost_permille"),
            ({"round_trip_ms": -1}, "round_trip_ms"),
        ],
    )
    def test_is_refused_where_it_cannot_be(
        self, session: Session, people: tuple[Caller, Caller, Caller], wrong: dict[str, Any], where: str
    ) -> None:
        read = {"word": "good", "lost_permille": 1000, "round_trip_ms": 60_000}
        assert meets(people[0], session, ADAS, connection=read)[0] == 200
        status, said = meets(people[0], session, ADAS, connection=read | wrong)
        assert (status, said["errors"][0]["field"]) == (422, f"connection.{where}")

    def test_stands_beside_the_other_evidence_of_a_line(
        self, session: Session, people: tuple[Caller, Caller, Caller]
    ) -> None:
        seat = session.seats.order_by("id")[0]
        (line,) = [each for each in stories.they_play(session) if each.seat_id == seat.pk]
        for ahead, word in ((0, Word.GOOD), (1, Word.BAD), (2, Word.BAD), (5, Word.BAD)):
            minute = CALL + timedelta(minutes=ahead)
            ConnectionMinute.objects.create(
                seat=seat, minute=minute, word=word, lost_permille=95 + ahead, round_trip_ms=40
            )
        stories.everyone_confirms()
        for who in people[::2]:
            page = who.client.get(f"/week/line/{line.public_id}/evidence/").content.decode()
            told = [" ".join(text.split()) for text in re.findall(r"<li>((?:Good|Bad), .*?)</li>", page)]
            assert [text.split(" <")[0] for text in told] == [
                "Good, 10:00",
                "Bad, 10:01 to 10:02",
                "Bad, 10:05",
            ]
            assert "9.7 % lost, 40 ms there and back" in told[1]
