"""A company says how its gig is labelled; its people label it piece by piece, worked by keys alone; corrections; transcripts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.identity.models import User
from kit import clock
from kit.errors import DomainError, Invalid, NotFound
from kit.forms import put_refusal
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import get_own_gig
from marketplace.labels import operations, queries, transcripts
from marketplace.labels.forms import (
    AnnotatorsForm,
    LabellingForm,
    OwnForm,
    SaidForm,
    TranscriptForm,
    shown,
)
from marketplace.labels.models import Annotator, Label, Labelling, Sense
from marketplace.labels.words import WORDS
from marketplace.media import playing
from marketplace.media.models import Segment

REFUSED = (
    operations.AlreadyLabelled,
    operations.LabelOver,
    operations.NotToBeLabelled,
    operations.NoVocabulary,
    operations.ReadBefore,
)
LATEST = 20


@dataclass(frozen=True)
class Given:
    """A label as its author reads it, with a form that corrects it; `others`: what else they may read of the same piece."""

    label: Label
    form: SaidForm
    others: list[Label]

    @property
    def words(self) -> str:
        return f"{WORDS[self.label.emotion]}, {self.label.intensity}"

    @property
    def when(self) -> str:
        starts, _ = queries.whole(self.label.segment)
        return f"{shown(self.label.starts_ms - starts)} to {shown(self.label.ends_ms - starts)}"

    @property
    def said_by_others(self) -> str:
        return "; ".join(f"{WORDS[each.emotion]}, {each.intensity}" for each in self.others)


def refuse(form: Any, refusal: DomainError) -> None:
    if isinstance(refusal, Invalid):
        put_refusal(form, refusal)
    else:
        form.add_error(None, f"{refusal.title}. {refusal.detail}")


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def label_replace(request: HttpRequest, label_id: str) -> HttpResponse:
    """A correction: the next version of one's own label."""
    actor = actor_of(request)
    label = queries.get_label(actor, label_id)
    labelling = queries.labelling_of(label.gig)
    kind = OwnForm if label.annotator is None else SaidForm
    form = kind(request.POST, emotions=labelling.emotions if labelling else ())
    said = "It was not corrected. " + " ".join(
        str(error) for errors in form.errors.values() for error in errors
    )
    if form.is_valid():
        try:
            operations.replace(label=label, said=_corrected(label, form), by=actor, at=clock.now())
        except Invalid as refusal:
            said = f"It was not corrected. {refusal.errors[0]['detail']}"
        except REFUSED as refusal:
            said = f"It was not corrected. {refusal.title}."
        else:
            messages.success(
                request, "Corrected. What you said before is kept beside it, and delivered no more."
            )
            return _back(label)
    messages.error(request, said)
    return _back(label)


def _corrected(label: Label, form: SaidForm) -> operations.Said:
    if isinstance(form, OwnForm):
        return own_said(label.segment, form)
    said = form.cleaned_data
    return operations.Said(
        label.sense, label.starts_ms, label.ends_ms, said["emotion"], int(said["intensity"])
    )


def own_said(segment: Segment, form: OwnForm) -> operations.Said:
    """The player's clock begins with its own recording."""
    said, (starts, _) = form.cleaned_data, queries.whole(segment)
    return operations.Said(
        sense=said["sense"],
        starts_ms=starts + said["starts_ms"],
        ends_ms=starts + said["ends_ms"],
        emotion=said["emotion"],
        intensity=int(said["intensity"]),
    )


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_POST
def label_withdraw(request: HttpRequest, label_id: str) -> HttpResponse:
    actor = actor_of(request)
    label = queries.get_label(actor, label_id)
    try:
        operations.withdraw(label=label, by=actor, at=clock.now())
    except operations.LabelOver as refusal:
        messages.info(request, refusal.detail)
    else:
        messages.success(request, "Taken back. It is in no delivery from now on.")
    return _back(label)


def _back(label: Label) -> HttpResponse:
    if label.annotator is None:
        return redirect("my_labels", session_id=label.segment.recording.session.public_id)
    return redirect("gig_labels", gig_id=label.gig.public_id)


@allow(Audience.COMPANY)
@require_GET
def gig_labels(request: HttpRequest, gig_id: str) -> HttpResponse:
    """How a gig's labelling stands; what waits for oneself, and what one said last."""
    return _gig_page(request, get_own_gig(actor_of(request), gig_id))


