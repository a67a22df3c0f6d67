"""LiveKit's webhooks: proved by their signature, stored before they are acknowledged."""

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from livekit.api import AccessToken

from marketplace.sessions import deliveries
from marketplace.sessions.models import PresenceDelivery, RoomToReckon, Session
from marketplace.timekeeping import reckoning
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]
AT = stories.CALL


def signature(
    body: bytes, *, key: str = settings.LIVEKIT_API_KEY, secret: str = settings.LIVEKIT_API_SECRET
) -> str:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return str(AccessToken(key, secret).with_sha256(digest).to_jwt())


def send(body: bytes, token: str) -> int:
    answer = Client().post(
        "/webhooks/livekit", body, content_type="application/webhook+json", headers={"Authorization": token}
    )
    return answer.status_code


@pytest.fixture
def body() -> bytes:
    session = stories.a_pair_booked()
    performer = session.seats.select_related("performer")[0].performer
    return json.dumps(stories.joined(session, performer, AT)).encode()


class TestWebhook:
    def test_is_stored_as_it_came_and_rings_for_its_room(self, body: bytes) -> None:
        assert send(body, signature(body)) == 200
        stored = PresenceDelivery.objects.get()
        assert (bytes(stored.body), stored.room) == (body, Session.objects.get().room)
        assert RoomToReckon.objects.get().room == stored.room

    @pytest.mark.parametrize(
        "token",
        [
            "",
            "Bearer nonsense",
            "a.b.c",
            signature(b"another body"),
        ],
    )
    def test_stores_nothing_that_is_not_proved(self, body: bytes, token: str) -> None:
        assert send(body, token) == 401
        assert send(body, signature(body, secret="another secret " * 3)) == 401
        assert send(body, signature(body, key="another key")) == 401
        assert not PresenceDelivery.objects.exists()
        assert not RoomToReckon.objects.exists()

    @pytest.mark.parametrize(
        ("algorithm", "ends_in_s", "status"),
        [("HS256", 300, 200), ("none", 300, 401), ("HS384", 300, 401), ("HS256", -300, 401)],
    )
    def test_takes_one_algorithm_and_its_time(
        self, body: bytes, algorithm: str, ends_in_s: int, status: int
    ) -> None:
        claims = jwt.decode(signature(body), options={"verify_signature": False})
        claims |= {"nbf": int(time.time()) - 600, "exp": int(time.time()) + ends_in_s}
        secret = "" if algorithm == "none" else str(settings.LIVEKIT_API_SECRET)
        assert send(body, jwt.encode(claims, secret, algorithm=algorithm)) == status

    @pytest.mark.parametrize(
        "foreign",
        [
            b'{"event":"room_finished","room":{"name":"lobby"},"id":"1"}',
            b'{"event":"egress_started"}',
            b"[]",
            b"{",
        ],
    )
    def test_acknowledges_what_is_of_no_room_of_ours(self, foreign: bytes) -> None:
        assert send(foreign, signature(foreign)) == 200
        assert not PresenceDelivery.objects.exists()

    def test_refuses_bytes_that_are_no_text(self) -> None:
        assert send(b"\xff\xfe", signature(b"\xff\xfe")) == 401

    def test_is_only_posted(self) -> None:
        assert Client().get("/webhooks/livekit").status_code == 405


class TestDoorbell:
    def test_a_ring_during_the_work_is_not_forgotten(self) -> None:
        deliveries.ring(["ses_a"], at=AT)
        claimed = deliveries.claim_room(at=AT + timedelta(minutes=1))
        assert claimed is not None
        deliveries.ring(["ses_a"], at=AT + timedelta(minutes=1))
        deliveries.done_with(claimed, at=AT + timedelta(minutes=1))
        again = deliveries.claim_room(at=AT + timedelta(minutes=2))
        assert again is not None
        deliveries.done_with(again, at=AT + timedelta(minutes=2))
        assert not RoomToReckon.objects.exists()

    def test_steady_news_do_not_put_it_off_for_ever(self) -> None:
        for second in range(60):
            deliveries.ring(["ses_a"], at=AT + timedelta(seconds=second))
        assert RoomToReckon.objects.get().due_at == AT + deliveries.SETTLE

    def test_waits_for_the_burst_to_end(self) -> None:
        deliveries.ring(["ses_a"], at=AT)
        assert deliveries.claim_room(at=AT) is None


