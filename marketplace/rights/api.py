"""Rights over the API: what is asked for, what was granted and taken back, its receipts, and who had which work."""

from typing import Any, cast

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import LineField, Strict, TextField, WholeNumberField
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.gigs.operations import GigInReview
from marketplace.gigs.promises import GigIsPromised
from marketplace.gigs.queries import get_gig, get_own_gig
from marketplace.rights import models, operations, queries, receipts, use_terms
from marketplace.rights.models import GrantReceipt, Use, UseTerms
from marketplace.rights.states import GrantState
from marketplace.rights.wording import may_be_asked, terms_of, wording


class GrantOut(Strict):
    id = serializers.CharField(source="public_id")
    engagement = serializers.CharField(source="application.engagement.public_id")
    performer = serializers.CharField(source="application.performer.public_id")
    purpose = serializers.ChoiceField(choices=list(PURPOSES.items()))
    state = serializers.ChoiceField(choices=GrantState.choices)
    text = serializers.CharField()
    text_sha256 = serializers.CharField()
    terms_sha256 = serializers.CharField()
    conditions = serializers.DictField()
    until = serializers.DateTimeField(allow_null=True)
    given_at = serializers.DateTimeField()
    active_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    expired_at = serializers.DateTimeField(allow_null=True)
    superseded_at = serializers.DateTimeField(allow_null=True)


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


class UseTermsIn(Strict):
    use = TextField(required=False, allow_blank=True, max_length=models.LONGEST_USE)
    model_family = LineField(required=False, allow_blank=True, max_length=models.LONGEST_FAMILY)
    territory = LineField(required=False, allow_blank=True, max_length=models.LONGEST_TERRITORY)
    not_for = LineField(required=False, allow_blank=True, max_length=models.LONGEST_NOT_FOR)
    term_days = WholeNumberField(
        required=False, allow_null=True, min_value=1, max_value=models.LONGEST_TERM_DAYS
    )
    bonus_minor = WholeNumberField(required=False, min_value=0, max_value=use_terms.MOST_BONUS_MINOR)
    deletion_days = WholeNumberField(required=False, min_value=1, max_value=models.MOST_DELETION_DAYS)


class UseTermsOut(Strict):
    purpose = serializers.ChoiceField(choices=list(PURPOSES.items()))
    text = serializers.CharField()
    is_offered = serializers.BooleanField()
    use = serializers.CharField()
    model_family = serializers.CharField()
    territory = serializers.CharField()
    not_for = serializers.CharField()
    term_days = serializers.IntegerField(allow_null=True)
    bonus_minor = serializers.IntegerField()
    deletion_days = serializers.IntegerField()


def _told(gig: Gig, purpose: str, terms: UseTerms | None) -> dict[str, Any]:
    shown = terms or UseTerms(gig=gig, purpose=purpose)
    return {name: getattr(shown, name) for name in use_terms.Fields.__annotations__} | {
        "purpose": purpose,
        "text": wording(purpose, gig=gig, terms=terms),
        "is_offered": may_be_asked(purpose, terms),
    }


class GigPurposes(Endpoint):
    """What each purpose of a gig is asked for, as performers read it before they sign."""

    allow = (Audience.ANYONE,)
    scopes = {"GET": "gigs:read"}
    pagination_class = WholeList

    @described("gig_purposes_list", "Read what a gig asks recordings for.", responses=UseTermsOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        gig = get_gig(self.actor, gig_id)
        terms = terms_of(gig)
        rows = [_told(gig, name, terms.get(name)) for name in PURPOSES if name in gig.purposes]
        return self.whole(UseTermsOut, rows)


class GigPurpose(Endpoint):
    allow = (Audience.COMPANY,)
    scopes = {"PUT": "gigs:write"}

    @described(
        "gig_purposes_set",
        "Say what one purpose of a gig is asked for.",
        refuses=(GigInReview, GigIsPromised),
        request=UseTermsIn,
        responses=UseTermsOut,
    )
    def put(self, request: Request, gig_id: str, purpose: str) -> Response:
        gig, sent = get_own_gig(self.actor, gig_id), self.read(UseTermsIn)
        fields = cast(use_terms.Fields, sent)

        def work() -> dict[str, Any]:
            terms = use_terms.set_use_terms(
                gig=gig, purpose=purpose, fields=fields, by=self.actor, at=clock.now()
            )
            return _told(gig, purpose, terms)

        return self.done(UseTermsOut, work)


class GrantReceiptOut(Strict):
    id = serializers.CharField(source="public_id")
    grant = serializers.CharField(source="event.grant.public_id")
    performer = serializers.CharField(source="performer.public_id")
    event = serializers.ChoiceField(choices=GrantState.choices, source="event.kind")
    at = serializers.DateTimeField(source="event.at")
    number = serializers.IntegerField()
    sha256 = serializers.CharField()
    signature = serializers.CharField()
    receipt = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField())
    def get_receipt(self, row: GrantReceipt) -> dict[str, Any]:
        said: dict[str, Any] = receipts.file_of(row)["receipt"]
        return said


class Receipts(Endpoint):
    """The proofs of one's own grants, or of those to one's companies, the newest first."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": "casting:read"}

    @described("receipts_list", "List the receipts of grants.", responses=GrantReceiptOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(GrantReceiptOut, queries.receipts_for(self.actor), by=("-id",))


class ReceiptKeyOut(Strict):
    id = serializers.CharField()
    algorithm = serializers.CharField()
    public_key = serializers.CharField()


class ReceiptKeys(Endpoint):
    """The public keys by which receipts are checked, earlier ones included."""

    allow = (Audience.ANYONE,)
    pagination_class = WholeList

    @described(
        "receipt_keys_list",
        "List the keys that receipts are signed with.",
        responses=ReceiptKeyOut(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.whole(ReceiptKeyOut, receipts.published_keys())


class UseOut(Strict):
    kind = serializers.ChoiceField(choices=Use.Kind.choices)
    at = serializers.DateTimeField()
    performer = serializers.CharField(source="performer.public_id")
    company = serializers.CharField(source="company.public_id")
    gig = serializers.CharField(source="gig.public_id")
    about = serializers.CharField()
    purposes = serializers.ListField(child=serializers.CharField())


class Uses(Endpoint):
    """Who had a performer's work before them, and what for: one's own, or one's company's uses."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": "casting:read"}

    @described("uses_list", "List who had which work.", responses=UseOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(UseOut, queries.uses_for(self.actor), by=("-id",))


urlpatterns = [
    path("gigs/<str:gig_id>/purposes", GigPurposes.as_view(), name="api_gig_purposes"),
    path("gigs/<str:gig_id>/purposes/<str:purpose>", GigPurpose.as_view(), name="api_gig_purpose"),
    path("receipts", Receipts.as_view(), name="api_receipts"),
    path("receipt-keys", ReceiptKeys.as_view(), name="api_receipt_keys"),
    path("uses", Uses.as_view(), name="api_uses"),
    path("grants", Grants.as_view(), name="api_grants"),
    path("grants/<str:grant_id>/withdraw", GrantWithdraw.as_view(), name="api_grant_withdraw"),
]
