"""Asking for a new start without the second factor, deciding about one, and taking a change of address back."""

from typing import Any

from allauth.account.internal.stagekit import clear_login, get_pending_stage
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.identity.addresses import UNDO_FOR
from accounts.identity.models import FormerAddress
from accounts.identity.queries import second_factors
from accounts.security import addresses, queries, recoveries
from accounts.security.password_given import who_gave_it
from kit import clock
from kit.errors import Invalid, NotFound


@allow(Audience.ANYONE)
@require_http_methods(["GET", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """For whoever has given a password and cannot give the second factor: nobody else learns anything here."""
    user = who_gave_it(request)
    if user is None:
        messages.info(request, "Give your mail address and password first.")
        return redirect("account_login")
    asked = recoveries.ask(user=user, at=clock.now()) if request.method == "POST" else None
    who, _ = queries.who_decides(user)
    return render(request, "accounts/recovery.html", {"who": who, "asked": asked})


def with_one_to_give(view: Any) -> Any:
    """allauth's page that asks for the second factor. Whoever has none any more logs in anew: it and the log-in page would
    send them to each other for ever."""

    def behind(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stage = get_pending_stage(request)
        if stage is not None and not second_factors(stage.login.user).exists():
            clear_login(request)
            messages.info(request, "You have no second factor any more. Log in, and set up another one.")
            return redirect("account_login")
        answer: HttpResponse = view(request, *args, **kwargs)
        return answer

    behind.__module__ = view.__module__  # guarded as the view is
    return behind


@allow(Audience.SIGNED_IN)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """Who asks for a new start and is the reader's to decide about."""
    return render(request, "accounts/recoveries.html", {"recoveries": queries.waiting(actor_of(request))})


@allow(Audience.SIGNED_IN)
@require_POST
def decide(request: HttpRequest, recovery_id: str) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    found = queries.get_recovery(actor, recovery_id)
    acts = {"agree": recoveries.agree, "refuse": recoveries.refuse}
    act = acts.get(request.POST.get("answer", ""))
    if act is None:
        raise Invalid.field("answer", "Agree or refuse.", code="not_a_choice")
    act(recovery=found, reason=request.POST.get("reason", ""), by=actor, at=now)
    messages.success(request, f"Done. {found.user.name} is told on every address.")
    return redirect("recoveries")


@allow(Audience.ANYONE)
@require_http_methods(["GET", "POST"])
def undo_address(request: HttpRequest, address_id: str) -> HttpResponse:
    """Where the mail to an old address leads: looking changes nothing, pressing puts it back. It takes no log-in."""
    row = FormerAddress.objects.filter(public_id=address_id).first()
    if row is None or not addresses.is_key_of(row, request.GET.get("key", "")):
        raise NotFound
    now = clock.now()
    try:
        if request.method == "GET":
            addresses.check_undoable(row, at=now)
            asks = {"row": row, "until": row.until + UNDO_FOR, "done": False, "refusal": None}
            return render(request, "accounts/address_undo.html", asks)
        user = addresses.undo(row=row, at=now)
    except addresses.UndoOver as refusal:
        refused = {"done": False, "refusal": refusal}
        return render(request, "accounts/address_undo.html", refused, status=refusal.status)
    addresses.mail_a_new_password(user=user, request=request)
    return render(request, "accounts/address_undo.html", {"done": True})


urlpatterns = [
    path("recovery/", recovery, name="recovery"),
    path("recoveries/", waiting, name="recoveries"),
    path("recoveries/<str:recovery_id>/", decide, name="recovery_decide"),
    path("address/<str:address_id>/undo/", undo_address, name="address_undo"),
]
