"""The way to one's own "is it still you?", and from there back to what was asked for, with nothing typed lost."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.step_up import StaleProof, is_fresh
from kit import clock

ASKED = "asked_before_the_proof"
MOST_KEPT = 10_000  # characters: what people type into the forms that ask for a proof, many times over


def to_proof(request: HttpRequest, *, back_to: str) -> HttpResponse:
    """To the page where this person proves who they are, by what they have; then `back_to`."""
    first = get_adapter().get_reauthentication_methods(request.user)[0]
    return redirect(f"{first['url']}?{urlencode({'next': back_to})}")


def ask(request: HttpRequest, refusal: StaleProof) -> HttpResponse:
    """Ask for the proof first. What was sent waits in the session, to be looked at and sent again."""
    if request.method != "POST":
        return to_proof(request, back_to=request.get_full_path())
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    kept = [[name, value] for name, value in fields if name != "csrfmiddlewaretoken"]
    if sum(len(name) + len(value) for name, value in kept) > MOST_KEPT:
        return to_proof(request, back_to=reverse("today"))
    request.session[ASKED] = {
        "path": request.get_full_path(),
        "fields": kept,
        "act": str(refusal.facts["act"]),
    }
    return to_proof(request, back_to=reverse("proved"))


@allow(Audience.SIGNED_IN)
@require_safe
def proved(request: HttpRequest) -> HttpResponse:
    """What was asked for before the proof, to be sent now: by a press, since a session may not act by itself."""
    asked: dict[str, Any] | None = request.session.get(ASKED)
    if asked is None or not is_fresh(actor_of(request).proved_at, at=clock.now()):
        request.session.pop(ASKED, None)
        return redirect("today")
    return render(request, "accounts/proved.html", {"asked": asked})


def with_proof(view: Any) -> Any:
    """A page of allauth's that is shown and taken only after a fresh proof. Nothing sent to it is kept: it may be a password."""

    @login_required
    def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if get_adapter().is_reauthentication_required(app="allauth.account"):
            return to_proof(request, back_to=request.path)
        answer: HttpResponse = view(request, *args, **kwargs)
        return answer

    behind.__module__ = view.__module__  # guarded as the view is
    return behind


urlpatterns = [path("proved/", proved, name="proved")]
