"""The first page after logging in, and the way in for someone who has no role yet."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import companies_of, waiting_companies
from accounts.identity.queries import get_person
from accounts.invitations.queries import to_me
from accounts.onboarding import queries
from accounts.onboarding.forms import JOIN, PERFORM, BeginForm
from accounts.performers.queries import get_own
from kit import clock


@allow(Audience.SIGNED_IN)
def today(request: HttpRequest) -> HttpResponse:
    """What a person comes for first: the next call, what waits, this week in money."""
    actor = actor_of(request)
    asked = {"asked_to_act": to_me(actor, at=clock.now())}
    if actor.is_performer:
        return render(request, "accounts/today_performer.html", _performers_day(actor) | asked)
    if actor.company_ids:
        return render(request, "accounts/today_company.html", {"companies": companies_of(actor)} | asked)
    if actor.is_staff:
        return render(request, "accounts/today_staff.html", asked)
    if actor.is_withheld:
        waiting = {"waiting": waiting_companies(actor)}
        return render(request, "accounts/today_withheld.html", waiting | asked)
    return render(request, "accounts/begin.html", {"form": _begin_form(actor)} | asked)


def _performers_day(actor: Actor) -> dict[str, Any]:
    performer = get_own(actor)
    open_steps = queries.missing(performer, of=queries.TO_BE_PAID)
    bookable = not any(item.step in queries.TO_BE_BOOKED for item in open_steps)
    return {"performer": performer, "open_steps": open_steps, "bookable": bookable}


@allow(Audience.SIGNED_IN)
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Someone without a role says what they come for."""
    actor, form = actor_of(request), BeginForm(request.POST)
    if not form.is_valid():
        asked = {"asked_to_act": to_me(actor, at=clock.now())}
        return render(request, "accounts/begin.html", {"form": form} | asked, status=422)
    form.set_up(user=get_person(actor), by=actor, at=clock.now())
    comes_to = form.cleaned_data["comes_to"]
    if comes_to == JOIN:
        messages.info(
            request,
            "Open the link in the mail that you were sent; with a confirmed address it stands here too.",
        )
    return redirect("onboarding" if comes_to == PERFORM else "today")


def _begin_form(actor: Actor) -> BeginForm:
    return BeginForm(initial={"name": get_person(actor).name})


urlpatterns = [
    path("today/", today, name="today"),
    path("today/begin/", begin, name="begin"),
]
