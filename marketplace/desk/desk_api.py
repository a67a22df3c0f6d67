"""Talent operations' desk, over the API."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from kit import clock
from kit.http.merging import merged
from kit.http.serializers import ListQuery, Strict
from kit.text import small_number
from marketplace.desk.waiting import Waits, What, sources


class DeskQuery(ListQuery):
    what = serializers.ChoiceField(choices=What.choices, required=False, help_text="Only of this kind.")


class WaitsOut(Strict):
    what = serializers.ChoiceField(choices=What.choices, help_text="Of which kind it is.")
    id = serializers.CharField()
    title = serializers.CharField(help_text="Who or what it is about.")
    detail = serializers.CharField(help_text="A line about it.")
    since = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="By when an answer is promised.")
    overdue = serializers.SerializerMethodField(help_text="Whether that date has passed.")
    path = serializers.CharField(help_text="The page on which it is done.")

    def get_overdue(self, waits: Waits) -> bool:
        return waits.is_overdue(clock.now())


class CountOut(Strict):
    what = serializers.CharField(help_text="Of which kind.")
    label = serializers.CharField(help_text="The kind in words.")  # type: ignore[assignment] # a field of that name
    count = serializers.IntegerField(help_text="How many wait.")


class Desk(Endpoint):
    """What waits for you, the longest first; an administrator's are the appeals that nobody else may answer."""

    allow = (Audience.TALENT, Audience.ADMIN)

    @described(
        "desk_list",
        "List what waits for talent operations, the longest first.",
        parameters=[DeskQuery],
        responses=WaitsOut(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(DeskQuery)
        waiting = sources(self.actor, at=clock.now())
        chosen = [source for what, source in waiting.items() if asked.get("what", what) == what]
        limit = small_number(request.query_params.get("limit", "25")) or 0
        found = merged(chosen, cursor=request.query_params.get("cursor", ""), limit=limit)
        return Response({"data": WaitsOut(found.rows, many=True).data, "next_cursor": found.next_cursor})


class DeskCounts(Endpoint):
    """How much of each kind waits."""

    allow = (Audience.TALENT, Audience.ADMIN)
    pagination_class = WholeList

    @described("desk_counts", "Count what waits, by kind.", responses=CountOut(many=True))
    def get(self, request: Request) -> Response:
        rows = [
            {"what": what, "label": what.label, "count": source.rows.count()}
            for what, source in sources(self.actor, at=clock.now()).items()
        ]
        return self.whole(CountOut, rows)


urlpatterns = [
    path("desk", Desk.as_view(), name="api_desk"),
    path("desk/counts", DeskCounts.as_view(), name="api_desk_counts"),
]
