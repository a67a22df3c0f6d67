"""What arrived is checked, made to play, laid on the house's clock, and shown to those who may see it while it is granted."""

import hashlib
import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest

from marketplace.media import arriving, ranges, store
from marketplace.media.models import Segment
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.media.conftest import Room, a_recording

pytestmark = pytest.mark.django_db


@pytest.fixture
def recording(room: Room) -> str:
    return room.records()


def checked(segment: Segment, room: Room) -> Segment:
    arriving.check_arrived(at=room.now)
    segment.refresh_from_db()
    return segment


def listed(room: Room, who: Any = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (who or room.ada).get(f"{room.path}/segments")[1]["data"]
    return rows


def of_who(segment: Segment) -> str:
    return str(segment.seat.public_id)


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_what_browsers_record_is_made_to_play_with_its_hashes(
    room: Room, recording: str, kind: str, tmp_path: Path
) -> None:
    body = a_recording(tmp_path / "x", kind=kind)
    segment = checked(room.arrives(room.ada, recording, body, kind=kind), room)
    assert (segment.state, segment.sha256) == ("checked", hashlib.sha256(body).hexdigest())
    assert segment.playable_sha256 == store.sha256_of(store.playable(segment))
    assert abs((segment.duration_ms or 0) - 2_000) < 60
    assert [track["kind"] for track in segment.tracks] == ["video", "audio"]
    assert segment.tracks[0] | {"codec": ""} == {"kind": "video", "codec": "", "width": 160, "height": 90}
    with av.open(str(store.playable(segment))) as made:
        assert abs((made.duration or 0) / 1e6 - 2) < 0.1  # what sliced WebM has not
        made.seek(1_100_000)  # to the picture before it from which one can go on
        frame = next(made.decode(video=0))
        assert abs((frame.time or 0) - 1) < 0.1
    row = listed(room)[0]
    assert (row["sha256"], row["duration_ms"], row["is_granted"]) == (
        segment.sha256,
        segment.duration_ms,
        True,
    )


def test_a_lost_tail_costs_the_tail(room: Room, recording: str, tmp_path: Path) -> None:
    for n, kind in enumerate(("mp4", "webm")):
        body = a_recording(tmp_path / "x", kind=kind, seconds=4)
        cut = body[: len(body) * 3 // 4]
        segment = checked(room.arrives(room.ada, recording, cut, key=str(n) * 32, kind=kind), room)
        assert segment.state == "checked"
        assert 1_500 < (segment.duration_ms or 0) < 4_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\0" * 5_000,
    ],
)
def test_what_is_no_recording_is_refused_with_a_sentence(room: Room, recording: str, body: bytes) -> None:
    for n, kind in enumerate(("mp4", "webm")):
        if not body:
            continue
        segment = checked(room.arrives(room.ada, recording, body, key=str(n) * 32, kind=kind), room)
        assert (segment.state, segment.refusal) == ("refused", "It cannot be read as a recording.")
        assert not store.playable(segment).exists()
    page = room.ada.client.get(f"/{room.path}/recordings/").content.decode()
    assert ("It cannot be read as a recording." in page) is bool(body)


def test_one_that_kills_who_looks_at_it_is_given_up(room: Room, recording: str, tmp_path: Path) -> None:
    segment = room.arrives(room.ada, recording, a_recording(tmp_path / "x", kind="mp4"))
    for n in range(arriving.MOST_CHECKS):
        claimed = arriving._claim(at=room.now + n * arriving.LEASE)
        assert claimed is not None  # and nothing more is heard of it
        assert arriving.check_arrived(at=room.now + n * arriving.LEASE) == 0
    room.passes(hours=1)
    assert checked(segment, room).state == "refused"


class TestTheClock:
    """Where each device's clock stands differs; what it was measured to be off by lays all on one."""

    def begins(self, room: Room, segment: Segment, who: Any, readings: Sequence[tuple[int, int]]) -> int:
        for n, (ahead_ms, trip_ms) in enumerate(readings):
            sent = {"device_ms": 1_000 + n, "ahead_ms": ahead_ms, "round_trip_ms": trip_ms}
            assert who.post(f"segments/{segment.public_id}/clock", sent)[0] == 201
        found = checked(segment, room).offset_ms
        assert found is not None
        return found

    def test_what_came_back_soonest_says_most(self, room: Room, recording: str, tmp_path: Path) -> None:
        body = a_recording(tmp_path / "x", kind="mp4")
        segment = room.arrives(room.ada, recording, body)
        slow = [(9_000, 4_000), (7_000, 2_000)]
        quick = [(500, 12), (498, 10), (502, 14), (501, 11), (499, 13)]
        assert self.begins(room, segment, room.ada, [*slow, *quick, (8_000, 3_000)]) == 500

    def test_without_a_reading_the_device_is_believed(
        self, room: Room, recording: str, tmp_path: Path
    ) -> None:
        segment = room.arrives(room.ada, recording, a_recording(tmp_path / "x", kind="mp4"))
        assert self.begins(room, segment, room.ada, []) == 0

    def test_nobody_reads_anothers(self, room: Room, recording: str) -> None:
        room.opens(room.ada, recording)
        path = f"segments/{Segment.objects.get().public_id}/clock"
        sent = {"device_ms": 1, "ahead_ms": 1, "round_trip_ms": 1}
        assert room.bo.post(path, sent)[0] == 404
        assert room.nora.post(path, sent)[0] == 403
        assert room.ada.post(path, sent)[0] == 201


