"""A performer labels what they played: any range of their own recordings, or a take with its times."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from kit import clock
from kit.errors import Invalid, NotFound
from marketplace.labels import operations, queries
from marketplace.labels.forms import OwnForm, SaidForm, shown
from marketplace.labels.models import Label, Labelling, Sense
from marketplace.labels.pages import REFUSED, Given, own_said, refuse
from marketplace.media import playing
from marketplace.media.models import Segment
from marketplace.sessions.models import Session
from marketplace.sessions.queries import get_session


@allow(Audience.PERFORMER)
@require_http_methods(["GET", "POST"])
def my_labels(request: HttpRequest, session_id: str) -> HttpResponse:
    """A performer says of ranges of their own recordings what they felt or played; nobody has to."""
    actor = actor_of(request)
    session = get_session(actor, session_id)
    mine = [
        each
        for each in playing.segments_of(actor, session).order_by("recording_id", "number")
        if each.seat.performer_id == actor.performer_id
    ]
    labelling = queries.labelling_of(session.gig)
    refused: tuple[str, OwnForm] | None = None
    if request.method == "POST":
        segment = next((each for each in mine if each.public_id == request.POST.get("segment")), None)
        if segment is None or labelling is None:
            raise NotFound
        form = OwnForm(request.POST, emotions=labelling.emotions, auto_id=f"{segment.public_id}_%s")
        if form.is_valid():
            try:
                said = own_said(segment, form)
                operations.give(segment=segment, said=said, by=actor, at=clock.now())
            except (Invalid, *REFUSED) as refusal:
                refuse(form, refusal)
            else:
                messages.success(request, "Kept. Mark the next, or leave it at that.")
                return redirect("my_labels", session_id=session_id)
        refused = (segment.public_id, form)
    return _my_page(request, session, mine, labelling, refused=refused)


@dataclass(frozen=True)
class TakeShown:
    """A take of one's own recording, in the player's time; `form` says it as played, `is_labelled` by these very times."""

    name: str
    words: str
    when: str
    times: dict[str, str]
    is_labelled: bool


def _takes_shown(segment: Segment, played: list[queries.Played], given: list[Given]) -> list[TakeShown]:
    starts, _ = queries.whole(segment)
    labelled = {(each.label.starts_ms, each.label.ends_ms) for each in given}
    found = []
    for each in played:
        times = {"starts_ms": shown(each.starts_ms - starts), "ends_ms": shown(each.ends_ms - starts)}
        card = f", card {each.take.prompt.position}: {each.take.prompt.text}" if each.take.prompt else ""
        found.append(
            TakeShown(
                each.name,
                f"Scene {each.take.scene}, take {each.take.number}{card}",
                f"{times['starts_ms']} to {times['ends_ms']}",
                times,
                (each.starts_ms, each.ends_ms) in labelled,
            )
        )
    return found


def _own_form(
    segment: Segment, labelling: Labelling | None, takes: list[TakeShown], take: str
) -> OwnForm | None:
    """With the times of the take that was chosen, as played."""
    if labelling is None:
        return None
    times = next((each.times | {"sense": Sense.PLAYED} for each in takes if each.name == take), {})
    return OwnForm(emotions=labelling.emotions, initial=times, auto_id=f"{segment.public_id}_%s")


def _my_page(
    request: HttpRequest,
    session: Session,
    mine: list[Segment],
    labelling: Labelling | None,
    *,
    refused: tuple[str, OwnForm] | None,
) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    open_ones = queries.open_ones(mine, at=now) if labelling else set()
    given: dict[int, list[Given]] = {}
    for label in queries.own_labels(actor, session).select_related("segment"):
        given.setdefault(label.segment_id, []).append(_own_given(label, labelling))
    seen = queries.labels_for(actor, session.gig).filter(
        segment__in=mine, segment__seat__performer_id=actor.performer_id, sense=Sense.SEEN
    )
    played = queries.takes_in(session, mine)
    rows = []
    for segment in mine:
        own = given.get(segment.pk, [])
        takes = _takes_shown(segment, played[segment.pk], own)
        chosen = request.GET.get("take", "") if request.GET.get("segment") == segment.public_id else ""
        is_refused = refused is not None and refused[0] == segment.public_id
        rows.append(
            {
                "segment": segment,
                "address": playing.address(segment, by=actor, at=now) if segment.pk in open_ones else "",
                "lasts": shown(segment.duration_ms or 0),
                "form": refused[1]
                if refused and is_refused
                else _own_form(segment, labelling, takes, chosen),
                "takes": takes,
                "chosen": chosen,
                "given": own,
            }
        )
    context = {
        "session": session,
        "labelling": labelling,
        "rows": [row for row in rows if row["address"] or row["given"]],
        "seen": [
            Given(label, SaidForm(emotions=()), []) for label in seen.order_by("segment_id", "starts_ms")
        ],
    }
    return render(request, "marketplace/my_labels.html", context, status=422 if refused else 200)


def _own_given(label: Label, labelling: Labelling | None) -> Given:
    starts, _ = queries.whole(label.segment)
    times = {"starts_ms": shown(label.starts_ms - starts), "ends_ms": shown(label.ends_ms - starts)}
    emotions = labelling.emotions if labelling else [label.emotion]
    return Given(
        label, OwnForm(emotions=emotions, label=label, initial=times, auto_id=f"{label.public_id}_%s"), []
    )


urlpatterns = [path("sessions/<str:session_id>/labels/", my_labels, name="my_labels")]
