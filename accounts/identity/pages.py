"""One's own settings."""

import re

from django.conf import settings as site
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.identity import confirming, operations, queries
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


@allow(Audience.ANYONE)
@require_safe
def confirmation(request: HttpRequest) -> HttpResponse:
    """Where a sign-up leads: to which address the mail went, and what to do where it does not come."""
    return render(request, "account/verification_sent.html", {"email": confirming.waits_for(request)})


@allow(Audience.ANYONE)
@require_POST
def confirmation_again(request: HttpRequest) -> HttpResponse:
    """The mail of a sign-up once more; the answer is the same whoever the address is."""
    if confirming.send_again(request):
        messages.success(request, "Sent again.")
    else:
        messages.info(request, "It went out a moment ago. If it is not there soon, ask again.")
    return redirect("account_email_verification_sent")


@allow(Audience.SIGNED_IN)
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Why it is asked for, and the two ways to it. Where they were going waits until it is set up."""
    actor, going_to = actor_of(request), request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(going_to, allowed_hosts=None):
        request.session[GOING_TO] = going_to
    if actor.has_second_factor:
        return redirect(request.session.pop(GOING_TO, "mfa_index"))
    context = {"by_name": _has_a_name(request), "public_url": site.PUBLIC_URL}
    return render(request, "accounts/second_factor.html", context)


def _has_a_name(request: HttpRequest) -> bool:
    """Whether the house was opened by a name: browsers keep no passkey for an address of numbers."""
    return not re.fullmatch(r"[\d.]+|\[.*\]", request.get_host().rsplit(":", maxsplit=1)[0])


urlpatterns = [
    path("confirmation/again/", confirmation_again, name="confirmation_again"),
    path("settings/second-factor/", second_factor, name="second_factor"),
    path("settings/", settings, name="settings"),
]
