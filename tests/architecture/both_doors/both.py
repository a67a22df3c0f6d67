"""One operation with its two doors, the page and the API, and what either must take and refuse."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.messages import ERROR, get_messages
from django.db import transaction
from django.http import HttpResponse

from accounts.audit.models import AuditEvent
from accounts.companies.models import Company
from accounts.identity.models import User
from marketplace.gigs import limits
from tests import stories
from tests.accounts.browsing import Api, logs_in

Sent = dict[str, Any]
Wrong = tuple[str, Sent, Sent]
TODAY = datetime(
    2026, 11, 3, 12, tzinfo=UTC
)  # after what the stories prepare, before the week that is worked
NOTHING = ""
CONTROL = "Eve\x1bx"


@dataclass
class Both:
    """One operation by page and by API: who may, where, what is right, and what is wrong, each as the two doors take it."""

    user: User
    page: str
    api: tuple[str, str]
    right: tuple[Sent, Sent]
    wrong: list[Wrong]
    at: datetime = TODAY


def text(
    page: str, longest: int, api: str = "", *, line: bool = False, needed: bool = True
) -> Iterator[Wrong]:
    """A text that is too long, cannot be kept, or is missing; of a line, also one with a control character."""
    said = {"too long": "x" * (longest + 1), "a null character": "a\x00b"}
    said |= {"nothing": NOTHING, "only space": "  "} if needed else {}
    said |= {"a control character": CONTROL, "two lines": "a\nb"} if line else {}
    for name, value in said.items():
        yield f"{page}: {name}", {page: value}, {api or page: value}


def link(field: str) -> Iterator[Wrong]:
    """A name that leads somewhere."""
    for said in ("Win: https://evil.example", "WWW.evil.example", "evil.example/win"):
        yield f"{field}: {said}", {field: said}, {field: said}


def number(page: str, api: str = "", **values: tuple[Any, Any]) -> Iterator[Wrong]:
    """A number that is none, and those named, as the page and as the API take them."""
    for name, (typed, sent) in ({"no_number": ("many", "many")} | values).items():
        yield f"{page}: {name}", {page: typed}, {api or page: sent}


def bounds(field: str) -> Iterator[Wrong]:
    """A whole number just outside of a gig's bounds."""
    least, most = limits.BOUNDS[field]
    yield from number(field, below=(least - 1, least - 1), above=(most + 1, most + 1))


def choice(page: str, api: str = "", *, several: bool = False, needed: bool = True) -> Iterator[Wrong]:
    unknown: Any = ["no_such"] if several else "no_such"
    yield f"{page}: unknown", {page: unknown}, {api or page: unknown}
    if needed:
        none: Any = [] if several else NOTHING
        yield f"{page}: nothing", {page: none}, {api or page: none}


def too_long(field: str, begin: str, longest: int, end: str = "") -> Wrong:
    said = {field: begin + "x" * longest + end}
    return f"{field}: too long", said, said


def with_a_reason(user: User, page: str, path: str, wrong: Iterator[Wrong], *, at: datetime = TODAY) -> Both:
    sent = {"reason": "No studio."}
    return Both(user, page, ("POST", path), (sent, sent), [*wrong], at)


def take_and_refuse_the_same(both: Both) -> None:
    doors = _doors(both)
    by_page, by_api = both.right
    let_through = [
        (door, name)
        for name, typed, sent in both.wrong
        for door, body in (("page", {**by_page, **typed}), ("api", {**by_api, **sent}))
        if not _refuses(doors[door], body)
    ]
    assert let_through == []
    for door, body in (("page", by_page), ("api", by_api)):
        answer, changes = _tried(doors[door], body)
        assert answer.status_code < 400, (door, answer.content)
        assert changes > 0, (door, answer.content)


def _doors(both: Both) -> dict[str, Callable[[Sent], HttpResponse]]:
    client, (method, path) = logs_in(both.user), both.api
    api = Api(client=client)

    def page(body: Sent) -> HttpResponse:
        client.cookies.pop("messages", None)
        return client.post(both.page, body)  # type: ignore[return-value] # Django's test client says so too

    return {"page": page, "api": lambda body: api.send(method, path, body)}


def _tried(door: Callable[[Sent], HttpResponse], body: Sent) -> tuple[HttpResponse, int]:
    """The answer, and how many moves it left in the trail; then it is as if nothing had been sent."""
    before = AuditEvent.objects.count()
    with transaction.atomic():
        answer = door(body)
        changes = AuditEvent.objects.count() - before
        transaction.set_rollback(True)
    return answer, changes


def _refuses(door: Callable[[Sent], HttpResponse], body: Sent) -> bool:
    """Whether nothing was changed, and it was said: by 422, or by the page's error or message."""
    answer, changes = _tried(door, body)
    if answer.headers["Content-Type"] in ("application/problem+json", "application/json"):
        return changes == 0 and answer.status_code == 422
    request = answer.wsgi_request  # type: ignore[attr-defined] # the test client's
    said = [message for message in get_messages(request) if message.level == ERROR]
    return changes == 0 and (400 <= answer.status_code < 500 or bool(said))


def owner(company: Company) -> User:
    return stories.person(stories.owner_of(company))
