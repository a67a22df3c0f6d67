from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from payments.inbox.queries import get_finding
from payments.webhooks import events


@require_POST
@allow(Audience.FINANCE)
def finding_try_again(request: HttpRequest, finding_id: str) -> HttpResponse:
    """Work a webhook once more that was given up."""
    if events.try_again(finding=get_finding(finding_id), by=actor_of(request), at=clock.now()):
        messages.success(request, "It is tried again now. If it fails once more, it comes back here.")
    else:
        messages.info(request, "There is nothing to try again: it was worked meanwhile.")
    return redirect("finance_inbox")


urlpatterns = [
    path("pay/inbox/<str:finding_id>/again/", finding_try_again, name="finding_try_again"),
]
