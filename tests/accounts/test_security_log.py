"""What the log keeps of who came in, who was refused and what broke: when, where, who and what, in lines of JSON."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from accounts.access.roles import Staff
from accounts.access.rules import Audience, allow
from callboard.settings.logs import logging as lines_of
from callboard.urls import handler403, handler404, handler429, handler500  # noqa: F401 -- Django looks for them here
from callboard.urls import urlpatterns as ours
from tests import stories
from tests.accounts.browsing import Api, logs_in

pytestmark = pytest.mark.django_db
Lines = Callable[[], list[dict[str, Any]]]


@allow(Audience.ANYONE)
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("postgresql://u:hunter2@db/c broke")


urlpatterns = [path("broken/", broken), path("api/v1/broken", broken), *ours]


class Kept(logging.Handler):
    """Keeps each line as production writes it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        given = lines_of(json=True)["formatters"]["line"]
        self.setFormatter(given["()"](**{name: value for name, value in given.items() if name != "()"}))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[Lines]:
    root, kept = logging.getLogger(), Kept()
    before, disabled = root.level, logging.root.manager.disable
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in kept.lines]
    root.removeHandler(kept)
    root.setLevel(before)
    logging.disable(disabled)


def events(lines: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == name]


def test_a_log_in_is_kept_with_what_proved_it(logged: Lines) -> None:
    user = stories.a_member_of_staff(Staff.FINANCE)
    logs_in(user).post("/accounts/logout/")
    assert [line["by"] for line in events(logged(), "proved")] == ["password", "recovery_codes"]
    for name in ("logged_in", "logged_out", "proved"):
        line = events(logged(), name)[0]
        assert line["person"] == user.public_id
        assert line["timestamp"].endswith("Z")
        assert line["request_id"]
        assert line["level"] == "info"
    assert user.email not in json.dumps(logged())


def test_one_that_is_refused_is_kept_without_what_was_tried(logged: Lines) -> None:
    user, client = stories.a_member_of_staff(Staff.FINANCE), Client()
    client.post("/accounts/login/", {"login": user.email, "password": "hunter2 hunter2"})
    assert len(events(logged(), "password_refused")) == 1
    client.post("/accounts/login/", {"login": user.email, "password": stories.PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": "00000000"})
    assert len(events(logged(), "second_factor_refused")) == 1
    assert not {user.email, "hunter2 hunter2", "00000000"} & set(json.dumps(logged()).split('"'))


def test_what_one_may_not_is_kept_with_who_asked(logged: Lines) -> None:
    user = stories.a_person()
    client = logs_in(user)
    assert client.get("/pay/payday/").status_code == 403
    assert Api(client=client).post("companies", {"name": 7}).status_code == 422
    assert Api(key="cb_guess").get("gigs").status_code == 401
    finished = {
        (line["code"], line["request"], line.get("user_id")) for line in events(logged(), "request_finished")
    }
    assert (403, "GET /pay/payday/", user.pk) in finished
    assert (422, "POST /api/v1/companies", user.pk) in finished
    assert (401, "GET /api/v1/gigs", None) in finished


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("where", ["/broken/", "/api/v1/broken"])
def test_a_fault_is_kept_whole_and_told_to_nobody(logged: Lines, where: str) -> None:
    answer: Any = Client(raise_request_exception=False).get(where)
    assert answer.status_code == 500
    said = answer.content.decode()
    assert not [
        word for word in ("hunter2", "RuntimeError", "Traceback", "postgresql", ".py") if word in said
    ]
    (line,) = events(logged(), "request_failed")
    assert "RuntimeError" in line["exception"]
    assert Client().get("/healthz").status_code == 200


def test_a_line_stays_one_line_whatever_is_asked_for(logged: Lines) -> None:
    Client().get("/none%0A%7B%22event%22:%22logged_in%22%7D%1b[2J/")
    assert events(logged(), "logged_in") == []
    assert all(line["event"] != "request_finished" or line["code"] == 404 for line in logged())