class TestPlaying:
    @pytest.fixture
    def segment(self, room: Room, recording: str, tmp_path: Path) -> Segment:
        return checked(
            room.arrives(room.ada, recording, a_recording(tmp_path / "x", kind="webm"), kind="webm"), room
        )

    def test_for_the_company_and_whose_own_it_is_by_an_address_of_minutes(
        self, room: Room, segment: Segment
    ) -> None:
        hers, theirs = listed(room)[0]["address"], listed(room, room.nora)[0]["address"]
        assert hers != theirs
        assert listed(room, room.bo) == []
        for who, address in ((room.ada, hers), (room.nora, theirs)):
            answer = who.client.get(address)
            assert (answer.status_code, answer["Content-Type"]) == (200, "video/webm")
            assert hashlib.sha256(answer.content).hexdigest() == segment.playable_sha256
            with av.open(io.BytesIO(answer.content), "r") as made:
                assert made.duration
            assert address.split("?")[0] in who.client.get(f"/{room.path}/recordings/").content.decode()
        for who, address in ((room.ada, theirs), (room.nora, hers), (room.bo, hers), (room.bo, theirs)):
            assert who.client.get(address).status_code == 404
        assert room.ada.client.get(hers.split("?")[0]).status_code == 404
        assert room.ada.client.get(f"{hers}x").status_code == 404
        assert browser(stories.a_performer().user).get(hers).status_code == 404
        room.passes(minutes=10)
        assert room.ada.client.get(hers).status_code == 403

    def test_a_withdrawal_ends_it_also_where_an_address_is_out(self, room: Room, segment: Segment) -> None:
        hers, theirs = listed(room)[0]["address"], listed(room, room.nora)[0]["address"]
        assert room.nora.client.get(theirs).status_code == 200
        room.withdraws(room.ada)
        for who, address in ((room.ada, hers), (room.nora, theirs)):
            assert who.client.get(address).status_code == 403
            row = listed(room, who)[0]
            assert (row["address"], row["is_granted"]) == ("", False)
            page = who.client.get(f"/{room.path}/recordings/").content.decode()
            assert "Withdrawn: nobody plays it any more." in page
            assert "<video" not in page

    def test_comes_in_parts_as_a_player_asks(
        self, room: Room, segment: Segment, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole, address = store.playable(segment).read_bytes(), listed(room)[0]["address"]
        size = len(whole)

        def asks(said: str) -> tuple[int, bytes, str]:
            answer = room.ada.client.get(address, headers={"Range": said})
            return answer.status_code, answer.content, answer.headers.get("Content-Range", "")

        assert asks("bytes=0-9") == (206, whole[:10], f"bytes 0-9/{size}")
        assert asks("bytes=-5") == (206, whole[-5:], f"bytes {size - 5}-{size - 1}/{size}")
        assert asks(f"bytes=10-{size + 99}") == (206, whole[10:], f"bytes 10-{size - 1}/{size}")
        assert asks(f"bytes={size}-")[::2] == (416, f"bytes */{size}")
        assert asks("bytes=0-1,4-5")[:2] == (200, whole)
        monkeypatch.setattr(ranges, "MOST_BYTES", 100)
        assert asks("bytes=20-") == (206, whole[20:120], f"bytes 20-119/{size}")
        monkeypatch.setattr(ranges, "MOST_WHOLE_BYTES", 100)
        assert room.ada.client.get(address).status_code == 413

    def test_of_what_is_on_its_way_a_page_says_how_far_it_is(self, room: Room, recording: str) -> None:
        address = room.opens(room.bo, recording)["Location"]
        room.sends(room.bo, address, 0, b"x" * 30, **{"Upload-Length": "120"})
        page = room.bo.client.get(f"/{room.path}/recordings/").content.decode()
        assert '<progress max="100" value="25">' in page
        assert timedelta(minutes=10) == arriving.LEASE
