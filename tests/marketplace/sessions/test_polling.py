"""LiveKit is asked who is in each open room: often enough, all of them, and never taken to say what it did not say."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import jwt
import psycopg
import pytest
import redis
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from marketplace.presence.evidence import Left, Poll
from marketplace.sessions import calling_off, deliveries, livekit, polling, room, video_rooms
from marketplace.sessions.models import PresenceDelivery, RoomToReckon, Seat, Session, VideoRoom
from marketplace.video_sandbox import door, server
from marketplace.video_sandbox.wire import Reply, Request
from tests import stories
from tests.livekit import LiveKit, delivered

pytestmark = pytest.mark.django_db
CALL = stories.CALL
ItIs = Callable[[datetime], None]


class House:
    """A house with a LiveKit, a session in it, and a clock for both."""

    def __init__(self, livekit: LiveKit, it_is: ItIs) -> None:
        self.livekit, self._it_is = livekit, it_is
        self.session = stories.a_pair_booked()
        seats = self.session.seats.select_related("performer__user").order_by("id")
        self.first, self.second = (seat.performer for seat in seats)
        self.at(seconds=0)

    def at(self, **length: float) -> datetime:
        """It is so long after the call."""
        self.now = CALL + timedelta(**length)
        self._it_is(self.now)
        self.livekit.it_is(self.now)
        return self.now

    def polls(self) -> int:
        """The poller has its tick; for how many rooms it had an answer."""
        return polling.sweep(at=self.now)

    def hears(self) -> None:
        """What LiveKit has to tell arrives."""
        delivered(self.livekit.webhooks())

    def joins(self, **more: Any) -> str:
        return self.livekit.joins(self.session.room, self.first.public_id, **more)

    def leaves(self, **more: Any) -> None:
        self.livekit.leaves(self.session.room, self.first.public_id, **more)

    def seen(self) -> list[Poll]:
        """What the polls of the session's room say."""
        return [event for event in deliveries.evidence_of(self.session) if isinstance(event, Poll)]

    def row(self) -> VideoRoom:
        return VideoRoom.objects.get(session=self.session)


@pytest.fixture
def house(it_is: ItIs, settings: Settings) -> Iterator[House]:
    with LiveKit(at=CALL).answering() as livekit:
        settings.LIVEKIT_URL = livekit.url
        yield House(livekit, it_is)


def raw_polls() -> list[dict[str, Any]]:
    rows = PresenceDelivery.objects.filter(kind=PresenceDelivery.Kind.POLL).order_by("id")
    return [json.loads(bytes(row.body)) for row in rows]


class TestAPoll:
    def test_says_who_is_there_and_rings_for_the_room(self, house: House) -> None:
        sid = house.joins()
        house.at(seconds=30)
        assert house.polls() == 1
        (poll,) = house.seen()
        assert poll == Poll(house.session.room, int(house.now.timestamp()), ((sid, house.first.public_id),))
        assert RoomToReckon.objects.get().room == house.session.room
        (raw,) = raw_polls()
        assert raw["participants"][0]["joinedAtMs"] == str(int(CALL.timestamp()) * 1000)

    def test_of_a_room_that_nobody_opened_is_empty(self, house: House) -> None:
        assert house.polls() == 1
        assert [poll.participants for poll in house.seen()] == [()]

    def test_keeps_what_is_no_person_and_makes_no_presence_of_it(self, house: House) -> None:
        house.livekit.joins(house.session.room, "EG_1", kind="EGRESS")
        house.livekit.joins(house.session.room, house.second.public_id, kind="AGENT")
        house.polls()
        assert [poll.participants for poll in house.seen()] == [()]
        assert {who["kind"] for who in raw_polls()[0]["participants"]} == {"EGRESS", "AGENT"}
        house.hears()
        assert deliveries.follow(session=house.session, at=house.now).state == "booked"

    def test_lists_only_who_has_arrived(self, house: House) -> None:
        house.joins(state="JOINING")
        house.polls()
        assert [poll.participants for poll in house.seen()] == [()]

    def test_and_webhooks_together_are_the_best_proof(self, house: House) -> None:
        house.joins()
        house.livekit.joins(house.session.room, house.second.public_id)
        for minute in range(0, 91, 5):
            house.at(minutes=minute)
            house.polls()
        house.leaves()
        house.hears()
        lines = stories.time_passes(house.session, at=CALL + timedelta(hours=3))
        # The second's word of leaving is still to come: the last poll shows them.
        assert [(line.grade, line.worked_s, line.inferred) for line in lines] == [
            ("A", 5400, False),
            ("C", 5400, True),
        ]


