from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from kit import clock
from kit.http.serializers import Strict, TextField
from kit.text import LONGEST_REASON
from payments.inbox import findings, halts
from payments.inbox.models import Finding, Halt
from payments.inbox.queries import get_finding, get_halt


class FindingOut(serializers.ModelSerializer[Finding]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Finding
        fields = ["id", "code", "thing", "detail", "found_at", "resolved_at", "resolution"]


class ResolveIn(Strict):
    resolution = TextField(max_length=LONGEST_REASON)


class HaltOut(serializers.ModelSerializer[Halt]):
    id = serializers.CharField(source="public_id")

    class Meta:
        model = Halt
        fields = ["id", "code", "detail", "raised_at", "lifted_at", "lift_note"]


class LiftIn(Strict):
    note = TextField(max_length=LONGEST_REASON)


class Findings(Endpoint):
    """Finance's inbox."""

    allow = (Audience.FINANCE,)

    @described(
        "findings_list", "List what does not add up and waits for finance.", responses=FindingOut(many=True)
    )
    def get(self, request: Request) -> Response:
        return self.listed(FindingOut, Finding.objects.filter(resolved_at=None), by=("-id",))


class FindingResolve(Endpoint):
    allow = (Audience.FINANCE,)

    @described(
        "findings_resolve", "Say how a finding was explained.", request=ResolveIn, responses=FindingOut
    )
    def post(self, request: Request, finding_id: str) -> Response:
        sent, finding = self.read(ResolveIn), get_finding(finding_id)

        def work() -> Finding:
            findings.resolve(finding=finding, **sent, by=self.actor, at=clock.now())
            finding.refresh_from_db()
            return finding

        return self.done(FindingOut, work)


class Halts(Endpoint):
    """Why payouts stand still, if they do."""

    allow = (Audience.FINANCE,)

    @described("halts_list", "List why payouts stand, or stood, still.", responses=HaltOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(HaltOut, Halt.objects.all(), by=("-id",))


class HaltLift(Endpoint):
    """Say why it is safe again."""

    allow = (Audience.FINANCE,)

    @described("halts_lift", "Say why it is safe, and let payouts go on.", request=LiftIn, responses=HaltOut)
    def post(self, request: Request, halt_id: str) -> Response:
        sent, halt = self.read(LiftIn), get_halt(halt_id)

        def work() -> Halt:
            halts.lift(halt=halt, **sent, by=self.actor, at=clock.now())
            halt.refresh_from_db()
            return halt

        return self.done(HaltOut, work)


urlpatterns = [
    path("findings", Findings.as_view(), name="api_findings"),
    path("findings/<str:finding_id>/resolve", FindingResolve.as_view(), name="api_finding_resolve"),
    path("halts", Halts.as_view(), name="api_halts"),
    path("halts/<str:halt_id>/lift", HaltLift.as_view(), name="api_halt_lift"),
]
