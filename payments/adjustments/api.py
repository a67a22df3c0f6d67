from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from accounts.companies.interests import OwnCompany
from accounts.companies.queries import get_company
from kit import clock
from kit.http.serializers import MoneyIn, MoneyOf, Strict, TextField, TypedId
from kit.text import LONGEST_REASON
from payments.adjustments import operations, queries
from payments.adjustments.models import MOST_MINOR, Adjustment
from payments.reconciliation.models import StripeRow

What = Adjustment.What


class StrayOut(serializers.ModelSerializer[StripeRow]):
    id = serializers.CharField(source="public_id")
    amount = MoneyOf("amount_minor")

    class Meta:
        model = StripeRow
        fields = ["id", "stripe_id", "type", "source", "amount", "created_at"]


class AdjustmentOut(serializers.ModelSerializer[Adjustment]):
    id = serializers.CharField(source="public_id")
    amount = MoneyOf("amount_minor")
    company = serializers.CharField(source="company.public_id", allow_null=True, default=None)
    stray = serializers.CharField(source="stripe_row.public_id", allow_null=True, default=None)
    proposed_by = serializers.CharField(source="proposed_by.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)

    class Meta:
        model = Adjustment
        fields = [
            "id",
            "what",
            "state",
            "amount",
            "company",
            "stray",
            "reason",
            "proposed_by",
            "proposed_at",
            "decided_by",
            "decided_at",
            "answer",
        ]


class StrayIn(Strict):
    what = serializers.ChoiceField(
        choices=[(what.value, what.label) for what in (What.STRAY_FLOAT, What.STRAY_LOSS, What.STRAY_COMPANY)]
    )
    company = TypedId(prefix="cmp", required=False, help_text="Where it is a company's.")
    reason = TextField(max_length=LONGEST_REASON)


class AmountIn(Strict):
    amount = MoneyIn(most_minor=MOST_MINOR)
    reason = TextField(max_length=LONGEST_REASON)


class AdjustmentDeclineIn(Strict):
    answer = TextField(max_length=LONGEST_REASON, help_text="Why.")


class Strays(Endpoint):
    """Money at Stripe that no rule explains."""

    allow = (Audience.FINANCE,)

    @described(
        "strays_list", "List money at Stripe that waits to be explained.", responses=StrayOut(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.listed(StrayOut, queries.strays(self.actor), by=("created_at", "id"))


class StrayIs(Endpoint):
    """Propose what stray money is; a second person approves it."""

    allow = (Audience.FINANCE,)

    @described(
        "strays_propose",
        "Propose what stray money is.",
        refuses=(OwnCompany, operations.NotInSuspense),
        request=StrayIn,
        responses={201: AdjustmentOut},
    )
    def post(self, request: Request, row_id: str) -> Response:
        row, sent = queries.get_stray(self.actor, row_id), self.read(StrayIn)
        named = sent.pop("company", "")
        company = get_company(self.actor, named) if named else None
        return self.created(
            AdjustmentOut,
            lambda: operations.propose_stray(row=row, company=company, **sent, by=self.actor, at=clock.now()),
        )


class WriteOff(Endpoint):
    """Propose to give up what a company owes; a second person approves it."""

    allow = (Audience.FINANCE,)

    @described(
        "write_offs_propose",
        "Propose to give up what a company owes.",
        refuses=(OwnCompany, operations.MoreThanOwed),
        request=AmountIn,
        responses={201: AdjustmentOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(AmountIn)
        return self.created(
            AdjustmentOut,
            lambda: operations.propose_write_off(company=company, **sent, by=self.actor, at=clock.now()),
        )


class FeesToFloat(Endpoint):
    """Propose that settled fees become the house's own money; a second person approves it."""

    allow = (Audience.FINANCE,)

    @described(
        "fees_to_float_propose",
        "Propose that settled fees become float.",
        refuses=(operations.MoreThanSettled,),
        request=AmountIn,
        responses={201: AdjustmentOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(AmountIn)
        return self.created(
            AdjustmentOut,
            lambda: operations.propose_fees_to_float(**sent, by=self.actor, at=clock.now()),
        )


class Adjustments(Endpoint):
    """Every entry that no event makes, proposed or decided."""

    allow = (Audience.FINANCE,)

    @described("adjustments_list", "List adjustments, the newest first.", responses=AdjustmentOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(AdjustmentOut, queries.all_of(self.actor), by=("-id",))


class AdjustmentApprove(Endpoint):
    """A second person, having just proved who they are."""

    allow = (Audience.FINANCE,)

    @described(
        "adjustments_approve",
        "Let an adjustment into the books, as a second person.",
        refuses=(
            OwnCompany,
            operations.SameProposer,
            StaleProof,
            operations.MoreThanOwed,
            operations.MoreThanSettled,
            operations.NotInSuspense,
            *MOVE_REFUSALS,
        ),
        request=None,
        responses=AdjustmentOut,
    )
    def post(self, request: Request, adjustment_id: str) -> Response:
        adjustment = queries.get(self.actor, adjustment_id)
        return self.done(
            AdjustmentOut,
            lambda: operations.approve(adjustment=adjustment, by=self.actor, at=clock.now()),
        )


class AdjustmentDecline(Endpoint):
    """Take one's own back, or decline another's."""

    allow = (Audience.FINANCE,)

    @described(
        "adjustments_decline",
        "Decline an adjustment, or take one's own back.",
        refuses=MOVE_REFUSALS,
        request=AdjustmentDeclineIn,
        responses=AdjustmentOut,
    )
    def post(self, request: Request, adjustment_id: str) -> Response:
        adjustment, sent = queries.get(self.actor, adjustment_id), self.read(AdjustmentDeclineIn)
        return self.done(
            AdjustmentOut,
            lambda: operations.decline(adjustment=adjustment, **sent, by=self.actor, at=clock.now()),
        )


urlpatterns = [
    path("strays", Strays.as_view(), name="api_strays"),
    path("strays/<str:row_id>/is", StrayIs.as_view(), name="api_stray_is"),
    path("companies/<str:company_id>/write-off", WriteOff.as_view(), name="api_write_off"),
    path("fees-to-float", FeesToFloat.as_view(), name="api_fees_to_float"),
    path("adjustments", Adjustments.as_view(), name="api_adjustments"),
    path(
        "adjustments/<str:adjustment_id>/approve", AdjustmentApprove.as_view(), name="api_adjustment_approve"
    ),
    path(
        "adjustments/<str:adjustment_id>/decline", AdjustmentDecline.as_view(), name="api_adjustment_decline"
    ),
]
