"""The outside of the marketplace: someone with a browser or a key, at a time that the test says."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.identity.models import User
from accounts.performers.models import Performer
from tests.accounts.browsing import Api
from tests.stories import BEFORE


class Caller:
    """Calls the API as one person, and reads each answer at once: its status, and its body."""

    def __init__(self, user: User | None) -> None:
        self.api = Api(user)
        self.client = self.api.client
        self.client.raise_request_exception = False

    def get(self, path: str, **query: str) -> tuple[int, Any]:
        return _read(self.api.get(path, **query))

    def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        return _read(self.api.post(path, body, **headers))

    def put(self, path: str, body: Any = None) -> tuple[int, Any]:
        return _read(self.api.send("PUT", path, body))

    def patch(self, path: str, body: Any = None) -> tuple[int, Any]:
        return _read(self.api.patch(path, body))


def _read(answer: HttpResponse) -> tuple[int, Any]:
    return answer.status_code, json.loads(answer.content) if answer.content else None


@pytest.fixture
def as_someone(db: None) -> Callable[[User | Performer | None], Caller]:
    def caller(who: User | Performer | None) -> Caller:
        return Caller(who.user if isinstance(who, Performer) else who)

    return caller


@pytest.fixture
def before_the_week(it_is: Callable[[datetime], None]) -> None:
    """The day on which the stories prepare what their week plays."""
    it_is(BEFORE)
