"""What the house keeps of people, for everyone to read; and one's own: a copy of it, and being forgotten."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from accounts.identity.queries import get_person
from accounts.privacy import download, operations, queries
from kit import clock


@allow(Audience.ANYONE)
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/privacy.html", {"holdings": queries.told()})


@allow(Audience.SIGNED_IN)
@require_safe
def my_privacy(request: HttpRequest) -> HttpResponse:
    user = get_person(actor_of(request))
    context = {
        "erasure": queries.open_erasure(user),
        "obstacles": queries.obstacles(user),
        "kept": queries.kept_of(user),
    }
    return render(request, "accounts/my_privacy.html", context)


@allow(Audience.SIGNED_IN)
@paced("export")
@require_POST
def my_export(request: HttpRequest) -> HttpResponseBase:
    """All of one's own data, as a zip."""
    return download.of_all_that_is_ones_own(actor_of(request))


@allow(Audience.SIGNED_IN)
@require_POST
def be_forgotten(request: HttpRequest) -> HttpResponse:
    operations.ask(by=actor_of(request), at=clock.now())
    messages.success(request, "You will be forgotten. Until then you can take it back here.")
    return redirect("my_privacy")


@allow(Audience.SIGNED_IN)
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    operations.take_back(by=actor_of(request), at=clock.now())
    messages.success(request, "You stay. Nothing was deleted.")
    return redirect("my_privacy")


urlpatterns = [
    path("privacy/", privacy, name="privacy"),
    path("settings/privacy/", my_privacy, name="my_privacy"),
    path("settings/privacy/export/", my_export, name="my_export"),
    path("settings/privacy/erasure/", be_forgotten, name="my_erasure"),
    path("settings/privacy/erasure/take-back/", stay, name="my_erasure_take_back"),
]
