"""Recordings over the API: whether one runs, pressing Record and Stop, what came of it, and how a device's clock stands."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from kit import clock
from kit.http.serializers import Strict, WholeNumberField
from marketplace.media import playing, receiving, recording
from marketplace.media.models import Segment
from marketplace.media.states import SegmentState
from marketplace.sessions.api import ONE, READ, SessionEndpoint
from marketplace.sessions.directing import PerformerDirects
from marketplace.sessions.models import Seat
from marketplace.sessions.operations import TooLate
from marketplace.sessions.room import ComeInFirst

FURTHEST_MS = 2**46
LONGEST_TRIP_MS = 60_000


class RecordingOut(Strict):
    id = serializers.CharField(source="recording.public_id", default=None, allow_null=True)
    is_on = serializers.BooleanField(help_text="Devices record now.")
    is_safe = serializers.BooleanField(help_text="The first slice of every seat is on the house's disk.")
    may_record = serializers.BooleanField(help_text="Every performer has an active grant.")
    missing = serializers.SerializerMethodField(help_text="Who has granted nothing.")
    waits_for = serializers.SerializerMethodField(help_text="Of whom nothing is safe yet.")
    started_at = serializers.DateTimeField(source="recording.started_at", default=None, allow_null=True)
    stopped_at = serializers.DateTimeField(source="recording.stopped_at", default=None, allow_null=True)
    came_ms = serializers.SerializerMethodField(help_text="The house's clock when it was asked, as `now_ms`.")
    now_ms = serializers.SerializerMethodField(help_text="The house's clock, in milliseconds since 1970.")

    def get_missing(self, standing: recording.Standing) -> list[str]:
        return _names(standing.missing)

    def get_waits_for(self, standing: recording.Standing) -> list[str]:
        return _names(standing.waits_for) if standing.is_on else []

    def get_came_ms(self, standing: recording.Standing) -> int:
        return _ms(self.context.get("came", clock.now()))

    def get_now_ms(self, standing: recording.Standing) -> int:
        return _ms(clock.now())


def _names(seats: Sequence[Seat]) -> list[str]:
    return [seat.performer.stage_name for seat in seats]


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


class TrackOut(Strict):
    kind = serializers.ChoiceField(choices=["video", "audio"])
    codec = serializers.CharField()
    width = serializers.IntegerField(default=None, allow_null=True)
    height = serializers.IntegerField(default=None, allow_null=True)
    rate = serializers.IntegerField(default=None, allow_null=True)


class SegmentOut(Strict):
    id = serializers.CharField(source="public_id")
    recording = serializers.CharField(source="recording.public_id")
    seat = serializers.CharField(source="seat.public_id")
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=SegmentState.choices)
    mime = serializers.CharField()
    size = serializers.IntegerField()
    length = serializers.IntegerField(allow_null=True)
    is_cut = serializers.BooleanField()
    is_granted = serializers.SerializerMethodField()
    sha256 = serializers.CharField()
    playable_sha256 = serializers.CharField()
    duration_ms = serializers.IntegerField(allow_null=True)
    offset_ms = serializers.IntegerField(allow_null=True)
    tracks = TrackOut(many=True)
    refusal = serializers.CharField()
    address = serializers.SerializerMethodField()
    deletes_at = serializers.SerializerMethodField(
        help_text="When it is deleted, as nothing is granted for it; else null."
    )
    gone_at = serializers.DateTimeField(allow_null=True, help_text="When its bytes were gone.")
    why_deleted = serializers.CharField(help_text="Empty where it is not deleted.")

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_deletes_at(self, segment: Segment) -> datetime | None:
        return playing.deletes_at(segment)

    def get_is_granted(self, segment: Segment) -> bool:
        return segment.pk in self.context["granted"]

    def get_address(self, segment: Segment) -> str:
        if segment.pk not in self.context["granted"]:
            return ""
        return playing.address(segment, by=self.context["actor"], at=clock.now())


class ClockIn(Strict):
    device_ms = WholeNumberField(min_value=0, max_value=FURTHEST_MS)
    ahead_ms = WholeNumberField(min_value=-FURTHEST_MS, max_value=FURTHEST_MS)
    round_trip_ms = WholeNumberField(min_value=0, max_value=LONGEST_TRIP_MS)


class ClockOut(Strict):
    device_ms = serializers.IntegerField()
    ahead_ms = serializers.IntegerField()
    round_trip_ms = serializers.IntegerField()


class SessionRecording(SessionEndpoint):
    """Whether the session is recorded now. Starting is the company's, or the performer's who directs alone; that every performer
    has granted it is the house's."""

    allow = (Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)
    pace = "room"

    @described("recordings_get", "Say whether a session is recorded now.", responses=RecordingOut)
    def get(self, request: Request, session_id: str) -> Response:
        came = clock.now()
        standing = recording.standing(self.session(session_id))
        return Response(RecordingOut(standing, context={"came": came}).data)

    @described(
        "recordings_start",
        "Record a session from now on.",
        refuses=(PerformerDirects, ComeInFirst, recording.NotGranted, recording.AlreadyRecording, TooLate),
        request=None,
        responses={201: RecordingOut},
    )
    def post(self, request: Request, session_id: str) -> Response:
        session = self.session(session_id)

        def start() -> recording.Standing:
            recording.start(session=session, by=self.actor, at=clock.now())
            return recording.standing(session)

        return self.created(RecordingOut, start)


class SessionRecordingStop(SessionEndpoint):
    allow = (Audience.PERFORMER, Audience.COMPANY)
    pace = "room"

    @described(
        "recordings_stop",
        "Stop the recording that runs.",
        refuses=(PerformerDirects, recording.NotRecording),
        request=None,
        responses=RecordingOut,
    )
    def post(self, request: Request, session_id: str) -> Response:
        session = self.session(session_id)

        def stop() -> recording.Standing:
            recording.stop(session=session, by=self.actor, at=clock.now())
            return recording.standing(session)

        return self.done(RecordingOut, stop)


class SessionSegments(SessionEndpoint):
    """What devices recorded in this session: one's own; all of it for the company."""

    scopes = {"GET": READ}
    pagination_class = WholeList

    @described("segments_list", "List what was recorded in a session.", responses=SegmentOut(many=True))
    def get(self, request: Request, session_id: str) -> Response:
        rows = list(playing.segments_of(self.actor, self.session(session_id)).order_by("id"))
        context = {"actor": self.actor, "granted": playing.granted(rows)}
        return Response({"data": SegmentOut(rows, many=True, context=context).data})  # at most a few hundred


class SegmentClock(Endpoint):
    """How far the house's clock is ahead of the device's: asked every ten seconds, so that tracks align."""

    allow = (Audience.PERFORMER,)
    pace = "room"

    @described(
        "segments_read_clock",
        "Say how far the house's clock is ahead of a device's.",
        refuses=(receiving.TooMuch,),
        request=ClockIn,
        responses={201: ClockOut},
    )
    def post(self, request: Request, segment_id: str) -> Response:
        sent, segment = self.read(ClockIn), playing.get_segment(self.actor, segment_id)
        return self.created(ClockOut, lambda: receiving.read_clock(segment=segment, **sent, by=self.actor))


urlpatterns = [
    path(f"{ONE}/recording", SessionRecording.as_view(), name="api_session_recording"),
    path(f"{ONE}/recording/stop", SessionRecordingStop.as_view(), name="api_session_recording_stop"),
    path(f"{ONE}/segments", SessionSegments.as_view(), name="api_session_segments"),
    path("segments/<str:segment_id>/clock", SegmentClock.as_view(), name="api_segment_clock"),
]
