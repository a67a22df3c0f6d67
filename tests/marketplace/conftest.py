"""The outside of the marketplace: someone with a browser or a key, at a time that the test says."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.identity.models import User
from accounts.performers.models import Performer
from kit import clock


class Caller:
    """Calls the API as one person. Bodies go out and come back as JSON."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=False)
        if user is not None:
            self.client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def get(self, path: str, **query: str) -> tuple[int, Any]:
        return self._read(self.client.get(f"/api/v1/{path}", query))

    def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = json.dumps({} if body is None else body)
        answer = self.client.post(
            f"/api/v1/{path}", sent, content_type="application/json", headers=headers or None
        )
        return self._read(answer)

    def _read(self, answer: Any) -> tuple[int, Any]:
        return answer.status_code, json.loads(answer.content) if answer.content else None


@pytest.fixture
def as_someone(db: None) -> Callable[[User | Performer | None], Caller]:
    def caller(who: User | Performer | None) -> Caller:
        return Caller(who.user if isinstance(who, Performer) else who)

    return caller


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock that pages and endpoints read."""

    def set_to(at: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    return set_to
