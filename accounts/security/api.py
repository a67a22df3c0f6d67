from collections.abc import Callable
from typing import ClassVar, cast

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.identity.models import User
from accounts.security import queries, recoveries
from accounts.security.models import Recovery
from accounts.security.password_given import PasswordGiven
from kit import clock
from kit.http.serializers import Strict, TextField
from kit.text import LONGEST_REASON


class RecoveryDecisionIn(Strict):
    reason = TextField(max_length=LONGEST_REASON)


class RecoveryOut(serializers.ModelSerializer[Recovery]):
    id = serializers.CharField(source="public_id")
    user = serializers.CharField(source="user.public_id")
    name = serializers.CharField(source="user.name")

    class Meta:
        model = Recovery
        fields = ["id", "user", "name", "state", "asked_at", "expires_at", "ended_at"]


class Recoveries(Endpoint):
    """Who lost their second factor, and is yours to decide about."""

    allow = (Audience.SIGNED_IN,)

    @described(
        "recoveries_list", "List the lost second factors that wait for you.", responses=RecoveryOut(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.listed(RecoveryOut, queries.waiting(self.actor), by=("id",))


class RecoveryAskedOut(serializers.ModelSerializer[Recovery]):
    id = serializers.CharField(source="public_id")
    who_decides = serializers.SerializerMethodField(help_text="In words.")

    class Meta:
        model = Recovery
        fields = ["id", "state", "asked_at", "expires_at", "who_decides"]

    def get_who_decides(self, recovery: Recovery) -> str:
        return queries.who_decides(recovery.user)[0]


class RecoveryAsk(Endpoint):
    """For whoever has given a password and cannot give the second factor: nobody else learns anything here."""

    allow = (Audience.HALF_IN,)
    authentication_classes = (PasswordGiven,)

    @described(
        "recoveries_ask",
        "Ask a second person for a new start without your second factor.",
        request=None,
        responses={201: RecoveryAskedOut},
    )
    def post(self, request: Request) -> Response:
        """In the session of a log-in that waits for the second factor. Asking again changes nothing."""
        user = cast(User, request.user)  # PasswordGiven lets in nobody else
        return self.created(RecoveryAskedOut, lambda: recoveries.ask(user=user, at=clock.now()))


class RecoveryDecision(Endpoint):
    """How a second person decides; each way is a route of its own."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.SIGNED_IN,)

    def decide(self, recovery_id: str, act: Callable[..., Recovery]) -> Response:
        found, sent = queries.get_recovery(self.actor, recovery_id), self.read(RecoveryDecisionIn)
        return self.done(RecoveryOut, lambda: act(recovery=found, **sent, by=self.actor, at=clock.now()))


class RecoveryAgree(RecoveryDecision):
    @described(
        "recoveries_agree",
        "Take a lost second factor away.",
        refuses=(StaleProof, recoveries.RecoveryOver),
        request=RecoveryDecisionIn,
        responses=RecoveryOut,
    )
    def post(self, request: Request, recovery_id: str) -> Response:
        return self.decide(recovery_id, recoveries.agree)


class RecoveryRefuse(RecoveryDecision):
    @described(
        "recoveries_refuse",
        "Leave a second factor as it is.",
        refuses=(StaleProof, recoveries.RecoveryOver),
        request=RecoveryDecisionIn,
        responses=RecoveryOut,
    )
    def post(self, request: Request, recovery_id: str) -> Response:
        return self.decide(recovery_id, recoveries.refuse)


urlpatterns = [
    path("recoveries/ask", RecoveryAsk.as_view(), name="api_recovery_ask"),
    path("recoveries", Recoveries.as_view(), name="api_recoveries"),
    path("recoveries/<str:recovery_id>/agree", RecoveryAgree.as_view(), name="api_recovery_agree"),
    path("recoveries/<str:recovery_id>/refuse", RecoveryRefuse.as_view(), name="api_recovery_refuse"),
]
