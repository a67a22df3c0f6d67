import re
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.performers.queries import get_own
from kit.errors import NotFound
from kit.http.serializers import MoneyField, MoneyOf, Strict
from kit.money import Money
from payments.paylines.kinds import Tax
from payments.payroll.api import ItemOut
from payments.statements import explain as explaining
from payments.statements import queries
from payments.statements.explain import Step

YEAR = re.compile(r"20[0-9]{2}")


class StandingOut(Strict):
    owed = MoneyOf("owed_minor")
    held = MoneyOf("held_minor")
    on_its_way = MoneyOf("on_its_way_minor")
    in_the_bank = MoneyOf("in_the_bank_minor")
    returned = MoneyOf("returned_minor", help_text="Came back to us; finance decides.")
    overpaid = MoneyOf("overpaid_minor", help_text="Paid too much, and not even yet.")
    to_deduct = MoneyOf("to_deduct_minor", help_text="Agreed to be deducted, and not taken yet.")


class StepOut(Strict):
    depth = serializers.IntegerField()
    kind = serializers.CharField()
    sentence = serializers.CharField()
    thing = serializers.CharField()
    path = serializers.CharField()
    amount = serializers.SerializerMethodField()

    @extend_schema_field(MoneyField(allow_null=True))
    def get_amount(self, step: Step) -> dict[str, Any] | None:
        if step.amount_minor is None:
            return None
        return {"amount_minor": step.amount_minor, "currency": step.currency}


class Standing(Endpoint):
    """Where one's money stands: owed, held, on its way, in the bank."""

    allow = (Audience.PERFORMER,)

    @described("standing_get", "Read where your money stands.", responses=StandingOut)
    def get(self, request: Request) -> Response:
        return Response(StandingOut(queries.standing(performer=get_own(self.actor))).data)


class TaxOut(Strict):
    counts_as = serializers.ChoiceField(choices=Tax.choices)
    amount = MoneyField()


class YearOut(Strict):
    year = serializers.IntegerField()
    totals = TaxOut(many=True)


class MyYear(Endpoint):
    """What one was paid in a year, by what it counts as for tax."""

    allow = (Audience.PERFORMER,)

    @described("year_get", "Read what you were paid in a year, as tax counts it.", responses=YearOut)
    def get(self, request: Request, year: str) -> Response:
        number = int(year) if YEAR.fullmatch(year) else 0
        if not number:
            raise NotFound
        found = queries.by_tax(performer=get_own(self.actor), year=number)
        totals = [{"counts_as": tax, "amount": Money(minor, "usd")} for tax, minor in found]
        return Response(YearOut({"year": number, "totals": totals}).data)


class Statements(Endpoint):
    """What one was paid, run by run, newest first."""

    allow = (Audience.PERFORMER,)

    @described("statements_list", "List what you were paid, run by run.", responses=ItemOut(many=True))
    def get(self, request: Request) -> Response:
        rows = queries.items_of(self.actor).filter(performer_id=self.actor.performer_id)
        return self.listed(ItemOut, rows, by=("-id",))


class Explain(Endpoint):
    """From a pay item, transfer, bank payout, earning or line back to the seconds: all steps at once."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}
    pagination_class = WholeList

    @described(
        "explain_get", "Follow an amount back to the seconds it pays for.", responses=StepOut(many=True)
    )
    def get(self, request: Request, thing: str) -> Response:
        return self.whole(StepOut, explaining.explain(thing=thing, actor=self.actor))


urlpatterns = [
    path("me/standing", Standing.as_view(), name="api_standing"),
    path("me/years/<str:year>", MyYear.as_view(), name="api_year"),
    path("me/statements", Statements.as_view(), name="api_statements"),
    path("explain/<str:thing>", Explain.as_view(), name="api_explain"),
]
