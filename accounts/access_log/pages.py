"""Who looked at other people's money: for administration alone."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access_log import queries
from accounts.access_log.forms import LogForm
from accounts.access_log.models import AccessEntry
from kit.errors import Invalid
from kit.forms import put_refusal
from kit.http.downloads import csv_file
from kit.http.pagination import page

ROWS = 50


@allow(Audience.ADMIN)
@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    """The newest first; looking at it stands in it too, from the next look on."""
    actor, form = actor_of(request), LogForm(request.GET)
    rows = _asked(actor, form)
    if rows is None:
        context = {"form": form, "lines": [], "narrowed": True}
        return render(request, "accounts/access_log.html", context, status=422)
    found = page(rows, by=("-id",), cursor=request.GET.get("cursor", ""), limit=ROWS)
    context = {
        "form": form,
        "lines": queries.lines(found.rows),
        "next": found.next_cursor,
        "narrowed": any(form.cleaned_data.values()),
    }
    return render(request, "accounts/access_log.html", context)


def _asked(actor: Actor, form: LogForm) -> QuerySet[AccessEntry] | None:
    """What the filters leave; None where they leave nothing that can be, and the form says why."""
    if not form.is_valid():
        return None
    try:
        return queries.entries(actor, form.asked())
    except Invalid as refusal:
        put_refusal(form, refusal)
        return None


@allow(Audience.ADMIN)
@require_safe
def access_log_csv(request: HttpRequest) -> HttpResponse:
    """All that the page's filters leave."""
    form = LogForm(request.GET)
    if not form.is_valid():
        raise Invalid("The filters are not as the page writes them. Set them there, and take the file again.")
    return csv_file("access-log.csv", queries.csv_of(actor_of(request), form.asked()))


urlpatterns = [
    path("access-log/", access_log, name="access_log"),
    path("access-log/access-log.csv", access_log_csv, name="access_log_csv"),
]
