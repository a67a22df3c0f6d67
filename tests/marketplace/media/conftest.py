"""A pair that plays and has granted, and what their devices would have recorded."""

import base64
import hashlib
import math
from array import array
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from pytest_django import Settings

from marketplace.media.models import Segment
from marketplace.sessions import deliveries
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import CALL

ItIs = Callable[[datetime], None]
FORMS = {"mp4": "video/mp4;codecs=vp9,opus", "webm": "video/webm;codecs=vp9,opus"}


def a_recording(path: Path, *, kind: str, seconds: int = 2) -> bytes:
    """A picture and a tone, in the form in which browsers record them."""
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"} if kind == "mp4" else {}
    with av.open(str(path), "w", format=kind, options=options) as made:
        video: Any = made.add_stream("libvpx-vp9", rate=25, options={"deadline": "realtime", "cpu-used": "8"})
        video.width, video.height, video.pix_fmt, video.gop_size = 160, 90, "yuv420p", 25
        audio: Any = made.add_stream("libopus", rate=48_000, layout="mono")
        for n in range(25 * seconds):
            frame = av.VideoFrame(160, 90, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([n % 255]) * plane.buffer_size)
            frame.pts, frame.time_base = n, Fraction(1, 25)
            made.mux(video.encode(frame))
        for n in range(50 * seconds):
            tone = array("h", (int(8_000 * math.sin(each / 20)) for each in range(960)))
            sound = av.AudioFrame(format="s16", layout="mono", samples=960)
            sound.planes[0].update(tone.tobytes())
            sound.sample_rate, sound.pts, sound.time_base = 48_000, n * 960, Fraction(1, 48_000)
            made.mux(audio.encode(sound))
        made.mux(video.encode(None))
        made.mux(audio.encode(None))
    return path.read_bytes()


class Room:
    """Two performers who have granted their evaluation, live; their callers, and the company's."""

    def __init__(self, as_someone: Callable[[Any], Caller], it_is: ItIs, *, grants: bool = True) -> None:
        self.it_is = it_is
        self.now = CALL
        self.session = stories.a_pair_booked(grants=["evaluation"] if grants else [])
        rows = self.session.seats.select_related("performer__user", "engagement__application")
        self.seats = list(rows.order_by("id"))
        self.ada, self.bo = (as_someone(seat.performer) for seat in self.seats)
        self.nora = as_someone(stories.person(stories.owner_of(self.session.company)))
        self.path = f"sessions/{self.session.public_id}"
        bodies = [stories.joined(self.session, seat.performer, CALL) for seat in self.seats]
        stories.arrives(self.session, *bodies, at=CALL)
        deliveries.follow(session=self.session, at=CALL)
        it_is(CALL)

    def passes(self, **time: int) -> None:
        self.now += timedelta(**time)
        self.it_is(self.now)

    def records(self) -> str:
        status, said = self.nora.post(f"{self.path}/recording")
        assert status == 201, said
        return str(said["id"])

    def stands(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ada.get(f"{self.path}/recording")[1]
        return found

    def withdraws(self, who: Caller) -> None:
        for grant in who.get("grants")[1]["data"]:
            assert who.post(f"grants/{grant['id']}/withdraw")[0] == 200

    def opens(
        self,
        who: Caller,
        recording: str,
        *,
        key: str = "k" * 32,
        kind: str = "mp4",
        started_ms: str = "",
        **headers: str,
    ) -> Any:
        told = {
            "recording": recording,
            "key": key,
            "filetype": FORMS[kind],
            "started": started_ms or str(int(self.now.timestamp() * 1000)),
        }
        pairs = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items()
        )
        headers = {"Upload-Metadata": pairs, "Tus-Resumable": "1.0.0"} | (
            headers or {"Upload-Defer-Length": "1"}
        )
        return who.client.post(f"/{self.path}/uploads/", headers=headers)

    def sends(self, who: Caller, address: str, offset: int, body: bytes, **headers: str) -> Any:
        # As a header: the client of the tests tells no type of a body that is empty.
        bytes_of_a_file = {"Content-Type": "application/offset+octet-stream"}
        told = {"Upload-Offset": str(offset), "Tus-Resumable": "1.0.0"} | bytes_of_a_file | headers
        return who.client.patch(address, body, headers=told)

    def arrives(
        self, who: Caller, recording: str, body: bytes, *, key: str = "k" * 32, kind: str = "mp4"
    ) -> Segment:
        """Opened, and sent whole."""
        address = self.opens(who, recording, key=key, kind=kind)["Location"]
        answer = self.sends(who, address, 0, body, **{"Upload-Length": str(len(body))})
        assert answer.status_code == 204, answer.content
        return Segment.objects.get(public_id=address.split("/")[-2])


def checksum(body: bytes, name: str = "sha256") -> str:
    return f"{name} {base64.b64encode(hashlib.new(name, body).digest()).decode()}"


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_FOLDER = str(tmp_path / "media")


@pytest.fixture
def room(as_someone: Callable[[Any], Caller], it_is: ItIs) -> Room:
    return Room(as_someone, it_is)
