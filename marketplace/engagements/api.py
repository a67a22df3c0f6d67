from functools import partial
from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import NotApproved, Suspended
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from accounts.identity.names import LONGEST_NAME
from kit import clock
from kit.errors import Invalid
from kit.http.pacing import whole_address
from kit.http.serializers import LineField, MoneyIn, MoneyOf, Strict, TextField
from marketplace.casting.operations import OfferExpired
from marketplace.casting.queries import get_application
from marketplace.engagements import operations, queries
from marketplace.engagements.asking import UsesChanged
from marketplace.engagements.models import LONGEST_END_REASON, Engagement, Terms
from marketplace.engagements.signatures import PlaceUnknown
from marketplace.engagements.states import EngagementState
from marketplace.gigs.limits import HIGHEST_RATE_MINOR
from marketplace.gigs.models import PURPOSES


class TermsOut(serializers.ModelSerializer[Terms]):
    id = serializers.CharField(source="public_id")
    rate = MoneyOf("rate_minor")

    class Meta:
        model = Terms
        fields = [
            "id", "version", "rate", "policy", "purposes", "text", "text_sha256",
            "performer_signed_at", "performer_signature", "company_signed_at", "company_signature",
        ]  # fmt: skip


class EngagementOut(Strict):
    id = serializers.CharField(source="public_id")
    gig = serializers.CharField(source="gig.public_id")
    company = serializers.CharField(source="company.public_id")
    performer = serializers.CharField(source="performer.public_id")
    performer_name = serializers.CharField(source="performer.stage_name")
    state = serializers.ChoiceField(choices=EngagementState.choices)
    terms = serializers.SerializerMethodField()

    @extend_schema_field(TermsOut)
    def get_terms(self, engagement: Engagement) -> dict[str, Any]:
        return dict(TermsOut(queries.latest_terms(engagement)).data)


class SignIn(Strict):
    name = LineField(max_length=LONGEST_NAME, help_text="Your name, typed: that is the signature.")
    text_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="The hash of the text that you read.")
    grants = serializers.ListField(
        child=serializers.ChoiceField(choices=list(PURPOSES)),
        required=False,
        max_length=len(PURPOSES),
        help_text="Of a performer: each use of recordings that you grant. What you do not name stays refused.",
    )
    uses_sha256 = serializers.RegexField(
        r"^[0-9a-f]{64}$",
        required=False,
        help_text="Of a performer who grants a use: the hash of the uses that you read, as the agreement gives it.",
    )


class AmendIn(Strict):
    rate = MoneyIn(most_minor=HIGHEST_RATE_MINOR, help_text="Pay per hour; it never falls.")


class EngagementReasonIn(Strict):
    reason = TextField(max_length=LONGEST_END_REASON)


class Engagements(Endpoint):
    """One's engagements, or one's companies'."""

    allow = (Audience.PERFORMER, Audience.COMPANY)
    scopes = {"GET": "casting:read"}

    @described(
        "engagements_list", "List your engagements, or your companies'.", responses=EngagementOut(many=True)
    )
    def get(self, request: Request) -> Response:
        rows = Engagement.objects.visible_to(self.actor).select_related("gig", "company", "performer")
        return self.listed(EngagementOut, rows.prefetch_related("versions"), by=("-id",))


class EngagementDetail(Endpoint):
    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": "casting:read"}

    @described("engagements_get", "Read an engagement with its terms.", responses=EngagementOut)
    def get(self, request: Request, engagement_id: str) -> Response:
        return Response(EngagementOut(queries.get_engagement(self.actor, engagement_id)).data)


class OfferAccept(Endpoint):
    """Say yes to an offer: an engagement is drawn up for both to sign."""

    allow = (Audience.PERFORMER,)

    @described(
        "offers_accept",
        "Say yes to an offer; terms are drawn up to sign.",
        refuses=(NotApproved, Suspended, OfferExpired, *MOVE_REFUSALS),
        request=None,
        responses={201: EngagementOut},
    )
    def post(self, request: Request, application_id: str) -> Response:
        application = get_application(self.actor, application_id)
        return self.created(
            EngagementOut,
            lambda: operations.accept_offer(application=application, by=self.actor, at=clock.now()),
        )


