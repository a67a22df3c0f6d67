"""A gig that asks for a self-tape, a performer who applied, and what their device would send."""

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from marketplace.casting.models import Application
from marketplace.craft import arriving, keeping
from marketplace.craft.models import Tape
from tests import stories
from tests.marketplace.conftest import Caller
from tests.marketplace.media.conftest import a_recording, checksum

ItIs = Callable[[datetime], None]
AsSomeone = Callable[[Any], Caller]
TUS = {"Tus-Resumable": "1.0.0"}
NOW = stories.BEFORE
AUDITION = "A stranger asks you for your umbrella; it does not rain."


class Booth:
    """Ada has applied for a gig of Nora's company, which asks for a self-tape."""

    def __init__(self, as_someone: AsSomeone, it_is: ItIs, folder: Path, *, audition: str = AUDITION) -> None:
        self.as_someone, self.it_is, self.folder, self.now = as_someone, it_is, folder, NOW
        it_is(NOW)
        self.company = stories.a_company()
        self.gig = stories.a_gig(self.company, audition=audition)
        self.performer = stories.a_performer("Ada Quick")
        self.application = stories.applies(self.performer, self.gig)
        self.ada = as_someone(self.performer)
        self.nora = as_someone(stories.person(stories.owner_of(self.company)))
        self.path = f"/work/applications/{self.application.public_id}/tapes/"

    def passes(self, **time: int) -> None:
        self.now += timedelta(**time)
        self.it_is(self.now)

    def opens(
        self,
        told: dict[str, str],
        *,
        path: str = "",
        key: str = "k" * 32,
        who: Caller | None = None,
    ) -> Any:
        named = {"Upload-Metadata": f"key {base64.b64encode(key.encode()).decode()}"}
        return (who or self.ada).client.post(path or self.path, headers=named | TUS | told)

    def sends(self, address: str, offset: int, body: bytes, **headers: str) -> Any:
        told = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"} | TUS
        return self.ada.client.patch(address, body, headers=told | headers)

    def brings(self, body: bytes, *, path: str = "", key: str = "k" * 32) -> Tape:
        """Opened, sent in parts, looked at."""
        opened = self.opens({"Upload-Length": str(len(body))}, path=path, key=key)
        assert opened.status_code == 201, opened.content
        part = 200_000
        for offset in range(0, len(body), part):
            piece = body[offset : offset + part]
            answer = self.sends(opened["Location"], offset, piece, **{"Upload-Checksum": checksum(piece)})
            assert answer.status_code == 204, answer.content
        arriving.check_arrived(at=self.now)
        return Tape.objects.get(public_id=opened["Location"].split("/")[-2])

    def ticks(self) -> None:
        keeping.let_go_of_what_is_over(at=self.now)
        keeping.remove_files(at=self.now)
        arriving.check_arrived(at=self.now)

    def stands(self) -> str:
        return Application.objects.get(pk=self.application.pk).state

    def address_for(self, who: Caller) -> str:
        """Where they play the application's tape; empty where they cannot."""
        status, said = who.get(f"applications/{self.application.public_id}/tapes")
        return str(said["data"][0]["address"]) if status == 200 and said["data"] else ""

    def files(self) -> list[str]:
        return sorted(path.suffix for path in (self.folder / "media" / "tapes").glob("*"))


@pytest.fixture(scope="session")
def mp4(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return a_recording(tmp_path_factory.mktemp("tape") / "tape.mp4", kind="mp4")


@pytest.fixture(scope="session")
def webm(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return a_recording(tmp_path_factory.mktemp("tape") / "tape.webm", kind="webm")


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_FOLDER = str(tmp_path / "media")


@pytest.fixture
def booth(as_someone: AsSomeone, it_is: ItIs, tmp_path: Path) -> Booth:
    return Booth(as_someone, it_is, tmp_path)


@pytest.fixture
def plain(as_someone: AsSomeone, it_is: ItIs, tmp_path: Path) -> Booth:
    """The same where the gig asks for none."""
    return Booth(as_someone, it_is, tmp_path, audition="")
