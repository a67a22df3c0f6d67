"""The agreement over the API: its clauses with the plain words beside them, the laws, both signatures, and the signed PDF."""

from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.access.step_up import StaleProof
from accounts.identity.names import LONGEST_NAME
from kit import clock
from kit.http.pacing import whole_address
from kit.http.serializers import LineField, Strict
from marketplace.agreements.replicas import DIGITAL_REPLICAS
from marketplace.engagements import asking, operations, queries, replicas
from marketplace.engagements.models import Engagement, Proof, Side, Signature
from marketplace.engagements.paper_pages import as_file
from marketplace.engagements.reading import changes, parts
from marketplace.rights.api import GrantOut
from marketplace.rights.models import ReplicaSignature


class ClauseOut(Strict):
    heading = serializers.CharField()
    text = serializers.SerializerMethodField(help_text="What binds.")
    plain = serializers.CharField(
        help_text="What that means, in plain words; empty in terms from before there were any."
    )

    def get_text(self, part: Any) -> str:
        return "\n".join(part.paragraphs)


class ChangeOut(Strict):
    heading = serializers.CharField()
    before = serializers.CharField(help_text="Empty for what is new.")
    after = serializers.CharField(help_text="Empty for what is gone.")


class LawOut(Strict):
    key = serializers.CharField()
    name = serializers.CharField()
    citation = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment] # a field of the law, which a field has too
    version = serializers.CharField()
    checked_by_counsel = serializers.BooleanField()
    pay_within_days = serializers.IntegerField()


class SignatureOut(serializers.ModelSerializer[Signature]):
    side = serializers.ChoiceField(choices=Side.choices)
    proved_by = serializers.ChoiceField(choices=Proof.choices)
    uses = serializers.DictField(
        child=serializers.CharField(),
        help_text="The words of each use that was read with it, granted or not.",
    )

    class Meta:
        model = Signature
        fields = [
            "side",
            "name",
            "signed_at",
            "text_sha256",
            "uses_sha256",
            "uses",
            "proved_by",
            "proved_at",
            "where",
        ]


class PaperOut(Strict):
    id = serializers.CharField(source="public_id")
    sha256 = serializers.CharField()
    certificate_sha256 = serializers.CharField()
    made_at = serializers.DateTimeField()


class UseAskedOut(Strict):
    purpose = serializers.CharField()
    text = serializers.CharField(help_text="What you would grant, word by word.")


class SignedAgreementOut(Strict):
    version = serializers.IntegerField()
    text_sha256 = serializers.CharField()
    templates = serializers.DictField(
        child=serializers.CharField(), help_text="The version of each template."
    )
    pay_within_days = serializers.IntegerField(
        source="pay_days", allow_null=True, help_text="After a session, at the latest."
    )
    laws = LawOut(many=True)
    clauses = ClauseOut(many=True)
    changes = ChangeOut(many=True, help_text="Against the version before.")
    uses = UseAskedOut(
        many=True, help_text="What the performer may grant with the signature under it, each by itself."
    )
    uses_sha256 = serializers.CharField(help_text="The hash of all these words, to be sent with the grants.")
    signatures = SignatureOut(many=True)
    document = PaperOut(
        allow_null=True, help_text="The signed PDF; null until both have signed and it is made."
    )


class EngagementAgreement(Endpoint):
    """The newest version of the terms, to be read, and what was signed."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": "casting:read"}

    @described("engagements_agreement", "Read the agreement, clause by clause.", responses=SignedAgreementOut)
    def get(self, request: Request, engagement_id: str) -> Response:
        return Response(SignedAgreementOut(_told(queries.get_engagement(self.actor, engagement_id))).data)


class EngagementDocument(Endpoint):
    """The signed PDF of one version."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.STAFF)
    scopes = {"GET": "casting:read"}

    @described(
        "engagements_document",
        "Take the signed PDF of a version.",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, engagement_id: str, version: int) -> Any:
        return as_file(queries.get_paper(self.actor, engagement_id, version))


class ReplicaIn(Strict):
    purpose = serializers.ChoiceField(choices=sorted(DIGITAL_REPLICAS))
    name = LineField(max_length=LONGEST_NAME, help_text="Your name, typed: that is the signature.")
    read_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="The hash of the words that you read.")
    represented_by = serializers.ChoiceField(
        choices=ReplicaSignature.By.choices, help_text="Whether counsel or a union advised you."
    )
    representative = LineField(max_length=LONGEST_NAME, help_text="The lawyer's or the union's name.")


class ReplicaAskedOut(Strict):
    purpose = serializers.CharField()
    text = serializers.CharField(help_text="What you would sign, word by word.")
    read_sha256 = serializers.CharField(help_text="Its hash, to be sent with the signature.")


class EngagementReplicas(Endpoint):
    """Replicas that are asked of you, each with a signature of its own."""

    allow = (Audience.PERFORMER,)
    pagination_class = WholeList

    @described(
        "engagements_replicas",
        "List the replicas that are asked of you.",
        responses=ReplicaAskedOut(many=True),
    )
    def get(self, request: Request, engagement_id: str) -> Response:
        engagement = queries.get_engagement(self.actor, engagement_id)
        asked = replicas.asked(engagement).items()
        rows = [{"purpose": name, "text": text, "read_sha256": sha256} for name, (text, sha256) in asked]
        return self.whole(ReplicaAskedOut, rows)

    @described(
        "engagements_replicas_sign",
        "Grant one replica by a signature of its own.",
        refuses=(StaleProof, operations.EngagementEnded, replicas.TermsFirst, replicas.ReplicaChanged),
        request=ReplicaIn,
        responses={201: GrantOut},
    )
    def post(self, request: Request, engagement_id: str) -> Response:
        engagement, sent = queries.get_engagement(self.actor, engagement_id), self.read(ReplicaIn)
        said = sent | {"address": whole_address(request._request)}
        return self.created(
            GrantOut, lambda: replicas.sign(engagement=engagement, **said, by=self.actor, at=clock.now())
        )


def _told(engagement: Engagement) -> dict[str, Any]:
    newest, *earlier = queries.versions_of(engagement)
    kept = ("version", "text_sha256", "templates", "pay_days", "laws")
    uses = asking.asked_with(newest, engagement)
    return {name: getattr(newest, name) for name in kept} | {
        "clauses": parts(newest.text)[1:],
        "changes": changes(earlier[0].text, newest.text) if earlier else [],
        "uses": [{"purpose": name, "text": text} for name, text in uses.items()],
        "uses_sha256": asking.hash_of(uses),
        "signatures": queries.signatures_of(newest),
        "document": queries.paper_of(newest),
    }


urlpatterns = [
    path("engagements/<str:engagement_id>/replicas", EngagementReplicas.as_view(), name="api_replicas"),
    path("engagements/<str:engagement_id>/agreement", EngagementAgreement.as_view(), name="api_agreement"),
    path(
        "engagements/<str:engagement_id>/versions/<int:version>/document",
        EngagementDocument.as_view(),
        name="api_agreement_document",
    ),
]
