from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.currencies import UnknownCurrency
from kit.errors import Invalid
from kit.http.serializers import (
    CurrencyField,
    DayField,
    LineField,
    ListQuery,
    MoneyField,
    MoneyOf,
    Strict,
    TextField,
)
from kit.text import LONGEST_REASON
from marketplace.timekeeping.models import PayWeek
from payments.inbox.reasons import Who
from payments.payroll import accrual, approving, holds, operations, queries, standing_out
from payments.payroll.models import PayItem, PayRun
from payments.payroll.reasons import Reason
from payments.payroll.states import ItemState


class CloseIn(Strict):
    week = DayField(help_text="The week's Monday.")
    currency = CurrencyField(default="usd")


class ApproveIn(Strict):
    content_hash = serializers.RegexField(
        r"^[0-9a-f]{64}$", help_text="The hash of the content that you looked at."
    )


class RunCancelIn(Strict):
    reason = TextField(max_length=LONGEST_REASON)


class RunSignatureOut(Strict):
    """Who signed for a run, and when."""

    by = serializers.CharField(source="by.public_id", help_text="The id of whoever signed.")
    name = serializers.CharField(source="by.name")
    signed_at = serializers.DateTimeField()


class RunOut(serializers.ModelSerializer[PayRun]):
    id = serializers.CharField(source="public_id")
    week = serializers.DateField(source="week.starts_on")
    off_cycle = serializers.BooleanField(source="is_off_cycle", help_text="Beside the weeks, for some.")
    total = MoneyOf("total_minor")
    items = serializers.SerializerMethodField()
    signatures = RunSignatureOut(many=True, source="standing_signatures", help_text="Those that stand.")

    class Meta:
        model = PayRun
        fields = [
            "id",
            "week",
            "off_cycle",
            "reason",
            "currency",
            "state",
            "total",
            "items",
            "content_hash",
            "frozen_at",
            "signatures_needed",
            "signatures",
            "approved_at",
            "paid_at",
        ]

    def get_items(self, run: PayRun) -> dict[str, int]:
        return queries.items_by_state(run)


class ItemsQuery(ListQuery):
    reason = serializers.ChoiceField(choices=Reason.choices, required=False, help_text="Who stands out so.")
    q = LineField(required=False, allow_blank=True, max_length=120, help_text="A part of the stage name.")


class HoldOut(Strict):
    """Why an item waits, and what mends it."""

    code = serializers.CharField()
    means = serializers.CharField()
    fix = serializers.CharField()
    who = serializers.ChoiceField(choices=[str(who.value) for who in Who])


class ItemOut(Strict):
    id = serializers.CharField(source="public_id")
    performer = serializers.CharField(source="performer.public_id")
    state = serializers.ChoiceField(choices=ItemState.choices)
    amount = MoneyOf("amount_minor", help_text="What is sent.")
    net = MoneyOf("net_minor", help_text="Of all its lines; below zero, it adds to what was overpaid.")
    recovered = MoneyOf("recovered_minor", help_text="Kept of it for what was overpaid.")
    lines = serializers.IntegerField()
    payable_s = serializers.IntegerField(allow_null=True, help_text="Paid seconds in its lines.")
    usual = MoneyField(allow_null=True, help_text="The median net of their last eight weeks.")
    stands_out = serializers.ListField(
        child=serializers.ChoiceField(choices=Reason.choices), help_text="Why to look before signing."
    )
    transfer = serializers.CharField(source="transfer_id")
    sent_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    hold = serializers.SerializerMethodField()

    @extend_schema_field(HoldOut(allow_null=True))
    def get_hold(self, item: PayItem) -> dict[str, str] | None:
        if not item.hold_code:
            return None
        why = holds.why_of(item)
        return {"code": item.hold_code, "means": why.means, "fix": why.fix, "who": str(why.who.value)}


