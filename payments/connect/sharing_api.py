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
from kit.http.serializers import Strict, TextField
from kit.text import LONGEST_REASON
from payments.connect import sharing
from payments.connect.models import SharedBank


class SharedBankOut(serializers.ModelSerializer[SharedBank]):
    id = serializers.CharField(source="public_id")
    performers = serializers.SerializerMethodField()
    proposed_by = serializers.CharField(source="proposed_by.name", allow_null=True, default=None)

    class Meta:
        model = SharedBank
        fields = ["id", "performers", "state", "found_at", "why", "proposed_by", "decided_at"]

    def get_performers(self, shared: SharedBank) -> list[str]:
        return [shared.one.public_id, shared.other.public_id]


class WhyIn(Strict):
    reason = TextField(max_length=LONGEST_REASON, help_text="For finance; no performer reads it.")


class SharedBanks(Endpoint):
    """Bank accounts that two performers are paid to, not allowed yet."""

    allow = (Audience.FINANCE,)

    @described(
        "shared_banks_list",
        "List bank accounts that two performers are paid to, and that are not allowed.",
        responses=SharedBankOut(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.listed(SharedBankOut, sharing.open_ones(), by=("found_at", "id"))


class SharedBankPropose(Endpoint):
    """Propose to allow it; a second person allows it."""

    allow = (Audience.FINANCE,)

    @described(
        "shared_banks_propose",
        "Propose to allow a bank account that two performers share.",
        refuses=(sharing.OwnBank, *MOVE_REFUSALS),
        request=WhyIn,
        responses=SharedBankOut,
    )
    def post(self, request: Request, shared_id: str) -> Response:
        shared, sent = sharing.get_shared(shared_id), self.read(WhyIn)
        return self.done(
            SharedBankOut, lambda: sharing.propose(shared=shared, **sent, by=self.actor, at=clock.now())
        )


class SharedBankAllow(Endpoint):
    """A second person, having just proved who they are."""

    allow = (Audience.FINANCE,)

    @described(
        "shared_banks_allow",
        "Allow a bank account that two performers share, as a second person.",
        refuses=(sharing.OwnBank, sharing.SameProposer, StaleProof, *MOVE_REFUSALS),
        request=None,
        responses=SharedBankOut,
    )
    def post(self, request: Request, shared_id: str) -> Response:
        shared = sharing.get_shared(shared_id)
        return self.done(SharedBankOut, lambda: sharing.allow(shared=shared, by=self.actor, at=clock.now()))


class SharedBankKeep(Endpoint):
    """It stays held until one of the two names another bank account."""

    allow = (Audience.FINANCE,)

    @described(
        "shared_banks_keep",
        "Let the pay of two performers who share a bank account stay held.",
        refuses=(sharing.OwnBank, *MOVE_REFUSALS),
        request=WhyIn,
        responses=SharedBankOut,
    )
    def post(self, request: Request, shared_id: str) -> Response:
        shared, sent = sharing.get_shared(shared_id), self.read(WhyIn)
        return self.done(
            SharedBankOut, lambda: sharing.keep(shared=shared, **sent, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path("shared-banks", SharedBanks.as_view(), name="api_shared_banks"),
    path("shared-banks/<str:shared_id>/propose", SharedBankPropose.as_view(), name="api_shared_bank_propose"),
    path("shared-banks/<str:shared_id>/allow", SharedBankAllow.as_view(), name="api_shared_bank_allow"),
    path("shared-banks/<str:shared_id>/keep", SharedBankKeep.as_view(), name="api_shared_bank_keep"),
]
