from dataclasses import asdict

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList
from kit.errors import NotFound
from kit.http.serializers import Strict
from payments.payroll.api import ItemOut
from payments.statements import explain as explaining
from payments.statements import queries


class StandingOut(Strict):
    currency = serializers.CharField()
    owed_minor = serializers.IntegerField()
    held_minor = serializers.IntegerField()
    on_its_way_minor = serializers.IntegerField()
    in_the_bank_minor = serializers.IntegerField()


class StepOut(Strict):
    depth = serializers.IntegerField()
    kind = serializers.CharField()
    sentence = serializers.CharField()
    thing = serializers.CharField()
    path = serializers.CharField()
    amount_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()


class Standing(Endpoint):
    """Where one's money stands: owed, held, on its way, in the bank."""

    allow = (Audience.PERFORMER,)

    @extend_schema(operation_id="standing_get", responses=StandingOut)
    def get(self, request: Request) -> Response:
        if self.actor.performer is None:
            raise NotFound
        return Response(asdict(queries.standing(performer=self.actor.performer)))


class Statements(Endpoint):
    """What one was paid, run by run, newest first."""

    allow = (Audience.PERFORMER,)

    @extend_schema(operation_id="statements_list", responses=ItemOut(many=True))
    def get(self, request: Request) -> Response:
        rows = queries.items_of(self.actor).filter(performer=self.actor.performer)
        return self.listed(ItemOut, rows, by=("-id",))


class Explain(Endpoint):
    """From a pay item, transfer, bank payout, earning or line back to the seconds: all steps at once."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}
    pagination_class = WholeList

    @extend_schema(operation_id="explain_get", responses=StepOut(many=True))
    def get(self, request: Request, thing: str) -> Response:
        return self.whole(StepOut, explaining.explain(thing=thing, actor=self.actor))


urlpatterns = [
    path("me/standing", Standing.as_view(), name="api_standing"),
    path("me/statements", Statements.as_view(), name="api_statements"),
    path("explain/<str:thing>", Explain.as_view(), name="api_explain"),
]
