"""A pair whose scene was recorded and checked, two of the company who label it, and the words of its gig."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.access.roles import Role
from marketplace.media.models import Segment
from tests import stories
from tests.marketplace.conftest import Caller
from tests.marketplace.deliveries.conftest import ItIs, Played

WORDS = ["joy", "fear", "anger"]


class Labelled(Played):
    """Nora produces; Jo and Kim are reviewers of the company; Ada and Bo played."""

    def __init__(self, as_someone: Callable[[Any], Caller], it_is: ItIs, folder: Path) -> None:
        super().__init__(as_someone, it_is, folder)
        self.company = self.session.company
        self.people = [stories.a_member(self.company, Role.REVIEWER) for _ in range(2)]
        self.jo, self.kim = (as_someone(user) for user in self.people)
        self.of_gig = f"gigs/{self.gig.public_id}"
        of_seat = {each.seat_id: each for each in Segment.objects.order_by("id")}
        self.of_ada, self.of_bo = (of_seat[seat.pk] for seat in self.seats)

    def sets_up(self, who: Caller | None = None, **said: Any) -> tuple[int, Any]:
        body = {"emotions": WORDS, "wanted": 2, "piece_s": 30} | said
        return (who or self.nora).put(f"{self.of_gig}/labelling", body)

    def asks_to_label(self, *users: Any) -> tuple[int, Any]:
        ids = [user.public_id for user in users]
        return self.nora.put(f"{self.of_gig}/annotators", {"annotators": ids})

    def waits_for(self, who: Caller) -> list[dict[str, Any]]:
        status, said = who.get(f"{self.of_gig}/pieces")
        assert status == 200, said
        rows: list[dict[str, Any]] = said["data"]
        return rows

    def sees(self, who: Caller, piece: dict[str, Any], emotion: str, intensity: int = 3) -> tuple[int, Any]:
        said = {"sense": "seen", "emotion": emotion, "intensity": intensity}
        said |= {name: piece[name] for name in ("starts_ms", "ends_ms")}
        return who.post(f"segments/{piece['segment']}/labels", said)

    def feels(
        self, who: Caller, segment: Segment, starts_ms: int, ends_ms: int, **said: Any
    ) -> tuple[int, Any]:
        """In the player's own time."""
        at = segment.offset_ms or 0
        body = {"sense": "felt", "emotion": "joy", "intensity": 4} | said
        body |= {"starts_ms": at + starts_ms, "ends_ms": at + ends_ms}
        return who.post(f"segments/{segment.public_id}/labels", body)

    def reads_labels(self, who: Caller) -> list[dict[str, Any]]:
        status, said = who.get(f"{self.of_gig}/labels")
        assert status == 200, said
        rows: list[dict[str, Any]] = said["data"]
        return rows


@pytest.fixture
def labelled(as_someone: Callable[[Any], Caller], it_is: ItIs, tmp_path: Path, settings: Any) -> Labelled:
    """Ready to be labelled by both."""
    settings.MEDIA_FOLDER = str(tmp_path / "media")
    found = Labelled(as_someone, it_is, tmp_path)
    assert found.sets_up()[0] == 200
    assert found.asks_to_label(*found.people)[0] == 200
    return found
