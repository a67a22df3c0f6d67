"""The way in, held to the protocol's own words (tus 1.0.0): what is acknowledged is on the disk, and goes on from there."""

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from marketplace.media import receiving, store
from marketplace.media.models import Recording, Segment
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.media.conftest import Room, checksum

pytestmark = pytest.mark.django_db
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def recording(room: Room) -> str:
    return room.records()


@pytest.fixture
def address(room: Room, recording: str) -> str:
    return str(room.opens(room.ada, recording)["Location"])


def segment() -> Segment:
    return Segment.objects.get()


def head(room: Room, address: str) -> Any:
    return room.ada.client.head(address, headers=TUS)


def code(answer: Any) -> str:
    return str(answer.json()["code"])


class TestTheProtocol:
    def test_tells_what_it_speaks(self, room: Room, address: str) -> None:
        answer = room.ada.client.options(address)
        assert answer.status_code == 204
        assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
        extensions = set(answer["Tus-Extension"].split(","))
        assert extensions == {"creation", "creation-defer-length", "checksum", "expiration", "termination"}
        assert "sha1" in answer["Tus-Checksum-Algorithm"].split(",")
        assert int(answer["Tus-Max-Size"]) > 0

    def test_wants_its_own_version(self, room: Room, address: str) -> None:
        for told in ({}, {"Tus-Resumable": "0.2.2"}):
            answer = room.ada.client.head(address, headers=told)
            assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
        assert head(room, address).status_code == 200

    def test_creates_with_a_length_or_with_one_to_come(self, room: Room, recording: str) -> None:
        later = room.opens(room.ada, recording, key="a" * 32)
        told = room.opens(room.ada, recording, key="b" * 32, **{"Upload-Length": "12"})
        for answer in (later, told):
            assert (answer.status_code, answer["Tus-Resumable"]) == (201, "1.0.0")
            assert "GMT" in answer["Upload-Expires"]
        first, second = head(room, later["Location"]), head(room, told["Location"])
        assert (first["Upload-Offset"], first["Upload-Defer-Length"]) == ("0", "1")
        assert "Upload-Length" not in first
        assert (second["Upload-Offset"], second["Upload-Length"], second["Cache-Control"]) == (
            "0",
            "12",
            "no-store",
        )

    @pytest.mark.parametrize(
        "wrong",
        [
            {"X-Nothing": "1"},
            {"Upload-Defer-Length": "2"},
            {"Upload-Defer-Length": "1", "Upload-Length": "5"},
            {"Upload-Length": "-5"},
            {"Upload-Length": "five"},
            {"Upload-Defer-Length": "1", "Upload-Metadata": "key not-base64!"},
            {"Upload-Defer-Length": "1", "Upload-Metadata": ""},
        ],
    )
    def test_refuses_a_creation_that_is_none(self, room: Room, recording: str, wrong: dict[str, str]) -> None:
        assert 400 <= room.opens(room.ada, recording, **wrong).status_code < 500
        assert not Segment.objects.exists()

    def test_takes_a_device_whose_clock_is_wrong_by_years(self, room: Room, recording: str) -> None:
        """A laptop whose battery was empty: what it is behind is measured."""
        assert room.opens(room.ada, recording, started_ms="1000000").status_code == 201
        assert segment().device_started_ms == 1_000_000

    def test_appends_where_it_stands_and_nowhere_else(self, room: Room, address: str) -> None:
        answer = room.sends(room.ada, address, 0, b"Say yes, ")
        assert (answer.status_code, answer["Upload-Offset"]) == (204, "9")
        for offset in (0, 5, 10):
            assert room.sends(room.ada, address, offset, b"x").status_code == 409
        assert room.sends(room.ada, address, 9, b"and.")["Upload-Offset"] == "13"
        assert store.original(segment()).read_bytes() == b"Say yes, and."
        assert head(room, address)["Upload-Offset"] == "13"

    def test_wants_bytes_as_bytes(self, room: Room, address: str) -> None:
        told = TUS | {"Upload-Offset": "0"}
        answer = room.ada.client.patch(address, b"x", content_type="application/json", headers=told)
        assert answer.status_code == 415
        assert room.sends(room.ada, address, 0, b"x").status_code == 204

    def test_has_arrived_once_the_length_is_told_and_there(self, room: Room, address: str) -> None:
        room.sends(room.ada, address, 0, b"Say yes, ")
        assert segment().state == "arriving"
        room.sends(room.ada, address, 9, b"and.", **{"Upload-Length": "13"})
        assert segment().state == "arrived"
        assert head(room, address)["Upload-Length"] == "13"
        # Told once more, as a client does that never heard the answer.
        assert room.sends(room.ada, address, 13, b"")["Upload-Offset"] == "13"
        assert room.sends(room.ada, address, 13, b"x").status_code == 409

    def test_takes_a_length_that_is_told_with_nothing_more(self, room: Room, address: str) -> None:
        room.sends(room.ada, address, 0, b"Say yes.")
        assert room.sends(room.ada, address, 8, b"", **{"Upload-Length": "8"}).status_code == 204
        assert segment().state == "arrived"

    def test_takes_no_second_length_and_no_more_than_was_told(self, room: Room, address: str) -> None:
        room.sends(room.ada, address, 0, b"Say", **{"Upload-Length": "8"})
        assert room.sends(room.ada, address, 3, b" yes", **{"Upload-Length": "9"}).status_code == 422
        assert room.sends(room.ada, address, 3, b" yes, and").status_code == 413
        assert room.sends(room.ada, address, 3, b" yes.").status_code == 204

    @pytest.mark.parametrize("name", ["sha1", "sha256"])
    def test_keeps_nothing_that_changed_on_its_way(self, room: Room, address: str, name: str) -> None:
        wrong = room.sends(
            room.ada, address, 0, b"Say no.", **{"Upload-Checksum": checksum(b"Say yes.", name)}
        )
        assert wrong.status_code == 460
        assert head(room, address)["Upload-Offset"] == "0"
        for said in ("md5 AAAA", "sha256 !", name):
            assert (
                400 <= room.sends(room.ada, address, 0, b"x", **{"Upload-Checksum": said}).status_code < 500
            )
        right = room.sends(
            room.ada, address, 0, b"Say yes.", **{"Upload-Checksum": checksum(b"Say yes.", name)}
        )
        assert right.status_code == 204

    def test_lets_go_of_what_is_terminated(self, room: Room, address: str) -> None:
        room.sends(room.ada, address, 0, b"Say yes.")
        assert room.ada.client.delete(address, headers=TUS).status_code == 204
        assert head(room, address).status_code == 410
        assert room.sends(room.ada, address, 8, b"x").status_code == 410
        assert segment().state == "lost"

    def test_lets_a_method_be_said_in_a_header(self, room: Room, address: str) -> None:
        told = TUS | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
        answer = room.ada.client.post(
            address, b"Say yes.", content_type="application/offset+octet-stream", headers=told
        )
        assert (answer.status_code, answer["Upload-Offset"]) == (204, "8")
        assert room.ada.client.post(address, headers=TUS).status_code == 405

    def test_waits_so_long_and_then_takes_what_there_is(self, room: Room, recording: str) -> None:
        begun, empty = (room.opens(room.ada, recording, key=key * 32)["Location"] for key in "ab")
        room.sends(room.ada, begun, 0, b"Say yes.")
        room.passes(days=14)
        for address in (begun, empty):
            assert head(room, address).status_code == 410
            assert room.sends(room.ada, address, 8, b"x").status_code in (403, 410)
        receiving.expire(at=room.now)
        states = Segment.objects.order_by("id").values_list("state", "is_cut", "length")
        assert list(states) == [("arrived", True, 8), ("lost", False, None)]


