"""Grants over the API: what one granted, or was granted to one's company, and taking one back."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import Strict
from marketplace.gigs.models import PURPOSES
from marketplace.rights import operations, queries
from marketplace.rights.states import GrantState


class GrantOut(Strict):
    id = serializers.CharField(source="public_id")
    engagement = serializers.CharField(source="application.engagement.public_id")
    performer = serializers.CharField(source="application.performer.public_id")
    purpose = serializers.ChoiceField(choices=list(PURPOSES.items()))
    state = serializers.ChoiceField(choices=GrantState.choices)
    text = serializers.CharField()
    text_sha256 = serializers.CharField()
    terms_sha256 = serializers.CharField()
    given_at = serializers.DateTimeField()
    active_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class Grants(Endpoint):
    """One's own, or those to one's companies."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": "casting:read"}

    @described("grants_list", "List what recordings may be used for.", responses=GrantOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(GrantOut, queries.grants_for(self.actor), by=("-id",))


class GrantWithdraw(Endpoint):
    """The performer takes a grant back, at any time and without a reason."""

    allow = (Audience.PERFORMER,)

    @described(
        "grants_withdraw",
        "Take back a grant of yours.",
        refuses=MOVE_REFUSALS,
        request=None,
        responses=GrantOut,
    )
    def post(self, request: Request, grant_id: str) -> Response:
        grant = queries.get_grant(self.actor, grant_id)
        return self.done(GrantOut, lambda: operations.withdraw(grant=grant, by=self.actor, at=clock.now()))


urlpatterns = [
    path("grants", Grants.as_view(), name="api_grants"),
    path("grants/<str:grant_id>/withdraw", GrantWithdraw.as_view(), name="api_grant_withdraw"),
]
