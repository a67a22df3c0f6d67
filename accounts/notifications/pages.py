from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.notifications import operations
from accounts.notifications.models import Notification
from accounts.notifications.queries import get_notification
from kit import clock
from kit.http.pagination import page
from kit.instants import day


@allow(Audience.SIGNED_IN)
def notifications(request: HttpRequest) -> HttpResponse:
    """What one was told, by day, the newest first."""
    actor = actor_of(request)
    mine = Notification.objects.visible_to(actor)
    found = page(mine, by=("-id",), cursor=request.GET.get("cursor", ""))
    days = groupby(found.rows, key=lambda row: day(row.created_at, actor.zone))
    context = {
        "days": [(title, list(rows)) for title, rows in days],
        "next": found.next_cursor,
        "waiting": mine.filter(read_at=None).count(),
    }
    return render(request, "accounts/notifications.html", context)


@allow(Audience.SIGNED_IN)
@require_GET
def open_notification(request: HttpRequest, notification_id: str) -> HttpResponse:
    """Follow it to where the thing is done: then it is read."""
    actor = actor_of(request)
    news = get_notification(actor, notification_id)
    operations.read_one(notification=news, by=actor, at=clock.now())
    return redirect(news.path or "notifications")


@allow(Audience.SIGNED_IN)
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    operations.read_all(by=actor_of(request), at=clock.now())
    return redirect("notifications")


urlpatterns = [
    path("notifications/", notifications, name="notifications"),
    path("notifications/read/", read_all, name="notifications_read"),
    path("notifications/<str:notification_id>/", open_notification, name="notification_open"),
]
