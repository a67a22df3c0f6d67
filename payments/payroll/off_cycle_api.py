from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.performers.models import Performer
from kit import clock
from kit.currencies import UnknownCurrency
from kit.errors import Invalid
from kit.http.pagination import page
from kit.http.serializers import (
    CurrencyField,
    LineField,
    ListQuery,
    MoneyField,
    MoneyOf,
    Strict,
    TextField,
    TypedId,
)
from kit.text import LONGEST_REASON, small_number
from payments.payroll import carrying, off_cycle, queries
from payments.payroll.api import RunOut
from payments.payroll.operations import NothingToPay


class OwedQuery(ListQuery):
    q = LineField(required=False, allow_blank=True, max_length=120, help_text="A part of the stage name.")


class OwedOut(Strict):
    performer = serializers.CharField(source="performer.public_id")
    stage_name = serializers.CharField(source="performer.stage_name")
    amount = MoneyField()
    lines = serializers.IntegerField()


class OffCycleIn(Strict):
    performers = serializers.ListField(
        child=TypedId(prefix="prf"), min_length=1, max_length=off_cycle.MOST_CHOSEN
    )
    currency = CurrencyField(default=off_cycle.CURRENCY)
    reason = TextField(max_length=LONGEST_REASON, help_text="Why they are paid beside the weeks.")


class PreviewOut(Strict):
    """What freezing would pay one performer now."""

    performer = serializers.CharField(source="performer.public_id")
    lines = serializers.IntegerField()
    net = MoneyOf("net_minor", help_text="Of all its lines, less what is deducted.")
    recovered = MoneyOf("recovered_minor", help_text="Kept for what was overpaid.")
    amount = MoneyOf("amount_minor")


class OwedPerformers(Endpoint):
    """Whom something is owed that is in no run."""

    allow = (Audience.FINANCE,)

    @described(
        "owed_performers_list",
        "List whom something is owed that is in no run.",
        parameters=[OwedQuery],
        responses=OwedOut(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(OwedQuery)
        rows = off_cycle.owed(self.actor, currency=off_cycle.CURRENCY, text=asked.get("q", ""))
        limit = small_number(request.query_params.get("limit", "25")) or 0
        found = page(rows, by=("stage_name", "id"), cursor=asked.get("cursor", ""), limit=limit)
        owed = off_cycle.with_amounts(found.rows, currency=off_cycle.CURRENCY)
        return Response({"data": OwedOut(owed, many=True).data, "next_cursor": found.next_cursor})


class OffCycleRuns(Endpoint):
    """A run beside the weeks, for chosen performers."""

    allow = (Audience.FINANCE,)

    @described(
        "pay_runs_create_off_cycle",
        "Open a pay run beside the weeks, for chosen performers.",
        refuses=(UnknownCurrency, off_cycle.AlreadyInADraft, NothingToPay),
        request=OffCycleIn,
        responses={201: RunOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(OffCycleIn)
        wanted = set(sent["performers"])
        performers = list(Performer.objects.filter(public_id__in=wanted))
        if len(performers) < len(wanted):
            raise Invalid.field("performers", "One of them does not exist.", code="unknown_performer")
        sent["performers"] = performers
        return self.created(RunOut, lambda: off_cycle.open_run(**sent, by=self.actor, at=clock.now()))


class PayRunPreview(Endpoint):
    """Of a draft for chosen performers, what freezing would pay each: the same steps, with nothing kept."""

    allow = (Audience.FINANCE,)
    pagination_class = WholeList

    @described("pay_runs_preview", "Preview what a draft pays each.", responses=PreviewOut(many=True))
    def get(self, request: Request, run_id: str) -> Response:
        run = queries.get_run(self.actor, run_id)
        return self.whole(PreviewOut, off_cycle.previewed(run, at=clock.now()))


class CarriedOut(Strict):
    what = serializers.ChoiceField(choices=carrying.Carried.choices)
    performers = serializers.IntegerField(help_text="How many it concerns.")
    amount = MoneyField()


class PayRunCarried(Endpoint):
    """What a run leaves to the next, as it stands now."""

    allow = (Audience.FINANCE,)
    pagination_class = WholeList

    @described("pay_runs_carried", "Read what a run leaves to the next.", responses=CarriedOut(many=True))
    def get(self, request: Request, run_id: str) -> Response:
        return self.whole(CarriedOut, carrying.carried(queries.get_run(self.actor, run_id)))


urlpatterns = [
    path("owed-performers", OwedPerformers.as_view(), name="api_owed_performers"),
    path("pay-runs/off-cycle", OffCycleRuns.as_view(), name="api_pay_runs_off_cycle"),
    path("pay-runs/<str:run_id>/carried", PayRunCarried.as_view(), name="api_pay_run_carried"),
    path("pay-runs/<str:run_id>/preview", PayRunPreview.as_view(), name="api_pay_run_preview"),
]
