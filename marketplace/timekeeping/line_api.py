"""Lines of a week over the API: read to the second, disputed, and what a machine took paid as a hold."""

from typing import ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import InstantField, MoneyOf, Strict, TextField, WholeNumberField
from marketplace.timekeeping import disputes, holds, operations, queries
from marketplace.timekeeping.models import LONGEST_CLAIM_S, LONGEST_SAID, Dispute, TimeLine
from marketplace.timekeeping.states import LineState

READ = {"GET": "sessions:read"}


class DisputeOut(Strict):
    id = serializers.CharField(source="public_id")
    line = serializers.CharField(source="line.public_id")
    raised_by = serializers.CharField()
    reason = serializers.ChoiceField(choices=Dispute.Reason.choices)
    text = serializers.CharField()
    claimed_s = serializers.IntegerField(allow_null=True)
    raised_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField()
    decision_due_at = serializers.DateTimeField(allow_null=True)
    disagreed_at = serializers.DateTimeField(allow_null=True)
    disagreement = serializers.CharField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    resolution = serializers.CharField()


class StretchOut(Strict):
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    code = serializers.CharField()
    paid = serializers.BooleanField()
    grade = serializers.CharField()
    because = serializers.CharField()


class ProposedHoldOut(Strict):
    """A stretch that a machine's fault took. Accepted, it is paid as a hold."""

    started_at = serializers.DateTimeField(source="span.started_at")
    ended_at = serializers.DateTimeField(source="span.ended_at")
    reason = serializers.CharField(help_text="The video provider's word for how the connection ended.")


class ReadingsOut(Strict):
    """Two readings of one leaving, where the provider's clock ran behind ours."""

    said_at = serializers.DateTimeField(
        help_text="When the provider says that they left. The line is reckoned by it."
    )
    seen_at = serializers.DateTimeField(help_text="When we last saw them there.")


class LineOut(Strict):
    id = serializers.CharField(source="public_id")
    kind = serializers.ChoiceField(choices=TimeLine.Kind.choices)
    session = serializers.CharField(source="seat.session.public_id", default=None, allow_null=True)
    state = serializers.ChoiceField(choices=LineState.choices)
    worked_s = serializers.IntegerField()
    payable_s = serializers.IntegerField()
    rate = MoneyOf("rate_minor")
    amount = MoneyOf("amount_minor")
    grade = serializers.CharField()
    inferred = serializers.BooleanField()
    exception = serializers.CharField()
    readings = ReadingsOut(allow_null=True)
    note = serializers.CharField()
    company_due_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    correctable_until = serializers.DateTimeField(allow_null=True)
    stretches = StretchOut(many=True)
    proposed_holds = ProposedHoldOut(
        many=True, help_text="What the company, or talent operations, can accept as paid holds."
    )
    disputes = DisputeOut(many=True)


class HoldIn(Strict):
    started_at = InstantField(help_text="As in the line's `proposed_holds`.")


class DisputeIn(Strict):
    reason = serializers.ChoiceField(choices=Dispute.Reason.choices)
    text = TextField(max_length=LONGEST_SAID)
    claimed_s = WholeNumberField(min_value=0, max_value=LONGEST_CLAIM_S)


class DisputeAnswerIn(Strict):
    """Words alone settle nothing: `adjusted_s` is always said."""

    resolution = TextField(max_length=LONGEST_SAID)
    adjusted_s = WholeNumberField(
        allow_null=True,
        min_value=0,
        max_value=LONGEST_CLAIM_S,
        help_text="The payable seconds that are right: to agree, what is claimed. Null: as recorded, or, "
        "from the side that raised it, the dispute is taken back.",
    )


class DisagreeIn(Strict):
    text = TextField(max_length=LONGEST_SAID, help_text="Why; the other side and talent operations read it.")


class TimeEndpoint(Endpoint):
    allow: ClassVar[tuple[Audience, ...]] = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)


class OneLine(TimeEndpoint):
    scopes = READ

    @described("time_lines_get", "Read a time line, down to its stretches.", responses=LineOut)
    def get(self, request: Request, line_id: str) -> Response:
        return Response(LineOut(queries.get_line(self.actor, line_id)).data)


