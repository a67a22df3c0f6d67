"""Books of before: what was proposed, line by line, and the second person's press."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof
from accounts.identity.proving import to_proof
from kit import clock
from payments.restating import operations, queries

SHOWN = 10


@require_GET
@allow(Audience.FINANCE)
def restatements(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what was decided."""
    rows = queries.all_of()[:SHOWN]
    return render(request, "payments/restatements.html", {"rows": rows, "me": actor_of(request).user_id})


@require_POST
@allow(Audience.FINANCE)
def restatement_approve(request: HttpRequest, restatement_id: str) -> HttpResponse:
    """As the second person, with a fresh proof, over the hash that the page showed."""
    actor, seen = actor_of(request), request.POST.get("content_hash", "")
    try:
        operations.approve(restatement=queries.get(restatement_id), seen_hash=seen, by=actor, at=clock.now())
    except StaleProof:
        messages.info(request, "Prove once more that it is you, then press approve again.")
        return to_proof(request, back_to=reverse("restatements"))
    messages.success(request, "It is in the books.")
    return redirect("restatements")


@require_POST
@allow(Audience.FINANCE)
def restatement_decline(request: HttpRequest, restatement_id: str) -> HttpResponse:
    """Take one's own proposal back, or decline another's."""
    actor, answer = actor_of(request), request.POST.get("answer", "")
    operations.decline(restatement=queries.get(restatement_id), answer=answer, by=actor, at=clock.now())
    messages.success(request, "Nothing was moved.")
    return redirect("restatements")


urlpatterns = [
    path("pay/restatements/", restatements, name="restatements"),
    path("pay/restatements/<str:restatement_id>/approve/", restatement_approve, name="restatement_approve"),
    path("pay/restatements/<str:restatement_id>/decline/", restatement_decline, name="restatement_decline"),
]
