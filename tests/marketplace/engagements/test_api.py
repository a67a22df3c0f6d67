"""Engagements over the API: wrong input, other people's terms, wrong moments."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import stories
from tests.accounts.browsing import dollars
from tests.marketplace.conftest import Caller
from tests.marketplace.engagements.test_operations import hash_of, to_sign

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]


@pytest.fixture(autouse=True)
def _the_day(it_is: Callable[[datetime], None]) -> None:
    it_is(stories.BEFORE)


@pytest.mark.parametrize(
    "wrong", [{}, {"name": "Me"}, {"name": ["Me"], "text_sha256": "0"}, {"name": "", "text_sha256": "0" * 64}]
)
def test_signing_wants_a_name_and_the_text(as_someone: AsSomeone, wrong: dict[str, Any]) -> None:
    engagement = to_sign()
    me = as_someone(engagement.performer).proves()
    assert me.post(f"engagements/{engagement.public_id}/sign", wrong)[0] == 422


def test_signing_is_once_and_of_the_text_that_was_read(as_someone: AsSomeone) -> None:
    engagement = to_sign()
    me, path = as_someone(engagement.performer).proves(), f"engagements/{engagement.public_id}/sign"
    assert (
        me.post(path, {"name": engagement.performer.user.name, "text_sha256": "0" * 64})[1]["code"]
        == "terms_changed"
    )
    assert (
        me.post(path, {"name": engagement.performer.user.name, "text_sha256": hash_of(engagement)})[0] == 200
    )
    assert (
        me.post(path, {"name": engagement.performer.user.name, "text_sha256": hash_of(engagement)})[1]["code"]
        == "already_signed"
    )


def test_a_rate_never_falls_nor_goes_below_nothing(as_someone: AsSomeone) -> None:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    owner = as_someone(stories.person(stories.owner_of(engagement.company)))
    path = f"engagements/{engagement.public_id}/amend"
    for wrong in (-1, 0, 7399, "much", None, 80.5):
        assert owner.post(path, {"rate": dollars(wrong)})[0] == 422
    for currency in ("eur", "zzz", "USD"):
        assert owner.post(path, {"rate": dollars(8000, currency=currency)})[0] == 422
    assert owner.post(path, {"rate": dollars(8000)})[1]["rate"] == dollars(8000)


def test_nothing_is_found_of_others(as_someone: AsSomeone) -> None:
    engagement = to_sign()
    path = f"engagements/{engagement.public_id}"
    for stranger in (stories.a_performer(), stories.person(stories.owner_of(stories.a_company()))):
        caller = as_someone(stranger)
        assert caller.get(path)[0] == 404
        assert caller.post(f"{path}/sign", {"name": "X", "text_sha256": hash_of(engagement)})[0] == 404
    assert as_someone(engagement.performer).get("engagements/eng_nonsense")[0] == 404