class EngagementSign(Endpoint):
    """Sign as the performer, or countersign for the company: over the text that was read."""

    allow = (Audience.PERFORMER, Audience.COMPANY)

    @described(
        "engagements_sign",
        "Sign the terms that you read.",
        refuses=(
            operations.TermsChanged,
            UsesChanged,
            operations.AlreadySigned,
            PlaceUnknown,
            StaleProof,
        ),
        request=SignIn,
        responses=EngagementOut,
    )
    def post(self, request: Request, engagement_id: str) -> Response:
        engagement, sent = queries.get_engagement(self.actor, engagement_id), self.read(SignIn)
        own = self.actor.performer_id == engagement.performer_id
        if own:
            granted, read = sent.get("grants", ()), sent.get("uses_sha256", "")
            sign = partial(operations.sign_as_performer, grants=granted, uses_sha256=read)
        elif sent.get("grants"):
            raise Invalid.field("grants", "Only the performer grants a use.", code="not_a_choice")
        else:
            sign = partial(operations.countersign)

        def work() -> Engagement:
            sign(
                engagement=engagement,
                name=sent["name"],
                address=whole_address(request._request),
                read_sha256=sent["text_sha256"],
                by=self.actor,
                at=clock.now(),
            )
            return queries.get_engagement(self.actor, engagement_id)

        return self.done(EngagementOut, work)


class EngagementAmend(Endpoint):
    """Propose the next version of the terms. A rate never falls."""

    allow = (Audience.COMPANY,)

    @described(
        "engagements_amend",
        "Propose the next version of the terms.",
        refuses=(operations.EngagementEnded,),
        request=AmendIn,
        responses={201: TermsOut},
    )
    def post(self, request: Request, engagement_id: str) -> Response:
        engagement, sent = queries.get_engagement(self.actor, engagement_id), self.read(AmendIn)
        return self.created(
            TermsOut, lambda: operations.amend(engagement=engagement, **sent, by=self.actor, at=clock.now())
        )


class EngagementAct(Endpoint):
    """One act on one engagement, from either side."""

    allow = (Audience.PERFORMER, Audience.COMPANY)

    def act(self, engagement_id: str, operation: Any, **sent: Any) -> Response:
        engagement = queries.get_engagement(self.actor, engagement_id)

        def work() -> Engagement:
            operation(engagement=engagement, **sent, by=self.actor, at=clock.now())
            return queries.get_engagement(self.actor, engagement_id)

        return self.done(EngagementOut, work)


class EngagementPause(EngagementAct):
    @described(
        "engagements_pause",
        "Take no new bookings, or make none, for now.",
        refuses=MOVE_REFUSALS,
        request=EngagementReasonIn,
        responses=EngagementOut,
    )
    def post(self, request: Request, engagement_id: str) -> Response:
        return self.act(engagement_id, operations.pause, **self.read(EngagementReasonIn))


class EngagementResume(EngagementAct):
    @described(
        "engagements_resume",
        "Take up again what you paused.",
        refuses=(operations.NotYoursToResume, *MOVE_REFUSALS),
        request=None,
        responses=EngagementOut,
    )
    def post(self, request: Request, engagement_id: str) -> Response:
        return self.act(engagement_id, operations.resume)


urlpatterns = [
    path("applications/<str:application_id>/accept-offer", OfferAccept.as_view(), name="api_offer_accept"),
    path("engagements", Engagements.as_view(), name="api_engagements"),
    path("engagements/<str:engagement_id>", EngagementDetail.as_view(), name="api_engagement"),
    path("engagements/<str:engagement_id>/sign", EngagementSign.as_view(), name="api_engagement_sign"),
    path("engagements/<str:engagement_id>/amend", EngagementAmend.as_view(), name="api_engagement_amend"),
    path("engagements/<str:engagement_id>/pause", EngagementPause.as_view(), name="api_engagement_pause"),
    path("engagements/<str:engagement_id>/resume", EngagementResume.as_view(), name="api_engagement_resume"),
]
