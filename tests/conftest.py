"""What all tests share: the database, no network but this machine, properties that do not time out."""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import hypothesis
import pytest
from django.test import Client

from kit import clock
from payments.gateway.client import speaking_through
from payments.payouts import calls
from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox
from tests import openapi

MANY = 20
PAYDAY = datetime(2026, 11, 20, 15, tzinfo=UTC)

pytest_plugins = ["tests.database", "tests.telling"]

# A property's example may wait for Postgres on a busy machine; slowness is measured in the benchmarks.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # pytest-socket reads these when it is configured itself.
    config.option.allow_hosts = "127.0.0.1,::1"
    config.option.allow_unix_socket = True
    # Millions of small objects are made that are soon gone: looking for cycles seldom saves an eighth of the time.
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True, scope="session")
def _people_are_ready(request: pytest.FixtureRequest) -> None:
    """Where so many tests run that it saves time."""
    if len(request.session.items) >= MANY:
        request.getfixturevalue("django_db_setup")
        with request.getfixturevalue("django_db_blocker").unblock():
            stock, stories = (
                import_module(f"tests.{name}") for name in ("stock", "stories")
            )  # they need Django
            stock.fill({stories.a_performer: 5, stories.a_company: 3})


@pytest.fixture
def long_days(settings: Any) -> None:
    """Where calls follow on calls, or fill a week: a house that guarantees no rest beside pay."""
    settings.GUARANTEES = {"stretch_s": 86_400, "stretch_rest_s": 0, "day_s": 86_400, "night_s": 0}


@pytest.fixture(autouse=True, scope="session")
def _answers_are_as_described() -> Iterator[None]:
    """Every answer of the API to Django's test client is held against the OpenAPI document."""
    ask = Client.request

    def request(self: Client, **environ: Any) -> Any:
        response: Any = ask(self, **environ)
        if response.streaming:  # read to its end, as a browser does: only so it is closed
            response.streaming_content = [b"".join(response.streaming_content)]
        openapi.check(method=environ["REQUEST_METHOD"], path=environ["PATH_INFO"], response=response)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", request)
        yield


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Stripe, in process, with its clock at the stories' payday."""
    sandbox = Sandbox(seed=1, now=PAYDAY.timestamp() - 1)
    sandbox.move_clock(to=PAYDAY.timestamp(), frozen=True)
    with speaking_through(InProcessClient(sandbox)):
        yield sandbox
    # What a sweep left under way is of this Stripe and this database.
    calls.of_this_process.cache_clear()
    sandbox.close()


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock that pages and endpoints read."""

    def set_to(at: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    return set_to
