"""A gig with an active engagement, a company that asks for pieces of it, and what a performer's device would send."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.access.roles import Staff
from accounts.notifications.models import Notification
from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.media import sent
from marketplace.works import arriving, commissioning, handing_in, keeping, silence
from marketplace.works.models import Artefact, Commission
from tests import stories
from tests.marketplace.conftest import Caller
from tests.marketplace.media.conftest import a_recording

ItIs = Callable[[datetime], None]
AsSomeone = Callable[[Any], Caller]
NOW = stories.BEFORE + timedelta(hours=2)
DUE = NOW + timedelta(days=5)
RULES = ["Between one and two seconds long", "One person in the picture"]
PRICE_MINOR, FEE_MINOR = 4_000, 600


class Workshop:
    """Ada is engaged in a gig of Nora's company, and grants its evaluation; Tala is talent operations."""

    def __init__(self, as_someone: AsSomeone, it_is: ItIs, recording: bytes) -> None:
        self.it_is, self.now, self.recording = it_is, NOW, recording
        self.as_someone = as_someone
        it_is(NOW)
        self.company = stories.a_company()
        self.gig = stories.a_gig(self.company, purposes=["evaluation", "fine_tuning"])
        self.performer = stories.a_performer("Ada Quick")
        self.engagement = stories.an_active_engagement(self.gig, self.performer, grants=["evaluation"])
        self.free_minor = self.free()
        self.owner = stories.owner_of(self.company)
        self.me = stories.acting(self.performer)
        self.ada = as_someone(self.performer)
        self.nora = as_someone(stories.person(self.owner))
        self._keys = 0

    @property
    def tala(self) -> Caller:
        return self.as_someone(stories.a_member_of_staff(Staff.TALENT, "Tala"))

    def passes(self, **time: int) -> None:
        self.now += timedelta(**time)
        self.it_is(self.now)

    def free(self) -> int:
        gig = Gig.objects.get(pk=self.gig.pk)
        return gig.free_minor

    def kept(self) -> int:
        """Of the gig's budget, by pieces."""
        return self.free_minor - self.free()

    def asks(self, **said: Any) -> tuple[int, Any]:
        body = {
            "engagement": self.engagement.public_id,
            "title": "A farewell",
            "brief": "Say goodbye to somebody you will see tomorrow.",
            "rules": RULES,
            "price": {"amount_minor": PRICE_MINOR, "currency": "usd"},
            "due_at": DUE.isoformat(),
            "revisions": 1,
            "purposes": ["evaluation"],
        } | said
        return self.nora.post(f"gigs/{self.gig.public_id}/commissions", body)

    def a_piece(self, *, revisions: int = 1, price_minor: int = PRICE_MINOR) -> Commission:
        """Asked for, as the API does."""
        ask = commissioning.Ask(
            title="A farewell",
            brief="Say goodbye to somebody you will see tomorrow.",
            rules=RULES,
            price=Money(price_minor, "usd"),
            due_at=self.now + timedelta(days=5),
            revisions=revisions,
            purposes=["evaluation"],
        )
        return commissioning.commission(engagement=self.engagement, ask=ask, by=self.owner, at=self.now)

    def a_version(self, piece: Commission) -> Artefact:
        """Whole, and looked at: it can be handed in."""
        self._keys += 1
        version = handing_in.open_version(
            piece=piece, key=f"{self._keys:032}", length=len(self.recording), by=self.me, at=self.now
        )
        sent.append(file=version, offset=0, body=self.recording, length=None, by=self.me, at=self.now)
        arriving.check_arrived(at=self.now)
        version.refresh_from_db()
        return version

    def hands_in(self, piece: Commission) -> Artefact:
        version = self.a_version(piece)
        status, told = self.ada.post(f"commissions/{piece.public_id}/submit", {"artefact": version.public_id})
        assert status == 200, told
        version.refresh_from_db()
        return version

    def answers(self, piece: Commission, how: str, *, version: int = 1, **said: Any) -> tuple[int, Any]:
        body = {"version": version} | said
        return self.nora.post(f"commissions/{piece.public_id}/{how}", body)

    def fails(self, *, version: int = 1, **said: Any) -> dict[str, Any]:
        results = [{"met": False, "note": "Half a second more."}, {"met": True}]
        return {"version": version, "results": results} | said

    def refuses(self, piece: Commission, **said: Any) -> tuple[int, Any]:
        body = self.fails() | {"reason": "off_brief", "note": "That is a greeting."} | said
        return self.nora.post(f"commissions/{piece.public_id}/refuse", body)

    def stands(self, piece: Commission) -> Commission:
        return Commission.objects.get(pk=piece.pk)

    def ticks(self) -> None:
        for tick in (silence.decide, silence.lapse, silence.free_refused, silence.remind):
            tick(at=self.now)
        keeping.let_go_of_what_is_over(at=self.now)
        keeping.remove_files(at=self.now)

    def told(self, user: Any) -> list[str]:
        """The titles of what somebody was told, the newest first."""
        rows = Notification.objects.filter(user=user, kind="piece").order_by("-id")
        return list(rows.values_list("title", flat=True))


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return a_recording(tmp_path_factory.mktemp("piece") / "piece.webm", kind="webm", seconds=1)


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_FOLDER = str(tmp_path / "media")


@pytest.fixture
def workshop(db: None, as_someone: AsSomeone, it_is: ItIs, recording: bytes) -> Workshop:
    return Workshop(as_someone, it_is, recording)
