"""Whoever stands ready is as if their story had just been played."""

from collections.abc import Callable, Sequence

import pytest
from django.db import DatabaseError, transaction

from accounts.audit.models import AuditEvent
from accounts.companies.models import Company
from accounts.performers.models import Performer
from accounts.standing import checklist
from accounts.standing.models import Vetting
from tests import stock, stories

Story = Callable[[], Performer | Company]
STORIES: Sequence[Story] = (stories.a_performer, stories.a_company)


# What is another's each time.
OWN = {"id", "public_id", "user_id", "user", "name", "stage_name", "legal_name", "created_at"}


@pytest.fixture(autouse=True)
def _ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where so few tests run that nobody was made ready."""
    monkeypatch.setattr(stock, "_kept", {})
    monkeypatch.setattr(stock, "_of", [])
    stock.fill(dict.fromkeys(STORIES, 2))


@pytest.fixture(params=STORIES, ids=["performer", "company"])
def story(request: pytest.FixtureRequest) -> Story:
    found: Story = request.param
    return found


def written_by(story: Story) -> tuple[dict[str, int], Performer | Company]:
    before = stock.written()
    told = story()
    after = stock.written()
    return {table: count - before.get(table, 0) for table, count in after.items()}, told


def test_has_the_rows_that_playing_it_writes(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    laid, ready = written_by(story)
    monkeypatch.setattr(stock, "_kept", {})
    played, fresh = written_by(story)
    assert laid == played
    assert facts(ready) == facts(fresh)


def facts(subject: Performer | Company) -> dict[str, object]:
    """What is so of each, and of how they were vetted."""
    vetting = Vetting.objects.about(subject).get()
    met = [(each.item, each.met, each.at) for each in checklist.of(vetting)]
    assert type(subject).objects.get(pk=subject.pk) == subject
    values = {field.name: getattr(subject, field.attname) for field in subject._meta.concrete_fields}
    return {name: value for name, value in values.items() if name not in OWN} | {"vetted": met}


def test_each_is_there_once_and_then_the_story_is_played(story: Story) -> None:
    assert len({story().pk for _ in range(4)}) == 4


def test_who_was_rolled_back_is_ready_again(story: Story) -> None:
    with transaction.atomic():
        first = story()
        transaction.set_rollback(True)
    assert story() == first


def test_the_database_looks_again_afterwards(story: Story) -> None:
    story()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        AuditEvent.objects.update(verb="another")


def test_whoever_is_asked_for_by_name_is_played() -> None:
    assert stories.a_performer("Nell Ward").stage_name == "Nell Ward"
    assert stories.a_company("Window Seat").name == "Window Seat"