def _gig_page(request: HttpRequest, gig: Gig, *, form: LabellingForm | None = None) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    labelling, annotator = queries.labelling_of(gig), queries.annotator_of(gig, actor)
    produces = actor.may(Act.DELIVER, company_id=gig.company_id)
    chosen = list(gig.annotators.filter(ended_at=None).values_list("user__public_id", flat=True))
    standing = queries.standing(gig, labelling, at=now) if labelling and produces else None
    waits = len(queries.waiting(annotator, labelling, at=now)) if annotator and labelling else 0
    context = {
        "gig": gig,
        "labelling": labelling,
        "words": [WORDS[name] for name in labelling.emotions] if labelling else [],
        "produces": produces,
        "owns": actor.may(Act.RUN_COMPANY, company_id=gig.company_id),
        "is_annotator": annotator is not None,
        "waits": waits,
        "mine": annotator.labels.standing().count() if annotator else 0,
        "given": _latest(actor, annotator, labelling),
        "standing": standing,
        "alphas": _alphas(standing.agreement) if standing else [],
        "in_use": Label.objects.filter(gig=gig).exists(),
        "form": form or LabellingForm(labelling=labelling),
        "annotators": AnnotatorsForm(members=_members(gig), chosen=chosen),
    }
    return render(request, "marketplace/gig_labels.html", context, status=422 if form else 200)


def _alphas(found: queries.Agreement) -> list[tuple[str, str, str]]:
    return [
        ("Emotion", "nominal", _figure(found.emotion_thousandths)),
        ("Intensity", "ordinal", _figure(found.intensity_thousandths)),
    ]


def _figure(thousandths: int | None) -> str:
    return "not yet" if thousandths is None else f"{thousandths / 1000:.2f}"


def _latest(actor: Actor, annotator: Annotator | None, labelling: Labelling | None) -> list[Given]:
    """What an annotator said last, with what the others said of the same pieces."""
    if annotator is None or labelling is None:
        return []
    mine = list(
        annotator.labels.standing().select_related("segment__seat__performer").order_by("-id")[:LATEST]
    )
    others: dict[tuple[int, int, int], list[Label]] = {}
    segments = {each.segment_id for each in mine}
    for label in queries.labels_for(actor, labelling.gig).filter(segment__in=segments, sense=Sense.SEEN):
        if label.annotator_id != annotator.pk:
            others.setdefault((label.segment_id, label.starts_ms, label.ends_ms), []).append(label)
    return [
        Given(
            each,
            SaidForm(emotions=labelling.emotions, label=each, auto_id=f"{each.public_id}_%s"),
            others.get((each.segment_id, each.starts_ms, each.ends_ms), []),
        )
        for each in mine
    ]


def _members(gig: Gig) -> list[User]:
    rows = User.objects.filter(
        memberships__company_id=gig.company_id, memberships__role__in=MAY[Act.LABEL], is_active=True
    )
    return list(rows.order_by("name", "pk"))


@allow(Audience.COMPANY)
@require_POST
def gig_labelling(request: HttpRequest, gig_id: str) -> HttpResponse:
    actor = actor_of(request)
    gig, form = get_own_gig(actor, gig_id), LabellingForm(request.POST)
    if form.is_valid():
        try:
            operations.set_up(gig=gig, **form.cleaned_data, by=actor, at=clock.now())
        except (Invalid, operations.LabellingInUse) as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "That is how it is labelled. Say who does it.")
            return redirect("gig_labels", gig_id=gig_id)
    return _gig_page(request, gig, form=form)


@allow(Audience.COMPANY)
@require_POST
def gig_annotators(request: HttpRequest, gig_id: str) -> HttpResponse:
    actor = actor_of(request)
    gig = get_own_gig(actor, gig_id)
    chosen = request.POST.getlist("annotators")
    people = [member for member in _members(gig) if member.public_id in chosen]
    operations.ask(gig=gig, users=people, by=actor, at=clock.now())
    messages.success(request, "Saved. Whoever is new is told.")
    return redirect("gig_labels", gig_id=gig_id)


@allow(Audience.COMPANY)
@require_POST
def annotator_withdraw(request: HttpRequest, gig_id: str, annotator_id: str) -> HttpResponse:
    """An owner takes back all that somebody gave who labels no more."""
    actor = actor_of(request)
    annotator = queries.get_annotator(actor, get_own_gig(actor, gig_id), annotator_id)
    reason = request.POST.get("reason", "")
    operations.withdraw_for(annotator=annotator, reason=reason, by=actor, at=clock.now())
    messages.success(request, "Taken back. They are in no delivery from now on.")
    return redirect("gig_labels", gig_id=gig_id)


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def label_next(request: HttpRequest, gig_id: str) -> HttpResponse:
    """One piece at a time; `after` goes past one that is left for later."""
    actor, now = actor_of(request), clock.now()
    gig = get_own_gig(actor, gig_id)
    annotator, labelling = queries.annotator_of(gig, actor), queries.labelling_of(gig)
    waiting = queries.waiting(annotator, labelling, at=now) if annotator and labelling else []
    wanted = request.POST.get("piece", "") if request.method == "POST" else ""
    piece = _chosen(waiting, wanted=wanted, after=request.GET.get("after", ""))
    if piece is None or labelling is None:
        if wanted:
            messages.info(request, "That piece does not wait for you any more; nothing was kept of it.")
        return redirect("gig_labels", gig_id=gig_id)
    form = SaidForm(request.POST or None, emotions=labelling.emotions)
    if request.method == "POST" and form.is_valid() and _is_kept(piece, form, actor, at=now):
        return redirect("label_next", gig_id=gig_id)
    return _piece_page(request, gig, piece, form, left=len(waiting))


