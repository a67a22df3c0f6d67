from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.notifications import operations
from accounts.notifications.models import Notification
from kit import clock
from kit.http.pagination import page


@allow(Audience.SIGNED_IN)
def notifications(request: HttpRequest) -> HttpResponse:
    mine = Notification.objects.visible_to(actor_of(request))
    found = page(mine, by=("-id",), cursor=request.GET.get("cursor", ""))
    return render(request, "accounts/notifications.html", {"page": found})


@allow(Audience.SIGNED_IN)
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    operations.read_all(by=actor_of(request), at=clock.now())
    return redirect("notifications")


urlpatterns = [
    path("notifications/", notifications, name="notifications"),
    path("notifications/read/", read_all, name="notifications_read"),
]
