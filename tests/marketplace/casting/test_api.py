"""Casting over the API: wrong input, other people's things, wrong moments."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from marketplace.casting.models import Application
from marketplace.gigs.models import Gig
from tests import stories
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]


@pytest.fixture(autouse=True)
def _the_day(it_is: Callable[[datetime], None]) -> None:
    it_is(stories.BEFORE)


def applied(gig: Gig) -> Application:
    return stories.applies(stories.a_performer("Ada Quill"), gig)


class TestApplying:
    def test_applies_once(self, as_someone: AsSomeone) -> None:
        gig, performer = stories.a_gig(stories.a_company()), stories.a_performer()
        me, path = as_someone(performer), f"gigs/{gig.public_id}/applications"
        status, made = me.post(path, {"note": "Hello."})
        assert (status, made["state"]) == (201, "submitted")
        assert me.post(path, {"note": "Hello."})[1]["code"] == "already_applied"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"note": 5 * ["x"]},
            {"note": "x" * 2001},
            {"answers": "yes"},
            {"answers": [{"position": 0, "text": "?"}]},
            {"answers": [{"position": 7, "text": "?"}]},
            {"answers": [{"text": "?"}]},
            {"state": "accepted"},
            {"performer": "prf_x"},
        ],
    )
    def test_refuses_what_does_not_hold(self, as_someone: AsSomeone, wrong: dict[str, Any]) -> None:
        gig = stories.a_gig(stories.a_company())
        status, _ = as_someone(stories.a_performer()).post(f"gigs/{gig.public_id}/applications", wrong)
        assert status == 422
        assert not Application.objects.exists()


class TestAnswering:
    def test_never_names_an_applicant_before_a_yes(self, as_someone: AsSomeone) -> None:
        gig = stories.a_gig(stories.a_company())
        application = applied(gig)
        owner = as_someone(stories.person(stories.owner_of(gig.company)))
        found = owner.get(f"gigs/{gig.public_id}/applications")[1]
        assert "Ada Quill" not in str(found)
        assert application.performer.public_id not in str(found)

    def test_finds_nothing_of_another_company(self, as_someone: AsSomeone) -> None:
        gig = stories.a_gig(stories.a_company())
        application = applied(gig)
        other = as_someone(stories.person(stories.owner_of(stories.a_company())))
        assert other.get(f"gigs/{gig.public_id}/applications")[0] == 404
        base = reverse("api_application", kwargs={"application_id": application.public_id})
        base = base.removeprefix("/api/v1/")
        assert other.get(base)[0] == 404
        assert other.post(f"{base}/shortlist")[0] == 404
        assert other.post(f"{base}/decline", {"reason": "skills"})[0] == 404

    def test_wants_a_reason_from_the_list(self, as_someone: AsSomeone) -> None:
        gig = stories.a_gig(stories.a_company())
        application = applied(gig)
        owner = as_someone(stories.person(stories.owner_of(gig.company)))
        path = f"applications/{application.public_id}/decline"
        for wrong in ({}, {"reason": "because"}, {"reason": "skills", "mood": "bad"}, {"reason": ["skills"]}):
            assert owner.post(path, wrong)[0] == 422
        assert owner.post(path, {"reason": "skills"})[0] == 200
        status, problem = owner.post(path, {"reason": "skills"})
        assert (status, problem["code"]) == (409, "illegal_state")
