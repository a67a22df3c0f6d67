from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.onboarding import operations, queries
from accounts.performers.queries import get_own
from kit import clock


@allow(Audience.PERFORMER)
def onboarding(request: HttpRequest) -> HttpResponse:
    """The checklist: each step with one button."""
    performer = get_own(actor_of(request))
    steps = queries.checklist(performer)
    next_step = next((item.step for item in steps if not item.done), None)
    context = {
        "steps": [(item, item.step == next_step) for item in steps],
        "next_step": next_step,
        "done": sum(item.done for item in steps),
        "total": len(steps),
        "performer": performer,
        "may_ask": not queries.still_open(steps, of=queries.TO_BE_VETTED),
        "bookable": not queries.still_open(steps, of=queries.TO_BE_BOOKED),
    }
    return render(request, "accounts/onboarding.html", context)


@allow(Audience.ANYONE)
def terms(request: HttpRequest) -> HttpResponse:
    """The performers' terms, for everyone to read before they sign up."""
    return render(request, "accounts/terms.html", {"version": queries.TERMS_VERSION})


@allow(Audience.PERFORMER)
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    operations.accept_terms(performer=get_own(actor), by=actor, at=clock.now())
    messages.success(request, "Thank you. You can read the terms again at any time.")
    return redirect("onboarding")


urlpatterns = [
    path("onboarding/", onboarding, name="onboarding"),
    path("onboarding/terms/", accept, name="onboarding_terms"),
    path("terms/", terms, name="terms"),
]
