"""One's calendar feed: its address, shown once, and what calendars read there."""

import hashlib

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from marketplace.calendars import operations, queries


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def my_feed(request: HttpRequest) -> HttpResponse:
    """Whether there is one, and the way to an address; a new one is in the answer to the press and nowhere else."""
    actor = actor_of(request)
    address = operations.renew(by=actor, at=clock.now())[1] if request.method == "POST" else ""
    context = {"feed": operations.live_of(actor), "address": address}
    return render(request, "marketplace/calendar_feed.html", context)


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def end_feed(request: HttpRequest) -> HttpResponse:
    operations.take_back(by=actor_of(request), at=clock.now())
    messages.success(request, "Taken back. Whoever has the address reads nothing there any more.")
    return redirect("my_calendar_feed")


@allow(Audience.ANYONE)
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """What a calendar reads. The address is the proof, so no other cookie or key counts for anything here."""
    now = clock.now()
    text = queries.feed_of(operations.find(secret=secret, at=now), at=now)
    etag = quote_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    whole = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response: HttpResponseBase = get_conditional_response(request, etag=etag, response=whole) or whole
    response["ETag"] = etag
    # A calendar keeps its copy and asks whether it still holds; nothing on the way keeps one.
    response["Cache-Control"] = "private, no-cache"
    return response


urlpatterns = [
    path("calendar/feed/", my_feed, name="my_calendar_feed"),
    path("calendar/feed/end/", end_feed, name="calendar_feed_end"),
    path("calendar/feed/<str:secret>.ics", feed, name="calendar_feed"),
]
