"""The pace of every page by address, and of what people send by page; the API counts people and keys itself."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, declared, pace_scope
from callboard import refusals
from kit.http import pacing

SAFE = ("GET", "HEAD", "OPTIONS")


class PaceMiddleware:
    """Answers 429 `throttled`, with `Retry-After`, to one request too many. Signed webhooks are not counted."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if Audience.MACHINE in (declared(view) or ()):
            return None
        wait_s = pacing.wait_for("address", pacing.address(request))
        if wait_s is None and request.method not in SAFE and not hasattr(view, "cls"):
            actor = actor_of(request)
            if not actor.is_anonymous:
                wait_s = pacing.wait_for(pace_scope(view, actor), actor.label)
        return None if wait_s is None else refusals.too_fast(request, wait_s=wait_s)
