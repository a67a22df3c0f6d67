"""The light in the room with the company's press, the list of what was recorded, and the player's way to it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow, paced
from kit import clock
from kit.errors import Invalid
from marketplace.media import playing, ranges, recording, store
from marketplace.media.models import Segment
from marketplace.media.receiving import kind_of
from marketplace.sessions import directing
from marketplace.sessions.models import Session
from marketplace.sessions.operations import TooLate
from marketplace.sessions.queries import get_session, own_seat
from marketplace.sessions.room import BEAT_S, ComeInFirst
from marketplace.sessions.states import UNDER_WAY

# Where a recording may begin at any moment, devices hear of it soon.
SOON_S = 2
REFUSED = (
    recording.NotGranted,
    recording.AlreadyRecording,
    recording.NotRecording,
    ComeInFirst,
    TooLate,
)
EVERYONE = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)


@allow(*EVERYONE)
@paced("room")
@require_GET
def light(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request)
    return _part(request, get_session(actor, session_id), actor)


@allow(Audience.PERFORMER, Audience.COMPANY)
@paced("room")
@require_POST
def press(request: HttpRequest, session_id: str) -> HttpResponse:
    """Record, or stop it."""
    actor, said = actor_of(request), ""
    session = get_session(actor, session_id)
    does = {"record": recording.start, "stop": recording.stop}.get(request.POST.get("do", ""))
    if does is None:
        raise Invalid.field("do", "Record or stop.", code="not_a_choice")
    try:
        does(session=session, by=actor, at=clock.now())
    except REFUSED as error:
        said = f"{error.title}. {error.detail}"
    session.refresh_from_db(fields=["state"])
    return _part(request, session, actor, said=said)


def _part(request: HttpRequest, session: Session, actor: Actor, *, said: str = "") -> HttpResponse:
    standing = recording.standing(session)
    context = {
        "session": session,
        "said": said,
        "standing": standing,
        # What was refused stands until it is read.
        "again_s": SOON_S if (standing.may_record or standing.is_on) and not said else BEAT_S,
        "is_live": session.state in UNDER_WAY,
        "runs": directing.may_run(session, Act.BOOK, by=actor),
        "directs": directing.is_directing(session, actor),
    }
    return render(request, "marketplace/room_light.html", context)


@dataclass(frozen=True)
class Shown:
    """A segment with what the reader may do with it; `percent` of it has arrived, where its length is known."""

    segment: Segment
    is_granted: bool
    address: str
    percent: int | None
    lasts_s: int
    begins_s: str

    @property
    def deletes_at(self) -> datetime | None:
        """When its cooling-off time is over; None where it is granted."""
        return playing.deletes_at(self.segment)


@allow(*EVERYONE)
def recordings(request: HttpRequest, session_id: str) -> HttpResponse:
    actor, now = actor_of(request), clock.now()
    session = get_session(actor, session_id)
    found = list(playing.segments_of(actor, session).order_by("-recording_id", "seat_id", "number"))
    active = playing.granted(found)
    context = {
        "session": session,
        "seat": own_seat(session, actor),
        "shown": [_shown(each, actor, is_granted=each.pk in active, at=now) for each in found],
        "recordings": list(playing.recordings_of(session)),
    }
    return render(request, "marketplace/recordings.html", context)


def _shown(segment: Segment, actor: Actor, *, is_granted: bool, at: datetime) -> Shown:
    address = playing.address(segment, by=actor, at=at) if is_granted else ""
    percent = round(100 * segment.size / segment.length) if segment.length else None
    return Shown(
        segment,
        is_granted,
        address,
        percent,
        lasts_s=round((segment.duration_ms or 0) / 1000),
        begins_s=f"{(segment.offset_ms or 0) / 1000:.3f}",
    )


@allow(Audience.PERFORMER, Audience.COMPANY)
@require_GET
def play(request: HttpRequest, segment_id: str) -> HttpResponse:
    actor, signed, now = actor_of(request), request.GET.get("signed", ""), clock.now()
    segment = playing.to_play(segment_id=segment_id, signed=signed, by=actor, at=now)
    playing.note(segment, signed=signed, by=actor, at=now)
    kind = kind_of(segment.mime)
    response = ranges.answer(request, store.playable(segment), mime=f"video/{kind}")
    response["Content-Disposition"] = f'inline; filename="{segment.public_id}.{kind}"'
    return response


LIGHT = "sessions/<str:session_id>/recording/"
urlpatterns = [
    path(LIGHT, light, name="session_light"),
    path(f"{LIGHT}press/", press, name="session_record"),
    path("sessions/<str:session_id>/recordings/", recordings, name="session_recordings"),
    path("segments/<str:segment_id>/play/", play, name="segment_play"),
]
