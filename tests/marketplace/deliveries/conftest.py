"""A pair whose scene was recorded on both devices, checked, and over; and the doors of everybody concerned."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from marketplace.deliveries.tasks import sweep
from marketplace.gigs.models import Gig
from marketplace.media.models import Segment
from marketplace.media.tasks import sweep as media_sweep
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.conftest import Caller
from tests.marketplace.media.conftest import Room, a_recording

ItIs = Callable[[datetime], None]


class Played(Room):
    """Both have recorded two seconds; the company may have them put together."""

    def __init__(
        self, as_someone: Callable[[Any], Caller], it_is: ItIs, folder: Path, *, kind: str = "webm"
    ) -> None:
        super().__init__(as_someone, it_is)
        self.recording = self.records()
        body = a_recording(folder / f"made.{kind}", kind=kind)
        for caller in (self.ada, self.bo):
            self.arrives(caller, self.recording, body, kind=kind)
        self.passes(seconds=10)
        media_sweep()
        assert set(Segment.objects.values_list("state", flat=True)) == {"checked"}
        self.gig: Gig = self.session.gig
        self.owner = stories.person(stories.owner_of(self.session.company))
        self.page = browser(self.owner)

    @property
    def path_of_gig(self) -> str:
        return f"gigs/{self.gig.public_id}/deliveries"

    def asks(self, *purposes: str) -> tuple[int, Any]:
        return self.nora.post(self.path_of_gig, {"purposes": list(purposes or ["evaluation"])})

    def is_delivered(self, *purposes: str) -> dict[str, Any]:
        status, told = self.asks(*purposes)
        assert status == 201, told
        sweep()
        return self.reads(told["id"])

    def reads(self, delivery_id: str) -> dict[str, Any]:
        status, told = self.nora.get(f"deliveries/{delivery_id}")
        assert status == 200, told
        found: dict[str, Any] = told
        return found

    def takes(self, address: str, **headers: str) -> Any:
        return self.page.get(address, headers=headers)


@pytest.fixture
def played(as_someone: Callable[[Any], Caller], it_is: ItIs, tmp_path: Path, settings: Any) -> Played:
    settings.MEDIA_FOLDER = str(tmp_path / "media")
    return Played(as_someone, it_is, tmp_path)
