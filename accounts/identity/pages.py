"""One's own settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.identity import operations, queries
from accounts.identity.forms import AccountForm
from kit import clock

GOING_TO = "going_to_after_set_up"


@allow(Audience.SIGNED_IN)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    user = queries.get_person(actor)
    form = AccountForm(request.POST or None, initial={"name": user.name, "time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        operations.update_account(user=user, **form.cleaned_data, by=actor, at=clock.now())
        messages.success(request, "Saved.")
        return redirect("settings")
    return render(request, "accounts/settings.html", {"form": form}, status=422 if form.errors else 200)


@allow(Audience.SIGNED_IN)
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Why it is asked for, and the two ways to it. Where they were going waits until it is set up."""
    actor, going_to = actor_of(request), request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(going_to, allowed_hosts=None):
        request.session[GOING_TO] = going_to
    if actor.has_second_factor:
        return redirect(request.session.pop(GOING_TO, "mfa_index"))
    confirmed = queries.has_confirmed_address(queries.get_person(actor))
    return render(request, "accounts/second_factor.html", {"confirmed": confirmed})


urlpatterns = [
    path("settings/second-factor/", second_factor, name="second_factor"),
    path("settings/", settings, name="settings"),
]