class TestNoAnswer:
    @pytest.mark.parametrize(
        "fault",
        [
            {"do": "internal"},
            {"do": "unavailable"},
            {"do": "proxy_404"},
            {"do": "bad_route"},
            {"do": "unauthenticated"},
            {"do": "drop_before"},
            {"do": "drop_after"},
            {"do": "slow", "wait_s": 0.6},
        ],
    )
    def test_is_no_poll_and_is_asked_again(
        self, house: House, monkeypatch: pytest.MonkeyPatch, fault: dict[str, Any]
    ) -> None:
        monkeypatch.setattr(livekit, "PATIENCE_S", 0.2)
        house.joins()
        house.livekit.control("faults", on="ListParticipants", **fault)
        assert house.polls() == 0
        assert house.seen() == []
        row = house.row()
        assert (row.tries, row.failing_since is not None, bool(row.failure)) == (1, True, True)
        house.at(seconds=9)
        assert house.polls() == 0
        house.at(seconds=11)
        assert house.polls() == 1
        assert len(house.seen()[0].participants) == 1
        row = house.row()
        assert (row.tries, row.failing_since, row.failure) == (0, None, "")

    def test_of_a_livekit_that_is_away_ends_the_tick(self, house: House, settings: Settings) -> None:
        settings.LIVEKIT_URL = "http://127.0.0.1:9"
        assert house.polls() == 0
        assert "no connection" in house.row().failure

    def test_that_it_has_no_such_room_is_an_answer(self, house: House) -> None:
        house.livekit.control("faults", on="ListParticipants", do="not_found")
        assert house.polls() == 1
        assert [poll.participants for poll in house.seen()] == [()]

    def test_never_waits_longer_than_a_minute(self, house: House) -> None:
        house.livekit.control("faults", on="*", do="internal", times=None)
        for minute in range(12):
            house.at(seconds=61 * minute)
            house.polls()
        row = house.row()
        assert row.tries == 12
        assert row.due_at <= house.now + timedelta(seconds=61)


class TestWhen:
    def test_from_the_doors_to_the_end(self, house: House) -> None:
        house.at(minutes=-31)
        assert house.polls() == 0
        house.at(minutes=-30)
        assert house.polls() == 1
        house.at(minutes=1)
        house.joins()
        house.hears()
        house.session = deliveries.follow(session=house.session, at=house.now)
        assert house.polls() == 1
        house.at(minutes=2)
        room.end(session=house.session, by=stories.owner_of(house.session.company), at=house.now)
        before = len(house.seen())
        house.polls()
        assert len(house.seen()) == before

    def test_every_half_minute(self, house: House) -> None:
        asked = []
        for second in range(0, 300, 5):
            house.at(seconds=second)
            if house.polls():
                asked.append(second)
        assert {later - earlier for earlier, later in pairwise(asked)} <= {25, 30}

    def test_a_tick_that_comes_early_finds_them(self, house: House) -> None:
        for second in (0.4, 30.1, 59.9, 90.2):
            house.at(seconds=second)
            assert house.polls() == 1

    def test_never_without_a_livekit(self, house: House, settings: Settings) -> None:
        settings.LIVEKIT_URL = ""
        assert house.polls() == 0
        assert not VideoRoom.objects.exists()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "BATCH", 2)


