"""The evidence of a line, as a fragment beside its picture."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from marketplace.desk import evidence
from marketplace.timekeeping.queries import get_line


@allow(Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
@require_safe
def line_evidence(request: HttpRequest, line_id: str) -> HttpResponse:
    actor = actor_of(request)
    line = get_line(actor, line_id)
    context = {"line": line, "shown": evidence.of(line, actor, at=clock.now())}
    return render(request, "marketplace/line_evidence.html", context)


urlpatterns = [path("week/line/<str:line_id>/evidence/", line_evidence, name="line_evidence")]