class PayRuns(Endpoint):
    """Pay runs, newest first; opening one closes its week."""

    allow = (Audience.FINANCE,)

    @described("pay_runs_list", "List pay runs, the newest first.", responses=RunOut(many=True))
    def get(self, request: Request) -> Response:
        runs = PayRun.objects.visible_to(self.actor).select_related("week")
        return self.listed(RunOut, queries.with_items(runs), by=("-id",))

    @described(
        "pay_runs_create",
        "Open a week's pay run.",
        refuses=(UnknownCurrency, operations.WeekNotOver),
        request=CloseIn,
        responses={201: RunOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(CloseIn)
        week = PayWeek.objects.filter(starts_on=sent["week"]).first()
        if week is None:
            raise Invalid.field(
                "week", "No work was recorded in a week that starts on this day.", code="unknown_week"
            )
        at = clock.now()

        def work() -> PayRun:
            accrual.accrue(at=at)
            return operations.close_week(week=week, currency=sent["currency"], by=self.actor, at=at)

        return self.created(RunOut, work)


class PayRunDetail(Endpoint):
    allow = (Audience.FINANCE,)

    @described("pay_runs_get", "Read a pay run.", responses=RunOut)
    def get(self, request: Request, run_id: str) -> Response:
        return Response(RunOut(queries.get_run(self.actor, run_id)).data)


class PayRunFreeze(Endpoint):
    """Cut the run: items, totals and the hash over it all."""

    allow = (Audience.FINANCE,)

    @described(
        "pay_runs_freeze",
        "Freeze a pay run: items, totals, and a hash over it all.",
        refuses=(operations.NothingToPay, operations.OwnPay, *MOVE_REFUSALS),
        request=None,
        responses=RunOut,
    )
    def post(self, request: Request, run_id: str) -> Response:
        run = queries.get_run(self.actor, run_id)
        return self.done(RunOut, lambda: operations.freeze(run=run, by=self.actor, at=clock.now()))


class PayRunApprove(Endpoint):
    """Another person than who froze it, freshly logged in, over the hash they saw; as many as the total asks for."""

    allow = (Audience.FINANCE,)

    @described(
        "pay_runs_approve",
        "Sign a frozen run, just logged in; with the last signature it is approved.",
        refuses=(
            approving.SamePersonTwice,
            operations.OwnPay,
            approving.AboveYourLimit,
            StaleProof,
            approving.AlreadyApproved,
            approving.ContentChanged,
            *MOVE_REFUSALS,
        ),
        request=ApproveIn,
        responses=RunOut,
    )
    def post(self, request: Request, run_id: str) -> Response:
        run, sent = queries.get_run(self.actor, run_id), self.read(ApproveIn)
        return self.done(
            RunOut,
            lambda: approving.approve(
                run=run,
                seen_hash=sent["content_hash"],
                by=self.actor,
                at=clock.now(),
            ),
        )


class PayRunTakeBack(Endpoint):
    """One's own signature, while others are missing."""

    allow = (Audience.FINANCE,)

    @described(
        "pay_runs_take_back",
        "Take your signature back while others are missing.",
        refuses=(approving.NotSigned, approving.AlreadyApproved, *MOVE_REFUSALS),
        request=None,
        responses=RunOut,
    )
    def post(self, request: Request, run_id: str) -> Response:
        run = queries.get_run(self.actor, run_id)
        return self.done(RunOut, lambda: approving.take_back(run=run, by=self.actor, at=clock.now()))


class PayRunCancel(Endpoint):
    """Take a run back before it pays."""

    allow = (Audience.FINANCE,)

    @described(
        "pay_runs_cancel",
        "Cancel a pay run before it pays.",
        refuses=MOVE_REFUSALS,
        request=RunCancelIn,
        responses=RunOut,
    )
    def post(self, request: Request, run_id: str) -> Response:
        run, sent = queries.get_run(self.actor, run_id), self.read(RunCancelIn)
        return self.done(RunOut, lambda: operations.cancel(run=run, **sent, by=self.actor, at=clock.now()))


class PayRunItems(Endpoint):
    allow = (Audience.FINANCE,)

    @described(
        "pay_items_list",
        "List what each performer is paid in a run.",
        parameters=[ItemsQuery],
        responses=ItemOut(many=True),
    )
    def get(self, request: Request, run_id: str) -> Response:
        run, asked = queries.get_run(self.actor, run_id), self.query(ItemsQuery)
        rows = standing_out.payees(run, self.actor, reason=asked.get("reason", ""), text=asked.get("q", ""))
        return self.listed(ItemOut, rows, by=("id",))


class PayItemRelease(Endpoint):
    """Let a held item go out again, under the next key where the last was refused."""

    allow = (Audience.FINANCE,)

    @described(
        "pay_items_release",
        "Let a held item go out again.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=ItemOut,
    )
    def post(self, request: Request, item_id: str) -> Response:
        item = queries.get_item(self.actor, item_id)
        return self.done(ItemOut, lambda: holds.release(item=item, by=self.actor, at=clock.now()))


urlpatterns = [
    path("pay-runs", PayRuns.as_view(), name="api_pay_runs"),
    path("pay-runs/<str:run_id>", PayRunDetail.as_view(), name="api_pay_run"),
    path("pay-runs/<str:run_id>/freeze", PayRunFreeze.as_view(), name="api_pay_run_freeze"),
    path("pay-runs/<str:run_id>/approve", PayRunApprove.as_view(), name="api_pay_run_approve"),
    path("pay-runs/<str:run_id>/take-back", PayRunTakeBack.as_view(), name="api_pay_run_take_back"),
    path("pay-runs/<str:run_id>/cancel", PayRunCancel.as_view(), name="api_pay_run_cancel"),
    path("pay-runs/<str:run_id>/items", PayRunItems.as_view(), name="api_pay_run_items"),
    path("pay-items/<str:item_id>/release", PayItemRelease.as_view(), name="api_pay_item_release"),
]
