"""All money that waits, over the API."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from kit import clock
from kit.http.serializers import LineField, ListQuery, MoneyField, Strict
from kit.text import small_number
from payments.control import waiting
from payments.control.waiting import What
from payments.inbox.reasons import Who


class HoldsQuery(ListQuery):
    owner = serializers.ChoiceField(choices=Who.choices, required=False, help_text="Whose turn it is.")
    reason = LineField(required=False, max_length=600, help_text="A `key` of the counts by reason.")
    q = LineField(
        required=False, allow_blank=True, max_length=120, help_text="A part of the name, or of the code."
    )


class ToldOut(Strict):
    names = serializers.ListField(child=serializers.CharField(), help_text="Who was told, by name.")
    at = serializers.DateTimeField()
    mailed = serializers.BooleanField(help_text="Whether by mail too; in the app at once.")


class WaitOut(Strict):
    what = serializers.ChoiceField(choices=What.choices, help_text="What kind of money it is.")
    id = serializers.CharField(help_text="Of the pay item, the payment, or the payout at Stripe.")
    owner = serializers.ChoiceField(choices=Who.choices, help_text="Who must act now.")
    since = serializers.DateTimeField(help_text="Since when it waits.")
    days = serializers.IntegerField(help_text="Whole days since then.")
    amount = MoneyField()
    whose = serializers.CharField(help_text="The performer's id, or the company's.")
    name = serializers.CharField(help_text="What the performer or the company is called.")
    code = serializers.CharField(help_text="Why, as a code of ours or Stripe's.")
    means = serializers.CharField(source="why.means", help_text="What the code means.")
    fix = serializers.CharField(source="why.fix", help_text="What mends it.")
    told = ToldOut(many=True, help_text="Who was told of it, and when.")


class HoldCountOut(Strict):
    key = serializers.CharField(help_text="By which the list is narrowed to these.")
    label = serializers.CharField(help_text="The same in words.")  # type: ignore[assignment] # a field of that name
    count = serializers.IntegerField(help_text="How many wait.")
    amounts = MoneyField(many=True, help_text="Together, a currency each.")
    oldest_days = serializers.IntegerField(help_text="For how many whole days the oldest does.")


class HoldCountsOut(Strict):
    owners = HoldCountOut(many=True, help_text="By whose turn it is.")
    reasons = HoldCountOut(many=True, help_text="By why it waits.")


class Holds(Endpoint):
    """Pay that is held, what banks sent back, payments that did not come in."""

    allow = (Audience.FINANCE,)

    @described(
        "holds_list",
        "List all money that waits, the longest first.",
        parameters=[HoldsQuery],
        responses=WaitOut(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(HoldsQuery)
        wanted = waiting.Asked(asked.get("owner", ""), asked.get("reason", ""), asked.get("q", ""))
        limit = small_number(request.query_params.get("limit", "25")) or 0
        found = waiting.listed(
            self.actor, wanted, at=clock.now(), cursor=asked.get("cursor", ""), limit=limit
        )
        return Response({"data": WaitOut(found.rows, many=True).data, "next_cursor": found.next_cursor})


class HoldCounts(Endpoint):
    """How much of it waits, for whom and why."""

    allow = (Audience.FINANCE,)

    @described("holds_counts", "Count what waits, by whose turn it is and why.", responses=HoldCountsOut)
    def get(self, request: Request) -> Response:
        at = clock.now()
        counts = {
            "owners": waiting.by_owner(self.actor, at=at),
            "reasons": waiting.by_reason(self.actor, at=at),
        }
        return Response(HoldCountsOut(counts).data)


urlpatterns = [
    path("holds", Holds.as_view(), name="api_holds"),
    path("holds/counts", HoldCounts.as_view(), name="api_hold_counts"),
]
