from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus
from typing import Any

import structlog
from django.db import Error, connection, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.access.middleware import actor_of
from accounts.access_log import operations
from accounts.access_log.models import Way
from accounts.access_log.rules import shows_money, written_down_as
from kit import clock

log = structlog.get_logger(__name__)
LOOKS = ("GET", "HEAD")
DOCUMENTS = ("text/html", "application/json", "application/problem+json")


class AccessLogMiddleware:
    """Writes down who of the house looked at other people's money, once the answer is there and went well.

    By then no transaction of the page's is open: a page that reads in one that cannot write is written down all the same.
    Stands within those that refuse, and after the door of the pages: whoever was not let in never comes here.
    """

    def __init__(self, respond: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.respond(request)
        view = getattr(request, "money_view", None)
        if view is not None and _showed_something(request, answer):
            _write_down(request, answer, view)
        return answer

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if shows_money(view):
            request.money_view = view  # type: ignore[attr-defined] # read above, by the same middleware

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        # A refused form leads back to its page, which looks like success from outside.
        leave_out(request)


def _showed_something(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """A page that leads elsewhere showed nothing; a press that does has been done. A page that says what is wrong in its form
    shows all the rest beside it."""
    if request.method in LOOKS:
        return answer.status_code < 300 or answer.status_code == HTTPStatus.NOT_MODIFIED or _is_a_form(answer)
    return request.method != "OPTIONS" and (answer.status_code < 400 or _is_a_form(answer))


def _is_a_form(answer: HttpResponseBase) -> bool:
    """Whether the view itself showed its page again: what it raised as a refusal was left out before."""
    return answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and _kind(answer) == DOCUMENTS[0]


def leave_out(request: HttpRequest) -> None:
    """Say, from a view, that its answer is nobody's look at another's money: its reader's own, or a press that it refused."""
    request.money_view = None  # type: ignore[attr-defined] # read by the middleware


def _write_down(request: HttpRequest, answer: HttpResponseBase, view: Any) -> None:
    actor, match = actor_of(request), request.resolver_match
    role = written_down_as(view, actor)
    if not role or match is None:
        return
    row: dict[str, Any] = {
        "route": str(match.url_name),
        "things": [str(value) for value in match.kwargs.values()],
        "way": _way(request, answer),
        "pressed": request.method not in LOOKS and not _is_a_form(answer),
        "role": role,
        "by": actor,
        "at": clock.now(),
    }
    # Whoever holds a transaction around the request keeps it, whatever goes wrong here.
    guarded = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with guarded:
            operations.write(**row)
    except Error:
        log.exception("access_not_written", route=row["route"], actor=actor.label)


def _way(request: HttpRequest, answer: HttpResponseBase) -> Way:
    if "Content-Disposition" in answer.headers or _kind(answer) not in DOCUMENTS:
        return Way.FILE
    return Way.API if request.path.startswith("/api/") else Way.PAGE


def _kind(answer: HttpResponseBase) -> str:
    return str(answer.headers.get("Content-Type", DOCUMENTS[0])).partition(";")[0].strip()
