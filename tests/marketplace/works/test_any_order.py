"""Whatever is pressed in whichever order, a piece moves as its table says, and its gig keeps exactly what may still be owed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.errors import DomainError
from marketplace.works import commissioning, handing_in, reviewing, silence
from marketplace.works.models import Artefact, Commission
from marketplace.works.states import COMMISSION
from tests.marketplace.works.conftest import FEE_MINOR, NOW, PRICE_MINOR, Workshop

COST = PRICE_MINOR + FEE_MINOR
FAILS = [reviewing.Verdict(met=False, note="Shorter."), reviewing.Verdict(met=True)]
Act = Callable[[Workshop, Commission], object]


def a_ready_version(workshop: Workshop, piece: Commission) -> Artefact:
    """As looked at: the file itself plays no part here."""
    number = piece.versions.count()
    return Artefact.objects.create(
        performer=workshop.performer,
        commission=piece,
        key=f"{piece.pk:016}{number:016}",
        state="ready",
        form="webm",
        sha256="0" * 64,
        duration_ms=1_000,
        opened_at=workshop.now,
        expires_at=workshop.now,
        checked_at=workshop.now,
    )


def hands_in(workshop: Workshop, piece: Commission) -> object:
    version = a_ready_version(workshop, piece)
    return handing_in.submit(piece=piece, version=version, by=workshop.me, at=workshop.now)


def last(piece: Commission) -> int:
    found = Commission.objects.select_related("submitted").get(pk=piece.pk).submitted
    return found.version or 0 if found else 0


def company(act: Any, **said: Any) -> Act:
    return lambda workshop, piece: act(
        piece=piece, version=last(piece), by=workshop.owner, at=workshop.now, **said
    )


def taken_back(who: str) -> Act:
    return lambda workshop, piece: commissioning.take_back(
        piece=piece, reason="Enough.", by=getattr(workshop, who), at=workshop.now
    )


def days_pass(workshop: Workshop, piece: Commission) -> None:
    workshop.now += timedelta(days=8)
    for tick in (silence.decide, silence.lapse, silence.free_refused):
        tick(at=workshop.now)


ACTS: dict[str, Act] = {
    "hands_in": hands_in,
    "accepts": company(reviewing.accept),
    "changes": company(reviewing.ask_for_changes, results=FAILS),
    "refuses": company(reviewing.refuse, results=FAILS, reason="off_brief", note="No."),
    "refuses_by_rules": company(reviewing.refuse, results=FAILS, reason="rules_not_met", note="No."),
    "company_takes_back": taken_back("owner"),
    "performer_takes_back": taken_back("me"),
    "days_pass": days_pass,
}
# What may still be owed, by state; of a refusal, while it can be appealed.
OWED = {"asked": COST, "submitted": COST, "revising": COST, "accepted": COST, "withdrawn": 0, "lapsed": 0}


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), min_size=2, max_size=7))
def test_a_piece_in_any_order(workshop: Workshop, acts: list[str]) -> None:
    with transaction.atomic():
        workshop.now = NOW
        piece = workshop.a_piece()
        for name in acts:
            before = workshop.stands(piece)
            with suppress(DomainError), transaction.atomic():
                ACTS[name](workshop, before)
            after = workshop.stands(piece)
            ways = {state for was, state in COMMISSION.edges() if was == before.state}
            # Days may let two steps pass.
            assert after.state in {before.state, *ways} or name == "days_pass"
            owed = after.committed_minor if after.state == "refused" else OWED[after.state]
            assert (after.committed_minor, workshop.kept()) == (owed, owed)
            assert piece.reviews.filter(outcome="revise").count() <= piece.revisions
            assert piece.versions.filter(version__isnull=False, state="ready").count() <= 1 + piece.revisions
        transaction.set_rollback(True)