class TestWhatIsKept:
    def test_opened_twice_under_one_key_is_once(self, room: Room, recording: str) -> None:
        first, again = (room.opens(room.ada, recording)["Location"] for _ in range(2))
        assert first == again
        other = room.opens(room.ada, recording, key="z" * 32)["Location"]
        assert other != first
        assert list(Segment.objects.order_by("id").values_list("number", flat=True)) == [1, 2]

    def test_the_disk_says_where_it_goes_on_and_not_the_row(self, room: Room, address: str) -> None:
        """A process that was killed between the disk and the row has told nobody."""
        room.sends(room.ada, address, 0, b"Say yes, ")
        with store.original(segment()).open("ab") as file:
            file.write(b"an")
        assert head(room, address)["Upload-Offset"] == "11"
        assert room.sends(room.ada, address, 9, b"and.").status_code == 409
        assert room.sends(room.ada, address, 11, b"d.")["Upload-Offset"] == "13"
        assert store.original(segment()).read_bytes() == b"Say yes, and."

    def test_is_synced_before_it_is_acknowledged(
        self, room: Room, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        synced: list[int] = []
        real = os.fsync

        def sync(descriptor: int) -> None:
            real(descriptor)
            synced.append(os.fstat(descriptor).st_size)

        monkeypatch.setattr(os, "fsync", sync)
        room.sends(room.ada, address, 0, b"Say yes.")
        assert synced == [8]

    def test_brackets_among_the_bytes_are_only_bytes(self, room: Room, address: str) -> None:
        assert room.sends(room.ada, address, 0, b"[" * 5_000).status_code == 204

    def test_no_device_sends_more_than_its_time_could_hold(
        self, room: Room, recording: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(receiving, "MOST_BYTES_A_SECOND", 1)  # 60 bytes: a minute of grace
        first, second = (room.opens(room.ada, recording, key=key * 32)["Location"] for key in "ab")
        assert room.sends(room.ada, first, 0, b"x" * 40).status_code == 204
        assert room.sends(room.ada, second, 0, b"x" * 40).status_code == 413
        assert room.sends(room.ada, second, 0, b"x" * 20).status_code == 204


class TestWhoMay:
    def test_only_whose_seat_it_is(self, room: Room, recording: str, address: str) -> None:
        for who in (room.bo, room.nora):
            assert who.client.head(address, headers=TUS).status_code in (403, 404)
            assert room.sends(who, address, 0, b"x").status_code in (403, 404)
            assert who.client.delete(address, headers=TUS).status_code in (403, 404)
        assert room.opens(room.nora, recording).status_code == 403
        stranger = browser(stories.a_performer().user)
        assert stranger.post(f"/{room.path}/uploads/", headers=TUS).status_code == 404
        assert room.sends(room.ada, address, 0, b"x").status_code == 204

    def test_nobody_without_a_grant(self, room: Room, recording: str, address: str) -> None:
        room.withdraws(room.ada)
        assert code(room.sends(room.ada, address, 0, b"x")) == "grant_withdrawn"
        assert code(room.opens(room.ada, recording, key="z" * 32)) == "grant_withdrawn"
        assert Segment.objects.count() == 1

    def test_nothing_of_another_sessions_recording(self, room: Room) -> None:
        other = stories.a_pair_booked(grants=["evaluation"])
        found = Recording.objects.create(session=other, started_at=room.now, started_by="x")
        assert room.opens(room.ada, found.public_id).status_code == 404
        assert room.opens(room.ada, "rec_nothing").status_code in (404, 422)

    @pytest.mark.parametrize("told", [{"filetype": "text/html"}, {"started": "soon"}, {"key": "../../x"}])
    def test_nothing_but_recordings(self, room: Room, recording: str, told: dict[str, str]) -> None:
        right = {
            "recording": recording,
            "key": "k" * 32,
            "filetype": "video/mp4",
            "started": str(int(room.now.timestamp() * 1000)),
        }
        assert room.opens(room.ada, recording, **_metadata(right | told)).status_code == 422
        assert room.opens(room.ada, recording, **_metadata(right)).status_code == 201

    def test_what_was_kept_on_the_device_comes_days_later(self, room: Room, recording: str) -> None:
        room.nora.post(f"{room.path}/recording/stop")
        began = room.now
        room.passes(days=3)
        later = {"recording": recording, "key": "k" * 32, "filetype": "video/webm"}
        told = later | {"started": str(int(began.timestamp() * 1000))}
        assert room.opens(room.ada, recording, **_metadata(told)).status_code == 201
        room.passes(days=12)
        late = room.opens(room.ada, recording, **_metadata(told | {"key": "z" * 32}))
        assert code(late) == "not_recording"


def _metadata(told: dict[str, str]) -> dict[str, str]:
    pairs = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
    return {"Upload-Metadata": pairs, "Upload-Defer-Length": "1"}


def test_the_folder_is_the_houses_alone(room: Room, address: str) -> None:
    file = store.original(segment())
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert oct(Path(file.parent).stat().st_mode)[-3:] == "700"
    assert timedelta(days=14) == receiving.WAITED_FOR
