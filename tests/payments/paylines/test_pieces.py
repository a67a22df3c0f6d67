"""An accepted piece makes one line of its price with the fee, is paid in the run, and stands on the performer's statement."""

from datetime import timedelta

import pytest

from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.works import commissioning, reviewing
from marketplace.works.handing_in import hand_in
from marketplace.works.models import Artefact, Commission
from payments.funding import endings
from payments.paylines import pieces
from payments.paylines.models import PayLine
from payments.payroll import accrual
from payments.payroll.models import Earning
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller
from tests.payments.paylines.stage import Stage

PRICE_MINOR, FEE_MINOR = 4_000, 600
USES = ["evaluation"]


@pytest.fixture
def piece(stage: Stage) -> Commission:
    """Handed in by Robin, for a gig of Olive's; the file itself plays no part."""
    now = stage.world.now
    gig = stories.a_gig(stage.world.company, purposes=USES)
    engagement = stories.an_active_engagement(gig, stage.robin, grants=USES)
    ask = commissioning.Ask(
        title="A farewell",
        brief="Say goodbye.",
        rules=["One person"],
        price=Money(PRICE_MINOR, "usd"),
        due_at=now + timedelta(days=5),
        revisions=0,
        purposes=USES,
    )
    made = commissioning.commission(engagement=engagement, ask=ask, by=stage.olive, at=now)
    version = Artefact.objects.create(
        performer=stage.robin,
        commission=made,
        key="k" * 32,
        state="ready",
        form="webm",
        sha256="0" * 64,
        duration_ms=1_000,
        opened_at=now,
        expires_at=now,
        checked_at=now,
    )
    hand_in(made, version, by=stage.me, at=now)
    return made


def accepts(stage: Stage, piece: Commission) -> None:
    reviewing.accept(piece=piece, version=1, by=stage.olive, at=stage.world.now)


def test_one_line_of_its_price_is_made_and_paid(stage: Stage, piece: Commission) -> None:
    assert pieces.sweep(at=stage.world.now) == 0
    accepts(stage, piece)
    assert [pieces.sweep(at=stage.world.now) for _ in range(2)] == [1, 0]
    line = PayLine.objects.get()
    assert (line.kind, line.state) == ("piece", "approved")
    assert (line.amount_minor, line.fee_minor) == (PRICE_MINOR, FEE_MINOR)
    status, told = Caller(stage.robin.user).get(f"pay-lines/{line.public_id}")
    assert (status, told["tax"]) == (200, "compensation")
    assert stage.item_of(stage.is_paid()).amount_minor == PRICE_MINOR
    assert "Commissioned piece" in logs_in(stage.robin.user).get("/pay/lines/").content.decode()


def test_it_takes_exactly_what_was_kept_of_the_budget(stage: Stage, piece: Commission) -> None:
    """Also where the gig was called off meanwhile: its budget goes back once the piece is charged, and not before."""
    gig = piece.engagement.gig
    before = Gig.objects.get(pk=gig.pk)
    Gig.objects.filter(pk=gig.pk).update(state="cancelled")
    assert endings.give_back_ended(at=stage.world.now) == 0
    accepts(stage, piece)
    assert endings.give_back_ended(at=stage.world.now) == 0
    pieces.sweep(at=stage.world.now)
    assert accrual.accrue(at=stage.world.now) == 1
    earning = Earning.objects.get()
    assert (earning.amount_minor, earning.fee_minor) == (PRICE_MINOR, FEE_MINOR)
    assert endings.give_back_ended(at=stage.world.now) == 1
    after = Gig.objects.get(pk=gig.pk)
    assert before.committed_minor == after.committed_minor == PRICE_MINOR + FEE_MINOR
    assert after.funded_minor == PRICE_MINOR + FEE_MINOR
