"""The payroll register over the API."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from kit.http.serializers import MoneyOf, Strict
from payments.books import register
from payments.payroll.states import ItemState


class RegisterFigures(Strict):
    lines = serializers.IntegerField()
    payable_s = serializers.IntegerField(help_text="Payable seconds of its time lines.")
    gross = MoneyOf("gross_minor", help_text="Earned, before deductions.")
    deducted = MoneyOf("deducted_minor", help_text="Deducted by agreement; below zero.")
    net = MoneyOf("net_minor", help_text="Both together.")
    kept = MoneyOf("kept_minor", help_text="Kept of it for what was overpaid.")
    carried = MoneyOf(
        "carried_minor", help_text="By how much corrections outweigh it: overpaid, nothing sent."
    )
    amount = MoneyOf("amount_minor", help_text="What is sent.")
    held = MoneyOf("held_minor", help_text="Of it, held.")
    paid = MoneyOf("paid_minor", help_text="Of it, sent.")
    returned = MoneyOf("returned_minor", help_text="Of what was sent, came back.")


class RegisterRowOut(RegisterFigures):
    item = serializers.CharField(source="item_id", help_text="The pay item.")
    performer = serializers.CharField(source="performer_id")
    name = serializers.CharField(help_text="What the performer is called.")
    state = serializers.ChoiceField(choices=ItemState.choices)
    held_for = serializers.CharField(
        source="hold_code", help_text="Why it is held, as a code; empty where not."
    )
    transfer = serializers.CharField(source="transfer_id")
    sent_at = serializers.DateTimeField(allow_null=True)
    arrives_on = serializers.DateField(allow_null=True, help_text="When it reaches the bank, as Stripe said.")


class RegisterTotalsOut(RegisterFigures):
    payees = serializers.IntegerField(help_text="How many the run pays.")
    ties = serializers.BooleanField(help_text="Whether these are the run's own totals, to the cent.")


class Register(Endpoint):
    """Of one run, payee by payee, how its pay came about and where it is."""

    allow = (Audience.FINANCE,)

    @described(
        "register_list",
        "List a run's payees with all figures of their pay.",
        responses=RegisterRowOut(many=True),
    )
    def get(self, request: Request, run_id: str) -> Response:
        run = register.get_run(self.actor, run_id)
        return self.listed(RegisterRowOut, register.items(run), by=("id",), show=register.rows)


class RegisterTotals(Endpoint):
    allow = (Audience.FINANCE,)

    @described("register_totals_get", "Read what a run's register adds up to.", responses=RegisterTotalsOut)
    def get(self, request: Request, run_id: str) -> Response:
        return Response(RegisterTotalsOut(register.totals(register.get_run(self.actor, run_id))).data)


urlpatterns = [
    path("pay-runs/<str:run_id>/register", Register.as_view(), name="api_register"),
    path("pay-runs/<str:run_id>/register/totals", RegisterTotals.as_view(), name="api_register_totals"),
]