@pytest.mark.usefixtures("few")
class TestMany:
    def test_rooms_are_all_looked_into_whatever_fails(self, house: House) -> None:
        for _ in range(2 * polling.BATCH):
            stories.a_pair_booked(house.session.company)
        house.livekit.control("faults", on="ListParticipants", do="internal", times=None, probability=0.5)
        for tick in range(8):
            house.at(seconds=30 * tick)
            house.polls()
        asked = {row.session_id: row.polled_at for row in VideoRoom.objects.all()}
        assert len(asked) == 2 * polling.BATCH + 1
        assert None not in asked.values()

    def test_rooms_due_longest_come_first(self, house: House) -> None:
        later = stories.a_pair_booked(house.session.company)
        house.polls()
        VideoRoom.objects.filter(session=later).update(due_at=house.now)
        VideoRoom.objects.filter(session=house.session).update(due_at=house.now - timedelta(seconds=1))
        assert [row.session for row in video_rooms.claim(at=house.now, at_most=1)] == [house.session]
        assert [row.session for row in video_rooms.claim(at=house.now, at_most=1)] == [later]
        assert video_rooms.claim(at=house.now, at_most=1) == []

    def test_where_one_fails_each_time_the_others_lack_nothing(self, house: House) -> None:
        for _ in range(polling.BATCH):
            stories.a_pair_booked(house.session.company)
        house.polls()
        VideoRoom.objects.filter(session=house.session).update(due_at=house.now)
        house.at(seconds=30)
        house.livekit.control("faults", on="ListParticipants", do="internal", times=1)
        assert house.polls() == polling.BATCH
        assert VideoRoom.objects.filter(polled_at__gte=house.now).count() == polling.BATCH


