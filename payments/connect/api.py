from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import Strict
from payments.connect import links
from payments.connect.models import PayeeAccount


class PayoutAccountOut(serializers.ModelSerializer[PayeeAccount]):
    ready = serializers.SerializerMethodField()

    class Meta:
        model = PayeeAccount
        fields = [
            "ready",
            "transfers_status",
            "payouts_status",
            "requirements",
            "requirements_due_at",
            "bank_changed_at",
        ]

    def get_ready(self, account: PayeeAccount) -> bool:
        return account.is_ready


class LinkOut(Strict):
    url = serializers.URLField()


class PayoutAccount(Endpoint):
    """How one's payout account stands at Stripe."""

    allow = (Audience.PERFORMER,)

    @described(
        "payout_account_get",
        "Read how your payout account stands at Stripe.",
        refuses=(NotFound,),
        responses=PayoutAccountOut,
    )
    def get(self, request: Request) -> Response:
        account = PayeeAccount.objects.filter(performer_id=self.actor.performer_id).first()
        if account is None:
            raise NotFound("There is no payout account yet. Ask for a link to set it up.")
        return Response(PayoutAccountOut(account).data)


class PayoutAccountLink(Endpoint):
    """A link to Stripe's form, to be used once and at once."""

    allow = (Audience.PERFORMER,)

    @described(
        "payout_account_create_link",
        "Get a link to Stripe's form, to be used once.",
        refuses=(StaleProof, links.PayoutServiceAway),
        request=None,
        responses={201: LinkOut},
    )
    def post(self, request: Request) -> Response:
        return self.created(LinkOut, lambda: {"url": links.for_setup(actor=self.actor, at=clock.now())})


urlpatterns = [
    path("me/payout-account", PayoutAccount.as_view(), name="api_payout_account"),
    path("me/payout-account/link", PayoutAccountLink.as_view(), name="api_payout_account_link"),
]
