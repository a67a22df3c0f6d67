"""Pieces over the API: asking for one, handing a version in, and answering it."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.actors import Actor
from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import CompanyOwes, NotApproved, Suspended
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.errors import Invalid
from kit.http.serializers import (
    InstantField,
    LineField,
    MoneyIn,
    MoneyOf,
    Strict,
    TextField,
    TypedId,
    WholeNumberField,
)
from kit.text import LONGEST_REASON
from marketplace.engagements.models import Engagement
from marketplace.engagements.operations import TermsChanged
from marketplace.gigs.models import PURPOSES, Gig
from marketplace.gigs.queries import get_own_gig
from marketplace.media.states import SentState
from marketplace.sessions.booking import BudgetExceeded, EngagementNotActive, GigNotWorking
from marketplace.works import commissioning, handing_in, queries, reviewing
from marketplace.works.models import (
    LONGEST_BRIEF,
    LONGEST_NOTE,
    LONGEST_RULE,
    LONGEST_TITLE,
    MOST_REVISIONS,
    MOST_RULES,
    Commission,
    Review,
)
from marketplace.works.states import CommissionState, Refusal

COMPANY, PERFORMER = (Audience.COMPANY,), (Audience.PERFORMER,)
CONCERNED = (Audience.PERFORMER, Audience.COMPANY)
SEEN_BY = (*CONCERNED, Audience.TALENT)
ASKING = (
    NotApproved,
    Suspended,
    CompanyOwes,
    GigNotWorking,
    TermsChanged,
    BudgetExceeded,
    EngagementNotActive,
    commissioning.TooManyPieces,
)
ANSWERING = (reviewing.OwnPiece, reviewing.VersionChanged, *MOVE_REFUSALS)


class CommissionIn(Strict):
    engagement = TypedId(prefix="eng", help_text="Of whoever makes it.")
    title = LineField(max_length=LONGEST_TITLE, help_text="What it is called.")
    brief = TextField(max_length=LONGEST_BRIEF, help_text="What is asked, and what is ruled out.")
    rules = serializers.ListField(
        child=LineField(max_length=LONGEST_RULE),
        min_length=1,
        max_length=MOST_RULES,
        help_text="By which it is accepted; in this order they are answered.",
    )
    price = MoneyIn(
        most_minor=commissioning.MOST_MINOR, help_text="What the performer is paid; the fee comes on top."
    )
    due_at = InstantField(help_text="By when it is waited for.")
    revisions = WholeNumberField(
        min_value=0, max_value=MOST_REVISIONS, help_text="How often changes may be asked for."
    )
    purposes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(PURPOSES)),
        min_length=1,
        max_length=len(PURPOSES),
        help_text="What it may be used for; the performer grants each of these now.",
    )


class ResultOut(Strict):
    rule = serializers.CharField(help_text="As it was agreed.")
    met = serializers.BooleanField(help_text="Whether it is met.")
    note = serializers.CharField(help_text="What to change, where it is not met.")


class PieceReviewOut(Strict):
    outcome = serializers.ChoiceField(choices=Review.Outcome.choices, help_text="What it came to.")
    results = ResultOut(many=True, help_text="One for each rule, in their order.")
    note = serializers.CharField(help_text="To the performer, beside the rules.")
    reviewed_at = serializers.DateTimeField(help_text="When it was answered.")


class ArtefactOut(Strict):
    id = serializers.CharField(source="artefact.public_id")
    version = serializers.IntegerField(
        source="artefact.version", allow_null=True, help_text="From 1, as it was handed in; null before."
    )
    state = serializers.ChoiceField(choices=SentState.choices, source="artefact.state")
    size = serializers.IntegerField(source="artefact.size")
    length = serializers.IntegerField(
        source="artefact.length", allow_null=True, help_text="In bytes; null while a device records."
    )
    refusal = serializers.CharField(source="artefact.refusal")
    duration_ms = serializers.IntegerField(source="artefact.duration_ms", allow_null=True)
    submitted_at = serializers.DateTimeField(source="artefact.submitted_at", allow_null=True)
    address = serializers.CharField(help_text="Where it plays, for minutes; empty where it does not.")
    review = PieceReviewOut(allow_null=True, help_text="What was said of it; null before.")


class CommissionOut(serializers.ModelSerializer[Commission]):
    id = serializers.CharField(source="public_id")
    state = serializers.ChoiceField(choices=CommissionState.choices)
    engagement = serializers.CharField(source="engagement.public_id", help_text="Of whoever makes it.")
    title = serializers.CharField(help_text="What it is called.")
    brief = serializers.CharField(help_text="What is asked, and what is ruled out.")
    gig = serializers.CharField(source="engagement.gig.public_id")
    company = serializers.CharField(source="engagement.company.public_id")
    performer = serializers.CharField(source="engagement.performer.public_id")
    price = MoneyOf("price_minor", help_text="What the performer is paid, once it is accepted.")
    fee = MoneyOf("fee_minor", help_text="What the company pays the platform on top.")
    version = serializers.IntegerField(
        source="submitted.version", default=None, allow_null=True, help_text="Handed in last."
    )
    asked_at = serializers.DateTimeField(help_text="When it was asked for.")
    refusal = serializers.ChoiceField(
        choices=Refusal.choices, allow_blank=True, help_text="Why it was refused; empty where it was not."
    )
    refusal_note = serializers.CharField(help_text="What the company said to it.")
    ended_at = serializers.DateTimeField(allow_null=True, help_text="When it was decided, or over.")

    class Meta:
        model = Commission
        fields = [
            "id",
            "state",
            "engagement",
            "gig",
            "company",
            "performer",
            "title",
            "brief",
            "rules",
            "price",
            "fee",
            "revisions",
            "purposes",
            "asked_at",
            "due_at",
            "lapses_at",
            "version",
            "review_due_at",
            "refusal",
            "refusal_note",
            "contest_until",
            "ended_at",
            "end_reason",
        ]


class CommissionWhole(CommissionOut):
    """`by` and `at` come in the context: which versions they may see, and play."""

    versions = serializers.SerializerMethodField(help_text="The newest first.")
    changes_left = serializers.SerializerMethodField(help_text="How often changes may still be asked for.")

    class Meta(CommissionOut.Meta):
        fields = [*CommissionOut.Meta.fields, "versions", "changes_left"]

    @extend_schema_field(ArtefactOut(many=True))
    def get_versions(self, piece: Commission) -> Any:
        found = queries.versions_of(piece, self.context["by"], at=self.context["at"])
        return ArtefactOut(found, many=True).data

    def get_changes_left(self, piece: Commission) -> int:
        return reviewing.changes_left(piece)


class VersionIn(Strict):
    version = WholeNumberField(min_value=1, max_value=32_000, help_text="The one that you looked at.")


class ResultIn(Strict):
    met = serializers.BooleanField(help_text="Whether the rule is met.")
    note = TextField(
        max_length=LONGEST_NOTE,
        required=False,
        allow_blank=True,
        help_text="What to change, where it is not.",
    )


class ChangesIn(VersionIn):
    results = ResultIn(many=True, help_text="One for each rule, in their order.")
    note = TextField(
        max_length=LONGEST_NOTE, required=False, allow_blank=True, help_text="Beside the rules; they read it."
    )


class RefuseIn(VersionIn):
    results = ResultIn(many=True, help_text="One for each rule, in their order.")
    reason = serializers.ChoiceField(choices=Refusal.choices, help_text="One of the list.")
    note = TextField(max_length=LONGEST_NOTE, help_text="What is wrong; they read it.")


class SubmitIn(Strict):
    artefact = TypedId(prefix="art", help_text="The version that is handed in; it can be played.")


class PieceReasonIn(Strict):
    reason = TextField(max_length=LONGEST_REASON, help_text="Why; the other side reads it.")


def _engaged(actor: Actor, gig: Gig, public_id: str) -> Engagement:
    rows = Engagement.objects.visible_to(actor).filter(gig=gig).select_related("gig", "company", "performer")
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Invalid.field("engagement", "There is none of this gig.", code="unknown_engagement")
    return found


class Commissions(Endpoint):
    """What is asked of you, or by your company."""

    allow = SEEN_BY

    @described("commissions_list", "List pieces, the newest first.", responses=CommissionOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(CommissionOut, queries.commissions(self.actor), by=("-id",))


class GigCommissions(Endpoint):
    """A gig's pieces."""

    allow = COMPANY

    @described("gig_commissions_list", "List a gig's pieces.", responses=CommissionOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        gig = get_own_gig(self.actor, gig_id)
        rows = queries.commissions(self.actor).filter(engagement__gig=gig)
        return self.listed(CommissionOut, rows, by=("-id",))

    @described(
        "commissions_ask",
        "Ask a performer for a piece.",
        refuses=ASKING,
        request=CommissionIn,
        responses={201: CommissionOut},
    )
    def post(self, request: Request, gig_id: str) -> Response:
        gig, told = get_own_gig(self.actor, gig_id), self.read(CommissionIn)
        engagement = _engaged(self.actor, gig, told.pop("engagement"))
        ask = commissioning.Ask(**told)
        return self.created(
            CommissionOut,
            lambda: commissioning.commission(engagement=engagement, ask=ask, by=self.actor, at=clock.now()),
        )


class OneCommission(Endpoint):
    """A piece, with its versions and what was said of each."""

    allow = SEEN_BY

    @described("commissions_get", "Read a piece.", responses=CommissionWhole)
    def get(self, request: Request, commission_id: str) -> Response:
        piece = queries.get_commission(self.actor, commission_id)
        return Response(CommissionWhole(piece, context={"by": self.actor, "at": clock.now()}).data)


class CommissionAct(Endpoint):
    def piece(self, commission_id: str) -> Commission:
        return queries.get_commission(self.actor, commission_id)


class CommissionSubmit(CommissionAct):
    """By who makes it. Another version takes the place of one that has no answer yet."""

    allow = PERFORMER

    @described(
        "commissions_submit",
        "Hand a version of a piece in.",
        refuses=(handing_in.NoVersionNow, handing_in.NotReady, handing_in.HandedIn, *MOVE_REFUSALS),
        request=SubmitIn,
        responses=CommissionOut,
    )
    def post(self, request: Request, commission_id: str) -> Response:
        piece = self.piece(commission_id)
        version = queries.get_artefact(self.actor, self.read(SubmitIn)["artefact"])
        return self.done(
            CommissionOut,
            lambda: handing_in.submit(piece=piece, version=version, by=self.actor, at=clock.now()),
        )


class CommissionAccept(CommissionAct):
    """Every rule is met. It is paid in the next payday."""

    allow = COMPANY

    @described(
        "commissions_accept",
        "Accept a piece.",
        refuses=ANSWERING,
        request=VersionIn,
        responses=CommissionOut,
    )
    def post(self, request: Request, commission_id: str) -> Response:
        piece, told = self.piece(commission_id), self.read(VersionIn)
        return self.done(
            CommissionOut,
            lambda: reviewing.accept(piece=piece, **told, by=self.actor, at=clock.now()),
        )


class CommissionChanges(CommissionAct):
    """Which rules are not met, and what to change."""

    allow = COMPANY

    @described(
        "commissions_ask_for_changes",
        "Ask for changes to a piece.",
        refuses=(reviewing.NoRevisionsLeft, *ANSWERING),
        request=ChangesIn,
        responses=CommissionOut,
    )
    def post(self, request: Request, commission_id: str) -> Response:
        piece, told = self.piece(commission_id), self.read(ChangesIn)
        results = [reviewing.Verdict(**each) for each in told.pop("results")]
        return self.done(
            CommissionOut,
            lambda: reviewing.ask_for_changes(
                piece=piece, **told, results=results, by=self.actor, at=clock.now()
            ),
        )


class CommissionRefuse(CommissionAct):
    """With a reason of the list. The performer may appeal (`appeals_file` with the id of the piece)."""

    allow = COMPANY

    @described(
        "commissions_refuse",
        "Refuse a piece, with a reason.",
        refuses=(reviewing.ChangesFirst, *ANSWERING),
        request=RefuseIn,
        responses=CommissionOut,
    )
    def post(self, request: Request, commission_id: str) -> Response:
        piece, told = self.piece(commission_id), self.read(RefuseIn)
        results = [reviewing.Verdict(**each) for each in told.pop("results")]
        return self.done(
            CommissionOut,
            lambda: reviewing.refuse(piece=piece, **told, results=results, by=self.actor, at=clock.now()),
        )


class CommissionTakeBack(CommissionAct):
    """The order is over: by the company before anything was sent for it, by the performer before it is decided."""

    allow = CONCERNED

    @described(
        "commissions_take_back",
        "End the order of a piece.",
        refuses=(commissioning.WorkHasBegun, *MOVE_REFUSALS),
        request=PieceReasonIn,
        responses=CommissionOut,
    )
    def post(self, request: Request, commission_id: str) -> Response:
        piece, told = self.piece(commission_id), self.read(PieceReasonIn)
        return self.done(
            CommissionOut,
            lambda: commissioning.take_back(piece=piece, **told, by=self.actor, at=clock.now()),
        )


class OneArtefact(Endpoint):
    allow = PERFORMER

    @described(
        "artefacts_delete",
        "Delete a version that was not handed in.",
        refuses=(handing_in.HandedIn,),
        responses={204: None},
    )
    def delete(self, request: Request, artefact_id: str) -> Response:
        version = queries.get_artefact(self.actor, artefact_id)
        handing_in.take_back(version=version, by=self.actor, at=clock.now())
        return Response(status=204)


ONE = "commissions/<str:commission_id>"
urlpatterns = [
    path("commissions", Commissions.as_view(), name="api_commissions"),
    path("gigs/<str:gig_id>/commissions", GigCommissions.as_view(), name="api_gig_commissions"),
    path(ONE, OneCommission.as_view(), name="api_commission"),
    path(f"{ONE}/submit", CommissionSubmit.as_view(), name="api_commission_submit"),
    path(f"{ONE}/accept", CommissionAccept.as_view(), name="api_commission_accept"),
    path(f"{ONE}/ask-for-changes", CommissionChanges.as_view(), name="api_commission_changes"),
    path(f"{ONE}/refuse", CommissionRefuse.as_view(), name="api_commission_refuse"),
    path(f"{ONE}/take-back", CommissionTakeBack.as_view(), name="api_commission_take_back"),
    path("artefacts/<str:artefact_id>", OneArtefact.as_view(), name="api_artefact"),
]
