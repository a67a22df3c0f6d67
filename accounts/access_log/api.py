from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access_log import queries
from accounts.access_log.models import AccessEntry
from accounts.access_log.queries import Asked
from kit.http.serializers import DayField, LineField, ListQuery


class AccessLogQuery(ListQuery):
    who = LineField(required=False, max_length=120, help_text="A name, a mail address or an id.")
    route = LineField(required=False, max_length=60, help_text="The name of a route.")
    thing = LineField(required=False, max_length=120, help_text="An id that the address named.")
    first = DayField(required=False, help_text="The first day, in your time zone.")
    last = DayField(required=False, help_text="The last day, itself included.")


class AccessEntryOut(serializers.ModelSerializer[AccessEntry]):
    who = serializers.CharField(source="actor", help_text="The id of the person or key.")

    class Meta:
        model = AccessEntry
        fields = ["at", "who", "role", "route", "things", "way", "pressed"]
        extra_kwargs: dict[str, Any] = {
            "route": {"help_text": "The name of the page, file or endpoint; never its address."},
            "role": {"help_text": "As what they were let in: finance, admin, talent, staff or key."},
            "way": {"help_text": "Whether it was a page, an answer of the API or a file."},
        }


class AccessLog(Endpoint):
    """Who of the house, and which key, looked at other people's money."""

    allow = (Audience.ADMIN,)

    @described(
        "access_log_list",
        "List who looked at other people's money, the newest first.",
        parameters=[AccessLogQuery],
        responses=AccessEntryOut(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(AccessLogQuery)
        wanted = Asked(**{name: value for name, value in asked.items() if name not in ("cursor", "limit")})
        return self.listed(AccessEntryOut, queries.entries(self.actor, wanted), by=("-id",))


urlpatterns = [path("access-log", AccessLog.as_view(), name="api_access_log")]
