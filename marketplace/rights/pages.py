"""Who may use my recordings, and for what: one page, on which a grant is taken back by one press."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.http.pagination import page
from marketplace.rights import operations, queries
from marketplace.rights.states import LIVE


@allow(Audience.PERFORMER)
def my_rights(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    own = queries.grants_for(actor).filter(application__performer_id=actor.performer_id)
    found = page(own, by=("-id",), cursor=request.GET.get("cursor", ""), limit=50)
    return render(request, "marketplace/rights.html", {"grants": found, "live": LIVE})


@allow(Audience.PERFORMER)
@require_POST
def grant_withdraw(request: HttpRequest, grant_id: str) -> HttpResponse:
    actor = actor_of(request)
    operations.withdraw(grant=queries.get_grant(actor, grant_id), by=actor, at=clock.now())
    messages.success(
        request, "Withdrawn, from this moment on. The company is told; what you earned stays yours."
    )
    return redirect("my_rights")


urlpatterns = [
    path("rights/", my_rights, name="my_rights"),
    path("rights/<str:grant_id>/withdraw/", grant_withdraw, name="grant_withdraw"),
]