class TestPartitions:
    def test_are_made_ahead_once_and_hold_their_day(self, body: bytes) -> None:
        at = datetime(2031, 3, 1, 23, 59, tzinfo=UTC)
        assert deliveries.ensure_partitions(at=at) == 8
        assert deliveries.ensure_partitions(at=at) == 0
        deliveries.receive(room="ses_a", kind=PresenceDelivery.Kind.POLL, body=b"{}", at=at)
        (where,) = _partitions()
        assert where == "marketplace_presencedelivery_20310301"

    def test_a_day_that_has_rows_already_stays_where_it_is(self) -> None:
        at = datetime(2031, 3, 1, tzinfo=UTC)
        deliveries.receive(room="ses_a", kind=PresenceDelivery.Kind.POLL, body=b"{}", at=at)
        assert deliveries.ensure_partitions(at=at, days=1) == 1
        assert _partitions() == ["marketplace_presencedelivery_rest"]

    def test_of_days_that_are_kept_no_longer_go_whole_and_no_younger_one(self) -> None:
        """Also not where a house plays a day far ahead: the database goes by its own clock."""
        old, young = datetime(2018, 3, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
        for at in (old, young):
            deliveries.ensure_partitions(at=at, days=1)
            deliveries.receive(room="ses_a", kind=PresenceDelivery.Kind.POLL, body=b"{}", at=at)
        before = old - timedelta(days=30)
        deliveries.receive(room="ses_a", kind=PresenceDelivery.Kind.POLL, body=b"{}", at=before)
        assert deliveries.drop_days(at=old + deliveries.KEPT_FOR) == 0, "the day itself is kept to its end"
        assert PresenceDelivery.objects.count() == 2, "a day without a partition goes as well"
        for far in (AT, AT + timedelta(days=36_500)):
            dropped = deliveries.drop_days(at=far)
            assert dropped == (2 if far == AT else 0)
            assert _partitions() == ["marketplace_presencedelivery_20250301"]

    def test_what_was_read_from_days_that_are_gone_stands(self) -> None:
        session = stories.a_pair_booked()
        lines = stories.they_play(session)
        PresenceDelivery.objects.all().delete()
        late = session.call_at + deliveries.KEPT_FOR
        for at, changed in ((late + timedelta(days=1), 0), (late, len(lines))):
            assert len(reckoning.reckon_session(session=session, by=deliveries.SYSTEM, at=at)) == changed

    def test_of_other_days_are_not_opened_for_a_session(self) -> None:
        session = stories.a_pair_booked()
        for ahead in range(-5, 3):
            deliveries.ensure_partitions(at=AT + timedelta(days=ahead), days=0)
        opened = set(
            re.findall(
                r" on (marketplace_presencedelivery_(?:\d+|rest))\b", deliveries.arrived(session).explain()
            )
        )
        days = {f"marketplace_presencedelivery_{AT + timedelta(days=ahead):%Y%m%d}" for ahead in range(-1, 3)}
        assert opened == days | {"marketplace_presencedelivery_rest"}


class TestFollow:
    def test_a_room_tried_out_early_does_not_end_the_session(self) -> None:
        session = stories.a_pair_booked()
        performer = session.seats.select_related("performer")[0].performer
        early = AT - timedelta(minutes=20)
        gone = early + timedelta(minutes=5)
        events = [
            stories.joined(session, performer, early),
            stories.left(session, performer, gone),
            stories.finished(session, gone),
        ]
        stories.arrives(session, *events, at=gone)
        assert deliveries.follow(session=session, at=AT - timedelta(minutes=1)).state == "check_in"
        session.refresh_from_db()
        assert deliveries.follow(session=session, at=AT + timedelta(minutes=1)).state == "live"

    def test_a_room_that_all_fell_out_of_waits_for_them(self) -> None:
        session = stories.a_pair_booked()
        performer = session.seats.select_related("performer")[0].performer
        fell = AT + timedelta(minutes=10)
        events = [stories.joined(session, performer, AT), stories.finished(session, fell)]
        stories.arrives(session, *events, at=fell)
        assert deliveries.follow(session=session, at=fell + timedelta(seconds=119)).state == "live"
        back = stories.joined(session, performer, fell + timedelta(seconds=90), sid="PA_back")
        stories.arrives(session, back, at=fell + timedelta(seconds=120))
        session.refresh_from_db()
        assert deliveries.follow(session=session, at=fell + timedelta(minutes=5)).state == "live"

    def test_a_session_to_which_nobody_came_is_a_no_show(self) -> None:
        session = stories.a_pair_booked()
        over = session.scheduled_end_at + timedelta(minutes=15)
        assert deliveries.follow(session=session, at=over - timedelta(seconds=1)).state == "booked"
        assert deliveries.follow(session=session, at=over).state == "performer_no_show"
        lines = stories.time_passes(session, at=over)
        assert [line.payable_s for line in lines] == [0, 0]

    def test_a_room_that_finishes_leaves_the_session_open_to_its_end(
        self, as_someone: AsSomeone, it_is: ItIs
    ) -> None:
        session = stories.a_pair_booked()
        first, second = (seat.performer for seat in session.seats.select_related("performer").order_by("id"))
        fell = AT + timedelta(minutes=10)
        stories.arrives(session, stories.joined(session, first, AT), stories.finished(session, fell), at=fell)
        stories.the_sweep_runs(at=fell + timedelta(hours=1))
        it_is(fell + timedelta(hours=1))
        told = as_someone(second).post(f"sessions/{session.public_id}/presence", {"event": "joined"})
        assert (told[0], as_someone(second).get(f"sessions/{session.public_id}")[1]["state"]) == (200, "live")

    def test_a_room_that_cannot_be_reckoned_keeps_its_own_time_and_starves_nobody(self) -> None:
        session = stories.a_pair_booked()
        over = session.scheduled_end_at + timedelta(minutes=15)
        assert deliveries.ring_overdue(at=over - timedelta(seconds=1)) == 0
        assert deliveries.ring_overdue(at=over) == 1
        claimed = deliveries.claim_room(at=over)
        assert claimed is not None
        assert claimed.tries == 1
        # It was not done: the calendar does not make it due at once again.
        assert deliveries.ring_overdue(at=over) == 0
        assert deliveries.claim_room(at=over) is None

    def test_a_lost_room_finished_strands_nobodys_pay(self) -> None:
        session = stories.a_pair_booked()
        bodies: list[dict[str, Any]] = []
        for seat in session.seats.select_related("performer"):
            bodies += [
                stories.joined(session, seat.performer, AT),
                stories.left(session, seat.performer, session.scheduled_end_at),
            ]
        over = session.scheduled_end_at + timedelta(minutes=15)
        stories.arrives(session, *bodies, at=session.scheduled_end_at)
        RoomToReckon.objects.all().delete()
        assert deliveries.ring_overdue(at=over) == 1
        assert stories.the_sweep_runs(at=over + deliveries.SETTLE) == 1
        assert list(TimeLine.objects.values_list("worked_s", flat=True)) == [5400, 5400]


def _partitions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM marketplace_presencedelivery")
        return [row[0] for row in cursor.fetchall()]
