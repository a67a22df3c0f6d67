"""The first page after logging in, and one's own settings."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.operations import create_company
from accounts.companies.queries import not_accepted
from accounts.identity import operations
from accounts.identity.forms import HIRE, AccountForm, BeginForm
from accounts.identity.models import User
from accounts.onboarding import queries as onboarding
from accounts.performers.operations import create_performer
from kit import clock


@allow(Audience.SIGNED_IN)
def today(request: HttpRequest) -> HttpResponse:
    """What a person comes for first: the next call, what waits, this week in money."""
    actor = actor_of(request)
    asked = {"asked_to_act": not_accepted(actor)}
    if actor.performer is not None:
        open_steps = onboarding.missing(actor.performer, of=onboarding.TO_BE_PAID)
        bookable = not any(item.step in onboarding.TO_BE_BOOKED for item in open_steps)
        context = {"open_steps": open_steps, "bookable": bookable} | asked
        return render(request, "accounts/today_performer.html", context)
    if actor.companies:
        return render(request, "accounts/today_company.html", {"companies": actor.companies} | asked)
    if actor.is_staff:
        return render(request, "accounts/today_staff.html", asked)
    return render(request, "accounts/begin.html", {"form": _begin_form(actor)})


@allow(Audience.SIGNED_IN)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Someone without a role says what they come for."""
    actor, form = actor_of(request), BeginForm(request.POST)
    if not form.is_valid():
        return render(request, "accounts/begin.html", {"form": form}, status=422)
    sent, user, at = form.cleaned_data, cast(User, actor.user), clock.now()
    if sent["comes_to"] == HIRE:
        create_company(name=sent["company_name"], owner=user, by=actor, at=at)
        return redirect("today")
    create_performer(user=user, stage_name=sent["name"], by=actor, at=at)
    return redirect("onboarding")


@allow(Audience.SIGNED_IN)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    user = cast(User, actor.user)
    form = AccountForm(request.POST or None, initial={"name": user.name, "time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        operations.update_account(user=user, **form.cleaned_data, by=actor, at=clock.now())
        messages.success(request, "Saved.")
        return redirect("settings")
    return render(request, "accounts/settings.html", {"form": form}, status=422 if form.errors else 200)


def _begin_form(actor: Actor) -> BeginForm:
    return BeginForm(initial={"name": cast(User, actor.user).name})


urlpatterns = [
    path("today/", today, name="today"),
    path("today/begin/", begin, name="begin"),
    path("settings/", settings, name="settings"),
]