def _chosen(waiting: list[queries.Piece], *, wanted: str, after: str) -> queries.Piece | None:
    """The one that was labelled, or the next; none where that one, or any, waits no more."""
    names = [piece.name for piece in waiting]
    if wanted:
        return waiting[names.index(wanted)] if wanted in names else None
    if not waiting:
        return None
    return waiting[(names.index(after) + 1) % len(waiting)] if after in names else waiting[0]


def _is_kept(piece: queries.Piece, form: SaidForm, by: Actor, *, at: datetime) -> bool:
    given = form.cleaned_data
    said = operations.Said(
        Sense.SEEN, piece.starts_ms, piece.ends_ms, given["emotion"], int(given["intensity"])
    )
    try:
        operations.give(segment=piece.segment, said=said, by=by, at=at)
    except (Invalid, *REFUSED) as refusal:
        refuse(form, refusal)
        return False
    return True


def _piece_page(
    request: HttpRequest, gig: Gig, piece: queries.Piece, form: SaidForm, *, left: int
) -> HttpResponse:
    starts, _ = queries.whole(piece.segment)
    plays = (piece.starts_ms - starts, piece.ends_ms - starts)
    context = {
        "gig": gig,
        "piece": piece,
        "form": form,
        "left": left,
        "address": playing.address(piece.segment, by=actor_of(request), at=clock.now()),
        "from_ms": plays[0],
        "until_ms": plays[1],
        "from_shown": shown(plays[0]),
        "until_shown": shown(plays[1]),
    }
    return render(request, "marketplace/label_piece.html", context, status=422 if form.errors else 200)


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def transcript(request: HttpRequest, segment_id: str) -> HttpResponse:
    """The words of one recording: there, or said to be absent."""
    actor = actor_of(request)
    segment = _of_company(actor, segment_id)
    if request.method == "POST":
        actor.require(Act.DELIVER, company_id=segment.recording.session.company_id)
    form = TranscriptForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            transcripts.put(segment=segment, body=form.cleaned_data["file"], by=actor, at=clock.now())
        except Invalid as refusal:
            form.add_error("file", refusal.errors[0]["detail"])
        except operations.NotToBeLabelled as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "Kept. It goes into the next delivery.")
            return redirect("segment_transcript", segment_id=segment_id)
    context = {
        "segment": segment,
        "session": segment.recording.session,
        "transcript": queries.transcripts_of(actor, [segment]).get(segment.pk),
        "form": form,
        "produces": actor.may(Act.DELIVER, company_id=segment.recording.session.company_id),
        "is_open": queries.is_open(segment, at=clock.now()),
    }
    return render(request, "marketplace/transcript.html", context, status=422 if form.errors else 200)


@allow(Audience.COMPANY)
@require_POST
def transcript_remove(request: HttpRequest, segment_id: str) -> HttpResponse:
    actor = actor_of(request)
    transcripts.remove(segment=_of_company(actor, segment_id), by=actor, at=clock.now())
    messages.success(request, "Removed. The next delivery says that there is none.")
    return redirect("segment_transcript", segment_id=segment_id)


def _of_company(actor: Actor, segment_id: str) -> Segment:
    segment = playing.get_segment(actor, segment_id)
    if segment.recording.session.company_id not in actor.company_ids:
        raise NotFound
    return segment


OF_GIG, OF_SEGMENT = "gigs/<str:gig_id>/labels/", "segments/<str:segment_id>/transcript/"
urlpatterns = [
    path("labels/<str:label_id>/replace/", label_replace, name="label_replace"),
    path("labels/<str:label_id>/withdraw/", label_withdraw, name="label_withdraw"),
    path(OF_GIG, gig_labels, name="gig_labels"),
    path(f"{OF_GIG}words/", gig_labelling, name="gig_labelling"),
    path(f"{OF_GIG}annotators/", gig_annotators, name="gig_annotators"),
    path(f"{OF_GIG}annotators/<str:annotator_id>/withdraw/", annotator_withdraw, name="annotator_withdraw"),
    path(f"{OF_GIG}next/", label_next, name="label_next"),
    path(OF_SEGMENT, transcript, name="segment_transcript"),
    path(f"{OF_SEGMENT}remove/", transcript_remove, name="segment_transcript_remove"),
]