class LineHolds(TimeEndpoint):
    """A machine failed, and the hold that is proposed for it is paid."""

    allow = (Audience.COMPANY, Audience.TALENT)

    @described(
        "time_lines_accept_hold",
        "Accept a hold that is proposed, as the company or talent operations.",
        refuses=(holds.NoHoldProposed, disputes.LineAlreadyDecided, operations.OwnTime),
        request=HoldIn,
        responses=LineOut,
    )
    def post(self, request: Request, line_id: str) -> Response:
        asked = self.read(HoldIn)

        def accept() -> TimeLine:
            line = queries.get_line(self.actor, line_id)
            holds.accept_hold(line=line, **asked, by=self.actor, at=clock.now())
            return queries.get_line(self.actor, line_id)

        return self.done(LineOut, accept)


class LineDisputes(TimeEndpoint):
    """Dispute one line, or ask for a correction of one that is approved; the others go on."""

    @described(
        "disputes_create",
        "Dispute a time line, or ask for its correction.",
        refuses=(disputes.LineAlreadyDecided, disputes.AlreadyDisputed, disputes.CorrectionTooLate),
        request=DisputeIn,
        responses={201: DisputeOut},
    )
    def post(self, request: Request, line_id: str) -> Response:
        asked = self.read(DisputeIn)

        def raise_it() -> Dispute:
            line = queries.get_line(self.actor, line_id)
            reason = Dispute.Reason(asked.pop("reason"))
            return operations.dispute_line(line=line, reason=reason, **asked, by=self.actor, at=clock.now())

        return self.created(DisputeOut, raise_it)


class Disputes(Endpoint):
    """The disputes that wait for talent operations, the earliest deadline first."""

    allow = (Audience.TALENT,)

    @described(
        "disputes_list", "List the disputes that talent operations decide.", responses=DisputeOut(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.listed(DisputeOut, queries.for_talent(self.actor), by=queries.BY_DECISION)


class DisagreeWithDispute(TimeEndpoint):
    """Say no to what the other side claims; talent operations decide."""

    @described(
        "disputes_disagree",
        "Say no to what the other side claims.",
        refuses=(
            disputes.AlreadyResolved,
            disputes.AlreadyDisagreed,
            disputes.AnswerTooLate,
            disputes.NotYoursToDecide,
        ),
        request=DisagreeIn,
        responses=DisputeOut,
    )
    def post(self, request: Request, dispute_id: str) -> Response:
        asked = self.read(DisagreeIn)

        def disagree() -> Dispute:
            dispute = queries.get_dispute(self.actor, dispute_id)
            return operations.disagree(dispute=dispute, **asked, by=self.actor, at=clock.now())

        return self.done(DisputeOut, disagree)


class ResolveDispute(TimeEndpoint):
    """Agree to what is claimed, take a dispute back, or decide as talent operations."""

    @described(
        "disputes_resolve",
        "Agree to a dispute, take it back, or decide it.",
        refuses=(disputes.AlreadyResolved, disputes.NotYoursToDecide, *MOVE_REFUSALS),
        request=DisputeAnswerIn,
        responses=DisputeOut,
    )
    def post(self, request: Request, dispute_id: str) -> Response:
        asked = self.read(DisputeAnswerIn)

        def resolve() -> Dispute:
            dispute = queries.get_dispute(self.actor, dispute_id)
            return operations.resolve_dispute(dispute=dispute, **asked, by=self.actor, at=clock.now())

        return self.done(DisputeOut, resolve)


urlpatterns = [
    path("time-lines/<str:line_id>", OneLine.as_view(), name="api_time_line"),
    path("time-lines/<str:line_id>/disputes", LineDisputes.as_view(), name="api_time_line_disputes"),
    path("time-lines/<str:line_id>/holds", LineHolds.as_view(), name="api_time_line_holds"),
    path("disputes", Disputes.as_view(), name="api_disputes"),
    path("disputes/<str:dispute_id>/disagree", DisagreeWithDispute.as_view(), name="api_dispute_disagree"),
    path("disputes/<str:dispute_id>/resolve", ResolveDispute.as_view(), name="api_dispute_resolve"),
]
