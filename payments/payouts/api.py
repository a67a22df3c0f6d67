from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from kit import clock
from kit.http.serializers import MoneyOf, Strict, TextField
from kit.text import LONGEST_REASON
from payments.payouts import returns
from payments.payouts.models import ReturnDecision
from payments.payroll.operations import OwnPay
from payments.payroll.queries import get_item


class ReturnedOut(Strict):
    """What came back of one pay item and waits for a decision."""

    item = serializers.CharField(source="public_id")
    performer = serializers.CharField(source="performer.public_id")
    amount = MoneyOf("waits_minor")
    since = serializers.DateTimeField(source="back_at")


class DecideIn(Strict):
    what = serializers.ChoiceField(choices=ReturnDecision.What.choices)
    reason = TextField(max_length=LONGEST_REASON, help_text="The performer reads it.")


class DecisionOut(serializers.ModelSerializer[ReturnDecision]):
    id = serializers.CharField(source="public_id")
    item = serializers.CharField(source="item.public_id")
    amount = MoneyOf("amount_minor")
    new_item = serializers.CharField(source="new_item.public_id", allow_null=True, default=None)

    class Meta:
        model = ReturnDecision
        fields = ["id", "item", "what", "amount", "reason", "new_item", "decided_at"]


class Returned(Endpoint):
    """What came back from performers and waits for finance."""

    allow = (Audience.FINANCE,)

    @described(
        "returned_list", "List what came back and waits for a decision.", responses=ReturnedOut(many=True)
    )
    def get(self, request: Request) -> Response:
        rows = returns.waiting().select_related("performer")
        return self.listed(ReturnedOut, rows, by=("back_at", "id"))


class ReturnedDecide(Endpoint):
    """Over all that has come back of an item: pay it again, or it was too much."""

    allow = (Audience.FINANCE,)

    @described(
        "returned_decide",
        "Decide about what came back of a pay item.",
        refuses=(OwnPay, returns.NothingReturned, returns.NotThatMuchOverpaid),
        request=DecideIn,
        responses={201: DecisionOut},
    )
    def post(self, request: Request, item_id: str) -> Response:
        item, sent = get_item(self.actor, item_id), self.read(DecideIn)
        return self.created(
            DecisionOut, lambda: returns.decide(item=item, **sent, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path("returned", Returned.as_view(), name="api_returned"),
    path("pay-items/<str:item_id>/returned", ReturnedDecide.as_view(), name="api_returned_decide"),
]
