"""Every list, by page and API: a cursor or limit that it did not give out is refused, and the ones it did lead on."""

import base64
import json
from typing import Any

import pytest
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.notifications.models import Notification
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify
from kit.money import Money
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in
from tests.architecture.access_matrix import MATRIX
from tests.architecture.test_access import House, house, routes
from tests.conftest import PAYDAY

__all__ = ["house"]


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


SHAPES = (
    '["a", "b"]',
    "[1]",
    "[null, null]",
    "[true, false]",
    "[1e400, NaN]",
    '[{"a": 1}, [2]]',
    "{}",
    '"x"',
    "[]",
    "[[[[",
)
CURSORS = [
    *map(encoded, SHAPES),
    encoded(json.dumps(["9" * 5_000, "9" * 5_000])),
    encoded('["2026-11-02T09:00:00", 1]'),
    Signer(salt="page:accounts.Notification:-id").sign_object([1, 2, 3])[:-1] + "~",
    Signer(salt="another").sign_object([1, 2]),
    "WyJhIiwgImIiXQ",
    "x",
    "\x00",
    "🎭",
    ":" * 40,
]
# All lists read cursor and limit by the same lines: each list is asked with some of them, and each of them at some lists.
READ_AT_ONE_PLACE = 4
LIMITS = ["0", "-1", "101", "1" * 5_000, "\u0663", "1.0", "1e1", "x", " 1", "+1", ""]


def client_for(house: House, name: str, clients: dict[str, Client]) -> Client:
    """Someone whom the route lets in, logged in once."""
    who = min(MATRIX[name, "GET"])
    user = house.people[who]
    if who not in clients:
        clients[who] = logs_in(user) if user is not None else Client()
    return clients[who]


def lists(house: House, clients: dict[str, Client]) -> dict[str, tuple[Client, dict[str, str]]]:
    """The address of each operation whose document takes a limit, with someone who may read it and what else it asks."""
    document = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call] # drf-spectacular
    paths, found = dict(routes()), {}
    for path, operations in document["paths"].items():
        asked = {each["name"]: each for each in operations.get("get", {}).get("parameters", ())}
        if {"limit", "cursor"} <= asked.keys():
            route = path.lstrip("/").replace("{", "<str:").replace("}", ">")
            name = next(name for name, own in paths.items() if own == route)
            needed = [each for each in asked if asked[each]["in"] == "query" and asked[each].get("required")]
            query = {each: house.params[each] for each in needed}
            found[address_of(house, name)] = (client_for(house, name, clients), query)
    return found


def pages(house: House, clients: dict[str, Client]) -> dict[str, Client]:
    """The address of each page, with someone who may read it."""
    names = [name for name, method in sorted(MATRIX) if method == "GET" and not name.startswith("api_")]
    return {
        address_of(house, name): client_for(house, name, clients) for name in names if MATRIX[name, "GET"]
    }


def address_of(house: House, name: str) -> str:
    path = dict(routes())[name]
    return reverse(name, kwargs={key: value for key, value in house.params.items() if f":{key}>" in path})


@pytest.fixture
def clients() -> dict[str, Client]:
    return {}


class TestOnTheApi:
    def test_refuses_a_cursor_that_it_did_not_give_out(
        self, house: House, clients: dict[str, Client]
    ) -> None:
        found = lists(house, clients)
        assert len(found) >= 15, sorted(found)
        for n, (address, (client, query)) in enumerate(found.items()):
            for cursor in CURSORS[n % READ_AT_ONE_PLACE :: READ_AT_ONE_PLACE]:
                answer = client.get(address, query | {"cursor": cursor})
                assert answer.status_code == 422, (address, cursor)
                assert answer.json()["errors"][0]["field"] == "cursor"

    def test_refuses_a_limit_that_is_none(self, house: House, clients: dict[str, Client]) -> None:
        for n, (address, (client, query)) in enumerate(lists(house, clients).items()):
            for limit in LIMITS[n % READ_AT_ONE_PLACE :: READ_AT_ONE_PLACE]:
                answer = client.get(address, query | {"limit": limit})
                assert answer.status_code == 422, (address, limit)
            assert client.get(address, query | {"limit": "1"}).status_code == 200

    def test_leads_from_page_to_page_through_everything_once(self, house: House) -> None:
        user = house.people["performer Q"]
        assert user is not None
        Notification.objects.filter(user=user).delete()
        for number in range(5):
            about, where = {"amount": Money(number, "usd")}, {"item_id": "itm_1"}
            notify(kind=Kind.PAID, user_id=user.pk, key=f"{number}", about=about, where=where, at=PAYDAY)
        said = [f"0.0{number} USD is on its way" for number in (4, 3, 2, 1, 0)]
        assert walk(Api(client=logs_in(user)), "notifications") == said
        for title in ("One", "Two", "Three"):
            stories.a_gig(stories.a_company(), title=title)
        gigs = walk(Api(), "gigs")
        assert {"One", "Two", "Three"} <= set(gigs)
        assert len(gigs) == len(set(gigs))


def walk(api: Api, path: str) -> list[str]:
    titles: list[str] = []
    asked: dict[str, Any] = {"limit": 1}
    while True:
        body = body_of(api.get(path, **asked))
        titles += [row["title"] for row in body["data"]]
        if body["next_cursor"] is None:
            return titles
        asked["cursor"] = body["next_cursor"]


class TestOnPages:
    def test_says_so_where_a_cursor_is_not_its_own(self, house: House, clients: dict[str, Client]) -> None:
        looked = 0
        for address, client in pages(house, clients).items():
            if client.get(address, {"cursor": "x"}).status_code != 422:
                continue
            looked += 1
            for cursor in CURSORS[looked % READ_AT_ONE_PLACE :: READ_AT_ONE_PLACE]:
                answer = client.get(address, {"cursor": cursor})
                assert answer.status_code == 422, (address, cursor)
                assert "Start again from its first page" in answer.content.decode()
            assert client.get(address).status_code == 200
        assert looked >= 8

    def test_no_page_at_all_stumbles_over_a_query(self, house: House, clients: dict[str, Client]) -> None:
        junk = {"prompt": "1" * 5_000, "show": "\x00", "code": "\x00", "q": "\x00"}
        for address, client in pages(house, clients).items():
            for asked in ({"cursor": CURSORS[0]}, junk):
                assert client.get(address, asked).status_code < 500, (address, asked)
