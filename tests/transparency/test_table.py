"""The page of what the house decides by itself, held against what its calendar really does."""

import ast
import sys
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings

from callboard.celery import app
from callboard.transparency.table import DECIDES_NOTHING, DECISIONS

PROJECT = Path(__file__).parents[2]
# What stands on recordings, labels of emotions and scores of tapes; and what must not lean on it.
OF_RECORDINGS = ("marketplace.media", "marketplace.labels", "marketplace.deliveries", "marketplace.scenes")
DECIDES_ON_PEOPLE = ("accounts/standing", "marketplace/casting", "payments/payroll", "marketplace/presence")


OF_NO_CALENDAR = {
    "presence.sweep",
    "presence.poll",
    "works.sweep",
}  # beside a calendar in their module, and no part of it


def ticks() -> set[str]:
    """Every task of the calendar; by its steps where it has a table of them."""
    app.loader.import_default_modules()
    found = set()
    for name in settings.CELERY["beat_schedule"]:
        module = sys.modules[app.tasks[name].__module__]
        steps = getattr(module, "CALENDAR", ())
        own = [step for step in steps if name not in OF_NO_CALENDAR]
        found |= {f"{name}:{step.__name__}" for step in own} or {name}
    return found


def test_each_tick_of_the_calendar_is_told_or_decides_nothing() -> None:
    told = [tick for decision in DECISIONS for tick in decision.ticks]
    assert len(told) == len(set(told))
    assert not set(told) & DECIDES_NOTHING.keys()
    assert set(told) | DECIDES_NOTHING.keys() == ticks()


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda each: each.name)
def test_each_decision_says_its_figures_who_answers_and_how_to_object(decision: object) -> None:
    for said in ("name", "what", "answers", "objecting"):
        assert getattr(decision, said)
    assert decision.figures()  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_anybody_reads_it_with_the_figures_of_this_house() -> None:
    page = Client().get("/how-decisions-are-made/")
    assert page.status_code == 200
    assert "No machine rates a tape" in page.content.decode()
    with override_settings(BANK_CHANGE_REST=timedelta(hours=97)):
        said = unescape(Client().get("/how-decisions-are-made/").content.decode())
    assert "97 hours" in said or "4 days" in said
    assert all(each.name in said for each in DECISIONS)


@pytest.mark.parametrize("room", DECIDES_ON_PEOPLE)
def test_nothing_recorded_and_no_label_feeds_what_decides_on_people(room: str) -> None:
    for path in (PROJECT / room).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(OF_RECORDINGS), path
