from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access.actors import Actor
from accounts.access.rules import admitted, declared, waits_for_second_factor

# Libraries' own views, which cannot declare: each by its module, with who guards it.
GUARDED_BY_THEMSELVES = (
    "allauth.",  # log-in, sign-up, reset, second factor: allauth's own decorators
    "django.contrib.admin.",  # admin: superusers, through allauth's log-in
    "django.contrib.staticfiles.",
    "django_prometheus.",
    "drf_spectacular.",
    "django.views.static",
)
Responder = Callable[[HttpRequest], HttpResponse]


def actor_of(request: HttpRequest) -> Actor:
    """Who is acting in this request."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined] # put there by the keys room's middleware


def to_second_factor(request: HttpRequest) -> HttpResponse:
    """To the page that says why, and back to where they were going once a second factor is set up."""
    going_to = request.get_full_path() if request.method == "GET" else reverse("today")
    return redirect(f"{reverse('second_factor')}?{urlencode({'next': going_to})}")


class DeclaredAccessMiddleware:
    """Closes every page that does not say who may come in, and checks those that do. Endpoints check for themselves."""

    def __init__(self, respond: Responder) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if view.__module__.startswith(GUARDED_BY_THEMSELVES) or hasattr(view, "cls"):
            return None
        audiences = declared(view)
        if audiences is None:
            raise PermissionDenied("This page does not say who may see it, so nobody may.")
        actor = actor_of(request)
        if admitted(actor, audiences):
            return None
        if actor.is_anonymous:
            return redirect_to_login(request.get_full_path())
        if waits_for_second_factor(actor, audiences):
            return to_second_factor(request)
        raise PermissionDenied("This page is for someone in another role.")
