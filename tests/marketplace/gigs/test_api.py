"""Gigs over the API: nothing wrong gets in."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.companies.models import Company
from marketplace.gigs.models import Gig
from tests import stories
from tests.accounts.browsing import dollars
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]


@pytest.fixture(autouse=True)
def _before_december(it_is: Callable[[datetime], None]) -> None:
    it_is(stories.BEFORE)


def body(company: Company, **other: Any) -> dict[str, Any]:
    asked = {
        "company": company.public_id,
        "title": "Two strangers in a lift",
        "scene": "It stops between floors",
        "brief": "Say yes, and.",
        "rate": dollars(7400),
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-31",
    }
    return asked | other


def test_an_amount_in_another_shape_is_asked_for_in_the_right_one(as_someone: AsSomeone) -> None:
    company = stories.a_company()
    owner = as_someone(stories.person(stories.owner_of(company)))
    for wrong in (7400, "74.00", [7400, "usd"]):
        _, refused = owner.post("gigs", body(company, rate=wrong))
        (error,) = refused["errors"]
        assert (error["field"], error["code"]) == ("rate", "invalid")
        assert '{"amount_minor": 7400, "currency": "usd"}' in error["detail"]


def test_a_rate_that_stands_twice_is_none(as_someone: AsSomeone) -> None:
    company = stories.a_company()
    owner = as_someone(stories.person(stories.owner_of(company)))
    sent = json.dumps(body(company))
    twice = sent.replace('"amount_minor": 7400', '"amount_minor": 7400, "amount_minor": 1')
    assert twice != sent
    refused = owner.client.generic("POST", "/api/v1/gigs", twice, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (400, "parse_error")
    assert owner.client.generic("POST", "/api/v1/gigs", sent, "application/json").status_code == 201


def test_a_gig_keeps_its_currency(as_someone: AsSomeone, settings: Any) -> None:
    settings.CURRENCIES = ("usd", "eur")
    company = stories.a_company()
    owner = as_someone(stories.person(stories.owner_of(company)))
    gig = owner.post("gigs", body(company))[1]
    status, refused = owner.patch(f"gigs/{gig['id']}", {"rate": dollars(8000, currency="eur")})
    assert (status, refused["errors"][0]["code"]) == (422, "currency_mismatch")
    assert owner.patch(f"gigs/{gig['id']}", {"rate": dollars(8000)})[0] == 200


class TestPosting:
    def test_makes_a_draft(self, as_someone: AsSomeone) -> None:
        company = stories.a_company()
        sent = body(company, prompts=["A knock."], questions=[{"text": "Why?"}])
        status, made = as_someone(stories.person(stories.owner_of(company))).post("gigs", sent)
        assert (status, made["state"], made["rate"]) == (
            201,
            "draft",
            dollars(7400),
        )
        assert made["questions"][0]["text"] == "Why?"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"rate": dollars(-1)},
            {"rate": dollars(0)},
            {"rate": dollars(74.5)},
            {"rate": dollars("a lot")},
            {"rate": dollars("7400")},
            {"rate": dollars("٧٤")},
            {"rate": dollars(7400.0)},
            {"rate": dollars(True)},
            {"title": 7400},
            {"rate": dollars(10**12)},
            {"rate": dollars(None)},
            {"seats": 5},
            {"session_s": 10},
            {"starts_on": "tomorrow"},
            {"ends_on": "2026-11-01"},
            {"skills": ["juggling"]},
            {"skills": "duo"},
            {"purposes": [1]},
            {"rate": dollars(7400, currency="eur")},
            {"rate": dollars(7400, currency="zzz")},
            {"rate": dollars(7400, currency="USD")},
            {"rate": {"amount_minor": 7400}},
            {"rate": {"currency": "usd"}},
            {"rate": dollars(7400) | {"per": "hour"}},
            {"rate": 7400},
            {"rate": [7400, "usd"]},
            {"rate": None},
            {"rate_minor": 7400},
            {"currency": "usd"},
            {"time_zone": "Mars/Olympus"},
            {"questions": [{"text": "Why?", "kind": "essay"}]},
            {"questions": [{"text": "?"}] * 11},
            {"prompts": ["x" * 301]},
            {"funded_minor": 5_000_000},
            {"state": "published"},
            {"title": ""},
            {"title": "x" * 121},
            {"policy": {"minimum_call_s": -5}},
        ],
    )
    def test_refuses_what_does_not_hold(self, as_someone: AsSomeone, wrong: dict[str, Any]) -> None:
        company = stories.a_company()
        status, problem = as_someone(stories.person(stories.owner_of(company))).post(
            "gigs", body(company, **wrong)
        )
        assert status == 422, problem
        assert not Gig.objects.exists()

    def test_is_for_ones_own_company(self, as_someone: AsSomeone) -> None:
        company, other = stories.a_company(), stories.a_company()
        assert as_someone(stories.person(stories.owner_of(other))).post("gigs", body(company))[0] == 404
        assert as_someone(stories.a_performer()).post("gigs", body(company))[0] == 404
        assert as_someone(None).post("gigs", body(company))[0] in (401, 403)


class TestSteps:
    def test_refuses_wrong_states(self, as_someone: AsSomeone) -> None:
        gig = stories.a_gig(stories.a_company())
        owner = as_someone(stories.person(stories.owner_of(gig.company)))
        assert owner.post(f"gigs/{gig.public_id}/complete")[1]["code"] == "illegal_state"
        assert owner.post(f"gigs/{gig.public_id}/close")[0] == 200
        assert owner.post(f"gigs/{gig.public_id}/pause")[0] == 409

    def test_refuses_to_publish_what_is_not_funded(self, as_someone: AsSomeone) -> None:
        company = stories.a_company()
        owner = as_someone(stories.person(stories.owner_of(company)))
        made = owner.post("gigs", body(company))[1]
        status, problem = owner.post(f"gigs/{made['id']}/publish")
        assert (status, problem["code"]) == (409, "gig_not_funded")

    @pytest.mark.parametrize("step", ["publish", "pause", "close", "complete", "cancel"])
    def test_finds_nothing_of_another_company(self, as_someone: AsSomeone, step: str) -> None:
        gig = stories.a_gig(stories.a_company())
        other = as_someone(stories.person(stories.owner_of(stories.a_company())))
        sent = {"reason": "Ours."} if step == "cancel" else {}
        assert other.post(f"gigs/{gig.public_id}/{step}", sent)[0] == 404
        assert other.post(f"gigs/gig_nonsense/{step}", sent)[0] == 404


class TestBoard:
    @pytest.mark.parametrize(
        "query",
        [
            {"rate_min": "-1"},
            {"seats": "9"},
            {"order": "worst"},
            {"limit": "1000"},
            {"cursor": "x"},
            {"who": "me"},
        ],
    )
    def test_refuses_what_it_does_not_know(self, as_someone: AsSomeone, query: dict[str, str]) -> None:
        assert as_someone(None).get("gigs", **query)[0] == 422

    def test_is_for_everyone(self, as_someone: AsSomeone) -> None:
        gig = stories.a_gig(stories.a_company())
        (found,) = as_someone(None).get("gigs", q="strangers")[1]["data"]
        assert found["id"] == gig.public_id
