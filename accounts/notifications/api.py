from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.notifications import operations
from accounts.notifications.models import Notification
from accounts.notifications.queries import get_notification
from kit import clock
from kit.http.serializers import Strict


class NotificationOut(serializers.ModelSerializer[Notification]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "body", "path", "created_at", "read_at"]


class ReadOut(Strict):
    read = serializers.IntegerField()


class Notifications(Endpoint):
    """What you were told, the newest first."""

    allow = (Audience.SIGNED_IN,)

    @described(
        "notifications_list",
        "List what you were told, the newest first.",
        responses=NotificationOut(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.listed(NotificationOut, Notification.objects.visible_to(self.actor), by=("-id",))


class ReadAll(Endpoint):
    allow = (Audience.SIGNED_IN,)

    @described("notifications_read_all", "Mark all notifications read.", request=None, responses=ReadOut)
    def post(self, request: Request) -> Response:
        return self.done(ReadOut, lambda: {"read": operations.read_all(by=self.actor, at=clock.now())})


class ReadOne(Endpoint):
    allow = (Audience.SIGNED_IN,)

    @described("notifications_read", "Mark one notification read.", request=None, responses=NotificationOut)
    def post(self, request: Request, notification_id: str) -> Response:
        found = get_notification(self.actor, notification_id)
        return self.done(
            NotificationOut,
            lambda: operations.read_one(notification=found, by=self.actor, at=clock.now()),
        )


urlpatterns = [
    path("notifications", Notifications.as_view(), name="api_notifications"),
    path("notifications/read", ReadAll.as_view(), name="api_notifications_read"),
    path("notifications/<str:notification_id>/read", ReadOne.as_view(), name="api_notification_read"),
]