class TestAtOnce:
    def test_where_word_was_lost_all_are_looked_into(self, house: House) -> None:
        house.polls()
        house.livekit.control("webhooks", drop=1)
        house.joins()
        house.livekit.control("webhooks", drop=0)
        house.livekit.joins("lobby", "someone")
        house.at(seconds=6)
        assert house.polls() == 0
        house.hears()
        assert house.polls() == 1
        assert house.seen()[-1].participants[0][1] == house.first.public_id

    @pytest.mark.parametrize(
        ("reason", "polls"),
        [
            ("MIGRATION", 1),
            ("SIGNAL_CLOSE", 1),
            ("CONNECTION_TIMEOUT", 1),
            ("SERVER_SHUTDOWN", 1),
            ("MEDIA_FAILURE", 1),
            ("CLIENT_INITIATED", 0),
            ("DUPLICATE_IDENTITY", 0),
            ("JOIN_FAILURE", 0),
        ],
    )
    def test_where_a_machine_failed(self, house: House, reason: str, polls: int) -> None:
        house.joins()
        house.polls()
        house.at(seconds=6)
        house.leaves(reason=reason)
        house.hears()
        assert house.polls() == polls

    def test_but_not_more_than_once_in_five_seconds(self, house: House) -> None:
        house.polls()
        house.at(seconds=1)
        for _ in range(10):
            house.joins()
            house.leaves(reason="SIGNAL_CLOSE")
        house.hears()
        assert house.polls() == 0
        # A sweep takes a moment itself, and so long after it the five seconds are over.
        house.at(seconds=6)
        assert house.polls() == 1

    def test_a_worker_is_rung_for(
        self, broker_url: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            video_rooms.wake()
        with redis.Redis.from_url(broker_url) as broker:
            assert json.loads(broker.lrange("webhooks", 0, -1)[0])["headers"]["task"] == "presence.poll"

    def test_what_is_heard_during_a_look_is_looked_at_after_it(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.polls()
        house.at(seconds=30)
        (row,) = video_rooms.claim(at=house.now, at_most=9)
        video_rooms.look_at_once(VideoRoom.objects.all(), at=house.now)
        video_rooms.was_seen([row], at=house.now)
        assert house.row().due_at == house.now


class TestWhoIsShownToBeThere:
    def shown(self, house: House) -> list[str]:
        return sorted(room.silent_s(session=house.session, at=house.now))

    def test_is_who_joined_until_they_left(self, house: House) -> None:
        house.joins()
        house.hears()
        assert self.shown(house) == [house.first.public_id]
        house.at(seconds=10)
        house.leaves()
        house.hears()
        assert self.shown(house) == []

    def test_is_nobody_whom_a_poll_no_longer_finds(self, house: House) -> None:
        """Word of their leaving is lost."""
        house.joins()
        house.hears()
        house.at(seconds=10)
        house.leaves()
        house.livekit.webhooks()
        assert self.shown(house) == [house.first.public_id]
        house.at(seconds=30)
        house.polls()
        assert self.shown(house) == []

    def test_is_whoever_a_poll_finds_though_word_of_their_coming_was_lost(self, house: House) -> None:
        house.joins()
        house.livekit.webhooks()
        assert self.shown(house) == []
        house.at(seconds=30)
        house.polls()
        assert self.shown(house) == [house.first.public_id]
        house.leaves()
        house.hears()
        assert self.shown(house) == []


class TestNobodyWhoMayNotBeThere:
    @pytest.mark.parametrize("by", ["company", "performer"])
    def test_is_left_in_the_room_when_their_seat_is_called_off_before_the_call(
        self, house: House, by: str
    ) -> None:
        house.at(minutes=-20)
        house.joins()
        house.livekit.joins(house.session.room, house.second.public_id)
        house.polls()
        us, me = stories.owner_of(house.session.company), stories.acting(house.first)
        seat = house.session.seats.get(performer=house.first)
        house.at(minutes=-20, seconds=6)
        if by == "company":
            calling_off.release_seat(seat=seat, reason="A solo.", by=us, at=house.now)
        else:
            calling_off.cancel_session(session=house.session, reason="I am ill.", by=me, at=house.now)
        assert house.row().due_at == house.now
        house.polls()
        assert house.livekit.inside(house.session.room) == [house.second.public_id]

    def test_stays_or_comes_back(self, house: House) -> None:
        entrance = room.enter(session=house.session, by=stories.acting(house.first), at=house.now)
        house.livekit.control(f"rooms/{house.session.room}/join", token=entrance.token)
        house.livekit.joins(house.session.room, house.second.public_id)
        house.hears()
        house.polls()
        Seat.objects.filter(performer=house.first).update(released_at=house.now)
        house.at(seconds=30)
        house.polls()
        assert house.livekit.inside(house.session.room) == [house.second.public_id]
        # Their token still opens a LiveKit that does not revoke.
        house.at(seconds=36)
        house.livekit.control(f"rooms/{house.session.room}/join", token=entrance.token)
        house.hears()
        house.polls()
        assert house.livekit.inside(house.session.room) == [house.second.public_id]
        with pytest.raises(room.DoorsClosed):
            room.enter(session=house.session, by=stories.acting(house.first), at=house.now)


class TestClosing:
    def live(self, house: House) -> str:
        """Both are in the room and play; the token of one."""
        entrance = room.enter(session=house.session, by=stories.acting(house.first), at=house.now)
        house.livekit.control(f"rooms/{house.session.room}/join", token=entrance.token)
        house.livekit.joins(house.session.room, house.second.public_id)
        house.hears()
        house.session = deliveries.follow(session=house.session, at=house.now)
        house.polls()
        house.at(minutes=10)
        return entrance.token

    def ends(self, house: House) -> None:
        room.end(session=house.session, by=stories.owner_of(house.session.company), at=house.now)

    def stops(self, house: House) -> None:
        room.stop(session=house.session, reason="", by=stories.acting(house.first), at=house.now)

    def nobody_came(self, house: House) -> None:
        owner = stories.owner_of(house.session.company)
        house.at(minutes=20)
        room.nobody_came(session=house.session, by=owner, at=house.now)

    @pytest.mark.parametrize("how", [ends, stops, nobody_came])
    def test_puts_everyone_out_at_once(
        self,
        house: House,
        how: Callable[[Any, House], None],
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        self.live(house)
        with django_capture_on_commit_callbacks() as rings:
            how(self, house)
        assert len(rings) == 1
        assert house.row().closing_since == house.now
        assert len(house.livekit.inside(house.session.room)) == 2
        assert house.polls() == 1
        assert house.livekit.inside(house.session.room) == []
        house.hears()
        reasons = [event.reason for event in deliveries.evidence_of(house.session) if isinstance(event, Left)]
        assert reasons == ["ROOM_DELETED", "ROOM_DELETED"]

    def test_is_tried_until_it_is_done(self, house: House) -> None:
        self.live(house)
        house.livekit.control("faults", on="DeleteRoom", do="internal", times=3)
        self.stops(house)
        tried = []
        for second in range(0, 180, 15):
            house.at(minutes=10, seconds=second)
            house.polls()
            tried.append(house.row().tries)
            if not house.livekit.inside(house.session.room):
                break
        assert max(tried) == 3 == VideoRoom.FAILS_FROM_TRIES
        assert house.livekit.inside(house.session.room) == []
        assert house.row().failure == ""

    def test_a_lost_answer_is_not_taken_for_a_failure_for_ever(self, house: House) -> None:
        self.live(house)
        house.livekit.control("faults", on="DeleteRoom", do="drop_after")
        self.stops(house)
        assert house.polls() == 0
        house.at(minutes=11)
        assert house.polls() == 1
        assert house.row().tries == 0

    def test_holds_against_every_token_that_was_given(self, house: House) -> None:
        token = self.live(house)
        self.stops(house)
        house.polls()
        house.at(minutes=12)
        house.livekit.control(f"rooms/{house.session.room}/join", token=token)
        house.hears()
        house.polls()
        assert house.livekit.inside(house.session.room) == []
        for minute in range(13, 25):
            house.at(minutes=minute)
            house.polls()
        assert not VideoRoom.objects.exists()

    def test_leaves_no_token_that_lasts_longer_than_the_watch(self, house: House) -> None:
        claims = jwt.decode(self.live(house), options={"verify_signature": False})
        assert claims["exp"] - claims["nbf"] == video_rooms.TOKEN_LASTS.total_seconds()
        assert video_rooms.CLOSED_FOR_GOOD > video_rooms.TOKEN_LASTS

    def test_follows_a_session_that_was_called_off(self, house: House) -> None:
        house.at(minutes=-20)
        house.joins()
        house.polls()
        owner = stories.owner_of(house.session.company)
        calling_off.cancel_session(session=house.session, reason="No studio.", by=owner, at=house.now)
        house.at(minutes=-19)
        house.polls()
        assert house.livekit.inside(house.session.room) == []

    def test_is_none_where_there_is_no_livekit(self, house: House, settings: Settings) -> None:
        self.live(house)
        VideoRoom.objects.all().delete()
        settings.LIVEKIT_URL = ""
        self.ends(house)
        assert not VideoRoom.objects.exists()


def test_no_call_is_made_within_a_transaction(
    committed_db: None, it_is: ItIs, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked from the other side: while LiveKit answers, no connection of this database is in a transaction."""
    address, open_ones, answer = connection.get_connection_params(), [], door.handle
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    )

    def watched(sandbox: Any, request: Request) -> Reply:
        keys = ("host", "port", "user", "password", "dbname")
        with psycopg.connect(**{key: address[key] for key in keys if address.get(key)}) as other:
            open_ones.extend(other.execute(query).fetchall())
        return answer(sandbox, request)

    monkeypatch.setattr(server, "handle", watched)
    with LiveKit(at=CALL).answering() as livekit:
        settings.LIVEKIT_URL = livekit.url
        house = House(livekit, it_is)
        house.joins()
        house.polls()
        Session.objects.update(state="safety_stopped")
        house.at(seconds=30)
        house.polls()
    assert open_ones == [(0,), (0,)]
