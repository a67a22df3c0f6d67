"""How decisions are made here: by whom, and what the house does by itself. For anybody to read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.access.rules import Audience, allow
from callboard.transparency.table import DECISIONS


@allow(Audience.ANYONE)
@require_safe
def how_decisions_are_made(request: HttpRequest) -> HttpResponse:
    return render(
        request, "how_decisions_are_made.html", {"decisions": [(each, each.figures()) for each in DECISIONS]}
    )


urlpatterns = [path("how-decisions-are-made/", how_decisions_are_made, name="how_decisions_are_made")]
