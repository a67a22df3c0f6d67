from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from kit.errors import NotFound
from kit.http.serializers import Strict
from payments.identity_checks import operations
from payments.identity_checks.links import start
from payments.identity_checks.models import IdentityCheck
from payments.identity_checks.reasons import reason


class IdentityCheckOut(serializers.ModelSerializer[IdentityCheck]):
    means = serializers.SerializerMethodField(help_text="Why the last attempt failed, in words.")

    class Meta:
        model = IdentityCheck
        fields = ["status", "error_code", "means", "started_at", "ended_at"]
        extra_kwargs = {"status": {"help_text": "How it stands at Stripe."}}

    def get_means(self, check: IdentityCheck) -> str:
        return reason(check.error_code).means if check.error_code else ""


class IdentityLinkOut(Strict):
    url = serializers.URLField(help_text="Stripe's page; it opens once.")


class MyIdentityCheck(Endpoint):
    """How the check of your identity and age stands."""

    allow = (Audience.PERFORMER,)

    @described(
        "identity_check_get",
        "Read how the check of your identity stands.",
        refuses=(NotFound,),
        responses=IdentityCheckOut,
    )
    def get(self, request: Request) -> Response:
        mine = IdentityCheck.objects.filter(performer_id=self.actor.performer_id)
        check = mine.order_by("-id").first()
        if check is None:
            raise NotFound("There is no check yet. Ask for a link to begin one.")
        return Response(IdentityCheckOut(check).data)


class MyIdentityCheckLink(Endpoint):
    """A link to Stripe's page, to be opened once and at once."""

    allow = (Audience.PERFORMER,)

    @described(
        "identity_check_create_link",
        "Get a link to Stripe's page for your identity.",
        refuses=(operations.AlreadyProven, operations.CheckUnderWay, operations.IdentityServiceAway),
        request=None,
        responses={201: IdentityLinkOut},
    )
    def post(self, request: Request) -> Response:
        return self.created(IdentityLinkOut, lambda: {"url": start(self.actor)})


urlpatterns = [
    path("me/identity-check", MyIdentityCheck.as_view(), name="api_identity_check"),
    path("me/identity-check/link", MyIdentityCheckLink.as_view(), name="api_identity_check_link"),
]
