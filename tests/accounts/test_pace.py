"""One request too many is refused with what to wait, and after that wait it is done: by address, person, key and room."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.access.actors import Actor
from accounts.keys import operations as keys
from kit import clock
from kit.http import pacing
from tests import stories
from tests.accounts.browsing import Api, browser, code_of, logs_in

pytestmark = pytest.mark.django_db
FEW = 3
MANY = 10_000


@pytest.fixture
def minute() -> Iterator[time_machine.Traveller]:
    """Real time stands still, twenty seconds into a minute in which nobody has asked yet."""
    cache.clear()
    with time_machine.travel(1_800_000_020, tick=False) as traveller:
        yield traveller


@pytest.fixture
def limits(settings: Settings) -> Iterator[dict[str, int]]:
    """All wide; a test narrows one."""
    settings.PACE = dict.fromkeys(settings.PACE, MANY)
    yield settings.PACE
    cache.clear()


def of_a_key() -> str:
    company = stories.a_company()
    owner: Actor = stories.owner_of(company)
    by, at = stories.proved(owner, at=clock.now()), clock.now()
    return keys.create(company=company, name="k", scopes=["gigs:read"], days=9, by=by, at=at)[1]


def waits(answer: Any) -> int:
    assert answer.status_code == 429, answer.content
    return int(answer.headers["Retry-After"])


class TestTheApi:
    def test_counts_a_person_by_themselves(
        self, limits: dict[str, int], minute: time_machine.Traveller
    ) -> None:
        limits["account"] = FEW
        one, other = Api(stories.a_person()), Api(stories.a_person())
        assert [one.get("me").status_code for _ in range(FEW)] == [200] * FEW
        refused = one.get("me")
        assert code_of(refused) == "throttled"
        assert waits(refused) == 40
        assert other.get("me").status_code == 200
        minute.shift(39)
        assert waits(one.get("me")) == 1
        minute.shift(1)
        assert one.get("me").status_code == 200

    def test_counts_a_person_alike_in_a_browser_and_in_an_app(
        self, limits: dict[str, int], minute: time_machine.Traveller
    ) -> None:
        person = stories.a_person()
        one, other = Api(client=logs_in(person)), Api(client=logs_in(person))
        limits["account"] = FEW
        assert [one.get("me").status_code for _ in range(FEW)] == [200] * FEW
        assert waits(other.get("me")) == 40

    def test_counts_a_key_by_itself(self, limits: dict[str, int], minute: time_machine.Traveller) -> None:
        limits["key"] = FEW
        one, other = Api(key=of_a_key()), Api(key=of_a_key())
        assert [one.get("gigs").status_code for _ in range(FEW)] == [200] * FEW
        assert code_of(one.get("gigs")) == "throttled"
        assert other.get("gigs").status_code == 200
        minute.shift(40)
        assert one.get("gigs").status_code == 200

    def test_counts_strangers_by_their_address_guesses_included(
        self, limits: dict[str, int], minute: time_machine.Traveller
    ) -> None:
        limits["address"] = FEW
        guesses = [Api(key=f"cb_guess_{n}").get("gigs").status_code for n in range(FEW)]
        assert guesses == [401] * FEW
        assert code_of(Api().get("gigs")) == "throttled"
        assert Client(REMOTE_ADDR="192.0.2.7").get("/api/v1/gigs").status_code == 200
        minute.shift(40)
        assert Api().get("gigs").status_code == 200


class TestAPage:
    def test_that_writes_counts_with_the_person(
        self, limits: dict[str, int], minute: time_machine.Traveller
    ) -> None:
        limits["account"] = FEW
        client = browser(stories.a_person())
        assert [client.post("/notifications/read/").status_code for _ in range(FEW)] == [302] * FEW
        refused = client.post("/notifications/read/")
        assert waits(refused) == 40
        assert "Try again in 40 s" in refused.content.decode()
        assert client.get("/notifications/").status_code == 200  # reading goes on
        minute.shift(40)
        assert client.post("/notifications/read/").status_code == 302

    def test_counts_by_address_log_in_too(
        self, limits: dict[str, int], minute: time_machine.Traveller
    ) -> None:
        limits["address"], person = FEW, stories.a_person()
        for _ in range(FEW):
            Client().post("/accounts/login/", {"login": person.email, "password": "no"})
        waits(Client().post("/accounts/login/", {"login": person.email, "password": stories.PASSWORD}))
        minute.shift(40)
        logs_in(person)


class TestTheRoom:
    def test_is_open_to_beats_and_stops_when_all_else_is_spent(
        self, limits: dict[str, int], minute: time_machine.Traveller
    ) -> None:
        session = stories.a_pair_booked()
        performer = session.seats.order_by("id")[0].performer
        limits["account"] = 0
        api, page = Api(performer.user), browser(performer.user)
        assert waits(api.post(f"sessions/{session.public_id}/confirm"))
        assert api.post(f"sessions/{session.public_id}/presence", {"event": "here"}).status_code not in (
            404,
            429,
        )
        assert page.post(f"/sessions/{session.public_id}/room/here/").status_code == 200
        limits["room"] = 0
        assert waits(page.post(f"/sessions/{session.public_id}/room/here/"))


class TestSignedWebhooks:
    def test_are_not_counted(self, limits: dict[str, int], minute: time_machine.Traveller) -> None:
        limits["address"] = 0
        assert waits(Client().get("/"))
        assert Client().post("/webhooks/stripe/platform", b"{}", "application/json").status_code == 400


class TestAnAddress:
    """Of two proxies the inner one is asked last; what stands further left, anyone may have written."""

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "found"),
        [
            (0, "203.0.113.9", "127.0.0.1"),
            (1, "203.0.113.9", "203.0.113.9"),
            (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
            (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            (1, "no address at all", "nowhere"),
        ],
    )
    def test_is_counted_back_over_our_own_proxies(
        self, settings: Settings, proxies: int, forwarded: str, found: str
    ) -> None:
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
        request = Client().get("/healthz", headers={"X-Forwarded-For": forwarded}).wsgi_request
        assert pacing.address(request) == found

    @pytest.mark.parametrize("proxies", [0, 1])
    def test_that_is_forged_gains_nothing(
        self, settings: Settings, limits: dict[str, int], minute: time_machine.Traveller, proxies: int
    ) -> None:
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
        limits["address"] = FEW
        written_by_ours = ", 203.0.113.9" if proxies else ""
        answers = [
            Client().get("/", headers={"X-Forwarded-For": f"198.51.100.{n}{written_by_ours}"}).status_code
            for n in range(FEW + 1)
        ]
        assert answers == [200] * FEW + [429]
