from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.access.step_up import StaleProof
from accounts.identity.queries import get_user
from kit import clock
from kit.currencies import UnknownCurrency
from kit.http.serializers import CurrencyField, MoneyField, Strict, TextField
from kit.text import LONGEST_REASON
from payments.payroll import limits


class SignersQuery(Strict):
    currency = CurrencyField(default="usd")


class SignerOut(Strict):
    """Somebody in finance, and the most that they sign for of one run."""

    user = serializers.CharField(source="user.public_id")
    name = serializers.CharField(source="user.name")
    limit = MoneyField(allow_null=True, help_text="None: no limit.")


class LimitIn(Strict):
    currency = CurrencyField(default="usd")
    limit_minor = serializers.IntegerField(
        min_value=0, max_value=limits.MOST_MINOR, allow_null=True, help_text="Null: no limit."
    )
    reason = TextField(max_length=LONGEST_REASON)


class Signers(Endpoint):
    """Who signs for pay runs."""

    allow = (Audience.FINANCE, Audience.ADMIN)
    pagination_class = WholeList

    @described(
        "signers_list",
        "List who signs for pay runs, and for how much.",
        parameters=[SignersQuery],
        responses=SignerOut(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = self.query(SignersQuery)
        return self.whole(SignerOut, limits.signers(currency=asked["currency"]))


class SignerLimit(Endpoint):
    """For how much one of them signs: administration says it."""

    allow = (Audience.ADMIN,)

    @described(
        "signers_limit",
        "Say for how much someone in finance signs, having just logged in.",
        refuses=(limits.OwnLimit, StaleProof, UnknownCurrency),
        request=LimitIn,
        responses=SignerOut,
    )
    def post(self, request: Request, signer_id: str) -> Response:
        user, sent = get_user(signer_id), self.read(LimitIn)
        return self.done(
            SignerOut, lambda: limits.set_limit(user=user, **sent, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path("signers", Signers.as_view(), name="api_signers"),
    path("signers/<str:signer_id>/limit", SignerLimit.as_view(), name="api_signer_limit"),
]
