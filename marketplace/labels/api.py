"""Labels over the API: by which words, who labels, what waits, one's labels, how far annotators agree; and transcripts."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.acts import Act
from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.identity.models import User
from kit import clock
from kit.errors import Invalid, NotFound
from kit.http.serializers import Strict, TextField, TypedId, WholeNumberField
from kit.text import LONGEST_REASON
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import get_own_gig
from marketplace.labels import operations, queries, transcripts, webvtt
from marketplace.labels.models import (
    FEWEST_WANTED,
    LONGEST_PIECE_S,
    MOST_WANTED,
    SHORTEST_PIECE_S,
    Label,
    Labelling,
    Sense,
)
from marketplace.labels.words import HIGHEST, LOWEST, WORDS
from marketplace.media import playing

COMPANY = (Audience.COMPANY,)
PEOPLE = (Audience.PERFORMER, Audience.COMPANY)
FURTHEST_MS = 2**31 - 1
MOST_PIECES = 50
GIVING = (
    operations.NotToLabel,
    operations.NotToBeLabelled,
    operations.NoVocabulary,
    operations.ReadBefore,
    operations.AlreadyLabelled,
)


class LabellingIn(Strict):
    emotions = serializers.ListField(child=serializers.ChoiceField(choices=list(WORDS)), max_length=40)
    wanted = WholeNumberField(
        min_value=FEWEST_WANTED, max_value=MOST_WANTED, help_text="How many annotators label each piece."
    )
    piece_s = WholeNumberField(
        min_value=SHORTEST_PIECE_S, max_value=LONGEST_PIECE_S, help_text="How long a piece is, in seconds."
    )


class LabellingOut(Strict):
    emotions = serializers.ListField(child=serializers.CharField())
    wanted = serializers.IntegerField(help_text="How many annotators label each piece.")
    piece_s = serializers.IntegerField(help_text="How long a piece is, in seconds.")
    set_at = serializers.DateTimeField(help_text="When the company chose this.")


class AnnotatorsIn(Strict):
    annotators = serializers.ListField(child=TypedId(prefix="usr"), max_length=operations.MOST_ANNOTATORS)


class AnnotatorWithdrawIn(Strict):
    reason = TextField(max_length=LONGEST_REASON, help_text="Kept with each of them.")


class AnnotatorOut(Strict):
    id = serializers.CharField(source="public_id")
    user = serializers.CharField(source="user.public_id")
    name = serializers.CharField(source="user.name")


class PieceOut(Strict):
    segment = serializers.CharField(source="segment.public_id")
    seat = serializers.CharField(source="segment.seat.public_id")
    starts_ms = serializers.IntegerField()
    ends_ms = serializers.IntegerField()
    address = serializers.SerializerMethodField(help_text="Where it plays, for minutes.")

    def get_address(self, piece: queries.Piece) -> str:
        return playing.address(piece.segment, by=self.context["actor"], at=clock.now())


class LabelIn(Strict):
    sense = serializers.ChoiceField(choices=Sense.choices)
    starts_ms = WholeNumberField(min_value=-FURTHEST_MS, max_value=FURTHEST_MS)
    ends_ms = WholeNumberField(min_value=-FURTHEST_MS, max_value=FURTHEST_MS)
    emotion = serializers.ChoiceField(choices=list(WORDS))
    intensity = WholeNumberField(min_value=LOWEST, max_value=HIGHEST)


class LabelOut(Strict):
    id = serializers.CharField(source="public_id")
    version = serializers.IntegerField(help_text="From 1; each correction is the next.")
    segment = serializers.CharField(source="segment.public_id")
    by = serializers.SerializerMethodField(help_text="`performer`, or the annotator's id in this gig.")
    sense = serializers.ChoiceField(choices=Sense.choices)
    starts_ms = serializers.IntegerField()
    ends_ms = serializers.IntegerField()
    emotion = serializers.CharField()
    intensity = serializers.IntegerField()
    given_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)

    def get_by(self, label: Label) -> str:
        return label.annotator.public_id if label.annotator else "performer"


class LabelStandingOut(Strict):
    recordings = serializers.IntegerField(help_text="How many may be labelled now.")
    pieces = serializers.IntegerField(help_text="Of these recordings.")
    done = serializers.IntegerField(help_text="Pieces that as many labelled as are wanted.")
    of_performers = serializers.IntegerField(help_text="Labels that performers gave of themselves.")
    compared = serializers.IntegerField(
        source="agreement.pieces", help_text="Pieces that two or more annotators labelled."
    )
    emotion_thousandths = serializers.IntegerField(
        source="agreement.emotion_thousandths",
        allow_null=True,
        help_text="Krippendorff's alpha (nominal), in thousandths; null where there is nothing to agree about.",
    )
    intensity_thousandths = serializers.IntegerField(
        source="agreement.intensity_thousandths", allow_null=True, help_text="The same (ordinal)."
    )


class TranscriptIn(Strict):
    text = TextField(max_length=webvtt.MOST_BYTES, trim_whitespace=False)


class TranscriptOut(Strict):
    id = serializers.CharField(source="public_id")
    segment = serializers.CharField(source="segment.public_id")
    text = serializers.CharField()
    sha256 = serializers.CharField()
    cues = serializers.IntegerField(help_text="How many it has.")
    put_at = serializers.DateTimeField(help_text="When the company brought it.")
    ended_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was removed; null while it stands."
    )


def _labelling(gig: Gig) -> Labelling:
    found = queries.labelling_of(gig)
    if found is None:
        raise NotFound("Nobody has said yet how this gig is labelled.")
    return found


class GigLabelling(Endpoint):
    """By which words a gig's recordings are labelled, and by how many."""

    allow = COMPANY

    @described("labelling_get", "Read how a gig's recordings are labelled.", responses=LabellingOut)
    def get(self, request: Request, gig_id: str) -> Response:
        return Response(LabellingOut(_labelling(get_own_gig(self.actor, gig_id))).data)

    @described(
        "labelling_set",
        "Say how a gig's recordings are labelled.",
        refuses=(operations.LabellingInUse,),
        request=LabellingIn,
        responses=LabellingOut,
    )
    def put(self, request: Request, gig_id: str) -> Response:
        gig, sent = get_own_gig(self.actor, gig_id), self.read(LabellingIn)
        return self.done(
            LabellingOut, lambda: operations.set_up(gig=gig, **sent, by=self.actor, at=clock.now())
        )


