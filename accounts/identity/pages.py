"""One's own settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.identity import operations, queries
from accounts.identity.forms import AccountForm
from kit import clock


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


urlpatterns = [
    path("settings/", settings, name="settings"),
]
