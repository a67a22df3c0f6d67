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
from kit.http.serializers import LineField, MoneyField, Strict
from payments.connect import ending, links, queries
from payments.connect.models import PayeeAccount


class EarlierAccountOut(serializers.ModelSerializer[PayeeAccount]):
    id = serializers.CharField(source="stripe_id")
    left = MoneyField(many=True, help_text="What still lies there.")

    class Meta:
        model = PayeeAccount
        fields = ["id", "ended_at", "ended_why", "left"]


class PayoutAccountOut(serializers.ModelSerializer[PayeeAccount]):
    id = serializers.CharField(source="stripe_id")
    ready = serializers.BooleanField(source="is_ready")
    earlier = EarlierAccountOut(many=True)

    class Meta:
        model = PayeeAccount
        fields = [
            "id",
            "ready",
            "transfers_status",
            "payouts_status",
            "requirements",
            "requirements_due_at",
            "bank_changed_at",
            "ended_at",
            "ended_why",
            "earlier",
        ]


class LinkOut(Strict):
    url = serializers.URLField()


class AnotherIn(Strict):
    account = LineField(max_length=60, help_text="The account that is given up: its `id`.")


class PayoutAccount(Endpoint):
    """How one's payout account stands at Stripe, and those before it."""

    allow = (Audience.PERFORMER,)

    @described(
        "payout_account_get",
        "Read how your payout account stands at Stripe.",
        refuses=(NotFound,),
        responses=PayoutAccountOut,
    )
    def get(self, request: Request) -> Response:
        account = queries.newest(self.actor.performer_id)
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


class PayoutAccountAnother(Endpoint):
    """Give one's account up, and begin again with another."""

    allow = (Audience.PERFORMER,)

    @described(
        "payout_account_begin_again",
        "Give your payout account up, and get a link to set up another.",
        refuses=(NotFound, StaleProof, ending.AccountRejected, links.PayoutServiceAway),
        request=AnotherIn,
        responses={201: LinkOut},
    )
    def post(self, request: Request) -> Response:
        named = self.read(AnotherIn)["account"]
        return self.created(
            LinkOut,
            lambda: {"url": links.for_another(account_id=named, actor=self.actor, at=clock.now())},
        )


urlpatterns = [
    path("me/payout-account", PayoutAccount.as_view(), name="api_payout_account"),
    path("me/payout-account/link", PayoutAccountLink.as_view(), name="api_payout_account_link"),
    path(
        "me/payout-account/begin-again", PayoutAccountAnother.as_view(), name="api_payout_account_begin_again"
    ),
]
