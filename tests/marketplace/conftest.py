"""The outside of the marketplace: someone with a browser or a key, at a time that the test says."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from typing import Any

import boto3
import pytest
from django.http import HttpResponse
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from accounts.identity.models import User
from accounts.performers.models import Performer
from tests.accounts.browsing import Api, proves
from tests.stories import BEFORE

NUMBERS = count(1)


class Caller:
    """Calls the API as one person, and reads each answer at once: its status, and its body."""

    def __init__(self, user: User | None) -> None:
        self.user, self.api = user, Api(user)
        self.client = self.api.client
        self.client.raise_request_exception = False

    def proves(self) -> "Caller":
        """Themselves, having just given what shows that it is them."""
        assert self.user is not None
        proves(self.client, self.user)
        return self

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


@pytest.fixture
def s3(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Recordings lie in a bucket of a server that speaks S3; its client."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # One of its own: the server keeps what earlier ones were given.
    settings.MEDIA_BUCKET, settings.MEDIA_S3_REGION = f"recordings-{next(NUMBERS)}", "us-east-1"
    settings.MEDIA_S3_ENDPOINT = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=settings.MEDIA_S3_ENDPOINT, region_name="us-east-1")
    client.create_bucket(Bucket=settings.MEDIA_BUCKET)
    yield client
    server.stop()
