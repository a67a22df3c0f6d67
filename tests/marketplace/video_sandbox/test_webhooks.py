"""What the stand-in tells: as LiveKit writes and signs it, and with the faults of real networks."""

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from django.conf import settings
from livekit.api import TokenVerifier, WebhookReceiver
from livekit.protocol import room

from tests import stories
from tests.livekit import LiveKit, Sent

CALL_S = int(stories.CALL.timestamp())


def read(sent: list[Sent]) -> list[Any]:
    """Each as LiveKit's own receiver reads it, its signature checked."""
    receiver = WebhookReceiver(TokenVerifier(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET))
    return [receiver.receive(body.decode(), headers["Authorization"]) for headers, body in sent]


def raw(sent: list[Sent]) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body in sent]


class TestForm:
    def test_is_protobuf_json(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann")
        livekit.leaves("a", "ann", reason="CONNECTION_TIMEOUT")
        started, joined, left = raw(livekit.webhooks())
        assert started["room"]["sid"].startswith("RM_")
        assert "participant" not in started
        assert joined["createdAt"] == str(CALL_S)
        who = joined["participant"]
        assert (who["joinedAt"], who["joinedAtMs"]) == (str(CALL_S), str(CALL_S * 1000))
        # What is zero is left out.
        assert not {"kind", "disconnectReason"} & who.keys()
        assert "numDropped" not in joined
        assert left["participant"]["disconnectReason"] == "CONNECTION_TIMEOUT"
        assert left["id"] != joined["id"]
        assert left["id"].startswith("EV_")

    def test_is_signed_as_livekit_signs(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann", kind="AGENT")
        sent = livekit.webhooks()
        assert [event.event for event in read(sent)] == ["room_started", "participant_joined"]
        assert sent[0][0]["Content-Type"] == "application/webhook+json"
        with pytest.raises(Exception, match="hash mismatch"):
            read([(sent[0][0], sent[1][1])])

    def test_an_aborted_connection_is_told(self, livekit: LiveKit) -> None:
        livekit.control("rooms/a/abort", identity="ann")
        assert livekit.told() == ["room_started", "participant_connection_aborted"]
        assert livekit.inside("a") == []


class TestLoss:
    def test_is_counted_in_the_next(self, livekit: LiveKit) -> None:
        livekit.control("webhooks", drop=1)
        livekit.joins("a", "ann")
        assert livekit.webhooks() == []
        livekit.control("webhooks", drop=0)
        livekit.joins("a", "bob")
        livekit.joins("a", "cid")
        assert [event.num_dropped for event in read(livekit.webhooks())] == [2, 0]

    def test_may_be_silent(self, livekit: LiveKit) -> None:
        livekit.control("webhooks", drop=1, counted=False)
        livekit.joins("a", "ann")
        livekit.control("webhooks", drop=0)
        livekit.joins("a", "bob")
        assert [event.num_dropped for event in read(livekit.webhooks())] == [0]

    def test_comes_after_five_tries(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann")
        tries = 0
        for wait_s in (0, 1, 2, 4, 8, 16):
            livekit.control("clock", advance_s=wait_s)
            tries += len(livekit.webhooks(status=500))
        assert tries == 10
        livekit.joins("a", "bob")
        assert [event.num_dropped for event in read(livekit.webhooks())] == [2]

    def test_one_that_is_not_taken_comes_again(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann")
        first = raw(livekit.webhooks(status=503))
        assert livekit.webhooks() == []
        livekit.control("clock", advance_s=1)
        assert [event["id"] for event in raw(livekit.webhooks())] == [event["id"] for event in first]


class TestOrder:
    def test_may_be_any_and_some_come_twice(self, livekit: LiveKit) -> None:
        livekit.control("webhooks", duplicate=0.5, reorder=0.5)
        for number in range(20):
            livekit.joins("a", f"p{number}")
        livekit.control("clock", advance_s=30)
        ids = [event["id"] for event in raw(livekit.webhooks())]
        assert len(set(ids)) == 21 < len(ids)
        told = [event["id"] for event in livekit.control("webhooks", method="GET")["told"]]
        assert list(dict.fromkeys(ids)) != told

    def test_may_be_late(self, livekit: LiveKit) -> None:
        livekit.control("webhooks", delay_s=60)
        livekit.joins("a", "ann")
        livekit.control("clock", advance_s=59)
        assert livekit.webhooks() == []
        livekit.control("clock", advance_s=1)
        assert [event["createdAt"] for event in raw(livekit.webhooks())] == [str(CALL_S)] * 2

    def test_is_the_same_for_the_same_seed(self) -> None:
        def play(seed: int) -> list[dict[str, Any]]:
            livekit = LiveKit(at=stories.CALL, seed=seed)
            livekit.control("webhooks", duplicate=0.3, reorder=0.3, drop=0.2)
            for number in range(10):
                livekit.joins("a", f"p{number}")
            livekit.control("clock", advance_s=60)
            return raw(livekit.webhooks())

        assert play(7) == play(7) != play(8)


class TestMachines:
    def test_a_clock_that_is_wrong_shows_in_what_is_told(self, livekit: LiveKit) -> None:
        livekit.control("nodes/ND_1", skew_s=90)
        livekit.control("nodes/ND_2", skew_s=-90)
        livekit.joins("a", "ann", node="ND_1")
        livekit.joins("b", "bob", node="ND_2")
        seen = [int(event["createdAt"]) - CALL_S for event in raw(livekit.webhooks())]
        assert seen == [90, 90, -90, -90]

    def test_a_node_that_dies_says_nothing_and_its_people_come_back_as_others(self, livekit: LiveKit) -> None:
        before = livekit.joins("a", "ann", node="ND_1")
        livekit.joins("b", "bob", node="ND_2")
        (was,) = {event["room"]["sid"] for event in raw(livekit.webhooks()) if event["room"]["name"] == "a"}
        livekit.control("nodes/ND_1/restart", rejoin=True)
        started, joined = raw(livekit.webhooks())
        assert (started["event"], joined["event"]) == ("room_started", "participant_joined")
        assert started["room"]["sid"] != was
        assert joined["participant"]["sid"] != before
        assert livekit.inside("b") == ["bob"]

    def test_a_node_that_shuts_down_says_so(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann", node="ND_1")
        livekit.webhooks()
        livekit.control("nodes/ND_1/restart", gracefully=True)
        left, finished = raw(livekit.webhooks())
        assert left["participant"]["disconnectReason"] == "SERVER_SHUTDOWN"
        assert finished["event"] == "room_finished"

    def test_a_room_moves_to_the_other_node(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann", node="ND_1")
        livekit.control("rooms/a/migrate", to="ND_2")
        (moved,) = livekit.control("rooms", method="GET")["rooms"]
        assert (moved["node"], livekit.inside("a")) == ("ND_2", ["ann"])
        assert "MIGRATION" in str(livekit.control("webhooks", method="GET")["told"])

    def test_a_room_is_said_to_have_finished_with_people_in_it(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann")
        livekit.control("rooms/a/finish")
        assert livekit.told()[-1] == "room_finished"
        assert livekit.inside("a") == ["ann"]

    @pytest.mark.parametrize("notice_after_s", [20, None])
    def test_a_line_that_is_cut_is_noticed_late_or_never(
        self, livekit: LiveKit, notice_after_s: int | None
    ) -> None:
        livekit.joins("a", "ann")
        livekit.control("rooms/a/drop", identity="ann", notice_after_s=notice_after_s)
        assert livekit.inside("a") == ["ann"]
        livekit.control("clock", advance_s=20)
        assert livekit.inside("a") == ([] if notice_after_s else ["ann"])
        assert ("participant_left" in livekit.told()) is bool(notice_after_s)

    def test_someone_goes_and_nobody_is_told(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann", silent=True)
        livekit.leaves("a", "ann", silent=True)
        assert livekit.told() == ["room_started"]


class Listener(BaseHTTPRequestHandler):
    heard: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.mark.slow
def test_as_a_process_it_answers_and_posts_over_http() -> None:
    listener = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    hook = f"http://127.0.0.1:{listener.server_port}/hook"
    words = [sys.executable, "manage.py", "livekit_sandbox", "--port", "0", "--webhook", hook]
    keys = {"LIVEKIT_API_KEY": settings.LIVEKIT_API_KEY, "LIVEKIT_API_SECRET": settings.LIVEKIT_API_SECRET}
    told = {**os.environ, **keys}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=told) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        livekit = LiveKit(at=stories.CALL)
        livekit.url = said.split()[-1]
        livekit.asks(lambda api: api.room.create_room(room.CreateRoomRequest(name="a")))
        deadline = time.monotonic() + 15
        while not Listener.heard and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    listener.shutdown()
    listener.server_close()
    assert [json.loads(body)["event"] for body in Listener.heard] == ["room_started"]


def test_without_a_secret_it_does_not_start() -> None:
    told = {**os.environ, "LIVEKIT_API_SECRET": ""}
    words = [sys.executable, "-m", "marketplace.video_sandbox", "--port", "0"]
    done = subprocess.run(words, capture_output=True, text=True, env=told, check=False)
    assert (done.returncode, done.stderr) == (2, "LIVEKIT_API_SECRET must hold the secret of the key.\n")