class GigAnnotators(Endpoint):
    """Who labels a gig's recordings."""

    allow = COMPANY
    pagination_class = WholeList

    @described("annotators_list", "List who labels a gig's recordings.", responses=AnnotatorOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        return self._all(get_own_gig(self.actor, gig_id))

    @described(
        "annotators_ask",
        "Say who labels a gig's recordings.",
        refuses=(operations.NoVocabulary,),
        request=AnnotatorsIn,
        responses=AnnotatorOut(many=True),
    )
    def put(self, request: Request, gig_id: str) -> Response:
        gig, ids = get_own_gig(self.actor, gig_id), set(self.read(AnnotatorsIn)["annotators"])
        people = list(User.objects.filter(public_id__in=ids, memberships__company_id=gig.company_id))
        if len(people) != len(ids):
            raise Invalid.field("annotators", "Members of your company only.", code="not_a_choice")
        operations.ask(gig=gig, users=people, by=self.actor, at=clock.now())
        return self._all(gig)

    def _all(self, gig: Gig) -> Response:
        rows = gig.annotators.filter(ended_at=None).select_related("user").order_by("id")
        return self.whole(AnnotatorOut, list(rows))


class AnnotatorWithdraw(Endpoint):
    """What somebody gave who labels no more, and has no page of it: an owner takes it back for them."""

    allow = COMPANY

    @described(
        "annotators_withdraw",
        "Take back all labels of somebody who labels no more.",
        refuses=(operations.StillLabels,),
        request=AnnotatorWithdrawIn,
        responses=AnnotatorOut,
    )
    def post(self, request: Request, gig_id: str, annotator_id: str) -> Response:
        gig, sent = get_own_gig(self.actor, gig_id), self.read(AnnotatorWithdrawIn)
        annotator = queries.get_annotator(self.actor, gig, annotator_id)
        return self.done(
            AnnotatorOut,
            lambda: operations.withdraw_for(annotator=annotator, **sent, by=self.actor, at=clock.now()),
        )


class GigPieces(Endpoint):
    """What waits for one's own label, the first ones; each time fewer."""

    allow = COMPANY
    pagination_class = WholeList

    @described("pieces_list", "List what waits for your label.", responses=PieceOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        gig = get_own_gig(self.actor, gig_id)
        annotator, found = queries.annotator_of(gig, self.actor), []
        if annotator is not None:
            found = queries.waiting(annotator, _labelling(gig), at=clock.now())[:MOST_PIECES]
        return Response({"data": PieceOut(found, many=True, context={"actor": self.actor}).data})


class GigLabels(Endpoint):
    """A gig's labels, of those that one may read: an annotator, of a piece once their own is in."""

    allow = COMPANY

    @described("labels_list", "List a gig's labels.", responses=LabelOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        gig = get_own_gig(self.actor, gig_id)
        return self.listed(LabelOut, queries.labels_for(self.actor, gig), by=("-id",))


class GigLabelStanding(Endpoint):
    """How far the labelling is, and how far the annotators agree."""

    allow = COMPANY

    @described("labelling_standing", "Say how a gig's labelling stands.", responses=LabelStandingOut)
    def get(self, request: Request, gig_id: str) -> Response:
        gig = get_own_gig(self.actor, gig_id)
        self.actor.require(Act.DELIVER, company_id=gig.company_id)
        return Response(LabelStandingOut(queries.standing(gig, _labelling(gig), at=clock.now())).data)


class SegmentLabels(Endpoint):
    """The labels of one recording: reading those that one may, giving one's own."""

    allow = PEOPLE

    @described("segment_labels_list", "List the labels of a recording.", responses=LabelOut(many=True))
    def get(self, request: Request, segment_id: str) -> Response:
        segment = playing.get_segment(self.actor, segment_id)
        rows = queries.labels_for(self.actor, segment.recording.session.gig).filter(segment=segment)
        return self.listed(LabelOut, rows, by=("-id",))

    @described(
        "segment_labels_give",
        "Label a range of a recording.",
        refuses=GIVING,
        request=LabelIn,
        responses={201: LabelOut},
    )
    def post(self, request: Request, segment_id: str) -> Response:
        segment, said = playing.get_segment(self.actor, segment_id), self.read(LabelIn)
        return self.created(
            LabelOut,
            lambda: operations.give(
                segment=segment, said=operations.Said(**said), by=self.actor, at=clock.now()
            ),
        )


class LabelDetail(Endpoint):
    """A label of one's own."""

    allow = PEOPLE

    @described(
        "labels_replace",
        "Correct a label of yours by its next version.",
        refuses=(*GIVING, operations.LabelOver),
        request=LabelIn,
        responses=LabelOut,
    )
    def put(self, request: Request, label_id: str) -> Response:
        label, said = queries.get_label(self.actor, label_id), self.read(LabelIn)
        return self.done(
            LabelOut,
            lambda: operations.replace(
                label=label, said=operations.Said(**said), by=self.actor, at=clock.now()
            ),
        )


class LabelWithdraw(Endpoint):
    allow = PEOPLE

    @described(
        "labels_withdraw",
        "Take back a label of yours.",
        refuses=(operations.LabelOver,),
        request=None,
        responses=LabelOut,
    )
    def post(self, request: Request, label_id: str) -> Response:
        label = queries.get_label(self.actor, label_id)
        return self.done(LabelOut, lambda: operations.withdraw(label=label, by=self.actor, at=clock.now()))


class SegmentTranscript(Endpoint):
    """The words of one recording, as the company wrote them down."""

    allow = PEOPLE

    @described("transcripts_get", "Read a recording's transcript.", responses=TranscriptOut)
    def get(self, request: Request, segment_id: str) -> Response:
        segment = playing.get_segment(self.actor, segment_id)
        found = queries.transcripts_of(self.actor, [segment]).get(segment.pk)
        if found is None:
            raise NotFound("This recording has no transcript.")
        return Response(TranscriptOut(found).data)

    @described(
        "transcripts_put",
        "Bring a recording's transcript, as WebVTT.",
        refuses=(operations.NotToBeLabelled,),
        request=TranscriptIn,
        responses=TranscriptOut,
    )
    def put(self, request: Request, segment_id: str) -> Response:
        segment, sent = playing.get_segment(self.actor, segment_id), self.read(TranscriptIn)
        body = sent["text"].encode()
        return self.done(
            TranscriptOut,
            lambda: transcripts.put(segment=segment, body=body, by=self.actor, at=clock.now()),
        )


class SegmentTranscriptRemove(Endpoint):
    allow = COMPANY

    @described(
        "transcripts_remove", "Remove a recording's transcript.", request=None, responses=TranscriptOut
    )
    def post(self, request: Request, segment_id: str) -> Response:
        segment = playing.get_segment(self.actor, segment_id)
        return self.done(
            TranscriptOut, lambda: transcripts.remove(segment=segment, by=self.actor, at=clock.now())
        )


OF_GIG, ONE, OF_SEGMENT = "gigs/<str:gig_id>", "labels/<str:label_id>", "segments/<str:segment_id>"
urlpatterns = [
    path(f"{OF_GIG}/labelling", GigLabelling.as_view(), name="api_gig_labelling"),
    path(f"{OF_GIG}/annotators", GigAnnotators.as_view(), name="api_gig_annotators"),
    path(
        f"{OF_GIG}/annotators/<str:annotator_id>/withdraw",
        AnnotatorWithdraw.as_view(),
        name="api_annotator_withdraw",
    ),
    path(f"{OF_GIG}/pieces", GigPieces.as_view(), name="api_gig_pieces"),
    path(f"{OF_GIG}/labels", GigLabels.as_view(), name="api_gig_labels"),
    path(f"{OF_GIG}/labelling/standing", GigLabelStanding.as_view(), name="api_gig_label_standing"),
    path(f"{OF_SEGMENT}/labels", SegmentLabels.as_view(), name="api_segment_labels"),
    path(ONE, LabelDetail.as_view(), name="api_label"),
    path(f"{ONE}/withdraw", LabelWithdraw.as_view(), name="api_label_withdraw"),
    path(f"{OF_SEGMENT}/transcript", SegmentTranscript.as_view(), name="api_segment_transcript"),
    path(
        f"{OF_SEGMENT}/transcript/remove",
        SegmentTranscriptRemove.as_view(),
        name="api_segment_transcript_remove",
    ),
]
