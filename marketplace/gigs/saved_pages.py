"""Saved searches by page, and the one press in a mail that ends one."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.performers.queries import get_own
from kit import clock
from kit.errors import Invalid
from kit.forms import LineField
from marketplace.gigs import saved
from marketplace.gigs.forms import BoardForm
from marketplace.gigs.limits import LONGEST_SEARCH_NAME


class NameForm(forms.Form):
    name = LineField(
        max_length=LONGEST_SEARCH_NAME,
        error_messages={"required": "Give the search a name, to know its mail by."},
    )


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def my_searches(request: HttpRequest) -> HttpResponse:
    """Those that there are; a press on the board sends its filters here."""
    actor = actor_of(request)
    if request.method == "POST":
        search = BoardForm(request.POST).search(reader_zone=actor.time_zone)
        form = NameForm(request.POST)
        if not form.is_valid():
            # Back to the board, whose address still says what is looked for.
            raise Invalid.field("name", str(form.errors["name"][0]))
        name = form.cleaned_data["name"]
        saved.save(performer=get_own(actor), name=name, search=search, by=actor, at=clock.now())
        messages.success(request, "Saved. What is new for it comes by mail in your morning.")
        return redirect("my_searches")
    rows = [(row, saved.address_of(saved.search_of(row))) for row in saved.own(actor)]
    return render(request, "marketplace/my_searches.html", {"rows": rows})


@allow(Audience.PERFORMER)
@require_POST
def search_delete(request: HttpRequest, saved_id: str) -> HttpResponse:
    saved.end(saved_id=saved_id, by=actor_of(request), at=clock.now())
    messages.success(request, "Deleted. It sends no mail any more.")
    return redirect("my_searches")


# A mail program posts without a cookie and without a form (RFC 8058): the signed address is the proof.
@csrf_exempt
@allow(Audience.ANYONE)
@require_http_methods(["GET", "POST"])
def saved_search_end(request: HttpRequest, signed: str) -> HttpResponse:
    """The link in a mail: asked for, it shows a button, as programs follow links by themselves; posted to, it ends the search."""
    if request.method == "POST":
        saved.end_by_mail(text=signed, at=clock.now())
    found = saved.of_signed(signed)
    return render(request, "marketplace/search_ended.html", {"saved": found})


urlpatterns = [
    path("work/searches/", my_searches, name="my_searches"),
    path("work/searches/<str:saved_id>/delete/", search_delete, name="search_delete"),
    path("searches/end/<str:signed>/", saved_search_end, name="saved_search_end"),
]
