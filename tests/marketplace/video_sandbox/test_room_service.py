"""The stand-in's room service, asked by LiveKit's own SDK over HTTP."""

import asyncio
import json
from datetime import timedelta

import aiohttp
import jwt
import pytest
import requests
from django.conf import settings
from livekit.api import AccessToken, LiveKitAPI, ServerError, VideoGrants
from livekit.protocol import models, room

from tests import stories
from tests.livekit import LiveKit

CALL_MS = int(stories.CALL.timestamp()) * 1000


def listed(livekit: LiveKit, name: str) -> list[models.ParticipantInfo]:
    request = room.ListParticipantsRequest(room=name)
    return list(livekit.asks(lambda api: api.room.list_participants(request)).participants)


def refused(livekit: LiveKit, ask: object, **keys: str) -> tuple[int, str]:
    with pytest.raises(ServerError) as problem:
        livekit.asks(ask, **keys)  # type: ignore[arg-type]
    return problem.value.status, problem.value.code


class TestRooms:
    def test_are_made_listed_and_deleted(self, livekit: LiveKit) -> None:
        made = livekit.asks(lambda api: api.room.create_room(room.CreateRoomRequest(name="a", metadata="m")))
        assert (made.name, made.metadata, made.creation_time) == ("a", "m", CALL_MS // 1000)
        assert made.sid.startswith("RM_")
        again = livekit.asks(lambda api: api.room.create_room(room.CreateRoomRequest(name="a")))
        assert again.sid == made.sid
        livekit.joins("b", "ann")
        everything = livekit.asks(lambda api: api.room.list_rooms(room.ListRoomsRequest()))
        assert [each.name for each in everything.rooms] == ["a", "b"]
        one = livekit.asks(lambda api: api.room.list_rooms(room.ListRoomsRequest(names=["b", "c"])))
        assert [(each.name, each.num_participants) for each in one.rooms] == [("b", 1)]
        livekit.asks(lambda api: api.room.delete_room(room.DeleteRoomRequest(room="b")))
        assert listed(livekit, "b") == []
        assert livekit.told()[-2:] == ["participant_left", "room_finished"]

    def test_that_are_not_there_cannot_be_deleted(self, livekit: LiveKit) -> None:
        request = room.DeleteRoomRequest(room="nowhere")
        assert refused(livekit, lambda api: api.room.delete_room(request)) == (404, "not_found")

    def test_close_by_themselves_when_nobody_is_in_them(self, livekit: LiveKit) -> None:
        livekit.asks(lambda api: api.room.create_room(room.CreateRoomRequest(name="waits")))
        livekit.joins("left", "ann")
        livekit.leaves("left", "ann")
        livekit.control("clock", advance_s=19)
        assert len(livekit.control("rooms", method="GET")["rooms"]) == 2
        livekit.control("clock", advance_s=1)
        assert [each["name"] for each in livekit.control("rooms", method="GET")["rooms"]] == ["waits"]
        livekit.control("clock", advance_s=280)
        assert livekit.control("rooms", method="GET")["rooms"] == []

    def test_that_somebody_came_back_to_stay_open(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann")
        livekit.leaves("a", "ann")
        livekit.control("clock", advance_s=10)
        livekit.joins("a", "ann")
        livekit.control("clock", advance_s=600)
        assert livekit.inside("a") == ["ann"]


class TestParticipants:
    def test_are_shown_with_all_that_they_are(self, livekit: LiveKit) -> None:
        sid = livekit.joins("a", "ann", name="Ann", kind="EGRESS")
        (who,) = listed(livekit, "a")
        assert (who.sid, who.identity, who.name) == (sid, "ann", "Ann")
        assert (who.joined_at_ms, who.joined_at) == (CALL_MS, CALL_MS // 1000)
        assert (who.kind, who.state) == (models.ParticipantInfo.EGRESS, models.ParticipantInfo.ACTIVE)
        identity = room.RoomParticipantIdentity(room="a", identity="ann")
        assert livekit.asks(lambda api: api.room.get_participant(identity)).sid == sid

    @pytest.mark.parametrize("kind", ["STANDARD", "INGRESS", "EGRESS", "SIP", "AGENT", "CONNECTOR"])
    def test_may_be_of_every_kind(self, livekit: LiveKit, kind: str) -> None:
        livekit.joins("a", "it", kind=kind)
        assert models.ParticipantInfo.Kind.Name(listed(livekit, "a")[0].kind) == kind

    def test_of_a_room_that_is_not_there_are_none(self, livekit: LiveKit) -> None:
        assert listed(livekit, "nowhere") == []

    def test_are_removed(self, livekit: LiveKit) -> None:
        livekit.joins("a", "ann")
        identity = room.RoomParticipantIdentity(room="a", identity="ann")
        livekit.asks(lambda api: api.room.remove_participant(identity))
        assert listed(livekit, "a") == []
        assert refused(livekit, lambda api: api.room.remove_participant(identity)) == (404, "not_found")
        assert refused(livekit, lambda api: api.room.get_participant(identity)) == (404, "not_found")

    def test_who_come_twice_are_put_out_once(self, livekit: LiveKit) -> None:
        first, second = livekit.joins("a", "ann"), livekit.joins("a", "ann")
        assert first != second
        assert [who.sid for who in listed(livekit, "a")] == [second]
        assert livekit.told() == [
            "room_started",
            "participant_joined",
            "participant_left",
            "participant_joined",
        ]


class TestTokens:
    def join(self, livekit: LiveKit, token: AccessToken, status: int, room_name: str = "a") -> None:
        livekit.control(f"rooms/{room_name}/join", token=token.to_jwt(), status=status)

    def of(self, identity: str = "ann", room_name: str = "a") -> AccessToken:
        grants = VideoGrants(room_join=True, room=room_name)
        token = AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
        return token.with_identity(identity).with_grants(grants)

    def test_let_their_identity_into_their_room(self, livekit: LiveKit) -> None:
        self.join(livekit, self.of().with_kind("agent"), 200)
        assert livekit.inside("a") == ["ann"]
        assert listed(livekit, "a")[0].kind == models.ParticipantInfo.AGENT
        self.join(livekit, self.of(), 400, room_name="b")
        self.join(livekit, self.of().with_ttl(timedelta(seconds=-120)), 400)
        self.join(livekit, self.of().with_grants(VideoGrants(room="a")), 400)

    @pytest.mark.parametrize("revokes", [False, True])
    def test_outlive_a_removal_where_the_server_does_not_revoke_them(self, revokes: bool) -> None:
        with LiveKit(at=stories.CALL, revokes=revokes).answering() as livekit:
            self.join(livekit, self.of(), 200)
            identity = room.RoomParticipantIdentity(room="a", identity="ann")
            livekit.asks(lambda api: api.room.remove_participant(identity))
            self.join(livekit, self.of(), 400 if revokes else 200)

    def test_of_another_key_or_secret_prove_nothing(self, livekit: LiveKit) -> None:
        def ask(api: LiveKitAPI) -> object:
            return api.room.list_rooms(room.ListRoomsRequest())

        livekit.asks(ask)  # type: ignore[arg-type]
        assert refused(livekit, ask, key="another") == (401, "unknown")
        assert refused(livekit, ask, secret="another secret " * 3) == (401, "unknown")

    @pytest.mark.parametrize(
        ("method", "body", "grants"),
        [
            ("CreateRoom", {"name": "a"}, {"roomCreate": True}),
            ("DeleteRoom", {"room": "a"}, {"roomCreate": True}),
            ("ListRooms", {}, {"roomList": True}),
            ("ListParticipants", {"room": "a"}, {"roomAdmin": True, "room": "a"}),
            ("GetParticipant", {"room": "a", "identity": "ann"}, {"roomAdmin": True, "room": "a"}),
            ("RemoveParticipant", {"room": "a", "identity": "ann"}, {"roomAdmin": True, "room": "a"}),
            ("UpdateRoomMetadata", {"room": "a", "metadata": "m"}, {"roomAdmin": True, "room": "a"}),
        ],
    )
    def test_must_grant_what_is_asked(
        self, livekit: LiveKit, method: str, body: dict[str, str], grants: dict[str, object]
    ) -> None:
        livekit.joins("a", "ann")
        others = {"roomCreate": True, "roomList": True, "roomAdmin": True, "room": "b"}
        for given in ({}, others if "room" in grants else {**others, next(iter(grants)): False}):
            answer = self.call(livekit, method, body, given)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert self.call(livekit, method, body, grants).status_code == 200

    def call(
        self, livekit: LiveKit, method: str, body: dict[str, str], grants: dict[str, object]
    ) -> requests.Response:
        claims = {"iss": settings.LIVEKIT_API_KEY, "exp": 9_999_999_999, "video": grants}
        token = jwt.encode(claims, settings.LIVEKIT_API_SECRET, algorithm="HS256")
        return requests.post(
            f"{livekit.url}/twirp/livekit.RoomService/{method}",
            data=json.dumps(body),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            timeout=5,
        )


class TestFaults:
    @pytest.mark.parametrize(
        ("do", "answer"),
        [
            ("internal", (500, "internal")),
            ("unavailable", (503, "unavailable")),
            ("resource_exhausted", (429, "resource_exhausted")),
            ("proxy_404", (404, "unknown")),
        ],
    )
    def test_are_answered_once(self, livekit: LiveKit, do: str, answer: tuple[int, str]) -> None:
        livekit.control("faults", on="ListRooms", do=do)
        request = room.ListRoomsRequest()
        assert refused(livekit, lambda api: api.room.list_rooms(request)) == answer
        livekit.asks(lambda api: api.room.list_rooms(request))

    @pytest.mark.parametrize(("do", "done"), [("drop_before", False), ("drop_after", True)])
    def test_break_the_line_before_it_is_done_or_after(self, livekit: LiveKit, do: str, done: bool) -> None:
        livekit.control("faults", on="CreateRoom", do=do)
        with pytest.raises(aiohttp.ClientError):
            livekit.asks(lambda api: api.room.create_room(room.CreateRoomRequest(name="a")))
        assert bool(livekit.control("rooms", method="GET")["rooms"]) is done

    def test_keep_one_waiting(self, livekit: LiveKit) -> None:
        livekit.control("faults", on="*", do="slow", wait_s=0.5)

        async def ask(api: LiveKitAPI) -> None:
            await asyncio.wait_for(api.room.list_rooms(room.ListRoomsRequest()), 0.1)

        with pytest.raises(TimeoutError):
            livekit.asks(ask)

    def test_are_refused_when_nobody_knows_them(self, livekit: LiveKit) -> None:
        assert "must be one of" in livekit.control("faults", on="*", do="burn", status=400)["error"]
        livekit.control("nothing", status=404)
