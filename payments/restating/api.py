from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import LineField, Strict, TextField
from kit.text import LONGEST_REASON
from payments.adjustments.operations import SameProposer
from payments.restating import operations, queries
from payments.restating.models import Restatement


class RestatedAccountOut(Strict):
    """One account of a line, before and after it."""

    account = serializers.CharField()
    currency = serializers.CharField()
    moved_minor = serializers.IntegerField(help_text="Debits are positive.")
    before = serializers.CharField()
    after = serializers.CharField()


class RestatedLineOut(Strict):
    """One entry: what it mends, whose, and why."""

    what = serializers.CharField()
    thing = serializers.CharField()
    whose = serializers.CharField()
    why = serializers.CharField()
    accounts = RestatedAccountOut(many=True)


class RestatementOut(serializers.ModelSerializer[Restatement]):
    id = serializers.CharField(source="public_id")
    lines = RestatedLineOut(many=True)
    proposed_by = serializers.CharField(source="proposed_by.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)

    class Meta:
        model = Restatement
        fields = [
            "id",
            "state",
            "content_hash",
            "lines",
            "proposed_by",
            "proposed_at",
            "decided_by",
            "decided_at",
            "answer",
        ]


class RestatementApproveIn(Strict):
    content_hash = LineField(max_length=64, help_text="Of what you read.")


class RestatementDeclineIn(Strict):
    answer = TextField(max_length=LONGEST_REASON, help_text="Why.")


class Restatements(Endpoint):
    """Books of before, brought to today's rules; proposed by `manage.py restate`."""

    allow = (Audience.FINANCE,)

    @described(
        "restatements_list", "List restatements, the newest first.", responses=RestatementOut(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.listed(RestatementOut, queries.all_of(), by=("-id",))


class RestatementApprove(Endpoint):
    """A second person, having just proved who they are, over the hash that they saw."""

    allow = (Audience.FINANCE,)

    @described(
        "restatements_approve",
        "Let a restatement into the books, as a second person.",
        refuses=(SameProposer, StaleProof, operations.BooksMoved, *MOVE_REFUSALS),
        request=RestatementApproveIn,
        responses=RestatementOut,
    )
    def post(self, request: Request, restatement_id: str) -> Response:
        restatement, sent = queries.get(restatement_id), self.read(RestatementApproveIn)
        return self.done(
            RestatementOut,
            lambda: operations.approve(
                restatement=restatement, seen_hash=sent["content_hash"], by=self.actor, at=clock.now()
            ),
        )


class RestatementDecline(Endpoint):
    """Take one's own back, or decline another's."""

    allow = (Audience.FINANCE,)

    @described(
        "restatements_decline",
        "Decline a restatement, or take one's own back.",
        refuses=MOVE_REFUSALS,
        request=RestatementDeclineIn,
        responses=RestatementOut,
    )
    def post(self, request: Request, restatement_id: str) -> Response:
        restatement, sent = queries.get(restatement_id), self.read(RestatementDeclineIn)
        return self.done(
            RestatementOut,
            lambda: operations.decline(restatement=restatement, **sent, by=self.actor, at=clock.now()),
        )


urlpatterns = [
    path("restatements", Restatements.as_view(), name="api_restatements"),
    path(
        "restatements/<str:restatement_id>/approve",
        RestatementApprove.as_view(),
        name="api_restatement_approve",
    ),
    path(
        "restatements/<str:restatement_id>/decline",
        RestatementDecline.as_view(),
        name="api_restatement_decline",
    ),
]
